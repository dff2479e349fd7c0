"""What stands between tensors and CUDA kernels: devices, grids, and layouts on the device.

Nothing here runs on a GPU. How many blocks and threads a kernel gets is worked out by
plain functions of sizes, so that it can be tested without one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numba
import numpy as np
from numba import cuda

from .cuda_device import need_device as need_device
from .tensor_data import TensorData, UserShape, UserStrides

if TYPE_CHECKING:
    from .tensor import Tensor

# numba warns of each small grid. Most tensors of a course are small.
numba.config.CUDA_LOW_OCCUPANCY_WARNINGS = 0

MAX_THREADS = 1024
"""Threads of the largest block."""
REGISTERS = 65_536
"""Registers of a multiprocessor, which a block must not exceed."""
MAX_REGISTERS = 255
"""Registers that a thread can have."""
ELEMENTWISE_THREADS = 256
ELEMENTWISE_BLOCKS = 2**14
MAX_SIZE = 2**31 - 1

DeviceArray: TypeAlias = Any
Blocks: TypeAlias = tuple[int, int, int]


def jit(fn: Callable[..., None], threads: int = MAX_THREADS) -> Any:
    """Compile a kernel for a GPU, when it is first launched.

    Args:
        fn: the kernel.
        threads: threads of its largest block, which share the registers.
    """
    share = REGISTERS // threads
    return cuda.jit(max_registers=share)(fn) if share < MAX_REGISTERS else cuda.jit(fn)


def device_jit(fn: Callable[..., Any]) -> Any:
    """Compile a function that kernels call."""
    return cuda.jit(device=True)(fn)


def empty(like: Tensor, shape: UserShape) -> Tensor:
    """Return a tensor on the GPU whose elements are still to be written."""
    size = prod(shape)
    if size > MAX_SIZE:
        raise ValueError(f"a tensor on a GPU has at most {MAX_SIZE} elements; {shape} has {size}")
    return like._new(TensorData(cuda.device_array(size, np.float64), tuple(shape)))


@lru_cache(maxsize=4096)
def on_device(numbers: tuple[int, ...]) -> DeviceArray:
    """Return a shape or strides as an array on the GPU; the same one each time.

    Copying a few numbers to a GPU takes longer than most kernels run.
    """
    return cuda.to_device(np.array(numbers, np.int64))


class Launch(NamedTuple):
    """How many blocks and how many threads in each, along x, y and z."""

    grid: Blocks
    block: Blocks


def ceil_div(a: int, b: int) -> int:
    """Return how many pieces of length `b` cover a length `a`."""
    return -(-a // b)


def arguments(t: Tensor) -> tuple[DeviceArray, DeviceArray, DeviceArray]:
    """Return storage, shape and strides of a tensor, as kernels want them."""
    data = t._tensor
    return data._storage, on_device(data.shape), on_device(data.strides)


def elementwise_launch(size: int) -> Launch:
    """Return the launch of a map or zip: a thread an element, or several if there are many."""
    blocks = min(ceil_div(size, ELEMENTWISE_THREADS), ELEMENTWISE_BLOCKS)
    return Launch((blocks, 1, 1), (ELEMENTWISE_THREADS, 1, 1))


def elementwise_layouts(
    out: TensorData, *inputs: TensorData
) -> tuple[DeviceArray, list[DeviceArray]]:
    """Return one shape for all, and the strides to walk through each tensor by it."""
    strides = tuple(stretched(t.shape, t.strides, out.shape) for t in inputs)
    return _layouts(out.shape, out.strides, *strides)


@lru_cache(maxsize=4096)
def _layouts(shape: UserShape, *strides: UserStrides) -> tuple[DeviceArray, list[DeviceArray]]:
    sides, steps = merged(shape, *strides)
    return on_device(sides), [on_device(each) for each in steps]


@lru_cache(maxsize=4096)
def stretched(shape: UserShape, strides: UserStrides, to: UserShape) -> tuple[int, ...]:
    """Return strides that walk through a tensor as if it were broadcast to shape `to`.

    Along a dimension that is repeated they do not move: their stride is 0.
    """
    missing = (0,) * (len(to) - len(shape))
    return missing + tuple(
        0 if side == 1 else stride for side, stride in zip(shape, strides, strict=True)
    )


def merged(
    shape: UserShape, *strides: UserStrides
) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """Describe the same walk through some tensors with as few dimensions as possible.

    Each dimension costs a thread a division. Two can be one where the outer stride is
    the length of the inner dimension, for all tensors::

        shape (2, 3, 4), strides (12, 4, 1) and (0, 4, 1)
        shape (2, 12),   strides (12, 1)    and (0, 1)

    Two contiguous tensors have one dimension after that, and so have a contiguous one
    and a number: its stride is 0.
    """
    sides: list[int] = []
    steps: list[tuple[int, ...]] = []
    for side, *step in reversed(list(zip(shape, *strides, strict=True))):
        if side == 1:
            continue
        if sides and all(s == inner * sides[-1] for s, inner in zip(step, steps[-1], strict=True)):
            sides[-1] *= side
        else:
            sides.append(side)
            steps.append(tuple(step))
    if not sides:
        sides, steps = [1], [(1,) * len(strides)]
    return tuple(reversed(sides)), [tuple(each) for each in zip(*reversed(steps), strict=True)]
