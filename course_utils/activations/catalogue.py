"""What an entry of the catalogue is, and how an activation enters it.

Every function of the catalogue takes `x`, an array of any shape or a single number, of any real dtype, and returns
float64 of the same shape; `x` is left as it was. Values and slopes keep their relative accuracy in the tails, +-inf give the limit,
nan stays nan, and nothing warns. Parameters are passed by keyword and named as in Keras.

At a kink the slope is the one that TensorFlow's gradient gives; each docstring says which, and `relu_slope` says where
Keras disagrees with itself.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from course_utils.references import Cited

INF = float("inf")


def elementwise(function: Callable) -> Callable:
    """Let `function(x)` take any real numbers: float64 in, nan stays nan, underflow to 0 is silent."""

    @functools.wraps(function)
    def on_float64(x: ArrayLike, **parameters: object) -> np.ndarray:
        x = np.asarray(x, dtype=np.float64)
        with np.errstate(under="ignore"):
            return np.where(np.isnan(x), x, function(x, **parameters))[()]

    return on_float64


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
        colour: Name of its colour in every plot, a key of `plotting.style.COLOURS`.
        line: Name of its line style, a key of `plotting.style.LINES`: colour alone never tells two curves apart.

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
    source: Cited
    kinks: tuple[float, ...] = ()
    keras_name: str | None = None
    keras_arguments: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    colour: str = "black"
    line: str = "solid"

    def __call__(self, x: ArrayLike, **parameters) -> np.ndarray:
        return self.f(x, **parameters)

    @property
    def parameters(self) -> Mapping[str, object]:
        """Name -> default of what `f` and `df` take besides x; read from `f`, so the two can't disagree."""
        return MappingProxyType({p.name: p.default for p in list(inspect.signature(self.f).parameters.values())[1:]})


_entries: dict[str, Activation] = {}
_aliases: dict[str, str] = {}
ACTIVATIONS: Mapping[str, Activation] = MappingProxyType(_entries)
ALIASES: Mapping[str, str] = MappingProxyType(_aliases)


def register(f: Callable, df: Callable, *, aliases: tuple[str, ...] = (), **facts: object) -> Activation:
    """Enter an activation into `ACTIVATIONS`, under the name of its function.

    Args:
        f: Its value, made by `elementwise`.
        df: Its slope, named like `f` with `_slope` behind it.
        aliases: Other names of it.
        **facts: The other attributes of `Activation`.

    Returns:
        The entry.

    Raises:
        ValueError: The name or an alias is taken, or the slope's name does not fit.
    """
    name = f.__name__
    if df.__name__ != f"{name}_slope":
        raise ValueError(f"The slope of {name} must be called {name}_slope. Got {df.__name__}.")
    taken = [word for word in (name, *aliases) if word in _entries or word in _aliases]
    if taken:
        raise ValueError(f"The catalogue has an entry {taken[0]!r} already.")
    _entries[name] = Activation(name=name, f=f, df=df, **facts)
    _aliases.update(dict.fromkeys(aliases, name))
    return _entries[name]
