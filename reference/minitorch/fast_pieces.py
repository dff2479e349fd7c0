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
    copy,
    helper,
    inlined,
    load,
    places,
    store,
)
from .fast_frames import CUT, OUT, PARTS, SOURCE, WEIGHT, Plan, crop, four, lay
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
    sums = np.zeros(max(parts, 1) * plan[PARTS, 1])  # without parts, all sums are 0
    if plan[CUT, 0] > 0:
        return weight, sums, parts  # which is going to be laid into a frame
    packed = np.empty(maps * channels * rows * columns)
    to = PLAIN_0
    for i in range(maps):
        for j in range(channels):
            for row in range(rows):
                at = i * by_map + j * by_channel + row * by_row
                copy(packed, to, PLAIN_1, weight, at, by_column, columns)
                to += columns
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
        starts = places(
            channels, tap_rows, tap_columns, plane, above * pitch + before, -pitch, -PLAIN_1
        )
    else:
        starts = places(channels, tap_rows, tap_columns, plane, PLAIN_0, pitch, PLAIN_1)
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
    plane, sites = group * tall * pitch, images * out_height * out_width
    acc, frame, other = aligned(BLOCK * WIDTH), aligned(images * plane), aligned(maps * plane)
    starts = places(images, out_height, out_width, plane, PLAIN_0, pitch, PLAIN_1)
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
            for site in range(0, sites, WIDTH):
                columns = starts[site : site + WIDTH]
                for first in range(0, maps, BLOCK):
                    high = min(BLOCK, maps - first)
                    at = first * plane + position
                    to = part * size + first * sites + site
                    load(acc, sums, to, sites, PLAIN_1, high, len(columns))
                    add_dots(acc, other, at, plane, high, frame, columns, position, length)
                    store(sums, to, sites, PLAIN_1, acc, high, len(columns))


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
    for part in range(1, parts):
        for i in range(size):
            sums[i] += sums[part * size + i]
    at = PLAIN_0
    if size > 0:
        for i in range(maps):
            for image in range(images):
                for row in range(height):
                    to = image * by_image + i * by_map + row * by_row
                    copy(out, to, by_column, sums, at, PLAIN_1, width)
                    at += width


# END SOLUTION
