"""The exercises: one folder a chapter, one file an exercise, found by the exercise's name.

Imports activations, checking, texts.
"""

import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from course_utils.checking.spec import Exercise

PLACE = re.compile(r"^    place=(\d+),", re.MULTILINE)  # read from the text, since importing every exercise takes 0.2 s


@cache
def chapters() -> dict[str, tuple[str, ...]]:
    """Chapter -> the names of its exercises in the order of the notebook, for every chapter that has exercises."""
    folders = sorted(Path(__file__).parent.glob("ch[0-9]*/"))
    return {
        folder.name.removeprefix("ch"): tuple(sorted(places := _places(folder), key=places.get)) for folder in folders
    }


def _places(folder):
    """Exercise -> its place in the chapter. A file whose name begins with "_" is no exercise but what several share."""
    found = {path.stem: PLACE.search(path.read_text("utf-8")) for path in folder.glob("[!_]*.py")}
    for name, place in found.items():
        if not place:
            raise ValueError(
                f"course_utils/exercises/{folder.name}/{name}.py: the author's mistake: no line `    place=10,`"
            )
    return {name: int(place[1]) for name, place in found.items()}


@cache
def exercise_names() -> tuple[str, ...]:
    """All exercises' names in the course's order."""
    return tuple(name for names in chapters().values() for name in names)


@cache
def exercise(name: str) -> "Exercise":
    """The `Exercise` of this name.

    Raises:
        KeyError: there is none.
    """
    for chapter, names in chapters().items():
        if name in names:
            return import_module(f"{__name__}.ch{chapter}.{name}").EXERCISE
    raise KeyError(name)
