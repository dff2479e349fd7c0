"""Task 1.1: lists, one function of which needs numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("1.1", title="Lists", points=10, hidden_points=2, files=("tinypack/lists.py",))

lists = st.lists(st.integers(100, 199), min_size=1, max_size=3)


@property_check(cases={"xs": lists}, expect=lambda xs: [2 * x for x in xs])
def doubles_all(mt: Minitorch, xs: list[int]) -> Any:
    """`double_all` doubles each number of a list."""
    return mt.lists.double_all(xs)


@property_check(cases={"xs": lists}, expect=lambda xs: xs[::-1])
def turns_round(mt: Minitorch, xs: list[int]) -> Any:
    """`turned` turns a list round."""
    return mt.lists.turned(xs)
