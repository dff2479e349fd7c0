"""Grade a submission: put every question of an assignment to it and make a report.

What fails may be asked once more, on released answers to earlier assignments; see
`minigrade.running.carrying`.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from minigrade.errors import UsageError
from minigrade.model import Outcome, Report, Visibility
from minigrade.running import carrying, provenance, scoring, units
from minigrade.running.carrying import Answers
from minigrade.running.catalog import CourseFolder, LoadedAssignment, LoadedTask
from minigrade.running.examining import Request, ask_all, opened
from minigrade.running.submission import Submission

__all__ = ["Request", "first_failure", "grade"]


def grade(
    course: CourseFolder,
    request: Request,
    found: Submission,
    on_outcome: Callable[[Outcome], None] = lambda _: None,
    answers: Callable[[], Answers | None] = lambda: None,
) -> Report:
    """Grade `found` and return the report.

    Every declared check is in the report once, whatever crashed.

    Args:
        course: its course.
        request: what to grade, and how.
        found: the submission.
        on_outcome: hears of each outcome as it comes, and again of those that are carried over.
        answers: gives the released answers to earlier assignments, if there are any here; it
            is only asked if something failed.

    Raises:
        UsageError: the request names what is not there, or the policy cannot be had.
        CourseError: a task file is wrong.
        SubmissionError: the submission cannot be read.
    """
    started = time.monotonic()
    loaded = course.load(request.assignment, hidden=request.hidden)
    chosen = _chosen(loaded, request)
    with opened(course, loaded, request, found) as room:
        outcomes = [*_heard(ask_all(room, chosen, request), on_outcome)]
    over = carrying.carry_over(course, request, found, outcomes, answers)
    for outcome in over.outcomes.values():
        on_outcome(outcome)
    outcomes = [over.outcomes.get(carrying.key(outcome), outcome) for outcome in outcomes]
    tasks = [
        scoring.task_result(task.task, [o for o in outcomes if o.task == task.task.id])
        for task in chosen
    ]
    return Report(
        assignment=loaded.assignment.id,
        title=loaded.assignment.title,
        **scoring.totals(tasks),
        provisional=any(outcome.status == "BROKEN" for outcome in outcomes),
        headline=" ".join(filter(None, (scoring.headline(tasks, outcomes), over.hint))),
        submission=found.root.name,
        tasks=tasks,
        outcomes=_in_order(chosen, outcomes),
        notes=[
            *scoring.free_failures(outcomes),
            *found.notes,
            *over.notes,
            *room.plan.skipped,
        ],
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
        outcomes = ask_all(room, chosen, request)
        try:
            return next((outcome for outcome in outcomes if not outcome.status.passed), None)
        finally:
            outcomes.close()


def _heard(outcomes: Iterable[Outcome], on_outcome: Callable[[Outcome], None]) -> Iterator[Outcome]:
    """Yield outcomes as they come, once `on_outcome` has heard of them."""
    for outcome in outcomes:
        on_outcome(outcome)
        yield outcome


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


def _in_order(tasks: Sequence[LoadedTask], outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes in the order of the course, public before hidden in each task."""
    order = [task.task.id for task in tasks]
    return sorted(outcomes, key=lambda o: (order.index(o.task), o.visibility is Visibility.HIDDEN))
