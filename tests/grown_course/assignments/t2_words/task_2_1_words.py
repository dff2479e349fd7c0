"""Task 2.1: a word written twice, backwards."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from minigrade import Minitorch, Task, property_check

TASK = Task("2.1", title="Words", points=6, files=("tinypack/words.py",))


@property_check(cases={"word": st.text("abc", min_size=1)}, expect=lambda word: 2 * word[::-1])
def writes_twice(mt: Minitorch, word: str) -> Any:
    """`twice` writes a word twice, backwards."""
    return mt.words.twice(word)
