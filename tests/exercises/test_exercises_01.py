"""The exercises of the chapter on why a network needs a nonlinearity: what is tried, and what is said. The answers: bank/ch01.py."""

import numpy as np
import pytest
from bank.answers import answer
from bank.ch01 import xor

from course_utils import check
from course_utils.checking.answer_parts import real_numbers, tell
from course_utils.exercises.ch01_why_nonlinearity import collapse, kinks


def test_only_what_the_prompt_promises_is_tried():
    rng = np.random.default_rng(0)
    for w, b in [c.args for c in kinks.EXERCISE.cases] + [kinks.EXERCISE.draw(rng) for _ in range(300)]:
        assert w.shape == b.shape == (w.size,)
        assert max(np.abs(w).max(), np.abs(b).max()) <= 10
        where, often = kinks.positions(w, b)
        assert often.sum() == np.count_nonzero(w)
        assert (np.diff(where) > 1e-3 * np.abs(where[1:])).all()  # further apart than the tolerance
    depths = set()
    for weights, biases in [c.args for c in collapse.EXERCISE.cases] + [
        collapse.EXERCISE.draw(rng) for _ in range(300)
    ]:
        depths.add(len(weights))
        assert len(weights) == len(biases)
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            assert w.shape[1:] == b.shape
            assert i == 0 or weights[i - 1].shape[1] == w.shape[0]
            assert max(*w.shape) <= 4
            assert b.all()
            assert max(np.abs(w).max(), np.abs(b).max()) <= 3
    assert depths == {1, 2, 3, 4, 5}


def test_repeated_positions_may_stand_as_often_as_units_bend_there():
    w, b = np.array([3.0, 6.0, 9.0, 1.0]), np.array([1.0, 2.0, 3.0, 0.0])
    case = kinks.case(w, b)
    for times in (1, 2, 3):
        assert not kinks._accepts(case, np.array([-1 / 3] * times + [0.0]))
    for wrong in ([-1 / 3] * 4 + [0.0], [-1 / 3, 0.0, 0.0], [0.0], [-1 / 3]):
        assert "expected [-0.3333333, 0]" in kinks._accepts(case, np.array(wrong)).message


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("hat", "1 - np.abs(x)", "At x = -2 your result is -1, outside the range from 0 to 1."),
        ("kinks", "-b / w", "For `kinks(np.array([1., 1.]), np.array([-3., 4.]))` your result is [3, -4], which does not go from left to right; expected [-4, 3]."),
        ("kinks", "np.sort(-b / w)", "For `kinks(np.array([1., 0.]), np.array([2., 3.]))` your result is [-inf, -2], with -inf in it, which is no position; expected [-2]."),
        ("kinks", "None", "For `kinks(np.array([1.]), np.array([0.]))` you returned None; expected [0]."),
        ("collapse", "weights[0], biases[0]", "For `collapse([np.array([[2.]]), np.array([[3.]])], [np.array([3.]), np.array([1.])])` your W[0, 0] is 2; expected 6."),
        ("collapse", "right(weights, biases)[0], biases[-1]", "For `collapse([np.array([[2.]]), np.array([[3.]])], [np.array([3.]), np.array([1.])])` your b[0] is 1; expected 10."),
        ("collapse", "right(weights, biases)[0]", "For `collapse([np.array([[2.]])], [np.array([3.])])` you returned [[2]]; expected two things, W and b."),
        ("xor_network", xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-1]]"), "On (0, 0), (0, 1), (1, 0) and (1, 1) your network gives [0, 1, 1, 1]; expected [0, 1, 1, 0]."),
        ("xor_network", xor("[[1, 1], [1, 1]]", "[0, -1]", "[1, -2]"), "Your W2 has shape (2,); expected an array of shape (2, 1)."),
        ("xor_network", "'W1', 'b1', 'W2', 'b2'", "Your W1 is 'W1'; expected an array of shape (2, 2)."),
    ],
)  # fmt: skip
def test_the_counterexample_is_simple(name, text, message):
    assert check(answer(name, text), name).message == message


def test_other_networks_with_the_same_outputs_get_the_same_hint():
    answers = (xor("[[2, 2], [2, 2]]", "[0, -2]", "[[0.5], [-0.5]]"), xor("[[1, 1], [1, 1]]", "[-1, 0]", "[[-1], [1]]"))
    assert {check(answer("xor_network", text)).misconception for text in answers} == {"inclusive_or"}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.array([1.0, 2.5]), "[1, 2.5]"),
        (np.array([[1, 0]]), "[[1, 0]]"),
        (np.array([True]), "[True]"),
        (np.zeros((5, 5)), "an array of shape (5, 5)"),
        (np.float64(2), "2"),
        ([np.array(1), "softmax", None], "[1, 'softmax', None]"),
        (["x"] * 13, "a list of 13"),
    ],
)
def test_any_value_can_stand_in_a_sentence(value, words):
    assert tell(value) == words


def test_only_real_numbers_are_numbers():
    assert real_numbers(np.array([1 + 0j])).dtype == float
    for value in (np.array([1j]), "1", ["1"], None, [np.zeros(2), np.zeros(3)]):
        assert real_numbers(value) is None


def test_of_an_error_next_to_0_no_digit_is_told():
    """Rounding decides each of them: at the end of such a training, 4.6e-13 and 4.9e-24 were told."""

    def starting_weights(fan_in, fan_out, seed):
        return np.random.default_rng(seed).normal(0, 12, (fan_in, fan_out))

    assert " is 0.177, 0, 0; it must fall below 0.05 from each." in check(starting_weights).message


def test_no_single_input_is_to_blame_for_what_a_network_does_as_a_whole():
    """Beside such a failure stood "Why this input: One layer of a network that is then tried as a whole."."""

    def starting_weights(fan_in, fan_out, seed):
        return np.ones((fan_in, fan_out))

    verdict = check(starting_weights)
    assert not verdict.passed
    assert verdict.about == ""

    def starting_weights(fan_in, fan_out, seed):
        return np.ones(fan_in)

    assert check(starting_weights).about  # that one layer has a wrong shape
