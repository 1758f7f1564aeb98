"""How much of the loss's gradient arrives at each layer of a deep network that has not been trained yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands
from course_utils.plotting.style import DOTTED, LOOK, new_axes, styled
from course_utils.texts import _

IMAGES = 256
LEAST_RANGE = 1e4  # of the vertical axis, from bottom to top


@dataclass(frozen=True)
class GradientFlow:
    """Gradient norms at the start of training.

    Args:
        activation: its name.
        norms: (seeds, layers) Euclidean norm of the loss's gradient with respect to each layer's kernel; the layer next
            to the input comes first, the output layer last.
        slopes: (seeds, hidden layers) mean slope of the activation at the values that the layer feeds it.
    """

    activation: str
    norms: np.ndarray
    slopes: np.ndarray

    @property
    def per_layer(self) -> np.ndarray:
        """Factor by which the gradient shrinks from one hidden layer to the one before, geometric mean; one a seed."""
        hidden = self.norms[:, :-1]
        return (hidden[:, 0] / hidden[:, -1]) ** (1 / (hidden.shape[1] - 1))

    @property
    def first_to_last(self) -> np.ndarray:
        """Norm at the first layer over norm at the last, one a seed."""
        return self.norms[:, 0] / self.norms[:, -1]

    def plot(self, ax: Axes | None = None) -> Axes:
        """The norms by layer: median over the seeds, with a band from the smallest to the largest."""
        return plot_gradient_flows([self], ax=ax)


def gradient_flow(
    activation: str | Callable,
    *,
    depth: int = 10,
    initializer: str = "glorot_uniform",
    scale: float = 1,
    seeds: Sequence[int] = range(5),
) -> GradientFlow:
    """Measure the gradient at each layer of an untrained network on 256 digits.

    Args:
        activation: a name that Keras knows.
        depth: number of hidden layers, each of 64 units.
        initializer: of the kernels, as Keras names it.
        scale: number that the hidden layers' kernels are multiplied by.
        seeds: ints; one network each.

    Returns:
        A `GradientFlow`.
    """
    networks = (plain_network(activation, depth=depth, initializer=initializer, seed=seed) for seed in seeds)
    norms, slopes = zip(*(_one(_scaled(network, scale)) for network in networks), strict=True)
    return GradientFlow(activation, np.array(norms), np.array(slopes))


def _scaled(network, scale):
    for layer in network.layers[:-1]:
        layer.kernel.assign(scale * layer.kernel)
    return network


def _one(network):
    x, y, _, _ = digits()
    with tf.GradientTape() as tape:
        loss = cross_entropy(y[:IMAGES], network(x[:IMAGES]))
    gradients = tape.gradient(loss, [layer.kernel for layer in network.layers])
    return [float(tf.norm(g)) for g in gradients], _mean_slopes(network, x[:IMAGES])


def _mean_slopes(network, x):
    h, slopes = tf.constant(x), []
    for layer in network.layers[:-1]:
        z = h @ layer.kernel + layer.bias
        with tf.GradientTape() as tape:
            tape.watch(z)
            h = layer.activation(z)
        slopes.append(float(tf.reduce_mean(tape.gradient(h, z))))
    return slopes


@styled
def plot_gradient_flows(
    flows: Sequence[GradientFlow], *, labels: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Several gradient flows in one picture, on a logarithmic axis.

    Args:
        flows: `GradientFlow` objects; a second one of the same activation is dotted, with hollow points.
        labels: a name for each of them, or None for the activations' names.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes() if ax is None else ax
    drawn = set()
    for flow, label in zip(flows, labels or [flow.activation for flow in flows], strict=True):
        colour, line = LOOK[flow.activation]
        again = {"ls": DOTTED, "mfc": "white"} if flow.activation in drawn else {"ls": line}
        drawn.add(flow.activation)
        layers = np.arange(1, flow.norms.shape[1] + 1)
        for artist in draw_band(ax, layers, flow.norms, label, color=colour, marker="o", ms=4, **again):
            in_bands(artist, 10)  # rounding opens or shuts a ReLU's gate here and there
    ax.set(yscale="log", xlabel=_("layer (1 is next to the input)"), ylabel=_("gradient norm"))
    low, high = ax.get_ylim()
    wider = max(1, LEAST_RANGE / (high / low)) ** 0.5  # what is level has to look level
    ax.set_ylim(low / wider, high * wider)
    ax.xaxis.get_major_locator().set_params(integer=True)
    handles = [line for line in ax.lines if not line.get_label().startswith("_")]
    ax.legend(handles=handles)
    return ax
