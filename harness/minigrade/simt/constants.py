"""Compute with a module's constants exactly as Python does, within reason.

The operations are a closed table on numbers, strings, None and tuples of them.
Whatever is not in it, or would raise, has no value: `NOTHING`.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade.simt.dtypes import BY_NAME, SUPPORTED

_BITS = 4096  # of the integers that are computed with
_ITEMS = 256  # of the tuples that are made
_TEXT = 40  # characters of a text that is made a number


class _Nothing:
    """No value at all, unlike None."""


NOTHING = _Nothing()

_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "Add": operator.add,
    "Sub": operator.sub,
    "Mult": operator.mul,
    "Div": operator.truediv,
    "FloorDiv": operator.floordiv,
    "Mod": operator.mod,
    "Pow": operator.pow,
    "LShift": operator.lshift,
    "RShift": operator.rshift,
    "BitAnd": operator.and_,
    "BitOr": operator.or_,
    "BitXor": operator.xor,
}
_UNARY: dict[str, Callable[[Any], Any]] = {
    "USub": operator.neg,
    "UAdd": operator.pos,
    "Invert": lambda value: operator.invert(int(value) if isinstance(value, bool) else value),
    "Not": operator.not_,
}
_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "Eq": operator.eq,
    "NotEq": operator.ne,
    "Lt": operator.lt,
    "LtE": operator.le,
    "Gt": operator.gt,
    "GtE": operator.ge,
    "In": lambda left, right: left in right,
    "NotIn": lambda left, right: left not in right,
}
_PYTHON: dict[str, Callable[..., Any]] = {
    "abs": abs, "bool": bool, "divmod": divmod, "float": float, "int": int, "max": max,
    "min": min, "pow": pow, "round": round,
}  # fmt: skip
_MATH = """
    acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh degrees erf erfc exp exp2
    expm1 fabs floor fmod gamma gcd hypot isfinite isinf isnan isqrt lcm log log10 log1p log2
    pow radians sin sinh sqrt tan tanh trunc
"""
_NUMPY = frozenset({"sqrt", "exp", "exp2", "log", "log2", "log10", "ceil", "floor", "abs"})
_ERRORS = (ArithmeticError, ValueError, TypeError, AttributeError)


def is_number(value: Any) -> bool:
    """Tell whether `value` is a number of Python or NumPy."""
    if isinstance(value, np.generic):
        return value.dtype in SUPPORTED
    return isinstance(value, bool | int | float)


def is_plain(value: Any) -> bool:
    """Tell whether `value` is a number, a string, None, or a tuple of such."""
    if isinstance(value, tuple):
        return all(is_plain(item) for item in value)
    return value is None or isinstance(value, str) or is_number(value)


def binary(name: str, left: Any, right: Any) -> Any:
    """Return ``left operator right``, by the operator's ast name."""
    if isinstance(left, tuple) and isinstance(right, tuple) and name == "Add":
        return left + right if len(left) + len(right) <= _ITEMS else NOTHING
    if not (is_number(left) and is_number(right)) or name not in _BINARY:
        return NOTHING
    if isinstance(left, int) and isinstance(right, int) and not _small(name, left, right):
        return NOTHING
    return _kept(_BINARY[name], left, right)


def _small(name: str, left: int, right: int) -> bool:
    """Tell whether an operation on integers has a result of reasonable length."""
    if name == "Pow":
        return abs(right) * max(left.bit_length(), 1) <= _BITS
    return name != "LShift" or right <= _BITS


def unary(name: str, operand: Any) -> Any:
    """Return ``operator operand``, by the operator's ast name."""
    if name == "Not" and is_plain(operand):
        return not operand
    return _kept(_UNARY[name], operand) if is_number(operand) and name in _UNARY else NOTHING


def compare(name: str, left: Any, right: Any) -> Any:
    """Return ``left operator right`` of a comparison, by the operator's ast name."""
    if name in ("Is", "IsNot"):
        if left is not None and right is not None:
            return NOTHING
        return (left is right) == (name == "Is")
    if not (is_plain(left) and is_plain(right)) or name not in _COMPARE:
        return NOTHING
    return _kept(_COMPARE[name], left, right)


def subscript(value: Any, index: Any) -> Any:
    """Return ``value[index]`` of a tuple."""
    whole = isinstance(index, int | slice) and not isinstance(index, bool)
    if not isinstance(value, tuple) or not whole:
        return NOTHING
    try:
        return value[index]
    except (IndexError, ValueError, TypeError):
        return NOTHING


def called(path: str, args: list[Any], words: dict[str, Any]) -> Any:
    """Return what a call of something of Python, math, NumPy or numba gives."""
    module, _, name = path.rpartition(".")
    if module == "builtins":
        return _python(name, args, words)
    if words or not all(is_number(arg) for arg in args):
        return NOTHING
    if module == "math" and name in _MATH.split():
        return _kept(getattr(math, name), *args)
    if len(args) != 1:
        return NOTHING
    if module == "numpy" and name in _NUMPY:
        return _kept(getattr(np, name), *args)
    return _cast(module, name, args[0])


def _cast(module: str, name: str, value: Any) -> Any:
    """Return ``numba.float32(value)`` and its like."""
    if module not in ("numba", "numba.types", "numba.core.types", "numpy") or name not in BY_NAME:
        return NOTHING
    dtype = BY_NAME[name]
    made: Callable[[Any], Any] = dtype.type
    return _kept(bool if dtype == np.bool_ and module != "numpy" else made, value)


def _python(name: str, args: list[Any], words: dict[str, Any]) -> Any:
    """Return what a call of a builtin function gives."""
    if words or name not in {*_PYTHON, "len", "sum"}:
        return NOTHING
    if len(args) == 1 and not is_number(args[0]):
        return _of_one(name, args[0])
    if name in ("len", "sum") or not all(is_number(arg) for arg in args):
        return NOTHING
    if name == "pow":
        return binary("Pow", *args) if len(args) == 2 else NOTHING
    if name == "round" and len(args) == 2 and not (isinstance(args[1], int) and abs(args[1]) < 400):
        return NOTHING
    return _kept(_PYTHON[name], *args)


def _of_one(name: str, arg: Any) -> Any:
    """Return what a function gives for a tuple, a string or None."""
    if name == "bool" and is_plain(arg):
        return bool(arg)
    if isinstance(arg, str):
        if name == "len":
            return len(arg)
        short = name in ("float", "int") and len(arg) <= _TEXT
        return _kept(_PYTHON[name], arg) if short else NOTHING
    if not isinstance(arg, tuple) or name not in ("len", "max", "min", "sum"):
        return NOTHING
    if name == "len":
        return len(arg)
    if not all(is_number(item) for item in arg):
        return NOTHING
    return _kept(sum, arg) if name == "sum" else _kept(_PYTHON[name], arg)


def _kept(function: Callable[..., Any], *args: Any) -> Any:
    """Return the function's value if it is of a kind that is kept."""
    try:
        value = function(*args)
    except _ERRORS:
        return NOTHING
    if isinstance(value, int) and not -(1 << _BITS) < value < 1 << _BITS:
        return NOTHING
    return value if is_plain(value) else NOTHING
