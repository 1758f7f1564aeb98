"""Exercise: all slopes of softmax at once."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, about, case, reject
from course_utils.checking.verdict_messages import literal, number
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch04_softmax._logits import ENOUGH, eighths, sums_to
from course_utils.exercises.ch04_softmax._logits import stable_softmax as p
from course_utils.texts import _

PROMPT = _(r"""
Softmax has no single slope, because each of the $k$ shares depends on each of the $k$ logits. Write the table of all these slopes,
the *Jacobian*:

$$J_{ij} = \frac{\partial p_i}{\partial z_j}$$

- `logits` is one row, a NumPy array of shape `(k,)` with numbers between -10 and 10; $k$ may be 1. Return an array of shape
  `(k, k)`.
- Pencil and paper, small differences, or TensorFlow's `GradientTape`: any way is fine as long as the numbers are right. You may use
  a ready-made softmax.
""")

EXPLANATION = _(r"""
**Why it is right.** The quotient rule gives $p_i (1 - p_i)$ on the diagonal, the sigmoid's rule, and $-p_i p_j$ everywhere else: when
one logit grows, its share takes from all the others in proportion to what they have. In one formula:
$J = \mathrm{diag}(p) - p\,p^T$. Each row sums to 0, since adding the same number to all logits changes nothing. So does each column,
since the shares always sum to 1. And the table is symmetric.

**The tempting wrong answer** is $p_i (1 - p_i)$ alone, as an array of $k$ numbers or on a diagonal with zeros everywhere else. That
treats softmax as if it worked on each number by itself. A similar slip is `p * p` where the outer product `np.outer(p, p)` is
needed.
""")


def softmax_jacobian(logits):
    e = np.exp(logits - np.max(logits))
    p = e / np.sum(e)
    return np.diag(p) - np.outer(p, p)


def reference(logits):
    """`p_i (1 if i == j else 0) - p_i p_j`, entry by entry, with the shares by differences alone."""
    z = np.asarray(logits, float)
    p = 1 / np.exp(z[None, :] - z[:, None]).sum(-1)
    return np.array([[p[i] * ((i == j) - p[j]) for j in range(z.size)] for i in range(z.size)])


def _draw(rng):
    return (eighths(rng, rng.integers(1, 6)),)


def _symmetric(case, got):
    off = np.abs(got - got.T) > ENOUGH
    if not off.any():
        return None
    i, j = np.argwhere(off)[0]
    above, below = number(got[i, j]), number(got[j, i])
    sentence = _(
        "For `{x}` entry [{i}, {j}] of your table is {above} and entry [{j}, {i}] is {below}; they should be equal."
    )
    return reject("asymmetric", sentence, x=literal(case.args[0]), i=i, j=j, above=above, below=below)


ARTICLE = np.array([1.5, 4.4, 2.0])

EXERCISE = Exercise(
    place=50,
    title=_("All slopes of softmax"),
    difficulty="hard",
    minutes=15,
    points=2,
    prompt=PROMPT,
    solution=softmax_jacobian,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("Two equal logits: work it out by hand."), case(np.array([0.0, 0.0]))),
        *about(_("Three logits."), case(np.array([1.0, 2.0, 3.0]))),
        *about(_("The article's logits."), case(ARTICLE)),
        *about(_("A single class: nothing can move."), case(np.array([7.0]))),
        *about(_("Four logits, most of them negative."), case(np.array([-1.0, -2.0, -3.0, 0.0]))),
        *about(reasons.FLOAT32, case(ARTICLE.astype(np.float32))),
        *about(_("One class has nearly everything."), case(np.array([10.0, -10.0]))),
        *about(
            _("Logits from all of the promised range."),
            *(case(np.arange(first, first + 6.0)) for first in (-10, -5, 0, 5)),
        ),
        *about(reasons.CLASSES, case(np.arange(24) / 4 - 3)),
    ),
    draw=_draw,
    searches=6,  # TensorFlow's tape takes 60 ms for each
    elementwise=False,
    properties=(sums_to(0), _symmetric),
    next_step=_(
        "Move one logit of [0, 1, 2] by 0.001. By how much does each of the three shares move? Divided by 0.001, that is one column."
    ),
    hints=(
        _(
            "The shares always sum to 1. If one logit rises, what must happen to the other shares, and to the sum of a column?"
        ),
        _(
            "Work out the slope of p_i with respect to its own z_i by the quotient rule, then with respect to another z_j. Write both "
            "in terms of the shares."
        ),
        _(
            "On the diagonal you need the sigmoid's rule, everywhere else minus the product of two shares. Which NumPy function "
            "makes a table of all products?"
        ),
    ),
    misconceptions=(
        Misconception(
            "diagonal_alone",
            lambda z: np.diag(p(z) * (1 - p(z))),
            _(
                "Your zeros say that a share does not react to the other logits. Can that be true if all shares sum to 1?"
            ),
        ),
        Misconception(
            "elementwise_slope",
            lambda z: p(z) * (1 - p(z)),
            _("How many slopes are there if each of k shares depends on each of k logits?"),
        ),
        Misconception(
            "wrong_sign",
            lambda z: np.outer(p(z), p(z)) - np.diag(p(z)),
            _("If a logit rises, does its own share rise or fall?"),
        ),
        Misconception(
            "outer_product_alone",
            lambda z: -np.outer(p(z), p(z)),
            _("Off the diagonal it is right. What is the slope of a share with respect to its own logit?"),
        ),
        Misconception(
            "plus_for_minus",
            lambda z: np.diag(p(z)) + np.outer(p(z), p(z)),
            _("If one logit rises, can all the shares rise? What must each row sum to?"),
        ),
        Misconception(
            "product_for_outer_product",
            lambda z: np.diag(p(z)) - p(z) * p(z),
            _("Print the shape of p * p. Which numbers did you subtract from the second row?"),
        ),
        Misconception(
            "inner_product",
            lambda z: np.diag(p(z)) - p(z) @ p(z),
            _("Print what `@` gives for two rows: how many numbers? Off the diagonal all your entries are equal."),
        ),
        Misconception(
            "identity_for_diagonal",
            lambda z: np.eye(z.size) - np.outer(p(z), p(z)),
            _(
                "What does one row of your table sum to? What should be on the diagonal before you subtract the product?"
            ),
        ),
        Misconception(
            "positive_beside_the_diagonal",
            lambda z: np.where(np.eye(z.size) > 0, np.diag(p(z) - p(z) ** 2), np.outer(p(z), p(z))),
            _("The diagonal is right. If one logit rises, can another share rise as well?"),
        ),
        Misconception(
            "column_rule",
            lambda z: p(z)[:, None] * (1 - p(z))[None, :],
            _(
                "That is the rule for the diagonal, written everywhere. What is the slope with respect to *another* logit?"
            ),
        ),
        Misconception(
            "transposed_column_rule",
            lambda z: (1 - p(z))[:, None] * p(z)[None, :],
            _(
                "That is the rule for the diagonal, used for all entries. What is the slope with respect to *another* logit?"
            ),
        ),
        Misconception("shares_alone", p, _("Those are the shares. How does each of them change with each logit?")),
        Misconception(
            "summed_slopes",
            lambda z: np.zeros_like(z),
            _(
                "The tape added up the slopes of all shares, and they cancel out. You need the table before it is summed."
            ),
        ),
        Misconception(
            "slopes_of_log_softmax",
            lambda z: np.eye(z.size) - p(z)[None, :],
            _("Your columns don't sum to 0. Of which function, softmax or its logarithm, did you take the slope?"),
        ),
    ),
)
