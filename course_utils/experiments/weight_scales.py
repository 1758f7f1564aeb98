"""What larger or smaller starting weights do to a network: how many units are saturated, and how well it learns."""

from dataclasses import dataclass

import keras
import numpy as np

from course_utils.activations import saturated
from course_utils.experiments.networks import digits
from course_utils.experiments.stacked import starting_weights, train_stacked
from course_utils.plotting import LOOK, Panels, new_axes, styled

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

    def plot(self, axes=None):
        """Share saturated, and accuracy, over the factor: median of the seeds, with a band from smallest to largest."""
        return _plot(self, axes)


def scale_weights(
    activation="tanh", *, scales=(0.25, 0.5, 1, 2, 4), depth=5, learning_rate=0.02, steps=400, seeds=range(5)
):
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
    stacks = [_scaled(starting_weights(depth, seeds=seeds), scale) for scale in scales]
    kernels, biases = (
        [np.concatenate(layer) for layer in zip(*part, strict=True)] for part in zip(*stacks, strict=True)
    )
    _, accuracies = train_stacked(
        keras.activations.get(activation),
        (kernels, biases),
        learning_rate=learning_rate,
        marks=[0, steps],
        seeds=seeds * len(scales),
    )
    shares = saturated_shares(activation, (kernels, biases))
    shares, accuracies = (values.reshape(len(scales), len(seeds)).T for values in (shares, accuracies))
    return WeightScales(activation, np.array(scales, float), shares, accuracies, steps)


def saturated_shares(activation, weights):
    """For each network of a stack the share of saturated values in its hidden layers, on 256 digits; shape (networks,)."""
    kernels, biases = weights
    function, h, shares = keras.activations.get(activation), digits()[0][:PICTURES], []
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        z = h @ kernel + bias
        shares.append(saturated(activation, z).mean(axis=(1, 2)))
        h = function(z).numpy()
    return np.mean(shares, axis=0)


def _scaled(weights, scale):
    kernels, biases = weights
    return [*(np.float32(scale) * kernel for kernel in kernels[:-1]), kernels[-1]], biases


@styled
def _plot(result, axes):
    left, right = new_axes(2) if axes is None else axes
    colour, line = LOOK[result.activation]
    panels = ((left, result.shares, "saturated at the start"), (right, result.accuracies, "right after training"))
    for ax, values, title in panels:
        name = f"{result.activation}, all seeds"
        ax.fill_between(result.scales, values.min(0), values.max(0), color=colour, alpha=0.2, lw=0, label=name)
        median = np.median(values, 0)
        ax.plot(result.scales, median, color=colour, ls=line, marker="o", ms=5, label=result.activation)
        ax.set(title=title, xlabel="starting weights times", ylabel="share", ylim=(0, 1), xscale="log")
        ax.set_xticks(result.scales, [f"{scale:g}" for scale in result.scales])
        ax.minorticks_off()
    return Panels((left, right))
