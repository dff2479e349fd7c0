"""What the matrix product and the convolutions on the CPU share.

Source: https://minitorch.github.io/module3/parallel/
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from .tensor_data import Storage

Fn = TypeVar("Fn", bound=Callable[..., Any])


def njit(fn: Fn, **options: Any) -> Fn:
    """Compile a function of arrays and numbers, once it is called.

    Sums may be reordered (`reassoc`, `nsz`), and a product and a sum may be one
    instruction (`contract`). Without that there are no vector instructions for sums.
    """
    fastmath = {"reassoc", "nsz", "contract"}
    compiled: Fn = numba.njit(
        fastmath=fastmath, error_model="numpy", no_cfunc_wrapper=True, **options
    )(fn)
    return compiled


# SOLUTION 3.2
# A multiplication takes a fraction of a nanosecond, a number from memory a hundred of
# them. So what was fetched must be used often before it is dropped. The two inner loops here
# fetch blocks of numbers into registers, 4 rows x 4 of something, and multiply all with all.
#
# There are two ways to do that. Vector instructions work on 8 (or 4, or 2) numbers that lie
# side by side, so the layout of the right matrix decides. Here is a step of each, where `=`
# are numbers side by side, for a vector instruction at a time:
#
#     add_strip: the numbers of a row          add_dots: those of a column
#     of the right matrix lie side by side     lie side by side
#
#                right 0  ========               right 0 1 2 3
#                right 1  ========                     | | | |
#                right 2  ========                     | | | |
#                right 3  ========                     | | | |
#     left . . . .  out   ========         left =====  x x x x
#     left . . . .  out   ========         left =====  x x x x
#     left . . . .  out   ========         left =====  x x x x
#     left . . . .  out   ========         left =====  x x x x
#
#     4 rows x 4 steps of the sum: 16 weights  4 rows x 4 columns: 16 sums stay in
#     stay in registers along the strip        registers along the sum
#
# Both do 16 multiplications for 8 numbers read. Who calls them says where things lie.


def helper(fn: Fn) -> Fn:
    """Compile a function that only kernels call. Python cannot, so the way from there is saved."""
    return njit(fn, no_cpython_wrapper=True)


def inlined(fn: Fn) -> Fn:
    """Compile a function as a part of its only caller, which takes less time than on its own."""
    return njit(fn, inline="always")


BLOCK = 4  # rows of the result at a time
WIDTH = 256  # columns of the result at a time, at most

# An index without a sign spares the test for a negative one, and that counts in here.
# Numba turns a sum of an unsigned and a plain number into a float, so all are unsigned.
U = np.uint64
ONE, TWO, THREE, FOUR = U(1), U(2), U(3), U(4)
ROW_1, ROW_2, ROW_3 = U(WIDTH), U(2 * WIDTH), U(3 * WIDTH)

# For each number that is written as such in a call, Numba compiles the function anew.
PLAIN_0: Any = np.int64(0)
PLAIN_1: Any = np.int64(1)


@helper
def add_strip(
    acc: Storage,
    left: Storage,
    first: int,
    row_step: int,
    rows: int,
    step: int,
    right: Storage,
    starts: Any,
    shift: int,
    length: int,
) -> None:
    """Add to a strip of up to 4 rows: multiples of rows of the right matrix.

    For all r < rows and j < length, and summed over all t::

        acc[r * WIDTH + j] += left[first + r * row_step + t * step] * right[starts[t] + shift + j]

    If there are fewer than 4 rows, then the last one is computed several times.
    """
    at, stride, columns, terms = U(shift), U(step), U(length), U(len(starts))
    left_0, left_1 = U(first), U(first + min(1, rows - 1) * row_step)
    left_2, left_3 = U(first + min(2, rows - 1) * row_step), U(first + (rows - 1) * row_step)
    t = U(0)
    if length < 1:
        return
    while t + FOUR <= terms:
        right_0, right_1 = starts[t] + at, starts[t + ONE] + at
        right_2, right_3 = starts[t + TWO] + at, starts[t + THREE] + at
        p = t * stride
        a00, a10, a20, a30 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
        p += stride
        a01, a11, a21, a31 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
        p += stride
        a02, a12, a22, a32 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
        p += stride
        a03, a13, a23, a33 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
        for j in range(columns):
            b0, b1, b2, b3 = (
                right[right_0 + j],
                right[right_1 + j],
                right[right_2 + j],
                right[right_3 + j],
            )
            acc[j] += a00 * b0 + a01 * b1 + a02 * b2 + a03 * b3
            acc[ROW_1 + j] += a10 * b0 + a11 * b1 + a12 * b2 + a13 * b3
            acc[ROW_2 + j] += a20 * b0 + a21 * b1 + a22 * b2 + a23 * b3
            acc[ROW_3 + j] += a30 * b0 + a31 * b1 + a32 * b2 + a33 * b3
        t += FOUR
    while t < terms:  # the last three, or fewer
        right_0 = starts[t] + at
        p = t * stride
        a00, a10, a20, a30 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
        for j in range(columns):
            b0 = right[right_0 + j]
            acc[j] += a00 * b0
            acc[ROW_1 + j] += a10 * b0
            acc[ROW_2 + j] += a20 * b0
            acc[ROW_3 + j] += a30 * b0
        t += ONE


@helper
def add_dots(
    acc: Storage,
    left: Storage,
    first: int,
    row_step: int,
    rows: int,
    right: Storage,
    starts: Any,
    shift: int,
    length: int,
) -> None:
    """Add to a strip of up to 4 rows: products of rows of the left with columns of the right.

    For all r < rows and all c, and summed over all p < length::

        acc[r * WIDTH + c] += left[first + r * row_step + p] * right[starts[c] + shift + p]

    If there are fewer than 4 rows, then the last one is computed several times.
    """
    at, terms, c, columns = U(shift), U(length), U(0), U(len(starts))
    left_0, left_1 = U(first), U(first + min(1, rows - 1) * row_step)
    left_2, left_3 = U(first + min(2, rows - 1) * row_step), U(first + (rows - 1) * row_step)
    if length < 1:
        return
    while c + FOUR <= columns:
        right_0, right_1 = starts[c] + at, starts[c + ONE] + at
        right_2, right_3 = starts[c + TWO] + at, starts[c + THREE] + at
        c00 = c01 = c02 = c03 = c10 = c11 = c12 = c13 = 0.0
        c20 = c21 = c22 = c23 = c30 = c31 = c32 = c33 = 0.0
        for p in range(terms):
            a0, a1, a2, a3 = left[left_0 + p], left[left_1 + p], left[left_2 + p], left[left_3 + p]
            b = right[right_0 + p]
            c00, c10, c20, c30 = c00 + a0 * b, c10 + a1 * b, c20 + a2 * b, c30 + a3 * b
            b = right[right_1 + p]
            c01, c11, c21, c31 = c01 + a0 * b, c11 + a1 * b, c21 + a2 * b, c31 + a3 * b
            b = right[right_2 + p]
            c02, c12, c22, c32 = c02 + a0 * b, c12 + a1 * b, c22 + a2 * b, c32 + a3 * b
            b = right[right_3 + p]
            c03, c13, c23, c33 = c03 + a0 * b, c13 + a1 * b, c23 + a2 * b, c33 + a3 * b
        acc[c], acc[c + ONE] = acc[c] + c00, acc[c + ONE] + c01
        acc[c + TWO], acc[c + THREE] = acc[c + TWO] + c02, acc[c + THREE] + c03
        r = c + ROW_1
        acc[r], acc[r + ONE] = acc[r] + c10, acc[r + ONE] + c11
        acc[r + TWO], acc[r + THREE] = acc[r + TWO] + c12, acc[r + THREE] + c13
        r = c + ROW_2
        acc[r], acc[r + ONE] = acc[r] + c20, acc[r + ONE] + c21
        acc[r + TWO], acc[r + THREE] = acc[r + TWO] + c22, acc[r + THREE] + c23
        r = c + ROW_3
        acc[r], acc[r + ONE] = acc[r] + c30, acc[r + ONE] + c31
        acc[r + TWO], acc[r + THREE] = acc[r + TWO] + c32, acc[r + THREE] + c33
        c += FOUR
    while c < columns:  # the last three, or fewer: a vector, for example
        right_0 = starts[c] + at
        c00 = c10 = c20 = c30 = 0.0
        for p in range(terms):
            b = right[right_0 + p]
            c00, c10 = c00 + left[left_0 + p] * b, c10 + left[left_1 + p] * b
            c20, c30 = c20 + left[left_2 + p] * b, c30 + left[left_3 + p] * b
        acc[c], acc[c + ROW_1] = acc[c] + c00, acc[c + ROW_1] + c10
        acc[c + ROW_2], acc[c + ROW_3] = acc[c + ROW_2] + c20, acc[c + ROW_3] + c30
        c += ONE


@helper
def aligned(size: int) -> Storage:
    """Return an array that begins with a cache line. Else vectors would lie across two."""
    memory = np.empty(size + 7)
    first = -(memory.ctypes.data // 8) % 8
    return memory[first : first + size]


@helper
def clear(acc: Storage, columns: int) -> None:
    """Set the first columns of a strip to 0."""
    for j in range(U(columns)):
        acc[j] = acc[ROW_1 + j] = acc[ROW_2 + j] = acc[ROW_3 + j] = 0.0


@helper
def copy(
    out: Storage, to: int, to_step: int, source: Storage, at: int, step: int, count: int
) -> None:
    """Copy numbers that lie a step apart to where they lie another step apart."""
    into, start, by, stride = U(to), U(at), U(to_step), U(step)
    for i in range(U(max(count, 0))):
        out[into + i * by] = source[start + i * stride]


@helper
def load(
    acc: Storage, source: Storage, start: int, row_step: int, step: int, rows: int, columns: int
) -> None:
    """Begin a strip with the numbers in a matrix: if it has fewer than 4 rows, as `add_strip`."""
    for r in range(BLOCK):
        copy(acc, r * WIDTH, PLAIN_1, source, start + min(r, rows - 1) * row_step, step, columns)


@helper
def store(
    out: Storage, start: int, row_step: int, step: int, acc: Storage, rows: int, columns: int
) -> None:
    """Write the first rows and columns of a strip to a matrix."""
    for r in range(rows):
        copy(out, start + r * row_step, step, acc, r * WIDTH, PLAIN_1, columns)


@helper
def places(
    planes: int, rows: int, columns: int, plane: int, first: int, down: int, right: int
) -> Any:
    """Return where numbers lie, plane by plane and row by row, from the first one on.

    Args:
        planes: how many planes there are.
        rows: how many rows of a plane.
        columns: how many columns of a row.
        plane: how far it is to the next plane.
        first: where the first number is.
        down: how far it is to the next row.
        right: how far it is to the next column.
    """
    starts = np.empty(planes * rows * columns, np.uint64)
    row = column = PLAIN_0
    for i in range(U(len(starts))):
        starts[i] = first + row * down + column * right
        column += 1
        if column == columns:
            row, column = row + 1, PLAIN_0
            if row == rows:
                first, row = first + plane, PLAIN_0
    return starts


# END SOLUTION
