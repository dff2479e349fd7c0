"""Canaries: what we switch off in hypothesis is there to be switched off, and stays so."""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.internal.conjecture import providers
from hypothesis.internal.conjecture.engine import ConjectureRunner

from minigrade.authoring.drawing import search
from minigrade.errors import CourseError


def drawn(strategy: st.SearchStrategy[Any], count: int = 200, seed: int = 0) -> list[Any]:
    seen: list[Any] = []
    search(strategy, seen.append, count=count, seed_number=seed)
    return seen


def test_the_habits_of_hypothesis_are_where_we_switch_them_off() -> None:
    assert not inspect.signature(providers._get_local_constants).parameters
    assert list(inspect.signature(ConjectureRunner.generate_mutations_from).parameters) == [
        "self",
        "data",
    ]
    before = (providers._get_local_constants, ConjectureRunner.generate_mutations_from)
    drawn(st.integers())
    after = (providers._get_local_constants, ConjectureRunner.generate_mutations_from)
    assert before == after


def test_constants_of_local_modules_are_not_mined(tmp_path: Path) -> None:
    """A module full of one odd number changes nothing about what is drawn."""
    (tmp_path / "local_constants.py").write_text("X = [" + "73519.25, " * 50 + "]\n")
    program = """
        import sys
        if sys.argv[1] == "with": import local_constants
        from hypothesis import strategies as st
        from minigrade.authoring.drawing import search
        seen = []
        search(st.floats(0, 1e6), seen.append, count=2000, seed_number=3)
        print(seen)
    """
    texts = {
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), which],
            cwd=tmp_path, capture_output=True, text=True, check=True,
        ).stdout
        for which in ("with", "without")
    }  # fmt: skip
    assert len(texts) == 1
    assert "73519.25" not in texts.pop()


def test_the_same_seed_draws_the_same_and_another_other_cases() -> None:
    numbers = st.integers(0, 10**6)
    assert drawn(numbers) == drawn(numbers)
    assert drawn(numbers) != drawn(numbers, seed=1)


def test_cases_are_many_and_mostly_different() -> None:
    numbers = drawn(st.integers(0, 10**6), count=200)
    assert len(numbers) == 200
    assert len(set(numbers)) > 100


def test_a_failure_shrinks_to_the_smallest_case() -> None:
    failed: list[int] = []

    def ask(number: int) -> str | None:
        if number >= 777:
            failed.append(number)
            return "large"
        return None

    search(st.integers(0, 10**6), ask, count=200, seed_number=0)
    assert failed[-1] == 777


def test_each_category_is_shrunk_apart() -> None:
    failed: dict[str, int] = {}

    def ask(number: int) -> str | None:
        category = "odd" if number % 2 else "large" if number > 500 else None
        if category:
            failed[category] = number
        return category

    search(st.integers(0, 10**6), ask, count=200, seed_number=0)
    assert failed == {"odd": 1, "large": 502}


def test_a_strategy_that_cannot_draw_is_the_authors_mistake() -> None:
    with pytest.raises(CourseError, match="cannot be drawn"):
        drawn(st.integers().filter(lambda _: False))
