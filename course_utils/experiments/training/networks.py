"""The data and the plain networks that the experiments share."""

from collections.abc import Callable, Sequence
from functools import cache

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from numpy.typing import ArrayLike
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from course_utils.activations import get
from course_utils.plotting.style import Panels, new_axes, styled
from course_utils.texts import _

CLASSES = 10


@cache
def digits() -> tuple[np.ndarray, ...]:
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


@styled
def plot_digits(*, axes: Sequence[Axes] | None = None) -> Panels:
    """The first training picture of each digit, 8 by 8 pixels, from white (0) to black (1).

    Args:
        axes: 10 Axes, or None for a new figure.

    Returns:
        `Panels` of the Axes.
    """
    axes = new_axes(5, 2, height=3.0).ravel() if axes is None else axes
    x, y = digits()[:2]
    for digit, ax in enumerate(axes):
        ax.imshow(x[np.argmax(y == digit)].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
        ax.set(title=_("a {digit}").format(digit=digit), xticks=[], yticks=[])
        ax.grid(False)
    return Panels(axes)


def plain_network(
    activation: str | Callable,
    *,
    depth: int,
    width: int = 64,
    initializer: str | keras.Initializer = "glorot_uniform",
    normalise: bool = False,
    inputs: int = 64,
    outputs: int = CLASSES,
    dtype: str = "float32",
    seed: int = 0,
) -> keras.Sequential:
    """A network of equal dense layers, by default for the digits; its last layer gives logits.

    Args:
        activation: anything that Keras takes as one.
        depth: number of hidden layers.
        width: units in each.
        initializer: of the kernels; the biases start at 0, as is Keras's default.
        normalise: True puts batch normalisation before each activation (Ioffe, Szegedy 2015, ICML).
        inputs: numbers in one example.
        outputs: numbers in one result.
        dtype: "float32", or "float64" for trainings whose last digits are to be the same on every CPU.
        seed: int.

    Returns:
        A `keras.Sequential`.
    """
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((inputs,), dtype=dtype)]
    for _layer in range(depth):
        dense = {"units": width, "kernel_initializer": initializer, "dtype": dtype}
        if normalise:
            layers += [
                keras.layers.Dense(**dense),
                keras.layers.BatchNormalization(dtype=dtype),
                keras.layers.Activation(activation, dtype=dtype),
            ]
        else:
            layers.append(keras.layers.Dense(activation=activation, **dense))
    return keras.Sequential([*layers, keras.layers.Dense(outputs, kernel_initializer=initializer, dtype=dtype)])


def cross_entropy(labels: ArrayLike, logits: tf.Tensor) -> tf.Tensor:
    """Mean of -log softmax(logits)[label] over a batch, in nats."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))


def accuracy(network: keras.Model, x: np.ndarray, y: np.ndarray) -> float:
    """Share of right answers, in [0, 1]; what is not a number is no right answer."""
    return float(right_answers(np.asarray(network(x)), y))


def right_answers(outputs: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Share of examples whose class has the largest output; where an output is not a number, the answer is wrong.

    Args:
        outputs: (..., n, classes).
        y: (n,) the right classes.

    Returns:
        Shares in [0, 1], of shape (...).

    >>> print(right_answers(np.array([[3.0, 1.0], [0.0, 2.0], [np.nan, np.nan]]), [0, 1, 0]).round(2))
    0.67
    """
    return np.mean((np.argmax(outputs, axis=-1) == y) & ~np.isnan(outputs).any(axis=-1), axis=-1)


def lowest(losses: np.ndarray, axis: int = 0) -> np.ndarray:
    """The place of the lowest loss; nan counts as higher than any number.

    >>> print(lowest(np.array([np.nan, 0.3, 0.2])))
    2
    """
    return np.where(np.isnan(losses), np.inf, losses).argmin(axis=axis)


def shown_name(activation: str | Callable) -> str:
    """An activation's name for titles and legends; Keras's "linear" is none."""
    return "no activation" if activation == "linear" else get(activation).title
