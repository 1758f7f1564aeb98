"""Where submissions run: processes forked from a worker that has imported TensorFlow, or started one by one.

Both give the same things: a connection, how the process ended, and a way to end it with all that it has started.
"""

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path

from course_utils.grading.sandbox import bubblewrap as levels
from course_utils.grading.sandbox import protocol
from course_utils.grading.sandbox.bubblewrap import FOLDER
from course_utils.grading.sandbox.submission_time_limit import connection
from course_utils.texts import _

FOLDERS = "submission-"  # how the name of a submission's folder begins; the grader's process id follows
STARTING = 120.0  # seconds for Python, NumPy and TensorFlow (20 s where it was never compiled)
STOPPED = _("the run was stopped")
ENDING = 5.0  # seconds in which a worker ends a process, or itself
SENT = tuple(f"course_utils.{name}" for name in (
    "checking.observe", "checking.recorded_calls", "checking.first_use", "grading.sandbox.protocol", "grading.sandbox.containment", "grading.sandbox.child", "grading.sandbox.fork_server"))  # fmt: skip
USERS = range(
    1_900_000_000, 2_100_000_000
)  # numbers that nobody else has; drawn, since several graders may run at a time

# Runs in a bare interpreter: takes the code from the connection, so that no file of the course is needed.
BOOTSTRAP = """
import json, socket, sys, types
channel = socket.socket(fileno=int(sys.argv[1]))
stream = channel.makefile("rb")
orders = json.loads(stream.read(int.from_bytes(stream.read(4), "big")))
sys.path += orders["paths"]
for name, source in orders["modules"]:
    module = sys.modules[name] = types.ModuleType(name)
    module.__file__ = f"<{name}>"
    parent, _, last = name.rpartition(".")
    setattr(sys.modules.setdefault(parent, types.ModuleType(parent)), last, module)
    exec(compile(source, module.__file__, "exec"), module.__dict__)
getattr(sys.modules[orders["module"]], orders["function"])(stream, channel, orders)
"""


class CannotStart(Exception):
    """The grader's own failure: there is no process in which nothing of the learner's has run yet."""


class ForkServerLost(Exception):
    """The grader's own failure: the worker ended, and its submissions with it."""


class Started:
    """A process that was started for one submission alone."""

    def __init__(self, channel, process, errors, folder, orders, *, in_bubblewrap):
        self.channel, self.orders = channel, orders
        self._process, self._errors, self._folder, self._in_bubblewrap = process, errors, folder, in_bubblewrap
        self.number = None if in_bubblewrap else process.pid

    def code(self, patience: float) -> int | None:
        """How the process ended.

        Args:
            patience: seconds to wait for it.

        Returns:
            The exit code, or the negative number of a signal; None while the process lives.
        """
        try:
            code = self._process.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            return None
        return 128 - code if self._in_bubblewrap and code > 128 else code

    def said(self) -> str:
        """The last line of the error output, from before anything of the learner's ran."""
        return _last_line(self._errors)

    def end(self) -> None:
        """End the process and all that it has started in its group; the connection goes last."""
        with contextlib.ExitStack() as left:  # each step is taken, even where one before it fails
            left.callback(remove_folder, self._folder)
            left.callback(self._errors.close)
            left.callback(self.channel.close)
            left.callback(_end_user, self.orders)
            _end_group(self._process)


class OneByOne:
    """Starts a process for each submission, which imports what it needs itself. To be used in a `with`.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, where the level can hide them.
        own_users: whether submissions run as users of their own, which takes root's rights.
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
        """Start nothing more."""
        self.stopped = True

    def start(self, *, computes: bool = False) -> Started:
        """A `Started` process.

        Args:
            computes: as for a `ForkPool`; not used.

        Raises:
            CannotStart: the command can't be run.
        """
        if self.stopped:
            raise CannotStart(STOPPED)
        user = secrets.choice(USERS) if self.own_users else None
        orders = _bootstrap("child", "serve") | {"contain": {"user": user}}
        rights = "to become" if self.own_users else "none"
        with contextlib.ExitStack() as begun:
            folder = _folder(user, begun)
            orders["folder"] = FOLDER if self.isolation == "bubblewrap" else folder
            channel, theirs = _closed_by(begun, connection())
            command = levels.command(self.isolation, _python(theirs), hidden=self.hidden, rights=rights)
            process, errors = _spawn(command, orders["folder"], folder, theirs)
            begun.pop_all()
        return Started(channel, process, errors, folder, orders, in_bubblewrap=self.isolation == "bubblewrap")


class Forked:
    """A process that was forked for one submission."""

    number = None  # only its worker knows it, and may have a numbering of its own

    def __init__(self, channel, report, folder, orders):
        self.channel, self.orders = channel, orders
        self._report, self._folder, self._code = report, folder, None

    def code(self, patience: float) -> int | None:
        """As `Started.code`.

        Raises:
            ForkServerLost: the worker ended as well.
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
        """Nothing: what goes wrong before anything of the learner's runs is said over the connection."""
        return ""

    def end(self) -> None:
        """Let the worker end the process and all that it has started, and wait until it has."""
        with contextlib.ExitStack() as left:  # each step is taken, even where one before it fails
            if self._folder:
                left.callback(remove_folder, self._folder)
            left.callback(self.channel.close)
            left.callback(self._report.close)
            _end_user(self.orders)
            with contextlib.suppress(OSError):
                self._report.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ForkServerLost, OSError):
                self.code(ENDING)


class ForkPool:
    """A process that forks one process for each submission, and another one that has imported the large libraries and
    forks those for submissions that compute with them, from the first of these on; Linux only.

    The second is apart since a fork of it takes 50 ms of processor time, and a fork of the first a tenth of that.

    To be used in a `with`; threads may share it.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, where the level can hide them.
        own_users: whether submissions run as users of their own, which takes root's rights.
        preload: names of the large libraries.
        imports: names of the libraries that the first process itself imports.
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
        """Start nothing more, and end what is running."""
        self.stopped = True
        if large := self._large:
            large.stop()
        with self._lock:
            self._stop()

    def start(self, *, computes: bool = False) -> Forked:
        """A `Forked` process; where the worker has ended, from a new one.

        Args:
            computes: whether it computes with the large libraries. Where these can't be forked, it imports them itself.

        Raises:
            CannotStart: there is no worker to be had.
        """
        if computes and (large := self._large):
            try:
                return large.start()
            except CannotStart:
                self._large = None
        with contextlib.ExitStack() as begun:
            folder, orders = self._place(begun)
            channel, theirs = _closed_by(begun, connection())
            report, their_report = _closed_by(begun, socket.socketpair())
            forked = Forked(channel, report, folder, orders)
            begun.callback(forked.end)
            with theirs, their_report:
                self._fork([theirs.fileno(), their_report.fileno()])
            begun.pop_all()
        return forked

    def _place(self, begun):
        """A folder outside of the process, if any, and the orders that tell the process where to work and as whom."""
        user = secrets.choice(USERS) if self.own_users else None
        if self.isolation == "process":
            folder = _folder(user, begun)
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
        orders = _bootstrap("fork_server", "tend") | {
            "preload": self.imports,
            "separate": self.isolation == "bubblewrap",
        }
        with contextlib.ExitStack() as begun:
            folder = _folder(None, begun)
            begun.callback(self._end_process)
            channel, theirs = _closed_by(begun, socket.socketpair())
            self._control, their_control = _closed_by(begun, socket.socketpair(type=socket.SOCK_SEQPACKET))
            inside = FOLDER if self.isolation == "bubblewrap" else folder
            command = levels.command(self.isolation, _python(theirs), hidden=self.hidden, rights=rights)
            orders |= {"id": "worker", "control": their_control.fileno()}
            self._process, errors = _spawn(command, inside, folder, theirs, their_control)
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
        _end_group(self._process)
        raise CannotStart(f"{reason} {_last_line(errors)}".strip())

    def _stop(self):
        """End the worker, and with it every fork: its connections are closed, and it has a moment to end by itself."""
        self._held.close()

    def _end_process(self):
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING)
            _end_group(self._process)
            self._process = None


def _folder(user, begun):
    """A new folder, which `begun` removes where what follows fails."""
    folder = tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")
    begun.callback(remove_folder, folder)
    if user is not None:
        os.chown(folder, user, user)
    return folder


def _closed_by(begun, ends):
    """The two ends of a connection, which `begun` closes where what follows fails."""
    return tuple(map(begun.enter_context, ends))


def remove_folder(folder: str) -> None:
    """Remove a folder, whatever a submission has made of it: closed, or thousands of levels deep.

    Not by `shutil.rmtree`, which nests a call in each level, and from Python 3.13 on holds a descriptor open for each: other
    submissions would find none left.
    """
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # most leave it empty
    for command in (["rm", "-rf", folder], ["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
        if os.path.lexists(folder):
            _run_quietly(command)
    if os.name == "nt":  # where there is no `rm`
        shutil.rmtree(folder, ignore_errors=True)


def _end_user(orders):
    """Kill every process of a submission's own user in one system call; in bubblewrap the namespace does that."""
    contained = orders["contain"]
    if contained["user"] is not None and "separate" not in contained:
        _run_quietly(["kill", "-9", "-1"], user=contained["user"], group=contained["user"], extra_groups=[])


def _run_quietly(command, **options):
    with contextlib.suppress(OSError):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(command, **quiet, check=False, **options)


def _python(channel):
    """The command that starts a bare interpreter at the other end of a connection."""
    return [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", BOOTSTRAP, str(channel.fileno())]


def _bootstrap(module, function):
    """What `BOOTSTRAP` needs to know: the code, and which function goes on."""
    return {
        "paths": levels.library_paths(),
        "modules": [(name, _source(name)) for name in SENT],
        "module": f"course_utils.grading.sandbox.{module}",
        "function": function,
    }


def _source(name):
    return Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")


def _spawn(command, home, folder, *ends):
    """Start a process that inherits nothing but these ends of connections, and close them here.

    Returns:
        `(process, errors)`: its `Popen`, and the file that takes its error output.
    """
    errors = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            cwd=folder,
            env=_environment(home),
            pass_fds=[end.fileno() for end in ends],
            start_new_session=True,
        )
    except OSError as error:
        errors.close()
        raise CannotStart(error.strerror or type(error).__name__) from error
    finally:
        for end in ends:
            end.close()
    return process, errors


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


def _end_group(process):
    """End a process and its group, and wait for it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(errors):
    errors.seek(0)
    return " ".join(errors.read().decode(errors="replace").strip().splitlines()[-1:])


def ways(isolation: str, hidden: Sequence[Path] = ()) -> Iterator[Callable]:
    """The ways to run submissions at a level of isolation, the best first.

    Args:
        isolation: one of `bubblewrap.LEVELS`.
        hidden: folders that a submission must not see, where the level can hide them.

    Yields:
        A function of the libraries to preload, which makes a `ForkPool` or a `OneByOne`. It may not work here.
    """
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    # In bubblewrap never as root itself: root may change the machine's settings below /proc, even without rights.
    users = (True, False) if root and isolation == "process" else (root,)
    for own_users in users if hasattr(os, "pidfd_open") else ():
        yield partial(ForkPool, isolation, hidden, own_users)
    for own_users in users:
        yield partial(OneByOne, isolation, hidden, own_users)
