"""What a student reads: for each exercise what the check says, and their own code beside it."""

import html

from course_utils.checking.feedback import as_html
from course_utils.grading.marks import most, shown_points, total
from course_utils.grading.messages import OVERRIDDEN, PAGES
from course_utils.grading.report.page import page
from course_utils.grading.submissions import shown


def feedback_html(student, rows, codes):
    """The page of one student.

    Args:
        student: the name of their folder.
        rows: their `Row`s.
        codes: exercise -> the learner's own code, text; exercises without an answer may be absent.
    """
    name, points = shown(student), total(rows)
    said = PAGES["points" if points is not None else "points_open"]
    parts = [f"<h1>{html.escape(name)}</h1>"]
    parts.append(f"<p>{said.format(points=shown_points(points), most=most(rows))}</p>")
    for chapter in dict.fromkeys(row.chapter for row in rows):
        parts.append(f"<h2>{html.escape(chapter)}</h2>")
        parts += _chapter([row for row in rows if row.chapter == chapter], codes)
    return page(name, "\n".join(parts))


def _chapter(rows, codes):
    if not any(row.handed_in or row.override for row in rows):
        return [f"<p>{html.escape(rows[0].verdict.message)}</p>"]
    return [_answer(row, codes.get(row.verdict.exercise, "")) for row in rows]


def _answer(row, code):
    name = html.escape(row.verdict.exercise)
    parts = [as_html(row.verdict)]
    if row.override:
        set_to = {"points": shown_points(row.points), "most": row.verdict.max_points, "reason": row.override.reason}
        parts.append(f"<p><strong>{html.escape(OVERRIDDEN.format(**set_to))}</strong></p>")
    if code:
        label = html.escape(PAGES["own_code"].format(name=row.verdict.exercise))
        parts.append(f'<p class="small soft">{label}</p><pre tabindex="0" aria-label="{label}"><code>{html.escape(code)}</code></pre>')  # fmt: skip
    return f'<section class="answer" aria-label="{name}">{"".join(parts)}</section>'
