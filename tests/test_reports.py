"""What the grader writes: pages, tables, a teacher's own marks, and what changed since the last report."""

import csv
import html.parser
import io
import json
import random
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from course_utils.checking.judge import Verdict
from course_utils.exercises import chapters, exercise
from course_utils.grading import alike, changes, class_statistics, handed_in, overrides, reports, tables
from course_utils.grading.answers import Code
from course_utils.grading.progress import progress
from course_utils.grading.rows import Override, Row
from course_utils.grading.submissions import Cell, HandedIn

CHAPTER, OTHER = "02_sigmoid", "05_tanh"
NAMES = chapters()[CHAPTER]
RUN = {"isolation": {"used": "process"}, "students": 1, "warnings": [], "seed": 7, "timeout_seconds": 10.0, "versions": {"python": "3.11"}}  # fmt: skip
EVIL = [
    '"><script>alert(1)</script>',
    "O'Neil, Ann",
    'a "b"',
    "x\ny",
    "=HYPERLINK(1)",
    "..\u2044up",
    "%2e%2e",
    "\u674e\u96f7",
]


def row(student, name="sigmoid", status="passed", *, message="Seen.", hint="Try.", wrong="", points=..., **more):
    spec = exercise(name)
    earned = {"passed": spec.points, "not_run": None}.get(status, 0) if points is ... else points
    return Row(student, spec.chapter, Verdict(name, status, earned, spec.points, message, hint, wrong), **more)


def rows_of(student, statuses):
    return [row(student, name, status) for name, status in zip(NAMES, statuses.split(), strict=True)]


def run_of(rows):
    return RUN | {"rows": reports.count(rows), "students": len({r.student for r in rows})}


def written(out, rows, **more):
    changed = reports.write(out, rows, list(dict.fromkeys(r.chapter for r in rows)), run_of(rows), **more)
    return changed


class Page(html.parser.HTMLParser):
    """Tags with their attributes, and the text, of a page whose tags all close."""

    OPEN = frozenset(("meta", "rect", "line", "polyline", "br"))

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self._open = [], "", []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.OPEN:
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.OPEN:
            assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "

    def __contains__(self, words):
        return words in " ".join(self.text.split())


def read(path):
    return Page(path.read_text(encoding="utf-8"))


# ---- a student's page


def sources(tmp_path, student, *cells):
    path = tmp_path / "in" / student / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    code = [{"cell_type": "code", "source": cell} for cell in cells]
    path.write_text(json.dumps({"cells": code}))
    found = HandedIn((student,), (CHAPTER,), {(student, CHAPTER): path}, ())
    return handed_in.Sources(found, tmp_path / "in")


def test_a_students_page_holds_the_checks_sentences_and_their_own_code(tmp_path):
    cell = "import os\nx = 1\n\ndef sigmoid(x):\n    # <b> & </pre>\n    return 1 / 1 + np.exp(-x)\n\nprint('below')"
    known = sources(tmp_path, "ann", cell, "def logit(p):\n    return ...")
    rows = [
        row("ann", status="failed", message="At x = 0 your result is `2`.", hint="Which comes first?"),
        row("ann", "logit", "missing"),
    ]
    written(tmp_path / "out", rows, sources=known)
    page = read(tmp_path / "out" / "feedback" / "ann.html")
    assert "At x = 0 your result is 2 . Next step: Which comes first?" in page
    assert "def sigmoid(x): # <b> & </pre> return 1 / 1 + np.exp(-x)" in page
    assert not any(words in page for words in ("import os", "below", "return ..."))
    assert [tag for tag, _ in page.tags].count("pre") == 1
    assert "0 of 2 points." in page


OWN = [
    ("def f(x):\n    return x", "def f(x):\n    return x"),
    ("@a\n@b(1)\ndef f(x):\n    return x\ng = 1", "@a\n@b(1)\ndef f(x):\n    return x"),
    ("y = 2; f = lambda x: x", "y = 2; f = lambda x: x"),
    ("def g(x): return x\n\nf = g", "def g(x): return x\n\nf = g"),
    (
        "class A:\n    def __call__(self, x): return x\nf = A()",
        "class A:\n    def __call__(self, x): return x\nf = A()",
    ),
    ("s = '\x0c'\rdef f(x):\n    return x", "def f(x):\n    return x"),
    ("def f(x)\n    return x", "def f(x)\n    return x"),
    ("def f(x):\n    return ...", ""),
    ("g = 1", ""),
    ("def f(x):\n    '''" + "y" * 9000 + "'''\n    return x", "def f(x):\n    '''" + "y" * 7983 + "\n... (cut here)"),
]


@pytest.mark.parametrize(("cell", "shown"), OWN)
def test_own_code(cell, shown):
    assert handed_in.own_code(Code([Cell(1, cell)]), "f") == shown


def test_own_code_of_nested_code_that_no_stack_can_hold():
    assert handed_in.own_code(Code([Cell(1, "f = " + "(" * 5000 + ")" * 5000)]), "f").startswith("f = ((((")


def test_a_page_without_a_submission_that_can_be_read(tmp_path):
    known = sources(tmp_path, "ann", "def sigmoid(x):\n    return x")
    known._notebooks["ann", CHAPTER].write_text("{")
    written(tmp_path / "out", rows_of("ann", "unreadable unreadable unreadable unreadable unreadable"), sources=known)
    assert "pre" not in [tag for tag, _ in read(tmp_path / "out" / "feedback" / "ann.html").tags]


@pytest.mark.parametrize("student", EVIL)
def test_names_do_no_harm(tmp_path, student):
    rows = [row(student, status="forbidden", message=student, hint=student, wrong="step_function", notes=(student,))]
    written(tmp_path, rows)
    pages = [read(tmp_path / "index.html"), *(read(path) for path in (tmp_path / "feedback").iterdir())]
    assert len(pages) == 2
    for page in pages:
        assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in page.tags}
        links = [a[key] for _, a in page.tags for key in ("href", "src") if key in a]
        assert all(link.startswith("feedback/") or link in (*tables_names(), "changes.csv", "#eye") for link in links)
    for name in tables_names():
        cells = [cell for line in csv.reader(io.StringIO((tmp_path / name).read_text())) for cell in line]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r"))]
        assert not [cell for cell in cells if cell.startswith("-") and cell != "-"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.resolve().is_relative_to(tmp_path) for path in files)


def tables_names():
    return ("grades.csv", "totals.csv", "misconceptions.csv", "canvas.csv", "moodle.csv")


def test_pages_are_whole_in_light_and_dark_and_say_what_pictures_show(tmp_path):
    rng = random.Random(0)
    every = [r for n in range(30) for r in rows_of(f"s{n:02}", " ".join(rng.choices(["passed", "failed"], k=5)))]
    written(tmp_path, every)
    page = read(tmp_path / "index.html")
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert [p["role"] for p in pictures] == ["img"]
    assert pictures[0]["aria-label"].startswith("Histogram of the students' total points: ")
    text = (tmp_path / "index.html").read_text()
    assert "prefers-color-scheme:dark" in text
    assert "http" not in text.replace("http-equiv", "")
    assert all(attributes.get("scope") for tag, attributes in page.tags if tag == "th")


# ---- the class's page


def test_the_page_of_the_class_counts_misconceptions_and_shows_their_hints(tmp_path):
    wrong = ["operator_precedence", "operator_precedence", "step_function", ""]
    rows = [row(f"s{n}", status="failed", wrong=name) for n, name in enumerate(wrong)]
    found = class_statistics.misconceptions(rows)
    assert [(held.name, held.students) for held in found] == [("operator_precedence", ("s0", "s1")), ("step_function", ("s2",))]  # fmt: skip
    written(tmp_path, rows)
    lines = list(csv.DictReader(io.StringIO((tmp_path / "misconceptions.csv").read_text())))
    assert [(line["exercise"], line["misconception"], line["learners"]) for line in lines] == [("sigmoid", "operator_precedence", "2"), ("sigmoid", "step_function", "1")]  # fmt: skip
    page = read(tmp_path / "index.html")
    for name in ("operator_precedence", "step_function"):
        hint = next(m.hint for m in exercise("sigmoid").misconceptions if m.name == name)
        assert " ".join(hint.split()) in page
        assert name.replace("_", " ") in page


def test_what_needs_a_person_is_listed_and_nothing_else(tmp_path):
    statuses = [
        "passed",
        "failed",
        "raised",
        "timeout",
        "memory",
        "crashed",
        "missing",
        "unreadable",
        "forbidden",
        "not_run",
    ]
    rows = [row(status, status=status, message=f"Seen: {status}.") for status in statuses]
    rows.append(row("odd", notes=("It reached for the results.",)))
    rows.append(row("settled", status="forbidden", message="Settled.", override=Override(1, "It was a comparison.")))
    written(tmp_path, rows)
    text = (tmp_path / "index.html").read_text()
    part = Page(text[text.index('<h2 id="eye">') : text.index("<h2>All students")])
    listed = [status for status in statuses if f"Seen: {status}." in part]
    assert listed == ["timeout", "memory", "crashed", "unreadable", "forbidden", "not_run"]
    assert "It reached for the results." in part
    assert "Settled." not in part


def test_what_is_the_same_for_a_whole_notebook_is_listed_once(tmp_path):
    written(tmp_path, [*rows_of("ann", "unreadable " * 5), *rows_of("bob", "passed not_run passed passed not_run")])
    text = (tmp_path / "index.html").read_text()
    part = Page(text[text.index('<h2 id="eye">') : text.index("<h2>All students")])
    lines = [cell for tag, cell in part.tags if tag == "td" and cell["data-label"] == "exercises"]
    assert len(lines) == 2
    assert f"{', '.join(NAMES)} unreadable" in part
    assert f"{NAMES[1]}, {NAMES[4]} not_run" in part
    assert "2 things for a person's eye" in read(tmp_path / "index.html")


def test_items_say_who_passed_and_correlate_with_all_the_others():
    rng = np.random.default_rng(0)
    passed = rng.random((40, 5)) < np.linspace(0.2, 0.9, 40)[:, None]
    passed[:, 4] = True
    every = [
        r for n, line in enumerate(passed) for r in rows_of(f"s{n:02}", " ".join(np.where(line, "passed", "failed")))
    ]
    found = class_statistics.items(every)
    points = passed * [exercise(name).points for name in NAMES]
    for place, item in enumerate(found[:4]):
        others = [name for name in range(5) if name != place]
        x, y = points[:, place] - points[:, place].mean(), points[:, others].sum(1) - points[:, others].sum(1).mean()
        assert item.discrimination == pytest.approx((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))
        assert (item.name, item.passed, item.answered, item.students) == (NAMES[place], passed[:, place].sum(), 40, 40)
    assert found[4].discrimination is None  # everybody passed
    few = [r for r in every if r.student < "s19"]
    assert [item.discrimination for item in class_statistics.items(few)] == [None] * 5


def test_items_leave_out_who_handed_in_nothing_and_what_failed_in_the_grader():
    absent = [row("cy", name, "missing", message="The notebook of this chapter was not handed in.") for name in NAMES]
    every = [
        *rows_of("ann", "passed failed missing passed passed"),
        *rows_of("bob", "not_run failed passed passed passed"),
        *absent,
    ]
    found = {item.name: (item.passed, item.answered) for item in class_statistics.items(every)}
    assert [found[name] for name in NAMES] == [(1, 1), (0, 2), (1, 2), (2, 2), (2, 2)]
    assert {item.students for item in class_statistics.items(every)} == {1}


@pytest.mark.parametrize("highest", [1, 3, 13, 14, 28, 40])
def test_every_total_is_in_one_bin(highest):
    rows = [replace(row(f"s{n}"), override=Override(n / 2, "")) for n in range(2 * highest + 1)]
    rows = [replace(r, verdict=replace(r.verdict, max_points=highest)) for r in rows]
    edges, counts = class_statistics.score_bins(rows)
    assert sum(counts) == len(rows)
    assert len(counts) <= class_statistics.MOST_BARS + 1
    ends = [*edges[1:], highest + 1]
    assert counts == [sum(low <= r.points < high for r in rows) for low, high in zip(edges, ends, strict=True)]


# ---- code that is alike

LONG = """def {name}(x):
    y = np.asarray(x, float)
    z = np.zeros_like(y)
    for i in range(y.size):
        z.flat[i] = y.flat[i] ** {power} + {power}
    return z"""


def prints(written):
    """student -> {exercise: fingerprint} for thirty students with code of their own, and some with the code given."""
    every = {f"s{n:02}": {name: LONG.format(name=name, power=n + 2) for name in NAMES} for n in range(30)}
    for student, own in written.items():
        every[student] |= own
    return {student: {name: alike.fingerprint(code) for name, code in own.items()} for student, own in every.items()}


def shared(*students, names=NAMES[:3], code=LONG):
    return prints({student: {name: code.format(name=name, power="n") for name in names} for student in students})


def test_the_same_long_code_that_hardly_anybody_else_wrote():
    assert alike.sentences(shared("s03", "s17")) == [
        "s03 and s17: the same code in 3 exercises: sigmoid, sigmoid_slope, surviving_gradient."
    ]
    assert len(alike.sentences(shared("s03", "s04", "s17"))) == 3


SHORT = "def {name}(x):\n    return 1 / (1 + np.exp(-x)) * {power}"
FAIR = {
    "two exercises only": shared("s03", "s17", names=NAMES[:2]),
    "many wrote so": shared("s03", "s04", "s05", "s06"),
    "short": shared("s03", "s17", code=SHORT),
    "everybody's own": prints({}),
    "a small class": dict(list(shared("s00", "s01").items())[:9]),
}


@pytest.mark.parametrize("case", FAIR)
def test_no_hint_where_it_would_not_be_fair(case):
    assert alike.sentences(FAIR[case]) == []


def test_the_courses_own_answer_is_nobodys_sign(monkeypatch):
    code = {name: LONG.format(name=name, power="n") for name in NAMES}
    monkeypatch.setattr(alike.inspect, "getsource", lambda solution: code[solution.__name__])
    assert alike.sentences(prints({"s03": code, "s17": code})) == []


def test_a_fingerprint_sees_the_code_alone():
    code = LONG.format(name="f", power="3")
    noisy = code.replace("    y =", '    """What it does."""\n    # so\n    y  =')
    assert alike.fingerprint(noisy) == alike.fingerprint(textwrap.indent(code, "  ")) == alike.fingerprint(code) != ""
    assert alike.fingerprint(code.replace("z", "w")) != alike.fingerprint(code)
    assert alike.fingerprint("def f(x)\n return") == ""


# ---- tables for other programs


def test_canvas_reads_its_gradebook_file():
    """By the rules of Canvas's importer: the first two titles, Section before the assignments, points possible below."""
    rows = [
        *rows_of("ann", "passed passed passed passed failed"),
        *rows_of("bob", "not_run passed passed passed passed"),
    ]
    head, possible, ann, bob = csv.reader(io.StringIO(tables.canvas_csv(rows, [CHAPTER])))
    assert "Student" in head[0]
    assert "ID" in head[1]
    assert head[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    assert "Points Possible" in possible[0]
    assert possible[5] == "6"
    assert (ann[3], ann[5]) == ("ann", "5")
    assert (bob[3], bob[5]) == ("bob", "")


def test_moodle_reads_its_grade_file():
    rows = [
        *rows_of("ann", "passed passed passed passed failed"),
        *rows_of("bob", "not_run passed passed passed passed"),
    ]
    assert list(csv.reader(io.StringIO(tables.moodle_csv(rows, [CHAPTER])))) == [["username", CHAPTER], ["ann", "5"], ["bob", "-"]]  # fmt: skip


def test_gradescopes_results(tmp_path):
    rows = [
        row("ann", status="failed", hint="Which comes first?"),
        row("ann", "logit"),
        row("ann", "stable_sigmoid", "not_run"),
    ]
    rows.append(row("ann", "sigmoid_slope", "raised", override=Override(0.5, "Nearly.")))
    written(tmp_path, rows)
    result = json.loads((tmp_path / "gradescope" / "ann.json").read_text())
    tests = {test["name"]: test for test in result["tests"]}
    assert {name: (test.get("score", "none"), test["max_score"]) for name, test in tests.items()} == {
        "02_sigmoid: sigmoid": (0, 1),
        "02_sigmoid: logit": (1, 1),
        "02_sigmoid: stable_sigmoid": ("none", 2),
        "02_sigmoid: sigmoid_slope": (0.5, 1),
    }
    assert tests["02_sigmoid: sigmoid"]["output"].endswith("Next step: Which comes first?")
    assert tests["02_sigmoid: sigmoid_slope"]["output"].endswith("Your teacher set this to 0.5 of 1 points: Nearly.")
    allowed = {
        "score",
        "max_score",
        "status",
        "name",
        "number",
        "output",
        "output_format",
        "tags",
        "visibility",
        "extra_data",
    }
    assert all(test.keys() <= allowed for test in tests.values())
    assert "score" not in result  # it would stand in place of the tests' sum


# ---- a teacher's own marks

HEAD = "student,exercise,points,reason\n"


def marks(tmp_path, text, students=("ann", "bob", "=cmd()"), encoding="utf-8"):
    path = tmp_path / "overrides.csv"
    path.write_bytes(text.encode(encoding))
    return overrides.read(path, students, NAMES)


def test_marks_by_hand(tmp_path):
    text = HEAD + 'ann,sigmoid,1,"Right, by another way"\n\nbob,stable_sigmoid,1.5,Half\n\'=cmd(),logit,0,Copied\n'
    assert marks(tmp_path, text) == {
        ("ann", "sigmoid"): Override(1, "Right, by another way"),
        ("bob", "stable_sigmoid"): Override(1.5, "Half"),
        ("=cmd()", "logit"): Override(0, "Copied"),
    }


def test_marks_by_hand_as_a_spreadsheet_saves_them(tmp_path):
    text = "\ufeffStudent;Exercise;Points;Reason\r\nann;stable_sigmoid;0,5;Half\r\n"
    assert marks(tmp_path, text) == {("ann", "stable_sigmoid"): Override(0.5, "Half")}


FAULTS = {
    "anm,sigmoid,1,x": "line 2: there is no student 'anm' among the submissions. Did you mean 'ann'?",
    "ann,sigmod,1,x": "line 2: there is no exercise 'sigmod' in the graded chapters. Did you mean 'sigmoid'?",
    "ann,tanh,1,x": "line 2: there is no exercise 'tanh' in the graded chapters.",
    "ann,sigmoid,2,x": "line 2: expected points from 0 to 1, found '2'.",
    "ann,sigmoid,-1,x": "line 2: expected points from 0 to 1, found '-1'.",
    "ann,sigmoid,nan,x": "line 2: expected points from 0 to 1, found 'nan'.",
    "ann,sigmoid,one,x": "line 2: expected points from 0 to 1, found 'one'.",
    "ann,sigmoid,,x": "line 2: expected points from 0 to 1, found ''.",
    "ann,sigmoid,1, ": "line 2: a reason is missing; the student reads it.",
    "ann,sigmoid,1": "line 2: expected 4 cells (student, exercise, points, reason), found 3.",
    "ann,sigmoid,1,so,so": "line 2: expected 4 cells (student, exercise, points, reason), found 5.",
    "ann,sigmoid,1,x\nbob,logit,1,x\nann,sigmoid,0,y": "line 4: ann, sigmoid was set in line 2 already.",
    '"ann\nbob",sigmoid,1,x\nann,logit,7,x': "line 4: expected points from 0 to 1, found '7'.",
}


@pytest.mark.parametrize("lines", FAULTS)
def test_a_bad_line_is_named_with_what_it_should_hold(tmp_path, lines):
    with pytest.raises(overrides.Faulty) as fault:
        marks(tmp_path, HEAD + lines + "\n")
    assert f"overrides.csv, {FAULTS[lines]}" in str(fault.value)


def test_every_bad_line_is_named_up_to_ten(tmp_path):
    with pytest.raises(overrides.Faulty) as fault:
        marks(tmp_path, HEAD + "cy,sigmoid,1,x\n" * 13)
    assert len(str(fault.value).splitlines()) == 11
    assert str(fault.value).endswith("... and 3 more lines like these.")


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("", "utf-8", "expected the columns student,exercise,points,reason in the first line, found nothing."),
        ("name,points\n", "utf-8", "found name,points."),
        (HEAD + "ann,sigmoid,1,sch\u00f6n", "latin-1", "is not in UTF-8"),
        (HEAD + "ann,sigmoid,1," + "x" * 140_000, "utf-8", "the file is no CSV from line 2 on: field larger than"),
        ("x" * 140_000, "utf-8", "the file is no CSV from line 1 on: field larger than"),
    ],
)
def test_a_file_that_is_no_table(tmp_path, text, encoding, words):
    with pytest.raises(overrides.Faulty, match=words):
        marks(tmp_path, text, encoding=encoding)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(overrides.Faulty, match="can't be read: No such file"):
        overrides.read(tmp_path / "overrides.csv", ["ann"], NAMES)


def test_a_mark_by_hand_counts_everywhere(tmp_path):
    rows = rows_of("ann", "failed passed passed passed not_run")
    given = {("ann", "sigmoid"): Override(0.5, "A good start."), ("ann", "logit"): Override(1, "Read by me.")}
    written(tmp_path, overrides.apply(rows, given))
    lines = list(csv.DictReader(io.StringIO((tmp_path / "grades.csv").read_text())))
    assert [(line["points"], line["status"]) for line in lines] == [("0.5", "failed"), ("1", "passed"), ("1", "passed"), ("2", "passed"), ("1", "not_run")]  # fmt: skip
    assert lines[0]["hint"] == "Your teacher set this to 0.5 of 1 points: A good start. Seen. Try."
    assert (tmp_path / "totals.csv").read_text().splitlines()[1] == "ann,5.5,6,5.5"
    page = read(tmp_path / "feedback" / "ann.html")
    assert "5.5 of 6 points." in page
    assert "Your teacher set this to 0.5 of 1 points: A good start." in page


# ---- what changed


class Same:
    """Sources that give one code to everybody."""

    def __init__(self, code="x = 1"):
        self._code = code

    def code(self, student, chapter):
        return Code([Cell(1, self._code)] if self._code else [])


BEFORE = "failed passed passed passed passed"
AFTER = "passed passed passed passed passed"
CHANGES = {  # what is different in the second report: (before, after, why)
    "the submission": (("failed, 0", "passed, 1"), "The submission changed."),
    "handed in": (("failed, 0", "passed, 1"), "Handed in since."),
    "taken back": (("failed, 0", "passed, 1"), "No longer handed in, or no longer readable."),
    "the exercise": (("failed, 0", "passed, 1"), "The exercise changed."),
    "the checker": (("failed, 0", "passed, 1"), "The checker changed."),
    "the time limit": (("failed, 0", "passed, 1"), "The time limit is 20.0 seconds; it was 10.0."),
    "a version": (("failed, 0", "passed, 1"), "python is 3.12; it was 3.11."),
    "the grader": (("not_run, open", "passed, 1"), "The grader had failed there before."),
    "by hand": (("failed, 0", "passed, 1 (set by hand)"), "Set by hand: Read by me."),
    "no longer by hand": (("failed, 0.5 (set by hand)", "passed, 1"), "The mark set by hand was taken back."),
    "nothing": (("failed, 0", "passed, 1"), changes.CHANGES["drawn"]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_regrade_says_which_marks_changed_and_why(tmp_path, monkeypatch, what):
    before, after, terms = rows_of("ann", BEFORE), rows_of("ann", AFTER), {}
    old, new = Same(), Same({"the submission": "x = 2", "taken back": ""}.get(what, "x = 1"))
    if what == "handed in":
        old = Same("")
    if what == "the grader":
        before = rows_of("ann", "not_run passed passed passed passed")
    if what == "by hand":
        after = overrides.apply(after, {("ann", "sigmoid"): Override(1, "Read by me.")})
    if what == "no longer by hand":
        before = overrides.apply(before, {("ann", "sigmoid"): Override(0.5, "Nearly.")})
    if what == "the time limit":
        terms = {"timeout_seconds": 20.0}
    if what == "a version":
        terms = {"versions": {"python": "3.12"}}
    assert written(tmp_path, before, sources=old) is None
    assert not (tmp_path / "changes.csv").exists()
    for thing in ("exercise", "checker"):
        if what == f"the {thing}":
            monkeypatch.setattr(changes, f"{thing}_digest", lambda *name: "another")
    changed = reports.write(tmp_path, after, [CHAPTER], run_of(after) | {"seed": 8} | terms, sources=new)
    (change,) = changed
    assert (str(change.before), str(change.after)) == CHANGES[what][0]
    assert change.why == CHANGES[what][1]
    assert changes.in_words(changed).splitlines() == ["1 mark changed since the last report:", f"  ann, sigmoid: {change.before} -> {change.after}: {change.why}"]  # fmt: skip
    (line,) = csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text()))
    assert (line["student"], line["exercise"], line["why"]) == ("ann", "sigmoid", change.why)
    assert " ".join(change.why.split()) in read(tmp_path / "index.html")


def test_a_regrade_without_a_change_says_so(tmp_path):
    rows = rows_of("ann", BEFORE)
    written(tmp_path, rows, sources=Same())
    assert written(tmp_path, [*rows, *rows_of("bob", AFTER)], sources=Same()) == []
    assert changes.in_words([]) == "No mark changed since the last report."
    assert (tmp_path / "changes.csv").read_text().count("\n") == 1


def test_many_changes_are_counted_on_the_terminal(tmp_path):
    written(tmp_path, [r for n in range(30) for r in rows_of(f"s{n}", BEFORE)])
    changed = written(tmp_path, [r for n in range(30) for r in rows_of(f"s{n}", AFTER)])
    lines = changes.in_words(changed).splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("30 marks changed since the last report:", "  and 20 more, see changes.csv.", 12)  # fmt: skip


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"marks": [], "handed_in": {}, "exercises": {}, "versions": {}}']
)
def test_a_record_that_is_none_is_as_if_there_were_none(tmp_path, text):
    rows = rows_of("ann", BEFORE)
    written(tmp_path, rows)
    (tmp_path / "record.json").write_text(text)
    assert written(tmp_path, rows) is None


def test_a_name_that_is_no_text_is_found_again(tmp_path):
    written(tmp_path, rows_of("a\udcff", BEFORE))
    assert [change.student for change in written(tmp_path, rows_of("a\udcff", AFTER))] == ["a\udcff"]


def test_an_exercises_digest_changes_with_its_file(monkeypatch, tmp_path):
    changes.exercise_digest.cache_clear()
    before = [changes.exercise_digest(name) for name in ("sigmoid", "relu", "relu_slope")]
    assert len(set(before)) == 3
    changes.exercise_digest.cache_clear()
    read_bytes = type(tmp_path).read_bytes
    monkeypatch.setattr(type(tmp_path), "read_bytes", lambda p: read_bytes(p) + b"#" * (p.name == "_options.py"))
    after = [changes.exercise_digest(name) for name in ("sigmoid", "relu", "relu_slope")]
    assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, False]
    changes.exercise_digest.cache_clear()


# ---- the bar


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_on_a_terminal_and_nowhere_else():
    terminal, pipe = Terminal(), io.StringIO()
    for done in range(4):
        progress(done, 3, terminal)
        progress(done, 3, pipe)
    progress(0, 0, terminal)
    assert pipe.getvalue() == ""
    assert terminal.getvalue().split("\r")[1:] == [
        f"[{'.' * 30}] 0 of 3 graded",
        f"[{'#' * 10}{'.' * 20}] 1 of 3 graded",
        f"[{'#' * 20}{'.' * 10}] 2 of 3 graded",
        f"[{'#' * 30}] 3 of 3 graded\n",
    ]
