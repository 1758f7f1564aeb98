"""The first notebook: its map agrees with the chapters, and its promises hold."""

import re

import nbformat
import numpy as np
import pytest

from course_utils import check, plotting

ROW = re.compile(r"^\| (?:\[)?(\d) ([^\]|]+?)(?:\]\((\w+)\.ipynb\))? \| .+ \| (\d+) \|$", re.MULTILINE)
TIME = re.compile(r"^\*\*Time:\*\* about (\d+ minutes|an hour)", re.MULTILINE)


@pytest.fixture
def chapters(root):
    return {path.stem: path.read_text("utf-8") for path in sorted((root / "notebooks").glob("[0-9][0-9]_*.md"))}


@pytest.fixture
def rows(chapters):
    return {name or "00_start_here": (number, title, minutes) for number, title, name, minutes in ROW.findall(chapters["00_start_here"])}  # fmt: skip


def test_the_map_names_every_chapter(chapters, rows):
    assert [number for number, _, _ in rows.values()] == [str(int(name[:2])) for name in chapters]
    assert set(chapters) <= set(rows)


def test_the_map_gives_each_chapter_s_title_and_time(chapters, rows):
    for name, text in chapters.items():
        number, title, minutes = rows[name]
        assert f"\n# {number} {title}\n" in text
        time = TIME.search(text)[1].replace("an hour", "60 minutes")
        assert time == f"{minutes} minutes", f"{name}: mend the map in notebooks/00_start_here.md"


def test_the_tour_of_check(root):
    notebook = nbformat.read(root / "notebooks" / "00_start_here.ipynb", as_version=4)
    wrong, right = (c.outputs[0].data["text/plain"] for c in notebook.cells if c.source.endswith("check(sigmoid)"))
    assert wrong.startswith("sigmoid: not yet.\nAt x = 0 your result is 2")
    assert "Next step: " in wrong
    assert right.startswith("sigmoid: passed, ")


def test_check_does_not_mind_how_it_is_written():
    import math

    def sigmoid(x):
        return [1 / (1 + math.exp(-value)) for value in x]

    assert check(sigmoid).passed


def test_only_a_ready_made_function_does_not_count():
    """The one exception to "not at how it is written", which the chapter names."""

    def sigmoid(x):
        import tensorflow as tf

        return tf.sigmoid(x)

    assert not check(sigmoid).passed


def test_halving_twenty_times():
    assert 0.5e-6 < 0.5**20 < 2e-6  # "about a millionth"


def test_your_turn():
    assert 0.5**40 == 9.094947017729282e-13 == (0.5**20) ** 2
    lowest = {}
    for name in ("relu", "softplus", "gelu", "elu"):
        (line,) = plotting.plot_activations(name).lines
        lowest[name] = np.nanmin(line.get_ydata())
    assert lowest["relu"] == 0 < lowest["softplus"] < 0.01
    assert -0.2 < lowest["gelu"] < -0.1
    assert lowest["elu"] == pytest.approx(-1, abs=0.01)
