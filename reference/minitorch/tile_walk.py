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

A plan is an array of integers with a line for each loop, outermost first. `tile_at` reads
it. Its numbers have no sign: an index without one spares the test for a negative one, and
that counts. NumPy and Numba turn the sum of an unsigned and a plain number into a float, so
what is added to them is unsigned, too.

All this becomes a part of every kernel, and is compiled with it: hence it is short.
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

# What stands in a line of a plan: the size of the loop, a step for each operand, how much
# of the loop is in a tile, and how many tiles there are in the loops within this one.
SIZE, OUT, A, B, CUT, TILES = 0, 1, 2, 3, 4, 5

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
    """Return loops for all elements, still without tiles.

    The first one has a single turn: there `cut_loops` writes the number of all tiles. Then
    there are at least two more.
    """
    dims = len(out_shape)
    loops = np.zeros((dims + 3, 6), U)
    for d in range(3):
        loops[d, SIZE] = loops[d, CUT] = ONE
    last = 2
    for d in range(dims):
        size, out = U(out_shape[d]), U(out_strides[d])
        a = step_along(d - dims, a_shape, a_strides)
        b = step_along(d - dims, b_shape, b_strides)
        if size != ONE:
            around = loops[last]
            if (
                last > 2
                and around[OUT] == size * out
                and around[A] == size * a
                and around[B] == size * b
            ):
                size *= around[SIZE]
            else:
                last += 1
            loop = loops[last]
            loop[SIZE], loop[OUT], loop[A], loop[B], loop[CUT] = size, out, a, b, ONE
    return loops[min(2, last - 2) : last + 1]


@helper
def swap_loops(loops: Any, d: int, e: int) -> None:
    """Change the places of two loops: elements may be visited in any order."""
    for j in range(4):
        loops[d, j], loops[e, j] = loops[e, j], loops[d, j]


@helper
def choose_rows(loops: Any) -> None:
    """Make that the loop of the rows along which a transposed operand lies, else the longest."""
    columns = loops[-1]
    rows = 1
    for d in range(1, len(loops) - 1):
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
    """Return the plan for loops: rows and columns are cut into tiles of a height and a width."""
    loops[-2, CUT], loops[-1, CUT] = height, width
    tiles = ONE
    for d in range(len(loops) - 1, -1, -1):
        loop = loops[d]
        loop[TILES] = tiles
        tiles *= (loop[SIZE] + loop[CUT] - ONE) // loop[CUT]
    return loops


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
def share_of(plan: Any, i: Any, threads: int) -> Any:
    """Return the first tile for thread i, and the first one that is too many."""
    tiles = plan[0, TILES]
    return tiles * i // U(threads), tiles * (i + ONE) // U(threads)


@helper
def tile_at(plan: Any, t: Any) -> Any:
    """Return a tile's rows and columns, and where it starts in out, a and b."""
    rows = columns = out = a = b = ZERO
    for d in range(1, len(plan)):
        loop = plan[d]
        at = t // loop[TILES] * loop[CUT]
        t %= loop[TILES]
        rows, columns = columns, min(loop[CUT], loop[SIZE] - at)
        out += at * loop[OUT]
        a += at * loop[A]
        b += at * loop[B]
    return rows, columns, out, a, b


@helper
def steps_of(plan: Any) -> Any:
    """Return the steps of out, a and b from row to row, and those along the columns."""
    rows, columns = plan[-2], plan[-1]
    return rows[OUT], rows[A], rows[B], columns[OUT], columns[A], columns[B]


@helper
def threads_for(size: int) -> int:
    """Return how many threads should share work on this many numbers."""
    return 1 if size < SERIAL_SIZE else THREADS


# END SOLUTION
