"""Properties of a right answer that say more than "wrong value" when they are broken.

A property is a function `(case, got)` that returns a `Rejection` or None; it is called when the shape is right and all
numbers are real and finite.
"""

from collections.abc import Callable

import numpy as np

from course_utils.checking.spec import Case, Rejection, reject
from course_utils.checking.verdict_messages import literal, number
from course_utils.texts import _

TINY = 1e-6  # rounding in float32 may step over a bound by this much


def between(low: float, high: float, *, alone: bool = True) -> Callable[[Case, np.ndarray], Rejection | None]:
    """Every number of the result lies in [low, high].

    Args:
        low, high: numbers.
        alone: False where a number of the result depends on more than the number in the same place, so that the sentence
            has to show them all.
    """

    def holds(case: Case, got: np.ndarray) -> Rejection | None:
        outside = (got < low - TINY) | (got > high + TINY)
        if not outside.any():
            return None
        place = np.argmax(outside.ravel())
        fields = {"got": number(got.ravel()[place]), "low": number(low), "high": number(high)}
        if alone:
            sentence = _("At x = {x} your result is {got}, outside the range from {low} to {high}.")
            return reject("outside", sentence, x=number(case.args[0].ravel()[place]), **fields)
        sentence = _("For `{x}` one of your results is {got}, outside the range from {low} to {high}.")
        return reject("outside", sentence, x=literal(case.args[0]), **fields)

    return holds


def even() -> Callable[[Case, np.ndarray], Rejection | None]:
    """The result at -x equals that at x, for a case that holds both; the reference decides elsewhere."""

    def holds(case: Case, got: np.ndarray) -> Rejection | None:
        x, y = case.args[0].ravel(), got.ravel()
        for place, opposite in zip(*np.nonzero((x[:, None] == -x) & (x[:, None] > 0)), strict=True):
            if abs(y[place] - y[opposite]) > TINY:
                at = number(x[place])
                sentence = _("At x = {x} and x = -{x} your results differ: {one} and {other}.")
                return reject("uneven", sentence, x=at, one=number(y[place]), other=number(y[opposite]))
        return None

    return holds
