"""Exactness is earned: each claim that two numbers are equal stands in exactness.yaml, with the reason why it holds.

Another processor rounds otherwise. So whoever writes "exactly", "equal", "the same loss", or `==` in a cell, says there why
it holds on all of them, or softens it. `make portable` then tries it under rounding noise.
"""

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from course_utils.activations import ACTIVATIONS

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
LISTED = yaml.safe_load(Path(__file__).with_name("exactness.yaml").read_text("utf-8"))
WORDS = re.compile(
    r"""\b(?: exactly | identical\w* | equals? | bit\ for\ bit | to\ the\ last\ (?:bit|digit)
        | (?:is|are|was|were|stays?|remains?|gives?)\ (?:about\ |nearly\ )?the\ same
        | (?:the\ )?same\ (?:as|loss|number|value|result|share|digit|output|prediction|gradient|answer|slope)\w* )\b""",
    re.VERBOSE | re.IGNORECASE,
)
CODE = re.compile(r"[=!]=|(?<![a-z])all\(|array_equal|\bequal\w*")
CELL = re.compile(r"^```\{code-cell\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def one_line(text):
    """Without line breaks, so that a sentence may be wrapped anew."""
    return " ".join(text.replace("\n> ", "\n").split())


def sources():
    """The texts in which claims stand: {name: (prose, code)}."""
    texts = {}
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.md")):
        source = path.read_text("utf-8")
        texts[path.stem] = one_line(CELL.sub("", source)), one_line("\n".join(CELL.findall(source)))
    for path in sorted((ROOT / "exercises").glob("*.ipynb")):
        cells = json.loads(path.read_text("utf-8"))["cells"]
        texts[f"exercises/{path.stem}"] = (
            one_line("\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")),
            "",
        )
    for name, entry in ACTIVATIONS.items():
        said = (getattr(entry, field.name) for field in fields(entry))
        texts[f"catalogue/{name}"] = one_line("\n".join(value for value in said if isinstance(value, str))), ""
    return texts


SOURCES = sources()


def uncovered(text, pattern, fragments):
    """The matches of a pattern that lie in none of the fragments, each with some words around it."""
    covered = [found.span() for fragment in fragments for found in re.finditer(re.escape(one_line(fragment)), text)]
    return [
        text[max(0, match.start() - 60) : match.end() + 60]
        for match in pattern.finditer(text)
        if not any(start <= match.start() and match.end() <= end for start, end in covered)
    ]


@pytest.mark.parametrize("name", SOURCES)
def test_each_claim_of_exact_equality_is_listed_with_its_reason(name):
    (prose, code), listed = SOURCES[name], LISTED["claims"].get(name, {})
    fragments = [fragment for group in listed.values() for fragment in group]
    missing = uncovered(prose, WORDS, fragments) + uncovered(code, CODE, fragments)
    assert not missing, (
        f"{name} claims that numbers are exactly equal, and tests/project/exactness.yaml does not say why that holds on each processor. "
        f"Add a few words of each (they must contain the claiming word) under claims, {name}, and the reason; or soften it, "
        "by a band or a rounded number:\n" + "\n".join(f"- ...{claim}..." for claim in missing)
    )


@pytest.mark.parametrize("name", LISTED["claims"])
def test_what_is_listed_still_stands_there(name):
    assert name in SOURCES, f"tests/project/exactness.yaml names {name}, which does not exist. Take it out."
    text = " ".join(SOURCES[name])
    gone = [words for group in LISTED["claims"][name].values() for words in group if one_line(words) not in text]
    assert not gone, f"{name} does not say this any more; take it out of tests/project/exactness.yaml: {gone}"


def test_each_reason_is_explained():
    used = {reason for listed in LISTED["claims"].values() for reason in listed}
    assert used <= set(LISTED["reasons"]), "tests/project/exactness.yaml: explain each reason under reasons."


def test_a_new_claim_is_found():
    assert uncovered("All losses are exactly 0.5 here.", WORDS, ["are exactly one"])
    assert not uncovered("All losses are exactly 0.5 here.", WORDS, ["losses are exactly 0.5"])
    assert uncovered("print((a == b).all())", CODE, ["a == b"]) == ["print((a == b).all())"]
    for claim in (
        *("They are equal.", "the same loss", "identical", "agree to the last bit", "the same slopes", "is exactly 1"),
        *(
            "the result is the same",
            "Both are the same.",
            "It gives the same curve.",
            "The share stays about the same.",
        ),
    ):
        assert uncovered(claim, WORDS, []), claim
    for claim in ("a == b", "a != b", "(a < 1).all()", "x.all(axis=1)", "np.all(x)", "all(x)", "tf.reduce_all(x)",
                  "np.array_equal(a, b)", "tf.equal(a, b)"):  # fmt: skip
        assert uncovered(claim, CODE, []), claim
    assert not uncovered("They look at the same pictures. small(x) call(y)", WORDS, [])
    assert not uncovered("small(x); call(y); a <= b", CODE, [])
