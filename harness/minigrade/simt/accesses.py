"""Read and write elements: every access is counted, and checked for races and validity."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade.simt.dtypes import cast
from minigrade.simt.machine import Machine, Site
from minigrade.simt.memory import Located, Memory, locate, place_of, shown
from minigrade.simt.races import Hits
from minigrade.simt.traffic import count_sectors, count_wavefronts

Array = np.ndarray[Any, Any]
_VERBS = {"read": "reads", "write": "writes", "atomic": "updates atomically"}


def count(m: Machine, site: Site, at: Located) -> None:
    """Count the requests of an access and what they cost."""
    counter = site.counter
    decl = site.array
    assert decl is not None
    if decl.space == "local" or not at.count:
        return
    counter.requests += at.warps
    warps = m.warp_of if at.lanes is None else m.warp_of[at.lanes]
    if decl.space == "global":
        whole = at.lanes is None and m.whole_warps
        counter.sectors += count_sectors(warps, at.addresses, whole=whole)
        return
    lane_of = m.lane_of if at.lanes is None else m.lane_of[at.lanes]
    waves, worst, least = count_wavefronts(warps, at.addresses, decl.dtype.itemsize, lane_of)
    counter.wavefronts += waves
    counter.conflicts += waves - least
    counter.worst = max(counter.worst, worst)


def racing(m: Machine, memory: Memory, at: Located, earlier: str) -> list[Hits]:
    """Return the lanes of an access that race with an `earlier` kind of access."""
    assert memory.shadow is not None
    epoch, block, thread = _who(m, at)
    return memory.shadow.conflicts(earlier, at.cells, epoch, block, thread)


def note(m: Machine, site: Site, memory: Memory, at: Located, access: str) -> None:
    """Remember an access for later ones to race with."""
    assert memory.shadow is not None
    epoch, block, thread = _who(m, at)
    memory.shadow.note(access, at.cells, epoch, block, thread, site.number)


def _who(m: Machine, at: Located) -> tuple[Any, Any, Array]:
    if at.lanes is None:
        return m.epoch_of, m.block_of, m.thread
    epoch, block = m.epoch_of, m.block_of
    if np.ndim(epoch):
        epoch, block = epoch[at.lanes], block[at.lanes]
    return epoch, block, m.thread[at.lanes]


def report_race(
    m: Machine, site: Site, at: Located, hits: Hits, verb: str, *, benign: bool = False
) -> None:
    """Report that the first lane of `hits` races with an earlier access."""
    assert site.array is not None
    place = int(hits.places[0])
    lane = place if at.lanes is None else int(at.lanes[place])
    other = m.sites[int(hits.sites[0])]
    index = place_of(site.array, int(at.cells[place]), m.lanes)
    threads = (lane % m.threads, int(hits.threads[0]))
    block = m.block_of_lane(lane)
    other_block = None if hits.blocks is None else int(hits.blocks[0])
    far = "" if other_block is None else f" of block {m.block_at(other_block)}"
    elsewhere = "" if other.file == site.file else f" of {other.file}"
    message = (
        f"thread {m.thread_at(threads[0])} {verb} {site.array.name}{shown(index)}, which thread "
        f"{m.thread_at(threads[1])}{far} {_VERBS[other.verb]} in line {other.line}{elsewhere}, "
        f"with no barrier in between"
    )
    if benign:
        message += "; both write the same value"
    kind = "benign-write" if benign else "race"
    m.report(kind, site, threads, block, index, message, other=other, other_block=other_block)


def read(m: Machine, site: Site, index: tuple[Any, ...]) -> Any:
    """Return an element a lane; 0 where the index misses the array."""
    assert site.array is not None
    memory = m.memories[site.array.number]
    if memory.shadow is None and site.array.space == "global":
        same = _read_same(m, site, memory, index)
        if same is not None:
            return same
    at = locate(m, site, memory, index)
    site.counter.reads += at.count
    flat = memory.data.reshape(-1)
    values = flat[at.cells]
    if memory.valid is not None:
        check_valid(m, site, memory, at)
    if memory.shadow is not None and at.count:
        for earlier in ("write", "atomic"):
            for hits in racing(m, memory, at, earlier)[:1]:
                report_race(m, site, at, hits, "reads")
        note(m, site, memory, at, "read")
    count(m, site, at)
    if at.lanes is None:
        return values
    result = np.zeros(m.lanes, values.dtype)
    result[at.lanes] = values
    return result


def _read_same(m: Machine, site: Site, memory: Memory, index: tuple[Any, ...]) -> Any:
    """Return the one element that all lanes read of an array nobody writes, if so."""
    cell = 0
    for axis, part in enumerate(index):
        if part.ndim or not 0 <= int(part) < memory.decl.shape[axis]:
            return None
        cell += int(part) * memory.strides[axis]
    warps = m.mask.warps(m.warp_of)
    counter = site.counter
    counter.reads += m.mask.count
    counter.requests += warps
    counter.sectors += warps
    return memory.data[cell]


def check_valid(m: Machine, site: Site, memory: Memory, at: Located) -> None:
    """Report the first lane that reads a cell without a value."""
    assert memory.valid is not None
    assert site.array is not None
    known = memory.valid.reshape(-1)[at.cells]
    if known.all():
        return
    place = int(np.flatnonzero(~known)[0])
    lane = place if at.lanes is None else int(at.lanes[place])
    index = place_of(site.array, int(at.cells[place]), m.lanes)
    m.report(
        "uninitialised-read",
        site,
        (lane % m.threads,),
        m.block_of_lane(lane),
        index,
        f"{site.array.name}{shown(index)} is read before anything was written to it",
    )


def write(m: Machine, site: Site, index: tuple[Any, ...], value: Any) -> None:
    """Write an element a lane; nothing where the index misses the array."""
    assert site.array is not None
    memory = m.memories[site.array.number]
    at = locate(m, site, memory, index)
    site.counter.writes += at.count
    value = cast(value, memory.decl.dtype)
    if value.ndim and at.lanes is not None:
        value = value[at.lanes]
    if memory.shadow is not None and at.count:
        _write_beside(m, site, memory, at, value)
    else:
        memory.data.reshape(-1)[at.cells] = value
    mark_written(memory, at)
    count(m, site, at)


def _write_beside(m: Machine, site: Site, memory: Memory, at: Located, value: Any) -> None:
    """Write where other threads may read and write, and report the races."""
    assert memory.shadow is not None
    for earlier in ("read", "atomic"):
        for hits in racing(m, memory, at, earlier)[:1]:
            report_race(m, site, at, hits, "writes")
    flat, cells, values = memory.data.reshape(-1), at.cells, memory.shadow.values
    memory.shadow.replace(cells, _differ(flat[cells], value), _who(m, at)[0])
    before = racing(m, memory, at, "write")
    note(m, site, memory, at, "write")
    flat[cells] = value
    overwritten = cells[_differ(flat[cells], value)]  # by another lane, at once
    if overwritten.size:
        values.differ(overwritten, overwritten)
    among = racing(m, memory, at, "write")
    for benign in (False, True):
        # Rather name a line that wrote before than this one, which other lanes ran too.
        for hits in (*before, *among):
            chosen = hits.only(values.differed(cells, hits) != benign)
            if chosen is not None:
                report_race(m, site, at, chosen, "writes", benign=benign)
                break


def mark_written(memory: Memory, at: Located) -> None:
    """Remember which cells have a value, and how often the output's were written."""
    if memory.valid is not None:
        memory.valid.reshape(-1)[at.cells] = True
    if memory.written is not None:
        np.add.at(memory.written, at.cells, 1)


def _differ(left: Array, right: Any) -> Array:
    """Compare values bit by bit, though any NaN equals any other."""
    different: Array = left != right
    if left.dtype.kind == "f":
        different |= (left == 0) & (np.signbit(left) != np.signbit(right))
        different &= ~(np.isnan(left) & np.isnan(right))
    return different
