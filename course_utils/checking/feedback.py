"""A verdict for people: a few lines of text, and the same as HTML with a small picture where the answer is a curve."""

import html
import re

import numpy as np

HEADINGS = {
    "passed": "{exercise}: passed, {points} of {max_points} points.",
    "missing": "{exercise}: not answered yet.",
    "forbidden": "{exercise}: not this way.",
    "unreadable": "{exercise}: could not be read.",
    "not_run": "{exercise}: could not be checked.",
}
NOT_YET = "{exercise}: not yet."
NEXT_STEP = "Next step: "
PICTURE = "Your curve (solid) beside the expected one (dashed), from x = {low:g} to {high:g}."
COLOURS = {"passed": "#009E73", "missing": "#808080"}  # the course's palette; the words say it too
NOT_YET_COLOUR = "#D55E00"


def heading(verdict):
    """The first line: which exercise, and how it went."""
    return HEADINGS.get(verdict.status, NOT_YET).format(
        exercise=verdict.exercise or "check", points=verdict.points, max_points=verdict.max_points
    )


def as_text(verdict):
    """A verdict as plain text, for terminals and screen readers."""
    lines = [heading(verdict), verdict.message]
    if verdict.hint:
        lines.append(NEXT_STEP + verdict.hint)
    return "\n".join(lines)


def as_html(verdict):
    """A verdict as HTML: no script, no fixed text colour, so that it reads well on light and dark pages."""
    colour = COLOURS.get(verdict.status, NOT_YET_COLOUR)
    parts = [f"<strong>{html.escape(heading(verdict))}</strong>", marked(verdict.message)]
    if verdict.hint:
        parts.append(f"<em>{NEXT_STEP}</em>{marked(verdict.hint)}")
    body = "".join(f'<p style="margin:.2em 0">{part}</p>' for part in parts)
    return f'<div style="border-left:.3em solid {colour};padding:.2em .8em">{body}{_picture(verdict.curve)}</div>'


def marked(text):
    """Escaped text in which `code` stands as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _picture(curve):
    if curve is None or not np.isfinite(curve.got).any():
        return ""
    words = PICTURE.format(low=curve.x[0], high=curve.x[-1])
    low, high = _limits(curve)
    lines = _line(curve.x, curve.expected, low, high, 'stroke-dasharray="5 4"', "#0072B2")
    lines += _line(curve.x, curve.got, low, high, "", NOT_YET_COLOUR)
    return (
        f'<svg role="img" aria-label="{words}" viewBox="0 0 240 120" style="width:100%;max-width:20em">'
        f'<rect x="1" y="1" width="238" height="118" fill="none" stroke="#808080"/>{lines}</svg>'
        f'<p style="margin:.2em 0"><small>{words}</small></p>'
    )


def _limits(curve):
    """The expected curve in the middle; of the learner's own, as much as three heights around it."""
    low, high = curve.expected.min(), curve.expected.max()
    room = max(high - low, 1e-9)
    got = curve.got[np.isfinite(curve.got)]
    low = max(min(low, got.min()), low - room) - 0.05 * room
    return low, min(max(high, got.max()), high + room) + 0.05 * room


def _line(x, y, low, high, dash, colour):
    across = 240 * (x - x[0]) / (x[-1] - x[0])
    down = 120 * (1 - (np.clip(y, low, high) - low) / (high - low))
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across, down, strict=True) if np.isfinite(b))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5" {dash}/>'
