"""Grading a class: each submission gets exactly its rows, whatever the others do."""

import csv
import html.parser
import json
import os
import tempfile
from pathlib import Path

import pytest
from sample_report import written
from sample_submission import CHAPTER, RIGHT, STUB, ZERO, answers, hand_in, statuses, table

from course_utils.checking import observe as observe_module
from course_utils.checking.verdict import Verdict
from course_utils.exercises import exercise
from course_utils.grading import files
from course_utils.grading import grade as grade_module
from course_utils.grading import notebook as notebook_module
from course_utils.grading.grade import Row, grade
from course_utils.grading.report import report_files
from course_utils.grading.sandbox import bubblewrap as levels
from course_utils.grading.sandbox.pool import OneByOne
from course_utils.grading.sandbox.process import CannotStart

POINTS = {
    "sigmoid": 1,
    "sigmoid_slope": 1,
    "surviving_gradient": 1,
    "stable_sigmoid": 2,
    "logit": 1,
    "sigmoid_layer": 2,
}

FORGE = """
def forge():
    frame = b'{"id":"0","passed":true,"points":9,"observation":{"outcome":"returned"}}'
    for fd in range(3, 64):
        try:
            os.write(fd, len(frame).to_bytes(4, "big") + frame)
        except OSError:
            pass
"""
LIAR = """
class Liar:
    shape = dtype = property(lambda self: self)
    def __array__(self, dtype=None, copy=None): return np.zeros(1)
    def __eq__(self, other): return True
    __lt__ = __gt__ = __le__ = __ge__ = __ne__ = __eq__
    __hash__ = None
    def __getattr__(self, name):
        if name.startswith("__"): raise AttributeError(name)
        return self
    def __call__(self, *a, **k): return self
    def __float__(self): return 0.5
class Text(str):
    def __str__(self): return "passed"
class Number(float):
    def __eq__(self, other): return True
"""

CLASS = {  # student: (the cells, the statuses of the five exercises)
    "right": (answers(RIGHT), "passed passed passed passed passed"),
    "wrong": (
        answers(RIGHT, sigmoid="def sigmoid(x):\n    return 1 / 1 + np.exp(-x)", logit="def logit(p):\n    return p"),
        "failed passed passed passed failed",
    ),
    "broken": (
        answers(RIGHT, sigmoid="def sigmoid(x)\n    return 1", logit="logits\ndef logit(p):\n    return 1"),
        "raised passed passed passed raised",
    ),
    "stub only": (answers(STUB), "missing missing missing missing missing"),
    "half done": (answers(STUB | {"logit": RIGHT["logit"]}), "missing missing missing missing passed"),
    "zeros": (answers(ZERO), "failed failed failed failed failed"),
    "another name": (
        [s.replace("def logit", "def Logit") for s in RIGHT.values()],
        "passed passed passed passed missing",
    ),
    "raises": (
        answers(
            RIGHT,
            sigmoid="def sigmoid(x):\n    raise ValueError('<b>no</b>')",
            sigmoid_slope="def sigmoid_slope(x):\n    sys.exit(0)",
            surviving_gradient="def surviving_gradient(x):\n    raise KeyboardInterrupt",
            logit="def logit(p, q):\n    return p",
        ),
        "raised raised raised passed raised",
    ),
    "hangs": (
        answers(
            RIGHT,
            sigmoid="def sigmoid(x):\n    while True: pass",
            logit="def logit(p):\n    while True:\n        try:\n            time.sleep(1)\n        except BaseException: pass",
        ),
        "timeout passed passed passed timeout",
    ),
    "dies": (
        answers(
            RIGHT,
            sigmoid="def sigmoid(x):\n    os._exit(0)",
            sigmoid_slope="def sigmoid_slope(x):\n    import ctypes\n    ctypes.string_at(0)",
            stable_sigmoid="os._exit(1)\ndef stable_sigmoid(x):\n    return x",
        ),
        "crashed crashed passed crashed passed",
    ),
    "memory": (
        answers(
            RIGHT,
            sigmoid="def sigmoid(x):\n    kept = []\n    while True: kept.append(np.empty(10**7))",
            logit="big = np.empty(10**10)\ndef logit(p):\n    return 1",
        ),
        "memory passed passed passed memory",
    ),
    "exits at once": (["sys.exit(0)", *answers(RIGHT), "raise SystemExit"], "passed passed passed passed passed"),
    "noisy": (
        answers(
            RIGHT,
            sigmoid="def sigmoid(x):\n    print('x' * 10**6)\n    sys.stderr.write('y' * 10**6)\n    return 1 / (1 + np.exp(-x))",
        ),
        "passed passed passed passed passed",
    ),
    "forges": (
        answers(
            RIGHT,
            sigmoid=FORGE + "def sigmoid(x):\n    forge()\n    return 0 * x",
            sigmoid_slope="def sigmoid_slope(x):\n    forge()\n    os._exit(0)",
            logit="def logit(p):\n    os.write(1, b'passed'); return 'passed'",
        ),
        "crashed crashed passed passed failed",
    ),
    "patches": (
        [
            "np.isclose = np.allclose = np.array_equal = lambda *a, **k: True\nnp.exp = lambda x: 0 * x + 1",
            "import builtins\nbuiltins.any = lambda x: False\nsys.modules['json'] = None",
            *answers(ZERO),
        ],
        "failed failed failed failed failed",
    ),
    "lies": (
        [
            LIAR,
            *answers(
                ZERO,
                sigmoid="def sigmoid(x):\n    return Liar()",
                sigmoid_slope="def sigmoid_slope(x):\n    return [Liar()] * x.size",
                surviving_gradient="surviving_gradient = Liar()",
                stable_sigmoid="def stable_sigmoid(x):\n    return Text('0.5')",
                logit="def logit(p):\n    return [Number(7)] * p.size",
            ),
        ],
        "failed failed failed failed failed",
    ),
    "peeks": (
        [
            "from course_utils.exercises.ch02_sigmoid import sigmoid as module",
            *answers(
                ZERO,
                sigmoid="def sigmoid(x):\n    return module.reference(x)",
                sigmoid_slope="from course_utils.exercises.ch02_sigmoid.sigmoid_slope import reference as sigmoid_slope",
                surviving_gradient="from course_utils.grading.grade import exercise\nsurviving_gradient = exercise('surviving_gradient').solution",
                stable_sigmoid="import importlib\nstable_sigmoid = importlib.import_module('course_utils.exercises.ch02_sigmoid.stable_sigmoid').stable_sigmoid",
                logit="def logit(p):\n    return sys.modules['course_utils.checking.judge'].np.log(p / (1 - p))",
            ),
        ],
        "forbidden forbidden failed forbidden raised",
    ),
    "ready made": (
        ["from scipy.special import logit as l, expit", *answers(RIGHT, logit="def logit(p):\n    return l(p)")],
        "passed passed passed passed forbidden",
    ),
    "changes the input": (
        answers(RIGHT, sigmoid="def sigmoid(x):\n    np.negative(x, out=x)\n    return 1 / (1 + np.exp(x))"),
        "failed passed passed passed passed",
    ),
    "loops and lists": (
        answers(RIGHT, sigmoid="%matplotlib inline\ndef sigmoid(x):\n    return [1 / (1 + math.exp(-v)) for v in x]"),
        "passed passed passed passed passed",
    ),
    "=cmd()": (answers(RIGHT), "passed passed passed passed passed"),
    "<b>&'/..".replace("/", "\u2044"): (answers(ZERO), "failed failed failed failed failed"),
    "\u674e\u96f7": (answers(RIGHT), "passed passed passed passed passed"),
}
RAW = {"not json": "x = 1", "empty": "", "no cells": "{}", "deep": "[" * 10**5}
UNREADABLE, MISSING = " ".join(["unreadable"] * 5), " ".join(["missing"] * 5)
EXPECTED = {
    **{student: row for student, (_, row) in CLASS.items()},
    **dict.fromkeys(RAW, UNREADABLE),
    "linked": UNREADABLE,
    "nbgrader": "passed passed passed passed passed",
    "not handed in": MISSING,
    "renamed": "passed passed passed passed passed",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A class, graded once: the folder of submissions, the report, what was printed."""
    folder = tmp_path_factory.mktemp("class")
    submitted, out = folder / "submitted", folder / "report"
    for student, (sources, _) in CLASS.items():
        hand_in(submitted / student / f"{CHAPTER}.ipynb", *sources)
    for student, raw in RAW.items():
        hand_in(submitted / student / f"{CHAPTER}.ipynb", raw=raw)
    hand_in(submitted / "nbgrader" / "homework 1" / f"{CHAPTER}.ipynb", *RIGHT.values())
    hand_in(submitted / "not handed in" / "something.ipynb")
    hand_in(submitted / "renamed" / "something.ipynb", *RIGHT.values())
    hand_in(folder / "solutions" / f"{CHAPTER}.ipynb", *RIGHT.values())
    (submitted / "linked").mkdir()
    (submitted / "linked" / f"{CHAPTER}.ipynb").symlink_to(folder / "solutions" / f"{CHAPTER}.ipynb")
    (folder / "temporary").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "temporary"))
        code = grade(submitted, out, jobs=3, timeout=1.0, isolation="auto")
    return submitted, out, code


def test_every_submission_gets_its_rows(graded):
    _, out, code = graded
    found = statuses(out)
    assert {s.removeprefix("'"): row for s, row in found.items()} == EXPECTED
    assert code == 0


def test_the_tables_columns_order_and_points(graded):
    _, out, _ = graded
    rows = table(out)
    assert list(rows[0]) == ["student", "chapter", "exercise", "points", "max_points", "status", "hint", "reason"]
    students = [row["student"].removeprefix("'") for row in rows]
    assert students == [student for student in sorted(EXPECTED) for _ in POINTS]
    assert [row["exercise"] for row in rows] == list(POINTS) * len(EXPECTED)
    for row in rows:
        most = POINTS[row["exercise"]]
        assert (row["chapter"], row["max_points"]) == (CHAPTER, str(most))
        assert row["points"] == str(most if row["status"] == "passed" else 0)


def test_the_hints_are_one_line_for_the_reason(graded):
    _, out, _ = graded
    hints = {(row["student"], row["exercise"]): row["hint"] for row in table(out)}
    assert all(hint and "\n" not in hint for hint in hints.values())
    starts = {
        ("wrong", "sigmoid"): "At x = 0 your result is 2, outside the range from 0 to 1. Work your expression",
        ("broken", "sigmoid"): "Cell 3 raised SyntaxError before it had defined `sigmoid`: expected ':'",
        ("broken", "logit"): "Cell 7 raised NameError before it had defined `logit`: name 'logits' is not defined",
        ("stub only", "logit"): "There is no answer here yet: the function still returns `...`.",
        ("another name", "logit"): "No cell of the notebook defines `logit`.",
        ("raises", "sigmoid"): "`sigmoid(np.array([0.]))` raised ValueError: <b>no</b> (in the line `raise ValueError",
        ("hangs", "logit"): "`logit` did not finish within 10 seconds, and spent most of them waiting. Is there a loop",
        ("dies", "stable_sigmoid"): "Cell 6 ended the process that it ran in (exit code 1).",
        ("memory", "sigmoid"): "`sigmoid` needed more memory than the 3 GB that it may have.",
        ("peeks", "sigmoid"): "Your answer calls `module` ready-made.",
        ("peeks", "surviving_gradient"): "`surviving_gradient(1)` returned an Inert, not a number.",
        ("ready made", "logit"): "Your answer calls `l` ready-made.",
        ("linked", "logit"): "The notebook could not be read: it is a link to a place outside of the student's folder.",
        (
            "not handed in",
            "logit",
        ): "No notebook of this chapter was found among your files, and these were not read: something.ipynb.",
    }
    assert {key: hints[key][: len(start)] for key, start in starts.items()} == starts


def test_totals(graded):
    _, out, _ = graded
    totals = {row["student"]: row for row in table(out, "totals.csv")}
    assert list(totals) == ["'" + s if s == "=cmd()" else s for s in sorted(EXPECTED)]
    assert list(totals["right"]) == ["student", "points", "max_points", CHAPTER]
    points = {s: (totals[s]["points"], totals[s]["max_points"], totals[s][CHAPTER]) for s in ("right", "dies", "empty")}
    assert points == {"right": ("6", "8", "6"), "dies": ("2", "8", "2"), "empty": ("0", "8", "0")}


def test_no_cell_is_a_formula(graded):
    _, out, _ = graded
    for name in ("grades.csv", "totals.csv"):
        with (out / name).open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


class Page(html.parser.HTMLParser):
    """The tags, the links and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name in ("href", "src")]

    def handle_data(self, data):
        self.text += data + " "


def test_the_pages_are_self_contained_and_escaped(graded):
    _, out, _ = graded
    index = Page((out / "index.html").read_text(encoding="utf-8"))
    assert "script" not in index.tags
    assert "b" not in index.tags
    assert "Isolation: " in index.text
    feedback = {link for link in index.links if link.startswith("feedback/")}
    assert len(feedback) == len(EXPECTED) == len(list((out / "feedback").iterdir()))
    for link in feedback:
        page = Page(
            (out / link.replace("%25", "%")).read_text(encoding="utf-8") if link.isascii() and "%E" not in link else ""
        )
        assert not {"script", "link", "img", "iframe", "b"} & set(page.tags)
        assert page.links == []
    raises = Page((out / "feedback" / "raises.html").read_text(encoding="utf-8"))
    assert "ValueError: <b>no</b>" in raises.text
    assert "2 of 8 points" in raises.text


def test_every_file_says_the_same(graded):
    """A student's sum, by six ways out of the report."""
    _, out, _ = graded
    sums = {}
    for row in table(out):
        sums[row["student"]] = sums.get(row["student"], 0) + int(row["points"])
    assert {row["student"]: int(row["points"]) for row in table(out, "totals.csv")} == sums
    assert {row["username"]: int(row[CHAPTER]) for row in table(out, "moodle.csv")} == sums
    possible, *canvas = table(out, "canvas.csv")
    assert possible[CHAPTER] == "8"
    assert {row["SIS Login ID"]: int(row[CHAPTER]) for row in canvas} == sums
    for student, points in sums.items():
        name = files.file_name(student.removeprefix("'"))
        result = json.loads((out / "gradescope" / f"{name}.json").read_text())
        assert sum(test["score"] for test in result["tests"]) == points
        assert f"{points} of 8 points." in (out / "feedback" / f"{name}.html").read_text(encoding="utf-8")
    assert len(list((out / "gradescope").iterdir())) == len(sums)
    held = [row["misconception"] for row in table(out, "misconceptions.csv")]
    assert "operator_precedence" in held


def test_the_run_is_recorded(graded):
    submitted, out, _ = graded
    text = (out / "run.json").read_text(encoding="utf-8")
    run = json.loads(text)
    assert 0 <= run["seed"] < 2**32
    assert run["isolation"]["used"] in levels.LEVELS
    assert run["students"] == len(EXPECTED)
    assert sum(run["rows"].values()) == len(POINTS) * len(EXPECTED)
    assert run["finished"] is True
    assert run["failures"] == []
    assert "numpy" in run["versions"]
    assert str(submitted.parent) not in text
    assert str(Path.home()) not in text


def test_no_folder_is_left(graded):
    submitted, _, _ = graded
    assert os.listdir(submitted.parent / "temporary") == []


def test_tensorflow(tmp_path):
    """Answers through a GradientTape and tf.function (with a Python `if` on a tensor), and the ready-made function."""
    tape = """
def sigmoid_slope(x):
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.sigmoid(x)
    return tape.gradient(y, x)
"""
    graph = """
@tf.function
def stable_sigmoid(x):
    z = tf.exp(-tf.abs(x))
    if tf.reduce_all(x >= 0):
        return 1 / (1 + z), z / (1 + z) ** 2
    return tf.where(x >= 0, 1 / (1 + z), z / (1 + z)), z / (1 + z) ** 2
"""
    ready = "def sigmoid(x):\n    return tf.nn.sigmoid(x)"
    logit = "def logit(p):\n    import keras\n    return keras.ops.log(p) - keras.ops.log1p(-p)"
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", "import tensorflow as tf", tape, graph, ready, logit)
    assert grade(tmp_path / "in", tmp_path / "out", timeout=60.0) == 0
    assert statuses(tmp_path / "out") == {"ann": "forbidden passed missing passed passed"}


# ---- the grader's own failures


def small_class(folder):
    for student in ("ann", "bob"):
        hand_in(folder / student / f"{CHAPTER}.ipynb", *answers(STUB, logit=RIGHT["logit"], sigmoid=RIGHT["sigmoid"]))
    return folder


def test_a_judge_that_fails_is_no_zero(tmp_path, monkeypatch, capsys):
    def judge(spec, call, seed, calls):
        if spec.name == "logit":
            raise ZeroDivisionError("ours, at /home/teacher/secret.py")
        return Verdict(spec.name, "passed", spec.points, spec.points, "All right.")

    monkeypatch.setattr(notebook_module, "judge", judge)
    assert grade(small_class(tmp_path / "in"), tmp_path / "out", isolation="process") == 1
    assert statuses(tmp_path / "out") == dict.fromkeys(("ann", "bob"), "passed missing missing missing not_run")
    assert [row["points"] for row in table(tmp_path / "out")] == ["1", "0", "0", "0", "", "0"] * 2
    assert [list(row.values()) for row in table(tmp_path / "out", "totals.csv")] == [["ann", "", "8", ""], ["bob", "", "8", ""]]  # fmt: skip
    assert "Not yet all of 8 points" in (tmp_path / "out" / "feedback" / "ann.html").read_text()
    run = (tmp_path / "out" / "run.json").read_text()
    assert "ann, 02_sigmoid: logit: ZeroDivisionError: ours, at secret.py (test_grading.py, line" in run
    assert "The grader itself failed: ann, 02_sigmoid: logit" in capsys.readouterr().err


def test_a_process_that_can_not_be_started_is_no_zero(tmp_path, monkeypatch):
    monkeypatch.setattr(grade_module, "opened", lambda level, hidden, preload: OneByOne("process"))
    monkeypatch.setattr(levels, "command", lambda level, python, **_: ["/nothing/there"])
    assert grade(small_class(tmp_path / "in"), tmp_path / "out") == 1
    assert statuses(tmp_path / "out") == dict.fromkeys(("ann", "bob"), "not_run missing missing missing not_run")


def test_one_submissions_failure_is_not_the_others(tmp_path, monkeypatch):
    read = grade_module.submissions.read

    def failing(path, root):
        if path.parent.name == "ann":
            raise RuntimeError("ours")
        return read(path, root)

    monkeypatch.setattr(grade_module.submissions, "read", failing)
    assert grade(small_class(tmp_path / "in"), tmp_path / "out", isolation="process") == 1
    assert statuses(tmp_path / "out") == {
        "ann": "not_run not_run not_run not_run not_run",
        "bob": "passed missing missing missing passed",
    }


def test_cells_that_hang_while_they_are_loaded(tmp_path, monkeypatch):
    monkeypatch.setattr(notebook_module, "LOADING", 1.5)
    hang = "while True: pass"
    hand_in(tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb", hang, *answers(RIGHT, logit="def logit(p):\n    return p"))
    hand_in(
        tmp_path / "in" / "bob" / f"{CHAPTER}.ipynb", *answers(RIGHT, sigmoid=f"{hang}\ndef sigmoid(x):\n    return x")
    )
    hand_in(tmp_path / "in" / "cy" / f"{CHAPTER}.ipynb", *[hang] * 9, *answers(RIGHT))
    assert grade(tmp_path / "in", tmp_path / "out", timeout=1.5, isolation="process") == 0
    assert statuses(tmp_path / "out") == {
        "ann": "passed passed passed passed failed",
        "bob": "timeout passed passed passed passed",
        "cy": "timeout timeout timeout timeout timeout",
    }
    left_out = next(row["hint"] for row in table(tmp_path / "out") if row["status"] == "failed")
    assert "(Cell 3 was left out: Cell 3 did not finish within 1.5 seconds.)" in left_out


def test_judging_touches_neither_streams_nor_filters(tmp_path, monkeypatch):
    """They are the whole process's, and several threads judge at a time."""

    def exchanging():
        raise AssertionError("the judge has exchanged stdout")

    monkeypatch.setattr(observe_module, "_quiet", exchanging)
    hand_in(
        tmp_path / "in" / "ann" / f"{CHAPTER}.ipynb",
        *answers(ZERO, logit="def logit(p):\n    return np.log10(p / (1 - p))"),
    )
    assert grade(tmp_path / "in", tmp_path / "out", isolation="process") == 0
    assert statuses(tmp_path / "out")["ann"] == "failed failed failed failed failed"
    (row,) = (row for row in table(tmp_path / "out") if row["exercise"] == "logit")
    assert any(m.hint in row["hint"] for m in exercise("logit").misconceptions)  # they were tried


# ---- the command's usage


def test_the_summary(tmp_path, capsys):
    (tmp_path / "in" / "cy").mkdir(parents=True)
    assert grade(small_class(tmp_path / "in"), tmp_path / "out", isolation="process") == 0
    out = tmp_path / "out"
    assert capsys.readouterr().out == (
        "3 students, 18 rows: 14 missing, 4 passed.\n"
        f"Report: {out / 'index.html'}, {out / 'grades.csv'}, {out / 'totals.csv'}\n"
    )


def test_what_is_not_graded_is_said(tmp_path, capsys):
    hand_in(small_class(tmp_path / "in") / "ann" / "mine.ipynb")
    grade(tmp_path / "in", tmp_path / "out", isolation="process")
    sentence = "ann: no notebook of a chapter's exercises, not graded: mine.ipynb."
    assert capsys.readouterr().err == f"Warning: {sentence}\n"
    assert sentence in html.unescape((tmp_path / "out" / "index.html").read_text())


def refusal(capsys, *arguments, **options):
    assert grade(*arguments, **options) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.strip()


def test_nothing_to_grade(tmp_path, capsys):
    assert refusal(capsys, tmp_path / "no", tmp_path / "out") == f"There is no folder {tmp_path / 'no'}."
    folder = tmp_path / "in"
    folder.mkdir()
    nothing = f"Nothing to grade in {folder}: expected notebooks like <student>/{CHAPTER}.ipynb or <student>/<assignment>/{CHAPTER}.ipynb."  # fmt: skip
    for student in ("", "ann"):
        (folder / student).mkdir(exist_ok=True)
        assert refusal(capsys, folder, tmp_path / "out").replace("01_why_nonlinearity", CHAPTER) == nothing
    hand_in(folder / f"{CHAPTER}.ipynb")
    assert f"{CHAPTER}.ipynb lies in no student's folder" in refusal(capsys, folder, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_peoples_files_are_not_overwritten(tmp_path, capsys):
    submitted, foreign, file = small_class(tmp_path / "in"), tmp_path / "foreign", tmp_path / "file"
    foreign.mkdir()
    (foreign / "grades.csv").write_text("mine")
    file.write_text("mine")
    assert "is a file" in refusal(capsys, submitted, file)
    assert "no report of this command" in refusal(capsys, submitted, foreign)
    assert "no report of this command" in refusal(capsys, submitted, tmp_path)
    assert "lies inside the submissions" in refusal(capsys, submitted, submitted)
    assert "lies inside the submissions" in refusal(capsys, submitted, submitted / "ann" / "report")
    assert "can't be written" in refusal(capsys, submitted, file / "report", isolation="process")
    assert (foreign / "grades.csv").read_text() == file.read_text() == "mine"
    assert sorted(path.name for path in foreign.iterdir()) == ["grades.csv"]


def test_a_report_is_replaced_and_notes_beside_it_stay(tmp_path):
    submitted, out = small_class(tmp_path / "in"), tmp_path / "out"
    assert grade(submitted, out, isolation="process") == 0
    (out / "feedback" / "notes.html").write_text("mine")
    first = (out / "run.json").read_text()
    (submitted / "bob" / f"{CHAPTER}.ipynb").unlink()
    (submitted / "bob").rmdir()
    assert grade(submitted, out, isolation="process") == 0
    assert sorted(os.listdir(out / "feedback")) == ["ann.html", "notes.html"]
    assert set(statuses(out)) == {"ann"}
    assert json.loads(first)["seed"] != json.loads((out / "run.json").read_text())["seed"]


def test_a_report_names_no_file_outside_of_its_feedback(tmp_path):
    (tmp_path / "run.json").write_text(json.dumps({"made_by": "course grade", "files": ["../x", "feedback/../../x.html", 7, "feedback/a.html"]}))  # fmt: skip
    assert report_files.written_before(tmp_path) == ["feedback/a.html"]


def test_levels_of_isolation(tmp_path, monkeypatch, capsys):
    submitted, out = small_class(tmp_path / "in"), tmp_path / "out"

    def works(level, hidden, preload):
        if level == "bubblewrap":
            raise CannotStart("bwrap is ill")
        return OneByOne(level)

    monkeypatch.setattr(grade_module, "opened", works)
    assert "Bubblewrap can't be used here: bwrap is ill." in refusal(capsys, submitted, out, isolation="bubblewrap")
    assert "Unknown isolation 'docker'" in refusal(capsys, submitted, out, isolation="docker")
    assert not out.exists()
    assert grade(submitted, out, isolation="auto") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Isolation: process only, because bwrap is ill. Not contained: ")
    assert len(lines) == 3
    assert json.loads((out / "run.json").read_text())["isolation"]["used"] == "process"

    def nothing_works(level, hidden, preload):
        raise CannotStart("no fork")

    monkeypatch.setattr(grade_module, "opened", nothing_works)
    assert "No process for submissions can be started here: no fork." in refusal(capsys, submitted, tmp_path / "o2")


# ---- the files of a report

FILE_NAMES = [
    ("ann", "ann"),
    ("Ann B.", "Ann%20B."),
    ("=cmd()", "%3Dcmd%28%29"),
    ("a%20", "a%2520"),
    ("\u674e\u96f7", "\u674e\u96f7"),
    ("\udcff", "%FF"),
    ("x" * 200, "x" * 87 + "-d9cd8155764c"),
]


@pytest.mark.parametrize(("student", "name"), FILE_NAMES)
def test_file_names(student, name):
    assert files.file_name(student)[:88] == name[:88]
    assert len(os.fsencode(files.file_name(student))) <= 100


@pytest.mark.parametrize(("cell", "written"), [("=1", "'=1"), ("+1", "'+1"), ("-1", "'-1"), ("@a", "'@a"), ("\ta", "'\ta"), ("\ra", "'\ra"), ("a=", "a="), ("", ""), (3, 3)])  # fmt: skip
def test_formulas_are_defused(cell, written):
    assert files.defused(cell) == written


def test_text_that_no_file_can_hold(tmp_path):
    rows = [Row("a\udcff\nb", CHAPTER, Verdict("logit", "failed", 0, 1, "line\none\x1b[31m \ud800", "=hint"))]
    written(tmp_path, rows)
    (row,) = table(tmp_path)
    assert row["student"] == "a\\udcff\\nb"
    assert row["hint"] == "line one [31m =hint"
    assert (tmp_path / "feedback" / "a%FF%0Ab.html").exists()


def test_a_file_is_never_half_written(tmp_path, monkeypatch):
    path = tmp_path / "grades.csv"
    files.write_file(path, "old")

    def fails(source, target):
        raise OSError("the disk is full")

    monkeypatch.setattr(files.os, "replace", fails)
    with pytest.raises(OSError, match="the disk is full"):
        files.write_file(path, "new")
    assert [file.name for file in tmp_path.iterdir()] == ["grades.csv"]
    assert path.read_text() == "old"


# ---- a teacher's own marks, and what changed


def test_marks_by_hand_survive_a_regrade_and_are_named(tmp_path, capsys):
    submitted, out = small_class(tmp_path / "in"), tmp_path / "out"
    assert grade(submitted, out, isolation="process") == 0
    assert "changed" not in capsys.readouterr().out
    kept = out / "overrides.csv"
    kept.write_text("student,exercise,points,reason\nann,sigmoid_slope,1,Seen on paper\n")
    for printed in ("1 mark changed since the last report:\n  ann, sigmoid_slope: missing, 0 -> missing, 1 (set by hand): Set by hand: Seen on paper\n", "No mark changed since the last report.\n"):  # fmt: skip
        assert grade(submitted, out, isolation="process") == 0
        assert printed in capsys.readouterr().out
        assert [row["points"] for row in table(out)] == ["1", "1", "0", "0", "1", "0", "1", "0", "0", "0", "1", "0"]
    mine = tmp_path / "mine.csv"
    mine.write_text("student,exercise,points,reason\nbob,logit,0,Not their own\n")
    hand_in(submitted / "ann" / f"{CHAPTER}.ipynb", *answers(STUB, logit=RIGHT["logit"]))
    assert grade(submitted, out, isolation="process", overrides=mine) == 0
    assert [row["points"] for row in table(out)] == ["0", "0", "0", "0", "1", "0", "1", "0", "0", "0", "0", "0"]
    printed = capsys.readouterr().out
    assert "ann, sigmoid: passed, 1 -> missing, 0: The submission changed.\n" in printed
    assert "ann, sigmoid_slope: missing, 1 (set by hand) -> missing, 0: The mark set by hand was taken back. The submission changed.\n" in printed  # fmt: skip
    assert "bob, logit: passed, 1 -> passed, 0 (set by hand): Set by hand: Not their own\n" in printed
    assert kept.exists()


def test_a_bad_mark_by_hand_stops_before_anything_is_written(tmp_path, capsys):
    submitted, mine = small_class(tmp_path / "in"), tmp_path / "mine.csv"
    mine.write_text("student,exercise,points,reason\nanm,logit,1,x\n")
    said = refusal(capsys, submitted, tmp_path / "out", overrides=mine)
    assert said == "mine.csv, line 2: there is no student 'anm' among the submissions. Did you mean 'ann'?"
    assert "can't be read" in refusal(capsys, submitted, tmp_path / "out", overrides=tmp_path / "no.csv")
    assert not (tmp_path / "out").exists()
