"""Exercise: a sigmoid that is right for any float."""

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write a sigmoid whose result is right for **any** input: at 1000, at -1000, and at infinity of either sign.

- `x` is a NumPy array, float32 or float64, with numbers of any size, `np.inf` and `-np.inf` among them (but no `nan`).
- Give one number for each number in `x`, in the same shape. Warnings cost nothing here; `nan` does.
- Calling a ready-made `sigmoid` is not the exercise.
""")

EXPLANATION = _(r"""
**Why it is right.** `np.exp` overflows only for a large *positive* argument. $e^{-|x|}$ never has one: it lies between 0
and 1. With $z = e^{-|x|}$ the sigmoid is $\frac{1}{1+z}$ for $x \ge 0$ and, after multiplying above and below by $e^{x}$,
$\frac{z}{1+z}$ for $x < 0$.

**The tempting wrong answer** is `np.exp(x) / (1 + np.exp(x))`. On paper it is the same function; at $x = 1000$ it divides
infinity by infinity. Replacing the `nan` afterwards does not help: which number it should have been is lost.

The textbook form `1 / (1 + np.exp(-x))` passes here too: at -1000 it divides 1 by infinity, and 0 is right. It warns,
though, and TensorFlow's *gradient* of it is `nan` there, as the chapter shows.
""")


def stable_sigmoid(x):
    z = np.exp(-np.abs(x))  # between 0 and 1, whatever x is
    return np.where(x >= 0, 1, z) / (1 + z)


def reference(x):
    return np.exp(-np.logaddexp(0, -np.asarray(x, float)))


def _draw(rng):
    moderate, digits = spread(rng, -20, 20), spread(rng, -3, 38)
    x = moderate if rng.random() < 0.5 else rng.choice([-1, 1], digits.size) * 10**digits
    return (x.astype(np.float32).astype(rng.choice([np.float32, np.float64])),)


def _over(x):
    return np.exp(x) / (1 + np.exp(x))


EXERCISE = Exercise(
    place=40,
    title=_("A sigmoid for any number"),
    difficulty="medium",
    minutes=10,
    points=2,
    prompt=PROMPT,
    solution=stable_sigmoid,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
        *about(_("Several numbers at once, on both sides of 0."), case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]))),
        *about(
            _("Numbers at which the curve is nearly flat, but not yet."),
            case(np.array([-20.0, -15.0, -10.0, 10.0, 15.0, 20.0])),
        ),
        *about(
            _("So large that an exponential overflows, on one side or on the other."),
            case(np.array([1000.0])),
            case(np.array([-1000.0])),
        ),
        *about(_("Infinity itself."), case(np.array([-np.inf, -1.0, np.inf]))),
        *about(
            _("In float32, where an exponential overflows from 89 on."),
            case(np.array([-1000.0, -100.0, 0.0, 100.0, 1000.0], np.float32)),
        ),
        *about(
            _("The largest numbers that float32 has, and infinity."),
            case(np.array([-3.4e38, -np.inf, np.inf, 3.4e38], np.float32)),
        ),
        *about(reasons.TABLE, case(np.array([[-1000.0, 0.0, 2.0], [1.0, 1000.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 1000.0]], [[2.0, -1000.0]]]), may_raise=True)),
        *about(reasons.ALONE, case(np.array(-1000.0), may_raise=True)),
    ),
    draw=_draw,
    properties=(between(0, 1),),
    refused=("sigmoid",),
    curve=(-1000, 1000),
    next_step=_(
        "For which sign of its argument can np.exp not overflow? Can you arrange that its argument has that sign?"
    ),
    hints=(
        _("Print np.exp(1000.) and np.exp(-1000.). Which of the two can you work with?"),
        _(
            "The sigmoid has two forms, one with e^-x and one with e^x. Which one is safe for x > 0, and which for x < 0?"
        ),
        _("e to the power of -abs(x) is safe for every x. Both forms can be written with it; `np.where` chooses."),
    ),
    misconceptions=(
        Misconception("exp_over_exp", _over, _("What is np.exp(1000.)? And what is infinity divided by infinity?")),
        Misconception(
            "nan_to_zero",
            lambda x: np.nan_to_num(_over(x)),
            _("The nan is gone, but what stands in its place? Look at a large positive x."),
        ),
        Misconception(
            "clipped_too_early",
            lambda x: 1 / (1 + np.exp(-np.clip(x, -10, 10))),
            _("Clipping is a fair idea, but print your results at -10, -15 and -20. Should they be equal?"),
        ),
        Misconception(
            "side_forgotten",
            lambda x: 1 / (1 + np.exp(-np.abs(x))),
            _("Nothing overflows any more. What does your function give for -5, and what for 5?"),
        ),
        Misconception(
            "sign_of_exponent",
            lambda x: 1 / (1 + np.exp(x)),
            _("What should happen for a large positive input? Which way does your curve go?"),
        ),
    ),
)
