"""A submission's process drops its privileges before any untrusted code runs; Linux only.

Sent into the submission's process like `child.py`, so it imports nothing of the course. It calls the kernel through the C
library: Python has unshare(2) and setns(2) only from 3.12 on, and neither mount(2) nor capabilities(7).
"""

import ctypes
import errno
import os
import struct
from collections.abc import Sequence
from functools import cache

NEW_MOUNTS, NEW_NAMES, NEW_IPC, NEW_USERS, NEW_PROCESSES, NEW_NETWORK = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)  # fmt: skip
NO_SUID_NO_DEVICES, NO_PROGRAMS = 0x2 | 0x4, 0x8
BIND_BELOW, MOVE, PRIVATE_BELOW = 0x1000 | 0x4000, 0x2000, 0x40000 | 0x4000  # with MS_REC: mounts below it, too
DIES_WITH_PARENT, SET_DUMPABLE, FILTER_CALLS, DROP_FROM_BOUND, ORPHANS_COME_HERE, NO_NEW_RIGHTS = 1, 4, 22, 24, 36, 38
FILES = 10_000  # inodes of the new /tmp
CAPABILITIES = 64  # more than any kernel has
SET_CAPABILITIES = {"x86_64": 126, "aarch64": 91}
CAPABILITY_VERSION = 0x20080522
# Allowed socket families: Unix, IPv4, IPv6, netlink. Others, such as vsock to a virtual machine's host, bypass the network namespace.
FAMILIES = (1, 2, 10, 16)
# Machine -> the kernel's AUDIT_ARCH constant, the number of socket(2), and the numbers of the refused system calls: the three of
# keyrings(7), whose keys outlive a process, and io_uring_setup(2), which can open a socket without socket(2).
CALLS = {"x86_64": (0xC000003E, 41, (248, 249, 250, 425)), "aarch64": (0xC00000B7, 198, (217, 218, 219, 425))}
LOAD, IS, IS_AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06  # opcodes of classic BPF, bpf(4)
DO_IT, FAIL = 0x7FFF0000, 0x00050000  # the filter's return values


@cache
def libc() -> ctypes.CDLL:
    """The C library; its functions report errors in `ctypes.get_errno`."""
    return ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Call a function of the C library.

    Raises:
        OSError: it returned -1.
    """
    result = getattr(libc(), name)(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def prctl(option: int, value: int = 0) -> int:
    """prctl(2) with one argument."""
    return call("prctl", option, ctypes.c_ulong(value), 0, 0, 0)


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> int:
    """mount(2), with text or None for everything but the flags."""
    encoded = [None if text is None else os.fsencode(text) for text in (source, target, kind)]
    return call("mount", *encoded, ctypes.c_ulong(flags), None if data is None else os.fsencode(data))


def separate(temporary: str, size: int, kept: Sequence) -> None:
    """Enter new mount, UTS, IPC and network namespaces, with a new /proc and /tmp. Needs CAP_SYS_ADMIN.

    The process is already the first of a new PID namespace (`ForkServer.fork`).

    Args:
        temporary: path of the working folder, an existing empty folder in /tmp.
        size: bytes that the new /tmp may hold.
        kept: paths in /tmp that are mounted read-only and must stay visible.
    """
    call("unshare", NEW_MOUNTS | NEW_NAMES | NEW_IPC | NEW_NETWORK)
    mount(None, "/", flags=PRIVATE_BELOW)
    mount("proc", "/proc", "proc", NO_SUID_NO_DEVICES | NO_PROGRAMS)
    mount("tmpfs", temporary, "tmpfs", NO_SUID_NO_DEVICES, f"size={size},nr_inodes={FILES},mode=0777")
    for path in kept:
        place = os.path.join(temporary, os.path.relpath(path, "/tmp"))
        os.makedirs(place, exist_ok=True)
        mount(path, place, flags=BIND_BELOW)
    inside = os.path.join(temporary, os.path.basename(temporary))
    os.mkdir(inside)
    os.chmod(inside, 0o777)
    mount(temporary, "/tmp", flags=MOVE)


def become(user: int) -> None:
    """Switch to a user that owns no files and that no other process runs as. Needs root."""
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def own_users() -> None:
    """Create a user namespace and forbid nested ones, so that the limit on processes counts this submission's alone."""
    user, group = os.geteuid(), os.getegid()
    prctl(SET_DUMPABLE, 1)  # otherwise it can't write its uid_map; no other process can see it yet
    call("unshare", NEW_USERS)
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(line)
    with open("/proc/sys/user/max_user_namespaces", "w") as file:
        file.write("0")


def die_first() -> None:
    """If the machine runs out of memory, have the kernel kill this process first."""
    with open("/proc/self/oom_score_adj", "w") as file:
        file.write("1000")


def give_up_rights() -> None:
    """Drop all capabilities for good, and keep other processes from inspecting this one."""
    prctl(NO_NEW_RIGHTS, 1)
    for capability in range(CAPABILITIES):
        if libc().prctl(DROP_FROM_BOUND, ctypes.c_ulong(capability), 0, 0, 0) < 0:
            break
    header, nothing = struct.pack("II", CAPABILITY_VERSION, 0), bytes(24)
    call("syscall", ctypes.c_long(SET_CAPABILITIES[os.uname().machine]), header, nothing)
    prctl(SET_DUMPABLE, 0)


def filter_calls() -> None:
    """Install a seccomp(2) filter: this process and its children can't make the system calls that lead out of a namespace."""
    if os.uname().machine not in CALLS:
        return
    steps = [struct.pack("HBBI", *step) for step in _filter(*CALLS[os.uname().machine])]
    program = ctypes.create_string_buffer(b"".join(steps))
    prctl(NO_NEW_RIGHTS, 1)
    call("prctl", FILTER_CALLS, ctypes.c_ulong(2), struct.pack("HP", len(steps), ctypes.addressof(program)), 0, 0)


def _filter(machine, socket, refused):
    """The filter's BPF instructions: (opcode, instructions to skip if true, to skip if false, operand)."""
    no_such_call, no_such_family = (ANSWER, 0, 0, FAIL | errno.ENOSYS), (ANSWER, 0, 0, FAIL | errno.EAFNOSUPPORT)
    yield from ((LOAD, 0, 0, 4), (IS, 1, 0, machine), no_such_call)
    yield from ((LOAD, 0, 0, 0), (IS_AT_LEAST, 0, 1, 0x40000000), no_such_call)  # x32, x86's other system call table
    for number in refused:
        yield from ((IS, 0, 1, number), no_such_call)
    yield from ((IS, 1, 0, socket), (ANSWER, 0, 0, DO_IT), (LOAD, 0, 0, 16))
    for family in FAMILIES:
        yield from ((IS, 0, 1, family), (ANSWER, 0, 0, DO_IT))
    yield no_such_family
