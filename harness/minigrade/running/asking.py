"""Put questions to a submission, in one process or in several.

A `Unit` is what one process takes at a time: a few checks of one task file. It is
cut the same way however many processes there are, since a submission that keeps
state between calls would otherwise answer differently.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from minigrade.boundary import sandbox
from minigrade.boundary.process import Zygote
from minigrade.boundary.sandbox import Plan
from minigrade.boundary.session import Bench, Loadable, Loading, Session
from minigrade.errors import MinigradeError, StaffError
from minigrade.kinds.base import Means, Question
from minigrade.model import Assignment, Check, Outcome, Status, Task, Verdict, Visibility
from minigrade.running.catalog import LoadedTask, Part
from minigrade.running.preloading import preloaded
from minigrade.running.scoring import share
from minigrade.running.seeds import Seeds
from minigrade.running.tidying import tidied, without_students_text

_QUESTIONS_A_UNIT = 8


class Room(msgspec.Struct, frozen=True):
    """What all units of one grading have in common."""

    package: str
    assignment: Assignment
    plan: Plan
    root: Path
    scratch: Path
    digest: str
    seeds: Seeds
    cases: int | None


class Unit(msgspec.Struct, frozen=True):
    """A few questions of one task file: indices of checks, and values of their `each`."""

    task: Task
    visibility: Visibility
    questions: tuple[tuple[int, Any], ...]
    checks: tuple[Check, ...]
    probes: str
    probes_name: str


def units(
    task: LoadedTask, only: Sequence[str] = (), size: int = _QUESTIONS_A_UNIT
) -> Iterator[Unit]:
    """Cut a task into units; with `only`, into those that hold the named checks."""
    for part in task.parts:
        questions = [
            (index, value)
            for index, check in enumerate(part.checks)
            for value in check.each or (None,)
            if not only or check.name in only or f"{check.name}[{value}]" in only
        ]
        for start in range(0, len(questions), size):
            yield _unit(task.task, part, questions[start : start + size])


def question_ids(unit: Unit) -> list[str]:
    """Return the ids of the outcomes that a unit will have."""
    return [_question(unit, unit.checks[i], value, 0, None).id for i, value in unit.questions]


def names(task: LoadedTask) -> Iterator[str]:
    """Yield what a user may call the checks of a task: with and without a value."""
    for part in task.parts:
        for check in part.checks:
            yield check.name
            yield from (f"{check.name}[{value}]" for value in check.each)


def _unit(task: Task, part: Part, questions: list[tuple[int, Any]]) -> Unit:
    return Unit(
        task=task,
        visibility=part.visibility,
        questions=tuple(questions),
        checks=part.checks,
        probes=part.probes,
        probes_name=part.name,
    )


def ask(room: Room, todo: Sequence[Unit], jobs: int) -> Iterator[Outcome]:
    """Yield the outcomes of all units, in order, as they come."""
    if jobs <= 1 or len(todo) <= 1 or sys.platform != "linux":
        desk = Desk(room)
        try:
            for unit in todo:
                yield from desk.work(unit)
        finally:
            desk.close()
        return
    # Forked, as checks hold functions that cannot be sent. These are graders, with
    # zygotes of their own: nothing of a student's runs in them.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, context, _open_desk, (room, todo)) as pool:
        for outcomes in pool.map(_work, range(len(todo))):
            yield from outcomes


def skipped(unit: Unit, because: Sequence[str]) -> Iterator[Outcome]:
    """Yield the outcomes of a unit whose prerequisites earned nothing."""
    verdict = Verdict(
        status=Status.SKIPPED,
        message=f"not asked, as it needs Task {' and '.join(because)}, which earned nothing",
    )
    for index, value in unit.questions:
        question = _question(unit, unit.checks[index], value, 0, None)
        yield _outcome(unit, question, verdict, 0.0)


class Desk:
    """A grader's place of work: a zygote, and what is known of the submission's loading."""

    def __init__(self, room: Room, todo: Sequence[Unit] = ()) -> None:
        self._room = room
        self._todo = todo
        found = preloaded(room.root, room.package)
        self._zygote = Zygote(room.plan, list(dict.fromkeys([*room.assignment.needs, *found])))
        self._loading = Loading()

    def work_on(self, number: int) -> list[Outcome]:
        """Ask the questions of a unit by its number."""
        return list(self.work(self._todo[number]))

    def work(self, unit: Unit) -> Iterator[Outcome]:
        """Ask the questions of one unit, in a worker that no other unit sees."""
        room = self._room
        # A place for each: it belongs to the uid of the process that writes there.
        scratch, other = (Path(tempfile.mkdtemp(dir=room.scratch)) for _ in range(2))
        loadable = Loadable(room.root, scratch, room.package, unit.probes, unit.probes_name)
        session = Session(self._zygote, loadable, self._loading)
        bench = Bench(self._zygote, other)
        means = Means(session, bench, room.root)
        try:
            for index, value in unit.questions:
                yield self._answer(unit, unit.checks[index], value, means)
        finally:
            session.close()
            bench.close()

    def _answer(self, unit: Unit, check: Check, value: Any, means: Means) -> Outcome:
        question = _question(unit, check, value, 0, self._room.cases)
        seed = self._room.seeds.of(question.id, self._room.assignment.id, unit.visibility)
        question = dataclasses.replace(question, seed=seed)
        started = time.monotonic()
        try:
            verdict = check.kind.examine(question, means)
        except Exception as error:
            verdict = _broken(error)
        verdict = tidied(verdict, self._room.root.parent)
        return _outcome(unit, question, verdict, time.monotonic() - started)

    def close(self) -> None:
        """End the zygote and all that it forked."""
        self._zygote.close()


_desk: Desk | None = None


def _open_desk(room: Room, todo: Sequence[Unit]) -> None:
    """Start a process of the pool; its zygote ends with it, when its socket closes."""
    global _desk  # noqa: PLW0603  (the pool gives its processes no other place)
    _desk = Desk(msgspec.structs.replace(room, plan=sandbox.of_forked(room.plan)), todo)


def _work(number: int) -> list[Outcome]:
    assert _desk is not None
    return _desk.work_on(number)


def _question(unit: Unit, check: Check, value: Any, seed: int, cases: int | None) -> Question:
    return Question(
        task=unit.task,
        check=check,
        value=value,
        visibility=unit.visibility,
        seed=seed,
        cases=cases,
        probe_text=unit.probes,
    )


def _broken(error: Exception) -> Verdict:
    """Return the verdict where staff or minigrade failed, never the student."""
    ours = not isinstance(error, StaffError)
    what = "minigrade failed here; please report it" if ours else "the check itself is wrong"
    text = str(error) if isinstance(error, MinigradeError) else repr(error)
    return Verdict(status=Status.BROKEN, message=f"{what}: {text}", examined=False)


def _outcome(unit: Unit, question: Question, verdict: Verdict, seconds: float) -> Outcome:
    """Give a verdict its place and its points; leave out what a hidden one must not show."""
    check = question.check
    total = sum((other.weight for other in unit.checks), Fraction(0))
    weight = check.weight / max(len(check.each), 1)
    possible = share(unit.task, unit.visibility, weight, total)
    hidden = unit.visibility is Visibility.HIDDEN
    if hidden and verdict.status is not Status.BROKEN:
        verdict = without_students_text(verdict)
    location = f"{verdict.frames[-1].file}:{verdict.frames[-1].line}" if verdict.frames else ""
    replay = f"minigrade replay {unit.task.id} {shlex.quote(question.name)}"
    return Outcome(
        **msgspec.structs.asdict(verdict),
        id=question.id,
        task=unit.task.id,
        check=question.name,
        kind=check.kind.name,
        sentence=check.sentence,
        visibility=unit.visibility,
        weight=weight,
        points=possible * verdict.score,
        possible=possible,
        location=location,
        replay="" if hidden or verdict.status is Status.PASSED else replay,
        seconds=round(seconds, 4),
    )
