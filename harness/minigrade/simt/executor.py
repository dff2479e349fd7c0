"""Launch a kernel: compile it, run its blocks in batches, and sum up what happened."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any

import numpy as np

from minigrade.simt import statements as _statements  # noqa: F401  (its handlers)
from minigrade.simt.arguments import Arguments
from minigrade.simt.entities import Function, Run
from minigrade.simt.errors import InternalError, KernelError, LimitExceeded, SimtError
from minigrade.simt.functions import compile_function
from minigrade.simt.limits import (
    BLOCK_SHAPE,
    GRID_SHAPE,
    SHARED_BYTES,
    THREADS_A_BLOCK,
    Limits,
)
from minigrade.simt.machine import Machine, Site
from minigrade.simt.memory import ArrayDecl, Memory
from minigrade.simt.program import Program
from minigrade.simt.races import Shadow
from minigrade.simt.resolve import resolve
from minigrade.simt.source import of_object
from minigrade.simt.trace import Counter, Coverage, Trace

Array = np.ndarray[Any, Any]
Shape = int | tuple[int, ...]
_OWN_VECTORS = 16  # of the machine, beside those of the kernel's variables
_SHADOW_BYTES = 8 * 12 + 2  # a cell's stamps: two for each of three accesses, within and between


def launch(
    kernel: Any,
    grid: Shape,
    block: Shape,
    args: Iterable[Any],
    *,
    blocks: Iterable[Shape] | None = None,
    limits: Limits | None = None,
) -> Trace:
    """Run a numba.cuda kernel without a GPU, and return what it did.

    Args:
        kernel: a Python function, a numba dispatcher, or an address such as
            ``cuda_ops.py:tensor_map(operators.py:add)._map``, which is read and not imported.
        grid: blocks of the grid, one to three numbers.
        block: threads of a block, one to three numbers.
        args: arrays, which are updated as on a device, and numbers. An array given twice is
            one array, under the name of the first parameter.
        blocks: run these blocks only, each given by its index in the grid.
        limits: what the launch may use.

    Raises:
        SimtError: the kernel cannot be found, compiled, launched or finished; see `errors`.
    """
    program = Program(_checked(limits))
    try:
        with np.errstate(all="ignore"):
            return _launch(program, kernel, grid, block, args, blocks)
    except LimitExceeded as error:
        if program.place and not error.line:  # where it was when there was no more
            error.line, error.file = program.place
        raise
    except SimtError:
        raise
    except RecursionError:
        raise LimitExceeded("the kernel is nested too deeply") from None
    except MemoryError:
        raise LimitExceeded("the kernel needs more memory than there is") from None
    except Exception as error:
        line, file = program.place or (0, "")
        raise InternalError(error, line=line, file=file) from error


def _checked(limits: Any) -> Limits:
    if limits is None:
        return Limits()
    if not isinstance(limits, Limits):
        raise KernelError(f"limits are given as Limits(steps=…, wall_s=…), not as {limits!r:.60}")
    for name, value in vars(limits).items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise KernelError(f"the limit {name} is a number above 0, not {value!r:.60}")
    return limits


def _launch(
    program: Program, kernel: Any, grid: Shape, block: Shape, given: Iterable[Any], blocks: Any
) -> Trace:
    args, limits = _listed(given, "arguments"), program.limits
    shape, threads = _shape(grid, GRID_SHAPE, "grid"), _shape(block, BLOCK_SHAPE, "block")
    if int(np.prod(threads)) > THREADS_A_BLOCK:
        raise KernelError(f"a block of {threads} has more than {THREADS_A_BLOCK} threads")
    chosen = _chosen(blocks, shape)
    if len(chosen) * int(np.prod(threads)) > limits.steps * 1024:
        raise LimitExceeded(f"a grid of {shape} is too large to be run here")
    function = resolve(kernel, limits) if isinstance(kernel, str) else of_object(kernel, limits)
    arguments = Arguments()
    run = _compile(program, function, args, arguments)
    arguments.check(program)
    program.place = None
    m = Machine(shape, threads, program)
    _Run(m, program, run, arguments.arrays).all(chosen, whole=blocks is None)
    return m.trace


def _listed(given: Any, what: str) -> list[Any]:
    try:
        return list(given)
    except TypeError:
        raise KernelError(f"{what} are given as a list or a tuple, not as {given!r:.60}") from None


def _shape(given: Shape, limit: tuple[int, ...], what: str) -> tuple[int, int, int]:
    sides = given if isinstance(given, tuple | list) else (given,)
    if not 1 <= len(sides) <= 3 or not all(isinstance(side, int | np.integer) for side in sides):
        raise KernelError(f"a {what} has one to three whole numbers, not {given!r:.60}")
    full = tuple(int(side) for side in sides) + (1,) * (3 - len(sides))
    if any(not 1 <= side <= most for side, most in zip(full, limit, strict=True)):
        raise KernelError(f"a {what} of {full}; each side must be from 1 to {limit}")
    return full[0], full[1], full[2]


def _chosen(blocks: Any, grid: tuple[int, int, int]) -> Any:
    if blocks is None:
        return range(grid[0] * grid[1] * grid[2])
    numbers = set()
    for given in _listed(blocks, "blocks"):
        index = tuple(given) if isinstance(given, tuple | list) else (given,)
        if len(index) > 3 or not all(isinstance(place, int | np.integer) for place in index):
            raise KernelError(f"a block has an index of one to three numbers, not {given!r:.60}")
        index = tuple(map(int, index)) + (0,) * (3 - len(index))
        if any(not 0 <= place < side for place, side in zip(index, grid, strict=True)):
            raise KernelError(f"block {index} is not in a grid of {grid}")
        numbers.add(index[0] + grid[0] * (index[1] + grid[1] * index[2]))
    return sorted(numbers)


def _compile(program: Program, function: Function, args: list[Any], arguments: Arguments) -> Run:
    node = function.node
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    if isinstance(node, ast.Lambda) or node.args.vararg or node.args.kwarg:
        raise KernelError("a kernel is a function with plain arguments", file=function.file)
    if len(names) != len(args):
        raise KernelError(
            f"{function.name} takes {len(names)} arguments, and {len(args)} were given",
            line=node.lineno,
            file=function.file,
        )
    bound = {
        name: arguments.add(program, name, value) for name, value in zip(names, args, strict=True)
    }
    run, _ = compile_function(program, function, (), bound, chain=(), is_kernel=True)
    return run


def _too_much(program: Program, size: int) -> KernelError:
    """Return the error of a kernel whose shared arrays are too large together."""
    shared = [decl for decl in program.arrays if decl.space == "shared"]
    parts = [
        f"{decl.name} of line {decl.line} takes {decl.size * decl.dtype.itemsize}"
        for decl in shared
    ]
    largest = max(shared, key=lambda decl: decl.size * decl.dtype.itemsize)
    return KernelError(
        f"a block uses {size} bytes of shared memory; there are {SHARED_BYTES}: "
        f"{', '.join(parts[:8])}",
        line=largest.line,
        file=largest.file,
    )


class _Run:
    """One launch's memory, batches and summing up."""

    def __init__(self, m: Machine, program: Program, run: Run, arrays: list[Array]) -> None:
        self._m, self._program, self._run, self._originals = m, program, run, arrays
        self._spent = 0
        m.memories = []
        globals_ = [decl for decl in program.arrays if decl.space == "global"]
        self._shared = sum(
            decl.size * decl.dtype.itemsize for decl in program.arrays if decl.space == "shared"
        )
        if self._shared > SHARED_BYTES:
            raise _too_much(program, self._shared)
        m.trace.shared_bytes = self._shared
        for decl, array in zip(globals_, self._originals, strict=True):
            m.memories.append(self._global(decl, array))

    def _take(self, size: int) -> None:
        self._spent += size
        if self._spent > self._m.limits.memory_bytes:
            raise LimitExceeded(
                f"the launch needs more than {self._m.limits.memory_bytes} bytes of memory"
            )

    def _global(self, decl: ArrayDecl, array: Array) -> Memory:
        return self._memory(decl, np.ascontiguousarray(array).reshape(-1).copy(), decl.size)

    def _memory(self, decl: ArrayDecl, data: Array, cells: int) -> Memory:
        changed = decl.writable or decl.atomic
        self._take(data.nbytes + cells)
        shadow = None
        if changed and decl.space != "local":
            self._take(cells * _SHADOW_BYTES)
            shared = decl.space == "shared"
            shadow = Shadow(cells, self._m.threads, len(self._m.sites) + 1, shared=shared)
        return Memory(decl, data, shadow)

    def all(self, chosen: Any, *, whole: bool) -> None:
        """Run all blocks, copy the arrays back, and fill the trace."""
        m = self._m
        globals_, held = len(m.memories), self._spent
        size = self._batch()
        for start in range(0, len(chosen), size):
            batch = list(chosen[start : start + size])
            del m.memories[globals_:]
            self._spent = held
            self._take(len(batch) * self._lanes_bytes())
            self._local(len(batch))
            m.begin(batch, self._program.slots)
            self._run(m)
        m.trace.steps += 512 - m.fuel
        for memory, original in zip(m.memories, self._originals, strict=False):
            if memory.written is not None:
                original[...] = memory.data.reshape(original.shape)
        self._sum(whole)

    def _lanes_bytes(self) -> int:
        """Return what the variables of one block's threads may need."""
        return self._m.threads * 8 * (self._program.slots + _OWN_VECTORS)

    def _batch(self) -> int:
        """Return how many blocks run together: no more than there is memory for, but one."""
        m = self._m
        left = (m.limits.memory_bytes - self._spent) // 2
        return max(1, min(m.limits.lanes // m.threads, left // self._lanes_bytes()))

    def _local(self, blocks: int) -> None:
        m = self._m
        for decl in self._program.arrays[len(m.memories) :]:
            copies = blocks if decl.space == "shared" else blocks * m.threads
            self._take(decl.size * copies * (decl.dtype.itemsize + 1))
            poison = np.nan if decl.dtype.kind == "f" else 0
            shape = (copies, decl.size) if decl.space == "shared" else (decl.size, copies)
            data = np.full(shape, poison, decl.dtype)
            m.memories.append(self._memory(decl, data, decl.size * copies))

    def _sum(self, whole: bool) -> None:
        self._m.settle()
        trace = self._m.trace
        for decl in self._program.arrays:
            trace.counters[decl.name] = Counter()
            trace.spaces[decl.name] = decl.space
        for site in self._program.sites:
            if site.array is not None:
                name = site.array.name
                trace.counters[name].add(site.counter)
                line = trace.lines.setdefault((site.file, site.line), {})
                line.setdefault(name, Counter()).add(site.counter)
        for memory in self._m.memories:
            if memory.written is not None:
                self._cover(memory, whole)

    def _cover(self, memory: Memory, whole: bool) -> None:
        decl, written = memory.decl, memory.written
        assert written is not None
        never = int(np.count_nonzero(written == 0))
        once = int(np.count_nonzero(written == 1))
        self._m.trace.coverage[decl.name] = Coverage(never, once, decl.size - never - once)
        if not whole or not never or decl.readable or decl.atomic:
            return
        site = next(s for s in self._program.sites if s.array is decl)
        first = int(np.flatnonzero(written == 0)[0])
        index = tuple(int(side) for side in np.unravel_index(first, decl.shape))
        self._report(site, index, f"{never} of {decl.size} elements of {decl.name} are never "
                     f"written, the first at {list(index)}")  # fmt: skip

    def _report(self, site: Site, index: tuple[int, ...], message: str) -> None:
        self._m.report("unwritten-output", site, (), 0, index, message)
