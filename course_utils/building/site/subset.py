"""The part of `course_utils` that a web page needs to check an answer, found by following imports, in one zip file."""

import ast
import io
import sys
import zipfile
from pathlib import Path

import course_utils
from course_utils.exercises import chapters

ENTRY = "course_utils.learner.answer_text"
IN_THE_BROWSER = {"numpy", *sys.stdlib_module_names}  # what the pinned runtime has
_ROOT = Path(course_utils.__file__).parents[1]
FIXED = (1980, 1, 1, 0, 0, 0)  # a fixed date, so that the bytes are the same each time


def as_zip() -> bytes:
    """The subset as a zip file to put on Python's path; its bytes are the same each time."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for name in sorted(modules()):
            path = _path(name)
            archive.writestr(zipfile.ZipInfo(path.relative_to(_ROOT).as_posix(), FIXED), path.read_bytes())
    return found.getvalue()


def modules() -> set[str]:
    """The names of the package's modules that checking any exercise loads, or may load."""
    exercises = [_module_of(chapter, name) for chapter, names in chapters().items() for name in names]
    return _closure([ENTRY, *exercises])


def missing_libraries(chapter: str, name: str) -> tuple[str, ...]:
    """What an exercise imports that Python in the browser doesn't have, such as "tensorflow": a sorted tuple.

    Args:
        chapter: the exercise's chapter, like "02_sigmoid".
        name: the exercise's name.
    """
    own = _closure([_module_of(chapter, name)])
    return tuple(sorted({library for module in own for library in _imported(module)[1]} - IN_THE_BROWSER))


def _module_of(chapter, name):
    return f"course_utils.exercises.ch{chapter}.{name}"


def _closure(names):
    """These modules, all modules of the course that they import, directly or not, anywhere in their code, and their packages."""
    found, open_ = set(), list(names)
    while open_:
        name = open_.pop()
        if name not in found:
            found.add(name)
            open_ += _imported(name)[0]
            open_ += [name.rpartition(".")[0]] if "." in name else []
    return found


def _imported(name):
    """What a module's code imports: the course's modules, and the top-level names of others."""
    ours, others = set(), set()
    for node in ast.walk(ast.parse(_path(name).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [known if _path(known) else node.module for known in names]
        else:
            continue
        for imported in names:
            top = imported.partition(".")[0]
            (ours if top == "course_utils" else others).add(imported if top == "course_utils" else top)
    return ours, others


def _path(name):
    """The file of a module of the course, or None if there is no such module."""
    path = _ROOT.joinpath(*name.split("."))
    return next((p for p in (path / "__init__.py", path.with_suffix(".py")) if p.is_file()), None)
