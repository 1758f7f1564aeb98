"""The make_site, without a browser: every page and link is there, nothing comes from elsewhere, nothing a kernel would say is lost."""

import html
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from urllib.parse import unquote, urlparse

import nbformat
import pytest

from course_utils.building.site import figures, make_site, mathml, pages
from course_utils.exercises import chapters
from course_utils.plotting import narrow
from course_utils.releasing import badges_and_colab


class Page(HTMLParser):
    """What a page is made of: its tags with their attributes, its ids, and the JSON for its script."""

    def __init__(self, path):
        super().__init__()
        self.tags, self.ids, self.json, self._in_json = [], set(), "", False
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append((tag, attributes))
        self.ids.add(attributes.get("id"))
        self._in_json = attributes.get("type") == "application/json"

    def handle_endtag(self, tag):
        self._in_json = False

    def handle_data(self, data):
        self.json += data if self._in_json else ""

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def read(built_site):
    return {path.relative_to(built_site).as_posix(): Page(path) for path in sorted(built_site.rglob("*.html"))}


CHAPTER = re.compile(r"(notebooks|exercises)/\d\d_\w+\.html")


def test_there_is_a_page_for_every_notebook_and_text(root, read):
    names = {path.stem for path in (root / "notebooks").glob("*.ipynb")}
    wanted = {f"notebooks/{name}.html" for name in names} | {f"exercises/{name}.html" for name in chapters()}
    texts = [*(root / "docs").glob("*.md"), *(root / "notebooks").glob("[!0-9]*.md")]
    wanted |= {p.relative_to(root).with_suffix(".html").as_posix() for p in texts if p.name != "index.md"}
    assert set(read) == {"index.html", "search.html", *wanted}


def test_every_link_leads_somewhere(built_site, read):
    checked = 0
    for name, page in read.items():
        for attributes in page.all("a"):
            link = urlparse(attributes.get("href", ""))
            if link.scheme or not (link.path or link.fragment):
                continue
            target = (built_site / name).parent / unquote(link.path) if link.path else built_site / name
            assert target.resolve().is_file(), f"{name}: {attributes['href']}"
            if link.fragment and target.suffix == ".html":
                assert unquote(link.fragment) in read[target.resolve().relative_to(built_site).as_posix()].ids
            checked += 1
    assert checked > 200


def test_nothing_is_loaded_from_another_server(built_site, read):
    for name, page in read.items():
        loaded = [a["src"] for tag in ("script", "img", "iframe", "source") for a in page.all(tag) if "src" in a]
        loaded += [a["href"] for a in page.all("link") if a.get("rel") not in ("canonical", "next", "prev", "author")]
        for address in loaded:
            assert not urlparse(address).netloc, f"{name}: {address}"
            if not address.startswith(("data:", "#")):
                assert ((built_site / name).parent / urlparse(address).path).is_file(), f"{name}: {address}"
    for style in built_site.rglob("*.css"):
        assert not re.search(r"(?:@import|url\()\s*[\"']?(?:https?:)?//", style.read_text("utf-8")), style.name


def test_every_picture_has_words(read):
    pictures = [(name, image) for name, page in read.items() for image in page.all("img")]
    assert len(pictures) > 60
    for name, image in pictures:
        assert len(image.get("alt") or "") >= 10, f"{name}: {image}"


def test_each_figure_says_what_the_notebook_stored(root, built_site):
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        text = (built_site / "notebooks" / f"{path.stem}.html").read_text("utf-8")
        alts = [attributes.get("alt") for attributes in Page(built_site / f"notebooks/{path.stem}.html").all("img")]
        outputs = (o for c in nbformat.read(path, as_version=4).cells for o in c.get("outputs", ()))
        for output in (o for o in outputs if "image/png" in o.get("data", {})):
            forms = output.metadata.get(narrow.KEY, {})
            if "positions" in forms:
                assert all(" ".join(one["words"].split("\n")) in alts for one in forms["positions"])
                continue
            lines = output.data["text/plain"].split("\n")
            start = " ".join(lines)[: figures.LONGEST_ALT].rsplit(" ", 1)[0]
            assert any(alt.startswith(start) for alt in alts)
            if len(" ".join(lines)) > figures.LONGEST_ALT:
                assert all(f"<li>{html.escape(line)}</li>" in text for line in lines)


def test_every_question_of_a_chapter_is_asked_and_its_page_knows_all_of_them(root, read):
    for path in sorted((root / "course_utils/learner/questions").glob("*.json")):
        page, questions = read[f"notebooks/{path.stem}.html"], json.loads(path.read_text("utf-8"))
        asked = [(a["data-kind"], a["data-name"]) for a in page.all("div") if "course-question" in a.get("class", "")]
        assert {name for kind, name in asked if kind == "predict"} == set(questions["predictions"])
        assert {name for kind, name in asked if kind == "reveal"} == set(questions["predictions"])
        assert ("quiz" in dict(asked)) == bool(questions["quiz"])
        known = json.loads(page.json)
        assert known["questions"] == questions
        assert set(re.findall(r"words\.(\w+)", (root / "docs/static/course.js").read_text())) <= set(known["words"])


def test_a_page_shows_no_cell_for_colab_and_offers_the_notebook_itself(root, built_site):
    for path in sorted(built_site.glob("*/[0-9]*.html")):
        folder = path.parent.name
        assert "google.colab" not in path.read_text("utf-8")
        assert "On Colab:" not in path.read_text("utf-8")
        offered = built_site / "_sources" / folder / f"{path.stem}.ipynb"
        opened = root / folder.replace("notebooks", "workbooks") / f"{path.stem}.ipynb"
        assert offered.read_bytes() == opened.read_bytes()


def test_every_page_links_to_colab_and_binder(root, read):
    repository = badges_and_colab.repository(root)
    for name, page in read.items():
        if CHAPTER.fullmatch(name):
            links = [attributes.get("href") for attributes in page.all("a")]
            notebook = name.replace(".html", ".ipynb").replace("notebooks/", "workbooks/")
            assert badges_and_colab.colab(repository, notebook) in links
            assert badges_and_colab.binder(repository, notebook) in links


class Folded(HTMLParser):
    """Which questions a page asks and answers, and the outputs of code between them that are not in a closed fold."""

    def __init__(self, path):
        super().__init__()
        self.stack, self.outputs, self.answers_open, self.waiting = [], [], [], set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        classes = attributes.get("class", "").split()
        if tag in ("img", "br", "hr", "input", "meta", "link", "path"):
            return
        if tag == "div" and "cell_output" in classes:
            cell = next(c for t, c, _ in reversed(self.stack) if "cell" in c)
            self.waiting |= {c for c in cell if c.startswith("tag_until-")}
            if any(c.startswith("tag_until-") for c in cell) and not self._folded():
                self.outputs.append(cell)
        self.stack.append((tag, classes, attributes))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, data):
        inside = [a["data-name"] for _, _, a in self.stack if a.get("data-kind") == "reveal"]
        if inside and data.strip() and not self._folded():
            self.answers_open += inside

    def _folded(self):
        return any(tag == "details" and "open" not in attributes for tag, _, attributes in self.stack)


def test_no_page_shows_an_answer_before_the_guess_even_without_a_script(root, built_site):
    for path in sorted((root / "course_utils/learner/questions").glob("*.json")):
        page, asked = Folded(built_site / f"notebooks/{path.stem}.html"), json.loads(path.read_text("utf-8"))
        assert (page.outputs, page.answers_open) == ([], []), path.stem
        assert page.waiting == {f"tag_{pages.UNTIL}{name}" for name in asked["predictions"]}
        folded, to_work_in = (
            set(re.findall(r"<details class=\W*course-told\W+data-name=\W*(\w+)\W*>", text))
            for text in (
                (built_site / f"notebooks/{path.stem}.html").read_text("utf-8"),
                (root / f"workbooks/{path.stem}.ipynb").read_text("utf-8"),
            )
        )
        assert folded == to_work_in <= set(asked["predictions"])
        assert folded


@pytest.mark.parametrize(("cells", "folded"), [
    (["predict", "out", "reveal"], [1]),
    (["predict", "out", "# Later", "out", "text", "out", "reveal", "out"], [3, 5]),
    (["predict", "text", "out", "other", "reveal"], [2]),
])  # fmt: skip
def test_what_is_folded_is_what_was_measured(cells, folded):
    made = [nbformat.v4.new_markdown_cell("# A chapter")]
    for kind in cells:
        if kind in ("predict", "reveal"):
            made.append(nbformat.v4.new_code_cell(f'{kind}("size")'))
        elif kind in ("out", "other"):
            outputs = [nbformat.v4.new_output("stream", text="1")] if kind == "out" else []
            made.append(nbformat.v4.new_code_cell("measure()", outputs=outputs))
        else:
            made.append(nbformat.v4.new_markdown_cell(kind))
    page = pages.chapter_page(nbformat.v4.new_notebook(cells=made), {"predictions": {}, "quiz": []})
    tagged = [n for n, cell in enumerate(page.cells[1:]) if "hide-output" in cell.metadata.get("tags", ())]
    assert tagged == folded


def test_each_solution_waits_behind_a_click(read, root):
    for name, functions in chapters().items():
        folds = [a for a in read[f"exercises/{name}.html"].all("details") if a.get("class") == "solution"]
        assert len(folds) == len(functions)
        assert not any("open" in fold for fold in folds)


def test_every_formula_becomes_mathml(built_site):
    for path in built_site.glob("*/*.html"):
        text = re.sub(r"<(script|pre|code)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"\\(?:frac|sigma|ln|text|left)\b", text), path.name
    assert (built_site / "notebooks/02_sigmoid.html").read_text("utf-8").count("<math") > 10


def test_a_formula_that_the_site_can_t_show():
    assert "<mfrac>" in mathml.mathml(r"\frac{1}{2} + \dots")
    assert 'display="block"' not in mathml.mathml("x")
    assert 'display="block"' in mathml.mathml("x", block=True)
    with pytest.raises(ValueError, match=r"The site can't show the formula '.*nosuchthing.*': Unknown LaTeX command"):
        mathml.mathml(r"\nosuchthing{x}")


BROKEN = """
import sys
from pathlib import Path
from course_utils.building.site import make_site

def stage(_, folder, python):
    folder.mkdir()
    (folder / "index.md").write_text("# Start\\n\\n[gone](notebooks/99_gone.ipynb)\\n")

make_site.stage = stage
sys.exit(make_site.main([sys.argv[1]]))
"""


def test_a_broken_link_stops_the_site(root, tmp_path):
    command = [sys.executable, "-c", BROKEN, str(tmp_path / "out")]
    without_python = os.environ | {"COURSE_PYODIDE": ""}
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, env=without_python)
    assert done.returncode == 1
    assert "99_gone" in done.stderr
    assert done.stderr.endswith("site: The site has mistakes; they are listed above.\n")
    assert not (tmp_path / "out").exists()


def test_the_command(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PYODIDE", "")
    monkeypatch.setattr(make_site, "build", lambda _, out, python: out / "index.html")
    assert make_site.main([str(tmp_path)]) == 0
    assert capsys.readouterr().out.endswith(f".\nThe site is in {tmp_path}; open {tmp_path / 'index.html'}.\n")


def test_the_command_with_files_of_python_that_are_not_whole(root, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_PYODIDE", str(tmp_path))
    assert make_site.main([str(tmp_path / "out")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"site: {tmp_path} lacks pyodide.js")
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
