"""Figures for pages: a second form for a phone, with its panels stacked, and a picture for each position of a slider.

`course build` stores them in the metadata of a figure's output, where a notebook shows nothing of them and the site finds them.
"""

import base64
import io
import pickle
import textwrap
from itertools import combinations, pairwise, product

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.gridspec import GridSpec
from matplotlib.text import Text
from PIL import Image

from course_utils.plotting.descriptions import describe
from course_utils.plotting.style import styled

KEY = "course"  # in the metadata of an output
POSITIONS = (
    "course_positions"  # the attribute of a figure that stands for a slider: what `widgets.explore` drew it from
)
WIDTH = (
    3.75  # inches: the text of a page on a phone is 350 points wide, which makes 1 point of a font 1.3 on the screen
)
WIDE_PANEL = 2.3  # inches; panels that are at least as wide stand in one column on a phone, smaller ones in two
HEIGHTS = 1.5, 3.4  # inches, of a panel
SQUARE = 3.2  # inches, of a picture whose two axes have one scale
LONG = 18  # letters: a longer name in a legend would lie on the curves
PIXELS = 160  # an inch
COLOURS = 48  # of a stored picture and of one on a page: lines in a few colours, and their soft edges


def for_pages(figure: Figure) -> dict[str, object]:
    """What a page shows of a figure besides the figure itself.

    Args:
        figure: It is not changed.

    Returns:
        For JSON: "text", the height of the figure's smallest letters in pixels; and either "narrow", the form for a phone,
        with its own "narrow_text", or "positions" of a slider: its "names" and, for each position, its "values", "picture" and
        "words". Pictures are PNGs in base64. Where texts touch or are cut off, "faults" names them, and a test refuses them.
    """
    shown = {"text": _smallest_text(figure, figure.dpi)}
    drawn_from = figure.__dict__.pop(POSITIONS, None)  # holds functions, of which no copy can be made
    if drawn_from is not None:
        figure.__dict__[POSITIONS] = drawn_from
        return {"names": list(drawn_from[1]), "positions": _positions(figure, *drawn_from)}
    copy = pickle.loads(pickle.dumps(figure))
    try:
        wrong = faults(copy, cut=False)  # an inline picture has room for all of its texts
        _stack(copy)
        wrong += faults(copy)
        shown |= {"faults": wrong} if wrong else {}
        return shown | {"narrow": _picture(copy), "narrow_text": _smallest_text(copy, PIXELS)}
    finally:
        plt.close(copy)


def _positions(figure, plot, choices):
    """A picture for each combination of values, all with the axes of the figure that shows them side by side."""
    model = figure.axes[0]
    found = []
    for values in product(*choices.values()):
        setting = dict(zip(choices, values, strict=True))
        ax = plot(**setting)
        ax.set(xlim=model.get_xlim(), ylim=model.get_ylim())
        one = ax.figure
        one.set_size_inches(WIDTH, 2.6)
        words = describe(one)
        found.append(
            {"values": [f"{value:g}" for value in values], "picture": _picture(one), "words": words,
             "text": _smallest_text(one, PIXELS)}
        )  # fmt: skip
        plt.close(one)
    return found


@styled
def _stack(figure):
    """Give a figure the width of a phone, its panels in one column or two."""
    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None and ax.get_visible()]
    if not panels:
        return
    rows, across = panels[0].get_gridspec().get_geometry()
    width, height = figure.get_figwidth() / across, figure.get_figheight() / rows
    bare = not any(len(ax.get_xticks()) or len(ax.get_yticks()) for ax in panels)  # pictures without a scale
    columns = across if bare else min(across, 1 if width >= WIDE_PANEL else 2)
    rows = -(-len(panels) // columns)
    figure.set_layout_engine("constrained")  # or what a chapter drew with Matplotlib alone would be cut off
    lowest = HEIGHTS[0] if len(panels) > 1 else SQUARE if panels[0].get_aspect() == 1 else 2.6
    tall = min(max(height * WIDTH / columns / width, lowest), HEIGHTS[1])
    tall = height * WIDTH / columns / width if bare else tall
    for ax in [ax for ax in figure.axes if ax not in panels and not ax.get_visible()]:
        ax.remove()
    grid = GridSpec(rows, columns, figure=figure)
    for place, ax in enumerate(panels):
        ax.set_subplotspec(grid[place // columns, place % columns])
    _label_outer(panels, rows, columns)
    for legend in list(figure.legends):
        legend.remove()
        labels = [text.get_text() for text in legend.get_texts()]
        place = "outside lower center" if not figure.get_supxlabel() else "outside upper center"
        figure.legend(legend.legend_handles, labels, loc=place, ncols=2 if max(map(len, labels)) < 12 else 1)
    lines = sum(len(one.get_texts()) for one in figure.legends)
    lines += rows * max(_fit(ax, WIDTH / columns, tall) for ax in panels)
    figure.set_size_inches(WIDTH, rows * tall + 0.3 * lines)
    for ax in panels:
        _turn_labels_that_touch(ax)
        _keep_label_in_sight(ax)


def _label_outer(panels, rows, columns):
    """Where panels share an axis, label it at the bottom and on the left of the new grid only."""
    first = panels[0]
    for name, shared, outer in (
        ("x", first.get_shared_x_axes(), lambda place: place + columns >= len(panels)),
        ("y", first.get_shared_y_axes(), lambda place: place % columns == 0),
    ):
        if len(panels) > 1 and all(shared.joined(first, ax) for ax in panels[1:]):
            label = next((text for ax in panels if (text := getattr(ax, f"get_{name}label")())), "")
            side = "bottom" if name == "x" else "left"
            for place, ax in enumerate(panels):
                ax.tick_params(axis=name, **{f"label{side}": outer(place)})
                getattr(ax, f"set_{name}label")(label if outer(place) else "")


def _fit(ax, width, height):
    """Break titles and labels that are longer than a panel, and put a legend that stands beside it below; how many lines that takes."""
    for text, room in ((ax.title, width - 0.5), (ax.xaxis.label, width - 0.7), (ax.yaxis.label, height - 0.8)):
        letters = max(int(room * 72 / (0.55 * text.get_fontsize())), 12)
        text.set_text("\n".join(line for part in text.get_text().split("\n") for line in textwrap.wrap(part, letters)))
    legend = ax.get_legend()
    if legend is not None:
        labels = [text.get_text() for text in legend.get_texts()]
        box, long = legend.get_bbox_to_anchor().transformed(ax.transAxes.inverted()), max(map(len, labels)) > LONG
        if long or (box.width == 0 and box.x0 >= 0.75):
            below, columns = FontProperties(size=10), 1 if long else 2
            label = ax.xaxis.label.get_text().count("\n") + 1 if ax.axison and ax.get_xlabel() else 0
            ax.legend(legend.legend_handles, labels, loc="upper center", ncols=columns, prop=below,
                      bbox_to_anchor=(0.5, (-0.16 if ax.axison else 0) - 0.12 * label))  # fmt: skip
            return -(-len(labels) // columns)
    return 0


def _turn_labels_that_touch(ax):
    """Labels of an x axis that touch one another get a line for each word, and are turned where they still do."""
    labels = [label.get_text() for label in ax.get_xticklabels()]
    if not any(map(str.isalpha, "".join(labels))) or not _touch(ax):
        return
    ax.set_xticks(ax.get_xticks(), [label.replace(" ", "\n") for label in labels])
    if _touch(ax):
        ax.set_xticks(ax.get_xticks(), labels, rotation=35, ha="right", rotation_mode="anchor")


def _keep_label_in_sight(ax):
    """Long names of rows push a panel to the right: the label below it then ends where the panel ends."""
    ax.figure.canvas.draw()
    if ax.axison and ax.xaxis.label.get_window_extent().x1 > ax.figure.bbox.x1:
        ax.set_xlabel(ax.get_xlabel(), loc="right", multialignment="right")


def faults(figure: Figure, *, cut: bool = True) -> list[str]:
    """Which texts of a figure lie on one another, or reach over its edge.

    Args:
        figure: it is drawn, and not changed otherwise.
        cut: whether its edge is that of the picture.

    Returns:
        The words of these texts.
    """
    drawn, renderer = {}, figure.canvas.get_renderer()
    draw = renderer.draw_text

    def noted(gc, x, y, words, *rest, mtext=None, **named):
        drawn[id(mtext)] = mtext
        draw(gc, x, y, words, *rest, mtext=mtext, **named)

    renderer.draw_text = noted
    figure.draw_without_rendering()
    try:
        figure.draw(renderer)
    finally:
        del renderer.draw_text
    texts = [text for text in drawn.values() if text is not None and text.get_text().strip()]
    boxes = [(text.get_text(), text.get_window_extent(renderer)) for text in texts if text.get_rotation() % 90 == 0]
    room = figure.bbox
    over = [
        words for words, box in boxes
        if box.x0 < room.x0 - 2 or box.x1 > room.x1 + 2 or box.y0 < room.y0 - 2 or box.y1 > room.y1 + 2
    ]  # fmt: skip
    return (over if cut else []) + [
        f"{one} | {other}"
        for (one, left), (other, right) in combinations(boxes, 2)
        if min(left.x1, right.x1) - max(left.x0, right.x0) > 1
        and min(left.y1, right.y1) - max(left.y0, right.y0) > 0.3 * min(left.height, right.height)
    ]


def _touch(ax):
    ax.figure.canvas.draw()
    labels = [label for label in ax.get_xticklabels() if label.get_text() and label.get_visible()]
    boxes = [label.get_window_extent() for label in labels]
    return any(left.x1 > right.x0 for left, right in pairwise(boxes))


def _smallest_text(figure, dpi):
    """The height of the smallest letters that are in sight, in pixels."""
    sizes = [text.get_fontsize() for text in figure.findobj(Text) if text.get_text().strip() and text.get_visible()]
    return round(min(sizes, default=0) * dpi / 72, 1)


def _picture(figure):
    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", dpi=PIXELS, facecolor="white")
    return base64.b64encode(compact(drawn.getvalue())).decode()


def compact(png: bytes, colours: int = COLOURS) -> bytes:
    """A PNG in few colours, a third as long: bytes to bytes. One that has no more than them stays as it is, and so does one that
    one can see through."""
    picture, small = Image.open(io.BytesIO(png)), io.BytesIO()
    if (picture.mode == "P" and picture.getcolors(colours)) or picture.convert("RGBA").getextrema()[3][0] < 255:
        return png
    # Pillow's usual method would give a line that covers few pixels the colour of another one.
    reduced = picture.convert("RGB").quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    reduced.save(small, "PNG", optimize=True)
    return small.getvalue()
