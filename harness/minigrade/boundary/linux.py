"""Call the Linux kernel where Python's standard library has no function for it.

Everything goes through the C library's `syscall` and `prctl`. An error is an
`OSError`, as from `os`. `ctypes` is imported when first needed: macOS never is.
"""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

CLONE_NEWIPC = 0x0800_0000
CLONE_NEWNET = 0x4000_0000

MACHINES = {"x86_64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
"""What `uname -m` says, and the name under which we know its system calls."""


@functools.cache
def machine() -> str | None:
    """Return ``"x86_64"`` or ``"aarch64"`` on a Linux that we know, else None.

    A 32-bit Python on a 64-bit kernel makes the system calls of another machine.
    """
    if sys.platform != "linux" or sys.maxsize < 2**32:
        return None
    return MACHINES.get(os.uname().machine)


def syscall(number: int, *arguments: Any) -> int:
    """Make system call `number`; arguments are integers, bytes, None or ctypes objects.

    Raises:
        OSError: the kernel refused.
    """
    import ctypes

    plain = [ctypes.c_long(item) if isinstance(item, int) else item for item in arguments]
    result: int = _libc().syscall(ctypes.c_long(number), *plain)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def prctl(option: int, *arguments: Any) -> int:
    """Call the system's prctl; arguments not given are 0, as most options demand.

    Raises:
        OSError: the kernel refused.
    """
    import ctypes

    given = [*arguments, *[0] * (4 - len(arguments))]
    plain = [ctypes.c_ulong(item) if isinstance(item, int) else item for item in given]
    result: int = _libc().prctl(option, *plain)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def become(uid: int) -> None:
    """Take on `uid` and the group of the same number, with no way back.

    Raises:
        OSError: the kernel refused.
    """
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    if os.getresuid() != (uid, uid, uid) or os.getresgid() != (uid, uid, uid):
        raise OSError(f"asked for uid {uid}, got {os.getresuid()}")


def prepare() -> None:
    """Load what the other functions need, so that a forked process imports nothing."""
    _libc()


def drop_capabilities(*kept: int) -> None:
    """Give up root's capabilities for good, but for those numbered in `kept`.

    With no_new_privs, a program executed later gets none back.

    Raises:
        OSError: the kernel refused.
    """
    import struct

    bits = sum(1 << number for number in kept)
    header = struct.pack("=Ii", 0x2008_0522, 0)  # version 3 of the interface; this thread
    data = struct.pack("=6I", bits, bits, 0, 0, 0, 0)  # effective, permitted, inheritable; twice
    syscall({"x86_64": 126, "aarch64": 91}[machine() or ""], header, data)


def unshare(flags: int) -> None:
    """Move this process into namespaces of its own.

    `os.unshare` came with Python 3.12 only.

    Raises:
        OSError: the kernel refused; EPERM without CAP_SYS_ADMIN, as in most containers.
    """
    import ctypes

    if _libc().unshare(flags) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


@functools.cache
def _libc() -> Any:
    """Return the C library of this process, which `ctypes` finds among its own symbols."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return libc
