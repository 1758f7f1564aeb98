"""Flags students with identical long answers; short ones are often the same by chance."""

import ast
import inspect
import textwrap
from collections import Counter, defaultdict
from collections.abc import Mapping
from itertools import combinations

from course_utils.checking import syntax
from course_utils.exercises import exercise
from course_utils.grading.answers import FUNCTIONS
from course_utils.grading.files import shown
from course_utils.grading.grading_messages import ALIKE

SMALLEST_CLASS = 10  # students; in a smaller class no answer counts as rare
RAREST = 3  # students; an answer shared by more of them says nothing
LONG = 40  # nodes of a syntax tree; the one-line sigmoid has about 20
EXERCISES = 3  # identical answers that two students must share


def sentences(prints: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A sentence for each pair of students who share several long, rare answers.

    Args:
        prints: student -> {exercise: its `fingerprint`}.
    """
    if len(prints) < SMALLEST_CLASS:
        return []
    shared = defaultdict(list)
    for name, students in _rare(prints):
        for two in combinations(students, 2):
            shared[two].append(name)
    return [
        ALIKE.format(one=shown(one), other=shown(other), number=len(names), names=", ".join(names))
        for (one, other), names in shared.items()
        if len(names) >= EXERCISES
    ]


def fingerprint(code: str) -> str:
    """A digest of the code that ignores spaces and comments; "" for short code or none."""
    try:
        tree = syntax.parse(textwrap.dedent(code))
    except (SyntaxError, RecursionError):
        return ""
    words, count = _flat(tree)
    return " ".join(words) if count >= LONG else ""


def _flat(tree):
    """A syntax tree as words, without docstrings, and how many nodes it has.

    Unlike `ast.dump` it handles any depth, and integers of any length.
    """
    words, todo, count = [], [tree], 0
    while todo:
        part = todo.pop()
        if isinstance(part, ast.AST):
            count += 1
            words.append(type(part).__name__)
            parts = [getattr(part, name) for name in part._fields if hasattr(part, name)]
            if isinstance(part, FUNCTIONS) and ast.get_docstring(part, clean=False) is not None:
                parts[parts.index(part.body)] = part.body[1:]
            todo += parts[::-1]
        elif isinstance(part, list):
            words.append(f"[{len(part)}]")
            todo += reversed(part)
        else:
            words.append(hex(part) if type(part) is int else repr(part))
    return words, count


def _rare(prints):
    """(exercise, the few students who wrote the same), for each answer that is not the course's own."""
    holders = defaultdict(list)
    for student, own in prints.items():
        for name, text in own.items():
            if text:
                holders[name, text].append(student)
    few = Counter({key: len(students) for key, students in holders.items()})
    return [(name, holders[name, text]) for name, text in few if 2 <= few[name, text] <= RAREST and text != _course(name)]  # fmt: skip


def _course(name):
    return fingerprint(inspect.getsource(exercise(name).solution))
