"""Comparing activations fairly: each at its own best learning rate, at two lengths of training, on data of two kinds.

"A learns better than B" can turn round with the learning rate, the length of the training, the data and the seed. Here all
contenders, rates and seeds are trained side by side in one compiled graph, so that asking properly costs seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, NullFormatter
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from course_utils.experiments.linearity.decision_boundaries import spirals
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.networks import CLASSES, digits, lowest
from course_utils.experiments.training.stacked import (
    Stack,
    batches,
    cross_entropies,
    each_its_rate,
    new_stack,
    repeated,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands
from course_utils.plotting.style import BLACK, FAMILY, Panels, new_axes, styled
from course_utils.texts import _

RATES = {"sgd": (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0), "adam": (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)}


@dataclass(frozen=True)
class DataSet:
    """What networks learn from, and what they are tested on.

    Args:
        name: for tables and titles.
        x: (n, inputs) float32, the training set.
        y: (n,) int32 classes, or float32 numbers.
        x_test, y_test: the same for the test set.
        outputs: of a network for it: the number of classes, or 1.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    outputs: int

    def losses(self, labels: tf.Tensor, answers: tf.Tensor) -> tf.Tensor:
        """Each network's mean loss: cross-entropy in nats for classes, mean squared error for numbers.

        Args:
            labels: (n,) or (networks, n).
            answers: (networks, n, outputs).

        Returns:
            A tensor of shape (networks,).
        """
        if self.outputs > 1:
            return cross_entropies(labels, answers)
        return tf.reduce_mean((answers[:, :, 0] - labels) ** 2, axis=1)


def data_set(name: str) -> DataSet:
    """One of the data sets that need no download, by its name.

    Args:
        name: "digits" (10 classes, 64 inputs), "spirals" (2 classes, 2 inputs, generated), "waves" (regression of
            sin(2a) + bc from 3 inputs, generated), "wine" (3 classes, 13 inputs) or "cancer" (2 classes, 30 inputs).

    Returns:
        A `DataSet`. The inputs of all but the digits and the spirals have mean 0 and standard deviation 1.

    Raises:
        ValueError: no data set has this name.
    """
    if name not in _DATA:
        raise ValueError(f"Unknown data set {name!r}. Choose one of: {', '.join(_DATA)}.")
    return _DATA[name](name)


def _digits(name: str) -> DataSet:
    return DataSet(name, *digits(), CLASSES)


def _spirals(name: str) -> DataSet:
    (x, y), (x_test, y_test) = spirals(400, seed=0), spirals(200, seed=100)
    return DataSet(name, x.astype("float32"), y, x_test.astype("float32"), y_test, 2)


def _waves(name: str) -> DataSet:
    x = np.random.default_rng(0).normal(size=(1200, 3)).astype("float32")
    y = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2]
    y = ((y - y.mean()) / y.std()).astype("float32")
    return DataSet(name, x[:800], y[:800], x[800:], y[800:], 1)


def _bundled(load):
    def made(name: str) -> DataSet:
        x, y = load(return_X_y=True)
        parts = train_test_split(x, y.astype("int32"), test_size=0.25, random_state=0, stratify=y)
        x_train, x_test, y_train, y_test = parts
        scale = StandardScaler().fit(x_train)
        x_train, x_test = (scale.transform(part).astype("float32") for part in (x_train, x_test))
        return DataSet(name, x_train, y_train, x_test, y_test, int(y.max()) + 1)

    return made


_DATA = {
    "digits": _digits,
    "spirals": _spirals,
    "waves": _waves,
    "wine": _bundled(load_wine),
    "cancer": _bundled(load_breast_cancer),
}


@dataclass(frozen=True)
class FairComparison:
    """Trainings of several contenders at several rates, and what each came to at its own best one.

    The best rate is the one with the lowest median loss over the seeds, looked for anew for each data set and length.
    A loss that is not a number counts as lost.

    Args:
        contenders: their names.
        optimizer: "sgd" or "adam".
        rates: (rates,) the learning rates that were tried, no unit, ascending.
        lengths: (lengths,) training steps after which the losses were noted.
        data: names of the data sets.
        losses: (data sets, contenders, rates, seeds, lengths) mean loss on the whole training set.
        test_losses: the same on the test set.
    """

    contenders: tuple[str, ...]
    optimizer: str
    rates: np.ndarray
    lengths: tuple[int, ...]
    data: tuple[str, ...]
    losses: np.ndarray
    test_losses: np.ndarray

    @property
    def _of_best(self) -> np.ndarray:
        """Which rate is best, of shape (data sets, contenders, lengths)."""
        median = np.median(np.where(np.isnan(self.losses), np.inf, self.losses), axis=3)
        return lowest(median, axis=2)

    @property
    def best_rates(self) -> np.ndarray:
        """Each contender's own best rate, of shape (data sets, contenders, lengths)."""
        return self.rates[self._of_best]

    @property
    def at_the_edge(self) -> np.ndarray:
        """Where the best rate is the smallest or the largest of the grid, so that a better one may lie outside it."""
        return (self._of_best == 0) | (self._of_best == len(self.rates) - 1)

    @property
    def best_losses(self) -> np.ndarray:
        """The training losses at each contender's own best rate, of shape (data sets, contenders, lengths, seeds)."""
        return self._at_the_best_rate(self.losses)

    def _at_the_best_rate(self, losses):
        by_rate = np.moveaxis(losses, 4, 2)  # data sets, contenders, lengths, rates, seeds
        return np.take_along_axis(by_rate, self._of_best[..., None, None], axis=3)[:, :, :, 0]

    def seeds_won(self, one: str, other: str, *, test: bool = False) -> np.ndarray:
        """How many seeds `one` wins against `other`, each at its own best rate.

        Args:
            one, other: contenders.
            test: by the loss on the test set instead of the training set; the rates are the same.

        Returns:
            Ints of shape (data sets, lengths). If both losses are not a number, nobody wins.
        """
        losses = self._at_the_best_rate(self.test_losses if test else self.losses)
        a, b = (np.nan_to_num(losses[:, self.contenders.index(name)], nan=np.inf) for name in (one, other))
        return (a < b).sum(axis=-1)

    def beats(self, one: str, other: str) -> bool:
        """Whether `one` has the lower training loss on each data set, at each length, with each seed."""
        return bool((self.seeds_won(one, other) == self.losses.shape[3]).all())

    def winner(self) -> str | None:
        """The contender that beats each other one everywhere, or None: then no order is shown."""
        for name in self.contenders:
            if all(self.beats(name, other) for other in self.contenders if other != name):
                return name
        return None

    def table(self) -> pd.DataFrame:
        """A row for each contender, data set and length: its best rate, and its lowest and highest loss over the seeds."""
        rows = []
        for (d, data), (n, length), (c, name) in (
            (d, n, c) for d in enumerate(self.data) for n in enumerate(self.lengths) for c in enumerate(self.contenders)
        ):
            rate = f"{self.best_rates[d, c, n]:g}" + " (edge)" * bool(self.at_the_edge[d, c, n])
            spread = self.best_losses[d, c, n]
            rows.append([data, length, name, rate, float(f"{spread.min():.2g}"), float(f"{spread.max():.2g}")])
        columns = ["data", "steps", "contender", "best rate", "lowest loss", "highest loss"]
        return pd.DataFrame(rows, columns=columns).set_index(columns[:3])

    def plot_best(self, band: float = 0.5, axes: Sequence[Axes] | None = None) -> Panels:
        """After the longest training: a row for each contender, a point for each seed, at the contender's own best rate.

        Args:
            band: the figure's description says between which multiples of this the losses lie.
            axes: one for each data set, or None for a new figure.
        """
        return _plot_best(self, band, axes)

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """The loss over the learning rate, a panel a data set, after the longest training; the bands hold all seeds."""
        return _plot(self, axes)


def compare_fairly(
    contenders: Mapping[str, object] | Iterable[str],
    *,
    optimizer: str = "sgd",
    rates: Sequence[float] | None = None,
    lengths: Sequence[int] = (200, 800),
    data: Sequence[str] = ("digits", "waves"),
    depth: int = 2,
    width: int = 32,
    initializer: str = "glorot_uniform",
    seeds: Iterable[int] = range(5),
) -> FairComparison:
    """Train networks that differ in one thing, each at each rate of a grid, on several data sets.

    Args:
        contenders: names of activations; or name -> what differs: an activation (anything that Keras takes as one), or a
            dict of arguments of `new_stack` such as {"activation": "relu", "initializer": "he_normal"}.
        optimizer: "sgd" (plain) or "adam".
        rates: learning rates; None takes six or seven of them, a factor of about 3 apart.
        lengths: training steps after which the losses are noted, ascending; 64 examples a step.
        data: names, as for `data_set`; at least two, of different kinds.
        depth, width, initializer: of all networks that don't say otherwise, as for `plain_network`.
        seeds: ints; with one seed all contenders see the same examples, and start from the same random numbers.

    Returns:
        A `FairComparison`.
    """
    if not isinstance(contenders, Mapping):
        contenders = {name: name for name in contenders}
    rates, seeds = np.array(rates or RATES[optimizer]), list(seeds)
    common = {"depth": depth, "width": width, "initializer": initializer}
    networks = [common | (n if isinstance(n, dict) else {"activation": n}) for n in contenders.values()]
    runs = [_on(data_set(name), networks, optimizer, rates, lengths, seeds) for name in data]
    losses, test_losses = np.moveaxis(np.array(runs), 1, 0)
    return FairComparison(tuple(contenders), optimizer, rates, tuple(lengths), tuple(data), losses, test_losses)


def _on(data, networks, optimizer, rates, lengths, seeds):
    """Training and test losses on one data set, of shape (2, contenders, rates, seeds, lengths)."""
    shape = {"inputs": data.x.shape[1], "outputs": data.outputs}
    stacks = [repeated(new_stack(seeds=seeds, **network, **shape), len(rates)) for network in networks]
    variables = [variable for stack in stacks for variable in stack.variables]
    optimizer = each_its_rate(optimizer, np.repeat(rates, len(seeds)))
    train = compiled_descent(_joint_loss(stacks, data), variables, optimizer)
    chosen, noted, done = batches(seeds, lengths[-1], examples=len(data.x)), [], 0
    for length in lengths:
        train(done, length, data.x, data.y, chosen)
        noted.append([_losses(stacks, data, *part) for part in ((data.x, data.y), (data.x_test, data.y_test))])
        done = length
    noted = np.moveaxis(np.array(noted), 0, -1)  # training or test, contenders, networks, lengths
    return noted.reshape(2, len(networks), len(rates), len(seeds), len(lengths))


def _joint_loss(stacks, data):
    def loss(step: tf.Tensor, x: tf.Tensor, y: tf.Tensor, chosen: tf.Tensor) -> tf.Tensor:
        places = tf.tile(chosen[step], [stacks[0].kernels[0].shape[0] // tf.shape(chosen)[1], 1])
        x, y = tf.gather(x, places), tf.gather(y, places)
        return tf.add_n([tf.reduce_sum(data.losses(y, stack.sums(x)[-1])) for stack in stacks])  # gradients do not mix

    return loss


def _losses(stacks: list[Stack], data: DataSet, x: np.ndarray, y: np.ndarray) -> list[np.ndarray]:
    return [data.losses(y, stack.sums(x)[-1]).numpy() for stack in stacks]


@styled
def _plot(result, axes):
    axes = np.atleast_1d(new_axes(len(result.data)) if axes is None else axes)
    for ax, name, losses in zip(axes, result.data, result.losses[..., -1], strict=True):
        for contender, values, (colour, line) in zip(result.contenders, losses, FAMILY, strict=False):
            draw_band(ax, result.rates, values.T, contender, color=colour, ls=line, marker="o", ms=4)
        finite = result.losses[..., -1][np.isfinite(result.losses[..., -1])]
        ax.set(
            title=_("{name}, {lengths} steps").format(name=name, lengths=result.lengths[-1]),
            xlabel=_("learning rate"),
            xscale="log",
            yscale="log",
        )
        ax.set_ylim(top=min(10.0, 1.2 * finite.max()))
    axes[0].set_ylabel(_("loss on the training set"))
    axes[0].legend(handles=list(axes[0].lines))
    return Panels(axes)


@styled
def _plot_best(result, band, axes):
    rows = range(len(result.contenders))
    axes = np.atleast_1d(new_axes(len(result.data), height=1.3 + 0.36 * len(rows)) if axes is None else axes)
    for ax, name, losses in zip(axes, result.data, result.best_losses[:, :, -1], strict=True):
        for row, contender, values in zip(rows, result.contenders, losses, strict=True):
            points = ax.scatter(values, np.full(len(values), row), s=46, color=BLACK, label=contender, zorder=3)
            in_bands(points, band, axis="x")
        ax.set(title=name, xlabel=_("loss on the training set"), xscale="log", ylim=(len(rows) - 0.5, -0.5))
        ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.xaxis.set_major_formatter("{x:g}")
        ax.xaxis.set_minor_formatter(NullFormatter())
        ax.set_yticks(rows, result.contenders if ax is axes[0] else [""] * len(rows))
    return Panels(axes)
