"""What the tests of the exercises share: answers as a learner would write them, and what must hold for each."""

import functools
import inspect
import linecache
import warnings

import numpy as np
import pytest

from course_utils import check
from course_utils.building.sources import stub
from course_utils.checking.judge import judge
from course_utils.checking.observe import observe
from course_utils.exercises import exercise

SETUP = "import decimal, fractions, functools, itertools, math\nimport keras, scipy.special, tensorflow as tf\nimport numpy as np\n"
WORDS = ("def ", "@", "from ", "import ", "class ")

# For any exercise whose answer is an array or a number.
WRONG_ANYHOW = {
    "nothing": "None",
    "pass": "def {name}{signature}:\n    pass",
    "prints in place of returning": "print(right({all}))",
    "text": "str(right({all}))",
    "a generator": "(v for v in np.ravel(right({all})))",
    "a dict": "dict(enumerate(np.ravel(right({all}))))",
    "an extra axis": "np.asarray(right({all}))[None]",
    "constant 0": "0 * np.asarray(right({all}))",
    "constant 1": "0 * np.asarray(right({all})) + 1",
    "nan": "right({all}) * np.nan",
    "minus": "-1.0 * np.asarray(right({all})) - 1e-3",
    "factor 1.001": "1.001 * np.asarray(right({all})) + 1e-4",
    "noise": "right({all}) + 0.001 * np.random.default_rng(0).standard_normal(np.shape(right({all})))",
    "two digits": "np.round(right({all}), 2)",
    "an imaginary part": "right({all}) + 0.5j",
    "nan as imaginary part": "right({all}) + complex(0, np.nan)",
    "wrong from the fourth call on": "calls = []\ndef {name}{signature}:\n    calls.append(1)\n    return right({all}) + (len(calls) > 3)",
    "right at every second call": "calls = []\ndef {name}{signature}:\n    calls.append(1)\n    return right({all}) + len(calls) % 2",
    "no parameter": "def {name}():\n    return right(np.array([1.0]))",
    "a required extra parameter": "def {name}({all}, extra):\n    return right({all})",
    "exits": "def {name}{signature}:\n    raise SystemExit(0)",
}
WRONG_ON_ARRAYS = {
    "the first number only": "np.ravel(right({all}))[:1].repeat(2)",
    "only the first number is right": "right({all}) + (np.arange(np.size(right({all}))).reshape(np.shape(right({all}))) > 0)",
    "the mean": "np.mean(right({all}))",
    "flat": "np.ravel(right({all}))[::-1]",
    "drops the last": "right({all})[:-1]",
    "turned round": "right({all})[::-1]",
}
CHANGES_ITS_INPUT = "def {name}{signature}:\n    y = right({all})\n    FIRST[...] = 0\n    return y"
KNOWS_THE_CASES = (
    "from course_utils.exercises import exercise as find\n"
    "def key(args):\n    return [np.asarray(a).tolist() for a in args]\n"
    "known = [key(c.args) for c in find('{name}').cases]\n"
    "def {name}(*args, **kwargs):\n    return right(*args, **kwargs) + (key(args) not in known)"
)
WRITTEN_ANYHOW = {
    "numpy": "right({all})",
    "float64": "np.asarray(right({all}), np.float64)",
    "float32": "np.asarray(right({all}), np.float32)",
    "long double": "np.asarray(right({all}), np.longdouble)",
    "tf tensor": "tf.constant(right({all}))",
    "tf float32": "tf.cast(right({all}), tf.float32)",
    "tf variable": "tf.Variable(right({all}))",
    "keras tensor": "keras.ops.convert_to_tensor(right({all}))",
    "complex without an imaginary part": "right({all}) + 0j",
    "lambda": "{name} = lambda *args, **kwargs: right(*args, **kwargs)",
    "partial": "def power(base, *args, **kwargs):\n    return right(*args, **kwargs)\n{name} = functools.partial(power, 2)",
    "callable object": "class Answer:\n    def __call__(self, *args, **kwargs):\n        return right(*args, **kwargs)\n{name} = Answer()",
    "method": "class Answer:\n    def {name}(self, *args, **kwargs):\n        return right(*args, **kwargs)\n{name} = Answer().{name}",
    "decorated": "def loud(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        print(f.__name__)\n        return f(*a, **k)\n    return g\n@loud\ndef {name}{signature}:\n    return right({all})",
    "prints": "def {name}{signature}:\n    print('here', flush=True)\n    return right({all})",
    "warns": "import warnings\ndef {name}{signature}:\n    warnings.warn('careful')\n    return right({all})",
    "sets NumPy's errors": "def {name}{signature}:\n    np.seterr(all='raise')\n    return right({all})",
}
ARRAYS_ANYHOW = {
    "nested list": "np.asarray(right({all})).tolist()",
    "tuple": "tuple(right({all}))",
    "list of arrays": "list(right({all}))",
    "list of tensors": "[tf.constant(part) for part in right({all})]",
    "object array": "np.asarray(right({all})).astype(object)",
    "masked array": "np.ma.array(right({all}))",
    "other memory order": "np.asfortranarray(right({all}))",
    "read-only": "np.broadcast_to(right({all}), np.shape(right({all})))",
}


@functools.cache
def libraries():
    """What a notebook has imported, once for all answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace = {"__name__": "__main__"}
        exec(SETUP, namespace)
    namespace["tf"].sigmoid(np.array([0.0]))  # the first TensorFlow operation takes its time
    return namespace


def answer(name, text):
    """The function that a learner's text makes, with its source where a notebook has it.

    Args:
        name: the exercise's.
        text: a formula in the exercise's own parameters, or a whole cell. {name} is the exercise's name, {signature} its
            parameters with their defaults, {all} without; `right` is a right answer.
    """
    spec = exercise(name)
    names = ", ".join(spec.signature.parameters)
    source = text.replace("{name}", name).replace("{all}", names).replace("{signature}", str(spec.signature))
    if not source.startswith((f"{name} = ", *WORDS)) and "\n" not in source:
        source = stub(spec).replace("return ...", f"return {source}")
    file = f"<answer {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = libraries() | {"right": lambda *args, **kwargs: silent(spec.solution, *args, **kwargs)}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def silent(function, *args, **kwargs):
    """A call without NumPy's warnings."""
    with np.errstate(all="ignore"):
        return function(*args, **kwargs)


def rows(table):
    """The rows of a table {exercise: {title: answer}} as pytest wants them."""
    return [
        pytest.param(name, text, id=f"{name}: {title}")
        for name, texts in table.items()
        for title, text in texts.items()
    ]


def misconceptions(names):
    """(exercise, misconception) for each misconception of these exercises."""
    return [(name, m.name) for name in names for m in exercise(name).misconceptions]


def judged(name, function, seed=0):
    """The verdict on a function whose source nobody reads."""
    return judge(exercise(name), lambda case: observe(function, case.args, case.kwargs), seed)


def assert_wrong(name, text):
    """Refused, with a sentence and a next step. Returns the verdict."""
    verdict = check(answer(name, text), name)
    assert verdict.status in ("failed", "raised"), verdict
    assert (verdict.points, verdict.exercise) == (0, name)
    assert verdict.message
    assert verdict.hint
    assert "NameError" not in verdict.message  # a slip in the table, not a wrong answer
    return verdict


def assert_right(name, text):
    """Accepted with all points."""
    verdict = check(answer(name, text), name)
    if verdict.status == "timeout":  # on a busy machine
        verdict = judged(name, answer(name, text))
    assert verdict.passed, verdict
    assert verdict.points == verdict.max_points == exercise(name).points


def assert_forbidden(name, text):
    """Refused for what it calls, not for what it does."""
    verdict = check(answer(name, text), name)
    assert (verdict.status, verdict.points) == ("forbidden", 0), verdict


def assert_solution_passes_and_stub_is_missing(name):
    """As shipped in `solutions/` and in `exercises/`."""
    spec = exercise(name)
    solved = check(answer(name, inspect.getsource(spec.solution)))
    assert (solved.status, solved.points, solved.hint, solved.misconception) == ("passed", spec.points, "", "")
    shipped = check(answer(name, stub(spec)))
    assert (shipped.status, shipped.points, shipped.max_points) == ("missing", 0, spec.points)


def assert_own_hint(name, misconception):
    """A misconception is recognised as itself, and no other has its hint."""
    spec = exercise(name)
    known = next(m for m in spec.misconceptions if m.name == misconception)
    verdict = judged(name, known.wrong)
    assert verdict.status in ("failed", "raised")
    assert (verdict.misconception, verdict.hint) == (known.name, known.hint), verdict
    assert [m.name for m in spec.misconceptions if m.hint == known.hint] == [known.name]


def assert_no_hint_is_the_answer(name):
    """No line of the solution's code stands in a hint."""
    spec = exercise(name)
    lines = [line.strip().removeprefix("return ") for line in inspect.getsource(spec.solution).splitlines()[1:]]
    for hint in (spec.next_step, *spec.hints, *(m.hint for m in spec.misconceptions)):
        assert not any(line in hint for line in lines if len(line) > 8)
    assert len(spec.hints) == 3


def assert_solution_is_right_for_all_that_is_drawn(name):
    """The solution and the reference, two ways of writing it, agree."""
    for seed in range(20 if exercise(name).draw else 1):
        assert judged(name, exercise(name).solution, seed).passed


def assert_noticed(name, mutant):
    """A function that is wrong somewhere fails, whatever the seed of the search."""
    for seed in range(2):
        assert judged(name, mutant, seed).status == "failed", seed
