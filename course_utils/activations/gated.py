"""Gated units: one weighted sum times a gate that looks at another one. They take two numbers, so they have no curve."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike

from course_utils.activations.lookup import get
from course_utils.references import Cited, cited


@dataclass(frozen=True, eq=False)
class GatedUnit:
    """A gated unit and what the course knows about it; calling it gives `gate(a) * b`.

    Attributes:
        name: Name in code, as in `GATED`.
        title: Name in prose.
        gate: Name of the activation, an entry of `ACTIVATIONS`, that one of the two sums passes.
        formula: In LaTeX, for a row of inputs x and two kernels W and V, without dollar signs and without biases.
        words: The formula read aloud, one sentence.
        source: Where it was proposed.

    >>> GATED["swiglu"]([0.0, 3.0], [5.0, 2.0]).round(3)
    array([0.   , 5.715])
    """

    name: str
    title: str
    gate: str
    formula: str
    words: str
    source: Cited
    range_text: str = "(-∞, ∞)"

    def __call__(self, a: ArrayLike, b: ArrayLike) -> np.ndarray:
        return get(self.gate)(a) * np.asarray(b, dtype=np.float64)


_SHAZEER = cited("{shazeer2020}")
# fmt: off
_UNITS = (
    GatedUnit("glu", "GLU", "sigmoid", r"\sigma(xW) \cdot (xV)", "The sigmoid of x times W, times x times V.", cited("{dauphin2017}")),
    GatedUnit("reglu", "ReGLU", "relu", r"\max(xW, 0) \cdot (xV)", "ReLU of x times W, times x times V.", _SHAZEER),
    GatedUnit("geglu", "GEGLU", "gelu", r"\text{GELU}(xW) \cdot (xV)", "GELU of x times W, times x times V.", _SHAZEER),
    GatedUnit("swiglu", "SwiGLU", "silu", r"\text{SiLU}(xW) \cdot (xV)", "SiLU of x times W, times x times V.", _SHAZEER),
)
# fmt: on
GATED: Mapping[str, GatedUnit] = MappingProxyType({unit.name: unit for unit in _UNITS})
