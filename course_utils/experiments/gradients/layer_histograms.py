"""What the numbers inside a network look like, layer by layer, before and after training, for several activations."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from course_utils.activations import get
from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.stacked import (
    Stack,
    batches,
    cross_entropies,
    new_optimizer,
    new_stack,
    stack_loop,
)
from course_utils.plotting.style import BLUE, VERMILION, Panels, new_axes, styled
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd

SIX = ("sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu")
PICTURES = 256
STAGES = ("untrained", "trained")
SIDES = {"untrained": (-1, BLUE, "s"), "trained": (1, VERMILION, "o")}  # side, colour, and the median's mark
SHOWN = {"untrained": _("untrained"), "trained": _("trained")}
LEGEND = [_("untrained (left)"), _("trained (right)")]
AXES = {
    "pre-activations": _("pre-activation"),
    "outputs": _("output"),
    "gradients": _("size of a weight's gradient"),
}
QUANTITIES = ("pre-activations", "outputs", "gradients")
BINS = 50
RAREST = 0.01  # the smallest gradients are left out: on a logarithmic axis they would reach down for ever


@dataclass(frozen=True)
class LayerHistograms:
    """The numbers in each hidden layer of networks that differ in the activation only.

    Args:
        activations: names.
        values: (quantity, stage) -> (activations, layers, n) numbers. The quantities are "pre-activations", the sums that
            enter the activation, "outputs", what leaves it, both for each of 256 digits and each unit, and "gradients",
            the slopes of the loss with respect to each weight of the layer; the stages "untrained" and "trained".
        accuracies: (activations, seeds) share of right answers on the test digits after training.
        steps: number of training steps.
    """

    activations: tuple
    values: dict
    accuracies: np.ndarray
    steps: int

    def table(self, quantity: str) -> "pd.DataFrame":
        """A DataFrame of medians: a row for each activation and stage, a column for each layer.

        Args:
            quantity: "pre-activations", "outputs" or "gradients"; of the gradients, the median size.

        Raises:
            ValueError: there is no such quantity.
        """
        import pandas as pd

        rows = {
            (get(name).title, SHOWN[stage]): np.median(self._shown(quantity, stage)[place], axis=1)
            for place, name in enumerate(self.activations)
            for stage in STAGES
        }
        table = pd.DataFrame(rows).T
        table.columns = [_("layer {number}").format(number=number + 1) for number in table.columns]
        return table.map(lambda value: float(f"{value:.2g}"))

    def plot(self, quantity: str = "outputs", *, axes: Sequence[Axes] | None = None) -> Panels:
        """A panel for each activation; in it, for each layer, a histogram on its side: untrained left, trained right.

        Args:
            quantity: "pre-activations", "outputs" or "gradients", these on a logarithmic axis.
            axes: as many Axes as activations, or None for a new figure.

        Returns:
            `Panels` of the Axes.

        Raises:
            ValueError: there is no such quantity.
        """
        return _plot(self, quantity, axes)

    def _shown(self, quantity, stage):
        if quantity not in QUANTITIES:
            raise ValueError(f"quantity needs one of {', '.join(QUANTITIES)}, got {quantity!r}")
        values = self.values[quantity, stage]
        return np.abs(values) if quantity == "gradients" else values


def layer_histograms(
    activations: Sequence[str] = SIX,
    *,
    depth: int = 4,
    steps: int = 400,
    rate: float = 0.001,
    seeds: Sequence[int] = range(3),
) -> LayerHistograms:
    """Train plain networks on the digits with Adam, and keep what is inside them before and after.

    All of them start from Glorot's weights, the same for each activation, and see the same batches. In float64, so that the
    histograms are the same on every processor.

    Args:
        activations: names that Keras and the catalogue know.
        depth: number of hidden layers, each of 64 units.
        steps: number of training steps, of 64 digits each.
        rate: Adam's learning rate.
        seeds: ints; one network each, whose numbers are put together.

    Returns:
        `LayerHistograms`.

    Source:
        Glorot, Bengio 2010, who drew such histograms for the sigmoid and for tanh.
    """
    seeds = list(seeds)
    stack = _side_by_side(activations, depth, seeds)
    values = dict(_inside(stack, len(activations), "untrained"))
    loop = stack_loop(stack, new_optimizer("adam", rate))
    loop(0, steps, batches(seeds * len(activations), steps))
    values |= _inside(stack, len(activations), "trained")
    _, _, x, y = digits()
    right = np.mean(np.argmax(stack.sums(x)[-1], axis=2) == y, axis=1)
    return LayerHistograms(tuple(activations), values, right.reshape(len(activations), len(seeds)), steps)


def _side_by_side(activations, depth, seeds):
    """One stack for all activations: each is applied to the values of its own networks."""
    functions = [keras.activations.get(name) for name in activations]

    def each(z: tf.Tensor) -> tf.Tensor:
        return tf.concat([f(part) for f, part in zip(functions, tf.split(z, len(functions)), strict=True)], axis=0)

    one = new_stack("linear", seeds=seeds, depth=depth, dtype="float64")
    kernels, biases = (
        [tf.Variable(tf.tile(v, [len(functions), 1, 1])) for v in layers] for layers in (one.kernels, one.biases)
    )
    return Stack(each, kernels, biases)


def _inside(stack, count, stage):
    """(quantity, stage) -> (activations, hidden layers, n)."""
    x, y, _, _ = digits()
    with tf.GradientTape() as tape:
        sums = stack.sums(x[:PICTURES])
        loss = tf.reduce_sum(cross_entropies(y[:PICTURES], sums[-1]))  # gradients do not mix
    hidden = sums[:-1]
    found = {
        "pre-activations": hidden,
        "outputs": [stack.activation(z) for z in hidden],
        "gradients": tape.gradient(loss, stack.kernels)[:-1],
    }
    return {
        (quantity, stage): np.stack([layer.numpy().reshape(count, -1) for layer in layers], axis=1)
        for quantity, layers in found.items()
    }


@styled
def _plot(result, quantity, axes):
    logarithmic, rows = quantity == "gradients", -(-len(result.activations) // 2)
    axes = (
        new_axes(2, rows, height=0.9 + 2.2 * rows, sharex=True, sharey=logarithmic, squeeze=False).ravel()
        if axes is None
        else axes
    )
    for place, (name, ax) in enumerate(zip(result.activations, axes, strict=False)):
        for stage, (side, colour, marker) in SIDES.items():
            layers = result._shown(quantity, stage)[place]
            outlines = [_outline(values, number, side, logarithmic) for number, values in enumerate(layers, start=1)]
            ax.add_collection(PolyCollection(outlines, facecolors=colour, alpha=0.55, label=SHOWN[stage]))
            middles = np.arange(1, len(layers) + 1) + 0.12 * side
            ax.plot(
                middles,
                np.median(layers, axis=1),
                color="black",
                ls="",
                marker=marker,
                ms=4,
                label=_("{stage}, medians").format(stage=SHOWN[stage]),
            )
        ax.set(title=get(name).title, xticks=range(1, len(layers) + 1), yscale="log" if logarithmic else "linear")
        ax.autoscale_view()
        ax.grid(False, axis="x")
    figure = axes[0].figure
    figure.legend(axes[0].collections, LEGEND, loc="outside upper center", ncols=2)
    figure.supxlabel(_("layer (1 is next to the input)"), fontsize=12)
    figure.supylabel(AXES[quantity], fontsize=12)
    return Panels(axes)


def _outline(values, number, side, logarithmic):
    """A histogram on its side, as the corners of a polygon; widths are square roots, so that rare values can be seen."""
    if logarithmic:
        values = values[values > 0]
    at = np.log10(values[values > np.quantile(values, RAREST)]) if logarithmic else values
    counts, edges = np.histogram(at, BINS)
    widths = number + side * 0.44 * np.sqrt(counts / counts.max())
    heights = np.repeat(10.0**edges if logarithmic else edges, 2)
    return np.column_stack([[number, *np.repeat(widths, 2), number], heights])
