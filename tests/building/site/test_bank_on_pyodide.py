"""Every solution, every misconception and a share of the bank's other answers, judged by the browser's Python and by this one.

Skipped where the pinned files of Python for the pages are not there, or no Node.js to run them.
"""

import ast
import inspect
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from bank import portable, score
from bank.answers import cell

from course_utils.building.site import pyodide, subset
from course_utils.exercises import exercise, exercise_names

RUNNER = Path(__file__).with_name("on_pyodide.mjs")
SHARE = 12  # one in so many cells of each exercise, for the time that the others take; COURSE_WHOLE_BANK=1 tries all of them
# Exercises whose check trains or measures networks, a second an answer: fewer cells of these, and of the first no misconceptions.
TRAINING = ("cure", "my_activation", "relu_layer", "sigmoid_layer")
ELSEWHERE = {"tf", "tensorflow", "keras", "scipy"}  # names that only a notebook has


def needs_more(source):
    """Whether a cell uses what the browser's Python doesn't have."""
    nodes = list(ast.walk(ast.parse(source)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    names |= {alias.name.partition(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    names |= {(node.module or "").partition(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    return bool(names & ELSEWHERE)


def bank_cells(name):
    """An exercise's solution, and those of its cells in the bank that need no TensorFlow."""
    wrong, right, forbidden, _ = score.tables(name)
    cells = (cell(name, text) for text in (wrong | right | forbidden).values())
    return [inspect.getsource(exercise(name).solution), *(source for source in cells if not needs_more(source))]


@pytest.fixture(scope="module")
def on_pyodide(pyodide_files, tmp_path_factory):
    """Runs a text with the pages' Python: what its last expression is, a str."""
    if pyodide_files is None or not shutil.which("node"):
        pytest.skip(
            "needs Node.js, and the files of course_utils/building/site/pyodide.toml in the folder COURSE_PYODIDE"
        )
    folder = tmp_path_factory.mktemp("pyodide")
    for name, content in {**pyodide_files, pyodide.COURSE: subset.as_zip()}.items():
        (folder / name).write_bytes(content)

    def run(text):
        (folder / "run.py").write_text(text, encoding="utf-8")
        done = subprocess.run(["node", RUNNER, folder], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_python_in_the_browser_gives_the_verdicts_of_python_here(on_pyodide):
    whole = bool(os.environ.get("COURSE_WHOLE_BANK"))
    share = dict.fromkeys(exercise_names(), 1 if whole else SHARE) | dict.fromkeys(TRAINING, 1 if whole else 4 * SHARE)
    names = [name for name in exercise_names() if whole or name != TRAINING[0]]
    cells = [(name, source) for name in exercise_names() for source in bank_cells(name)[:: share[name]]]
    text = (
        f"import json\n{inspect.getsource(portable)}\njson.dumps(verdicts(*json.loads({json.dumps([cells, names])!r})))"
    )
    there, here = json.loads(on_pyodide(text)), portable.verdicts(cells, names)
    titles = [source for _, source in cells] + ["a misconception"] * (len(here) - len(cells))
    assert len(there) == len(here)
    for ours, theirs in zip(here, there, strict=True):
        if ours[1] == "raised":  # what an exception says, and of which calls, is NumPy's, of which the versions differ
            ours[3:], theirs[3:] = [], []
    differing = [
        (title, ours, theirs) for title, ours, theirs in zip(titles, here, there, strict=True) if ours != theirs
    ]
    assert differing == []
