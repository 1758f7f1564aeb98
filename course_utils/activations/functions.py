"""The activation functions and their slopes, in float64.

Every function here takes `x`, an array of any shape or a single number, of any real dtype, and returns float64 of the
same shape; `x` is left as it was. Values and slopes keep their relative accuracy in the tails, +-inf give the limit,
nan stays nan, and nothing warns. Parameters are passed by keyword and named as in Keras.

At a kink the slope is the one that TensorFlow's gradient gives; each docstring says which, and `relu_slope` says where
Keras disagrees with itself.
"""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

SELU_SCALE = 1.0507009873554805  # Klambauer et al. 2017: with SELU_ALPHA, mean 0 and variance 1 are kept
SELU_ALPHA = 1.6732632423543772
GELU_CUBIC = 0.044715  # Hendrycks, Gimpel 2016: the cubic term of the tanh form

_FAR = 1e3  # exp(-x) is 0 in float64 from x = 746: clipping here changes nothing but the nan of inf * 0


def _elementwise(function: Callable) -> Callable:
    """Let `function(x)` take any real numbers: float64 in, nan stays nan, underflow to 0 is silent."""

    @functools.wraps(function)
    def on_float64(x: ArrayLike, **parameters) -> np.ndarray:
        x = np.asarray(x, dtype=np.float64)
        with np.errstate(under="ignore"):
            return np.where(np.isnan(x), x, function(x, **parameters))[()]

    return on_float64


@_elementwise
def linear(x):
    """The input itself, `x`."""
    return x


@_elementwise
def linear_slope(x):
    """Slope of linear, `1`."""
    return np.ones_like(x)


@_elementwise
def sigmoid(x):
    """Logistic sigmoid, `1 / (1 + exp(-x))`; exp is only taken of -|x|, so it can't overflow."""
    z = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, z) / (1.0 + z)


@_elementwise
def sigmoid_slope(x):
    """Slope of sigmoid, `sigmoid(x) * sigmoid(-x)`; its largest value is 1/4, at 0."""
    z = np.exp(-np.abs(x))
    return z / (1.0 + z) ** 2


@_elementwise
def tanh(x):
    """Hyperbolic tangent, `(exp(x) - exp(-x)) / (exp(x) + exp(-x))`."""
    return np.tanh(x)


@_elementwise
def tanh_slope(x):
    """Slope of tanh, `1 / cosh(x)**2`; the shorter `1 - tanh(x)**2` would be 0 from x = 20 on."""
    z = np.exp(-np.abs(x))
    return (2.0 * z / (1.0 + z**2)) ** 2


@_elementwise
def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """ReLU, `clip(x, 0, max_value) if x > threshold else negative_slope * (x - threshold)`.

    `max_value=None` clips nothing. A threshold other than 0 makes a jump, not a shifted kink. At `x == threshold` the
    value is 0, as in Keras's code (its documentation of the layer says x).
    """
    above = x if max_value is None else np.maximum(np.minimum(x, max_value), 0.0)
    below = negative_slope * np.minimum(x - threshold, 0.0) if negative_slope else 0.0  # not 0 * -inf
    return np.where(x > threshold, above, below)


@_elementwise
def relu_slope(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """Slope of ReLU, `1` above the threshold, `negative_slope` below, `0` where `max_value` clips.

    At `x == threshold` it is `negative_slope`, as in `tf.nn.relu` (0) and `tf.nn.leaky_relu`; at `max_value` it is 0,
    as in `tf.nn.relu6`. Keras isn't of one mind there: 1 at a `max_value` other than 6, 0 at a threshold other than 0.
    """
    above = np.ones_like(x) if max_value is None else (x > 0) & (x < max_value)
    return np.where(x > threshold, above, negative_slope)


@_elementwise
def relu6(x):
    """ReLU that stops at 6, `min(max(x, 0), 6)`."""
    return relu(x, max_value=6.0)


@_elementwise
def relu6_slope(x):
    """Slope of ReLU6, `1 if 0 < x < 6 else 0`; at both kinks 0."""
    return relu_slope(x, max_value=6.0)


@_elementwise
def leaky_relu(x, negative_slope=0.2):
    """Leaky ReLU, `x if x > 0 else negative_slope * x`."""
    return relu(x, negative_slope=negative_slope)


@_elementwise
def leaky_relu_slope(x, negative_slope=0.2):
    """Slope of leaky ReLU, `1 if x > 0 else negative_slope`; so at 0 it is `negative_slope`."""
    return relu_slope(x, negative_slope=negative_slope)


@_elementwise
def elu(x, alpha=1.0):
    """ELU, `x if x > 0 else alpha * (exp(x) - 1)`."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@_elementwise
def elu_slope(x, alpha=1.0):
    """Slope of ELU, `1 if x > 0 else alpha * exp(x)`; so at 0 it is `alpha` (a kink unless alpha is 1)."""
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


@_elementwise
def selu(x):
    """SELU, `1.0507 * (x if x > 0 else 1.6733 * (exp(x) - 1))`."""
    return SELU_SCALE * elu(x, alpha=SELU_ALPHA)


@_elementwise
def selu_slope(x):
    """Slope of SELU, `1.0507 * (1 if x >= 0 else 1.6733 * exp(x))`; at 0 it is 1.0507, the one from the right."""
    return SELU_SCALE * np.where(x >= 0, 1.0, elu_slope(x, alpha=SELU_ALPHA))


def _normal_share(x):
    """Share of a standard normal distribution below x, `erfc(-x / sqrt(2)) / 2`, accurate in the left tail too."""
    from scipy.special import erfcx  # here, not above: importing scipy.special takes longer than all the rest

    tail = 0.5 * np.exp(-x * x / 2.0) * erfcx(np.abs(x) / np.sqrt(2.0))
    return np.where(x > 0, 1.0 - tail, tail)


@_elementwise
def gelu(x):
    """GELU, exact form, `x * Phi(x)` with `Phi(x) = (1 + erf(x / sqrt(2))) / 2`."""
    x = np.maximum(x, -_FAR)
    return x * _normal_share(np.minimum(x, _FAR))


@_elementwise
def gelu_slope(x):
    """Slope of GELU, `Phi(x) + x * phi(x)` with `phi(x) = exp(-x**2 / 2) / sqrt(2 * pi)`."""
    x = np.clip(x, -_FAR, _FAR)
    return _normal_share(x) + x * np.exp(-x * x / 2.0) / np.sqrt(2.0 * np.pi)


@_elementwise
def gelu_tanh(x):
    """GELU, tanh form, `x * (1 + tanh(u)) / 2` with `u = sqrt(2 / pi) * (x + 0.044715 * x**3)`.

    Computed as `x * sigmoid(2 * u)`, which is the same and keeps the left tail.
    """
    x, cubed = np.maximum(x, -_FAR), np.clip(x, -_FAR, _FAR) ** 3
    return x * sigmoid(np.sqrt(8.0 / np.pi) * (x + GELU_CUBIC * cubed))


@_elementwise
def gelu_tanh_slope(x):
    """Slope of GELU's tanh form, `s(v) + x * s'(v) * v'` with `s = sigmoid` and `v = 2 * u` of `gelu_tanh`."""
    x = np.clip(x, -_FAR, _FAR)
    v, slope_of_v = np.sqrt(8.0 / np.pi) * np.array([x + GELU_CUBIC * x**3, 1.0 + 3.0 * GELU_CUBIC * x**2])
    return sigmoid(v) + x * sigmoid_slope(v) * slope_of_v


@_elementwise
def silu(x):
    """SiLU, also called swish, `x * sigmoid(x)`."""
    x = np.maximum(x, -_FAR)
    return x * sigmoid(x)


@_elementwise
def silu_slope(x):
    """Slope of SiLU, `sigmoid(x) + x * sigmoid'(x)`."""
    x = np.clip(x, -_FAR, _FAR)
    return sigmoid(x) + x * sigmoid_slope(x)


@_elementwise
def softplus(x):
    """Softplus, `log(1 + exp(x))`; as with sigmoid, exp is only taken of -|x|."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


@_elementwise
def softplus_slope(x):
    """Slope of softplus, `sigmoid(x)`."""
    return sigmoid(x)


@_elementwise
def softsign(x):
    """Softsign, `x / (1 + |x|)`."""
    x = np.clip(x, -1e300, 1e300)  # the result is 1 from 1e16 on; only inf / inf changes
    return x / (1.0 + np.abs(x))


@_elementwise
def softsign_slope(x):
    """Slope of softsign, `1 / (1 + |x|)**2`; no kink, both sides meet in 1 at 0."""
    return (1.0 / (1.0 + np.abs(x))) ** 2


@_elementwise
def mish(x):
    """Mish, `x * tanh(softplus(x))`."""
    x = np.maximum(x, -_FAR)
    return x * np.tanh(softplus(x))


@_elementwise
def mish_slope(x):
    """Slope of Mish, `tanh(s) + x * tanh'(s) * sigmoid(x)` with `s = softplus(x)`."""
    x = np.clip(x, -_FAR, _FAR)
    return np.tanh(softplus(x)) + x * tanh_slope(softplus(x)) * sigmoid(x)


@_elementwise
def hard_sigmoid(x):
    """Hard sigmoid, `clip(x / 6 + 1/2, 0, 1)`."""
    return np.clip(x + 3.0, 0.0, 6.0) / 6.0


@_elementwise
def hard_sigmoid_slope(x):
    """Slope of hard sigmoid, `1/6 if -3 < x < 3 else 0`; at both kinks 0."""
    return np.where(np.abs(x) < 3.0, 1.0 / 6.0, 0.0)


@_elementwise
def hard_silu(x):
    """Hard SiLU, also called hard swish, `x * clip(x / 6 + 1/2, 0, 1)`."""
    return np.maximum(x, -3.0) * hard_sigmoid(x)


@_elementwise
def hard_silu_slope(x):
    """Slope of hard SiLU, `0 if x <= -3, 1 if x >= 3, else x / 3 + 1/2`; so at the kinks 0 and 1, the outer sides."""
    return hard_sigmoid(x) + np.clip(x, -3.0, 3.0) * hard_sigmoid_slope(x)
