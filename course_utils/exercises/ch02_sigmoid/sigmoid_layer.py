"""Exercise: a start from which ten sigmoid layers learn. The check trains them."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, reject
from course_utils.exercises._layers import accepts_layer, layers, measured_once, networks, sigmoid
from course_utils.texts import _

PROMPT = _(r"""
The chapter's ten sigmoid layers learned nothing, because the gradient had faded before it reached the first of them. **Make such a
network learn by changing one thing: how its layers start.**

`sigmoid_layer(fan_in, fan_out, seed)` makes one layer with `fan_in` inputs and `fan_out` units:

- It returns two arrays: the weights, of shape `(fan_in, fan_out)`, and the biases, of shape `(fan_out,)`.
- Draw from `np.random.default_rng(seed)`, so that the same seed gives the same layer.

**The check measures.** It stacks ten of your layers, 12 sigmoids each, with an output on top, three times with different seeds.
It trains each network to tell two half-moons apart: 64 points in the unit square, up to 150 steps of gradient descent with a learning rate
of 0.05 and momentum 0.9. An output of one half everywhere has a cross-entropy of 0.693; yours must fall below 0.5 from each start.
""")

EXPLANATION = _(r"""
**Why it is right.** On its way back the gradient is multiplied at each layer by the weights and by the slope, which is 1/4 at most. With
the usual starts the weights don't make up for that. A spread of $6/\sqrt{\text{fan\_in}}$ does. But large weights alone push the sums far
from 0, because a sigmoid's outputs are never negative: around one half instead of 0. Let the bias subtract half
the sum of the weights, and outputs of one half give a sum of 0, where the slope is largest.

**The tempting wrong answer** is larger weights without those biases. Some starts learn from them, and others don't: a unit whose weights
add up to something far from 0 sits on a flat end of its curve for every example.

What you have built is nearly a tanh network: a sigmoid is a tanh, scaled and lifted by one half, and your biases take the half away. Chapter 5
starts from there.
""")


def sigmoid_layer(fan_in, fan_out, seed):
    rng = np.random.default_rng(seed)
    weights = rng.normal(0, 6 / np.sqrt(fan_in), (fan_in, fan_out))
    return weights, -weights.sum(axis=0) / 2


SIZES = (2, *[12] * 10, 1)
STEPS, LOOK, RATE, MOMENTUM = 150, 25, 0.05, 0.9
LEARNED = 0.5
SOME = _(
    "Some starts learn already. Print the sums of a layer deep in the network for a start that doesn't: are they near 0?"
)
NONE = _(
    "Not one of them has learned. By what is a gradient multiplied in each layer, and which of these factors do you choose?"
)


def half_moons(count=64):
    """Two half-moons: points in the unit square, of shape (count, 2), and 0 or 1 for each, of shape (count, 1)."""
    angle = np.linspace(0, np.pi, count // 2)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.concatenate([upper, [1, 0.5] - upper])
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    return points, np.repeat([0.0, 1.0], count // 2)[:, None]


@measured_once
def losses_after_training(network):
    """Train networks side by side, by gradient descent with momentum, in single precision.

    All layers lie in one array, with the biases as a last column beside the weights, and what comes out of them has a last row
    of ones. A narrower layer is filled up with zeros, which stay zeros.

    Args:
        network: see `exercises._layers.networks`.

    Returns:
        Their cross-entropies, of shape (networks,), as soon as all are below `LEARNED` at one of each `LOOK` steps, or after
        all steps; infinite where the training ran away.
    """
    points, classes = half_moons()
    depth, starts, count, width = len(network), len(network[0][0]), len(points), max(SIZES)
    signs = (1 - 2 * classes.T).astype(np.float32)
    layers = np.zeros((depth, starts, width, width + 1), np.float32)
    outputs = np.zeros((depth, starts, width + 1, count), np.float32)  # the points, then each hidden layer's
    for layer, (w, b) in zip(layers, network, strict=True):
        layer[:, : w.shape[2], : w.shape[1]], layer[:, : w.shape[2], -1] = w.swapaxes(1, 2), b[:, 0]
    outputs[0, :, : points.shape[1]], outputs[:, :, -1] = points.T, 1
    steps, gradients = np.zeros_like(layers), np.zeros_like(outputs[:, :, :-1])

    def signed_logits() -> np.ndarray:
        """What comes out, positive where the class is the wrong one."""
        for place in range(depth - 1):
            outputs[place + 1, :, :-1] = sigmoid(layers[place] @ outputs[place])
        return signs * (layers[-1] @ outputs[-1])[:, :1]

    for step in range(STEPS + 1):
        wrong = signed_logits()
        if step % LOOK == 0:
            losses = np.logaddexp(0, wrong).mean(axis=(1, 2))
            if (losses < LEARNED).all():
                break
        gradients[-1, :, :1] = signs * sigmoid(wrong) / count  # of the cross-entropy, by the logits
        for place in reversed(range(depth - 1)):
            output, above = outputs[place + 1, :, :-1], layers[place + 1, :, :, :-1].swapaxes(1, 2)
            gradients[place] = above @ gradients[place + 1] * output * (1 - output)
        steps = MOMENTUM * steps - RATE * gradients @ outputs.swapaxes(2, 3)
        layers += steps
    return np.where(np.isfinite(losses), losses, np.inf)


def _accepts_all(tried):
    losses = losses_after_training(networks(tried))
    if (losses < LEARNED).all():
        return None
    sentence = _(
        "From your three starts the cross-entropy after {steps} steps is {losses}; it must fall below {learned} from each."
    )
    return reject(
        "losses",
        sentence,
        SOME if (losses < LEARNED).any() else NONE,
        steps=STEPS,
        losses=", ".join(f"{loss:.2f}" if loss < 1 else _("more than 1") for loss in losses),
        learned=LEARNED,
    )


def _start(size, bias=lambda weights: np.zeros(weights.shape[1])):
    """The start of a misconception: the weights' standard deviation by `(fan_in, fan_out)`, and the biases by the weights."""

    def start(fan_in, fan_out, seed):
        weights = np.random.default_rng(seed).normal(0, size(fan_in, fan_out), (fan_in, fan_out))
        return weights, bias(weights)

    return start


def _glorot(fan_in, fan_out):
    return np.sqrt(2 / (fan_in + fan_out))


EXERCISE = Exercise(
    place=60,
    title=_("Ten sigmoid layers that learn"),
    difficulty="hard",
    minutes=20,
    points=2,
    prompt=PROMPT,
    solution=sigmoid_layer,
    explanation=EXPLANATION,
    reference=None,
    cases=layers(SIZES),
    accepts=accepts_layer,
    accepts_all=_accepts_all,
    next_step=_("Return two arrays, `weights` and `biases`. How large is the slope of a sigmoid, at most?"),
    hints=(
        _("The slope is 1/4 at most. How large must the weights be so that a gradient keeps its size all the same?"),
        _(
            "With larger weights, where do the sums of a layer lie? Its inputs are a sigmoid's outputs: around one half, not around 0."
        ),
        _("What does a unit's sum come to when all its inputs are one half? Choose the bias that brings this to 0."),
    ),
    misconceptions=(
        Misconception(
            "glorot",
            _start(_glorot),
            _("Glorot's start was made for slopes near 1. By what factor does a sigmoid's slope shrink the gradient?"),
        ),
        Misconception(
            "he",
            _start(lambda fan_in, fan_out: np.sqrt(2 / fan_in)),
            _("He's start makes up for a factor of one half. Which factor has to be made up for here?"),
        ),
        Misconception(
            "standard_normal",
            _start(lambda fan_in, fan_out: 1.0),
            _(
                "A spread of 1 is larger than Glorot's. Is it large enough against a factor of 1/4 in each of ten layers?"
            ),
        ),
        Misconception(
            "centred_alone",
            _start(_glorot, lambda weights: -weights.sum(axis=0) / 2),
            _(
                "Your sums lie around 0, where the slope is largest. It is 1/4 there. What is left of the gradient after ten layers?"
            ),
        ),
        Misconception(
            "four_times_glorot",
            _start(lambda fan_in, fan_out: 4 * _glorot(fan_in, fan_out)),
            _(
                "Four times larger makes up for the slope at 0. But is a unit's sum near 0 when its inputs are all near one half?"
            ),
        ),
        Misconception(
            "huge",
            _start(lambda fan_in, fan_out: 100.0),
            _("With weights that large, on which part of its curve does each unit stand, and what is the slope there?"),
        ),
        Misconception(
            "zeros",
            lambda fan_in, fan_out, seed: (np.zeros((fan_in, fan_out)), np.zeros(fan_out)),
            _("With weights of 0, what arrives at the layer below when a gradient is multiplied by them?"),
        ),
    ),
)
