"""The tanh chapter's experiments against independent arithmetic, and every claim that its prose makes of them."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.linear_model import LogisticRegression

from course_utils import experiments
from course_utils.activations import saturated, sigmoid, sigmoid_slope, tanh, tanh_slope
from course_utils.experiments.initialisation import weight_scales
from course_utils.experiments.tanh import conditioning, sigmoid_tanh_ablation
from course_utils.experiments.training import stacked
from course_utils.experiments.training.networks import digits, plain_network
from course_utils.plotting.descriptions import describe
from course_utils.plotting.style import LOOK

SOURCE = Path(__file__).parents[2] / "notebooks" / "05_tanh.md"


# --- several networks in one stack


def logits_by_hand(kernels, biases, x):
    h = x
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        h = np.tanh(h @ kernel + bias)
    return h @ kernels[-1] + biases[-1]


def test_the_stack_holds_the_plain_networks():
    x = digits()[0][:5]
    logits = stacked.new_stack(tf.tanh, depth=2, seeds=[4, 1]).sums(x)[-1]
    for place, seed in enumerate([4, 1]):
        np.testing.assert_allclose(logits[place], plain_network("tanh", depth=2, seed=seed)(x), rtol=1e-4, atol=1e-6)


def gradient_by_hand(kernels, biases, x, y):
    """Of the mean cross-entropy of a network with one hidden layer of tanh, in float64."""
    h = np.tanh(x @ kernels[0] + biases[0])
    z = h @ kernels[1] + biases[1]
    p = np.exp(z - z.max(1, keepdims=True))
    back = (p / p.sum(1, keepdims=True) - np.eye(10)[y]) / len(y)
    hidden = back @ kernels[1].T * (1 - h**2)
    return [x.T @ hidden, h.T @ back], [hidden.sum(0), back.sum(0)]


def mean_loss_by_hand(kernels, biases, x, y):
    z = logits_by_hand(kernels, biases, x)
    z = z - z.max(1, keepdims=True)
    return np.mean(np.log(np.exp(z).sum(1)) - z[np.arange(len(y)), y])


def trained(stack, *, rate, marks, seeds, **more):
    chosen = stacked.batches(seeds, marks[-1])
    return stacked.train_to_marks(stack, stacked.new_optimizer("sgd", rate), chosen, marks, **more)


def test_training_against_gradient_descent_by_hand():
    x, y, x_test, y_test = digits()
    stack = stacked.new_stack(tf.tanh, depth=1, seeds=[3])
    kernels, biases = ([v.numpy()[0].astype(float) for v in part] for part in (stack.kernels, stack.biases))
    losses = trained(stack, rate=0.5, marks=[0, 2, 5], seeds=[3])
    chosen, expected = stacked.batches([3], 5).numpy()[:, 0], []
    for step in range(6):
        if step in (0, 2, 5):
            expected.append(mean_loss_by_hand(kernels, biases, x, y))
        if step < 5:
            slopes = gradient_by_hand(kernels, biases, x[chosen[step]].astype(float), y[chosen[step]])
            for arrays, gradients in zip((kernels, biases), slopes, strict=True):
                for array, gradient in zip(arrays, gradients, strict=True):
                    array -= 0.5 * gradient
    np.testing.assert_allclose(losses[0], expected, rtol=1e-5)
    assert stacked.accuracies(stack)[0] == np.mean(logits_by_hand(kernels, biases, x_test).argmax(1) == y_test)


def test_the_batches_are_drawn_from_all_pictures_and_differ():
    chosen = stacked.batches([0, 1], 400).numpy()
    assert chosen.shape == (400, 2, 64)
    assert (chosen.min(), chosen.max()) == (0, len(digits()[0]) - 1)
    assert np.unique(chosen[:, 0], axis=0).shape[0] == 400
    assert (chosen[:, 0] != chosen[:, 1]).mean() > 0.99


def test_no_network_feels_another():
    both, alone = (
        trained(stacked.new_stack(tf.sigmoid, depth=2, seeds=seeds), rate=0.3, marks=[0, 20], seeds=seeds)
        for seeds in ([0, 7], [7])
    )
    np.testing.assert_allclose(both[1], alone[0], rtol=1e-5)
    assert abs(both[0, -1] - both[1, -1]) > 1e-4


def test_training_ends_when_all_are_under_the_loss():
    stack = stacked.new_stack(tf.tanh, depth=1, seeds=[0])
    losses = trained(stack, rate=0.3, marks=range(0, 201, 10), seeds=[0], stop_below=1.0)
    assert losses[0, -1] < 1.0 <= losses[0, -2]
    assert losses.shape[1] < 21


# --- six variants


@pytest.mark.parametrize("name", sigmoid_tanh_ablation.VARIANTS)
def test_a_variant_has_the_slope_and_the_centre_that_it_claims(name):
    variant, zero = sigmoid_tanh_ablation.VARIANTS[name], tf.constant(0.0)
    with tf.GradientTape() as tape:
        tape.watch(zero)
        value = variant.f(zero)
    assert float(tape.gradient(value, zero)) == pytest.approx(variant.slope)
    assert (abs(float(value)) < 1e-6) is variant.centred


def test_the_six_variants_are_all_combinations():
    x = np.linspace(-3, 3, 13, dtype="float32")
    expected = [np.tanh(x), 1 + np.tanh(x), np.tanh(x / 2), 1 + np.tanh(x / 2), np.tanh(x / 2) / 2, sigmoid(x)]
    for variant, values in zip(sigmoid_tanh_ablation.VARIANTS.values(), expected, strict=True):
        np.testing.assert_allclose(variant.f(tf.constant(x)), values, rtol=1e-5, atol=1e-6)
    assert len({(c.slope, c.centred) for c in sigmoid_tanh_ablation.VARIANTS.values()}) == 6


@pytest.mark.parametrize("moves", range(4))
def test_the_three_moves(moves):
    ax = experiments.plot_three_moves(moves=moves)
    curve, twin, tangent = ax.lines
    x = curve.get_xdata()
    np.testing.assert_allclose(twin.get_ydata(), np.tanh(x))
    h = 1e-6
    title, f, slope = sigmoid_tanh_ablation.MOVES[moves]
    assert (f(h) - f(-h)) / (2 * h) == pytest.approx(slope)
    assert np.diff(tangent.get_ydata()) == pytest.approx([slope, slope])
    assert tangent.get_ydata()[1] == pytest.approx(f(0))
    assert title in describe(ax.figure)
    if moves == 3:
        np.testing.assert_allclose(curve.get_ydata(), np.tanh(x), atol=1e-15)


def test_the_mended_start_is_the_same_function_as_tanh():
    x, network = digits()[0][:20], {"depth": 3, "seeds": [2]}
    plain, lifted, mended = (
        sigmoid_tanh_ablation._offset_stack(name, **network).sums(x)[-1]
        for name in ("tanh", "1 + tanh", sigmoid_tanh_ablation.MENDED)
    )
    np.testing.assert_allclose(mended, plain, atol=2e-5)
    assert np.abs(lifted - plain).max() > 0.5


def made(losses):
    return sigmoid_tanh_ablation.VariantTrainings(np.array([0, 25, 50]), losses, {"tanh": np.array([0.92, 0.97])})


def test_tables():
    result = made({"tanh": np.array([[2, 0.4, 0.3], [2, 0.6, 0.3]]), "sigmoid": np.array([[2, 1, 0.3], [2, 1.0, 1.0]])})
    assert result.table(0.5).reset_index().to_numpy().tolist() == [
        ["tanh", "1", "yes", "25 to 50"],
        ["sigmoid", "0.25", "no", "1 of 2 never"],
    ]
    assert result.bands() == "tanh: all 2 seeds between 0.9 and 1.0 right on the test digits"
    offset = sigmoid_tanh_ablation.OffsetByDepth(np.array([2, 4]), 0.5, {"tanh": np.array([[25.0, 75], [50, 75]])})
    assert offset.table().loc["tanh"].to_dict() == {"2 layers": "25 to 50", "4 layers": "75"}
    inf = np.inf
    best = sigmoid_tanh_ablation.BestRates(
        np.array([0.1, 1.0]), 0.5, 10, {"tanh": np.array([[40.0, inf], [60, 70]]), "sigmoid": np.full((2, 2), inf)}
    )
    assert best.table().reset_index().to_numpy().tolist() == [
        ["tanh", "1", "yes", "60 to 70", "1"],  # a rate at which a seed of two never arrives is not the best
        ["sigmoid", "0.25", "no", "2 of 2 never", "0.1"],
    ]
    assert len(best.plot().collections) == 2
    for later, rate in ((0, 0.1), (10, 0.1), (20, 1.0)):
        tried = {"tanh": np.array([[60.0 + later] * 2, [60, 60]])}
        assert sigmoid_tanh_ablation.BestRates(np.array([0.1, 1.0]), 0.5, 10, tried).best()["tanh"][0] == rate


def test_looks():
    ax = made({"tanh": np.ones((2, 3)), "sigmoid": np.ones((2, 3))}).plot()
    for line in ax.lines:
        assert line.get_color() == LOOK[line.get_label()][0]
    offsets = sigmoid_tanh_ablation.OffsetByDepth(
        np.array([2, 4]), 0.5, {name: np.ones((2, 2)) for name in sigmoid_tanh_ablation.OFFSET_LOOK}
    )
    assert len({(line.get_color(), str(line._unscaled_dash_pattern)) for line in offsets.plot().lines}) == 3


def test_at_one_rate_slope_seems_to_explain_nearly_all():
    quick, slow = list(sigmoid_tanh_ablation.VARIANTS)[:4], list(sigmoid_tanh_ablation.VARIANTS)[4:]
    chosen = {"depth": 2, "learning_rate": 0.1}
    steps = experiments.train_variants(quick, steps=400, **chosen).steps_to(0.5)
    steps |= experiments.train_variants(slow, steps=1500, every=50, **chosen).steps_to(0.5)
    by_slope = {
        slope: np.concatenate([n for name, n in steps.items() if sigmoid_tanh_ablation.VARIANTS[name].slope == slope])
        for slope in (1.0, 0.5, 0.25)
    }
    assert 75 <= by_slope[1.0].min() < by_slope[1.0].max() <= 125  # "around a hundred steps"
    assert by_slope[0.5].min() > 2 * by_slope[1.0].max()  # "each pair has one slope"
    assert by_slope[0.25].min() > 3 * by_slope[0.5].max()
    assert steps["sigmoid"].min() > 1300
    assert steps["sigmoid"].min() > 10 * steps["tanh"].max()  # "more than ten times as quickly"


def test_at_its_own_best_rate_the_centre_matters_more_than_the_slope():
    best = experiments.variants_at_best_rates(depth=2).best()
    steps = {name: needed for name, (_, needed) in best.items()}
    centred, lifted = list(steps)[::2], list(steps)[1::2]
    for one, other in zip(centred, lifted, strict=True):
        assert (steps[other] > steps[one]).all()  # "with every seed"
        assert 2 <= np.median(steps[other]) / np.median(steps[one]) <= 5  # "two to five times"
    for flat, steep in (("sigmoid - 1/2", "tanh"), ("sigmoid", "1 + tanh")):
        assert 1.5 < np.median(steps[flat]) / np.median(steps[steep]) < 2.6  # "about twice as many"
    rates = [best[name][0] for name in centred]
    assert rates == sorted(set(rates))  # "the flatter one has the larger best rate"
    assert steps["sigmoid"].min() > 3 * steps["tanh"].max()  # chapter 6: "more than three times as many steps as tanhs"


def test_in_longer_training_both_cost_less_and_the_centre_still_more():
    best = experiments.variants_at_best_rates(rates=(0.3, 0.5, 1, 2, 3, 5), loss=0.1, most=450).best()
    medians = {name: np.median(needed) for name, (_, needed) in best.items()}
    centred, lifted = list(medians)[::2], list(medians)[1::2]
    for one, other in zip(centred, lifted, strict=True):
        assert 1.4 < medians[other] / medians[one] < 2.2  # "one and a half to two times as many"
    fewest, *_, most = sorted(medians[name] for name in centred)
    assert most / fewest < 1.5  # "differ by less than half"
    assert medians["sigmoid"] > 2 * medians["tanh"]  # chapter 6: "more than twice as many to 0.1"


def test_on_other_data_the_centred_functions_are_ahead_as_well():
    contenders = {name: variant.f for name, variant in sigmoid_tanh_ablation.VARIANTS.items()}
    result = experiments.compare_fairly(
        contenders, data=("waves", "wine"), lengths=(200, 600), rates=(0.01, 0.03, 0.1, 0.3, 1, 3, 10)
    )
    for other in ("1 + tanh", "sigmoid"):
        waves, wines = result.seeds_won("tanh", other)
        assert [*waves, wines[0]] == [5, 5, 5]
        assert wines[1] >= 3  # after 600 steps both losses are near 0
    names = list(contenders)
    pairs = zip(names[::2], names[1::2], strict=True)
    assert sum(result.seeds_won(*pair)[:, 1].sum() for pair in pairs) >= 25  # "at least 25 of 30"
    waves, wines = (sum(result.seeds_won("tanh", flat)[d, 1] for flat in names[2:5:2]) for d in (0, 1))
    assert waves >= 9  # of 10: "with the waves, tanh is ahead of the two flatter centred functions"
    assert wines <= 7  # "with the wines it isn't"


@pytest.mark.parametrize("seed", range(3))
def test_the_flattest_centred_function_is_a_tanh_network(seed):
    rng = np.random.default_rng(seed)
    x, kernels = rng.normal(size=(50, 64)), [rng.normal(size=shape) for shape in ((64, 64), (64, 64), (64, 10))]
    flat = (sigmoid((sigmoid(x @ kernels[0]) - 0.5) @ kernels[1]) - 0.5) @ kernels[2]
    as_tanh = np.tanh(np.tanh(x @ kernels[0] / 2) @ kernels[1] / 4) @ kernels[2] / 2
    np.testing.assert_allclose(flat, as_tanh, rtol=1e-9, atol=1e-12)


def test_your_turn_at_three_rates():
    ends = {}
    for rate in (0.1, 0.3, 1.0):
        result = experiments.train_variants(("tanh", "sigmoid"), depth=2, learning_rate=rate, steps=300, every=50)
        ends[rate] = {name: np.median(losses, axis=0) for name, losses in result.losses.items()}
    for rate in (0.1, 0.3):
        assert ends[rate]["tanh"][-1] < ends[rate]["sigmoid"][-1]
    assert ends[0.3]["tanh"][1] < ends[0.1]["tanh"][1]  # "learns even faster than at 0.1"
    assert ends[1.0]["sigmoid"][-1] < 0.5  # "comes down steadily"
    assert (np.diff(ends[1.0]["sigmoid"]) < 0).all()
    assert ends[1.0]["tanh"][1] > 5 * ends[1.0]["tanh"][0]  # "jumps to about ten times what it was": 9 to 12


def test_your_turn_with_three_shifts():
    none, half, three, minus = experiments.shift_inputs(shifts=(0, 0.5, 3, -3)).steps
    assert 0.5 < np.median(minus / three) < 2
    assert np.median(half / none) > 3


def test_twenty_layers_of_sigmoids_at_other_rates():
    for rate in (0.1, 1.0, 3.0):
        deep = experiments.train_variants(("sigmoid",), depth=20, learning_rate=rate, steps=300, every=300)
        assert deep.accuracies["sigmoid"].max() < 0.2


def test_glorots_weights_keep_the_size_of_the_sums():
    spread = experiments.spread_of_sums("tanh", depth=6)
    assert spread[0] == 1
    assert (np.diff(spread) < 0).all()
    assert 0.5 < spread[-1] < 0.8  # "shrinks only slowly"
    by_hand, x = plain_network("tanh", depth=2, seed=0), digits()[0][:256]
    first = x @ by_hand.layers[0].kernel.numpy()
    second = np.tanh(first) @ by_hand.layers[1].kernel.numpy()
    expected = np.sqrt(np.mean(second**2) / np.mean(first**2))
    assert experiments.spread_of_sums("tanh", depth=2, seeds=[0])[1] == pytest.approx(expected, rel=1e-4)


def test_in_deep_networks_the_offset_costs_mostly_through_the_start():
    names = ["tanh", "1 + tanh", sigmoid_tanh_ablation.MENDED]
    plain, lifted, mended = (n[:, 0] for n in experiments.offset_by_depth(names, depths=[8]).steps.values())
    assert lifted.min() >= 3 * plain.max()  # "at least three times as many steps as any seed"
    assert plain.max() <= 250
    assert mended.max() <= 350
    assert lifted.min() >= 775


def test_larger_steps_bring_out_a_second_harm():
    deep = experiments.offset_by_depth(depths=[8], learning_rate=0.1, most=800, every=10)
    plain, lifted, mended = (n[:, 0] for n in deep.steps.values())
    assert mended.min() > 3 * plain.max()
    assert lifted.min() > mended.max()
    assert 4 < np.median(mended) / np.median(plain) < 7  # "about five times as many steps"
    assert 7 < np.median(lifted) / np.median(plain) < 13  # "about ten times"
    shallow = experiments.offset_by_depth(depths=[2], learning_rate=0.3, most=160, every=10)
    plain, lifted, mended = (np.median(n) for n in shallow.steps.values())
    assert 2 * plain <= mended  # "gains hardly anything"
    assert 0.75 < mended / lifted <= 1.1


def test_what_the_chapter_says_of_the_slopes_of_the_lifted_network():
    plain = experiments.gradient_flow("tanh", depth=10)
    lifted = experiments.gradient_flow(lambda x: 1 + tf.tanh(x), depth=10)
    means = lifted.slopes.mean(axis=0)[1:]
    assert (means.min().round(2), means.max().round(2)) == (0.5, 0.62)
    assert plain.slopes.mean(axis=0).min() > 0.8
    kernels = stacked.new_stack("tanh", depth=5, seeds=range(5)).kernels
    sums = np.concatenate([kernel.numpy().sum(axis=1).ravel() for kernel in kernels[1:-1]])
    assert sums.std() == pytest.approx(1, abs=0.1)  # "typically about 1"
    assert tanh_slope(1) == pytest.approx(0.42, abs=0.005)
    assert lifted.per_layer.max() < 0.62 < 0.95 < plain.per_layer.min()


# --- twenty layers


def test_twenty_layers():
    flows = {name: experiments.gradient_flow(name, depth=20) for name in ("tanh", "sigmoid")}
    assert flows["sigmoid"].first_to_last.max() < 1e-12  # "less than a trillionth"
    assert 0.5 < flows["tanh"].first_to_last.min() < flows["tanh"].first_to_last.max() < 2
    assert 0.945 < flows["tanh"].per_layer.min() < flows["tanh"].per_layer.max() < 1.015  # "95 to 101 percent"
    assert 0.225 < flows["sigmoid"].per_layer.min() < flows["sigmoid"].per_layer.max() < 0.245  # "23 to 24 percent"


@pytest.mark.parametrize("seed", range(5))
def test_the_signal_that_comes_back_shrinks_and_the_inputs_make_up_for_it(seed):
    x, y = (part[:256] for part in digits()[:2])
    kernels = [layer.kernel.numpy().astype(float) for layer in plain_network("tanh", depth=20, seed=seed).layers]
    outputs = [x.astype(float)]
    for kernel in kernels[:-1]:
        outputs.append(np.tanh(outputs[-1] @ kernel))
    z = outputs[-1] @ kernels[-1]
    p = np.exp(z - z.max(1, keepdims=True))
    signal, signals = (p / p.sum(1, keepdims=True) - np.eye(10)[y]) / len(y), []
    for kernel, output in zip(kernels[:0:-1], outputs[:0:-1], strict=True):
        signal = signal @ kernel.T * (1 - output**2)
        signals.insert(0, signal)
    assert 0.2 <= np.linalg.norm(signals[0]) / np.linalg.norm(signals[-1]) <= 0.4  # "between a fifth and two fifths"
    assert np.linalg.norm(outputs[1]) > 2 * np.linalg.norm(outputs[-2])  # "larger in the earlier layers"
    gradients = [np.linalg.norm(output.T @ signal) for output, signal in zip(outputs[:-1], signals, strict=True)]
    (measured,) = experiments.gradient_flow("tanh", depth=20, seeds=[seed]).norms
    np.testing.assert_allclose(gradients, measured[:-1], rtol=1e-3)


def test_twenty_layers_learn_with_tanh_only():
    deep = experiments.train_variants(("tanh", "sigmoid"), depth=20, learning_rate=0.02, steps=300, every=100)
    assert deep.accuracies["tanh"].min() > 0.8
    assert deep.accuracies["sigmoid"].max() < 0.2


# --- the weights' scale


def test_shares_against_the_outputs_of_keras():
    result = experiments.scale_weights("tanh", scales=(1, 4), depth=2, steps=1, seeds=[6])
    network, x = plain_network("tanh", depth=2, seed=6), digits()[0][:256]
    for place, scale in enumerate((1, 4)):
        h, flat = x.astype(float), []
        for layer in network.layers[:-1]:
            h = np.tanh(h @ (scale * layer.kernel.numpy().astype(float)))
            flat.append(np.mean(1 - h**2 <= 0.05))
        assert result.shares[0, place] == pytest.approx(np.mean(flat), abs=1e-4)


def test_the_last_layer_is_not_scaled():
    kernels, scaled = (weight_scales.scaled_stack("tanh", [scale], depth=2, seeds=[0]).kernels for scale in (1, 3))
    factors = [float((new.numpy() / old.numpy()).mean()) for new, old in zip(scaled, kernels, strict=True)]
    assert factors == pytest.approx([3, 3, 1])


def test_what_the_chapter_says_of_the_weights():
    result = experiments.scale_weights("tanh", scales=(0.25, 0.5, 1, 2, 4))
    assert result.shares[:, :3].max() < 0.001  # "no unit is saturated"
    assert 0.4 < result.shares[:, 4].min() < result.shares[:, 4].max() < 0.55  # "nearly half"
    quarter, half, usual, double, fourfold = result.accuracies.T
    assert quarter.max() < 0.2  # "little better than chance"
    best = min(usual.min(), double.min())
    assert max(half.max(), fourfold.max()) < best  # "do best here"
    assert min(usual.max(), double.max()) >= max(usual.min(), double.min())  # "their bands overlap"
    faster = experiments.scale_weights("tanh", scales=(0.25, 0.5, 1, 4), learning_rate=0.5)
    quarter, half, usual, fourfold = faster.accuracies.T
    assert fourfold.min() > 0.9  # "more than nine tenths"
    assert quarter.max() < min(half.min(), usual.min(), fourfold.min())  # "still lag behind"
    left, right = result.plot()
    assert left.lines[0].get_ydata()[-1] == np.median(result.shares[:, 4])
    assert right.lines[0].get_color() == LOOK["tanh"][0]


# --- the valley


def test_the_lowest_loss_against_scikit_learn():
    x, y = conditioning.examples(3, inputs=2, seed=1)
    fitted = LogisticRegression(C=1e9, tol=1e-10, max_iter=10_000).fit(x[:, :2], y)
    np.testing.assert_allclose(conditioning.lowest(x, y), [*fitted.coef_[0], fitted.intercept_[0]], rtol=1e-3)


def test_a_step_goes_down_the_slope_of_the_loss():
    x, y = conditioning.examples(1, inputs=2, seed=0)
    above, curvatures, rates, path = conditioning._descend(x, y, 30, [0.3])
    (above,), (rate,), (path,) = above, rates, path
    w, h = path[7], 1e-6
    slope = [(conditioning.loss(w + h * d, x, y) - conditioning.loss(w - h * d, x, y)) / (2 * h) for d in np.eye(3)]
    np.testing.assert_allclose(path[8] - w, -rate * np.array(slope), rtol=1e-5)
    p = sigmoid(x @ w)
    assert above[7] == pytest.approx(
        -np.mean(np.log(np.where(y == 1, p, 1 - p))) - conditioning.loss(conditioning.lowest(x, y), x, y)
    )
    assert (np.diff(above) < 0).all()
    assert rate == pytest.approx(0.6 / curvatures[-1])


def test_curvatures_are_the_largest_that_the_loss_can_have():
    x, y = conditioning.examples(3, inputs=2, seed=0)
    _, curvatures, (rate,), _ = conditioning._descend(x, y, 1)
    _, directions = np.linalg.eigh(x.T @ x)
    h, start = 1e-3, np.zeros(3)  # at 0 every sigmoid has its largest slope
    for direction, expected in zip(directions.T, curvatures, strict=True):
        values = [conditioning.loss(start + step * direction, x, y) for step in (-h, 0, h)]
        assert (values[0] - 2 * values[1] + values[2]) / h**2 == pytest.approx(expected, rel=1e-3)
    assert rate == pytest.approx(1 / curvatures[-1])


def test_the_question_stays_as_easy_under_a_shift():
    (x, y), (moved, same) = (conditioning.examples(shift, inputs=2, seed=0) for shift in (0, 10))
    assert (y == same).all()
    assert conditioning.loss(conditioning.lowest(x, y), x, y) == pytest.approx(
        conditioning.loss(conditioning.lowest(moved, y), moved, y)
    )


def test_what_the_chapter_says_of_shifted_inputs():
    result = experiments.shift_inputs(shifts=(0, 1, 3, 10))
    none, _, three, ten = result.steps
    assert (none.min(), none.max()) == (1, 3)
    limit = 2 / result.curvatures[:, :, -1]
    assert (result.rates < limit).all()
    np.testing.assert_allclose(
        result.rates[0] / limit[0], 0.95
    )  # fault 7: one over the curvature is half of what is safe
    assert np.isnan(ten).all()
    assert result.above.shape[2] == 4001
    assert three.min() > 1000  # "more than a thousand"
    ratios = result.curvatures[:, :, -1] / result.curvatures[:, :, 0]
    assert ratios[0].max() < 2
    assert ratios[3].min() > 30_000
    largest = 4 * result.curvatures[:, :, -1]
    assert 100 < np.min(largest[3] / largest[0]) < np.max(largest[3] / largest[0]) < 200
    centred = experiments.shift_inputs(shifts=(10,), centre=True).steps
    assert (centred.min(), centred.max()) == (1, 3)


def test_a_step_beyond_the_limit_overshoots():
    x, y = conditioning.examples(10, inputs=2, seed=0)
    within, beyond = conditioning._descend(x, y, 100, [0.95, 30.0])[0]
    assert (np.diff(within) <= 0).all()
    assert (np.diff(beyond) > 0).any()


def test_dividing_by_ten_does_not_help():
    for seed in range(5):
        x, y = conditioning.examples(10, inputs=2, seed=seed)
        above = conditioning._descend(x / [10, 10, 1], y, 2000, conditioning.SHARES)[0]
        assert above.min() > conditioning.CLOSE  # "more than 2000 steps"


def test_a_shift_up_of_one_input_and_down_of_the_other_costs_less():
    """What is to be learned depends on the sum of both inputs, which such a shift leaves alone; on their difference, the other way round."""
    for seed in range(5):
        x, y = conditioning.examples(3, inputs=2, seed=seed)
        turned = (x - [0, 3, 0]) * [1, -1, 1]  # now the second input speaks for "no"
        alike, opposed, turned_alike, turned_opposed = (
            min(
                np.argmax(above < conditioning.CLOSE) if (above < conditioning.CLOSE).any() else 4000
                for above in conditioning._descend(moved, y, 4000, conditioning.SHARES)[0]
            )
            for moved in (x, x - [0, 6, 0], turned - [0, -3, 0], turned - [0, 3, 0])
        )
        assert min(alike, turned_opposed) > 1000
        assert max(opposed, turned_alike) < 200  # "fewer than 200 steps are enough"


def test_the_table_of_shifts():
    bends = np.array([[[0.1, 0.2], [0.1, 0.3]], [[0.01, 5], [0.02, 6]]])
    above = np.array([[[1, 0.001, 0], [1, 0.5, 0.001]], [[1, 1, 1], [1, 1, 1]]])
    table = conditioning.ShiftedInputs((0, 3), above, bends, np.ones((2, 2))).table(curvatures=True)
    assert table.reset_index().to_numpy().tolist() == [
        ["+0", "1 to 2", "0.2 to 0.3", "0.1 to 0.1"],
        ["+3", "more than 2", "5 to 6", "0.01 to 0.02"],
    ]


def test_the_map_of_the_valley():
    left, right = experiments.plot_valleys(shifts=(0, 3))
    for ax, shift in ((left, 0), (right, 3)):
        path, star = ax.lines
        x, y = conditioning.examples(shift, inputs=1, seed=0)
        np.testing.assert_allclose(np.ravel(star.get_data()), conditioning.lowest(x, y))
        ends = np.array([[v[0], v[-1]] for v in path.get_data()])
        way = np.linalg.norm(ends[:, 1]) / np.linalg.norm(star.get_data())
        assert (way > 0.99) if shift == 0 else (0.28 < way < 0.4)  # "about a third of the way"
    assert describe(left.figure) != describe(experiments.plot_valleys(shifts=(0, 4))[0].figure)
    shifted = experiments.shift_inputs(shifts=(0, 1), steps=50, seeds=[0, 1])
    assert shifted.plot().get_yscale() == "log"


# --- recurrent cells


def chapter_cell(beginning):
    cells = re.findall(r"^```\{code-cell\}\n(.*?)^```", SOURCE.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    return next(cell for cell in cells if cell.startswith(beginning))


@pytest.mark.parametrize("content", ["tanh", "sigmoid"])
def test_the_step_by_hand_is_that_of_keras(content):
    keras.utils.set_random_seed(5)
    cell = keras.layers.LSTMCell(4, activation=content)
    item, h, c = tf.random.normal([2, 3]), tf.random.normal([2, 4]), tf.random.normal([2, 4])
    expected, (_, memory) = cell(item, [h, c])
    names = {"tf": tf, "cell": cell}
    exec(chapter_cell("def lstm_step"), names)
    answer, kept = names["lstm_step"](item, h, c, getattr(tf, content))
    np.testing.assert_allclose(answer, expected, atol=1e-6)
    np.testing.assert_allclose(kept, memory, atol=1e-6)
    assert (cell.recurrent_activation.__name__, keras.layers.LSTMCell(4).activation.__name__) == ("sigmoid", "tanh")


@pytest.mark.parametrize("seed", range(3))
def test_memories_go_both_ways_with_tanh_only(seed):
    keras.utils.set_random_seed(seed)
    cell = keras.layers.LSTMCell(8)
    cell(tf.zeros([1, 3]), [tf.zeros([1, 8])] * 2)
    names = {"tf": tf, "cell": cell}
    exec(chapter_cell("def lstm_step"), names)
    exec(chapter_cell("def memories").split("\n\n\n")[0], names)
    lowest = {f.__name__: float(tf.reduce_min(list(names["memories"](f)))) for f in (tf.tanh, tf.sigmoid)}
    assert lowest["tanh"] < -0.5
    assert lowest["sigmoid"] > 0


# --- numbers of a few lines


def test_what_the_chapter_says_of_the_curves():
    assert [saturated("tanh", x).item() for x in (2.15, 2.25)] == [False, True]  # "at about 2.2"
    assert [saturated("sigmoid", x).item() for x in (4.3, 4.45)] == [False, True]  # "at about 4.4"
    between, beyond = np.linspace(-1.6, 1.6, 65), np.linspace(1.7, 20, 184)
    assert (tanh_slope(between) > sigmoid_slope(between)).all()  # "it happens at about 1.7, on both sides of 0"
    assert (sigmoid_slope(np.stack([beyond, -beyond])) > tanh_slope(np.stack([beyond, -beyond]))).all()
    assert [tanh_slope(1.66), sigmoid_slope(1.66) / sigmoid_slope(0)] == pytest.approx([1 / 8, 1 / 2], rel=0.1)
    assert tanh(1) == pytest.approx(0.76, abs=0.005)
    assert 2 * sigmoid(1) - 1 == pytest.approx(tanh(0.5)) == pytest.approx(0.46, abs=0.005)
    assert 1 - 3**2 == -8  # the quiz on the slope's formula


def test_where_tanh_is_exactly_one():
    inputs = experiments.every_float(7, 9.5)
    assert len(inputs) == 3670017
    nearest = np.tanh(inputs.astype(float)).astype("float32")
    assert inputs[nearest == 1].min() == pytest.approx(13 * np.log(2), abs=1e-4)
    assert abs(tf.tanh(inputs).numpy() - nearest).max() < 1e-6  # 1 "already a little before 8", or a few steps below it
    assert (1 - tf.tanh(inputs[inputs >= 8]).numpy()).max() < 5e-7
    assert 1 - np.tanh(13 * np.log(2)) == pytest.approx(2.0**-25, rel=1e-6)
    assert [1 - np.tanh(7.0), 1 - np.tanh(10.0)] == pytest.approx([1.7e-6, 4e-9], rel=0.04)
    assert 1 - np.nextafter(np.float32(1), np.float32(0)) == pytest.approx(6e-8, rel=0.01)
    halves = experiments.every_float(1, 8, "float16")
    assert halves[tf.tanh(halves) == 1].min() == pytest.approx(4.508, abs=5e-4)


def test_what_the_chapter_says_of_the_identity():
    assert 2 * np.float32(sigmoid(2e-8)) - 1 == 0 < float(tf.tanh(1e-8))
    assert sigmoid(2e-8) - 0.5 == pytest.approx(5e-9, rel=1e-6)
    assert np.nextafter(np.float32(0.5), np.float32(1)) - 0.5 == pytest.approx(6e-8, rel=0.01)
    assert (1 + np.float32(tanh(-20.0))) / 2 == 0 < float(tf.sigmoid(-40.0))


def test_answers_that_are_out_of_reach():
    corner = np.arcsin(1 / 3)  # where the wave leaves [-1, 1]
    squares = 9 * ((np.pi / 2 - corner) / 2 + np.sin(2 * corner) / 4) - 6 * np.cos(corner) + np.pi / 2 - corner
    wave = 3 * np.sin(np.linspace(-np.pi, np.pi, 1001))
    rmse = np.sqrt(np.mean((wave - np.clip(wave, -1, 1)) ** 2))
    assert rmse == pytest.approx(np.sqrt(squares * 2 / np.pi), rel=1e-3)
    reachable = np.tanh(np.linspace(-9, 9, 1001))
    assert rmse <= np.sqrt(np.mean(np.min((wave[:, None] - reachable) ** 2, axis=1)))
