"""The kernel that `simt.py` times: read as text by ours, imported by numba's simulator."""

from __future__ import annotations

from typing import Any

import numba.cuda
from numba import float32

cuda: Any = numba.cuda  # which has no types
TPB = 32


def tiled(out: Any, a: Any, b: Any, n: int) -> None:
    """Multiply two n x n matrices, a tile of each in shared memory at a time."""
    sa = cuda.shared.array((TPB, TPB), float32)
    sb = cuda.shared.array((TPB, TPB), float32)
    i, j = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    acc = float32(0.0)
    for tile in range((n + TPB - 1) // TPB):
        sa[x, y] = a[i, tile * TPB + y] if i < n and tile * TPB + y < n else float32(0.0)
        sb[x, y] = b[tile * TPB + x, j] if j < n and tile * TPB + x < n else float32(0.0)
        cuda.syncthreads()
        for k in range(TPB):
            acc += sa[x, k] * sb[k, y]
        cuda.syncthreads()
    if i < n and j < n:
        out[i, j] = acc
