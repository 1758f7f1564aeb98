"""A student's page: for each exercise, what the check says next to their own code."""

from collections.abc import Mapping, Sequence

from course_utils.grading.files import shown
from course_utils.grading.grading_messages import OVERRIDDEN, PAGES
from course_utils.grading.marks import Row, most, shown_points, total
from course_utils.grading.report.page import checked, page


def feedback_html(student: str, rows: Sequence[Row], codes: Mapping[str, str]) -> str:
    """One student's page.

    Args:
        student: the name of their folder.
        rows: the student's.
        codes: exercise -> the student's own code; exercises without an answer may be absent.
    """
    points = total(rows)
    said = PAGES["points" if points is not None else "points_open"]
    chapters = dict.fromkeys(row.chapter for row in rows)
    return page(
        "student.html",
        title=shown(student),
        points=said.format(points=shown_points(points), most=most(rows)),
        chapters=[_chapter(name, [row for row in rows if row.chapter == name], codes) for name in chapters],
    )


def _chapter(name, rows, codes):
    if not any(row.handed_in or row.override for row in rows):
        return {"name": name, "not_handed_in": rows[0].verdict.message, "answers": []}
    answers = [_answer(row, codes.get(row.verdict.exercise, "")) for row in rows]
    return {"name": name, "not_handed_in": "", "answers": answers}


def _answer(row, code):
    name, override = row.verdict.exercise, ""
    if row.override:
        override = OVERRIDDEN.format(
            points=shown_points(row.points), most=row.verdict.max_points, reason=row.override.reason
        )
    return {
        "exercise": name,
        "checked": checked(row.verdict),
        "override": override,
        "code": code,
        "label": PAGES["own_code"].format(name=name),
    }
