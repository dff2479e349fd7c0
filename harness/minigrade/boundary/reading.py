"""Read what a hostile process writes: its answers up to a deadline, its output in bounds.

Every wait has an end, and what a process prints is drained and shortened while
its answer is awaited, so that a chatty one neither blocks nor fills the grader.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import time

from minigrade.errors import WorkerDied, WorkerStalled

PRINTED_KEPT_BYTES = 4_000
PRINTED_LIMIT_BYTES = 16 * 2**20
_CHUNK = 2**16


class Reader:
    """Reads a channel up to a deadline, draining a pipe of output meanwhile."""

    def __init__(self, channel: socket.socket, output: int | None) -> None:
        self.deadline = 0.0
        self._channel = channel
        self._output = output
        self._buffer = bytearray()
        self._head = bytearray()
        self._tail = bytearray()
        self._printed_bytes = 0
        self._poll = select.poll()
        self._poll.register(channel, select.POLLIN)
        if output is not None:
            os.set_blocking(output, False)
            self._poll.register(output, select.POLLIN)

    def read(self, size: int) -> bytes:
        """Return `size` bytes of the channel, or fewer if it ends.

        Raises:
            WorkerStalled: they did not come before the deadline.
            WorkerDied: the process printed more than it may.
        """
        while len(self._buffer) < size:
            if not self._fill(size - len(self._buffer)):
                break
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _fill(self, missing: int) -> bool:
        """Wait for more of the channel; False when it ended."""
        left_s = self.deadline - time.monotonic()
        ready = self._poll.poll(max(0.0, left_s) * 1000)
        if not ready:
            raise WorkerStalled("no answer in time")
        descriptors = [descriptor for descriptor, _ in ready]
        if self._output is not None and self._output in descriptors:
            self.drain()
        if self._channel.fileno() not in descriptors:
            return True
        data = self._channel.recv(max(_CHUNK, min(missing, 2**22)))
        self._buffer += data
        return bool(data)

    def drain(self) -> None:
        """Read what there is of the output, and keep its start and its end."""
        while self._output is not None:
            try:
                data = os.read(self._output, _CHUNK)
            except BlockingIOError:
                return
            if not data:
                self._poll.unregister(self._output)
                os.close(self._output)
                self._output = None
                return
            self._printed_bytes += len(data)
            room = PRINTED_KEPT_BYTES // 2 - len(self._head)
            self._head += data[:room]
            self._tail = (self._tail + data[max(room, 0) :])[-PRINTED_KEPT_BYTES // 2 :]
            if self._printed_bytes > PRINTED_LIMIT_BYTES:
                limit_mb = PRINTED_LIMIT_BYTES // 2**20
                raise WorkerDied(f"printed more than {limit_mb} MB and was stopped")
            if len(data) < _CHUNK:
                return

    def take_printed(self) -> str:
        """Return what was printed and forget it."""
        if not self._printed_bytes:
            return ""
        left_out = self._printed_bytes - len(self._head) - len(self._tail)
        middle = f"\n… {left_out} bytes left out …\n".encode() if left_out > 0 else b""
        text = (bytes(self._head) + middle + bytes(self._tail)).decode("utf-8", "replace")
        self._head.clear()
        self._tail.clear()
        self._printed_bytes = 0
        return text

    def close(self) -> None:
        """Close the output's end."""
        if self._output is not None:
            with contextlib.suppress(OSError):
                os.close(self._output)
            self._output = None
