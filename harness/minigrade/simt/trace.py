"""What a launch leaves behind: findings and counters."""

from __future__ import annotations

from dataclasses import dataclass, field

FINDING_KINDS = (
    "race",
    "out-of-bounds",
    "negative-index",
    "uninitialised-read",
    "barrier-divergence",
    "barrier-after-return",
    "benign-write",
    "unwritten-output",
)


@dataclass(frozen=True)
class Finding:
    """One thing wrong with a kernel, at its first occurrence.

    Attributes:
        kind: one of `FINDING_KINDS`.
        line: where it happened.
        other_line: the other access of a race; else None.
        threads: the threads concerned, each ``(x, y, z)`` within its block.
        block: the block of the first thread.
        array: the array's or variable's name in the kernel; empty for barriers.
        index: the element's index in the array; empty for barriers.
        message: all of it in words.
        file: the file of `line`.
        other_block: the block of the second thread of a race.
    """

    kind: str
    line: int
    other_line: int | None
    threads: tuple[tuple[int, int, int], ...]
    block: tuple[int, int, int]
    array: str
    index: tuple[int, ...]
    message: str
    file: str = ""
    other_block: tuple[int, int, int] | None = None


@dataclass
class Counter:
    """How much an array, or one line's access to it, was used.

    Attributes:
        reads: elements read, summed over threads; an atomic counts as one of each.
        writes: elements written, summed over threads.
        atomics: atomic operations, summed over threads.
        requests: accesses of whole warps, as the hardware sees them.
        sectors: 32-byte sectors of global memory that the requests touch.
        wavefronts: passes over the banks of shared memory that they take.
        conflicts: those of them that bank conflicts cost: 0 without any.
        worst: the most lanes that wait for one bank, in the worst request; 1 without conflicts.
    """

    reads: int = 0
    writes: int = 0
    atomics: int = 0
    requests: int = 0
    sectors: int = 0
    wavefronts: int = 0
    conflicts: int = 0
    worst: int = 0

    def add(self, other: Counter) -> None:
        """Add what `other` counted."""
        self.reads += other.reads
        self.writes += other.writes
        self.atomics += other.atomics
        self.requests += other.requests
        self.sectors += other.sectors
        self.wavefronts += other.wavefronts
        self.conflicts += other.conflicts
        self.worst = max(self.worst, other.worst)

    @property
    def sectors_a_request(self) -> float:
        """Sectors a request: 4 at best for float32, 32 at worst."""
        return self.sectors / self.requests if self.requests else 0.0

    @property
    def wavefronts_a_request(self) -> float:
        """Wavefronts a request: without conflicts 1, or 2 for whole warps of 8-byte elements."""
        return self.wavefronts / self.requests if self.requests else 0.0


@dataclass(frozen=True)
class Coverage:
    """How often the elements of a written array were written."""

    never: int
    once: int
    more: int


@dataclass
class Trace:
    """The record of one launch.

    Attributes:
        findings: each kind once for its line, in the order in which they appeared; which
            kinds an array has does not depend on `Limits.lanes`. Benign writes to an array
            with a race are left out.
        counters: by the name of the array in the kernel.
        lines: by file and line, then by array.
        coverage: of the global arrays that the kernel may write, by name.
        spaces: ``global``, ``shared`` or ``local``, by name.
        barriers: times that a block passed a barrier.
        divergent_branches: branches whose condition split a warp, counted by warps.
        shared_bytes: shared memory of a block.
        steps: statements run, a batch of blocks counting once.
        blocks: blocks run.
    """

    findings: list[Finding] = field(default_factory=list)
    counters: dict[str, Counter] = field(default_factory=dict)
    lines: dict[tuple[str, int], dict[str, Counter]] = field(default_factory=dict)
    coverage: dict[str, Coverage] = field(default_factory=dict)
    spaces: dict[str, str] = field(default_factory=dict)
    barriers: int = 0
    divergent_branches: int = 0
    shared_bytes: int = 0
    steps: int = 0
    blocks: int = 0

    def found(self, kind: str) -> list[Finding]:
        """Return the findings of one kind."""
        return [finding for finding in self.findings if finding.kind == kind]

    def total(self, space: str) -> Counter:
        """Return the sum over all arrays of ``global``, ``shared`` or ``local`` memory."""
        total = Counter()
        for name, counter in self.counters.items():
            if self.spaces[name] == space:
                total.add(counter)
        return total
