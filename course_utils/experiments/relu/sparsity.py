"""Sparse activations: how many of the hidden outputs are exactly 0, before and after training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.stacked import accuracies, batches, new_optimizer, new_stack, stack_loop
from course_utils.plotting.descriptions import outwards
from course_utils.plotting.style import FAMILY, new_axes, styled
from course_utils.texts import _

RATES = {"adam": 0.001, "sgd": 0.1}


@dataclass(frozen=True)
class Sparsity:
    """Share of the hidden layers' outputs on the test digits that are exactly 0.

    Args:
        label: which training, for tables.
        before, after: (seeds,) shares in [0, 1], before and after training.
        right: (seeds,) share of right answers on the test digits after training.
    """

    label: str
    before: np.ndarray
    after: np.ndarray
    right: np.ndarray

    def table(self) -> pd.DataFrame:
        """One row, each band rounded outwards to tenths so that it holds on other machines."""
        columns = {
            _("zeros before"): self.before,
            _("zeros after"): self.after,
            _("test digits right"): self.right,
        }
        bands = {head: "{:g} to {:g}".format(*outwards(values, 0.1)) for head, values in columns.items()}
        return pd.DataFrame(bands, index=pd.Index([self.label], name=_("training")))

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of zeros before and after training, a line a seed."""
        return _plot(self, ax)


def share_of_zeros(
    activation: str | Callable = "relu",
    *,
    optimizer: str = "adam",
    penalty: float = 0.0,
    rate: float | None = None,
    steps: int = 500,
    seeds: Sequence[int] = range(5),
) -> Sparsity:
    """Train networks with two hidden layers of 128 units on the digits, and count exact zeros.

    Args:
        activation: anything that Keras takes as one.
        optimizer: "adam" or "sgd".
        penalty: L1 penalty on the hidden outputs; 0 for none.
        rate: the learning rate, or None for 0.001 with Adam and 0.1 with SGD.
        steps: number of training steps, of 64 digits each.
        seeds: ints; one training each.

    Returns:
        A `Sparsity`.
    """
    stack = new_stack(activation, seeds=seeds, depth=2, width=128, initializer="he_normal")
    before = _zeros(stack)
    stack_loop(stack, new_optimizer(optimizer, rate or RATES[optimizer]), penalty=penalty)(
        0, steps, batches(seeds, steps)
    )
    label = (
        f"{activation}, {optimizer}{f', rate {rate:g}' if rate else ''}{f', L1 penalty {penalty:g}' if penalty else ''}"
    )
    return Sparsity(label, before, _zeros(stack), accuracies(stack))


def _zeros(stack):
    _, _, x, _ = digits()
    shares = [np.mean(stack.activation(z) == 0, axis=(1, 2)) for z in stack.sums(x)[:-1]]
    return np.mean(shares, axis=0)


@styled
def _plot(result, ax):
    ax = new_axes(width=4.8) if ax is None else ax
    for seed, (shares, (colour, line)) in enumerate(
        zip(zip(result.before, result.after, strict=True), FAMILY, strict=False)
    ):
        ax.plot([0, 1], shares, color=colour, ls=line, marker="o", label=_("network {seed}").format(seed=seed + 1))
    ax.set(title=result.label, ylabel=_("share of zeros"), ylim=(0, 1), xticks=(0, 1), xticklabels=("before", "after"))
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
