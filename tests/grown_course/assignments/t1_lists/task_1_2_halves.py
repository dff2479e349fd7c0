"""Task 1.2: one more function in a file of the assignment before."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("1.2", title="Halves", points=3, files=("tinypack/numbers.py",))


@property_check(cases={"x": st.integers(1, 99)}, expect=lambda x: x / 2)
def halves(mt: Minitorch, x: int) -> Any:
    """`half` halves a number."""
    return mt.numbers.half(x)
