"""Sliders over the plot functions. Where no front end is live (a built notebook, the site) they leave a static grid."""

import os
from functools import partial

import matplotlib.pyplot as plt

from course_utils.plotting.curves import plot_neuron, plot_parameters, plot_softmax
from course_utils.plotting.style import Panels, new_axes, styled


def live():
    """True in a notebook whose front end can show widgets.

    A kernel can't ask its front end, so whoever runs notebooks without one says so: `COURSE_STATIC=1` in the kernel's
    environment, as `course build` and the verification do.
    """
    if os.environ.get("COURSE_STATIC") == "1":
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return hasattr(get_ipython(), "kernel")


def explore(plot, **choices):
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


def explore_neuron(activation, *, weights=(0.5, 1, 2, 5), biases=(-2, 0, 2)):
    """A neuron with one input, `activation(weight * x + bias)`, under sliders for its weight and its bias.

    Args:
        activation: a name or an entry of the catalogue.
        weights, biases: the values that the sliders can take.

    Returns:
        As `explore`.
    """

    def plot(ax=None, weight=1, bias=0):
        return plot_neuron(activation, weight=weight, bias=bias, ax=ax)

    return explore(plot, weight=weights, bias=biases)


def explore_parameters(activation, *, span=(-6.0, 6.0), **choices):
    """An activation under sliders for one or two of its own parameters.

    Args:
        activation: a name or an entry of the catalogue.
        span: (low, high), the inputs.
        **choices: one or two of the activation's parameters, each with the values that its slider can take.

    Returns:
        As `explore`.
    """

    def plot(ax=None, **parameters):
        return plot_parameters(activation, span=span, ax=ax, **parameters)

    return explore(plot, **choices)


def explore_temperature(scores, *, temperatures=(0.1, 0.5, 1, 2, 10)):
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

    def redraw(**values):
        plot(**values)
        plt.show()  # inside an Output widget nothing else shows the figure

    sliders = {
        name: ipywidgets.SelectionSlider(
            options=list(values), value=values[len(values) // 2], description=name, continuous_update=False
        )
        for name, values in choices.items()
    }
    ipywidgets.interact(redraw, **sliders)


@styled
def _grid(plot, choices):
    (across, columns), (down, rows) = [*choices.items(), (None, [None])][:2]
    axes = new_axes(
        len(columns), len(rows), height=1.1 + 1.5 * len(rows), width=8, sharex=True, sharey=True, squeeze=False
    )
    for line, row in zip(axes, rows, strict=True):
        for ax, column in zip(line, columns, strict=True):
            plot(ax=ax, **{across: column}, **({down: row} if down else {}))
            ax.label_outer()
            ax.title.set_fontsize(10)
    return Panels(axes.ravel())
