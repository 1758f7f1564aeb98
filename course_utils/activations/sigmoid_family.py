"""The logistic sigmoid, and its piecewise linear stand-in."""

import numpy as np

from course_utils.activations.catalogue import elementwise, register
from course_utils.references import cited


@elementwise
def sigmoid(x: np.ndarray) -> np.ndarray:
    """Logistic sigmoid, `1 / (1 + exp(-x))`; exp is only taken of -|x|, so it can't overflow."""
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, z) / (1.0 + z)


@elementwise
def sigmoid_slope(x: np.ndarray) -> np.ndarray:
    """Slope of sigmoid, `sigmoid(x) * sigmoid(-x)`; its largest value is 1/4, at 0."""
    z = np.exp(-np.abs(x))
    return z / (1.0 + z) ** 2


# fmt: off
register(
    sigmoid, sigmoid_slope, title="sigmoid", keras_name="sigmoid",
    formula=r"\frac{1}{1 + e^{-x}}",
    words="One divided by one plus e to the power of minus x.",
    range=(0.0, 1.0), range_text="(0, 1)",
    source=cited("The logistic function: {verhulst1838}; named in {verhulst1845}; in networks: {rumelhart1986}"),
    colour="blue", line="solid",
)
# fmt: on


@elementwise
def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Hard sigmoid, `clip(x / 6 + 1/2, 0, 1)`."""
    return np.clip(x + 3.0, 0.0, 6.0) / 6.0


@elementwise
def hard_sigmoid_slope(x: np.ndarray) -> np.ndarray:
    """Slope of hard sigmoid, `1/6 if -3 < x < 3 else 0`; at both kinks 0."""
    return np.where(np.abs(x) < 3.0, 1.0 / 6.0, 0.0)


# fmt: off
register(
    hard_sigmoid, hard_sigmoid_slope, title="hard sigmoid", keras_name="hard_sigmoid",
    formula=r"\min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
    words="A sixth of x plus one half, but not less than zero and not more than one.",
    range=(0.0, 1.0), range_text="[0, 1]", kinks=(-3.0, 3.0),
    source=cited("{keras_activations}"),
    colour="blue", line="dashed",
)
# fmt: on
