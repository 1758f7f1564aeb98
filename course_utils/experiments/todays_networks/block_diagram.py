"""A Transformer block as it is usually drawn: a box for each part, an arrow for each way."""

from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from course_utils.plotting.style import BLUE, GREEN, VERMILION, new_axes, styled
from course_utils.texts import _

HALF = 1.14  # of a box's width
ASIDE = 1.42  # where the ways past the boxes run


@styled
def plot_block(ax: Axes | None = None) -> Axes:
    """Draw a pre-norm block with self-attention, from top to bottom.

    Args:
        ax: Axes, or None for a new figure, which is narrow enough for a phone.

    Returns:
        The Axes.

    Source: Xiong and others 2020, On layer normalization in the Transformer architecture, ICML.
    """
    ax = new_axes(width=4.4, height=6.4) if ax is None else ax
    ax.text(0, 0, _("tokens x"), ha="center", va="center")
    _half(ax, 0, [_("self-attention"), _("softmax(q · k / √d) · values")], VERMILION)
    _half(ax, -3.45, [_("feed-forward"), _("dense, GELU, dense")], GREEN)
    _arrow(ax, [(0, -6.9), (0, -7.3)])
    ax.text(0, -7.5, _("tokens, to the next block"), ha="center", va="center")
    ax.set(title=_("A pre-norm block, from top to bottom"), xlim=(-1.2, 2.3), ylim=(-7.75, 0.3), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)
    ax.grid(False)
    return ax


def _half(ax, top, lines, colour):
    """A normalisation and what follows it, from `top` downwards by 3.45; a way past both, and the sum where the ways meet."""
    _box(ax, top - 1.15, [_("layer normalisation (γ, β)")], BLUE)
    _box(ax, top - 2.25, lines, colour)
    ax.text(0, top - 3.25, "+", ha="center", va="center", fontsize=15, zorder=4,
            bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": "black"})  # fmt: skip
    for start, end in ((0.02 if top else -0.2, -0.85), (-1.45, -1.82), (-2.68, -3.05)):
        _arrow(ax, [(0, top + start), (0, top + end)])
    _arrow(ax, [(0, top - 0.42), (ASIDE, top - 0.42), (ASIDE, top - 3.25), (0.16, top - 3.25)])
    ax.text(ASIDE + 0.08, top - 1.85, _("residual"), va="center", fontsize=11)


def _box(ax, middle, lines, colour):
    """A box with a text for each line: a description has a line for each panel, so none may be broken."""
    height = 0.34 + 0.26 * len(lines)
    ax.add_patch(FancyBboxPatch((-HALF, middle - height / 2), 2 * HALF, height, boxstyle="round,pad=0,rounding_size=0.12",
                                facecolor="white", edgecolor=colour, lw=2))  # fmt: skip
    for place, line in enumerate(lines):
        ax.text(0, middle + 0.32 * ((len(lines) - 1) / 2 - place), line, ha="center", va="center", fontsize=11)


def _arrow(ax, corners):
    ax.add_patch(FancyArrowPatch(path=Path(corners), arrowstyle="-|>", mutation_scale=11, color="black", lw=1.3))
