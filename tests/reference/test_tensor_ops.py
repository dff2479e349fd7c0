"""The reference's loops in Python, against NumPy, in all layouts."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

sizes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
shapes = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


def parts(shape: tuple[int, ...]) -> st.SearchStrategy[tuple[int, ...]]:
    """Return shapes that broadcast to `shape`."""
    last = st.integers(0, len(shape)).map(lambda start: shape[start:])
    ones = st.lists(st.booleans(), min_size=len(shape), max_size=len(shape))
    return st.builds(
        lambda part, keep: tuple(s if k else 1 for s, k in zip(part, keep, strict=False)),
        last,
        ones,
    )


def affine(x: float) -> float:
    return 2 * x + 1


@given(data=st.data(), shape=sizes)
def test_map(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    result = mt.SimpleOps.map(affine)(tensor)
    assert result._tensor.is_contiguous()
    np.testing.assert_array_equal(result.to_numpy(), 2 * array + 1)


@given(data=st.data(), shape=shapes)
def test_map_into_a_tensor_of_any_layout(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, data.draw(parts(shape)))
    order = data.draw(st.permutations(range(len(shape))))
    out = tensor.zeros(tuple(shape[i] for i in order)).permute(*np.argsort(order).tolist())
    assert mt.SimpleOps.map(affine)(tensor, out) is out
    np.testing.assert_array_equal(out.to_numpy(), np.broadcast_to(2 * array + 1, shape))


@given(
    data=st.data(), shapes=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
)
def test_zip(mt: Any, draw_tensor: Any, data: Any, shapes: Any) -> None:
    (a, a_array), (b, b_array) = (draw_tensor(data, shape) for shape in shapes.input_shapes)
    result = mt.SimpleOps.zip(operator.sub)(a, b)
    assert result.shape == shapes.result_shape
    np.testing.assert_array_equal(result.to_numpy(), a_array - b_array)


@given(data=st.data(), shape=sizes.filter(len))
def test_reduce(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    dim = data.draw(st.integers(0, len(shape) - 1))
    total = mt.SimpleOps.reduce(operator.add, 3.0)(tensor, dim)
    np.testing.assert_allclose(total.to_numpy(), array.sum(dim, keepdims=True) + 3, rtol=1e-12)
    largest = mt.SimpleBackend.max_reduce(tensor, dim)
    np.testing.assert_array_equal(
        largest.to_numpy(), array.max(dim, keepdims=True, initial=-np.inf)
    )


@given(data=st.data(), shape=shapes)
def test_reduce_into_a_strided_output(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    """The loop folds into what is there, wherever it is."""
    tensor, array = draw_tensor(data, shape)
    dim = data.draw(st.integers(0, len(shape) - 1))
    reduced = (*shape[:dim], 1, *shape[dim + 1 :])
    out = tensor.zeros(reduced[::-1]).permute(*range(len(shape))[::-1])
    out._tensor._storage[:] = 5.0
    mt.tensor_reduce(operator.add)(*out.tuple(), *tensor.tuple(), dim)
    np.testing.assert_allclose(out.to_numpy(), array.sum(dim, keepdims=True) + 5, rtol=1e-12)


@given(
    data=st.data(),
    rows=st.integers(0, 3),
    inner=st.integers(0, 3),
    columns=st.integers(0, 3),
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=2),
)
def test_matrix_multiply(
    mt: Any, draw_tensor: Any, data: Any, rows: int, inner: int, columns: int, batches: Any
) -> None:
    left, right = batches.input_shapes
    a, a_array = draw_tensor(data, (*left, rows, inner))
    b, b_array = draw_tensor(data, (*right, inner, columns))
    product = mt.SimpleBackend.matrix_multiply(a, b)
    np.testing.assert_allclose(product.to_numpy(), a_array @ b_array, rtol=1e-12, atol=1e-12)


def test_a_backend_has_all_operations(mt: Any) -> None:
    a, b = mt.tensor([[-2.0, 0.5]]), mt.tensor([[4.0], [0.5]])
    x, y = a.to_numpy(), b.to_numpy()
    ones = np.ones((2, 2))
    backend = mt.SimpleBackend
    expected = {
        "neg_map": -x,
        "sigmoid_map": 1 / (1 + np.exp(-x)),
        "relu_map": np.maximum(x, 0),
        "log_map": np.log(y + 1e-6),
        "exp_map": np.exp(x),
        "id_map": x,
        "inv_map": 1 / x,
        "add_zip": x + y,
        "mul_zip": x * y,
        "lt_zip": (x < y) * ones,
        "eq_zip": (x == y) * ones,
        "is_close_zip": (abs(x - y) < 1e-2) * ones,
        "relu_back_zip": (x > 0) * y,
        "log_back_zip": y / (x + 1e-6),
        "inv_back_zip": -y / x**2,
    }
    for name, array in expected.items():
        arguments = [a, b] if name.endswith("zip") else [b] if name == "log_map" else [a]
        np.testing.assert_allclose(
            getattr(backend, name)(*arguments).to_numpy(), array, rtol=1e-12, err_msg=name
        )
    assert backend.add_reduce(a, 1).item() == -1.5
    assert backend.mul_reduce(a, 1).item() == -1.0
    assert (backend.cuda, repr(backend)) == (False, "TensorBackend(SimpleOps)")


def test_errors_name_the_operation_and_the_shapes(mt: Any) -> None:
    a, b, backend = mt.zeros((2, 3)), mt.zeros((4,)), mt.SimpleBackend
    with pytest.raises(mt.IndexingError, match=r"cannot add shapes \(2, 3\) and \(4,\)"):
        backend.add_zip(a, b)
    with pytest.raises(mt.IndexingError, match=r"cannot exp shapes \(2, 3\) and \(4,\)"):
        backend.exp_map(a, b)
    with pytest.raises(mt.IndexingError, match=r"cannot exp shape \(2, 3\) into .* \(3,\)"):
        backend.exp_map(a, mt.zeros((3,)))
    for dim in (2, -1):
        with pytest.raises(mt.IndexingError, match=rf"cannot mul over dim {dim} of shape \(2, 3\)"):
            backend.mul_reduce(a, dim)
    with pytest.raises(mt.IndexingError, match=r"multiply shapes \(2, 3\) and \(2, 3\): 3 col"):
        backend.matrix_multiply(a, a)
    with pytest.raises(mt.IndexingError, match=r"\(2, 3\) and \(4,\): a matrix has 2 dim"):
        backend.matrix_multiply(a, b)
    with pytest.raises(mt.IndexingError, match=r"multiply shapes \(2, 1, 1\) and \(3, 1, 1\)"):
        backend.matrix_multiply(mt.zeros((2, 1, 1)), mt.zeros((3, 1, 1)))
