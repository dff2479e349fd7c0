"""What a name of a module can mean, and what of that a kernel can use.

Numbers, strings, None and tuples are Python's own; functions and libraries'
names are entities; the others stand here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from minigrade.simt import constants, operators
from minigrade.simt.entities import Constant, Extern, Function, Tuple
from minigrade.simt.errors import ResolveError


@dataclass(frozen=True)
class Unknown:
    """No value: `why` is a clause, as in "line 3 binds it in a loop".

    Attributes:
        name: what was looked for, once it has a name.
        line: where that is bound.
        missing: nothing binds it.
    """

    why: str
    name: str = ""
    line: int = 0
    file: str = ""
    missing: bool = False

    def error(self) -> ResolveError:
        """Return the error of a kernel that needs it."""
        name = self.name or "this"
        return ResolveError(
            f"{name} is not a constant that can be read: {self.why}", line=self.line, file=self.file
        )

    def called(self, name: str, line: int, file: str) -> Unknown:
        """Return what `name` is that depends on this."""
        why = self.why
        if self.name and self.name != name and not why.startswith("it depends on"):
            at = f" of line {self.line}" if self.line else ""
            why = f"it depends on {self.name}{at}: {why}"
        return replace(self, name=name, line=line, file=file, why=why, missing=False)


@dataclass(frozen=True)
class Jitted:
    """A function that numba compiles: its kernel or device code is the text of `function`."""

    function: Function


@dataclass(frozen=True)
class ModuleName:
    """``__name__`` of a module that is imported: anything but ``__main__``."""


@dataclass(frozen=True)
class TypeLimits:
    """``np.finfo(…)`` or ``np.iinfo(…)`` of a type."""

    info: Any


def settled(value: Any) -> Any:
    """Return the number that a name such as ``math.pi`` stands for, else `value`."""
    if not isinstance(value, Extern):
        return value
    if value.path in ("typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING"):
        return False
    number = operators.named(value.path)
    return value if number is None else number.const.item()


def truth(value: Any) -> bool | None:
    """Return whether `value` counts as true, or None if nobody can tell."""
    if constants.is_plain(value):
        return bool(value)
    return True if isinstance(value, Function | Jitted | tuple) and value != () else None


def entity_of(value: Any) -> Any:
    """Return what `value` is to a kernel.

    Raises:
        ResolveError: it is unknown, or an integer beyond 64 bits.
    """
    if isinstance(value, Unknown):
        raise value.error()
    if isinstance(value, tuple):
        return Tuple(tuple(entity_of(item) for item in value))
    if value is None or isinstance(value, str):
        return Constant(value)
    if isinstance(value, Jitted):
        return value.function
    if not constants.is_number(value):
        return value
    expr = operators.constant(value)
    if expr is None:
        raise Unknown("it is an integer of more than 64 bits").error()
    return expr
