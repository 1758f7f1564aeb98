"""Flags code that uses the system, the network or the course's answers. Code is read, not run; no mark changes."""

import ast
import re
from collections.abc import Sequence

from course_utils.checking import syntax
from course_utils.checking.forbidden_calls import free_names, hides
from course_utils.checking.spec import Exercise
from course_utils.grading.answers import Code, parse
from course_utils.grading.grading_messages import NOTES
from course_utils.grading.ipython_cells import WITH_FILES, magic_in

MODULES = {
    **dict.fromkeys(("ctypes", "cffi", "mmap", "resource", "signal", "pty", "fcntl"), "system"),
    **dict.fromkeys(("subprocess", "multiprocessing", "pexpect"), "processes"),
    **dict.fromkeys(("socket", "urllib", "requests", "http", "httpx", "ftplib", "smtplib"), "network"),
    **dict.fromkeys(("gc", "pickle", "dill", "marshal"), "inside"),
    **dict.fromkeys(("course_utils.exercises", "course_utils.checking", "course_utils.grading"), "answers"),
}
DEEPEST = max(name.count(".") + 1 for name in MODULES)  # the parts of a module's name that are compared
ATTRIBUTES = {
    **dict.fromkeys(("_getframe", "f_back", "f_locals", "f_globals", "tb_frame", "gi_frame"), "inside"),
    **dict.fromkeys(("__subclasses__", "__globals__", "get_objects", "get_referrers", "meta_path"), "inside"),
    **dict.fromkeys(("system", "popen", "fork", "kill", "killpg", "_exit", "posix_spawn"), "processes"),
}
WORDS = {  # in strings
    **dict.fromkeys(("/proc/", "/etc/", "/dev/", "~/.", "gradebook"), "files"),
    **dict.fromkeys(("course_utils/", "exercises/ch", "solutions/", "grades.csv", "run.json", "../"), "answers"),
}
OUTPUTS = re.compile(r"Out|_oh|_{1,3}|_\d+")  # IPython's names for what came out of a cell
MOST, MOST_OF_ANSWER = 5, 25  # sentences about one cell, and about one answer


def reaches(code: Code, specs: Sequence[Exercise]) -> dict[str, tuple[str, ...]]:
    """What a person should look at in a notebook.

    Args:
        code: its `Code`.
        specs: the exercises that it answers.

    Returns:
        A dict: exercise -> sentences. Findings in cells without an answer are listed under the first exercise.
    """
    by_cell = {}
    for spec in reversed(specs):
        by_cell[code.answers[spec.name].cell] = spec.name
    notes = {}
    for cell in code.cells:
        name = by_cell.get(cell.number, specs[0].name if specs else None)
        if name and len(notes.get(name, ())) < MOST_OF_ANSWER:
            place = NOTES["cell"].format(number=cell.number)
            notes[name] = (*notes.get(name, ()), *list(dict.fromkeys(_found(cell.source, place)))[:MOST])
    for file, text in code.files.items() if specs else ():
        name = specs[0].name
        notes[name] = (*notes.get(name, ()), *list(dict.fromkeys(_found(text, file)))[:MOST])
    for spec in specs:
        if spec.refused and (words := list(dict.fromkeys(_hidden(code, spec.name)))):
            told = NOTES["hides"].format(words="`, `".join(words[:MOST]), refused="`, `".join(spec.refused))
            notes[spec.name] = (*notes.get(spec.name, ()), told)
    return {name: sentences for name, sentences in notes.items() if sentences}


def _hidden(code, name):
    """What may hide a ready-made function: in an answer, in its helpers, and in cells that may bind names invisibly."""
    for _, tree, _bindings in code.read_through(name):
        yield from hides(tree)
        used = free_names(tree)
        yield from filter(OUTPUTS.fullmatch, [*used, *(other for one in used for other in code.made_of(one))])
    for cell in code.cells:
        if cell.number in code.out_of_sight:
            yield from hides(parse(cell.source))


def _found(source, place):
    tree = parse(source)
    for node in syntax.nodes(tree) if tree else ():
        for word, what in _reached(node):
            yield NOTES[what].format(place=place, word=word)


def _reached(node):
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _module(alias.name)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            yield from _module(f"{node.module}.{alias.name}")
    elif isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES:
        yield node.attr, ATTRIBUTES[node.attr]
    elif isinstance(node, ast.Call) and (magic := magic_in(node)) and magic[0] in WITH_FILES:
        yield f"%{magic[0]} {magic[1]}".strip(), "file"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from ((word, what) for word, what in WORDS.items() if word in node.value)


def _module(name):
    parts = name.split(".")[:DEEPEST]
    for length in range(1, len(parts) + 1):
        start = ".".join(parts[:length])
        if start in MODULES:
            yield start, MODULES[start]
