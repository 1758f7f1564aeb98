"""Reads a file that was handed in, a notebook of any format or a script, as a list of cells. Nothing is run here."""

import codecs
import io
import json
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from course_utils.grading import archives
from course_utils.texts import _

MOST_BYTES = 20_000_000  # of a notebook
MOST_BYTES_WITH_OUTPUTS = 200_000_000  # of a notebook, before the pictures in its outputs are taken out
PICTURE = re.compile(rb'"(?:[A-Za-z0-9+/=]|\\n){20000,}"')  # base64 in a JSON string
# Browsers and learning platforms add the second suffix.
NOTEBOOK = re.compile(r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE)
SCRIPT = re.compile(r"\.py$", re.IGNORECASE)
# How cells begin in a script: jupytext's percent format, VS Code, Spyder (`#%%`), nbconvert, and old versions of IPython.
CELL_MARK = re.compile(r"^#[ \t]*(?:%%(.*)|In[ ]?\[[\d ]*\]:.*|<(?:code|markdown|raw)cell>.*)$", re.MULTILINE)
CELL_MAGIC = re.compile(r"(?:writefile|file|time|timeit|capture|prun)\b")  # jupytext writes `%%time` as `# %%time`
COMMENTED = re.compile(r"^([ \t]*)# (?=[%!]\w)", re.MULTILINE)  # and `%pylab` as `# %pylab`
BY_JUPYTEXT = re.compile(r"^#\s+jupytext:", re.MULTILINE)


LOOKED_AT = 100_000  # bytes of what is not JSON
# What such a file is, by what stands in it.
NO_JSON = {
    b"version https://git-lfs": _("it is a pointer of Git LFS, and the notebook itself is not here"),
    b"<<<<<<< ": _("it holds a merge conflict of Git"),
    b"<!DOCTYPE": _("it is a web page, perhaps of a sign-in, and no notebook"),
    b"<html": _("it is a web page, perhaps of a sign-in, and no notebook"),
    b"": _("it is no notebook (not JSON)"),
}


class Closed(Exception):
    """The grader may not read a file: its own failure, and nobody's mark. The message is the reason."""


class Unreadable(Exception):
    """A notebook that can't be read; the message is the reason, as the end of a sentence."""


@dataclass(frozen=True)
class Cell:
    """A code cell: its place among all the notebook's cells, counted from 1, and its Python."""

    number: int
    source: str


def content(path: Path, root: Path) -> bytes:
    """The bytes of a file.

    Args:
        path: of the file, which may lie in an archive.
        root: the folder of submissions. With links followed, the file must lie in its student's folder there.

    Raises:
        Unreadable: with the reason.
        Closed: the grader may not read it.
    """
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
    except FileNotFoundError as error:
        if archive or any(
            part.is_symlink() for part in (path, *path.parents) if part != root and part.is_relative_to(root)
        ):
            raise Unreadable(_("a link that leads nowhere")) from None
        raise Closed(error.strerror) from error  # it was there when the folder was searched
    except (OSError, RuntimeError) as error:  # RuntimeError: a link in a circle, up to Python 3.12
        raise Unreadable(getattr(error, "strerror", None) or _("a link that leads nowhere")) from None
    if MOST_BYTES < len(found) <= MOST_BYTES_WITH_OUTPUTS:
        found = PICTURE.sub(b'""', found)
    if len(found) > MOST_BYTES:
        raise Unreadable(_("it is larger than {most} MB").format(most=MOST_BYTES // 10**6))
    return found


def load(path: Path, root: Path) -> dict:
    """A notebook, or a script in a notebook's form, as its JSON document; arguments and errors as for `content`."""
    found = content(path, root)
    if SCRIPT.search(path.name):
        return {"cells": _cells_of_script(text_of(found))}
    if not found.strip():
        raise Unreadable(_("the file is empty"))
    try:
        return json.loads(found, parse_int=float)  # integers of any length; none of them is used
    except UnicodeDecodeError:
        raise Unreadable(_("it is not in UTF-8")) from None
    except RecursionError:
        raise Unreadable(_("it is nested too deeply")) from None
    except ValueError:
        raise Unreadable(
            next((why for sign, why in NO_JSON.items() if sign in found[:LOOKED_AT]), NO_JSON[b""])
        ) from None


def code_cells(document: dict) -> list[Cell]:
    """The code cells of a document from `load`.

    Raises:
        Unreadable: it has no cells, or a cell that is not one.
    """
    cells = enumerate(_cells(document), 1)
    return [Cell(number, _source(cell, number)) for number, cell in cells if _is_code(cell, number)]


def text_cells(document: dict) -> list[tuple[Cell, str]]:
    """The other cells that hold text, each with its type; errors as for `code_cells`."""
    cells = [(n, c) for n, c in enumerate(_cells(document), 1) if not _is_code(c, n)]
    return [(Cell(n, _source(c, n)), c["cell_type"]) for n, c in cells if isinstance(c.get("source"), str | list)]


def text_of(content: bytes) -> str:
    """A script's bytes, in UTF-8 unless it says otherwise, as text with "\\n" at the end of each line.

    Raises:
        Unreadable: it is not in that encoding.
    """
    try:
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        encoding = "utf-16" if wide else tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    except (UnicodeDecodeError, SyntaxError):  # `detect_encoding` raises the second
        raise Unreadable(_("it is not in UTF-8")) from None


def _cells(document):
    cells = document.get("cells") if isinstance(document, dict) else None
    if cells is None and isinstance(document, dict):
        cells = _cells_of_format_3(document.get("worksheets"))
    if not isinstance(cells, list) or not cells:
        raise Unreadable(_("it has no cells"))
    return cells


def _cells_of_format_3(worksheets):
    """The cells of a notebook from before 2015, which has worksheets, and `input` for `source`; None without worksheets."""
    if not isinstance(worksheets, list) or not all(isinstance(sheet, dict) for sheet in worksheets):
        return None
    sheets = [sheet["cells"] for sheet in worksheets if isinstance(sheet.get("cells"), list)]
    cells = [cell for sheet in sheets for cell in sheet]
    return [{"source": cell.get("input"), **cell} if isinstance(cell, dict) else cell for cell in cells]


def _cells_of_script(text):
    """The cells of a script, as jupytext, nbconvert, VS Code and Spyder mark them; without marks it is one cell."""
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


def _is_code(cell, number):
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        raise Unreadable(_("its cell {number} is no cell").format(number=number))
    return cell["cell_type"] == "code"


def _source(cell, number):
    source = cell.get("source") or ""  # some tools write none, or null, into an empty cell
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(_("its cell {number} holds no text").format(number=number))
    return source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
