"""Atomic updates: one lane after another, in the order of their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade.simt.accesses import (
    check_valid,
    count,
    mark_written,
    note,
    racing,
    report_race,
)
from minigrade.simt.machine import Machine, Site
from minigrade.simt.memory import locate

_OPERATIONS: dict[str, np.ufunc] = {"add": np.add, "max": np.fmax, "min": np.fmin}
_INTEGERS: dict[str, np.ufunc] = {"add": np.add, "max": np.maximum, "min": np.minimum}


def update(m: Machine, site: Site, operation: str, index: tuple[Any, ...], value: Any) -> Any:
    """Combine an element with `value` in every active lane; return what it was before."""
    assert site.array is not None
    memory = m.memories[site.array.number]
    at = locate(m, site, memory, index)
    counter = site.counter
    counter.reads += at.count
    counter.writes += at.count
    counter.atomics += at.count
    if memory.shadow is not None and at.count:
        for earlier in ("read", "write"):
            for hits in racing(m, memory, at, earlier)[:1]:
                report_race(m, site, at, hits, f"makes an atomic {operation} on")
        note(m, site, memory, at, "atomic")
    if memory.valid is not None:
        check_valid(m, site, memory, at)
    flat = memory.data.reshape(-1)
    kinds = _OPERATIONS if flat.dtype.kind == "f" else _INTEGERS
    function: Callable[..., Any] = kinds[operation]
    values = np.broadcast_to(
        value if at.lanes is None or not value.ndim else value[at.lanes], (at.count,)
    )
    before = np.empty(at.count, flat.dtype)
    for place, cell in enumerate(at.cells.tolist()):
        before[place] = flat[cell]
        flat[cell] = function(flat[cell], values[place])
    mark_written(memory, at)
    count(m, site, at)
    if at.lanes is None:
        return before
    result = np.zeros(m.lanes, flat.dtype)
    result[at.lanes] = before
    return result
