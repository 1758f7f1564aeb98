"""Exercise: the standard deviation of He's initialisation."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.texts import _

PROMPT = _(r"""
He weights, the starting weights for ReLU layers, are drawn at random around 0, with the **variance**

$$\mathrm{Var}(w) = \frac{2}{\text{fan-in}}$$

where the fan-in is the number of inputs of each unit. Write a function that returns the **standard deviation**.

- `fan_in` is a whole number from 1 to 10,000.
- Return one number.
""")

EXPLANATION = _(r"""
**Why it is right.** The standard deviation is the square root of the variance, $\sqrt{2 / \text{fan-in}}$. The 2 is there
because of ReLU: it sets about half of what arrives to 0, and the weights have to be larger to make up for that.

**The tempting wrong answer** is `2 / fan_in`, the variance itself. With 200 inputs that is 0.01 in place of 0.1: each layer
would shrink its signal ten times too much. Another one is `np.sqrt(6 / fan_in)`. That number belongs to the *uniform* He
weights: it is how far out a weight may lie, and it is larger than the standard deviation by $\sqrt{3}$.
""")


def he_std(fan_in):
    return np.sqrt(2 / fan_in)


def reference(fan_in):
    return float(np.exp((np.log(2) - np.log(fan_in)) / 2))


SIMPLE = (8, 2, 50, 200, 1, 3, 4, 6, 12, 18, 27, 40, 60, 90, 135, 300, 450, 784)
SIZES = (*SIMPLE, *range(477, 10_001, 476))  # closer than 5 % of the range, and than 5 % of its digits


def _draw(rng):
    # Half of them are sizes as above: a `tf.function` is traced anew for each other one.
    return (int(rng.choice(SIZES) if rng.random() < 0.5 else np.round(10 ** rng.uniform(0, 4))),)


EXERCISE = Exercise(
    place=10,
    title=_("How widely He weights spread"),
    difficulty="easy",
    minutes=4,
    points=1,
    prompt=PROMPT,
    solution=he_std,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("A usual size."), *map(case, SIMPLE)),
        *about(_("A size from another part of the promised range."), *map(case, SIZES[len(SIMPLE) :])),
    ),
    draw=_draw,
    tolerance=Tolerance(rtol=1e-5, atol=0),  # the result is small for wide layers: only a relative tolerance is fair
    next_step=_("Square your result for fan_in = 8. Is it the variance that the prompt gives?"),
    hints=(
        _("The formula in the prompt is for the variance. How do you get from a variance to a standard deviation?"),
        _("For 8 inputs the variance is one quarter. What is the standard deviation?"),
        _("Take the square root of the whole fraction, and mind the parentheses."),
    ),
    misconceptions=(
        Misconception(
            "variance",
            lambda fan_in: 2 / fan_in,
            _("Is that how far the weights typically lie from 0, or the square of it?"),
        ),
        Misconception(
            "uniform_limit",
            lambda fan_in: np.sqrt(6 / fan_in),
            _("That is the largest weight that the uniform version draws. Do its weights typically lie that far out?"),
        ),
        Misconception(
            "one_for_two",
            lambda fan_in: np.sqrt(1 / fan_in),
            _(
                "That suits a unit that passes every signal on. How many of its inputs does a ReLU pass on, and where does the formula say so?"
            ),
        ),
        Misconception(
            "root_of_the_numerator_alone",
            lambda fan_in: np.sqrt(2) / fan_in,
            _("Square your result for fan_in = 8. Which part of the fraction did your root leave out?"),
        ),
        Misconception(
            "root_of_the_denominator_alone",
            lambda fan_in: 2 / np.sqrt(fan_in),
            _("Square your result for fan_in = 8. What has become of the 2?"),
        ),
        Misconception(
            "upside_down",
            lambda fan_in: np.sqrt(fan_in / 2),
            _("A unit with more inputs adds up more numbers. Should its weights be larger or smaller?"),
        ),
        Misconception(
            "half_after_the_power",
            lambda fan_in: (2 / fan_in) ** 1 / 2,
            _("Work your expression out by hand for fan_in = 8. Which comes first, ** or /?"),
        ),
        Misconception(
            "before_the_cut",
            lambda fan_in: np.sqrt(2 / fan_in) / 0.87962566103423978,
            _(
                "That is what Keras draws from before it cuts the tails off. Which standard deviation is left afterwards?"
            ),
        ),
        Misconception(
            "fan_in_ignored",
            lambda fan_in: np.sqrt(2),
            _("Does your result know how many inputs the unit has?"),
        ),
    ),
)
