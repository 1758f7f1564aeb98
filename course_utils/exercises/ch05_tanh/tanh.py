"""Exercise: tanh from exponentials."""

import math

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception
from course_utils.exercises.ch05_tanh._tanhs import (
    CASES,
    CURVE,
    HALF_SPEED,
    INTEGER_DIVISION,
    SHIFTED_UP,
    drawn,
    reference,
    s,
)
from course_utils.texts import _

PROMPT = _(r"""
Write the hyperbolic tangent from exponentials:

$$\tanh(x) = \frac{e^{x} - e^{-x}}{e^{x} + e^{-x}}$$

- `x` is a NumPy array, float32 or float64, of numbers between -1000 and 1000. Give one number for each number in `x`, in the
  same shape.
- It should hold far out as well: at `x = 1000` the result is 1 and at `x = -1000` it is -1, not `nan`. Warnings cost nothing.
- How you write it is up to you: NumPy, TensorFlow, or a plain loop over a row of numbers. Just don't call a ready-made `tanh`,
  neither TensorFlow's nor NumPy's nor that of `math`.
""")

EXPLANATION = _(r"""
**Why it is right.** Multiply numerator and denominator by $e^{-x}$, and for $x \ge 0$ the formula reads $\frac{1 - z}{1 + z}$ with
$z = e^{-2x}$, a number between 0 and 1 that cannot overflow. For negative $x$, use $|x|$ and put the sign back
afterwards: tanh is odd, $\tanh(-x) = -\tanh(x)$.

**The tempting wrong answer** is the formula as it stands. On paper it is the same; at $x = 1000$ the computer divides
infinity by infinity and gets `nan`. `np.sinh(x) / np.cosh(x)` does the same out of sight. Replacing the `nan` afterwards does
not help: which number it should have been, 1 or -1, is lost.

`1 - 2 / (np.exp(2 * x) + 1)` is right as well: at 1000 it divides 2 by infinity, and 0 is what is wanted there. It warns, though.
""")


def tanh(x):
    z = np.exp(-2 * np.abs(x))  # between 0 and 1, whatever x is
    return np.sign(x) * (1 - z) / (1 + z)


def _as_it_stands(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def _by_python_if(x):
    if x >= 0:
        return (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))
    return (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)


EXERCISE = Exercise(
    place=30,
    title=_("Tanh from exponentials"),
    difficulty="medium",
    minutes=10,
    points=2,
    prompt=PROMPT,
    solution=tanh,
    explanation=EXPLANATION,
    reference=reference,
    cases=CASES,
    draw=drawn,
    properties=(between(-1, 1),),
    refused=("tanh",),
    curve=CURVE,
    next_step=_(
        "Work your expression out by hand for x = 0 and for x = 1, one operation at a time. Where does it part from the formula?"
    ),
    hints=(
        _("Print np.exp(1000.) and np.exp(-1000.). Which of the two can you work with?"),
        _("Multiply numerator and denominator by e^-x. Which exponential is left, and for which sign of x is it safe?"),
        _("Work with the absolute value of x, for which one exponential is always safe. How do you get the sign back?"),
    ),
    misconceptions=(
        Misconception(
            "overflow",
            _as_it_stands,
            _("Right on paper. What is np.exp(1000.), and what is inf / inf? Which exponential can you keep small?"),
        ),
        Misconception(
            "overflow_on_the_right",
            lambda x: (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1),
            _(
                "Right for negative x. What is np.exp(2000.)? Is there a form in which that exponential appears only once, or is small?"
            ),
        ),
        Misconception(
            "overflow_on_the_left",
            lambda x: (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)),
            _("Right for positive x. What is your exponential at x = -1000, and what is inf / inf?"),
        ),
        Misconception(
            "nan_to_zero",
            lambda x: np.nan_to_num(_as_it_stands(x)),
            _("The nan is gone, but what stands in its place? Look at x = 1000."),
        ),
        Misconception(
            "sign_forgotten",
            lambda x: (1 - np.exp(-2 * np.abs(x))) / (1 + np.exp(-2 * np.abs(x))),
            _("Nothing overflows any more. What does your function give for -5, and what for 5?"),
        ),
        HALF_SPEED,
        SHIFTED_UP,
        INTEGER_DIVISION,
        Misconception(
            "parentheses_forgotten",
            lambda x: np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x),
            _("Work your expression out by hand for x = 0, one operation at a time. Which comes first, / or -?"),
        ),
        Misconception(
            "upside_down",
            lambda x: (np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x)),
            _("What is your value at 0? Which of the sum and the difference is 0 there, and where should it stand?"),
        ),
        Misconception(
            "sinh",
            lambda x: (np.exp(x) - np.exp(-x)) / 2,
            _("That is one half of the quotient. How large can your result get, and how large can tanh?"),
        ),
        Misconception(
            "sign_of_x",
            lambda x: (np.exp(-x) - np.exp(x)) / (np.exp(x) + np.exp(-x)),
            _("Should the curve rise or fall as x grows?"),
        ),
        Misconception(
            "sigmoid",
            s,
            _("What is your value at 0? The range of this curve begins at 0: where does that of tanh begin?"),
        ),
        Misconception(
            "math_exp_on_array",
            lambda x: (math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x)),
            _(
                "Read the type of the error: something there takes one number only, as `math.exp` does. Which `exp` takes an array?"
            ),
        ),
        Misconception(
            "python_if_on_array",
            _by_python_if,
            _("Your condition is an array of several truth values. Which single one should `if` go by?"),
        ),
        Misconception(
            "clipped_too_early",
            lambda x: _as_it_stands(np.clip(x, -5, 5)),
            _("Clipping is a fair idea. Print your results at 5 and at 20 with 8 digits: should they be equal?"),
        ),
        Misconception("hard_tanh", lambda x: np.clip(x, -1, 1), _("Your curve has two corners. Does tanh have any?")),
        Misconception("step_function", np.sign, _("What is your value at 0.1? Is the curve of tanh smooth there?")),
        Misconception(
            "softsign",
            lambda x: x / (1 + np.abs(x)),
            _("The ends and the slope at 0 are right. Compare at x = 3: how fast does tanh approach 1?"),
        ),
    ),
)
