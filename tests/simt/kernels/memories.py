"""Right kernels that use shared and local memory, barriers and atomics.

Read as text; imported by numba's simulator only.
"""

import math

import numba
from numba import cuda, float32

TPB = 8
PADDED = TPB + 2


def shift(out, a, n):
    s = cuda.shared.array(TPB, numba.float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncthreads()
    left = s[t - 1] if t > 0 else 0.0
    cuda.syncthreads()
    s[t] += left
    cuda.syncthreads()
    out[t] = s[t]


def block_sum(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def halving_sum(out, a, size):
    cache = cuda.shared.array(TPB, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = 0
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    half = TPB // 2
    while half > 0:
        if t < half:
            cache[t] = cache[t] + cache[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def block_max(out, a, size):
    cache = cuda.shared.array(shape=(TPB,), dtype=numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = -math.inf
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    for step in range(3):
        gap = 1 << step
        if t % (2 * gap) == 0:
            cache[t] = max(cache[t], cache[t + gap])
        cuda.syncthreads()
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def stencil(out, a, n):
    tile = cuda.shared.array(PADDED, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    tile[t + 1] = a[i] if i < n else 0.0
    if t == 0:
        tile[0] = a[i - 1] if 0 < i <= n else 0.0
    if t == TPB - 1:
        tile[TPB + 1] = a[i + 1] if i + 1 < n else 0.0
    cuda.syncthreads()
    if i < n:
        out[i] = tile[t] + tile[t + 1] + tile[t + 2]


def private(out, a, n):
    """Reverse four elements through local memory."""
    i = cuda.grid(1)
    if i < n // 4:
        mine = cuda.local.array(4, numba.float64)
        for k in range(4):
            mine[k] = a[4 * i + k]
        for k in range(4):
            out[4 * i + k] = mine[3 - k]


def atomic_sum(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.add(out, 0, a[i])


def histogram(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.add(out, a[i], 1)


def tickets(out, counter, n):
    """Each thread takes a number of its own."""
    i = cuda.grid(1)
    if i < n:
        out[cuda.atomic.add(counter, 0, 1)] = 1


def extremes(out, a, n):
    i = cuda.grid(1)
    if i < n:
        cuda.atomic.max(out, 0, a[i])
        cuda.atomic.min(out, 1, a[i])
