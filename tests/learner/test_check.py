"""`check` on everything that is no right answer: a table of what was given and the exact sentence that comes back."""

import functools
import inspect
import logging
import math
import os
import random
import re
import sys
import textwrap
import warnings
from html.parser import HTMLParser

import numpy as np
import pytest

from course_utils import check
from course_utils.checking import picture
from course_utils.checking.faults import ORDER
from course_utils.checking.judge import judge
from course_utils.checking.observe import observe
from course_utils.checking.picture import Curve
from course_utils.checking.verdict import Verdict
from course_utils.checking.verdict_messages import SENTENCES
from course_utils.exercises import exercise, exercise_names
from course_utils.learner.check import UnknownExercise

STATUSES = {
    "passed",
    "failed",
    "raised",
    "timeout",
    "memory",
    "crashed",
    "missing",
    "unreadable",
    "forbidden",
    "not_run",
}


def right(x):
    return 1 / (1 + np.exp(-x))


# ---- what is not even a function, or has no exercise


class AClass:
    pass


class Rude:
    """Raises whatever it is asked."""

    def _raise(self, *args):
        raise RuntimeError("<b>rude</b>")

    __repr__ = __str__ = __eq__ = __getattr__ = __float__ = __len__ = __iter__ = __bool__ = __hash__ = _raise


class RudeText(str):
    def _raise(self, *args):
        raise RuntimeError

    __repr__ = __str__ = __format__ = __eq__ = __getitem__ = _raise
    __hash__ = str.__hash__


NO_FUNCTION = "check wants the function itself, like `check(sigmoid)`, but was given {}."
NOT_FUNCTIONS = [
    (3, NO_FUNCTION.format("int, no function")),
    (right(np.array([1.0])), NO_FUNCTION.format("ndarray, no function")),
    (right(1.0), NO_FUNCTION.format("float64, no function")),
    (None, NO_FUNCTION.format("None")),
    (..., NO_FUNCTION.format("ellipsis, no function")),
    ("sigmoid", NO_FUNCTION.format("the text 'sigmoid'")),
    ("x" * 1000, NO_FUNCTION.format(f"the text '{'x' * 40}'")),
    ("<script>", NO_FUNCTION.format("the text '<script>'")),
    (RudeText("sigmoid"), NO_FUNCTION.format("the text 'sigmoid'")),
    ([right], NO_FUNCTION.format("list, no function")),
    (math, NO_FUNCTION.format("module, no function")),
    (Rude(), NO_FUNCTION.format("Rude, no function")),
    (AClass, "check wants a function, but `AClass` is a class. An object that can be called, or a function, will do."),
    (float, "check wants a function, but `float` is a class. An object that can be called, or a function, will do."),
]
UNKNOWN = [
    ("sigmod", "There is no exercise called 'sigmod'. Did you mean 'sigmoid'?"),
    ("Sigmoid", "There is no exercise called 'Sigmoid'. Did you mean 'sigmoid'?"),
    ("logits", "There is no exercise called 'logits'. Did you mean 'logit'?"),
    ("sigmoid_slop", "There is no exercise called 'sigmoid_slop'. Did you mean 'sigmoid_slope'?"),
    ("zebra", f"There is no exercise called 'zebra'. The exercises are: {', '.join(exercise_names())}."),
    ("", f"There is no exercise called ''. The exercises are: {', '.join(exercise_names())}."),
    (RudeText("logi"), "There is no exercise called 'logi'. Did you mean 'logit'?"),
    (5, 'check was given int as the exercise\'s name. Name it by a text: `check(f, "sigmoid")`.'),
    (right, 'check was given function as the exercise\'s name. Name it by a text: `check(f, "sigmoid")`.'),
    (Rude(), 'check was given Rude as the exercise\'s name. Name it by a text: `check(f, "sigmoid")`.'),
    ([], 'check was given list as the exercise\'s name. Name it by a text: `check(f, "sigmoid")`.'),
]


@pytest.mark.parametrize("row", range(len(NOT_FUNCTIONS)), ids=[s for _, s in NOT_FUNCTIONS])
@pytest.mark.parametrize("name", [None, "sigmoid"])
def test_what_is_no_function(row, name):
    thing, sentence = NOT_FUNCTIONS[row]
    verdict = check(thing, name)
    assert (verdict.status, verdict.message) == ("failed", sentence)
    assert (verdict.exercise, verdict.max_points) == (name or "", 1 if name else 0)
    assert_well_formed(verdict)


@pytest.mark.parametrize("row", range(len(UNKNOWN)), ids=[s for _, s in UNKNOWN])
def test_an_unknown_name_is_one_sentence(row):
    name, sentence = UNKNOWN[row]
    with pytest.raises(ValueError, match="exercise") as raised:
        check(right, name)
    assert str(raised.value) == sentence
    assert raised.value._render_traceback_() == [sentence]


def test_a_function_without_an_exercises_name():
    with pytest.raises(UnknownExercise, match=r"There is no exercise called 'right'\."):
        check(right)
    with pytest.raises(UnknownExercise) as raised:
        check(lambda x: x)
    assert str(raised.value) == 'This function has no exercise\'s name. Name the exercise: `check(f, "sigmoid")`.'


def test_the_name_is_found_where_the_function_has_none():
    sigmoid = lambda x: right(x)  # noqa: E731
    assert check(sigmoid).exercise == "sigmoid"
    stable_sigmoid = functools.partial(right)
    assert check(stable_sigmoid).exercise == "stable_sigmoid"
    logit = np.vectorize(lambda p: math.log(p / (1 - p)))
    assert check(logit).passed
    sigmoid_slope = Calls(lambda x: right(x) * right(-x))
    assert check(sigmoid_slope).passed
    assert check(sigmoid_slope, "sigmoid").exercise == "sigmoid"


def test_ipython_shows_the_sentence_alone():
    shell = pytest.importorskip("IPython").core.interactiveshell.InteractiveShell.instance()
    run = shell.run_cell("from course_utils import check\ncheck(len, 'sigmod')", silent=True)
    assert str(run.error_in_exec) == "There is no exercise called 'sigmod'. Did you mean 'sigmoid'?"
    shell.clear_instance()


# ---- learners' functions


class Calls:
    """A callable object."""

    def __init__(self, function):
        self.function = function

    def __call__(self, x):
        return self.function(x)


class RudeAndCalled(Rude):
    def __call__(self, x):
        return right(x)


class LyingArray:
    def __init__(self, value):
        self.value = value

    def __array__(self, dtype=None, copy=None):
        if isinstance(self.value, BaseException):
            raise self.value
        return self.value

    def __eq__(self, other):
        return True

    __hash__ = None


class LyingFloat(float):
    def __eq__(self, other):
        return True

    def __float__(self):
        return 0.5

    __hash__ = float.__hash__


class LyingNumbers(np.ndarray):
    """An array that calls itself equal to anything, and near to anything."""

    def __array_function__(self, function, types, args, kwargs):
        return True

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True


class LyingError(Exception):
    def __str__(self):
        raise RuntimeError


class SlyText(str):
    def __format__(self, spec):
        raise RuntimeError

    __getitem__ = __format__


class SlyError(Exception):
    def __str__(self):
        return SlyText(*self.args)


class Mutable:
    """Keeps every array that it was given or that it gave away, and spoils it later."""

    def __init__(self, spoil):
        self.spoil, self.kept = spoil, []

    def __call__(self, x):
        for array in self.kept:
            array[...] = 7
        y = np.array(right(x))
        self.kept.append(x if self.spoil == "given" else y)
        return y


def raises(error):
    def function(x):
        raise error

    return function


def recurses(x):
    return recurses(x) + 1


def endless(x):
    things = []
    things.append(things)
    return things


def bomb(x):
    things = [0.0] * 1000
    for _ in range(5):
        things = [things] * 1000
    return things


def deep(x):
    thing = 0.5
    for _ in range(5000):
        thing = [thing]
    return thing


async def promised(x):
    return right(x)


def generated(x):
    yield from right(x)


ANSWER = {  # what a function gives: (its status, the start of its message)
    # wrong parameters
    "too many": (lambda x, y: x, "raised", "`sigmoid(np.array([0.]))` is how the function will be called; yours is `<lambda>(x, y)`."),
    "too few": (lambda: 1, "raised", "`sigmoid(np.array([0.]))` is how the function will be called; yours is `<lambda>()`."),
    "keyword only": (lambda *, x: x, "raised", "`sigmoid(np.array([0.]))` is how the function will be called; yours is `<lambda>(*, x)`."),
    "a rude default": (lambda x, y=Rude(), *, z: x, "raised", "`sigmoid(np.array([0.]))` raised TypeError:"),  # noqa: B008
    # exceptions
    "raises": (raises(ValueError("no idea")), "raised", "`sigmoid(np.array([0.]))` raised ValueError: no idea (in the line `raise error`)"),
    "raises HTML": (raises(ValueError("<script>alert(1)</script>")), "raised", "`sigmoid(np.array([0.]))` raised ValueError: <script>alert(1)</script> (in"),
    "raises a long message": (raises(ValueError("x" * 10**6)), "raised", f"`sigmoid(np.array([0.]))` raised ValueError: {'x' * 300} (in"),
    "raises braces": (raises(ValueError("{call} {0} %s `")), "raised", "`sigmoid(np.array([0.]))` raised ValueError: {call} {0} %s ` (in"),
    "exits": (raises(SystemExit(0)), "raised", "`sigmoid(np.array([0.]))` raised SystemExit: 0 (in the line"),
    "leaves a generator": (raises(GeneratorExit()), "raised", "`sigmoid(np.array([0.]))` raised GeneratorExit:  (in the line"),
    "lies about the error": (raises(LyingError()), "raised", "`sigmoid(np.array([0.]))` raised LyingError:  (in the line"),
    "a sly text as the error": (raises(SlyError("<b>sly</b>")), "raised", "`sigmoid(np.array([0.]))` raised SlyError: <b>sly</b> (in the line"),
    "recurses": (recurses, "raised", "`sigmoid(np.array([0.]))` raised RecursionError: maximum recursion depth exceeded"),
    "out of memory": (raises(MemoryError()), "raised", "`sigmoid(np.array([0.]))` raised MemoryError:"),
    "a name that is not there": (lambda x: 1 / (1 + exp(-x)), "raised", "`sigmoid(np.array([0.]))` raised NameError: name 'exp' is not defined (in"),  # noqa: F821
    "an error in a library": (lambda x: np.linalg.inv(np.zeros((2, 2))), "raised", '`sigmoid(np.array([0.]))` raised LinAlgError: Singular matrix (in the line `"an error in a library"'),
    "an error in the standard library": (lambda x: random.sample([], 3), "raised", '`sigmoid(np.array([0.]))` raised ValueError: Sample larger than population or is negative (in the line `"an error in the standard library"'),
    # no numbers
    "nothing": (lambda x: None, "failed", "`sigmoid(np.array([0.]))` returned None, not an array of shape (1,)."),
    "text": (lambda x: "0.5", "failed", "`sigmoid(np.array([0.]))` returned the text '0.5', not an array of shape (1,)."),
    "HTML": (lambda x: "<img onerror=alert(1)>", "failed", "`sigmoid(np.array([0.]))` returned the text '<img onerror=alert(1)>', not"),
    "rude text": (lambda x: RudeText("0.5"), "failed", "`sigmoid(np.array([0.]))` returned the text '0.5', not"),
    "bytes": (lambda x: b"0.5", "failed", "`sigmoid(np.array([0.]))` returned a bytes, not"),
    "a dict": (lambda x: {0: 0.5}, "failed", "`sigmoid(np.array([0.]))` returned a dict, not"),
    "a set": (lambda x: {0.5}, "failed", "`sigmoid(np.array([0.]))` returned a set, not"),
    "a generator": (generated, "failed", "`sigmoid(np.array([0.]))` returned a generator, not"),
    "a map": (lambda x: map(right, x), "failed", "`sigmoid(np.array([0.]))` returned a map, not"),
    "a coroutine": (promised, "failed", "`sigmoid(np.array([0.]))` returned a coroutine, not"),
    "a function": (lambda x: right, "failed", "`sigmoid(np.array([0.]))` returned a function, not"),
    "a class": (lambda x: AClass, "failed", "`sigmoid(np.array([0.]))` returned a type, not"),
    "a module": (lambda x: np, "failed", "`sigmoid(np.array([0.]))` returned a module, not"),
    "a rude object": (lambda x: Rude(), "failed", "`sigmoid(np.array([0.]))` returned a Rude, not"),
    "a nameless object": (lambda x: type("", (), {})(), "failed", "`sigmoid(np.array([0.]))` returned an , not"),
    "a list of None": (lambda x: [None for _ in x], "failed", "`sigmoid(np.array([0.]))` returned a list with None in it, not"),
    "a list of texts": (lambda x: [f"{v:.2f}" for v in right(x)], "failed", "`sigmoid(np.array([0.]))` returned a list with the text '0.50' in it, not"),
    "an array of texts": (lambda x: right(x).round(4).astype(str), "failed", "`sigmoid(np.array(2.))` returned the text '0.8808', not a number."),
    "a list with a generator": (lambda x: [generated(x)], "failed", "`sigmoid(np.array([0.]))` returned a list with a generator in it, not"),
    "a list in a list with None": (lambda x: [[0.5], [None]], "failed", "`sigmoid(np.array([0.]))` returned a list with a list with None in it in it, not"),
    "dates": (lambda x: np.zeros(1, "M8[s]"), "failed", "`sigmoid(np.array([0.]))` returned an array of datetime64[s], not"),
    "a huge integer": (lambda x: 10**5000, "failed", "`sigmoid(np.array([0.]))` returned an integer too large for NumPy, not"),
    "a list of huge integers": (lambda x: [10**5000], "failed", "`sigmoid(np.array([0.]))` returned a list with an integer too large for NumPy in it, not"),
    # wrong in shape
    "ragged": (lambda x: [[1.0, 2.0], [3.0]], "failed", "`sigmoid(np.array([0.]))` returned a list that doesn't fit into an array; expected"),
    "ragged, once more": (lambda x: [0.5, [0.5]], "failed", "`sigmoid(np.array([0.]))` returned a list that doesn't fit into an array; expected"),
    "one number": (lambda x: 0.5, "failed", "`sigmoid(np.array([0.]))` returned shape (); expected shape (1,)."),
    "an empty list": (lambda x: [], "failed", "`sigmoid(np.array([0.]))` returned shape (0,); expected shape (1,)."),
    "an empty array": (lambda x: np.empty((0, 3)), "failed", "`sigmoid(np.array([0.]))` returned shape (0, 3); expected shape (1,)."),
    "one row too many": (lambda x: right(x)[None], "failed", "`sigmoid(np.array([0.]))` returned shape (1, 1); expected shape (1,)."),
    "a matrix": (lambda x: np.asmatrix(right(x)), "failed", "`sigmoid(np.array([0.]))` returned shape (1, 1); expected shape (1,)."),
    "no number from a 0-d array": (lambda x: np.atleast_1d(right(x)), "failed", "`sigmoid(np.array(2.))` returned shape (1,); expected shape ()."),
    "a huge array": (lambda x: np.zeros(2_000_000), "failed", "`sigmoid(np.array([0.]))` returned an array of 2000000 numbers, not"),
    "an array that has no memory": (lambda x: np.broadcast_to(0.5, (10**6, 10**6)), "failed", "`sigmoid(np.array([0.]))` returned an array of 1000000000000 numbers, not"),
    "a huge list": (lambda x: [0.5] * 2_000_000, "failed", "`sigmoid(np.array([0.]))` returned a list of 2000000 things, not"),
    "a list that holds itself": (endless, "failed", f"`sigmoid(np.array([0.]))` returned {'a list with ' * 16}lists in lists, more than 16 deep{' in it' * 16}, not"),
    "a very deep list": (deep, "failed", "`sigmoid(np.array([0.]))` returned a list with a list with"),
    "a list that grows in the reading": (bomb, "failed", "`sigmoid(np.array([0.]))` returned a list of too many things, not"),
    # wrong numbers
    "complex": (lambda x: right(x) + 1j, "failed", "At x = 0 your result is the complex number 0.5+1j; expected the real number 0.5."),
    "complex, long": (lambda x: right(x).astype(np.clongdouble) + 1j, "failed", "At x = 0 your result is the complex number 0.5+1j; expected the real number 0.5."),
    "complex nan": (lambda x: right(x) + complex(0, np.nan), "failed", "At x = 0 your result is the complex number 0.5+nanj; expected the real number 0.5."),
    "nan": (lambda x: x * np.nan, "failed", "At x = 0 your result is nan, not a finite number; expected 0.5."),
    "inf": (lambda x: x + np.inf, "failed", "At x = 0 your result is inf, not a finite number; expected 0.5."),
    "long inf": (lambda x: x.astype(np.longdouble) + np.longdouble("1e4000"), "failed", "At x = 0 your result is inf, not a finite number; expected 0.5."),
    "nan far out": (lambda x: np.where(x < 0, np.nan, right(x)), "failed", "At x = -1 your result is nan, not a finite number; expected 0.2689414."),
    "huge": (lambda x: np.where(x >= 0, 1.7e308, -1.7e308), "failed", "At x = 0 your result is 1.7e+308, outside the range from 0 to 1."),
    "truth": (lambda x: x > 0, "failed", "At x = 0 your result is 0; expected 0.5."),
    "unsigned": (lambda x: (100 * right(x)).astype(np.uint8), "failed", "At x = 0 your result is 50, outside the range from 0 to 1."),
    # liars
    "lies by __array__": (lambda x: LyingArray(np.ones(x.shape)), "failed", "At x = 0 your result is 1; expected 0.5."),
    "raises in __array__": (lambda x: LyingArray(ValueError()), "failed", "`sigmoid(np.array([0.]))` returned a LyingArray that can't be read as numbers, not"),
    "exits in __array__": (lambda x: LyingArray(SystemExit()), "raised", "`sigmoid(np.array([0.]))` raised SystemExit:"),
    "lies by __float__": (lambda x: [LyingFloat(7)] * x.size, "failed", "`sigmoid(np.array([[-2., 0., 2.], [1., 3., -4.]]))` returned shape (6,); expected shape (2, 3)."),
    "lies by __array_ufunc__": (lambda x: np.ones(x.shape).view(LyingNumbers), "failed", "At x = 0 your result is 1; expected 0.5."),
    # not answered
    "the stub": (lambda x: ..., "missing", "There is no answer here yet: the function still returns `...`."),
}  # fmt: skip


@pytest.mark.parametrize(("function", "status", "message"), ANSWER.values(), ids=ANSWER)
def test_bad_input(function, status, message):
    verdict = check(function, "sigmoid")
    assert verdict.status == status, verdict
    assert verdict.message.startswith(message), verdict.message
    assert verdict.hint
    assert (verdict.points, verdict.max_points) == (0, 1)
    assert_well_formed(verdict)


def test_each_kind_of_bad_input_gets_its_own_sentence():
    rows = "too many", "raises", "nothing", "text", "one row too many", "complex", "nan", "the stub"
    messages = [check(ANSWER[row][0], "sigmoid") for row in rows] + [check(3)]
    assert (
        len({(v.message, v.hint or v.message) for v in messages}) == len({v.message for v in messages}) == len(rows) + 1
    )


def test_a_strange_object_that_is_right_passes():
    for function in (RudeAndCalled(), Calls(right), Mutable("given"), Mutable("gave"), np.vectorize(right)):
        assert check(function, "sigmoid").passed


def test_a_keyboard_interrupt_passes_through():
    with pytest.raises(KeyboardInterrupt):
        check(raises(KeyboardInterrupt()), "sigmoid")


# ---- what is said first


FIRST = {
    "a changed input before a wrong value": (lambda x: _spoil(x) * 9, "`sigmoid(np.array([0.]))` changed the array that it was given."),
    "a changed input before a misconception": (lambda x: 1 / (1 + np.exp(-_spoil(x))), "`sigmoid(np.array([0.]))` changed"),
    "raised before changed": (lambda x: _spoil(x)[5], "`sigmoid(np.array([0.]))` raised IndexError"),
    "shape before value": (lambda x: [9.0, 9.0], "`sigmoid(np.array([0.]))` returned shape (2,)"),
    "complex before nan": (lambda x: x * np.nan + 1j, "At x = 0 your result is the complex number nan+1j"),
    "nan before a wrong value": (lambda x: np.where(x == 5, np.nan, 0.3), "At x = 5 your result is nan"),
    "a property before a value": (lambda x: np.where(x == 5, 3.0, 0.3), "At x = 5 your result is 3, outside the range from 0 to 1."),
}  # fmt: skip


def _spoil(x):
    x += 1
    return x


@pytest.mark.parametrize(("function", "message"), FIRST.values(), ids=FIRST)
def test_what_is_said_first(function, message):
    assert check(function, "sigmoid").message.startswith(message)


def test_every_kind_of_fault_has_a_place_in_the_order():
    assert set(ORDER) <= set(SENTENCES) | {"property"}


# ---- a learner's function can't spoil the judge, nor the notebook


def test_nothing_is_printed(capfd):
    def sigmoid(x):
        print("<b>x</b>" * 10_000)
        print("error", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return right(x)

    assert check(sigmoid).passed
    assert capfd.readouterr() == ("", "")


def test_what_a_learner_sets_while_called_ends_with_the_call():
    def sigmoid(x):
        np.seterr(all="raise")
        warnings.simplefilter("error")
        warnings.filters.insert(0, ("error", None, Warning, None, 0))
        sys.stdout = None
        return right(np.array(x))

    before = np.geterr(), list(warnings.filters), sys.stdout, sys.stderr
    assert check(sigmoid).status == "passed"
    assert (np.geterr(), list(warnings.filters), sys.stdout, sys.stderr) == before


def test_what_a_learner_has_set_in_the_notebook_does_not_disturb_the_check():
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in exercise_names():
            assert check(exercise_answer(name), name).passed
            assert not check(lambda *a, **k: 1.7e308 * np.sign(np.asarray(a[0]) + 0.1), name).passed
            assert not check(lambda *a, **k: a[0] * np.float32(3e38), name).passed


def test_seeds_and_print_options_change_nothing():
    def sigmoid(x):
        np.random.seed(0)
        random.seed(0)
        np.set_printoptions(precision=2)
        return np.where((x > 5.7) & (x < 8), 0.5, right(x))

    with np.printoptions():
        messages = {check(sigmoid).message for _ in range(3)}
        random.seed(), np.random.seed()
        messages.add(check(sigmoid).message)
    assert messages == {"At x = 6 your result is 0.5; expected 0.9975274."}


def test_the_same_answer_gets_the_same_verdict_twice():
    function = lambda x: np.where((x > 5.7) & (x < 8), 0.5, right(x))  # noqa: E731
    assert str(check(function, "sigmoid")) == str(check(function, "sigmoid"))


def test_the_cases_are_never_handed_out():
    before = {name: [_bytes(c) for c in exercise(name).cases] for name in exercise_names()}
    for name in exercise_names():
        check(_spoil, name)
        check(lambda x: x, name)
    assert {name: [_bytes(c) for c in exercise(name).cases] for name in exercise_names()} == before


def test_the_working_folder_is_the_learners_own_affair(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check(lambda x: (os.chdir("/"), right(x))[1], "sigmoid").passed


def _bytes(case):
    return [a.tobytes() if isinstance(a, np.ndarray) else a for a in case.args]


def exercise_answer(name):
    """The solution, as a function of the learner's own."""
    namespace = {"np": np}
    exec(textwrap.dedent(inspect.getsource(exercise(name).solution)), namespace)
    return namespace[name]


# ---- the verdict


class Balanced(HTMLParser):
    """Reads HTML, and fails where a tag is opened or closed in the wrong place."""

    EMPTY = ("rect", "polyline", "polygon")

    def __init__(self, html):
        super().__init__()
        self.open, self.text, self.tags = [], [], []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def assert_well_formed(verdict):
    """Every field is there and of its type, and the HTML says what the text says, text first, and nothing of its own."""
    types = {"exercise": str, "status": str, "points": int, "max_points": int, "message": str, "hint": str,
             "misconception": str, "curve": Curve | None, "passed": bool}  # fmt: skip
    for field, kind in types.items():
        assert isinstance(getattr(verdict, field), kind), field
    assert verdict.status in STATUSES
    page = Balanced(verdict._repr_html_())
    assert {tag for tag, _ in page.tags} <= {
        "div",
        "p",
        "strong",
        "em",
        "code",
        "svg",
        "rect",
        "polyline",
        "polygon",
        "path",
        "text",
        "small",
    }
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    words = "".join(page.text)
    plain = repr(verdict)
    assert words.startswith(plain.split("\n")[0])
    assert verdict.message.replace("`", "") in words.replace("`", "")
    tags = [tag for tag, _ in page.tags]
    assert "svg" not in tags or tags.index("svg") > tags.index("p")


def test_the_text_of_a_verdict():
    assert repr(check(lambda x: 1 / 1 + np.exp(-x), "sigmoid")) == (
        "sigmoid: not yet.\n"
        "At x = 0 your result is 2, outside the range from 0 to 1.\n"
        "Why this input: The middle: one number that you can work out by hand.\n"
        "Next step: Work your expression out by hand for x = 0, one operation at a time. Which comes first, / or +?"
    )
    assert repr(check(right, "sigmoid")) == (
        "sigmoid: passed, 1 of 1 points.\nAll 27 calls that were tried gave the right result."
    )
    assert repr(check(3)).startswith("check: not yet.\ncheck wants the function itself")


@pytest.mark.parametrize("name", exercise_names())
def test_every_verdict_is_well_formed(name):
    functions = [
        exercise_answer(name),
        lambda x: ...,
        lambda x: 0 * x,
        lambda x: x * np.nan,
        raises(ValueError("<&>`")),
    ]
    functions += [m.wrong for m in exercise(name).misconceptions]
    for function in functions:
        assert_well_formed(judge(exercise(name), lambda c, f=function: observe(f, c.args, c.kwargs)))


def test_learners_html_is_escaped():
    for text in ("<script>alert(1)</script>", "`<b>`", "&lt;", "\"'><svg onload=x>", "\x00\ud800"):
        for function in (lambda x, t=text: t, lambda x, t=text: [t], raises(ValueError(text)), raises(SlyError(text))):  # fmt: skip
            html = check(function, "sigmoid")._repr_html_()
            assert "<script" not in html
            assert "<b>" not in html
            assert html.count("<svg") == 0
            Balanced(html)


SHOWN = {  # a wrong answer: what is said of its picture, and how many stretches of it are shaded
    "on one side": (
        lambda x: np.where(x > 0, 0.5, right(x)), 1,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). They differ from 0.15 to 6; the "
        "difference is shaded. It is largest at x = 6: 0.5 in place of 0.998.",
    ),
    "on both": (
        lambda x: right(-x), 2,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). They differ from -6 to -0.15 and from "
        "0.15 to 6; the difference is shaded. It is largest at x = -6: 0.998 in place of 0.00247.",
    ),
    "in one point": (
        lambda x: right(x) + (np.abs(x - 3) < 1e-9), 1,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). They differ at 3; the difference is "
        "shaded. It is largest at x = 3: 1.95 in place of 0.953.",
    ),
    "in many places": (
        lambda x: right(x) + (np.sin(9 * x) > 0.5), 18,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). They differ in 18 places; the difference "
        "is shaded. It is largest at x = -6: 1 in place of 0.00247.",
    ),
    "with holes": (
        lambda x: np.where(x > 3, np.nan, 0.5), 2,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). They differ from -6 to -0.15 and from 0.15 "
        "to 3, and yours has no finite number from 3.15 to 6; the difference is shaded. It is largest at x = -6: 0.5 in place "
        "of 0.00247.",
    ),
    "only holes": (
        lambda x: np.where(x > 0, np.inf, right(x)), 0,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). Yours has no finite number from 0.15 to 6.",
    ),
    "nothing at all": (
        lambda x: x * np.nan, 0,
        "Drawn from x = -6 to 6: your curve (solid) and the expected one (dashed). Yours has no finite number from -6 to 6.",
    ),
    "elsewhere": (
        lambda x: np.where(np.abs(x) > 7, 0.5, right(x)), 0,
        "From x = -6 to 6 your curve and the expected one are the same to the eye.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("function", "shaded", "words"), SHOWN.values(), ids=SHOWN)
def test_the_words_come_before_the_picture(function, shaded, words):
    html = check(function, "sigmoid")._repr_html_()
    page = Balanced(html)
    assert page.text.count(words) == 1
    assert sum(tag == "polygon" for tag, _ in page.tags) == shaded
    assert ("<svg" in html) != (words.startswith("From"))
    assert html.find(words) < html.find("<svg") or "<svg" not in html


def test_the_picture_has_the_options_of_the_call_that_failed():
    curve = check(lambda x, **options: np.maximum(x, 0), "relu").curve
    assert curve.options == "negative_slope=2"
    np.testing.assert_allclose(curve.expected, np.where(curve.x > 0, curve.x, 2 * curve.x))
    assert check(lambda p: 0 * p, "logit").curve.name == "p"


def test_the_picture_survives_wild_curves():
    wild = [lambda x: x * 1e300, lambda x: np.where(x > 0, np.nan, 1), lambda x: np.where(x > 0, np.inf, -1.7e308),
            lambda x: x > 0, lambda x: np.full(x.shape, np.float16(3)), lambda x: 5 + 0 * x]  # fmt: skip
    for function in wild:
        page = Balanced(check(function, "sigmoid")._repr_html_())
        (svg,) = (attributes for tag, attributes in page.tags if tag == "svg")
        assert (svg["role"], svg["aria-label"]) == ("img", "The two curves")
        for tag, attributes in page.tags:
            if tag in ("polyline", "polygon"):
                points = [float(v) for pair in attributes["points"].split() for v in pair.split(",")]
                assert all(-1 <= v <= 241 for v in points)


@pytest.mark.parametrize(
    ("function", "arrows", "heights"),
    [
        (lambda x: np.exp(-x), 1, ["0.998", "0.00247", "403"]),
        (lambda x: 5 + 0 * x, 1, ["0.998", "0.00247", "5"]),
        (lambda x: 100 * x, 2, ["0.998", "0.00247", "600", "-600"]),
        (lambda x: right(x) + (np.sin(9 * x) > 0.5) * 9, 0, ["0.998", "0.00247"]),  # too many places for a number each
        (lambda x: np.where(x > 0, np.nan, 0.5), 0, ["0.998", "0.00247"]),
    ],
)
def test_the_picture_has_a_scale_and_says_where_a_curve_leaves_it(function, arrows, heights):
    page = Balanced(check(function, "sigmoid")._repr_html_())
    assert sum(tag == "path" for tag, _ in page.tags) == arrows
    svg = check(function, "sigmoid")._repr_html_().partition("<svg")[2]
    assert re.findall(r"<text[^>]*>([^<]*)</text>", svg) == [*heights[:2], *heights[2:], "-6", "6"]


def test_no_line_is_drawn_along_the_edge_where_a_curve_is_outside():
    page = Balanced(check(lambda x: 5 + 0 * x, "sigmoid")._repr_html_())
    assert not [a for tag, a in page.tags if tag == "polyline" and a["stroke"] == picture.OWN]


def test_a_level_expected_curve_has_one_height():
    x = np.linspace(-1, 1, 5)
    shown = picture.drawn(Curve(x, x, np.full(5, 2.0)))
    assert shown.count(">2</text>") == 1


def test_why_an_input_was_tried():
    reasons = {
        "The middle: one number that you can work out by hand.": lambda x: 0.7 + 0 * x,
        "In float32, as networks compute.": lambda x: right(x) + (x.dtype == np.float32),
        "A single number, in an array without axes.": lambda x: right(x) + (x.ndim == 0),
        "It was drawn at random; all the fixed inputs came out right.": lambda x: np.where(np.abs(x - 7) < 0.4, 0, right(x)),
        "": lambda x: None,
    }  # fmt: skip
    for reason, function in reasons.items():
        verdict = check(function, "sigmoid")
        assert verdict.about == reason
        assert ("Why this input: " in str(verdict)) == bool(reason)
        assert (f"<em>Why this input: </em>{reason}" in verdict._repr_html_()) == bool(reason)


def test_verdicts_are_frozen():
    with pytest.raises(AttributeError):
        check(right, "sigmoid").points = 9
    assert isinstance(check(right, "sigmoid"), Verdict)


# ---- show(), and silence on the error output


def test_show_displays_the_verdict_and_gives_the_points(capsys):
    assert check(right, "sigmoid").show() == 1
    assert capsys.readouterr().out.startswith("sigmoid: passed, 1 of 1 points.")
    assert check(lambda x: ..., "sigmoid").show() == 0


def test_what_c_code_or_a_log_says_during_a_check_is_not_shown(capfd):
    def sigmoid(x):
        os.write(2, b"from C")
        library.critical("traced five times")
        return right(x)

    library = logging.getLogger("a library")
    library.addHandler(logging.StreamHandler(sys.stderr))  # the stream of before the check
    assert check(sigmoid).passed
    os.write(2, b"afterwards")
    assert capfd.readouterr() == ("", "afterwards")
    assert logging.root.manager.disable == logging.NOTSET
