"""The bank of the chapter on why a network needs a nonlinearity."""

import numpy as np

from bank import anyhow
from bank.answers import cells
from bank.mutations import parts, scaled, within
from course_utils.exercises.ch01_why_nonlinearity import collapse, hat, xor_network

LOOP = "def {name}(weights, biases):\n    W, b = weights[0], biases[0]\n    for V, c in zip(weights[1:], biases[1:]):\n        W, b = {step}\n    return W, b"
BENDS = "-b[w != 0] / w[w != 0]"
XOR_WEIGHTS = "np.array([[1.0, 1.0], [1.0, 1.0]]), np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.array([0.0])"


def xor(W1, b1, W2, b2="[0]"):
    return f"{W1}, {b1}, {W2}, {b2}"


WRONG = {
    "hat": {
        "middle factor 1": "np.maximum(x + 1, 0) - np.maximum(x, 0) + np.maximum(x - 1, 0)",
        "third left out": "np.maximum(x + 1, 0) - 2 * np.maximum(x, 0)",
        "not cut off": "1 - np.abs(x)",
        "two lines": "np.minimum(1 + x, 1 - x)",
        "valley": "np.abs(x)",
        "box": "(np.abs(x) <= 1) * 1.0",
        "on [0, 1]": "2 * np.maximum(x, 0) - 4 * np.maximum(x - 0.5, 0) + 2 * np.maximum(x - 1, 0)",
        "shifted": "right(x - 1)",
        "twice as wide": "right(x / 2)",
        "twice as narrow": "right(2 * x)",
        "twice as high": "2 * right(x)",
        "upside down": "-right(x)",
        "parabola": "np.maximum(1 - x**2, 0)",
        "cosine": "np.where(np.abs(x) < 1, np.cos(np.pi * x / 2), 0)",
        "bell": "np.exp(-(x**2))",
        "left half": "np.where(x < 0, right(x), 0)",
        "right half": "np.where(x > 0, right(x), 0)",
        "right up to 5": "np.where(np.abs(x) < 5, right(x), x)",
        "periodic": "np.abs((x + 1) % 2 - 1) * -1 + 1",
        "if on an array": "def {name}(x):\n    if abs(x) > 1:\n        return 0\n    return 1 - abs(x)",
        "tanh": "1 - np.abs(np.tanh(x))",
        "leaky": "np.where(np.abs(x) > 1, 0.01 * (1 - np.abs(x)), 1 - np.abs(x))",
        "whole numbers": "right(x).astype(int)",
        "whole numbers for float32": "right(x).astype(int) if x.dtype == np.float32 else right(x)",
    },
    "kinks": {
        "sign": "np.sort(b[w != 0] / w[w != 0])",
        "upside down": "np.sort(-w[b != 0] / b[b != 0])",
        "minus b": "np.sort(-b[w != 0])",
        "zero weights kept": "np.sort(-b / w)",
        "zero weights give 0": "np.sort(np.nan_to_num(-b / w, posinf=0, neginf=0))",
        "epsilon": "np.sort(-b / (w + 1e-9))",
        "large epsilon": "np.sort(-b[w != 0] / (w[w != 0] + 1e-3))",
        "not sorted": BENDS,
        "right to left": f"np.sort({BENDS})[::-1]",
        "sorted by size": f"sorted({BENDS}, key=abs)",
        "sorted as text": f"sorted(({BENDS}).tolist(), key=str)",
        "weights above 0.1": "np.sort(-b[np.abs(w) > 0.1] / w[np.abs(w) > 0.1])",
        "only inside [-50, 50]": "[v for v in right(w, b) if abs(v) <= 50]",
        "eight at most": "right(w, b)[:8]",
        "positive weights": "np.sort(-b[w > 0] / w[w > 0])",
        "negative weights mirrored": "np.sort(-b[w != 0] / np.abs(w[w != 0]))",
        "weights above 1": "np.sort(-b[np.abs(w) >= 1] / w[np.abs(w) >= 1])",
        "the first": f"np.sort({BENDS})[:1]",
        "all but the last": f"np.sort({BENDS})[:-1]",
        "one more": f"np.append(np.sort({BENDS}), 1000.0)",
        "0 for nothing": f"np.sort({BENDS}) if w.any() else [0.0]",
        "None for nothing": f"np.sort({BENDS}) if w.any() else None",
        "ends included": f"[-10.0, *np.sort({BENDS}), 10.0]",
        "each thrice": f"np.sort(np.repeat({BENDS}, 3))",
        "each twice": f"np.sort(np.repeat({BENDS}, 2))",
        "whole numbers": f"np.unique(np.round({BENDS}))",
        "one digit": f"np.sort(np.round({BENDS}, 1))",
        "how many": "np.count_nonzero(w)",
        "a set": f"set({BENDS})",
        "a column": f"np.sort({BENDS})[:, None]",
        "the kinks and their slopes": f"np.sort({BENDS}), np.abs(w)",
        "the sum's zero": "[-b.sum() / w.sum()]",
        "only where b is not 0": f"np.sort(np.array([v for v in {BENDS} if v]))",
        "only inside [-5, 5]": f"np.sort(np.array([v for v in {BENDS} if abs(v) <= 5]))",
        "grid": "[v for v in np.linspace(-40, 40, 321) if np.isclose(w * v + b, 0).any()]",
        "text": f"str(np.sort({BENDS}))",
        "texts": f"[str(v) for v in np.sort({BENDS})]",
        "a number for one": f"np.squeeze(np.sort({BENDS}))",
        "nothing": "None",
        "a generator": f"(v for v in sorted({BENDS}))",
        "complex": f"np.sort({BENDS}) + 1j",
        "nan": f"np.sort({BENDS}) * np.nan",
        "factor 1.001": f"1.001 * np.sort({BENDS}) + 1e-4",
        "float32 alone is wrong": f"np.sort({BENDS}) + (w.dtype == np.float32)",
        "changes its input": f"def {{name}}(w, b):\n    y = np.sort({BENDS})\n    w.sort()\n    b[...] = 0\n    return y",
        "no parameter": "def {name}():\n    return []",
    },
    "collapse": {
        "82 biases added": LOOP.replace("{step}", "W @ V, b + c"),
        "82 sum of the biases": "right(weights, biases)[0], sum(biases)",
        "83 last bias": "right(weights, biases)[0], biases[-1]",
        "84 other order": LOOP.replace("{step}", "V @ W, V @ b + c"),
        "84 multi_dot, turned round": "np.linalg.multi_dot([*weights[::-1], np.eye(weights[0].shape[0])]), right(weights, biases)[1]",
        "85 elementwise": LOOP.replace("{step}", "W * V, b @ V + c"),
        "86 sum": LOOP.replace("{step}", "W + V, b + c"),
        "no bias": "right(weights, biases)[0], 0 * right(weights, biases)[1]",
        "first bias alone": LOOP.replace("{step}", "W @ V, b @ V"),
        "later biases through their own layer": LOOP.replace("{step}", "W @ V, (b + c) @ V if V.shape[0] == V.shape[1] else b @ V + c"),
        "bias of the layer before forgotten": "right(weights, biases)[0], (biases[-2] @ weights[-1] if len(weights) > 1 else 0) + biases[-1]",
        "two layers at most": "right(weights[:2], biases[:2])",
        "three layers at most": "right(weights[:3], biases[:3])",
        "four layers at most": "right(weights[:4], biases[:4])",
        "at least two layers": "np.linalg.multi_dot(weights), right(weights, biases)[1]",
        "layers turned round": "right(weights[::-1], biases[::-1])",
        "transposed": "right(weights, biases)[0].T, right(weights, biases)[1]",
        "b first": "right(weights, biases)[::-1]",
        "W alone": "right(weights, biases)[0]",
        "stacked": "np.vstack(right(weights, biases))",
        "a dict": "dict(zip('Wb', right(weights, biases)))",
        "three things": "*right(weights, biases), len(weights)",
        "a function": "lambda x: x @ right(weights, biases)[0] + right(weights, biases)[1]",
        "shapes": "right(weights, biases)[0].shape, right(weights, biases)[1].shape",
        "text": "str(right(weights, biases))",
        "nothing": "None",
        "b as a column": "right(weights, biases)[0], right(weights, biases)[1][:, None] + np.zeros(2)",
        "b for two examples": "right(weights, biases)[0], np.tile(right(weights, biases)[1], (2, 1))",
        "one number for b": "right(weights, biases)[0], right(weights, biases)[1].mean()",
        "nan": "right(weights, biases)[0] * np.nan, right(weights, biases)[1]",
        "whole numbers": "tuple(part.astype(int) for part in right(weights, biases))",
        "factor 1.001": "tuple(1.001 * part for part in right(weights, biases))",
        "b with factor 1.001": "right(weights, biases)[0], 1.001 * right(weights, biases)[1]",
        "imaginary": "tuple(part + 1j for part in right(weights, biases))",
        "half precision": "tuple((part / 3).astype(np.float16) * 3.0 for part in right(weights, biases))",
        "with relu": "def {name}(weights, biases):\n    def f(x):\n        for V, c in zip(weights, biases):\n            x = np.maximum(x @ V + c, 0)\n        return x\n    b = f(np.zeros((1, len(weights[0]))))\n    return f(np.eye(len(weights[0]))) - b, b[0]",
        "probe without taking off b": "def {name}(weights, biases):\n    def f(x):\n        for V, c in zip(weights, biases):\n            x = x @ V + c\n        return x\n    return f(np.eye(len(weights[0]))), f(np.zeros(len(weights[0])))",
        "pops the list": "def {name}(weights, biases):\n    W, b = weights.pop(0), biases.pop(0)\n    while weights:\n        V = weights.pop(0)\n        W, b = W @ V, b @ V + biases.pop(0)\n    return W, b",
        "adds in place": "def {name}(weights, biases):\n    b = biases[0]\n    for V, c in zip(weights[1:], biases[1:]):\n        b = b @ V\n        b += c\n    biases[0] += 0.5\n    return right(weights, biases)[0], b",
        "float32 alone is wrong": "right(weights, biases)[0] + (weights[0].dtype == np.float32), right(weights, biases)[1]",
        "no parameter": "def {name}():\n    return 0, 0",
        "one parameter": "def {name}(layers):\n    return right(*layers)",
    },
    "xor_network": {
        "or": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-1]]"),
        "and": xor("[[1, 1], [1, 1]]", "[-1, -1]", "[[1], [0]]"),
        "nand": xor("[[1, 1], [1, 1]]", "[-1, -1]", "[[-1], [0]]", "[1]"),
        "equal": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[-1], [2]]", "[1]"),
        "sum": xor("[[1, 1], [1, 1]]", "[0, 0]", "[[1], [0]]"),
        "one half": xor("np.zeros((2, 2))", "np.zeros(2)", "np.zeros((2, 1))", "[0.5]"),
        "zero": xor("np.zeros((2, 2))", "np.zeros(2)", "np.zeros((2, 1))"),
        "one direction": xor("[[1, 0], [-1, 0]]", "[0, 0]", "[[1], [0]]"),
        "difference": xor("[[1, -1], [-1, 1]]", "[0, 0]", "[[1], [-1]]"),
        "without relu it would be right": xor("[[1, 0], [0, 1]]", "[-2, -2]", "[[1], [1]]", "[3]"),
        "twice the height": xor("[[2, 2], [2, 2]]", "[0, -2]", "[[1], [-2]]"),
        "off by 0.05": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-1.95]]"),
        "off by 0.02": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-2]]", "[0.02]"),
        "one corner off": xor("[[1, 1], [1, 1]]", "[0, -0.9]", "[[1], [-2]]"),
        "W1 transposed in thought": xor("[[1, 1], [0, -1]]", "[0, -1]", "[[1], [-2]]"),
        "row for column": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1, -2]]"),
        "flat W2": xor("[[1, 1], [1, 1]]", "[0, -1]", "[1, -2]"),
        "a number for b2": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-2]]", "0"),
        "b1 as a column": xor("[[1, 1], [1, 1]]", "[[0], [-1]]", "[[1], [-2]]"),
        "three units": xor("[[1, 1, 0], [1, 1, 0]]", "[0, -1, 0]", "[[1], [-2], [0]]"),
        "one unit": xor("[[1], [1]]", "[0]", "[[1]]"),
        "three arrays": "[[1, 1], [1, 1]], [0, -1], [[1], [-2]]",
        "five arrays": f"{XOR_WEIGHTS}, 0",
        "another order": "[[1, 1], [1, 1]], [[1], [-2]], [0, -1], [0]",
        "nested": f"(({XOR_WEIGHTS}),)",
        "a dict": "{'W1': 0, 'b1': 0, 'W2': 0, 'b2': 0}",
        "the answers": "np.array([0, 1, 1, 0])",
        "a function": "lambda x: x[:, 0] != x[:, 1]",
        "text": f"str([{XOR_WEIGHTS}])",
        "texts": "'W1', 'b1', 'W2', 'b2'",
        "nothing": "None",
        "infinite": xor("[[1, 1], [1, 1]]", "[0, -np.inf]", "[[1], [-2]]"),
        "nan": xor("[[1, 1], [1, 1]]", "[0, np.nan]", "[[1], [-2]]"),
        "imaginary": xor("[[1, 1], [1, 1j]]", "[0, -1]", "[[1], [-2]]"),
        "ragged": xor("[[1, 1], [1]]", "[0, -1]", "[[1], [-2]]"),
        "untrained": "np.random.default_rng(0).normal(size=(2, 2)), np.zeros(2), np.ones((2, 1)), np.zeros(1)",
        "with a parameter": f"def {{name}}(x):\n    return {XOR_WEIGHTS}",
        "a Keras model": "keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, 'relu'), keras.layers.Dense(1)])",
    },
}  # fmt: skip
RIGHT = {
    "hat": {
        "three relus": "np.maximum(x + 1, 0) - 2 * np.maximum(x, 0) + np.maximum(x - 1, 0)",
        "relu of keras": "keras.ops.relu(x + 1) - 2 * keras.ops.relu(x) + keras.ops.relu(x - 1)",
        "relu of tf": "tf.nn.relu(x + 1) - 2 * tf.nn.relu(x) + tf.nn.relu(x - 1)",
        "relu of the absolute value": "np.maximum(1 - np.abs(x), 0)",
        "two relus inside one": "tf.nn.relu(1 - tf.nn.relu(x) - tf.nn.relu(-x))",
        "from the right": "tf.nn.relu(1 - x) - 2 * tf.nn.relu(-x) + tf.nn.relu(-x - 1)",
        "four relus": "0.5 * (tf.nn.relu(x + 1) - 2 * tf.nn.relu(x) + tf.nn.relu(x - 1) + tf.nn.relu(1 - x) - 2 * tf.nn.relu(-x) + tf.nn.relu(-x - 1))",
        "interp": "np.interp(x, [-1, 0, 1], [0, 1, 0])",
        "piecewise": "np.piecewise(x, [np.abs(x) > 1], [0, lambda v: 1 - np.abs(v)])",
        "where": "np.where(x < -1, 0, np.where(x < 0, x + 1, np.where(x < 1, 1 - x, 0)))",
        "clip": "np.clip(1 - np.abs(x), 0, 1)",
        "minimum": "np.maximum(np.minimum(x + 1, 1 - x), 0)",
        "comprehension": "[max(0, 1 - abs(v)) for v in x]",
        "matrix of weights": "np.maximum(x[..., None] + np.array([1.0, 0.0, -1.0]), 0) @ np.array([1.0, -2.0, 1.0])",
        "network of Keras": "def {name}(x):\n    hidden = keras.layers.Dense(3, 'relu', dtype='float64')\n    out = keras.layers.Dense(1, use_bias=False, dtype='float64')\n    hidden.build((None, 1)), out.build((None, 3))\n    hidden.set_weights([np.ones((1, 3)), np.array([1.0, 0.0, -1.0])])\n    out.set_weights([np.array([[1.0], [-2.0], [1.0]])])\n    return np.reshape(out(hidden(np.reshape(x, (-1, 1)))), np.shape(x))",
        "three relus in float32": "def {name}(x):\n    x = np.float32(x)\n    return np.maximum(x + 1, 0) - 2 * np.maximum(x, 0) + np.maximum(x - 1, 0)",
        "masks": "(1 - np.abs(x)) * (np.abs(x) < 1)",
        "convolution of boxes": "np.clip(np.minimum(x + 0.5, 0.5) - np.maximum(x - 0.5, -0.5), 0, None)",
    },
    "kinks": {
        "mask and sort": f"np.sort({BENDS})",
        "each once": f"np.unique({BENDS})",
        "a list": f"sorted(({BENDS}).tolist())",
        "a list, each once": f"sorted(set(({BENDS}).tolist()))",
        "comprehension": "sorted(-v / u for u, v in zip(w, b) if u)",
        "tuple": f"tuple(sorted({BENDS}))",
        "list of arrays": f"[np.array(v) for v in np.sort({BENDS})]",
        "float32": f"np.float32(np.sort({BENDS}))",
        "long double": f"np.sort({BENDS}).astype(np.longdouble)",
        "loop": "def {name}(w, b):\n    found = []\n    for i in range(len(w)):\n        if w[i] != 0:\n            found.append(-b[i] / w[i])\n    found.sort()\n    return found",
        "finite ones": "def {name}(w, b):\n    x = -b / w\n    return np.sort(x[np.isfinite(x)])",
        "finite ones, after sorting": "def {name}(w, b):\n    x = np.sort(-b / w)\n    return x[np.isfinite(x)]",
        "tf": "tf.sort(tf.boolean_mask(-b / w, w != 0))",
        "tf, each once": "tf.unique(tf.sort(tf.boolean_mask(-b / w, w != 0)))[0]",
        "keras.ops": "keras.ops.sort(-b[w != 0] / w[w != 0])",
        "np.divide where": "def {name}(w, b):\n    x = np.divide(-b, w, out=np.full(w.shape, np.nan), where=w != 0)\n    return np.sort(x[~np.isnan(x)])",
        "masked": "np.ma.sort(np.ma.masked_invalid(-b / w)).compressed()",
        "flatnonzero": "np.sort(-b[np.flatnonzero(w)] / w[np.flatnonzero(w)])",
        "fractions": "sorted(fractions.Fraction(-float(v)) / fractions.Fraction(float(u)) for u, v in zip(w, b) if u)",
        "decimals": "sorted(decimal.Decimal(-float(v)) / decimal.Decimal(float(u)) for u, v in zip(w, b) if u)",
        "roots": "sorted(np.roots([u, v])[0] for u, v in zip(w, b) if u)",
        "rounded to 8 digits": f"np.unique(np.round({BENDS}, 8))",
        "object array": f"np.sort({BENDS}).astype(object)",
        "heap": "def {name}(w, b):\n    import heapq\n    heap = [float(-v / u) for u, v in zip(w, b) if u]\n    return heapq.nsmallest(len(heap), heap)",
        "bisection": "def {name}(w, b):\n    def root(u, v):\n        low, high = (-200.0, 200.0) if u > 0 else (200.0, -200.0)\n        for _ in range(80):\n            middle = (low + high) / 2\n            low, high = (middle, high) if u * middle + v < 0 else (low, middle)\n        return low\n    return sorted(root(u, v) for u, v in zip(w, b) if u)",
    },
    "collapse": {
        "loop": LOOP.replace("{step}", "W @ V, b @ V + c"),
        "probe": "def {name}(weights, biases):\n    def f(x):\n        for V, c in zip(weights, biases):\n            x = x @ V + c\n        return x\n    n = len(weights[0])\n    b = f(np.zeros(n))\n    return f(np.eye(n)) - b, b",
        "probe with a row": "def {name}(weights, biases):\n    def f(x):\n        for V, c in zip(weights, biases):\n            x = x @ V + c\n        return x\n    n = len(weights[0])\n    b = f(np.zeros((1, n)))\n    return f(np.eye(n)) - b, b",
        "multi_dot and later products": "def {name}(weights, biases):\n    def later(i):\n        return functools.reduce(np.matmul, weights[i:], np.eye(weights[i - 1].shape[1]))\n    return functools.reduce(np.matmul, weights), sum(c @ later(i) for i, c in enumerate(biases, 1))",
        "augmented matrices": "def {name}(weights, biases):\n    A = np.eye(len(weights[0]) + 1)\n    for V, c in zip(weights, biases):\n        A = A @ np.block([[V, np.zeros((len(V), 1))], [c[None], np.ones((1, 1))]])\n    return A[:-1, :-1], A[-1, :-1]",
        "least squares": "def {name}(weights, biases):\n    x = np.random.default_rng(0).normal(size=(50, len(weights[0])))\n    y = x\n    for V, c in zip(weights, biases):\n        y = y @ V + c\n    A = np.linalg.lstsq(np.c_[x, np.ones(50)], y, rcond=None)[0]\n    return A[:-1], A[-1]",
        "transposed": "def {name}(weights, biases):\n    W, b = weights[0].T, biases[0]\n    for V, c in zip(weights[1:], biases[1:]):\n        W, b = V.T @ W, V.T @ b + c\n    return W.T, b",
        "Jacobian by a tape": "def {name}(weights, biases):\n    x = tf.zeros(len(weights[0]), tf.float64)\n    with tf.GradientTape(persistent=True) as tape:\n        tape.watch(x)\n        y = x[None]\n        for V, c in zip(weights, biases):\n            y = y @ tf.cast(V, tf.float64) + tf.cast(c, tf.float64)\n        y = y[0]\n    return tf.transpose(tape.jacobian(y, x, experimental_use_pfor=False)), y",
        "recursion": "def {name}(weights, biases):\n    if len(weights) == 1:\n        return weights[0], biases[0]\n    W, b = {name}(weights[1:], biases[1:])\n    return weights[0] @ W, biases[0] @ W + b",
        "from behind": "def {name}(weights, biases):\n    W, b = np.eye(weights[-1].shape[1]), 0\n    for V, c in zip(weights[::-1], biases[::-1]):\n        b = c @ W + b\n        W = V @ W\n    return W, b",
        "reduce": "functools.reduce(lambda one, two: (one[0] @ two[0], one[1] @ two[0] + two[1]), zip(weights, biases))",
        "a list": "[part.tolist() for part in right(weights, biases)]",
        "tensors": "[tf.constant(part) for part in right(weights, biases)]",
        "float32": "[np.float32(part) for part in right(weights, biases)]",
        "float32 inside": "def {name}(weights, biases):\n    return right([np.float32(V) for V in weights], [np.float32(c) for c in biases])",
        "long double": "[part.astype(np.longdouble) for part in right(weights, biases)]",
        "einsum": LOOP.replace("{step}", "np.einsum('ij,jk->ik', W, V), np.einsum('j,jk->k', b, V) + c"),
        "np.dot": LOOP.replace("{step}", "np.dot(W, V), np.dot(b, V) + c"),
        "tf": "def {name}(weights, biases):\n    W, b = tf.constant(weights[0]), tf.constant(biases[0])\n    for V, c in zip(weights[1:], biases[1:]):\n        W, b = W @ V, tf.linalg.matvec(V, b, transpose_a=True) + c\n    return W, b",
        "Keras layers": "def {name}(weights, biases):\n    model = keras.Sequential([keras.Input((len(weights[0]),))] + [keras.layers.Dense(V.shape[1]) for V in weights])\n    for layer, V, c in zip(model.layers, weights, biases):\n        layer.set_weights([V, c])\n    b = model(np.zeros((1, len(weights[0])))).numpy()\n    return model(np.eye(len(weights[0]))).numpy() - b, b[0]",
        "a number for one output": "def {name}(weights, biases):\n    W, b = right(weights, biases)\n    return W, b if b.size > 1 else b[0]",
        "matrix class": "def {name}(weights, biases):\n    return np.asmatrix(right(weights, biases)[0]), np.asmatrix(right(weights, biases)[1])",
        "extra parameter": "def {name}(weights, biases, check=True):\n    return right(weights, biases)",
        "copies its arguments": "def {name}(weights, biases):\n    weights, biases = [V.copy() for V in weights], [c.copy() for c in biases]\n    W, b = weights.pop(0), biases.pop(0)\n    while weights:\n        V = weights.pop(0)\n        W, b = W @ V, b @ V\n        b += biases.pop(0)\n    return W, b",
    },
    "xor_network": {
        "by the sum": XOR_WEIGHTS,
        "lists": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[1], [-2]]"),
        "a list of lists": "[[[1, 1], [1, 1]], [0, -1], [[1], [-2]], [0]]",
        "two directions": xor("[[1, -1], [-1, 1]]", "[0, 0]", "[[1], [1]]"),
        "units change places": xor("[[1, 1], [1, 1]]", "[-1, 0]", "[[-2], [1]]"),
        "scaled": xor("[[3, 0.5], [3, 0.5]]", "[0, -0.5]", "[[1 / 3], [-4]]"),
        "with an output bias": xor("[[1, -1], [1, -1]]", "[-1, 1]", "[[-1], [-1]]", "[1]"),
        "equality taken from 1": xor("[[-1, 1], [-1, 1]]", "[1, -1]", "[[-1], [-1]]", "[1]"),
        "one unit for one corner": xor("[[1, -1], [-1, 1]]", "[0, 0]", "[[1.0], [1.0]]"),
        "and taken off": xor("[[1, 1], [1, 1]]", "[-1, 0]", "[[-2], [1]]"),
        "floats": "np.ones((2, 2)), np.array([0.0, -1.0]), np.array([[1.0], [-2.0]]), np.zeros(1)",
        "float32": f"tuple(np.float32(part) for part in ({XOR_WEIGHTS}))",
        "tensors": f"tuple(map(tf.constant, ({XOR_WEIGHTS})))",
        "keras tensors": f"tuple(map(keras.ops.convert_to_tensor, ({XOR_WEIGHTS})))",
        "nearly": xor("[[1, 1], [1, 1]]", "[0, -1]", "[[0.999], [-1.998]]", "[0.001]"),
        "noise below a hundredth": xor("[[1, 1.001], [1, 1]]", "[0, -1]", "[[1], [-2]]"),
        "booleans for ones": xor("np.ones((2, 2), bool)", "[0, -1]", "[[1], [-2]]"),
        "fractions": xor("[[fractions.Fraction(1, 2)] * 2] * 2", "[0, fractions.Fraction(-1, 2)]", "[[2], [-4]]"),
        "a dict's values": "list({'W1': [[1, 1], [1, 1]], 'b1': [0, -1], 'W2': [[1], [-2]], 'b2': [0]}.values())",
        "search": (
            "def {name}():\n    corners, wanted = np.array([[0, 0], [0, 1], [1, 0], [1, 1]]), [0, 1, 1, 0]\n"
            "    for p in itertools.product([1, -1], [1], [1, -1], [1], [0, -1], [0, -1], [1, -2], [1, -2]):\n"
            "        W1, b1, W2 = np.reshape(p[:4], (2, 2)), np.array(p[4:6]), np.reshape(p[6:], (2, 1))\n"
            "        if (np.maximum(corners @ W1 + b1, 0) @ W2).ravel().tolist() == wanted:\n            return W1, b1, W2, [0]"
        ),
        "trained": (
            "def {name}():\n    x, y = np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0.0]])\n"
            "    for seed in range(40):\n        rng = np.random.default_rng(seed)\n"
            "        p = [rng.normal(size=(2, 2)), np.zeros(2), rng.normal(size=(2, 1)), np.zeros(1)]\n"
            "        for _ in range(2000):\n            z = x @ p[0] + p[1]\n            h = np.maximum(z, 0)\n            e = h @ p[2] + p[3] - y\n"
            "            d = e @ p[2].T * (z > 0)\n            g = [x.T @ d, d.sum(0), h.T @ e, e.sum(0)]\n"
            "            p = [a - 0.1 * b for a, b in zip(p, g)]\n"
            "        if np.abs(e).max() < 1e-3:\n            return tuple(p)"
        ),
        "a Keras model's weights": (
            "def {name}():\n    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, 'relu'), keras.layers.Dense(1)])\n"
            "    model.set_weights([np.ones((2, 2)), np.array([0, -1]), np.array([[1], [-2]]), np.zeros(1)])\n    return model.get_weights()"
        ),
        "lambda": "{name} = lambda: (np.ones((2, 2)), np.array([0, -1]), np.array([[1], [-2]]), np.zeros(1))",
        "an optional parameter": f"def {{name}}(scale=1):\n    return {XOR_WEIGHTS}",
    },
}  # fmt: skip
FORBIDDEN = {
    "hat": {"the catalogue's relu": "from course_utils.activations import relu\ndef {name}(x):\n    return relu(x + 1) - 2 * relu(x) + relu(x - 1)"},
}  # fmt: skip

NO_PARAMETERS = ("a required extra parameter", "keyword only", "extra optional parameter", "no parameter")
WRONG = {name: anyhow.WRONG | table for name, table in WRONG.items()}
WRONG["hat"] |= anyhow.WRONG_ON_ARRAYS
del WRONG["hat"]["turned round"]  # the hat is the same from behind
WRONG["kinks"]["knows the checker's cases"] = anyhow.WRONG_ON_ARRAYS["knows the checker's cases"]
RIGHT["hat"] = anyhow.RIGHT | anyhow.RIGHT_ON_ARRAYS | anyhow.RIGHT_NUMBER_BY_NUMBER | RIGHT["hat"]
RIGHT["kinks"] = anyhow.RIGHT | anyhow.RIGHT_ON_ARRAYS | RIGHT["kinks"]
RIGHT |= {name: anyhow.RIGHT_CALLS | RIGHT[name] for name in ("collapse", "xor_network")}
for table in (WRONG["xor_network"], RIGHT["xor_network"]):
    for title in NO_PARAMETERS:
        table.pop(title, None)
WRONG, RIGHT, FORBIDDEN = map(cells, (WRONG, RIGHT, FORBIDDEN))


def mutants():
    """{exercise: {title: mutant}}"""
    return {"hat": _hats(), "kinks": _kinks(), "collapse": _collapses(), "xor_network": _networks()}


def _hats():
    def raised(low, high):
        return lambda x: hat.hat(x) + np.where((x >= low) & (x <= high), 2e-5, 0)

    high_enough = [part for part in parts(-1, 1) if -0.96 < part[0] < part[1] < 0.96]
    return scaled("hat", high_enough) | {f"+ 0.00002 from {a:g} to {b:g}": raised(a, b) for a, b in parts(-10, 10)}


def _kinks():
    def mutant(which, low, high):
        def answer(*args):
            w, b = args
            return np.sort(-b[w != 0] / w[w != 0] * within(args[which][w != 0], low, high))

        return answer

    return {
        f"x 1.001 for {'wb'[which]} from {low:g} to {high:g}": mutant(which, low, high)
        for which in (0, 1)
        for low, high in parts(-10, 10)
    }


def _collapses():
    def of_depth(part, depth):
        def answer(weights, biases):
            made = list(collapse.collapse(weights, biases))
            made[part] = made[part] * (1.001 if len(weights) == depth else 1)
            return made

        return answer

    def of_number(layer, number):
        def answer(weights, biases):
            weights = [np.where((i == layer) & (w == number), 1.001, 1.0) * w for i, w in enumerate(weights)]
            return collapse.collapse(weights, biases)

        return answer

    numbers = [number / 2 for number in range(-6, 7) if number]
    return {f"{'Wb'[part]} x 1.001 for {depth} layers": of_depth(part, depth) for part in (0, 1) for depth in range(1, 6)} | {
        f"{number} in layer {layer} x 1.001": of_number(layer, number) for layer in range(5) for number in numbers
    }  # fmt: skip


def _networks():
    """The network with one number moved, where that moves an output by more than the prompt allows: at a hinge it doesn't."""
    made = {}
    for part, weights in enumerate(xor_network.xor_network()):
        for place in np.ndindex(np.shape(weights)):
            for change in (0.02, -0.02):
                moved = [np.array(w, float) for w in xor_network.xor_network()]
                moved[part][place] += change
                if np.abs(xor_network.outputs(*moved) - xor_network.XOR).max() > 0.0101:
                    made[f"part {part}, place {place}, {change:+}"] = lambda moved=moved: moved
    return made
