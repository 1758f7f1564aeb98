"""ELU and SELU: exponential on the left, straight on the right."""

import numpy as np

from course_utils.activations.catalogue import INF, elementwise, register
from course_utils.references import cited

SELU_SCALE = 1.0507009873554805  # Klambauer et al. 2017: with SELU_ALPHA, mean 0 and variance 1 are kept
SELU_ALPHA = 1.6732632423543772


@elementwise
def elu(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """ELU, `x if x > 0 else alpha * (exp(x) - 1)`."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0.0)))


@elementwise
def elu_slope(x: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """Slope of ELU, `1 if x > 0 else alpha * exp(x)`; so at 0 it is `alpha` (a kink unless alpha is 1)."""
    return np.where(x > 0, 1.0, alpha * np.exp(np.minimum(x, 0.0)))


# fmt: off
register(
    elu, elu_slope, title="ELU", keras_name="elu",
    formula=r"\max(x, 0) + \alpha \left(e^{\min(x, 0)} - 1\right)",
    words="x where it is positive, and alpha times the quantity e to the x minus one where it is negative.",
    range=(-1.0, INF), range_text="(-1, ∞)",
    source=cited("{clevert2016}"),
    colour="purple", line="solid",
)
# fmt: on


@elementwise
def selu(x: np.ndarray) -> np.ndarray:
    """SELU, `1.0507 * (x if x > 0 else 1.6733 * (exp(x) - 1))`."""
    return SELU_SCALE * elu(x, alpha=SELU_ALPHA)


@elementwise
def selu_slope(x: np.ndarray) -> np.ndarray:
    """Slope of SELU, `1.0507 * (1 if x >= 0 else 1.6733 * exp(x))`; at 0 it is 1.0507, the one from the right."""
    return SELU_SCALE * np.where(x >= 0, 1.0, elu_slope(x, alpha=SELU_ALPHA))


# fmt: off
register(
    selu, selu_slope, title="SELU", keras_name="selu",
    formula=r"1.0507 \left(\max(x, 0) + 1.6733 \left(e^{\min(x, 0)} - 1\right)\right)",
    words="1.0507 times an ELU whose alpha is 1.6733.",
    range=(-SELU_SCALE * SELU_ALPHA, INF), range_text="(-1.758, ∞)", kinks=(0.0,),
    source=cited("{klambauer2017}"),
    colour="purple", line="dashed",
)
# fmt: on
