"""What a loss says of the same mistake when it is given the logit, and when it is given a probability."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

WAYS = {"the logit": None, "Keras's sigmoid": keras.activations.sigmoid, "tf.sigmoid": tf.sigmoid}
# What the loss is given -> (softmax before it or None, its from_logits).
CLASS_WAYS = {
    "the logits": (None, True),
    "Keras's softmax": (keras.activations.softmax, False),
    "tf.nn.softmax": (tf.nn.softmax, False),
    "softmax as logits": (tf.nn.softmax, True),
}


@dataclass(frozen=True)
class BinaryLosses:
    """Keras's binary cross-entropy of the right answer "yes", for several logits.

    Args:
        logits: (n,) the numbers before the sigmoid.
        losses: what the loss is given -> (n,) losses, in nats.
        slopes: what the loss is given -> (n,) slopes of the loss with respect to the logit.
    """

    logits: np.ndarray
    losses: dict
    slopes: dict

    def table(self):
        """A DataFrame: a row a logit, for each thing that the loss is given its loss and its slope, in hundredths."""
        return _table(_("logit"), self.logits, self.losses, self.slopes)

    def plot(self, ax=None):
        """The losses over the logit."""
        return _plot(self.logits, self.losses, _("logit (the right answer is yes)"), ax)


def binary_losses(logits):
    """Keras's binary cross-entropy of the right answer "yes", worked out from the logit and from two sigmoids of it.

    Args:
        logits: numbers.

    Returns:
        `BinaryLosses`.
    """
    z = tf.constant(np.asarray(logits, "float32")[:, None])
    measured = {way: _loss_and_slope(z, sigmoid) for way, sigmoid in WAYS.items()}
    losses, slopes = ({way: pair[place] for way, pair in measured.items()} for place in (0, 1))
    return BinaryLosses(np.asarray(logits, float), losses, slopes)


def _loss_and_slope(z, sigmoid):
    entropy = keras.losses.BinaryCrossentropy(from_logits=sigmoid is None, reduction=None)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = entropy(tf.ones_like(z), z if sigmoid is None else sigmoid(z))
    return loss.numpy(), tape.gradient(loss, z).numpy()[:, 0]


@dataclass(frozen=True)
class ClassLosses:
    """Keras's cross-entropy of two classes whose right one is behind, for several gaps between their logits.

    Args:
        gaps: (n,) by how much the wrong class's logit is larger.
        losses: what the loss is given -> (n,) losses, in nats.
        slopes: what the loss is given -> (n,) slopes of the loss with respect to the right class's logit.
    """

    gaps: np.ndarray
    losses: dict
    slopes: dict

    def table(self):
        """A DataFrame: a row a gap, for each thing that the loss is given its loss and its slope, in hundredths."""
        return _table(_("gap"), self.gaps, self.losses, self.slopes)

    def plot(self, ax=None):
        """The losses over the gap."""
        return _plot(self.gaps, self.losses, _("by how much the right class is behind"), ax)


def class_losses(gaps):
    """Keras's sparse categorical cross-entropy, worked out from logits and from several kinds of softmax, one by one.

    Each is worked out outside any graph. Inside one, as in `fit`, Keras recognises a plain `tf.nn.softmax` as well.

    Args:
        gaps: numbers: the logits are (-gap, 0), and class 0 is right.

    Returns:
        `ClassLosses`.
    """
    z = tf.constant([[-float(gap), 0.0] for gap in gaps])
    measured = {way: _class_loss_and_slope(z, *how) for way, how in CLASS_WAYS.items()}
    losses, slopes = ({way: pair[place] for way, pair in measured.items()} for place in (0, 1))
    return ClassLosses(np.asarray(gaps, float), losses, slopes)


def _class_loss_and_slope(z, softmax, from_logits):
    entropy = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits, reduction=None)
    with tf.GradientTape() as tape:
        tape.watch(z)
        loss = entropy(tf.zeros(len(z), tf.int32), z if softmax is None else softmax(z))
    return loss.numpy(), tape.gradient(loss, z).numpy()[:, 0]


def first_losses(*, scale=1.0, seeds=range(5)):
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


def _table(head, settings, losses, slopes):
    """A row a setting: for each way its loss and slope."""
    import pandas as pd

    columns = pd.MultiIndex.from_product(
        [[_("given {way}").format(way=way) for way in losses], [_("loss"), _("slope")]]
    )
    pairs = [part[way] for way in losses for part in (losses, slopes)]
    rows = np.column_stack(pairs).astype(float).round(2) + 0.0  # no -0.0
    return pd.DataFrame(rows, index=pd.Index(settings, name=head), columns=columns)


@styled
def _plot(inputs, losses, xlabel, ax):
    ax = new_axes() if ax is None else ax
    for (way, values), (colour, line) in zip(losses.items(), FAMILY, strict=False):
        ax.plot(inputs, values, color=colour, ls=line, label=_("given {way}").format(way=way))
    ax.set(xlabel=xlabel, ylabel=_("loss"))
    ax.legend()
    return ax
