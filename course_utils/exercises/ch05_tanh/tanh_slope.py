"""Exercise: the derivative of tanh."""

import numpy as np

from course_utils.checking.properties import between, even
from course_utils.checking.spec import Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write the slope of tanh, its derivative $\tanh'(x)$, at each number in `x`.

- `x` is a NumPy array (float64) of numbers between -1000 and 1000. Give one slope for each number, in the same shape.
- It should hold far out as well: at `x = 1000` and `x = -1000` the curve is flat, and the slope is 0, not `nan`.
- Pencil and paper, a small difference, or TensorFlow's `GradientTape`: each way is right if the numbers are. A ready-made
  `tanh` may be called here.
""")

EXPLANATION = _(r"""
**Why it is right.** With $t = \tanh(x)$ the derivative is $1 - t^2$: no exponential is needed beyond those in $t$. At 0 it is
1, its largest value and four times the sigmoid's; far out $t^2$ goes to 1 and the slope to 0.

**The tempting wrong answer** is `t * (1 - t)`. That is the sigmoid's rule, and it says 0 at $x = 0$, exactly where tanh is
steepest. Each curve has a rule of its own, although tanh is a stretched sigmoid. A second one is `1 - x**2`: the $t$ in
$1 - t^2$ is the *output* of tanh, not its input.
""")


def tanh_slope(x):
    t = np.tanh(x)
    return 1 - t**2


def reference(x):
    e = np.exp(-np.abs(np.asarray(x, float)))
    return (2 * e / (1 + e**2)) ** 2


def _draw(rng):
    furthest = rng.choice([10, 1000])  # where the curve bends, or as far out as the prompt goes
    return (spread(rng, -furthest, furthest),)


def _s(x):
    return 1 / (1 + np.exp(-x))


def _overflowing(x):
    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))


def _float32_difference(x):
    x, h = np.float32(x), np.float32(1e-9)
    return (np.tanh(x + h) - np.tanh(x)) / h


EXERCISE = Exercise(
    place=20,
    title=_("The slope of tanh"),
    difficulty="easy",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=tanh_slope,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
        *about(_("The same distance to both sides."), case(np.array([-1.0, 1.0]))),
        *about(_("Several numbers at once, on both sides of 0."), case(np.array([-3.0, -2.0, -0.5, 0.5, 2.0, 3.0]))),
        *about(_("Far out, where the curve is nearly flat."), case(np.array([-20.0, 20.0]))),
        *about(_("So far out that an exponential overflows."), case(np.array([-1000.0, 1000.0]))),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.0, 2.0], [1.0, 3.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[2.0, -1.0]]]), may_raise=True)),
        *about(reasons.ALONE, case(np.array(0.5), may_raise=True)),
    ),
    draw=_draw,
    properties=(between(0, 1), even()),
    curve=(-4, 4),
    next_step=_("Compare with a difference: how much does tanh change between x - 0.001 and x + 0.001?"),
    hints=(
        _("Where is the curve of tanh steepest, and where is it flat? Your function should say the same."),
        _("Work out the derivative of sinh / cosh by the quotient rule. Can you find tanh itself in it?"),
        _(
            "Call the value of tanh t. The slope can be written with t alone: it is 1 where t is 0, and 0 where t is 1 or -1."
        ),
    ),
    misconceptions=(
        Misconception(
            "input_for_output",
            lambda x: 1 - x**2,
            _("The form is right. Which quantity belongs where you wrote x: the input of tanh, or its output?"),
        ),
        Misconception(
            "square_forgotten",
            lambda x: 1 - np.tanh(x),
            _("Can the slope be larger than 1? Look at yours for a negative x."),
        ),
        Misconception(
            "sigmoid_rule",
            lambda x: np.tanh(x) * (1 - np.tanh(x)),
            _("That is the rule of another curve. What is the slope of tanh at 0?"),
        ),
        Misconception(
            "sigmoid_slope",
            lambda x: _s(x) * (1 - _s(x)),
            _(
                "That is how steep the sigmoid is. Compare with a small difference of tanh at x = 0: by which factor are you off?"
            ),
        ),
        Misconception(
            "inner_factor_forgotten",
            lambda x: 2 * _s(2 * x) * (1 - _s(2 * x)),
            _("You went by way of the sigmoid. What does the chain rule say about the 2 inside?"),
        ),
        Misconception(
            "sign",
            lambda x: 1 + np.tanh(x) ** 2,
            _("Far out the curve is flat. Does yours give almost 0 there?"),
        ),
        Misconception(
            "the_function_itself",
            lambda x: np.tanh(x),
            _("That is the height of the curve. Is it steep where it is high?"),
        ),
        Misconception(
            "one_over_cosh",
            lambda x: 1 / np.cosh(x),
            _(
                "You are on the way. Compare with a small difference at x = 1: does the quotient rule leave that power of cosh?"
            ),
        ),
        Misconception(
            "overflow",
            lambda x: 1 - _overflowing(x) ** 2,
            _(
                "Right on paper. What is np.exp(1000.), and what is inf / inf? Which of the two exponentials is safe for x = 1000?"
            ),
        ),
        Misconception(
            "overflow_on_the_right",
            lambda x: 4 * np.exp(2 * x) / (np.exp(2 * x) + 1) ** 2,
            _(
                "Right on paper, and on the left. What is np.exp(2000.)? What happens if you divide numerator and denominator by it first?"
            ),
        ),
        Misconception(
            "step_below_precision",
            _float32_difference,
            _("Print the two values before you subtract them. How many digits does float32 keep?"),
        ),
        Misconception(
            "step_too_large",
            lambda x: np.tanh(x + 1) - np.tanh(x),
            _("Halve your step. Does the answer move? Then it was too large."),
        ),
    ),
)
