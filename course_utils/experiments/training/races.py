"""A race of activations on the digits, run by several seeds: who wins, and does another seed or learning rate agree?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.networks import accuracy, cross_entropy, digits, lowest, plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.experiments.training.stacked import new_optimizer
from course_utils.plotting.style import FAMILY, Panels, new_axes, styled
from course_utils.texts import _

RELATIVES = ("relu", "leaky_relu", "elu", "gelu", "silu")


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
        """Whether one activation is first, or level with the first, by right answers with all seeds."""
        return bool(set.intersection(*map(set, self.first_by_accuracy)))

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """The test losses, and the shares of right answers: a dot for each seed, joined from runner to runner."""
        return _plot(self, axes)


def race(
    activations: Sequence[str] = RELATIVES,
    *,
    optimizer: str = "sgd",
    learning_rate: float = 0.1,
    steps: int = 300,
    seeds: Sequence[int] = range(5),
) -> Race:
    """Let activations race: two hidden layers of 32, He's starting weights, batches of 64 digits.

    In float64, so that a close race ends the same way on every CPU.

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
    x, y, x_test, y_test = (part.astype("float64") if part.ndim == 2 else part for part in digits())
    made = {"depth": 2, "width": 32, "initializer": "he_normal", "dtype": "float64"}
    networks = [plain_network(activation, seed=seed, **made) for seed in seeds]
    optimizer = new_optimizer(optimizer, learning_rate)
    trained = train_each(networks, cross_entropy, x, y, optimizer=optimizer, steps=steps, batch=64)
    return [(float(cross_entropy(y_test, net(x_test))), accuracy(net, x_test, y_test)) for net in trained]


@styled
def _plot(result, axes):
    axes = new_axes(2) if axes is None else axes
    names = [get(name).title for name in result.activations]
    for ax, values in zip(axes, (result.losses, result.accuracies), strict=True):
        for seed, (row, (colour, line)) in enumerate(zip(values.T, FAMILY, strict=False)):
            label = _("seed {seed}").format(seed=seed)
            ax.plot(range(len(names)), row, color=colour, ls=line, lw=1, marker="o", label=label)
        ax.set(title=result.label, xticks=range(len(names)))
        ax.set_xticklabels(names, rotation=30, ha="right")
    axes[0].set_ylabel(_("test loss"))
    axes[1].set_ylabel(_("right on the test digits"))
    axes[0].figure.legend(handles=list(axes[0].lines), loc="outside lower center", ncols=5)
    return Panels(axes)
