"""Finds what was handed in and takes the code out of it. Nothing of a submission is run here, and none raises."""

import json
import os
import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from course_utils.checking import syntax
from course_utils.exercises import chapters as all_chapters
from course_utils.exercises import exercise_names
from course_utils.grading import own_files
from course_utils.grading.grading_messages import WARNINGS
from course_utils.texts import _

MOST_BYTES = 20_000_000  # of a notebook
MOST_CODE = 200_000  # characters of code in a notebook: a syntax tree takes a thousand times as many bytes
MOST_CELLS = 2_000  # of code
LEVELS, MOST_FOLDERS = 5, 1_000  # folders inside of folders that are looked through, and how many on each level
MOST_MAGICS = 20  # looked for one by one in a cell; beyond, every line that looks like one goes
IPYTHON_LINE = re.compile(r"\s*(?:[%!?]|[\w.]+\?\??\s*$|[\w,][\w, ]*=\s*[%!])")
DOTTED = re.compile(r"(?:\.[\s\\]*[^\W\d]\w*[\s\\]*){200}")  # Python keeps each beginning of a module's name: gigabytes
PYTHON_INSIDE = re.compile(r"%%(?:time|capture|prun)\b")  # what follows in the cell is still executed
NAMED = 10  # files in one warning
MOST_BYTES_WITH_OUTPUTS = 200_000_000  # of a notebook, before the pictures in its outputs are taken out
PICTURE = re.compile(rb'"(?:[A-Za-z0-9+/=]|\\n){20000,}"')  # base64 in a string of JSON
NOTEBOOK = re.compile(
    r"\.ipynb(?:\.txt|\.json)?$", re.IGNORECASE
)  # browsers and learning platforms add the second suffix
SCRIPT = re.compile(r"\.py$", re.IGNORECASE)
CELL_MARK = re.compile(
    r"^# (?:%%(.*)|In\[[\d ]*\]:.*)$", re.MULTILINE
)  # jupytext's percent format, and nbconvert's scripts
NOT_ANSWERS = ("solutions",)  # a folder of the course's own


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
class HandedIn:
    """What lies in the folder of submissions.

    Args:
        students: the folders' names, sorted.
        chapters: those that at least one student handed in, in the course's order.
        notebooks: (student, chapter) -> path.
        warnings: sentences for the teacher.
        closed: student -> why the grader may not read their folder.
        unread: student -> the names of their files that were not taken for a chapter's notebook, a text; those without are absent.
    """

    students: tuple[str, ...]
    chapters: tuple[str, ...]
    notebooks: dict
    warnings: tuple[str, ...]
    closed: dict = field(default_factory=dict)
    unread: dict = field(default_factory=dict)

    def unread_for(self, student, chapter):
        """The student's files among which a chapter's notebook may be: those that were not read, unless others were."""
        names = self.unread.get(student, "")
        others = any(owner == student for owner, _chapter in self.notebooks)
        return names if not others or chapter.casefold() in names.casefold() else ""


def find(root, chapters):
    """Look for `<student>/<chapter>.ipynb` and `<student>/<assignment>/<chapter>.ipynb`.

    Where no file has that name, or several have, the answers in it say which chapter a notebook or script belongs to.

    Args:
        root: path of the folder of submissions.
        chapters: the names of the course's chapters; other notebooks are named in a warning.

    Returns:
        A `HandedIn`.

    Raises:
        OSError: the folder itself can't be read.
    """
    notebooks, warnings, students, closed, unread, with_the_course = {}, [], [], {}, {}, []
    for folder in sorted(path for path in root.iterdir() if not path.name.startswith((".", "__MACOSX"))):
        if folder.is_dir():
            students.append(folder.name)
            paths, reason = _listed(folder)
            if reason:
                closed[folder.name] = reason
                warnings.append(WARNINGS["closed"].format(student=shown(folder.name), reason=reason))
            names = {path.relative_to(folder).as_posix() for path in paths}
            own = {name for name in names if own_files.lies_in_the_course(name, names)}
            paths = [path for path in paths if path.relative_to(folder).as_posix() not in own]
            with_the_course += [folder.name] if own else []
            known, others = _by_chapter(root, folder, paths, chapters)
            notebooks |= {(folder.name, chapter): paths[0] for chapter, paths in known.items()}
            warnings += _about(folder, known, others)
            if others:
                unread[folder.name] = _names(folder, others)
        else:
            warnings.append(WARNINGS["no_student"].format(file=shown(folder.name)))
    if with_the_course:
        names = ", ".join(map(shown, with_the_course[:NAMED])) + _more(len(with_the_course) - NAMED)
        warnings.append(WARNINGS["with_the_course"].format(students=names))
    present = {chapter for _, chapter in notebooks}
    graded = tuple(c for c in chapters if c in present)
    return HandedIn(tuple(students), graded, notebooks, tuple(warnings), closed, unread)


def read(path, root):
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
    return tuple(Cell(cell.number, without_magics(cell.source)) for cell in code)


def mentioned(found, root, words):
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


def without_magics(source):
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


def _listed(folder):
    """The files in a student's folder, the nearest first, and why a part of it can't be listed, or "".

    Links to folders are not followed: they may lead anywhere, or nowhere.
    """
    paths, level, closed = [], [folder], ""
    for depth in range(LEVELS):
        level, places = [], level[:MOST_FOLDERS]
        for place in places:
            try:
                entries = _entries(place)
            except OSError as error:
                closed = closed or (error.strerror if depth < 2 else "")  # deeper, nothing is looked for
                continue
            folders = [entry for entry in entries if entry.is_dir(follow_symlinks=False)]
            # a folder that is called like a notebook is one that can't be read
            paths += [Path(entry.path) for entry in entries if entry not in folders or NOTEBOOK.search(entry.name)]
            level += [Path(entry.path) for entry in folders]
    return paths, closed


def _entries(folder):
    """What lies in a folder, sorted, without what computers put there."""
    with os.scandir(folder) as entries:
        kept = [entry for entry in entries if not entry.name.startswith((".", "__MACOSX"))]
    return sorted(kept, key=lambda entry: entry.name)


def _by_chapter(root, folder, paths, chapters):
    """The files of a student: chapter -> paths, the one to be graded first; and those that are no chapter's."""
    named, odd, others = defaultdict(list), [], []
    for path in paths:
        parts = path.relative_to(folder).parts
        if any(part.casefold() in NOT_ANSWERS for part in parts[:-1]):
            others.append(path)
        elif path.suffix == ".ipynb" and path.stem in chapters and len(parts) <= 2:
            named[path.stem].append(path)
        elif NOTEBOOK.search(path.name) or SCRIPT.search(path.name):
            odd.append(path)
        else:
            others.append(path)
    if not odd and all(len(same) == 1 for same in named.values()):
        return named, others
    return _by_content(root, folder, named, odd, others, chapters)


def _by_content(root, folder, named, odd, others, chapters):
    """Where names don't decide. Answers are preferred to none, a notebook to a script, the right name, the nearest, the newest."""
    found = defaultdict(list)
    candidates = [(path, chapter) for chapter, same in named.items() for path in same] + [(path, "") for path in odd]
    for path, chapter in candidates:
        answered = _answers_of(path, root, chapters)
        chapter = chapter or (max(answered, key=answered.get) if answered else _chapter_in(path.name, chapters))
        if not chapter or (SCRIPT.search(path.name) and not answered):
            others.append(path)
            continue
        depth = len(path.relative_to(folder).parts)
        script = bool(SCRIPT.search(path.name))
        order = (not answered.get(chapter), script, path in odd and depth > 2, depth, -_changed(path), path in odd)
        found[chapter].append((order, path))
    return {chapter: [path for _, path in sorted(pairs)] for chapter, pairs in found.items()}, others


def _answers_of(path, root, chapters):
    """Chapter -> how many of its exercises a file defines; only those with any. A file that can't be read defines none."""
    try:
        cells = read(path, root)
        names = _defined_in(cells)
        if SCRIPT.search(path.name) and own_files.is_of_the_package(
            "".join(cell.source for cell in cells[:1]).lstrip()
        ):
            return {}
    except (Unreadable, Closed):
        return {}
    counts = {chapter: len(names.intersection(all_chapters().get(chapter, ()))) for chapter in chapters}
    return {chapter: count for chapter, count in counts.items() if count}


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


def _chapter_in(name, chapters):
    """The chapter whose name stands in a file's: `Copy of 02_sigmoid`, `02_Sigmoid (1)`; or ""."""
    return next((chapter for chapter in chapters if chapter.casefold() in name.casefold()), "")


def _changed(path):
    """When a file was changed last, in whole seconds: unpacked files and copies differ by less without a meaning."""
    try:
        return int(path.stat().st_mtime)
    except OSError:
        return 0


def _about(folder, known, others):
    """Warnings about a student's files."""
    student = shown(folder.name)
    if others:
        yield WARNINGS["other_notebooks"].format(student=student, files=_names(folder, others))
    for chapter, (used, *unused) in known.items():
        if used.name != f"{chapter}.ipynb" or len(used.relative_to(folder).parts) > 2:
            yield WARNINGS["other_name"].format(student=student, chapter=chapter, file=_names(folder, [used]))
        if unused:
            names = {"used": _names(folder, [used]), "unused": _names(folder, unused)}
            yield WARNINGS["second_copy"].format(student=student, chapter=chapter, **names)


def _names(folder, paths):
    names = [shown(str(path.relative_to(folder))) for path in paths[:NAMED]]
    return ", ".join(names) + _more(len(paths) - NAMED)


def _more(number):
    return _(" and {number} more").format(number=number) if number > 0 else ""


def shown(name):
    """A file's name for people: one line, and without bytes that are no text."""
    readable = name.encode("utf-8", "backslashreplace").decode()
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in readable)


def content(path, root):
    """The bytes of a notebook; arguments and errors as for `read`."""
    try:
        real, own = path.resolve(strict=True), root / path.relative_to(root).parts[0]
        if not all(real.is_relative_to(around.resolve()) for around in (root, own)):
            raise Unreadable(_("it is a link to a place outside of the student's folder"))
        if not real.is_file():
            raise Unreadable(_("it is no file"))
        with real.open("rb") as file:
            found = file.read(MOST_BYTES_WITH_OUTPUTS + 1)
    except PermissionError as error:
        if path.is_symlink():  # a learner's doing
            raise Unreadable(_("it is a link to a place that can't be read")) from None
        raise Closed(error.strerror) from error
    except (OSError, RuntimeError) as error:  # RuntimeError: a link in a circle, up to Python 3.12
        raise Unreadable(getattr(error, "strerror", None) or _("a link that leads nowhere")) from None
    if MOST_BYTES < len(found) <= MOST_BYTES_WITH_OUTPUTS:
        found = PICTURE.sub(b'""', found)
    if len(found) > MOST_BYTES:
        raise Unreadable(f"it is larger than {MOST_BYTES // 10**6} MB")
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
    """The cells of a script in jupytext's percent format, or as nbconvert writes it; without marks it is one cell."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise Unreadable(_("it is not in UTF-8")) from None
    first, *parts = CELL_MARK.split(text)
    cells = [("", first), *zip(parts[::2], parts[1::2], strict=True)]
    kinds = [re.search(r"\[(?:markdown|md|raw)\]", mark or "") for mark, _source in cells]
    return [
        {"cell_type": "markdown" if kind else "code", "source": source}
        for kind, (_mark, source) in zip(kinds, cells, strict=True)
        if source.strip()
    ]


def _is_code(cell, number):
    if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
        raise Unreadable(f"its cell {number} is no cell")
    return cell["cell_type"] == "code"


def _source(cell, number):
    source = cell.get("source")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        raise Unreadable(f"its cell {number} holds no text")
    return source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
