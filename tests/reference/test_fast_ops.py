"""Map, zip and reduce of FastOps, compiled, against NumPy.

Hypothesis draws small tensors, which one thread does in one tile. So the same tests run
on a second copy of the package, whose tiles are tiny and whose threads start early: there
a few dozen numbers have all the edges that else millions have.
"""

from __future__ import annotations

import importlib.util
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow  # a kernel takes the better part of a second to compile

UNTOUCHED = -1234.5
DRAWN = settings(max_examples=150, deadline=None)


def apart(x: float, y: float) -> float:
    return x - 2 * y


class Laid(NamedTuple):
    """A tensor somewhere in a storage, and NumPy's view of it."""

    storage: Any
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def view(self) -> Any:
        strides = tuple(8 * stride for stride in self.strides)
        return np.lib.stride_tricks.as_strided(self.storage, self.shape, strides)

    @property
    def triple(self) -> tuple[Any, Any, Any]:
        return self.storage, np.array(self.shape, np.int64), np.array(self.strides, np.int64)


def lay(shape: tuple[int, ...], order: Any = None, gaps: Any = None, fill: Any = None) -> Laid:
    """Lay a tensor out: its dimensions in some order, with gaps between the elements."""
    strides, distance = [0] * len(shape), 1
    for d in order or range(len(shape) - 1, -1, -1):
        distance *= gaps[d] if gaps else 1
        strides[d] = distance
        distance *= max(1, shape[d])
    size = distance if math.prod(shape) else 0
    storage = np.random.default_rng(size).permutation(size) / 4 - size / 8
    if fill is not None:
        storage[:] = fill
    return Laid(storage, shape, tuple(strides))


SHAPES = st.lists(st.sampled_from([0, 1, 2, 3, 4, 5, 7]), min_size=1, max_size=4).map(tuple)


@st.composite
def layouts(draw: Any, shape: tuple[int, ...], fill: Any = None) -> Laid:
    order = draw(st.permutations(range(len(shape))))
    gaps = draw(st.lists(st.sampled_from([1, 1, 2]), min_size=len(shape), max_size=len(shape)))
    return lay(shape, order, gaps, fill)


@st.composite
def inputs(draw: Any, out_shape: tuple[int, ...]) -> Laid:
    """A tensor that broadcasts to a shape: missing dimensions, sizes 1 and strides 0."""
    shape = list(out_shape[draw(st.integers(0, len(out_shape) - 1)) :])
    kinds = [draw(st.sampled_from(["full", "full", "one", "zero"])) for _ in shape]
    stored = tuple(1 if kind != "full" else size for kind, size in zip(kinds, shape, strict=True))
    laid = draw(layouts(stored))
    return Laid(
        laid.storage,
        tuple(1 if kind == "one" else size for kind, size in zip(kinds, shape, strict=True)),
        tuple(0 if k == "zero" else s for k, s in zip(kinds, laid.strides, strict=True)),
    )


@st.composite
def operands(draw: Any, count: int) -> list[Laid]:
    shape = draw(SHAPES)
    return [draw(layouts(shape, UNTOUCHED)), *(draw(inputs(shape)) for _ in range(count))]


def check_elementwise(kernel: Any, fn: Any, out: Laid, *inputs: Laid) -> None:
    expected = out.storage.copy()
    np.copyto(out._replace(storage=expected).view, fn(*(laid.view for laid in inputs)))
    before = [laid.storage.copy() for laid in inputs]
    kernel(*out.triple, *(part for laid in inputs for part in laid.triple))
    np.testing.assert_array_equal(out.storage, expected)  # the gaps too
    for laid, storage in zip(inputs, before, strict=True):
        assert laid.storage is out.storage or np.array_equal(laid.storage, storage)


def check_sum(kernel: Any, tensor: Laid, dim: int, start: float = 0.5) -> None:
    """Compare with the exact sums; a sum in any order is off by at most n u sum |x|."""
    shape = tuple(1 if d == dim else size for d, size in enumerate(tensor.shape))
    out = lay(shape, fill=start)
    kernel(*out.triple, *tensor.triple, dim)
    lines = (
        np.moveaxis(tensor.view, dim, -1)
        .reshape(math.prod(shape), -1 if tensor.storage.size else 0)
        .tolist()
    )
    for sum_, line in zip(out.storage.tolist(), lines, strict=True):
        bound = (len(line) + 1) * 2**-53 * (math.fsum(map(abs, line)) + start)
        assert abs(sum_ - math.fsum([*line, start])) <= 1.01 * bound


def kernels_of(package: ModuleType) -> SimpleNamespace:
    fast, operators = package.fast_ops, package.operators
    return SimpleNamespace(
        neg=fast.tensor_map(fast.njit(operators.neg)),
        apart=fast.tensor_zip(fast.njit(apart)),
        add=fast.tensor_reduce(fast.njit(operators.add)),
        max=fast.tensor_reduce(fast.njit(operators.max)),
    )


@pytest.fixture(scope="module")
def usual(mt: ModuleType) -> SimpleNamespace:
    return kernels_of(mt)


@pytest.fixture(scope="module")
def tiny(reference: Path) -> Iterator[SimpleNamespace]:
    """Kernels with tiny tiles, of a copy of the package under another name."""
    path = reference / "minitorch" / "__init__.py"
    spec = importlib.util.spec_from_file_location("tiny_minitorch", path)
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["tiny_minitorch"] = package
    try:
        spec.loader.exec_module(package)
        walk, fold = (sys.modules[f"tiny_minitorch.{name}"] for name in ("tile_walk", "fast_fold"))
        for module, name, value in [
            (walk, "SERIAL_SIZE", 40),
            (fold, "SERIAL_SIZE", 40),
            (walk, "LONG_TILE", 8),
            (walk, "SQUARE_TILE", 3),
            (fold, "FOLD_TILE", 5),
        ]:
            assert getattr(module, name) > value
            setattr(module, name, value)
        yield kernels_of(package)
    finally:
        for name in [name for name in sys.modules if name.split(".")[0] == "tiny_minitorch"]:
            del sys.modules[name]


@pytest.fixture(scope="module", params=["usual", "tiny"])
def kernels(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@DRAWN
@given(drawn=operands(1))
def test_map(kernels: Any, drawn: list[Laid]) -> None:
    check_elementwise(kernels.neg, np.negative, *drawn)


@DRAWN
@given(drawn=operands(2))
def test_zip(kernels: Any, drawn: list[Laid]) -> None:
    check_elementwise(kernels.apart, lambda a, b: a - 2 * b, *drawn)


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_sum(kernels: Any, data: st.DataObject, shape: tuple[int, ...]) -> None:
    dim = data.draw(st.integers(0, len(shape) - 1))
    check_sum(kernels.add, data.draw(layouts(shape)), dim)


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_max_into_any_layout(kernels: Any, data: st.DataObject, shape: tuple[int, ...]) -> None:
    """The fold starts from what stands in the output, wherever that lies; no gap is written."""
    dim = data.draw(st.integers(0, len(shape) - 1))
    tensor = data.draw(layouts(shape))
    out = data.draw(layouts(tuple(1 if d == dim else n for d, n in enumerate(shape)), 0.125))
    expected = out.storage.copy()
    if tensor.storage.size:
        view = out._replace(storage=expected).view
        np.copyto(view, tensor.view.max(axis=dim, keepdims=True, initial=0.125))
    kernels.max(*out.triple, *tensor.triple, dim)
    np.testing.assert_array_equal(out.storage, expected)


@DRAWN
@given(data=st.data(), shape=SHAPES)
def test_in_place(kernels: Any, data: st.DataObject, shape: tuple[int, ...]) -> None:
    tensor = data.draw(layouts(shape))
    assume(tensor.storage.size)
    check_elementwise(kernels.neg, np.negative, tensor, tensor)
    check_elementwise(kernels.apart, lambda a, b: a - 2 * b, tensor, tensor, tensor)


BIG = {  # shapes and orders: threads, long tiles, squares cut at each edge
    "one": ((1,), (0,)),
    "just below a thread": ((65_535,), (0,)),
    "just above": ((65_537,), (0,)),
    "a long tile and a bit": ((9, 8_193), (1, 0)),
    "transposed": ((290, 257), (0, 1)),
    "turned": ((65, 33, 31), (0, 1, 2)),
    "turned halfway": ((40, 65, 33), (1, 0, 2)),
    "four": ((14, 10, 17, 33), (1, 3, 0, 2)),
    "short rows": ((30_000, 3), (1, 0)),
    "thirty-two": ((1, 2) * 5 + (1,) * 17 + (3, 33, 1, 2, 11), tuple(range(31, -1, -1))),
}


@pytest.mark.parametrize("name", BIG)
def test_big(usual: Any, name: str) -> None:
    shape, order = BIG[name]
    tensor = lay(shape, order)
    check_elementwise(usual.neg, np.negative, lay(shape, fill=UNTOUCHED), tensor)
    check_elementwise(usual.neg, np.negative, lay(shape, order, fill=UNTOUCHED), lay(shape))
    ones = tuple(1 if d % 2 else size for d, size in enumerate(shape))
    for other in (lay(shape), lay(ones), lay((1,)), lay(shape[-1:]), tensor):
        out = lay(shape, fill=UNTOUCHED)
        check_elementwise(usual.apart, lambda a, b: a - 2 * b, out, tensor, other)
        out = lay(shape, fill=UNTOUCHED)
        check_elementwise(usual.apart, lambda a, b: a - 2 * b, out, other, tensor)
    for dim in {0, len(shape) // 2, len(shape) - 1}:
        check_sum(usual.add, tensor, dim)


@pytest.mark.parametrize(
    "shape", [(80_000,), (2, 80_000), (80_000, 2), (3_000, 1_030), (10, 1, 9_000)]
)
def test_sum_of_many(usual: Any, shape: tuple[int, ...]) -> None:
    """Whole tensors and small outputs, whose numbers are split; a wide output, which is."""
    for dim in range(len(shape)):
        check_sum(usual.add, lay(shape), dim)
        check_sum(usual.add, lay(shape, range(len(shape))), dim)


def test_nothing_to_fold_leaves_the_start(usual: Any) -> None:
    check_sum(usual.add, lay((3, 0)), 1)
    check_sum(usual.add, lay((0, 3)), 1)


def test_not_a_number(usual: Any) -> None:
    tensor = lay((300, 70))
    tensor.storage[[70, 20_999]] = math.nan, math.inf
    for dim in (0, 1):
        out = lay((1, 70) if dim == 0 else (300, 1), fill=0.0)
        usual.add(*out.triple, *tensor.triple, dim)
        np.testing.assert_allclose(out.view, tensor.view.sum(axis=dim, keepdims=True))


def test_a_kernel_is_one_parallel_loop(usual: Any) -> None:
    x, y, out = lay((3, 4)), lay((3, 4)), lay((3, 1), fill=0.0)
    usual.neg(*y.triple, *x.triple)
    usual.apart(*y.triple, *x.triple, *x.triple)
    usual.add(*out.triple, *x.triple, 1)
    for kernel in (usual.neg, usual.apart, usual.add):
        assert kernel.targetoptions["parallel"]
        (overload,) = kernel.overloads.values()  # all ranks, layouts and sizes share it
        assert overload.metadata["parfor_diagnostics"].count_parfors() == 1
