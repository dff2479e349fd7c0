"""Convolutions on a GPU that is simulated, and the kernels of the lectures."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrade.simt import Trace, launch


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


shim = _load("cuda_shim")
gpu, triple, clean, on_gpu = shim.gpu, shim.triple, shim.clean, shim.on_gpu


@pytest.fixture(scope="module")
def backend(mt: ModuleType) -> Any:
    return mt.TensorBackend(mt.CudaOps)


def convolved(
    a: np.ndarray, weight: np.ndarray, places: tuple[int, ...], *, reverse: bool
) -> np.ndarray:
    """Convolve as the course defines it, one place and one number of the weight at a time."""
    out = np.zeros((a.shape[0], weight.shape[0], *places))
    every = (slice(None), slice(None))
    for place in np.ndindex(*places):
        for tap in np.ndindex(*weight.shape[2:]):
            below = [p - k if reverse else p + k for p, k in zip(place, tap, strict=True)]
            if all(0 <= i < side for i, side in zip(below, a.shape[2:], strict=True)):
                out[(*every, *place)] += a[(*every, *below)] @ weight[(*every, *tap)].T
    return out


def whole(seed: int, *shape: int, turned: bool = False) -> np.ndarray:
    numbers = np.random.default_rng(seed).integers(-5, 6, shape).astype(float)
    return np.ascontiguousarray(numbers.swapaxes(0, 1)).swapaxes(0, 1) if turned else numbers


def run(mt: ModuleType, a: np.ndarray, weight: np.ndarray, places: Any, reverse: bool) -> Trace:
    """Convolve with a kernel, check the result, and return what the launch did."""
    kernel = mt.cuda_conv.tensor_conv1d if a.ndim == 3 else mt.cuda_conv.tensor_conv2d
    out = np.full((a.shape[0], weight.shape[0], *places), np.nan)
    grid, block = mt.cuda_conv.conv_launch(a.shape[0], weight.shape[0], int(np.prod(places)))
    args = (*triple(out), out.size, *triple(a), *triple(weight), reverse)
    trace = launch(kernel, grid, block, args)
    clean(trace)
    assert np.array_equal(out, convolved(a, weight, places, reverse=reverse))
    assert trace.counters["out"].writes == trace.coverage["out"].once == out.size
    return trace


CASES = [
    # input, weight, places of the output: as wide as the input, or of another width
    ((1, 1, 1), (1, 1, 1), (1,)),
    ((1, 1, 4), (1, 1, 3), (4,)),
    ((2, 3, 37), (9, 3, 5), (37,)),
    ((2, 3, 37), (9, 3, 50), (20,)),
    ((3, 1, 33), (8, 1, 33), (31,)),
    ((2, 2, 5), (2, 2, 0), (5,)),
    ((1, 1, 1, 1), (1, 1, 1, 1), (1, 1)),
    ((2, 3, 7, 11), (5, 3, 3, 2), (7, 11)),
    ((2, 17, 5, 5), (9, 17, 4, 4), (6, 3)),
    ((3, 2, 1, 13), (7, 2, 1, 5), (1, 13)),
]


@pytest.mark.parametrize(("a", "weight", "places"), CASES)
@pytest.mark.parametrize("reverse", [False, True])
def test_convolutions_of_any_shape_and_layout(
    mt: ModuleType, a: Any, weight: Any, places: Any, reverse: bool
) -> None:
    for turned in (False, True):
        run(mt, whole(0, *a, turned=turned), whole(1, *weight, turned=turned), places, reverse)


def test_a_block_reads_its_weights_once_and_its_columns_once(mt: ModuleType) -> None:
    """8 channels share what they read of the input, 32 places what they read of the weight."""
    a, weight = whole(0, 2, 4, 8, 16), whole(1, 16, 4, 3, 1)
    trace = run(mt, a, weight, (8, 16), reverse=False)
    outputs = 2 * 16 * 8 * 16
    numbers = weight[0].size
    assert trace.counters["weight"].reads == outputs * numbers // 32
    inside = 2 * 4 * 16 * (8 + 7 + 6)  # the rows below the input are zeros, and not read
    assert trace.counters["input"].reads == inside * 16 // 8
    assert trace.counters["out"].sectors_a_request == 8


@pytest.mark.parametrize(
    ("a", "weight"),
    [((2, 2, 6), (3, 2, 2)), ((1, 1, 6), (1, 1, 8)), ((2, 1, 5, 6), (3, 1, 2, 4))],
)
def test_derivatives_of_convolutions(
    gpu: Any, mt: ModuleType, backend: Any, a: Any, weight: Any
) -> None:
    """A convolution is linear in each argument: its derivative is the same everywhere."""
    conv = mt.cuda_conv.conv1d if len(a) == 3 else mt.cuda_conv.conv2d
    left, right = whole(0, *a), whole(1, *weight)
    x, w = on_gpu(mt, backend, left), on_gpu(mt, backend, right)
    x.requires_grad_(True)
    w.requires_grad_(True)
    out = conv(x, w)
    factor = whole(2, *out.shape)
    assert np.array_equal(out.to_numpy(), convolved(left, right, a[2:], reverse=False))
    (out * on_gpu(mt, backend, factor)).sum().backward()
    for tensor, numbers, other in ((x, left, right), (w, right, left)):
        for index in np.ndindex(*numbers.shape):
            unit = np.zeros_like(numbers)
            unit[index] = 1.0
            pair = (unit, other) if tensor is x else (other, unit)
            slope = (convolved(*pair, a[2:], reverse=False) * factor).sum()
            assert tensor.grad[index] == slope


def test_only_wanted_derivatives_are_computed(gpu: Any, mt: ModuleType, backend: Any) -> None:
    x, w = (on_gpu(mt, backend, whole(i, 2, 2, 5)) for i in range(2))
    w.requires_grad_(True)
    mt.cuda_conv.conv1d(x, w).sum().backward()
    assert x.grad is None
    assert [done.kernel for done in gpu].count("_tensor_conv1d") == 2


@pytest.mark.parametrize(
    ("a", "weight"), [((1, 2, 5), (1, 3, 2)), ((1, 2, 5, 5), (1, 2, 3)), ((1, 2, 5), (1, 2, 3, 3))]
)
def test_shapes_that_do_not_fit_are_named(
    gpu: Any, mt: ModuleType, backend: Any, a: Any, weight: Any
) -> None:
    x, w = on_gpu(mt, backend, np.ones(a)), on_gpu(mt, backend, np.ones(weight))
    with pytest.raises(mt.IndexingError) as error:
        mt.cuda_conv.conv1d(x, w)
    assert str(a) in str(error.value)
    assert str(weight) in str(error.value)


@pytest.mark.parametrize("size", [1, 2, 31, 32, 33, 64, 97])
def test_a_sliding_average_reads_two_numbers_a_thread_at_most(mt: ModuleType, size: int) -> None:
    examples = mt.cuda_examples
    a, out = whole(0, size), np.full(size, np.nan)
    grid, block = examples.example_launch(size)
    trace = clean(launch(examples.sliding_average, grid, block, (out, a, size)))
    assert np.allclose(out, [a[max(0, i - 2) : i + 1].mean() for i in range(size)])
    assert trace.counters["a"].reads == size + 2 * (grid[0] - 1)
    assert trace.counters["out"].writes == size


@pytest.mark.parametrize("size", [1, 31, 32, 33, 97])
def test_saxpy(mt: ModuleType, size: int) -> None:
    examples = mt.cuda_examples
    x, y, out = whole(0, size), whole(1, size), np.full(size, np.nan)
    grid, block = examples.example_launch(size)
    trace = clean(launch(examples.saxpy, grid, block, (out, 2.0, x, y, size)))
    assert np.array_equal(out, 2 * x + y)
    assert trace.total("global").reads == 2 * size
