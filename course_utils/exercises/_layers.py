"""Layers that a learner's function starts, and a small network of them that the check trains or measures."""

from itertools import pairwise

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import about, case
from course_utils.texts import _

STARTS = 3  # networks, each from seeds of its own


def layers(sizes):
    """The calls that make `STARTS` networks, layer by layer: `(fan_in, fan_out, seed)`, with a seed of its own for each.

    Args:
        sizes: how many numbers go into the first layer, and come out of each: (2, 8, 1) for one hidden layer of 8 units.
    """
    shapes = list(pairwise(sizes))
    calls = [case(*shape, start * len(shapes) + place) for start in range(STARTS) for place, shape in enumerate(shapes)]
    return about(_("One layer of a network that is then tried as a whole."), *calls)


def layer_of(value, fan_in, fan_out):
    """A plain value as `(weights, biases)`, or the sentence that says what is wrong with it.

    Args:
        value: what the learner's function returned, see `observe.plain`.
        fan_in, fan_out: the layer's sizes.

    Returns:
        `((weights, biases), "")` with shapes (fan_in, fan_out) and (fan_out,), or `(None, sentence)`.
    """
    if not isinstance(value, list) or len(value) != 2:
        return None, _("You returned {got}; expected two arrays, the weights and the biases.").format(got=tell(value))
    (weights, wrong), (biases, also) = array_of(value[0], (fan_in, fan_out)), array_of(value[1], (fan_out,))
    if wrong:
        return None, _("Your weights are {got}").format(got=wrong)
    return (None, _("Your biases are {got}").format(got=also)) if also else ((weights, biases), "")


def array_of(value, shape):
    """A plain value as a float64 array of this shape, or what it is instead: `(array, "")` or `(None, rest of a sentence)`."""
    array = real_numbers(value)
    if array is None:
        return None, _("{got}; expected an array of shape {shape}.").format(got=tell(value), shape=shape)
    if array.shape != shape:
        return None, _("an array of shape {got}; expected shape {shape}.").format(got=array.shape, shape=shape)
    if not np.isfinite(array).all():
        return None, _("not all finite numbers.")
    return array, ""


def accepts_layer(case, value):
    """`Exercise.accepts` for one layer alone: its form. What it is worth is measured with the others."""
    return layer_of(value, *case.args[:2])[1]


def networks(tried):
    """The learner's layers, those of all starts together.

    Args:
        tried: `[(case, value), ...]` for the calls of `layers`, each with two arrays of the right shapes.

    Returns:
        A list of `(weights, biases)`, one a layer, of shapes (STARTS, fan_in, fan_out) and (STARTS, 1, fan_out).
    """
    made = [layer_of(value, *case.args[:2])[0] for case, value in tried]
    depth = len(made) // STARTS
    return [
        (np.stack([w for w, _ in made[place::depth]]), np.stack([b for _, b in made[place::depth]])[:, None])
        for place in range(depth)
    ]
