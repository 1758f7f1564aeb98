"""Are shares probabilities? A network is calibrated if, of the answers that it is 80 % sure of, 80 % are right."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.activations import softmax
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.stacked import batches, new_optimizer, new_stack
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import outwards
from course_utils.plotting.style import BLACK, DOTTED, FAMILY, new_axes, styled
from course_utils.texts import _

BINS = np.linspace(0, 1, 11)  # groups of answers: 0 to 10 % sure, 10 to 20 %, ...
FEWEST = 30  # answers that a group needs with each seed to be drawn: of fewer, chance decides
NOISE, COPIES = 0.3, 6
COLDEST, HOTTEST = 0.01, 100.0  # the range in which a temperature is searched
# Every sentence that a learner sees, with named fields.
WORDS = {
    "steps": _("{steps} steps"),
    "unknown": _("Unknown data set {data!r}. Choose one of: {known}."),
    "columns": (_("accuracy"), _("sure on average"), _("calibration error"), _("loss"), _("temperature")),
    "band": _("{low:.2f} to {high:.2f}"),
}


@dataclass(frozen=True)
class Examples:
    """What networks learn from, what a temperature is fitted to, and what calibration is judged by.

    Args:
        learned, held_out, fresh: pairs (x, y): x float64 of shape (n, inputs), y int32 classes from 0 on.
    """

    learned: tuple
    held_out: tuple
    fresh: tuple


@dataclass(frozen=True)
class Calibration:
    """Trained networks, judged by examples that they did not learn from.

    Args:
        label: for the table and the picture.
        held_out: (seeds, n, k) logits for the examples that a temperature may be fitted to.
        held_out_labels: (n,) their classes.
        logits: (seeds, m, k) for the examples that the networks are judged by.
        labels: (m,) their classes.
        temperatures: (seeds,) what both have been divided by.
    """

    label: str
    held_out: np.ndarray
    held_out_labels: np.ndarray
    logits: np.ndarray
    labels: np.ndarray
    temperatures: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        """Softmax of the logits, (seeds, m, k)."""
        return softmax(self.logits)

    @property
    def sure(self) -> np.ndarray:
        """Each answer's share, the largest of its row: (seeds, m), from 1/k to 1."""
        return self.shares.max(axis=2)

    @property
    def right(self) -> np.ndarray:
        """Whether each answer is right: (seeds, m)."""
        return self.logits.argmax(axis=2) == self.labels

    @property
    def losses(self) -> np.ndarray:
        """(seeds,) mean cross-entropy in nats."""
        return np.array([mean_loss(logits, self.labels) for logits in self.logits])

    @property
    def groups(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The answers of each seed in ten groups by how sure they are: (counts, mean share, accuracy).

        Each of shape (seeds, 10), with nan where a group is empty.
        """
        place = np.digitize(self.sure, BINS[1:-1])
        member = place[:, None, :] == np.arange(len(BINS) - 1)[:, None]  # seeds, groups, answers
        counts = member.sum(axis=2)
        with np.errstate(invalid="ignore"):
            sums = ((member * values[:, None, :]).sum(axis=2) for values in (self.sure, self.right))
            return counts, *(total / counts for total in sums)

    @property
    def errors(self) -> np.ndarray:
        """Expected calibration error: how far sure and right are apart in a group, averaged over all answers. (seeds,)

        Source: Guo, Pleiss, Sun, Weinberger 2017, On calibration of modern neural networks, equation 3.
        """
        counts, sure, right = self.groups
        return np.nansum(counts * np.abs(sure - right), axis=1) / len(self.labels)

    def divided(self, temperatures: ArrayLike, label: str) -> "Calibration":
        """The same networks with their logits divided by temperatures.

        Args:
            temperatures: a positive number, or (seeds,) of them.
            label: for the table and the picture.

        Returns:
            A new `Calibration`.
        """
        by = np.broadcast_to(np.asarray(temperatures, float), self.temperatures.shape)
        held_out, logits = (part / by[:, None, None] for part in (self.held_out, self.logits))
        return replace(self, label=label, held_out=held_out, logits=logits, temperatures=self.temperatures * by)

    def with_fitted_temperature(self, label: str) -> "Calibration":
        """The same networks, each with the temperature that has the lowest loss on the held-out examples.

        Args:
            label: for the table and the picture.

        Returns:
            A new `Calibration`.
        """
        return self.divided([fitted_temperature(z, self.held_out_labels) for z in self.held_out], label)

    def losses_by_temperature(self, temperatures: Sequence[float]) -> "pd.DataFrame":
        """The loss on the held-out examples at several temperatures.

        Args:
            temperatures: positive numbers.

        Returns:
            A DataFrame: a row a temperature, its lowest and its highest loss over the seeds, to two decimals.
        """
        losses = [
            [mean_loss(logits / temperature, self.held_out_labels) for logits in self.held_out]
            for temperature in temperatures
        ]
        columns = [_("lowest loss"), _("highest loss")]
        rows = np.column_stack([np.min(losses, axis=1), np.max(losses, axis=1)]).round(2)
        return pd.DataFrame(rows, index=pd.Index(temperatures, name=_("temperature")), columns=columns)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The reliability diagram."""
        return plot_reliability([self], ax=ax)


def calibration(
    data: str = "digits",
    *,
    steps: int = 800,
    rate: float = 0.003,
    smoothing: float = 0.0,
    label: str | None = None,
    seeds: Sequence[int] = range(5),
) -> Calibration:
    """Train networks of two hidden layers of 64 ReLUs by Adam, and keep their logits for examples that they didn't see.

    In float64, so that what is drawn is the same on every CPU.

    Args:
        data: "digits" (with strong noise on the pixels, so that there are mistakes to look at) or "clouds" (four
            overlapping classes of 20 numbers, generated).
        steps: training steps, of 64 examples each.
        rate: Adam's learning rate.
        smoothing: the part of each right answer that is spread evenly over all classes, from 0 to less than 1.
        label: for the table and the picture; None names the steps.
        seeds: ints; one training each.

    Returns:
        A `Calibration`.

    Raises:
        ValueError: there is no such data set.
    """
    (result,) = at_marks(data, [steps], rate=rate, smoothing=smoothing, seeds=seeds)
    return replace(result, label=label or result.label)


def at_marks(
    data: str, marks: Sequence[int], *, rate: float = 0.003, smoothing: float = 0.0, seeds: Sequence[int] = range(5)
) -> list[Calibration]:
    """The networks of `calibration` at several lengths of one training.

    Args:
        data, rate, smoothing, seeds: as there.
        marks: ascending ints, training steps.

    Returns:
        A list with a `Calibration` for each mark.

    Raises:
        ValueError: there is no such data set.
    """
    if data not in DATA:
        raise ValueError(WORDS["unknown"].format(data=data, known=", ".join(DATA)))
    made, seeds, results = DATA[data](), list(seeds), []
    (x, y), classes = made.learned, int(made.learned[1].max()) + 1
    stack = new_stack("relu", seeds=seeds, depth=2, inputs=x.shape[1], outputs=classes, dtype="float64")
    train = compiled_descent(_loss_of(stack), stack.variables, new_optimizer("adam", rate))
    targets, chosen = smoothed(y, classes, smoothing), batches(seeds, marks[-1], examples=len(x))
    for first, last in pairwise([0, *marks]):
        train(first, last, x, targets, chosen)
        held_out, logits = (stack.sums(part)[-1].numpy() for part, _labels in (made.held_out, made.fresh))
        label, untouched = WORDS["steps"].format(steps=last), np.ones(len(seeds))
        results.append(Calibration(label, held_out, made.held_out[1], logits, made.fresh[1], untouched))
    return results


def _loss_of(stack):
    def loss(step: tf.Tensor, x: tf.Tensor, targets: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        logits = stack.sums(tf.gather(x, chosen[step]))[-1]
        losses = tf.nn.softmax_cross_entropy_with_logits(tf.gather(targets, chosen[step]), logits)
        return tf.reduce_sum(tf.reduce_mean(losses, axis=1))  # gradients do not mix

    return loss


def smoothed(labels: np.ndarray, classes: int, smoothing: float) -> np.ndarray:
    """One-hot rows, with part of the 1 spread evenly over all classes: `(1 - smoothing) * one_hot + smoothing / classes`.

    Source: Szegedy, Vanhoucke, Ioffe, Shlens, Wojna 2016, Rethinking the Inception architecture, section 7.

    >>> smoothed([1], 4, 0.2)
    array([[0.05, 0.85, 0.05, 0.05]])
    """
    return (1 - smoothing) * np.eye(classes)[labels] + smoothing / classes


def mean_loss(logits: np.ndarray, labels: np.ndarray) -> float:
    """Mean cross-entropy of logits (n, k) and labels (n,), in nats."""
    right = np.take_along_axis(logits, np.asarray(labels)[:, None], axis=1)
    return np.mean(np.logaddexp.reduce(logits - right, axis=1))


def fitted_temperature(logits: np.ndarray, labels: np.ndarray) -> float:
    """The temperature between 0.01 and 100 at which `mean_loss(logits / temperature, labels)` is lowest.

    With b for one over the temperature, the loss is a convex function of b with the slope: mean score as softmax weighs the
    classes, minus mean score of the right class. So its lowest point is where that slope is 0, or at an end.

    Args:
        logits: (n, k), no unit.
        labels: (n,) ints from 0 to k - 1.

    Returns:
        A float, no unit.

    Source: Guo, Pleiss, Sun, Weinberger 2017, On calibration of modern neural networks, section 4.2.
    """
    right = np.take_along_axis(logits, np.asarray(labels)[:, None], axis=1)
    low, high = 1 / HOTTEST, 1 / COLDEST
    for _halving in range(60):
        cold = np.sqrt(low * high)
        slope = np.mean(np.sum(softmax(logits * cold) * (logits - right), axis=1))
        low, high = (low, cold) if slope > 0 else (cold, high)
    return 1 / high


@cache
def _noisy_digits():
    """The training digits, and each test digit six times: half of them held out, half fresh. All pixels with noise."""
    x, y, x_test, y_test = digits()
    random, half = np.random.default_rng(0), len(x_test) // 2

    def noisy(pictures: np.ndarray, labels: np.ndarray, copies: int) -> tuple[np.ndarray, np.ndarray]:
        pictures = np.tile(pictures.astype(float), (copies, 1))
        return pictures + NOISE * random.normal(size=pictures.shape), np.tile(labels, copies)

    return Examples(
        noisy(x, y, 1), noisy(x_test[:half], y_test[:half], COPIES), noisy(x_test[half:], y_test[half:], COPIES)
    )


@cache
def _clouds():
    """Four normally distributed classes in 20 dimensions that overlap: 400 examples to learn, 1500 held out, 1500 fresh."""
    random = np.random.default_rng(0)
    middles = 0.45 * random.normal(size=(4, 20))

    def drawn(number: int) -> tuple[np.ndarray, np.ndarray]:
        y = random.integers(0, 4, number).astype("int32")
        return middles[y] + random.normal(size=(number, 20)), y

    return Examples(*map(drawn, (400, 1500, 1500)))


DATA = {"digits": _noisy_digits, "clouds": _clouds}


def reliability_table(results: Sequence[Calibration]) -> "pd.DataFrame":
    """How right and how sure several networks are, and what their logits were divided by: bands over the seeds in hundredths.

    Args:
        results: `Calibration` objects.

    Returns:
        A DataFrame, a row a result.
    """
    rows = [
        [_band(part) for part in (r.right.mean(axis=1), r.sure.mean(axis=1), r.errors, r.losses, r.temperatures)]
        for r in results
    ]
    return pd.DataFrame(rows, index=[result.label for result in results], columns=WORDS["columns"])


def _band(values):
    low, high = outwards(values, 0.01)
    return f"{low:.2f}" if low == high else WORDS["band"].format(low=low, high=high)


@styled
def plot_reliability(results: Sequence[Calibration], *, ax: Axes | None = None) -> Axes:
    """Reliability diagram: in groups of answers by how sure they are, the accuracy of each group. On the diagonal they agree.

    A group is drawn where it has at least 30 answers with each seed: the line is the median, the band holds all seeds.

    Args:
        results: `Calibration` objects, at most 6.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes(height=4.2) if ax is None else ax
    ax.plot([0, 0.5, 1], [0, 0.5, 1], color=BLACK, ls=DOTTED, lw=1.6, label=_("as right as sure"))
    for result, (colour, line) in zip(results, FAMILY, strict=False):
        counts, sure, right = result.groups
        drawn = counts.min(axis=0) >= FEWEST
        x, right = np.median(sure[:, drawn], axis=0), right[:, drawn]
        draw_band(ax, x, right, result.label, color=colour, ls=line, marker="o", ms=4)
    ax.set(xlabel=_("share of the answer (how sure)"), ylabel=_("accuracy"), xlim=(0, 1), ylim=(0, 1))
    ax.legend(handles=list(ax.lines), loc="upper left")
    return ax
