"""Where an element lies: index arithmetic for CUDA kernels.

The functions of `tensor_data`, compiled for a GPU, and a division.
"""

from __future__ import annotations

from numba import int64, uint32

from . import tensor_data
from .cuda_launch import device_jit

to_index = device_jit(tensor_data.to_index)
index_to_position = device_jit(tensor_data.index_to_position)
broadcast_index = device_jit(tensor_data.broadcast_index)


@device_jit
def divide(ordinal: int, side: int) -> tuple[int, int]:
    """Return quotient and rest, in 32 bits: a GPU has no 64-bit division in hardware."""
    quotient = uint32(ordinal) // uint32(side)
    return int64(quotient), int64(uint32(ordinal) - uint32(quotient) * uint32(side))
