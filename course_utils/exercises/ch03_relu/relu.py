"""Exercise: ReLU with its three options."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch03_relu._options import STEP_BY_STEP, X, drawn, long_cases
from course_utils.texts import _

PROMPT = _(r"""
Write ReLU with the three options of Keras: `negative_slope` ($a$), `max_value` ($m$, where `None` means no limit) and
`threshold` ($t$).

$$f(x) = \begin{cases} m & \text{for } x \ge m \\ x & \text{for } t < x < m \\ a \cdot (x - t) & \text{for } x < t \end{cases}$$

- `x` is a NumPy array, float32 or float64, of numbers between -1000 and 1000. Give one number for each number in `x`, in the
  same shape, and leave `x` itself as it is. `x` never equals a threshold above 0. With a threshold of 0
  it may contain 0, and the result there is 0.
- The options are passed by name, alone or together, or left out. `negative_slope` is 0.1, 0.25, 0.5, 1 or 2.
  `threshold` is 0.5, 1, 2 or 3.5.
- `max_value` is 1, 2, 4 or 6. If a threshold is given too, `max_value` is above it. Without a threshold, `max_value` can also be 0.
- How you write it is up to you: NumPy, TensorFlow, or a plain loop over a row of numbers. Just don't call a
  ready-made `relu`.
""")

EXPLANATION = _(r"""
**Why it is right.** The formula has two sides and so has the code: what happens above the threshold, what happens below it,
and `np.where` to choose. Above, `np.minimum` holds the numbers at the limit, if there is one. Below runs a straight line that
would cross zero at the threshold. The `+ 0.0` changes no number; it makes 0.0 out of the -0.0 that `0.0 * -3.0` gives.

**The tempting wrong answers** are each right for some options only.

- `np.maximum(x, negative_slope * x)` works up to a slope of 1. With a slope of 2 the line $2x$ lies *below* $x$ on the left
  and above it on the right: the larger of the two is the wrong one on both sides.
- `np.maximum(x - threshold, 0)` shifts the whole curve. Keras's threshold is no shift: at $x = 5$ with threshold 3.5 the
  result is 5, not 1.5, so the curve *jumps* at the threshold.
- `if max_value:` asks whether the limit is true, and 0.0 counts as false in Python. `if max_value is not None:` asks what was
  meant.
""")


def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):
    above = x if max_value is None else np.minimum(x, max_value)
    below = negative_slope * (x - threshold) + 0.0  # no -0.0
    return np.where(x > threshold, above, below)


def reference(x, negative_slope=0.0, max_value=None, threshold=0.0):
    """Where the prompt promises no input, at a threshold above 0, it is nan."""
    x, limit = np.asarray(x, float), np.inf if max_value is None else max_value
    sides = [np.clip(x, -np.inf, limit), negative_slope * (x - threshold) + 0.0]
    return np.select([x > threshold, x < threshold], sides, np.nan if threshold else 0.0)


TABLE = np.array([[-2.0, 0.0, 2.0], [1.0, 3.0, -4.0]])


# ---- what learners write in place of it


def _variant(below=lambda x, a, t: a * (x - t), at=lambda x, t: x > t, limit=True):
    """The right answer with another rule below the threshold, another choice, or without the limit."""

    def wrong(x, negative_slope=0.0, max_value=None, threshold=0.0):
        y = np.where(at(x, threshold), x, below(x, negative_slope, threshold))
        return _limited(y, max_value) if limit else y

    return wrong


def _limited(y, max_value):
    return y if max_value is None else np.minimum(y, max_value)


def _right(x, negative_slope, threshold):
    return np.where(x > threshold, x, negative_slope * (x - threshold))


def _plain(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x, 0)


def _folded(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.abs(x)


def _builtin_max(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return max(x, 0)


def _largest_of_all(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.max(x, 0)


def _larger_line(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x, negative_slope * x)


def _larger_line_limited(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return _limited(np.maximum(x, negative_slope * (x - threshold)), max_value)


def _shift(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x - threshold, 0)


def _shift_with_options(x, negative_slope=0.0, max_value=None, threshold=0.0):
    shifted = x - threshold
    return _limited(np.where(shifted > 0, shifted, negative_slope * shifted), max_value)


def _floor(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.maximum(x, threshold)


def _floor_limited(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return _limited(np.maximum(x, threshold), max_value)


def _limit_alone(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return _limited(x, max_value)


def _none_as_a_limit(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.minimum(_right(x, negative_slope, threshold), max_value)


def _clipped(x, negative_slope=0.0, max_value=None, threshold=0.0):
    return np.clip(x, 0, max_value)


def _leak_clipped(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = _right(x, negative_slope, threshold)
    return y if max_value is None else np.clip(y, 0, max_value)


def _zero_is_false(x, negative_slope=0.0, max_value=None, threshold=0.0):
    y = _right(x, negative_slope, threshold)
    return np.minimum(y, max_value) if max_value else y


EXERCISE = Exercise(
    place=40,
    title=_("ReLU and its options"),
    difficulty="medium",
    minutes=12,
    points=2,
    prompt=PROMPT,
    solution=relu,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *STEP_BY_STEP,
        *about(_("The corner."), case(np.array([0.0]))),
        *about(
            reasons.FLOAT32,
            case(X.astype(np.float32)),
            case(X.astype(np.float32), negative_slope=0.5, max_value=4.0, threshold=2.0),
        ),
        *long_cases(),
        *about(reasons.TABLE, case(TABLE, may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[2.0, -1.0]]]), may_raise=True, negative_slope=0.5)),
        *about(reasons.TABLE, case(TABLE, may_raise=True, negative_slope=2.0, max_value=2.0, threshold=0.5)),
        *about(
            reasons.ALONE,
            case(np.array(2.0), may_raise=True),
            case(np.array(-2.0), may_raise=True, negative_slope=0.5),
        ),
    ),
    draw=drawn,
    refused=("relu",),
    curve=(-6, 6),
    next_step=_(
        "Take the formula's three lines one after the other. Which line holds for this x, and what does it give?"
    ),
    hints=(
        _("Start with the default options and add one at a time. After each, check: which call goes wrong next?"),
        _(
            "The threshold decides which of two rules holds. Write the rule above and the rule below each on a line of its own."
        ),
        _("`np.where` chooses between the two. The limit concerns the rule above only, and only if it is not None."),
    ),
    misconceptions=(
        Misconception(
            "options_ignored",
            _plain,
            _(
                "That is ReLU without options. Call it with negative_slope=2 and without: do the results differ? Should they?"
            ),
        ),
        Misconception("folded", _folded, _("What should a negative input give?")),
        Misconception(
            "builtin_max",
            _builtin_max,
            _(
                "Python's max has to decide which of two whole things is larger. Which function compares number by number?"
            ),
        ),
        Misconception(
            "largest_of_all",
            _largest_of_all,
            _("How many numbers went in, and how many came back? What is the second argument of np.max?"),
        ),
        Misconception(
            "slope_as_value",
            _variant(below=lambda x, a, t: a),
            _("Your curve is flat on the left. What does the word slope promise?"),
        ),
        Misconception(
            "slope_as_value_alone",
            _variant(below=lambda x, a, t: a, limit=False),
            _("Your curve is flat on the left: what does the word slope promise? And where does max_value come in?"),
        ),
        Misconception(
            "larger_of_two_lines",
            _larger_line,
            _("Draw the lines y = x and y = 2x. Which one is on top to the left of 0, and which to the right?"),
        ),
        Misconception(
            "larger_of_two_lines_limited",
            _larger_line_limited,
            _(
                "Draw both of your lines for a slope of 2. Is the one that you want on top, on the left and on the right?"
            ),
        ),
        Misconception(
            "line_through_zero",
            _variant(below=lambda x, a, t: a * x),
            _(
                "At which x should the line on the left cross zero, if you drew it on? Read the last row of the formula again."
            ),
        ),
        Misconception(
            "line_through_zero_alone",
            _variant(below=lambda x, a, t: a * x, limit=False),
            _(
                "At which x should the line on the left cross zero, if you drew it on? And where does max_value come in?"
            ),
        ),
        Misconception(
            "threshold_as_shift",
            _shift_with_options,
            _(
                "You moved the whole curve. What does the formula give for x = 5 and a threshold of 3.5, and what do you give?"
            ),
        ),
        Misconception(
            "threshold_as_shift_alone",
            _shift,
            _(
                "What does the formula give for x = 5 and a threshold of 3.5, and what do you give? Where are the other options?"
            ),
        ),
        Misconception(
            "threshold_as_floor",
            _floor,
            _("What should inputs far below the threshold give? Does your result get that low?"),
        ),
        Misconception(
            "threshold_as_floor_limited",
            _floor_limited,
            _("The limit is in place. What should inputs far below the threshold give?"),
        ),
        Misconception("lower_half_forgotten", _limit_alone, _("What happened to the negative inputs?")),
        Misconception(
            "none_as_a_limit",
            _none_as_a_limit,
            _("What is max_value when nobody gives one? Can a number be compared with that?"),
        ),
        Misconception("clipped_at_zero", _clipped, _("Give it a slope: where does the left half of the curve go?")),
        Misconception(
            "leak_clipped",
            _leak_clipped,
            _("Which side is max_value about? Look at what became of the left half."),
        ),
        Misconception("zero_is_no_limit", _zero_is_false, _("What is bool(0.0)? Which question did you mean to ask?")),
        Misconception(
            "slope_of_wrong_sign",
            _variant(below=lambda x, a, t: -a * (x - t)),
            _("With a slope of 0.5, should the left part rise or fall as x grows?"),
        ),
        Misconception(
            "slope_forgotten",
            _variant(below=lambda x, a, t: 0),
            _("One of the options has no effect. Call your function with each of them alone."),
        ),
        Misconception(
            "threshold_forgotten",
            _variant(below=lambda x, a, t: a * x, at=lambda x, t: x > 0),
            _("Does your result change with the threshold? For which x should it?"),
        ),
        Misconception(
            "limit_forgotten",
            _variant(limit=False),
            _("Everything is there but one option. How large can your result get?"),
        ),
    ),
)
