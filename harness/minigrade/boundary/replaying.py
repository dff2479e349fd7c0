"""Run a test on cases that hypothesis has drawn for it before.

To draw a case takes hypothesis longer than to run it, and a test that is tried with
another implementation gets the same cases, as these depend on the seed alone. So they
are drawn once, by a run that calls nothing, and the function below `given` is called with
them. (As explicit examples they would cost as much again as drawing them.)

A test that has a say in what it is given is left to hypothesis: one that draws as it
runs, one whose strategies call what it tests, one with examples of its own, and one that
rejects cases, which gets others instead.

Nothing here imports hypothesis, as most processes must not: the test has.
"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

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

    if getattr(test, "hypothesis_explicit_examples", ()):
        return None
    inner, test.hypothesis.inner_test = test.hypothesis.inner_test, keep
    try:
        test(**arguments)
    except Exception:
        return None  # the test, when it is run, will say why
    finally:
        test.hypothesis.inner_test = inner
    return found if all(map(_is_plain, found)) else None


def _is_plain(value: Any) -> bool:
    """Tell what can be copied, and looks the same to each run that gets a copy."""
    if type(value) in (list, tuple):
        return all(map(_is_plain, value))
    if type(value) is dict:
        return all(map(_is_plain, value.values()))
    return type(value) in _PLAIN


def _replayed(test: Any, arguments: Mapping[str, Any], cases: _Cases) -> bool:
    """Run a test on cases; return whether it needed hypothesis for none of them."""
    inner, errors = test.hypothesis.inner_test, sys.modules["hypothesis"].errors
    for case in cases:
        random.seed(0)  # as hypothesis does
        np.random.seed(0)
        try:
            inner(**arguments, **copy.deepcopy(case))
        except errors.HypothesisException:  # by `assume`, or by `note` out of a run of its own
            return False
        except Exception as error:
            shown = ", ".join(f"{name}={value!r}" for name, value in case.items())
            error.add_note(f"Falsifying example: {inner.__name__}({shown})")
            raise
    return True
