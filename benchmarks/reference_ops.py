"""Time the reference's map, zip and reduce against NumPy, in the same run.

    python benchmarks/reference_ops.py [--quick] [--json FILE]

Ours share the work among the cores; NumPy uses one, as it comes. Both write to memory
that was touched before. The two take turns, so that a change in the machine's load meets
both; each figure is a median, each result is compared. The ratio is NumPy's time to ours:
2.00 is twice NumPy's throughput. With --quick there are 1 M numbers instead of 16 M, which
may fit into the cache, and nothing is judged.
"""

from __future__ import annotations

import argparse
import importlib
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tables import finish

REFERENCE = Path(__file__).parents[1] / "reference"

CONTIGUOUS = (1.0, 1.5)
STRIDED = (0.6, 1.0)
"""The ratio that must be reached, and the one to aim at."""


class Work(NamedTuple):
    """One thing that both sides do, and what is asked of ours."""

    name: str
    gates: tuple[float, float]
    ours: Callable[[], Any]
    theirs: Callable[[], Any]
    results: tuple[Any, Any]


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="1 M numbers, no gates")
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    rows = elementwise(1024 if wish.quick else 4096, 3 if wish.quick else 9)
    missed = finish(rows, wish.json)
    return 0 if wish.quick else missed


def elementwise(side: int, repetitions: int) -> list[dict[str, Any]]:
    """Return a row for each kind of map, zip and reduce of ``side * side`` numbers."""
    return [row(work, repetitions) for work in works(side)]


def row(work: Work, repetitions: int) -> dict[str, Any]:
    """Let the two sides take turns, after a turn that does not count, and compare them."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(repetitions + 1):
        for side, times in ((work.ours, ours), (work.theirs, theirs)):
            started = time.perf_counter()
            side()
            times.append(time.perf_counter() - started)
    np.testing.assert_allclose(*work.results, rtol=1e-9, err_msg=work.name)
    our_s, their_s = statistics.median(ours[1:]), statistics.median(theirs[1:])
    must, aim = work.gates
    return {
        "work": work.name,
        "ours_s": our_s,
        "theirs_s": their_s,
        "ratio": their_s / our_s,
        "must": f"≥ {must:.0%}",
        "aim": f"≥ {aim:.0%}",
        "ok": their_s >= must * our_s,
    }


def works(side: int) -> Iterator[Work]:
    """Yield what is measured, one after the other: each has its turn before the next."""
    a, b = np.random.default_rng(0).random((2, side, side)) + 0.5
    cube = (16, 64, side // 32, side // 32)  # images, channels, height, width
    out, kernels = np.empty((side, side)), _kernels()

    def mapped(name: str, gates: Any, x: Any, fn: str = "neg") -> Work:
        return _elementwise(f"{fn}, {name}", gates, kernels[fn], out.reshape(-1), x)

    def zipped(name: str, gates: Any, x: Any, y: Any) -> Work:
        return _elementwise(f"add, {name}", gates, kernels["add"], out.reshape(-1), x, y)

    a4, b4 = a.reshape(cube), b.reshape(cube)
    yield mapped("contiguous", CONTIGUOUS, a, "copy")
    yield mapped("contiguous", CONTIGUOUS, a)
    yield mapped("a row repeated", STRIDED, np.broadcast_to(a[:1], a.shape))
    yield mapped("a column repeated", STRIDED, np.broadcast_to(a[:, :1], a.shape))
    yield mapped("transposed", STRIDED, a.T)
    for order in ((0, 2, 1, 3), (0, 2, 3, 1), (0, 3, 1, 2), (3, 2, 1, 0)):
        yield mapped(f"permuted {order}", STRIDED, a4.transpose(order))
    yield zipped("contiguous", CONTIGUOUS, a, b)
    yield zipped("a number", STRIDED, a, b[:1, :1])
    yield zipped("a row", STRIDED, a, b[:1])
    yield zipped("a column", STRIDED, a, b[:, :1])
    yield zipped("a column and a row", STRIDED, a[:, :1], b[:1])
    yield zipped("a number a channel", STRIDED, a4, b4[:1, :, :1, :1])
    yield zipped("one transposed", STRIDED, a, b.T)
    yield zipped("two permuted", STRIDED, a4.transpose(0, 2, 3, 1), b4.transpose(0, 2, 3, 1))
    add, largest = kernels["sum"], kernels["max"]
    yield _reduced("sum, whole tensor", CONTIGUOUS, add, a.reshape(-1), 0)
    yield _reduced("sum, last dimension", CONTIGUOUS, add, a, 1)
    yield _reduced("sum, first dimension", CONTIGUOUS, add, a, 0)
    yield _reduced("sum, a dimension in the middle", CONTIGUOUS, add, a4, 2)
    yield _reduced("sum, last dimension of 16", CONTIGUOUS, add, a.reshape(-1, 16), 1)
    yield _reduced("max, last dimension", CONTIGUOUS, largest, a, 1)
    yield _reduced("max, first dimension", CONTIGUOUS, largest, a, 0)
    yield _reduced("sum, last dimension, transposed", STRIDED, add, a.T, 1)
    yield _reduced("sum, permuted (0, 2, 3, 1), third", STRIDED, add, a4.transpose(0, 2, 3, 1), 2)
    yield _reduced("sum, permuted (3, 2, 1, 0), third", STRIDED, add, a4.transpose(3, 2, 1, 0), 2)


def _kernels() -> dict[str, tuple[Any, Any]]:
    """Return our kernel and NumPy's function for each operation."""
    sys.path.insert(0, str(REFERENCE))
    fast: Any = importlib.import_module("minitorch.fast_ops")
    operators: Any = importlib.import_module("minitorch.operators")

    def compiled(factory: Any, fn: Any) -> Any:
        return factory(fast.njit(fn))

    return {
        "copy": (compiled(fast.tensor_map, operators.id), np.positive),
        "neg": (compiled(fast.tensor_map, operators.neg), np.negative),
        "add": (compiled(fast.tensor_zip, operators.add), np.add),
        "sum": (compiled(fast.tensor_reduce, operators.add), np.add.reduce),
        "max": (compiled(fast.tensor_reduce, operators.max), np.maximum.reduce),
    }


def _elementwise(
    name: str, gates: tuple[float, float], kernel: tuple[Any, Any], out: Any, *inputs: Any
) -> Work:
    """Return the work of a map or a zip into `out`, which is contiguous."""
    ours, theirs = kernel
    shape = np.broadcast_shapes(*(x.shape for x in inputs))
    mine = out.reshape(shape)
    other = np.zeros(shape)
    arguments = [part for array in (mine, *inputs) for part in _triple(array)]
    return Work(
        name, gates, lambda: ours(*arguments), lambda: theirs(*inputs, out=other), (mine, other)
    )


def _reduced(
    name: str, gates: tuple[float, float], kernel: tuple[Any, Any], x: Any, dim: int
) -> Work:
    """Return the work of a reduction; ours folds into zeros, which is part of its work."""
    ours, theirs = kernel
    shape = tuple(1 if d == dim else size for d, size in enumerate(x.shape))
    mine, other = np.zeros(shape), np.zeros(shape)
    arguments = [*_triple(mine), *_triple(x), dim]

    def fold() -> None:
        mine.fill(0.0)
        ours(*arguments)

    return Work(
        name, gates, fold, lambda: theirs(x, axis=dim, keepdims=True, out=other), (mine, other)
    )


def _triple(array: Any) -> tuple[Any, Any, Any]:
    """Return the storage of a view, its shape and its strides."""
    base = array
    while base.base is not None:
        base = base.base
    storage = base.reshape(-1)[(array.ctypes.data - base.ctypes.data) // 8 :]
    strides = np.array(array.strides, np.int64) // 8
    return storage, np.array(array.shape, np.int64), strides


if __name__ == "__main__":
    sys.exit(main())
