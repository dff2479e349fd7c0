"""Each construct of the language gives the values of numba's own CUDA simulator."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

KERNELS = Path(__file__).parent / "kernels"
NAMES = [
    node.name
    for node in ast.parse((KERNELS / "constructs.py").read_text()).body
    if isinstance(node, ast.FunctionDef) and node.args.args[0].arg == "out"
]
SIMULATE = """
import sys
import numpy as np
from numba import cuda
sys.path.insert(0, sys.argv[1])
import constructs
arguments = np.load(sys.argv[2])
outs = {}
for name in sys.argv[4:]:
    given = [arguments[key].copy() for key in ("out", "a", "m", "c")]
    cuda.jit(getattr(constructs, name))[2, 4](*given)
    outs[name] = given[0]
np.savez(sys.argv[3], **outs)
"""


def arguments():
    return {
        "out": np.zeros(8),
        "a": np.array([5, 0, 3, 7, 2, 6, 1, 4]),
        "m": np.arange(8.0).reshape(2, 4) + 1,
        "c": np.arange(12.0).reshape(2, 3, 2),
    }


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    """Return the results of the simulator, which is chosen when numba is imported."""
    folder = tmp_path_factory.mktemp("simulated")
    np.savez(folder / "arguments.npz", **arguments())
    command = [
        sys.executable, "-c", SIMULATE, KERNELS, folder / "arguments.npz", folder / "outs.npz",
        *NAMES,
    ]  # fmt: skip
    subprocess.run(
        command, check=True, env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"}, timeout=240
    )
    return np.load(folder / "outs.npz")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_construct(simulated, run, name):
    given = arguments()
    assert run(name, 2, 4, *given.values()).findings == []
    np.testing.assert_array_equal(given["out"], simulated[name])


def test_chained_indices_are_counted_and_checked_as_one(run_text):
    text = (
        "def kernel(out, m):\n    t = cuda.threadIdx.x\n    row = m[t]\n"
        "    out[t] = row[1] + m[t][t + 1]\n"
    )
    trace = run_text(text, np.zeros(3), np.arange(9.0).reshape(3, 3), block=3)
    assert trace.counters["m"].reads == 5
    assert [(each.kind, each.index) for each in trace.findings] == [("out-of-bounds", (2, 3))]


def test_a_row_of_either_branch(run_text):
    text = (
        "def kernel(out, m):\n    t = cuda.threadIdx.x\n    if t > 1:\n        row = m[0]\n"
        "    else:\n        row = m[t + 1]\n    for k in range(2):\n        if t == k:\n"
        "            break\n        row = m[2]\n    out[t] = row[0]\n"
    )
    out = np.zeros(4)
    assert run_text(text, out, np.arange(9.0).reshape(3, 3), block=4).findings == []
    assert out.tolist() == [3, 6, 6, 6]


def test_a_failed_assertion_ends_the_thread(run_text):
    """So it is on a device: nobody is told, and a barrier may wait in vain."""
    text = (
        "def kernel(out):\n    t = cuda.threadIdx.x\n    assert t < 2, 'told to nobody'\n"
        "    cuda.syncthreads()\n    out[t] = 1\n"
    )
    out = np.zeros(4)
    trace = run_text(text, out, block=4)
    assert out.tolist() == [1, 1, 0, 0]
    assert "barrier-after-return" in {each.kind for each in trace.findings}


def test_names_imported_one_by_one(run_text):
    text = (
        "from math import pi, inf, exp\nfrom numba.cuda import threadIdx, laneid, syncthreads\n"
        "from numba import float32 as f4\nimport numpy as np\nLOW = -inf\nTURN = 2 * pi\n"
        "def kernel(out):\n    t = threadIdx.x\n    s = cuda.shared.array(4, f4)\n"
        "    s[laneid] = exp(0.0) if LOW < -np.pi else TURN\n    syncthreads()\n"
        "    out[t] = s[3 - t] + TURN\n"
    )
    out = np.zeros(4)
    assert run_text(text, out, block=4).findings == []
    assert out.tolist() == [1 + 2 * np.pi] * 4
