"""Exercise: starting weights from which a network learns XOR. The check trains it."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, reject
from course_utils.exercises._layers import WEIGHTS, array_of, layers, measured_once
from course_utils.texts import _

PROMPT = _(r"""
Where should training start? Write a function for the weights of one layer.

- `starting_weights(fan_in, fan_out, seed)` returns an array of shape `(fan_in, fan_out)`. The biases start at 0.
- Draw all random numbers from `np.random.default_rng(seed)`, so that the same seed gives the same weights.

**The check measures.** From your weights it builds three networks, each with 2 inputs, 8 hidden units and one output. The hidden
units use `np.tanh`, an S-shaped curve through 0, and the output is a plain weighted sum. It trains each network on the four points of
XOR with 400 steps of gradient descent at a rate of 0.1. The mean squared error must fall below 0.05 from all three starts;
answering one half everywhere gives 0.25.
""")

EXPLANATION = _(r"""
**Why it is right.** Units that start equal stay equal: they get the same inputs and the same gradient in each step, so eight of them are
worth no more than one. Random weights *break the symmetry*. And the numbers should be neither tiny nor huge. From tiny
weights the gradient is tiny as well, since each layer's gradient is multiplied by the other layer's weights. From huge ones tanh
starts on its flat ends.

**The tempting wrong answer** is `np.zeros`. All gradients of the weights are 0 then, and nothing moves but the output's bias.
Equal weights, `np.ones`, do learn something, but only what one unit can. Which spread is best depends on the number of inputs and on
the activation: that is what chapters 3 and 5 are about.
""")


def starting_weights(fan_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1 / np.sqrt(fan_in), (fan_in, fan_out))


SIZES = (2, 8, 1)
STEPS, RATE = 400, 0.1
LEARNED = 0.05
EQUAL = _("All hidden units of a network start equal. What could make one of them become different from another?")
UNLIKE = _("Print your weights for three seeds. Do the units differ? Are the numbers near 1, or far smaller or larger?")
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([[0.0], [1.0], [1.0], [0.0]])


@measured_once
def errors_after_training(networks):
    """Train networks side by side.

    Args:
        networks: [(hidden, output)]: their first layers' weights, of shape (networks, 2, 8), and their second layers', of
            shape (networks, 8, 1).

    Returns:
        Their mean squared errors, of shape (networks,); infinite where the training ran away.
    """
    ((hidden, output),) = networks
    hidden_bias, output_bias = np.zeros((len(hidden), 1, hidden.shape[2])), np.zeros((len(hidden), 1, 1))
    for _step in range(STEPS):
        h = np.tanh(CORNERS @ hidden + hidden_bias)
        slope = 2 * (h @ output + output_bias - XOR) / len(XOR)
        below = (slope @ output.swapaxes(1, 2)) * (1 - h**2)
        output = output - RATE * h.swapaxes(1, 2) @ slope
        output_bias = output_bias - RATE * slope.sum(axis=1, keepdims=True)
        hidden = hidden - RATE * CORNERS.T @ below
        hidden_bias = hidden_bias - RATE * below.sum(axis=1, keepdims=True)
    errors = np.mean((np.tanh(CORNERS @ hidden + hidden_bias) @ output + output_bias - XOR) ** 2, axis=(1, 2))
    return np.where(np.isfinite(errors), errors, np.inf)


def _accepts(case, value):
    return array_of(value, case.args[:2], WEIGHTS)[1]


def _accepts_all(tried):
    weights = [array_of(value, case.args[:2], WEIGHTS)[0] for case, value in tried]
    hidden, output = np.stack(weights[0::2]), np.stack(weights[1::2])
    errors = errors_after_training([(hidden, output)])
    if (errors < LEARNED).all():
        return None
    sentence = _(
        "From your three starts the error after {steps} steps is {errors}; it must fall below {learned} from each."
    )
    equal = (np.ptp(hidden, axis=2) == 0).all() and (np.ptp(output, axis=1) == 0).all()
    shown = ", ".join(f"{error:.3g}" for error in errors.round(3))  # of an error next to 0, rounding decides each digit
    return reject("error", sentence, EQUAL if equal else UNLIKE, steps=STEPS, errors=shown, learned=LEARNED)


EXERCISE = Exercise(
    place=50,
    title=_("A start that can learn"),
    difficulty="hard",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=starting_weights,
    explanation=EXPLANATION,
    reference=None,
    cases=layers(SIZES),
    accepts=_accepts,
    accepts_all=_accepts_all,
    next_step=_("Return one array of shape `(fan_in, fan_out)`, with numbers that differ from unit to unit."),
    hints=(
        _(
            "Give two hidden units the same weights. They then get the same gradient in every step: can they ever differ?"
        ),
        _(
            "Random numbers differ by themselves. `rng.normal(0, std, size)` draws numbers around 0; `std` says how far they spread."
        ),
        _("Try a `std` of 0.01, of 1 and of 20 with the check, and compare the three errors that it reports."),
    ),
    misconceptions=(
        Misconception(
            "zeros",
            lambda fan_in, fan_out, seed: np.zeros((fan_in, fan_out)),
            _(
                "With all weights at 0, what is the output, and by which weights is the gradient of the hidden layer multiplied?"
            ),
        ),
        Misconception(
            "ones",
            lambda fan_in, fan_out, seed: np.ones((fan_in, fan_out)),
            _(
                "Eight hidden units that start equal get the same gradient. How many different units does the trained network have?"
            ),
        ),
        Misconception(
            "equal_weights",
            lambda fan_in, fan_out, seed: np.full((fan_in, fan_out), 1 / fan_in),
            _("The size is a good one. But do your hidden units differ in anything?"),
        ),
        Misconception(
            "half",
            lambda fan_in, fan_out, seed: np.full((fan_in, fan_out), 0.5),
            _("Every unit starts at one half. After the first step, are they still all equal?"),
        ),
        Misconception(
            "tiny",
            lambda fan_in, fan_out, seed: np.random.default_rng(seed).normal(0, 0.01, (fan_in, fan_out)),
            _(
                "Your units differ, but by so little that 400 steps are over before it shows. What happens with larger numbers?"
            ),
        ),
        Misconception(
            "huge",
            lambda fan_in, fan_out, seed: np.random.default_rng(seed).normal(0, 20, (fan_in, fan_out)),
            _("Where on tanh do sums of numbers around 20 lie, and how steep is it there?"),
        ),
        Misconception(
            "one_random_column",
            lambda fan_in, fan_out, seed: np.repeat(
                np.random.default_rng(seed).normal(size=(fan_in, 1)), fan_out, axis=1
            ),
            _("Your weights are random, but every unit has the same ones. Which axis has to differ?"),
        ),
    ),
)
