"""The first chapter's experiments against independent arithmetic, and every claim that its prose makes of them."""

from itertools import pairwise

import keras
import matplotlib.pyplot as plt
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import LinearRegression, LogisticRegression

from course_utils import experiments
from course_utils.experiments.gradients.layer_updates import LayerUpdates
from course_utils.experiments.linearity import affine, decision_boundaries
from course_utils.experiments.piecewise_linear import regions
from course_utils.experiments.piecewise_linear.hinges import OTHERS
from course_utils.experiments.training import stacked
from course_utils.experiments.training.digits import network_loop
from course_utils.experiments.training.networks import accuracy, cross_entropy, digits, plain_network
from course_utils.experiments.training.stacked import batches, new_optimizer, new_stack, stack_loop

# --- a stack of linear layers is one layer


@pytest.mark.parametrize("widths", [(3, 2), (3, 5, 2), (8, 64, 64, 64, 64, 10)])
def test_the_one_layer_is_what_probing_the_stack_finds(widths):
    stack, result = affine._stack(widths, "linear", seed=4), experiments.linear_stack(widths, seed=4)
    bias = stack(np.zeros((1, widths[0]))).numpy()[0]  # f(0) = b, f(e_i) = W_i + b
    np.testing.assert_allclose(result.bias, bias, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(result.kernel, stack(np.eye(widths[0])).numpy() - bias, rtol=1e-10, atol=1e-12)
    assert all(np.abs(layer.bias.numpy()).min() > 0 for layer in stack.layers)
    assert result.parameters == sum((m + 1) * n for m, n in pairwise(widths))


def test_what_the_chapter_says_of_the_stack():
    stack = experiments.linear_stack([8, 64, 64, 64, 64, 10])
    assert (stack.parameters, stack.needed) == (13706, 90)
    assert stack.differences_below == {"float32": 1e-5, "float64": 1e-14}
    assert experiments.linear_stack([8, 64, 64, 8]).rank == 8
    assert experiments.linear_stack([8, 64, 2, 64, 8]).rank == 2


def test_a_stack_needs_two_widths():
    with pytest.raises(ValueError, match=r"at least an input's and an output's, got \[8\]"):
        experiments.linear_stack([8])


def test_random_networks_are_straight_without_an_activation_and_bent_with_relu():
    straight, bent = experiments.plot_random_networks()
    for ax, is_straight in ((straight, True), (bent, False)):
        assert len(ax.lines) == 3
        for line in ax.lines:
            x, y = line.get_data()
            left, right = (y[100] - y[0]) / (x[100] - x[0]), (y[-1] - y[-101]) / (x[-1] - x[-101])
            assert (abs(left - right) < 1e-9) == is_straight


# --- how nearly affine a network is


def test_affine_share_against_scikit_learn():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 3))
    y = np.column_stack([np.sin(x[:, 0]), x[:, 1] * x[:, 2] + x[:, 0]])
    expected = LinearRegression().fit(x, y).score(x, y, sample_weight=None)
    rest = y - LinearRegression().fit(x, y).predict(x)
    pooled = 1 - (rest**2).sum() / ((y - y.mean(0)) ** 2).sum()  # score() averages over the outputs, unweighted
    assert experiments.affine_share(lambda x: y, x) == pytest.approx(pooled, rel=1e-9)
    assert experiments.affine_share(lambda x: y[:, :1], x) == pytest.approx(
        LinearRegression().fit(x, y[:, :1]).score(x, y[:, :1]), rel=1e-9
    )
    assert 0 < expected < 1


def test_what_the_chapter_says_of_untrained_networks():
    result = experiments.untrained_affine_shares()
    linear, sigmoid, tanh, relu = result.shares
    assert linear.min() > 1 - 1e-9
    assert sigmoid.min() > 0.99  # "more than 99 %"
    assert np.ptp([linear, sigmoid, tanh], axis=1).max() < 0.01  # strokes "too short to see"
    assert relu.max() < 0.85 < 0.97 < tanh.min()  # "only ReLU is clearly bent"
    assert [bar.get_height() for bar in result.plot().patches] == pytest.approx(np.median(result.shares, axis=1))


def test_from_one_picture_to_the_next_the_sums_of_fresh_sigmoids_change_only_a_little():
    keras.utils.set_random_seed(0)
    x = digits()[0]
    for _ in range(4):
        sums = keras.layers.Dense(64)(x).numpy()
        over_pictures = sums.std(axis=0).mean()
        assert over_pictures < 0.35  # a sigmoid is nearly straight over so short a stretch
        x = tf.sigmoid(sums)


def test_traps():
    x = digits()[0]
    forgotten = keras.Sequential([keras.layers.Dense(64), keras.layers.Dense(64), keras.layers.Dense(10)])
    assert experiments.affine_share(forgotten, x) == pytest.approx(1, abs=1e-9)
    names = [layer.activation.__name__ for layer in (keras.layers.Conv2D(8, 3), keras.layers.LSTM(8))]
    assert names == ["linear", "tanh"]
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        fresh = keras.Sequential([*(keras.layers.Dense(64, "relu") for _ in range(2)), keras.layers.Dense(1)])
        near, far = (np.linspace(*ends, 101).reshape(-1, 1) for ends in ((-1, 1), (1, 3)))
        assert experiments.affine_share(fresh, near) < 0.999
        assert experiments.affine_share(fresh, far) == pytest.approx(1, abs=1e-9)


# --- digits and spirals


def test_what_the_chapter_says_of_the_digits():
    plain, relus = (
        experiments.train_on_digits(name, depth=2, optimizer="adam", seeds=range(3)) for name in ("linear", "relu")
    )
    for training in (plain, relus):
        assert 0.95 < training.accuracies.min() <= training.accuracies.max() < 1  # "more than 95 %", not all
    assert abs(np.median(plain.accuracies) - np.median(relus.accuracies)) < 0.015  # "you could hardly have seen it"


def accuracies_of(activation, rate, marks, seeds=range(5)):
    """Test accuracies of five networks at each mark, of shape (marks, seeds)."""
    stack, chosen = new_stack(activation, seeds=seeds, depth=2), batches(seeds, marks[-1])
    train, reached = stack_loop(stack, new_optimizer("adam", rate)), []
    for first, last in pairwise([0, *marks]):
        train(first, last, chosen)
        reached.append(stacked.accuracies(stack))
    return np.array(reached)


@pytest.fixture(scope="module")
def by_rate():
    """Without an activation and with ReLU: (rates, marks, seeds) accuracies after 600 and after 4,000 steps."""
    rates = {"linear": (0.0003, 0.001, 0.003), "relu": (0.0003, 0.001, 0.003)}
    return {name: np.array([accuracies_of(name, rate, [600, 4000]) for rate in rates[name]]) for name in rates}


def test_relu_gains_a_little_on_the_digits_with_each_network_s_own_best_rate(by_rate):
    plain, relus = (
        by_rate[name].mean(axis=2).max(axis=0) for name in ("linear", "relu")
    )  # the best rate, at each mark
    assert abs(relus[0] - plain[0]) < 0.01  # after 600 steps
    assert 0.004 < relus[1] - plain[1] < 0.015  # after 4,000: "about one digit in a hundred"
    at_the_course_s_rate = by_rate["relu"][1, 1].mean() - by_rate["linear"][1, 1].mean()
    assert 0.005 < at_the_course_s_rate < 0.015


@pytest.mark.parametrize("rate", [0.003, 0.03])
def test_no_learning_rate_and_no_patience_bends_the_straight_border(rate):
    for seed in range(2):
        network = plain_network("linear", depth=3, width=32, inputs=2, outputs=2, dtype="float64", seed=seed)
        train = network_loop(network, keras.optimizers.Adam(rate), batch=None)
        for first, last in ((0, 600), (600, 2400)):
            train(first, last, *decision_boundaries.spirals(seed=seed))
            assert 0.6 < accuracy(network, *decision_boundaries.spirals(seed=seed + 100)) < 0.7


def test_ten_digits_are_shown():
    axes, (x, y, _, _) = experiments.plot_digits(), digits()
    assert [ax.get_title() for ax in axes] == [f"a {digit}" for digit in range(10)]
    for digit, ax in enumerate(axes):
        shown = np.asarray(ax.images[0].get_array()).ravel()
        (place,) = np.flatnonzero((x == shown).all(axis=1))
        assert y[place] == digit


def test_spirals_are_spirals():
    x, y = decision_boundaries.spirals(300, seed=5)
    radius, angle = np.hypot(*x.T), np.arctan2(*x.T[::-1])
    turned = np.mod(angle - 2 * np.pi * 1.5 * radius, 2 * np.pi)  # 0 on the first spiral, pi on the second
    far = radius > 0.25  # near the origin the noise turns a point by a lot
    assert ((np.cos(turned[far]) < 0) == y[far]).all()
    assert list(np.bincount(y)) == [300, 300]
    assert not np.array_equal(x, decision_boundaries.spirals(300, seed=6)[0])


@pytest.fixture(scope="module")
def runs():
    return [experiments.learn_spirals(activation) for activation in ("linear", "relu")]


def test_what_the_chapter_says_of_the_spirals(runs):
    straight, bent = runs
    assert 0.63 <= straight.accuracies.min() < straight.accuracies.max() < 0.69  # "between 63 and 69 %"
    assert bent.accuracies.min() > 0.99
    assert straight.band() == "no activation: all 5 seeds between 0.63 and 0.69 right on fresh points"


def test_the_border_without_an_activation_is_that_of_logistic_regression(runs):
    straight, bent = runs
    model = LogisticRegression(C=1e6).fit(straight.points, straight.classes)
    along = np.linspace(-1.2, 1.2, 121)
    across, up = np.meshgrid(along, along)
    expected = model.predict(np.column_stack([across.ravel(), up.ravel()])).reshape(121, 121)
    assert (straight.answers == expected).mean() > 0.99
    assert (bent.answers == expected).mean() < 0.9
    assert np.abs(np.diff(bent.answers[60])).sum() >= 5  # "winds"


def test_boundaries_show_every_point_and_the_shown_network_s_share(runs):
    left, right = experiments.plot_boundaries(runs)
    assert left.get_title() == f"no activation: {100 * runs[0].accuracies[0]:.1f} % right"
    assert [len(c.get_offsets()) for c in right.collections] == [400, 400]
    np.testing.assert_array_equal(right.images[0].get_array(), runs[1].answers)
    _, ax = plt.subplots()
    assert runs[0].plot(ax) is ax


# --- hinges


def test_broken_line_against_a_loop():
    line = experiments.broken_line([1, -1, 2, 0], [2, -1, 0, 3], [1, 1.5, -2, 0.5], offset=0.25)
    x = np.linspace(-3, 3, 13)
    units = [(1, 2, 1), (-1, -1, 1.5), (2, 0, -2), (0, 3, 0.5)]
    expected = [0.25 + sum(h * max(w * value + b, 0) for w, b, h in units) for value in x]
    np.testing.assert_allclose(line.at(x), expected)
    np.testing.assert_array_equal(line.kinks, [-2, -1, 0])  # a weight of 0 makes no kink
    drawn = line.plot().lines[-2].get_data()
    np.testing.assert_allclose(drawn[1], line.at(drawn[0]))


def test_broken_line_wants_as_many_of_each():
    with pytest.raises(ValueError, match="same length, got 2, 1, 2"):
        experiments.broken_line([1, 2], [0], [1, 1])


@pytest.mark.parametrize("hinges", [1, 2, 4, 7, 64])
def test_hinges_meet_the_curve_at_the_ends_of_equal_pieces(hinges):
    fit = experiments.hinge_fit(hinges)
    knots = np.linspace(-np.pi, np.pi, hinges + 1)
    np.testing.assert_allclose(fit.drawn, np.interp(fit.x, knots, np.sin(knots)), atol=1e-12)
    np.testing.assert_allclose(fit.line.kinks, knots[:-1], atol=1e-15)
    assert fit.largest_error <= (2 * np.pi / hinges) ** 2 / 8


def test_what_the_chapter_says_of_the_hinges():
    errors = np.array([experiments.hinge_fit(n).largest_error for n in (4, 8, 16, 32, 64)])
    ratios = errors[:-1] / errors[1:]
    assert ratios[0] == pytest.approx(3, abs=0.02)  # "by 3 at first"
    assert (ratios[1:] > 3.7).all()  # "soon by nearly 4"
    assert (ratios[1:] < 4).all()
    assert np.abs(experiments.hinge_fit(2).drawn).max() < 1e-15  # "with two hinges the line is flat"


def best_polynomial(degree):
    x = np.linspace(-np.pi, np.pi, 401)
    return np.sqrt(np.mean((np.polyval(np.polyfit(x, np.sin(x), degree), x) - np.sin(x)) ** 2))


@pytest.mark.parametrize(
    ("unit", "degree", "enough", "distance"), [("linear", 1, 1, 0.4448), ("square", 2, 2, 0.4448), ("cube", 3, 4, 0.0669)]
)  # fmt: skip
def test_polynomial_units_stop_at_the_best_polynomial(unit, degree, enough, distance):
    run = experiments.random_units(unit)
    reached = run.errors[:, run.counts >= enough]
    np.testing.assert_allclose(reached, best_polynomial(degree), rtol=1e-6)
    assert best_polynomial(degree) == pytest.approx(distance, abs=1e-4)


def test_relu_and_step_go_on():
    for unit, reached in (("relu", 0.003), ("step", 0.06)):
        run = experiments.random_units(unit)
        assert (np.diff(np.median(run.errors, axis=0)[1:]) < 0).all()
        assert run.errors[:, -1].max() < reached


def test_random_units_against_the_normal_equations():
    rng, x = np.random.default_rng(2), np.linspace(-np.pi, np.pi, 401)
    weights, middles = rng.normal(size=4), rng.uniform(-np.pi, np.pi, 4)
    hidden = np.column_stack([np.ones(401), np.tanh(weights * (x[:, None] - middles))])
    best = np.linalg.solve(hidden.T @ hidden, hidden.T @ np.sin(x))
    expected = np.sqrt(np.mean((hidden @ best - np.sin(x)) ** 2))
    assert experiments.random_units("tanh", [4], seeds=[2]).errors[0, 0] == pytest.approx(expected, rel=1e-6)


def test_random_units_know_their_names():
    with pytest.raises(ValueError, match="Unknown activation 'stp'"):
        experiments.random_units("stp")


# --- gradients without and with an activation


def test_a_linear_network_has_a_gradient_at_every_layer():
    assert experiments.gradient_flow("linear", depth=2).norms.min() > 0.3  # "none is near 0"


def hidden_gradient(activation):
    x, y, _, _ = digits()
    network = plain_network(activation, depth=2)
    with tf.GradientTape() as tape:
        loss = cross_entropy(y, network(x))
    return tape.gradient(loss, network.layers[0].kernel)


def test_a_step_gives_no_gradient():
    assert hidden_gradient(lambda z: tf.where(z > 0, 1.0, 0.0)) is None
    assert not hidden_gradient(tf.sign).numpy().any()


def test_what_the_chapter_says_of_training_with_steps():
    step, relu, linear = (experiments.layer_updates(a) for a in (tf.sign, "relu", "linear"))
    assert list(step.moved) == [False, False, True]
    assert list(relu.moved) == list(linear.moved) == [True, True, True]
    assert step.band() == "all 5 seeds between 0.6 and 0.8 right on the test digits"
    assert min(relu.accuracies.min(), linear.accuracies.min()) > 0.9
    assert [bar.get_height() for bar in step.plot().patches][:2] == [0, 0]


def test_frozen_layers_alone_are_not_why_steps_do_badly(root):
    """Of the explanation that stood here, "because only the last layer learns", half was missing."""
    x, y, x_test, y_test = digits()
    for seed in range(3):
        network = plain_network("linear", depth=2, seed=seed)
        for layer in network.layers[:2]:
            layer.trainable = False
        network_loop(network, keras.optimizers.Adam(0.001))(0, 600, x, y)
        assert accuracy(network, x_test, y_test) > 0.8  # "the last layer still gets more than 80 % right"
    text = " ".join((root / "notebooks/01_why_nonlinearity.md").read_text("utf-8").split())
    assert "80 % right, because only the last layer learns" not in text


def test_movement_says_when_the_trainings_disagree():
    with pytest.raises(ValueError, match="disagree on which layers moved"):
        LayerUpdates(np.array([[0.0, 1.0], [0.5, 1.0]]), np.zeros(2)).moved  # noqa: B018


def test_sums_that_are_exactly_zero_are_rare():
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        sums = keras.layers.Dense(256)(digits()[0]).numpy()
        assert sums.size == 344832
        assert (sums == 0).mean() < 1e-4


def test_results_plot_themselves():
    assert experiments.linear_stack([3, 4, 2]).plot().images[0].get_array().shape == (3, 2)
    assert experiments.random_units("relu", [1, 2]).plot().get_xscale() == "log"
    assert experiments.plot_hinge_fit(hinges=3).get_title() == "3 hinges"


def test_units_that_are_no_activation_of_the_catalogue():
    z = np.array([-2.0, -0.5, 0.0, 3.0])
    expected = {"square": [4, 0.25, 0, 9], "cube": [-8, -0.125, 0, 27], "step": [0, 0, 0, 1]}
    assert {name: list(function(z)) for name, (function, _, _) in OTHERS.items()} == expected


# --- straight pieces


def drawn(kernels, biases, x):
    """What a ReLU network gives, worked out in the usual way."""
    h = np.asarray(x, float)[:, None]
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        h = np.maximum(h @ kernel + bias, 0)
    return (h @ kernels[-1] + biases[-1])[:, 0]


@pytest.mark.parametrize("widths", [(1,), (5,), (24,), (8, 8), (4, 4, 4, 4)])
def test_the_pieces_are_those_of_the_network(widths):
    kernels, biases = regions._random(widths, np.random.default_rng(7))
    x, y = regions.pieces_of(kernels, biases, span=(-3, 3))
    fine = np.linspace(-3, 3, 5001)
    np.testing.assert_allclose(np.interp(fine, x, y), drawn(kernels, biases, fine), atol=1e-9)
    assert (np.diff(x) > 0).all()
    assert (np.abs(np.diff(np.diff(y) / np.diff(x))) > 0).all()  # a kink at each joint, or it would be no joint


def test_one_layer_bends_once_a_unit_at_most():
    kernels, biases = regions._random((24,), np.random.default_rng(0))
    x, _ = regions.pieces_of(kernels, biases, span=(-1e6, 1e6))
    np.testing.assert_allclose(x[1:-1], np.sort(-biases[0] / kernels[0][0]), rtol=1e-6)


@pytest.mark.parametrize("layers", [1, 2, 3, 8])
def test_the_folded_hat_against_the_hat_of_a_hat(layers):
    folded = experiments.folded_hat(layers)
    x = y = np.linspace(0, 1, 2**layers * 4 + 1)
    for _ in range(layers):
        y = 1 - np.abs(2 * y - 1)
    np.testing.assert_allclose(np.interp(x, folded.x[0], folded.y[0]), y, atol=1e-9)
    assert (folded.counts[0], folded.units) == (2**layers, 3 * layers)


def test_what_the_chapter_says_of_the_pieces():
    assert experiments.folded_hat(8).table().loc["8 layers of 3, folded"].tolist() == [24, 256, 256]
    shapes = [experiments.random_pieces(widths) for widths in ([24], [12, 12], [8, 8, 8], [4] * 6)]
    assert [shape.units for shape in shapes] == [24] * 4
    assert max(shape.counts.max() for shape in shapes) < 30  # "none of these gets to 30 pieces"
    assert shapes[0].table().loc["layers of 24"].tolist() == [24, 19, 22]
    ax = experiments.folded_hat(3).plot()
    assert len(ax.lines[1].get_xdata()) == 7


# --- what the reader does


@pytest.fixture
def the_loop(root):
    """The cell that trains a network in the open."""
    cells = nbformat.read(root / "notebooks/01_why_nonlinearity.ipynb", as_version=4).cells
    (cell,) = [cell for cell in cells if "open-loop" in cell.metadata.get("tags", ())]
    return cell.source


def run(source, old="", new=""):
    """What a cell of the chapter leaves behind, after a reader's change."""
    assert old in source
    names = {"experiments": experiments, "keras": keras, "np": np, "tf": tf}
    exec(source.replace(old, new), names)
    return names


def test_the_loop_trains_a_network(the_loop, capsys):
    made = run(the_loop)
    assert 1.8 < made["losses"][0] < 2.9  # "blind guessing among ten digits has a loss of about 2.3"
    assert np.mean(made["losses"][-50:]) < 0.3
    assert made["right"] > 0.9
    assert capsys.readouterr().out == f"{made['right']:.0%} of the test digits right\n"


@pytest.mark.parametrize("seed", range(3))
def test_units_that_start_equal_stay_equal(seed):
    """In float64 and by hand, where the chapter has Keras."""
    x, y, x_test, y_test = (np.asarray(part) for part in digits())
    rng = np.random.default_rng(seed)
    weights = [np.full(shape, 0.05) for shape in ((64, 64), (64, 64), (64, 10))]
    biases = [np.zeros(n) for n in (64, 64, 10)]

    def outputs(x):
        hidden = [x]
        for w, b in zip(weights[:2], biases[:2], strict=True):
            hidden.append(np.maximum(hidden[-1] @ w + b, 0))
        return hidden, hidden[-1] @ weights[2] + biases[2]

    for _step in range(300):
        chosen = rng.integers(0, len(x), 64)
        hidden, scores = outputs(x[chosen])
        slope = np.exp(scores - scores.max(axis=1, keepdims=True))
        slope = (slope / slope.sum(axis=1, keepdims=True) - np.eye(10)[y[chosen]]) / 64
        for layer in (2, 1, 0):
            below = (slope @ weights[layer].T) * (hidden[layer] > 0)
            weights[layer] = weights[layer] - 0.1 * hidden[layer].T @ slope
            biases[layer] = biases[layer] - 0.1 * slope.sum(axis=0)
            slope = below
    assert np.ptp(weights[0], axis=1).max() < 1e-10
    assert np.abs(weights[0] - 0.05).max() > 0.05
    assert np.mean(outputs(x_test)[1].argmax(axis=1) == y_test) < 1 / 3


def test_your_turn_with_the_loop(the_loop):
    straight, slow, fast = (run(the_loop, *change) for change in [('"relu"', "None"), ("0.1 *", "0.001 *"), ("0.1 *", "3 *")])  # fmt: skip
    assert np.mean(straight["losses"][-50:]) < 0.3
    assert straight["right"] > 0.9
    assert 2 < np.mean(slow["losses"][-50:]) < 2.4  # "still close to 2.3"
    assert max(fast["losses"]) > 1.1 * fast["losses"][0]  # "jumps up"
    assert fast["right"] < 0.2  # "ends at blind guessing"


@pytest.mark.parametrize(("width", "low", "high"), [(2, 0.55, 0.8), (4, 0.85, 1), (8, 0.99, 1)])
def test_your_turn_with_narrow_layers(width, low, high):
    assert low <= experiments.learn_spirals("relu", width=width, seeds=[0]).accuracies[0] <= high


def test_your_turn_with_two_hinges():
    errors = {f.__name__: experiments.hinge_fit(2, f).largest_error for f in (np.sin, np.cos, np.square, np.abs)}
    assert errors.pop("absolute") < 1e-12
    assert min(errors.values()) > 0.2
    cosine = experiments.hinge_fit(2, np.cos)
    np.testing.assert_allclose(cosine.line.at([-np.pi, 0, np.pi]), [-1, 1, -1], atol=1e-12)
    x = np.linspace(-np.pi, np.pi, 1001)[1:-1]
    for function, meetings in ((np.cos, [-np.pi / 2, 0, np.pi / 2]), (np.square, [0])):  # between the two ends
        apart = experiments.hinge_fit(2, function).line.at(x) - function(x)
        changes = np.flatnonzero(apart[:-1] * apart[1:] < 0)
        touches = [] if abs(apart[len(x) // 2]) > 1e-9 else [0]
        np.testing.assert_allclose(sorted([*x[changes], *touches]), meetings, atol=0.02)
    assert [line.get_label() for line in cosine.plot().lines] == ["cosine", "hinges", "kinks"]
