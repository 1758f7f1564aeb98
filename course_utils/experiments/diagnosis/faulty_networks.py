"""Small networks with one thing wrong each, to practise a diagnosis on."""

from typing import NamedTuple

import keras

from course_utils.experiments.training.networks import CLASSES

DEPTH, WIDTH = 6, 64
HE, GLOROT = (2 / WIDTH) ** 0.5, (1 / WIDTH) ** 0.5  # standard deviations of the weights: He 2015, Glorot 2010


class Patient(NamedTuple):
    """What a network is made with: its hidden layers' activation, its weights' standard deviation, its biases."""

    activation: str
    deviation: float
    bias: float


PATIENTS = {
    "healthy": Patient("relu", HE, 0.0),
    "sigmoids": Patient("sigmoid", GLOROT, 0.0),
    "small weights": Patient("relu", 0.01, 0.0),
    "large weights": Patient("tanh", 1.0, 0.0),
    "negative biases": Patient("relu", HE, -0.5),
}


def patient(name: str, *, seed: int = 0) -> keras.Sequential:
    """An untrained network for the digits: six hidden layers of 64, softmax, cross-entropy, compiled.

    Args:
        name: "healthy", "sigmoids", "small weights", "large weights" or "negative biases".
        seed: int.

    Returns:
        A `keras.Sequential`.

    Raises:
        ValueError: there is no such patient.
    """
    if name not in PATIENTS:
        raise ValueError(f"There is no patient {name!r}; there are: {', '.join(PATIENTS)}.")
    keras.utils.set_random_seed(seed)
    hidden = [_layer(PATIENTS[name], number) for number in range(1, DEPTH + 1)]
    output = keras.layers.Dense(CLASSES, "softmax", name="output")
    network = keras.Sequential([keras.Input((WIDTH,)), *hidden, output])
    network.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return network


def _layer(made, number):
    return keras.layers.Dense(
        WIDTH,
        made.activation,
        kernel_initializer=keras.initializers.RandomNormal(stddev=made.deviation),
        bias_initializer=keras.initializers.Constant(made.bias),
        name=f"hidden_{number}",
    )
