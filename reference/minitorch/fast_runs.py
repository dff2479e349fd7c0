"""The inner loops of map and zip: runs of elements, and the tiles made of them.

A *run* goes through the storages with fixed steps. All it does is call the function, and
write: LLVM takes in the function's code. It makes a second loop for runs whose steps are
all 1, of vector instructions, each for 8 numbers or so. A plan (see `tile_walk`) leads from
run to run.

The steps are read anew for each tile. If LLVM knew them before, it would compile the
loops around once for each of the cases within, which takes time and gains none.

Numba passes a function as an address, which is another one in the next process. So the
loops that take a function are put into the kernel that calls them (`inlined`), where it is
not needed.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from typing import Any

from .tensor_data import Storage
from .tile_walk import ONE, ZERO, inlined, part_of, steps_of, tile_at


# SOLUTION 3.1
@inlined
def map_tiles(
    fn: Any, out: Storage, a_storage: Storage, plan: Any, i: Any, share: Any
) -> None:  # fmt: skip
    """Apply `fn` to the elements of the tiles of thread i."""
    t, end = part_of(plan, i, share)
    while t < end:
        row_out, row_a, _, out_step, a_step, _ = steps_of(plan)
        rows, columns, o, a, _ = tile_at(plan, t)
        for _ in range(rows):
            for k in range(columns):
                out[o + k * out_step] = fn(a_storage[a + k * a_step])
            o += row_out
            a += row_a
        t += ONE


@inlined
def zip_tiles(
    fn: Any, out: Storage, a_storage: Storage, b_storage: Storage, plan: Any, i: Any, share: Any
) -> None:
    """Apply `fn` to the pairs of elements of the tiles of thread i."""
    t, end = part_of(plan, i, share)
    while t < end:
        row_out, row_a, row_b, out_step, a_step, b_step = steps_of(plan)
        rows, columns, o, a, b = tile_at(plan, t)
        for _ in range(rows):
            if b_step == ZERO:  # a map with a constant
                constant = b_storage[b]
                for k in range(columns):
                    out[o + k * out_step] = fn(a_storage[a + k * a_step], constant)
            else:
                for k in range(columns):
                    out[o + k * out_step] = fn(a_storage[a + k * a_step], b_storage[b + k * b_step])
            o += row_out
            a += row_a
            b += row_b
        t += ONE


# END SOLUTION
