"""Files of a report: written whole or not at all, with names and cells that do no harm."""

import csv
import io
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

# A spreadsheet would run what begins so; where `;` or a tab parts the cells, after one of these, too.
FORMULA = re.compile(r"""(^|[;\t\r\n]["' ]*)(?=[=+\-@\t\r＝＋－＠])""")
RUNS = re.compile(r"[(|!{\[&\"]")  # without any of these, a name such as `@ada` does no harm
UNFINISHED = ".writing-"  # how a file's name begins until it is whole
SPELLING = "\u00a0\u200c\u200d\u200e\u200f\u202f\u3000"  # invisible characters that some languages need in names
LONGEST_NAME = 100  # bytes of a file's name before its suffix


def write_file(path: Path, text: str) -> None:
    """Write a file so that at its place there is the old one or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=UNFINISHED)
    try:
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            file.write(text)
        Path(temporary).chmod(0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def file_name(student: str) -> str:
    """A file's name for a student's: other letters than plain ones as %XX, so that no two students share one."""
    name = "".join(c if _is_plain(c) else "".join(f"%{b:02X}" for b in _bytes(c)) for c in student)
    if len(_bytes(name)) <= LONGEST_NAME:
        return name
    return _bytes(name)[: LONGEST_NAME - 13].decode(errors="ignore") + "-" + sha256(_bytes(name)).hexdigest()[:12]


def _is_plain(character):
    """Whether a file system takes it, here and in the setting that the terminal has."""
    try:
        os.fsencode(character)
    except UnicodeError:
        return False
    return character.isalnum() or character in "-_."


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def csv_text(head: Sequence[str], lines: Iterable[Sequence]) -> str:
    """A table as the text of a CSV file, its formulas defused."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([head, *([defused(cell) for cell in line] for line in lines)])
    return text.getvalue()


def defused(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula, nor any part of it."""
    if isinstance(cell, Name):
        return _as_it_came(cell)
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) and cell != "-" else cell


class Name(str):
    """What says who somebody is, such as a login: it stays as it came, unless a spreadsheet would run it."""


def identity(name: str) -> str:
    """A name as it came, letter by letter; only what is no text at all is written as Python would."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else repr(c)[1:-1] for c in name)


def shown(name: object) -> str:
    """A name for people: one line, without bytes that are no text, and without marks that would turn the words around it.

    What some languages need to be spelt (the non-joiner, marks of direction, a no-break space) stays.
    """
    readable = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() or c in SPELLING else repr(c)[1:-1] for c in readable)


def _as_it_came(name):
    text = identity(name)
    risky = RUNS.search(text) or text.startswith(("=", "＝")) or re.search(r"[;\t]", text)
    return FORMULA.sub(r"\1'", text) if risky else text


def _umask():
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
