"""Let a worker open only the files that it was given: Landlock, by hand.

Landlock (Linux 5.13 and later, where it is switched on) lets any process give up
the right to open files, except below named paths, for good and for all of its
descendants. It works without root and inside containers. What it can refuse grew
with its versions, called ABIs; we ask for all that this kernel has:

====  =====================================================
ABI   also refuses
====  =====================================================
1     reading, writing, executing, listing, creating, removing
2     (allows moving between directories, which 1 always refuses)
3     truncating
4     TCP, connecting as well as listening
5     ioctl on devices
6     signals to, and abstract sockets of, processes outside
====  =====================================================

In all versions a process so restricted can no longer trace, or read the memory
of, one that is not. Files opened before stay open.
"""

from __future__ import annotations

import contextlib
import os
import stat
import struct
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from minigrade.boundary import linux

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on all machines
_VERSION_FLAG = 1
_PATH_BENEATH = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REMOVE_DIR, REMOVE_FILE, MAKE_DIR, MAKE_REG = 16, 32, 128, 256
REFER, TRUNCATE = 1 << 13, 1 << 14
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP = 0b11  # bind, connect
_SCOPES = 0b11  # abstract sockets, signals
_ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE

READ = EXECUTE | READ_FILE | READ_DIR
# Nothing in a writable folder can be executed, and neither links, sockets nor
# pipes can be made there: the grader may look into it later.
WRITE = (
    READ_FILE | READ_DIR | WRITE_FILE | TRUNCATE
    | MAKE_REG | MAKE_DIR | REMOVE_FILE | REMOVE_DIR | REFER
)  # fmt: skip

SYSTEM = tuple(
    map(
        Path,
        (
            "/usr", "/lib", "/lib64", "/bin",
            # the loader, the clock, the names of users
            "/etc/ld.so.cache", "/etc/localtime", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group",
            # what numba, LLVM, OpenBLAS and the C library ask about the machine
            "/proc/cpuinfo", "/proc/meminfo", "/proc/sys/vm/overcommit_memory", "/proc/self",
            "/sys/devices/system/cpu", "/sys/devices/system/node",
            "/dev/urandom", "/dev/random", "/dev/zero",
        ),
    )
)  # fmt: skip
DEVICES = (Path("/dev/null"),)


def abi() -> int:
    """Return the version of Landlock that this kernel has, 0 for none. Changes nothing."""
    if linux.machine() is None:
        return 0
    try:
        return linux.syscall(_CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError:
        return 0


def apply(readable: Iterable[Path], writable: Iterable[Path]) -> None:
    """Restrict this thread and all its descendants, for good.

    The process must have no_new_privs, and only one thread. A system path that
    does not exist is left out.

    Args:
        readable: files and folders to read and execute below, beside the
            interpreter's own and the few of the system that `SYSTEM` names.
        writable: folders to read, create, write and remove below.

    Raises:
        OSError: the kernel refused, or a path of the arguments does not exist.
    """
    version = abi()
    handled = _RIGHTS[max(known for known in _RIGHTS if known <= version)]
    attributes = struct.pack("@QQQ", handled, _TCP, _SCOPES)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = linux.syscall(_CREATE_RULESET, attributes, size, 0)
    try:
        for path in (*_own(), *SYSTEM):
            with contextlib.suppress(FileNotFoundError):
                _allow(ruleset, path, READ & handled)
        for path in DEVICES:
            _allow(ruleset, path, (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
        for path in readable:
            _allow(ruleset, path, READ & handled)
        for path in writable:
            _allow(ruleset, path, WRITE & handled)
        linux.syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _own() -> Iterator[Path]:
    """Yield the folders of this interpreter, and where it finds modules."""
    prefixes = (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)
    for place in dict.fromkeys((*prefixes, *sys.path)):
        path = Path(place)
        if path.is_absolute():
            yield path


def _allow(ruleset: int, path: Path, rights: int) -> None:
    """Allow `rights` at `path` and below it."""
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _ON_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        linux.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
