"""How much memory training takes, measured in processes of their own.

That a chain of 100,000 operations finds its derivatives, and that no object waits for the
garbage collector, is in `test_tensor.py`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

MB = 2**20

# Processes that share a folder of kernels compile them once.
BEGIN = """
import pathlib, resource, runpy, sys
from minigrade.kernel_cache import use
use(pathlib.Path(sys.argv[1]), writable=True)

def peak_bytes():
    if sys.platform == "darwin":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # There `ru_maxrss` is at least the peak of the process that started this one.
    status = pathlib.Path("/proc/self/status").read_text()
    return 1024 * int(status.partition("VmHWM:")[2].split()[0])
"""

EPOCH = """
sys.path[0] = "project"
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
print(peak_bytes())
"""

# A network with one of everything. A step makes some 50 tensors, of up to 18 kB.
STEPS = """
import gc, tracemalloc
import minitorch as mt

backend = mt.TensorBackend(mt.FastOps)
weight, table, bias = (
    mt.Parameter(0.1 * (mt.rand(shape, backend) - 0.5)) for shape in [(4, 1, 3, 3), (36, 5), (5,)]
)
optimizer = mt.SGD([weight, table, bias], 0.01)
images, right, kept = mt.rand((4, 1, 12, 12), backend), mt.rand((4, 5), backend), []

def step():
    optimizer.zero_grad()
    maps = mt.maxpool2d(mt.conv2d(images, weight.value).relu(), (2, 2))
    small = mt.avgpool2d(maps.sigmoid(), (2, 2)).view(4, 36)
    scores = mt.dropout(small, 0.2) @ table.value + bias.value
    loss = -(mt.logsoftmax(scores, 1) * right).sum() / 4
    loss.backward()
    optimizer.step()
    kept.append(loss) if LEAKS else None

tracemalloc.start()
for _ in range(100):
    step()
gc.collect()  # what is left of compiling, and the tuples that Python keeps to use them again
held, peak = tracemalloc.get_traced_memory()[0], peak_bytes()
for _ in range(1000):
    step()
gc.collect()
print(tracemalloc.get_traced_memory()[0] - held, peak_bytes() - peak)
"""


@pytest.fixture(scope="module")
def execute(reference: Path) -> Callable[..., list[int]]:
    """Return a function that runs code and returns the numbers of the last line printed."""

    def run(kernels: Path, code: str, *arguments: str | Path) -> list[int]:
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + code, kernels, *arguments],
            cwd=reference,
            env=os.environ | {"PYTHONPATH": str(reference), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [int(number) for number in done.stdout.splitlines()[-1].split()]

    return run


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.mark.slow
def test_the_memory_of_the_process_that_measures_is_not_counted(
    execute: Callable[..., list[int]], kernels: Path
) -> None:
    ballast = b"x" * (400 * MB)
    (peak_bytes,) = execute(kernels, "print(peak_bytes())")
    assert 0 < peak_bytes < len(ballast) - 100 * MB


@pytest.mark.slow
def test_a_thousand_steps_leave_nothing_behind(
    execute: Callable[..., list[int]], kernels: Path
) -> None:
    held_bytes, peak_bytes = execute(kernels, "LEAKS = False\n" + STEPS)
    assert held_bytes < 64 * 1024, "Python and NumPy hold more after 1,000 steps"
    assert peak_bytes < 4 * MB, "the process grew during 1,000 steps"


@pytest.mark.slow
def test_what_steps_leave_behind_is_seen(execute: Callable[..., list[int]], kernels: Path) -> None:
    """The same with a list of all losses, each of which holds its whole graph."""
    held_bytes, _ = execute(kernels, "LEAKS = True\n" + STEPS)
    assert held_bytes > 10 * MB


@pytest.mark.long
def test_an_epoch_of_digits(
    execute: Callable[..., list[int]], checkout: Path, tmp_path: Path
) -> None:
    """All 5,000; and the kernels are compiled in the same process, which takes more memory."""
    data = checkout / "harness" / "minigrade" / "data"
    (peak_bytes,) = execute(tmp_path, EPOCH, "project/run_mnist_multiclass.py", "--DATA", data,
                            "--EPOCHS", "1", "--SEED", "5")  # fmt: skip
    assert peak_bytes <= 500 * MB
