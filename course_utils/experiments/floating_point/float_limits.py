"""Every floating-point number of an interval, to look where they end before a curve does."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import DTypeLike

from course_utils.activations import get
from course_utils.plotting.style import BLUE, GREEN, ORANGE, VERMILION, new_axes, styled
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd

MOST = 20_000_000  # about 80 MB of float32
BITS = {"float16": np.int16, "bfloat16": np.int16, "float32": np.int32}


# What can happen at an end -> (name of the function, its value there, the smallest and largest input to look at).
ENDS = {
    "sigmoid is 1": ("sigmoid", 1.0, {"float16": (4, 17), "bfloat16": (4, 17), "float32": (17, 18)}),
    "sigmoid is 0": ("sigmoid", 0.0, {"float16": (-20, -4), "bfloat16": (-100, -4), "float32": (-105, -103)}),
    "tanh is 1": ("tanh", 1.0, {"float16": (2, 9), "bfloat16": (2, 9), "float32": (9, 9.5)}),
    "exp is infinite": ("exp", np.inf, {"float16": (8, 12), "bfloat16": (80, 100), "float32": (88, 89)}),
}
SAID = {
    "sigmoid is 1": _("sigmoid is 1"),
    "sigmoid is 0": _("sigmoid is 0"),
    "tanh is 1": _("tanh is 1"),
    "exp is infinite": _("exp is infinite"),
}
LOOKS = {"sigmoid is 1": (BLUE, "o"), "sigmoid is 0": (BLUE, "s"), "tanh is 1": (VERMILION, "^"), "exp is infinite": (GREEN, "D")}  # fmt: skip


@dataclass(frozen=True)
class FloatLimits:
    """The input nearest to 0 at which something happens that never happens on paper.

    Args:
        dtypes: names of the floating-point types.
        inputs: what happens -> (dtypes,) from which input on.
    """

    dtypes: tuple
    inputs: dict

    def table(self) -> "pd.DataFrame":
        """A DataFrame: a row a type, a column for each thing that happens; inputs to tenths, rounded away from 0."""
        import pandas as pd

        return pd.DataFrame(self.inputs, index=self.dtypes).map(_tenths).rename(columns=SAID)

    def plot(self, ax: Axes | None = None) -> Axes:
        """A point for each type and each thing that happens, at the input from which on it does."""
        return _plot(self, ax)


def float_ends(dtypes: Sequence[str] = tuple(BITS)) -> FloatLimits:
    """Find where sigmoid and tanh reach their ends and the exponential overflows, by asking every number there is.

    Each value is worked out in double precision and rounded once to the type. What a kernel gives can differ from that: it
    rounds on the way as well, and how often depends on the processor and on whether XLA compiled it.

    Args:
        dtypes: out of "float16", "bfloat16" and "float32".

    Returns:
        `FloatLimits`.
    """
    found = {what: [_first(*where, dtype) for dtype in dtypes] for what, where in ENDS.items()}
    return FloatLimits(tuple(dtypes), {what: np.array(inputs, float) for what, inputs in found.items()})


def _first(name, value, spans, dtype):
    inputs = every_float(*spans[dtype], dtype)
    exact = np.exp(inputs.astype(float)) if name == "exp" else get(name)(inputs.astype(float))
    with np.errstate(over="ignore", under="ignore"):
        there = inputs[exact.astype(inputs.dtype) == inputs.dtype.type(value)]
    return there[0] if inputs[0] > 0 else there[-1]


def _tenths(x):
    return float(np.sign(x) * np.ceil(np.round(abs(x) * 10, 3)) / 10)


def every_float(low: float, high: float, dtype: DTypeLike = "float32") -> np.ndarray:
    """All numbers of a floating-point type from `low` to `high`, both included.

    Args:
        low, high: numbers of the same sign, `low < high`.
        dtype: "float16", "bfloat16" or "float32".

    Returns:
        An ascending array of that dtype.

    Raises:
        ValueError: the ends have different signs, are not in order, or hold more than 20 million numbers between them.

    >>> len(every_float(1, 2))
    8388609
    >>> every_float(1, 1.003, "float16")
    array([1.   , 1.001, 1.002, 1.003], dtype=float16)
    """
    ends = np.array([low, high], _numpy(dtype))
    bits = ends.view(BITS[dtype]).astype(np.int64)
    if not low < high or (bits[0] < 0) != (bits[1] < 0):
        raise ValueError(f"low and high need one sign and low < high, got low={low!r}, high={high!r}")
    first, last = sorted(bits)
    if last - first > MOST:
        raise ValueError(f"{last - first:,} numbers lie between {low} and {high}; at most {MOST:,} are made")
    numbers = np.arange(first, last + 1).astype(BITS[dtype]).view(_numpy(dtype))
    return numbers if low >= 0 else numbers[::-1]  # the bits of negative numbers count downwards


def _numpy(dtype):
    """NumPy has no bfloat16 of its own; TensorFlow provides one."""
    if dtype != "bfloat16":
        return np.dtype(dtype)
    import tensorflow as tf

    return np.dtype(tf.bfloat16.as_numpy_dtype)


@styled
def _plot(result, ax):
    ax = new_axes(height=2.8) if ax is None else ax
    rows = np.arange(len(result.dtypes))
    for what, inputs in result.inputs.items():
        colour, marker = LOOKS[what]
        ax.plot(inputs, rows, color=colour, ls="", marker=marker, ms=8, label=SAID[what])
    ax.axvline(0, color=ORANGE, lw=1, label="0")
    ax.set_yticks(rows, result.dtypes)
    ax.set(xlabel=_("input"), ylim=(-0.5, len(rows) - 0.5))
    ax.invert_yaxis()
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
