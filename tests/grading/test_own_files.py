"""A learner's own files beside a notebook are run with it, and scripts are read as the notebooks that they were made from."""

import json
import os
import zipfile

import nbformat
import pytest
from nbconvert import PythonExporter
from sample_submission import CHAPTER, IMPORTS, NAMES, RIGHT, hand_in, notebook, statuses, table

from course_utils.grading import own_files
from course_utils.grading.answers import Code
from course_utils.grading.discovery import find
from course_utils.grading.grade import grade
from course_utils.grading.submissions import MOST_CODE, helpers, read

HELPERS = f"import numpy as np\n\n{RIGHT['sigmoid']}"
REST = [text for name, text in RIGHT.items() if name != "sigmoid"]
IMPORT = "from helpers import sigmoid"
ALL_PASSED = "passed passed passed passed passed"


def run_json(out):
    return json.loads((out / "run.json").read_text())


def test_a_file_beside_the_notebook_is_run_with_it_and_named(tmp_path):
    ann = tmp_path / "in" / "ann"
    hand_in(ann / f"{CHAPTER}.ipynb", IMPORT, *REST)
    (ann / "helpers.py").write_text(HELPERS)
    (ann / "other.py").write_text("print('imported nowhere')")
    (tmp_path / "in" / "bob").mkdir()
    hand_in(tmp_path / "in" / "bob" / f"{CHAPTER}.ipynb", IMPORT, *REST)  # the file is another student's
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert statuses(tmp_path / "out") == {"ann": ALL_PASSED, "bob": f"raised{ALL_PASSED[6:]}"}
    warnings = run_json(tmp_path / "out")["warnings"]
    assert f"ann: imported by {CHAPTER}, handed in beside it, and run with it: helpers.py." in warnings
    assert any("other.py" in warning and "helpers.py" not in warning for warning in warnings)


def test_a_copy_of_the_course_is_no_answer_and_is_named_once(tmp_path):
    ann = tmp_path / "ann"
    hand_in(ann / "course" / f"{CHAPTER}.ipynb", *RIGHT.values())
    for name in ("course_utils/__init__.py", "course_utils/mine.py", "docs/conf.py"):
        (ann / "course" / name).parent.mkdir(parents=True, exist_ok=True)
        (ann / "course" / name).write_text(HELPERS)
    found = find(tmp_path, (CHAPTER,))
    assert found.notebooks == {("ann", CHAPTER): ann / "course" / f"{CHAPTER}.ipynb"}
    assert found.unread == {}
    assert "The course's own files were handed in, too, and are no answers: ann." in found.warnings
    assert not any("mine.py" in warning or "conf.py" in warning for warning in found.warnings)


WAYS = {  # files beside the notebook, and the cell that uses them
    "a module": ({"helpers.py": HELPERS}, "import helpers\nsigmoid = helpers.sigmoid"),
    "all names": ({"helpers.py": HELPERS}, "from helpers import *"),
    "a package": ({"mine/__init__.py": "", "mine/curves.py": HELPERS}, "from mine.curves import sigmoid"),
    "a folder": ({"mine/curves.py": HELPERS}, "from mine import curves\nsigmoid = curves.sigmoid"),
    "in a package, relative": (
        {"mine/__init__.py": "from .curves import sigmoid", "mine/curves.py": HELPERS},
        "from mine import sigmoid",
    ),
    "a helper's helper": ({"one.py": "from helpers import sigmoid", "helpers.py": HELPERS}, "from one import sigmoid"),
    "run": ({"helpers.py": HELPERS}, "%run helpers.py"),
    "run, by other words": ({"my mine/helpers.py": HELPERS}, "%run './my mine/helpers'"),
    "a notebook that is run": ({"part.ipynb": notebook(IMPORTS, f"%matplotlib inline\n{RIGHT['sigmoid']}")}, "%run ./part.ipynb"),
    "a notebook that runs a file": (
        {"part.ipynb": notebook("one = 1", "%run helpers.py", "broken (", "one = 2"), "helpers.py": HELPERS},
        "%run part.ipynb",
    ),
    "a notebook of helpers, which share the names": (
        {"part.ipynb": notebook("def power(x):\n    return np.exp(x)")},
        "import numpy as np\n%run part.ipynb\ndef sigmoid(x):\n    return power(x) / (1 + power(x))",
    ),
    "inside of a function": ({"helpers.py": HELPERS}, "def sigmoid(x):\n    from helpers import sigmoid as s\n    return s(x)"),
    "in a try": ({"helpers.py": HELPERS}, "try:\n    from helpers import sigmoid\nexcept ImportError:\n    pass"),
}  # fmt: skip


def test_however_a_file_is_imported(tmp_path):
    for title, (files, cell) in WAYS.items():
        folder = tmp_path / "in" / title
        hand_in(folder / f"{CHAPTER}.ipynb", cell, *REST)
        for name, text in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(text)
    with zipfile.ZipFile(tmp_path / "in" / "zip.zip", "w") as archive:
        archive.writestr(f"{CHAPTER}.ipynb", notebook("import numpy as np", IMPORT, *REST))
        archive.writestr("helpers.py", HELPERS)
    (tmp_path / "in" / "zipped").mkdir()
    (tmp_path / "in" / "zip.zip").rename(tmp_path / "in" / "zipped" / "homework.zip")
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert statuses(tmp_path / "out") == dict.fromkeys([*sorted(WAYS), "zipped"], ALL_PASSED)


def test_a_ready_made_function_in_a_file_is_refused(tmp_path):
    for title, text in {
        "itself": "from keras.activations import sigmoid",
        "calls": "import tensorflow as tf\ndef sigmoid(x): return tf.nn.sigmoid(x)",
        "hidden": "import tensorflow as tf\ndef sigmoid(x): return getattr(tf.nn, 'diomgis'[::-1])(x)",
    }.items():
        hand_in(tmp_path / "in" / title / f"{CHAPTER}.ipynb", IMPORT, *REST)
        (tmp_path / "in" / title / "helpers.py").write_text(text)
    grade(tmp_path / "in", tmp_path / "out")
    assert {words.split()[0] for words in statuses(tmp_path / "out").values()} == {"forbidden"}


def test_a_notebook_that_is_run_and_its_faults_are_named(tmp_path):
    ann, bob, cy = (tmp_path / "in" / who for who in ("ann", "bob", "cy"))
    for folder in (ann, bob, cy):
        hand_in(folder / f"{CHAPTER}.ipynb", f"%run part.ipynb\n{RIGHT['sigmoid']}", *REST)
    hand_in(ann / "part.ipynb", "one = 1")
    hand_in(bob / "part.ipynb", "one = 1", "broken (")
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert statuses(tmp_path / "out") == {"ann": ALL_PASSED, "bob": f"raised{ALL_PASSED[6:]}", "cy": ALL_PASSED}
    warnings = run_json(tmp_path / "out")["warnings"]
    assert warnings == [f"ann: imported by {CHAPTER}, handed in beside it, and run with it: part.ipynb."] * 1 + [
        f"bob: imported by {CHAPTER}, handed in beside it, and run with it: part.ipynb."
    ]
    hints = {(row["student"], row["exercise"]): row["hint"] for row in table(tmp_path / "out")}
    assert "SyntaxError" in hints["bob", "sigmoid"]
    assert "cell 4 of part.ipynb" in hints["bob", "sigmoid"]


def test_a_ready_made_function_in_a_notebook_that_is_run_is_refused(tmp_path):
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", "%run part.ipynb", *REST)
    hand_in(
        tmp_path / "in" / "ann" / "part.ipynb", "import tensorflow as tf", "def sigmoid(x): return tf.nn.sigmoid(x)"
    )
    grade(tmp_path / "in", tmp_path / "out")
    assert statuses(tmp_path / "out")["ann"].startswith("forbidden")


def test_what_a_file_reaches_for_is_named(tmp_path):
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", IMPORT, *REST)
    (tmp_path / "in" / "ann" / "helpers.py").write_text(f"import subprocess\n{HELPERS}")
    grade(tmp_path / "in", tmp_path / "out")
    assert "helpers.py starts or ends processes (`subprocess`)." in (
        tmp_path / "out" / "index.html"
    ).read_text().replace("<code>", "`").replace("</code>", "`")


def found_helpers(root, **files):
    """The files that are run with ann's notebook, which imports all of them."""
    ann = root / "ann"
    hand_in(ann / f"{CHAPTER}.ipynb", "".join(f"import {name}\n" for name in files))
    for name, text in files.items():
        if callable(text):
            text(ann / f"{name}.py")
        else:
            (ann / f"{name}.py").write_bytes(text.encode())
    return find(root, (CHAPTER,)).helpers.get(("ann", CHAPTER), {})


def test_only_a_students_own_files_are_taken_and_not_without_end(tmp_path):
    secret = tmp_path / "secret.py"
    secret.write_text("SECRET = 1")
    (tmp_path / "in" / "bob").mkdir(parents=True)
    (tmp_path / "in" / "bob" / "his.py").write_text("HIS = 1")
    found = found_helpers(
        tmp_path / "in",
        mine="MINE = 1",
        outside=lambda path: path.symlink_to(secret),
        neighbours=lambda path: path.symlink_to("../bob/his.py"),
        nowhere=lambda path: path.symlink_to("nowhere.py"),
        pipe=os.mkfifo,
        folder=lambda path: path.mkdir(),
        large="x" * (MOST_CODE + 1),
        latin=lambda path: path.write_bytes(b"x = '\xe9'"),
        broken="def (",
    )
    assert found == {"mine": "MINE = 1", "broken": "def ("} or found == {"mine.py": "MINE = 1", "broken.py": "def ("}


def test_many_files_are_cut(tmp_path):
    assert len(found_helpers(tmp_path / "in", **{f"m{number}": "" for number in range(50)})) == 20


def test_a_name_leads_nowhere_else(tmp_path):
    hand_in(
        tmp_path / "ann" / f"{CHAPTER}.ipynb", "from ...  import x\nfrom .. import y\n%run ../../x.py\n%run /etc/passwd"
    )
    assert helpers(tmp_path / "ann" / f"{CHAPTER}.ipynb", tmp_path, {}) == {}
    (tmp_path / "x.py").write_text("")
    assert find(tmp_path, (CHAPTER,)).helpers == {}


# ---- scripts

CELLS = [
    ("markdown", "# The sigmoid\n\nMy answers."),
    ("code", "import numpy as np\n%matplotlib inline"),
    ("code", f"%%time\n{RIGHT['sigmoid']}"),
    ("code", RIGHT["sigmoid_slope"]),
    ("markdown", "Now the *rest*."),
    ("code", RIGHT["surviving_gradient"]),
    ("code", "raise ValueError('one cell that fails')"),
    ("code", f"%%writefile mine.py\nimport numpy as np\n{RIGHT['stable_sigmoid']}"),
    ("code", "from mine import stable_sigmoid\n!pip list\nx = 1  # a comment"),
    ("code", RIGHT["logit"]),
]


def twin():
    make = {"markdown": nbformat.v4.new_markdown_cell, "code": nbformat.v4.new_code_cell}
    made = nbformat.v4.new_notebook(cells=[make[kind](source) for kind, source in CELLS])
    made.metadata["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    return made


def commented(text):
    return "".join(f"# {line}\n" for line in text.split("\n"))


def marked(code, text):
    """A script whose code cells begin with one mark, and whose texts with another."""
    return "".join(
        f"{code}\n{source}\n\n" if kind == "code" else f"{text}\n{commented(source)}\n" for kind, source in CELLS
    )


def by_jupytext(kind):
    jupytext = pytest.importorskip("jupytext")
    return lambda: jupytext.writes(twin(), f"py:{kind}")


SCRIPTS = {
    "jupytext, percent": by_jupytext("percent"),
    "jupytext, hydrogen": by_jupytext("hydrogen"),
    "nbconvert": lambda: PythonExporter().from_notebook_node(twin())[0],
    "VS Code": lambda: "# To add a new cell, type '# %%'\n# To add a new markdown cell, type '# %% [markdown]'\n" + marked("# %%", "# %% [markdown]"),
    "VS Code, ids": lambda: marked('# %% id="abc"', "# %% [markdown]"),
    "Spyder": lambda: marked("#%%", "#%% [markdown]"),
    "Spyder, titles": lambda: marked("#%% the answer", "# %% [markdown] text"),
    "PyCharm": lambda: marked("#%%", "#%% md").replace("#%% md\n# # The sigmoid", '#%% md\n"""\n# The sigmoid').replace("My answers.\n", 'My answers."""\n').replace("# My", "My"),
    "IPython of old": lambda: marked("# <codecell>", "# <markdowncell>"),
    "Windows": lambda: by_jupytext("percent")().replace("\n", "\r\n"),
}  # fmt: skip


def test_an_opening_tells_the_kind_where_an_editor_kept_nothing_else_and_the_course_is_translated(root):
    for path in [path for kind in ("exercises", "solutions", "workbooks") for path in (root / kind).glob("*.ipynb")]:
        cells = json.loads(path.read_text("utf-8"))["cells"]
        cells[0]["source"][0] = "# Ejercicios: Sigmoide\n"
        bare = [{"cell_type": cell["cell_type"], "source": cell["source"]} for cell in cells]
        kind = path.parent.name
        assert own_files.marks({"cells": bare}, "") == (("", "") if kind == "workbooks" else (kind, path.stem)), path
    notes = (
        "# My answers to [the exercises](../exercises/02_sigmoid.ipynb)\n\nSee [here](../workbooks/02_sigmoid.ipynb)."
    )
    assert own_files.marks({"cells": [{"cell_type": "markdown", "source": notes}]}, "") == ("", "")


@pytest.mark.parametrize("kind", SCRIPTS)
def test_a_script_is_read_as_its_notebook(tmp_path, kind):
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / f"{CHAPTER}.ipynb").write_text(nbformat.writes(twin()))
    (tmp_path / "bob").mkdir()
    (tmp_path / "bob" / f"{CHAPTER}.py").write_bytes(SCRIPTS[kind]().encode())
    code = {
        who: Code(read(tmp_path / who / name, tmp_path))
        for who, name in [("ann", f"{CHAPTER}.ipynb"), ("bob", f"{CHAPTER}.py")]
    }
    assert code["bob"].answers.keys() >= code["ann"].answers.keys() >= RIGHT.keys()
    assert code["bob"]._files.keys() == code["ann"]._files.keys() == {"mine.py"}


def test_scripts_get_what_their_notebook_gets(tmp_path):
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", raw=nbformat.writes(twin()))
    for kind, text in SCRIPTS.items():
        (tmp_path / "in" / kind).mkdir()
        (tmp_path / "in" / kind / f"{CHAPTER}.py").write_bytes(text().encode())
    grade(tmp_path / "in", tmp_path / "out")
    assert statuses(tmp_path / "out") == dict.fromkeys(sorted(["ann", *SCRIPTS]), ALL_PASSED)
    answered = [row for row in table(tmp_path / "out") if row["exercise"] in NAMES]
    assert all(row["points"] == row["max_points"] for row in answered)
