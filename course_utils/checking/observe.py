"""Calls a learner's function and records what happened, as plain data.

Nothing of the course is imported here and nothing is judged: the same code runs in the learner's notebook and in the
grader's sandbox, and what it returns can be sent over a pipe.
"""

import array
import contextlib
import copy
import decimal
import inspect
import io
import itertools
import numbers
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

MOST_NUMBERS = 1_000_000  # a result with more numbers is described, not carried
MOST_THINGS = 20_000  # in lists, which are read one by one
DEEPEST = 16  # lists inside lists
WAITING = 10  # wall-clock limit of a learner's function, as a multiple of its limit of processor time
FLOATS = ("float16", "float32", "float64", "complex64", "complex128")  # carried as they are; longer ones are shortened
NUMBERS = (numbers.Real, decimal.Decimal)
PLAIN = (np.ndarray, bool, int, float, complex, np.generic, array.array, memoryview)
LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")})
NOT_OWN = ("site-packages", "dist-packages", "__autograph_generated_file", "<frozen ")  # in the names of files


class TimeUp(BaseException):
    """Raised in a learner's function from outside when it has run for too long; no `except Exception` stops it."""


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


def observe(function: Callable, args: tuple, kwargs: Mapping[str, object], *, quiet: bool = True) -> Observation:
    """Call `function` on copies of the arguments.

    Args:
        function: any callable.
        args: tuple of positional arguments.
        kwargs: mapping of keyword arguments.
        quiet: False for functions of the course's own: stdout and the filters of warnings, which belong to the whole
            process, stay as they are, so that several threads may call at a time.

    Returns:
        An `Observation`. Exceptions of the learner's code, `SystemExit` too, are part of it; a `KeyboardInterrupt` and a `TimeUp` are not.
    """
    given = copy.deepcopy(args)
    try:
        with _quiet() if quiet else contextlib.nullcontext():
            value = plain(function(*given, **copy.deepcopy(dict(kwargs))))
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException as error:  # noqa: BLE001 - whatever learner code raises is a finding
        wrong_call = _wrong_call(function, args, kwargs) if isinstance(error, TypeError) else ""
        if wrong_call:
            return Observation("signature", detail=wrong_call)
        return Observation("raised", error=type(error).__name__, detail=message_of(error), line=_line(error))
    changed = tuple(place for place, pair in enumerate(zip(args, given, strict=True)) if not _same(*pair))
    return Observation("returned", value, changed=changed)


@contextlib.contextmanager
def _quiet():
    """Silences prints and warnings, and undoes the call's changes to NumPy's error settings and warning filters."""
    with contextlib.redirect_stdout(_Sink()), contextlib.redirect_stderr(_Sink()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with np.errstate(all="ignore"):
            yield


class _Sink(io.TextIOBase):
    """Discards what a learner's function prints while it is checked."""

    def write(self, text: str) -> int:
        return len(text)


def plain(value: object) -> object:
    """Read a learner's result as plain data, whatever it is made of.

    Args:
        value: a number, array, TensorFlow or Keras tensor, (nested) list of such, or anything else.

    Returns:
        As `Observation.value`; an array is a fresh copy of the base class `numpy.ndarray`, at most float64 or complex128.
    """
    left = {"things": MOST_THINGS, "numbers": MOST_NUMBERS}
    found = _plain(value, 0, left)
    return found if min(left.values()) >= 0 else Opaque(f"{_kind(value)} of too many things")


def _plain(value, depth, left):
    """As `plain`, `depth` lists deep, as long as there are any `left`."""
    value = _leaf(value)
    left["things"] -= 1
    left["numbers"] -= getattr(value, "size", 0)
    if not isinstance(value, list):
        return value
    if depth == DEEPEST:
        return Opaque(f"lists in lists, more than {DEEPEST} deep")
    items = []
    for item in value:
        if min(left.values()) < 0:
            break
        items.append(_plain(item, depth + 1, left))
    return items


def _leaf(value):
    """One value as plain data; lists and arrays of objects come back as lists whose items are yet to be read."""
    if value is None or value is ...:
        return value
    if isinstance(value, str):
        return _text(lambda: str.__str__(value), 1000)  # not the subclass's own version of it
    if isinstance(value, (list, tuple)):
        if len(value) > MOST_THINGS:
            return Opaque(f"{_kind(value)} of {len(value)} things")
        return list(itertools.islice(value, MOST_THINGS + 1))  # a class of the learner's own may go on without end
    if isinstance(value, PLAIN):
        return _array(value, lambda: value)
    if isinstance(value, NUMBERS):
        return _array(value, lambda: float(value))
    reader = next((name for name in ("numpy", "__array__") if hasattr(type(value), name)), "")
    if reader and not isinstance(value, type):
        return _array(value, getattr(value, reader))
    return Opaque(_kind(value))


def _array(value, read):
    try:
        found = np.asarray(read())
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a learner's object may raise anything when it is asked
        return Opaque(f"{_kind(value)} that can't be read as numbers")
    if found.size > MOST_NUMBERS:
        return Opaque(f"an array of {found.size} numbers")
    if found.dtype.kind in "biu" or found.dtype.name in FLOATS:
        return np.array(found)
    if found.dtype.kind in "fc" or found.dtype.name == "bfloat16":  # bfloat16 is no kind of NumPy's own
        return found.astype(complex if found.dtype.kind == "c" else float)
    if found.dtype.kind == "U" or (found.dtype.kind == "O" and found.ndim):
        return found.tolist()
    if found.dtype.kind == "O" and isinstance(found.item(), NUMBERS) and not isinstance(value, int):
        return _leaf(found.item())  # one number in an array of objects; an integer that is too large for others, not
    return Opaque("an integer too large for NumPy" if isinstance(value, int) else f"an array of {found.dtype}")


def _kind(value):
    name = type(value).__name__
    return f"{'an' if name[:1] in 'aeiouAEIOU' else 'a'} {name}"


def _wrong_call(function, args, kwargs):
    """How the function may be called, where that doesn't fit these arguments, or ""."""
    try:
        signature = inspect.signature(function)
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # noqa: BLE001 - a learner's object may raise anything when it is asked
        return ""
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return _text(lambda: f"{getattr(function, '__name__', 'it')}{signature}")
    return ""


def message_of(error: BaseException) -> str:
    return _text(lambda: str(error))


def _text(make, longest=300):
    """Text from untrusted code, truncated, with unencodable characters replaced; "" where producing it raises."""
    try:
        return str.__str__(make())[:longest].encode("utf-8", "replace").decode()
    except (KeyboardInterrupt, TimeUp):
        raise
    except BaseException:  # noqa: BLE001 - an exception may lie about itself
        return ""


def _line(error):
    """The innermost line of the traceback that is the learner's own, not a library's."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename != __file__]
    own = [f for f in frames if not f.filename.startswith(LIBRARIES) and not any(p in f.filename for p in NOT_OWN)]
    return (own[-1].line or "") if own else ""


def _same(before, after):
    if type(before) is not type(after):  # whatever took an argument's place is not asked anything
        return False
    if isinstance(before, (list, tuple)):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, np.ndarray):
        return before.shape == after.shape and before.dtype == after.dtype and before.tobytes() == after.tobytes()
    return before == after
