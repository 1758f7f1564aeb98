"""The catalogue, shown: all its curves in one picture, and its entries as a table for a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from course_utils.activations import ACTIVATIONS, GATED, Activation, get, sigmoid
from course_utils.plotting.curves import curve
from course_utils.plotting.style import BLACK, DASHED, LOOK, Panels, new_axes, new_grid, styled
from course_utils.texts import _

SPAN, POINTS = (-4.0, 4.0), 321
GATES = {"relu": "0 or 1", "gelu": "Φ(x)", "silu": "sigmoid(x)"}  # what x is multiplied by
WORDS = {
    "name": _("Name"),
    "formula": _("Formula"),
    "words": _("Read aloud"),
    "range": _("Values"),
    "source": _("Source"),
}


@dataclass(frozen=True)
class Entries:
    """Entries of the catalogue, as text and as a Markdown table with formulas.

    Args:
        activations: `Activation` or `GatedUnit` objects.
    """

    activations: tuple

    def __repr__(self):
        return "\n".join(f"{a.title}: {a.words} {WORDS['range']} {a.range_text}. {a.source}" for a in self.activations)

    def _repr_markdown_(self):
        rows = [[WORDS[key] for key in ("name", "formula", "words", "range", "source")], ["---"] * 5]
        rows += [
            [a.title, f"${_in_a_table(a.formula)}$", a.words, a.range_text, a.source.short()] for a in self.activations
        ]
        return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def entries(*names: str) -> Entries:
    """Some entries of the catalogue with their formula, the formula in words, their range and their source.

    Args:
        names: names of the catalogue; none at all means every entry.

    Returns:
        `Entries`, which a notebook shows as a table.

    Raises:
        ValueError: a name is unknown.
    """
    return Entries(tuple(map(get, names or ACTIVATIONS)))


def gated_units() -> Entries:
    """GLU and its variants with their formula, the formula in words, their range and their source.

    Returns:
        `Entries`, which a notebook shows as a table.
    """
    return Entries(tuple(GATED.values()))


def _in_a_table(formula):
    """A vertical bar would end the table's cell."""
    return formula.replace("|", r"\vert ")


@styled
def plot_gallery(*activations: str | Activation, axes: Sequence[Axes] | None = None) -> Panels:
    """Value and slope of many activations as small pictures with the same axes.

    Args:
        activations: names or entries of the catalogue; none at all means every entry.
        axes: as many Axes, or None for a new figure.

    Returns:
        `Panels` of the Axes.
    """
    shown = [get(activation) for activation in activations or ACTIVATIONS]
    axes = new_grid(len(shown), columns=4, height=1.8, legend=0.6) if axes is None else axes
    x = np.linspace(*SPAN, POINTS)
    for ax, entry in zip(axes, shown, strict=True):
        colour, _line = LOOK.get(entry.name, (BLACK, None))
        ax.plot(
            *curve(entry, x), color=colour, label=_("value")
        )  # solid, whatever its style is elsewhere: beside the slope
        ax.plot(*curve(entry, x, slope=True), color=BLACK, ls=DASHED, lw=1.1, label=_("slope"))
        ax.set_title(entry.title, fontsize=12)
        ax.set(ylim=(-1.4, 2.4), yticks=(-1, 0, 1, 2), xticks=(-3, 0, 3))
    handles = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(*handles, loc="outside lower center", ncols=2)
    return Panels(axes)


@styled
def plot_gates(*, axes: Sequence[Axes] | None = None) -> Panels:
    """ReLU, GELU and SiLU as what they have in common: x times a gate between 0 and 1, or nearly so.

    Args:
        axes: two Axes, or None for a new figure.

    Returns:
        `Panels`: the gates, and x times the gates.
    """
    left, right = new_axes(2) if axes is None else axes
    half = np.linspace(1e-13, 4, 161)  # from just beside 0: the gates are f(x) / x
    x = np.concatenate([-half[::-1], [np.nan], half])
    for name, marker in zip(GATES, "os^", strict=True):
        entry, (colour, line) = get(name), LOOK[name]
        look = {"color": colour, "ls": line, "marker": marker, "markevery": 32, "ms": 5}
        left.plot(x, entry.f(x) / x, **look, label=f"{entry.title}: {GATES[name]}")
        right.plot(x, entry.f(x), **look, label=entry.title)
    left.set(title=_("the gate"), xlabel="x", ylabel=_("share that passes"))
    right.set(title=_("x times the gate"), xlabel="x", ylabel=_("value"))
    left.figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return Panels((left, right))


@styled
def plot_swish(ax: Axes | None = None, beta: float = 1.0) -> Axes:
    """Swish, `x * sigmoid(beta * x)`: half of x for beta 0, SiLU for beta 1, nearly ReLU for a large beta.

    Args:
        ax: Axes, or None for a new figure.
        beta: how sharp the gate is, no unit.

    Returns:
        The Axes.

    Source:
        Ramachandran, Zoph, Le 2017, Searching for activation functions, arXiv:1710.05941.
    """
    ax, x = new_axes() if ax is None else ax, np.linspace(*SPAN, POINTS)
    colour, line = LOOK["silu"]
    ax.plot(x, np.maximum(x, 0), color=LOOK["relu"][0], ls=DASHED, lw=1.1, label="ReLU")
    ax.plot(x, x * sigmoid(beta * x), color=colour, ls=line, label=_("beta {beta:g}").format(beta=beta))
    ax.set(title=_("beta {beta:g}").format(beta=beta), xlabel="x", ylabel=_("value"), ylim=(-1.1, 3.1))
    return ax
