"""Two kernels from the lectures, each with one idea.

Source: https://minitorch.github.io/module3/cuda/
"""

from __future__ import annotations

from numba import cuda, float64

from .cuda_launch import Launch, ceil_div, jit
from .tensor_data import Storage

THREADS = 32
WINDOW = 3
SHARED = THREADS + WINDOW - 1


def example_launch(size: int) -> Launch:
    """Return a launch with at least as many threads as there are numbers."""
    return Launch((ceil_div(size, THREADS), 1, 1), (THREADS, 1, 1))


def _saxpy(out: Storage, a: float, x: Storage, y: Storage, size: int) -> None:
    """Compute ``a * x + y``: a thread a number, and a guard for those behind the end.

    Args:
        out: gets the result.
        a: a number.
        x: numbers.
        y: numbers.
        size: how many there are.
    """
    i = cuda.grid(1)
    if i < size:
        out[i] = a * x[i] + y[i]


def _sliding_average(out: Storage, a: Storage, size: int) -> None:
    """Average each number with the two before it, if there are two.

    Each number is in three averages, and would be read from memory by three threads.
    But a block of 32 threads can share what it has read: 32 numbers for themselves, and
    2 for the first two threads, which look beyond the block's start::

        shared       . . │ 0 1 2 3 … 31        34 numbers
                     └─┬─┘ │
        thread 0     ──┴───┘

    So a thread reads two numbers at most, whatever the width of the window.

    Args:
        out: gets the averages.
        a: the numbers.
        size: how many there are.
    """
    before = WINDOW - 1
    shared = cuda.shared.array(SHARED, float64)
    i, t = cuda.grid(1), cuda.threadIdx.x
    shared[before + t] = a[i] if i < size else 0.0
    if t < before:
        shared[t] = a[i - before] if before <= i < size + before else 0.0
    cuda.syncthreads()
    if i < size:
        total = 0.0
        for k in range(WINDOW):
            total += shared[t + k]
        out[i] = total / (WINDOW if i >= before else i + 1)


saxpy = jit(_saxpy)
sliding_average = jit(_sliding_average)
