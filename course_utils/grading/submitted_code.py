"""Reads submissions again for the report: each answer's code, and a digest to see whether a notebook has changed."""

import ast
from hashlib import sha256
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
        self._notebooks, self._helpers = (found.notebooks, found.helpers) if found else ({}, {})
        self._root = root

    def code(self, student: str, chapter: str) -> Code:
        """A notebook's `Code`; an empty one if it was not handed in or can't be read."""
        path = self._notebooks.get((student, chapter))
        try:
            return Code(submissions.read(path, self._root) if path else (), self._helpers.get((student, chapter), {}))
        except Exception:  # noqa: BLE001 - the marks stand; a page without the code is better than no report
            return Code(())


def digest(code: Code) -> str:
    """A digest of the code; "" if there is none."""
    cells = "\0".join(
        [*(cell.source for cell in code.cells), *(text for pair in sorted(code.files.items()) for text in pair)]
    )
    return sha256(cells.encode("utf-8", "surrogatepass")).hexdigest()[:16] if code.cells else ""


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
