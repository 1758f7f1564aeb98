"""Layers that a learner's function starts, and a small network of them that the check trains or measures."""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import pairwise

import numpy as np

from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.checking.spec import Case, Rejection, about, case, reject
from course_utils.texts import _

STARTS = 3  # networks, each from seeds of its own
REMEMBERED = 64  # networks whose measurement is kept
WEIGHTS = {
    "no_array": _("Your weights are {got}; expected an array of shape {shape}."),
    "shape": _("Your weights are an array of shape {got}; expected shape {shape}."),
    "not_finite": _("Your weights are not all finite numbers."),
}
BIASES = {
    "no_array": _("Your biases are {got}; expected an array of shape {shape}."),
    "shape": _("Your biases are an array of shape {got}; expected shape {shape}."),
    "not_finite": _("Your biases are not all finite numbers."),
}
NAMED = {
    "no_array": _("Your {name} is {got}; expected an array of shape {shape}."),
    "shape": _("Your {name} is an array of shape {got}; expected shape {shape}."),
    "not_finite": _("Your {name} holds numbers that are not finite."),
}


def sigmoid(x: np.ndarray) -> np.ndarray:
    """The sigmoid of an array of any shape, without a warning for any number."""
    return 0.5 + 0.5 * np.tanh(x / 2)


def layers(sizes: Sequence[int]) -> tuple[Case, ...]:
    """The calls that make `STARTS` networks, layer by layer: `(fan_in, fan_out, seed)`, with a seed of its own for each.

    Args:
        sizes: how many numbers go into the first layer, and come out of each: (2, 8, 1) for one hidden layer of 8 units.
    """
    shapes = list(pairwise(sizes))
    calls = [case(*shape, start * len(shapes) + place) for start in range(STARTS) for place, shape in enumerate(shapes)]
    return about(_("One layer of a network that is then tried as a whole."), *calls)


def layer_of(value: object, fan_in: int, fan_out: int) -> tuple[tuple[np.ndarray, np.ndarray] | None, Rejection | None]:
    """A plain value as `(weights, biases)`, or what is wrong with it.

    Args:
        value: what the learner's function returned, see `observe.plain`.
        fan_in, fan_out: the layer's sizes.

    Returns:
        `((weights, biases), None)` with shapes (fan_in, fan_out) and (fan_out,), or `(None, rejection)`.
    """
    if not isinstance(value, list) or len(value) != 2:
        sentence = _("You returned {got}; expected two arrays, the weights and the biases.")
        return None, reject("no_pair", sentence, got=tell(value))
    weights, wrong = array_of(value[0], (fan_in, fan_out), WEIGHTS)
    if wrong:
        return None, wrong
    biases, wrong = array_of(value[1], (fan_out,), BIASES)
    return (None, wrong) if wrong else ((weights, biases), None)


def array_of(
    value: object, shape: tuple[int, ...], sentences: Mapping[str, str], **names: object
) -> tuple[np.ndarray | None, Rejection | None]:
    """A plain value as a float64 array of this shape.

    Args:
        value: see `observe.plain`.
        shape: a tuple of ints.
        sentences: `WEIGHTS`, `BIASES` or `NAMED`.
        names: what the sentences call it.

    Returns:
        `(array, None)`, or `(None, rejection)`.
    """
    array = real_numbers(value)
    if array is None:
        return None, reject("no_array", sentences["no_array"], got=tell(value), shape=shape, **names)
    if array.shape != shape:
        return None, reject("shape", sentences["shape"], got=array.shape, shape=shape, **names)
    if not np.isfinite(array).all():
        return None, reject("not_finite", sentences["not_finite"], **names)
    return array, None


def accepts_layer(case: Case, value: object) -> Rejection | None:
    """`Exercise.accepts` for one layer alone: its form. What it is worth is measured with the others."""
    return layer_of(value, *case.args[:2])[1]


def networks(tried: Sequence[tuple[Case, object]]) -> list[tuple[np.ndarray, np.ndarray]]:
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


def measured_once(measure: Callable) -> Callable:
    """Wrap a measurement of networks, so that the same ones are measured once: from the same seeds a whole class's Glorot starts are equal.

    Args:
        measure: a function of networks, see `networks`, which nobody changes.
    """
    known = {}

    @wraps(measure)
    def measured(network: Sequence[tuple[np.ndarray, ...]]) -> object:
        """The same as `measure`."""
        key = tuple(part.tobytes() for layer in network for part in layer)
        found = known.get(key)
        if found is None:
            if len(known) >= REMEMBERED:
                known.clear()
            found = known[key] = measure(network)
        return found

    return measured
