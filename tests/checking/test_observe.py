"""What a call did, as plain data: a table of what learners return, and what is made of it."""

import array
import ast
import decimal
import fractions
import inspect
import itertools
import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest

from course_utils.checking import judge
from course_utils.checking import observe as module
from course_utils.checking.observe import DEEPEST, MOST_NUMBERS, MOST_THINGS, Observation, Opaque, observe, plain
from course_utils.exercises import exercise


class Endless(list):
    """A list by its length."""

    def __iter__(self):
        return itertools.repeat(0.5)


class Tensor:
    """Read like a TensorFlow tensor: by `.numpy()`."""

    def __init__(self, value):
        self.value = value

    def numpy(self):
        return self.value


class Anything:
    """Has every attribute, and none that its class knows of."""

    def __getattr__(self, name):
        return self


class Bare:
    pass


def floats(*numbers):
    return np.array(numbers)


READ = {  # what is returned: how it is read
    "None": (lambda: None, None),
    "the stub": (lambda: ..., ...),
    "text": (lambda: "0.5", "0.5"),
    "long text": (lambda: "x" * 5000, "x" * 1000),
    "text that no file can hold": (lambda: "a\ud800", "a?"),
    "True": (lambda: True, np.array(True)),
    "int": (lambda: 3, np.array(3)),
    "float": (lambda: 0.5, np.array(0.5)),
    "complex": (lambda: 1j, np.array(1j)),
    "np.float32": (lambda: np.float32(0.5), np.array(0.5, np.float32)),
    "np.longdouble": (lambda: np.longdouble(0.5), np.array(0.5)),
    "np.clongdouble": (lambda: np.clongdouble(1 + 1j), np.array(1 + 1j)),
    "long double array": (lambda: np.ones(2, np.longdouble), floats(1.0, 1.0)),
    "fraction": (lambda: fractions.Fraction(1, 4), np.array(0.25)),
    "decimal": (lambda: decimal.Decimal("0.25"), np.array(0.25)),
    "huge fraction": (lambda: fractions.Fraction(10**400), Opaque("a Fraction that can't be read as numbers")),
    "huge int": (lambda: 10**400, Opaque("an integer too large for NumPy")),
    "one number in an array of objects": (lambda: np.array(0.5, object), np.array(0.5)),
    "one fraction in an array of objects": (lambda: np.array(fractions.Fraction(1, 4), object), np.array(0.25)),
    "a huge int in an array of objects": (lambda: np.array(10**400, object), Opaque("an integer too large for NumPy")),
    "array": (lambda: floats(1.0, 2.0), floats(1.0, 2.0)),
    "float16 array": (lambda: np.ones(1, np.float16), np.ones(1, np.float16)),
    "big-endian array": (lambda: np.ones(1, ">f8"), np.ones(1, ">f8")),
    "bool array": (lambda: floats(1.0) > 0, np.array([True])),
    "empty array": (lambda: np.empty((0, 2)), np.empty((0, 2))),
    "matrix": (lambda: np.asmatrix(floats(1.0)), np.array([[1.0]])),
    "masked array": (lambda: np.ma.array([1.0, 2.0]), floats(1.0, 2.0)),
    "object array": (lambda: np.array([1.0, None], object), [np.array(1.0), None]),
    "0-d object array": (lambda: np.array(None, object), Opaque("an array of object")),
    "array of texts": (lambda: np.array(["a", "b"]), ["a", "b"]),
    "records": (lambda: np.zeros(1, [("a", float)]), Opaque("an array of [('a', '<f8')]")),
    "array.array": (lambda: array.array("d", [1.0, 2.0]), floats(1.0, 2.0)),
    "memoryview": (lambda: memoryview(floats(1.0)), floats(1.0)),
    "list": (lambda: [1.0, 2], [np.array(1.0), np.array(2)]),
    "tuple": (lambda: (1.0,), [np.array(1.0)]),
    "nested": (lambda: [[1.0], (2.0,)], [[np.array(1.0)], [np.array(2.0)]]),
    "list of arrays": (lambda: [floats(1.0)], [floats(1.0)]),
    "empty list": (lambda: [], []),
    "list of all sorts": (lambda: [None, "a", ...], [None, "a", ...]),
    "tensor": (lambda: Tensor(floats(1.0)), floats(1.0)),
    "tensor that holds a list": (lambda: Tensor([1.0]), floats(1.0)),
    "tensor of objects": (lambda: Tensor(np.array([1, None], object)), [np.array(1), None]),
    "tensor that holds nothing": (lambda: Tensor(None), Opaque("an array of object")),
    "ragged tensor": (lambda: Tensor([[1.0], [1.0, 2.0]]), Opaque("a Tensor that can't be read as numbers")),
    "list of tensors": (lambda: [Tensor(np.array(1.0))], [np.array(1.0)]),
    "generator": (lambda: (v for v in [1.0]), Opaque("a generator")),
    "set": (lambda: {1.0}, Opaque("a set")),
    "range": (lambda: range(3), Opaque("a range")),
    "dict": (lambda: {}, Opaque("a dict")),
    "class": (lambda: Tensor, Opaque("a type")),
    "function": (lambda: floats, Opaque("a function")),
    "object": (Bare, Opaque("a Bare")),
    "anything": (Anything, Opaque("an Anything")),
    "large array": (lambda: np.zeros(MOST_NUMBERS), np.zeros(MOST_NUMBERS)),
    "larger array": (lambda: np.zeros(MOST_NUMBERS + 1), Opaque("an array of 1000001 numbers")),
    "two large arrays": (lambda: [np.zeros(MOST_NUMBERS)] * 2, Opaque("a list of too many things")),
    "longer list": (lambda: [0] * (MOST_THINGS + 1), Opaque("a list of 20001 things")),
    "endless list": (lambda: Endless([1]), Opaque("an Endless of too many things")),
    "wide lists": (lambda: [[0] * 1000] * 1000, Opaque("a list of too many things")),
}  # fmt: skip


def same(got, wanted):
    """Equal, with arrays of the same dtype; no array equals a list."""
    if isinstance(wanted, list):
        return type(got) is list and len(got) == len(wanted) and all(map(same, got, wanted))
    if isinstance(wanted, np.ndarray):
        return type(got) is np.ndarray and got.dtype == wanted.dtype and np.array_equal(got, wanted)
    return type(got) is type(wanted) and got == wanted


@pytest.mark.filterwarnings("ignore:the matrix subclass")
@pytest.mark.parametrize(("make", "wanted"), READ.values(), ids=READ)
def test_what_is_returned_is_read_as_plain_data(make, wanted):
    got = plain(make())
    assert same(got, wanted), got


def test_tensors_of_tensorflow_and_keras():
    keras, tf = pytest.importorskip("keras"), pytest.importorskip("tensorflow")
    assert same(plain(tf.constant([1.0])), np.ones(1, np.float32))
    assert same(plain(tf.Variable([1.0])), np.ones(1, np.float32))
    assert same(plain(tf.constant([1.0], tf.float64)), np.ones(1))
    assert same(plain(tf.constant([1.0], tf.bfloat16)), np.ones(1))
    assert same(plain([tf.constant(1.0)]), [np.array(1.0, np.float32)])
    assert same(plain(keras.ops.ones(2)), np.ones(2, np.float32))
    assert same(plain(keras.Variable([1.0])), np.ones(1, np.float32))
    assert plain(keras.Input((2,))) == Opaque("a KerasTensor that can't be read as numbers")
    assert plain(tf.constant(["a"])) == Opaque("an array of object") or plain(tf.constant(["a"]))[0] != 0


def test_a_list_is_read_so_deep_and_no_deeper():
    thing = 0.5
    for _ in range(DEEPEST):
        thing = [thing]
    assert np.asarray(plain(thing)).shape == (1,) * DEEPEST
    assert "Opaque" in repr(plain([thing]))


def test_what_is_read_is_a_copy():
    kept = floats(1.0, 2.0)
    for value in (kept, kept[:], Tensor(kept), memoryview(kept)):
        read = plain(value)
        assert not np.shares_memory(read, kept)
        assert read.flags.writeable


# ---- calls


def fails(x):
    raise ValueError("no " * 200)


def fails_inside(x):
    return np.linalg.inv(x)  # the learner's line


def changes(x, y):
    y[0] = 9
    return x


OBSERVED = [
    (lambda x: None, (1,), {}, Observation("returned", None)),
    (lambda x, k=1: "a" * k, (1,), {"k": 2}, Observation("returned", "aa")),
    (fails, (1,), {}, Observation("raised", None, "ValueError", ("no " * 100), 'raise ValueError("no " * 200)')),
    (fails_inside, (np.zeros((2, 2)),), {}, Observation("raised", None, "LinAlgError", "Singular matrix", "return np.linalg.inv(x)  # the learner's line")),
    (lambda: 1, (1,), {}, Observation("signature", detail="<lambda>()")),
    (changes, (1,), {}, Observation("signature", detail="changes(x, y)")),
    (lambda x, y: None, (1,), {"z": 1}, Observation("signature", detail="<lambda>(x, y)")),
    (changes, ("a", np.zeros(2)), {}, Observation("returned", "a", changed=(1,))),
    (changes, ("a", [0]), {}, Observation("returned", "a", changed=(1,))),
    (3, (1,), {}, Observation("raised", None, "TypeError", "'int' object is not callable", "")),
]  # fmt: skip


@pytest.mark.parametrize(("function", "args", "kwargs", "wanted"), OBSERVED)
def test_what_a_call_did(function, args, kwargs, wanted):
    assert observe(function, args, kwargs) == wanted


CHANGES = [
    (lambda x: x.fill(3), True),
    (lambda x: x.sort(), True),
    (lambda x: x.resize(1, refcheck=False), True),
    (lambda x: np.negative(x, out=x), True),
    (lambda x: np.nan_to_num(x, copy=False), True),
    (lambda x: x.__setitem__(0, -0.0), True),
    (lambda x: setattr(x, "shape", (3, 1)), True),
    (lambda x: x.__setitem__(0, 0.0), False),
    (lambda x: np.sort(x), False),
    (lambda x: x.copy().fill(3), False),
    (lambda x: x.setflags(write=False), False),
]


@pytest.mark.filterwarnings("ignore:Setting the shape")  # NumPy is about to forbid it
@pytest.mark.parametrize(("function", "changed"), CHANGES)
def test_a_changed_argument_is_seen_and_is_a_copy(function, changed):
    x = np.array([0.0, np.nan, -2.0])
    before = x.tobytes()
    assert bool(observe(function, (x,), {}).changed) is changed
    assert (x.tobytes(), x.shape, x.flags.writeable) == (before, (3,), True)


def test_a_type_error_in_the_answer_is_no_wrong_call():
    seen = observe(lambda x: x + "a", (1,), {})
    assert (seen.outcome, seen.error) == ("raised", "TypeError")


def test_observe_imports_nothing_of_ours():
    tree = ast.parse(inspect.getsource(module))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    imported += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    assert imported
    assert not [name for name in imported if name.startswith((".", "course_utils"))]


def test_a_function_of_the_course_s_own_leaves_the_process_as_it_is(capsys):
    seen = []

    def function():
        seen.append((sys.stdout, sys.stderr, warnings.filters))
        print("heard")

    before = sys.stdout, sys.stderr, warnings.filters
    observe(function, (), {}, quiet=False)
    assert seen == [before]
    assert capsys.readouterr().out == "heard\n"


def test_the_judge_calls_misconceptions_so(monkeypatch):
    """The grader judges in threads."""
    wrong = observe(exercise("sigmoid").misconceptions[0].wrong, (np.array([0.0]),), {})
    asked = []
    monkeypatch.setattr(judge, "observe", lambda *a, **k: asked.append(k) or observe(*a, **k))
    spec = exercise("sigmoid")
    fresh = replace(
        spec, cases=tuple(map(replace, spec.cases))
    )  # what other tests had worked out for a case stays with it
    judge.judge(fresh, lambda case: wrong)
    assert asked
    assert all(k == {"quiet": False} for k in asked)


def test_a_verdict_that_is_known_stands_where_the_function_can_not_be_called_any_more():
    spec = exercise("sigmoid")
    asked = []

    def calls(cases):
        for c in cases:
            asked.append(c)
            if len(asked) > len(spec.cases):
                raise judge.NotObserved
            yield Observation("returned", np.zeros(()))

    verdict = judge.judge(spec, None, calls=calls)
    assert (verdict.status, verdict.curve) == ("failed", None)
    with pytest.raises(judge.NotObserved):
        judge.judge(spec, None, calls=calls)


def test_the_same_cases_are_drawn_from_the_same_seed_and_the_reference_is_asked_once():
    spec, asked = exercise("sigmoid"), []
    counting = replace(spec, reference=lambda x: asked.append(x) or spec.reference(x))
    verdicts = [judge.judge(counting, lambda c: observe(spec.solution, c.args, c.kwargs), 3) for _ in range(2)]
    assert verdicts[0] == verdicts[1]
    assert verdicts[0].passed
    assert len(asked) == len({id(x) for x in asked}) <= len(spec.cases) + spec.searches


class Silent(BaseException):
    pass


class Unspeakable:
    def __str__(self):
        raise Silent

    def __eq__(self, other):
        raise Silent


def test_an_exception_whose_words_raise_anything_has_no_words():
    def answer(x):
        raise ValueError(Unspeakable())

    assert observe(answer, (1.0,), {}) == Observation(
        "raised", error="ValueError", line="raise ValueError(Unspeakable())"
    )


def test_what_takes_the_place_of_an_argument_is_not_asked():
    def answer(x):
        x[0] = Unspeakable()
        return 1.0

    assert observe(answer, ([0.5, 1.0],), {}).changed == (0,)
