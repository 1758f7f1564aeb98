"""The exercises of the tanh chapter: which hint, what is tried, and what is said. The answers: bank/ch05.py."""

import numpy as np
import pytest
from bank.answers import answer, cell, libraries
from bank.ch05 import CURVES, HELPERS, ON_ARRAYS, WRONG

from course_utils import check
from course_utils.checking.spec import Case
from course_utils.exercises import exercise


def verdict(name, text):
    return check(answer(name, cell(name, text, HELPERS)), name)


# ---- which hint a wrong answer gets

HINTED = [
    *((name, WRONG[name]["69 half speed"], "half_speed") for name in CURVES),
    *((name, WRONG[name]["70 shifted up"], "shifted_up") for name in CURVES),
    *((name, WRONG[name]["71 integer division"], "integer_division") for name in CURVES),
    ("tanh", WRONG["tanh"]["67 overflows"], "overflow"),
    ("tanh", WRONG["tanh"]["68 overflows out of sight"], "overflow"),
    ("tanh", WRONG["tanh"]["overflows on the right"], "overflow_on_the_right"),
    ("tanh", WRONG["tanh"]["if on an array"], "python_if_on_array"),
    ("tanh", WRONG["tanh"]["math without a loop"], "math_exp_on_array"),
    ("tanh", "[v / (1 + abs(v)) for v in x]", "softsign"),
    ("tanh_from_sigmoid", WRONG["tanh_from_sigmoid"]["a sigmoid that overflows"], "overflow"),
    ("tanh_from_sigmoid", WRONG["tanh_from_sigmoid"]["s(x) - s(-x)"], "half_speed"),
    ("tanh_slope", WRONG["tanh_slope"]["72 input for output"], "input_for_output"),
    ("tanh_slope", WRONG["tanh_slope"]["73 no square"], "square_forgotten"),
    ("tanh_slope", WRONG["tanh_slope"]["74 the sigmoid's rule"], "sigmoid_rule"),
    ("tanh_slope", "[math.tanh(v) * (1 - math.tanh(v)) for v in x]", "sigmoid_rule"),
    ("tanh_slope", "1 / tf.cosh(x)", "one_over_cosh"),
    ("glorot_std", "math.sqrt(6 / (fan_in + fan_out))", "uniform_limit"),
    ("glorot_std", "(2 / fan_in) ** 0.5", "he"),
]


@pytest.mark.parametrize(("name", "text", "misconception"), HINTED)
def test_a_common_wrong_answer_gets_the_hint_for_it(name, text, misconception):
    assert verdict(name, text).misconception == misconception


def tried(name, draws=300):
    """The arguments of the fixed cases, and of as many drawn ones as the search of many seeds would make."""
    spec, rng = exercise(name), np.random.default_rng(0)
    return [c.args for c in (*spec.cases, *(Case(spec.draw(rng)) for _ in range(draws)))]


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_only_what_the_prompt_promises_is_tried(name):
    kinds = {x.dtype for (x,) in tried(name)}
    assert kinds == ({np.dtype(float)} if name == "tanh_slope" else {np.dtype(float), np.dtype(np.float32)})
    assert max(np.abs(x).max() for (x,) in tried(name)) == 1000


@pytest.mark.parametrize("name", ON_ARRAYS)
def test_tensorflow_agrees_wherever_something_is_tried(name):
    libraries()  # what their import warns of is not to be seen here
    import tensorflow as tf

    for (x,) in tried(name):
        v = tf.constant(x, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(v)
            y = tf.tanh(v)
        result = y if name in CURVES else tape.gradient(y, v)
        np.testing.assert_allclose(result, exercise(name).reference(x), rtol=1e-6, atol=1e-9)


def test_glorot_std_is_that_of_keras():
    libraries()
    import keras

    assert all(type(fan) is int and 1 <= fan <= 10_000 for fans in tried("glorot_std") for fan in fans)
    for make in (keras.initializers.GlorotNormal, keras.initializers.GlorotUniform):
        weights = np.asarray(make(seed=0)((1500, 500)))
        assert weights.std() == pytest.approx(exercise("glorot_std").reference(1500, 500), rel=0.005)


@pytest.mark.parametrize("name", CURVES)
def test_the_slope_is_that_of_the_curve(name):
    x = np.linspace(-5, 5, 101)
    difference = (exercise(name).solution(x + 1e-5) - exercise(name).solution(x - 1e-5)) / 2e-5
    np.testing.assert_allclose(exercise("tanh_slope").reference(x), difference, atol=1e-8)


# ---- the counterexample


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("tanh", "np.sinh(x) / np.cosh(x)", "At x = 1000 your result is nan, not a finite number; expected 1."),
        ("tanh", "2 * S(2 * x) + 1", "At x = 0 your result is 2, outside the range from -1 to 1."),
        ("tanh", "right(x) * np.where((x > 6.6) & (x < 8.4), 0.99, 1)", "At x = 7 your result is 0.98999"),
        ("tanh_from_sigmoid", "2 * S(x) - 1", "At x = -1 your result is -0.4621172; expected -0.7615942."),
        ("tanh_slope", "np.tanh(x) * (1 - np.tanh(x))", "At x = 0 your result is 0; expected 1."),
        ("tanh_slope", "1 - np.tanh(x)", "At x = -1 your result is 1.761594, outside the range from 0 to 1."),
        ("glorot_std", "2 / (fan_in + fan_out)", "For `glorot_std(4, 4)` your result is 0.25; expected 0.5."),
    ],
)  # fmt: skip
def test_the_counterexample_is_simple(name, text, message):
    assert verdict(name, text).message.startswith(message)


def test_a_refusal_says_what_was_called():
    for text, call in (("np.tanh(x)", "np.tanh"), ("[math.tanh(v) for v in x]", "math.tanh")):
        for name in CURVES:
            found = verdict(name, text)
            assert f"`{call}`" in found.message
            assert found.hint
