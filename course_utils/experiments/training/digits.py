"""Training on the digits with several seeds, so that a curve comes with its band."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.networks import accuracy, cross_entropy, digits, plain_network
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

BATCH = 64


@dataclass(frozen=True)
class Training:
    """What several trainings of the same network came to.

    Args:
        label: for legends and tables.
        steps: (points,) the training steps at which the loss was noted.
        losses: (seeds, points) mean loss on the whole training set, in nats.
        accuracies: (seeds,) share of right answers on the test set.
    """

    label: str
    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray

    def band(self) -> str:
        """The test accuracies of all seeds as a sentence, rounded outwards to tenths so that it holds on other machines."""
        low, high = np.floor(self.accuracies.min() * 10) / 10, np.ceil(self.accuracies.max() * 10) / 10
        return _("{label}: all {number} seeds between {low:.1f} and {high:.1f} right on the test digits").format(
            label=self.label, number=len(self.accuracies), low=low, high=high
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The loss over the steps: median of the seeds, with a band from the smallest to the largest."""
        return plot_trainings([self], ax=ax)


def train_on_digits(
    activation: str | Callable,
    *,
    depth: int,
    optimizer: str,
    rate: float | None = None,
    steps: int = 600,
    seeds: Sequence[int] = range(5),
    label: str | None = None,
    **network: object,
) -> Training:
    """Train plain networks on the digits, in batches of 64.

    Args:
        activation: anything that Keras takes as one.
        depth: number of hidden layers, each of 64 units.
        optimizer: a name that Keras knows.
        rate: its learning rate; None takes Keras's default, which is 0.01 for "sgd" and 0.001 for "adam".
        steps: number of training steps.
        seeds: ints; one training each.
        label: for legends; None makes one from what was chosen.
        **network: passed on to `plain_network`: width, initializer, normalise.

    Returns:
        A `Training`.
    """
    marks = np.linspace(0, steps, 21).astype(int)
    runs = [_one(plain_network(activation, depth=depth, seed=s, **network), optimizer, rate, marks) for s in seeds]
    losses, accuracies = zip(*runs, strict=True)
    label = label or (
        _("{optimizer}, {depth} hidden layers, batch normalisation")
        if network.get("normalise")
        else _("{optimizer}, {depth} hidden layers")
    ).format(optimizer=optimizer, depth=depth)
    return Training(label, marks, np.array(losses), np.array(accuracies))


def _one(network, optimizer, rate, marks):
    x, y, x_test, y_test = digits()
    chosen = keras.optimizers.get(optimizer)
    if rate is not None:
        chosen.learning_rate = rate
    train = network_loop(network, chosen)
    losses = [float(cross_entropy(y, network(x)))]
    for first, last in pairwise(marks):
        train(first, last, x, y)
        losses.append(float(cross_entropy(y, network(x))))
    return losses, accuracy(network, x_test, y_test)


def network_loop(network: keras.Model, optimizer: keras.Optimizer, *, batch: int | None = BATCH) -> Callable:
    """Make the function that trains one network; its seed decides which examples each step takes.

    Args:
        network: a `keras.Model` that gives logits.
        optimizer: a `keras.Optimizer`.
        batch: examples in a step, drawn with replacement; None takes all examples in each step.

    Returns:
        `train(first, last, x, y)`, as `compiled_descent` returns it: x of shape (n, inputs), y of shape (n,) with whole
        numbers.
    """

    def loss(_: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        x, y = (x, y) if batch is None else _drawn(x, y, batch)
        return cross_entropy(y, network(x, training=True))

    return compiled_descent(loss, network.trainable_variables, optimizer)


def _drawn(x, y, batch):
    chosen = tf.random.uniform([batch], 0, tf.shape(x)[0], tf.int32)
    return tf.gather(x, chosen), tf.gather(y, chosen)


@styled
def plot_trainings(trainings: Sequence[Training], *, ax: Axes | None = None) -> Axes:
    """Several trainings' losses in one picture, each with its band over the seeds.

    Args:
        trainings: `Training` objects, at most 6.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes() if ax is None else ax
    for training, (colour, line) in zip(trainings, FAMILY, strict=False):
        for artist in draw_band(ax, training.steps, training.losses, training.label, color=colour, ls=line):
            in_bands(artist, 0.25)
    ax.set(xlabel=_("training step"), ylabel=_("loss on the training digits"), ylim=(0, None))
    ax.legend(handles=list(ax.lines))
    return ax
