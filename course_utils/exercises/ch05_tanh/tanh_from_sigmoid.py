"""Exercise: tanh as a stretched sigmoid."""

import numpy as np

from course_utils.checking.properties import between
from course_utils.checking.spec import Exercise, Misconception
from course_utils.exercises.ch05_tanh._tanhs import (
    CASES,
    CURVE,
    HALF_SPEED,
    INTEGER_DIVISION,
    SHIFTED_UP,
    drawn,
    reference,
    s,
)
from course_utils.texts import _

PROMPT = _(r"""
Tanh is a sigmoid in disguise: stretched, shifted, and run through faster. Find out how, and write tanh with the help of a
sigmoid of your own.

- `x` is a NumPy array, float32 or float64, of numbers between -1000 and 1000. Give one number for each number in `x`, in the
  same shape.
- It should hold far out as well: at `x = 1000` the result is 1 and at `x = -1000` it is -1, not `nan`. Warnings cost nothing.
- Write the sigmoid yourself too, inside the function or in a cell of its own. Neither a ready-made `tanh` nor a ready-made
  `sigmoid` (or `expit`) may be called.
""")

EXPLANATION = _(r"""
**Why it is right.** The sigmoid runs from 0 to 1, tanh from -1 to 1: twice as high, and 1 lower. That is
$2\,\sigma(\cdot) - 1$. At 0 the sigmoid's slope is $\frac{1}{4}$; stretched to double height it is $\frac{1}{2}$, and tanh has 1
there, so its curve must be squeezed to half its width: $\tanh(x) = 2\,\sigma(2x) - 1$. Far out the sigmoid has to be one that does not
turn into `nan`.

**The tempting wrong answer** is `2 * sigmoid(x) - 1`. It has the right ends and the right middle, but half the slope:
it is $\tanh(x/2)$.
""")


def tanh_from_sigmoid(x):
    def sigmoid(x):
        return np.exp(-np.logaddexp(0, -x))  # 1 / (1 + e^-x), without overflow

    return 2 * sigmoid(2 * x) - 1


EXERCISE = Exercise(
    place=40,
    title=_("Tanh from a sigmoid"),
    difficulty="medium",
    minutes=10,
    points=2,
    prompt=PROMPT,
    solution=tanh_from_sigmoid,
    explanation=EXPLANATION,
    reference=reference,
    cases=CASES,
    draw=drawn,
    properties=(between(-1, 1),),
    refused=("tanh", "sigmoid", "expit"),
    curve=CURVE,
    next_step=_("Compare your curve with that of tanh: are both ends right, is the middle, and is the slope at 0?"),
    hints=(
        _("The sigmoid runs from 0 to 1, tanh from -1 to 1. How do you get from the one range to the other?"),
        _("Now the ends are right. How steep is your curve at 0, and how steep is tanh there?"),
        _("To make a curve steeper without making it higher, let its input run faster. By which factor?"),
    ),
    misconceptions=(
        HALF_SPEED,
        Misconception(
            "quarter_speed",
            lambda x: 2 * s(x / 2) - 1,
            _(
                "The ends are right. Is your curve steeper or flatter than tanh at 0? Which way does dividing the input move it?"
            ),
        ),
        Misconception(
            "double_speed",
            lambda x: 2 * s(4 * x) - 1,
            _("The ends are right, but your curve gets there too soon. What is its slope at 0?"),
        ),
        SHIFTED_UP,
        Misconception(
            "not_stretched",
            lambda x: s(2 * x),
            _("Where do the two ends of your curve lie, and where do those of tanh?"),
        ),
        Misconception(
            "not_shifted",
            lambda x: 2 * s(2 * x),
            _("The height is right: from end to end it is 2. Where should the lower end lie?"),
        ),
        Misconception(
            "shifted_before_stretching",
            lambda x: 2 * (s(2 * x) - 1),
            _("Both steps are there. What is your value at 0? Does it matter which step comes first?"),
        ),
        Misconception(
            "centred_alone",
            lambda x: s(2 * x) - 0.5,
            _("The middle is right. How high is your curve from end to end, and how high is tanh?"),
        ),
        Misconception(
            "shifted_alone",
            lambda x: s(2 * x) - 1,
            _("The lower end is right. Where is the upper one?"),
        ),
        Misconception("upside_down", lambda x: 1 - 2 * s(2 * x), _("Should the curve rise or fall as x grows?")),
        Misconception(
            "the_sigmoid_itself",
            s,
            _("That is the sigmoid. Draw both curves: what has to happen to its height, its place and its speed?"),
        ),
        Misconception(
            "overflow",
            lambda x: 2 * np.exp(2 * x) / (1 + np.exp(2 * x)) - 1,
            _(
                "Your identity is right, but the sigmoid in it overflows. What is np.exp(2000.)? Which form of the sigmoid is safe there?"
            ),
        ),
        INTEGER_DIVISION,
    ),
)
