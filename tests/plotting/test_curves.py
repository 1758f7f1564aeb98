"""Plots: what is drawn, in which look, and that nothing else is touched."""

from functools import partial

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils import plotting, widgets
from course_utils.activations import ACTIVATIONS
from course_utils.plotting import style


def curve(ax, number=0):
    x, y = ax.lines[number].get_data()
    keep = np.isfinite(x)
    return np.asarray(x)[keep], np.asarray(y)[keep]


def test_every_activation_has_a_look_of_its_own():
    assert set(style.LOOK) == set(ACTIVATIONS)
    assert len(set(style.LOOK.values())) == len(ACTIVATIONS)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_value_and_slope(name):
    left, right = plotting.plot_value_and_slope(name)
    for ax, function in ((left, ACTIVATIONS[name].f), (right, ACTIVATIONS[name].df)):
        x, y = curve(ax)
        np.testing.assert_allclose(y, function(x), rtol=1e-12, atol=1e-12)
        assert ax.lines[0].get_color(), ax.get_xlabel() == "x"


def test_saturation_is_shaded_where_the_slope_is_small():
    left, _ = plotting.plot_value_and_slope("sigmoid")
    low, high = sorted(patch.get_extents().transformed(left.transData.inverted()).x0 for patch in left.patches)
    # sigmoid'(x) = 0.05 / 4 at x = +-4.357: solve s (1 - s) = 0.0125
    assert low == pytest.approx(-6, abs=0.01)
    assert high == pytest.approx(4.357, abs=0.03)


def test_a_jump_is_a_gap_not_a_stroke():
    left, _ = plotting.plot_value_and_slope("relu", threshold=3.5)
    x, y = left.lines[0].get_data()
    (gap,) = np.flatnonzero(np.isnan(x))
    assert (y[gap - 1], y[gap + 1]) == pytest.approx((0, 3.5))


def test_draws_on_the_axes_that_it_is_given():
    _, ax = plt.subplots()
    assert plotting.plot_activations("sigmoid", "tanh", ax=ax) is ax
    assert [line.get_label() for line in ax.lines] == ["sigmoid", "tanh"]
    assert plotting.plot_neuron("sigmoid", weight=0, bias=1, ax=ax) is ax


def test_leaves_the_reader_s_settings_alone():
    before = plt.rcParams.copy()
    plotting.plot_value_and_slope("gelu")
    assert plt.rcParams == before


def test_static_grid_shows_every_choice():
    panels = widgets.explore_neuron("sigmoid", weights=(1, 2), biases=(-1, 0, 1))
    titles = ["weight 1,\nbias -1", "weight 2,\nbias -1", "weight 1,\nbias 0"]  # two lines: a phone shows it as well
    assert [ax.get_title() for ax in panels[:3]] == titles
    assert len(panels) == 6
    four = widgets.explore(partial(plotting.plot_neuron, "relu"), weight=(1, 2, 3, 4))
    assert [ax.get_subplotspec().colspan.start for ax in four] == [0, 1, 0, 1]  # two and two


@pytest.mark.parametrize("choices", [{}, {"a": [1], "b": [1], "c": [1]}])
def test_explore_wants_one_or_two_parameters(choices):
    with pytest.raises(ValueError, match="one or two parameters"):
        widgets.explore(lambda ax: None, **choices)


def test_sliders_in_a_live_front_end(monkeypatch):
    monkeypatch.setattr(widgets, "live", lambda: True)
    shown = []
    monkeypatch.setattr("ipywidgets.interact", lambda redraw, **sliders: shown.append((redraw, sliders)))
    assert widgets.explore_neuron("sigmoid", weights=(0.5, 1), biases=(0,)) is None
    ((redraw, sliders),) = shown
    assert [value for _, value in sliders["weight"].options] == [0.5, 0.625, 0.75, 0.875, 1]  # more than a page shows
    assert sliders["weight"].style.description_width == "initial"  # its whole name
    redraw(weight=2, bias=0)
    assert plt.gcf().axes[0].get_title() == "weight 2, bias 0"
