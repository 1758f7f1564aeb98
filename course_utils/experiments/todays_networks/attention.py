"""Softmax inside attention: how large scores become, what the square root of d does to them, and what training does."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import tensorflow as tf
from matplotlib.axes import Axes

from course_utils.activations import softmax
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.stacked import new_optimizer
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import BLACK, BLUE, DASHED, DOTTED, FAMILY, SOLID, VERMILION, Panels, new_axes, styled
from course_utils.texts import _

QUERIES = 500
FREE, DIVIDED, FLAT = "q · k", "q · k / √d", 0.01
CLASSES, ITEMS, WIDTH, EXAMPLES = 4, 16, 8, 512  # of the look-up task


@dataclass(frozen=True)
class AttentionBySize:
    """Attention weights of random queries and keys, for vectors of several sizes.

    Args:
        sizes: (sizes,) how many numbers a query and a key have: d.
        keys: how many keys each query looks at.
        weights: "q · k" and "q · k / √d" -> (seeds, sizes, queries, keys), each row sums to 1.
    """

    sizes: np.ndarray
    keys: int
    weights: dict

    @property
    def largest(self) -> dict[str, np.ndarray]:
        """Way of scoring -> (seeds, sizes) the largest weight of a query, averaged over the queries."""
        return {way: weights.max(axis=3).mean(axis=2) for way, weights in self.weights.items()}

    @property
    def entropies(self) -> dict[str, np.ndarray]:
        """Way of scoring -> (seeds, sizes) entropy of a query's weights in nats, averaged over the queries."""
        return {way: entropy(weights).mean(axis=2) for way, weights in self.weights.items()}

    @property
    def slopes(self) -> dict[str, np.ndarray]:
        """Way of scoring -> (seeds, sizes, queries) how far each weight moves with its own key's dot product, added up over the keys.

        `sum(p (1 - p))`, the diagonal of softmax's Jacobian, times what the dot products were multiplied by: 1, or 1 / √d.
        """
        found = {way: (weights * (1 - weights)).sum(axis=3) for way, weights in self.weights.items()}
        return {way: part / np.sqrt(self.sizes)[:, None] if way == DIVIDED else part for way, part in found.items()}

    def table(self) -> pd.DataFrame:
        """A row for each size: the largest weight, the entropy, and the share of queries with a slope below 0.01, without and
        with the division; medians over the seeds."""
        flat = {way: (slopes < FLAT).mean(axis=2) for way, slopes in self.slopes.items()}
        parts = {_("largest weight"): self.largest, _("entropy"): self.entropies, _("slope < 0.01"): flat}
        columns = {(name, way): np.median(part[way], axis=0).round(2) for name, part in parts.items() for way in part}
        return pd.DataFrame(columns, index=pd.Index(self.sizes, name="d"))

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Two panels over d: the entropy, with the most that it can be, and the slope of the median query."""
        return _plot_sizes(self, axes)


def attention_by_size(
    sizes: Sequence[int] = (1, 4, 16, 64, 256, 1024), *, keys: int = 16, seeds: Sequence[int] = range(5)
) -> AttentionBySize:
    """Score random keys by random queries, as they are and divided by the root of their size.

    Queries and keys are normally distributed numbers with mean 0 and standard deviation 1, in float64.

    Args:
        sizes: how many numbers a query and a key have.
        keys: how many keys each of the 500 queries looks at.
        seeds: ints.

    Returns:
        An `AttentionBySize`.

    Source: Vaswani and others 2017, Attention is all you need, section 3.2.1.
    """
    scores = [[_scores(np.random.default_rng([seed, size]), size, keys) for size in sizes] for seed in seeds]
    scores, roots = np.array(scores), np.sqrt(sizes)[:, None, None]
    return AttentionBySize(np.array(sizes), keys, {FREE: softmax(scores), DIVIDED: softmax(scores / roots)})


def _scores(rng, size, keys):
    """(queries, keys): every query has keys of its own."""
    return np.einsum("qd,qkd->qk", rng.normal(size=(QUERIES, size)), rng.normal(size=(QUERIES, keys, size)))


def entropy(weights: np.ndarray) -> np.ndarray:
    """`-sum(p ln p)` along the last axis, in nats, with 0 for p = 0.

    >>> entropy(np.array([[0.5, 0.5], [1.0, 0.0]])).round(4) + 0.0
    array([0.6931, 0.    ])
    """
    return -np.sum(weights * np.log(np.where(weights > 0, weights, 1)), axis=-1)


@dataclass(frozen=True)
class AttentionTraining:
    """Attention layers on their way through a training.

    Args:
        labels: names of what was trained.
        steps: (marks,) training steps.
        scores: label -> (seeds, marks) the largest size of a score, over all examples.
        entropies: label -> (seeds, marks) mean entropy of the weights, in nats.
        losses: label -> (seeds, marks) mean cross-entropy, in nats.
    """

    labels: tuple[str, ...]
    steps: np.ndarray
    scores: dict
    entropies: dict
    losses: dict

    def plot(self, axes: Sequence[Axes] | None = None) -> Panels:
        """Two panels over the steps: the largest score, and the entropy of the weights."""
        return _plot_training(self, axes)


def train_attention(
    caps: Sequence[float | None] = (None, 20.0),
    *,
    rate: float = 0.03,
    steps: int = 300,
    seeds: Sequence[int] = range(3),
) -> AttentionTraining:
    """Train attention to look something up, and note how large its scores become.

    Each example has 16 items, a key of 8 numbers and one of 4 classes each, and a query: a turned copy of one of the keys,
    with noise. The answer is that item's class. What is learned are the two kernels that queries and keys are multiplied
    by. The weights add up to a probability for each class. All in float64, so that what is drawn is the same on every CPU.

    Args:
        caps: numbers; scores are replaced by `cap * tanh(score / cap)`. None leaves them as they are.
        rate: Adam's learning rate.
        steps: training steps, each with all 512 examples.
        seeds: ints; one task and one training each.

    Returns:
        An `AttentionTraining`.

    Source: Gemma Team 2024, Gemma 2, section 2, for the capping.
    """
    marks = np.linspace(0, steps, 11).astype(int)
    names = {_("scores as they are") if cap is None else _("capped at {cap:g}").format(cap=cap): cap for cap in caps}
    noted = {name: _train(cap, rate, marks, list(seeds)) for name, cap in names.items()}
    parts = ({name: np.array([mark[place] for mark in found]).T for name, found in noted.items()} for place in range(3))
    return AttentionTraining(tuple(names), marks, *parts)


def look_up_task(seed: int) -> tuple[np.ndarray, ...]:
    """Queries (512, 8), keys (512, 16, 8) and one-hot classes (512, 16, 4), all float64, and the right classes (512,)."""
    rng = np.random.default_rng(seed)
    keys = rng.normal(size=(EXAMPLES, ITEMS, WIDTH))
    turn, _r = np.linalg.qr(rng.normal(size=(WIDTH, WIDTH)))
    queries = keys[:, 0] @ turn + 0.2 * rng.normal(size=(EXAMPLES, WIDTH))  # the items have no order
    classes = rng.integers(0, CLASSES, (EXAMPLES, ITEMS))
    return queries, keys, np.eye(CLASSES)[classes], classes[:, 0]


def _train(cap, rate, marks, seeds):
    queries, keys, values, answers = (np.stack(part) for part in zip(*map(look_up_task, seeds), strict=True))
    drawn = [np.random.default_rng([seed, 1]).normal(size=(2, WIDTH, WIDTH)) / np.sqrt(WIDTH) for seed in seeds]
    of_queries, of_keys = (tf.Variable(np.stack(part)) for part in zip(*drawn, strict=True))

    def scores() -> tf.Tensor:
        q, k = queries @ of_queries, keys @ of_keys[:, None]
        s = tf.einsum("snd,snkd->snk", q, k) / np.sqrt(WIDTH)
        return s if cap is None else cap * tf.tanh(s / cap)

    def losses() -> tf.Tensor:
        shares = tf.einsum("snk,snkc->snc", tf.nn.softmax(scores()), values)
        right = tf.gather(shares, answers, batch_dims=2)
        return tf.reduce_mean(-tf.math.log(right + 1e-7), axis=1)

    def note() -> tuple[np.ndarray, ...]:
        s = scores().numpy()
        return np.abs(s).max(axis=(1, 2)), entropy(softmax(s)).mean(axis=1), losses().numpy()

    optimizer = new_optimizer("adam", rate)
    train = compiled_descent(lambda step: tf.reduce_sum(losses()), [of_queries, of_keys], optimizer)
    found = [note()]
    for first, last in pairwise(marks):
        train(first, last)
        found.append(note())
    return found


@styled
def _plot_sizes(result, axes):
    axes = new_axes(2, height=3.8) if axes is None else axes
    medians = {way: np.median(slopes, axis=2) for way, slopes in result.slopes.items()}
    parts = ((result.entropies, _("entropy of the weights")), (medians, _("slope of the median query")))
    for ax, (values, title) in zip(axes, parts, strict=True):
        for (way, found), (colour, line) in zip(values.items(), ((BLUE, SOLID), (VERMILION, DASHED)), strict=True):
            draw_band(ax, result.sizes, found, way, color=colour, ls=line, marker="o", ms=4)
        ax.set(title=title, xlabel=_("numbers in a key (d)"), xscale="log")
    axes[0].axhline(np.log(result.keys), color=BLACK, ls=DOTTED, lw=1.5, label=_("all keys alike"))
    axes[0].set_ylim(0, None)
    axes[1].set_yscale("log")
    axes[0].figure.legend(handles=list(axes[0].lines), loc="outside lower center", ncols=3)
    return Panels(axes)


@styled
def _plot_training(result, axes):
    axes = new_axes(2, height=3.8) if axes is None else axes
    for ax, values, title in zip(
        axes, (result.scores, result.entropies), (_("largest score"), _("entropy of the weights")), strict=True
    ):
        for name, (colour, line) in zip(result.labels, FAMILY, strict=False):
            draw_band(ax, result.steps, values[name], name, color=colour, ls=line)
        ax.set(title=title, xlabel=_("training step"), ylim=(0, None))
    axes[0].figure.legend(handles=list(axes[0].lines), loc="outside lower center", ncols=3)
    return Panels(axes)
