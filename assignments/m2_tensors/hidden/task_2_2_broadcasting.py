"""Task 2.2, hidden: many dimensions, long sides, both ways round, and both functions at once."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps

from ..task_2_2_broadcasting import broadcast_arrays, expect_elements, expect_joined_shape


def long_pairs() -> Cases:
    """Draw pairs of shapes with up to seven dimensions, and long sides."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = [1 + source.below(200) for _ in range(1 + source.below(7))]
        left, right = source.partner(shape)
        if source.below(3) == 0 and right:
            right[source.below(len(right))] += 1 + source.below(3)
        return {"left": left, "right": right}

    return drawn(make, 40)


def expect_both_ways(left: list[int], right: list[int]) -> list[dict[str, Any]]:
    """Return the joined shape, or the error, twice: the order of two shapes is nothing."""
    return [expect_joined_shape(left, right)] * 2


@property_check(
    cases=long_pairs(),
    examples=(
        Case(left=[128, 1, 65], right=[70, 1]),
        Case(left=[64, 65], right=[65, 65]),
        Case(left=[2, 3, 4, 5, 6, 7], right=[4, 1, 6, 1]),
    ),
    expect=expect_both_ways,
    count=140,
)
def joins_long_shapes(mt: Minitorch, left: list[int], right: list[int]) -> Any:
    """`shape_broadcast` is right for all sizes, whichever shape comes first."""
    answers: list[dict[str, Any]] = []
    for first, second in ((left, right), (right, left)):
        try:
            answers.append(
                {"shape": list(mt.tensor_data.shape_broadcast(tuple(first), tuple(second)))}
            )
        except mt.IndexingError:
            answers.append({"raises": "IndexingError"})
    return answers


@property_check(
    cases=broadcast_arrays(4, 6, 120),
    examples=(
        Case(array=np.arange(70.0).reshape(70, 1), shape=[2, 70, 1]),
        Case(array=np.arange(130.0).reshape(1, 130), shape=[1, 130]),
    ),
    expect=expect_elements,
    count=80,
)
def finds_every_element_of_many(mt: Minitorch, array: np.ndarray, shape: list[int]) -> Any:
    """`broadcast_index` is right in many dimensions, and where a side is long."""
    big_shape, small_shape = np.array(shape), np.array(array.shape, int)
    values = np.empty(shape)
    for index in np.ndindex(*shape):
        big_index, out_index = np.array(index), np.full(array.ndim, 9)
        mt.tensor_data.broadcast_index(big_index, big_shape, small_shape, out_index)
        values[index] = array[tuple(out_index)] if big_index.tolist() == list(index) else np.nan
    return {"values": values, "inputs": [big_shape.tolist(), small_shape.tolist()]}


def array_pairs() -> Cases:
    """Draw two arrays that broadcast together, often with a side of 1 in each."""

    def make(source: Bytes) -> dict[str, Any]:
        left, right = source.partner(source.shape(2, 4, 40))
        return {
            "left": source.numbers(left, steps(-15, 15)),
            "right": source.numbers(right, steps(-15, 15)),
        }

    return drawn(make, 20)


@property_check(
    cases=array_pairs(),
    examples=(Case(left=np.arange(3.0).reshape(3, 1), right=np.arange(4.0)),),
    expect=lambda left, right: 100 * left + right,
    count=100,
)
def brings_two_together(mt: Minitorch, left: np.ndarray, right: np.ndarray) -> Any:
    """Both functions agree on where the elements of two tensors meet."""
    shape = mt.tensor_data.shape_broadcast(tuple(left.shape), tuple(right.shape))
    total = np.zeros(shape)
    for index in np.ndindex(*shape):
        for factor, array in ((100, left), (1, right)):
            out_index = np.zeros(array.ndim, int)
            mt.tensor_data.broadcast_index(
                np.array(index), np.array(shape), np.array(array.shape), out_index
            )
            total[index] += factor * array[tuple(out_index)]
    return total
