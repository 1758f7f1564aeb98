"""The parts of today's networks against NumPy and Keras, and the instruments that measure them."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from matplotlib.patches import FancyBboxPatch

from course_utils import experiments
from course_utils.activations import softmax
from course_utils.experiments.todays_networks import attention, gated_units, half_precision, learned, residual, steps
from course_utils.experiments.todays_networks.block_diagram import plot_block
from course_utils.experiments.training import stacked
from course_utils.experiments.training.networks import digits
from course_utils.plotting.descriptions import describe


def rows(shape=(5, 8), seed=0):
    return np.random.default_rng(seed).normal(2, 3, shape).astype("float32")


def slope(f, x):
    x = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    return tape.gradient(y, x).numpy()


# --- residual connections and normalisation


def test_normalisation_against_numpy_and_keras():
    x = rows().astype(float)
    root = np.sqrt((x**2).mean(axis=1, keepdims=True) + 1e-6)
    np.testing.assert_allclose(residual.rms_norm(tf.constant(x)), x / root, rtol=1e-12)
    keras_layer = layers.LayerNormalization(epsilon=1e-6, dtype="float64")
    np.testing.assert_allclose(residual.layer_norm(tf.constant(x)), keras_layer(x), rtol=1e-9)
    if hasattr(keras.ops, "rms_normalization"):  # from Keras 3.9 on
        np.testing.assert_allclose(keras.ops.rms_normalization(x, epsilon=1e-6), x / root, rtol=1e-9)


@pytest.mark.parametrize("kind", residual.KINDS)
def test_a_stack_of_each_kind_is_the_network_that_its_name_says(kind):
    stack = stacked.new_stack("gelu", seeds=[3], depth=3, width=16, **residual.KINDS[kind])
    x = digits()[0][:20]
    h = inputs = keras.Input((64,))
    dense = []
    for place in range(4):
        normalised = h
        if place and "norm" in kind:
            f = residual.layer_norm if "layer" in kind else residual.rms_norm
            normalised = layers.Lambda(f)(h)
        dense.append(layers.Dense(16 if place < 3 else 10, activation="gelu" if place < 3 else None))
        out = dense[-1](normalised)
        h = h + out if 0 < place < 3 and "residual" in kind else out
    for layer, kernel, bias in zip(dense, stack.kernels, stack.biases, strict=True):
        layer.set_weights([kernel.numpy()[0], bias.numpy()[0, 0]])
    np.testing.assert_allclose(stack.sums(x)[-1][0], keras.Model(inputs, h)(x), rtol=1e-3, atol=1e-5)


def test_repeating_a_stack_keeps_its_kind():
    stack = stacked.new_stack("gelu", seeds=[0], depth=2, **residual.KINDS["residual + RMS norm"])
    twice = stacked.repeated(stack, 2)
    assert (twice.skip, twice.normalise) == (True, residual.rms_norm)
    np.testing.assert_allclose(twice.sums(digits()[0][:4])[-1][1], stack.sums(digits()[0][:4])[-1][0], rtol=1e-4)


def test_the_deep_start_against_arithmetic():
    result = experiments.deep_start(("residual",), depth=2, width=8, activation="relu", seeds=[5])
    (w1, w2, w3), x, y = (
        [
            k.numpy()[0].astype(float)
            for k in stacked.new_stack("relu", seeds=[5], depth=2, width=8, dtype="float64").kernels
        ],
        *(part[: residual.IMAGES] for part in digits()[:2]),
    )
    s1 = x @ w1
    h1 = np.maximum(s1, 0)
    s2 = h1 @ w2
    h2 = h1 + np.maximum(s2, 0)
    logits = h2 @ w3
    np.testing.assert_allclose(result.spreads["residual"][0], [s1.std(), s2.std(), logits.std()], rtol=1e-6)
    back = (softmax(logits) - np.eye(10)[y]) / len(y)
    b2 = back @ w3.T
    b1 = b2 + (b2 * (s2 > 0)) @ w2.T
    norms = [np.linalg.norm(x.T @ (b1 * (s1 > 0))), np.linalg.norm(h1.T @ (b2 * (s2 > 0))), np.linalg.norm(h2.T @ back)]
    np.testing.assert_allclose(result.gradients["residual"][0], norms, rtol=1e-3)
    assert result.losses["residual"][0] == pytest.approx(-np.log(softmax(logits))[range(len(y)), y].mean(), rel=1e-4)


def test_the_pictures_say_what_was_measured():
    start = experiments.deep_start(("plain", "residual"), depth=3, width=8, seeds=[0, 1])
    left, right = start.plot()
    assert (left.get_yscale(), right.get_yscale()) == ("log", "log")
    assert [line.get_label() for line in left.lines] == ["plain", "residual"]
    np.testing.assert_allclose(right.lines[1].get_ydata(), np.median(start.gradients["residual"], axis=0))
    trained = experiments.train_deep(("plain", "residual"), depth=2, width=8, steps=20, seeds=[0])
    plain, both = trained.trainings
    assert trained.plot().get_yscale() == "log"
    assert trained.bands().startswith("plain: all 1 seeds between 0.")
    assert (plain.label, both.label) == ("plain", "residual")
    assert plain.losses.shape == (1, 11)


# --- attention


def test_attention_by_size_against_a_loop():
    result = experiments.attention_by_size((3, 5), keys=4, seeds=[2])
    rng = np.random.default_rng([2, 5])
    queries, keys = rng.normal(size=(attention.QUERIES, 5)), rng.normal(size=(attention.QUERIES, 4, 5))
    weights = [softmax(np.array([q @ k for k in ks]) / 5**0.5) for q, ks in zip(queries, keys, strict=True)]
    np.testing.assert_allclose(result.weights["q · k / √d"][0, 1], weights, rtol=1e-9)
    assert result.largest["q · k / √d"][0, 1] == pytest.approx(np.mean([w.max() for w in weights]))
    entropies = [-(w * np.log(w)).sum() for w in weights]
    assert result.entropies["q · k / √d"][0, 1] == pytest.approx(np.mean(entropies))
    traces = [np.trace(np.diag(w) - np.outer(w, w)) for w in weights]
    np.testing.assert_allclose(result.slopes["q · k / √d"][0, 1], np.array(traces) / 5**0.5)  # the chain rule's factor
    assert result.table().shape == (2, 6)
    assert "between" in describe(result.plot()[0].figure)


def test_scores_have_the_size_of_the_root_of_d():
    for size in (4, 64):
        scores = attention._scores(np.random.default_rng(0), size, 16)
        assert scores.std() == pytest.approx(size**0.5, rel=0.03)


def test_the_look_up_task_can_be_solved_by_its_own_rotation():
    queries, keys, values, answers = attention.look_up_task(0)
    rng = np.random.default_rng(0)
    rng.normal(size=keys.shape)
    turn, _r = np.linalg.qr(rng.normal(size=(8, 8)))
    found = np.einsum("nd,nkd->nk", queries @ turn.T, keys) - (keys**2).sum(-1) / 2  # the nearest key
    assert (values[np.arange(len(found)), found.argmax(1)].argmax(1) == answers).mean() > 0.98


def test_capped_scores_stay_under_the_cap_and_free_ones_grow():
    result = experiments.train_attention((None, 3.0), steps=60, seeds=[0])
    free, capped = (result.scores[name][0] for name in result.labels)
    assert result.labels == ("scores as they are", "capped at 3")
    assert 2 < capped[-1] <= 3 < free[-1]
    assert free[-1] > 2 * free[0]
    assert all(result.losses[name][0, -1] < result.losses[name][0, 0] for name in result.labels)
    assert [line.get_label() for line in result.plot()[0].lines] == list(result.labels)


# --- a block


def test_a_block_s_parts_are_drawn_from_top_to_bottom():
    ax = plot_block()
    parts = [text for text in ax.texts if text.get_position()[0] == 0]
    said = [text.get_text() for text in ax.texts]
    norm = "layer normalisation (γ, β)"
    assert [part.get_text() for part in parts] == [
        "tokens x", norm, "self-attention", "softmax(q · k / √d) · values", "+", norm, "feed-forward", "dense, GELU, dense", "+",
        "tokens, to the next block",
    ]  # fmt: skip
    assert all(f'marked "{text}"' in describe(ax.figure) for text in said)
    heights = [text.get_position()[1] for text in parts]
    assert heights == sorted(heights, reverse=True)
    ax.figure.canvas.draw()
    boxes = [patch.get_window_extent() for patch in ax.patches if isinstance(patch, FancyBboxPatch)]
    inside = [text.get_window_extent() for text in parts[1:-1] if text.get_text() != "+"]
    assert all(any(b.x0 < t.x0 and t.x1 < b.x1 and b.y0 < t.y0 and t.y1 < b.y1 for b in boxes) for t in inside)


# --- gated units


def test_units_against_their_formulas():
    x = rows((4, 6))
    np.testing.assert_allclose(gated_units.squared_relu(x), np.maximum(x, 0) ** 2, rtol=1e-6)
    a, b = x[:, :3].astype(float), x[:, 3:]
    np.testing.assert_allclose(gated_units.swiglu(x), a / (1 + np.exp(-a)) * b, rtol=1e-4, atol=1e-6)


def test_a_gated_stack_multiplies_two_sums():
    stack = stacked.new_stack(gated_units.swiglu, seeds=[1], depth=1, width=5, inputs=3, outputs=2, gated=True)
    x = rows((4, 3))
    (W, out), (b, c) = ([v.numpy()[0].astype(float) for v in part] for part in (stack.kernels, stack.biases))
    assert W.shape == (3, 10)
    s = x @ W + b
    h = s[:, :5] / (1 + np.exp(-s[:, :5])) * s[:, 5:]
    np.testing.assert_allclose(stack.sums(x)[-1][0], h @ out + c, rtol=1e-3, atol=1e-5)
    first = stacked.new_stack("linear", seeds=[1], depth=1, width=5, inputs=3, outputs=2).kernels[0].numpy()[0]
    np.testing.assert_array_equal(W[:, :5], first)
    assert np.abs(W[:, :5] - W[:, 5:]).min() > 0  # the second kernel is another one


@pytest.mark.parametrize("data", ["digits", "waves"])
def test_the_weights_are_counted_as_they_are(data):
    shape = {"digits": {"inputs": 64, "outputs": 10}, "waves": {"inputs": 3, "outputs": 1}}[data]
    counts = gated_units.weights_table()[data]
    for name, network in gated_units.at_equal_size(data=data).items():
        stack = stacked.new_stack(seeds=[0], **network, **shape)
        assert sum(int(tf.size(v)) for v in stack.variables) == counts.loc[name, "weights"]
        assert network["width"] == counts.loc[name, "width"]
    assert counts["weights"].max() == counts.loc["ReLU", "weights"]
    assert counts["weights"].min() > 0.98 * counts["weights"].max()


# --- steps and few bits


X = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0], "float32")
SIGNS = [-1, -1, -1, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("name", "slopes"),
    [
        ("step", [0] * 7),
        ("straight-through", [1] * 7),
        ("clipped straight-through", [0, 1, 1, 1, 1, 1, 0]),
        ("surrogate", 1 / (1 + np.abs(X)) ** 2),
    ],
)
def test_steps_go_forward_alike_and_back_each_in_its_own_way(name, slopes):
    f = steps.STEPS[name]
    np.testing.assert_allclose(f(tf.constant(X)), SIGNS, atol=1e-6)
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = f(x)
    found = tape.gradient(y, x, unconnected_gradients="zero")
    np.testing.assert_allclose(found, slopes, atol=1e-6)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_few_bits_are_few_values(bits):
    x = np.linspace(-1, 8, 4001, dtype="float32")
    y = steps.quantised_relu(bits)(tf.constant(x)).numpy()
    assert len(np.unique(y.round(4))) == 2**bits
    inside = (x > 0) & (x < 6)
    assert np.abs(y - x)[inside].max() <= 6 / (2**bits - 1) / 2 + 1e-4
    np.testing.assert_allclose(slope(steps.quantised_relu(bits), x), inside, atol=1e-6)


# --- learned activations


def test_learned_activations_against_keras():
    x = rows()
    np.testing.assert_allclose(learned.prelu(x, 0.3), keras.activations.leaky_relu(x, negative_slope=0.3), rtol=1e-5)
    np.testing.assert_allclose(learned.swish(x, 1.0), keras.activations.silu(x), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(learned.swish(x, 50.0), np.maximum(x, 0), atol=0.02)


def test_the_numbers_start_where_they_are_told_and_are_trained():
    kept = experiments.learn_shapes("swish", start=2, steps=0, depth=2, width=4, data=("waves",), seeds=[0, 1])
    assert (kept.numbers == 2).all()
    assert kept.numbers.shape == (1, 2, 2)
    moved = experiments.learn_shapes("swish", start=2, steps=60, depth=2, width=4, data=("waves",), seeds=[0, 1])
    assert (np.abs(moved.numbers - 2) > 0.01).all()
    assert (moved.losses < kept.losses).all()
    assert list(moved.table().columns) == ["layer 1", "layer 2"]


def test_the_gradient_of_a_learned_slope_is_the_mean_over_what_is_negative():
    a = tf.constant(0.25)
    x = rows()
    with tf.GradientTape() as tape:
        tape.watch(a)
        y = tf.reduce_sum(learned.prelu(x, a))
    assert float(tape.gradient(y, a)) == pytest.approx(np.minimum(x, 0).sum(), rel=1e-4)


# --- 16 bits


def test_gradients_in_16_bits_are_those_in_32_where_they_have_room():
    stack = stacked.new_stack("gelu", seeds=[0], depth=2, width=8, **residual.KINDS["residual + layer norm"])
    full, half = (half_precision._gradients(stack, dtype, 1.0) for dtype in (tf.float32, tf.float16))
    scaled = half_precision._gradients(stack, tf.float16, 1024.0) / 1024
    assert half.dtype == np.float32  # the weights' own
    np.testing.assert_allclose(half, full, atol=0.01 * np.abs(full).max())
    np.testing.assert_allclose(scaled, full, atol=0.01 * np.abs(full).max())


def test_the_table_of_zeros():
    zeros = np.array([[[0.9, 0.74], [0.02, 0.0]]])
    lost = np.array([[[0.0, 0.0], [0.0, 0.5]]])
    result = half_precision.Float16Gradients(("plain",), (1.0, 1024.0), zeros, lost, np.zeros((1, 2)))
    assert result.table().loc["plain"].tolist() == ["under 0.2", "0.6 to 1.0", "under 0.2 (overflow)"]
