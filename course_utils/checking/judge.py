"""Judges a function by what it does: the same code for a learner's instant check and for the grader.

`judge` never touches the function. It is given a way to call it (in this process, or over a pipe into a sandbox) and
reads plain observations. It compares results first and looks for a reason only when something is wrong.
Whatever doesn't depend on the answer (drawn inputs, expected results, what misconceptions return) is computed once per process.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

import numpy as np

from course_utils.checking.faults import ORDER, Fault, as_array, as_fault, call_text, close, fault_in
from course_utils.checking.observe import Observation, TimeUp, observe
from course_utils.checking.picture import Curve
from course_utils.checking.spec import Case, Exercise, case
from course_utils.checking.verdict import Reason, Verdict
from course_utils.checking.verdict_messages import SENTENCES, literal

FIRST_DRAWN = 4  # drawn calls that are asked for before the rest: most wrong answers fail at one of them
ABOUT_NO_INPUT = ("missing", "signature", "none", "text", "opaque")  # wrong for any input
STATUS = {"missing": "missing", "signature": "raised", "raised": "raised"}


@dataclass(frozen=True)
class JudgedCall:
    """A case, what the learner's function did with it, and what is wrong with that."""

    case: Case
    observation: Observation
    fault: Fault | None


class NotObserved(Exception):
    """The learner's function can't be called any more. It goes to the caller of `judge`, unless the verdict is known by then."""


def judge(
    exercise: Exercise,
    call: Callable[[Case], Observation],
    seed: int = 0,
    *,
    calls: Callable[[Sequence[Case]], Iterable[Observation]] | None = None,
) -> Verdict:
    """Judge an answer.

    Args:
        exercise: the `Exercise`.
        call: a function `Case -> Observation` that calls the learner's function.
        seed: int, seeds the drawn inputs.
        calls: a function that takes a sequence of `Case`s and gives an iterable of their `Observation`s, where many calls
            can be asked for at once. The last ones may not be looked at. Without it, `call` is used.

    Returns:
        A `Verdict` with status passed, failed, raised or missing.
    """
    with np.errstate(all="ignore"):  # for a learner who had NumPy raise errors; the verdict says what is wrong
        return _judge(exercise, calls or partial(map, call), seed)


def _judge(exercise, calls, seed):
    trials = list(_trials(exercise, calls, exercise.cases))
    if exercise.accepts_all and not any(t.fault for t in trials):
        fault = as_fault(exercise.accepts_all([(t.case, t.observation.value) for t in trials]))
        if fault:  # of all calls together, so no single input is to blame
            trials[-1] = replace(trials[-1], case=replace(trials[-1].case, about=""), fault=fault)
    if not any(t.fault for t in trials):
        trials += _search(exercise, calls, _drawn(exercise, seed))
    if any(t.fault for t in trials):
        return _failed(exercise, calls, trials)
    message = SENTENCES["passed"].format(calls=sum(t.observation.outcome == "returned" for t in trials))
    return Verdict(exercise.name, "passed", exercise.points, exercise.points, message)


def _failed(exercise, calls, trials):
    """The verdict that says one thing: what comes first in `ORDER`, or a misconception."""
    faulty = [t for t in trials if t.fault]
    shown = min(faulty, key=lambda t: ORDER.index(t.fault.kind))
    known = None if shown.fault.kind == "missing" else _recognise(exercise, trials)
    if known and ORDER.index(shown.fault.kind) > ORDER.index("changed"):
        shown = faulty[0]
    fault = shown.fault
    return Verdict(
        exercise.name,
        STATUS.get(fault.kind, "failed"),
        0,
        exercise.points,
        fault.message,
        known.hint if known else fault.next_step or exercise.next_step,
        known.name if known else "",
        _if_in_time(_curve, exercise, calls, shown.case.kwargs),
        "" if fault.kind in ABOUT_NO_INPUT else shown.case.about,
        Reason(fault.kind),
    )


def _trials(exercise, calls, cases):
    for c, observation in zip(cases, calls(cases), strict=True):
        yield JudgedCall(c, observation, fault_in(exercise, c, observation))


def _search(exercise, calls, drawn):
    """Drawn calls up to the first that fails, which is made as simple as it can be."""
    trials, most = [], exercise.searches
    for some in (drawn[:FIRST_DRAWN], drawn[FIRST_DRAWN:most]) if drawn else ():
        for trial in _trials(exercise, calls, some):
            trials.append(trial)
            if trial.fault:
                more = drawn[len(trials) : len(trials) + most]
                return [*trials[:-1], _if_in_time(_simplest, exercise, calls, trial, more) or trial]
    return trials


def _if_in_time(make, *args):
    """An optional part of a verdict, or None where the time is up: the verdict itself is known by then."""
    try:
        return make(*args)
    except (TimeUp, NotObserved):
        return None


@lru_cache(maxsize=256)
def _drawn(exercise, seed):
    """Twice as many drawn cases as are searched: a tuple, empty where the exercise draws none."""
    rng = np.random.default_rng(seed)
    drawn = [exercise.draw(rng) for _ in range(2 * exercise.searches)] if exercise.draw else []
    return tuple(replace(d if isinstance(d, Case) else case(*d), about=SENTENCES["drawn"]) for d in drawn)


def _simplest(exercise, calls, trial, more):
    """The same fault with one number in place of an array, and that number rounded, where it still fails.

    Where a number can't stand alone, it is the same fault with the fewest numbers, out of as many draws again.
    """
    if trial.fault.place is None:
        others = _trials(exercise, calls, more)
        same = [trial, *(t for t in others if t.fault and t.fault.kind == trial.fault.kind)]
        return min(same, key=lambda t: (_numbers(t.case.args), len(call_text(exercise, t.case))))
    x = trial.case.args[0]
    value = x.ravel()[trial.fault.place]
    for candidate in (np.round(value), np.round(value, 1), np.round(value, 2), value):
        single = replace(trial.case, args=(np.array([candidate], x.dtype), *trial.case.args[1:]))
        if not np.isfinite(exercise.expected(single)).all():
            continue  # rounded to where the prompt promises nothing, such as logit(1)
        (smaller,) = _trials(exercise, calls, [single])
        if smaller.fault and smaller.fault.kind == trial.fault.kind:
            return smaller
    return trial


def _numbers(value):
    """How many numbers an argument, or a list of them, holds."""
    return sum(map(_numbers, value)) if isinstance(value, list | tuple) else np.size(value)


def _recognise(exercise, trials):
    """The misconception that behaves like the learner's function on every trial, except those that an answer may refuse, or None."""
    told = [t for t in trials if t.fault or t.observation.outcome == "returned"]
    for misconception in exercise.misconceptions:
        if all(_does_the_same(exercise, misconception.wrong, t) for t in told):
            return misconception
    return None


def _does_the_same(exercise, wrong, trial):
    """Whether a misconception returns the same, or, where many answers are right, is wrong for the same reason."""
    c = trial.case
    observation = c.once((wrong, "does"), lambda: observe(wrong, c.args, c.kwargs, quiet=False))
    if _alike(exercise, observation, trial.observation):
        return True
    return (
        bool(exercise.accepts) and c.once((wrong, "fails"), lambda: fault_in(exercise, c, observation)) == trial.fault
    )


def _alike(exercise, one, other):
    if (one.outcome, one.error, bool(one.changed)) != (other.outcome, other.error, bool(other.changed)):
        return False
    if one.outcome != "returned":
        return one.detail == other.detail
    return _alike_values(one.value, other.value, exercise.tolerance.atol)


def _alike_values(one, other, atol):
    (a, kind), (b, other_kind) = as_array(one), as_array(other)
    if not kind and not other_kind:
        # atol is as far off as a right answer may be: on values near 1, float32 alone brings 1e-7, each processor its own.
        return a.shape == b.shape and bool((close(a, b, 1e-4, atol) | ((a != a) & (b != b))).all())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(_alike_values(a, b, atol) for a, b in zip(one, other, strict=True))
    return kind == other_kind and (kind not in ("text", "opaque") or one == other)


def _curve(exercise, calls, kwargs):
    """The curve over the exercise's interval, with the options of the call that failed."""
    if exercise.curve is None:
        return None
    c = case(np.linspace(*exercise.curve, 81), **kwargs)
    (observation,) = calls([c])
    got, kind = as_array(observation.value)
    if kind or got.shape != c.args[0].shape or np.iscomplexobj(got):
        return None
    name, options = next(iter(exercise.signature.parameters)), [f"{k}={literal(v)}" for k, v in kwargs.items()]
    return Curve(c.args[0], got.astype(float), exercise.expected(c), name, ", ".join(options))
