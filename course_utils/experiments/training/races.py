"""A race of activations on the digits, run by several seeds: who wins, and does another seed or optimizer agree?"""

from collections.abc import Sequence
from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.networks import accuracy, cross_entropy, digits, lowest, plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.descriptions import in_bands, outwards
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

RELATIVES = ("relu", "leaky_relu", "elu", "gelu", "silu")
WORDS = {"band": _("{name:12} {low:.1f} to {high:.1f} of the test digits right")}


@dataclass(frozen=True)
class Race:
    """What several seeds of the same race came to; with one seed, all runners start from the same random numbers.

    Args:
        label: for titles.
        activations: names, one a runner.
        losses: (runners, seeds) mean loss on the test digits at the end, in nats.
        accuracies: (runners, seeds) share of right answers on the test digits.
    """

    label: str
    activations: tuple[str, ...]
    losses: np.ndarray
    accuracies: np.ndarray

    @property
    def winners(self) -> tuple[str | None, ...]:
        """Who has the lowest test loss; one name a seed, or None where no loss is a number."""
        nobody = np.isnan(self.losses).all(axis=0)
        places = zip(lowest(self.losses), nobody, strict=True)
        return tuple(None if lost else self.activations[place] for place, lost in places)

    @property
    def first_by_accuracy(self) -> tuple[tuple[str, ...], ...]:
        """Who has the most right answers; a tuple of names a seed, since several can be level. A loss of nan has lost."""
        running = ~np.isnan(self.losses)
        best = running & (self.accuracies == np.where(running, self.accuracies, -1).max(axis=0))
        return tuple(tuple(np.array(self.activations)[row].tolist()) for row in best.T)

    @property
    def seeds_agree(self) -> bool:
        """Whether one activation is first, or level with the first, by right answers under all seeds."""
        return bool(set.intersection(*map(set, self.first_by_accuracy)))

    def bands(self) -> str:
        """Each runner's right answers from the worst seed to the best, rounded outwards to tenths, as text."""
        rows = zip(self.activations, (outwards(shares, 0.1) for shares in self.accuracies), strict=True)
        return "\n".join(WORDS["band"].format(name=name, low=low, high=high) for name, (low, high) in rows)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The test losses: a line a seed, from runner to runner."""
        return _plot(self, ax)


def race(
    activations: Sequence[str] = RELATIVES,
    *,
    optimizer: str = "adam",
    learning_rate: float = 0.001,
    steps: int = 300,
    seeds: Sequence[int] = range(5),
) -> Race:
    """Let activations race: two hidden layers of 32, He's starting weights, batches of 64 digits.

    Args:
        activations: names that Keras knows.
        optimizer: "adam" or "sgd".
        learning_rate: of the optimizer.
        steps: training steps until the losses are compared.
        seeds: ints; one race each, in which all runners share the starting weights and the batches.

    Returns:
        A `Race`.

    Source:
        He, Zhang, Ren, Sun 2015, Delving deep into rectifiers, ICCV, for the starting weights.
    """
    runs = [_run(name, optimizer, learning_rate, steps, list(seeds)) for name in activations]
    losses, accuracies = np.moveaxis(np.array(runs), -1, 0)
    kind = {"adam": "Adam", "sgd": "SGD"}[optimizer]
    return Race(
        _("{kind}, learning rate {learning_rate:g}").format(kind=kind, learning_rate=learning_rate),
        tuple(activations),
        losses,
        accuracies,
    )


def _run(activation, optimizer, learning_rate, steps, seeds):
    x, y, x_test, y_test = digits()
    networks = [plain_network(activation, depth=2, width=32, initializer="he_normal", seed=seed) for seed in seeds]
    optimizer = keras.optimizers.get({"class_name": optimizer, "config": {"learning_rate": learning_rate}})
    trained = train_each(networks, cross_entropy, x, y, optimizer=optimizer, steps=steps, batch=64)
    return [(float(cross_entropy(y_test, net(x_test))), accuracy(net, x_test, y_test)) for net in trained]


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    names = [get(name).title for name in result.activations]
    for seed, (losses, (colour, line)) in enumerate(zip(result.losses.T, FAMILY, strict=False)):
        label = _("seed {seed}").format(seed=seed)
        in_bands(ax.plot(range(len(names)), losses, color=colour, ls=line, marker="o", label=label)[0], 0.1)
    ax.set(title=result.label, ylabel=_("test loss"), xticks=range(len(names)))
    ax.set_xticklabels(names, rotation=30, ha="right")
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
