"""A test that is run on cases drawn before sees what hypothesis would have given it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, example, given, note, settings
from hypothesis import strategies as st

from minigrade.boundary.replaying import Replayer, is_drawing

Seen = list[Any]
COUNT = 20


def quietly(test: Any, number: int = 5) -> Any:
    """Return a test with settings and a seed in place, as a grader puts them there."""
    test._hypothesis_internal_use_settings = settings(
        max_examples=COUNT,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    test._hypothesis_internal_use_seed = number
    return test


def numbers(seen: Seen) -> Any:
    @given(st.floats(-100, 100), st.integers())
    def test(x: float, n: int) -> None:
        seen.append((x, n))

    return quietly(test)


def lists(seen: Seen) -> Any:
    @given(st.lists(st.tuples(st.booleans(), st.text())))
    def test(items: list[Any]) -> None:
        seen.append(list(items))
        items.append("more")  # the next run gets a list of its own

    return quietly(test)


def own_examples(seen: Seen) -> Any:
    @example(x=7)
    @given(x=st.integers())
    @example(x=9)
    def test(x: int) -> None:
        note("as any test may")
        seen.append(x)

    return quietly(test)


def rejected(seen: Seen) -> Any:
    @given(st.integers(0, 999))
    def test(n: int) -> None:
        assume(n % 4 == 0)
        seen.append(n)

    return quietly(test)


def drawn_within(seen: Seen) -> Any:
    @given(st.data())
    def test(data: Any) -> None:
        seen.append(data.draw(st.integers()))

    return quietly(test)


def made_by_objects(seen: Seen) -> Any:
    @given(st.builds(complex, st.integers(0, 9)))
    def test(z: complex) -> None:
        seen.append(z)

    return quietly(test)


@pytest.mark.parametrize(
    "make", [numbers, lists, own_examples, rejected, drawn_within, made_by_objects]
)
def test_each_run_sees_what_hypothesis_gives(make: Callable[[Seen], Any]) -> None:
    alone: Seen = []
    make(alone)()
    assert len(alone) >= min(COUNT, len(set(map(repr, alone)))) > 3
    seen: Seen = []
    test, replayer = make(seen), Replayer()
    assert is_drawing(test)
    for _ in range(3):
        seen.clear()
        replayer.run(test, {}, ("key",), lambda: 0)
        # One whose cases are rejected sees some of them twice, and all in the end.
        assert seen[-len(alone) :] == alone


def test_cases_are_drawn_once() -> None:
    made: Seen = []
    seen: Seen = []

    @given(st.integers().map(lambda n: made.append(n) or n))  # type: ignore[func-returns-value]
    def test(n: int) -> None:
        seen.append(n)

    replayer = Replayer()
    for _ in range(4):
        replayer.run(quietly(test), {}, ("key",), lambda: 0)
    assert len(seen) == 4 * COUNT
    assert len(made) < 2 * COUNT
    replayer.run(quietly(test, 6), {}, ("another key",), lambda: 0)
    assert seen[:COUNT] == seen[COUNT : 2 * COUNT] != seen[-COUNT:]


def test_strategies_that_ask_what_is_tested_draw_anew() -> None:
    """What they draw depends on the implementation."""
    asked = 0
    limit = 0
    seen: Seen = []

    def is_large(n: int) -> bool:
        nonlocal asked
        asked += 1
        return n > limit

    @given(st.integers(0, 99).filter(is_large))
    def test(n: int) -> None:
        seen.append(n)

    replayer = Replayer()
    for limit in (10, 60):
        seen.clear()
        replayer.run(quietly(test), {}, ("key",), lambda: asked)
        assert min(seen) > limit


def test_what_fails_is_raised_with_its_case() -> None:
    @given(st.integers(), st.sampled_from([1, 2]))
    def test_small(n: int, factor: int) -> None:
        assert n * factor < 1_000

    replayer, test = Replayer(), quietly(test_small)
    for _ in range(2):
        with pytest.raises(AssertionError) as caught:
            replayer.run(test, {}, ("key",), lambda: 0)
        assert "test_small(" in "\n".join(caught.value.__notes__)


def test_arguments_that_are_not_drawn_stay() -> None:
    seen: Seen = []

    @given(n=st.integers(0, 9))
    def test(name: str, n: int) -> None:
        seen.append((name, n))

    replayer = Replayer()
    for name in ("one", "two"):
        seen.clear()
        replayer.run(quietly(test), {"name": name}, ("key",), lambda: 0)
        assert {found for found, _ in seen} == {name}
        assert len(seen) >= 10


def test_a_strategy_that_cannot_draw_says_so() -> None:
    @given(st.integers().map(lambda n: 1 // 0 * n))
    def test(n: int) -> None:
        raise AssertionError(n)

    with pytest.raises(ZeroDivisionError):
        Replayer().run(quietly(test), {}, ("key",), lambda: 0)


NOTHING_MINED = """
import hypothesis
from hypothesis.internal.conjecture import providers
from minigrade.boundary import tester
before = providers._get_local_constants()
tester._set_up_hypothesis(print, 1, 20, shrink=False)
assert providers._get_local_constants() == type(before)() != before
"""


def test_numbers_in_local_modules_are_no_cases() -> None:
    """Which modules are local, for hypothesis, depends on how minigrade is installed."""
    command = [sys.executable, "-c", NOTHING_MINED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
