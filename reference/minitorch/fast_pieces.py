"""How the pieces of a convolution are multiplied, once they are laid into frames.

Source: https://minitorch.github.io/module4/convolution/
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .fast_blocks import (
    BLOCK,
    PLAIN_0,
    PLAIN_1,
    WIDTH,
    add_dots,
    add_strip,
    aligned,
    clear,
    helper,
    inlined,
    store,
)
from .fast_frames import CUT, OUT, PARTS, SOURCE, WEIGHT, Plan, corners, crop, four, lay
from .fast_matmul import DEPTH
from .tensor_data import Storage

# SOLUTION 4.1


@helper
def pack_weight(weight: Storage, plan: Plan) -> tuple[Storage, Storage, int]:
    """Return the weight with all numbers for a channel of the output side by side.

    And zeros for the sums of all parts, if they need any; and how many parts there are.
    """
    maps, channels, rows, columns = four(plan, WEIGHT)
    by_map, by_channel, by_row, by_column = four(plan, WEIGHT + 1)
    parts = plan[PARTS, 0]
    sums = np.zeros(parts * plan[PARTS, 1])
    if plan[CUT, 0] > 0:
        return weight, sums, parts  # which is going to be laid into a frame
    packed = np.empty(maps * channels * rows * columns)
    to = 0
    for i in range(maps):
        for j in range(channels):
            for row in range(rows):
                for column in range(columns):
                    at = i * by_map + j * by_channel + row * by_row + column * by_column
                    packed[to] = weight[at]
                    to += 1
    return packed, sums, parts


@inlined
def _add_taps(part: Any, out: Storage, source: Storage, taps: Storage, plan: Plan) -> None:
    """Compute a part of the pieces, whose weight is small. See `convolve_part`."""
    _, group, rows, units = four(plan, CUT)
    parts, _, reverse, bands = four(plan, PARTS)
    images, maps, height, width = four(plan, OUT)
    _, channels, tap_rows, tap_columns = four(plan, WEIGHT)
    by = four(plan, OUT + 1)
    by_image, by_channel, by_row, by_column = four(plan, SOURCE + 1)
    above, before = max(tap_rows, 1) - 1, max(tap_columns, 1) - 1
    tall, pitch = rows + above, width + before
    plane, terms = group * tall * pitch, channels * tap_rows * tap_columns
    acc, frame = aligned(BLOCK * WIDTH), aligned(channels * plane)
    if reverse:
        starts = corners(
            channels, tap_rows, tap_columns, plane, above * pitch + before, -pitch, -PLAIN_1
        )
    else:
        starts = corners(channels, tap_rows, tap_columns, plane, PLAIN_0, pitch, PLAIN_1)
        above = before = PLAIN_0
    for unit in range(part, units, parts):
        image, row = unit // bands * group, unit % bands * rows
        last, valid, top = min(image + group, images), min(rows, height - row), row - above
        lay(
            frame, channels, tall, pitch, before, source, image, last, top,
            min(top + tall, plan[SOURCE, 2]), plan[SOURCE, 3],
            (by_channel, by_image, by_row, by_column),
        )  # fmt: skip
        end = ((last - image - 1) * tall + valid - 1) * pitch + width
        for position in range(0, end, WIDTH):
            length = min(WIDTH, end - position)
            for first in range(0, maps, BLOCK):
                high = min(BLOCK, maps - first)
                at = first * terms
                clear(acc, length)
                add_strip(acc, taps, at, terms, high, PLAIN_1, frame, starts, position, length)
                corner = image * by[0] + first * by[1] + row * by[2]
                crop(out, corner, by, high, valid, width, acc, position, length, tall, pitch)


@inlined
def _add_places(part: Any, source: Storage, weight: Storage, sums: Storage, plan: Plan) -> None:
    """Compute a part of the pieces, whose weight is large. See `convolve_part`."""
    _, group, rows, units = four(plan, CUT)
    parts, size, _, bands = four(plan, PARTS)
    images, maps, out_height, out_width = four(plan, OUT)
    _, channels, height, width = four(plan, WEIGHT)
    tall, pitch = rows + out_height - 1, width + out_width - 1
    plane, places = group * tall * pitch, images * out_height * out_width
    acc, frame, other = aligned(BLOCK * WIDTH), aligned(images * plane), aligned(maps * plane)
    starts = corners(images, out_height, out_width, plane, PLAIN_0, pitch, PLAIN_1)
    for unit in range(part, units, parts):
        row, channel = unit % bands * rows, unit // bands * group
        last = min(channel + group, channels)
        lay(
            frame, images, tall, pitch, PLAIN_0, source, channel, last, row,
            min(row + tall, plan[SOURCE, 2]), plan[SOURCE, 3], four(plan, SOURCE + 1),
        )  # fmt: skip
        lay(
            other, maps, tall, pitch, PLAIN_0, weight, channel, last, row,
            min(row + rows, height), width, four(plan, WEIGHT + 1),
        )  # fmt: skip
        end = ((last - channel) * tall - out_height + 1) * pitch - out_width + 1
        for position in range(0, end, 2 * DEPTH):
            length = min(2 * DEPTH, end - position)
            for place in range(0, places, WIDTH):
                columns = starts[place : place + WIDTH]
                for first in range(0, maps, BLOCK):
                    high = min(BLOCK, maps - first)
                    at = first * plane + position
                    clear(acc, len(columns))
                    add_dots(acc, other, at, plane, high, frame, columns, position, length)
                    to = part * size + first * places + place
                    store(sums, to, places, PLAIN_1, acc, high, len(columns), position >= 0)


@helper
def convolve_part(
    part: Any, out: Storage, source: Storage, weight: Storage, sums: Storage, plan: Plan
) -> None:
    """Compute a part of a convolution.

    Args:
        part: which one.
        out: the storage of the output.
        source: the storage of the input.
        weight: the storage of the weight, as `pack_weight` returns it.
        sums: where to write the part's sums: by output channel, image, row and column.
        plan: what `plan_convolution` says.
    """
    if plan[CUT, 0] > 0:
        _add_places(part, source, weight, sums, plan)
    else:
        _add_taps(part, out, source, weight, plan)


@helper
def join_parts(out: Storage, sums: Storage, plan: Plan) -> None:
    """Add up the sums of all parts, if there are any, in the output."""
    images, maps, height, width = four(plan, OUT)
    by_image, by_map, by_row, by_column = four(plan, OUT + 1)
    parts, size, _, _ = four(plan, PARTS)
    if plan[CUT, 0] > 0:
        at = 0
        for i in range(maps):
            for image in range(images):
                for row in range(height):
                    for column in range(width):
                        to = image * by_image + i * by_map + row * by_row + column * by_column
                        out[to] = 0.0
                        for part in range(parts):
                            out[to] += sums[part * size + at]
                        at += 1


# END SOLUTION
