"""Compile functions: a device function's body is written out where it is called."""

from __future__ import annotations

import ast
from typing import Any

from minigrade.simt import expressions, loops
from minigrade.simt.blocks import block
from minigrade.simt.entities import (
    Constant,
    Effect,
    Expr,
    Function,
    Run,
    Tuple,
    TupleVar,
    Unjoinable,
    Var,
    ViewVar,
)
from minigrade.simt.errors import LimitExceeded, Unsupported
from minigrade.simt.frames import RESULT, Frame
from minigrade.simt.lanes import EMPTY
from minigrade.simt.machine import Machine
from minigrade.simt.meanings import entity_of
from minigrade.simt.program import Program

_PASSES = 16  # types only widen: bool, integers, floats
_CALLS = 24


def leave(frame: Frame, value: Any) -> Run:
    """Return what ends the call of the function in the active lanes, with `value`."""
    before: Run | None = None
    if isinstance(value, Effect):
        before, value = value.ev, Constant(None)
    store = frame.assign(RESULT, value)
    edge = frame.result.add(frame.edge())
    returned, regions, is_kernel = frame.returned, list(frame.regions), frame.is_kernel
    frame.env = None

    def run(m: Machine) -> None:
        if before is not None:
            before(m)
        store(m)
        edge.run(m)
        mask, slots = m.mask, m.slots
        slots[returned] = slots[returned].union(mask)
        for region in regions:
            slots[region] = slots[region].minus(mask)
        if is_kernel:
            m.gone[slice(None) if mask.index is None else mask.index] = True
        m.mask = EMPTY

    return run


def compile_function(
    program: Program, function: Function, path: tuple[int, ...], arguments: dict[str, Any],
    *, chain: tuple[Function, ...], is_kernel: bool = False,
) -> tuple[Run, Any]:  # fmt: skip
    """Return what runs one call of `function`, and what the call means in `Frame.env` terms."""
    memo: dict[int, dict[str, Any]] = {}
    tracked: set[str] = set()
    guessed: set[str] = set()
    for _ in range(_PASSES):
        frame = Frame(program, function, path, memo, tracked, is_kernel=is_kernel)
        frame.chain, frame.guessed = (*chain, function), guessed
        runs = _body(frame, arguments)
        if not frame.retry:
            return runs, _result(frame)
    raise LimitExceeded(
        "the types of the variables do not settle", line=function.node.lineno, file=function.file
    )


def _body(frame: Frame, arguments: dict[str, Any]) -> Run:
    node = frame.function.node
    runs = frame.begin()
    frame.locals = set(arguments)
    if isinstance(node, ast.FunctionDef):
        frame.locals |= loops.assigned(node.body)
    runs += [frame.assign(name, entity) for name, entity in arguments.items()]
    if isinstance(node, ast.Lambda):
        body = leave(frame, expressions.lower(frame, node.body))
    else:
        body = block(frame, node.body)
        if frame.env is not None:
            body = _then(body, leave(frame, Constant(None)))

    def run(m: Machine) -> None:
        for each in runs:
            each(m)
        body(m)

    return run


def _then(first: Run, second: Run) -> Run:
    def run(m: Machine) -> None:
        first(m)
        if m.mask.count:
            second(m)

    return run


def _result(frame: Frame) -> Any:
    env = frame.result.close() or {RESULT: Constant(None)}
    frame.env = env
    bound = env[RESULT]
    if isinstance(bound, Unjoinable) or (isinstance(bound, Var) and bound.maybe):
        raise frame.error(frame.function.node, f"{frame.function.name} returns different things")
    if isinstance(bound, Var | TupleVar | ViewVar):
        return expressions.load(frame, frame.function.node, RESULT)
    return bound


def inline(frame: Frame, node: ast.Call, function: Function) -> Any:
    """Return what a call of a device function means, with its body written out."""
    if function.node in [outer.node for outer in frame.chain] or len(frame.chain) > _CALLS:
        raise Unsupported(f"the recursion of {function.name}", line=node.lineno, file=frame.file)
    arguments = _bind(frame, node, function)
    path = (*frame.path, id(node))
    run, result = compile_function(frame.program, function, path, arguments, chain=frame.chain)

    def called(m: Machine) -> None:
        saved = m.mask
        run(m)
        m.mask = saved

    if isinstance(result, Tuple):
        return Tuple(result.items, called)
    if result == Constant(None):
        return Effect(called)
    if not isinstance(result, Expr):
        raise Unsupported(
            f"{function.name}, which returns {expressions.kind_of(result)},",
            line=node.lineno,
            file=frame.file,
        )
    value = result.ev

    def ev(m: Machine) -> Any:
        called(m)
        return value(m)

    return Expr(result.dtype, ev)


def _bind(frame: Frame, node: ast.Call, function: Function) -> dict[str, Any]:
    given = function.node.args
    if given.vararg or given.kwarg or given.kwonlyargs:
        raise Unsupported("a function of * or ** arguments", line=node.lineno, file=frame.file)
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    if len(node.args) > len(names) or any(word.arg not in names for word in node.keywords):
        raise frame.error(node, f"{function.name} takes {len(names)} arguments")
    bound = dict(zip(names, [expressions.lower(frame, arg) for arg in node.args], strict=False))
    for word in node.keywords:
        bound[str(word.arg)] = expressions.lower(frame, word.value)
    for name, default in (function.defaults or {}).items():
        if name not in bound:
            bound[name] = entity_of(default)
    missing = [name for name in names if name not in bound]
    if missing:
        raise frame.error(node, f"{function.name} needs a value for {', '.join(missing)}")
    if any(isinstance(entity, Effect) for entity in bound.values()):
        raise frame.error(node, "a call without a value stands where a value is needed")
    return {name: bound[name] for name in names}
