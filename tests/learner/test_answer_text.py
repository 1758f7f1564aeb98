"""Answers that are texts, as the exercise pages check them: the notebook's verdict, and a sentence for what isn't one."""

import contextlib
import inspect
import json

import pytest

from course_utils.checking.verdict import as_html
from course_utils.exercises import exercise, exercise_names
from course_utils.learner.answer_text import judged, page_verdict

RIGHT = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"


def verdict(text, name="sigmoid"):
    return judged(text, name, patience=100, limit=lambda seconds, verdict: contextlib.nullcontext())[0]


@pytest.mark.parametrize("name", exercise_names())
def test_the_text_of_a_solution_passes(name):
    assert verdict(inspect.getsource(exercise(name).solution), name).passed


@pytest.mark.parametrize(
    ("text", "status", "message"),
    [
        (
            "def sigmoid(x):\n    return ...",
            "missing",
            "There is no answer here yet: the function still returns `...`.",
        ),
        ("def sigmod(x):\n    return x", "missing", "Your code defines no function `sigmoid`."),
        ("", "missing", "Your code defines no function `sigmoid`."),
        (
            "def sigmoid(x:\n    return x",
            "unreadable",
            "Python can't read line 1: '(' was never closed (`def sigmoid(x:`)",
        ),
        ("a = 1\n  b = 2", "unreadable", "Python can't read line 2: unexpected indent (`b = 2`)"),
        (
            "a = 1\nb = a / 0",
            "raised",
            "Your code raised ZeroDivisionError: division by zero (in the line `b = a / 0`)",
        ),
        (
            RIGHT + "sigmoid('x')",
            "raised",
            "Your code raised TypeError: bad operand type for unary -: 'str' (in the line `return 1 / (1 + np.exp(-x))`)",
        ),
        ("import sys\nsys.exit('bye')", "raised", "Your code raised SystemExit: bye (in the line `sys.exit('bye')`)"),
        (
            "raise SyntaxError('mine')",
            "raised",
            "Your code raised SyntaxError: mine (in the line `raise SyntaxError('mine')`)",
        ),
        (
            "eval('1 +')",
            "raised",
            "Your code raised SyntaxError: invalid syntax (<string>, line 1) (in the line `eval('1 +')`)",
        ),
        ("x = '\0'", "raised", "Your code raised SyntaxError: source code string cannot contain null bytes"),
        (
            "import no_such_library.part",
            "raised",
            "Your code imports `no_such_library`, which Python on this page doesn't have: it has NumPy and its own library.",
        ),
        (
            "sigmoid = 3",
            "failed",
            "check wants the function itself, like `check(sigmoid)`, but was given int, no function.",
        ),
        ("sigmoid = np.tanh", "failed", "At x = -5 your result is -0.9999092, outside the range from 0 to 1."),
    ],
)
def test_the_sentence_for_a_text(text, status, message):
    found = verdict(text)
    assert (found.status, found.message, found.points, found.max_points) == (status, message, 0, 1)
    assert found.hint or status == "failed"


def test_a_forbidden_call_and_the_learners_own_line():
    assert (
        verdict("from course_utils.activations import ACTIVATIONS\nsigmoid = ACTIVATIONS['sigmoid']").status
        == "forbidden"
    )
    found = verdict("def sigmoid(x):\n    y = unknown + x\n    return y")
    assert found.message.endswith("raised NameError: name 'unknown' is not defined (in the line `y = unknown + x`)")


def test_texts_know_nothing_of_each_other():
    assert verdict(RIGHT).passed
    assert verdict("sigmoid").message.startswith("Your code raised NameError")


def test_what_a_page_shows():
    said = []
    shown = json.loads(page_verdict(f"print('hello', 7)\n{RIGHT}", "sigmoid", 10, lambda *of: said.append(of)))
    assert shown == {"status": "passed", "html": as_html(verdict(RIGHT)), "printed": "hello 7\n"}
    assert said[1::2] == [(None, None)] * (len(said) // 2)
    assert "Your code was still running after 10 seconds" in said[0][1]
    assert "<code>sigmoid(np.array([0.]))</code> was still running after 10 seconds." in said[2][1]
    assert all(0 < seconds <= 10 for seconds, _ in said[::2])


def test_a_text_that_prints_without_end_is_cut():
    assert len(json.loads(page_verdict("print('x' * 10**6)", "sigmoid", 10, lambda *_: None))["printed"]) == 10_000


def test_the_limit_is_told_of_the_end_even_where_the_text_raises():
    said = []
    page_verdict("1 / 0", "sigmoid", 10, lambda *of: said.append(of))
    assert len(said) == 2
