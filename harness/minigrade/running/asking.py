"""Put questions to a submission, in one process or in several.

A `Unit` is what one process takes at a time. Kernels are compiled beforehand, by workers
that do nothing else; see `minigrade.running.kernels`.
"""

from __future__ import annotations

import dataclasses
import multiprocessing
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from minigrade.boundary import sandbox
from minigrade.boundary.process import Zygote
from minigrade.boundary.sandbox import Plan
from minigrade.boundary.session import Bench, Crashed, Loadable, Loading, Session, TimedOut
from minigrade.boundary.trials import Trials
from minigrade.errors import MinigradeError, StaffError
from minigrade.kinds.base import Means, Question
from minigrade.kinds.properties import Property, examples_of
from minigrade.model import Assignment, Check, Outcome, Status, Verdict, Visibility
from minigrade.running.kernels import exchanged
from minigrade.running.preloading import preloaded
from minigrade.running.scoring import share
from minigrade.running.seeds import Seeds
from minigrade.running.tidying import tidied, without_students_text
from minigrade.running.units import Unit, compilations, mark_of, question_of

_COMPILE_LIMIT_S = 120.0
_ENVIRONMENTS: dict[bool | None, dict[str, str]] = {
    None: {},
    True: {"NUMBA_DISABLE_JIT": "0"},
    False: {"NUMBA_DISABLE_JIT": "1"},
}


class Room(msgspec.Struct, frozen=True):
    """What all units of one grading have in common."""

    package: str
    assignment: Assignment
    plan: Plan
    root: Path
    scratch: Path
    kernels: Path
    digest: str
    seeds: Seeds
    cases: int | None


def ask(room: Room, todo: Sequence[Unit], jobs: int) -> Iterator[Outcome]:
    """Yield the outcomes of all units, in order, as they come."""
    if jobs <= 1 or len(todo) <= 1 or sys.platform != "linux":
        desk = Desk(room)
        try:
            is_prepared = False
            for unit in todo:
                if unit.jit and not is_prepared:
                    is_prepared = True
                    desk.prepare_all(todo)
                yield from desk.work(unit)
        finally:
            desk.close()
        return
    first = compilations(todo, jobs, room.kernels)
    # Forked, as checks hold functions that cannot be sent. These are graders, with
    # zygotes of their own: nothing of a student's runs in them.
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(jobs, context, _open_desk, (room, [*todo, *first])) as pool:
        prepared = [pool.submit(_prepare, len(todo) + i) for i in range(len(first))]
        # What needs no kernel goes on meanwhile; nothing hidden comes before what is public.
        # What takes longest comes first, so that no process waits for another's at the end.
        early = [
            i
            for i, unit in enumerate(todo)
            if not unit.jit and unit.visibility is Visibility.PUBLIC
        ]
        early.sort(key=lambda i: not todo[i].tries_tests)
        asked = {i: pool.submit(_work, i) for i in early}
        try:
            for i in range(len(todo)):
                if i not in asked:
                    wait(prepared)
                    rest = [j for j in range(i, len(todo)) if j not in asked]
                    asked |= {j: pool.submit(_work, j) for j in rest}
                yield from asked[i].result()
        finally:
            _cancel([*prepared, *asked.values()])


def _cancel(futures: Sequence[Future[Any]]) -> None:
    for future in futures:
        future.cancel()


def skipped(unit: Unit, because: Sequence[str]) -> Iterator[Outcome]:
    """Yield the outcomes of a unit whose prerequisites earned nothing."""
    verdict = Verdict(
        status=Status.SKIPPED,
        message=f"not asked, as it needs Task {' and '.join(because)}, which earned nothing",
    )
    for index, value in unit.questions:
        question = question_of(unit, unit.checks[index], value, 0, None)
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

    def prepare_all(self, todo: Sequence[Unit]) -> None:
        """Have the kernels of units compiled, but for those that are there."""
        for unit in compilations(todo, 1, self._room.kernels):
            self.prepare(unit)

    def prepare_by(self, number: int) -> None:
        """Have the kernels of a unit compiled by its number."""
        self.prepare(self._todo[number])

    def prepare(self, unit: Unit) -> None:
        """Ask what `unit` has to ask, for the kernels that it needs; nothing is judged."""
        fresh = self._place()
        session = Session(self._zygote, self._loadable(unit, fresh), self._loading)
        started = time.monotonic()
        answered = []
        try:
            with exchanged(fresh, self._room.kernels):
                for index, value in unit.questions:
                    check = unit.checks[index]
                    spec: Property = check.spec
                    examples = examples_of(spec, value)
                    leading = () if value is None else (value,)
                    seen = session.call(
                        check.name, leading, dict(examples[0]), time_limit_s=spec.time_limit_s
                    )
                    hangs = isinstance(seen, TimedOut | Crashed)
                    if hangs or time.monotonic() - started > _COMPILE_LIMIT_S:
                        break
                    answered.append(mark_of(unit, index, value))
        finally:
            session.close()
        for name in answered:
            (self._room.kernels / name).touch()

    def _place(self) -> Path:
        """Make a folder for one process: it belongs to the uid of who writes there."""
        return Path(tempfile.mkdtemp(dir=self._room.scratch))

    def _loadable(self, unit: Unit, fresh: Path | None = None) -> Loadable:
        room = self._room
        return Loadable(
            root=room.root,
            scratch=self._place(),
            package=room.package,
            probes=unit.probes,
            probes_name=unit.probes_name,
            environment=_ENVIRONMENTS[unit.jit],
            kernels=(fresh or room.kernels) if unit.jit else None,
            keeps_kernels=fresh is not None,
        )

    def work(self, unit: Unit) -> Iterator[Outcome]:
        """Ask the questions of one unit, in a worker that no other unit sees."""
        session = Session(self._zygote, self._loadable(unit), self._loading)
        bench = Bench(self._zygote, self._place())
        trials, stand_ins = self._for_tests(unit)
        means = Means(session, bench, trials, stand_ins, self._room.root)
        try:
            for index, value in unit.questions:
                yield self._answer(unit, unit.checks[index], value, means)
        finally:
            for process in (session, bench, trials, stand_ins):
                process.close()

    def _for_tests(self, unit: Unit) -> tuple[Trials, Session]:
        """Return a worker for the submission's tests, and one without a submission."""
        room = self._room
        places = [Path(tempfile.mkdtemp(dir=room.scratch)) for _ in range(2)]
        probes, name = unit.probes, unit.probes_name
        tested = Loadable(room.root, places[0], room.package, probes="", probes_name=name)
        alone = Loadable(places[1], places[1], room.package, probes, name)
        trials = Trials(self._zygote, tested, self._loading)
        return trials, Session(self._zygote, alone, Loading())

    def _answer(self, unit: Unit, check: Check, value: Any, means: Means) -> Outcome:
        question = question_of(unit, check, value, 0, self._room.cases)
        seed = self._room.seeds.of(question.id, unit.assignment, unit.visibility)
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


def _prepare(number: int) -> None:
    assert _desk is not None
    _desk.prepare_by(number)


def _work(number: int) -> list[Outcome]:
    assert _desk is not None
    return _desk.work_on(number)


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
