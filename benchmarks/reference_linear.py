"""Time the reference's matrix products and convolutions against OpenBLAS and PyTorch.

    python benchmarks/reference_linear.py [--quick] [--json FILE]

All in float64 and with two threads, in one process and in turn. Each turn begins with a
pause, for threads wait for their next work by spinning, and would take a processor from
the other side; and with calls that do not count. Results are compared first. Without
PyTorch (`pip install torch`) only products are timed. Compilation is timed in a process of
its own that keeps no kernels.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tables import finish

REFERENCE = Path(__file__).parents[1] / "reference"
THREADS = "2"
PAUSE_S = 0.05
TURN_S = 0.02  # a turn of calls that count takes about as long
Call = Callable[[], object]


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--compile", action="store_true", help=argparse.SUPPRESS)
    wish = parser.parse_args()
    for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = THREADS  # before they are imported
    sys.path.insert(0, str(REFERENCE))
    if wish.compile:
        print(json.dumps(compile_all()))
        return 0
    turns = 5 if wish.quick else 21
    rows = [*products(turns), *convolutions(turns), *compilation()]
    return finish(rows, wish.json)


def in_turn(ours: Call, theirs: Call, turns: int) -> tuple[float, float]:
    """Return the median seconds of a call of either side."""
    sides: list[tuple[Call, int, list[float]]] = []
    for call in (ours, theirs):
        call()
        started = time.perf_counter()
        call()
        sides.append((call, max(1, int(TURN_S / (time.perf_counter() - started))), []))
    for _ in range(turns):
        for call, times, seconds in sides:
            time.sleep(PAUSE_S)
            call()
            call()
            started = time.perf_counter()
            for _ in range(times):
                call()
            seconds.append((time.perf_counter() - started) / times)
    our_s, their_s = (statistics.median(seconds) for _, _, seconds in sides)
    return our_s, their_s


def products(turns: int) -> list[dict[str, Any]]:
    """Return the rows of matrix products: those with a limit, then some for interest."""
    np = importlib.import_module("numpy")
    multiply = importlib.import_module("minitorch.fast_matmul").tensor_matrix_multiply
    rng = np.random.default_rng(0)
    rows = []
    for shape, turned, judged in (
        ((1, 512, 512, 512), "", True),
        ((1, 1024, 1024, 1024), "", True),
        ((1, 1024, 1024, 1024), ", the right one transposed", False),
        ((1, 16, 392, 64), "", False),
        ((64, 64, 64, 1), "", False),
    ):
        batch, m, k, n = shape
        a, b = rng.standard_normal((batch, m, k)), rng.standard_normal((batch, k, n))
        if turned:
            b = b.swapaxes(1, 2).copy().swapaxes(1, 2)
        out, mine = np.empty((2, batch, m, n))
        triples = [part for array in (mine, a, b) for part in triple(np, array)]
        multiply(*triples)
        assert np.allclose(mine, a @ b)
        our_s, their_s = in_turn(
            lambda triples=triples: multiply(*triples),  # type: ignore[misc]
            lambda a=a, b=b, out=out: np.matmul(a, b, out=out),  # type: ignore[misc]
            turns,
        )
        rows.append(
            {
                "work": f"{batch} x ({m} x {k}) @ ({k} x {n}){turned}, beside OpenBLAS",
                "ours_s": our_s,
                "theirs_s": their_s,
                "ratio": their_s / our_s,
                "must": "≥ 0.40 of its speed" if judged else "- (for interest)",
                "aim": "≥ 0.70" if judged else None,
                "ok": not judged or their_s / our_s >= 0.4,
            }
        )
    return rows


def triple(np: Any, array: Any) -> tuple[Any, Any, Any]:
    """Return storage, shape and strides of an array that begins where its storage does."""
    storage = array if array.base is None else array.base
    if array.flags.c_contiguous:
        storage = array
    strides = np.array([stride // 8 for stride in array.strides])
    return storage.reshape(-1), np.array(array.shape), strides


def convolutions(turns: int) -> list[dict[str, Any]]:
    """Return the rows of convolutions, forward and backward, each beside PyTorch's."""
    if importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed: its rows are left out (`pip install torch==2.13.0`)\n")
        return []
    importlib.import_module("torch").set_num_threads(int(THREADS))
    return [
        convolution(turns, *shapes)
        for shapes in (
            ((16, 16, 32, 32), (32, 16, 3, 3), "≤ 4"),
            ((16, 4, 28, 28), (8, 4, 3, 3), ""),
            ((16, 1, 28, 28), (4, 1, 3, 3), ""),
            ((10, 50, 24), (32, 50, 4), ""),
        )
    ]


def convolution(
    turns: int, shape: tuple[int, ...], weight_shape: tuple[int, ...], must: str
) -> dict[str, Any]:
    """Return the row of a convolution as wide as its input, forward and backward.

    Args:
        turns: how often to time either side.
        shape: the shape of the input.
        weight_shape: the shape of the weight.
        must: what the ratio must be, if that is judged.
    """
    np, torch = (importlib.import_module(name) for name in ("numpy", "torch"))
    minitorch = importlib.import_module("minitorch")
    conv = importlib.import_module("minitorch.fast_conv")
    name = f"conv{len(shape) - 2}d"
    rng = np.random.default_rng(0)
    back = rng.standard_normal((shape[0], weight_shape[0], *shape[2:]))
    arrays = rng.standard_normal(shape), rng.standard_normal(weight_shape)
    backend = minitorch.TensorBackend(minitorch.FastOps)
    x, weight = (minitorch.tensor(array, backend, requires_grad=True) for array in arrays)
    grad = minitorch.tensor(back, backend)
    tx, tweight = (torch.tensor(array, requires_grad=True) for array in arrays)
    tgrad = torch.tensor(back)
    padding = [pad for side in reversed(weight_shape[2:]) for pad in (0, side - 1)]

    def ours() -> None:
        x.grad = weight.grad = None
        getattr(conv, name)(x, weight).backward(grad)

    def theirs() -> None:
        tx.grad = tweight.grad = None
        padded = torch.nn.functional.pad(tx, padding)
        getattr(torch.nn.functional, name)(padded, tweight).backward(tgrad)

    ours()
    theirs()
    for mine, other in ((x, tx), (weight, tweight)):
        assert np.allclose(mine.grad.to_numpy(), other.grad.numpy())
    our_s, their_s = in_turn(ours, theirs, turns)
    return {
        "work": f"{name} {shape} with {weight_shape}, forward and backward, beside PyTorch",
        "ours_s": our_s,
        "theirs_s": their_s,
        "ratio": our_s / their_s,
        "must": f"{must} times its time" if must else "- (for interest)",
        "aim": "≤ 1.5" if must else None,
        "ok": not must or our_s / their_s <= 4,
    }


def compile_all() -> dict[str, float]:
    """Return the seconds of the first call of each kernel, with those that it shares."""
    np = importlib.import_module("numpy")
    importlib.import_module("numba").njit(lambda x: x + 1)(1)  # Numba's own start does not count
    fast = [importlib.import_module(f"minitorch.fast_{name}") for name in ("matmul", "conv")]
    seconds = {}
    for module, name, dims in (
        (fast[0], "tensor_matrix_multiply", 3),
        (fast[1], "tensor_conv2d", 4),
        (fast[1], "tensor_conv1d", 3),
    ):
        one = triple(np, np.ones((1,) * dims))
        started = time.perf_counter()
        if module is fast[0]:
            module.tensor_matrix_multiply(*one, *one, *one)
        else:
            getattr(module, name)(*one, 1, *one, *one, False)
        seconds[name] = time.perf_counter() - started
    return seconds


def compilation() -> list[dict[str, Any]]:
    """Return the rows of the kernels' compilation, for interest."""
    command = [sys.executable, __file__, "--compile"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds = json.loads(done.stdout)
    return [
        {
            "work": f"first call of {name}",
            "ours_s": taken,
            "theirs_s": 0.0,
            "ratio": taken / sum(seconds.values()),
            "must": "- (part of the first step)",
            "aim": None,
            "ok": True,
        }
        for name, taken in seconds.items()
    ]


if __name__ == "__main__":
    sys.exit(main())
