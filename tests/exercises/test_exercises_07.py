"""The exercises of the chapter on today's networks: which hint, what is tried, and what is said. The answers: bank/ch07.py."""

import numpy as np
import pytest
from bank.answers import answer, cell, libraries
from bank.ch07 import SCORES, WRONG, softmax

from course_utils import check
from course_utils.checking.spec import Case
from course_utils.exercises import exercise

NAMES = ("straight_through_sign", "attention_weights", "rms_norm")


def verdict(name, text):
    return check(answer(name, cell(name, text)), name)


HINTED = [
    ("straight_through_sign", WRONG["straight_through_sign"]["sign of 0"], "sign_of_zero"),
    ("straight_through_sign", WRONG["straight_through_sign"]["true slope"], "true_slope"),
    ("straight_through_sign", WRONG["straight_through_sign"]["not clipped"], "not_clipped"),
    ("straight_through_sign", WRONG["straight_through_sign"]["hard tanh"], "hard_tanh_forward"),
    ("straight_through_sign", WRONG["straight_through_sign"]["edge left out"], "edge_left_out"),
    ("straight_through_sign", "2.0 * (x >= 0) - 1, 1.0 * (np.abs(x) <= 1)", "upstream_forgotten"),
    ("attention_weights", WRONG["attention_weights"]["infinity alone"], "nan_where_all_is_masked"),
    ("attention_weights", WRONG["attention_weights"]["-1e9"], "large_negative_number"),
    ("attention_weights", WRONG["attention_weights"]["after softmax"], "masked_after_softmax"),
    ("attention_weights", WRONG["attention_weights"]["score 0"], "score_0_for_masked"),
    ("attention_weights", WRONG["attention_weights"]["no root"], "no_square_root"),
    ("attention_weights", WRONG["attention_weights"]["divided by d"], "divided_by_d"),
    ("attention_weights", "np.asarray(tf.nn.softmax(tf.where(mask, " + SCORES + ", -1e9)))", "large_negative_number"),
    ("rms_norm", WRONG["rms_norm"]["r a constant"], "r_taken_for_a_constant"),
    ("rms_norm", WRONG["rms_norm"]["layer norm, both"], "layer_norm"),
    ("rms_norm", WRONG["rms_norm"]["length"], "euclidean_length"),
    ("rms_norm", WRONG["rms_norm"]["sum"], "sum_for_mean_in_the_gradient"),
    ("rms_norm", WRONG["rms_norm"]["not divided"], "not_divided_by_r"),
    ("rms_norm", WRONG["rms_norm"]["columns"], "down_the_columns"),
]


@pytest.mark.parametrize(("name", "text", "misconception"), HINTED)
def test_a_common_wrong_answer_gets_the_hint_for_it(name, text, misconception):
    assert verdict(name, text).misconception == misconception


def tried(name, draws=300):
    """The fixed cases, and as many drawn ones as the search of many seeds would make."""
    spec, rng = exercise(name), np.random.default_rng(0)
    drawn = [spec.draw(rng) for _ in range(draws)]
    return [*spec.cases, *(one if isinstance(one, Case) else Case(one) for one in drawn)]


def test_only_what_the_prompts_promise_is_tried():
    for c in tried("straight_through_sign"):
        x, upstream = c.args
        assert x.shape == upstream.shape
        assert not c.kwargs
    for c in tried("attention_weights"):
        queries, keys, mask = c.args
        assert mask.dtype == bool
        assert mask.shape == (len(queries), len(keys))
        assert queries.shape[1] == keys.shape[1] <= 64
        assert max(np.abs(queries).max(), np.abs(keys).max()) <= 32
    for c in tried("rms_norm"):
        x, upstream = c.args
        assert x.shape == upstream.shape
        assert x.ndim == 2
        assert c.kwargs.get("eps", 1e-6) > 0


def test_rows_without_an_allowed_key_are_tried_beside_others():
    masks = [c.args[2] for c in tried("attention_weights")]
    empty = [~mask.any(axis=1) for mask in masks]
    assert sum(rows.any() and not rows.all() for rows in empty) > 30
    assert any(rows.all() for rows in empty)
    assert sum(not rows.any() for rows in empty) > 30


def test_float32_is_good_enough():
    """A right answer that computes in float32 throughout lies within the tolerance, with room to spare."""
    for name in NAMES:
        spec = exercise(name)
        for c in tried(name):
            halves = [a.astype(np.float32) if a.dtype.kind == "f" else a for a in c.args]
            with np.errstate(all="ignore"):
                got = np.asarray(spec.solution(*halves, **c.kwargs), float)
            allowed = spec.tolerance.atol + spec.tolerance.rtol * np.abs(spec.expected(c))
            assert (np.abs(got - spec.expected(c)) <= allowed / 2).all(), (name, c)


def test_tensorflow_agrees_wherever_something_is_tried():
    libraries()
    import tensorflow as tf

    for c in tried("rms_norm", draws=60):
        x, upstream = (tf.constant(part, tf.float64) for part in c.args)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x / tf.sqrt(tf.reduce_mean(x**2, axis=1, keepdims=True) + c.kwargs.get("eps", 1e-6))
        slope = tape.gradient(y, x, output_gradients=upstream)
        np.testing.assert_allclose([y, slope], exercise("rms_norm").expected(c), rtol=1e-9, atol=1e-9)
    for c in tried("attention_weights", draws=60):
        queries, keys, mask = c.args
        scores = tf.constant(queries.astype(float) @ keys.T / np.sqrt(keys.shape[1]))
        weights = tf.nn.softmax(tf.where(mask, scores, tf.constant(-np.inf, tf.float64))).numpy()
        np.testing.assert_allclose(np.nan_to_num(weights), exercise("attention_weights").expected(c), atol=1e-12)


@pytest.mark.parametrize("name", ["straight_through_sign", "rms_norm"])
def test_the_gradient_does_not_depend_on_which_row_it_is(name):
    (x, upstream), spec = exercise(name).cases[2].args, exercise(name)
    twice = spec.reference(np.concatenate([x, x]), np.concatenate([upstream, upstream]))
    np.testing.assert_array_equal(twice[:, : len(x)], twice[:, len(x) :])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "straight_through_sign",
            "np.sign(x), np.where(np.abs(x) <= 1, upstream, 0)",
            "For `straight_through_sign(np.array([0., 0.]), np.array([1., -2.]))[0, 0]` your result is 0; expected 1.",
        ),
        (
            "attention_weights",
            softmax(f"np.where(mask, {SCORES}, -1e9)"),
            "Query 1 may not look at key 0, and its weight there is 0.3333333; expected 0.",
        ),
        (
            "attention_weights",
            softmax(SCORES) + " * mask",
            "Row 0 of your weights sums to ",
        ),
        (
            "rms_norm",
            "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\nreturn x / r, upstream / r",
            "For `rms_norm(np.array([[1., 7.]]), np.array([[1., 0.]]))[1, 0, 0]` your result is 0.2; expected 0.196.",
        ),
    ],
)
def test_the_counterexample_is_simple(name, text, message):
    assert verdict(name, text).message.startswith(message)
