"""What the two exercises share that ask for tanh: where it is tried, the reference, and wrong answers that learners give to both."""

import numpy as np

from course_utils.checking.spec import Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

CURVE = (-4, 4)
CASES = (
    *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
    *about(_("The same distance to both sides."), case(np.array([-1.0, 1.0]))),
    *about(
        _("Several numbers at once, on both sides of 0."),
        case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0])),
        case(np.array([-2.0, -0.5, 0.5, 2.0])),
    ),
    *about(_("Far out, where the curve is nearly flat."), case(np.array([-20.0, 20.0]))),
    *about(
        _("So large that an exponential overflows, on one side or on the other."),
        case(np.array([1000.0])),
        case(np.array([-1000.0])),
    ),
    *about(
        reasons.FLOAT32,
        case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0], np.float32)),
        case(np.array([-1000.0, -100.0, 0.0, 100.0, 1000.0], np.float32)),
    ),
    *about(reasons.TABLE, case(np.array([[-1000.0, 0.0, 2.0], [1.0, 1000.0, -4.0]]), may_raise=True)),
    *about(reasons.DEEPER, case(np.array([[[-3.0, 1000.0]], [[2.0, -1000.0]]]), may_raise=True)),
    *about(reasons.ALONE, case(np.array(-2.0), may_raise=True)),
)


def reference(x):
    return np.tanh(np.asarray(x, float))


def drawn(rng):
    furthest = rng.choice([10, 1000])  # where the curve bends, or as far out as the prompts go
    return (spread(rng, -furthest, furthest).astype(rng.choice([np.float32, np.float64])),)


def s(x):
    """A sigmoid that does not overflow."""
    return np.exp(-np.logaddexp(0, -x))


HALF_SPEED = Misconception(
    "half_speed",
    lambda x: 2 * s(x) - 1,
    _("The ends are right. Compare the slopes at 0: yours, and that of tanh."),
)
SHIFTED_UP = Misconception(
    "shifted_up", lambda x: 2 * s(2 * x) + 1, _("What is tanh(0), and what is your value there?")
)
INTEGER_DIVISION = Misconception(
    "integer_division",
    lambda x: (1 - np.exp(-2 * x)) // (1 + np.exp(-2 * x)),
    _("Your results are whole numbers. Which of Python's two divisions did you use?"),
)
