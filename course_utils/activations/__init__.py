"""The catalogue of activation functions: for each one its value, its slope, its formula and where it comes from.

Imports references.

One file a family: each function stands beside its slope and is entered by `register`, with all that the course knows
about it. `activations.relu` and `activations.relu_slope` are the functions themselves. Softmax stands apart, outside
`ACTIVATIONS`: it mixes the entries of a row (`softmax_family.py`). So do the gated units, which take two numbers (`gated.py`).
"""

# Each family enters its functions, in teaching order.
# isort: off
from course_utils.activations import identity, sigmoid_family, tanh_family, relu_family, elu_family, gelu_family  # noqa: F401

# isort: on
from course_utils.activations.catalogue import ACTIVATIONS, ALIASES, Activation
from course_utils.activations.elu_family import SELU_ALPHA, SELU_SCALE
from course_utils.activations.gated import GATED, GatedUnit
from course_utils.activations.gelu_family import GELU_CUBIC
from course_utils.activations.lookup import get, kinks_at, saturated
from course_utils.activations.softmax_family import log_softmax, softmax, softmax_jacobian

_FUNCTIONS = {f.__name__: f for entry in ACTIVATIONS.values() for f in (entry.f, entry.df)}
globals().update(_FUNCTIONS)

__all__ = [
    "ACTIVATIONS", "ALIASES", "GATED", "GELU_CUBIC", "SELU_ALPHA", "SELU_SCALE", "Activation", "GatedUnit", "get",
    "kinks_at", "log_softmax", "saturated", "softmax", "softmax_jacobian",
]  # fmt: skip
__all__ += _FUNCTIONS
