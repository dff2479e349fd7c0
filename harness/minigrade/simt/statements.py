"""Compile statements other than loops: assignments, branches and returns."""

from __future__ import annotations

import ast
from typing import Any

from minigrade.simt import accesses, expressions, loops, operators, subscripts, views
from minigrade.simt.blocks import HANDLERS, block, sequence
from minigrade.simt.entities import Constant, Effect, Eval, Expr, Run, Tuple, View
from minigrade.simt.errors import KernelError, Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.functions import leave
from minigrade.simt.joins import Edge, Join
from minigrade.simt.machine import Machine
from minigrade.simt.memory import ArrayDecl


def _assign(frame: Frame, node: ast.Assign) -> Run:
    first = node.targets[0]
    frame.hint = first.id if isinstance(first, ast.Name) else ""
    value = expressions.lower(frame, node.value)
    frame.hint = ""
    if len(node.targets) == 1 and isinstance(first, ast.Name):
        return store(frame, first, value)
    held, again = hold(frame, value)
    return sequence([held, *[store(frame, target, again) for target in node.targets]])


def _annotated(frame: Frame, node: ast.AnnAssign) -> Run | None:
    if node.value is None:
        return None
    plain = ast.Assign([node.target], node.value)
    return _assign(frame, ast.copy_location(plain, node))


def _pass_by(_m: Machine) -> None:
    """Do nothing."""


def hold(frame: Frame, value: Any) -> tuple[Run, Any]:
    """Compute a value before anything is stored; return that, and the value held."""
    if not isinstance(value, Expr | Tuple | View):
        return _pass_by, value
    name = f"<{frame.program.new_slot()}>"
    run = frame.assign(name, value)
    return run, expressions.load(frame, ast.Pass(), name)


def store(frame: Frame, target: ast.expr, value: Any) -> Run:
    """Return what stores `value` in a variable, an element, or one by one in several."""
    if isinstance(value, Effect):
        raise frame.error(target, "a call without a value stands where a value is needed")
    if isinstance(target, ast.Name):
        return frame.assign(target.id, value)
    if isinstance(target, ast.Subscript):
        base, index = subscripts.index_of(frame, target)
        return store_element(
            frame, target, base, index, expressions.as_number(frame, target, value)
        )
    if isinstance(target, ast.Tuple | ast.List):
        if isinstance(value, ArrayDecl | View):
            value = _unpacked(frame, target, value)
        items = value.items if isinstance(value, Tuple) else None
        if items is None or len(items) != len(target.elts):
            found = f"{len(items)} values" if items is not None else expressions.kind_of(value)
            raise frame.error(target, f"{found} cannot be unpacked into {len(target.elts)} names")
        return sequence(
            [store(frame, part, item) for part, item in zip(target.elts, items, strict=True)]
        )
    raise Unsupported(
        f"an assignment to {type(target).__name__}", line=target.lineno, file=frame.file
    )


def _unpacked(frame: Frame, target: ast.Tuple | ast.List, value: ArrayDecl | View) -> Tuple:
    """Return the elements of an array as a tuple, where it has as many as there are names."""
    length, names = views.sides(value)[0].const, len(target.elts)
    if length is None or length != names:
        found = "an unknown number of" if length is None else str(length)
        raise frame.error(target, f"{found} elements cannot be unpacked into {names} names")
    places = [operators.known(place) for place in range(names)]
    return Tuple(tuple(views.element(frame, target, value, place) for place in places))


def store_element(
    frame: Frame, node: ast.expr, base: Any, index: tuple[Expr, ...], value: Expr
) -> Run:
    """Return what writes an element of an array."""
    if not isinstance(base, ArrayDecl):
        raise frame.error(node, f"{expressions.kind_of(base)} has no elements to be assigned")
    site = frame.program.site(frame, node, base, "write")
    site.constant_index = all(part.const is not None for part in index)
    parts, ev = [part.ev for part in index], value.ev

    def run(m: Machine) -> None:
        amount = ev(m)
        accesses.write(m, site, tuple([part(m) for part in parts]), amount)

    return run


def _augmented(frame: Frame, node: ast.AugAssign) -> Run:
    target = node.target
    if isinstance(target, ast.Name):
        old = expressions.load(frame, target, target.id)
        value = expressions.lower(frame, node.value)
        return frame.assign(target.id, expressions.combine(frame, node, node.op, old, value))
    if not isinstance(target, ast.Subscript):
        raise Unsupported("this augmented assignment", line=node.lineno, file=frame.file)
    base, index = subscripts.index_of(frame, target)
    if not isinstance(base, ArrayDecl):
        raise frame.error(node, f"{expressions.kind_of(base)} has no elements to be assigned")
    held, again = hold(frame, Tuple(index))
    site = frame.program.site(frame, target, base, "read")
    site.constant_index = all(part.const is not None for part in index)
    parts = [part.ev for part in again.items]
    old = Expr(base.dtype, lambda m: accesses.read(m, site, tuple([part(m) for part in parts])))
    value = expressions.lower(frame, node.value)
    new = expressions.combine(frame, node, node.op, old, value)
    return sequence([held, store_element(frame, target, base, again.items, new)])


def _expression(frame: Frame, node: ast.Expr) -> Run | None:
    if isinstance(node.value, ast.Constant):
        return None  # a docstring
    entity = expressions.lower(frame, node.value)
    if isinstance(entity, Effect | Expr):
        ev = entity.ev

        def run(m: Machine) -> None:
            ev(m)

        return run
    return entity.before if isinstance(entity, Tuple) else None


def _if(frame: Frame, node: ast.If) -> Run:
    test = operators.truth(expressions.number(frame, node.test))
    if test.const is not None:
        return block(frame, node.body if test.const else node.orelse)
    assert frame.env is not None
    before, join = frame.env, Join(frame)
    branches: list[Branch] = []
    for body in (node.body, node.orelse):
        frame.env = dict(before)
        region = frame.enter(body)
        run = block(frame, body)
        edge = join.add(frame.edge()) if frame.env is not None else None
        frame.leave()
        branches.append((region, run, edge))
    frame.env = join.close()
    return _branches(test.ev, branches[0], branches[1])


Branch = tuple[int, Run, Edge | None]


def _enter(m: Machine, branch: Branch) -> None:
    region, run, edge = branch
    m.slots[region] = m.mask
    run(m)
    if edge is not None and edge.moves and m.mask.count:
        edge.run(m)


def _branches(condition: Eval, then: Branch, otherwise: Branch) -> Run:
    """Return what runs each branch in the lanes that take it."""

    def run(m: Machine) -> None:
        flags, mask = condition(m), m.mask
        if flags.ndim == 0:
            _enter(m, then if flags else otherwise)
            return
        taken, other = mask.keep(flags), mask.drop(flags)
        if taken.count and other.count:
            m.branch(taken, other)
        left, right = taken, other
        if taken.count:
            m.mask = taken
            _enter(m, then)
            left = m.mask
        if other.count:
            m.mask = other
            _enter(m, otherwise)
            right = m.mask
        m.mask = mask if left is taken and right is other else left.union(right)

    return run


def _return(frame: Frame, node: ast.Return) -> Run:
    value = Constant(None) if node.value is None else expressions.lower(frame, node.value)
    if frame.is_kernel and value != Constant(None):
        raise frame.error(node, "a kernel returns nothing")
    return leave(frame, value)


def _assert(frame: Frame, node: ast.Assert) -> Run:
    """Compile ``assert``: where it fails the thread ends, and nobody is told.

    That is what numba makes of it unless it compiles for debugging.
    """
    if not frame.is_kernel:
        raise Unsupported("assert in a device function", line=node.lineno, file=frame.file)
    fails = ast.copy_location(ast.UnaryOp(ast.Not(), node.test), node)
    end = ast.copy_location(ast.Return(), node)
    return _if(frame, ast.copy_location(ast.If(fails, [end], []), node))


def _raise(frame: Frame, node: ast.Raise) -> Run:
    """Compile ``raise``: a thread that gets there ends the launch with an error."""
    line, file, what = node.lineno, frame.file, ast.unparse(node)[:80]
    frame.env = None

    def run(m: Machine) -> None:
        index = m.mask.index
        lane = 0 if index is None else int(index[0])
        thread, where = m.thread_at(lane % m.threads), m.block_at(m.block_of_lane(lane))
        raise KernelError(
            f"thread {thread} of block {where} gets to `{what}`", line=line, file=file
        )

    return run


def _define(frame: Frame, node: ast.FunctionDef) -> Run:
    if node.decorator_list:
        raise Unsupported("a decorator in a kernel", line=node.lineno, file=frame.file)
    return frame.assign(node.name, expressions.inner(frame, node.name, node))


def _pass(_frame: Frame, _node: ast.Pass) -> None:
    """Do nothing."""


HANDLERS.update(
    {
        ast.Assign: _assign,
        ast.AnnAssign: _annotated,
        ast.Assert: _assert,
        ast.AugAssign: _augmented,
        ast.Expr: _expression,
        ast.FunctionDef: _define,
        ast.If: _if,
        ast.For: loops.for_loop,
        ast.While: loops.while_loop,
        ast.Break: loops.break_out,
        ast.Continue: loops.go_on,
        ast.Pass: _pass,
        ast.Raise: _raise,
        ast.Return: _return,
    }
)
