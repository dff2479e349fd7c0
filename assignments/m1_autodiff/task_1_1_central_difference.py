"""Task 1.1: the derivative of a function that can only be called.

Write ``central_difference(f, *vals, arg=0, epsilon=1e-6)`` in
``minitorch/autodiff.py``. It moves one argument of `f` a little to either side and
divides the rise of `f` by the distance: ``(f(x + epsilon) - f(x - epsilon)) / (2 * epsilon)``.

With the course's small `epsilon` that is nearly the derivative, which calculus says
here. With a large one it is a number of its own, which tells the central difference
from the one to the right or to the left, and `epsilon` from twice `epsilon`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.strategies import Numbers, nonzero, numbers

TASK = Task(
    "1.1",
    title="Numerical derivatives",
    points=10,
    hidden_points=3,
    files=("minitorch/autodiff.py",),
    link="https://minitorch.github.io/module1/module1/",
)

# The functions below stay under 300, and so do their slopes times x. A value of f is then
# wrong by up to 300 * 2**-53, and so is its slope times the rounding of x; the distance of
# 2e-6 divides both, twice: 7e-8. The formula itself leaves out epsilon**2 / 6 times the third
# derivative, which is nothing beside that.
NEARLY = close(rtol=1e-7, atol=1e-6)

CURVES: dict[str, Callable[[float], float]] = {
    "line": lambda x: 3 * x - 2,
    "square": lambda x: x * x,
    "cube": lambda x: x * x * x / 8,
    "wave": math.sin,
    "growth": lambda x: math.exp(x / 2),
    "inverse": lambda x: 1 / x,
}

SLOPES: dict[str, tuple[Callable[[float], float], Numbers]] = {
    "line": (lambda x: 3.0, numbers(-20, 20)),  # noqa: ARG005
    "square": (lambda x: 2 * x, numbers(-13, 13)),
    "cube": (lambda x: 3 * x * x / 8, numbers(-11, 11)),
    "wave": (math.cos, numbers(-20, 20)),
    "growth": (lambda x: math.exp(x / 2) / 2, numbers(-20, 8)),
    "inverse": (lambda x: -1 / (x * x), nonzero(-13, 13)),
}


@property_check(
    each=("line", "square", "cube", "wave", "growth", "inverse"),
    cases=lambda name: {"x": SLOPES[name][1]},
    examples=(Case(x=1.0), Case(x=2.0), Case(x=-0.5), Case(x=3)),
    expect=lambda name, x: SLOPES[name][0](x),
    judge=NEARLY,
    weight=3,
)
def differentiates_a_function(mt: Minitorch, name: str, x: float) -> Any:
    """`central_difference` gives the derivative of a function of one number."""
    return mt.central_difference(CURVES[name], x)


SURFACES: dict[str, Callable[..., float]] = {
    "sum": lambda x, y: 2 * x - 5 * y,
    "product": lambda x, y: x * y,
    "quotient": lambda x, y: x / (y * y + 1),
    "volume": lambda x, y, z: x * y * y * z,
    "distance": lambda x, y, z: math.sqrt(1 + x * x + 4 * y * y + 9 * z * z),
}


def quotient_slopes(x: float, y: float) -> list[float]:
    """Return the derivatives of ``x / (y * y + 1)``."""
    below = y * y + 1
    return [1 / below, -2 * x * y / below**2]


def distance_slopes(x: float, y: float, z: float) -> list[float]:
    """Return the derivatives of the root of ``1 + x * x + 4 * y * y + 9 * z * z``."""
    length = math.sqrt(1 + x * x + 4 * y * y + 9 * z * z)
    return [x / length, 4 * y / length, 9 * z / length]


GRADIENTS: dict[str, Callable[..., list[float]]] = {
    "sum": lambda x, y: [2, -5],  # noqa: ARG005
    "product": lambda x, y: [y, x],
    "quotient": quotient_slopes,
    "volume": lambda x, y, z: [y * y * z, 2 * x * y * z, x * y * y],
    "distance": distance_slopes,
}


def points(name: str) -> dict[str, st.SearchStrategy[Any]]:
    """Draw where to take a derivative, and the argument to take it by."""
    sides = 3 if name in ("volume", "distance") else 2
    return {
        "vals": st.tuples(*[numbers(-4, 4)] * sides),
        "arg": st.integers(0, sides - 1),
    }


@property_check(
    each=("sum", "product", "quotient", "volume", "distance"),
    cases=points,
    examples={
        "product": (Case(vals=[2.0, 5.0], arg=0), Case(vals=[2.0, 5.0], arg=1)),
        "volume": tuple(Case(vals=[2.0, 3.0, 5.0], arg=arg) for arg in (0, 1, 2)),
    },
    expect=lambda name, vals, arg: GRADIENTS[name](*vals)[arg],
    judge=NEARLY,
    weight=3,
)
def differentiates_by_one_argument(mt: Minitorch, name: str, vals: list[float], arg: int) -> Any:
    """`central_difference` gives the derivative by argument `arg`, counted from 0."""
    return mt.central_difference(SURFACES[name], *vals, arg=arg)


def expect_wide_difference(x: float, y: float, arg: int, epsilon: float) -> float:
    """Return the central difference of ``x**3 - y**2 * x``, worked out by hand."""
    return 3 * x * x + epsilon * epsilon - y * y if arg == 0 else -2 * y * x


# All numbers here are quarters, and all results exact.
@property_check(
    cases={
        "x": numbers(-4, 4),
        "y": numbers(-4, 4),
        "arg": st.integers(0, 1),
        "epsilon": st.sampled_from([0.25, 0.5, 1.0, 2.0]),
    },
    examples=(Case(x=2.0, y=3.0, arg=0, epsilon=0.5), Case(x=2.0, y=3.0, arg=1, epsilon=0.5)),
    expect=expect_wide_difference,
    weight=2,
)
def keeps_to_the_step(mt: Minitorch, x: float, y: float, arg: int, epsilon: float) -> Any:
    """The points are `epsilon` to the right and to the left, even if that is far."""
    return mt.central_difference(lambda x, y: x**3 - y * y * x, x, y, arg=arg, epsilon=epsilon)


def expect_calls(vals: list[float], arg: int) -> dict[str, Any]:
    """Return the result for ``10 * (first + 2 * second + ...)``, and the calls that make it."""
    left, right = list(vals), list(vals)
    left[arg], right[arg] = vals[arg] - 0.5, vals[arg] + 0.5
    return {"derivative": 10.0 * (arg + 1), "calls": [left, right], "vals": vals}


# Whole numbers: written into an array of integers, half a step would be lost. The result
# is asked along with the calls, as making calls alone is not worth points. A call for the
# point itself is one too many, but no mistake.
@property_check(
    cases=st.lists(st.integers(-9, 9), min_size=1, max_size=4).flatmap(
        lambda vals: st.fixed_dictionaries(
            {"vals": st.just(vals), "arg": st.integers(0, len(vals) - 1)}
        )
    ),
    examples=(Case(vals=[3], arg=0), Case(vals=[3, 4, 5], arg=1)),
    expect=expect_calls,
    weight=2,
)
def moves_one_argument_only(mt: Minitorch, vals: list[int], arg: int) -> Any:
    """Only argument `arg` moves; all others reach the function as they are."""
    calls: list[list[float]] = []

    def weighted(*given: float) -> float:
        calls.append(list(given))
        return 10.0 * sum((i + 1) * value for i, value in enumerate(given))

    result = mt.central_difference(weighted, *vals, arg=arg, epsilon=0.5)
    distinct = [call for i, call in enumerate(calls) if call not in [vals, *calls[:i]]]
    return {"derivative": result, "calls": sorted(distinct), "vals": vals}
