"""Task 0.1, hidden: the operators far from 1, with tiny and with huge numbers.

What is left open is the same as in the public half.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.strategies import (
    Numbers,
    away_from,
    magnitudes,
    nonzero,
    numbers,
    pairs_apart,
)

EITHER_LOG = close(rtol=3e-6, atol=3e-6)
RELATIVE = close(rtol=1e-9, atol=0.0)  # a tiny number is no 0

ARITHMETIC: dict[str, Callable[..., float]] = {
    "mul": operator.mul,
    "add": operator.add,
    "max": max,
}


@property_check(
    each=("mul", "add", "max"),
    cases={"x": magnitudes(-9, 12), "y": magnitudes(-9, 12)},
    examples=(Case(x=-2e9, y=-1e9), Case(x=2e-9, y=1e-9), Case(x=-1e-9, y=1e9)),
    expect=lambda name, x, y: ARITHMETIC[name](x, y),
    judge=RELATIVE,
    count=200,
    weight=3,
)
def combines_extreme_numbers(mt: Minitorch, name: str, x: float, y: float) -> Any:
    """`mul`, `add` and `max` are right for tiny and for huge numbers."""
    return getattr(mt.operators, name)(x, y)


# Closeness is absolute: a million and a million and a half are not close.
COMPARISONS: dict[str, tuple[Callable[..., bool], tuple[float, ...]]] = {
    "lt": (lambda x, y: x < y, (0, 0.25, -0.25, 5e5, -5e5)),
    "eq": (lambda x, y: x == y, (0, 0, 0.25, -0.25, 5e5, -5e5)),
    "is_close": (lambda x, y: abs(x - y) < 1e-3, (0, 1e-7, -1e-7, 0.05, -0.05, 5e5, -5e5)),
}


@property_check(
    each=("lt", "eq", "is_close"),
    cases=lambda name: pairs_apart(COMPARISONS[name][1], 1e6, 1.001e6),
    examples=(
        Case(x=1e6, y=1e6),
        Case(x=1e6, y=1e6 + 0.25),
        Case(x=-1e6, y=-1e6 - 0.25),
        Case(x=-1e6, y=1e6),
    ),
    expect=lambda name, x, y: float(COMPARISONS[name][0](x, y)),
    judge=close(truth=True),
    count=200,
    weight=3,
)
def compares_large_numbers(mt: Minitorch, name: str, x: float, y: float) -> Any:
    """`lt`, `eq` and `is_close` tell large numbers apart that differ little."""
    return getattr(mt.operators, name)(x, y)


@property_check(
    cases={"x": magnitudes(-12, 12)},
    examples=(Case(x=0.0), Case(x=1e-12), Case(x=-6e11)),
    expect=lambda x: {"neg": -x, "id": x},
    judge=RELATIVE,
    count=200,
)
def negates_extreme_numbers(mt: Minitorch, x: float) -> Any:
    """`neg` and `id` are right for tiny and for huge numbers."""
    return {"neg": mt.operators.neg(x), "id": mt.operators.id(x)}


CURVES: dict[str, tuple[Callable[..., float], Numbers]] = {
    "sigmoid": (lambda x: (1 + np.tanh(x / 2)) / 2, numbers(-1500, 1500)),
    "relu": (lambda x: max(x, 0.0), magnitudes(-9, 12)),
    "exp": (np.exp, numbers(-700, 700)),
    "inv": (lambda x: 1 / x, magnitudes(-9, 12)),
}


@property_check(
    each=("sigmoid", "relu", "exp", "inv"),
    cases=lambda name: {"x": CURVES[name][1]},
    examples={
        "sigmoid": (Case(x=0.25), Case(x=-0.25), Case(x=1e5), Case(x=-1e5)),
        "relu": (Case(x=1e-9), Case(x=-1e-9)),
        "exp": (Case(x=700.0), Case(x=-700.0)),
        "inv": (Case(x=1e-9), Case(x=-6e11)),
    },
    expect=lambda name, x: CURVES[name][0](x),
    count=200,
    weight=4,
)
def follows_its_curve_far_out(mt: Minitorch, name: str, x: float) -> Any:
    """`sigmoid`, `relu`, `exp` and `inv` are right far from 0, and close to it."""
    return getattr(mt.operators, name)(x)


@property_check(
    cases={"x": away_from((0,), 40, 40, 2000)},
    examples=(Case(x=1.0), Case(x=1e12), Case(x=2.5e6)),
    expect=lambda x: float(np.log(x)),
    judge=EITHER_LOG,
    count=200,
)
def takes_logarithms_of_large_numbers(mt: Minitorch, x: float) -> Any:
    """`log` is right for large numbers."""
    return mt.operators.log(x)


DERIVATIVES: dict[str, tuple[Callable[..., float], Numbers]] = {
    "log_back": (lambda x, d: d / x, numbers(0.5, 400)),
    "inv_back": (lambda x, d: -d / x**2, magnitudes(-3, 6)),
    "relu_back": (lambda x, d: d if x > 0 else 0.0, magnitudes(-9, 12)),
}


@property_check(
    each=("log_back", "inv_back", "relu_back"),
    cases=lambda name: {"x": DERIVATIVES[name][1], "d": nonzero(-400, 400)},
    examples={
        "log_back": (Case(x=0.5, d=400.0), Case(x=400.0, d=-400.0)),
        "inv_back": (Case(x=1e-3, d=-2.0), Case(x=-1e-3, d=400.0)),
        "relu_back": (Case(x=1e-9, d=400.0), Case(x=-1e-9, d=400.0)),
    },
    expect=lambda name, x, d: DERIVATIVES[name][0](x, d),
    judge=EITHER_LOG,
    count=200,
    weight=3,
)
def carries_large_derivatives_back(mt: Minitorch, name: str, x: float, d: float) -> Any:
    """`log_back`, `inv_back` and `relu_back` are right for steep slopes and large `d`."""
    return getattr(mt.operators, name)(x, d)
