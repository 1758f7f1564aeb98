"""Exercise: the logarithm of softmax, without a logarithm of 0."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case, reject
from course_utils.checking.verdict_messages import literal, number
from course_utils.exercises.ch04_softmax._logits import FAR_AND_DEEP, FLOAT32, ROWS_AND_AXES, drawn_case, stable_softmax
from course_utils.texts import _

PROMPT = _(r"""
Write the logarithm of softmax along an axis:

$$\ell_i = \ln \frac{e^{x_i}}{e^{x_1} + \dots + e^{x_k}}$$

Losses are built from it. A share may be so small that the computer rounds it to 0. Then its logarithm is lost, although the right
result is an ordinary number.

- `x` is a NumPy array, float32 or float64, with one, two or three axes and numbers between -1000 and 1000. For `[0, -1000]`
  the result is `[0, -1000]`, not `[0, -inf]`.
- `axis` is passed by name or left out. If it is left out, take the last axis. Return an array of the same shape as `x`.
- You may use anything but a ready-made `log_softmax`.
""")

EXPLANATION = _(r"""
**Why it is right.** Take the logarithm on paper before the computer does: $\ln e^{x_i}$ is $x_i$, so

$$\ell_i = x_i - \ln\left(e^{x_1} + \dots + e^{x_k}\right)$$

With the maximum subtracted first, the sum is between 1 and $k$, and its logarithm is always an ordinary number.

**The tempting wrong answer** is `np.log(softmax(x))`. For `[0, -1000]` the second share is $e^{-1000}$, which is 0 in floating
point, and its logarithm is `-inf`. Adding a small number, as in `np.log(p + 1e-7)`, turns it into -16.1. That is finite and just as
wrong, since -1000 and -20 give the same result.
""")


def log_softmax(x, axis=-1):
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def reference(x, axis=-1):
    x = np.asarray(x, float)
    return x - np.logaddexp.reduce(x, axis=axis, keepdims=True)


def _never_positive(case, got):
    if got.max() <= 1e-3:
        return None
    sentence = _("For `{x}` one of your results is {got}; the logarithm of a share is never above 0.")
    return reject("positive", sentence, x=literal(case.args[0]), got=number(got.max()))


# ---- what learners write in place of it


def _log_of_sum(x, axis):
    return np.log(np.exp(x).sum(axis=axis, keepdims=True))


def _shifted(x, axis):
    return x - x.max(axis=axis, keepdims=True)


def _naive_softmax(x, axis):
    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)


def _keepdims_forgotten(x, axis=-1):
    shifted = x - x.max(axis=axis, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=axis))


LOG_OF_ZERO = _(
    "What is the second share of [0, -1000] on your computer, and what is its logarithm? Take the logarithm on paper first."
)

EXERCISE = Exercise(
    place=30,
    title=_("Its logarithm"),
    difficulty="medium",
    minutes=10,
    points=2,
    prompt=PROMPT,
    solution=log_softmax,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *ROWS_AND_AXES,
        *about(_("A small share whose logarithm is not small."), case(np.array([0.0, -20.0]))),
        *about(
            _("A share that the computer rounds to 0. Its logarithm is not minus infinity."),
            case(np.array([0.0, -1000.0])),
        ),
        *FAR_AND_DEEP,
    ),
    draw=drawn_case,
    elementwise=False,
    # x - log(sum(exp(x))) is right as well, but in float32 it takes the difference of two numbers near 1000
    tolerance=Tolerance(of_input=FLOAT32),
    properties=(_never_positive,),
    refused=("log_softmax", "logsoftmax"),
    next_step=_("Put your result into np.exp: do the rows sum to 1? Then try [0, -1000]."),
    hints=(
        _("Write the formula down and take the logarithm of the fraction by hand. Which two terms are left?"),
        _(
            "One of the terms is the logarithm of a sum of exponentials. Which number can you subtract from the row so that none "
            "of them overflows, and where do you have to add it again?"
        ),
        _(
            "Shift the row by its maximum. The shifted row, minus the logarithm of the sum of its exponentials, is the result: why?"
        ),
    ),
    misconceptions=(
        Misconception("log_of_zero", lambda x, axis=-1: np.log(stable_softmax(x, axis)), LOG_OF_ZERO),
        Misconception(
            "log_of_naive_softmax",
            lambda x, axis=-1: np.log(_naive_softmax(x, axis)),
            LOG_OF_ZERO + _(" And what is np.exp(1000.)?"),
        ),
        Misconception(
            "epsilon",
            lambda x, axis=-1: np.log(stable_softmax(x, axis) + 1e-7),
            _(
                "Make -1000 ten times smaller or larger. Does your result change? What is the logarithm of your small number?"
            ),
        ),
        Misconception(
            "clipped",
            lambda x, axis=-1: np.log(np.clip(stable_softmax(x, axis), 1e-7, 1)),
            _("Print your results for [0, -20], [0, -50] and [0, -1000]. Should the second numbers be equal?"),
        ),
        Misconception(
            "infinity_mended",
            lambda x, axis=-1: np.nan_to_num(np.log(stable_softmax(x, axis))),
            _("The infinity is gone, but what do you return instead? What should the second number of [0, -1000] be?"),
        ),
        Misconception(
            "overflow",
            lambda x, axis=-1: x - _log_of_sum(x, axis),
            _("Right on paper. What is np.exp(1000.), and what is the logarithm of that?"),
        ),
        Misconception(
            "shift_alone",
            lambda x, axis=-1: _shifted(x, axis),
            _("What do the exponentials of your result sum to? One term is missing."),
        ),
        Misconception(
            "sum_alone",
            lambda x, axis=-1: -np.log(np.exp(_shifted(x, axis)).sum(axis=axis, keepdims=True)) + 0 * x,
            _("Your results along the axis are all equal. Where did the logit itself go?"),
        ),
        Misconception(
            "shift_not_undone",
            lambda x, axis=-1: x - np.log(np.exp(_shifted(x, axis)).sum(axis=axis, keepdims=True)),
            _("You subtracted the maximum inside the sum. Did you subtract it from the other term as well?"),
        ),
        Misconception(
            "one_maximum_for_all_rows",
            lambda x, axis=-1: (x - x.max()) - np.log(np.exp(x - x.max()).sum(axis=axis, keepdims=True)),
            _("What is np.exp(0. - 1000.), and the logarithm of it? Which maximum belongs to which row?"),
        ),
        Misconception(
            "whole_table_summed",
            lambda x, axis=-1: (x - x.max()) - np.log(np.exp(x - x.max()).sum()),
            _("Put your result into np.exp: what do the rows sum to? And the whole table?"),
        ),
        Misconception(
            "first_axis_for_any",
            lambda x, axis=-1: reference(x, 0),
            _("Does your result change with `axis`? Which axis is meant when none is given?"),
        ),
        Misconception(
            "last_axis_for_any",
            lambda x, axis=-1: reference(x, -1),
            _("Call your function with `axis=0`. Does anything change?"),
        ),
        Misconception(
            "keepdims_forgotten",
            _keepdims_forgotten,
            _("Print the shapes of the two terms. Which row meets which logarithm?"),
        ),
        Misconception(
            "minus_forgotten",
            lambda x, axis=-1: -reference(x, axis),
            _("A share is below 1. What sign does its logarithm have?"),
        ),
        Misconception(
            "base_ten",
            lambda x, axis=-1: reference(x, axis) / np.log(10),
            _("Which logarithm is meant? For [0, 0] both results should be minus ln 2, about -0.693."),
        ),
        Misconception(
            "base_two",
            lambda x, axis=-1: reference(x, axis) / np.log(2),
            _("Which logarithm is meant? The one that undoes e to the power of x."),
        ),
        Misconception(
            "no_logarithm",
            lambda x, axis=-1: stable_softmax(x, axis),
            _("That is softmax itself. What is asked of it here?"),
        ),
        Misconception(
            "softmax_of_logarithm",
            lambda x, axis=-1: stable_softmax(np.log(x), axis),
            _("Which comes first, the logarithm or softmax? What is the logarithm of a negative logit?"),
        ),
    ),
)
