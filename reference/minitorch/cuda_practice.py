"""Two kernels to practise on: the sum of 32 numbers, and the product of small matrices.

Source: https://minitorch.github.io/module3/cuda/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import cuda, float64

from .cuda_launch import jit, need_device
from .tensor_data import Storage, TensorData

if TYPE_CHECKING:
    from .tensor import Tensor

THREADS_PER_BLOCK = 32


def _sum_practice(out: Storage, a: Storage, size: int) -> None:
    """Add up 32 numbers a block, as a tree.

    ::

        cache     3  1  4  1  5  9  2  6       eight of the threads
                  └──│──│──│──┘  │  │  │       thread 0 adds number 4 to number 0,
                     └──│──│─────┘  │  │       thread 1 number 5 to number 1, …
                        └──│────────┘  │
                           └───────────┘
                  8 10  6  7                   then half as many, and half of those
                 14 17
                 31

    Args:
        out: gets a sum for each block that has numbers.
        a: the numbers.
        size: how many there are.
    """
    cache = cuda.shared.array(THREADS_PER_BLOCK, float64)
    i = cuda.grid(1)
    pos = cuda.threadIdx.x
    # SOLUTION 3.3
    cache[pos] = a[i] if i < size else 0.0
    cuda.syncthreads()
    half = THREADS_PER_BLOCK // 2
    while half > 0:
        if pos < half:
            cache[pos] += cache[pos + half]
        cuda.syncthreads()
        half //= 2
    if pos == 0 and cuda.blockIdx.x < len(out):
        out[cuda.blockIdx.x] = cache[0]
    # END SOLUTION


jit_sum_practice = jit(_sum_practice)


def sum_practice(a: Tensor) -> TensorData:
    """Return the sums of the first 32 numbers of a vector, of the next 32, and so on.

    There are always two sums at least.
    """
    need_device()
    (size,) = a.shape
    blocks = max(2, size // THREADS_PER_BLOCK + 1)
    out = TensorData.zeros((blocks,))
    out.to_cuda_()
    jit_sum_practice[blocks, THREADS_PER_BLOCK](out._storage, a._tensor._storage, size)
    return out


def _mm_practice(out: Storage, a: Storage, b: Storage, size: int) -> None:
    """Multiply two square matrices of up to 32 x 32 in one block, a thread an output.

    Both are read into shared memory first, so that each number is read once from
    global memory, and then `size` times from shared memory.

    Args:
        out: the product, row by row.
        a: one matrix.
        b: the other one.
        size: the number of rows and columns.
    """
    column, row = cuda.threadIdx.x, cuda.threadIdx.y
    # SOLUTION 3.4
    a_shared = cuda.shared.array((THREADS_PER_BLOCK, THREADS_PER_BLOCK), float64)
    b_shared = cuda.shared.array((THREADS_PER_BLOCK, THREADS_PER_BLOCK), float64)
    inside = row < size and column < size
    if inside:
        a_shared[row, column] = a[row * size + column]
        b_shared[row, column] = b[row * size + column]
    cuda.syncthreads()
    if inside:
        total = 0.0
        for k in range(size):
            total += a_shared[row, k] * b_shared[k, column]
        out[row * size + column] = total
    # END SOLUTION


jit_mm_practice = jit(_mm_practice)


def mm_practice(a: Tensor, b: Tensor) -> TensorData:
    """Return the product of two square matrices of up to 32 x 32."""
    need_device()
    (size, _) = a.shape
    out = TensorData.zeros((size, size))
    out.to_cuda_()
    block = (THREADS_PER_BLOCK, THREADS_PER_BLOCK)
    jit_mm_practice[1, block](out._storage, a._tensor._storage, b._tensor._storage, size)
    return out
