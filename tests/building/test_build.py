"""Sources to notebooks, and `course build --check`, which names what is out of date."""

import json
import shutil

import nbformat
import pytest

from course_utils.building import build, sources
from course_utils.building.execute import BuildError, execute
from course_utils.exercises import chapters, exercise

CHAPTER = """---
kernelspec:
  display_name: Python 3
  name: python3
---

# A chapter

```{{code-cell}}
:tags: [article]

print(1)
```

Before.

{block}

After.
"""
PREDICT = """```{predict} size
question: How large is `x`?
choices: [small, large]
answer: B
because: It *is*.
```"""
QUIZ = """```{quiz} why
question: Why?
choices:
  - right: so
    why: It is so.
  - wrong: not so
    why: It is not.
```"""


@pytest.fixture
def chapter(tmp_path):
    def write(block):
        path = tmp_path / "99_test.md"
        path.write_text(CHAPTER.format(block=block), encoding="utf-8")
        return sources.chapter(path)

    return write


def test_cells_follow_the_source(chapter):
    notebook, questions = chapter(f"{PREDICT}\n\nBetween.\n\n{QUIZ}")
    kinds = [(cell.cell_type, cell.source) for cell in notebook.cells]
    assert kinds == [
        ("markdown", "# A chapter"),
        ("code", "print(1)"),
        ("markdown", "Before."),
        ("code", 'predict("size")'),
        ("markdown", "Between."),
        ("code", 'quiz("99_test")'),
        ("markdown", "After."),
    ]
    assert notebook.cells[1].metadata == {"tags": ["article"]}
    assert questions["predictions"]["size"] == {
        "question": "How large is <code>x</code>?",
        "choices": ["small", "large"],
        "answer": 1,
        "because": "It <em>is</em>.",
    }
    nbformat.validate(notebook)


@pytest.mark.parametrize(
    ("block", "sentence"),
    [
        (PREDICT.replace("answer: B", "answer: C"), "needs a name of its own and an answer out of AB"),
        (PREDICT + "\n\n" + PREDICT, "needs a name of its own"),
        (PREDICT.replace("because: It *is*.", ""), "needs exactly the fields answer, because, choices, question"),
        (PREDICT.replace("It *is*.", "It *is*: so."), "isn't YAML. A text with a colon"),
        (PREDICT.replace("because", "because: because"), "isn't YAML"),
        (QUIZ.replace("right: so", "wrong: so"), "needs one right choice"),
        (QUIZ.replace("why: It is not.", "why: It is so."), "for each choice a reason of its own"),
        (QUIZ.replace("    why: It is not.\n", ""), "needs `right:` or `wrong:`, and `why:`"),
    ],
)
def test_an_author_s_mistake_is_named(chapter, block, sentence):
    with pytest.raises(sources.SourceError, match=f"^99_test.md: .*{sentence}"):
        chapter(block)


@pytest.mark.parametrize("name", chapters())
def test_exercise_notebooks(name):
    for make in (sources.exercise_notebook, sources.solution_notebook):
        nbformat.validate(make(name, "A title"))
    code = [cell.source for cell in sources.exercise_notebook(name, "A title").cells if cell.cell_type == "code"]
    for function in chapters()[name]:
        assert f"check({function}).show()" in code
        assert sources.stub(exercise(function)) in code


def test_the_repository_is_up_to_date(root):
    assert build.check(root) == []


@pytest.fixture
def copy(root, tmp_path):
    for folder in ("notebooks", "workbooks", "exercises", "solutions", "course_utils"):
        shutil.copytree(root / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


def edit(path, change):
    notebook = json.loads(path.read_text("utf-8"))
    change(notebook["cells"])
    path.write_text(json.dumps(notebook), encoding="utf-8")


def source_changed(cells):
    cells[3]["source"] = ["changed"]


def output_left(cells):
    cells[1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "seen"}]


def test_check_names_each_stale_file_and_the_command(copy):
    edit(copy / "notebooks/02_sigmoid.ipynb", source_changed)
    edit(copy / "exercises/02_sigmoid.ipynb", list.pop)
    (copy / "solutions/02_sigmoid.ipynb").unlink()
    edit(copy / "workbooks/02_sigmoid.ipynb", output_left)
    (copy / "notebooks/98_old.ipynb").write_text("{}")
    (copy / "workbooks/98_old.ipynb").write_text("{}")
    (copy / "course_utils/questions").mkdir()
    shutil.copy(copy / "course_utils/learner/questions/05_tanh.json", copy / "course_utils/questions")
    (copy / "course_utils/learner/questions/02_sigmoid.json").write_text("{}")
    (copy / "course_utils/texts/course_utils.pot").write_text("")
    made = sources.exercise_notebook("02_sigmoid", "A title")
    cells = len(made.cells) + 2  # the first cell for Colab, and what comes next
    assert build.check(copy) == [
        "course_utils/learner/questions/02_sigmoid.json: differs from its source; mend it with: course build 02_sigmoid",
        "notebooks/02_sigmoid.ipynb: cell 4 differs from its source in its source; mend it with: course build 02_sigmoid",
        "workbooks/02_sigmoid.ipynb: cell 2 differs from its source in its outputs; mend it with: course build 02_sigmoid",
        f"exercises/02_sigmoid.ipynb: has {cells - 1} cells, its source {cells}; mend it with: course build 02_sigmoid",
        "solutions/02_sigmoid.ipynb: is missing; mend it with: course build 02_sigmoid",
        "course_utils/texts/course_utils.pot: differs from its source; mend it with: course build course_utils",
        "course_utils/questions/05_tanh.json: has no source; remove it, or write its source",
        "notebooks/98_old.ipynb: has no source; remove it, or write its source",
        "workbooks/98_old.ipynb: has no source; remove it, or write its source",
    ]


def test_check_leaves_outputs_to_nbval(copy):
    def another_last_digit(cells):
        cells[-1].get("outputs", []).clear()
        next(c for c in cells if c.get("outputs"))["outputs"].clear()

    edit(copy / "notebooks/02_sigmoid.ipynb", another_last_digit)
    assert build.check(copy) == []


def test_check_survives_a_file_that_is_no_notebook(copy):
    (copy / "notebooks/02_sigmoid.ipynb").write_text("no notebook")
    (sentence,) = build.check(copy)
    assert sentence.startswith("notebooks/02_sigmoid.ipynb: can't be read (")


def test_unknown_chapter(root):
    with pytest.raises(ValueError, match=r"There is no chapter '02_sigmod'; the chapters are: "):
        build.targets(root, ["02_sigmod"])


def notebook_of(*sources_of_cells):
    cells = [sources._cell("code", text) for text in sources_of_cells]
    return sources._notebook("99-test", cells, "a test")


def test_execution_is_repeatable_and_free_of_machine_noise(tmp_path):
    path = tmp_path / "99_test.ipynb"
    lines = "print('one', flush=True); import time; time.sleep(0.1); print('two')"
    first, second = (nbformat.writes(execute(notebook_of(lines), path)[0]) for _ in range(2))
    assert first == second
    (cell,) = json.loads(first)["cells"]
    assert cell["outputs"] == [{"name": "stdout", "output_type": "stream", "text": ["one\n", "two\n"]}]
    assert cell["metadata"] == {}


def test_a_cell_that_raises_stops_the_build(tmp_path):
    with pytest.raises(BuildError, match=r"99_test.ipynb: a cell raised ZeroDivisionError: division by zero"):
        execute(notebook_of("1 / 0"), tmp_path / "99_test.ipynb")


def test_an_unfilled_exercise_notebook_runs_to_its_end(root):
    """`check` reports, it doesn't raise; and each exercise as shipped is not answered yet."""
    for name, functions in chapters().items():
        done, _ = execute(sources.exercise_notebook(name, "A title"), root / "exercises" / f"{name}.ipynb")
        verdicts = {c.source: c.outputs[0].data["text/plain"] for c in done.cells if c.source.startswith("check(")}
        assert verdicts.keys() == {f"check({function}).show()" for function in functions}
        assert all("not answered yet" in text for text in verdicts.values())


def test_every_stored_solution_passes(root):
    for name, functions in chapters().items():
        stored = nbformat.read(root / "solutions" / f"{name}.ipynb", as_version=4)
        verdicts = {c.source: c.outputs[0].data["text/plain"] for c in stored.cells if c.source.startswith("check(")}
        for function in functions:
            points = exercise(function).points
            assert verdicts[f"check({function})"].startswith(f"{function}: passed, {points} of {points} points.")
