"""Plain networks with several seeds trained side by side, as one stack of matrices: five cost little more than one."""

from itertools import pairwise

import numpy as np
import tensorflow as tf

from course_utils.experiments.networks import digits, plain_network

BATCH = 64


def starting_weights(depth, *, seeds=range(5)):
    """The weights that `plain_network` starts with, stacked over the seeds.

    Args:
        depth: number of hidden layers, each of 64 units.
        seeds: ints.

    Returns:
        (kernels, biases): a float32 array for each layer, of shape (seeds, inputs, units) and (seeds, 1, units).
    """
    networks = [plain_network("linear", depth=depth, seed=seed) for seed in seeds]
    kernels = [np.stack([net.layers[place].kernel.numpy() for net in networks]) for place in range(depth + 1)]
    return kernels, [np.zeros((len(kernel), 1, kernel.shape[2]), "float32") for kernel in kernels]


def forward(activation, kernels, biases, x):
    """Logits of a stack of networks.

    Args:
        activation: a function of a tensor.
        kernels, biases: as `starting_weights` returns them, or as `tf.Variable`.
        x: (pictures, 64), the same for all networks, or (seeds, pictures, 64).

    Returns:
        A tensor of shape (seeds, pictures, 10).
    """
    h = x if len(x.shape) == 3 else tf.tile(x[None], [kernels[0].shape[0], 1, 1])
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        h = activation(h @ kernel + bias)
    return h @ kernels[-1] + biases[-1]


def train_stacked(activation, weights, *, learning_rate, marks, seeds=range(5), stop_below=0.0):
    """Plain stochastic gradient descent on the digits, in batches of 64, for a stack of networks at once.

    Args:
        activation: a function of a tensor, used in all hidden layers.
        weights: (kernels, biases), as `starting_weights` returns them; they are not changed.
        learning_rate: number, no unit.
        marks: ascending ints from 0 on, the training steps at which the loss is noted.
        seeds: ints, one for each network; networks with the same seed see the same batches.
        stop_below: the training ends at the first mark where all networks' losses are under it.

    Returns:
        (losses, accuracies): (seeds, marks reached) mean loss on the training set in nats, and (seeds,) share of right
        answers on the test set.
    """
    kernels, biases = ([tf.Variable(array) for array in arrays] for arrays in weights)
    x, y, x_test, y_test = digits()
    train = _training_loop(activation, kernels, biases, learning_rate, _batches(seeds, marks[-1]))
    losses = [_mean_losses(forward(activation, kernels, biases, x), y).numpy()]
    for start, end in pairwise(marks):
        if (losses[-1] < stop_below).all():
            break
        losses.append(train(tf.constant(start), tf.constant(end)).numpy())
    answers = np.argmax(forward(activation, kernels, biases, x_test), axis=-1)
    return np.array(losses).T, (answers == y_test).mean(axis=1)


def first_below(loss, marks, losses):
    """For each network the first mark at which its loss is under `loss`; nan where it never is.

    >>> first_below(0.5, [0, 10, 20], np.array([[2.0, 0.4, 0.6], [2.0, 1.9, 1.8]]))
    array([10., nan])
    """
    under = losses < loss
    return np.where(under.any(axis=1), np.asarray(marks)[under.argmax(axis=1)], np.nan)


def _batches(seeds, steps):
    """(steps, seeds, 64) places of the pictures that each network sees at each step; a seed's do not depend on the others."""
    pictures = len(digits()[0])
    drawn = [tf.random.stateless_uniform([steps, BATCH], [seed, 0], 0, pictures, tf.int32) for seed in seeds]
    return tf.stack(drawn, axis=1)


def _training_loop(activation, kernels, biases, learning_rate, batches):
    images, labels = map(tf.constant, digits()[:2])
    variables = kernels + biases

    @tf.function(reduce_retracing=True)
    def train(start, end):
        for step in tf.range(start, end):
            with tf.GradientTape() as tape:
                logits = forward(activation, kernels, biases, tf.gather(images, batches[step]))
                loss = tf.reduce_sum(_mean_losses(logits, tf.gather(labels, batches[step])))  # no network feels another
            for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
                variable.assign_sub(learning_rate * gradient)
        return _mean_losses(forward(activation, kernels, biases, images), labels)

    return train


def _mean_losses(logits, labels):
    """One mean cross-entropy a network; the labels are the same for all networks where they have one axis."""
    labels = labels if len(labels.shape) == 2 else tf.tile(labels[None], [logits.shape[0], 1])
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits), axis=1)
