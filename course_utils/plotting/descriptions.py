"""Describes in words what a figure shows, from the data that is drawn in it.

The description stands beside the picture in a notebook. It is what a screen reader reads, what the site uses as
alternative text, and what lets the verification notice a changed curve: pictures themselves are not compared.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from course_utils.texts import _, ngettext

DIGITS = 4  # significant digits: enough to notice a changed curve, few enough to be the same on another CPU
TRIANGLE = "triangle of shares"  # the gid of a triangle in whose corners one class has everything


def describe(figure: Figure) -> str:
    """Describe a Matplotlib figure.

    Args:
        figure: a `matplotlib.figure.Figure`.

    Returns:
        str: a line for each axes: what is on the axes, then each curve's telling numbers.
    """
    title = figure.get_suptitle()
    panels = [_describe_axes(ax) for ax in figure.axes if ax.get_visible()]
    return "\n".join(([f"{title}."] if title else []) + panels) or _("An empty figure.")


def in_bands(
    artist: Artist, step: float | Sequence[float], *, axis: str = "y", places: ArrayLike | None = None
) -> Artist:
    """Have the points of a scatter plot, a line's ends, or a filled band's height described by the band that they lie in.

    For data that differ slightly between machines, such as the outcome of training at a large learning rate.

    Args:
        artist: the points, as `Axes.scatter` returns them, a `Line2D`, or what `Axes.fill_between` returns.
        step: the band's edges are multiples of this number, or on a logarithmic axis its powers; or the edges themselves,
            ascending.
        axis: "y" or "x", along which the points' band lies; points that agree in the other coordinate share a band.
        places: (points,) that other coordinate, where the points are drawn a little beside it so that none hides another.

    Returns:
        The artist.
    """
    artist.course_band = step, axis, places
    return artist


def outwards(values: ArrayLike, step: float | Sequence[float]) -> tuple[float, float]:
    """The band that holds all values: (low, high). Its edges are multiples of a number, or out of an ascending sequence.

    >>> outwards([0.31, 0.48], 0.25), outwards([0.3, 0.3], 0.1), outwards([0.6, 0.7], (0, 0.5, 1))
    ((0.25, 0.5), (0.3, 0.3), (0.5, 1.0))
    """
    if np.ndim(step):
        below, above = np.searchsorted(step, np.min(values), "right") - 1, np.searchsorted(step, np.max(values))
        return float(step[below]), float(step[above])
    low, high = (float(np.round(extreme / step, 9)) for extreme in (np.min(values), np.max(values)))
    return float(np.round(np.floor(low) * step, 9)), float(np.round(np.ceil(high) * step, 9))


def _describe_axes(ax):
    named = [_axis("x", ax.get_xlabel(), ax.get_xscale()), _axis("y", ax.get_ylabel(), ax.get_yscale())]
    title = " ".join(ax.get_title().split())  # a line of the description is a panel
    parts = [": ".join(filter(None, [title, ", ".join(filter(None, named))]))]
    triangle = next((patch for patch in ax.patches if patch.get_gid() == TRIANGLE), None)
    describe_line, describe_mark = (
        (_describe_line, _describe_mark) if triangle is None else [partial(_describe_shares, triangle)] * 2
    )
    parts += [str(triangle.get_label())] if triangle else []
    parts += [describe_line(line) for line in ax.lines if len(line.get_xdata()) > 2]
    parts += [describe_mark(line) for line in ax.lines if 0 < len(line.get_xdata()) <= 2 and _named(line)]
    parts += [_describe_collection(c) for c in ax.collections]
    parts += [_describe_bars(bars) for bars in ax.containers if hasattr(bars, "patches")]
    parts += [_describe_span(p) for p in ax.patches if _named(p) and p is not triangle]
    parts += [_describe_image(image) for image in ax.images]
    parts += [_('marked "{text}"').format(text=text.get_text()) for text in ax.texts if text.get_text()]
    return "; ".join(part for part in parts if part) + "."


def _axis(letter, label, scale):
    return (
        (_("{letter} axis {label} (logarithmic)") if scale == "log" else _("{letter} axis {label}")).format(
            letter=letter, label=label
        )
        if label
        else ""
    )


def _describe_line(line):
    """`sigmoid from 0.0025 at -6 to 0.9975 at 6, 0.5 at 0, mean 0.5`, with peaks inside where there are any."""
    x, y = (np.ma.filled(np.ma.asarray(a, float), np.nan) for a in line.get_data())
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    if not len(x):
        return _("{line} without a drawn point").format(line=_name(line, _("a curve")))
    if hasattr(line, "course_band"):
        start, end = (_band(*_drawn_band(line, [value])) for value in (y[0], y[-1]))
        return _("{line} from {start} at {left} to {end} at {right}").format(
            line=_name(line, _("a curve")), start=start, left=_number(x[0]), end=end, right=_number(x[-1])
        )
    scale = 0 if line.axes.get_yscale() == "log" else np.abs(y).max()
    y = _as_seen(y, line.axes)
    start, end = (_number(value, scale) for value in (y[0], y[-1]))
    mean = _number(y.mean(), 1e6 * scale)  # anything under a millionth is a 0 with float32 rounding error
    parts = [
        _("{line} from {start} at {left} to {end} at {right}").format(
            line=_name(line, _("a curve")), start=start, left=_number(x[0]), end=end, right=_number(x[-1])
        )
    ]
    if x[0] < 0 < x[-1] and np.all(np.diff(x) >= 0):
        parts.append(_("{value} at 0").format(value=_number(np.interp(0, x, y), scale)))
    room = max(1e-3 * (y.max() - y.min()), 1e-5 * np.abs(y).max())  # a level line has no peaks, however it rounds
    if y.max() > max(y[0], y[-1]) + room:
        parts.append(_("highest {y} at {x}").format(y=_number(y.max()), x=_number(x[_highest(y)])))
    if y.min() < min(y[0], y[-1]) - room:
        parts.append(_("lowest {y} at {x}").format(y=_number(y.min()), x=_number(x[_highest(-y)])))
    return ", ".join([*parts, _("mean {mean}").format(mean=mean)])


def _highest(y):
    """Where the highest peak is: the first of several that are equally high but for their last digits."""
    near = y >= y.max() - 1e-6 * np.abs(y).max()
    first = near.argmax()
    beyond = near[first:].argmin() or y.size  # where the first peak ends
    return first + y[first : first + beyond].argmax()


def _as_seen(y, ax):
    """Heights; 0 where a height is so small beside the axis that rounding decides what is left of it."""
    return y if ax.get_yscale() == "log" else np.where(np.abs(y) < 1e-12 * np.ptp(ax.get_ylim()), 0, y)


def _describe_mark(line):
    """Where a straight line stands; with markers it is two measured points, and both count."""
    x, y = (np.asarray(a, float) for a in line.get_data())
    y = _as_seen(y, line.axes)
    if len(x) == 2 and line.get_marker() not in ("None", "none", None, " ", ""):
        return _("{line} from {start} at {left} to {end} at {right}").format(
            line=_name(line, _("a line")),
            start=_number(y[0]),
            left=_number(x[0]),
            end=_number(y[1]),
            right=_number(x[1]),
        )
    return _("{line} at x = {x}, y = {y}").format(line=_name(line, _("a line")), x=_number(x[0]), y=_number(y[0]))


def _describe_shares(triangle, line):
    """`cooling from (0.3333, 0.3333, 0.3333) to (0, 1, 0), mean (0.1, 0.8, 0.1)`: shares, read off the triangle's corners."""
    corners = np.vstack([triangle.get_xy()[:3].T, np.ones(3)])
    shares = np.linalg.solve(corners, np.vstack([*line.get_data(), np.ones(len(line.get_xdata()))]))
    start, end, mean = (
        f"({', '.join(f'{share + 0.0:.{DIGITS}g}' for share in row.round(DIGITS))})"
        for row in (shares[:, 0], shares[:, -1], shares.mean(axis=1))
    )
    where = (
        _("at {start}").format(start=start)
        if len(shares[0]) == 1
        else _("from {start} to {end}, mean {mean}").format(start=start, end=end, mean=mean)
    )
    return _name(line, _("shares")) + f" {where}"


def _describe_collection(collection):
    """A band from `fill_between`, the points of a scatter plot, or contours."""
    if hasattr(collection, "course_band") and len(collection.get_offsets()) > 1:
        return _describe_in_bands(collection, *collection.course_band)
    if hasattr(collection, "levels"):
        return _describe_contours(collection)
    if len(collection.get_offsets()) > 1:
        points = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
        middle = np.nanmean(points, axis=0)
        return _("{collection}: {number} points around ({x}, {y})").format(
            collection=_name(collection, _("points")), number=len(points), x=_number(middle[0]), y=_number(middle[1])
        )
    corners = [p.vertices for p in collection.get_paths() if len(p.vertices)]
    if not corners:
        return ""
    corners = np.concatenate(corners)
    (left, low), (right, high) = np.nanmin(corners, axis=0), np.nanmax(corners, axis=0)
    if hasattr(collection, "course_band"):
        return _("{collection} from x = {left} to {right}, {heights}").format(
            collection=_name(collection, _("a band")),
            left=_number(left),
            right=_number(right),
            heights=_band(*_drawn_band(collection, [low, high])),
        )
    mean = _number(_mean_edge(corners))
    return _("{collection} from x = {left} to {right}, between {low} and {high}, mean edge {mean}").format(
        collection=_name(collection, _("a band")),
        left=_number(left),
        right=_number(right),
        low=_number(low),
        high=_number(high),
        mean=mean,
    )


def _describe_contours(contours):
    """`equal loss from x = -1 to 4, between -8 and 8; at 0.4 (length 1.5), 1 (length 12.5)`, lengths in the axes' units.

    Length and extent depend on where a line runs. The number and places of its corners depend on rounding, so they are left out.
    """
    lines = [path.to_polygons(closed_only=False) for path in contours.get_paths()]
    corners = [corner for pieces in lines for piece in pieces for corner in piece]
    if not corners:
        return _("{contours} without a drawn line").format(contours=_name(contours, _("contours")))
    (left, low), (right, high) = np.min(corners, axis=0), np.max(corners, axis=0)
    lengths = [sum(np.hypot(*np.diff(piece, axis=0).T).sum() for piece in pieces) for pieces in lines]
    parts = [
        _("{level} (length {length})").format(level=_number(level), length=_number(length))
        for level, length in zip(contours.levels, lengths, strict=True)
        if length
    ]
    return _("{contours} from x = {left} to {right}, between {low} and {high}, at {parts}").format(
        contours=_name(contours, _("contours")),
        left=_number(left),
        right=_number(right),
        low=_number(low),
        high=_number(high),
        parts=", ".join(parts),
    )


def _drawn_band(artist, values):
    """The band around heights, as `in_bands` asks for it."""
    step = artist.course_band[0]
    if artist.axes.get_yscale() != "log":
        return outwards(values, step)
    with np.errstate(divide="ignore"):  # a 0 lies below each power
        return tuple(float(step**power) for power in outwards(np.log(values) / np.log(step), 1))


def _describe_in_bands(points, step, axis, drawn_beside):
    """`ReLU between 0 and 0.25 at 0.001, between 0.75 and 1 at 0.3`; where there is one band only, without its place."""
    x, y = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).T
    values, places = (y, x) if axis == "y" else (x, y)
    places = places if drawn_beside is None else np.asarray(drawn_beside, float)
    groups = [(place, outwards(values[places == place], step)) for place in np.unique(places)]
    where = _(" at {place}") if len(groups) > 1 else ""
    bands = [_band(low, high) + where.format(place=_number(place)) for place, (low, high) in groups]
    return _name(points, _("points")) + " " + ", ".join(bands)


def _band(low, high):
    return (
        _("between {low} and {high}").format(low=_number(low), high=_number(high))
        if low < high
        else _("exactly {low}").format(low=_number(low))
    )


def _mean_edge(corners):
    """The middle between lowest and highest edge at each x, averaged.

    Not the mean of the outline's points: it repeats some, and where a band has no width, rounding decides which are one.
    """
    corners = corners[np.isfinite(corners).all(axis=1)]
    edges = [corners[corners[:, 0] == x, 1] for x in np.unique(corners[:, 0])]
    return np.mean([(y.min() + y.max()) / 2 for y in edges])


def _describe_bars(bars):
    heights = [p.get_height() for p in bars.patches]
    return _name(bars, _("bars")) + ": " + ", ".join(map(_number, heights))


def _describe_span(patch):
    box = patch.get_extents().transformed(patch.axes.transData.inverted())
    left, right = (_number(edge, box.width) for edge in (box.x0, box.x1))
    return _("{patch} from x = {left} to {right}").format(patch=_name(patch, _("an area")), left=left, right=right)


def _describe_image(image):
    if np.issubdtype(image.get_array().dtype, np.integer):
        return _describe_classes(image)
    z = np.ma.filled(np.ma.asarray(image.get_array(), float), np.nan)
    shape = " x ".join(map(str, z.shape))
    mean = _number(np.nanmean(z), np.nanmax(np.abs(z)))
    return _("a map of {shape} values from {low} to {high}, mean {mean}").format(
        shape=shape, low=_number(np.nanmin(z)), high=_number(np.nanmax(z)), mean=mean
    )


def _describe_classes(image):
    """A map of whole numbers, as of a classifier's answers: where each class lies, and how its border winds."""
    z = np.asarray(image.get_array())
    left, right, bottom, top = image.get_extent()
    across, down = np.linspace(left, right, z.shape[1]), np.linspace(bottom, top, z.shape[0])
    if image.origin == "upper":
        down = down[::-1]
    parts = [_("a map of {shape} places").format(shape=" x ".join(map(str, z.shape)))]
    for kind in np.unique(z):
        rows, columns = np.nonzero(z == kind)
        middle = f"({_number(across[columns].mean(), right - left)}, {_number(down[rows].mean(), top - bottom)})"
        parts.append(
            _("class {kind} on {share} % of it, around {middle}").format(
                kind=kind, share=_number(100 * len(rows) / z.size), middle=middle
            )
        )
    changes = int(np.count_nonzero(np.diff(z[len(z) // 2])))
    return ", ".join(
        [
            *parts,
            ngettext("{changes} change along the middle row", "{changes} changes along the middle row", changes).format(
                changes=changes
            ),
        ]
    )


def _named(artist):
    return not str(artist.get_label()).startswith("_") and artist.get_label() != ""


def _name(artist, otherwise):
    return str(artist.get_label()) if _named(artist) else otherwise


def _number(value, scale=0):
    """A number in a few digits; rounding error next to numbers of size `scale` counts as 0."""
    return f"{0.0 if abs(value) < 1e-12 * scale else value:.{DIGITS}g}"
