"""Exercise: the tanh network that computes what a sigmoid network computes. The check runs both."""

import numpy as np

from course_utils.checking.answer_parts import tell
from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.checking.verdict_messages import number
from course_utils.exercises._layers import NAMED, array_of, sigmoid
from course_utils.texts import _

PROMPT = _(r"""
A network with one hidden layer of sigmoids is given by four arrays:

$$y = \sigma(x W_1 + b_1)\, W_2 + b_2$$

Find the network with **tanh** in place of the sigmoid that computes the same $y$ for every $x$.

- `tanh_twin(W1, b1, W2, b2)` gets arrays of the shapes (inputs, units), (units,), (units, outputs) and (outputs,).
- Return the four arrays of the tanh network, in the same order and of the same shapes. Leave the given ones as they are.

**The check measures.** It runs both networks on 200 random inputs, each number between -3 and 3, and compares their outputs.
""")

EXPLANATION = _(r"""
**Why it is right.** A sigmoid is a tanh, moved and scaled: $\sigma(z) = \frac{1}{2} + \frac{1}{2}\tanh(\frac{z}{2})$. The half *inside* goes
into the first layer: $W_1 / 2$ and $b_1 / 2$. The half *in front* goes into the second layer's weights: $W_2 / 2$. And the constant
half reaches each output as half the sum of its weights, which the bias can take: $b_2 + \frac{1}{2}\sum W_2$.

**The tempting wrong answer** forgets that last part: the twin then has the right shape at the wrong height. So what a sigmoid network
can express, a tanh network can, and the other way round. What differs is the training: the same step of
gradient descent moves the twins differently.
""")


def tanh_twin(W1, b1, W2, b2):
    return W1 / 2, b1 / 2, W2 / 2, b2 + W2.sum(axis=0) / 2


NAMES = ("W1", "b1", "W2", "b2")
CLOSE = 1e-4


def _inputs(count):
    return np.random.default_rng(0).uniform(-3, 3, (200, count))


def outputs(activation, W1, b1, W2, b2):
    """What a network with one hidden layer gives for the check's inputs, of shape (200, outputs)."""
    return activation(_inputs(len(W1)) @ W1 + b1) @ W2 + b2


def _accepts(case, value):
    if not isinstance(value, list) or len(value) != len(NAMES):
        return reject("form", _("You returned {got}; expected four arrays, W1, b1, W2 and b2."), got=tell(value))
    parts = []
    for name, part, given in zip(NAMES, value, case.args, strict=True):
        array, wrong = array_of(part, given.shape, NAMED, name=name)
        if wrong:
            return wrong
        parts.append(array)
    wanted, got = outputs(sigmoid, *case.args), outputs(np.tanh, *parts)
    off = np.abs(got - wanted)
    if (off <= CLOSE * (1 + np.abs(wanted).max())).all():
        return None
    place = np.unravel_index((off > off.max() / 2).argmax(), off.shape)  # the largest may hang on a last bit
    sentence = _("For x = {x} the sigmoid network gives {wanted}, and yours gives {got}.")
    x = tell(np.round(_inputs(len(case.args[0]))[place[0]], 2))
    shifted = np.ptp(got - wanted, axis=0).max() <= CLOSE * (1 + np.abs(wanted).max())
    next_step = _("Yours is off by the same number for every x. Which part of the network can add a constant?")
    return reject(
        "output",
        sentence,
        next_step if shifted else "",
        x=x,
        wanted=number(wanted[place]),
        got=number(got[place]),
    )


def _draw(rng):
    inputs, units, out = rng.integers(1, 4), rng.integers(1, 6), rng.integers(1, 3)
    shapes = (inputs, units), (units,), (units, out), (out,)
    return tuple(np.round(rng.uniform(-3, 3, shape), 2) for shape in shapes)


def _small(W1, b1, W2, b2):
    return case(*(np.array(part, float) for part in (W1, b1, W2, b2)))


EXERCISE = Exercise(
    place=50,
    title=_("The tanh twin of a sigmoid network"),
    difficulty="hard",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=tanh_twin,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("One unit alone: y = sigmoid(x)."), _small([[1]], [0], [[1]], [0])),
        *about(_("One unit with a bias on both sides."), _small([[2]], [-1], [[3]], [0.5])),
        *about(_("Two units, whose outputs are added."), _small([[1, -2]], [0.5, 1], [[2], [1]], [0])),
        *about(
            _("Two inputs, three units and two outputs."),
            _small([[1, 0, -1], [2, 1, 0.5]], [0, 1, -1], [[1, 2], [-1, 0], [3, 1]], [1, -1]),
        ),
        *about(_("Second-layer weights that add up to 0."), _small([[1, 3]], [0, 0], [[2], [-2]], [1])),
    ),
    draw=_draw,
    accepts=_accepts,
    elementwise=False,
    next_step=_("Write sigmoid(z) with tanh, for one unit on paper. Which of the four arrays takes which factor?"),
    hints=(
        _("How do you get the sigmoid's curve from tanh's? It must be stretched sideways, squeezed, and lifted."),
        _(
            "Stretching sideways belongs in the first layer, squeezing in the second layer's weights. What does the lifting?"
        ),
        _(
            "Each hidden unit is lifted by one half. By how much does that lift an output which weights the units with W2?"
        ),
    ),
    misconceptions=(
        Misconception(
            "height_forgotten",
            lambda W1, b1, W2, b2: (W1 / 2, b1 / 2, W2 / 2, b2),
            _(
                "Your curve has the right shape at another height: tanh lies around 0, the sigmoid around one half. What can add that?"
            ),
        ),
        Misconception(
            "unchanged",
            lambda W1, b1, W2, b2: (W1, b1, W2, b2),
            _("Two different curves with the same weights: what is tanh at 0, and what is the sigmoid?"),
        ),
        Misconception(
            "doubled_inside",
            lambda W1, b1, W2, b2: (2 * W1, 2 * b1, W2 / 2, b2 + W2.sum(axis=0) / 2),
            _("Which of the two is steeper inside: is sigmoid(z) made from tanh(2z) or from tanh(z/2)?"),
        ),
        Misconception(
            "first_bias_forgotten",
            lambda W1, b1, W2, b2: (W1 / 2, b1, W2 / 2, b2 + W2.sum(axis=0) / 2),
            _("The whole sum x W1 + b1 has to be halved. Did you halve both of its parts?"),
        ),
        Misconception(
            "second_layer_not_halved",
            lambda W1, b1, W2, b2: (W1 / 2, b1 / 2, W2, b2 + W2.sum(axis=0) / 2),
            _("From -1 to 1 is twice as far as from 0 to 1. What does that ask of W2?"),
        ),
        Misconception(
            "inside_not_halved",
            lambda W1, b1, W2, b2: (W1, b1, W2 / 2, b2 + W2.sum(axis=0) / 2),
            _(
                "Height and place are right, but your curve is too steep. By what must the sum in front of tanh be divided?"
            ),
        ),
        Misconception(
            "lifted_by_a_half",
            lambda W1, b1, W2, b2: (W1 / 2, b1 / 2, W2 / 2, b2 + 0.5),
            _("Each *unit* is lifted by one half. What reaches the output, after W2?"),
        ),
        Misconception(
            "whole_sum",
            lambda W1, b1, W2, b2: (W1 / 2, b1 / 2, W2 / 2, b2 + W2.sum(axis=0)),
            _("You lift by the whole sum of the weights. By how much is each unit lifted?"),
        ),
        Misconception(
            "summed_over_outputs",
            lambda W1, b1, W2, b2: (W1 / 2, b1 / 2, W2 / 2, b2 + W2.sum() / 2),
            _("With several outputs, each has weights of its own. Over which axis of W2 do you sum?"),
        ),
    ),
)
