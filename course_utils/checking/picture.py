"""A learner's curve beside the expected one: what differs, in words, and drawn with the difference shaded."""

import html
from dataclasses import dataclass

import numpy as np

from course_utils.checking.verdict_messages import number
from course_utils.texts import _

WIDTH, HEIGHT = 240, 120
FOOT, LEFT = 12, 40  # room for the ends of the x axis below and for the curve's heights on the left
OWN, EXPECTED = "#D55E00", "#0072B2"  # the course's palette; words and dashes carry the same meaning
NEAR = 1e-3  # of the expected curve's height: what is nearer is not seen
MOST_STRETCHES = 3  # named one by one
WORDS = {
    "same": _("From {name} = {low} to {high}{options} your curve and the expected one are the same to the eye."),
    "differs": _(
        "Drawn from {name} = {low} to {high}{options}: your curve (solid) and the expected one (dashed). They differ {where}{lost}; the difference is shaded. It is largest at {name} = {at}: {got} in place of {wanted}."
    ),
    "gaps": _(
        "Drawn from {name} = {low} to {high}{options}: your curve (solid) and the expected one (dashed). Yours has no finite number {where}."
    ),
    "from": _("from {first} to {last}"),
    "at": _("at {first}"),
    "and": _(" and "),
    "many": _("in {count} places"),
    "lost": _(", and yours has no finite number {where}"),
    "options": _(" with {options}"),
    "alt": _("The two curves"),
}


@dataclass(frozen=True)
class Curve:
    """The learner's curve beside the expected one, for the feedback's picture.

    Args:
        x, got, expected: arrays of one length; only `got` may hold numbers that are not finite.
        name: of the parameter that x stands for.
        options: the other arguments, as they stand in a call: "negative_slope=2".
    """

    x: np.ndarray
    got: np.ndarray
    expected: np.ndarray
    name: str = "x"
    options: str = ""


def in_words(curve: Curve) -> str:
    """What the picture shows, as one or two sentences."""
    return WORDS[_kind(curve)].format(**_fields(curve))


def drawn(curve: Curve) -> str:
    """The picture as SVG without a fixed text colour, or "" where the curves are the same."""
    if _kind(curve) == "same":
        return ""
    low, high = _limits(curve)
    got, expected = (_points(curve.x, y, low, high) for y in (curve.got, curve.expected))
    parts = [_axes(curve.x, low, high), *_heights(curve.expected, low, high)]
    parts += [
        _shade(got[piece], expected[piece]) for piece in _stretches(_apart(curve) & np.isfinite(curve.got), wider=True)
    ]
    parts.append(_line(expected, EXPECTED, ' stroke-dasharray="5 4"'))
    inside = np.isfinite(curve.got) & (curve.got >= low) & (curve.got <= high)
    parts += [_line(got[piece], OWN) for piece in _stretches(inside, wider=True, within=np.isfinite(curve.got))]
    parts += [*_leaving(curve, curve.got > high, 1, np.max), *_leaving(curve, curve.got < low, HEIGHT - 1, np.min)]
    parts += [_text(1, _short(curve.x[0]), "start"), _text(WIDTH - 1, _short(curve.x[-1]), "end")]
    alt = html.escape(WORDS["alt"])
    return (
        f'<svg role="img" aria-label="{alt}" viewBox="{-LEFT} 0 {WIDTH + LEFT} {HEIGHT + FOOT}" style="width:100%;max-width:22em">'
        f"{''.join(parts)}</svg>"
    )


def _kind(curve):
    apart = _apart(curve)
    return "same" if not apart.any() else "differs" if (apart & np.isfinite(curve.got)).any() else "gaps"


def _fields(curve):
    lost, kind = ~np.isfinite(curve.got), _kind(curve)
    far = np.abs(np.where(lost, curve.expected, curve.got) - curve.expected)
    at = int(np.argmax(far >= far.max() * (1 - 1e-9)))  # the first of several, whatever a processor's last bits are
    shown = {
        "low": curve.x[0],
        "high": curve.x[-1],
        "at": curve.x[at],
        "got": curve.got[at],
        "wanted": curve.expected[at],
    }
    words = {
        "name": curve.name,
        "where": _where(curve.x, lost if kind == "gaps" else _apart(curve) & ~lost),
        "lost": WORDS["lost"].format(where=_where(curve.x, lost)) if lost.any() else "",
        "options": WORDS["options"].format(options=curve.options) if curve.options else "",
    }
    return {key: _short(value) for key, value in shown.items()} | words


def _apart(curve):
    """Where the two curves are visibly different, or one has no finite number."""
    height = max(np.ptp(curve.expected), 1e-9)
    with np.errstate(invalid="ignore"):
        return ~(np.abs(curve.got - curve.expected) <= NEAR * height)


def _where(x, chosen):
    pieces = _stretches(chosen)
    if len(pieces) > MOST_STRETCHES:
        return WORDS["many"].format(count=len(pieces))
    ends = [{"first": _short(x[piece][0]), "last": _short(x[piece][-1])} for piece in pieces]
    return WORDS["and"].join(WORDS["at" if e["first"] == e["last"] else "from"].format(**e) for e in ends)


def _stretches(chosen, wider=False, within=None):
    """The runs of True, as slices; `wider` by a place on either side, or only where `within` is True there."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    around = np.ones(len(chosen) + 2, bool) if within is None else np.concatenate([[False], within, [False]])
    return [
        slice(max(a - (wider and around[a]), 0), b + (wider and around[b + 1]))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
    ]


def _limits(curve):
    """The expected curve in the middle; of the learner's own, as much as three heights around it."""
    low, high = curve.expected.min(), curve.expected.max()
    room = max(high - low, 1e-9)
    got = curve.got[np.isfinite(curve.got)]
    low = max(min(low, got.min(initial=low)), low - room) - 0.05 * room
    return low, min(max(high, got.max(initial=high)), high + room) + 0.05 * room


def _points(x, y, low, high):
    across = WIDTH * (x - x[0]) / (x[-1] - x[0])
    down = HEIGHT * (1 - (np.clip(np.nan_to_num(y, nan=low), low, high) - low) / (high - low))
    return np.column_stack([across, down])


def _axes(x, low, high):
    """The frame, and the lines of 0."""
    lines = f'<rect x="1" y="1" width="{WIDTH - 2}" height="{HEIGHT - 2}" fill="none" stroke="#808080"/>'
    zero = _points(np.array([x[0], 0, x[-1]]), np.zeros(3), low, high)[1]
    if x[0] < 0 < x[-1]:
        lines += _line(np.array([[zero[0], 0], [zero[0], HEIGHT]]), "#808080", "", 0.5)
    if low < 0 < high:
        lines += _line(np.array([[0, zero[1]], [WIDTH, zero[1]]]), "#808080", "", 0.5)
    return lines


def _heights(expected, low, high):
    """The expected curve's lowest and highest value, on the left, where each of them is reached."""
    down = _points(np.arange(2.0), np.array([expected.max(), expected.min()]), low, high)[:, 1]
    shown = 2 if down[1] - down[0] > FOOT else 1  # a level curve has one height
    for y, value in list(zip(down, (expected.max(), expected.min()), strict=True))[:shown]:
        yield _line(np.array([[0, y], [5, y]]), "#808080", "", 1)
        yield _text(-3, _short(value), "end", y + 3)


def _leaving(curve, outside, edge, furthest):
    """An arrow at the edge where the learner's curve leaves the picture, with how far it goes."""
    into = 7 if edge < HEIGHT / 2 else -7
    pieces = _stretches(outside & np.isfinite(curve.got))
    for piece in pieces if len(pieces) <= MOST_STRETCHES else []:
        middle = (curve.x[piece][0] + curve.x[piece][-1]) / 2
        x = float(np.clip(WIDTH * (middle - curve.x[0]) / (curve.x[-1] - curve.x[0]), 5, WIDTH - 5))
        yield f'<path d="M{x:.1f},{edge} l4,{into} h-8 z" fill="{OWN}"/>'
        near_right = x > WIDTH / 2
        text = _short(furthest(curve.got[piece]))
        yield _text(
            x + (-7 if near_right else 7), text, "end" if near_right else "start", edge + (9 if into > 0 else -2)
        )


def _line(points, colour, dash="", width=2.5):
    return f'<polyline points="{_joined(points)}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'


def _shade(got, expected):
    around = np.concatenate([got, expected[::-1]])
    return f'<polygon points="{_joined(around)}" fill="{OWN}" fill-opacity="0.25" stroke="none"/>'


def _text(x, text, anchor, y=HEIGHT + FOOT - 2):
    return f'<text x="{x:.4g}" y="{y:.4g}" font-size="9" fill="currentColor" text-anchor="{anchor}">{text}</text>'


def _joined(points):
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _short(value):
    return number(float(f"{value:.3g}"))
