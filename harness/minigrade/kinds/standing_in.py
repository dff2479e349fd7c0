"""Answer the calls of students' tests, as one implementation or another would."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from minigrade.boundary.session import Observation, Raised, Returned, Session

_LIMIT_S = 2.0

Implementations = Mapping[str, Mapping[str, Callable[..., Any]]]
"""Functions by name, for each implementation, by a few words that describe it."""

Answer = dict[str, Any]
"""What a call gave: ``{"value": …}`` or ``{"raised": …, "message": …}``."""


class StandIns:
    """All implementations of a check; what is known of one is not asked again.

    Args:
        session: a worker without student code.
        probe: carries out a call there, given implementation, name and arguments.
        implementations: the first has all functions, which others share but for their own.
    """

    def __init__(self, session: Session, probe: str, implementations: Implementations) -> None:
        self._session = session
        self._probe = probe
        self._all = implementations
        self.first = next(iter(implementations))
        self._known: dict[tuple[str, str, str], Answer] = {}

    def answers(self, implementation: str, calls: Sequence[tuple[str, list[Any]]]) -> list[Answer]:
        """Return what an implementation gives for each call, a name and arguments."""
        keys = [(self._owner(implementation, name), name, repr(args)) for name, args in calls]
        missing = {
            key: [*key[:2], args]
            for key, (_, args) in zip(keys, calls, strict=True)
            if key[0] and key not in self._known
        }
        if missing:
            seen = self._session.call_each(
                self._probe, list(missing.values()), time_limit_s=_LIMIT_S
            )
            self._known.update(zip(missing, map(_answer, seen), strict=True))
        return [self._known[key] if key[0] else _unknown(key[1]) for key in keys]

    def differs(self, implementation: str, calls: Sequence[tuple[str, list[Any]]]) -> bool:
        """Tell whether an implementation and the first give for any of the calls another value."""
        pairs = zip(
            self.answers(implementation, calls), self.answers(self.first, calls), strict=True
        )
        return not all(_same(one, other) for one, other in pairs)

    def _owner(self, implementation: str, name: str) -> str:
        """Return whose function is called; nobody's if there is none of that name."""
        if name in self._all[implementation]:
            return implementation
        return self.first if name in self._all[self.first] else ""


def _unknown(name: str) -> Answer:
    return {"raised": "NameError", "message": f"{name} is not replaced"}


def _answer(seen: Observation) -> Answer:
    match seen:
        case Returned(value=value):
            return {"value": value}
        case Raised(type=kind, message=message):
            return {"raised": kind, "message": message}
    return {"raised": "RuntimeError", "message": "these arguments are too much"}


def _same(one: Answer, other: Answer) -> bool:
    """Whether two answers are the same, NaN included; a message is no part of one."""
    if "raised" in one or "raised" in other:
        return one.get("raised") == other.get("raised")
    return repr(one["value"]) == repr(other["value"])
