"""What one launch may use: enough for a course's kernels, little for a runaway one."""

from __future__ import annotations

from dataclasses import dataclass

THREADS_A_BLOCK = 1024
BLOCK_SHAPE = (1024, 1024, 64)
GRID_SHAPE = (2**31 - 1, 65535, 65535)
SHARED_BYTES = 48 * 1024
"""Static shared memory of a block; what CUDA grants without asking for more."""


@dataclass(frozen=True)
class Limits:
    """Bounds of one launch.

    Attributes:
        steps: statements run for a batch of blocks, loops counted out.
        memory_bytes: of arrays, variables, shared and local memory and the records about them.
        wall_s: wall-clock time in seconds.
        nodes: syntax nodes of a kernel with every call of a device function written out.
        depth: nesting of expressions, blocks and calls.
        source_bytes: length of one source file.
        lanes: threads that run together; whole blocks, at least one.
    """

    steps: int = 200_000
    memory_bytes: int = 256 * 2**20
    wall_s: float = 60.0
    nodes: int = 100_000
    depth: int = 60
    source_bytes: int = 2**20
    lanes: int = 4096
