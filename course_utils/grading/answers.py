"""Finds the answers in a notebook's code by reading it: which cell answers, and whether it is an answer at all."""

import ast
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property

from course_utils.checking import syntax
from course_utils.checking.forbidden_calls import bindings_in, forbidden
from course_utils.grading.ipython_cells import as_python, files_written, magic_in

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MOST_PARTS = 10  # steps from `softmax = mine` to the function


@dataclass(frozen=True)
class Answer:
    """Where a name is bound: the cell's number and the statement, None where the cell is no Python."""

    cell: int
    statement: ast.stmt | None


class Code:
    """A notebook's code, read but not run.

    Args:
        cells: a sequence of `Cell`.
    """

    def __init__(self, cells):
        self.cells = tuple(cells)

    @cached_property
    def answers(self):
        """Name -> `Answer`, for every name bound at the top level; the last binding counts.

        A cell that is no Python binds nothing, so it counts only where no other cell answers.
        """
        last = {name: found[-1] for name, found in self._bound.items()}
        answered = {name for name, answer in last.items() if not is_stub(answer.statement)}
        return last | {name: answer for name, answer in self._broken.items() if name not in answered}

    @cached_property
    def too_deep(self):
        """The numbers of the cells that are nested too deeply to be read here, though Python may be able to run them."""
        return frozenset(cell.number for cell in self.cells if _is_too_deep(cell.source))

    @cached_property
    def bindings(self):
        """What the notebook's names stand for, read from the cells that are Python."""
        readable = [cell for cell in self.cells if cell.number not in self.too_deep]
        return bindings_in(ast.Module([part for cell in readable for part in self._statements(cell)], []))

    def refusal(self, spec):
        """The verdict on an answer that uses the ready-made function, or None.

        Only the answer itself is read: a learner may compare it with the library's in the same cell.

        Raises:
            RecursionError: the answer is nested too deeply to be read.
        """
        found = forbidden(spec, ast.Module(self._parts(spec.name), []), self.bindings)
        return found or self._refusal_in_a_file(spec)

    def _refusal_in_a_file(self, spec):
        """The same for an answer that is imported from a file which a cell has written."""
        statement = self._bound.get(spec.name, [Answer(0, None)])[-1].statement
        text = self._files.get(f"{statement.module}.py") if isinstance(statement, ast.ImportFrom) else None
        if text is None:
            return None
        file = Code([replace(self.cells[0], source=as_python(text))])
        names = [alias.name for alias in statement.names if (alias.asname or alias.name) == spec.name]
        parts = [part for name in names for part in file._parts(name)]
        return forbidden(spec, ast.Module(parts, []), file.bindings)

    def _statements(self, cell):
        """The statements of a cell that is Python; with those of files that it runs, or imports all names of."""
        found = []
        tree = parse(cell.source)
        for statement in tree.body if tree else ():
            text = self._files.get(_whole_file(statement))
            file = parse(text) if text else None
            found += [*(file.body if file else ()), statement]
        return found

    @cached_property
    def _files(self):
        return files_written(self.cells)

    def _parts(self, name):
        """The syntax trees that make up an answer: the function, and for `f = wrap(g)` also what g is."""
        parts, todo = [], self._bound.get(name, [])[-1:]
        while todo and len(parts) < MOST_PARTS:
            statement = todo.pop().statement
            if isinstance(statement, ast.Import | ast.ImportFrom):
                parts.append(ast.Name(name))  # the name itself is the use
            elif not isinstance(statement, ast.Assign):
                parts.append(statement)
            else:
                parts.append(statement.value)
                names = set() if isinstance(statement.value, ast.Lambda) else _names_in(statement.value)
                todo += [answer for used in names for answer in self._seen_by(statement, used)]
        return parts

    def _seen_by(self, statement, name):
        """What a name stands for where a statement uses it: for its own name, what it was before."""
        found = self._bound.get(name, [])
        before = next((place for place, answer in enumerate(found) if answer.statement is statement), len(found))
        return found[max(before - 1, 0) : before]

    @cached_property
    def _bound(self):
        """Name -> every `Answer` in a cell that is Python, in order."""
        found = defaultdict(list)
        for cell in self.cells:
            for statement in self._statements(cell):
                for name in bound_names(statement):
                    found[name].append(Answer(cell.number, statement))
        return dict(found)

    @cached_property
    def _broken(self):
        """Name -> `Answer` for the cells that are no Python."""
        broken = [cell for cell in self.cells if parse(cell.source) is None]
        return {name: Answer(cell.number, None) for cell in broken for name in _bound_in_text(cell.source)}


def parse(source):
    """A cell's syntax tree, or None where it is no Python."""
    try:
        return syntax.parse(source)
    except (SyntaxError, RecursionError):
        return None


def _is_too_deep(source):
    try:
        bindings_in(syntax.parse(source))
    except RecursionError:
        return True
    except SyntaxError:
        return False
    return False


def _whole_file(statement):
    """The file whose names a statement all binds, `%run mine.py` or `from mine import *`, or ""."""
    if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
        return f"{statement.module}.py"
    name, line, _cell = magic_in(getattr(statement, "value", None)) or ("", "", None)
    return next((word for word in line.split() if not word.startswith("-")), "") if name == "run" else ""


def bound_names(statement):
    """The names that a statement at the top level binds; also inside `if`, `for`, `try` and `with`."""
    names, todo = set(), [statement]
    while todo:
        node = todo.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif not isinstance(node, OWN_SCOPE):
            todo += ast.iter_child_nodes(node)
    return names


def is_stub(statement):
    """Whether a statement is a function as it was handed out: each of its `return`s returns `...`."""
    returned = _returned(statement) if isinstance(statement, FUNCTIONS) else []
    return bool(returned) and all(isinstance(value, ast.Constant) and value.value is ... for value in returned)


def _names_in(expression):
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def _bound_in_text(source):
    defined = re.findall(r"^(?:async\s+)?(?:def|class)[ \t]+(\w+)", source, re.MULTILINE)
    return defined + re.findall(r"^(\w+)[ \t]*=(?!=)", source, re.MULTILINE)


def _returned(function):
    """The expressions that a function returns; what functions inside it return is not among them."""
    values, todo = [], list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Return):
            values.append(node.value)
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            todo += ast.iter_child_nodes(node)
    return values
