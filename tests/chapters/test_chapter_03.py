"""The ReLU chapter: its experiments against independent arithmetic, and the numbers that its prose states."""

import inspect
import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments, plotting, widgets
from course_utils.activations import ACTIVATIONS
from course_utils.experiments.relu import untrained
from course_utils.experiments.training import stacked, steps_to_learn
from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.plotting.descriptions import describe

X, Y, X_TEST, Y_TEST = digits()
SOURCE = Path(__file__).parents[2] / "notebooks" / "03_relu.md"


# The stack: networks trained side by side do what each of them would do alone.


def small(activation="relu", seeds=(0, 1), **more):
    return [plain_network(activation, depth=2, width=8, initializer="he_normal", seed=seed, **more) for seed in seeds]


def test_sums_are_those_of_the_networks():
    networks = small()
    stack = stacked.stack_networks(networks)
    *hidden, logits = stack.sums(X[:50])
    for place, network in enumerate(networks):
        np.testing.assert_allclose(logits[place], network(X[:50]), rtol=1e-4, atol=1e-5)
        first = X[:50] @ network.layers[0].kernel.numpy()
        np.testing.assert_allclose(hidden[0][place], first, rtol=1e-4, atol=1e-5)


def test_each_network_can_have_inputs_of_its_own():
    stack = stacked.stack_networks(small())
    both = stack.sums(np.stack([X[:5], X[5:10]]))[-1]
    np.testing.assert_allclose(both[1], stack.sums(X[5:10])[-1][1], rtol=1e-5, atol=1e-5)


def test_the_bias_is_that_of_the_hidden_layers():
    stack = stacked.new_stack("relu", seeds=[0], bias=-0.5, depth=2, width=8)
    assert [float(np.unique(bias)[0]) for bias in stack.biases] == [-0.5, -0.5, 0]


@pytest.mark.parametrize("penalty", [0.0, 0.01])
@pytest.mark.parametrize(("name", "rate"), [("sgd", 0.1), ("adam", 0.01)])
def test_training_side_by_side_is_training_alone(name, rate, penalty):
    networks, chosen = small(), stacked.batches((0, 1), 5)
    stack = stacked.stack_networks(networks)
    stacked.stack_loop(stack, stacked.new_optimizer(name, rate), penalty=penalty)(0, 5, chosen)
    for place, network in enumerate(networks):
        train_alone(network, stacked.new_optimizer(name, rate), chosen[:, place], penalty)
        for layer, kernel, bias in zip(network.layers, stack.kernels, stack.biases, strict=True):
            np.testing.assert_allclose(kernel[place], layer.kernel, rtol=1e-3, atol=1e-5)
            np.testing.assert_allclose(bias[place, 0], layer.bias, rtol=1e-3, atol=1e-5)


def train_alone(network, optimizer, chosen, penalty):
    for batch in chosen.numpy():
        with tf.GradientTape() as tape:
            first = network.layers[0](X[batch])
            second = network.layers[1](first)
            loss = cross_entropy(Y[batch], network.layers[2](second))
            loss += penalty * (tf.reduce_sum(first) + tf.reduce_sum(second)) / len(batch)
        optimizer.apply(tape.gradient(loss, network.trainable_variables), network.trainable_variables)


def test_batches_depend_on_the_seed_alone():
    together = stacked.batches([3, 4], 7)
    assert (together.shape, together.dtype) == ((7, 2, 64), tf.int32)
    assert (together[:, 1] == stacked.batches([4], 7)[:, 0]).numpy().all()
    assert 0 <= together.numpy().min() < together.numpy().max() < len(X)


def test_cross_entropies_are_one_a_network():
    logits = tf.constant(np.random.default_rng(0).normal(size=(2, 6, 10)).astype("float32"))
    for labels in (Y[:6], np.stack([Y[:6], Y[6:12]])):
        alone = [cross_entropy(np.broadcast_to(labels, (2, 6))[place], logits[place]) for place in (0, 1)]
        np.testing.assert_allclose(stacked.cross_entropies(labels, logits), alone, rtol=1e-6)


def test_accuracies_are_those_of_the_networks():
    networks = small()
    expected = [np.mean(np.argmax(network(X_TEST), axis=1) == Y_TEST) for network in networks]
    np.testing.assert_allclose(stacked.accuracies(stacked.stack_networks(networks)), expected)


def test_a_second_learning_rate_starts_afresh():
    both = experiments.dead_units("relu", rates=[0.1, 0.01], steps=20, seeds=[0, 1])
    alone = experiments.dead_units("relu", rates=[0.01], steps=20, seeds=[0, 1])
    assert abs(both.dead[0] - alone.dead[0]).min() > 0.1
    np.testing.assert_allclose(both.dead[1], alone.dead[0], atol=0.02)  # threads may add up in another order
    np.testing.assert_allclose(both.right[1], alone.right[0], atol=0.02)


# Dead units.


def test_dead_means_silent_for_every_training_digit():
    networks = small(seeds=(5, 6, 7))
    first, second = stacked.dead_masks(stacked.stack_networks(networks))
    for place, network in enumerate(networks):
        h = np.maximum(X @ network.layers[0].kernel.numpy(), 0)
        np.testing.assert_array_equal(first[place], (h == 0).all(axis=0))
        h = np.maximum(h @ network.layers[1].kernel.numpy(), 0)
        np.testing.assert_array_equal(second[place], (h == 0).all(axis=0))


def test_an_elu_is_dead_where_float32_makes_its_slope_0():
    for bias, dead in ((-5.0, 0), (-100.0, 1)):
        stack = stacked.new_stack("elu", seeds=[0], bias=bias, depth=1, width=8)
        assert stacked.dead_masks(stack)[0].mean() == dead


@pytest.fixture(scope="module")
def relu():
    return experiments.dead_units("relu", rates=[0.001, 0.01, 0.03, 0.1, 0.3])


def test_what_the_chapter_says_of_large_steps(relu):
    small_rate, tenfold, middle, large, largest = relu.dead
    assert relu.before.max() < 0.05  # "Before training less than one unit in twenty is dead"
    assert small_rate.max() < 0.1  # "At Keras's default less than a tenth"
    assert tenfold.min() > 0.1  # "At 0.01 more than a tenth"
    assert 0.25 < middle.min() < middle.max() < 0.5  # the band that is printed
    assert large.min() > 0.6  # "more than six in ten units are 0 for all 1347 training pictures"
    assert relu.right[3].min() > 0.6  # "to get most of the test digits right"
    assert largest.min() > 0.9  # "at 0.3 nearly all are"
    assert small_rate.max() < tenfold.min() < tenfold.max() < middle.min() < middle.max() < large.min()  # "The larger"


@pytest.mark.parametrize(("name", "low", "high"), [("leaky_relu", 0, 0), ("elu", 0.5, 1), ("gelu", 0.25, 0.5)])
def test_what_the_chapter_says_of_the_relatives(name, low, high):
    none, dead = experiments.dead_units(name, rates=[0.01, 0.3]).dead
    assert not none.any()  # "At 0.01 ... none of the others"
    assert low <= dead.min() <= dead.max() <= high


def test_bands_are_rounded_outwards(relu):
    made = experiments.relu.dead_units.DeadUnits(
        "elu", np.array([0.1]), np.array([0.02, 0.07]), np.array([[0.3, 0.4]]), np.array([[0.71, 0.88]])
    )
    row = "ELU, rate 0.1"
    assert made.table().loc[row].tolist() == ["0 to 0.1", "0.25 to 0.5", "0.5 to 1"]
    assert made.table(dead=0.1, right=None).loc[row].tolist() == ["0 to 0.1", "0.3 to 0.4"]
    all_dead = experiments.relu.dead_units.DeadUnits(
        "relu", np.array([0.3]), np.zeros(2), np.array([[1.0, 1.0]]), np.array([[0.1, 0.1]])
    )
    assert all_dead.table().loc["ReLU, rate 0.3"].tolist() == ["0", "0.9 to 1", "0 to 0.5"]
    assert "ReLU between 0.9 and 1" in describe(all_dead.plot().figure)
    after = ["0 to 0.1", "0.1 to 0.25", "0.25 to 0.5", "0.6 to 0.9", "0.9 to 1"]  # as the chapter prints
    assert relu.table()["dead after training"].tolist() == after
    assert set(relu.table()["dead before training"]) == {"0 to 0.05"}


def test_dead_units_are_drawn_as_points(relu):
    text = describe(relu.plot().figure)
    assert (
        "ReLU between 0 and 0.1 at 0.001, between 0.1 and 0.25 at 0.01, between 0.25 and 0.5 at 0.03, between 0.6 and 0.9 at 0.1"
        in text
    )


def test_no_point_hides_another_and_none_stands_at_another_rate(relu):
    leaky = experiments.relu.dead_units.DeadUnits(
        "leaky_relu", np.array([0.01, 0.3]), np.zeros(5), np.zeros((2, 5)), np.ones((2, 5))
    )
    ax = experiments.plot_dead_units([relu, leaky])
    places = [points.get_offsets()[:, 0].reshape(-1, 5) for points in ax.collections]
    assert len(np.unique(np.concatenate(places).round(6))) == sum(map(np.size, places))
    for ticks, group in zip(([0, 1, 2, 3, 4], [1, 4]), places, strict=True):
        assert abs(group - np.array(ticks)[:, None]).max() < 0.5
    middles = places[0][[0, 2, 3]].mean(axis=1)
    np.testing.assert_allclose(middles, [0, 2, 3], atol=1e-9)  # alone at its rate, it stands in the middle


def test_who_comes_back():
    back = experiments.revival()
    first, second = back.still[:, :, 0], back.still[:, :, 1]
    assert (first == back.at_start[:, [0]]).all()  # "In the first layer all of them stay dead, with every seed"
    share = 1 - second[:, -1] / back.at_start[:, 1]
    assert 0.3 < share.min() < share.max() <= 0.6  # "between three and six in ten"
    early = (second[:, 0] - second[:, 4]) / (second[:, 0] - second[:, -1])
    assert back.steps[4] == 200
    assert early.min() > 0.5  # "most of them within the first 200 steps"
    assert back.table().loc["layer 1"].tolist() == ["19, 15, 26, 17, 18", "0, 0, 0, 0, 0"]
    assert back.plot().lines[0].get_ydata().tolist() == [1] * 13


def test_firing_against_numpy():
    fired = experiments.firing(bias=-0.5)
    network = plain_network("relu", depth=1, width=64, initializer="he_normal", seed=0)
    sums = X @ network.layers[0].kernel.numpy() - 0.5
    np.testing.assert_array_equal(fired.active, sums[:40] > 0)
    np.testing.assert_array_equal(fired.dead, (sums <= 0).all(axis=0))
    assert (~fired.active.any(axis=0)).sum() - fired.dead.sum() == 7  # "Seven units are inactive for these 40 pictures"
    text = describe(fired.plot().figure)
    assert f"dead: {fired.dead.sum()} points" in text
    assert "empty here, but not dead: 7 points" in text


def test_the_bias_at_the_start():
    start = experiments.dead_at_start([-1, -0.75, -0.5, -0.25, 0])
    for layer in (0, 1):
        assert (np.diff(start.dead[:, :, layer], axis=0) <= 0).all()  # the lower, the more dead units
    assert start.dead[0, :, 1].min() >= 127 / 128  # "at most one unit of layer 2 is alive"
    assert start.dead[-1].max() < 0.1  # "with the usual bias of 0 hardly any unit is dead"
    assert (start.dead[:3, :, 1] > start.dead[:3, :, 0]).all()
    usual, positive = experiments.dead_at_start([0, 1]).dead[:, :, 1]
    assert np.median(positive) > np.median(usual)  # "On the far right its curve rises a little again"
    assert "layer 2 from 1 at -1" in describe(start.plot().figure)


# Starting values.


def test_the_two_recipes():
    wide = plain_network("relu", depth=1, width=2000, initializer="he_normal").layers[0].kernel.numpy()
    assert wide.std() == pytest.approx((2 / 64) ** 0.5, rel=0.01)
    equal = plain_network("relu", depth=1, width=64).layers[0].kernel.numpy()
    assert equal.std() == pytest.approx((2 / 128) ** 0.5, rel=0.02)
    assert type(keras.layers.Dense(1).kernel_initializer).__name__ == "GlorotUniform"


def test_what_the_chapter_says_of_the_gradient():
    he, glorot = (experiments.gradient_flow("relu", depth=20, initializer=i) for i in ("he_normal", "glorot_uniform"))
    gap = np.median(he.norms, 0) / np.median(glorot.norms, 0)
    assert 1500 < gap.min() < gap.max() < 6000  # "a few thousand times lower"
    assert 0.5 < he.first_to_last.min() < he.first_to_last.max() < 2  # "looks healthy for both"
    assert 1 < glorot.first_to_last.min() < glorot.first_to_last.max() < 4
    sigmoid = experiments.gradient_flow("sigmoid", depth=20, seeds=[0])
    assert sigmoid.first_to_last.max() < 1e-12  # "more than twelve powers of ten"
    labels = ["ReLU, He", "ReLU, Glorot"]
    ax = experiments.plot_gradient_flows([he, glorot], labels=labels)
    assert [line.get_label() for line in ax.lines] == labels
    assert ax.lines[0].get_linestyle() != ax.lines[1].get_linestyle()


def by_kernel(networks, errors=None):
    """Each kernel's gradient norm for stacked networks: of the loss, or of given errors at the outputs; and the outputs."""
    x, y = X[:256], Y[:256]
    stack = stacked.stack_networks(networks)
    with tf.GradientTape() as tape:
        scores = stack.sums(x)[-1]
        loss = tf.reduce_sum(stacked.cross_entropies(y, scores))
        loss = loss if errors is None else tf.reduce_sum(tf.reduce_mean(scores * errors, axis=1))
    norms = [np.linalg.norm(gradient, axis=(1, 2)) for gradient in tape.gradient(loss, stack.kernels)]
    return np.array(norms), scores.numpy()


def test_why_the_gap_is_more_than_a_thousand():
    """The weights make a thousand of it; the rest comes from errors that cancel where all outputs are the same."""
    seeds, errors = range(10), np.random.default_rng(0).normal(size=(256, 10)).astype("float32")
    deep = {name: [plain_network("relu", depth=20, initializer=name, seed=s) for s in seeds] for name in ("he_normal", "glorot_uniform")}  # fmt: skip
    (he, he_scores), (glorot, glorot_scores) = (by_kernel(networks) for networks in deep.values())
    same = by_kernel(deep["he_normal"], errors)[0] / by_kernel(deep["glorot_uniform"], errors)[0]
    of_the_weights, of_all = (np.exp(np.log(ratio).mean(axis=1)) for ratio in (same, he / glorot))
    assert 700 < of_the_weights.min() < of_the_weights.max() < 1400  # "Then the gap is about a thousand"
    assert (of_all > 1.5 * of_the_weights).all()
    cancelled, left = (np.linalg.norm((tf.nn.softmax(z) - np.eye(10)[Y[:256]]).numpy().mean(axis=1), axis=1) for z in (glorot_scores, he_scores))  # fmt: skip
    assert (
        np.abs(tf.nn.softmax(glorot_scores) - 0.1).max() < 0.001
    )  # "nearly the same ten probabilities, one tenth each"
    assert cancelled.max() < 0.1  # "their errors nearly cancel"; one picture's error is about 0.95
    assert np.median(left) > 2 * cancelled.max()


def test_each_layer_of_half_the_variance_takes_a_root_of_2_from_the_gradient():
    errors = np.random.default_rng(0).normal(size=(256, 10)).astype("float32")
    network = plain_network("relu", depth=20, initializer="he_normal")
    whole, _ = by_kernel([network], errors)
    for layer in network.layers:
        layer.kernel.assign(layer.kernel / 2**0.5)
    np.testing.assert_allclose(whole / by_kernel([network], errors)[0], 2**10, rtol=0.01)  # 20 others, for each layer


def test_twice_he_s_weights_explode():
    he, twice = (experiments.gradient_flow("relu", depth=20, initializer="he_normal", scale=scale) for scale in (1, 2))
    assert (np.median(twice.norms, 0) > 1e6 * np.median(he.norms, 0)).all()  # "more than a million times as large"


def test_half_of_the_squares_are_filled_with_biases_of_0():
    assert 0.3 < experiments.firing(bias=0.0).active.mean() < 0.7  # "about half and half"
    assert (experiments.firing(bias=-0.5).active.mean(axis=1) < 0.5).all()  # "more empty squares than filled ones"


def test_less_comes_out_of_the_first_layer():
    """Why the second layer's curve is steeper: with the bias in the second layer alone it is about the first one's."""
    network = plain_network("relu", depth=2, width=128, initializer="he_normal", seed=0)
    first, second = (layer.kernel.numpy() for layer in network.layers[:2])
    own, both = (np.all(np.maximum(X @ first + bias, 0) @ second - 0.75 <= 0, axis=0).mean() for bias in (0.0, -0.75))
    assert both > own + 0.3
    assert own == pytest.approx(np.all(X @ first - 0.75 <= 0, axis=0).mean(), abs=0.15)


def test_halved_squares_make_a_thousandth():
    """With Glorot's weights the values, and so the gradients, shrink by the square root of 1/2 in each layer."""
    networks = [plain_network("relu", depth=20, seed=seed) for seed in range(4)]
    sums = stacked.stack_networks(networks).sums(np.random.default_rng(0).normal(size=(500, 64)).astype("float32"))
    spread = np.array([np.std(z) for z in sums[:-1]])
    assert (spread[-1] / spread[0]) ** (1 / 19) == pytest.approx(0.5**0.5, rel=0.05)


@pytest.fixture(scope="module")
def starts():
    return {name: experiments.dead_by_layer(name) for name in untrained.STARTS}


def test_what_the_chapter_says_of_deep_starts(starts):
    later = {name: found.dead[:, 5:].mean(axis=1) for name, found in starts.items()}
    assert 0.4 < later["pytorch"].min() < later["pytorch"].max() < 0.6  # "About half of the units in the later layers"
    assert max(later["keras"].max(), later["he"].max()) < 0.3 < later["pytorch"].min()
    for name in ("keras", "he"):  # "about a fifth of the units in layer 10 are dead"
        assert 0.15 < np.median(starts[name].dead[:, -1]) < 0.25
    always_the_same = starts["pytorch"].dead[:, -1] + starts["pytorch"].always_on[:, -1]
    np.testing.assert_array_equal(always_the_same, 1)  # "either to all 1347 pictures or to none"
    assert (starts["keras"].dead + starts["keras"].always_on)[:, -1].max() < 0.7


def alike(h):
    """Mean cosine over all pairs of pictures, for each network; outputs of shape (networks, pictures, units)."""
    directions = h / np.maximum(np.linalg.norm(h, axis=2, keepdims=True), 1e-30)
    count = h.shape[1]
    return (count * (directions.mean(axis=1) ** 2).sum(axis=1) - 1) / (count - 1)


def test_the_deeper_the_more_alike_are_the_pictures():
    """Why untrained units die with depth; where the weights of each unit add up to 0, neither happens."""
    pixels = alike(X[None].astype(float))[0]
    assert 0.65 < pixels < 0.75  # "about 0.7 for the pixels"
    for start in ("he_normal", "glorot_uniform", untrained.PYTORCH_WEIGHTS, "centred"):
        initializer = "he_normal" if start == "centred" else start
        networks = [plain_network("relu", depth=10, initializer=initializer, seed=seed) for seed in range(10)]
        for seed, network in enumerate(networks):
            if start == untrained.PYTORCH_WEIGHTS:
                untrained._draw_biases(network, np.random.default_rng(seed))
            for layer in network.layers if start == "centred" else ():
                layer.kernel.assign(layer.kernel - tf.reduce_mean(layer.kernel, axis=0))
        sums = [z.numpy().astype(float) for z in stacked.stack_networks(networks).sums(X)[:-1]]
        layers = [np.median(alike(np.maximum(z, 0))) for z in sums]
        if start == "centred":
            assert layers[-1] < 0.5
            assert not (sums[-1] <= 0).all(axis=1).any()
        else:
            assert pixels < layers[2] < layers[5] < layers[-1]  # "from layer to layer any two pictures look more alike"
            assert layers[-1] > (0.999 if start == untrained.PYTORCH_WEIGHTS else 0.9)  # "almost 1", "above 0.9"
        if start == "he_normal":  # "more and more often inactive for all"
            dead = [(z <= 0).all(axis=1).mean() / (z <= 0).mean() for z in sums]
            assert dead[0] < 0.1 < dead[4] < dead[9]


def test_with_biases_of_0_the_scale_changes_nothing(starts):
    np.testing.assert_array_equal(starts["pytorch weights"].dead, starts["keras"].dead)
    network = plain_network("relu", depth=4, seed=1)
    stack = stacked.stack_networks([network])
    before = stacked.dead_masks(stack)
    for kernel in stack.kernels:
        kernel.assign(kernel / 64)  # a power of two: no rounding
    np.testing.assert_array_equal(stacked.dead_masks(stack), before)


def test_no_unit_is_so_nearly_dead_that_rounding_decides():
    for seed in range(10):
        h = X.astype(float)
        for layer in plain_network("relu", depth=10, seed=seed).layers[:-1]:
            sums = h @ layer.kernel.numpy().astype(float)
            # What float32 does to a sum, after ten layers too, is under a millionth of the sums' scatter.
            assert np.abs(sums.max(axis=0)).min() > 1e-5 * sums.std()
            h = np.maximum(sums, 0)


def test_pytorch_s_starting_values():
    networks = [plain_network("relu", depth=2, width=100, initializer=untrained.PYTORCH_WEIGHTS, seed=3)]
    untrained._draw_biases(networks[0], np.random.default_rng(3))
    for layer, inputs in zip(networks[0].layers, (64, 100, 100), strict=True):
        most = inputs**-0.5
        assert 0.97 * most < np.abs(layer.kernel).max() <= most * 1.000001
        assert layer.kernel.numpy().std() == pytest.approx(most / 3**0.5, rel=0.05)
        assert 0.7 * most < np.abs(layer.bias).max() <= most
    first, second = (layer.kernel.numpy() for layer in networks[0].layers[1:])
    assert not np.isclose(first[:, :10], second).any()  # each layer draws its own


def test_an_unknown_start():
    with pytest.raises(ValueError, match="no start 'torch'; choose one of: keras, he, pytorch, pytorch weights"):
        experiments.dead_by_layer("torch")


def test_starts_are_drawn_with_their_bands(starts):
    text = describe(experiments.plot_dead_by_layer([starts["keras"], starts["pytorch"]]).figure)
    assert "PyTorch's default from 0.0625 at 1" in text
    assert "Keras's default, all seeds" in text


# Zeros.


@pytest.mark.parametrize(
    ("options", "low", "high"),
    [
        ({"optimizer": "adam"}, 0.2, 0.3),
        ({"penalty": 0.001}, 0.4, 0.6),
    ],
)
def test_what_the_chapter_says_of_zeros(options, low, high):
    found = experiments.share_of_zeros("relu", **options)
    assert 0.4 < found.before.min() < found.before.max() < 0.6
    assert low < found.after.min() < found.after.max() < high
    assert found.right.min() > 0.9
    assert found.table().to_numpy().tolist() == [["0.4 to 0.6", f"{low} to {high}", "0.9 to 1"]]


def test_the_share_of_zeros_depends_on_the_rate_as_well():
    large = experiments.share_of_zeros("relu", optimizer="adam", rate=0.01)
    assert np.median(large.after) > np.median(large.before) + 0.03  # "ten times Keras's default, the share goes up"
    assert large.table().index.tolist() == ["relu, adam, rate 0.01"]


def test_zeros_against_numpy():
    network = plain_network("relu", depth=2, width=128, initializer="he_normal", seed=2)
    first = np.maximum(X_TEST @ network.layers[0].kernel.numpy(), 0)
    second = np.maximum(first @ network.layers[1].kernel.numpy(), 0)
    share = (np.mean(first == 0) + np.mean(second == 0)) / 2
    assert experiments.share_of_zeros("relu", steps=1, seeds=[2]).before[0] == pytest.approx(share)


def test_a_leaky_relu_has_no_zeros():
    assert experiments.share_of_zeros("leaky_relu", steps=1, seeds=[0]).before[0] == 0


# The race.


def test_what_the_chapter_says_of_the_race():
    runners = [("tanh", "glorot"), ("tanh", "he"), ("relu", "glorot"), ("relu", "he")]
    tanh, tanh_he, relu, relu_he = experiments.steps_to_learn(*runners).steps
    assert relu_he.max() < tanh.min()  # "ReLU with He weights is faster than tanh with Glorot weights"
    assert tanh_he.max() < relu.min() < relu.max() < 600  # "swap the starting weights, and tanh is faster"


def test_another_setting_has_another_order():
    elu, gelu = experiments.steps_to_learn(("elu", "he"), ("gelu", "he"), depth=2, optimizer="adam", rate=0.001).steps
    assert gelu.max() < elu.min()  # "with two hidden layers and Adam, GELU is faster than ELU"


def test_the_race_s_table_and_picture():
    made = steps_to_learn.LearningSpeed(
        (("tanh", "he"), ("sigmoid", "glorot")), np.array([[325.0, 300.0], [np.inf, 575.0]]), 600
    )
    assert made.table()["steps"].to_dict() == {
        "tanh, He": "300 to 350",
        "sigmoid, Glorot": "1 of 2 seeds not within 600",
    }
    assert "tanh, He between 300 and 350; sigmoid, Glorot, given up between 550 and 650" in describe(made.plot().figure)
    same = steps_to_learn.LearningSpeed((("tanh", "he"),), np.array([[300.0, 325.0, 300.0]]), 600)
    points = same.plot().collections[0].get_offsets()
    assert len(np.unique(points, axis=0)) == 3  # equal ones lie above each other
    assert points[1, 1] == 0


# What the prose says of TensorFlow and Keras themselves.


def test_keras_at_its_threshold():
    at = keras.activations.relu(tf.constant([3.5]), threshold=3.5)
    assert float(at[0]) == 0
    assert "f(x) = x if threshold <= x < max_value" in inspect.getdoc(keras.layers.ReLU)  # what the documentation says


def test_shifted_relu_is_not_a_threshold():
    assert float(tf.nn.relu(tf.constant(5.0) - 3.5)) == 1.5


# Pictures that the chapter shows.


def test_values_and_slopes_side_by_side():
    left, right = plotting.plot_values_and_slopes("relu", "elu", span=(-4, 4))
    for ax, of in ((left, "f"), (right, "df")):
        for line, name in zip(ax.lines, ("relu", "elu"), strict=True):
            x, y = (values[np.isfinite(line.get_xdata())] for values in line.get_data())
            np.testing.assert_allclose(y, getattr(ACTIVATIONS[name], of)(x), atol=1e-12)
    assert left.get_legend() is not None
    assert right.get_legend() is None


def test_parameters_under_sliders():
    panels = widgets.explore_parameters("relu", threshold=(0, 2), negative_slope=(0, 0.5))
    assert [ax.get_title() for ax in panels] == [
        f"threshold {threshold}\nnegative_slope {slope}" for slope in (0, 0.5) for threshold in (0, 2)
    ]
    x, y = panels[3].lines[0].get_data()
    assert np.interp(-2, x, y) == pytest.approx(0.5 * (-2 - 2))
    assert np.nanmin(y[x > 2]) == pytest.approx(2)


# Activation by starting weights.


@pytest.fixture(scope="module")
def grid():
    return experiments.start_grid()


def test_the_grid_has_the_gradients_of_the_plain_networks(grid):
    for start, initializer in (("He", "he_normal"), ("Glorot", "glorot_uniform")):
        flow = experiments.gradient_flow("relu", depth=20, initializer=initializer)
        place = grid.activations.index("relu"), grid.starts.index(start)
        # A sum next to 0 may open a gate in one of the two, for one of 256 pictures: a thousandth.
        np.testing.assert_allclose(grid.norms[place], flow.norms[:, 0], rtol=1e-2)


def test_what_the_chapter_says_of_the_grid(grid):
    powers = dict(zip(grid.activations, grid.powers.tolist(), strict=True))
    assert grid.starts == ("Glorot", "He", "LeCun")
    assert max(powers["sigmoid"]) <= -10  # "None of these three helps the sigmoid"
    assert powers["relu"] == powers["leaky_relu"] == [-3, 0, -3]  # "He weights suit ReLU and leaky ReLU"
    he = dict(zip(grid.activations, np.median(grid.norms, axis=2)[:, 1], strict=True))
    assert 100 * max(he["gelu"], he["silu"]) < he["relu"]  # "more than a hundred times smaller than the ReLU's"
    assert min(he["elu"], he["selu"]) > 5 * he["relu"]  # "more than five times larger"
    assert powers["gelu"][1] == powers["silu"][1] == -3
    assert powers["elu"][1] == powers["selu"][1] == 1
    assert powers["selu"][2] == 0  # "made for LeCun weights"
    assert (grid.norms.max(axis=2) / grid.norms.min(axis=2)).max() < 10  # "less than a factor of ten apart"
    medians = np.log10(np.median(grid.norms, axis=2))
    assert np.abs(np.abs(medians - np.floor(medians)) - 0.5).min() > 0.004  # no rounding hangs on a last digit
    assert [text.get_text() for text in grid.plot().texts][:2] == ["$10^{-12}$", "$10^{-10}$"]
    assert grid.table().loc["ReLU"].to_dict() == {"Glorot": "10^-3", "He": "10^0", "LeCun": "10^-3"}


# What the second reading found: each of these fails on the sentence that stood there before.


def prose():
    text = SOURCE.read_text("utf-8")
    return " ".join(re.sub(r"^```\{code-cell\}.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE).split())


def test_why_an_elu_s_slope_is_0():
    x = tf.Variable([-20.0, -80.0])
    for function in (lambda x: tf.exp(x) - 1, lambda x: tf.where(x > 0, x, tf.exp(tf.minimum(x, 0.0)) - 1)):
        with tf.GradientTape() as tape:
            y = function(x)
        np.testing.assert_allclose(tape.gradient(y, x), np.exp([-20.0, -80.0]), rtol=1e-4)  # float32 holds both
    assert np.float32(np.exp(-20.0) - 1) + 1 == 0  # the output plus 1, as TensorFlow works the slope out
    assert [np.float32(np.exp(z) - 1) + 1 > 0 for z in (-17.3, -17.4)] == [True, False]  # "from about -17.3 on"
    assert "no number small enough" not in prose()


def test_a_leaky_relu_by_maximum_is_right_up_to_slope_1():
    x = tf.linspace(-5.0, 5.0, 11)
    for a in (-2.0, -0.5, 0.0, 0.3, 1.0):
        np.testing.assert_allclose(tf.maximum(x, a * x), keras.activations.relu(x, negative_slope=a))
    assert not np.allclose(tf.maximum(x, 2 * x), keras.activations.relu(x, negative_slope=2.0))
    assert "slopes *a* from zero to one" not in prose()
    assert "right for every slope *a* up to 1" in prose()


def test_what_is_said_of_the_tutorial_s_56_percent():
    assert round(430 / 1920, 2) == 0.22
    assert "430 of 1,920 units, 22 %" in prose()
    assert "goes to 1 as its depth goes to infinity" in prose()


def test_dead_units_before_and_after_training():
    before, after = experiments.dead_before_and_after(depth=5, rate=0.01)
    assert before.dead.shape == after.dead.shape == (5, 5)
    assert before.dead[:, 0].max() < 0.05  # "hardly any unit of the first layer"
    assert before.dead[:, 3:].max() < 0.25
    assert 0.15 < after.dead[:, 0].min() < after.dead[:, 0].max() < 0.3  # "about one in five"
    grown = np.median(after.dead - before.dead, axis=0)
    assert grown.argmax() == 0  # "the first layer has changed most"
    network = plain_network("relu", depth=5, initializer="he_normal", dtype="float64", seed=2)
    first = np.maximum(X.astype(float) @ network.layers[0].kernel.numpy(), 0)
    second = first @ network.layers[1].kernel.numpy()
    assert before.dead[2, 1] == (second <= 0).all(axis=0).mean()


def test_he_s_weights_keep_the_size_of_the_sums():
    he, glorot = (
        experiments.spread_of_sums("relu", depth=10, initializer=name) for name in ("he_normal", "glorot_uniform")
    )
    assert 0.6 < he[-1] < 1.7
    assert glorot[-1] == pytest.approx(0.5 ** (9 / 2), rel=0.7)


def test_a_positive_bias_pushes_down_the_units_whose_weights_add_up_to_a_negative_number():
    start = experiments.dead_at_start([0, 1])
    at_0, at_1 = np.median(start.dead[:, :, 1], axis=1)
    assert at_1 > 1.5 * at_0  # "the second layer's curve rises again a little"
    networks = [plain_network("relu", depth=2, width=128, initializer="he_normal", seed=seed) for seed in range(5)]
    stack = stacked.stack_networks(networks, bias=1)
    assert np.mean(stack.sums(X)[0] > 0) > 0.9  # "nearly every output of layer 1 is well above 0"
    weights = stack.kernels[1].numpy()
    assert weights.sum(axis=1)[stacked.dead_masks(stack)[1]].max() < 0
    stack.kernels[1].assign(weights - weights.mean(axis=1, keepdims=True))
    assert not stacked.dead_masks(stack)[1].any()


def test_where_the_slopes_of_elu_and_gelu_count_as_0():
    for name, living, dead in (("gelu", -5.0, -10.0), ("elu", -10.0, -20.0)):
        assert abs(ACTIVATIONS[name].df(living)) > stacked.NO_SLOPE > abs(ACTIVATIONS[name].df(dead))


def cell_with(words, **names):
    """What the first code cell with these words leaves behind, run by itself."""
    found = re.findall(
        r"^```\{code-cell\}\n(?::tags: [^\n]*\n\n)?(.*?)^```", SOURCE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    exec(next(cell for cell in found if words in cell), names)
    return names


def test_one_large_step_makes_a_unit_dead(capsys):
    three_steps = cell_with("def three_steps", tf=tf)["three_steps"]
    small = capsys.readouterr().out.splitlines()
    assert small[0] == "sums [3. 6. 9.], gradient 9.3 and 4.0"  # as the text works it out by hand
    errors = [abs(np.array(re.findall(r"-?\d+\.\d*", line)[:3], float) - [2, 4, 6]).max() for line in small]
    assert errors == sorted(errors, reverse=True)  # "The sums get closer to 2, 4 and 6"
    three_steps(tf.nn.relu, rate=0.5)
    assert capsys.readouterr().out.splitlines()[1:] == ["sums [-3.7 -5.3 -7. ], gradient 0.0 and 0.0"] * 2
    second = {}
    for activation in (tf.nn.leaky_relu, tf.nn.elu):  # the setting to try
        three_steps(activation, rate=0.5)
        lines = capsys.readouterr().out.splitlines()
        second[activation] = float(re.search(r"gradient (\S+)", lines[1])[1])
        assert second[activation] < 0  # "a negative gradient", "still alive"
    assert lines[2].startswith("sums [-3.")

    assert abs(second[tf.nn.elu]) < 0.1 * abs(second[tf.nn.leaky_relu])  # "the gradient is much smaller"


def test_your_turn_with_three_depths():
    for depth in (10, 20, 40):
        glorot, he = (
            np.median(experiments.gradient_flow("relu", depth=depth, initializer=name).norms, axis=0)
            for name in ("glorot_uniform", "he_normal")
        )
        assert (abs(np.log10(glorot / he / 0.5 ** (depth / 2))) < 1).all()  # "a thousandth", "a millionth"
    assert glorot.max() < 1e-5
    assert 0.01 < he.min() < he.max() < 100


def test_the_count_in_the_open_is_that_of_the_picture():
    fired = experiments.firing(bias=-0.5)
    names = cell_with("active.sum(axis=0)", experiments=experiments)
    np.testing.assert_array_equal(names["times"] == 0, fired.dead)
    np.testing.assert_array_equal(names["active"][:40], fired.active)


def test_tanh_and_relu_each_at_its_own_best_rate():
    he = {"initializer": "he_normal"}
    runners = {"sigmoid": "sigmoid", "tanh": "tanh", "relu": "relu", "relu, He": {"activation": "relu"} | he}
    result = experiments.compare_fairly(
        runners, depth=5, rates=(0.01, 0.03, 0.1, 0.3, 1), lengths=(100, 400), data=("digits", "waves")
    )
    on_digits, on_waves = 0, 1
    for start in ("relu", "relu, He"):
        assert (
            result.seeds_won("tanh", start)[on_digits] == 5
        ).all()  # "On the digits *tanh* then has the lower loss", whichever starting weights ReLU gets
        assert result.seeds_won(start, "tanh")[on_waves, 1] >= 4  # "it is ReLU"
        assert (result.seeds_won(start, "sigmoid")[:, 1] == 5).all()  # "far ahead of the sigmoid"
    assert result.beats("tanh", "sigmoid")


def test_your_turn_with_three_settings():
    elu_gelu = [("elu", "he"), ("gelu", "he")]
    sgd = experiments.steps_to_learn(*elu_gelu, ("relu", "he"), ("silu", "he"), depth=5, optimizer="sgd", rate=0.05)
    adam, shallow = (
        experiments.steps_to_learn(*elu_gelu, depth=depth, optimizer="adam", rate=0.001) for depth in (5, 2)
    )
    medians = [np.median(result.steps, axis=1) for result in (sgd, adam, shallow)]
    assert medians[0][0] <= medians[0][1:].min()  # "ELU needs the fewest steps"
    assert np.isfinite(medians[1]).all()
    assert medians[2][1] < medians[2][0]  # "GELU needs fewer steps than ELU"


def test_where_the_slopes_of_elu_and_gelu_are_0_on_paper():
    elu, gelu, x = ACTIVATIONS["elu"].df, ACTIVATIONS["gelu"].df, np.linspace(-10, 10, 20_001)
    assert (elu(x) > 0).all()
    crossings = x[:-1][np.diff(np.sign(gelu(x))) != 0]
    assert crossings == pytest.approx([-0.752], abs=2e-3)  # "at one place only, near -0.75"
