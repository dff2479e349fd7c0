"""Variables of a function being compiled: their types at each place, and where control joins.

numba types a variable by its single assignments (SSA): straight-line code may
change a type, and where ways through the code join, the types are unified.
`Frame` keeps what each name means *here*; see `joins` for the places where ways join.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minigrade.simt.dtypes import BOOL, DType
from minigrade.simt.entities import (
    Eval,
    Expr,
    Function,
    Run,
    Tuple,
    TupleVar,
    Var,
    View,
    ViewVar,
)
from minigrade.simt.errors import KernelError
from minigrade.simt.joins import Edge, Env, Join
from minigrade.simt.lanes import EMPTY, blend
from minigrade.simt.machine import Machine
from minigrade.simt.program import Program

RESULT = "<return>"
_TRUE = np.bool_(True)
_FALSE = np.bool_(False)


@dataclass(eq=False)
class Frame:
    """One call of a function, written out where it is called.

    Attributes:
        env: what each name means at the place being compiled; None where control cannot be.
        regions: slots of the masks of the branches around this place, outermost first.
        memo: types that variables have at the heads of loops, found by compiling before.
        tracked: variables that may be read before they are assigned.
        captured: names that functions inside this one read.
        stored: what the text above this place assigned last, by name.
        guessed: variables whose type at the head of a loop was guessed in a pass before.
        retry: the types found now do not fit the memo: compile once more.
    """

    program: Program
    function: Function
    path: tuple[int, ...]
    memo: dict[int, dict[str, DType]]
    tracked: set[str]
    env: Env | None = field(default_factory=dict)
    regions: list[int] = field(default_factory=list)
    retry: bool = False
    is_kernel: bool = False
    loops: list[Any] = field(default_factory=list)
    returned: int = 0
    hint: str = ""
    locals: set[str] = field(default_factory=set)
    captured: set[str] = field(default_factory=set)
    stored: dict[str, Any] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)
    chain: tuple[Function, ...] = ()
    uses: Counter[str] = field(default_factory=Counter)
    _slots: dict[tuple[str, DType], int] = field(default_factory=dict)
    _inside: dict[int, Counter[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.result = Join(self)

    @property
    def file(self) -> str:
        """The file of the function."""
        return self.function.file

    def error(self, node: ast.AST, message: str) -> KernelError:
        """Return an error that names the place of `node`."""
        return KernelError(message, line=getattr(node, "lineno", 0), file=self.file)

    def slot(self, name: str, dtype: DType) -> int:
        """Return the slot of a variable with a type."""
        if (name, dtype) not in self._slots:
            self._slots[name, dtype] = self.program.new_slot()
        return self._slots[name, dtype]

    def assign(self, name: str, entity: Any) -> Run:
        """Bind `name` to `entity` from here on, and return what to run for it."""
        assert self.env is not None
        self.stored[name] = entity
        if isinstance(entity, Tuple):
            return self._assign_items(name, entity)
        if isinstance(entity, View):
            run, names = self._hold_items(name, Tuple(entity.numbers))
            self.env[name] = ViewVar(entity.array, entity.kinds, names)
            return run
        if not isinstance(entity, Expr):
            self.env[name] = entity
            return _nothing
        slot = self.slot(name, entity.dtype)
        old = self.env.get(name)
        home = old.home if isinstance(old, Var) else self.home(name)
        self.env[name] = self.stored[name] = Var(
            entity.dtype, slot, home, entity.const, literal=entity.literal
        )
        ev = entity.ev
        flag = self.slot(f"?{name}", BOOL) if name in self.tracked else None

        def store(m: Machine) -> None:
            slots, value, mask = m.slots, ev(m), m.mask
            if mask.bits is None or (home >= 0 and mask.count == slots[home].count):
                slots[slot] = value
            else:
                slots[slot] = blend(mask, value, slots[slot])
            if flag is not None:
                slots[flag] = blend(mask, _TRUE, slots[flag])

        return store

    def guess(self, name: str) -> Var | None:
        """Return what `name` means if a round before, not compiled to its end yet, assigned it.

        The next pass knows, and has no need to guess.
        """
        last = self.stored.get(name)
        if not self.loops or name in self.guessed or not isinstance(last, Var):
            return None
        self.guessed.add(name)
        self.retry = True
        return replace(last, const=None, maybe=True)

    def _assign_items(self, name: str, entity: Tuple) -> Run:
        """Bind a tuple."""
        assert self.env is not None
        run, names = self._hold_items(name, entity)
        self.env[name] = TupleVar(names)
        return run

    def _hold_items(self, name: str, entity: Tuple) -> tuple[Run, tuple[str, ...]]:
        """Bind the hidden variables of a tuple's items, once all the items are computed."""
        names = tuple(f"{name}.{place}" for place in range(len(entity.items)))
        runs = [] if entity.before is None else [entity.before]
        stores = []
        for part, item in zip(names, entity.items, strict=True):
            held = item
            if isinstance(item, Expr) and item.const is None:
                slot = self.program.new_slot()
                runs.append(_compute(item, slot))
                held = Expr(item.dtype, _reader(slot))
            stores.append(self.assign(part, held))
        runs += stores
        return lambda m: _run_all(m, runs), names

    def home(self, name: str) -> int:
        """Return the innermost region around this place that holds every use of `name`.

        Lanes outside it have no value there that an assignment could overwrite.
        """
        name = name.partition(".")[0]  # a tuple's item belongs where the tuple does
        if name == RESULT:
            return -1  # lanes that returned before keep their results
        if name in self.captured:
            return self.regions[0]  # a function inside reads it wherever it is called
        for place, region in enumerate(self.regions):
            if self.uses[name] > self._inside[region][name]:
                return self.regions[place - 1]
        return self.regions[-1]

    def begin(self) -> list[Run]:
        """Return what a call does first: remember its lanes, forget what was assigned."""
        self.uses = loads([self.function.node])
        self.captured = captured(self.function.node)
        region = self.enter([self.function.node])
        self.returned = self.program.new_slot()
        flags = [self.slot(f"?{name}", BOOL) for name in sorted(self.tracked)]
        returned = self.returned

        def start(m: Machine) -> None:
            m.slots[region] = m.mask
            m.slots[returned] = EMPTY
            for flag in flags:
                m.slots[flag] = blend(m.mask, _FALSE, m.slots[flag])

        return [start]

    def enter(self, body: Sequence[ast.AST]) -> int:
        """Open a region (a branch, a loop's body) and return the slot of its mask."""
        slot = self.program.new_slot()
        self._inside[slot] = loads(body)
        self.regions.append(slot)
        return slot

    def leave(self) -> None:
        """Close the innermost region."""
        self.regions.pop()

    def edge(self) -> Edge:
        """Return the way that ends here."""
        assert self.env is not None
        return Edge(dict(self.env))


def loads(body: Sequence[ast.AST]) -> Counter[str]:
    """Return how often each name is read in `body`."""
    found: Counter[str] = Counter()
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found[node.id] += 1
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                found[node.target.id] += 1
    return found


def captured(function: ast.AST) -> set[str]:
    """Return the names that functions inside `function` read."""
    found: set[str] = set()
    for node in ast.walk(function):
        if node is not function and isinstance(node, ast.FunctionDef | ast.Lambda):
            found |= set(loads([node]))
    return found


class Enclosing:
    """The names that a function inside another one sees: what they mean where it is called."""

    def __init__(self, frame: Frame, load: Callable[[Frame, ast.AST, str], Any]) -> None:
        self._frame, self._load = frame, load

    def lookup(self, name: str) -> Any:
        """Return the entity called `name`, or None."""
        frame = self._frame
        if name in frame.locals or name in (frame.env or ()):
            return self._load(frame, frame.function.node, name)
        return frame.function.scope.lookup(name)


def _compute(expr: Expr, slot: int) -> Run:
    def run(m: Machine) -> None:
        m.slots[slot] = expr.ev(m)

    return run


def _reader(slot: int) -> Eval:
    return lambda m: m.slots[slot]


def _run_all(m: Machine, runs: list[Run]) -> None:
    for run in runs:
        run(m)


def _nothing(m: Machine) -> None:
    """Do nothing: the binding is known while compiling."""
