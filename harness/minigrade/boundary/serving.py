"""Answer requests on a channel, one at a time, until it closes."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable
from typing import Any

from minigrade.boundary import wire
from minigrade.errors import WireError

Answer = tuple[str, wire.PlainValue]


class Line:
    """The far end of the grader's line: requests in, one answer to each out.

    Output is flushed first, so that the grader has what was printed by the time
    it has the answer. Student code may have closed or replaced the streams: the
    ones that were there at the start are flushed, and failing to is no failure.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._incoming = channel.makefile("rb")
        self._outputs = (sys.stdout, sys.stderr)
        self._number = 0

    def receive(self) -> dict[str, Any]:
        """Wait for the next request and return it.

        Raises:
            EOFError: the grader has closed the line.
        """
        self._number, request = wire.receive(self._incoming, writable=True)
        return dict(request)

    def send(self, kind: str, content: wire.PlainValue) -> None:
        """Answer the last request.

        Raises:
            WireError: `content` is no plain value; nothing was sent.
        """
        message = wire.encode([self._number, kind, content])
        for output in self._outputs:
            with contextlib.suppress(Exception):
                output.flush()
        self._channel.sendall(message)


def serve(line: Line, answer: Callable[[dict[str, Any]], Answer]) -> None:
    """Send ``[number, kind, content]`` for each ``[number, request]`` that comes."""
    while True:
        try:
            request = line.receive()
        except EOFError:
            return
        kind, content = answer(request)
        try:
            line.send(kind, content)
        except WireError as error:
            line.send("raised", _unsendable(error))


def _unsendable(error: WireError) -> dict[str, Any]:
    """Return what stands for a value that is no plain value."""
    message = str(error)[:1_000].replace("$[2]", "$", 1)  # the content's place in an answer
    return {"type": "WireError", "message": message, "reason": "unsendable"}
