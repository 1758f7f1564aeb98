"""What larger or smaller starting weights do to a network: how many units are saturated, and how well it learns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import saturated
from course_utils.experiments.training.networks import digits, plain_network
from course_utils.experiments.training.stacked import (
    Stack,
    accuracies,
    batches,
    new_optimizer,
    new_stack,
    stack_loop,
    stack_networks,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import LOOK, Panels, new_axes, styled
from course_utils.texts import _

PICTURES = 256


@dataclass(frozen=True)
class WeightScales:
    """Networks that start with Keras's usual weights times a factor.

    Args:
        activation: its name.
        scales: (scales,) the factors.
        shares: (seeds, scales) share of all hidden units' values, on 256 digits before training, at which the slope is
            under 5 % of its largest.
        accuracies: (seeds, scales) share of right answers on the test set after training.
        steps: number of training steps.
    """

    activation: str
    scales: np.ndarray
    shares: np.ndarray
    accuracies: np.ndarray
    steps: int

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Share saturated, and accuracy, over the factor: median of the seeds, with a band from smallest to largest."""
        return _plot(self, axes)


def scale_weights(
    activation: str | Callable = "tanh",
    *,
    scales: Sequence[float] = (0.25, 0.5, 1, 2, 4),
    depth: int = 5,
    learning_rate: float = 0.02,
    steps: int = 400,
    seeds: Sequence[int] = range(5),
) -> WeightScales:
    """Multiply the hidden layers' starting weights by a factor, count the saturated units, and train.

    Args:
        activation: a name that Keras and the catalogue know.
        scales: factors; 1 are Keras's own weights (Glorot, Bengio 2010).
        depth: number of hidden layers, each of 64 units.
        learning_rate: of plain stochastic gradient descent, no unit.
        steps: number of training steps, of 64 digits each.
        seeds: ints; one network each, for each factor.

    Returns:
        `WeightScales`.
    """
    seeds = list(seeds)
    stack = scaled_stack(activation, scales, depth=depth, seeds=seeds)
    shares = saturated_shares(activation, stack)
    chosen = batches(seeds * len(scales), steps)
    stack_loop(stack, new_optimizer("sgd", learning_rate))(0, steps, chosen)
    shares, right = (values.reshape(len(scales), len(seeds)).T for values in (shares, accuracies(stack)))
    return WeightScales(activation, np.array(scales, float), shares, right, steps)


def scaled_stack(activation: str | Callable, scales: Sequence[float], *, depth: int, seeds: Sequence[int]) -> Stack:
    """A stack with one network for each factor and seed, the first factor's seeds first.

    Args:
        activation: a name that Keras and the catalogue know.
        scales: what the hidden layers' starting weights are multiplied by.
        depth: number of hidden layers, each of 64 units.
        seeds: ints.

    Returns:
        A `Stack`.
    """
    return stack_networks([_scaled(activation, scale, depth, seed) for scale in scales for seed in seeds])


def _scaled(activation, scale, depth, seed):
    network = plain_network(activation, depth=depth, seed=seed)
    for layer in network.layers[:-1]:
        layer.kernel.assign(np.float32(scale) * layer.kernel.numpy())
    return network


def spread_of_sums(
    activation: str | Callable, *, depth: int = 6, initializer: str = "glorot_uniform", seeds: Sequence[int] = range(5)
) -> np.ndarray:
    """How the size of the sums changes from layer to layer before training, on 256 digits.

    Args:
        activation: a name that Keras knows.
        depth: number of hidden layers, each of 64 units.
        initializer: of the kernels, as Keras names it; the biases are 0.
        seeds: ints; one network each.

    Returns:
        (depth,) the root mean square of the sums in each hidden layer, as a multiple of the first layer's; the median of
        the seeds.
    """
    sums = new_stack(activation, seeds=seeds, depth=depth, initializer=initializer).sums(digits()[0][:PICTURES])[:-1]
    sizes = np.array([np.sqrt(np.mean(z.numpy() ** 2, axis=(1, 2))) for z in sums])
    return np.median(sizes / sizes[0], axis=1)


def saturated_shares(activation: str | Callable, stack: Stack) -> np.ndarray:
    """For each network of a stack the share of saturated values in its hidden layers, on 256 digits; shape (networks,)."""
    sums = stack.sums(digits()[0][:PICTURES])[:-1]
    return np.mean([saturated(activation, z.numpy()).mean(axis=(1, 2)) for z in sums], axis=0)


@styled
def _plot(result, axes):
    left, right = new_axes(2) if axes is None else axes
    colour, line = LOOK[result.activation]
    panels = ((left, result.shares, "saturated at the start"), (right, result.accuracies, "correct after training"))
    for ax, values, title in panels:
        draw_band(ax, result.scales, values, result.activation, color=colour, ls=line, marker="o", ms=5)
        ax.set(title=title, xlabel=_("starting weights times"), ylabel=_("share"), ylim=(0, 1), xscale="log")
        ax.set_xticks(result.scales, [f"{scale:g}" for scale in result.scales])
        ax.minorticks_off()
    return Panels((left, right))
