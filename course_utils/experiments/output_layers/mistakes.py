"""How a classifier can end, right and wrong: output layer and loss, judged by what the network predicts.

Keras's softmax and sigmoid leave the scores that went into them attached to their result, and Keras's losses go back to
those scores. So a loss can fall while the predictions are useless: the loss alone is no judge.

A task has its data and its endings; another task or ending is another entry of `TASKS`.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from matplotlib.axes import Axes
from sklearn.datasets import make_moons

from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.bands import draw_band
from course_utils.plotting.descriptions import in_bands
from course_utils.plotting.style import FAMILY, Panels, new_axes, styled
from course_utils.texts import _

if TYPE_CHECKING:
    import pandas as pd

BATCH, RATE, POINTS = 32, 0.01, 11
LEARNED = 0.85  # right on the test set from here on: the endings below come to 0.90 and more, or stay under 0.80
BCE, CCE = keras.losses.BinaryCrossentropy, keras.losses.CategoricalCrossentropy
SPARSE, MSE = keras.losses.SparseCategoricalCrossentropy, keras.losses.MeanSquaredError
# Every word of the table, with named fields.
WORDS = {
    "head": (_("output + loss"), _("first loss"), _("last loss"), _("recomputed"), _("learn"), _("Keras says")),
    "learned": _("{learned} of {seeds}"),
    "warns": _("a warning"),
    "silent": _("nothing"),
    "unknown_task": _("Unknown task {task!r}. Choose one of: {tasks}."),
    "unknown_ending": _("The task {task!r} has no ending {ending!r}. Choose one of: {endings}."),
}


@dataclass(frozen=True)
class OutputLayer:
    """A network's last layer, and the loss behind it.

    Args:
        units: of the last layer.
        activation: of the last layer, as Keras takes it.
        loss: a Keras loss, `loss(targets, outputs)`.
        targets: labels (n,) -> what the loss wants.
        decide: outputs (n, units) -> labels (n,), how a reader would read the outputs.
    """

    units: int
    activation: object
    loss: keras.losses.Loss
    targets: Callable
    decide: Callable


@dataclass(frozen=True)
class ClassificationTask:
    """Something to tell apart.

    Args:
        data: () -> (x_train, y_train, x_test, y_test), as `digits` gives them.
        steps: training steps.
        endings: name -> `OutputLayer`.
    """

    data: Callable
    steps: int
    endings: dict


@dataclass(frozen=True)
class OutputTraining:
    """What training with one ending came to.

    Args:
        ending: its name.
        steps: (points,) training steps at which the network was looked at.
        losses: (seeds, points) loss on the training set as Keras reports it, in nats for cross-entropies.
        accuracies: (seeds, points) share of right answers on the test set.
        recomputed: (seeds,) the last loss once more, worked out from the network's predictions alone.
        predictions: (seeds, n, units) the outputs on the test set after training.
        warnings: what Keras warned of, each said once.
        error: the kind of exception where training was refused, and then the arrays are empty; otherwise "".
    """

    ending: str
    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    recomputed: np.ndarray
    predictions: np.ndarray
    warnings: tuple[str, ...] = ()
    error: str = ""

    @property
    def learned(self) -> int:
        """How many seeds have at least 85 % right in the end."""
        return int(np.sum(self.accuracies[:, -1:] >= LEARNED))

    def row(self) -> tuple:
        """The training as a row of `OutputMistakes.table`: medians over the seeds, to one decimal."""
        said = self.error or WORDS["warns" if self.warnings else "silent"]
        if self.error:
            return (self.ending, "-", "-", "-", "-", said)
        numbers = (self.losses[:, 0], self.losses[:, -1], self.recomputed)
        learned = WORDS["learned"].format(learned=self.learned, seeds=len(self.accuracies))
        return (self.ending, *(_rounded(np.median(n)) for n in numbers), learned, said)


@dataclass(frozen=True)
class OutputMistakes:
    """Several endings of the same network for the same task.

    Args:
        task: its name.
        trainings: name of the ending -> `OutputTraining`.
    """

    task: str
    trainings: dict

    def __getitem__(self, ending):
        return self.trainings[ending]

    def table(self) -> "pd.DataFrame":
        """A DataFrame, a row an ending: the first and last loss as Keras reports it, the last loss worked out from the
        predictions alone, how many seeds have at least 85 % right on the test set, what Keras said of it."""
        import pandas as pd

        rows = [training.row() for training in self.trainings.values()]
        return pd.DataFrame(rows, columns=WORDS["head"]).set_index(WORDS["head"][0])

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """The loss that Keras reports and the share of right answers, side by side over the steps; refused ones are left out."""
        return _plot(self, axes)


def output_mistakes(
    task: str, endings: Sequence[str] | None = None, *, seeds: Sequence[int] = range(5)
) -> OutputMistakes:
    """Train the same network with several outputs and losses, and judge each by its predictions.

    Args:
        task: "binary" (two moons) or "ten classes" (digits).
        endings: names out of `TASKS[task].endings`; None means all.
        seeds: ints; one training each.

    Returns:
        `OutputMistakes`.

    Raises:
        ValueError: there is no such task or ending.
    """
    names = list(_task(task).endings) if endings is None else endings
    return OutputMistakes(task, {name: train_output(task, name, seeds=seeds) for name in names})


def train_output(task: str, ending: str, *, seeds: Sequence[int] = range(5)) -> OutputTraining:
    """Train a network of two hidden layers of 32 ReLUs with one output and loss, by Adam at rate 0.01.

    Args:
        task: "binary" or "ten classes".
        ending: a name out of `TASKS[task].endings`.
        seeds: ints; one training each.

    Returns:
        `OutputTraining`.

    Raises:
        ValueError: there is no such task or ending.
    """
    chosen = _ending(task, ending)
    with warnings.catch_warnings(record=True) as caught:
        for category in (UserWarning, SyntaxWarning):  # what Keras warns with
            warnings.simplefilter("always", category)
        try:
            measured, error = _measure(TASKS[task], chosen, seeds), ""
        except (ValueError, tf.errors.InvalidArgumentError) as refused:
            measured, error = _nothing(chosen), type(refused).__name__
    return OutputTraining(ending, *measured, _once(str(warning.message) for warning in caught), error)


def own_softmax(scores: tf.Tensor) -> tf.Tensor:
    """Softmax written out, as a lesson would: Keras can't see that it is one. `exp(z) / sum(exp(z))`."""
    powers = tf.exp(scores)
    return powers / tf.reduce_sum(powers, axis=-1, keepdims=True)


@cache
def moons() -> tuple[np.ndarray, ...]:
    """Two interlocking half circles with noise, scikit-learn's `make_moons`: 400 points to learn, 400 to test.

    Returns:
        (x_train, y_train, x_test, y_test): x float32 of shape (400, 2), y int32 labels, half of them 0 and half 1.
    """
    sets = [make_moons(400, noise=0.15, random_state=seed) for seed in (0, 1)]
    return tuple(array.astype(kind) for one in sets for array, kind in zip(one, ("float32", "int32"), strict=True))


def _measure(task, ending, seeds):
    """(steps, losses, accuracies, recomputed, predictions), as `OutputTraining` holds them."""
    x, y, x_test, y_test = task.data()
    targets, marks = ending.targets(y), np.linspace(0, task.steps, POINTS).astype(int)
    networks, optimizer = [_network(x.shape[1], ending, seed) for seed in seeds], keras.optimizers.Adam(RATE)
    looks = train_each(networks, ending.loss, x, targets, optimizer=optimizer, steps=marks, batch=BATCH)
    losses, accuracies, recomputed, predictions = [], [], [], []
    for look, network in enumerate(looks, start=1):
        losses.append(float(ending.loss(targets, network(x))))
        said = network(x_test).numpy()
        accuracies.append(np.mean(ending.decide(said) == y_test))
        if look % len(marks) == 0:
            recomputed.append(float(ending.loss(targets, _nearly_one_is_one(network(x).numpy()))))
            predictions.append(said)
    by_seed = (-1, len(marks))
    recomputed, predictions = np.array(recomputed), np.array(predictions)
    return marks, np.reshape(losses, by_seed), np.reshape(accuracies, by_seed), recomputed, predictions


def _nearly_one_is_one(outputs):
    """Whether a softmax of one unit gives 1 or a last bit less differs between processors; the loss of it should not."""
    return np.where((outputs > 1 - 1e-6) & (outputs < 1), 1, outputs).astype(outputs.dtype)


def _nothing(ending):
    return np.zeros(0, int), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0), np.zeros((0, 0, ending.units))


def _network(inputs, ending, seed):
    keras.utils.set_random_seed(seed)
    hidden = [keras.layers.Dense(32, "relu") for _ in range(2)]
    return keras.Sequential([keras.Input((inputs,)), *hidden, keras.layers.Dense(ending.units, ending.activation)])


def _once(messages):
    """Messages without those that differ from an earlier one in a number only, as in the shape of a batch."""
    kinds = {}
    for message in messages:
        kinds.setdefault("".join(filter(str.isalpha, message)), message)
    return tuple(kinds.values())


def _task(task):
    if task not in TASKS:
        raise ValueError(WORDS["unknown_task"].format(task=task, tasks=", ".join(TASKS)))
    return TASKS[task]


def _ending(task, ending):
    endings = _task(task).endings
    if ending not in endings:
        raise ValueError(WORDS["unknown_ending"].format(task=task, ending=ending, endings=", ".join(endings)))
    return endings[ending]


def _rounded(number):
    """One decimal; an exact 0 is a 0. Under a half it is a bound, since rounding moves a loss that nears 0 by a tenth."""
    bound = next((bound for bound in (0.1, 0.5) if 0 < number < bound), None)
    return f"<{bound}" if bound else "0" if number == 0 else f"{number:.1f}"


def _column(y):
    return y[:, None].astype("float32")


def _one_hot(y):
    return np.eye(10, dtype="float32")[y]


def _as_is(y):
    return y


def _over_half(outputs):
    return (outputs[:, 0] > 0.5).astype(int)


def _over_zero(outputs):
    return (outputs[:, 0] > 0).astype(int)


def _largest(outputs):
    return outputs.argmax(axis=1)


def _nearest(outputs):
    return np.clip(np.rint(outputs[:, 0]), 0, 9).astype(int)


# fmt: off
BINARY = {
    "sigmoid(1) + BCE": OutputLayer(1, "sigmoid", BCE(), _column, _over_half),
    "linear(1) + BCE(from_logits=True)": OutputLayer(1, None, BCE(from_logits=True), _column, _over_zero),
    "softmax(2) + SparseCCE": OutputLayer(2, "softmax", SPARSE(), _as_is, _largest),
    "sigmoid(1) + MSE": OutputLayer(1, "sigmoid", MSE(), _column, _over_half),
    "sigmoid(1) + BCE(from_logits=True)": OutputLayer(1, "sigmoid", BCE(from_logits=True), _column, _over_half),
    "softmax(1) + BCE": OutputLayer(1, "softmax", BCE(), _column, _over_half),
    "sigmoid(1) + CCE": OutputLayer(1, "sigmoid", CCE(), _column, _over_half),
    "sigmoid(1) + SparseCCE": OutputLayer(1, "sigmoid", SPARSE(), _as_is, _over_half),
    "linear(1) + BCE": OutputLayer(1, None, BCE(), _column, _over_half),
    "relu(1) + BCE": OutputLayer(1, "relu", BCE(), _column, _over_half),
    "tanh(1) + BCE": OutputLayer(1, "tanh", BCE(), _column, _over_half),
}
TEN_CLASSES = {
    "softmax(10) + SparseCCE": OutputLayer(10, "softmax", SPARSE(), _as_is, _largest),
    "linear(10) + SparseCCE(from_logits=True)": OutputLayer(10, None, SPARSE(from_logits=True), _as_is, _largest),
    "sigmoid(10) + BCE on one-hot": OutputLayer(10, "sigmoid", BCE(), _one_hot, _largest),
    "sigmoid(10) + SparseCCE": OutputLayer(10, "sigmoid", SPARSE(), _as_is, _largest),
    "softmax(10) + SparseCCE(from_logits=True)":
        OutputLayer(10, "softmax", SPARSE(from_logits=True), _as_is, _largest),
    "own softmax(10) + SparseCCE(from_logits=True)":
        OutputLayer(10, own_softmax, SPARSE(from_logits=True), _as_is, _largest),
    "linear(10) + SparseCCE": OutputLayer(10, None, SPARSE(), _as_is, _largest),
    "relu(10) + SparseCCE(from_logits=True)": OutputLayer(10, "relu", SPARSE(from_logits=True), _as_is, _largest),
    "softmax(10) + CCE": OutputLayer(10, "softmax", CCE(), _as_is, _largest),
    "softmax(10) + SparseCCE on one-hot": OutputLayer(10, "softmax", SPARSE(), _one_hot, _largest),
    "linear(1) + MSE": OutputLayer(1, None, MSE(), _column, _nearest),
}
# fmt: on
TASKS = {"binary": ClassificationTask(moons, 150, BINARY), "ten classes": ClassificationTask(digits, 500, TEN_CLASSES)}


@styled
def _plot(result, axes):
    left, right = new_axes(2) if axes is None else axes
    trainings = [training for training in result.trainings.values() if not training.error]
    for training, (colour, line) in zip(trainings, FAMILY, strict=False):
        for ax, values in ((left, training.losses), (right, training.accuracies)):
            for artist in draw_band(ax, training.steps, values, training.ending, color=colour, ls=line):
                in_bands(artist, 0.1)
    left.set(xlabel=_("training step"), ylabel=_("loss that Keras reports"), ylim=(0, None))
    right.set(xlabel=_("training step"), ylabel=_("right on the test set"), ylim=(0, 1.05))
    right.figure.legend(handles=list(right.lines), loc="outside lower center", ncols=2)
    return Panels((left, right))
