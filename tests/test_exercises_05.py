"""The bank of the tanh chapter: wrong and right answers to each exercise, and the verdict that each must get.

An answer stands as a learner would write it: a formula in the exercise's own parameters, or a whole cell. `S` and `T` are a
sigmoid and a tanh of the learner's own.
"""

import re

import numpy as np
import pytest
from bank import (
    answer,
    assert_forbidden,
    assert_no_hint_is_the_answer,
    assert_own_hint,
    assert_right,
    assert_solution_is_right_for_all_that_is_drawn,
    assert_solution_passes_and_stub_is_missing,
    assert_wrong,
    judged,
    libraries,
    misconceptions,
    rows,
)

from course_utils import check
from course_utils.building.sources import stub
from course_utils.checking.spec import Case
from course_utils.exercises import chapters, exercise

NAMES = chapters()["05_tanh"]
CURVES = ("tanh", "tanh_from_sigmoid")
ON_ARRAYS = (*CURVES, "tanh_slope")

WRONG_SCALARS = {
    "nothing": "None",
    "prints": "print(right(fan_in, fan_out))",
    "text": "str(right(fan_in, fan_out))",
    "minus": "-right(fan_in, fan_out)",
    "nan": "right(fan_in, fan_out) * np.nan",
    "factor 1.001": "1.001 * right(fan_in, fan_out)",
    "constant": "0.5",
    "half precision": "np.float16(right(fan_in, fan_out))",
    "an array of one": "np.array([right(fan_in, fan_out)])",
    "a pair": "right(fan_in, fan_out), right(fan_out, fan_in)",
    "wrong from the fourth call on": "calls = []\ndef {name}(fan_in, fan_out):\n    calls.append(1)\n    return right(fan_in, fan_out) * (1 + (len(calls) > 3))",
    "one parameter": "def {name}(fan_in):\n    return right(fan_in, fan_in)",
    "three parameters": "def {name}(fan_in, fan_out, gain):\n    return gain * right(fan_in, fan_out)",
    "exits": "def {name}(fan_in, fan_out):\n    raise SystemExit(0)",
}  # fmt: skip
WRONG_ARRAYS = {
    "nothing": "None",
    "prints": "print(right(x))",
    "text": "str(right(x))",
    "an extra axis": "right(x)[None]",
    "minus": "-1.0 * right(x) + 0.01",
    "nan": "right(x) * np.nan",
    "factor 1.001": "1.001 * right(x)",
    "constant 0": "0 * x",
    "constant 1": "0 * x + 1",
    "the input": "x",
    "half precision": "right(x).astype(np.float16)",
    "three digits": "np.round(right(x), 3)",
    "the mean": "np.mean(right(x))",
    "flat": "np.ravel(right(x))",
    "a table is transposed": "right(x).T",
    "the first number only": "right(x)[:1] if x.ndim else right(x)",
    "size 1 alone is wrong": "right(x) + 0.1 * (x.size == 1)",
    "long arrays alone are wrong": "right(x) * (1 + (x.size > 20))",
    "changes its input": "def {name}(x):\n    y = right(x)\n    x[x < 0.5] = 0\n    return y",
    "writes into its input": "def {name}(x):\n    x[...] = right(x)\n    return x",
    "an imaginary part": "right(x) + 0.5j",
    "wrong from the fourth call on": "calls = []\ndef {name}(x):\n    calls.append(1)\n    return right(x) * (1 + (len(calls) > 3))",
    "two parameters": "def {name}(x, slope):\n    return right(x)",
    "exits": "def {name}(x):\n    raise SystemExit(0)",
    "right up to 800": "np.where(np.abs(x) < 800, right(x), np.nan)",
    "knows the numbers of the checker's cases": (
        "from course_utils.exercises import exercise as find\n"
        "known = np.concatenate([c.args[0].ravel() for c in find('{name}').cases])\n"
        "def {name}(x):\n    return np.where(np.isin(x, known), right(x), 0.5)"
    ),
}  # fmt: skip
WRONG_CURVES = {
    "float32 alone is wrong": "right(x) * (1 + (x.dtype == np.float32))",
    "float64 alone is wrong": "right(x) * (1 + (x.dtype == np.float64))",
    "69 half speed": "2 * S(x) - 1",
    "half speed, own exponential": "(1 - np.exp(-x)) / (1 + np.exp(-x))",
    "70 shifted up": "2 * S(2 * x) + 1",
    "71 integer division": "(1 - np.exp(-2 * x)) // (1 + np.exp(-2 * x))",
    "the sigmoid": "S(x)",
    "the fast sigmoid": "S(2 * x)",
    "not shifted": "2 * S(2 * x)",
    "not stretched": "S(2 * x) - 0.5",
    "shifted first": "2 * (S(2 * x) - 1)",
    "upside down": "1 - 2 * S(2 * x)",
    "double speed": "2 * S(4 * x) - 1",
    "even": "T(np.abs(x))",
    "left half only": "np.minimum(T(x), 0)",
    "hard": "np.clip(x, -1, 1)",
    "step": "np.sign(x)",
    "softsign": "x / (1 + np.abs(x))",
    "arctan": "np.arctan(x * np.pi / 2) * 2 / np.pi",
    "erf": "scipy.special.erf(x * np.sqrt(np.pi) / 2)",
    "taylor": "np.where(np.abs(x) < 0.7, x - x**3 / 3, T(x))",
    "LeCun's": "1.7159 * T(2 * x / 3)",
    "a table": "np.interp(x, np.linspace(-6, 6, 100), T(np.linspace(-6, 6, 100)))",
    "saturates at 4": "np.where(np.abs(x) > 4, np.sign(x), T(x))",
    "epsilon": "(np.exp(np.clip(x, -20, 20)) - np.exp(-np.clip(x, -20, 20))) / (np.exp(np.clip(x, -20, 20)) + np.exp(-np.clip(x, -20, 20)) + 1e-3)",
    "clipped at 5": "T(np.clip(x, -5, 5))",
}  # fmt: skip
WRONG = {
    "glorot_std": WRONG_SCALARS | {
        "variance": "2 / (fan_in + fan_out)",
        "limit of the uniform version": "np.sqrt(6 / (fan_in + fan_out))",
        "He": "np.sqrt(2 / fan_in)",
        "LeCun": "np.sqrt(1 / fan_in)",
        "fan_out": "np.sqrt(2 / fan_out)",
        "one over fan_out": "np.sqrt(1 / fan_out)",
        "one for two": "np.sqrt(1 / (fan_in + fan_out))",
        "no parentheses": "np.sqrt(2 / fan_in + fan_out)",
        "product": "np.sqrt(2 / (fan_in * fan_out))",
        "difference": "np.sqrt(2 / (abs(fan_in - fan_out) + 1e-9))",
        "geometric mean": "(fan_in * fan_out) ** -0.25",
        "mean of the two variances": "np.sqrt((1 / fan_in + 1 / fan_out) / 2)",
        "mean of the two widths": "(fan_in**-0.5 + fan_out**-0.5) / 2",
        "the larger": "np.sqrt(1 / max(fan_in, fan_out))",
        "root of the numerator": "np.sqrt(2) / (fan_in + fan_out)",
        "root of the denominator": "2 / np.sqrt(fan_in + fan_out)",
        "upside down": "np.sqrt((fan_in + fan_out) / 2)",
        "** before /": "(2 / (fan_in + fan_out)) ** 1 / 2",
        "integer division": "np.sqrt(2 // (fan_in + fan_out))",
        "integer mean": "np.sqrt(1 / ((fan_in + fan_out) // 2))",
        "truncated": "np.sqrt(2 / (fan_in + fan_out)) / 0.87962566103423978",
        "tanh's gain of PyTorch": "5 / 3 * np.sqrt(2 / (fan_in + fan_out))",
        "rounded": "round(math.sqrt(2 / (fan_in + fan_out)), 3)",
        "drawn": "np.random.default_rng(0).normal(0, np.sqrt(2 / (fan_in + fan_out)), 10_000).std()",
        "right for square layers": "np.sqrt(1 / fan_in) if fan_in == fan_out else np.sqrt(2 / (fan_in + 2 * fan_out))",
        "wrong for wide layers": "right(fan_in, min(fan_out, 5000))",
    },
    "tanh_slope": WRONG_ARRAYS | {
        "72 input for output": "1 - x**2",
        "73 no square": "1 - np.tanh(x)",
        "74 the sigmoid's rule": "np.tanh(x) * (1 - np.tanh(x))",
        "sign": "1 + np.tanh(x) ** 2",
        "the function": "np.tanh(x)",
        "square alone": "np.tanh(x) ** 2",
        "no square of cosh": "1 / np.cosh(x)",
        "square of sinh": "1 / (1 + np.sinh(x)) ** 2",
        "the sigmoid's slope": "S(x) * (1 - S(x))",
        "no inner factor": "2 * S(2 * x) * (1 - S(2 * x))",
        "no factor": "S(2 * x) * (1 - S(2 * x))",
        "too many factors": "8 * S(2 * x) * (1 - S(2 * x))",
        "overflows": "1 - ((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))) ** 2",
        "overflows on the right": "4 * np.exp(2 * x) / (np.exp(2 * x) + 1) ** 2",
        "overflows on the left": "4 * np.exp(-2 * x) / (np.exp(-2 * x) + 1) ** 2",
        "overflow becomes 1": "np.nan_to_num(1 - ((np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))) ** 2, nan=1)",
        "math overflows": "[1 / math.cosh(v) ** 2 for v in x]",
        "step below float32": "(np.tanh(np.float32(x) + np.float32(1e-9)) - np.tanh(np.float32(x))) / 1e-9",
        "step of 1": "np.tanh(x + 1) - np.tanh(x)",
        "step of 0.1": "(np.tanh(x + 0.1) - np.tanh(x - 0.1)) / 0.2",
        "step of 0.01, one side": "(np.tanh(x + 0.01) - np.tanh(x)) / 0.01",
        "step of 1e-16": "(np.tanh(x + 1e-16) - np.tanh(x - 1e-16)) / 2e-16",
        "2h forgotten": "(np.tanh(x + 1e-5) - np.tanh(x - 1e-5)) / 1e-5",
        "gauss": "np.exp(-(x**2))",
        "of hard tanh": "(np.abs(x) < 1) * 1.0",
        "of softsign": "1 / (1 + np.abs(x)) ** 2",
        "left alone": "np.where(x <= 0, right(x), 0)",
        "right alone": "np.where(x >= 0, right(x), 0)",
        "negative on the left": "right(x) * np.where(x < 0, -1, 1)",
        "along the array": "np.gradient(np.tanh(x), x) if x.ndim == 1 and x.size > 1 else right(x)",
        "a tape that adds up": "np.sum(right(x))",
        "a tape that doesn't watch": "def {name}(x):\n    with tf.GradientTape() as tape:\n        y = tf.tanh(x)\n    return tape.gradient(y, tf.constant(x))",
        "second derivative": "-2 * np.tanh(x) * (1 - np.tanh(x) ** 2)",
    },
    "tanh": WRONG_ARRAYS | WRONG_CURVES | {
        "67 overflows": "(np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
        "68 overflows out of sight": "np.sinh(x) / np.cosh(x)",
        "overflows on the right": "(np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)",
        "overflows on the left": "(1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))",
        "overflow becomes 0": "np.nan_to_num(np.sinh(x) / np.cosh(x))",
        "overflow becomes 1": "np.nan_to_num(np.sinh(x) / np.cosh(x), nan=1.0)",
        "where, but 0 * inf": "(x >= 0) * (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)) + (x < 0) * (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)",
        "clipped at 400 overflows in float32": "T(0 * x) + np.sinh(np.clip(x, -400, 400)) / np.cosh(np.clip(x, -400, 400))",
        "math overflows": "[(math.exp(v) - math.exp(-v)) / (math.exp(v) + math.exp(-v)) for v in x]",
        "math without a loop": "(math.exp(x) - math.exp(-x)) / (math.exp(x) + math.exp(-x))",
        "if on an array": "def {name}(x):\n    if x >= 0:\n        return (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x))\n    return (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1)",
        "no parentheses": "np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)",
        "coth": "(np.exp(x) + np.exp(-x)) / (np.exp(x) - np.exp(-x))",
        "sinh": "(np.exp(x) - np.exp(-x)) / 2",
        "minus": "(1 - np.exp(2 * x)) / (1 + np.exp(2 * x))",
        "2 forgotten": "np.sign(x) * (1 - np.exp(-np.abs(x))) / (1 + np.exp(-np.abs(x)))",
        "base 2": "1 - 2 / (4.0**x + 1)",
        "imaginary tangent, the wrong part": "np.real(np.tan(1j * x))",
    },
    "tanh_from_sigmoid": WRONG_ARRAYS | WRONG_CURVES | {
        "overflows": "2 * np.exp(2 * x) / (1 + np.exp(2 * x)) - 1",
        "overflow becomes 0": "np.nan_to_num(2 * np.exp(2 * x) / (1 + np.exp(2 * x)) - 1)",
        "a sigmoid that overflows": "def {name}(x):\n    def sigmoid(v):\n        return np.exp(v) / (1 + np.exp(v))\n    return 2 * sigmoid(2 * x) - 1",
        "math overflows": "def {name}(x):\n    def sigmoid(v):\n        return 1 / (1 + math.exp(-v))\n    return [2 * sigmoid(2 * v) - 1 for v in x]",
        "halved": "2 * S(x / 2) - 1",
        "the way back": "(1 + S(x / 2)) / 2",
        "s(x) - s(-x)": "S(x) - S(-x)",
        "squared": "2 * S(x) ** 2 - 1",
        "quotient": "S(x) / S(-x)",
        "4 for 2": "4 * S(2 * x) - 2",
    },
}  # fmt: skip

ANYHOW = {
    "numpy": "right({x})",
    "float32": "np.asarray(right({x}), np.float32)",
    "long double": "np.asarray(right({x}), np.longdouble)",
    "tf tensor": "tf.constant(right({x}))",
    "tf variable": "tf.Variable(right({x}))",
    "tf float32": "tf.cast(right({x}), tf.float32)",
    "keras tensor": "keras.ops.convert_to_tensor(right({x}))",
    "complex without an imaginary part": "right({x}) + 0j",
    "lambda": "{name} = lambda {x}: right({x})",
    "partial": "def power(base, {x}):\n    return right({x})\n{name} = functools.partial(power, 2)",
    "callable object": "class Answer:\n    def __call__(self, {x}):\n        return right({x})\n{name} = Answer()",
    "decorated": "def loud(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        print(f.__name__)\n        return f(*a, **k)\n    return g\n@loud\ndef {name}({x}):\n    return right({x})",
    "any arguments": "def {name}(*args, **options):\n    return right(*args, **options)",
    "an extra optional parameter": "def {name}({x}, step=1e-5):\n    return right({x})",
    "prints and warns": "import warnings\ndef {name}({x}):\n    print('here')\n    warnings.warn('careful')\n    return right({x})",
}  # fmt: skip
ARRAYS_ANYHOW = {
    "list": "right(x).tolist()",
    "tuple": "tuple(right(x))",
    "comprehension": "[right(v) for v in x]",
    "list of tensors": "[tf.constant(row) for row in right(x)]",
    "np.vectorize": "np.vectorize(lambda v: right(v))(x)",
    "recursion": "[{name}(v) for v in x] if np.ndim(x) else right(x)",
    "changes a copy": "def {name}(x):\n    x = x.copy()\n    x[...] = right(x)\n    return x",
    "another name for x": "def {name}(values):\n    return right(values)",
}  # fmt: skip
EITHER_SIDE = "math.copysign((1 - math.exp(-2 * abs(v))) / (1 + math.exp(-2 * abs(v))), v)"
BOTH = {  # right for tanh, and right on the way through a sigmoid
    "2 s(2x) - 1": "2 * S(2 * x) - 1",
    "1 - 2 s(-2x)": "1 - 2 * S(-2 * x)",
    "s(2x) - s(-2x)": "S(2 * x) - S(-2 * x)",
    "2 / (1 + e) - 1": "2 / (1 + np.exp(-2 * x)) - 1",
    "1 - 2 / (e + 1)": "1 - 2 / (np.exp(2 * x) + 1)",
    "softmax difference": "(lambda p: p[..., 0] - p[..., 1])(tf.nn.softmax(tf.stack([x, -x], axis=-1)))",
    "of |x|": "np.sign(x) * (2 / (1 + np.exp(-2 * np.abs(x))) - 1)",
    "tf.exp": "2 / (1 + tf.exp(-2 * x)) - 1",
    "keras.ops": "2 / (1 + keras.ops.exp(-2 * x)) - 1",
    "tf.function": "@tf.function\ndef {name}(x):\n    return 2 / (1 + tf.exp(-2 * x)) - 1",
    "one's own tanh": "T(x)",
    "loop": "def {name}(x):\n    y = np.empty(len(x))\n    for i in range(len(x)):\n        y[i] = 2 / (1 + np.exp(-2 * x[i])) - 1\n    return y",
    "layer of one's own": "class Layer(keras.layers.Layer):\n    def call(self, x):\n        return 1 - 2 / (1 + keras.ops.exp(2 * x))\n{name} = Layer(dtype='float64')",
    "slope of a softplus": "def {name}(x):\n    v = tf.convert_to_tensor(x)\n    with tf.GradientTape() as tape:\n        tape.watch(v)\n        y = tf.math.softplus(2 * v) - v\n    return tape.gradient(y, v)",
}  # fmt: skip
RIGHT = {
    "glorot_std": {
        "sqrt": "np.sqrt(2 / (fan_in + fan_out))",
        "math": "math.sqrt(2 / (fan_in + fan_out))",
        "power": "(2 / (fan_in + fan_out)) ** 0.5",
        "mean of the two": "np.sqrt(1 / ((fan_in + fan_out) / 2))",
        "np.mean": "1 / np.sqrt(np.mean([fan_in, fan_out]))",
        "inverse root": "((fan_in + fan_out) / 2) ** -0.5",
        "two roots": "math.sqrt(2) / math.sqrt(fan_in + fan_out)",
        "exp of log": "math.exp(0.5 * math.log(2 / (fan_in + fan_out)))",
        "from the uniform limit": "math.sqrt(6 / (fan_in + fan_out)) / math.sqrt(3)",
        "of the uniform distribution": "2 * math.sqrt(6 / (fan_in + fan_out)) / math.sqrt(12)",
        "harmonic mean of the variances": "math.sqrt(2 / (1 / (1 / fan_in) + 1 / (1 / fan_out)))",
        "tf": "tf.sqrt(2 / (fan_in + fan_out))",
        "tf.math.rsqrt": "tf.math.rsqrt((fan_in + fan_out) / 2)",
        "tf.function": "@tf.function\ndef {name}(fan_in, fan_out):\n    return tf.sqrt(2 / (fan_in + fan_out))",
        "keras.ops": "keras.ops.sqrt(2.0 / (fan_in + fan_out))",
        "by Keras's scale": "math.sqrt(keras.initializers.GlorotNormal().scale / ((fan_in + fan_out) / 2))",
        "decimal": "(decimal.Decimal(2) / (fan_in + fan_out)).sqrt()",
        "float32 inside": "np.sqrt(np.float32(2) / np.float32(fan_in + fan_out))",
        "0-d array": "np.array((2 / (fan_in + fan_out)) ** 0.5)",
        "other names": "def {name}(inputs, outputs):\n    return math.sqrt(2 / (inputs + outputs))",
        "order doesn't matter": "def {name}(fan_out, fan_in):\n    return math.sqrt(2 / (fan_in + fan_out))",
    },
    "tanh_slope": ARRAYS_ANYHOW | {
        "1 - t^2": "1 - np.tanh(x) ** 2",
        "1 - t * t": "1 - np.tanh(x) * np.tanh(x)",
        "(1 - t)(1 + t)": "(1 - np.tanh(x)) * (1 + np.tanh(x))",
        "cosh": "1 / np.cosh(x) ** 2",
        "cosh, power of -2": "np.cosh(x) ** -2.0",
        "4 s (1 - s)": "4 * S(2 * x) * (1 - S(2 * x))",
        "4 s(2x) s(-2x)": "4 * S(2 * x) * S(-2 * x)",
        "both exponentials": "4 / (np.exp(x) + np.exp(-x)) ** 2",
        "of |x|": "4 * np.exp(-2 * np.abs(x)) / (1 + np.exp(-2 * np.abs(x))) ** 2",
        "ready-made sigmoid": "4 * tf.sigmoid(2 * x) * tf.sigmoid(-2 * x)",
        "one's own tanh": "1 - T(x) ** 2",
        "tape": "def {name}(x):\n    x = tf.constant(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.tanh(x)\n    return tape.gradient(y, x)",
        "tape on float32": "def {name}(x):\n    x = tf.Variable(x, dtype='float32')\n    with tf.GradientTape() as tape:\n        y = keras.activations.tanh(x)\n    return tape.gradient(y, x)",
        "tape in a tf.function": "@tf.function\ndef {name}(x):\n    x = tf.convert_to_tensor(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.tanh(x)\n    return tape.gradient(y, x)",
        "central difference": "(np.tanh(x + 1e-5) - np.tanh(x - 1e-5)) / 2e-5",
        "central difference, 1e-3": "(np.tanh(x + 1e-3) - np.tanh(x - 1e-3)) / 2e-3",
        "forward difference": "(np.tanh(x + 1e-7) - np.tanh(x)) / 1e-7",
        "complex step": "np.imag(np.tanh(x + 1e-20j)) / 1e-20",
        "math": "[1 - math.tanh(v) ** 2 for v in x]",
        "math.cosh, held back": "[1 / math.cosh(min(abs(v), 300)) ** 2 for v in x]",
        "overflow mended": "np.nan_to_num(4 * np.exp(2 * x) / (np.exp(2 * x) + 1) ** 2)",
        "float32 inside": "1 - np.tanh(np.float32(x)) ** 2",
        "named as the function": "def tanh(x):\n    return 1 - 2 / (np.exp(2 * x) + 1)\ndef {name}(x):\n    return 1 - tanh(x) ** 2",
    },
    "tanh": ARRAYS_ANYHOW | BOTH | {
        "of |x|, with a sign": "np.sign(x) * (1 - np.exp(-2 * np.abs(x))) / (1 + np.exp(-2 * np.abs(x)))",
        "copysign": "np.copysign((1 - np.exp(-2 * np.abs(x))) / (1 + np.exp(-2 * np.abs(x))), x)",
        "expm1": "np.sign(x) * -np.expm1(-2 * np.abs(x)) / (1 + np.exp(-2 * np.abs(x)))",
        "where, both sides": "np.where(x > 0, (1 - np.exp(-2 * x)) / (1 + np.exp(-2 * x)), (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1))",
        "clipped at 20": "def {name}(x):\n    x = np.clip(x, -20, 20)\n    return (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))",
        "sinh over cosh, clipped": "np.sinh(np.clip(x, -20, 20)) / np.cosh(np.clip(x, -20, 20))",
        "imaginary tangent": "np.imag(np.tan(1j * x))",
        "ready-made sigmoid": "2 * tf.sigmoid(2 * x) - 1",
        "expit": "2 * scipy.special.expit(2 * x) - 1",
        "math": f"[{EITHER_SIDE} for v in x]",
        "np.vectorize": f"np.vectorize(lambda v: {EITHER_SIDE})(x)",
        "masks": "def {name}(x):\n    y = np.empty_like(x)\n    p = x > 0\n    y[p] = (1 - np.exp(-2 * x[p])) / (1 + np.exp(-2 * x[p]))\n    y[~p] = (np.exp(2 * x[~p]) - 1) / (np.exp(2 * x[~p]) + 1)\n    return y",
        "piecewise": "np.piecewise(x, [x < 0], [lambda v: np.expm1(2 * v) / (np.exp(2 * v) + 1), lambda v: 1 - 2 / (np.exp(2 * v) + 1)])",
        "own name inside": f"def {{name}}(x):\n    def tanh(v):\n        return {EITHER_SIDE}\n    return [tanh(v) for v in x]",
        "a variable of that name": "def {name}(x):\n    tanh = 1 - 2 / (np.exp(2 * x) + 1)\n    return tanh",
        "powers of math.e": "1 - 2 / (math.e ** (2 * x) + 1)",
        "compared with the library's in the same cell": "def {name}(x):\n    return 1 - 2 / (np.exp(2 * x) + 1)\nready = np.tanh(np.array([1.0]))",
        "saturates at 20": "np.where(np.abs(x) > 20, np.sign(x), (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)))",
        "float32 inside": "1 - 2 / (np.exp(2 * np.float32(x)) + 1)",
        "nan mended with the sign": "np.where(np.isnan(np.sinh(x) / np.cosh(x)), np.sign(x), np.sinh(x) / np.cosh(x))",
    },
    "tanh_from_sigmoid": ARRAYS_ANYHOW | BOTH | {
        "own sigmoid inside": "def {name}(x):\n    def sigmoid(v):\n        return 1 / (1 + np.exp(-v))\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid in the cell": "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid, a lambda": "sigmoid = lambda x: 1 / (1 + np.exp(-x))\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid, a lambda inside": "def {name}(x):\n    sigmoid = lambda v: 1 / (1 + np.exp(-v))\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid after a ready-made one": "from keras.activations import sigmoid\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid, vectorized": "@np.vectorize\ndef sigmoid(v):\n    return 1 / (1 + np.exp(-v))\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid, a tf.function": "@tf.function\ndef sigmoid(v):\n    return 1 / (1 + tf.exp(-v))\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "own sigmoid with a beta": "def sigmoid(x, beta=1.0):\n    return 1 / (1 + np.exp(-beta * x))\ndef {name}(x):\n    return 2 * sigmoid(x, beta=2.0) - 1",
        "own stable sigmoid": "def stable_sigmoid(x):\n    z = np.exp(-np.abs(x))\n    return np.where(x >= 0, 1, z) / (1 + z)\ndef {name}(x):\n    return 2 * stable_sigmoid(2 * x) - 1",
        "own sigmoid, clipped": "def {name}(x):\n    def sigmoid(v):\n        return 1 / (1 + np.exp(-np.clip(v, -50, 50)))\n    return sigmoid(2 * x) * 2 - 1",
        "own sigmoid by math": "def sigmoid(v):\n    return 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))\ndef {name}(x):\n    return [2 * sigmoid(2 * v) - 1 for v in x]",
        "a variable of that name": "def {name}(x):\n    sigmoid = 1 / (1 + np.exp(-2 * x))\n    return 2 * sigmoid - 1",
        "from the middle": "(S(2 * x) - 0.5) * 2",
        "(s - 1/2) / (1/2)": "(S(2 * x) - 0.5) / 0.5",
        "quotient": "(S(x) - S(-x)) / (S(x) ** 2 + S(-x) ** 2)",
        "logarithms": "2 * np.exp(-np.logaddexp(0, -2 * x)) - 1",
        "softplus": "2 * tf.exp(-tf.math.softplus(-2 * x)) - 1",
        "float32 inside": "2 * S(2 * np.float32(x)) - 1",
    },
}  # fmt: skip
READY_TANH = (
    "np.tanh(x)",
    "tf.tanh(x)",
    "tf.math.tanh(x)",
    "tf.nn.tanh(x)",
    "keras.activations.tanh(x)",
    "keras.ops.tanh(x)",
    "[math.tanh(v) for v in x]",
    "np.sinh(x) / np.cosh(x) * 0 + np.tanh(x)",
    'keras.layers.Activation("tanh")(x)',
    'keras.activations.get("tanh")(x)',
    "getattr(np, 'tanh')(x)",
    "{name} = np.tanh",
    "{name} = tf.function(tf.nn.tanh)",
    "{name} = np.vectorize(math.tanh)",
    "{name} = functools.partial(np.tanh)",
    "import numpy\ndef {name}(x):\n    return numpy.tanh(x)",
    "from math import tanh as th\ndef {name}(x):\n    return [th(v) for v in x]",
    "from course_utils.activations import tanh as {name}",
    "from course_utils import ACTIVATIONS\ndef {name}(x):\n    return ACTIVATIONS['tanh'](x)",
)
READY_MADE = {
    "tanh": (*READY_TANH, "from numpy import tanh", "from course_utils import activations\ndef {name}(x):\n    t = activations.tanh\n    return t(x)"),
    "tanh_from_sigmoid": (
        *READY_TANH,
        "2 * tf.sigmoid(2 * x) - 1",
        "2 * keras.activations.sigmoid(2 * x) - 1",
        "2 * scipy.special.expit(2 * x) - 1",
        "from keras.activations import sigmoid\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "sigmoid = tf.nn.sigmoid\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "from course_utils.activations import sigmoid\ndef {name}(x):\n    return 2 * sigmoid(2 * x) - 1",
        "def {name}(x):\n    def sigmoid(v):\n        return (1 + np.tanh(v / 2)) / 2\n    return 2 * sigmoid(2 * x) - 1",
    ),
    "tanh_slope": (
        "from course_utils.activations import tanh_slope",
        "from course_utils import ACTIVATIONS\ndef {name}(x):\n    return ACTIVATIONS['tanh'].df(x)",
        "from course_utils import activations\ndef {name}(x):\n    return 1 - activations.tanh(x) ** 2",
    ),
}  # fmt: skip
HELPERS = """def S(x):
    return 1 / (1 + np.exp(-x))

def T(x):
    z = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - z) / (1 + z)

"""


def cell(name, text):
    """A formula, or a whole cell, as a cell that begins with functions of the learner's own."""
    text = text.replace("{x}", ", ".join(exercise(name).signature.parameters))
    whole = "\n" in text or text.startswith(("{name} = ", "from "))
    body = text if whole else stub(exercise(name)).replace("return ...", f"return {text}")
    return (HELPERS if re.search(r"\b[ST]\(", body) else "") + body


def cells(table):
    """{exercise: {title: cell}} for a table of formulas and cells."""
    return {name: {title: cell(name, text) for title, text in texts.items()} for name, texts in table.items()}


@pytest.mark.parametrize(("name", "text"), rows(cells(WRONG)))
def test_a_wrong_answer_is_refused_with_a_reason(name, text):
    assert_wrong(name, text)


@pytest.mark.parametrize(("name", "text"), rows(cells({name: ANYHOW | RIGHT[name] for name in NAMES})))
def test_a_right_answer_passes_however_it_is_written(name, text):
    assert_right(name, text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in READY_MADE.items() for text in texts])
def test_a_ready_made_function_is_forbidden(name, text):
    assert_forbidden(name, text)


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
    assert assert_wrong(name, cell(name, text)).misconception == misconception


@pytest.mark.parametrize(("name", "misconception"), misconceptions(NAMES))
def test_a_misconception_gets_its_own_hint(name, misconception):
    assert_own_hint(name, misconception)


# ---- what the exercises themselves say


@pytest.mark.parametrize("name", NAMES)
def test_the_exercise_is_whole(name):
    assert_solution_passes_and_stub_is_missing(name)
    assert_no_hint_is_the_answer(name)
    assert_solution_is_right_for_all_that_is_drawn(name)


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


# ---- mutation


def line(low, high, parts=41):
    """Each 5 % of the range, one beginning in the middle of another."""
    edges = np.linspace(low, high, parts)
    return [(float(a), float(b)) for a, b in zip(edges[:-2], edges[2:], strict=True)]


def mutant(name, where):
    """The solution, 1.001 times as large where `where(*args)` says so."""
    solution = exercise(name).solution
    return lambda *args: solution(*args) * np.where(where(*args), 1.001, 1.0)


def visible(name, low, high):
    """Whether a factor of 1.001 is more than twice the tolerance, in the whole interval or in its middle."""
    spec = exercise(name)
    value = np.abs(spec.reference(np.array([low, (low + high) / 2, high])))
    seen = 0.001 * value > 2 * (spec.tolerance.atol + spec.tolerance.rtol * value)
    return seen.all() or (name == "tanh_slope" and seen[1])


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [(n, *i) for n in ON_ARRAYS for i in (*line(-10, 10), *line(-1000, 1000)) if visible(n, *i)],
)
def test_a_factor_of_1001_in_1000_is_noticed_on_5_percent_of_the_promised_range(name, low, high):
    for seed in range(3):
        assert judged(name, mutant(name, lambda x: (x >= low) & (x <= high)), seed).status == "failed"


FANS = [*line(1, 10_000), *((10**a, 10**b) for a, b in line(0, 4))]


@pytest.mark.parametrize("place", [0, 1])
@pytest.mark.parametrize(("low", "high"), [(low, high) for low, high in FANS if np.floor(high) >= low])
def test_and_of_each_fan(place, low, high):
    assert judged("glorot_std", mutant("glorot_std", lambda *fans: low <= fans[place] <= high)).status == "failed"


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
    assert assert_wrong(name, cell(name, text)).message.startswith(message)


def test_a_refusal_says_what_was_called():
    for text, call in (("np.tanh(x)", "np.tanh"), ("[math.tanh(v) for v in x]", "math.tanh")):
        for name in CURVES:
            verdict = check(answer(name, cell(name, text)), name)
            assert f"`{call}`" in verdict.message
            assert verdict.hint
