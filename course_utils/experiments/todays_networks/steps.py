"""Steps that learn all the same: forward a step, backward the slope of something else; and activations of few bits."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from course_utils.experiments.training.fair_comparison import FairComparison, compare_fairly


def step(x: tf.Tensor) -> tf.Tensor:
    """-1 below 0, and +1 from 0 on; its slope is 0 everywhere, so nothing comes back through it."""
    return tf.where(x >= 0, tf.ones_like(x), -tf.ones_like(x))


def straight_through(x: tf.Tensor) -> tf.Tensor:
    """The same, with the slope 1 everywhere on the way back.

    Source: Bengio, Léonard, Courville 2013, Estimating or propagating gradients through stochastic neurons, arXiv:1308.3432.
    """
    return x + tf.stop_gradient(step(x) - x)


def clipped_straight_through(x: tf.Tensor) -> tf.Tensor:
    """The same, with the slope 1 from -1 to 1, and 0 beyond.

    Source: Hubara, Courbariaux, Soudry, El-Yaniv, Bengio 2016, Binarized neural networks, equation 4.
    """
    hard_tanh = tf.clip_by_value(x, -1.0, 1.0)
    return hard_tanh + tf.stop_gradient(step(x) - hard_tanh)


def surrogate(x: tf.Tensor) -> tf.Tensor:
    """The same, with the slope of softsign on the way back: `1 / (1 + abs(x))**2`.

    Source: Zenke, Ganguli 2018, SuperSpike, Neural Computation 30(6), for this slope; Neftci, Mostafa, Zenke 2019 for the name.
    """
    soft = tf.nn.softsign(x)
    return soft + tf.stop_gradient(step(x) - soft)


STEPS = {
    "step": step,
    "straight-through": straight_through,
    "clipped straight-through": clipped_straight_through,
    "surrogate": surrogate,
}


def quantised_relu(bits: int, *, largest: float = 6.0) -> Callable:
    """ReLU6 that knows only `2**bits` values, evenly spaced from 0 to `largest`; the gradient goes straight through.

    Args:
        bits: 2 to 16.
        largest: what is above is cut off; no gradient comes back from there.

    Returns:
        A function of tensors.

    Source: Jacob and others 2018, Quantization and training of neural networks, CVPR, section 3.
    """
    return lambda x: tf.quantization.fake_quant_with_min_max_args(x, 0.0, largest, num_bits=bits)


def compare_steps(
    names: Sequence[str] = tuple(STEPS),
    *,
    data: Sequence[str] = ("digits", "waves"),
    optimizer: str = "adam",
    **how: object,
) -> FairComparison:
    """Train networks of steps beside each other, each with its own way back, at its best learning rate.

    Args:
        names: out of `STEPS`, or any activation that Keras knows.
        data, optimizer: as for `compare_fairly`.
        **how: passed on to it: rates, lengths, depth, width, seeds.

    Returns:
        A `FairComparison`.
    """
    return compare_fairly({name: STEPS.get(name, name) for name in names}, data=data, optimizer=optimizer, **how)


def compare_bits(
    bits: Sequence[int] = (8, 4, 2),
    *,
    data: Sequence[str] = ("digits", "waves"),
    optimizer: str = "adam",
    **how: object,
) -> FairComparison:
    """Train networks of ReLU6, and of ReLU6 with few values, beside each other.

    Args:
        bits: of the values that a hidden unit may have.
        data, optimizer, **how: as for `compare_steps`.

    Returns:
        A `FairComparison`.
    """
    contenders = {"ReLU6": "relu6"} | {f"{number} bits": quantised_relu(number) for number in bits}
    return compare_fairly(contenders, data=data, optimizer=optimizer, **how)
