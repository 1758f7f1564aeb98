"""The training loop of every network in the course, compiled to a graph: `fit` costs 6 to 10 ms a step for networks that need 0.3."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf


def compiled_descent(loss: Callable, variables: Sequence, optimizer: keras.Optimizer) -> Callable:
    """Compile gradient descent.

    Args:
        loss: `loss(step, *given)` -> scalar tensor, the loss at one training step; `step` is an int tensor, and `given` is
            what `train` was given. What differs from training to training stands here: which examples a step takes, and
            whether one network answers or several.
        variables: what is trained: `tf.Variable`s, or a Keras model's.
        optimizer: a `keras.Optimizer`.

    Returns:
        `train(first, last, *given)`, which takes the steps from `first` on, up to `last` and without it.
    """
    optimizer.build(variables)
    sources = [
        v.value if isinstance(v, keras.Variable) else v for v in variables
    ]  # of Keras's own, zeros can't be made

    @tf.function(reduce_retracing=True)
    def take_steps(first: tf.Tensor, last: tf.Tensor, *given: tf.Tensor) -> None:
        for step in tf.range(first, last):
            with tf.GradientTape() as tape:
                value = loss(step, *given)
            slopes = tape.gradient(value, sources, unconnected_gradients="zero")  # a step function has no gradient
            optimizer.apply(slopes, variables)

    def train(first: int, last: int, *given: object) -> None:
        take_steps(tf.constant(first, tf.int32), tf.constant(last, tf.int32), *map(tf.convert_to_tensor, given))

    return train
