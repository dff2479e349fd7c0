"""Compile loops: they run until no lane wants another round."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigrade.simt import expressions, operators, ranges
from minigrade.simt.blocks import block
from minigrade.simt.dtypes import INT64
from minigrade.simt.entities import Expr, Extern, Run, Unjoinable, Var
from minigrade.simt.errors import KernelError
from minigrade.simt.frames import Frame
from minigrade.simt.joins import Edge, Env, Join, move
from minigrade.simt.lanes import EMPTY
from minigrade.simt.machine import Machine


@dataclass(eq=False)
class Loop:
    """A loop being compiled: where `break` and `continue` lead, and which lanes took them."""

    head: Join
    exit: Join
    broke: int
    resumed: int


def assigned(body: Iterable[ast.AST]) -> set[str]:
    """Return the names that statements bind, but for those of functions inside."""
    found: set[str] = set()
    left: list[ast.AST] = list(body)
    while left:
        node = left.pop()
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            left += ast.iter_child_nodes(node)
    return found


def break_out(frame: Frame, node: ast.Break) -> Run:
    """Return what takes the active lanes out of the loop."""
    loop = _innermost(frame, node)
    return _jump(frame, loop.exit, loop.broke)


def go_on(frame: Frame, node: ast.Continue) -> Run:
    """Return what takes the active lanes to the loop's next round."""
    loop = _innermost(frame, node)
    return _jump(frame, loop.head, loop.resumed)


def _innermost(frame: Frame, node: ast.stmt) -> Loop:
    if not frame.loops:  # such text can be parsed, though Python would not compile it
        raise frame.error(node, f"`{ast.unparse(node)}` stands outside a loop")
    innermost: Loop = frame.loops[-1]
    return innermost


def _jump(frame: Frame, target: Join, slot: int) -> Run:
    edge = target.add(frame.edge())
    frame.env = None

    def run(m: Machine) -> None:
        edge.run(m)
        m.slots[slot] = m.slots[slot].union(m.mask)
        m.mask = EMPTY

    return run


def _open(frame: Frame, node: ast.For | ast.While) -> tuple[Loop, Edge, Env]:
    """Set the variables' types at the loop's head; return the loop, its entry and the head."""
    assert frame.env is not None
    names, memo = assigned([node]), frame.memo.setdefault(id(node), {})
    entry, head = frame.edge(), dict(frame.env)
    for name, bound in frame.env.items():
        if not isinstance(bound, Var) or name.partition(".")[0] not in names:
            continue
        wide = memo.get(name, bound.dtype)
        slot = frame.slot(name, wide)
        if slot != bound.slot:
            entry.moves.append(move(bound.slot, slot, wide))
        head[name] = replace(bound, dtype=wide, slot=slot, const=None)
    for name, dtype in memo.items():
        if dtype is None:
            head[name] = Unjoinable(name)
        elif name not in head:  # assigned in a round before this one, perhaps
            head[name] = Var(dtype, frame.slot(name, dtype), frame.home(name), maybe=True)
    loop = Loop(Join(frame), Join(frame), frame.program.new_slot(), frame.program.new_slot())
    loop.head.add(Edge(dict(head)))
    frame.env = dict(head)
    return loop, entry, head


def _close(frame: Frame, node: ast.AST, loop: Loop, head: Env) -> Env:
    """Return what names mean where the loop ends; ask for another pass if the head was wrong."""
    after = loop.head.close()
    assert after is not None
    memo: dict[str, Any] = frame.memo[id(node)]
    for name, joined in after.items():
        bound = head.get(name)
        if isinstance(joined, Unjoinable) and not isinstance(bound, Unjoinable):
            memo[name] = None
            frame.retry = True
        elif isinstance(joined, Var) and not name.startswith("<"):  # none of our own names
            known = isinstance(bound, Var) and joined.dtype == bound.dtype
            if not known:
                memo[name] = joined.dtype
                frame.retry = True
    return after


def _finish(frame: Frame, node: ast.For | ast.While, loop: Loop, after: Env | None) -> Run:
    """Return what runs behind the loop: the else clause, for the lanes that did not break."""
    frame.env = after
    otherwise = block(frame, node.orelse) if after is not None and node.orelse else None
    edge = loop.exit.add(frame.edge()) if frame.env is not None else None
    frame.env = loop.exit.close()
    broke = loop.broke

    def run(m: Machine) -> None:
        if otherwise is not None and m.mask.count:
            otherwise(m)
        if edge is not None and edge.moves and m.mask.count:
            edge.run(m)
        m.mask = m.mask.union(m.slots[broke])

    return run


def _round(
    frame: Frame, node: ast.For | ast.While, loop: Loop, bind: Callable[[], Run] | None = None
) -> Run:
    """Return what runs the body once, and leaves the lanes that may go on in the mask."""
    frame.loops.append(loop)
    region = frame.enter(node.body)
    start = None if bind is None else bind()
    body = block(frame, node.body)
    edge = loop.head.add(frame.edge()) if frame.env is not None else None
    frame.leave()
    frame.loops.pop()
    resumed = loop.resumed

    def run(m: Machine) -> None:
        m.fuel -= 1
        if m.fuel <= 0:
            m.tick()
        slots = m.slots
        slots[region] = m.mask
        slots[resumed] = EMPTY
        if start is not None:
            start(m)
        body(m)
        if edge is not None and edge.moves and m.mask.count:
            edge.run(m)
        m.mask = m.mask.union(slots[resumed])

    return run


def while_loop(frame: Frame, node: ast.While) -> Run:
    """Return what runs a while loop."""
    loop, entry, head = _open(frame, node)
    test = operators.truth(expressions.number(frame, node.test))
    once = _round(frame, node, loop)
    after: Env | None = _close(frame, node, loop, head)
    if test.const is not None and test.const:
        after = None
    finish = _finish(frame, node, loop, after)
    condition = test.ev

    def run(m: Machine) -> None:
        entry.run(m)
        m.slots[loop.broke] = EMPTY
        done = EMPTY
        while m.mask.count:
            flags, mask = condition(m), m.mask
            if flags.ndim == 0:
                if not flags:
                    break
            else:
                going, ended = mask.keep(flags), mask.drop(flags)
                if going.count and ended.count:
                    m.branch(going, ended)
                done = done.union(ended) if done.count else ended
                m.mask = going
                if not going.count:
                    break
            once(m)
        m.mask = done.union(m.mask)
        finish(m)

    return run


def for_loop(frame: Frame, node: ast.For) -> Run:
    """Return what runs a for loop: over a range, an array, a tuple, `zip` or `enumerate`."""
    from minigrade.simt import statements

    before, (start, stop, step), item = _through(frame, node)
    dtype, counter = start.dtype, frame.program.new_slot()
    limits = [start.ev, stop.ev, step.ev]
    loop, entry, head = _open(frame, node)

    def bind() -> Run:
        place = Expr(dtype, lambda m: m.slots[counter])
        return statements.store(frame, node.target, item(place))

    once = _round(frame, node, loop, bind)
    after = _close(frame, node, loop, head)
    finish = _finish(frame, node, loop, after)
    line, file = node.lineno, frame.file

    def run(m: Machine) -> None:
        if before is not None:
            before(m)
        bounds = [limit(m) for limit in limits]
        if np.any((bounds[2] == 0) if m.mask.bits is None else (bounds[2] == 0) & m.mask.bits):
            raise KernelError("the step of a range is 0", line=line, file=file)
        entry.run(m)
        m.slots[loop.broke] = EMPTY
        if all(bound.ndim == 0 for bound in bounds):
            for value in range(*[int(bound) for bound in bounds]):
                m.slots[counter] = dtype.type(value)
                once(m)
                if not m.mask.count:
                    break
        else:
            _uneven(m, counter, bounds, once)
        finish(m)

    return run


Through = tuple[Run | None, tuple[Expr, Expr, Expr], Callable[[Expr], Any]]


def _through(frame: Frame, node: ast.For) -> Through:
    """Return what to run before the loop, the range of places, and what is at a place."""
    from minigrade.simt import sequences

    call = node.iter
    target = expressions.lower(frame, call.func) if isinstance(call, ast.Call) else None
    if isinstance(target, Extern) and target.path in ("builtins.range", "numba.prange"):
        return None, ranges.limits(frame, node), lambda place: place
    found = sequences.sequence(frame, node.iter)
    limits = operators.known(0), operators.coerce(found.count, INT64), operators.known(1)
    return found.before, limits, found.item


def _uneven(m: Machine, counter: int, bounds: list[Any], once: Run) -> None:
    """Run a loop whose range differs from lane to lane."""
    value, stop, step = bounds
    rounds = np.broadcast_to(ranges.rounds(value, stop, step), (m.lanes,))
    done, number = EMPTY, 0
    while True:
        mask = m.mask
        going = rounds > number
        active, ended = mask.keep(going), mask.drop(going)
        if active.count and ended.count:
            m.branch(active, ended)
        done = done.union(ended) if done.count else ended
        if not active.count:
            break
        m.mask, m.slots[counter] = active, value
        once(m)
        if not m.mask.count:
            break
        value, number = value + step, number + 1
    m.mask = done
