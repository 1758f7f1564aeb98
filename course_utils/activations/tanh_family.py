"""The hyperbolic tangent, and softsign, which approaches its limits more slowly."""

import numpy as np

from course_utils.activations.catalogue import elementwise, register
from course_utils.references import cited


@elementwise
def tanh(x: np.ndarray) -> np.ndarray:
    """Hyperbolic tangent, `(exp(x) - exp(-x)) / (exp(x) + exp(-x))`."""
    return np.tanh(x)


@elementwise
def tanh_slope(x: np.ndarray) -> np.ndarray:
    """Slope of tanh, `1 / cosh(x)**2`; the shorter `1 - tanh(x)**2` would be 0 from x = 20 on."""
    z = np.exp(-np.abs(x))
    return (2.0 * z / (1.0 + z**2)) ** 2


# fmt: off
register(
    tanh, tanh_slope, title="tanh", keras_name="tanh",
    formula=r"\frac{e^x - e^{-x}}{e^x + e^{-x}}",
    words="The difference of e to the x and e to the minus x, divided by their sum.",
    range=(-1.0, 1.0), range_text="(-1, 1)",
    source=cited("A function of classical mathematics; recommended for networks in {lecun1998}"),
    colour="vermilion", line="dashed",
)
# fmt: on


@elementwise
def softsign(x: np.ndarray) -> np.ndarray:
    """Softsign, `x / (1 + |x|)`."""
    x = np.clip(x, -1e300, 1e300)  # the result is 1 from 1e16 on; only inf / inf changes
    return x / (1.0 + np.abs(x))


@elementwise
def softsign_slope(x: np.ndarray) -> np.ndarray:
    """Slope of softsign, `1 / (1 + |x|)**2`; no kink, both sides meet in 1 at 0."""
    return (1.0 / (1.0 + np.abs(x))) ** 2


# fmt: off
register(
    softsign, softsign_slope, title="softsign", keras_name="softsign",
    formula=r"\frac{x}{1 + |x|}",
    words="x divided by one plus the absolute value of x.",
    range=(-1.0, 1.0), range_text="(-1, 1)",
    source=cited("Compared with sigmoid and tanh in {glorot2010}"),
    colour="vermilion", line="dotted",
)
# fmt: on
