"""The sigmoid chapter: what its prose says of the gradient, of training, of rounding, and what its readers change."""

import re

import keras
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments
from course_utils.activations import get
from course_utils.experiments.gradients import layer_histograms as module
from course_utils.experiments.training import stacked
from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.experiments.training.stacked import batches, new_optimizer, new_stack, stack_loop

# --- the gradient


@pytest.fixture
def text(root):
    return " ".join((root / "notebooks/02_sigmoid.md").read_text("utf-8").split())


def test_the_measurement_in_the_open(root, capsys):
    cells = nbformat.read(root / "notebooks/02_sigmoid.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if "open-loop" in cell.metadata.get("tags", ())]
    exec(cell.source, {"experiments": experiments, "keras": keras, "tf": tf})
    printed = [float(line.split(": ")[1]) for line in capsys.readouterr().out.splitlines()]
    x, y, _, _ = digits()
    network = plain_network("sigmoid", depth=10, seed=0)
    with tf.GradientTape() as tape:
        loss = cross_entropy(y[:256], network(x[:256]))
    norms = [np.linalg.norm(g) for g in tape.gradient(loss, [layer.kernel for layer in network.layers])]
    np.testing.assert_allclose(printed, norms, rtol=0.5)  # one digit is printed
    assert printed[0] / printed[-1] < 1e-6


def test_the_slope_is_checked_against_something_else(root):
    """TensorFlow's gradient of `tf.sigmoid` is s * (1 - s) itself, so it could confirm nothing."""
    graph = tf.function(lambda x: tf.gradients(tf.sigmoid(x), x)).get_concrete_function(tf.constant([0.3])).graph
    assert "SigmoidGrad" in {operation.type for operation in graph.get_operations()}
    cells = nbformat.read(root / "notebooks/02_sigmoid.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if "print(s * (1 - s))" in cell.source]
    assert "s = 1 / (1 + tf.exp(-x))" in cell.source


def test_a_millionth_is_our_ten_layers_own():
    """Through other widths more can get: what the chapter remembers is said of its own network."""
    x, y, _, _ = digits()
    ratios = []
    for seed in range(12):
        network = plain_network("sigmoid", depth=10, width=16, seed=seed)
        with tf.GradientTape() as tape:
            loss = cross_entropy(y[:256], network(x[:256]))
        first, *_, last = tape.gradient(loss, [layer.kernel for layer in network.layers])
        ratios.append(float(tf.norm(first) / tf.norm(last)))
    assert max(ratios) > 1e-6


def test_glorot_s_five_lines():
    rng, n, m = np.random.default_rng(0), 64, 96
    weights, inputs = rng.normal(0, np.sqrt(1 / n), (n, 20000)), rng.normal(1, 2, n)
    assert np.var(inputs @ weights) == pytest.approx(np.mean(inputs**2), rel=0.05)  # n v = 1 keeps the mean square
    kernel = keras.initializers.GlorotUniform(seed=0)((n, m)).numpy()
    assert kernel.var() == pytest.approx(2 / (n + m), rel=0.05)
    sigmoids = experiments.gradient_flow("sigmoid", depth=10)
    assert sigmoids.per_layer.mean() == pytest.approx(sigmoids.slopes.mean(), abs=0.01)
    assert np.abs(experiments.gradient_flow("linear", depth=10).per_layer - 1).max() < 0.05


@pytest.mark.parametrize(("scale", "factor", "slope"), [(2, (0.33, 0.45), (0.17, 0.22)), (4, (0.5, 0.7), (0.1, 0.16)), (16, (1.02, 1.3), (0.02, 0.05))])  # fmt: skip
def test_your_turn_with_larger_weights(scale, factor, slope):
    flow = experiments.gradient_flow("sigmoid", depth=10, scale=scale)
    assert factor[0] < flow.per_layer.min() <= flow.per_layer.max() < factor[1]
    assert slope[0] < flow.slopes.mean() < slope[1]


# --- training


def reached(depth, optimizer, rates, marks, seeds=range(3)):
    """The share of test digits right, for each rate and mark: (rates, marks, seeds)."""
    stack, chosen = new_stack("sigmoid", seeds=seeds, depth=depth), batches(seeds, marks[-1])
    start, made = [variable.numpy() for variable in stack.variables], new_optimizer(optimizer, rates[0])
    train, results = stack_loop(stack, made), []
    for rate in rates:
        stacked.restart(stack, start, made, rate)
        for first, last in zip([0, *marks], marks, strict=False):
            train(first, last, chosen)
            results.append(stacked.accuracies(stack))
    return np.array(results).reshape(len(rates), len(marks), -1)


def test_sgd_stays_at_blind_guessing_at_its_usual_rate_and_learns_at_a_hundred_times_that():
    usual, large, largest = reached(4, "sgd", [0.01, 1, 3], [600, 2400])
    assert usual.max() < 0.15
    assert large[0].max() < 0.3  # "nothing has happened after 600 steps"
    assert large[1].min() > 0.8  # "more than 80 % right"
    assert largest[1].min() > 0.9  # "more than 90 %"


def test_adam_learns_four_layers_and_not_ten_at_any_rate():
    assert reached(4, "adam", [0.001], [600]).min() > 0.5  # "more than half"
    assert reached(10, "adam", [0.0003, 0.001, 0.003, 0.01], [600]).max() < 0.15  # "also with other learning rates"


def test_the_rate_is_the_optimizer_s():
    once = {"depth": 1, "steps": 20, "seeds": [0]}
    usual, same, other = (experiments.train_on_digits("tanh", optimizer="sgd", rate=rate, **once).losses for rate in (None, 0.01, 0.5))  # fmt: skip
    np.testing.assert_allclose(usual, same, rtol=1e-5)  # threads may add up in another order
    assert other[0, -1] < usual[0, -1]


# --- inside the layers


@pytest.fixture(scope="module")
def inside():
    return experiments.layer_histograms()


def test_what_is_inside_is_what_a_network_of_keras_has():
    two = experiments.layer_histograms(("relu", "tanh"), depth=2, steps=0, seeds=[5])
    x, y, _, _ = digits()
    for place, name in enumerate(("relu", "tanh")):
        network = plain_network(name, depth=2, dtype="float64", seed=5)
        with tf.GradientTape() as tape:
            loss = cross_entropy(y[:256], network(x[:256]))
        second = network.layers[0](x[:256]).numpy() @ network.layers[1].kernel.numpy()
        np.testing.assert_allclose(two.values["pre-activations", "untrained"][place, 1], second.ravel(), rtol=1e-6)
        np.testing.assert_allclose(two.values["outputs", "untrained"][place, 1], get(name).f(second).ravel(), rtol=1e-6)
        gradient = tape.gradient(loss, network.layers[0].kernel).numpy().ravel()
        np.testing.assert_allclose(two.values["gradients", "trained"][place, 0], gradient, rtol=1e-6, atol=1e-12)


def test_what_the_chapter_says_of_the_layers(inside):
    sums, outputs, gradients = ({stage: inside.values[name, stage] for stage in module.STAGES} for name in module.QUANTITIES)  # fmt: skip
    spread = {stage: sums[stage].std(axis=2) for stage in module.STAGES}
    assert (spread["trained"][:, 1:] > spread["untrained"][:, 1:]).all()  # "in layers 2 to 4 ... in all six"
    sigmoid, tanh, relu = (inside.activations.index(name) for name in ("sigmoid", "tanh", "relu"))
    assert 0.1 < outputs["untrained"][sigmoid].min() < outputs["untrained"][sigmoid].max() < 0.9
    ends = np.mean(np.abs(outputs["trained"][sigmoid, 2:] - 0.5) > 0.45)
    assert 0.07 < ends < 0.13  # "about one output in ten"
    assert 0.05 * 0.95 < 0.25 / 5  # "There the slope is less than a fifth of its largest"
    slopes = outputs["trained"][sigmoid] * (1 - outputs["trained"][sigmoid])
    assert np.mean(slopes[2:] < 0.25 / 20) < 0.015  # "By our mark, a twentieth, hardly one in a hundred is saturated"
    assert np.mean(np.abs(outputs["trained"][tanh, 3]) > 0.95) > 5 * np.mean(np.abs(outputs["untrained"][tanh, 3]) > 0.95)  # fmt: skip
    assert np.mean(outputs["untrained"][relu] == 0) > 0.4
    middle = np.median(np.abs(gradients["untrained"]), axis=2)
    assert (middle[sigmoid, 1:] > 3 * middle[sigmoid, :-1]).all()  # "climb from layer to layer"
    others = np.delete(middle, sigmoid, axis=0)
    assert (others.max(axis=1) < 2.5 * others.min(axis=1)).all()  # "about level"
    after = np.median(np.abs(gradients["trained"][sigmoid]), axis=1)
    assert after[0] > 3 * middle[sigmoid, 0]  # "while the first layer's gradient grew"
    assert after.max() < 5 * after.min()
    assert inside.accuracies[sigmoid].min() > 0.5  # "has learned something"
    assert np.delete(inside.accuracies, sigmoid, axis=0).min() > 0.9


def test_a_histogram_on_its_side_shows_every_number(inside):
    panels = inside.plot("outputs")
    assert [ax.get_title() for ax in panels] == ["sigmoid", "tanh", "ReLU", "leaky ReLU", "ELU", "GELU"]
    before, after = panels[1].collections
    tanh = inside.values["outputs", "trained"][1]
    assert [path.vertices[:, 1].max() for path in after.get_paths()] == pytest.approx(tanh.max(axis=1))
    assert [path.vertices[:, 0].min() for path in after.get_paths()] == [1, 2, 3, 4]  # to the right of its layer
    assert [path.vertices[:, 0].max() for path in before.get_paths()] == [1, 2, 3, 4]  # to the left
    corners = module._outline(np.array([0.0, 0.0, 0.0, 0.0, 1.0]), 3, 1, False)
    assert corners[:, 0].max() == pytest.approx(3.44)
    assert corners[-2, 0] == pytest.approx(3 + 0.44 / 2)  # one number beside four: half as wide
    plt.close("all")


def test_the_table_of_the_layers(inside):
    table = inside.table("outputs")
    assert table.loc[("sigmoid", "untrained"), "layer 1"] == pytest.approx(0.5, abs=0.02)
    assert table.shape == (12, 4)
    with pytest.raises(ValueError, match="one of pre-activations, outputs, gradients, got 'sums'"):
        inside.plot("sums")


# --- rounding


def test_where_one_plus_e_to_the_minus_x_rounds():
    """The places that the chapter gives: 24 ln 2 for a sum in float32, 25 ln 2 for a sigmoid that is rounded once."""
    x = experiments.every_float(16, 18)
    sums = np.float32(1) + np.exp(-x.astype(float)).astype("float32")
    assert x[sums == 1].min() == pytest.approx(24 * np.log(2), abs=1e-5)
    once = (1 / (1 + np.exp(-x.astype(float)))).astype("float32")
    assert x[once == 1].min() == pytest.approx(25 * np.log(2), abs=1e-5)
    one = np.float32(1)
    assert float(one - np.nextafter(one, np.float32(0))) == 2.0**-24
    assert float(np.nextafter(one, np.float32(2)) - one) == 2.0**-23


def test_bfloat16_of_six(text):
    """6 is not yet 1 when it is rounded once; whether a kernel makes it 1 is the kernel's own business."""
    bfloat16 = tf.bfloat16.as_numpy_dtype
    assert np.float64(1 / (1 + np.exp(-6.0))).astype(bfloat16) == bfloat16(0.99609375)
    assert np.float64(1 / (1 + np.exp(-6.25))).astype(bfloat16) == 1
    assert float(tf.sigmoid(tf.constant(6.0, tf.bfloat16))) in (0.99609375, 1.0)
    assert "In bfloat16 the sigmoid of 6 is exactly 1" not in text
    assert re.search(
        r"one operation at a time on the processor that this was written on, gives 1 as early as 6\b", text
    )


def test_the_table_of_losses():
    table = experiments.binary_losses([-5, -88]).table()
    assert table.loc[-88, "given tf.sigmoid"].tolist() == [16.12, 0]
    assert table.loc[-5, "given the logit"].tolist() == [5.01, -0.99]
    assert "-0.0" not in table.to_string().split()
