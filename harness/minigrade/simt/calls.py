"""Compile calls: of CUDA's functions, of Python's and math's, and of device functions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from minigrade.simt import (
    allocations,
    atomics,
    conditions,
    constants,
    dtypes,
    expressions,
    operators,
    subscripts,
    views,
)
from minigrade.simt.dtypes import INT32, INT64
from minigrade.simt.entities import Constant, Effect, Expr, Extern, Function, Tuple, View
from minigrade.simt.errors import Unsupported
from minigrade.simt.frames import Frame
from minigrade.simt.machine import Machine
from minigrade.simt.memory import ArrayDecl

_CUDA = "numba.cuda."
_AXES = "xyz"
_COORDINATES: dict[str, Callable[[Machine, int], Any]] = {
    "threadIdx": lambda m, axis: m.thread_index[axis],
    "blockIdx": lambda m, axis: m.block_index[axis],
    "blockDim": lambda m, axis: np.int32(m.block[axis]),
    "gridDim": lambda m, axis: np.int32(m.grid[axis]),
}


def coordinate(path: str) -> Expr | None:
    """Return ``cuda.threadIdx.x`` and its like, or None for another path."""
    if not path.startswith(_CUDA):
        return None
    name, _, axis = path[len(_CUDA) :].partition(".")
    if name == "warpsize":
        return operators.constant(np.int32(32))
    if name == "laneid":
        return Expr(INT32, lambda m: m.lane_of.astype(np.int32))
    if name not in _COORDINATES or axis not in ("x", "y", "z"):
        return None
    read, place = _COORDINATES[name], _AXES.index(axis)
    return Expr(INT32, lambda m: read(m, place))


def call(frame: Frame, node: ast.Call) -> Any:
    """Return what a call means."""
    target = expressions.lower(frame, node.func)
    if isinstance(target, Function):
        from minigrade.simt.functions import inline

        return inline(frame, node, target)
    if not isinstance(target, Extern):
        what = f"`{ast.unparse(node.func)[:40]}` is {expressions.kind_of(target)}"
        raise frame.error(node, f"{what}, and cannot be called")
    if target.path.startswith(_CUDA):
        return _cuda(frame, node, target.path[len(_CUDA) :])
    if node.keywords:
        raise _unsupported(frame, node, f"{target.path} with keywords")
    module, _, name = target.path.rpartition(".")
    if module == "math":
        operands = [expressions.number(frame, arg) for arg in node.args]
        result = operators.math_call(name, operands)
        if result is None:
            raise _unsupported(frame, node, f"{target.path} of {len(operands)} arguments")
        return result
    if name in dtypes.BY_NAME and module in ("numba", "numba.types", "numba.core.types", "numpy"):
        if len(node.args) != 1:
            raise frame.error(node, f"{name} takes one number")
        return operators.coerce(expressions.number(frame, node.args[0]), dtypes.BY_NAME[name])
    if module == "builtins" and name in _PYTHON:
        return _PYTHON[name](frame, node)
    raise _unsupported(frame, node, f"a call of {target.path}")


def _unsupported(frame: Frame, node: ast.AST, construct: str) -> Unsupported:
    return Unsupported(construct, line=getattr(node, "lineno", 0), file=frame.file)


def _numbers(frame: Frame, node: ast.Call, low: int, high: int) -> list[Expr]:
    if not low <= len(node.args) <= high:
        raise frame.error(node, f"{len(node.args)} arguments stand where {low} to {high} belong")
    return [expressions.number(frame, arg) for arg in node.args]


def _extreme(name: str) -> Callable[[Frame, ast.Call], Expr]:
    return lambda frame, node: operators.extreme(name, _numbers(frame, node, 2, 32))


def _len(frame: Frame, node: ast.Call) -> Any:
    entity = expressions.lower(frame, node.args[0]) if len(node.args) == 1 else None
    if isinstance(entity, ArrayDecl | View):
        return views.sides(entity)[0]
    if isinstance(entity, Tuple):
        return operators.known(len(entity.items))
    raise frame.error(node, "len takes one array or tuple")


def _float(frame: Frame, node: ast.Call) -> Expr:
    entity = expressions.lower(frame, node.args[0]) if len(node.args) == 1 else None
    if isinstance(entity, Constant) and isinstance(entity.value, str):
        value = operators.constant(constants.called("builtins.float", [entity.value], {}))
        if value is None:
            raise frame.error(node, f"float cannot read {entity.value!r:.40}")
        return value
    operand = _numbers(frame, node, 1, 1)[0]
    if operand.dtype == dtypes.BOOL:
        raise frame.error(node, "numba has no float of a bool; write 1.0 if … else 0.0")
    return operators.to_float(operand)


def _int(frame: Frame, node: ast.Call) -> Expr:
    return replace(operators.to_int(_numbers(frame, node, 1, 1)[0]), literal=False)


def _divmod(frame: Frame, node: ast.Call) -> Tuple:
    left, right = _numbers(frame, node, 2, 2)
    left, first = conditions.twice(frame, left)
    right, second = conditions.twice(frame, right)
    quotient = expressions.combine(frame, node, ast.FloorDiv(), left, right)
    rest = expressions.combine(frame, node, ast.Mod(), first, second)
    return Tuple((quotient, rest))


def _round(frame: Frame, node: ast.Call) -> Expr:
    operand, *digits = _numbers(frame, node, 1, 2)
    if not digits:
        return operators.rounded(operand)
    if digits[0].dtype.kind not in "iu" or not dtypes.is_float(operand.dtype):
        raise frame.error(node, "round takes a float and a number of digits")
    return operators.rounded_to(operand, digits[0])


def _print(frame: Frame, node: ast.Call) -> Effect:
    """Compile ``print``: its arguments are computed, and nothing is shown."""
    if node.keywords:
        raise _unsupported(frame, node, "print with keywords")
    entities = [expressions.lower(frame, arg) for arg in node.args]
    numbers = [expressions.as_number(frame, node, entity) for entity in entities
               if not (isinstance(entity, Constant) and isinstance(entity.value, str))]  # fmt: skip

    def ev(m: Machine) -> None:
        for number in numbers:
            number.ev(m)

    return Effect(ev)


def _pow(frame: Frame, node: ast.Call) -> Expr:
    left, right = _numbers(frame, node, 2, 2)
    return expressions.combine(frame, node, ast.Pow(), left, right)


_PYTHON: dict[str, Callable[[Frame, ast.Call], Any]] = {
    "abs": lambda frame, node: operators.absolute(_numbers(frame, node, 1, 1)[0]),
    "bool": lambda frame, node: operators.truth(_numbers(frame, node, 1, 1)[0]),
    "float": _float,
    "int": _int,
    "len": _len,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "pow": _pow,
    "print": _print,
    "round": _round,
    "divmod": _divmod,
}


def _cuda(frame: Frame, node: ast.Call, name: str) -> Any:
    if name in ("shared.array", "local.array"):
        return allocations.array(frame, node, name.partition(".")[0])
    if name in ("grid", "gridsize"):
        return _grid(frame, node, name)
    if node.keywords:
        raise _unsupported(frame, node, f"cuda.{name} with keywords")
    if name == "syncthreads":
        return _barrier(frame, node)
    if name in _VOTES:
        return _vote(frame, node, name)
    if name == "syncwarp" and len(node.args) <= 1:
        return _warp(frame, node)
    if name in ("atomic.add", "atomic.max", "atomic.min"):
        return _atomic(frame, node, name.partition(".")[2])
    raise _unsupported(frame, node, f"cuda.{name}")


def _warp(frame: Frame, node: ast.Call) -> Effect:
    """Compile ``cuda.syncwarp``: no order between threads is taken from it."""
    numbers = _numbers(frame, node, 0, 1)

    def ev(m: Machine) -> None:
        for number in numbers:
            number.ev(m)

    return Effect(ev)


def _grid(frame: Frame, node: ast.Call, name: str) -> Any:
    given = [*node.args, *(word.value for word in node.keywords if word.arg == "ndim")]
    dimensions = expressions.number(frame, given[0]).const if len(given) == 1 else None
    if dimensions not in (1, 2, 3) or len(given) < len(node.args) + len(node.keywords):
        raise frame.error(node, f"cuda.{name} takes one number: 1, 2 or 3 dimensions")

    def position(axis: int) -> Expr:
        if name == "gridsize":
            return Expr(INT64, lambda m: np.int64(m.grid[axis] * m.block[axis]))

        def ev(m: Machine) -> Any:
            block = m.block_index[axis].astype(np.int64)
            return block * np.int64(m.block[axis]) + m.thread_index[axis]

        return Expr(INT64, ev)

    if dimensions == 1:
        return position(0)
    return Tuple(tuple(position(axis) for axis in range(int(dimensions))))


def _barrier(frame: Frame, node: ast.Call) -> Effect:
    if node.args:
        raise frame.error(node, "cuda.syncthreads takes no arguments")
    site = frame.program.site(frame, node, None, "barrier")
    return Effect(lambda m: m.barrier(site))


_VOTES: dict[str, Callable[[Any, Any], Any]] = {
    "syncthreads_count": lambda flags, _: flags.sum(axis=1),
    "syncthreads_or": lambda flags, _: flags.any(axis=1),
    "syncthreads_and": lambda flags, active: flags.sum(axis=1) == active,
}


def _vote(frame: Frame, node: ast.Call, name: str) -> Expr:
    """Compile a barrier that tells all threads for how many of them a number is not 0."""
    numbers = _numbers(frame, node, 1, 1)
    if numbers[0].dtype.kind not in "iu":
        raise frame.error(node, f"cuda.{name} takes one whole number")
    site, ev, decide = frame.program.site(frame, node, None, "barrier"), numbers[0].ev, _VOTES[name]

    def count(m: Machine) -> Any:
        flags = np.broadcast_to(ev(m) != 0, (m.lanes,))
        active = np.ones(m.lanes, np.bool_) if m.mask.bits is None else m.mask.bits
        rows = (len(m.blocks), m.threads)
        found = decide((flags & active).reshape(rows), active.reshape(rows).sum(axis=1))
        m.barrier(site)
        return np.repeat(np.asarray(found).astype(np.int32), m.threads)

    return Expr(INT32, count)


def _atomic(frame: Frame, node: ast.Call, operation: str) -> Expr:
    if len(node.args) != 3:
        raise frame.error(node, f"cuda.atomic.{operation} takes an array, an index and a value")
    where = ast.Subscript(node.args[0], node.args[1], ast.Load())
    array, index = subscripts.index_of(frame, ast.copy_location(where, node))
    if not isinstance(array, ArrayDecl):
        raise frame.error(node, f"cuda.atomic.{operation} changes an element of an array")
    value = operators.coerce(expressions.number(frame, node.args[2]), array.dtype)
    site = frame.program.site(frame, node, array, "atomic")
    parts, amount = [part.ev for part in index], value.ev

    def ev(m: Machine) -> Any:
        return atomics.update(m, site, operation, tuple([part(m) for part in parts]), amount(m))

    return Expr(array.dtype, ev)
