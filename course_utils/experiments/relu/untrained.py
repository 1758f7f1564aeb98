"""ReLU networks before any training: which units are active for which pictures, and which are dead from the start."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from course_utils.experiments.training.networks import digits, plain_network
from course_utils.experiments.training.stacked import (
    batches,
    dead_masks,
    new_optimizer,
    new_stack,
    stack_loop,
    stack_networks,
)
from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import BLUE, FAMILY, VERMILION, new_axes, styled
from course_utils.texts import _

UNITS, PICTURES = 64, 40
EMPTY = "#E6E6E6"  # a square that is not filled


@dataclass(frozen=True)
class ActivationPattern:
    """Which units of a ReLU layer are active for which pictures.

    Args:
        active: (pictures, units) boolean, True where the unit's output is above 0.
        dead: (units,) boolean, True where it is 0 for each of the 1347 training digits.
    """

    active: np.ndarray
    dead: np.ndarray

    def plot(self, ax: Axes | None = None) -> Axes:
        """A square for each picture and unit, filled where the unit is active; a triangle above marks a unit that none of them activates."""
        return _plot_firing(self, ax)


def firing(*, bias: float = -0.5, seed: int = 0) -> ActivationPattern:
    """An untrained layer of 64 ReLUs, and which of them are active for the first 40 training digits.

    Args:
        bias: number that all biases start at.
        seed: int.

    Returns:
        An `ActivationPattern`.
    """
    stack = new_stack("relu", seeds=[seed], bias=bias, depth=1, width=UNITS, initializer="he_normal")
    active = stack.sums(digits()[0][:PICTURES])[0][0].numpy() > 0
    return ActivationPattern(active, dead_masks(stack)[0][0])


@styled
def _plot_firing(result, ax):
    ax = new_axes(height=4.4) if ax is None else ax
    high, wide = result.active.shape
    edges = (0.5, wide + 0.5, high + 0.5, 0.5)
    ax.imshow(
        result.active.astype(float), cmap=ListedColormap([EMPTY, BLUE]), vmin=0, vmax=1, extent=edges, aspect="auto"
    )
    only_here = ~result.active.any(axis=0) & ~result.dead
    for units, colour, name in (
        (result.dead, VERMILION, _("dead")),
        (only_here, "white", _("empty here, but not dead")),
    ):
        places = np.flatnonzero(units) + 1
        ax.scatter(
            places, np.full(len(places), -1.2), facecolor=colour, edgecolor=VERMILION, marker="v", s=24, label=name,
            clip_on=False, zorder=3,
        )  # fmt: skip
    ax.set(xlabel=_("unit"), ylabel=_("picture"), ylim=(high + 0.5, -2.5), yticks=[1, 10, 20, 30, 40])
    ax.grid(False)
    ax.set_xticks(np.arange(1, wide) + 0.5, minor=True)
    ax.set_yticks(np.arange(1, high) + 0.5, minor=True)
    ax.tick_params(which="minor", length=0)
    ax.grid(visible=True, which="minor", color="white", lw=0.8)  # between two squares
    ax.legend(loc="lower right", bbox_to_anchor=(1, 1), borderaxespad=0.1, ncols=2)
    return ax


@dataclass(frozen=True)
class DeadAtStart:
    """How many units are dead before training, for several biases.

    Args:
        biases: (biases,) the numbers that the hidden biases start at.
        dead: (biases, seeds, layers) share of dead units in each hidden layer.
    """

    biases: np.ndarray
    dead: np.ndarray

    def plot(self, ax: Axes | None = None) -> Axes:
        """The shares over the bias: median of the seeds, with a band from the smallest to the largest."""
        return _plot_layers(self.biases, self.dead, ax)


def dead_at_start(biases: Sequence[float], *, seeds: Sequence[int] = range(5)) -> DeadAtStart:
    """Count the dead units of untrained ReLU networks with two hidden layers of 128 units, on the training digits.

    Args:
        biases: numbers that the hidden biases start at; the kernels start as He et al. 2015 propose.
        seeds: ints; one network each.

    Returns:
        A `DeadAtStart`.
    """
    networks = [plain_network("relu", depth=2, width=128, initializer="he_normal", seed=seed) for seed in seeds]
    dead = [[mask.mean(axis=1) for mask in dead_masks(stack_networks(networks, bias=bias))] for bias in biases]
    return DeadAtStart(np.array(biases, float), np.array(dead).transpose(0, 2, 1))


@styled
def _plot_layers(biases, dead, ax):
    ax = new_axes() if ax is None else ax
    for layer, (colour, line) in zip(range(dead.shape[2]), FAMILY, strict=False):
        name = _("layer {layer}").format(layer=layer + 1)
        draw_band(ax, biases, dead[:, :, layer].T, name, color=colour, ls=line, marker="o", ms=4)
    ax.set(xlabel=_("bias at the start"), ylabel=_("share of dead units"), ylim=(-0.03, 1.05))
    ax.legend(handles=list(ax.lines), loc="lower left")
    return ax


@dataclass(frozen=True)
class DeadByLayer:
    """How many units of a deep untrained ReLU network are dead, layer by layer.

    Args:
        label: which starting values, for legends.
        dead: (seeds, layers) share of units that are 0 for each training digit.
        always_on: (seeds, layers) share of units that are above 0 for each training digit.
    """

    label: str
    dead: np.ndarray
    always_on: np.ndarray

    def plot(self, ax: Axes | None = None) -> Axes:
        """The share of dead units by layer: median of the seeds, with a band from the smallest to the largest."""
        return plot_dead_by_layer([self], ax=ax)


STARTS = {
    "keras": ("Keras's default", "glorot_uniform", False),
    "he": ("He weights, biases 0", "he_normal", False),
    "pytorch": ("PyTorch's default", None, True),
    "pytorch weights": ("PyTorch's weights, biases 0", None, False),
}
# PyTorch's Linear draws weights and biases from -1/sqrt(fan_in) to 1/sqrt(fan_in): its documentation, torch.nn.Linear.
PYTORCH_WEIGHTS = {
    "class_name": "VarianceScaling",
    "config": {"scale": 1 / 3, "mode": "fan_in", "distribution": "uniform"},
}  # a description, not an object: one object would give all layers the same weights


def dead_by_layer(start: str, *, depth: int = 10, width: int = 64, seeds: Sequence[int] = range(10)) -> DeadByLayer:
    """Count the dead units in each layer of an untrained ReLU network, on the training digits.

    Args:
        start: "keras" (uniform Glorot weights), "he" (normal He weights), both with biases 0; "pytorch" (weights and
            biases uniform within 1 / sqrt(fan_in)); "pytorch weights" (the same weights, biases 0).
        depth: number of hidden layers.
        width: units in each.
        seeds: ints; one network each.

    Returns:
        A `DeadByLayer`.

    Raises:
        ValueError: there is no such start.
    """
    if start not in STARTS:
        raise ValueError(f"There is no start {start!r}; choose one of: {', '.join(STARTS)}.")
    label, initializer, random_biases = STARTS[start]
    shape = {"depth": depth, "width": width, "initializer": initializer or PYTORCH_WEIGHTS}
    networks = [plain_network("relu", seed=seed, **shape) for seed in seeds]
    if random_biases:
        for network, seed in zip(networks, seeds, strict=True):
            _draw_biases(network, np.random.default_rng(seed))
    sums = stack_networks(networks).sums(digits()[0])[:-1]
    return _counted(label, sums)


def dead_before_and_after(
    *,
    depth: int = 5,
    width: int = 64,
    optimizer: str = "adam",
    rate: float = 0.003,
    steps: int = 200,
    seeds: Sequence[int] = range(5),
) -> tuple[DeadByLayer, DeadByLayer]:
    """Count the dead units in each layer of a ReLU network before and after training on the digits.

    Args:
        depth: number of hidden layers, which start with He weights and biases 0.
        width: units in each.
        optimizer: "adam" or "sgd".
        rate: its learning rate, no unit.
        steps: number of training steps, of 64 digits each.
        seeds: ints; one network each.

    Returns:
        (before, after): two `DeadByLayer`, of the same networks.
    """
    shape = {"depth": depth, "width": width, "initializer": "he_normal"}
    stack = new_stack("relu", seeds=seeds, dtype="float64", **shape)  # so that no count differs elsewhere
    x = digits()[0]
    before = _counted("before training", stack.sums(x)[:-1])
    stack_loop(stack, new_optimizer(optimizer, rate))(0, steps, batches(seeds, steps))
    return before, _counted(f"after {steps} steps", stack.sums(x)[:-1])


def _counted(label, sums):
    """A `DeadByLayer` of what each layer hands to its ReLUs, each of shape (networks, n, units)."""
    dead, on = ([np.all(test(z), axis=1).mean(axis=1) for z in sums] for test in (lambda z: z <= 0, lambda z: z > 0))
    return DeadByLayer(label, np.array(dead).T, np.array(on).T)


def _draw_biases(network, random):
    """PyTorch's biases, drawn by NumPy: as large as the weights of the same layer can be."""
    for layer in network.layers:
        most = layer.kernel.shape[0] ** -0.5
        layer.bias.assign(random.uniform(-most, most, layer.bias.shape).astype("float32"))


@styled
def plot_dead_by_layer(results: Sequence[DeadByLayer], *, ax: Axes | None = None) -> Axes:
    """The share of dead units by layer, for several ways to start.

    Args:
        results: `DeadByLayer` objects, at most 6.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax = new_axes() if ax is None else ax
    for result, (colour, line) in zip(results, FAMILY, strict=False):
        layers = np.arange(1, result.dead.shape[1] + 1)
        draw_band(ax, layers, result.dead, result.label, color=colour, ls=line, marker="o", ms=4)
    ax.set(xlabel=_("layer (1 is next to the input)"), ylabel=_("share of dead units"), ylim=(-0.02, None))
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(handles=list(ax.lines), loc="upper left", bbox_to_anchor=(1, 1))
    return ax
