"""Which ways to write a ready-made function are found by reading, and what is left alone: one table each."""

import functools
import linecache
import sys
import warnings
from types import ModuleType

import numpy as np
import pytest

from course_utils.checking.forbidden_calls import (
    CATALOGUE,
    bindings_in,
    bindings_of,
    forbidden,
    refused_call,
    source_of,
)
from course_utils.exercises import exercise

IMPORTS = """
import course_utils, functools, importlib, keras, math, numpy as np, scipy.special, tensorflow as tf
from types import SimpleNamespace
"""
# A learner's cell: the use that must be found. The cell's own imports count; so do those of the first cell, IMPORTS.
REFUSED = {
    "tf.sigmoid": ("def f(x): return tf.sigmoid(x)", "tf.sigmoid"),
    "tf.nn": ("def f(x): return tf.nn.sigmoid(x)", "tf.nn.sigmoid"),
    "tf.math": ("def f(x): return 1 - tf.math.sigmoid(-x)", "tf.math.sigmoid"),
    "tf.keras": ("def f(x): return tf.keras.activations.sigmoid(x)", "tf.keras.activations.sigmoid"),
    "raw op": ("def f(x): return tf.raw_ops.Sigmoid(x=x)", "tf.raw_ops.Sigmoid"),
    "keras.activations": ("def f(x): return keras.activations.sigmoid(x)", "keras.activations.sigmoid"),
    "keras.ops": ("def f(x): return keras.ops.sigmoid(x)", "keras.ops.sigmoid"),
    "imported by name": ("from keras.activations import sigmoid\ndef f(x): return sigmoid(x)", "sigmoid"),
    "imported under another name": ("from keras.activations import sigmoid as s\ndef f(x): return s(x)", "s"),
    "module under another name": ("import keras.activations as ka\ndef f(x): return ka.sigmoid(x)", "ka.sigmoid"),
    "module out of a package": ("from tensorflow.keras import backend as K\ndef f(x): return K.sigmoid(x)", "K.sigmoid"),
    "imported inside": ("def f(x):\n    from keras.ops import sigmoid as s\n    return s(x)", "s"),
    "layer": ('def f(x): return keras.layers.Activation("sigmoid")(x)', "keras.layers.Activation('sigmoid')"),
    "layer, imported": ('from keras.layers import Activation\ndef f(x): return Activation("sigmoid")(x)', "Activation('sigmoid')"),
    "layer, by keyword": ('def f(x): return keras.layers.Activation(activation="sigmoid")(x)', "keras.layers.Activation(activation='sigmoid')"),
    "dense layer": ('def f(x): return keras.layers.Dense(1, activation="sigmoid")(x)', "keras.layers.Dense(1, activation='sigmoid')"),
    "layer made before": ('act = keras.layers.Activation("sigmoid")\ndef f(x): return act(x)', "act"),
    "get": ('def f(x): return keras.activations.get("sigmoid")(x)', "keras.activations.get('sigmoid')"),
    "deserialize": ('def f(x): return keras.activations.deserialize("sigmoid")(x)', "keras.activations.deserialize('sigmoid')"),
    "getattr": ('def f(x): return getattr(tf, "sigmoid")(x)', "getattr(tf, 'sigmoid')"),
    "getattr of a part": ('def f(x): return getattr(tf.nn, "sigmoid", None)(x)', "getattr(tf.nn, 'sigmoid', None)"),
    "__dict__": ('def f(x): return tf.nn.__dict__["sigmoid"](x)', "tf.nn.__dict__['sigmoid']"),
    "import_module": ('def f(x): return importlib.import_module("tensorflow").sigmoid(x)', "importlib.import_module('tensorflow').sigmoid"),
    "__import__": ('def f(x): return __import__("tensorflow").nn.sigmoid(x)', "__import__('tensorflow').nn.sigmoid"),
    "alias": ("s = tf.sigmoid\ndef f(x): return s(x)", "s"),
    "alias of an alias": ("s = tf.sigmoid\nt = s\ndef f(x): return t(x)", "t"),
    "alias of the module": ("T = tf\ndef f(x): return T.sigmoid(x)", "T.sigmoid"),
    "alias inside": ("def f(x):\n    s = tf.nn.sigmoid\n    return s(x)", "tf.nn.sigmoid"),
    "alias of the module inside": ("def f(x):\n    t = tf.nn\n    return t.sigmoid(x)", "t.sigmoid"),
    "walrus": ("def f(x): return (t := tf.nn).sigmoid(x)", "(t := tf.nn).sigmoid"),
    "default": ("def f(x, t=tf): return t.sigmoid(x)", "t.sigmoid"),
    "keyword default": ("def f(x, *, t=tf.nn): return t.sigmoid(x)", "t.sigmoid"),
    "in a lambda": ("f = lambda x: tf.sigmoid(x)", "tf.sigmoid"),
    "in a lambda inside": ("def f(x): return list(map(lambda v: tf.sigmoid(v), x))", "tf.sigmoid"),
    "in a comprehension": ("def f(x): return [tf.sigmoid(v) for v in x]", "tf.sigmoid"),
    "in a function inside": ("def f(x):\n    def g(v):\n        return tf.sigmoid(v)\n    return g(x)", "tf.sigmoid"),
    "as an argument": ("def f(x): return np.vectorize(tf.sigmoid)(x)", "tf.sigmoid"),
    "in a method": ("class C:\n    def f(self, x):\n        return tf.sigmoid(x)\nf = C().f", "tf.sigmoid"),
    "in a callable object": ("class C:\n    def __call__(self, x):\n        return tf.sigmoid(x)\nf = C()", "tf.sigmoid"),
    "decorated": ("def d(g):\n    @functools.wraps(g)\n    def h(x):\n        return g(x)\n    return h\n@d\ndef f(x): return tf.sigmoid(x)", "tf.sigmoid"),
    "tf.function": ("@tf.function\ndef f(x): return tf.sigmoid(x)", "tf.sigmoid"),
    "np.vectorize": ("@np.vectorize\ndef f(x): return tf.sigmoid(x)", "tf.sigmoid"),
    "partial": ("def g(k, x): return tf.sigmoid(x)\nf = functools.partial(g, 1)", "tf.sigmoid"),
    "in a closure": ("def make():\n    s = tf.sigmoid\n    def f(x):\n        return s(x)\n    return f\nf = make()", "s"),
    "catalogue": ("def f(x): return course_utils.activations.sigmoid(x)", "course_utils.activations.sigmoid"),
    "catalogue, imported": ("from course_utils.activations import sigmoid as s\ndef f(x): return s(x)", "s"),
    "catalogue, by name": ('from course_utils import ACTIVATIONS\ndef f(x): return ACTIVATIONS["sigmoid"](x)', "ACTIVATIONS['sigmoid']"),
    "catalogue, its slope": ('from course_utils import ACTIVATIONS\ndef f(x): return ACTIVATIONS["sigmoid"].f(x)', "ACTIVATIONS['sigmoid']"),
    "catalogue, by get": ('from course_utils import activations\ndef f(x): return activations.get("sigmoid")(x)', "activations.get('sigmoid')"),
    "entry made before": ('from course_utils.activations import get\nentry = get("sigmoid")\ndef f(x): return entry(x)', "entry"),
}  # fmt: skip
ONLY_LIVE = {"layer made before", "entry made before", "in a closure", "catalogue, its slope"}

ALLOWED = {
    "own earlier function": "def sigmoid(x): return 1 / (1 + np.exp(-x))\ndef f(x): return sigmoid(x)",
    "own earlier function, vectorized": "@np.vectorize\ndef sigmoid(x): return 1 / (1 + math.exp(-x))\ndef f(x): return sigmoid(x)",
    "own earlier function, a tf.function": "@tf.function\ndef sigmoid(x): return 1 / (1 + tf.exp(-x))\ndef f(x): return sigmoid(x)",
    "own earlier function, remembered": "@functools.cache\ndef sigmoid(x): return 1 / (1 + np.exp(-x))\ndef f(x): return sigmoid(x)",
    "own earlier function, a lambda": "sigmoid = lambda x: 1 / (1 + np.exp(-x))\ndef f(x): return sigmoid(x)",
    "own earlier function, a layer": "class sigmoid(keras.layers.Layer):\n    pass\ndef f(x): return sigmoid()(x)",
    "own layer": "def mine(x): return 1 / (1 + keras.ops.exp(-x))\nsigmoid = keras.layers.Activation(mine)\ndef f(x): return sigmoid(x)",
    "own function after an import": "from keras.activations import sigmoid\ndef sigmoid(x): return 1 / (1 + np.exp(-x))\ndef f(x): return sigmoid(x)",
    "own function inside": "def f(x):\n    def sigmoid(v): return 1 / (1 + np.exp(-v))\n    return sigmoid(x)",
    "own object": "my = SimpleNamespace(sigmoid=lambda x: 1 / (1 + np.exp(-x)))\ndef f(x): return my.sigmoid(x)",
    "own object, by getattr": 'my = SimpleNamespace(sigmoid=np.exp)\ndef f(x): return getattr(my, "sigmoid")(x)',
    "own class": "class My:\n    @staticmethod\n    def sigmoid(x): return x\ndef f(x): return My.sigmoid(x)",
    "own method": "class My:\n    def sigmoid(self, x): return x\n    def f(self, x): return self.sigmoid(x)\nf = My().f",
    "a variable": "def f(x):\n    sigmoid = 1 / (1 + np.exp(-x))\n    return sigmoid",
    "a variable under an import": "from keras.activations import sigmoid\ndef f(x):\n    sigmoid = 1 / (1 + np.exp(-x))\n    return sigmoid",
    "a parameter": "def f(x, sigmoid=None): return x if sigmoid is None else sigmoid(x)",
    "a parameter under an import": "from keras.activations import sigmoid\ndef f(sigmoid): return 1 / (1 + np.exp(-sigmoid))",
    "a loop variable": "def f(x): return [sigmoid for sigmoid in 1 / (1 + np.exp(-x))]",
    "text": 'def f(x):\n    """Like tf.sigmoid(x), and getattr(tf, "sigmoid")."""\n    print("tf.nn.sigmoid(x)")\n    return x',
    "comment": "def f(x): return x  # tf.sigmoid(x)",
    "key": 'def f(x):\n    table = {"sigmoid": x}\n    return table["sigmoid"]',
    "keyword argument": "def f(x): return dict(sigmoid=x)['sigmoid']",
    "log_sigmoid": "def f(x): return tf.exp(tf.math.log_sigmoid(x))",
    "hard_sigmoid": "def f(x): return keras.activations.hard_sigmoid(x)",
    "softmax": "def f(x): return tf.nn.softmax(tf.stack([x, 0 * x]))[0]",
    "tanh": "def f(x): return 0.5 * (1 + np.tanh(x / 2))",
    "expit": "def f(x): return scipy.special.expit(x)",
    "expit named sigmoid": "from scipy.special import expit as sigmoid\ndef f(x): return sigmoid(x)",
    "log": "def f(p): return np.log(p) - np.log1p(-p)",
    "another activation": 'def f(x): return keras.layers.Activation("tanh")(x)',
    "another name in get": 'def f(x): return keras.activations.get("softplus")(x)',
    "get of a dict": 'names = {"sigmoid": 1}\ndef f(x): return names.get("sigmoid") * x',
    "compared outside": "def f(x): return 1 / (1 + np.exp(-x))\nassert np.isclose(f(0.0), tf.sigmoid(0.0))",
    "imported and not used": "from keras.activations import sigmoid\ndef f(x): return 1 / (1 + np.exp(-x))",
    "method of an array": "def f(x): return x.sigmoid() if hasattr(x, 'sigmoid') else x",
}  # fmt: skip
MANY_FUNCTIONS = {"compared outside"}  # the whole cell holds more than the answer


@functools.cache
def libraries():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace = {"__name__": "__main__"}
        exec(IMPORTS, namespace)
    return namespace


def live(cell):
    """The learner's `f` after the cell was run, as a notebook runs it."""
    file = f"<cell {hash(cell)}>"
    linecache.cache[file] = (len(cell), None, cell.splitlines(keepends=True), file)
    namespace = dict(libraries())
    exec(compile(cell, file, "exec"), namespace)
    return namespace["f"]


@pytest.mark.parametrize(("cell", "use"), REFUSED.values(), ids=REFUSED)
def test_refused_in_a_notebook(cell, use):
    function = live(cell)
    assert refused_call(source_of(function), ("sigmoid",), bindings_of(function)) == use


@pytest.mark.parametrize(("cell", "use"), [row for key, row in REFUSED.items() if key not in ONLY_LIVE])
def test_refused_by_reading_alone(cell, use):
    assert refused_call(cell, ("sigmoid",), bindings_in(IMPORTS)) in (
        use,
        "tf.sigmoid",
    )  # an alias is used where it is made
    assert refused_call(cell, ("tanh",), bindings_in(IMPORTS)) == ""


@pytest.mark.parametrize("cell", ALLOWED.values(), ids=ALLOWED)
def test_allowed_in_a_notebook(cell):
    function = live(cell)
    assert refused_call(source_of(function), ("sigmoid", "logit"), bindings_of(function)) == ""
    assert refused_call(source_of(function), CATALOGUE, bindings_of(function)) == ""


@pytest.mark.parametrize("cell", [row for key, row in ALLOWED.items() if key not in MANY_FUNCTIONS])
def test_allowed_by_reading_alone(cell):
    assert refused_call(cell, ("sigmoid", "logit"), bindings_in(IMPORTS)) == ""


def test_a_file_of_the_learners_own_is_no_library(monkeypatch):
    cell = "from my_functions import sigmoid\nimport my_functions as my\ndef f(x): return sigmoid(x) + my.sigmoid(x)"
    assert refused_call(cell, ("sigmoid",), bindings_in(IMPORTS)) == ""
    monkeypatch.setitem(sys.modules, "my_functions", ModuleType("my_functions"))
    exec("def sigmoid(x): return x", sys.modules["my_functions"].__dict__)
    function = live(cell)
    assert refused_call(source_of(function), ("sigmoid",), bindings_of(function)) == ""


def test_what_the_first_use_is():
    cell = "def f(x):\n    y = tf.nn.sigmoid(x)\n    return keras.ops.sigmoid(y)"
    assert refused_call(cell, ("sigmoid",), bindings_in(IMPORTS)) == "tf.nn.sigmoid"


FORBIDDEN = [
    ("sigmoid", "def sigmoid(x): return tf.nn.sigmoid(x)", "Your answer calls `tf.nn.sigmoid` ready-made. Write the formula yourself: that is the exercise."),
    ("logit", "def logit(p): return scipy.special.logit(p)", "Your answer calls `scipy.special.logit` ready-made. Write the formula yourself: that is the exercise."),
    ("sigmoid_slope", "def f(x): return course_utils.activations.sigmoid_slope(x)", "Your answer calls `course_utils.activations.sigmoid_slope` out of the course's own code. Write the formula yourself: that is the exercise."),
    ("sigmoid_slope", "def f(x): return course_utils.ACTIVATIONS['sigmoid'].df(x)", "Your answer calls `course_utils.ACTIVATIONS['sigmoid'].df` out of the course's own code. Write the formula yourself: that is the exercise."),
    ("hat", "from course_utils.exercises import exercise\ndef hat(x): return exercise('hat').solution(x)", "Your answer calls `exercise` out of the course's own code. Write the formula yourself: that is the exercise."),
    ("hat", "from course_utils.exercises.ch01_why_nonlinearity.hat import reference as r\ndef hat(x): return r(x)", "Your answer calls `r` out of the course's own code. Write the formula yourself: that is the exercise."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "cell", "sentence"), FORBIDDEN)
def test_the_verdict_on_a_refused_use(name, cell, sentence):
    verdict = forbidden(exercise(name), cell, bindings_in(IMPORTS))
    assert (verdict.status, verdict.points, verdict.message) == ("forbidden", 0, sentence)
    assert verdict.hint == "Take your formula apart: which operations does it need, one by one?"


def test_a_slope_may_use_a_ready_made_sigmoid():
    assert forbidden(exercise("sigmoid_slope"), "s = tf.sigmoid(x)\ns * (1 - s)", bindings_in(IMPORTS)) is None


BINDINGS = [
    ("import tensorflow as tf", {"tf": "tensorflow"}),
    ("import keras.activations", {"keras": "keras"}),
    ("import keras.activations as ka", {"ka": "keras.activations"}),
    ("from keras import ops as o, layers", {"o": "keras.ops", "layers": "keras.layers"}),
    ("import keras\na = b = keras.ops.exp", {"keras": "keras", "a": "keras.ops.exp", "b": "keras.ops.exp"}),
    ("import keras\na = keras\nb = a.ops", {"keras": "keras", "a": "keras", "b": "keras.ops"}),
    ("import keras\nkeras = 3", {}),
    ("from keras.ops import relu\ndef relu(x): return x\nmine = relu", {}),
    ("from keras.ops import relu\ntheirs = relu\ndef relu(x): return x", {"theirs": "keras.ops.relu"}),
    ("import keras\nfor keras in []: pass", {}),
    ("import keras\nwith open('a') as keras: pass", {}),
    ("import keras\ndef f(keras): pass\nfor i in [keras for keras in []]: pass", {"keras": "keras"}),
    ("if True:\n    import keras\nelse:\n    import math", {"keras": "keras", "math": "math"}),
    ("x, y = 1, 2", {}),
    ("not python (", {}),
    ("\x00", {}),
    ("", {}),
]


@pytest.mark.parametrize(("source", "bindings"), BINDINGS)
def test_what_names_stand_for(source, bindings):
    assert bindings_in(source) == bindings


def test_what_can_not_be_read_refuses_nothing():
    for source in ("", "def f(x", "\x00", "(" * 10_000, "a" + ".b" * 3_000, "-" * 20_000 + "1"):
        assert refused_call(source, ("sigmoid",), {"tf": "tensorflow", "a": "tensorflow"}) == ""
    for thing in (3, None, np.exp, len, functools.partial(len), object(), type, np.vectorize(len)):
        assert refused_call(source_of(thing), ("sigmoid",), bindings_of(thing)) == ""
