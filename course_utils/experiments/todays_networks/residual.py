"""Deep networks with residual connections and normalisation: does the signal arrive, does the gradient, and do they learn?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.experiments.training.digits import Training
from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.stacked import (
    accuracies,
    batches,
    cross_entropies,
    new_optimizer,
    new_stack,
    train_to_marks,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import FAMILY, Panels, new_axes, styled
from course_utils.texts import _

EPSILON = 1e-6  # Keras's RMSNormalization has the same
IMAGES = 256


def layer_norm(x: tf.Tensor) -> tf.Tensor:
    """Each row shifted to mean 0 and divided by its standard deviation: `(x - mean) / sqrt(variance + 1e-6)`.

    Without the factor and the offset that Keras's layer learns: the next kernel and bias can do their work.

    Source: Ba, Kiros, Hinton 2016, Layer normalization, arXiv:1607.06450.
    """
    return rms_norm(x - tf.reduce_mean(x, axis=-1, keepdims=True))


def rms_norm(x: tf.Tensor) -> tf.Tensor:
    """Each row divided by its root mean square: `x / sqrt(mean(x**2) + 1e-6)`.

    Source: Zhang, Sennrich 2019, Root mean square layer normalization, NeurIPS.
    """
    return x * tf.math.rsqrt(tf.reduce_mean(x**2, axis=-1, keepdims=True) + EPSILON)


PLAIN, RESIDUAL = "plain", "residual"
LAYER_NORM, RMS_NORM, BOTH, BOTH_RMS = "layer norm", "RMS norm", "residual + layer norm", "residual + RMS norm"
# What each kind is, as arguments of `new_stack`. The normalisation stands before the kernel, the sum after the activation.
KINDS = {
    PLAIN: {},
    RESIDUAL: {"skip": True},
    LAYER_NORM: {"normalise": layer_norm},
    RMS_NORM: {"normalise": rms_norm},
    BOTH: {"skip": True, "normalise": layer_norm},
    BOTH_RMS: {"skip": True, "normalise": rms_norm},
}
TITLES = {
    PLAIN: _("plain"),
    RESIDUAL: _("residual"),
    LAYER_NORM: _("layer norm"),
    RMS_NORM: _("RMS norm"),
    BOTH: _("residual + layer norm"),
    BOTH_RMS: _("residual + RMS norm"),
}
SHOWN = (PLAIN, RESIDUAL, BOTH)


@dataclass(frozen=True)
class DeepStart:
    """Untrained deep networks of several kinds: what arrives at each layer, forwards and backwards.

    Args:
        kinds: names out of `KINDS`.
        spreads: kind -> (seeds, layers) standard deviation of the sums that the layer hands to its activation, over 256
            digits and all units; the layer next to the input first, the output layer last.
        gradients: kind -> (seeds, layers) Euclidean norm of the loss's gradient with respect to the layer's kernel.
        losses: kind -> (seeds,) the loss before any training, in nats.
    """

    kinds: tuple[str, ...]
    spreads: dict
    gradients: dict
    losses: dict

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Two panels by layer, on logarithmic axes: the spread of the sums, and the gradient norm."""
        return _plot_start(self, axes)


@dataclass(frozen=True)
class DeepTrainings:
    """Deep networks of several kinds on their way through a training.

    Args:
        trainings: `Training`s, one a kind.
    """

    trainings: tuple[Training, ...]

    def bands(self) -> str:
        """A line a kind: the test accuracies of all seeds, rounded outwards to tenths."""
        return "\n".join(training.band() for training in self.trainings)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The losses over the steps, on a logarithmic axis."""
        return _plot_trainings(self, ax)


def deep_start(
    kinds: Sequence[str] = SHOWN,
    *,
    activation: str | Callable = "gelu",
    depth: int = 20,
    width: int = 32,
    initializer: str = "glorot_uniform",
    seeds: Sequence[int] = range(5),
) -> DeepStart:
    """Send 256 digits through untrained deep networks, and the loss's gradient back.

    Args:
        kinds: names out of `KINDS`.
        activation: of the hidden layers, anything that Keras takes as one.
        depth: number of hidden layers. The first takes the 64 pixels; the others are the blocks that may be residual.
        width: units in each.
        initializer: of the kernels, as Keras names it.
        seeds: ints; one network each.

    Returns:
        A `DeepStart`.
    """
    network = {"activation": activation, "depth": depth, "width": width, "initializer": initializer, "seeds": seeds}
    network["dtype"] = "float64"  # so that what is drawn is the same on every CPU
    found = {kind: _start(new_stack(**network, **KINDS[kind])) for kind in kinds}
    spreads, gradients, losses = ({kind: parts[place] for kind, parts in found.items()} for place in range(3))
    return DeepStart(tuple(kinds), spreads, gradients, losses)


def _start(stack):
    x, y, _x, _y = digits()
    with tf.GradientTape() as tape:
        sums = stack.sums(x[:IMAGES])
        losses = cross_entropies(y[:IMAGES], sums[-1])
    gradients = tape.gradient(losses, stack.kernels)
    norms = [tf.norm(gradient, axis=(1, 2)) for gradient in gradients]
    spreads = [tf.math.reduce_std(z, axis=(1, 2)) for z in sums]
    return np.array(spreads).T, np.array(norms).T, losses.numpy()


def train_deep(
    kinds: Sequence[str] = SHOWN,
    *,
    activation: str | Callable = "gelu",
    depth: int = 20,
    width: int = 32,
    initializer: str = "glorot_uniform",
    rate: float = 0.001,
    steps: int = 200,
    seeds: Sequence[int] = range(3),
) -> DeepTrainings:
    """Train deep networks of several kinds on the digits, by Adam, in batches of 64; all kinds start from the same weights.

    Args:
        kinds, activation, depth, width, initializer: as for `deep_start`.
        rate: Adam's learning rate.
        steps: training steps.
        seeds: ints; one training each.

    Returns:
        `DeepTrainings`.
    """
    marks, chosen, trainings = np.linspace(0, steps, 11).astype(int), batches(seeds, steps), []
    network = {"activation": activation, "depth": depth, "width": width, "initializer": initializer, "seeds": seeds}
    network["dtype"] = "float64"
    for kind in kinds:
        stack = new_stack(**network, **KINDS[kind])
        losses = train_to_marks(stack, new_optimizer("adam", rate), chosen, marks)
        trainings.append(Training(TITLES[kind], marks, losses, accuracies(stack)))
    return DeepTrainings(tuple(trainings))


@styled
def _plot_trainings(result, ax):
    ax = new_axes() if ax is None else ax
    for training, (colour, line) in zip(result.trainings, FAMILY, strict=False):
        draw_band(ax, training.steps, training.losses, training.label, color=colour, ls=line)
    ax.set(xlabel=_("training step"), ylabel=_("loss on the training digits"), yscale="log")
    ax.legend(handles=list(ax.lines))
    return ax


@styled
def _plot_start(result, axes):
    axes = new_axes(2, height=4.0) if axes is None else axes
    parts = (
        (result.spreads, _("spread of the sums")),
        (result.gradients, _("gradient norm at the kernel")),
    )
    for ax, (values, title) in zip(axes, parts, strict=True):
        for kind, (colour, line) in zip(result.kinds, FAMILY, strict=False):
            layers = np.arange(1, values[kind].shape[1] + 1)
            draw_band(ax, layers, values[kind], TITLES[kind], color=colour, ls=line)
        ax.set(title=title, xlabel=_("layer"), yscale="log")
        ax.xaxis.get_major_locator().set_params(integer=True)
    handles = list(axes[0].lines)
    axes[0].figure.legend(handles=handles, loc="outside lower center", ncols=min(3, len(handles)))
    return Panels(axes)
