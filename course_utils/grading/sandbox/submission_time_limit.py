"""A submission's time limit; the grader gets its processor time from the system, where the submission can't tamper with it."""

import contextlib
import math
import socket
import struct
import time
from collections.abc import Sequence

import psutil

from course_utils.checking.observe import WAITING
from course_utils.checking.processor import kept_waiting

CREDENTIALS = struct.Struct("3i")  # a sender's process, user and group id, from the kernel (unix(7))


class SubmissionTimeLimit:
    """How long one exercise, or the execution of all cells, may take. Time passes only while `running`.

    What counts is the processor time of the process and of those that it started, or the wall-clock time if that is less.
    A process that sleeps may take `WAITING` times as long by the clock; on Linux, the time in which its main thread waited
    for a processor is not counted.

    Args:
        seconds: float, seconds of processor time.
        process: the `psutil.Process`; without it, `seconds` are wall-clock seconds.
    """

    def __init__(self, seconds: float, process: psutil.Process | None = None):
        self.seconds = seconds
        self._process, self._passed, self._since = process, 0.0, None
        self._kept_waiting_before = self._kept_waiting()
        self._worked_before = _processor_seconds(process) if process else 0.0

    def running(self) -> "SubmissionTimeLimit":
        """Count the time of a `with` block."""
        return self

    def __enter__(self):
        self._since = time.monotonic()

    def __exit__(self, *error):
        self._passed, self._since = self.passed, None

    @property
    def passed(self) -> float:
        """Wall-clock seconds so far."""
        return self._passed + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def longest(self) -> float:
        """The most wall-clock seconds that can be left."""
        return max(self.seconds * (WAITING if self._process else 1) - self.passed, 0.1)

    @property
    def spent(self) -> float:
        """How many of `seconds` are used up; time spent waiting counts as one `WAITING`th."""
        return max(self._worked(and_children=False), self._undisturbed() / WAITING)

    def reached(self) -> tuple[str, float] | None:
        """Which limit is reached, or None while there is time left.

        Returns:
            `("timeout", seconds)` for processor time or `("waited", seconds)` for wall-clock time: a key of
            `grading_messages.LOST`, and the limit in seconds.
        """
        passed = self.passed
        if passed < self.seconds:  # then neither is reached, and the system needn't be asked
            return None
        if self._worked(and_children=True) >= self.seconds:
            return "timeout", self.seconds
        return ("waited", WAITING * self.seconds) if self._undisturbed() >= WAITING * self.seconds else None

    def _undisturbed(self):
        """Wall-clock seconds in which the main thread had a processor or didn't need one."""
        return self.passed - (self._kept_waiting() - self._kept_waiting_before)

    def _kept_waiting(self):
        return kept_waiting(f"{self._process.pid}/task/{self._process.pid}") if self._process else 0.0

    def _worked(self, and_children):
        if not self._process:
            return self.passed
        return min(_processor_seconds(self._process, and_children) - self._worked_before, self.passed)


def _processor_seconds(process, and_children=False):
    """The processor time of a process's threads, of the children that it has reaped, and, if asked, of its living ones.

    Returns:
        Seconds, infinite if the system doesn't tell.
    """
    try:
        seconds = sum(process.cpu_times()[:4])
        children = process.children(recursive=True) if and_children else ()
    except psutil.Error:
        return math.inf
    for child in children:
        with contextlib.suppress(psutil.Error):  # it has ended
            seconds += sum(child.cpu_times()[:4])
    return seconds


def connection() -> tuple[socket.socket, socket.socket]:
    """Two connected sockets; on Linux, what the first receives comes with its sender's credentials."""
    ours, theirs = socket.socketpair()
    if hasattr(socket, "SO_PASSCRED"):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def sender(ancillary: Sequence, otherwise: int | None = None) -> "psutil.Process | None":
    """The process that sent a message, by its id in this process's own PID namespace.

    Args:
        ancillary: as `socket.recvmsg` returns it.
        otherwise: the process's id if the system doesn't tell, or None if nobody knows.

    Returns:
        A `psutil.Process`, or None.
    """
    for _, kind, data in ancillary:
        if kind == getattr(socket, "SCM_CREDENTIALS", None):
            otherwise, _, _ = CREDENTIALS.unpack(data)
    with contextlib.suppress(psutil.Error):
        return psutil.Process(otherwise) if otherwise else None
    return None
