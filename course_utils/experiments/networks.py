"""The data and the plain networks that the experiments share."""

from functools import cache

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

CLASSES = 10


@cache
def digits():
    """Scikit-learn's bundled handwritten digits, 8 by 8 pixels.

    Returns:
        (x_train, y_train, x_test, y_test): x float32 in [0, 1] of shape (1347, 64) and (450, 64), y int32 labels 0 to 9.

    Source: Alpaydin, Kaynak 1998, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository.
    """
    x, y = load_digits(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(
        (x / 16).astype("float32"), y.astype("int32"), test_size=0.25, random_state=0, stratify=y
    )
    return x_train, y_train, x_test, y_test


def plain_network(activation, *, depth, width=64, initializer="glorot_uniform", normalise=False, seed=0):
    """A network of equal dense layers for the digits; its last layer gives logits.

    Args:
        activation: anything that Keras takes as one.
        depth: number of hidden layers.
        width: units in each.
        initializer: of the kernels; the biases start at 0, as is Keras's default.
        normalise: True puts batch normalisation before each activation (Ioffe, Szegedy 2015, ICML).
        seed: int.

    Returns:
        A `keras.Sequential`.
    """
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((64,))]
    for _ in range(depth):
        dense = {"units": width, "kernel_initializer": initializer}
        if normalise:
            layers += [
                keras.layers.Dense(**dense),
                keras.layers.BatchNormalization(),
                keras.layers.Activation(activation),
            ]
        else:
            layers.append(keras.layers.Dense(activation=activation, **dense))
    return keras.Sequential([*layers, keras.layers.Dense(CLASSES, kernel_initializer=initializer)])


def cross_entropy(labels, logits):
    """Mean of -log softmax(logits)[label] over a batch, in nats."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def accuracy(network, x, y):
    """Share of right answers, in [0, 1]."""
    return float(np.mean(np.argmax(network(x), axis=1) == y))
