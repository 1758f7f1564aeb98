"""Output layers and losses, judged by what the network predicts: the loss alone can't tell a right pair from a wrong one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.activations import ACTIVATIONS
from course_utils.experiments.training.networks import plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import BLACK, DOTTED, FAMILY, LOOK, Panels, new_grid, styled
from course_utils.texts import _

STEPS, RATE = 300, 0.01  # of Adam, with all examples in each step
FALLEN = 0.9  # a loss has fallen when it ends under this share of where it began
FAR = 10.0  # distances beyond this are not told apart
RANGES = {"exponential": (0.0, np.inf)}  # the others' are in the catalogue
# Every sentence of a comparison, with named fields.
WORDS = {
    "head": (_("output + loss"), _("training loss"), "{measure}", _("best possible"), _("impossible answers")),
    "pair": "{activation}({units}) + {loss}",
    "losses": {
        "mse": _("MSE"),
        "binary_crossentropy": _("BCE"),
        "categorical_crossentropy": _("CCE"),
        "poisson": _("Poisson"),
    },
    "falls": _("falls"),
    "stays": _("does not fall"),
    "falls_in": _("falls in {some} of {all}"),
    "nan": _("not a number in {some} of {all}"),
    "from_to": _("{low:.1f} to {high:.1f}"),
    "over": _("{low:.1f} to over {far:.0f}"),
    "distance": _("distance (RMSE)"),
    "exact": _("all labels right"),
    "unknown": _("Unknown task {task!r}. The tasks are: {known}."),
    "no_curve": _("The inputs of this task are not on a line, so there is no curve to draw. The table says it all."),
}


class Pair(NamedTuple):
    """An output layer and a loss, as Keras names them."""

    units: int
    activation: str
    loss: str

    @property
    def label(self) -> str:
        """For tables and titles, like "tanh(1) + MSE"."""
        return WORDS["pair"].format(activation=self.activation, units=self.units, loss=WORDS["losses"][self.loss])


class PredictionTask(NamedTuple):
    """Something to predict.

    Args:
        x, y: the training set.
        fresh_x, fresh_y: the judge's.
        measure: "distance" (root mean square, smaller is better) or "exact" (share of examples with all labels right).
        limits: the smallest and largest answer that makes sense.
        pairs: what is tried.
    """

    x: np.ndarray
    y: np.ndarray
    fresh_x: np.ndarray
    fresh_y: np.ndarray
    measure: str
    limits: tuple[float, float]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True)
class Outcome:
    """What one output layer with its loss came to.

    Args:
        pair: the `Pair`.
        first_losses, last_losses: (seeds,) mean loss on the training set before and after.
        predictions: (seeds, examples, units) for the judge's examples.
        scores: (seeds,) the judge's measure of them.
        best: the best score that the output's range allows.
        impossible: (seeds,) share of the predictions that no target can be.
    """

    pair: Pair
    first_losses: np.ndarray
    last_losses: np.ndarray
    predictions: np.ndarray
    scores: np.ndarray
    best: float
    impossible: np.ndarray

    @property
    def fallen(self) -> int:
        """How many seeds' training losses ended under 90 % of where they began."""
        with np.errstate(invalid="ignore"):
            return int(np.sum(self.last_losses < self.first_losses - (1 - FALLEN) * np.abs(self.first_losses)))


@dataclass(frozen=True)
class OutputComparison:
    """The same network with several output layers and losses, trained by several seeds.

    Args:
        task: its name.
        measure: "distance" (root mean square, smaller is better) or "exact" (share of examples with all labels right).
        x, targets: the judge's examples.
        outcomes: an `Outcome` a pair.
    """

    task: str
    measure: str
    x: np.ndarray
    targets: np.ndarray
    outcomes: tuple[Outcome, ...]

    def table(self) -> pd.DataFrame:
        """A row a pair, with bands over the seeds rounded outwards to tenths, or to halves if no loss fell."""
        head = [part.format(measure=WORDS[self.measure]) for part in WORDS["head"]]
        return pd.DataFrame(map(_row, self.outcomes), columns=head).set_index(head[0])

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """What each pair predicts, beside the targets: median of the seeds, with a band."""
        return _plot(self, axes)


def compare_outputs(task: str, *, seeds: Sequence[int] = range(5)) -> OutputComparison:
    """Train a small network (two hidden layers of 32 ReLUs) with several output layers and losses.

    In float64, so that what is drawn is the same on every CPU.

    Args:
        task: "regression", "bounded", "multilabel" or "counts".
        seeds: ints; one training each.

    Returns:
        An `OutputComparison`.

    Raises:
        ValueError: there is no such task.
    """
    if task not in TASKS:
        raise ValueError(WORDS["unknown"].format(task=task, known=", ".join(TASKS)))
    made, seeds = TASKS[task](), list(seeds)
    outcomes = tuple(_train(made, pair, seeds) for pair in made.pairs)
    return OutputComparison(task, made.measure, made.fresh_x, made.fresh_y, outcomes)


def _train(task, pair, seeds):
    networks, loss = [_network(task, pair, seed) for seed in seeds], keras.losses.get(pair.loss)
    first = [np.mean(loss(task.y, network(task.x))) for network in networks]
    last, predictions = [], []
    for network in train_each(networks, loss, task.x, task.y, optimizer=keras.optimizers.Adam(RATE), steps=STEPS):
        last.append(np.mean(loss(task.y, network(task.x))))
        predictions.append(network(task.fresh_x).numpy())
    scores = [_judge(task, prediction) for prediction in predictions]
    outside = [np.mean((p < task.limits[0]) | (p > task.limits[1])) for p in predictions]
    return Outcome(pair, *map(np.array, (first, last, predictions, scores)), _best(task, pair), np.array(outside))


def _network(task, pair, seed):
    inputs = task.x.shape[1]
    logits = plain_network("relu", depth=2, width=32, inputs=inputs, outputs=pair.units, dtype="float64", seed=seed)
    return keras.Sequential(
        [
            keras.Input((inputs,), dtype="float64"),
            *logits.layers,
            keras.layers.Activation(pair.activation, dtype="float64"),
        ]
    )


def _judge(task, predictions):
    if task.measure == "exact":
        return np.mean(((predictions > 0.5) == (task.fresh_y > 0.5)).all(axis=1))
    return np.sqrt(np.mean((predictions - task.fresh_y) ** 2))


def _best(task, pair):
    """The score of the answers nearest to the targets that the output layer can give at all."""
    if task.measure == "exact":  # of a softmax's outputs, one at most is above one half
        return np.mean(task.fresh_y.sum(axis=1) <= 1) if pair.activation == "softmax" else 1.0
    low, high = RANGES.get(pair.activation) or ACTIVATIONS[pair.activation].range
    return _judge(task, np.clip(task.fresh_y, low, high))


def _regression():
    """A piece of a wave: targets from -3 to 3."""
    x, fresh = np.linspace(-1, 1, 201)[:, None], np.linspace(-0.995, 0.995, 200)[:, None]
    y, fresh_y = (3 * np.sin(2.5 * inputs + 0.5) for inputs in (x, fresh))
    pairs = tuple(Pair(1, name, "mse") for name in ("linear", "relu", "softplus", "sigmoid", "tanh"))
    return PredictionTask(x, y, fresh, fresh_y, "distance", (-np.inf, np.inf), pairs)


def _bounded():
    """How far to the side an arrow of length 1 points, towards a place x + 0.3 to the side and 0.8 ahead.

    Learned for x between -1 and 1, asked for between -2 and 2; the answers lie between -1 and 1.
    """
    x, fresh = np.linspace(-1, 1, 201)[:, None], np.linspace(-2, 2, 201)[:, None]
    y, fresh_y = ((inputs + 0.3) / np.hypot(inputs + 0.3, 0.8) for inputs in (x, fresh))
    pairs = tuple(Pair(1, name, "mse") for name in ("tanh", "linear", "sigmoid"))
    return PredictionTask(x, y, fresh, fresh_y, "distance", (-1.0, 1.0), pairs)


def _multilabel():
    """Three questions about a place in the plane: right of the middle? above it? near it?"""
    pairs = (
        Pair(3, "sigmoid", "binary_crossentropy"),
        Pair(3, "softmax", "binary_crossentropy"),
        Pair(3, "softmax", "categorical_crossentropy"),
    )
    return PredictionTask(*_three_questions(0), *_three_questions(1), "exact", (0.0, 1.0), pairs)


def _three_questions(seed):
    x = np.random.default_rng(seed).uniform(-1, 1, (400, 2))
    return x, np.column_stack([x[:, 0] > 0, x[:, 1] > 0, np.hypot(*x.T) < 0.8]).astype(float)


def _counts():
    """Whole numbers from 0 on that scatter around a rate, as Poisson's do; judged by the rate."""
    x = np.linspace(-1, 1, 101)[:, None]
    rate = np.exp(1 + 1.5 * np.sin(np.pi * x))
    counts = np.random.default_rng(0).poisson(np.repeat(rate, 3, axis=0)).astype(float)
    pairs = (
        Pair(1, "softplus", "poisson"),
        Pair(1, "exponential", "poisson"),
        Pair(1, "linear", "mse"),
        Pair(1, "linear", "poisson"),
    )
    return PredictionTask(np.repeat(x, 3, axis=0), counts, x, rate, "distance", (0.0, np.inf), pairs)


TASKS = {"regression": _regression, "bounded": _bounded, "multilabel": _multilabel, "counts": _counts}


def _row(outcome):
    scores = _band(outcome.scores, step=0.1 if outcome.fallen else 0.5)  # rounding decides where a training goes astray
    impossible = _band(outcome.impossible)
    return [outcome.pair.label, _said_of_loss(outcome), scores, f"{outcome.best:.3f}", impossible]


def _said_of_loss(outcome):
    count, nans = len(outcome.last_losses), int(np.isnan(outcome.last_losses).sum())
    if nans:
        return WORDS["nan"].format(some=nans, all=count)
    if outcome.fallen in (0, count):
        return WORDS["falls" if outcome.fallen else "stays"]
    return WORDS["falls_in"].format(some=outcome.fallen, all=count)


def _band(scores, step=0.1):
    """From the smallest to the largest, rounded outwards to multiples of a step; 1.4999 counts as 1.5, so that it holds elsewhere."""
    steps = np.round(scores / step, 2)
    low, high = np.floor(steps.min()) * step, np.ceil(steps.max()) * step
    return WORDS["from_to" if high <= FAR else "over"].format(low=low, high=high, far=FAR)


@styled
def _plot(result, axes):
    if result.x.shape[1] != 1:
        raise ValueError(WORDS["no_curve"])
    axes = new_grid(len(result.outcomes), columns=3, height=2.1, legend=0.8) if axes is None else axes
    for ax, outcome in zip(axes, result.outcomes, strict=True):
        _draw(ax, result, outcome)
    axes[0].figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Panels(axes)


def _draw(ax, result, outcome):
    x, answers = result.x[:, 0], outcome.predictions[:, :, 0]
    colour, _line = LOOK.get(
        outcome.pair.activation, FAMILY[0]
    )  # solid, whatever its style is elsewhere: the target is dotted
    draw_band(ax, x, answers, _("prediction"), color=colour, band_label=_("all seeds"))
    ax.plot(x, result.targets[:, 0], color=BLACK, ls=DOTTED, lw=1.6, label=_("target"))
    ax.set_title(outcome.pair.label, fontsize=12)
    ax.set(xlabel="x", ylabel=_("answer"))
    ax.label_outer()
