"""Task 2: words, which need numbers."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("2", title="Words", points=5, requires=("1",), files=("tinypack/words.py",))


@property_check(cases={"word": st.text("abc", max_size=4)}, expect=lambda word: word[::-1] + "!")
def reverses(mt: Minitorch, word: str) -> Any:
    """`reverse` turns a word round and adds an exclamation mark."""
    return mt.reverse(word)
