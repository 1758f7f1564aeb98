"""What can be counted of an activation on a batch: the share of values in its flat parts, and the share of dead units."""

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from course_utils.experiments.report_cards.curve_analysis import FLAT, WIDE
from course_utils.experiments.training.stacked import NO_SLOPE

ROWS = 16  # enough of a batch to find out whether its numbers depend on each other
SCALES = (1, 30, 10_000)  # of the numbers that are put beside the others; dead units notice only large ones
STEP = 1e-3


class ShareCount(NamedTuple):
    """What was counted.

    Args:
        saturated, dead: shares in [0, 1]; nan where nothing can be counted.
        linear: whether the slope is the same number everywhere, and not 0.
        trouble: why nothing was counted: "rows" or "examples" (several values of one row, or of several, are looked at),
            "changes" (other values when called again), "slope" (TensorFlow works out none, though the values move), "not
            finite" (the slope is inf or nan); else "".
    """

    saturated: float = np.nan
    dead: float = np.nan
    linear: bool = False
    trouble: str = ""


def count(readings: list, axis: int = -1) -> ShareCount:
    """Count flat parts and dead units over all calls of one activation.

    Args:
        readings: (function of a tensor, its input, the value that was seen) for each call; with the same units each time.
        axis: where the units are.

    Returns:
        `ShareCount`.
    """
    slopes = []
    for function, z, value in readings:
        again = _try(function, z)
        if again is None or again.shape != value.shape or not _agree(again, value):
            return ShareCount(trouble="changes")
        if not is_elementwise(function, z):
            half = _try(function, z[: len(z) // 2])
            alone = half is not None and half.shape[1:] == again.shape[1:] and _agree(half, again[: len(half)])
            return ShareCount(trouble="rows" if alone else "examples")
        slope = _slopes(function, z)
        if slope is None:
            return ShareCount(trouble="slope")
        slopes.append(_units_last(slope, axis))
    function, z, _value = readings[0]
    on_grid = _slopes_on_grid(function, z)
    if on_grid is None:
        return ShareCount(trouble="slope")
    slopes, on_grid = np.abs(np.concatenate(slopes)), np.abs(np.ravel(on_grid))
    if not np.isfinite(slopes).all():
        return ShareCount(trouble="not finite")
    largest = np.max(on_grid[np.isfinite(on_grid)], initial=0.0)
    every = np.append(slopes.ravel(), on_grid)
    linear = every.max() > 0 and np.ptp(every) <= 1e-4 * every.max()
    flat, none = slopes <= FLAT * largest, slopes <= NO_SLOPE * largest
    return ShareCount(np.mean(flat), np.mean(none.all(axis=0)), bool(linear))


def is_elementwise(function: Callable, z: tf.Tensor) -> bool:
    """Whether a function of a tensor gives each number's result from that number and its place alone.

    Then other numbers around it, or more columns beside it, change nothing; for softmax they do.

    Args:
        function: of a tensor.
        z: a tensor; some of its rows are tried.

    Returns:
        bool.
    """
    for row in (z[:ROWS], z):  # a function that takes whole batches only gets one
        if (alone := _try(function, row)) is not None:
            break
    if alone is None or alone.shape != row.shape:
        return False
    rng = np.random.default_rng(0)
    chosen = rng.random(row.shape) < 0.5
    for mask, scale in product((chosen, ~chosen), SCALES):
        other = tf.cast(scale * rng.normal(size=row.shape), row.dtype)
        changed = _try(function, tf.where(mask, other, row))
        if changed is None or not _agree(alone[~mask], changed[~mask]):
            return False
    if row.shape[-1] > 1:
        return True
    beside = _try(function, tf.concat([row, row + 1], axis=-1))  # a softmax of one unit has nothing else to look at
    return beside is None or beside.shape[-1] != 2 or _agree(alone, beside[..., :1])


def _try(function, z):
    """The values as an array of float64, or None where the function takes no such tensor."""
    try:
        value = function(z)
        return np.asarray(value).astype(float) if isinstance(value, tf.Tensor) else None
    except Exception:  # noqa: BLE001  # the reader's function may raise anything
        return None


def _agree(one, other):
    one, other = np.asarray(one, float), np.asarray(other, float)
    size = np.max(np.abs(one[np.isfinite(one)]), initial=0.0)
    return np.allclose(one, other, rtol=1e-5, atol=1e-5 * size, equal_nan=True)


def _slopes(function, z):
    """TensorFlow's slopes as float64; None where it finds none although the values move."""
    with tf.GradientTape() as tape:
        tape.watch(z)
        value = function(z)
    slope = tape.gradient(value, z) if value.dtype.is_floating else None
    if slope is not None:
        return np.asarray(tf.convert_to_tensor(slope)).astype(float)
    near = _try(function, z + tf.cast(STEP, z.dtype) * (1 + tf.abs(z)))
    steps = np.asarray(value).astype(float) != near
    return None if near is None or np.mean(steps) > 0.05 else np.zeros(z.shape)


def _slopes_on_grid(function, z):
    """The slopes on [-10, 10], for all units alike, or for each place where the function wants its own tensors' shape."""
    for grid in (
        WIDE[::10].reshape(-1, *[1] * (len(z.shape) - 1)),
        np.multiply.outer(WIDE[::500], np.ones(z.shape[1:])),
    ):
        grid = tf.cast(grid, z.dtype)
        value = _try(function, grid)
        if value is not None and value.shape == grid.shape:
            return _slopes(function, grid)
    return _slopes(function, z)


def _units_last(slopes, axis):
    """(examples and places, units); numbers without an axis of units are one unit's."""
    if slopes.ndim < 2:
        return slopes.reshape(-1, 1)
    slopes = np.moveaxis(slopes, axis, -1)
    return slopes.reshape(-1, slopes.shape[-1])
