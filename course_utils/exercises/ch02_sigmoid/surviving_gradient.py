"""Exercise: the largest factor that a chain of sigmoids leaves of a gradient."""

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.texts import _

PROMPT = _(r"""
A gradient goes backwards through `depth` sigmoids in a row, with all weights equal to 1 and whatever biases you like. Each
sigmoid multiplies it by its own slope. What is the **largest** factor that can be left of the gradient in the end?

- `depth` is a whole number: 0, 1, 2, ... With no sigmoid at all, nothing happens to the gradient.
- Return one number.
""")

EXPLANATION = _(r"""
**Why it is right.** The chain rule multiplies the slopes. The sigmoid's slope is at most $\frac{1}{4}$, so the product of
`depth` slopes is at most $\left(\frac{1}{4}\right)^{depth}$; with `depth` 0 the empty product is 1. For 20 layers that is
about $9 \cdot 10^{-13}$.

**The tempting wrong answer** is `0.25 * depth`: it adds up what has to be multiplied, and for 20 layers it would say that
the gradient *grows* five times. Note what the exercise can't say: a real network has weights as well, and they can make
up for some of the loss.
""")


def surviving_gradient(depth):
    return 0.25**depth


SOME = (1, 2, 0, 3, 10, 20)

EXERCISE = Exercise(
    place=30,
    title=_("What is left of a gradient"),
    difficulty="easy",
    minutes=5,
    points=1,
    prompt=PROMPT,
    solution=surviving_gradient,
    explanation=EXPLANATION,
    reference=surviving_gradient,
    cases=(
        *about(_("One sigmoid, then two."), *map(case, SOME[:2])),
        *about(_("No sigmoid at all."), case(SOME[2])),
        *about(_("A deep network, and a deeper one."), *map(case, SOME[3:])),
        *about(
            _("Every depth at which float32 still gets it right, whatever the formula."),
            *(case(depth) for depth in range(41) if depth not in SOME),
        ),
    ),
    tolerance=Tolerance(rtol=1e-5, atol=0),  # the result is tiny on purpose: only a relative tolerance means anything
    next_step=_("By which factor does one sigmoid scale the gradient at most? And the second one, on top of that?"),
    hints=(
        _("What is the steepest that a single sigmoid can be?"),
        _("The chain rule: do the slopes along the chain add up, or do they multiply?"),
        _(
            "Write down the answer for depth 1, 2 and 3. What would it have to be for depth 0 so that the pattern holds?"
        ),
    ),
    misconceptions=(
        Misconception(
            "added_not_multiplied",
            lambda depth: 0.25 * depth,
            _("Try depth 20. Can a gradient come out of slopes below 1 larger than it went in?"),
        ),
        Misconception(
            "divided_once",
            lambda depth: 1 / (4 * depth) if depth else 1,
            _("Compare depth 1 and depth 2: how much of what was left should the second sigmoid leave?"),
        ),
        Misconception(
            "value_for_slope",
            lambda depth: 0.5**depth,
            _("One half is the sigmoid's height at 0. What is its slope there?"),
        ),
        Misconception(
            "one_layer_too_many", lambda depth: 0.25 ** (depth + 1), _("What is left after no sigmoid at all?")
        ),
        Misconception("one_layer_too_few", lambda depth: 0.25 ** (depth - 1), _("What is left after one sigmoid?")),
        Misconception(
            "depth_ignored",
            lambda depth: 0.25,
            _("Does your answer know how many sigmoids the gradient has gone through?"),
        ),
        Misconception(
            "base_and_exponent_swapped",
            lambda depth: depth**0.25,
            _("Which number is multiplied by itself, and how many times? Try depth 1."),
        ),
    ),
)
