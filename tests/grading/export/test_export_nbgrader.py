"""Marks into the real nbgrader's gradebook: the points of grades.csv, and never a 0 for what the grader failed on."""

import csv
import gc
import shutil
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from sample_report import written
from sample_submission import CHAPTER, NAMES, RIGHT, STUB, answers, hand_in

from course_utils import cli
from course_utils.checking.verdict import Verdict
from course_utils.exercises import exercise
from course_utils.grading.export import nbgrader_gradebook
from course_utils.grading.marks import Override, Row

api = pytest.importorskip("nbgrader.api")
pytestmark = pytest.mark.filterwarnings("ignore:Object of type:sqlalchemy.exc.SAWarning")  # where a test calls nbgrader
ABSENT = "The notebook of this chapter was not handed in."


def rows_of(student, statuses, message="Seen."):
    made = []
    for name, status in zip(NAMES, statuses.split(), strict=True):
        most = exercise(name).points
        points = {"passed": most, "not_run": None}.get(status, 0)
        made.append(Row(student, CHAPTER, Verdict(name, status, points, most, message)))
    return made


ROWS = [
    *rows_of("ann", "passed failed passed passed raised"),
    *rows_of("bob", "passed not_run passed missing passed"),
    *rows_of("cy", "missing missing missing missing missing", ABSENT),
    *rows_of("dee", "missing missing missing missing missing", ABSENT),
]
ROWS = [replace(r, override=Override(1, "On paper.")) if (r.student, r.verdict.exercise) == ("dee", "logit") else r for r in ROWS]  # fmt: skip


@pytest.fixture(autouse=True)
def _nbgraders_connections():
    """nbgrader leaves its connection to a file that is no database to the garbage collector, which complains from Python 3.13 on."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture
def fresh(tmp_path):
    """A course that nbgrader has not seen."""
    folder = tmp_path / "course"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def empty(tmp_path_factory):
    """An empty nbgrader, made once: nbgrader starts a program for each."""
    folder = tmp_path_factory.mktemp("empty")
    nbgrader_gradebook.export(folder, [], {})
    return folder / "gradebook.db"


@pytest.fixture
def course(fresh, empty):
    shutil.copy(empty, fresh)
    return fresh


def notebooks(course, assignment="week 2"):
    paths = {(s, CHAPTER): course / "submitted" / s / assignment / f"{CHAPTER}.ipynb" for s in ("ann", "bob")}
    for path in paths.values():
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "timestamp.txt").write_text("2026-03-04 05:06:07 UTC\n")
    return paths


def opened(course):
    return api.Gradebook(f"sqlite:///{course}/gradebook.db")


def grades(course, assignment="week 2"):
    """(student, exercise) -> (score, whether a person is to look)."""
    with opened(course) as book:
        return {
            (s.student_id, g.name.removeprefix("check_")): (g.score, g.needs_manual_grade, g.max_score)
            for s in book.assignment_submissions(assignment)
            for n in s.notebooks
            for g in n.grades
        }


def test_a_fresh_gradebook_gets_the_points_of_grades_csv(fresh, tmp_path):
    course = fresh
    said = nbgrader_gradebook.export(course, ROWS, notebooks(course))
    assert said == "nbgrader's gradebook: 14 marks of 3 students. Left open there for a person, since the grader failed: 1."  # fmt: skip
    written(tmp_path, ROWS)
    with (tmp_path / "grades.csv").open(newline="") as file:
        table = {(line["student"], line["exercise"]): line for line in csv.DictReader(file) if line["student"] != "cy"}
    found = grades(course)
    assert found.keys() == table.keys()
    for key, line in table.items():
        assert found[key][2] == float(line["max_points"])
        assert found[key][1] == (line["points"] == "")
        assert line["points"] == "" or found[key][0] == float(line["points"])
    with opened(course) as book:
        open_one = book.find_grade("check_sigmoid_slope", CHAPTER, "week 2", "bob")
        assert (open_one.auto_score, open_one.manual_score) == (None, None)
        assert book.find_grade("check_logit", CHAPTER, "week 2", "dee").manual_score == 1
        assert [s.id for s in book.students] == ["ann", "bob", "dee"]
        assert str(book.find_submission("week 2", "ann").timestamp) == "2026-03-04 05:06:07"


def test_nbgraders_own_export_has_the_sums(course):
    nbgrader_gradebook.export(course, [r for r in ROWS if r.student == "ann"], notebooks(course))
    command = [sys.executable, "-W", "ignore", "-m", "nbgrader", "export", "--to", "out.csv"]
    subprocess.run(command, cwd=course, check=True, capture_output=True)
    with (course / "out.csv").open() as file:
        (line,) = csv.DictReader(file)
    assert (line["assignment"], line["student_id"], line["raw_score"], line["max_score"]) == (
        "week 2",
        "ann",
        "4.0",
        "6.0",
    )


def test_our_own_layout_makes_the_chapter_the_assignment(course):
    paths = {("ann", CHAPTER): course / "ann" / f"{CHAPTER}.ipynb"}
    nbgrader_gradebook.export(course, ROWS, paths)
    assert grades(course, CHAPTER)["ann", "sigmoid"][0] == 1


def test_a_second_export_replaces_the_marks(course):
    paths = notebooks(course)
    nbgrader_gradebook.export(course, ROWS, paths)
    better = [*rows_of("ann", "failed passed passed passed passed"), *ROWS[5:]]
    nbgrader_gradebook.export(course, better, paths)
    found = grades(course)
    assert [found["ann", name][0] for name in NAMES] == [0, 1, 1, 2, 1]
    failed = [*rows_of("ann", "not_run passed passed passed passed"), *ROWS[5:]]
    nbgrader_gradebook.export(course, failed, paths)
    assert grades(course)["ann", "sigmoid"][1] is True


def test_what_a_person_set_in_nbgrader_stays_and_is_named(course):
    paths = notebooks(course)
    nbgrader_gradebook.export(course, ROWS, paths)
    with opened(course) as book:
        book.find_grade("check_sigmoid_slope", CHAPTER, "week 2", "ann").manual_score = 0.5
        book.db.commit()
    said = nbgrader_gradebook.export(course, ROWS, paths)
    assert said.endswith("Kept there as a person set them in nbgrader: 1 (ann, sigmoid_slope: 0.5).")
    assert grades(course)["ann", "sigmoid_slope"][0] == 0.5


def test_a_mark_by_hand_that_is_taken_back_goes(course):
    paths = notebooks(course)
    nbgrader_gradebook.export(course, [replace(r, override=Override(0.5, "Half.")) for r in ROWS[:1]], paths)
    assert grades(course)["ann", "sigmoid"][0] == 0.5
    nbgrader_gradebook.export(course, ROWS[:1], paths, taken_back={("ann", "sigmoid"): 0.5})
    assert grades(course)["ann", "sigmoid"][0] == 1


def test_an_assignment_that_nbgrader_knows_already_keeps_its_cells(course):
    with opened(course) as book:
        book.add_assignment("week 2")
        book.add_notebook(CHAPTER, "week 2")
        book.add_grade_cell("check_sigmoid", CHAPTER, "week 2", max_score=1, cell_type="code")
        book.add_grade_cell("essay", CHAPTER, "week 2", max_score=5, cell_type="markdown")
        book.add_student("ann")
        book.add_submission("week 2", "ann")
    nbgrader_gradebook.export(course, ROWS, notebooks(course))
    found = grades(course)
    assert found["ann", "essay"] == (0, True, 5)
    assert found["ann", "logit"][0] == 0
    assert found["ann", "stable_sigmoid"][0] == 2


def test_the_gradebook_that_the_courses_configuration_names(fresh):
    course = fresh
    elsewhere = course / "marks.db"
    (course / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{elsewhere}'\n"
    )
    nbgrader_gradebook.export(course, ROWS, notebooks(course))
    assert elsewhere.exists()
    assert not (course / "gradebook.db").exists()


def test_a_gradebook_that_can_not_be_written(course):
    (course / "gradebook.db").write_text("no database")
    with pytest.raises(
        nbgrader_gradebook.Unusable, match=r"could not be written: .*not a database.* The report is whole"
    ):
        nbgrader_gradebook.export(course, ROWS, notebooks(course))


def test_names_that_are_no_text_and_a_configuration_that_fails(course):
    paths = {("a\udcff'; --", CHAPTER): course / "a\udcff'; --" / "x" / f"{CHAPTER}.ipynb"}
    nbgrader_gradebook.export(course, rows_of("a\udcff'; --", "passed failed passed passed raised"), paths)
    assert grades(course, "x")["a\\udcff'; --", "sigmoid"][0] == 1
    (course / "nbgrader_config.py").write_text("1 / 0")
    with pytest.raises(nbgrader_gradebook.Unusable, match=r"could not be written: division by zero"):
        nbgrader_gradebook.export(course, ROWS, paths)


def test_all_the_marks_or_none(course, monkeypatch):
    from sqlalchemy.exc import SQLAlchemyError

    mark = nbgrader_gradebook._mark

    def failing(grade, row, taken_back, done):
        if row.student == "bob":
            raise SQLAlchemyError("the disk is full")
        mark(grade, row, taken_back, done)

    monkeypatch.setattr(nbgrader_gradebook, "_mark", failing)
    with pytest.raises(nbgrader_gradebook.Unusable, match="the disk is full"):
        nbgrader_gradebook.export(course, ROWS, notebooks(course))
    with opened(course) as book:
        assert (book.assignments, book.students) == ([], [])


# ---- the command


def small_class(course):

    for student in ("ann", "bob"):
        hand_in(course / "submitted" / student / CHAPTER / f"{CHAPTER}.ipynb", *answers(STUB, logit=RIGHT["logit"]))
    return course / "submitted"


def test_the_command(course, tmp_path, capsys):
    arguments = ["grade", str(small_class(course)), "--out", str(tmp_path / "out"), "--isolation", "process", "--nbgrader", str(course)]  # fmt: skip
    (tmp_path / "mine.csv").write_text("student,exercise,points,reason\nann,sigmoid,1,Seen\n")
    assert cli.main([*arguments, "--overrides", str(tmp_path / "mine.csv")]) == 0
    assert "nbgrader's gradebook: 12 marks of 2 students.\n" in capsys.readouterr().out
    assert {key: score for key, (score, *_) in grades(course, CHAPTER).items() if score} == {
        ("ann", "sigmoid"): 1, ("ann", "logit"): 1, ("bob", "logit"): 1,
    }  # fmt: skip
    assert cli.main(arguments) == 0
    assert grades(course, CHAPTER)["ann", "sigmoid"][0] == 0
    (course / "gradebook.db").write_text("no database")
    assert cli.main(arguments) == 1
    assert (tmp_path / "out" / "grades.csv").exists()
    assert "could not be written" in capsys.readouterr().err


def test_without_nbgrader_or_its_course_nothing_is_graded(course, tmp_path, capsys, monkeypatch):
    arguments = ["grade", str(small_class(course)), "--out", str(tmp_path / "out"), "--nbgrader"]
    assert cli.main([*arguments, str(tmp_path / "no")]) == 2
    assert f"there is no folder {tmp_path / 'no'}" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "nbgrader.api", None)
    assert cli.main([*arguments, str(course)]) == 2
    assert capsys.readouterr().err.strip() == "--nbgrader needs nbgrader.api, which is not installed here; install it with: pip install 'course-utils[nbgrader]'"  # fmt: skip
    assert not Path(tmp_path / "out").exists()
