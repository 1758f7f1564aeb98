"""A zoo of models for `diagnose`: each one's table against arithmetic in NumPy, or said to be unread, never a guess.

The oracle knows nothing of how a model is written: it is given the weights and the formula.
"""

import html
import tempfile
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from course_utils import experiments
from course_utils.activations import ACTIVATIONS, softmax
from course_utils.experiments.diagnosis.diagnostics import WORDS

layers, ops = keras.layers, keras.ops
GRID = np.linspace(-10, 10, 2001)
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(48, 8)), RNG.normal(size=(48, 3))
KERNEL, BIAS = RNG.normal(size=(8, 6)), np.array([0.0, 0.5, -100, 0.3, -100, -2])  # the third and the fifth are dead
LAST, LAST_BIAS = RNG.normal(size=(6, 3)), np.zeros(3)
DEAD = 2 / 6


class Row(NamedTuple):
    """What a row has to say.

    Args:
        activation: its name.
        values: what the layer gives.
        sums: what the activation works on, with its slope in the catalogue's entry; None where no share may be given.
        entry: the name of the entry.
        weights: the variables whose gradient is the row's.
    """

    activation: str
    values: np.ndarray
    sums: np.ndarray | None = None
    entry: str = "relu"
    weights: tuple = ()


def shares(row):
    """(saturated, dead) from the catalogue's slope; nan where nothing is to be counted."""
    if row.sums is None:
        return np.nan, np.nan
    slope = ACTIVATIONS[row.entry].df
    slopes, largest = np.abs(slope(row.sums)), np.abs(slope(GRID)).max()
    return np.mean(slopes <= 0.05 * largest), np.mean((slopes <= 1e-6 * largest).reshape(-1, slopes.shape[-1]).all(0))


def compare(found, rows, rtol=1e-4, share=1e-9):
    assert found.activations == tuple(row.activation for row in rows)
    means, deviations = ([getattr(row.values, number)() for row in rows] for number in ("mean", "std"))
    np.testing.assert_allclose(found.means, means, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(found.deviations, deviations, rtol=rtol, atol=rtol)
    expected = np.array([shares(row) for row in rows]).T
    np.testing.assert_allclose(found.saturated, expected[0], atol=share)
    np.testing.assert_allclose(found.dead, expected[1], atol=share)
    table = found.table()
    assert (tuple(table.index), tuple(table["activation"])) == (found.layers, found.activations)
    for told in (repr(found), found._repr_html_()):
        assert all(name in told for name in found.layers)
        assert all(html.escape(note, quote=False)[:20] in told for note in found.notes)


def gradients_by_tape(model, x, y):
    """The norm of the gradient of each weight by its path, worked out as in `fit`, on the model itself."""
    with tf.GradientTape() as tape:
        loss = model.compute_loss(x=x, y=y, y_pred=model(x, training=True))
    weights = model.trainable_variables
    found = tape.gradient(loss, [v.value for v in weights], unconnected_gradients="zero")
    return {v.path: float(tf.norm(tf.convert_to_tensor(g))) for v, g in zip(weights, found, strict=True)}


# The same two layers, written in every way. Their sums, values and gradients are known.

Z = X @ KERNEL + BIAS
H = np.maximum(Z, 0)
OUT = H @ LAST + LAST_BIAS
BACK = 2 * (OUT - Y) / Y.size
NORMS = [np.linalg.norm(X.T @ ((BACK @ LAST.T) * (Z > 0))), np.linalg.norm(H.T @ BACK)]


def first(activation=None, kind=layers.Dense, **settings):
    return kind(6, activation=activation, name="d", **settings)


def last(**settings):
    return layers.Dense(3, name="out", **settings)


def sequence(*parts):
    return keras.Sequential([keras.Input((8,)), *parts])


def graph(middle, before=None):
    start = keras.Input((8,))
    return keras.Model(start, last()(middle((before or first())(start))))


class Own(layers.Layer):
    def call(self, z):
        return tf.nn.relu(z)


class OwnAroundAnother(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = layers.ReLU()

    def call(self, z, training=None):
        return self.inner(z)


class OwnWithAWeight(layers.Layer):
    def build(self, shape):
        self.slope = self.add_weight(shape=(1,), initializer="zeros", name="slope")

    def call(self, z):
        return tf.maximum(z, 0) + self.slope * tf.minimum(z, 0)


class NoDropout(layers.Dropout):
    def call(self, z, training=None):
        return tf.nn.relu(z)


class OwnModel(keras.Model):
    def __init__(self, parts):
        super().__init__()
        self.parts = parts

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


def reloaded(name):
    def make(tmp_path):
        model = sequence(first("relu"), last())
        model.save(tmp_path / name)
        return keras.models.load_model(tmp_path / name)

    return make


def popped(_tmp_path):
    model = sequence(first("relu"), layers.Dense(7))
    model.pop()
    model.add(last())
    return model


def of_two_models(_tmp_path):
    shared, start, other = first("relu"), keras.Input((8,)), keras.Input((8,))
    keras.Model(other, layers.Dense(2)(shared(other)))
    return keras.Model(start, last()(shared(start)))


def inside_out(_tmp_path):
    """A Sequential in a functional model in a functional model in a Sequential."""
    start, middle = keras.Input((8,)), keras.Input((8,))
    low = keras.Model(start, keras.Sequential([keras.Input((8,)), first("relu")])(start))
    return sequence(keras.Model(middle, low(middle)), last())


def called_once(model):
    model(X.astype("float32")[:1])
    return model


def relu_of_prelu(_tmp_path):
    model = called_once(sequence(first(layers.PReLU()), last()))
    assert model.layers[0].activation.alpha.numpy().tolist() == [0] * 6
    return model


ONE, TWO = ("relu", "linear"), ("linear", "relu", "linear")
WAYS = {
    "a string": (lambda _: sequence(first("relu"), last()), ONE),
    "a function": (lambda _: sequence(first(tf.nn.relu), last()), ONE),
    "a lambda": (lambda _: sequence(first(lambda z: tf.maximum(z, 0)), last()), ("a lambda", "linear")),
    "a partial": (
        lambda _: sequence(first(partial(keras.activations.relu, negative_slope=0.0)), last()),
        ONE,
    ),
    "a layer as an argument": (lambda _: sequence(first(layers.ReLU()), last()), ("ReLU", "linear")),
    "PReLU as an argument": (relu_of_prelu, ("PReLU", "linear")),
    "a layer": (lambda _: sequence(first(), layers.ReLU(), last()), ("linear", "ReLU", "linear")),
    "Activation": (lambda _: sequence(first(), layers.Activation("relu"), last()), TWO),
    "Activation of a layer": (
        lambda _: sequence(first(), layers.Activation(layers.LeakyReLU(negative_slope=0.0)), last()),
        ("linear", "LeakyReLU", "linear"),
    ),
    "Lambda": (lambda _: graph(layers.Lambda(tf.nn.relu)), TWO),
    "keras.ops.relu": (lambda _: graph(ops.relu), TWO),
    "keras.activations.relu": (lambda _: graph(keras.activations.relu), TWO),
    "keras.ops.maximum": (lambda _: graph(lambda h: ops.maximum(h, 0)), ("linear", "maximum", "linear")),
    "keras.ops.where": (
        lambda _: graph(lambda h: ops.where(h > 0, h, ops.zeros_like(h))),
        ("linear", "greater, zeros_like, where", "linear"),
    ),
    "arithmetic": (
        lambda _: graph(lambda h: (h + ops.abs(h)) / 2),
        ("linear", "absolute, add, true_divide", "linear"),
    ),
    "a clip after a shift there and back": (
        lambda _: graph(lambda h: ops.clip(h * 2 - 1, -1, 1e6) / 2 + 0.5),
        ("linear", "multiply, subtract, clip, true_divide, add", "linear"),
    ),
    "a layer of one's own": (lambda _: graph(Own()), ("linear", "Own", "linear")),
    "a layer of one's own with another's name": (lambda _: graph(NoDropout(0.5)), ("linear", "NoDropout", "linear")),
    "a layer of one's own around ReLU": (lambda _: graph(OwnAroundAnother()), ("linear", "OwnAroundAnother", "linear")),
    "a layer of one's own with a weight": (lambda _: graph(OwnWithAWeight()), ("linear", "OwnWithAWeight", "linear")),
    "a layer of one's own as an argument": (lambda _: sequence(first(Own()), last()), ("Own", "linear")),
    "a model as an activation": (
        lambda _: graph(keras.Sequential([keras.Input((6,)), layers.ReLU()])),
        ("linear", "ReLU", "linear"),
    ),
    "dropout of nothing and a reshape on the way": (
        lambda _: sequence(first(), layers.Dropout(0.0), layers.Reshape((2, 3)), layers.Flatten(), Own(), last()),
        ("linear", "Own", "linear"),
    ),
    "loaded from .keras": (reloaded("m.keras"), ONE),
    "loaded from .h5": (reloaded("m.h5"), ONE),
    "from its config": (lambda _: keras.Sequential.from_config(sequence(first("relu"), last()).get_config()), ONE),
    "cloned": (lambda _: keras.models.clone_model(graph(ops.relu)), TWO),
    "popped": (popped, ONE),
    "a layer in two models": (of_two_models, ONE),
    "models in models": (inside_out, ONE),
    "without an Input, called once": (lambda _: called_once(keras.Sequential([first("relu"), last()])), ONE),
    "a class of one's own": (lambda _: called_once(OwnModel([first("relu"), last()])), ONE),
    "a class of one's own with ReLU": (
        lambda _: called_once(OwnModel([first(), layers.ReLU(), last()])),
        ("linear", "ReLU", "linear"),
    ),
    "a class of one's own around a Sequential": (
        lambda _: called_once(OwnModel([sequence(first("relu")), Own(), last()])),
        ("relu", "Own", "linear"),
    ),
    "EinsumDense": (
        lambda _: sequence(layers.EinsumDense("ab,bc->ac", 6, activation="relu", bias_axes="c", name="d"), last()),
        ONE,
    ),
    "a frozen layer behind": (lambda _: sequence(first("relu"), last(trainable=False)), ONE),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # h5py's, while Keras loads
@pytest.mark.parametrize(("make", "activations"), WAYS.values(), ids=WAYS.keys())
def test_one_network_written_in_many_ways(make, activations, tmp_path):
    model = make(tmp_path)
    dense = [part for part in model._flatten_layers() if part.name in ("d", "out")]
    for part, weights in zip(dense, ((KERNEL, BIAS), (LAST, LAST_BIAS)), strict=True):
        part.set_weights([*weights, *part.get_weights()[2:]])
    model.compile(loss="mse")
    before = [v.numpy() for v in model.variables]
    found = experiments.diagnose(model, X, Y)
    if len(activations) == 2:
        values = [(H, Z), (OUT, OUT)]
    else:
        values = [(Z, Z), (H, Z), (OUT, OUT)] if activations[0] == "linear" else [(H, Z), (H, H), (OUT, OUT)]
    entries = ["linear" if name == "linear" else "relu" for name in activations]
    compare(found, [Row(n, *pair, entry) for n, pair, entry in zip(activations, values, entries, strict=True)])
    assert found.dead[1 if activations[0] == "linear" else 0] == DEAD
    ends = [place for place, name in enumerate(found.layers) if name.rpartition("/")[2] in ("d", "out")]
    expected = [NORMS[0], NORMS[1] if dense[1].trainable else np.nan]
    np.testing.assert_allclose(found.gradients[ends], expected, rtol=1e-4)
    assert all("read" not in note for note in found.notes)
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, new.numpy())


# Models that differ in more than their writing


SEQUENCES, PICTURES = RNG.normal(size=(32, 5, 4)), RNG.normal(size=(8, 6, 6, 2))
LISTS = ("inside", "strange", "between", "operations", "unknown_use", "repeated")
ZOO = {}


class Animal(NamedTuple):
    """A model with what has to be said of it.

    Args:
        model: not compiled yet.
        x: its inputs.
        rows: a `Row` for each row of the table.
        lists: the names in the notes that list what is not read, or counted over several calls, by the notes' keys.
        loose: the tolerance; float16 and quantised weights agree with NumPy's arithmetic only roughly.
        y: answers; None makes some of the outputs' shape.
    """

    model: keras.Model
    x: object
    rows: list
    lists: dict = MappingProxyType({})
    loose: float = 1e-4
    y: object = None


def animal(make):
    ZOO[make.__name__.replace("_", " ")] = make
    return make


def dense(part, x):
    kernel, *bias = (np.asarray(w, float) for w in part.get_weights())
    return x @ kernel + sum(bias)


def linear(part, x, **settings):
    z = dense(part, x)
    return Row("linear", z, z, "linear", (part.kernel,), **settings)


def through(part, x, name, entry=None, label=None, weights=None):
    """(row of a Dense with an activation, its values)."""
    z = dense(part, x)
    h = ACTIVATIONS[entry or name].f(z)
    return Row(label or name, h, z, entry or name, (part.kernel,) if weights is None else weights), h


def unread(values, weights=(), activation="unread"):
    return Row(activation, np.asarray(values, float), None, "", tuple(weights))


def part_of(model, part, x):
    """A layer's values in a functional model, from a model that ends there."""
    return np.asarray(keras.Model(model.inputs[0], part.output)(x, training=True), float)


@animal
def silu_by_hand():
    one, two = first(), last()
    start = keras.Input((8,))
    h = one(start)
    model = keras.Model(start, two(h * ops.sigmoid(h)))
    z = dense(one, X)
    value = ACTIVATIONS["silu"].f(z)
    return Animal(model, X, [linear(one, X), Row("sigmoid, multiply", value, z, "silu"), linear(two, value)])


@animal
def sigmoid_by_hand():
    one, two = first(), last()
    start = keras.Input((8,))
    model = keras.Model(start, two(1 / (1 + ops.exp(-one(start)))))
    z = dense(one, X)
    value = ACTIVATIONS["sigmoid"].f(z)
    names = "negative, exp, add, true_divide"
    return Animal(model, X, [linear(one, X), Row(names, value, z, "sigmoid"), linear(two, value)])


@animal
def a_gate_of_two_layers():
    one, gate, two = first(), layers.Dense(6, "sigmoid", name="gate"), last()
    start = keras.Input((8,))
    model = keras.Model(start, two(one(start) * gate(start)))
    row, g = through(gate, X, "sigmoid")
    z = dense(one, X)
    rows = [Row("linear", z, None, "", (one.kernel,)), row, linear(two, z * g)]
    return Animal(model, X, rows, {"operations": ["multiply"], "unknown_use": ["d"]})


@animal
def a_maximum_of_two_layers():
    parts, two = [first(), layers.Dense(6, name="e")], last()
    start = keras.Input((8,))
    model = keras.Model(start, two(layers.Maximum(name="most")([part(start) for part in parts])))
    sums = [dense(part, X) for part in parts]
    rows = [Row("linear", z, None, "", (part.kernel,)) for z, part in zip(sums, parts, strict=True)]
    rows += [unread(np.maximum(*sums)), linear(two, np.maximum(*sums))]
    return Animal(model, X, rows, {"strange": ["most (Maximum)"], "unknown_use": ["d", "e"]})


@animal
def maxout():
    one, two = layers.Dense(12, name="d"), last()
    start = keras.Input((8,))
    model = keras.Model(start, two(ops.max(ops.reshape(one(start), (-1, 6, 2)), axis=-1)))
    z = dense(one, X)
    rows = [Row("linear", z, None, "", (one.kernel,)), linear(two, z.reshape(-1, 6, 2).max(-1))]
    return Animal(model, X, rows, {"operations": ["max"], "unknown_use": ["d"]})


@animal
def residual():
    one, two, three = layers.Dense(8, "relu"), layers.Dense(8, "gelu"), last()
    start = keras.Input((8,))
    h = start + one(start)
    model = keras.Model(start, three(layers.Add()([h, two(h)])))
    row, value = through(one, X, "relu")
    row_two, value_two = through(two, X + value, "gelu")
    return Animal(model, X, [row, row_two, linear(three, X + value + value_two)])


@animal
def softmax_between():
    one, two = first(), last()
    start = keras.Input((8,))
    model = keras.Model(start, two(ops.softmax(one(start))))
    p = softmax(dense(one, X))
    return Animal(model, X, [linear(one, X), unread(p, activation="softmax"), linear(two, p)])


@animal
def softmax_as_a_layer():
    one = last()
    return Animal(
        sequence(one, layers.Softmax()), X, [linear(one, X), unread(softmax(dense(one, X)), activation="Softmax")]
    )


class Between(keras.Model):
    def __init__(self):
        super().__init__(name="mine")
        self.one, self.two = first(), last()

    def call(self, x):
        return self.two(tf.nn.relu(self.one(x)))


class After(Between):
    def call(self, x):
        return tf.sigmoid(self.two(self.one(x)))


@animal
def relu_in_a_class_of_ones_own():
    model = called_once(Between())
    z = dense(model.one, X)
    rows = [Row("linear", z, None, "", (model.one.kernel,)), linear(model.two, np.maximum(z, 0))]
    return Animal(model, X, rows, {"between": ["mine (Between)"], "unknown_use": ["d"]})


@animal
def sigmoid_behind_all_layers_of_a_class_of_ones_own():
    model = called_once(After())
    z = dense(model.one, X)
    rows = [linear(model.one, X), Row("linear", dense(model.two, z), None, "", (model.two.kernel,))]
    return Animal(model, X, rows, {"between": ["mine (After)"], "unknown_use": ["out"]})


class Block(layers.Layer):
    def __init__(self):
        super().__init__(name="block")
        self.one, self.two = layers.Dense(6, name="in"), layers.Dense(8, name="out")

    def call(self, x):
        return x + self.two(tf.nn.gelu(self.one(x)))


@animal
def a_block_of_ones_own():
    before, block, after = layers.Dense(8, name="before"), Block(), layers.Dense(3, name="after")
    model = sequence(before, block, after)
    x = dense(before, X)
    z = dense(block.one, x)
    y = dense(block.two, ACTIVATIONS["gelu"].f(z))
    rows = [Row("linear", v, None, "", (p.kernel,)) for v, p in ((x, before), (z, block.one), (y, block.two))]
    lists = {"between": ["block (Block)"], "unknown_use": ["before", "block/in", "block/out"]}
    return Animal(model, X, [*rows, linear(after, x + y)], lists)


class Compiled(Block):
    @tf.function
    def call(self, x):
        return super().call(x)


@animal
def a_compiled_block_of_ones_own():
    """Keras traces it before its weights are there, so they get no gradient, in `fit` neither."""
    before, block, after = layers.Dense(8, name="before"), Compiled(), layers.Dense(3, name="after")
    model = sequence(before, block, after)
    x = dense(before, X)
    y = x + dense(block.two, ACTIVATIONS["gelu"].f(dense(block.one, x)))
    rows = [Row("linear", x, None, "", (before.kernel,)), unread(y, block.trainable_weights), linear(after, y)]
    return Animal(model, X, rows, {"strange": ["block (Compiled)"], "unknown_use": ["before"]})


class Raw(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(shape[-1], 6), name="w")

    def call(self, x):
        return tf.nn.relu(x @ self.w)


class ReluDense(layers.Dense):
    def call(self, x):
        return tf.nn.relu(super().call(x))


class OnlyAName(layers.Dense):
    pass


@animal
def a_layer_from_scratch():
    raw, two = Raw(name="raw"), last()
    model = sequence(raw, two)
    h = np.maximum(X @ raw.w.numpy(), 0)
    return Animal(model, X, [unread(h, [raw.w]), linear(two, h)], {"strange": ["raw (Raw)"]})


@animal
def a_dead_dense_of_ones_own():
    """As many units as inputs, all of them dead: its values don't move, and so look as if each came from one input."""
    one, two = ReluDense(8, bias_initializer=keras.initializers.Constant(-100.0), name="d"), last()
    model = sequence(one, two)
    h = np.zeros((len(X), 8))
    return Animal(model, X, [unread(h, [one.kernel]), linear(two, h)], {"strange": ["d (ReluDense)"]})


@animal
def a_dense_with_a_new_name():
    one, two = OnlyAName(6, "relu"), last()
    model = sequence(one, two)
    row, h = through(one, X, "relu")
    return Animal(model, X, [row, linear(two, h)])


@animal
def an_activation_without_a_slope():
    one, two = first(lambda z: tf.ensure_shape(tf.numpy_function(np.sin, [z], z.dtype), z.shape)), last()
    model = sequence(one, two)
    h = np.sin(dense(one, X))
    return Animal(model, X, [unread(h, [one.kernel], "a lambda"), linear(two, h)])


@animal
def a_step():
    one, two = first(lambda z: tf.where(z > 0, 1.0, 0.0)), last()
    model = sequence(one, two)
    h = np.where(dense(one, X) > 0, 1.0, 0.0)
    never = np.full_like(h, -1)  # ReLU's slope there is that of the step everywhere
    return Animal(model, X, [Row("a lambda", h, never, "relu", (one.kernel,)), linear(two, h)])


@animal
def a_softmax_over_the_batch():
    one, two = first(lambda z: tf.nn.softmax(z, axis=0)), last()
    model = sequence(one, two)
    h = softmax(dense(one, X).T).T
    return Animal(model, X, [unread(h, [one.kernel], "a lambda"), linear(two, h)])


def recurrent(layer, kind):
    one, two = layer, last()
    model = keras.Sequential([keras.Input((5, 4)), one, layers.Flatten(), two])
    values = part_of(model, one, SEQUENCES)
    rows = [unread(values, one.trainable_weights), linear(two, values.reshape(32, -1))]
    return Animal(model, SEQUENCES, rows, {"inside": [f"r ({kind})"]})


@animal
def lstm():
    return recurrent(layers.LSTM(4, name="r"), "LSTM")


@animal
def gru():
    return recurrent(layers.GRU(4, activation="relu", return_sequences=True, name="r"), "GRU")


@animal
def bidirectional():
    return recurrent(layers.Bidirectional(layers.SimpleRNN(3), name="r"), "Bidirectional")


class Cell(layers.Layer):
    state_size = 4

    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(4)

    def build(self, shape):
        self.inner.build((None, 8))

    def call(self, x, states):
        h = tf.nn.relu(self.inner(tf.concat([x, states[0]], -1)))
        return h, [h]


@animal
def a_cell_of_ones_own():
    return recurrent(layers.RNN(Cell(), name="r"), "RNN")


@animal
def attention():
    attend, norm, two = layers.MultiHeadAttention(2, 2, name="r"), layers.LayerNormalization(), last()
    start = keras.Input((5, 4))
    model = keras.Model(start, two(layers.Flatten()(norm(start + attend(start, start)))))
    values, normed = (part_of(model, part, SEQUENCES) for part in (attend, norm))
    rows = [unread(values, attend.trainable_weights), unread(normed, norm.trainable_weights, "")]
    rows.append(linear(two, normed.reshape(32, -1)))
    return Animal(model, SEQUENCES, rows, {"inside": ["r (MultiHeadAttention)"]})


@animal
def step_by_step():
    inner, act, two = layers.Dense(4, "tanh", name="in"), layers.ReLU(name="act"), last()
    parts = [layers.TimeDistributed(inner, name="td"), layers.TimeDistributed(act, name="ta"), layers.Flatten(), two]
    model = keras.Sequential([keras.Input((5, 4)), *parts])
    row, h = through(inner, SEQUENCES, "tanh")
    rows = [row, Row("ReLU", np.maximum(h, 0), h), linear(two, np.maximum(h, 0).reshape(32, -1))]
    return Animal(model, SEQUENCES, rows, {"repeated": ["td/in (5 times)", "ta/act (5 times)"]})


def convolved(part, x):
    kernel, bias = part.get_weights()
    size = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(x, (size, size), axis=(1, 2))
    return np.einsum("bijcuv,uvco->bijo", windows, kernel.astype(float)) + bias


@animal
def convolutions():
    one, norm, two = layers.Conv2D(4, 3), layers.BatchNormalization(), last()
    tail = [norm, layers.LeakyReLU(negative_slope=0.2), layers.GlobalAveragePooling2D(), two]
    model = keras.Sequential([keras.Input((6, 6, 2)), one, *tail])
    z = convolved(one, PICTURES)
    n = (z - z.mean((0, 1, 2))) / np.sqrt(z.var((0, 1, 2)) + norm.epsilon)
    h = ACTIVATIONS["leaky_relu"].f(n)
    rows = [Row("linear", z, z, "linear", (one.kernel,)), unread(n, norm.trainable_weights, "")]
    return Animal(model, PICTURES, [*rows, Row("LeakyReLU", h, n, "leaky_relu"), linear(two, h.mean((1, 2)))])


@animal
def convolutions_with_channels_first():
    """Units are counted along the channels: the second of three is dead."""
    one, two = layers.Conv2D(3, 3, data_format="channels_first"), last()
    tail = [layers.ReLU(), layers.GlobalAveragePooling2D(data_format="channels_first"), two]
    model = keras.Sequential([keras.Input((2, 6, 6)), one, *tail])
    one.set_weights([one.get_weights()[0], np.array([0, -100, 0])])
    z = convolved(one, PICTURES)
    h = np.maximum(z, 0)
    rows = [Row("linear", z, z, "linear", (one.kernel,)), Row("ReLU", h, z), linear(two, h.mean((1, 2)))]
    assert shares(rows[1])[1] == 1 / 3
    return Animal(model, np.moveaxis(PICTURES, -1, 1), rows)


def of_precision(policy, loose):
    one, two, three = (layers.Dense(6, "relu", dtype=policy), layers.Dense(6, dtype=policy), last(dtype=policy))
    model = sequence(one, two, Own(dtype=policy), three)
    row, h = through(one, X, "relu")
    middle, value = through(two, h, "relu", label="Own", weights=())
    return Animal(model, X, [row, linear(two, h), middle, linear(three, value)], loose=loose)


@animal
def mixed_float16():
    return of_precision("mixed_float16", 0.01)


@animal
def mixed_bfloat16():
    return of_precision("mixed_bfloat16", 0.03)


@animal
def float64():
    return of_precision("float64", 1e-5)


@animal
def lora():
    one, two = first("relu"), last()
    model = sequence(one, two)
    one.enable_lora(2)
    one.lora_kernel_b.assign(RNG.normal(size=one.lora_kernel_b.shape))
    z = X @ one.kernel.numpy() + one.bias.numpy()
    row = Row("relu", np.maximum(z, 0), z, "relu", (one.bias, one.lora_kernel_a, one.lora_kernel_b))
    return Animal(model, X, [row, linear(two, np.maximum(z, 0))])


def quantised(mode, loose):
    one, two = first("relu"), last()
    model = sequence(one, layers.ReLU(), two)
    row, h = through(one, X, "relu", weights=(one.bias,))
    z = dense(two, h)
    model.quantize(mode)
    rows = [row, Row("ReLU", h, h), Row("linear", z, z, "linear", (two.bias,))]
    return Animal(model, X, rows, loose=loose)


@animal
def int8():
    return quantised("int8", 0.03)


@animal
def int4():
    return quantised("int4", 0.2)


@animal
def frozen():
    one, two = first("relu", trainable=False), last()
    model = sequence(one, two)
    row, h = through(one, X, "relu", weights=())
    return Animal(model, X, [row, linear(two, h)])


@animal
def half_frozen():
    one, two = first("relu"), last()
    model = sequence(one, two)
    one.kernel.trainable = False
    row, h = through(one, X, "relu", weights=(one.bias,))
    return Animal(model, X, [row, linear(two, h)])


@animal
def a_layer_called_twice():
    """Units dead in both calls are dead; an activation without weights stands for each place."""
    one, act, two = layers.Dense(8, "relu", name="twice"), layers.ReLU(name="act"), last()
    start = keras.Input((8,))
    model = keras.Model(start, act(two(act(one(one(start))))))
    first_row, h = through(one, X, "relu")
    second_row, g = through(one, h, "relu")
    row = Row("relu", np.stack([h, g]), np.stack([first_row.sums, second_row.sums]), "relu", (one.kernel,))
    z = dense(two, g)
    rows = [row, Row("ReLU", g, g), Row("ReLU", np.maximum(z, 0), z), linear(two, g)]
    return Animal(model, X, rows, {"repeated": ["twice (2 times)"]})


@animal
def twins():
    """One model on both halves of the input; the distance of what it gives."""
    inner = layers.Dense(6, "elu", name="in")
    twin = keras.Sequential([keras.Input((4,)), inner], name="twin")
    two, start = last(), keras.Input((8,))
    model = keras.Model(start, two(ops.subtract(twin(start[:, :4]), twin(start[:, 4:]))))
    rows, values = zip(*(through(inner, part, "elu") for part in (X[:, :4], X[:, 4:])), strict=True)
    both = Row("elu", np.stack(values), np.stack([row.sums for row in rows]), "elu", (inner.kernel,))
    return Animal(model, X, [both, linear(two, values[0] - values[1])], {"repeated": ["twin/in (2 times)"]})


@animal
def normalisations():
    kinds = [layers.Normalization(mean=1.0, variance=4.0), layers.UnitNormalization(), layers.GroupNormalization(2)]
    kinds += [layers.RMSNormalization(), layers.LayerNormalization()]
    one, two = layers.Dense(6, "relu", name="in"), last()
    model = sequence(*kinds, layers.SpectralNormalization(one, name="sn"), two)
    values = [part_of(model, part, X) for part in kinds]
    # the power iteration that the layer does in each step: from its vector u, and forgotten afterwards
    kernel, u = one.kernel.numpy().astype(float), model.layers[-2].vector_u.numpy().astype(float)
    v = u @ kernel.T
    v /= np.linalg.norm(v)
    u = v @ kernel
    u /= np.linalg.norm(u)
    z = values[-1] @ (kernel / (v @ kernel @ u.T)) + one.bias.numpy()
    h = np.maximum(z, 0)
    rows = [unread(value, part.trainable_weights, "") for value, part in zip(values, kinds, strict=True)]
    return Animal(model, X, [*rows, Row("relu", h, z, "relu", (one.kernel,)), linear(two, h)], loose=1e-3)


@animal
def words():
    embed, one = layers.Embedding(9, 4), last(activation="softplus")
    model = keras.Sequential([keras.Input((5,)), embed, layers.Flatten(), one])
    x = RNG.integers(0, 9, (48, 5))
    values = embed.get_weights()[0][x]
    rows = [unread(values, embed.trainable_weights, ""), through(one, values.reshape(48, -1), "softplus")[0]]
    return Animal(model, x, rows)


@animal
def a_mask():
    """Keras compares words with 0 between the layers: that is no activation."""
    embed, one, two = layers.Embedding(9, 4, mask_zero=True), layers.Dense(4, "relu"), last()
    recur = layers.LSTM(3, name="r")
    model = keras.Sequential([keras.Input((5,)), embed, one, recur, two])
    x = RNG.integers(0, 4, (48, 5))
    values = embed.get_weights()[0][x]
    row, _h = through(one, values, "relu")
    steps = part_of(model, recur, x)
    rows = [
        unread(values, embed.trainable_weights, ""),
        row,
        unread(steps, recur.trainable_weights),
        linear(two, steps),
    ]
    return Animal(model, x, rows, {"inside": ["r (LSTM)"]})


@animal
def dicts_in_and_out():
    starts = {name: keras.Input((4,), name=name) for name in "ab"}
    one, p, q = first("relu"), layers.Dense(3, name="p"), layers.Dense(1, "tanh", name="q")
    h = one(layers.Concatenate()(list(starts.values())))
    model = keras.Model(starts, {"p": p(h), "q": q(h)})
    row, value = through(one, X, "relu")
    rows = [row, linear(p, value), through(q, value, "tanh")[0]]
    return Animal(model, {"a": X[:, :4], "b": pd.DataFrame(X[:, 4:])}, rows, y={"p": Y, "q": Y[:, :1]})


@animal
def lists_in_and_out():
    starts = [keras.Input((4,)), keras.Input((4,))]
    one, two = first("relu"), layers.Dense(1, "tanh", name="q")
    model = keras.Model(starts, [one(layers.Concatenate()(starts)), two(starts[0])])
    rows = [through(one, X, "relu")[0], through(two, X[:, :4], "tanh")[0]]
    return Animal(model, [X[:, :4].tolist(), X[:, 4:].tolist()], rows, y=[RNG.normal(size=(48, 6)), Y[:, :1]])


@animal
def with_losses_of_its_own():
    one, two = first("relu", activity_regularizer="l2", kernel_regularizer="l1"), last()
    model = sequence(one, two)
    row, h = through(one, X, "relu")
    return Animal(model, pd.DataFrame(X), [row, linear(two, h)], y=Y.tolist())


@animal
def an_activation_that_was_set_later():
    one, two = first(), last()
    model = sequence(one, two)
    one.activation = keras.activations.relu
    row, h = through(one, X, "relu")
    return Animal(model, X.tolist(), [row, linear(two, h)])


@animal
def a_call_that_was_replaced():
    one, two = first(), last()
    model, plain = sequence(one, two), one.call
    one.call = lambda x, training=None: tf.nn.relu(plain(x))
    h = np.maximum(dense(one, X), 0)
    return Animal(model, X, [unread(h, [one.kernel]), linear(two, h)], {"strange": ["d (Dense)"]})


@animal
def weights_that_are_no_numbers():
    one, two = first("relu"), last()
    model = sequence(one, two)
    kernel, bias = two.get_weights()
    kernel[0, 0] = np.nan
    two.set_weights([kernel, bias])
    row, h = through(one, X, "relu")
    return Animal(model, X, [row, unread(dense(two, h), [two.kernel], "linear")])


class Scale(layers.Layer):
    def build(self, shape):
        self.gamma = self.add_weight(shape=shape[-1:], initializer="ones", name="gamma")

    def call(self, x):
        return x * self.gamma


@animal
def a_weight_for_each_unit():
    """It is a line, and what comes behind it is known."""
    one, scale, two = first(), Scale(), last()
    model = sequence(one, scale, layers.ReLU(), two)
    scale.gamma.assign([0.5, 1, -2, 3, 1, 1])
    z = dense(one, X) * scale.gamma.numpy()
    h = np.maximum(z, 0)
    rows = [linear(one, X), Row("Scale", z, z, "linear", (scale.gamma,)), Row("ReLU", h, z), linear(two, h)]
    return Animal(model, X, rows)


@animal
def a_softmax_of_one_unit():
    """It gives 1 whatever comes in: its number has no others beside it, and yet it is no function of one number."""
    one, two = first("relu"), layers.Dense(1, "softmax", name="out")
    model = sequence(one, two)
    row, h = through(one, X, "relu")
    return Animal(model, X, [row, unread(np.ones((len(h), 1)), [two.kernel], "softmax")])


@animal
def an_operation_behind_all_layers():
    one, start = last(), keras.Input((8,))
    model = keras.Model(start, ops.relu(one(start)))
    z = dense(one, X)
    return Animal(model, X, [linear(one, X), Row("relu", np.maximum(z, 0), z)])


class WeightNormalised(layers.Wrapper):
    def build(self, shape):
        self.layer.build(shape)
        super().build(shape)

    def call(self, x):
        kernel = self.layer.kernel
        return self.layer.activation(x @ (kernel / ops.norm(kernel, axis=0)) + self.layer.bias)


@animal
def a_wrapper_that_takes_a_layers_weights():
    """It never calls the layer, so nobody knows what it does with them."""
    inner, two = layers.Dense(6, "relu"), last()
    model = sequence(WeightNormalised(inner, name="wn"), two)
    kernel, bias = inner.get_weights()
    h = np.maximum(X @ (kernel / np.linalg.norm(kernel, axis=0)) + bias, 0)
    return Animal(
        model, X, [unread(h, inner.trainable_weights), linear(two, h)], {"strange": ["wn (WeightNormalised)"]}
    )


@animal
def a_model_that_tensorflow_saved():
    with tempfile.TemporaryDirectory() as folder:
        inner = sequence(layers.Dense(6, "relu"))
        inner.export(folder, verbose=False)
        saved = layers.TFSMLayer(folder, call_endpoint="serve", name="saved")
    one, two = layers.Dense(8, name="d"), last()
    model = sequence(one, saved, two)
    z = dense(one, X)
    h = np.maximum(dense(inner.layers[0], z), 0)
    rows = [Row("linear", z, None, "", (one.kernel,)), unread(h, saved.trainable_weights), linear(two, h)]
    return Animal(model, X, rows, {"strange": ["saved (TFSMLayer)"], "unknown_use": ["d"]})


class Counting(layers.Layer):
    def build(self, _shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, name="calls")

    def call(self, x):
        self.calls.assign_add(1.0)
        return tf.nn.relu(x) * self.calls


@animal
def a_layer_that_gives_something_else_each_time():
    one, count, two = first(), Counting(name="n"), last()
    model = sequence(one, count, two)
    z = dense(one, X)
    h = 2 * np.maximum(z, 0)  # the zoo calls each model once before it is diagnosed
    rows = [Row("linear", z, None, "", (one.kernel,)), unread(h), linear(two, h)]
    return Animal(model, X, rows, {"strange": ["n (Counting)"], "unknown_use": ["d"]})


@animal
def values_in_their_order():
    """Sorting moves values, but which goes where hangs on the others."""
    one, two = first(), last()
    model = sequence(one, layers.Lambda(lambda z: tf.sort(z, -1), name="sort"), layers.ReLU(), two)
    z = dense(one, X)
    h = np.sort(z)
    rows = [Row("linear", z, None, "", (one.kernel,)), unread(h), Row("ReLU", np.maximum(h, 0), h)]
    return Animal(
        model, X, [*rows, linear(two, np.maximum(h, 0))], {"strange": ["sort (Lambda)"], "unknown_use": ["d"]}
    )


def lists_of(found):
    """The names in those notes that are lists, by the note's key."""
    ends = {word: WORDS[word].split("{layers}") for word in LISTS}
    for note in found.notes:
        for word, (head, tail) in ends.items():
            if note.startswith(head):
                yield word, note.removeprefix(head).removesuffix(tail).split(", ")


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method:UserWarning")
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:You are using a softmax over axis:UserWarning")
@pytest.mark.parametrize("make", ZOO.values(), ids=ZOO.keys())
def test_the_zoo(make):
    keras.utils.set_random_seed(3)
    made = make()
    model = made.model
    model.compile(loss={name: "mse" for name in made.y} if isinstance(made.y, dict) else "mse", optimizer="sgd")
    x = plain(made.x, parts_of(model, "inputs"))
    said = model(x)
    y = np.random.default_rng(0).normal(size=said.shape) if made.y is None else made.y
    before = [v.numpy() for v in model.variables]
    found = experiments.diagnose(model, made.x, y)
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, new.numpy())
    compare(found, made.rows, made.loose, 1e-9 if made.loose <= 1e-3 else 0.03)
    assert dict(lists_of(found)) == made.lists
    norms = gradients_by_tape(model, x, plain(y, parts_of(model, "outputs")))
    for row, gradient in zip(made.rows, found.gradients, strict=True):
        expected = np.linalg.norm([norms[v.path] for v in row.weights]) if row.weights else np.nan
        expected = np.inf if row.weights and np.isnan(expected) else expected
        np.testing.assert_allclose(gradient, expected, rtol=max(made.loose, 1e-4), atol=1e-7)


def parts_of(model, ends):
    """A class of one's own has neither inputs nor outputs before it runs."""
    return len(getattr(model, ends, [None]))


def plain(data, parts):
    """As a model takes it without help."""
    if isinstance(data, dict):
        return {name: tf.constant(np.asarray(part)) for name, part in data.items()}
    if isinstance(data, list) and parts > 1:
        return [tf.constant(np.asarray(part)) for part in data]
    return tf.constant(np.asarray(data))


def test_the_zoo_is_large_enough():
    assert len(ZOO) + len(WAYS) >= 75
