"""Verdicts on answers as plain data. The text of this file runs here and with the browser's Python, to be compared.

It imports nothing but what a page has: the course's checker, NumPy and the standard library.
"""

import functools
import linecache

import numpy as np

from course_utils.checking.judge import judge
from course_utils.checking.observe import observe
from course_utils.checking.verdict import as_html
from course_utils.exercises import exercise
from course_utils.learner.check import verdict_on

SETUP = "import decimal, fractions, functools, itertools, math\nimport numpy as np\n"


def verdicts(cells, names):
    """The verdicts on learners' cells, and on every misconception of some exercises.

    Args:
        cells: pairs of an exercise's name and a cell.
        names: of the exercises whose misconceptions are judged.

    Returns:
        A list of lists of str, first for each cell, then for each misconception.
    """
    known = [(exercise(name), one.wrong) for name in names for one in exercise(name).misconceptions]
    return [_of_cell(*cell) for cell in cells] + [_of_function(*pair) for pair in known]


def _of_cell(name, source):
    file = f"<answer {name} {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = {"__name__": "__main__", "right": functools.partial(_silent, exercise(name).solution)}
    exec(SETUP, namespace)
    exec(compile(source, file, "exec"), namespace)
    return _plain(verdict_on(namespace[name], exercise(name)))


def _of_function(spec, function):
    return _plain(judge(spec, lambda case: observe(function, case.args, case.kwargs)))


def _plain(verdict):
    return [verdict.exercise, verdict.status, verdict.misconception, repr(verdict), as_html(verdict)]


def _silent(function, *args, **kwargs):
    with np.errstate(all="ignore"):
        return function(*args, **kwargs)
