"""The nouns of grading, as plain data: what is asked, and what came of it.

A `Task` is worth points. Its `Check` objects each ask one question, for each
value of ``each``. An answer is a `Verdict`; with names and points it is an
`Outcome`; all outcomes of a submission make a `Report`. Nothing here runs anything. Points
are exact fractions and are rounded once a task (see `minigrade.running.scoring`).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Hashable
from fractions import Fraction
from typing import Any

import msgspec

SCHEMA_VERSION = 1

Minitorch = Any
"""The package under test, as a probe receives it."""


class Status(enum.StrEnum):
    """What became of one question."""

    PASSED = "PASSED"
    FAILED = "FAILED"  # a value is not what it should be
    RAISED = "RAISED"  # the submission raised an exception
    TIMED_OUT = "TIMED_OUT"
    CRASHED = "CRASHED"  # the submission's process ended
    INCONCLUSIVE = "INCONCLUSIVE"  # the machine was too noisy to tell
    SKIPPED = "SKIPPED"  # not asked; the message says why
    BROKEN = "BROKEN"  # our fault: the grade is provisional

    @property
    def passed(self) -> bool:
        """Whether there is nothing for the student to mend."""
        return self in (Status.PASSED, Status.INCONCLUSIVE, Status.SKIPPED)


class Visibility(enum.StrEnum):
    """Who sees a check's details."""

    PUBLIC = "public"
    HIDDEN = "hidden"


class Case(dict[str, Any]):
    """One input, by parameter name: ``Case(x=1.0, y=2.0)``."""

    def __init__(self, **inputs: Any) -> None:
        super().__init__(inputs)


class Task(msgspec.Struct, frozen=True):
    """One task of an assignment, worth points.

    Attributes:
        id: as the course counts, such as ``"1.4"``.
        title: a few words.
        points: what the task is worth.
        hidden_points: the part of them that hidden checks decide; the public ones
            decide the rest. So a public check earns the same wherever it runs.
        files: the files a student writes for it, relative to the repository.
        requires: ids of tasks without which this one cannot be examined.
        by_staff: graded by hand; listed, never examined.
        extra_credit: counts in what is earned, not in what is possible.
        link: the course's page on it.
    """

    id: str
    title: str
    points: int
    hidden_points: int = 0
    files: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    by_staff: bool = False
    extra_credit: bool = False
    link: str = ""


class Assignment(msgspec.Struct, frozen=True):
    """A folder of task files, handed in together.

    Attributes:
        id: such as ``"m1"``.
        title: a few words.
        builds_on: the assignment whose answers this one stands on, if any.
        needs: top-level packages that its workers import before they fork.
        files: the files that its template gives to students, relative to the
            repository, besides those that they write for its tasks.
    """

    id: str
    title: str
    builds_on: str | None = None
    needs: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What `course.py` says of the course as a whole.

    Attributes:
        name: as its students know it.
        package: the package that students write and probes receive as ``mt``.
        assignments: the folders of the assignments, in the order of the course.
        files: glob patterns of the files that are taken from a submission.
        released: ids of assignments whose answers students may see by now.
    """

    name: str
    package: str
    assignments: tuple[str, ...]
    files: tuple[str, ...]
    released: tuple[str, ...] = ()


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a submission, made by a decorator of `minigrade.kinds`.

    Attributes:
        name: the decorated function's name; with a value of `each`, ``name[value]``.
        sentence: its docstring's first line, which the student reads.
        kind: what runs it, a `minigrade.kinds.base.Kind`.
        function: what was decorated.
        spec: what this kind needs to know; the kind defines its type.
        weight: its share of the task's points, over all values of `each`. 0 for
            a check that earns nothing but can veto or cap its task.
        each: values that are asked one by one, an outcome each.
        jit: whether numba compiles what it is asked about; False runs the same text in
            Python, and None leaves it to the submission.
        compiles: what it asks first is run beforehand, so that the kernels are kept.
    """

    name: str
    sentence: str
    kind: Any
    function: Callable[..., Any]
    spec: Any
    weight: Fraction = Fraction(1)
    each: tuple[Hashable, ...] = ()
    jit: bool | None = None
    compiles: bool = False


class Frame(msgspec.Struct, frozen=True):
    """One line of a student's traceback: where, and what stands there."""

    file: str
    line: int
    function: str
    source: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind says of one question.

    Attributes:
        status: what became of it.
        score: the part of the weight that is earned, from 0 to 1.
        message: what was found, what was expected and what to do; plain text.
        category: one word a kind of failure, such as ``wrong_value``.
        case: the smallest failing case as Python that a student can run.
        expected: what should have come, as Python.
        observed: what came, as Python.
        frames: the student's own frames, outermost first.
        printed: what the submission printed meanwhile, shortened.
        cases: how many cases were asked.
        cap: the largest part of its task's points that this outcome leaves.
        examined: whether the question could be put at all; if not, it counts in no way.
        data: more, for reports; plain values.
    """

    status: Status
    score: Fraction = msgspec.field(default_factory=lambda: Fraction(0))
    message: str = ""
    category: str = ""
    case: str = ""
    expected: str = ""
    observed: str = ""
    frames: tuple[Frame, ...] = ()
    printed: str = ""
    cases: int = 0
    cap: Fraction = msgspec.field(default_factory=lambda: Fraction(1))
    examined: bool = True
    data: dict[str, Any] = {}


class Carried(msgspec.Struct, frozen=True):
    """Why an outcome is not that of the submission's own files alone.

    Attributes:
        assignments: ids of those whose released answers it stands on, first to last.
        because: the check of one of these that fails on the submission's own files.
        status: what became of the question on the submission's own files.
    """

    assignments: tuple[str, ...]
    because: str
    status: Status


class Outcome(Verdict, frozen=True, kw_only=True):
    """A verdict with its place in the assignment, and what it earned.

    Attributes:
        id: ``task/function[value]``.
        task: the task's id.
        check: ``function[value]``.
        kind: the kind's name.
        sentence: what was asked.
        visibility: who sees the details.
        weight: its share of the task.
        points: what it earned, before the task is rounded.
        possible: what it could have earned.
        location: ``file:line`` of the student's innermost frame, or empty.
        replay: the command that asks this question again, or empty.
        seconds: how long it took.
        carried: set if it passed on released answers to earlier assignments, and failed without.
    """

    id: str
    task: str
    check: str
    kind: str
    sentence: str
    visibility: Visibility
    weight: Fraction
    points: Fraction
    possible: Fraction
    location: str = ""
    replay: str = ""
    seconds: float = 0.0
    carried: Carried | None = None


class TaskResult(msgspec.Struct, frozen=True, kw_only=True):
    """A task's points: the sum of its outcomes, capped, rounded to 2 decimals.

    Attributes:
        examined: what could be earned by what was examined here.
        possible: what the task is worth.
        remark: why points are missing though nothing failed, or why they are not.
    """

    id: str
    title: str
    points: Fraction
    examined: Fraction
    possible: Fraction
    by_staff: bool = False
    extra_credit: bool = False
    remark: str = ""
    link: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to say about one submission to one assignment.

    Attributes:
        points: what was earned.
        examined: what could be earned by what was examined here.
        possible: what the assignment is worth, extra credit apart.
        provisional: something broke on our side; the points may rise.
        headline: the best next thing to fix, as plain text; empty if nothing is.
        submission: the folder's name.
        notes: warnings for the reader, such as a second copy that was not graded.
        policy: ``local`` or ``strict``.
        layers: the isolation that was in force.
        versions: of minigrade, hypothesis, numpy and Python.
        seed_id: names the seed without giving it away.
        submission_digest: SHA-256 of the graded files.
        engine_digest: SHA-256 of minigrade and of the task files.
        signature: of the whole report, where the course signs them.
        created_at: ISO 8601, UTC.
    """

    schema_version: int = SCHEMA_VERSION
    assignment: str
    title: str
    points: Fraction
    examined: Fraction
    possible: Fraction
    provisional: bool
    headline: str
    submission: str
    tasks: list[TaskResult]
    outcomes: list[Outcome]
    notes: list[str]
    policy: str
    layers: list[str]
    versions: dict[str, str]
    seed_id: str
    submission_digest: str
    engine_digest: str
    signature: str = ""
    created_at: str = ""
    seconds: float = 0.0
