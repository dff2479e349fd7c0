"""Products of matrices on the CPU, compiled, against NumPy, in all layouts."""

from __future__ import annotations

import itertools
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.slow  # compiling the kernel takes some seconds

# Around blocks of 4, vectors of 8, tiles of 16 to 128 rows and 256 columns, 256 steps of a sum.
SMALL = st.sampled_from([1, 2, 3, 4, 5, 7, 8, 9, 13])
SIDES = st.one_of(SMALL, st.sampled_from([31, 32, 33, 64, 127, 129, 255, 256, 257, 300]))
ORDERS = st.sampled_from(list(itertools.permutations(range(3))))
PLAIN = (0, 1, 2)


def whole(seed: int, shape: tuple[int, ...], order: tuple[int, ...] = PLAIN) -> np.ndarray:
    """Return whole numbers, whose products and sums are exact, with dimensions in some order."""
    numbers = np.random.default_rng(seed).integers(-9, 10, [shape[d] for d in order])
    return numbers.astype(float).transpose(np.argsort(order))


def triple(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return storage, shape and strides of an array that begins where its storage does."""
    base = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    strides = np.array([stride // 8 for stride in array.strides], np.int64)
    return base.reshape(-1), np.array(array.shape, np.int64), strides


def multiplied(mt: ModuleType, a: np.ndarray, b: np.ndarray, out: Any = None) -> np.ndarray:
    """Multiply with the kernel, into numbers that must not matter."""
    batches = max(len(a), len(b)) if len(a) and len(b) else 0
    if out is None:
        out = np.full((batches, a.shape[1], b.shape[2]), np.nan)
    mt.fast_matmul.tensor_matrix_multiply(*triple(out), *triple(a), *triple(b))
    return np.asarray(out)


@settings(max_examples=300, deadline=None)
@given(m=SIDES, n=SIDES, k=SIDES, batches=st.sampled_from([(1, 1), (3, 3), (1, 2), (2, 1)]),
       orders=st.tuples(ORDERS, ORDERS, ORDERS))  # fmt: skip
@example(m=1, n=600, k=40, batches=(2, 2), orders=(PLAIN, PLAIN, PLAIN))
@example(m=600, n=1, k=40, batches=(2, 1), orders=(PLAIN, PLAIN, PLAIN))
@example(m=600, n=1, k=40, batches=(2, 2), orders=((0, 2, 1), PLAIN, PLAIN))
@example(m=1, n=600, k=300, batches=(1, 2), orders=(PLAIN, (0, 2, 1), PLAIN))
@example(m=130, n=520, k=600, batches=(1, 1), orders=(PLAIN, PLAIN, PLAIN))
@example(m=130, n=520, k=600, batches=(1, 1), orders=(PLAIN, (0, 2, 1), PLAIN))
@example(m=130, n=520, k=600, batches=(1, 1), orders=((0, 2, 1), (0, 2, 1), (0, 2, 1)))
@example(m=130, n=520, k=600, batches=(1, 1), orders=((1, 2, 0), (2, 1, 0), (0, 2, 1)))
def test_equals_numpy_in_all_layouts(
    mt: ModuleType, m: int, n: int, k: int, batches: tuple[int, int], orders: Any
) -> None:
    a = whole(1, (batches[0], m, k), orders[0])
    b = whole(2, (batches[1], k, n), orders[1])
    out = whole(3, (max(batches), m, n), orders[2])
    np.testing.assert_array_equal(multiplied(mt, a, b, out), a @ b)


@settings(max_examples=60, deadline=None)
@given(m=SMALL, n=SIDES, k=SIDES, dims=st.tuples(*[st.booleans()] * 4))
def test_repeated_numbers(
    mt: ModuleType, m: int, n: int, k: int, dims: tuple[bool, bool, bool, bool]
) -> None:
    rows, inner, inner_b, columns = (
        1 if one else side for one, side in zip(dims, (m, k, k, n), strict=True)
    )
    a = np.broadcast_to(whole(1, (2, rows, inner)), (2, m, k))  # strides of 0
    b = np.broadcast_to(whole(2, (1, inner_b, columns)), (2, k, n))
    np.testing.assert_array_equal(multiplied(mt, a, b), a @ b)


@pytest.mark.parametrize(
    ("left", "right"),
    [((2, 3, 0), (2, 0, 9)), ((1, 3, 0), (4, 0, 1)), ((1, 0, 3), (1, 3, 9)),
     ((1, 3, 3), (1, 3, 0)), ((0, 3, 3), (0, 3, 9))],
)  # fmt: skip
def test_no_numbers(mt: ModuleType, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    a, b = whole(1, left), whole(2, right)
    np.testing.assert_array_equal(multiplied(mt, a, b), a @ b)


@pytest.mark.parametrize("sides", [(5, 9, 33), (300, 257, 129)])
def test_writes_nothing_beside_the_result(mt: ModuleType, sides: tuple[int, int, int]) -> None:
    m, n, k = sides
    a, b = whole(1, (1, m, k)), whole(2, (1, k, n))
    storage = np.full(4 * m * n + 7, -1.5)
    out = storage[: 4 * m * n].reshape(1, m, 4 * n)[:, :, : 2 * n : 2]
    multiplied(mt, a, b, out)
    np.testing.assert_array_equal(out, a @ b)
    out[:] = -1.5
    assert (storage == -1.5).all()


@pytest.mark.parametrize("sides", [(3, 5, 7), (17, 19, 23), (17, 1, 300), (40, 40, 300)])
@pytest.mark.parametrize("order", [PLAIN, (0, 2, 1)])
def test_what_is_no_number_stays_where_it_belongs(
    mt: ModuleType, sides: tuple[int, int, int], order: tuple[int, ...]
) -> None:
    m, n, k = sides
    a, b = whole(1, (1, m, k), order), whole(2, (1, k, n), order)
    b[b == 0] = 1.0
    a[a == 0] = 1.0
    a[0, m - 1, k - 1], a[0, 1, 0], b[0, k - 1, n - 1] = np.inf, np.nan, -np.inf
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(multiplied(mt, a, b), a @ b)


@settings(max_examples=30, deadline=None)
@given(m=SIDES, n=SIDES, k=SIDES, seed=st.integers(0, 99))
def test_rounds_no_worse_than_any_order_of_the_sum(
    mt: ModuleType, m: int, n: int, k: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((1, m, k)), rng.standard_normal((1, k, n))
    exact = (a.astype(np.longdouble) @ b.astype(np.longdouble)).astype(float)
    assert (np.abs(multiplied(mt, a, b) - exact) <= k * 2**-52 * (np.abs(a) @ np.abs(b))).all()


def test_is_compiled_once_and_in_parallel(mt: ModuleType) -> None:
    for order in (PLAIN, (0, 2, 1)):
        multiplied(mt, whole(1, (1, 4, 40), order), whole(2, (1, 40, 4), order))
    kernel = mt.fast_matmul.tensor_matrix_multiply
    assert kernel.targetoptions["parallel"]
    (signature,) = kernel.signatures
    assert kernel.get_metadata(signature)["parfor_diagnostics"].count_parfors() == 1


@pytest.fixture(scope="module")
def backend(mt: ModuleType) -> Any:
    return mt.TensorBackend(mt.FastOps)


def test_derivatives(mt: ModuleType, backend: Any) -> None:
    a, b, back = whole(1, (3, 5, 40)), whole(2, (1, 40, 9)), whole(3, (3, 5, 9))
    left = mt.tensor(a.transpose(2, 0, 1), backend, requires_grad=True)
    right = mt.tensor(b, backend, requires_grad=True)
    product = left.permute(1, 2, 0) @ right
    product.backward(mt.tensor(back, backend))
    np.testing.assert_array_equal(product.to_numpy(), a @ b)
    np.testing.assert_array_equal(
        left.grad.to_numpy(), (back @ b.swapaxes(1, 2)).transpose(2, 0, 1)
    )
    np.testing.assert_array_equal(
        right.grad.to_numpy(), (a.swapaxes(1, 2) @ back).sum(0, keepdims=True)
    )


@pytest.mark.parametrize(
    ("left", "right"), [((2, 3), (4, 2)), ((2, 4, 3), (3, 3, 4)), ((3,), (3, 2))]
)
def test_says_which_shapes_do_not_fit(
    mt: ModuleType, backend: Any, left: tuple[int, ...], right: tuple[int, ...]
) -> None:
    a, b = mt.zeros(left, backend), mt.zeros(right, backend)
    with pytest.raises(mt.IndexingError, match="cannot multiply shapes") as raised:
        a @ b
    assert str(left) in str(raised.value)
    assert str(right) in str(raised.value)
