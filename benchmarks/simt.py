"""Time the executor of CUDA kernels against numba's simulator, in the same run.

Both run the tiled product of two float32 matrices, 32 x 32 threads a block.
The simulator only computes; ours also looks for races, counts sectors and
bank conflicts, and checks every index::

    python benchmarks/simt.py            # 96 x 96 on both, 128 x 128 on ours
    python benchmarks/simt.py --ours     # ours alone: the simulator takes its time
"""

from __future__ import annotations

import os
import resource
import sys
import time
from typing import Any

os.environ["NUMBA_ENABLE_CUDASIM"] = "1"

import numba.cuda
import numpy as np
from numba import float32

from minigrade.simt import launch

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


def operands(n: int) -> tuple[Any, Any, Any]:
    """Return an output of zeros and two random matrices."""
    rng = np.random.default_rng(0)
    a, b = rng.random((2, n, n), np.float32)
    return np.zeros((n, n), np.float32), a, b


def ours(n: int) -> float:
    """Return the seconds of our launch, the best of three, having checked its values."""
    best = float("inf")
    for _ in range(3):
        out, a, b = operands(n)
        start = time.perf_counter()
        trace = launch(tiled, (-(-n // TPB),) * 2, (TPB, TPB), (out, a, b, n))
        best = min(best, time.perf_counter() - start)
        assert trace.findings == []
        assert np.allclose(out, a @ b, rtol=1e-4)
    return best


def simulator(n: int) -> float:
    """Return the seconds of one launch in numba's simulator."""
    out, a, b = operands(n)
    kernel: Any = cuda.jit(tiled)
    start = time.perf_counter()
    kernel[(-(-n // TPB),) * 2, (TPB, TPB)](out, a, b, n)
    seconds = time.perf_counter() - start
    assert np.allclose(out, a @ b, rtol=1e-4)
    return seconds


def main() -> None:
    """Print the figures."""
    small, large = ours(96), ours(128)
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"ours, all checks      96 x 96: {small:8.3f} s    128 x 128: {large:.3f} s")
    print(f"peak memory of the process with numba imported: {memory_mb:.0f} MB")
    if "--ours" not in sys.argv:
        theirs = simulator(96)
        print(f"numba's simulator     96 x 96: {theirs:8.3f} s    {theirs / small:.0f} times ours")


if __name__ == "__main__":
    main()
