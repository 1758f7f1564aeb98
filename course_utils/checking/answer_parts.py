"""Reads answers that are not a single array, for `Exercise.accepts`: their parts as arrays, and as text for a sentence."""

import numpy as np

from course_utils.checking.faults import as_array
from course_utils.checking.observe import Opaque
from course_utils.checking.spec import Case
from course_utils.checking.verdict_messages import literal, number
from course_utils.texts import _

MOST = 12  # the most items that a sentence lists


def real_numbers(value: object) -> np.ndarray | None:
    """A plain value as an array of floats, or None where it is something else, ragged, or truly complex."""
    array, kind = as_array(value)
    if kind or (np.iscomplexobj(array) and not np.allclose(array.imag, 0)):
        return None
    return array.real.astype(float)


def tell(value: object) -> str:
    """A plain value in a sentence: `[1, 2.5]`, `(1, 'sigmoid', None)` as a list, "an array of shape (3, 3)"."""
    if isinstance(value, Opaque):
        return value.description
    if isinstance(value, np.ndarray | np.generic):
        return _told_array(np.asarray(value))
    if isinstance(value, list):
        return (
            f"[{', '.join(map(tell, value))}]" if len(value) <= MOST else _("a list of {size}").format(size=len(value))
        )
    return repr(value[:40]) if isinstance(value, str) else "..." if value is ... else repr(value)


def called(name: str, case: Case) -> str:
    """The call of a case as a learner would write it."""
    arguments = [literal(a) for a in case.args] + [f"{k}={literal(v)}" for k, v in case.kwargs.items()]
    return f"{name}({', '.join(arguments)})"


def _told_array(array):
    if array.size > MOST or array.ndim > 2 or array.dtype.kind not in "biuf":
        return _("an array of shape {shape}").format(shape=array.shape)

    def told(items: object) -> str:
        if isinstance(items, list):
            return f"[{', '.join(map(told, items))}]"
        return str(items) if isinstance(items, bool) else number(items)

    return told(array.tolist())
