"""The course's look is the same whatever style a reader has chosen, and leaves theirs alone."""

import io

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plotting, widgets
from course_utils.plotting import style

DARK_FILE = {
    "axes.facecolor": "#111111", "axes.edgecolor": "#eeeeee", "axes.labelcolor": "#eeeeee", "axes.titlecolor": "#eeeeee",
    "axes.titlesize": 30, "figure.facecolor": "#111111", "figure.edgecolor": "#111111", "font.size": 22, "grid.color": "#eeeeee",
    "grid.alpha": 0.1, "legend.labelcolor": "#eeeeee", "lines.linewidth": 9, "lines.marker": "o", "patch.facecolor": "white",
    "savefig.facecolor": "#111111", "savefig.dpi": 30, "savefig.bbox": "tight", "savefig.transparent": True, "text.color": "#eeeeee",
    "text.usetex": True, "xtick.color": "#eeeeee", "xtick.labelcolor": "#eeeeee", "xtick.labelsize": 3, "ytick.left": False,
    "ytick.labelleft": False, "axes.xmargin": 0.4, "axes.formatter.limits": [-1, 1], "image.cmap": "gray",
}  # fmt: skip
STYLES = ["dark_background", "ggplot", "grayscale", "Solarize_Light2", "fivethirtyeight", "bmh", "classic",
          *(name for name in plt.style.available if name.startswith("seaborn")), DARK_FILE]  # fmt: skip
FONTS = {name: mpl.rcParamsDefault[name] for name in ("font.family", "font.sans-serif")}  # these stay a reader's own
PLOTS = {
    "curves": lambda: plotting.plot_activations("sigmoid", "linear", "tanh"),
    "panels": lambda: plotting.plot_value_and_slope("sigmoid")[0],
    "bars": lambda: plotting.plot_softmax([1.0, 2.0, 0.5]),
    "network": lambda: plotting.plot_network((2, 3, 1)),
}


def as_saved(plot):
    """The picture in a file, and as a notebook shows it."""
    pictures = []
    figure = plot().figure
    notebook = {
        "facecolor": figure.get_facecolor(),
        "edgecolor": figure.get_edgecolor(),
        "dpi": figure.dpi,
        "bbox_inches": "tight",
    }
    for save in (figure.savefig, lambda file, **_: figure.canvas.print_figure(file, format="png", **notebook)):
        file = io.BytesIO()
        save(file, format="png")
        file.seek(0)
        pictures.append(plt.imread(file, format="png"))
    return pictures


@pytest.mark.parametrize(
    "chosen", STYLES, ids=lambda chosen: chosen if isinstance(chosen, str) else "a file of one's own"
)
def test_a_picture_is_the_same_under_every_style(chosen):
    plain = {name: as_saved(plot) for name, plot in PLOTS.items()}
    with plt.style.context(chosen), mpl.rc_context(FONTS):
        before = dict(mpl.rcParams)
        for name, plot in PLOTS.items():
            for picture, wanted in zip(as_saved(plot), plain[name], strict=True):
                np.testing.assert_array_equal(picture, wanted, err_msg=name)
        assert dict(mpl.rcParams) == before


def test_a_plot_is_drawn_plainly_under_xkcd(monkeypatch):
    with plt.xkcd():
        ax = plotting.plot_activations("sigmoid")
        assert ax.lines[0].get_sketch_params() is None
        assert ax.lines[0].get_path_effects() == []
        assert ax.get_facecolor() == ax.figure.get_facecolor() == (1, 1, 1, 1)


def test_axes_of_a_readers_own_get_a_background_on_which_everything_is_seen():
    with plt.style.context("dark_background"):
        _, (left, right) = plt.subplots(1, 2)
        plotting.plot_activations("linear", ax=left)
        plotting.plot_value_and_slope("linear", axes=np.array([left, right]))
        assert left.get_facecolor() == right.get_facecolor() == (1, 1, 1, 1)
        assert {text.get_color() for text in left.get_legend().get_texts()} == {"black"}
        assert left.title.get_color() == "white"  # outside of the axes, on the reader's own figure


def test_the_fonts_of_a_reader_s_language_stay():
    with plt.rc_context({"font.family": ["serif"]}):
        assert plotting.plot_activations("sigmoid").xaxis.label.get_fontfamily() == ["serif"]


def test_a_static_grid_has_the_look_too(monkeypatch):
    monkeypatch.setenv("COURSE_STATIC", "1")
    with plt.style.context("dark_background"):
        panels = widgets.explore_neuron("sigmoid", weights=(1, 2), biases=(0,))
        assert isinstance(panels[0].figure, style.CourseFigure)
