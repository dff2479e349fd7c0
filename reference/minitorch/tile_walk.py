"""How the fast kernels walk through tensors: joint loops, tiles, and fair shares.

A kernel that finds each element by its index spends more time on the index than on the
element. The functions here look at all operands of a kernel once, before its loops, and
plan a walk with very few indices:

1. A loop a dimension, and for each operand a *step*: how far it moves in its storage with
   each turn. The step is 0 where the operand is broadcast.
2. Two neighbouring loops are one if every operand can walk them as one. So tensors that
   are laid out alike need one loop, whatever their shapes, and no index.
3. The last two loops, rows and columns, are cut into *tiles*: long ones if all operands
   lie along the columns, else squares, so small that a transposed operand stays in the
   cache until its cache lines are used up.
4. Each thread gets the same number of tiles.

A plan is an array of integers. Its first line has the steps, each further line is a tile.
Its numbers have no sign: an index without one spares the test for a negative one, and
that counts. NumPy and Numba turn the sum of an unsigned and a plain number into a float, so
what is added to them is unsigned, too.

All this becomes a part of every kernel, and is compiled with it: hence it is short.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from .cores import SERIAL_SIZE, THREADS
from .tensor_data import Shape, Strides

# SOLUTION 3.1
LONG_TILE = 8_192
"""Numbers in a tile that lies along the columns in all operands."""

SQUARE_TILE = 32
"""Rows and columns of a tile that some operand crosses: 8 kB, a quarter of a cache."""

# What stands in a line for a loop: its size, and a step for each operand.
SIZE, OUT, A, B = 0, 1, 2, 3

U = np.uint64
ZERO, ONE = U(0), U(1)


def helper(fn: Any, **options: Any) -> Any:
    """Compile a function that only kernels call. As on a GPU, 1 / 0 is infinite, no error."""
    return numba.njit(
        error_model="numpy", no_cfunc_wrapper=True, no_cpython_wrapper=True, **options
    )(fn)


def inlined(fn: Any, **options: Any) -> Any:
    """Compile a `helper` whose code is put in the place of each call."""
    return helper(fn, forceinline=True, **options)


@helper
def step_along(d: int, shape: Shape, strides: Strides) -> Any:
    """Return an operand's step along a dimension of the output, counted from the last: -1."""
    d += len(shape)
    return U(strides[d]) if d >= 0 and shape[d] != 1 else ZERO


@helper
def joint_loops(
    out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides,
    b_shape: Shape, b_strides: Strides,
) -> Any:  # fmt: skip
    """Return loops for all elements, outermost first: at least two."""
    dims = len(out_shape)
    loops = np.zeros((dims + 2, 4), U)
    loops[0, SIZE] = loops[1, SIZE] = ONE
    last = 1
    for d in range(dims):
        size, out = U(out_shape[d]), U(out_strides[d])
        a = step_along(d - dims, a_shape, a_strides)
        b = step_along(d - dims, b_shape, b_strides)
        if size != ONE:
            around = loops[last]
            if (
                last > 1
                and around[OUT] == size * out
                and around[A] == size * a
                and around[B] == size * b
            ):
                size *= around[SIZE]
            else:
                last += 1
            loop = loops[last]
            loop[SIZE], loop[OUT], loop[A], loop[B] = size, out, a, b
    return loops[min(2, last - 1) : last + 1]


@helper
def swap_loops(loops: Any, d: int, e: int) -> None:
    """Change the places of two loops: elements may be visited in any order."""
    for j in range(4):
        loops[d, j], loops[e, j] = loops[e, j], loops[d, j]


@helper
def choose_rows(loops: Any) -> None:
    """Make that the loop of the rows along which a transposed operand lies, else the longest."""
    columns = loops[-1]
    rows = 0
    for d in range(len(loops) - 1):
        if loops[d, SIZE] >= loops[rows, SIZE]:
            rows = d
        loop = loops[d]
        if (
            (columns[OUT] > ONE and loop[OUT] == ONE)
            or (columns[A] > ONE and loop[A] == ONE)
            or (columns[B] > ONE and loop[B] == ONE)
        ):
            rows = d
            break
    swap_loops(loops, rows, len(loops) - 2)


@helper
def cut_loops(loops: Any, height: Any, width: Any) -> Any:
    """Return the plan for loops: rows and columns are cut into tiles of a height and a width.

    Returns:
        The steps of out, a and b from row to row, and those along the columns. Then for
        each tile its rows, its columns, and where it starts in out, a and b.
    """
    rows, columns = loops[-2], loops[-1]
    tiles = (rows[SIZE] + height - ONE) // height * ((columns[SIZE] + width - ONE) // width)
    for d in range(len(loops) - 2):
        if tiles == ZERO:
            break
        tiles *= loops[d, SIZE]
    plan = np.empty((tiles + ONE, 6), U)
    for j in range(3):
        plan[0, j], plan[0, 3 + j] = rows[OUT + j], columns[OUT + j]
    t, row, column = ONE, ZERO, ZERO
    while t <= tiles and row < rows[SIZE]:
        tile = plan[t]
        tile[0], tile[1] = min(height, rows[SIZE] - row), min(width, columns[SIZE] - column)
        for j in range(3):
            tile[2 + j] = row * plan[0, j] + column * plan[0, 3 + j]
        t, column = t + ONE, column + width
        if column >= columns[SIZE]:
            row, column = row + height, ZERO
    for d in range(len(loops) - 3, -1, -1):  # all tiles within it again, a step further on
        within = t - ONE
        while t <= within * loops[d, SIZE]:
            tile, before = plan[t], plan[t - within]
            tile[0], tile[1] = before[0], before[1]
            for j in range(3):
                tile[2 + j] = before[2 + j] + loops[d, OUT + j]
            t += ONE
    return plan


@helper
def plan_map(
    out_shape: Shape, out_strides: Strides, a_shape: Shape, a_strides: Strides,
    b_shape: Shape, b_strides: Strides,
) -> Any:  # fmt: skip
    """Return the plan for an output and two inputs, which broadcast to it."""
    loops = joint_loops(out_shape, out_strides, a_shape, a_strides, b_shape, b_strides)
    choose_rows(loops)
    columns = loops[-1]
    if columns[OUT] > ONE or columns[A] > ONE or columns[B] > ONE:
        return cut_loops(loops, U(SQUARE_TILE), U(SQUARE_TILE))
    height = max(ONE, U(LONG_TILE) // max(ONE, columns[SIZE]))
    return cut_loops(loops, height, U(LONG_TILE))


@helper
def share_of(plan: Any, threads: int) -> Any:
    """Return how many tiles each thread gets; only the last one may get fewer."""
    return (U(len(plan)) - ONE + U(threads) - ONE) // U(threads)


@helper
def part_of(plan: Any, i: Any, share: Any) -> Any:
    """Return the first tile for thread i, and the first one that is too many."""
    return ONE + i * share, min(ONE + (i + ONE) * share, U(len(plan)))


@helper
def tile_at(plan: Any, t: Any) -> Any:
    """Return a tile's rows and columns, and where it starts in out, a and b."""
    return plan[t, 0], plan[t, 1], plan[t, 2], plan[t, 3], plan[t, 4]


@helper
def steps_of(plan: Any) -> Any:
    """Return the steps of out, a and b from row to row, and those along the columns."""
    return plan[0, 0], plan[0, 1], plan[0, 2], plan[0, 3], plan[0, 4], plan[0, 5]


@helper
def threads_for(size: int) -> int:
    """Return how many threads should share work on this many numbers."""
    return 1 if size < SERIAL_SIZE else THREADS


# END SOLUTION
