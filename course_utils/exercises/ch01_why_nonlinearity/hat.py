"""Exercise: a hat made of ReLUs."""

import numpy as np

from course_utils.checking.properties import between, even
from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
A ReLU is 0 up to a point and then a straight line: $\mathrm{relu}(x) = \max(x, 0)$. Add a few of them, shifted and scaled,
to make a *hat*: 0 outside $[-1, 1]$, 1 at 0, and straight lines in between.

- `x` is a NumPy array of numbers between -10 and 10. Give one number for each number in `x`, in the same shape.
- Three ReLUs are enough. How you write it is up to you: anything that makes the hat passes.
""")

EXPLANATION = _(r"""
**Why it is right.** Follow the slope from left to right. It has to be 0, then 1 from $x = -1$ on, then -1 from $x = 0$ on, then 0
again from $x = 1$ on. Each ReLU changes the slope once, where it begins, by its factor: by +1 at -1, by **-2** at 0, by +1 at 1.
So the hat is $\mathrm{relu}(x + 1) - 2\,\mathrm{relu}(x) + \mathrm{relu}(x - 1)$.

**The tempting wrong answer** has factor -1 in the middle: that only makes the slope 0, a flat roof from 0 to 1, and
from there the curve climbs for ever. Without the third ReLU, the right side goes on falling below 0.
""")


def hat(x):
    def relu(z):
        return np.maximum(z, 0)

    return relu(x + 1) - 2 * relu(x) + relu(x - 1)


def reference(x):
    return np.clip(1 - np.abs(np.asarray(x, float)), 0, None)


def _draw(rng):
    furthest = rng.choice([1.5, 10])  # where it bends, or as far out as the prompt goes
    return (spread(rng, -furthest, furthest).astype(rng.choice([np.float32, np.float64])),)


def _relu(z):
    return np.maximum(z, 0)


EXERCISE = Exercise(
    place=10,
    title=_("A hat made of ReLUs"),
    difficulty="easy",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=hat,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The top of the hat."), case(np.array([0.0]))),
        *about(_("Inside, and the two ends of the brim."), case(np.array([-1.0, -0.5, 0.0, 0.5, 1.0]))),
        *about(_("Just outside."), case(np.array([-2.0, 2.0]))),
        *about(reasons.FAR, case(np.array([-10.0, -3.0, -1.5, 1.5, 3.0, 10.0]))),
        *about(_("On the two slopes."), case(np.array([-0.75, -0.25, 0.25, 0.75]))),
        *about(reasons.FLOAT32, case(np.array([-2.0, -0.5, 0.0, 0.5, 2.0], np.float32))),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.0, 0.5], [1.0, -0.25, 4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[0.5, -0.25]]]), may_raise=True)),
    ),
    draw=_draw,
    tolerance=Tolerance(atol=5e-6),  # at 10, three ReLUs near 10 cancel: float32 leaves up to 2e-6
    properties=(between(0, 1), even()),
    curve=(-3, 3),
    next_step=_(
        "Follow the slope from left to right: what is it left of -1, up to 0, up to 1, and beyond? What is it in yours?"
    ),
    hints=(
        _(
            "relu(x + 1) begins to rise at x = -1. By how much does the slope have to change at 0, and by how much at 1?"
        ),
        _(
            "Each ReLU changes the slope where it begins, by the factor in front of it. Write down where the slope changes and by how much."
        ),
        _(
            "Three ReLUs, beginning at -1, 0 and 1. The middle one has to turn a slope of +1 into -1: which factor does that?"
        ),
    ),
    misconceptions=(
        Misconception(
            "middle_factor_of_one",
            lambda x: _relu(x + 1) - _relu(x) + _relu(x - 1),
            _("Left of 0 it is right. What is your slope just right of 0, and what should it be?"),
        ),
        Misconception(
            "third_relu_left_out",
            lambda x: _relu(x + 1) - 2 * _relu(x),
            _("Up to 1 it is right. What is your value at x = 3?"),
        ),
        Misconception(
            "flat_roof",
            lambda x: _relu(x + 1) - _relu(x),
            _("That is a step up with a flat top. How does the curve come down again?"),
        ),
        Misconception(
            "not_cut_off",
            lambda x: 1 - np.abs(x),
            _("Right in the middle. What is your value at x = 3, and what should it be?"),
        ),
        Misconception(
            "valley",
            lambda x: _relu(x) + _relu(-x),
            _("That is the absolute value: 0 in the middle and rising outwards. Turn it over, and cut it off."),
        ),
        Misconception(
            "hat_on_zero_to_one",
            lambda x: 2 * _relu(x) - 4 * _relu(x - 0.5) + 2 * _relu(x - 1),
            _("A good hat, but it stands on [0, 1]. Where should its peak be?"),
        ),
        Misconception(
            "hat_on_zero_to_two",
            lambda x: _relu(x) - 2 * _relu(x - 1) + _relu(x - 2),
            _("A good hat in the wrong place. Where does relu(x - 1) begin to rise: at -1 or at 1?"),
        ),
        Misconception(
            "box",
            lambda x: (np.abs(x) <= 1) * 1.0,
            _("A box has steps. What should the value be halfway, at x = 0.5?"),
        ),
        Misconception(
            "product_of_relus",
            lambda x: _relu(x + 1) * _relu(1 - x),
            _(
                "A product of ReLUs is a parabola in the middle. What is your value at 0.5? Add ReLUs, don't multiply them."
            ),
        ),
        Misconception(
            "bell", lambda x: np.exp(-(x**2)), _("A bell is curved. What is your value at 1, and what should it be?")
        ),
        Misconception(
            "one_relu", _relu, _("That is the first brick. Where does it begin to rise, and where should it?")
        ),
    ),
)
