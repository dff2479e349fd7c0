"""Grade a submission: put every question of an assignment to it and make a report.

Questions are asked in units, a few checks of one task file each, so that several
processes can share the work and the report is the same however many they are.
Public units come first; nothing flows from hidden to public.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction

import msgspec

from minigrade.boundary import sandbox
from minigrade.errors import UsageError
from minigrade.model import Outcome, Report, Visibility
from minigrade.running import asking, kernels, provenance, scoring, seeds, submission, units
from minigrade.running.catalog import CourseFolder, LoadedAssignment, LoadedTask
from minigrade.running.submission import Submission


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What to grade, and how.

    Attributes:
        assignment: its id.
        tasks: ids of the tasks to examine; all if empty.
        checks: names of the checks to ask, with or without a value; all if empty.
        hidden: whether to ask hidden checks too.
        cases: how many cases to draw a check, instead of its own number.
        seed: the public seed.
        jobs: how many processes share the work.
        policy: ``local`` or ``strict``; see `minigrade.boundary.sandbox`.
        keep_kernels: keep what numba compiled in the repository, for the next time; only
            under ``local``. See `minigrade.running.kernels`.
    """

    assignment: str
    tasks: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    hidden: bool = False
    cases: int | None = None
    seed: int = 0
    jobs: int = 1
    policy: str = "local"
    keep_kernels: bool = False


def grade(
    course: CourseFolder,
    request: Request,
    found: Submission,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
) -> Report:
    """Grade `found` and return the report; `on_outcome` hears of each outcome as it comes.

    Every declared check is in the report once, whatever crashed.

    Raises:
        UsageError: the request names what is not there, or the policy cannot be had.
        CourseError: a task file is wrong.
        SubmissionError: the submission cannot be read.
    """
    started = time.monotonic()
    loaded = course.load(request.assignment, hidden=request.hidden)
    chosen = _chosen(loaded, request)
    outcomes: list[Outcome] = []
    with opened(course, loaded, request, found) as room:
        for outcome in _ask_all(room, chosen, request):
            outcomes.append(outcome)
            on_outcome(outcome)
    tasks = [
        scoring.task_result(task.task, [o for o in outcomes if o.task == task.task.id])
        for task in chosen
    ]
    return Report(
        assignment=loaded.assignment.id,
        title=loaded.assignment.title,
        points=sum((task.points for task in tasks), Fraction(0)),
        examined=sum((t.examined for t in tasks if not t.extra_credit), Fraction(0)),
        possible=sum((t.possible for t in tasks if not t.extra_credit), Fraction(0)),
        provisional=any(outcome.status == "BROKEN" for outcome in outcomes),
        headline=scoring.headline(tasks, outcomes),
        submission=found.root.name,
        tasks=tasks,
        outcomes=_in_order(chosen, outcomes),
        notes=[*found.notes, *room.plan.skipped],
        policy=request.policy,
        layers=list(room.plan.layers),
        versions=provenance.versions(),
        seed_id=room.seeds.seed_id,
        submission_digest=room.digest,
        engine_digest=provenance.engine_digest(course.path),
        created_at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - started, 3),
    )


def first_failure(course: CourseFolder, request: Request, found: Submission) -> Outcome | None:
    """Return the first outcome that did not pass, or None; ask nothing after it.

    Raises:
        MinigradeError: see `grade`.
    """
    loaded = course.load(request.assignment, hidden=request.hidden)
    chosen = _chosen(loaded, request)
    with opened(course, loaded, request, found) as room:
        outcomes = _ask_all(room, chosen, request)
        try:
            return next((outcome for outcome in outcomes if not outcome.status.passed), None)
        finally:
            outcomes.close()


@contextmanager
def opened(
    course: CourseFolder, loaded: LoadedAssignment, request: Request, found: Submission
) -> Iterator[asking.Room]:
    """Yield the room in which `found` is examined: a copy of it, seeds, isolation."""
    digest = found.digest()
    secret = seeds.read_secret() if request.hidden else None
    sandbox.shield_grader()
    package = course.course.package
    is_kept = request.keep_kernels and request.policy == "local"
    with (
        submission.copied(found) as (root, scratch),
        kernels.kernels_of(found, package, scratch, is_kept=is_kept) as folder,
    ):
        yield asking.Room(
            package=package,
            assignment=loaded.assignment,
            plan=sandbox.survey(request.policy, [*sandbox.interpreter_paths(), root]),
            root=root,
            scratch=scratch,
            kernels=folder,
            digest=digest,
            seeds=seeds.derive(request.seed, digest, secret),
            cases=request.cases,
        )


def _chosen(loaded: LoadedAssignment, request: Request) -> list[LoadedTask]:
    """Return the tasks to examine; refuse names of tasks and checks that are not there."""
    known = [task.task.id for task in loaded.tasks]
    for name in request.tasks:
        if name not in known:
            raise UsageError(
                f"{request.assignment} has no task {name!r}; it has {', '.join(known)}"
            )
    tasks = [task for task in loaded.tasks if not request.tasks or task.task.id in request.tasks]
    for name in request.checks:
        if not any(question == name for task in tasks for question in units.names(task)):
            raise UsageError(f"no check {name!r} in {', '.join(task.task.id for task in tasks)}")
    return tasks


def _ask_all(
    room: asking.Room, tasks: Sequence[LoadedTask], request: Request
) -> Generator[Outcome]:
    """Ask tasks without unmet requirements first, then those that build on them."""
    waiting = list(tasks)
    done: dict[str, bool] = {}
    while waiting:
        here = {task.task.id for task in waiting}
        ready = [task for task in waiting if not here & set(task.task.requires)] or waiting
        lost = {
            task.task.id: [name for name in task.task.requires if done.get(name) is False]
            for task in ready
        }
        todo = [unit for task in ready for unit in units.units(task, request.checks)]
        todo.sort(key=lambda unit: unit.visibility is Visibility.HIDDEN)
        earned: dict[str, Fraction] = {task.task.id: Fraction(0) for task in ready}
        able = [unit for unit in todo if not lost[unit.task.id]]
        for unit in todo:
            if lost[unit.task.id]:
                yield from asking.skipped(unit, lost[unit.task.id])
        for outcome in asking.ask(room, able, request.jobs):
            earned[outcome.task] += outcome.points
            yield outcome
        done |= {name: points > 0 for name, points in earned.items()}
        waiting = [task for task in waiting if task not in ready]


def _in_order(tasks: Sequence[LoadedTask], outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes in the order of the course, public before hidden in each task."""
    order = [task.task.id for task in tasks]
    return sorted(outcomes, key=lambda o: (order.index(o.task), o.visibility is Visibility.HIDDEN))
