"""Exercise: the inverse of the sigmoid."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case, spread
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Undo the sigmoid: from a probability $p = \sigma(x)$, find the $x$ that it came from. This inverse is called the *logit*.

- `p` is a NumPy array of numbers between 0 and 1, both excluded, some of them very close to 0 or 1.
- Give one number for each number in `p`, in the same shape.
""")

EXPLANATION = _(r"""
**Why it is right.** Solve $p = \frac{1}{1+e^{-x}}$ for $x$: $\frac{1}{p} - 1 = e^{-x}$, so
$x = -\ln\left(\frac{1}{p} - 1\right) = \ln\frac{p}{1-p}$, the logarithm of the *odds*. Written as
`np.log(p) - np.log1p(-p)` it is accurate for the smallest `p` as well: `np.log1p(-p)` is the logarithm of $1-p$ without
rounding $1-p$ first.

**The tempting wrong answer** adds a small number to guard against log(0), as in `np.log((p + 1e-7) / (1 - p + 1e-7))`. No `p` here
is 0, so it protects against nothing, and for $p = 10^{-12}$ it says -16.1 where the truth is -27.6.
""")


def logit(p):
    return np.log(p) - np.log1p(-p)


def reference(p):
    p = np.asarray(p, float)
    return -np.log((1 - p) / p)


# Numbers that float32 holds exactly, so that an answer that works in float32 sees the same p.
NEAR_0, NEAR_1 = 2.0 ** -np.array([10, 20, 40, 66]), 1 - 2.0 ** -np.array([10, 14, 20])


def _draw(rng):
    p = spread(rng, 0.001, 0.999) if rng.random() < 0.5 else 1 / (1 + np.exp(-spread(rng, -9, 9)))
    return (p.astype(np.float32).astype(float),)


EXERCISE = Exercise(
    place=50,
    title=_("Back from a probability: the logit"),
    difficulty="medium",
    minutes=8,
    points=1,
    prompt=PROMPT,
    solution=logit,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("One half: as likely as not."), case(np.array([0.5]))),
        *about(_("The same distance from one half, to both sides."), case(np.array([0.25, 0.75]))),
        *about(_("Several probabilities at once."), case(np.array([0.125, 0.375, 0.625, 0.875]))),
        *about(reasons.FLOAT32, case(np.array([0.125, 0.25, 0.5, 0.75], np.float32))),
        *about(_("Very close to 0."), case(NEAR_0)),
        *about(_("Very close to 1."), case(NEAR_1)),
        *about(reasons.TABLE, case(np.array([[0.25, 0.5, 0.75], [0.125, 0.875, 0.375]]), may_raise=True)),
        *about(reasons.DEEPER, case(np.array([[[0.25, 0.5]], [[0.125, 0.875]]]), may_raise=True)),
    ),
    draw=_draw,
    refused=("logit",),
    curve=(0.01, 0.99),
    next_step=_("Put your result back into the sigmoid: does p come out again? Try p = 0.75."),
    hints=(
        _("Write p = 1 / (1 + e^-x) on paper. Which operation do you undo first to get at x?"),
        _("Turn both sides upside down, subtract 1, and take the natural logarithm. Which sign is left over?"),
        _("The answer is the logarithm of the odds: of p compared with what is left of 1."),
    ),
    misconceptions=(
        Misconception(
            "sign",
            lambda p: np.log((1 - p) / p),
            _("Should a probability above one half give a positive or a negative x?"),
        ),
        Misconception(
            "no_logarithm", lambda p: p / (1 - p), _("Those are the odds. Can your result be negative? Should it?")
        ),
        Misconception(
            "quotient_of_logarithms",
            lambda p: np.log(p) / np.log(1 - p),
            _("What is the logarithm of a quotient? And what should come out at p = 0.5?"),
        ),
        Misconception(
            "base_ten",
            lambda p: np.log10(p / (1 - p)),
            _("Your results are 2.3 times too small throughout. Which logarithm undoes e to the power of x?"),
        ),
        Misconception(
            "base_two",
            lambda p: np.log2(p / (1 - p)),
            _("You undid 2 to the power of x. Which power stands in the sigmoid's formula?"),
        ),
        Misconception(
            "epsilon",
            lambda p: np.log((p + 1e-7) / (1 - p + 1e-7)),
            _(
                "Is any p here 0 or 1? Then what does the small number protect against, and what does it do to a tiny p?"
            ),
        ),
        Misconception(
            "clipped",
            lambda p: np.log(np.clip(p, 1e-7, 1 - 1e-7) / (1 - np.clip(p, 1e-7, 1 - 1e-7))),
            _("Print your results for 1e-7, 1e-9 and 1e-12. Should they be equal?"),
        ),
        Misconception(
            "one_over_sigmoid",
            lambda p: 1 + np.exp(-p),
            _("The inverse of a function is not one divided by it. Which p should give x = 0?"),
        ),
        Misconception(
            "logarithm_alone", lambda p: np.log(p), _("What is your result at p = 0.5, and what should it be?")
        ),
    ),
)
