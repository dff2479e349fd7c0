"""Task 1.1, hidden: other functions, four arguments, steps of all sizes."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.strategies import numbers

from ..task_1_1_central_difference import NEARLY


def expect_wide_difference(x: float, epsilon: float) -> float:
    """Return the central difference of ``x**4 + exp(x)``, worked out by hand."""
    # (sinh(e) / e) * exp(x) is what the two values of exp leave.
    return 4 * x**3 + 4 * x * epsilon**2 + math.exp(x) * math.sinh(epsilon) / epsilon


@property_check(
    cases={"x": numbers(-3, 3), "epsilon": st.sampled_from([0.125, 0.375, 0.75, 1.5, 3.0])},
    examples=(Case(x=1.0, epsilon=3.0),),
    expect=expect_wide_difference,
    judge=close(rtol=1e-9, atol=1e-9),
    weight=2,
)
def takes_wide_steps(mt: Minitorch, x: float, epsilon: float) -> Any:
    """The points are `epsilon` to the right and to the left, for a curved function too."""
    return mt.central_difference(lambda x: x**4 + math.exp(x), x, epsilon=epsilon)


@property_check(
    cases={"x": numbers(-3, 3), "digits": st.integers(3, 7)},
    examples=(Case(x=0.25, digits=4),),
    expect=lambda x, digits: math.cos(x) * math.exp(math.sin(x)),  # noqa: ARG005
    judge=close(rtol=1e-6, atol=5e-6),  # 1e-3**2 / 6 of the third derivative, up to 20
)
def takes_narrow_steps(mt: Minitorch, x: float, digits: int) -> Any:
    """The result is the derivative, whatever small `epsilon` is asked for."""
    return mt.central_difference(lambda x: math.exp(math.sin(x)), x, epsilon=10**-digits)


def expect_slope_of_four(vals: list[float], arg: int) -> float:
    """Return a derivative of ``a * b + b * c * d - d * d * a``."""
    a, b, c, d = vals
    return [b - d * d, a + c * d, b * d, b * c - 2 * d * a][arg]


@property_check(
    cases={"vals": st.tuples(*[numbers(-4, 4)] * 4), "arg": st.integers(0, 3)},
    examples=tuple(Case(vals=[2.0, 3.0, 0.5, -1.0], arg=arg) for arg in range(4)),
    expect=expect_slope_of_four,
    judge=NEARLY,
    weight=2,
)
def differentiates_by_one_of_four(mt: Minitorch, vals: list[float], arg: int) -> Any:
    """`central_difference` gives the derivative by any of four arguments."""
    return mt.central_difference(lambda a, b, c, d: a * b + b * c * d - d * d * a, *vals, arg=arg)
