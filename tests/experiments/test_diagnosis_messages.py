"""What diagnose and report_card say where they can't do their work: the cause, in words to act on."""

import functools
import math

import keras
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import tensorflow as tf

from course_utils import experiments

layers = keras.layers
X, Y = np.random.default_rng(0).normal(size=(16, 8)).astype("float32"), np.zeros((16, 3))


def network(*parts):
    model = keras.Sequential([keras.Input((8,)), *(parts or (layers.Dense(5, "relu"), layers.Dense(3)))])
    model.compile(loss="mse")
    return model


def of_two_inputs():
    a, b = keras.Input((4,), name="a"), keras.Input((4,), name="b")
    return keras.Model({"a": a, "b": b}, layers.Dense(3)(layers.Concatenate()([a, b])))


class Legacy:
    """Stands for a model of tf_keras, which is known by the module that its class is from."""


Legacy.__module__ = "tf_keras.src.engine.sequential"


class Mine(keras.Model):
    def __init__(self):
        super().__init__()
        self.part, self.broken = layers.Dense(3), False

    def call(self, x):
        if self.broken:
            raise RuntimeError("my own mistake")
        return self.part(x)


MODELS = {
    "a layer": (lambda: layers.Dense(3), r"must be a keras.Model.*\(Dense\)"),
    "a class": (lambda: keras.Sequential, r"is the class Sequential. Hand over a model made of it: Sequential\(...\)"),
    "a tf.Module": (tf.Module, r"must be a keras.Model.*\(Module\)"),
    "a tf.function": (lambda: tf.function(tf.nn.relu), "must be a keras.Model"),
    "Keras 2": (Legacy, r"one of Keras 2 \(tf_keras\).*Remove TF_USE_LEGACY_KERAS"),
    "an empty list": (lambda: keras.Sequential([]), "no layer with weights"),
    "a class of one's own, not called": (Mine, r"no weights yet.*model\(x\[:1\]\)"),
    "PReLU as an argument": (
        lambda: network(layers.Dense(5, activation=layers.PReLU(name="slopes")), layers.Dense(3)),
        r"slopes \(PReLU\) has no weights yet.*Call the model once, model\(x\[:1\]\)",
    ),
}


@pytest.mark.parametrize(("make", "sentence"), MODELS.values(), ids=MODELS.keys())
def test_a_model_that_can_not_be_diagnosed(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.diagnose(make(), X)


BATCHES = {
    "nothing": (None, "x is None"),
    "a Dataset": (
        tf.data.Dataset.from_tensor_slices((X, Y)).batch(4),
        r"gives out batches.*Take one: x, y = next\(iter",
    ),
    "a generator": ((row for row in X), r"gives out batches \(generator\)"),
    "no rows": (X[:0], r"holds no examples: its shape is \(0, 8\)"),
    "an empty list": ([], "holds no examples"),
    "too few columns": (X[:, :7], r"takes x of shape \(None, 8\), and x has the shape \(16, 7\)"),
    "one example": (X[0], r"takes x of shape \(None, 8\), and x has the shape \(8,\)"),
    "rows of two lengths": ([[1, 2], [3]], "can't be made a tensor of numbers"),
    "words": (pd.DataFrame({"a": ["x", "y"]}), r"x has the shape \(2, 1\)"),
    "a ragged tensor": (tf.ragged.constant([[1.0, 2], [3]]), "can't be made a tensor of numbers"),
    "a symbolic tensor": (keras.Input((8,)), "can't be made a tensor of numbers"),
}


@pytest.mark.parametrize(("x", "sentence"), BATCHES.values(), ids=BATCHES.keys())
def test_inputs_that_are_no_batch(x, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.diagnose(network(), x)


@pytest.mark.filterwarnings("ignore:Exception encountered|The structure of:UserWarning")  # Keras's, of the column
def test_inputs_for_a_model_with_two():
    both = {"a": X[:, :4], "b": X[:, 4:]}
    model = of_two_inputs()
    first, second = (experiments.diagnose(model, x) for x in (both, both | {"c": X}))
    assert first.means == second.means
    for x in ({"a": X[:, :4]}, {"a": X[:, :4], "c": X[:, 4:]}):
        with pytest.raises(ValueError, match=rf"has inputs that x lacks: b\. .* these keys: {', '.join(x)}\."):
            experiments.diagnose(of_two_inputs(), x)
    with pytest.raises(ValueError, match=r"takes x of shape \(None, 4\), \(None, 4\), and x has the shape \(16, 4\);"):
        experiments.diagnose(of_two_inputs(), X[:, :4])


ANSWERS = {
    "too few": (Y[:5], "x holds 16 examples, and y 5 answers"),
    "too wide": (
        np.zeros((16, 4)),
        r"can't compare y of shape \(16, 4\) with what the model gives, of shape \(16, 3\)",
    ),
    "words": (["a"] * 16, r"can't compare y of shape \(16,\).*Error: "),
    "a Dataset": (tf.data.Dataset.range(3), "y gives out batches"),
}


@pytest.mark.parametrize(("y", "sentence"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_that_do_not_fit(y, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.diagnose(network(), X, y)


@pytest.mark.parametrize("make", [tf.sparse.from_dense, tf.Variable, keras.Variable, scipy.sparse.csr_matrix])
def test_inputs_that_are_read_like_an_array(make):
    model = network()
    found, wanted = (experiments.diagnose(model, x, Y) for x in (make(X), X))
    np.testing.assert_allclose(found.gradients, wanted.gradients, rtol=1e-5)


@pytest.mark.filterwarnings("ignore:Layer .* does not have a `quantize` method:UserWarning")
def test_gradients_that_tensorflow_works_out_in_a_compiled_step_only():
    """As it is with Keras's float8: `fit` trains, and a GradientTape raises."""
    model = network()
    model.quantize("float8")
    with pytest.raises(ValueError, match=r"can't work out this model's gradients .*Leave y out"):
        experiments.diagnose(model, X, Y)
    assert experiments.diagnose(model, X).activations == ("relu", "linear")


def test_a_mistake_in_the_readers_own_code_stays_theirs():
    model = Mine()
    model(X)
    weights = model.get_weights()
    model.broken = True
    with pytest.raises(RuntimeError, match="my own mistake"):
        experiments.diagnose(model, X)
    assert keras.Layer.__call__.__name__ != "built_layers_only"  # Keras is itself again
    model.broken = False
    assert experiments.diagnose(model, X).activations == ("linear",)
    np.testing.assert_array_equal(weights[0], model.get_weights()[0])


FUNCTIONS = {
    "an if": (lambda z: z if z > 0 else 0 * z, "can't work on a tensor.*tf.where in place of if"),
    "the math module": (math.tanh, "tanh can't work on a tensor.*tf.exp in place of math.exp"),
    "two arguments": (lambda a, b: a * b, "can't work on a tensor.*missing 1 required positional argument"),
    "a class": (layers.ReLU, r"ReLU is a class. Make a layer or a function of it first: ReLU\(\)"),
    "PReLU": (layers.PReLU(), "PReLU has weights of its own, or gets some"),
    "Dense": (layers.Dense(3), "Dense has weights of its own, or gets some"),
    "a model": (network(), "Sequential has weights of its own"),
    "whole numbers": (lambda z: tf.cast(z > 0, tf.int32), "makes int32 of float32"),
    "chance": (lambda z: z * tf.random.uniform(z.shape), "gives other values each time"),
    "a constant for each unit": (lambda z: z * tf.constant([1.0, 2, 3, 4]), "doesn't do the same at each place"),
    "a mean over the batch": (lambda z: z - tf.reduce_mean(z, 0), "is not elementwise"),
    "Softmax as a layer": (layers.Softmax(), "Softmax is not elementwise"),
    "a function of NumPy inside": (
        lambda z: tf.numpy_function(np.sin, [z], tf.float32),
        r"can't be compiled.*\(its result has no known shape\)",
    ),
}


@pytest.mark.parametrize(("function", "sentence"), FUNCTIONS.values(), ids=FUNCTIONS.keys())
def test_what_has_no_card(function, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.report_card(function)


class Wave(layers.Layer):
    def call(self, z):
        return tf.sin(z)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (layers.ReLU(), "ReLU"),
        (Wave(), "Wave"),
        (tf.function(tf.sin), "sin"),
        (functools.partial(tf.nn.leaky_relu, alpha=0.1), "your function"),
    ],
    ids=["a layer", "a layer of one's own", "a compiled function", "a partial"],
)
def test_what_has_one_in_other_forms(function, name, monkeypatch):
    monkeypatch.setattr(experiments.report_cards.card, "_try_out", lambda *_: None)
    monkeypatch.setattr(experiments.report_cards.card, "_try_relu", lambda *_: None)
    card = experiments.report_card(function)
    assert card.name == name
    assert card.curve.reach == 10_000


def test_units_without_a_slope_are_not_called_dead():
    card = experiments.report_card(lambda z: tf.stop_gradient(tf.sin(z)), seeds=[0])
    assert np.isnan(card.trial.dead).all()
    assert card.table().loc["units dead before training"].tolist() == ["can't be counted"]
    assert card.trial.gradients[:, :10].max() == 0
