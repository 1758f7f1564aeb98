"""The catalogue of activation functions: for each one its value, its slope, its formula and where it comes from.

Every function here takes `x`, an array of any shape or a single number, of any real dtype, and returns float64 of the
same shape; `x` is left as it was. Values and slopes keep their relative accuracy in the tails, +-inf give the limit,
nan stays nan, and nothing warns. Parameters are passed by keyword and named as in Keras.

At a kink the slope is the one that TensorFlow's gradient gives; each docstring says which, and `relu_slope` says where
Keras disagrees with itself.

Softmax stands apart, outside `ACTIVATIONS`: it mixes the entries of a row, so it has no curve and no range of its own.
"""

import difflib
import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

SELU_SCALE = 1.0507009873554805  # Klambauer et al. 2017: with SELU_ALPHA, mean 0 and variance 1 are kept
SELU_ALPHA = 1.6732632423543772
GELU_CUBIC = 0.044715  # Hendrycks, Gimpel 2016: the cubic term of the tanh form

_FAR = 1e3  # exp(-x) is 0 in float64 from x = 746: clipping here changes nothing but the nan of inf * 0
_GRID = np.linspace(-10.0, 10.0, 2001)  # where `saturated` looks for the largest slope


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


@dataclass(frozen=True, eq=False)  # compared and hashed by identity: an entry is one of a kind
class Activation:
    """One activation function and what the course knows about it; calling it gives `f(x, **parameters)`.

    Attributes:
        name: Name in code, snake_case, as in `ACTIVATIONS`.
        title: Name in prose and in legends.
        f: Value, `f(x, **parameters)`: any real numbers of any shape -> float64 of that shape.
        df: Slope with respect to x, called in the same way.
        formula: The value in LaTeX, without dollar signs, at the default parameters where they make it shorter.
        words: The formula read aloud, one sentence.
        range: Smallest and largest value (or the limits that are approached), at the default parameters.
        range_text: The same as text; a square bracket is reached, a round one is only approached. In float64 rounding
            reaches some of the round ones too: sigmoid(40) is exactly 1.
        source: Where it was proposed, named or studied.
        kinks: The x where the slope jumps, ascending, at the default parameters. Elsewhere: `kinks_at`.
        keras_name: What `keras.activations.get` takes, or None.
        keras_arguments: What Keras must be told besides `parameters`, which have the same names and defaults there:
            `keras.activations.get(keras_name)(x, **keras_arguments, **parameters)`.

    >>> relu6 = ACTIVATIONS["relu6"]
    >>> relu6([-1, 2, 9]), relu6.df([-1, 2, 9]), relu6.kinks, relu6.range_text
    (array([0., 2., 6.]), array([0., 1., 0.]), (0.0, 6.0), '[0, 6]')
    >>> ACTIVATIONS["leaky_relu"]([-1, 2], negative_slope=0.01)
    array([-0.01,  2.  ])
    """

    name: str
    title: str
    f: Callable = field(repr=False)
    df: Callable = field(repr=False)
    formula: str
    words: str
    range: tuple[float, float]
    range_text: str
    source: str
    kinks: tuple[float, ...] = ()
    keras_name: str | None = None
    keras_arguments: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __call__(self, x: ArrayLike, **parameters) -> np.ndarray:
        return self.f(x, **parameters)

    @property
    def parameters(self) -> Mapping[str, object]:
        """Name -> default of what `f` and `df` take besides x; read from `f`, so the two can't disagree."""
        return MappingProxyType({p.name: p.default for p in list(inspect.signature(self.f).parameters.values())[1:]})


_INF = float("inf")
_GLOROT_2010 = "Glorot, Bengio 2010, Understanding the difficulty of training deep feedforward neural networks, AISTATS"
_GELU_2016 = "Hendrycks, Gimpel 2016, GELUs, arXiv:1606.08415"

# One paragraph an entry reads as a catalogue; one line an argument would make it three screens.
# fmt: off
_ENTRIES = (
    Activation(
        "linear", "linear", linear, linear_slope, keras_name="linear",
        formula=r"x",
        words="The input itself, unchanged.",
        range=(-_INF, _INF), range_text="(-∞, ∞)",
        source="Keras documentation, keras.activations.linear",
    ),
    Activation(
        "sigmoid", "sigmoid", sigmoid, sigmoid_slope, keras_name="sigmoid",
        formula=r"\frac{1}{1 + e^{-x}}",
        words="One divided by one plus e to the power of minus x.",
        range=(0.0, 1.0), range_text="(0, 1)",
        source="The logistic function: Verhulst 1838 on the growth of populations, who named it in 1845; in networks "
        "Rumelhart, Hinton, Williams 1986, Learning representations by back-propagating errors, Nature 323:533-536",
    ),
    Activation(
        "tanh", "tanh", tanh, tanh_slope, keras_name="tanh",
        formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        words="The difference of e to the x and e to the minus x, divided by their sum.",
        range=(-1.0, 1.0), range_text="(-1, 1)",
        source="A function of classical mathematics; recommended for networks in LeCun, Bottou, Orr, Müller 1998, "
        "Efficient BackProp, in Neural Networks: Tricks of the Trade, LNCS 1524",
    ),
    Activation(
        "relu", "ReLU", relu, relu_slope, keras_name="relu",
        formula=r"\max(x, 0)",
        words="The larger of x and zero.",
        range=(0.0, _INF), range_text="[0, ∞)", kinks=(0.0,),
        source="Nair, Hinton 2010, Rectified linear units improve restricted Boltzmann machines, ICML, 807-814; "
        "the parameters: Keras documentation, keras.activations.relu",
    ),
    Activation(
        "leaky_relu", "leaky ReLU", leaky_relu, leaky_relu_slope, keras_name="leaky_relu",
        formula=r"\max(x, 0) + a \min(x, 0)",
        words="x where it is positive, and a small share a of x where it is negative.",
        range=(-_INF, _INF), range_text="(-∞, ∞)", kinks=(0.0,),
        source="Maas, Hannun, Ng 2013, Rectifier nonlinearities improve neural network acoustic models, ICML workshop; "
        "the slope 0.2 is the default of keras.activations.leaky_relu",
    ),
    Activation(
        "elu", "ELU", elu, elu_slope, keras_name="elu",
        formula=r"\max(x, 0) + \alpha \left(e^{\min(x, 0)} - 1\right)",
        words="x where it is positive, and alpha times the quantity e to the x minus one where it is negative.",
        range=(-1.0, _INF), range_text="(-1, ∞)",
        source="Clevert, Unterthiner, Hochreiter 2016, Fast and accurate deep network learning by ELUs, ICLR",
    ),
    Activation(
        "selu", "SELU", selu, selu_slope, keras_name="selu",
        formula=r"1.0507 \left(\max(x, 0) + 1.6733 \left(e^{\min(x, 0)} - 1\right)\right)",
        words="1.0507 times an ELU whose alpha is 1.6733.",
        range=(-SELU_SCALE * SELU_ALPHA, _INF), range_text="(-1.758, ∞)", kinks=(0.0,),
        source="Klambauer et al. 2017, Self-normalizing neural networks, NIPS 30:971-980",
    ),
    Activation(
        "gelu", "GELU", gelu, gelu_slope, keras_name="gelu", keras_arguments=MappingProxyType({"approximate": False}),
        formula=r"x \, \Phi(x)",
        words="x times the share of a standard normal distribution that lies below x.",
        range=(-0.16997120747990366, _INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75179
        source=_GELU_2016,
    ),
    Activation(
        "gelu_tanh", "GELU (tanh form)", gelu_tanh, gelu_tanh_slope,
        keras_name="gelu", keras_arguments=MappingProxyType({"approximate": True}),
        formula=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{\frac{2}{\pi}} \left(x + 0.044715 x^3\right)\right)\right)",
        words="Half of x, times one plus the tanh of the square root of two over pi times the sum of x and "
        "0.044715 times x cubed.",
        range=(-0.17004075057125406, _INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75246
        source=_GELU_2016,
    ),
    Activation(
        "silu", "SiLU", silu, silu_slope, keras_name="silu",
        formula=r"\frac{x}{1 + e^{-x}}",
        words="x times the sigmoid of x.",
        range=(-0.2784645427610738, _INF), range_text="[-0.278, ∞)",  # lowest at x = -1.27846
        source="Elfwing, Uchibe, Doya 2018, Sigmoid-weighted linear units, Neural Networks 107; as swish: "
        "Ramachandran, Zoph, Le 2017, Searching for activation functions, arXiv:1710.05941",
    ),
    Activation(
        "softplus", "softplus", softplus, softplus_slope, keras_name="softplus",
        formula=r"\ln(1 + e^x)",
        words="The natural logarithm of one plus e to the x.",
        range=(0.0, _INF), range_text="(0, ∞)",
        source="Studied as a smooth ReLU in Glorot, Bordes, Bengio 2011, Deep sparse rectifier neural networks, "
        "AISTATS, PMLR 15:315-323",
    ),
    Activation(
        "softsign", "softsign", softsign, softsign_slope, keras_name="softsign",
        formula=r"\frac{x}{1 + |x|}",
        words="x divided by one plus the absolute value of x.",
        range=(-1.0, 1.0), range_text="(-1, 1)",
        source=f"Compared with sigmoid and tanh in {_GLOROT_2010}, PMLR 9:249-256",
    ),
    Activation(
        "mish", "Mish", mish, mish_slope, keras_name="mish",
        formula=r"x \tanh\left(\ln(1 + e^x)\right)",
        words="x times the tanh of the softplus of x.",
        range=(-0.30884341301725043, _INF), range_text="[-0.309, ∞)",  # lowest at x = -1.19243
        source="Misra 2020 (preprint 2019), Mish, BMVC",
    ),
    Activation(
        "hard_sigmoid", "hard sigmoid", hard_sigmoid, hard_sigmoid_slope, keras_name="hard_sigmoid",
        formula=r"\min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
        words="A sixth of x plus one half, but not less than zero and not more than one.",
        range=(0.0, 1.0), range_text="[0, 1]", kinks=(-3.0, 3.0),
        source="Keras documentation, keras.activations.hard_sigmoid",
    ),
    Activation(
        "hard_silu", "hard SiLU", hard_silu, hard_silu_slope, keras_name="hard_silu",
        formula=r"x \, \min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
        words="x times the hard sigmoid of x.",
        range=(-0.375, _INF), range_text="[-0.375, ∞)", kinks=(-3.0, 3.0),  # lowest at x = -1.5
        source="Howard et al. 2019, Searching for MobileNetV3, ICCV (as h-swish)",
    ),
    Activation(
        "relu6", "ReLU6", relu6, relu6_slope, keras_name="relu6",
        formula=r"\min(\max(x, 0), 6)",
        words="The larger of x and zero, but not more than six.",
        range=(0.0, 6.0), range_text="[0, 6]", kinks=(0.0, 6.0),
        source="Krizhevsky 2010, Convolutional deep belief networks on CIFAR-10, as cited by TensorFlow's tf.nn.relu6",
    ),
)
# fmt: on

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
ALIASES: Mapping[str, str] = MappingProxyType({"swish": "silu", "hard_swish": "hard_silu", "identity": "linear"})


def get(activation: str | Activation) -> Activation:
    """The entry with this name, or the entry itself.

    Args:
        activation: A name of `ACTIVATIONS` or `ALIASES`, or an Activation (also one of your own), which is handed back.

    Returns:
        The entry.

    Raises:
        ValueError: The name is unknown, or it is neither a name nor an Activation.

    >>> get("swish").title
    'SiLU'
    """
    if isinstance(activation, Activation):
        return activation
    if not isinstance(activation, str):
        got = f"{activation!r} ({type(activation).__name__})"
        raise ValueError(f"activation must be a name such as 'relu', or an Activation. Got {got}.")
    name = ALIASES.get(activation, activation)
    if name not in ACTIVATIONS:
        raise ValueError(f"Unknown activation '{activation}'. {_suggestion(activation)}")
    return ACTIVATIONS[name]


def _suggestion(name: str) -> str:
    """What to write in place of an unknown name."""
    if name in ("softmax", "log_softmax"):
        return f"It works on whole rows, so it isn't in the catalogue: call `{name}` of course_utils.activations."
    near = difflib.get_close_matches(name.lower(), [*ACTIVATIONS, *ALIASES], n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Choose one of: {', '.join(ACTIVATIONS)}."


def kinks_at(activation: str | Activation, **parameters) -> tuple[float, ...]:
    """The x where the slope or the value jumps when `f` is called with these parameters.

    Looks closely at 0, at the entry's own kinks and at every x that is the value of a parameter.

    Args:
        activation: A name or an Activation.
        **parameters: As for `f`; what isn't given has its default.

    Returns:
        The positions, ascending; with the defaults these are `activation.kinks`.

    Raises:
        ValueError: The name is unknown.

    >>> kinks_at("relu", threshold=1.0, max_value=4.0)
    (1.0, 4.0)
    >>> kinks_at("elu"), kinks_at("elu", alpha=2.0)
    ((), (0.0,))
    """
    activation = get(activation)
    values = {**activation.parameters, **parameters}.values()
    candidates = sorted({0.0, *activation.kinks, *(float(value) for value in values if value is not None)})

    def jumps(x: float) -> bool:
        sides = x + 1e-9 * max(1.0, abs(x)) * np.array([-1.0, 1.0])
        return any(abs(np.diff(function(sides, **parameters))[0]) > 1e-6 for function in (activation.f, activation.df))

    return tuple(x for x in candidates if jumps(x))


def saturated(activation: str | Activation, x: ArrayLike, *, share: float = 0.05, **parameters) -> np.ndarray:
    """Where the curve is nearly flat, `abs(df(x)) <= share * max(abs(df))`.

    The largest slope is looked for on 2001 points in [-10, 10]. Flat is meant literally: the bottom of GELU's dip
    counts too, and linear, whose slope is the same everywhere, is nowhere saturated.

    Args:
        activation: A name or an Activation.
        x: Numbers of any shape.
        share: Part of the largest slope under which the curve counts as flat, from 0 to 1, no unit.
        **parameters: As for `f`.

    Returns:
        Booleans with the shape of x; False where x is nan.

    Raises:
        ValueError: The name is unknown.

    >>> saturated("sigmoid", [-6, -4, 0, 4, 6])
    array([ True, False, False, False,  True])
    """
    df = get(activation).df
    return np.abs(df(x, **parameters)) <= share * np.max(np.abs(df(_GRID, **parameters)))


def softmax(x: ArrayLike, axis: int = -1) -> np.ndarray:
    """Softmax along an axis, `exp(x) / sum(exp(x))`, with the row's maximum subtracted first, which changes nothing.

    Args:
        x: Logits, real numbers of any shape with at least one entry along `axis`; -inf rules a class out.
        axis: The axis along which the result sums to 1.

    Returns:
        Probabilities in [0, 1], float64, with the shape of x.

    Source:
        Bridle 1990, Probabilistic interpretation of feedforward classification network outputs, in Neurocomputing.

    >>> softmax([1.5, 4.4, 2.0]).round(3)
    array([0.048, 0.873, 0.079])
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(under="ignore"):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: ArrayLike, axis: int = -1) -> np.ndarray:
    """Logarithm of softmax, `x - log(sum(exp(x)))`, without ever taking the logarithm of a 0.

    Args:
        x: Logits, as for `softmax`.
        axis: The axis along which the probabilities sum to 1.

    Returns:
        Numbers up to 0, float64, with the shape of x.

    >>> log_softmax([0, -1000])
    array([    0., -1000.])
    """
    x = np.asarray(x, dtype=np.float64)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    with np.errstate(under="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax_jacobian(z: ArrayLike) -> np.ndarray:
    """Slopes of softmax at one row of logits, `diag(p) - outer(p, p)` with `p = softmax(z)`.

    Args:
        z: Logits, shape (k,).

    Returns:
        float64 of shape (k, k): entry [i, j] is d p_i / d z_j. Symmetric; rows and columns sum to 0.

    Raises:
        ValueError: z is not one row.

    >>> softmax_jacobian([0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    p = softmax(z)
    if p.ndim != 1:
        raise ValueError(f"z must be one row of logits, with shape (k,). Got shape {p.shape}.")
    with np.errstate(under="ignore"):
        return np.diag(p) - np.outer(p, p)
