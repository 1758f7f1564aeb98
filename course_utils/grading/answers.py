"""Finds the answers in a notebook's code by reading it: which cell answers, and whether it is an answer at all."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from course_utils.checking import syntax
from course_utils.checking.forbidden_calls import MOST_HELPERS, bindings_in, forbidden, free_names
from course_utils.checking.look_alikes import PROMPT
from course_utils.checking.spec import Exercise
from course_utils.checking.verdict import Verdict
from course_utils.grading.ipython_cells import as_python, files_written, magic_in
from course_utils.grading.sandbox.stand_ins import named_file

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MAKE_NAMES = ("exec", "eval", "globals", "locals", "vars", "setattr", "run_line_magic", "run_cell", "ex", "push")
OWN_SCOPE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(frozen=True)
class Answer:
    """Where a name is bound: the cell's number and the statement, which is None if the cell is not valid Python."""

    cell: int
    statement: ast.stmt | None


class Code:
    """A notebook's code, read but not run.

    Args:
        cells: a sequence of `Cell`.
        files: name -> text of the learner's own files that run with it.
    """

    def __init__(self, cells, files=()):
        self.cells, self.files = tuple(cells), dict(files)
        self._codes = {}  # name of a module -> the `Code` of its file

    @cached_property
    def answers(self) -> dict[str, Answer]:
        """Name -> `Answer`, for every name bound at the top level; the last binding counts.

        A cell that is not valid Python binds nothing, so it counts only if no other cell answers.
        """
        last = {name: found[-1] for name, found in self._bound.items()}
        answered = {name for name, answer in last.items() if not is_stub(answer.statement)}
        return last | {name: answer for name, answer in self._broken.items() if name not in answered}

    def before_the_stub(self, name: str) -> int | None:
        """The number of the last cell that binds a name to more than a stub, or None."""
        cells = [answer.cell for answer in self._bound.get(name, ()) if not is_stub(answer.statement)]
        return cells[-1] if cells else None

    @cached_property
    def out_of_sight(self) -> frozenset[int]:
        """The numbers of the cells that may bind names invisibly, through `exec`, `%run` or `from math import *`."""
        readable = [cell for cell in self.cells if cell.number not in self.too_deep]
        return frozenset(cell.number for cell in readable if any(map(_makes_names, self._statements(cell))))

    @cached_property
    def too_deep(self) -> frozenset[int]:
        """The numbers of the cells that are nested too deeply to be parsed here, though Python may be able to run them."""
        return frozenset(cell.number for cell in self.cells if _is_too_deep(cell.source))

    @cached_property
    def bindings(self) -> dict[str, str]:
        """What the notebook's names refer to, according to the cells that are valid Python."""
        readable = [cell for cell in self.cells if cell.number not in self.too_deep]
        return bindings_in(ast.Module([part for cell in readable for part in self._statements(cell)], []))

    def refusal(self, spec: Exercise) -> Verdict | None:
        """The verdict on an answer that uses the ready-made function, directly or through a helper in the notebook, or None.

        Only these are read: a learner may compare the answer with the library's in the same cell.

        Raises:
            RecursionError: the answer is nested too deeply to be read.
        """
        for name, tree, bindings in self.read_through(spec.name):
            if found := forbidden(spec, tree, bindings, "" if name == spec.name else name):
                return found
        return None

    def read_through(self, wanted: str) -> Iterator[tuple[str, ast.AST, dict[str, str]]]:
        """What an answer consists of: `(name, syntax tree, bindings)` of the function and of each helper that it uses.

        A helper is a function, a lambda, or `g` in `f = wrap(g)`; it may come from a file that a cell wrote.
        """
        todo, done = [(wanted, self, answer, True) for answer in self._bound.get(wanted, [])[-1:]], []
        while todo and len(done) < MOST_HELPERS:
            name, code, answer, itself = todo.pop(0)
            statement = answer.statement
            if any(statement is other for other in done):
                continue
            done.append(statement)
            if file := code._imported_file(statement):
                original = next(a.name for a in statement.names if (a.asname or a.name) == name)
                todo += [(original, file, one, itself) for one in file._bound.get(original, [])[-1:]]
            elif isinstance(statement, ast.Import | ast.ImportFrom):
                if itself:
                    yield wanted, ast.Name(name, ast.Load()), code.bindings  # the name itself is the use
            elif isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Lambda):
                if itself:
                    yield wanted, statement.value, code.bindings
                names = _names_in(statement.value) if itself or isinstance(statement.value, ast.Call) else ()
                todo += [(used, code, one, itself) for used in names for one in code._seen_by(statement, used)]
            elif itself or isinstance(statement, (*FUNCTIONS, ast.Assign)):
                tree = statement.value if isinstance(statement, ast.Assign) else statement
                yield wanted if itself else name, tree, code.bindings
                names, called = free_names(tree), _called_in(tree)
                found = [(used, one) for used in names for one in code._bound.get(used, [])[-1:]]
                todo += [
                    (used, code, one, False) for used, one in found if used in called or not _is_data(one.statement)
                ]

    def made_of(self, name: str) -> set[str]:
        """The names in the value that a top-level assignment gives to a name, the last one; none for functions."""
        statements = [answer.statement for answer in self._bound.get(name, ())[-1:]]
        return {used for one in statements if isinstance(one, ast.Assign) for used in _names_in(one.value)}

    def _imported_file(self, statement):
        """The `Code` of the learner's file from which a statement imports names, or None."""
        module = statement.module if isinstance(statement, ast.ImportFrom) else None
        text = self._files.get(f"{str(module).replace('.', '/')}.py")
        if text is None:
            return None
        if module not in self._codes:
            self._codes[module] = Code([replace(self.cells[0], source=as_python(text))], self._files)
        return self._codes[module]

    def _statements(self, cell):
        """The statements of a valid cell, with those of files that it runs or imports with `*`, and so on."""
        return list(self._with_files(cell.source, set()))

    def _with_files(self, source, done):
        tree = parse(source)
        for statement in tree.body if tree else ():
            name = _whole_file(statement)
            text = self._files.get(name) or self._files.get(f"{name}.py")
            if text and name not in done:
                done.add(name)
                yield from self._with_files(text, done)
            yield statement

    @cached_property
    def _files(self):
        return self.files | files_written(self.cells)

    def _seen_by(self, statement, name):
        """What a name refers to in a statement that uses it; if the statement rebinds that name, what it was before."""
        found = self._bound.get(name, [])
        before = next((place for place, answer in enumerate(found) if answer.statement is statement), len(found))
        return found[max(before - 1, 0) : before]

    @cached_property
    def _bound(self):
        """Name -> every `Answer` in a valid cell, in order."""
        found = defaultdict(list)
        for cell in self.cells:
            for statement in self._statements(cell):
                for name in bound_names(statement):
                    found[name].append(Answer(cell.number, statement))
        return dict(found)

    @cached_property
    def _broken(self):
        """Name -> `Answer`, for the cells that are not valid Python."""
        broken = [cell for cell in self.cells if parse(cell.source) is None]
        return {name: Answer(cell.number, None) for cell in broken for name in bound_in_text(cell.source)}


def parse(source: str) -> ast.Module | None:
    """A cell's syntax tree, or None if it is not valid Python."""
    try:
        return syntax.parse(source)
    except (SyntaxError, RecursionError):
        return None


def _makes_names(statement):
    """Whether a top-level statement may bind names that it does not mention."""
    if isinstance(statement, ast.ImportFrom):
        return any(alias.name == "*" for alias in statement.names)
    if isinstance(statement, (*FUNCTIONS, ast.ClassDef)):
        return False
    return any(
        isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in MAKE_NAMES
        for node in syntax.nodes(statement)
    )


def _is_too_deep(source):
    try:
        bindings_in(syntax.parse(source))
    except RecursionError:
        return True
    except SyntaxError:
        return False
    return False


def _whole_file(statement):
    """The file all of whose names a statement binds, as `%run mine.py` or `from mine import *` does, or ""."""
    if isinstance(statement, ast.ImportFrom) and any(alias.name == "*" for alias in statement.names):
        return f"{str(statement.module).replace('.', '/')}.py"
    name, line, _cell = magic_in(getattr(statement, "value", None)) or ("", "", None)
    return named_file(line) if name == "run" else ""


def bound_names(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds, including those inside `if`, `for`, `try` and `with`."""
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
            todo += syntax.children(node)
    return names


def is_stub(statement: ast.stmt) -> bool:
    """Whether a statement is an unanswered stub: a function in which every `return` returns `...`."""
    returned = _returned(statement) if isinstance(statement, FUNCTIONS) else []
    return bool(returned) and all(isinstance(value, ast.Constant) and value.value is ... for value in returned)


def _is_data(statement):
    """Whether a name is bound to something other than a function, such as the result of a call."""
    return isinstance(statement, ast.Assign) and not isinstance(statement.value, ast.Lambda)


def _called_in(tree):
    return {
        node.func.id for node in syntax.nodes(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _names_in(expression):
    return {node.id for node in syntax.nodes(expression) if isinstance(node, ast.Name)}


def bound_in_text(source: str) -> list[str]:
    """The names that a cell which is not valid Python binds, by what its lines begin with."""
    source = re.sub(rf"{PROMPT.pattern}[ \t]?|^[\ufeff\u200b\u2060]+", "", source, flags=re.MULTILINE)
    defined = re.findall(r"^(?:async\s+)?(?:def|class)\s+(\w+)", source, re.MULTILINE)
    return defined + re.findall(r"^(\w+)\s*=(?!=)", source, re.MULTILINE)


def _returned(function):
    """The expressions that a function returns, without those of functions nested in it."""
    values, todo = [], list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.Return):
            values.append(node.value)
        elif not isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            todo += syntax.children(node)
    return values
