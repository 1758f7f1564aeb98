"""Exercise: a stack of linear layers as one."""

import itertools

import numpy as np

from course_utils.checking.answer_parts import called, real_numbers, tell
from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.texts import _

PROMPT = _(r"""
Dense layers without an activation: each takes its input times a matrix, plus a bias.

$$h_1 = x W_1 + b_1, \qquad h_2 = h_1 W_2 + b_2, \qquad \dots$$

Find *one* layer that does the same: return `(W, b)` so that `x @ W + b` is what comes out of the last layer, for every `x`.

- `weights` is a list of one to five NumPy arrays, the first layer's first, as Keras keeps them: shape `(inputs, outputs)`. `biases`
  is a list of as many arrays of shape `(outputs,)`. Each layer has one to four inputs and outputs, and the numbers lie
  between -3 and 3.
- `W` has one row for each input of the first layer and one column for each output of the last, and `b` one number for each
  output. Leave the lists and arrays that you are given as they are.
""")

EXPLANATION = _(r"""
**Why it is right.** Put the first layer into the second: $(x W_1 + b_1) W_2 + b_2 = x\,(W_1 W_2) + (b_1 W_2 + b_2)$. The weights are
multiplied in the order in which $x$ meets them, and each bias goes through all the *later* layers. Layer by layer:
`W = W @ V`, `b = b @ V + c`. However deep the stack, it comes down to one matrix and one bias.

**The tempting wrong answer** adds up the biases, `sum(biases)`. With biases of 0, Keras's starting value, nobody notices. And if
the layers have different widths, the biases can't even be added. The product in the other order, $W_2 W_1$, belongs to the textbooks that
write $W x$ instead of $x W$.
""")


def collapse(weights, biases):
    W, b = weights[0], biases[0]
    for V, c in zip(weights[1:], biases[1:], strict=True):
        W, b = W @ V, b @ V + c
    return W, b


def stack(weights, biases, x):
    """What comes out of the stack of layers."""
    for weight, bias in zip(weights, biases, strict=True):
        x = x @ weight.astype(float) + bias.astype(float)
    return x


def reference(weights, biases):
    """By trying: 0 gives b, and the rows of the identity give the rows of W, each plus b."""
    inputs = weights[0].shape[0]
    b = stack(weights, biases, np.zeros(inputs))
    return stack(weights, biases, np.eye(inputs)) - b, b


def _rounding(weights, biases):
    """For each entry of W and b what float32 may round off, by the size of the products that are summed up in it."""
    sizes = reference([np.abs(w) for w in weights], [np.abs(b) for b in biases])
    return [1e-6 + 1e-5 * size for size in sizes]


def _accepts(case, value):
    call = called("collapse", case)
    if not isinstance(value, list) or len(value) != 2:
        sentence = _("For `{call}` you returned {got}; expected two things, W and b.")
        return reject("form", sentence, call=call, got=tell(value))
    parts = [real_numbers(part) for part in value]
    for name, got, part, wanted in zip("Wb", parts, value, reference(*case.args), strict=True):
        if got is None:
            sentence = _("For `{call}` your {name} is {got}; expected an array of shape {wanted}.")
            return reject("no_array", sentence, call=call, name=name, got=tell(part), wanted=wanted.shape)
        if name == "b" and got.size == wanted.size and got.ndim <= 2 and got.shape[-1:] in ((), wanted.shape):
            parts[1] = got = got.reshape(wanted.shape)  # (1, outputs) does the same in x @ W + b
        if got.shape != wanted.shape:
            sentence = _("For `{call}` your {name} has shape {got}; expected {wanted}.")
            return reject("shape", sentence, call=call, name=name, got=got.shape, wanted=wanted.shape)
    named = zip("Wb", parts, reference(*case.args), _rounding(*case.args), strict=True)
    return next(filter(None, (_difference(call, *one) for one in named)), None)


def _difference(call, name, got, wanted, rounding):
    off = ~(np.abs(got - wanted) <= rounding)
    if not off.any():
        return None
    at = tuple(np.argwhere(off)[0].tolist())
    entry = f"{name}{list(at)}"
    sentence = _("For `{call}` your {entry} is {got}; expected {wanted}.")
    return reject("entry", sentence, call=call, entry=entry, got=tell(got[at]), wanted=tell(wanted[at]))


def _layers(rng, widths):
    """Layers of these widths with small halves as numbers, none of them 0."""
    sizes = [*itertools.pairwise(widths), *((w,) for w in widths[1:])]
    arrays = [rng.choice([-1, 1], size) * rng.integers(1, 7, size) / 2 for size in sizes]
    return arrays[: len(widths) - 1], arrays[len(widths) - 1 :]


def _draw(rng):
    weights, biases = _layers(rng, rng.integers(1, 5, rng.integers(2, 7)).tolist())
    if rng.random() < 0.3:
        return [w.astype(np.float32) for w in weights], [b.astype(np.float32) for b in biases]
    return weights, biases


def _case(*widths):
    return case(*_layers(np.random.default_rng(sum(widths)), widths))


def _every_number_everywhere():
    """Five layers, each with all twelve numbers that are ever drawn."""
    rng = np.random.default_rng(0)
    numbers = [size / 2 * sign for size in range(1, 7) for sign in (-1, 1)]
    shapes = [(3, 4), (4, 3), (3, 4), (4, 3), (3, 4)]
    biases = [rng.permutation(numbers)[:columns] for _, columns in shapes]
    return case([rng.permutation(numbers).reshape(shape) for shape in shapes], biases)


# ---- what learners write in place of it


def _product(weights):
    W = weights[0]
    for V in weights[1:]:
        W = W @ V
    return W


def _biases_added(weights, biases):
    b = biases[0]
    for c in biases[1:]:
        b = b + c
    return _product(weights), b


def _other_order(weights, biases):
    W, b = weights[0], biases[0]
    for V, c in zip(weights[1:], biases[1:], strict=True):
        W, b = V @ W, V @ b + c
    return W, b


def _numbers_multiplied(weights, biases):
    W, b = weights[0], biases[0]
    for V, c in zip(weights[1:], biases[1:], strict=True):
        W, b = W * V, b @ V + c
    return W, b


def _weights_added(weights, biases):
    W, b = weights[0], biases[0]
    for V, c in zip(weights[1:], biases[1:], strict=True):
        W, b = W + V, b + c
    return W, b


def _one_layer_only(weights, biases):
    b = biases[0]
    for V, c in zip(weights[1:2], biases[1:2], strict=True):
        b = b @ V + c
    return (weights[0] @ weights[1] if len(weights) > 1 else weights[0]), b


def _first_bias_alone(weights, biases):
    b = biases[0]
    for V in weights[1:]:
        b = b @ V
    return _product(weights), b


def _biases_multiplied(weights, biases):
    b = biases[0]
    for c in biases[1:]:
        b = b * c
    return _product(weights), b


EXERCISE = Exercise(
    place=30,
    title=_("Many linear layers are one"),
    difficulty="medium",
    minutes=12,
    points=2,
    prompt=PROMPT,
    solution=collapse,
    explanation=EXPLANATION,
    reference=None,
    cases=(
        *about(_("A single layer: there is nothing to do."), case([np.array([[2.0]])], [np.array([3.0])])),
        *about(
            _("Two layers of one number each: work it out by hand."),
            case([np.array([[2.0]]), np.array([[3.0]])], [np.array([3.0]), np.array([1.0])]),
        ),
        *about(
            _("Two layers of two units."),
            case(
                [np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([[0.0, 1.0], [2.0, 1.0]])],
                [np.array([1.0, 0.5]), np.array([2.0, -1.0])],
            ),
        ),
        *about(
            _("Layers of different widths."),
            case(
                [np.array([[1.0, 2.0]]), np.array([[1.0, 0.5, 2.0], [3.0, 1.0, 1.0]])],
                [np.array([1.0, 0.5]), np.array([2.0, -1.0, 3.0])],
            ),
        ),
        *about(_("A single layer that is not square."), _case(2, 3)),
        *about(_("Three square layers, where the shape doesn't give a wrong order away."), _case(2, 2, 2, 2)),
        *about(
            _("Layers that get narrower, or wider and narrower."),
            _case(3, 2, 1),
            _case(2, 3, 4, 1),
            _case(1, 4, 2),
        ),
        *about(_("Two square layers."), _case(3, 3, 3)),
        *about(
            _("Four and five layers."),
            _case(2, 1, 3, 2, 2),
            _case(3, 2, 4, 3, 2, 1),
        ),
        *about(_("Five layers, with numbers of every size."), _every_number_everywhere()),
    ),
    draw=_draw,
    accepts=_accepts,
    next_step=_(
        "Start with two layers of one number each: x times 2 plus 3, then times 3 plus 1. What multiplies x, and what is added?"
    ),
    hints=(
        _("Write (x W1 + b1) W2 + b2 on paper and multiply it out. What stands beside x, and what stands alone?"),
        _("Feed x = 0 to the stack: what comes out is b. Which layers does the first bias go through on its way?"),
        _(
            "Go through the layers one at a time and keep a W and a b. A new layer acts on both of them, and then adds its own bias."
        ),
    ),
    misconceptions=(
        Misconception(
            "biases_added", _biases_added, _("Feed x = 0 to the stack. What do the later layers do to the first bias?")
        ),
        Misconception(
            "last_bias_alone",
            lambda weights, biases: (_product(weights), biases[-1]),
            _("Feed x = 0 to both networks. Where did the earlier biases go?"),
        ),
        Misconception(
            "first_bias_alone",
            _first_bias_alone,
            _("Feed x = 0 to both networks. The first bias is right; what about the later ones?"),
        ),
        Misconception(
            "no_bias",
            lambda weights, biases: (_product(weights), np.zeros_like(biases[-1])),
            _("Feed x = 0 to both networks. Does 0 come out of the stack?"),
        ),
        Misconception(
            "other_order",
            _other_order,
            _("In Keras it is x @ W + b, with x on the left. Which matrix meets x first?"),
        ),
        Misconception(
            "numbers_multiplied",
            _numbers_multiplied,
            _(
                "Would your expression work for layers of different widths? Which sign stands for the product of matrices?"
            ),
        ),
        Misconception(
            "weights_added",
            _weights_added,
            _("If every layer doubles its input, what do three layers do?"),
        ),
        Misconception(
            "biases_multiplied",
            _biases_multiplied,
            _("A bias is added, never multiplied by another. What do the later weights do to it?"),
        ),
        Misconception(
            "two_layers_only",
            _one_layer_only,
            _("For one and two layers it is right. How many can there be?"),
        ),
        Misconception(
            "first_layer_alone",
            lambda weights, biases: (weights[0], biases[0]),
            _("That is the first layer. What do the others do to its output?"),
        ),
        Misconception(
            "last_layer_alone",
            lambda weights, biases: (weights[-1], biases[-1]),
            _("That is the last layer. What does it get as its input?"),
        ),
        Misconception(
            "transposed",
            lambda weights, biases: (reference(weights, biases)[0].T, reference(weights, biases)[1]),
            _("Your W lies on its side. What should its shape be, so that x @ W works?"),
        ),
        Misconception(
            "b_before_w",
            lambda weights, biases: reference(weights, biases)[::-1],
            _("Both are right. In which order were they asked for?"),
        ),
    ),
)
