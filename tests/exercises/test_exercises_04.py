"""The exercises of the softmax chapter: what is tried, and what is said. The answers: bank/ch04.py."""

import ast
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
from bank.answers import answer

from course_utils import check
from course_utils.checking.forbidden_calls import bindings_in, refused_call
from course_utils.checking.judge import judge
from course_utils.checking.observe import observe
from course_utils.exercises import chapters, exercise
from course_utils.exercises.ch04_softmax._logits import FAR

NAMES = chapters()["04_softmax"]
FIRST = ("softmax", "log_softmax")


def test_a_library_that_is_not_here_is_known_by_name():
    text = "from torch.nn.functional import cross_entropy as loss\ndef mine(a, b):\n    return loss(a, b)"
    assert refused_call(text, exercise("cross_entropy").refused, bindings_in(text)) == "loss"


@pytest.mark.parametrize("name", NAMES)
def test_only_what_the_prompt_promises_is_tried(name):
    spec, rng = exercise(name), np.random.default_rng(0)
    drawn = [spec.draw(rng) for _ in range(200)]
    calls = [*spec.cases, *(d if hasattr(d, "args") else type(spec.cases[0])(d) for d in drawn)]
    for call in calls:
        x, *rest = call.args
        assert x.dtype in (np.float32, np.float64)
        assert np.abs(x).max() <= {"softmax_jacobian": 10, "fitted_temperature": 100}.get(name, FAR)
        assert x.ndim == {"cross_entropy": 2, "fitted_temperature": 2}.get(name, 1) or (
            name in FIRST and x.ndim in (2, 3)
        )
        if name == "softmax_with_temperature":
            assert 0.1 <= rest[0] <= 10
        if name in ("cross_entropy", "fitted_temperature"):
            assert rest[0].shape == x.shape[:1]
            assert 0 <= rest[0].min() <= rest[0].max() < x.shape[1]


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_keras_agrees_wherever_something_is_tried(name):
    spec, rng = exercise(name), np.random.default_rng(1)
    calls = [*spec.cases, *(spec.draw(rng) for _ in range(50))]
    for call in (c for c in calls if c.args[0].shape[c.kwargs.get("axis", -1)] > 1):  # Keras warns of one class
        theirs = getattr(keras.ops, name)(call.args[0], **call.kwargs)
        np.testing.assert_allclose(spec.expected(call), theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("softmax", "np.exp(x) / np.exp(x).sum()", "For `np.array([[1., 2., 3.], [1., 2., 6.]])` your results sum to 0.0680435 along axis -1; they should sum to 1."),
        ("softmax", "np.exp(x) / np.exp(x).sum(axis, keepdims=True)", "For `softmax(np.array([998., 999., 1000.]))[0]` your result is nan, not a finite number; expected 0.09003057."),
        ("softmax", "right(x)", "For `np.array([[1., 2., 3.], [1., 2., 6.]])` your results sum to 0.09660384 along axis 0; they should sum to 1."),
        ("softmax", "right(2 * x, axis)", "For `softmax(np.array([1., 2., 3.]))[0]` your result is 0.01587624; expected 0.09003057."),
        ("log_softmax", "np.log(scipy.special.softmax(x, axis))", "For `log_softmax(np.array([0., -1000.]))[1]` your result is -inf, not a finite number; expected -1000."),
        ("cross_entropy", "right(logits, labels) * 2", "For `cross_entropy(np.array([[0., 0.]]), np.array([0]))` your result is 1.386294; expected 0.6931472."),
        ("softmax_with_temperature", "right(logits, 1)", "For `softmax_with_temperature(np.array([1., 2., 3.]), 10)[0]` your result is 0.09003057; expected 0.3006096."),
        ("softmax_jacobian", "np.tril(right(logits))", "For `np.array([0., 0.])` your results sum to 0.25 along axis -1; they should sum to 0."),
        ("softmax_jacobian", "right(logits) * np.arange(1, logits.size + 1)[:, None]", "For `np.array([0., 0.])` entry [0, 1] of your table is -0.25 and entry [1, 0] is -0.5; they should be equal."),
    ],
)  # fmt: skip
def test_the_counterexample_is_simple(name, text, message):
    assert check(answer(name, text), name).message.startswith(message)


def test_of_what_was_drawn_the_smallest_counterexample_is_shown():
    def drawn(rng):
        return (rng.integers(-5, 6, rng.integers(2, 41)).astype(float),)

    spec = replace(exercise("softmax"), draw=drawn, searches=100, cases=exercise("softmax").cases[:1])
    for seed in range(5):
        found = judge(spec, lambda c: observe(lambda x: spec.solution(x) + (x.size > 4), c.args, c.kwargs), seed)
        row = re.search(r"np.array\((\[.*?\])\)", found.message)[1]
        assert np.size(ast.literal_eval(row)) in (5, 6)  # of 2 to 40
        assert found.about.startswith("It was drawn at random")
