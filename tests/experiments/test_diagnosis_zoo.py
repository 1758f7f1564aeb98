"""A zoo of models for `diagnose`: each one's table against arithmetic in NumPy, or said to be unread, never a guess.

The oracle knows nothing of how a model is written: it is given the weights and the formula.
"""

from functools import partial
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments
from course_utils.activations import ACTIVATIONS

layers, ops = keras.layers, keras.ops
GRID = np.linspace(-10, 10, 2001)
RNG = np.random.default_rng(5)
X, Y = RNG.normal(size=(48, 8)), RNG.normal(size=(48, 3))
KERNEL, BIAS = RNG.normal(size=(8, 6)), np.array([0.0, 0.5, -100, 0.3, -100, -2])  # the third and the fifth are dead
LAST, LAST_BIAS = RNG.normal(size=(6, 3)), np.zeros(3)
DEAD = 2 / 6


class Row(NamedTuple):
    """What a row has to say: its activation, its values, and the sums that its catalogue entry works on."""

    activation: str
    values: np.ndarray
    sums: np.ndarray | None = None
    entry: str = "relu"


def shares(row):
    """(saturated, dead) from the catalogue's slope; nan where nothing is to be counted."""
    if row.sums is None:
        return np.nan, np.nan
    slope = ACTIVATIONS[row.entry].df
    slopes, largest = np.abs(slope(row.sums)), np.abs(slope(GRID)).max()
    return np.mean(slopes <= 0.05 * largest), np.mean((slopes <= 1e-6 * largest).reshape(-1, slopes.shape[-1]).all(0))


def compare(found, rows, rtol=1e-4):
    assert found.activations == tuple(row.activation for row in rows)
    means, deviations = ([getattr(row.values, number)() for row in rows] for number in ("mean", "std"))
    np.testing.assert_allclose(found.means, means, rtol=rtol, atol=rtol)
    np.testing.assert_allclose(found.deviations, deviations, rtol=rtol, atol=rtol)
    expected = np.array([shares(row) for row in rows]).T
    np.testing.assert_allclose(found.saturated, expected[0], atol=1e-9)
    np.testing.assert_allclose(found.dead, expected[1], atol=1e-9)
    assert found.table().count("\n") >= len(rows)


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
