"""The reference's pooling, softmax, dropout and embeddings, against NumPy."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

batches = st.tuples(st.integers(0, 2), st.integers(1, 2))
tiles = st.tuples(st.integers(1, 2), st.integers(1, 2))
shapes = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


def tiled(x: np.ndarray, kernel: tuple[int, int]) -> np.ndarray:
    """Return the tiles of images, in two dimensions at the end."""
    batch, channel, height, width = x.shape
    kh, kw = kernel
    cut = x.reshape(batch, channel, height // kh, kh, width // kw, kw)
    return cut.transpose(0, 1, 2, 4, 3, 5)


def untiled(tiles: np.ndarray) -> np.ndarray:
    batch, channel, rows, columns, kh, kw = tiles.shape
    return tiles.transpose(0, 1, 2, 4, 3, 5).reshape(batch, channel, rows * kh, columns * kw)


def softmax(x: np.ndarray, dim: int) -> np.ndarray:
    exps = np.exp(x - x.max(dim, keepdims=True))
    return exps / exps.sum(dim, keepdims=True)


def distinct(data: Any, draw_tensor: Any, shape: tuple[int, ...]) -> Any:
    """Draw a tensor whose numbers all differ, so that its maxima have derivatives."""
    tensor, _ = draw_tensor(data, shape, st.just(0.0))
    places = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(tensor.size)
    array = places.reshape(shape) / 4
    strides = tensor._tensor.strides
    if 0 in strides or not tensor.size:  # then several elements are one
        strides = type(tensor._tensor)(array.ravel(), shape).strides
    made = tensor.make(np.zeros(tensor.size), shape, strides)
    for index in np.ndindex(*shape):
        made[index] = array[index]
    made.requires_grad_(True)
    return made, array


@given(data=st.data(), batch=batches, kernel=tiles, count=tiles)
def test_average_pooling(
    mt: Any, draw_tensor: Any, data: Any, batch: Any, kernel: Any, count: Any
) -> None:
    shape = (*batch, kernel[0] * count[0], kernel[1] * count[1])
    tensor, x = draw_tensor(data, shape)
    tensor.requires_grad_(True)
    cut, height, width = mt.tile(tensor, kernel)
    assert (height, width) == count
    np.testing.assert_array_equal(cut.to_numpy(), tiled(x, kernel).reshape(cut.shape))
    pooled = mt.avgpool2d(tensor, kernel)
    expected = tiled(x, kernel).mean((4, 5))
    np.testing.assert_allclose(pooled.to_numpy(), expected, rtol=1e-12, atol=1e-12)
    grad, g = draw_tensor(data, pooled.shape)
    pooled.backward(grad)
    share = np.broadcast_to(g[..., None, None], (*g.shape, *kernel)) / np.prod(kernel)
    np.testing.assert_allclose(tensor.grad.to_numpy(), untiled(share), rtol=1e-12)


@given(data=st.data(), batch=batches, kernel=tiles, count=tiles)
def test_max_pooling(
    mt: Any, draw_tensor: Any, data: Any, batch: Any, kernel: Any, count: Any
) -> None:
    shape = (*batch, kernel[0] * count[0], kernel[1] * count[1])
    tensor, x = distinct(data, draw_tensor, shape)
    pooled = mt.maxpool2d(tensor, kernel)
    expected = tiled(x, kernel).max((4, 5))
    np.testing.assert_array_equal(pooled.to_numpy(), expected)
    grad, g = draw_tensor(data, pooled.shape)
    pooled.backward(grad)
    is_largest = tiled(x, kernel) == expected[..., None, None]
    np.testing.assert_array_equal(tensor.grad.to_numpy(), untiled(is_largest * g[..., None, None]))


def test_images_that_cannot_be_tiled(mt: Any) -> None:
    for function in (mt.tile, mt.avgpool2d, mt.maxpool2d):
        with pytest.raises(AssertionError, match=r"cannot tile shape \(1, 1, 4, 5\) by \(2, 2\)"):
            function(mt.zeros((1, 1, 4, 5)), (2, 2))


@given(data=st.data(), shape=shapes)
def test_max(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    dim = data.draw(st.integers(0, len(shape) - 1))
    tensor, x = distinct(data, draw_tensor, shape)
    largest = mt.max(tensor, dim)
    np.testing.assert_array_equal(largest.to_numpy(), x.max(dim, keepdims=True))
    mask = x == x.max(dim, keepdims=True)
    np.testing.assert_array_equal(mt.argmax(tensor, dim).to_numpy(), mask)
    grad, g = draw_tensor(data, largest.shape)
    largest.backward(grad)
    np.testing.assert_array_equal(tensor.grad.to_numpy(), mask * g)


def test_each_of_equal_maxima_gets_the_derivative(mt: Any) -> None:
    x = mt.tensor([[1.0, 3.0, 3.0], [-5e9, -6e9, -7e9]], requires_grad=True)
    assert mt.argmax(x, 1).to_numpy().tolist() == [[0, 1, 1], [1, 0, 0]]
    largest = mt.max(x, 1)
    assert largest.to_numpy().tolist() == [[3], [-5e9]]
    largest.sum().backward()
    assert x.grad.to_numpy().tolist() == [[0, 1, 1], [1, 0, 0]]


def test_max_is_computed_by_the_tensors_own_backend(mt: Any) -> None:
    backend = mt.TensorBackend(mt.SimpleOps)
    own, dims = backend.max_reduce, []
    backend.max_reduce = lambda a, dim: dims.append(dim) or own(a, dim)
    x = mt.tensor([[1.0, 5.0, 2.0]], backend=backend)
    assert mt.max(x, 1).item() == 5.0
    assert dims == [1]
    del backend.max_reduce  # as in backends of earlier years
    assert mt.max(x, 1).item() == 5.0


@given(data=st.data(), shape=shapes, offset=st.sampled_from([0, 1000, -1000]))
def test_softmax(mt: Any, draw_tensor: Any, data: Any, shape: Any, offset: int) -> None:
    dim = data.draw(st.integers(0, len(shape) - 1))
    numbers = st.integers(-40, 40).map(lambda i: i / 4 + offset)
    tensor, x = draw_tensor(data, shape, numbers)
    expected = softmax(x, dim)
    tensor.requires_grad_(True)

    result = mt.softmax(tensor, dim)
    np.testing.assert_allclose(result.to_numpy(), expected, rtol=1e-11)
    grad, g = draw_tensor(data, shape)
    result.backward(grad)
    slope = expected * (g - (g * expected).sum(dim, keepdims=True))
    np.testing.assert_allclose(tensor.grad.to_numpy(), slope, rtol=1e-9, atol=1e-10)

    tensor.zero_grad_()
    result = mt.logsoftmax(tensor, dim)
    np.testing.assert_allclose(result.to_numpy(), np.log(expected), rtol=1e-11, atol=1e-11)
    result.backward(grad)
    slope = g - expected * g.sum(dim, keepdims=True)
    np.testing.assert_allclose(tensor.grad.to_numpy(), slope, rtol=1e-9, atol=1e-10)


def test_softmax_of_what_no_float_can_hold(mt: Any) -> None:
    x = mt.tensor([[5000.0, 0.0, -5000.0]])
    assert mt.softmax(x, 1).to_numpy().tolist() == [[1, 0, 0]]
    assert mt.logsoftmax(x, 1).to_numpy().tolist() == [[0, -5000, -10000]]


def test_dims_out_of_range(mt: Any) -> None:
    for name in ("max", "argmax", "softmax", "logsoftmax"):
        with pytest.raises(mt.IndexingError, match=rf"take {name} over dim 2 of shape \(2, 3\)"):
            getattr(mt, name)(mt.zeros((2, 3)), 2)


def test_dropout(mt: Any) -> None:
    random.seed(1)
    x = mt.ones((100, 100))
    x.requires_grad_(True)
    assert mt.dropout(x, 0.9, ignore=True) is x
    np.testing.assert_array_equal(mt.dropout(x, 0.0).to_numpy(), x.to_numpy())
    assert not mt.dropout(x, 1.0).to_numpy().any()
    kept = mt.dropout(x, 0.25)
    assert set(kept.to_numpy().ravel()) == {0.0, 1.0}
    assert abs(kept.to_numpy().mean() - 0.75) < 0.03
    assert (kept.to_numpy() != mt.dropout(x, 0.25).to_numpy()).any()
    (kept * 3.0).sum().backward()
    np.testing.assert_array_equal(x.grad.to_numpy(), 3 * kept.to_numpy())
    random.seed(7)
    first = mt.dropout(x, 0.5).to_numpy()
    random.seed(7)
    np.testing.assert_array_equal(mt.dropout(x, 0.5).to_numpy(), first)


def test_one_hot(mt: Any) -> None:
    expected = [[0, 0, 1], [1, 0, 0]]
    assert mt.one_hot([2, 0], 3).to_numpy().tolist() == expected
    assert mt.one_hot(mt.tensor([[2.0], [0.0]]), 3).to_numpy().tolist() == expected
    assert mt.one_hot([], 3).shape == (0, 3)
    for wrong in (3, -1, 0.5):
        with pytest.raises(mt.IndexingError, match=f"{wrong}.* not a whole number from 0 to 2"):
            mt.one_hot([wrong], 3)


def test_embeddings(mt: Any) -> None:
    random.seed(2)
    layer = mt.Embedding(5, 3)
    table = layer.weights.value.to_numpy()
    assert (table.min() >= -0.5, table.max() < 0.5, np.unique(table).size) == (True, True, 15)
    words = [[1, 4, 1], [0, 1, 4]]
    found = layer(words)
    np.testing.assert_allclose(found.to_numpy(), table[np.array(words)], rtol=1e-15)
    np.testing.assert_array_equal(layer(mt.tensor(words)).to_numpy(), found.to_numpy())
    g = np.arange(18.0).reshape(2, 3, 3)
    found.backward(mt.tensor(g))
    expected = np.zeros((5, 3))
    np.add.at(expected, np.array(words), g)
    np.testing.assert_allclose(layer.weights.value.grad.to_numpy(), expected)
    with pytest.raises(mt.IndexingError, match=r"5\.0 is not a whole number from 0 to 4"):
        layer([5])


def test_nearest_words(mt: Any) -> None:
    layer = mt.Embedding(4, 2)
    layer.weights.update(mt.tensor([[1.0, 0.0], [3.0, 1.0], [-9.0, 0.0], [2.0, -1.0]]))
    assert layer.nearest(mt.tensor([1.0, 0.0]), 3) == [1, 3, 0]
    assert layer.nearest(layer([2]), 1) == [2]
    assert len(layer.nearest(mt.tensor([1.0, 0.0]))) == 4
