"""What an offset of the inputs does to the valley that gradient descent walks down: one neuron, NumPy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.activations import sigmoid, softplus
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import BLACK, FAMILY, SOLID, VERMILION, Panels, new_axes, styled
from course_utils.texts import _

EXAMPLES = 200
SHARES = (0.25, 0.5, 0.75, 0.95)  # learning rates, as parts of 2 / steepest curvature, above which steps overshoot
CLOSE = 0.01  # nats above the lowest loss that count as arrived
FLOOR = 0.001  # of the plot


@dataclass(frozen=True)
class ShiftedInputs:
    """Gradient descent of one neuron with a sigmoid, on the same examples with their inputs shifted.

    Args:
        shifts: (shifts,) what was added to every input.
        above: (shifts, seeds, steps + 1) how far the loss is above its lowest, in nats, before each step and at the end.
        curvatures: (shifts, seeds, weights) largest possible curvatures of the loss, ascending.
        rates: (shifts, seeds) the learning rates, no unit: for each shift the best one of those that were tried.
    """

    shifts: tuple
    above: np.ndarray
    curvatures: np.ndarray
    rates: np.ndarray

    @property
    def steps(self) -> np.ndarray:
        """(shifts, seeds) steps until the loss is less than 0.01 above its lowest; nan where it never is."""
        near = self.above < CLOSE
        return np.where(near.any(axis=2), near.argmax(axis=2), np.nan)

    def table(self, *, curvatures: bool = False) -> "pd.DataFrame":
        """For each shift the steps needed, and the curvatures if they are wanted: fewest to most of the seeds, a DataFrame."""
        columns = {_("steps needed"): [self._span(steps) for steps in self.steps]}
        if curvatures:
            columns[_("steepest curvature")] = [_range(bends[:, -1]) for bends in self.curvatures]
            columns[_("flattest curvature")] = [_range(bends[:, 0]) for bends in self.curvatures]
        return pd.DataFrame(columns, index=pd.Index([f"{shift:+g}" for shift in self.shifts], name=_("inputs")))

    def _span(self, steps):
        missing = np.isnan(steps).sum()
        if missing:
            return (_("more than {steps}") if missing == len(steps) else _("{missing} over {steps}")).format(
                missing=missing, steps=self.above.shape[2] - 1
            )
        return _("{low:.0f} to {high:.0f}").format(low=steps.min(), high=steps.max())

    def plot(self, ax: Axes | None = None) -> Axes:
        """How far the loss is above its lowest, over the steps, with a band over the seeds."""
        return _plot(self, ax)


def _range(values):
    return _("{low:.2g} to {high:.2g}").format(low=values.min(), high=values.max())


def shift_inputs(
    shifts: Sequence[float] = (0, 1, 3, 10),
    *,
    centre: bool = False,
    inputs: int = 2,
    steps: int = 4000,
    seeds: Sequence[int] = range(5),
) -> ShiftedInputs:
    """Let one neuron learn a noisy yes-or-no question, from inputs that have a common offset.

    Each shift gets its own best learning rate: of four, up to 95 % of the rate at which steps can overshoot, the one with
    the fewest steps in the median of the seeds.

    Args:
        shifts: numbers that are added to every input.
        centre: True subtracts its mean from each input, after the shift.
        inputs: number of inputs of the neuron.
        steps: number of steps, each on all examples.
        seeds: ints; one set of 200 examples each.

    Returns:
        `ShiftedInputs`.
    """
    runs = [
        _at_best_rate([examples(shift, inputs=inputs, seed=seed) for seed in seeds], centre, steps) for shift in shifts
    ]
    above, curvatures, rates = (np.array(part) for part in zip(*runs, strict=True))
    return ShiftedInputs(tuple(shifts), above, curvatures, rates)


def _at_best_rate(made, centre, steps):
    """Of several data sets with one shift: the losses, the curvatures and the rates, at the share with the fewest steps."""
    runs = [_descend(_centred(x) if centre else x, y, steps, SHARES) for x, y in made]
    above, curvatures, rates = (np.array(part) for part in list(zip(*runs, strict=True))[:3])
    near = above < CLOSE  # seeds, shares, steps
    needed = np.where(near.any(axis=2), near.argmax(axis=2), np.inf)
    best = np.median(needed, axis=0).argmin()
    return above[:, best], curvatures, rates[:, best]


def examples(shift: float, *, inputs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """200 examples of a yes-or-no question: "yes" has the probability `sigmoid(2 * sum(inputs before the shift))`.

    Returns:
        (x, y): x of shape (200, inputs + 1), normally distributed plus `shift`, with a last column of ones for the
        bias; y of 0 and 1.
    """
    random = np.random.default_rng(seed)
    x = random.normal(size=(EXAMPLES, inputs))
    y = (random.random(EXAMPLES) < sigmoid(2 * x.sum(axis=1))).astype(float)
    return np.column_stack([x + shift, np.ones(EXAMPLES)]), y


def _centred(x):
    """The mean subtracted from each input; the ones for the bias stay."""
    return np.column_stack([x[:, :-1] - x[:, :-1].mean(axis=0), x[:, -1]])


def loss(weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Mean binary cross-entropy in nats; `weights` may have axes in front of its last."""
    z = weights @ x.T
    return np.mean(softplus(z) - y * z, axis=-1)


def lowest(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The weights with the lowest loss, by ten steps of Newton's method."""
    w = np.zeros(x.shape[1])
    for _step in range(10):
        p = sigmoid(x @ w)
        w -= np.linalg.solve((x.T * (p * (1 - p))) @ x, x.T @ (p - y))
    return w


def _descend(x, y, steps, shares=(0.5,)):
    """Gradient descent from 0 at several rates: how far above the lowest loss each step is, the curvatures, the rates, the paths."""
    curvatures = np.linalg.eigvalsh(x.T @ x / len(x)) / 4  # a sigmoid's slope is at most 1/4
    rates = np.array(shares) * 2 / curvatures[-1]  # from 2 / curvature on, the steepest direction can overshoot
    path = np.zeros((len(shares), steps + 1, x.shape[1]))
    for step in range(steps):
        w = path[:, step]
        path[:, step + 1] = w - rates[:, None] * (sigmoid(w @ x.T) - y) @ x / len(x)
    return loss(path, x, y) - loss(lowest(x, y), x, y), curvatures, rates, path


@styled
def _plot(result, ax):
    ax = new_axes() if ax is None else ax
    steps = np.arange(result.above.shape[2]) + 1
    for shift, above, (colour, line) in zip(result.shifts, result.above, FAMILY, strict=False):
        name = _("inputs + {shift:g}").format(shift=shift)
        above = np.maximum(above, FLOOR / 2)  # what is under the picture is at last only rounding
        draw_band(ax, steps, above, name, color=colour, ls=line)
    ax.axhline(CLOSE, color=BLACK, lw=1, label=_("arrived"))
    ax.set(xlabel=_("step"), ylabel=_("loss above its lowest"), xscale="log", yscale="log", ylim=(FLOOR, 20))
    ax.legend(handles=list(ax.lines), loc="upper right", ncols=2)
    return ax


@styled
def plot_valleys(
    shifts: Sequence[float] = (0, 3),
    *,
    steps: int = 100,
    seed: int = 0,
    span: float = 8.0,
    axes: Sequence[Axes] | None = None,
) -> Panels:
    """The loss of a neuron with one input, as a map over its weight and its bias, with the path of gradient descent.

    Args:
        shifts: two numbers that are added to every input.
        steps: number of steps of the path.
        seed: of the examples.
        span: the bias is drawn from -span to span.
        axes: two Axes, or None for a new figure.

    Returns:
        `Panels`: the two Axes.
    """
    axes = new_axes(2, sharey=True) if axes is None else axes
    for ax, shift in zip(axes, shifts, strict=True):
        _valley(ax, *examples(shift, inputs=1, seed=seed), steps, span)
        ax.set(title=_("inputs + {shift:g}").format(shift=shift), xlabel=_("weight"))
    axes[0].set_ylabel(_("bias"))
    axes[0].legend(handles=list(axes[0].lines), loc="lower left", frameon=True, framealpha=1, edgecolor="white")
    return Panels(axes)


def _valley(ax, x, y, steps, span):
    weight, bias = np.meshgrid(np.linspace(-1, 4, 101), np.linspace(-span, span, 161))
    height = loss(np.stack([weight, bias], axis=-1), x, y)
    lines = ax.contour(weight, bias, height, levels=[0.4, 0.5, 0.7, 1, 1.5, 2, 3, 5], colors="#888888", linewidths=1)
    lines.set_label("equal loss")
    path = _descend(x, y, steps)[3][0]
    ax.plot(*path.T, color=FAMILY[0][0], ls=SOLID, marker=".", label=_("{steps} steps").format(steps=steps))
    ax.plot(*lowest(x, y), color=VERMILION, marker="*", ms=14, ls="none", label=_("lowest"))
