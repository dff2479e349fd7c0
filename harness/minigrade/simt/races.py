"""Find accesses to one cell that no barrier orders.

Two accesses race when different threads make them, one at least writes, they
are not both atomic, and nothing puts one before the other. Only a barrier
does, and only within a block: so the accesses race when the threads' blocks
differ, or when neither block has passed a barrier in between.

Each cell remembers stamps. A stamp packs when, who and where:
``(epoch * threads + thread) * sites + site``. An *epoch* is the time of one
block between two barriers; its number is unique in the launch and grows. For
reads and atomics the cell keeps the highest and the lowest thread of the
latest epoch: if any thread but me is among them, so is one of these two. For
conflicts between blocks it keeps, in the same way, the highest and the lowest
block (`Span` with the block in place of the epoch).

Writes that race do no harm while all of them write one value. Which of them
comes first depends on the schedule, so a write is not judged by the value it
finds: `Values` remembers whether any two writes of a period differed. When
several threads wrote, and not all the same, then two of them differed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

NEVER = -1


@dataclass(frozen=True)
class Hits:
    """Lanes whose access races with an earlier one, and who made that, lane by lane.

    Attributes:
        places: where the lanes stand in the vector of the access.
        sites: the earlier accesses.
        threads: who made them.
        blocks: their blocks, or None for the lanes' own.
    """

    places: Array
    sites: Array
    threads: Array
    blocks: Array | None

    def only(self, keep: Array) -> Hits | None:
        """Return the hits for which `keep` holds, or None if it holds for none."""
        if keep.all():
            return self
        if not keep.any():
            return None
        blocks = None if self.blocks is None else self.blocks[keep]
        return Hits(self.places[keep], self.sites[keep], self.threads[keep], blocks)


class Span:
    """The highest and the lowest thread that touched a cell in its latest period."""

    def __init__(self, cells: int, threads: int, sites: int) -> None:
        self._high = np.full(cells, NEVER, np.int64)
        self._low = np.full(cells, NEVER, np.int64)
        self._threads, self._sites = threads, sites

    def note(self, cells: Array, period: Any, thread: Array, site: int) -> None:
        """Remember an access; lanes ascend by period and thread."""
        base = period * self._threads
        high = (base + thread) * self._sites + site
        low = (base + (self._threads - 1 - thread)) * self._sites + site
        # Of lanes on the same cell the last assignment stays: the highest, and
        # backwards the lowest thread. Blocks of a batch meet in global memory
        # only, where `Between` decides.
        self._high[cells] = np.maximum(self._high[cells], high)
        backwards = cells[::-1]
        self._low[backwards] = np.maximum(self._low[backwards], low[::-1])

    def others(self, cells: Array, period: Any, thread: Array) -> Hits | None:
        """Return the lanes whose cell another thread touched in this period."""
        size = self._threads * self._sites
        start = period * size
        high, low = self._high[cells], self._low[cells]
        recent = (high >= start) & (high < start + size)
        if not recent.any():
            return None
        upper = high // self._sites % self._threads
        lower = self._threads - 1 - low // self._sites % self._threads
        bad = recent & ((upper != thread) | (lower != thread))
        if not bad.any():
            return None
        places = np.flatnonzero(bad)
        is_upper = upper[places] != thread[places]
        stamps = np.where(is_upper, high[places], low[places])
        who = np.where(is_upper, upper[places], lower[places])
        return Hits(places, stamps % self._sites, who, None)

    def touched(self, cells: Array, period: Any) -> Array:
        """Tell which cells were touched in this period."""
        return np.asarray(self._high[cells] // (self._threads * self._sites) == period)


class Between:
    """The highest and the lowest block that touched a cell, in the whole launch."""

    def __init__(self, cells: int, threads: int, sites: int) -> None:
        self._high = np.full(cells, NEVER, np.int64)
        self._low = np.full(cells, np.iinfo(np.int64).max, np.int64)
        self._threads, self._sites = threads, sites

    def note(self, cells: Array, block: Any, thread: Array, site: int) -> None:
        """Remember an access; lanes ascend by block and thread."""
        stamps = (block * self._threads + thread) * self._sites + site
        self._high[cells] = np.maximum(self._high[cells], stamps)
        backwards = cells[::-1]
        self._low[backwards] = np.minimum(self._low[backwards], stamps[::-1])

    def others(self, cells: Array, block: Any) -> Hits | None:
        """Return the lanes whose cell another block touched."""
        size = self._threads * self._sites
        high, low = self._high[cells], self._low[cells]
        bad = (high >= 0) & ((high // size != block) | (low // size != block))
        if not bad.any():
            return None
        places = np.flatnonzero(bad)
        mine = block if np.ndim(block) == 0 else block[places]
        stamps = np.where(high[places] // size != mine, high[places], low[places])
        who = stamps // self._sites % self._threads
        return Hits(places, stamps % self._sites, who, stamps // size)

    def touched(self, cells: Array) -> Array:
        """Tell which cells were touched in this launch."""
        return np.asarray(self._high[cells] >= 0)


class Values:
    """Which cells were given more than one value: in their latest epoch, and in the launch.

    Blocks that meet in a cell do so in the launch, which is the period that decides then.
    """

    def __init__(self, cells: int) -> None:
        self._in_epoch = np.zeros(cells, np.bool_)
        self._in_launch = np.zeros(cells, np.bool_)

    def found(self, cells: Array, changes: Array, in_epoch: Array, in_launch: Array) -> None:
        """Take note of what cells hold before a write.

        Args:
            cells: a cell a lane.
            changes: the lane's value is another.
            in_epoch: the cell was written in this epoch before.
            in_launch: the cell was written in this launch before.
        """
        self._in_epoch[cells] &= in_epoch
        self.differ(cells[changes & in_epoch], cells[changes & in_launch])

    def differ(self, in_epoch: Array, in_launch: Array) -> None:
        """Mark cells that were given more than one value."""
        self._in_epoch[in_epoch] = True
        self._in_launch[in_launch] = True

    def differed(self, cells: Array, hits: Hits) -> Array:
        """Tell for each of `hits` whether its cell was given more than one value."""
        where = self._in_epoch if hits.blocks is None else self._in_launch
        return np.asarray(where[cells[hits.places]])


class Shadow:
    """What the cells of one array remember about reads, writes and atomics."""

    def __init__(self, cells: int, threads: int, sites: int, *, shared: bool) -> None:
        self._size = (cells, threads, sites)
        self._within: dict[str, Span] = {}
        self._between: dict[str, Between] = {}
        self._shared = shared
        self.values = Values(cells)

    def note(
        self, access: str, cells: Array, epoch: Any, block: Any, thread: Array, site: int
    ) -> None:
        """Remember an `access`: ``read``, ``write`` or ``atomic``."""
        if access not in self._within:
            self._within[access] = Span(*self._size)
            self._between[access] = Between(*self._size)
        self._within[access].note(cells, epoch, thread, site)
        if not self._shared:
            self._between[access].note(cells, block, thread, site)

    def conflicts(
        self, earlier: str, cells: Array, epoch: Any, block: Any, thread: Array
    ) -> list[Hits]:
        """Return the lanes whose cell has an unordered `earlier` access by another thread.

        The first hits are those within a block, the second those between blocks.
        """
        if earlier not in self._within:
            return []
        hits = [self._within[earlier].others(cells, epoch, thread)]
        if not self._shared:
            hits.append(self._between[earlier].others(cells, block))
        return [each for each in hits if each is not None]

    def replace(self, cells: Array, changes: Array, epoch: Any) -> None:
        """Take note that lanes are about to write; see `Values.found`."""
        if "write" in self._within:
            in_epoch = self._within["write"].touched(cells, epoch)
            in_launch = in_epoch if self._shared else self._between["write"].touched(cells)
            self.values.found(cells, changes, in_epoch, in_launch)
