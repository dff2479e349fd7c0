"""The inner loops of map and zip: runs of elements, and the tiles made of them.

A *run* goes through the storages with fixed steps. All it does is call the function, and
write: LLVM takes in the function's code, and turns runs with step 1 into vector
instructions, each for 8 numbers or so. A plan (see `tile_walk`) leads from run to run.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from typing import Any

from .tensor_data import Storage
from .tile_walk import COLUMNS, OUT, ROWS, A, B, helper, tile_at


# SOLUTION 3.1
@helper
def map_run(
    fn: Any, out: Storage, o: int, out_step: int, a_storage: Storage, a: int, a_step: int, size: int
) -> None:  # fmt: skip
    """Apply `fn` to a run of elements, from positions `o` and `a` on."""
    if out_step == 1 and a_step == 1:
        z = out[o : o + size]
        x = a_storage[a : a + size]
        for k in range(size):
            z[k] = fn(x[k])
    else:
        for k in range(size):
            out[o + k * out_step] = fn(a_storage[a + k * a_step])


@helper
def map_tiles(
    fn: Any, out: Storage, a_storage: Storage, plan: Any, first: int, last: int
) -> None:  # fmt: skip
    """Apply `fn` to the elements of some tiles, row by row."""
    row, column = plan[ROWS], plan[COLUMNS]
    for t in range(first, last):
        rows, columns, o, a, _ = tile_at(plan, t)
        for _ in range(rows):
            map_run(fn, out, o, column[OUT], a_storage, a, column[A], columns)
            o += row[OUT]
            a += row[A]


@helper
def zip_run(  # noqa: PLR0913, PLR0917 (three places in memory)
    fn: Any, out: Storage, o: int, out_step: int, a_storage: Storage, a: int, a_step: int,
    b_storage: Storage, b: int, b_step: int, size: int,
) -> None:  # fmt: skip
    """Apply `fn` to a run of pairs; with a step of 0 it is a map with a constant."""
    if out_step == 1 and a_step == 1 and b_step == 1:
        z = out[o : o + size]
        x = a_storage[a : a + size]
        y = b_storage[b : b + size]
        for k in range(size):
            z[k] = fn(x[k], y[k])
    elif out_step == 1 and a_step == 1 and b_step == 0:
        z = out[o : o + size]
        x = a_storage[a : a + size]
        constant = b_storage[b]
        for k in range(size):
            z[k] = fn(x[k], constant)
    elif out_step == 1 and a_step == 0 and b_step == 1:
        z = out[o : o + size]
        y = b_storage[b : b + size]
        constant = a_storage[a]
        for k in range(size):
            z[k] = fn(constant, y[k])
    else:
        for k in range(size):
            out[o + k * out_step] = fn(a_storage[a + k * a_step], b_storage[b + k * b_step])


@helper
def zip_tiles(
    fn: Any, out: Storage, a_storage: Storage, b_storage: Storage, plan: Any, first: int, last: int
) -> None:  # fmt: skip
    """Apply `fn` to the pairs of some tiles, row by row."""
    row, column = plan[ROWS], plan[COLUMNS]
    for t in range(first, last):
        rows, columns, o, a, b = tile_at(plan, t)
        for _ in range(rows):
            zip_run(
                fn, out, o, column[OUT], a_storage, a, column[A], b_storage, b, column[B], columns
            )  # fmt: skip
            o += row[OUT]
            a += row[A]
            b += row[B]


# END SOLUTION
