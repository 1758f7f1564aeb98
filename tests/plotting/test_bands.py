"""The band of several seeds."""

import numpy as np

from course_utils.plotting.bands import draw_band
from course_utils.plotting.style import new_axes


def test_a_line_through_the_medians_in_a_band_over_all_seeds():
    values = np.array([[1.0, 5.0], [2.0, 4.0], [9.0, 6.0]])
    band, line = draw_band(new_axes(), [10, 20], values, "ReLU", color="#0072B2", ls="--")
    np.testing.assert_array_equal(line.get_xydata(), [[10, 2], [20, 5]])
    corners = {tuple(corner) for corner in band.get_paths()[0].vertices}
    assert corners == {(10, 1), (10, 9), (20, 4), (20, 6)}
    assert (line.get_label(), band.get_label()) == ("ReLU", "ReLU, all seeds")
    assert line.get_linestyle() == "--"
