"""``minigrade list``: what the course asks."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from minigrade.edges.checking import resolve
from minigrade.running.catalog import LoadedTask, find_course


def print_course(targets: tuple[str, ...]) -> None:
    """Print assignments, tasks with their points, and checks with their sentences.

    Raises:
        UsageError: a target is not there.
    """
    course = find_course()
    console = Console(highlight=False)
    names = targets or tuple(assignment.id for assignment in course.assignments())
    for name, ids in resolve(course, names):
        loaded = course.load(name, hidden=course.checkout is not None)
        total = sum(task.task.points for task in loaded.tasks if not task.task.extra_credit)
        heading = f"{name}  {loaded.assignment.title}, {total} points"
        console.print(Text(heading, style="bold"))
        for task in loaded.tasks:
            if not ids or task.task.id in ids:
                _print_task(console, task, whole=bool(ids))


def _print_task(console: Console, task: LoadedTask, *, whole: bool) -> None:
    remark = ", by staff" if task.task.by_staff else ""
    extra = ", extra credit" if task.task.extra_credit else ""
    console.print(
        Text(f"  {task.task.id}  {task.task.title}, {task.task.points} points{remark}{extra}")
    )
    if whole and task.asks:
        console.print(Padding(Text(task.asks), (0, 0, 0, 7)))
    for part in task.parts:
        for check in part.checks:
            values = f"[{', '.join(map(str, check.each))}]" if check.each else ""
            mark = " (hidden)" if part.visibility == "hidden" else ""
            console.print(Padding(Text(f"{check.name}{values}{mark}", style="cyan"), (0, 0, 0, 7)))
            console.print(Padding(Text(check.sentence), (0, 0, 0, 9)))
