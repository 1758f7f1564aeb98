"""The form of a figure for a phone: nothing of it is cut off, and no texts lie on one another."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from course_utils.experiments.training.steps_to_learn import LearningSpeed
from course_utils.plotting import narrow
from course_utils.plotting.style import LOOK, new_axes, styled


def test_texts_on_one_another_and_over_the_edge_are_found():
    figure, ax = plt.subplots(figsize=(3, 2))
    figure.text(0.5, 0.5, "here")
    assert narrow.faults(figure) == []
    figure.text(0.52, 0.5, "there")
    ax.text(0.5, 0.51, "turned", rotation=35)  # its box says little of where it is
    figure.text(0.95, 0.9, "too long for this")
    assert narrow.faults(figure) == ["too long for this", "here | there"]
    assert narrow.faults(figure, cut=False) == ["here | there"]


def test_what_is_not_drawn_is_in_nobodys_way():
    figure, ax = plt.subplots(figsize=(3, 2))
    ax.set_axis_off()
    ax.text(0.0, -0.1, "on the numbers of the axis, if they were there")
    assert narrow.faults(figure, cut=False) == []


@styled
def long_names_in_a_legend():
    ax = new_axes()
    for name in ("adam, 4 hidden layers", "adam, 10 hidden layers, batch normalisation"):
        ax.plot([0, 600], [2, 0], label=name)
    ax.set(xlabel="training step", ylabel="loss on the training digits")
    ax.legend()
    return ax.figure


def long_names_of_rows():
    runners = [(name, start) for name in ("sigmoid", "tanh", "relu", "leaky_relu") for start in ("glorot", "he")]
    return LearningSpeed(tuple(runners), np.full((8, 3), 300.0), 600).plot().figure


@styled
def a_legend_and_one_label_for_all_panels():
    figure, axes = plt.subplots(2, 3, figsize=(9, 5), sharex=True, layout="constrained")
    lines = [ax.plot([1, 2, 3])[0] for ax in axes.flat]
    figure.legend(lines[:2], ["untrained (left)", "trained (right)"], loc="outside upper center", ncols=2)
    figure.supxlabel("layer (1 is next to the input)")
    return figure


@styled
def numbers_in_a_square():
    ax = new_axes()
    ax.imshow(np.eye(3))
    for place in range(9):
        ax.text(place // 3, place % 3, "-0.0419", ha="center", va="center")
    return ax.figure


@styled
def a_legend_beside_a_picture_without_axes():
    ax = new_axes(height=4.2)
    ax.plot([0, 1, 0.5, 0], [0, 0, 1, 0], label="score of class 2, -4 to 8")
    ax.set(aspect="equal", xlim=(-0.2, 1.2))
    ax.set_axis_off()
    ax.legend(loc="upper left", bbox_to_anchor=(0.8, 1))
    return ax.figure


@pytest.mark.parametrize(
    "draw",
    [long_names_in_a_legend, long_names_of_rows, a_legend_and_one_label_for_all_panels, numbers_in_a_square,
     a_legend_beside_a_picture_without_axes],
)  # fmt: skip
def test_a_form_for_a_phone_without_faults(draw):
    shown = narrow.for_pages(draw())
    assert "faults" not in shown
    picture = Image.open(io.BytesIO(base64.b64decode(shown["narrow"])))
    assert picture.width == narrow.WIDTH * narrow.PIXELS
    assert shown["narrow_text"] >= 20  # of 600 pixels: a phone shows them at 350


def png(picture):
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def test_a_picture_in_few_colours_is_lighter_and_stays_as_it_is():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (60, 60, 3), dtype="uint8"))
    small = narrow.compact(png(noise))
    assert len(small) < len(png(noise)) / 2
    assert narrow.compact(small) is small
    assert narrow.compact(narrow.compact(png(noise), 64)) != narrow.compact(png(noise), 64)


def test_what_one_can_see_through_stays_as_it_is():
    clear = png(Image.new("RGBA", (4, 4), (0, 0, 0, 0)))
    assert narrow.compact(clear) is clear


@pytest.mark.parametrize("colours", [narrow.COLOURS, 64])
def test_a_line_keeps_its_colour_in_few_colours(colours):
    """Also one that covers few pixels: an activation has one colour in the whole course."""
    figure, ax = plt.subplots(figsize=(5, 3), dpi=100)
    names = ["sigmoid", "tanh", "relu", "elu", "gelu", "silu"]
    for height, name in enumerate(names):
        ax.plot([0, 1], [height, height + 1], color=LOOK[name][0])
    ax.scatter([0.5], [0], color=LOOK["softplus"][0])
    file = io.BytesIO()
    figure.savefig(file)
    small = Image.open(io.BytesIO(narrow.compact(file.getvalue(), colours))).convert("RGB")
    assert len(small.getcolors(1000)) <= colours
    drawn = np.array([colour for _, colour in small.getcolors(1000)])
    for name in [*names, "softplus"]:
        wanted = 255 * np.array(to_rgb(LOOK[name][0]))
        assert np.abs(drawn - wanted).max(axis=1).min() < 8, name
