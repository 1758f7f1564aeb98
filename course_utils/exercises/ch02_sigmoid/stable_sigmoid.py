"""Exercise: a sigmoid and its slope that are right for any float."""

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case, reject, spread
from course_utils.checking.verdict_messages import number
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write a sigmoid whose value and slope are right for **any** input: at 1000, at -1000, and at infinity of either sign.

- `x` is a NumPy array, float32 or float64, with numbers of any size, `np.inf` and `-np.inf` among them (but no `nan`).
- Return two arrays of the shape of `x`: the values, then the slopes.
- Right means right to four digits, however small the number is: at $x = 40$ the slope is about $4.248 \cdot 10^{-18}$, and 0 is wrong. Only
  what is below $10^{-37}$, where float32 ends, may come out as 0.
- Warnings cost nothing here; `nan` does.
- A ready-made `sigmoid` doesn't count.
""")

EXPLANATION = _(r"""
**Why it is right.** `np.exp` overflows only for a large *positive* argument. $e^{-|x|}$ never has one: it lies between 0
and 1. With $z = e^{-|x|}$ the sigmoid is $\frac{1}{1+z}$ for $x \ge 0$ and, after multiplying top and bottom by $e^{x}$,
$\frac{z}{1+z}$ for $x < 0$. Its slope is the product of the two, $\frac{z}{(1+z)^2}$, on either side. Nothing is subtracted, so no
digits are lost.

**The tempting wrong answer** is the formula of the second exercise, `s * (1 - s)`. On paper it is the same slope. But at $x = 40$ the float
nearest to the sigmoid's value is 1, so `1 - s` is 0: all digits of the slope are gone. What you want is the distance to 1, and you can
compute that directly: it is the sigmoid at $-x$.

The textbook form `1 / (1 + np.exp(-x))` passes for the values: at -1000 it divides 1 by infinity, and 0 is right. It warns,
though, and TensorFlow's *gradient* of it is `nan` there, as the chapter shows.
""")


def stable_sigmoid(x):
    z = np.exp(-np.abs(x))  # between 0 and 1, whatever x is
    return np.where(x >= 0, 1, z) / (1 + z), z / (1 + z) ** 2


RTOL, ATOL = 1e-4, 1e-37
PARTS = ("value", _("value")), ("slope", _("slope"))


def _expected(x):
    to_0, to_1 = (np.logaddexp(0, sign * np.asarray(x, float)) for sign in (-1, 1))
    return np.exp(-to_0), np.exp(-to_0 - to_1)


def _accepts(case, value):
    (x,) = case.args
    parts = real_numbers(value)
    if parts is None or parts.shape != (2, *x.shape):
        sentence = _("You returned {got}; expected two arrays of shape {shape}, the values and the slopes.")
        return reject("form", sentence, got=tell(value), shape=x.shape)
    for (part, name), got, wanted in zip(PARTS, parts, _expected(x), strict=True):
        off = ~np.isclose(got, wanted, RTOL, ATOL)
        if off.any():
            place = min(np.flatnonzero(off.ravel()), key=lambda i: len(number(x.ravel()[i]).lstrip("-")))
            told = {"x": x.ravel()[place], "got": got.ravel()[place], "wanted": wanted.ravel()[place]}
            sentence = _("At x = {x} your {part} is {got}; expected {wanted}.")
            return reject(part, sentence, words={"part": name}, **{key: number(told[key]) for key in told})
    return None


def _draw(rng):
    digits = spread(rng, -3, 38)
    far = rng.choice([-1, 1], digits.size) * 10**digits
    x = (spread(rng, -20, 20), spread(rng, -80, 80), far)[rng.integers(3)]
    return (x.astype(np.float32).astype(rng.choice([np.float32, np.float64])),)


def _textbook(x):
    return 1 / (1 + np.exp(-x))


def _over(x):
    return np.exp(x) / (1 + np.exp(x))


def _slope(x):
    return stable_sigmoid(x)[1]


EXERCISE = Exercise(
    place=40,
    title=_("A sigmoid for any number"),
    difficulty="medium",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=stable_sigmoid,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("The middle: two numbers that you can work out by hand."), case(np.array([0.0]))),
        *about(_("Several numbers at once, on both sides of 0."), case(np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]))),
        *about(
            _("Numbers at which the curve is nearly flat, but not yet."),
            case(np.array([-20.0, -15.0, -10.0, 10.0, 15.0, 20.0])),
        ),
        *about(_("Where the value is 1 to the last digit, and the slope is tiny, but not 0."), case(np.array([40.0]))),
        *about(_("The same on the left."), case(np.array([-40.0]))),
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
    refused=("sigmoid",),
    tolerance=Tolerance(rtol=RTOL, atol=ATOL),
    accepts=_accepts,
    elementwise=False,
    next_step=_(
        "For which sign of its argument can np.exp not overflow? Can you arrange that its argument has that sign?"
    ),
    hints=(
        _("Print np.exp(1000.) and np.exp(-1000.). Which of the two can you work with?"),
        _(
            "The sigmoid has two forms, one with e^-x and one with e^x. Which one is safe for x > 0, and which for x < 0?"
        ),
        _(
            "e to the power of -abs(x) is safe for every x. Both forms can be written with it, and `np.where` chooses. "
            "Multiply the two forms: what do you get?"
        ),
    ),
    misconceptions=(
        Misconception(
            "one_minus_value",
            lambda x: ((s := _textbook(x)), s * (1 - s)),
            _("At x = 40, print your value and 1 minus your value. How many digits of the difference are left?"),
        ),
        Misconception(
            "values_alone",
            _textbook,
            _("Your values are right. The exercise asks for a second array: how steep is the curve there?"),
        ),
        Misconception(
            "exp_over_exp",
            lambda x: (_over(x), _slope(x)),
            _("What is np.exp(1000.)? And what is infinity divided by infinity?"),
        ),
        Misconception(
            "nan_to_zero",
            lambda x: (np.nan_to_num(_over(x)), _slope(x)),
            _("The nan is gone, but what stands in its place? Look at a large positive x."),
        ),
        Misconception(
            "slope_overflows",
            lambda x: (_textbook(x), np.exp(-x) / (1 + np.exp(-x)) ** 2),
            _("At x = -1000 your slope divides infinity by infinity. On which side of 0 is that formula safe?"),
        ),
        Misconception(
            "clipped_too_early",
            lambda x: ((s := _textbook(np.clip(x, -10, 10))), s * (1 - s)),
            _("Clipping is a fair idea, but print your results at -10, -15 and -20. Should they be equal?"),
        ),
        Misconception(
            "side_forgotten",
            lambda x: (_textbook(np.abs(x)), _slope(x)),
            _("Nothing overflows any more. What does your function give for -5, and what for 5?"),
        ),
        Misconception(
            "sign_of_exponent",
            lambda x: (1 / (1 + np.exp(x)), _slope(x)),
            _("What should happen for a large positive input? Which way does your curve go?"),
        ),
        Misconception(
            "slope_first",
            lambda x: stable_sigmoid(x)[::-1],
            _("Which of your two arrays comes first? At x = 0, which of 0.5 and 0.25 is the value?"),
        ),
        Misconception(
            "through_tanh",
            lambda x: ((1 + (t := np.tanh(x / 2))) / 2, (1 - t**2) / 4),
            _("Print tanh(-20.) and 1 + tanh(-20.). What happens when you add two numbers that nearly cancel?"),
        ),
    ),
)
