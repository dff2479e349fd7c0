"""Task 1: functions of numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, property_check

TASK = Task("1", title="Numbers", points=10, hidden_points=2, files=("tinypack/numbers.py",))

SIGNS = {"double": 2, "negate": -1}
numbers = st.integers(-40, 40).map(lambda i: i / 4)


@property_check(
    each=("double", "negate"),
    cases={"x": numbers},
    examples=(Case(x=1.0),),
    expect=lambda name, x: SIGNS[name] * x,
    time_limit_s=1.0,
)
def scales(mt: Minitorch, name: str, x: float) -> Any:
    """Each function scales its number."""
    return getattr(mt, name)(x)


@property_check(cases={"x": numbers, "y": numbers}, expect=lambda x, y: [x, y, x + y], weight=2)
def pairs(mt: Minitorch, x: float, y: float) -> Any:
    """`pair` returns both numbers and their sum."""
    first, second = mt.pair(x, y)
    return [first, second, first + second]
