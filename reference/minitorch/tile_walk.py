"""How the fast kernels walk through tensors: joint loops, tiles, and fair shares.

A kernel that finds each element by its index spends more time on the index than on the
element. The functions here look at all operands of a kernel once, before its loops, and
plan a walk with very few indices:

1. A loop a dimension, and for each operand a *step*: how far it moves in its storage with
   each turn. The step is 0 where the operand is broadcast.
2. Two neighbouring loops are one if every operand can walk them as one. So tensors that
   are laid out alike need one loop, whatever their shapes, and no index.
3. The last two loops, rows and columns, span a *plane*. The loops around them only say
   where each plane starts, which is written down in a table.
4. Planes are cut into *tiles*: long ones if all operands lie along the columns, else
   squares, so small that a transposed operand stays in the cache until its cache lines
   are used up.
5. Each thread gets the same number of tiles.

A plan is one array of integers with four numbers a line: the loop of the rows, the loop
of the columns, how they are cut, then a line for each plane. `tile_at` reads it.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from .tensor_data import Shape, Strides

# SOLUTION 3.1
SERIAL_SIZE = 65_536
"""Fewer numbers than this are added before another thread has woken up.

OMP wakes one in 1 to 2 microseconds, Numba's workqueue in 30: time for 65,536 additions is
in between.
"""

THREADS: int = numba.config.NUMBA_NUM_THREADS
"""Threads to share work among. A kernel that asked `get_num_threads` could not be kept for
another process, as the function is called by its address."""

LONG_TILE = 8_192
"""Numbers in a tile that lies along the columns in all operands."""

SQUARE_TILE = 32
"""Rows and columns of a tile that some operand crosses: 8 kB, a quarter of a cache."""

# The lines of a plan, and what stands in a line: the size of a loop, then a step, or for a
# plane its start, for each operand.
ROWS, COLUMNS, CUTS, PLANES = 0, 1, 2, 3
SIZE, OUT, A, B = 0, 1, 2, 3


def helper(fn: Any, **options: Any) -> Any:
    """Compile a function that only kernels call. As on a GPU, 1 / 0 is infinite, no error."""
    return numba.njit(error_model="numpy", no_cfunc_wrapper=True, **options)(fn)


@helper
def same_layout(shape: Shape, strides: Strides, other: Shape, other_strides: Strides) -> bool:
    """Tell whether two tensors have equal shapes and equal strides."""
    if len(shape) != len(other):
        return False
    for d in range(len(shape)):
        if shape[d] != other[d] or strides[d] != other_strides[d]:
            return False
    return True


@helper
def is_dense(storage_size: int, shape: Shape) -> bool:
    """Tell whether a storage holds the elements of a tensor and nothing between them."""
    size = 1
    for d in range(len(shape)):
        size *= shape[d]
    return size == storage_size


@helper
def step_along(d: int, shape: Shape, strides: Strides) -> int:
    """Return an operand's step along a dimension of the output, counted from the last: -1."""
    d += len(shape)
    return strides[d] if d >= 0 and shape[d] != 1 else 0


@helper
def single_loop(size: int) -> Any:
    """Return the loops of operands that are laid out alike: one row."""
    loops = np.ones((2, 4), np.int64)
    loops[1, SIZE] = size
    return loops


@helper
def joint_loops(
    out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides,
    b_shape: Shape, b_strides: Strides,
) -> Any:  # fmt: skip
    """Return the loops, outermost first, each as (size, steps of out, a, b); at least two."""
    dims = len(out_shape)
    loops = np.zeros((dims + 2, 4), np.int64)
    loops[0, SIZE] = 1
    loops[1, SIZE] = 1
    count = 2
    for d in range(dims):
        size = out_shape[d]
        if size != 1:
            out = out_strides[d]
            a = step_along(d - dims, a_shape, a_strides)
            b = step_along(d - dims, b_shape, b_strides)
            around = loops[count - 1]
            if (
                count > 2
                and around[OUT] == size * out
                and around[A] == size * a
                and around[B] == size * b
            ):
                count -= 1
                size *= around[SIZE]
            loop = loops[count]
            loop[SIZE] = size
            loop[OUT] = out
            loop[A] = a
            loop[B] = b
            count += 1
    return loops[max(0, min(2, count - 2)) : count]


@helper
def swap_loops(loops: Any, d: int, e: int) -> None:
    """Change the places of two loops: elements may be visited in any order."""
    for j in range(4):
        loops[d, j], loops[e, j] = loops[e, j], loops[d, j]


@helper
def choose_rows(loops: Any) -> None:
    """Make that the loop of the rows along which a transposed operand lies, else the longest."""
    last = len(loops) - 1
    rows = last - 1
    for d in range(last):
        for j in range(OUT, B + 1):
            if loops[last, j] > 1 and loops[d, j] == 1:
                swap_loops(loops, d, last - 1)
                return
        if loops[d, SIZE] > loops[rows, SIZE]:
            rows = d
    swap_loops(loops, rows, last - 1)


@helper
def plan_tiles(loops: Any, height: int, width: int) -> Any:
    """Return the plan for tiles of a height and a width: see the top of this file."""
    outer = len(loops) - 2
    planes = 1
    for d in range(outer):
        planes *= loops[d, SIZE]
    plan = np.zeros((PLANES + planes, 4), np.int64)
    for j in range(4):
        plan[ROWS, j] = loops[outer, j]
        plan[COLUMNS, j] = loops[outer + 1, j]
    cuts = plan[CUTS]
    cuts[0] = height
    cuts[1] = width
    cuts[2] = -(-loops[outer, SIZE] // height)
    cuts[3] = -(-loops[outer + 1, SIZE] // width)
    for p in range(planes):
        rest = p
        start = plan[PLANES + p]
        for d in range(outer - 1, -1, -1):
            i = rest % loops[d, SIZE]
            rest //= loops[d, SIZE]
            for j in range(OUT, B + 1):
                start[j] += i * loops[d, j]
    return plan


@helper
def plan_map(
    out_size: int, out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides,
    b_shape: Shape, b_strides: Strides,
) -> Any:  # fmt: skip
    """Return the plan for an output and two inputs, which broadcast to it."""
    height, width = 1, LONG_TILE
    if is_dense(out_size, out_shape) and (
        same_layout(out_shape, out_strides, a_shape, a_strides)
        and same_layout(out_shape, out_strides, b_shape, b_strides)
    ):
        loops = single_loop(out_size)
    else:
        loops = joint_loops(out_shape, out_strides, a_shape, a_strides, b_shape, b_strides)
        choose_rows(loops)
        columns = loops[-1]
        if columns[OUT] > 1 or columns[A] > 1 or columns[B] > 1:
            height = width = SQUARE_TILE
        else:
            height = max(1, LONG_TILE // max(1, columns[SIZE]))
    return plan_tiles(loops, height, width)


@helper
def count_tiles(plan: Any) -> int:
    """Return the number of tiles in a plan."""
    return int((len(plan) - PLANES) * plan[CUTS, 2] * plan[CUTS, 3])


@helper
def tile_at(plan: Any, t: int) -> tuple[int, int, int, int, int]:
    """Return a tile's rows and columns, and where it starts in out, a and b."""
    cuts, row, column = plan[CUTS], plan[ROWS], plan[COLUMNS]
    c = t % cuts[3] * cuts[1]
    above = t // cuts[3]
    r = above % cuts[2] * cuts[0]
    start = plan[PLANES + above // cuts[2]]
    return (
        min(cuts[0], row[SIZE] - r),
        min(cuts[1], column[SIZE] - c),
        start[OUT] + r * row[OUT] + c * column[OUT],
        start[A] + r * row[A] + c * column[A],
        start[B] + r * row[B] + c * column[B],
    )


@helper
def threads_for(size: int) -> int:
    """Return how many threads should share work on this many numbers."""
    return 1 if size < SERIAL_SIZE else THREADS


@helper
def fair_shares(count: int, parts: int) -> Any:
    """Cut ``range(count)`` into equal parts: part i is from entry i to entry i + 1."""
    bounds = np.empty(parts + 1, np.int64)
    for i in range(parts + 1):
        bounds[i] = count * i // parts
    return bounds


# END SOLUTION
