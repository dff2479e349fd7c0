"""What follows from a shape and strides.

Source: https://minitorch.github.io/module2/tensordata/
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

MAX_DIMS = 32
"""How many dimensions a tensor may have."""

ShapeTuple: TypeAlias = tuple[int, ...]


class IndexingError(RuntimeError):
    """An index, a shape or a dimension does not fit the tensor."""


def strides_from_shape(shape: Sequence[int]) -> tuple[int, ...]:
    """Return the strides of a tensor whose elements lie in the order of their indices."""
    strides = []
    distance = 1
    for size in reversed(shape):
        strides.append(distance)
        distance *= size
    return tuple(reversed(strides))


class Layout(NamedTuple):
    """All that follows from a shape and strides. Tensors of the same layout share one.

    Attributes:
        shape_array: the shape for kernels, which only read it.
        strides_array: likewise.
        last: the largest position of an element; -1 if there is none.
        is_contiguous: whether the elements lie in the order of their indices, without gaps.
    """

    shape: ShapeTuple
    strides: ShapeTuple
    shape_array: npt.NDArray[np.int64]
    strides_array: npt.NDArray[np.int64]
    dims: int
    size: int
    last: int
    is_contiguous: bool


# The same few layouts come back with each training step, and working one out takes
# longer than the arithmetic on a small tensor.
@lru_cache(maxsize=4096)
def layout(shape: tuple[int, ...], strides: tuple[int, ...] | None = None) -> Layout:
    """Work out a layout, with the strides of `strides_from_shape` if none are given."""
    shape = tuple(int(size) for size in shape)
    dense = strides_from_shape(shape)
    strides = dense if strides is None else tuple(int(stride) for stride in strides)
    if len(strides) != len(shape):
        raise IndexingError(f"shape {shape} needs as many strides, not {strides}")
    if len(shape) > MAX_DIMS:
        raise IndexingError(f"a tensor has at most {MAX_DIMS} dimensions, not {len(shape)}")
    if any(size < 0 for size in shape) or any(stride < 0 for stride in strides):
        raise IndexingError(f"shape {shape} and strides {strides} may not be negative")
    size = math.prod(shape)
    steps = list(zip(shape, strides, dense, strict=True))
    return Layout(
        shape,
        strides,
        np.array(shape, np.int64),
        np.array(strides, np.int64),
        len(shape),
        size,
        sum((count - 1) * stride for count, stride, _ in steps) if size else -1,
        all(count == 1 or stride == wanted for count, stride, wanted in steps) or not size,
    )
