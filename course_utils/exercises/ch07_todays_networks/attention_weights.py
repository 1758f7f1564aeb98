"""Exercise: attention weights with a mask that may leave a row nothing to look at."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case, reject
from course_utils.checking.verdict_messages import number
from course_utils.exercises import _reasons as reasons
from course_utils.texts import _

PROMPT = _(r"""
Write the weights of attention, with a mask:

$$\text{scores} = \frac{Q K^T}{\sqrt{d}}, \qquad \text{weights} = \text{softmax of each row over its allowed keys}$$

- `queries` has the shape `(n, d)` and `keys` the shape `(m, d)`: NumPy arrays of numbers between -32 and 32, $d$ up to 64.
- `mask` has the shape `(n, m)` and holds truth values: `True` where a query may look at a key.
- Return an array of shape `(n, m)`. Where the mask says `False`, the weight is 0. The others of a row sum to 1.
- A row of the mask may be all `False`: then all of its weights are **0**. Nothing may become `nan`.
- A ready-made softmax is allowed. Warnings cost nothing.
""")

EXPLANATION = _(r"""
**Why it is right.** A score of minus infinity is *e* to the power of minus infinity, which is 0: that key is left out of the sum as
well, so the others still add up to 1. The largest score is subtracted first, as in every softmax, so that nothing overflows. In a row without
any allowed key the largest score is minus infinity itself, and minus infinity minus minus infinity is `nan`. So there 0 is subtracted
instead, the sum is 0, and the row is divided by 1.

**The tempting wrong answer** is a very negative number such as `-1e9` for masked scores. It works, in float32, in every row that has
an allowed key. Where all are masked, all scores are equal again, and each *forbidden* key gets the weight $1/m$. Multiplying by the mask after softmax is
another one: the forbidden keys have already taken their part of the 1.
""")


def attention_weights(queries, keys, mask):
    scores = np.where(mask, queries @ keys.T / np.sqrt(queries.shape[1]), -np.inf)
    top = scores.max(axis=1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=1, keepdims=True)
    return powers / np.where(total > 0, total, 1)


def reference(queries, keys, mask):
    """Row by row, over the allowed keys alone."""
    queries, keys = np.asarray(queries, float), np.asarray(keys, float)
    weights = np.zeros(mask.shape)
    for i, allowed in enumerate(mask):
        scores = [queries[i] @ key / keys.shape[1] ** 0.5 for key in keys[allowed]]
        weights[i, allowed] = [1 / sum(np.exp(other - one) for other in scores) for one in scores]
    return weights


def _draw(rng):
    n, m, d = rng.integers(1, 5), rng.integers(1, 6), rng.integers(1, 9)
    mask = rng.random((n, m)) < rng.choice([0.4, 0.8])
    mask[rng.integers(n)] &= rng.random() < 0.7
    return rng.integers(-8, 9, (n, d)) / 4, rng.integers(-8, 9, (m, d)) / 4, mask


def _scores(queries, keys, by=None):
    return queries @ keys.T / (np.sqrt(queries.shape[1]) if by is None else by(queries.shape[1]))


def _softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _safe(scores, mask):
    """The right weights for any scores."""
    scores = np.where(mask, scores, -np.inf)
    top = scores.max(axis=1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0))
    total = powers.sum(axis=1, keepdims=True)
    return powers / np.where(total > 0, total, 1)


def _zeros_for_nan(weights):
    return np.where(np.isnan(weights), 0, weights)


def _rows_sum(case, got):
    wanted = case.args[2].any(axis=1)
    off = np.abs(got.sum(axis=1) - wanted) > 1e-3
    if not off.any():
        return None
    row = int(np.argmax(off))
    allowed = case.args[2][row].astype(int).tolist()
    sentence = _("Row {row} of your weights sums to {got}; it should sum to {wanted} (its row of the mask is {mask}).")
    return reject("sum", sentence, row=row, got=number(got[row].sum()), wanted=int(wanted[row]), mask=allowed)


def _forbidden(case, got):
    off = ~case.args[2] & (np.abs(got) > 1e-6)
    if not off.any():
        return None
    row, key = map(int, np.argwhere(off)[0])
    sentence = _("Query {row} may not look at key {key}, and its weight there is {got}; expected 0.")
    return reject("forbidden", sentence, row=row, key=key, got=number(got[row, key]))


Q = np.array([[1.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
K = np.array([[2.0, 0.0, 0.0, 1.0], [0.0, 3.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0]])
ALL, SOME, NONE = np.ones((2, 3), bool), np.array([[1, 0, 1], [0, 1, 1]], bool), np.array([[1, 1, 0], [0, 0, 0]], bool)
FAR = np.array([[32.0, 32.0, 32.0, 32.0], [-32.0, -32.0, -32.0, -32.0]])
WIDE = (np.arange(6 * 64).reshape(6, 64) * 7 % 17 - 8) / 8

EXERCISE = Exercise(
    place=20,
    title=_("Attention weights with a mask"),
    difficulty="medium",
    minutes=12,
    points=2,
    prompt=PROMPT,
    solution=attention_weights,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(
            _("One query and two equal keys: work it out by hand."),
            case(np.array([[1.0]]), np.array([[2.0], [2.0]]), np.ones((1, 2), bool)),
        ),
        *about(_("Everything is allowed, with d = 4."), case(Q, K, ALL)),
        *about(_("Some keys are masked: the rest of each row sums to 1."), case(Q, K, SOME)),
        *about(_("One key is left: it gets everything."), case(Q, K, np.array([[0, 0, 1], [1, 0, 0]], bool))),
        *about(_("The second query may look at nothing at all."), case(Q, K, NONE)),
        *about(_("No query may look at any key."), case(Q, K, ~ALL)),
        *about(
            _("Scores so large that an exponential overflows."),
            case(FAR, FAR, np.ones((2, 2), bool)),
            case(FAR, FAR, np.array([[0, 1], [0, 0]], bool)),
        ),
        *about(
            _("The largest score is masked, and far above the others."),
            case(FAR[:1], np.array([[32.0] * 4, [0.0] * 4, [0.0, 0.0, 0.0, 0.25]]), np.array([[0, 1, 1]], bool)),
        ),
        *about(_("Only negative scores."), case(-FAR[:1], np.array([[32.0] * 4, [31.0] * 4]), np.ones((1, 2), bool))),
        *about(
            _("As many queries as keys, so that the shape does not give a wrong axis away."),
            case(K, K, np.tri(3, dtype=bool)),
        ),
        *about(
            _("64 numbers in each key."), case(WIDE[:4], WIDE[4:], np.array([[1, 1], [1, 0], [0, 1], [1, 1]], bool))
        ),
        *about(reasons.FLOAT32, case(Q.astype(np.float32), K.astype(np.float32), NONE)),
    ),
    draw=_draw,
    elementwise=False,
    properties=(_forbidden, _rows_sum),
    tolerance=Tolerance(rtol=1e-4, atol=1e-6),  # scores of 50 in float32 move a weight by 1e-5 of it
    next_step=_(
        "Print your scores for the smallest example, then the powers, then their sum in each row. Which of the three is wrong first?"
    ),
    hints=(
        _("What is e to the power of minus infinity? And which number is minus infinity minus minus infinity?"),
        _("Set the masked scores to minus infinity before the softmax. Which row goes wrong now, and why?"),
        _(
            "In a row without allowed keys replace two things: the maximum that you subtract, and the sum that you divide by. "
            "`np.where` can do both."
        ),
    ),
    misconceptions=(
        Misconception(
            "nan_where_all_is_masked",
            lambda q, k, mask: _softmax(np.where(mask, _scores(q, k), -np.inf)),
            _(
                "The largest score of a fully masked row is minus infinity. What do you get if you subtract it from itself?"
            ),
        ),
        Misconception(
            "large_negative_number",
            lambda q, k, mask: _softmax(np.where(mask, _scores(q, k), -1e9)),
            _("Where all scores of a row are equal, softmax gives equal weights. What are they in a fully masked row?"),
        ),
        Misconception(
            "large_negative_number_added",
            lambda q, k, mask: _softmax(_scores(q, k) + np.where(mask, 0, -1e9)),
            _(
                "If -1e9 is added to every score of a row, the differences between them stay. What does softmax give then?"
            ),
        ),
        Misconception(
            "masked_after_softmax",
            lambda q, k, mask: _softmax(_scores(q, k)) * mask,
            _("Add up each row of your weights. Which keys have taken the part that is missing?"),
        ),
        Misconception(
            "score_0_for_masked",
            lambda q, k, mask: _softmax(_scores(q, k) * mask),
            _("A score of 0 is no mask: what is e to the power of 0?"),
        ),
        Misconception(
            "mask_turned_round",
            lambda q, k, mask: _safe(_scores(q, k), ~mask),
            _("True means that a query may look. What does your function do where the mask is True?"),
        ),
        Misconception(
            "no_mask",
            lambda q, k, mask: _softmax(_scores(q, k)),
            _("Where does your function use the mask?"),
        ),
        Misconception(
            "no_square_root",
            lambda q, k, mask: _safe(q @ k.T, mask),
            _("With d = 4, each of your scores is twice as large as it should be. What is missing?"),
        ),
        Misconception(
            "divided_by_d",
            lambda q, k, mask: _safe(_scores(q, k, by=lambda d: d), mask),
            _("A sum of d random products typically has the size of the square root of d. What do you divide by?"),
        ),
        Misconception(
            "root_of_the_keys",
            lambda q, k, mask: _safe(_scores(q, k, by=lambda d: np.sqrt(len(k))), mask),
            _("You divide by the root of the number of keys. Over how many products does one score sum?"),
        ),
        Misconception(
            "multiplied_by_the_root",
            lambda q, k, mask: _safe(q @ k.T * np.sqrt(q.shape[1]), mask),
            _("Should the scores of longer keys become larger or smaller?"),
        ),
        Misconception(
            "over_the_queries",
            lambda q, k, mask: _zeros_for_nan(_softmax(np.where(mask, _scores(q, k), -np.inf), axis=0)),
            _("Add up your rows, then your columns. Whose weights should sum to 1, a query's or a key's?"),
        ),
        Misconception(
            "overflow",
            lambda q, k, mask: _zeros_for_nan(
                np.exp(_scores(q, k)) * mask / (np.exp(_scores(q, k)) * mask).sum(axis=1, keepdims=True)
            ),
            _(
                "What is np.exp(2048.)? Which number can be subtracted from all scores of a row without changing its weights?"
            ),
        ),
        Misconception(
            "weights_of_the_whole_table",
            lambda q, k, mask: (lambda e: e / max(e.sum(), 1e-300))(
                np.exp(np.where(mask, _scores(q, k) - _scores(q, k).max(), -np.inf))
            ),
            _("All your weights together sum to 1. Which of them should?"),
        ),
    ),
)
