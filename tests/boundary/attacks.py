"""What processes that are locked in try; each function returns what came of it."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import mmap
import os
import resource
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import Any

from minigrade.boundary import linux, sandbox


def refused(call: Any, *arguments: Any) -> str:
    """Return the name of the errno with which `call` fails, or "allowed"."""
    try:
        call(*arguments)
    except OSError as error:
        return errno.errorcode.get(error.errno or 0, repr(error))
    return "allowed"


# What seccomp refuses


def open_socket(family: int) -> str:
    return refused(socket.socket, family)


def pair_of_sockets(kind: int) -> str:
    return refused(socket.socketpair, socket.AF_UNIX, kind)


def system_call(number: int, arguments: list[int | None]) -> str:
    return refused(linux.syscall, number, *arguments)


def leave_session() -> list[str]:
    child = os.fork()
    if child == 0:  # a child is no leader of its group, so that setsid would work
        os._exit(0 if refused(os.setsid) == refused(os.setpgid, 0, 0) == "EPERM" else 1)
    return [refused(os.setsid), refused(os.setpgid, 0, 0), str(os.waitpid(child, 0)[1])]


def alien_call() -> int:
    """Make i386's system call 20, getpid, from a 64-bit process."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, 20; int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    return int(ctypes.CFUNCTYPE(ctypes.c_int)(address)()) - os.getpid()


def outlive_parent() -> str:
    return refused(linux.prctl, linux.PR_SET_PDEATHSIG, 0)


def limits_of_parent() -> str:
    return refused(resource.prlimit, os.getppid(), resource.RLIMIT_CPU)


def watch_folder(path: str) -> str:
    import fcntl

    return refused(fcntl.fcntl, os.open(path, os.O_RDONLY), 1026, 1)  # F_NOTIFY


def type_on_terminal() -> str:
    import fcntl

    return refused(fcntl.ioctl, os.open("/dev/null", os.O_RDWR), 0x5412, b"x")  # TIOCSTI


def signal_to(pid: int) -> str:
    return refused(os.kill, pid, 0)


def signal_parent() -> str:
    return refused(os.kill, os.getppid(), 0)


def change_mode(path: str) -> str:
    return refused(os.chmod, path, 0o777)


def truncate(path: str) -> str:
    return refused(os.truncate, path, 0)


# What files can be reached


def read(path: str) -> str:
    return Path(path).read_text()


def read_memory_of_parent() -> str:
    return refused(os.open, f"/proc/{os.getppid()}/mem", os.O_RDONLY)


def listing(path: str) -> int:
    return len(list(Path(path).iterdir()))


def write(path: str) -> str:
    return refused(Path(path).write_text, "written")


def link(target: str, path: str) -> list[str]:
    return [refused(os.symlink, target, path + "-sym"), refused(os.link, target, path + "-hard")]


def execute(path: str) -> str:
    Path(path).write_text("#!/bin/sh\nexit 0\n")
    return refused(subprocess.run, [path])


def use_writable_folder(path: str) -> str:
    folder = Path(path, "a", "b")
    folder.mkdir(parents=True)
    (folder / "x").write_text("kept")
    (folder / "x").rename(Path(path, "a", "y"))
    folder.rmdir()
    return Path(path, "a", "y").read_text()


# What can be exhausted


def allocate(size: int) -> str:
    return str(len(bytearray(size)))


def write_much(path: str, size: int) -> str:
    with Path(path).open("wb") as file:
        return refused(file.write, b"\0" * size)


def open_many(count: int) -> str:
    with contextlib.ExitStack() as stack:
        return refused(
            lambda: [stack.enter_context(Path("/dev/null").open()) for _ in range(count)]
        )


def burn() -> None:
    while True:
        pass


def raise_limits() -> list[str]:
    limits = resource.RLIMIT_AS, resource.RLIMIT_NOFILE, resource.RLIMIT_FSIZE
    above = [resource.getrlimit(which)[1] + 1 for which in limits]
    outcomes = []
    for which, value in zip(limits, above, strict=True):
        try:
            resource.setrlimit(which, (value, value))
            outcomes.append("allowed")
        except ValueError as error:
            outcomes.append(str(error))
    return outcomes


def fork_many(count: int) -> str:
    children = []
    try:
        for _ in range(count):
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return "allowed"


# What must go on working


def ordinary_things() -> dict[str, Any]:
    heard: list[int] = []
    thread = threading.Thread(target=heard.append, args=(1,))
    thread.start()
    thread.join()
    echoed = subprocess.run(["/bin/echo", "two"], capture_output=True, text=True, check=True)
    child = os.fork()
    if child == 0:
        os._exit(3)
    done = subprocess.Popen(["/bin/sleep", "60"])
    done.terminate()
    Path("/dev/null").write_text("x")
    return {
        "thread": heard,
        "program": echoed.stdout,
        "fork": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]),
        "terminated": done.wait(),
        "asyncio": asyncio.run(asyncio.sleep(0, 4)),
        "random": len(os.urandom(5)),
        "group": os.getpgid(0) == os.getpid(),
        "limits": resource.getrlimit(resource.RLIMIT_CORE),
    }


def numeric_things() -> list[float]:
    os.environ["NUMBA_THREADING_LAYER"] = "workqueue"
    import numba
    import numpy as np

    @numba.njit(parallel=True)  # type: ignore[untyped-decorator]
    def total(values: Any) -> Any:
        found = 0.0
        for i in numba.prange(len(values)):
            found += values[i]
        return found

    values = np.arange(1000.0)
    square = np.eye(300) @ np.eye(300)
    return [total(values), float(square.sum()), float(np.linalg.svd(square)[1].sum())]


# Who one is


def status(*names: str) -> list[str]:
    lines = dict(line.split(":\t", 1) for line in read("/proc/self/status").splitlines())
    return [lines[name].strip() for name in names]


def status_of_program() -> str:
    found = subprocess.run(["cat", "/proc/self/status"], capture_output=True, text=True, check=True)
    return next(line.split()[1] for line in found.stdout.splitlines() if line.startswith("CapEff"))


def identity() -> list[Any]:
    return [os.getresuid(), os.getresgid(), os.getgroups()]


def change_back() -> list[str]:
    return [refused(os.setuid, 0), refused(os.seteuid, 0), refused(os.setgid, 0)]


def peek(shielded: bool) -> str:
    """Have a child, of the same uid, open this process's memory."""
    linux.prctl(linux.PR_SET_DUMPABLE, 1)
    if shielded:
        sandbox.shield_grader()
    child = os.fork()
    if child == 0:
        os._exit(0 if read_memory_of_parent() == "allowed" else 1)
    return "allowed" if os.waitpid(child, 0)[1] == 0 else "refused"


def orphan(path: str) -> int:
    """Leave behind a child that asked to die with its parent, and holds a FIFO open."""
    parent = os.getpid()
    child = os.fork()
    if child:
        signal.pause()
    os.setsid()
    sandbox.die_with_parent(parent)
    pipe = os.open(path, os.O_WRONLY)
    os.write(pipe, b"%d" % os.getpid())
    os.kill(parent, signal.SIGKILL)
    signal.pause()
    return pipe


def interfaces() -> list[str]:
    return [name for _, name in socket.if_nameindex()]


def listen() -> str:
    with socket.socket() as tried:
        return refused(tried.bind, ("127.0.0.1", 0))
