"""What is wrong with one call of a learner's function, in a sentence: the place, what came out, what was expected."""

from dataclasses import dataclass, field, replace

import numpy as np

from course_utils.checking.observe import Observation, Opaque
from course_utils.checking.spec import Case, Exercise, Rejection
from course_utils.checking.verdict_messages import (
    NEXT_STEPS,
    SENTENCES,
    SHAPE_OF_A_NUMBER,
    SHAPE_OF_ITS_OWN,
    literal,
    number,
)
from course_utils.texts import _

# Which fault is reported when there are several. A recognised misconception takes precedence over all after "changed".
ORDER = ("missing", "signature", "raised", "changed", "none", "text", "opaque", "ragged", "shape", "complex", "finite",
         "property", "value")  # fmt: skip
MOST_AXES = 32  # NumPy's arrays have up to 64, and `np.stack` adds one


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one call.

    Args:
        kind: one of `ORDER`.
        message: what is wrong, a sentence.
        next_step: what to try next, or "".
        place: in the flattened result, or None.
        what: tells it from others of its kind, see `Rejection`. Faults are compared without their sentences.
    """

    kind: str
    message: str = field(compare=False)
    next_step: str = field(default="", compare=False)
    place: int | None = None
    what: tuple = ()


def fault_in(exercise: Exercise, c: Case, observation: Observation) -> Fault | None:
    """What is wrong with one observation, or None."""

    def say(kind: str, sentence: str | None = None, **fields: object) -> Fault:
        told = {"call": call_text(exercise, c), "detail": observation.detail, "error": observation.error}
        return _say(kind, told | fields, sentence)

    if observation.outcome != "returned":
        if c.may_raise:
            return None
        kind = "raised_at" if observation.line and observation.outcome == "raised" else observation.outcome
        fault = say(observation.outcome, kind, line=observation.line)
        return replace(fault, what=(observation.error, observation.detail, observation.line))
    if observation.value is ...:
        return say("missing")
    if observation.changed:
        return say("changed")
    if exercise.accepts:
        return as_fault(exercise.accepts(c, observation.value))
    expected = exercise.expected(c)
    got, kind = as_array(observation.value)
    if kind:
        wanted = _("an array of shape {shape}").format(shape=expected.shape) if expected.shape else _("a number")
        return say(kind, got=_shown(observation.value), wanted=wanted)
    if got.shape != expected.shape:
        fault = say("shape", got_shape=got.shape, wanted_shape=expected.shape)
        if not expected.shape:
            return replace(fault, next_step=SHAPE_OF_A_NUMBER)
        return fault if np.shape(c.args[0]) == expected.shape else replace(fault, next_step=SHAPE_OF_ITS_OWN)
    return _wrong_numbers(exercise, c, got, expected)


def as_fault(rejection: Rejection | None, kind: str = "value", place: int | None = None) -> Fault | None:
    """A `Rejection` as a fault, or None where there is none.

    Raises:
        TypeError: the author's mistake: what judged the answer returned something else.
    """
    if rejection is None:
        return None
    if not isinstance(rejection, Rejection):
        raise TypeError(f"a property, accepts and accepts_all return a Rejection or None, not {rejection!r}")
    return Fault(kind, rejection.message, rejection.next_step, place, rejection.what)


def _wrong_numbers(exercise, c, got, expected):
    if np.iscomplexobj(got):
        off, kind = ~(np.abs(got.imag) <= exercise.tolerance.atol), "complex"  # nan counts as wrong, too
        if not off.any():
            return _wrong_numbers(exercise, c, got.real, expected)
    else:
        off, kind = ~np.isfinite(got) & np.isfinite(expected), "finite"
    if not off.any():
        off, kind = ~close(got, expected, exercise.tolerance.rtol, _atol(exercise, c)), "value"
        if not off.any():
            return None
        broken = next(filter(None, (holds(c, got) for holds in exercise.properties)), None)
        if broken:
            place = _simplest_place(exercise, c, off)
            return as_fault(broken, "property", place if _elementwise(exercise, c, expected) else None)
    place = _simplest_place(exercise, c, off)
    fields = {"place": _place_text(exercise, c, expected, place), "got": number(got.ravel()[place].item()),
              "wanted": number(expected.ravel()[place])}  # fmt: skip
    return replace(_say(kind, fields), place=place if _elementwise(exercise, c, expected) else None)


def close(got: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> np.ndarray:
    """Where numbers agree: as `np.isclose`, which takes five times as long for a few of them."""
    near = (np.abs(got - expected) <= atol + rtol * np.abs(expected)) & np.isfinite(expected)
    return near | (got == expected)


def _atol(exercise, c):
    """The absolute tolerance for a case."""
    tolerance = exercise.tolerance
    if not tolerance.of_input:  # 0 * inf would be nan
        return tolerance.atol
    return tolerance.atol + tolerance.of_input * max(np.abs(a).max() for a in c.args if isinstance(a, np.ndarray))


def as_array(value: object) -> tuple[np.ndarray | None, str]:
    """A returned value as an array, or the kind of fault that it is: `(array, "")` or `(None, kind)`.

    Truth values and whole numbers become float: `-` refuses the former and wraps around in unsigned ones.
    """
    if isinstance(value, np.ndarray):
        return (value.astype(float) if value.dtype.kind in "biu" else value), ""
    if isinstance(value, list):
        parts = [as_array(item) for item in value]
        kinds = {kind for _, kind in parts if kind}
        if kinds:
            return None, "ragged" if kinds == {"ragged"} else "opaque"
        arrays = [array for array, _ in parts]
        if not arrays:
            return np.array([]), ""
        fit = len({a.shape for a in arrays}) == 1 and arrays[0].ndim < MOST_AXES
        return (np.stack(arrays), "") if fit else (None, "ragged")
    kinds = {type(None): "none", str: "text", Opaque: "opaque"}
    return None, kinds.get(type(value), "opaque")


def call_text(exercise: Exercise, c: Case) -> str:
    """The call of a case as a learner would write it: `sigmoid(np.array([0., 1.]))`."""
    arguments = [literal(a) for a in c.args] + [f"{k}={literal(v)}" for k, v in c.kwargs.items()]
    return f"{exercise.name}({', '.join(arguments)})"


def _say(kind, fields, sentence=None):
    message = SENTENCES[sentence or kind].format(**fields)
    return Fault(kind, message, NEXT_STEPS.get(kind, "").format(**fields))


def _shown(value):
    """A returned value that is no array, for a sentence."""
    if isinstance(value, list):
        strange = next((item for item in value if as_array(item)[1]), None)
        return _("a list with {thing} in it").format(thing=_shown(strange))
    if isinstance(value, str):
        return _("the text '{text}'").format(text=value[:40])
    return value.description if isinstance(value, Opaque) else "None" if value is None else "..."


def _elementwise(exercise, c, expected):
    return exercise.elementwise and isinstance(c.args[0], np.ndarray) and c.args[0].shape == expected.shape


def _simplest_place(exercise, c, off):
    """Which of the wrong numbers to show: the one whose input is shortest to write, then nearest to 0."""
    places = np.flatnonzero(off.ravel())
    if not _elementwise(exercise, c, off):
        return places[0]
    x = c.args[0].ravel()
    return min(places, key=lambda i: (len(number(x[i]).lstrip("-")), abs(x[i])))


def _place_text(exercise, c, expected, place):
    name = next(iter(exercise.signature.parameters))
    if _elementwise(exercise, c, expected):
        extra = "".join(f", {k}={literal(v)}" for k, v in c.kwargs.items())
        return _("At {name} = {value}{options}").format(
            name=name, value=number(c.args[0].ravel()[place]), options=extra
        )
    if expected.shape == () and not c.kwargs and len(c.args) == 1 and not isinstance(c.args[0], np.ndarray):
        return _("For {name} = {value}").format(name=name, value=literal(c.args[0]))
    part = f"[{', '.join(map(str, np.unravel_index(place, expected.shape)))}]" if expected.shape else ""
    return _("For `{call}`").format(call=f"{call_text(exercise, c)}{part}")
