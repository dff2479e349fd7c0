"""Time two sides in turn, each in a process of its own. Benchmarks with threads use it.

Threads of OpenMP and of BLAS wait for their next work by spinning, and two pools of them in
one process take the processors from each other: beside Numba's pool, PyTorch's convolution
took 35 ms where it takes 7 ms alone. So either side has a process, in which its libraries are
alone, and while one is timed the other sleeps.
"""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

Call = Callable[[], object]
Ours = Callable[[], tuple[Call, Any]]
"""Prepares our side: what to time, and what the other side needs to do and find the same."""
Theirs = Callable[[Any], Call]
"""Prepares the other side from what ours has said: what to time, once it agrees."""

PAUSE_S = 0.05  # until the threads of the other side have stopped spinning
WARM_S = 0.03  # calls that do not count: the scheduler has spread the threads by then
TURN_S = 0.02  # calls that count


def in_turn(ours: Ours, theirs: Theirs, turns: int) -> tuple[float, float]:
    """Return the median seconds of a call of either side.

    This process must not have started threads, for the sides are forks of it.

    Raises:
        RuntimeError: a side died, for example because the two do not agree.
    """
    said: Any = None
    sides = []
    for prepare in (lambda _: ours(), lambda heard: (theirs(heard), None)):
        side = _Side(prepare, said)
        said = side.said
        sides.append((side, list[float]()))
    for _ in range(turns):
        for side, seconds in sides:
            time.sleep(PAUSE_S)
            seconds.append(side.turn())
    for side, _ in sides:
        side.end()
    our_s, their_s = (statistics.median(seconds) for _, seconds in sides)
    return our_s, their_s


class _Side:
    """A process that has prepared its work, and times a turn of it when it is asked."""

    def __init__(self, prepare: Callable[[Any], tuple[Call, Any]], heard: Any) -> None:
        context = multiprocessing.get_context("fork")
        self.pipe, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(prepare, heard, far), daemon=True)
        self.process.start()
        far.close()
        self.said = self._receive()

    def turn(self) -> float:
        self.pipe.send(True)
        return float(self._receive())

    def end(self) -> None:
        self.pipe.send(False)
        self.process.join()

    def _receive(self) -> Any:
        try:
            return self.pipe.recv()
        except EOFError:
            raise RuntimeError("a side of the benchmark died; its own message is above") from None


def _serve(prepare: Callable[[Any], tuple[Call, Any]], heard: Any, pipe: Connection) -> None:
    call, said = prepare(heard)
    pipe.send(said)
    while pipe.recv():
        _run(call, WARM_S)
        pipe.send(_run(call, TURN_S))


def _run(call: Call, for_s: float) -> float:
    """Call until the time is over, at least once; return the seconds of a call."""
    started = time.perf_counter()
    times = 0
    while (passed := time.perf_counter() - started) < for_s or not times:
        call()
        times += 1
    return passed / times
