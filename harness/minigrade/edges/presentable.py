"""Make a report fit to be shown: clean, short, and silent about hidden checks.

Much of a report's text was chosen by the student's process: what it printed,
what it raised, the names of its files. Whoever renders a report calls
`presentable` first and then cannot forget to tame a field. What is left to each
edge is its own language's escaping.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from minigrade.edges.cleaning import Cleaner
from minigrade.model import Carried, Frame, Outcome, Report, Status, TaskResult, Visibility
from minigrade.running.scoring import is_to_mend, listed

STATUS_WORDS = {
    Status.PASSED: "Passed",
    Status.FAILED: "Failed",
    Status.RAISED: "Raised an exception",
    Status.TIMED_OUT: "Took too long",
    Status.CRASHED: "Crashed",
    Status.INCONCLUSIVE: "Inconclusive",
    Status.SKIPPED: "Not examined",
    Status.BROKEN: "Our fault",
}

_HIDDEN_MESSAGES = {
    Status.FAILED: "What your code gave is not what it should be.",
    Status.RAISED: "Your code raised an exception.",
    Status.CRASHED: "Your code ended its process, or disturbed it.",
    Status.BROKEN: "The grader failed, not your code. The JSON report has more.",
}
"""Said in place of messages that may quote the student's process. Of the other
statuses the grader alone writes the message."""

_LINK = re.compile(r"https?://[^\s\"'<>`\\]+")

_CASE_CHARACTERS, _CASE_LINES = 6_000, 80  # cut code no longer runs
_OUTER_FRAMES, _INNER_FRAMES = 2, 6
_SOURCE_CHARACTERS, _SOURCE_LINES = 300, 3


@dataclasses.dataclass(frozen=True)
class Section:
    """A task, and its outcomes: those with something to tell, and the others."""

    task: TaskResult
    lacking: list[Outcome]
    complete: list[Outcome]


def presentable(report: Report, encoding: str = "utf-8") -> Report:
    """Return `report` with every text cleaned and shortened, and hidden checks blanked.

    Args:
        report: what to show.
        encoding: of the medium; what it cannot express is written as an escape.
    """
    return _Cleaner(Cleaner(encoding)).report(report)


def presentable_outcome(outcome: Outcome, encoding: str = "utf-8") -> Outcome:
    """Return `outcome` as it stands in a presentable report."""
    return _Cleaner(Cleaner(encoding)).outcome(outcome)


def sections(report: Report) -> list[Section]:
    """Return the outcomes of `report` by task, each exactly once, in the report's order."""
    tasks = {task.id: task for task in report.tasks}
    for outcome in report.outcomes:
        # A report from elsewhere may lack a task. Its outcomes are shown all the same.
        tasks.setdefault(outcome.task, _unlisted(outcome.task))
    lacking: dict[str, list[Outcome]] = {name: [] for name in tasks}
    complete: dict[str, list[Outcome]] = {name: [] for name in tasks}
    for outcome in report.outcomes:
        (complete if earned_all(outcome) else lacking)[outcome.task].append(outcome)
    return [Section(task, lacking[name], complete[name]) for name, task in tasks.items()]


def earned_all(outcome: Outcome) -> bool:
    """Tell whether nothing is left to say; a veto has no points and may still fail."""
    return outcome.status is Status.PASSED and outcome.points >= outcome.possible


def repeats(outcomes: Sequence[Outcome]) -> dict[str, Outcome]:
    """Return, by id, the earlier outcome that an outcome repeats in all its details.

    One missing import fails every check in the same way; telling it once will do.
    """
    first: dict[object, Outcome] = {}
    found: dict[str, Outcome] = {}
    for outcome in outcomes:
        if outcome.visibility is Visibility.HIDDEN or not outcome.message:
            continue
        details = (outcome.case, outcome.expected, outcome.observed, outcome.printed)
        key = (outcome.status, outcome.message, outcome.frames, *details)
        if first.setdefault(key, outcome) is not outcome:
            found[outcome.id] = first[key]
    return found


def status_words(outcome: Outcome) -> str:
    """Return what became of `outcome`, in words."""
    partly = outcome.status is Status.PASSED and not earned_all(outcome)
    return "Passed in part" if partly else STATUS_WORDS[outcome.status]


def points_text(points: Fraction) -> str:
    """Return `points` with at most two decimals: ``"1.33"``, ``"4"``."""
    text = f"{float(round(points, 2)):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def possible_text(report: Report) -> str:
    """Return what follows an assignment's points: ``"of 40 points, 5 of them extra credit"``."""
    extra = sum((task.points for task in report.tasks if task.extra_credit), Fraction(0))
    if not report.possible and extra:
        return "points of extra credit" if extra != 1 else "point of extra credit"
    text = f"of {points_text(report.possible)} point{'s' * (report.possible != 1)}"
    return f"{text}, {points_text(extra)} of them extra credit" if extra else text


def worth_text(outcome: Outcome) -> str:
    """Return what `outcome` earned of what it could, in words."""
    if not outcome.examined:
        return "not counted"
    if not outcome.possible:
        return "no points"
    return f"{points_text(outcome.points)} of {points_text(outcome.possible)}"


def carried_text(outcome: Outcome) -> str:
    """Return on whose released answers `outcome` stands: ``"on the released m0 and m1"``."""
    return f"on the released {listed(outcome.carried.assignments)}" if outcome.carried else ""


def cap_text(outcome: Outcome) -> str:
    """Return what `outcome` does to the rest of its task, or nothing."""
    if outcome.cap >= 1:
        return "" if outcome.status.passed or is_to_mend(outcome) else "This costs nothing."
    if outcome.cap <= 0:
        return "Until this is mended, the whole task earns nothing."
    return f"Until this is mended, the task keeps at most {float(outcome.cap):.0%} of its points."


@dataclasses.dataclass(frozen=True)
class _Cleaner:
    """Cleans all texts of a report, or of a part of it."""

    text: Cleaner

    def report(self, report: Report) -> Report:
        line, block = self.text.line, self.text.block
        return msgspec.structs.replace(
            report,
            assignment=line(report.assignment),
            title=line(report.title),
            headline=block(report.headline),
            submission=line(report.submission),
            tasks=[self.task(task) for task in report.tasks],
            outcomes=[self.outcome(outcome) for outcome in report.outcomes],
            notes=[block(note) for note in report.notes],
            policy=line(report.policy),
            layers=[line(layer) for layer in report.layers],
            versions={line(name): line(value) for name, value in report.versions.items()},
            seed_id=line(report.seed_id),
            submission_digest=line(report.submission_digest),
            engine_digest=line(report.engine_digest),
            signature=line(report.signature),
            created_at=line(report.created_at),
        )

    def task(self, task: TaskResult) -> TaskResult:
        line = self.text.line
        link = task.link if _LINK.fullmatch(task.link) else ""
        return msgspec.structs.replace(
            task,
            id=line(task.id),
            title=line(task.title),
            remark=line(task.remark),
            link=line(link, 2_000),
        )

    def outcome(self, outcome: Outcome) -> Outcome:
        if outcome.visibility is Visibility.HIDDEN:
            outcome = _without_details(outcome)
        line, block = self.text.line, self.text.block
        return msgspec.structs.replace(
            outcome,
            id=line(outcome.id),
            task=line(outcome.task),
            check=line(outcome.check),
            kind=line(outcome.kind),
            sentence=line(outcome.sentence, 600),
            message=block(outcome.message),
            category=line(outcome.category),
            case=block(outcome.case, _CASE_CHARACTERS, _CASE_LINES),
            expected=block(outcome.expected),
            observed=block(outcome.observed),
            frames=self.frames(outcome.frames),
            printed=block(outcome.printed),
            location=line(outcome.location),
            replay=block(outcome.replay),
            data={},
            carried=outcome.carried and self.carried(outcome.carried),
        )

    def carried(self, carried: Carried) -> Carried:
        line = self.text.line
        return Carried(tuple(map(line, carried.assignments)), line(carried.because), carried.status)

    def frames(self, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
        """Clean `frames`, and of a long traceback keep both ends."""
        omitted = len(frames) - _OUTER_FRAMES - _INNER_FRAMES
        if omitted <= 1:
            return tuple(self.frame(frame) for frame in frames)
        outer, inner = frames[:_OUTER_FRAMES], frames[-_INNER_FRAMES:]
        gap = Frame("", 0, "", f"[... {omitted:,} frames left out ...]")
        return (*map(self.frame, outer), gap, *map(self.frame, inner))

    def frame(self, frame: Frame) -> Frame:
        line = self.text.line
        return Frame(
            line(frame.file),
            frame.line,
            line(frame.function),
            self.text.block(frame.source.strip(), _SOURCE_CHARACTERS, _SOURCE_LINES),
        )


def _without_details(outcome: Outcome) -> Outcome:
    """Drop all that the student's process may have written."""
    return msgspec.structs.replace(
        outcome,
        message=_HIDDEN_MESSAGES.get(outcome.status, outcome.message),
        observed="",
        printed="",
        frames=(),
        location="",
    )


def _unlisted(name: str) -> TaskResult:
    zero = Fraction(0)
    return TaskResult(id=name, title="", points=zero, examined=zero, possible=zero)
