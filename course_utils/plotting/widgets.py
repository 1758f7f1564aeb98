"""Sliders over the plot functions. Where no front end is live (a built notebook, the site) they leave a static grid."""

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain, pairwise

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.activations import Activation
from course_utils.plotting.curves import plot_neuron, plot_parameters, plot_softmax
from course_utils.plotting.narrow import POSITIONS
from course_utils.plotting.style import Panels, new_axes, styled


def live() -> bool:
    """True in a notebook whose front end can show widgets.

    A kernel can't ask its front end, so running notebooks without one has to be declared: `COURSE_STATIC=1` in the kernel's
    environment, as `course build` and the verification do.
    """
    if os.environ.get("COURSE_STATIC") == "1":
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def explore(plot: Callable, **choices: Sequence[float]) -> Panels | None:
    """Draw a plot for chosen values of its parameters: with sliders, or as a static grid.

    Args:
        plot: a plot function that takes `ax` and the parameters by keyword.
        **choices: one or two parameters, each with the values that its slider can take; the grid shows all of them,
            the first parameter from left to right, the second from top to bottom.

    Returns:
        None where sliders are shown, otherwise `Panels` of the grid's Axes.

    Raises:
        ValueError: no parameter, or more than two.
    """
    if not 1 <= len(choices) <= 2:
        raise ValueError(f"explore wants one or two parameters with their values, got {len(choices)}")
    return _sliders(plot, choices) if live() else _grid(plot, choices)


def explore_neuron(
    activation: str | Activation, *, weights: Sequence[float] = (0.5, 1, 2, 5), biases: Sequence[float] = (-2, 0, 2)
) -> Panels | None:
    """A neuron with one input, `activation(weight * x + bias)`, under sliders for its weight and its bias.

    Args:
        activation: a name or an entry of the catalogue.
        weights, biases: the values that the sliders can take.

    Returns:
        As `explore`.
    """

    def plot(ax: Axes = None, weight: float = 1, bias: float = 0) -> Axes:
        return plot_neuron(activation, weight=weight, bias=bias, ax=ax)

    return explore(plot, weight=weights, bias=biases)


def explore_parameters(
    activation: str | Activation, *, span: tuple[float, float] = (-6.0, 6.0), **choices: Sequence[float]
) -> Panels | None:
    """An activation under sliders for one or two of its own parameters.

    Args:
        activation: a name or an entry of the catalogue.
        span: (low, high), the inputs.
        **choices: one or two of the activation's parameters, each with the values that its slider can take.

    Returns:
        As `explore`.
    """

    def plot(ax: Axes = None, **parameters: float) -> Axes:
        return plot_parameters(activation, span=span, ax=ax, **parameters)

    return explore(plot, **choices)


def explore_temperature(scores: ArrayLike, *, temperatures: Sequence[float] = (0.1, 0.5, 1, 2, 10)) -> Panels | None:
    """Softmax of `scores / temperature`, under a slider for the temperature.

    Args:
        scores: (k,) numbers, the logits; at most 6.
        temperatures: the values that the slider can take.

    Returns:
        As `explore`.
    """
    return explore(partial(plot_softmax, scores), temperature=temperatures)


def _sliders(plot, choices):
    import ipywidgets

    def redraw(**values: float) -> None:
        plot(**values)
        plt.show()  # inside an Output widget nothing else shows the figure

    sliders = {name: _slider(ipywidgets, name, list(values)) for name, values in choices.items()}
    ipywidgets.interact(redraw, **sliders)


def _slider(ipywidgets, name, values):
    return ipywidgets.SelectionSlider(
        options=[(f"{value:g}", value) for value in positions(values)],
        value=values[len(values) // 2],
        description=name.replace("_", " "),
        style={"description_width": "initial"},
        continuous_update=False,
    )


def positions(values: Sequence[float]) -> list[float]:
    """A slider's positions: every whole number in between if the values are whole; otherwise also three positions between each two.

    >>> positions([1, 2, 5]), positions([0.5, 1, 5])
    ([1, 2, 3, 4, 5], [0.5, 0.625, 0.75, 0.875, 1, 2.0, 3.0, 4.0, 5])
    """
    if all(isinstance(value, int) for value in values):
        return list(range(values[0], values[-1] + 1))
    between = [[low, *(low + (high - low) * part / 4 for part in (1, 2, 3))] for low, high in pairwise(values)]
    return [*chain(*between), values[-1]]


def drawn_positions(choices: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Where the slider of a page stops: at the values and halfway between them; where there are two sliders, at the values.

    >>> drawn_positions({"temperature": (0.5, 1)}), drawn_positions({"layers": (1, 4)})
    ({'temperature': [0.5, 0.75, 1]}, {'layers': [1, 2, 4]})
    >>> drawn_positions({"weight": (1, 3), "bias": (0, 2)})
    {'weight': [1, 3], 'bias': [0, 2]}
    """
    if len(choices) > 1:
        return {name: list(values) for name, values in choices.items()}
    [(name, values)] = choices.items()
    whole = all(isinstance(value, int) for value in values)
    halfway = [(low + high) // 2 if whole else (low + high) / 2 for low, high in pairwise(values)]
    return {name: sorted({*values, *halfway})}


@styled
def _grid(plot, choices):
    (across, columns), (down, rows) = [*choices.items(), (None, [None])][:2]
    shape = (len(rows), len(columns)) if down or len(columns) < 4 else (-(-len(columns) // 2), 2)
    panels = new_axes(shape[1], shape[0], height=1.1 + 1.6 * shape[0], sharex=True, sharey=True, squeeze=False)
    settings = [{across: column, **({down: row} if down else {})} for row in rows for column in columns]
    for ax, setting in zip(panels.flat, settings, strict=False):
        plot(ax=ax, **setting)
        ax.label_outer()
        ax.set_title(ax.get_title().replace(", ", ",\n"), fontsize=10)
        ax.tick_params(labelsize=10)
    for ax in panels.flat[len(settings) :]:
        ax.set_visible(False)
    setattr(panels[0, 0].figure, POSITIONS, (plot, drawn_positions(choices)))
    return Panels(panels.flat[: len(settings)])
