"""`check(f)`: the instant check in a learner's notebook."""

import difflib
import sys

from course_utils.checking.judge import Verdict, judge
from course_utils.checking.messages import NEXT_STEPS, SENTENCES
from course_utils.checking.observe import observe
from course_utils.checking.refused import bindings_of, refused_call, source_of
from course_utils.exercises import exercise, exercise_names


class UnknownExercise(ValueError):
    """No exercise has this name. A notebook shows its sentence without a traceback."""

    def _render_traceback_(self):
        return [str(self)]


def check(function, name=None):
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
    spec = _find(name if name is not None else _name_of(function, sys._getframe(1)))
    if not _can_be_called(function):
        return _no_function(function, spec)
    refusal = forbidden(spec, source_of(function), bindings_of(function))
    return refusal or judge(spec, lambda case: observe(function, case.args, case.kwargs))


def forbidden(spec, source, bindings):
    """The verdict on an answer whose source uses the ready-made function, or None."""
    call = refused_call(source, spec.refused, bindings)
    if not call:
        return None
    message = SENTENCES["forbidden"].format(call=call)
    return Verdict(spec.name, "forbidden", 0, spec.points, message, NEXT_STEPS["forbidden"])


def _can_be_called(thing):
    return callable(thing) and not isinstance(thing, type)


def _no_function(thing, spec=None):
    if isinstance(thing, type):
        message = SENTENCES["a_class"].format(got=thing.__name__)
    else:
        shown = f"the text '{thing[:40]}'" if isinstance(thing, str) else f"{type(thing).__name__}, no function"
        message = SENTENCES["not_a_function"].format(got="None" if thing is None else shown)
    return Verdict(spec.name if spec else "", "failed", 0, spec.points if spec else 0, message)


def _find(name):
    if name in exercise_names():
        return exercise(name)
    raise UnknownExercise(_unknown(name))


def _unknown(name):
    if name is None:
        return SENTENCES["nameless"].format(near=exercise_names()[0])
    near = difflib.get_close_matches(str(name), exercise_names(), n=1, cutoff=0.5)
    advice = f"Did you mean '{near[0]}'?" if near else f"The exercises are: {', '.join(exercise_names())}."
    return f"There is no exercise called '{name}'. {advice}"


def _name_of(function, caller):
    """The function's own name; for a lambda, a partial or a layer, the exercise's name that the caller gave it."""
    own = getattr(function, "__name__", None)
    if own in exercise_names():
        return own
    bound = {**caller.f_globals, **caller.f_locals}
    given = [name for name in exercise_names() if bound.get(name) is function]
    return given[0] if given else (None if own == "<lambda>" else own)
