"""Where an element lies: index arithmetic for CUDA kernels.

The functions of `tensor_data`, compiled for a GPU, and shorter ways to the same end.
"""

from __future__ import annotations

from numba import int64, uint32

from . import tensor_data
from .cuda_launch import device_jit
from .tensor_data import Shape, Strides

to_index = device_jit(tensor_data.to_index)
index_to_position = device_jit(tensor_data.index_to_position)
broadcast_index = device_jit(tensor_data.broadcast_index)


# SOLUTION 3.3
@device_jit
def same_layout(
    out_shape: Shape, out_strides: Strides, out_size: int, in_shape: Shape, in_strides: Strides
) -> bool:
    """Tell whether two tensors lie in memory alike, and without gaps."""
    if len(out_shape) != len(in_shape):
        return False
    last = 0
    for d in range(len(out_shape)):
        if out_shape[d] != in_shape[d] or out_strides[d] != in_strides[d]:
            return False
        last += (out_shape[d] - 1) * out_strides[d]
    return last == out_size - 1


@device_jit
def divide(ordinal: int, side: int) -> tuple[int, int]:
    """Return quotient and rest, in 32 bits: a GPU has no 64-bit division in hardware."""
    quotient = uint32(ordinal) // uint32(side)
    return int64(quotient), int64(uint32(ordinal) - uint32(quotient) * uint32(side))


@device_jit
def stride_along(d: int, dims: int, shape: Shape, strides: Strides) -> int:
    """Return how far a tensor moves along dimension `d` of an output that has `dims` ones.

    It stays where it is along a dimension that it lacks, or that is repeated.
    """
    own = d - (dims - len(shape))
    if own < 0 or shape[own] == 1:
        return 0
    stride: int = strides[own]
    return stride


# END SOLUTION
