"""Task 0.1: numbers below 100. (A submission may be wrong elsewhere, and nobody notices.)"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("0.1", title="Numbers", points=4, files=("tinypack/numbers.py",))


@property_check(cases={"x": st.integers(1, 99)}, expect=lambda x: 2 * x)
def doubles(mt: Minitorch, x: int) -> Any:
    """`double` doubles a number."""
    return mt.numbers.double(x)
