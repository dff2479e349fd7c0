"""What numba makes of `range`: its type, its limits, and how many numbers it has."""

from __future__ import annotations

import ast
from typing import Any

import numpy as np

from minigrade.simt import expressions, operators
from minigrade.simt.dtypes import INT32, INT64, UINT64, DType
from minigrade.simt.entities import Expr
from minigrade.simt.frames import Frame


def limits(frame: Frame, node: ast.For) -> tuple[Expr, Expr, Expr]:
    """Return the start, the stop and the step of the range that a loop goes through."""
    call = node.iter
    assert isinstance(call, ast.Call)
    if not 1 <= len(call.args) <= 3 or call.keywords:
        raise frame.error(node, "range takes one, two or three integers")
    given = [expressions.number(frame, argument) for argument in call.args]
    dtype = _range_type(given)
    zero, one = (operators.constant(dtype.type(value)) for value in (0, 1))
    assert zero is not None
    assert one is not None
    parts = [operators.coerce(part, dtype) for part in given]
    if len(parts) == 1:
        return zero, parts[0], one
    return parts[0], parts[1], parts[2] if len(parts) == 3 else one


def _range_type(given: list[Expr]) -> DType:
    if all(part.dtype == INT32 or part.dtype.kind == "f" for part in given):
        return INT32  # floats are cut off
    return UINT64 if all(part.dtype.kind == "u" for part in given) else INT64


def rounds(value: Any, stop: Any, step: Any) -> Any:
    """Return how many numbers a range has, which numba counts before the loop begins.

    So a range that would step over the largest integer ends.
    """
    up = step > 0
    low, high = np.where(up, value, stop), np.where(up, stop, value)
    gap = high.astype(np.uint64) - low.astype(np.uint64)  # right even where int64 overflows
    size = np.maximum(np.abs(step).astype(np.uint64), np.uint64(1))
    return np.where(low < high, (gap - np.uint64(1)) // size + np.uint64(1), np.uint64(0))
