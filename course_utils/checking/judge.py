"""Judges a function by what it does: the same code for a learner's instant check and for the grader.

`judge` never touches the function. It is given a way to call it (in this process, or over a pipe into a sandbox) and
reads plain observations. It accepts on results first and looks for a reason only when something is wrong.
"""

from dataclasses import dataclass, replace

import numpy as np

from course_utils.checking.messages import NEXT_STEPS, SENTENCES, SHAPE_OF_A_NUMBER, SHAPE_OF_ITS_OWN, literal, number
from course_utils.checking.observe import Observation, Opaque, observe
from course_utils.checking.spec import Case, case

# What is said first when several things are wrong. A recognised misconception is said instead of all after "changed".
ORDER = ("missing", "signature", "raised", "changed", "none", "text", "opaque", "ragged", "shape", "complex", "finite",
         "property", "value")  # fmt: skip
ABOUT_NO_INPUT = ("missing", "signature", "none", "text", "opaque")  # wrong for any input
STATUS = {"missing": "missing", "signature": "raised", "raised": "raised"}


@dataclass(frozen=True)
class Curve:
    """The learner's curve beside the expected one, for the feedback's picture.

    Args:
        x, got, expected: arrays of one length; only `got` may hold numbers that are not finite.
        name: of the parameter that x stands for.
        options: the other arguments, as they stand in a call: "negative_slope=2".
    """

    x: np.ndarray
    got: np.ndarray
    expected: np.ndarray
    name: str = "x"
    options: str = ""


@dataclass(frozen=True)
class Verdict:
    """What the checker says of an answer.

    Args:
        exercise: its name, "" where none could be found.
        status: `passed failed raised timeout memory crashed missing unreadable forbidden not_run`.
        points: what it earns; None for `not_run`.
        max_points: what a right answer earns.
        message: where and what: place, got, expected.
        hint: the next step; may be empty.
        misconception: the name of a recognised wrong answer, or "".
        curve: for a picture, or None.
        about: why the input that is shown was tried, a sentence; may be empty.
    """

    exercise: str
    status: str
    points: int | None
    max_points: int
    message: str
    hint: str = ""
    misconception: str = ""
    curve: Curve | None = None
    about: str = ""

    @property
    def passed(self):
        """True where the answer is right."""
        return self.status == "passed"

    def show(self):
        """Display the verdict, and return its points: the number that nbgrader reads from a cell's output."""
        from IPython.display import display

        display(self)
        return self.points

    def __repr__(self):
        from course_utils.checking.feedback import as_text

        return as_text(self)

    def _repr_html_(self):
        from course_utils.checking.feedback import as_html

        return as_html(self)


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one call: its kind (one of `ORDER`), its sentence, and the place in the flattened result."""

    kind: str
    message: str
    next_step: str = ""
    place: int | None = None


@dataclass(frozen=True)
class Trial:
    """A case, what the learner's function did with it, and what is wrong with that."""

    case: Case
    observation: Observation
    fault: Fault | None


def judge(exercise, call, seed=0):
    """Judge an answer.

    Args:
        exercise: the `Exercise`.
        call: a function `Case -> Observation` that calls the learner's function.
        seed: int, seeds the drawn inputs.

    Returns:
        A `Verdict` with status passed, failed, raised or missing.
    """
    with np.errstate(all="ignore"):  # for a learner who had NumPy raise errors; the verdict says what is wrong
        return _judge(exercise, call, seed)


def _judge(exercise, call, seed):
    trials = [_trial(exercise, call, c) for c in exercise.cases]
    if exercise.accepts_all and not any(t.fault for t in trials):
        fault = _said(exercise.accepts_all([(t.case, t.observation.value) for t in trials]))
        trials[-1] = replace(trials[-1], fault=fault)
    if not any(t.fault for t in trials):
        trials += _search(exercise, call, np.random.default_rng(seed))
    faulty = [t for t in trials if t.fault]
    if not faulty:
        message = SENTENCES["passed"].format(calls=sum(t.observation.outcome == "returned" for t in trials))
        return Verdict(exercise.name, "passed", exercise.points, exercise.points, message)
    shown = min(faulty, key=lambda t: ORDER.index(t.fault.kind))
    known = None if shown.fault.kind == "missing" else _recognise(exercise, trials)
    if known and ORDER.index(shown.fault.kind) > ORDER.index("changed"):
        shown = faulty[0]
    worst = shown.fault
    return Verdict(
        exercise.name,
        STATUS.get(worst.kind, "failed"),
        0,
        exercise.points,
        worst.message,
        known.hint if known else worst.next_step or exercise.next_step,
        known.name if known else "",
        _curve(exercise, call, shown.case.kwargs),
        "" if worst.kind in ABOUT_NO_INPUT else shown.case.about,
    )


def _trial(exercise, call, c):
    observation = call(c)
    return Trial(c, observation, _fault(exercise, c, observation))


def _search(exercise, call, rng):
    """Drawn calls up to the first that fails, which is made as simple as it can be."""
    trials = []
    for _ in range(exercise.searches if exercise.draw else 0):
        drawn = exercise.draw(rng)
        drawn = replace(drawn if isinstance(drawn, Case) else case(*drawn), about=SENTENCES["drawn"])
        trials.append(_trial(exercise, call, drawn))
        if trials[-1].fault:
            return [*trials[:-1], _simplest(exercise, call, trials[-1])]
    return trials


def _simplest(exercise, call, trial):
    """The same fault with one number in place of an array, and that number rounded, where it still fails."""
    if trial.fault.place is None:
        return trial
    x = trial.case.args[0]
    value = x.ravel()[trial.fault.place]
    for candidate in (np.round(value), np.round(value, 1), np.round(value, 2), value):
        single = replace(trial.case, args=(np.array([candidate], x.dtype), *trial.case.args[1:]))
        if not np.isfinite(exercise.expected(single)).all():
            continue  # rounded to where the prompt promises nothing, such as logit(1)
        smaller = _trial(exercise, call, single)
        if smaller.fault and smaller.fault.kind == trial.fault.kind:
            return smaller
    return trial


def _fault(exercise, c, observation):
    """What is wrong with one observation, or None."""

    def say(kind, sentence=None, **fields):
        told = {"call": call_text(exercise, c), "detail": observation.detail, "error": observation.error}
        return _say(kind, told | fields, sentence)

    if observation.outcome != "returned":
        if c.may_raise:
            return None
        kind = "raised_at" if observation.line and observation.outcome == "raised" else observation.outcome
        return say(observation.outcome, kind, line=observation.line)
    if observation.value is ...:
        return say("missing")
    if observation.changed:
        return say("changed")
    if exercise.accepts:
        return _said(exercise.accepts(c, observation.value))
    expected = exercise.expected(c)
    got, kind = as_array(observation.value)
    if kind:
        wanted = f"an array of shape {expected.shape}" if expected.shape else "a number"
        return say(kind, got=_shown(observation.value), wanted=wanted)
    if got.shape != expected.shape:
        fault = say("shape", got_shape=got.shape, wanted_shape=expected.shape)
        if not expected.shape:
            return replace(fault, next_step=SHAPE_OF_A_NUMBER)
        return fault if np.shape(c.args[0]) == expected.shape else replace(fault, next_step=SHAPE_OF_ITS_OWN)
    return _wrong_numbers(exercise, c, got, expected)


def _said(said):
    """What an exercise's own judge says, as a fault, or None."""
    sentence, *next_step = (said,) if isinstance(said, str) else said
    return Fault("value", sentence, *next_step) if sentence else None


def _wrong_numbers(exercise, c, got, expected):
    if np.iscomplexobj(got):
        off, kind = ~(np.abs(got.imag) <= exercise.tolerance.atol), "complex"  # nan is off, too
        if not off.any():
            return _wrong_numbers(exercise, c, got.real, expected)
    else:
        off, kind = ~np.isfinite(got) & np.isfinite(expected), "finite"
    if not off.any():
        broken = next(filter(None, (holds(c, got) for holds in exercise.properties)), "")
        off, kind = ~np.isclose(got, expected, exercise.tolerance.rtol, _atol(exercise, c)), "value"
        if not off.any():
            return None
        if broken:
            place = _simplest_place(exercise, c, off)
            return Fault("property", broken, place=place if _elementwise(exercise, c, expected) else None)
    place = _simplest_place(exercise, c, off)
    fields = {"place": _place_text(exercise, c, expected, place), "got": number(got.ravel()[place].item()),
              "wanted": number(expected.ravel()[place])}  # fmt: skip
    return replace(_say(kind, fields), place=place if _elementwise(exercise, c, expected) else None)


def _atol(exercise, c):
    """The absolute tolerance for a case."""
    tolerance = exercise.tolerance
    if not tolerance.of_input:  # 0 * inf would be nan
        return tolerance.atol
    return tolerance.atol + tolerance.of_input * max(np.abs(a).max() for a in c.args if isinstance(a, np.ndarray))


def as_array(value):
    """A returned value as an array, or the kind of fault that it is: `(array, "")` or `(None, kind)`."""
    if isinstance(value, np.ndarray):
        return value, ""
    if isinstance(value, list):
        parts = [as_array(item) for item in value]
        kinds = {kind for _, kind in parts if kind}
        if kinds:
            return None, "ragged" if kinds == {"ragged"} else "opaque"
        arrays = [array for array, _ in parts]
        if not arrays:
            return np.array([]), ""
        return (np.stack(arrays), "") if len({a.shape for a in arrays}) == 1 else (None, "ragged")
    kinds = {type(None): "none", str: "text", Opaque: "opaque"}
    return None, kinds.get(type(value), "opaque")


def call_text(exercise, c):
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
        return f"a list with {_shown(strange)} in it"
    if isinstance(value, str):
        return f"the text '{value[:40]}'"
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
        return f"At {name} = {number(c.args[0].ravel()[place])}{extra}"
    if expected.shape == () and not c.kwargs and len(c.args) == 1 and not isinstance(c.args[0], np.ndarray):
        return f"For {name} = {literal(c.args[0])}"
    part = f"[{', '.join(map(str, np.unravel_index(place, expected.shape)))}]" if expected.shape else ""
    return f"For `{call_text(exercise, c)}{part}`"


def _recognise(exercise, trials):
    """The misconception that does what the learner's function did, on every trial but those it may refuse, or None."""
    told = [t for t in trials if t.fault or t.observation.outcome == "returned"]
    for misconception in exercise.misconceptions:
        if all(_does_the_same(exercise, misconception.wrong, t) for t in told):
            return misconception
    return None


def _does_the_same(exercise, wrong, trial):
    """Whether a misconception returns the same, or, where many answers are right, gets the same sentence."""
    observation = observe(wrong, trial.case.args, trial.case.kwargs, quiet=False)
    if _alike(observation, trial.observation):
        return True
    return bool(exercise.accepts) and _fault(exercise, trial.case, observation) == trial.fault


def _alike(one, other):
    if (one.outcome, one.error, bool(one.changed)) != (other.outcome, other.error, bool(other.changed)):
        return False
    if one.outcome != "returned":
        return one.detail == other.detail
    return _alike_values(one.value, other.value)


def _alike_values(one, other):
    (a, kind), (b, other_kind) = as_array(one), as_array(other)
    if not kind and not other_kind:
        return a.shape == b.shape and np.allclose(a, b, rtol=1e-4, atol=1e-7, equal_nan=True)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_alike_values, one, other))
    return kind == other_kind and (kind not in ("text", "opaque") or one == other)


def _curve(exercise, call, kwargs):
    """The curve over the exercise's interval, with the options of the call that failed."""
    if exercise.curve is None:
        return None
    c = case(np.linspace(*exercise.curve, 81), **kwargs)
    got, kind = as_array(call(c).value)
    if kind or got.shape != c.args[0].shape or np.iscomplexobj(got):
        return None
    name, options = next(iter(exercise.signature.parameters)), [f"{k}={literal(v)}" for k, v in kwargs.items()]
    return Curve(c.args[0], got.astype(float), exercise.expected(c), name, ", ".join(options))
