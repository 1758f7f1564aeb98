"""How much gradient arrives at the first layer of a deep untrained network, for each pair of activation and starting weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.networks import CLASSES, digits
from course_utils.experiments.training.stacked import Stack, cross_entropies
from course_utils.plotting.style import new_axes, styled
from course_utils.texts import _

IMAGES, WIDTH = 256, 64
STARTS = {"Glorot": "GlorotUniform", "He": "HeNormal", "LeCun": "LecunNormal"}
RUNNERS = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "selu", "gelu", "silu")


@dataclass(frozen=True)
class StartGrid:
    """Gradient norms at the first layer before training.

    Args:
        activations: their names.
        starts: names of the starting weights.
        depth: number of hidden layers.
        norms: (activations, starts, seeds) Euclidean norm of the loss's gradient with respect to the first kernel.
    """

    activations: tuple
    starts: tuple
    depth: int
    norms: np.ndarray

    @property
    def powers(self) -> np.ndarray:
        """(activations, starts) the median over the seeds as the nearest whole power of ten."""
        return np.round(np.log10(np.median(self.norms, axis=2))).astype(int)

    def table(self) -> pd.DataFrame:
        """A row an activation, a column for each start, as powers of ten."""
        rows = {
            get(name).title: [f"10^{p}" for p in row] for name, row in zip(self.activations, self.powers, strict=True)
        }
        return pd.DataFrame.from_dict(rows, orient="index", columns=list(self.starts)).rename_axis(_("activation"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """The powers of ten as a map: the darker, the less arrives."""
        return _plot(self, ax)


def start_grid(
    activations: Sequence[str] = RUNNERS,
    *,
    starts: Sequence[str] = tuple(STARTS),
    depth: int = 20,
    seeds: Sequence[int] = range(5),
) -> StartGrid:
    """Measure the first layer's gradient on 256 digits, for each pair of an activation and a way to draw the weights.

    Args:
        activations: names that Keras and the catalogue know.
        starts: out of "Glorot", "He" and "LeCun"; the biases start at 0.
        depth: number of hidden layers, each of 64 units.
        seeds: ints; one network each.

    Returns:
        A `StartGrid`.

    Source:
        Glorot, Bengio 2010; He, Zhang, Ren, Sun 2015; LeCun, Bottou, Orr, Müller 1998.
    """
    drawn = [_kernels(STARTS[start], depth, seeds) for start in starts]
    norms = [[_first_norms(name, kernels) for kernels in drawn] for name in activations]
    return StartGrid(tuple(activations), tuple(starts), depth, np.array(norms))


def _kernels(initializer, depth, seeds):
    """Starting weights for one network a seed, stacked; all activations start from the same."""
    shapes = [(WIDTH, WIDTH)] * depth + [(WIDTH, CLASSES)]
    draw = keras.initializers.get({"class_name": initializer, "config": {}})
    networks = []
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        networks.append([draw.clone()(shape).numpy() for shape in shapes])  # one object would draw the same each time
    return [tf.constant(np.stack(same)) for same in zip(*networks, strict=True)]


def _first_norms(activation, kernels):
    x, y, _, _ = digits()
    biases = [tf.zeros((kernel.shape[0], 1, kernel.shape[2])) for kernel in kernels]
    stack = Stack(keras.activations.get(activation), kernels, biases)
    with tf.GradientTape() as tape:
        tape.watch(kernels[0])
        loss = tf.reduce_sum(cross_entropies(y[:IMAGES], stack.sums(x[:IMAGES])[-1]))  # no network feels another
    return np.linalg.norm(tape.gradient(loss, kernels[0]).numpy(), axis=(1, 2))


@styled
def _plot(result, ax):
    ax = new_axes(height=1.2 + 0.42 * len(result.activations), width=4.8) if ax is None else ax
    powers = result.powers.astype(float)
    ax.imshow(powers, cmap="Blues_r", vmin=powers.min() - 2, vmax=max(2.0, powers.max()), aspect="auto")
    for (row, column), power in np.ndenumerate(result.powers):
        colour = "white" if power < powers.min() / 2 else "black"
        ax.text(column, row, f"$10^{{{power}}}$", ha="center", va="center", color=colour)
    ax.grid(visible=False)
    ax.set_xticks(range(len(result.starts)), result.starts)
    ax.set_yticks(range(len(result.activations)), [get(name).title for name in result.activations])
    ax.set(title=_("{depth} hidden layers, before training").format(depth=result.depth), xlabel=_("starting weights"))
    return ax
