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
]


def article_cells(root, chapter):
    notebook = nbformat.read(root / "notebooks" / f"{chapter}.ipynb", as_version=4)
    return [cell for cell in notebook.cells if "article" in cell.metadata.get("tags", [])]


def printed_numbers(cell):
    (output,) = cell.outputs
    inside = re.search(r"numpy=\s*array\(\[(.*?)\]", output.data["text/plain"], re.DOTALL)[1]
    return [float(number) for number in inside.split(",")]


@pytest.mark.parametrize(("chapter", "line", "expected"), CELLS)
def test_cell_of_the_article(root, chapter, line, expected):
    (cell,) = [cell for cell in article_cells(root, chapter) if line in cell.source.splitlines()]
    np.testing.assert_allclose(printed_numbers(cell), expected, rtol=1e-7)


@pytest.mark.parametrize("chapter", sorted({chapter for chapter, _, _ in CELLS}))
def test_no_cell_is_tagged_that_is_not_listed(root, chapter):
    assert len(article_cells(root, chapter)) == sum(name == chapter for name, _, _ in CELLS)
