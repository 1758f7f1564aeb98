"""The exercise notebooks in the real nbgrader, set up as docs/nbgrader.md says: the same points as `course grade` gives."""

import csv
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course_utils.building import sources
from course_utils.exercises import chapters, exercise, exercise_names
from course_utils.grading.grade import grade

pytest.importorskip("nbgrader")
ASSIGNMENT, CHAPTER = "homework", "02_sigmoid"  # all notebooks, and the one in which things go wrong
NAMES = chapters()[CHAPTER]
TAPE = """import tensorflow as tf
def sigmoid_slope(x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sigmoid(x)
    return tape.gradient(y, x)"""
LOUD = """import os, sys, warnings
print("loud", file=sys.stderr)
def logit(p):
    print("loud", file=sys.stderr)
    os.write(2, b"loud")
    warnings.warn("loud")
    return np.log(p / (1 - p))"""
STUDENTS = {
    "right": {name: inspect.getsource(exercise(name).solution) for name in exercise_names()},
    "wrong": {
        "sigmoid": "def sigmoid(x):\n    return 1 / 1 + np.exp(-x)",
        "sigmoid_slope": "def sigmoid_slope(x):\n    return x * (1 - x)",
        "surviving_gradient": "def surviving_gradient(depth):\n    return 0.25 * depth",
        "stable_sigmoid": "import tensorflow as tf\ndef stable_sigmoid(x):\n    return tf.sigmoid(x)",
        "logit": "def logit(p):\n    return np.log10(p / (1 - p))",
        "sigmoid_layer": "def sigmoid_layer(fan_in, fan_out, seed):\n    return np.zeros((fan_in, fan_out)), np.zeros(fan_out)",
    },
    "stub": {},
    "raising": {
        "sigmoid": "1 / 0\ndef sigmoid(x):\n    return x",
        "sigmoid_slope": "def sigmoid_slope(x):\n    raise ValueError('<b>')",
        "surviving_gradient": "def surviving_gradient(depth)\n    return 1",
        "stable_sigmoid": "import sys\ndef stable_sigmoid(x):\n    sys.exit()",
        "logit": "def logit(p):\n    while True:\n        pass",
        "sigmoid_layer": "def sigmoid_layer(fan_in, fan_out, seed):\n    raise OSError",
    },
    # TensorFlow writes to the error output at its first operation and when it traces a function often
    "loud": {
        "sigmoid": "import tensorflow as tf\n@tf.function\ndef sigmoid(x):\n    return 1 / (1 + tf.exp(-x))",
        "sigmoid_slope": TAPE,
        "logit": LOUD,
    },
    "without a check": {"sigmoid": inspect.getsource(exercise("sigmoid").solution), "check_sigmoid": None},
}


def handed_in(root, answers, chapter=CHAPTER):
    """The exercise notebook with some cells filled in, and the one that is to be None deleted."""
    notebook = nbformat.read(root / "exercises" / f"{chapter}.ipynb", as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    notebook.cells = [cell for cell in notebook.cells if cell.source is not None]
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def course(tmp_path_factory, request):
    """An nbgrader course with its students' notebooks, after `generate_assignment` and `autograde`.

    One student hands in every chapter, the others one.
    """
    root, folder = request.config.rootpath, tmp_path_factory.mktemp("course")
    (folder / "nbgrader_config.py").write_text(configuration(root))
    source = folder / "source" / ASSIGNMENT
    source.mkdir(parents=True)
    for chapter in chapters():
        shutil.copy(root / "exercises" / f"{chapter}.ipynb", source)
    for student, answers in STUDENTS.items():
        submission = folder / "submitted" / student / ASSIGNMENT
        submission.mkdir(parents=True)
        for chapter in chapters() if student == "right" else [CHAPTER]:
            (submission / f"{chapter}.ipynb").write_text(handed_in(root, answers, chapter), encoding="utf-8")
    nbgrader(folder, "generate_assignment", ASSIGNMENT)
    nbgrader(folder, "autograde", ASSIGNMENT)
    return folder


def configuration(root):
    block = re.search(r"```python\n(.*?)```", (root / "docs/nbgrader.md").read_text("utf-8"), re.DOTALL)[1]
    return "\n".join(line.strip() for line in block.splitlines())


def nbgrader(folder, *arguments):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # it looks there for alembic
    own = {"PATH": path, "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), "COURSE_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "nbgrader", *arguments]
    done = subprocess.run(command, cwd=folder, env=kept | own, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def points(course):
    """(student, exercise) -> points, by nbgrader's gradebook."""
    script = (
        "import json\nfrom nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///gradebook.db') as book:\n"
        f"    found = [(s.student_id, g.name, g.score, g.max_score) for s in book.assignment_submissions({ASSIGNMENT!r})"
        " for n in s.notebooks for g in n.grades]\n"
        "    print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", script], cwd=course, capture_output=True, text=True)
    rows = json.loads(done.stdout)
    every = {(f"check_{name}", exercise(name).points) for name in exercise_names()}
    assert {(name, most) for _, name, _, most in rows} == every
    return {(student, name.removeprefix("check_")): score for student, name, score, _ in rows}


def test_the_points_are_those_of_course_grade(course, tmp_path):
    assert grade(course / "submitted", tmp_path / "report", jobs=2, timeout=3) == 0
    with (tmp_path / "report" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["student"], row["exercise"]): row for row in csv.DictReader(file)}
    by_nbgrader = points(course)
    assert by_nbgrader == {key: float(row["points"]) for key, row in rows.items()}
    assert {student: sum(v for (s, _), v in by_nbgrader.items() if s == student) for student in STUDENTS} == {
        "right": sum(exercise(name).points for name in exercise_names()), "wrong": 0, "stub": 0, "raising": 0, "loud": 3, "without a check": 1,
    }  # fmt: skip
    statuses = {name: rows["raising", name]["status"] for name in NAMES}
    assert set(statuses.values()) == {"raised", "timeout"}


@pytest.mark.parametrize("chapter", chapters())
def test_the_release_is_the_notebook_itself(course, root, chapter):
    released, made = (
        nbformat.read(folder / f"{chapter}.ipynb", as_version=4)
        for folder in (course / "release" / ASSIGNMENT, root / "exercises")
    )
    assert released.cells == made.cells


def test_what_is_marked_leaves_no_trace_in_the_teacher_s_history(course):
    assert not (course / "data").exists()


def test_validation(course, root, tmp_path):
    success = "Success! Your notebook passes all the tests."
    assert success in nbgrader(course, "validate", f"submitted/right/{ASSIGNMENT}/{CHAPTER}.ipynb")
    said = nbgrader(course, "validate", f"submitted/loud/{ASSIGNMENT}/{CHAPTER}.ipynb")
    assert "VALIDATION FAILED ON 3 CELL(S)" in said
    assert "CONTENTS" not in said  # the checksums are nbgrader's own
    changed = handed_in(root, STUDENTS["right"] | {"check_logit": "1"})
    (tmp_path / "changed.ipynb").write_text(changed, encoding="utf-8")
    said = nbgrader(course, "validate", str(tmp_path / "changed.ipynb"))
    assert "THE CONTENTS OF 1 TEST CELL(S) HAVE CHANGED" in " ".join(said.split())


def test_the_feedback_shows_the_sentences(course):
    nbgrader(course, "generate_feedback", ASSIGNMENT, "--student=wrong")
    page = (course / "feedback" / "wrong" / ASSIGNMENT / f"{CHAPTER}.html").read_text("utf-8")
    assert "Which comes first, / or +?" in page


@pytest.mark.parametrize("name", chapters())
def test_the_metadata_are_valid_and_say_what_each_cell_is(name):
    from nbgrader.nbgraderformat import MetadataValidator
    from nbgrader.utils import compute_checksum

    notebook = sources.exercise_notebook(name, "A title")
    MetadataValidator().validate_nb(notebook)
    marked = {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}
    assert list(marked) == ["tools", *(part for n in chapters()[name] for part in (n, f"check_{n}"))]
    for grade_id, cell in marked.items():
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell), grade_id
    for spec in map(exercise, chapters()[name]):
        assert marked[spec.name].metadata.nbgrader.solution
        check = marked[f"check_{spec.name}"].metadata.nbgrader
        assert (check.grade, check.locked, check.points) == (True, True, spec.points)


def test_course_grade_writes_into_the_gradebook_that_nbgrader_made(course, tmp_path):
    """Last, since it changes a mark: one that a teacher sets by hand."""
    (tmp_path / "mine.csv").write_text("student,exercise,points,reason\nwrong,stable_sigmoid,1.5,Read by me\n")
    marks = {"overrides": tmp_path / "mine.csv", "nbgrader": course}
    assert grade(course / "submitted", tmp_path / "report", jobs=2, timeout=3, **marks) == 0
    with (tmp_path / "report" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {(row["student"], row["exercise"]): float(row["points"]) for row in csv.DictReader(file)}
    assert points(course) == rows
    assert rows["wrong", "stable_sigmoid"] == 1.5
