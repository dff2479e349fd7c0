"""Convolutions as products: each place of the input becomes a column, with zeros around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from numba import prange

from .autodiff import Context
from .tensor_data import Shape, Storage, Strides
from .tensor_functions import Function

if TYPE_CHECKING:
    from .tensor import Tensor


# As in 2024: everything is inlined.
def njit(fn: Any, **kwargs: Any) -> Any:
    """Compile a function."""
    return numba.njit(inline="always", **kwargs)(fn)


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
    channels, width, kernel = input_shape[1], input_shape[2], weight_shape[2]
    rows = np.zeros((weight_shape[0], channels * kernel))
    for o in range(weight_shape[0]):
        for j in range(channels * kernel):
            c, k = j // kernel, j % kernel
            rows[o, j] = weight[
                o * weight_strides[0] + c * weight_strides[1] + k * weight_strides[2]
            ]
    sign = -1 if reverse else 1
    for n in prange(out_shape[0] * out_shape[2]):
        b, w = n // out_shape[2], n % out_shape[2]
        column = np.zeros(channels * kernel)
        for j in range(channels * kernel):
            c, at = j // kernel, w + sign * (j % kernel)
            if at >= 0 and at < width:
                column[j] = input[
                    b * input_strides[0] + c * input_strides[1] + at * input_strides[2]
                ]
        for o in range(out_shape[1]):
            total = 0.0
            for j in range(channels * kernel):
                total += rows[o, j] * column[j]
            out[b * out_strides[0] + o * out_strides[1] + w * out_strides[2]] = total


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
    channels, height, width = input_shape[1], input_shape[2], input_shape[3]
    high, wide = weight_shape[2], weight_shape[3]
    depth = channels * high * wide
    rows = np.zeros((weight_shape[0], depth))
    for o in range(weight_shape[0]):
        for j in range(depth):
            c, k, m = j // (high * wide), j // wide % high, j % wide
            rows[o, j] = weight[
                o * weight_strides[0]
                + c * weight_strides[1]
                + k * weight_strides[2]
                + m * weight_strides[3]
            ]
    sign = -1 if reverse else 1
    area = out_shape[2] * out_shape[3]
    for n in prange(out_shape[0] * area):
        b, h, w = n // area, n % area // out_shape[3], n % out_shape[3]
        column = np.zeros(depth)
        for j in range(depth):
            c = j // (high * wide)
            y, x = h + sign * (j // wide % high), w + sign * (j % wide)
            if y >= 0 and y < height and x >= 0 and x < width:
                column[j] = input[
                    b * input_strides[0]
                    + c * input_strides[1]
                    + y * input_strides[2]
                    + x * input_strides[3]
                ]
        for o in range(out_shape[1]):
            total = 0.0
            for j in range(depth):
                total += rows[o, j] * column[j]
            out[
                b * out_strides[0] + o * out_strides[1] + h * out_strides[2] + w * out_strides[3]
            ] = total


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
