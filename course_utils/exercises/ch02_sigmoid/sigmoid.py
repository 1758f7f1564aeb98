"""Exercise: the sigmoid from its formula."""

import math

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write the sigmoid yourself:

$$\sigma(x) = \frac{1}{1 + e^{-x}}$$

- `x` is a NumPy array of numbers between -20 and 20. Give one number for each number in `x`, in the same shape.
- How you write it is up to you: NumPy, TensorFlow, or a plain loop over a row of numbers. Just don't call a ready-made `sigmoid`.
""")

EXPLANATION = _(r"""
**Why it is right.** NumPy's `np.exp` takes a whole array and works on each number in it; the `1 +` and the `1 /` do the
same. So the one line reads like the formula, and the shape of `x` is kept.

**The tempting wrong answer** is `1 / 1 + np.exp(-x)`. Division comes before addition, so Python reads
$\frac{1}{1} + e^{-x}$: at $x = 0$ that is 2, where the sigmoid is one half. The parentheses are part of the formula.
""")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def reference(x):
    return 1 / (1 + np.exp(-np.asarray(x, float)))


def _draw(rng):
    return (spread(rng, -20, 20).astype(rng.choice([np.float32, np.float64])),)


def _by_python_if(x):
    if x >= 0:
        return 1 / (1 + np.exp(-x))
    return np.exp(x) / (1 + np.exp(x))


def _normalised(x):
    s = 1 / (1 + np.exp(-x))
    return s / s.sum()


EXERCISE = Exercise(
    place=10,
    title=_("The sigmoid"),
    difficulty="easy",
    minutes=5,
    points=1,
    prompt=PROMPT,
    solution=sigmoid,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
        *about(_("Several numbers at once, on both sides of 0."), case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]))),
        *about(reasons.FAR, case(np.array([-20.0, -15.0, -10.0, 10.0, 15.0, 20.0]))),
        *about(reasons.FLOAT32, case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0], np.float32))),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.0, 2.0], [1.0, 3.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[2.0, -1.0]]]), may_raise=True)),
        *about(reasons.ALONE, case(np.array(2.0), may_raise=True)),
    ),
    draw=_draw,
    properties=(between(0, 1),),
    refused=("sigmoid",),
    curve=(-6, 6),
    next_step=_(
        "Work your expression out by hand for x = 0, one operation at a time. Where does it differ from the formula?"
    ),
    hints=(
        _("Which part of the formula depends on x? Write that part first and print it."),
        _("`np.exp` takes a whole array. What is `np.exp(-x)` for x = 0, and what should the result be there?"),
        _("Build it from the inside out: the exponential, then one plus it, then one over that. Mind the parentheses."),
    ),
    misconceptions=(
        Misconception(
            "sign_of_exponent",
            lambda x: 1 / (1 + np.exp(x)),
            _("What should happen for a large positive input? Which way does your curve go?"),
        ),
        Misconception(
            "operator_precedence",
            lambda x: 1 / 1 + np.exp(-x),
            _("Work your expression out by hand for x = 0, one operation at a time. Which comes first, / or +?"),
        ),
        Misconception(
            "mixed_forms",
            lambda x: np.exp(x) / (1 + np.exp(-x)),
            _("The formula has a twin with e^x on top and below. Did you multiply top and bottom by the same thing?"),
        ),
        Misconception(
            "math_exp_on_array",
            lambda x: 1 / (1 + math.exp(-x)),
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
            lambda x: 1 / (1 + np.exp(-np.clip(x, -10, 10))),
            _("Print your results at -10, -15 and -20. Should they be equal?"),
        ),
        Misconception(
            "step_function",
            lambda x: (x > 0) * 1.0,
            _("What is your value at 0.5? Is the sigmoid's curve smooth there?"),
        ),
        Misconception(
            "tanh_without_half",
            lambda x: 0.5 * (1 + np.tanh(x)),
            _("You went through tanh. Check the slope at 0: what is the sigmoid's slope there, and what is yours?"),
        ),
        Misconception(
            "hard_sigmoid",
            lambda x: np.clip(0.2 * x + 0.5, 0, 1),
            _("Your curve has two corners. Does the sigmoid have any?"),
        ),
        Misconception(
            "softsign",
            lambda x: x / (1 + np.abs(x)),
            _("What range do your results have, and what is your value at 0?"),
        ),
        Misconception(
            "normalised",
            _normalised,
            _("Does your result for x = 1 depend on the other numbers in the array? Should it?"),
        ),
        Misconception(
            "rounded",
            lambda x: np.round(1 / (1 + np.exp(-x)), 2),
            _("Is 0.99 the value at 5, or only the way you would like to see it printed?"),
        ),
        Misconception(
            "exponential_alone",
            lambda x: np.exp(-x),
            _("That is one piece of the formula. What is still to be done with it?"),
        ),
    ),
)
