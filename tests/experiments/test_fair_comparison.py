"""Fair comparisons: each contender at its own best rate, what is not a number has lost, and one graph equals many."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from course_utils import experiments
from course_utils.experiments.training.fair_comparison import FairComparison, data_set
from course_utils.experiments.training.networks import accuracy, digits, plain_network
from course_utils.experiments.training.races import Race
from course_utils.experiments.training.stacked import batches

NAN = float("nan")


def comparison(*by_rate, rates=(0.1, 1.0, 10.0)):
    """One data set, one length; for each contender a list of rates, each with its seeds' losses."""
    losses = np.array(by_rate)[None, ..., None]
    return FairComparison(("a", "b", "c")[: len(by_rate)], "sgd", np.array(rates), (100,), ("digits",), losses, losses)


def test_each_contender_is_judged_at_its_own_best_rate():
    result = comparison([[3, 3], [1, 1.2], [2, 2]], [[0.5, 0.9], [3, 3], [4, 4]])
    assert result.best_rates.ravel().tolist() == [1.0, 0.1]
    assert result.winner() == "b"
    assert result.seeds_won("b", "a").tolist() == [[2]]
    assert result.at_the_edge.ravel().tolist() == [False, True]
    assert list(result.table()["best rate"]) == ["1", "0.1 (edge)"]


def test_what_is_not_a_number_has_lost():
    result = comparison([[NAN, NAN], [2, 2], [2.5, 2.5]], [[3, 3], [1, NAN], [NAN, NAN]])
    assert result.best_rates.ravel().tolist() == [
        1.0,
        0.1,
    ]  # a rate under which a seed of two breaks down is not the best
    assert result.winner() == "a"
    broken = comparison([[NAN, NAN]] * 3, [[5, 5]] * 3)
    assert broken.winner() == "b"
    assert not comparison([[NAN, NAN]] * 3, [[NAN, NAN]] * 3).beats("a", "b")


def test_no_winner_where_one_seed_disagrees():
    result = comparison([[1, 2], [3, 3], [3, 3]], [[2, 1], [3, 3], [3, 3]])
    assert result.winner() is None
    assert result.seeds_won("a", "b").tolist() == [[1]]


def test_a_race_has_no_winner_that_is_not_a_number():
    race = Race(
        "", ("relu", "elu"), np.array([[NAN, 0.2, NAN], [0.3, 0.1, NAN]]), np.array([[1, 0.5, 0.1], [0.9, 0.8, 0.1]])
    )
    assert race.winners == ("elu", "elu", None)
    assert race.first_by_accuracy == (("elu",), ("elu",), ())
    assert not race.seeds_agree


def test_an_answer_that_is_not_a_number_is_not_right():
    x, y = np.zeros((4, 64), "float32"), np.zeros(4, "int32")
    broken = plain_network("relu", depth=1)
    broken.layers[-1].bias.assign(np.full(10, NAN))
    assert accuracy(broken, x, y) == 0


@pytest.mark.parametrize(("optimizer", "kind"), [("sgd", keras.optimizers.SGD), ("adam", keras.optimizers.Adam)])
def test_all_in_one_graph_is_as_each_alone(optimizer, kind):
    rates, seeds, steps = (0.01, 0.1), (3, 4), 12
    together = experiments.compare_fairly(
        {"tanh": "tanh", "he": {"activation": "relu", "initializer": "he_normal"}},
        optimizer=optimizer, rates=rates, lengths=(5, steps), data=("digits",), depth=1, width=8, seeds=seeds,
    )  # fmt: skip
    x, y, _, _ = digits()
    chosen = batches(seeds, steps).numpy()
    network = plain_network("relu", depth=1, width=8, initializer="he_normal", seed=4)
    alone, loss = kind(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for step in range(steps):
        with tf.GradientTape() as tape:
            value = loss(y[chosen[step, 1]], network(x[chosen[step, 1]]))
        alone.apply(tape.gradient(value, network.trainable_variables), network.trainable_variables)
    assert together.losses[0, 1, 1, 1, 1] == pytest.approx(float(loss(y, network(x))), rel=1e-4)
    assert together.losses.shape == (1, 2, 2, 2, 2)


@pytest.mark.parametrize("name", ["digits", "spirals", "waves", "wine", "cancer"])
def test_data_sets(name):
    data = data_set(name)
    assert data.name == name
    assert data.x.dtype == "float32"
    assert (len(data.x), len(data.x_test)) == (len(data.y), len(data.y_test))
    assert data.outputs == (1 if name == "waves" else data.y.max() + 1)
    if data.outputs == 1:  # always answering the mean costs the variance, 1
        assert data.losses(data.y, np.zeros((1, len(data.y), 1), "float32")).numpy() == pytest.approx(1, abs=0.1)


def test_an_unknown_data_set():
    with pytest.raises(
        ValueError, match=r"Unknown data set 'digit'\. Choose one of: digits, spirals, waves, wine, cancer\."
    ):
        data_set("digit")


def test_the_picture_and_the_table():
    result = experiments.compare_fairly(
        ["tanh", "relu"], rates=(0.03, 0.3), lengths=(10, 20), data=("wine", "spirals"), width=8
    )
    assert result.table().shape == (8, 3)
    panels = result.plot()
    assert [ax.get_title() for ax in panels] == ["wine, 20 steps", "spirals, 20 steps"]
    np.testing.assert_allclose(panels[0].lines[1].get_ydata(), np.median(result.losses[0, 1, :, :, 1], axis=1))
