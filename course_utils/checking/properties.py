"""Properties of a right answer that say more than "wrong value" when they are broken.

A property is a function `(case, got) -> sentence or ""`, called when the shape is right, all numbers are real and finite.
"""

import numpy as np

from course_utils.checking.messages import number

TINY = 1e-6  # rounding in float32 may step over a bound by this much


def between(low, high):
    """Every number of the result lies in [low, high]."""

    def holds(case, got):
        outside = (got < low - TINY) | (got > high + TINY)
        if not outside.any():
            return ""
        place = np.argmax(outside.ravel())
        x, y = number(case.args[0].ravel()[place]), number(got.ravel()[place])
        return f"At x = {x} your result is {y}, outside the range from {number(low)} to {number(high)}."

    return holds


def even():
    """The result at -x equals that at x, for a case that holds both; the reference decides elsewhere."""

    def holds(case, got):
        x, y = case.args[0].ravel(), got.ravel()
        for place, opposite in zip(*np.nonzero((x[:, None] == -x) & (x[:, None] > 0)), strict=True):
            if abs(y[place] - y[opposite]) > TINY:
                at = number(x[place])
                return f"At x = {at} and x = -{at} your results differ: {number(y[place])} and {number(y[opposite])}."
        return ""

    return holds
