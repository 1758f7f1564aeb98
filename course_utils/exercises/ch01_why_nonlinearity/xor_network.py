"""Exercise: a network that solves XOR, by hand."""

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.texts import _

PROMPT = _(r"""
*Exclusive or*: 1 if exactly one of two inputs is 1, else 0. No linear layer can do it. Find, by hand, the weights of a network with
one hidden layer of two ReLUs that can:

$$y = \mathrm{relu}(x W_1 + b_1)\, W_2 + b_2$$

| x | (0, 0) | (0, 1) | (1, 0) | (1, 1) |
|---|---|---|---|---|
| y | 0 | 1 | 1 | 0 |

- Return four arrays `(W1, b1, W2, b2)` of the shapes (2, 2), (2,), (2, 1) and (1,).
- There are many right answers. Any weights that give the four values to within 0.01 pass, whether you thought them up or trained them.
""")

EXPLANATION = _(r"""
**Why it is right.** Let both hidden units look at the sum of the inputs, $s = x_1 + x_2$, which is 0, 1, 1 or 2. The first, relu(s), is
0, 1, 1, 2: right except at the last corner, where it is 2 too high. The second, relu(s - 1), is 0 everywhere *but* there, where
it is 1. So take it off twice: $\mathrm{relu}(s) - 2\,\mathrm{relu}(s - 1)$ is 0, 1, 1, 0.

**The tempting wrong answer** takes it off once: 0, 1, 1, 1 is the *inclusive* or. Another takes $x_1 - x_2$: its values 0, -1, 1, 0 have
the right places, but it needs a ReLU for each direction: $\mathrm{relu}(x_1 - x_2) + \mathrm{relu}(x_2 - x_1)$ is right, too.
That two units are enough does not mean that training finds them: from random starts it often fails.
""")


def xor_network():
    W1 = np.array([[1, 1], [1, 1]])
    b1 = np.array([0, -1])
    W2 = np.array([[1], [-2]])
    b2 = np.array([0])
    return W1, b1, W2, b2


NAMES = ("W1", "b1", "W2", "b2")
SHAPES = ((2, 2), (2,), (2, 1), (1,))
CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
XOR = np.array([0.0, 1.0, 1.0, 0.0])
CLOSE = 0.01


def outputs(W1, b1, W2, b2):
    """What the network gives on the four corners."""
    return (np.maximum(CORNERS @ W1 + b1, 0) @ W2 + b2).ravel()


def _accepts(case, value):
    if not isinstance(value, list) or len(value) != 4:
        sentence = _("`xor_network()` returned {got}; expected four arrays, W1, b1, W2 and b2.")
        return reject("form", sentence, got=tell(value))
    parts = [real_numbers(part) for part in value]
    for name, part, array, shape in zip(NAMES, value, parts, SHAPES, strict=True):
        if array is None:
            sentence = _("Your {name} is {got}; expected an array of shape {shape}.")
            return reject("no_array", sentence, name=name, got=tell(part), shape=shape)
        if array.shape != shape:
            sentence = _("Your {name} has shape {got}; expected an array of shape {shape}.")
            return reject("shape", sentence, name=name, got=array.shape, shape=shape)
        if not np.isfinite(array).all():
            sentence = _("Your {name} is {got}; expected finite numbers.")
            return reject("not_finite", sentence, name=name, got=tell(array))
    y = outputs(*parts)
    if (np.abs(y - XOR) <= CLOSE).all():
        return None
    sentence = _("On (0, 0), (0, 1), (1, 0) and (1, 1) your network gives {got}; expected {wanted}.")
    return reject("output", sentence, got=tell(y), wanted=tell(XOR))


def _network(W1, b1, W2, b2=(0,)):
    return lambda: tuple(np.array(part, float) for part in (W1, b1, W2, b2))


SUM = [[1, 1], [1, 1]]

EXERCISE = Exercise(
    place=40,
    title=_("XOR with two ReLUs"),
    difficulty="hard",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=xor_network,
    explanation=EXPLANATION,
    reference=None,
    cases=about(_("The four corners."), case()),
    accepts=_accepts,
    next_step=_(
        "Write the values of your two hidden units for the four corners side by side. Which mix of the two columns is 0, 1, 1, 0?"
    ),
    hints=(
        _("What is the sum of the two inputs on the four corners? XOR depends on nothing else."),
        _("Draw XOR over that sum: 0 at 0, 1 at 1, 0 at 2. Where does the line bend, and by how much?"),
        _(
            "One ReLU begins to rise at a sum of 0, the other at a sum of 1. The second has to turn a rise into a fall: which factor "
            "does that take?"
        ),
    ),
    misconceptions=(
        Misconception(
            "inclusive_or",
            _network(SUM, [0, -1], [[1], [-1]]),
            _("That is the inclusive or. Your second unit takes something off on (1, 1): how much must it take off?"),
        ),
        Misconception(
            "and",
            _network(SUM, [-1, -1], [[1], [0]]),
            _("That is AND: a good second unit. What should the first one do, and how do you mix the two?"),
        ),
        Misconception(
            "sum_of_the_inputs",
            _network(SUM, [0, 0], [[1], [0]]),
            _("Three corners are right. What is left for the other unit to do on (1, 1), and only there?"),
        ),
        Misconception(
            "twice_the_sum",
            _network(SUM, [0, 0], [[1], [1]]),
            _("Both of your units do the same. Where should the second one begin to rise?"),
        ),
        Misconception(
            "one_direction",
            _network([[1, 0], [-1, 0]], [0, 0], [[1], [0]]),
            _("Your unit notices when the first input alone is 1. Who notices the second?"),
        ),
        Misconception(
            "other_direction",
            _network([[-1, 0], [1, 0]], [0, 0], [[1], [0]]),
            _("Your unit notices when the second input alone is 1. Who notices the first?"),
        ),
        Misconception(
            "difference_of_directions",
            _network([[1, -1], [-1, 1]], [0, 0], [[1], [-1]]),
            _("Each unit notices one of the two corners. With which sign should each of them count?"),
        ),
        Misconception(
            "equality",
            _network([[1, -1], [-1, 1]], [0, 0], [[-1], [-1]], [1]),
            _(
                "Yours is 1 where the inputs are equal: exactly the opposite. What do the output's weights and bias have to become?"
            ),
        ),
        Misconception(
            "not_and",
            _network(SUM, [-1, -1], [[-1], [0]], [1]),
            _("That is NOT AND: three corners are right. Which unit could bring (0, 0) down to 0?"),
        ),
        Misconception(
            "one_half",
            _network([[0, 0], [0, 0]], [0, 0], [[0], [0]], [0.5]),
            _("One half everywhere is the best that a linear layer can do. What do your hidden units do?"),
        ),
        Misconception(
            "all_zero",
            _network([[0, 0], [0, 0]], [0, 0], [[0], [0]]),
            _("Nothing comes through. Which hidden unit should be above 0 on (0, 1)?"),
        ),
        Misconception(
            "row_for_column",
            lambda: (np.array(SUM), np.array([0, -1]), np.array([[1, -2]]), np.array([0])),
            _("The last layer has two inputs and one output. How many rows does its matrix have?"),
        ),
        Misconception(
            "flat_for_column",
            lambda: (np.array(SUM), np.array([0, -1]), np.array([1, -2]), np.array([0])),
            _("A matrix has two axes. Which pair of brackets is missing?"),
        ),
    ),
)
