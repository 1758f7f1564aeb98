"""Answers as a learner would write them: texts, and the functions that they make."""

import ast
import functools
import linecache
import re
import textwrap
import warnings

import numpy as np

from course_utils.building.sources import stub
from course_utils.exercises import exercise

SETUP = "import decimal, fractions, functools, itertools, math\nimport keras, scipy.special, tensorflow as tf\nimport numpy as np\n"


def cell(name, text, helpers=(), names=""):
    """A learner's cell.

    Args:
        name: the exercise's.
        text: a formula in the exercise's own parameters, or lines of the function's body with their `return`, or a whole
            cell. {name} stands for the exercise's name, {x} for its first parameter, {all} for all of them, {parameters}
            for all with their defaults, {signature} for these in parentheses; `right` is a right answer.
        helpers: sources of functions; those that the text calls stand before it.
        names: a line for the beginning of the body, with short names for the parameters.
    """
    signature = exercise(name).signature
    known = {"name": name, "all": ", ".join(signature.parameters), "signature": str(signature),
             "parameters": str(signature)[1:-1], "x": next(iter(signature.parameters), "")}  # fmt: skip
    for word, value in known.items():
        text = text.replace("{" + word + "}", value)
    if name not in _bound(text):
        lines = text if "return " in text else f"return {text}"
        text = stub(exercise(name)).replace("    return ...", textwrap.indent(names + lines, "    "))
    return "".join(helper for helper in helpers if _called(helper, text, helpers)) + text


def _called(helper, text, helpers):
    """Whether a text calls a helper, or another helper does that it calls."""
    call = re.compile(rf"\b{re.match('def (.+?)[(]', helper)[1]}\(")
    users = (other for other in helpers if other is not helper and call.search(other))
    return bool(call.search(text)) or any(_called(user, text, helpers) for user in users)


def _bound(text):
    """What a text defines, assigns or imports at its top level."""
    names = set()
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in statement.names}
    return names


def cells(tables, **options):
    """{exercise: {title: cell}} for tables {exercise: {title: text}}; options as for `cell`, `names` for each exercise."""
    names = options.pop("names", {})
    return {
        name: {title: cell(name, text, names=names.get(name, ""), **options) for title, text in table.items()}
        for name, table in tables.items()
    }


@functools.cache
def libraries():
    """What a notebook has imported, once for all answers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        namespace = {"__name__": "__main__"}
        exec(SETUP, namespace)
    namespace["tf"].sigmoid(np.array([0.0]))  # the first TensorFlow operation takes its time
    return namespace


def answer(name, text):
    """The function that a learner's text makes, with its source where a notebook has it; see `cell`."""
    source = cell(name, text)
    file = f"<answer {hash(source)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    namespace = libraries() | {"right": functools.partial(silent, exercise(name).solution)}
    exec(compile(source, file, "exec"), namespace)
    return namespace[name]


def silent(function, *args, **kwargs):
    """A call without NumPy's warnings."""
    with np.errstate(all="ignore"):
        return function(*args, **kwargs)
