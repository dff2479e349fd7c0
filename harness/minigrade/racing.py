"""Find out, for probes, whether the iterations of a parallel loop get in each other's way.

A kernel is run as Python, one iteration after the other, on arrays that write down who reads
and who writes which number. If an iteration writes what another one reads or writes, then it
is a race: on several cores, what comes out depends on who is first. So a race is found
whenever it is possible, and not when it happens; on one core too.

Left out is what numba makes right: names such as ``total += x``, of which each thread has
its own; what an iteration makes for itself; and two that write the same number.

Iterations that share an array show it in the first of them. So those do, however many numbers
there are: a kernel may do otherwise with many of them than with few. Only a kernel that gives
each iteration thousands of them has to share its arrays with few as well, to be found.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from minigrade.kernel_keys import of_numba

_FEW = 4
_ITERATIONS = 48  # of a loop; each takes time, as Python
_ACCESSES = 10_000  # in a case; each takes some 10 microseconds


def collisions(
    kernel: Callable[..., Any], cases: Sequence[Sequence[Any]]
) -> tuple[int, list[list[int]]]:
    """Return how many parallel loops a kernel ran, and which of its lines collide.

    Args:
        kernel: the kernel's Python function; the kernels that it calls run as Python too.
        cases: what it is called with, some times. What it raises is left to other checks.

    Returns:
        How many loops through `prange` had something to do that were inside of no other
        loop through `prange`; and for each collision a line that writes, and one by which
        another iteration reads or writes the same number. Of each loop the first iterations
        run, and of each case the first accesses to arrays.
    """
    log = _Log(kernel)
    for case in cases:
        with contextlib.suppress(Exception), log.watching() as watched:
            kernel(*map(watched, case))
    return log.loops, [list(pair) for pair in sorted(log.found)[:_FEW]]


@contextlib.contextmanager
def replaced(holder: Any, **changed: Any) -> Iterator[None]:
    """Give a module or a class other attributes while the block runs.

    So does `unittest.mock`, which takes as long to import as NumPy.
    """
    before = {name: vars(holder)[name] for name in changed if name in vars(holder)}
    for name, value in changed.items():
        setattr(holder, name, value)
    try:
        yield
    finally:
        for name in changed:
            if name in before:
                setattr(holder, name, before[name])
            else:
                delattr(holder, name)


class _Enough(Exception):
    """A case has taken as much time as it may."""


class _Log:
    """Who read and wrote what, since the loop began that is running."""

    def __init__(self, kernel: Callable[..., Any]) -> None:
        self.loops = 0
        self.found: set[tuple[int, int]] = set()
        self._code: CodeType = kernel.__code__
        self._holders = [np, *_package(kernel)]
        self._left = 0  # accesses
        self._now: int | None = None  # the iteration
        self._arrays: list[np.ndarray] = []  # kept, so that no other gets their memory
        self._written: dict[int, tuple[int, int, Any]] = {}
        self._read: dict[int, dict[int, int]] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[Callable[[Any], Any]]:
        """Watch all arrays that are made outside of iterations; yields how to watch another."""
        prange = of_numba("misc.special").prange
        self._arrays.clear()
        self._left = _ACCESSES
        makers = [
            (holder, {name: self._watched_by(make) for name, make in _makers(holder)})
            for holder in self._holders
        ]
        with contextlib.ExitStack() as stack:
            for holder, changed in makers:
                stack.enter_context(replaced(holder, **changed))
            iterations = {"__new__": lambda _, *bounds: self._iterations(*bounds)}
            stack.enter_context(replaced(prange, **iterations))
            try:
                yield self.watch
            finally:
                self._leave()
                self._left = 0  # whoever imported one of these meanwhile has it watch no more

    def _iterations(self, *bounds: int) -> Iterator[int]:
        if self._now is not None:  # numba runs a loop inside of a parallel one as any other
            yield from range(*bounds)
            return
        self.loops += bool(range(*bounds))
        try:
            for number, i in enumerate(islice(range(*bounds), _ITERATIONS)):
                self._now = number
                yield i
        finally:
            self._leave()

    def _leave(self) -> None:
        self._now = None
        self._written.clear()
        self._read.clear()

    def _watched_by(self, make: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(make)
        def watched(*given: Any, **named: Any) -> Any:
            return self.watch(make(*given, **named))

        return watched

    def watch(self, value: Any) -> Any:
        """Return a value as it is, or an array, of the same memory, that is watched."""
        if type(value) in (tuple, list):
            return type(value)(map(self.watch, value))
        if self._left <= 0 or self._now is not None or not isinstance(value, np.ndarray):
            return value
        self._arrays.append(value)
        watched = value.view(_Watched)
        watched._log = self
        return watched

    def count(self) -> bool:
        """Count an access, and return whether it is to be noted, by `note`.

        Raises:
            _Enough: there were too many.
        """
        self._left -= 1
        if self._left < 0:
            raise _Enough
        return self._now is not None

    def note(self, part: np.ndarray, writes: bool) -> None:
        """Note that the iteration reads or has written a part of an array."""
        assert self._now is not None
        line = self._line()
        for place, value in _places(part):
            before = self._written.get(place)
            others = self._read.get(place, {})
            if before and before[0] != self._now and not (writes and value == before[2]):
                self.found.add((before[1], line))
            if writes:
                for other, their_line in others.items():
                    if other != self._now:
                        self.found.add((line, their_line))
                self._written[place] = (self._now, line, value)
            elif len(others) < _FEW:
                self._read.setdefault(place, {})[self._now] = line

    def _line(self) -> int:
        """Return at which line of the kernel we are."""
        frame = sys._getframe(3)
        while frame.f_back and frame.f_code is not self._code:
            frame = frame.f_back
        return frame.f_lineno


def _package(kernel: Callable[..., Any]) -> list[ModuleType]:
    """Return the modules beside which a kernel's was imported, itself included."""
    package = kernel.__module__.split(".")[0]
    return [
        module
        for name, module in list(sys.modules.items())
        if name.split(".")[0] == package and isinstance(module, ModuleType)
    ]


def _makers(holder: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the functions of NumPy that a module holds, by names there; they make arrays."""
    for name, value in list(vars(holder).items()):
        if name.startswith("_") or isinstance(value, type | np.ufunc) or not callable(value):
            continue
        if value is getattr(np, getattr(value, "__name__", ""), None):
            yield name, value


def _places(part: np.ndarray) -> Iterator[tuple[int, Any]]:
    """Yield where in memory each number of an array lies, and the number."""
    start = part.__array_interface__["data"][0]
    for index, value in np.ndenumerate(part):
        yield start + sum(i * step for i, step in zip(index, part.strides, strict=True)), value


class _Watched(np.ndarray):
    """An array, or a part of one, that has the log note what is read and written."""

    _log: _Log | None = None

    def __array_finalize__(self, source: Any) -> None:
        """Watch what is made of a watched array: its parts always, copies if all see them."""
        log: _Log | None = getattr(source, "_log", None)
        if log is None:
            return
        if self.base is not None:
            self._log = log
        elif log._now is None:
            log._arrays.append(self.view(np.ndarray))
            self._log = log

    def __getitem__(self, key: Any) -> Any:
        found = super().__getitem__(key)
        if not isinstance(found, np.ndarray):
            self._note(key, writes=False)
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        self._note(key, writes=True)

    def fill(self, value: Any) -> None:
        self[...] = value

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
        """Compute with plain arrays, and note what was read and written whole.

        An array that is added to whole is not: numba gives each thread one of its own.
        """
        outputs = kwargs.get("out", ())
        if any(array is output for array in inputs for output in outputs):
            plain = {**kwargs, "out": tuple(map(_plain, outputs))}
            getattr(ufunc, method)(*map(_plain, inputs), **plain)
            return outputs[0]
        for array in inputs:
            if isinstance(array, _Watched):
                array._note((), writes=False)
        plain = {**kwargs, "out": tuple(map(_plain, outputs))} if outputs else kwargs
        result = getattr(ufunc, method)(*map(_plain, inputs), **plain)
        for array in outputs:
            if isinstance(array, _Watched):
                array._note((), writes=True)
        if len(outputs) == 1:
            return outputs[0]
        logs = [one._log for one in inputs if isinstance(one, _Watched) and one._log]
        return logs[0].watch(result) if logs else result

    def _note(self, key: Any, *, writes: bool) -> None:
        if self._log is None or not self._log.count():
            return
        parts = key if isinstance(key, tuple) else (key,)
        if any(isinstance(one, list | np.ndarray) and np.ndim(one) for one in parts):
            return  # of a list of places there is a copy only; numba knows few of them
        whole = self.view(np.ndarray)
        self._log.note(whole[parts if Ellipsis in parts else (*parts, Ellipsis)], writes)


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _Watched) else value
