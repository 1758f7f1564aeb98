"""Translates IPython cells into plain Python with IPython's own input transformer.

A magic's effect on the notebook's names becomes Python: the statement after `%time`, the cell below `%%time`, the names of
`%pylab`. `%run`, `%%writefile` and `%env` stay calls, which `sandbox.stand_ins.Shell` carries out. Other magics are dropped.
"""

import ast
import re
from collections.abc import Sequence
from functools import lru_cache

from course_utils.checking import syntax
from course_utils.grading.notebook_files import Cell
from course_utils.grading.sandbox.stand_ins import named_file

LONGEST, MOST_LINES = (
    20_000,
    50,
)  # characters of a cell, and lines with magics; beyond these the transformer takes seconds
MOST_MAGICS = 20  # looked for one by one in a cell; after that, every line that looks like one is blanked
MOST_LEVELS = 5  # of nested magics
MAGIC_LINE = re.compile(r"^\s*(?:[%!?]|[\w, ]*=\s*[%!])|\?\s*$", re.MULTILINE)
IPYTHON_LINE = re.compile(r"\s*(?:[%!?]|[\w.]+\?\??\s*$|[\w,][\w, ]*=\s*[%!])")
PYTHON_INSIDE = re.compile(r"%%(?:time|capture|prun)\b")  # the rest of the cell is still executed
WITHOUT_SIGN = re.compile(
    r"(?:matplotlib|pylab|time|prun|run|pip|conda|cd|ls|load_ext|config|env|autoreload)\b ?[^=(.].*"
)
OPTION = re.compile(r"\s*-(?:[lsTD]\s*\S+|\S+)\s*")
STATEMENT, CELL = ("time", "prun"), ("time", "prun", "capture")  # magics that execute the code after them
WITH_FILES = ("run", "writefile", "file")
CALLED = (*WITH_FILES, "env", "set_env")
PYLAB = (
    "import numpy, matplotlib; import numpy as np; from matplotlib import pylab, mlab, pyplot; plt = pyplot; "
    "from pylab import *; from numpy import *"
)
MAGICS = ("run_line_magic", "run_cell_magic", "magic", "system", "getoutput")


@lru_cache(maxsize=256)
def as_python(source: str, levels: int = MOST_LEVELS) -> str:
    """A cell as Python; returned unchanged if it already is, or if it can't be translated.

    Args:
        source: the cell's text.
        levels: how deep nested magics are translated.

    Examples:
        >>> as_python("%matplotlib inline")
        'pass'
        >>> as_python("%time e = 2.718")
        'e = 2.718'
    """
    if levels == 0 or len(source) > LONGEST or len(MAGIC_LINE.findall(source)) > MOST_LINES:
        return source
    if not _is_python(source):
        source = _transformed(source)
    return _written_out(source, levels) if "get_ipython" in source else source


def _is_python(source):
    try:
        return bool(syntax.parse(source))
    except RecursionError:
        return True
    except SyntaxError:
        return False


def _transformed(source):
    """A cell as IPython reads it, with its line numbers unchanged."""
    from IPython.core.inputtransformer2 import TransformerManager  # slow to import, and most cells are plain Python

    leading = source[: len(source) - len(source.lstrip("\n"))]
    if WITHOUT_SIGN.fullmatch(source.strip()):
        source = f"%{source.strip()}"
    try:
        found = TransformerManager().transform_cell(source)
    except Exception:  # noqa: BLE001 - the input may be anything; Python reports what is wrong with it
        return source
    return leading + (found if source.endswith("\n") else found.removesuffix("\n"))


def _written_out(source, levels):
    """The same with calls of `get_ipython()` replaced by Python where possible."""
    try:
        tree = syntax.parse(source)
    except (SyntaxError, RecursionError):
        return source
    lines = source.encode().split(b"\n")  # column offsets in a tree count bytes
    statements = [node for node in syntax.nodes(tree) if isinstance(node, ast.Expr | ast.Assign)]
    for statement in sorted(statements, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        magic = magic_in(statement.value)
        if not magic:
            continue
        alone = isinstance(statement, ast.Expr)
        code = _code_of(*magic, levels) if alone else _value_of(*magic, levels)
        if code is None or ("\n" in code and statement.col_offset):
            continue
        node = statement if alone else statement.value
        first, last = node.lineno - 1, node.end_lineno - 1
        before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        lines[first : last + 1] = [before + code.encode() + after]
    return b"\n".join(lines).decode()


def magic_in(node: ast.AST | None) -> tuple[str, str, str | None] | None:
    """`(name, line, cell)` of a call such as `get_ipython().run_line_magic("time", "x = 1")`, or None."""
    called = node.func if isinstance(node, ast.Call) else None
    owner = getattr(called, "value", None)
    if not isinstance(owner, ast.Call) or getattr(owner.func, "id", "") != "get_ipython" or called.attr not in MAGICS:
        return None
    words = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
    if len(words) < len(node.args) or not all(isinstance(word, str) for word in words):
        return None
    if called.attr == "magic":
        words = " ".join(words).lstrip("%").split(maxsplit=1)
    elif called.attr in ("system", "getoutput"):
        words = [called.attr]
    name, line, cell = (*words, "", "", "")[:3]
    return name, line, cell if called.attr == "run_cell_magic" else None


def _code_of(name, line, cell, levels):
    """A magic's effect as statements; None if it stays a call."""
    if name in CALLED:
        return None
    if cell is not None:
        captured = next((word for word in line.split() if word.isidentifier()), "") if name == "capture" else ""
        first = f"{captured} = get_ipython()" if captured else "pass"
        code = f"{first}\n{as_python(cell, levels - 1)}".rstrip("\n") if name in CELL else "pass"
        if outputs := re.findall(r"--(?:out|err)[ =]([^\W\d]\w*)", line):  # as in `%%bash --out text`
            return "; ".join(f"{output} = get_ipython().getoutput()" for output in outputs)
        return f"{code}\npass" if name == "capture" else code  # it shows no value
    if name == "pylab":
        return PYLAB
    return as_python(_without_options(line), levels - 1) or "pass" if name in STATEMENT else "pass"


def _value_of(name, line, cell, levels):
    """A magic's value as an expression; None if it stays a call."""
    return f"({_without_options(line)})" if name in STATEMENT and cell is None and line.strip() else None


def _without_options(line):
    while option := OPTION.match(line):
        line = line[option.end() :]
    return line.strip()


def files_written(cells: "Sequence[Cell]") -> dict[str, str]:
    """The Python files that cells write by `%%writefile`: name -> text.

    Args:
        cells: a sequence of `Cell`s with code from `as_python`.
    """
    found = {}
    for cell in cells:
        if "get_ipython" not in cell.source:
            continue
        try:
            statements = syntax.parse(cell.source).body
        except (SyntaxError, RecursionError):
            continue
        for statement in statements:
            name, line, text = magic_in(getattr(statement, "value", None)) or ("", "", None)
            if name in ("writefile", "file") and text is not None:
                path = named_file(line)
                found[path] = (found.get(path, "") if "-a" in line.split() else "") + text
    return {path: text for path, text in found.items() if path.endswith(".py")}


def without_magics(source: str) -> str:
    """A cell with IPython's lines replaced by `pass`, so that line numbers stay the same.

    Only a line with a syntax error is considered: a line of a string or of a long expression may begin with `%`.

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
        while lines[broken].endswith("\\") and broken + 1 < len(lines):  # it continues on the next line
            lines[broken] = _blank(lines[broken])
            broken += 1
        lines[broken] = _blank(lines[broken])
    return "\n".join(_blank(line) if IPYTHON_LINE.match(line) else line for line in lines)


def _broken_line(source):
    """The index of the line with a syntax error, or -1."""
    try:
        syntax.parse(source)
    except SyntaxError as error:
        return (error.lineno or 0) - 1
    except RecursionError:
        return -1
    return -1


def _blank(line):
    return line[: len(line) - len(line.lstrip())] + "pass"  # an empty line would leave an `if` without its body
