"""The exercises of the ReLU chapter: which hint, what is tried, and what is said. The answers: bank/ch03.py."""

import numpy as np
import pytest
from bank.answers import answer, cell, libraries
from bank.ch03 import ELEMENTWISE, HELPERS, SHORT, WRONG
from bank.score import judged

from course_utils import check
from course_utils.checking.spec import Case
from course_utils.exercises import exercise
from course_utils.exercises.ch03_relu._options import LIMITS, SLOPES, THRESHOLDS


def verdict(name, text):
    return check(answer(name, cell(name, text, HELPERS, SHORT[name])), name)


# ---- which hint a wrong answer gets

HINTED = [  # as the table of wrong answers has it, and as a loop that can't take a table
    ("relu", WRONG["relu"]["22 builtin max"], "builtin_max"),
    ("relu", WRONG["relu"]["23 np.max"], "largest_of_all"),
    ("relu", WRONG["relu"]["24 abs"], "folded"),
    ("relu", WRONG["relu"]["26 slope as value, with the rest"], "slope_as_value"),
    ("relu", WRONG["relu"]["27 larger line"], "larger_of_two_lines"),
    ("relu", WRONG["relu"]["28 threshold not subtracted"], "line_through_zero_alone"),
    ("relu", WRONG["relu"]["29 shift"], "threshold_as_shift_alone"),
    ("relu", WRONG["relu"]["29 shift, with the rest"], "threshold_as_shift"),
    ("relu", WRONG["relu"]["30 floor"], "threshold_as_floor"),
    ("relu", WRONG["relu"]["31 lower half forgotten"], "lower_half_forgotten"),
    ("relu", WRONG["relu"]["None as a limit, with the rest"], "none_as_a_limit"),
    ("relu", WRONG["relu"]["32 clip"], "clipped_at_zero"),
    ("relu", WRONG["relu"]["32 clip where there is a limit"], "leak_clipped"),
    ("relu", WRONG["relu"]["33 zero is false"], "zero_is_no_limit"),
    ("relu", WRONG["relu"]["38 sign"], "slope_of_wrong_sign"),
    ("relu", "[max(v, 0) for v in x]", "options_ignored"),
    ("relu", "[v if v > t else a * (v - t) for v in x]", "limit_forgotten"),
    ("relu", "[max(v - t, 0) for v in x]", "threshold_as_shift_alone"),
    ("relu_slope", WRONG["relu_slope"]["34 value over input"], "plain_value_over_input"),
    ("relu_slope", WRONG["relu_slope"]["35 the function"], "the_plain_function_itself"),
    ("relu_slope", WRONG["relu_slope"]["36 sign"], "slope_of_abs"),
    ("relu_slope", WRONG["relu_slope"]["37 a test that never fails"], "test_that_never_fails"),
    ("relu_slope", WRONG["relu_slope"]["no limit"], "limit_forgotten"),
    ("relu_slope", "[1 if v > t else a for v in x]", "limit_forgotten"),
    ("dead_share", WRONG["dead_share"]["75 zeros"], "count_of_zeros"),
    ("dead_share", WRONG["dead_share"]["76 samples for units"], "samples_for_units"),
    ("dead_share", WRONG["dead_share"]["77 sometimes silent"], "sometimes_silent"),
    ("dead_share", WRONG["dead_share"]["78 weak"], "weak_for_dead"),
    ("dead_share", WRONG["dead_share"]["80 never negative"], "never_negative"),
    ("dead_share", WRONG["dead_share"]["81 first sample"], "first_sample_only"),
    ("dead_share", WRONG["dead_share"]["a yes or no for each unit"], "one_answer_a_unit"),
    ("he_std", "math.sqrt(6 / fan_in)", "uniform_limit"),
    ("he_std", "tf.constant(2 / fan_in)", "variance"),
]


@pytest.mark.parametrize(("name", "text", "misconception"), HINTED)
def test_a_common_wrong_answer_gets_the_hint_for_it(name, text, misconception):
    assert verdict(name, text).misconception == misconception


def tried(name, draws=300):
    """The arguments and options of the fixed cases, and of as many drawn ones as the search of many seeds would make."""
    spec, rng = exercise(name), np.random.default_rng(0)
    made = [spec.draw(rng) for _ in range(draws)]
    cases = [*spec.cases, *(c if isinstance(c, Case) else Case(c) for c in made)]
    return [(c.args, c.kwargs) for c in cases]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_only_what_the_prompt_promises_is_tried(name):
    promised = {"negative_slope": SLOPES, "max_value": LIMITS, "threshold": THRESHOLDS}
    for option, values in promised.items():
        said = next(line for line in exercise(name).prompt.replace("\n  ", " ").split(";") if f"`{option}` is" in line)
        assert all(f" {value:g}" in said for value in values)
    for (x,), options in tried(name):
        assert np.abs(x).max() <= 1000
        assert x.dtype in ((float, np.float32) if name == "relu" else (float,))
        assert all(type(value) is float and value in promised[option] for option, value in options.items())
        limit, threshold = options.get("max_value"), options.get("threshold", 0)
        assert limit is None or limit > threshold or (limit == 0 and not threshold)
        if name == "relu_slope":
            assert np.abs(x - threshold).min() >= 0.01
            assert limit is None or np.abs(x - limit).min() >= 0.01
        elif threshold:
            assert not (x == threshold).any()
        assert np.isfinite(exercise(name).reference(x, **options)).all()


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_keras_agrees_wherever_something_is_tried(name):
    libraries()  # what their import warns of is not to be seen here
    import keras
    import tensorflow as tf

    for (x,), options in tried(name):
        v = tf.constant(x, tf.float64)
        with tf.GradientTape() as tape:
            tape.watch(v)
            y = keras.activations.relu(v, **options)
        result = y if name == "relu" else tape.gradient(y, v)
        np.testing.assert_allclose(result, exercise(name).reference(x, **options), rtol=1e-6, atol=1e-6)


def test_only_layers_after_relu_are_tried():
    for (h,), _ in tried("dead_share"):
        assert h.ndim == 2
        assert h.size
        assert h.dtype in (float, np.float32)
        assert ((h == 0) | ((h >= 0.001) & (h <= 10))).all()
    shares = {round(float(exercise("dead_share").reference(h)), 3) for (h,), _ in tried("dead_share")}
    assert shares >= {0, 0.05, 0.333, 0.5, 0.95, 1}


def test_he_std_is_that_of_keras():
    libraries()
    import keras

    for (fan_in,), _ in tried("he_std", draws=50):
        assert type(fan_in) is int
        assert 1 <= fan_in <= 10_000
    for make in (keras.initializers.HeNormal, keras.initializers.HeUniform):
        weights = np.asarray(make(seed=0)((50, 20_000)))
        assert weights.std() == pytest.approx(exercise("he_std").reference(50), rel=0.005)


# ---- the counterexample


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("relu", "np.maximum(x, a * x)", "At x = -1, negative_slope=2 your result is -1; expected -2."),
        ("relu", "np.maximum(x - t, 0)", "At x = -1, negative_slope=2 your result is 0; expected -2."),
        ("relu", "right(x, a, m if m else None, t)", "At x = 1, max_value=0 your result is 1; expected 0."),
        ("relu", "right(x, a, m, t) + ((x > 7.1) & (x < 7.9))", "At x = 7.25 your result is 8.25; expected 7.25."),
        ("relu", "right(x, a, m, t) + ((x > 7.3) & (x < 7.7))", "At x = 7.5"),
        ("relu", "np.minimum(x, m)", "`relu(np.array([-1., 2.]))` raised TypeError:"),
        ("relu_slope", "np.where(x > t, 1, a)", "At x = 3, max_value=2 your result is 1; expected 0."),
        ("dead_share", "(h == 0).mean()", "For `dead_share(np.array([[1., 0.], [0., 2.]]))` your result is 0.5; expected 0."),
        ("he_std", "2 / fan_in", "For fan_in = 8 your result is 0.25; expected 0.5."),
    ],
)  # fmt: skip
def test_the_counterexample_is_simple(name, text, message):
    assert verdict(name, text).message.startswith(message)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_picture_has_no_holes(name):
    curve = judged(name, lambda x, **options: 0 * x + 0.5).curve
    assert np.isfinite([curve.x, curve.got, curve.expected]).all()
