"""The exercises: one folder a chapter, one file an exercise, found by the exercise's name.

Imports activations, checking, texts.
"""

import pkgutil
from functools import cache
from importlib import import_module


@cache
def chapters():
    """Chapter -> the names of its exercises in the order of the notebook, for every chapter that has exercises."""
    folders = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.ispkg)
    return {f.removeprefix("ch"): import_module(f"{__name__}.{f}").ORDER for f in folders}


@cache
def exercise_names():
    """All exercises' names in the course's order."""
    return tuple(name for names in chapters().values() for name in names)


@cache
def exercise(name):
    """The `Exercise` of this name.

    Raises:
        KeyError: there is none.
    """
    for chapter, names in chapters().items():
        if name in names:
            return import_module(f"{__name__}.ch{chapter}.{name}").EXERCISE
    raise KeyError(name)
