"""Tiled products with a mistake planted in each, in the line marked ``# here``.

Read as text; imported by numba's simulator only.
"""

import numba
from numba import cuda, float32

TPB = 8


def tiled_no_first_sync(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]  # here
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def tiled_no_second_sync(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)  # here
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
    if i < n and j < n:
        out[i, j] = acc


def tiled_early_return(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    if i >= n or j >= n:
        return
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if tile * TPB + x < n else float32(0)
        cuda.syncthreads()  # here
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    out[i, j] = acc


def tiled_no_padding(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        if i < n and tile * TPB + y < n:
            sa[x, y] = a[i, tile * TPB + y]
        if j < n and tile * TPB + x < n:
            sb[x, y] = b[tile * TPB + x, j]
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]  # here
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc
