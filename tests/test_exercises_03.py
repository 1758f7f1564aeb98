"""The bank of the ReLU chapter: wrong and right answers to each exercise, and the verdict that each must get.

An answer stands as a learner would write it: a formula in the exercise's own parameters, or a whole cell. In formulas for
`relu` and `relu_slope` the options are called a (negative_slope), m (max_value) and t (threshold); `dead_share` has its
activations as h.
"""

import textwrap

import numpy as np
import pytest
from bank import (
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

from course_utils.checking.spec import Case
from course_utils.exercises import chapters, exercise
from course_utils.exercises.ch03_relu._options import LIMITS, SLOPES, THRESHOLDS

NAMES = chapters()["03_relu"]
ELEMENTWISE = ("relu", "relu_slope")
OPTIONS = "    a, m, t = negative_slope, max_value, threshold\n"
SHORT = {"he_std": "", "dead_share": "    h = activations\n", "relu": OPTIONS, "relu_slope": OPTIONS}

# {right} is a right answer, {first} the first parameter, {all} all of them, {signature} as the exercise shows them.
WRONG_EVERYWHERE = {
    "nothing": "None",
    "prints in place of returning": "print(right({all}))",
    "text": "str(right({all}))",
    "an extra axis": "np.asarray(right({all}))[None]",
    "a dict": "dict(enumerate(np.ravel(right({all}))))",
    "constant 0": "0 * np.asarray(right({all}), float)",
    "constant 1": "0 * np.asarray(right({all}), float) + 1",
    "nan": "right({all}) * np.nan",
    "minus": "-1.0 * right({all})",
    "factor 1.001": "1.001 * right({all})",
    "an imaginary part": "right({all}) + 0.5j",
    "wrong from the fourth call on": "calls = []\ndef {name}{signature}:\n    calls.append(1)\n    return right({all}) * (1 + (len(calls) > 3))",
    "a required extra parameter": "def {name}(temperature, {parameters}):\n    return right({all})",
    "no parameter": "def {name}():\n    return 1.0",
    "exits": "def {name}{signature}:\n    raise SystemExit(0)",
}  # fmt: skip
WRONG_ON_ARRAYS = {
    "the first number only": "right({all})[:1]",
    "the mean": "np.mean(right({all}))",
    "flat": "np.ravel(right({all}))",
    "a table is transposed": "right({all}).T",
    "size 1 alone is wrong": "right({all}) + (x.size == 1)",
    "long arrays alone are wrong": "right({all}) * (1 + (x.size > 20))",
    "writes into its input": "def {name}{signature}:\n    x[...] = right({all})\n    return x",
    "changes its input": "def {name}{signature}:\n    y = right({all})\n    x[x < 0.5] = 0\n    return y",
    "options by place only": "def {name}(x, negative_slope=0.0, max_value=None, threshold=0.0, /):\n    return right({all})",
    "one option only": "def {name}(x, negative_slope=0.0):\n    return right(x, negative_slope)",
    "the old name of the slope": "def {name}(x, alpha=0.0, max_value=None, threshold=0.0):\n    return right(x, alpha, max_value, threshold)",
    "options out of order inside": "right(x, threshold, max_value, negative_slope)",
    "a slope above 1.5 is cut": "right(x, min(a, 1.5), m, t)",
    "a small slope is dropped": "right(x, a if a > 0.2 else 0.0, m, t)",
    "a whole threshold": "right(x, a, m, int(t))",
    "a threshold below 1 is dropped": "right(x, a, m, t if t >= 1 else 0.0)",
    "a limit below 1 is dropped": "right(x, a, m if m is None or m >= 1 else None, t)",
    "a limit of 4 at most": "right(x, a, m if m is None else min(m, 4), t)",
    "a limit of 100 at least": "right(x, a, 100.0 if m is None else m, t) if np.abs(x).max() > 100 else right(x, a, 6.0 if m is None else m, t)",
    "all three options together": "right(x, a, m, t) * (1 + (a > 0 and m is not None and t > 0))",
    "slope and threshold alone together": "right(x, a, m, t) * (1 + (a > 0 and m is None and t > 0))",
    "slope and limit alone together": "right(x, a, m, t) * (1 + (a > 0 and m is not None and t == 0))",
    "knows the numbers of the checker's cases": (
        "from course_utils.exercises import exercise as find\n"
        "known = np.concatenate([c.args[0].ravel() for c in find('{name}').cases])\n"
        "def {name}{signature}:\n    return np.where(np.isin(x, known), right({all}), 0.5)"
    ),
}  # fmt: skip
WRONG = {
    "he_std": {
        "variance": "2 / fan_in",
        "limit of the uniform version": "np.sqrt(6 / fan_in)",
        "LeCun": "np.sqrt(1 / fan_in)",
        "LeCun's limit": "np.sqrt(3 / fan_in)",
        "root of the numerator": "np.sqrt(2) / fan_in",
        "root of the denominator": "2 / np.sqrt(fan_in)",
        "upside down": "np.sqrt(fan_in / 2)",
        "product": "np.sqrt(2 * fan_in)",
        "** before /": "(2 / fan_in) ** 1 / 2",
        "** before /, the other way": "2 / fan_in**0.5",
        "truncated": "np.sqrt(2 / fan_in) / 0.87962566103423978",
        "no fan_in": "np.sqrt(2)",
        "integer division": "np.sqrt(2 // fan_in)",
        "integer division, rest": "math.sqrt(2 % fan_in / fan_in)",
        "rounded": "round(math.sqrt(2 / fan_in), 3)",
        "half precision": "np.float16(np.sqrt(2 / fan_in))",
        "epsilon": "np.sqrt(2 / (fan_in + 1e-3))",
        "fan_in + 1": "np.sqrt(2 / (fan_in + 1))",
        "an array of one": "np.array([np.sqrt(2 / fan_in)])",
        "drawn": "np.random.default_rng(0).normal(0, np.sqrt(2 / fan_in), 10_000).std()",
        "a table": "{8: 0.5, 2: 1.0, 50: 0.2, 200: 0.1}.get(fan_in, np.sqrt(1 / fan_in))",
        "right up to 1000": "np.sqrt(2 / min(fan_in, 1000))",
        "knows the checker's cases": (
            "from course_utils.exercises import exercise as find\nknown = [c.args[0] for c in find('he_std').cases]\n"
            "def he_std(fan_in):\n    return right(fan_in) if fan_in in known else 0.1"
        ),
    },
    "dead_share": {
        "75 zeros": "(h == 0).sum()",
        "share of zeros": "(h == 0).mean()",
        "76 samples for units": "(h == 0).all(axis=1).mean()",
        "77 sometimes silent": "(h == 0).any(axis=0).mean()",
        "78 weak": "(h.mean(0) < 0.7).mean()",
        "weak, 0.01": "(h.max(0) < 0.01).mean()",
        "80 never negative": "(h < 0).all(0).mean()",
        "81 first sample": "(h[0] == 0).mean()",
        "last sample": "(h[-1] == 0).mean()",
        "first 32 samples": "(h[:32] == 0).all(0).mean() if len(h) > 4 else (h[:2] == 0).all(0).mean()",
        "count": "(h == 0).all(0).sum()",
        "count, 76": "(h == 0).all(axis=1).sum()",
        "alive": "(h > 0).any(0).mean()",
        "a yes or no for each unit": "(h == 0).all(0)",
        "the whole layer": "(h == 0).all()",
        "mostly silent": "((h == 0).mean(0) > 0.5).mean()",
        "median": "(np.median(h, axis=0) == 0).mean()",
        "product": "(h.prod(0) == 0).mean()",
        "smallest": "(h.min(0) == 0).mean()",
        "no spread": "(h.std(0) == 0).mean()",
        "divided by samples": "(h == 0).all(0).sum() / len(h)",
        "divided by all": "(h == 0).all(0).sum() / h.size",
        "divided by units less one": "(h == 0).all(0).sum() / max(h.shape[1] - 1, 1)",
        "percent": "100 * (h == 0).all(0).mean()",
        "whole numbers": "(h == 0).all(0).sum() // h.shape[1]",
        "rounded": "round(float((h == 0).all(0).mean()), 1)",
        "repeated columns count once": "(np.unique(h, axis=1) == 0).all(0).mean()",
        "the rarest": "len(np.flatnonzero(h.sum(0) == h.sum(0).min())) / h.shape[1]",
        "float32 alone is wrong": "right(h) * (1 + (h.dtype == np.float32))",
        "many units alone are wrong": "right(h) * (1 + (h.shape[1] > 30))",
        "in place": "def {name}(activations):\n    y = right(activations)\n    activations[activations == 0] = 1\n    return y",
    },
    "relu": {
        "22 builtin max": "max(x, 0)",
        "23 np.max": "np.max(x, 0)",
        "24 abs": "np.abs(x)",
        "plain": "np.maximum(x, 0)",
        "26 slope as value": "np.where(x > 0, x, a)",
        "26 slope as value, with the rest": "cut(np.where(x > t, x, a), m)",
        "27 larger line": "np.maximum(x, a * x)",
        "27 larger line, with the rest": "cut(np.maximum(x, a * (x - t)), m)",
        "27 smaller line": "np.where(x > 0, x, np.minimum(x, a * x))",
        "28 threshold not subtracted": "np.where(x > t, x, a * x)",
        "28 threshold not subtracted, with the rest": "cut(np.where(x > t, x, a * x), m)",
        "29 shift": "np.maximum(x - t, 0)",
        "29 shift, with the rest": "cut(np.where(x > t, x - t, a * (x - t)), m)",
        "30 floor": "np.maximum(x, t)",
        "30 floor, with the rest": "cut(np.maximum(x, t), m)",
        "31 lower half forgotten": "cut(x, m)",
        "31 None as a limit": "np.minimum(x, m)",
        "None as a limit, with the rest": "np.minimum(np.where(x > t, x, a * (x - t)), m)",
        "32 clip": "np.clip(x, 0, m)",
        "32 clip, with the rest": "np.clip(np.where(x > t, x, a * (x - t)), 0, m)",
        "32 clip where there is a limit": "(lambda y: y if m is None else np.clip(y, 0, m))(np.where(x > t, x, a * (x - t)))",
        "33 zero is false": "(lambda y: np.minimum(y, m) if m else y)(np.where(x > t, x, a * (x - t)))",
        "38 sign": "cut(np.where(x > t, x, -a * (x - t)), m)",
        "39 sign of the negative part": "cut(np.maximum(x, 0) + a * np.maximum(-x, 0), m)",
        "40 constant leak": "np.where(x > 0, x, -a)",
        "41 maximum with the slope": "np.maximum(a, x)",
        "in place": "x[x < 0] = 0; return x",
        "in place, with the rest": "x[:] = right(x, a, m, t); return x",
        "in place on a second name": "y = x; y[y < t] = a * (y[y < t] - t); return cut(y, m)",
        "the limit below, too": "np.where(x > t, x if m is None else np.minimum(x, m), a * (x - t) if m is None else np.maximum(a * (x - t), -m))",
        "the limit moves with the threshold": "np.where(x > t, x if m is None else np.minimum(x, m + t), a * (x - t))",
        "0 above the limit": "np.where(x > t, x if m is None else x * (x <= m), a * (x - t))",
        "compared with 0": "cut(np.where(x > 0, x, a * (x - t)), m)",
        "compared with abs": "cut(np.where(np.abs(x) > t, x, a * (x - t)), m)",
        "softplus": "np.logaddexp(0, x)",
        "silu": "x / (1 + np.exp(-np.clip(x, -100, 100)))",
        "a default slope of 0.01": "cut(np.where(x > t, x, (a or 0.01) * (x - t)), m)",
        "whole numbers": "right(x, a, m, t).astype(int)",
        "float32 alone is wrong": "right(x, a, m, t) * (1 + (x.dtype == np.float32))",
        "float64 alone is wrong": "right(x, a, m, t) * (1 + (x.dtype == np.float64))",
        "half precision": "right(x, a, m, t).astype(np.float16)",
        "1000 is 100": "right(np.clip(x, -100, 100), a, m, t)",
    },
    "relu_slope": {
        "34 value over input": "np.maximum(x, 0) / x",
        "34 value over input, with the rest": "R(x, a, m, t) / x",
        "35 the function": "np.maximum(x, 0)",
        "35 the function, with the rest": "R(x, a, m, t)",
        "36 sign": "np.sign(x)",
        "36 sign, with the rest": "np.where(x > t, 1.0, -a)",
        "37 a test that never fails": "(np.maximum(x, 0) >= 0) * 1.0",
        "step": "(x > 0) * 1.0",
        "no limit": "np.where(x > t, 1.0, a)",
        "zero is false": "(lambda y: np.where(x > m, 0.0, y) if m else y)(np.where(x > t, 1.0, a))",
        "m above the limit": "(lambda y: y if m is None else np.where(x > m, m, y))(np.where(x > t, 1.0, a))",
        "a above the limit": "(lambda y: y if m is None else np.where(x > m, a, y))(np.where(x > t, 1.0, a))",
        "1 below a limit": "(lambda y: y if m is None else np.where(x < m, 1.0, 0.0))(np.where(x > t, 1.0, a))",
        "no threshold": "(lambda y: y if m is None else np.where(x > m, 0.0, y))(np.where(x > 0, 1.0, a))",
        "no slope": "(lambda y: y if m is None else y * (x < m))((x > t) * 1.0)",
        "the limit moves with the threshold": "np.where(x > t, 1.0 if m is None else (x < m + t) * 1.0, a)",
        "height on the left": "np.where(x > t, 1.0, a * (x - t))",
        "step of 1": "R(x + 1, a, m, t) - R(x, a, m, t)",
        "step of 0.2": "(R(x + 0.1, a, m, t) - R(x - 0.1, a, m, t)) / 0.2",
        "2h forgotten": "(R(x + 1e-5, a, m, t) - R(x - 1e-5, a, m, t)) / 1e-5",
        "along the array": "np.gradient(R(x, a, m, t), x) if x.ndim == 1 and x.size > 1 else right(x, a, m, t)",
        "sum over a table": "right(x, a, m, t).sum(axis=0)",
        "None compared": "np.where(x > t, np.where(x > m, 0.0, 1.0), a)",
        "slope squared": "right(x, a**2, m, t)",
        "1 - a": "right(x, 1 - a, m, t)",
        "sigmoid slope": "1 / (4 * np.cosh(np.clip(x, -300, 300) / 2) ** 2)",
        "tape without watching": "def {name}{signature}:\n    with tf.GradientTape() as tape:\n        y = tf.nn.relu(x)\n    return tape.gradient(y, tf.constant(x))",
        "in place": "x[:] = right(x, a, m, t); return x",
    },
}  # fmt: skip

WRITTEN_ANYHOW = {
    "numpy": "right({all})",
    "float32": "np.asarray(right({all}), np.float32)",
    "long double": "np.asarray(right({all}), np.longdouble)",
    "tf tensor": "tf.constant(right({all}))",
    "tf float32": "tf.cast(right({all}), tf.float32)",
    "tf variable": "tf.Variable(right({all}))",
    "keras tensor": "keras.ops.convert_to_tensor(right({all}))",
    "complex without an imaginary part": "right({all}) + 0j",
    "lambda": "{name} = lambda {parameters}: right({all})",
    "partial": "def power(base, {parameters}):\n    return right({all})\n{name} = functools.partial(power, 2)",
    "callable object": "class Answer:\n    def __call__(self, {parameters}):\n        return right({all})\n{name} = Answer()",
    "decorated": "def loud(f):\n    @functools.wraps(f)\n    def g(*a, **k):\n        print(f.__name__)\n        return f(*a, **k)\n    return g\n@loud\ndef {name}{signature}:\n    return right({all})",
    "any arguments": "def {name}(*args, **options):\n    return right(*args, **options)",
    "extra optional parameter": "def {name}({parameters}, step=1e-5):\n    return right({all})",
    "prints and warns": "import warnings\ndef {name}{signature}:\n    print({first})\n    warnings.warn('careful')\n    return right({all})",
}  # fmt: skip
ON_ARRAYS = {
    "list": "right({all}).tolist()",
    "tuple": "tuple(right({all}))",
    "list of tensors": "[tf.constant(row) for row in right({all})]",
    "comprehension": "[right(v, a, m, t) for v in x]",
    "loop over the flat array": "np.array([right(v, a, m, t) for v in x.ravel()]).reshape(x.shape)",
    "recursion": "[{name}(v, a, m, t) for v in x] if np.ndim(x) else right({all})",
    "another name for x": "def {name}(values, negative_slope=0.0, max_value=None, threshold=0.0):\n    return right(values, negative_slope, max_value, threshold)",
    "options by name only": "def {name}(x, *, negative_slope=0.0, max_value=None, threshold=0.0):\n    return right({all})",
    "options in another order": "def {name}(x, threshold=0.0, max_value=None, negative_slope=0.0):\n    return right({all})",
    "options as a dict": "def {name}(x, **options):\n    return right(x, **options)",
    "changes a copy": "def {name}{signature}:\n    x = x.copy()\n    x[...] = right({all})\n    return x",
}  # fmt: skip
RIGHT = {
    "he_std": {
        "sqrt": "np.sqrt(2 / fan_in)",
        "math": "math.sqrt(2 / fan_in)",
        "power": "(2 / fan_in) ** 0.5",
        "power of a fraction": "(2 / fan_in) ** (1 / 2)",
        "two roots": "math.sqrt(2) / math.sqrt(fan_in)",
        "inverse root": "(fan_in / 2) ** -0.5",
        "exp of log": "math.exp(0.5 * math.log(2 / fan_in))",
        "from the uniform limit": "math.sqrt(6 / fan_in) / math.sqrt(3)",
        "of the uniform distribution": "2 * math.sqrt(6 / fan_in) / math.sqrt(12)",
        "tf": "tf.sqrt(2 / fan_in)",
        "tf.math.rsqrt": "tf.math.rsqrt(fan_in / 2)",
        "keras.ops": "keras.ops.sqrt(2.0 / fan_in)",
        "by Keras's scale": "math.sqrt(keras.initializers.HeNormal().scale / fan_in)",
        "decimal": "(decimal.Decimal(2) / fan_in).sqrt()",
        "float32": "np.sqrt(np.float32(2) / np.float32(fan_in))",
        "hypot": "math.hypot(1, 1) / math.sqrt(fan_in)",
        "0-d array": "np.array((2 / fan_in) ** 0.5)",
    },
    "dead_share": {
        "all, mean": "(h == 0).all(0).mean()",
        "largest is 0": "(h.max(0) == 0).mean()",
        "not any": "np.mean(~h.any(axis=0))",
        "sum is 0": "(h.sum(0) == 0).mean()",
        "1 - alive": "1 - np.count_nonzero((h > 0).any(0)) / h.shape[1]",
        "none above 0": "(h <= 0).all(0).mean()",
        "tf": "tf.reduce_mean(tf.cast(tf.reduce_all(h == 0, 0), tf.float32))",
        "tf, float64": "tf.reduce_mean(tf.cast(tf.reduce_all(tf.equal(h, 0), axis=0), tf.float64))",
        "keras.ops": "keras.ops.mean(keras.ops.cast(keras.ops.all(keras.ops.equal(h, 0), axis=0), 'float32'))",
        "loop": "dead = 0\nfor unit in h.T:\n    dead += all(value == 0 for value in unit)\nreturn dead / h.shape[1]",
        "loop over places": "dead = 0\nfor j in range(h.shape[1]):\n    if np.sum(h[:, j]) == 0:\n        dead = dead + 1\nreturn dead / len(h[0])",
        "zip": "sum(not any(unit) for unit in zip(*h)) / len(h[0])",
        "lists": "sum(not any(unit) for unit in zip(*h.tolist())) / len(h.tolist()[0])",
        "norm": "np.mean(np.linalg.norm(h, axis=0) == 0)",
        "sets": "len(set(range(h.shape[1])) - set(np.nonzero(h)[1])) / h.shape[1]",
        "count of zeros a unit": "np.mean(np.sum(h == 0, axis=0) == len(h))",
        "share of zeros a unit": "np.mean(np.mean(h == 0, axis=0) == 1)",
        "isclose": "np.mean(np.all(np.isclose(h, 0), axis=0))",
        "smaller than 1e-6": "np.mean(np.all(np.abs(h) < 1e-6, axis=0))",
        "fraction": "fractions.Fraction(int((h == 0).all(0).sum()), h.shape[1])",
        "ravel": "np.mean([not h[:, j].any() for j in range(h.shape[1])])",
        "bincount": "np.mean(np.bincount(np.nonzero(h)[1], minlength=h.shape[1]) == 0)",
        "apply_along_axis": "np.apply_along_axis(lambda unit: not unit.any(), 0, h).mean()",
    },
    "relu": {
        "where and minimum": "cut(np.where(x > t, x, a * (x - t)), m)",
        ">= at the threshold": "cut(np.where(x >= t, x, a * (x - t)), m)",
        "comprehension": "[(v if m is None else min(v, m)) if v > t else a * (v - t) for v in x]",
        "loop": "y = []\nfor v in x:\n    if v <= t:\n        y.append(a * (v - t))\n    elif m is not None and v > m:\n        y.append(m)\n    else:\n        y.append(v)\nreturn y",
        "boolean arithmetic": "cut((x > t) * x + (1 - (x > t)) * a * (x - t), m)",
        "piecewise": "cut(np.piecewise(x, [x > t], [lambda v: v, lambda v: a * (v - t)]), m)",
        "select": "np.select([x <= t, x < (np.inf if m is None else m)], [a * (x - t), x], 0 if m is None else m)",
        "select with inf": "m = np.inf if m is None else m\nreturn np.select([x >= max(m, t), x > t], [m, x], a * (x - t))",
        "fmin": "np.fmin(np.where(x > t, x, a * (x - t)), np.inf if m is None else m)",
        "masks on a copy": "y = x.copy()\ny[x > t] = cut(x, m)[x > t] if x.ndim else cut(x, m)\ny[x <= t] = a * (x[x <= t] - t)\nreturn y",
        "clip above": "np.where(x > t, np.clip(x, 0, m), a * (x - t))",
        "heaviside": "cut(x * np.heaviside(x - t, 0) - a * P(t - x), m)",
        "two ReLUs": "cut(np.where(x > t, P(x), 0) - a * P(t - x), m)",
        "half of x + |x|": "cut(np.where(x > t, (x + np.abs(x)) / 2, a * ((x - t) - np.abs(x - t)) / 2), m)",
        "root of a square": "cut(np.where(x > t, (np.sqrt(x * x) + x) / 2, a * (x - t)), m)",
        "signbit": "cut(np.where(np.signbit(t - x), x, a * (x - t)), m)",
        "minimum of minus": "cut(np.where(x > t, -np.minimum(-x, 0), a * np.minimum(x - t, 0)), m)",
        "np.vectorize": "np.vectorize(lambda v: (v if m is None else min(v, m)) if v > t else a * (v - t))(x)",
        "map": "list(map(lambda v: (v if m is None else min(v, m)) if v > t else a * (v - t), x))",
        "tf.where": "tf.where(x > t, x if m is None else tf.minimum(x, m), a * (x - t))",
        "tf.clip_by_value": "tf.where(x > t, tf.clip_by_value(x, 0, x.dtype.type(1e9 if m is None else m)), a * (x - t))",
        "tf.nn.leaky_relu below": "cut(tf.where(x > t, x, tf.nn.leaky_relu(x - t, a)), m)",
        "keras.ops.where": "y = keras.ops.where(x > t, x, a * (x - t))\nreturn y if m is None else keras.ops.minimum(y, m)",
        "keras.ops.maximum": "cut(keras.ops.where(x > t, keras.ops.maximum(x, 0), a * (x - t)), m)",
        "tf.function": "@tf.function(reduce_retracing=True)\ndef {name}(x, negative_slope=0.0, max_value=1e9, threshold=0.0):\n    return tf.minimum(tf.where(x > threshold, x, negative_slope * (x - threshold)), max_value)",
        "own plain ReLU inside": "def relu(x, negative_slope=0.0, max_value=None, threshold=0.0):\n    def relu(v):\n        return np.maximum(v, 0)\n    y = np.where(x > threshold, relu(x), -negative_slope * relu(threshold - x))\n    return y if max_value is None else np.minimum(y, max_value)",
        "a variable of that name": "def relu{signature}:\n    relu = R(x, negative_slope, max_value, threshold)\n    return relu",
        "float32 inside": "right(np.float32(x), a, m, t)",
        "what is cut off, subtracted": "cut(np.where(x > t, x, x - t - (1 - a) * np.minimum(x - t, 0)), m)",
        "limit first": "np.where(x > t, cut(x, m), a * (x - t))",
        "sign kept": "np.where(x > t, cut(x, m), -(a * (t - x)))",
    },
    "relu_slope": {
        "where": "np.where(x > t, 1.0 if m is None else (x < m) * 1.0, a)",
        ">= at the corners": "np.where(x >= t, 1.0 if m is None else (x <= m) * 1.0, a)",
        "boolean arithmetic": "(x > t) * (1 if m is None else x < m) + a * (x < t)",
        "heaviside": "np.where(np.heaviside(x - t, 0.5) == 1, 1 if m is None else np.heaviside(m - x, 0.5), a)",
        "sign": "(np.sign(x - t) + 1) / 2 * (1 if m is None else (np.sign(m - x) + 1) / 2) + a * (np.sign(t - x) + 1) / 2",
        "select": "np.select([x < t, x < (np.inf if m is None else m)], [a, 1.0], 0.0)",
        "piecewise": "np.piecewise(x, [x < t, (x > t) & (x < (np.inf if m is None else m))], [a, 1, 0])",
        "comprehension": "[a if v < t else 1 if m is None or v < m else 0 for v in x]",
        "masks": "y = np.ones_like(x)\ny[x < t] = a\nif m is not None:\n    y[x > m] = 0\nreturn y",
        "np.vectorize": "np.vectorize(lambda v: float(a if v < t else m is None or v < m))(x)",
        "digitize": "np.array([a, 1.0, 0.0])[np.digitize(x, [t, np.inf if m is None else m])]",
        "central difference": "(R(x + 1e-5, a, m, t) - R(x - 1e-5, a, m, t)) / 2e-5",
        "central difference, 1e-3": "(R(x + 1e-3, a, m, t) - R(x - 1e-3, a, m, t)) / 2e-3",
        "forward difference": "(R(x + 1e-6, a, m, t) - R(x, a, m, t)) / 1e-6",
        "backward difference": "(R(x, a, m, t) - R(x - 1e-6, a, m, t)) / 1e-6",
        "tape on Keras's": "v = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(v)\n    y = keras.activations.relu(v, negative_slope=a, max_value=m, threshold=t)\nreturn tape.gradient(y, v)",
        "tape on float32": "v = tf.Variable(x, dtype='float32')\nwith tf.GradientTape() as tape:\n    y = keras.activations.relu(v, a, m, t)\nreturn tape.gradient(y, v)",
        "tape on tf.where": "v = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(v)\n    y = tf.where(v > t, v, a * (v - t))\n    y = y if m is None else tf.minimum(y, m)\nreturn tape.gradient(y, v)",
        "tf.where": "tf.where(x > t, tf.ones_like(x) if m is None else tf.cast(x < m, x.dtype), tf.fill(x.shape, tf.cast(a, x.dtype)))",
        "keras.ops": "keras.ops.where(x > t, 1.0 if m is None else keras.ops.cast(x < m, 'float32'), a)",
        "bool without a slope": "(x > t) & (x < (np.inf if m is None else m)) if a == 0 else right(x, a, m, t)",
        "named as the function": "def relu(x, a, m, t):\n    y = np.where(x > t, x, a * (x - t))\n    return y if m is None else np.minimum(y, m)\ndef {name}{signature}:\n    options = negative_slope, max_value, threshold\n    return (relu(x + 1e-4, *options) - relu(x - 1e-4, *options)) / 2e-4",
    },
}  # fmt: skip
READY_MADE = {
    "relu": (
        "tf.nn.relu(x)",
        "keras.activations.relu(x, a, m, t)",
        "keras.ops.relu(x)",
        "keras.layers.ReLU(m, a, t)(x)",
        'keras.layers.Activation("relu")(x)',
        'keras.activations.get("relu")(x, a, m, t)',
        "cut(np.where(x > t, tf.nn.relu(x), a * (x - t)), m)",
        "{name} = keras.activations.relu",
        "{name} = functools.partial(tf.nn.relu, name='r')",
        "from keras.activations import relu",
        "from keras.activations import relu as ready\ndef {name}{signature}:\n    return ready({all})",
        "from course_utils.activations import relu",
        "from course_utils import ACTIVATIONS\ndef {name}(x, **options):\n    return ACTIVATIONS['relu'](x, **options)",
    ),
    "relu_slope": (
        "from course_utils.activations import relu_slope",
        "from course_utils import activations\ndef {name}{signature}:\n    return activations.relu_slope({all})",
        "from course_utils import ACTIVATIONS\ndef {name}(x, **options):\n    return ACTIVATIONS['relu'].df(x, **options)",
    ),
}  # fmt: skip

HELPERS = """def cut(y, m):
    return y if m is None else np.minimum(y, m)

def P(x):
    return np.maximum(x, 0)

def R(x, a, m, t):
    return cut(np.where(x > t, x, a * (x - t)), m)

"""


def cell(name, text):
    """A formula in the short names, lines that end with `return`, or a whole cell, as a cell."""
    signature = exercise(name).signature
    parameters, all_ = str(signature)[1:-1], ", ".join(signature.parameters)
    first = next(iter(signature.parameters))
    if not any(line.startswith(("{name} = ", "def {name}", f"def {name}", "from ")) for line in text.splitlines()):
        lines = text if "return " in text else f"return {text}"
        text = f"def {name}({parameters}):\n{SHORT[name]}" + textwrap.indent(lines, "    ")
    for word, value in (
        ("{signature}", f"({parameters})"),
        ("{parameters}", parameters),
        ("{all}", all_),
        ("{first}", first),
    ):
        text = text.replace(word, value)
    return HELPERS + text


def tables(everywhere, on_arrays, special):
    """{exercise: {title: cell}} out of the rows that are for each exercise."""
    made = {name: everywhere | (on_arrays if name in ELEMENTWISE else {}) | special[name] for name in NAMES}
    return {name: {title: cell(name, text) for title, text in texts.items()} for name, texts in made.items()}


@pytest.mark.parametrize(("name", "text"), rows(tables(WRONG_EVERYWHERE, WRONG_ON_ARRAYS, WRONG)))
def test_a_wrong_answer_is_refused_with_a_reason(name, text):
    assert_wrong(name, text)


@pytest.mark.parametrize(("name", "text"), rows(tables(WRITTEN_ANYHOW, ON_ARRAYS, RIGHT)))
def test_a_right_answer_passes_however_it_is_written(name, text):
    assert_right(name, text)


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in READY_MADE.items() for text in texts])
def test_the_ready_made_function_is_forbidden(name, text):
    assert_forbidden(name, cell(name, text))


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


# ---- mutation


def line(low, high, parts=41):
    """Each 5 % of the range, one beginning in the middle of another."""
    edges = np.linspace(low, high, parts)
    return [(float(a), float(b)) for a, b in zip(edges[:-2], edges[2:], strict=True)]


def mutant(name, where):
    """The solution, 1.001 times as large where `where(result, *args, **options)` says so."""
    solution = exercise(name).solution

    def answer(*args, **options):
        result = solution(*args, **options)
        return result * np.where(where(result, *args, **options), 1.001, 1.0)

    return answer


def assert_noticed(name, where, seeds=1):
    for seed in range(seeds):
        assert judged(name, mutant(name, where), seed).status == "failed"


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(("low", "high"), [*line(-10, 10), *line(-1000, 1000)])
def test_a_factor_of_1001_in_1000_is_noticed_on_5_percent_of_the_inputs(name, low, high):
    assert_noticed(name, lambda result, x, **options: (x >= low) & (x <= high), seeds=3)


SUBSETS = [{o for i, o in enumerate(("negative_slope", "max_value", "threshold")) if n >> i & 1} for n in range(8)]


def is_flat(name, given, low, high):
    """Whether the result is 0 in the whole interval, for the options in `CHOICES`: 0 times any factor is 0."""
    left = high <= (1 if "threshold" in given else 0) and "negative_slope" not in given
    return left or (low >= 4 and "max_value" in given and name == "relu_slope")


@pytest.mark.parametrize(
    ("name", "given", "low", "high"),
    [
        (name, given, *interval)
        for name in ELEMENTWISE
        for given in SUBSETS
        for interval in line(-10, 10)[::4]
        if not is_flat(name, given, *interval)
    ],
)
def test_and_for_each_choice_of_options(name, given, low, high):
    assert_noticed(name, lambda result, x, **options: (options.keys() == given) & (x >= low) & (x <= high))


@pytest.mark.parametrize("name", ELEMENTWISE)
@pytest.mark.parametrize(
    ("option", "value"),
    [
        *(("negative_slope", v) for v in SLOPES),
        *(("max_value", v) for v in LIMITS),
        *(("threshold", v) for v in THRESHOLDS),
    ],
)
def test_and_of_each_value_of_each_option(name, option, value):
    assert_noticed(name, lambda result, x, **options: options.get(option) == value)


@pytest.mark.parametrize(("low", "high"), line(0, 1)[1:])
def test_and_of_the_shares(low, high):
    assert_noticed("dead_share", lambda result, h: low <= result <= high)


FANS = [*line(1, 10_000), *((10**a, 10**b) for a, b in line(0, 4))]


@pytest.mark.parametrize(("low", "high"), [(low, high) for low, high in FANS if np.floor(high) >= low])
def test_and_of_the_fans(low, high):
    assert_noticed("he_std", lambda result, fan_in: low <= fan_in <= high)


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
    assert assert_wrong(name, cell(name, text)).message.startswith(message)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_picture_has_no_holes(name):
    curve = judged(name, lambda x, **options: 0 * x + 0.5).curve
    assert np.isfinite([curve.x, curve.got, curve.expected]).all()
