"""The bank of the sigmoid chapter. `S` is a sigmoid of the learner's own."""

from bank import anyhow
from bank.answers import cells, silent
from bank.mutations import parts, scaled, visible, within
from course_utils.exercises import exercise

WRONG_CURVES = anyhow.WRONG_ON_ARRAYS | {
    "the input": "{x}",
    "half precision": "np.asarray(right({x}), np.float16)",
    "three digits": "np.round(right({x}), 3)",
    "tables of tables are flattened": "right({x}) if {x}.ndim < 3 else right({x}).reshape(len({x}), -1)",
    "tables of tables alone are wrong": "right({x}) + ({x}.ndim == 3)",
    "sorted": "np.sort(right({x}), axis=None)[::-1].reshape({x}.shape)",
    "a table is transposed": "right({x}).T",
    "rows of a table change places": "right({x})[::-1] if {x}.ndim == 2 else right({x})",
    "knows the numbers of the checker's cases": anyhow.KNOWS_THE_NUMBERS,
}
WRONG_ON_FLOAT32 = {
    "float32 alone is wrong": "right({x}) * (1 + ({x}.dtype == np.float32))",
    "float64 alone is wrong": "right({x}) * (1 + ({x}.dtype == np.float64))",
    "float32 alone raises": "def {name}({x}):\n    assert {x}.dtype == float\n    return right({x})",
    "whole numbers for float32": "right({x}).astype(int) if {x}.dtype == np.float32 else right({x})",
}
SIGMOIDS = {
    "1 sign": "1 / (1 + np.exp({x}))",
    "2 precedence": "1 / 1 + np.exp(-{x})",
    "3 mixed forms": "np.exp({x}) / (1 + np.exp(-{x}))",
    "5 math without a loop": "1 / (1 + math.exp(-{x}))",
    "6 if on an array": "def {name}({x}):\n    if {x} >= 0:\n        return 1 / (1 + np.exp(-{x}))\n    return np.exp({x}) / (1 + np.exp({x}))",
    "7 clipped at 10": "1 / (1 + np.exp(-np.clip({x}, -10, 10)))",
    "clipped at 12": "1 / (1 + np.exp(-np.clip({x}, -12, 12)))",
    "8 step": "({x} > 0) * 1.0",
    "9 tanh without half": "0.5 * (1 + np.tanh({x}))",
    "10 hard sigmoid of Keras 2": "np.clip(0.2 * {x} + 0.5, 0, 1)",
    "hard sigmoid of Keras 3": "np.clip({x} / 6 + 0.5, 0, 1)",
    "11 softsign": "{x} / (1 + np.abs({x}))",
    "12 normalised": "def {name}({x}):\n    s = 1 / (1 + np.exp(-{x}))\n    return s / s.sum()",
    "13 through small integers": "1 / (1 + np.exp(-np.abs({x}).astype(np.uint8)))",
    "14 rounded": "np.round(1 / (1 + np.exp(-{x})), 2)",
    "odd side": "np.where({x} >= 0, 1 / (1 + np.exp(-np.abs({x}))), -1 / (1 + np.exp(-np.abs({x}))))",
    "wrong on the left alone": "np.where({x} < 0, np.exp(np.minimum({x}, 0)), 1 / (1 + np.exp(-np.abs({x}))))",
    "wrong on the right alone": "np.where({x} > 0, 1 - np.exp(-np.abs({x})), 1 / (1 + np.exp(-np.minimum({x}, 0))))",
    "base 2": "1 / (1 + 2.0 ** -{x})",
    "base 2.718": "1 / (1 + 2.718 ** -{x})",
    "squared": "1 / (1 + np.exp(-{x})) ** 2",
    "epsilon": "1 / (1 + np.exp(-{x}) + 1e-4)",
    "normal distribution": "0.5 * (1 + np.vectorize(math.erf)({x} / 1.702))",
    "saturates at 6": "np.where(np.abs({x}) > 6, ({x} > 0) * 1.0, 1 / (1 + np.exp(-np.clip({x}, -6, 6))))",
    "straight in the middle": "np.where(np.abs({x}) < 0.2, 0.5 + {x} / 4 + {x}**3 / 24, 1 / (1 + np.exp(-{x})))",
    "taylor": "0.5 + {x} / 4 - {x}**3 / 48 + {x}**5 / 480",
}
WRONG = {
    "sigmoid": SIGMOIDS,
    "stable_sigmoid": {title: f"{text}, D({{x}})" for title, text in SIGMOIDS.items() if "def " not in text} | {
        "values alone": "V(x)",
        "slopes alone": "D(x)",
        "slopes first": "D(x), V(x)",
        "values twice": "V(x), V(x)",
        "one row after the other": "np.stack([V(x), D(x)], axis=-1)",
        "pairs": "[(V(v), D(v)) for v in x.ravel()]",
        "three arrays": "V(x), D(x), x",
        "a dict": "dict(value=V(x), slope=D(x))",
        "s (1 - s)": "s = V(x)\nreturn s, s * (1 - s)",
        "s (1 - s) in long double": "s = V(np.longdouble(x))\nreturn s, s * (1 - s)",
        "s - s squared": "s = V(x)\nreturn s, s - s**2",
        "1 - 1/(1+e)": "1 - 1 / (1 + np.exp(x)), D(x)",
        "tanh": "0.5 * (1 + np.tanh(x / 2)), D(x)",
        "slope by tanh": "V(x), (1 - np.tanh(x / 2) ** 2) / 4",
        "slope overflows": "V(x), np.exp(-x) / (1 + np.exp(-x)) ** 2",
        "slope of the other form overflows": "V(x), np.exp(x) / (1 + np.exp(x)) ** 2",
        "central difference": "V(x), (V(x + 1e-5) - V(x - 1e-5)) / 2e-5",
        "clipped at 30": "V(np.clip(x, -30, 30)), D(np.clip(x, -30, 30))",
        "clipped at 80": "V(np.clip(x, -80, 80)), D(np.clip(x, -80, 80))",
        "at least 1e-12": "np.maximum(V(x), 1e-12), np.maximum(D(x), 1e-12)",
        "at least 1e-30": "np.maximum(V(x), 1e-30), np.maximum(D(x), 1e-30)",
        "a small number added": "V(x), D(x) + 1e-12",
        "tiny slopes become 0": "V(x), np.where(D(x) < 1e-20, 0, D(x))",
        "tiny values become 0": "np.where(V(x) < 1e-20, 0, V(x)), D(x)",
        "slope right for x < 0 alone": "V(x), np.where(x < 0, D(x), V(x) * (1 - V(x)))",
        "slope negative on the left": "V(x), np.sign(x + 0.5) * D(x)",
        "half the slope": "V(x), D(x) / 2",
        "tape on 1/(1+e)": "x = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(x)\n    y = 1 / (1 + tf.exp(-x))\nreturn y, tape.gradient(y, x)",
        "tape through the absolute value": "x = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(x)\n    z = tf.exp(-tf.abs(x))\n    y = tf.where(x >= 0, tf.ones_like(z), z) / (1 + z)\nreturn y, tape.gradient(y, x)",
        "4 overflows": "np.exp(x) / (1 + np.exp(x)), D(x)",
        "overflow becomes 0": "np.nan_to_num(np.exp(x) / (1 + np.exp(x))), D(x)",
        "overflow becomes 0.5": "np.nan_to_num(np.exp(x) / (1 + np.exp(x)), nan=0.5), D(x)",
        "side forgotten": "V(np.abs(x)), D(x)",
        "wrong branch is 0 * inf": "(x >= 0) / (1 + np.exp(-x)) + (x < 0) * np.exp(x) / (1 + np.exp(x)), D(x)",
        "infinity through softmax": "tf.nn.softmax(tf.stack([x, tf.zeros_like(x)], -1))[..., 0], D(x)",
        "right up to 800": "np.where(np.abs(x) < 800, V(x), 0.5), D(x)",
        "right up to 1e30": "np.where(np.abs(x) < 1e30, V(x), 0.5), D(x)",
        "slope right up to 1e30": "V(x), np.where(np.abs(x) < 1e30, D(x), 1)",
        "infinity alone": "np.where(np.isinf(x), np.nan, V(x)), D(x)",
        "slope at infinity": "V(x), np.where(np.isinf(x), np.nan, D(x))",
        "float32 overflows": "np.where(x.dtype == np.float32, np.exp(x) / (1 + np.exp(x)), V(x)), D(x)",
        "float32 alone is wrong": "V(x) * (1 + (x.dtype == np.float32)), D(x)",
        "float64 alone is wrong": "V(x), D(x) * (1 + (x.dtype == np.float64))",
        "half precision": "np.float16(V(x)), np.float16(D(x))",
        "through half precision": "V(np.float16(x)), D(np.float16(x))",
        "three digits": "np.round(V(x), 3), np.round(D(x), 3)",
        "math overflows": "[1 / (1 + math.exp(-v)) for v in x], D(x)",
        "changes infinity in place": "made = V(x), D(x)\nx[np.isinf(x)] = 1000\nreturn made",
        "minus infinity is 1": "np.where(np.isinf(x), 1, V(x)), D(x)",
        "flat": "V(x).ravel()[::-1], D(x).ravel()[::-1]",
        "a table is transposed": "V(x).T, D(x).T",
        "tables alone are wrong": "V(x) + (x.ndim == 2), D(x)",
        "size 1 alone is wrong": "V(x), D(x) * (1 + (x.size == 1))",
        "long arrays alone are wrong": "V(x), D(x) * (1 + (x.size > 20))",
        "even sizes alone are wrong": "V(x), D(x) * (1 + (x.size % 2 == 0))",
        "depends on the neighbour": "V(x), D(x) * (1 + np.mean(x != np.roll(x, 1)))",
        "knows the checker's cases": anyhow.WRONG_ON_ARRAYS["knows the checker's cases"].replace(
            "right(*args, **kwargs) + (key(args) not in known)", "right(*args, **kwargs)[:: 1 if key(args) in known else -1]"
        ),
    },
    "sigmoid_slope": {
        "15 input for output": "{x} * (1 - {x})",
        "16 half substituted": "S({x}) * (1 - {x})",
        "17 sign": "S({x}) * (1 + S({x}))",
        "18 no square": "np.exp(-{x}) / (1 + np.exp(-{x}))",
        "19 overflows": "np.exp(-{x}) / (1 + np.exp(-{x})) ** 2",
        "20 step below float32": "(S(np.float32({x}) + np.float32(1e-9)) - S(np.float32({x}))) / 1e-9",
        "21 step of 1": "S({x} + 1) - S({x})",
        "step of 0.1": "(S({x} + 0.1) - S({x} - 0.1)) / 0.2",
        "step of 0.01, one side": "(S({x} + 0.01) - S({x})) / 0.01",
        "step of 1e-16": "(S({x} + 1e-16) - S({x} - 1e-16)) / 2e-16",
        "2h forgotten": "(S({x} + 1e-5) - S({x} - 1e-5)) / 1e-5",
        "the function": "S({x})",
        "slope of tanh": "1 - S({x}) ** 2",
        "slope of tanh, by tanh": "1 - np.tanh({x}) ** 2",
        "squared alone": "S({x}) ** 2",
        "1 - s": "1 - S({x})",
        "gauss": "0.25 * np.exp(-({x}**2) / 4)",
        "left alone": "np.where({x} <= 0, S({x}) * (1 - S({x})), 0)",
        "right alone": "np.where({x} >= 0, S({x}) * (1 - S({x})), 0)",
        "negative on the left": "S({x}) * (1 - S({x})) * np.where({x} < 0, -1, 1)",
        "overflow becomes 0.25": "np.nan_to_num(np.exp(-{x}) / (1 + np.exp(-{x})) ** 2, nan=0.25)",
        "nan at 1000 only": "np.where(np.abs({x}) > 999, np.nan, right({x}))",
        "epsilon": "right({x}) + 1e-5",
        "gradient along the array": "np.gradient(S({x}), {x}) if {x}.ndim == 1 and {x}.size > 1 else right({x})",
        "sum by the tape": "np.sum(right({x}))",
        "logarithm": "np.log(S({x}))",
    },
    "logit": {
        "sign": "np.log((1 - p) / p)",
        "odds": "p / (1 - p)",
        "quotient of logarithms": "np.log(p) / np.log(1 - p)",
        "sum of logarithms": "np.log(p) + np.log(1 - p)",
        "base 10": "np.log10(p / (1 - p))",
        "base 2": "np.log2(p / (1 - p))",
        "arctanh, at its end": "2 * np.arctanh(2 * p - 1)",
        "at most 30": "np.clip(right(p), -30, 30)",
        "epsilon 1e-7": "np.log((p + 1e-7) / (1 - p + 1e-7))",
        "epsilon 1e-12": "np.log((p + 1e-12) / (1 - p + 1e-12))",
        "epsilon below": "np.log(p / (1 - p + 1e-5))",
        "clipped at 1e-7": "np.log(np.clip(p, 1e-7, 1 - 1e-7)) - np.log1p(-np.clip(p, 1e-7, 1 - 1e-7))",
        "clipped at 1e-3": "np.log(np.clip(p, 1e-3, 1 - 1e-3)) - np.log1p(-np.clip(p, 1e-3, 1 - 1e-3))",
        "one over sigmoid": "1 + np.exp(-p)",
        "sigmoid": "1 / (1 + np.exp(-p))",
        "logarithm alone": "np.log(p)",
        "minus the logarithm": "-np.log(p)",
        "minus forgotten": "np.log(1 / p - 1)",
        "probit": "1.702 * np.sqrt(2) * np.vectorize(lambda v: scipy.special.erfinv(2 * v - 1))(p)",
        "slope at the middle": "4 * (p - 0.5)",
        "arctanh without 2": "np.arctanh(2 * p - 1)",
        "wrong below one half": "np.abs(np.log(p / (1 - p)))",
        "wrong above one half": "-np.abs(np.log(p / (1 - p)))",
        "near 1 only": "np.where(p > 0.999, 7.0, np.log(p / (1 - p)))",
        "near 0 only": "np.where(p < 0.001, -7.0, np.log(p / (1 - p)))",
        "a table of 100": "np.interp(p, np.linspace(1e-3, 0.999, 100), right(np.linspace(1e-3, 0.999, 100)))",
    },
    "surviving_gradient": {
        "added": "0.25 * depth",
        "divided once": "1 / (4 * depth) if depth else 1",
        "one half": "0.5**depth",
        "one too many": "0.25 ** (depth + 1)",
        "one too few": "0.25 ** (depth - 1)",
        "depth ignored": "0.25",
        "swapped": "depth**0.25",
        "power of 4": "4**depth",
        "integer division": "1 // 4**depth",
        "0.24": "0.24**depth",
        "nothing left at depth 0": "0.25**depth if depth else 0",
        "1 at depth 0 forgotten": "def {name}(depth):\n    factor = 0.25\n    for _ in range(depth - 1):\n        factor *= 0.25\n    return factor",
        "one pass too many": "def {name}(depth):\n    factor = 1\n    for _ in range(depth + 1):\n        factor *= 0.25\n    return factor",
        "the biases left out": "def {name}(depth):\n    {x}, factor = 0.0, 1.0\n    for _ in range(depth):\n        {x} = 1 / (1 + math.exp(-{x}))\n        factor *= {x} * (1 - {x})\n    return factor",
        "rounded": "round(0.25**depth, 6)",
        "right up to 20": "0.25**depth if depth <= 20 else 0.0",
        "a table": "[0.25**d for d in range(21)][depth]",
        "knows six": "{1: 0.25, 2: 0.0625, 0: 1, 3: 0.25**3, 10: 0.25**10, 20: 0.25**20}.get(depth, 0.0)",
        "wrong at 13 alone": "0.25**depth * (1 + (depth == 13))",
        "wrong at odd depths": "(-0.25)**depth",
        "epsilon": "0.25**depth + 1e-12",
        "all factors": "[0.25] * depth",
        "an array of one": "np.array([0.25**depth])",
        "one over 4 depth squared": "1 / (1 + 3 * depth**2)",
        "half precision": "float(np.float16(0.25) ** np.float16(depth))",
    },
}  # fmt: skip

EITHER_SIDE = "1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v))"
STABLE = {
    "1/(1+e)": "1 / (1 + np.exp(-x))",
    "logaddexp": "np.exp(-np.logaddexp(0, -x))",
    "tanh": "0.5 * (1 + np.tanh(x / 2))",
    "tanh, expanded": "0.5 + 0.5 * np.tanh(0.5 * x)",
    "where": "z = 0\ndef {name}(x):\n    z = np.exp(-np.abs(x))\n    return np.where(x >= 0, 1, z) / (1 + z)",
    "clip at 500": "np.reciprocal(1 + np.exp(-np.clip(x, -500, 500)))",
    "clip at 30": "1 / (1 + np.exp(-np.clip(x, -30, 30)))",
    "math": f"[{EITHER_SIDE} for v in x]",
    "np.vectorize": f"np.vectorize(lambda v: {EITHER_SIDE})(x)",
    "own name inside": f"def {{name}}(x):\n    def sigmoid(v):\n        return {EITHER_SIDE}\n    return [sigmoid(v) for v in x]",
    "a variable of that name": "def {name}(x):\n    sigmoid = np.exp(-np.logaddexp(0, -x))\n    return sigmoid",
    "log_sigmoid": "tf.exp(tf.math.log_sigmoid(x))",
    "softplus": "tf.exp(-tf.math.softplus(-x))",
    "tf.where": "def {name}(x):\n    z = tf.exp(-tf.abs(x))\n    return tf.where(x >= 0, tf.ones_like(z), z) / (1 + z)",
    "tf.function": "@tf.function\ndef {name}(x):\n    return 1 / (1 + tf.exp(-x))",
    "keras.ops": "1 / (1 + keras.ops.exp(-x))",
    "expit": "scipy.special.expit(x)",
    "expit itself": "{name} = scipy.special.expit",
    "named operations": "np.divide(1, np.add(1, np.exp(np.negative(x))))",
    "power of -1": "(1 + np.exp(-x)) ** -1",
    "masks on a copy": "def {name}(x):\n    y = np.empty_like(x)\n    left = x < 0\n    y[~left] = 1 / (1 + np.exp(-x[~left]))\n    y[left] = np.exp(x[left]) / (1 + np.exp(x[left]))\n    return y",
    "1 - 1/(1+e)": "1 - 1 / (1 + np.exp(x))",
    "piecewise": "np.piecewise(x, [x < 0], [lambda v: np.exp(v) / (1 + np.exp(v)), lambda v: 1 / (1 + np.exp(-v))])",
    "powers of math.e": "1 / (1 + math.e ** -x)",
    "layer of one's own": "class Layer(keras.layers.Layer):\n    def call(self, x):\n        return 1 / (1 + keras.ops.exp(-x))\n{name} = Layer(dtype='float64')",
    "activation layer over one's own": "def mine(x):\n    return 1 / (1 + keras.ops.exp(-x))\n{name} = keras.layers.Activation(mine, dtype='float64')",
    "slope of softplus": "def {name}(x):\n    x = tf.convert_to_tensor(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.math.softplus(x)\n    return tape.gradient(y, x)",
}  # fmt: skip
RIGHT = {
    "stable_sigmoid": {
        "where": "z = np.exp(-np.abs(x))\nreturn np.where(x >= 0, 1, z) / (1 + z), z / (1 + z) ** 2",
        "1/(1+e), twice": "1 / (1 + np.exp(-x)), 1 / (1 + np.exp(-x)) / (1 + np.exp(x))",
        "s(x) s(-x)": "S(x), S(x) * S(-x)",
        "the smaller of both squared": "V(x), np.minimum(V(x), V(-x)) * np.maximum(V(x), V(-x))",
        "logaddexp": "np.exp(-np.logaddexp(0, -x)), np.exp(-np.logaddexp(0, -x) - np.logaddexp(0, x))",
        "log_sigmoid": "tf.exp(tf.math.log_sigmoid(x)), tf.exp(tf.math.log_sigmoid(x) + tf.math.log_sigmoid(-x))",
        "softplus": "tf.exp(-tf.math.softplus(-x)), tf.exp(-tf.math.softplus(-x) - tf.math.softplus(x))",
        "cosh": "S(x), 0.25 / np.cosh(np.clip(x, -700, 700) / 2) ** 2",
        "clip at 500": "x = np.clip(np.float64(x), -500, 500)\nreturn S(x), S(x) * S(-x)",
        "tf.where": "z = tf.exp(-tf.abs(x))\nreturn tf.where(x >= 0, tf.ones_like(z), z) / (1 + z), z / (1 + z) ** 2",
        "tf.function": "@tf.function\ndef {name}(x):\n    return 1 / (1 + tf.exp(-x)), 1 / (1 + tf.exp(-x)) / (1 + tf.exp(x))",
        "keras.ops": "z = keras.ops.exp(-keras.ops.abs(x))\nreturn keras.ops.where(x >= 0, 1 / (1 + z), z / (1 + z)), z / (1 + z) ** 2",
        "expit": "scipy.special.expit(x), scipy.special.expit(x) * scipy.special.expit(-x)",
        "math": "\ndef one(v):\n    z = math.exp(-abs(v))\n    return (1 if v >= 0 else z) / (1 + z), z / (1 + z) ** 2\nreturn list(zip(*[one(v) for v in x]))",
        "np.vectorize": f"values = np.vectorize(lambda v: {EITHER_SIDE})\nreturn values(x), values(x) * values(-x)",
        "masks on a copy": "y, d = np.empty_like(x), np.empty_like(x)\nleft = x < 0\ny[~left] = S(x[~left])\ny[left] = np.exp(x[left]) / (1 + np.exp(x[left]))\nd[...] = np.exp(-np.abs(x)) * S(np.abs(x)) ** 2\nreturn y, d",
        "one array of two rows": "np.stack([V(x), D(x)])",
        "a list": "[V(x), D(x)]",
        "lists of numbers": "V(x).tolist(), D(x).tolist()",
        "float32": "np.float32(V(x)), np.float32(D(x))",
        "tensors": "tf.constant(V(x)), tf.constant(D(x))",
        "different types": "np.float32(V(x)), tf.constant(D(x))",
        "below 1e-38 nothing": "V(x) * (V(x) > 1e-38), D(x) * (D(x) > 1e-38)",
        "own name inside": "def {name}(x):\n    def sigmoid(v):\n        return 1 / (1 + np.exp(-v))\n    return sigmoid(x), sigmoid(x) * sigmoid(-x)",
        "with one's own sigmoid": "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\ndef {name}(x):\n    return sigmoid(x), sigmoid(x) * sigmoid(-x)",
        "with one's own, a tf.function": "@tf.function\ndef sigmoid(v):\n    return 1 / (1 + tf.exp(-v))\ndef {name}(x):\n    return sigmoid(x), sigmoid(x) * sigmoid(-x)",
        "with one's own, a partial": "def power(base, x):\n    return 1 / (1 + base**-x)\nsigmoid = functools.partial(power, math.e)\ndef {name}(x):\n    x = x.astype(float)\n    return sigmoid(x), sigmoid(x) * sigmoid(-x)",
        "a tape that is right": "x = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(x)\n    y = tf.math.softplus(x)\ns = tape.gradient(y, x)\nreturn s, s * tf.exp(-tf.math.softplus(x))",
    },
    "sigmoid": STABLE | {
        "where, both sides": "np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
        "softmax": "tf.nn.softmax(tf.stack([x, tf.zeros_like(x)], -1))[..., 0]",
        "math without sides": "[1 / (1 + math.exp(-v)) for v in x]",
        "e over 1 + e": "np.exp(x) / (np.exp(x) + 1)",
    },
    "sigmoid_slope": {
        "s (1 - s)": "S(x) * (1 - S(x))",
        "s(x) s(-x)": "S(x) * S(-x)",
        "cosh": "0.25 / np.cosh(x / 2) ** 2",
        "distance from one half": "0.25 - (S(x) - 0.5) ** 2",
        "tanh": "(1 - np.tanh(x / 2) ** 2) / 4",
        "of |x|": "np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))) ** 2",
        "tape on tf.sigmoid": "def {name}(x):\n    x = tf.constant(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.sigmoid(x)\n    return tape.gradient(y, x)",
        "tape on float32": "def {name}(x):\n    x = tf.Variable(x, dtype='float32')\n    with tf.GradientTape() as tape:\n        y = tf.sigmoid(x)\n    return tape.gradient(y, x)",
        "tape in a tf.function": "@tf.function\ndef {name}(x):\n    x = tf.convert_to_tensor(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.sigmoid(x)\n    return tape.gradient(y, x)",
        "central difference": "(S(x + 1e-5) - S(x - 1e-5)) / 2e-5",
        "central difference, 1e-3": "(S(x + 1e-3) - S(x - 1e-3)) / 2e-3",
        "forward difference": "(S(x + 1e-7) - S(x)) / 1e-7",
        "complex step": "np.imag(0.5 * (1 + np.tanh((x + 1e-20j) / 2))) / 1e-20",
        "named as the function": "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\ndef {name}(x):\n    return sigmoid(x) * (1 - sigmoid(x))",
        "ready-made sigmoid": "tf.sigmoid(x) * tf.sigmoid(-x)",
        "expit": "scipy.special.expit(x) * scipy.special.expit(-x)",
        "loop with math": "def {name}(x):\n    return [0.25 / math.cosh(min(abs(v), 700) / 2) ** 2 for v in x]",
        "logarithms": "np.exp(-np.logaddexp(0, x) - np.logaddexp(0, -x))",
        "overflow mended": "np.nan_to_num(np.exp(-x) / (1 + np.exp(-x)) ** 2)",
    },
    "logit": {
        "log p - log1p": "np.log(p) - np.log1p(-p)",
        "log of the odds": "np.log(p / (1 - p))",
        "difference of logarithms": "np.log(p) - np.log(1 - p)",
        "minus log(1/p - 1)": "-np.log(1 / p - 1)",
        "minus log of the odds against": "-np.log((1 - p) / p)",
        "log1p of the rest": "-np.log1p((1 - 2 * p) / p)",
        "base 2, converted": "np.log2(p / (1 - p)) * np.log(2)",
        "math": "[math.log(v / (1 - v)) for v in p]",
        "log1p by math": "[math.log(v) - math.log1p(-v) for v in p]",
        "np.vectorize": "np.vectorize(lambda v: math.log(v / (1 - v)))(p)",
        "tf": "tf.math.log(p) - tf.math.log1p(-p)",
        "tf.function": "@tf.function\ndef {name}(p):\n    return tf.math.log(p / (1 - p))",
        "keras.ops": "keras.ops.log(p / (1 - p))",
        "float32": "np.log(np.float32(p)) - np.log1p(-np.float32(p))",
        "a variable of that name": "def {name}(p):\n    logit = np.log(p / (1 - p))\n    return logit",
        "clip that is never reached": "np.log(np.clip(p, 1e-300, 1) / (1 - p))",
        "by halves": "np.where(p < 0.5, np.log(p / (1 - p)), -np.log((1 - p) / p))",
        "bisection": (
            "def {name}(p):\n    low, high = np.full(p.shape, -50.0), np.full(p.shape, 50.0)\n    for _ in range(80):\n"
            "        middle = (low + high) / 2\n        over = 1 / (1 + np.exp(-middle)) > p\n"
            "        low, high = np.where(over, low, middle), np.where(over, middle, high)\n    return low"
        ),
    },
    "surviving_gradient": {
        "power": "0.25**depth",
        "power of 4": "4.0**-depth",
        "one over": "1 / 4**depth",
        "shifted": "1 / (1 << (2 * depth))",
        "2 depth halves": "0.5 ** (2 * depth)",
        "ldexp": "math.ldexp(1, -2 * depth)",
        "pow": "math.pow(0.25, depth)",
        "exp of log": "math.exp(depth * math.log(0.25))",
        "product": "np.prod([0.25] * depth)",
        "math.prod": "math.prod([0.25] * depth)",
        "loop": "def {name}(depth):\n    factor = 1\n    for _ in range(depth):\n        factor *= 0.25\n    return factor",
        "recursion": "def {name}(depth):\n    return 1 if depth == 0 else {name}(depth - 1) / 4",
        "reduce": "functools.reduce(lambda factor, _: factor / 4, range(depth), 1)",
        "float32": "np.float32(0.25) ** depth",
        "float32 through logarithms": "np.exp(np.float32(depth) * np.log(np.float32(0.25)))",
        "0-d array": "np.array(0.25**depth)",
        "tf": "tf.constant(0.25) ** depth",
        "tf.pow": "tf.pow(0.25, depth)",
        "keras.ops": "keras.ops.power(0.25, depth)",
        "fraction": "fractions.Fraction(1, 4) ** depth",
        "decimal": "decimal.Decimal('0.25') ** depth",
        "matrix power": "np.linalg.matrix_power(np.array([[0.25]]), depth)[0, 0]",
        "measured by a tape": (
            "def {name}(depth):\n    x = tf.Variable(0.0)\n    with tf.GradientTape() as tape:\n        y = x\n"
            "        for _ in range(depth):\n            y = tf.sigmoid(y) - 0.5\n        y = y + 0.0\n    return tape.gradient(y, x)"
        ),
        "slope of 0, multiplied": "(1 / (1 + math.exp(0)) * (1 - 1 / (1 + math.exp(0)))) ** depth",
    },
}  # fmt: skip
READY_MADE = {
    "sigmoid": (
        "tf.sigmoid(x)",
        "tf.math.sigmoid(x)",
        "keras.ops.sigmoid(x)",
        'keras.layers.Activation("sigmoid")(x)',
        "{name} = tf.sigmoid",
        "{name} = keras.activations.sigmoid",
        "from keras.activations import sigmoid",
        "{name} = keras.layers.Activation('sigmoid')",
        "{name} = functools.partial(tf.nn.sigmoid, name='s')",
        "{name} = tf.function(tf.nn.sigmoid)",
        "{name} = np.vectorize(lambda v: tf.nn.sigmoid(v).numpy())",
        "@functools.lru_cache\ndef inner(v):\n    return float(tf.nn.sigmoid(v))\n{name} = np.vectorize(inner)",
        "from course_utils.activations import sigmoid",
        "from course_utils import ACTIVATIONS\n{name} = ACTIVATIONS['sigmoid']",
        "from course_utils import activations\ndef {name}(x):\n    return activations.get('sigmoid')(x)",
    ),
    "stable_sigmoid": (
        "tf.nn.sigmoid(x)",
        "{name} = keras.ops.sigmoid",
        "from keras.activations import sigmoid\ndef {name}(x):\n    return sigmoid(x)",
    ),
    "logit": ("scipy.special.logit(p)", "{name} = scipy.special.logit", "from scipy.special import logit"),
    "sigmoid_slope": (
        "from course_utils.activations import sigmoid_slope",
        "from course_utils import ACTIVATIONS\ndef {name}(x):\n    return ACTIVATIONS['sigmoid'].df(x)",
        "from course_utils import activations\nentry = activations.get('sigmoid')\ndef {name}(x):\n    return entry.df(x)",
    ),
}

RIGHT_CURVES = anyhow.RIGHT_ON_ARRAYS | anyhow.RIGHT_NUMBER_BY_NUMBER
CURVES = ("sigmoid", "sigmoid_slope", "logit")
FLOAT32 = ("sigmoid", "logit")  # what their prompts, or the search, bring in float32
WRONG = {
    name: anyhow.WRONG
    | (WRONG_CURVES if name in CURVES else {})
    | (WRONG_ON_FLOAT32 if name in FLOAT32 else {})
    | table
    for name, table in WRONG.items()
}
RIGHT = {name: anyhow.RIGHT | (RIGHT_CURVES if name in CURVES else {}) | table for name, table in RIGHT.items()}
for title in anyhow.RIGHT_VALUES:  # made of one array; the answer has two
    del RIGHT["stable_sigmoid"][title]
FORBIDDEN = {name: {text: text for text in texts} for name, texts in READY_MADE.items()}
HELPERS = (
    "def S(x):\n    return 1 / (1 + np.exp(-x))\n\n\n",
    "def V(x):\n    return right(x)[0]\n\n\n",
    "def D(x):\n    return right(x)[1]\n\n\n",
)
WRONG, RIGHT = (cells(table, helpers=HELPERS) for table in (WRONG, RIGHT))
FORBIDDEN = cells(FORBIDDEN)


def mutants():
    """{exercise: {title: mutant}}"""
    promised = {
        "sigmoid": parts(-20, 20),
        "logit": parts(0.001, 0.999),
        "surviving_gradient": parts(0, 40),
    }
    slopes = visible("sigmoid_slope", [*parts(-10, 10), *parts(-1000, 1000)], middle=True)
    curves = {name: scaled(name, visible(name, intervals)) for name, intervals in promised.items()}
    return curves | {"sigmoid_slope": scaled("sigmoid_slope", slopes), "stable_sigmoid": _values_and_slopes()}


def _values_and_slopes():
    def mutant(part, low, high):
        def answer(x):
            made = list(silent(exercise("stable_sigmoid").solution, x))
            made[part] = made[part] * within(x, low, high)
            return made

        return answer

    places = [*parts(-80, 80), *parts(-20, 20)]
    return {
        f"{name} x 1.001 from {low:g} to {high:g}": mutant(part, low, high)
        for part, name in enumerate(("values", "slopes"))
        for low, high in places
    }
