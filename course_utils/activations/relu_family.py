"""ReLU and its relatives made of straight pieces."""

import numpy as np

from course_utils.activations.catalogue import INF, elementwise, register
from course_utils.references import cited


@elementwise
def relu(
    x: np.ndarray, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> np.ndarray:
    """ReLU, `clip(x, 0, max_value) if x > threshold else negative_slope * (x - threshold)`.

    `max_value=None` clips nothing. A threshold other than 0 makes a jump, not a shifted kink. At `x == threshold` the
    value is 0, as in Keras's code (its documentation of the layer says x).
    """
    above = x if max_value is None else np.maximum(np.minimum(x, max_value), 0.0)
    below = negative_slope * np.minimum(x - threshold, 0.0) if negative_slope else 0.0  # not 0 * -inf
    return np.where(x > threshold, above, below)


@elementwise
def relu_slope(
    x: np.ndarray, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> np.ndarray:
    """Slope of ReLU, `1` above the threshold, `negative_slope` below, `0` where `max_value` clips.

    At `x == threshold` it is `negative_slope`, as in `tf.nn.relu` (0) and `tf.nn.leaky_relu`; at `max_value` it is 0,
    as in `tf.nn.relu6`. Keras isn't of one mind there: 1 at a `max_value` other than 6, 0 at a threshold other than 0.
    """
    above = np.ones_like(x) if max_value is None else (x > 0) & (x < max_value)
    return np.where(x > threshold, above, negative_slope)


# fmt: off
register(
    relu, relu_slope, title="ReLU", keras_name="relu",
    formula=r"\max(x, 0)",
    words="The larger of x and zero.",
    range=(0.0, INF), range_text="[0, ∞)", kinks=(0.0,),
    source=cited("{nair2010}; the parameters: {keras_activations}"),
    colour="green", line="solid",
)
# fmt: on


@elementwise
def leaky_relu(x: np.ndarray, negative_slope: float = 0.2) -> np.ndarray:
    """Leaky ReLU, `x if x > 0 else negative_slope * x`."""
    return relu(x, negative_slope=negative_slope)


@elementwise
def leaky_relu_slope(x: np.ndarray, negative_slope: float = 0.2) -> np.ndarray:
    """Slope of leaky ReLU, `1 if x > 0 else negative_slope`; so at 0 it is `negative_slope`."""
    return relu_slope(x, negative_slope=negative_slope)


# fmt: off
register(
    leaky_relu, leaky_relu_slope, title="leaky ReLU", keras_name="leaky_relu",
    formula=r"\max(x, 0) + a \min(x, 0)",
    words="x where it is positive, and a small share a of x where it is negative.",
    range=(-INF, INF), range_text="(-∞, ∞)", kinks=(0.0,),
    source=cited("{maas2013}; the slope 0.2: {keras_activations}"),
    colour="green", line="dashed",
)
# fmt: on


@elementwise
def relu6(x: np.ndarray) -> np.ndarray:
    """ReLU that stops at 6, `min(max(x, 0), 6)`."""
    return relu(x, max_value=6.0)


@elementwise
def relu6_slope(x: np.ndarray) -> np.ndarray:
    """Slope of ReLU6, `1 if 0 < x < 6 else 0`; at both kinks 0."""
    return relu_slope(x, max_value=6.0)


# fmt: off
register(
    relu6, relu6_slope, title="ReLU6", keras_name="relu6",
    formula=r"\min(\max(x, 0), 6)",
    words="The larger of x and zero, but not more than six.",
    range=(0.0, 6.0), range_text="[0, 6]", kinks=(0.0, 6.0),
    source=cited("{krizhevsky2010}"),
    colour="green", line="dotted",
)
# fmt: on
