"""Convolutions as nested loops over storages, as many write them in 2024."""

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
    batch, out_channels, out_width = out_shape
    _, in_channels, width = input_shape
    kw = weight_shape[2]
    for b in prange(batch):
        for oc in prange(out_channels):
            for ow in prange(out_width):
                acc = 0.0
                for ic in range(in_channels):
                    for k in range(kw):
                        iw = ow - k if reverse else ow + k
                        value = 0.0
                        if 0 <= iw < width:
                            value = input[
                                b * input_strides[0] + ic * input_strides[1] + iw * input_strides[2]
                            ]
                        acc += (
                            value
                            * weight[
                                oc * weight_strides[0]
                                + ic * weight_strides[1]
                                + k * weight_strides[2]
                            ]
                        )
                out[b * out_strides[0] + oc * out_strides[1] + ow * out_strides[2]] = acc


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
    batch, out_channels, out_height, out_width = out_shape
    _, in_channels, height, width = input_shape
    s10, s11, s12, s13 = input_strides
    s20, s21, s22, s23 = weight_strides
    step = -1 if reverse else 1
    for b in prange(batch):
        for oc in prange(out_channels):
            for oh in prange(out_height):
                for ow in prange(out_width):
                    acc = 0.0
                    for ic in range(in_channels):
                        for kh in range(weight_shape[2]):
                            ih = oh + step * kh
                            if ih < 0 or ih >= height:
                                continue
                            for kw in range(weight_shape[3]):
                                iw = ow + step * kw
                                if iw < 0 or iw >= width:
                                    continue
                                a = input[b * s10 + ic * s11 + ih * s12 + iw * s13]
                                acc += a * weight[oc * s20 + ic * s21 + kh * s22 + kw * s23]
                    out[
                        b * out_strides[0]
                        + oc * out_strides[1]
                        + oh * out_strides[2]
                        + ow * out_strides[3]
                    ] = acc


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
