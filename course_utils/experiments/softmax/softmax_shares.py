"""What softmax makes of a row of scores while something moves: the scores, the temperature, the number of points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.activations import softmax, softmax_jacobian
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Shares:
    """Softmax's shares along a row of settings.

    Args:
        moved: what moves, for the axis and the table.
        settings: (n,) its values.
        shares: (n, k) softmax at each of them; each row sums to 1.
    """

    moved: str
    settings: np.ndarray
    shares: np.ndarray

    @property
    def entropies(self) -> np.ndarray:
        """Entropy of each row, `-sum(p * ln p)` with 0 ln 0 = 0: (n,) in nats, from 0 (one class) to ln k (all equal)."""
        logarithms = np.log(self.shares, out=np.zeros_like(self.shares), where=self.shares > 0)
        return np.abs(-np.sum(self.shares * logarithms, axis=1))  # abs: no minus sign before a 0

    def table(self) -> "pd.DataFrame":
        """A DataFrame: the shares and their entropy at each setting, to four decimals."""
        import pandas as pd

        columns = [*(_("class {k}").format(k=k) for k in range(1, self.shares.shape[1] + 1)), _("entropy")]
        rows = np.column_stack([self.shares, self.entropies]).round(4)
        return pd.DataFrame(rows, index=pd.Index(self.settings, name=self.moved), columns=columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Each class's share over what moves."""
        return _plot_shares(self, ax)


def move_score(scores: Sequence[float], *, place: int = 1, to: ArrayLike | None = None) -> Shares:
    """Softmax while one score moves and the others stay where they are.

    Args:
        scores: (k,) logits, no unit.
        place: which one moves, from 0.
        to: its values; None means 97 from -4 to 8.

    Returns:
        `Shares`.
    """
    values = np.linspace(-4, 8, 97) if to is None else np.asarray(to, float)
    rows = np.tile(np.asarray(scores, float), (len(values), 1))
    rows[:, place] = values
    return Shares(_("score of class {place}").format(place=place + 1), values, softmax(rows))


def move_temperature(scores: Sequence[float], temperatures: Sequence[float] | None = None) -> Shares:
    """Softmax of `scores / temperature`.

    Args:
        scores: (k,) logits, no unit.
        temperatures: positive numbers; None means 61 from 0.1 to 100, evenly on a logarithmic scale.

    Returns:
        `Shares`.

    Raises:
        ValueError: a temperature is not positive.
    """
    values = np.geomspace(0.1, 100, 61) if temperatures is None else np.asarray(temperatures, float)
    if not (values > 0).all():
        raise ValueError(f"temperatures must be positive, got {values.min():g}")
    return Shares(_("temperature"), values, softmax(np.asarray(scores, float) / values[:, None]))


@styled
def _plot_shares(result, ax):
    ax = new_axes() if ax is None else ax
    for place, (shares, (colour, line)) in enumerate(zip(result.shares.T, FAMILY, strict=False), start=1):
        ax.plot(result.settings, shares, color=colour, ls=line, label=_("class {place}").format(place=place))
    ax.set(xlabel=result.moved, ylabel=_("share"), ylim=(-0.02, 1.02))
    ax.legend()
    return ax


@dataclass(frozen=True)
class CurvesOfSoftmax:
    """The wrong turn: `softmax(x)` drawn over x as if it were a function of one number.

    Args:
        inputs: for each number of points the x of all points, evenly from -4 to 4.
        values: for each the softmax of that whole row; all of them together sum to 1.
    """

    inputs: tuple
    values: tuple

    @property
    def heights(self) -> np.ndarray:
        """The highest value of each curve, no unit."""
        return np.array([row.max() for row in self.values])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The curves in one picture."""
        return _plot_curves(self, ax)


def curves_of_softmax(*points: int) -> CurvesOfSoftmax:
    """Softmax of evenly spaced points from -4 to 4, for several numbers of points.

    Args:
        points: how many; at most 6 numbers.

    Returns:
        `CurvesOfSoftmax`.
    """
    inputs = tuple(np.linspace(-4, 4, many) for many in points)
    return CurvesOfSoftmax(inputs, tuple(map(softmax, inputs)))


@styled
def _plot_curves(result, ax):
    ax = new_axes() if ax is None else ax
    for x, values, (colour, line) in zip(result.inputs, result.values, FAMILY, strict=False):
        ax.plot(x, values, color=colour, ls=line, label=_("{number} points").format(number=len(x)))
    ax.set(xlabel="x", ylabel=_("softmax of all x"))
    ax.legend()
    return ax


@dataclass(frozen=True)
class SoftmaxSlopes:
    """How each share answers to each score.

    Args:
        scores: (k,) logits.
        shares: (k,) softmax of them.
        slopes: (k, k) entry [i, j] is the slope of share i with respect to score j.
    """

    scores: np.ndarray
    shares: np.ndarray
    slopes: np.ndarray

    def plot(self, ax: Axes | None = None) -> Axes:
        """The slopes as a map, with their numbers."""
        return _plot_slopes(self, ax)


def softmax_slopes(scores: ArrayLike) -> SoftmaxSlopes:
    """All slopes of softmax at one row of scores, `diag(p) - outer(p, p)`.

    Args:
        scores: (k,) logits.

    Returns:
        `SoftmaxSlopes`.
    """
    scores = np.asarray(scores, float)
    return SoftmaxSlopes(scores, softmax(scores), softmax_jacobian(scores))


DARKEST = 0.35  # no slope is larger than 1/4; with one scale for all rows of scores, small slopes look small


@styled
def _plot_slopes(result, ax):
    ax = new_axes() if ax is None else ax
    classes = np.arange(len(result.scores))
    ax.imshow(result.slopes, cmap="PuOr_r", vmin=-DARKEST, vmax=DARKEST)
    for (row, column), slope in np.ndenumerate(result.slopes):
        said = f"{slope:+.4f}" if abs(slope) >= 0.00005 else "≈ 0"
        ax.text(column, row, said, ha="center", va="center")
    ax.grid(visible=False)
    ax.set(xlabel=_("score of class"), ylabel=_("share of class"), xticks=classes, yticks=classes)
    ax.set(xticklabels=classes + 1, yticklabels=classes + 1)
    return ax
