"""Stops a learner's function that runs for too long, by alarm signals: not on Windows, nor in a thread.

An alarm rings every `TICK` seconds. Once the time is up it raises `TimeUp` in the learner's function and marks itself as
rung again, so that it also raises at the next call or jump, and the next, until no `except:` is left that swallows it.
"""

import _thread
import contextlib
import signal
import threading
import time
import warnings
from collections.abc import Iterator
from types import FrameType

import numpy as np

from course_utils.checking import observe as observing
from course_utils.checking import recorded_calls as recording
from course_utils.checking.observe import WAITING, TimeUp, observe
from course_utils.checking.processor import kept_waiting

TICK = 0.05  # seconds by the clock
NUMPYS = getattr(np.errstate.__enter__, "__code__", observe.__code__).co_filename  # one day it may be written in C
NOT_THEIRS = (__file__, observing.__file__, recording.__file__, contextlib.__file__, warnings.__file__, NUMPYS)
IMPORTS = "<frozen importlib."  # prefix of the names of the files that carry out an import


class CheckTimeLimit:
    """How long all calls of a learner's function may take together.

    It counts this process's CPU time, or wall-clock time if that is less, without imports.
    A function that sleeps may take `WAITING` times as long by the clock; on Linux, waiting for the processor doesn't count.

    Args:
        seconds: float, of processor time.
    """

    def __init__(self, seconds: float):
        self.seconds = seconds
        self._work_left, self._clock_left = seconds, WAITING * seconds

    def reached(self, importing: bool = False) -> tuple[str, float] | None:
        """Which limit is reached, None while there is time left.

        Args:
            importing: whether an import is running, which must not be left half done: only the wall-clock limit stops it.

        Returns:
            `("timeout", seconds)` for processor time or `("waited", seconds)` for the clock: a sentence of
            `verdict_messages.SENTENCES`, and the limit in seconds.
        """
        if self._work_left <= 0 and not importing:
            return "timeout", self.seconds
        return ("waited", WAITING * self.seconds) if self._clock_left <= 0 else None

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count the time of the block, and raise `TimeUp` in the learner's function that `observe` calls in it.

        It is never raised in what `observe` does to put the notebook's state back.
        """
        if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
            yield
            return

        def ring(number: int, frame: FrameType | None) -> None:
            theirs, importing = _what_runs(frame)
            self._count(importing)
            if theirs and self.reached(importing):
                # Marked by C code, with neither a call nor a jump of Python's before `raise`, where it would ring too early.
                _ = [*map(_thread.interrupt_main, [number])]
                raise TimeUp

        before = signal.signal(signal.SIGALRM, ring)
        self._counted = _clocks()
        signal.setitimer(signal.ITIMER_REAL, max(min(TICK, self._work_left), 1e-3), TICK)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            self._count()

    def _count(self, importing=False):
        """Take off what has passed since the last time."""
        now = _clocks()
        worked, passed = (after - before for after, before in zip(now, self._counted, strict=True))
        self._counted = now
        self._clock_left -= passed
        self._work_left -= 0 if importing else min(worked, passed)


def _clocks():
    """Processor time of this process, and the time by the clock in which this thread had a processor or asked for none."""
    return time.process_time(), time.monotonic() - kept_waiting()


def _what_runs(frame):
    """Whether a learner's function is running, and whether it is importing something.

    A learner's function runs where between here and `observe` there is a frame that is not the course's own.
    """
    theirs = importing = False
    while frame is not None and frame.f_code is not observe.__code__:
        file = frame.f_code.co_filename
        theirs, importing = theirs or file not in NOT_THEIRS, importing or file.startswith(IMPORTS)
        frame = frame.f_back
    return theirs and frame is not None, importing
