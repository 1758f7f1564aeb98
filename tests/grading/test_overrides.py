"""A teacher's own marks."""

import csv
import io

import pytest
from sample_report import read, rows_of, written
from sample_submission import NAMES

from course_utils.grading import overrides
from course_utils.grading.marks import Override

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
    with pytest.raises(overrides.InvalidOverrides) as fault:
        marks(tmp_path, HEAD + lines + "\n")
    assert f"overrides.csv, {FAULTS[lines]}" in str(fault.value)


def test_every_bad_line_is_named_up_to_ten(tmp_path):
    with pytest.raises(overrides.InvalidOverrides) as fault:
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
    with pytest.raises(overrides.InvalidOverrides, match=words):
        marks(tmp_path, text, encoding=encoding)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(overrides.InvalidOverrides, match="can't be read: No such file"):
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


def test_a_name_is_found_whatever_puts_its_letters_together_and_that_is_said(tmp_path):
    path, said = tmp_path / "overrides.csv", []
    path.write_text(HEAD + "Jose\u0301 ,sigmoid,1,x\nbob,logit,1,x\n", encoding="utf-8")
    assert set(overrides.read(path, ["Jos\u00e9", "bob"], NAMES, said)) == {("Jos\u00e9", "sigmoid"), ("bob", "logit")}
    assert said == ["overrides.csv, line 2: 'Jose\u0301 ' was taken for Jos\u00e9."]


def test_a_name_that_may_be_two_students_is_asked_about(tmp_path):
    with pytest.raises(overrides.InvalidOverrides, match="may be each of these students: ann, ann "):
        marks(tmp_path, HEAD + "ann  ,sigmoid,1,x\n", students=["ann", "ann "])
    assert set(marks(tmp_path, HEAD + "ann ,sigmoid,1,x\n", students=["ann", "ann "])) == {("ann ", "sigmoid")}
