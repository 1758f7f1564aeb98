"""A submission's process: starts it, has its cells executed, calls its functions, and says why it was lost.

Only values come back. Whatever the submission does to its process, its files or the connection costs it at most the
exercise that is being called.
"""

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import course_utils
from course_utils.checking.messages import number
from course_utils.checking.spec import case
from course_utils.grading import isolation as levels
from course_utils.grading import wire
from course_utils.grading.child import OUT_OF_MEMORY
from course_utils.grading.messages import LOST
from course_utils.grading.submissions import Cell

STARTING = 120.0  # seconds for Python, NumPy and, where a cell names it, TensorFlow (20 s where it was never compiled)
LOADING = 60.0  # seconds for all cells together, or the timeout of an exercise where that is longer
GIGABYTES = 3  # of private memory; TensorFlow needs 0.4
LARGE_LIBRARIES = ("tensorflow", "keras", "sklearn", "scipy", "pandas", "matplotlib")
MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError", "ResourceExhaustedError")
LIMITS = {"RLIMIT_DATA": GIGABYTES << 30, "RLIMIT_FSIZE": 64 << 20, "RLIMIT_NOFILE": 256, "RLIMIT_CORE": 0}
SENT = ("course_utils.checking.observe", "course_utils.grading.wire", "course_utils.grading.child")
SLICE = 0.2  # seconds between two looks at whether the process still lives

# Runs in the bare interpreter: takes the child's code from the connection, so that no file of the course is needed.
BOOTSTRAP = """
import json, socket, sys, types
channel = socket.socket(fileno=int(sys.argv[1]))
stream = channel.makefile("rb")
orders = json.loads(stream.read(int.from_bytes(stream.read(4), "big")))
sys.path += orders["paths"]
for name, source in orders["modules"]:
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = f"<{name}>"
    exec(compile(source, module.__file__, "exec"), module.__dict__)
sys.modules["course_utils.grading.child"].serve(stream, channel, orders)
"""


class Lost(Exception):
    """The submission's process can't go on.

    Args:
        status: `timeout`, `memory` or `crashed`.
        message: a sentence for the learner.
        cell: the number of the cell that was being executed, or None.
    """

    def __init__(self, status, message, cell=None):
        super().__init__(message)
        self.status, self.message, self.cell = status, message, cell


class CannotStart(Exception):
    """The grader's own failure: there is no process in which nothing of the learner's has run yet."""


class Sandbox:
    """A process for one submission, to be used in a `with` by one thread.

    Args:
        cells: the notebook's code, a sequence of `Cell`.
        answers: number of a cell -> names of the exercises that it answers.
        timeout: float, seconds of wall-clock time for all calls of one exercise together.
        loading: float, seconds for executing all cells; without it `LOADING`, or the timeout where that is longer.
            Before, the process has `STARTING` seconds to start and to import the large libraries that the cells
            name: neither is the learner's time, so an exercise's clock runs while its calls are waited for, and only then.
        isolation: one of `isolation.LEVELS`.
        hidden: folders that the process must not see, where the level can hide them.

    Entering raises `CannotStart`, or `Lost` with the cell that is to blame.
    """

    def __init__(self, cells, *, answers=None, timeout=10.0, loading=None, isolation="process", hidden=()):
        self.cells, self.answers = tuple(cells), dict(answers or {})
        self.timeout, self.loading = timeout, loading or max(LOADING, timeout)
        self.isolation, self.hidden = isolation, hidden
        self.errors = {}  # number of a cell -> what it raised, a dict of text; see `child.describe`
        self._left = {}  # name of a function -> seconds

    def __enter__(self):
        try:
            self._start()
            self._load()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *error):
        self.close()

    def call(self, name, case):
        """Call a function of the submission.

        Args:
            name: of the function.
            case: a `Case`.

        Returns:
            An `Observation`.

        Raises:
            Lost: no answer came, or none that is an answer.
        """
        self._what, started = f"`{name}`", time.monotonic()
        request = {"id": _nonce(), "name": name, "args": [wire.encode(arg) for arg in case.args]}
        request["kwargs"] = {key: wire.encode(value) for key, value in case.kwargs.items()}
        left = self._left.setdefault(name, self.timeout)
        try:
            reply = self._ask(request, started + left, self.timeout)
            observation = wire.decode_observation(reply.get("observation"))
        except wire.ProtocolError as error:
            raise self._lost("crashed", "protocol", reason=error) from None
        finally:
            self._left[name] = left - (time.monotonic() - started)
        if observation.outcome == "raised" and observation.error in MEMORY_ERRORS:
            raise self._lost("memory", "memory", gigabytes=GIGABYTES)
        return observation

    def close(self):
        """End the process and all that it has started in its group; the connection goes last."""
        if process := self.__dict__.pop("_process", None):
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if channel := self.__dict__.pop("_channel", None):
            channel.close()
        if folder := self.__dict__.pop("_folder", None):
            shutil.rmtree(folder, ignore_errors=True)

    def _start(self):
        self._what = "The start"
        self._folder = tempfile.mkdtemp(prefix="submission-")
        orders = {
            "id": _nonce(),
            "paths": levels.library_paths(),
            "modules": [(name, _source(name)) for name in SENT],
            "limits": LIMITS | {"RLIMIT_CPU": self._processor_seconds()},
            "preload": [name for name in LARGE_LIBRARIES if any(name in cell.source for cell in self.cells)],
            "standins": course_utils.__all__,
        }
        try:
            with tempfile.TemporaryFile() as errors:
                self._spawn(errors)
                self._await_ready(orders, errors)
        except OSError as error:
            raise CannotStart(error.strerror or type(error).__name__) from error

    def _spawn(self, errors):
        self._channel, theirs = socket.socketpair()
        python = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", BOOTSTRAP, str(theirs.fileno())]
        with theirs:
            self._process = subprocess.Popen(
                levels.command(self.isolation, python, hidden=self.hidden),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                cwd=self._folder,
                env=_environment(levels.FOLDER if self.isolation == "bubblewrap" else self._folder),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def _await_ready(self, orders, errors):
        try:
            self._ask(orders, time.monotonic() + STARTING, STARTING)
        except (Lost, wire.ProtocolError) as error:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise CannotStart(" ".join([str(error), *said[-1:]])) from None

    def _load(self):
        request = {"id": _nonce(), "cells": [self._cell(cell) for cell in self.cells]}
        deadline, running = time.monotonic() + self.loading, None
        try:
            self._what = "The notebook"
            reply = self._ask(request, deadline, self.loading)
            while "loaded" not in reply:
                running = self._number(reply.get("cell"))
                self._what = f"Cell {running}"
                reply = self._receive(request["id"], deadline, self.loading)
            self.errors = self._errors(reply["loaded"])
        except wire.ProtocolError as error:
            raise self._lost("crashed", "protocol", running, reason=error) from None
        except Lost as lost:
            raise Lost(lost.status, lost.message, running) from None

    def _cell(self, cell):
        return {"number": cell.number, "source": cell.source, "answers": self.answers.get(cell.number, [])}

    def _number(self, claimed):
        if claimed not in [cell.number for cell in self.cells]:
            raise wire.ProtocolError("an unknown cell")
        return claimed

    def _errors(self, loaded):
        if not isinstance(loaded, dict):
            raise wire.ProtocolError("no list of errors")
        numbers = [cell.number for cell in self.cells]
        return {number: _error(loaded[str(number)]) for number in numbers if str(number) in loaded}

    def _ask(self, request, deadline, seconds):
        try:
            self._channel.settimeout(max(deadline - time.monotonic(), 1e-3))
            self._channel.sendall(wire.pack(request))
        except TimeoutError:
            raise self._lost("timeout", "timeout", seconds=number(seconds)) from None
        except OSError:
            raise self._fate() from None
        return self._receive(request["id"], deadline, seconds)

    def _receive(self, nonce, deadline, seconds):
        length = int.from_bytes(self._read(wire.HEADER, deadline, seconds), "big")
        if length > wire.MOST_BYTES:
            raise wire.ProtocolError(f"{length} bytes, more than {wire.MOST_BYTES}")
        reply = wire.unpack(self._read(length, deadline, seconds))
        if reply.get("id") != nonce:
            raise wire.ProtocolError("the answer to a question that was not asked")
        return reply

    def _read(self, length, deadline, seconds):
        parts = bytearray()
        while len(parts) < length:
            left = deadline - time.monotonic()
            if left <= 0:
                raise self._lost("timeout", "timeout", seconds=number(seconds))
            ended = self._process.poll() is not None
            try:
                self._channel.settimeout(min(left, SLICE))
                part = self._channel.recv(length - len(parts))
            except TimeoutError:
                part = None
            except OSError:
                part = b""
            if part == b"" or (part is None and ended):
                raise self._fate()
            parts += part or b""
        return bytes(parts)

    def _fate(self):
        """How the process ended, by its exit code."""
        try:
            code = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return self._lost("crashed", "closed")
        ended_by = -code if code < 0 else code - 128 if self.isolation == "bubblewrap" and code > 128 else 0
        if code == OUT_OF_MEMORY:
            return self._lost("memory", "memory", gigabytes=GIGABYTES)
        if ended_by == signal.SIGKILL:
            return self._lost("memory", "killed")
        if ended_by == signal.SIGXCPU:
            return self._lost("timeout", "cpu")
        return self._lost("crashed", "signal" if ended_by else "ended", code=ended_by or code)

    def _lost(self, status, sentence, cell=None, **fields):
        return Lost(status, LOST[sentence].format(what=self._what, **fields), cell)

    def _processor_seconds(self):
        """A limit that only a process meets which the grader can no longer end."""
        names = sum(map(len, self.answers.values()))
        return int(STARTING + self.loading + self.timeout * max(names, 1)) + 1


def works(isolation):
    """Try a level of isolation.

    Returns:
        The reason why it can't be used, or "".
    """
    if isolation == "bubblewrap" and not shutil.which("bwrap"):
        return "bubblewrap (bwrap) is not installed"
    try:
        with Sandbox([Cell(1, "def one():\n    return 1")], isolation=isolation) as sandbox:
            observation = sandbox.call("one", case())
    except (CannotStart, Lost) as error:
        return str(error)
    return "" if observation.outcome == "returned" else observation.detail


def _environment(home):
    """All that the process is told of the machine: no secrets, no proxies, no paths of the teacher's."""
    return {
        "PATH": os.defpath,
        "HOME": home,
        "TMPDIR": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        # One thread each: several submissions run side by side, and each thread's stack counts as memory.
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
        **dict.fromkeys(("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1"),
    }


def _nonce():
    return secrets.token_hex(8)


def _source(name):
    return Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")


def _error(document):
    """What a cell raised, read from a message that may be forged."""
    if not isinstance(document, dict) or not isinstance(document.get("unbound"), list):
        raise wire.ProtocolError("no error")
    texts = {field: wire.text(document.get(field), longest) for field, longest in wire.LONGEST.items()}
    return texts | {"unbound": document["unbound"]}
