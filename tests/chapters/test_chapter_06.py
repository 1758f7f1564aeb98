"""What chapter 6 measures, against independent arithmetic; and what its prose says of it."""

import re
from functools import cache
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments, gallery
from course_utils.activations import ACTIVATIONS, GATED, saturated, sigmoid, sigmoid_slope, softmax
from course_utils.experiments.cost import memory_cost
from course_utils.experiments.cost.time_cost import ActivationCosts
from course_utils.experiments.output_layers.comparison import Pair, _best, _judge, _network, _regression
from course_utils.experiments.report_cards.card import Trial
from course_utils.experiments.report_cards.curve_analysis import WIDE, look_at, value_and_slope
from course_utils.experiments.training.networks import digits
from course_utils.experiments.training.races import Race
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.descriptions import describe

layers = keras.layers
SOURCE = Path(__file__).parents[2] / "notebooks" / "06_choosing.md"


def chapter_text():
    """All of the chapter on one line."""
    return " ".join(SOURCE.read_text("utf-8").split())


def of_keras(name):
    entry = ACTIVATIONS[name]
    call = keras.activations.get(entry.keras_name)
    return lambda x: call(x, **entry.keras_arguments)


# Curves


@pytest.mark.parametrize("entry", ACTIVATIONS.values(), ids=ACTIVATIONS.keys())
def test_a_curve_says_of_a_catalogue_entry_what_the_catalogue_says(entry):
    curve = look_at(of_keras(entry.name))
    x = WIDE.astype(float)
    np.testing.assert_allclose(curve.value_range, (entry.f(x).min(), entry.f(x).max()), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(curve.slope_range[1], entry.df(x).max(), rtol=1e-2)
    assert curve.kinks == entry.kinks
    assert (curve.reach, curve.jumps, curve.wrong_slopes) == (10_000, (), ())
    assert (curve.rises, curve.falls, curve.affine) == (True, bool(entry.df(x).min() < -1e-3), entry.name == "linear")
    ends = {"left": x < -8, "right": x > 8}
    assert curve.flat_ends == tuple(side for side, end in ends.items() if saturated(entry, x[end]).all())


def clever_sigmoid(x):
    z = tf.exp(-tf.abs(x))
    return tf.where(x >= 0, 1.0, z) / (1 + z)


ODD = {
    "a wrong slope at one place": (clever_sigmoid, {"wrong_slopes": (0.0,), "kinks": (), "reach": 10_000}),
    "a slope from elsewhere": (
        lambda x: x + tf.stop_gradient(tf.sin(x) - x),
        {"wrong_slopes": (-9.998, -9.997, -9.996)},
    ),
    "overflow": (tf.exp, {"reach": 10, "flat_ends": ("left",)}),
    "right values, slopes of nan far out": (lambda x: tf.where(x > 0, x, tf.exp(x) - 1), {"reach": 10}),
    "nan": (tf.math.log, {"reach": 0}),
    "a step": (lambda x: tf.where(x > 0, 1.0, 0.0), {"jumps": (0.0,), "slope_range": (0.0, 0.0), "rises": True}),
    "a sign": (tf.sign, {"jumps": (0.0,), "flat_ends": ("left", "right")}),
    "a jump of ReLU's threshold": (lambda x: keras.activations.relu(x, threshold=3.5), {"jumps": (3.5,), "kinks": ()}),
    "kinks off the grid": (lambda x: tf.abs(x - 0.1234) - tf.abs(x - 5.5555), {"kinks": (0.123, 5.555)}),
    "steep, not broken": (lambda x: tf.sigmoid(1000 * x), {"kinks": (), "jumps": (), "wrong_slopes": ()}),
    "fast, not broken": (lambda x: tf.sin(50 * x), {"kinks": (), "jumps": (), "wrong_slopes": (), "flat_ends": ()}),
    "a straight line": (lambda x: 7 * x + 1, {"affine": True, "rises": True, "falls": False}),
    "downhill": (lambda x: -x, {"affine": True, "rises": False, "falls": True}),
    "level": (lambda x: 0 * x + 3, {"affine": True, "rises": False, "falls": False}),
}


@pytest.mark.parametrize(("function", "expected"), ODD.values(), ids=ODD.keys())
def test_odd_curves(function, expected):
    curve = look_at(function)
    assert {name: getattr(curve, name) for name in expected} == expected


def test_value_and_slope_of_the_sigmoid():
    x = np.linspace(-5, 5, 11, dtype="float32").reshape(11, 1)
    value, slope = value_and_slope(tf.sigmoid, x)
    np.testing.assert_allclose(value, sigmoid(x), rtol=1e-5)
    np.testing.assert_allclose(slope, sigmoid_slope(x), rtol=1e-5, atol=1e-6)


# The diagnostics board


def small_network(activation="sigmoid"):
    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [keras.Input((5,)), layers.Dense(4, activation, name="hidden"), layers.Dense(3, name="output")]
    )
    x, y = np.random.default_rng(0).normal(size=(20, 5)).astype("float32") * 3, np.arange(20) % 3
    return model, x, y


def test_diagnosis_against_arithmetic_by_hand():
    model, x, y = small_network()
    model.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    found = experiments.diagnose(model, x, y)
    (w, b), (v, c) = ([part.numpy().astype(float) for part in layer.weights] for layer in model.layers)
    z = x @ w + b
    h = sigmoid(z)
    logits = h @ v + c
    back = (softmax(logits) - np.eye(3)[y]) / len(y)
    np.testing.assert_allclose(found.means, [h.mean(), logits.mean()], rtol=1e-4)
    np.testing.assert_allclose(found.deviations, [h.std(), logits.std()], rtol=1e-4)
    np.testing.assert_allclose(found.saturated, [np.mean(sigmoid_slope(z) <= 0.0125), 0])
    assert found.saturated[0] > 0
    np.testing.assert_allclose(found.dead, [0, 0])
    inner = x.T @ (back @ v.T * sigmoid_slope(z))
    np.testing.assert_allclose(found.gradients, [np.linalg.norm(inner), np.linalg.norm(h.T @ back)], rtol=1e-4)
    assert found.layers == ("hidden", "output")
    assert found.activations == ("sigmoid", "linear")


def test_a_softmax_with_its_loss_gives_the_gradient_of_training():
    with_logits, x, y = small_network()
    with_logits.compile(loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    keras.utils.set_random_seed(1)  # as small_network
    dense = [layers.Dense(4, "sigmoid", name="hidden"), layers.Dense(3, name="output")]
    with_softmax = keras.Sequential([keras.Input((5,)), *dense, layers.Activation("softmax", name="p")])
    with_softmax.compile(loss="sparse_categorical_crossentropy")
    first, second = experiments.diagnose(with_logits, x, y), experiments.diagnose(with_softmax, x, y)
    np.testing.assert_allclose(first.gradients, second.gradients[:2], rtol=1e-5)
    assert np.isnan(second.gradients[2])
    assert np.isnan(second.saturated[2])
    assert "p: softmax looks at whole rows, so no single value is saturated or dead." in second.notes


def test_dead_and_saturated_units_are_counted():
    model, x, _ = small_network("relu")
    model.layers[0].set_weights([np.eye(5, 4, dtype="float32"), np.array([0, -100, 100, 0], "float32")])
    found = experiments.diagnose(model, x)
    sums = x[:, :4] + [0, -100, 100, 0]
    assert found.dead[0] == 1 / 4
    assert found.saturated[0] == np.mean(sums <= 0)
    assert np.isnan(found.gradients).all()


def everything():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation=lambda z: tf.nn.relu(z), kernel_regularizer="l2", name="conv"),
            layers.BatchNormalization(name="norm"),
            layers.LeakyReLU(name="leaky"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(12, name="sums"),
            layers.PReLU(name="own_slopes"),
            layers.Dense(10, "softmax", name="output"),
        ]
    )
    model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
    rng = np.random.default_rng(0)
    return model, rng.normal(size=(16, 8, 8, 1)).astype("float32"), np.arange(16) % 10


def test_diagnosis_of_a_convolutional_network_changes_nothing():
    model, x, y = everything()
    before = [v.numpy().copy() for v in model.variables]
    activation = model.layers[0].activation
    first, second = experiments.diagnose(model, x, y), experiments.diagnose(model, x, y)
    assert first.layers == ("conv", "norm", "leaky", "sums", "own_slopes", "output")
    assert first.activations == ("a lambda", "", "LeakyReLU", "linear", "PReLU", "softmax")
    np.testing.assert_array_equal(first.means, second.means)  # dropout's random state is left alone too
    for old, new in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(old, new.numpy())
    assert model.layers[0].activation is activation
    assert abs(first.means[1]) < 1e-5  # the batch's own mean, not the moving one
    assert first.deviations[1] == pytest.approx(1, abs=0.05)
    conv = model.layers[0](x).numpy()
    assert first.saturated[0] == np.mean(conv <= 0)
    assert first.dead[0] == np.mean((conv <= 0).all(axis=(0, 1, 2)))
    assert np.isfinite(first.gradients[[0, 1, 3, 4, 5]]).all()


def test_diagnosis_of_a_functional_network_with_two_ends_and_parts_it_cannot_see():
    start = keras.Input((5, 3))
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3, "relu")], name="inner")
    h = layers.Dense(4, "gelu", name="each_step")(layers.LSTM(4, return_sequences=True, name="lstm")(start))
    h = inner(layers.GlobalAveragePooling1D()(h))
    model = keras.Model(start, [layers.Dense(2, name="two")(h), layers.Dense(1, "sigmoid", name="one")(h)])
    model.compile(loss=["mse", "binary_crossentropy"])
    x = np.random.default_rng(0).normal(size=(7, 5, 3)).astype("float32")
    found = experiments.diagnose(model, x, [np.zeros((7, 2)), np.ones((7, 1))])
    assert found.layers == ("lstm", "each_step", f"inner/{inner.layers[0].name}", "two", "one")
    assert found.activations == ("unread", "gelu", "relu", "linear", "sigmoid")
    assert np.isfinite(found.gradients).all()
    assert found.notes[-1:] == ("Activations work inside these, where diagnose can't look: lstm (LSTM).",)


def test_models_of_each_kind_that_the_chapter_names_are_looked_into():
    class Own(keras.Model):
        def __init__(self):
            super().__init__()
            self.inner = keras.Sequential(
                [keras.Input((4,)), keras.layers.Dense(5, "tanh", name="inside")], name="inner"
            )
            self.sums, self.reader = keras.layers.Dense(6, name="sums"), keras.layers.LSTM(3, name="reader")

        def call(self, x):
            return self.reader(keras.activations.gelu(self.sums(self.inner(x)))[:, None])

    model, x = Own(), np.random.default_rng(0).normal(size=(32, 4)).astype("float32")
    model(x)
    result = experiments.diagnose(model, x)
    read = dict(zip(result.layers, result.activations, strict=True))
    assert read["inner/inside"] == "tanh"  # "models inside models"
    assert "gelu" not in result.activations  # "a function in a call of your own": not seen, and told
    assert [np.isnan(result.dead[result.layers.index(name)]) for name in ("sums", "reader")] == [True, True]
    assert [any(name in note for note in result.notes) for name in ("reader (LSTM)", "own (Own)", "sums")] == [True] * 3
    start = keras.Input((4,))
    functional = keras.Model(start, keras.activations.gelu(keras.layers.Dense(3)(start)))
    assert "gelu" in experiments.diagnose(functional, x).activations


def test_values_that_overflow_are_told():
    model, x, _ = small_network(lambda z: z**40)
    found = experiments.diagnose(model, 100 * x)
    assert np.isnan(found.saturated[0])
    assert found.notes[0].startswith("hidden: ")
    assert "of its 80 values are infinite or not a number" in found.notes[0]


class Hidden(keras.Model):
    def call(self, x):
        return x


def not_called():
    return keras.Sequential([keras.Input((3,)), layers.Dense(3, activation=layers.PReLU())])


REFUSED = {
    "no model": (lambda: 3, r"model must be a keras.Model, such as a keras.Sequential. Got 3 \(int\)"),
    "a class of one's own that wasn't called yet": (Hidden, "no weights yet"),
    "not built": (lambda: keras.Sequential([layers.Dense(3)]), "no weights yet"),
    "an activation that is not built": (not_called, "no weights yet"),
    "nothing inside": (lambda: keras.Sequential([keras.Input((3,)), layers.Flatten()]), "no layer with weights"),
}


@pytest.mark.parametrize(("make", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_diagnose_refuses(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.diagnose(make(), np.ones((4, 3), "float32"))


def test_gradients_need_a_loss():
    model, x, y = small_network()
    with pytest.raises(ValueError, match=r"model.compile\(loss=...\) first, or leave y out"):
        experiments.diagnose(model, x, y)


def test_a_board_can_be_read_and_drawn():
    model, x, _ = small_network("relu")
    found = experiments.diagnose(model, x)
    table = found.table()
    assert [table.index.name, *table] == ["layer", "activation", "mean", "std", "saturated", "dead", "gradient"]
    assert table.loc["hidden", "activation"] == "relu"
    assert table.iloc[1]["gradient"] == "-"
    assert "saturated" in describe(found.plot()[0].figure)


def chapters_cell(words):
    """The one code cell of the chapter that holds these words."""
    cells = nbformat.read(SOURCE.with_suffix(".ipynb"), as_version=4).cells
    (found,) = [cell.source for cell in cells if cell.cell_type == "code" and words in cell.source]
    return found


def built_network(activation="relu", std=0.18, bias=0.0):
    """A network as the chapter's own function makes it."""
    known = {"keras": keras, "layers": layers}
    code = chapters_cell("def network(")
    exec(code[: code.index("images, answers")], known)
    return known["network"](activation, std, bias)


@cache
def built(*settings, **more):
    """The diagnosis of such a network."""
    x, y = (part[:256] for part in digits()[:2])
    return experiments.diagnose(built_network(*settings, **more), x, y)


HIDDEN = slice(0, 6)


def test_what_the_chapter_says_of_the_healthy_network_and_of_small_weights():
    healthy, small = built(), built(std=0.01)
    assert 0.3 < healthy.deviations[HIDDEN].min() < healthy.deviations[HIDDEN].max() < 0.6
    assert (abs(healthy.saturated[HIDDEN] - 0.5) < 0.12).all()  # "about half of the values are zeros"
    assert healthy.dead[HIDDEN].max() < 0.25
    assert 1 < healthy.gradients.min() < healthy.gradients.max() < 1.6  # "of about the same size"
    assert (small.deviations[1:6] / small.deviations[:5]).max() < 0.1  # "by less than a tenth"
    np.testing.assert_array_equal(small.dead, healthy.dead)  # "exactly the same ones"
    np.testing.assert_array_equal(small.saturated, healthy.saturated)
    assert 1e-7 < small.gradients[HIDDEN].min() < small.gradients[HIDDEN].max() < 3e-7
    assert any(note.startswith("The values hardly differ") for note in small.notes)


@pytest.mark.parametrize("std", [0.18, 0.01])
def test_no_sum_lies_so_near_0_that_rounding_decides_its_sign(std):
    h = digits()[0][:256].astype(float)
    for layer in built_network(std=std).layers[:6]:
        sums = h @ layer.kernel.numpy().astype(float)
        # The nearest is 2.8 millionths of the scatter from 0. A float32's sum of 64 products is wrong by a tenth of that.
        assert np.abs(sums).min() > 1e-6 * sums.std()
        h = np.maximum(sums, 0)


def test_your_turn_with_three_sizes_of_weights():
    shares = {std: built("tanh", std).saturated[1:6] for std in (0.18, 0.25, 0.5, 1.0)}
    assert shares[0.18].max() < 0.03  # "hardly any"
    assert shares[0.25].max() < 0.25  # "under a quarter"
    assert 0.5 < shares[0.5].min() < shares[0.5].max() < 0.6
    assert shares[1.0].min() > 0.75
    gradients = built("tanh", 1.0).gradients
    assert gradients[0] > 20 * gradients[5]


@pytest.mark.parametrize("name", "ABC")
def test_the_patients_are_networks_as_the_chapter_s_function_makes_them(name):
    x, y = (part[:256] for part in digits()[:2])
    found, same = experiments.diagnose(experiments.faulty_network(name), x, y), built(*experiments.settings_of(name))
    np.testing.assert_allclose(found.deviations, same.deviations, rtol=1e-4)
    np.testing.assert_allclose(found.gradients, same.gradients, rtol=1e-4)


def test_what_the_chapter_says_of_its_patients():
    a, b, c = (built(*experiments.settings_of(name)) for name in "ABC")
    assert a.saturated[1:6].min() > 0.75
    assert experiments.settings_of("A").std > 5 * 0.18  # "more than five times the healthy size"
    assert b.saturated[HIDDEN].max() == b.dead[HIDDEN].max() == 0
    passed_on = b.gradients[:5] / b.gradients[1:6]
    assert 0.2 < passed_on.min() < passed_on.max() < 0.28  # "about a quarter"
    assert c.dead[3:6].min() == 1  # "from the fourth layer on everything is dead"
    assert c.dead[2] < 1
    assert c.gradients.max() == 0
    assert "No gradient at all: no weight of these kernels would move." in c.notes
    assert c.plot()[2].get_yscale() == "linear"  # a logarithmic axis has no place for zeros


def test_nothing_that_stands_before_the_guess_says_what_the_patients_have():
    cell = chapters_cell("experiments.faulty_network(name)")
    assert not re.search("tanh|sigmoid|weight|bias|satur|dead", cell)


def test_a_network_that_is_not_there():
    with pytest.raises(ValueError, match="no network 'healthy'; there are: A, B, C"):
        experiments.faulty_network("healthy")


# The training loop for several seeds


def test_each_network_is_trained_from_its_own_start_with_a_fresh_optimizer():
    x, y = np.linspace(-1, 1, 12, dtype="float32")[:, None], np.linspace(0, 3, 12, dtype="float32")[:, None]

    def network(seed):
        keras.utils.set_random_seed(seed)
        return keras.Sequential([keras.Input((1,)), layers.Dense(3, "tanh"), layers.Dense(1)])

    loss, made = keras.losses.get("mse"), [network(seed) for seed in (0, 1, 0)]
    ends = [net.get_weights() for net in train_each(made, loss, x, y, optimizer=keras.optimizers.Adam(0.1), steps=7)]
    by_hand, optimizer = network(1), keras.optimizers.Adam(0.1)
    for _ in range(7):
        with tf.GradientTape() as tape:
            mistake = tf.reduce_mean(loss(y, by_hand(x)))
        optimizer.apply(tape.gradient(mistake, by_hand.trainable_variables), by_hand.trainable_variables)
    for ours, theirs in zip(ends[1], by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-6)
    for first, third in zip(ends[0], ends[2], strict=True):
        np.testing.assert_array_equal(first, third)


# Output layers


@cache
def outputs(task):
    return experiments.compare_outputs(task)


def outcome(task, label):
    (found,) = [one for one in outputs(task).outcomes if one.pair.label == label]
    return found


def test_the_best_that_a_range_allows_is_the_nearest_value_to_each_target():
    task = _regression()
    y = task.fresh_y
    by_hand = {
        "tanh": y - np.clip(y, -1, 1),
        "relu": np.minimum(y, 0),
        "sigmoid": y - np.clip(y, 0, 1),
        "linear": 0 * y,
    }
    for name, left in by_hand.items():
        assert _best(task, Pair(1, name, "mse")) == pytest.approx(np.sqrt(np.mean(left**2)))
    assert _judge(task, y + 0.5) == pytest.approx(0.5)


def test_what_the_chapter_says_of_numbers():
    linear, tanh, relu = (outcome("regression", f"{name}(1) + MSE") for name in ("linear", "tanh", "relu"))
    assert linear.scores.max() < 0.1
    assert tanh.scores.min() > 1.3
    assert tanh.best == pytest.approx(1.35, abs=0.005)
    assert tanh.scores.max() < tanh.best + 0.01  # "training comes close to it"
    assert np.abs(tanh.predictions).max() <= 1
    assert tanh.fallen == linear.fallen == 5
    assert relu.fallen == 2
    dead = (relu.predictions == 0).all(axis=(1, 2))
    assert dead.sum() == 3  # "with the three others its sum is negative everywhere"
    task = _regression()
    fresh = [_network(task, Pair(1, "relu", "mse"), seed)(task.x).numpy() for seed in range(5)]
    dead_from_the_start = [(answers == 0).all() for answers in fresh]
    assert sum(dead_from_the_start) == 2  # "with two of them from the start"; a quiz: "two seeds of five"
    others = [one for one in outputs("regression").outcomes if one is not linear]
    assert min(one.scores.min() for one in others) > 1.3


def test_what_the_chapter_says_of_limits():
    tanh, linear, sigmoids = (outcome("bounded", f"{name}(1) + MSE") for name in ("tanh", "linear", "sigmoid"))
    x, targets = outputs("bounded").x[:, 0], outputs("bounded").targets
    assert np.abs(targets).max() < 1
    assert (tanh.impossible == 0).all()
    assert linear.impossible.min() > 0.2  # "at least a fifth"
    learned = abs(x) <= 1
    assert np.abs(linear.predictions[:, learned] - targets[learned]).max() < 0.06  # "right where it learned"
    assert sigmoids.predictions.min() >= 0


def test_what_the_chapter_says_of_labels():
    right, hidden, loud = outputs("multilabel").outcomes
    np.testing.assert_allclose(right.last_losses, hidden.last_losses, atol=1e-5)
    assert right.scores.min() > 0.9
    assert hidden.scores.max() < 0.4
    assert hidden.best < 0.5
    assert loud.fallen == 0
    assert (loud.last_losses > loud.first_losses).all()
    assert loud.scores.max() <= loud.best == hidden.best
    # Its training goes astray, and rounding decides where to: all labels right for 0.1 to 0.3 of the places were seen.
    assert outputs("multilabel").table().iloc[2].tolist()[:2] == ["does not fall", "0.0 to 0.5"]
    targets = outputs("multilabel").targets
    assert hidden.best == np.mean(targets.sum(axis=1) <= 1)
    sums = hidden.predictions.sum(axis=-1)
    np.testing.assert_allclose(sums, 1)


def test_what_the_chapter_says_of_counts():
    softplus, exponential, mse, gamble = outputs("counts").outcomes
    assert max(one.scores.max() for one in (softplus, exponential, mse)) < 0.5
    assert softplus.impossible.max() == exponential.impossible.max() == 0
    assert np.isnan(gamble.last_losses).sum() == np.isnan(gamble.first_losses).sum() == 3  # "before the first step"
    assert outputs("counts").table()["training loss"].tolist()[-1] == "not a number in 3 of 5"


def test_what_the_chapter_says_of_classes():
    two = experiments.output_mistakes("binary", ["sigmoid(1) + BCE", "softmax(1) + BCE"], seeds=range(3))
    assert [two[name].learned for name in two.trainings] == [3, 0]
    assert two["softmax(1) + BCE"].losses[:, -1].max() < 0.1
    assert (1 - two["softmax(1) + BCE"].predictions).max() <= 2**-23  # "1, or the float32 just below it"
    names = ["softmax(10) + SparseCCE", "linear(10) + SparseCCE", "linear(1) + MSE"]
    ten = experiments.output_mistakes("ten classes", names, seeds=range(3))
    assert [ten[name].learned for name in names] == [3, 0, 0]


def test_comparisons_plot_lines_only_for_inputs_on_a_line():
    assert "prediction" in describe(outputs("bounded").plot()[0].figure)
    with pytest.raises(ValueError, match="no curve to draw"):
        outputs("multilabel").plot()
    with pytest.raises(ValueError, match=r"Unknown task 'ranking'\. The tasks are: regression, bounded"):
        experiments.compare_outputs("ranking")


# The race


def test_who_comes_first():
    losses = np.array([[0.3, 0.2, 0.3], [0.2, 0.3, 0.4]])
    level = Race("made up", ("relu", "elu"), losses, np.array([[0.9, 0.9, 0.8], [0.9, 0.8, 0.8]]))
    assert level.winners == ("elu", "relu", "relu")
    assert level.first_by_accuracy == (("relu", "elu"), ("relu",), ("relu", "elu"))
    assert level.seeds_agree
    split = Race("made up", ("relu", "elu"), losses, np.array([[0.9, 0.71, 0.8], [0.8, 0.92, 0.8]]))
    assert not split.seeds_agree


def test_the_learning_rate_alone_turns_the_race_round():
    slow, fast = experiments.race(learning_rate=0.03), experiments.race(learning_rate=0.3)
    assert set(slow.winners) == {"elu"}
    assert len(set(fast.winners)) > 1
    assert fast.losses.max() < slow.losses.min() / 2  # "all five get much further"
    assert 0.3 < slow.losses.min() < slow.losses.max() < 0.9
    assert 0.1 < fast.losses.min() < fast.losses.max() < 0.15
    assert np.ptp(fast.accuracies) * 450 < 10  # "a few digits of 450 apart"
    assert not fast.seeds_agree
    losses, shares = slow.plot()
    for ax, said in ((losses, "test loss"), (shares, "right on the test digits")):
        text = describe(ax.figure)
        assert said in text
        assert all(f"seed {seed} from" in text for seed in range(5))


def test_your_turn_with_three_learning_rates():
    usual, faster, fastest = (experiments.race(optimizer="adam", learning_rate=r).winners for r in (0.001, 0.003, 0.01))
    assert set(usual) == {"gelu", "silu"}
    assert min(len(set(faster)), len(set(fastest))) > 1  # "different activations come first with different seeds"


@pytest.fixture(scope="module")
def fair():
    runners = ["relu", "leaky_relu", "elu", "gelu", "silu"]
    return experiments.compare_fairly(runners, initializer="he_normal", rates=(0.01, 0.03, 0.1, 0.3, 1.0))


def test_each_at_its_own_best_rate(fair):
    assert "rates = (0.01, 0.03, 0.1, 0.3, 1.0)" in chapters_cell("experiments.compare_fairly(")
    assert fair.winner() is None
    assert not fair.at_the_edge.any()
    for smooth in ("gelu", "silu"):
        for other in ("relu", "leaky_relu", "elu"):
            assert (fair.seeds_won(smooth, other)[1] == 5).all()  # on the waves, at both lengths


def test_on_the_digits_nobody_is_ahead_of_all_others(fair):
    names = fair.contenders
    for one in names:
        assert not all((fair.seeds_won(one, other)[0] == 5).all() for other in names if other != one)
    for won in (fair.seeds_won("gelu", "relu")[0], fair.seeds_won("relu", "gelu")[0]):
        assert not (won == 5).all()


def test_by_the_loss_on_the_test_digits_gelu_is_ahead_of_relu_with_most_seeds(fair):
    assert (fair.seeds_won("gelu", "relu", test=True)[0] >= 3).all()
    rates = fair.best_rates[0, [0, 3]]  # chosen by training loss
    by_hand = [
        [fair.test_losses[0, c, list(fair.rates).index(r), :, n] for n, r in enumerate(rates[k])]
        for k, c in enumerate((0, 3))
    ]
    assert list(fair.seeds_won("gelu", "relu", test=True)[0]) == [
        int(np.sum(g < r)) for r, g in zip(*by_hand, strict=True)
    ]


# The report card


def test_the_identity_and_relu_on_a_card():
    card = experiments.report_card("linear")
    assert card.curve.affine
    assert card.trial.accuracies.max() < 0.7
    assert card.trial.accuracies.min() > 0.6
    assert card.relu.accuracies.min() > 0.9
    assert card.table().loc["a straight line?"].tolist() == ["yes: layers collapse into one"]
    flow = experiments.gradient_flow("linear", depth=10, seeds=range(3))
    np.testing.assert_allclose(card.trial.gradients, flow.norms, rtol=1e-4)
    assert "ReLU from between 0.01 and 0.1 at 1" in describe(card.plot()[0].figure)  # no digits that rounding moves


def wave(x):
    return x + tf.sin(x) / 2


def test_what_the_chapter_says_of_the_wave():
    card = experiments.report_card(wave)
    assert card.name == "wave"
    assert (card.curve.reach, card.curve.falls, card.curve.affine, card.curve.wrong_slopes) == (
        10_000,
        False,
        False,
        (),
    )
    assert card.curve.slope_range[1] == pytest.approx(1.5, abs=1e-3)
    assert card.trial.accuracies.min() > 0.98
    wave_norms, relu_norms = (np.median(trial.gradients, axis=0) for trial in (card.trial, card.relu))
    assert (wave_norms[:10] > 200 * relu_norms[:10]).all()  # "hundreds of times ReLU's, in each of the ten layers"
    # Two reasons: without an activation, the gradients lie far from both.
    linear = np.median(experiments.gradient_flow("linear", depth=10, seeds=range(3)).norms, axis=0)[:10]
    assert (linear > 20 * relu_norms[:10]).all()
    assert (wave_norms[:10] > 4 * linear).all()


def test_your_turn_with_three_strengths_of_waves():
    once, thrice, ten = (
        experiments.report_card(lambda x, a=a: x + a * tf.sin(x), name="stronger waves") for a in (1.0, 3.0, 10.0)
    )
    assert once.curve.slope_range[0] == pytest.approx(0, abs=1e-3)  # "stops rising at some places"
    assert not once.curve.falls
    assert 5 < once.trial.first < 20  # "little else changes": 9.5 before
    assert thrice.curve.falls
    assert thrice.curve.rises
    assert thrice.trial.first > 1000
    assert thrice.trial.first_to_last > 100
    assert ten.trial.first > 1e7
    assert min(card.trial.accuracies.min() for card in (once, thrice, ten)) > 0.9  # "learned all the same"


def test_what_the_chapter_says_of_the_step():
    card = experiments.report_card(lambda x: tf.where(x > 0, 1.0, 0.0))
    assert card.name == "your function"
    assert card.trial.gradients[:, :10].max() == 0
    assert card.trial.dead.min() == 1
    assert 0.6 < card.trial.accuracies.min() < card.trial.accuracies.max() < 0.7
    x = np.random.default_rng(0).normal(size=(100, 2))
    kernel = np.random.default_rng(1).normal(size=(2, 32))
    assert np.array_equal(x @ kernel > 0, (4 * x) @ kernel > 0)  # "in which direction a point lies, never how far out"


def test_your_turn_with_a_switch_at_another_place():
    near, best, far = (
        experiments.report_card(lambda x, place=place: tf.where(x > place, 1.0, 0.0), name="a moved switch").trial
        for place in (0.1, 0.3, 0.5)
    )
    assert best.gradients[:, :10].max() == 0  # "still nothing but the last layer learns"
    assert 0.77 < best.accuracies.min() < best.accuracies.max() < 0.93  # "about eight or nine in ten"
    assert max(near.accuracies.mean(), far.accuracies.mean()) < best.accuracies.mean() - 0.05


def test_a_card_without_a_trial():
    card = experiments.report_card(tf.math.log, name="logarithm")
    assert card.trial is None
    assert card.table()["logarithm"].to_dict() == {"finite, value and slope": "no: inf or nan on [-10, 10]"}
    card.plot()


def test_a_trial_in_words():
    trial = Trial(np.ones((2, 11)), np.zeros(2), np.array([0.62, 0.99]))
    assert trial.band() == "all 2 seeds between 0.6 and 1.0"
    assert (trial.first, trial.first_to_last) == (1, 1)


NO_ACTIVATION = {
    "a number": (3, r"Got 3 \(int\)"),
    "NumPy": (lambda x: np.maximum(x, 0), "answers a tensor with ndarray.*tf.maximum"),
    "a whole row": (tf.nn.softmax, "is not elementwise"),
    "fewer numbers": (keras.activations.glu, r"glu gave the shape \(4, 2\) for the shape \(4, 4\)"),
    "half NumPy": (lambda x: x * np.tanh(x), r"can't be compiled.*functions of NumPy"),
    "an if": (
        lambda x: tf.constant([float(v) if v > 0 else 0.0 for v in x[0]]) * x,
        "can't be compiled|gave the shape",
    ),
    "a misspelt name": ("gellu", "Unknown activation 'gellu'. Did you mean"),
}


@pytest.mark.parametrize(("function", "sentence"), NO_ACTIVATION.values(), ids=NO_ACTIVATION.keys())
def test_what_is_no_activation(function, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.report_card(function)


# Costs, the gallery, and the rest of the prose


def test_costs_are_measured_and_compared():
    costs = experiments.activation_costs(["relu", "gelu"], size=8, repeats=1)
    assert list(costs.seconds) == ["relu", "gelu"]
    assert min(*costs.seconds.values(), costs.product) > 0
    made = ActivationCosts(8, {"relu": 0.001, "gelu": 0.003}, 0.002)
    assert not made.all_cheaper_than_product
    assert list(made.table()["milliseconds"].items()) == [("relu", 1.0), ("matrix product", 2.0), ("gelu", 3.0)]
    assert "milliseconds: 1, 2, 3" in describe(made.plot().figure)


def test_the_gallery_draws_every_entry():
    axes = gallery.plot_gallery()
    assert [ax.get_title() for ax in axes] == [entry.title for entry in ACTIVATIONS.values()]
    for ax, entry in zip(axes, ACTIVATIONS.values(), strict=True):
        x, y = ax.lines[0].get_data()
        keep = np.isfinite(x)
        np.testing.assert_allclose(y[keep], entry.f(x[keep]))
        x, y = ax.lines[1].get_data()
        keep = np.isfinite(x)
        np.testing.assert_allclose(y[keep], entry.df(x[keep]))
    assert len(gallery.plot_gallery("relu", "elu", "gelu", "silu", "mish")) == 5


def test_the_families_of_the_gallery():
    x = np.linspace(-6, 6, 1201)
    dips = [name for name, entry in ACTIVATIONS.items() if (entry.df(x) < 0).any()]
    assert dips == ["gelu", "gelu_tanh", "silu", "hard_silu", "mish"]
    for name in ("sigmoid", "tanh", "softsign", "hard_sigmoid"):
        assert ACTIVATIONS[name].df(np.array([-50.0, 50.0])).max() < 0.001
    for name in ("relu", "leaky_relu", "elu", "selu", "softplus", "relu6"):
        assert ACTIVATIONS[name].df(np.array(5.0)) == pytest.approx(1, abs=0.06)


def test_entries_as_text_and_as_a_table():
    shown = gallery.entries("gelu", "softsign")
    head, line, first, second = shown._repr_markdown_().splitlines()
    assert first.startswith(r"| GELU | $x \, \Phi(x)$ |")
    assert head.count("|") == line.count("|") == second.count("|") == 6  # none of the formula's bars ends a cell
    assert repr(shown).startswith("GELU: x times the share")
    assert len(gallery.entries().activations) == len(ACTIVATIONS)


def test_gates_and_swish():
    gates, values = gallery.plot_gates()
    x, gate = gates.lines[1].get_data()
    np.testing.assert_allclose((x * gate)[np.isfinite(x)], values.lines[1].get_ydata()[np.isfinite(x)], atol=1e-12)
    for beta, name in ((0, None), (1, "silu")):
        line = gallery.plot_swish(beta=beta).lines[1]
        expected = line.get_xdata() / 2 if name is None else ACTIVATIONS[name].f(line.get_xdata())
        np.testing.assert_allclose(line.get_ydata(), expected, atol=1e-12)


def test_where_silu_comes_from():
    source = str(ACTIVATIONS["silu"].source)
    assert all(name in source for name in ("Hendrycks", "Elfwing", "Ramachandran"))
    assert "proposed twice" not in chapter_text()
    assert "The same function was proposed three times" in chapter_text()


def test_selu_s_right_side():
    x = np.array([0.5, 2.0, 5.0])
    np.testing.assert_allclose(ACTIVATIONS["selu"].df(x), 1.05, atol=0.005)
    assert "Leaky ReLU, ELU and SELU are ReLU with another left side" not in chapter_text()
    np.testing.assert_allclose(ACTIVATIONS["elu"].df(x), 1)


def test_the_chapter_says_no_more_that_the_optimizer_alone_decides():
    assert "with the optimizer alone" not in chapter_text()
    assert "another optimizer turned it round" not in chapter_text()


def test_the_chapter_opens_with_what_to_take_and_ends_with_what_to_do():
    text = SOURCE.read_text("utf-8")
    opening = text.partition("## Predict")[0]
    assert "| You ask for | Last layer | Loss, as Keras names it |" in opening
    assert "| Network | A first choice | Where it comes from |" in opening
    assert opening.index("| Network |") < opening.index("```{code-cell}")
    assert "**What now?**" in text.partition("## Sources")[2]


@pytest.mark.parametrize(("row", "pairs"), [
    ("`Dense(1)` | `\"mse\"`", ("regression", "linear(1) + MSE")),
    ("`Dense(1, \"tanh\")` | `\"mse\"`", ("bounded", "tanh(1) + MSE")),
    ("`Dense(K, \"sigmoid\")` | `\"binary_crossentropy\"`", ("multilabel", "sigmoid(3) + BCE")),
    ("`Dense(1, \"exponential\")` | `\"poisson\"`", ("counts", "exponential(1) + Poisson")),
])  # fmt: skip
def test_each_row_of_the_table_learns(row, pairs):
    assert row in chapter_text()
    found = outcome(*pairs)
    assert found.fallen == 5
    assert found.impossible.max() == 0


def test_names_that_mean_two_functions():
    x = tf.linspace(-6.0, 6.0, 2401)
    apart = tf.abs(keras.activations.gelu(x) - keras.ops.gelu(x))
    assert 0.0004 < float(tf.reduce_max(apart)) < 0.0005
    one = tf.constant([-1.0])
    assert float(layers.LeakyReLU()(one)[0]) == pytest.approx(-0.3)
    assert float(keras.activations.leaky_relu(one)[0]) == pytest.approx(-0.2)
    x = np.linspace(-6, 6, 121)
    gelu = ACTIVATIONS["gelu"].f(np.array([-1.0, -3.0, -0.75]))
    assert gelu == pytest.approx([-0.16, 0, -0.17], abs=0.005)


@pytest.mark.skipif(keras.__version__ != "3.15.1", reason="the chapter speaks of Keras 3.15.1")
def test_the_fault_in_sparsemax():
    logits = np.array([[0.5, 0.4, 0.2]], "float32")
    assert keras.activations.sparsemax(logits).numpy().tolist() == [[0, 0, 0]]
    kept = 3  # all three classes survive: each loses the same amount, so that the sum is 1
    right = logits - (logits.sum() - 1) / kept
    np.testing.assert_allclose(right, [[0.467, 0.367, 0.167]], atol=5e-4)
    assert right.min() > 0


# --- what activations keep


def twice(x):
    return x * x


def three(x):
    return tf.sin(x) * tf.cos(x)


@pytest.mark.parametrize(
    ("function", "kept"),
    [
        (tf.exp, (1, True)),  # its slope is its result
        (twice, (1, False)),  # its input
        (three, (3, False)),  # its input, the sine and the cosine
        (lambda x: 3 * x + 1, (0, False)),
        (lambda x: tf.identity(tf.identity(x)) ** 2, (1, False)),  # handed on, not made anew
    ],
)
def test_kept_arrays_against_counting_by_hand(function, kept):
    assert memory_cost.kept_arrays(function) == kept


def test_what_the_chapter_says_of_memory():
    found = experiments.activation_memory()
    assert (found.kept["sigmoid"], found.extra["sigmoid"]) == (1, 0)  # "its own result only"
    assert found.extra["silu"] == 1  # "SiLU keeps one"
    assert found.extra["gelu"] > 1  # "several"
    bars = found.plot().containers
    assert sum(bar.get_height() for container in bars for bar in container) == sum(found.kept.values())
    assert experiments.activation_memory([twice]).table().loc["twice"].tolist() == ["one more array"]


# --- gated units


@pytest.mark.parametrize("name", GATED)
def test_gated_units_against_tensorflow(name):
    gates = {"glu": tf.sigmoid, "reglu": tf.nn.relu, "geglu": keras.activations.gelu, "swiglu": tf.nn.silu}
    a, b = np.random.default_rng(0).normal(size=(2, 50)) * 3
    expected = gates[name](tf.constant(a)) * b
    np.testing.assert_allclose(GATED[name](a, b), expected, rtol=1e-6, atol=1e-8)


def test_glu_is_keras_s_glu():
    a, b = np.random.default_rng(1).normal(size=(2, 7))
    np.testing.assert_allclose(GATED["glu"](a, b), keras.activations.glu(np.concatenate([b, a])), rtol=1e-6)


def test_gated_units_as_a_table():
    table = gallery.gated_units()._repr_markdown_()
    assert table.count("\n") == 5
    assert "| SwiGLU | $\\text{SiLU}(xW) \\cdot (xV)$ |" in table
    assert "| Shazeer 2020 |" in table
