"""Finding submissions and reading answers out of them: nothing is run, and nothing that is handed in raises."""

import doctest
import json
import os
from pathlib import Path

import pytest

from course_utils.exercises import chapters as all_chapters
from course_utils.exercises import exercise
from course_utils.grading import submissions
from course_utils.grading.answers import Code, is_stub
from course_utils.grading.discovery import find
from course_utils.grading.ipython_cells import without_magics
from course_utils.grading.notebook_files import Cell, Closed, Unreadable
from course_utils.grading.submissions import ChapterHandedIn, read

CHAPTERS = ("02_sigmoid", "03_relu")


def code_cell(source):
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}


def write(path, content=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(json.dumps({"cells": [code_cell("x = 1")]}).encode() if content is None else content)
    return path


def code(*sources):
    return Code(Cell(number, source) for number, source in enumerate(sources, 1))


def test_docstrings():
    assert doctest.testmod(submissions).failed == 0


# ---- which files are submissions


def test_both_layouts_are_found(tmp_path):
    near = write(tmp_path / "ann" / "02_sigmoid.ipynb")
    far = write(tmp_path / "bob" / "homework 2" / "03_relu.ipynb")
    (tmp_path / "cy").mkdir()
    found = find(tmp_path, CHAPTERS)
    assert found.students == ("ann", "bob", "cy")
    assert found.chapters == CHAPTERS
    assert found.notebooks == {("ann", "02_sigmoid"): near, ("bob", "03_relu"): far}
    assert found.warnings == ()


def test_a_chapter_that_nobody_handed_in_is_not_graded(tmp_path):
    write(tmp_path / "ann" / "03_relu.ipynb")
    assert find(tmp_path, CHAPTERS).chapters == ("03_relu",)


def test_other_notebooks_are_named(tmp_path):
    for name in ("02_sigmoid", "02_sigmoid (1)", "mine", "a/b/03_relu", ".ipynb_checkpoints/02_sigmoid"):
        write(tmp_path / "ann" / f"{name}.ipynb")
    write(tmp_path / "ann" / "hw" / "02_sigmoid.ipynb")
    for path in (tmp_path / "ann").rglob("*.ipynb"):
        os.utime(path, (10**9, 10**9))
    write(tmp_path / "02_sigmoid.ipynb")
    write(tmp_path / "__MACOSX" / "02_sigmoid.ipynb")
    found = find(tmp_path, CHAPTERS)
    assert found.notebooks == {
        ("ann", "02_sigmoid"): tmp_path / "ann" / "02_sigmoid.ipynb",
        ("ann", "03_relu"): tmp_path / "ann" / "a" / "b" / "03_relu.ipynb",
    }
    assert sorted(found.warnings) == [
        "02_sigmoid.ipynb lies in no student's folder and was not graded.",
        "ann: 02_sigmoid was handed in more than once; graded 02_sigmoid.ipynb, not 02_sigmoid (1).ipynb, hw/02_sigmoid.ipynb.",
        "ann: a/b/03_relu.ipynb was graded as 03_relu, which its name or its answers say it is.",
        "ann: no notebook of a chapter's exercises, not graded: mine.ipynb.",
    ]


ANSWER = "def sigmoid(x):\n    return 1"
OTHER_NAMES = {
    "02_sigmoid (1).ipynb": "x = 1",
    "02_sigmoid-Copy1.ipynb": "x = 1",
    "Copy of 02_sigmoid.ipynb": "x = 1",
    "02_SIGMOID_ann.IPYNB": "x = 1",
    "02_sigmoid.ipynb.txt": "x = 1",
    "02_sigmoid.ipynb.json": "x = 1",
    "my homework.ipynb": ANSWER,
    "deep/deeper/deepest/02_sigmoid.ipynb": "x = 1",
}


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_what_a_notebook_is_stands_in_its_name_or_its_answers(tmp_path, name):
    path = write(tmp_path / "ann" / name, cells_of(code_cell(OTHER_NAMES[name])))
    found = find(tmp_path, CHAPTERS)
    assert found.notebooks == {("ann", "02_sigmoid"): path}
    assert len(found.warnings) == 1
    assert found.unread == {}


def test_the_notebook_with_answers_is_graded(tmp_path):
    """Not a nearer one without, nor the course's own solutions, nor a script beside it; of two attempts the newest."""
    ann = tmp_path / "ann"
    write(ann / "02_sigmoid.ipynb")
    answered = [write(ann / "exercises" / f"02_sigmoid{n}.ipynb", cells_of(code_cell(ANSWER))) for n in ("", " (1)")]
    write(ann / "solutions" / "02_sigmoid.ipynb", cells_of(code_cell(ANSWER)))
    write(ann / "sigmoid.py", ANSWER.encode())
    for newest in answered:
        for path in answered:
            os.utime(path, (10**9, 10**9 + 60 * (path == newest)))
        found = find(tmp_path, CHAPTERS)
        assert found.notebooks == {("ann", "02_sigmoid"): newest}
        assert any(f"graded {newest.relative_to(ann)}, not" in sentence for sentence in found.warnings)
    assert found.unread == {"ann": "solutions/02_sigmoid.ipynb (the course's own solutions)"}


def test_every_file_that_is_not_read_is_named(tmp_path):
    names = ["02_sigmoid.pdf", "answers.zip", "notes.txt", "helper.py", "02_sigmoid.html"]
    for name in names:
        write(tmp_path / "ann" / name, b"x = 1")
    write(tmp_path / "ann.zip", b"PK")
    found = find(tmp_path, CHAPTERS)
    assert all(name in found.warnings[0] and name in found.unread["ann"] for name in names)
    assert found.warnings[1] == "ann.zip lies in no student's folder and was not graded."
    assert found.unread_for("ann", "02_sigmoid") == found.unread["ann"]
    assert found.unread_for("bob", "02_sigmoid") == ""


# ---- what is in a notebook


def test_older_and_other_forms_of_a_notebook_are_read(tmp_path):
    """nbformat 3, lone carriage returns, a script in the percent format, and pictures beyond the limit."""
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1\r", "y = 2"], "prompt_number": 1}]}]}
    assert read(write(tmp_path / "a" / "old.ipynb", json.dumps(old).encode()), tmp_path)[0].source == "x = 1\ny = 2"
    script = b"# ---\n# title\n# ---\n# %% [markdown]\n# text\n# %%\nx = 1\r\n# %% more\ny = 2\n"
    cells = read(write(tmp_path / "a" / "script.py", script), tmp_path)
    assert [cell.source.strip() for cell in cells][1:] == ["x = 1", "y = 2"]
    picture = {"output_type": "display_data", "data": {"image/png": "iVBORw0KGgo\n" * 2_000_000}}
    large = cells_of(code_cell("x = 1") | {"outputs": [picture]})
    assert len(large) > 20_000_000
    assert read(write(tmp_path / "a" / "large.ipynb", large), tmp_path)[0].source == "x = 1"


@pytest.mark.parametrize("place", ["notebooks", "workbooks"])
def test_the_chapter_is_not_its_exercises(tmp_path, place):
    chapter = Path(__file__).parents[2] / place / "02_sigmoid.ipynb"
    with pytest.raises(ChapterHandedIn):
        read(write(tmp_path / "a" / "02_sigmoid.ipynb", chapter.read_bytes()), tmp_path)
    document = json.loads(chapter.read_text())
    document["cells"].append(code_cell(ANSWER))
    assert read(write(tmp_path / "a" / "02_sigmoid.ipynb", json.dumps(document).encode()), tmp_path)


def cells_of(*cells):
    return json.dumps({"cells": list(cells)}).encode()


UNREADABLE = [
    (b"", "the file is empty"),
    (b" \n", "the file is empty"),
    (b"def sigmoid(x): ...", "it is no notebook (not JSON)"),
    (b"\xff{}", "it is not in UTF-8"),
    (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
        "it is a pointer of Git LFS, and the notebook itself is not here",
    ),
    (b'{"cells": [\n<<<<<<< HEAD\n', "it holds a merge conflict of Git"),
    (b"\n<!DOCTYPE html><title>Sign in", "it is a web page, perhaps of a sign-in, and no notebook"),
    (b"[" * 100_000, "it is nested too deeply"),
    (b'{"cells": ' * 50_000, "it is nested too deeply"),
    (b"9" * 10_000, "it has no cells"),
    (b"null", "it has no cells"),
    (b"[1, 2]", "it has no cells"),
    (b"{}", "it has no cells"),
    (b'{"cells": []}', "it has no cells"),
    (b'{"cells": {"0": 1}}', "it has no cells"),
    (cells_of("x = 1"), "its cell 1 is no cell"),
    (cells_of(code_cell("x"), {"source": "x"}), "its cell 2 is no cell"),
    (cells_of(code_cell(7)), "its cell 1 holds no text"),
    (cells_of(code_cell(["x", None])), "its cell 1 holds no text"),
    (cells_of(code_cell("#" * 200_001)), "it holds more than 200,000 characters of code"),
    (cells_of(code_cell("import a" + ".b" * 90_000)), "a name in its code has more than 200 parts"),
    (cells_of(code_cell("import a" + ".\\\n b" * 300)), "a name in its code has more than 200 parts"),
    (cells_of(*[code_cell("")] * 2_001), "it has more than 2,000 cells of code"),
    (b" " * 20_000_000 + b"{}", "it is larger than 20 MB"),
]


@pytest.mark.parametrize(("content", "reason"), UNREADABLE, ids=range(len(UNREADABLE)))
def test_unreadable(tmp_path, content, reason):
    with pytest.raises(Unreadable) as caught:
        read(write(tmp_path / "02_sigmoid.ipynb", content), tmp_path)
    assert str(caught.value) == reason


def test_odd_cells_are_empty_or_no_code(tmp_path):
    odd = {"cell_type": "code"}, {"cell_type": "code", "source": None}, {"cell_type": "sql", "source": "select 1"}
    path = write(tmp_path / "02_sigmoid.ipynb", cells_of(*odd, code_cell("x = 1")))
    assert [(cell.number, cell.source) for cell in read(path, tmp_path)] == [(1, ""), (2, ""), (4, "x = 1")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_a_notebook_in_another_unicode_encoding(tmp_path, encoding):
    path = write(tmp_path / "02_sigmoid.ipynb", cells_of(code_cell("name = 'Zoë'")).decode().encode(encoding))
    assert read(path, tmp_path)[0].source == "name = 'Zoë'"


def test_a_script_that_names_its_encoding(tmp_path):
    path = write(tmp_path / "02_sigmoid.py", "# -*- coding: latin-1 -*-\nname = 'Zoë'".encode("latin-1"))
    assert read(path, tmp_path)[0].source.endswith("name = 'Zoë'")


def test_a_file_that_is_gone_when_it_is_read_is_no_student_s_fault(tmp_path):
    with pytest.raises(Closed):
        read(tmp_path / "ann" / "02_sigmoid.ipynb", tmp_path)


def test_places_that_are_no_file_inside(tmp_path):
    root, outside = tmp_path / "submitted", write(tmp_path / "solutions" / "02_sigmoid.ipynb")
    folder = root / "ann"
    folder.mkdir(parents=True)
    (folder / "a").symlink_to(outside)
    (folder / "b").symlink_to(folder / "c")
    (folder / "c").symlink_to(folder / "b")
    (folder / "d").symlink_to(folder / "nothing")
    os.mkfifo(folder / "e")
    (root / "bob").symlink_to(outside.parent)
    reasons = {}
    for path in [*sorted(folder.iterdir()), folder, root / "bob" / "02_sigmoid.ipynb"]:
        with pytest.raises(Unreadable) as caught:
            read(path, root)
        reasons[path.name] = str(caught.value)
    outside_of = "it is a link to a place outside of the student's folder"
    assert reasons.pop("b") in ("Too many levels of symbolic links", "a link that leads nowhere")
    assert reasons.pop("c") in ("Too many levels of symbolic links", "a link that leads nowhere")
    assert reasons == {
        "a": outside_of,
        "d": "a link that leads nowhere",
        "e": "it is no file",
        "ann": "it is no file",
        "02_sigmoid.ipynb": outside_of,
    }


def test_only_code_is_taken(tmp_path):
    markdown = {"cell_type": "markdown", "source": 7}
    cells = cells_of(markdown, code_cell(["x = 1\n", "y = 2"]), {"cell_type": "raw"}, code_cell("z = '\ud800'\r\n"))
    path = write(tmp_path / "02_sigmoid.ipynb", b"\xef\xbb\xbf" + cells)
    assert read(path, tmp_path) == (Cell(2, "x = 1\ny = 2"), Cell(4, "z = '?'\n"))


MAGICS = [
    ("%matplotlib inline\nx = 1", "pass\nx = 1"),
    ("!pip install numpy\nimport numpy", "pass\nimport numpy"),
    ("!pip install \\\n  numpy\nx = 1", "pass\n  pass\nx = 1"),
    ("np.exp?\n?np\nx = 1", "pass\npass\nx = 1"),
    ("files = !ls\nt = %timeit -o f()\nx = 1", "pass\npass\nx = 1"),
    ("if x:\n    %time f()\ny = 1", "if x:\n    pass\ny = 1"),
    ("!echo it's\nx = 1", "pass\nx = 1"),
    ("%%html\n<b>\n</b>", "\n\n"),
    ("\n%%time\ndef f(x):\n    return x", "\npass\ndef f(x):\n    return x"),
    ("y = (a\n  % b)", "y = (a\n  % b)"),
    ('"""\n% text\n!\n"""', '"""\n% text\n!\n"""'),
    ("def f(x:\n    return x", "def f(x:\n    return x"),
    ("%time\n" * 100, "pass\n" * 100),
]


@pytest.mark.parametrize(("source", "python"), MAGICS)
def test_magics_are_blanked(source, python):
    cleaned = without_magics(source)
    assert cleaned.strip("\n") == python.strip("\n")
    assert cleaned.count("\n") == source.count("\n")


# ---- where the answer is

BOUND = [
    "def f(x):\n    return x",
    "async def f(x):\n    return x",
    "f = lambda x: x",
    "g = f = max",
    "g, (f, h) = 1, (2, 3)",
    "from math import exp as f",
    "import f.g",
    "class f:\n    pass",
    "if True:\n    def f(x):\n        return x",
    "try:\n    import g\nexcept ImportError:\n    f = 1",
    "with a as f:\n    pass",
    "f: object = 3",
    "print(f := 3)",
    "def f(x)\n    return x",
    "f = (",
]
NOT_BOUND = [
    "def g():\n    f = 1\n    def f(): pass",
    "class C:\n    def f(self): pass",
    "[f for f in x]",
    "lambda f: f",
    "g.f = 1",
    "f(3",
    "f == (",
    "print('def f(x): pass')",
    "import g.f",
    "",
]


@pytest.mark.parametrize("source", BOUND)
def test_the_last_cell_that_binds_answers(source):
    assert code("def f(x):\n    return ...", source, "f(3)").answers["f"].cell == 2


@pytest.mark.parametrize("source", NOT_BOUND)
def test_other_cells_do_not_answer(source):
    assert "f" not in code(source).answers


def test_a_broken_cell_answers_only_where_no_other_does():
    stub, good, broken = "def f(x):\n    return ...", "def f(x):\n    return x", "def f(x)\n    return 2"
    assert code(stub, broken).answers["f"].cell == 2
    assert code(stub, good, broken).answers["f"].cell == 2
    assert code(good, stub).answers["f"].cell == 2


STUBS = [
    ("def f(x):\n    return ...", True),
    ('def f(x):\n    """Say."""\n    # think\n    return ...\n', True),
    ("def f(x, axis=-1):\n    def g():\n        return 1\n    return ...", True),
    ("def f(x):\n    if x:\n        return ...\n    return 1", False),
    ("def f(x):\n    return", False),
    ("def f(x):\n    pass", False),
    ("f = ...", False),
]


@pytest.mark.parametrize(("source", "stub"), STUBS)
def test_the_stub_is_recognised(source, stub):
    assert is_stub(code(source).answers["f"].statement) is stub


REFUSED = [  # cells, the call that is named; "" where the answer is allowed
    (["import tensorflow as tf", "def sigmoid(x):\n    return tf.sigmoid(x)"], "tf.sigmoid"),
    (["import keras", "sigmoid = keras.activations.sigmoid"], "keras.activations.sigmoid"),
    (["from keras.activations import sigmoid"], "sigmoid"),
    (["from scipy.special import expit as mine\ndef mine(x):\n    return 1\nsigmoid = mine"], ""),
    (["import tensorflow as tf", "def mine(x):\n    return tf.sigmoid(x)\nsigmoid = mine"], "tf.sigmoid"),
    (["from course_utils.activations import sigmoid as s", "def sigmoid(x):\n    return s(x)"], "s"),
    (
        ["import tensorflow as tf", "def sigmoid(x):\n    return tf.sigmoid(x)", "sigmoid = tf.function(sigmoid)"],
        "tf.sigmoid",
    ),
    (
        ["import numpy as np, keras", "def s(x):\n    return keras.ops.sigmoid(x)", "sigmoid = np.vectorize(s)"],
        "keras.ops.sigmoid",
    ),
    (["import keras", "def sigmoid(x):\n    return keras.ops.sigmoid(x)", "def sigmoid(x):\n    return 1"], ""),
    (["from keras.activations import sigmoid", "sigmoid = wrap(lambda x: 1)"], ""),
    # Compared with the library's function, in the same cell: that is no answer.
    (["import tensorflow as tf\ndef sigmoid(x):\n    return 1\nprint(sigmoid(0) - tf.sigmoid(0.))"], ""),
    # A function of one's own that bears the library's name.
    (["from keras.activations import sigmoid", "def sigmoid(x):\n    return 1"], ""),
    (["import tensorflow as tf", "sigmoid = sigmoid", "broken ("], ""),
    (["import tensorflow as tf", "def sigmoid(x):\n    return tf.sigmoid(x)", "broken ("], "tf.sigmoid"),
]


@pytest.mark.parametrize(("cells", "call"), REFUSED)
def test_ready_made_functions_are_found_by_reading(cells, call):
    verdict = code(*cells).refusal(exercise("sigmoid"))
    assert (verdict.message.split("`")[1] if verdict else "") == call


def test_a_helper_of_ones_own_is_not_taken_for_the_librarys():
    cells = ["from keras.activations import sigmoid", "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))"]
    cells.append("def stable_sigmoid(x):\n    return sigmoid(x)")
    assert code(*cells).refusal(exercise("stable_sigmoid")) is None


# ---- the course's own files


def copied(root, folder, *places):
    for place in places:
        for path in sorted((root / place).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".ipynb", ".md") and "__pycache__" not in path.parts:
                write(folder / path.relative_to(root), path.read_bytes())


def test_nothing_of_the_courses_own_repository_is_an_answer(root, tmp_path):
    """Not by its path, and a file of the package or a chapter not by what is in it either, wherever it was put."""
    chapters = tuple(all_chapters())
    copied(root, tmp_path / "ann", "course_utils", "tests", "docs", "notebooks", "workbooks", "solutions")
    write(tmp_path / "ann" / "conftest.py", b"sigmoid = 1")
    assert not [place for place in find(tmp_path, chapters).notebooks if not is_a_chapter(tmp_path, *place, chapters)]
    bob = tmp_path / "bob"
    for path in (root / "course_utils").rglob("*.py"):
        write(bob / f"{len(list(bob.glob('*')))}_{path.name}" if bob.exists() else bob / path.name, path.read_bytes())
    for path in (root / "workbooks").glob("*.ipynb"):
        write(bob / f"mine {path.name[3:]}", path.read_bytes())
    assert {student for student, _ in find(tmp_path, chapters).notebooks} == {"ann"}


def is_a_chapter(root, student, chapter, chapters):
    with pytest.raises(ChapterHandedIn):
        read(find(root, chapters).notebooks[student, chapter], root)
    return True


def test_a_script_of_a_students_own_counts_in_a_repository_too(root, tmp_path):
    copied(root, tmp_path / "ann", "course_utils")
    path = write(tmp_path / "ann" / "homework.py", ANSWER.encode())
    assert find(tmp_path, CHAPTERS).notebooks == {("ann", "02_sigmoid"): path}
