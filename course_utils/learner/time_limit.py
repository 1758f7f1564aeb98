"""Stops a learner's function that runs for too long, where the system has alarm signals: not on Windows, nor in a thread."""

import contextlib
import signal
import threading
import warnings
from itertools import chain

import numpy as np

from course_utils.checking import observe as observing
from course_utils.checking.observe import TimeUp, observe

AGAIN = 0.05  # seconds, after which it rings again
AT_ONCE, WORK = 1e-6, range(20_000)  # seconds, and numbers whose sum takes a multiple of them
NUMPYS = getattr(np.errstate.__enter__, "__code__", observe.__code__).co_filename  # one day it may be written in C
NOT_THEIRS = (observing.__file__, contextlib.__file__, warnings.__file__, NUMPYS)


@contextlib.contextmanager
def stopped_after(seconds):
    """Raise `TimeUp` in a learner's function that `observe` calls in the block, after so many seconds of the block.

    A loop may swallow it with a bare `except:`, so it is raised again at every step until the function is left; never in
    what `observe` does to put the notebook's state back.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number, frame):
        if _is_theirs(frame):
            # It rings while `sum` works in C, and Python looks for that no earlier than at the learner's next call or jump:
            # between here and `raise` there is neither.
            _ = [*chain(map(signal.setitimer, (signal.ITIMER_REAL,), (AT_ONCE,), (AGAIN,)), map(sum, (WORK,)))]
            raise TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3), AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _is_theirs(frame):
    """Whether a learner's function is running: a frame that is not the course's own, between here and `observe`."""
    theirs = False
    while frame is not None and frame.f_code is not observe.__code__:
        theirs = theirs or frame.f_code.co_filename not in NOT_THEIRS
        frame = frame.f_back
    return theirs and frame is not None
