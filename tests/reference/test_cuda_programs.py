"""Whole tensor programs on a simulated GPU, and kernels by address and as real PTX."""

from __future__ import annotations

import importlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

from minigrade.simt import launch


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


shim = _load("cuda_shim")
gpu = shim.gpu


@pytest.fixture(scope="module")
def backend(mt: ModuleType) -> Any:
    return mt.TensorBackend(mt.CudaOps)


def both(
    mt: ModuleType, backend: Any, function: Any, *arrays: np.ndarray
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return result and derivatives of a program, with loops in Python and on a GPU."""
    found = []
    for each in (mt.SimpleBackend, backend):
        tensors = [mt.tensor(array.tolist(), each, requires_grad=True) for array in arrays]
        result = function(*tensors)
        result.sum().backward()
        grads = [None if t.grad is None else t.grad.to_numpy() for t in tensors]
        found.append((result.to_numpy(), *grads))
    return found[0], found[1]


def agree(one: tuple[Any, ...], other: tuple[Any, ...]) -> None:
    for a, b in zip(one, other, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            assert a.shape == b.shape
            np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-12)


def numbers(seed: int, *shape: int) -> np.ndarray:
    """Return numbers away from the kinks of the course's functions."""
    return np.random.default_rng(seed).integers(-40, 40, shape) / 4 + 0.11


NAMES = [
    "addConstant", "complex", "cube", "div", "exp", "explog", "inv", "log", "multConstant",
    "neg", "relu", "sig", "square", "subConstant", "mean_full_red", "mean_red", "sum_red",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1,), (33,), (2, 3, 4)])
def test_functions_of_a_tensor(
    gpu: Any, mt: ModuleType, backend: Any, name: str, shape: tuple[int, ...]
) -> None:
    function = getattr(mt.MathTestVariable, name)
    agree(*both(mt, backend, function, numbers(0, *shape)))
    assert gpu


@pytest.mark.slow
@pytest.mark.parametrize("name", ["add2", "div2", "eq2", "gt2", "lt2", "mul2"])
@pytest.mark.parametrize(
    ("left", "right"), [((3, 4), (3, 4)), ((2, 3, 4), (3, 1)), ((1,), (5, 7)), ((4, 1), (1, 4))]
)
def test_functions_of_two_tensors(
    gpu: Any, mt: ModuleType, backend: Any, name: str, left: Any, right: Any
) -> None:
    function = getattr(mt.MathTestVariable, name)
    agree(*both(mt, backend, function, numbers(0, *left), numbers(1, *right)))


PROGRAMS: dict[str, tuple[Any, list[tuple[int, ...]]]] = {
    "permute": (lambda a: a.permute(2, 0, 1) * 2, [(2, 3, 4)]),
    "permute and view": (lambda a: a.permute(1, 0).contiguous().view(3, 2, 2).sum(1), [(4, 3)]),
    "a column's mean": (lambda a: a - a.mean(0), [(5, 3)]),
    "all": (lambda a: (a < 100.0).all() * a, [(3, 3)]),
    "close": (lambda a, b: a.is_close(b) + a, [(2, 3), (2, 3)]),
    "a product": (lambda a, b: a @ b, [(3, 4), (4, 5)]),
    "products": (lambda a, b: (a @ b).relu(), [(2, 3, 4), (1, 4, 5)]),
    "a turned product": (lambda a, b: a.permute(1, 0) @ b, [(4, 3), (4, 2)]),
    "a layer": (
        lambda x, w, b: (x @ w + b).relu().sigmoid().log(),
        [(10, 2), (2, 7), (7,)],
    ),
    "a network": (
        lambda x, w, v: ((x @ w).relu() @ v).sigmoid(),
        [(6, 2), (2, 5), (5, 1)],
    ),
}


LAYERS = {
    "avgpool2d": lambda mt, a: mt.avgpool2d(a, (2, 4)),
    "maxpool2d": lambda mt, a: mt.maxpool2d(a, (2, 4)),
    "softmax": lambda mt, a: mt.softmax(a, 3) * a,
    "logsoftmax": lambda mt, a: mt.logsoftmax(a, 1) * a,
    "max": lambda mt, a: mt.max(a, 2) * a,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LAYERS)
def test_layers(gpu: Any, mt: ModuleType, backend: Any, name: str) -> None:
    different = np.random.default_rng(0).permutation(2 * 3 * 4 * 8).reshape(2, 3, 4, 8) / 64
    agree(*both(mt, backend, lambda a: LAYERS[name](mt, a), different))


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs(gpu: Any, mt: ModuleType, backend: Any, name: str) -> None:
    program, shapes = PROGRAMS[name]
    arrays = [numbers(i, *shape) / 10 for i, shape in enumerate(shapes)]
    agree(*both(mt, backend, program, *arrays))


def test_results_stay_on_the_device(gpu: Any, mt: ModuleType, backend: Any) -> None:
    a = mt.tensor([[1.0, 2.0], [3.0, 4.0]], backend)
    for t in (a, -a, a + 1.0, a @ a, a.sum(0), a.permute(1, 0), a.zeros()):
        assert isinstance(t._tensor._storage, shim.DeviceArray)


def test_shapes_go_to_the_device_once(gpu: Any, mt: ModuleType, backend: Any) -> None:
    a = mt.tensor(numbers(0, 3, 4).tolist(), backend)
    copies = mt.cuda_launch.on_device.cache_info
    b = a * a + a
    before = copies().misses
    for _ in range(5):
        b = a * b + a
    assert copies().misses == before


def test_dims_out_of_range_are_named(gpu: Any, mt: ModuleType, backend: Any) -> None:
    with pytest.raises(mt.IndexingError, match=r"dim 2 of shape \(2, 3\)"):
        backend.add_reduce(mt.tensor(numbers(0, 2, 3).tolist(), backend), 2)
    with pytest.raises(mt.IndexingError, match=r"\(2, 3\) and \(2,\)"):
        backend.add_zip(*(mt.tensor(numbers(0, *s).tolist(), backend) for s in ((2, 3), (2,))))


def test_kernels_are_found_by_address(reference: Path) -> None:
    """As a grader does that executes nothing of what it reads."""
    ops = f"{reference}/minitorch/cuda_ops.py"
    shape, steps = np.array([40]), np.array([1])
    a, out = np.arange(40.0), np.zeros(40)
    args = (out, shape, steps, 40, a, shape, steps)
    assert launch(f"{ops}:tensor_map(operators.py:neg)._map", 2, 32, args).findings == []
    assert np.array_equal(out, -a)
    args = (*args, a, shape, steps)
    assert launch(f"{ops}:tensor_zip(operators.py:mul)._zip", 2, 32, args).findings == []
    assert np.array_equal(out, a * a)
    total = np.zeros(1)
    args = (total, np.array([1]), steps, 1, a, shape, steps, 0, 0.0)
    assert launch(f"{ops}:tensor_reduce(operators.py:add)._reduce", 1, 32, args).findings == []
    assert total[0] == a.sum()
    square, side = np.arange(36.0), np.array([1, 6, 6])
    by = np.array([36, 6, 1])
    args = (product := np.zeros(36), side, by, 36, square, side, by, square, side, by)
    assert launch(f"{ops}:_tensor_matrix_multiply", 1, (32, 32), args).findings == []
    expected = square.reshape(6, 6) @ square.reshape(6, 6)
    assert np.array_equal(product.reshape(6, 6), expected)
    for name, args in (
        ("_sum_practice", (np.zeros(2), a, 40)),
        ("_mm_practice", (product, square, square, 6)),
    ):
        block = 32 if name == "_sum_practice" else (32, 32)
        assert launch(f"{ops}:{name}", 2 if block == 32 else 1, block, args).findings == []
    assert np.array_equal(product.reshape(6, 6), expected)


# ---- what numba's compiler makes of the kernels; it needs NVVM, and no GPU


@pytest.fixture(scope="module")
def ptx() -> Iterator[Callable[..., str]]:
    """Return a function that compiles a kernel, or skip where there is no NVVM."""
    cuda, device = importlib.import_module("numba.cuda"), mock.Mock(compute_capability=(9, 0))
    types = importlib.import_module("numba").types
    if not importlib.import_module("numba.cuda.cudadrv.nvvm").is_available():
        pytest.skip("numba finds no NVVM (CUDA toolkit) to compile kernels with")

    def compiled(kernel: Any, *args: Any) -> str:
        text, _ = cuda.compile_ptx(kernel.py_func, types.void(*args), cc=(9, 0))
        return str(text)

    # A device function asks the GPU for its kind.
    with mock.patch("numba.cuda.dispatcher.get_current_device", return_value=device):
        yield compiled


def signatures(mt: ModuleType) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Yield name, kernel and argument types of each kernel, for float64 and float32."""
    numba = importlib.import_module("numba")
    numbers = numba.types.Array(numba.int64, 1, "C")
    jit, ops = mt.cuda_launch.device_jit, mt.operators
    for dtype in (numba.float64, numba.float32):
        array = numba.types.Array(dtype, 1, "C")
        t, out = (array, numbers, numbers), (array, numbers, numbers, numba.int64)
        for product in mt.cuda_matmul.PRODUCTS:
            yield f"product{product.tile} {dtype}", product.kernel, (*out, *t, *t)
    array = numba.types.Array(numba.float64, 1, "C")
    t, out = (array, numbers, numbers), (array, numbers, numbers, numba.int64)
    for name in ("neg", "sigmoid", "relu", "log", "exp", "id", "inv"):
        yield name, mt.cuda_ops.tensor_map(jit(getattr(ops, name))), (*out, *t)
    for name in ("add", "mul", "lt", "eq", "is_close", "relu_back", "log_back", "inv_back"):
        yield name, mt.cuda_ops.tensor_zip(jit(getattr(ops, name))), (*out, *t, *t)
    for name in ("add", "mul", "max"):
        kernel = mt.cuda_ops.tensor_reduce(jit(getattr(ops, name)))
        yield f"{name} reduce", kernel, (*out, *t, numba.int64, numba.float64)
    for kernel in (mt.cuda_conv.tensor_conv1d, mt.cuda_conv.tensor_conv2d):
        yield kernel.py_func.__name__, kernel, (*out, *t, *t, numba.boolean)
    practice, examples = mt.cuda_practice, mt.cuda_examples
    yield "sum", practice.jit_sum_practice, (array, array, numba.int64)
    yield "mm", practice.jit_mm_practice, (array, array, array, numba.int64)
    yield "saxpy", examples.saxpy, (array, numba.float64, array, array, numba.int64)
    yield "average", examples.sliding_average, (array, array, numba.int64)


@pytest.mark.slow
def test_all_kernels_compile(mt: ModuleType, ptx: Callable[..., str]) -> None:
    texts = {name: ptx(kernel, *args) for name, kernel, args in signatures(mt)}
    assert len(texts) == 6 + 7 + 8 + 3 + 2 + 4
    for name, text in texts.items():
        assert not re.search(r"(ld|st)\.local", text), f"{name} uses local memory"
        if "float32" in name:
            assert ".f64" not in text, f"{name} computes in float64"
            assert "fma.rn.f32" in text
        if name.startswith("product"):
            lines = [line.strip() for line in text.splitlines() if line.strip()]
            places = [i for i, line in enumerate(lines) if line.startswith("fma.rn")]
            inner = lines[places[0] : places[-1] + 1]
            assert all(line.startswith(("fma.rn", "ld.shared")) for line in inner), (
                f"{name} works out indices in its innermost loop"
            )
