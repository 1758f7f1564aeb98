"""The grader's tables as CSV, for people and for other programs."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from course_utils.checking.verdict import Reason
from course_utils.grading.files import Name, csv_text
from course_utils.grading.grading_messages import OVERRIDDEN
from course_utils.grading.marks import Row, by_student, most, shown_points, total
from course_utils.grading.platforms import Owner
from course_utils.grading.report.statistics import misconceptions

GRADES = ("student", "chapter", "exercise", "points", "max_points", "status", "hint", "reason")
CANVAS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
MOODLE_WORKSHEET = ("Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)")
NO_GRADE = "-"  # Moodle's notation for no grade: it would read an empty cell in a new column as one


def grades_csv(rows: Sequence[Row]) -> str:
    """One row per student and exercise."""
    return csv_text(GRADES, [
        (Name(row.student), row.chapter, v.exercise, shown_points(row.points), v.max_points, v.status, one_line(row),
         _reason(v))
        for row in rows for v in [row.verdict]
    ])  # fmt: skip


def _reason(verdict):
    """The reason, for programs: a `Reason`; `missing` alone would not tell an unchanged stub from no answer."""
    return "unchanged" if verdict.reason is Reason.MISSING else str(verdict.reason or "")


def totals_csv(rows: Sequence[Row], chapters: Sequence[str]) -> str:
    """One row per student. A sum that includes a row that was not run is empty."""
    lines = []
    for student, own in by_student(rows).items():
        sums = [shown_points(points) for points in (total(own), *by_chapter(own, chapters))]
        lines.append((Name(student), sums[0], most(own), *sums[1:]))
    return csv_text(("student", "points", "max_points", *chapters), lines)


def misconceptions_csv(rows: Sequence[Row]) -> str:
    """One row per misconception that someone holds, the most frequent first."""
    lines = [(held.exercise, held.name, len(held.students), held.hint) for held in misconceptions(rows)]
    return csv_text(("exercise", "misconception", "learners", "hint"), lines)


def canvas_csv(rows: Sequence[Row], chapters: Sequence[str], owners: Mapping[str, Owner] = MappingProxyType({})) -> str:
    """The gradebook file that Canvas imports: one column per chapter, the possible points in the second line.

    Canvas finds a student by its own ID if the files came from Canvas, whose file names contain it; otherwise by the SIS Login
    ID or the name, which are then both the name of the student's folder. An empty cell means no grade.

    Source: https://github.com/instructure/canvas-lms, lib/gradebook_importer.rb
    """
    students = by_student(rows)
    possible = most_by_chapter(next(iter(students.values())), chapters)
    lines = [
        (*_for_canvas(student, owners.get(student)), *map(shown_points, by_chapter(own, chapters)))
        for student, own in students.items()
    ]
    return csv_text((*CANVAS, *chapters), [("    Points Possible", "", "", "", "", *possible), *lines])


def _for_canvas(student, owner):
    if owner and owner.platform == "canvas":
        return Name(owner.name), owner.id, "", "", ""
    return Name(student), "", "", Name(owner.id if owner and owner.platform == "blackboard" else student), ""


def moodle_csv(rows: Sequence[Row], chapters: Sequence[str]) -> str:
    """A file for Moodle's grade import: map `username` to the user's name, and each chapter to a grade item.

    Source: https://docs.moodle.org/en/Grade_import and moodle/moodle, grade/import/csv/classes/load_data.php
    """
    lines = [
        (Name(student), *(shown_points(points) or NO_GRADE for points in by_chapter(own, chapters)))
        for student, own in by_student(rows).items()
    ]
    return csv_text(("username", *chapters), lines)


def moodle_worksheet_csv(rows: Sequence[Row], owners: Mapping[str, Owner]) -> str | None:
    """Moodle's grading worksheet for students whose files came from Moodle, or None if there are none.

    Moodle finds a student only by the number in the folder's name.

    Source: moodle/moodle, mod/assign/feedback/offline/importgradeslib.php
    """
    students = {s: own for s, own in by_student(rows).items() if s in owners and owners[s].platform == "moodle"}
    lines = [
        (f"Participant {owners[s].id}", Name(owners[s].name), shown_points(total(own)), most(own), "-")
        for s, own in students.items()
    ]
    return csv_text(MOODLE_WORKSHEET, lines) if lines else None


def students_csv(rows: Sequence[Row], owners: Mapping[str, Owner]) -> str:
    """Every student's identity on the platform that the files came from: name, id, and whether it marked them late."""
    lines = []
    for student in by_student(rows):
        owner = owners.get(student, Owner("", student))
        lines.append((Name(student), owner.platform, Name(owner.name), Name(owner.id), "late" if owner.late else ""))
    return csv_text(("student", "platform", "name", "id", "late"), lines)


def by_chapter(rows: Sequence[Row], chapters: Sequence[str]) -> list[float | None]:
    """A student's points in each chapter; None if an exercise was not run."""
    return [total([row for row in rows if row.chapter == chapter]) for chapter in chapters]


def most_by_chapter(rows: Sequence[Row], chapters: Sequence[str]) -> list[int]:
    """Each chapter's possible points."""
    return [most([row for row in rows if row.chapter == chapter]) for chapter in chapters]


def one_line(row: Row) -> str:
    """A row's sentences on one line."""
    words = f"{row.verdict.message} {row.verdict.hint}"
    if row.override:
        words = f"{OVERRIDDEN.format(points=shown_points(row.points), most=row.verdict.max_points, reason=row.override.reason)} {words}"
    if not words.isprintable():
        words = "".join(c if c.isprintable() else " " for c in words)
    return " ".join(words.split())
