"""A network as it is usually drawn: a circle for each unit, a line for each weight."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from course_utils.plotting.style import BLUE, VERMILION, new_axes, styled
from course_utils.texts import ngettext

MOST = 12  # circles in a column; more would touch one another


@styled
def plot_network(widths: Sequence[int], *, ax: Axes | None = None) -> Axes:
    """Draw a dense network from left to right, each layer as a column.

    Args:
        widths: numbers of units, from the input to the output, at least two numbers, each from 1 to 12.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.

    Raises:
        ValueError: fewer than two layers, or a layer with no unit or more than 12.
    """
    if len(widths) < 2 or not all(1 <= width <= MOST for width in widths):
        raise ValueError(f"widths needs at least two numbers from 1 to {MOST}, got {widths!r}")
    ax = new_axes(height=3.2) if ax is None else ax
    columns = [np.column_stack([np.full(n, float(place)), _heights(n)]) for place, n in enumerate(widths)]
    weights = [(start, end) for left, right in pairwise(columns) for start in left for end in right]
    lines = ngettext("{n} weight", "{n} weights", len(weights)).format(n=len(weights))
    ax.add_collection(LineCollection(weights, colors="#9A9A9A", linewidths=0.9, label=lines))
    for place, column in enumerate(columns):
        hidden = 0 < place < len(columns) - 1
        fill, edge = (VERMILION if hidden else "white"), (VERMILION if hidden else BLUE)
        ax.scatter(*column.T, s=190, facecolor=fill, edgecolor=edge, lw=2.2, zorder=3, label=_name(place, columns))
    ax.set(xlim=(-0.35, len(widths) - 0.65), xticks=range(len(widths)), yticks=[])
    ax.set_xticklabels([_name(place, columns).replace(" ", "\n", 1) for place in range(len(columns))])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.grid(False)
    return ax


def _heights(count):
    return (count - 1) / 2 - np.arange(count)


def _name(place, columns):
    """`3 inputs`, `4 hidden units`, `1 output`."""
    count = len(columns[place])
    if place == 0:
        return ngettext("{n} input", "{n} inputs", count).format(n=count)
    if place == len(columns) - 1:
        return ngettext("{n} output", "{n} outputs", count).format(n=count)
    return ngettext("{n} hidden unit", "{n} hidden units", count).format(n=count)
