"""Which way of running submissions works here, at an isolation level: each is tried with a tiny submission, the best first."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from course_utils.checking.spec import case
from course_utils.grading.notebook_files import Cell
from course_utils.grading.sandbox.pool import ForkPool, ForkServerLost, OneByOne
from course_utils.grading.sandbox.process import CannotStart
from course_utils.grading.sandbox.session import Lost, Sandbox
from course_utils.texts import _

PROBE = "def one():\n    import this, numpy.f2py\n    return 1"  # imports from files, which it must be able to read


def works(isolation: str) -> str:
    """Try an isolation level.

    Returns:
        The reason why it can't be used, or "".
    """
    try:
        with opened(isolation):
            return ""
    except CannotStart as error:
        return str(error)


@contextlib.contextmanager
def opened(isolation: str, hidden: Sequence[Path] = (), preload: Sequence[str] = ()) -> Iterator[OneByOne | ForkPool]:
    """The best way to run submissions that works here at an isolation level; use it in a `with`.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, if the level can hide them.
        preload: names of large libraries that submissions use; they are imported once, for the first that computes with them.

    Raises:
        CannotStart: none works; the message is the last one's reason.
    """
    if isolation == "bubblewrap" and not shutil.which("bwrap"):
        raise CannotStart(_("bubblewrap (bwrap) is not installed"))
    for way in ways(isolation, hidden):
        with way(preload) as processes:
            reason = _fails(processes)
            if not reason:
                yield processes
                return
    raise CannotStart(reason)


def _fails(processes):
    """Why no submission can run this way, or ""."""
    try:
        with Sandbox([Cell(1, PROBE)], processes=processes) as sandbox:
            observation = sandbox.call("one", case())
    except (CannotStart, ForkServerLost, Lost) as error:
        return str(error)
    return "" if observation.outcome == "returned" else observation.detail


def ways(isolation: str, hidden: Sequence[Path] = ()) -> Iterator[Callable]:
    """Ways to run submissions at an isolation level, best first.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, if the level can hide them.

    Yields:
        A function that takes the libraries to preload and makes a `ForkPool` or a `OneByOne`, which may not work here.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    # In bubblewrap, never as root itself: even without capabilities, root may change the machine's settings in /proc.
    users = (True, False) if root and isolation == "process" else (root,)
    for own_users in users if hasattr(os, "pidfd_open") else ():
        yield partial(ForkPool, isolation, hidden, own_users)
    for own_users in users:
        yield partial(OneByOne, isolation, hidden, own_users)
