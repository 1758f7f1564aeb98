"""The exercises of the sigmoid chapter: what is said. The answers: bank/ch02.py."""

import pytest
from bank.answers import answer

from course_utils import check


def test_another_error_of_the_same_type_is_no_misconception():
    for text in ("right(x) if x.ndim == 0 else x + 'a'", "right(x) if x.ndim == 0 else sum(x, 1, 2)"):
        verdict = check(answer("sigmoid", text), "sigmoid")
        assert (verdict.status, verdict.misconception) == ("raised", "")
        assert verdict.hint.startswith("Run `sigmoid(np.array([0.]))` in a cell of its own")


# ---- the search's counterexample


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sigmoid", "right(x) * np.where((x > 6.6) & (x < 8.4), 0.99, 1)", "At x = 7 your result is 0.9890981; expected 0.9990889."),
        ("sigmoid", "right(x) * np.where((x > 6.6) & (x < 8.4), 1.01, 1)", "At x = 7 your result is 1.00908, outside the range from 0 to 1."),
        ("sigmoid_slope", "right(x) * np.where(np.abs(x - 7) < 0.4, 2, 1)", "At x = 7 your result is 0.001820442; expected 0.0009102212."),
        ("stable_sigmoid", "np.where(x > 1e20, 0, right(x)[0]), right(x)[1]", "At x = inf your value is 0; expected 1."),
        ("stable_sigmoid", "right(x)[0], right(x)[0] * (1 - right(x)[0])", "At x = 40 your slope is 0; expected 4.248354e-18."),
        ("surviving_gradient", "0.25**depth * (1 + (depth == 13))", "For depth = 13 your result is 2.980232e-08; expected 1.490116e-08."),
        # rounded to p = 1 the result is wrong as well, but the prompt promises nothing there
        ("logit", "np.where((p > 0.61) & (p < 0.62) | (p == 1), 7, np.log(p) - np.log1p(-p))", "At p = 0.61"),
    ],
)  # fmt: skip
def test_the_counterexample_is_as_simple_as_it_can_be(name, text, message):
    assert check(answer(name, text), name).message.startswith(message)


def test_the_answer_to_the_first_exercise_is_not_one_to_the_fourth():
    verdict = check(answer("stable_sigmoid", "1 / (1 + np.exp(-x))"), "stable_sigmoid")
    assert (verdict.status, verdict.misconception) == ("failed", "values_alone")
    assert verdict.message == "You returned [0.5]; expected two arrays of shape (1,), the values and the slopes."


def test_slopes_from_the_second_exercise_are_not_stable():
    verdict = check(answer("stable_sigmoid", "s = right(x)[0]\nreturn s, s * (1 - s)"), "stable_sigmoid")
    assert (verdict.status, verdict.misconception) == ("failed", "one_minus_value")
