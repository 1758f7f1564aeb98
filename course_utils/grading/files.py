"""Writes a report's files, whole or not at all, and makes names and table cells safe."""

import csv
import io
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

# A spreadsheet would run a cell that begins like this; where `;` or a tab separates cells, also after one of these.
FORMULA = re.compile(r"""(^|[;\t\r\n]["' ]*)(?=[=+\-@\t\r＝＋－＠])""")
RUNS = re.compile(r"[(|!{\[&\"]")  # without any of these, a name such as `@ada` is harmless
UNFINISHED = ".writing-"  # prefix of a file's name until it is complete
SPELLING = "\u00a0\u200c\u200d\u200e\u200f\u202f\u3000"  # invisible characters that some languages need in names
LONGEST_NAME = 100  # bytes of a file's name before its suffix


def write_file(path: Path, text: str) -> None:
    """Replace a file atomically: readers see the old content or the new, never a part."""
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
    """A file name for a student: letters other than plain ones become %XX, so that no two students share a name."""
    name = "".join(c if _is_plain(c) else "".join(f"%{b:02X}" for b in _bytes(c)) for c in student)
    if len(_bytes(name)) <= LONGEST_NAME:
        return name
    return _bytes(name)[: LONGEST_NAME - 13].decode(errors="ignore") + "-" + sha256(_bytes(name)).hexdigest()[:12]


def _is_plain(character):
    """Whether the file system accepts it in the current locale."""
    try:
        os.fsencode(character)
    except UnicodeError:
        return False
    return character.isalnum() or character in "-_."


def _bytes(text):
    return text.encode("utf-8", "surrogateescape")


def csv_text(head: Sequence[str], lines: Iterable[Sequence]) -> str:
    """A table as CSV text, with formulas defused."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([head, *([defused(cell) for cell in line] for line in lines)])
    return text.getvalue()


def defused(cell: object) -> object:
    """A cell that no spreadsheet treats as a formula, wholly or in part."""
    if isinstance(cell, Name):
        return _as_it_came(cell)
    return FORMULA.sub(r"\1'", cell) if isinstance(cell, str) and cell != "-" else cell


class Name(str):
    """Text that identifies a person, such as a login: kept as it is unless a spreadsheet would run it."""


def identity(name: str) -> str:
    """A name unchanged, except that control characters and surrogates are written as Python escapes."""
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cs") else repr(c)[1:-1] for c in name)


def shown(name: object) -> str:
    """A name as shown to people: one line, without undecodable bytes and without marks that would reorder the text around it.

    Characters that some languages need (the non-joiner, direction marks, a no-break space) stay.
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
