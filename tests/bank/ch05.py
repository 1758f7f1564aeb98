"""The bank of the tanh chapter. `S` and `T` are a sigmoid and a tanh of the learner's own."""

import numpy as np

from bank import anyhow
from bank.answers import cells
from bank.mutations import parts, powers, scaled, visible

WRONG_NUMBERS = {
    "half precision": "np.float16(right(fan_in, fan_out))",
    "an array of one": "np.array([right(fan_in, fan_out)])",
    "a pair": "right(fan_in, fan_out), right(fan_out, fan_in)",
    "one parameter": "def {name}(fan_in):\n    return right(fan_in, fan_in)",
    "three parameters": "def {name}(fan_in, fan_out, gain):\n    return gain * right(fan_in, fan_out)",
}  # fmt: skip
WRONG_ARRAYS = anyhow.WRONG_ON_ARRAYS | {
    "the input": "x",
    "half precision": "right(x).astype(np.float16)",
    "three digits": "np.round(right(x), 3)",
    "a table is transposed": "right(x).T",
    "right up to 800": "np.where(np.abs(x) < 800, right(x), np.nan)",
    "knows the numbers of the checker's cases": anyhow.KNOWS_THE_NUMBERS,
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
    "glorot_std": WRONG_NUMBERS | {
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
    "tanh_slope": {
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
    "tanh": BOTH | {
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
    "tanh_from_sigmoid": BOTH | {
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
HELPERS = """def S(x):
    return 1 / (1 + np.exp(-x))


def T(x):
    z = np.exp(-2 * np.abs(x))
    return np.sign(x) * (1 - z) / (1 + z)


"""

CURVES = ("tanh", "tanh_from_sigmoid")
ON_ARRAYS = (*CURVES, "tanh_slope")
RIGHT_ARRAYS = anyhow.RIGHT_ON_ARRAYS | anyhow.RIGHT_NUMBER_BY_NUMBER
WRONG = {name: anyhow.WRONG | table for name, table in WRONG.items()}
RIGHT = {name: anyhow.RIGHT | (RIGHT_ARRAYS if name in ON_ARRAYS else {}) | table for name, table in RIGHT.items()}
FORBIDDEN = {name: {text: text for text in texts} for name, texts in READY_MADE.items()}
WRONG, RIGHT = (cells(table, helpers=HELPERS) for table in (WRONG, RIGHT))
FORBIDDEN = cells(FORBIDDEN)


def mutants():
    """{exercise: {title: mutant}}"""
    fans = [part for part in (*parts(1, 10_000), *powers(0, 4)) if np.floor(part[1]) >= part[0]]
    both = {
        f"fan_{'io'[place]}, {title}": mutant
        for place in (0, 1)
        for title, mutant in scaled("glorot_std", fans, of=lambda *fans, place=place: fans[place]).items()
    }
    promised = [*parts(-10, 10), *parts(-1000, 1000)]
    return {"glorot_std": both} | {
        name: scaled(name, visible(name, promised, middle=name == "tanh_slope")) for name in ON_ARRAYS
    }
