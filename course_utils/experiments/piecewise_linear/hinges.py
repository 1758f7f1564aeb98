"""Networks with one input and one hidden layer: broken lines made of ReLUs, and what other units can draw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.networks import shown_name
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import (
    BLACK,
    BLUE,
    DASHDOT,
    DASHED,
    GREEN,
    LOOK,
    ORANGE,
    PURPLE,
    SOLID,
    VERMILION,
    new_axes,
    styled,
)
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd

SPAN = (-np.pi, np.pi)
FINE = 20001  # where the largest error of a broken line is looked for
NAMES = {np.sin: _("sine"), np.cos: _("cosine"), np.abs: _("absolute value"), np.square: _("square")}
COARSE = 401  # where the units' output weights are fitted, and the typical error is measured
# Units that are no activation of the catalogue: name -> (function, colour, line style).
OTHERS = {
    "square": (np.square, ORANGE, DASHED),
    "cube": (lambda z: z**3, PURPLE, DASHDOT),
    "step": (lambda z: np.heaviside(z, 0.0), VERMILION, DASHDOT),
}


@dataclass(frozen=True)
class BrokenLine:
    """A network with one input, one hidden layer of ReLUs and one output: `offset + sum(heights * relu(weights * x + biases))`.

    Args:
        weights, biases: (units,) of the hidden units.
        heights: (units,) the output weights.
        offset: the output's bias.
    """

    weights: np.ndarray
    biases: np.ndarray
    heights: np.ndarray
    offset: float = 0.0

    @property
    def kinks(self) -> np.ndarray:
        """(kinks,) where the line may bend, ascending: `-bias / weight` of each unit whose weight is not 0."""
        used = self.weights != 0
        return np.sort(-self.biases[used] / self.weights[used]) + 0.0  # no -0.0

    def units(self, x: np.ndarray) -> np.ndarray:
        """(n, units) what each hidden unit adds to the output at the inputs x of shape (n,)."""
        return self.heights * np.maximum(np.multiply.outer(np.asarray(x, float), self.weights) + self.biases, 0)

    def at(self, x: np.ndarray) -> np.ndarray:
        """(n,) the output at the inputs x of shape (n,)."""
        return self.offset + self.units(x).sum(axis=1)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The output and what each unit adds to it, with the kinks marked."""
        return _plot_line(self, ax)


def broken_line(
    weights: Sequence[float], biases: Sequence[float], heights: Sequence[float], *, offset: float = 0.0
) -> BrokenLine:
    """A small network by its numbers.

    Args:
        weights, biases: of the hidden units, one number each.
        heights: the output weights.
        offset: the output's bias.

    Returns:
        A `BrokenLine`.

    Raises:
        ValueError: the three lists differ in length.

    >>> broken_line([1, 2], [0, 4], [1, -1]).kinks
    array([-2.,  0.])
    """
    lists = [np.asarray(numbers, float) for numbers in (weights, biases, heights)]
    if len({numbers.shape for numbers in lists}) != 1:
        sizes = ", ".join(str(numbers.size) for numbers in lists)
        raise ValueError(f"weights, biases and heights need the same length, got {sizes}")
    return BrokenLine(*lists, float(offset))


@styled
def _plot_line(line, ax):
    ax, x = new_axes() if ax is None else ax, np.linspace(-3, 3, 601)
    styles = [(BLUE, DASHED), (VERMILION, DASHDOT), (PURPLE, (0, (1.5, 1.5))), (ORANGE, DASHED)]
    for number, (unit, (colour, style)) in enumerate(zip(line.units(x).T, styles, strict=False), start=1):
        ax.plot(x, unit, color=colour, ls=style, lw=1.8, label=_("unit {number}").format(number=number))
    ax.plot(x, line.at(x), color=BLACK, ls=SOLID, lw=3, label=_("sum"))
    ax.plot(line.kinks, line.at(line.kinks), "o", color=BLACK, ms=9, mfc="white", mew=2, label=_("kinks"))
    ax.set(xlabel=_("input"), ylabel=_("output"))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax


@dataclass(frozen=True)
class HingeFit:
    """A broken line that meets a curve at equally spaced places.

    Args:
        name: of the curve, for the legend.
        line: the `BrokenLine`.
        x: (n,) inputs.
        wanted: (n,) the curve.
        drawn: (n,) the broken line.
    """

    name: str
    line: BrokenLine
    x: np.ndarray
    wanted: np.ndarray
    drawn: np.ndarray

    @property
    def largest_error(self) -> float:
        """Largest distance between curve and line."""
        return float(np.abs(self.drawn - self.wanted).max())

    def plot(self, ax: Axes | None = None) -> Axes:
        """The curve and the broken line, with its kinks marked."""
        return _plot_fit(self, ax)


def hinge_fit(hinges: int, function: Callable = np.sin, *, span: tuple[float, float] = SPAN) -> HingeFit:
    """Draw a curve with hinges: one ReLU for each of equally long pieces, bent so that the line meets the curve at their ends.

    The first ReLU's height is the first piece's slope, each further one's the change of slope at its kink. For a
    curve whose second derivative is at most M in size, the error is at most `M * h**2 / 8` with pieces of length h.

    Args:
        hinges: number of ReLUs, at least 1.
        function: of an array.
        span: (low, high), the inputs.

    Returns:
        A `HingeFit`.

    Source: the error of linear interpolation, in any textbook of numerical analysis.
    """
    knots = np.linspace(*span, hinges + 1)
    heights = np.diff(np.diff(function(knots)) / np.diff(knots), prepend=0.0)
    line = BrokenLine(np.ones(hinges), -knots[:-1], heights, float(function(knots[0])))
    x = np.linspace(*span, FINE)
    return HingeFit(NAMES.get(function, _("curve")), line, x, function(x), line.at(x))


def plot_hinge_fit(ax: Axes | None = None, hinges: int = 4) -> Axes:
    """The sine and its broken line, for a slider."""
    return hinge_fit(hinges).plot(ax)


@styled
def _plot_fit(fit, ax):
    ax = new_axes() if ax is None else ax
    ax.plot(fit.x, fit.wanted, color=BLUE, ls=DASHED, lw=1.8, label=fit.name)
    ax.plot(fit.x, fit.drawn, color=GREEN, label=_("hinges"))
    ax.plot(fit.line.kinks, fit.line.at(fit.line.kinks), "o", color=BLACK, ms=5, label=_("kinks"))
    ax.set(title=_("{number} hinges").format(number=len(fit.line.heights)), xlabel=_("input"), ylabel=_("output"))
    return ax


@dataclass(frozen=True)
class RandomUnits:
    """How near to the sine hidden units with random weights come, with the best output weights that there are.

    Args:
        unit: the kind of unit.
        counts: (sizes,) numbers of hidden units.
        errors: (seeds, sizes) typical distance (root mean square) from the sine on [-pi, pi].
    """

    unit: str
    counts: np.ndarray
    errors: np.ndarray

    def table(self) -> "pd.DataFrame":
        """A DataFrame with one row, the kind of unit: the error for each number of units, the median of the seeds."""
        import pandas as pd

        row = [np.median(self.errors, axis=0).round(4)]
        return pd.DataFrame(row, index=[self.unit], columns=self.counts)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The error over the number of units: median of the seeds, with a band from the smallest to the largest."""
        return plot_random_units([self], ax=ax)


def random_units(
    unit: str, counts: Sequence[int] = (1, 2, 4, 8, 16, 32, 64), *, seeds: Sequence[int] = range(5)
) -> RandomUnits:
    """Draw the sine with random hidden units: `offset + sum(heights * unit(weight * (x - middle)))`.

    Weights are drawn from the normal distribution, middles evenly from the inputs' range; offset and heights are the
    best there are, by least squares. No training, so no training can go wrong.

    Args:
        unit: an activation of the catalogue, or "square", "cube" or "step" (0 below 0, 1 above).
        counts: numbers of hidden units.
        seeds: ints.

    Returns:
        `RandomUnits`.

    Raises:
        ValueError: there is no such unit.
    """
    function = OTHERS[unit][0] if unit in OTHERS else get(unit).f
    errors = [[_best_error(function, count, seed) for count in counts] for seed in seeds]
    return RandomUnits(unit, np.array(counts), np.array(errors))


def _best_error(function, count, seed):
    rng, x = np.random.default_rng(seed), np.linspace(*SPAN, COARSE)
    weights, middles = rng.normal(size=count), rng.uniform(*SPAN, count)
    hidden = np.column_stack([np.ones(COARSE), function(weights * (x[:, None] - middles))])
    best = np.linalg.lstsq(hidden, np.sin(x), rcond=None)[0]
    return np.sqrt(np.mean((hidden @ best - np.sin(x)) ** 2))


@styled
def plot_random_units(runs: Sequence[RandomUnits], *, ax: Axes | None = None) -> Axes:
    """Several kinds of units in one picture, both axes logarithmic.

    Args:
        runs: `RandomUnits` objects.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes(height=4.0) if ax is None else ax
    for run in runs:
        colour, style = OTHERS[run.unit][1:] if run.unit in OTHERS else LOOK[run.unit]
        name = run.unit if run.unit in OTHERS else shown_name(run.unit)
        draw_band(ax, run.counts, run.errors, name, color=colour, ls=style, marker="o", ms=4)
    ax.set(xscale="log", yscale="log", xlabel=_("hidden units"), ylabel=_("typical distance from the sine"))
    ax.set_xticks(runs[0].counts, runs[0].counts)
    ax.minorticks_off()
    ax.legend(handles=list(ax.lines), loc="center left", bbox_to_anchor=(1, 0.5))
    return ax
