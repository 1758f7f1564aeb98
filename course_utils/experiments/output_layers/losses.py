"""The loss of the same mistake, computed from the logit and from a probability."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd

WAYS = {"the logit": None, "Keras's sigmoid": keras.activations.sigmoid, "tf.sigmoid": tf.sigmoid}
# What the loss is given -> (softmax before it or None, its from_logits).
CLASS_WAYS = {
    "the logits": (None, True),
    "Keras's softmax": (keras.activations.softmax, False),
    "tf.nn.softmax": (tf.nn.softmax, False),
    "softmax as logits": (tf.nn.softmax, True),
}


@dataclass(frozen=True)
class LossesByInput:
    """Keras's cross-entropy, computed from the logits and from probabilities made of them.

    Args:
        settings: (n,) what is varied.
        losses: what the loss is given -> (n,) losses, in nats.
        slopes: what the loss is given -> (n,) slopes of the loss with respect to the right answer's logit.
        head: what is varied, in a word, for the table.
        xlabel: the same for the plot.
    """

    settings: np.ndarray
    losses: dict
    slopes: dict
    head: str
    xlabel: str

    def table(self) -> "pd.DataFrame":
        """A DataFrame: a row a setting, for each thing that the loss is given its loss and its slope, in hundredths."""
        import pandas as pd

        given, numbers = [_("given {way}").format(way=way) for way in self.losses], [_("loss"), _("slope")]
        pairs = [part[way] for way in self.losses for part in (self.losses, self.slopes)]
        rows = np.column_stack(pairs).astype(float).round(2) + 0.0  # no -0.0
        columns = pd.MultiIndex.from_product([given, numbers])
        return pd.DataFrame(rows, index=pd.Index(self.settings, name=self.head), columns=columns)

    @styled
    def plot(self, ax: Axes | None = None) -> Axes:
        """The losses over what is varied."""
        ax = new_axes() if ax is None else ax
        for (way, values), (colour, line) in zip(self.losses.items(), FAMILY, strict=False):
            ax.plot(self.settings, values, color=colour, ls=line, label=_("given {way}").format(way=way))
        ax.set(xlabel=self.xlabel, ylabel=_("loss"))
        ax.legend()
        return ax


def binary_losses(logits: Sequence[float]) -> LossesByInput:
    """Keras's binary cross-entropy of the right answer "yes", worked out from the logit and from two sigmoids of it.

    Args:
        logits: numbers, before the sigmoid.

    Returns:
        `LossesByInput`.
    """
    z = tf.constant(np.asarray(logits, "float32")[:, None])
    measured = {way: _loss_and_slope(z, sigmoid) for way, sigmoid in WAYS.items()}
    return _of(measured, logits, _("logit"), _("logit (the right answer is yes)"))


def _loss_and_slope(z, sigmoid):
    entropy = keras.losses.BinaryCrossentropy(from_logits=sigmoid is None, reduction=None)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = entropy(tf.ones_like(z), z if sigmoid is None else sigmoid(z))
    return loss.numpy(), tape.gradient(loss, z).numpy()[:, 0]


def class_losses(gaps: Sequence[float]) -> LossesByInput:
    """Keras's sparse categorical cross-entropy, worked out from logits and from several kinds of softmax, one by one.

    Each is worked out outside any graph. Inside one, as in `fit`, Keras recognises a plain `tf.nn.softmax` as well.

    Args:
        gaps: numbers: the logits are (-gap, 0), and class 0 is right.

    Returns:
        `LossesByInput`; what is varied is by how much the wrong class's logit is larger.
    """
    z = tf.constant([[-float(gap), 0.0] for gap in gaps])
    measured = {way: _class_loss_and_slope(z, *how) for way, how in CLASS_WAYS.items()}
    return _of(measured, gaps, _("gap"), _("by how much the right class is behind"))


def _class_loss_and_slope(z, softmax, from_logits):
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits, reduction=None)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = entropy(tf.zeros(len(z), tf.int32), z if softmax is None else softmax(z))
    return loss.numpy(), tape.gradient(loss, z).numpy()[:, 0]


def _of(measured, settings, head, xlabel):
    """`LossesByInput` out of what the loss is given -> (losses, slopes)."""
    losses, slopes = ({way: pair[place] for way, pair in measured.items()} for place in (0, 1))
    return LossesByInput(np.asarray(settings, float), losses, slopes, head, xlabel)


def first_losses(*, scale: float = 1.0, seeds: Sequence[int] = range(5)) -> np.ndarray:
    """Cross-entropy of untrained networks (two hidden layers of 64 ReLUs) on the training digits.

    Args:
        scale: every pixel, from 0 to 1, is multiplied by it first.
        seeds: ints; one network each.

    Returns:
        (seeds,) mean losses in nats; a network that gives each class the same share has ln 10 = 2.3026.
    """
    x, y, _, _ = digits()
    networks = [plain_network("relu", depth=2, seed=seed) for seed in seeds]
    return np.array([float(cross_entropy(y, network(scale * x))) for network in networks])
