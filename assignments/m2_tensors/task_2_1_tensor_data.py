"""Task 2.1: how a tensor lies in memory.

Write ``index_to_position`` and ``to_index`` in ``minitorch/tensor_data.py``, and
``TensorData.permute``. A tensor is a row of numbers, a shape, and strides: how far apart in
the row two neighbours along a dimension are. To permute it, change shape and strides and
leave the row alone.

Left open: in which order ``to_index`` goes through the indices, as the course asks for
each index once, and no more. Tensors fill their storage here, as ``TensorData`` demands.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, layouts, lying, strides_of
from minigrade.probing import values

TASK = Task(
    "2.1",
    title="Tensor data",
    points=10,
    hidden_points=3,
    files=("minitorch/tensor_data.py",),
    link="https://minitorch.github.io/module2/tensordata/",
)


def strided(most: int = 4) -> Cases:
    """Draw shapes with strides of all sizes, 0 included: nothing here needs a storage."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, 40)
        return {"shape": shape, "strides": [source.below(30) for _ in shape]}

    return drawn(make)


def expect_positions(shape: list[int], strides: list[int]) -> dict[str, Any]:
    """Return the position of each index, and the last index and the strides as they were."""
    return {
        "positions": lying(np.arange(2000), shape, strides),
        "last index": [side - 1 for side in shape],
        "strides": strides,
    }


@property_check(
    cases=strided(),
    examples=(
        Case(shape=[2, 3], strides=[3, 1]),
        Case(shape=[3, 2], strides=[1, 3]),
        Case(shape=[2, 3, 4], strides=[0, 1, 5]),
    ),
    expect=expect_positions,
    count=100,
    weight=3,
)
def finds_positions(mt: Minitorch, shape: list[int], strides: list[int]) -> Any:
    """`index_to_position` gives an index's place in the storage, whatever the strides."""
    positions, steps = np.zeros(shape, np.int64), np.array(strides)
    for index in np.ndindex(*shape):
        given = np.array(index)
        positions[index] = mt.tensor_data.index_to_position(given, steps)
    return {"positions": positions, "last index": given.tolist(), "strides": steps.tolist()}


def shapes(fewest: int, most: int, largest: int) -> Cases:
    """Draw shapes."""
    return drawn(lambda source: {"shape": source.shape(fewest, most, largest)})


def expect_indices(shape: list[int]) -> dict[str, Any]:
    """Return all indices of a shape, and the shape as it was."""
    return {"indices": [list(index) for index in np.ndindex(*shape)], "shape": shape}


# Sorted, as the order is open. The shape is part of the answer, as it must not change.
@property_check(
    cases=shapes(1, 4, 60),
    examples=(Case(shape=[2, 3]), Case(shape=[5]), Case(shape=[1, 3, 1, 2])),
    expect=expect_indices,
    count=100,
    weight=3,
)
def enumerates_indices(mt: Minitorch, shape: list[int]) -> Any:
    """`to_index`, asked from 0 to the last, writes each index of a shape once."""
    sides, indices = np.array(shape), []
    for ordinal in range(math.prod(shape)):
        out_index = np.full(len(shape), -1)
        mt.tensor_data.to_index(ordinal, sides, out_index)
        indices.append(out_index.tolist())
    return {"indices": sorted(indices), "shape": sides.tolist()}


def permuted(most: int, fewest: int = 1) -> Cases:
    """Draw a tensor in any layout, and an order for its dimensions."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(fewest, most, 40)
        strides = strides_of(shape, source.order(len(shape)))
        storage = source.numbers([math.prod(shape)], [i / 4 for i in range(-60, 61)])
        case = {"storage": storage, "shape": shape, "strides": strides}
        return {**case, "order": source.order(len(shape))}

    return drawn(make, 20)


def expect_permuted(
    storage: np.ndarray, shape: list[int], strides: list[int], order: list[int]
) -> dict[str, Any]:
    """Return the permuted tensor, and the one that it was made of as it was."""
    before = lying(storage, shape, strides)
    return {
        "shape": [shape[i] for i in order],
        "strides": [strides[i] for i in order],
        "values": before.transpose(order),
        "before": before,
    }


PERMUTED = (
    Case(storage=np.arange(6.0), shape=[2, 3], strides=[3, 1], order=[1, 0]),
    Case(storage=np.arange(6.0), shape=[2, 3], strides=[1, 2], order=[0, 1]),
    Case(storage=np.arange(24.0), shape=[2, 3, 4], strides=[12, 4, 1], order=[2, 0, 1]),
    Case(storage=np.arange(24.0), shape=[2, 3, 4], strides=[12, 4, 1], order=[1, 2, 0]),
)


@property_check(cases=permuted(4), examples=PERMUTED, expect=expect_permuted, weight=3)
def permutes(
    mt: Minitorch, storage: np.ndarray, shape: list[int], strides: list[int], order: list[int]
) -> Any:
    """`TensorData.permute` turns shape and strides, and leaves the tensor as it is."""
    data = mt.TensorData(storage, tuple(shape), tuple(strides))
    result = data.permute(*order)
    return {
        "shape": list(result.shape),
        "strides": list(result.strides),
        "values": values(result),
        "before": values(data),
    }


def expect_seen(
    storage: np.ndarray, shape: list[int], strides: list[int], order: list[int]
) -> np.ndarray:
    """Return the permuted tensor, of the storage with its last number changed."""
    changed = np.append(storage[:-1], 99.0)
    return lying(changed, shape, strides).transpose(order)


@property_check(cases=permuted(4), examples=PERMUTED, expect=expect_seen, count=60)
def permutes_without_a_copy(
    mt: Minitorch, storage: np.ndarray, shape: list[int], strides: list[int], order: list[int]
) -> Any:
    """What is permuted has the same storage: a number changed there is changed in both."""
    data = mt.TensorData(storage, tuple(shape), tuple(strides))
    result = data.permute(*order)
    data._storage[-1] = 99.0
    return values(result)


def expect_elements(storage: np.ndarray, shape: list[int], strides: list[int]) -> dict[str, Any]:
    """Return all elements by their indices, and the storage with each doubled."""
    array = lying(storage, shape, strides)
    return {
        "elements": [[list(index), value] for index, value in np.ndenumerate(array)],
        "doubled": 2 * array,
    }


# Sorted again. All of it is the course's own code, but for the two functions.
@property_check(
    cases=layouts(largest=24),
    examples=(
        Case(storage=np.arange(6.0), shape=[2, 3], strides=[3, 1]),
        Case(storage=np.arange(6.0), shape=[2, 3], strides=[1, 2]),
    ),
    expect=expect_elements,
    count=60,
    weight=2,
)
def reaches_each_element(
    mt: Minitorch, storage: np.ndarray, shape: list[int], strides: list[int]
) -> Any:
    """A TensorData of any strides gives and takes each element by its index, once."""
    data = mt.TensorData(storage, tuple(shape), tuple(strides))
    elements = sorted([[int(i) for i in index], data.get(index)] for index in data.indices())
    for index, _ in elements:
        data.set(tuple(index), 2 * data.get(tuple(index)))
    return {"elements": elements, "doubled": values(data)}
