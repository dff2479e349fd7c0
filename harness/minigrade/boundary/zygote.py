"""A clean interpreter that forks the processes in which student code runs or is read.

Started by `minigrade.boundary.process.Zygote` as ``python -P -s -B -m
minigrade.boundary.zygote FD``. It imports once what every worker needs, so that
a worker costs milliseconds; it never holds a case, an expectation or a seed, so
that a worker which reads all of its memory finds none.

A request is a message on the socket FD; the answer is a number, or a string
that says what went wrong. The first message holds the plan of isolation.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any

from minigrade.boundary import sandbox, wire


class _Stream:
    """Reads a socket and keeps the file descriptors that come along."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._buffer = b""
        self.fds: list[int] = []

    def read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data, fds, _, _ = socket.recv_fds(self._channel, 2**16, 4)
            self.fds += fds
            if not data:
                break
            self._buffer += data
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data


def main(descriptor: int) -> None:
    """Serve requests until the grader closes its end; then end every process forked."""
    sandbox.die_with_parent()
    sandbox.adopt_orphans()
    control = socket.socket(fileno=descriptor)
    stream = _Stream(control)
    first = wire.receive(stream)
    plan = sandbox.Plan.from_plain(first["plan"])
    _warm_up(first["imports"])
    wire.send(control.makefile("wb"), 0)
    children: set[int] = set()
    while True:
        try:
            request = wire.receive(stream)
        except EOFError:
            break
        fds, stream.fds = stream.fds, []
        if request["do"] == "kill":
            answer = _kill(request["pid"]) if request["pid"] in children else "no such process"
            children.discard(request["pid"])
        else:
            answer = _fork(request, plan, fds, control)
            children.add(answer)
        with control.makefile("wb") as out:
            wire.send(out, answer)
    for pid in children:
        _kill(pid)


def _warm_up(imports: list[str]) -> None:
    """Import what the workers of this assignment need, before they are forked."""
    for name in imports:
        importlib.import_module(name)


def _kill(pid: int) -> int:
    """Kill a forked process and its group, and return its wait status."""
    for kill in (os.killpg, os.kill):  # before setsid it has no group yet
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)
    status = os.waitpid(pid, 0)[1]
    with contextlib.suppress(ChildProcessError):
        while True:  # what it left behind has become ours, and is killed as well
            os.waitpid(-pid, 0)
    return status


def _fork(
    request: dict[str, Any], plan: sandbox.Plan, fds: list[int], control: socket.socket
) -> int:
    """Fork one process and return its id; the process itself never comes back."""
    pid = os.fork()
    if pid:
        for fd in fds:
            os.close(fd)
        return pid
    status = 70
    try:
        control.close()
        _become(request, plan, fds)
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)


def _become(request: dict[str, Any], plan: sandbox.Plan, fds: list[int]) -> None:
    """Turn this forked process into what `request` asks for, and serve its channel."""
    os.setsid()
    sandbox.die_with_parent()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    channel_fd, output = fds
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(channel_fd, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX") if sys.platform != "linux" else 2**16)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="replace", closefd=False)
    sys.argv[:] = [""]  # as in an interpreter without arguments; ours mean nothing to a script
    os.environ.update(request["environment"])
    if "numba" in sys.modules:
        sys.modules["numba"].config.reload_config()
    readable = [Path(path) for path in request["readable"]]
    writable = [Path(path) for path in request["writable"]]
    os.chdir(writable[0])
    os.environ["TMPDIR"] = str(writable[0])
    sandbox.enter(plan, readable=readable, writable=writable, uid=request["uid"])
    if request["kernels"]:
        from minigrade import kernel_cache

        kernels = Path(request["kernels"])
        kernel_cache.use(kernels, writable=kernels in writable)
    from minigrade.boundary import serving

    line = serving.Line(socket.socket(fileno=3))
    if request["role"] == "bench":
        from minigrade.boundary import bench

        serving.serve(line, lambda message: ("returned", bench.answer(message["request"])))
    elif request["role"] == "tester":
        from minigrade.boundary import tester

        serving.serve(line, tester.Tester(line).answer)
    else:
        from minigrade.boundary import worker

        serving.serve(line, worker.Worker().answer)


if __name__ == "__main__":
    main(int(sys.argv[1]))
