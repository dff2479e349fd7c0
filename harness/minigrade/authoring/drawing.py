"""Draw cases with hypothesis, the same ones everywhere, and shrink those that fail.

Every setting is explicit: hypothesis would otherwise follow a profile, a
database and the environment. Two of its habits have no setting and are switched
off while a check draws. It mines constants from local modules, so that a wheel
and a checkout would draw different cases, and the kinks of the functions under
test would be hit on purpose. And it makes most cases by copying parts of others
about, which takes longer than asking new ones; where equal parts matter, a
strategy says so.

Cases are drawn by the handful: most of what hypothesis spends on a draw does not
depend on its size, and a handful that fails shrinks to the one case that does.
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
from hypothesis.internal.conjecture.engine import ConjectureRunner
from hypothesis.internal.constants_ast import Constants

from minigrade.errors import CourseError

HANDFUL = 8
"""Cases in one draw."""


class Failing(Exception):
    """A case failed. Each category has a class of its own, so that each is shrunk apart."""


@functools.cache
def failing(category: str) -> type[Failing]:
    """Return the exception class that tells hypothesis of failures of `category`."""
    return type(f"Failing_{category}", (Failing,), {})


def search(
    cases: st.SearchStrategy[Any], ask: Callable[[Any], str | None], *, count: int, seed_number: int
) -> None:
    """Put about `count` drawn cases to `ask`, and smaller ones once one has failed.

    Args:
        cases: what to draw.
        ask: returns the category of a failure, or None. It must give the same
            answer for the same case, and remembers what it was asked.
        count: how many cases to draw; fewer are asked if some are drawn twice.
        seed_number: decides which.

    Raises:
        CourseError: the strategy cannot draw.
    """

    @seed(seed_number)
    @settings(
        max_examples=-(-count // HANDFUL),
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
    @given(handful=st.tuples(*[cases] * HANDFUL))
    def examine(handful: tuple[Any, ...]) -> None:
        for case in handful:
            category = ask(case)
            if category is not None:
                raise failing(category)

    with _habits_off():
        try:
            examine()
        except* Failing:
            pass
        except* Flaky:
            pass  # `ask` remembers, so only the author's strategy can be flaky; cases still count
        except* HypothesisException as group:
            raise CourseError(f"its cases cannot be drawn: {group.exceptions[0]}") from group


@contextmanager
def _habits_off() -> Iterator[None]:
    """Keep hypothesis from mining constants and from mutating cases; see above."""
    mined, mutated = providers._get_local_constants, ConjectureRunner.generate_mutations_from
    providers.CONSTANTS_CACHE.cache.clear()
    providers._get_local_constants = Constants
    ConjectureRunner.generate_mutations_from = _no_mutations  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        providers._get_local_constants = mined
        ConjectureRunner.generate_mutations_from = mutated  # type: ignore[method-assign]
        providers.CONSTANTS_CACHE.cache.clear()


def _no_mutations(runner: ConjectureRunner, data: object) -> None:
    """Stand in for `ConjectureRunner.generate_mutations_from`."""
