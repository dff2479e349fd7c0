"""What does not fit: an exception that names the operation and both shapes, on all backends."""

from __future__ import annotations

import importlib.util
import operator
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gpu = _load("cuda_shim").gpu
BACKENDS = ["SimpleOps", "FastOps", "CudaOps"]


@pytest.fixture(scope="module")
def backends(mt: ModuleType) -> dict[str, Any]:
    return {name: mt.TensorBackend(getattr(mt, name)) for name in BACKENDS}


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest, backends: dict[str, Any], gpu: Any) -> Any:
    return backends[request.param]


@pytest.fixture
def zeros(mt: ModuleType, backend: Any) -> Callable[..., Any]:
    return lambda *shape: mt.zeros(shape, backend)


@pytest.fixture
def conv(mt: ModuleType, backend: Any) -> ModuleType:
    found: ModuleType = mt.cuda_conv if backend.cuda else mt.fast_conv
    return found


def refuses(error: type[BaseException], *said: object) -> Any:
    """Demand an error whose message has these parts, in their order."""
    return pytest.raises(error, match=".*".join(re.escape(str(part)) for part in said))


ZIPS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "mul": operator.mul,
    "lt": operator.lt,
    "eq": operator.eq,
    "is_close": lambda a, b: a.is_close(b),
}


@pytest.mark.parametrize("name", ZIPS)
@pytest.mark.parametrize(
    ("a", "b"), [((2, 3), (4,)), ((2, 3), (3, 2)), ((0, 3), (2, 3)), ((5, 1, 2), (4, 3))]
)
def test_shapes_that_do_not_broadcast(mt: Any, zeros: Any, name: str, a: Any, b: Any) -> None:
    with refuses(mt.IndexingError, f"cannot {name} shapes {a} and {b}: ", "neither is 1"):
        ZIPS[name](zeros(*a), zeros(*b))


@pytest.mark.parametrize("name", ["sub", "truediv", "gt"])
def test_operators_made_of_others(mt: Any, zeros: Any, name: str) -> None:
    with refuses(mt.IndexingError, "(2, 3)") as raised:
        getattr(operator, name)(mt.ones((2, 3), zeros(1).backend), zeros(4) + 1)
    assert "(4,)" in str(raised.value)


def test_maps_into_other_shapes(mt: Any, zeros: Any, backend: Any) -> None:
    with refuses(mt.IndexingError, "cannot id shape (2, 3) into the smaller shape (3,)"):
        backend.id_map(zeros(2, 3), zeros(3))
    with refuses(mt.IndexingError, "cannot id shapes (2, 3) and (2, 4)"):
        backend.id_map(zeros(2, 3), zeros(2, 4))


FOLDS: dict[str, Callable[..., Any]] = {
    "sum": lambda mt, a, dim: a.sum(dim),
    "take all": lambda mt, a, dim: a.all(dim),
    "take max": lambda mt, a, dim: mt.max(a, dim),
    "take argmax": lambda mt, a, dim: mt.argmax(a, dim),
    "take softmax": lambda mt, a, dim: mt.softmax(a, dim),
    "take logsoftmax": lambda mt, a, dim: mt.logsoftmax(a, dim),
    "add": lambda mt, a, dim: a.backend.add_reduce(a, dim),
}


@pytest.mark.parametrize("name", FOLDS)
@pytest.mark.parametrize("dim", [2, -1, -3, 100, 0.5])
def test_dims_out_of_range(mt: Any, zeros: Any, name: str, dim: Any) -> None:
    with refuses(mt.IndexingError, f"cannot {name} over dim {dim} of shape (2, 3): ", "[0, 1]"):
        FOLDS[name](mt, zeros(2, 3), dim)


@pytest.mark.parametrize("dim", [2, -1])
def test_dims_of_means(mt: Any, zeros: Any, dim: int) -> None:
    with refuses(mt.IndexingError, f"over dim {dim} of shape (2, 3)"):
        zeros(2, 3).mean(dim)


@pytest.mark.parametrize("order", [(0, 2), (0, -1), (0,), (0, 0), (0, 1, 2), ()])
def test_orders(zeros: Any, order: Any) -> None:
    with refuses(AssertionError, f"cannot permute shape (2, 3) by {order}"):
        zeros(2, 3).permute(*order)


@pytest.mark.parametrize("index", [(2, 0), (0, 3), (-1, 0), (0,), (0, 0, 0), 0])
def test_indices(mt: Any, zeros: Any, index: Any) -> None:
    named = index if isinstance(index, tuple) else (index,)
    a = zeros(2, 3)
    with refuses(mt.IndexingError, f"index {named} ", "shape (2, 3)"):
        a[index]
    with refuses(mt.IndexingError, f"index {named} ", "shape (2, 3)"):
        a[index] = 1.0


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ((2, 3), (4, 5), "3 columns do not fit 4 rows"),
        ((3, 2), (3, 2), "2 columns do not fit 3 rows"),
        ((2, 2, 3), (3, 3, 5), "2 differ"),
        ((7, 2, 3), (7, 4, 5), "3 columns do not fit 4 rows"),
        ((2, 3), (3,), "a matrix has 2 dimensions"),
        ((3,), (3, 2), "a matrix has 2 dimensions"),
        ((1, 0), (1, 0), "0 columns do not fit 1 rows"),
    ],
)
def test_products(mt: Any, zeros: Any, a: Any, b: Any, why: str) -> None:
    with refuses(mt.IndexingError, f"cannot multiply shapes {a} and {b}: ", why):
        zeros(*a) @ zeros(*b)


def test_product_with_a_number(mt: Any, zeros: Any) -> None:
    with refuses(mt.IndexingError, "cannot multiply shapes (2, 3) and (1,)"):
        zeros(2, 3) @ 3.0
    with refuses(TypeError, "expected a tensor or a number, not 'x'"):
        zeros(2, 3) @ "x"


@pytest.mark.parametrize(
    ("dims", "a", "weight", "why"),
    [
        (1, (2, 3, 4), (5, 2, 2), "3 input channels do not fit 2"),
        (2, (2, 3, 4, 4), (5, 4, 2, 2), "3 input channels do not fit 4"),
        (1, (2, 3, 4, 4), (5, 3, 2, 2), "conv1d takes tensors of 3 dimensions"),
        (1, (2, 3, 4), (5, 3, 2, 2), "conv1d takes tensors of 3 dimensions"),
        (2, (2, 3, 4), (5, 3, 2), "conv2d takes tensors of 4 dimensions"),
        (2, (2, 3, 4, 4), (5, 3, 2), "conv2d takes tensors of 4 dimensions"),
        (2, (2,), (5,), "conv2d takes tensors of 4 dimensions"),
    ],
)
def test_convolutions(
    mt: Any, conv: Any, zeros: Any, dims: int, a: Any, weight: Any, why: str
) -> None:
    both = f"cannot convolve input of shape {a} with weight of shape {weight}"
    with refuses(mt.IndexingError, both, why):
        getattr(conv, f"conv{dims}d")(zeros(*a), zeros(*weight))


@pytest.mark.parametrize("name", ["tile", "avgpool2d", "maxpool2d"])
@pytest.mark.parametrize(
    ("shape", "kernel", "why"),
    [
        ((1, 1, 4, 5), (2, 2), "2 must divide 4, and 2 5"),
        ((1, 1, 4, 5), (3, 5), "3 must divide 4, and 5 5"),
        ((1, 1, 4, 4), (8, 4), "8 must divide 4"),
        ((1, 1, 4, 4), (0, 2), "a tile has at least one number"),
        ((1, 1, 4, 4), (-2, -2), "a tile has at least one number"),
        ((1, 4, 4), (2, 2), "images have 4 dimensions"),
        ((4,), (2, 2), "images have 4 dimensions"),
    ],
)
def test_pooling(mt: Any, zeros: Any, name: str, shape: Any, kernel: Any, why: str) -> None:
    with refuses(AssertionError, f"cannot tile shape {shape} by {kernel}: ", why):
        getattr(mt, name)(zeros(*shape), kernel)


def test_views(zeros: Any) -> None:
    with refuses(ValueError, "cannot view shape (2, 3) as (4, 2): 6 elements are not 8"):
        zeros(2, 3).view(4, 2)
    for shape in ((-1, 2), (-2, -3)):
        with refuses(ValueError, f"cannot view shape (2, 3) as {shape}: ", "no negative numbers"):
            zeros(2, 3).view(*shape)
    with refuses(AssertionError, "cannot view shape (3, 2) as (6,): ", "contiguous() first"):
        zeros(2, 3).permute(1, 0).view(6)
    with refuses(TypeError, "whole numbers, not (2.5, 2)"):
        zeros(2, 3).view(2.5, 2)


def test_derivatives_to_start_from(mt: Any, zeros: Any) -> None:
    a = zeros(2, 3)
    a.requires_grad_(True)
    with refuses(AssertionError, "backward() of shape (2, 3) needs a derivative"):
        (-a).backward()
    with refuses(AssertionError, "backward() of shape (2, 3) cannot start from shape (3, 2)"):
        (-a).backward(zeros(3, 2))


def test_storages_and_shapes(mt: Any, backend: Any) -> None:
    with refuses(AssertionError, "a storage of 2 numbers", "shape (3,)"):
        mt.Tensor.make([1.0, 2.0], (3,), backend=backend)
    with refuses(mt.IndexingError, "shape (2, -3)", "may not be negative"):
        mt.zeros((2, -3), backend)


@pytest.mark.parametrize("other", BACKENDS)
def test_mixed_backends(
    mt: Any, conv: Any, backends: Any, backend: Any, zeros: Any, other: str
) -> None:
    if other == backend.ops.__name__:
        pytest.skip("the same backend")
    stranger = backends[other]

    def strange(*shape: int) -> Any:
        return mt.zeros(shape, stranger)

    uses: dict[str, Callable[[], Any]] = {
        "Add": lambda: zeros(2, 3) + strange(2, 3),
        "Mul": lambda: zeros(2, 3) * strange(1),
        "LT": lambda: zeros(2, 3) < strange(2, 3),
        "EQ": lambda: zeros(2, 3) == strange(2, 3),
        "IsClose": lambda: zeros(2, 3).is_close(strange(2, 3)),
        "MatMul": lambda: zeros(2, 3) @ strange(3, 4),
        "Conv1dFun": lambda: conv.conv1d(zeros(2, 3, 4), strange(5, 3, 2)),
        "Conv2dFun": lambda: conv.conv2d(zeros(2, 3, 4, 4), strange(5, 3, 2, 2)),
    }
    both = f"TensorBackend({backend.ops.__name__})", f"TensorBackend({other})"
    for name, use in uses.items():
        with refuses(TypeError, f"cannot apply {name} to tensors of ", *both, "the same backend"):
            use()
    a = zeros(2, 3)
    a.requires_grad_(True)
    with refuses(TypeError, "backward() of a tensor of ", *both, "the same backend"):
        (-a).backward(strange(2, 3))


def test_convolutions_of_another_device(mt: Any, backend: Any, zeros: Any) -> None:
    elsewhere = mt.fast_conv if backend.cuda else mt.cuda_conv
    both = "cannot convolve input of shape (2, 3, 4) with weight of shape (5, 3, 2)"
    with refuses(TypeError, both, f"on {backend} here"):
        elsewhere.conv1d(zeros(2, 3, 4), zeros(5, 3, 2))
