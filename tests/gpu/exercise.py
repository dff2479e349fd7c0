"""Run every CUDA kernel of the reference on a GPU, at awkward sizes, and check the results.

    python tests/gpu/exercise.py [NAME …]

`test_gpu.py` calls the functions one by one, and starts this file under
compute-sanitizer. Sizes are small: its race checker slows a kernel down a hundredfold.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

SIZES = [1, 31, 32, 33, 257, 1009]
LENGTHS = [0, 1, 31, 32, 33, 1023, 1024, 1025, 5000]


def whole(seed: int, *shape: int, dtype: Any = np.float64) -> np.ndarray:
    """Return small whole numbers, whose sums and products are exact."""
    return np.random.default_rng(seed).integers(-5, 6, shape).astype(dtype)


def turned(array: np.ndarray) -> np.ndarray:
    """Return the same numbers with the last two dimensions the other way round in memory."""
    return np.ascontiguousarray(array.swapaxes(-1, -2)).swapaxes(-1, -2)


def on_gpu(mt: Any, array: np.ndarray) -> Any:
    """Return a tensor with the strides of an array."""
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])
    steps = tuple(stride // array.itemsize for stride in array.strides)
    data = mt.TensorData(array.transpose(order).reshape(-1).copy(), array.shape, steps)
    data.to_cuda_()
    return mt.Tensor(data, backend=mt.TensorBackend(mt.CudaOps))


def maps_and_zips(mt: Any) -> None:
    """All sizes, and all ways in which two tensors can lie."""
    backend = mt.TensorBackend(mt.CudaOps)
    for size in SIZES:
        a = whole(0, size)
        assert np.array_equal(backend.neg_map(on_gpu(mt, a)).to_numpy(), -a)
    shapes = [((3, 4, 5), (3, 4, 5)), ((2, 3, 4, 5), (4, 1)), ((7, 1), (1, 9)), ((1,), (33, 3))]
    for left, right in shapes:
        a, b = whole(0, *left), whole(1, *right)
        for x in (a, turned(a)) if a.ndim > 1 else (a,):
            for y in (b, turned(b)) if b.ndim > 1 else (b,):
                total = backend.add_zip(on_gpu(mt, x), on_gpu(mt, y))
                assert np.array_equal(total.to_numpy(), a + b)


def functions(mt: Any) -> None:
    """The device's own arithmetic, within a few units in the last place of NumPy's."""
    backend = mt.TensorBackend(mt.CudaOps)
    a = np.linspace(-20.0, 20.0, 1009)
    expected = {
        "sigmoid": 1 / (1 + np.exp(-a)),
        "exp": np.exp(a),
        "relu": np.where(a > 0, a, 0),
        "inv": 1 / (a + 0.5),
        "log": np.log(a + 21 + 1e-6),
    }
    for name, values in expected.items():
        shift = {"inv": 0.5, "log": 21.0}.get(name, 0.0)
        found = getattr(backend, f"{name}_map")(on_gpu(mt, a + shift)).to_numpy()
        np.testing.assert_allclose(found, values, rtol=1e-13)


def reductions(mt: Any) -> None:
    """Any length, along any dimension, starting from what it should, once."""
    fold = mt.CudaOps.reduce(mt.operators.add, 7.0)
    for length in LENGTHS:
        for shape, dim in (
            ((length,), 0),
            ((3, length), 1),
            ((length, 37), 0),
            ((2, length, 3), 1),
        ):
            a = whole(length, *shape)
            for each in (a, turned(a)) if a.ndim == 2 else (a,):
                found = fold(on_gpu(mt, each), dim).to_numpy()
                assert np.array_equal(found, 7 + a.sum(dim, keepdims=True)), (shape, dim)


def products(mt: Any) -> None:
    """All three kernels, in float64 and float32, with each matrix lying both ways."""
    cuda = importlib.import_module("numba.cuda")

    def arguments(array: np.ndarray) -> tuple[Any, ...]:
        order = sorted(range(3), key=lambda d: -array.strides[d])
        steps = tuple(stride // array.itemsize for stride in array.strides)
        storage = cuda.to_device(np.ascontiguousarray(array.transpose(order)).reshape(-1))
        return storage, mt.cuda_launch.on_device(array.shape), mt.cuda_launch.on_device(steps)

    for product in mt.cuda_matmul.PRODUCTS:
        for m, k, n in ((1, 1, 1), (31, 33, 32), (65, 7, 129)):
            for dtype in (np.float64, np.float32):
                a, b = whole(0, 2, m, k, dtype=dtype), whole(1, 1, k, n, dtype=dtype)
                for x, y in ((a, b), (turned(a), turned(b))):
                    out = arguments(np.full((2, m, n), np.nan, dtype))
                    grid, block = product.launch(2, m, n)
                    product.kernel[grid, block](*out, 2 * m * n, *arguments(x), *arguments(y))
                    found = out[0].copy_to_host().reshape(2, m, n)
                    assert np.array_equal(found, a @ b), (product.tile, m, k, n, dtype)


def convolutions(mt: Any) -> None:
    """Forward and backward: the derivative of a sum says how often a number counts."""
    source, weight = whole(0, 2, 3, 7, 11), whole(1, 9, 3, 3, 2)
    padded = np.pad(source, ((0, 0), (0, 0), (0, 2), (0, 1)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 2), axis=(2, 3))
    x, w = on_gpu(mt, source), on_gpu(mt, weight)
    x.requires_grad_(True)
    w.requires_grad_(True)
    out = mt.cuda_conv.conv2d(x, w)
    assert np.array_equal(out.to_numpy(), np.einsum("bchwij,ocij->bohw", windows, weight))
    out.sum().backward()
    total = windows.sum((0, 2, 3))
    assert np.array_equal(w.grad.to_numpy(), np.broadcast_to(total, weight.shape))
    row, kernel = whole(2, 2, 3, 37), whole(3, 5, 3, 4)
    found = mt.cuda_conv.conv1d(on_gpu(mt, row), on_gpu(mt, kernel)).to_numpy()
    windows = np.lib.stride_tricks.sliding_window_view(
        np.pad(row, ((0, 0), (0, 0), (0, 3))), 4, axis=2
    )
    assert np.array_equal(found, np.einsum("bcwi,oci->bow", windows, kernel))


def practice(mt: Any) -> None:
    """The kernels to practise on, and those of the lectures."""
    cuda = importlib.import_module("numba.cuda")
    for size in (0, 1, 31, 32, 33, 64, 100):
        a = whole(0, size)
        sums = mt.sum_practice(on_gpu(mt, a)).to_numpy()
        assert sums.tolist() == [a[i : i + 32].sum() for i in range(0, 32 * len(sums), 32)]
    for size in (1, 2, 31, 32):
        a, b = whole(0, size, size), whole(1, size, size)
        found = mt.mm_practice(on_gpu(mt, a), on_gpu(mt, b)).to_numpy()
        assert np.array_equal(found, a @ b)
    for size in SIZES:
        x, y = whole(0, size), whole(1, size)
        on_device, out = cuda.to_device(x), cuda.device_array(size)
        grid, block = mt.cuda_examples.example_launch(size)
        mt.cuda_examples.sliding_average[grid, block](out, on_device, size)
        expected = [x[max(0, i - 2) : i + 1].mean() for i in range(size)]
        np.testing.assert_allclose(out.copy_to_host(), expected)
        mt.cuda_examples.saxpy[grid, block](out, 2.0, on_device, cuda.to_device(y), size)
        assert np.array_equal(out.copy_to_host(), 2 * x + y)


def training(mt: Any) -> None:
    """A step of a small network, as loops in Python take it."""
    weights = [whole(i, *shape) / 4 for i, shape in enumerate(((2, 7), (7, 1)))]
    found = []
    for backend in (mt.SimpleBackend, mt.TensorBackend(mt.CudaOps)):
        w, v = (mt.tensor(each.tolist(), backend, requires_grad=True) for each in weights)
        x = mt.tensor((whole(5, 10, 2) / 8 + 0.01).tolist(), backend)
        loss = -(((x @ w).relu() @ v).sigmoid().log()).mean()
        loss.backward()
        found.append((loss.to_numpy(), w.grad.to_numpy(), v.grad.to_numpy()))
    for one, other in zip(*found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


EXERCISES = {
    each.__name__: each
    for each in (
        maps_and_zips, functions, reductions, products, convolutions, practice, training,
    )
}  # fmt: skip


def main() -> None:
    """Run the exercises that the command line names, or all."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "reference"))
    mt = importlib.import_module("minitorch")
    for name in sys.argv[1:] or EXERCISES:
        EXERCISES[name](mt)


if __name__ == "__main__":
    main()
