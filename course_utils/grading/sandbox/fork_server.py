"""The fork server: imports libraries, runs no learner code, and forks one process for each submission; Linux only.

The grader sends this file's text, as it does with `child.py`. TensorFlow can be forked only before its first operation and
with a single thread, so no operation and no submission ever runs in the fork server itself.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import struct

from course_utils.checking.first_use import import_libraries
from course_utils.grading.sandbox import containment
from course_utils.grading.sandbox.child import pack, receive, serve

MOST_BYTES = 1_000  # of a request
ALL_USE = ("resource",)  # every fork would import it
MOST_ROUNDS = 100  # of killing orphans
STATUS = struct.Struct("<i")  # a process's exit status, as from waitpid(2)


class SeveralThreads(Exception):
    """The fork server can't fork safely, because a library started threads on import."""


def tend(stream: object, channel: socket.socket, orders: dict) -> None:
    """Run the fork server until the connection closes.

    Args:
        stream: not used.
        channel: a socket, on which the server says once that it is ready.
        orders: {"id", "preload", "control", "separate"}; "control" is the descriptor of a socket on which each request passes
            two descriptors: the submission's own channel, and one on which its exit is reported.
    """
    os.umask(0o022)  # a submission that runs as another user must be able to read folders made here
    import_libraries((*ALL_USE, *orders["preload"]))
    gc.collect()
    gc.freeze()  # otherwise each collection in a fork would copy every page
    if len(os.listdir("/proc/self/task")) > 1:
        raise SeveralThreads(f"there are {len(os.listdir('/proc/self/task'))} threads")
    containment.prctl(containment.SET_DUMPABLE, 0)  # no fork may inspect this process
    containment.prctl(containment.ORPHANS_COME_HERE, 1)
    control = socket.socket(fileno=orders["control"])
    channel.sendall(pack({"id": orders["id"], "ready": True}))
    ForkServer(control, orders["separate"]).run()


class ForkServer:
    """The loop: fork when asked to, kill a process whose grader has closed the connection, report each exit."""

    def __init__(self, control, separate):
        self.control, self.separate = control, separate
        self.forks = {}  # process id -> (its pidfd, the socket on which its exit is reported)
        self.home = os.open("/proc/self/ns/pid", os.O_RDONLY) if separate else None
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ, self.start)

    def run(self) -> None:
        """Serve until the control connection closes, then kill all forks."""
        while self.control:
            for key, _ in self.selector.select():
                key.data()
        for pid in list(self.forks):
            self.kill(pid)
            self.end(pid)

    def start(self) -> None:
        """Take one request and fork."""
        message, descriptors, _, _ = socket.recv_fds(self.control, MOST_BYTES, 2)
        if not message:
            self.control = None
            return
        channel, report = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        try:
            pid = self.fork()
        except OSError:  # the fork failed: the grader sees both of its connections close
            channel.close()
            report.close()
            return
        if pid == 0:
            self.become_a_submission(channel)
        channel.close()
        ended = os.pidfd_open(pid)
        self.forks[pid] = ended, report
        self.selector.register(ended, selectors.EVENT_READ, lambda: self.end(pid))
        self.selector.register(report, selectors.EVENT_READ, lambda: self.kill(pid))

    def fork(self) -> int:
        """Fork, into a new PID namespace if submissions are separated."""
        if not self.separate:
            return os.fork()
        containment.call("unshare", containment.NEW_PROCESSES)
        pid = None
        try:
            pid = os.fork()
        finally:
            if pid != 0:  # even if the fork failed: the next one needs its own namespace
                containment.call("setns", self.home, containment.NEW_PROCESSES)
        return pid

    def become_a_submission(self, channel: socket.socket) -> None:
        """In the fork: close everything inherited from the server, then serve; never returns."""
        code = 1
        try:
            own = os.dup2(channel.fileno(), 3, inheritable=False)
            os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))
            os.setsid()
            channel.detach()
            channel = socket.socket(fileno=own)
            stream = channel.makefile("rb")
            serve(stream, channel, receive(stream))
            code = 0
        finally:
            os._exit(code)

    def kill(self, pid: int) -> None:
        """Kill a process and its group; other processes that it started end with its PID namespace, or in `end`."""
        for kill in (os.killpg, os.kill):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(pid, signal.SIGKILL)

    def end(self, pid: int) -> None:
        """Reap a child that has exited: report how, and kill whatever it started."""
        ended, report = self.forks.pop(pid)
        self.kill(pid)  # the group; the process isn't reaped yet, so its id can't have been reused
        _, status = os.waitpid(pid, 0)
        for file in (ended, report):
            self.selector.unregister(file)
        with contextlib.suppress(OSError):  # the grader may have closed the connection
            report.sendall(STATUS.pack(status))
        report.close()
        os.close(ended)
        self.end_orphans()

    def end_orphans(self) -> None:
        """Kill orphaned processes, which become this process's children, and their descendants."""
        for _ in range(MOST_ROUNDS):  # one that keeps forking and exiting must not hold up the others
            orphans = children() - self.forks.keys()
            if not orphans:
                return
            for pid in orphans:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)


def children() -> set[int]:
    """The process ids of this process's children, including those that have exited."""
    with open(f"/proc/self/task/{os.getpid()}/children") as file:
        return set(map(int, file.read().split()))
