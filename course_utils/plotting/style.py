"""The one look of the course's plots: size, colours and line styles, whatever style the reader has chosen for their own."""

from collections.abc import Callable
from functools import wraps

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from course_utils.activations import ACTIVATIONS, Activation

WIDTH, HEIGHT, DPI = 6.4, 3.6, 120  # 768 pixels wide: sharp enough on a phone, small enough to store

# Okabe, Ito 2008, "Color universal design": eight colours that colour-blind readers can tell apart.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#B8A800", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip  # the yellow is darkened: the original can't be seen on white
SOLID, DASHED, DOTTED, DASHDOT = "-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2))
COLOURS = {
    "black": BLACK, "orange": ORANGE, "sky": SKY, "green": GREEN, "yellow": YELLOW, "blue": BLUE, "vermilion": VERMILION,
    "purple": PURPLE,
}  # fmt: skip
LINES = {"solid": SOLID, "dashed": DASHED, "dotted": DOTTED, "dashdot": DASHDOT}
LOOK = {name: (COLOURS[entry.colour], LINES[entry.line]) for name, entry in ACTIVATIONS.items()}
FAMILY = [(BLUE, SOLID), (VERMILION, DASHED), (GREEN, DASHDOT), (PURPLE, DOTTED), (ORANGE, SOLID), (SKY, DASHED)]
STYLE = {
    "axes.grid": True, "axes.spines.right": False, "axes.spines.top": False, "axes.titlesize": 13,
    "axes.labelsize": 12, "figure.constrained_layout.use": True, "figure.dpi": DPI, "figure.facecolor": "white",
    "font.size": 12, "grid.color": "#DDDDDD", "legend.fontsize": 11, "legend.frameon": False, "lines.linewidth": 2.4,
    "savefig.facecolor": "white",
}  # fmt: skip

# A reader's own style is out of force where the course draws, but for the fonts, which their language may need.
KINDS = {"_internal", "axes", "contour", "figure", "font", "grid", "hatch", "image", "legend", "lines", "markers", "mathtext", "patch", "path",
         "savefig", "scatter", "text", "xtick", "ytick"}  # fmt: skip
OWN = ("figure.max_open_warning", "figure.raise_window", "savefig.directory")
PLAIN = {
    name: value
    for name, value in mpl.rcParamsDefault.items()
    if name.partition(".")[0] in KINDS
    and name not in OWN
    and not (name.startswith("font.") and isinstance(value, list))
}
COURSE = PLAIN | STYLE


class CourseFigure(Figure):
    """A figure whose ticks, made when it is drawn, and whose saved file follow the course's look, too."""

    def draw(self, renderer: RendererBase) -> None:
        """Draw it, whatever style is in force."""
        with mpl.rc_context(PLAIN):
            super().draw(renderer)

    def get_tightbbox(self, *args: object, **kwargs: object) -> Bbox:
        """What a notebook cuts out, whatever style is in force."""
        with mpl.rc_context(PLAIN):
            return super().get_tightbbox(*args, **kwargs)

    def savefig(self, *args: object, **kwargs: object) -> None:
        """Save it, whatever style is in force."""
        with mpl.rc_context(PLAIN):
            super().savefig(*args, **kwargs)


class Panels(tuple):
    """Several Axes of one figure. A notebook shows the figure, not this tuple."""

    def _ipython_display_(self):
        """The figure is shown at the end of the cell, like any other."""


def styled(plot: Callable) -> Callable:
    """Draw with the course's look, and leave `rcParams` as they were.

    Axes of a reader's own get the course's background, which its colours are made for.
    """

    @wraps(plot)
    def drawn(*args: object, **kwargs: object) -> object:
        with mpl.rc_context(COURSE):
            for ax in _axes_among([*args, kwargs.get("ax"), kwargs.get("axes")]):
                ax.set_facecolor(COURSE["axes.facecolor"])
            return plot(*args, **kwargs)

    return drawn


def _axes_among(arguments):
    for argument in arguments:
        if isinstance(argument, np.ndarray) and argument.dtype == object:
            argument = list(argument.flat)
        yield from (
            ax for ax in (argument if isinstance(argument, list | tuple) else [argument]) if isinstance(ax, Axes)
        )


@styled
def new_axes(
    columns: int = 1, rows: int = 1, *, height: float = HEIGHT, width: float = WIDTH, **options: object
) -> Axes | np.ndarray:
    """A figure of the course's size; its Axes, as an array where there are several."""
    return plt.subplots(rows, columns, figsize=(width, height), FigureClass=CourseFigure, **options)[1]


def new_grid(count: int, *, columns: int, height: float, legend: float) -> np.ndarray:
    """A figure of small pictures with the same axes.

    Args:
        count: of pictures.
        columns: of them, side by side.
        height: of a row, in inches.
        legend: what is left below for a legend, in inches.

    Returns:
        Their Axes.
    """
    rows = -(-count // columns)
    size = {"height": legend + height * rows, "width": 8}
    grid = np.ravel(new_axes(columns, rows, **size, sharex=True, sharey=True))
    for ax in grid[count:]:
        ax.set_visible(False)
    return grid[:count]


def look(entry: Activation) -> dict[str, object]:
    """How an activation's curve is drawn: keyword arguments for `Axes.plot`."""
    return {"color": COLOURS[entry.colour], "ls": LINES[entry.line], "label": entry.title}
