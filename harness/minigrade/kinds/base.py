"""What every kind of check has in common: a question, the means to answer it, `Kind`.

To add a kind, write one file: a spec (a Struct), a class with `name` and
`examine`, and the decorator that makes a `Check` of them. Nothing is registered.
"""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Hashable
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from minigrade.boundary.session import Bench, Session
from minigrade.boundary.trials import Trials
from minigrade.errors import CourseError
from minigrade.model import Check, Task, Verdict, Visibility


@dataclasses.dataclass(frozen=True)
class Question:
    """One check, for one value of its `each`, put to one submission.

    Attributes:
        value: the value of ``each``, or None where the check has none.
        seed: decides every random choice.
        cases: how many cases to draw, where the user has said so.
        probe_text: the check's probe as the worker gets it, for snippets.
    """

    task: Task
    check: Check
    value: Hashable | None
    visibility: Visibility
    seed: int
    cases: int | None = None
    probe_text: str = ""

    @property
    def name(self) -> str:
        """``function[value]``."""
        return self.check.name if self.value is None else f"{self.check.name}[{self.value}]"

    @property
    def id(self) -> str:
        """``task/function[value]``."""
        return f"{self.task.id}/{self.name}"

    def leading(self) -> tuple[Hashable, ...]:
        """Return what a probe and an oracle get before the case: the value of `each`."""
        return () if self.value is None else (self.value,)


@dataclasses.dataclass(frozen=True)
class Means:
    """What a kind may use to answer a question.

    Attributes:
        session: a worker with the submission and this task's probes loaded.
        bench: parses and interprets the submission's text.
        trials: a worker with the submission and its tests.
        stand_ins: a worker with this task's probes, and nothing of the submission.
        root: the copy of the submission that is graded.
    """

    session: Session
    bench: Bench
    trials: Trials
    stand_ins: Session
    root: Path


class Kind(Protocol):
    """A way to answer questions."""

    @property
    def name(self) -> str:
        """One lower-case word, as reports show it."""

    def examine(self, question: Question, means: Means) -> Verdict:
        """Answer `question`. Whatever the submission does, this returns."""


@runtime_checkable
class HasProbe(Protocol):
    """A kind whose decorated function is a probe, and runs in a worker."""

    has_probe: bool


def make_check(
    kind: Kind,
    function: Callable[..., Any],
    spec: Any,
    *,
    weight: int | Fraction = 1,
    each: tuple[Hashable, ...] = (),
) -> Check:
    """Return the check that a decorator makes of `function`.

    Raises:
        CourseError: the function has no docstring, which is what a student reads; or
            weight or values cannot be meant.
    """
    where = place(function)
    sentence = (inspect.getdoc(function) or "").strip()
    if not sentence:
        raise CourseError(f"{where} has no docstring; its first line is what the student reads")
    if weight < 0:
        raise CourseError(f"{where} has weight={weight}; expected 0 or more")
    if not isinstance(each, tuple) or len(set(each)) != len(each):
        raise CourseError(f"{where} has each={each!r}; expected a tuple of different values")
    return Check(
        name=function.__name__,
        sentence=" ".join(sentence.split("\n\n")[0].split()),
        kind=kind,
        function=function,
        spec=spec,
        weight=Fraction(weight),
        each=each,
    )


def place(function: Callable[..., Any]) -> str:
    """Return where a check is declared, as an error of its author's begins."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}: the check {function.__name__}"
