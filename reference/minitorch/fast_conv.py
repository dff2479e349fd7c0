"""Convolutions on the CPU, forward and backward, in one dimension and in two.

Source: https://minitorch.github.io/module4/convolution/
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import prange

from .autodiff import Context
from .fast_blocks import njit
from .fast_frames import plan_convolution
from .fast_pieces import convolve_part, join_parts, pack_weight
from .function import Function, is_wanted
from .shapes import check_convolution
from .tensor_data import Shape, Storage, Strides, UserShape

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["Conv1dFun", "Conv2dFun", "conv1d", "conv2d", "tensor_conv1d", "tensor_conv2d"]


def _tensor_conv1d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,  # noqa: ARG001
    input: Storage,  # noqa: A002  # the course's name
    input_shape: Shape,
    input_strides: Strides,
    weight: Storage,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> None:
    """Convolve rows of numbers with weights.

    Output `w` of a channel is the sum over all input channels and numbers `k` of the
    weight of ``input[w + k] * weight[k]``, or ``input[w - k] * weight[k]`` if `reverse`.
    Outside the input there are zeros. The output may be wider or narrower than the input.

    Args:
        out: the storage of the output, batch x output channels x width; all of it is written.
        out_shape: its shape.
        out_strides: its strides.
        out_size: how many numbers it has.
        input: the storage of the input, batch x input channels x width.
        input_shape: its shape.
        input_strides: its strides.
        weight: the storage of the weight, output channels x input channels x width.
        weight_shape: its shape.
        weight_strides: its strides.
        reverse: whether the weight lies to the left of an output, and not to the right.
    """
    # SOLUTION 4.1
    plan = plan_convolution(
        out_shape, out_strides, input_shape, input_strides, weight_shape, weight_strides, reverse
    )
    taps, sums, parts = pack_weight(weight, plan)
    if parts == 1:
        for part in range(parts):
            convolve_part(part, out, input, taps, sums, plan)
    else:
        for part in prange(parts):
            convolve_part(np.int64(part), out, input, taps, sums, plan)
    join_parts(out, sums, plan)
    # END SOLUTION


tensor_conv1d = njit(_tensor_conv1d, parallel=True)


def _tensor_conv2d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,  # noqa: ARG001
    input: Storage,  # noqa: A002
    input_shape: Shape,
    input_strides: Strides,
    weight: Storage,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> None:
    """Convolve images with weights.

    As `_tensor_conv1d`, with height and width. If `reverse`, the weight lies above and
    to the left of an output, and not below and to the right.

    Args:
        out: the storage of the output, batch x output channels x height x width.
        out_shape: its shape.
        out_strides: its strides.
        out_size: how many numbers it has.
        input: the storage of the input, batch x input channels x height x width.
        input_shape: its shape.
        input_strides: its strides.
        weight: the storage of the weight, output channels x input channels x height x width.
        weight_shape: its shape.
        weight_strides: its strides.
        reverse: see above.
    """
    # SOLUTION 4.2
    plan = plan_convolution(
        out_shape, out_strides, input_shape, input_strides, weight_shape, weight_strides, reverse
    )
    taps, sums, parts = pack_weight(weight, plan)
    if parts == 1:
        for part in range(parts):
            convolve_part(part, out, input, taps, sums, plan)
    else:
        for part in prange(parts):
            convolve_part(np.int64(part), out, input, taps, sums, plan)
    join_parts(out, sums, plan)
    # END SOLUTION


tensor_conv2d = njit(_tensor_conv2d, parallel=True)


def correlate(
    kernel: Any, source: Tensor, weight: Tensor, sides: UserShape, reverse: bool
) -> Tensor:
    """Return a convolution whose output has certain sides.

    Args:
        kernel: `tensor_conv1d` or `tensor_conv2d`.
        source: the input.
        weight: the weight.
        sides: width, or height and width, of the output.
        reverse: whether the weight lies above and to the left of an output.
    """
    out = source.zeros((source.shape[0], weight.shape[0], *sides))
    kernel(*out.tuple(), out.size, *source.tuple(), *weight.tuple(), reverse)
    return out


def swapped(t: Tensor) -> Tensor:
    """Return a tensor with its first two dimensions exchanged."""
    return t._new(t._tensor.permute(1, 0, *range(2, t.dims)))


def conv_backward(
    convolve: Callable[..., Tensor], ctx: Context, grad_output: Tensor
) -> tuple[Any, Any]:
    """Return the derivatives with respect to input and weight; both are convolutions.

    `convolve` is `correlate` with its kernel.

    A number of the weight meets each place of the input once: its derivative is the
    input convolved with `grad_output`, and batch and channels change places. A number of
    the input was to the right of the outputs it counts for, so its weight lies to its left.
    """
    source, weight = ctx.saved_values
    to_source: Any = 0.0
    to_weight: Any = 0.0
    if is_wanted(ctx, 0):
        to_source = convolve(grad_output, swapped(weight), source.shape[2:], True)
    if is_wanted(ctx, 1):
        to_weight = swapped(
            convolve(swapped(source), swapped(grad_output), weight.shape[2:], False)
        )
    return to_source, to_weight


class Conv1dFun(Function):
    """A convolution of rows: see `_tensor_conv1d`."""

    @staticmethod
    def forward(ctx: Context, source: Tensor, weight: Tensor) -> Tensor:
        """Return an output as wide as `source`."""
        check_convolution(source, weight, 3, cuda=False)
        ctx.save_for_backward(source, weight)
        return correlate(tensor_conv1d, source, weight, source.shape[2:], False)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Any, Any]:
        """Return the derivatives with respect to input and weight."""
        return conv_backward(partial(correlate, tensor_conv1d), ctx, grad_output)


class Conv2dFun(Function):
    """A convolution of images: see `_tensor_conv2d`."""

    @staticmethod
    def forward(ctx: Context, source: Tensor, weight: Tensor) -> Tensor:
        """Return an output as high and wide as `source`."""
        check_convolution(source, weight, 4, cuda=False)
        ctx.save_for_backward(source, weight)
        return correlate(tensor_conv2d, source, weight, source.shape[2:], False)

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Any, Any]:
        """Return the derivatives with respect to input and weight."""
        return conv_backward(partial(correlate, tensor_conv2d), ctx, grad_output)


conv1d = Conv1dFun.apply
conv2d = Conv2dFun.apply
