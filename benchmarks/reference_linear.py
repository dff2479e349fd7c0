"""Time the reference's matrix products and convolutions against OpenBLAS and PyTorch.

    python benchmarks/reference_linear.py [--quick] [--json FILE]

All in float64 and with two threads, in turn, each side in a process of its own (`turns.py`
says why). Results are compared first. Without PyTorch (`pip install torch`) only products
are timed. Compilation is timed in a process of its own that keeps no kernels.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tables import finish
from turns import Call, in_turn

REFERENCE = Path(__file__).parents[1] / "reference"
THREADS = "2"


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


def products(turns: int) -> list[dict[str, Any]]:
    """Return the rows of matrix products: those with a limit, then some for interest."""
    rows = []
    for (batch, m, k, n), turned, judged in (
        ((1, 512, 512, 512), "", True),
        ((1, 1024, 1024, 1024), "", True),
        ((1, 1024, 1024, 1024), ", the right one transposed", False),
        ((1, 16, 392, 64), "", False),
        ((64, 64, 64, 1), "", False),
    ):
        our_s, their_s = product((batch, m, k), (batch, k, n), turned=bool(turned), turns=turns)
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


def product(
    left: tuple[int, ...], right: tuple[int, ...], *, turned: bool, turns: int
) -> tuple[float, float]:
    """Return our seconds and OpenBLAS's of a product of these shapes.

    Args:
        left: the shape of the left side.
        right: that of the right side.
        turned: whether the right side's columns lie one after the other.
        turns: how often to time either side.
    """
    np = importlib.import_module("numpy")
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal(left), rng.standard_normal(right)
    if turned:
        b = b.swapaxes(1, 2).copy().swapaxes(1, 2)
    out = np.empty((left[0], left[1], right[2]))

    def ours() -> tuple[Call, Any]:
        multiply = importlib.import_module("minitorch.fast_matmul").tensor_matrix_multiply
        triples = [part for array in (out, a, b) for part in triple(np, array)]
        multiply(*triples)
        return lambda: multiply(*triples), out

    def theirs(said: Any) -> Call:
        assert np.allclose(said, a @ b)
        return lambda: np.matmul(a, b, out=out)

    return in_turn(ours, theirs, turns)


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
    np = importlib.import_module("numpy")
    name = f"conv{len(shape) - 2}d"
    rng = np.random.default_rng(0)
    back = rng.standard_normal((shape[0], weight_shape[0], *shape[2:]))
    arrays = rng.standard_normal(shape), rng.standard_normal(weight_shape)
    padding = [pad for side in reversed(weight_shape[2:]) for pad in (0, side - 1)]

    def ours() -> tuple[Call, Any]:
        minitorch = importlib.import_module("minitorch")
        convolve = getattr(importlib.import_module("minitorch.fast_conv"), name)
        backend = minitorch.TensorBackend(minitorch.FastOps)
        x, weight = (minitorch.tensor(array, backend, requires_grad=True) for array in arrays)
        grad = minitorch.tensor(back, backend)

        def step() -> None:
            x.grad = weight.grad = None
            convolve(x, weight).backward(grad)

        step()
        return step, (x.grad.to_numpy(), weight.grad.to_numpy())

    def theirs(said: Any) -> Call:
        torch = importlib.import_module("torch")
        torch.set_num_threads(int(THREADS))
        x, weight = (torch.tensor(array, requires_grad=True) for array in arrays)
        grad = torch.tensor(back)

        def step() -> None:
            x.grad = weight.grad = None
            padded = torch.nn.functional.pad(x, padding)
            getattr(torch.nn.functional, name)(padded, weight).backward(grad)

        step()
        for mine, other in zip(said, (x, weight), strict=True):
            assert np.allclose(mine, other.grad.numpy())
        return step

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
