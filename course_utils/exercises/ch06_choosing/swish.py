"""Exercise: swish, a gate that the input itself opens."""

import numpy as np

from course_utils.checking.spec import Case, Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write swish (Ramachandran, Zoph, Le 2017), which multiplies its input by a gate that the input itself opens:

$$\mathrm{swish}(x) = x \cdot \sigma(\beta x)$$

- `x` is a NumPy array, float32 or float64, of numbers between -1000 and 1000. Give one number for each number in `x`, in the same
  shape; far out it should be right, too, not `nan`.
- `beta` is a number from 0 to 10, passed by name. If it is left out it is 1, and the function is then also called SiLU.
- A ready-made sigmoid may be used; a ready-made `swish` or `silu` doesn't count.
""")

EXPLANATION = _(r"""
**Why it is right.** The sigmoid of $\beta x$ is a gate between 0 and 1: nearly shut for very negative $x$, nearly open for large
ones. With $\beta = 0$ it is always half open, and swish is the straight line $x / 2$; with $\beta = 10$ it is nearly a switch, and
swish nearly ReLU. In the form $\frac{x}{1 + e^{-\beta x}}$ nothing goes wrong far out: where $e^{-\beta x}$ overflows, the result is
$x$ divided by infinity, and 0 is right.

**The tempting wrong answers.** `x * np.exp(beta * x) / (1 + np.exp(beta * x))` divides infinity by infinity for large $x$. And
`beta * x * sigmoid(x)` puts beta in front of the gate, where it only stretches the result.
""")


def swish(x, beta=1.0):
    return x / (1 + np.exp(-beta * x))


def reference(x, beta=1.0):
    x = np.asarray(x, float)
    return x * np.exp(-np.logaddexp(0, -beta * x))


def _draw(rng):
    furthest = rng.choice([10, 1000])  # where it bends, or as far out as the prompt goes
    beta = float(rng.choice([0.0, 0.5, 1.0, 2.0, 10.0, rng.integers(1, 80) / 8]))
    x = spread(rng, -furthest, furthest).astype(rng.choice([np.float32, np.float64]))
    return Case((x,), {} if beta == 1 else {"beta": beta})


# ---- what learners write in place of it


def _s(z):
    return np.exp(-np.logaddexp(0, -z))


NEAR = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0])

EXERCISE = Exercise(
    place=10,
    title=_("Swish"),
    difficulty="easy",
    minutes=6,
    points=1,
    prompt=PROMPT,
    solution=swish,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("The middle: one number that you can work out by hand."), case(np.array([0.0]))),
        *about(_("Without beta: it is 1 then."), case(np.array([-1.0, 1.0]))),
        *about(_("A beta of 2."), case(np.array([-1.0, 1.0]), beta=2.0)),
        *about(_("Without beta, farther out."), case(np.array([-5.0, -3.0, 3.0, 5.0]))),
        *about(_("A gate that opens slowly."), case(NEAR, beta=0.5)),
        *about(
            _("A beta of 0: the gate is always half open."),
            case(NEAR, beta=0.0),
            case(NEAR, beta=0),
        ),
        *about(_("A beta of 10: the gate is nearly a switch."), case(NEAR, beta=10.0)),
        *about(_("Far out."), case(np.array([-20.0, 20.0]))),
        *about(_("So far out that an exponential overflows."), case(np.array([-1000.0, 1000.0]))),
        *about(
            _("So far out, and with the steepest gate."),
            case(np.array([-1000.0, -100.0, 100.0, 1000.0]), beta=10.0),
            case(np.array([-1000.0, 1000.0], np.float32), beta=10.0),
        ),
        *about(reasons.FLOAT32, case(np.array([-3.0, -1.0, 0.0, 1.0, 3.0], np.float32))),
        *about(reasons.TABLE, case(np.array([[-2.0, 0.0, 2.0], [1.0, 3.0, -4.0]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[-3.0, 0.0]], [[2.0, -1.0]]]), may_raise=True)),
        *about(
            _("A beta from another part of the promised range."),
            *(case(np.array([-2.5, -0.25, 0.25, 2.5]), beta=b) for b in np.arange(0.25, 10, 0.25).tolist()),
        ),
    ),
    draw=_draw,
    refused=("swish", "silu"),
    curve=(-6, 6),
    next_step=_(
        "Work it out by hand for x = 1 and beta = 2: what goes into the sigmoid, and what is it multiplied by?"
    ),
    hints=(
        _("Two things are multiplied: x itself, and a number between 0 and 1. What is that number for x = 0?"),
        _("Where does beta stand in the formula: in front of the sigmoid, or inside? With beta = 0, what is left?"),
        _(
            "Write the sigmoid of beta times x so that nothing overflows far out, with e to a *negated* power, and let x be the numerator."
        ),
    ),
    misconceptions=(
        Misconception(
            "beta_ignored",
            lambda x, beta=1.0: x * _s(x),
            _("Does your result change with beta? Try beta = 0: what should be left?"),
        ),
        Misconception(
            "beta_in_front",
            lambda x, beta=1.0: beta * x * _s(x),
            _("Try beta = 0. Should the result be 0 everywhere? Where does beta stand in the formula?"),
        ),
        Misconception(
            "beta_in_both_places",
            lambda x, beta=1.0: beta * x * _s(beta * x),
            _("In the formula beta stands only once. Try beta = 10 at x = 1: can the result be larger than x?"),
        ),
        Misconception(
            "gate_alone",
            lambda x, beta=1.0: _s(beta * x),
            _("That is the gate. What is supposed to go through it?"),
        ),
        Misconception(
            "gate_of_beta_alone",
            lambda x, beta=1.0: x * _s(beta),
            _("Your gate is equally open for every x. What should open and shut it?"),
        ),
        Misconception(
            "divided_by_beta",
            lambda x, beta=1.0: x * _s(x / np.float64(beta)),
            _("Should a larger beta make the gate more like a switch, or less? Try beta = 10 at x = 1."),
        ),
        Misconception(
            "gate_the_wrong_way_round",
            lambda x, beta=1.0: x / (1 + np.exp(beta * x)),
            _("For which x should the gate be open? Look at your value at x = 5."),
        ),
        Misconception(
            "added",
            lambda x, beta=1.0: x + _s(beta * x),
            _("What is your value at x = -5? A gate that is shut should let nothing through."),
        ),
        Misconception(
            "overflow",
            lambda x, beta=1.0: x * np.exp(beta * x) / (1 + np.exp(beta * x)),
            _("What is np.exp(1000.)? And what is infinity divided by infinity?"),
        ),
        Misconception(
            "tanh_gate",
            lambda x, beta=1.0: x * np.tanh(beta * x),
            _("Is your gate between 0 and 1? What is your value at x = -5?"),
        ),
        Misconception(
            "hard_gate",
            lambda x, beta=1.0: x * np.clip(beta * x / 6 + 0.5, 0, 1),
            _("That is the hard swish, whose gate has two corners. Which function is the gate here?"),
        ),
        Misconception(
            "relu",
            lambda x, beta=1.0: np.maximum(x, 0),
            _("ReLU is what swish comes to for a very large beta. What is swish at x = -1, for beta = 1?"),
        ),
        Misconception(
            "mish",
            lambda x, beta=1.0: x * np.tanh(np.logaddexp(0, beta * x)),
            _("That is Mish, a relative. Which function is the gate here?"),
        ),
    ),
)
