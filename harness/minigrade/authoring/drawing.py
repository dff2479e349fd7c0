"""Draw cases with hypothesis, the same ones everywhere, and shrink those that fail.

Every setting is explicit: hypothesis would otherwise follow a profile, a
database and the environment. Its mining of constants from local modules is
switched off while a check draws, or a wheel and a checkout would draw different
cases, and the kinks of the functions under test would be hit on purpose.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky, HypothesisException
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants

from minigrade.errors import CourseError


class Failing(Exception):
    """A case failed. Each category has a class of its own, so that each is shrunk apart."""


@functools.cache
def failing(category: str) -> type[Failing]:
    """Return the exception class that tells hypothesis of failures of `category`."""
    return type(f"Failing_{category}", (Failing,), {})


def search(
    cases: st.SearchStrategy[Any], ask: Callable[[Any], str | None], *, count: int, seed_number: int
) -> None:
    """Put up to `count` drawn cases to `ask`, and smaller ones once one has failed.

    Args:
        cases: what to draw.
        ask: returns the category of a failure, or None. It must give the same
            answer for the same case, and remembers what it was asked.
        count: how many cases to draw at most; fewer if there are no more.
        seed_number: decides which.

    Raises:
        CourseError: the strategy cannot draw.
    """

    @seed(seed_number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        derandomize=False,
        report_multiple_bugs=True,
        print_blob=False,
        stateful_step_count=50,
        backend="hypothesis",
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=cases)
    def examine(case: Any) -> None:
        category = ask(case)
        if category is not None:
            raise failing(category)

    with _nothing_mined():
        try:
            examine()
        except* Failing:
            pass
        except* Flaky:
            pass  # `ask` remembers, so only the author's strategy can be flaky; cases still count
        except* HypothesisException as group:
            raise CourseError(f"its cases cannot be drawn: {group.exceptions[0]}") from group


@contextmanager
def _nothing_mined() -> Iterator[None]:
    """Keep hypothesis from taking constants out of the modules at hand."""
    mined = providers._get_local_constants
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = Constants
    try:
        yield
    finally:
        providers._get_local_constants = mined
        providers.CONSTANTS_CACHE.cache.clear()
