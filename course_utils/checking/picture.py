"""A learner's curve beside the expected one: what differs, in words, and drawn with the difference shaded."""

import html

import numpy as np

from course_utils.checking.messages import number
from course_utils.texts import _

WIDTH, HEIGHT, FOOT = 240, 120, 12  # the ends of the x axis stand in the foot
OWN, EXPECTED = "#D55E00", "#0072B2"  # the course's palette; the words and the dashes say it too
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


def in_words(curve):
    """What the picture shows, as one or two sentences."""
    return WORDS[_kind(curve)].format(**_fields(curve))


def drawn(curve):
    """The picture as SVG without a fixed text colour, or "" where the curves are the same."""
    if _kind(curve) == "same":
        return ""
    low, high = _limits(curve)
    got, expected = (_points(curve.x, y, low, high) for y in (curve.got, curve.expected))
    parts = [_axes(curve.x, low, high)]
    parts += [
        _shade(got[piece], expected[piece]) for piece in _stretches(_apart(curve) & np.isfinite(curve.got), wider=True)
    ]
    parts.append(_line(expected, EXPECTED, ' stroke-dasharray="5 4"'))
    parts += [_line(got[piece], OWN) for piece in _stretches(np.isfinite(curve.got))]
    parts += [_text(1, _short(curve.x[0]), "start"), _text(WIDTH - 1, _short(curve.x[-1]), "end")]
    alt = html.escape(WORDS["alt"])
    return (
        f'<svg role="img" aria-label="{alt}" viewBox="0 0 {WIDTH} {HEIGHT + FOOT}" style="width:100%;max-width:22em">'
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


def _stretches(chosen, wider=False):
    """The runs of True, as slices; `wider` by a place on either side."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(int), [0]])))
    return [slice(max(a - wider, 0), b + wider) for a, b in zip(edges[::2], edges[1::2], strict=True)]


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


def _line(points, colour, dash="", width=2.5):
    return f'<polyline points="{_joined(points)}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>'


def _shade(got, expected):
    around = np.concatenate([got, expected[::-1]])
    return f'<polygon points="{_joined(around)}" fill="{OWN}" fill-opacity="0.25" stroke="none"/>'


def _text(x, text, anchor):
    return (
        f'<text x="{x}" y="{HEIGHT + FOOT - 2}" font-size="9" fill="currentColor" text-anchor="{anchor}">{text}</text>'
    )


def _joined(points):
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in points)


def _short(value):
    return number(float(f"{value:.3g}"))
