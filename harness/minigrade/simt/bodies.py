"""What the names of a module, a class or a function's call mean, statement after statement.

A body is read once, in order: assignments, imports, definitions, and the taken
side of conditions that can be decided. Each binding of a name is a *version*,
which is computed when it is asked for, in the state of its place: that of the
names before it. Whatever else could bind a name (a loop, say) makes it
`Unknown` from there on. Calls are computed as they are read.
"""

from __future__ import annotations

import ast
import builtins
from bisect import bisect_left
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from minigrade.simt import bindings
from minigrade.simt.constants import NOTHING
from minigrade.simt.entities import Extern, Function
from minigrade.simt.meanings import ModuleName, Unknown, entity_of
from minigrade.simt.reading import evaluate

if TYPE_CHECKING:
    from minigrade.simt.modules import Loader

Make = Callable[[], Any]
_PYTHON = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_CIRCLE = Unknown("modules import each other in a circle")


class Version:
    """One binding of a name; `place` orders it among the others.

    Attributes:
        when: the place in whose state it is computed, or None where that does not matter.
        line: of the statement.
    """

    def __init__(self, name: str, place: int, when: int | None, line: int, make: Make) -> None:
        self.name, self.place, self.when, self.line = name, place, when, line
        self.busy = False
        self._make: Make | None = make
        self._value: Any = Unknown("it depends on itself")

    def value(self, scope: Body) -> Any:
        """Return what is bound."""
        if self._make is not None:
            make, self._make, self.busy = self._make, None, True
            value = make() if self.when is None else scope.moment(self.when, make)
            if isinstance(value, Unknown):
                value = value.called(self.name, self.line, str(scope.file))
            self._value, self.busy = value, False
        return self._value


class Body:
    """The names that a module, a class or a function's call binds.

    Attributes:
        kind: ``module``, ``class`` or ``call``.
        parent: the body around it.
        now: the place that is being computed; None where the end is meant.
        result: what the call returns.
    """

    def __init__(
        self,
        loader: Loader,
        file: Path,
        kind: str,
        parent: Body | None = None,
        values: dict[str, Any] | None = None,
    ) -> None:
        self.loader, self.file, self.kind, self.parent = loader, file, kind, parent
        self.now: int | None = None
        self.result: Any = None
        self.lost: Unknown | None = None
        self.left = False
        self._values = values or {}
        self._born = None if parent is None else parent.now
        self._count = 0
        self._reading = False
        self._doubt: Unknown | None = None
        self._versions: dict[str, tuple[list[int], list[Version]]] = {}
        self._stars: list[tuple[int, Any]] = []
        self._blocked: dict[str, int] = {}
        self._own: dict[str, int] = {}
        self._searched: set[str] = set()

    def read(self, body: list[ast.stmt]) -> None:
        """Take note of what the statements bind."""
        from minigrade.simt.readers import read_block

        if self.kind != "class":
            self._blocked = bindings.from_inside(body)
        if self.kind == "call":
            self._blocked |= bindings.declared(body)
            self._own = bindings.bound(body)
        self._reading, self.now = True, 0
        read_block(self, body)
        self._reading, self.now = False, None
        if self.lost is not None:
            self.result = self.lost

    def doubt(self, why: Unknown) -> None:
        """Take no name for known."""
        self._doubt = why

    def function(self, name: str, node: ast.FunctionDef | ast.Lambda) -> Function:
        """Return a function defined here, its defaults computed now."""
        given = node.args
        names = [each.arg for each in (*given.posonlyargs, *given.args)]
        defaults = dict(zip(reversed(names), reversed(given.defaults), strict=False))
        words = zip(given.kwonlyargs, given.kw_defaults, strict=True)
        defaults |= {each.arg: value for each, value in words if value is not None}
        values = {each: evaluate(self, value) for each, value in defaults.items()}
        home: Any = self
        while home.kind == "class":  # whose names its methods do not see
            home = home.parent
        return Function(name, node, home, str(self.file), values)

    # What statements do.

    def bind(self, name: str, line: int, make: Make, *, when: int | None) -> None:
        """Add a version of a name."""
        version = Version(name, self._count, when, line, make)
        places, versions = self._versions.setdefault(name, ([], []))
        places.append(self._count)
        versions.append(version)
        self._count += 1
        self.now = self._count
        if self.kind == "call":
            version.value(self)

    def star(self, node: ast.ImportFrom | Unknown) -> None:
        """Take note of a star import, or of one that may be run."""
        self._stars.append((self._count, node))
        self._count += 1
        self.now = self._count

    def unknown(self, nodes: Iterable[ast.AST], how: str) -> None:
        """Give up the names that `nodes` may bind."""
        nodes = list(nodes)
        for name, line in bindings.bound(nodes).items():
            why = Unknown(f"line {line} may bind it{how}")
            if name == bindings.STAR:
                self.star(why)
            else:
                self.bind(name, line, lambda why=why: why, when=None)  # type: ignore[misc]
        if self.kind == "call" and bindings.returns(nodes):
            self.lost = Unknown(f"line {getattr(nodes[0], 'lineno', 0)} may return{how}")

    # What names mean.

    def moment(self, place: int, make: Make) -> Any:
        """Return what `make` computes in the state of `place`."""
        if self.kind == "class" and self.parent is not None and self._born is not None:
            return self.parent.moment(self._born, lambda: self._moment(place, make))
        return self._moment(place, make)

    def _moment(self, place: int, make: Make) -> Any:
        saved, self.now = self.now, place
        try:
            return make()
        finally:
            self.now = saved

    def lookup(self, name: str) -> Any:
        """Return the entity that a kernel calls `name`, or None.

        Raises:
            ResolveError: it is no constant that can be read.
        """
        value = self.at(name)
        if isinstance(value, Unknown) and value.missing:
            return None
        return entity_of(value)

    def at(self, name: str) -> Any:
        """Return what `name` means now, here or around."""
        found = self.own(name)
        if found is not NOTHING:
            return found
        if name in self._values:
            return self._values[name]
        if self.kind == "call" and name in self._own:
            return Unknown(f"line {self._own[name]} binds it too late", name)
        if self.parent is not None:
            return self.parent.at(name)
        if name == "__name__":
            return ModuleName()
        if name in _PYTHON:
            return Extern(f"builtins.{name}")
        return Unknown(f"nothing binds {name}", name, missing=True)

    def own(self, name: str) -> Any:
        """Return what `name` is bound to here and now, or `NOTHING`."""
        if self._doubt is not None:
            return self._doubt.called(name, 0, str(self.file))
        if name in self._blocked:
            line = self._blocked[name]
            why = Unknown(f"line {line} binds it inside a function, and nobody can see when")
            return why.called(name, line, str(self.file))
        found = self._version(name)
        limit = self._count if self.now is None else self.now
        for place, star in reversed(self._stars):
            if found is not None and place < found.place:
                break
            if place < limit:
                value = self._through(star, name)
                if value is not NOTHING:
                    return value
        return NOTHING if found is None else found.value(self)

    def _version(self, name: str) -> Version | None:
        places, versions = self._versions.get(name, ([], []))
        last = len(places) if self.now is None else bisect_left(places, self.now)
        return versions[last - 1] if last else None

    def _through(self, star: ast.ImportFrom | Unknown, name: str) -> Any:
        from minigrade.simt.modules import starred

        self.loader.step()
        if isinstance(star, Unknown):
            return star.called(name, 0, str(self.file))
        if name in self._searched:  # modules that import everything from each other
            return NOTHING
        self._searched.add(name)
        try:
            return starred(self, star, name)
        finally:
            self._searched.discard(name)

    def seen_from_outside(self, name: str) -> Any:
        """Return what another module imports by `name`, or `NOTHING`."""
        versions = self._versions.get(name, ([], []))[1]
        if len(versions) == 1 and versions[0].busy:
            return NOTHING  # the import that asks is the one that binds it
        if self.now is None:
            return self.own(name)
        circle = _CIRCLE.called(name, versions[0].line if versions else 0, str(self.file))
        if self._reading or len(versions) > 1:
            return circle
        saved, self.now = self.now, None  # it is bound once, in whatever state
        try:
            found = self.own(name)
        finally:
            self.now = saved
        return found if not versions or found is versions[0].value(self) else circle

    def given_to_star(self, name: str) -> Any:
        """Return what ``from … import *`` of this module binds `name` to, or `NOTHING`."""
        chosen = self.seen_from_outside("__all__")
        if chosen is NOTHING:
            return NOTHING if name.startswith("_") else self.seen_from_outside(name)
        value = self.seen_from_outside(name)
        if value is NOTHING:
            return NOTHING
        if not isinstance(chosen, tuple):
            return Unknown("a star import takes what __all__ names, and that cannot be read")
        return value if name in chosen else NOTHING
