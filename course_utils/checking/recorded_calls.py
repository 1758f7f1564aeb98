"""Sees which ready-made function an answer calls while it runs, whatever its source looks like.

Nothing of the course is imported here but `observe`: the same code runs in the learner's notebook, in the browser and in the
grader's sandbox. An answer that wants to can hide from it, so that what it sees counts, and what it doesn't see proves nothing.
"""

import contextlib
import re
import sys
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from course_utils.checking.observe import LIBRARIES as PLACES
from course_utils.checking.observe import NOT_OWN, observe

# Only what comes out of one of these is ready-made: any other module may be a file of the learner's own.
LIBRARIES = ("autograd", "cmath", "course_utils", "cupy", "flax", "jax", "keras", "keras_core", "math", "mpmath",
             "numpy", "paddle", "scipy", "sklearn", "sympy", "tensorflow", "tf_keras", "torch")  # fmt: skip
# Functions of libraries that only hand on what they are given: dispatchers, layers, np.vectorize, functools, tf.map_fn.
PASSING_ON = ("error_handler", "op_dispatch_handler", "wrapper", "_wrapper", "__call__", "call", "_vectorize_call", "func",
              "_call_as_normal", "_method")  # fmt: skip
MOST_FRAMES = 20  # between the learner's code and the ready-made function


def recorded_call(function: Callable, args: tuple, kwargs: Mapping[str, object], refused: Sequence[str]) -> str:
    """Call an answer once, and name the ready-made function that its own code calls.

    Calls that a library makes inside of its functions are not the learner's, and don't count; nor does the course's own code,
    which the grader's sandbox doesn't have.

    Args:
        function: any callable.
        args: tuple of positional arguments.
        kwargs: mapping of keyword arguments.
        refused: names of functions, such as `("sigmoid",)`, in small letters.

    Returns:
        The library and the function, `"tensorflow.sigmoid"`, or "". What the call returns or raises is not looked at.
    """
    found = []

    def note(module, name, caller):
        library = str(module).partition(".")[0]
        if library in LIBRARIES and library != "course_utils" and _is_learners(caller):
            found.append(f"{library}.{name}")

    def profile(frame, event, arg):
        if event == "call" and (name := _plain(frame.f_code.co_name)) in refused:
            note(frame.f_globals.get("__name__"), name, frame.f_back)
        elif event == "c_call" and (name := _plain(getattr(arg, "__name__", ""))) in refused:
            note(getattr(arg, "__module__", None) or type(getattr(arg, "__self__", None)).__module__, name, frame)

    class Watched(np.ndarray):
        """An array that says which of NumPy's and SciPy's functions it is given to: these are no functions that Python calls."""

        def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
            if (name := _plain(ufunc.__name__)) in refused:
                note("numpy" if getattr(np, name, None) is ufunc else "scipy", name, sys._getframe(1))
            plain = [_as(np.ndarray, value) for value in inputs]
            options |= {"out": _as(np.ndarray, out)} if out else {}
            return _as(Watched, getattr(ufunc, method)(*plain, **options))

    before = sys.getprofile()
    with _eagerly():
        try:
            sys.setprofile(profile)
            observe(function, _as(Watched, args), kwargs)
        finally:
            sys.setprofile(before)
    return found[0] if found else ""


@contextlib.contextmanager
def _eagerly():
    """TensorFlow, where it is loaded, calls a `tf.function` as it stands, and makes no graph out of it."""
    loaded = (
        "tensorflow.python" in sys.modules
    )  # in the sandbox, `tensorflow` alone may be one that is loaded when it is used
    config = sys.modules["tensorflow"].config if loaded else None
    if not hasattr(config, "run_functions_eagerly"):
        yield
        return
    before = config.functions_run_eagerly()
    config.run_functions_eagerly(True)
    try:
        yield
    finally:
        config.run_functions_eagerly(before)


def _as(kind, value):
    """Arrays, also in lists and tuples, as another class of arrays."""
    if isinstance(value, list | tuple):
        return type(value)(_as(kind, item) for item in value)
    return value.view(kind) if isinstance(value, np.ndarray) else value


def _plain(name):
    """A function's name without what tells versions apart: TensorFlow's softmax is `softmax_v2`."""
    return re.sub(r"_v\d+$", "", name.lower()) if isinstance(name, str) else ""


def _is_learners(frame):
    """Whether a call comes out of the learner's code, and not out of what a library does by itself."""
    for _ in range(MOST_FRAMES):
        if frame is None:
            return False
        file = frame.f_code.co_filename
        if not file.startswith(PLACES) and not any(part in file for part in NOT_OWN):
            return True
        if frame.f_code.co_name not in PASSING_ON:
            return False
        frame = frame.f_back
    return False
