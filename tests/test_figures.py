"""A figure's description follows the data: another curve gives another text."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_utils.figures import describe

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
    "a shaded part": (
        lambda ax: (ax.plot(X, X, label="y"), ax.axvspan(-2, -1, label="saturated")),
        "y from -2 at -2 to 2 at 2, 0 at 0, mean 0; saturated from x = -2 to -1.",
    ),
    "bars": (lambda ax: ax.bar([0, 1], [0.25, 0.75], label="shares"), "shares: 0.25, 0.75."),
    "a map": (
        lambda ax: ax.imshow([[0.0, 1.0], [2.0, 3.0]]),
        "a map of 2 x 2 values from 0 to 3, mean 1.5.",
    ),
    "points": (
        lambda ax: ax.scatter([0, 2], [1, 3], label="digits"),
        "digits: 2 points around (1, 2).",
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


def test_rounding_errors_do_not_change_a_description():
    y = np.tanh(X)
    assert text_of(lambda ax: ax.plot(X, y)) == text_of(lambda ax: ax.plot(X, y + 1e-15 * np.sin(99 * X)))
