"""One student's answers to a chapter's exercises may lie in several files: none of them is lost in silence."""

import html
import json
import os

from sample_submission import CHAPTER, NAMES, RIGHT, STUB, ZERO, answers, hand_in, statuses, table

from course_utils.grading.discovery import find
from course_utils.grading.grade import grade


def two_files(folder, **parts):
    """Write each part's answers, given by name, into a notebook of the chapter's."""
    for place, (file, cells) in enumerate(parts.items()):
        hand_in(folder / f"{file}.ipynb", *cells)
        os.utime(folder / f"{file}.ipynb", (10**9, 10**9 - 60 * place))  # the first is the newest


FIRST = {name: RIGHT[name] for name in NAMES[:2]}
REST = {name: RIGHT[name] for name in NAMES[2:]}


def test_what_the_graded_notebook_leaves_unanswered_is_graded_from_another_file(tmp_path):
    two_files(tmp_path / "in" / "ann", **{CHAPTER: answers(STUB | FIRST), f"{CHAPTER}_part2": answers(STUB | REST)})
    two_files(tmp_path / "in" / "bob", **{CHAPTER: FIRST.values(), f"{CHAPTER}_part2": REST.values()})
    two_files(
        tmp_path / "in" / "cy",
        **{f"{CHAPTER}_new": answers(ZERO | FIRST), f"{CHAPTER}_old": answers(RIGHT)},  # the newest answer counts
    )
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    passed = "passed passed passed passed passed"
    assert statuses(tmp_path / "out") == {"ann": passed, "bob": passed, "cy": "passed passed failed failed failed"}
    rows = {(row["student"], row["exercise"]): row for row in table(tmp_path / "out")}
    said = f"(From {CHAPTER}_part2.ipynb: the notebook that was graded holds no answer to this exercise.)"
    for student in ("ann", "bob"):
        assert [name for name in NAMES if said in rows[student, name]["hint"]] == list(REST)
        page = html.unescape((tmp_path / "out" / "feedback" / f"{student}.html").read_text())
        assert page.count(said) == len(REST)
        assert all(line in page for line in RIGHT["logit"].splitlines())
    warnings = json.loads((tmp_path / "out" / "run.json").read_text())["warnings"]
    assert f"ann: {CHAPTER}.ipynb leaves exercises of {CHAPTER} unanswered; graded from {CHAPTER}_part2.ipynb: logit, stable_sigmoid, surviving_gradient." in warnings  # fmt: skip
    assert not [warning for warning in warnings if "more than once" in warning and not warning.startswith("cy")]


def test_what_another_file_needs_runs_with_it_and_its_changes_are_noticed(tmp_path):
    ann = tmp_path / "in" / "ann"
    two_files(ann, **{CHAPTER: FIRST.values(), f"{CHAPTER}_part2": ["from mine import *", RIGHT["logit"]]})
    (ann / "mine.py").write_text("import numpy as np")
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert statuses(tmp_path / "out")["ann"] == "passed passed missing missing passed"
    assert "mine.py" not in find(tmp_path / "in", (CHAPTER,)).unread.get("ann", "")
    hand_in(ann / f"{CHAPTER}_part2.ipynb", "def logit(p):\n    return p")
    os.utime(ann / f"{CHAPTER}_part2.ipynb", (10**9, 10**9 - 60))
    assert grade(tmp_path / "in", tmp_path / "out") == 0
    assert statuses(tmp_path / "out")["ann"] == "passed passed missing missing failed"
    assert [row["why"] for row in table(tmp_path / "out", "changes.csv")] == ["The submission changed."]
