"""Gated units trained beside plain ones, with as many weights."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
import tensorflow as tf

from course_utils.experiments.training.fair_comparison import FairComparison, compare_fairly, data_set
from course_utils.texts import _


def squared_relu(x: tf.Tensor) -> tf.Tensor:
    """`max(x, 0)**2`.

    Source: So and others 2021, Primer: searching for efficient Transformers for language modeling, section 3.
    """
    return tf.nn.relu(x) ** 2


def swiglu(sums: tf.Tensor) -> tf.Tensor:
    """`silu(a) * b`, where a and b are the two halves of the sums: half as many numbers come out as go in.

    Source: Shazeer 2020, GLU variants improve Transformer, equation 6.
    """
    a, b = tf.split(sums, 2, axis=-1)
    return tf.nn.silu(a) * b


@dataclass(frozen=True)
class Unit:
    """A hidden layer's activation.

    Args:
        activation: anything that Keras takes as one.
        sums: how many sums one output takes: 1, or 2 for a gated unit.
    """

    activation: str | Callable
    sums: int = 1


UNITS = {
    "ReLU": Unit("relu"),
    "GELU": Unit("gelu"),
    "squared ReLU": Unit(squared_relu),
    "SwiGLU": Unit(swiglu, sums=2),
}


def weights_of(unit: Unit, width: int, *, inputs: int, outputs: int, depth: int) -> int:
    """How many numbers a network learns whose hidden layers put out `width` numbers each: kernels and biases.

    >>> weights_of(UNITS["ReLU"], 32, inputs=3, outputs=1, depth=2)
    1217
    >>> weights_of(UNITS["SwiGLU"], 22, inputs=3, outputs=1, depth=2)
    1211
    """
    fans = [inputs] + [width] * (depth - 1)
    return sum((fan + 1) * unit.sums * width for fan in fans) + (width + 1) * outputs


def at_equal_size(
    names: Sequence[str] = tuple(UNITS), *, data: str, width: int = 32, depth: int = 2
) -> dict[str, dict]:
    """Networks of several units for one data set, with as many weights as a plain one of this width, or a few less.

    Args:
        names: out of `UNITS`.
        data: name of a data set, as for `data_set`.
        width: outputs of each hidden layer of the plain units.
        depth: number of hidden layers.

    Returns:
        name -> arguments of `new_stack`, for `compare_fairly`.
    """
    made, network = data_set(data), {}
    shape = {"inputs": made.x.shape[1], "outputs": made.outputs, "depth": depth}
    most = weights_of(UNITS["ReLU"], width, **shape)
    for name in names:
        unit = UNITS[name]
        fitting = max(w for w in range(1, width + 1) if weights_of(unit, w, **shape) <= most)
        network[name] = {"activation": unit.activation, "width": fitting, "depth": depth, "gated": unit.sums == 2}
    return network


def weights_table(data: Sequence[str] = ("digits", "waves"), *, width: int = 32, depth: int = 2) -> pd.DataFrame:
    """For each unit and data set its hidden layers' outputs and its weights, as a DataFrame."""
    columns = {}
    for name in data:
        made, networks = data_set(name), at_equal_size(data=name, width=width, depth=depth)
        widths = {unit: network["width"] for unit, network in networks.items()}
        shape = {"inputs": made.x.shape[1], "outputs": made.outputs, "depth": depth}
        columns[name, _("width")] = widths
        columns[name, _("weights")] = {unit: weights_of(UNITS[unit], w, **shape) for unit, w in widths.items()}
    return pd.DataFrame(columns)


def compare_units(
    names: Sequence[str] = tuple(UNITS),
    *,
    data: str,
    optimizer: str = "adam",
    width: int = 32,
    depth: int = 2,
    **how: object,
) -> FairComparison:
    """Train units beside each other with as many weights, each at its best learning rate.

    Args:
        names: out of `UNITS`.
        data: name of a data set.
        optimizer, width, depth: as for `compare_fairly`.
        **how: passed on to it: rates, lengths, seeds.

    Returns:
        A `FairComparison` on one data set.
    """
    return compare_fairly(
        at_equal_size(names, data=data, width=width, depth=depth), optimizer=optimizer, data=(data,), **how
    )
