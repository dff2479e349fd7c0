"""The `student_tests` kind: do a student's own tests catch wrong implementations?

The student's test file runs in a worker in which the functions that it tests are
proxies: each call is answered by an implementation in another worker, one that has
none of the student's code. Some implementations are right, and a test must pass
them all; the others are wrong, and it should fail them.

What a test decides is the word of the student's process, and is worth no more than
this: the process knows nothing of an implementation but the values it gives. Right
and wrong ones come in an order that nobody can know, each of them several times; one
is caught only if each run fails, and has been given a value that is wrong. So
whoever would guess loses; `docs/writing-checks.md` says how much.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import msgspec

from minigrade.boundary.session import Returned
from minigrade.boundary.trials import AnswerCalls, Suite
from minigrade.errors import CourseError
from minigrade.kinds import student_words as words
from minigrade.kinds.base import Means, Question, make_check, place
from minigrade.kinds.failures import describe
from minigrade.kinds.standing_in import Answer, Implementations, StandIns
from minigrade.kinds.student_words import CALLS_SHOWN, Call, Run
from minigrade.model import Check, Verdict

REPETITIONS = 2
"""How often each implementation is tried; once more where a few caught are enough."""

TRIED_FOR_EACH = 5
"""How many wrong implementations are tried, at most, for each that is enough."""

DEFAULT_COUNT = 60
"""Cases a run. With 20, one test in ten that is right misses what it catches by 60."""

_CALLS_JUDGED = 500


class StudentTests(msgspec.Struct, frozen=True):
    """What a check of tests needs; see `student_tests`."""

    suite: Suite
    tests: tuple[str, ...]
    mark: str
    besides: tuple[str, ...]
    right: Implementations
    wrong: Implementations
    count: int
    enough: int | None
    remark: str


def student_tests(  # noqa: PLR0913  (all by name; a check states those that it needs)
    *,
    file: str,
    module: str,
    tests: tuple[str, ...],
    right: Implementations,
    wrong: Implementations,
    mark: str = "",
    besides: tuple[str, ...] = (),
    count: int = DEFAULT_COUNT,
    enough: int | None = None,
    remark: str = "",
    weight: int | Fraction = 1,
) -> Callable[[Callable[..., Any]], Check]:
    """Make a check of tests that students write.

    The decorated function is ``(mt, implementation, name, args)`` and answers a call
    of the function `name`, as the implementation of that description would. It
    runs in a worker without any student code; `mt` is an empty module there. Its
    docstring is the sentence that the student reads.

    Args:
        file: the test file, relative to the submission.
        module: the module of the package whose functions are replaced.
        tests: the test functions. Those that are there are run one after the other.
        right: implementations that tests must pass, differing in what the task
            leaves open. The first one names all functions that are replaced.
        wrong: implementations that tests should catch; each names the functions in
            which it differs from the first right one. Those whose functions the
            tests never call are left out.
        mark: where none of `tests` is there, those that bear this pytest mark are run.
        besides: but for these, which other checks ask for.
        count: how many cases hypothesis draws for a test, at most.
        enough: how many wrong implementations to catch for full points; all by default.
        remark: what to tell a student whose test fails a right implementation.
        weight: the check's share of the task.

    Raises:
        CourseError: right or wrong implementations are missing, or replace what the
            first right one does not have; when the check is made.
    """

    def decorate(probe: Callable[..., Any]) -> Check:
        if len(right) < 2 or not wrong:
            raise CourseError(f"{place(probe)} needs two right implementations and a wrong one")
        first = next(iter(right.values()))
        for description, functions in [*right.items(), *wrong.items()]:
            unknown = functions.keys() - first.keys()
            if unknown or not functions:
                raise CourseError(
                    f"{place(probe)}: {description!r} replaces {sorted(unknown) or 'nothing'}; "
                    "expected some of the functions of the first right implementation"
                )
        suite = Suite(file, module, tuple(first))
        spec = StudentTests(suite, tests, mark, besides, right, wrong, count, enough, remark)
        return make_check(STUDENT_TESTS, probe, spec, weight=weight)

    return decorate


class _StudentTestsKind:
    """See `minigrade.kinds.base.Kind`."""

    name = "student_tests"
    has_probe = True

    def examine(self, question: Question, means: Means) -> Verdict:
        """Try the tests on each implementation, and count what they catch."""
        return _Examination(question, means).verdict()


STUDENT_TESTS = _StudentTestsKind()


class _Stop(Exception):
    """There is a verdict already."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class _Examination:
    """One run of a check of tests."""

    def __init__(self, question: Question, means: Means) -> None:
        self._question = question
        self._means = means
        self._spec: StudentTests = question.check.spec
        self._tests: list[str] = []
        self._calls: list[Call] = []
        everything = {**self._spec.right, **self._spec.wrong}
        self._stand_ins = StandIns(means.stand_ins, question.check.name, everything)
        self._runs = 0

    def verdict(self) -> Verdict:
        """Return what became of the check."""
        try:
            found = self._graded()
        except _Stop as stop:
            found = stop.verdict
        return msgspec.structs.replace(found, cases=self._runs)

    def _graded(self) -> Verdict:
        self._tests = self._chosen()
        repetitions = REPETITIONS + bool(self._spec.enough)
        seeds = [self._question.seed % 2**32 + number for number in range(repetitions)]
        self._demand_pass(self._stand_ins.first, seeds[0])
        called = {name for name, _, _ in self._calls}
        wrong = self._concerned(called)
        if not wrong:
            concerned = {name for functions in self._spec.wrong.values() for name in functions}
            raise _Stop(words.calls_nothing(self._tests, sorted(concerned)))
        todo = [(name, seed) for name in [*self._spec.right, *wrong] for seed in seeds]
        todo.remove((self._stand_ins.first, seeds[0]))
        # Not from the seed, which is public where the check is.
        secrets.SystemRandom().shuffle(todo)
        caught: dict[str, list[bool]] = {name: [] for name in wrong}
        for name, seed in todo:
            if name in self._spec.right:
                self._demand_pass(name, seed)
            else:
                failed = self._run(name, seed).verdict == "failed"
                caught[name].append(failed and self._saw_what_is_wrong(name))
        return self._counted(caught)

    def _concerned(self, called: set[str]) -> list[str]:
        """Return the wrong implementations of what the tests call, or some where few do."""
        wrong = [name for name, functions in self._spec.wrong.items() if functions.keys() & called]
        most = TRIED_FOR_EACH * (self._spec.enough or len(wrong))
        if len(wrong) <= most:
            return wrong
        return random.Random(self._question.seed).sample(wrong, most)  # noqa: S311

    def _chosen(self) -> list[str]:
        """Return the names of the tests to run."""
        loaded = self._means.trials.load(self._spec.suite, self._answering(self._stand_ins.first))
        if not isinstance(loaded, Returned):
            raise _Stop(words.unloadable(loaded, self._question, self._means.trials.problems))
        try:
            marks = msgspec.convert(loaded.value, dict[str, list[str]])
        except msgspec.ValidationError:
            marks = {}
        found = [name for name in self._spec.tests if name in marks]
        if not found and self._spec.mark:
            found = [name for name, own in marks.items() if self._spec.mark in own]
            found = [name for name in found if name not in self._spec.besides]
        if not found:
            raise _Stop(words.missing(self._spec.suite.file, self._spec.tests))
        return found

    def _run(self, implementation: str, seed: int, *, shrink: bool = False) -> Run:
        """Run the tests once; what they called stands in `_calls`."""
        self._runs += 1
        answer = self._answering(implementation)
        trials, spec = self._means.trials, self._spec
        count = spec.count if self._question.cases is None else self._question.cases
        seen = trials.run(self._tests, answer, seed=seed, count=count, shrink=shrink)
        if not isinstance(seen, Returned):
            raise _Stop(describe(seen, self._question, trials.problems))
        try:
            return msgspec.convert(seen.value, Run)
        except msgspec.ValidationError:
            raise _Stop(words.GARBAGE) from None

    def _answering(self, implementation: str) -> AnswerCalls:
        """Return what answers calls as an implementation does, and keeps them in `_calls`."""
        kept: list[Call] = []
        self._calls = kept

        def answer(calls: Sequence[tuple[str, list[Any]]]) -> list[Answer]:
            found = self._stand_ins.answers(implementation, calls)
            kept.extend((*call, value) for call, value in zip(calls, found, strict=True))
            return found

        return answer

    def _saw_what_is_wrong(self, implementation: str) -> bool:
        """Whether a wrong implementation gave a wrong value in the last run; last calls first."""
        changed = self._spec.wrong[implementation]
        calls = [(name, args) for name, args, _ in self._calls if name in changed]
        return self._stand_ins.differs(implementation, calls[-_CALLS_JUDGED:])

    def _demand_pass(self, implementation: str, seed: int) -> None:
        """Have the tests pass a right implementation, or stop with what is to be said."""
        run = self._run(implementation, seed)
        if run.verdict == "passed":
            return
        if run.verdict != "failed":
            raise _Stop(words.no_test(run, self._question, self._means.trials.problems))
        others = [seed] if run.case else [seed, seed + 1]  # hypothesis has found a case, or none
        if any(self._run(implementation, other).verdict == "passed" for other in others):
            raise _Stop(words.flaky(run, []))
        smallest = self._run(implementation, seed, shrink=True)
        run = smallest if smallest.verdict == "failed" else run
        calls = self._calls[-CALLS_SHOWN:]
        spec = self._spec
        raise _Stop(words.forbids(run, spec.suite.file, implementation, calls, spec.remark))

    def _counted(self, caught: Mapping[str, Sequence[bool]]) -> Verdict:
        """Return the verdict on tests that pass what is right."""
        kept = [name for name, runs in caught.items() if not any(runs)]
        chancy = [name for name, runs in caught.items() if any(runs) and not all(runs)]
        killed = len(caught) - len(kept) - len(chancy)
        wanted = min(self._spec.enough or len(caught), len(caught))
        return words.counted(killed, wanted, len(caught), kept=kept, chancy=chancy)
