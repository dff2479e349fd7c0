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


def serve(channel: socket.socket, answer: Callable[[dict[str, Any]], Answer]) -> None:
    """Send ``[number, kind, content]`` for each ``[number, request]`` that comes.

    Output is flushed first, so that the grader has what was printed by the time
    it has the answer. Student code may have closed or replaced the streams: the
    ones that were there at the start are flushed, and failing to is no failure.
    """
    outputs = (sys.stdout, sys.stderr)
    incoming = channel.makefile("rb")
    while True:
        try:
            number, request = wire.receive(incoming, writable=True)
        except EOFError:
            return
        kind, content = answer(request)
        for output in outputs:
            with contextlib.suppress(Exception):
                output.flush()
        try:
            message = wire.encode([number, kind, content])
        except WireError as error:
            message = wire.encode([number, "raised", _unsendable(error)])
        channel.sendall(message)


def _unsendable(error: WireError) -> dict[str, Any]:
    """Return what stands for a value that is no plain value."""
    message = str(error)[:1_000].replace("$[2]", "$", 1)  # the content's place in an answer
    return {"type": "WireError", "message": message, "reason": "unsendable"}
