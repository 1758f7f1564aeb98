"""Exercise: softmax along an axis."""

import math

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.exercises.ch04_softmax._logits import FAR_AND_DEEP, FLOAT32, ROWS_AND_AXES, drawn_case, sums_to
from course_utils.texts import _

PROMPT = _(r"""
Write softmax. It turns the numbers $x_1, \dots, x_k$ along one axis into

$$p_i = \frac{e^{x_i}}{e^{x_1} + \dots + e^{x_k}}$$

- `x` is a NumPy array, float32 or float64, with one, two or three axes. Its numbers lie between -1000 and 1000. Softmax has to be
  right for all of them, without a `nan`. One table may hold rows of very different size.
- `axis` says along which axis the results sum to 1. It is passed by name or left out. If it is left out, take the last axis.
- Return an array of the same shape as `x`. How you write it is up to you, but don't call a ready-made `softmax`.
""")

EXPLANATION = _(r"""
**Why it is right.** If you subtract the same number $m$ from all $x_j$ of a row, numerator and denominator are both multiplied
by $e^{-m}$, which cancels. If $m$ is the row's own maximum, the largest exponent is 0. Then no exponential is above 1, and the sum is
at least 1. `keepdims=True` keeps the summed axis, with length 1, so that each row is divided by its own sum.

**The tempting wrong answers.** `np.exp(x) / np.exp(x).sum()` divides by the sum of the *whole* table. With one row nobody notices.
Without the subtraction, `np.exp(1000.)` is infinite and the row becomes `nan`. With *one* maximum for the whole table, a row
of small logits becomes 0 divided by 0. And `sum(axis)` without `keepdims` fails for most tables, but for a square one it
silently divides the columns by the sums of the rows.
""")


def softmax(x, axis=-1):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


def reference(x, axis=-1):
    """By differences alone, `1 / sum_j exp(x_j - x_i)`; where that overflows, it is 1 / inf = 0, and right."""
    x = np.moveaxis(np.asarray(x, float), axis, -1)
    with np.errstate(over="ignore"):
        p = 1 / np.exp(x[..., None, :] - x[..., :, None]).sum(-1)
    return np.moveaxis(p, -1, axis)


# ---- what learners write in place of it


def _normalised(e, axis=-1):
    return e / e.sum(axis=axis, keepdims=True)


def _stable(x, axis=-1):
    return np.exp(x - x.max(axis=axis, keepdims=True))


def _keepdims_forgotten(x, axis=-1):
    return np.exp(x) / np.exp(x).sum(axis=axis)


def _stable_keepdims_forgotten(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis)


def _keepdims_forgotten_twice(x, axis=-1):
    e = np.exp(x - x.max(axis=axis))
    return e / e.sum(axis=axis)


def _one_hot(x, axis=-1):
    return (x == x.max(axis=axis, keepdims=True)) * 1.0


WHOLE_TABLE = _("What do your rows sum to? And the whole table?")
WRONG_AXIS = _("Does your result change with `axis`? Which direction must sum to 1, if one row is one example?")
KEEPDIMS = _("Print the shapes of numerator and denominator. Which row meets which sum?")

EXERCISE = Exercise(
    place=10,
    title=_("Softmax"),
    difficulty="medium",
    minutes=12,
    points=2,
    prompt=PROMPT,
    solution=softmax,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *ROWS_AND_AXES,
        *about(_("A logit so far below that its share is 0."), case(np.array([-1000.0, 0.0]))),
        *FAR_AND_DEEP,
    ),
    draw=drawn_case,
    elementwise=False,
    # exp(x - log(sum(exp(x)))) is right as well, but in float32 it takes the difference of two numbers near 1000
    tolerance=Tolerance(of_input=FLOAT32),
    properties=(between(0, 1, alone=False), sums_to(1)),
    refused=("softmax",),
    next_step=_(
        "Work it out by hand for [0, 0], then for a table of two rows: what should each row of the result sum to?"
    ),
    hints=(
        _(
            "Write it for one row first: the exponentials, then each of them divided by their sum. What does [0, 0] give?"
        ),
        _(
            "For a table, `np.sum` takes `axis` and `keepdims`. Print the shape of the sum with and without `keepdims=True`."
        ),
        _(
            "For large numbers: what happens to the result if the same number is subtracted from the whole row? Which number "
            "would keep every exponential at 1 or below?"
        ),
    ),
    misconceptions=(
        Misconception("whole_table_summed", lambda x, axis=-1: np.exp(x) / np.exp(x).sum(), WHOLE_TABLE),
        Misconception(
            "whole_table_summed_after_a_shift",
            lambda x, axis=-1: np.exp(x - x.max()) / np.exp(x - x.max()).sum(),
            WHOLE_TABLE + _(" What does subtracting the table's largest number do to a row of small ones?"),
        ),
        Misconception("first_axis_for_any", lambda x, axis=-1: _normalised(_stable(x, 0), 0), WRONG_AXIS),
        Misconception(
            "last_axis_for_any",
            lambda x, axis=-1: _normalised(_stable(x)),
            _("Call your function with `axis=0`. Does anything change? What should the columns sum to then?"),
        ),
        Misconception(
            "first_axis_for_any_and_overflow",
            lambda x, axis=-1: _normalised(np.exp(x), 0),
            WRONG_AXIS + _(" (Large logits can wait.)"),
        ),
        Misconception(
            "last_axis_for_any_and_overflow",
            lambda x, axis=-1: _normalised(np.exp(x)),
            _("Call your function with `axis=0`. Does anything change? Then try a logit of 1000."),
        ),
        Misconception("keepdims_forgotten", _keepdims_forgotten, KEEPDIMS),
        Misconception(
            "keepdims_forgotten_in_the_sum", _stable_keepdims_forgotten, KEEPDIMS + _(" The maximum is fine.")
        ),
        Misconception(
            "keepdims_forgotten_twice", _keepdims_forgotten_twice, KEEPDIMS + _(" Which row meets which maximum?")
        ),
        Misconception(
            "overflow",
            lambda x, axis=-1: _normalised(np.exp(x), axis),
            _("What is np.exp(1000.)? And what changes in the formula if you add the same number to all logits?"),
        ),
        Misconception(
            "overflow_mended_by_zero",
            lambda x, axis=-1: np.nan_to_num(_normalised(np.exp(x), axis)),
            _("The nan is gone, but what do you return instead? What do your results for 998, 999 and 1000 sum to?"),
        ),
        Misconception(
            "one_maximum_for_all_rows",
            lambda x, axis=-1: _normalised(np.exp(x - x.max()), axis),
            _("What is np.exp(0. - 1000.)? Which maximum belongs to which row?"),
        ),
        Misconception(
            "minimum_subtracted",
            lambda x, axis=-1: _normalised(np.exp(x - x.min(axis=axis, keepdims=True)), axis),
            _("After your shift, is the largest exponent small?"),
        ),
        Misconception(
            "no_exponential",
            lambda x, axis=-1: _normalised(x, axis),
            _("Can your result be negative? What makes each share positive in the formula?"),
        ),
        Misconception(
            "absolute_values",
            lambda x, axis=-1: _normalised(np.abs(x), axis),
            _("Which of -3 and 1 should get the larger share? Which gets it in yours?"),
        ),
        Misconception(
            "positive_part",
            lambda x, axis=-1: _normalised(np.maximum(x, 0), axis),
            _("Try a row with negative logits alone."),
        ),
        Misconception(
            "sigmoids_normalised",
            lambda x, axis=-1: _normalised(1 / (1 + np.exp(-x)), axis),
            _("Add 100 to all logits. Does your answer change? Should it?"),
        ),
        Misconception(
            "sigmoids",
            lambda x, axis=-1: 1 / (1 + np.exp(-x)),
            _("Does your result for one logit depend on the others? What do your results sum to?"),
        ),
        Misconception(
            "subtracted_outside",
            lambda x, axis=-1: _normalised(np.exp(x) - x.max(axis=axis, keepdims=True), axis),
            _("Is exp(x) - m the same as exp(x - m)?"),
        ),
        Misconception(
            "one_hot",
            _one_hot,
            _("That is arg max, a hard choice. Where did the second-best class go?"),
        ),
        Misconception(
            "epsilon",
            lambda x, axis=-1: _stable(x, axis) / (_stable(x, axis).sum(axis=axis, keepdims=True) + 1e-2),
            _("After the maximum is subtracted, can the sum be 0? How small can it be?"),
        ),
        Misconception(
            "not_normalised",
            lambda x, axis=-1: _stable(x, axis),
            _("One step is missing: what do your results sum to?"),
        ),
        Misconception(
            "exponential_alone",
            lambda x, axis=-1: np.exp(x),
            _("That is the numerator. What do you have to divide it by?"),
        ),
        Misconception(
            "math_exp_on_array",
            lambda x, axis=-1: math.exp(x) / sum(math.exp(x)),
            _("Read the type of the error: `math.exp` takes one number only. Which `exp` takes an array?"),
        ),
        Misconception(
            "log_softmax",
            lambda x, axis=-1: np.log(_normalised(_stable(x, axis), axis)),
            _("Your results are negative. Which function did you apply to the shares at the very end?"),
        ),
    ),
)
