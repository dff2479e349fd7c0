"""The `property` kind: does a probe give the right values, whatever the case?

Hypothesis draws and shrinks in the grader; one case is one call of the probe in
a worker; expectation and judgement stay in the grader.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from typing import Any

import msgspec
from hypothesis import strategies as st

from minigrade.authoring.drawing import search
from minigrade.authoring.judging import Judge, close
from minigrade.boundary import wire
from minigrade.boundary.session import CALL_LIMIT_S, Crashed, Observation, Returned, TimedOut
from minigrade.errors import CourseError, MinigradeError
from minigrade.kinds.base import Means, Question, make_check, place
from minigrade.kinds.failures import describe, printable
from minigrade.kinds.snippets import as_code
from minigrade.model import Case, Check, Status, Verdict

DEFAULT_COUNT = 180
COMPILE_LIMIT_S = 40.0  # for a call, where kernels are compiled in it
CHECK_LIMIT_S = 60.0  # for all calls of one question
_CALLS_AFTER_A_FAILURE = 300
_DEATHS_AFTER_A_FAILURE = 8
_HOPELESS = ("stub", "missing", "import")  # the same for every case: nothing to shrink

Strategies = Mapping[str, st.SearchStrategy[Any]] | st.SearchStrategy[Any]


class Property(msgspec.Struct, frozen=True):
    """What a property check needs; see `property_check`."""

    cases: Strategies | Callable[[Any], Strategies]
    expect: Callable[..., Any]
    examples: tuple[Case, ...] | Mapping[Any, tuple[Case, ...]]
    judge: Judge | Mapping[Any, Judge]
    count: int
    time_limit_s: float


def property_check(  # noqa: PLR0913  (all by name; a check states those that it needs)
    *,
    cases: Strategies | Callable[[Any], Strategies],
    expect: Callable[..., Any],
    examples: tuple[Case, ...] | Mapping[Any, tuple[Case, ...]] = (),
    each: tuple[Hashable, ...] = (),
    weight: int | Fraction = 1,
    count: int = DEFAULT_COUNT,
    judge: Judge | Mapping[Any, Judge] | None = None,
    time_limit_s: float | None = None,
    jit: bool | None = None,
    compiles: bool = False,
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of a probe: ``(mt, **case) -> plain values``.

    The probe runs beside the student's code; everything given here stays in the
    grader. Its docstring is the sentence that the student reads.

    Args:
        cases: a strategy a parameter of the probe, or one strategy that draws
            dicts of them; with `each`, a function from a value to either.
        expect: ``(**case) -> plain values``, what the probe should return.
        examples: cases that are always asked, first; with `each`, a mapping
            from a value to its examples where they differ.
        each: values that probe and `expect` get before the case, an outcome each.
        weight: the check's share of the task, over all values of `each`.
        count: about how many cases to draw.
        judge: compares expectation and observation; `close()` by default. With `each`,
            a mapping from a value to its judge where that is another one.
        time_limit_s: for one call; by default 5 s, or 40 s where a kernel may be compiled.
        jit: False asks in a worker where numba compiles nothing, so that a kernel runs
            as Python: mistakes are found fast, and have lines. True asks in one that
            compiles, and finds kernels that other workers have compiled.
        compiles: with ``jit=True``, the first example of each value of `each` is run
            before anything is asked, and the kernels that it needs are kept for all.

    Raises:
        CourseError: cases, examples or count cannot be meant; when the check is made.
    """

    def decorate(probe: Callable[..., Any]) -> Check:
        if not isinstance(cases, Mapping | st.SearchStrategy) and not (each and callable(cases)):
            raise CourseError(
                f"{place(probe)} has cases={cases!r}; expected a strategy, a dict of strategies, "
                "or with `each` a function from a value to either"
            )
        if isinstance(examples, Case) or not isinstance(examples, tuple | Mapping):
            raise CourseError(
                f"{place(probe)} has examples={examples!r}; expected a tuple of Case(…)"
            )
        if isinstance(judge, Mapping) and not set(judge) <= set(each):
            raise CourseError(f"{place(probe)} has a judge for a value that is not in `each`")
        if count < 1:
            raise CourseError(f"{place(probe)} has count={count}; expected 1 or more")
        if compiles and not (jit and examples):
            raise CourseError(f"{place(probe)} has compiles=True; expected jit=True and examples")
        limit_s = time_limit_s or (COMPILE_LIMIT_S if jit else CALL_LIMIT_S)
        spec = Property(cases, expect, examples, judge or close(), count, limit_s)
        made = make_check(PROPERTY, probe, spec, weight=weight, each=each)
        return msgspec.structs.replace(made, jit=jit, compiles=compiles)

    return decorate


def examples_of(spec: Property, value: Hashable | None) -> tuple[Case, ...]:
    """Return the examples of a check for a value of its `each`."""
    return spec.examples.get(value, ()) if isinstance(spec.examples, Mapping) else spec.examples


def judge_of(spec: Property, value: Hashable | None) -> Judge:
    """Return the judge of a check for a value of its `each`."""
    return spec.judge.get(value, close()) if isinstance(spec.judge, Mapping) else spec.judge


class _PropertyKind:
    """See `minigrade.kinds.base.Kind`."""

    name = "property"
    has_probe = True

    def examine(self, question: Question, means: Means) -> Verdict:
        """Ask the examples, then drawn cases, and shrink what fails."""
        return _Examination(question, means).verdict()


PROPERTY = _PropertyKind()


class _Failure(msgspec.Struct):
    """One case that failed, and how. Not what was observed: many would fill the memory."""

    case: dict[str, Any]
    expected: Any
    verdict: Verdict


# Each call may keep to its limit, and all together take a quarter of an hour.
_TOO_SLOW = Verdict(
    status=Status.TIMED_OUT,
    category="timed_out",
    message=f"the cases together took more than {CHECK_LIMIT_S:g} s; each should take "
    "milliseconds. Is something computed again and again, or waited for?",
)


class _Examination:
    """One run of a property check.

    Outcomes are remembered by encoded case, so that hypothesis sees a function of
    the case even where the submission is none. After a failure only so many more
    unseen cases are asked, and the rest count as passing: hypothesis's own bound on
    shrinking is in seconds, and would make the smallest case depend on the machine.
    """

    def __init__(self, question: Question, means: Means) -> None:
        self._question = question
        self._means = means
        self._spec: Property = question.check.spec
        self._seen: dict[bytes, _Failure | None] = {}
        self._failures: dict[str, _Failure] = {}
        self._calls_left = 10**9
        self._left_s = CHECK_LIMIT_S
        self._deaths_left = _DEATHS_AFTER_A_FAILURE
        self._broken: MinigradeError | None = None

    def verdict(self) -> Verdict:
        """Return what became of the check.

        Raises:
            CourseError: its cases or its expectation cannot be had.
        """
        for example in self._examples():
            self._ask(dict(example))
        if self._calls_left:
            count = self._spec.count if self._question.cases is None else self._question.cases
            search(self._strategy(), self._ask, count=count, seed_number=self._question.seed)
        if self._broken:
            raise self._broken
        asked = len(self._seen)
        if not self._failures:
            return Verdict(status=Status.PASSED, score=Fraction(1), cases=asked)
        first = next(iter(self._failures.values()))
        if first.verdict.status is Status.SKIPPED:
            return first.verdict  # no case is to blame
        others = [failure.verdict.message for failure in list(self._failures.values())[1:]]
        return msgspec.structs.replace(
            first.verdict,
            cases=asked,
            case=as_code(self._question, first.case),
            expected=printable(first.expected),
            data={"also": others} if others else {},
        )

    def _examples(self) -> tuple[Case, ...]:
        return examples_of(self._spec, self._question.value)

    def _strategy(self) -> st.SearchStrategy[Any]:
        cases = self._spec.cases
        if not isinstance(cases, Mapping | st.SearchStrategy):
            cases = cases(self._question.value)
        return st.fixed_dictionaries(dict(cases)) if isinstance(cases, Mapping) else cases

    def _ask(self, case: dict[str, Any]) -> str | None:
        """Return the category of the failure of `case`, or None.

        The last case of a category to come by is the smallest: hypothesis replays
        what it shrank at the end.
        """
        try:
            key = wire.encode(case)
            if key not in self._seen:
                if self._calls_left <= 0:
                    return None
                self._calls_left -= 1
                self._seen[key] = self._judge(case, key)
        except MinigradeError as error:  # not a failure of the case: keep it from hypothesis
            self._broken = self._broken or error
            self._calls_left = 0
            return None
        failure = self._seen[key]
        if failure is None:
            return None
        category = failure.verdict.category
        self._failures[category] = failure
        return category

    def _judge(self, case: dict[str, Any], key: bytes) -> _Failure | None:
        """Ask one unseen case, encoded as `key`."""
        leading = self._question.leading()
        try:
            expected = wire.plain(self._spec.expect(*leading, **case))
        except Exception as error:
            name = self._question.id
            raise CourseError(f"{name}: `expect` fails on {case}: {error!r}") from error
        if wire.encode(case) != key:  # the probe would get another one
            raise CourseError(f"{self._question.id}: `expect` changes its arguments, as in {case}")
        started = time.monotonic()
        observed = self._means.session.call(
            self._question.check.name, leading, case, time_limit_s=self._spec.time_limit_s
        )
        self._left_s -= time.monotonic() - started
        if self._left_s <= 0:
            self._calls_left = 0
            return _Failure(case, expected, _TOO_SLOW)
        verdict = self._compare(expected, observed)
        if verdict is None:
            return None
        self._limit_what_follows(observed, verdict)
        return _Failure(case, expected, verdict)

    def _compare(self, expected: Any, observed: Observation) -> Verdict | None:
        if not isinstance(observed, Returned):
            return describe(observed, self._question, self._means.session.problems)
        mismatch = judge_of(self._spec, self._question.value)(expected, observed.value)
        if mismatch is None:
            return None
        return Verdict(
            status=Status.FAILED,
            category=mismatch.category,
            message=mismatch.message,
            observed=printable(observed.value),
            printed=observed.printed,
        )

    def _limit_what_follows(self, observed: Observation, verdict: Verdict) -> None:
        """Bound the search for a smaller case."""
        self._calls_left = min(self._calls_left, _CALLS_AFTER_A_FAILURE)
        if isinstance(observed, TimedOut) or verdict.category in _HOPELESS:
            self._calls_left = 0
        elif isinstance(observed, Crashed):
            self._deaths_left -= 1
            if self._deaths_left <= 0:
                self._calls_left = 0
