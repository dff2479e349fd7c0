"""The state of a running launch: lanes, masks, epochs, and what was found so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrade.simt.dtypes import INT32, INT64
from minigrade.simt.errors import LimitExceeded
from minigrade.simt.lanes import Mask
from minigrade.simt.trace import Counter, Finding, Trace

if TYPE_CHECKING:
    from minigrade.simt.memory import ArrayDecl, Memory
    from minigrade.simt.program import Program

Array = np.ndarray[Any, Any]
Shape3 = tuple[int, int, int]

WARP = 32
_TICK = 512  # statements between two looks at the clock


@dataclass
class Site:
    """One place in the source that touches one array (or passes a barrier).

    Attributes:
        verb: ``read``, ``write``, ``atomic`` or ``barrier``.
    """

    number: int
    file: str
    line: int
    array: ArrayDecl | None
    verb: str = ""
    constant_index: bool = False
    counter: Counter = field(default_factory=Counter)


class Machine:
    """A launch in progress; `begin` prepares it for each batch of blocks."""

    def __init__(self, grid: Shape3, block: Shape3, program: Program) -> None:
        self.grid, self.block = grid, block
        self.limits, self.sites = program.limits, program.sites
        self.threads = block[0] * block[1] * block[2]
        self.trace = Trace()
        self.slots: list[Any] = []
        self.memories: list[Memory] = []
        self.deadline = program.deadline
        self.fuel = _TICK
        self._seen: set[tuple[Any, ...]] = set()
        self._next_epoch = 0

    def begin(self, blocks: list[int], slots: int) -> None:
        """Set up the lanes of a batch of `blocks`, given by linear number."""
        self.blocks = np.array(blocks, np.int64)
        n, count = len(blocks), self.threads
        self.lanes = n * count
        self.mask = Mask(None, self.lanes)
        self.gone = np.zeros(self.lanes, np.bool_)
        self.slots = [None] * slots
        self.thread = np.tile(np.arange(count, dtype=np.int64), n)
        self.slot_of_block = np.repeat(np.arange(n, dtype=np.int64), count)
        warps = -(-count // WARP)
        self.warp_of = self.slot_of_block * warps + self.thread // WARP
        self.lane_of = self.thread % WARP
        self.whole_warps = count % WARP == 0
        self.thread_index = _unravel(self.thread, self.block, INT32)
        per_lane = self.blocks[0] if n == 1 else np.repeat(self.blocks, count)
        self.block_of: Any = per_lane
        self.block_index = _unravel(np.asarray(per_lane), self.grid, INT32)
        self.epochs = np.zeros(n, np.int64)
        self._renew(np.arange(n))
        self.trace.blocks += n

    def _renew(self, blocks: Array) -> None:
        self.epochs[blocks] = self._next_epoch + np.arange(len(blocks))
        self._next_epoch += len(blocks)
        if len(self.epochs) == 1:
            self.epoch_of: Any = self.epochs[0]
        else:
            self.epoch_of = np.repeat(self.epochs, self.threads)

    def tick(self) -> None:
        """Look at the clock and count steps; called when `fuel` is spent.

        Raises:
            LimitExceeded: too many steps, or too much time.
        """
        self.trace.steps += _TICK
        self.fuel = _TICK
        if self.trace.steps > self.limits.steps:
            raise LimitExceeded(f"the kernel ran more than {self.limits.steps} steps")
        if time.monotonic() > self.deadline:
            raise LimitExceeded(f"the kernel ran longer than {self.limits.wall_s:g} s")

    def branch(self, taken: Mask, other: Mask) -> None:
        """Count the warps whose lanes go both ways."""
        both = np.intersect1d(
            self.warp_of[taken.index], self.warp_of[other.index], assume_unique=False
        )
        self.trace.divergent_branches += int(both.size)

    def barrier(self, site: Site) -> None:
        """Let the active lanes pass `cuda.syncthreads()`, and report who is missing."""
        mask = self.mask
        if mask.bits is None:
            present = np.full(len(self.blocks), self.threads)
        else:
            present = mask.bits.reshape(-1, self.threads).sum(axis=1)
        partial = np.flatnonzero((present > 0) & (present < self.threads))
        for number in partial[:1]:
            self._diverged(site, int(number))
        reached = np.flatnonzero(present)
        self.trace.barriers += len(reached)
        self._renew(reached)

    def _diverged(self, site: Site, number: int) -> None:
        assert self.mask.bits is not None
        rows = slice(number * self.threads, (number + 1) * self.threads)
        here, gone = self.mask.bits[rows], self.gone[rows]
        missing = ~here
        returned = missing & gone
        kind = "barrier-after-return" if returned.sum() == missing.sum() else "barrier-divergence"
        who = int(np.flatnonzero(missing)[0])
        why = "have returned" if kind == "barrier-after-return" else "are elsewhere"
        self.report(
            kind,
            site,
            (int(np.flatnonzero(here)[0]), who),
            int(self.blocks[number]),
            (),
            f"{int(here.sum())} of {self.threads} threads of a block wait at a barrier; the "
            f"others {why}, as thread {self.thread_at(who)}",
        )

    def report(  # noqa: PLR0913  (a finding has many parts)
        self,
        kind: str,
        site: Site,
        threads: tuple[int, ...],
        block: int,
        index: tuple[int, ...],
        message: str,
        *,
        other: Site | None = None,
        other_block: int | None = None,
        array: str | None = None,
    ) -> None:
        """Add a finding, unless its kind is known for these lines and this array."""
        name = array if array is not None else (site.array.name if site.array else "")
        other_line = other.line if other else None
        key = (kind, site.file, site.line, other_line, name)
        if key in self._seen:
            return
        self._seen.add(key)
        self.trace.findings.append(
            Finding(
                kind,
                site.line,
                other_line,
                tuple(self.thread_at(thread) for thread in threads),
                self.block_at(block),
                name,
                index,
                message,
                site.file,
                None if other_block is None else self.block_at(other_block),
            )
        )

    def settle(self) -> None:
        """Forget the benign writes to arrays that have a race.

        Which of them came before the race, and so were seen, depends on the schedule.
        """
        races = {found.array for found in self.trace.findings if found.kind == "race"}
        self.trace.findings = [
            found
            for found in self.trace.findings
            if found.kind != "benign-write" or found.array not in races
        ]

    def thread_at(self, number: int) -> Shape3:
        """Return the (x, y, z) of a thread within its block."""
        return _place(number, self.block)

    def block_at(self, number: int) -> Shape3:
        """Return the (x, y, z) of a block within the grid."""
        return _place(number, self.grid)

    def block_of_lane(self, lane: int) -> int:
        """Return the linear number of a lane's block."""
        return int(self.blocks[lane // self.threads])


def _place(number: int, shape: Shape3) -> Shape3:
    return number % shape[0], number // shape[0] % shape[1], number // (shape[0] * shape[1])


def _unravel(numbers: Array, shape: Shape3, dtype: np.dtype[Any]) -> tuple[Any, Any, Any]:
    parts = (
        numbers % shape[0],
        numbers // shape[0] % shape[1],
        numbers // (shape[0] * shape[1]),
    )
    x, y, z = (np.asarray(part).astype(dtype)[()] for part in parts)
    return x, y, z


def as_index(value: Any) -> Any:
    """Return an index value as int64."""
    return value if value.dtype == INT64 else value.astype(INT64)
