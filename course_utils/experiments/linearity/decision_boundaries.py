"""Two spirals that no straight line separates, and what networks make of the plane that they lie in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap

from course_utils.experiments.training.digits import network_loop
from course_utils.experiments.training.networks import accuracy, plain_network, shown_name
from course_utils.plotting.style import BLUE, VERMILION, Panels, new_axes, styled
from course_utils.texts import _

TURNS, NOISE = 1.5, 0.02
EDGE, PLACES = 1.2, 121  # the map: 121 by 121 places from -1.2 to 1.2
FRESH = 100  # added to a training's seed, it seeds the points that the network has not seen
TINTS = ListedColormap(["#A9CBE3", "#FCE6D9"])  # light enough for the points, and one clearly darker than the other


def spirals(points: int = 400, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two interleaved spirals around the origin, one and a half turns each.

    Args:
        points: number of points in each.
        seed: int.

    Returns:
        (x, y): x float64 of shape (2 * points, 2), y int32 classes 0 and 1.
    """
    rng = np.random.default_rng(seed)
    radius = np.sqrt(rng.random(points))
    angle = 2 * np.pi * TURNS * radius
    arm = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    x = np.concatenate([arm, -arm]) + NOISE * rng.normal(size=(2 * points, 2))
    return x, np.repeat([0, 1], points).astype("int32")


@dataclass(frozen=True)
class SpiralRuns:
    """What trainings of the same network on the spirals came to.

    Args:
        activation: its name.
        accuracies: (seeds,) share of right answers on fresh points of the same spirals.
        points: (n, 2) the first seed's training points.
        classes: (n,) their classes, 0 or 1.
        answers: (121, 121) the class that the first seed's network gives to each place of the plane from -1.2 to 1.2;
            the first row is the lowest.
    """

    activation: str
    accuracies: np.ndarray
    points: np.ndarray
    classes: np.ndarray
    answers: np.ndarray

    @property
    def label(self) -> str:
        """For tables and titles."""
        return shown_name(self.activation)

    def band(self) -> str:
        """The accuracies of all seeds as a sentence, rounded outwards to hundredths."""
        low = np.floor(np.round(self.accuracies.min() * 100, 6)) / 100
        high = np.ceil(np.round(self.accuracies.max() * 100, 6)) / 100
        return _("{label}: all {number} seeds between {low:.2f} and {high:.2f} right on fresh points").format(
            label=self.label, number=len(self.accuracies), low=low, high=high
        )

    def plot(self, ax: Axes | None = None) -> Axes:
        """The plane, coloured by the first seed's answers, with its training points."""
        return plot_boundaries([self], axes=None if ax is None else [ax])[0]


def learn_spirals(
    activation: str | Callable, *, depth: int = 3, width: int = 32, steps: int = 600, seeds: Sequence[int] = range(5)
) -> SpiralRuns:
    """Train plain networks to tell two spirals apart: Adam with learning rate 0.01, all points in each step.

    In float64, so that the boundary that is drawn is the same on every CPU.

    Args:
        activation: a name that Keras and the catalogue know.
        depth: number of hidden layers.
        width: units in each.
        steps: number of training steps.
        seeds: ints; one set of points and one training each.

    Returns:
        `SpiralRuns`.
    """
    seeds = list(seeds)
    networks = [_trained(activation, depth=depth, width=width, steps=steps, seed=seed) for seed in seeds]
    accuracies = [accuracy(net, *spirals(seed=seed + FRESH)) for net, seed in zip(networks, seeds, strict=True)]
    points, classes = spirals(seed=seeds[0])
    return SpiralRuns(activation, np.array(accuracies), points, classes, _answers(networks[0]))


def _trained(activation, *, depth, width, steps, seed):
    network = plain_network(activation, depth=depth, width=width, inputs=2, outputs=2, dtype="float64", seed=seed)
    network_loop(network, keras.optimizers.Adam(0.01), batch=None)(0, steps, *spirals(seed=seed))
    return network


def _answers(network):
    along = np.linspace(-EDGE, EDGE, PLACES)
    plane = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    return np.argmax(network(plane), axis=1).reshape(PLACES, PLACES)


@styled
def plot_boundaries(runs: Sequence[SpiralRuns], *, axes: Sequence[Axes] | None = None) -> Panels:
    """The decision boundaries of several networks, side by side; each title says what share of new points the network shown gets right.

    Args:
        runs: `SpiralRuns` objects.
        axes: as many Axes, or None for a new figure.

    Returns:
        `Panels` of the Axes.
    """
    axes = np.atleast_1d(new_axes(len(runs), height=4.0, sharey=True) if axes is None else axes)
    for ax, run in zip(axes, runs, strict=True):
        ax.imshow(run.answers, extent=[-EDGE, EDGE] * 2, origin="lower", cmap=TINTS, vmin=0, vmax=1)
        for kind, (colour, marker) in enumerate([(BLUE, "o"), (VERMILION, "^")]):
            x, y = run.points[run.classes == kind].T
            ax.scatter(x, y, s=7, color=colour, marker=marker, lw=0, label=_("class {kind}").format(kind=kind))
        ax.set(
            title=_("{label}: {share:.1f} % right").format(label=run.label, share=100 * run.accuracies[0]),
            xlabel=_("first input"),
        )
        ax.grid(False)
    axes[0].set(ylabel=_("second input"))
    handles = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(*handles, loc="outside lower center", ncols=2, markerscale=2.5)
    return Panels(axes)
