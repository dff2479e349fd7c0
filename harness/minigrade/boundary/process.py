"""The grader's end of a zygote and of the processes that it forks.

Everything read from them is hostile; see `minigrade.boundary.reading`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from minigrade.boundary import wire
from minigrade.boundary.reading import Reader
from minigrade.boundary.sandbox import UIDS_PER_GRADER, Plan
from minigrade.errors import InternalError, WireError, WorkerDied, WorkerStalled

_START_LIMIT_S = 60.0
_KILL_LIMIT_S = 10.0

_ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",  # the order of a set is part of a report that must not change
    "NUMBA_THREADING_LAYER": "workqueue",  # OpenMP dies in a forked process
    "NUMBA_NUM_THREADS": "2",  # on any machine, so that work shared by threads is the same
    # Checks of values need no fast kernels, and these are compiled in four fifths of the time.
    "NUMBA_OPT": "1",
    "NUMBA_LOOP_VECTORIZE": "0",
    "NUMBA_SLP_VECTORIZE": "0",
    "OPENBLAS_NUM_THREADS": "1",  # no threads before a fork
    "OMP_NUM_THREADS": "1",
}


class Zygote:
    """A clean interpreter that forks workers and benches.

    It is started, not forked, from the grader: a forked process could read the
    grader's memory, seeds and expectations included.
    """

    def __init__(self, plan: Plan, imports: Sequence[str] = ()) -> None:
        self.plan = plan
        self._imports = list(imports)
        self._forks = 0
        self._start()

    def _start(self) -> None:
        self._socket, child = socket.socketpair()
        with child:
            # -P -s with our own environment is -I, but for the hash seed, which -I ignores.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-s", "-B", "-m", "minigrade.boundary.zygote",
                 str(child.fileno())],
                pass_fds=[child.fileno()],
                env=_ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        self._reader = Reader(self._socket, None)
        self._send({"plan": self.plan.to_plain(), "imports": self._imports})

    def fork(
        self,
        role: str,
        *,
        readable: Sequence[Path],
        writable: Sequence[Path],
        environment: Mapping[str, str] | None = None,
        kernels: Path | None = None,
    ) -> Process:
        """Fork a process in `role`, locked in before it sees anything of a student.

        Args:
            role: ``worker`` or ``bench``.
            readable: folders that it may read, beside the interpreter's own.
            writable: folders that it may write to; the first is where it starts.
            environment: variables to set.
            kernels: where numba looks for compiled kernels, and, if that is one of the
                folders in `writable`, keeps them.

        Raises:
            InternalError: the zygote is gone.
        """
        if self._process.poll() is not None:  # something that it forked has killed it
            self.close()
            self._start()
        self._forks += 1
        uid = None if self.plan.uid is None else self.plan.uid + self._forks % UIDS_PER_GRADER
        ours, theirs = socket.socketpair()
        output, output_end = os.pipe()
        request = {
            "do": "fork",
            "role": role,
            "uid": uid,
            "readable": [str(path) for path in readable],
            "writable": [str(path) for path in writable],
            "environment": dict(environment or {}),
            "kernels": str(kernels) if kernels else None,
        }
        if uid is not None:
            for path in writable:
                os.chown(path, uid, uid)
        try:
            pid = self._send(request, [theirs.fileno(), output_end])
        finally:
            theirs.close()
            os.close(output_end)
        return Process(self, pid, ours, output)

    def kill(self, pid: int) -> int:
        """Kill the process group of `pid` and return the wait status of `pid`."""
        return self._send({"do": "kill", "pid": pid})

    def close(self) -> None:
        """End the zygote and everything it forked."""
        self._socket.close()
        try:
            self._process.wait(_KILL_LIMIT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _send(self, request: dict[str, Any], fds: Sequence[int] = ()) -> int:
        """Send a request and return the number that answers it."""
        message = wire.encode(request)
        try:
            sent = socket.send_fds(self._socket, [message], list(fds)) if fds else 0
            self._socket.sendall(message[sent:])
            self._reader.deadline = time.monotonic() + _START_LIMIT_S
            answer = wire.receive(self._reader)
        except (OSError, EOFError, WorkerStalled, WorkerDied) as error:
            raise InternalError(f"the zygote is gone: {error!r}") from error
        if isinstance(answer, str):
            raise InternalError(f"the zygote says: {answer}")
        return int(answer)


class Process:
    """One forked process: requests out, answers and output in."""

    def __init__(self, zygote: Zygote, pid: int, channel: socket.socket, output: int) -> None:
        self.pid = pid
        self._zygote = zygote
        self._channel = channel
        self._reader = Reader(channel, output)
        self._asked = 0
        self._how = ""

    @property
    def alive(self) -> bool:
        """Whether the process has not been ended."""
        return not self._how

    def ask(
        self, request: dict[str, Any], limit_s: float, body_limit_bytes: int
    ) -> tuple[str, wire.PlainValue]:
        """Send a request and return the kind and the content of its answer.

        Raises:
            WorkerDied: the process ended, or printed too much and was ended.
            WorkerStalled: no answer came in time.
            WireError: what came is no answer to this request.
        """
        self._asked += 1
        message = wire.encode([self._asked, request])
        deadline = time.monotonic() + limit_s
        self._reader.deadline = deadline
        try:
            self._channel.settimeout(limit_s)
            self._channel.sendall(message)
            answer = wire.receive(self._reader, body_limit_bytes)
        except TimeoutError:
            raise WorkerStalled(f"took no request in {limit_s} s") from None
        except (OSError, EOFError):
            raise WorkerDied(self.end()) from None
        except WorkerDied as error:
            self.end()
            raise error from None
        match answer:
            case [int(number), str(kind), content] if number == self._asked:
                return kind, content
        raise WireError("an answer to nothing that was asked")

    def printed(self) -> str:
        """Return what was printed since the last time, shortened to its start and end."""
        return self._reader.take_printed()

    def end(self) -> str:
        """Kill the process and all of its group; return how it ended."""
        if not self._how:
            with contextlib.suppress(WorkerDied):
                self._reader.drain()
            try:
                self._how = _how(self._zygote.kill(self.pid))
            except InternalError:  # the zygote is dead, and its children die with it
                self._how = "was killed, and the process that started it too"
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)
            self._channel.close()
            self._reader.close()
        return self._how


def _how(status: int) -> str:
    """Say in words how a process ended, from its wait status."""
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        words = {
            signal.SIGSEGV: "crashed with a segmentation fault",
            signal.SIGBUS: "crashed with a bus error",
            signal.SIGABRT: "was aborted",
            signal.SIGFPE: "crashed with an arithmetic error",
            signal.SIGXCPU: "used more processor time than it may",
            signal.SIGXFSZ: "wrote a larger file than it may",
            signal.SIGKILL: "was killed for want of memory, or closed its line to the grader",
        }
        try:
            return words.get(signal.Signals(number)) or f"ended by {signal.Signals(number).name}"
        except ValueError:
            return f"ended by signal {number}"
    code = os.waitstatus_to_exitcode(status)
    return f"ended by itself with exit status {code}, as os._exit({code}) does"
