"""The bank of the ReLU chapter.

In formulas for `relu` and `relu_slope` the options are called a (negative_slope), m (max_value) and t (threshold);
`dead_share` has its activations as h.
"""

import numpy as np

from bank import anyhow
from bank.answers import cells
from bank.mutations import parts, powers, scaled, within
from course_utils.exercises import exercise
from course_utils.exercises.ch03_relu._options import LIMITS, SLOPES, THRESHOLDS

OPTIONS = "a, m, t = negative_slope, max_value, threshold\n"
SHORT = {"he_std": "", "dead_share": "h = activations\n", "relu": OPTIONS, "relu_slope": OPTIONS}

WRONG_ON_ARRAYS = {
    "a table is transposed": "right({all}).T",
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
    "knows the numbers of the checker's cases": anyhow.KNOWS_THE_NUMBERS,
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
        "first 100 samples": "(h[:100] == 0).all(0).mean()",
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
        "tables of tables alone are wrong": "right(x, a, m, t) + (x.ndim == 3)",
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

ON_ARRAYS = {
    "comprehension": "[right(v, a, m, t) for v in x]",
    "loop over the flat array": "np.array([right(v, a, m, t) for v in x.ravel()]).reshape(x.shape)",
    "recursion": "[{name}(v, a, m, t) for v in x] if np.ndim(x) else right({all})",
    "another name for x": "def {name}(values, negative_slope=0.0, max_value=None, threshold=0.0):\n    return right(values, negative_slope, max_value, threshold)",
    "options by name only": "def {name}(x, *, negative_slope=0.0, max_value=None, threshold=0.0):\n    return right({all})",
    "options in another order": "def {name}(x, threshold=0.0, max_value=None, negative_slope=0.0):\n    return right({all})",
    "options as a dict": "def {name}(x, **options):\n    return right(x, **options)",
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

HELPERS = (
    "def cut(y, m):\n    return y if m is None else np.minimum(y, m)\n\n\n",
    "def P(x):\n    return np.maximum(x, 0)\n\n\n",
    "def R(x, a, m, t):\n    return cut(np.where(x > t, x, a * (x - t)), m)\n\n\n",
)

ELEMENTWISE = ("relu", "relu_slope")
WRONG_ARRAYS, RIGHT_ARRAYS = anyhow.WRONG_ON_ARRAYS | WRONG_ON_ARRAYS, anyhow.RIGHT_ON_ARRAYS | ON_ARRAYS
WRONG = {n: anyhow.WRONG | (WRONG_ARRAYS if n in ELEMENTWISE else {}) | table for n, table in WRONG.items()}
RIGHT = {n: anyhow.RIGHT | (RIGHT_ARRAYS if n in ELEMENTWISE else {}) | table for n, table in RIGHT.items()}
del WRONG["relu_slope"]["two digits"]  # a slope has no more
FORBIDDEN = {name: {text: text for text in texts} for name, texts in READY_MADE.items()}
WRONG, RIGHT, FORBIDDEN = (cells(table, helpers=HELPERS, names=SHORT) for table in (WRONG, RIGHT, FORBIDDEN))

VALUES = {"negative_slope": SLOPES, "max_value": LIMITS, "threshold": THRESHOLDS}
SUBSETS = [{option for i, option in enumerate(VALUES) if n >> i & 1} for n in range(8)]


def mutants():
    """{exercise: {title: mutant}}"""
    fans = [part for part in (*parts(1, 10_000), *powers(0, 4)) if np.floor(part[1]) >= part[0]]
    share = exercise("dead_share").solution
    return {"he_std": scaled("he_std", fans), "dead_share": scaled("dead_share", parts(0, 1)[1:], of=share)} | {
        name: scaled(name, [*parts(-10, 10), *parts(-1000, 1000)]) | _of_options(name) | _of_values(name)
        for name in ELEMENTWISE
    }


def _of_options(name):
    """Where just these options are given and x lies in an interval."""
    solution = exercise(name).solution

    def mutant(given, low, high):
        return lambda x, **options: solution(x, **options) * (within(x, low, high) if options.keys() == given else 1)

    return {
        f"x 1.001 from {low:g} to {high:g} with {', '.join(sorted(given)) or 'no option'}": mutant(given, low, high)
        for given in SUBSETS
        for low, high in parts(-10, 10)[::4]
        if not _is_flat(name, given, low, high)
    }


def _is_flat(name, given, low, high):
    """Whether the result is 0 in the whole interval: 0 times any factor is 0."""
    left = high <= (1 if "threshold" in given else 0) and "negative_slope" not in given
    return left or (low >= 4 and "max_value" in given and name == "relu_slope")


def _of_values(name):
    """For one value of one option."""
    solution = exercise(name).solution

    def mutant(option, value):
        return lambda x, **options: solution(x, **options) * (1.001 if options.get(option) == value else 1)

    return {f"x 1.001 for {option}={v}": mutant(option, v) for option, values in VALUES.items() for v in values}
