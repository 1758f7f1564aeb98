"""Exercise: the sigmoid's derivative."""

import numpy as np

from course_utils.checking.properties import between, even
from course_utils.checking.spec import Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write the slope of the sigmoid, its derivative $\sigma'(x)$, at each number in `x`.

- `x` is a NumPy array (float64). Give one slope for each number, in the same shape.
- It should hold far out as well: at `x = 1000` and `x = -1000` the curve is flat, and the slope is 0, not `nan`.
- Pencil and paper, a small difference, or TensorFlow's `GradientTape`: any way is fine if the numbers are right.
""")

EXPLANATION = _(r"""
**Why it is right.** With $s = \sigma(x)$ the derivative is $s\,(1 - s)$: you need no exponential beyond the one in $s$.
At 0, $s$ is one half and the slope is $\frac{1}{2} \cdot \frac{1}{2} = \frac{1}{4}$, its largest value. Far out, one of
the two factors goes to 0, and no number overflows on the way to the result.

**The tempting wrong answer** is `x * (1 - x)`. The $s$ in $s(1-s)$ is the *output* of the sigmoid, not its input: at
$x = 0$ that expression is 0, exactly where the sigmoid is steepest. A second one is
$\frac{e^{-x}}{(1+e^{-x})^2}$: right on paper, but at $x = -1000$ the computer divides infinity by infinity and gets `nan`.
""")


def sigmoid_slope(x):
    s = np.exp(-np.logaddexp(0, -x))  # the sigmoid, without overflow
    return s * (1 - s)


def reference(x):
    e = np.exp(-np.abs(np.asarray(x, float)))
    return e / (1 + e) ** 2


def _s(x):
    return 1 / (1 + np.exp(-x))


def _float32_difference(x):
    x, h = np.float32(x), np.float32(1e-9)
    return (_s(x + h) - _s(x)) / h


def _draw(rng):
    furthest = rng.choice([10, 1000])  # where the curve bends, or as far out as the prompt goes
    return (spread(rng, -furthest, furthest),)


EXERCISE = Exercise(
    place=20,
    title=_("Its slope"),
    difficulty="easy",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=sigmoid_slope,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
        *about(_("The same distance to both sides."), case(np.array([-1.0, 1.0]))),
        *about(_("Several numbers at once, on both sides of 0."), case(np.array([-5.0, -3.0, -2.0, 2.0, 3.0, 5.0]))),
        *about(_("Far out, where the curve is nearly flat."), case(np.array([-20.0, 20.0]))),
        *about(_("So far out that an exponential overflows."), case(np.array([-1000.0, 1000.0]))),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.0, 2.0], [1.0, 3.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[2.0, -1.0]]]), may_raise=True)),
    ),
    draw=_draw,
    properties=(between(0, 0.25), even()),
    curve=(-6, 6),
    next_step=_("Compare with a difference: how much does the sigmoid change between x - 0.001 and x + 0.001?"),
    hints=(
        _("Where is the sigmoid's curve steepest, and where is it flat? Your function should say the same."),
        _("Work out the derivative of 1 / (1 + e^-x) by the chain rule. Can you find the sigmoid itself in it, twice?"),
        _("Call the sigmoid's value s. The slope can be written with s alone, and s is never large."),
    ),
    misconceptions=(
        Misconception(
            "input_for_output",
            lambda x: x * (1 - x),
            _("The form is right. Which quantity belongs where you wrote x: the sigmoid's input, or its output?"),
        ),
        Misconception(
            "half_substituted",
            lambda x: _s(x) * (1 - x),
            _("At x = 5 the curve is nearly flat. Does yours give almost 0?"),
        ),
        Misconception(
            "sign",
            lambda x: _s(x) * (1 + _s(x)),
            _("How steep can the curve get at most? Look at yours for a large x."),
        ),
        Misconception(
            "square_forgotten",
            lambda x: np.exp(-x) / (1 + np.exp(-x)),
            _(
                "Compare with a small difference at x = 0. By which factor are you off, and which rule gives that factor?"
            ),
        ),
        Misconception(
            "overflow",
            lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2,
            _(
                "Right on paper. What is np.exp(1000.), and what is inf / inf? Can you write the slope with the output alone?"
            ),
        ),
        Misconception(
            "step_below_precision",
            _float32_difference,
            _("Print the two values before you subtract them. How many digits does float32 keep?"),
        ),
        Misconception(
            "step_too_large",
            lambda x: _s(x + 1) - _s(x),
            _("Halve your step. Does the answer move? Then it was too large."),
        ),
        Misconception("the_function_itself", _s, _("That is the height of the curve. Is it steep where it is high?")),
        Misconception(
            "tanh_slope",
            lambda x: 1 - _s(x) ** 2,
            _("That is the rule for another curve, one from -1 to 1. Try x = 100."),
        ),
    ),
)
