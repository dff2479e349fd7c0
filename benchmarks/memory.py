"""How much memory a command takes, with all processes that it starts."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

_PAUSE_S = 0.05


class Peak(NamedTuple):
    """The most memory that was taken at a time.

    Attributes:
        largest_bytes: by one process, which `Rss` of the system says.
        tree_bytes: by all of them. What several processes share, as those do that were
            forked from one, is counted once: each has its part of it, as `Pss` says.
    """

    largest_bytes: int
    tree_bytes: int


def peak_of(command: Sequence[str], folder: Path) -> Peak:
    """Run a command in a folder, and look at its processes as it runs.

    Short peaks between two looks are missed, but for those of processes that live on.
    """
    largest = tree = 0
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while process.poll() is None:
            found = [_memory(pid) for pid in _family(process.pid)]
            largest = max([largest, *(peak for peak, _ in found)])
            tree = max(tree, sum(share for _, share in found))
            time.sleep(_PAUSE_S)
    return Peak(largest, tree)


def _family(pid: int) -> Iterator[int]:
    """Yield a process and all that descend from it and were not left by their parents."""
    yield pid
    for thread in _names(Path(f"/proc/{pid}/task")):
        for child in _read(Path(f"/proc/{pid}/task/{thread}/children")).split():
            yield from _family(int(child))


def _memory(pid: int) -> tuple[int, int]:
    """Return the most that a process has had in memory, and its share of what it has now."""
    return _field(pid, "status", "VmHWM:"), _field(pid, "smaps_rollup", "Pss:")


def _field(pid: int, file: str, name: str) -> int:
    for line in _read(Path(f"/proc/{pid}/{file}")).splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended, or is another user's
        return ""


def _names(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except OSError:
        return []
