"""Dead units: how many there are after training, for which learning rates and activations, and which of them come back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.stacked import (
    accuracies,
    batches,
    dead_masks,
    new_optimizer,
    new_stack,
    restart,
    stack_loop,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands, outwards
from course_utils.plotting.style import FAMILY, LOOK, SOLID, new_axes, styled
from course_utils.texts import _

SHAPE = {"depth": 2, "width": 128, "initializer": "he_normal"}
WIDE = 0.92  # of the room between two learning rates: how much the points of one of them take
MARKERS = {"relu": "o", "leaky_relu": "s", "elu": "D", "gelu": "^", "silu": "v", "selu": "P"}
# Training at large learning rates turns the last digit of a float32 into some percent of dead units.
EDGES = (0, 0.05, 0.1, 0.25, 0.5, 0.6, 0.9, 1)


@dataclass(frozen=True)
class DeadUnits:
    """How many hidden units are dead before and after training, and how well the network does all the same.

    Args:
        activation: its name.
        rates: (rates,) learning rates.
        before: (seeds,) share of the hidden units that are dead before training, in [0, 1].
        dead: (rates, seeds) the same after it.
        right: (rates, seeds) share of right answers on the test digits, in [0, 1].
    """

    activation: str
    rates: np.ndarray
    before: np.ndarray
    dead: np.ndarray
    right: np.ndarray

    def table(self, *, dead: float | tuple[float, ...] = EDGES, right: float | None = 0.5) -> pd.DataFrame:
        """A row for each learning rate: the bands of all seeds, rounded outwards so that they hold on other machines.

        Args:
            dead: the edges of the bands of dead units, or a number of which they are multiples.
            right: the same for the right answers; None leaves them out.
        """
        title = get(self.activation).title
        rows = [_("{title}, rate {rate:g}").format(title=title, rate=rate) for rate in self.rates]
        columns = {
            _("dead before training"): _between(self.before, dead),
            _("dead after training"): [_between(shares, dead) for shares in self.dead],
        }
        if right is not None:
            columns[_("test digits right")] = [_between(shares, right) for shares in self.right]
        return pd.DataFrame(columns, index=pd.Index(rows, name=_("network")))

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of dead units for each learning rate, a point a seed."""
        return plot_dead_units([self], ax=ax)


def _between(values, step):
    low, high = outwards(_under_1(values), step)
    return _("{low:g} to {high:g}").format(low=low, high=high) if high > low else f"{low:g}"


def _under_1(shares):
    """Whether the very last unit dies depends on the machine: a share of 1 is to lie in the band of those near 1."""
    return np.minimum(shares, 1 - 1e-6)


def dead_units(
    activation: str | Callable,
    *,
    rates: Sequence[float],
    optimizer: str = "adam",
    bias: float = 0.0,
    steps: int = 200,
    seeds: Sequence[int] = range(5),
) -> DeadUnits:
    """Train networks with two hidden layers of 128 units on the digits, and count the dead units before and after it.

    A unit is dead when the activation's slope is 0, or under a millionth, for each of the 1347 training digits: then none of
    them can move its weights. The kernels start as He et al. 2015 propose.

    Args:
        activation: a name of the catalogue that Keras knows too.
        rates: learning rates.
        optimizer: "adam" or "sgd".
        bias: number that the hidden biases start at.
        steps: number of training steps, of 64 digits each.
        seeds: ints; one training each.

    Returns:
        `DeadUnits`.
    """
    stack = new_stack(activation, seeds=seeds, bias=bias, **SHAPE)
    start, optimizer = [v.numpy() for v in stack.variables], new_optimizer(optimizer, rates[0])
    train, chosen, before, rows = stack_loop(stack, optimizer), batches(seeds, steps), _dead_share(stack), []
    for rate in rates:
        restart(stack, start, optimizer, rate)
        train(0, steps, chosen)
        rows.append((_dead_share(stack), accuracies(stack)))
    dead, right = zip(*rows, strict=True)
    return DeadUnits(activation, np.array(rates, float), before, np.array(dead), np.array(right))


def _dead_share(stack):
    return np.concatenate(dead_masks(stack), axis=1).mean(axis=1)


@styled
def plot_dead_units(results: Sequence[DeadUnits], *, ax: Axes | None = None) -> Axes:
    """The share of dead units for each learning rate, for several activations; no seed's point hides another.

    Args:
        results: `DeadUnits` objects.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes() if ax is None else ax
    rates = np.unique(np.concatenate([result.rates for result in results]))
    for place, result in enumerate(results):
        colour, line = LOOK[result.activation]
        points = ax.scatter(
            np.concatenate([_beside(rates, rate, place, results) for rate in result.rates]), _under_1(result.dead).ravel(),
            marker=MARKERS[result.activation], s=22, zorder=3, lw=1.2, edgecolor=colour,
            facecolor=colour if line == SOLID else "white", label=get(result.activation).title,
        )  # fmt: skip
        in_bands(points, EDGES, places=np.repeat(result.rates, result.dead.shape[1]))
    ax.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    ax.set_xticks(np.arange(1, len(rates)) - 0.5, minor=True)
    ax.tick_params(axis="x", which="both", length=0)
    ax.grid(visible=False, axis="x")
    ax.grid(
        visible=True, axis="x", which="minor"
    )  # a line between two rates: what stands between two lines is of one rate
    ax.set(xlim=(-0.5, len(rates) - 0.5), ylim=(-0.05, 1.05))
    ax.set(xlabel=_("learning rate"), ylabel=_("share of dead units"))
    ax.legend(loc="upper left")
    return ax


def _beside(rates, rate, place, results):
    """Where one activation's seeds stand around their learning rate: beside each other, and beside the other activations."""
    there = [number for number, result in enumerate(results) if rate in result.rates]
    seeds = results[place].dead.shape[1]
    each = seeds + 1  # a free place before the next activation
    slots = there.index(place) * each + np.arange(seeds)
    return np.searchsorted(rates, rate) + WIDE / (len(results) * each) * (slots - (len(there) * each - 2) / 2)


@dataclass(frozen=True)
class DeadUnitRecovery:
    """What becomes of the units that are dead before the training starts.

    Args:
        steps: (points,) training steps at which was counted.
        at_start: (seeds, layers) number of units that are dead at step 0.
        still: (seeds, points, layers) number of those that are dead at each step.
    """

    steps: np.ndarray
    at_start: np.ndarray
    still: np.ndarray

    def table(self) -> pd.DataFrame:
        """How many were dead, and how many of these came back: a row for each layer, a number for each seed."""
        back = self.at_start - self.still[:, -1]
        columns = {_("dead at the start"): self.at_start, _("of them back"): back}
        layers = [_("layer {number}").format(number=number + 1) for number in range(back.shape[1])]
        return pd.DataFrame({head: map(_listed, counts.T) for head, counts in columns.items()}, index=layers)

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of them that is still dead over the steps: median of the seeds, with a band."""
        return _plot_revival(self, ax)


def _listed(counts):
    return ", ".join(map(str, counts))


def revival(
    *, bias: float = -0.5, rate: float = 0.1, steps: int = 600, seeds: Sequence[int] = range(5)
) -> DeadUnitRecovery:
    """Start ReLU networks with so many units dead that it matters, train them with plain SGD, and see who comes back.

    Args:
        bias: number that the hidden biases start at; below 0 it makes dead units.
        rate: SGD's learning rate.
        steps: number of training steps; counted is at 13 of them.
        seeds: ints; one training each.

    Returns:
        A `DeadUnitRecovery`.
    """
    stack = new_stack("relu", seeds=seeds, bias=bias, dtype="float64", **SHAPE)  # so that no count differs elsewhere
    marks = np.linspace(0, steps, 13).astype(int)
    train, chosen = stack_loop(stack, new_optimizer("sgd", rate)), batches(seeds, steps)
    dead = [dead_masks(stack)]
    for begin, end in pairwise(marks):
        train(begin, end, chosen)
        dead.append(dead_masks(stack))
    dead = np.array(dead)  # (points, layers, seeds, units)
    still = (dead & dead[0]).sum(axis=3).transpose(2, 0, 1)
    return DeadUnitRecovery(marks, still[:, 0], still)


@styled
def _plot_revival(result, ax):
    ax = new_axes() if ax is None else ax
    for layer, (colour, line) in zip(range(result.still.shape[2]), FAMILY, strict=False):
        share = result.still[:, :, layer] / result.at_start[:, None, layer]
        name = (_("layer {layer}") if layer else _("layer {layer}, next to the input")).format(layer=layer + 1)
        draw_band(ax, result.steps, share, name, color=colour, ls=line)
    ax.set(xlabel=_("training step"), ylabel=_("share still dead"), ylim=(0, 1.05))
    ax.legend(handles=list(ax.lines), loc="lower left")
    return ax
