"""How many training steps until a network has learnt the digits, for several activations and starting weights."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.activations import get
from course_utils.experiments.training.stacked import batches, first_below, new_optimizer, new_stack, train_to_marks
from course_utils.plotting.descriptions import in_bands, outwards
from course_utils.plotting.style import LOOK, new_axes, styled
from course_utils.texts import _

LEARNT = 0.1  # mean loss on the training digits, in nats
STARTS = {"glorot": ("Glorot", "glorot_uniform"), "he": ("He", "he_normal")}
LOOK_EVERY = 25  # steps between two looks at the loss
APART = 0.2  # of a row, between the points of two seeds that took the same number of steps
COARSE = 50  # steps; deep ReLU networks turn the last digit of a float32 into a look earlier or later


@dataclass(frozen=True)
class LearningSpeed:
    """Training steps until the mean loss on the training digits is under 0.1.

    Args:
        runners: (activation's name, start) pairs.
        steps: (runners, seeds), inf where it was not under 0.1 within the limit.
        limit: number of steps after which a training was given up.
    """

    runners: tuple
    steps: np.ndarray
    limit: int

    def table(self) -> pd.DataFrame:
        """A row a runner: all its seeds' steps, rounded outwards to multiples of 50."""
        rows = {_name(runner): self._said(steps) for runner, steps in zip(self.runners, self.steps, strict=True)}
        return pd.DataFrame({_("steps"): rows}).rename_axis(_("network"))

    def _said(self, steps):
        if np.isfinite(steps).all():
            return _("{low:g} to {high:g}").format(**dict(zip(("low", "high"), outwards(steps, COARSE), strict=True)))
        return _("{missing} of {number} seeds not within {limit}").format(
            missing=np.isinf(steps).sum(), number=len(steps), limit=self.limit
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """A row for each runner, a point for each seed; points at the right edge had not learnt by then."""
        return _plot(self, ax)


def steps_to_learn(
    *runners: object,
    depth: int = 5,
    optimizer: str = "sgd",
    rate: float = 0.05,
    limit: int = 600,
    seeds: Sequence[int] = range(5),
) -> LearningSpeed:
    """Train networks with hidden layers of 64 units on the digits until they have learnt them.

    Args:
        runners: pairs of an activation's name and a start, "glorot" or "he".
        depth: number of hidden layers.
        optimizer: "sgd" or "adam".
        rate: its learning rate.
        limit: number of steps, of 64 digits each, after which a training is given up.
        seeds: ints; one training each.

    Returns:
        A `LearningSpeed`; the loss is looked at each 25 steps.
    """
    steps = [_steps(*runner, depth, new_optimizer(optimizer, rate), limit, seeds) for runner in runners]
    return LearningSpeed(runners, np.array(steps), limit)


def _steps(activation, start, depth, optimizer, limit, seeds):
    stack = new_stack(activation, seeds=seeds, depth=depth, initializer=STARTS[start][1])
    marks = np.arange(0, limit + 1, LOOK_EVERY)
    losses = train_to_marks(stack, optimizer, batches(seeds, limit), marks, stop_below=LEARNT)
    return np.nan_to_num(first_below(LEARNT, marks, losses), nan=np.inf)


def _name(runner):
    return f"{get(runner[0]).title}, {STARTS[runner[1]][0]}"


def _stacked(x):
    """How far each point stands from the middle of its row, so that equal ones lie above each other."""
    return APART * np.array(
        [np.sum(x[:place] == value) - (np.sum(x == value) - 1) / 2 for place, value in enumerate(x)]
    )


@styled
def _plot(result, ax):
    ax = new_axes(height=0.9 + 0.42 * len(result.runners)) if ax is None else ax
    end = result.limit * 1.04
    for row, (runner, steps) in enumerate(zip(result.runners, result.steps, strict=True)):
        colour, he = LOOK[runner[0]][0], runner[1] == "he"
        look = {"facecolor": colour if he else "none", "edgecolor": colour, "marker": "o" if he else "s"}
        name = _name(runner) + ", given up" * bool(np.isinf(steps).any())
        x, rows = np.minimum(steps, end), np.full(len(steps), row)
        points = ax.scatter(x, rows + _stacked(x), **look, s=22, lw=1.2, zorder=3, label=name)
        in_bands(points, COARSE, axis="x", places=rows)
    ax.axvline(result.limit, color="#808080", ls=":", lw=1.5, label=_("limit"))
    ax.set_yticks(range(len(result.runners)), [_name(runner) for runner in result.runners])
    ax.set(
        xlabel=_("training steps until the loss is under {LEARNT:g}").format(LEARNT=LEARNT),
        xlim=(0, result.limit * 1.1),
    )
    ax.invert_yaxis()
    return ax
