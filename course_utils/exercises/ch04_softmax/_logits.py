"""Logits for the searches of this chapter, and properties of what comes out of them."""

import numpy as np

from course_utils.checking.spec import Case, about, case, reject
from course_utils.checking.verdict_messages import literal, number
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

FAR = 1000  # the largest logit that the prompts promise
ROWS = 40  # in a tall table, one for each fortieth of the promised range
FLOAT32 = (
    1.2e-7  # rounding a number to float32 moves it by half of this, relatively; a difference of two moves by all of it
)
ENOUGH = 1e-3  # sums that are further off are not rounding
TABLE = np.array([[1.0, 2.0, 3.0], [1.0, 2.0, 6.0]])
SQUARE = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, 3.0], [5.0, 1.0, -1.0]])
BLOCK = np.array([[[0.0, 1.0], [2.0, 0.0], [0.0, -1.0]], [[3.0, 3.0], [0.0, 4.0], [1.0, 1.0]]])
ROWS_AND_AXES = (
    *about(_("Two equal logits: work it out by hand."), case(np.array([0.0, 0.0]))),
    *about(_("A single row."), case(np.array([1.0, 2.0, 3.0]))),
    *about(_("The article's logits."), case(np.array([1.5, 4.4, 2.0]))),
    *about(_("Negative logits alone."), case(np.array([-1.0, -2.0, -3.0]))),
    *about(_("A single class."), case(np.array([7.0]))),
    *about(reasons.FLOAT32, case(np.array([1.0, 2.0, 3.0], np.float32))),
    *about(_("A table of two rows, each on its own."), case(TABLE)),
    *about(_("The same table, along a named axis."), case(TABLE, axis=0), case(TABLE, axis=1)),
    *about(_("A square table, so that the shape does not give a wrong axis away."), case(SQUARE), case(SQUARE, axis=0)),
)
FAR_AND_DEEP = (
    *about(
        _("Logits near 1000, or near -1000."),
        case(np.array([998.0, 999.0, 1000.0])),
        case(np.array([-1000.0, -999.0, -998.0])),
        case(np.array([1000.0, -1000.0], np.float32)),
    ),
    *about(
        _("Rows very far from each other."),
        case(np.array([[999.0, 1000.0], [0.0, 1.0], [-999.0, -1000.0]])),
        case(np.array([[999.0, 0.0, 5.0], [1000.0, 1.0, -1000.0]]), axis=0),
    ),
    *about(_("Three axes, along each of them."), *(case(BLOCK, axis=axis) for axis in (0, 1, 2, -2, -3)), case(BLOCK)),
    *about(reasons.CLASSES, case(np.tile(np.arange(30.0), (2, 1)))),
    *about(_("An axis counted from the end."), case(TABLE.astype(np.float32), axis=-2)),
)


def stable_softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def eighths(rng, shape):
    """Numbers between -10 and 10 in steps of 1/8: short to write, and the same in float32."""
    return rng.integers(-80, 81, shape) / 8


def tall_table(rng):
    """`ROWS` rows of four logits that differ by a few units; the rows lie all over the promised range, in random order."""
    centres = np.round((rng.permutation(ROWS) + rng.random(ROWS)) / ROWS * 2 * FAR - FAR)
    return np.clip(centres[:, None] + rng.integers(-16, 17, (ROWS, 4)) / 8, -FAR, FAR)


def drawn_array(rng):
    """Logits with one to three axes, sometimes far from 0 and sometimes a tall table, and one of their axes."""
    if rng.random() < 0.4:
        x = tall_table(rng)
        return (x, -1) if rng.random() < 0.5 else (x.T.copy(), 0)
    x = eighths(rng, rng.integers(1, 5, rng.integers(1, 4)))
    axis = int(rng.integers(-x.ndim, x.ndim))
    lines = np.ones_like(x.sum(axis=axis, keepdims=True))
    return np.clip(x + rng.choice([0, 0, 0, -FAR, 100, FAR], lines.shape), -FAR, FAR), axis


def drawn_case(rng):
    """A call with a `drawn_array`, in float32 or float64."""
    x, axis = drawn_array(rng)
    return Case((x.astype(rng.choice([np.float32, np.float64])),), {} if axis == -1 else {"axis": axis})


def sums_to(total):
    """The result sums to this along the case's axis (the last one, if it names none)."""

    def holds(case, got):
        axis = case.kwargs.get("axis", -1)
        sums = got.sum(axis=axis).ravel()
        off = np.abs(sums - total) > ENOUGH
        if not off.any():
            return None
        got_sum = number(sums[np.argmax(off)])
        sentence = _("For `{x}` your results sum to {got} along axis {axis}; they should sum to {wanted}.")
        return reject("sum", sentence, x=literal(case.args[0]), got=got_sum, axis=axis, wanted=number(total))

    return holds
