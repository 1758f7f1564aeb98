"""Where submissions run: in processes forked from a fork server, or started one by one.

Both offer the same: a connection, the exit code, and a way to kill the process and everything that it started.
"""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import threading
from functools import cached_property

from course_utils.grading.sandbox import bubblewrap as levels
from course_utils.grading.sandbox import protocol
from course_utils.grading.sandbox.bubblewrap import FOLDER
from course_utils.grading.sandbox.process import (
    CannotStart,
    bare_python,
    bootstrap,
    closed_by,
    end_group,
    end_user,
    last_line,
    new_folder,
    remove_folder,
    spawn,
)
from course_utils.grading.sandbox.submission_time_limit import connection
from course_utils.texts import _

STARTING = 120.0  # seconds to start Python, NumPy and TensorFlow (20 s without compiled bytecode)
STOPPED = _("the run was stopped")
ENDING = 5.0  # seconds for a fork server to kill a process, or to exit
USERS = range(1_900_000_000, 2_100_000_000)  # unused user ids, drawn at random because several graders may run at once


class ForkServerLost(Exception):
    """The grader's own failure: the fork server ended, and its submissions with it."""


class Started:
    """A process that was started for one submission."""

    def __init__(self, channel, process, errors, folder, orders, *, in_bubblewrap):
        self.channel, self.orders = channel, orders
        self._process, self._errors, self._folder, self._in_bubblewrap = process, errors, folder, in_bubblewrap
        self.number = None if in_bubblewrap else process.pid

    def code(self, patience: float) -> int | None:
        """How the process ended.

        Args:
            patience: seconds to wait for its end.

        Returns:
            The exit code, or the negative number of a signal; None if the process is still alive.
        """
        try:
            code = self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            return None
        return 128 - code if self._in_bubblewrap and code > 128 else code

    def said(self) -> str:
        """The last line on stderr, from before any learner code ran."""
        return last_line(self._errors)

    def end(self) -> None:
        """Kill the process and its group, close the connection, and remove the folder."""
        with contextlib.ExitStack() as left:  # each step is taken, even if an earlier one fails
            left.callback(remove_folder, self._folder)
            left.callback(self._errors.close)
            left.callback(self.channel.close)
            left.callback(end_user, self.orders)
            end_group(self._process)


class OneByOne:
    """Starts a new process for each submission, which imports what it needs itself. Use it in a `with`.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, if the level can hide them.
        own_users: whether each submission runs as its own user, which only root can arrange.
        preload: as for a `ForkPool`; not used.
    """

    warm = False
    stopped = False

    def __init__(self, isolation="process", hidden=(), own_users=False, preload=()):
        self.isolation, self.hidden, self.own_users = isolation, tuple(hidden), own_users

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def stop(self) -> None:
        """Refuse to start any more processes."""
        self.stopped = True

    def start(self, *, computes: bool = False) -> Started:
        """Start a process for a submission.

        Args:
            computes: as for a `ForkPool`; not used.

        Raises:
            CannotStart: the command can't be run.
        """
        if self.stopped:
            raise CannotStart(STOPPED)
        user = secrets.choice(USERS) if self.own_users else None
        orders = bootstrap("child", "serve") | {"contain": {"user": user}}
        rights = "to become" if self.own_users else "none"
        with contextlib.ExitStack() as begun:
            folder = new_folder(user, begun)
            orders["folder"] = FOLDER if self.isolation == "bubblewrap" else folder
            channel, theirs = closed_by(begun, connection())
            command = levels.command(self.isolation, bare_python(theirs), hidden=self.hidden, rights=rights)
            process, errors = spawn(command, orders["folder"], folder, theirs)
            begun.pop_all()
        return Started(channel, process, errors, folder, orders, in_bubblewrap=self.isolation == "bubblewrap")


class Forked:
    """A process that was forked for one submission."""

    number = None  # only the fork server knows it, perhaps in its own PID namespace

    def __init__(self, channel, report, folder, orders):
        self.channel, self.orders = channel, orders
        self._report, self._folder, self._code = report, folder, None

    def code(self, patience: float) -> int | None:
        """As `Started.code`.

        Raises:
            ForkServerLost: the fork server ended as well.
        """
        if self._code is None:
            self._report.settimeout(patience)
            try:
                status = self._report.recv(4)
            except (TimeoutError, BlockingIOError):
                return None
            if len(status) < 4:
                raise ForkServerLost("the worker that runs the submissions ended")
            self._code = os.waitstatus_to_exitcode(int.from_bytes(status, sys.byteorder, signed=True))
        return self._code

    def said(self) -> str:
        """Nothing: errors from before any learner code runs come over the connection."""
        return ""

    def end(self) -> None:
        """Have the fork server kill the process and everything that it started, and wait for that."""
        with contextlib.ExitStack() as left:  # each step is taken, even if an earlier one fails
            if self._folder:
                left.callback(remove_folder, self._folder)
            left.callback(self.channel.close)
            left.callback(self._report.close)
            end_user(self.orders)
            with contextlib.suppress(OSError):
                self._report.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ForkServerLost, OSError):
                self.code(ENDING)


class ForkPool:
    """A fork server that forks one process for each submission, and a second one, with the large libraries imported, for
    submissions that compute with them. The second starts when the first such submission comes. Linux only.

    There are two because forking the second takes 50 ms of processor time, ten times as much as forking the first.

    Use it in a `with`; threads may share it.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, if the level can hide them.
        own_users: whether each submission runs as its own user, which only root can arrange.
        preload: names of the large libraries, which the second fork server imports.
        imports: names of the libraries that the first fork server imports.
    """

    warm = True
    stopped = False

    def __init__(self, isolation="process", hidden=(), own_users=False, preload=(), imports=()):
        self.isolation, self.hidden, self.own_users, self.imports = isolation, tuple(hidden), own_users, tuple(imports)
        self._large = ForkPool(isolation, hidden, own_users, imports=preload) if preload else None
        self._lock, self._process, self._held = threading.Lock(), None, contextlib.ExitStack()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self._large:
            self._large.__exit__(*error)
        with self._lock:
            self._stop()

    def stop(self) -> None:
        """Refuse to start any more processes, and kill those that are running."""
        self.stopped = True
        if large := self._large:
            large.stop()
        with self._lock:
            self._stop()

    def start(self, *, computes: bool = False) -> Forked:
        """Fork a process for a submission; if the fork server has ended, start a new one first.

        Args:
            computes: whether it computes with the large libraries. If these can't be forked, it imports them itself.

        Raises:
            CannotStart: the fork server can't be started.
        """
        if computes and (large := self._large):
            try:
                return large.start()
            except CannotStart:
                self._large = None
        with contextlib.ExitStack() as begun:
            folder, orders = self._place(begun)
            channel, theirs = closed_by(begun, connection())
            report, their_report = closed_by(begun, socket.socketpair())
            forked = Forked(channel, report, folder, orders)
            begun.callback(forked.end)
            with theirs, their_report:
                self._fork([theirs.fileno(), their_report.fileno()])
            begun.pop_all()
        return forked

    def _place(self, begun):
        """A folder to remove afterwards, or None, and the orders that tell the process where to work and as whom."""
        user = secrets.choice(USERS) if self.own_users else None
        if self.isolation == "process":
            folder = new_folder(user, begun)
            return folder, {"folder": folder, "contain": {"user": user}}
        return None, {"folder": FOLDER, "contain": {"separate": self._separate, "user": user}}

    @cached_property
    def _separate(self):
        return {"size": levels.TEMPORARY_BYTES, "kept": levels.seen_in_tmp()}

    def _fork(self, descriptors):
        with self._lock:
            for _attempt in range(0 if self.stopped else 2):
                if not self._process or self._process.poll() is not None:
                    self._restart()
                with contextlib.suppress(OSError):
                    socket.send_fds(self._control, [b"fork"], descriptors)
                    return
                self._stop()
        raise CannotStart(_("the worker that runs the submissions ended"))

    def _restart(self):
        self._stop()
        rights = "own" if self.own_users else "lent"
        orders = bootstrap("fork_server", "tend") | {
            "preload": self.imports,
            "separate": self.isolation == "bubblewrap",
        }
        with contextlib.ExitStack() as begun:
            folder = new_folder(None, begun)
            begun.callback(self._end_process)
            channel, theirs = closed_by(begun, socket.socketpair())
            self._control, their_control = closed_by(begun, socket.socketpair(type=socket.SOCK_SEQPACKET))
            inside = FOLDER if self.isolation == "bubblewrap" else folder
            command = levels.command(self.isolation, bare_python(theirs), hidden=self.hidden, rights=rights)
            orders |= {"id": "worker", "control": their_control.fileno()}
            self._process, errors = spawn(command, inside, folder, theirs, their_control)
            with errors:
                self._await_ready(channel, orders, errors)
            self._held = begun.pop_all()

    def _await_ready(self, channel, orders, errors):
        channel.settimeout(STARTING)
        reason = "the worker ended."
        try:
            channel.sendall(protocol.pack(orders))
            if channel.recv(1000):
                return
        except TimeoutError:
            reason = f"the worker did not finish its start within {STARTING:g} seconds."
        except ConnectionError:
            pass
        end_group(self._process)
        raise CannotStart(f"{reason} {last_line(errors)}".strip())

    def _stop(self):
        """Stop the fork server, and with it every fork: close its connections, and give it a moment to exit by itself."""
        self._held.close()

    def _end_process(self):
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING)
            end_group(self._process)
            self._process = None
