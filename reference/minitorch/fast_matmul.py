"""The matrix product on the CPU.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import prange

from .cores import THREADS, WORTH_THREADS
from .fast_blocks import (
    BLOCK,
    PLAIN_0,
    PLAIN_1,
    WIDTH,
    add_dots,
    add_strip,
    aligned,
    clear,
    copy,
    helper,
    load,
    njit,
    places,
    store,
)
from .tensor_data import Shape, Storage, Strides

# SOLUTION 3.2
# Which numbers to multiply where.
#
# A multiplication takes a fraction of a nanosecond, a number from memory a hundred of
# them. So what was fetched must be used often before it is dropped, at every level:
#
# * a thread computes a tile of the result at a time: up to 128 rows and 256 columns;
# * of its sums it does 256 steps at a time. The part of the right matrix that it needs for
#   them is half a megabyte, and stays in the L2 cache while the rows go by;
# * within that, it computes 4 rows at a time, in registers: see `fast_blocks`, where all
#   the multiplying is done.

DEPTH = 256  # steps of the sum at a time
TILE_ROWS = 128
NARROW = 8  # fewer columns than a vector instruction takes


@helper
def _multiply_tile(tile: Any, out: Storage, left: Storage, right: Storage, plan: Any) -> None:
    """Compute a tile of the result, as `_plan` says."""
    m, n, k, dots, tile_rows, down = plan[0], plan[1], plan[2], plan[3] > 0, plan[4], plan[14]
    out_batch, out_row, out_column = plan[5], plan[6], plan[7]
    left_batch, left_row, left_step = plan[8], plan[9], plan[10]
    right_batch, right_step, right_column = plan[11], plan[12], plan[13]
    across, rest = tile // down, tile % down
    batch = across // plan[15]
    row, column = rest * tile_rows, (across - batch * plan[15]) * WIDTH
    end, columns = min(row + tile_rows, m), min(WIDTH, n - column)
    acc = aligned(BLOCK * WIDTH)
    deepest = DEPTH if n > 1 else max(k, 1)  # a vector fits into the cache, and nothing is reused
    for p in range(0, max(k, 1), deepest):
        depth = min(deepest, k - p)
        if dots:
            start = batch * right_batch + column * right_column
            starts = places(PLAIN_1, PLAIN_1, columns, PLAIN_0, start, PLAIN_0, right_column)
        else:
            start = batch * right_batch + p * right_step
            starts = places(PLAIN_1, PLAIN_1, depth, PLAIN_0, start, PLAIN_0, right_step)
        for i in range(row, end, BLOCK):
            rows = min(BLOCK, end - i)
            first = batch * left_batch + i * left_row + p * left_step
            at = batch * out_batch + i * out_row + column * out_column
            if p == 0:
                clear(acc, columns)
            else:
                load(acc, out, at, out_row, out_column, rows, columns)
            if dots:
                add_dots(acc, left, first, left_row, rows, right, starts, p, depth)
            else:
                add_strip(
                    acc, left, first, left_row, rows, left_step, right, starts, column, columns
                )
            store(out, at, out_row, out_column, acc, rows, columns)


@helper
def _copied(storage: Storage, strides: Any, batches: int, rows: int, columns: int) -> Any:
    """Return a copy of matrices with each row's numbers side by side, and its strides."""
    if strides[0] == 0:
        batches = 1
    copied = np.empty(batches * rows * columns)
    to = PLAIN_0
    for batch in range(batches):
        for i in range(rows):
            at = batch * strides[0] + i * strides[1]
            copy(copied, to, PLAIN_1, storage, at, strides[2], columns)
            to += columns
    return copied, (rows * columns if batches > 1 else 0, columns, 1)


@helper
def _plan(
    batches: int, m: int, n: int, k: int, of_out: Any, a: Storage, of_a: Any, b: Storage, of_b: Any
) -> Any:
    """Choose how to multiply, and make the operands fit.

    Args:
        batches: how many products.
        m: rows of the result.
        n: columns of the result.
        k: steps of the sum.
        of_out: strides of the result, by batch, row and column.
        a: storage of the left operand.
        of_a: its strides.
        b: storage of the right operand.
        of_b: its strides.

    Returns:
        The storages of the left and the right operand, as they are, exchanged or copied;
        how many tiles there are; and what `_multiply_tile` reads off first.
    """
    strips_of_a = m >= NARROW and of_a[1] == 1 and (n < NARROW or of_b[2] != 1)
    if strips_of_a or (m == 1 and of_b[2] != 1):
        # The columns of a are rows of its transpose, and a b = (b^T a^T)^T.
        a, of_a, b, of_b = b, (of_b[0], of_b[2], of_b[1]), a, (of_a[0], of_a[2], of_a[1])
        of_out = (of_out[0], of_out[2], of_out[1])
        m, n = n, m
    by_rows = n >= NARROW and of_b[2] == 1
    by_columns = k >= BLOCK * NARROW and of_a[2] == 1 and of_b[1] == 1
    dots = not by_rows and (by_columns or min(m, n) < NARROW)
    if dots and of_a[2] != 1:
        a, of_a = _copied(a, of_a, batches, m, k)
    if dots and of_b[1] != 1:
        b, (batch, column, step) = _copied(b, (of_b[0], of_b[2], of_b[1]), batches, n, k)
        of_b = (batch, step, column)
    if not by_rows and not dots:
        b, of_b = _copied(b, of_b, batches, k, n)
    tile_rows, across = TILE_ROWS, batches * -(-n // WIDTH)
    while tile_rows > 4 * BLOCK and across * -(-m // tile_rows) < 4 * THREADS:
        tile_rows //= 2
    down = -(-m // tile_rows)
    plan = np.empty(16, np.int64)
    plan[0], plan[1], plan[2], plan[3], plan[4] = m, n, k, dots, tile_rows
    plan[5], plan[6], plan[7] = of_out
    plan[8], plan[9], plan[10] = of_a
    plan[11], plan[12], plan[13] = of_b
    plan[14], plan[15] = down, -(-n // WIDTH)
    return a, b, across * down, plan


# END SOLUTION


def _tensor_matrix_multiply(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    a_storage: Storage,
    a_shape: Shape,
    a_strides: Strides,
    b_storage: Storage,
    b_shape: Shape,
    b_strides: Strides,
) -> None:
    """Multiply matrices, batch by batch.

    A batch of one is the same matrix for all. Otherwise both have as many batches as
    the result: ``out[n, i, j] = sum over k of a[n, i, k] * b[n, k, j]``.

    Required: the outer loop runs in parallel; there are no index buffers and no calls of
    functions in the inner loop, which multiplies, adds, and writes to no tensor.

    Args:
        out: storage of the result; all of it is written.
        out_shape: shape of the result, three numbers.
        out_strides: strides of the result.
        a_storage: storage of the left matrices.
        a_shape: shape of the left matrices, three numbers.
        a_strides: strides of the left matrices.
        b_storage: storage of the right matrices.
        b_shape: shape of the right matrices, three numbers.
        b_strides: strides of the right matrices.
    """
    a_batch_stride = a_strides[0] if a_shape[0] > 1 else 0
    b_batch_stride = b_strides[0] if b_shape[0] > 1 else 0
    # SOLUTION 3.2
    batches, m, n, k = out_shape[0], out_shape[1], out_shape[2], a_shape[2]
    left, right, tiles, plan = _plan(
        batches,
        m,
        n,
        k,
        (out_strides[0], out_strides[1], out_strides[2]),
        a_storage,
        (a_batch_stride, a_strides[1], a_strides[2]),
        b_storage,
        (b_batch_stride, b_strides[1], b_strides[2]),
    )
    if batches * m * n * k < WORTH_THREADS:
        for tile in range(tiles):
            _multiply_tile(tile, out, left, right, plan)
    else:
        for tile in prange(tiles):
            _multiply_tile(np.int64(tile), out, left, right, plan)
    # END SOLUTION


tensor_matrix_multiply = njit(_tensor_matrix_multiply, parallel=True)
multiply_on_one_core = njit(_tensor_matrix_multiply)
