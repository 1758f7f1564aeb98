"""Smooth relatives of ReLU: GELU, SiLU, Mish, softplus and the hard SiLU."""

import math
from types import MappingProxyType

import numpy as np

from course_utils.activations.catalogue import INF, elementwise, register
from course_utils.activations.sigmoid_family import hard_sigmoid, hard_sigmoid_slope, sigmoid, sigmoid_slope
from course_utils.activations.tanh_family import tanh_slope
from course_utils.references import cited

GELU_CUBIC = 0.044715  # Hendrycks, Gimpel 2016: the cubic term of the tanh form

_FAR = 1e3  # exp(-x) is 0 in float64 from x = 746: clipping here changes nothing but the nan of inf * 0
_erfc = np.frompyfunc(math.erfc, 1, 1)


def _normal_share(x):
    """Share of a standard normal distribution below x, `erfc(-x / sqrt(2)) / 2`, accurate in the left tail too.

    Rounding `u = |x| / sqrt(2)` costs digits there, since erfc falls like `exp(-u**2)`; the last factor gives them back.
    """
    u = np.abs(x) / math.sqrt(2.0)
    (high, low), (x_high, x_low) = _halves(u), _halves(x)
    too_much = (high**2 - x_high**2 / 2.0) + (2.0 * high * low - x_high * x_low) + (low**2 - x_low**2 / 2.0)
    tail = np.asarray(_erfc(u), dtype=np.float64) / 2.0 * np.exp(too_much)
    return np.where(x > 0, 1.0 - tail, tail)


def _halves(x):
    """Two numbers with at most 29 bits each, so that their products are exact, whose sum is x."""
    high = x.astype(np.float32).astype(np.float64)
    return high, x - high


@elementwise
def gelu(x: np.ndarray) -> np.ndarray:
    """GELU, exact form, `x * Phi(x)` with `Phi(x) = (1 + erf(x / sqrt(2))) / 2`."""
    x = np.maximum(x, -_FAR)
    return x * _normal_share(np.minimum(x, _FAR))


@elementwise
def gelu_slope(x: np.ndarray) -> np.ndarray:
    """Slope of GELU, `Phi(x) + x * phi(x)` with `phi(x) = exp(-x**2 / 2) / sqrt(2 * pi)`."""
    x = np.clip(x, -_FAR, _FAR)
    return _normal_share(x) + x * np.exp(-x * x / 2.0) / np.sqrt(2.0 * np.pi)


# fmt: off
register(
    gelu, gelu_slope, title="GELU", keras_name="gelu", keras_arguments=MappingProxyType({"approximate": False}),
    formula=r"x \, \Phi(x)",
    words="x times the share of a standard normal distribution that lies below x.",
    range=(-0.16997120747990366, INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75179
    source=cited("{hendrycks2016}"),
    colour="orange", line="solid",
)
# fmt: on


@elementwise
def gelu_tanh(x: np.ndarray) -> np.ndarray:
    """GELU, tanh form, `x * (1 + tanh(u)) / 2` with `u = sqrt(2 / pi) * (x + 0.044715 * x**3)`.

    Computed as `x * sigmoid(2 * u)`, which is the same and keeps the left tail.
    """
    x, cubed = np.maximum(x, -_FAR), np.clip(x, -_FAR, _FAR) ** 3
    return x * sigmoid(np.sqrt(8.0 / np.pi) * (x + GELU_CUBIC * cubed))


@elementwise
def gelu_tanh_slope(x: np.ndarray) -> np.ndarray:
    """Slope of GELU's tanh form, `s(v) + x * s'(v) * v'` with `s = sigmoid` and `v = 2 * u` of `gelu_tanh`."""
    x = np.clip(x, -_FAR, _FAR)
    v, slope_of_v = np.sqrt(8.0 / np.pi) * np.array([x + GELU_CUBIC * x**3, 1.0 + 3.0 * GELU_CUBIC * x**2])
    return sigmoid(v) + x * sigmoid_slope(v) * slope_of_v


# fmt: off
register(
    gelu_tanh, gelu_tanh_slope, title="GELU (tanh form)",
    keras_name="gelu", keras_arguments=MappingProxyType({"approximate": True}),
    formula=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{\frac{2}{\pi}} \left(x + 0.044715 x^3\right)\right)\right)",
    words="Half of x, times one plus the tanh of the square root of two over pi times the sum of x and "
    "0.044715 times x cubed.",
    range=(-0.17004075057125406, INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75246
    source=cited("{hendrycks2016}"),
    colour="orange", line="dotted",
)
# fmt: on


@elementwise
def silu(x: np.ndarray) -> np.ndarray:
    """SiLU, also called swish, `x * sigmoid(x)`."""
    x = np.maximum(x, -_FAR)
    return x * sigmoid(x)


@elementwise
def silu_slope(x: np.ndarray) -> np.ndarray:
    """Slope of SiLU, `sigmoid(x) + x * sigmoid'(x)`."""
    x = np.clip(x, -_FAR, _FAR)
    return sigmoid(x) + x * sigmoid_slope(x)


# fmt: off
register(
    silu, silu_slope, title="SiLU", keras_name="silu",
    formula=r"\frac{x}{1 + e^{-x}}",
    words="x times the sigmoid of x.",
    range=(-0.2784645427610738, INF), range_text="[-0.278, ∞)",  # lowest at x = -1.27846
    source=cited("{hendrycks2016}; {elfwing2018}; as swish: {ramachandran2017}"),
    aliases=("swish",), colour="sky", line="solid",
)
# fmt: on


@elementwise
def hard_silu(x: np.ndarray) -> np.ndarray:
    """Hard SiLU, also called hard swish, `x * clip(x / 6 + 1/2, 0, 1)`."""
    return np.maximum(x, -3.0) * hard_sigmoid(x)


@elementwise
def hard_silu_slope(x: np.ndarray) -> np.ndarray:
    """Slope of hard SiLU, `0 if x <= -3, 1 if x >= 3, else x / 3 + 1/2`; so at the kinks 0 and 1, the outer sides."""
    return hard_sigmoid(x) + np.clip(x, -3.0, 3.0) * hard_sigmoid_slope(x)


# fmt: off
register(
    hard_silu, hard_silu_slope, title="hard SiLU", keras_name="hard_silu",
    formula=r"x \, \min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
    words="x times the hard sigmoid of x.",
    range=(-0.375, INF), range_text="[-0.375, ∞)", kinks=(-3.0, 3.0),  # lowest at x = -1.5
    source=cited("As h-swish: {howard2019}"),
    aliases=("hard_swish",), colour="sky", line="dashed",
)
# fmt: on


@elementwise
def softplus(x: np.ndarray) -> np.ndarray:
    """Softplus, `log(1 + exp(x))`; as with sigmoid, exp is only taken of -|x|."""
    return np.maximum(x, 0.0) + np.log1p(np.exp(-np.abs(x)))


@elementwise
def softplus_slope(x: np.ndarray) -> np.ndarray:
    """Slope of softplus, `sigmoid(x)`."""
    return sigmoid(x)


# fmt: off
register(
    softplus, softplus_slope, title="softplus", keras_name="softplus",
    formula=r"\ln(1 + e^x)",
    words="The natural logarithm of one plus e to the x.",
    range=(0.0, INF), range_text="(0, ∞)",
    source=cited("Studied as a smooth ReLU in {glorot2011}"),
    colour="yellow", line="solid",
)
# fmt: on


@elementwise
def mish(x: np.ndarray) -> np.ndarray:
    """Mish, `x * tanh(softplus(x))`."""
    x = np.maximum(x, -_FAR)
    return x * np.tanh(softplus(x))


@elementwise
def mish_slope(x: np.ndarray) -> np.ndarray:
    """Slope of Mish, `tanh(s) + x * tanh'(s) * sigmoid(x)` with `s = softplus(x)`."""
    x = np.clip(x, -_FAR, _FAR)
    return np.tanh(softplus(x)) + x * tanh_slope(softplus(x)) * sigmoid(x)


# fmt: off
register(
    mish, mish_slope, title="Mish", keras_name="mish",
    formula=r"x \tanh\left(\ln(1 + e^x)\right)",
    words="x times the tanh of the softplus of x.",
    range=(-0.30884341301725043, INF), range_text="[-0.309, ∞)",  # lowest at x = -1.19243
    source=cited("{misra2020}"),
    colour="sky", line="dashdot",
)
# fmt: on
