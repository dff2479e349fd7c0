"""Show a report in a terminal: what to fix first, the points, then each failure.

Readable without colour and in 80 columns: words say what colours say. Student
text is only ever put into `rich.text.Text`, which knows no markup, and only
after `presentable` has cleaned it. rich is imported when something is printed,
because the command line imports this module to show its help.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from minigrade.edges.presentable import (
    cap_text,
    carried_text,
    earned_all,
    points_text,
    possible_text,
    presentable,
    presentable_outcome,
    repeats,
    sections,
    worth_text,
)
from minigrade.model import Frame, Outcome, Report, Status, TaskResult, Visibility
from minigrade.running.scoring import counted

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.table import Table
    from rich.text import Text

_WIDTH = 100  # wider lines are hard to read
_PLAIN_WIDTH = 80
_INDENT = 2

_STYLES = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.RAISED: "bold red",
    Status.TIMED_OUT: "bold red",
    Status.CRASHED: "bold red",
    Status.INCONCLUSIVE: "bold yellow",
    Status.SKIPPED: "yellow",
    Status.BROKEN: "bold magenta",
}


def print_report(report: Report, console: Console) -> None:
    """Print `report` on `console`, what to fix first on top.

    Checks that earned everything are counted, not listed: `progress_line` has
    told of each as it came.
    """
    from rich.console import Group

    shown = presentable(report, console.encoding)
    width = min(console.width, _WIDTH)
    console.print(Group(*_blocks(shown)), width=width)


def progress_line(outcome: Outcome, encoding: str = "utf-8") -> Text:
    """Return one line on `outcome`, for the moment when it arrives."""
    shown = presentable_outcome(outcome, encoding)
    points = worth_text(shown)
    name = f"{shown.task}  {shown.check}{_hidden(shown)} {carried_text(shown)}".rstrip()
    room = _PLAIN_WIDTH - 14 - 2 - len(points)
    line = _text(f"{_status(shown):<14}", _STYLES[shown.status])
    line.append_text(_column(name, room))
    line.append(f"  {points}")
    line.no_wrap, line.overflow = True, "crop"
    return line


def outcome_text(outcome: Outcome) -> str:
    """Return all there is to tell of `outcome` as plain text in 80 columns."""
    from rich.console import Console, Group

    medium = io.StringIO()
    console = Console(file=medium, width=_PLAIN_WIDTH, color_system=None)
    console.print(Group(*_outcome(presentable_outcome(outcome), None)))
    return medium.getvalue().strip("\n")


def _blocks(report: Report) -> Iterator[RenderableType]:
    yield _text(f"\n{report.assignment}  {report.title}", "bold")
    if report.submission:
        yield _text(report.submission, "dim")
    if report.provisional:
        yield _text(
            "\nProvisional: something broke on the grader's side, and the points may rise.",
            "bold magenta",
        )
    if report.headline:
        yield _text("\nFix this next", "bold")
        yield _indented(_text(report.headline))
    yield _text("")
    yield _task_table(report)
    parts = sections(report)
    repeated = repeats([outcome for section in parts for outcome in section.lacking])
    for section in parts:
        if section.lacking:
            yield from _section(section.task, section.lacking, repeated)
    if report.notes:
        yield _text("\nNotes", "bold")
        yield from (_indented(_text(note), bullet="* ") for note in report.notes)
    yield _text(f"\n{_summary(report)}", "bold")


def _task_table(report: Report) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, show_footer=True)
    table.add_column("Task")
    table.add_column("Title", footer=_text("Total", "bold"))
    for name in ("points", "examined", "possible"):
        total = _text(points_text(getattr(report, name)), "bold")
        table.add_column(name.capitalize(), footer=total, justify="right", no_wrap=True)
    table.add_column("Remark")
    for task in report.tasks:
        table.add_row(
            _text(task.id),
            _text(task.title),
            _text("-" if task.by_staff else points_text(task.points)),
            _text(points_text(task.examined)),
            _text(points_text(task.possible)),
            _text(_remark(task)),
        )
    return table


def _section(
    task: TaskResult, outcomes: list[Outcome], repeated: Mapping[str, Outcome]
) -> Iterator[RenderableType]:
    from rich.rule import Rule

    yield _text("")
    yield Rule(_text(f"Task {task.id}  {task.title}".rstrip(), "bold"), align="left", style="dim")
    for outcome in outcomes:
        yield from _outcome(outcome, repeated.get(outcome.id))


def _outcome(outcome: Outcome, first: Outcome | None) -> Iterator[RenderableType]:
    """Yield all there is to tell of `outcome`, or where it has been told: at `first`."""
    heading = _text(f"\n{_status(outcome)}", _STYLES[outcome.status])
    heading.append(f"  {outcome.check}{_hidden(outcome)}  ({worth_text(outcome)})", "default")
    yield heading
    yield _indented(_text(outcome.sentence))
    if first is not None:
        yield _indented(_text(outcome.message.split("\n")[0]))
        yield _indented(_text(f"As for {first.check} of task {first.task}, above.", "dim"))
        return
    for paragraph in filter(None, (outcome.message, cap_text(outcome))):
        yield _indented(_text(paragraph))
    facts = {
        "Smallest failing case": outcome.case,
        "Expected": outcome.expected,
        "Observed": outcome.observed,
        "In your code": "\n".join(map(_frame, outcome.frames)),
        "Your code printed": outcome.printed,
        "Replay": outcome.replay,
    }
    for label, fact in facts.items():
        if fact and "\n" not in fact:
            yield _indented(_text(f"{label}: {fact}"))
        elif fact:
            yield _indented(_text(f"{label}:"))
            yield _indented(_text(fact), 2)


def _frame(frame: Frame) -> str:
    if not frame.file:
        return frame.source
    place = f"{frame.file}:{frame.line}" + (f", in {frame.function}" if frame.function else "")
    source = frame.source.replace("\n", "\n    ")
    return f"{place}\n    {source}" if frame.source else place


def _summary(report: Report) -> str:
    full = sum(map(earned_all, report.outcomes))
    checks = counted(len(report.outcomes), "check")
    text = f"{points_text(report.points)} {possible_text(report)}; {full:,} of {checks} passed."
    if report.examined != report.possible:
        text += f" {points_text(report.examined)} could be earned by what was examined here."
    return text


def _remark(task: TaskResult) -> str:
    remark = task.remark or ("by staff" if task.by_staff else "")
    extra = "extra credit" if task.extra_credit else ""
    return ", ".join(part for part in (extra, remark) if part)


def _status(outcome: Outcome) -> str:
    """Return the status; in capitals where there is something to do."""
    if outcome.status is not Status.PASSED:
        return outcome.status.value
    return "passed" if earned_all(outcome) else "PARTLY"


def _hidden(outcome: Outcome) -> str:
    return " (hidden)" if outcome.visibility is Visibility.HIDDEN else ""


def _column(text: str, width: int) -> Text:
    """Return `text` in exactly `width` columns."""
    cell = _text(text)
    if cell.cell_len > width:
        cell.truncate(width - 3, overflow="crop")
        cell.append("...")  # and no ellipsis, which not every terminal has
    cell.pad_right(width - cell.cell_len)
    return cell


def _indented(text: Text, levels: int = 1, bullet: str = "") -> RenderableType:
    return _Indented(text, " " * levels * _INDENT, bullet)


@dataclasses.dataclass(frozen=True)
class _Indented:
    """Wrapped text behind a margin, and without rich's padding: people copy code from here."""

    text: Text
    margin: str
    bullet: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        margin = self.margin + self.bullet
        for line in self.text.wrap(console, max(1, options.max_width - len(margin))):
            row = _text(margin).append_text(line)
            row.rstrip()
            yield row
            margin = " " * len(margin)


def _text(content: str, style: str = "") -> Text:
    from rich.text import Text

    return Text(content, style, overflow="fold")
