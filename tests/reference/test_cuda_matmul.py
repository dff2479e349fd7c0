"""Matrix products on a GPU that is simulated: values, and what they read from where."""

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


KINDS = [0, 1, 2]  # of `PRODUCTS`: a thread an output, 64 outputs a thread, larger blocks
SHAPES = [(1, 1, 1), (31, 33, 32), (32, 32, 31), (13, 64, 129), (65, 7, 64), (5, 0, 3)]


@pytest.fixture(scope="module")
def backend(mt: ModuleType) -> Any:
    return mt.TensorBackend(mt.CudaOps)


def multiplied(mt: ModuleType, kind: int, a: np.ndarray, b: np.ndarray) -> Trace:
    """Multiply two rows of matrices, check the products, and return what the launch did."""
    product = mt.cuda_matmul.PRODUCTS[kind]
    expected = a.astype(np.float64) @ b
    out = np.full(expected.shape, np.nan, a.dtype)
    grid, block = product.launch(*out.shape)
    trace = launch(product.kernel, grid, block, (*triple(out), out.size, *triple(a), *triple(b)))
    clean(trace)
    assert np.array_equal(out, expected)
    return trace


def matrices(seed: int, *shape: int, dtype: Any = np.float64, turned: bool = False) -> np.ndarray:
    """Return matrices of small whole numbers, whose products are exact."""
    numbers = np.random.default_rng(seed).integers(-5, 6, shape).astype(dtype)
    return np.ascontiguousarray(numbers.swapaxes(1, 2)).swapaxes(1, 2) if turned else numbers


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_products_of_any_shape_and_layout(
    mt: ModuleType, kind: int, shape: tuple[int, int, int], turned: tuple[bool, bool]
) -> None:
    m, k, n = shape
    for dtype in (np.float64, np.float32):
        a = matrices(0, 2, m, k, dtype=dtype, turned=turned[0])
        b = matrices(1, 2, k, n, dtype=dtype, turned=turned[1])
        multiplied(mt, kind, a, b)


@pytest.mark.parametrize("kind", KINDS)
def test_each_number_is_read_once_a_tile(mt: ModuleType, kind: int) -> None:
    """With tiles of T: each number of a once for T columns, each of b once for T rows."""
    tile = mt.cuda_matmul.PRODUCTS[kind].tile
    m, k, n = 50, 70, 150
    trace = multiplied(mt, kind, matrices(0, 1, m, k), matrices(1, 1, k, n))
    assert trace.counters["a_storage"].reads == m * k * -(-n // tile)
    assert trace.counters["b_storage"].reads == k * n * -(-m // tile)
    assert trace.counters["out"].writes == trace.coverage["out"].once == m * n


def test_a_tile_reads_two_numbers_for_32_products(mt: ModuleType) -> None:
    n = 96
    trace = multiplied(mt, 0, matrices(0, 1, n, n), matrices(1, 1, n, n))
    reads = trace.counters["a_storage"].reads + trace.counters["b_storage"].reads
    assert reads == n * n * 2 * (n // 32)
    assert trace.counters["a_storage"].reads == n**3 / 32


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("turned", [(False, False), (True, True)])
def test_warps_read_and_write_whole_sectors(mt: ModuleType, kind: int, turned: Any) -> None:
    for dtype, ideal in ((np.float32, 4), (np.float64, 8)):
        a = matrices(0, 1, 128, 32, dtype=dtype, turned=turned[0])
        trace = multiplied(mt, kind, a, matrices(1, 1, 32, 128, dtype=dtype, turned=turned[1]))
        for name in ("a_storage", "b_storage", "out"):
            assert trace.counters[name].sectors_a_request == ideal


@pytest.mark.parametrize("kind", KINDS)
def test_sums_of_float32_are_float32(mt: ModuleType, kind: int) -> None:
    product = mt.cuda_matmul.PRODUCTS[kind]
    a = np.array([[[1e8, 1.0, -1e8]]], np.float32)
    b = np.ones((1, 3, 1), np.float32)
    for dtype, expected in ((np.float32, 0.0), (np.float64, 1.0)):
        out = np.zeros((1, 1, 1), dtype)
        args = (*triple(out), 1, *triple(a.astype(dtype)), *triple(b.astype(dtype)))
        clean(launch(product.kernel, *product.launch(1, 1, 1), args))
        assert out[0, 0, 0] == expected


@pytest.mark.parametrize("kind", KINDS)
def test_more_matrices_than_blocks(mt: ModuleType, kind: int) -> None:
    product = mt.cuda_matmul.PRODUCTS[kind]
    grid, block = product.launch(70_000, 3, 3)
    assert grid == (1, 1, 65_535)
    a, b, out = matrices(0, 7, 3, 4), matrices(1, 1, 4, 5), np.full((7, 3, 5), np.nan)
    args = (*triple(out), out.size, *triple(a), *triple(b))
    clean(launch(product.kernel, (1, 1, 2), block, args))
    assert np.array_equal(out, a @ b)


def test_larger_matrices_have_larger_tiles(mt: ModuleType) -> None:
    best = mt.cuda_matmul.best_product
    tiles = [best(m, n).tile for m, n in [(1, 1), (127, 128), (128, 128), (4096, 4096)]]
    assert tiles == [32, 32, 64, 128]
    assert best(4096, 4096).launch(2, 4096, 4000) == ((32, 32, 2), (16, 16, 1))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((3, 4), (4, 5)),
        ((4, 3, 4), (4, 5)),
        ((3, 4), (2, 4, 5)),
        ((4, 1, 2, 3), (1, 5, 3, 2)),
        ((2, 3, 4, 5), (3, 5, 2)),
        ((0, 4), (4, 5)),
        ((3, 0), (0, 2)),
        ((129, 4), (4, 130)),
    ],
)
def test_products_of_tensors_broadcast(
    gpu: Any, mt: ModuleType, backend: Any, left: Any, right: Any
) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.integers(-5, 6, left) * 1.0, rng.integers(-5, 6, right) * 1.0
    product = backend.matrix_multiply(on_gpu(mt, backend, a), on_gpu(mt, backend, b))
    assert np.array_equal(product.to_numpy(), a @ b)


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (4, 5)), ((2, 3, 4), (3, 4, 5)), ((3,), (3, 2))]
)
def test_shapes_that_do_not_fit_are_named(
    gpu: Any, mt: ModuleType, backend: Any, left: Any, right: Any
) -> None:
    a, b = on_gpu(mt, backend, np.ones(left)), on_gpu(mt, backend, np.ones(right))
    with pytest.raises(mt.IndexingError) as error:
        backend.matrix_multiply(a, b)
    assert str(left) in str(error.value)
    assert str(right) in str(error.value)


@pytest.mark.parametrize("size", [1, 2, 31, 32])
def test_small_squares_in_one_block(gpu: Any, mt: ModuleType, backend: Any, size: int) -> None:
    a, b = matrices(0, 1, size, size)[0], matrices(1, 1, size, size)[0]
    product = mt.mm_practice(on_gpu(mt, backend, a), on_gpu(mt, backend, b))
    assert np.array_equal(product.to_numpy(), a @ b)
    trace = gpu[0].trace
    assert trace.counters["a"].reads == trace.counters["b"].reads == size * size
    assert trace.counters["out"].writes == size * size
