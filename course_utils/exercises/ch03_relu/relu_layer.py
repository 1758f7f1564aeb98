"""Exercise: a start with no dead unit in ten ReLU layers. The check measures it."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, reject
from course_utils.exercises._layers import accepts_layer, layers, measured_once, networks
from course_utils.texts import _

PROMPT = _(r"""
Start ten ReLU layers so that **no unit is dead and the gradient neither fades nor grows**.

`relu_layer(fan_in, fan_out, seed)` makes one layer with `fan_in` inputs and `fan_out` units:

- It returns two arrays: the weights, of shape `(fan_in, fan_out)`, and the biases, of shape `(fan_out,)`.
- Draw from `np.random.default_rng(seed)`, so that the same seed gives the same layer.

**The check measures.** It stacks ten of your layers, 64 units each, three times with different seeds, and sends 256 examples through.
Their 64 numbers are drawn from a normal distribution with mean 0 and standard deviation 1. It counts the units that are 0 for every example: there must be none. Then it
sends a random gradient back, and compares its size at the first layer's weighted sums with that at the last layer's: the first divided by the last
must be between 0.5 and 2.
""")

EXPLANATION = _(r"""
**Why it is right.** The variance of He weights, $2/\text{fan\_in}$, keeps the gradient's size. But it leaves dozens of the 640 units dead, more and more
from layer to layer. The reason: a ReLU's outputs are never negative, so the inputs of the next layer share a direction,
in which all of them are positive. A unit whose weights add up to a negative number is pushed down by that for *every* example. Subtract
the mean from each unit's weights, so that they add up to 0, and that shared direction no longer counts: each unit
is above 0 for some examples and below for others.

**The tempting wrong answer** is a positive bias, which is often recommended against dead units. Measure it: with He weights and a bias of
1 there are *more* dead units in the end, not fewer, since the outputs' shared direction becomes stronger still.
""")


def relu_layer(fan_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))
    weights = weights - weights.mean(axis=0)
    return weights, np.zeros(fan_out)


WIDTH, DEPTH, EXAMPLES = 64, 10, 256
LEAST, MOST = 0.5, 2.0
GRADIENT = _("Begin with the gradient: which variance of the weights makes up for the half that a ReLU cuts off?")
UNIT = _(
    "The gradient is as it should be. For a dead unit, print the sum of its weights: which sign does it have, and which sign do the "
    "outputs of the layer below have?"
)


@measured_once
def measured(network):
    """Send examples forward and a gradient back through networks of ReLUs side by side.

    Args:
        network: see `networks`.

    Returns:
        How many units are dead, of shape (starts,), and the gradient's size at the first layer's weighted sums beside that at
        the last one's, of shape (starts,).
    """
    rng = np.random.default_rng(0)
    outputs = rng.normal(size=(EXAMPLES, WIDTH))
    gradient = rng.normal(size=(EXAMPLES, WIDTH))
    active = []
    for w, b in network:
        sums = outputs @ w + b
        active.append(sums > 0)
        outputs = np.maximum(sums, 0)
    dead = sum((~on).all(axis=1).sum(axis=1) for on in active)
    sizes = []
    for (w, _b), on in zip(reversed(network), reversed(active), strict=True):
        gradient = gradient * on
        sizes.append(np.sqrt(np.mean(gradient**2, axis=(1, 2))))
        gradient = gradient @ w.swapaxes(1, 2)
    return dead, np.divide(sizes[-1], sizes[0], out=np.zeros(len(dead)), where=sizes[0] > 0)


def _accepts_all(tried):
    dead, ratio = measured(networks(tried))
    passes = (ratio >= LEAST) & (ratio <= MOST)
    if passes.all() and not dead.any():
        return None
    sentence = _(
        "From your three starts {dead} of {units} units are dead, and the gradient at the first layer is {ratios} times as large as at the "
        "last; expected 0 dead units and a ratio from {least} to {most}."
    )
    return reject(
        "dead_or_gradient",
        sentence,
        UNIT if passes.all() else GRADIENT,
        dead=", ".join(map(str, dead)),
        units=WIDTH * DEPTH,
        ratios=", ".join(f"{r:.2g}" for r in ratio),
        least=LEAST,
        most=MOST,
    )


def _he(rng, fan_in, fan_out):
    return rng.normal(0, np.sqrt(2 / fan_in), (fan_in, fan_out))


def _start(weights, bias=0.0):
    """The start of a misconception: weights from a function `(rng, fan_in, fan_out)`, and one bias for all units."""
    return lambda fan_in, fan_out, seed: (
        weights(np.random.default_rng(seed), fan_in, fan_out),
        np.full(fan_out, bias),
    )


EXERCISE = Exercise(
    place=30,
    title=_("Ten ReLU layers without a dead unit"),
    difficulty="hard",
    minutes=20,
    points=2,
    prompt=PROMPT,
    solution=relu_layer,
    explanation=EXPLANATION,
    reference=None,
    cases=layers((WIDTH,) * (DEPTH + 1)),
    accepts=accepts_layer,
    accepts_all=_accepts_all,
    next_step=_("Return two arrays, `weights` and `biases`. Which variance do He weights have?"),
    hints=(
        _("Begin with He weights and read what the check has measured. One of the two demands is met already."),
        _(
            "The outputs of a ReLU layer are never negative. What does that do to a unit whose weights add up to a negative number?"
        ),
        _("Can you change the weights of each unit so that they add up to 0, and leave their spread nearly as it was?"),
    ),
    misconceptions=(
        Misconception(
            "he",
            _start(_he),
            _(
                "He weights keep the gradient. But count its dead units layer by layer: what do the dead ones' weights add up to?"
            ),
        ),
        Misconception(
            "glorot",
            _start(lambda rng, fan_in, fan_out: rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), (fan_in, fan_out))),
            _(
                "Glorot weights don't make up for the half that a ReLU cuts off. By how much does the gradient shrink in each layer?"
            ),
        ),
        Misconception(
            "positive_bias",
            _start(_he, 1.0),
            _(
                "More units are dead with that bias than without it. What do all the outputs of a layer then have in common?"
            ),
        ),
        Misconception(
            "small_positive_bias",
            _start(_he, 0.01),
            _("So small a bias changes next to nothing. What is it that pushes a dead unit below 0 for every example?"),
        ),
        Misconception(
            "positive_weights",
            _start(lambda rng, fan_in, fan_out: np.abs(_he(rng, fan_in, fan_out))),
            _(
                "With positive weights no unit dies above the first layer. But what happens to the gradient on its way back?"
            ),
        ),
        Misconception(
            "zeros",
            _start(lambda rng, fan_in, fan_out: np.zeros((fan_in, fan_out))),
            _("With weights of 0 every unit is dead. What should differ between two units?"),
        ),
        Misconception(
            "centred_over_units",
            _start(lambda rng, fan_in, fan_out: (w := _he(rng, fan_in, fan_out)) - w.mean(axis=1, keepdims=True)),
            _("You took the mean over the units. Which of the two axes belongs to the inputs of one unit?"),
        ),
    ),
)
