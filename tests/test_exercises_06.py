"""The bank of the chapter on choosing: wrong and right answers to each exercise, and the verdict that each must get.

An answer stands as a learner would write it: a formula in the exercise's own parameters, or a whole cell.
"""

import itertools
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from bank import (
    ARRAYS_ANYHOW,
    CHANGES_ITS_INPUT,
    KNOWS_THE_CASES,
    WRITTEN_ANYHOW,
    WRONG_ANYHOW,
    WRONG_ON_ARRAYS,
    answer,
    assert_forbidden,
    assert_no_hint_is_the_answer,
    assert_noticed,
    assert_own_hint,
    assert_right,
    assert_solution_is_right_for_all_that_is_drawn,
    assert_solution_passes_and_stub_is_missing,
    assert_wrong,
    judged,
    misconceptions,
    rows,
)

from course_utils import check
from course_utils.activations import ACTIVATIONS
from course_utils.checking.spec import case
from course_utils.exercises import chapters, exercise
from course_utils.exercises.ch06_choosing import _trial as trial
from course_utils.exercises.ch06_choosing import my_activation, output_layer

NAMES = chapters()["06_choosing"]
TASKS = ("regression", "binary", "multiclass", "multilabel", "bounded")


def but(**changed):
    """The model answer with another choice for some tasks, as a learner would write it."""
    lines = "".join(f"    if task == {task!r}:\n        return {choice}\n" for task, choice in changed.items())
    return f"def {{name}}(task, classes=None):\n{lines}    return right(task, classes)"


S = "1 / (1 + np.exp(-beta * x))"
ONE_SAMPLE = "def {name}(x):\n    s = 1 / (1 + np.exp(-np.clip(x, -60, 60)))\n    return {formula}"

WRONG = {
    "output_layer": {
        "regression: relu": but(regression="1, 'relu', 'mse'"),
        "regression: sigmoid": but(regression="1, 'sigmoid', 'mse'"),
        "regression: tanh": but(regression="1, 'tanh', 'mse'"),
        "regression: softplus": but(regression="1, 'softplus', 'mse'"),
        "regression: softmax": but(regression="1, 'softmax', 'mse'"),
        "regression: leaky relu": but(regression="1, 'leaky_relu', 'mse'"),
        "regression: elu": but(regression="1, 'elu', 'mae'"),
        "regression: cross-entropy": but(regression="1, None, 'binary_crossentropy'"),
        "regression: ce": but(regression="1, None, 'ce'"),
        "regression: mape": but(regression="1, None, 'mape'"),
        "regression: msle": but(regression="1, None, 'msle'"),
        "regression: poisson": but(regression="1, None, 'poisson'"),
        "regression: accuracy": but(regression="1, None, 'accuracy'"),
        "regression: two units": but(regression="2, None, 'mse'"),
        "regression: no units": but(regression="None, None, 'mse'"),
        "binary: softmax of one": but(binary="1, 'softmax', 'binary_crossentropy'"),
        "binary: categorical": but(binary="1, 'sigmoid', 'categorical_crossentropy'"),
        "binary: sparse": but(binary="1, 'sigmoid', 'sparse_categorical_crossentropy'"),
        "binary: from_logits forgotten": but(binary="1, None, 'binary_crossentropy'"),
        "binary: linear, from_logits forgotten": but(binary="1, 'linear', 'bce'"),
        "binary: relu": but(binary="1, 'relu', 'binary_crossentropy'"),
        "binary: tanh": but(binary="1, 'tanh', 'binary_crossentropy'"),
        "binary: hard sigmoid": but(binary="1, 'hard_sigmoid', 'binary_crossentropy'"),
        "binary: squared error": but(binary="1, 'sigmoid', 'mse'"),
        "binary: hinge": but(binary="1, 'tanh', 'hinge'"),
        "binary: two sigmoids": but(binary="2, 'sigmoid', 'binary_crossentropy'"),
        "binary: two softmax units, binary loss": but(binary="2, 'softmax', 'binary_crossentropy'"),
        "binary: two softmax units, one-hot loss": but(binary="2, 'softmax', 'categorical_crossentropy'"),
        "binary: two logits": but(binary="2, None, 'sparse_categorical_crossentropy'"),
        "binary: log_sigmoid": but(binary="1, 'log_sigmoid', 'bce'"),
        "multiclass: one unit": but(multiclass="1, 'softmax', 'sparse_categorical_crossentropy'"),
        "multiclass: class number": but(multiclass="1, None, 'mse'"),
        "multiclass: one unit too few": but(multiclass="classes - 1, 'softmax', 'sparse_categorical_crossentropy'"),
        "multiclass: ten units": but(multiclass="10, 'softmax', 'sparse_categorical_crossentropy'"),
        "multiclass: sigmoids": but(multiclass="classes, 'sigmoid', 'sparse_categorical_crossentropy'"),
        "multiclass: sigmoids and binary": but(multiclass="classes, 'sigmoid', 'binary_crossentropy'"),
        "multiclass: one-hot loss": but(multiclass="classes, 'softmax', 'categorical_crossentropy'"),
        "multiclass: binary loss": but(multiclass="classes, 'softmax', 'binary_crossentropy'"),
        "multiclass: logits": but(multiclass="classes, None, 'sparse_categorical_crossentropy'"),
        "multiclass: linear": but(multiclass="classes, 'linear', 'crossentropy'"),
        "multiclass: relu": but(multiclass="classes, 'relu', 'sparse_categorical_crossentropy'"),
        "multiclass: log_softmax": but(multiclass="classes, 'log_softmax', 'sparse_categorical_crossentropy'"),
        "multiclass: kld": but(multiclass="classes, 'softmax', 'kld'"),
        "multiclass: mse": but(multiclass="classes, 'softmax', 'mse'"),
        "multilabel: softmax": but(multilabel="classes, 'softmax', 'binary_crossentropy'"),
        "multilabel: softmax and categorical": but(multilabel="classes, 'softmax', 'categorical_crossentropy'"),
        "multilabel: categorical": but(multilabel="classes, 'sigmoid', 'categorical_crossentropy'"),
        "multilabel: sparse": but(multilabel="classes, 'sigmoid', 'sparse_categorical_crossentropy'"),
        "multilabel: crossentropy, by shape": but(multilabel="classes, 'sigmoid', 'crossentropy'"),
        "multilabel: one unit": but(multilabel="1, 'sigmoid', 'binary_crossentropy'"),
        "multilabel: logits": but(multilabel="classes, None, 'binary_crossentropy'"),
        "multilabel: mse": but(multilabel="classes, 'sigmoid', 'mse'"),
        "multilabel: tanh": but(multilabel="classes, 'tanh', 'binary_crossentropy'"),
        "multilabel: three units": but(multilabel="3, 'sigmoid', 'binary_crossentropy'"),
        "bounded: linear": but(bounded="1, None, 'mse'"),
        "bounded: sigmoid": but(bounded="1, 'sigmoid', 'mse'"),
        "bounded: hard_tanh": but(bounded="1, 'hard_tanh', 'mse'"),
        "bounded: relu6": but(bounded="1, 'relu6', 'mse'"),
        "bounded: cross-entropy": but(bounded="1, 'tanh', 'binary_crossentropy'"),
        "bounded: hinge": but(bounded="1, 'tanh', 'hinge'"),
        "bounded: msle": but(bounded="1, 'tanh', 'msle'"),
        "bounded: two units": but(bounded="2, 'tanh', 'mse'"),
        "capitals": but(binary="1, 'Sigmoid', 'binary_crossentropy'"),
        "capitals of the loss": but(regression="1, None, 'Mse'"),
        "spaces": but(regression="1, None, 'mean squared error'"),
        "cross_entropy": but(binary="1, 'sigmoid', 'binary_cross_entropy'"),
        "PyTorch's name": but(regression="1, None, 'MSELoss'"),
        "activation 'none'": but(regression="1, 'none', 'mse'"),
        "activation 'None'": but(regression="1, 'None', 'mse'"),
        "activation identity": but(regression="1, 'identity', 'mse'"),
        "empty activation": but(regression="1, '', 'mse'"),
        "activation False": but(regression="1, False, 'mse'"),
        "a function for its name": but(bounded="1, keras.activations.tanh, 'mse'"),
        "an object for the loss": but(multiclass="classes, None, keras.losses.SparseCategoricalCrossentropy(from_logits=True)"),
        "no loss": but(binary="1, 'sigmoid', None"),
        "two things": but(binary="1, 'sigmoid'"),
        "four things": but(binary="1, 'sigmoid', 'bce', 'adam'"),
        "order": but(binary="'sigmoid', 1, 'bce'"),
        "loss before activation": but(binary="1, 'binary_crossentropy', 'sigmoid'"),
        "a text": but(binary="'1, sigmoid, binary_crossentropy'"),
        "a dict": but(binary="{'units': 1, 'activation': 'sigmoid', 'loss': 'bce'}"),
        "a layer": but(binary="keras.layers.Dense(1, 'sigmoid')"),
        "units as text": but(binary="'1', 'sigmoid', 'bce'"),
        "units as a float": but(binary="1.0, 'sigmoid', 'bce'"),
        "units as a list": but(binary="[1], 'sigmoid', 'bce'"),
        "units True": but(binary="True, 'sigmoid', 'bce'"),
        "negative units": but(binary="-1, 'sigmoid', 'bce'"),
        "nothing": "None",
        "nothing for bounded": but(bounded="None"),
        "the same for all": "1, None, 'mse'",
        "sigmoid for all": "classes or 1, 'sigmoid', 'binary_crossentropy'",
        "without classes": "def {name}(task):\n    return right(task, 3)",
        "classes required": "def {name}(task, classes):\n    return right(task, classes)",
        "raises for bounded": but(bounded="{}['bounded']"),
        "classes of the example": "right(task, classes and min(classes, 20))",
        "Keras's metrics": but(regression="1, None, 'RootMeanSquaredError'"),
    },
    "swish": {
        "beta ignored": "x / (1 + np.exp(-x))",
        "beta in front": "beta * x / (1 + np.exp(-x))",
        "beta twice": f"beta * x * {S}",
        "gate alone": S,
        "gate of beta": "x / (1 + np.exp(-beta))",
        "divided": "x / (1 + np.exp(-x / (beta + 1e-9)))",
        "wrong way round": "x / (1 + np.exp(beta * x))",
        "sum": f"x + {S}",
        "overflow": "x * np.exp(beta * x) / (1 + np.exp(beta * x))",
        "overflow becomes 0": "np.nan_to_num(x * np.exp(beta * x) / (1 + np.exp(beta * x)))",
        "precedence": "x * 1 / 1 + np.exp(-beta * x)",
        "relu": "np.maximum(x, 0)",
        "gelu": "tf.nn.gelu(x)",
        "mish": "x * np.tanh(np.logaddexp(0, beta * x))",
        "hard swish": "x * np.clip(beta * x / 6 + 0.5, 0, 1)",
        "tanh gate": "x * np.tanh(beta * x)",
        "tanh without a half": "x * 0.5 * (1 + np.tanh(beta * x))",
        "squared gate": f"x * ({S}) ** 2",
        "clipped at 10": "x / (1 + np.exp(-np.clip(beta * x, -5, 5)))",
        "beta 0 treated as missing": "right(x, beta=beta or 1.0)",
        "whole betas": "right(x, beta=int(beta))",
        "beta 2 is the default": "def {name}(x, beta=2.0):\n    return right(x, beta=beta)",
        "beta 1.702 is the default": "def {name}(x, beta=1.702):\n    return right(x, beta=beta)",
        "no beta": "def {name}(x):\n    return right(x)",
        "beta by another name": "def {name}(x, b=1.0):\n    return right(x, beta=b)",
        "right up to 100": "np.where(np.abs(x) < 500, right(x, beta=beta), x)",
        "float32 alone is wrong": "right(x, beta=beta) + (x.dtype == np.float32)",
        "absolute value": "np.abs(x) / (1 + np.exp(-beta * x))",
        "softplus": "np.logaddexp(0, beta * x)",
    },
    "my_activation": {
        "the input": "x",
        "a line": "3 * x - 1",
        "constant": "0 * x + 0.5",
        "zero": "0 * x",
        "square": "x**2",
        "small square": "0.1 * x**2",
        "cube": "x**3",
        "x + x^2 / 100": "x + 0.01 * x**2",
        "Taylor's sine": "x - x**3 / 6 + x**5 / 120",
        "in float32": "np.float32(x) ** 2 + np.float32(x)",
        "relu": "np.maximum(x, 0)",
        "relu by the library": "tf.nn.relu(x)",
        "twice relu": "2 * np.maximum(x, 0)",
        "minus relu": "-np.maximum(x, 0)",
        "mirrored relu": "np.maximum(-x, 0)",
        "relu, a little raised": "np.maximum(x, 0) + 1e-3",
        "relu up to 100": "np.clip(x, 0, 100)",
        "relu with noise": "np.maximum(x, 0) + 1e-4 * np.sin(50 * x)",
        "sigmoid": "1 / (1 + np.exp(-x))",
        "tanh": "np.tanh(x)",
        "three tanhs": "3 * np.tanh(x)",
        "elu": "keras.activations.elu(x)",
        "selu": "keras.activations.selu(x)",
        "gelu": "keras.activations.gelu(x)",
        "gelu by tanh": "keras.activations.gelu(x, approximate=True)",
        "silu": "x / (1 + np.exp(-x))",
        "mish": "x * np.tanh(np.logaddexp(0, x))",
        "softplus": "np.logaddexp(0, x)",
        "softsign": "x / (1 + np.abs(x))",
        "relu6": "np.clip(x, 0, 6)",
        "leaky relu, Keras's slope": "np.where(x > 0, x, 0.2 * x)",
        "hard sigmoid": "np.clip(x / 6 + 0.5, 0, 1)",
        "hard swish": "x * np.clip(x / 6 + 0.5, 0, 1)",
        "step": "(x > 0) * 1.0",
        "sign": "np.sign(x)",
        "floor": "np.floor(x)",
        "rounded": "np.round(x, 1)",
        "three steps": "1.0 * (x > -1) + (x > 0) + (x > 1)",
        "truth": "x > 0",
        "relu from 20": "np.maximum(x - 20, 0)",
        "relu from 0.5": "np.maximum(x - 0.5, 0)",
        "a bend far out": "np.where(x < 8, x, 8)",
        "hardly bent": "np.where(x > 0, x, 0.99 * x)",
        "hardly waved": "x + 1e-3 * np.sin(x)",
        "sigmoid - 1/2": ONE_SAMPLE.replace("{formula}", "s - 0.5"),
        "narrow sigmoid": ONE_SAMPLE.replace("{formula}", "0.1 * s"),
        "tenth of a leaky relu": "np.where(x > 0, 0.1 * x, 0.01 * x)",
        "steep": "np.where(x > 0, 5 * x, 0.5 * x)",
        "fast wave": "np.sin(20 * x)",
        "relu squared": "np.maximum(x, 0) ** 2",
        "sawtooth": "x % 1",
        "exp": "np.exp(x)",
        "softplus that overflows": "np.log(1 + np.exp(x)) - 0.5",
        "silu that overflows": "x * np.exp(1.5 * x) / (1 + np.exp(1.5 * x))",
        "sinh": "np.sinh(x)",
        "sinc by division": "np.sin(x) / x",
        "logarithm": "np.log(x)",
        "square root": "np.sqrt(x)",
        "power 100": "x**100",
        "softmax": "np.exp(x - x.max()) / np.exp(x - x.max()).sum()",
        "by the largest": "np.where(x > 0, x, 0.5 * np.tanh(x)) / np.abs(x).max()",
        "by the deviation": "np.tanh(x / (x.std() + 1e-9))",
        "by the mean": "np.maximum(x - x.mean(), 0) - 0.1 * np.maximum(x.mean() - x, 0)",
        "neighbour": "right(x) + 0.1 * np.roll(x, 1)",
        "running sum": "np.cumsum(x)",
        "sorted": "np.sort(right(x))",
        "random slope": "np.where(x > 0, x, x * np.random.default_rng(0).uniform(0.1, 0.3, x.shape))",
        "dropout": "right(x) * (np.random.default_rng(0).random(x.shape) < 0.5)",
        "max of python": "max(x, 0)",
        "if on an array": "def {name}(x):\n    if x > 0:\n        return x\n    return 0.1 * x",
        "nothing": "None",
        "text": "str(x)",
        "the sum": "right(x).sum()",
        "the first": "right(x)[:1]",
        "a column": "right(x)[:, None]",
        "a generator": "(v for v in right(x))",
        "a layer": "keras.layers.PReLU()",
        "complex": "np.sqrt(x + 0j)",
        "changes its input": "def {name}(x):\n    x[x < 0] *= 0.3\n    return x",
        "nan for one": "np.where(x == 0, np.nan, right(x))",
        "five numbers at most": "right(x) if x.size <= 5 else right(x)[:5]",
        "two parameters": "def {name}(x, slope):\n    return np.where(x > 0, x, slope * x)",
    },
}  # fmt: skip
RIGHT = {
    "output_layer": {
        "linear": but(regression="1, 'linear', 'mse'"),
        "full name": but(regression="1, None, 'mean_squared_error'"),
        "class name": but(regression="1, None, 'MeanSquaredError'"),
        "capital alias": but(regression="1, None, 'MSE'"),
        "absolute error": but(regression="1, None, 'mae'"),
        "absolute error, class": but(regression="1, None, 'MeanAbsoluteError'"),
        "huber": but(regression="1, None, 'huber'"),
        "Huber": but(regression="1, 'linear', 'Huber'"),
        "log cosh": but(regression="1, None, 'log_cosh'"),
        "bce": but(binary="1, 'sigmoid', 'bce'"),
        "BCE": but(binary="1, 'sigmoid', 'BCE'"),
        "BinaryCrossentropy": but(binary="1, 'sigmoid', 'BinaryCrossentropy'"),
        "focal": but(binary="1, 'sigmoid', 'binary_focal_crossentropy'"),
        "two softmax units": but(binary="2, 'softmax', 'sparse_categorical_crossentropy'"),
        "two softmax units, by shape": but(binary="2, 'softmax', 'crossentropy'"),
        "by shape": but(binary="1, 'sigmoid', 'crossentropy'", multiclass="classes, 'softmax', 'ce'"),
        "by shape, in capitals": but(multiclass="classes, 'softmax', 'CrossEntropy'"),
        "class name of the sparse one": but(multiclass="classes, 'softmax', 'SparseCategoricalCrossentropy'"),
        "multilabel bce": but(multilabel="classes, 'sigmoid', 'bce'"),
        "multilabel focal": but(multilabel="classes, 'sigmoid', 'BinaryFocalCrossentropy'"),
        "softsign": but(bounded="1, 'softsign', 'mse'"),
        "tanh and mae": but(bounded="1, 'tanh', 'mae'"),
        "tanh and huber": but(bounded="1, 'tanh', 'huber'"),
        "lists": "list(right(task, classes))",
        "NumPy's whole number": "def {name}(task, classes=None):\n    units, *rest = right(task, classes)\n    return np.int64(units), *rest",
        "0-d array": "def {name}(task, classes=None):\n    units, *rest = right(task, classes)\n    return np.array(units), *rest",
        "tensor": "def {name}(task, classes=None):\n    units, *rest = right(task, classes)\n    return tf.constant(units), *rest",
        "NumPy's text": "def {name}(task, classes=None):\n    units, activation, loss = right(task, classes)\n    return units, activation, np.str_(loss)",
        "named tuple": "import collections\nChoice = collections.namedtuple('Choice', 'units activation loss')\ndef {name}(task, classes=None):\n    return Choice(*right(task, classes))",
        "match": "def {name}(task, classes=None):\n    match task:\n        case 'multiclass':\n            return classes, 'softmax', 'sparse_categorical_crossentropy'\n        case _:\n            return right(task, classes)",
        "enumeration": "import enum\nclass Loss(str, enum.Enum):\n    MSE = 'mse'\ndef {name}(task, classes=None):\n    units, activation, loss = right(task, classes)\n    return units, activation, Loss.MSE if loss == 'mse' else loss",
        "classes or 1": "classes or 1, {'regression': None, 'multiclass': 'softmax', 'bounded': 'tanh'}.get(task, 'sigmoid'), {'multiclass': 'sparse_categorical_crossentropy', 'binary': 'bce', 'multilabel': 'bce'}.get(task, 'mse')",
        "default of 1 for classes": "def {name}(task, classes=1):\n    return right(task, classes)",
        "keyword only": "def {name}(task, *, classes=None):\n    return right(task, classes)",
        "another name": "def {name}(kind, classes=None):\n    return right(kind, classes)",
        "prints": "def {name}(task, classes=None):\n    print(task, classes)\n    return right(task, classes)",
        "lambda": "{name} = lambda task, classes=None: right(task, classes)",
    },
    "swish": {
        "division": "x / (1 + np.exp(-beta * x))",
        "gate": f"x * ({S})",
        "tf.sigmoid": "x * tf.sigmoid(beta * x)",
        "tf.sigmoid of float32": "tf.cast(x, tf.float32) * tf.sigmoid(tf.cast(x, tf.float32) * beta)",
        "keras": "x * keras.ops.sigmoid(beta * x)",
        "expit": "x * scipy.special.expit(beta * x)",
        "tanh": "x / 2 * (1 + np.tanh(beta * x / 2))",
        "logaddexp": "x * np.exp(-np.logaddexp(0, -beta * x))",
        "softplus": "x * tf.exp(-tf.math.softplus(-beta * x))",
        "sides": "def {name}(x, beta=1.0):\n    z = np.exp(-np.abs(beta * x))\n    return x * np.where(x >= 0, 1, z) / (1 + z)",
        "loop": "def {name}(x, beta=1.0):\n    return [v / (1 + math.exp(-beta * v)) if beta * v > -700 else 0.0 for v in x]",
        "clipped far out": "x / (1 + np.exp(np.clip(-beta * x, -700, 700)))",
        "tf.function": "@tf.function\ndef {name}(x, beta=1.0):\n    return x * tf.sigmoid(beta * x)",
        "overflow mended": "np.where(beta * x > 80, x, x * np.exp(np.minimum(beta * x, 80)) / (1 + np.exp(np.minimum(beta * x, 80))))",
        "own sigmoid": "def sigmoid(z):\n    return 1 / (1 + np.exp(-z))\ndef {name}(x, beta=1.0):\n    return x * sigmoid(beta * x)",
        "softmax of two": "x * tf.nn.softmax(tf.stack([beta * x, tf.zeros_like(x)], -1))[..., 0]",
        "beta as an array": "def {name}(x, beta=1.0):\n    beta = np.float64(beta)\n    return x / (1 + np.exp(-beta * x))",
        "keyword only": "def {name}(x, *, beta=1.0):\n    return right(x, beta=beta)",
    },
    "my_activation": {
        "leaky relu of 0.3": "np.where(x > 0, x, 0.3 * x)",
        "leaky relu of 0.05": "np.maximum(x, 0.05 * x)",
        "leaky relu of 0.01": "tf.nn.leaky_relu(x, 0.01)",
        "negative leak": "np.where(x > 0, x, -0.5 * x)",
        "x sigmoid(1.5 x)": "x / (1 + np.exp(-1.5 * x))",
        "x sigmoid(1.702 x)": "x * scipy.special.expit(1.702 * x)",
        "by tf": "x * tf.sigmoid(1.5 * x)",
        "by tf in float32": "tf.cast(x, tf.float32) * tf.sigmoid(1.5 * tf.cast(x, tf.float32))",
        "softplus, shifted": "np.logaddexp(0, x) - np.log(2)",
        "softplus, narrower": "np.logaddexp(0, 2 * x) / 2 - 0.2",
        "squareplus": "(x + np.sqrt(x * x + 4)) / 2",
        "relu, raised": "np.maximum(x, 0) + 0.5",
        "relu from -0.5": "np.maximum(x + 0.5, 0)",
        "relu with a limit": "np.clip(x, 0, 3)",
        "hard tanh": "np.clip(x, -1, 1)",
        "sine": "np.sin(x)",
        "sine and x": "x + np.sin(x)",
        "snake": "x + np.sin(x) ** 2",
        "cosine": "np.cos(x)",
        "bell": "np.exp(-np.minimum(x * x, 700))",
        "wavelet": "x * np.exp(-np.minimum(x * x, 700) / 2)",
        "tent": "np.maximum(0, 1 - np.abs(x))",
        "absolute value": "np.abs(x)",
        "steeper tanh": "np.tanh(2 * x)",
        "LeCun's tanh": "1.7159 * np.tanh(2 * x / 3)",
        "arctan": "np.arctan(x)",
        "arsinh": "np.arcsinh(x)",
        "x / sqrt(1 + x^2)": "x / np.sqrt(1 + x * x)",
        "logarithms": "np.sign(x) * np.log1p(np.abs(x))",
        "bent identity": "(np.sqrt(x * x + 1) - 1) / 2 + x",
        "elu of 0.5": "np.where(x > 0, x, 0.5 * np.expm1(np.minimum(x, 0)))",
        "celu": "keras.activations.celu(x, alpha=2.0)",
        "relu and tanh": "np.where(x > 0, x, np.tanh(0.3 * x))",
        "broken line": "np.interp(x, [-3, -1, 1, 3], [-1, -0.5, 1, 2])",
        "broken line, by conditions": "np.piecewise(x, [x < -1, x > 1], [-0.5, lambda v: v, lambda v: 0.75 * v + 0.25])",
        "soft shrink": "np.sign(x) * np.maximum(np.abs(x) - 0.1, 0)",
        "with a jump": "np.where(x > 0.2, x, 0.1 * x)",
        "comprehension": "[v if v > 0 else 0.3 * math.tanh(v) for v in x]",
        "np.vectorize": "np.vectorize(lambda v: v if v > 0 else 0.3 * math.tanh(v))(x)",
        "relu squared, limited": "np.minimum(np.maximum(x, 0) ** 2, 1) + np.maximum(x - 1, 0)",
        "x^3 / (1 + x^2)": "x**3 / (1 + x**2)",
        "two parameters": "def {name}(x, slope=0.3):\n    return np.where(x > 0, x, slope * x)",
        "own relu": "def relu(x):\n    return np.maximum(x, 0)\ndef {name}(x):\n    return relu(x) - 0.3 * relu(-x)",
        "object array": "right(x).astype(object)",
        "keras tensor": "keras.ops.convert_to_tensor(right(x))",
    },
}  # fmt: skip
FORBIDDEN = {
    "swish": (
        "tf.nn.swish(x, beta)",
        "tf.nn.silu(x, beta)",
        "keras.activations.silu(beta * x) / beta",
        "{name} = tf.nn.silu",
        "keras.ops.silu(x)",
        'keras.layers.Activation("swish")(x)',
        "from course_utils.activations import silu\ndef {name}(x, beta=1.0):\n    return silu(x)",
    ),
    "my_activation": (
        "from course_utils.activations import relu\ndef {name}(x):\n    return relu(x, negative_slope=0.3)",
        "from course_utils import ACTIVATIONS\ndef {name}(x):\n    return ACTIVATIONS['softplus'](x) - 0.5",
    ),
}


def _tables():
    changes = {"changes its input": CHANGES_ITS_INPUT.replace("FIRST", "x"), "knows the fixed cases": KNOWS_THE_CASES}
    return (
        WRONG | {"swish": WRONG_ANYHOW | WRONG_ON_ARRAYS | WRONG["swish"] | changes},
        RIGHT | {"swish": WRITTEN_ANYHOW | ARRAYS_ANYHOW | RIGHT["swish"]},
    )


ALL_WRONG, ALL_RIGHT = _tables()


@pytest.mark.parametrize(("name", "text"), rows(ALL_WRONG))
def test_a_wrong_answer_is_refused_with_a_reason(name, text):
    assert_wrong(name, text)


@pytest.mark.parametrize(("name", "text"), rows(ALL_RIGHT))
def test_a_right_answer_passes_however_it_is_written(name, text):
    assert_right(name, text)


@pytest.mark.parametrize(("name", "text"), rows({name: {t: t for t in FORBIDDEN[name]} for name in FORBIDDEN}))
def test_the_ready_made_function_is_forbidden(name, text):
    assert_forbidden(name, text)


@pytest.mark.parametrize(("name", "misconception"), misconceptions(NAMES))
def test_a_misconception_gets_its_own_hint(name, misconception):
    assert_own_hint(name, misconception)


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_solution_passes_and_the_stub_is_missing(name):
    assert_solution_passes_and_stub_is_missing(name)
    assert_solution_is_right_for_all_that_is_drawn(name)
    assert_no_hint_is_the_answer(name)


# ---- output_layer: Keras has the last word on names, shapes and losses


@pytest.mark.parametrize("name", [name for name in output_layer.SAYS if name is not None])
def test_keras_knows_the_activation(name):
    assert callable(keras.activations.get(name))


@pytest.mark.parametrize("name", output_layer.ASKS)
def test_keras_knows_the_loss(name):
    assert callable(keras.losses.get(name))


@pytest.mark.parametrize("name", ["Sigmoid", "Softmax", "Linear", "None", "none", "identity", ""])
def test_keras_knows_no_such_activation(name):
    assert name not in output_layer.SAYS
    with pytest.raises(ValueError, match="Could not interpret"):
        keras.activations.get(name)


@pytest.mark.parametrize(
    "name", ["Mse", "Bce", "HUBER", "binary_cross_entropy", "mean squared error", "accuracy", "MSELoss"]
)
def test_keras_knows_no_such_loss(name):
    assert name not in output_layer.ASKS
    with pytest.raises(ValueError, match="Could not interpret"):
        keras.losses.get(name)


def _accepted():
    """Every answer that passes, of all that can be made of the names that Keras knows."""
    losses = [*output_layer.ASKS, *output_layer.BY_SHAPE]
    for task, units, activation, loss in itertools.product(TASKS, (1, 2, 3), output_layer.SAYS, losses):
        classes = {"classes": 3} if task in ("multiclass", "multilabel") else {}
        if not output_layer._accepts(case(task, **classes), [np.array(units), activation, loss]):
            yield task, units, activation, loss


ACCEPTED = list(_accepted())
TARGETS = {
    "regression": np.array([-250.0, 0.0, 3.0]),
    "binary": np.array([0, 1, 1]),
    "multiclass": np.array([0, 2, 1]),
    "multilabel": np.array([[0, 1, 1], [0, 0, 0], [1, 1, 1]]),
    "bounded": np.array([-0.9, 0.0, 0.9]),
}


def test_what_is_accepted():
    count = {task: sum(a[0] == task for a in ACCEPTED) for task in TASKS}
    assert count == {"regression": 24, "binary": 12, "multiclass": 4, "multilabel": 6, "bounded": 24}


@pytest.mark.parametrize(("task", "units", "activation"), dict.fromkeys(a[:3] for a in ACCEPTED))
def test_keras_trains_whatever_is_accepted(task, units, activation):
    target = TARGETS[task]
    dense = keras.layers.Dense(units, activation)
    said = dense(np.ones((3, 2), "float32"))
    accepted = [loss for *choice, loss in ACCEPTED if choice == [task, units, activation]]
    for loss in [name for name in accepted if "_" in name or name in ("huber", "ce")]:  # one name for each
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units, activation)])
        model.compile(loss=loss, optimizer="sgd")
        assert np.isfinite(model.train_on_batch(np.ones((3, 2)), target))
    assert said.shape == (3, units)
    if task in ("binary", "multiclass") and units > 1:
        np.testing.assert_allclose(np.sum(said, axis=1), 1, rtol=1e-5)
    if task == "bounded":
        assert np.abs(said).max() < 1


def test_keras_refuses_the_one_hot_loss_for_whole_numbers():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, "softmax")])
    model.compile(loss="categorical_crossentropy", optimizer="sgd")
    with pytest.raises(ValueError, match="shape"):
        model.train_on_batch(np.ones((3, 2)), TARGETS["multiclass"])


@pytest.mark.parametrize(
    "activation", ["tanh", "softsign", "sigmoid", "softmax", "hard_tanh", "hard_sigmoid", "relu", "relu6"]
)
def test_what_an_activation_can_say_is_what_it_says(activation):
    x = np.linspace(-7, 7, 57, dtype="float32")[:, None]  # as far as float32 tells tanh from 1
    said = np.asarray(keras.activations.get(activation)(x if activation != "softmax" else np.hstack([x, -x])))
    words = output_layer.SAYS[activation]
    if words.startswith("numbers between"):
        low, high = (float(w.strip(",")) for w in (words.split()[2], words.split()[4]))
        assert low < said.min() < said.max() < high
    elif words.startswith("numbers from"):
        low, high = (float(w.strip(",")) for w in (words.split()[2], words.split()[4]))
        assert (said.min(), said.max()) == (low, high)
    else:
        assert said.min() >= 0


def test_softmax_over_one_unit_says_1():
    with pytest.warns(UserWarning, match="axis has size 1"):
        assert np.array_equal(keras.activations.softmax(np.array([[-3.0], [5.0]])), [[1.0], [1.0]])


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (but(binary="1, 'softmax', 'bce'"), "For `output_layer('binary')` 1 unit with activation 'softmax' can say: nothing but 1; expected: a probability, never 0 or 1 itself.", "What does a softmax over a single number give, whatever the number?"),
        (but(binary="1, 'Sigmoid', 'bce'"), "For `output_layer('binary')` your activation is 'Sigmoid'; expected a name that Keras knows, or None.", "Did you mean 'sigmoid'?"),
        (but(regression="1, None, 'Mse'"), "For `output_layer('regression')` your loss is 'Mse'; expected a name that Keras knows.", "Did you mean 'mse'?"),
        (but(multilabel="1, 'sigmoid', 'bce'"), "For `output_layer('multilabel', classes=3)` your last layer has 1 unit; expected 3.", "How many yes-or-no questions does this task ask of one example?"),
        (but(binary="3, 'sigmoid', 'bce'"), "For `output_layer('binary')` your last layer has 3 units; expected 1 or 2.", "How many numbers does the network have to say for one example? Look at the table's last column."),
        (but(binary="1, 'sigmoid'"), "For `output_layer('binary')` you returned [1, 'sigmoid']; expected three things: units, activation and loss.", 'For example `return (3, "relu", "mae")`: three things, with commas between them.'),
        (but(bounded="1, keras.activations.tanh, 'mse'"), "For `output_layer('bounded')` your activation is a function; expected a name that Keras knows, or None.", 'For example `return (3, "relu", "mae")`: three things, with commas between them.'),
        (but(multilabel="classes, 'sigmoid', 'ce'"), "For `output_layer('multilabel', classes=3)` Keras takes 'ce' for the loss of one class among several; expected a cross-entropy for a yes or no in each class.", "What does one target look like: a number, a 0 or 1, a whole number for a class, a row? Which loss takes it as it is?"),
    ],
)  # fmt: skip
def test_the_sentence_names_what_is_not_sound(text, message, hint):
    verdict = check(answer("output_layer", text))
    assert (verdict.message, verdict.hint) == (message, hint)


def test_an_alias_does_not_hide_a_misconception():
    text = but(regression="1, 'linear', 'mae'", multilabel="classes, 'softmax', 'bce'", binary="2, 'softmax', 'ce'")
    assert check(answer("output_layer", text)).misconception == "softmax_for_several_of_many"


# ---- swish: mutation


def _parts(low, high, count=41):
    edges = np.linspace(low, high, count)
    return list(zip(edges[:-2], edges[2:], strict=True))  # each 5 %, one beginning in the middle of another


@pytest.mark.parametrize(("low", "high"), [*_parts(-10, 10), *_parts(-1000, 1000)[20:]])
def test_a_factor_of_1001_in_1000_is_noticed_for_any_x(low, high):
    solution = exercise("swish").solution
    assert_noticed("swish", lambda x, beta=1.0: solution(x, beta) * np.where((x >= low) & (x <= high), 1.001, 1.0))


@pytest.mark.parametrize(("low", "high"), _parts(0, 10))
def test_and_for_any_beta(low, high):
    solution = exercise("swish").solution
    assert_noticed("swish", lambda x, beta=1.0: solution(x, beta) * (1.001 if low <= beta <= high else 1.0))
    if high < 5:  # a steeper gate hardly notices
        assert_noticed("swish", lambda x, beta=1.0: solution(x, beta * (1.01 if low <= beta <= high and beta else 1.0)))


# ---- my_activation: the laboratory


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "linear"])
@pytest.mark.parametrize(("factor", "mirrored"), [(1, False), (-3, False), (0.5, True)])
def test_each_entry_of_the_catalogue_is_found(name, factor, mirrored):
    y = factor * ACTIVATIONS[name](-trial.GRID if mirrored else trial.GRID)
    found, title, _ = trial.copied(y)
    assert abs(found) == pytest.approx(abs(factor), rel=0.01)
    twins = {"GELU", "GELU (tanh form)"}
    assert title == ACTIVATIONS[name].title or {title, ACTIVATIONS[name].title} == twins


def test_variants_of_the_catalogue_are_ones_own():
    for name in ACTIVATIONS:
        if name not in ("linear", "relu", "leaky_relu"):  # scaling the input of these scales the output
            assert trial.copied(ACTIVATIONS[name](1.5 * trial.GRID)) is None
            assert trial.copied(ACTIVATIONS[name](trial.GRID) + 0.3) is None


def test_a_bend_must_be_on_every_probe():
    for bend in np.linspace(-2.9, 2.9, 30):
        assert trial.straight(np.abs(trial.GRID - bend)) is None
    for bend in (-10, -3.1, 3.1, 10):
        assert trial.straight(np.abs(trial.GRID - bend)) is not None
    for line in (0 * trial.GRID, 0 * trial.GRID + 5, 3 * trial.GRID - 7, np.float32(0.1 * trial.GRID + 100)):
        assert trial.straight(line) == (-7, 3)


@pytest.mark.parametrize("degree", range(2, 11))
def test_polynomials_are_found(degree):
    rng = np.random.default_rng(degree)
    weights = rng.normal(size=degree + 1) / 10.0 ** np.arange(degree + 1)
    found = trial.polynomial(np.polyval(weights[::-1], trial.GRID), np.polyval(weights[::-1], trial.FAR))
    assert 2 <= found <= degree
    in_float32 = [np.float32(x) ** 2 + np.float32(3) * np.float32(x) for x in (trial.GRID, trial.FAR)]
    assert trial.polynomial(*in_float32) == 2


@pytest.mark.parametrize("f", [np.sin, np.tanh, np.abs, np.arctan, np.cos, lambda x: x + 0.01 * np.sin(x), lambda x: np.sin(x / 5),
                               lambda x: np.sqrt(x * x + 100), lambda x: x**3 / (1 + x * x), lambda x: x * np.tanh(x)])  # fmt: skip
def test_nothing_else_is_taken_for_a_polynomial(f):
    assert trial.polynomial(f(trial.GRID), f(trial.FAR)) is None


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "gelu", "leaky_relu"])
def test_the_curve_through_the_samples_is_the_function_and_its_slope(name):
    entry, z = ACTIVATIONS[name], np.random.default_rng(0).uniform(-31, 31, 500)
    value, slope = trial.curve(entry(trial.GRID))(z)
    np.testing.assert_allclose(value, entry(z), atol=0.01)
    away = np.abs(z) > 0.05
    np.testing.assert_allclose(slope[away], entry.df(z)[away], atol=0.02)


def test_a_jump_has_no_slope():
    for f in (np.sign, np.floor, lambda x: (x > 0) * 1.0, lambda x: np.round(4 * x) / 4):
        assert trial.sloping(trial.curve(f(trial.GRID))) == 0
    assert np.allclose(trial.curve(np.where(trial.GRID > 1, trial.GRID, 0)).slope[trial.GRID[:-1] > 1.1], 1)


@pytest.mark.parametrize(
    ("name", "weights", "low", "high"),
    [("sigmoid", "Glorot", 1e-7, 2e-6), ("tanh", "Glorot", 0.1, 1), ("relu", "He", 0.5, 1.5), ("relu", "Glorot", 0.01, 0.1),
     ("linear", "Glorot", 0.5, 1.5), ("linear", "He", 20, 50)],
)  # fmt: skip
def test_what_ten_layers_leave_of_a_gradient(name, weights, low, high):
    assert low < trial.gradient_left(trial.curve(ACTIVATIONS[name](trial.GRID)), weights) < high


def test_the_gradients_are_those_of_the_loss():
    curve, (x, side), rng = trial.curve(np.sin(trial.GRID)), trial._spirals(0), np.random.default_rng(0)
    network = [rng.normal(size=size) for size in ((2, 32), (32,), (32, 32), (32,), (32, 1), (1,))]

    def loss():
        return np.mean(np.logaddexp(0, -side * trial._output(curve, network, x)[-1][:, 0]))

    for part, gradient in zip(network, trial._gradients(curve, network, x, side), strict=True):
        place = tuple(0 for _ in part.shape)
        part[place] += 1e-5
        above = loss()
        part[place] -= 2e-5
        below = loss()
        part[place] += 1e-5
        assert gradient[place] == pytest.approx((above - below) / 2e-5, rel=0.02, abs=1e-4)


def test_a_straight_line_solves_no_spirals_and_relu_does():
    assert 0.7 < trial.spirals_solved(trial.curve(trial.GRID)) < 0.85
    assert trial.spirals_solved(trial.curve(np.maximum(trial.GRID, 0))) >= trial.SOLVED


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2 * x", "From x = -7 to x = 3 your activation is a straight line; expected a bend."),
        (
            "np.maximum(x, 0)",
            "From x = -10 to x = 10 your activation is ReLU of the catalogue; expected one of your own.",
        ),
        (
            "-2 * np.tanh(x)",
            "From x = -10 to x = 10 your activation is -2 times tanh of the catalogue; expected one of your own.",
        ),
        (
            "np.maximum(-x, 0)",
            "From x = -10 to x = 10 your activation is the mirror image of ReLU of the catalogue; expected one of your own.",
        ),
        ("x**3", "From x = -10,000 to x = 10,000 your activation is a polynomial; expected something else."),
        (
            "np.sign(x)",
            "From x = -10 to x = 10 the slope of your activation is 0 nearly everywhere; expected a slope to learn by.",
        ),
        ("np.exp(x)", "At x = 1000 your activation gives inf; expected a finite number."),
        ("np.sin(x) / x", "At x = 0 your activation gives nan; expected a finite number."),
        ("x.sum()", "For a row of 5 numbers you returned shape (); expected shape (5,)."),
        ("None", "For a row of 5 numbers you returned None; expected 5 numbers."),
        ("x % 1", "On the two spirals the best of 3 networks with your activation gets 0.5"),
        ("np.sin(20 * x)", "After 10 layers a gradient of size 1 has size"),
        ("right(x) + 0.1 * np.roll(x, 1)", "At x = "),
    ],
)
def test_the_capstone_says_which_condition_is_not_met(text, message):
    verdict = check(answer("my_activation", text))
    assert verdict.message.startswith(message)
    assert verdict.hint


def test_the_grader_needs_no_tensorflow_for_the_capstone():
    code = (
        "import sys\nfrom course_utils.checking.observe import observe\nfrom course_utils.checking.judge import judge\n"
        "from course_utils.exercises import exercise\nspec = exercise('my_activation')\n"
        "v = judge(spec, lambda c: observe(spec.solution, c.args, c.kwargs))\n"
        "print(v.status, 'tensorflow' in sys.modules, 'keras' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["passed", "False", "False"]


def test_the_capstone_takes_a_few_seconds_at_most():
    start = time.process_time()
    assert judged("my_activation", my_activation.my_activation).passed
    assert not judged("my_activation", lambda x: np.where(x > 0, x, 0.99 * x)).passed  # all three tries
    assert time.process_time() - start < 5
