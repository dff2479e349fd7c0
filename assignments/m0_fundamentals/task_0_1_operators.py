"""Task 0.1: the operators, functions of one or two numbers.

Write sixteen small functions in ``minitorch/operators.py``; all that
follows in the course is made of them. Python and NumPy say what to expect.

Left open here because the years of the course differ: a comparison may give
1.0, 1 or True; ``is_close`` may reach 1e-2 or 1e-5 far, so numbers are closer than
1e-6 or further apart than 0.01; ``log`` may add the course's ``EPS`` of 1e-6 to
its argument. ``relu_back`` is not asked at 0, where there is no derivative.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.strategies import Numbers, nonzero, numbers, pairs_apart

TASK = Task(
    "0.1",
    title="Operators",
    points=10,
    hidden_points=3,
    files=("minitorch/operators.py",),
    link="https://minitorch.github.io/module0/module0/",
)

# With and without EPS, logarithms and their derivatives from x = 0.5 on are this close.
EITHER_LOG = close(rtol=3e-6, atol=3e-6)

ARITHMETIC: dict[str, Callable[..., float]] = {"mul": operator.mul, "add": operator.add, "max": max}


@property_check(
    each=("mul", "add", "max"),
    cases={"x": numbers(-40, 40), "y": numbers(-40, 40)},
    examples=(Case(x=2.0, y=3.0), Case(x=3.0, y=-2.0), Case(x=-3.0, y=-2.0)),
    expect=lambda name, x, y: ARITHMETIC[name](x, y),
    count=220,
    weight=3,
)
def combines_two_numbers(mt: Minitorch, name: str, x: float, y: float) -> Any:
    """`mul`, `add` and `max` give the product, the sum and the larger of two numbers."""
    return getattr(mt.operators, name)(x, y)


# Equal, a little apart and far apart, either way round, in one check: whoever
# always says yes, or always no, is wrong in each of them.
COMPARISONS: dict[str, tuple[Callable[..., bool], tuple[float, ...]]] = {
    "lt": (lambda x, y: x < y, (0, 0.25, -0.25, 1, -1, 7, -7)),
    "eq": (lambda x, y: x == y, (0, 0, 0.25, -0.25, 2**-8, -(2**-8), 1, -1, 7, -7)),
    "is_close": (lambda x, y: abs(x - y) < 1e-3, (0, 1e-7, -1e-7, 0.05, -0.05, 1, -1, 7, -7)),
}


@property_check(
    each=("lt", "eq", "is_close"),
    cases=lambda name: pairs_apart(COMPARISONS[name][1], -40, 40),
    examples=(Case(x=1.0, y=2.0), Case(x=2.0, y=1.0), Case(x=3.0, y=3.0), Case(x=-1.0, y=1.0)),
    expect=lambda name, x, y: float(COMPARISONS[name][0](x, y)),
    judge=close(truth=True),
    count=220,
    weight=3,
)
def compares_two_numbers(mt: Minitorch, name: str, x: float, y: float) -> Any:
    """`lt`, `eq` and `is_close` give 1.0 where the comparison holds and 0.0 where not."""
    return getattr(mt.operators, name)(x, y)


# `id` alone would pay for a stub that returns its argument.
@property_check(
    cases={"x": numbers(-40, 40)},
    examples=(Case(x=2.0), Case(x=-3.0)),
    expect=lambda x: {"neg": -x, "id": x},
    count=220,
)
def negates_or_leaves_alone(mt: Minitorch, x: float) -> Any:
    """`neg` turns a number's sign, and `id` returns it as it is."""
    return {"neg": mt.operators.neg(x), "id": mt.operators.id(x)}


CURVES: dict[str, tuple[Callable[..., float], Numbers]] = {
    "sigmoid": (lambda x: (1 + np.tanh(x / 2)) / 2, numbers(-30, 30)),
    "relu": (lambda x: max(x, 0.0), numbers(-40, 40)),
    "exp": (np.exp, numbers(-20, 20)),
    "inv": (lambda x: 1 / x, nonzero(-40, 40)),
}


@property_check(
    each=("sigmoid", "relu", "exp", "inv"),
    cases=lambda name: {"x": CURVES[name][1]},
    examples={
        # The task asks for the form of sigmoid that does not overflow, on either side.
        "sigmoid": (Case(x=0.0), Case(x=2.0), Case(x=-2.0), Case(x=800.0), Case(x=-800.0)),
        "relu": (Case(x=2.0), Case(x=-2.0)),
        "exp": (Case(x=0.0), Case(x=2.0), Case(x=-2.0)),
        "inv": (Case(x=2.0), Case(x=-0.5)),
    },
    expect=lambda name, x: CURVES[name][0](x),
    count=220,
    weight=4,
)
def follows_its_curve(mt: Minitorch, name: str, x: float) -> Any:
    """`sigmoid`, `relu`, `exp` and `inv` give the value of their formula, for large `x` too."""
    return getattr(mt.operators, name)(x)


@property_check(
    cases={"x": numbers(0.5, 40)},
    examples=(Case(x=1.0), Case(x=2.5), Case(x=0.5)),
    expect=lambda x: float(np.log(x)),
    judge=EITHER_LOG,
    count=220,
)
def takes_logarithms(mt: Minitorch, x: float) -> Any:
    """`log` gives the natural logarithm."""
    return mt.operators.log(x)


DERIVATIVES: dict[str, tuple[Callable[..., float], Numbers]] = {
    "log_back": (lambda x, d: d / x, numbers(0.5, 40)),
    "inv_back": (lambda x, d: -d / x**2, nonzero(-40, 40)),
    "relu_back": (lambda x, d: d if x > 0 else 0.0, nonzero(-40, 40)),
}


@property_check(
    each=("log_back", "inv_back", "relu_back"),
    cases=lambda name: {"x": DERIVATIVES[name][1], "d": numbers(-10, 10)},
    examples={
        "log_back": (Case(x=2.0, d=3.0), Case(x=0.5, d=-1.0)),
        "inv_back": (Case(x=2.0, d=3.0), Case(x=-0.5, d=1.0)),
        "relu_back": (Case(x=2.0, d=3.0), Case(x=-2.0, d=3.0), Case(x=1.0, d=-0.5)),
    },
    expect=lambda name, x, d: DERIVATIVES[name][0](x, d),
    judge=EITHER_LOG,
    count=220,
    weight=3,
)
def carries_derivatives_back(mt: Minitorch, name: str, x: float, d: float) -> Any:
    """`log_back`, `inv_back` and `relu_back` give the derivative at `x`, times `d`."""
    return getattr(mt.operators, name)(x, d)
