"""Task 1, hidden: large numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, property_check


@property_check(cases={"x": st.integers(1000, 2000).map(float)}, expect=lambda x: 2 * x)
def doubles_large_numbers(mt: Minitorch, x: float) -> Any:
    """`double` doubles large numbers too."""
    return mt.double(x)
