"""Exercise: the derivative of ReLU with its options."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch03_relu._options import STEP_BY_STEP, drawn, long_cases
from course_utils.texts import _

PROMPT = _(r"""
Write the slope of ReLU, its derivative $f'(x)$, at each number in `x`, where

$$f(x) = \begin{cases} m & \text{for } x \ge m \\ x & \text{for } t < x < m \\ a \cdot (x - t) & \text{for } x < t \end{cases}$$

with `negative_slope` $a$, `max_value` $m$ (`None` means no limit) and `threshold` $t$.

- `x` is a NumPy array (float64) of numbers between -1000 and 1000. Give one slope for each number, in the same shape.
- At the threshold and at the limit the curve has a corner or a jump, and no slope. No number in `x` lies nearer to them
  than 0.01.
- The options are passed by name, alone or together, or left out. `negative_slope` is 0.1, 0.25, 0.5, 1 or 2.
  `threshold` is 0.5, 1, 2 or 3.5.
- `max_value` is 1, 2, 4 or 6. If a threshold is given too, `max_value` is above it. Without a threshold, `max_value` can also be 0.
- Pencil and paper, a small difference, or TensorFlow's `GradientTape`: any way is fine if the numbers are right.
""")

EXPLANATION = _(r"""
**Why it is right.** ReLU is made of straight pieces, and a straight piece has one slope: $a$ on the left, 1 in the middle, and
0 above the limit, where the curve is flat. There is nothing left to compute; you only have to decide where `x` lies.

**The tempting wrong answer** forgets the limit: `np.where(x > threshold, 1, negative_slope)` says 1 at $x = 5$ with a limit
of 2, where the result no longer changes with $x$. A gradient that arrives there is stopped, as it is on the left of a plain
ReLU. Another one is `relu(x) / x`: that is the slope of the line from the origin to the point, not the slope of the curve.
""")


def relu_slope(x, negative_slope=0.0, max_value=None, threshold=0.0):
    slope = np.where(x > threshold, 1.0, negative_slope)
    if max_value is not None:
        slope = np.where(x > max_value, 0.0, slope)
    return slope


def reference(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """Near the threshold and the limit, where the prompt promises no input, it is nan."""
    x, limit = np.asarray(x, float), np.inf if max_value is None else max_value
    pieces = [x < threshold, (x > threshold) & (x < limit), x > max(limit, threshold)]
    near = (np.abs(x - threshold) < 0.01) | (np.abs(x - limit) < 0.01)
    return np.where(near, np.nan, np.select(pieces, [negative_slope, 1.0, 0.0]))


# ---- what learners write in place of it


def _variant(below=lambda x, a, t: a, middle=lambda x, t: 1.0, above=lambda m: 0.0, at=lambda x, t: x > t):
    """The right answer with another rule below the threshold, in the middle, above the limit, or for the choice."""

    def wrong(x, negative_slope=0.0, max_value=None, threshold=0.0):
        slope = np.where(at(x, threshold), middle(x, threshold), below(x, negative_slope, threshold))
        return slope if max_value is None else np.where(x > max_value, above(max_value), slope)

    return wrong


def _relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = np.where(x > threshold, x, negative_slope * (x - threshold))
    return y if max_value is None else np.minimum(y, max_value)


def _plain_relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x, 0)


def _value_over_input(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return _relu(x, negative_slope, max_value, threshold) / x


def _plain_over_input(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x, 0) / x


def _sign(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.sign(x)


def _step(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.where(x > 0, 1.0, 0.0)


def _test_that_never_fails(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.where(np.maximum(x, 0) >= 0, 1.0, 0.0)


def _no_limit(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.where(x > threshold, 1.0, negative_slope)


def _zero_is_false(x, negative_slope=0.0, max_value=None, threshold=0.0):
    slope = np.where(x > threshold, 1.0, negative_slope)
    return np.where(x > max_value, 0.0, slope) if max_value else slope


def _step_of_one(x, negative_slope=0.0, max_value=None, threshold=0.0):
    options = negative_slope, max_value, threshold
    return _relu(x + 1, *options) - _relu(x, *options)


EXERCISE = Exercise(
    place=50,
    title=_("The slope of ReLU"),
    difficulty="medium",
    minutes=10,
    points=2,
    prompt=PROMPT,
    solution=relu_slope,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *STEP_BY_STEP,
        *long_cases(),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.5, 2.0], [1.0, 3.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.5]], [[2.0, -1.0]]]), may_raise=True, negative_slope=0.5)),
        *about(
            reasons.TABLE,
            case(
                np.array([[-2.0, 0.0, 2.5], [1.0, 3.0, -4.0]]),
                may_raise=True,
                negative_slope=2.0,
                max_value=2.0,
                threshold=0.5,
            ),
        ),
    ),
    draw=drawn,
    curve=(-6, 6.1),  # none of the kinks is drawn
    next_step=_("Draw the curve for these options and put a ruler on it at this x: how steep is it there?"),
    hints=(
        _("The curve is made of straight pieces. How many are there, and how steep is each?"),
        _("Which piece does x lie on? The threshold decides it on one side, the limit on the other, if there is one."),
        _(
            "Choose with `np.where` between the first two pieces; then, if max_value is not None, choose again for the third."
        ),
    ),
    misconceptions=(
        Misconception(
            "the_function_itself",
            _relu,
            _("That is the height of the curve. Between x = 3 and x = 5, does the line get steeper?"),
        ),
        Misconception(
            "the_plain_function_itself",
            _plain_relu,
            _("At x = 3 and at x = 5, is the line equally steep? And what do the options change?"),
        ),
        Misconception(
            "value_over_input",
            _value_over_input,
            _("Is f(x) / x the slope of the curve at that point, or of the line from the origin to it?"),
        ),
        Misconception(
            "plain_value_over_input",
            _plain_over_input,
            _("Is f(x) / x the slope of a tangent, or of a chord? And what do the options change?"),
        ),
        Misconception("slope_of_abs", _sign, _("Is ReLU falling to the left of 0?")),
        Misconception(
            "options_ignored",
            _step,
            _("That is the slope of ReLU without options. Give it a slope of 2, then a limit: what should change?"),
        ),
        Misconception(
            "test_that_never_fails",
            _test_that_never_fails,
            _("Which of ReLU's outputs fail your test? Can any of them?"),
        ),
        Misconception("limit_forgotten", _no_limit, _("How steep is the curve above max_value?")),
        Misconception("zero_is_no_limit", _zero_is_false, _("What is bool(0.0)? Which question did you mean to ask?")),
        Misconception(
            "value_of_the_limit",
            _variant(above=lambda m: m),
            _("Above the limit you give the height of the curve. How steep is it there?"),
        ),
        Misconception(
            "threshold_forgotten",
            _variant(at=lambda x, t: x > 0),
            _("Where does the left piece end, if the threshold is 3.5?"),
        ),
        Misconception(
            "slope_forgotten",
            _variant(below=lambda x, a, t: 0.0),
            _("One of the options has no effect. Call your function with each of them alone."),
        ),
        Misconception(
            "slope_of_wrong_sign",
            _variant(below=lambda x, a, t: -a),
            _("With a slope of 0.5, does the left part rise or fall as x grows?"),
        ),
        Misconception(
            "height_on_the_left",
            _variant(below=lambda x, a, t: a * (x - t)),
            _("The middle is right. On the left, is the line at x = -5 steeper than at x = -1?"),
        ),
        Misconception(
            "height_in_the_middle",
            _variant(middle=lambda x, t: x),
            _("The left side is right. In the middle, is the line at x = 3 steeper than at x = 1?"),
        ),
        Misconception(
            "step_too_large",
            _step_of_one,
            _("Halve your step. Does the answer move near the corners? Then it was too large."),
        ),
    ),
)
