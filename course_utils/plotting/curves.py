"""Plots with one look for the whole course: an activation keeps its colour and line style from chapter to chapter.

Every function takes `ax=None` and returns the Axes it drew on (`Panels` where there are several). Nothing here calls
`plt.show()` or changes `rcParams`.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from course_utils.activations import Activation, get, kinks_at, saturated, softmax
from course_utils.plotting.style import FAMILY, Panels, look, new_axes, styled
from course_utils.texts import _

SPAN = (-6.0, 6.0)
POINTS = 481  # odd, so that 0 is one of them
SATURATED = "saturated"  # the gid of the first stretch that is shaded since the curve is nearly flat there


@styled
def plot_value_and_slope(
    activation: str | Activation,
    *,
    span: tuple[float, float] = SPAN,
    axes: Sequence[Axes] | None = None,
    **parameters: object,
) -> Panels:
    """An activation's value and slope side by side, with the inputs shaded where it is saturated.

    Args:
        activation: a name or an entry of the catalogue.
        span: (low, high), the inputs.
        axes: two Axes, or None for a new figure.
        **parameters: of the activation, as in the catalogue.

    Returns:
        `Panels`: the two Axes.
    """
    entry, x = get(activation), np.linspace(*span, POINTS)
    left, right = new_axes(2) if axes is None else axes
    for ax, slope, what in ((left, False, _("value")), (right, True, _("slope"))):
        ax.plot(*curve(entry, x, slope=slope, **parameters), **look(entry))
        shade_saturation(ax, entry, span=span, **parameters)
        ax.set(title=f"{entry.title}: {what}", xlabel="x", ylabel=what)
    flat = [patch for patch in left.patches if patch.get_gid() == SATURATED]
    if flat:
        place = "lower right" if saturated(entry, x, **parameters)[-1] else "upper left"  # where the curve is not
        left.legend(handles=flat, loc=place, borderaxespad=0.2, frameon=True, framealpha=1, edgecolor="white")
    return Panels((left, right))


@styled
def plot_activations(
    *activations: str | Activation, slope: bool = False, span: tuple[float, float] = SPAN, ax: Axes | None = None
) -> Axes:
    """Several activations, or their slopes, in one picture.

    Args:
        activations: names or entries of the catalogue.
        slope: True draws the slopes.
        span: (low, high), the inputs.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    ax, x = new_axes() if ax is None else ax, np.linspace(*span, POINTS)
    for entry in map(get, activations):
        ax.plot(*curve(entry, x, slope=slope), **look(entry))
    ax.set(xlabel="x", ylabel=_("slope") if slope else _("value"))
    ax.legend()
    return ax


@styled
def plot_values_and_slopes(
    *activations: str | Activation, span: tuple[float, float] = SPAN, axes: Sequence[Axes] | None = None
) -> Panels:
    """Several activations' values and slopes side by side, with one legend.

    Args:
        activations: names or entries of the catalogue.
        span: (low, high), the inputs.
        axes: two Axes, or None for a new figure.

    Returns:
        `Panels`: the two Axes.
    """
    left, right = new_axes(2) if axes is None else axes
    plot_activations(*activations, span=span, ax=left)
    plot_activations(*activations, slope=True, span=span, ax=right)
    left.set(title=_("value"), ylabel="")
    right.set(title=_("slope"), ylabel="")
    right.get_legend().remove()
    return Panels((left, right))


@styled
def plot_parameters(
    activation: str | Activation, *, span: tuple[float, float] = SPAN, ax: Axes | None = None, **parameters: object
) -> Axes:
    """An activation's value for chosen parameters, which the title names.

    Args:
        activation: a name or an entry of the catalogue.
        span: (low, high), the inputs.
        ax: Axes, or None for a new figure.
        **parameters: of the activation, as in the catalogue.

    Returns:
        The Axes.
    """
    entry, x = get(activation), np.linspace(*span, POINTS)
    ax = new_axes() if ax is None else ax
    ax.plot(*curve(entry, x, **parameters), **look(entry))
    ax.set(title="\n".join(f"{name} {value:g}" for name, value in parameters.items()), xlabel="x", ylabel=_("value"))
    return ax


def neuron(
    activation: str | Activation,
    x: ArrayLike,
    *,
    weight: float = 1.0,
    bias: float = 0.0,
    slope: bool = False,
    **parameters: object,
) -> np.ndarray:
    """What a neuron with one input gives: `f(weight * x + bias)`, or its slope with respect to x.

    Args:
        activation: a name or an entry of the catalogue.
        x: array of inputs.
        weight, bias: numbers.
        slope: True gives `weight * df(weight * x + bias)`.
        **parameters: of the activation.

    Returns:
        A float64 array shaped like x.
    """
    entry, z = get(activation), weight * np.asarray(x, float) + bias
    return weight * entry.df(z, **parameters) if slope else entry.f(z, **parameters)


@styled
def plot_neuron(
    activation: str | Activation,
    *,
    weight: float = 1.0,
    bias: float = 0.0,
    span: tuple[float, float] = SPAN,
    ax: Axes | None = None,
) -> Axes:
    """The value of a neuron with one input, `f(weight * x + bias)`, with the inputs shaded where it is saturated.

    Args:
        activation: a name or an entry of the catalogue.
        weight, bias: numbers.
        span: (low, high), the inputs.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    entry, x = get(activation), np.linspace(*span, POINTS)
    ax = new_axes() if ax is None else ax
    ax.plot(*curve(entry, x, weight=weight, bias=bias), **look(entry))
    _shade(ax, x, saturated(entry, weight * x + bias))
    ax.set(title=_("weight {weight:g}, bias {bias:g}").format(weight=weight, bias=bias), xlabel="x", ylabel=_("value"))
    return ax


@styled
def plot_softmax(scores: ArrayLike, *, temperature: float = 1.0, ax: Axes | None = None) -> Axes:
    """The shares that softmax gives to a row of scores, as bars, and their entropy `-sum(p * ln p)` in nats.

    Args:
        scores: (k,) numbers, the logits; at most 6.
        temperature: the scores are divided by this positive number first.
        ax: Axes, or None for a new figure.

    Returns:
        The Axes.
    """
    shares = softmax(np.asarray(scores, float) / temperature)
    entropy = abs(-np.sum(shares[shares > 0] * np.log(shares[shares > 0])))  # abs: no minus sign before a 0
    ax = new_axes() if ax is None else ax
    classes = np.arange(1, len(shares) + 1)
    ax.set_axisbelow(True)
    ax.bar(classes, shares, color=[colour for colour, _line in FAMILY[: len(shares)]], label=_("shares"))
    ax.set(
        title=_("temperature {temperature:g}\nentropy {entropy:.3f}").format(temperature=temperature, entropy=entropy),
        xlabel=_("class"),
        ylabel=_("share"),
    )
    ax.set(xticks=classes, ylim=(0, 1.05))
    return ax


def shade_saturation(
    ax: Axes, activation: str | Activation, *, span: tuple[float, float] = SPAN, **parameters: object
) -> Axes:
    """Shade the inputs at which an activation's slope is under 5 % of its largest.

    Args:
        ax: Axes.
        activation: a name or an entry of the catalogue.
        span: (low, high), the inputs.
        **parameters: of the activation.

    Returns:
        The Axes.
    """
    x = np.linspace(*span, POINTS)
    _shade(ax, x, saturated(activation, x, **parameters))
    return ax


def curve(
    entry: Activation,
    x: np.ndarray,
    *,
    weight: float = 1.0,
    bias: float = 0.0,
    slope: bool = False,
    **parameters: object,
) -> tuple[np.ndarray, np.ndarray]:
    """One activation's curve, interrupted where it jumps: a vertical line would show values that are never reached.

    Args:
        entry: an entry of the catalogue.
        x: ascending array of inputs.
        weight, bias, slope, **parameters: as for `neuron`.

    Returns:
        (x, y): two arrays, with nan at the jumps.
    """
    at = [(kink - bias) / weight for kink in kinks_at(entry, **parameters)] if weight else []
    x = np.sort(np.concatenate([x, *([k - 1e-9, k + 1e-9] for k in at if x[0] < k < x[-1])]))
    y = neuron(entry, x, weight=weight, bias=bias, slope=slope, **parameters)
    jumps = np.flatnonzero((np.abs(np.diff(y)) > 1e-6) & (np.diff(x) < 1e-8)) + 1
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)


def _shade(ax, x, mask):
    """Grey and hatched over the runs of x in which `mask` is true; only the first gets the legend's name."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], mask.astype(int), [0]])))
    for run, (start, end) in enumerate(edges.reshape(-1, 2)):
        name, gid = (_("also saturated"), None) if run else (_("saturated"), SATURATED)
        look = {"facecolor": "#EEEEEE", "edgecolor": "#C8C8C8", "hatch": "//", "lw": 0, "zorder": 0}
        ax.axvspan(x[start], x[end - 1], label=name, gid=gid, **look)
