"""Task 1.1: lists, one function of which needs numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check, source_check

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


@property_check(cases={"x": st.integers(100, 199)}, expect=lambda x: [2 * x], weight=0)
def doubles_a_single_number(mt: Minitorch, x: int) -> Any:
    """A list may have one number only; it is good to know, and earns nothing."""
    return mt.lists.double_all([x])


@source_check(files=("tinypack/numbers.py",), forbid_imports=("math",), cap=Fraction(1, 2))
def needs_no_mathematics() -> None:
    """Numbers are frozen: nothing may be imported there."""
