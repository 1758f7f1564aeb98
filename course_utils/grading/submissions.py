"""Takes the code out of what was handed in: notebooks of any age, and scripts. Nothing of a submission is run here."""

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from course_utils.checking import syntax
from course_utils.exercises import exercise_names
from course_utils.grading import archives, own_files
from course_utils.grading.answers import bound_names, is_stub, parse
from course_utils.grading.ipython_cells import as_python, magic_in
from course_utils.texts import _

SPELLING = "\u00a0\u200c\u200d\u200e\u200f\u202f\u3000"  # in names; none of them shows as a sign of its own
MOST_BYTES = 20_000_000  # of a notebook
MOST_CODE = 200_000  # characters of code in a notebook: a syntax tree takes a thousand times as many bytes
MOST_CELLS = 2_000  # of code
MOST_HELPERS = 20  # files of the learner's own that one notebook imports
MOST_MAGICS = 20  # looked for one by one in a cell; beyond, every line that looks like one goes
IPYTHON_LINE = re.compile(r"\s*(?:[%!?]|[\w.]+\?\??\s*$|[\w,][\w, ]*=\s*[%!])")
DOTTED = re.compile(r"(?:\.[\s\\]*[^\W\d]\w*[\s\\]*){200}")  # Python keeps each beginning of a module's name: gigabytes
PYTHON_INSIDE = re.compile(r"%%(?:time|capture|prun)\b")  # what follows in the cell is still executed
MOST_BYTES_WITH_OUTPUTS = 200_000_000  # of a notebook, before the pictures in its outputs are taken out
PICTURE = re.compile(rb'"(?:[A-Za-z0-9+/=]|\\n){20000,}"')  # base64 in a string of JSON
NOTEBOOK = re.compile(
    r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE
)  # browsers and learning platforms add the second suffix
SCRIPT = re.compile(r"\.py$", re.IGNORECASE)
# How cells begin in a script: jupytext's percent format, VS Code, Spyder (`#%%`), nbconvert, and IPython of old.
CELL_MARK = re.compile(r"^#[ \t]*(?:%%(.*)|In[ ]?\[[\d ]*\]:.*|<(?:code|markdown|raw)cell>.*)$", re.MULTILINE)
CELL_MAGIC = re.compile(r"(?:writefile|file|time|timeit|capture|prun)\b")  # jupytext writes `%%time` as `# %%time`
COMMENTED = re.compile(r"^([ \t]*)# (?=[%!]\w)", re.MULTILINE)  # and `%pylab` as `# %pylab`
BY_JUPYTEXT = re.compile(r"^#\s+jupytext:", re.MULTILINE)


class Closed(Exception):
    """The grader may not read a file: its own failure, and nobody's mark. The message is the reason."""


class Unreadable(Exception):
    """A notebook that can't be read; the message is the reason, as the end of a sentence."""


class TheChapter(Unreadable):
    """The chapter to read, in place of the notebook with its exercises."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among all the notebook's cells, counted from 1, and its Python."""

    number: int
    source: str


@dataclass(frozen=True)
class Look:
    """What a file turned out to be, before anybody grades it.

    Args:
        kind: "exercises", "solutions", "chapter" or "package" for the course's own, by the marks that the course puts there; else "".
        chapter: the chapter that the marks name, or "".
        names: the exercises that its code defines.
        answered: those of them that are more than the stub that was handed out.
    """

    kind: str
    chapter: str
    names: frozenset
    answered: frozenset


def look(path: Path, root: Path) -> Look:
    """See what a notebook or a script is, which is cheaper than to `read` it. Arguments and errors as for `read`."""
    text = content(path, root)
    script = bool(SCRIPT.search(path.name))
    document = {"cells": _script(text)} if script else _document(text)
    sources = [_source(cell, number) for number, cell in enumerate(_cells(document), 1) if _is_code(cell, number)]
    code = [Cell(number, source) for number, source in enumerate(sources, 1)]
    if script and own_files.is_of_the_package("".join(sources[:1]).lstrip()):
        return Look("package", "", frozenset(), frozenset())
    kind, chapter = own_files.marks(document, _made_from(document))
    names = _defined_in(code).intersection(exercise_names())
    if _is_chapter(document, code):
        return Look("chapter", chapter, frozenset(), frozenset())
    answered = {name for cell in code if _defined_in([cell]) & names for name in _answered_in(cell.source)}
    return Look("" if kind == "chapter" else kind, chapter, frozenset(names), frozenset(answered & names))


def _answered_in(source):
    """The names that a cell binds to more than a stub."""
    tree = parse(source) or parse(without_magics(source))
    if tree is None:
        return _defined_in([Cell(0, source)])
    return {name for statement in tree.body if not is_stub(statement) for name in bound_names(statement)}


def read(path: Path, root: Path) -> tuple[Cell, ...]:
    """The code cells of a notebook, without IPython's own lines.

    Args:
        path: of the notebook.
        root: the folder of submissions. Links followed, the notebook must really lie in its student's folder there.

    Returns:
        A tuple of `Cell`.

    Raises:
        Unreadable: with the reason.
        Closed: the grader may not read it.
    """
    text = content(path, root)
    document = {"cells": _script(text)} if SCRIPT.search(path.name) else _document(text)
    cells = _cells(document)
    code = [Cell(number, _source(cell, number)) for number, cell in enumerate(cells, 1) if _is_code(cell, number)]
    if sum(len(cell.source) for cell in code) > MOST_CODE:
        raise Unreadable(_("it holds more than {most:,} characters of code").format(most=MOST_CODE))
    if len(code) > MOST_CELLS:
        raise Unreadable(_("it has more than {most:,} cells of code").format(most=MOST_CELLS))
    if any(DOTTED.search(cell.source) for cell in code):
        raise Unreadable(_("a name in its code has more than 200 parts"))
    if _is_chapter(document, code):
        raise TheChapter(_("it is the chapter to read, not its exercises"))
    return tuple(Cell(cell.number, without_magics(as_python(cell.source))) for cell in code)


def helpers(path: Path, root: Path, beside: Mapping[str, Path]) -> dict[str, str]:
    """The learner's own files that a notebook's code imports or runs, and those that these import.

    Args:
        path, root: of the notebook, as for `read`.
        beside: the scripts that may be meant: name from the notebook's folder on, with `/` -> path.

    Returns:
        Name -> text. Those that can't be read, or are too many or too long, are not among them.

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
                text = _text(content(beside[name], root))
            except (Unreadable, Closed):
                continue
            if len(text) <= room:
                room -= len(text)
                texts[name] = text
                todo.append((name.rpartition("/")[0], text))
    return texts


def _files_named(source, folder):
    """The files that a source may import or run: names of scripts, with `/`.

    Args:
        source: Python.
        folder: the one that the source lies in, which `from . import` names.
    """
    for node in ast.walk(parse(source) or ast.Module([], [])):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            ups = folder.split("/")[: len(folder.split("/")) - node.level + 1] if node.level else []
            start = ".".join([part for part in (*ups, *(node.module or "").split(".")) if part])
            modules = [start, *(f"{start}.{alias.name}".strip(".") for alias in node.names)]
        elif (magic := magic_in(node)) and magic[0] == "run":
            yield next((word for word in magic[1].split() if not word.startswith("-")), "")
        for module in filter(None, modules):
            parts = module.split(".")
            for length in range(1, len(parts) + 1):
                yield f"{'/'.join(parts[:length])}.py"
                yield f"{'/'.join(parts[:length])}/__init__.py"


def misplaced(path: Path, root: Path, cells: Sequence[Cell], names: Sequence[str]) -> tuple[tuple[str, int, str], ...]:
    """The answers that stand in cells which are no code: (name, the cell's number, its type) for each; errors as for `read`.

    Args:
        path: of the notebook.
        root: the folder of submissions.
        cells: what `read` gave.
        names: the exercises that are looked for; those that the code defines are not.
    """
    left = set(names) - _defined_in(cells)
    if not left or SCRIPT.search(path.name):
        return ()
    found = {}
    for number, cell in enumerate(_cells(_document(content(path, root))), 1):
        if not _is_code(cell, number) and isinstance(cell.get("source"), str | list):
            text = Cell(number, _source(cell, number))
            found |= dict.fromkeys(_defined_in([text]) & left, (number, cell["cell_type"][:20]))
    return tuple((name, *place) for name, place in sorted(found.items()))


def mentioned(found: Iterable[Path], root: Path, words: Sequence[str]) -> list[str]:
    """Which of some words stand in any notebook, without looking at more notebooks than needed.

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


def without_magics(source: str) -> str:
    """A cell's Python with IPython's lines blanked, so that the lines keep their numbers.

    Only a line at which the Python breaks off is looked at: a line of text or of a long expression may begin with `%`.

    Examples:
        >>> without_magics("%matplotlib inline\\nx = 3 if a else (b\\n    % 2)")
        'pass\\nx = 3 if a else (b\\n    % 2)'
    """
    lines = source.split("\n")
    first = next((place for place, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        if not PYTHON_INSIDE.match(lines[first]):
            return "\n" * (len(lines) - 1)
        lines[first] = "pass"
    for _times in range(MOST_MAGICS):
        broken = _broken_line("\n".join(lines))
        if not 0 <= broken < len(lines) or not IPYTHON_LINE.match(lines[broken]):
            return "\n".join(lines)
        while lines[broken].endswith("\\") and broken + 1 < len(lines):  # it goes on in the next line
            lines[broken] = _blank(lines[broken])
            broken += 1
        lines[broken] = _blank(lines[broken])
    return "\n".join(_blank(line) if IPYTHON_LINE.match(line) else line for line in lines)


def _broken_line(source):
    """The place of the line at which Python can't go on, or -1."""
    try:
        syntax.parse(source)
    except SyntaxError as error:
        return (error.lineno or 0) - 1
    except RecursionError:
        return -1
    return -1


def _blank(line):
    return line[: len(line) - len(line.lstrip())] + "pass"  # an empty line would leave an `if` without its body


def _defined_in(cells):
    """The names that the text of some cells binds at the beginning of a line."""
    text = "\n".join(cell.source for cell in cells)
    return {
        name for pair in re.findall(r"^(?:def[ \t]+(\w+)|(\w+)[ \t]*=)", text, re.MULTILINE) for name in pair if name
    }


def _is_chapter(document, code):
    """Whether a notebook is a chapter to read into which no answer was written.

    A chapter's own cells name variables like the exercises; functions of those names stand only where the course begins.
    """
    made_from, text = _made_from(document), "\n".join(cell.source for cell in code)
    if not own_files.is_chapter(made_from, text):
        return False
    functions = set(re.findall(r"^(?:async[ \t]+)?(?:def[ \t]+(\w+)|(\w+)[ \t]*=[ \t]*lambda\b)", text, re.MULTILINE))
    return own_files.BEGINNING in made_from or not {name for pair in functions for name in pair} & {*exercise_names()}


def _made_from(document):
    """The source of a notebook of the course, as its metadata have it, or ""."""
    place = document
    for key in ("metadata", "course", "made_from"):
        place = place.get(key) if isinstance(place, dict) else None
    return place if isinstance(place, str) else ""


def shown(name: object) -> str:
    """A name for people: one line, without bytes that are no text, and without marks that would turn the words around it.

    What some languages need to be spelt (the non-joiner, marks of direction, a no-break space) stays.
    """
    readable = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() or c in SPELLING else repr(c)[1:-1] for c in readable)


def content(path: Path, root: Path) -> bytes:
    """The bytes of a notebook; arguments and errors as for `read`."""
    archive = archives.around(path, root)
    file = archive or path
    try:
        real, own = file.resolve(strict=True), root / path.relative_to(root).parts[0] if root.is_dir() else root
        if not all(real.is_relative_to(around.resolve()) for around in (root, own)):
            raise Unreadable(_("it is a link to a place outside of the student's folder"))
        if not real.is_file():
            raise Unreadable(_("it is no file"))
        if archive:
            found = archives.read(archive, path.relative_to(archive).as_posix(), MOST_BYTES_WITH_OUTPUTS + 1)
        else:
            with real.open("rb") as opened:
                found = opened.read(MOST_BYTES_WITH_OUTPUTS + 1)
    except archives.BadArchive as reason:
        raise Unreadable(str(reason)) from None
    except PermissionError as error:
        if file.is_symlink():  # a learner's doing
            raise Unreadable(_("it is a link to a place that can't be read")) from None
        raise Closed(error.strerror) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a link in a circle, up to Python 3.12
        raise Unreadable(getattr(error, "strerror", None) or _("a link that leads nowhere")) from None
    if MOST_BYTES < len(found) <= MOST_BYTES_WITH_OUTPUTS:
        found = PICTURE.sub(b'""', found)
    if len(found) > MOST_BYTES:
        raise Unreadable(_("it is larger than {most} MB").format(most=MOST_BYTES // 10**6))
    return found


def _document(content):
    if not content.strip():
        raise Unreadable(_("the file is empty"))
    try:
        return json.loads(content.decode("utf-8-sig"), parse_int=float)  # of any length; none of its numbers is used
    except UnicodeDecodeError:
        raise Unreadable(_("it is not in UTF-8")) from None
    except RecursionError:
        raise Unreadable(_("it is nested too deeply")) from None
    except ValueError:
        raise Unreadable(_("it is no notebook (not JSON)")) from None


def _cells(document):
    cells = document.get("cells") if isinstance(document, dict) else None
    if cells is None and isinstance(document, dict):
        cells = _cells_of_format_3(document.get("worksheets"))
    if not isinstance(cells, list) or not cells:
        raise Unreadable(_("it has no cells"))
    return cells


def _cells_of_format_3(worksheets):
    """The cells of a notebook of before 2015, in sheets and with `input` for `source`; None where there are no sheets."""
    if not isinstance(worksheets, list) or not all(isinstance(sheet, dict) for sheet in worksheets):
        return None
    sheets = [sheet["cells"] for sheet in worksheets if isinstance(sheet.get("cells"), list)]
    cells = [cell for sheet in sheets for cell in sheet]
    return [{"source": cell.get("input"), **cell} if isinstance(cell, dict) else cell for cell in cells]


def _script(content):
    """The cells of a script, as jupytext, nbconvert, VS Code and Spyder mark them; without marks it is one cell."""
    text = _text(content)
    if BY_JUPYTEXT.search(text):
        text = COMMENTED.sub(r"\1", text)
    first, *parts = CELL_MARK.split(text)
    cells = [("", first)]
    for mark, source in zip(parts[::2], parts[1::2], strict=True):
        mark = mark or ""
        cells.append((mark, f"%%{mark}{source}" if CELL_MAGIC.match(mark) else source))
    kinds = [re.search(r"\[(?:markdown|md|raw)\]", mark) for mark, _source in cells]
    return [
        {"cell_type": "markdown" if kind else "code", "source": source.removeprefix("\n")}
        for kind, (_mark, source) in zip(kinds, cells, strict=True)
        if source.strip()
    ]


def _text(content):
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise Unreadable(_("it is not in UTF-8")) from None


def _is_code(cell, number):
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        raise Unreadable(_("its cell {number} is no cell").format(number=number))
    return cell["cell_type"] == "code"


def _source(cell, number):
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(_("its cell {number} holds no text").format(number=number))
    return source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
