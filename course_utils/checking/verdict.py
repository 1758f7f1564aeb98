"""A verdict: what the checker says of an answer, as a few lines of text or as HTML with a small picture where the answer is a curve."""

import html
import re
from dataclasses import dataclass
from enum import StrEnum

from course_utils.checking import picture
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


class Reason(StrEnum):
    """Why a verdict is what it is, for programs: where the status leaves it open, this says it, and never a sentence does."""

    SIGNATURE = "signature"
    RAISED = "raised"
    CHANGED = "changed"
    NONE = "none"
    TEXT = "text"
    OPAQUE = "opaque"
    RAGGED = "ragged"
    SHAPE = "shape"
    COMPLEX = "complex"
    FINITE = "finite"
    PROPERTY = "property"
    VALUE = "value"
    MISSING = "missing"  # these were handed in, or not
    NOT_DEFINED = "not_defined"
    CELL_TYPE = "cell_type"  # the answer is in a cell that isn't a code cell
    NOT_HANDED_IN = "not_handed_in"
    NOT_READ = "not_read"  # there are files, but none is this chapter's notebook
    CHAPTER = "chapter"  # the chapter, in place of its exercises
    FORBIDDEN = "forbidden"  # these use what is ready-made
    CATALOGUE = "catalogue"
    WITHHELD = "withheld"  # handed out without its check
    NOT_A_FUNCTION = "not_a_function"


@dataclass(frozen=True)
class Verdict:
    """What the checker says of an answer.

    Args:
        exercise: its name, "" where none could be found.
        status: `passed failed raised timeout memory crashed missing unreadable forbidden not_run`.
        points: what it earns; None for `not_run`.
        max_points: what a right answer earns.
        message: where and what: place, got, expected.
        hint: the next step; may be empty.
        misconception: the name of a recognised wrong answer, or "".
        curve: for a picture, or None.
        about: why the input that is shown was tried, a sentence; may be empty.
        reason: a `Reason`, or None where the status says it all.
    """

    exercise: str
    status: str
    points: int | None
    max_points: int
    message: str
    hint: str = ""
    misconception: str = ""
    curve: picture.Curve | None = None
    about: str = ""
    reason: Reason | None = None

    @property
    def passed(self) -> bool:
        """True where the answer is right."""
        return self.status == "passed"

    def show(self) -> int | None:
        """Display the verdict, and return its points: the number that nbgrader reads from a cell's output."""
        from IPython.display import display

        display(self)
        return self.points

    def __repr__(self):
        return as_text(self)

    def _repr_html_(self):
        return as_html(self)


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
