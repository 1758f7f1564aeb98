"""What the grader writes: a page for each student, a page for the class, tables for other programs."""

import csv
import io
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sample_report import Page, read, row, rows_of, written
from sample_submission import CHAPTER, NAMES

from course_utils.checking.verdict import Reason
from course_utils.exercises import exercise
from course_utils.grading import submitted_code
from course_utils.grading.answers import Code
from course_utils.grading.discovery import HandedIn
from course_utils.grading.export import csv_tables
from course_utils.grading.marks import Override
from course_utils.grading.notebook_files import Cell
from course_utils.grading.report import page as templates
from course_utils.grading.report import statistics

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


# ---- a student's page


def sources(tmp_path, student, *cells):
    path = tmp_path / "in" / student / f"{CHAPTER}.ipynb"
    path.parent.mkdir(parents=True)
    code = [{"cell_type": "code", "source": cell} for cell in cells]
    path.write_text(json.dumps({"cells": code}))
    found = HandedIn((student,), (CHAPTER,), {(student, CHAPTER): path}, ())
    return submitted_code.Sources(found, tmp_path / "in")


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
    assert submitted_code.own_code(Code([Cell(1, cell)]), "f") == shown


def test_own_code_of_nested_code_that_no_stack_can_hold():
    assert submitted_code.own_code(Code([Cell(1, "f = " + "(" * 5000 + ")" * 5000)]), "f").startswith("f = ((((")


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


def test_no_template_switches_the_escaping_off():
    pages = list((Path(templates.__file__).parent / "templates").glob("*.html"))
    assert pages
    assert not [t.name for t in pages if re.search(r"\|\s*safe|autoescape", t.read_text(encoding="utf-8"))]
    text = templates.page("student.html", title="<i>", points="<i>", chapters=[{"name": "<i>", "not_handed_in": "<i>", "answers": []}])  # fmt: skip
    assert ("<i>" in text, text.count("&lt;i&gt;")) == (False, 5)


def tables_names():
    return ("grades.csv", "totals.csv", "misconceptions.csv", "students.csv", "canvas.csv", "moodle.csv")


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
    found = statistics.misconceptions(rows)
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
    gravest_first = ["Seen: not_run.", "It reached", "Seen: forbidden.", "Seen: unreadable.", "Seen: crashed.", "Seen: timeout.", "Seen: memory."]  # fmt: skip
    assert sorted(gravest_first, key=part.text.index) == gravest_first


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
    found = statistics.items(every)
    points = passed * [exercise(name).points for name in NAMES]
    for place, item in enumerate(found[:4]):
        others = [name for name in range(5) if name != place]
        x, y = points[:, place] - points[:, place].mean(), points[:, others].sum(1) - points[:, others].sum(1).mean()
        assert item.discrimination == pytest.approx((x * y).sum() / np.sqrt((x**2).sum() * (y**2).sum()))
        assert (item.name, item.passed, item.answered, item.students) == (NAMES[place], passed[:, place].sum(), 40, 40)
    assert found[4].discrimination is None  # everybody passed
    few = [r for r in every if r.student < "s19"]
    assert [item.discrimination for item in statistics.items(few)] == [None] * 5


def test_items_leave_out_who_handed_in_nothing_and_what_failed_in_the_grader():
    absent = [row("cy", name, "missing", reason=Reason.NOT_HANDED_IN) for name in NAMES]
    every = [
        *rows_of("ann", "passed failed missing passed passed"),
        *rows_of("bob", "not_run failed passed passed passed"),
        *absent,
    ]
    found = {item.name: (item.passed, item.answered) for item in statistics.items(every)}
    assert [found[name] for name in NAMES] == [(1, 1), (0, 2), (1, 2), (2, 2), (2, 2)]
    assert {item.students for item in statistics.items(every)} == {1}


@pytest.mark.parametrize("highest", [1, 3, 13, 14, 28, 40])
def test_every_total_is_in_one_bin(highest):
    rows = [replace(row(f"s{n}"), override=Override(n / 2, "")) for n in range(2 * highest + 1)]
    rows = [replace(r, verdict=replace(r.verdict, max_points=highest)) for r in rows]
    edges, counts = statistics.score_bins(rows)
    assert sum(counts) == len(rows)
    assert len(counts) <= statistics.MOST_BARS + 1
    ends = [*edges[1:], highest + 1]
    assert counts == [sum(low <= r.points < high for r in rows) for low, high in zip(edges, ends, strict=True)]


# ---- tables for other programs


def test_canvas_reads_its_gradebook_file():
    """By the rules of Canvas's importer: the first two titles, Section before the assignments, points possible below."""
    rows = [
        *rows_of("ann", "passed passed passed passed failed"),
        *rows_of("bob", "not_run passed passed passed passed"),
    ]
    head, possible, ann, bob = csv.reader(io.StringIO(csv_tables.canvas_csv(rows, [CHAPTER])))
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
    assert list(csv.reader(io.StringIO(csv_tables.moodle_csv(rows, [CHAPTER])))) == [["username", CHAPTER], ["ann", "5"], ["bob", "-"]]  # fmt: skip


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
