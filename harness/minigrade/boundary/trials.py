"""The grader's handle on a process that runs a student's own tests.

A `Trials` is a `Session` whose process may ask back: while a test runs, each call of
a function that has been replaced comes here, and is answered by whom the caller of
`run` has chosen. See `minigrade.boundary.tester` for the other end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, cast

import msgspec

from minigrade.boundary.process import Process
from minigrade.boundary.session import (
    LOAD_LIMIT_S,
    Observation,
    Session,
    _observe,
)
from minigrade.boundary.wire import BODY_LIMIT_BYTES, PlainValue
from minigrade.errors import WorkerStalled

RUN_LIMIT_S = 10.0

AnswerCalls = Callable[[Sequence[tuple[str, list[PlainValue]]]], Sequence[dict[str, PlainValue]]]
"""From names of functions, with arguments, to what each call gives: ``{"value": …}`` or
``{"raised": …, "message": …}``."""


class Suite(msgspec.Struct, frozen=True):
    """What tests are about.

    Attributes:
        file: the test file, relative to the submission.
        module: the module of the package whose functions are replaced.
        replaced: their names.
    """

    file: str
    module: str
    replaced: tuple[str, ...]


class Trials(Session):
    """A process with a submission and one file of its tests, whose functions ask back."""

    _suite: Suite | None = None
    _loaded: Observation | None = None

    def load(self, suite: Suite, answer: AnswerCalls) -> Observation:
        """Have the test file imported, with proxies in place of what it tests.

        Once for each suite and process: tests keep what they keep between runs.

        Returns:
            `Returned`, with the marks of each test by its name; or what went wrong.
        """
        alive = self._process is not None and self._process.alive
        if self._loaded is None or not alive or self._suite != suite:
            self._suite, self._loaded = suite, self._start()
            request = {"do": "load_tests", **msgspec.to_builtins(suite)}
            if self._loaded is None:
                self._loaded = self._converse(request, answer, LOAD_LIMIT_S)
        return self._loaded

    def run(
        self, tests: Sequence[str], answer: AnswerCalls, *, seed: int, count: int, shrink: bool
    ) -> Observation:
        """Run tests of the file that was loaded last; `answer` stands in for what they test.

        Args:
            tests: names of test functions.
            answer: is asked for all calls.
            seed: decides what cases hypothesis draws.
            count: how many cases it draws, at most.
            shrink: whether to look for a smaller case when one fails.
        """
        request = {
            "do": "run",
            "tests": list(tests),
            "seed": seed,
            "count": count,
            "shrink": shrink,
        }
        return self._converse(request, answer, RUN_LIMIT_S)

    def _converse(
        self, request: dict[str, Any], answer: AnswerCalls, limit_s: float
    ) -> Observation:
        assert self._process is not None
        line = cast("Process", _Conversation(self._process, answer))
        return _observe(line, request, limit_s, BODY_LIMIT_BYTES)

    def _fork(self) -> None:
        self.close()
        self._process = self._zygote.fork(
            "tester",
            readable=[self._loadable.root],
            writable=[self._loadable.scratch],
            environment=self._loadable.environment,
        )


class _Conversation:
    """A `Process` that answers what it is asked before it has the answer to a request."""

    def __init__(self, process: Process, answer: AnswerCalls) -> None:
        self._process = process
        self._answer = answer
        self.printed, self.end = process.printed, process.end

    def ask(
        self, request: dict[str, Any], limit_s: float, body_limit_bytes: int
    ) -> tuple[str, PlainValue]:
        """Return kind and content of the answer to `request`; see `Process.ask`."""
        deadline = time.monotonic() + limit_s
        kind, content = self._process.ask(request, limit_s, body_limit_bytes)
        while kind == "asked":
            answers = self._answer(msgspec.convert(content, list[tuple[str, list[Any]]]))
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise WorkerStalled(f"still asking after {limit_s} s")
            resumed = {"do": "resume", "answers": list(answers)}
            kind, content = self._process.ask(resumed, left_s, body_limit_bytes)
        return kind, content
