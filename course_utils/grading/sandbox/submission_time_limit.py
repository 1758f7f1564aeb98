"""The time limit of a submission, whose processor time the grader reads from the system: the submission has no say in it."""

import contextlib
import math
import socket
import struct
import time
from collections.abc import Sequence

import psutil

from course_utils.checking.observe import WAITING
from course_utils.checking.processor import kept_waiting

CREDENTIALS = struct.Struct("3i")  # process, user and group, as the kernel says who has sent something (unix(7))


class SubmissionTimeLimit:
    """How long one exercise, or the execution of all cells, may take. Time passes while `running`, and only then.

    What counts is the processor time of the process and of those that it has started, or the time by the clock where
    that is less. A process that sleeps may take `WAITING` times as long by the clock; on Linux, the time in which its main
    thread waited for a processor is not counted.

    Args:
        seconds: float, of processor time.
        process: the `psutil.Process`; without it there is nothing but the clock, and it may show `seconds`.
    """

    def __init__(self, seconds: float, process: psutil.Process | None = None):
        self.seconds = seconds
        self._process, self._passed, self._since = process, 0.0, None
        self._kept_waiting_before = self._kept_waiting()
        self._worked_before = _processor_seconds(process) if process else 0.0

    def running(self) -> "SubmissionTimeLimit":
        """Let the time of a `with` block count."""
        return self

    def __enter__(self):
        self._since = time.monotonic()

    def __exit__(self, *error):
        self._passed, self._since = self.passed, None

    @property
    def passed(self) -> float:
        """Seconds by the clock so far."""
        return self._passed + (0.0 if self._since is None else time.monotonic() - self._since)

    @property
    def longest(self) -> float:
        """Seconds by the clock that are left at most."""
        return max(self.seconds * (WAITING if self._process else 1) - self.passed, 0.1)

    @property
    def spent(self) -> float:
        """How much of `seconds` is used up; waiting counts, too, at a `WAITING`th."""
        return max(self._worked(and_children=False), self._undisturbed() / WAITING)

    def reached(self) -> tuple[str, float] | None:
        """Which limit is reached, None while there is time left.

        Returns:
            `("timeout", seconds)` for processor time or `("waited", seconds)` for the clock: a sentence of
            `grading_messages.LOST`, and the limit in seconds.
        """
        passed = self.passed
        if passed < self.seconds:  # then neither is, and the system needn't be asked
            return None
        if self._worked(and_children=True) >= self.seconds:
            return "timeout", self.seconds
        return ("waited", WAITING * self.seconds) if self._undisturbed() >= WAITING * self.seconds else None

    def _undisturbed(self):
        """Seconds by the clock in which the main thread had a processor or asked for none."""
        return self.passed - (self._kept_waiting() - self._kept_waiting_before)

    def _kept_waiting(self):
        return kept_waiting(f"{self._process.pid}/task/{self._process.pid}") if self._process else 0.0

    def _worked(self, and_children):
        if not self._process:
            return self.passed
        return min(_processor_seconds(self._process, and_children) - self._worked_before, self.passed)


def _processor_seconds(process, and_children=False):
    """The processor time of all its threads, of the children that it has waited for, and of those that live, if asked.

    Returns:
        Seconds, infinite where the system doesn't tell.
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
    """Two connected sockets; where the system can, it tells at the first who has sent something from the second."""
    ours, theirs = socket.socketpair()
    if hasattr(socket, "SO_PASSCRED"):
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    return ours, theirs


def sender(ancillary: Sequence, otherwise: int | None = None) -> "psutil.Process | None":
    """The process that has sent something, in this process's own numbering.

    Args:
        ancillary: as `socket.recvmsg` gives it.
        otherwise: the number of the process where the system doesn't tell, None where nobody knows.

    Returns:
        A `psutil.Process`, or None.
    """
    for _, kind, data in ancillary:
        if kind == getattr(socket, "SCM_CREDENTIALS", None):
            otherwise, _, _ = CREDENTIALS.unpack(data)
    with contextlib.suppress(psutil.Error):
        return psutil.Process(otherwise) if otherwise else None
    return None
