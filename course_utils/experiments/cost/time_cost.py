"""How long activations take, compared with the matrix product that comes before each of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import ACTIVATIONS
from course_utils.plotting.style import BLUE, new_axes, styled
from course_utils.texts import _

PRODUCT = "matrix product"


@dataclass(frozen=True)
class ActivationCosts:
    """How long things took on this machine, just now: the numbers differ from run to run.

    Args:
        size: rows and columns of the square matrix that they worked on.
        seconds: activation's name -> shortest time of several, in seconds.
        product: the same for a product of two such matrices.
    """

    size: int
    seconds: dict
    product: float

    @property
    def all_cheaper_than_product(self) -> bool:
        """Whether each activation took less time than the product."""
        return max(self.seconds.values()) < self.product

    def table(self) -> pd.DataFrame:
        """Milliseconds, the cheapest first."""
        milliseconds = {
            name: round(1000 * seconds, 1) for name, seconds in (self.seconds | {PRODUCT: self.product}).items()
        }
        return pd.DataFrame({_("milliseconds"): milliseconds}).sort_values(_("milliseconds"), kind="stable")

    def plot(self, ax: Axes | None = None) -> Axes:
        """The times as bars, the cheapest first."""
        return _plot(self, ax)


def activation_costs(
    names: Sequence[str] = tuple(ACTIVATIONS), *, size: int = 2000, repeats: int = 5
) -> ActivationCosts:
    """Time activations on a square float32 matrix, compiled by `tf.function`, and a product of two such matrices.

    Args:
        names: of catalogue entries that Keras has.
        size: rows and columns.
        repeats: each is run so often, after one run that is not counted; the shortest time counts.

    Returns:
        `ActivationCosts`.
    """
    x = tf.constant(np.random.default_rng(0).normal(size=(size, size)).astype("float32"))
    seconds = {name: _shortest(_of_keras(name), x, repeats) for name in names}
    return ActivationCosts(size, seconds, _shortest(lambda x: x @ x, x, repeats))


def _of_keras(name):
    entry = ACTIVATIONS[name]
    function = keras.activations.get(entry.keras_name)
    return lambda x: function(x, **entry.keras_arguments)


def _shortest(function, x, repeats):
    compiled = tf.function(function)
    compiled(x)
    return min(_seconds(compiled, x) for _ in range(repeats))


def _seconds(function, x):
    start = perf_counter()
    function(x).numpy()  # a result that is asked for has been worked out
    return perf_counter() - start


@styled
def _plot(costs, ax):
    ax = new_axes(height=4.6) if ax is None else ax
    rows = sorted({**costs.seconds, PRODUCT: costs.product}.items(), key=lambda row: row[1])
    ax.bar(
        [name for name, _seconds in rows],
        [1000 * seconds for _name, seconds in rows],
        color=BLUE,
        label=_("milliseconds"),
    )
    ax.set(ylabel=_("milliseconds"), yscale="log")
    ax.tick_params(axis="x", rotation=90)
    return ax
