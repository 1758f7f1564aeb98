"""A row of grades.csv: the grader's verdict, a teacher's mark, and a student's totals."""

from collections.abc import Sequence
from dataclasses import dataclass

from course_utils.checking.verdict import Reason, Verdict


@dataclass(frozen=True)
class Override:
    """A mark that a teacher set by hand, and why."""

    points: float
    reason: str


@dataclass(frozen=True)
class Row:
    """A row of grades.csv.

    Args:
        student: the name of their folder.
        chapter: the notebook's file stem.
        verdict: the grader's `Verdict`.
        notes: sentences for the teacher about what a person should look at in this answer.
        override: the mark set by hand, or None.
    """

    student: str
    chapter: str
    verdict: Verdict
    notes: tuple[str, ...] = ()
    override: Override | None = None

    @property
    def points(self) -> float | None:
        """The points that count: the teacher's if set, else the grader's; None if it was not run."""
        return self.override.points if self.override else self.verdict.points

    @property
    def handed_in(self) -> bool:
        """Whether the chapter's notebook was handed in."""
        return self.verdict.reason not in (Reason.NOT_HANDED_IN, Reason.NOT_READ)


def by_student(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Student -> their rows, in order."""
    students = {}
    for row in rows:
        students.setdefault(row.student, []).append(row)
    return students


def total(rows: Sequence[Row]) -> float | None:
    """The sum of the points, or None if a row has none: leaving it out would count it as 0."""
    points = [row.points for row in rows]
    return None if None in points else sum(points)


def most(rows: Sequence[Row]) -> int:
    """The points for right answers in all the rows."""
    return sum(row.verdict.max_points for row in rows)


def shown_points(points: float | None) -> str:
    """Points as text: `1`, `0.5`; "" for None."""
    return "" if points is None else f"{points:g}"
