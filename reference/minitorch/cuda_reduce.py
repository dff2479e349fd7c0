"""Folding a dimension on a GPU: a tree in shared memory, for any length.

Source: https://minitorch.github.io/module3/cuda/
"""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from numba import cuda, float64, int64

from .cuda_index import divide
from .cuda_launch import MAX_THREADS, Blocks, ceil_div, jit
from .tensor_data import Shape, Storage, Strides, UserShape

REDUCE_THREADS = 256
WARP = 32
WANTED_BLOCKS = 1024
"""Blocks that keep a large GPU busy: a handful for each of its multiprocessors."""


class ReduceLaunch(NamedTuple):
    """How a reduction is launched: see `tensor_reduce`.

    Attributes:
        parts: results for each output in the first of two passes; 1 if there is one pass.
    """

    grid: Blocks
    block: Blocks
    parts: int


def reduce_launch(shape: UserShape, dim: int, *, is_last: bool) -> ReduceLaunch:
    """Return the launch of a reduction.

    Args:
        shape: the shape of the input.
        dim: the dimension that is folded.
        is_last: whether neighbours along it are neighbours in memory.
    """
    length = shape[dim]
    size = max(1, prod(shape[:dim]) * prod(shape[dim + 1 :]))
    if is_last:
        lanes = min(_power_of_two(length), REDUCE_THREADS)
        rows = REDUCE_THREADS // lanes
        block = (lanes, rows, 1)
    else:
        rows = min(2 * _power_of_two(size), WARP)
        lanes = max(2, min(_power_of_two(length), REDUCE_THREADS // rows))
        block = (rows, lanes, 1)
    blocks = ceil_div(size, rows)
    parts = max(1, min(WANTED_BLOCKS // blocks, length // (8 * lanes)))
    return ReduceLaunch((ceil_div(size * parts, rows), 1, 1), block, parts)


def _power_of_two(n: int) -> int:
    """Return the largest power of 2 that is not above `n`, and at least 1."""
    return 1 << max(n.bit_length() - 1, 0)


def tensor_reduce(fn: Any) -> Any:
    """Return a kernel that folds one dimension of a tensor.

    The threads of a block stand in rows. A row has one output, and its threads, the
    *lanes*, share what is to be folded, however long it is: each folds every so-manyth
    element, and a tree in shared memory folds their results, as in `_sum_practice`.

    ::

        lane        0 1 2 3 0 1 2 3 0 1        one row: 4 lanes, 10 elements
                    a b c d e f g h i j
        cache       a·e·i  b·f·j  c·g  d·h     lane 0 has folded a, e and i

    What are neighbours in memory decides which way the rows run: if the elements of
    one output, then threadIdx.x counts lanes; else neighbouring outputs have
    neighbouring elements, and threadIdx.x counts outputs. Where an output has several
    `parts`, as many as the output's size along the folded dimension, each folds an
    equal share, and a second launch folds the parts.

    Args:
        fn: a function of two numbers, compiled by `device_jit`.

    Returns:
        A kernel of the output's storage, shape, strides and size, of the input's
        storage, shape and strides, of the dimension and of the number that the fold
        starts from.
    """

    def _reduce(
        out: Storage,
        out_shape: Shape,
        out_strides: Strides,
        out_size: int,
        a_storage: Storage,
        a_shape: Shape,
        a_strides: Strides,
        reduce_dim: int,
        reduce_value: float,
    ) -> None:
        cache = cuda.shared.array(MAX_THREADS, float64)
        # SOLUTION 3.3
        lane, lanes, row, rows = (
            cuda.threadIdx.x, cuda.blockDim.x, cuda.threadIdx.y, cuda.blockDim.y
        )  # fmt: skip
        place = row * lanes + lane
        apart = 1  # in the cache: a lane from the next one of its row
        if a_strides[reduce_dim] != 1 and rows > 1:
            lane, lanes, row, rows = row, rows, lane, lanes
            apart = rows
        length, stride = a_shape[reduce_dim], a_strides[reduce_dim]
        parts = out_shape[reduce_dim]
        top = int64(cuda.blockIdx.x) * rows
        while top < out_size:
            output = top + row
            live = int64(0)  # this many lanes, or all, have something in the cache
            cell = int64(0)
            if output < out_size:
                rest, part, first = output, int64(0), int64(0)
                for d in range(len(out_shape) - 1, -1, -1):
                    rest, number = divide(rest, out_shape[d])
                    cell += number * out_strides[d]
                    if d == reduce_dim:
                        part = number
                    else:
                        first += number * a_strides[d]
                live = length - part * lanes
                if lane < live:
                    at, step = first + (part * lanes + lane) * stride, parts * lanes * stride
                    more, _ = divide(live - lane - 1, parts * lanes)  # elements of this lane
                    total = a_storage[at]
                    # Memory takes its time to answer, so four are asked for at a time.
                    for _ in range(more // 4):
                        a, b = a_storage[at + step], a_storage[at + 2 * step]
                        c, e = a_storage[at + 3 * step], a_storage[at + 4 * step]
                        total = fn(total, fn(fn(a, b), fn(c, e)))
                        at += 4 * step
                    for _ in range(more % 4):
                        at += step
                        total = fn(total, a_storage[at])
                    cache[place] = total
            cuda.syncthreads()
            width = lanes
            while width > 1:
                half = (width + 1) // 2
                if lane + half < width and lane + half < live:
                    cache[place] = fn(cache[place], cache[place + half * apart])
                cuda.syncthreads()
                width = half
            if lane == 0 and output < out_size:
                if live <= 0:
                    out[cell] = reduce_value
                elif parts == 1:
                    out[cell] = fn(reduce_value, cache[place])
                else:
                    out[cell] = cache[place]
            top += cuda.gridDim.x * rows
        # END SOLUTION

    return jit(_reduce)
