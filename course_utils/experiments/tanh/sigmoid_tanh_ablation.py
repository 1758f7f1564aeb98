"""What makes tanh train better than the sigmoid: its slope or its centre? Six functions that take the two apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import sigmoid, tanh
from course_utils.experiments.training.stacked import (
    Stack,
    accuracies,
    batches,
    each_its_rate,
    first_below,
    new_optimizer,
    new_stack,
    repeated,
    train_to_marks,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.curves import SPAN
from course_utils.plotting.descriptions import in_bands
from course_utils.plotting.style import BLACK, BLUE, DASHDOT, DASHED, DOTTED, LOOK, SOLID, VERMILION, new_axes, styled
from course_utils.texts import _


@dataclass(frozen=True)
class Variant:
    """A function between sigmoid and tanh.

    Args:
        slope: its slope at 0.
        centred: True if its value at 0 is 0.
        f: the function of a tensor.
    """

    slope: float
    centred: bool
    f: object


VARIANTS = {
    "tanh": Variant(1.0, True, tf.tanh),
    "1 + tanh": Variant(1.0, False, lambda x: 1 + tf.tanh(x)),
    "2 sigmoid - 1": Variant(0.5, True, lambda x: 2 * tf.sigmoid(x) - 1),
    "2 sigmoid": Variant(0.5, False, lambda x: 2 * tf.sigmoid(x)),
    "sigmoid - 1/2": Variant(0.25, True, lambda x: tf.sigmoid(x) - 0.5),
    "sigmoid": Variant(0.25, False, tf.sigmoid),
}
COLOURS = {1.0: VERMILION, 0.5: BLACK, 0.25: BLUE}  # tanh and sigmoid keep the look that they have in the whole course
LINES = {True: DASHED, False: SOLID}
MOVES = [
    ("sigmoid(x)", lambda x: sigmoid(x), 0.25),
    ("sigmoid(2x)", lambda x: sigmoid(2 * x), 0.5),
    ("2 sigmoid(2x)", lambda x: 2 * sigmoid(2 * x), 1.0),
    ("2 sigmoid(2x) - 1", lambda x: 2 * sigmoid(2 * x) - 1, 1.0),
]


@dataclass(frozen=True)
class VariantTrainings:
    """Trainings of the same network with different functions in its hidden layers.

    Args:
        steps: (marks,) the training steps at which the loss was noted.
        losses: function's name -> (seeds, marks) mean loss on the training set, in nats.
        accuracies: function's name -> (seeds,) share of right answers on the test set.
    """

    steps: np.ndarray
    losses: dict
    accuracies: dict

    def steps_to(self, loss: float) -> dict[str, np.ndarray]:
        """Function's name -> (seeds,) the first noted step at which the loss is under `loss`; nan where none is."""
        return {name: first_below(loss, self.steps, losses) for name, losses in self.losses.items()}

    def table(self, loss: float) -> "pd.DataFrame":
        """For each function its slope, whether it is centred, and the fewest and most steps to that loss, as a DataFrame."""
        return _as_table([_row(name, needed) for name, needed in self.steps_to(loss).items()], loss)

    def bands(self) -> str:
        """The test accuracies as sentences, rounded outwards to tenths so that they hold on other machines."""
        return "\n".join(
            _("{name}: all {number} seeds between {low:.1f} and {high:.1f} right on the test digits").format(
                name=name,
                number=len(shares),
                low=np.floor(shares.min() * 10) / 10,
                high=np.ceil(shares.max() * 10) / 10,
            )
            for name, shares in self.accuracies.items()
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The losses over the steps: median of the seeds, with a band from the smallest to the largest."""
        return _plot_trainings(self, ax)


def train_variants(
    names: Sequence[str] = tuple(VARIANTS),
    *,
    depth: int,
    learning_rate: float,
    steps: int,
    every: int = 25,
    seeds: Sequence[int] = range(5),
) -> VariantTrainings:
    """Train a plain network on the digits, once for each function in its hidden layers; all start from equal weights.

    Args:
        names: out of `VARIANTS`.
        depth: number of hidden layers, each of 64 units.
        learning_rate: of plain stochastic gradient descent, no unit.
        steps: number of training steps.
        every: the loss is noted after each so many steps.
        seeds: ints; one network each.

    Returns:
        `VariantTrainings`.
    """
    marks, chosen = np.arange(0, steps + 1, every), batches(seeds, steps)
    stacks = {name: new_stack(VARIANTS[name].f, seeds=seeds, depth=depth) for name in names}
    losses = {
        name: train_to_marks(stack, new_optimizer("sgd", learning_rate), chosen, marks)
        for name, stack in stacks.items()
    }
    return VariantTrainings(marks, losses, {name: accuracies(stack) for name, stack in stacks.items()})


@dataclass(frozen=True)
class BestRates:
    """Trainings of the same network with different functions in its hidden layers, each at several learning rates.

    Args:
        rates: (rates,) of plain stochastic gradient descent, no unit, ascending.
        loss: the mean loss on the training digits to come under, in nats.
        every: the loss was looked at after each so many steps.
        steps: function's name -> (rates, seeds) the first noted step under that loss; inf where none was.
    """

    rates: np.ndarray
    loss: float
    every: int
    steps: dict

    def best(self) -> dict[str, tuple[float, np.ndarray]]:
        """Function's name -> (its best rate, (seeds,) its steps there): the smallest rate with the fewest steps in the median.

        A look later counts as no more steps: whether a loss is under a mark at a look may hang on rounding.
        """
        medians = {name: np.median(steps, axis=1) for name, steps in self.steps.items()}
        places = {name: np.argmax(steps <= steps.min() + self.every) for name, steps in medians.items()}
        return {name: (self.rates[place], self.steps[name][place]) for name, place in places.items()}

    def table(self) -> "pd.DataFrame":
        """For each function its best rate, and there the fewest and the most steps of the seeds, as a DataFrame."""
        rows = [[*_row(name, needed), f"{rate:g}"] for name, (rate, needed) in self.best().items()]
        return _as_table(rows, self.loss, _("best rate"))

    def plot(self, ax: Axes | None = None) -> Axes:
        """A row for each function, a point for each seed, at its best rate."""
        return _plot_best(self, ax)


def variants_at_best_rates(
    names: Sequence[str] = tuple(VARIANTS),
    *,
    depth: int = 2,
    rates: Sequence[float] = (0.1, 0.3, 1, 3, 10),
    loss: float = 0.5,
    most: int = 240,
    every: int = 10,
    seeds: Sequence[int] = range(5),
) -> BestRates:
    """Train a plain network on the digits with each function at each learning rate, and keep each function's best rate.

    Args:
        names: out of `VARIANTS`.
        depth: number of hidden layers, each of 64 units.
        rates: learning rates of plain stochastic gradient descent, no unit, ascending.
        loss: the mean loss on the training digits to come under, in nats.
        most: training ends after so many steps.
        every: the loss is looked at after each so many steps.
        seeds: ints; one network each.

    Returns:
        `BestRates`.
    """
    marks, seeds, rates = np.arange(0, most + 1, every), list(seeds), np.array(rates, float)
    chosen, steps = batches(seeds * len(rates), most), {}
    for name in names:
        stack = repeated(new_stack(VARIANTS[name].f, seeds=seeds, depth=depth), len(rates))
        losses = train_to_marks(stack, each_its_rate("sgd", np.repeat(rates, len(seeds))), chosen, marks)
        steps[name] = np.nan_to_num(first_below(loss, marks, losses), nan=np.inf).reshape(len(rates), len(seeds))
    return BestRates(rates, loss, every, steps)


@dataclass(frozen=True)
class OffsetByDepth:
    """How many training steps an offset of the activation costs.

    Args:
        depths: (depths,) numbers of hidden layers.
        loss: the loss to come under, in nats.
        steps: what was trained -> (seeds, depths) the first noted step under that loss; nan where none was.
    """

    depths: np.ndarray
    loss: float
    steps: dict

    def table(self) -> "pd.DataFrame":
        """Fewest and most steps, a column for each number of hidden layers, as a DataFrame."""
        columns = {
            _("{depth} layers").format(depth=depth): [_span(steps[:, place]) for steps in self.steps.values()]
            for place, depth in enumerate(self.depths)
        }
        return pd.DataFrame(columns, index=pd.Index(self.steps, name=_("function")))

    def plot(self, ax: Axes | None = None) -> Axes:
        """The steps over the depth: median of the seeds, with a band from the fewest to the most."""
        return plot_offsets([self], ax=ax)


MENDED = "1 + tanh, mended start"
OFFSET_LOOK = {"tanh": LOOK["tanh"], "1 + tanh": (VERMILION, SOLID), MENDED: (BLACK, DASHDOT)}


def offset_by_depth(
    names: Sequence[str] = tuple(OFFSET_LOOK),
    *,
    depths: Sequence[int] = (2, 4, 8),
    learning_rate: float = 0.02,
    loss: float = 0.5,
    most: int = 1500,
    every: int = 25,
    seeds: Sequence[int] = range(5),
) -> OffsetByDepth:
    """Count the steps that networks of tanh, of 1 + tanh, and of 1 + tanh with a mended start need to the same loss.

    The mended start gives each layer the biases `-sum(kernel, axis=inputs)`. They take out what the 1 of the layer
    before adds, so that the network starts as the very function that the tanh network starts as.

    Args:
        names: out of "tanh", "1 + tanh" and "1 + tanh, mended start".
        depths: numbers of hidden layers, each of 64 units.
        learning_rate: of plain stochastic gradient descent, no unit.
        loss: the mean loss on the training digits to come under, in nats.
        most: training ends after so many steps.
        every: the loss is looked at after each so many steps.
        seeds: ints; one network each.

    Returns:
        `OffsetByDepth`.
    """
    marks, steps = np.arange(0, most + 1, every), {name: [] for name in names}
    chosen = batches(seeds, most)
    for depth in depths:
        for name in names:
            stack = _offset_stack(name, seeds=seeds, depth=depth)
            losses = train_to_marks(stack, new_optimizer("sgd", learning_rate), chosen, marks, stop_below=loss)
            steps[name].append(first_below(loss, marks, losses))
    return OffsetByDepth(np.array(depths), loss, {name: np.array(found).T for name, found in steps.items()})


def _offset_stack(name, **network):
    stack = new_stack(VARIANTS["tanh" if name == "tanh" else "1 + tanh"].f, **network)
    return without_offset(stack) if name == MENDED else stack


def without_offset(stack: Stack) -> Stack:
    """The stack, with biases that cancel a 1 that is added to every output of the hidden layer before."""
    for kernel, bias in zip(stack.kernels[1:], stack.biases[1:], strict=True):
        bias.assign_sub(kernel.numpy().sum(axis=1, keepdims=True))
    return stack


def _row(name, steps):
    return [name, f"{VARIANTS[name].slope:g}", _("yes") if VARIANTS[name].centred else _("no"), _span(steps)]


def _as_table(rows, loss, *more):
    columns = [_("function"), _("slope"), _("centred"), _("steps to loss {loss}").format(loss=loss), *more]
    return pd.DataFrame(rows, columns=columns).set_index(columns[0])


def _span(steps):
    """`75 to 100`, or how many of the seeds did not get there."""
    missing = (~np.isfinite(steps)).sum()
    if missing:
        return _("{missing} of {number} never").format(missing=missing, number=len(steps))
    low, high = steps.min(), steps.max()
    return _("{low:.0f} to {high:.0f}").format(low=low, high=high) if low < high else f"{low:.0f}"


@styled
def _plot_trainings(result, ax):
    ax = new_axes() if ax is None else ax
    for name, losses in result.losses.items():
        colour, line = COLOURS[VARIANTS[name].slope], LINES[VARIANTS[name].centred]
        draw_band(ax, result.steps, losses, name, color=colour, ls=line)
    ax.set(xlabel=_("training step"), ylabel=_("loss on the training digits"), ylim=(0, None))
    ax.legend(handles=[line for line in ax.lines if not line.get_label().startswith("_")])
    return ax


@styled
def _plot_best(result, ax):
    ax = new_axes(height=0.9 + 0.42 * len(result.steps)) if ax is None else ax
    for row, (name, (rate, steps)) in enumerate(result.best().items()):
        variant = VARIANTS[name]
        look = {"facecolor": COLOURS[variant.slope] if variant.centred else "none", "edgecolor": COLOURS[variant.slope]}
        points = ax.scatter(
            steps,
            np.full(len(steps), row),
            s=46,
            lw=1.8,
            zorder=3,
            label=_("{name}, rate {rate:g}").format(name=name, rate=rate),
            **look,
        )
        in_bands(points, 10, axis="x")  # rounding turns a step into a look earlier or later
    ax.set_yticks(range(len(result.steps)), result.steps)
    ax.set(xlabel=_("steps until the loss is under {loss}, at the best rate").format(loss=result.loss), xlim=(0, None))
    ax.invert_yaxis()
    return ax


@styled
def plot_offsets(results: Sequence[OffsetByDepth], *, ax: Axes | None = None) -> Axes:
    """Several results of `offset_by_depth` in one picture.

    Args:
        results: `OffsetByDepth` objects.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes() if ax is None else ax
    for result in results:
        for name, steps in result.steps.items():
            colour, line = OFFSET_LOOK[name]
            draw_band(ax, result.depths, steps, name, color=colour, ls=line, marker="o", ms=5)
    ax.set(
        xlabel=_("hidden layers"),
        ylabel=_("steps until the loss is under {loss}").format(loss=results[0].loss),
        ylim=(0, None),
    )
    ax.set_xticks(results[0].depths)
    ax.legend(handles=list(ax.lines), loc="upper left")
    return ax


@styled
def plot_three_moves(*, moves: int = 3, ax: Axes | None = None) -> Axes:
    """The sigmoid after some of the three moves that make it a tanh, with its tangent at 0 and tanh beside it.

    The moves: half as wide, twice as tall, one lower; `tanh(x) = 2 * sigmoid(2 * x) - 1`.

    Args:
        moves: 0 to 3.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax, x = new_axes() if ax is None else ax, np.linspace(*SPAN, 241)
    title, curve, slope = MOVES[moves]
    ax.plot(x, curve(x), color=BLUE, ls=SOLID, label=title)
    ax.plot(x, tanh(x), color=LOOK["tanh"][0], ls=LOOK["tanh"][1], lw=1.6, label="tanh")
    run = np.array([-1.0, 0.0, 1.0])
    ax.plot(
        run,
        curve(0) + slope * run,
        color=BLACK,
        ls=DOTTED,
        lw=1.6,
        label=_("tangent of slope {slope:g}").format(slope=slope),
    )
    ax.set(title=_("{title}\nslope {slope:g}").format(title=title, slope=slope), xlabel="x", ylim=(-1.2, 2.2))
    return ax
