"""A figure's description follows the data: another curve gives another text."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.plotting.descriptions import TRIANGLE, describe, in_bands, outwards

X = np.linspace(-2, 2, 401)


def text_of(draw):
    figure, ax = plt.subplots()
    draw(ax)
    return describe(figure)


CASES = {
    "a line with labels": (
        lambda ax: (ax.plot(X, X, label="identity"), ax.set(xlabel="x", ylabel="value", title="One")),
        "One: x axis x, y axis value; identity from -2 at -2 to 2 at 2, 0 at 0, mean 0.",
    ),
    "a peak inside": (
        lambda ax: ax.plot(X, 1 - X**2, label="hill"),
        "hill from -3 at -2 to -3 at 2, 1 at 0, highest 1 at 0, mean -0.34.",
    ),
    "a dip inside": (
        lambda ax: ax.plot(X, X**2, label="bowl"),
        "bowl from 4 at -2 to 4 at 2, 0 at 0, lowest 0 at 0, mean 1.34.",
    ),
    "tiny numbers on a logarithmic axis stay": (
        lambda ax: (ax.plot([1, 2, 3], [1e-13, 1e-7, 1], label="gradient"), ax.set(yscale="log", ylabel="norm")),
        "y axis norm (logarithmic); gradient from 1e-13 at 1 to 1 at 3, mean 0.3333.",
    ),
    "gaps": (
        lambda ax: ax.plot([0, 1, np.nan, 2], [0, 1, np.nan, 5], label="jump"),
        "jump from 0 at 0 to 5 at 2, mean 2.",
    ),
    "a band": (
        lambda ax: ax.fill_between([1, 2, 3], [0, 0, 0], [1, 1, 1], label="seeds"),
        "seeds from x = 1 to 3, between 0 and 1, mean edge 0.5.",
    ),
    "a band that has no width somewhere": (
        lambda ax: ax.fill_between([1, 2, 4], [0, 1, 1], [1, 1, 1], label="seeds"),
        "seeds from x = 1 to 4, between 0 and 1, mean edge 0.8333.",
    ),
    "a shaded part": (
        lambda ax: (ax.plot(X, X, label="y"), ax.axvspan(-2, -1, label="saturated")),
        "y from -2 at -2 to 2 at 2, 0 at 0, mean 0; saturated from x = -2 to -1.",
    ),
    "bars": (lambda ax: ax.bar([0, 1], [0.25, 0.75], label="shares"), "shares: 0.25, 0.75."),
    "two points": (
        lambda ax: ax.plot([1, 2], [0.5, 0.25], marker="o", label="norm"),
        "norm from 0.5 at 1 to 0.25 at 2.",
    ),
    "a straight mark": (lambda ax: ax.axhline(0.5, label="chance"), "chance at x = 0, y = 0.5."),
    "a map": (
        lambda ax: ax.imshow([[0.0, 1.0], [2.0, 3.0]]),
        "a map of 2 x 2 values from 0 to 3, mean 1.5.",
    ),
    "a map of classes": (
        lambda ax: ax.imshow([[0, 1, 1, 0], [0, 0, 0, 0]], extent=[-3, 3, 0, 1], origin="lower"),
        "a map of 2 x 4 places, class 0 on 75 % of it, around (0, 0.6667), class 1 on 25 % of it, around (0, 0), "
        "0 changes along the middle row.",
    ),
    "a map whose mean is 0 but for rounding": (
        lambda ax: ax.imshow([[0.1 + 0.2, -0.3]]),
        "a map of 1 x 2 values from -0.3 to 0.3, mean 0.",
    ),
    "a path in the triangle of shares": (
        lambda ax: (
            ax.fill([0, 4, 2], [0, 0, 4], gid=TRIANGLE, label="shares"),
            ax.plot([2, 3, 4], [2, 1, 0], label="p"),
        ),
        "shares; p from (0.25, 0.25, 0.5) to (0, 1, 0), mean (0.125, 0.625, 0.25).",
    ),
    "a mark in the triangle of shares": (
        lambda ax: (ax.fill([0, 4, 2], [0, 0, 4], gid=TRIANGLE, label="shares"), ax.plot([2], [4], "o", label="here")),
        "shares; here at (0, 0, 1).",
    ),
    "points": (
        lambda ax: ax.scatter([0, 2], [1, 3], label="digits"),
        "digits: 2 points around (1, 2).",
    ),
    "points that other machines get only nearly": (
        lambda ax: in_bands(ax.scatter([1, 1, 2, 2], [0.1, 0.2, 0.7, 0.9], label="seeds"), 0.25),
        "seeds between 0 and 0.25 at 1, between 0.5 and 1 at 2.",
    ),
    "points that all lie on an edge": (
        lambda ax: in_bands(ax.scatter([1, 1, 2], [0, 0, 0.1], label="leaky"), 0.25),
        "leaky exactly 0 at 1, between 0 and 0.25 at 2.",
    ),
    "points that are drawn beside their place": (
        lambda ax: in_bands(ax.scatter([0.9, 1.1, 2], [0.1, 0.2, 0.7], label="seeds"), 0.25, places=[0.01, 0.01, 0.3]),
        "seeds between 0 and 0.25 at 0.01, between 0.5 and 0.75 at 0.3.",
    ),
    "a shaded part that ends at 0": (
        lambda ax: (ax.set_xlim(-7, 7), ax.axvspan(-6, 0, label="saturated")),
        "saturated from x = -6 to 0.",
    ),
    "points in a band from left to right": (
        lambda ax: in_bands(ax.scatter([210, 290, 240], [3, 3, 3], label="ReLU"), 50, axis="x"),
        "ReLU between 200 and 300.",
    ),
    "a line whose ends other machines get only nearly": (
        lambda ax: in_bands(ax.plot([0, 1, 2], [2.48, 3, 0.08], label="loss")[0], 0.25),
        "loss from between 2.25 and 2.5 at 0 to between 0 and 0.25 at 2.",
    ),
    "a band that other machines get only nearly": (
        lambda ax: in_bands(ax.fill_between([0, 2], [0.06, 0.07], [2.6, 0.2], label="all seeds"), 0.25),
        "all seeds from x = 0 to 2, between 0 and 2.75.",
    ),
    "a line on a logarithmic axis that other machines get only nearly": (
        lambda ax: (ax.set(yscale="log"), in_bands(ax.plot([1, 2, 3], [0.02, 1, 3e-7], label="gradient")[0], 10)),
        "gradient from between 0.01 and 0.1 at 1 to between 1e-07 and 1e-06 at 3.",
    ),
    "a band on a logarithmic axis that other machines get only nearly": (
        lambda ax: (ax.set(yscale="log"), in_bands(ax.fill_between([0, 2], [0, 0.07], [2.6, 0.2], label="all"), 10)),
        "all from x = 0 to 2, between 0 and 10.",
    ),
    "what is too low to be seen": (
        lambda ax: (
            ax.plot([0, 1, 2], [0, 1, 0], label="hill"),
            ax.plot([0, 1, 2], [1e-16, 3e-16, -1e-17], label="flat"),
        ),
        "hill from 0 at 0 to 0 at 2, highest 1 at 1, mean 0.3333; flat from 0 at 0 to 0 at 2, mean 0.",
    ),
    "two points that are too low to be seen": (
        lambda ax: (ax.plot([0, 1], [0, 1], label="slope"), ax.plot([0, 1], [1e-16, 0], marker="o", label="kinks")),
        "slope at x = 0, y = 0; kinks from 0 at 0 to 0 at 1.",
    ),
    "two hills of one height, but for rounding": (
        lambda ax: ax.plot([0, 1, 2, 3, 4], [0, 1 - 1e-7, 0.5, 1, 0], label="hills"),
        "hills from 0 at 0 to 0 at 4, highest 1 at 1, mean 0.5.",
    ),
    "two valleys of one depth, but for rounding": (
        lambda ax: ax.plot([0, 1, 2, 3, 4], [1, 0.5 + 1e-7, 1, 0.5, 1], label="valleys"),
        "valleys from 1 at 0 to 1 at 4, lowest 0.5 at 1, mean 0.8.",
    ),
    "a level line": (
        lambda ax: ax.plot([1, 2, 3], [0.5, 0.5 - 1e-7, 0.5], label="level"),
        "level from 0.5 at 1 to 0.5 at 3, mean 0.5.",
    ),
    "contours": (
        lambda ax: ax.contour([0, 1, 2], [0, 4], [[0, 1, 2], [0, 1, 2]], levels=[0.5, 1.5, 3]).set_label("equal loss"),
        "equal loss from x = 0.5 to 1.5, between 0 and 4, at 0.5 (length 4), 1.5 (length 4).",
    ),
    "words in the picture": (lambda ax: ax.text(0, 0, "here"), 'marked "here".'),
}


@pytest.mark.parametrize(("draw", "expected"), CASES.values(), ids=CASES.keys())
def test_description(draw, expected):
    assert text_of(draw) == expected


def test_empty_figure():
    assert describe(plt.figure()) == "An empty figure."


@pytest.mark.parametrize("change", [lambda y: y * 1.005, lambda y: -y, lambda y: y[::-1], lambda y: y + 1e-3, np.abs])
def test_another_curve_has_another_description(change):
    y = np.tanh(X)
    assert text_of(lambda ax: ax.plot(X, y)) != text_of(lambda ax: ax.plot(X, change(y)))


@pytest.mark.parametrize("change", [np.fliplr, np.flipud, np.transpose, lambda z: 1 - z, lambda z: np.tril(z, -1)])
def test_another_map_of_classes_has_another_description(change):
    z = np.tril(np.ones((5, 5), int))
    z[2, 1] = 0  # a hole, so that no mirror image has the same numbers
    assert text_of(lambda ax: ax.imshow(z)) != text_of(lambda ax: ax.imshow(change(z)))


def test_a_map_that_stands_the_other_way_up_has_another_description():
    z = np.triu(np.ones((3, 3), int))
    assert text_of(lambda ax: ax.imshow(z, origin="lower")) != text_of(lambda ax: ax.imshow(z[:2], origin="lower"))
    upright = text_of(lambda ax: ax.imshow(z[::-1], origin="lower", extent=[0, 1, 0, 1]))
    assert upright == text_of(lambda ax: ax.imshow(z, origin="upper", extent=[0, 1, 0, 1]))


@pytest.mark.parametrize(
    ("values", "step", "band"),
    [
        ([0.31, 0.48], 0.25, (0.25, 0.5)),
        ([0.3, 0.7], 0.1, (0.3, 0.7)),
        ([0, 0], 0.25, (0, 0)),
        ([0.999], 0.25, (0.75, 1)),
        ([-0.01, 1e-12], 0.1, (-0.1, 0)),
        ([210, 250], 50, (200, 250)),
        ([0.6, 0.7], (0, 0.25, 0.5, 1), (0.5, 1)),
        ([0, 0], (0, 0.25, 0.5, 1), (0, 0)),
        ([0.25, 0.3], (0, 0.25, 0.5, 1), (0.25, 0.5)),
    ],
)
def test_bands_are_rounded_outwards(values, step, band):
    assert outwards(values, step) == pytest.approx(band)


def test_other_points_lie_in_other_bands():
    texts = {
        text_of(lambda ax, y=y: in_bands(ax.scatter([1, 1, 2, 2], y), 0.25))
        for y in ([0.1, 0.2, 0.7, 0.9], [0.1, 0.3, 0.7, 0.9], [0.1, 0.2, 0.8, 0.9], [0.7, 0.9, 0.1, 0.2])
    }
    assert len(texts) == 4


def test_rounding_errors_do_not_change_a_description():
    y = np.tanh(X)
    assert text_of(lambda ax: ax.plot(X, y)) == text_of(lambda ax: ax.plot(X, y + 1e-15 * np.sin(99 * X)))


def test_rounding_errors_do_not_change_the_description_of_a_band_without_width():
    low, width = np.array([0.6, 0.4, 0.4, 0.4]), np.array([0.1, 0, 0, 0])
    rounded = np.add(width, [0, 1e-16, -1e-16, 0])
    first, second = (text_of(lambda ax, w=w: ax.fill_between([1, 2, 4, 8], low, low + w)) for w in (width, rounded))
    assert first == second


def test_rounding_errors_do_not_change_the_description_of_contours():
    x, y = np.meshgrid(np.linspace(-1, 4, 101), np.linspace(-8, 8, 161))
    z = np.log1p(np.exp(-(x + 3 * y))) + (x - 1) ** 2 / 8
    random = np.random.default_rng(0)
    shaken = [z * (1 + 2.0**-52 * random.integers(-1, 2, z.shape)) for _ in range(8)]
    texts = {text_of(lambda ax, z=z: ax.contour(x, y, z, levels=[0.4, 0.5, 0.7, 1, 1.5])) for z in [z, *shaken]}
    assert len(texts) == 1
    assert text_of(lambda ax: ax.contour(x, y, z * 1.001, levels=[0.4, 0.5, 0.7, 1, 1.5])) not in texts
