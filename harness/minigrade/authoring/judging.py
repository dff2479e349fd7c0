"""Judges: does what came agree with what should have come, and if not, where first?

A judge is a function of two plain values that returns None or the first
`Mismatch`. It runs in the grader, on values that crossed the boundary, so no
``__eq__`` of a student's takes part.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np


class Mismatch(msgspec.Struct, frozen=True):
    """The first difference between two plain values.

    Attributes:
        category: one word a kind of difference, such as ``wrong_value``; cases
            that differ in the same way are shrunk together.
        message: where, what was expected, what came.
    """

    category: str
    message: str


Judge = Callable[[Any, Any], Mismatch | None]

_NOUNS = {
    type(None): "None",
    bool: "a bool",
    int: "an int",
    float: "a float",
    str: "a string",
    list: "a list",
    dict: "a dict",
    np.ndarray: "an array",
}


def close(*, rtol: float = 1e-9, atol: float = 1e-12, truth: bool = False) -> Judge:
    """Return a judge of numbers that may differ by rounding, and of all else exactly.

    Structure, keys and shape must agree. A float passes within
    ``atol + rtol * |expected|``; NaN equals NaN, and -0.0 equals 0.0. An int
    stands for the float of the same value, and the other way round.

    Args:
        rtol: relative tolerance, from the arithmetic of the task.
        atol: absolute tolerance, likewise.
        truth: take True for 1 and False for 0 as well; otherwise a bool equals
            only a bool.
    """

    def judge(expected: Any, observed: Any) -> Mismatch | None:
        return _compare(expected, observed, "", rtol, atol, truth)

    return judge


def _compare(
    expected: Any, observed: Any, path: str, rtol: float, atol: float, truth: bool
) -> Mismatch | None:
    """Return the first mismatch at or below `path`."""
    where = f"at {path}: " if path else ""
    if truth and type(observed) is bool and type(expected) in (int, float):
        observed = int(observed)
    numbers = (int, float)
    if type(expected) in numbers and type(observed) in numbers:
        if _agree(expected, observed, rtol, atol):
            return None
        category = "not_finite" if not math.isfinite(observed) else "wrong_value"
        return Mismatch(category, f"{where}expected {expected!r}, got {observed!r}")
    if type(expected) is not type(observed):
        return Mismatch(
            "wrong_type",
            f"{where}expected {_noun(expected)}, got {_noun(observed)}",
        )
    match expected:
        case list():
            return _compare_lists(expected, observed, path, rtol, atol, truth)
        case dict():
            return _compare_dicts(expected, observed, path, rtol, atol, truth)
        case np.ndarray():
            return _compare_arrays(expected, observed, where, rtol, atol)
        case _ if expected == observed:
            return None
    return Mismatch("wrong_value", f"{where}expected {expected!r}, got {observed!r}")


def _agree(expected: float, observed: float, rtol: float, atol: float) -> bool:
    if expected == observed or (math.isnan(expected) and math.isnan(observed)):
        return True
    if type(expected) is int and type(observed) is int:
        return False
    if not (math.isfinite(expected) and math.isfinite(observed)):
        return False
    return abs(expected - observed) <= atol + rtol * abs(expected)


def _compare_lists(
    expected: list[Any], observed: list[Any], path: str, rtol: float, atol: float, truth: bool
) -> Mismatch | None:
    if len(expected) != len(observed):
        where = f"at {path}: " if path else ""
        return Mismatch(
            "wrong_length",
            f"{where}expected {len(expected)} items, got {len(observed)}",
        )
    for i, (left, right) in enumerate(zip(expected, observed, strict=True)):
        mismatch = _compare(left, right, f"{path}[{i}]", rtol, atol, truth)
        if mismatch:
            return mismatch
    return None


def _compare_dicts(
    expected: dict[str, Any],
    observed: dict[str, Any],
    path: str,
    rtol: float,
    atol: float,
    truth: bool,
) -> Mismatch | None:
    where = f"at {path}: " if path else ""
    missing = [key for key in expected if key not in observed]
    extra = [key for key in observed if key not in expected]
    if missing or extra:
        parts = [f"missing {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"unexpected {', '.join(map(repr, extra))}"] if extra else []
        return Mismatch("wrong_keys", where + "; ".join(parts))
    for key, left in expected.items():
        mismatch = _compare(left, observed[key], f"{path}[{key!r}]", rtol, atol, truth)
        if mismatch:
            return mismatch
    return None


def _compare_arrays(
    expected: np.ndarray, observed: np.ndarray, where: str, rtol: float, atol: float
) -> Mismatch | None:
    if expected.shape != observed.shape:
        return Mismatch(
            "wrong_shape", f"{where}expected shape {expected.shape}, got {observed.shape}"
        )
    exact = expected.dtype.kind in "bi" and observed.dtype.kind in "bi"
    with np.errstate(invalid="ignore", over="ignore"):
        good = expected == observed
        if not exact:
            both_nan = np.isnan(expected) & np.isnan(observed)
            near = np.abs(expected - observed) <= atol + rtol * np.abs(expected)
            good = good | both_nan | (near & np.isfinite(expected) & np.isfinite(observed))
    if good.all():
        return None
    index = tuple(int(i) for i in np.argwhere(~good)[0])
    left, right = expected[index].item(), observed[index].item()
    category = "not_finite" if not math.isfinite(right) else "wrong_value"
    place = f"at index {list(index)}" if index else "in the only element"
    wrong = int((~good).sum())
    return Mismatch(
        category,
        f"{where}{place}: expected {left!r}, got {right!r} ({wrong} of {good.size} differ)",
    )


def _noun(value: Any) -> str:
    """Return how a sentence speaks of `value`."""
    noun = _NOUNS.get(type(value), type(value).__name__)
    return noun if value is None or isinstance(value, np.ndarray) else f"{noun} ({value!r:.80})"
