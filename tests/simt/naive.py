"""A second executor of kernels, naive on purpose, to compare `minigrade.simt` with.

It shares nothing with the first one. A thread is a Python generator, made of
the kernel's own text by `rewriting.py`, that yields at each access and each
barrier. A schedule decides after every single one which thread goes on. All
accesses are kept, and afterwards every pair of them is looked at: they race if
different threads made them, one wrote, not both were atomic, and no barrier
lies in between.

Findings at barriers have one name here, ``barrier``: who had already returned
and who was elsewhere depends on the schedule.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter
from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

import numpy as np

SCHEDULES = ("forward", "reverse", "in turn", "random 1", "random 2", "random 3")

Event = tuple[Any, ...]


class Cells:
    """One array (a shared one: of one block), and all accesses to each of its cells."""

    def __init__(self, name: str, space: str, values: np.ndarray[Any, Any]) -> None:
        self.name, self.space, self.values = name, space, values
        self.known = np.full(values.shape, space == "global")
        self.accesses: dict[tuple[int, ...], list[Event]] = {}
        self.touched = np.zeros(values.shape, np.bool_)
        self.shape, self.size = values.shape, values.size


class Thread:
    """One thread: its generator, and what its last access gave it."""

    def __init__(self, block: int, number: int) -> None:
        self.block, self.number = block, number
        self.steps: Generator[Event, Any, None]
        self.answer: Any = None
        self.waits_at = 0
        self.done = False


class Launch:
    """One launch under one schedule; see `simulate`."""

    def __init__(self, grid: tuple[int, ...], block: tuple[int, ...]) -> None:
        self.grid, self.block = _full(grid), _full(block)
        self.findings: set[str] = set()
        self.counts: Counter[tuple[str, str]] = Counter()
        self.epochs = [0] * math.prod(self.grid)
        self.cells: list[Cells] = []
        self._shared: dict[tuple[int, str], Cells] = {}

    def threads(self, kernel: Callable[..., Any], args: list[Any]) -> list[Thread]:
        """Return all threads of the grid, none of them started."""
        made = []
        for block in range(len(self.epochs)):
            for number in range(math.prod(self.block)):
                thread = Thread(block, number)
                thread.steps = kernel(self._cuda(block, number), *args)
                made.append(thread)
        return made

    def _cuda(self, block: int, number: int) -> Any:
        where, which = _place(block, self.grid), _place(number, self.block)
        axes = [np.int64(b * side + t) for b, side, t in zip(where, self.block, which, strict=True)]
        sizes = [np.int64(g * b) for g, b in zip(self.grid, self.block, strict=True)]
        return SimpleNamespace(
            threadIdx=_xyz(which), blockIdx=_xyz(where), blockDim=_xyz(self.block),
            gridDim=_xyz(self.grid),
            grid=lambda n: axes[0] if n == 1 else tuple(axes[:n]),
            gridsize=lambda n: sizes[0] if n == 1 else tuple(sizes[:n]),
            shared=SimpleNamespace(array=lambda *what: self._array(block, "shared", *what)),
            local=SimpleNamespace(array=lambda *what: self._array(None, "local", *what)),
        )  # fmt: skip

    def _array(self, block: int | None, space: str, name: str, shape: Any, dtype: Any) -> Cells:
        if block is not None and (block, name) in self._shared:
            return self._shared[block, name]
        made = Cells(name, space, np.full(shape, np.nan if dtype in _FLOATS else 0, dtype))
        if block is not None:
            self._shared[block, name] = made
            self.cells.append(made)
        return made

    def run(self, threads: list[Thread], schedule: str) -> None:
        """Run every thread to its end, one access after another."""
        pick = _picker(schedule)
        while True:
            ready = [thread for thread in threads if not thread.done and not thread.waits_at]
            while ready:
                thread = pick(ready)
                self._step(thread)
                if thread.done or thread.waits_at:
                    ready.remove(thread)
            if not any(thread.waits_at for thread in threads):
                return
            for block in range(len(self.epochs)):
                self._release([thread for thread in threads if thread.block == block])

    def _release(self, threads: list[Thread]) -> None:
        lines = {thread.waits_at for thread in threads}
        if lines != {0}:
            if len(lines) > 1:
                self.findings.add("barrier")
            self.epochs[threads[0].block] += 1
        for thread in threads:
            thread.waits_at = 0

    def _step(self, thread: Thread) -> None:
        try:
            kind, line, *rest = thread.steps.send(thread.answer)
        except StopIteration:
            thread.done = True
            return
        thread.answer = None
        if kind == "barrier":
            thread.waits_at = line
        else:
            thread.answer = self._touch(thread, kind, *rest)

    def _touch(
        self, thread: Thread, kind: str, array: Cells, index: Any, value: Any = None, how: str = ""
    ) -> Any:
        cell = self._locate(array, index)
        if cell is None:
            return _widened(array.values.dtype.type(0))
        old = array.values[cell]
        for verb in {"atomic": ("reads", "writes")}.get(kind, (f"{kind}s",)):
            self.counts[array.name, verb] += 1
        if kind != "write" and not array.known[cell]:
            self.findings.add("uninitialised-read")
        if kind != "read":
            value = array.values.dtype.type(value)
            array.values[cell] = _ATOMICS[how](old, value) if how else value
            array.known[cell] = array.touched[cell] = True
        who = (thread.block, thread.number)
        note = (kind, who, self.epochs[thread.block], value)
        array.accesses.setdefault(cell, []).append(note)
        return _widened(old)

    def _locate(self, array: Cells, index: Any) -> tuple[int, ...] | None:
        parts = [int(part) for part in (index if isinstance(index, tuple) else (index,))]
        inside = True
        for axis, (part, side) in enumerate(zip(parts, array.shape, strict=True)):
            if not -side <= part < side:
                self.findings.add("out-of-bounds")
                inside = False
            elif part < 0:
                self.findings.add("negative-index")
                parts[axis] += side
        return tuple(parts) if inside else None

    def judge(self) -> None:
        """Look for races: at each two accesses of each cell."""
        for array in self.cells:
            for notes in array.accesses.values():
                if all(kind == notes[0][0] != "write" for kind, *_ in notes):
                    continue
                for one, other in itertools.combinations(notes, 2):
                    self._compare(one, other)

    def _compare(self, one: Event, other: Event) -> None:
        kinds = {one[0], other[0]}
        if one[1] == other[1] or kinds in ({"read"}, {"atomic"}):
            return
        if one[1][0] == other[1][0] and one[2] != other[2]:
            return
        same = kinds == {"write"} and one[3].tobytes() == other[3].tobytes()
        self.findings.add("benign-write" if same else "race")


_FLOATS = (np.float32, np.float64)
_ATOMICS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda old, value: old + value, "max": max, "min": min,
}  # fmt: skip


def _full(sides: tuple[int, ...]) -> tuple[int, int, int]:
    x, y, z = (*sides, 1, 1)[:3]
    return x, y, z


def _place(number: int, shape: tuple[int, int, int]) -> tuple[int, int, int]:
    return number % shape[0], number // shape[0] % shape[1], number // (shape[0] * shape[1])


def _xyz(sides: tuple[int, ...]) -> Any:
    return SimpleNamespace(
        **{axis: np.int64(side) for axis, side in zip("xyz", sides, strict=True)}
    )


def _widened(value: Any) -> Any:
    """Return an element as kernels compute with it: integers have 64 bits."""
    return np.int64(value) if isinstance(value, np.integer) else value


def _picker(schedule: str) -> Callable[[list[Thread]], Thread]:
    if schedule in ("forward", "reverse"):
        return lambda ready: ready[0 if schedule == "forward" else -1]
    if schedule == "in turn":
        turn = itertools.count()
        return lambda ready: ready[next(turn) % len(ready)]
    return random.Random(schedule).choice


def simulate(
    program: Any, grid: tuple[int, ...], block: tuple[int, ...], args: list[Any], schedule: str
) -> Launch:
    """Run a `Program` of `rewriting.py`, and update the arrays in `args`."""
    launch = Launch(grid, block)
    bound: list[Any] = []
    for name, value in zip(program.names, args, strict=True):
        is_array = isinstance(value, np.ndarray)
        bound.append(Cells(name, "global", value) if is_array else np.int64(value))
    launch.cells += [array for array in bound if isinstance(array, Cells)]
    with np.errstate(all="ignore"):
        launch.run(launch.threads(program.kernel, bound), schedule)
        launch.judge()
    for array in launch.cells:
        if array.name in program.outputs and array.space == "global" and not array.touched.all():
            launch.findings.add("unwritten-output")
    return launch
