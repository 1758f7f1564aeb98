"""Finds the answers in a notebook's code by reading it: which cell answers, and whether it is an answer at all."""

import ast
import re
from dataclasses import dataclass
from functools import cached_property

from course_utils.checking.check import forbidden
from course_utils.checking.refused import bindings_in

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
MOST_ALIASES = 10  # steps from `softmax = mine` to the function


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
        """Name -> `Answer`, for every name bound at the top level; the last binding counts."""
        found = {}
        for cell in self.cells:
            tree = parse(cell.source)
            if tree is None:
                found |= {name: Answer(cell.number, None) for name in _bound_in_text(cell.source)}
                continue
            for statement in tree.body:
                found |= {name: Answer(cell.number, statement) for name in bound_names(statement)}
        return found

    @cached_property
    def bindings(self):
        """What the notebook's names stand for, without the functions of the learner's own."""
        known = bindings_in("\n".join(cell.source for cell in self.cells if parse(cell.source)))
        own = (*FUNCTIONS, ast.ClassDef)
        return {n: origin for n, origin in known.items() if not isinstance(self._statement(n), own)}

    def is_stub(self, name):
        """Whether the name is bound to the function as it was handed out: each `return` returns `...`."""
        statement = self._statement(name)
        returned = _returned(statement) if isinstance(statement, FUNCTIONS) else []
        return bool(returned) and all(isinstance(v, ast.Constant) and v.value is ... for v in returned)

    def refusal(self, spec):
        """The verdict on an answer that uses the ready-made function, or None.

        Only the answer itself is read: a learner may compare it with the library's in the same cell.
        """
        statement = self._statement(spec.name)
        for _ in range(MOST_ALIASES):
            if not (isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name)):
                break
            following = self._statement(statement.value.id)
            if following is None or following is statement:
                break
            statement = following
        if statement is None:
            return None
        if isinstance(statement, ast.Import | ast.ImportFrom):  # the name itself is the use
            return forbidden(spec, spec.name, self.bindings)
        return forbidden(spec, ast.unparse(statement), self.bindings)

    def _statement(self, name):
        return self.answers[name].statement if name in self.answers else None


def parse(source):
    """A cell's syntax tree, or None where it is no Python."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


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


def _bound_in_text(source):
    return re.findall(r"^(?:async\s+def|def|class)?[ \t]*([^\W\d]\w*)[ \t]*[(=:]", source, re.MULTILINE)


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
