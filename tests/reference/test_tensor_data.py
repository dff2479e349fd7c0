"""The reference's layouts, against NumPy's."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sizes = st.lists(st.integers(0, 3), max_size=4).map(tuple)
shapes = st.lists(st.integers(1, 4), max_size=5).map(tuple)
int_types = st.sampled_from([np.int32, np.int64])


@given(shape=sizes, extra=st.integers(0, 3), dtype=int_types)
def test_indices_come_in_order(mt: Any, shape: Any, extra: int, dtype: Any) -> None:
    buffer = np.full(len(shape) + extra, 77, dtype)
    expected = list(np.ndindex(*shape))
    for ordinal, index in enumerate(expected):
        mt.to_index(ordinal, np.array(shape, dtype), buffer)
        assert tuple(buffer) == (*index, *[77] * extra)
    assert list(mt.TensorData(np.zeros(len(expected)), shape).indices()) == expected


@given(shape=sizes, data=st.data(), dtype=int_types)
def test_positions(mt: Any, draw_tensor: Any, shape: Any, data: Any, dtype: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    storage, _, strides = tensor.tuple()
    for index in np.ndindex(*shape):
        position = mt.index_to_position(np.array([*index, 5], dtype), strides)
        assert storage[position] == array[index] == tensor[index]
        assert tensor._tensor.index(index) == position
    np.testing.assert_array_equal(tensor.to_numpy(), array)


@given(left=sizes, right=sizes)
def test_broadcast_shapes(mt: Any, left: Any, right: Any) -> None:
    try:
        expected = np.broadcast_shapes(left, right)
    except ValueError:
        with pytest.raises(mt.IndexingError) as caught:
            mt.shape_broadcast(left, right)
        assert str(left) in str(caught.value)
        assert str(right) in str(caught.value)
    else:
        assert mt.shape_broadcast(left, right) == expected
        assert mt.TensorData.shape_broadcast(list(left), list(right)) == expected


@given(data=st.data(), big=shapes, dtype=int_types)
def test_broadcast_indices(mt: Any, data: Any, big: Any, dtype: Any) -> None:
    keep = data.draw(st.integers(0, len(big)))
    small = tuple(data.draw(st.sampled_from([1, size])) for size in big[keep:])
    array = np.arange(np.prod(small, dtype=int)).reshape(small)
    buffer = np.full(len(small) + 2, 77, dtype)
    for index in np.ndindex(*big):
        arguments = [np.array(numbers, dtype) for numbers in (index, big, small)]
        mt.broadcast_index(*arguments, buffer)
        assert array[tuple(buffer[: len(small)])] == np.broadcast_to(array, big)[index]
        assert buffer[len(small) :].tolist() == [77, 77]
        assert [a.tolist() for a in arguments] == [list(index), list(big), list(small)]


@given(shape=sizes)
def test_strides(mt: Any, shape: Any) -> None:
    if 0 not in shape:
        expected = tuple(s // 8 for s in np.zeros(shape).strides)
        assert mt.strides_from_shape(shape) == expected
    td = mt.TensorData(np.zeros(int(np.prod(shape))), shape)
    assert (td.shape, td.strides) == (shape, mt.strides_from_shape(shape))
    assert (td.dims, td.size) == (len(shape), np.prod(shape))
    storage, shape_array, strides_array = td.tuple()
    assert storage is td._storage
    assert (shape_array.dtype, strides_array.dtype) == (np.int64, np.int64)
    assert (tuple(shape_array), tuple(strides_array)) == (td.shape, td.strides)


@given(data=st.data(), shape=sizes)
def test_permute_changes_no_number(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    order = data.draw(st.permutations(range(len(shape))))
    turned = tensor._tensor.permute(*order)
    assert turned._storage is tensor._tensor._storage
    np.testing.assert_array_equal(turned.to_numpy(), array.transpose(order))
    with pytest.raises(AssertionError, match="does not name each dimension once"):
        tensor._tensor.permute(*order, len(shape) + 1)


@given(data=st.data(), shape=sizes)
def test_contiguous_as_in_numpy(draw_tensor: Any, data: Any, shape: Any) -> None:
    td = draw_tensor(data, shape)[0]._tensor
    strides = tuple(8 * stride for stride in td.strides)
    like = np.lib.stride_tricks.as_strided(np.zeros(td.size), shape, strides)
    assert td.is_contiguous() == like.flags.c_contiguous


def test_get_and_set(mt: Any) -> None:
    td = mt.TensorData([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], (2, 3), (1, 2))
    assert td.get((1, 0)) == 2.0
    td.set((1, 2), 9)
    assert td._storage.tolist() == [1, 2, 3, 4, 5, 9]
    line = mt.TensorData([1, 2], (2,))
    assert line.get(1) == 2.0
    assert isinstance(line.get(1), float)
    assert line._storage.dtype == np.float64


@pytest.mark.parametrize("index", [(0, 3), (2, 0), (-1, 0), (0,), (0, 0, 0), 1])
def test_wrong_indices(mt: Any, index: Any) -> None:
    with pytest.raises(mt.IndexingError, match=r"index .*shape \(2, 3\)"):
        mt.TensorData(np.zeros(6), (2, 3)).index(index)


def test_a_sample_is_an_index(mt: Any) -> None:
    td = mt.TensorData(np.zeros(6), (2, 3))
    random.seed(3)
    drawn = {td.sample() for _ in range(200)}
    assert drawn == set(np.ndindex(2, 3))


def test_arrays_of_float64_are_not_copied(mt: Any) -> None:
    storage = np.zeros(6)
    assert mt.TensorData(storage, (6,))._storage is storage
    converted = mt.TensorData(np.arange(6, dtype=np.float32)[::-1], (6,))._storage
    assert converted.dtype == np.float64
    assert converted.flags.c_contiguous
    assert converted.tolist() == [5, 4, 3, 2, 1, 0]


def test_what_does_not_fit(mt: Any) -> None:
    with pytest.raises(mt.IndexingError, match=r"\(3, 5\) needs as many strides, not \(1,\)"):
        mt.TensorData([0.0] * 15, (3, 5), (1,))
    with pytest.raises(AssertionError, match="a storage of 14 numbers"):
        mt.TensorData([0.0] * 14, (3, 5))
    with pytest.raises(AssertionError, match="a storage of 15 numbers"):
        mt.TensorData([0.0] * 15, (3, 5), (5, 3))
    with pytest.raises(AssertionError, match="a shape is a tuple"):
        mt.TensorData([0.0], [1])
    with pytest.raises(AssertionError, match="strides are a tuple"):
        mt.TensorData([0.0], (1,), [1])
    with pytest.raises(mt.IndexingError, match="may not be negative"):
        mt.TensorData([0.0], (1, 1), (-1, 1))
    with pytest.raises(mt.IndexingError, match="at most 32 dimensions, not 33"):
        mt.TensorData([0.0], (1,) * 33)


def test_as_many_dimensions_as_there_may_be(mt: Any) -> None:
    td = mt.TensorData([1.0, 2.0], (1,) * 31 + (2,))
    assert td.dims == mt.MAX_DIMS
    assert td.get((0,) * 31 + (1,)) == 2.0


def test_text(mt: Any) -> None:
    assert mt.TensorData([1.0, 2.5, -3, 4], (2, 2)).to_string() == "[[1.00 2.50]\n [-3.00 4.00]]"
    assert mt.TensorData([1.0], ()).to_string() == "1.00"
    assert mt.TensorData([], (2, 0)).to_string() == "[[]\n []]"


@pytest.mark.slow
def test_numba_compiles_the_functions_of_indices(mt: Any) -> None:
    import numba

    to_index, broadcast_index, index_to_position = (
        numba.njit(f, inline="always")
        for f in (mt.to_index, mt.broadcast_index, mt.index_to_position)
    )

    @numba.njit
    def total(storage: Any, shape: Any, strides: Any, big_shape: Any) -> float:
        big_index, index = np.zeros(32, np.int32), np.zeros(32, np.int32)
        result = 0.0
        for ordinal in range(12):
            to_index(ordinal, big_shape, big_index)
            broadcast_index(big_index, big_shape, shape, index)
            result += (ordinal + 1) * storage[index_to_position(index, strides)]
        return result

    td = mt.TensorData([1.0, 2.0, 3.0], (3, 1), (1, 1))
    expected = np.arange(1, 13) @ np.broadcast_to([[1.0], [2.0], [3.0]], (2, 3, 2)).ravel()
    assert total(*td.tuple(), np.array([2, 3, 2])) == expected
