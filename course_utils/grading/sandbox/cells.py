"""Executes a submission's cells as IPython does, in the submission's own process.

The grader sends this file's text into that process, as it does `child`.
"""

import __future__

import ast
import builtins
import inspect
import linecache
import os
import sys
import traceback
import types

from course_utils.grading.sandbox.stand_ins import INERT, Shell, display

LATEST = ("_", "__", "___")  # IPython's names for the latest values
FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})  # flags of `compile`
SHOWS = ("clear_output", "publish_display_data", "update_display", "DisplayHandle")  # of IPython's, beside `display`
MACHINE = (ImportError, OSError, EOFError)  # errors that the learner's machine may not have


class Notebook:
    """Executes cells as IPython does: top-level `await` works, a `from __future__ import` applies to later cells too, and
    `_`, `Out`, `_i`, `In` and their relatives hold what came out of earlier cells and what stood in them."""

    def __init__(self, namespace):
        self.namespace, self.flags, self.loop = namespace, 0, None
        self.lacking = set()  # names left undefined because this machine lacks something
        self.source, self.inputs, self.outputs, self.latest = "", [""], {}, ("", "", "")
        namespace.update(In=self.inputs, _ih=self.inputs, Out=self.outputs, _oh=self.outputs, _dh=[os.getcwd()])
        namespace |= dict(zip(LATEST, self.latest, strict=True))
        self.stand_in_for_ipython(Shell(self))
        sys.displayhook = self.keep

    def stand_in_for_ipython(self, shell: Shell) -> None:
        """Give cells and their modules the names that a kernel has, also where they import them from IPython."""
        self.namespace["get_ipython"] = shell
        vars(builtins).update(get_ipython=shell, display=display, help=INERT, exit=INERT, quit=INERT)
        shows = {"display": display, **dict.fromkeys(SHOWS, INERT)}
        for name, own in {"getipython": {"get_ipython": shell}, "display_functions": shows}.items():
            module = sys.modules[f"IPython.core.{name}"] = types.ModuleType(f"IPython.core.{name}")
            module.__dict__.update(own)

    def number(self, source: str) -> None:
        """Number a cell that is about to be executed; an empty one gets no number, as in a kernel."""
        self.source = source
        if source.strip():
            self.inputs.append(source.rstrip("\n"))
            self.namespace |= dict(zip(("_i", "_ii", "_iii"), (*self.inputs[-2::-1], "", ""), strict=False))
            self.namespace[f"_i{len(self.inputs) - 1}"] = self.inputs[-1]

    def keep(self, value: object) -> None:
        """Keep what a cell's last expression gave; `_` stays the learner's own where they have bound it."""
        if value is None or value is self.outputs:
            return
        own = any(self.namespace.get(name, old) is not old for name, old in zip(LATEST, self.latest, strict=True))
        self.latest = (value, *self.latest[:2])
        if not own:
            self.namespace |= dict(zip(LATEST, self.latest, strict=True))
        place = len(self.inputs) - 1
        self.namespace[f"_{place}"] = self.outputs[place] = value

    def run(self, cell: dict) -> dict | None:
        """Execute one cell.

        If a statement fails because this machine lacks something, the rest of the cell still runs; after any other error
        only the imports do. On the learner's machine these may have run.

        Returns:
            None, or a dict that describes the first error and names the answers in this cell that it left undefined.
        """
        source, name = cell["source"], f"<cell {cell['number']}>"
        # AutoGraph and inspect.getsource read the source here; without a time (None), linecache never drops it.
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        self.number(source)
        before = {answer: self.namespace.get(answer) for answer in cell["answers"]}
        error = self.failure(source, name)
        first = describe(error) if error else None
        left = statements(source) if error else []
        while error and (place := failed_at(error, name)):
            done = [statement for statement in left if begin(statement) <= place] or left[:1]
            left = left[len(done) :]
            if self.lacks(error, done[-1:]):
                self.run_without_what_is_lacking(done[-1], name)
            else:
                left = [statement for statement in left if isinstance(statement, ast.Import | ast.ImportFrom)]
            error = self.failure(ast.Module(left, []), name) if left else None
        if first:
            unbound = [answer for answer in before if self.namespace.get(answer) is before[answer]]
            return first | {"unbound": unbound}

    def run_without_what_is_lacking(self, statement: ast.stmt, name: str) -> None:
        """Define a function without the type hints and decorators that need a name which this machine lacks."""
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            return
        kept = [one for one in statement.decorator_list if not self.lacking & names_in(one)]
        for argument in (node for node in ast.walk(statement) if isinstance(node, ast.arg)):
            argument.annotation = None
        statement.decorator_list, statement.returns = kept, None
        self.failure(ast.Module([statement], []), name)

    def failure(self, code: str | ast.AST, name: str) -> BaseException | None:
        """Execute a cell's source, or part of its syntax tree, and return the exception that it raised, or None."""
        try:
            self.execute(code, name)
        except BaseException as error:  # noqa: BLE001 - whatever a cell raises, the next ones run
            return error

    def lacks(self, error: BaseException, failed: list[ast.stmt]) -> bool:
        """Whether an error may be due to this machine: something is missing here, or a name is undefined because of that."""
        if not isinstance(error, MACHINE) and not (isinstance(error, NameError) and error.name in self.lacking):
            return False
        for node in (node for statement in failed for node in ast.walk(statement)):
            if isinstance(node, ast.alias):
                self.lacking.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.lacking.add(node.id)
        return True

    def execute(self, code: str | ast.Module, name: str, *, show: bool = True) -> None:
        """Execute a cell's source, or part of its syntax tree; `show` says whether the last expression's value is kept."""
        body = ast.parse(code, name).body if isinstance(code, str) else code.body
        shown = body[-1:] if show and body and self.shows(body[-1]) else []
        for part, mode in (
            (ast.Module(body[: len(body) - len(shown)], []), "exec"),
            (ast.Interactive(shown), "single"),
        ):
            if not part.body:
                continue
            try:
                compiled = compile(part, name, mode, self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
            except SyntaxError as error:  # such as `return` outside of a function: IPython has executed what is above
                above = [statement for statement in part.body[:-1] if statement.end_lineno < (error.lineno or 0)]
                self.execute(ast.Module(above, []), name, show=False)
                raise
            self.flags |= compiled.co_flags & FUTURE
            if compiled.co_flags & inspect.CO_COROUTINE or "asyncio" in compiled.co_names:
                self.execute_in_loop(compiled)
            else:
                exec(compiled, self.namespace)

    def shows(self, last: ast.stmt) -> bool:
        """Whether the value of a cell's last statement is shown: it is an expression, and no `;` follows."""
        if not isinstance(last, ast.Expr):
            return False
        rest = self.source.encode().split(b"\n")[last.end_lineno - 1][last.end_col_offset :]
        return not rest.lstrip().startswith(b";")

    def execute_in_loop(self, compiled: types.CodeType) -> None:
        """Execute a cell that uses `await` or asyncio in a running event loop, the same for all cells, as in a kernel."""
        import asyncio  # few cells need it

        async def cell():
            waiting = eval(compiled, self.namespace)
            if waiting is not None:
                await waiting

        self.loop = self.loop or asyncio.new_event_loop()
        self.loop.run_until_complete(cell())


def names_in(node: ast.AST) -> set[str]:
    """The names that an expression uses."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def statements(source: str) -> list[ast.stmt]:
    """A cell's top-level statements; none if it isn't valid Python."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):
        return []


def begin(statement: ast.stmt) -> tuple[int, int]:
    """Line and column at which a statement begins, including its decorators."""
    first = min([statement, *getattr(statement, "decorator_list", ())], key=lambda node: node.lineno)
    return first.lineno, 0 if first is not statement else first.col_offset


def failed_at(error: BaseException, name: str) -> tuple[int, int] | None:
    """Line and column in a cell at which an error arose, or None if the rest of the cell must not run."""
    step = error.__traceback__ if isinstance(error, Exception) and not isinstance(error, MemoryError) else None
    while step and step.tb_frame.f_code.co_filename != name:
        step = step.tb_next
    if step:
        line, _, column, _ = list(step.tb_frame.f_code.co_positions())[step.tb_lasti // 2]
        return line or step.tb_lineno, column or 0


def describe(error: BaseException) -> dict[str, str]:
    """A cell's error as plain text."""
    try:
        detail = str(error)[:300]
    except BaseException:  # noqa: BLE001 - an exception's `__str__` may raise anything
        detail = ""
    if isinstance(error, SyntaxError):
        line = error.text or ""
    else:
        own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.startswith("<cell ")]
        line = own[-1].line if own else ""
    return {"error": type(error).__name__, "detail": detail, "line": str(line).strip()[:200]}


def notebook_namespace() -> dict[str, object]:
    """The namespace of a new `__main__`."""
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    return module.__dict__
