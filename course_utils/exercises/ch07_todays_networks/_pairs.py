"""What the two exercises share that ask for a function's value together with the gradient that goes back through it."""

from course_utils.checking.spec import Tolerance

FLOAT32 = Tolerance(rtol=1e-4, atol=1e-5)  # a gradient can be the difference of larger numbers


def rows(rng):
    """A table of one to four rows of one to eight numbers, and the gradient that arrives from behind it: two arrays."""
    shape = rng.integers(1, 5), rng.integers(1, 9)
    return tuple(rng.integers(-24, 25, shape) / 8 for _ in range(2))
