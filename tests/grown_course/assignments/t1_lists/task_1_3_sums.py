"""Task 1.3: sums, which nobody is asked for before lists work."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("1.3", title="Sums", points=5, requires=("1.1",), files=("tinypack/sums.py",))


@property_check(cases={"xs": st.lists(st.integers(1, 9))}, expect=lambda xs: 10 * sum(xs))
def sums_up(mt: Minitorch, xs: list[int]) -> Any:
    """`total` is ten times the sum of a list."""
    return mt.sums.total(xs)
