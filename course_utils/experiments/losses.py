"""What a loss says of the same mistake when it is given the logit, and when it is given a probability."""

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from course_utils.plotting import FAMILY, new_axes, styled

WAYS = {"the logit": None, "Keras's sigmoid": keras.activations.sigmoid, "tf.sigmoid": tf.sigmoid}


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
        """Loss and slope for each logit, as text."""
        lines = [
            "logit " + "".join(f"{way:>20}" for way in self.losses),
            " " * 6 + "       loss   slope " * len(self.losses),
        ]
        for place, logit in enumerate(self.logits):
            pairs = ((self.losses[way][place], self.slopes[way][place] + 0.0) for way in self.losses)
            lines.append(f"{logit:5.0f} " + "".join(f"{loss:11.2f} {slope:7.2f} " for loss, slope in pairs))
        return "\n".join(line.rstrip() for line in lines)

    def plot(self, ax=None):
        """The losses over the logit."""
        return _plot(self, ax)


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


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    for (way, losses), (colour, line) in zip(result.losses.items(), FAMILY, strict=False):
        ax.plot(result.logits, losses, color=colour, ls=line, label=f"given {way}")
    ax.set(xlabel="logit (the right answer is yes)", ylabel="loss")
    ax.legend()
    return ax
