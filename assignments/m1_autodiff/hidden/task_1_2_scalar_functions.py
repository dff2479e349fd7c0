"""Task 1.2, hidden: numbers of all sizes, and long programs.

What is left open, and not asked, is the same as in the public half.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.programs import evaluate, programs
from minigrade.authoring.strategies import Numbers, magnitudes, nonzero, numbers, pairs_apart
from minigrade.probing import compute, number, run_lines

from ..task_1_2_scalar_functions import expect_described

FAR = magnitudes(-6, 7)


def described(result: Any) -> dict[str, Any]:
    """Return the number in a Scalar, and whether the Scalar knows that it was computed."""
    return {
        "value": number(result),
        "computed": not result.is_leaf() and not result.is_constant(),
    }


@property_check(
    each=("x + y", "x - y", "x * y", "x / y", "x < y", "x > y"),
    cases={"x": FAR, "y": FAR},
    examples=(Case(x=1e6, y=-1e-6), Case(x=-1e-6, y=1e6)),
    expect=expect_described,
    weight=4,
)
def calculates_far_and_near(mt: Minitorch, form: str, x: float, y: float) -> Any:
    """Operators are right for numbers of all sizes."""
    return described(compute(form, x=mt.Scalar(x), y=mt.Scalar(y)))


CURVES: dict[str, tuple[Callable[[float], float], Numbers]] = {
    "exp": (math.exp, numbers(-40, 40)),
    # beyond 709, one of the two forms of the formula overflows
    "sigmoid": (lambda x: (1 + math.tanh(x / 2)) / 2, numbers(-800, 800)),
    "relu": (lambda x: max(x, 0.0), FAR),
}


@property_check(
    each=("exp", "sigmoid", "relu"),
    cases=lambda name: {"x": CURVES[name][1]},
    examples=(Case(x=0.0), Case(x=-3.0), Case(x=3.0)),
    expect=lambda name, x: {"value": CURVES[name][0](x), "computed": True},
    weight=3,
)
def follows_its_curve(mt: Minitorch, name: str, x: float) -> Any:
    """`exp`, `sigmoid` and `relu` are right for large numbers too."""
    return described(getattr(mt.Scalar(x), name)())


@property_check(
    cases=pairs_apart((0, 0.25, -0.25, 3, -3)),
    examples=(Case(x=1.0, y=1.0), Case(x=-1.0, y=2.0)),
    expect=lambda x, y: 2.0 * (x < y) + 3 * (x > 1) - 5 * (x == y) + x - 2,
    weight=2,
)
def counts_comparisons(mt: Minitorch, x: float, y: float) -> Any:
    """Comparisons are numbers: they can be multiplied and added."""
    a, b = mt.Scalar(x), mt.Scalar(y)
    return number(2 * (a < b) + 3 * (a > 1) - (a == b) * 5 + a - 2.0)


@property_check(
    cases={"x": nonzero(), "n": numbers(-9, 9)},
    examples=(Case(x=2.0, n=3.0),),
    expect=lambda x, n: {"value": x * x * n + n / x, "data": x, "true": True},
)
def goes_on_being_a_number(mt: Minitorch, x: float, n: float) -> Any:
    """A Scalar can be used again and again, and is true where its number is not 0."""
    a = mt.Scalar(x)
    result = a * a * n + n / a
    return {"value": number(result), "data": number(a), "true": bool(a)}


@property_check(
    cases=programs(8, 20, leaves=5, shared=True),
    examples=(Case(values={"a": 2.0}, lines=["b = a * a", "c = b * b", "d = c / b"]),),
    expect=lambda values, lines: {"value": evaluate(values, lines), "leaves": values},
    judge=close(rtol=1e-9, atol=1e-9),
    weight=3,
)
def computes_long_programs(mt: Minitorch, values: dict[str, float], lines: list[str]) -> Any:
    """Many operations follow one another and share their operands."""
    leaves = {name: mt.Scalar(value) for name, value in values.items()}
    names = run_lines(lines, leaves)
    result = names[next(reversed(names))]
    return {"value": number(result), "leaves": {name: number(x) for name, x in leaves.items()}}
