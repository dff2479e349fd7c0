"""Put an assignment's questions to a submission: what is asked, where, and in which order.

Questions are asked in units, a few checks of one task file each, so that several
processes can share the work and the outcomes are the same however many they are.
Public units come first; nothing flows from hidden to public.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction

import msgspec

from minigrade.boundary import sandbox
from minigrade.model import Outcome, Visibility
from minigrade.running import asking, kernels, seeds, submission, units
from minigrade.running.catalog import CourseFolder, LoadedAssignment, LoadedTask
from minigrade.running.submission import Submission
from minigrade.running.units import Unit


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


@contextmanager
def opened(
    course: CourseFolder,
    loaded: LoadedAssignment,
    request: Request,
    found: Submission,
    laid: Mapping[str, bytes] | None = None,
) -> Iterator[asking.Room]:
    """Yield the room in which `found` is examined: a copy of it, seeds, isolation.

    Args:
        course: its course.
        loaded: the assignment.
        request: what to grade, and how.
        found: the submission.
        laid: files that take the place of its own.
    """
    digest = found.digest()
    secret = seeds.read_secret() if request.hidden else None
    sandbox.shield_grader()
    package = course.course.package
    is_kept = request.keep_kernels and request.policy == "local" and not laid
    with (
        submission.copied(found, laid) as (root, scratch),
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


def ask_all(
    room: asking.Room,
    tasks: Sequence[LoadedTask],
    request: Request,
    narrow: Callable[[Unit], Unit | None] = lambda unit: unit,
    before: Mapping[str, Fraction] | None = None,
) -> Generator[Outcome]:
    """Ask tasks without unmet requirements first, then those that build on them.

    Args:
        room: where.
        tasks: of one assignment.
        request: of which checks.
        narrow: leaves of each unit what is to be asked.
        before: points of tasks, where some of their questions have been asked before.
    """
    waiting = list(tasks)
    before = before or {}
    done = {name: points > 0 for name, points in before.items()}
    while waiting:
        here = {task.task.id for task in waiting}
        ready = [task for task in waiting if not here & set(task.task.requires)] or waiting
        lost = {
            task.task.id: [name for name in task.task.requires if done.get(name) is False]
            for task in ready
        }
        found = (unit for task in ready for unit in units.units(task, request.checks))
        todo = [unit for unit in map(narrow, found) if unit]
        todo.sort(key=lambda unit: unit.visibility is Visibility.HIDDEN)
        earned = {task.task.id: before.get(task.task.id, Fraction(0)) for task in ready}
        able = [unit for unit in todo if not lost[unit.task.id]]
        for unit in todo:
            if lost[unit.task.id]:
                yield from asking.skipped(unit, lost[unit.task.id])
        for outcome in asking.ask(room, able, request.jobs):
            earned[outcome.task] += outcome.points
            yield outcome
        done |= {name: points > 0 for name, points in earned.items()}
        waiting = [task for task in waiting if task not in ready]
