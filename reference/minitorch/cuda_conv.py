"""Convolutions on a GPU, as products of matrices that nobody writes down.

Each output of a convolution is a row of the weights times what lies below it in the
input. Put next to each other, these pieces of the input are the columns of a matrix,
and a convolution is the product of two matrices::

    input  a b c d e          a b c d e     one column for each place of the output,
    weight x y z              b c d e .     one row for each number of the weight;
                      x y z   c d e . .     where the input ends there are zeros

The matrix on the right holds every number of the input several times, so it is never
built: a tile of it is picked together from the input whenever a block needs one.

Source: https://minitorch.github.io/module4/convolution/
"""

from __future__ import annotations

from functools import partial
from math import prod
from typing import TYPE_CHECKING, Any, TypeAlias

from numba import cuda, float64, int64

from .autodiff import Context
from .cuda_index import divide
from .cuda_launch import Launch, arguments, ceil_div, device_jit, empty, jit, need_device
from .fast_conv import conv_backward
from .function import Function
from .shapes import check_convolution
from .tensor_data import Shape, Storage, Strides, UserShape

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["Conv1dFun", "Conv2dFun"]

PLACES = 32
CHANNELS = 8
DEPTH = 32

Four: TypeAlias = tuple[int, int, int, int]


def conv_launch(batch: int, channels: int, places: int) -> Launch:
    """Return the launch of a convolution: a thread an output.

    Args:
        batch: how many inputs there are.
        channels: how many channels the output has.
        places: how many numbers there are in each of them.
    """
    grid = (ceil_div(batch * places, PLACES), ceil_div(channels, CHANNELS), 1)
    return Launch(grid, (PLACES, CHANNELS, 1))


# SOLUTION 4.5
@device_jit
def take_apart(number: int, area: int, width: int) -> tuple[int, int, int]:
    """Return which image a number is in if they are counted one after the other, row, column."""
    image, rest = divide(number, area)
    row, column = divide(rest, width)
    return image, row, column


@device_jit
def convolve(
    out: Storage, out_shape: Four, out_strides: Four,
    source: Storage, source_shape: Four, source_strides: Four,
    weight: Storage, weight_shape: Four, weight_strides: Four, reverse: bool,
) -> None:  # fmt: skip
    """Convolve in two dimensions; in one if heights are 1.

    A block makes 8 channels of 32 places of the output. It reads tiles of 8 rows of the
    weights and of 32 columns of the input, and adds up their products::

                              ┌────────────┐
                              │   source   │  32 rows: numbers of the weight
                              │   _tile    │  32 columns: places of the output
               ┌────────────┐ └────────────┘
    8 channels │ weight_tile│ ┌────────────┐
               └────────────┘ │    out     │  a thread an output
                              └────────────┘
    """
    weight_tile = cuda.shared.array((CHANNELS, DEPTH), float64)
    source_tile = cuda.shared.array((DEPTH, PLACES), float64)
    # & shows the compiler that no index is negative: see `cuda_matmul`.
    x, y = cuda.threadIdx.x & (PLACES - 1), cuda.threadIdx.y & (CHANNELS - 1)
    batches, channels, height, width = out_shape
    _, deep, source_height, source_width = source_shape
    _, _, weight_height, weight_width = weight_shape
    taps = weight_height * weight_width
    place, channel = cuda.blockIdx.x * PLACES + x, cuda.blockIdx.y * CHANNELS + y
    batch, row, column = take_apart(place, height * width, width)
    total = 0.0
    for first in range(0, deep * taps, DEPTH):
        # A warp reads the numbers of a weight that are next to each other …
        number = first + x
        below, tap_row, tap_column = take_apart(number, taps, weight_width)
        if channel < channels and number < deep * taps:
            weight_tile[y, x] = weight[
                channel * weight_strides[0] + below * weight_strides[1]
                + tap_row * weight_strides[2] + tap_column * weight_strides[3]
            ]  # fmt: skip
        else:
            weight_tile[y, x] = 0.0
        # … and of the input those below neighbouring outputs.
        for depth in range(y, DEPTH, CHANNELS):
            number = first + depth
            below, tap_row, tap_column = take_apart(number, taps, weight_width)
            if reverse:
                tap_row, tap_column = -tap_row, -tap_column
            i, j = row + tap_row, column + tap_column
            inside = 0 <= i < source_height and 0 <= j < source_width
            if inside and batch < batches and number < deep * taps:
                source_tile[depth, x] = source[
                    batch * source_strides[0] + below * source_strides[1]
                    + i * source_strides[2] + j * source_strides[3]
                ]  # fmt: skip
            else:
                source_tile[depth, x] = 0.0
        cuda.syncthreads()
        for each in range(DEPTH):
            total += weight_tile[y, each & (DEPTH - 1)] * source_tile[each & (DEPTH - 1), x]
        cuda.syncthreads()
    if batch < batches and channel < channels:
        out[
            batch * out_strides[0] + channel * out_strides[1]
            + row * out_strides[2] + column * out_strides[3]
        ] = total  # fmt: skip


# END SOLUTION


def _tensor_conv1d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,
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
    Outside the input there are zeros.

    Args:
        out: the storage of the output, batch x output channels x width.
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
    # SOLUTION 4.5
    one, none = int64(1), int64(0)  # a row is an image of height 1
    convolve(
        out, (out_shape[0], out_shape[1], one, out_shape[2]),
        (out_strides[0], out_strides[1], none, out_strides[2]),
        input, (input_shape[0], input_shape[1], one, input_shape[2]),
        (input_strides[0], input_strides[1], none, input_strides[2]),
        weight, (weight_shape[0], weight_shape[1], one, weight_shape[2]),
        (weight_strides[0], weight_strides[1], none, weight_strides[2]), reverse,
    )  # fmt: skip
    # END SOLUTION


tensor_conv1d = jit(_tensor_conv1d, PLACES * CHANNELS)


def _tensor_conv2d(
    out: Storage,
    out_shape: Shape,
    out_strides: Strides,
    out_size: int,
    input: Storage,  # noqa: A002
    input_shape: Shape,
    input_strides: Strides,
    weight: Storage,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> None:
    """Convolve images with weights: as `_tensor_conv1d`, with a height before each width.

    If `reverse`, the weight lies above and to the left of an output, and not below and to
    the right.
    """
    # SOLUTION 4.5
    convolve(
        out, four(out_shape), four(out_strides),
        input, four(input_shape), four(input_strides),
        weight, four(weight_shape), four(weight_strides), reverse,
    )  # fmt: skip
    # END SOLUTION


@device_jit
def four(numbers: Shape) -> Four:
    """Return the numbers of an array as a tuple, which is kept in registers."""
    return numbers[0], numbers[1], numbers[2], numbers[3]


tensor_conv2d = jit(_tensor_conv2d, PLACES * CHANNELS)


def correlate(
    kernel: Any, source: Tensor, weight: Tensor, places: UserShape, reverse: bool
) -> Tensor:
    """Return a convolution whose output has `places` numbers in each channel."""
    out = empty(source, (source.shape[0], weight.shape[0], *places))
    if out.size:
        grid, block = conv_launch(out.shape[0], out.shape[1], prod(places))
        kernel[grid, block](
            *arguments(out), out.size, *arguments(source), *arguments(weight), reverse
        )
    return out


class Conv1dFun(Function):
    """A convolution of rows: see `_tensor_conv1d`."""

    @staticmethod
    def forward(ctx: Context, source: Tensor, weight: Tensor) -> Tensor:
        """Return an output as wide as `source`."""
        need_device()
        check_convolution(source, weight, 3, cuda=True)
        # SOLUTION 4.5
        ctx.save_for_backward(source, weight)
        return correlate(tensor_conv1d, source, weight, source.shape[2:], False)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Any, Any]:
        """Return the derivatives with respect to input and weight."""
        # SOLUTION 4.5
        return conv_backward(partial(correlate, tensor_conv1d), ctx, grad_output)
        # END SOLUTION


class Conv2dFun(Function):
    """A convolution of images: see `_tensor_conv2d`."""

    @staticmethod
    def forward(ctx: Context, source: Tensor, weight: Tensor) -> Tensor:
        """Return an output as high and wide as `source`."""
        need_device()
        check_convolution(source, weight, 4, cuda=True)
        # SOLUTION 4.5
        ctx.save_for_backward(source, weight)
        return correlate(tensor_conv2d, source, weight, source.shape[2:], False)
        # END SOLUTION

    @staticmethod
    def backward(ctx: Context, grad_output: Tensor) -> tuple[Any, Any]:
        """Return the derivatives with respect to input and weight."""
        # SOLUTION 4.5
        return conv_backward(partial(correlate, tensor_conv2d), ctx, grad_output)
        # END SOLUTION


conv1d = Conv1dFun.apply
conv2d = Conv2dFun.apply
