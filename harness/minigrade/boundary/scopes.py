"""What a name in a Python text stands for, as the text's scopes and imports say.

The data that `minigrade.boundary.names` returns, and the look-up of names. Scopes
are filled while a text is walked (see `minigrade.boundary.walk`) and asked once
all of it is known, because a function may use what stands below it.
"""

from __future__ import annotations

import builtins
import dataclasses
from typing import Literal, NamedTuple

UNKNOWN = "?"
"""What a name stands for when only a run could tell."""

Chain = tuple[str, ...]
"""A dotted name as it is written; begins with `UNKNOWN` for ``f(x).attribute``."""

_BUILTINS = frozenset(dir(builtins))
_MEANINGS_LIMIT = 64  # a = b.x; a = b.y; … would double them with each pair of lines


class Event(NamedTuple):
    """One use of a name, import or operator.

    Attributes:
        names: what it may stand for, as absolute names; an operator's symbol.
        owner: the definition that it is part of, as an absolute name.
        called: the name is called.
        argument: the string that it is called with first, if that is a literal.
    """

    kind: Literal["use", "import", "operator"]
    line: int
    owner: str
    names: frozenset[str]
    called: bool = False
    argument: str | None = None


class Definition(NamedTuple):
    """A name that a module, a class or a function defines.

    Attributes:
        written: it is more than a stub, which raises NotImplementedError.
        stands_for: what it was imported from or is another name of, if anything.
    """

    line: int
    is_class: bool = False
    written: bool = True
    stands_for: frozenset[str] = frozenset()


class Alias(NamedTuple):
    """Another name of what `chain` stands for in `scope`."""

    scope: Scope
    chain: Chain


Meaning = str | Alias
"""An absolute name, or what another name stands for."""


@dataclasses.dataclass(eq=False)
class Scope:
    """Where names are bound.

    Attributes:
        name: absolute; a lambda's or a comprehension's is that of what it is in.
        outer: the scope around it; None for a module's.
        elsewhere: names that are bound in another scope, by ``global`` or ``nonlocal``.
    """

    name: str
    outer: Scope | None
    kind: Literal["module", "class", "function", "comprehension"]
    bindings: dict[str, list[Meaning]] = dataclasses.field(default_factory=dict)
    elsewhere: dict[str, Scope] = dataclasses.field(default_factory=dict)

    @property
    def defines(self) -> bool:
        """Whether names bound here can be asked for from outside."""
        return self.kind in ("module", "class")

    def bind(self, name: str, meaning: Meaning) -> None:
        """Note that `name` may stand for `meaning` here."""
        home = self.elsewhere.get(name, self)
        home.bindings.setdefault(name, []).append(meaning)

    def declare_global(self, name: str) -> None:
        """Have `name` bound in the module."""
        module = self
        while module.outer:
            module = module.outer
        self.elsewhere[name] = module

    def declare_nonlocal(self, name: str) -> None:
        """Have `name` bound in the function around this one."""
        home = self.outer
        while home and home.kind != "function":
            home = home.outer
        if home:
            self.elsewhere[name] = home

    def home(self, name: str) -> Scope | None:
        """Return the scope that `name` is looked up in from here; None if none binds it."""
        here: Scope | None = self
        while here:
            if name in here.elsewhere:
                here = here.elsewhere[name]
            # A class's names are not seen by its methods.
            if name in here.bindings and (here is self or here.kind != "class"):
                return here
            here = here.outer
        return None


class Resolver:
    """Answers what names stand for in one module, once its scopes are filled.

    Attributes:
        module: the module's scope.
        stars: the modules of its ``from module import *``.
    """

    def __init__(self, module: Scope) -> None:
        self.module = module
        self.stars: list[str] = []
        self._known: dict[tuple[Scope, str], frozenset[str]] = {}

    def resolve(self, alias: Alias) -> frozenset[str]:
        """Return the absolute names that `alias` may stand for.

        Raises:
            RecursionError: an alias of an alias of … goes too deep.
        """
        first, *rest = alias.chain
        bases = {first} if first == UNKNOWN else self.meanings(alias.scope, first)
        return frozenset(".".join([base, *rest]) for base in bases)

    def meanings(self, scope: Scope, name: str) -> frozenset[str]:
        """Return the absolute names that `name` may stand for in `scope`."""
        home = scope.home(name)
        if home is None:
            return self._unbound(name)
        if (home, name) not in self._known:
            self._known[home, name] = frozenset()  # while it is a name of itself
            found: set[str] = set()
            for meaning in home.bindings[name]:
                found |= self.resolve(meaning) if isinstance(meaning, Alias) else {meaning}
            self._known[home, name] = frozenset(sorted(found)[:_MEANINGS_LIMIT])
        return self._known[home, name]

    def _unbound(self, name: str) -> frozenset[str]:
        """Return what a name may be that is a builtin or came with ``import *``."""
        if name == "__builtins__":
            return frozenset({"builtins"})
        found = {f"{star}.{name}" for star in self.stars}
        package = self.module.name.split(".")[0]
        # Benefit of the doubt: another file of the package may define its own `sum`.
        if name in _BUILTINS and all(star.split(".")[0] != package for star in self.stars):
            found.add(f"builtins.{name}")
        return frozenset(found or {UNKNOWN})
