"""What a warp's access costs: 32-byte sectors of global, wavefronts of shared memory.

A warp's lanes ask together. From global memory they get whole sectors, so a
request costs as many sectors as its lanes touch: 4 for 32 neighbouring
float32, 32 for a column. Shared memory has 32 banks of 4 bytes; lanes that
want different words of one bank wait for each other, one *wavefront* after
another; lanes that want the same word share it. Elements of 8 bytes are
served half a warp at a time.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade.simt.lanes import count_runs

Array = np.ndarray[Any, Any]

WARP = 32
SECTOR_BITS = 5
BANKS = 32
_FAR = 40  # bits left for an address below the number of a warp


def count_sectors(warps: Array, addresses: Array, *, whole: bool) -> int:
    """Return the sectors that all warps together touch.

    Args:
        warps: each lane's warp, ascending.
        addresses: each lane's byte address; elements lie within one sector.
        whole: every warp has its 32 lanes, which lets rows be sorted at once.
    """
    sectors = addresses >> SECTOR_BITS
    if whole:
        rows = sectors.reshape(-1, WARP)
        steps = rows[:, 1:] != rows[:, :-1]
        if np.any(rows[:, 1:] < rows[:, :-1]):
            rows = np.sort(rows, axis=1)
            steps = rows[:, 1:] != rows[:, :-1]
        return len(rows) + int(np.count_nonzero(steps))
    keys = (warps << _FAR) + sectors
    keys.sort()
    return count_runs(keys)


def count_wavefronts(
    warps: Array, addresses: Array, itemsize: int, lanes: Array
) -> tuple[int, int, int]:
    """Return the wavefronts of all warps, the most at once, and how many there must be.

    The most at once are those of a warp, or of half a warp for elements of 8 bytes: 1
    without conflicts.

    Args:
        warps: each lane's warp, ascending.
        addresses: each lane's byte address within its block's shared memory.
        itemsize: bytes of an element.
        lanes: each lane's place in its warp, to tell its halves apart.
    """
    parts = warps * 2 + (lanes >> 4) if itemsize == 8 else warps
    parts = parts - int(parts[0])
    words = addresses >> 2
    if itemsize == 8:
        parts, words = np.repeat(parts, 2), np.repeat(words, 2)
        words[1::2] += 1
    keys = (parts << _FAR) + words
    keys.sort()
    if keys.size > 1:
        keys = keys[np.concatenate(([True], keys[1:] != keys[:-1]))]
    groups = int(keys[-1] >> _FAR) + 1
    slots = (keys >> _FAR) * BANKS + (keys & (BANKS - 1))
    waves = np.bincount(slots, minlength=groups * BANKS).reshape(groups, BANKS).max(axis=1)
    return int(waves.sum()), int(waves.max()), int(np.count_nonzero(waves))
