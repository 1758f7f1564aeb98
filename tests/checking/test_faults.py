"""A call of a learner's function, as text."""

import numpy as np

from course_utils.checking.faults import call_text
from course_utils.checking.spec import case
from course_utils.exercises import exercise


def test_a_call_is_shown_as_a_learner_would_write_it():
    shown = call_text(exercise("relu"), case(np.array([0.0, 1.0]), negative_slope=0.5))
    assert shown == "relu(np.array([0., 1.]), negative_slope=0.5)"
