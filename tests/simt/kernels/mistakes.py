"""Kernels with a mistake planted in each, in the line marked ``# here``.

Read as text; imported by numba's simulator only.
"""

import numba
from numba import cuda

TPB = 8


def sum_no_sync_in_loop(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_no_first_sync(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    cache[t] = a[i] if i < size else 0.0
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_no_identity(out, a, size):
    cache = cuda.shared.array(TPB, numba.float64)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    if i < size:
        cache[t] = a[i]
    cuda.syncthreads()
    stride = 1
    while stride < TPB:
        if t % (2 * stride) == 0:
            cache[t] += cache[t + stride]  # here
        cuda.syncthreads()
        stride *= 2
    if t == 0:
        out[cuda.blockIdx.x] = cache[0]


def sum_all_write(out, a, size):
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
    out[cuda.blockIdx.x] = cache[0]  # here


def shift_no_sync(out, a, n):
    s = cuda.shared.array(TPB, numba.float64)
    t = cuda.threadIdx.x
    s[t] = a[t]
    cuda.syncthreads()
    if t > 0:
        s[t] = s[t] + s[t - 1]  # here
    cuda.syncthreads()
    out[t] = s[t]


def plain_sum(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[0] += a[i]  # here


def mixed_sum(out, a, n):
    i = cuda.grid(1)
    if i == 0:
        out[0] = 0.0
    if i < n:
        cuda.atomic.add(out, 0, a[i])  # here


def divergent_barrier(out, a, n):
    t = cuda.threadIdx.x
    if t < TPB // 2:
        cuda.syncthreads()  # here
    out[t] = a[t]


def ragged_barrier(out, a, n):
    t = cuda.threadIdx.x
    for _ in range(t):
        cuda.syncthreads()  # here
    out[t] = a[t]


def off_by_one(out, a, n):
    i = cuda.grid(1)
    if i <= n:
        out[i] = a[i]  # here


def wraps_around(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = a[i - 1]  # here


def leaves_the_last(out, a, n):
    i = cuda.grid(1)
    if i < n - 1:
        out[i] = a[i]  # here


def reads_unassigned(out, a, n):
    i = cuda.grid(1)
    if i > 0:
        value = a[i % n]
    if i < n:
        out[i] = value  # here


def overlapping_blocks(out, a, n):
    t = cuda.threadIdx.x
    out[t] = a[cuda.grid(1) % n]  # here


def reads_neighbour_block(out, a, n):
    i = cuda.grid(1)
    a[i] = 1.0
    cuda.syncthreads()
    out[i] = a[(i + TPB) % n]  # here
