"""Time the executor of CUDA kernels against numba's simulator, in the same run.

    python benchmarks/simt.py [--quick] [--json FILE]

Both run the tiled product of two float32 matrices, 32 x 32 threads a block, each
in a process of its own, launch by launch in turn. The simulator only computes;
ours also looks for races, counts sectors and bank conflicts, and checks every
index. A process warms up with one launch that does not count. With --quick the
simulator multiplies 32 x 32 matrices and so does ours beside it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from tables import finish

TPB = 32
SPEED_UP = 20
LARGE_LIMIT_S = 3.0
MEMORY_LIMIT_MB = 200

KERNEL = Path(__file__).with_name("tiled.py")


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="32 x 32 beside the simulator")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--side", choices=("ours", "theirs"), help=argparse.SUPPRESS)
    wish = parser.parse_args()
    if wish.side:
        serve(our_launch if wish.side == "ours" else their_launch())
        return 0
    rows = measure(32 if wish.quick else 96, 1 if wish.quick else 2)
    return finish(rows, wish.json)


def measure(n: int, repetitions: int) -> list[dict[str, Any]]:
    """Return the rows: n x n on both sides, 128 x 128 on ours, and our peak memory."""
    with _Side("ours") as mine, _Side("theirs") as other:
        mine.launch(TPB)
        other.launch(TPB)
        ours, theirs = [], []
        for _ in range(repetitions):
            ours.append(mine.launch(n)[0])
            theirs.append(other.launch(n)[0])
        large, peak_mb = mine.launch(128)
    our_s, their_s = statistics.median(ours), statistics.median(theirs)
    speed_up = their_s / our_s
    return [
        {
            "work": f"{n} x {n} tiled product, all checks on, beside numba's simulator with none",
            "ours_s": our_s,
            "theirs_s": their_s,
            "ratio": speed_up,
            "must": f"≥ {SPEED_UP} times faster" if n == 96 else "- (judged at 96 x 96)",
            "aim": None,
            "ok": n != 96 or speed_up >= SPEED_UP,
        },
        {
            "work": "128 x 128 tiled product, all checks on",
            "ours_s": large,
            "theirs_s": 0.0,
            "ratio": large / LARGE_LIMIT_S,
            "must": f"≤ {LARGE_LIMIT_S:.0f} s",
            "aim": None,
            "ok": large <= LARGE_LIMIT_S,
        },
        {
            "work": f"peak memory of our process, NumPy included: {peak_mb:.0f} MB",
            "ours_s": 0.0,
            "theirs_s": 0.0,
            "ratio": peak_mb / MEMORY_LIMIT_MB,
            "must": f"≤ {MEMORY_LIMIT_MB} MB",
            "aim": None,
            "ok": peak_mb <= MEMORY_LIMIT_MB,
        },
    ]


class _Side:
    """A process that launches the kernel for a size on a line, and answers with its figures."""

    def __init__(self, name: str) -> None:
        self._command = [sys.executable, __file__, "--side", name]
        self._environment = dict(os.environ)
        if name == "theirs":
            self._environment["NUMBA_ENABLE_CUDASIM"] = "1"  # numba reads it when imported

    def __enter__(self) -> _Side:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            self._command, env=self._environment, stdin=pipe, stdout=pipe, text=True
        )
        return self

    def launch(self, n: int) -> tuple[float, float]:
        """Return the seconds of one launch, and the process's peak memory in MB."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{n}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("a side of the benchmark ended before its answer")
        seconds, peak_mb = json.loads(line)
        return seconds, peak_mb

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def serve(launch: Callable[[Any, Any, Any, int], None]) -> None:
    """Answer sizes from standard input, having checked each product."""
    for line in sys.stdin:
        n = int(line)
        a, b = np.random.default_rng(0).random((2, n, n), np.float32)
        out = np.zeros((n, n), np.float32)
        started = time.perf_counter()
        launch(out, a, b, n)
        seconds = time.perf_counter() - started
        assert np.allclose(out, a @ b, rtol=1e-4)
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([seconds, peak_mb]), flush=True)


def our_launch(out: Any, a: Any, b: Any, n: int) -> None:
    """Launch the kernel in our executor."""
    from minigrade.simt import launch

    trace = launch(f"{KERNEL}:tiled", (-(-n // TPB),) * 2, (TPB, TPB), (out, a, b, n))
    assert trace.findings == []


def their_launch() -> Callable[[Any, Any, Any, int], None]:
    """Return what launches the kernel in numba's simulator."""
    import numba.cuda

    tiled: Any = importlib.import_module("tiled").tiled  # beside this file

    cuda: Any = numba.cuda  # which has no types
    kernel = cuda.jit(tiled)

    def launch(out: Any, a: Any, b: Any, n: int) -> None:
        kernel[(-(-n // TPB),) * 2, (TPB, TPB)](out, a, b, n)

    return launch


if __name__ == "__main__":
    sys.exit(main())
