"""Several seeds in one picture: a line through their medians, in a band from the smallest to the largest."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from course_utils.texts import _


def draw_band(
    ax: Axes, x: ArrayLike, values: np.ndarray, label: str, *, color: str, band_label: str = "", **line: object
) -> tuple[PolyCollection, Line2D]:
    """Draw the median of several seeds as a line, and all of them as a band.

    Args:
        ax: Axes.
        x: (points,) numbers.
        values: (seeds, points) numbers.
        label: of the line.
        color: of both.
        band_label: of the band; "" for the line's with ", all seeds" after it.
        **line: how else the line is drawn, for `Axes.plot`.

    Returns:
        The band and the line.
    """
    name = band_label or _("{label}, all seeds").format(label=label)
    band = ax.fill_between(x, values.min(0), values.max(0), color=color, alpha=0.2, lw=0, label=name)
    (median,) = ax.plot(x, np.median(values, 0), color=color, label=label, **line)
    return band, median
