"""What a name or an expression of a kernel means while the kernel is being compiled."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from minigrade.simt.dtypes import DType
from minigrade.simt.machine import Machine

if TYPE_CHECKING:
    from minigrade.simt.memory import ArrayDecl

Eval = Callable[[Machine], Any]
Run = Callable[[Machine], None]


class Scope(Protocol):
    """Where a function finds the names that it does not bind itself."""

    def lookup(self, name: str) -> Any:
        """Return the entity called `name`, or None."""


@dataclass(frozen=True)
class Extern:
    """Something of Python or numba, by its full name: ``numba.cuda.threadIdx``."""

    path: str


@dataclass(frozen=True)
class Constant:
    """A value known while compiling that is no number: None or a string."""

    value: Any


@dataclass(eq=False)
class Function:
    """A kernel, a device function or a lambda, as text, with the scope around it.

    Attributes:
        defaults: what the parameters' defaults were when it was defined, as `reading` or a
            kernel knows them.
    """

    name: str
    node: ast.FunctionDef | ast.Lambda
    scope: Scope
    file: str
    defaults: dict[str, Any] | None = None


@dataclass(eq=False)
class Expr:
    """A number a lane: `ev` computes it, of exactly `dtype`.

    Attributes:
        const: the value, when it is known while compiling.
        literal: numba knows it too: a literal, a global constant, or a variable that is one.
    """

    dtype: DType
    ev: Eval
    const: Any = None
    literal: bool = False


@dataclass(eq=False)
class Effect:
    """A call without a value; `ev` runs it."""

    ev: Eval


@dataclass(eq=False)
class Tuple:
    """A tuple of entities; `before` runs the call that makes them, if one does."""

    items: tuple[Any, ...]
    before: Run | None = None


@dataclass(frozen=True)
class TupleVar:
    """A tuple in a variable; `names` are the hidden variables of its items."""

    names: tuple[str, ...]


@dataclass(eq=False)
class View:
    """A part of an array: a row ``s[i]``, a column ``s[:, i]``, a slice ``s[1:n]``.

    Attributes:
        array: the whole.
        kinds: what is left of each of its dimensions: a ``p`` of a place, a ``s`` of a slice,
            an ``a`` of all.
        numbers: the index of each place, and the start and the length of each slice.
    """

    array: ArrayDecl
    kinds: str
    numbers: tuple[Expr, ...]


@dataclass(frozen=True)
class ViewVar:
    """A part of an array in a variable; `names` are the hidden variables of its numbers."""

    array: ArrayDecl
    kinds: str
    names: tuple[str, ...]


@dataclass(eq=False)
class Var:
    """A variable at one place of the source.

    Attributes:
        slot: where in `Machine.slots` its value is.
        home: the slot of the mask of the lanes for which it can matter; others hold no value.
        maybe: some ways to this place do not assign it.
    """

    dtype: DType
    slot: int
    home: int
    const: Any = None
    maybe: bool = False
    literal: bool = False


@dataclass(frozen=True)
class Unjoinable:
    """A variable that means different things by the way control came; an error when used."""

    name: str
