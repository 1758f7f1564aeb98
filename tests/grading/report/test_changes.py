"""What changed since the last report, and why."""

import contextlib
import csv
import io
import sqlite3

import pytest
from sample_report import Same, read, rows_of, written

from course_utils.grading import overrides, store
from course_utils.grading.marks import Override
from course_utils.grading.report import changes

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
    changed = written(tmp_path, after, sources=new, seed=8, **terms)
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
    assert written(tmp_path, rows, sources=Same()) == []
    assert changes.in_words([]) == "No mark changed since the last report."
    assert (tmp_path / "changes.csv").read_text().count("\n") == 1


def test_who_joined_left_or_handed_in_again_is_said(tmp_path):
    written(tmp_path, [*rows_of("ann", BEFORE), *rows_of("cy", BEFORE)], sources=Same())
    changed = written(tmp_path, [*rows_of("ann", BEFORE), *rows_of("bob", AFTER)], sources=Same("x = 2"))
    assert changes.in_words(changed).splitlines() == [
        "No mark changed since the last report.",
        "  ann: 02_sigmoid was handed in again; no mark changed.",
        "  bob: New since the last report.",
        "  cy: No longer among the submissions.",
    ]
    assert len(list(csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text())))) == 3
    assert "cy" in read(tmp_path / "index.html")


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
    with contextlib.closing(sqlite3.connect(tmp_path / store.FILE)) as connection, connection:
        connection.execute("UPDATE report SET document = ?", (text,))
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
