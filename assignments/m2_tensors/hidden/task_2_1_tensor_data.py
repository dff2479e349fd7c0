"""Task 2.1, hidden: more dimensions, longer sides, permutations of permutations."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, lying
from minigrade.probing import values

from ..task_2_1_tensor_data import expect_indices, expect_positions, permuted


def long_shapes(longest: int) -> Cases:
    """Draw shapes with one long side among up to four short ones."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(0, 4, 4)
        shape.insert(source.below(len(shape) + 1), 1 + source.below(longest))
        return {"shape": shape}

    return drawn(make)


def long_strided() -> Cases:
    """Draw such shapes with strides of all sizes."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(4, 6, 60)
        return {"shape": shape, "strides": [source.below(50) for _ in shape]}

    return drawn(make, 20)


@property_check(
    cases=long_strided(),
    examples=(Case(shape=[2, 1, 2, 1, 3], strides=[7, 40, 0, 0, 2]),),
    expect=expect_positions,
    count=60,
)
def finds_positions_in_many_dimensions(mt: Minitorch, shape: list[int], strides: list[int]) -> Any:
    """`index_to_position` is right in four and more dimensions."""
    positions, steps = np.zeros(shape, np.int64), np.array(strides)
    for index in np.ndindex(*shape):
        given = np.array(index)
        positions[index] = mt.tensor_data.index_to_position(given, steps)
    return {"positions": positions, "last index": given.tolist(), "strides": steps.tolist()}


@property_check(
    cases=long_shapes(130),
    examples=(Case(shape=[70, 2]), Case(shape=[2, 1, 2, 1, 3, 2])),
    expect=expect_indices,
    count=40,
)
def enumerates_long_sides(mt: Minitorch, shape: list[int]) -> Any:
    """`to_index` writes each index once also where a side is long, or there are many."""
    sides, indices = np.array(shape), []
    for ordinal in range(math.prod(shape)):
        out_index = np.full(len(shape), -1)
        mt.tensor_data.to_index(ordinal, sides, out_index)
        indices.append(out_index.tolist())
    return {"indices": sorted(indices), "shape": sides.tolist()}


def permuted_twice() -> Cases:
    """Draw a tensor of three to five dimensions, and two orders."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(3, 5, 40)
        storage = source.numbers([math.prod(shape)], [i / 4 for i in range(-60, 61)])
        orders = {name: source.order(len(shape)) for name in ("first", "second")}
        return {"storage": storage, "shape": shape, **orders}

    return drawn(make, 20)


def expect_twice(
    storage: np.ndarray, shape: list[int], first: list[int], second: list[int]
) -> dict[str, Any]:
    """Return what comes out of one permutation, and of both."""
    array = storage.reshape(shape)
    return {"values": array.transpose(first).transpose(second), "once": array.transpose(first)}


@property_check(
    cases=permuted_twice(),
    examples=(
        Case(storage=np.arange(24.0), shape=[2, 3, 4], first=[1, 2, 0], second=[1, 2, 0]),
        Case(storage=np.arange(24.0), shape=[2, 3, 4], first=[2, 0, 1], second=[0, 2, 1]),
    ),
    expect=expect_twice,
    count=100,
    weight=2,
)
def permutes_twice(
    mt: Minitorch, storage: np.ndarray, shape: list[int], first: list[int], second: list[int]
) -> Any:
    """A permutation of a permutation is right as well."""
    once = mt.TensorData(storage, tuple(shape)).permute(*first)
    twice = once.permute(*second)
    return {"values": values(twice), "once": values(once)}


@property_check(
    cases=permuted(6, 4),
    examples=(
        Case(
            storage=np.arange(24.0),
            shape=[2, 3, 1, 4],
            strides=[12, 4, 4, 1],
            order=[3, 1, 0, 2],
        ),
    ),
    expect=lambda storage, shape, strides, order: {
        "values": lying(storage, shape, strides).transpose(order),
        "size": len(storage),
        "dims": len(shape),
    },
    count=60,
)
def permutes_many_dimensions(
    mt: Minitorch, storage: np.ndarray, shape: list[int], strides: list[int], order: list[int]
) -> Any:
    """`TensorData.permute` is right in four and more dimensions."""
    result = mt.TensorData(storage, tuple(shape), tuple(strides)).permute(*order)
    return {"values": values(result), "size": result.size, "dims": result.dims}
