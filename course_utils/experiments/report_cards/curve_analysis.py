"""What can be said of an unknown function from its curve alone: range, direction, kinks, jumps, saturation."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

WIDE = np.linspace(-10, 10, 20_001, dtype="float32")  # the inputs that the words of a `CurveAnalysis` speak about
DRAWN = np.linspace(-6, 6, 481, dtype="float32")
REACHES = (10, 100, 1_000, 10_000)
FLAT = 0.05  # saturated: slopes under this share of the largest, as in course_utils.activations
BREAK = 0.02  # a jump smaller than this share of the largest value, or slope, is not looked for
NEAR = 1e-4  # how near the nearest neighbours are
END = 8  # the outer parts of WIDE, where saturation is looked for, begin here


@dataclass(frozen=True)
class CurveAnalysis:
    """A function of one number, as TensorFlow sees it in float32.

    Args:
        x, values, slopes: (481,) inputs from -6 to 6, with the value and TensorFlow's slope there.
        reach: 10, 100, 1,000 or 10,000: value and slope are finite out to there on both sides; 0 if they aren't even
            on [-10, 10], and then the entries that follow are as for a level line.
        value_range, slope_range: (lowest, highest) on [-10, 10].
        rises, falls: whether the value does so anywhere on [-10, 10].
        affine: whether it is one straight line on [-10, 10].
        kinks, jumps: the x in (-10, 10) at which the slope, or the value, jumps.
        flat_ends: out of "left" and "right": the sides on which all slopes beyond 8 are under 5 % of the largest.
        wrong_slopes: the x at which TensorFlow's slope is not the curve's.
    """

    x: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    reach: int
    value_range: tuple[float, float] = (np.nan, np.nan)
    slope_range: tuple[float, float] = (np.nan, np.nan)
    rises: bool = False
    falls: bool = False
    affine: bool = False
    kinks: tuple[float, ...] = ()
    jumps: tuple[float, ...] = ()
    flat_ends: tuple[str, ...] = ()
    wrong_slopes: tuple[float, ...] = ()


def value_and_slope(function: Callable, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A function's value and TensorFlow's slope.

    Args:
        function: an elementwise function of a tensor.
        x: floats of any shape.

    Returns:
        (value, slope): arrays shaped like x; the slope is 0 where the function has none, as of a step.
    """
    x = tf.convert_to_tensor(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = function(x)
    return value.numpy(), tape.gradient(value, x, unconnected_gradients="zero").numpy()


def look_at(function: Callable) -> CurveAnalysis:
    """Describe an elementwise function of a tensor by its curve.

    Args:
        function: it takes and gives float32 tensors.

    Returns:
        A `CurveAnalysis`.
    """
    drawn = (DRAWN, *value_and_slope(function, DRAWN))
    values, slopes = value_and_slope(function, WIDE)
    reach = _reach(function) if np.isfinite([values, slopes]).all() else 0
    return CurveAnalysis(*drawn, reach, **_described(function, values, slopes)) if reach else CurveAnalysis(*drawn, 0)


def _reach(function):
    far = np.array([[-reach, reach] for reach in REACHES], "float32")
    finite = np.isfinite(value_and_slope(function, far)).all(axis=(0, 2))
    return REACHES[int(np.argmin([*finite[1:], False]))]


def _described(function, values, slopes):
    jumps = _breaks(lambda x: value_and_slope(function, x)[0], values)
    kinks = [x for x in _breaks(lambda x: value_and_slope(function, x)[1], slopes) if not _near(x, jumps)]
    largest = np.abs(slopes).max()
    ends = {"left": WIDE < -END, "right": WIDE > END}
    return {
        "value_range": (float(values.min()), float(values.max())),
        "slope_range": (float(slopes.min()), float(slopes.max())),
        "rises": _rises(values),
        "falls": _rises(-values),
        "affine": _is_affine(values),
        "kinks": tuple(kinks),
        "jumps": tuple(jumps),
        "flat_ends": tuple(side for side, end in ends.items() if np.abs(slopes[end]).max() <= FLAT * largest),
        "wrong_slopes": _wrong_slopes(function, values, slopes, [*kinks, *jumps]),
    }


def _rises(values):
    """Somewhere the value is higher than somewhere to its left, by more than rounding does."""
    climbed = (values - np.minimum.accumulate(values)).max()
    return bool(climbed > 1e-4 * np.abs(values).max())


def _is_affine(values):
    chord = np.interp(WIDE, WIDE[[0, -1]], values[[0, -1]])
    return bool(np.abs(values - chord).max() <= 1e-4 * max(1e-30, np.abs(values).max()))


def _breaks(evaluate, y):
    """The x at which y jumps. A steep but smooth curve looks like a jump from afar, so each candidate is examined closely."""
    size = np.abs(y).max()
    cells = np.flatnonzero(np.abs(np.diff(y)) > BREAK * size)
    places = np.split(cells, np.flatnonzero(np.diff(cells) > 3) + 1) if len(cells) else []
    found = (_break_within(evaluate, WIDE[max(p[0] - 1, 0)], WIDE[min(p[-1] + 2, len(WIDE) - 1)], size) for p in places)
    return [x for x in found if x is not None]


def _break_within(evaluate, low, high, size):
    x = np.linspace(low, high, 41, dtype="float32")
    y = evaluate(x)
    steps, total = np.abs(np.diff(y)), abs(y[-1] - y[0])
    if total <= BREAK * size or steps.max() < total / 2:
        return None
    return round(float(x[steps.argmax()] + x[steps.argmax() + 1]) / 2, 3) + 0.0


def _wrong_slopes(function, values, slopes, breaks):
    """Where TensorFlow's slope differs from the chord through the neighbours, far ones and near ones; three at most."""
    chords = (values[4:] - values[:-4]) / (WIDE[4:] - WIDE[:-4])
    allowed = BREAK * np.abs(chords).max() + 1e-3
    x, slopes = WIDE[2:-2], slopes[2:-2]
    off = np.abs(chords - slopes) > allowed
    x, slopes = x[off], slopes[off]
    low, high = (value_and_slope(function, end)[0] for end in (x - NEAR, x + NEAR))
    rounding = 4 * np.finfo("float32").eps * np.abs(values).max() / NEAR
    off = np.abs((high - low) / (2 * NEAR) - slopes) > allowed + rounding
    return tuple(round(float(place), 3) + 0.0 for place in x[off] if not _near(place, breaks))[:3]


def _near(x, places):
    return any(abs(x - place) < 0.01 for place in places)
