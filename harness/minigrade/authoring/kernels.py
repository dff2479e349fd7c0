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
