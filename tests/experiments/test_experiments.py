"""Experiments against independent arithmetic, and the claims that a chapter's prose makes of them."""

import dataclasses
import re
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments
from course_utils.activations import sigmoid, sigmoid_slope
from course_utils.experiments.output_layers import losses
from course_utils.experiments.relu import sparsity
from course_utils.experiments.training.loop import compiled_descent
from course_utils.experiments.training.networks import cross_entropy, digits, plain_network


def test_digits_are_those_of_scikit_learn():
    x_train, y_train, x_test, y_test = digits()
    assert (x_train.shape, x_test.shape, x_train.dtype, y_train.dtype) == ((1347, 64), (450, 64), np.float32, np.int32)
    assert (x_train.min(), x_train.max()) == (0, 1)
    assert set(y_train) == set(y_test) == set(range(10))


def numpy_gradient_norms(network, x, y):
    """Back-propagation by hand, in float64."""
    layers = [(layer.kernel.numpy().astype(float), layer.bias.numpy().astype(float)) for layer in network.layers]
    h, values, sums = x.astype(float), [], []
    for kernel, bias in layers:
        values.append(h)
        sums.append(h @ kernel + bias)
        h = sigmoid(sums[-1])
    p = np.exp(sums[-1] - sums[-1].max(1, keepdims=True))
    back = (p / p.sum(1, keepdims=True) - np.eye(10)[y]) / len(y)
    norms = []
    for place in range(len(layers) - 1, -1, -1):
        norms.append(np.linalg.norm(values[place].T @ back))
        if place:
            back = back @ layers[place][0].T * sigmoid_slope(sums[place - 1])
    return norms[::-1], [sigmoid_slope(z).mean() for z in sums[:-1]]


def test_gradient_flow_against_back_propagation_by_hand():
    flow = experiments.gradient_flow("sigmoid", depth=4, seeds=[3])
    x, y, _, _ = digits()
    norms, slopes = numpy_gradient_norms(plain_network("sigmoid", depth=4, seed=3), x[:256], y[:256])
    np.testing.assert_allclose(flow.norms[0], norms, rtol=1e-4)
    np.testing.assert_allclose(flow.slopes[0], slopes, rtol=1e-5)
    assert flow.first_to_last[0] == pytest.approx(norms[0] / norms[-1], rel=1e-4)
    assert flow.per_layer[0] == pytest.approx((norms[0] / norms[3]) ** (1 / 3), rel=1e-4)


def test_what_the_sigmoid_chapter_says_of_the_gradient():
    flow = experiments.gradient_flow("sigmoid", depth=10)
    assert flow.first_to_last.max() < 1e-6  # "less than a millionth"
    assert 0.225 < flow.per_layer.min() < flow.per_layer.max() < 0.245  # "0.23 to 0.24 for each layer"
    assert flow.slopes.mean(0).min() > 0.23  # "above 0.23 in each of the ten layers"
    x, _, _, _ = digits()
    network = plain_network("sigmoid", depth=10)
    h, flat = tf.constant(x[:256]), []
    for layer in network.layers[:-1]:
        flat.append(np.mean(sigmoid_slope((h @ layer.kernel + layer.bias).numpy()) < 0.0125))
        h = layer(h)
    assert max(flat) < 0.01  # "hardly any unit is saturated"
    tanh = experiments.gradient_flow("tanh", depth=10)
    assert tanh.first_to_last.min() > 0.9  # "it keeps its gradient"


def test_cross_entropy_of_an_honest_guess():
    assert float(cross_entropy(tf.constant([3, 7]), tf.zeros((2, 10)))) == pytest.approx(np.log(10))


def test_training_learns_and_is_repeatable():
    first, second = (
        experiments.train_on_digits("tanh", depth=1, optimizer="adam", steps=100, seeds=[0]) for _ in range(2)
    )
    np.testing.assert_allclose(first.losses, second.losses, rtol=1e-3)  # threads may add up in another order
    assert first.losses[0, 0] == pytest.approx(np.log(10), abs=0.5)
    assert first.losses[0, -1] < 0.7 * first.losses[0, 0]
    assert first.accuracies[0] > 0.7
    assert first.steps[-1] == 100


def test_band_rounds_outwards():
    made = experiments.training.digits.Training("net", np.array([0]), np.zeros((3, 1)), np.array([0.71, 0.75, 0.82]))
    assert made.band() == "net: all 3 seeds between 0.7 and 0.9 right on the test digits"


def test_batch_normalisation_stands_before_the_activation():
    kinds = [type(layer).__name__ for layer in plain_network("sigmoid", depth=2, normalise=True).layers]
    assert kinds == ["Dense", "BatchNormalization", "Activation"] * 2 + ["Dense"]


def test_every_float_is_every_float():
    numbers = experiments.every_float(1, 1.5)
    assert len(numbers) == 2**22 + 1
    assert (np.nextafter(numbers[:-1], np.float32(2)) == numbers[1:]).all()
    negative = experiments.every_float(-2, -1, "float16")
    assert (negative[0], negative[-1], len(negative)) == (-2, -1, 2**10 + 1)


@pytest.mark.parametrize("ends", [(2, 1), (-1, 1), (1, 1)])
def test_every_float_says_what_it_expects(ends):
    with pytest.raises(ValueError, match="one sign and low < high"):
        experiments.every_float(*ends)


def test_every_float_refuses_a_flood():
    with pytest.raises(ValueError, match="at most 20,000,000"):
        experiments.every_float(1e-9, 1e9)


def test_binary_losses_against_the_formula():
    z = np.array([-88.0, -17.0, -5.0, 0.0, 3.0])
    result = experiments.binary_losses(z)
    for way in ("the logit", "Keras's sigmoid"):
        np.testing.assert_allclose(result.losses[way], np.logaddexp(0, -z), rtol=1e-5)
        np.testing.assert_allclose(result.slopes[way], sigmoid(z) - 1, rtol=1e-5)
    np.testing.assert_allclose(result.losses["tf.sigmoid"], np.minimum(np.logaddexp(0, -z), -np.log(1e-7)), rtol=1e-4)
    assert list(result.slopes["tf.sigmoid"][:2]) == [0, 0]


def test_in_a_compiled_function_keras_goes_back_to_the_logit_of_tf_sigmoid():
    """What the sigmoid chapter says: 16.12 where each operation runs at once, 88 in a graph."""
    entropy = tf.keras.losses.BinaryCrossentropy()

    def loss(z):
        return entropy(tf.ones_like(z), tf.sigmoid(z))

    z = tf.constant([[-88.0]])
    assert float(loss(z)) == pytest.approx(-np.log(1e-7), rel=1e-4)
    assert float(tf.function(loss)(z)) == pytest.approx(88, rel=1e-4)


def test_results_plot_themselves():
    flow = experiments.gradient_flow("sigmoid", depth=2, seeds=[0])
    assert flow.plot().get_yscale() == "log"
    assert experiments.binary_losses([-1, 0, 1]).plot().get_xlabel().startswith("logit")


def test_every_bfloat16_is_there():
    numbers = experiments.every_float(1, 2, "bfloat16").astype(float)
    np.testing.assert_array_equal(numbers, 1 + np.arange(129) / 128)  # 7 bits behind the point
    np.testing.assert_array_equal(experiments.every_float(-2, -1, "bfloat16").astype(float), -numbers[::-1])


def test_the_ends_against_the_formats():
    """Rounded once, a sigmoid is 1 where exp(-x) is half the distance to the number below 1; exp overflows beyond the largest."""
    ends = experiments.float_ends()
    assert ends.dtypes == ("float16", "bfloat16", "float32")
    smallest = [2.0**-24, 2.0**-133, 2.0**-149]
    for place, (bits, largest) in enumerate([(11, 65504), (8, 3.38953139e38), (24, 3.40282347e38)]):
        expected = {
            "sigmoid is 1": (bits + 1) * np.log(2),
            "sigmoid is 0": np.log(smallest[place] / 2),
            "tanh is 1": (bits + 2) / 2 * np.log(2),  # 1 - tanh(x) is 2 exp(-2x)
            "exp is infinite": np.log(largest),
        }
        for what, x in expected.items():
            spacing = 2.0 ** (np.floor(np.log2(abs(x))) - bits + 1)
            assert 0 <= np.sign(x) * (ends.inputs[what][place] - x) <= spacing, what
    assert ends.table().loc["float16"].tolist() == [8.4, -17.4, 4.6, 11.1]
    assert ends.table().loc["bfloat16", "sigmoid is 1"] == 6.3  # "everything from 6.3 on gives exactly 1"
    assert len(ends.plot().lines) == 5


def test_descent_against_the_formula():
    """Three steps of w <- w - rate * 2 (w - target), with targets that depend on the step's number."""
    w = tf.Variable(5.0)
    optimizer = keras.optimizers.SGD(0.1)
    train = compiled_descent(lambda step, target: (w - target[step]) ** 2, [w], optimizer)
    targets, expected = np.array([1.0, 2.0, 3.0, 4.0], "float32"), 5.0
    train(0, 1, targets)
    train(1, 3, targets)
    for target in targets[:3]:
        expected -= 0.2 * (expected - target)
    assert float(w) == pytest.approx(expected, rel=1e-6)


def test_descent_leaves_what_gets_no_gradient_where_it_is():
    used, unused = tf.Variable(1.0), tf.Variable(7.0)
    compiled_descent(lambda step: used**2, [used, unused], keras.optimizers.Adam(0.1))(0, 2)
    assert float(unused) == 7
    assert float(used) < 1


def results():
    """(function, class of its result) for each public experiment that says in its docstring that it returns a result."""
    for name in experiments.__all__:
        function = getattr(experiments, name)
        said = re.search(r"Returns:\n\s+(?:An? )?`([A-Z]\w+)`", function.__doc__ or "")
        kind = said and getattr(sys.modules[function.__module__], said[1], None)
        if dataclasses.is_dataclass(kind):
            yield name, kind


def test_every_result_can_be_plotted_or_is_a_table():
    found = dict(results())
    assert len(found) > 30
    silent = [name for name, kind in found.items() if not (hasattr(kind, "plot") or hasattr(kind, "table"))]
    assert silent == ["train_output"]  # a part of `OutputMistakes`, which has


def test_the_other_results_plot_themselves():
    assert experiments.class_losses([1, 20]).plot().get_xlabel() == "by how much the right class is behind"
    zeros = sparsity.Sparsity("relu", np.array([0.5, 0.6]), np.array([0.2, 0.3]), np.array([0.9, 0.9]))
    assert [list(line.get_ydata()) for line in zeros.plot().lines] == [[0.5, 0.2], [0.6, 0.3]]


def test_a_table_of_losses_has_each_loss_beside_its_slope():
    found = losses.LossesByInput([1, 2], {"logits": [0.5, 0.25]}, {"logits": [-0.125, -0.0]}, "behind", "behind")
    assert found.table().to_dict("list") == {
        ("given logits", "loss"): [0.5, 0.25],
        ("given logits", "slope"): [-0.12, 0.0],
    }


def test_no_experiment_has_the_name_of_a_folder_beside_it():
    """Importing the folder would put it in the experiment's place."""
    beside = {path.stem for path in Path(experiments.__file__).parent.iterdir()}
    assert not beside & set(experiments.__all__)


def test_a_learning_rate_may_be_a_whole_number():
    """Keras refuses one, and "What happens at 1?" invites it."""
    assert experiments.race(["relu"], learning_rate=1, steps=1, seeds=[0]).losses.shape == (1, 1)
    assert experiments.train_variants(("tanh",), depth=1, learning_rate=1, steps=1, every=1, seeds=[0]).losses
    assert experiments.train_on_digits("tanh", depth=1, optimizer="sgd", rate=1, steps=1, seeds=[0]).losses.size
