"""One compiled training loop for several seeds: tracing it once a seed would cost more than the training itself."""

import numpy as np
import tensorflow as tf


def train_each(networks, loss, x, y, *, optimizer, steps, batch=None):
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
    networks, (x, y) = list(networks), map(tf.constant, (x, y))
    one = networks[0]
    starts = [network.get_weights() for network in networks]
    optimizer.build(one.trainable_variables)
    fresh = [variable.numpy() for variable in optimizer.variables]
    train, marks = _loop(one, loss, optimizer, batch), np.atleast_1d(steps)
    for place, start in enumerate(starts):
        one.set_weights(start)
        for variable, value in zip(optimizer.variables, fresh, strict=True):
            variable.assign(value)
        for done, mark in zip([0, *marks], marks, strict=False):
            train(x, y, *map(tf.constant, (place, int(done), int(mark))))
            yield one


def _loop(network, loss, optimizer, batch):
    variables = network.trainable_variables
    sources = [variable.value for variable in variables]  # asked for Keras's own, TensorFlow can't make the zeros

    @tf.function
    def train(x, y, place, done, mark):
        for step in tf.range(done, mark):
            some_x, some_y = x, y
            if batch is not None:
                chosen = tf.random.stateless_uniform([batch], tf.stack([place, step]), 0, tf.shape(x)[0], tf.int32)
                some_x, some_y = tf.gather(x, chosen), tf.gather(y, chosen)
            with tf.GradientTape() as tape:
                mistake = tf.reduce_mean(loss(some_y, network(some_x, training=True)))
            slopes = tape.gradient(mistake, sources, unconnected_gradients="zero")
            optimizer.apply(slopes, variables)

    return train
