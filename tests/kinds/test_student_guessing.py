"""What it is worth to guess which runs of a student's tests should fail: next to nothing.

Whoever guesses knows how many implementations there are, right and wrong, how often
each is tried, by the seed which turn of them a run belongs to, and that the first run
is of a right one. Nothing else tells the runs of a turn apart, so all that is left
to choose is how many of them to fail.
"""

from __future__ import annotations

import itertools
import math

import pytest

from minigrade.kinds.student_tests import REPETITIONS, TRIED_FOR_EACH


def best_guess(right: int, wrong: int, turns: int, enough: int) -> float:
    """Return the expected score of the best guess."""
    sizes = itertools.product(range(1, wrong + 1), repeat=turns)
    return max(passes(right, wrong, size) * catches(wrong, size, enough) for size in sizes)


def passes(right: int, wrong: int, sizes: tuple[int, ...]) -> float:
    """Return the chance that no run of a right implementation is among those failed."""
    unknown = [right - 1, *[right] * (len(sizes) - 1)]
    return math.prod(
        math.comb(wrong, size) / math.comb(wrong + others, size)
        for size, others in zip(sizes, unknown, strict=True)
    )


def catches(wrong: int, sizes: tuple[int, ...], enough: int) -> float:
    """Return the expected score if all failed runs are of wrong implementations.

    Each turn fails some of them; caught are those that every turn fails.
    """
    chances = {sizes[0]: 1.0}
    for size in sizes[1:]:
        then: dict[int, float] = {}
        for before, chance in chances.items():
            for both in range(min(before, size) + 1):
                ways = math.comb(before, both) * math.comb(wrong - before, size - both)
                then[both] = then.get(both, 0.0) + chance * ways / math.comb(wrong, size)
        chances = then
    return sum(min(k, enough) / enough * chance for k, chance in chances.items())


def test_guessing_is_worth_nothing() -> None:
    """The bounds that docs/writing-checks.md states: three right implementations."""
    for wrong in (8, 9, 10, 12):
        assert best_guess(3, wrong, REPETITIONS, enough=wrong) < 0.023
    assert best_guess(3, 2 * TRIED_FOR_EACH, REPETITIONS + 1, enough=2) < 0.014
    everything = passes(3, 8, (8,) * REPETITIONS)
    assert everything < 1 / 7_000


def test_the_sums_are_right() -> None:
    assert catches(4, (4, 4), enough=4) == 1
    assert catches(4, (2, 2), enough=4) == pytest.approx(1 / 4)
    assert catches(2, (1, 1), enough=1) == pytest.approx(1 / 2)
    assert passes(2, 1, (1,)) == pytest.approx(1 / 2)
    assert passes(2, 1, (1, 1)) == pytest.approx(1 / 2 * 1 / 3)
