"""Statistics of the exercises: difficulty, discrimination, and which students hold which misconceptions."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.exercises import exercise
from course_utils.grading.marks import Row, by_student, most, total

FEWEST = 20  # students; with fewer, the standard error of a correlation exceeds 0.23
MOST_BARS = 14  # in a histogram


@dataclass(frozen=True)
class Item:
    """One exercise's statistics.

    Args:
        name: the exercise's.
        answered: the number of students with a graded notebook of its chapter.
        passed: how many of them have full points.
        discrimination: the corrected item-total correlation, or None if undefined.
        students: how many students it is computed from.
    """

    name: str
    answered: int
    passed: int
    discrimination: float | None
    students: int


@dataclass(frozen=True)
class HeldMisconception:
    """A misconception, the question that helps against it, and the students who hold it."""

    exercise: str
    name: str
    hint: str
    students: tuple[str, ...]


def items(rows: Sequence[Row]) -> list[Item]:
    """An `Item` for each exercise, in the order of the rows."""
    students = by_student(rows)
    counted = {student: own for student, own in students.items() if _counts(own)}
    found = []
    for place, first in enumerate(next(iter(students.values()), [])):
        column = [own[place] for own in students.values()]
        answers = [row for row in column if row.handed_in and row.points is not None]
        passed = sum(row.points >= row.verdict.max_points for row in answers)
        found.append(Item(first.verdict.exercise, len(answers), passed, _discrimination(counted, place), len(counted)))
    return found


def misconceptions(rows: Sequence[Row]) -> list[HeldMisconception]:
    """A `HeldMisconception` for each misconception that someone holds, the most frequent first."""
    holders = defaultdict(list)
    for row in rows:
        if row.verdict.misconception:
            holders[row.verdict.exercise, row.verdict.misconception].append(row)
    found = [
        HeldMisconception(name, wrong, _hint(name, wrong, own[0]), tuple(row.student for row in own))
        for (name, wrong), own in holders.items()
    ]
    return sorted(found, key=lambda held: -len(held.students))


def score_bins(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """A histogram of the students' totals.

    Returns:
        `(edges, counts)`: a bin counts the totals from its edge up to, but not including, the next; full marks are in the
        last. Students without a total are left out.
    """
    students = by_student(rows)
    highest = max(map(most, students.values()), default=1)
    width = -(-(highest + 1) // MOST_BARS)  # whole points
    edges = list(range(0, highest + 1, width))
    totals = [points for own in students.values() if (points := total(own)) is not None]
    where = Counter(int(points // width) for points in totals)
    return edges, [where[place] for place in range(len(edges))]


def _counts(rows):
    """Whether a student's marks can enter a correlation: every row has points, and at least one notebook was handed in."""
    return total(rows) is not None and any(row.handed_in for row in rows)


def _discrimination(students, place):
    """The correlation between an exercise's points and the sum of all others.

    corr(x_i, sum of x_j with j != i)

    Source: the corrected item-total correlation of classical test theory, Lord, Novick 1968, Statistical theories of
    mental test scores, section 15.
    """
    item = np.array([own[place].points for own in students.values()], float)
    rest = np.array([total(own) for own in students.values()], float) - item
    if len(students) < FEWEST or not item.std() or not rest.std():
        return None
    return float(np.corrcoef(item, rest)[0, 1])


def _hint(name, wrong, row):
    known = {m.name: m.hint for m in exercise(name).misconceptions}
    return known.get(wrong, row.verdict.hint)
