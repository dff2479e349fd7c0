"""Carry-over: what fails because of earlier work is graded on released answers to that.

A student's m3 stands on their own m0 to m2. Where these fail their own public checks, what
fails in m3 is asked once more with the course's answers in their place, if `Course.released`
says that students may see them. The rules:

* What later assignments stand on is the package. Scripts and tests are nobody's ground.
* All released files are laid at once, and whole: they fit among themselves, and a student's
  later files meet them only where the files of a submission meet anyway.
* A file that a task asks for is not replaced when that task is graded.
* Only what failed is asked again, once. What passed on a student's own files has passed.

Without released answers, as on a student's machine, the report still says that earlier work
fails. Where answers come from is for `minigrade.edges.answers` to say.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from minigrade.kinds.base import HasProbe
from minigrade.model import Carried, Outcome, Status
from minigrade.running.belonging import make_plan
from minigrade.running.catalog import CourseFolder, LoadedAssignment, LoadedTask
from minigrade.running.examining import Request, ask_all, opened
from minigrade.running.scoring import counted, listed, points_by_task
from minigrade.running.submission import Submission
from minigrade.running.units import Unit, narrowed

Key = tuple[str, str]
"""Tells an outcome from all others of a report: its id, and who sees it."""


class Answers(msgspec.Struct, frozen=True):
    """Released answers to all assignments up to one.

    Attributes:
        assignments: their ids, first to last.
        files: what takes the place of a submission's files, by names relative to it.
    """

    assignments: tuple[str, ...]
    files: Mapping[str, bytes]


class CarryOver(msgspec.Struct, frozen=True):
    """What came of looking at earlier work.

    Attributes:
        outcomes: those that passed on released answers, by their keys.
        hint: a sentence on earlier work that fails, if what fails remains.
        notes: what the reader of the report should know.
    """

    outcomes: Mapping[Key, Outcome] = {}
    hint: str = ""
    notes: tuple[str, ...] = ()


class _Ground(msgspec.Struct, frozen=True):
    """An earlier assignment that fails, and the check that says so."""

    assignment: str
    task: str
    check: str


def carry_over(
    course: CourseFolder,
    request: Request,
    found: Submission,
    outcomes: Sequence[Outcome],
    answers: Callable[[], Answers | None],
) -> CarryOver:
    """Look for the cause of failures in earlier work; ask again on released answers to it.

    A check that was asked for by its name is to show what the submission's own files do.

    Args:
        course: its course.
        request: what was graded.
        found: the submission.
        outcomes: what came of it.
        answers: gives the released answers to earlier assignments, if there are any here.
    """
    if request.checks or not any(map(_costs, outcomes)):
        return CarryOver()
    asked = next(one for one in course.assignments() if one.id == request.assignment)
    if asked.builds_on is None:  # else all others would be loaded to find that out
        return CarryOver()
    earlier = make_plan(course, request.assignment).earlier
    first = ground = _ground(course, request, found, earlier, quickly=True)
    given = answers()
    passed = _passed_on(given, course, request, found, outcomes) if given else []
    if not given or not passed:
        return CarryOver(hint=_hint(request.assignment, ground, given))
    if ground is None or ground.assignment not in given.assignments:
        released = [one for one in earlier if one.assignment.id in given.assignments]
        ground = _ground(course, request, found, released, quickly=False)
    note = _note(request.assignment, passed, given, ground)
    if ground is None:
        return CarryOver(notes=(note,))
    carried = _carried(outcomes, passed, given, ground)
    rest = [one for one in outcomes if _costs(one) and key(one) not in carried]
    return CarryOver(carried, _hint(request.assignment, first, given) if rest else "", (note,))


def key(outcome: Outcome) -> Key:
    """Return what tells an outcome from all others of a report."""
    return outcome.id, outcome.visibility.value


def _fails(outcome: Outcome) -> bool:
    """Whether a submission does not do what was asked."""
    return not outcome.status.passed and outcome.examined


def _costs(outcome: Outcome) -> bool:
    """Whether that loses points."""
    return _fails(outcome) and (outcome.possible > 0 or outcome.cap < 1)


def _is_open(outcome: Outcome) -> bool:
    """Whether other files below might mend it: it fails, or waits for what fails."""
    waits = outcome.status is Status.SKIPPED and outcome.examined and outcome.possible > 0
    return waits or _fails(outcome)


def _ground(
    course: CourseFolder,
    request: Request,
    found: Submission,
    earlier: Sequence[LoadedAssignment],
    *,
    quickly: bool,
) -> _Ground | None:
    """Return the first of `earlier` that fails its public checks on the submission's files.

    Args:
        course: its course.
        request: of the assignment that builds on these.
        found: the submission.
        earlier: assignments, first to last.
        quickly: ask examples and a few cases only, and nothing that numba has to compile, of
            all at once: a student may be waiting.
    """
    narrow = functools.partial(_worth_asking, quickly=quickly)
    for some in [earlier] if quickly else [[one] for one in earlier]:
        asked = Request(
            assignment=some[-1].assignment.id,
            cases=1 if quickly else request.cases,
            seed=request.seed,
            jobs=request.jobs,
            policy=request.policy,
        )
        tasks = [task for one in some for task in _stood_on(one, course.course.package)]
        homes = {task.task.id: task.assignment for task in tasks}
        with opened(course, some[-1], asked, found) as room:
            asking = ask_all(room, tasks, asked, narrow)
            try:
                failed = next(filter(_fails, asking), None)
            finally:
                asking.close()
        if failed:
            return _Ground(homes[failed.task], failed.task, failed.check)
    return None


def _worth_asking(unit: Unit, *, quickly: bool) -> Unit | None:
    """Leave out what only caps a task, as whoever builds on it loses nothing by that."""
    return narrowed(unit, lambda check, _: check.weight > 0 and not (quickly and check.jit))


def _stood_on(one: LoadedAssignment, package: str) -> list[LoadedTask]:
    """Return the tasks that later assignments stand on: those of the package."""
    return [
        loaded
        for loaded in one.tasks
        if any(name.startswith(f"{package}/") for name in loaded.task.files)
        and not loaded.task.extra_credit
    ]


def _passed_on(
    answers: Answers,
    course: CourseFolder,
    request: Request,
    found: Submission,
    outcomes: Sequence[Outcome],
) -> list[Outcome]:
    """Ask what is open once more, on released answers; return what passes there."""
    loaded = course.load(request.assignment, hidden=request.hidden)
    before = {key(outcome): outcome for outcome in outcomes if _is_open(outcome)}
    tasks = {outcome.task for outcome in before.values()}
    todo = [one for one in loaded.tasks if one.task.id in tasks]
    again: list[Outcome] = []

    def narrow(unit: Unit) -> Unit | None:
        # Of a rule about its text, the submission's own is what counts.
        return narrowed(
            unit,
            lambda check, name: (
                isinstance(check.kind, HasProbe) and (name, unit.visibility.value) in before
            ),
        )

    for laid, group in rounds(todo, answers):
        with opened(course, loaded, request, found, laid) as room:
            points = points_by_task([*outcomes, *again])
            again += ask_all(room, group, request, narrow, points)
    asked = (one for one in again if one.status is not Status.SKIPPED)
    return [one for one in asked if one.status.passed and one.points >= one.possible]


def rounds(
    tasks: Sequence[LoadedTask], answers: Answers
) -> Iterator[tuple[dict[str, bytes], list[LoadedTask]]]:
    """Yield what to lay over a submission, and the tasks to ask on that, in their order."""

    def own(loaded: LoadedTask) -> set[str]:
        return set(loaded.task.files) & set(answers.files)

    for kept, group in itertools.groupby(tasks, key=own):
        yield {name: text for name, text in answers.files.items() if name not in kept}, list(group)


def _carried(
    outcomes: Sequence[Outcome], passed: Sequence[Outcome], answers: Answers, ground: _Ground
) -> dict[Key, Outcome]:
    """Return the outcomes that passed on released answers, as they stand in the report."""
    before = {key(outcome): outcome for outcome in outcomes}
    because = f"{ground.task}/{ground.check}"
    return {
        key(one): msgspec.structs.replace(
            one,
            message=f"failed on the submission's own {ground.assignment}, where {because} fails; "
            f"graded on the released {listed(answers.assignments)}",
            printed="",  # nothing that the second run wrote comes into the report
            replay=before[key(one)].replay,  # which asks on the submission's own files
            carried=Carried(answers.assignments, because, before[key(one)].status),
        )
        for one in passed
    }


def _note(
    assignment: str, passed: Sequence[Outcome], answers: Answers, ground: _Ground | None
) -> str:
    """Return one sentence for the report: what passed on released answers, and why it counts."""
    counts = Counter(one.task for one in passed)
    tasks = listed([f"{task} ({counted(count, 'check')})" for task, count in counts.items()])
    on = f"the released {listed(answers.assignments)}"
    if ground is None:
        return (
            f"{tasks} would pass on {on}; but the submission's own pass all their public checks, "
            "and so it was graded on its own files."
        )
    return (
        f"{assignment} builds on {ground.assignment}, where `{ground.check}` of Task "
        f"{ground.task} fails; what failed with it was graded on {on}, for full points: {tasks}."
    )


def _hint(assignment: str, ground: _Ground | None, tried: Answers | None) -> str:
    """Return what earlier work that fails may have to do with what is left; nothing if none is.

    Args:
        assignment: what was graded.
        ground: the earlier work.
        tried: answers on which all that is left fails too, if there were any.
    """
    if ground is None:
        return ""
    if tried and ground.assignment in tried.assignments:
        cause = f"but all this fails on the released {listed(tried.assignments)} as well"
    else:
        cause = "that may be the cause"
    return (
        f"Task {ground.task} fails too (`{ground.check}`), and {assignment} builds on "
        f"{ground.assignment}: {cause}; see `minigrade check {ground.task}`."
    )
