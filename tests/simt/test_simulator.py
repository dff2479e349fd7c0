"""Right kernels give the values that numba's own CUDA simulator gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

KERNELS = Path(__file__).parent / "kernels"
TPB = 8

SIMULATE = """
import sys
import numpy as np
from numba import cuda
sys.path.insert(0, sys.argv[1])
import elementwise, memories, products
plan = np.load(sys.argv[2], allow_pickle=False)
outs = {}
for name in [key[:-5] for key in plan.files if key.endswith(":size")]:
    grid, block, count, number = plan[name + ":size"].tolist()
    args = [plan[f"{name}:{place}"].copy() for place in range(count)]
    if number >= 0:
        args.append(number)
    shape = ((grid, grid), (block, block)) if name in ("tiled_rows", "tiled_columns") else (
        grid, block)
    (module,) = (each for each in (elementwise, memories, products) if hasattr(each, name))
    cuda.jit(getattr(module, name))[shape](*args)
    outs[name] = args[0]
np.savez(sys.argv[3], **outs)
"""


def plan(rng):
    """Return the grid's and the block's side, the arrays and the last argument of each kernel."""
    n = 13
    vector = rng.uniform(-3, 3, n)
    square = rng.random((2, n, n), np.float32)
    kernels = {
        name: (2, TPB, [np.zeros(n), vector], n)
        for name in ("copy", "clamped", "butterfly", "guarded", "either", "last_seen", "late",
                     "stencil", "math_mix", "fixed", "grid_stride")
    }  # fmt: skip
    kernels |= {name: (2, TPB, [np.zeros(2), vector], n) for name in ("block_sum", "halving_sum")}
    kernels["collatz"] = (2, TPB, [np.zeros(n), np.arange(1, n + 1)], n)
    kernels["first_negative"] = (2, TPB, [np.zeros(n), rng.uniform(-1, 4, (n, 5))], 5)
    kernels["skip_odd"] = (2, TPB, [np.zeros(n), rng.random((n, 5))], 5)
    kernels["private"] = (1, TPB, [np.zeros(12), vector[:12]], 12)
    kernels["shift"] = (1, TPB, [np.zeros(TPB), vector[:TPB]], TPB)
    kernels["atomic_sum"] = (2, TPB, [np.zeros(1), np.arange(n * 1.0)], n)
    kernels["histogram"] = (2, TPB, [np.zeros(4, np.int64), rng.integers(0, 4, n)], n)
    for name in ("tiled_rows", "tiled_columns"):
        kernels[name] = (2, TPB, [np.zeros((n, n), np.float32), *square], n)
    return kernels


@pytest.mark.slow
def test_values_equal_the_simulators(tmp_path, rng, run):
    kernels = plan(rng)
    store = {}
    for name, (grid, block, arrays, number) in kernels.items():
        store[f"{name}:size"] = np.array([grid, block, len(arrays), number])
        store |= {f"{name}:{place}": array for place, array in enumerate(arrays)}
    np.savez(tmp_path / "plan.npz", **store)
    subprocess.run(
        [sys.executable, "-c", SIMULATE, KERNELS, tmp_path / "plan.npz",
         tmp_path / "outs.npz"],
        check=True,
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        timeout=240,
    )  # fmt: skip
    theirs = np.load(tmp_path / "outs.npz")
    for name, (grid, block, arrays, number) in kernels.items():
        both = name.startswith("tiled")
        sides = 2 if both else 1
        trace = run(name, (grid,) * sides, (block,) * sides, *arrays, number)
        assert trace.findings == []
        error = 4 * number * np.finfo(arrays[1].dtype).eps * 4 if both else 1e-12
        np.testing.assert_allclose(arrays[0], theirs[name], rtol=0, atol=error, err_msg=name)
