"""Extracts the code from submissions: notebooks of any format, and scripts. Nothing is run here."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from pathlib import Path

from course_utils.checking import syntax
from course_utils.exercises import exercise_names
from course_utils.grading import own_files
from course_utils.grading.answers import bound_in_text, bound_names, is_stub, parse
from course_utils.grading.ipython_cells import as_python, magic_in, without_magics
from course_utils.grading.notebook_files import (
    SCRIPT,
    Cell,
    Closed,
    Unreadable,
    code_cells,
    content,
    load,
    text_cells,
    text_of,
)
from course_utils.grading.sandbox.stand_ins import named_file
from course_utils.texts import _

MOST_CODE = 200_000  # characters of code in a notebook; a syntax tree takes a thousand times as many bytes
MOST_CELLS = 2_000  # of code
MOST_HELPERS = 20  # files of the learner's own that one notebook imports
DOTTED = re.compile(
    r"(?:\.[\s\\]*[^\W\d]\w*[\s\\]*){200}"
)  # Python stores every prefix of a dotted module name: gigabytes


class ChapterHandedIn(Unreadable):
    """The chapter was handed in instead of the notebook with its exercises."""


@dataclass(frozen=True)
class Look:
    """What kind of file this is, found before grading.

    Args:
        kind: "exercises", "solutions", "chapter" or "package" if the course's marks say so; else "".
        chapter: the chapter that the marks name, or "".
        names: the exercises that its code defines.
        answered: those of them that are more than the stub.
    """

    kind: str
    chapter: str
    names: frozenset
    answered: frozenset


def look(path: Path, root: Path) -> Look:
    """Classify a notebook or a script, which is cheaper than to `read` it. Arguments and errors as for `read`."""
    document = load(path, root)
    code = code_cells(document)
    if SCRIPT.search(path.name) and own_files.is_of_the_package("".join(cell.source for cell in code[:1]).lstrip()):
        return Look("package", "", frozenset(), frozenset())
    kind, chapter = own_files.marks(document, _made_from(document))
    names = _defined_in(code).intersection(exercise_names())
    if _is_chapter(document, code):
        return Look("chapter", chapter, frozenset(), frozenset())
    answered = {name for cell in code if _defined_in([cell]) & names for name in _answered_in(cell.source)}
    return Look("" if kind == "chapter" else kind, chapter, frozenset(names), frozenset(answered & names))


def _answered_in(source):
    """The names that a cell binds to more than a stub."""
    statements = _statements(source)
    if statements is None:
        return set(bound_in_text(source))
    return {name for statement in statements if not is_stub(statement) for name in bound_names(statement)}


def _statements(source):
    """A cell's statements, or None if it is not valid Python, even without its magics."""
    tree = parse(source) or parse(without_magics(source))
    return tree.body if tree else None


def read(path: Path, root: Path) -> tuple[Cell, ...]:
    """The code cells of a notebook as plain Python.

    Args:
        path: of the notebook.
        root: the folder of submissions. With links followed, the notebook must be in its student's folder there.

    Returns:
        A tuple of `Cell`.

    Raises:
        Unreadable: with the reason.
        Closed: the grader may not read it.
    """
    document = load(path, root)
    code = code_cells(document)
    if sum(len(cell.source) for cell in code) > MOST_CODE:
        raise Unreadable(_("it holds more than {most:,} characters of code").format(most=MOST_CODE))
    if len(code) > MOST_CELLS:
        raise Unreadable(_("it has more than {most:,} cells of code").format(most=MOST_CELLS))
    if any(DOTTED.search(cell.source) for cell in code):
        raise Unreadable(_("a name in its code has more than 200 parts"))
    if _is_chapter(document, code):
        raise ChapterHandedIn(_("it is the chapter to read, not its exercises"))
    return tuple(Cell(cell.number, without_magics(as_python(cell.source))) for cell in code)


def helpers(path: Path, root: Path, beside: Mapping[str, Path]) -> dict[str, str]:
    """The learner's own files that a notebook imports or runs, and those that these import in turn.

    Args:
        path, root: of the notebook, as for `read`.
        beside: the scripts and notebooks in reach: path relative to the notebook's folder, with `/` -> path.

    Returns:
        Name -> text, without files that can't be read, or are too many or too long.

    Raises:
        Unreadable, Closed: as for `read`.
    """
    texts, todo = {}, [("", cell.source) for cell in read(path, root)]
    room = MOST_CODE - sum(len(source) for _folder, source in todo)
    while todo:
        folder, source = todo.pop(0)
        for name in _files_named(source, folder):
            if name not in beside or name in texts or len(texts) == MOST_HELPERS:
                continue
            try:
                text = _text(beside[name], root, name)
            except (Unreadable, Closed):
                continue
            if len(text) <= room:
                room -= len(text)
                texts[name] = text
                todo.append((name.rpartition("/")[0], text))
    return texts


def _text(path, root, name):
    """A script's text, or a notebook's cells as one, up to the first that is not valid Python: there `%run` stops."""
    if SCRIPT.search(name):
        return text_of(content(path, root))
    cells = read(path, root)
    whole = list(takewhile(lambda cell: parse(cell.source), cells))
    broken = [f"raise SyntaxError({f'cell {cell.number} of {name}'!r})" for cell in cells[len(whole) : len(whole) + 1]]
    return "\n\n".join([*(cell.source for cell in whole), *broken])


def _files_named(source, folder):
    """The scripts and notebooks that a source may import or run, as relative paths with `/`.

    Args:
        source: Python.
        folder: that of the source, which `from . import` refers to.
    """
    for node in syntax.nodes(parse(source) or ast.Module([], [])):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            ups = folder.split("/")[: len(folder.split("/")) - node.level + 1] if node.level else []
            start = ".".join([part for part in (*ups, *(node.module or "").split(".")) if part])
            modules = [start, *(f"{start}.{alias.name}".strip(".") for alias in node.names)]
        elif (magic := magic_in(node)) and magic[0] == "run":
            yield from (named_file(magic[1]), f"{named_file(magic[1])}.py")
        for module in filter(None, modules):
            parts = module.split(".")
            for length in range(1, len(parts) + 1):
                yield f"{'/'.join(parts[:length])}.py"
                yield f"{'/'.join(parts[:length])}/__init__.py"


def misplaced(path: Path, root: Path, cells: Sequence[Cell], names: Sequence[str]) -> tuple[tuple[str, int, str], ...]:
    """The answers in cells that define nothing: (name, the cell's number, its type or its magic) for each; errors as for `read`.

    Args:
        path: of the notebook.
        root: the folder of submissions.
        cells: what `read` gave.
        names: the exercises to look for, except those that the code defines.
    """
    left = set(names) - _defined_in(cells)
    if not left or SCRIPT.search(path.name):
        return ()
    found = {}
    document = load(path, root)
    magics = [(cell, cell.source.lstrip().partition("\n")) for cell in code_cells(document)]
    under_magics = [
        (replace(cell, source=text), line.split()[0]) for cell, (line, _, text) in magics if line[:2] == "%%"
    ]
    for cell, kind in [*text_cells(document), *under_magics]:
        found |= dict.fromkeys(_defined_in([cell]) & left, (cell.number, kind[:20]))
    return tuple((name, *place) for name, place in sorted(found.items()))


def mentioned(found: Iterable[Path], root: Path, words: Sequence[str]) -> list[str]:
    """Which of some words occur in any notebook; stops reading when all are found.

    Args:
        found: a `HandedIn`.
        root: the folder of submissions.
        words: a sequence of str.
    """
    left = {word: word.encode() for word in words}
    for path in found.notebooks.values():
        if not left:
            break
        try:
            text = content(path, root)
        except (Unreadable, Closed):
            continue
        left = {word: letters for word, letters in left.items() if letters not in text}
    return [word for word in words if word not in left]


def _defined_in(cells):
    """The names that some cells bind: as Python reads them, or, where a cell is not Python, by what its lines begin with."""
    names = set()
    for cell in cells:
        statements = _statements(cell.source)
        names.update(bound_in_text(cell.source) if statements is None else ())
        for statement in statements or ():
            names |= set() if isinstance(statement, ast.Import) else bound_names(statement)
    return names


def _is_chapter(document, code):
    """Whether a notebook is a chapter in which no answer was written.

    A chapter's own cells have variables named like exercises; only the first chapter defines functions with such names.
    """
    made_from, text = _made_from(document), "\n".join(cell.source for cell in code)
    if not own_files.is_chapter(made_from, text):
        return False
    functions = set(re.findall(r"^(?:async[ \t]+)?(?:def[ \t]+(\w+)|(\w+)[ \t]*=[ \t]*lambda\b)", text, re.MULTILINE))
    return own_files.BEGINNING in made_from or not {name for pair in functions for name in pair} & {*exercise_names()}


def _made_from(document):
    """The source of a course notebook according to its metadata, or ""."""
    place = document
    for key in ("metadata", "course", "made_from"):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, str) else ""
