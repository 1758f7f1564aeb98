"""Exercise: a sign that learns all the same, by the gradient of something else."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch07_todays_networks._pairs import rows
from course_utils.texts import _

PROMPT = _(r"""
The sign of a number has the slope 0 wherever it has one, so no gradient gets back through it. The *clipped straight-through
estimator* lets one through all the same. Write both directions:

- **forward**: +1 where $x \ge 0$, and -1 where $x < 0$. So the sign of 0 is +1 here;
- **backward**: `upstream` is the gradient of the loss with respect to the signs. Pass it on unchanged where $-1 \le x \le 1$,
  and 0 elsewhere.

- `x` and `upstream` are NumPy arrays of the same shape, with any number of axes. Neither may be changed.
- Return two arrays of that shape: the signs, then the gradient with respect to `x`.
""")

EXPLANATION = _(r"""
**Why it is right.** Backward it uses the slope of another function: that of $\max(-1, \min(1, x))$, the sign's nearest relative
that has slopes to offer. It is 1 between -1 and 1, and 0 beyond. The chain rule multiplies `upstream` by it.

**The tempting wrong answer** is `np.sign(x)` for the signs. It gives 0 at 0, a third value that a network with one bit for each
number has no room for. Another one passes `upstream` on everywhere: then an $x$ that is far from 0 already can drift on for ever,
although its sign no longer changes.
""")


def straight_through_sign(x, upstream):
    signs = np.where(x >= 0, 1.0, -1.0)
    return signs, np.where(np.abs(x) <= 1, upstream, 0.0)


def reference(x, upstream):
    x, upstream = (np.asarray(part, float) for part in (x, upstream))
    return np.stack([2.0 * (x >= 0) - 1, upstream * (x >= -1) * (x <= 1)])


def _signs(x):
    return np.where(x >= 0, 1.0, -1.0)


def _within(x):
    return np.abs(x) <= 1


SIMPLE = np.array([0.5, -0.5, 2.0, -2.0])
UPSTREAM = np.array([3.0, -1.0, 5.0, 7.0])

EXERCISE = Exercise(
    place=10,
    title=_("A sign that learns all the same"),
    difficulty="easy",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=straight_through_sign,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("Both signs, near 0 and far from it."), case(SIMPLE, UPSTREAM)),
        *about(_("The sign of 0."), case(np.array([0.0, 0.0]), np.array([1.0, -2.0]))),
        *about(_("At -1 and 1 the gradient still gets through."), case(np.array([-1.0, 1.0]), np.array([4.0, -3.0]))),
        *about(_("A long way from 0."), case(np.array([-100.0, 1.5, 100.0, -1.125]), np.array([1.0, 1.0, 1.0, 1.0]))),
        *about(_("A little beyond 1, on both sides."), case(np.array([1.01, -1.01]), np.array([2.0, 3.0]))),
        *about(
            _("An upstream gradient that is larger than 1, or 0."), case(SIMPLE / 4, np.array([50.0, -9.0, 0.0, 2.0]))
        ),
        *about(reasons.FLOAT32, case(SIMPLE.astype(np.float32), UPSTREAM.astype(np.float32))),
        *about(
            reasons.TABLE,
            case(np.array([[0.25, -3.0], [-0.75, 1.25]]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        ),
        *about(reasons.DEEPER, case(np.array([[[0.5, 2.0]], [[-0.5, -2.0]]]), np.array([[[1.0, -1.0]], [[2.0, 6.0]]]))),
        *about(reasons.ALONE, case(np.array(-0.25), np.array(5.0))),
    ),
    draw=rows,
    elementwise=False,
    next_step=_("Go through x = 0, 0.5 and 2 by hand with upstream = 3. What is the sign, and what goes back?"),
    hints=(
        _("What is np.sign(0.)? And what does the prompt ask for at 0?"),
        _("`np.where` takes a condition and two values. You need it twice, with two different conditions."),
        _("Backward only the size of x matters, not its sign. Which NumPy function gives the size?"),
    ),
    misconceptions=(
        Misconception(
            "sign_of_zero",
            lambda x, upstream: (np.sign(x), np.where(_within(x), upstream, 0.0)),
            _("Your signs have three different values. Which two does the prompt allow, and what is the sign of 0?"),
        ),
        Misconception(
            "true_slope",
            lambda x, upstream: (_signs(x), 0.0 * upstream),
            _("That is the true slope of the sign, and nothing is learned with it. What goes back in its place?"),
        ),
        Misconception(
            "not_clipped",
            lambda x, upstream: (_signs(x), 1.0 * upstream),
            _("At x = 100 the sign is settled. Should a gradient still pull there?"),
        ),
        Misconception(
            "upstream_forgotten",
            lambda x, upstream: (_signs(x), np.where(_within(x), 1.0, 0.0)),
            _("That is a slope. What does the chain rule multiply it by?"),
        ),
        Misconception(
            "hard_tanh_forward",
            lambda x, upstream: (np.clip(x, -1, 1), np.where(_within(x), upstream, 0.0)),
            _(
                "The gradient is borrowed from another function, the value is not. How many different values has a sign?"
            ),
        ),
        Misconception(
            "upstream_clipped",
            lambda x, upstream: (_signs(x), np.clip(upstream, -1, 1)),
            _("Something is compared with 1: the gradient that arrives, or the x that it goes back to?"),
        ),
        Misconception(
            "by_the_size_of_upstream",
            lambda x, upstream: (_signs(x), np.where(np.abs(upstream) <= 1, upstream, 0.0)),
            _("Which of the two has to lie between -1 and 1, x or upstream?"),
        ),
        Misconception(
            "edge_left_out",
            lambda x, upstream: (_signs(x), np.where(np.abs(x) < 1, upstream, 0.0)),
            _("Nearly. What happens at x = 1 itself, and what does the prompt say?"),
        ),
        Misconception(
            "multiplied_by_the_sign",
            lambda x, upstream: (_signs(x), np.where(_within(x), upstream * _signs(x), 0.0)),
            _("Does max(-1, min(1, x)) fall on the left of 0? What is its slope at -0.5?"),
        ),
        Misconception(
            "multiplied_by_x",
            lambda x, upstream: (_signs(x), np.where(_within(x), upstream * x, 0.0)),
            _("Between -1 and 1 the slope is the same everywhere. Which number is it?"),
        ),
        Misconception(
            "right_half_alone",
            lambda x, upstream: (_signs(x), np.where((x >= 0) & (x <= 1), upstream, 0.0)),
            _("What goes back at x = -0.5? The prompt has two bounds."),
        ),
        Misconception(
            "step_for_sign",
            lambda x, upstream: (np.where(x >= 0, 1.0, 0.0), np.where(_within(x), upstream, 0.0)),
            _("Which two values does a sign have? One of yours is 0."),
        ),
        Misconception(
            "gradient_first",
            lambda x, upstream: (np.where(_within(x), upstream, 0.0), _signs(x)),
            _("You have both. In which order does the prompt ask for them?"),
        ),
    ),
)
