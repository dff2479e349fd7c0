"""Turn verdicts into points, and say what to fix next.

Weights divide the points of one half of a task, public or hidden, so that a
public check earns the same on a student's machine and on a server. Points are
exact until a task is summed; then they are rounded to hundredths, once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from minigrade.model import Outcome, Status, Task, TaskResult, Visibility


def share(task: Task, visibility: Visibility, weight: Fraction, total: Fraction) -> Fraction:
    """Return the points that a check of `weight` can earn in its half of a task.

    Args:
        task: whose points are divided.
        visibility: which half.
        weight: the check's.
        total: the weights of all checks in that half.
    """
    hidden = visibility is Visibility.HIDDEN
    points = task.hidden_points if hidden else task.points - task.hidden_points
    return points * weight / total if total else Fraction(0)


def task_result(task: Task, outcomes: Sequence[Outcome]) -> TaskResult:
    """Return a task's points: the sum of its outcomes, capped and rounded."""
    cap = min((outcome.cap for outcome in outcomes), default=Fraction(1))
    examined = sum((o.possible for o in outcomes if o.examined), Fraction(0))
    earned = sum((outcome.points for outcome in outcomes), Fraction(0))
    remark = _remark(task, outcomes, cap, examined)
    return TaskResult(
        id=task.id,
        title=task.title,
        points=_rounded(min(earned, cap * examined)),
        examined=_rounded(examined),
        possible=Fraction(task.points),
        by_staff=task.by_staff,
        extra_credit=task.extra_credit,
        remark=", ".join(filter(None, (_on_released(outcomes), remark))),
        link=task.link,
    )


def totals(tasks: Sequence[TaskResult]) -> dict[str, Any]:
    """Return an assignment's `points`, and how many were `examined` and are `possible`.

    Extra credit counts in what is earned only.
    """
    asked = [task for task in tasks if not task.extra_credit]
    return {
        "points": sum((task.points for task in tasks), Fraction(0)),
        "examined": sum((task.examined for task in asked), Fraction(0)),
        "possible": sum((task.possible for task in asked), Fraction(0)),
    }


def _on_released(outcomes: Sequence[Outcome]) -> str:
    """Return how many checks were carried over, and onto what; see `carrying`."""
    found = [outcome.carried.assignments for outcome in outcomes if outcome.carried]
    if not found:
        return ""
    return f"{counted(len(found), 'check')} failed; graded on the released {listed(found[0])}"


def _remark(task: Task, outcomes: Sequence[Outcome], cap: Fraction, examined: Fraction) -> str:
    """Return why points are missing though nothing failed, or what capped them."""
    if task.by_staff:
        return "by staff"
    if cap < 1:
        capping = (outcome.check for outcome in outcomes if outcome.cap == cap)
        names = ", ".join(dict.fromkeys(check.partition("[")[0] for check in capping))
        return f"at most {float(cap):.0%} because of {names}"
    skipped = [outcome for outcome in outcomes if outcome.status is Status.SKIPPED]
    if skipped and len(skipped) == len(outcomes):
        return skipped[0].message
    seen = {outcome.visibility for outcome in outcomes}
    if task.hidden_points and seen == {Visibility.PUBLIC}:
        return f"{task.hidden_points} more points for checks that only your course runs"
    if outcomes and examined < task.points:
        return "not examined in full"
    return ""


def points_by_task(outcomes: Sequence[Outcome]) -> dict[str, Fraction]:
    """Return what was earned so far, by tasks' ids."""
    points: dict[str, Fraction] = {}
    for outcome in outcomes:
        points[outcome.task] = points.get(outcome.task, Fraction(0)) + outcome.points
    return points


def counted(number: int, noun: str) -> str:
    """Return ``"1 check"``, ``"2 checks"``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Return ``"m0"``, ``"m0 and m1"``, ``"m0, m1 and m2"``."""
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)


def is_to_mend(outcome: Outcome) -> bool:
    """Tell whether `outcome` costs points, or may cost some.

    What neither earns nor caps is asked for the student to know, such as of code that
    the course has given out wrong.
    """
    counts = outcome.weight > 0 or outcome.cap < 1 or outcome.status is Status.BROKEN
    return counts and not outcome.status.passed


def free_failures(outcomes: Sequence[Outcome]) -> list[str]:
    """Return notes on what fails and costs nothing, in tasks that have nothing else to mend."""
    to_mend = {outcome.task for outcome in outcomes if is_to_mend(outcome)}
    return [
        f"Task {outcome.task}, `{outcome.check}` fails and costs nothing: {outcome.sentence}"
        for outcome in outcomes
        if not outcome.status.passed and outcome.examined and outcome.task not in to_mend
    ]


def headline(tasks: Sequence[TaskResult], outcomes: Sequence[Outcome]) -> str:
    """Return the best next thing to fix, or an empty string if nothing is to be fixed.

    A file that does not import comes first, for it hides all else. Then tasks in
    their order, as they build on one another, and within the first that fails, the
    line of code that is behind the most failures anywhere.
    """
    failed = [o for o in outcomes if is_to_mend(o) and o.examined]
    public = [outcome for outcome in failed if outcome.visibility is Visibility.PUBLIC]
    if not public:
        if not failed:
            return ""
        ids = ", ".join(sorted({outcome.task for outcome in failed}))
        return f"Every public check passes; hidden checks of {ids} do not. Think of unusual inputs."
    culprits = Counter(o.location for o in public if o.location)
    order = [task.id for task in tasks]
    best = min(
        public,
        key=lambda o: (
            o.category != "import",
            order.index(o.task),
            -culprits[o.location],
        ),
    )
    return _sentence(best, culprits[best.location])


def _sentence(outcome: Outcome, times: int) -> str:
    text = outcome.message.split("\n")[0]
    where = "" if outcome.location in text else f" ({outcome.location})"
    more = f" {times} checks fail at this line." if times > 1 else ""
    return f"Task {outcome.task}, `{outcome.check}`. {outcome.sentence} Found: {text}{where}.{more}"


def _rounded(points: Fraction) -> Fraction:
    return Fraction(round(points * 100), 100)
