"""Builds the command line that starts a submission's process, at each level of isolation."""

import os
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import course_utils

LEVELS = ("bubblewrap", "process")  # strongest first
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
SYSTEM_IF_THERE = ("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/fonts",
                   "/etc/localtime", "/nix/store", "/gnu/store")  # fmt: skip
FOLDER = "/tmp/submission"  # a submission's working folder in bubblewrap; not /tmp itself, which may hold Python's environment
TEMPORARY_BYTES = 256_000_000  # bytes of a submission's private /tmp, which is in memory
SPACES = (
    "--unshare-pid",
    "--unshare-net",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--cap-drop",
    "ALL",
)
USERS = ("--unshare-user", "--uid", "0", "--gid", "0")  # root, but only inside
TO_SEPARATE = ("SYS_ADMIN", "SETPCAP", "SETFCAP")  # the capabilities that `containment` needs
TO_BECOME = ("SETUID", "SETGID", "KILL")
COURSE = Path(course_utils.__file__).resolve().parent


def library_paths() -> list[str]:
    """The folders of installed packages, from which a submission may import. An editable install of the course is not included."""
    return [path for path in sys.path if {"site-packages", "dist-packages"} & set(Path(path).parts)]


def command(level: str, python: Sequence[str], *, hidden: Sequence[Path] = (), rights: str = "none") -> list[str]:
    """The command that starts Python at an isolation level.

    Args:
        level: one of `LEVELS`.
        python: the command to run inside, a list of str.
        hidden: folders that must not be visible even if a parent folder is.
        rights: the capabilities inside bubblewrap: "none" for a process that runs a submission itself, or "to become" if it
            is root and switches to another user first. A fork server needs more to isolate its forks: "lent" by a new user
            namespace, or root's "own".

    Returns:
        A list of str.
    """
    return [*_bubblewrap(hidden, rights), *python] if level == "bubblewrap" else python


def _bubblewrap(hidden, rights):
    """The bubblewrap command line: an empty root with the system, Python and its packages read-only, and a private /tmp.

    Anything not listed here is invisible: the course, the submissions, the report, the teacher's home.
    """
    seen = _visible()
    arguments = [shutil.which("bwrap") or "bwrap", "--new-session", *_rights(rights)]
    for path in SYSTEM:
        arguments += ["--symlink", os.readlink(path), path] if os.path.islink(path) else ["--ro-bind-try", path, path]
    arguments += ["--perms", "0755", "--dir", "/etc"]  # otherwise other users could not enter it
    for path in SYSTEM_IF_THERE:
        arguments += ["--ro-bind-try", path, path]
    arguments += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--perms",
        "1777",
        "--size",
        str(TEMPORARY_BYTES),
        "--tmpfs",
        "/tmp",
    ]
    for path in seen:  # after /tmp, since an environment may be in it
        for around in reversed(Path(path).parents[:-1]):  # otherwise other users could not enter them
            arguments += ["--perms", "0755", "--dir", str(around)]
        arguments += ["--ro-bind", path, path]
    for path in (os.path.realpath(path) for path in [COURSE, *hidden]):
        if os.path.isdir(path) and any(Path(path).is_relative_to(around) for around in [*SYSTEM, *seen]):
            arguments += ["--tmpfs", path, "--remount-ro", path]
    return [
        *arguments,
        "--remount-ro",
        "/dev",
        "--remount-ro",
        "/",
        "--perms",
        "0777",
        "--dir",
        FOLDER,
        "--chdir",
        FOLDER,
    ]


def _rights(rights):
    """Bubblewrap's options for namespaces and capabilities. A process that runs a submission itself dies with the thread that
    started it; a fork server, which threads share, exits when its connection closes."""
    spaces, capabilities = {
        "none": ((*SPACES, "--unshare-user", "--die-with-parent"), ()),
        "to become": ((*SPACES, "--die-with-parent"), ("SETPCAP", *TO_BECOME)),
        "lent": (SPACES + USERS, TO_SEPARATE),
        "own": (SPACES, TO_SEPARATE + TO_BECOME),
    }[rights]
    return [*spaces, *(word for name in capabilities for word in ("--cap-add", f"CAP_{name}"))]


def seen_in_tmp() -> list[str]:
    """The folders of Python and its packages that are in /tmp, which each fork replaces with its own."""
    return [path for path in _visible() if Path(path).is_relative_to("/tmp")]


def _visible():
    """The folders of Python and its packages that are outside the system's folders, outer folders first."""
    python = {sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib"), *library_paths()}
    paths = {form for path in python for form in (os.path.abspath(path), os.path.realpath(path))}
    outside = [path for path in paths if os.path.isdir(path) and not any(Path(path).is_relative_to(s) for s in SYSTEM)]
    return sorted(outside, key=lambda path: (len(Path(path).parts), path))
