"""`check(f)`: the instant check in a learner's notebook."""

import contextlib
import difflib
import logging
import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

from course_utils.checking.faults import call_text
from course_utils.checking.first_use import compute_once, import_libraries
from course_utils.checking.forbidden_calls import (
    attribute,
    bindings_of,
    called,
    forbidden_by_source,
    read_through,
    source_of,
    watched_case,
)
from course_utils.checking.judge import judge
from course_utils.checking.observe import TimeUp, observe
from course_utils.checking.recorded_calls import recorded_call
from course_utils.checking.spec import Case, Exercise
from course_utils.checking.verdict import Reason, Verdict
from course_utils.checking.verdict_messages import NEXT_STEPS, SENTENCES
from course_utils.exercises import exercise, exercise_names
from course_utils.learner.check_time_limit import CheckTimeLimit
from course_utils.learner.error_output import no_error_output
from course_utils.learner.history import history
from course_utils.learner.missing_names import explain_missing_names
from course_utils.texts import _

EXAMPLE = "sigmoid"  # the exercise that sentences name when they show how to call check
PATIENCE = 10.0  # seconds of processor time for all calls of one check; a right Jacobian by GradientTape takes 3 in all
SLOW_TO_START = ("tensorflow", "keras")


class UnknownExercise(ValueError):
    """No exercise has this name. A notebook shows its sentence without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


def check(function: object, name: str | None = None) -> Verdict:
    """Check an answer, and say what is right or where it goes wrong.

    Args:
        function: the learner's function, or anything that can be called.
        name: the exercise's name; without it, the name of the function decides.

    Returns:
        A `Verdict`: `.passed`, `.status`, `.points`, `.max_points`, `.message`, `.hint`. A learner's mistake is never
        an exception.

    Raises:
        ValueError: no exercise has this name; the nearest right name is given.
    """
    if name is None and not _can_be_called(function):
        return _no_function(function)
    spec = exercise_of(function, sys._getframe(1)) if name is None else _find(name)
    if not _can_be_called(function):
        return _no_function(function, spec)
    if spec.withheld:
        return Verdict(
            spec.name,
            "not_run",
            None,
            spec.points,
            SENTENCES["withheld"],
            NEXT_STEPS["withheld"],
            reason=Reason.WITHHELD,
        )
    verdict = verdict_on(function, spec)
    history().record("attempt", spec.name, status=verdict.status, misconception=verdict.misconception)
    return verdict


def verdict_on(
    function: Callable, spec: Exercise, *, around: Callable | None = lambda case: contextlib.nullcontext()
) -> Verdict:
    """The verdict on an answer to an exercise, without a note in the learner's history.

    Args:
        function: the learner's.
        spec: the `Exercise`.
        around: a function `Case -> context manager` that is entered around each call, for whoever watches from outside where
            there are no alarm signals.
    """
    if not _can_be_called(function):
        return _no_function(function, spec)
    with contextlib.suppress(RecursionError):  # too deep to be read: a learner's check then says what the values say
        if refusal := forbidden_by_source(spec, function):
            return refusal
    with _quiet_libraries():
        _get_ready(function)
        return _judge_in_time(spec, function, around)


def exercise_of(thing: object, caller: FrameType | None = None) -> Exercise:
    """The exercise that a name, or a learner's function by its name, stands for.

    Args:
        thing: a str, or anything that can be called.
        caller: the frame whose names are looked through for a function without a name of its own; None for the caller's.

    Raises:
        ValueError: there is none; the nearest right name is given.
    """
    return _find(_name_of(thing, caller or sys._getframe(1)) if callable(thing) else thing)


def _get_ready(function):
    """Import and start the libraries that an answer uses: their seconds are not the learner's."""
    named = " ".join(text for _, one in read_through(function) for text in (source_of(one), *bindings_of(one).values()))
    slow = [library for library in SLOW_TO_START if library in named]
    import_libraries(slow)
    if slow and "tensorflow" in sys.modules:
        compute_once()


def _judge_in_time(spec, function, around):
    """The verdict; where the learner's function reaches its time limit, that it took too long."""
    limit, running = CheckTimeLimit(PATIENCE), None

    def call(case: Case, how: Callable = observe) -> object:
        nonlocal running
        running = case
        with around(case), limit.running():
            return how(function, case.args, case.kwargs)

    try:
        verdict = judge(spec, call)
    except TimeUp:
        sentence, seconds = limit.reached() or ("timeout", PATIENCE)  # or they have raised it themselves
        return too_long(spec, running, sentence, seconds)
    if not (verdict.passed and spec.refused):
        return verdict
    with contextlib.suppress(TimeUp):  # the values were right in time
        return called(spec, call(watched_case(spec), partial(recorded_call, refused=spec.refused))) or verdict
    return verdict


def too_long(spec: Exercise, case: Case, sentence: str, seconds: float) -> Verdict:
    """The verdict on an answer whose call has no end: `sentence` is "timeout" or "waited", see `CheckTimeLimit.reached`."""
    message = SENTENCES[sentence].format(call=call_text(spec, case), seconds=f"{seconds:g}")
    return Verdict(spec.name, "timeout", 0, spec.points, message, NEXT_STEPS[sentence])


@contextlib.contextmanager
def _quiet_libraries():
    """Nothing is logged, and what C code writes to the error output is lost: nbgrader takes any of it for a failure.

    TensorFlow writes at its first operation, and when it traces a function often.
    """
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with no_error_output():
            yield
    finally:
        logging.disable(disabled)


def _can_be_called(thing):
    # Not `isinstance`: it would ask the learner's object for its class, which may raise anything.
    return callable(thing) and not issubclass(type(thing), type)


def _no_function(thing, spec=None):
    if issubclass(type(thing), type):
        message = SENTENCES["a_class"].format(got=thing.__name__)
    else:
        text = _("the text '{text}'").format(text=str.__str__(thing)[:40]) if issubclass(type(thing), str) else ""
        shown = text or _("{kind}, no function").format(kind=type(thing).__name__)
        message = SENTENCES["not_a_function"].format(got="None" if thing is None else shown)
    name, points = (spec.name, spec.points) if spec else ("", 0)
    return Verdict(name, "failed", 0, points, message, reason=Reason.NOT_A_FUNCTION)


def _find(name):
    if type(name) is str and name in exercise_names():
        return exercise(name)
    raise UnknownExercise(_unknown(name))


def _unknown(name):
    if name is None:
        return SENTENCES["nameless"].format(near=EXAMPLE)
    if not issubclass(type(name), str):
        return SENTENCES["name_is_no_text"].format(got=type(name).__name__, near=EXAMPLE)
    name = str.__str__(name)[:100]
    near = difflib.get_close_matches(name.lower(), exercise_names(), n=1, cutoff=0.5)
    reason = "did_you_mean" if near else "unknown_name"
    return SENTENCES[reason].format(name=name, near="".join(near), names=", ".join(exercise_names()))


def _name_of(function, caller):
    """The function's own name; for a lambda, a partial or a layer, the exercise's name that the caller gave it."""
    own = attribute(function, "__name__")
    own = own if type(own) is str else None
    if own in exercise_names():
        return own
    bound = {**caller.f_globals, **caller.f_locals}
    given = [name for name in exercise_names() if bound.get(name) is function]
    return given[0] if given else (None if own == "<lambda>" else own)


explain_missing_names()
