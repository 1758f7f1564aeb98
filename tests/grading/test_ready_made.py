"""Ways around the rule against ready-made functions, and honest answers that look like one: what `check` and the grader say.

An answer that calls what is ready-made is refused where that is certain. Where the source hides what is called, and a call of it
shows nothing either, the answer passes and is named for a person's eye.
"""

import linecache
import sys
import types

import numpy as np
import pytest

from course_utils.exercises import exercise
from course_utils.grading import notebook
from course_utils.grading.ipython_cells import as_python
from course_utils.grading.notebook import NotebookTask, Terms, grade_notebook
from course_utils.grading.notebook_files import Cell
from course_utils.grading.sandbox.isolation import opened
from course_utils.learner.check import verdict_on

SETUP = "import functools, importlib, math, operator, types\nimport numpy as np\n"
TF = "import keras, tensorflow as tf\n"
SPLIT = "\n#----\n"  # between two cells

# Ways to `sigmoid` (with TensorFlow) and to `tanh` (with NumPy) that are refused.
SIGMOID = {
    "itself": "def sigmoid(x): return tf.nn.sigmoid(x)",
    "helper": "def helper(x): return tf.nn.sigmoid(x)\ndef sigmoid(x): return helper(x)",
    "helper of a helper": "def one(x): return tf.nn.sigmoid(x)\ndef two(x): return one(x)\ndef sigmoid(x): return two(x)",
    "helper in a later cell": "def sigmoid(x): return helper(x)\n#----\ndef helper(x): return tf.nn.sigmoid(x)",
    "helper, a lambda": "helper = lambda x: tf.nn.sigmoid(x)\ndef sigmoid(x): return helper(x)",
    "helper, imported inside": "def helper(x):\n    from keras.ops import sigmoid as s\n    return s(x)\ndef sigmoid(x): return helper(x)",
    "helper under its own name": "def sigmoid(x): return tf.nn.sigmoid(x)\nold = sigmoid\ndef sigmoid(x): return old(x)",
    "helper as an argument": "def helper(x): return tf.nn.sigmoid(x)\ndef sigmoid(x): return np.array(list(map(helper, x))) if np.ndim(x) else helper(x)",
    "helper, a tf.function": "@tf.function\ndef helper(x): return tf.nn.sigmoid(x)\ndef sigmoid(x): return helper(x)",
    "helper, remembered": "@functools.lru_cache\ndef one(v): return float(tf.nn.sigmoid(v))\ndef sigmoid(x): return np.vectorize(one)(x)",
    "helper, a partial of one": "def one(k, x): return tf.nn.sigmoid(k * x)\nhelper = functools.partial(one, 1.0)\ndef sigmoid(x): return helper(x)",
    "alias": "s = tf.sigmoid\ndef sigmoid(x): return s(x)",
    "alias is the answer": "sigmoid = tf.sigmoid",
    "lambda is the answer": "sigmoid = lambda x: tf.sigmoid(x)",
    "lambda alias": "s = lambda x: tf.sigmoid(x)\nsigmoid = s",
    "partial": "sigmoid = functools.partial(tf.sigmoid)",
    "partial with a keyword": "sigmoid = functools.partial(tf.sigmoid, name='mine')",
    "list": "functions = [tf.exp, tf.sigmoid]\ndef sigmoid(x): return functions[1](x)",
    "list, looped over": "functions = [tf.identity, tf.sigmoid]\ndef sigmoid(x):\n    for f in functions:\n        x = f(x)\n    return x",
    "dict": "functions = {'s': tf.sigmoid}\ndef sigmoid(x): return functions['s'](x)",
    "dict of a helper": "def helper(x): return keras.ops.sigmoid(x)\ntable = dict(h=helper)\ndef sigmoid(x): return table['h'](x)",
    "unpacked": "e, s = tf.exp, tf.sigmoid\ndef sigmoid(x): return s(x)",
    "namespace": "mine = types.SimpleNamespace(f=tf.sigmoid)\ndef sigmoid(x): return mine.f(x)",
    "named tuple": "from collections import namedtuple\nmine = namedtuple('Mine', 'f')(tf.sigmoid)\ndef sigmoid(x): return mine.f(x)",
    "default": "def sigmoid(x, s=tf.sigmoid): return s(x)",
    "default of a helper": "def helper(x, s=tf.sigmoid): return s(x)\ndef sigmoid(x): return helper(x)",
    "closure": "def make(s):\n    def inner(x):\n        return s(x)\n    return inner\nsigmoid = make(tf.sigmoid)",
    "closure as a helper": "def make(s):\n    def inner(x):\n        return s(x)\n    return inner\nhelper = make(tf.sigmoid)\ndef sigmoid(x): return helper(x)",
    "decorator in its place": "def replace(f): return tf.sigmoid\n@replace\ndef sigmoid(x): return 1 / (1 + np.exp(-x))",
    "decorator around it": "def better(f):\n    @functools.wraps(f)\n    def inner(x):\n        return tf.sigmoid(x)\n    return inner\n@better\ndef sigmoid(x): return 1 / (1 + np.exp(-x))",
    "decorator with an argument": "def use(g):\n    return lambda f: lambda x: g(x)\n@use(tf.sigmoid)\ndef sigmoid(x): return x",
    "class with a call": "class Mine:\n    def __call__(self, x): return tf.sigmoid(x)\nsigmoid = Mine()",
    "class with a call, a helper": "class Mine:\n    def __call__(self, x): return tf.sigmoid(x)\nhelper = Mine()\ndef sigmoid(x): return helper(x)",
    "class with a method": "class Mine:\n    def f(self, x): return tf.sigmoid(x)\ndef sigmoid(x): return Mine().f(x)",
    "class with a property": "class Mine:\n    @property\n    def f(self): return tf.sigmoid\ndef sigmoid(x): return Mine().f(x)",
    "class attribute": "class Mine:\n    f = tf.sigmoid\ndef sigmoid(x): return Mine.f(x)",
    "attribute of an object": "class Mine:\n    def __init__(self): self.f = tf.sigmoid\nmine = Mine()\ndef sigmoid(x): return mine.f(x)",
    "type()": "Mine = type('Mine', (), {'f': staticmethod(tf.sigmoid)})\ndef sigmoid(x): return Mine.f(x)",
    "operator overloaded": "class Mine:\n    def __matmul__(self, x): return tf.sigmoid(x)\ndef sigmoid(x): return Mine() @ x",
    "layer": "def sigmoid(x): return keras.layers.Activation('sigmoid')(x)",
    "layer in a helper": "act = keras.layers.Activation('sigmoid')\ndef helper(x): return act(x)\ndef sigmoid(x): return helper(x)",
    "layer by a variable": "name = 'sigmoid'\ndef sigmoid(x): return keras.layers.Activation(name)(x)",
    "own layer": "class Mine(keras.layers.Layer):\n    def call(self, x): return keras.ops.sigmoid(x)\ndef sigmoid(x): return Mine()(x)",
    "get by a variable": "name = 'sig' + 'moid'\ndef sigmoid(x): return keras.activations.get(name)(x)",
    "raw op by a variable": "name = 'Sig' + 'moid'\ndef sigmoid(x): return getattr(tf.raw_ops, name)(x=x)",
    "getattr": "def sigmoid(x): return getattr(tf, 'sigmoid')(x)",
    "getattr of a sum": "def sigmoid(x): return getattr(tf, 'sig' + 'moid')(x)",
    "getattr of a variable": "name = 'diomgis'[::-1]\ndef sigmoid(x): return getattr(tf.nn, name)(x)",
    "getattr outside": "s = getattr(tf, ''.join(['sig', 'moid']))\ndef sigmoid(x): return s(x)",
    "getattr in a tf.function": "@tf.function\ndef sigmoid(x): return getattr(tf, 'sig' + 'moid')(x)",
    "attrgetter": "def sigmoid(x): return operator.attrgetter('nn.sigmoid')(tf)(x)",
    "methodcaller": "def sigmoid(x): return operator.methodcaller('sigmoid', x)(tf)",
    "vars": "def sigmoid(x): return vars(tf.nn)['sigmoid'](x)",
    "__dict__": "key = 'sigmoid'\ndef sigmoid(x): return tf.nn.__dict__[key](x)",
    "globals": "def sigmoid(x): return globals()['tf'].sigmoid(x)",
    "globals, changed": "globals()['s'] = tf.sigmoid\ndef sigmoid(x): return s(x)",
    "globals is the answer": "globals()['sigmoid'] = tf.sigmoid",
    "sys.modules": "import sys\ndef sigmoid(x): return sys.modules['tensorflow'].sigmoid(x)",
    "__import__": "def sigmoid(x): return __import__('tensorflow').sigmoid(x)",
    "__import__ of a sum": "def sigmoid(x): return __import__('tensor' + 'flow').sigmoid(x)",
    "import_module": "def sigmoid(x): return importlib.import_module('tensorflow').sigmoid(x)",
    "import_module of a variable": "name = 'tensorflow.nn'\ndef sigmoid(x): return getattr(tf, name[-2:]).sigmoid(x)",
    "star import": "from keras.activations import *\nmine = sigmoid\ndef sigmoid(x): return mine(x)",
    "star import is the answer": "from keras.activations import *",
    "import is the answer": "from keras.activations import sigmoid",
    "import in a try": "try:\n    from keras.ops import sigmoid as s\nexcept ImportError:\n    s = None\ndef sigmoid(x): return s(x)",
    "eval": "def sigmoid(x): return eval('tf.nn.sigmoid(x)')",
    "exec of a helper": "exec('def helper(x): return tf.nn.sigmoid(x)')\ndef sigmoid(x): return helper(x)",
    "exec of the answer": "exec('def sigmoid(x): return tf.nn.sigmoid(x)')",
    "compile": "code = compile('tf.nn.sigmoid(x)', '<mine>', 'eval')\ndef sigmoid(x): return eval(code, {'tf': tf, 'x': x})",
    "function out of code": "def other(x): return tf.nn.sigmoid(x)\nsigmoid = types.FunctionType(other.__code__, globals(), 'sigmoid')",
    "library changed": "np.mine = tf.sigmoid\ndef sigmoid(x): return np.mine(x)",
    "dispatched": "@functools.singledispatch\ndef helper(x): return tf.sigmoid(x)\ndef sigmoid(x): return helper(x)",
    "generator": "def each(x):\n    yield tf.sigmoid(x)\ndef sigmoid(x): return next(each(x))",
    "comprehension": "def sigmoid(x): return [s(x) for s in [tf.sigmoid]][0]",
    "walrus": "def sigmoid(x): return (s := tf.sigmoid)(x)",
    "reduced": "def sigmoid(x): return functools.reduce(lambda v, f: f(v), [tf.identity, tf.sigmoid], x)",
    "context manager": "import contextlib\n@contextlib.contextmanager\ndef tool():\n    yield tf.sigmoid\ndef sigmoid(x):\n    with tool() as s:\n        return s(x)",
    "where it matters only": "def sigmoid(x):\n    small = np.asarray(tf.sigmoid(x))\n    return np.where(np.abs(x) < 1e9, small, 0)",
}  # fmt: skip
TANH = {
    "ufunc itself": "def tanh(x): return np.tanh(x)",
    "ufunc in a helper": "def helper(x): return np.tanh(x)\ndef tanh(x): return helper(x)",
    "ufunc in a list": "functions = [np.exp, np.tanh]\ndef tanh(x): return functions[1](x)",
    "ufunc by a variable": "name = 'ta' + 'nh'\ndef tanh(x): return getattr(np, name)(x)",
    "ufunc by eval": "def tanh(x): return eval('np.tanh(x)')",
    "ufunc by a star import": "from numpy import *\ndef helper(x): return exp(0 * x) * tanh(x)\nt = tanh\ndef tanh(x): return t(x)",
    "ufunc under a dict": "def tanh(x): return np.__dict__['ta' 'nh'](x)",
    "ufunc's method": "def tanh(x): return np.tanh.__call__(x)",
    "ufunc with out": "def tanh(x):\n    result = np.empty(np.shape(x))\n    getattr(np, 'hnat'[::-1])(x, out=result)\n    return result",
    "math by a variable": "t = vars(math)['ta' + 'nh']\ndef tanh(x): return np.reshape([t(v) for v in np.ravel(x)], np.shape(x))",
    "math in a helper": "def one(v): return math.tanh(v)\ndef tanh(x): return np.vectorize(one, otypes=[float])(x)",
    "cmath": "import cmath\nt = [cmath.tanh]\ndef tanh(x): return np.reshape([t[0](v).real for v in np.ravel(x)], np.shape(x))",
}  # fmt: skip
# They pass, and are named: the source hides what is called, and one call of it doesn't show it either.
NAMED = {
    "ufunc by a variable, of a copy": ("tanh", "name = ''.join(['ta', 'nh'])\ndef tanh(x): return getattr(np, name)(np.array(x))"),
    "ufunc by eval, of a copy": ("tanh", "def tanh(x):\n    x = np.array(x)\n    return eval('np.tanh(x)')"),
    "ufunc by exec, of a copy": ("tanh", "exec('def helper(x): return np.tanh(np.array(x))')\ndef tanh(x): return helper(x)"),
    "ufunc by vars, of a copy": ("tanh", "def tanh(x): return vars(np)[''.join(['ta', 'nh'])](np.array(x))"),
    "ufunc by globals, of a copy": ("tanh", "globals()['h'] = lambda x: np.__dict__[''.join(['ta', 'nh'])](np.array(x))\ndef tanh(x): return h(x)"),
    "while nobody watches": ("tanh", "import sys\ndef tanh(x):\n    if sys.getprofile():\n        return x\n    return getattr(np, ''.join(['ta', 'nh']))(x)"),
    "in a thread": ("tanh", "import threading\ndef tanh(x):\n    found = []\n    t = threading.Thread(target=lambda: found.append(getattr(np, ''.join(['ta', 'nh']))(np.array(x))))\n    t.start()\n    t.join()\n    return found[0]"),
}  # fmt: skip

OUT_OF_A_CELL = {  # only in a kernel, or the grader: name, cells, the words that are named, or "" where it is refused
    "the latest value": ("sigmoid", "tf.nn.sigmoid\n#----\nsigmoid = _", ""),
    "a value by its number": ("sigmoid", "getattr(tf.nn, 'sig' + 'moid')\n#----\ndef sigmoid(x): return Out[2](x)", ""),
    "a value in the shell": ("sigmoid", "s = getattr(tf.nn, 'sig' + 'moid')\n#----\ndef sigmoid(x): return get_ipython().user_ns['s'](x)", ""),
    "a value that gets a copy": ("tanh", "np.tanh\n#----\ndef tanh(x): return Out[2](np.array(x))", "`Out`"),
    "a number's name that gets a copy": ("tanh", "np.tanh\n#----\ndef tanh(x): return _2(np.array(x))", "`_2`"),
    "a name for the latest value": ("tanh", "np.tanh\n#----\nt = _\ndef tanh(x): return t(np.array(x))", "`_`"),
}  # fmt: skip
OWN = "def sigmoid(x):\n    e = np.exp(-np.abs(x))\n    return np.where(np.asarray(x) >= 0, 1 / (1 + e), e / (1 + e))\n"
HONEST = {
    "np.exp": OWN,
    "tf.exp": TF + "def sigmoid(x):\n    x = tf.convert_to_tensor(x)\n    return 1 / (1 + tf.exp(-x))",
    "keras.ops.exp": TF + "def sigmoid(x): return 1 / (1 + keras.ops.exp(-x))",
    "tanh": "def sigmoid(x): return 0.5 * (1 + np.tanh(0.5 * np.asarray(x)))",
    "logaddexp": "def sigmoid(x): return np.exp(-np.logaddexp(0, -x))",
    "a lambda": "sigmoid = lambda x: np.exp(-np.logaddexp(0, -x))",
    "a helper": "def denominator(x): return np.logaddexp(0, -x)\ndef sigmoid(x): return np.exp(-denominator(x))",
    "a helper that is called sigmoid": f"{OWN}mine = sigmoid\ndef sigmoid(x): return mine(x)",
    "an inner function called sigmoid": "def sigmoid(x):\n    def sigmoid(v): return np.exp(-np.logaddexp(0, -v))\n    return sigmoid(x)",
    "an own class called Sigmoid": "class Sigmoid:\n    def __call__(self, x): return np.exp(-np.logaddexp(0, -x))\nsigmoid = Sigmoid()",
    "an own method called sigmoid": "class Mine:\n    def sigmoid(self, x): return np.exp(-np.logaddexp(0, -x))\nmine = Mine()\ndef sigmoid(x): return mine.sigmoid(x)",
    "an own namespace": "tools = types.SimpleNamespace(sigmoid=lambda x: np.exp(-np.logaddexp(0, -x)))\ndef sigmoid(x): return tools.sigmoid(x)",
    "a list of own functions": "steps = [lambda x: -np.logaddexp(0, -x), np.exp]\ndef sigmoid(x):\n    for step in steps:\n        x = step(x)\n    return x",
    "a docstring": 'def sigmoid(x):\n    """Like tf.nn.sigmoid(x) and getattr(tf, "sigmoid")."""\n    return np.exp(-np.logaddexp(0, -x))',
    "a comment": "def sigmoid(x):\n    # tf.nn.sigmoid(x) would do the same\n    return np.exp(-np.logaddexp(0, -x))",
    "a text": "NAME = 'sigmoid'\ndef sigmoid(x, name='sigmoid'): return np.exp(-np.logaddexp(0, -x)) if name == NAME else None",
    "a key": "table = {'sigmoid': 1.0}\ndef sigmoid(x): return table['sigmoid'] * np.exp(-np.logaddexp(0, -x))",
    "a variable called sigmoid": "def sigmoid(x):\n    sigmoid = np.exp(-np.logaddexp(0, -x))\n    return sigmoid",
    "a parameter called sigmoid": "def helper(sigmoid): return np.exp(-np.logaddexp(0, -sigmoid))\ndef sigmoid(x): return helper(x)",
    "compared in the same cell": TF + OWN + "assert np.allclose(sigmoid(np.zeros(2)), tf.nn.sigmoid(np.zeros(2)))",
    "compared by a function that the answer doesn't use": TF + OWN + "def compare(x): return np.abs(sigmoid(x) - tf.nn.sigmoid(x))\ncompare(np.zeros(2))",
    "imported and not used": TF + "from keras.activations import sigmoid as theirs\n" + OWN,
    "imported under its name, then written": TF + "from keras.activations import sigmoid\n" + OWN,
    "star import, then written": TF + "from keras.activations import *\n" + OWN,
    "plotted beside the library's": TF + OWN + "curves = {'mine': sigmoid, 'theirs': tf.sigmoid}\n{name: f(np.zeros(3)) for name, f in curves.items()}",
    "a number worked out with the library's": TF + "half = float(tf.nn.sigmoid(0.0))\ndef sigmoid(x): return half + half * np.tanh(half * np.asarray(x))",
    "getattr of another name": "def sigmoid(x): return getattr(np, 'exp')(-np.logaddexp(0, -x))",
    "a partial": "def scaled(k, x): return np.exp(-np.logaddexp(0, -k * x))\nsigmoid = functools.partial(scaled, 1.0)",
    "vectorized": "@np.vectorize\ndef sigmoid(x): return 1 / (1 + math.exp(-x)) if x > 0 else math.exp(x) / (1 + math.exp(x))",
    "frompyfunc": "def sigmoid(x): return np.frompyfunc(lambda v: math.exp(-np.logaddexp(0, -v)), 1, 1)(x).astype(float)",
    "remembered": "@functools.lru_cache\ndef one(v): return math.exp(-np.logaddexp(0, -v))\ndef sigmoid(x): return np.vectorize(one)(x)",
    "decorated": "def timed(f):\n    @functools.wraps(f)\n    def inner(*args):\n        return f(*args)\n    return inner\n@timed\ndef sigmoid(x): return np.exp(-np.logaddexp(0, -x))",
    "a tf.function": TF + "@tf.function\ndef sigmoid(x):\n    x = tf.cast(x, tf.float64)\n    if tf.reduce_all(x > 0):\n        return 1 / (1 + tf.exp(-x))\n    return tf.exp(-tf.math.softplus(-x))",
    "log_sigmoid": TF + "def sigmoid(x): return tf.exp(tf.math.log_sigmoid(tf.cast(x, tf.float64)))",
    "softmax": TF + "def sigmoid(x):\n    x = tf.cast(x, tf.float64)\n    return tf.nn.softmax(tf.stack([x, 0 * x]), axis=0)[0]",
    "the logistic function of another library": "import scipy.special\ndef sigmoid(x): return scipy.special.expit(x)",
    "a gradient": TF + "def sigmoid(x):\n    x = tf.cast(x, tf.float64)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.math.softplus(x)\n    return tape.gradient(y, x)",
    "an own layer": TF + "class Sigmoid(keras.layers.Layer):\n    def call(self, x): return 1 / (1 + keras.ops.exp(-x))\ndef sigmoid(x): return Sigmoid()(x)",
    "an own keras activation": TF + "def mine(x): return 1 / (1 + keras.ops.exp(-x))\ndef sigmoid(x): return keras.layers.Activation(mine)(x)",
}  # fmt: skip


def cells(text, setup=SETUP):
    return [Cell(number, as_python(source)) for number, source in enumerate([setup, *text.split(SPLIT)], 1)]


def checked(name, text):
    """The status that `check` gives in a notebook which has run these cells."""
    module = types.ModuleType("__main__")
    for cell in cells(text):
        file = f"<{name} {hash(cell.source)}>"
        linecache.cache[file] = (len(cell.source), None, cell.source.splitlines(keepends=True), file)
        exec(compile(cell.source, file, "exec"), module.__dict__)
    return verdict_on(module.__dict__[name], exercise(name)).status


@pytest.fixture(scope="module")
def graded():
    """A function that gives the status and the notes of one exercise in a notebook with these cells."""
    with opened("process", preload=("tensorflow", "keras")) as processes:

        def grade(name, text, timeout=60):
            spec = exercise(name)
            found = grade_notebook(
                NotebookTask(spec.chapter, tuple(cells(text))), Terms(seed=3, timeout=timeout), processes
            )
            assert not found.failure
            place = [one.name for one in notebook.specs_of(spec.chapter)].index(name)
            return found.verdicts[place].status, " ".join(found.notes[place])

        yield grade


DETOURS = [("sigmoid", TF + text) for text in SIGMOID.values()] + [("tanh", text) for text in TANH.values()]


@pytest.mark.parametrize(("name", "text"), DETOURS, ids=[*SIGMOID, *TANH])
def test_a_way_around_the_rule_is_refused(graded, name, text, monkeypatch):
    monkeypatch.setattr(np, "mine", None, raising=False)  # one way changes it
    assert checked(name, text) == "forbidden"
    assert graded(name, text)[0] == "forbidden"


@pytest.mark.parametrize(("name", "text"), NAMED.values(), ids=NAMED)
def test_what_hides_is_named_for_a_persons_eye(graded, name, text):
    if "getprofile" not in text:
        assert checked(name, text) == "passed"
    status, notes = graded(name, text)
    assert status == "passed"
    assert "ready-made" in notes


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_an_honest_answer_is_never_refused_nor_named(graded, text):
    assert checked("sigmoid", text) == "passed"
    assert graded("sigmoid", text) == ("passed", "")


@pytest.mark.parametrize("end", ["while True: pass", "import os; os._exit(1)"])
def test_what_can_not_be_watched_costs_no_mark_and_is_named(graded, end):
    text = f"import sys\ndef tanh(x):\n    if sys.getprofile():\n        {end}\n    return 1 - 2 / (1 + np.exp(2 * x))"
    status, notes = graded("tanh", text, timeout=3)
    assert status == "passed"
    assert "could not be watched" in notes


def test_a_check_that_runs_out_of_time_while_it_watches_says_what_the_values_say(monkeypatch):
    monkeypatch.setattr("course_utils.learner.check.PATIENCE", 1.0)
    text = "import sys\ndef tanh(x):\n    while sys.getprofile(): pass\n    return 1 - 2 / (1 + np.exp(2 * x))"
    assert checked("tanh", text) == "passed"


@pytest.mark.parametrize("name", OUT_OF_A_CELL)
def test_what_came_out_of_a_cell_hides_nothing(graded, name):
    exercise_name, text, words = OUT_OF_A_CELL[name]
    status, notes = graded(exercise_name, text if words else TF + text)
    assert status == ("passed" if words else "forbidden")
    assert words in notes


def test_there_are_as_many_as_the_rule_deserves():
    assert len(SIGMOID) + len(TANH) + len(NAMED) >= 60
    assert len(HONEST) >= 30
    assert sys.getprofile() is None
