"""A submission's sandbox: executes its cells in a separate process, calls its functions, and says why the process was lost.

Only values come back. Whatever the submission does to its process, its files or the connection costs it at most the
exercise that is being called.
"""

import contextlib
import os
import re
import secrets
import signal
import socket
from collections.abc import Iterator, Sequence
from functools import partial

import course_utils
from course_utils.checking.judge import NotObserved
from course_utils.checking.observe import Observation
from course_utils.checking.spec import Case
from course_utils.checking.verdict_messages import number
from course_utils.grading.grading_messages import LOST
from course_utils.grading.sandbox import protocol
from course_utils.grading.sandbox.child import OUT_OF_MEMORY
from course_utils.grading.sandbox.pool import STARTING, OneByOne
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.sandbox.submission_time_limit import CREDENTIALS, SubmissionTimeLimit, sender
from course_utils.texts import _

LOADING = 60.0  # seconds of processor time for all cells together, unless an exercise's timeout is longer
GIGABYTES = 3  # of private memory; TensorFlow needs 0.4
LARGE_LIBRARIES = ("tensorflow", "keras", "sklearn", "scipy", "pandas", "matplotlib")
TENSORFLOW = ("tensorflow", "keras")
ONLY_IMPORTED = re.compile(
    rf"^[ \t]*import[ \t]+(?:{'|'.join(TENSORFLOW)})(?:[ \t]+as[ \t]+(\w+))?[ \t]*(?:#.*)?$", re.MULTILINE
)
MEMORY_ERRORS = ("MemoryError", "_ArrayMemoryError", "ResourceExhaustedError")
ADDRESSES = 8  # gigabytes, including shared memory and libraries; training with TensorFlow needs 2.4
LIMITS = {
    "RLIMIT_DATA": GIGABYTES << 30,
    "RLIMIT_AS": ADDRESSES << 30,
    "RLIMIT_FSIZE": 64 << 20,
    "RLIMIT_NOFILE": 256,
    "RLIMIT_CORE": 0,
}
PROCESSES = 256  # processes and threads, if only the submission's are counted
PROCESSES_OF_ALL = 2048  # on top of those that this user has now, if all of the user's are counted
ROOM_FOR_SENDER = socket.CMSG_SPACE(CREDENTIALS.size) if hasattr(socket, "CMSG_SPACE") else 0
AT_ONCE = 1 << 16  # bytes to read
SLICE = 0.2  # seconds between checks that the process is still alive


class Lost(NotObserved):
    """The submission's process can't go on.

    Args:
        status: `timeout`, `memory` or `crashed`.
        message: a sentence for the learner.
        cell: the number of the cell that was being executed, or None.
        by_system: whether the process was killed from outside, perhaps through no fault of the submission.
    """

    def __init__(self, status, message, cell=None, *, by_system=False):
        super().__init__(message)
        self.status, self.message, self.cell, self.by_system = status, message, cell, by_system


class Sandbox:
    """A process for one submission; use it in a `with`, in one thread.

    Args:
        cells: the notebook's code, a sequence of `Cell`.
        answers: number of a cell -> names of the exercises that it answers.
        files: name -> text of the learner's own files, which are written to the process's folder.
        timeout: float, seconds of processor time for all calls of one exercise together; see `SubmissionTimeLimit`.
        loading: float, the same for executing all cells; by default `LOADING`, or the timeout if that is longer.
            Before that, the process has `STARTING` wall-clock seconds to start, and to import and warm up the large
            libraries that the cells name, none of which is the learner's time. An exercise's time passes only while
            the grader waits for its calls.
        processes: where the process comes from: a `ForkPool` or a `OneByOne`.

    Entering raises `CannotStart` or `ForkServerLost`, or `Lost` with the cell that is to blame.
    """

    def __init__(self, cells, *, answers=None, files=(), timeout=10.0, loading=None, processes=None):
        self.cells, self.answers, self.files = tuple(cells), dict(answers or {}), dict(files)
        self.timeout, self.loading = timeout, loading or max(LOADING, timeout)
        self.processes = processes or OneByOne()
        self.loaded_in = 0.0  # seconds, as `SubmissionTimeLimit.spent` counts them
        self.errors = {}  # number of a cell -> what it raised, a dict of text; see `cells.describe`
        self.bound = set()  # the answers that are defined after all cells
        self._counted = None  # the process whose time counts
        self._limits = {}  # name of a function -> its `SubmissionTimeLimit`
        self.lost = None  # the `Lost` after which the process can't be used any more
        self._owed = ("", 0, None)  # the last request's id, how many answers are still to come, their limit
        self._came = bytearray()  # received but not read yet

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

    def call(self, name: str, case: Case) -> Observation:
        """Call a function of the submission once; arguments and errors as for `calls`.

        Returns:
            An `Observation`.
        """
        (observation,) = self.calls(name, [case])
        return observation

    def calls(self, name: str, cases: Sequence[Case]) -> Iterator[Observation]:
        """Call a function of the submission several times, all in one request.

        Args:
            name: the function's name.
            cases: a sequence of `Case`s.

        Yields:
            An `Observation` for each, as soon as it arrives. Any that the caller leaves are read before the next request.

        Raises:
            Lost: no answer came, or a malformed one. The process can't be used any more.
        """
        request, limit = self._asked(name, cases)
        self._owed = (request["id"], len(cases), limit)
        for _case in cases:
            yield self._observation()

    def recorded_call(self, name: str, case: Case, refused: Sequence[str]) -> str:
        """Call a function of the submission once, and have its process report which ready-made function its code called.

        Args:
            name, case: as for `call`.
            refused: names of functions, in lower case.

        Returns:
            As `recorded_calls.recorded_call`: a name can be believed, "" proves nothing.

        Raises:
            Lost: as for `calls`.
        """
        request, limit = self._asked(name, [case], refused)
        self._room = protocol.MOST_BYTES
        with self._losing(), limit.running():
            return protocol.text(self._receive(request["id"], limit).get("called"), protocol.LONGEST["error"])

    def _asked(self, name, cases, refused=()):
        """Send a request for calls; return it and the time limit of its answers."""
        self._settle()
        self._what = f"`{name}`"
        if name not in self._limits:
            self._limits[name] = SubmissionTimeLimit(self.timeout, self._counted)
        request = {
            "id": _nonce(),
            "name": name,
            "calls": [case.once("as sent", partial(_as_sent, case)) for case in cases],
            "refused": refused,
        }
        with self._losing(), self._limits[name].running():
            self._send(request, self._limits[name])
        return request, self._limits[name]

    def settled(self) -> bool:
        """Read the answers that nobody has taken, and say whether the process can still be used."""
        with contextlib.suppress(Lost):
            self._settle()
        return not self.lost

    def _settle(self):
        if self.lost:
            raise self.lost
        while self._owed[1]:
            self._observation()

    def _observation(self):
        nonce, number, limit = self._owed
        self._room = protocol.MOST_BYTES
        with self._losing(), limit.running():
            reply = self._receive(nonce, limit)
            observation = protocol.decode_observation(reply.get("observation"))
            if observation.outcome == "raised" and observation.error in MEMORY_ERRORS:
                raise self._lost("memory", "memory", gigabytes=GIGABYTES)
        self._owed = (nonce, number - 1, limit)
        return observation

    @contextlib.contextmanager
    def _losing(self):
        """After an error in this block the process can't be used any more."""
        try:
            yield
        except protocol.ProtocolError as error:
            self.lost = self._lost("crashed", "protocol", reason=error)
            raise self.lost from None
        except Lost as lost:
            self.lost = lost
            raise

    def close(self) -> None:
        """Kill the process and everything that it started."""
        if process := self.__dict__.pop("_process", None):
            process.end()

    def _start(self):
        self._what = _("The start")
        sources = [*(cell.source for cell in self.cells), *self.files.values()]
        computes = _computes(sources)
        self._process = self.processes.start(computes=computes)
        named = [name for name in LARGE_LIBRARIES if any(name in source for source in sources)]
        later = [] if computes else [name for name in TENSORFLOW if name in named]
        orders = self._process.orders | {
            "id": _nonce(),
            "limits": LIMITS
            | {"RLIMIT_CPU": self._processor_seconds(), "RLIMIT_NPROC": _most_processes(self.processes)},
            "preload": [name for name in named if name not in later],
            "computes": computes,
            "later": later,
            "standins": course_utils.__all__,
        }
        limit = SubmissionTimeLimit(STARTING)
        try:
            with limit.running():
                reply = self._ask(orders, limit)
        except (Lost, protocol.ProtocolError) as error:
            raise CannotStart(f"{error} {self._process.said()}".strip()) from None
        if "failed" in reply:
            raise CannotStart(reply["failed"])
        self._counted = sender(self._ancillary, self._process.number)  # no learner code has run in it yet

    def _load(self):
        request = {"id": _nonce(), "files": self.files, "cells": [self._cell(cell) for cell in self.cells]}
        running, limit = None, SubmissionTimeLimit(self.loading, self._counted)
        try:
            self._what = _("The notebook")
            with limit.running():
                reply = self._ask(request, limit)
                while "loaded" not in reply:
                    running = self._number(reply.get("cell"))
                    self._what = _("Cell {number}").format(number=running)
                    reply = self._receive(request["id"], limit)
            self.errors = self._errors(reply["loaded"])
            self.bound = self._bound(reply.get("bound"))
        except protocol.ProtocolError as error:
            raise self._lost("crashed", "protocol", running, reason=error) from None
        except Lost as lost:
            raise Lost(lost.status, lost.message, running, by_system=lost.by_system) from None
        finally:
            self.loaded_in = limit.spent

    def _cell(self, cell):
        return {"number": cell.number, "source": cell.source, "answers": self.answers.get(cell.number, [])}

    def _number(self, claimed):
        if claimed not in [cell.number for cell in self.cells]:
            raise protocol.ProtocolError("an unknown cell")
        return claimed

    def _bound(self, names):
        if not isinstance(names, list):
            raise protocol.ProtocolError("no list of names")
        return {name for own in self.answers.values() for name in own if name in names}

    def _errors(self, loaded):
        if not isinstance(loaded, dict):
            raise protocol.ProtocolError("no list of errors")
        numbers = [cell.number for cell in self.cells]
        return {number: _error(loaded[str(number)]) for number in numbers if str(number) in loaded}

    def _ask(self, request, limit):
        self._send(request, limit)
        return self._receive(request["id"], limit)

    def _send(self, request, limit):
        self._room = protocol.MOST_BYTES
        try:
            self._process.channel.settimeout(limit.longest)
            self._process.channel.sendall(protocol.pack(request))
        except TimeoutError:
            raise self._out_of_time(limit) from None
        except OSError:
            raise self._fate() from None

    def _receive(self, nonce, limit):
        length = int.from_bytes(self._read(protocol.HEADER, limit), "big")
        self._room -= length
        if self._room < 0:
            raise protocol.ProtocolError(f"{length} bytes, more than {self._room + length}")
        reply = protocol.unpack(self._read(length, limit))
        if reply.get("id") != nonce:
            raise protocol.ProtocolError("the answer to a question that was not asked")
        return reply

    def _read(self, length, limit):
        while len(self._came) < length:
            ended = self._process.code(0) is not None
            if not ended and limit.reached():
                raise self._out_of_time(limit)
            try:
                self._process.channel.settimeout(min(limit.longest, SLICE))
                part, self._ancillary = self._process.channel.recvmsg(AT_ONCE, ROOM_FOR_SENDER)[:2]
            except TimeoutError:
                part = None
            except OSError:
                part = b""
            if part == b"" or (part is None and ended):
                raise self._fate()
            self._came += part or b""
        read = bytes(self._came[:length])
        del self._came[:length]
        return read

    def _out_of_time(self, limit):
        sentence, seconds = limit.reached() or ("timeout", limit.seconds)
        return self._lost("timeout", sentence, seconds=number(seconds))

    def _fate(self):
        """The `Lost` that says how the process ended, by its exit code."""
        code = self._process.code(1)
        if code is None:
            return self._lost("crashed", "closed")
        ended_by = max(-code, 0)
        if code == OUT_OF_MEMORY:
            return self._lost("memory", "memory", gigabytes=GIGABYTES)
        if ended_by == signal.SIGKILL:
            return Lost("memory", LOST["killed"].format(what=self._what), by_system=True)
        if ended_by == signal.SIGXCPU:
            return self._lost("timeout", "cpu")
        return self._lost("crashed", "signal" if ended_by else "ended", code=ended_by or code)

    def _lost(self, status, sentence, cell=None, **fields):
        return Lost(status, LOST[sentence].format(what=self._what, **fields), cell)

    def _processor_seconds(self):
        """A limit that a process reaches only if the grader failed to kill it."""
        names = sum(map(len, self.answers.values()))
        return int(STARTING + self.loading + self.timeout * max(names, 1)) + 1


def _computes(sources):
    """Whether code names TensorFlow or Keras anywhere but in `import tensorflow as tf`, and so may compute with it."""
    code = "\n".join(sources)
    names = {*TENSORFLOW, *filter(None, ONLY_IMPORTED.findall(code))}
    return bool(re.search(rf"\b(?:{'|'.join(names)})\b", ONLY_IMPORTED.sub("", code)))


def _most_processes(processes):
    """The limit on a submission's processes and threads, which the system counts by user."""
    if processes.own_users or (processes.warm and processes.isolation == "bubblewrap"):
        return PROCESSES
    return PROCESSES_OF_ALL + _running()


def _running():
    """How many processes and threads this user has, 0 if the system doesn't list them."""
    count = 0
    with contextlib.suppress(FileNotFoundError):
        for entry in os.scandir("/proc"):
            with contextlib.suppress(FileNotFoundError, PermissionError, ProcessLookupError):
                if entry.name.isdigit() and entry.stat().st_uid == os.geteuid():
                    count += len(os.listdir(f"/proc/{entry.name}/task"))
    return count


def _as_sent(case):
    """A case's arguments as a JSON document."""
    kwargs = {key: protocol.encode(value) for key, value in case.kwargs.items()}
    return {"args": [protocol.encode(arg) for arg in case.args], "kwargs": kwargs}


def _nonce():
    return secrets.token_hex(8)


def _error(document):
    """What a cell raised, read from a message that may be forged."""
    if not isinstance(document, dict) or not isinstance(document.get("unbound"), list):
        raise protocol.ProtocolError("no error")
    texts = {field: protocol.text(document.get(field), longest) for field, longest in protocol.LONGEST.items()}
    return texts | {"unbound": document["unbound"]}
