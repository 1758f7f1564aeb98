"""Calls a learner's function and writes down what happened, as plain data.

Nothing of the course is imported here and nothing is judged: the same code runs in the learner's notebook and in the
grader's sandbox, and what it returns can be sent over a pipe.
"""

import contextlib
import copy
import decimal
import inspect
import io
import numbers
import traceback
import warnings
from dataclasses import dataclass

import numpy as np

MOST_NUMBERS = 1_000_000  # a result with more numbers is described, not carried


@dataclass(frozen=True)
class Opaque:
    """Something that can't be read as numbers or text, by a description such as "a generator"."""

    description: str


@dataclass(frozen=True)
class Observation:
    """What one call did.

    Args:
        outcome: `returned`, `raised` (an exception came out) or `signature` (it can't be called with these arguments).
        value: what it returned: an array of bool, int, float or complex numbers, a str, None, `...`, a list of such
            values, or `Opaque`.
        error: the exception's type, `ZeroDivisionError`.
        detail: the exception's message, cut to 300 characters; for `signature`, how the function may be called.
        line: the line of the learner's code that raised, where its source is known.
        changed: which of the arguments, by place, the call changed.
    """

    outcome: str
    value: object = None
    error: str = ""
    detail: str = ""
    line: str = ""
    changed: tuple[int, ...] = ()


def observe(function, args, kwargs):
    """Call `function` on copies of the arguments.

    Args:
        function: any callable.
        args: tuple of positional arguments.
        kwargs: mapping of keyword arguments.

    Returns:
        An `Observation`. Exceptions of the learner's code, `SystemExit` too, are part of it; a `KeyboardInterrupt` is not.
    """
    wrong_call = _wrong_call(function, args, kwargs)
    if wrong_call:
        return Observation("signature", detail=wrong_call)
    given = copy.deepcopy(args)
    try:
        with contextlib.redirect_stdout(_Sink()), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            value = plain(function(*given, **copy.deepcopy(dict(kwargs))))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever learner code raises is a finding
        return Observation("raised", error=type(error).__name__, detail=_message(error), line=_line(error))
    changed = tuple(place for place, pair in enumerate(zip(args, given, strict=True)) if not _same(*pair))
    return Observation("returned", value, changed=changed)


class _Sink(io.TextIOBase):
    """Takes what a learner's function prints while it is checked, and keeps nothing."""

    def write(self, text):
        return len(text)


def plain(value):
    """Read a learner's result as plain data, whatever it is made of.

    Args:
        value: a number, array, TensorFlow or Keras tensor, (nested) list of such, or anything else.

    Returns:
        As `Observation.value`; an array is a fresh copy of the base class `numpy.ndarray`.
    """
    if value is None or value is ...:
        return value
    if isinstance(value, str):
        return str(value)[:1000]
    if isinstance(value, bool | int | float | complex | np.generic | np.ndarray):
        return _array(value)
    if isinstance(value, decimal.Decimal | numbers.Real):
        return np.array(float(value))
    if isinstance(value, list | tuple):
        if len(value) > MOST_NUMBERS:
            return Opaque(f"a {type(value).__name__} of {len(value)} things")
        return [plain(item) for item in value]
    for reader in ("numpy", "__array__"):
        if callable(getattr(value, reader, None)) and not isinstance(value, type):
            return _array(np.asarray(getattr(value, reader)()))
    name = type(value).__name__
    return Opaque(f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}")


def _array(value):
    try:
        array = np.array(value, subok=False)
    except (TypeError, ValueError, OverflowError):
        return Opaque(f"a {type(value).__name__} that is no number")
    if array.size > MOST_NUMBERS:
        return Opaque(f"an array of {array.size} numbers")
    if array.dtype.kind in "biufc":
        return array
    if array.dtype.kind == "V" and array.dtype.name == "bfloat16":
        return array.astype(np.float32)
    if array.dtype.kind == "U":
        return array.tolist()
    if array.dtype.kind == "O" and array.ndim:
        return plain(array.tolist())
    return Opaque("an integer too large for NumPy" if isinstance(value, int) else f"an array of {array.dtype}")


def _wrong_call(function, args, kwargs):
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return ""
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return f"{getattr(function, '__name__', 'it')}{signature}"
    return ""


def _message(error):
    try:
        return str(error)[:300]
    except BaseException:  # noqa: BLE001 - an exception may lie about itself
        return ""


def _line(error):
    """The innermost line that stands in the learner's code, not in a library."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    own = [f for f in frames if "site-packages" not in f.filename and not f.filename.startswith(np.__path__[0])]
    return (own[-1].line or "") if own else ""


def _same(before, after):
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    return before == after
