"""Starts a bare interpreter in a folder of its own, and ends it with everything that it started."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from socket import socket
from typing import IO

from course_utils.grading.sandbox import bubblewrap as levels

FOLDERS = "submission-"  # how the names of submissions' folders begin; the grader's process id follows
SENT = (  # each after those that it imports
    *(f"course_utils.checking.{name}" for name in ("observe", "recorded_calls", "first_use")),
    *(
        f"course_utils.grading.sandbox.{name}"
        for name in ("protocol", "containment", "stand_ins", "cells", "child", "fork_server")
    ),
)

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
    """The grader's own failure: a process could not be started, and no learner code has run."""


def new_folder(user: int | None, begun: contextlib.ExitStack) -> str:
    """Make a folder that belongs to a user, by id, and that `begun` removes if a later step fails; None is this process's user."""
    folder = tempfile.mkdtemp(prefix=f"{FOLDERS}{os.getpid()}-")
    begun.callback(remove_folder, folder)
    if user is not None:
        os.chown(folder, user, user)
    return folder


def closed_by(begun: contextlib.ExitStack, ends: Iterable[socket]) -> tuple[socket, ...]:
    """The two ends of a connection, which `begun` closes if a later step fails."""
    return tuple(map(begun.enter_context, ends))


def remove_folder(folder: str) -> None:
    """Remove a folder, even if a submission made it unreadable or thousands of levels deep.

    `shutil.rmtree` can't do it: it makes a nested call for each level, and from Python 3.13 on keeps a descriptor open for
    each, so that other submissions would run out of descriptors.
    """
    with contextlib.suppress(OSError):
        os.rmdir(folder)  # most leave it empty
    for command in (["rm", "-rf", folder], ["chmod", "-R", "u+rwx", folder], ["rm", "-rf", folder]):
        if os.path.lexists(folder):
            _run_quietly(command)
    if os.name == "nt":  # which has no `rm`
        shutil.rmtree(folder, ignore_errors=True)


def end_user(orders: dict) -> None:
    """Kill every process of a submission's own user in one system call; in bubblewrap the namespace does that."""
    contained = orders["contain"]
    if contained["user"] is not None and "separate" not in contained:
        _run_quietly(["kill", "-9", "-1"], user=contained["user"], group=contained["user"], extra_groups=[])


def _run_quietly(command, **options):
    with contextlib.suppress(OSError):
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        subprocess.run(command, **quiet, check=False, **options)


def bare_python(channel: socket) -> list[str]:
    """The command that starts a bare interpreter at the other end of a connection."""
    return [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", BOOTSTRAP, str(channel.fileno())]


def bootstrap(module: str, function: str) -> dict:
    """What `BOOTSTRAP` needs: the modules' source, and which function to call."""
    return {
        "paths": levels.library_paths(),
        "modules": [(name, _source(name)) for name in SENT],
        "module": f"course_utils.grading.sandbox.{module}",
        "function": function,
    }


def _source(name):
    return Path(importlib.util.find_spec(name).origin).read_text(encoding="utf-8")


def spawn(command: Sequence[str], home: str, folder: str, *ends: socket) -> tuple[subprocess.Popen, IO[bytes]]:
    """Start a process that inherits only these sockets, and close them here.

    Returns:
        `(process, errors)`: its `Popen`, and the file that receives its stderr.
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
    """The process's environment variables: no secrets, no proxies, none of the teacher's paths."""
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


def end_group(process: subprocess.Popen) -> None:
    """Kill a process and its group, and reap it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def last_line(errors: IO[bytes]) -> str:
    """The last line that a process wrote to its stderr."""
    errors.seek(0)
    return " ".join(errors.read().decode(errors="replace").strip().splitlines()[-1:])
