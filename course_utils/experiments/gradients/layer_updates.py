"""Which layers a training moves at all: an activation whose slope is 0 passes no gradient on to the layers before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.axes import Axes

from course_utils.experiments.training.digits import network_loop
from course_utils.experiments.training.networks import accuracy, digits, plain_network
from course_utils.plotting.style import BLUE, new_axes, styled
from course_utils.texts import _


@dataclass(frozen=True)
class LayerUpdates:
    """How far trainings moved each layer.

    Args:
        changes: (seeds, layers) largest absolute change of a weight; the layer next to the input comes first, the
            output layer last.
        accuracies: (seeds,) share of right answers on the test digits.
    """

    changes: np.ndarray
    accuracies: np.ndarray

    @property
    def moved(self) -> np.ndarray:
        """(layers,) True where the layer's weights changed in every training, False where no weight ever changed.

        Raises:
            ValueError: some trainings moved a layer and others did not.
        """
        some, every = (self.changes > 0).any(axis=0), (self.changes > 0).all(axis=0)
        if (some != every).any():
            raise ValueError(f"the trainings disagree on which layers moved: {self.changes}")
        return every

    def band(self) -> str:
        """The accuracies of all seeds as a sentence, rounded outwards to tenths so that it holds on other machines."""
        low, high = np.floor(self.accuracies.min() * 10) / 10, np.ceil(self.accuracies.max() * 10) / 10
        return _("all {number} seeds between {low:.1f} and {high:.1f} right on the test digits").format(
            number=len(self.accuracies), low=low, high=high
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The largest change in each layer: median over the seeds."""
        return _plot(self, ax)


def layer_updates(
    activation: str | Callable, *, depth: int = 2, steps: int = 600, seeds: Sequence[int] = range(5)
) -> LayerUpdates:
    """Train plain networks on the digits with Adam, and compare each layer's weights with those at the start.

    Args:
        activation: anything that Keras takes as one.
        depth: number of hidden layers, each of 64 units.
        steps: number of training steps, 64 pictures each.
        seeds: ints; one training each.

    Returns:
        A `LayerUpdates`.
    """
    changes, accuracies = zip(*(_one(activation, depth, steps, seed) for seed in seeds), strict=True)
    return LayerUpdates(np.array(changes), np.array(accuracies))


def _one(activation, depth, steps, seed):
    x, y, x_test, y_test = digits()
    network = plain_network(activation, depth=depth, seed=seed)
    before = [layer.kernel.numpy() for layer in network.layers]
    network_loop(network, keras.optimizers.Adam())(0, steps, x, y)
    changes = [np.abs(layer.kernel.numpy() - old).max() for layer, old in zip(network.layers, before, strict=True)]
    return changes, accuracy(network, x_test, y_test)


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    layers = np.arange(1, result.changes.shape[1] + 1)
    ax.bar(layers, np.median(result.changes, axis=0), color=BLUE, label=_("medians"))
    ax.set_xticks(layers)
    ax.set(xlabel=_("layer (1 is next to the input)"), ylabel=_("largest change of a weight"))
    return ax
