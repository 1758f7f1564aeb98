"""Every cell of the article stands in its chapter, and its printed numbers still come out."""

import re

import nbformat
import numpy as np
import pytest

# The article's cells and the numbers that it printed under TensorFlow 2.0, in its order.
CELLS = [
    ("02_sigmoid", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    (
        "02_sigmoid",
        "tf.keras.activations.sigmoid(x)",
        [0.00669285, 0.04742587, 0.26894143, 0.7310586, 0.95257413, 0.9933072],
    ),
    ("02_sigmoid", "tf.sigmoid(x)", [0.00669285, 0.04742587, 0.26894143, 0.7310586, 0.95257413, 0.9933072]),
    ("03_relu", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    ("03_relu", "tf.keras.activations.relu(x)", [0.0, 0.0, 0.0, 1.0, 3.0, 5.0]),
    ("03_relu", "tf.keras.activations.relu(x, negative_slope=2.)", [-10.0, -6.0, -2.0, 1.0, 3.0, 5.0]),  # was alpha
    ("03_relu", "tf.keras.activations.relu(x, max_value=2.)", [0.0, 0.0, 0.0, 1.0, 2.0, 2.0]),
    (
        "03_relu",
        "tf.keras.activations.relu(x, negative_slope=2., threshold=3.5)",  # was alpha
        [-17.0, -13.0, -9.0, -5.0, -1.0, 5.0],
    ),
    (
        "04_softmax",
        "tf.nn.softmax(tf.constant([[1.5, 4.4, 2.0]]))",
        [0.04802413, 0.87279755, 0.0791784],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(tf.constant([[1.5, 4.4, 2.0]]))",
        [0.04802413, 0.87279755, 0.0791784],
    ),
    (
        "04_softmax",
        "x = tf.random.uniform([1, 5], minval=-2, maxval=2)",  # the article set no seed: this row is ours
        [-0.83209944, -1.1737342, 0.14156294, 0.24502993, -0.33330202],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(x)",  # of our row, in float64
        [0.111841706, 0.0794755743, 0.296114671, 0.328393904, 0.184174145],
    ),
    (
        "04_softmax",
        "tf.keras.activations.softmax(printed)",  # of the row that the article printed
        [0.42763966, 0.09813169, 0.04078862, 0.30023944, 0.13320053],
    ),
    ("05_tanh", "x = tf.linspace(-5., 5., 6)", [-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]),
    (
        "05_tanh",
        "tf.keras.activations.tanh(x)",
        [-0.99990916, -0.9950547, -0.7615942, 0.7615942, 0.9950547, 0.99990916],
    ),
]
RTOL = {"04_softmax": 1e-6}  # oneDNN, TensorFlow's default now, differs in the 7th digit


def article_cells(root, chapter):
    notebook = nbformat.read(root / "notebooks" / f"{chapter}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if "article" in cell.metadata.get("tags", [])]


def printed_numbers(cell):
    (output,) = cell.outputs
    inside = re.search(r"numpy=\s*array\(\[+(.*?)\]", output.data["text/plain"], re.DOTALL)[1]
    return [float(number) for number in inside.split(",")]


@pytest.mark.parametrize(("chapter", "line", "expected"), CELLS)
def test_cell_of_the_article(root, chapter, line, expected):
    (cell,) = [cell for cell in article_cells(root, chapter) if line in cell.source.splitlines()]
    np.testing.assert_allclose(printed_numbers(cell), expected, rtol=RTOL.get(chapter, 1e-7))


@pytest.mark.parametrize("chapter", sorted({chapter for chapter, _, _ in CELLS}))
def test_no_cell_is_tagged_that_is_not_listed(root, chapter):
    assert len(article_cells(root, chapter)) == sum(name == chapter for name, _, _ in CELLS)
