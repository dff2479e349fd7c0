"""The types of scalars in a kernel, and how numba joins them.

NumPy's promotion and numba's differ. In a kernel, ``int32 + int32`` is int64,
``float32 + int32`` is float64, and a variable has one type at a place wherever
control came from, so that ``acc = 0.`` makes a float64 sum of float32 numbers.

Source: `numba.core.typing`, asked for every pair of types (`tests/simt/test_dtypes.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

DType = np.dtype[Any]

BOOL = np.dtype(np.bool_)
INT32, INT64, UINT64 = np.dtype(np.int32), np.dtype(np.int64), np.dtype(np.uint64)
FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

BY_NAME: dict[str, DType] = {
    **{name: np.dtype(name) for bits in (8, 16, 32, 64) for name in (f"int{bits}", f"uint{bits}")},
    "float32": FLOAT32,
    "float64": FLOAT64,
    "double": FLOAT64,
    "intp": INT64,
    "uintp": UINT64,
    "intc": INT32,
    "boolean": BOOL,
    "bool_": BOOL,
    "bool": BOOL,
}
"""Names under which numba, NumPy and kernels know the scalar types."""

SUPPORTED = frozenset(BY_NAME.values())

ARITHMETIC = frozenset({"Add", "Sub", "Mult", "FloorDiv", "Mod"})
BITWISE = frozenset({"BitAnd", "BitOr", "BitXor"})
SHIFTS = frozenset({"LShift", "RShift"})


def unify(left: DType, right: DType) -> DType:
    """Return the one type of a variable that is assigned both types.

    Here, and only here, numba agrees with NumPy: uint64 with int64 is float64.
    """
    return np.promote_types(left, right)


def is_float(dtype: DType) -> bool:
    """Tell whether `dtype` is a floating-point type."""
    return dtype.kind == "f"


def integer_result(left: DType, right: DType) -> DType:
    """Return the type of integer arithmetic: 64 bits, unsigned when both sides are."""
    return UINT64 if left.kind == right.kind == "u" else INT64


def binary_result(operator: str, left: DType, right: DType) -> DType | None:
    """Return the type of ``left operator right`` (by its ast name), or None if there is none."""
    floats = is_float(left) or is_float(right)
    if operator in ARITHMETIC:
        return unify(left, right) if floats else integer_result(left, right)
    if operator == "Div":
        return unify(left, right) if floats else FLOAT64
    if operator == "Pow":
        if is_float(left) and not is_float(right):
            return left
        return unify(left, right) if floats else integer_result(left, right)
    if floats:
        return None
    if operator in BITWISE:
        return BOOL if left == right == BOOL else integer_result(left, right)
    return UINT64 if left.kind == "u" and operator in SHIFTS else INT64


def unary_result(operator: str, operand: DType) -> DType | None:
    """Return the type of ``-x``, ``+x`` or ``~x`` (by its ast name), or None if there is none."""
    if is_float(operand):
        return None if operator == "Invert" else operand
    if operator == "Invert" and operand == BOOL:
        return BOOL
    return UINT64 if operand.kind == "u" else INT64


def math_result(*operands: DType) -> DType:
    """Return the type of a `math` function: float32 for float32, else float64."""
    if not any(is_float(operand) for operand in operands):
        return FLOAT64
    joined = operands[0]
    for operand in operands[1:]:
        joined = unify(joined, operand)
    return joined


def literal_type(value: Any) -> DType | None:
    """Return the type of a constant in a kernel's source, or None beyond 64 bits."""
    if isinstance(value, np.generic):
        return value.dtype if value.dtype in SUPPORTED else None
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return INT64
        return UINT64 if 0 <= value < 2**64 else None
    return FLOAT64


def cast(value: Any, dtype: DType) -> Any:
    """Return `value` (a scalar or a vector of lanes) as `dtype`, wrapping integers around."""
    if value.dtype == dtype:
        return value
    if value.ndim == 0:
        return np.asarray(value).astype(dtype)[()]
    return value.astype(dtype)
