"""Each sentence that compares ("faster", "best", "beats", ...) is backed, or says of which one setting it is true."""

import ast
import re
from pathlib import Path

import pytest
from chapters.comparatives import COMPARATIVES, Measured, OneSetting

COMPARES = re.compile(
    r"\b(better|best|worse|worst|faster|fastest|slower|slowest|quicker|quickest|quickly|slowly|beats?|beaten|wins?|won(?!'t)"
    r"|winners?|ahead|outperform\w*|superior|prefer\w*|(?:fewer|more|as many) steps|catch(?:es)? up|speeds? up"
    r"|gets? no closer)\b",
    re.IGNORECASE,
)
CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "notebooks").glob("[0-9][0-9]_*.md"))
PYTHON = {"exercises": "course_utils/exercises", "catalogue": "course_utils/activations"}
HOW_TO = """
{problem}

Add to COMPARATIVES["{place}"] in tests/chapters/comparatives.py a row with words of the sentence, and how it is backed:
  Measured("test_chapter_0N.py::test_name")  a test in which each side has its own best learning rate, at two lengths of
      training, on two kinds of data, under five seeds: `experiments.compare_fairly(...)` does that in a line or two;
  OneSetting("words")  the sentence is about one setting, and these words beside it (in the same section) say which;
  NoContest("why")  nothing is trained or compared by experience: arithmetic, a definition, a question or a wrong choice.
Or take the comparison out of the sentence.
"""


def prose(root, place):
    """Its texts: (section, sentence) pairs, without code."""
    if place in PYTHON:
        files = sorted((root / PYTHON[place]).rglob("*.py"))
        return [(path.name, s) for path in files for text in strings(path) for s in sentences(text)]
    path = root / "notebooks" / f"{place}.md"
    text = re.sub(r"^```\{code-cell\}.*?^```$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    text = text.partition("\n---\n")[2]  # the header
    sections = re.split(r"^(?=#{1,3} )", text, flags=re.MULTILINE)
    return [(section, s) for section in sections for s in sentences(section)]


def strings(path):
    """The texts in a module's code: all strings of more than three words but the docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    docs = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)}  # fmt: skip
    found = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return [text for text in found if text not in docs and len(text.split()) > 3]


def sentences(text):
    return re.split(r"(?<=[.?!:;|])\s+", one_line(text))


def one_line(text):
    return " ".join(re.sub(r"^> ?", "", text, flags=re.MULTILINE).split())


@pytest.fixture(params=[*CHAPTERS, *PYTHON])
def place(request):
    return request.param


def test_no_sentence_compares_without_a_row(root, place):
    rows = COMPARATIVES.get(place, {})
    bare = [s for _, s in prose(root, place) if COMPARES.search(s) and not any(words in s for words in rows)]
    problem = "\n".join(f"{place} compares, and nothing says how that is backed: {s}" for s in bare)
    assert not bare, HOW_TO.format(problem=problem, place=place)


def test_no_row_is_left_of_a_sentence_that_is_gone(root, place):
    said = [s for _, s in prose(root, place)]
    gone = [words for words in COMPARATIVES.get(place, {}) if not any(words in s for s in said)]
    assert not gone, f"{place} no longer says this; take the rows out of tests/chapters/comparatives.py: {gone}"


def test_each_backing_is_there(root, place):
    texts = prose(root, place)
    for words, backing in COMPARATIVES.get(place, {}).items():
        if isinstance(backing, Measured):
            name, _, test = backing.test.partition("::")
            (path,) = [p for folder in ("chapters", "experiments") for p in (root / "tests" / folder).glob(name)]
            assert f"def {test}(" in path.read_text("utf-8"), f"{place}, {words!r}: there is no test {backing.test}"
        if isinstance(backing, OneSetting):
            section = next(one_line(section) for section, s in texts if words in s)
            assert backing.said in section, f"{place}, {words!r}: its section does not say {backing.said!r}"


def test_every_place_is_one_that_is_read():
    assert set(COMPARATIVES) <= {*CHAPTERS, *PYTHON}


@pytest.mark.parametrize(
    "sentence",
    ["ELU is the fastest here.", "Tanh learns in fewer steps.", "ReLU beats tanh.", "A tanh is no better.", "It learns slowly."],
)  # fmt: skip
def test_comparisons_are_found(sentence):
    assert COMPARES.search(sentence)


@pytest.mark.parametrize("sentence", ["the larger of x and 0", "a winding road", "bestow", "more than a million"])
def test_what_is_no_comparison_of_that_kind(sentence):
    assert not COMPARES.search(sentence)
