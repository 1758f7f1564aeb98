"""Answers that look right and that Python doesn't run: the student is told what is wrong, and in which cell."""

import nbformat
import pytest
from sample_submission import CHAPTER, table

from course_utils.grading.grade import grade

ANSWER = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"
# How the cell of the answer was changed -> its type, its source, and what its row holds.
CHANGED = {
    "markdown": ("markdown", ANSWER, "missing", "but it is a markdown cell"),
    "raw": ("raw", ANSWER, "missing", "but it is a raw cell"),
    "a fence in Markdown": ("markdown", f"```python\n{ANSWER}\n```", "missing", "but it is a markdown cell"),
    "byte-order mark": ("code", "\ufeff" + ANSWER, "raised", "Line 1 holds a character that nobody sees (U+FEFF)"),
    "no-break space": (
        "code",
        ANSWER.replace("    ", "\u00a0" * 4),
        "raised",
        "Line 2 holds a space that is none of the keyboard's (U+00A0)",
    ),
    "minus sign": ("code", ANSWER.replace("-x", "\u2212x"), "raised", "where Python wants `-`"),
    "output prompt": ("code", f"[3]: {ANSWER}", "raised", "Line 1 begins with `[3]:`, which was copied along"),
    "fence": ("code", f"```python\n{ANSWER}\n```", "raised", "Line 1 is Markdown's mark around code"),
    "prompts": ("code", ANSWER.replace("def", ">>> def").replace("    ", "...     "), "passed", ""),
    "numbered prompts": ("code", ANSWER.replace("def", "In [3]: def").replace("    ", "   ...:     "), "passed", ""),
}


@pytest.fixture(scope="module")
def rows(request, tmp_path_factory):
    """The rows of sigmoid, by student, who is called after what was changed; one hands in a file that begins with a mark."""
    folder = tmp_path_factory.mktemp("class")
    original = request.config.rootpath / f"exercises/{CHAPTER}.ipynb"
    for name, (kind, source, *_) in {**CHANGED, "a mark in the file": ("code", ANSWER)}.items():
        notebook = nbformat.read(original, 4)
        cell = next(cell for cell in notebook.cells if cell.source.startswith("def sigmoid(x):"))
        cell.update(cell_type=kind, source=source)
        if kind != "code":
            del cell["outputs"], cell["execution_count"]
        path = folder / "submitted" / name / f"{CHAPTER}.ipynb"
        path.parent.mkdir(parents=True)
        start = b"\xef\xbb\xbf" if name == "a mark in the file" else b""
        path.write_bytes(start + nbformat.writes(notebook).encode())
    assert grade(folder / "submitted", folder / "out", jobs=2) == 0
    return {row["student"]: row for row in table(folder / "out") if row["exercise"] == "sigmoid"}


@pytest.mark.parametrize("name", CHANGED)
def test_the_student_is_told_what_is_wrong_and_where(rows, name):
    _, _, status, sentence = CHANGED[name]
    assert rows[name]["status"] == status
    assert sentence in rows[name]["hint"]
    assert status == "passed" or rows[name]["hint"].startswith("Cell 6 ")


def test_a_mark_at_the_beginning_of_the_file_is_nothing(rows):
    assert rows["a mark in the file"]["status"] == "passed"


def test_a_stub_below_the_answer_is_said_to_replace_it(tmp_path):
    cells = ["import numpy as np", ANSWER, "def sigmoid(x):\n    return ..."]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    path = tmp_path / "submitted" / "ada" / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    assert grade(tmp_path / "submitted", tmp_path / "out", jobs=1) == 0
    row = next(row for row in table(tmp_path / "out") if row["exercise"] == "sigmoid")
    assert (row["status"], row["points"]) == ("missing", "0")
    assert "Cell 2 holds an answer, but cell 3 replaces it" in row["hint"]
