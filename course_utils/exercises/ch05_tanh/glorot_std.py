"""Exercise: the standard deviation of Glorot's normal initialisation."""

from itertools import starmap

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.texts import _

PROMPT = _(r"""
Glorot's normal initialisation draws the weights of a layer at random, around 0 and with the **variance**

$$\mathrm{Var}(w) = \frac{2}{\text{fan-in} + \text{fan-out}}$$

where the fan-in is the number of inputs of the layer and the fan-out the number of its outputs. Write a function that
returns the **standard deviation**.

- `fan_in` and `fan_out` are whole numbers from 1 to 10,000.
- Return one number.
""")

EXPLANATION = _(r"""
**Why it is right.** The standard deviation is the square root of the variance. To keep the size of a signal that goes forward,
the variance would have to be one over the fan-in; to keep the size of a gradient that goes backward, one over the fan-out.
Glorot takes one over the *mean* of the two, which is $\frac{2}{\text{fan-in} + \text{fan-out}}$.

**The tempting wrong answer** is `np.sqrt(6 / (fan_in + fan_out))`. That number is the limit of Glorot's *uniform*
initialisation, Keras's default: how far out the weights may lie. Both versions have the same standard deviation, and the
limit is larger by $\sqrt{3}$.
""")


def glorot_std(fan_in, fan_out):
    return np.sqrt(2 / (fan_in + fan_out))


def reference(fan_in, fan_out):
    return float(np.exp((np.log(2) - np.log(fan_in + fan_out)) / 2))


SIMPLE = ((4, 4), (2, 6), (6, 2), (150, 50), (1, 7), (784, 128))
SIZES = (1, 2, 3, 4, 6, 8, 12, 18, 27, 40, 60, 90, 135, 200, 300, 450, 784, *range(477, 10_001, 476))
# Both sizes lie closer than 5 % of their range, and than 5 % of its digits.
PAIRS = (*SIMPLE, *zip(SIZES, np.random.default_rng(0).permutation(SIZES).tolist(), strict=True))


def _draw(rng):
    # Half of them are pairs as above: a `tf.function` is traced anew for each other one.
    return tuple(map(int, rng.choice(PAIRS) if rng.random() < 0.5 else np.round(10 ** rng.uniform(0, 4, 2))))


EXERCISE = Exercise(
    place=10,
    title=_("The width of Glorot's initialisation"),
    difficulty="easy",
    minutes=4,
    points=1,
    prompt=PROMPT,
    solution=glorot_std,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("Sizes that you can work out by hand."), *starmap(case, SIMPLE)),
        *about(_("Sizes from other parts of the promised range."), *starmap(case, PAIRS[len(SIMPLE) :])),
    ),
    draw=_draw,
    tolerance=Tolerance(rtol=1e-5, atol=0),  # the result is small for wide layers: only a relative tolerance is fair
    next_step=_("Square your result for 2 inputs and 6 outputs. Is it the variance that the prompt gives?"),
    hints=(
        _("The formula in the prompt is for the variance. How do you get from a variance to a standard deviation?"),
        _("For 2 inputs and 6 outputs the variance is one quarter. What is the standard deviation?"),
        _("Add the two numbers first, in parentheses, then divide, and take the square root of the whole."),
    ),
    misconceptions=(
        Misconception(
            "variance",
            lambda fan_in, fan_out: 2 / (fan_in + fan_out),
            _("Is that how far the weights typically lie from 0, or the square of it?"),
        ),
        Misconception(
            "uniform_limit",
            lambda fan_in, fan_out: np.sqrt(6 / (fan_in + fan_out)),
            _("That is the largest weight that the uniform version draws. Do its weights typically lie that far out?"),
        ),
        Misconception(
            "he",
            lambda fan_in, fan_out: np.sqrt(2 / fan_in),
            _("That is made for ReLU. Does your result change with fan_out? Should it?"),
        ),
        Misconception(
            "fan_in_alone",
            lambda fan_in, fan_out: np.sqrt(1 / fan_in),
            _("That looks at the forward direction alone. Which number matters to a gradient on its way back?"),
        ),
        Misconception(
            "fan_out_alone",
            lambda fan_in, fan_out: np.sqrt(2 / fan_out),
            _("Does your result change with fan_in? Should it?"),
        ),
        Misconception(
            "one_for_two",
            lambda fan_in, fan_out: np.sqrt(1 / (fan_in + fan_out)),
            _("One over the sum, or one over the mean of the two? Square your result for 4 inputs and 4 outputs."),
        ),
        Misconception(
            "sum_without_parentheses",
            lambda fan_in, fan_out: np.sqrt(2 / fan_in + fan_out),
            _("Work your expression out by hand for 2 inputs and 6 outputs. Which comes first, / or +?"),
        ),
        Misconception(
            "product_for_sum",
            lambda fan_in, fan_out: np.sqrt(2 / (fan_in * fan_out)),
            _("You multiplied the two numbers. What does the formula do with them?"),
        ),
        Misconception(
            "root_of_the_numerator_alone",
            lambda fan_in, fan_out: np.sqrt(2) / (fan_in + fan_out),
            _("Square your result for 4 inputs and 4 outputs. Which part of the fraction did your root leave out?"),
        ),
        Misconception(
            "root_of_the_denominator_alone",
            lambda fan_in, fan_out: 2 / np.sqrt(fan_in + fan_out),
            _("Square your result for 4 inputs and 4 outputs. What has become of the 2?"),
        ),
        Misconception(
            "upside_down",
            lambda fan_in, fan_out: np.sqrt((fan_in + fan_out) / 2),
            _("A unit with more inputs adds up more numbers. Should its weights be larger or smaller?"),
        ),
        Misconception(
            "half_after_the_power",
            lambda fan_in, fan_out: (2 / (fan_in + fan_out)) ** 1 / 2,
            _("Work your expression out by hand for 4 inputs and 4 outputs. Which comes first, ** or /?"),
        ),
        Misconception(
            "before_the_cut",
            lambda fan_in, fan_out: np.sqrt(2 / (fan_in + fan_out)) / 0.87962566103423978,
            _(
                "That is what Keras draws from before it cuts the tails off. Which standard deviation is left afterwards?"
            ),
        ),
    ),
)
