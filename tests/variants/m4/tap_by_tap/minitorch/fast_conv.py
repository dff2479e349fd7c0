"""Convolutions tap by tap: each number of the weight adds its part to all outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit, prange

from .autodiff import Context
from .tensor_data import Shape, Storage, Strides
from .tensor_functions import Function

if TYPE_CHECKING:
    from .tensor import Tensor


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
    for n in prange(out_shape[0] * out_shape[1]):
        b, o = n // out_shape[1], n % out_shape[1]
        for k in range(weight_shape[2]):
            low = k if reverse else 0
            high = min(out_shape[2], input_shape[2] + k if reverse else input_shape[2] - k)
            for c in range(input_shape[1]):
                tap = weight[o * weight_strides[0] + c * weight_strides[1] + k * weight_strides[2]]
                start = b * input_strides[0] + c * input_strides[1]
                start += (-k if reverse else k) * input_strides[2]
                for w in range(low, high):
                    to = b * out_strides[0] + o * out_strides[1] + w * out_strides[2]
                    out[to] += tap * input[start + w * input_strides[2]]


tensor_conv1d = njit(parallel=True)(_tensor_conv1d)


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
    for n in prange(out_shape[0] * out_shape[1]):
        b, o = n // out_shape[1], n % out_shape[1]
        for k in range(weight_shape[2]):
            top = k if reverse else 0
            bottom = min(out_shape[2], input_shape[2] + k if reverse else input_shape[2] - k)
            for j in range(weight_shape[3]):
                left = j if reverse else 0
                right = min(out_shape[3], input_shape[3] + j if reverse else input_shape[3] - j)
                for c in range(input_shape[1]):
                    tap = weight[
                        o * weight_strides[0]
                        + c * weight_strides[1]
                        + k * weight_strides[2]
                        + j * weight_strides[3]
                    ]
                    start = b * input_strides[0] + c * input_strides[1]
                    start += (-k if reverse else k) * input_strides[2]
                    start += (-j if reverse else j) * input_strides[3]
                    for h in range(top, bottom):
                        for w in range(left, right):
                            to = b * out_strides[0] + o * out_strides[1]
                            to += h * out_strides[2] + w * out_strides[3]
                            at = start + h * input_strides[2] + w * input_strides[3]
                            out[to] += tap * input[at]


tensor_conv2d = njit(parallel=True)(_tensor_conv2d)


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
