"""How `fast_conv` computes convolutions: as products of matrices that nobody writes down.

Each output of a convolution is the weights times what lies below them in the input. The
input is laid into a *frame* of zeros, row after row. Then what lies below one number of
the weights, for all outputs at once, is the frame itself, from a certain place on::

    input  a b c      frame  a b c . d e f . g h i . . . . .      number of the weight
           d e f             = = = = = = = = = = =                w
           g h i               = = = = = = = = = = =              x
                                     = = = = = = = = = = =        y
    weight w x                         = = = = = = = = = = =      z
           y z
                     outputs A B C   D E F   G H I

So these pieces of the frame are the rows of a matrix, and the weights times this matrix is
the convolution. `add_strip` multiplies them: it wants to know only where rows begin. The
outputs below the gaps between rows are one too many each, and are left out.

The derivative with respect to the weights is a convolution too, whose weight is as large
as the image, and which has only a few outputs. Its image and its weight are both laid into
frames, and each output is the product of two long rows: the work of `add_dots`.

Source: https://minitorch.github.io/module4/convolution/
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from .cores import THREADS, WORTH_THREADS
from .fast_blocks import PLAIN_0, PLAIN_1, WIDTH, U, copy, helper
from .tensor_data import Shape, Storage, Strides

Four: TypeAlias = tuple[int, int, int, int]
Plan: TypeAlias = npt.NDArray[np.int64]
"""Rows of four: what `plan_convolution` returns."""

# SOLUTION 4.1
FRAME = 2**15  # numbers in a frame, if the images can be cut: a quarter of an L2 cache
# Rows of a plan; behind a shape there are the strides. Plain, as in `fast_blocks`.
OUT, SOURCE, WEIGHT, CUT, PARTS = (PLAIN_0 + i for i in (0, 2, 4, 6, 7))


@helper
def four(plan: Plan, row: int) -> Four:
    """Return a row of a plan."""
    return plan[row, 0], plan[row, 1], plan[row, 2], plan[row, 3]


@helper
def plan_convolution(
    out_shape: Shape,
    out_strides: Strides,
    source_shape: Shape,
    source_strides: Strides,
    weight_shape: Shape,
    weight_strides: Strides,
    reverse: bool,
) -> Plan:
    """Cut a convolution into pieces, and those into parts that threads take.

    A piece is a group of small images, or some rows of a large one; of the weight, if
    that is the larger one. Its frame should fit into a cache, and its rows be long.

    Returns:
        Shape and strides of output, input and weight; if they are of rows of numbers,
        then as images of height 1. How to cut: whether by places of the output, else by
        taps, which are numbers of the weight; images of a piece; its rows; how many
        pieces. Then how many parts, how many sums each of them needs, and `reverse`.
    """
    plan = np.zeros((8, 4), np.int64)
    for row, numbers in enumerate(
        (out_shape, out_strides, source_shape, source_strides, weight_shape, weight_strides)
    ):
        plan[row, 0], plan[row, 1], plan[row, 3] = numbers[0], numbers[1], numbers[-1]
        plan[row, 2] = numbers[2] if len(numbers) > 3 else 1 - row % 2
    images, maps, height, width = four(plan, OUT)
    _, channels, tap_rows, tap_columns = four(plan, WEIGHT)
    size = images * maps * height * width
    work = size * channels * tap_rows * tap_columns
    threads = THREADS if work >= WORTH_THREADS else 1
    by_places = not reverse and height * width < tap_rows * tap_columns
    planes, extra = channels, max(tap_rows, 1) - 1
    if by_places:
        planes, images, height, extra = images + maps, channels, tap_rows, height - 1
    pitch, group = width + max(tap_columns, 1) - 1, 1
    while group < images and group * (height + extra) * pitch < 2 * WIDTH:
        group += 1
    group = max(min(group, -(-images // threads)), 1)
    rows = max(min(height, FRAME // max(planes * pitch, 1) - extra), 1)
    if images < threads:
        rows = max(min(rows, height // -(-threads // max(images, 1))), 1)
    bands = -(-height // rows)
    units = -(-images // group) * bands if size > 0 else 0
    plan[CUT, 0], plan[CUT, 1], plan[CUT, 2], plan[CUT, 3] = by_places, group, rows, units
    plan[PARTS, 0], plan[PARTS, 2], plan[PARTS, 3] = min(threads, units), reverse, bands
    plan[PARTS, 1] = size if by_places else 0
    return plan


@helper
def lay(
    frame: Storage,
    channels: int,
    tall: int,
    pitch: int,
    left: int,
    storage: Storage,
    first: int,
    last: int,
    top: int,
    end: int,
    width: int,
    by: Four,
) -> None:
    """Lay pieces of images into a frame, and zeros everywhere else.

    Args:
        frame: where to lay them: each channel has an equal part of it.
        channels: how many channels there are.
        tall: how many rows an image has in the frame.
        pitch: how many columns the frame has.
        left: how many zeros a row begins with.
        storage: where the images are.
        first: the first image.
        last: the first image that is too many.
        top: the row of an image that its piece begins with; the rows below 0 are zeros.
        end: the first row that is too many.
        width: how many columns an image has.
        by: the strides of the images, by channel, image, row, column.
    """
    by_channel, by_image, by_row, by_column = by
    count = min(width, pitch - left)
    for x in range(U(len(frame))):
        frame[x] = 0.0
    for channel in range(channels):
        to = channel * (len(frame) // channels) + left - top * pitch
        for image in range(first, last):
            for row in range(max(top, 0), end):
                at = channel * by_channel + image * by_image + row * by_row
                copy(frame, to + row * pitch, PLAIN_1, storage, at, by_column, count)
            to += tall * pitch


@helper
def crop(
    out: Storage,
    start: int,
    by: Four,
    channels: int,
    rows: int,
    columns: int,
    acc: Storage,
    position: int,
    length: int,
    tall: int,
    pitch: int,
) -> None:
    """Write a strip of 4 channels to the output, without what is too many.

    Args:
        out: where to write.
        start: where in it the first number of the frame belongs.
        by: the strides of the output, by image, channel, row and column.
        channels: how many channels to write.
        rows: how many rows of an image in the frame are rows of the output.
        columns: how many columns are.
        acc: the strip.
        position: where in the frame it begins.
        length: how long it is.
        tall: how many rows an image has in the frame.
        pitch: how many columns the frame has.
    """
    by_image, by_channel, by_row, by_column = by
    at = 0
    while at < length:
        line, column = (position + at) // pitch, (position + at) % pitch
        image, row = line // tall, line % tall
        if row < rows and column < columns:
            count = min(length - at, columns - column)
            to = start + image * by_image + row * by_row + column * by_column
            for channel in range(channels):
                copy(out, to, by_column, acc, channel * WIDTH + at, PLAIN_1, count)
                to += by_channel
        at += pitch - column


# END SOLUTION
