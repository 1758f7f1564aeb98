"""Deep networks with one fault each, to practise a diagnosis on: what is wrong with them is asked for separately."""

from typing import NamedTuple

import keras

from course_utils.experiments.training.networks import CLASSES
from course_utils.texts import _

DEPTH, WIDTH = 6, 64


class Settings(NamedTuple):
    """What a network is made with: its hidden layers' activation, its weights' standard deviation, its biases."""

    activation: str
    std: float
    bias: float


FAULTY = {
    "A": Settings("tanh", 1.0, 0.0),
    "B": Settings("sigmoid", 0.125, 0.0),
    "C": Settings("relu", 0.18, -0.5),
}


def faulty_network(name: str, *, seed: int = 0) -> keras.Sequential:
    """An untrained network for the digits: six hidden layers of 64, softmax, cross-entropy, compiled.

    Args:
        name: "A", "B" or "C".
        seed: int.

    Returns:
        A `keras.Sequential`.

    Raises:
        ValueError: no network has this name.
    """
    made = settings_of(name)
    keras.utils.set_random_seed(seed)
    hidden = [_layer(made, number) for number in range(1, DEPTH + 1)]
    output = keras.layers.Dense(CLASSES, "softmax", name="output")
    network = keras.Sequential([keras.Input((WIDTH,)), *hidden, output])
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return network


def settings_of(name: str) -> Settings:
    """The settings of a faulty network, which say what is wrong with it.

    Args:
        name: "A", "B" or "C".

    Returns:
        Its `Settings`.

    Raises:
        ValueError: no network has this name.
    """
    if name not in FAULTY:
        problem = _("There is no network {name!r}; there are: {known}.")
        raise ValueError(problem.format(name=name, known=", ".join(FAULTY)))
    return FAULTY[name]


def _layer(made, number):
    return keras.layers.Dense(
        WIDTH,
        made.activation,
        kernel_initializer=keras.initializers.RandomNormal(stddev=made.std),
        bias_initializer=keras.initializers.Constant(made.bias),
        name=f"hidden_{number}",
    )
