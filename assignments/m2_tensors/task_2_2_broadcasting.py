"""Task 2.2: the broadcasting of shapes and of indices.

Write two functions in ``minitorch/tensor_data.py``: ``shape_broadcast`` joins two
shapes into one, and ``broadcast_index`` goes back from an index of the joined shape to an
index of one of the parts. NumPy broadcasts by the same rules, so NumPy says what to expect.

The rules, from the course's guide: align the shapes at their *last* side; a missing side
counts as 1; two sides agree when they are equal or one is 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, shape_pairs, steps

TASK = Task(
    "2.2",
    title="Tensor broadcasting",
    points=10,
    hidden_points=3,
    files=("minitorch/tensor_data.py",),
    link="https://minitorch.github.io/module2/broadcasting/",
)

# From the lecture, those that do not fit included: (5, 3, 2) with each, and (3, 4) as (m, n).
WITH_5_3_2: tuple[list[int], ...] = ([3, 2], [5, 2], [5, 3], [5, 1, 2], [1, 3, 2], [5, 3, 1], [])
WITH_3_4 = ([4], [3], [3, 1])
LECTURE = (
    *(Case(left=[5, 3, 2], right=right) for right in WITH_5_3_2),
    *(Case(left=left, right=[3, 4]) for left in WITH_3_4),
    Case(left=[5, 1, 5, 1], right=[1, 5, 1, 5]),
    Case(left=[5, 2], right=[5]),
)


def expect_joined_shape(left: list[int], right: list[int]) -> dict[str, Any]:
    """Return the joined shape, or the error, that the rules demand."""
    try:
        return {"shape": list(np.broadcast_shapes(tuple(left), tuple(right)))}
    except ValueError:
        return {"raises": "IndexingError"}


# A third or so of the drawn pairs do not fit together. They belong in this check and not
# in one of their own, where raising always would earn points.
@property_check(
    cases=shape_pairs(), examples=LECTURE, expect=expect_joined_shape, count=140, weight=2
)
def joins_two_shapes(mt: Minitorch, left: list[int], right: list[int]) -> Any:
    """`shape_broadcast` joins shapes that fit, and raises `IndexingError` otherwise."""
    try:
        return {"shape": list(mt.tensor_data.shape_broadcast(tuple(left), tuple(right)))}
    except mt.IndexingError:
        return {"raises": "IndexingError"}


def broadcast_arrays(fewest: int = 1, most: int = 4, largest: int = 40) -> Cases:
    """Draw ``{"array": …, "shape": …}``: an array, and a shape that it broadcasts to."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(fewest, most, largest)
        small = source.partner(shape)[source.below(2)]
        return {"array": source.numbers(small, steps(-15, 15)), "shape": shape}

    return drawn(make, 20)


def expect_elements(array: np.ndarray, shape: list[int]) -> dict[str, Any]:
    """Return the broadcast array, and the inputs just as they were given."""
    return {
        "values": np.broadcast_to(array, shape),
        "inputs": [shape, list(array.shape)],
    }


# `out_index` holds 9 beforehand: a number that is not written leads to a wrong place, or to none.
# The inputs are part of the answer. A check of its own, expecting no more than unchanged
# inputs, would pay for a function that does nothing.
@property_check(
    cases=broadcast_arrays(),
    examples=tuple(
        Case(array=np.arange(float(np.prod(small))).reshape(small), shape=shape)
        for shape, parts in (([5, 3, 2], WITH_5_3_2), ([3, 4], WITH_3_4))
        for small in parts
        if "shape" in expect_joined_shape(shape, small)
    ),
    expect=expect_elements,
    count=140,
    weight=3,
)
def finds_every_element(mt: Minitorch, array: np.ndarray, shape: list[int]) -> Any:
    """`broadcast_index` finds each index's element; it writes all of `out_index`, and no more."""
    big_shape, small_shape = np.array(shape), np.array(array.shape, int)
    values = np.empty(shape)
    for index in np.ndindex(*shape):
        big_index, out_index = np.array(index), np.full(array.ndim, 9)
        mt.tensor_data.broadcast_index(big_index, big_shape, small_shape, out_index)
        values[index] = array[tuple(out_index)] if big_index.tolist() == list(index) else np.nan
    return {"values": values, "inputs": [big_shape.tolist(), small_shape.tolist()]}
