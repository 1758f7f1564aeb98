"""The teacher's page: the class at a glance, what a person should check, and statistics of the exercises."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from course_utils.grading.grading_messages import CLASS, EYE, MISSING, NOT_CONTAINED
from course_utils.grading.marks import Row, by_student, most, total
from course_utils.grading.report.changes import Change
from course_utils.grading.report.page import page
from course_utils.grading.report.statistics import FEWEST, items, misconceptions, score_bins
from course_utils.texts import ngettext

TABLES = ("grades.csv", "totals.csv", "misconceptions.csv", "students.csv", "canvas.csv", "moodle.csv")
FIRST = 10  # misconceptions shown; the rest is folded
LONGEST = 200  # lines of a list on the page; the tables have all of them


@dataclass(frozen=True)
class ReviewItem:
    """Something that a person should check: one item for all exercises of a notebook with the same reasons.

    Args:
        student: the name of their folder.
        reasons: names from `EYE`, the most serious first.
        told: what was noticed, as text.
        exercises: their names.
    """

    student: str
    reasons: tuple[str, ...]
    told: str
    exercises: list[str]


def index_html(
    rows: Sequence[Row], run: dict, *, changes: Sequence[Change] | None = (), alike: Sequence[str] = ()
) -> str:
    """The class's page.

    Args:
        rows: in table order.
        run: the content of `run.json`.
        changes: since the previous report, or None if there was none.
        alike: sentences about answers too similar to be chance.
    """
    students, eye = by_student(rows), _for_a_person(rows)
    found = items(rows)
    points = {row.verdict.exercise: row.verdict.max_points for row in rows}
    return page(
        "class.html",
        title=CLASS["title"],
        text=CLASS,
        run=run,
        summary=summary(run),
        cards=_cards(students),
        scores=_scores(rows),
        statuses=_statuses(rows),
        misconceptions=misconceptions(rows),
        exercises=[(item, points[item.name]) for item in found],
        chance=_chance(found[0].students if found else 0),
        eye=eye,
        things=len(eye) + len(run.get("warnings", ())),
        reasons={reason: means for reason, means in EYE.items() if any(reason in seen.reasons for seen in eye)},
        alike=alike,
        changes=changes,
        columns=tuple(item.name for item in found),
        students=[{"name": name, "total": total(own), "rows": own} for name, own in students.items()],
        known=set(students),
        not_contained=NOT_CONTAINED[run["isolation"]["used"]],
        tables=TABLES if changes is None else (*TABLES, "changes.csv"),
        first=FIRST,
        longest=LONGEST,
    )


def summary(run: dict) -> str:
    """A sentence with the number of students and of rows by status."""
    counts = ", ".join(f"{count} {status}" for status, count in run["rows"].items())
    students = run["students"]
    told = ngettext(
        "{students} student, {rows} rows: {counts}.", "{students} students, {rows} rows: {counts}.", students
    )
    return told.format(students=students, rows=sum(run["rows"].values()), counts=counts)


def _cards(students):
    """(number, label) for each key figure."""
    there = [own for own in students.values() if any(row.handed_in or row.override for row in own)]
    totals = [points for own in there if (points := total(own)) is not None]
    highest = max(map(most, students.values()), default=0)
    cards = [(len(students), CLASS["students"]), (len(there), CLASS["handed_in"])]
    if totals:
        cards.append((f"{np.median(totals):g}", CLASS["median"].format(most=highest)))
        cards.append((f"{np.mean(totals):.1f}", CLASS["mean"].format(most=highest)))
    if open_totals := sum(total(own) is None for own in students.values()):
        cards.append((open_totals, CLASS["open"]))
    return cards


def _statuses(rows):
    """(Status, count), the most frequent first; missing answers are counted by reason."""
    counts = Counter(
        CLASS["because"].format(status=row.verdict.status, reason=MISSING[row.verdict.reason])
        if row.verdict.reason in MISSING
        else row.verdict.status
        for row in rows
    )
    return counts.most_common()


def _scores(rows):
    edges, counts = score_bins(rows)
    highest = max(map(most, by_student(rows).values()), default=0)
    ends = [*(edge - 1 for edge in edges[1:]), highest]
    labels = [f"{low}" if low == high else f"{low}–{high}" for low, high in zip(edges, ends, strict=True)]
    bars = ", ".join(CLASS["bar"].format(count=c, points=n) for c, n in zip(counts, labels, strict=True) if c)
    return {
        "counts": counts,
        "labels": labels,
        "description": CLASS["histogram"].format(bars=bars or CLASS["nobody"]),
    }


def _chance(students):
    """A note on what the class's size means for the discrimination figures."""
    if students < FEWEST:
        return CLASS["too_few"].format(fewest=FEWEST, students=students)
    return CLASS["chance"].format(students=students, error=1 / (students - 1) ** 0.5)


def _for_a_person(rows):
    """The most serious first."""
    grave, together = list(EYE), defaultdict(list)
    for row in rows:
        if reasons := _reasons(row):
            told = " ".join(
                [*row.notes, *([row.verdict.message] if {row.verdict.status, row.verdict.reason} & EYE.keys() else [])]
            )
            together[row.student, row.chapter, reasons, told].append(row.verdict.exercise)
    found = [ReviewItem(student, reasons, told, names) for (student, _, reasons, told), names in together.items()]
    return sorted(found, key=lambda seen: grave.index(seen.reasons[0]))


def _reasons(row):
    """Why a person should check a row: names from `EYE`, the most serious first."""
    if row.override:  # a person has checked it already
        return ()
    return tuple(
        reason
        for reason in EYE
        if reason in (row.verdict.status, row.verdict.reason) or (reason == "notes" and row.notes)
    )
