"""What the functions of some texts use, and which of them stand in which text.

Absolute names are as `minigrade.boundary.names` finds them; a pattern ``numpy`` covers all
that is in it, and ``*`` any characters.
"""

from __future__ import annotations

import bisect
import fnmatch
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from minigrade.boundary.names import Text
from minigrade.boundary.scopes import Definition, Event

_CONSTRUCTORS = ("__new__", "__init__", "__post_init__")


class Finding(NamedTuple):
    """A rule broken at one place; `function` is where, such as ``Module.train``."""

    file: str
    line: int
    rule: str
    function: str
    message: str
    source: str


class Graph:
    """What each definition of some texts does, and which others it uses.

    Attributes:
        texts: all of them.
        definitions: what they define.
        outside: names of the package that were asked for, and that none of them defines.
    """

    def __init__(self, texts: Sequence[Text], helping: Sequence[Text] = ()) -> None:
        self.texts = [*texts, *helping]
        self.definitions: dict[str, Definition] = {}
        self.outside: set[str] = set()
        self._asked = texts
        self._packages = {text.module.split(".")[0] for text in texts}
        self._events: dict[str, list[tuple[Text, Event]]] = {}
        for text in self.texts:
            self.definitions |= text.definitions
            for event in text.events:
                self._events.setdefault(event.owner, []).append((text, event))
        self._owners = sorted(self._events)

    def named(self, functions: Iterable[str]) -> list[str]:
        """Return the absolute names of `functions`, in each text that defines them.

        Or if none does, in those that came with ``import *``.
        """
        found = []
        for name in functions:
            own = [f"{text.module}.{name}" for text in self._asked]
            if not any(one in self.definitions for one in own):
                imports = [e for text in self._asked for e in text.events if e.kind == "import"]
                own = [f"{module}.{name}" for event in imports for module in event.names]
                self.outside |= {one for one in own if self.own(one)} - set(self.definitions)
            found += [one for one in own if one in self.definitions]
        return found

    def reach(self, names: Iterable[str]) -> Iterator[tuple[Text, Event]]:
        """Yield what the definitions `names` do, and all definitions that they use."""
        pending, seen = list(names), set()
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            seen.add(name)
            definition = self.definitions.get(name)
            pending += self.used(definition.stands_for) if definition else []
            for owner in self._parts(name):
                for text, event in self._events[owner]:
                    yield text, event
                    pending += self.used(event.names)

    def of(self, name: str) -> list[tuple[Text, Event]]:
        """Return what `name` does itself, without the functions in it."""
        return [one for one in self._events.get(name, []) if one[1].kind == "use"]

    def own(self, name: str) -> bool:
        """Return whether `name` is a top-level name of a module in the texts' package."""
        module = name.rpartition(".")[0]
        return module not in self.definitions and module.split(".")[0] in self._packages

    def used(self, names: Iterable[str]) -> list[str]:
        """Return the definitions that `names` use: ``prod`` for ``prod.__wrapped__``."""
        used = []
        for name in names:
            full = name
            while name and name not in self.definitions:
                name = name.rpartition(".")[0]  # noqa: PLW2901
            if name and self.definitions[name].is_class:
                used += [f"{name}.{method}" for method in _CONSTRUCTORS]
            elif name:
                used.append(name)
            elif self.own(full):
                self.outside.add(full)
        return used

    def _parts(self, name: str) -> list[str]:
        """Return the owners of events that are `name` or inside it."""
        first = bisect.bisect_left(self._owners, f"{name}.")
        last = bisect.bisect_left(self._owners, f"{name}/")  # "/" comes after "."
        return [*([name] if name in self._events else []), *self._owners[first:last]]


def finding(text: Text, line: int, rule: str, owner: str, message: str) -> Finding:
    """Return a finding at a line of a text, in the function `owner`."""
    function = owner.removeprefix(text.module).removeprefix(".")
    return Finding(text.path, line, rule, function, message, text.line(line))


def covered(name: str, patterns: Iterable[str]) -> bool:
    """Return whether `name` is one of `patterns`, or in what they name."""
    return any(
        fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"{pattern}.*")
        for pattern in patterns
    )
