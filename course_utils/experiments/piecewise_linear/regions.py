"""How many straight pieces a ReLU network with one input draws: counted exactly, with random weights and with chosen ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from course_utils.plotting.style import BLUE, VERMILION, new_axes, styled
from course_utils.texts import _, ngettext

if TYPE_CHECKING:
    import pandas as pd

SPAN = (-3.0, 3.0)
HAT = np.array([2.0, -4.0, 2.0]), np.array([0.0, -0.5, -1.0])  # 2 relu(x) - 4 relu(x - 1/2) + 2 relu(x - 1)
BENT = 1e-9  # slopes that differ by more than this share of the largest are two


@dataclass(frozen=True)
class LinearRegions:
    """Broken lines as networks draw them.

    Args:
        label: for titles and tables.
        layers: units in each hidden layer.
        x: for each network the (kinks + 2,) ends of its pieces, ascending.
        y: for each network its output there.
    """

    label: str
    layers: tuple
    x: tuple
    y: tuple

    @property
    def counts(self) -> np.ndarray:
        """(networks,) number of pieces."""
        return np.array([len(ends) - 1 for ends in self.x])

    @property
    def units(self) -> int:
        """Number of hidden units of each network."""
        return sum(self.layers)

    def table(self) -> "pd.DataFrame":
        """A DataFrame with one row: the units in all, and the fewest and the most pieces."""
        import pandas as pd

        row = [self.units, self.counts.min(), self.counts.max()]
        return pd.DataFrame([row], index=[self.label], columns=[_("units"), _("fewest pieces"), _("most pieces")])

    def plot(self, ax: Axes | None = None) -> Axes:
        """The first network's line, with a dot at each kink."""
        return _plot(self, ax)


def random_pieces(
    widths: Sequence[int], *, span: tuple[float, float] = SPAN, seeds: Sequence[int] = range(5)
) -> LinearRegions:
    """Count the pieces of networks with one input and random weights.

    Args:
        widths: units in each hidden layer.
        span: (low, high), the inputs.
        seeds: ints; one network each, with He's weights and biases as large.

    Returns:
        `LinearRegions`.

    Source:
        He, Zhang, Ren, Sun 2015, Delving deep into rectifiers, for the weights.
    """
    drawn = [pieces_of(*_random(widths, np.random.default_rng(seed)), span=span) for seed in seeds]
    return LinearRegions(
        _("layers of {widths}").format(widths=", ".join(map(str, widths))), tuple(widths), *zip(*drawn, strict=True)
    )


def folded_hat(layers: int) -> LinearRegions:
    """A hat, `2 relu(x) - 4 relu(x - 1/2) + 2 relu(x - 1)`, put into itself again and again: 2**layers pieces from 0 to 1.

    Args:
        layers: number of hidden layers, of three units each.

    Returns:
        `LinearRegions`.

    Source:
        Telgarsky 2016, Benefits of depth in neural networks, COLT.
    """
    heights, biases = HAT
    kernels = [np.ones((1, 3)), *[np.outer(heights, np.ones(3))] * (layers - 1), heights[:, None]]
    x, y = pieces_of(kernels, [biases] * layers + [np.zeros(1)], span=(0.0, 1.0))
    return LinearRegions(_("{layers} layers of 3, folded").format(layers=layers), (3,) * layers, (x,), (y,))


def _random(widths, random):
    sizes = [1, *widths, 1]
    kernels = [random.normal(size=pair) * np.sqrt(2 / pair[0]) for pair in pairwise(sizes)]
    return kernels, [random.normal(size=kernel.shape[1]) for kernel in kernels]


def pieces_of(
    kernels: Sequence[np.ndarray], biases: Sequence[np.ndarray], *, span: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Where a ReLU network with one input and one output bends, worked out layer by layer.

    Args:
        kernels: (inputs, units) arrays, the layer next to the input first.
        biases: (units,) arrays.
        span: (low, high), the inputs.

    Returns:
        (x, y): the ends of the straight pieces, ascending, and the output there.
    """
    x = np.array(span, float)
    h = x[:, None]
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        x, z = _with_crossings(x, h @ kernel + bias)
        h = np.maximum(z, 0)
    return _without_straight_joints(x, (h @ kernels[-1] + biases[-1])[:, 0])


def _with_crossings(x, z):
    """Add each x at which one of the units' sums, straight between neighbours, is 0."""
    left, right = z[:-1], z[1:]
    piece, unit = np.nonzero(left * right < 0)
    share = left[piece, unit] / (left[piece, unit] - right[piece, unit])
    new_x = x[piece] + share * (x[piece + 1] - x[piece])
    new_z = left[piece] + share[:, None] * (right[piece] - left[piece])
    new_z[np.arange(len(unit)), unit] = 0.0
    order = np.argsort(np.concatenate([x, new_x]), kind="stable")
    return np.concatenate([x, new_x])[order], np.concatenate([z, new_z])[order]


def _without_straight_joints(x, y):
    """Only the ends and the places where the slope changes."""
    far = np.concatenate([[True], np.diff(x) > 1e-12])  # two units may cross at the same x
    x, y = x[far], y[far]
    slopes = np.diff(y) / np.diff(x)
    bends = np.abs(np.diff(slopes)) > BENT * np.abs(slopes).max()
    kept = np.concatenate([[True], bends, [True]])
    return x[kept], y[kept]


@styled
def plot_folded_hat(*, layers: int = 1, ax: Axes | None = None) -> Axes:
    """The hat after some foldings; the title counts the layers and the pieces.

    Args:
        layers: number of hidden layers, of three units each.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax, folded = new_axes() if ax is None else ax, folded_hat(layers)
    ax.plot(folded.x[0], folded.y[0], color=BLUE, label=_("{layers} layers of 3").format(layers=layers))
    ax.set(
        title=ngettext("{layers} layer\n{pieces} pieces", "{layers} layers\n{pieces} pieces", layers).format(
            layers=layers, pieces=folded.counts[0]
        ),
        xlabel="x",
        ylabel=_("value"),
    )
    return ax


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    x, y = result.x[0], result.y[0]
    ax.plot(x, y, color=BLUE, lw=1.4, label=_("{pieces} pieces").format(pieces=len(x) - 1))
    ax.plot(x[1:-1], y[1:-1], color=VERMILION, ls="", marker="o", ms=2.5, label=_("kinks"))
    ax.set(
        title=_("{label}: {units} units").format(label=result.label, units=result.units), xlabel="x", ylabel=_("value")
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
