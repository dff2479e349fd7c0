"""Ask ahead: what a test has called of one implementation, it will call of the next.

To ask the grader for a value takes longer than to run a case. So a tester keeps the calls
of a run; and when the same run comes for another implementation, it asks for a call and
for those that came after it, twice as many each time. A test that fails at once, as most
do with a wrong implementation, has then asked for little in vain.
"""

from __future__ import annotations

from collections.abc import Container, Hashable
from typing import Any

Key = tuple[str, str]
Call = tuple[str, list[Any]]
"""Of a function by its name, with arguments."""

_MOST = 64


class Foreseen:
    """The calls of each run that there was, in order."""

    def __init__(self) -> None:
        self._runs: dict[Hashable, dict[Key, Call]] = {}
        self._order: list[Key] = []
        self._place: dict[Key, int] = {}
        self._made: dict[Key, Call] = {}
        self._before: dict[Key, Call] = {}
        self._number = 1

    def begin(self, run: Hashable) -> None:
        """Begin a run; what it will call depends on `run` and on what values it gets."""
        self._made, self._number = {}, 1
        self._before = self._runs.get(run, {})
        self._order = list(self._before)
        self._place = {key: place for place, key in enumerate(self._order)}
        self._run = run

    def end(self) -> None:
        """Keep the calls of this run, if there never were more."""
        if len(self._made) > len(self._before):
            self._runs[self._run] = self._made

    def made(self, key: Key, call: Call) -> None:
        """Note a call."""
        self._made.setdefault(key, call)

    def after(self, key: Key, known: Container[Key]) -> dict[Key, Call]:
        """Return a call that was made before and some that came after it, those known apart."""
        place = self._place.get(key)
        if place is None:
            return {}
        ahead = self._order[place : place + self._number]
        self._number = min(2 * self._number, _MOST)
        return {one: self._before[one] for one in ahead if one not in known}
