"""How confident a network is about pictures that belong to none of its classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import softmax
from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

KNOWN = 5  # the network learns the digits under 5 and is then shown the others
BATCH = 64
BINS = np.linspace(0.2, 1, 9)  # the largest of five shares is never under a fifth
# Every sentence that a learner sees, with named fields.
WORDS = {
    "known": _("digits it has learned"),
    "unseen": _("digits it has never seen"),
    "band": _("{kind}: all {seeds} seeds between {low:.0%} and {high:.0%} sure on average"),
    "right": _("{kind}: all {seeds} seeds between {low:.0%} and {high:.0%} right"),
}


@dataclass(frozen=True)
class OutOfDistribution:
    """The largest share that softmax gives each test picture.

    Args:
        known: (seeds, 227) for pictures of the digits that the network learned.
        unseen: (seeds, 223) for pictures of the digits that it never saw.
        accuracies: (seeds,) share of right answers for `known`.
    """

    known: np.ndarray
    unseen: np.ndarray
    accuracies: np.ndarray

    def band(self) -> str:
        """Accuracy and confidence, as sentences; rounded outwards to tens so that they hold on other machines."""
        said = [("right", "known", self.accuracies), ("band", "known", self.known.mean(1))]
        return "\n".join(_sentence(*what) for what in [*said, ("band", "unseen", self.unseen.mean(1))])

    def plot(self, ax: Axes | None = None) -> Axes:
        """How many pictures the network is how sure of: median of the seeds, and the band of all."""
        return _plot(self, ax)


def out_of_distribution(*, steps: int = 600, seeds: Sequence[int] = range(5)) -> OutOfDistribution:
    """Train networks of two hidden layers of 64 ReLUs on the digits 0 to 4, then show them all test digits.

    In float64, so that what is drawn is the same on every CPU.

    Args:
        steps: training steps of Adam at its usual rate, 64 pictures each.
        seeds: ints; one training each.

    Returns:
        `OutOfDistribution`.
    """
    x, y, x_test, y_test = digits()
    x, x_test = x.astype(float), x_test.astype(float)
    seen, known = y < KNOWN, y_test < KNOWN
    networks = [plain_network("relu", depth=2, outputs=KNOWN, dtype="float64", seed=seed) for seed in seeds]
    optimizer = keras.optimizers.Adam()
    looks = []
    for network in train_each(networks, cross_entropy, x[seen], y[seen], optimizer=optimizer, steps=steps, batch=BATCH):
        shares = softmax(network(x_test).numpy())
        right = np.mean(shares[known].argmax(1) == y_test[known])
        looks.append((shares[known].max(1), shares[~known].max(1), right))
    return OutOfDistribution(*map(np.array, zip(*looks, strict=True)))


def _sentence(what, kind, values):
    low, high = np.floor(values.min() * 10) / 10, np.ceil(values.max() * 10) / 10
    return WORDS[what].format(kind=WORDS[kind], seeds=len(values), low=low, high=high)


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    middles = (BINS[:-1] + BINS[1:]) / 2
    for kind, (colour, line) in zip(("known", "unseen"), FAMILY, strict=False):
        counts = np.array([np.histogram(row, BINS)[0] / len(row) for row in getattr(result, kind)])
        draw_band(ax, middles, counts, WORDS[kind], color=colour, ls=line, marker="o", ms=4)
    ax.set(xlabel=_("largest share"), ylabel=_("part of the pictures"), ylim=(0, 1))
    ax.legend(handles=list(ax.lines))
    return ax
