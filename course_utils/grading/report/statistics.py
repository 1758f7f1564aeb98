"""What a class's marks say about the exercises: how hard, how telling, and which misconceptions are held by whom."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.exercises import exercise
from course_utils.grading.marks import Row, by_student, most, total

FEWEST = 20  # students: with fewer, chance alone moves a correlation by more than 0.23
MOST_BARS = 14  # in a histogram


@dataclass(frozen=True)
class Item:
    """How one exercise went.

    Args:
        name: the exercise's.
        answered: how many students' notebooks of its chapter count: handed in, and none of the grader's own failures.
        passed: how many of them have all its points.
        discrimination: the corrected item-total correlation, or None where it says nothing.
        students: how many students went into it.
    """

    name: str
    answered: int
    passed: int
    discrimination: float | None
    students: int


@dataclass(frozen=True)
class Held:
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


def misconceptions(rows: Sequence[Row]) -> list[Held]:
    """A `Held` for each misconception that someone holds, the most frequent first."""
    holders = defaultdict(list)
    for row in rows:
        if row.verdict.misconception:
            holders[row.verdict.exercise, row.verdict.misconception].append(row)
    found = [
        Held(name, wrong, _hint(name, wrong, own[0]), tuple(row.student for row in own))
        for (name, wrong), own in holders.items()
    ]
    return sorted(found, key=lambda held: -len(held.students))


def score_bins(rows: Sequence[Row]) -> tuple[list[int], list[int]]:
    """How many students have which total.

    Returns:
        `(edges, counts)`: a bin holds the totals from its edge on, below the next one; the full marks are in the last.
        Students with an open total are in none.
    """
    students = by_student(rows)
    highest = max(map(most, students.values()), default=1)
    width = -(-(highest + 1) // MOST_BARS)  # whole points
    edges = list(range(0, highest + 1, width))
    totals = [points for own in students.values() if (points := total(own)) is not None]
    where = Counter(int(points // width) for points in totals)
    return edges, [where[place] for place in range(len(edges))]


def _counts(rows):
    """Whether a student's marks may go into a correlation: none is open, and there is at least one notebook."""
    return total(rows) is not None and any(row.handed_in for row in rows)


def _discrimination(students, place):
    """The correlation of an exercise's points with those of all others together.

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
