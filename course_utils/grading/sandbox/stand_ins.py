"""What a submission finds in place of the course and of IPython's shell: nothing that could help it, or stop it.

The grader sends this file's text into the submission's process, as it does `child`.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import posixpath
import re
import shlex
import sys
import types

VARIABLE = re.compile(r"\{(\w+)\}|\$(\w+)")  # in a magic's line, where IPython puts its value
SCRIPT_S_OWN = ("__name__", "__file__", "__builtins__")  # names that a script doesn't give to the cells


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
        """A shell command's output: nothing, because no command is run."""
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


def replace_the_course(names: list[str]) -> None:
    """Replace the course's modules with stand-ins."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "course_utils"]:
        del sys.modules[name]
    sys.meta_path.insert(0, StandIns(names))
    importlib.import_module("course_utils")
