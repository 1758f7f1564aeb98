"""What layers without an activation come to, one layer; and how near to that any network is.

A function of the form `x @ W + b` is called affine. People, and Keras, often say linear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.experiments.training.networks import digits, plain_network, shown_name
from course_utils.plotting.style import LOOK, Panels, new_axes, styled
from course_utils.texts import _

PROBES = 1000  # inputs at which a stack and its one layer are compared
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class LinearStack:
    """Dense layers without an activation, and the one layer that does the same.

    Args:
        parameters: how many numbers the stack has, over all its layers.
        kernel: (inputs, outputs) float64, the one layer's weights.
        bias: (outputs,) float64, its biases.
        differences: dtype -> largest absolute difference between the stack's results and the one layer's.
    """

    parameters: int
    kernel: np.ndarray
    bias: np.ndarray
    differences: dict

    @property
    def needed(self) -> int:
        """How many numbers the one layer has."""
        return self.kernel.size + self.bias.size

    @property
    def rank(self) -> int:
        """How many independent numbers about an input get through: the rank of the one layer's weights."""
        return int(np.linalg.matrix_rank(self.kernel))

    @property
    def differences_below(self) -> dict[str, float]:
        """The differences rounded up to a power of ten, so that they hold on other machines too."""
        return {dtype: float(10.0 ** np.ceil(np.log10(d))) for dtype, d in self.differences.items()}

    def plot(self, ax: Axes | None = None) -> Axes:
        """The one layer's weights as a map."""
        return _plot_kernel(self, ax)


def linear_stack(widths: Sequence[int], *, seed: int = 0) -> LinearStack:
    """Build dense layers without an activation, with random weights and biases, and multiply them out into one layer.

    With weights W1, W2, ... and biases b1, b2, ... the one layer has `W = W1 @ W2 @ ...` and
    `b = (b1 @ W2 + b2) @ W3 + ...`. Both are made and compared in float32 and in float64.

    Args:
        widths: numbers of units, from the input to the output; at least two.
        seed: int.

    Returns:
        A `LinearStack`.

    Raises:
        ValueError: fewer than two widths.
    """
    if len(widths) < 2:
        raise ValueError(f"widths needs at least an input's and an output's, got {widths!r}")
    stack = _stack(widths, "linear", seed=seed)
    differences = {dtype: _difference(_stack(widths, "linear", seed=seed, dtype=dtype), dtype) for dtype in DTYPES}
    kernel, bias = _multiplied_out(stack)
    return LinearStack(stack.count_params(), kernel, bias, differences)


def _stack(widths, activation, *, seed, dtype="float64", initializer="glorot_uniform"):
    """Dense layers whose biases don't start at Keras's 0: with zeros, a mistake in the biases would not show."""
    keras.utils.set_random_seed(seed)
    random = {"kernel_initializer": initializer, "bias_initializer": keras.initializers.RandomNormal(stddev=0.5)}
    layers = [keras.layers.Dense(n, activation, dtype=dtype, **random) for n in widths[1:]]
    layers[-1].activation = keras.activations.linear
    return keras.Sequential([keras.Input((widths[0],), dtype=dtype), *layers])


def _multiplied_out(stack):
    kernel, bias = (v.numpy() for v in stack.layers[0].weights)
    for layer in stack.layers[1:]:
        w, b = (v.numpy() for v in layer.weights)
        kernel, bias = kernel @ w, bias @ w + b
    return kernel, bias


def _difference(stack, dtype):
    kernel, bias = _multiplied_out(stack)
    x = np.random.default_rng(0).normal(size=(PROBES, len(kernel))).astype(dtype)
    return float(np.abs(stack(x).numpy() - (x @ kernel + bias)).max())


@styled
def _plot_kernel(stack, ax):
    ax = new_axes() if ax is None else ax
    size = np.abs(stack.kernel).max()
    image = ax.imshow(stack.kernel, cmap="PuOr", vmin=-size, vmax=size)
    ax.set(xlabel=_("output"), ylabel=_("input"))
    ax.grid(False)
    ax.figure.colorbar(image, label=_("weight"))
    return ax


@styled
def plot_random_networks(
    activations: Sequence[str] = ("linear", "relu"),
    *,
    depth: int = 5,
    width: int = 16,
    seeds: Sequence[int] = range(3),
    axes: Sequence[Axes] | None = None,
) -> Panels:
    """What untrained networks with one input and one output draw: a panel for each activation, a curve for each seed.

    Args:
        activations: names that Keras and the catalogue know.
        depth: number of hidden layers.
        width: units in each.
        seeds: ints; one network each, the same random weights in every panel.
        axes: as many Axes as activations, or None for a new figure.

    Returns:
        `Panels` of the Axes.
    """
    axes = np.atleast_1d(new_axes(len(activations)) if axes is None else axes)
    x = np.linspace(-3, 3, 601)
    for ax, activation in zip(axes, activations, strict=True):
        colour, _line = LOOK[activation]
        for seed, line in zip(seeds, ("-", "--", ":", "-."), strict=False):
            network = _stack([1, *[width] * depth, 1], activation, seed=seed, initializer="he_normal")
            ax.plot(
                x,
                network(x[:, None]).numpy()[:, 0],
                color=colour,
                ls=line,
                label=_("network {seed}").format(seed=seed + 1),
            )
        ax.set(title=shown_name(activation), xlabel=_("input"))
    axes[0].set(ylabel=_("output"))
    axes[-1].legend()
    return Panels(axes)


def affine_share(network: Callable, x: np.ndarray) -> float:
    """How much of a network's variation on `x` the best affine function reproduces (R squared).

    `1 - sum((y - fit)**2) / sum((y - mean(y))**2)`, where `fit = x @ W + b` has the least squared distance to the
    network's results y.

    Args:
        network: a `keras.Model`, or any function of an array of shape (n, inputs) with results of shape (n, outputs).
        x: array of shape (n, inputs), n larger than inputs + 1.

    Returns:
        float in [0, 1]: 1 where the network is affine on x.

    >>> x = np.linspace(-1, 1, 5)[:, None]
    >>> float(round(affine_share(lambda x: 3 * x - 2, x), 6))
    1.0
    >>> float(round(abs(affine_share(lambda x: x**2, x)), 6))
    0.0
    """
    y = np.asarray(network(x), float)
    inputs = np.column_stack([np.asarray(x, float), np.ones(len(x))])
    rest = y - inputs @ np.linalg.lstsq(inputs, y, rcond=None)[0]
    return float(1 - np.sum(rest**2) / np.sum((y - y.mean(0)) ** 2))


@dataclass(frozen=True)
class AffineShares:
    """How nearly affine untrained networks are.

    Args:
        activations: names.
        shares: (activations, seeds) R squared of the best affine fit, in [0, 1].
    """

    activations: tuple
    shares: np.ndarray

    def plot(self, ax: Axes | None = None) -> Axes:
        """The shares: a bar up to the median of the seeds, with a line from the smallest to the largest."""
        return _plot_shares(self, ax)


def untrained_affine_shares(
    activations: Sequence[str] = ("linear", "sigmoid", "tanh", "relu"),
    *,
    depth: int = 4,
    seeds: Sequence[int] = range(5),
) -> AffineShares:
    """Measure how nearly affine untrained networks are on the training digits.

    Args:
        activations: names that Keras and the catalogue know.
        depth: number of hidden layers, each of 64 units.
        seeds: ints; one network each.

    Returns:
        `AffineShares`.
    """
    x = tf.constant(digits()[0])
    shares = [[affine_share(plain_network(a, depth=depth, seed=s), x) for s in seeds] for a in activations]
    return AffineShares(tuple(activations), np.array(shares))


@styled
def _plot_shares(result, ax):
    ax = new_axes() if ax is None else ax
    places, middle = np.arange(len(result.activations)), np.median(result.shares, axis=1)
    colours = [LOOK[name][0] for name in result.activations]
    ax.bar(places, middle, color=colours, alpha=0.8, label=_("medians"), zorder=2)
    ax.vlines(places, result.shares.min(1), result.shares.max(1), color="black", lw=3, label=_("all seeds"), zorder=3)
    for place, share in zip(places, middle, strict=True):
        ax.text(place, 1.04, f"{share:.3f}", ha="center")
    ax.set_xticks(places, [shown_name(name) for name in result.activations])
    ax.set(ylabel=_("affine share"), ylim=(0, 1.12))
    return ax
