"""Convolutions with a buffer for each index, as the course suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit, prange

from .autodiff import Context
from .tensor_data import Shape, Storage, Strides, index_to_position, to_index
from .tensor_functions import Function

if TYPE_CHECKING:
    from .tensor import Tensor


to_index = njit(inline="always")(to_index)
index_to_position = njit(inline="always")(index_to_position)


def _tensor_conv1d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,
    input: Storage,
    input_shape: Shape,
    input_strides: Strides,
    weight: Storage,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> None:
    _, in_channels, width = input_shape
    _, _, kw = weight_shape
    for i in prange(out_size):
        index = np.empty(3, np.int32)
        place = np.empty(3, np.int32)
        tap = np.empty(3, np.int32)
        to_index(i, out_shape, index)
        total = 0.0
        for channel in range(in_channels):
            for k in range(kw):
                start = index[2] - k if reverse else index[2] + k
                if start >= 0 and start < width:
                    place[0], place[1], place[2] = index[0], channel, start
                    tap[0], tap[1], tap[2] = index[1], channel, k
                    total += (
                        input[index_to_position(place, input_strides)]
                        * weight[index_to_position(tap, weight_strides)]
                    )
        out[index_to_position(index, out_strides)] = total


tensor_conv1d = njit(_tensor_conv1d, parallel=True)


class Conv1dFun(Function):
    """A convolution, forward and backward."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, weight: Tensor) -> Tensor:
        """Return an output with the sides of the input."""
        ctx.save_for_backward(input, weight)
        out = input.zeros((input.shape[0], weight.shape[0], *input.shape[2:]))
        tensor_conv1d(*out.tuple(), out.size, *input.tuple(), *weight.tuple(), False)
        return out

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        """Return the derivatives by input and weight."""
        input, weight = ctx.saved_values
        order = (1, 0, 2)
        by_weight = grad_output.zeros((weight.shape[1], weight.shape[0], *weight.shape[2:]))
        x, d = input.permute(*order), grad_output.permute(*order)
        tensor_conv1d(*by_weight.tuple(), by_weight.size, *x.tuple(), *d.tuple(), False)
        by_input, turned = input.zeros(input.shape), weight.permute(*order)
        tensor_conv1d(*by_input.tuple(), by_input.size, *grad_output.tuple(), *turned.tuple(), True)
        return by_input, by_weight.permute(*order)


conv1d = Conv1dFun.apply


def _tensor_conv2d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,
    input: Storage,
    input_shape: Shape,
    input_strides: Strides,
    weight: Storage,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> None:
    _, in_channels, height, width = input_shape
    _, _, kh, kw = weight_shape
    for i in prange(out_size):
        index = np.empty(4, np.int32)
        place = np.empty(4, np.int32)
        tap = np.empty(4, np.int32)
        to_index(i, out_shape, index)
        total = 0.0
        for channel in range(in_channels):
            for h in range(kh):
                for w in range(kw):
                    row = index[2] - h if reverse else index[2] + h
                    column = index[3] - w if reverse else index[3] + w
                    if row >= 0 and row < height and column >= 0 and column < width:
                        place[0], place[1], place[2], place[3] = index[0], channel, row, column
                        tap[0], tap[1], tap[2], tap[3] = index[1], channel, h, w
                        total += (
                            input[index_to_position(place, input_strides)]
                            * weight[index_to_position(tap, weight_strides)]
                        )
        out[index_to_position(index, out_strides)] = total


tensor_conv2d = njit(_tensor_conv2d, parallel=True, fastmath=True)


class Conv2dFun(Function):
    """A convolution, forward and backward."""

    @staticmethod
    def forward(ctx: Context, input: Tensor, weight: Tensor) -> Tensor:
        """Return an output with the sides of the input."""
        ctx.save_for_backward(input, weight)
        out = input.zeros((input.shape[0], weight.shape[0], *input.shape[2:]))
        tensor_conv2d(*out.tuple(), out.size, *input.tuple(), *weight.tuple(), False)
        return out

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Tensor, Tensor]:
        """Return the derivatives by input and weight."""
        input, weight = ctx.saved_values
        order = (1, 0, 2, 3)
        by_weight = grad_output.zeros((weight.shape[1], weight.shape[0], *weight.shape[2:]))
        x, d = input.permute(*order), grad_output.permute(*order)
        tensor_conv2d(*by_weight.tuple(), by_weight.size, *x.tuple(), *d.tuple(), False)
        by_input, turned = input.zeros(input.shape), weight.permute(*order)
        tensor_conv2d(*by_input.tuple(), by_input.size, *grad_output.tuple(), *turned.tuple(), True)
        return by_input, by_weight.permute(*order)


conv2d = Conv2dFun.apply
