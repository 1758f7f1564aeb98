"""A verdict for people: a few lines of text, and the same as HTML with a small picture where the answer is a curve."""

import html
import re

from course_utils.checking import picture
from course_utils.checking.judge import Verdict
from course_utils.texts import _

HEADINGS = {
    "passed": _("{exercise}: passed, {points} of {max_points} points."),
    "missing": _("{exercise}: not answered yet."),
    "forbidden": _("{exercise}: not this way."),
    "unreadable": _("{exercise}: could not be read."),
    "not_run": _("{exercise}: could not be checked."),
}
NOT_YET = _("{exercise}: not yet.")
WHY, NEXT_STEP = _("Why this input: "), _("Next step: ")
COLOURS = {"passed": "#009E73", "missing": "#808080"}  # the course's palette; the words carry the same meaning
NOT_YET_COLOUR = picture.OWN


def heading(verdict: Verdict) -> str:
    """The first line: which exercise, and how it went."""
    return HEADINGS.get(verdict.status, NOT_YET).format(
        exercise=verdict.exercise or "check", points=verdict.points, max_points=verdict.max_points
    )


def as_text(verdict: Verdict) -> str:
    """A verdict as plain text, for terminals and screen readers."""
    lines = [heading(verdict), verdict.message, *(words + text for words, text in _more(verdict))]
    return "\n".join(lines)


def as_html(verdict: Verdict) -> str:
    """A verdict as HTML: no script, no fixed text colour, so that it reads well on light and dark pages."""
    colour = COLOURS.get(verdict.status, NOT_YET_COLOUR)
    parts = [f"<strong>{html.escape(heading(verdict))}</strong>", marked(verdict.message)]
    parts += [f"<em>{words}</em>{marked(text)}" for words, text in _more(verdict)]
    body = "".join(f'<p style="margin:.2em 0">{part}</p>' for part in parts)
    return f'<div style="border-left:.3em solid {colour};padding:.2em .8em">{body}{_picture(verdict.curve)}</div>'


def _more(verdict):
    """What comes after the message: (introduction, text)."""
    return [(words, text) for words, text in ((WHY, verdict.about), (NEXT_STEP, verdict.hint)) if text]


def marked(text: str) -> str:
    """Escaped text in which `code` stands as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _picture(curve):
    """The description comes first, for readers who can't see the picture."""
    if curve is None:
        return ""
    words = html.escape(picture.in_words(curve), quote=False)
    return f'<p style="margin:.2em 0"><small>{words}</small></p>{picture.drawn(curve)}'
