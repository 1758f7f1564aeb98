"""The bank of the chapter on today's networks."""

import numpy as np

from bank import anyhow
from bank.answers import cells
from bank.mutations import within
from course_utils.exercises import exercise

PAIR_WRONG = {
    "the value alone": "right({all})[0]",
    "the gradient alone": "right({all})[1]",
    "the value twice": "right({all})[0], right({all})[0]",
    "the gradient first": "right({all})[::-1]",
    "a third thing": "*right({all}), None",
    "a dict of the two": "dict(zip(('y', 'dx'), right({all})))",
    "added": "right({all})[0] + right({all})[1]",
    "side by side": "np.concatenate([np.atleast_1d(part) for part in right({all})], axis=-1)",
    "half precision": "[np.asarray(part / 3, np.float16) * 3 for part in right({all})]",
    "float32 alone is wrong": "[part + ({x}.dtype == np.float32) for part in right({all})]",
    "float64 alone is wrong": "[part + ({x}.dtype == np.float64) for part in right({all})]",
    "the gradient a little larger": "y, dx = right({all})\nreturn y, 1.002 * dx",
    "changes x": "def {name}{signature}:\n    made = right({all})\n    {x}[...] = 0\n    return made",
    "changes upstream": "def {name}{signature}:\n    made = right({all})\n    upstream *= 2\n    return made",
}
PAIR_RIGHT = {
    "a list": "list(right({all}))",
    "one array": "np.stack(right({all}))",
    "lists of numbers": "[part.tolist() for part in right({all})]",
    "float32": "[np.float32(part) for part in right({all})]",
    "tensors": "[tf.constant(part) for part in right({all})]",
    "Keras's variables": "[keras.Variable(part) for part in right({all})]",
    "a tensor": "tf.stack(right({all}))",
    "long double": "[np.longdouble(part) for part in right({all})]",
    "objects": "[part.astype(object) for part in right({all})]",
    "masked arrays": "[np.ma.array(part) for part in right({all})]",
    "one number at a time": "y, dx = right({all})\nreturn [y, dx]",
    "changes copies": "def {name}{signature}:\n    made = right({all})\n    {x} = np.array({x})\n    {x} *= 0\n    return made",
}
SCORES = "queries @ keys.T / np.sqrt(keys.shape[1])"
SOFTMAX = "scipy.special.softmax({scores}, axis=1)"


def softmax(scores):
    return SOFTMAX.format(scores=scores)


TAPE = "def {name}(x, upstream, eps=1e-6):\n    v = tf.constant(x)\n    with tf.GradientTape() as tape:\n        tape.watch(v)\n        y = {y}\n    return y, tape.gradient(y, v, output_gradients=tf.constant(upstream))"
WRONG = {
    "straight_through_sign": PAIR_WRONG | {
        "sign of 0": "np.sign(x), np.where(np.abs(x) <= 1, upstream, 0)",
        "sign of 0 is -1": "np.where(x > 0, 1, -1), np.where(np.abs(x) <= 1, upstream, 0)",
        "true slope": "np.where(x >= 0, 1, -1), np.zeros_like(upstream)",
        "not clipped": "np.where(x >= 0, 1, -1), np.array(upstream)",
        "clipped at 2": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 2, upstream, 0)",
        "clipped at one half": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 0.5, upstream, 0)",
        "edge left out": "np.where(x >= 0, 1, -1), np.where(np.abs(x) < 1, upstream, 0)",
        "right edge left out": "np.where(x >= 0, 1, -1), np.where((x >= -1) & (x < 1), upstream, 0)",
        "left edge left out": "np.where(x >= 0, 1, -1), np.where((x > -1) & (x <= 1), upstream, 0)",
        "indicator": "np.where(x >= 0, 1, -1), np.abs(x) <= 1",
        "hard tanh": "np.clip(x, -1, 1), np.where(np.abs(x) <= 1, upstream, 0)",
        "tanh": "np.tanh(x), (1 - np.tanh(x) ** 2) * upstream",
        "tanh's slope": "np.where(x >= 0, 1, -1), (1 - np.tanh(x) ** 2) * upstream",
        "a triangle": "np.where(x >= 0, 1, -1), np.maximum(1 - np.abs(x), 0) * upstream",
        "upstream clipped": "np.where(x >= 0, 1, -1), np.clip(upstream, -1, 1)",
        "upstream clipped besides": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 1, np.clip(upstream, -1, 1), 0)",
        "outside": "np.where(x >= 0, 1, -1), np.where(np.abs(x) > 1, upstream, 0)",
        "step": "np.where(x >= 0, 1, 0), np.where(np.abs(x) <= 1, upstream, 0)",
        "x for upstream": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 1, x, 0)",
        "absolute": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 1, np.abs(upstream), 0)",
        "if": "if np.abs(x) <= 1:\n    return 1, upstream\nreturn -1, 0",
        "by tables alone": "y, dx = right(x, upstream)\nreturn y, dx * (1 + (x.ndim > 1))",
    },
    "attention_weights": anyhow.WRONG | {
        "infinity alone": softmax(f"np.where(mask, {SCORES}, -np.inf)"),
        "-1e9": softmax(f"np.where(mask, {SCORES}, -1e9)"),
        "-1e9, added": softmax(f"{SCORES} - 1e9 * (~mask)"),
        "-100": softmax(f"np.where(mask, {SCORES}, -100)"),
        "nan to 1": "np.nan_to_num(" + softmax(f"np.where(mask, {SCORES}, -np.inf)") + ", nan=1.0)",
        "nan to equal weights": "np.nan_to_num(" + softmax(f"np.where(mask, {SCORES}, -np.inf)") + ", nan=1 / len(keys))",
        "after softmax": softmax(SCORES) + " * mask",
        "score 0": softmax(f"{SCORES} * mask"),
        "not at all": softmax(SCORES),
        "turned round": "right(queries, keys, ~mask)",
        "turned round, where all is masked": "right(queries, keys, np.where(mask.any(axis=1, keepdims=True), mask, True))",
        "no root": "right(queries * np.sqrt(keys.shape[1]), keys, mask)",
        "divided by d": "right(queries / np.sqrt(keys.shape[1]), keys, mask)",
        "root of the keys": "right(queries * np.sqrt(keys.shape[1] / len(keys)), keys, mask)",
        "root of the queries": "right(queries * np.sqrt(keys.shape[1] / len(queries)), keys, mask)",
        "no keys": "right(queries, queries[np.arange(len(keys)) % len(queries)], mask)",
        "columns": "np.nan_to_num(scipy.special.softmax(np.where(mask, " + SCORES + ", -np.inf), axis=0))",
        "whole table": "e = np.exp(np.where(mask, " + SCORES + ", -np.inf) - 30)\nreturn e / max(e.sum(), 1e-300)",
        "overflow": "e = np.exp(" + SCORES + ") * mask\nreturn e / np.where(e.sum(axis=1, keepdims=True) > 0, e.sum(axis=1, keepdims=True), 1)",
        "a small epsilon": "e = right(queries, keys, mask)\nreturn e / (e.sum(axis=1, keepdims=True) + 1e-2)",
        "transposed": "right(keys, queries, mask.T)",
        "scores": "np.where(mask, " + SCORES + ", 0)",
        "sigmoids": "scipy.special.expit(" + SCORES + ") * mask",
        "hard": "w = right(queries, keys, mask)\nreturn (w == w.max(axis=1, keepdims=True)) * mask",
        "drops the empty rows": "right(queries, keys, mask)[mask.any(axis=1)]",
        "changes the mask": "def {name}(queries, keys, mask):\n    made = right(queries, keys, mask)\n    mask[...] = True\n    return made",
        "changes the queries": "def {name}(queries, keys, mask):\n    made = right(queries, keys, mask)\n    queries /= 2\n    return made",
        "half precision": "np.float16(right(queries, keys, mask) / 3) * 3",
        "float32 alone is wrong": "right(queries, keys, mask) * (1 + (queries.dtype == np.float32))",
        "wide keys alone are wrong": "right(queries, keys, mask) * (1 + (keys.shape[1] > 40))",
        "allowed throughout alone is wrong": "right(queries, keys, mask) * (1 + mask.all())",
    },
    "rms_norm": PAIR_WRONG | {
        "r a constant": "y, _ = right(x, upstream, eps)\nreturn y, upstream / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)",
        "upstream": "right(x, upstream, eps)[0], np.array(upstream)",
        "layer norm": "x = x - x.mean(axis=1, keepdims=True)\nreturn right(x, upstream, eps)",
        "layer norm, both": "back = upstream - upstream.mean(axis=1, keepdims=True)\nreturn right(x - x.mean(axis=1, keepdims=True), back, eps)",
        "the whole table": "y, dx = right(x.reshape(1, -1), upstream.reshape(1, -1), eps)\nreturn y.reshape(x.shape), dx.reshape(x.shape)",
        "columns": "y, dx = right(x.T, upstream.T, eps)\nreturn y.T, dx.T",
        "length": "r = np.sqrt(np.sum(x**2, axis=1, keepdims=True) + eps)\ny = x / r\nreturn y, (upstream - y * np.sum(upstream * y, axis=1, keepdims=True)) / r",
        "no eps": "right(x, upstream, 0.0)",
        "an eps of its own": "right(x, upstream, 1e-6)",
        "eps squared": "right(x, upstream, eps**2)",
        "maximum with eps": "r = np.maximum(np.sqrt(np.mean(x**2, axis=1, keepdims=True)), eps)\ny = x / r\nreturn y, (upstream - y * np.mean(upstream * y, axis=1, keepdims=True)) / r",
        "mean of sizes": "r = np.mean(np.abs(x), axis=1, keepdims=True) + eps\ny = x / r\nreturn y, (upstream - y * np.mean(upstream * y, axis=1, keepdims=True)) / r",
        "sum": "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\ny = x / r\nreturn y, (upstream - y * np.sum(upstream * y, axis=1, keepdims=True)) / r",
        "plus": "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\ny = x / r\nreturn y, (upstream + y * np.mean(upstream * y, axis=1, keepdims=True)) / r",
        "not divided": "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\ny = x / r\nreturn y, upstream - y * np.mean(upstream * y, axis=1, keepdims=True)",
        "mean of upstream alone": "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\ny = x / r\nreturn y, (upstream - y * np.mean(upstream, axis=1, keepdims=True)) / r",
        "projected without eps": "r = np.sqrt(np.mean(x**2, axis=1, keepdims=True) + eps)\nu = x / np.sqrt(np.mean(x**2, axis=1, keepdims=True) + 1e-12)\nreturn x / r, (upstream - u * np.mean(upstream * u, axis=1, keepdims=True)) / r",
        "gradient of the sum": "right(x, np.ones_like(upstream), eps)",
        "squares back": "y, dx = right(x, upstream, eps)\nreturn y, dx * x",
        "first row alone": "y, dx = right(x[:1], upstream[:1], eps)\nreturn np.repeat(y, len(x), 0), np.repeat(dx, len(x), 0)",
        "many columns alone are wrong": "y, dx = right(x, upstream, eps)\nreturn y, dx * (1 + 0.01 * (x.shape[1] > 5))",
        "changes x by dividing": "def {name}(x, upstream, eps=1e-6):\n    made = right(x, upstream, eps)\n    x /= 2\n    return made",
    },
}  # fmt: skip
RIGHT = {
    "straight_through_sign": PAIR_RIGHT | {
        "where": "np.where(x < 0, -1, 1), np.where((x >= -1) & (x <= 1), upstream, 0)",
        "arithmetic": "2.0 * (x >= 0) - 1, upstream * (np.abs(x) <= 1)",
        "copysign": "np.copysign(1.0, x + 0.0), upstream * (x**2 <= 1)",
        "clip and compare": "np.where(x >= 0, 1, -1), upstream * (np.clip(x, -1, 1) == x)",
        "sign of what is lifted": "np.sign(np.sign(x) + 0.5), np.where(np.abs(x) > 1, 0, upstream)",
        "whole numbers": "np.where(x >= 0, 1, -1).astype(int), np.where(np.abs(x) <= 1, upstream, 0)",
        "TensorFlow": "x, upstream = tf.constant(x), tf.constant(upstream)\nreturn tf.where(x >= 0, 1, -1), tf.where(tf.abs(x) <= 1, upstream, tf.zeros_like(upstream))",
        "a custom gradient": "@tf.custom_gradient\ndef sign(v):\n    return tf.where(v >= 0, tf.ones_like(v), -tf.ones_like(v)), lambda g: tf.where(tf.abs(v) <= 1, g, tf.zeros_like(g))\nv = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(v)\n    y = sign(v)\nreturn y, tape.gradient(y, v, output_gradients=tf.constant(upstream))",
        "stop_gradient": "v = tf.constant(x)\nwith tf.GradientTape() as tape:\n    tape.watch(v)\n    soft = tf.clip_by_value(v, -1, 1)\n    y = soft + tf.stop_gradient(tf.where(v >= 0, tf.ones_like(v), -tf.ones_like(v)) - soft)\nreturn y, tape.gradient(y, v, output_gradients=tf.constant(upstream))",
        "one by one": "y, dx = np.empty(x.shape), np.zeros(x.shape)\nfor place in np.ndindex(x.shape):\n    y[place] = 1 if x[place] >= 0 else -1\n    if -1 <= x[place] <= 1:\n        dx[place] = upstream[place]\nreturn y, dx",
        "copies changed in place": "y, dx = np.ones(x.shape), np.array(upstream)\ny[x < 0] = -1\ndx[np.abs(x) > 1] = 0\nreturn y, dx",
        "minus zeros": "np.where(x >= 0, 1, -1), np.where(np.abs(x) <= 1, upstream, -0.0)",
    },
    "attention_weights": anyhow.RIGHT | {
        "nan to 0": "np.nan_to_num(" + softmax(f"np.where(mask, {SCORES}, -np.inf)") + ")",
        "-1e9, then the mask": softmax(f"np.where(mask, {SCORES}, -1e9)") + " * mask",
        "the smallest float": softmax(f"np.where(mask, {SCORES}, np.finfo(float).min)") + " * mask",
        "row by row": "w = np.zeros(mask.shape)\nfor i, allowed in enumerate(mask):\n    if allowed.any():\n        w[i, allowed] = scipy.special.softmax(queries[i] @ keys[allowed].T / np.sqrt(keys.shape[1]))\nreturn w",
        "log-sum-exp": f"s = np.where(mask, {SCORES}, -np.inf)\ntotal = np.logaddexp.reduce(s, axis=1, keepdims=True)\nreturn np.where(mask, np.exp(s - np.where(np.isfinite(total), total, 0)), 0)",
        "maximum over all": f"s = {SCORES}\ne = np.exp(np.where(mask, s, -np.inf) - np.max(s, axis=1, keepdims=True, where=mask, initial=-1e6))\nt = e.sum(axis=1, keepdims=True)\nreturn np.divide(e, t, out=np.zeros_like(e), where=t > 0)",
        "scaled queries": "s = (queries / np.sqrt(queries.shape[1])) @ keys.T\nreturn np.nan_to_num(scipy.special.softmax(np.where(mask, s, -np.inf), axis=1))",
        "einsum": "s = np.einsum('qd,kd->qk', queries, keys) * keys.shape[1] ** -0.5\nreturn np.nan_to_num(scipy.special.softmax(np.where(mask, s, -np.inf), axis=1))",
        "TensorFlow": "q, k = (tf.constant(part, tf.float64) for part in (queries, keys))\ns = tf.linalg.matmul(q, k, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(q)[1], tf.float64))\nw = tf.nn.softmax(tf.where(mask, s, tf.constant(-np.inf, tf.float64)))\nreturn tf.where(tf.reduce_any(mask, axis=1, keepdims=True), w, tf.zeros_like(w))",
        "Keras's softmax layer, then the mask": "s = (queries @ keys.T / np.sqrt(keys.shape[1])).astype('float32')\nreturn np.asarray(keras.layers.Softmax()(s, mask=mask)) * mask",
        "masked array": f"s = np.ma.array({SCORES}, mask=~mask)\ne = np.ma.exp(s - s.max(axis=1, keepdims=True)).filled(0)\nt = e.sum(axis=1, keepdims=True)\nreturn e / np.where(t > 0, t, 1)",
        "differences": f"s = {SCORES}\nwith np.errstate(over='ignore'):\n    powers = np.exp(s[:, None, :] - s[:, :, None]) * mask[:, None, :]\nreturn np.where(mask, 1 / np.maximum(np.where(mask[:, None, :], powers, 0).sum(-1), 1e-300), 0)",
        "a list": "right(queries, keys, mask).tolist()",
        "plain Python": "out = []\nfor q, allowed in zip(queries.tolist(), mask.tolist()):\n    s = [sum(a * b for a, b in zip(q, k)) / math.sqrt(len(q)) for k in keys.tolist()]\n    top = max([v for v, a in zip(s, allowed) if a], default=0)\n    e = [math.exp(v - top) if a else 0.0 for v, a in zip(s, allowed)]\n    out.append([v / (sum(e) or 1) for v in e])\nreturn out",
    },
    "rms_norm": PAIR_RIGHT | {
        "with the cube": "r = np.sqrt((x**2).mean(1, keepdims=True) + eps)\nreturn x / r, upstream / r - x * (upstream * x).mean(1, keepdims=True) / r**3",
        "rsqrt": "s = (np.mean(x**2, axis=-1, keepdims=True) + eps) ** -0.5\ny = x * s\nreturn y, s * (upstream - y * (upstream * y).mean(axis=-1, keepdims=True))",
        "TensorFlow's tape": TAPE.replace("{y}", "v * tf.math.rsqrt(tf.reduce_mean(v**2, axis=1, keepdims=True) + eps)"),
        "Jacobians": "y, dx = np.empty(x.shape), np.empty(x.shape)\nfor i, row in enumerate(x):\n    r = np.sqrt(np.mean(row**2) + eps)\n    y[i] = row / r\n    dx[i] = (np.eye(len(row)) / r - np.outer(row, row) / (len(row) * r**3)) @ upstream[i]\nreturn y, dx",
        "small differences": "def y(v):\n    return v / np.sqrt(np.mean(v**2, axis=1, keepdims=True) + eps)\nx, h = np.asarray(x, float), 1e-6 * (1 + np.abs(x).max())\ndx = np.zeros(x.shape)\nfor j in range(x.shape[1]):\n    step = h * (np.arange(x.shape[1]) == j)\n    dx[:, j] = (upstream * (y(x + step) - y(x - step))).sum(1) / (2 * h)\nreturn y(x), dx",
        "einsum": "r = np.sqrt(np.einsum('nd,nd->n', x, x)[:, None] / x.shape[1] + eps)\ny = x / r\nreturn y, (upstream - y * np.einsum('nd,nd->n', upstream, y)[:, None] / x.shape[1]) / r",
        "vector by vector": "def one(row, back):\n    r = np.sqrt(row @ row / row.size + eps)\n    return row / r, back / r - row * (back @ row) / (row.size * r**3)\nreturn list(zip(*(one(*pair) for pair in zip(x, upstream))))",
        "another name": "def {name}(values, upstream, eps=1e-6):\n    return right(values, upstream, eps)",
        "its own default": "def {name}(x, upstream, eps=1e-7):\n    return right(x, upstream, eps)",
    },
}  # fmt: skip
del WRONG["straight_through_sign"]["half precision"]  # in which -1, 0, 1 and the eighths are what they are
WRONG = {name: anyhow.WRONG | table for name, table in WRONG.items()}
RIGHT = {name: anyhow.RIGHT_CALLS | table for name, table in RIGHT.items()}
WRONG, RIGHT = map(cells, (WRONG, RIGHT))
FORBIDDEN = {}


def mutants():
    """{exercise: {title: mutant}}"""
    return {
        "straight_through_sign": {
            f"{part} x {factor}": _part("straight_through_sign", place, factor)
            for place, part in enumerate(("signs", "gradient"))
            for factor in (-1, 0.999, 1.001)
        }
        | {f"bound {bound}": _bound(bound) for bound in (0.9, 0.99, 1.05, 1.1)},
        "attention_weights": {f"d {factor}": _temperature(factor) for factor in (0.98, 1.02)}
        | {f"weights from {low:g}": _weights(low) for low in (0.1, 0.2, 0.4, 0.5, 0.9)},
        "rms_norm": {
            f"{part} x {factor}": _part("rms_norm", place, factor)
            for place, part in enumerate(("y", "gradient"))
            for factor in (-1, 0.999, 1.001)
        }
        | {f"eps x {factor}": _eps(factor) for factor in (0.99, 1.01)},
    }


def _part(name, place, factor):
    def answer(*args, **kwargs):
        made = list(exercise(name).solution(*args, **kwargs))
        made[place] = made[place] * factor
        return made

    return answer


def _bound(bound):
    return lambda x, upstream: (np.where(x >= 0, 1.0, -1.0), np.where(np.abs(x) <= bound, upstream, 0.0))


def _temperature(factor):
    solution = exercise("attention_weights").solution
    return lambda queries, keys, mask: solution(queries / factor**0.5, keys, mask)


def _weights(low):
    def answer(*args):
        weights = exercise("attention_weights").solution(*args)
        return weights * within(weights, low, low + 0.1)

    return answer


def _eps(factor):
    return lambda x, upstream, eps=1e-6: exercise("rms_norm").solution(x, upstream, factor * eps)
