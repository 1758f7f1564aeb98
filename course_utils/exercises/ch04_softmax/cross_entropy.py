"""Exercise: the cross-entropy of logits and labels."""

import numpy as np

from course_utils.checking.spec import Exercise, Misconception, Tolerance, about, case
from course_utils.exercises import _reasons as reasons
from course_utils.exercises.ch04_softmax._logits import FAR, FLOAT32, eighths, stable_softmax
from course_utils.texts import _

PROMPT = _(r"""
How surprised is a classifier by the right answers? For each example, take the share $p$ that softmax gives to the *right* class.
Its surprise is $-\ln p$. Average it over the $n$ examples:

$$L = \frac{1}{n} \sum_{i=1}^{n} -\ln p_{i,\,y_i}$$

- `logits` has shape `(n, k)`: one row of $k$ logits for each of $n$ examples, numbers between -1000 and 1000.
- `labels` has shape `(n,)`: for each example the number of its right class, 0 to $k - 1$.
- Return one number, with the natural logarithm. It has to be right even where the classifier is sure and wrong: for the logits
  `[1000, 0]` and label 1 it is 1000, not infinity.
- Any way is fine, a loss of Keras or TensorFlow as well. Only a ready-made function called `cross_entropy` is not allowed.
""")

EXPLANATION = _(r"""
**Why it is right.** $-\ln p_y = \ln\left(e^{x_1} + \dots + e^{x_k}\right) - x_y$: no share is computed, so none can be rounded to 0.
With the maximum subtracted, the sum lies between 1 and $k$. `np.arange(n)` and `labels` together pick *one* number from each row.

**The tempting wrong answers.** `-np.log(p)` of a share that was rounded to 0 is infinite, and `-np.log(p + 1e-7)` stops at 16.1:
a model that is wrong by 100 looks no worse than one that is wrong by 17, and its gradient is 0. `p[:, labels]` picks a whole
table, each label's column for every row; its mean is a number, but not the loss.
""")


def cross_entropy(logits, labels):
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def reference(logits, labels):
    x = np.asarray(logits, float)
    right = np.take_along_axis(x, np.asarray(labels)[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(x - right, axis=1))


def _draw(rng):
    n, k = rng.integers(1, 7), rng.integers(2, 6)
    logits = eighths(rng, (n, k)) + rng.choice([0, 0, 0, -FAR, FAR], (n, 1))
    if rng.random() < 0.3:
        logits[rng.random((n, k)) < 0.3] = rng.choice([-FAR, FAR])
    return np.clip(logits, -FAR, FAR).astype(rng.choice([np.float32, np.float64])), rng.integers(0, k, n)


def _ladder():
    """Losses of 25, 50, ... 1000, and the larger logit in each twentieth of the promised range."""
    for step in range(40):
        low = -FAR + 25.0 * step
        yield case(np.array([[low, low + 25.0 * (step + 1)]]), np.array([0]))


# ---- what learners write in place of it


def _log_softmax(x):
    return x - np.logaddexp.reduce(x, axis=1, keepdims=True)


def _naive(x):
    return np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)


def _picked(table, labels):
    return table[np.arange(len(labels)), labels]


def _one_hot(logits, labels):
    return np.eye(logits.shape[1])[labels]


ARTICLE = np.array([[1.5, 4.4, 2.0]])
BATCH = np.array([[2.0, 1.0, 0.125], [0.0, 5.0, 0.0]])

EXERCISE = Exercise(
    place=40,
    title=_("The surprise: cross-entropy"),
    difficulty="hard",
    minutes=15,
    points=3,
    prompt=PROMPT,
    solution=cross_entropy,
    explanation=EXPLANATION,
    reference=reference,
    cases=(
        *about(_("Two equal logits: as uncertain as can be."), case(np.array([[0.0, 0.0]]), np.array([0]))),
        *about(_("Two logits, and the label of the smaller one."), case(np.array([[0.0, 1.0]]), np.array([0]))),
        *about(
            _("The article's logits: the label of the largest, and another."),
            case(ARTICLE, np.array([1])),
            case(ARTICLE, np.array([0])),
        ),
        *about(
            _("Two examples."),
            case(BATCH, np.array([0, 1])),
            case(BATCH, np.array([2, 2])),
        ),
        *about(
            _("The same two examples twice: a mean does not change."),
            case(np.repeat(BATCH, 2, axis=0), np.array([0, 0, 1, 1])),
        ),
        *about(
            _("As many examples as classes, so that the shape does not give a wrong axis away."),
            case(np.array([[0.0, 1.0, 2.0], [3.0, 0.0, 0.0], [1.0, 1.0, -2.0]]), np.array([2, 0, 1])),
        ),
        *about(_("Negative logits alone."), case(np.array([[-1.0, -2.0, -3.0]]), np.array([1]))),
        *about(reasons.FLOAT32, case(BATCH.astype(np.float32), np.array([0, 1], np.int32))),
        *about(_("Sure, and right."), case(np.array([[20.0, 0.0, 0.0]]), np.array([0]))),
        *about(
            _("Sure, and wrong."),
            case(np.array([[0.0, 20.0]]), np.array([0])),
            case(np.array([[100.0, 0.0]]), np.array([1])),
        ),
        *about(
            _("Very sure, and wrong."),
            case(np.array([[1000.0, 0.0]]), np.array([1])),
            case(np.array([[-1000.0, 0.0]], np.float32), np.array([0])),
        ),
        *about(
            _("Two rows very far from each other."),
            case(np.array([[1000.0, 0.0], [0.0, 1.0]]), np.array([0, 1])),
            case(np.array([[999.0, 1000.0, 998.0], [-999.0, -1000.0, -998.0]]), np.array([0, 2])),
        ),
        *about(_("Many examples."), case(np.tile([0.0, 1.0], (40, 1)), np.repeat([0, 1], [39, 1]))),
        *about(reasons.CLASSES, case(np.arange(30.0)[None], np.array([12]))),
        *about(_("A ladder of losses from 25 to 1000."), *_ladder()),
    ),
    draw=_draw,
    elementwise=False,
    # log(sum(exp(x))) - x_y takes, in float32, the difference of two numbers near 1000
    tolerance=Tolerance(of_input=FLOAT32),
    refused=("cross_entropy",),
    next_step=_(
        "For two equal logits the loss is ln 2, about 0.693, whatever the label. What is yours? Then try two examples."
    ),
    hints=(
        _(
            "Take one example first: its row of logits, its label. Which number of softmax's row counts, and what do you do with it?"
        ),
        _(
            "You can get the logarithm of a share without the share itself. You have already written that function in this chapter."
        ),
        _(
            "To pick one number from each row, use two index arrays: the rows 0 to n - 1, and the labels. Then take the mean, and mind the sign."
        ),
    ),
    misconceptions=(
        Misconception(
            "log_of_zero",
            lambda x, y: -np.mean(np.log(_picked(stable_softmax(x), y))),
            _(
                "Find the first inf. Which share was rounded to 0? Can you take the logarithm before anything is rounded?"
            ),
        ),
        Misconception(
            "overflow",
            lambda x, y: -np.mean(np.log(_picked(_naive(x), y))),
            _(
                "Find the first nan or inf. What is np.exp(1000.)? Can you simplify log(exp(a) / sum) before you compute it?"
            ),
        ),
        Misconception(
            "epsilon",
            lambda x, y: -np.mean(np.log(_picked(stable_softmax(x), y) + 1e-7)),
            _("Make the wrong logit ten times worse. Does your loss grow?"),
        ),
        Misconception(
            "clipped",
            lambda x, y: -np.mean(np.log(np.clip(_picked(stable_softmax(x), y), 1e-7, 1 - 1e-7))),
            _("Make the wrong logit ten times worse. Does your loss grow? That is what clipping costs."),
        ),
        Misconception(
            "log_of_logits",
            lambda x, y: -np.mean(np.log(_picked(x, y))),
            _("Logits are not shares. What is the logarithm of a negative logit?"),
        ),
        Misconception(
            "base_ten",
            lambda x, y: -np.mean(_picked(_log_softmax(x), y)) / np.log(10),
            _("For two equal logits the loss is ln 2. What is yours?"),
        ),
        Misconception(
            "base_two",
            lambda x, y: -np.mean(_picked(_log_softmax(x), y)) / np.log(2),
            _("You measure in bits. What is the loss for two equal logits in the formula's unit?"),
        ),
        Misconception(
            "mean_over_classes_too",
            lambda x, y: -np.mean(_one_hot(x, y) * _log_softmax(x)),
            _("By what factor is your result too small? How many classes are there?"),
        ),
        Misconception(
            "sum_over_the_batch",
            lambda x, y: -np.sum(_picked(_log_softmax(x), y)),
            _("Does your loss double if the same batch is repeated? Should it?"),
        ),
        Misconception(
            "one_loss_per_example",
            lambda x, y: -_picked(_log_softmax(x), y),
            _("You have the loss of each example. Which one number is asked for?"),
        ),
        Misconception(
            "no_minus_sign",
            lambda x, y: np.mean(_picked(_log_softmax(x), y)),
            _("Should a worse model have a larger or a smaller loss?"),
        ),
        Misconception(
            "softmax_twice",
            lambda x, y: -np.mean(_picked(_log_softmax(stable_softmax(x)), y)),
            _("For a model that is very sure and right, does your loss go to 0? How often did you take softmax?"),
        ),
        Misconception(
            "a_table_picked",
            lambda x, y: -np.mean(_log_softmax(x)[:, y]),
            _("Print the shape of what you picked by the labels. How many numbers should it hold?"),
        ),
        Misconception(
            "labels_ignored",
            lambda x, y: -np.mean(_log_softmax(x).max(axis=1)),
            _("Does your loss change if you change the labels?"),
        ),
        Misconception(
            "all_classes_summed",
            lambda x, y: -np.mean(_log_softmax(x).sum(axis=1)),
            _("Where do the labels come in? The other classes' shares don't count."),
        ),
        Misconception(
            "share_without_logarithm",
            lambda x, y: 1 - np.mean(_picked(stable_softmax(x), y)),
            _("How large can your loss get for a model that is confidently wrong?"),
        ),
        Misconception(
            "logarithm_of_the_mean",
            lambda x, y: -np.log(np.mean(_picked(stable_softmax(x), y))),
            _("Which comes first in the formula, the mean or the logarithm?"),
        ),
        Misconception(
            "squared_error",
            lambda x, y: np.mean((stable_softmax(x) - _one_hot(x, y)) ** 2),
            _("That is the squared error of the shares. Where is the logarithm?"),
        ),
        Misconception(
            "normalised_by_columns",
            lambda x, y: -np.mean(_picked(x - np.logaddexp.reduce(x, axis=0, keepdims=True), y)),
            _("One row is one example: which direction of the table must sum to 1?"),
        ),
        Misconception(
            "labels_from_one",
            lambda x, y: -np.mean(_picked(_log_softmax(x), y - 1)),
            _("Label 0 is a class as well. Which column is it?"),
        ),
        Misconception(
            "probability_of_the_logit",
            lambda x, y: -np.mean(_picked(x, y)),
            _("Add 100 to all logits: softmax does not change. Does your loss?"),
        ),
    ),
)
