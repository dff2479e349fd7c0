"""Arithmetic on scalars and lanes, with numba's types and CUDA's results.

Division by zero raises nothing on a device: floats become infinite or nan,
integers 0. Integers wrap around.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade.simt import dtypes
from minigrade.simt.dtypes import BOOL, FLOAT64, INT64, DType, cast
from minigrade.simt.entities import Expr

Array = np.ndarray[Any, Any]

_UFUNCS: dict[str, Callable[..., Any]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mult": np.multiply,
    "Div": np.true_divide,
    "FloorDiv": np.floor_divide,
    "Mod": np.remainder,
    "BitAnd": np.bitwise_and,
    "BitOr": np.bitwise_or,
    "BitXor": np.bitwise_xor,
    "LShift": np.left_shift,
    "RShift": np.right_shift,
}
_COMPARISONS: dict[str, Callable[..., Any]] = {
    "Eq": np.equal,
    "NotEq": np.not_equal,
    "Lt": np.less,
    "LtE": np.less_equal,
    "Gt": np.greater,
    "GtE": np.greater_equal,
}
_MATH: dict[str, Callable[..., Any]] = {
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "atan2": np.arctan2,
    "copysign": np.copysign,
    "cos": np.cos,
    "cosh": np.cosh,
    "degrees": np.degrees,
    "erf": np.vectorize(math.erf, otypes=[float]),
    "erfc": np.vectorize(math.erfc, otypes=[float]),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "fabs": np.fabs,
    "fmod": np.fmod,
    "hypot": np.hypot,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "pow": np.power,
    "radians": np.radians,
    "sin": np.sin,
    "sinh": np.sinh,
    "sqrt": np.sqrt,
    "tan": np.tan,
    "tanh": np.tanh,
}
_TESTS: dict[str, Callable[..., Any]] = {
    "isnan": np.isnan,
    "isinf": np.isinf,
    "isfinite": np.isfinite,
}
_ROUNDERS: dict[str, Callable[..., Any]] = {
    "floor": np.floor,
    "ceil": np.ceil,
    "trunc": np.trunc,
}
_BINARY_MATH = frozenset({"atan2", "copysign", "fmod", "hypot", "pow"})


def constant(value: Any) -> Expr | None:
    """Return a number as an expression, or None where it is none of 64 bits."""
    if not isinstance(value, bool | int | float | np.generic):
        return None
    dtype = dtypes.literal_type(value)
    if dtype is None:
        return None
    scalar = np.asarray(value, dtype)[()]
    return Expr(dtype, lambda _: scalar, scalar, literal=True)


def known(value: int) -> Expr:
    """Return a number that is known here, though no literal to numba, such as ``len(a)``."""
    scalar = np.int64(value)
    return Expr(INT64, lambda _: scalar, scalar)


_LONGEST_POWER = np.uint64(0x10000)
_NUMBERS = {
    f"{module}.{name}": getattr(math, name)
    for module in ("math", "numpy")
    for name in ("pi", "e", "inf", "nan")
}


def named(path: str) -> Expr | None:
    """Return the number that a full name such as ``math.pi`` stands for, or None."""
    value = math.tau if path == "math.tau" else _NUMBERS.get(path)
    return None if value is None else constant(value)


def coerce(expr: Expr, dtype: DType) -> Expr:
    """Return `expr` as a number of type `dtype`."""
    if expr.dtype == dtype:
        return expr
    ev = expr.ev
    if expr.const is not None:
        scalar = cast(expr.const, dtype)
        return Expr(dtype, lambda _: scalar, scalar)
    return Expr(dtype, lambda m: cast(ev(m), dtype))


def apply(function: Callable[..., Any], dtype: DType, *operands: Expr) -> Expr:
    """Return ``function(*operands)``, computed now when all operands are constants."""
    if all(operand.const is not None for operand in operands):
        with np.errstate(all="ignore"):
            value = cast(np.asarray(function(*[operand.const for operand in operands])), dtype)[()]
        return Expr(dtype, lambda _: value, value)
    if len(operands) == 1:
        only = operands[0].ev
        return Expr(dtype, lambda m: function(only(m)))
    if len(operands) == 2:
        left, right = operands[0].ev, operands[1].ev
        return Expr(dtype, lambda m: function(left(m), right(m)))
    parts = [operand.ev for operand in operands]
    return Expr(dtype, lambda m: function(*[part(m) for part in parts]))


def binary(operator: str, left: Expr, right: Expr) -> Expr | None:
    """Return ``left operator right`` (by its ast name), or None if numba has no such operation."""
    dtype = dtypes.binary_result(operator, left.dtype, right.dtype)
    if dtype is None or (operator != "Pow" and operator not in _UFUNCS):
        return None
    if operator == "Pow" and not dtypes.is_float(right.dtype):
        return apply(_power, dtype, coerce(left, dtype), coerce(right, INT64))
    function = np.power if operator == "Pow" else _UFUNCS[operator]
    if operator == "FloorDiv" and dtypes.is_float(dtype):
        function = _floor_divide
    return apply(function, dtype, coerce(left, dtype), coerce(right, dtype))


def _floor_divide(left: Any, right: Any) -> Any:
    """Divide and round down; by zero numba's device code gives nan or an infinity like ``/``."""
    return np.where(right == 0, left / right, np.floor_divide(left, right))[()]


def _power(base: Any, exponent: Any) -> Any:
    """Multiply repeatedly, as numba does for integer exponents up to 65536."""
    integral = base.dtype.kind != "f"
    one = np.uint64(1)
    size = np.abs(exponent).astype(np.uint64)  # where the least int64 has a magnitude too
    left = np.minimum(size, _LONGEST_POWER)
    result, square = np.ones_like(base), base
    while np.any(left):
        result = np.where(left & one, result * square, result)
        square = square * square
        left = left >> one
    if np.any(exponent < 0):
        inverse = np.where(np.abs(base) == 1, result, 0) if integral else 1 / result
        if integral:
            inverse = np.where(base == 0, base.dtype.type(np.iinfo(np.int64).min), inverse)
        result = np.where(exponent < 0, inverse, result)
    if np.any(size > _LONGEST_POWER):
        far = np.power(base.astype(np.float64), exponent.astype(np.float64))
        small = integral & (exponent < 0)  # 0 or 1 by now
        result = np.where(
            (size > _LONGEST_POWER) & ~small, cast(np.asarray(far), base.dtype), result
        )
    return cast(np.asarray(result), base.dtype)[()]


def unary(operator: str, operand: Expr) -> Expr | None:
    """Return ``-x``, ``+x`` or ``~x`` (by its ast name), or None if there is none."""
    dtype = dtypes.unary_result(operator, operand.dtype)
    if dtype is None:
        return None
    if operator == "UAdd" or (operand.dtype == BOOL and dtype != BOOL):
        operand = coerce(operand, dtype)
    if operator == "UAdd":
        return operand
    # numba negates and inverts before it widens: -uint32(1) is 4294967295.
    function = np.negative if operator == "USub" else np.invert
    return coerce(apply(function, operand.dtype, operand), dtype)


def compare(operator: str, left: Expr, right: Expr) -> Expr | None:
    """Return ``left operator right`` (by its ast name) as a bool, or None for ``is`` and ``in``."""
    if operator not in _COMPARISONS:
        return None
    if dtypes.is_float(left.dtype) or dtypes.is_float(right.dtype):
        joined = dtypes.unify(left.dtype, right.dtype)
        left, right = coerce(left, joined), coerce(right, joined)
    return apply(_COMPARISONS[operator], BOOL, left, right)


def truth(expr: Expr) -> Expr:
    """Return whether `expr` is not zero."""
    if expr.dtype == BOOL:
        return expr
    zero = expr.dtype.type(0)
    return apply(lambda value: value != zero, BOOL, expr)


def extreme(name: str, operands: list[Expr]) -> Expr:
    """Return ``min`` or ``max`` of the operands, the first of those that compare equal.

    As in Python, what is compared with nan is not exchanged: ``max(nan, 1.0)`` is
    nan and ``max(1.0, nan)`` is 1.0. A device, unlike numba's own CPU code, skips nan.
    """
    better = np.less if name == "min" else np.greater

    def chosen(held: Any, other: Any) -> Any:
        return np.where(better(other, held), other, held)[()]

    result = operands[0]
    for operand in operands[1:]:
        joined = dtypes.unify(result.dtype, operand.dtype)
        held, other = coerce(result, joined), coerce(operand, joined)
        integral = np.minimum if name == "min" else np.maximum
        function: Callable[..., Any] = chosen if dtypes.is_float(joined) else integral
        result = apply(function, joined, held, other)
    return result


def absolute(operand: Expr) -> Expr:
    """Return ``abs(x)``."""
    return apply(np.abs, operand.dtype, operand) if operand.dtype != BOOL else operand


def to_int(operand: Expr) -> Expr:
    """Return ``int(x)``: floats are cut off, integers keep their type."""
    return coerce(operand, INT64) if operand.dtype.kind in "fb" else operand


def to_float(operand: Expr) -> Expr:
    """Return ``float(x)``: integers become float64, floats keep their type."""
    return operand if dtypes.is_float(operand.dtype) else coerce(operand, FLOAT64)


def rounded(operand: Expr) -> Expr:
    """Return ``round(x)``: to the nearest, ties to even."""
    if not dtypes.is_float(operand.dtype):
        return operand
    return coerce(apply(np.rint, operand.dtype, operand), INT64)


def rounded_to(operand: Expr, digits: Expr) -> Expr:
    """Return ``round(x, digits)``, by the scaling that numba does in the type of `x`."""

    def scaled(value: Any, places: Any) -> Any:
        power = np.power(10.0, np.abs(places).astype(np.float64))
        up = np.rint(value * power) / power
        down = np.rint(value / power) * power
        found = np.where(places >= 0, up, down)
        return np.where(np.isfinite(found), found, value)[()]

    return coerce(apply(scaled, FLOAT64, coerce(operand, FLOAT64), digits), operand.dtype)


def math_call(name: str, operands: list[Expr]) -> Expr | None:
    """Return ``math.name(*operands)``, or None where a device has no such function."""
    if len(operands) != (2 if name in _BINARY_MATH else 1):
        return None
    if name in _TESTS:
        return apply(_TESTS[name], BOOL, operands[0])
    dtype = dtypes.math_result(*[operand.dtype for operand in operands])
    if name == "pow" and operands[0].dtype != operands[1].dtype:
        dtype = FLOAT64 if not dtypes.is_float(operands[1].dtype) else dtype
    if name in _ROUNDERS:
        return apply(_ROUNDERS[name], dtype, coerce(operands[0], dtype))  # a float on a device
    if name not in _MATH:
        return None
    function = _MATH[name]
    if name in ("erf", "erfc"):
        return coerce(
            apply(lambda value: np.asarray(function(value))[()], FLOAT64, operands[0]), dtype
        )
    return apply(function, dtype, *[coerce(operand, dtype) for operand in operands])
