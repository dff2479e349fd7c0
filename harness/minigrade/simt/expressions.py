"""Compile expressions: from syntax to functions that compute a number a lane."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from minigrade.simt import conditions, hints, operators, subscripts, views
from minigrade.simt.calls import call, coordinate
from minigrade.simt.dtypes import BOOL
from minigrade.simt.entities import (
    Constant,
    Expr,
    Extern,
    Function,
    Tuple,
    TupleVar,
    Unjoinable,
    Var,
    View,
    ViewVar,
)
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Enclosing, Frame
from minigrade.simt.machine import Machine
from minigrade.simt.memory import ArrayDecl
from minigrade.simt.modules import ClassText, member
from minigrade.simt.source import ModuleScope

_BUILTINS = frozenset(
    {"abs", "bool", "float", "int", "len", "max", "min", "range", "round", "print", "pow"}
)


def lower(frame: Frame, node: ast.expr) -> Any:
    """Return what `node` means: an `Expr`, an array, a tuple, a function.

    Raises:
        Unsupported: a construct outside the subset.
        KernelError: it can have no type, or a name means nothing.
        LimitExceeded: too deep, or too much.
    """
    frame.program.visit(node.lineno, frame.file)
    handler = _HANDLERS.get(type(node))
    if handler is None:
        raise Unsupported(_describe(node), line=node.lineno, file=frame.file)
    return handler(frame, node)


def number(frame: Frame, node: ast.expr) -> Expr:
    """Return what `node` means, which must be a number."""
    return as_number(frame, node, lower(frame, node))


def as_number(frame: Frame, node: ast.AST, entity: Any) -> Expr:
    """Return `entity` if it is a number, and complain otherwise."""
    if isinstance(entity, Expr):
        return entity
    raise frame.error(node, f"a number is needed here, not {kind_of(entity)}")


def kind_of(entity: Any) -> str:
    """Return what kind of thing an entity is, in words."""
    if isinstance(entity, ArrayDecl):
        return f"the array {entity.name}"
    if isinstance(entity, View):
        return f"a part of the array {entity.array.name}"
    if isinstance(entity, Extern):
        return entity.path
    if isinstance(entity, Constant):
        return repr(entity.value)[:40]
    kinds = {
        "Expr": "a number",
        "Tuple": "a tuple",
        "Function": "a function",
        "Effect": "a call without a value",
        "ClassText": "a class",
    }
    return kinds.get(type(entity).__name__, "a module")


def _describe(node: ast.expr) -> str:
    names = {
        ast.ListComp: "a list comprehension",
        ast.List: "a list",
        ast.Dict: "a dict",
        ast.Set: "a set",
        ast.JoinedStr: "an f-string",
        ast.NamedExpr: "an assignment expression (:=)",
        ast.Slice: "a slice",
        ast.Starred: "a starred expression",
    }
    return names.get(type(node), f"the syntax {type(node).__name__}")


def _constant(frame: Frame, node: ast.Constant) -> Any:
    value = node.value
    if value is None or isinstance(value, str):
        return Constant(value)
    expr = operators.constant(value)
    if expr is None:
        what = "an integer of more than 64 bits" if isinstance(value, int) else repr(value)[:40]
        raise Unsupported(what, line=node.lineno, file=frame.file)
    return expr


def _name(frame: Frame, node: ast.Name) -> Any:
    return load(frame, node, node.id)


def load(frame: Frame, node: ast.AST, name: str) -> Any:
    """Return what a name means here."""
    assert frame.env is not None
    if name in frame.locals and name not in frame.stored:  # numba does not look below either
        raise frame.error(node, f"{name} is read before anything is assigned to it")
    bound = frame.env.get(name) or frame.guess(name)
    if isinstance(bound, Var):
        return _variable(frame, node, name, bound)
    if isinstance(bound, TupleVar):
        return Tuple(tuple(load(frame, node, part) for part in bound.names))
    if isinstance(bound, ViewVar):
        return View(
            bound.array, bound.kinds, tuple(load(frame, node, part) for part in bound.names)
        )
    if isinstance(bound, Unjoinable):
        raise frame.error(node, f"{name} means different things depending on the way taken here")
    if bound is not None:
        return bound
    if name in frame.locals:
        raise frame.error(node, f"{name} is assigned nothing on any way that leads here")
    entity = frame.function.scope.lookup(name)
    if entity is None and name in _BUILTINS:
        return Extern(f"builtins.{name}")
    if entity is None:
        raise frame.error(node, f"the name {name} means nothing here")
    return _known(entity)


def _known(entity: Any) -> Any:
    """Return the number that ``math.pi`` or ``cuda.threadIdx.x`` is, else the entity."""
    if not isinstance(entity, Extern):
        return entity
    return coordinate(entity.path) or operators.named(entity.path) or entity


def _variable(frame: Frame, node: ast.AST, name: str, bound: Var) -> Expr:
    slot = bound.slot
    if bound.const is not None:
        const = bound.const
        return Expr(bound.dtype, lambda _: const, const, bound.literal)
    if not bound.maybe:
        return Expr(bound.dtype, lambda m: m.slots[slot])
    if name not in frame.tracked:
        frame.tracked.add(name)
        frame.retry = True
    flag = frame.slot(f"?{name}", BOOL)
    site = frame.program.site(frame, node, None, "read")
    zero = bound.dtype.type(0)

    def ev(m: Machine) -> Any:
        known = m.slots[flag]
        lanes = np.broadcast_to(False if known is None else known, (m.lanes,))
        lost = np.flatnonzero(~lanes if m.mask.bits is None else m.mask.bits & ~lanes)
        if lost.size:
            lane = int(lost[0])
            message = f"{name} is read by a thread that assigned nothing to it"
            m.report(
                "uninitialised-read", site, (lane % m.threads,), m.block_of_lane(lane), (),
                message, array=name,
            )  # fmt: skip
        return zero if m.slots[slot] is None else m.slots[slot]

    return Expr(bound.dtype, ev)


def _attribute(frame: Frame, node: ast.Attribute) -> Any:
    base = lower(frame, node.value)
    if isinstance(base, Extern):
        path = f"{base.path}.{node.attr}"
        wrong = hints.mistaken(path)
        if wrong:
            raise frame.error(node, wrong)
        return _known(Extern(path))
    if isinstance(base, ClassText):
        raise frame.error(node, "numba does not look into classes; give the value a name outside")
    if isinstance(base, ArrayDecl | View):
        sides = views.sides(base)
        if node.attr == "shape":
            return Tuple(sides)
        if node.attr == "ndim":
            return operators.constant(len(sides))
        if node.attr == "size":
            return views.product(sides)
        if node.attr == "dtype":
            array = base.array if isinstance(base, View) else base
            return Extern(f"numpy.{array.dtype.name}")
    found = base.lookup(node.attr) if isinstance(base, ModuleScope) else member(base, node.attr)
    if found is not None:
        return found
    raise Unsupported(f"the attribute .{node.attr}", line=node.lineno, file=frame.file)


def _lambda(frame: Frame, node: ast.Lambda) -> Function:
    return inner(frame, "<lambda>", node)


def inner(frame: Frame, name: str, node: ast.FunctionDef | ast.Lambda) -> Function:
    """Return a function that is defined inside another, its defaults computed now."""
    given, defaults = node.args, {}
    names = [each.arg for each in (*given.posonlyargs, *given.args)]
    for word, default in zip(reversed(names), reversed(given.defaults), strict=False):
        value = lower(frame, default)
        if not isinstance(value, Constant | Function) and getattr(value, "const", None) is None:
            raise frame.error(default, f"the default of {word} is no constant")
        defaults[word] = value
    return Function(name, node, Enclosing(frame, load), frame.file, defaults)


def _tuple(frame: Frame, node: ast.Tuple) -> Tuple:
    return Tuple(tuple(lower(frame, item) for item in node.elts))


def _binary(frame: Frame, node: ast.BinOp) -> Any:
    left, right = lower(frame, node.left), lower(frame, node.right)
    if isinstance(left, Tuple) and isinstance(right, Tuple) and isinstance(node.op, ast.Add):
        return Tuple(left.items + right.items)
    return _folded(node, combine(frame, node, node.op, left, right))


def _folded(node: ast.expr, result: Expr) -> Expr:
    """Return arithmetic of literals as the literal that Python makes of it."""
    kinds = (ast.BinOp, ast.UnaryOp, ast.Constant, ast.operator, ast.unaryop)
    literal = all(isinstance(part, kinds) for part in ast.walk(node))
    return replace(result, literal=literal and result.const is not None)


def combine(frame: Frame, node: ast.AST, operator: ast.operator, left: Any, right: Any) -> Expr:
    """Return ``left operator right``."""
    name = type(operator).__name__
    one, two = as_number(frame, node, left), as_number(frame, node, right)
    result = operators.binary(name, one, two)
    if result is None:
        raise frame.error(node, f"no operation {name} for {one.dtype} and {two.dtype}")
    return result


def _unary(frame: Frame, node: ast.UnaryOp) -> Expr:
    operand = number(frame, node.operand)
    if isinstance(node.op, ast.Not):
        return operators.apply(np.logical_not, BOOL, operators.truth(operand))
    result = operators.unary(type(node.op).__name__, operand)
    if result is None:
        raise frame.error(node, f"no operation {type(node.op).__name__} for {operand.dtype}")
    return _folded(node, result)


_HANDLERS: dict[type[ast.expr], Callable[[Frame, Any], Any]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Tuple: _tuple,
    ast.Lambda: _lambda,
    ast.Subscript: subscripts.subscript,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: conditions.compare,
    ast.BoolOp: conditions.bool_op,
    ast.IfExp: conditions.if_expression,
    ast.Call: call,
}
