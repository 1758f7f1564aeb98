"""Right answers that are made wrong a little: 1.001 times as large on a part of what the prompt promises, or along another axis."""

import numpy as np

from course_utils.exercises import exercise


def parts(low, high, count=41):
    """Intervals of 5 % of a range, each beginning in the middle of another."""
    edges = np.linspace(low, high, count)
    return [(float(a), float(b)) for a, b in zip(edges[:-2], edges[2:], strict=True)]


def powers(low, high, count=41):
    """As `parts`, of the exponents of 10."""
    return [(10**a, 10**b) for a, b in parts(low, high, count)]


def within(values, low, high, factor=1.001):
    """The factor for values in an interval, 1 elsewhere."""
    return np.where((values >= low) & (values <= high), factor, 1.0)


def scaled(name, intervals, of=lambda *args, **kwargs: args[0]):
    """{title: mutant}: the solution of an exercise, 1.001 times as large where `of(*args, **kwargs)` lies in an interval."""
    solution = exercise(name).solution

    def mutant(low, high):
        return lambda *args, **kwargs: solution(*args, **kwargs) * within(of(*args, **kwargs), low, high)

    return {f"x 1.001 from {low:g} to {high:g}": mutant(low, high) for low, high in intervals}


def visible(name, intervals, middle=False):
    """Those intervals in the whole of which (or in the middle) a factor of 1.001 is more than twice the tolerance."""
    spec = exercise(name)

    def seen(low, high):
        value = np.abs(spec.reference(np.array([low, (low + high) / 2, high])))
        plain = 0.001 * value > 2 * (spec.tolerance.atol + spec.tolerance.rtol * value)
        return plain.all() or (middle and plain[1])

    return [interval for interval in intervals if seen(*interval)]
