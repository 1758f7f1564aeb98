"""The drawing of a network shows as many circles and lines as the network has units and weights."""

import pytest

from course_utils import plotting


def test_a_circle_a_unit_and_a_line_a_weight():
    ax = plotting.plot_network([3, 4, 1])
    weights, *layers = ax.collections
    assert len(weights.get_segments()) == 3 * 4 + 4 * 1
    assert [len(layer.get_offsets()) for layer in layers] == [3, 4, 1]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["3\ninputs", "4\nhidden units", "1\noutput"]
    places = {tuple(point) for layer in layers for point in layer.get_offsets().tolist()}
    assert {tuple(end) for segment in weights.get_segments() for end in segment.tolist()} == places


@pytest.mark.parametrize("widths", [[3], [3, 0, 1], [3, 13]])
def test_what_can_not_be_drawn(widths):
    with pytest.raises(ValueError, match="at least two numbers from 1 to 12"):
        plotting.plot_network(widths)
