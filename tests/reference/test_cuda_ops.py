"""Kernels of map, zip and reduce, and whole tensor programs, on a GPU that is simulated."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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

DRAWN = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SIZES = [1, 31, 32, 33, 255, 256, 257, 1009]
ODD_LAUNCHES = [(1, 1), (1, 32), (3, 7), (2, 33), (5, 1024)]


@pytest.fixture(scope="module")
def backend(mt: ModuleType) -> Any:
    return mt.TensorBackend(mt.CudaOps)


# ---- map and zip


@pytest.mark.parametrize("size", SIZES)
def test_a_map_of_equal_layouts_reads_and_writes_each_number_once(
    mt: ModuleType, size: int
) -> None:
    kernel = mt.cuda_ops.tensor_map(mt.cuda_ops.device_jit(mt.operators.neg))
    a = np.arange(size) / 4
    for grid, block in [mt.cuda_launch.elementwise_launch(size), *ODD_LAUNCHES]:
        out = np.full(size, np.nan)
        trace = clean(launch(kernel, grid, block, (*triple(out), size, *triple(a))))
        assert np.array_equal(out, -a)
        assert trace.counters["in_storage"].reads == trace.counters["out"].writes == size
        assert trace.coverage["out"].once == size


def test_neighbours_read_neighbours(mt: ModuleType) -> None:
    """A float64 takes a quarter of a sector: 8 sectors for the 32 of a warp."""
    a = np.arange(4096.0)
    grid, block = mt.cuda_launch.elementwise_launch(a.size)
    add = mt.cuda_ops.tensor_zip(mt.cuda_ops.device_jit(mt.operators.add))
    out = np.zeros(a.size)
    trace = clean(launch(add, grid, block, (*triple(out), a.size, *triple(a), *triple(a + 1))))
    for name in ("out", "a_storage", "b_storage"):
        assert trace.counters[name].sectors_a_request == 8


@pytest.mark.parametrize(("grid", "block"), ODD_LAUNCHES)
def test_maps_and_zips_of_any_layout_by_any_launch(mt: ModuleType, grid: int, block: int) -> None:
    """With the course's arguments: shapes of fewer dimensions, sizes of 1, strides as they come."""
    rng = np.random.default_rng(block)
    small, other = rng.random((3, 1)), rng.random((5, 3, 4)).transpose(2, 1, 0)
    lying = np.full((5, 4, 3, 2), np.nan)
    out = lying.transpose(3, 1, 2, 0)  # (2, 4, 3, 5)
    to = (lying.reshape(-1), *triple(out)[1:], out.size)
    device = mt.cuda_ops.device_jit
    kernel = mt.cuda_ops.tensor_map(device(mt.operators.neg))
    clean(launch(kernel, grid, block, (*to, *triple(small))))
    assert np.array_equal(out, np.broadcast_to(-small, out.shape))
    kernel = mt.cuda_ops.tensor_zip(device(mt.operators.mul))
    clean(launch(kernel, grid, block, (*to, *triple(small), *triple(other))))
    assert np.array_equal(out, np.broadcast_to(small * other, out.shape))


def test_equal_layouts_with_gaps_are_walked_by_index(mt: ModuleType) -> None:
    kernel = mt.cuda_ops.tensor_map(mt.cuda_ops.device_jit(mt.operators.neg))
    a, out = np.arange(16.0), np.full(16, 99.0)
    layout = (shim.ints(3, 2), shim.ints(5, 2))
    trace = launch(kernel, 1, 32, (out, *layout, 6, a, *layout))
    assert [f.kind for f in trace.findings] == ["unwritten-output"]  # the gaps
    places = [0, 2, 5, 7, 10, 12]
    assert out[places].tolist() == [-x for x in places]
    assert np.count_nonzero(out == 99.0) == 10


@given(data=st.data())
@DRAWN
def test_zips_agree_with_numpy(
    gpu: Any, mt: ModuleType, backend: Any, draw_tensor: Callable[..., Any], data: st.DataObject
) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 5), max_size=4)))
    shapes = [
        tuple(1 if data.draw(st.booleans()) else side for side in shape)[cut:]
        for cut in (data.draw(st.integers(0, len(shape))), 0)
    ]
    (a, left), (b, right) = (draw_tensor(data, each, backend=backend) for each in shapes)
    a._tensor.to_cuda_()
    b._tensor.to_cuda_()
    assert np.array_equal(backend.add_zip(a, b).to_numpy(), left + right)
    assert np.array_equal(backend.neg_map(b).to_numpy(), -right)


@given(
    shape=st.lists(st.integers(1, 5), max_size=5),
    seed=st.randoms(use_true_random=False),
)
def test_merged_dimensions_walk_the_same_way(mt: ModuleType, shape: list[int], seed: Any) -> None:
    def walk(sides: Any, steps: Any) -> list[int]:
        return [int(np.dot(index, steps)) for index in np.ndindex(*sides)]

    rows = []
    for _ in range(2):
        order = seed.sample(range(len(shape)), len(shape))
        lying = np.zeros([shape[d] for d in order]).transpose(np.argsort(order))
        rows.append(tuple(0 if seed.random() < 0.2 else int(s) for s in shim.strides(lying)))
    sides, steps = mt.cuda_launch.merged(tuple(shape), *rows)
    assert [walk(sides, each) for each in steps] == [walk(shape, each) for each in rows]
    assert len(sides) <= max(1, len(shape))


def test_contiguous_tensors_and_a_number_have_one_dimension(mt: ModuleType) -> None:
    merged = mt.cuda_launch.merged
    assert merged((2, 3, 4), (12, 4, 1), (12, 4, 1)) == ((24,), [(1,), (1,)])
    assert merged((2, 3, 4), (12, 4, 1), (0, 0, 0)) == ((24,), [(1,), (0,)])
    assert merged((2, 3, 4), (12, 4, 1), (0, 4, 1)) == ((2, 12), [(12, 1), (0, 1)])
    assert merged((1, 1), (1, 1)) == ((1,), [(1,)])


# ---- reduce

LENGTHS = [0, 1, 2, 31, 32, 33, 1023, 1024, 1025, 5000]


def reduced(
    mt: ModuleType, a: np.ndarray, dim: int, parts: int, grid: Any, block: Any, start: float
) -> tuple[np.ndarray, Trace]:
    kernel = mt.cuda_ops.tensor_reduce(mt.cuda_ops.device_jit(mt.operators.add))
    out = np.full((*a.shape[:dim], parts, *a.shape[dim + 1 :]), np.nan)
    trace = launch(kernel, grid, block, (*triple(out), out.size, *triple(a), dim, start))
    clean(trace)
    assert trace.counters["a_storage"].reads == a.size
    assert trace.counters["out"].writes == out.size
    return out, trace


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("place", ["only", "last", "first", "middle", "permuted"])
def test_reductions_of_any_length_read_each_number_once(
    mt: ModuleType, length: int, place: str
) -> None:
    shape, dim = {
        "only": ((length,), 0),
        "last": ((3, length), 1),
        "first": ((length, 37), 0),
        "middle": ((2, length, 3), 1),
        "permuted": ((3, length), 1),
    }[place]
    a = np.random.default_rng(length).integers(-9, 9, shape).astype(float)
    if place == "permuted":
        a = np.ascontiguousarray(a.T).T
    is_last = bool(shim.strides(a)[dim] == 1)
    grid, block, parts = mt.cuda_reduce.reduce_launch(shape, dim, is_last=is_last)
    out, _ = reduced(mt, a, dim, parts, grid, block, 0.5)
    start = 0.5 if parts == 1 else 0.0  # the second pass adds it
    assert np.array_equal(out.sum(dim), a.sum(dim) + start)


@pytest.mark.parametrize("block", [(1024, 1), (33, 1), (1, 1), (7, 3), (3, 16), (1, 32)])
@pytest.mark.parametrize("parts", [1, 3])
def test_reductions_by_any_launch(mt: ModuleType, block: tuple[int, int], parts: int) -> None:
    rng = np.random.default_rng(0)
    for shape, dim in [((3, 40), 1), ((40, 3), 0), ((2, 70, 3), 1)]:
        a = rng.integers(-9, 9, shape).astype(float)
        out, _ = reduced(mt, a, dim, parts, 2, block, 0.0)
        assert np.array_equal(out.sum(dim), a.sum(dim))


def test_the_course_launches_partial_sums(mt: ModuleType) -> None:
    """A block of 1,024 threads an output, and an output for each 1,024 numbers."""
    a = np.arange(2500.0)
    out, _ = reduced(mt, a, 0, 3, 3, 1024, 0.0)
    assert out.sum() == a.sum()


@given(length=st.integers(0, 10**6), others=st.integers(1, 10**5), is_last=st.booleans())
def test_launches_of_reductions_cover_all_outputs(
    mt: ModuleType, length: int, others: int, is_last: bool
) -> None:
    grid, block, parts = mt.cuda_reduce.reduce_launch((others, length), 1, is_last=is_last)
    rows = block[1] if is_last else block[0]
    assert block[0] * block[1] <= 1024
    assert grid[0] * rows >= others * parts
    assert parts == 1 or parts * 8 <= length


@pytest.mark.parametrize("is_last", [True, False])
def test_neighbours_read_neighbours_in_reductions(mt: ModuleType, is_last: bool) -> None:
    a = np.ones((64, 256)) if is_last else np.ones((256, 64))
    dim = 1 if is_last else 0
    grid, block, parts = mt.cuda_reduce.reduce_launch(a.shape, dim, is_last=is_last)
    _, trace = reduced(mt, a, dim, parts, grid, block, 0.0)
    assert trace.counters["a_storage"].sectors_a_request == 8


@pytest.mark.parametrize("shape", [(70_000,), (3, 5000), (5000, 3), (0, 4), (4, 0), (1, 1)])
def test_folds_start_from_their_start_once(gpu: Any, mt: ModuleType, shape: Any) -> None:
    count = mt.CudaOps.reduce(mt.operators.add, 7.0)
    backend = mt.TensorBackend(mt.CudaOps)
    a = np.random.default_rng(0).integers(-9, 9, shape).astype(float)
    for dim in range(len(shape)):
        found = count(on_gpu(mt, backend, a), dim).to_numpy()
        assert np.array_equal(found, 7 + a.sum(dim, keepdims=True))
    assert len(gpu) <= 2 * len(shape)


def test_other_functions_fold_too(gpu: Any, mt: ModuleType, backend: Any) -> None:
    a = np.random.default_rng(0).permutation(3000).reshape(3, 1000) - 1500.0
    assert np.array_equal(
        backend.max_reduce(on_gpu(mt, backend, a), 1).to_numpy(), a.max(1, keepdims=True)
    )
    small = np.array([[1.5, 2.0, 4.0]])
    assert backend.mul_reduce(on_gpu(mt, backend, small), 1).item() == 12.0


# ---- practice, and no GPU


@pytest.mark.parametrize("size", [0, 1, 31, 32, 33, 63, 64, 65, 100])
def test_sums_of_32(gpu: Any, mt: ModuleType, backend: Any, size: int) -> None:
    a = np.arange(size) + 0.5
    sums = mt.sum_practice(on_gpu(mt, backend, a))
    expected = [a[i : i + 32].sum() for i in range(0, max(size + 1, 33), 32)]
    assert sums.to_numpy().tolist() == expected


@pytest.mark.parametrize("size", [64, 65, 96])
def test_sums_of_32_stay_within_an_output_of_two(mt: ModuleType, size: int) -> None:
    """So the course launches it: a block too many for 64 numbers."""
    out, a = np.zeros(2), np.ones(size)
    clean(launch(mt.cuda_ops._sum_practice, size // 32 + 1, 32, (out, a, size)))
    assert out.tolist() == [32, 32]


def test_without_a_gpu_the_error_says_so(mt: ModuleType, backend: Any) -> None:
    from numba import cuda

    if cuda.is_available():
        pytest.skip("there is a GPU")
    a = mt.tensor([1.0, 2.0])
    calls: list[Callable[[], Any]] = [
        lambda: mt.tensor([1.0], backend=backend),
        lambda: backend.neg_map(a),
        lambda: backend.add_zip(a, a),
        lambda: backend.add_reduce(a, 0),
        lambda: backend.matrix_multiply(a, a),
        lambda: mt.sum_practice(a),
        lambda: mt.mm_practice(a, a),
        lambda: mt.cuda_conv.conv1d(a, a),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match=r"^no CUDA device: .*FastOps"):
            call()


def test_nothing_is_compiled_before_it_is_used(mt: ModuleType) -> None:
    for kernel in (mt.cuda_matmul.tensor_matrix_multiply, mt.cuda_conv.tensor_conv2d):
        assert not kernel.overloads
