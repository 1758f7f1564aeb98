"""Says in words what a figure shows, from the data that is drawn in it.

The description stands beside the picture in a notebook. It is what a screen reader reads, what the site uses as
alternative text, and what lets the verification notice a changed curve: pictures themselves are not compared.
"""

import numpy as np

DIGITS = 4  # significant digits: enough to notice a changed curve, few enough to be the same on another CPU


def describe(figure):
    """Describe a Matplotlib figure.

    Args:
        figure: a `matplotlib.figure.Figure`.

    Returns:
        str: a line for each axes: what is on the axes, then each curve's telling numbers.
    """
    title = figure.get_suptitle()
    panels = [_describe_axes(ax) for ax in figure.axes if ax.get_visible()]
    return "\n".join(([f"{title}."] if title else []) + panels) or "An empty figure."


def _describe_axes(ax):
    named = [_axis("x", ax.get_xlabel(), ax.get_xscale()), _axis("y", ax.get_ylabel(), ax.get_yscale())]
    parts = [": ".join(filter(None, [ax.get_title(), ", ".join(filter(None, named))]))]
    parts += [_describe_line(line) for line in ax.lines if len(line.get_xdata()) > 2]
    parts += [_describe_mark(line) for line in ax.lines if 0 < len(line.get_xdata()) <= 2 and _named(line)]
    parts += [_describe_collection(c) for c in ax.collections]
    parts += [_describe_bars(bars) for bars in ax.containers if hasattr(bars, "patches")]
    parts += [_describe_span(p) for p in ax.patches if _named(p)]
    parts += [_describe_image(image) for image in ax.images]
    parts += [f'marked "{text.get_text()}"' for text in ax.texts if text.get_text()]
    return "; ".join(part for part in parts if part) + "."


def _axis(letter, label, scale):
    return f"{letter} axis {label}{' (logarithmic)' if scale == 'log' else ''}" if label else ""


def _describe_line(line):
    """`sigmoid from 0.0025 at -6 to 0.9975 at 6, 0.5 at 0, mean 0.5`, with peaks inside where there are any."""
    x, y = (np.ma.filled(np.ma.asarray(a, float), np.nan) for a in line.get_data())
    keep = np.isfinite(x) & np.isfinite(y)
    x, y = x[keep], y[keep]
    if not len(x):
        return f"{_name(line, 'a curve')} without a drawn point"
    scale = 0 if line.axes.get_yscale() == "log" else np.abs(y).max()
    start, end, mean = (_number(value, scale) for value in (y[0], y[-1], y.mean()))
    parts = [f"{_name(line, 'a curve')} from {start} at {_number(x[0])} to {end} at {_number(x[-1])}"]
    if x[0] < 0 < x[-1] and np.all(np.diff(x) >= 0):
        parts.append(f"{_number(np.interp(0, x, y), scale)} at 0")
    room = 1e-3 * (y.max() - y.min())
    if y.max() > max(y[0], y[-1]) + room:
        parts.append(f"highest {_number(y.max())} at {_number(x[y.argmax()])}")
    if y.min() < min(y[0], y[-1]) - room:
        parts.append(f"lowest {_number(y.min())} at {_number(x[y.argmin()])}")
    return ", ".join([*parts, f"mean {mean}"])


def _describe_mark(line):
    x, y = (np.asarray(a, float) for a in line.get_data())
    return f"{_name(line, 'a line')} at x = {_number(x[0])}, y = {_number(y[0])}"


def _describe_collection(collection):
    """A band from `fill_between`, or the points of a scatter plot."""
    if len(collection.get_offsets()) > 1:
        points = np.ma.filled(np.ma.asarray(collection.get_offsets(), float), np.nan)
        middle = np.nanmean(points, axis=0)
        return (
            f"{_name(collection, 'points')}: {len(points)} points around ({_number(middle[0])}, {_number(middle[1])})"
        )
    corners = [p.vertices for p in collection.get_paths() if len(p.vertices)]
    if not corners:
        return ""
    corners = np.concatenate(corners)
    (left, low), (right, high) = np.nanmin(corners, axis=0), np.nanmax(corners, axis=0)
    mean = _number(np.nanmean(np.unique(corners, axis=0)[:, 1]))  # the outline starts and ends with repeated points
    return (
        f"{_name(collection, 'a band')} from x = {_number(left)} to {_number(right)}, "
        f"between {_number(low)} and {_number(high)}, mean edge {mean}"
    )


def _describe_bars(bars):
    heights = [p.get_height() for p in bars.patches]
    return f"{_name(bars, 'bars')}: {', '.join(map(_number, heights))}"


def _describe_span(patch):
    box = patch.get_extents().transformed(patch.axes.transData.inverted())
    return f"{_name(patch, 'an area')} from x = {_number(box.x0)} to {_number(box.x1)}"


def _describe_image(image):
    z = np.ma.filled(np.ma.asarray(image.get_array(), float), np.nan)
    shape = " x ".join(map(str, z.shape))
    return f"a map of {shape} values from {_number(np.nanmin(z))} to {_number(np.nanmax(z))}, mean {_number(np.nanmean(z))}"


def _named(artist):
    return not str(artist.get_label()).startswith("_") and artist.get_label() != ""


def _name(artist, otherwise):
    return str(artist.get_label()) if _named(artist) else otherwise


def _number(value, scale=0):
    """A number in a few digits; what rounding error leaves of a 0, beside numbers of size `scale`, is a 0."""
    return f"{0.0 if abs(value) < 1e-12 * scale else value:.{DIGITS}g}"
