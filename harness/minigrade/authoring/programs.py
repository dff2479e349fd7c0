"""Small programs, as cases for automatic differentiation, and what they compute.

A program is a dict: the values of its leaves, and lines of Python that a student can
read and run::

    {"values": {"a": 2.0, "b": -1.5}, "lines": ["c = a * b", "d = c.sigmoid()", "e = d + c"]}

A probe runs the lines on Scalars, and the oracle here runs the same lines on dual
numbers, which carry their derivatives forwards: a way that shares nothing with
backpropagation. What they compute stays away from kinks and from large numbers.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from hypothesis import strategies as st

from minigrade.probing import run_lines

Programs = st.SearchStrategy[dict[str, Any]]

LARGEST_VALUE = 200.0
LARGEST_SLOPE = 1e4

_LEAF_VALUES = (1.0, 2.0, 3.0, -1.0, -2.0, 0.5, 1.5, -3.0, 4.0, -0.5, 2.5, -1.5, 5.0, -4.0, 0.25)
_CONSTANTS = {"2.0": 2.0, "-3.0": -3.0, "0.5": 0.5, "4.0": 4.0}
_NAMES = "abcdefghijklmnopqrstuvwxyz"
_BYTES_A_LINE = 3


class Dual:
    """A number and its derivatives with respect to each leaf."""

    __slots__ = ("slopes", "value")

    def __init__(self, value: float, slopes: Sequence[float]) -> None:
        self.value = value
        self.slopes = slopes

    def __add__(self, other: Dual | float) -> Dual:
        right = self._dual(other)
        slopes = [p + q for p, q in zip(self.slopes, right.slopes, strict=True)]
        return Dual(self.value + right.value, slopes)

    def __mul__(self, other: Dual | float) -> Dual:
        x, right = self.value, self._dual(other)
        y = right.value
        slopes = [p * y + x * q for p, q in zip(self.slopes, right.slopes, strict=True)]
        return Dual(x * y, slopes)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self) -> Dual:
        return self * -1.0

    def __sub__(self, other: Dual | float) -> Dual:
        return self + -self._dual(other)

    def __truediv__(self, other: Dual | float) -> Dual:
        right = self._dual(other)
        return self * right._chain(1 / right.value, -1 / right.value**2)

    def __rtruediv__(self, other: float) -> Dual:
        return self._dual(other) / self

    def relu(self) -> Dual:
        """Return the number if it is positive, else 0."""
        return self * float(self.value > 0)

    def exp(self) -> Dual:
        """Return e to the power of the number."""
        value = math.exp(self.value)
        return self._chain(value, value)

    def sigmoid(self) -> Dual:
        """Return the logistic function of the number."""
        value = (1 + math.tanh(self.value / 2)) / 2
        return self._chain(value, value * (1 - value))

    def _chain(self, value: float, slope: float) -> Dual:
        return Dual(value, [slope * p for p in self.slopes])

    def _dual(self, other: Dual | float) -> Dual:
        return other if isinstance(other, Dual) else Dual(other, [0.0] * len(self.slopes))


class _Form(NamedTuple):
    """One way to write a line, what it computes, and from which numbers it may."""

    text: str
    compute: Callable[[Any, Any], Dual]
    takes: Callable[[float, float], bool] = lambda x, y: True  # noqa: ARG005


# What fails shrinks to the first ones. `y` may be a constant in those of `_WITH_CONSTANTS`:
# in others Python would call a method that the course lacks, or there is no `y`.
_WITH_CONSTANTS = (
    _Form("{x} + {y}", lambda x, y: x + y),
    _Form("{x} * {y}", lambda x, y: x * y),
    _Form("{x} - {y}", lambda x, y: x - y),
    _Form("{y} * {x}", lambda x, y: y * x),
    _Form("{x} / {y}", lambda x, y: x / y, lambda x, y: abs(y) >= 0.5),  # noqa: ARG005
    _Form("{y} + {x}", lambda x, y: y + x),
)
_WITH_VARIABLES = (
    _Form("-{x}", lambda x, _: -x),
    _Form("{x}.relu()", lambda x, _: x.relu(), lambda x, _: abs(x) >= 0.25),
    _Form("{x}.sigmoid()", lambda x, _: x.sigmoid()),
    _Form("{x}.exp()", lambda x, _: x.exp(), lambda x, _: x <= 3),
    _Form("1 / {x}", lambda x, _: 1 / x, lambda x, _: abs(x) >= 0.5),
    _Form("{y} - {x}", lambda x, y: y - x),
)
_FORMS = _WITH_CONSTANTS + _WITH_VARIABLES
_TAME = _Form("{x}.sigmoid()", lambda x, _: x.sigmoid())


def duals(values: dict[str, float]) -> dict[str, Dual]:
    """Return the leaves of a program, each of which depends on itself alone."""
    return {
        name: Dual(value, [float(name == other) for other in values])
        for name, value in values.items()
    }


def evaluate(values: dict[str, float], lines: list[str]) -> float:
    """Return the number that the last line of a program computes."""
    return float(_last(run_lines(lines, duals(values))).value)


def differentiate(values: dict[str, float], lines: list[str]) -> dict[str, float]:
    """Return the derivative of a program's last line with respect to each leaf."""
    slopes = _last(run_lines(lines, duals(values))).slopes
    return dict(zip(values, map(float, slopes), strict=True))


def edges(lines: list[str]) -> list[list[str]]:
    """Return ``[variable, parent]`` for each variable and each that it was computed from."""
    pairs = [line.split(" = ") for line in lines]
    return [
        [target, parent]
        for target, expression in pairs
        for parent in dict.fromkeys(re.findall(r"\b[a-z]\b", expression))
    ]


def programs(
    shortest: int = 1, longest: int = 6, *, leaves: int = 3, shared: bool = False
) -> Programs:
    """Draw programs of `shortest` to `longest` lines on `leaves` leaves.

    The last line uses what stands before it, if not all of it; some leaves may go
    unused. A line has two operands, one of which may be a constant, or one.

    Args:
        shortest: how many lines at least.
        longest: how many lines at most.
        leaves: how many leaves; `leaves` and `longest` make 26 at most.
        shared: take operands from all over the program, so that most are used twice.
    """
    # One draw of bytes a program: lists of instructions cost three times as much.
    drawn = st.binary(
        min_size=leaves + _BYTES_A_LINE * shortest, max_size=leaves + _BYTES_A_LINE * longest
    )
    return drawn.map(lambda data: write(data, leaves, shared=shared))


def write(data: bytes, leaves: int, *, shared: bool = False) -> dict[str, Any]:
    """Return the program that `data` stands for, whatever bytes these are."""
    pool = list(_LEAF_VALUES)  # all different: equal ones would hide a mix-up
    values = {_NAMES[i]: pool.pop(byte % len(pool)) for i, byte in enumerate(data[:leaves])}
    known = duals(values)
    lines: list[str] = []
    for start in range(leaves, len(data) - _BYTES_A_LINE + 1, _BYTES_A_LINE):
        code, left, right = data[start : start + _BYTES_A_LINE]
        form = _FORMS[code % len(_FORMS)]
        names = list(known)[::-1]
        x = names[left % len(names) if shared or left % 4 == 3 else 0]
        operands = [*names, *_CONSTANTS] if form in _WITH_CONSTANTS else names
        y = operands[right % len(operands)]
        form, result = _compute(form, known[x], _CONSTANTS.get(y) or known[y])
        name = _NAMES[len(known)]
        known[name] = result
        lines.append(f"{name} = {form.text.format(x=x, y=y)}")
    return {"values": values, "lines": lines}


def _compute(form: _Form, x: Dual, y: Dual | float) -> tuple[_Form, Dual]:
    """Return `form`, or a tame one if it would leave the range, and what it computes."""
    if form.takes(x.value, y.value if isinstance(y, Dual) else y):
        result = form.compute(x, y)
        if abs(result.value) <= LARGEST_VALUE and max(map(abs, result.slopes)) <= LARGEST_SLOPE:
            return form, result
    return _TAME, _TAME.compute(x, y)


def _last(names: dict[str, Any]) -> Dual:
    last: Dual = names[next(reversed(names))]
    return last
