"""Exercise: make a deep network learn by changing one of its settings. The check trains it."""

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np

from course_utils.activations import ACTIVATIONS
from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.checking.verdict_messages import number
from course_utils.exercises.ch06_choosing import _trial as trial
from course_utils.texts import _

PROMPT = _(r"""
Here are deep networks that don't learn. Each has **one** fault. Find it, and change that one setting.

A network has ten hidden layers of 32 units. Three settings describe it:

- `activation`: the name of its activation, such as `"relu"` (any name in the course's catalogue, or `"linear"` for none; `from course_utils
  import ACTIVATIONS` and `list(ACTIVATIONS)` show the names);
- `std`: the standard deviation with which its weights were drawn, around 0. For 32 inputs, He's rule says 0.25, for ReLU and its
  relatives, and Glorot's 0.18;
- `bias`: the number at which the biases of all its hidden units start.

`cure(activation, std, bias)` gets the settings of a network that doesn't learn. Return all three in the same order, **one of them
changed**, so that it does learn. Your function has to find out by itself which one to change.

**The check measures.** For each network it trains three from your settings: 100 steps of Adam, with 256 points of a square in each
step. The question is whether the two coordinates of a point have the same sign. Each of the three has to get at least 85 % of
256 fresh points right. Guessing gets half of them, and none of the networks as they come gets more than 75 %.
""")

EXPLANATION = _(r"""
**Why it is right.** Each fault shows in one setting. Sigmoids let the gradient fade and no activation at all can't bend: both need
another activation. A bias far from 0 puts every unit into its flat part, whatever the input: ReLUs are all dead, tanhs all
saturated. If neither is the matter, look at the weights: too small, and all inputs end up looking alike; too large, and tanh
is saturated everywhere. The rules of He and Glorot give a size that works.

**The tempting wrong answer** is to put ReLU everywhere. With weights that are too small, ReLU makes each layer's values a twelfth of
those of the layer before, or less. And with a bias of -1 it is ReLU that dies.

What this can't show: whether one change is always enough. A network of your own can have two faults at the same time.
""")


def cure(activation, std, bias):
    if activation in ("sigmoid", "linear"):
        return "tanh", std, bias
    if bias != 0:
        return activation, std, 0.0
    return activation, 0.25 if activation == "relu" else 0.18, bias


LAYERS, WIDTH, STARTS = 10, 32, 3
POINTS, STEPS, LOOK, RATE = 256, 100, 25, 0.003
LEARNED = 0.85  # networks that don't learn stay under 0.75, those that do reach 0.95


def shares_right(activation, std, bias, starts=STARTS):
    """Train deep networks side by side on the question whether two coordinates have the same sign.

    Args:
        activation: a name in the catalogue.
        std: of the weights; in the first layer, which has two inputs, four times as much, so that its sums are as large.
        bias: at which the hidden units' biases start.
        starts: how many networks, each from random numbers of its own.

    Returns:
        The share of fresh points that each gets right, of shape (starts,), as soon as all have learned or after all steps.
    """
    network, tried = _started(std, bias, starts), value_and_slope(activation)
    (x, sign), (fresh, fresh_sign) = _points(0), _points(1)
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in network]
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(1, STEPS + 1):
            rate = RATE * np.sqrt(1 - 0.999**step) / (1 - 0.9**step)
            slopes = _gradients(tried, network, x, sign)
            moments = [
                (0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g) for (m, v), g in zip(moments, slopes, strict=True)
            ]
            network = [p - rate * m / (np.sqrt(v) + 1e-7) for p, (m, v) in zip(network, moments, strict=True)]
            if step % LOOK == 0:
                right = _forward(tried, network, fresh)[0][-1] * fresh_sign > 0
                shares = right.mean(axis=(1, 2))
                if (shares >= LEARNED).all():
                    break
    return shares


@cache
def value_and_slope(name: str) -> Callable:
    """An entry of the catalogue as a function z -> (value, slope).

    One without kinks is read from a table: with GELU's exact form, the training takes about ten times as long.
    """
    activation = ACTIVATIONS[name]
    if activation.kinks:
        return lambda z: (activation(z), activation.df(z))
    return trial.curve(activation(trial.GRID))


def _started(std, bias, starts):
    """Weights and biases in turn, each with an axis for the starts in front."""
    sizes, draws = (2, *[WIDTH] * LAYERS, 1), [np.random.default_rng(seed) for seed in range(starts)]
    deviations = [std * np.sqrt(WIDTH / 2), *[std] * (LAYERS - 1), 1 / np.sqrt(WIDTH)]
    network = []
    for shape, deviation in zip(pairwise(sizes), deviations, strict=True):
        network.append(np.stack([deviation * draw.normal(size=shape) for draw in draws]))
        network.append(np.full((starts, 1, shape[1]), bias if shape[1] > 1 else 0.0))
    return network


def _points(seed):
    """Points of a square, and +1 where their coordinates have the same sign, -1 elsewhere."""
    x = np.random.default_rng(seed).uniform(-1.7, 1.7, (POINTS, 2))
    return x, np.sign(x[:, :1] * x[:, 1:])


def _forward(activation, network, x):
    """Each layer's values, the logits last, and each hidden layer's slopes."""
    values, slopes = [x], []
    for weights, biases in zip(network[0::2], network[1::2], strict=True):
        sums = values[-1] @ weights + biases
        if len(slopes) < LAYERS:
            sums, slope = activation(np.clip(sums, -1e6, 1e6))
            slopes.append(slope)
        values.append(sums)
    return values[1:], slopes


def _gradients(activation, network, x, sign):
    """Of the binary cross-entropy, by hand: one for each part of the network."""
    values, slopes = _forward(activation, network, x)
    below = -sign / (1 + np.exp(np.clip(sign * values[-1], -50, 50))) / POINTS
    found = []
    for layer in range(LAYERS, -1, -1):
        enters = values[layer - 1] if layer else np.broadcast_to(x, (len(below), *x.shape))
        found += [below.sum(axis=1, keepdims=True), enters.swapaxes(1, 2) @ below]
        if layer:
            below = below @ network[2 * layer].swapaxes(1, 2) * slopes[layer - 1]
    return found[::-1]


ALIASES = {None: "linear", "swish": "silu", "hard_swish": "hard_silu"}
SETTINGS = ("activation", "std", "bias")
WORDS = {
    "form": _("You returned {got}; expected three things: an activation's name, std and bias."),
    "activation": _("Your activation is {got}; expected a name from the catalogue, such as 'relu'."),
    "number": _("Your {setting} is {got}; expected a finite number."),
    "negative": _("Your std is {got}; a standard deviation is not negative."),
    "nothing": _("You returned the settings as they were; expected one of them to be changed."),
    "several": _("You changed {settings}; expected one changed setting."),
    "measured": _(
        "With {settings} at least one of three networks gets less than {learned} of the fresh points right after {steps} steps; expected {learned} or more each time."
    ),
}
NEXT = {
    "form": _('For example `return "relu", 0.2, 0.0`.'),
    "one": _("Each of these networks has one fault. Which setting is unlike those of the networks that you saw learn?"),
    "activation": _("Would another std or bias help? What do ten layers of this activation do to a gradient?"),
    "std": _("What happens to the size of the values from layer to layer, with that std? And is std at fault at all?"),
    "bias": _("Where on its curve does a unit with that bias lie, for most inputs? And is the bias at fault at all?"),
}


def _read(value):
    """`((activation, std, bias), None)` of a plain value, or `(None, Rejection)`."""
    if not isinstance(value, list) or len(value) != len(SETTINGS):
        return None, _refuse("form", got=tell(value))
    named, *numbers = value
    activation = ALIASES.get(named, named) if named is None or isinstance(named, str) else None
    if activation not in ACTIVATIONS:
        return None, _refuse("activation", got=tell(named))
    settings = []
    for setting, given in zip(SETTINGS[1:], numbers, strict=True):
        array = None if given is None or isinstance(given, str) else real_numbers(given)
        if array is None or array.size != 1 or not np.isfinite(array).all():
            return None, _refuse("number", setting=setting, got=tell(given))
        settings.append(float(array.ravel()[0]))
    return (None, _refuse("negative", got=number(settings[0]))) if settings[0] < 0 else ((activation, *settings), None)


def _refuse(what, **fields):
    return reject(what, WORDS[what], NEXT["form"], **fields)


def _accepts(case, value):
    settings, wrong = _read(value)
    if wrong:
        return wrong
    changed = [name for name, new, old in zip(SETTINGS, settings, case.args, strict=True) if not _same(new, old)]
    if not changed:
        return reject("nothing", WORDS["nothing"], NEXT["one"])
    if len(changed) > 1:
        return reject("several", WORDS["several"], NEXT["one"], settings=", ".join(changed))
    shares = case.once(settings, lambda: shares_right(*settings))
    if (shares >= LEARNED).all():
        return None
    said = f"{settings[0]!r}, {number(settings[1])}, {number(settings[2])}"
    # No share is told: where a network fails, rounding decides it.
    fields = {"settings": said, "steps": STEPS, "learned": f"{LEARNED:.0%}"}
    return reject("measured", WORDS["measured"], NEXT[changed[0]], **fields)


def _same(new, old):
    return new == old if isinstance(old, str) else np.isclose(new, old, rtol=1e-6, atol=1e-9)


EXERCISE = Exercise(
    place=25,
    title=_("One change that makes a network learn"),
    difficulty="medium",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=cure,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("Ten layers of sigmoids."), case("sigmoid", 0.18, 0.0)),
        *about(_("Weights far below He's rule."), case("relu", 0.01, 0.0)),
        *about(_("Biases far below 0, under ReLUs."), case("relu", 0.25, -1.0)),
        *about(_("Weights far above Glorot's rule, under tanhs."), case("tanh", 2.0, 0.0)),
        *about(_("Biases far above 0, under tanhs."), case("tanh", 0.18, 4.0)),
        *about(_("No activation."), case("linear", 0.18, 0.0)),
        *about(
            _("A network like one of those before, with another number."),
            case("tanh", 0.005, 0.0),
            case("relu", 0.25, -2.0),
        ),
    ),
    accepts=_accepts,
    elementwise=False,
    next_step=_("Take the networks one by one: for each, which of the three settings is the odd one?"),
    hints=(
        _(
            "The chapter's table says what small weights, large weights, biases below 0 and sigmoids do to a deep network."
        ),
        _(
            "Ask in this order: can the activation work at all in ten layers? Is the bias near 0? Only then look at `std`."
        ),
        _(
            'Two `if`s, each with a `return` of its own, and a last `return` for the weights. `"tanh"` is a safe activation here.'
        ),
    ),
    misconceptions=(
        Misconception(
            "relu_everywhere",
            lambda activation, std, bias: ("relu", std, bias),
            _("ReLU is a good habit, but some of these networks have ReLUs already. What else can be wrong with them?"),
        ),
        Misconception(
            "tanh_everywhere",
            lambda activation, std, bias: ("tanh", std, bias),
            _("What does tanh make of weights of 0.01, ten times in a row? Is the activation always at fault?"),
        ),
        Misconception(
            "std_everywhere",
            lambda activation, std, bias: (activation, 0.2, bias),
            _("Good weights are not enough for each of them. What do ten sigmoids do to a gradient, whatever the std?"),
        ),
        Misconception(
            "bias_everywhere",
            lambda activation, std, bias: (activation, std, 0.0),
            _("Most of these networks have a bias of 0 already. Which of the other two settings is at fault there?"),
        ),
        Misconception(
            "all_replaced",
            lambda activation, std, bias: ("relu", 0.25, 0.0),
            _("That network would learn, but it is another one. Can you name the one setting that was at fault?"),
        ),
        Misconception(
            "only_sigmoids",
            lambda activation, std, bias: ("tanh", std, bias) if activation == "sigmoid" else (activation, std, bias),
            _("You change sigmoids and nothing else. What about weights that are too small, or biases below 0?"),
        ),
        Misconception(
            "positive_bias",
            lambda activation, std, bias: (
                cure(activation, std, bias) if activation == "sigmoid" else (activation, std, 1.0)
            ),
            _("A bias above 0 keeps ReLUs alive. Do values and gradients survive weights of 0.01, for all that?"),
        ),
    ),
)
