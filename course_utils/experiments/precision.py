"""Every floating-point number of an interval, to look where they end before a curve does."""

import numpy as np

MOST = 20_000_000  # about 80 MB of float32
BITS = {"float16": np.int16, "float32": np.int32}


def every_float(low, high, dtype="float32"):
    """All numbers of a floating-point type from `low` to `high`, both included.

    Args:
        low, high: numbers of the same sign, `low < high`.
        dtype: "float16" or "float32".

    Returns:
        An ascending array of that dtype.

    Raises:
        ValueError: the ends have different signs, are not in order, or hold more than 20 million numbers between them.

    >>> len(every_float(1, 2))
    8388609
    >>> every_float(1, 1.003, "float16")
    array([1.   , 1.001, 1.002, 1.003], dtype=float16)
    """
    ends = np.array([low, high], dtype)
    bits = ends.view(BITS[dtype]).astype(np.int64)
    if not low < high or np.signbit(ends[0]) != np.signbit(ends[1]):
        raise ValueError(f"low and high need one sign and low < high, got low={low!r}, high={high!r}")
    first, last = sorted(bits)
    if last - first > MOST:
        raise ValueError(f"{last - first:,} numbers lie between {low} and {high}; at most {MOST:,} are made")
    return np.sort(np.arange(first, last + 1).astype(BITS[dtype]).view(dtype))
