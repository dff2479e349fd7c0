"""Task 1.1, hidden: long lists."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, property_check


@property_check(
    cases={"size": st.integers(120, 150)}, expect=lambda size: list(range(200, 2 * size, 2))
)
def doubles_long_lists(mt: Minitorch, size: int) -> Any:
    """`double_all` doubles long lists too."""
    return mt.lists.double_all(list(range(100, size)))
