"""Softmax and its kin: they mix the entries of a row, so they have no curve and no range of their own."""

import numpy as np
from numpy.typing import ArrayLike


def softmax(x: ArrayLike, axis: int = -1) -> np.ndarray:
    """Softmax along an axis, `exp(x) / sum(exp(x))`, with the row's maximum subtracted first, which changes nothing.

    Args:
        x: Logits, real numbers of any shape with at least one entry along `axis`; -inf rules a class out.
        axis: The axis along which the result sums to 1.

    Returns:
        Probabilities in [0, 1], float64, with the shape of x.

    Source:
        Bridle 1990, Probabilistic interpretation of feedforward classification network outputs, in Neurocomputing.

    >>> softmax([1.5, 4.4, 2.0]).round(3)
    array([0.048, 0.873, 0.079])
    """
    x = np.asarray(x, dtype=np.float64)
    with np.errstate(under="ignore"):
        e = np.exp(x - np.max(x, axis=axis, keepdims=True))
        return e / np.sum(e, axis=axis, keepdims=True)


def log_softmax(x: ArrayLike, axis: int = -1) -> np.ndarray:
    """Logarithm of softmax, `x - log(sum(exp(x)))`, without ever taking the logarithm of a 0.

    Args:
        x: Logits, as for `softmax`.
        axis: The axis along which the probabilities sum to 1.

    Returns:
        Numbers up to 0, float64, with the shape of x.

    >>> log_softmax([0, -1000])
    array([    0., -1000.])
    """
    x = np.asarray(x, dtype=np.float64)
    shifted = x - np.max(x, axis=axis, keepdims=True)
    with np.errstate(under="ignore"):
        return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


def softmax_jacobian(z: ArrayLike) -> np.ndarray:
    """Slopes of softmax at one row of logits, `diag(p) - outer(p, p)` with `p = softmax(z)`.

    Args:
        z: Logits, shape (k,).

    Returns:
        float64 of shape (k, k): entry [i, j] is d p_i / d z_j. Symmetric; rows and columns sum to 0.

    Raises:
        ValueError: z is not one row.

    >>> softmax_jacobian([0, 0])
    array([[ 0.25, -0.25],
           [-0.25,  0.25]])
    """
    p = softmax(z)
    if p.ndim != 1:
        raise ValueError(f"z must be one row of logits, with shape (k,). Got shape {p.shape}.")
    with np.errstate(under="ignore"):
        return np.diag(p) - np.outer(p, p)
