"""Exercise: softmax with a temperature."""

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch04_softmax._logits import FAR, FLOAT32, eighths, stable_softmax, sums_to
from course_utils.texts import _

PROMPT = _(r"""
Before softmax, divide the logits $z_1, \dots, z_k$ by a temperature $T$:

$$p_i = \frac{e^{z_i / T}}{e^{z_1 / T} + \dots + e^{z_k / T}}$$

- `logits` is one row, a NumPy array of shape `(k,)` with numbers between -1000 and 1000. `temperature` is a number from 0.1
  to 10. Return an array of shape `(k,)`. It has to be right for large logits and a low temperature as well.
- You may use the softmax that you wrote, or a ready-made one. What counts is where the temperature goes.
""")

EXPLANATION = _(r"""
**Why it is right.** Dividing the logits by $T$ shrinks their differences for $T > 1$ and stretches them for $T < 1$, and only
the differences count in softmax. So a high temperature makes the shares more equal, a low one gives nearly everything to the largest,
and the *order* never changes. The maximum is subtracted after the division, since $e^{1000 / 0.1}$ would overflow even sooner than
$e^{1000}$.

**The tempting wrong answers.** With `softmax(logits * temperature)`, hot means sharp, not flat. And
`softmax(logits) / temperature` divides the *result*: its sum is no longer 1.
""")


def softmax_with_temperature(logits, temperature):
    z = logits / temperature
    e = np.exp(z - np.max(z))
    return e / np.sum(e)


def reference(logits, temperature):
    z = np.asarray(logits, float) / temperature
    with np.errstate(over="ignore"):
        return 1 / np.exp(z[None, :] - z[:, None]).sum(-1)


TEMPERATURES = (0.1, 0.5, 1.0, 2.0, 10.0)


def _draw(rng):
    logits = eighths(rng, rng.integers(1, 7))
    if rng.random() < 0.3:  # far out only where dividing is exact in float32
        return np.clip(logits + rng.choice([-FAR, FAR]), -FAR, FAR), float(rng.choice([1.0, 2.0, 4.0]))
    return logits, float(rng.choice([*TEMPERATURES, *np.round(np.geomspace(0.1, 10, 60), 2)]))


def _ladder():
    """One call in each twentieth of the temperatures, by their size and by their digits, of the logits and of the shares."""
    temperatures = np.unique(np.round([*np.geomspace(0.1, 10, 27), *np.linspace(0.5, 9.8, 26)], 3))
    shares = np.linspace(0.505, 0.985, temperatures.size)
    differences = np.round(128 * temperatures * np.log(shares / (1 - shares))[::-1]) / 128  # held exactly by float32
    lower = np.zeros(temperatures.size)
    hot = temperatures >= 1
    lower[hot] = np.round(np.linspace(-FAR, FAR - 10, hot.sum()))
    for t, z, difference in zip(temperatures.tolist(), lower, differences, strict=True):
        yield case(np.array([z, z + difference]), t)


# ---- what learners write in place of it


def _overflow(logits, temperature):
    e = np.exp(logits / temperature)
    return e / e.sum()


ARTICLE = np.array([1.5, 4.4, 2.0])

EXERCISE = Exercise(
    place=20,
    title=_("Hot and cold: a temperature"),
    difficulty="medium",
    minutes=6,
    points=1,
    prompt=PROMPT,
    solution=softmax_with_temperature,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("Two equal logits: no temperature tells them apart."), case(np.array([0.0, 0.0]), 2.0)),
        *about(_("A temperature of 1: plain softmax."), case(np.array([1.0, 2.0, 3.0]), 1.0)),
        *about(_("Hot."), case(np.array([1.0, 2.0, 3.0]), 10.0)),
        *about(_("Cold."), case(np.array([1.0, 2.0, 3.0]), 0.1)),
        *about(_("The article's logits, from cold to hot."), *(case(ARTICLE, t) for t in TEMPERATURES)),
        *about(_("Negative logits."), case(np.array([-1.0, -2.0]), 0.5)),
        *about(_("A single class."), case(np.array([7.0]), 10.0)),
        *about(reasons.FLOAT32, case(ARTICLE.astype(np.float32), 2.0)),
        *about(_("A temperature that is a whole number."), case(ARTICLE, 2)),
        *about(
            _("Large logits."),
            case(np.array([999.0, 1000.0, 998.0]), 1.0),
            case(np.array([-999.0, -1000.0, -998.0]), 2.0),
        ),
        *about(_("Large logits, and cold: the quotient is even larger."), case(np.array([1000.0, 0.0, -1000.0]), 0.1)),
        *about(_("Large differences, and hot."), case(np.array([1000.0, -1000.0]), 10.0)),
        *about(_("Equal logits far below 0, and cold."), case(np.array([-1000.0, -1000.0]), 0.1)),
        *about(reasons.CLASSES, case(np.arange(40) / 8, 2.0)),
        *about(_("A temperature from another part of the promised range."), *_ladder()),
    ),
    draw=_draw,
    elementwise=False,
    # logits / temperature goes up to 100 where the differences count, and float32 keeps 7 digits of it
    tolerance=Tolerance(rtol=2e-5, atol=2e-6, of_input=FLOAT32),
    properties=(between(0, 1, alone=False), sums_to(1)),
    next_step=_("Try temperature 10 and 0.1 on [1, 2, 3]. Which of the two should give nearly equal shares?"),
    hints=(
        _("At temperature 1 it is plain softmax. So what is the only thing that changes?"),
        _("Hot means nearly equal. Should the differences of the logits get larger or smaller when it is hot?"),
        _(
            "The temperature is applied to the logits before anything else. Then comes softmax, with its maximum subtracted."
        ),
    ),
    misconceptions=(
        Misconception(
            "multiplied",
            lambda logits, temperature: stable_softmax(logits * temperature),
            _("Hot is flat. Is your result at temperature 10 flatter or sharper than at 1?"),
        ),
        Misconception(
            "result_divided",
            lambda logits, temperature: stable_softmax(logits) / temperature,
            _("What do your results sum to at temperature 2?"),
        ),
        Misconception(
            "power_not_normalised",
            lambda logits, temperature: stable_softmax(logits) ** (1 / temperature),
            _("Almost. What do your results sum to at temperature 2, and what should they?"),
        ),
        Misconception(
            "temperature_ignored",
            lambda logits, temperature: stable_softmax(logits),
            _(
                "Does your result change with the temperature? If you use it in the numerator and in the denominator, what is left of it?"
            ),
        ),
        Misconception(
            "overflow",
            _overflow,
            _(
                "What is np.exp(1000 / 0.1)? And what changes in softmax if the same number is subtracted from all logits?"
            ),
        ),
        Misconception(
            "square_root",
            lambda logits, temperature: stable_softmax(logits / np.sqrt(temperature)),
            _("There is a square root in attention, but is there one in this formula?"),
        ),
        Misconception(
            "one_hot",
            lambda logits, temperature: (logits == logits.max()) * 1.0,
            _("That is where the shares go as the temperature goes to 0. What are they at 1?"),
        ),
        Misconception(
            "no_exponential",
            lambda logits, temperature: logits / temperature / (logits / temperature).sum(),
            _("You divided by the sum. Where is the exponential?"),
        ),
    ),
)
