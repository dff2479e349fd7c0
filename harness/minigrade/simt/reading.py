"""What an expression of a module means: a constant, a function, or nothing that is known.

Values are Python's own (numbers, strings, None, tuples), functions and classes
as text, modules, names of libraries (`Extern`), and `Unknown`, which says why.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from minigrade.simt import constants
from minigrade.simt.constants import NOTHING
from minigrade.simt.dtypes import BY_NAME
from minigrade.simt.entities import Extern, Function
from minigrade.simt.errors import LimitExceeded
from minigrade.simt.meanings import Jitted, ModuleName, TypeLimits, Unknown, settled, truth

if TYPE_CHECKING:
    from minigrade.simt.bodies import Body

JIT = frozenset(f"numba.{name}" for name in ("jit", "njit", "cuda.jit", "core.decorators.jit"))
_DECORATOR = Extern("jit(…)")
_SAME = Extern("functools.wraps(…)")
_MARKS = JIT | {"functools.wraps", "builtins.staticmethod", _DECORATOR.path, _SAME.path}
_ARRAYS = frozenset(
    f"numpy.{name}" for name in ("array", "asarray", "arange", "zeros", "ones", "full", "linspace")
)
_DEPTH = 60
_SHOWN = 60


def evaluate(scope: Body, node: ast.expr) -> Any:
    """Return what an expression means at the place where `scope` stands.

    Raises:
        LimitExceeded: too deep, or too much work.
    """
    loader = scope.loader
    loader.step()
    loader.depth += 1
    try:
        if loader.depth > _DEPTH:
            raise LimitExceeded("nested too deeply", line=node.lineno, file=str(scope.file))
        handler = _HANDLERS.get(type(node))
        value = NOTHING if handler is None else handler(scope, node)
        return unclear(node) if value is NOTHING else settled(value)
    finally:
        loader.depth -= 1


def unclear(node: ast.expr) -> Unknown:
    """Return the value of an expression that cannot be followed."""
    try:
        text = ast.unparse(node)
    except (RecursionError, ValueError):
        text = type(node).__name__
    text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return Unknown(f"`{text}` in line {node.lineno} cannot be worked out from the text")


def _constant(_scope: Body, node: ast.Constant) -> Any:
    return node.value if constants.is_plain(node.value) else NOTHING


def _lambda(scope: Body, node: ast.Lambda) -> Any:
    return scope.function("<lambda>", node)


def _tuple(scope: Body, node: ast.Tuple) -> Any:
    items = tuple(evaluate(scope, item) for item in node.elts)
    return next((item for item in items if isinstance(item, Unknown)), items)


def _attribute(scope: Body, node: ast.Attribute) -> Any:
    from minigrade.simt.modules import attribute

    value = attribute(evaluate(scope, node.value), node.attr)
    if isinstance(value, Unknown) and value.missing:
        return unclear(node)
    return value


def _operands(scope: Body, *nodes: ast.expr) -> tuple[list[Any], Unknown | None]:
    values = [evaluate(scope, node) for node in nodes]
    return values, next((value for value in values if isinstance(value, Unknown)), None)


def _binary(scope: Body, node: ast.BinOp) -> Any:
    values, unknown = _operands(scope, node.left, node.right)
    return unknown or constants.binary(type(node.op).__name__, *values)


def _unary(scope: Body, node: ast.UnaryOp) -> Any:
    (value,), unknown = _operands(scope, node.operand)
    return unknown or constants.unary(type(node.op).__name__, value)


def _compare(scope: Body, node: ast.Compare) -> Any:
    values, unknown = _operands(scope, node.left, *node.comparators)
    if unknown is not None:
        return unknown
    result: Any = True
    for operator, left, right in zip(node.ops, values, values[1:], strict=False):
        result = _compared(type(operator).__name__, left, right)
        if result is NOTHING or not result:
            return result
    return result


def _compared(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, ModuleName) or isinstance(right, ModuleName):
        if "__main__" not in (left, right) or operator not in ("Eq", "NotEq"):
            return NOTHING
        return operator == "NotEq"
    return constants.compare(operator, left, right)


def _bool_op(scope: Body, node: ast.BoolOp) -> Any:
    value: Any = None
    for term in node.values:
        value = evaluate(scope, term)
        if isinstance(value, Unknown):
            return value
        known = truth(value)
        if known is None:
            return NOTHING
        if known is not isinstance(node.op, ast.And):
            break
    return value


def _if_expression(scope: Body, node: ast.IfExp) -> Any:
    test = evaluate(scope, node.test)
    known = None if isinstance(test, Unknown) else truth(test)
    if known is None:
        return test if isinstance(test, Unknown) else NOTHING
    return evaluate(scope, node.body if known else node.orelse)


def _subscript(scope: Body, node: ast.Subscript) -> Any:
    value = evaluate(scope, node.value)
    if isinstance(value, Unknown):
        return value
    if not isinstance(node.slice, ast.Slice):
        index = evaluate(scope, node.slice)
        return index if isinstance(index, Unknown) else constants.subscript(value, index)
    parts = [node.slice.lower, node.slice.upper, node.slice.step]
    ends = [None if part is None else evaluate(scope, part) for part in parts]
    if not all(end is None or type(end) is int for end in ends):
        return NOTHING
    return constants.subscript(value, slice(*ends))


def _call(scope: Body, node: ast.Call) -> Any:
    target = evaluate(scope, node.func)
    if isinstance(target, Unknown):
        return target
    if any(isinstance(arg, ast.Starred) for arg in node.args):
        return NOTHING
    args = [evaluate(scope, arg) for arg in node.args]
    words = {word.arg: evaluate(scope, word.value) for word in node.keywords if word.arg}
    open_ended = any(word.arg is None for word in node.keywords)
    if isinstance(target, Extern) and target.path in _ARRAYS:
        return Unknown(f"line {node.lineno} makes an array, which a kernel takes as an argument")
    return call(scope, target, args, words, open_ended=open_ended)


def call(
    scope: Body, target: Any, args: list[Any], words: dict[str, Any], *, open_ended: bool = False
) -> Any:
    """Return what calling `target` gives, or `NOTHING`; `open_ended`: with ``**words`` besides."""
    if isinstance(target, Extern):
        if target.path in _MARKS:
            return _marked(target, args)
        unknown = next((arg for arg in [*args, *words.values()] if isinstance(arg, Unknown)), None)
        return unknown or (NOTHING if open_ended else _library(target.path, args, words))
    if isinstance(target, Unknown):
        return target
    if open_ended or not isinstance(target, Function):
        return NOTHING
    return scope.loader.call(target, args, words)


def _marked(target: Extern, args: list[Any]) -> Any:
    """Return what a decorator makes of a function, or the decorator that a call makes."""
    first = args[0] if args else None
    is_function = isinstance(first, Function | Jitted)
    if target.path in JIT:
        return _compiled(first) if is_function else _DECORATOR
    if target.path == "functools.wraps":
        return _SAME
    if len(args) != 1 or not is_function:
        return next((arg for arg in args if isinstance(arg, Unknown)), NOTHING)
    return _compiled(first) if target == _DECORATOR else first


def _compiled(function: Any) -> Jitted:
    return function if isinstance(function, Jitted) else Jitted(function)


def _library(path: str, args: list[Any], words: dict[str, Any]) -> Any:
    if path in ("numpy.finfo", "numpy.iinfo") and len(args) == 1 and not words:
        return _limits(path, args[0])
    if path == "typing.cast" and len(args) == 2:
        return args[1]
    return constants.called(path, args, words)


def _limits(path: str, kind: Any) -> Any:
    name = kind if isinstance(kind, str) else ""
    if isinstance(kind, Extern):
        module, _, name = kind.path.rpartition(".")
        if module == "builtins":
            name = {"float": "float64", "int": "int64"}.get(name, "")
        elif module != "numpy":
            name = ""
    dtype = BY_NAME.get(name)
    wanted = "f" if path == "numpy.finfo" else "iu"
    if dtype is None or dtype.kind not in wanted:
        return NOTHING
    return TypeLimits(np.finfo(dtype) if wanted == "f" else np.iinfo(dtype))


_HANDLERS: dict[type[ast.expr], Callable[[Body, Any], Any]] = {
    ast.Attribute: _attribute,
    ast.BinOp: _binary,
    ast.BoolOp: _bool_op,
    ast.Call: _call,
    ast.Compare: _compare,
    ast.Constant: _constant,
    ast.IfExp: _if_expression,
    ast.Lambda: _lambda,
    ast.Name: lambda scope, node: scope.at(node.id),
    ast.Subscript: _subscript,
    ast.Tuple: _tuple,
    ast.UnaryOp: _unary,
}
