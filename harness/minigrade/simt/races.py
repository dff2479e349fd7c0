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
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

NEVER = -1


@dataclass(frozen=True)
class Hits:
    """Lanes whose access races with an earlier one, described for the first of them.

    Attributes:
        places: where the lanes stand in the vector of the access.
        site: the earlier access.
        thread: who made it.
        block: its block, or None for the lane's own.
    """

    places: Array
    site: int
    thread: int
    block: int | None


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
        place = int(places[0])
        mine = int(thread[place])
        who, stamp = (upper, high) if int(upper[place]) != mine else (lower, low)
        return Hits(places, int(stamp[place] % self._sites), int(who[place]), None)


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
        place = int(places[0])
        mine = int(block) if np.ndim(block) == 0 else int(block[place])
        stamp = int(high[place])
        if stamp // size == mine:
            stamp = int(low[place])
        thread = stamp // self._sites % self._threads
        return Hits(places, stamp % self._sites, thread, stamp // size)


class Shadow:
    """What the cells of one array remember about reads, writes and atomics."""

    def __init__(self, cells: int, threads: int, sites: int, *, shared: bool) -> None:
        self._size = (cells, threads, sites)
        self._within: dict[str, Span] = {}
        self._between: dict[str, Between] = {}
        self._shared = shared

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

    def conflict(
        self, earlier: str, cells: Array, epoch: Any, block: Any, thread: Array
    ) -> Hits | None:
        """Return the lanes whose cell has an unordered `earlier` access by another thread."""
        if earlier not in self._within:
            return None
        hits = self._within[earlier].others(cells, epoch, thread)
        if hits is None and not self._shared:
            hits = self._between[earlier].others(cells, block)
        return hits
