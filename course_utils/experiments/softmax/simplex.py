"""Shares of three classes as points of a triangle: in each corner one class has everything, in the middle all have a third."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.activations import softmax
from course_utils.experiments.softmax.softmax_shares import move_score, move_temperature
from course_utils.plotting.descriptions import TRIANGLE
from course_utils.plotting.style import BLACK, FAMILY, new_axes, styled
from course_utils.texts import _

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(0.75)]])  # all sides have length 1
MARKERS = ("o", "s", "^", "D", "v", "P")


def points_of(shares: ArrayLike) -> np.ndarray:
    """Where rows of three shares lie: `shares @ CORNERS`.

    Args:
        shares: (..., 3) numbers from 0 to 1; each row sums to 1.

    Returns:
        (..., 2) x and y.

    Raises:
        ValueError: there are not three shares in a row.
    """
    shares = np.asarray(shares, float)
    if shares.shape[-1:] != (3,):
        raise ValueError(f"a triangle has room for three classes, got shares of shape {shares.shape}")
    return shares @ CORNERS


@styled
def plot_triangle(
    paths: Mapping[str, ArrayLike],
    *,
    points: Mapping[str, ArrayLike] | None = None,
    classes: Sequence[str] = ("class 1", "class 2", "class 3"),
    ax: Axes | None = None,
) -> Axes:
    """Draw rows of three shares in the triangle.

    Args:
        paths: name -> (n, 3) shares, drawn as a line from the first row to the last; at most 6.
        points: name -> (3,) shares, each drawn as a mark; None means no mark.
        classes: the names of the corners: bottom left, bottom right, top.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes(height=4.2) if ax is None else ax
    ax.fill(*CORNERS.T, facecolor="#F4F4F4", edgecolor=BLACK, lw=1.2, gid=TRIANGLE, label=_("shares of three classes"))
    for (name, shares), (colour, line) in zip(paths.items(), FAMILY, strict=False):
        ax.plot(*points_of(shares).T, color=colour, ls=line, label=name)
    for (name, shares), marker in zip((points or {}).items(), MARKERS, strict=False):
        x, y = points_of(shares)
        ax.plot([x], [y], color=BLACK, marker=marker, ms=8, ls="", label=name, zorder=3)
    for (x, y), name, side in zip(CORNERS, classes, ("right", "left", "center"), strict=True):
        ax.annotate(
            name, (x, y), xytext=(0, 8 if y else -4), textcoords="offset points", ha=side, va="bottom" if y else "top"
        )
    ax.set(aspect="equal", xlim=(-0.2, 1.2), ylim=(-0.1, 0.98))
    ax.set_axis_off()
    ax.legend(handles=[drawn for drawn in ax.lines], loc="upper left", bbox_to_anchor=(0.8, 1))
    return ax


def plot_softmax_paths(scores: ArrayLike, *, ax: Axes | None = None) -> Axes:
    """The path of softmax's shares while the temperature changes, and while the second of three scores does.

    Args:
        scores: (3,) logits.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    heated, moved = move_temperature(scores), move_score(scores)
    names = (
        _("{moved}, {first:g} to {last:g}").format(moved=path.moved, first=path.settings[0], last=path.settings[-1])
        for path in (heated, moved)
    )
    paths = dict(zip(names, (heated.shares, moved.shares), strict=True))
    points = {f"scores {', '.join(f'{score:g}' for score in scores)}": softmax(scores), "all equal": np.full(3, 1 / 3)}
    return plot_triangle(paths, points=points, ax=ax)
