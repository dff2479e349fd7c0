"""Time the reference's CUDA kernels on a GPU, against the hardware and cuBLAS, in one run.

    python benchmarks/gpu.py [--quick] [--json FILE]

Maps, zips and reductions of 256 MB are compared with a copy on the device, by the bytes
that they have to move; products of float32 matrices with cuBLAS through CuPy or PyTorch,
TF32 off. Works are timed in turn by the device's own clock, and medians count: Python's
time to launch a kernel is not in them. Without a GPU nothing is measured, and one line
says why. --quick takes small sizes, to see that all of it runs, and judges nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))

ROUNDS = 9
RUNS = 10
"""Runs of a sample. Few enough to be queued while the copies before them are under way."""
COPIES_BEFORE = 20
BANDWIDTH_SHARE = 0.8
TILE_SHARE, REGISTER_SHARE = 0.1, 0.5


@dataclass
class Work:
    """Something to time.

    Attributes:
        name: what it is.
        run: starts it on the device, or does it on the CPU.
        amount: bytes moved or operations done by one run.
        against: the name of the work that it is compared with, if any.
        share: how much of that one's rate it must reach; 0 if it is only shown.
        on_cpu: whether it is no work for the device.
        seconds: what one run took, sample by sample.
    """

    name: str
    run: Callable[[], object]
    amount: float
    against: str = ""
    share: float = 0.0
    on_cpu: bool = False
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Bytes or operations a second, by the median."""
        return self.amount / statistics.median(self.seconds)


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing is judged")
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    reason = why_not()
    if reason:
        print(f"skipped: {reason}")
        return 0
    numbers = 2**15 if wish.quick else 2**25
    groups = [
        list(bandwidth(numbers)),
        list(products(128 if wish.quick else 4096)),
        list(beside_numpy(128 if wish.quick else 5000)),
    ]
    for works in groups:
        measure(works, numbers)
    rows = [row(work, works, judged=not wish.quick) for works in groups for work in works]
    print(f"{machine()}\n")
    print("| work | time | rate | of | share | must | ok |\n|---|---|---|---|---|---|---|")
    for each in rows:
        print(
            f"| {each['work']} | {each['seconds'] * 1e3:.3f} ms | {each['rate'] / 1e9:.0f} G/s | "
            f"{each['against'] or '-'} | {each['share'] * 100:.0f} % | {each['must']} | "
            f"{'yes' if each['ok'] else 'NO'} |"
        )
    if wish.json:
        wish.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(each["ok"] for each in rows) else 1


def why_not() -> str:
    """Return why nothing can be measured here; empty if it can."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM", "0") not in ("", "0"):
        return "NUMBA_ENABLE_CUDASIM is set, and a simulator's times mean nothing"
    cuda_device = importlib.import_module("minitorch.cuda_device")
    try:
        cuda_device.need_device()
    except RuntimeError as error:
        return str(error)
    return ""


def measure(works: list[Work], n: int) -> None:
    """Fill in the works' seconds, turn by turn, keeping the device busy with `n` numbers."""
    cuda = importlib.import_module("numba.cuda")
    a, b = cuda.device_array(n), cuda.device_array(n)
    for work in works:
        work.run()  # compiles
    for _ in range(ROUNDS):
        for work in works:
            cuda.synchronize()
            if work.on_cpu:
                started = time.perf_counter()
                work.run()
                work.seconds.append(time.perf_counter() - started)
                continue
            start, end = cuda.event(), cuda.event()
            for _ in range(COPIES_BEFORE):
                a.copy_to_device(b)
            start.record()
            for _ in range(RUNS):
                work.run()
            end.record()
            end.synchronize()
            work.seconds.append(cuda.event_elapsed_time(start, end) / 1e3 / RUNS)


def row(work: Work, works: list[Work], *, judged: bool) -> dict[str, Any]:
    """Return a work's figures; `ok` is False if it is too slow."""
    other = next((each for each in works if each.name == work.against), None)
    share = work.rate / other.rate if other else 0.0
    return {
        "work": work.name,
        "seconds": statistics.median(work.seconds),
        "rate": work.rate,
        "against": work.against,
        "share": share,
        "must": f"≥ {work.share * 100:.0f} %" if work.share and judged else "-",
        "ok": not (judged and work.share) or share >= work.share,
    }


def bandwidth(n: int) -> Iterator[Work]:
    """Yield a copy of `n` float64 on the device, and works that move about as many bytes."""
    cuda = importlib.import_module("numba.cuda")
    mt = importlib.import_module("minitorch")
    numbers = np.random.default_rng(0).random(n)
    a, b, out = (cuda.to_device(numbers) for _ in range(3))
    size_bytes = numbers.nbytes
    shown = f"{size_bytes / 2**20:.0f} MB"
    copy = f"copy of {shown} on the device"
    yield Work(copy, lambda: out.copy_to_device(a), 2 * size_bytes)

    def kernel(factory: Any, name: str) -> Any:
        return factory(mt.cuda_ops.device_jit(getattr(mt.operators, name)))

    one = mt.cuda_launch.on_device((n,)), mt.cuda_launch.on_device((1,))
    launch = mt.cuda_launch.elementwise_launch(n)
    neg, add = kernel(mt.cuda_ops.tensor_map, "neg"), kernel(mt.cuda_ops.tensor_zip, "add")
    yield Work(
        f"map (neg) of {shown}",
        lambda: neg[launch](out, *one, n, a, *one),
        2 * size_bytes, copy, BANDWIDTH_SHARE,
    )  # fmt: skip
    yield Work(
        f"zip (add) of {shown}",
        lambda: add[launch](out, *one, n, a, *one, b, *one),
        3 * size_bytes, copy, BANDWIDTH_SHARE,
    )  # fmt: skip
    side = 2 ** (n.bit_length() // 2)
    for shape, dim, what in (
        ((n,), 0, "everything"),
        ((n // side, side), 1, "the last dimension"),
        ((n // side, side), 0, "the first dimension"),
    ):
        fold = kernel(mt.cuda_ops.tensor_reduce, "add")
        run = reduction(mt, fold, a, shape, dim)
        name = f"reduce (add) of {shown}, {what}"
        check(name, run().copy_to_host(), numbers.reshape(shape).sum(dim))
        yield Work(name, run, size_bytes, copy, BANDWIDTH_SHARE)


def reduction(mt: Any, kernel: Any, a: Any, shape: Any, dim: int) -> Callable[[], Any]:
    """Return what folds a dimension of contiguous numbers on the device, in all its passes."""
    cuda, on_device = importlib.import_module("numba.cuda"), mt.cuda_launch.on_device
    passes, parts = [], 0
    while parts != 1:
        is_last = dim == len(shape) - 1
        grid, block, parts = mt.cuda_reduce.reduce_launch(shape, dim, is_last=is_last)
        to = (*shape[:dim], parts, *shape[dim + 1 :])
        size = int(np.prod(to))
        out = cuda.device_array(size)
        layouts = [(on_device(s), on_device(mt.strides_from_shape(s))) for s in (to, shape)]
        passes.append((grid, block, (out, *layouts[0], size, a, *layouts[1], dim, 0.0)))
        a, shape = out, to

    def run() -> Any:
        for grid, block, args in passes:
            kernel[grid, block](*args)
        return out

    return run


def products(n: int) -> Iterator[Work]:
    """Yield cuBLAS, if there is a library that calls it, and our kernels: n x n, float32."""
    cuda = importlib.import_module("numba.cuda")
    tools = importlib.import_module("minitorch.cuda_matmul")
    rng = np.random.default_rng(0)
    a, b = rng.random((2, n, n), np.float32) - np.float32(0.5)
    expected = a[:4].astype(np.float64) @ b
    x, y = cuda.to_device(a.reshape(-1)), cuda.to_device(b.reshape(-1))
    operations = 2.0 * n**3
    name = ""
    found = cublas(x, y, n)
    if found:
        name, run = found
        yield Work(name, run, operations)
    else:
        print("cuBLAS is not compared: neither CuPy nor PyTorch with CUDA is installed")
    for product, share in zip(tools.PRODUCTS, (TILE_SHARE, 0.0, REGISTER_SHARE), strict=True):
        run = our_product(product, x, y, n)
        out = run().copy_to_host().reshape(n, n)
        check(f"tile {product.tile}", out[:4], expected, rtol=1e-3)
        what = f"float32 {n}³, {product.tile} x {product.tile} a block"
        yield Work(what, run, operations, name, share if name else 0.0)


def our_product(product: Any, a: Any, b: Any, n: int) -> Callable[[], Any]:
    """Return what multiplies two n x n matrices on the device with one of our kernels."""
    cuda = importlib.import_module("numba.cuda")
    tools = importlib.import_module("minitorch.cuda_launch")
    out = cuda.device_array(n * n, np.float32)
    layout = tools.on_device((1, n, n)), tools.on_device((n * n, n, 1))

    def run() -> Any:
        product.kernel[product.launch(1, n, n)](out, *layout, n * n, a, *layout, b, *layout)
        return out

    return run


def cublas(a: Any, b: Any, n: int) -> tuple[str, Callable[[], object]] | None:
    """Return name and call of cuBLAS's product of the same arrays, in float32 proper."""
    try:
        cupy = importlib.import_module("cupy")
    except ImportError:
        cupy = None
    if cupy is not None and os.environ.get("CUPY_TF32", "0") in ("", "0"):
        x, y = (cupy.asarray(each).reshape(n, n) for each in (a, b))
        z = cupy.empty((n, n), cupy.float32)
        return f"cuBLAS float32 {n}³ (CuPy {cupy.__version__})", lambda: cupy.matmul(x, y, out=z)
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        return None
    if not torch.cuda.is_available():
        return None
    torch.backends.cuda.matmul.allow_tf32 = False
    x, y = (torch.as_tensor(each, device="cuda").reshape(n, n) for each in (a, b))
    z = torch.empty_like(x)
    name = f"cuBLAS float32 {n}³ (PyTorch {torch.__version__})"
    return name, lambda: torch.matmul(x, y, out=z)


def beside_numpy(n: int) -> Iterator[Work]:
    """Yield NumPy's product on the CPU, and the best kernel of ours: n x n, float32."""
    cuda = importlib.import_module("numba.cuda")
    tools = importlib.import_module("minitorch.cuda_matmul")
    a, b = np.random.default_rng(0).random((2, n, n), np.float32)
    name = f"NumPy float32 {n}², on the CPU"
    yield Work(name, lambda: a @ b, 2.0 * n**3, on_cpu=True)
    x, y = cuda.to_device(a.reshape(-1)), cuda.to_device(b.reshape(-1))
    run = our_product(tools.best_product(n, n), x, y, n)
    yield Work(f"float32 {n}² on the GPU", run, 2.0 * n**3, name)


def check(name: str, found: Any, expected: Any, rtol: float = 1e-9) -> None:
    """Exit rather than time what is wrong."""
    if not np.allclose(found, np.reshape(expected, found.shape), rtol=rtol, atol=rtol):
        raise SystemExit(f"{name}: the result is wrong")


def machine() -> str:
    """Return the name of the GPU, and which numba.cuda drives it."""
    numba, cuda = importlib.import_module("numba"), importlib.import_module("numba.cuda")
    name = cuda.get_current_device().name
    name = name.decode() if isinstance(name, bytes) else name
    return f"{name}; numba {numba.__version__}, {Path(str(cuda.__file__)).parent}"


if __name__ == "__main__":
    sys.exit(main())
