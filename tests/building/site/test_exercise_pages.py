"""A chapter's exercises as a page: with places for editors where Python comes with the site, to read where it doesn't."""

import json
import re

import nbformat
import pytest

from course_utils.building.site import exercise_pages, subset
from course_utils.exercises import chapters, exercise

PYTHON = {"bytes": 11_800_000, "scripts": [["01.js", "0123"]], "files": {"course.zip": [0, 9]}}


def page(root, python, name="02_sigmoid"):
    both = (nbformat.read(root / kind / f"{name}.ipynb", 4) for kind in ("exercises", "solutions"))
    made = exercise_pages.exercise_page(*both, name=name, title="2 Sigmoid", repository="ada/course", python=python)
    nbformat.validate(made)
    return made


def markup(page):
    return "".join(
        output.data["text/html"] for cell in page.cells for output in cell.get("outputs", []) if "data" in output
    )


def known(page):
    found = re.search(r'<script type="application/json" id="course-exercises">(.*?)</script>', markup(page))
    return json.loads(found[1])


@pytest.mark.parametrize("name", chapters())
def test_each_exercise_has_a_place_for_its_editor_and_its_solution(root, name):
    made = page(root, PYTHON, name)
    text = "\n".join(cell.source for cell in made.cells)
    assert re.findall(r'<div class="course-exercise" data-name="(\w+)"></div>', markup(made)) == list(chapters()[name])
    assert re.findall(r'<details class="solution" data-exercise="(\w+)">', text) == list(chapters()[name])
    assert list(known(made)["exercises"]) == sorted(chapters()[name])
    assert [one for one in chapters()[name] if exercise(one).explanation.strip() not in text] == []
    assert "check(" not in text
    assert "from course_utils import" not in text
    assert len({cell.id for cell in made.cells}) == len(made.cells)


def test_what_the_page_knows(root):
    data = known(page(root, PYTHON))
    assert data["python"] == PYTHON
    hints = data["exercises"]["sigmoid"]["hints"]
    assert len(hints) == len(exercise("sigmoid").hints) + 1
    assert hints[0].startswith("Hint 1 of 3 for sigmoid: ")
    address = "https://colab.research.google.com/github/ada/course/blob/main/exercises/02_sigmoid.ipynb"
    assert f'<a href="{address}">' in data["words"]["unable"]
    assert "12 MB" in data["words"]["first_use"]
    left = {field for sentence in data["words"].values() for field in re.findall(r"\{(\w+)\}", sentence)}
    assert left - {"title", "name", "libraries", "address", "hint"} == {
        "what",
        "chapter",
        "done",
        "all",
        "points",
        "most",
    }


def test_without_python_the_page_is_one_to_read(root):
    made = page(root, None)
    assert markup(made).count("course-") == 0
    assert exercise_pages.WORDS["to_read"] in made.cells[0].source
    assert sum(cell.source.startswith("check(") for cell in made.cells) == len(chapters()["02_sigmoid"])


def test_an_exercise_that_needs_more_than_numpy_leads_to_colab(root, monkeypatch):
    lacking = {"logit": ("keras", "tensorflow")}
    monkeypatch.setattr(subset, "missing_libraries", lambda chapter, name: lacking.get(name, ()))
    made = markup(page(root, PYTHON))
    assert 'data-name="logit"' not in made
    assert "This exercise needs keras, tensorflow, which Python in a browser doesn't have: <a href=" in made
    assert 'data-name="sigmoid"' in made


def test_the_site_holds_the_scripts_of_python_and_every_page_names_them(built_site, pyodide_files):
    pages = [path.read_text("utf-8") for path in sorted((built_site / "exercises").glob("*.html"))]
    assert len(pages) == len(chapters())
    if pyodide_files is None:
        assert not (built_site / "python").exists()
        assert not any("course-exercise" in text for text in pages)
        return
    for text in pages:
        python = json.loads(re.search(r'id="course-exercises">(.*?)</script>', text)[1])["python"]
        assert [name for name, _ in python["scripts"]] == sorted(
            path.name for path in (built_site / "python").iterdir()
        )
        assert python["bytes"] == sum(path.stat().st_size for path in (built_site / "python").iterdir())
        assert '"../_static/exercise.js"' in text
