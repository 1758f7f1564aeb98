"""Marks that a teacher sets by hand: `overrides.csv` with the columns student, exercise, points, reason."""

import csv
import difflib
import io
import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from course_utils.exercises import exercise
from course_utils.grading.files import Name, defused, shown
from course_utils.grading.grading_messages import OVERRIDES
from course_utils.grading.marks import Override, Row

FILE = "overrides.csv"
COLUMNS = ["student", "exercise", "points", "reason"]
SHOWN = 10  # faults in one message
LONGEST = 1000  # characters of a reason


class InvalidOverrides(Exception):
    """A file of overrides has mistakes; the message names each line and what it should contain."""


def read(
    path: Path, students: Iterable[str], names: Sequence[str], taken_for: list[str] | None = None
) -> dict[tuple[str, str], Override]:
    """The marks in a file.

    Args:
        path: of the file.
        students: the names of the students' folders.
        names: the exercises that are graded.
        taken_for: gets a sentence for each name that is spelt differently from the student's, such as with a trailing space.

    Returns:
        (student, exercise) -> `Override`.

    Raises:
        InvalidOverrides: with one sentence for each wrong line.
    """
    marks, faults, lines = {}, [], {}
    known = _known(students)
    reader, decimal_comma = _reader(path)
    for cells in reader:
        try:
            key, mark = _mark(cells, known, names, decimal_comma)
            if key in marks:
                raise InvalidOverrides(
                    OVERRIDES["twice"].format(student=shown(key[0]), exercise=key[1], line=lines[key])
                )
            marks[key], lines[key] = mark, reader.line_num
            if taken_for is not None and cells[0] not in known[key[0]]:
                words = {"file": path.name, "line": reader.line_num, "name": shown(cells[0]), "student": shown(key[0])}
                taken_for.append(OVERRIDES["taken_for"].format(**words))
        except InvalidOverrides as fault:
            faults.append(OVERRIDES["line"].format(file=path.name, line=reader.line_num, fault=fault))
    if faults:
        more = [OVERRIDES["more"].format(number=len(faults) - SHOWN)] if len(faults) > SHOWN else []
        raise InvalidOverrides("\n".join([*faults[:SHOWN], *more]))
    return marks


def apply(rows: Sequence[Row], marks: Mapping[tuple[str, str], Override]) -> list[Row]:
    """The rows with the teacher's marks applied."""
    return [replace(row, override=marks.get((row.student, row.verdict.exercise))) for row in rows]


def _reader(path):
    """The lines below the header, and whether numbers may use a decimal comma, as they do where `;` separates the cells."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InvalidOverrides(OVERRIDES["unreadable"].format(file=path, reason=error.strerror)) from None
    except UnicodeDecodeError:
        raise InvalidOverrides(OVERRIDES["encoding"].format(file=path)) from None
    semicolons = ";" in text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolons else ",")
    try:
        head = next(reader, [])
    except csv.Error as error:
        raise InvalidOverrides(OVERRIDES["no_csv"].format(line=1, reason=error)) from None
    if [cell.strip().lower() for cell in head] != COLUMNS:
        raise InvalidOverrides(
            OVERRIDES["head"].format(file=path, wanted=",".join(COLUMNS), got=",".join(head)[:200] or "nothing")
        )
    return _Filled(reader), semicolons


class _Filled:
    """A reader that skips empty lines and raises `InvalidOverrides` for a file that is not CSV."""

    def __init__(self, reader):
        self._reader = reader

    @property
    def line_num(self):
        return self._reader.line_num

    def __iter__(self):
        try:
            yield from (cells for cells in self._reader if any(cell.strip() for cell in cells))
        except csv.Error as error:
            raise InvalidOverrides(OVERRIDES["no_csv"].format(line=self._reader.line_num, reason=error)) from None


def _mark(cells, known, names, decimal_comma):
    if len(cells) != len(COLUMNS):
        raise InvalidOverrides(OVERRIDES["cells"].format(number=len(cells), wanted=len(COLUMNS)))
    _name, name, points, reason = (cell.strip() for cell in cells)
    student = _student(cells[0], known)
    if name not in names:
        _unknown("exercise", name, names)
    if not reason:
        raise InvalidOverrides(OVERRIDES["reason"])
    number = _points(points.replace(",", ".") if decimal_comma else points, exercise(name).points)
    return (student, name), Override(number, reason[:LONGEST])


def _known(students):
    """Student -> how the report's tables may spell them."""
    return {student: (student, shown(student), defused(Name(student)), defused(shown(student))) for student in students}


def _student(name, known):
    """The student meant: an exact match, or else the same letters with other spaces or another Unicode normalisation."""
    exact = [student for student, forms in known.items() if name in forms]
    like = exact or [student for student, forms in known.items() if _plain(name) in map(_plain, forms)]
    if len(like) > 1:
        raise InvalidOverrides(OVERRIDES["ambiguous"].format(name=shown(name), students=", ".join(map(shown, like))))
    return like[0] if like else _unknown("student", name.strip(), known)


def _plain(name):
    return " ".join(unicodedata.normalize("NFC", name).split())


def _points(text, most):
    try:
        points = float(text)
    except ValueError:
        points = math.nan
    if not 0 <= points <= most:  # nan fails every comparison
        raise InvalidOverrides(OVERRIDES["points"].format(got=text, most=most))
    return int(points) if points == int(points) else points


def _unknown(what, name, known):
    near = difflib.get_close_matches(name, list(known), n=1)
    hint = OVERRIDES["did_you_mean"].format(near=near[0]) if near else ""
    raise InvalidOverrides(OVERRIDES[what].format(name=shown(name)) + hint)
