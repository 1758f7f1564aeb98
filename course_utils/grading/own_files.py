"""Distinguishes the course's own files from a student's, by content and by location.

A student's repository contains the whole hand-out: the package, the chapters, sometimes the solutions. None of it is an answer.
"""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import course_utils

PACKAGE = "course_utils"
FILES = (
    *(
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "README.md",
        "conftest.py",
        "environment.yml",
        "postBuild",
    ),
    *("pyproject.toml", "release.json", "requirements-dev.lock", "requirements.lock"),
)
FOLDERS = (PACKAGE, "benchmarks", "docs", "portability", "tests")  # folders of the repository that hold no answers
BEGINNING = "notebooks/00_"  # the chapter that shows how `check` works, with an exercise of another chapter
MADE_FROM = re.compile(r"course_utils/exercises/ch(?P<chapter>\w+)/|notebooks/(?P<name>\w+)\.md")
CELL_ID = re.compile(r"(?P<chapter>\d\d-[a-z0-9-]+?)-(?P<kind>exercises|solutions)-\d{3}")
# The opening of an exercise notebook links to its chapter, that of a solution to its exercises, in every language with the
# path as the words of the link: a student who links to them writes other words.
OPENING = re.compile(
    r"#+ .*?\[(?P<linked>workbooks|exercises)/(?P<chapter>\d\d_\w+)\.ipynb\]\(\.\./(?P=linked)/(?P=chapter)\.ipynb\)",
    re.DOTALL,
)
KIND = {"workbooks": "exercises", "exercises": "solutions"}  # by what the opening links to
SET_UP = re.compile(
    r"^(?:course\.)?setup\(\)", re.MULTILINE
)  # in the first cell of each chapter, and in no other notebook


def lies_in_the_course(path: str, inside: Iterable[str]) -> bool:
    """Whether a file belongs to the course's repository and holds no answers.

    Args:
        path: inside the student's folder, with `/`.
        inside: the paths of all the student's files there.
    """
    parts = path.split("/")
    for place, part in enumerate(parts):
        if f"{'/'.join([*parts[:place], PACKAGE])}/__init__.py" not in inside:
            continue
        if part in FOLDERS or (place == len(parts) - 1 and part in FILES) or path.endswith("notebooks/references.md"):
            return True
    return False


def is_of_the_package(text: str) -> bool:
    """Whether a script is a file of the course's package, wherever it is now: its first line gives it away."""
    return text.partition("\n")[0] in _first_lines()


def is_chapter(made_from: str, code: str) -> bool:
    """Whether a notebook is a chapter to read.

    Args:
        made_from: its source as its metadata have it, or "".
        code: the text of its code cells.
    """
    return made_from.startswith("notebooks/") or bool(SET_UP.search(code))


def marks(document: dict, made_from: str) -> tuple[str, str]:
    """What the course's marks in a notebook say: ("exercises", "solutions", "chapter" or ""; the chapter's name or "").

    They are in the metadata, the cell ids, nbgrader's metadata and the opening's links. Most editors keep some of them.

    Args:
        document: the notebook's JSON; if it is malformed, fewer marks are found.
        made_from: its source as its metadata have it, or "".
    """
    cells = [cell for cell in document.get("cells") or () if isinstance(cell, dict)]
    found = [mark for cell in cells if (mark := _mark_of(cell))]
    kinds = {kind for kind, _chapter in found}
    kind = next((kind for kind in ("solutions", "exercises") if kind in kinds), "")
    chapter = next((chapter for of, chapter in found if of == kind and chapter), "")
    if made := MADE_FROM.match(made_from):
        kind, chapter = (
            kind or ("exercises" if made["chapter"] else "chapter"),
            chapter or made["chapter"] or made["name"],
        )
    return kind, chapter


def _mark_of(cell):
    metadata = cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}
    for name in (cell.get("id"), metadata.get("id")):  # Colab keeps it among the metadata
        if isinstance(name, str) and (found := CELL_ID.fullmatch(name)):
            return found["kind"], found["chapter"].replace("-", "_")
    source = cell.get("source")
    text = "".join(map(str, source)) if isinstance(source, list) else str(source)
    if cell.get("cell_type") == "markdown" and (found := OPENING.match(text)):
        return KIND[found["linked"]], found["chapter"]
    nbgrader = metadata.get("nbgrader")
    return ("exercises", "") if isinstance(nbgrader, dict) and nbgrader.get("solution") is True else None


@cache
def _first_lines():
    folder = Path(course_utils.__file__).parent
    return {path.read_text("utf-8").partition("\n")[0] for path in folder.rglob("*.py")} - {""}
