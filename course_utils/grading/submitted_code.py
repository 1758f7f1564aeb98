"""Reads submissions again for the report: each answer's code, and a digest to see whether a notebook has changed."""

import ast
from collections.abc import Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path

from course_utils.grading import discovery, submissions
from course_utils.grading.answers import FUNCTIONS, Code, is_stub

LONGEST = 8000  # characters of one answer that a page shows
CUT = "\n... (cut here)"


class Sources:
    """The code of the submissions; nothing is run.

    Args:
        found: `discovery.HandedIn`, or None if nothing is to be read.
        root: path of the folder of submissions.
    """

    def __init__(self, found: discovery.HandedIn | None = None, root: Path | None = None):
        found = found or discovery.HandedIn((), (), {}, ())
        self._notebooks, self._helpers, self._elsewhere = found.notebooks, found.helpers, found.elsewhere
        self._root = root

    def code(self, student: str, chapter: str) -> Code:
        """A notebook's `Code`; an empty one if it was not handed in or can't be read."""
        place = student, chapter
        return self._code(self._notebooks.get(place), self._helpers.get(place, {}))

    def elsewhere(self, student: str, chapter: str) -> list[tuple[Sequence[str], Code]]:
        """The exercises for which another file may be graded, and its `Code`, for each such file."""
        others = self._elsewhere.get((student, chapter), ())
        return [(other.exercises, self._code(other.path, other.helpers)) for other in others]

    def _code(self, path, helpers):
        try:
            return Code(submissions.read(path, self._root) if path else (), helpers)
        except Exception:  # noqa: BLE001 - the marks stand; a page without the code is better than no report
            return Code(())


def digest(*codes: Code) -> str:
    """A digest of the code; "" if there is none."""
    cells = "\0".join(
        text
        for code in codes
        for text in (*(cell.source for cell in code.cells), *chain.from_iterable(sorted(code.files.items())))
    )
    return sha256(cells.encode("utf-8", "surrogatepass")).hexdigest()[:16] if any(code.cells for code in codes) else ""


def own_code(code: Code, name: str) -> str:
    """The learner's answer as they wrote it, or "" where there is none.

    A function, or a name bound to a lambda, is shown alone; any other answer with the rest of its cell.
    """
    try:
        answer = code.answers.get(name)
        if answer is None or is_stub(answer.statement):
            return ""
    except (RecursionError, MemoryError):
        return ""
    source = next(cell.source for cell in code.cells if cell.number == answer.cell)
    text = _lines(source, answer.statement) if _stands_alone(answer.statement) else source.strip("\n")
    return text if len(text) <= LONGEST else text[:LONGEST] + CUT


def _stands_alone(statement):
    lambda_ = isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)
    return lambda_ or isinstance(statement, FUNCTIONS)


def _lines(source, statement):
    """The whole lines of a statement, including its decorators."""
    first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", ()))])
    lines = source.replace("\r", "\n").split("\n")  # as Python counts lines; str.splitlines also splits at form feeds
    return "\n".join(lines[first - 1 : statement.end_lineno])
