"""Several seeds through one compiled graph: tracing it anew for each seed would take longer than the training itself."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import keras
import numpy as np
import tensorflow as tf

from course_utils.experiments.training.loop import compiled_descent


def train_each(
    networks: Iterable[keras.Model],
    loss: Callable,
    x: np.ndarray,
    y: np.ndarray,
    *,
    optimizer: keras.Optimizer,
    steps: int | Sequence[int],
    batch: int | None = None,
) -> Iterator[keras.Model]:
    """Train networks of one shape, one after the other, and yield each when it is done, or at each mark on its way.

    The first network is the one that trains; before each turn it gets the next one's weights. So measure what you need
    before you ask for the next.

    Args:
        networks: built `keras.Model`s with equal shapes and activations.
        loss: `loss(y, outputs)` -> scalar tensor, or one number an example, of which the mean is taken.
        x, y: arrays, the training set.
        optimizer: a `keras.optimizers.Optimizer` that has not been used yet.
        steps: number of training steps; or an ascending list of marks such as [0, 100, 200], at each of which the
            network is yielded.
        batch: examples a step, drawn with replacement by the network's place in the list; None takes all of them.

    Yields:
        The trained network; with marks, the same network once for each of them, before the next one's turn.
    """
    networks, marks = list(networks), np.atleast_1d(steps)
    one = networks[0]
    starts = [network.get_weights() for network in networks]
    train = compiled_descent(_at_step(one, loss, batch), one.trainable_variables, optimizer)
    fresh = [variable.numpy() for variable in optimizer.variables]
    for place, start in enumerate(starts):
        one.set_weights(start)
        for variable, value in zip(optimizer.variables, fresh, strict=True):
            variable.assign(value)
        for done, mark in zip([0, *marks], marks, strict=False):
            train(done, mark, x, y, place)
            yield one


def _at_step(network, loss, batch):
    def at_step(step: tf.Tensor, x: tf.Tensor, y: tf.Tensor, place: tf.Tensor) -> tf.Tensor:
        if batch is not None:
            chosen = tf.random.stateless_uniform([batch], tf.stack([place, step]), 0, tf.shape(x)[0], tf.int32)
            x, y = tf.gather(x, chosen), tf.gather(y, chosen)
        return tf.reduce_mean(loss(y, network(x, training=True)))

    return at_step
