"""The softmax chapter's experiments against independent arithmetic, and every claim that its prose makes of them."""

import itertools
import os
import re
import subprocess
import sys
import warnings
from importlib.util import find_spec
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments, plotting, widgets
from course_utils.experiments.output_layers import mistakes
from course_utils.experiments.softmax import calibration, simplex
from course_utils.experiments.training.networks import cross_entropy, digits, plain_network
from course_utils.experiments.training.seeds import train_each
from course_utils.plotting.descriptions import describe

ROW = [1.5, 4.4, 2.0]
KERAS = Path(find_spec("keras").origin).parent
SOURCE = Path(__file__).parents[2] / "notebooks" / "04_softmax.md"
# What the article's section says, and where the chapter shows or mends it.
CLAIMS = [
    ("softmax is the evolution of sigmoid", '**"Softmax is the evolution of the sigmoid."** Half true.'),
    ("handy for classification", "the last layer when exactly one of several classes is right"),
    ("values in [0, 1] that sum to 1, as probabilities", '**"Its values lie in [0, 1] and are probabilities."** Half true'),
    ("[1.5, 4.4, 2.0] becomes [0.048, 0.873, 0.079]", "It printed 0.04802413, 0.87279755, 0.0791784."),
]  # fmt: skip


def prose():
    """The chapter's words on one line, without its code."""
    text = SOURCE.read_text("utf-8")
    return " ".join(re.sub(r"^```\{code-cell\}.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE).split())


def cell(words):
    """The code of the one cell that holds these words."""
    cells = re.findall(r"^```\{code-cell\}\n(?::tags: [^\n]*\n\n)?(.*?)^```", SOURCE.read_text("utf-8"), re.DOTALL | re.MULTILINE)  # fmt: skip
    (found,) = [code for code in cells if words in code]
    return found


@pytest.mark.parametrize(("claim", "place"), CLAIMS)
def test_claim_of_the_article(claim, place):
    assert place in prose(), claim


def by_hand(scores):
    """Softmax in plain Python."""
    powers = [np.exp(float(score)) for score in scores]
    return [power / sum(powers) for power in powers]


# --- shares


def test_a_moving_score_against_softmax_by_hand():
    result = experiments.move_score(ROW, to=[-4, 0, 4.4])
    np.testing.assert_allclose(result.shares, [by_hand([1.5, to, 2.0]) for to in (-4, 0, 4.4)], rtol=1e-12)
    assert result.moved == "score of class 2"


def test_what_the_chapter_says_of_the_moving_score():
    shares = experiments.move_score(ROW).shares
    assert np.ptp(shares[:, 2] / shares[:, 0]) < 1e-12  # "they lose in step"
    assert shares[0, 2] / shares[0, 0] == pytest.approx(np.exp(0.5))
    assert round(np.exp(0.5), 2) == 1.65
    assert round(np.exp(4.4 - 2.0)) == 11  # "its share is eleven times as large"
    np.testing.assert_allclose(shares.sum(1), 1)


def test_a_temperature_against_softmax_by_hand():
    result = experiments.move_temperature(ROW, [0.5, 2])
    np.testing.assert_allclose(result.shares, [by_hand(np.divide(ROW, t)) for t in (0.5, 2)], rtol=1e-12)
    expected = [-sum(p * np.log(p) for p in row) for row in result.shares]
    np.testing.assert_allclose(result.entropies, expected, rtol=1e-12)


def test_entropy_from_one_class_to_all_equal():
    assert experiments.move_temperature([0, 1000], [1]).entropies[0] == pytest.approx(0, abs=1e-15)
    assert not np.signbit(experiments.move_temperature([0, 1000], [1]).entropies[0])
    assert experiments.move_temperature(np.zeros(3), [1]).entropies[0] == pytest.approx(np.log(3))
    assert round(np.log(3), 4) == 1.0986


def test_a_temperature_is_positive():
    with pytest.raises(ValueError, match="temperatures must be positive, got -1"):
        experiments.move_temperature(ROW, [1, -1])


def test_no_temperature_changes_the_order():
    result = experiments.move_temperature(ROW, [0.1, 0.5, 1, 2, 10, 1000])
    assert (result.shares.argsort(1) == [0, 2, 1]).all()
    assert (np.diff(result.entropies) > 0).all()  # "hot means flat"
    assert abs(result.shares[-1] - 1 / 3).max() < 1e-3


def test_a_table_of_shares():
    table = experiments.move_temperature(ROW, [1]).table()
    assert (table.index.name, list(table)) == ("temperature", ["class 1", "class 2", "class 3", "entropy"])
    assert list(table.loc[1]) == [0.0480, 0.8728, 0.0792, 0.4653]


def test_there_is_no_curve_of_softmax():
    curves = experiments.curves_of_softmax(51, 201, 801)
    for row in curves.values:
        assert row.sum() == pytest.approx(1)
    # A geometric series: the largest of n evenly spaced scores gets (1 - q) / (1 - q^n), q = e^(-8 / (n - 1)).
    q = np.exp(-8 / (np.array([51, 201, 801]) - 1))
    np.testing.assert_allclose(curves.heights, (1 - q) / (1 - q ** np.array([51, 201, 801])), rtol=1e-12)
    assert round(curves.heights[1], 3) == 0.039
    assert curves.heights[1] / curves.heights[2] == pytest.approx(4, rel=0.03)  # "about a quarter as high"
    assert [len(line.get_xdata()) for line in curves.plot().lines] == [51, 201, 801]


def test_slopes_against_small_steps():
    result, step = experiments.softmax_slopes(ROW), 1e-6
    for place in range(3):
        up, down = (np.array(by_hand(np.add(ROW, sign * step * np.eye(3)[place]))) for sign in (1, -1))
        np.testing.assert_allclose(result.slopes[:, place], (up - down) / (2 * step), rtol=1e-7)


def test_what_the_chapter_says_of_the_slopes():
    slopes, p = experiments.softmax_slopes(ROW).slopes, np.array(by_hand(ROW))
    np.testing.assert_allclose(slopes, slopes.T)
    np.testing.assert_allclose(slopes.sum(0), 0, atol=1e-15)
    np.testing.assert_allclose(np.diag(slopes), p * (1 - p))
    assert slopes[0, 1] == pytest.approx(-p[0] * p[1])
    assert (slopes[~np.eye(3, dtype=bool)] < 0).all()  # "shrinks with the others'"


def test_your_turn_with_three_rows_of_scores():
    level, ahead = (experiments.softmax_slopes(scores).slopes for scores in ([0, 0, 0], [10, 0, 0]))
    np.testing.assert_allclose(np.diag(level), 2 / 9)  # "0.2222, which is 1/3 times 2/3"
    assert abs(ahead).max() < 0.0001  # "0.0001 or less"
    assert abs(ahead).max() < abs(experiments.softmax_slopes(ROW).slopes).max() < abs(level).max()


def test_the_slopes_numbers_stand_in_the_picture():
    text = describe(experiments.softmax_slopes(ROW).plot().figure)
    assert "mean 0;" in text
    assert 'marked "+0.1110"' in text


def test_small_slopes_look_small():
    """ "Your turn" compares pictures: one scale of colours for all, and no number reads -0.0000."""
    maps = [experiments.softmax_slopes(scores).plot() for scores in (ROW, [0, 0, 0], [10, 0, 0])]
    assert len({ax.images[0].get_clim() for ax in maps}) == 1
    assert [text.get_text() for text in maps[2].texts] == ["+0.0001"] + ["≈ 0"] * 8


@pytest.mark.parametrize("right", range(3))
def test_cross_entropy_sends_back_p_minus_y(right):
    scores = tf.constant(ROW)
    with tf.GradientTape() as tape:
        tape.watch(scores)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(right, scores)
    np.testing.assert_allclose(tape.gradient(loss, scores), by_hand(ROW) - np.eye(3)[right], rtol=1e-5)
    assert float(loss) == pytest.approx(-np.log(by_hand(ROW)[right]), rel=1e-6)


# --- the triangle


def test_corners_and_middle():
    np.testing.assert_allclose(simplex.points_of(np.eye(3)), simplex.CORNERS)
    np.testing.assert_allclose(simplex.points_of([1 / 3] * 3), simplex.CORNERS.mean(0))
    sides = np.linalg.norm(simplex.CORNERS - np.roll(simplex.CORNERS, 1, axis=0), axis=1)
    np.testing.assert_allclose(sides, 1)


def test_a_triangle_has_three_classes():
    with pytest.raises(ValueError, match=r"room for three classes, got shares of shape \(2,\)"):
        simplex.points_of([0.5, 0.5])


def test_the_moving_score_runs_straight_and_ends_in_the_corner():
    points = simplex.points_of(experiments.move_score(ROW).shares)
    along = points - simplex.CORNERS[1]
    assert np.ptp(np.arctan2(along[:, 1], along[:, 0])) < 1e-9


def test_the_triangle_is_described_by_shares():
    text = describe(experiments.plot_softmax_paths(ROW).figure)
    assert text.startswith(
        "shares of three classes; temperature, 0.1 to 100 from (0, 1, 0) to (0.3296, 0.3392, 0.3312)"
    )
    assert "scores 1.5, 4.4, 2 at (0.048, 0.8728, 0.0792)" in text
    assert describe(experiments.plot_softmax_paths([1.5, 4.4, 2.1]).figure) != text


# --- bars under a slider


def test_bars_of_shares():
    ax = plotting.plot_softmax(ROW, temperature=2)
    heights = [bar.get_height() for bar in ax.containers[0]]
    np.testing.assert_allclose(heights, by_hand(np.divide(ROW, 2)))
    assert ax.get_title() == "temperature 2\nentropy 0.886"


def test_temperatures_side_by_side():
    panels = widgets.explore_temperature(ROW, temperatures=(1, 10))
    assert [ax.get_title().split("\n")[0] for ax in panels] == ["temperature 1", "temperature 10"]


# --- strangers


@pytest.fixture(scope="module")
def strangers():
    return experiments.out_of_distribution()


def test_what_the_chapter_says_of_the_strangers(strangers):
    assert strangers.accuracies.min() > 0.9  # "more than 90 % of the digits that it knows right"
    assert np.mean(strangers.known > 0.9, axis=1).min() > 0.9  # "nearly all of them"
    assert strangers.unseen.mean(1).min() > 0.8  # "more than 0.8 on average"
    above = np.mean(strangers.unseen > 0.9, axis=1)
    assert 0.4 < above.min() < above.max() < 0.65  # "about half of the strangers"
    assert abs(strangers.known.mean(1) - strangers.accuracies).max() < 0.05  # "about as sure as it is right"
    assert strangers.band().splitlines()[2] == (
        "digits it has never seen: all 5 seeds between 80% and 90% sure on average"
    )


def test_your_turn_with_strangers_at_three_lengths():
    early, later, late = (experiments.out_of_distribution(steps=steps) for steps in (100, 200, 3000))
    assert min(early.accuracies) > 0.93  # "more than nine in ten of its own digits right"
    assert abs(early.unseen.mean(1) - 0.61).max() < 0.025  # "only about 0.6"
    assert (early.unseen.mean(1) < later.unseen.mean(1)).all()
    assert abs(late.unseen.mean(1) - 0.89).max() < 0.035  # "about 0.9"


def test_known_and_strangers_are_all_test_digits(strangers):
    _, _, _, labels = digits()
    assert strangers.known.shape == (5, np.sum(labels < 5))
    assert strangers.unseen.shape == (5, np.sum(labels >= 5))
    assert 1 / 5 <= strangers.unseen.min() < strangers.unseen.max() <= 1


def test_the_picture_of_strangers_counts_all_of_them(strangers):
    known, unknown = strangers.plot().lines
    counts = np.histogram(strangers.known[0], bins=np.linspace(0.2, 1, 9))[0]
    assert counts.sum() == strangers.known.shape[1]
    assert known.get_ydata()[-1] == pytest.approx(np.median(np.mean(strangers.known >= 0.9, axis=1)))
    assert unknown.get_ydata()[-1] < known.get_ydata()[-1]


def test_as_sure_as_right_on_average_is_not_enough():
    """The example that the chapter gives: 75 % each time, right on one half and half of the time on the other."""
    sure, right = np.full(400, 0.75), np.r_[np.ones(200), np.tile([1, 0], 100)]
    assert sure.mean() == right.mean()
    assert right[:200].mean() == 1
    assert right[200:].mean() == 0.5
    assert "could pass for probabilities" not in prose()
    assert "So is its share a probability? Not yet." in prose()


# --- calibration


@pytest.fixture(scope="module")
def trained():
    return experiments.calibration("digits", steps=800)


@pytest.fixture(scope="module")
def smoothed():
    return {data: experiments.calibration(data, steps=800, smoothing=0.1) for data in ("digits", "clouds")}


@pytest.fixture(scope="module")
def clouds():
    return experiments.calibration("clouds", steps=800)


def made_up(shares, right):
    """A `Calibration` of one seed and two classes with these shares of the answers."""
    share = np.array(shares)
    logits = np.stack([np.log(share), np.log(1 - share)], axis=1)[None]
    labels = np.where(right, 0, 1)
    return calibration.Calibration("made up", logits, labels, logits, labels, np.ones(1))


def test_groups_and_their_error_by_hand():
    result = made_up([0.62, 0.68, 0.91, 0.93, 0.95, 0.97], [True, False, True, True, True, False])
    counts, sure, right = (part[0] for part in result.groups)
    assert list(counts) == [0, 0, 0, 0, 0, 0, 2, 0, 0, 4]
    np.testing.assert_allclose([sure[6], sure[9]], [0.65, 0.94])
    np.testing.assert_allclose([right[6], right[9]], [0.5, 0.75])
    np.testing.assert_allclose(result.errors, (2 * 0.15 + 4 * 0.19) / 6)
    assert np.isnan(sure[0])


def test_an_answer_that_is_sure_to_100_percent_is_in_the_last_group():
    assert list(made_up([1 - 1e-16], [True]).groups[0][0]) == [0] * 9 + [1]


def test_the_fitted_temperature_has_the_lowest_loss():
    random = np.random.default_rng(0)
    scores = random.normal(size=(500, 4))
    labels = np.array([random.choice(4, p=by_hand(row)) for row in scores])
    for factor in (0.2, 1.0, 7.0):
        found = calibration.fitted_temperature(factor * scores, labels)
        tried = np.linspace(0.5, 2, 3001) * factor
        losses = [calibration.mean_loss(factor * scores / t, labels) for t in tried]
        assert found == pytest.approx(tried[np.argmin(losses)], abs=0.001 * factor)
        assert found == pytest.approx(factor, rel=0.2)  # the labels were drawn at temperature 1


def test_where_no_temperature_is_lowest_it_is_one_of_the_ends():
    assert calibration.fitted_temperature(np.array([[3.0, 0.0]]), [0]) == pytest.approx(calibration.COLDEST)
    assert calibration.fitted_temperature(np.array([[3.0, 0.0]]), [1]) == pytest.approx(calibration.HOTTEST)


def test_smoothed_labels():
    np.testing.assert_allclose(calibration.smoothed([2], 10, 0.1), [[0.01, 0.01, 0.91] + 7 * [0.01]])
    np.testing.assert_allclose(
        keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)([[0.0, 1, 0]], [ROW]),
        -calibration.smoothed([1], 3, 0.1)[0] @ np.log(by_hand(ROW)),
        rtol=1e-5,
    )  # Keras means the same by it


def test_half_of_the_test_digits_are_held_out_and_none_of_them_is_fresh():
    made = calibration.DATA["digits"]()
    assert [len(x) for x, _ in (made.learned, made.held_out, made.fresh)] == [1347, 1350, 1350]
    _, _, x_test, y_test = digits()
    assert np.array_equal(made.held_out[1], np.tile(y_test[:225], 6))
    assert abs(made.fresh[0][:225] - x_test[225:]).mean() == pytest.approx(
        calibration.NOISE * np.sqrt(2 / np.pi), rel=0.02
    )
    assert not np.array_equal(made.fresh[0][:225], made.fresh[0][225:450])  # each copy has noise of its own
    assert [len(x) for x, _ in vars(calibration.DATA["clouds"]()).values()] == [400, 1500, 1500]


def test_data_sets_are_known():
    with pytest.raises(ValueError, match=r"Unknown data set 'cats'\. Choose one of: digits, clouds\."):
        experiments.calibration("cats")


def test_what_the_chapter_says_of_sure_and_right(trained):
    assert abs(trained.right.mean(axis=1) - 5 / 6).max() < 0.03  # "about one answer in six wrong"
    counts, _, right = trained.groups
    assert 0.5 < right[:, 8].min() < right[:, 8].max() < 0.7  # "between 50 % and 70 %"
    drawn = counts.min(axis=0) >= 30
    assert (np.median(right, axis=0)[drawn] < np.median(trained.groups[1], axis=0)[drawn]).all()  # "Everywhere below"
    assert trained.right.shape == (5, 1350)


def test_the_count_in_the_open_is_that_of_the_picture(trained, capsys):
    names = {"experiments": experiments}
    exec(cell("for low, high in"), names)
    lines = capsys.readouterr().out.splitlines()
    counts, _, right = (part[0] for part in trained.groups)
    expected = [f"{n:4} answers, {share:.2f} right" for n, share in zip(counts[5:], right[5:], strict=True)]
    assert [line.partition(": ")[2] for line in lines[1:]] == expected


def test_it_knows_its_training_pictures_by_heart(monkeypatch):
    made = calibration.DATA["digits"]()
    by_heart = calibration.Examples(made.learned, made.learned, made.learned)
    monkeypatch.setitem(calibration.DATA, "digits", lambda: by_heart)
    known = experiments.calibration("digits", steps=800)
    assert known.right.mean() > 0.999
    assert known.with_fitted_temperature("").temperatures.max() < 0.1  # quiz: "the lowest loss is at the coldest"


def test_what_it_cannot_learn_by_heart_leaves_it_about_as_sure_as_right(monkeypatch):
    """The cause, taken out: the same network and pictures, with new noise (nearly) each time that it sees one."""
    made, (x, y, _x, _y) = calibration.DATA["digits"](), digits()
    copies, random = 60, np.random.default_rng(1)
    x = np.tile(x.astype(float), (copies, 1))
    always_new = x + calibration.NOISE * random.normal(size=x.shape), np.tile(y, copies)
    monkeypatch.setitem(calibration.DATA, "digits", lambda: calibration.Examples(always_new, made.held_out, made.fresh))
    for look in calibration.at_marks("digits", [800, 1600]):
        assert abs(look.sure.mean(axis=1) - look.right.mean(axis=1)).max() < 0.04


def test_your_turn_with_three_lengths():
    looks = calibration.at_marks("digits", [150, 300, 800, 1600])
    assert looks[0].errors.max() <= 0.03  # "close to the diagonal"
    assert abs(looks[0].sure.mean(axis=1) - looks[0].right.mean(axis=1)).max() < 0.025
    for shorter, longer in itertools.pairwise(looks):
        assert (shorter.sure.mean(axis=1) < longer.sure.mean(axis=1)).all()  # "only makes it more confident"
    assert max(abs(look.right.mean(axis=1) - 0.84).max() for look in looks) < 0.025  # "around 84 %"


def test_what_the_chapter_says_of_the_temperature(trained):
    table = trained.losses_by_temperature([0.5, 1, 1.5, 2, 2.5, 3, 4, 6])
    assert set(table.idxmin()) <= {2.0, 2.5, 3.0}  # "somewhere between 2 and 3"
    fitted = trained.with_fitted_temperature("fitted")
    assert 2 < fitted.temperatures.min() < fitted.temperatures.max() < 3
    np.testing.assert_array_equal(fitted.right, trained.right)  # "no answer changes"
    assert 0.09 < trained.errors.min() < trained.errors.max() < 0.115  # "from about a tenth"
    assert fitted.errors.max() <= 0.03  # "to 0.03 or less, with each seed"
    assert (fitted.losses < trained.losses).all()


@pytest.mark.parametrize("data", ["digits", "clouds"])
def test_a_temperature_helps_at_other_rates_and_lengths(data):
    """After a long training, each at its own best rate (the lowest held-out loss) and at every other one."""
    helped = {}
    for rate in (0.001, 0.003, 0.01):
        for look in calibration.at_marks(data, [800, 2000], rate=rate):
            fitted = look.with_fitted_temperature("")
            helped[rate, look.label] = (fitted.errors < look.errors).all() and (fitted.losses < look.losses).all()
            assert (look.sure.mean(axis=1) > look.right.mean(axis=1)).all(), (rate, look.label)  # overconfident
    assert all(helped.values()), helped


def test_what_the_chapter_says_of_label_smoothing(trained, clouds, smoothed):
    held_back, too_little = smoothed["digits"], smoothed["clouds"]
    assert abs(held_back.sure.mean(axis=1) - 0.75).max() < 0.02  # "right about 84 % of the time and sure to about 75 %"
    assert abs(held_back.right.mean(axis=1) - 0.84).max() < 0.025
    assert held_back.with_fitted_temperature("").temperatures.max() < 0.8
    assert (too_little.sure.mean(axis=1) - too_little.right.mean(axis=1)).min() > 0.02  # "a little overconfident"
    assert (too_little.errors < clouds.errors).all()
    assert (too_little.right.mean(axis=1) < clouds.right.mean(axis=1)).all()  # "it gets fewer answers right"
    assert clouds.with_fitted_temperature("").errors.max() <= 0.03
    (early,) = calibration.at_marks("clouds", [30], smoothing=0.1)
    assert (early.right.mean(axis=1) - early.sure.mean(axis=1)).min() > 0.015  # "after 30 steps ... overshot as well"


def test_smoothing_makes_it_about_as_sure_of_its_training_pictures_as_the_question_says(monkeypatch):
    learned = calibration.DATA["digits"]().learned
    monkeypatch.setitem(calibration.DATA, "digits", lambda: calibration.Examples(learned, learned, learned))
    known = experiments.calibration("digits", steps=800, smoothing=0.1)
    assert abs(known.sure.mean(axis=1) - 0.88).max() < 0.01


def test_the_table_and_the_picture_of_calibration(trained):
    fitted = trained.with_fitted_temperature("with its temperature")
    table = experiments.reliability_table([trained, fitted])
    assert list(table) == ["accuracy", "sure on average", "calibration error", "loss", "temperature"]
    assert table.loc["800 steps", "temperature"] == "1.00"
    right = trained.right.mean(axis=1)
    low, high = map(float, table.loc["800 steps", "accuracy"].split(" to "))
    assert low <= right.min() < low + 0.01
    assert high - 0.01 < right.max() <= high
    diagonal, before, after = experiments.plot_reliability([trained, fitted]).lines
    assert list(diagonal.get_xdata()) == list(diagonal.get_ydata())
    np.testing.assert_allclose(before.get_ydata()[-1], np.median(trained.groups[2][:, -1]))
    assert abs(after.get_xdata() - after.get_ydata()).max() < 0.06  # "the line lies on the diagonal"


def test_dividing_twice_multiplies_the_temperatures(trained):
    twice = trained.divided(2, "a").divided(3, "b")
    np.testing.assert_allclose(twice.logits, trained.logits / 6)
    assert list(twice.temperatures) == [6] * 5


# --- losses


def test_first_losses():
    honest, sure = experiments.first_losses(), experiments.first_losses(scale=255)
    assert abs(honest - np.log(10)).max() < 0.1  # "near ln k"
    assert 90 < sure.min() < sure.max() < 170  # "about a hundred"
    x, y, _, _ = digits()
    scores = plain_network("relu", depth=2, seed=1)(255 * x).numpy().astype(float)
    chosen = scores[np.arange(len(y)), y]
    by_formula = np.log(np.exp(scores - scores.max(1, keepdims=True)).sum(1)) + scores.max(1) - chosen
    assert sure[1] == pytest.approx(by_formula.mean(), rel=1e-5)


def test_your_turn_with_three_scales():
    four, sixteen, sixty_four = (experiments.first_losses(scale=scale) for scale in (4, 16, 64))
    assert 2.5 < four.min() < four.max() < 3.3  # "about 3"
    assert 6 < sixteen.min() < sixteen.max() < 11
    assert 20 < sixty_four.min() < sixty_four.max() < 45


def test_the_largest_score_of_unscaled_pixels():
    x, _, _, _ = digits()
    largest = [float(tf.reduce_max(plain_network("relu", depth=2, seed=seed)(255 * x))) for seed in range(5)]
    assert 170 < min(largest) < max(largest) < 340


def test_class_losses_against_the_formula():
    gaps = np.array([0.0, 5, 16, 17, 200])
    result = experiments.class_losses(gaps)
    for way in ("the logits", "Keras's softmax"):
        np.testing.assert_allclose(result.losses[way], np.logaddexp(0, gaps), rtol=1e-5)
        np.testing.assert_allclose(result.slopes[way], 1 / (1 + np.exp(gaps)) - 1, rtol=1e-5)
    np.testing.assert_allclose(result.losses["tf.nn.softmax"], np.minimum(np.logaddexp(0, gaps), 16.118), rtol=1e-4)
    assert list(result.slopes["tf.nn.softmax"][3:]) == [0, 0]
    share = 1 / (1 + np.exp(gaps))  # of the right class; taken for logits, the shares' gap is 1 - 2 share
    np.testing.assert_allclose(result.losses["softmax as logits"], np.logaddexp(0, 1 - 2 * share), rtol=1e-5)
    assert abs(result.slopes["softmax as logits"][1:]).max() < 0.01  # "next to nothing"
    assert "-0.00" not in result.table().to_string()


def test_which_losses_look_for_the_scores():
    """Not each cross-entropy, as the chapter once said: the focal one takes what it is given."""
    shares = keras.activations.softmax(tf.constant([[0.0, 200.0]]))
    one_hot, number = tf.constant([[1.0, 0.0]]), tf.constant([0])
    assert float(keras.losses.CategoricalCrossentropy()(one_hot, shares)) == pytest.approx(200)
    assert float(keras.losses.SparseCategoricalCrossentropy()(number, shares)) == pytest.approx(200)
    said_no = keras.activations.sigmoid(tf.constant([[-200.0]]))
    assert float(keras.losses.BinaryCrossentropy()(tf.constant([[1.0]]), said_no)) == pytest.approx(200)
    assert float(keras.losses.CategoricalFocalCrossentropy()(one_hot, shares)) == pytest.approx(4.03, abs=0.01)
    for entropy, target in (
        (keras.losses.CategoricalCrossentropy(), one_hot),
        (keras.losses.SparseCategoricalCrossentropy(), number),
    ):
        cut_off = float(entropy(target, shares * 1.0))
        assert cut_off == pytest.approx(16.118, abs=0.001)  # "even if it is only `* 1.0`, the scores are gone"
    assert "Each cross-entropy of Keras looks for" not in prose()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_no_loss_of_other_backends_looks_for_the_scores(backend):
    assert "_keras_logits" in (KERAS / "src/activations/activations.py").read_text("utf-8")  # attached on each of them
    assert "_keras_logits" not in (KERAS / f"src/backend/{backend}/nn.py").read_text("utf-8")
    assert "_keras_logits" in (KERAS / "src/backend/tensorflow/nn.py").read_text("utf-8")
    assert "When Keras runs on TensorFlow" in prose()


def test_a_soft_arg_max_and_a_soft_maximum():
    """Softmax is a soft arg max; the soft maximum is log-sum-exp, whose slopes softmax is."""
    random = np.random.default_rng(0)
    for scores in (np.zeros(3), np.array(ROW), *random.normal(size=(20, 5), scale=5)):
        soft = np.log(np.sum(np.exp(scores)))
        assert scores.max() < soft <= scores.max() + np.log(len(scores)) + 1e-12
        steps = 1e-6 * np.eye(len(scores))
        slopes = [(np.log(np.sum(np.exp(scores + s))) - np.log(np.sum(np.exp(scores - s)))) / 2e-6 for s in steps]
        np.testing.assert_allclose(slopes, by_hand(scores), atol=1e-8)
    assert "a *maximum* gives everything to the largest score" not in prose()
    assert "Softmax is a soft version of it." in prose()
    assert "Log-sum-exp is the soft version of the *maximum*" in prose()


def test_inside_a_graph_keras_recognises_softmax():
    entropy = keras.losses.SparseCategoricalCrossentropy()

    @tf.function
    def loss(scores):
        return entropy(tf.constant([0]), tf.nn.softmax(scores))

    assert float(loss(tf.constant([[-17.0, 0.0]]))) == pytest.approx(17)


# --- endings


CHAPTER = [
    "sigmoid(1) + BCE", "softmax(1) + BCE", "sigmoid(1) + BCE(from_logits=True)", "sigmoid(1) + CCE", "linear(1) + BCE",
    "softmax(10) + SparseCCE", "softmax(10) + SparseCCE(from_logits=True)", "sigmoid(10) + SparseCCE",
    "own softmax(10) + SparseCCE(from_logits=True)", "linear(10) + SparseCCE",
]  # fmt: skip


def trained_on(task):
    """All endings: those that the chapter shows with its five seeds, the others with three."""
    seeds = {ending: range(5) if ending in CHAPTER else range(3) for ending in mistakes.TASKS[task].endings}
    return mistakes.OutputMistakes(
        task, {name: experiments.train_output(task, name, seeds=chosen) for name, chosen in seeds.items()}
    )


@pytest.fixture(scope="module")
def binary():
    return trained_on("binary")


@pytest.fixture(scope="module")
def ten():
    return trained_on("ten classes")


RIGHT = {
    "binary": ["sigmoid(1) + BCE", "linear(1) + BCE(from_logits=True)", "softmax(2) + SparseCCE", "sigmoid(1) + MSE"],
    "ten classes": ["softmax(10) + SparseCCE", "linear(10) + SparseCCE(from_logits=True)", "sigmoid(10) + BCE on one-hot"],
}  # fmt: skip


def assert_the_same_training(one, other):
    """The losses agree; towards the end only to a line's width, since training magnifies in what order threads add up."""
    np.testing.assert_allclose(one.losses[:, :5], other.losses[:, :5], rtol=1e-3)
    np.testing.assert_allclose(one.losses, other.losses, atol=0.01)


def test_two_moons():
    x, y, x_test, y_test = experiments.moons()
    assert (x.shape, x_test.shape, x.dtype, y.dtype) == ((400, 2), (400, 2), np.float32, np.int32)
    assert y.mean() == y_test.mean() == 0.5
    assert not np.array_equal(x, x_test)


def test_right_endings_learn_in_silence(binary, ten):
    for result in (binary, ten):
        for ending in RIGHT[result.task]:
            training = result[ending]
            assert training.learned == len(training.accuracies), ending
            assert training.accuracies[:, -1].min() > 0.93, ending
            assert not training.warnings, ending
            np.testing.assert_allclose(training.recomputed, training.losses[:, -1], rtol=1e-3)


def test_the_loss_of_a_training_is_the_formulas(binary):
    training = binary["sigmoid(1) + BCE"]
    network = mistakes._network(2, mistakes.BINARY["sigmoid(1) + BCE"], 0)
    x, y, x_test, y_test = experiments.moons()
    p = network(x).numpy()[:, 0].astype(float)
    assert training.losses[0, 0] == pytest.approx(-np.mean(np.log(np.where(y == 1, p, 1 - p))), rel=1e-5)
    assert training.accuracies[0, 0] == np.mean((network(x_test).numpy()[:, 0] > 0.5) == y_test)
    assert (training.steps[0], training.steps[-1], len(training.steps)) == (0, 150, 11)
    assert training.predictions.shape == (5, 400, 1)


def test_a_softmax_of_one_unit(binary):
    wrong, right = binary["softmax(1) + BCE"], binary["sigmoid(1) + BCE"]
    noise = 2**-23 if os.environ.get("COURSE_NOISE") else 0  # what `make portable` adds
    assert (1 - wrong.predictions).max() <= 2**-24 + noise  # "1, or the float32 just below it"
    assert wrong.predictions.max() <= 1
    assert (wrong.accuracies == 0.5).all()  # "half of them"
    assert_the_same_training(wrong, right)  # "the same loss, step by step"
    assert abs(np.median(wrong.losses[:, 0]) - np.log(2)) < 0.05  # "near ln 2"
    assert wrong.losses[:, -1].max() < 0.1  # "from 0.7 to less than 0.1"
    # Half of the points are "no", and Keras lets 1 - p be no smaller than 2^-23.
    np.testing.assert_allclose(wrong.recomputed, 23 * np.log(2) / 2, rtol=1e-3)
    assert "always return the value 1" in wrong.warnings[0]
    assert len(wrong.warnings) == 1


def test_the_softmax_of_one_unit_in_the_open(binary, capsys):
    names = {"experiments": experiments, "np": np}
    exec(cell("history = model.fit("), names)
    assert "always return the value 1" in " ".join(str(warning.message) for warning in names["caught"])
    assert (names["said"] > 0.99999).all()
    assert capsys.readouterr().out.splitlines() == [
        "loss in the last epoch under 0.1: True",
        "first answers: [1. 1. 1. 1.]  right ones: [1 0 1 1]",
        "share of the test points that is right: 0.5",
    ]


@pytest.mark.parametrize(
    ("loss", "looks"),
    [
        (keras.losses.CategoricalCrossentropy(), True),
        (keras.losses.BinaryCrossentropy(), True),
        (keras.losses.SparseCategoricalCrossentropy(), True),
        (keras.losses.CategoricalFocalCrossentropy(), False),
    ],
)
def test_which_losses_go_back_to_the_scores(loss, looks):
    """ "BCE, CCE and SparseCCE look for these scores"; "Not every loss looks for the scores". Only the scores know of 200."""
    two = tf.constant([[0.0, 200.0]])
    if isinstance(loss, keras.losses.BinaryCrossentropy):
        shown, right = keras.activations.sigmoid(-two[:, 1:]), tf.constant([[1.0]])
    elif isinstance(loss, keras.losses.SparseCategoricalCrossentropy):
        shown, right = keras.activations.softmax(two), tf.constant([0])
    else:
        shown, right = keras.activations.softmax(two), tf.constant([[1.0, 0.0]])
    got = float(loss(right, shown))
    assert (got == pytest.approx(200)) if looks else (got < 17)
    assert "cross-entropy of Keras looks for" not in prose()  # what the chapter once said of each of them


def test_keras_repairs_a_sigmoid_before_from_logits(binary):
    repaired = binary["sigmoid(1) + BCE(from_logits=True)"]
    assert_the_same_training(repaired, binary["sigmoid(1) + BCE"])
    assert repaired.learned == 5
    assert "from_logits=True" in repaired.warnings[0]
    assert repaired.recomputed.min() > 0.5


def test_one_sigmoid_with_categorical_cross_entropy(binary):
    wrong = binary["sigmoid(1) + CCE"]
    assert (wrong.losses == 0).all()  # "the loss 0 from the first step to the last"
    assert wrong.learned == 0
    assert wrong.predictions.max() < 1e-6  # "the outputs drift to 0 all the same"
    score = tf.Variable([[1.0]])
    with tf.GradientTape() as tape, pytest.warns(SyntaxWarning, match="expected y_pred"):
        loss = mistakes.CCE()(tf.constant([[0.0]]), keras.activations.sigmoid(score))
    assert float(loss) == 0
    assert float(tape.gradient(loss, score)[0, 0]) == pytest.approx(1)  # "the slope is 1 there, at a loss of 0"
    assert np.isnan(wrong.recomputed).all()


@pytest.mark.parametrize("ending", ["linear(1) + BCE", "relu(1) + BCE", "tanh(1) + BCE"])
def test_luck(binary, ending):
    training = binary[ending]
    learned = training.accuracies[:, -1] >= 0.85
    if ending == "linear(1) + BCE":
        assert list(np.flatnonzero(learned)) == [0, 1, 3]  # "Three seeds were lucky"
    assert 0 < learned.sum() < len(learned)
    first, last = training.losses[~learned][:, [0, -1]].T
    np.testing.assert_allclose(last, first, rtol=1e-4)  # "stuck where they started"
    assert training.accuracies[learned, -1].min() > 0.93


def test_a_double_softmax_is_none_with_keras(ten):
    twice, right = ten["softmax(10) + SparseCCE(from_logits=True)"], ten["softmax(10) + SparseCCE"]
    assert_the_same_training(twice, right)
    assert np.mean(twice.predictions.argmax(2) == right.predictions.argmax(2)) > 0.99  # "and so are the predictions"
    assert "from_logits=True" in twice.warnings[0]


def test_a_real_double_softmax(ten):
    twice, floor = ten["own softmax(10) + SparseCCE(from_logits=True)"], np.log(np.e + 9) - 1
    assert round(floor, 2) == 1.46
    assert floor < twice.losses.min() < 1.55
    assert twice.learned == 5  # "and yet, with Adam at this learning rate, all five seeds learn"
    assert not twice.warnings


def test_plain_sgd_falls_behind_with_a_real_double_softmax():
    x, y, x_test, y_test = digits()
    right = {}
    for name in ("own softmax(10) + SparseCCE(from_logits=True)", "softmax(10) + SparseCCE"):
        ending = mistakes.TASKS["ten classes"].endings[name]
        networks = [mistakes._network(64, ending, seed) for seed in range(5)]
        trained = train_each(networks, ending.loss, x, y, optimizer=keras.optimizers.SGD(0.3), steps=500, batch=32)
        right[name] = np.array([np.mean(network(x_test).numpy().argmax(1) == y_test) for network in trained])
    twice, once = right.values()
    assert np.sum(twice < 0.85) >= 3  # "more than half of the seeds end below 85 % right"
    assert once.min() > 0.93


def test_ten_sigmoids_with_sparse_cross_entropy(ten):
    sigmoids, right = ten["sigmoid(10) + SparseCCE"], ten["softmax(10) + SparseCCE"]
    assert_the_same_training(sigmoids, right)
    assert np.mean(sigmoids.predictions.argmax(2) == right.predictions.argmax(2)) > 0.99
    assert abs(sigmoids.predictions.sum(2) - 1).max() > 0.5  # "its outputs don't sum to 1"


def test_forgotten_from_logits(ten):
    forgotten = ten["linear(10) + SparseCCE"]
    assert forgotten.learned == 0
    assert forgotten.accuracies[:, -1].max() < 0.5
    assert np.median(forgotten.losses[:, -1]) == pytest.approx(np.log(10), rel=0.02)
    assert round(np.median(forgotten.losses[:, 0]), 1) == 8.0
    assert not forgotten.warnings


@pytest.mark.parametrize("ending", ["relu(10) + SparseCCE(from_logits=True)", "linear(1) + MSE"])
def test_other_endings_that_fail(ten, ending):
    assert ten[ending].learned == 0
    assert 0.3 < ten[ending].accuracies[:, -1].min() < ten[ending].accuracies[:, -1].max() < 0.85


@pytest.mark.parametrize(
    ("task", "ending", "error"),
    [
        ("binary", "sigmoid(1) + SparseCCE", "InvalidArgumentError"),
        ("ten classes", "softmax(10) + CCE", "ValueError"),
        ("ten classes", "softmax(10) + SparseCCE on one-hot", "ValueError"),
    ],
)
def test_refused_endings(task, ending, error, binary, ten):
    refused = {"binary": binary, "ten classes": ten}[task][ending]
    assert refused.error == error
    assert refused.row() == (ending, "-", "-", "-", "-", error)
    assert refused.learned == 0


def test_the_table_of_endings(binary):
    table = binary.table()
    assert table.index.name == "output + loss"
    assert list(table) == ["first loss", "last loss", "recomputed", "learn", "Keras says"]
    assert list(table.loc["sigmoid(1) + BCE"]) == ["0.7", "<0.1", "<0.1", "5 of 5", "nothing"]
    assert list(table.loc["softmax(1) + BCE"]) == ["0.7", "<0.1", "8.0", "0 of 5", "a warning"]
    assert list(table.loc["sigmoid(1) + CCE"]) == ["0", "0", "nan", "0 of 5", "a warning"]
    assert list(table.loc["linear(1) + BCE"])[1:4] == ["<0.5", "<0.5", "3 of 5"]
    assert list(table.loc["sigmoid(1) + SparseCCE"]) == ["-", "-", "-", "-", "InvalidArgumentError"]


def test_the_picture_of_endings(binary):
    left, right = binary.plot()
    assert len(left.lines) == 6  # as many as can be told apart; the refused one is left out
    np.testing.assert_allclose(left.lines[0].get_ydata(), np.median(binary["sigmoid(1) + BCE"].losses, axis=0))
    np.testing.assert_allclose(right.lines[0].get_ydata(), np.median(binary["sigmoid(1) + BCE"].accuracies, axis=0))


def test_training_an_output_is_repeatable_and_leaves_warnings_alone():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        first, second = (experiments.train_output("binary", "softmax(1) + BCE", seeds=[3]) for _ in range(2))
    assert_the_same_training(first, second)


def test_marks_on_the_way_change_nothing_of_a_training():
    x, y, _, _ = experiments.moons()
    finals = []
    for steps in (20, [0, 5, 20]):
        networks = [plain_network("tanh", depth=1, width=4, inputs=2, outputs=2, seed=seed) for seed in range(2)]
        looks = train_each(networks, cross_entropy, x, y, optimizer=keras.optimizers.Adam(0.01), steps=steps, batch=8)
        finals.append([network.layers[0].kernel.numpy() for network in looks])
    (first, second), (start, _, last, _, _, last_of_second) = finals
    np.testing.assert_allclose(last, first, rtol=1e-3, atol=1e-4)  # threads may add up in another order
    np.testing.assert_allclose(last_of_second, second, rtol=1e-3, atol=1e-4)
    assert abs(start - last).max() > 0.01


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("binary", "sigmod(1)"),
            r"The task 'binary' has no ending 'sigmod\(1\)'. Choose one of: sigmoid\(1\) \+ BCE, ",
        ),
        (("two", "sigmoid(1) + BCE"), "Unknown task 'two'. Choose one of: binary, ten classes."),
    ],
)
def test_unknown_names(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        experiments.train_output(*arguments)


# --- floating point and calls


def test_where_powers_overflow():
    for dtype, below, over in ((tf.float16, 11.0, 12.0), (tf.bfloat16, 88.0, 89.0), (tf.float32, 88.0, 89.0)):
        assert list(np.isinf(tf.exp(tf.constant([below, over], dtype)).numpy().astype(float))) == [False, True]
    assert float(np.finfo(np.float16).max) == 65504
    assert f"{np.exp(12):,.2f}" == "162,754.79"


def test_bfloat16_rounds_the_scores():
    rounded = tf.constant([1000.0, 1001.0, 1002.0], tf.bfloat16)
    assert (rounded.numpy().astype(float) == 1000).all()
    # In bfloat16 itself TensorFlow's softmax raises AbortedError on CPUs without AVX-512, so the chapter casts first.
    np.testing.assert_allclose(tf.nn.softmax(tf.cast(rounded, tf.float32)), 1 / 3, rtol=1e-6)


def test_float32_reaches_both_ends():
    assert 1 - tf.nn.softmax([20.0, 0.0]).numpy()[0] <= 2**-23  # "1 or the float32 just below it"
    assert float(tf.nn.softmax([20.0, 0.0])[1]) > 0
    assert tf.nn.softmax([200.0, 0.0]).numpy()[1] == 0


def test_adding_the_same_to_all_scores_changes_nothing():
    np.testing.assert_allclose(tf.nn.softmax(np.add(ROW, 100)), by_hand(ROW), rtol=1e-5)


def test_the_articles_digits_come_back_without_onednn():
    code = "import tensorflow as tf; print(tf.nn.softmax(tf.constant([[1.5, 4.4, 2.0]])).numpy()[0])"
    quiet = os.environ | {"TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    ran = subprocess.run([sys.executable, "-c", code], env=quiet, capture_output=True, text=True, check=True)
    printed = [float(number) for number in ran.stdout.strip(" []\n").split()]
    # "on another processor the last one may differ again"
    np.testing.assert_allclose(printed, [0.04802413, 0.87279755, 0.0791784], rtol=3e-7)


def test_cross_entropy_of_equal_shares():
    assert float(cross_entropy(tf.constant([4]), tf.zeros((1, 10)))) == pytest.approx(np.log(10))
