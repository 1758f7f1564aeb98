"""Exercise: RMS normalisation, and the gradient that goes back through it."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch07_todays_networks._pairs import FLOAT32, rows
from course_utils.texts import _

PROMPT = _(r"""
RMS normalisation divides each row by its *root mean square*:

$$r = \sqrt{\frac{x_1^2 + \dots + x_d^2}{d} + \varepsilon}, \qquad y_i = \frac{x_i}{r}$$

Write it with its gradient. `upstream` is the gradient of the loss with respect to the results $y$; the gradient with respect to the
inputs is the sum over all $j$ of $\text{upstream}_j$ times the slope of $y_j$ with respect to $x_i$ (its partial derivative).

- `x` and `upstream` are NumPy arrays of the shape `(n, d)`. Each row is normalised by itself. Neither array may be changed.
- `eps` stands for $\varepsilon$. It is positive, and keeps a row of zeros from dividing by 0.
- Return two arrays of the shape `(n, d)`: the results, then the gradient with respect to `x`.
""")

EXPLANATION = _(r"""
**Why it is right.** $x_i$ stands in two places: in the numerator of its own $y_i$, and in $r$, every denominator. The first part gives
$\text{upstream}_i / r$. For the second, the slope of $r$ with respect to $x_i$ is $\frac{x_i}{d\,r} = \frac{y_i}{d}$, and each $y_j = x_j / r$ falls by
$\frac{y_j}{r}$ for each 1 that $r$ grows. Together:
$\frac{1}{r}\left(\text{upstream}_i - y_i \cdot \text{mean}(\text{upstream} \cdot y)\right)$.

So the gradient has nearly no part along $x$ itself: making the whole row longer changes nothing, and the part of the gradient
that asks for it is taken out.

**The tempting wrong answer** is `upstream / r`. It treats $r$ as a constant, and forgets that each number of a row moves all results of
its row.
""")


def rms_norm(x, upstream, eps=1e-6):
    r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)
    y = x / r
    return y, (upstream - y * np.mean(upstream * y, axis=1, keepdims=True)) / r


def reference(x, upstream, eps=1e-6):
    """By the table of all slopes, row by row."""
    x, upstream = (np.asarray(part, float) for part in (x, upstream))
    values, gradients = np.zeros(x.shape), np.zeros(x.shape)
    for i, row in enumerate(x):
        square = row @ row / row.size + eps
        slopes = np.eye(row.size) * square**-0.5 - np.outer(row, row) * square**-1.5 / row.size
        values[i], gradients[i] = row * square**-0.5, slopes @ upstream[i]
    return np.stack([values, gradients])


def _r(x, eps):
    return np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)


def _mean(values):
    return np.mean(values, axis=1, keepdims=True)


def _back(x, upstream, r):
    return (upstream - x / r * _mean(upstream * x / r)) / r


def _layer_norm(x, upstream, eps=1e-6):
    centred = x - _mean(x)
    r = np.sqrt(_mean(centred**2) + eps)
    y = centred / r
    return y, (upstream - _mean(upstream) - y * _mean(upstream * y)) / r


def _whole_table(x, upstream, eps=1e-6):
    r = np.sqrt(np.mean(x**2) + eps)
    return x / r, (upstream - x / r * np.mean(upstream * x / r)) / r


def _down_the_columns(x, upstream, eps=1e-6):
    y, back = rms_norm(x.T, upstream.T, eps)
    return y.T, back.T


def _euclidean(x, upstream, eps=1e-6):
    r = np.sqrt(np.sum(x**2, axis=1, keepdims=True) + eps)
    return x / r, (upstream - x / r * np.sum(upstream * x / r, axis=1, keepdims=True)) / r


def _with(r, back):
    return lambda x, upstream, eps=1e-6: (x / r(x, eps), back(x, upstream, r(x, eps)))


def _draw(rng):
    x, upstream = rows(rng)
    return case(x + 0.125 * (x == 0), upstream, eps=float(rng.choice([0.5, 1.0, 2.0])))


HAND, BACK = np.array([[1.0, 7.0]]), np.array([[1.0, 0.0]])  # the root mean square is 5
TABLE = np.array([[3.0, -3.0, 3.0], [1.0, 2.0, 2.0]])
TABLE_BACK = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, -1.0]])

EXERCISE = Exercise(
    place=30,
    title=_("RMS normalisation and its gradient"),
    difficulty="hard",
    minutes=20,
    points=3,
    prompt=PROMPT,
    solution=rms_norm,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("A root mean square of 5: work it out by hand."), case(HAND, BACK)),
        *about(_("A gradient that arrives at the other number."), case(HAND, BACK[:, ::-1].copy())),
        *about(_("Two rows of different length, each for itself."), case(TABLE, TABLE_BACK)),
        *about(
            _("Numbers whose mean is far from 0."), case(np.array([[9.0, 10.0, 11.0]]), np.array([[1.0, 0.0, 0.0]]))
        ),
        *about(_("An eps that counts."), case(TABLE, TABLE_BACK, eps=1.0)),
        *about(_("A row of zeros, where eps alone is left."), case(np.zeros((2, 3)), TABLE_BACK, eps=0.25)),
        *about(_("A row of zeros beside another one."), case(TABLE * [[1], [0]], TABLE_BACK, eps=0.25)),
        *about(_("Rows of one number."), case(np.array([[2.0], [-3.0]]), np.array([[1.0], [1.0]]), eps=1.0)),
        *about(
            _("As many rows as columns."), case(np.array([[2.0, 1.0], [0.0, 4.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
        ),
        *about(_("Large numbers: the results stay as large as before."), case(1000 * TABLE, TABLE_BACK)),
        *about(reasons.FLOAT32, case(TABLE.astype(np.float32), TABLE_BACK.astype(np.float32))),
    ),
    draw=_draw,
    elementwise=False,
    tolerance=FLOAT32,
    next_step=_(
        "For the row [1, 7], raise the 1 to 1.001. By how much does each of the two results move? Divided by 0.001, and "
        "multiplied by upstream, that is the first number of the gradient."
    ),
    hints=(
        _("Begin with the forward direction: the mean of the squares of each row, plus eps, and the root of it all."),
        _(
            "If one number of a row grows, so does r, and then every result of that row moves. What is the slope of r with respect to x_i?"
        ),
        _(
            "The gradient is upstream minus something, divided by r. That something is y times one number for each row: the mean "
            "of a product."
        ),
    ),
    misconceptions=(
        Misconception(
            "r_taken_for_a_constant",
            _with(_r, lambda x, upstream, r: upstream / r),
            _(
                "Your results are right. If x_1 grows, so does r: what does that do to y_2, and where is that in your gradient?"
            ),
        ),
        Misconception(
            "own_slope_alone",
            _with(_r, lambda x, upstream, r: upstream * (1 - (x / r) ** 2 / x.shape[1]) / r),
            _(
                "That is the slope of each result with respect to its own input. Which other results does that input move?"
            ),
        ),
        Misconception(
            "upstream_unchanged",
            _with(_r, lambda x, upstream, r: upstream + 0 * x),
            _("If all x are twice as large, is a result still as easy to move?"),
        ),
        Misconception(
            "sum_for_mean_in_the_gradient",
            _with(_r, lambda x, upstream, r: (upstream - x / r * np.sum(upstream * x / r, axis=1, keepdims=True)) / r),
            _(
                "Your results are right, and the gradient has the right form. What does the 1/d in r become when you take its slope?"
            ),
        ),
        Misconception(
            "not_divided_by_r",
            _with(_r, lambda x, upstream, r: upstream - x / r * _mean(upstream * x / r)),
            _("What would the gradient be if r were a constant? One division is missing in yours."),
        ),
        Misconception(
            "x_for_y",
            _with(_r, lambda x, upstream, r: (upstream - x * _mean(upstream * x)) / r),
            _("In the term that you subtract: is it x that stands there, or x divided by r?"),
        ),
        Misconception(
            "wrong_sign_in_the_gradient",
            _with(_r, lambda x, upstream, r: (upstream + x / r * _mean(upstream * x / r)) / r),
            _("If r grows, does x / r grow or fall?"),
        ),
        Misconception(
            "upstream_forgotten",
            _with(_r, lambda x, upstream, r: _back(x, np.ones_like(upstream), r)),
            _("Does your gradient change with upstream?"),
        ),
        Misconception(
            "layer_norm",
            _layer_norm,
            _("You subtract the mean first: that is layer normalisation. Does the formula do it?"),
        ),
        Misconception(
            "whole_table",
            _whole_table,
            _("Your second row depends on the first. Along which axis is the mean to be taken?"),
        ),
        Misconception(
            "down_the_columns",
            _down_the_columns,
            _("You normalise columns. Which axis belongs to the numbers of one row?"),
        ),
        Misconception(
            "euclidean_length",
            _euclidean,
            _("You divide by the root of the *sum* of the squares. What does the M in RMS stand for?"),
        ),
        Misconception(
            "root_forgotten",
            _with(lambda x, eps: _mean(x**2) + eps, _back),
            _("For the row [1, 7] the mean square is 25. What is its root?"),
        ),
        Misconception(
            "eps_forgotten",
            _with(lambda x, eps: _r(x, 0), _back),
            _("What does your function give for a row of zeros, and where does eps belong?"),
        ),
        Misconception(
            "eps_outside_the_root",
            _with(lambda x, eps: _r(x, 0) + eps, _back),
            _("Look at the formula once more: is eps added before or after the root is taken?"),
        ),
        Misconception(
            "eps_within_the_mean",
            _with(lambda x, eps: np.sqrt((np.sum(x**2, axis=1, keepdims=True) + eps) / x.shape[1]), _back),
            _("Is eps added to the sum of the squares, or to their mean?"),
        ),
        Misconception(
            "gradient_first",
            lambda x, upstream, eps=1e-6: rms_norm(x, upstream, eps)[::-1],
            _("You have both. In which order does the prompt ask for them?"),
        ),
    ),
)
