"""The calls of ReLU and of its slope that are tried: which options, and numbers all around the places where the curve bends."""

import numpy as np

from course_utils.checking.spec import Case, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

SLOPES, LIMITS, THRESHOLDS = (0.1, 0.25, 0.5, 1.0, 2.0), (0.0, 1.0, 2.0, 4.0, 6.0), (0.5, 1.0, 2.0, 3.5)  # as promised
NAMES = ("negative_slope", "max_value", "threshold")
X = np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0])  # the article's
FAR = np.array([-1000.0, 1000.0])
LENGTH = 44  # one for all long arrays: a `tf.function` is traced anew for each length and for each choice of options


def _chosen(*values):
    return {name: value for name, value in zip(NAMES, values, strict=True) if value is not None}


# Both exercises begin with these: one option after the other, then together.
STEP_BY_STEP = (
    *about(_("No option: one number below 0 and one above."), case(np.array([-1.0, 2.0]))),
    *about(_("No option: the article's numbers."), case(X)),
    *about(_("A slope above 1."), case(X, negative_slope=2.0)),
    *about(_("A slope below 1."), case(X, negative_slope=0.5)),
    *about(_("A limit."), case(X, max_value=2.0)),
    *about(_("A limit of 0, which is none the less a limit."), case(X, max_value=0.0)),
    *about(_("A threshold alone."), case(X, threshold=3.5)),
    *about(_("A threshold and a slope together."), case(X, negative_slope=2.0, threshold=3.5)),
    *about(_("A limit and a slope together."), case(X, negative_slope=0.1, max_value=2.0)),
    *about(_("A threshold and a limit together."), case(X, max_value=4.0, threshold=2.0)),
    *about(_("All three options together."), case(X, negative_slope=2.0, max_value=4.0, threshold=2.0)),
    *about(_("Below the threshold."), case(np.array([0.0]), negative_slope=0.5, threshold=2.0)),
    *about(reasons.FAR, case(FAR), case(FAR, negative_slope=0.5, max_value=6.0)),
)

# Each subset of the options, and each promised value of each option.
CHOICES = tuple(_chosen(*values) for values in (
    (None, None, None), (0.25, None, None), (None, 4.0, None), (None, None, 1.0),
    (0.25, 4.0, None), (0.25, None, 1.0), (None, 4.0, 1.0), (0.25, 4.0, 1.0),
    (0.1, 1.0, 0.5), (0.5, 4.0, 2.0), (1.0, 6.0, 3.5), (2.0, 2.0, 0.5), (2.0, 0.0, None),
))  # fmt: skip


def long_cases():
    """Each choice of options with numbers from -10 to 10, four of them close to where the curve bends; then all the range."""
    near = np.linspace(-9.75, 9.75, LENGTH - 4)
    near_cases = (Case((np.append(near, _bends(options)),), options) for options in CHOICES)
    far = Case((np.arange(-989.0, 990.0, 46.0),), {"negative_slope": 0.25})
    return about(_("Many numbers, some of them close to where the curve bends."), *near_cases, far)


def drawn(rng):
    """A call with numbers where the curve bends, or as far out as is promised; none is nearer to a bend than 0.02."""
    furthest = rng.choice([10, 1000])
    x = furthest * (2 * (rng.permutation(LENGTH) + rng.random(LENGTH)) / LENGTH - 1)
    options = CHOICES[rng.integers(len(CHOICES))] if rng.random() < 0.9 else _any(rng)
    x = x.astype(np.float32).astype(float)  # float32 holds them exactly
    bends = [options.get(name, 0.0) for name in ("threshold", "max_value")]
    near = (np.abs(x[:, None] - bends) < 0.02).any(axis=1)
    return Case((np.where(near, x + 0.125, x),), options)


def _bends(options):
    low, high = options.get("threshold", 0.0), options.get("max_value", 8.0)
    return low - 0.05, low + 0.05, high - 0.05, high + 0.05


def _any(rng):
    threshold = rng.choice([None, *THRESHOLDS])
    limits = [limit for limit in LIMITS if limit > (threshold or 0)] if threshold else LIMITS
    return _chosen(rng.choice([None, *SLOPES]), rng.choice([None, *limits]), threshold)
