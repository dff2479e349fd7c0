"""Evaluate the expressions of a module's top level that a kernel may depend on."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from minigrade.simt import operators
from minigrade.simt.dtypes import BY_NAME
from minigrade.simt.entities import Constant, Expr, Extern, Function, Tuple
from minigrade.simt.errors import LimitExceeded

if TYPE_CHECKING:
    from minigrade.simt.modules import BodyScope

_JIT = frozenset(
    {"numba.jit", "numba.njit", "numba.cuda.jit", "numba.vectorize", "numba.cuda.declare_device"}
)
_DECORATOR = Extern("jit(…)")
_DEPTH = 60
_INTEGER_BITS = 64


def evaluate(scope: BodyScope, node: ast.expr, limit: int) -> Any:
    """Return what an expression of a module means, or None if that cannot be read off.

    Raises:
        LimitExceeded: too deep, or too much work.
    """
    loader = scope.loader
    loader.step()
    loader.depth += 1
    try:
        if loader.depth > _DEPTH:
            raise LimitExceeded("nested too deeply", line=node.lineno, file=str(scope.file))
        found = _evaluated(scope, node, limit)
        return operators.named(found.path) or found if isinstance(found, Extern) else found
    finally:
        loader.depth -= 1


def _evaluated(scope: BodyScope, node: ast.expr, limit: int) -> Any:
    if isinstance(node, ast.Constant):
        if node.value is None or isinstance(node.value, str):
            return Constant(node.value)
        return operators.constant(node.value)
    if isinstance(node, ast.Attribute):
        from minigrade.simt.modules import member

        return member(evaluate(scope, node.value, limit), node.attr)
    if isinstance(node, ast.Lambda):
        return Function("<lambda>", node, scope, str(scope.file))
    if isinstance(node, ast.Tuple):
        items = tuple(evaluate(scope, item, limit) for item in node.elts)
        return None if any(item is None for item in items) else Tuple(items)
    handler = _COMPOUND.get(type(node))
    return None if handler is None else handler(scope, node, limit)


def _computed(scope: BodyScope, node: ast.UnaryOp | ast.BinOp, limit: int) -> Any:
    sides = [node.operand] if isinstance(node, ast.UnaryOp) else [node.left, node.right]
    values = []
    for side in sides:
        entity = evaluate(scope, side, limit)
        if not isinstance(entity, Expr) or entity.const is None:
            return None
        values.append(entity.const.item())
    if isinstance(node, ast.UnaryOp):
        return operators.constant(-values[0]) if isinstance(node.op, ast.USub) else None
    return operators.constant(_python(type(node.op).__name__, *values))


def _python(operator: str, left: Any, right: Any) -> Any:
    """Compute with Python's numbers, as a module's top level does, within reason."""
    if operator in ("Pow", "LShift") and not (
        abs(right) <= _INTEGER_BITS and abs(left) < 2**_INTEGER_BITS
    ):
        return None
    table = {
        "Add": "__add__",
        "Sub": "__sub__",
        "Mult": "__mul__",
        "FloorDiv": "__floordiv__",
        "Div": "__truediv__",
        "Mod": "__mod__",
        "Pow": "__pow__",
        "LShift": "__lshift__",
        "RShift": "__rshift__",
    }
    if operator not in table:
        return None
    if isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    try:
        value = getattr(left, table[operator])(right)
    except (ArithmeticError, ValueError, AttributeError):
        return None
    return value if isinstance(value, int | float) else None


def _called(scope: BodyScope, node: ast.Call, limit: int) -> Any:
    target = evaluate(scope, node.func, limit)
    args = [evaluate(scope, arg, limit) for arg in node.args]
    if isinstance(target, Extern) and (target.path in _JIT or target == _DECORATOR):
        return args[0] if len(args) == 1 and isinstance(args[0], Function) else _DECORATOR
    if target == Extern("builtins.float") and args in ([Constant("inf")], [Constant("-inf")]):
        return operators.constant(float(args[0].value))
    if isinstance(target, Extern) and len(args) == 1 and isinstance(args[0], Expr):
        dtype = BY_NAME.get(target.path.rpartition(".")[2])
        return operators.coerce(args[0], dtype) if dtype is not None else None
    if not isinstance(target, Function):
        return None
    if isinstance(target.node, ast.Lambda):
        return None
    names = [argument.arg for argument in target.node.args.args]
    values = dict(zip(names, args, strict=False))
    for word in node.keywords:
        if word.arg:
            values[word.arg] = evaluate(scope, word.value, limit)
    return scope.loader.inside(target, values).returned()


_COMPOUND: dict[type[ast.expr], Callable[[BodyScope, Any, int], Any]] = {
    ast.Name: lambda scope, node, limit: scope.at(node.id, limit),
    ast.UnaryOp: _computed,
    ast.BinOp: _computed,
    ast.Call: _called,
}
