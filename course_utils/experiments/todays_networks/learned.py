"""Activations with a number that is learned: PReLU's slope on the left, and swish's beta, one for each layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import tensorflow as tf

from course_utils.experiments.training.fair_comparison import data_set
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.stacked import Stack, batches, new_optimizer, new_stack
from course_utils.plotting.descriptions import outwards
from course_utils.texts import _


def prelu(x: tf.Tensor, a: tf.Tensor | float) -> tf.Tensor:
    """`max(x, 0) + a * min(x, 0)`.

    Source: He, Zhang, Ren, Sun 2015, Delving deep into rectifiers, equation 1.
    """
    return tf.maximum(x, 0) + a * tf.minimum(x, 0)


def swish(x: tf.Tensor, beta: tf.Tensor | float) -> tf.Tensor:
    """`x * sigmoid(beta * x)`.

    Source: Ramachandran, Zoph, Le 2017, Searching for activation functions, section 4.
    """
    return x * tf.sigmoid(beta * x)


LEARNED = {"PReLU": (prelu, 0.25), "swish": (swish, 1.0)}  # with the value at the start that its paper gives


@dataclass(frozen=True)
class LearnedActivationStack(Stack):
    """Networks whose hidden layers each learn a number that shapes their activation.

    Args:
        shape: the activation, a function of the sums and that number.
        shapes: `tf.Variable`s of shape (networks, 1, 1), one a hidden layer.
    """

    shape: Callable = prelu
    shapes: tuple = ()

    @property
    def variables(self) -> list[tf.Variable]:
        """All that is learned: kernels, biases, and the activations' numbers."""
        return [*super().variables, *self.shapes]

    def sums(self, x: tf.Tensor) -> list[tf.Tensor]:
        """As `Stack.sums`."""
        h, sums = tf.cast(x, self.kernels[0].dtype), []
        for kernel, bias, number in zip(self.kernels, self.biases, [*self.shapes, None], strict=True):
            sums.append(h @ kernel + bias)
            h = sums[-1] if number is None else self.shape(sums[-1], number)
        return sums


@dataclass(frozen=True)
class LearnedShapes:
    """What the activations' numbers came to.

    Args:
        data: names of the data sets.
        start: what each number was before training.
        numbers: (data sets, seeds, hidden layers).
        losses: (data sets, seeds) mean loss on the training set.
    """

    data: tuple[str, ...]
    start: float
    numbers: np.ndarray
    losses: np.ndarray

    def table(self) -> pd.DataFrame:
        """A row for each data set, a column for each hidden layer: from the seeds' lowest to their highest, outwards to tenths."""
        columns = [_("layer {layer}").format(layer=layer + 1) for layer in range(self.numbers.shape[2])]
        rows = [["{:.1f} to {:.1f}".format(*outwards(layer, 0.1)) for layer in numbers.T] for numbers in self.numbers]
        return pd.DataFrame(rows, index=pd.Index(self.data, name=_("data")), columns=columns)


def learn_shapes(
    name: str,
    *,
    start: float | None = None,
    data: Sequence[str] = ("digits", "waves"),
    depth: int = 3,
    width: int = 32,
    rate: float = 0.01,
    steps: int = 400,
    seeds: Sequence[int] = range(5),
) -> LearnedShapes:
    """Train networks that learn their activation's number together with their weights, by Adam, in float64.

    Args:
        name: "PReLU" or "swish".
        start: the number before training; None takes its paper's.
        data: names of data sets, as for `data_set`.
        depth, width: of the networks.
        rate: Adam's learning rate.
        steps: training steps, of 64 examples each.
        seeds: ints; one network each.

    Returns:
        `LearnedShapes`.
    """
    shape, usual = LEARNED[name]
    start, seeds = usual if start is None else start, list(seeds)
    found = [_learn(data_set(one), shape, start, depth, width, rate, steps, seeds) for one in data]
    numbers, losses = (np.array(part) for part in zip(*found, strict=True))
    return LearnedShapes(tuple(data), start, numbers, losses)


def _learn(data, shape, start, depth, width, rate, steps, seeds):
    plain = new_stack(
        "linear", seeds=seeds, depth=depth, width=width, inputs=data.x.shape[1], outputs=data.outputs, dtype="float64"
    )
    shapes = tuple(tf.Variable(np.full([len(seeds), 1, 1], float(start))) for _layer in range(depth))
    labels = data.y.astype(float if data.outputs == 1 else int)
    stack = LearnedActivationStack(plain.activation, plain.kernels, plain.biases, shape=shape, shapes=shapes)

    def loss(step: tf.Tensor, x: tf.Tensor, y: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        x, y = tf.gather(x, chosen[step]), tf.gather(y, chosen[step])
        return tf.reduce_sum(data.losses(y, stack.sums(x)[-1]))  # gradients do not mix

    train = compiled_descent(loss, stack.variables, new_optimizer("adam", rate))
    train(0, steps, data.x, labels, batches(seeds, steps, examples=len(data.x)))
    everywhere = tf.tile(data.x[None], [len(seeds), 1, 1])
    return np.array(shapes)[:, :, 0, 0].T, data.losses(labels, stack.sums(everywhere)[-1]).numpy()
