"""Writes marks into nbgrader's gradebook through nbgrader's own API."""

import contextlib
import os
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.grading.files import identity, shown
from course_utils.grading.grading_messages import GRADEBOOK
from course_utils.grading.marks import Row, by_student, shown_points

CONFIG = "nbgrader_config.py"
TIMESTAMP = "timestamp.txt"  # where nbgrader stores the time of a submission
NAMED = 5  # manual scores listed in the message


class Unusable(Exception):
    """The gradebook can't be written; the message is a sentence for the teacher."""


@dataclass
class Done:
    """The counts of an export."""

    students: set = field(default_factory=set)
    marks: int = 0
    open: int = 0
    kept: list = field(default_factory=list)


def require(course: Path | str) -> None:
    """Check early that an export can work.

    Args:
        course: path of the nbgrader course's folder.

    Raises:
        Unusable: nbgrader is missing, or there is no such folder.
    """
    try:
        import nbgrader.api  # noqa: F401
    except ImportError as error:
        raise Unusable(GRADEBOOK["missing"].format(name=error.name)) from None
    if not Path(course).is_dir():
        raise Unusable(GRADEBOOK["no_course"].format(path=course))


def export(
    course: Path | str,
    rows: Sequence[Row],
    notebooks: Mapping[tuple[str, str], Path],
    *,
    taken_back: Mapping[tuple[str, str], float | None] | None = None,
) -> str:
    """Write the marks of every student who handed in or has a mark set by hand.

    The grader's points are stored as autograded scores, a teacher's as manual scores. A row that was not run gets no score and
    is flagged for manual grading.

    Args:
        course: path of the nbgrader course's folder; its `nbgrader_config.py` names the gradebook.
        rows: list of `Row`.
        notebooks: (student, chapter) -> path, as `discovery.HandedIn` has it.
        taken_back: {(student, exercise): points} for marks that were set by hand in the last report and no longer are.

    Returns:
        A sentence for the teacher.

    Raises:
        Unusable: the gradebook can't be written.
    """
    assignments, done = _assignments(notebooks), Done()
    try:
        with _opened(course) as book, _at_once(book):
            _prepare(book, rows, assignments)
            for student, own in by_student(rows).items():
                _student(book, student, own, notebooks, assignments, dict(taken_back or {}), done)
    except Exception as error:  # a course's configuration may raise anything
        raise Unusable(GRADEBOOK["failed"].format(reason=" ".join(str(error).split())[:300])) from error
    return _told(done)


def _assignments(notebooks):
    """Chapter -> the most frequent assignment name in nbgrader's layout; the chapter's own name in ours."""
    names = defaultdict(Counter)
    for (student, chapter), path in notebooks.items():
        names[chapter][path.parent.name if path.parent.parent.name == student else chapter] += 1
    return {chapter: counts.most_common(1)[0][0] for chapter, counts in names.items()}


@contextlib.contextmanager
def _opened(course):
    from nbgrader.api import Gradebook
    from nbgrader.coursedir import CourseDirectory

    folder = CourseDirectory(config=_config(Path(course).resolve()))
    with _alembic_found(), _quiet(), Gradebook(folder.db_url, folder.course_id or "default_course") as book:
        yield book


@contextlib.contextmanager
def _at_once(book):
    """One transaction: nbgrader's API commits after each step, which is slow and could leave half a class."""
    commit, book.db.commit = book.db.commit, book.db.flush
    try:
        yield
    finally:
        book.db.commit = commit
    book.db.commit()


@contextlib.contextmanager
def _quiet():
    """Silence SQLAlchemy's warnings about the order in which nbgrader adds its objects."""
    from sqlalchemy.exc import SAWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SAWarning)
        yield


def _config(course):
    from traitlets.config import Config
    from traitlets.config.loader import PyFileConfigLoader

    own = PyFileConfigLoader(CONFIG, path=str(course)).load_config() if (course / CONFIG).exists() else Config()
    config = Config({"CourseDirectory": {"root": str(course)}})
    config.merge(own)
    return config


@contextlib.contextmanager
def _alembic_found():
    """Let nbgrader find the program `alembic`, which it calls for a new gradebook, next to this Python."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before


def _prepare(book, rows, assignments):
    """Create the assignments, with a graded cell for each exercise, named as in the exercise notebooks."""
    from nbgrader.api import MissingEntry

    for chapter, assignment in assignments.items():
        with contextlib.suppress(MissingEntry):
            book.find_notebook(chapter, assignment)
            continue
        book.update_or_create_assignment(assignment)
        book.update_or_create_notebook(chapter, assignment)
    for chapter, name, most in dict.fromkeys((r.chapter, r.verdict.exercise, r.verdict.max_points) for r in rows):
        if chapter in assignments:
            book.update_or_create_grade_cell(
                grade_id(name), chapter, assignments[chapter], max_score=most, cell_type="code"
            )


def grade_id(name: str) -> str:
    """The id of an exercise's graded cell in the notebook's metadata."""
    return f"check_{name}"


def _student(book, student, rows, notebooks, assignments, taken_back, done):
    for chapter, assignment in assignments.items():
        own = [row for row in rows if row.chapter == chapter]
        path = notebooks.get((student, chapter))
        if path is None and not any(row.override for row in own):
            continue  # nothing was handed in: no submission for nbgrader
        book.update_or_create_student(identity(student))
        submission = book.update_or_create_submission(assignment, identity(student), **_moment(path))
        grades = _grades(book, submission, chapter, own)
        for row in own:
            _mark(grades[grade_id(row.verdict.exercise)], row, taken_back, done)
        done.students.add(student)


def _moment(path):
    from nbgrader.utils import parse_utc

    try:
        return {"timestamp": parse_utc((path.parent / TIMESTAMP).read_text().strip())}
    except (OSError, ValueError, OverflowError, AttributeError):  # AttributeError: no path
        return {}


def _grades(book, submission, chapter, rows):
    """Grade id -> the submission's grade, created for cells that are newer than the submission."""
    from nbgrader.api import Grade, SubmittedNotebook

    notebook = next((n for n in submission.notebooks if n.name == chapter), None)
    if notebook is None:
        master = book.find_notebook(chapter, submission.assignment.name)
        notebook = SubmittedNotebook(notebook=master, assignment=submission)
        book.db.add(notebook)
        book.db.flush()
    grades = {grade.name: grade for grade in notebook.grades}
    for name in (grade_id(row.verdict.exercise) for row in rows):
        if name not in grades:
            cell = book.find_grade_cell(name, chapter, submission.assignment.name)
            grades[name] = Grade(cell_id=cell.id, notebook=notebook)
            book.db.add(grades[name])
    return grades


def _mark(grade, row, taken_back, done):
    """Set one grade: ours, a teacher's, or none with a flag for manual grading."""
    grade.auto_score = row.verdict.points
    if row.override:
        grade.manual_score = row.override.points
    elif grade.manual_score is not None:
        if grade.manual_score == taken_back.get((row.student, row.verdict.exercise)):
            grade.manual_score = None
        elif grade.manual_score != row.points:
            done.kept.append((row, grade.manual_score))
    grade.needs_manual_grade = row.points is None and grade.manual_score is None
    done.open += grade.needs_manual_grade
    done.marks += not grade.needs_manual_grade


def _told(done):
    sentences = [GRADEBOOK["done"].format(marks=done.marks, students=len(done.students))]
    if done.open:
        sentences.append(GRADEBOOK["open"].format(number=done.open))
    if done.kept:
        some = [
            GRADEBOOK["one_kept"].format(student=shown(r.student), name=r.verdict.exercise, points=shown_points(p))
            for r, p in done.kept[:NAMED]
        ]
        more = ", ..." if len(done.kept) > NAMED else ""
        sentences.append(GRADEBOOK["kept"].format(number=len(done.kept), some=", ".join(some) + more))
    return " ".join(sentences)
