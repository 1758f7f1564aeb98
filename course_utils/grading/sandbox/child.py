"""Runs a submission's cells and calls its functions, in the submission's own process; reports values, never marks.

The grader sends this file's text into a bare interpreter (`process.BOOTSTRAP`), so the process needs none of the course's
files. The learner's code shares the process and can change anything here, so the grader doesn't trust what it sends.
"""

import __future__

import ast
import builtins
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import inspect
import linecache
import os
import posixpath
import re
import shlex
import sys
import tempfile
import traceback
import types

from course_utils.checking.first_use import compute_once, import_libraries
from course_utils.checking.observe import Observation, Opaque, observe
from course_utils.checking.recorded_calls import recorded_call
from course_utils.grading.sandbox import containment
from course_utils.grading.sandbox.protocol import (
    HEADER,
    MOST_BYTES,
    SURELY_FITS,
    ProtocolError,
    decode,
    decode_observation,
    encode_observation,
    pack,
    unpack,
)

OUT_OF_MEMORY = 97  # exit code
TOO_LARGE = "a result too large to be sent"


class Inert:
    """Stands in for everything in `course_utils`: has any attribute, can be called, reckons with anything, and does nothing.

    It equals everything and is greater than anything, so that `assert check(f).points == 1` does not stop a cell.
    """

    def __getattr__(self, name):
        if name.startswith("__") or name == "numpy":  # otherwise a library may take it for a type that it knows
            raise AttributeError(name)
        return self

    def __call__(self, *args, **kwargs):
        return self

    def __getitem__(self, key):
        return self

    def __iter__(self):
        return iter(())

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return False

    def __float__(self):
        return 0.0

    def __int__(self):
        return 0

    def __format__(self, spec):
        return ""

    def __repr__(self):
        return "nothing (course_utils does nothing while a submission is graded)"


for operation in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow"):
    for name in (f"__{operation}__", f"__r{operation}__"):
        setattr(Inert, name, lambda self, other: self)
for name in ("__neg__", "__abs__", "__round__"):
    setattr(Inert, name, lambda self, *digits: self)
for name, outcome in {"eq": True, "ne": False, "lt": False, "le": True, "gt": True, "ge": True}.items():
    setattr(Inert, f"__{name}__", lambda self, other, outcome=outcome: outcome)
Inert.__hash__ = object.__hash__
INERT = Inert()
LATEST = ("_", "__", "___")  # IPython's names for the latest values
FUTURE = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})  # flags of `compile`
SHOWS = ("clear_output", "publish_display_data", "update_display", "DisplayHandle")  # of IPython's, beside `display`
VARIABLE = re.compile(r"\{(\w+)\}|\$(\w+)")  # in a magic's line, where IPython puts its value
SCRIPT_S_OWN = ("__name__", "__file__", "__builtins__")  # names that a script doesn't give to the cells
MACHINE = (ImportError, OSError, EOFError)  # errors that the learner's machine may not have


def display(*args: object, display_id: object = None, **kwargs: object) -> Inert | None:
    """IPython's, which here displays nothing."""
    return INERT if display_id else None


class NoOutput(list):
    """A shell command's output. No command is run, so whatever needs a line of it fails as a missing file does."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise OSError("course grade runs no shell commands")

    def __getitem__(self, place):
        raise OSError("course grade runs no shell commands")


class ScriptStopped(OSError):
    """A script that was run stopped. IPython shows its error and goes on with the cell, so this counts as what the machine lacks."""


class Shell(Inert):
    """Stands in for `get_ipython()`: runs the magics that a notebook's names may depend on; see `ipython_cells`."""

    def __init__(self, notebook):
        self.notebook = notebook

    def __call__(self, *args, **kwargs):
        return self

    def run_line_magic(self, name: str, line: str = "", *args: object) -> Inert | str | None:
        """Run a script or notebook, for `%run`, or set an environment variable; ignore all other magics."""
        line = VARIABLE.sub(lambda found: str(self.user_ns.get(found[1] or found[2], found[0])), line)
        if name in ("env", "set_env") and line.split():
            key, _, value = line.replace("=", " ", 1).strip().partition(" ")
            if not value:
                return os.environ.get(key, "")
            os.environ[key] = value.strip()
            return None
        if name in ("sx", "system"):
            return NoOutput()
        if name != "run":
            return INERT
        self.run(line)

    def run(self, line: str) -> None:
        """Run a script in names of its own, which the cells get afterwards; with `-i`, or a notebook, in the cells' own."""
        path, words = named_file(line), words_of(line)
        path = path if os.path.isfile(path) else f"{path}.py"
        with open(path, encoding="utf-8") as file:
            source = file.read()
        if path.endswith(".ipynb"):
            return self.notebook.execute(source, path, show=False)
        name = posixpath.basename(path).removesuffix(".py") if "-n" in words else "__main__"
        names = self.notebook.namespace if "-i" in words else {"__name__": name, "__file__": path}
        own, sys.argv = sys.argv, [word for word in words if not word.startswith("-")]
        try:
            exec(compile(source, path, "exec", dont_inherit=True), names)
        except MemoryError:
            raise
        except (Exception, SystemExit) as error:
            raise ScriptStopped(f"{path}: {type(error).__name__}: {error}") from error
        finally:
            sys.argv = own
            self.notebook.namespace |= {name: value for name, value in names.items() if name not in SCRIPT_S_OWN}

    def run_cell_magic(self, name: str, line: str = "", cell: str = "") -> Inert | None:
        """Write a file, for `%%writefile`; ignore all other magics."""
        if name not in ("writefile", "file"):
            return INERT
        with open(named_file(line), "a" if "-a" in line.split() else "w", encoding="utf-8") as file:
            file.write(cell)
        importlib.invalidate_caches()

    @property
    def user_ns(self) -> dict[str, object]:
        return self.notebook.namespace

    def push(self, names: dict[str, object]) -> None:
        """Give names to the cells."""
        self.notebook.namespace |= names

    def run_cell(self, source: str, *args: object, **kwargs: object) -> Inert:
        """Execute code as a cell, which stops no other."""
        with contextlib.suppress(Exception):
            self.notebook.execute(source, "<run_cell>", show=False)
        return INERT

    ex = run_cell

    def ev(self, source: str) -> object:
        """The value of an expression."""
        return eval(source, self.notebook.namespace)

    def getoutput(self, *args: object) -> NoOutput:
        """A shell command's output: always empty, because no command is run."""
        return NoOutput()


Shell.__name__ = "ZMQInteractiveShell"  # by which code finds out that it runs in a notebook


def named_file(line: str) -> str:
    """The file that the line of `%run` or `%%writefile` names, a path with `/`; or ""."""
    path = next((word for word in words_of(line) if not word.startswith("-")), "")
    return path and posixpath.normpath(path)


def words_of(line: str) -> list[str]:
    """The words of a magic's line, in which quotation marks hold several together."""
    try:
        return shlex.split(line)
    except ValueError:  # an open quotation mark
        return line.split()


class StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """An import hook ahead of Python's own: makes `course_utils` and everything in it inert modules."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] != "course_utils":
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def exec_module(self, module: types.ModuleType) -> None:
        module.__getattr__ = lambda name: getattr(INERT, name)
        module.__all__ = self.names


class Later(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """An import hook for libraries that the cells import but don't seem to use: loads one only when it is first used."""

    def __init__(self, names):
        self.names = names

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        found = importlib.machinery.PathFinder.find_spec(name) if name in self.names else None
        if found:
            found.loader = self
        return found

    def exec_module(self, module: types.ModuleType) -> None:
        module.__getattr__ = lambda attribute: getattr(self.load(module.__name__), attribute)

    def load(self, name: str) -> types.ModuleType:
        """Load the real library, which imports give from then on."""
        if name in self.names:
            self.names = [other for other in self.names if other != name]
            del sys.modules[name]
        return importlib.import_module(name)


def serve(stream: object, channel: object, orders: dict) -> None:
    """Contain the process, run the cells, and answer calls until the connection closes.

    Args:
        stream: the requests, a binary file.
        channel: a socket for the answers.
        orders: {"id", "contain", "folder", "limits", "preload", "computes", "later", "standins"}; see `session.Sandbox`.
    """
    os.set_inheritable(channel.fileno(), False)
    try:
        settle(**orders["contain"], folder=orders["folder"])
    except OSError as error:
        channel.sendall(pack({"id": orders["id"], "failed": str(error)}))
        return
    die_with_parent()
    limit(orders["limits"])
    replace_the_course(orders["standins"])
    import_libraries(orders["preload"])
    sys.meta_path.insert(0, Later(orders["later"]))
    silence()
    if orders["computes"] and "tensorflow" in sys.modules:
        compute_once()
    notebook = Notebook(notebook_namespace())
    namespace = notebook.namespace
    channel.sendall(pack({"id": orders["id"], "ready": True}))
    try:
        load(receive(stream), channel, notebook)
        while request := receive(stream):
            for call in request["calls"]:
                reply = recorded if request["refused"] else answer
                channel.sendall(reply(request, call, namespace))
    except MemoryError:
        os._exit(OUT_OF_MEMORY)


def settle(folder: str, separate: dict | None = None, user: int | None = None) -> None:
    """Set up the containment that the process has to set up itself, and change to its folder.

    Args:
        folder: path of the working folder.
        separate: arguments of `containment.separate`, for a fork that needs its own namespaces; else None.
        user: id of the user to switch to, or None; see `containment.become`.
    """
    with contextlib.suppress(OSError):  # other systems don't have this
        containment.die_first()
    if separate:
        containment.separate(folder, **separate)
    if user is not None:
        containment.become(user)
    if separate:
        containment.own_users()
    if separate or user is not None:
        containment.give_up_rights()
    with contextlib.suppress(OSError, AttributeError):  # other systems, and containers whose own filter refuses it
        containment.filter_calls()
    os.chdir(folder)
    sys.path.insert(0, folder)  # as in a notebook, files in the same folder can be imported
    os.environ |= {"HOME": folder, "TMPDIR": folder}
    tempfile.tempdir = None  # a library may have made Python cache it


def die_with_parent() -> None:
    """On Linux, have the kernel kill this process when its parent dies."""
    with contextlib.suppress(OSError, AttributeError):
        containment.prctl(containment.DIES_WITH_PARENT, 9)


def limit(limits: dict[str, int]) -> None:
    """Set resource limits by their names in `resource`, as far as the platform has them."""
    try:
        import resource
    except ImportError:
        return
    for name, wanted in limits.items():
        try:
            which = getattr(resource, name)
            hard = resource.getrlimit(which)[1]
            value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(which, (value, value))
        except (AttributeError, ValueError, OSError):
            continue


def replace_the_course(names: list[str]) -> None:
    """Replace the course's modules with stand-ins."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "course_utils"]:
        del sys.modules[name]
    sys.meta_path.insert(0, StandIns(names))
    importlib.import_module("course_utils")


def silence() -> None:
    """Discard what the cells write to stderr (stdout already goes to /dev/null)."""
    sys.stderr.flush()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def notebook_namespace() -> dict[str, object]:
    """The namespace of a new `__main__`."""
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    return module.__dict__


def load(request: dict, channel: object, notebook: "Notebook") -> None:
    """Write the files, execute the cells in order, announcing each, and report their errors and which answers are defined."""
    errors = {}
    for name, text in request["files"].items():
        write(name, text)
    for cell in request["cells"]:
        channel.sendall(pack({"id": request["id"], "cell": cell["number"]}))
        error = notebook.run(cell)
        if error:
            errors[str(cell["number"])] = error
    bound = [name for cell in request["cells"] for name in cell["answers"] if name in notebook.namespace]
    channel.sendall(pack({"id": request["id"], "loaded": errors, "bound": bound}))


def write(name: str, text: str) -> None:
    """Write one of the learner's own files where the cells can import it; the grader has checked that its name stays in here."""
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)


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


def answer(request: dict, call: dict, namespace: dict) -> bytes:
    """Call a function once and report what it did."""
    observation = seen(request["name"], call, namespace)
    reply = reply_with(request, observation)
    return reply if fits(reply) else reply_with(request, Observation("returned", Opaque(TOO_LARGE)))


def fits(reply: bytes) -> bool:
    """Whether the grader will accept a message rather than reject it as too large."""
    if len(reply) <= SURELY_FITS or len(reply) > MOST_BYTES:
        return len(reply) <= MOST_BYTES
    try:
        decode_observation(unpack(reply[HEADER:])["observation"])
    except ProtocolError:
        return False
    return True


def recorded(request: dict, call: dict, namespace: dict) -> bytes:
    """Call a function once and report which of the refused functions its code called."""
    found = ""
    if request["name"] in namespace:
        with contextlib.suppress(KeyboardInterrupt):
            found = recorded_call(namespace[request["name"]], *arguments(call), request["refused"])
    return pack({"id": request["id"], "called": found})


def seen(name: str, call: dict, namespace: dict) -> Observation:
    """Call a function and return what it did, an `Observation`."""
    if name not in namespace:
        return Observation("raised", error="NameError", detail=f"name '{name}' is not defined")
    try:
        return observe(namespace[name], *arguments(call))
    except KeyboardInterrupt:  # nobody sits at a keyboard here: the learner's code raised it
        return Observation("raised", error="KeyboardInterrupt")


def arguments(call: dict) -> tuple[tuple, dict]:
    """A call's arguments, a tuple and a dict."""
    return tuple(map(decode, call["args"])), {key: decode(item) for key, item in call["kwargs"].items()}


def reply_with(request: dict, observation: Observation) -> bytes:
    return pack({"id": request["id"], "observation": encode_observation(observation)})


def receive(stream: object) -> object:
    """The next request, or None once the connection is closed."""
    header = stream.read(HEADER)
    return unpack(stream.read(int.from_bytes(header, "big"))) if len(header) == HEADER else None
