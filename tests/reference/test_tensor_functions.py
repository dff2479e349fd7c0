"""The reference's derivatives, against formulas in NumPy; and how tensors are made."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

sizes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
pairs = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(x / 2)


# Each function, and its slope. No number drawn is at a kink of one.
ONE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "neg": (lambda a: -a, lambda x: -np.ones_like(x)),
    "sigmoid": (lambda a: a.sigmoid(), lambda x: sigmoid(x) * sigmoid(-x)),
    "relu": (lambda a: (a + 0.1).relu(), lambda x: (x > -0.1) * 1.0),
    "exp": (lambda a: a.exp(), np.exp),
    "log": (lambda a: (a * a).log(), lambda x: 2 * x / (x * x + 1e-6)),
    "inv": (lambda a: 3 / (a + 0.1), lambda x: -3 / (x + 0.1) ** 2),
    "numbers": (lambda a: (2 - a) * 3 / 4 + 1, lambda x: np.full_like(x, -0.75)),
    "square": (lambda a: a * a, lambda x: 2 * x),
    "flat": (lambda a: a + (a < 1.1) * 1e9 + (a == 0.1), np.ones_like),
    "near": (lambda a: a + a.is_close(0.1) + (a > -99).all(), np.ones_like),
    "copy": (lambda a: a.permute(*range(a.dims)[::-1]).contiguous(), np.ones_like),
}
# Each function, and its slopes with respect to both arguments.
TWO: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "add": (lambda a, b: a + b, lambda x, y: 1.0, lambda x, y: 1.0),
    "sub": (lambda a, b: a - b, lambda x, y: 1.0, lambda x, y: -1.0),
    "mul": (lambda a, b: a * b, lambda x, y: y, lambda x, y: x),
    "div": (
        lambda a, b: a / (b + 0.1),
        lambda x, y: 1 / (y + 0.1),
        lambda x, y: -x / (y + 0.1) ** 2,
    ),
    "gate": (lambda a, b: (a < b) * a + (a > b) * b, lambda x, y: x < y, lambda x, y: x > y),
    "equal": (lambda a, b: a + (a == b) * b, lambda x, y: 1.0, lambda x, y: x == y),
}


def reduced(slope: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return a slope added up to the shape of an argument that was broadcast."""
    extra = tuple(range(slope.ndim - len(shape)))
    ones = tuple(i + len(extra) for i, size in enumerate(shape) if size == 1)
    return slope.sum(extra + ones, keepdims=True).reshape(shape)


def leaf(tensor: Any) -> Any:
    tensor.requires_grad_(True)
    return tensor


def close(found: Any, expected: np.ndarray, shape: tuple[int, ...]) -> None:
    assert found.shape == shape
    assert found.is_constant()
    np.testing.assert_allclose(found.to_numpy(), expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", ONE)
@given(data=st.data(), shape=sizes.filter(len))
def test_one_argument(draw_tensor: Any, name: str, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    function, slope = ONE[name]
    result = function(leaf(tensor))
    grad, g = draw_tensor(data, result.shape)
    result.backward(grad)
    if name == "copy":
        g = g.transpose()
    close(tensor.grad, g * slope(array), shape)


@pytest.mark.parametrize("name", TWO)
@given(data=st.data(), shapes=pairs)
def test_two_arguments(draw_tensor: Any, name: str, data: Any, shapes: Any) -> None:
    (a, x), (b, y) = (draw_tensor(data, shape) for shape in shapes.input_shapes)
    function, *slopes = TWO[name]
    result = function(leaf(a), leaf(b))
    grad, g = draw_tensor(data, result.shape)
    result.backward(grad)
    for tensor, slope in zip((a, b), slopes, strict=True):
        expected = reduced(np.array(g * slope(x, y)), tensor.shape)
        close(tensor.grad, expected, tensor.shape)


@given(data=st.data(), shapes=pairs)
def test_only_what_is_wanted(draw_tensor: Any, data: Any, shapes: Any) -> None:
    (a, x), (b, _) = (draw_tensor(data, shape) for shape in shapes.input_shapes)
    result = a * leaf(b)
    grad, g = draw_tensor(data, result.shape)
    result.backward(grad)
    assert a.grad is None
    close(b.grad, reduced(np.array(g * x), b.shape), b.shape)


@given(data=st.data(), shape=sizes.filter(len))
def test_sums_and_means(draw_tensor: Any, data: Any, shape: Any) -> None:
    dim = data.draw(st.integers(0, len(shape) - 1))
    share = 1 / max(shape[dim], 1)
    for use, factor in ((lambda t: t.sum(dim), 1), (lambda t: t.mean(dim), share)):
        tensor, _ = draw_tensor(data, shape)
        if shape[dim] == 0:
            continue
        result = use(leaf(tensor))
        grad, g = draw_tensor(data, result.shape)
        result.backward(grad)
        close(tensor.grad, np.broadcast_to(g * factor, shape), shape)
    tensor, _ = draw_tensor(data, shape)
    leaf(tensor).sum().backward()
    close(tensor.grad, np.ones(shape), shape)
    if tensor.size:
        tensor.mean().backward()
        close(tensor.grad, np.full(shape, 1 + 1 / tensor.size), shape)


@given(data=st.data(), shape=sizes)
def test_orders_and_views(draw_tensor: Any, data: Any, shape: Any) -> None:
    """Also where the derivative lies in memory in another order than the result."""
    tensor, _ = draw_tensor(data, shape)
    order = data.draw(st.permutations(range(len(shape))))
    turned = leaf(tensor).permute(*order)
    grad, g = draw_tensor(data, turned.shape)
    turned.backward(grad)
    close(tensor.grad, g.transpose(np.argsort(order).astype(int)), shape)

    tensor, _ = draw_tensor(data, shape)
    seen = leaf(tensor).contiguous().view(1, tensor.size, 1)
    grad, g = draw_tensor(data, seen.shape)
    seen.backward(grad)
    close(tensor.grad, g.reshape(shape), shape)


@given(
    data=st.data(),
    sides=st.tuples(*[st.integers(0, 3)] * 3),
    batches=hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=2),
)
def test_products_of_matrices(draw_tensor: Any, data: Any, sides: Any, batches: Any) -> None:
    rows, inner, columns = sides
    left, right = batches.input_shapes
    a, x = draw_tensor(data, (*left, rows, inner))
    b, y = draw_tensor(data, (*right, inner, columns))
    result = leaf(a) @ leaf(b)
    grad, g = draw_tensor(data, result.shape)
    result.backward(grad)
    close(a.grad, reduced(g @ y.swapaxes(-1, -2), a.shape), a.shape)
    close(b.grad, reduced(x.swapaxes(-1, -2) @ g, b.shape), b.shape)


def test_functions_take_dims_and_orders_as_tensors(mt: Any) -> None:
    """As the functions of the course's own files are called."""
    functions = mt.tensor_functions
    a = mt.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], requires_grad=True)
    assert functions.Sum.apply(a, mt.tensor([1])).to_numpy().tolist() == [[6], [15]]
    turned = functions.Permute.apply(a, mt.tensor([1, 0]))
    assert turned.shape == (3, 2)
    assert functions.View.apply(a, mt.tensor([6])).shape == (6,)
    turned.sum().backward()
    assert a.grad.to_numpy().tolist() == [[1, 1, 1], [1, 1, 1]]


def test_a_function_of_ones_own(mt: Any) -> None:
    class Twice(mt.Function):
        @staticmethod
        def forward(ctx: Any, a: Any) -> Any:
            assert a.is_constant()
            ctx.save_for_backward(a)
            return a + a

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            assert len(ctx.saved_tensors) == 1
            return 2.0 * grad_output

    x = mt.tensor([1.0, 2.0], requires_grad=True)
    Twice.apply(Twice.apply(x)).sum().backward()
    assert x.grad.to_numpy().tolist() == [4.0, 4.0]
    assert Twice.apply(mt.tensor([1.0])).is_constant()
    Twice.backward = staticmethod(lambda ctx, grad_output: (grad_output, 0.0))
    with pytest.raises(AssertionError, match=r"Twice\.backward returned 2 derivatives for 1"):
        Twice.apply(x).sum().backward()


def test_grad_check_tells_right_from_wrong(mt: Any) -> None:
    a, b = mt.tensor([[1.0, 2.0], [3.0, 4.0]]), mt.tensor([[0.5], [-1.0]])
    mt.grad_check(lambda x, y: (x * y).sigmoid().sum(0).view(2), a, b)
    assert mt.grad_central_difference(lambda x, y: x * y, a, b, arg=1, ind=(1, 0)) == (
        pytest.approx(7, rel=1e-6)
    )

    class Wrong(mt.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x * x

        @staticmethod
        def backward(ctx: Any, grad_output: Any) -> Any:
            return grad_output

    with pytest.raises(AssertionError, match=r"backward\(\) found .* for argument 0 at "):
        mt.grad_check(Wrong.apply, a)
    with pytest.raises(AssertionError, match="argument 1 without a derivative"):
        mt.grad_check(lambda x, y: x * y.detach(), a, b)


@pytest.mark.parametrize("nested", [[], 3.0, [1, 2], [[1.5], [2.5]], [[[1, 2]], [[3, 4]]], [[]]])
def test_tensors_of_lists(mt: Any, nested: Any) -> None:
    made = mt.tensor(nested)
    np.testing.assert_array_equal(made.to_numpy(), np.array(nested, float))
    assert made.shape == np.array(nested).shape
    assert made.is_constant()
    assert mt.tensor(nested, requires_grad=True).is_leaf()


def test_tensors_of_arrays(mt: Any) -> None:
    array = np.arange(6.0).reshape(2, 3).T
    made = mt.tensor(array)
    made[0, 1] = 9.0
    assert array[0, 1] == 3.0
    assert made.to_numpy()[2].tolist() == [2.0, 5.0]
    with pytest.raises(ValueError, match="inhomogeneous"):
        mt.tensor([[1.0, 2.0], [3.0]])


def test_zeros_and_ones(mt: Any) -> None:
    assert mt.zeros((2, 0, 3)).shape == (2, 0, 3)
    assert mt.zeros([2, 1]).to_numpy().tolist() == [[0], [0]]
    assert mt.ones((1, 2)).to_numpy().tolist() == [[1, 1]]
    assert mt.zeros((2,)).is_constant()
    given = mt.tensor_functions._tensor([1, 2, 3, 4], [2, 2], requires_grad=True)
    assert given.to_numpy().tolist() == [[1, 2], [3, 4]]
    assert given.is_leaf()
    with pytest.raises(AssertionError, match="a storage of 3 numbers"):
        mt.tensor_functions._tensor([1, 2, 3], (2, 2))


def test_random_numbers_follow_from_pythons(mt: Any) -> None:
    random.seed(5)
    first, second = mt.rand((100, 100)).to_numpy(), mt.rand((100, 100)).to_numpy()
    random.seed(5)
    np.testing.assert_array_equal(mt.rand((100, 100)).to_numpy(), first)
    assert first.min() >= 0
    assert first.max() < 1
    assert abs(first.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.05
    assert np.unique(first).size == 10_000
    assert mt.rand((1,)).is_constant()
    assert mt.rand((1,), requires_grad=True).is_leaf()
