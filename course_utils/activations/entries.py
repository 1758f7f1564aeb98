"""The catalogue: for each activation function its value, its slope, its formula, and where it comes from."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from course_utils.activations.functions import (
    SELU_ALPHA,
    SELU_SCALE,
    elu,
    elu_slope,
    gelu,
    gelu_slope,
    gelu_tanh,
    gelu_tanh_slope,
    hard_sigmoid,
    hard_sigmoid_slope,
    hard_silu,
    hard_silu_slope,
    leaky_relu,
    leaky_relu_slope,
    linear,
    linear_slope,
    mish,
    mish_slope,
    relu,
    relu6,
    relu6_slope,
    relu_slope,
    selu,
    selu_slope,
    sigmoid,
    sigmoid_slope,
    silu,
    silu_slope,
    softplus,
    softplus_slope,
    softsign,
    softsign_slope,
    tanh,
    tanh_slope,
)
from course_utils.references import cited


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

# One paragraph an entry reads as a catalogue; one line an argument would make it three screens.
# fmt: off
_ENTRIES = (
    Activation(
        "linear", "linear", linear, linear_slope, keras_name="linear",
        formula=r"x",
        words="The input itself, unchanged.",
        range=(-_INF, _INF), range_text="(-∞, ∞)",
        source=cited("{keras_activations}"),
    ),
    Activation(
        "sigmoid", "sigmoid", sigmoid, sigmoid_slope, keras_name="sigmoid",
        formula=r"\frac{1}{1 + e^{-x}}",
        words="One divided by one plus e to the power of minus x.",
        range=(0.0, 1.0), range_text="(0, 1)",
        source=cited("The logistic function: {verhulst1838}; named in {verhulst1845}; in networks: {rumelhart1986}"),
    ),
    Activation(
        "tanh", "tanh", tanh, tanh_slope, keras_name="tanh",
        formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
        words="The difference of e to the x and e to the minus x, divided by their sum.",
        range=(-1.0, 1.0), range_text="(-1, 1)",
        source=cited("A function of classical mathematics; recommended for networks in {lecun1998}"),
    ),
    Activation(
        "relu", "ReLU", relu, relu_slope, keras_name="relu",
        formula=r"\max(x, 0)",
        words="The larger of x and zero.",
        range=(0.0, _INF), range_text="[0, ∞)", kinks=(0.0,),
        source=cited("{nair2010}; the parameters: {keras_activations}"),
    ),
    Activation(
        "leaky_relu", "leaky ReLU", leaky_relu, leaky_relu_slope, keras_name="leaky_relu",
        formula=r"\max(x, 0) + a \min(x, 0)",
        words="x where it is positive, and a small share a of x where it is negative.",
        range=(-_INF, _INF), range_text="(-∞, ∞)", kinks=(0.0,),
        source=cited("{maas2013}; the slope 0.2: {keras_activations}"),
    ),
    Activation(
        "elu", "ELU", elu, elu_slope, keras_name="elu",
        formula=r"\max(x, 0) + \alpha \left(e^{\min(x, 0)} - 1\right)",
        words="x where it is positive, and alpha times the quantity e to the x minus one where it is negative.",
        range=(-1.0, _INF), range_text="(-1, ∞)",
        source=cited("{clevert2016}"),
    ),
    Activation(
        "selu", "SELU", selu, selu_slope, keras_name="selu",
        formula=r"1.0507 \left(\max(x, 0) + 1.6733 \left(e^{\min(x, 0)} - 1\right)\right)",
        words="1.0507 times an ELU whose alpha is 1.6733.",
        range=(-SELU_SCALE * SELU_ALPHA, _INF), range_text="(-1.758, ∞)", kinks=(0.0,),
        source=cited("{klambauer2017}"),
    ),
    Activation(
        "gelu", "GELU", gelu, gelu_slope, keras_name="gelu", keras_arguments=MappingProxyType({"approximate": False}),
        formula=r"x \, \Phi(x)",
        words="x times the share of a standard normal distribution that lies below x.",
        range=(-0.16997120747990366, _INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75179
        source=cited("{hendrycks2016}"),
    ),
    Activation(
        "gelu_tanh", "GELU (tanh form)", gelu_tanh, gelu_tanh_slope,
        keras_name="gelu", keras_arguments=MappingProxyType({"approximate": True}),
        formula=r"\frac{x}{2} \left(1 + \tanh\left(\sqrt{\frac{2}{\pi}} \left(x + 0.044715 x^3\right)\right)\right)",
        words="Half of x, times one plus the tanh of the square root of two over pi times the sum of x and "
        "0.044715 times x cubed.",
        range=(-0.17004075057125406, _INF), range_text="[-0.170, ∞)",  # lowest at x = -0.75246
        source=cited("{hendrycks2016}"),
    ),
    Activation(
        "silu", "SiLU", silu, silu_slope, keras_name="silu",
        formula=r"\frac{x}{1 + e^{-x}}",
        words="x times the sigmoid of x.",
        range=(-0.2784645427610738, _INF), range_text="[-0.278, ∞)",  # lowest at x = -1.27846
        source=cited("{elfwing2018}; as swish: {ramachandran2017}"),
    ),
    Activation(
        "softplus", "softplus", softplus, softplus_slope, keras_name="softplus",
        formula=r"\ln(1 + e^x)",
        words="The natural logarithm of one plus e to the x.",
        range=(0.0, _INF), range_text="(0, ∞)",
        source=cited("Studied as a smooth ReLU in {glorot2011}"),
    ),
    Activation(
        "softsign", "softsign", softsign, softsign_slope, keras_name="softsign",
        formula=r"\frac{x}{1 + |x|}",
        words="x divided by one plus the absolute value of x.",
        range=(-1.0, 1.0), range_text="(-1, 1)",
        source=cited("Compared with sigmoid and tanh in {glorot2010}"),
    ),
    Activation(
        "mish", "Mish", mish, mish_slope, keras_name="mish",
        formula=r"x \tanh\left(\ln(1 + e^x)\right)",
        words="x times the tanh of the softplus of x.",
        range=(-0.30884341301725043, _INF), range_text="[-0.309, ∞)",  # lowest at x = -1.19243
        source=cited("{misra2020}"),
    ),
    Activation(
        "hard_sigmoid", "hard sigmoid", hard_sigmoid, hard_sigmoid_slope, keras_name="hard_sigmoid",
        formula=r"\min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
        words="A sixth of x plus one half, but not less than zero and not more than one.",
        range=(0.0, 1.0), range_text="[0, 1]", kinks=(-3.0, 3.0),
        source=cited("{keras_activations}"),
    ),
    Activation(
        "hard_silu", "hard SiLU", hard_silu, hard_silu_slope, keras_name="hard_silu",
        formula=r"x \, \min\left(\max\left(\frac{x}{6} + \frac{1}{2}, 0\right), 1\right)",
        words="x times the hard sigmoid of x.",
        range=(-0.375, _INF), range_text="[-0.375, ∞)", kinks=(-3.0, 3.0),  # lowest at x = -1.5
        source=cited("As h-swish: {howard2019}"),
    ),
    Activation(
        "relu6", "ReLU6", relu6, relu6_slope, keras_name="relu6",
        formula=r"\min(\max(x, 0), 6)",
        words="The larger of x and zero, but not more than six.",
        range=(0.0, 6.0), range_text="[0, 6]", kinks=(0.0, 6.0),
        source=cited("{krizhevsky2010}"),
    ),
)
# fmt: on

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({entry.name: entry for entry in _ENTRIES})
ALIASES: Mapping[str, str] = MappingProxyType({"swish": "silu", "hard_swish": "hard_silu", "identity": "linear"})
