"""Strategies for the loops under an operation: storages, shapes and strides, as they get them.

A tensor is ``[storage, shape, strides]`` here, and an output, which the probe makes,
``[shape, strides]``. Storages have as many numbers as the shape has elements, as
``TensorData`` demands. Within that, anything goes: a dimension may be repeated by a stride
of 0, and outputs may lie in any order.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from minigrade.authoring.tensors import Bytes, Cases, Shape, drawn, steps, strides_of

_STEPS = steps(-20, 20)
_LENGTHS = (2, 3, 1, 4, 5)


def kernel_maps(most: int = 4, largest: int = 30) -> Cases:
    """Draw a tensor ``a`` that broadcasts to an output ``out``."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, largest)
        small = source.partner(shape)[source.below(2)]
        return {"a": _tensor(source, small), "out": _out(source, shape)}

    return drawn(make, 30)


def kernel_zips(most: int = 4, largest: int = 30) -> Cases:
    """Draw tensors ``a`` and ``b`` that broadcast to an output ``out``."""

    def make(source: Bytes) -> dict[str, Any]:
        left, right = source.partner(source.shape(1, most, largest))
        shape = list(np.broadcast_shapes(tuple(left), tuple(right)))
        a, b = _tensor(source, left), _tensor(source, right)
        return {"a": a, "b": b, "out": _out(source, shape)}

    return drawn(make, 40)


def kernel_reductions(start: float = 0.0, most: int = 4, largest: int = 40) -> Cases:
    """Draw a tensor ``a``, one of its dimensions ``dim``, ``out``; add where to ``start``."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, most, largest)
        dim = source.below(len(shape))
        return {
            "a": _tensor(source, shape),
            "dim": dim,
            "out": _out(source, [1 if i == dim else side for i, side in enumerate(shape)]),
            "start": start,
        }

    return drawn(make, 30)


def kernel_products(largest_batch: int = 3) -> Cases:
    """Draw matrices ``a`` and ``b`` in three dimensions, and an output ``out``.

    The first dimension counts matrices; where one operand has 1, it is used for all.
    Any side may be 1, the inner one too.
    """

    def make(source: Bytes) -> dict[str, Any]:
        rows, inner, columns = (_LENGTHS[source.below(len(_LENGTHS))] for _ in range(3))
        batch = 1 + source.below(largest_batch)
        batches = [(batch, batch), (1, batch), (batch, 1)][source.below(3)]
        return {
            "a": _matrices(source, [batches[0], rows, inner]),
            "b": _matrices(source, [batches[1], inner, columns]),
            "out": _out(source, [batch, rows, columns]),
        }

    return drawn(make, 30)


def matrix_pairs() -> Cases:
    """Draw tensors ``a`` and ``b`` to multiply, of two or three dimensions, in any order."""

    def make(source: Bytes) -> dict[str, Any]:
        rows, inner, columns = (_LENGTHS[source.below(len(_LENGTHS))] for _ in range(3))
        batch = 1 + source.below(3)
        before = [([], []), ([batch], [batch]), ([1], [batch]), ([batch], [1])]
        of_a, of_b = before[source.below(4)]
        a_shape, b_shape = [*of_a, rows, inner], [*of_b, inner, columns]
        return {
            "a": source.numbers(a_shape, _STEPS),
            "a_order": source.order(len(a_shape)),
            "b": source.numbers(b_shape, _STEPS),
            "b_order": source.order(len(b_shape)),
        }

    return drawn(make, 30)


def _matrices(source: Bytes, shape: Shape) -> list[Any]:
    """Return matrices that lie in any order."""
    strides = strides_of(shape, source.order(len(shape)))
    return [source.numbers([math.prod(shape)], _STEPS), shape, strides]


def plain(array: np.ndarray) -> list[Any]:
    """Return an array as a tensor that lies in plain order."""
    shape = list(array.shape)
    return [array.reshape(-1), shape, strides_of(shape, range(len(shape)))]


def _tensor(source: Bytes, shape: Shape) -> list[Any]:
    """Return a tensor of `shape`; one in four repeats a dimension."""
    strides = strides_of(shape, source.order(len(shape)))
    if source.below(4) == 3:
        strides[source.below(len(shape))] = 0
    return [source.numbers([math.prod(shape)], _STEPS), shape, strides]


def _out(source: Bytes, shape: Shape) -> list[Shape]:
    return [shape, strides_of(shape, source.order(len(shape)))]
