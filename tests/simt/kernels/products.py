"""Right products of matrices, and moves of them.

Read as text; imported by numba's simulator only.
"""

import numba
from numba import cuda, float32

TPB = 8
WIDE = 32
PADDED = WIDE + 1


def naive_rows(out, a, b, n):
    i, j = cuda.grid(2)
    if i < n and j < n:
        acc = float32(0.0)
        for k in range(n):
            acc += a[i, k] * b[k, j]
        out[i, j] = acc


def naive_columns(out, a, b, n):
    j, i = cuda.grid(2)
    if i < n and j < n:
        acc = float32(0.0)
        for k in range(n):
            acc += a[i, k] * b[k, j]
        out[i, j] = acc


def tiled_rows(out, a, b, n):
    """MiniTorch's own layout: x counts rows."""
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0)
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def tiled_columns(out, a, b, n):
    sa = cuda.shared.array((TPB, TPB), numba.float32)
    sb = cuda.shared.array((TPB, TPB), numba.float32)
    j, i = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[y, x] = a[i, tile * TPB + x] if i < n and tile * TPB + x < n else float32(0)
        sb[y, x] = b[tile * TPB + y, j] if j < n and tile * TPB + y < n else float32(0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[y, k] * sb[k, x]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def wide_rows(out, a, b, n):
    sa = cuda.shared.array((WIDE, WIDE), numba.float32)
    sb = cuda.shared.array((WIDE, WIDE), numba.float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + WIDE - 1) // WIDE):
        sa[x, y] = a[i, tile * WIDE + y] if i < n and tile * WIDE + y < n else float32(0)
        sb[x, y] = b[tile * WIDE + x, j] if j < n and tile * WIDE + x < n else float32(0)
        cuda.syncthreads()
        for k in range(WIDE):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def wide_columns(out, a, b, n):
    sa = cuda.shared.array((WIDE, WIDE), numba.float32)
    sb = cuda.shared.array((WIDE, WIDE), numba.float32)
    j, i = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + WIDE - 1) // WIDE):
        sa[y, x] = a[i, tile * WIDE + x] if i < n and tile * WIDE + x < n else float32(0)
        sb[y, x] = b[tile * WIDE + y, j] if j < n and tile * WIDE + y < n else float32(0)
        cuda.syncthreads()
        for k in range(WIDE):
            acc += sa[y, k] * sb[k, x]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc


def transpose_conflicts(out, a):
    tile = cuda.shared.array((WIDE, WIDE), numba.float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]


def transpose_padded(out, a):
    tile = cuda.shared.array((WIDE, PADDED), numba.float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]


def column_copy(out, a):
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    out[x, y] = a[x, y]
