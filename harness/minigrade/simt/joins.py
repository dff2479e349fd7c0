"""Places of the source that control reaches in several ways, and what names mean there.

A `Join` collects what each name means at the end of each way that leads to a
place, unifies the types, and converts at the end of a way where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from minigrade.simt.dtypes import DType, cast, unify
from minigrade.simt.entities import Run, Unjoinable, Var
from minigrade.simt.lanes import blend
from minigrade.simt.machine import Machine

if TYPE_CHECKING:
    from minigrade.simt.frames import Frame

Env = dict[str, Any]


@dataclass(eq=False)
class Edge:
    """One way into a join: what names mean at its end, and the conversions to run there."""

    env: Env
    moves: list[Run] = field(default_factory=list)

    def run(self, m: Machine) -> None:
        """Convert the variables whose types differ behind the join."""
        for move in self.moves:
            move(m)


class Join:
    """A place that several ways lead to."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._edges: list[Edge] = []

    def add(self, edge: Edge) -> Edge:
        """Add a way."""
        self._edges.append(edge)
        return edge

    def close(self) -> Env | None:
        """Return what names mean at the place, or None if no way leads there."""
        if not self._edges:
            return None
        names: dict[str, None] = {}
        for edge in self._edges:
            names.update(dict.fromkeys(edge.env))
        return {name: self._joined(name) for name in names}

    def _joined(self, name: str) -> Any:
        frame = self._frame
        found = [edge.env.get(name) for edge in self._edges]
        present = [binding for binding in found if binding is not None]
        if not all(isinstance(binding, Var) for binding in present):
            same = all(binding == present[0] for binding in present)
            return present[0] if same else Unjoinable(name)
        dtype = present[0].dtype
        for binding in present[1:]:
            dtype = unify(dtype, binding.dtype)
        slot = frame.slot(name, dtype)
        for edge, binding in zip(self._edges, found, strict=True):
            if binding is not None and binding.slot != slot:
                edge.moves.append(move(binding.slot, slot, dtype))
        first = present[0]
        home = first.home if all(each.home == first.home for each in found if each) else -1
        if home not in frame.regions:
            home = frame.home(name)
        const = first.const
        if any(each.const is None or each.const != const for each in present):
            const = None
        maybe = len(present) < len(found) or any(each.maybe for each in present)
        literal = all(each.literal for each in present)
        return Var(dtype, slot, home, None if maybe else const, maybe, literal)


def move(source: int, target: int, dtype: DType) -> Run:
    """Return what copies a variable from one slot to another, of another type."""

    def run(m: Machine) -> None:
        value = m.slots[source]
        if value is not None:
            m.slots[target] = blend(m.mask, cast(value, dtype), m.slots[target])

    return run
