"""Run a test on cases that hypothesis has drawn for it before.

To draw a case takes hypothesis longer than to run it, and a test that is tried with
another implementation gets the same cases, as these depend on the seed alone. So they
are drawn once, by a run that calls nothing, and given as explicit ones afterwards.

A test that has a say in what it is given is left to hypothesis: one that draws as it
runs, one whose strategies call what it tests, and one that rejects cases, which gets
others instead.

Nothing here imports hypothesis, as most processes must not: the test has. How hypothesis
keeps explicit cases is its own affair: where it keeps them otherwise, tests run as usual.
"""

from __future__ import annotations

import copy
import functools
import sys
from collections.abc import Callable, Mapping
from typing import Any

_PLAIN = (type(None), bool, int, float, str)
_Cases = list[dict[str, Any]]


class Replayer:
    """Knows the cases of one file's tests."""

    def __init__(self) -> None:
        self._drawn: dict[tuple[Any, ...], _Cases | None] = {}

    def run(
        self,
        test: Any,
        arguments: Mapping[str, Any],
        key: tuple[Any, ...],
        asked: Callable[[], int],
    ) -> None:
        """Run a test as hypothesis would; raise what it raises.

        Args:
            test: decorated by ``given``, with its settings and seed in place.
            arguments: those that hypothesis does not draw.
            key: what the cases depend on.
            asked: tells how many calls of what is tested there have been.
        """
        if key not in self._drawn:
            before = asked()
            cases = _drawn(test, arguments)
            self._drawn[key] = cases if asked() == before else None
        cases = self._drawn[key]
        if not cases or not _replayed(test, arguments, cases):
            test(**arguments)


def is_drawing(test: Any) -> bool:
    """Tell whether hypothesis gives a test its cases."""
    return hasattr(test, "hypothesis") and hasattr(test.hypothesis, "inner_test")


def _drawn(test: Any, arguments: Mapping[str, Any]) -> _Cases | None:
    """Return the cases that hypothesis draws for a test; None if they cannot be kept."""
    found: _Cases = []

    def keep(**given: Any) -> None:
        found.append({name: given[name] for name in given if name not in arguments})

    before = test.hypothesis.inner_test, getattr(test, "hypothesis_explicit_examples", ())
    test.hypothesis.inner_test, test.hypothesis_explicit_examples = keep, ()
    try:
        test(**arguments)
    except Exception:
        return None  # the test, when it is run, will say why
    finally:
        test.hypothesis.inner_test, test.hypothesis_explicit_examples = before
    return found if all(map(_is_plain, found)) else None


def _is_plain(value: Any) -> bool:
    """Tell what can be copied, and looks the same to each run that gets a copy."""
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, value.values()))
    return type(value) in _PLAIN


def _replayed(test: Any, arguments: Mapping[str, Any], cases: _Cases) -> bool:
    """Run a test on cases, its own explicit ones first; return whether it took them all."""
    hypothesis: Any = sys.modules["hypothesis"]
    settings = getattr(test, "_hypothesis_internal_use_settings", None)
    example = getattr(hypothesis.core, "Example", None)
    if settings is None or example is None:
        return False
    inner, taken = test.hypothesis.inner_test, 0
    examples = tuple(getattr(test, "hypothesis_explicit_examples", ()))

    @functools.wraps(inner)  # by its name, too, cases are shown
    def watched(**given: Any) -> Any:
        nonlocal taken
        found = inner(**given)
        taken += 1
        return found

    drawn = [example((), copy.deepcopy(case)) for case in cases]
    test.hypothesis.inner_test = watched
    test.hypothesis_explicit_examples = (*reversed(drawn), *examples)  # run from the last one
    test._hypothesis_internal_use_settings = hypothesis.settings(
        settings, phases=(hypothesis.Phase.explicit,)
    )
    try:
        test(**arguments)
    finally:
        test.hypothesis.inner_test, test.hypothesis_explicit_examples = inner, examples
        test._hypothesis_internal_use_settings = settings
    return taken == len(cases) + len(examples)
