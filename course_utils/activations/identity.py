"""The identity: what a layer without an activation applies."""

import numpy as np

from course_utils.activations.catalogue import INF, elementwise, register
from course_utils.references import cited


@elementwise
def linear(x: np.ndarray) -> np.ndarray:
    """The input itself, `x`."""
    return x


@elementwise
def linear_slope(x: np.ndarray) -> np.ndarray:
    """Slope of linear, `1`."""
    return np.ones_like(x)


# fmt: off
register(
    linear, linear_slope, title="linear", keras_name="linear",
    formula=r"x",
    words="The input itself, unchanged.",
    range=(-INF, INF), range_text="(-∞, ∞)",
    source=cited("{keras_activations}"),
    aliases=("identity",), colour="black", line="dotted",
)
# fmt: on
