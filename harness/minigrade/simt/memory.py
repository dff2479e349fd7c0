"""Arrays in global, shared and local memory, and which of their cells an index means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrade.simt.dtypes import DType
from minigrade.simt.machine import Machine, Site, as_index
from minigrade.simt.races import Shadow

Array = np.ndarray[Any, Any]


@dataclass(eq=False)
class ArrayDecl:
    """An array as the compiler knows it; `number` is its place in `Machine.memories`.

    Attributes:
        readable, writable, atomic: whether some statement reads, writes or updates it.
        steps: bytes from one element to the next, by dimension; for global arrays.
        line, file: where the kernel makes it; for others.
    """

    number: int
    name: str
    space: str
    dtype: DType
    shape: tuple[int, ...]
    steps: tuple[int, ...] = ()
    line: int = 0
    file: str = ""
    readable: bool = False
    writable: bool = False
    atomic: bool = False

    @property
    def size(self) -> int:
        """How many elements it has."""
        return int(np.prod(self.shape, dtype=np.int64))

    def strides(self) -> tuple[int, ...]:
        """Return the elements from one cell to the next, by dimension, in C order."""
        return tuple(
            int(np.prod(self.shape[axis + 1 :], dtype=np.int64)) for axis in range(len(self.shape))
        )


class Memory:
    """The cells of one array during a batch (global: during the launch)."""

    def __init__(self, decl: ArrayDecl, data: Array, shadow: Shadow | None) -> None:
        self.decl, self.data, self.shadow = decl, data, shadow
        self.strides = decl.strides()
        contiguous = tuple(stride * decl.dtype.itemsize for stride in self.strides)
        self.steps = decl.steps if decl.steps and decl.steps != contiguous else None
        self.valid: Array | None = None
        self.written: Array | None = None
        if decl.space != "global":
            self.valid = np.zeros(data.shape, np.bool_)
        elif decl.writable or decl.atomic:
            self.written = np.zeros(data.shape, np.int32)


@dataclass
class Located:
    """The cells that the lanes of one access touch; `lanes` is None for all of them."""

    lanes: Array | None
    cells: Array
    addresses: Array
    count: int
    warps: int


def locate(m: Machine, site: Site, memory: Memory, index: tuple[Any, ...]) -> Located:
    """Check an index in every active lane; leave out the lanes that miss the array."""
    decl = memory.decl
    lanes = m.mask.index
    parts = [as_index(part) for part in index]
    if lanes is not None:
        parts = [part if part.ndim == 0 else part[lanes] for part in parts]
    fits = None
    for axis, (part, side) in enumerate(zip(parts, decl.shape, strict=True)):
        outside = part.view(np.uint64) >= side
        if outside.any():
            parts[axis], inside = _mend(m, site, index, part, axis, side, lanes)
            fits = inside if fits is None else fits & inside
    if fits is not None:
        fits = np.broadcast_to(fits, m.lanes if lanes is None else lanes.shape)
        parts = [part if part.ndim == 0 else part[fits] for part in parts]
        lanes = np.flatnonzero(fits) if lanes is None else lanes[fits]
    count = m.lanes if lanes is None else lanes.size
    cells: Any = np.int64(0)
    for part, stride in zip(parts, memory.strides, strict=True):
        cells = cells + (part if stride == 1 else part * stride)
    if np.ndim(cells) == 0:
        cells = np.full(count, cells)
    if memory.steps is None:
        addresses = cells * decl.dtype.itemsize
    else:
        addresses = np.zeros(count, np.int64)
        for part, step in zip(parts, memory.steps, strict=True):
            addresses = addresses + part * step
    warps = m.mask.warps(m.warp_of) if fits is None else int(np.unique(m.warp_of[lanes]).size)
    return Located(lanes, _own(m, decl, cells, lanes), addresses, int(count), warps)


def _own(m: Machine, decl: ArrayDecl, cells: Array, lanes: Array | None) -> Array:
    """Return the cells of each lane's own copy of a shared or local array."""
    if decl.space == "shared" and len(m.blocks) > 1:
        slots = m.slot_of_block if lanes is None else m.slot_of_block[lanes]
        return np.asarray(cells + slots * decl.size)
    if decl.space == "local":
        return np.asarray(cells * m.lanes + (np.arange(m.lanes) if lanes is None else lanes))
    return cells


def _mend(
    m: Machine,
    site: Site,
    index: tuple[Any, ...],
    part: Any,
    axis: int,
    side: int,
    lanes: Array | None,
) -> tuple[Any, Any]:
    """Wrap negative indices around, as the device does, and find out which lanes still miss."""
    negative = (part < 0) & (part >= -side)
    outside = (part < -side) | (part >= side)
    assert site.array is not None
    for bad, kind in ((negative, "negative-index"), (outside, "out-of-bounds")):
        if not bad.any() or (kind == "negative-index" and site.constant_index):
            continue
        place = int(np.flatnonzero(np.atleast_1d(bad))[0])
        if part.ndim == 0:
            lane = 0 if lanes is None else int(lanes[0])
        else:
            lane = place if lanes is None else int(lanes[place])
        where = tuple(int(each if each.ndim == 0 else each[lane]) for each in index)
        what = (
            "counts from the end of the array"
            if kind == "negative-index"
            else f"lies outside: side {axis} is {side} long"
        )
        m.report(
            kind,
            site,
            (lane % m.threads,),
            m.block_of_lane(lane),
            where,
            f"index {shown(where)} of {site.array.name} {what}",
        )
    return np.where(negative, part + side, part)[()], ~outside


def shown(index: tuple[int, ...]) -> str:
    """Return an index as it would stand in the source."""
    return "[" + ", ".join(map(str, index)) + "]"


def place_of(decl: ArrayDecl, cell: int, lanes: int) -> tuple[int, ...]:
    """Return the index, in the array, of a cell of the memory."""
    cell = cell // lanes if decl.space == "local" else cell % max(decl.size, 1)
    return tuple(int(side) for side in np.unravel_index(cell, decl.shape))
