"""Sets of lanes: which threads of a batch take part in a statement.

A batch is one or more whole blocks. Each of its threads is a lane; a variable
is a vector with an element a lane, or one scalar while all lanes agree.
"""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


class Mask:
    """A set of lanes. `bits` is None for all of them.

    Attributes:
        bits: a bool a lane, or None.
        count: how many lanes are in the set.
    """

    __slots__ = ("_index", "_warps", "bits", "count")

    def __init__(self, bits: Array | None, count: int) -> None:
        self.bits, self.count = bits, count
        self._index: Array | None = None
        self._warps = -1

    @property
    def index(self) -> Array | None:
        """The lanes' numbers in order, or None for all."""
        if self.bits is not None and self._index is None:
            self._index = np.flatnonzero(self.bits)
        return self._index

    def warps(self, warp_of: Array) -> int:
        """Return how many warps have a lane in the set; `warp_of` is ascending."""
        if self._warps < 0:
            mine = warp_of if self.bits is None else warp_of[self.index]
            self._warps = count_runs(mine)
        return self._warps

    def keep(self, condition: Array) -> Mask:
        """Return the lanes of the set for which `condition` holds."""
        bits = condition if self.bits is None else self.bits & condition
        return self._made(bits)

    def drop(self, condition: Array) -> Mask:
        """Return the lanes of the set for which `condition` does not hold."""
        return self._made(~condition if self.bits is None else self.bits & ~condition)

    def minus(self, other: Mask) -> Mask:
        """Return the lanes of the set that are not in `other`."""
        if not other.count:
            return self
        return EMPTY if other.bits is None else self.drop(other.bits)

    def _made(self, bits: Array) -> Mask:
        count = int(np.count_nonzero(bits))
        if count == self.count:
            return self
        return Mask(bits, count) if count else EMPTY

    def union(self, other: Mask) -> Mask:
        """Return the lanes of both sets."""
        if not other.count or self.bits is None:
            return self
        if not self.count or other.bits is None:
            return other
        bits = self.bits | other.bits
        count = int(np.count_nonzero(bits))
        return Mask(None if count == bits.size else bits, count)


EMPTY = Mask(np.zeros(0, np.bool_), 0)


def count_runs(ascending: Array) -> int:
    """Return how many different values an ascending vector has."""
    if not ascending.size:
        return 0
    return 1 + int(np.count_nonzero(ascending[1:] != ascending[:-1]))


def blend(mask: Mask, new: Any, old: Any) -> Any:
    """Return `new` in the lanes of `mask` and `old` elsewhere."""
    if mask.bits is None or old is None:
        return new
    if new.ndim == 0 and old.ndim == 0 and new.tobytes() == old.tobytes():
        return new
    return np.where(mask.bits, new, old)
