"""The bank of the softmax chapter."""

from itertools import pairwise

import numpy as np

from bank import anyhow
from bank.answers import cells
from bank.mutations import parts, powers, scaled, within
from course_utils.exercises import exercise
from course_utils.exercises.ch04_softmax._logits import FAR

BY_ROWS = "def {name}(x, axis=-1):\n    def one(row):\n        {row}\n    return np.apply_along_axis(one, axis, x)"
STABLE = "def {name}(x, axis=-1):\n    e = np.exp(x - x.max(axis=axis, keepdims=True))\n    "
TAPE = "def {name}(logits):\n    z = tf.constant(logits)\n    with tf.GradientTape({kind}) as tape:\n        tape.watch(z)\n        p = tf.nn.softmax(z)\n    return {result}"

# The loss at a temperature, and a search; what is put in says over which temperatures.
LOSS = "np.mean(scipy.special.logsumexp(logits / t, axis=1) - (logits / t)[np.arange(len(labels)), labels])"
SEARCH = "def {name}(logits, labels):\n    grid = {grid}\n    return grid[int(np.argmin([{loss} for t in grid]))]"
GRID = "np.geomspace(0.1, 20, 300)"


def search(grid=GRID, loss=LOSS):
    return SEARCH.replace("{grid}", grid).replace("{loss}", loss)


SHARES = "scipy.special.softmax(logits / t, axis=1)"
TEMPERATURE_WRONG = {
    "nothing": "None",
    "text": "str(right(logits, labels))",
    "nan": "np.nan",
    "infinite": "np.inf",
    "0": "0.0",
    "minus": "-right(logits, labels)",
    "left at 1": "1.0",
    "always 1.5": "1.5",
    "one over it": "1 / right(logits, labels)",
    "its logarithm": "np.log(right(logits, labels))",
    "its square": "right(logits, labels) ** 2",
    "half of it": "right(logits, labels) / 2",
    "a fifth more": "1.2 * right(logits, labels)",
    "the loss": f"def {{name}}(logits, labels):\n    t = right(logits, labels)\n    return {LOSS}",
    "temperature and loss": "right(logits, labels), 0.5",
    "one for each example": "np.full(len(labels), right(logits, labels))",
    "the grid": "np.geomspace(0.1, 20, 300)",
    "a place": "int(np.argmin(np.abs(np.geomspace(0.1, 20, 300) - right(logits, labels))))",
    "whole numbers": search("np.arange(1, 21)"),
    "halves": search("np.arange(0.5, 20, 0.5)"),
    "steps of a tenth": search("np.linspace(0.1, 20, 200)"),
    "five temperatures": search("np.geomspace(0.1, 20, 5)"),
    "from 1 upwards": search("np.geomspace(1, 20, 300)"),
    "up to 5": search("np.geomspace(0.1, 5, 300)"),
    "overflow": search(
        loss="-np.mean(np.log((np.exp(logits / t) / np.exp(logits / t).sum(axis=1, keepdims=True))[np.arange(len(labels)), labels]))"
    ),
    "no logarithm": search(loss=f"-np.mean({SHARES}[np.arange(len(labels)), labels])"),
    "logarithm of the mean": search(loss=f"-np.log(np.mean({SHARES}[np.arange(len(labels)), labels]))"),
    "most right answers": search(loss="np.mean((logits / t).argmax(axis=1) != labels)"),
    "highest loss": search(loss=f"-{LOSS}"),
    "multiplied": search(loss=LOSS.replace("logits / t", "logits * t")),
    "result divided": search(
        loss=f"-np.mean(np.log({SHARES.replace('logits / t', 'logits')} / t)[np.arange(len(labels)), labels])"
    ),
    "the other axis": search(
        loss=LOSS.replace("axis=1", "axis=0").replace(
            "scipy.special.logsumexp(logits / t, axis=0)",
            "np.resize(scipy.special.logsumexp(logits / t, axis=0), len(labels))",
        )
    ),
    "a table picked": search(loss="-np.mean(scipy.special.log_softmax(logits / t, axis=1)[:, labels])"),
    "most certain": search(loss=f"-np.mean({SHARES}.max(axis=1))"),
    "least certain": search(loss=f"np.mean({SHARES}.max(axis=1))"),
    "labels shifted": "right(logits, (labels + 1) % logits.shape[1])",
    "labels of the first class": "right(logits, 0 * labels)",
    "the first ten alone": "right(logits[:10], labels[:10])",
    "from the spread": "logits.std()",
    "from the largest": "np.abs(logits).max() / 5",
    "wrong from the fourth call on": "calls = []\ndef {name}(logits, labels):\n    calls.append(1)\n    return right(logits, labels) * (1 + (len(calls) > 3))",
    "float32 alone is wrong": "right(logits, labels) * (1 + (logits.dtype == np.float32))",
    "two classes alone are wrong": "right(logits, labels) * (1 + (logits.shape[1] == 2))",
    "changes its input": "def {name}(logits, labels):\n    t = right(logits, labels)\n    logits /= t\n    return t",
    "raises": "def {name}(logits, labels):\n    raise ValueError('no')",
}
DESCENT = "def {name}(logits, labels):\n    right_ones = np.take_along_axis(logits, labels[:, None], 1)\n    cold = {start}\n    for _ in range({steps}):\n        p = scipy.special.softmax(cold * logits, axis=1)\n        mean = (p * logits).sum(1, keepdims=True)\n        slope, bend = (mean - right_ones).mean(), (p * (logits - mean) ** 2).sum(1).mean()\n        {step}\n    return 1 / cold"
TEMPERATURE_RIGHT = {
    "a fine grid": search(),
    "evenly spaced": search("np.linspace(0.1, 20, 1500)"),
    "two grids": f"def {{name}}(logits, labels):\n    grid = np.geomspace(0.1, 20, 20)\n    for _ in range(3):\n        t = grid[int(np.argmin([{LOSS} for t in grid]))]\n        grid = t * np.geomspace(0.8, 1.25, 30)\n    return t",
    "of the cold": search("1 / np.geomspace(0.05, 10, 300)"),
    "scipy": f"from scipy.optimize import minimize_scalar\ndef {{name}}(logits, labels):\n    return minimize_scalar(lambda t: {LOSS}, bounds=(0.1, 20), method='bounded').x",
    "scipy, in the logarithm": f"from scipy.optimize import minimize_scalar\ndef {{name}}(logits, labels):\n    def loss(u):\n        t = np.exp(u)\n        return {LOSS}\n    return float(np.exp(minimize_scalar(loss, bounds=(-2.3, 3), method='bounded').x))",
    "a root of the slope": "from scipy.optimize import brentq\ndef {name}(logits, labels):\n    right_ones = np.take_along_axis(logits, labels[:, None], 1)\n    def slope(cold):\n        return (scipy.special.softmax(cold * logits, axis=1) * (logits - right_ones)).sum(1).mean()\n    return 1 / brentq(slope, 0.05, 10)",
    "Newton's steps": DESCENT.replace("{start}", "1 / logits.std()")
    .replace("{steps}", "30")
    .replace("{step}", "cold = max(cold / 2, cold - slope / bend)"),
    "Keras's loss": search(
        "np.geomspace(0.1, 20, 100)",
        "float(keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits / t))",
    ),
    "TensorFlow, all at once": "def {name}(logits, labels):\n    grid = np.geomspace(0.1, 20, 200)\n    z = tf.constant(logits[None] / grid[:, None, None], tf.float64)\n    y = np.tile(labels, (len(grid), 1))\n    losses = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, z), axis=1)\n    return grid[int(tf.argmin(losses))]",
    "plain Python": "def {name}(logits, labels):\n    def loss(t):\n        total = 0\n        for row, y in zip(logits.tolist(), labels.tolist()):\n            top = max(row)\n            total += math.log(sum(math.exp((v - top) / t) for v in row)) + (top - row[y]) / t\n        return total\n    return min([0.1 * 1.06 ** i for i in range(92)], key=loss)",
    "golden section": f"def {{name}}(logits, labels):\n    def loss(u):\n        t = np.exp(u)\n        return {LOSS}\n    low, high, g = -2.3, 3.0, (5 ** 0.5 - 1) / 2\n    for _ in range(30):\n        a, b = high - g * (high - low), low + g * (high - low)\n        low, high = (low, b) if loss(a) < loss(b) else (a, high)\n    return np.exp(low)",
    "an array of one": "np.array([right(logits, labels)])",
    "a tensor": "tf.constant(right(logits, labels))",
    "float32": "np.float32(right(logits, labels))",
    "to two digits": "round(float(right(logits, labels)), 2)",
    "one hundredth more": "1.01 * right(logits, labels)",
    "the sum for the mean": search(loss=LOSS.replace("np.mean(", "np.sum(")),
    "another name": "def {name}(z, y):\n    return right(z, y)",
}

WRONG = {
    "softmax": {
        "42 the whole table": "np.exp(x) / np.exp(x).sum()",
        "42 the whole table, shifted": "np.exp(x - x.max()) / np.exp(x - x.max()).sum()",
        "43 axis 0": "np.exp(x) / np.exp(x).sum(axis=0)",
        "43 axis 0, stable": "np.exp(x - x.max(axis=0)) / np.exp(x - x.max(axis=0)).sum(axis=0)",
        "44 no keepdims": "np.exp(x) / np.exp(x).sum(axis)",
        "44 no keepdims, turned round": "(np.exp(x).T / np.exp(x).sum(axis)).T",
        "44 no keepdims, square tables alone": "right(x, axis) if x.ndim != 2 or x.shape[0] != x.shape[1] else right(x, axis) * np.exp(x).sum(axis, keepdims=True) / np.exp(x).sum(axis)",
        "45 overflow": "np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)",
        "45 overflow becomes 0": "np.nan_to_num(np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True))",
        "45 overflow becomes equal shares": "np.nan_to_num(np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True), nan=1 / x.shape[axis])",
        "46 one maximum": "np.exp(x - x.max()) / np.exp(x - x.max()).sum(axis=axis, keepdims=True)",
        "46 one maximum, 0 for nan": "np.nan_to_num(np.exp(x - x.max()) / np.exp(x - x.max()).sum(axis=axis, keepdims=True))",
        "47 minimum": "np.exp(x - x.min()) / np.exp(x - x.min()).sum(axis=axis, keepdims=True)",
        "47 mean": "np.exp(x - x.mean(axis=axis, keepdims=True)) / np.exp(x - x.mean(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)",
        "48 no exponential": "x / x.sum(axis=axis, keepdims=True)",
        "49 positive part": "np.maximum(x, 0) / np.maximum(x, 0).sum(axis=axis, keepdims=True)",
        "49 absolute values": "np.abs(x) / np.abs(x).sum(axis=axis, keepdims=True)",
        "50 sigmoids, normalised": "tf.sigmoid(x) / tf.reduce_sum(tf.sigmoid(x), axis=axis, keepdims=True)",
        "50 sigmoids": "tf.sigmoid(x)",
        "51 subtracted outside": "(np.exp(x) - x.max()) / (np.exp(x) - x.max()).sum(axis=axis, keepdims=True)",
        "55 one-hot": "np.eye(x.shape[-1])[x.argmax(-1)] if axis == -1 else right(x, axis)",
        "56 epsilon": f"{STABLE}return e / (e.sum(axis=axis, keepdims=True) + 1e-2)",
        "56 small epsilon": f"{STABLE}return e / (e.sum(axis=axis, keepdims=True) + 1e-4)",
        "last axis alone": f"{STABLE.replace('axis=axis', 'axis=-1')}return e / e.sum(axis=-1, keepdims=True)",
        "first axis is the default": "def {name}(x, axis=0):\n    return right(x, axis)",
        "axis 1 is the default": "def {name}(x, axis=1):\n    return right(x, axis if x.ndim > 1 else 0)",
        "axis without a sign": "right(x, abs(axis))",
        "two axes at most": "right(x, axis) if x.ndim < 3 else right(x, -1)",
        "base 2": f"{STABLE.replace('np.exp', 'np.exp2')}return e / e.sum(axis=axis, keepdims=True)",
        "squares": "right(x, axis) ** 2 / (right(x, axis) ** 2).sum(axis=axis, keepdims=True)",
        "softmax twice": "right(right(x, axis), axis)",
        "softmin": "right(-x, axis)",
        "log": "np.log(right(x, axis) + 1e-300)",
        "clipped at 500": "right(np.clip(x, -500, 500), axis)",
        "clipped at 80": "right(np.clip(x, -80, 80), axis)",
        "float32 alone is wrong": "right(x, axis) + (x.dtype == np.float32)",
        "float64 alone is wrong": "right(x, axis) + (x.dtype == np.float64)",
        "math without a loop": "math.exp(x) / sum(math.exp(x))",
        "a list alone": "[math.exp(v) for v in x]",
        "one logit is 0": "right(x, axis) * (x.shape[axis] > 1)",
        "no axis": "def {name}(x):\n    return right(x)",
        "axis by another name": "def {name}(x, dim=-1):\n    return right(x, dim)",
        "in place": "def {name}(x, axis=-1):\n    x -= x.max(axis=axis, keepdims=True)\n    return np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True)",
        "of the sorted row": "np.sort(right(x, axis), axis=axis)",
        "rounding to whole numbers first": "right(np.round(x), axis)",
    },
    "softmax_with_temperature": {
        "52 multiplied": "tf.nn.softmax(logits * temperature)",
        "53 after softmax": "tf.nn.softmax(logits) / temperature",
        "54 power": "tf.nn.softmax(logits) ** (1 / temperature)",
        "wrong power, normalised": "right(logits, 1) ** temperature / (right(logits, 1) ** temperature).sum()",
        "ignored": "right(logits, 1)",
        "overflow": "np.exp(logits / temperature) / np.exp(logits / temperature).sum()",
        "overflow of the power": "np.exp(logits) ** (1 / temperature) / (np.exp(logits) ** (1 / temperature)).sum()",
        "subtracted": "tf.nn.softmax(logits - temperature)",
        "square root": "tf.nn.softmax(logits / np.sqrt(temperature))",
        "square": "tf.nn.softmax(logits / temperature**2)",
        "cold alone": "right(logits, min(temperature, 1))",
        "hot alone": "right(logits, max(temperature, 1))",
        "whole degrees": "right(logits, max(int(temperature), 1))",
        "one digit": "right(logits, round(temperature, 1))",
        "whole division": "right(logits // temperature, 1)",
        "one-hot": "(logits == logits.max()) * 1.0",
        "equal": "np.full(logits.shape, 1 / logits.size)",
        "exponentials divided": "np.exp(logits) / temperature / np.exp(logits).sum()",
        "maximum of the undivided": "np.exp(logits / temperature - logits.max()) / np.exp(logits / temperature - logits.max()).sum()",
        "maximum divided twice": "np.exp((logits - logits.max()) / temperature**2) / np.exp((logits - logits.max()) / temperature**2).sum()",
        "arguments swapped": "def {name}(temperature, logits):\n    return right(logits, temperature)",
        "log": "tf.nn.log_softmax(logits / temperature)",
        "interpolated": "right(logits, 1) / temperature + (1 - 1 / temperature) / logits.size",
        "a table of temperatures": "{0.1: 1, 0.5: 1, 1.0: 1, 2.0: 1, 10.0: 1}[temperature] * right(logits, temperature)",
        "epsilon": "right(logits, temperature + 1e-2)",
    },
    "log_softmax": {
        "log of softmax": "np.log(scipy.special.softmax(x, axis=axis))",
        "log of tf.nn.softmax": "tf.math.log(tf.nn.softmax(x, axis=axis))",
        "log of naive softmax": "np.log(np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True))",
        "epsilon": "np.log(scipy.special.softmax(x, axis=axis) + 1e-7)",
        "tiny epsilon": "np.log(scipy.special.softmax(x, axis=axis) + 1e-300)",
        "clipped": "np.log(np.clip(scipy.special.softmax(x, axis=axis), 1e-7, 1))",
        "infinity mended": "np.nan_to_num(np.log(scipy.special.softmax(x, axis=axis)))",
        "infinity mended by -1000": "np.maximum(np.log(scipy.special.softmax(x, axis=axis)), -1000)",
        "overflow": "x - np.log(np.exp(x).sum(axis=axis, keepdims=True))",
        "overflow mended": "np.nan_to_num(x - np.log(np.exp(x).sum(axis=axis, keepdims=True)))",
        "log1p": "x - np.log1p(np.exp(x).sum(axis=axis, keepdims=True))",
        "shift alone": "x - x.max(axis=axis, keepdims=True)",
        "shift not undone": "x - np.log(np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True))",
        "one maximum": "(x - x.max()) - np.log(np.exp(x - x.max()).sum(axis=axis, keepdims=True))",
        "the whole table": "x - scipy.special.logsumexp(x)",
        "no keepdims": "x - scipy.special.logsumexp(x, axis=axis)",
        "axis 0": "right(x, 0)",
        "last axis": "right(x, -1)",
        "minus": "-right(x, axis)",
        "base 10": "right(x, axis) / np.log(10)",
        "base 2": "right(x, axis) / np.log(2)",
        "softmax": "scipy.special.softmax(x, axis=axis)",
        "softmax of log": "scipy.special.softmax(np.log(x), axis=axis)",
        "log of sigmoid": "tf.math.log_sigmoid(x)",
        "log of the logits": "np.log(x) - np.log(x.sum(axis=axis, keepdims=True))",
        "log of sum alone": "-scipy.special.logsumexp(x, axis=axis, keepdims=True) + 0 * x",
        "clipped at 500": "right(np.clip(x, -500, 500), axis)",
        "float32 alone is wrong": "right(x, axis) + (x.dtype == np.float32)",
        "in place": "def {name}(x, axis=-1):\n    x -= x.max(axis=axis, keepdims=True)\n    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))",
        "no axis": "def {name}(x):\n    return right(x)",
        "two rows at most": "right(x, axis) if x.ndim < 3 else right(x, -1)",
        "off by the number of classes": "right(x, axis) + np.log(x.shape[axis])",
    },
    "cross_entropy": {
        "57 log of zero": "-np.mean(np.log(tf.nn.softmax(logits).numpy()[np.arange(len(labels)), labels]))",
        "57 overflow": "-np.mean(np.log((np.exp(logits) / np.exp(logits).sum(1, keepdims=True))[np.arange(len(labels)), labels]))",
        "58 epsilon": "-np.mean(np.log(tf.nn.softmax(logits).numpy()[np.arange(len(labels)), labels] + 1e-7))",
        "58 epsilon 1e-300": "-np.mean(np.log(tf.nn.softmax(logits).numpy()[np.arange(len(labels)), labels] + 1e-300))",
        "58 Keras, from probabilities": "keras.losses.SparseCategoricalCrossentropy()(labels, tf.nn.softmax(logits).numpy())",
        "59 log of the logits": "-np.mean(np.log(logits[np.arange(len(labels)), labels]))",
        "60 base 10": "right(logits, labels) / np.log(10)",
        "61 mean over classes": "right(logits, labels) / logits.shape[1]",
        "62 sum": "right(logits, labels) * len(labels)",
        "63 no minus": "-right(logits, labels)",
        "64 softmax twice": "right(tf.nn.softmax(logits).numpy(), labels)",
        "64 from_logits forgotten": "keras.losses.SparseCategoricalCrossentropy()(labels, logits)",
        "65 a table": "-np.mean(tf.nn.log_softmax(logits).numpy()[:, labels])",
        "66 labels ignored": "right(logits, logits.argmax(1))",
        "the first example alone": "right(logits[:1], labels[:1])",
        "the last example alone": "right(logits[-1:], labels[-1:])",
        "the largest loss": "max(right(logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels)))",
        "one for each example": "tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)",
        "n - 1": "right(logits, labels) * len(labels) / max(len(labels) - 1, 1)",
        "labels from 1": "right(logits, labels - 1)",
        "labels turned round": "right(logits, labels[::-1])",
        "columns for rows": "-np.mean(tf.nn.log_softmax(logits, axis=0).numpy()[np.arange(len(labels)), labels])",
        "logit alone": "-np.mean(logits[np.arange(len(labels)), labels])",
        "sigmoids": "np.mean(-np.log(1 / (1 + np.exp(-logits[np.arange(len(labels)), labels]))))",
        "binary cross-entropy": "tf.reduce_mean(tf.nn.sigmoid_cross_entropy_with_logits(tf.one_hot(labels, logits.shape[1], dtype=logits.dtype), logits))",
        "hinge": "np.mean(np.maximum(0, logits.max(1) - logits[np.arange(len(labels)), labels]))",
        "accuracy": "np.mean(logits.argmax(1) == labels)",
        "two classes at most": "right(logits[:, :2], np.minimum(labels, 1))",
        "capped at 100": "min(right(logits, labels), 100.0)",
        "root mean square": "np.sqrt(np.mean([right(logits[i : i + 1], labels[i : i + 1]) ** 2 for i in range(len(labels))]))",
        "arguments swapped": "def {name}(labels, logits):\n    return right(logits, labels)",
        "perplexity": "np.exp(right(logits, labels))",
        "with a penalty": "right(logits, labels) + 1e-3 * np.mean(logits**2)",
        "label smoothing": "0.9 * right(logits, labels) - 0.1 * np.mean(tf.nn.log_softmax(logits))",
        "the first 16 examples": "right(logits[:16], labels[:16])",
        "the first ten classes": "right(logits[:, :10], np.minimum(labels, 9))",
        "one row only": "right(logits, labels) if len(labels) == 1 else 0.0",
    },
    "softmax_jacobian": {
        "diagonal alone": "np.diag(np.diag(right(logits)))",
        "as an array": "np.diag(right(logits))",
        "wrong sign": "-right(logits)",
        "outer product alone": "-np.outer(scipy.special.softmax(logits), scipy.special.softmax(logits))",
        "plus": "np.diag(scipy.special.softmax(logits)) + np.outer(scipy.special.softmax(logits), scipy.special.softmax(logits))",
        "product": "np.diag(scipy.special.softmax(logits)) - scipy.special.softmax(logits) ** 2",
        "dot": "np.diag(scipy.special.softmax(logits)) - scipy.special.softmax(logits) @ scipy.special.softmax(logits)",
        "identity": "np.eye(logits.size) - np.outer(scipy.special.softmax(logits), scipy.special.softmax(logits))",
        "log-softmax": "np.eye(logits.size) - scipy.special.softmax(logits)",
        "absolute values": "np.abs(right(logits))",
        "column rule": "np.outer(scipy.special.softmax(logits), 1 - scipy.special.softmax(logits))",
        "gradient of the sum": TAPE.replace("{kind}", "").replace("{result}", "tape.gradient(p, z)"),
        "the gradient for each row": "np.tile(np.diag(right(logits)), (logits.size, 1))",
        "overflow": "def {name}(logits):\n    p = np.exp(logits * 100) / np.exp(logits * 100).sum()\n    return np.diag(p) - np.outer(p, p)",
        "half a step": "def {name}(logits):\n    return np.stack([(scipy.special.softmax(logits + 0.1 * e) - scipy.special.softmax(logits)) / 0.1 for e in np.eye(logits.size)], 1)",
        "difference without the division": "np.stack([scipy.special.softmax(logits + 1e-3 * e) - scipy.special.softmax(logits - 1e-3 * e) for e in np.eye(logits.size)], 1)",
        "two classes alone": "np.full((logits.size,) * 2, 0.25) - 0.5 * (1 - np.eye(logits.size))",
        "three classes alone": "right(logits) if logits.size <= 3 else np.zeros((logits.size,) * 2)",
        "one class alone is wrong": "right(logits) + (logits.size == 1)",
        "of the sorted logits": "right(np.sort(logits))",
        "squared": "right(logits) @ right(logits)",
        "inverse": "np.linalg.pinv(right(logits))",
        "lower half": "np.tril(right(logits))",
        "flat": "right(logits).ravel()",
        "float32 alone is wrong": "right(logits) + (logits.dtype == np.float32)",
        "of sigmoid": "np.diag(1 / (2 + np.exp(logits) + np.exp(-logits)))",
    },
}  # fmt: skip
RIGHT = {
    "softmax": {
        "stable": f"{STABLE}return e / e.sum(axis=axis, keepdims=True)",
        "logsumexp": "np.exp(x - scipy.special.logsumexp(x, axis=axis, keepdims=True))",
        "logsumexp in float32": "tf.exp(tf.cast(x, tf.float32) - tf.reduce_logsumexp(tf.cast(x, tf.float32), axis=axis, keepdims=True))",
        "logaddexp": "np.exp(x - np.logaddexp.reduce(x, axis=axis, keepdims=True))",
        "rows by a loop": "def {name}(x, axis=-1):\n    x = np.moveaxis(x, axis, -1)\n    y = np.empty(x.shape)\n    for i in np.ndindex(x.shape[:-1]):\n        e = np.exp(x[i] - x[i].max())\n        y[i] = e / e.sum()\n    return np.moveaxis(y, -1, axis)",
        "apply_along_axis": BY_ROWS.replace("{row}", "return np.exp(row - row.max()) / np.exp(row - row.max()).sum()"),
        "math in a loop": BY_ROWS.replace("{row}", "e = [math.exp(v - max(row)) for v in row]\n        return [v / sum(e) for v in e]"),
        "pairwise": "def {name}(x, axis=-1):\n    x = np.moveaxis(x, axis, -1)\n    return np.moveaxis(1 / np.exp(x[..., None, :] - x[..., :, None]).sum(-1), -1, axis)",
        "exp of log_softmax": "tf.exp(tf.nn.log_softmax(x, axis=axis))",
        "keras.ops": "def {name}(x, axis=-1):\n    e = keras.ops.exp(x - keras.ops.max(x, axis=axis, keepdims=True))\n    return e / keras.ops.sum(e, axis=axis, keepdims=True)",
        "tf": "def {name}(x, axis=-1):\n    e = tf.exp(x - tf.reduce_max(x, axis=axis, keepdims=True))\n    return e / tf.reduce_sum(e, axis=axis, keepdims=True)",
        "tf.function": "@tf.function\ndef {name}(x, axis=-1):\n    e = tf.exp(x - tf.reduce_max(x, axis=axis, keepdims=True))\n    return e / tf.reduce_sum(e, axis=axis, keepdims=True)",
        "slope of logsumexp": "def {name}(x, axis=-1):\n    x = tf.constant(x)\n    with tf.GradientTape() as tape:\n        tape.watch(x)\n        y = tf.reduce_logsumexp(x, axis=axis)\n    return tape.gradient(y, x)",
        "transposed": "def {name}(x, axis=-1):\n    x = np.swapaxes(x, 0, axis)\n    e = np.exp(x - x.max(0))\n    return np.swapaxes(e / e.sum(0), 0, axis)",
        "einsum": "def {name}(x, axis=-1):\n    e = np.moveaxis(np.exp(x - x.max(axis=axis, keepdims=True)), axis, -1)\n    return np.moveaxis(e / np.einsum('...i->...', e)[..., None], -1, axis)",
        "expand_dims": f"{STABLE}return e / np.expand_dims(e.sum(axis), axis)",
        "np.add.reduce": f"{STABLE}return np.divide(e, np.add.reduce(e, axis=axis, keepdims=True))",
        "any other shift": "def {name}(x, axis=-1):\n    e = np.exp(x - x.max(axis=axis, keepdims=True) + 3)\n    return e / e.sum(axis=axis, keepdims=True)",
        "powers of e": f"{STABLE.replace('np.exp(', 'np.e ** (')}return e / e.sum(axis=axis, keepdims=True)",
        "powers of two": f"{STABLE.replace('np.exp(x - x.max(axis=axis, keepdims=True))', 'np.exp2(np.log2(np.e) * (x - x.max(axis=axis, keepdims=True)))')}return e / e.sum(axis=axis, keepdims=True)",
        "own name inside": "def softmax(x, axis=-1):\n    return right(x, axis)",
        "keyword only": "def {name}(x, *, axis=-1):\n    return right(x, axis)",
        "copy in place": "def {name}(x, axis=-1):\n    x = np.array(x)\n    x -= x.max(axis=axis, keepdims=True)\n    np.exp(x, out=x)\n    x /= x.sum(axis=axis, keepdims=True)\n    return x",
        "half-open clip": "def {name}(x, axis=-1):\n    e = np.exp(np.maximum(x - x.max(axis=axis, keepdims=True), -100))\n    return e / e.sum(axis=axis, keepdims=True)",
    },
    "softmax_with_temperature": {
        "tf.nn.softmax": "tf.nn.softmax(logits / temperature)",
        "keras": "keras.ops.softmax(logits / temperature)",
        "scipy": "scipy.special.softmax(logits / temperature)",
        "float32": "tf.nn.softmax(tf.cast(logits, tf.float32) / temperature)",
        "keras layer": "keras.layers.Softmax()(logits / temperature)",
        "shift first": "np.exp((logits - logits.max()) / temperature) / np.exp((logits - logits.max()) / temperature).sum()",
        "times one over": "scipy.special.softmax(logits * (1 / temperature))",
        "power, normalised": "def {name}(logits, temperature):\n    p = np.exp(logits - logits.max()) ** (1 / temperature)\n    return p / p.sum()",
        "logarithms": "np.exp(logits / temperature - scipy.special.logsumexp(logits / temperature))",
        "math": "def {name}(logits, temperature):\n    top = max(logits)\n    e = [math.exp((v - top) / temperature) for v in logits]\n    return [v / sum(e) for v in e]",
        "pairwise": "1 / np.exp((logits[None, :] - logits[:, None]) / temperature).sum(1)",
        "own softmax": "def softmax(x):\n    return np.exp(x - x.max()) / np.exp(x - x.max()).sum()\ndef {name}(logits, temperature):\n    return softmax(logits / temperature)",
        "np.divide": "scipy.special.softmax(np.divide(logits, temperature))",
        "another name": "def {name}(z, T):\n    return right(z, T)",
        "default temperature": "def {name}(logits, temperature=1.0):\n    return right(logits, temperature)",
        "log_softmax": "tf.exp(tf.nn.log_softmax(logits / temperature))",
        "a table in between": "tf.nn.softmax(logits[None] / temperature)[0]",
    },
    "log_softmax": {
        "x - logsumexp": "x - scipy.special.logsumexp(x, axis=axis, keepdims=True)",
        "tf": "x - tf.reduce_logsumexp(x, axis=axis, keepdims=True)",
        "tf in float32": "tf.cast(x, tf.float32) - tf.reduce_logsumexp(tf.cast(x, tf.float32), axis=axis, keepdims=True)",
        "keras.ops": "x - keras.ops.logsumexp(x, axis=axis, keepdims=True)",
        "logaddexp": "x - np.logaddexp.reduce(x, axis=axis, keepdims=True)",
        "pairwise": "def {name}(x, axis=-1):\n    x = np.moveaxis(x, axis, -1)\n    return np.moveaxis(-np.logaddexp.reduce(x[..., None, :] - x[..., :, None], axis=-1), -1, axis)",
        "cross-entropy with each class": "def {name}(x, axis=-1):\n    x = np.moveaxis(x, axis, -1)\n    y = [tf.nn.sparse_softmax_cross_entropy_with_logits(np.full(x.shape[:-1], i), x) for i in range(x.shape[-1])]\n    return -np.moveaxis(np.stack(y, -1), -1, axis)",
        "rows by a loop": BY_ROWS.replace("{row}", "return row - row.max() - math.log(sum(math.exp(v - row.max()) for v in row))"),
        "log of the maximum's share": "def {name}(x, axis=-1):\n    top = x.max(axis=axis, keepdims=True)\n    return (x - top) + np.log(1 / np.exp(x - top).sum(axis=axis, keepdims=True))",
        "twice": "right(right(x, axis), axis)",
        "of shifted logits": "right(x + 5, axis)",
        "log where it is safe": "def {name}(x, axis=-1):\n    p = scipy.special.softmax(x, axis=axis)\n    return np.where(p > 1e-3, np.log(np.maximum(p, 1e-300)), x - scipy.special.logsumexp(x, axis=axis, keepdims=True))",
        "tf.function": "@tf.function\ndef {name}(x, axis=-1):\n    return x - tf.reduce_logsumexp(x, axis=axis, keepdims=True)",
        "named operations": "np.subtract(x, scipy.special.logsumexp(x, axis=axis, keepdims=True))",
        "log1p": "def {name}(x, axis=-1):\n    shifted = x - x.max(axis=axis, keepdims=True)\n    return shifted - np.log1p(np.exp(shifted).sum(axis=axis, keepdims=True) - 1)",
        "own function of that name": "def log_softmax(x, axis=-1):\n    return right(x, axis)",
        "moveaxis": "np.moveaxis(right(np.moveaxis(x, axis, 0), 0), 0, axis)",
    },
    "cross_entropy": {
        "logsumexp - x_y": "np.mean(scipy.special.logsumexp(logits, axis=1) - logits[np.arange(len(labels)), labels])",
        "keras, sparse": "keras.losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)",
        "keras, one-hot": "keras.losses.CategoricalCrossentropy(from_logits=True)(np.eye(logits.shape[1])[labels], logits)",
        "keras, by function": "np.mean(keras.losses.sparse_categorical_crossentropy(labels, logits, from_logits=True))",
        "tf.nn, sparse": "tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))",
        "tf.nn, one-hot": "tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(tf.one_hot(labels, logits.shape[1], dtype=logits.dtype), logits))",
        "-sum(onehot*log_softmax)": "-np.sum(np.eye(logits.shape[1])[labels] * tf.nn.log_softmax(logits)) / len(labels)",
        "take_along_axis": "-np.take_along_axis(scipy.special.log_softmax(logits, axis=1), labels[:, None], 1).mean()",
        "log(sum exp(x - x_y))": "np.mean(scipy.special.logsumexp(logits - logits[np.arange(len(labels)), labels][:, None], axis=1))",
        "keras.ops": "keras.ops.mean(keras.ops.sparse_categorical_crossentropy(labels, logits, from_logits=True))",
        "loop": "def {name}(logits, labels):\n    total = 0\n    for row, y in zip(logits, labels):\n        top = max(row)\n        total += math.log(sum(math.exp(v - top) for v in row)) + top - row[y]\n    return total / len(labels)",
        "tf.gather": "-tf.reduce_mean(tf.gather(tf.nn.log_softmax(logits), labels, batch_dims=1))",
        "float32": "tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.cast(logits, tf.float32)))",
        "float32, logsumexp": "tf.reduce_mean(tf.reduce_logsumexp(tf.cast(logits, tf.float32), axis=1) - tf.cast(tf.gather(logits, labels, batch_dims=1), tf.float32))",
        "base 2, converted": "right(logits, labels) / np.log(2) * np.log(2)",
        "mean of a list": "sum(right(logits[i : i + 1], labels[i : i + 1]) for i in range(len(labels))) / len(labels)",
        "softplus for two classes": "np.mean(np.logaddexp(0, logits[:, 1] - logits[:, 0]) - labels * (logits[:, 1] - logits[:, 0])) if logits.shape[1] == 2 else right(logits, labels)",
        "tf.function": "@tf.function\ndef {name}(logits, labels):\n    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))",
        "trace": "-np.trace(scipy.special.log_softmax(logits, axis=1)[:, labels]) / len(labels)",
        "safe log": "-np.mean(np.where((p := scipy.special.softmax(logits, axis=1)[np.arange(len(labels)), labels]) > 1e-3, np.log(np.maximum(p, 1e-300)), scipy.special.log_softmax(logits, axis=1)[np.arange(len(labels)), labels]))",
    },
    "softmax_jacobian": {
        "diag - outer": "np.diag(scipy.special.softmax(logits)) - np.outer(scipy.special.softmax(logits), scipy.special.softmax(logits))",
        "identity": "def {name}(logits):\n    p = scipy.special.softmax(logits)\n    return p[:, None] * (np.eye(p.size) - p)",
        "tape.jacobian": TAPE.replace("{kind}", "").replace("{result}", "tape.jacobian(p, z)"),
        "tape, row by row": TAPE.replace("{kind}", "persistent=True").replace("        p =", "        p = tf.unstack(").replace("tf.nn.softmax(z)", "tf.nn.softmax(z))").replace("{result}", "[tape.gradient(part, z) for part in p]"),
        "tape in float32": "def {name}(logits):\n    z = tf.Variable(logits, dtype='float32')\n    with tf.GradientTape() as tape:\n        p = tf.nn.softmax(z)\n    return tape.jacobian(p, z)",
        "central difference": "np.stack([(scipy.special.softmax(logits + 1e-5 * e) - scipy.special.softmax(logits - 1e-5 * e)) / 2e-5 for e in np.eye(logits.size)], 1)",
        "central difference, 1e-3": "np.stack([(scipy.special.softmax(np.float64(logits) + 1e-3 * e) - scipy.special.softmax(np.float64(logits) - 1e-3 * e)) / 2e-3 for e in np.eye(logits.size)], 1)",
        "forward difference": "np.stack([(scipy.special.softmax(np.float64(logits) + 1e-7 * e) - scipy.special.softmax(np.float64(logits))) / 1e-7 for e in np.eye(logits.size)])",
        "loop": "def {name}(logits):\n    p = scipy.special.softmax(logits)\n    return [[p[i] * (1 - p[i]) if i == j else -p[i] * p[j] for j in range(len(p))] for i in range(len(p))]",
        "einsum": "def {name}(logits):\n    p = scipy.special.softmax(logits)\n    return np.einsum('i,ij->ij', p, np.eye(p.size)) - np.einsum('i,j->ij', p, p)",
        "fill_diagonal": "def {name}(logits):\n    p = scipy.special.softmax(logits)\n    J = -p[:, None] * p[None, :]\n    np.fill_diagonal(J, p * (1 - p))\n    return J",
        "transposed": "right(logits).T",
        "complex step": "def {name}(logits):\n    e = [np.exp(logits - logits.max() + 1e-20j * d) for d in np.eye(logits.size)]\n    return np.stack([np.imag(v / v.sum()) / 1e-20 for v in e], 1)",
        "kronecker delta": "np.fromfunction(np.vectorize(lambda i, j: scipy.special.softmax(logits)[int(i)] * ((i == j) - scipy.special.softmax(logits)[int(j)])), (logits.size,) * 2)",
        "tf": "def {name}(logits):\n    p = tf.nn.softmax(logits)\n    return tf.linalg.diag(p) - tf.tensordot(p, p, 0)",
        "matmul": "def {name}(logits):\n    p = scipy.special.softmax(logits)[:, None]\n    return np.diagflat(p) - p @ p.T",
        "by the logarithm's slope": "scipy.special.softmax(logits)[:, None] * (np.eye(logits.size) - scipy.special.softmax(logits)[None, :])",
    },
}  # fmt: skip
READY_MADE = {
    "softmax": (
        "tf.nn.softmax(x, axis=axis)",
        "keras.activations.softmax(x, axis=axis)",
        "keras.ops.softmax(x, axis=axis)",
        "scipy.special.softmax(x, axis=axis)",
        "keras.layers.Softmax(axis=axis)(x)",
        'keras.layers.Activation("softmax")(x)',
        "{name} = scipy.special.softmax",
        "from keras.activations import softmax",
        "from course_utils.activations import softmax",
    ),
    "log_softmax": (
        "tf.nn.log_softmax(x, axis=axis)",
        "tf.math.log_softmax(x, axis=axis)",
        "keras.ops.log_softmax(x, axis=axis)",
        "scipy.special.log_softmax(x, axis=axis)",
        "from scipy.special import log_softmax as ready\ndef {name}(x, axis=-1):\n    return ready(x, axis=axis)",
        "from course_utils.activations import log_softmax",
    ),
    "softmax_jacobian": ("from course_utils.activations import softmax_jacobian",),
}

ON_ARRAYS = [name for name in WRONG if name != "cross_entropy"]
WRONG = {name: anyhow.WRONG | (anyhow.WRONG_ON_ARRAYS if name in ON_ARRAYS else {}) | WRONG[name] for name in WRONG}
RIGHT = {name: anyhow.RIGHT | (anyhow.RIGHT_ON_ARRAYS if name in ON_ARRAYS else {}) | RIGHT[name] for name in RIGHT}
WRONG["cross_entropy"] |= {
    part: anyhow.WRONG_ON_ARRAYS[part] for part in ("changes its input", "knows the checker's cases")
}
FORBIDDEN = {name: {text: text for text in texts} for name, texts in READY_MADE.items()}
WRONG["fitted_temperature"], RIGHT["fitted_temperature"] = TEMPERATURE_WRONG, TEMPERATURE_RIGHT
WRONG, RIGHT, FORBIDDEN = map(cells, (WRONG, RIGHT, FORBIDDEN))
OF_SHARES = parts(0, 1)[1:]


def mutants():
    """{exercise: {title: mutant}}"""
    return {
        "softmax": scaled("softmax", parts(-FAR, FAR)) | _of_shares("softmax", OF_SHARES, np.asarray) | _axes("softmax"),
        "log_softmax": scaled("log_softmax", parts(-FAR, FAR)) | _of_shares("log_softmax", OF_SHARES[:31], np.exp) | _axes("log_softmax"),
        "softmax_with_temperature": scaled("softmax_with_temperature", parts(-FAR, FAR))
        | _of_shares("softmax_with_temperature", OF_SHARES, np.asarray) | _temperatures(),
        "cross_entropy": _losses(),
        "softmax_jacobian": scaled("softmax_jacobian", parts(-10, 10)),
        "fitted_temperature": _fitted(),
    }  # fmt: skip


def _of_shares(name, intervals, share):
    """1.001 times as large where the shares lie in an interval."""
    solution = exercise(name).solution

    def mutant(low, high):
        def answer(*args, **kwargs):
            result = solution(*args, **kwargs)
            return result * within(share(result), low, high)

        return answer

    return {f"x 1.001 for shares from {low:g} to {high:g}": mutant(low, high) for low, high in intervals}


def _axes(name):
    solution = exercise(name).solution

    def mutant(mistaken):
        return lambda x, axis=-1: solution(x, (axis + 1) % x.ndim if axis == mistaken and x.ndim > 1 else axis)

    return {f"axis {mistaken} taken for another": mutant(mistaken) for mistaken in range(-3, 3)}


def _temperatures():
    solution = exercise("softmax_with_temperature").solution

    def mutant(low, high):
        return lambda logits, t: solution(logits, t * within(t, low, high)) * within(t, low, high)

    return {
        f"x 1.001 for T from {low:g} to {high:g}": mutant(low, high) for low, high in (*parts(0.1, 10), *powers(-1, 1))
    }


def _losses():
    solution = exercise("cross_entropy").solution
    of_logits = scaled("cross_entropy", parts(-FAR, FAR), of=lambda x, y: x.max())
    of_losses = scaled("cross_entropy", parts(0, FAR), of=solution)
    return of_logits | {f"losses, {title}": mutant for title, mutant in of_losses.items()}


def _fitted():
    """A quarter too hot or too cold where the best temperature lies in an interval."""
    solution = exercise("fitted_temperature").solution

    def mutant(low, high, factor):
        def answer(logits, labels):
            found = solution(logits, labels)
            return found * factor if low <= found < high else found

        return answer

    edges = (0.1, 0.25, 0.6, 1.3, 2.2, 3, 6, 20)
    return {
        f"x {factor} from {low} to {high}": mutant(low, high, factor)
        for low, high in pairwise(edges)
        for factor in (0.8, 1.25)
    }
