"""Exercise: where a layer of ReLUs bends."""

import numpy as np

from course_utils.checking.answer_parts import called, real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
One input, one layer of ReLUs, and their sum:

$$f(x) = \sum_i \mathrm{relu}(w_i\, x + b_i)$$

Its graph is a broken line. At which $x$ can it bend?

- `w` and `b` are NumPy arrays of the same length, one weight and one bias for each ReLU, numbers between -10 and 10. Weights may be
  negative, and some may be 0, even all of them.
- Return the positions from left to right, as a list or an array. If several ReLUs bend at the same position, list it once,
  or once for each of them. If nothing bends, the list is empty.
""")

EXPLANATION = _(r"""
**Why it is right.** A ReLU bends where its argument passes through 0: $w x + b = 0$, so $x = -\frac{b}{w}$. Its slope changes there
by $|w|$, whichever way it opens, so two bends in the same place never cancel. A ReLU with weight 0 is a constant: it has no
bend, and $-b/0$ is no position. That is why a layer of $n$ ReLUs can bend at $n$ places at the most.

**The tempting wrong answers.** `b / w` without the minus sign mirrors all positions. `-b` alone forgets that a steep line gets to 0
sooner. And `np.sort(-b / w)` on all units puts an infinity, or a `nan`, into the list for each weight of 0.
""")


def kinks(w, b):
    bends = w != 0
    return np.sort(-b[bends] / w[bends])


def positions(w, b):
    """Where it bends and how many ReLUs do so there: two arrays, from left to right."""
    each = sorted(-bias / weight for weight, bias in zip(w.tolist(), b.tolist(), strict=True) if weight)
    new = [
        i == 0 or x - each[i - 1] > 1e-9 for i, x in enumerate(each)
    ]  # 0.1 / 0.3 and 0.2 / 0.6 differ in the last bit
    return np.array([x for x, first in zip(each, new, strict=True) if first]), np.diff(np.flatnonzero([*new, True]))


def _accepts(case, value):
    where, often = positions(*case.args)
    got = real_numbers(value)

    def say(what, sentence, next_step="", **fields):
        return reject(what, sentence, next_step, call=called("kinks", case), wanted=tell(where), **fields)

    if got is None or got.ndim != 1:
        sentence = _("For `{call}` you returned {got}; expected {wanted}.")
        next_step = _("Return a plain list of numbers, or an array with one axis.")
        return say("form", sentence, next_step, got=tell(value))
    if not np.isfinite(got).all():
        strange = tell(got[~np.isfinite(got)][0])
        sentence = _(
            "For `{call}` your result is {got}, with {strange} in it, which is no position; expected {wanted}."
        )
        return say("not_finite", sentence, got=tell(got), strange=strange)
    near = np.abs(got[:, None] - where) <= 1e-6 + 1e-5 * np.abs(where)
    count = near.sum(0)
    if near.any(1).all() and (count >= 1).all() and (count <= often).all():
        if (np.diff(got) >= -1e-6).all():
            return None
        sentence = _("For `{call}` your result is {got}, which does not go from left to right; expected {wanted}.")
        return say("order", sentence, got=tell(got))
    return say("positions", _("For `{call}` your result is {got}; expected {wanted}."), got=tell(got))


def _draw(rng):
    size = rng.integers(1, 7)
    w, b = rng.integers(-40, 41, (2, size)) / 4
    w[rng.random(size) < 0.2] = 0
    if rng.random() < 0.3:
        w[-1], b[-1] = 2 * w[0], 2 * b[0]
    return np.clip(w, -10, 10).astype(dtype := rng.choice([np.float32, np.float64])), np.clip(b, -10, 10).astype(dtype)


# ---- what learners write in place of it


def _for_all(position):
    """A rule for the units that have a weight, sorted."""
    return lambda w, b: np.sort(position(w[w != 0], b[w != 0]))


def _zero_for_zero(w, b):
    return np.sort(np.where(w == 0, 0.0, -b / np.where(w == 0, 1.0, w)))


EXERCISE = Exercise(
    place=20,
    title=_("Where a layer bends"),
    difficulty="medium",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=kinks,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("The plainest ReLU of all."), case(np.array([1.0]), np.array([0.0]))),
        *about(_("One ReLU, shifted."), case(np.array([1.0]), np.array([-2.0]))),
        *about(_("One ReLU, shifted and steeper."), case(np.array([2.0]), np.array([3.0]))),
        *about(
            _("Two ReLUs: their positions do not come in order."), case(np.array([1.0, 1.0]), np.array([-3.0, 4.0]))
        ),
        *about(_("A ReLU that opens to the left."), case(np.array([-1.0, 2.0]), np.array([3.0, 1.0]))),
        *about(_("A weight of 0 beside another one."), case(np.array([1.0, 0.0]), np.array([2.0, 3.0]))),
        *about(
            _("Two weights of 0, around one that is not."),
            case(np.array([0.0, -4.0, 0.0]), np.array([0.0, 1.0, -1.0])),
        ),
        *about(_("Nothing bends."), case(np.array([0.0, 0.0]), np.array([1.0, -1.0]))),
        *about(
            _("Four ReLUs, two of which bend in the same place."),
            case(np.array([1.0, -2.0, 4.0, 1.0]), np.array([1.0, -2.0, 2.0, -5.0])),
        ),
        *about(
            _("Two ReLUs that bend in the same place, with other weights."),
            case(np.array([3.0, 6.0, -0.5]), np.array([1.0, 2.0, 5.0])),
        ),
        *about(reasons.FLOAT32, case(np.array([2.0, -1.0, 0.5], np.float32), np.array([1.0, 4.0, -3.0], np.float32))),
        *about(_("Positions near 0 and far out."), case(np.array([10.0, 0.25]), np.array([-0.25, 10.0]))),
        *about(_("A ReLU that is nearly flat bends far out."), case(np.array([0.01, -5.0]), np.array([1.0, 2.0]))),
        *about(_("A wide layer."), case(np.full(12, 0.5), np.arange(12.0) - 4.0)),
    ),
    draw=_draw,
    accepts=_accepts,
    next_step=_(
        "Take one ReLU, say relu(2 x + 3). At which x does its argument pass through 0? Then the others, then sort."
    ),
    hints=(
        _("Draw relu(2 x + 3). Where is its corner, and which equation gives that x?"),
        _("Solve w x + b = 0 for x. Does it matter for the corner's place whether w is positive or negative?"),
        _("What does a ReLU with weight 0 look like? Leave those out before you divide, and sort at the end."),
    ),
    misconceptions=(
        Misconception(
            "sign",
            _for_all(lambda w, b: b / w),
            _("Put one of your positions into w x + b. Does 0 come out? Which sign is off?"),
        ),
        Misconception(
            "upside_down",
            lambda w, b: np.sort(-w[b != 0] / b[b != 0]),
            _("Solve w x + b = 0 for x once more: what is divided by what?"),
        ),
        Misconception(
            "minus_b_alone",
            _for_all(lambda w, b: -b),
            _("Is the corner of relu(2 x + 3) at -3? A steeper line reaches 0 sooner."),
        ),
        Misconception("biases", _for_all(lambda w, b: b), _("Draw relu(x - 2). On which side of 0 is its corner?")),
        Misconception(
            "zero_weights_kept",
            lambda w, b: np.sort(-b / w),
            _("One weight was 0. What does that ReLU look like, and does it bend anywhere?"),
        ),
        Misconception(
            "zero_weights_bend_at_zero",
            _zero_for_zero,
            _("What does a ReLU with weight 0 look like? Does it bend at 0, or anywhere?"),
        ),
        Misconception(
            "not_sorted",
            lambda w, b: -b[w != 0] / w[w != 0],
            _("All positions are there. In which order were they asked for?"),
        ),
        Misconception(
            "right_to_left",
            lambda w, b: np.sort(-b[w != 0] / w[w != 0])[::-1],
            _("All positions are there, in order. In which direction were they asked for?"),
        ),
        Misconception(
            "sorted_by_weight",
            lambda w, b: (-b / w)[np.argsort(w)][np.sort(w) != 0],
            _("You sorted the weights. What was to be sorted?"),
        ),
        Misconception(
            "positive_weights_alone",
            lambda w, b: np.sort(-b[w > 0] / w[w > 0]),
            _("A ReLU with a negative weight opens to the left. Does it have no corner?"),
        ),
        Misconception(
            "size_of_the_weight",
            _for_all(lambda w, b: -b / np.abs(w)),
            _("Put your positions into w x + b for a negative w. Does 0 come out?"),
        ),
        Misconception(
            "sum_taken_first",
            lambda w, b: np.array([-b.sum() / w.sum()]),
            _("The sum of the ReLUs is not the ReLU of the sum. How many corners can a sum of two ReLUs have?"),
        ),
    ),
)
