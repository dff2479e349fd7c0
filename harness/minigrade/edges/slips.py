"""Choose small mistakes in the answers of an assignment, by a seed.

The answers are those of the reference, between its fences, and of each variant, in the
functions that stand between fences in the reference.

libcst is slow to import: import this module only where mutants are to be made.
"""

from __future__ import annotations

import difflib
import hashlib
import itertools
import types
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial

import msgspec

from minigrade.edges.fences import find_fences
from minigrade.edges.mutations import Edit, find_edits
from minigrade.kinds.student_tests import StudentTests
from minigrade.running.audit import find_trials
from minigrade.running.catalog import CourseFolder


class Slip(msgspec.Struct, frozen=True):
    """A mutant made by rule.

    Attributes:
        assignment: its id.
        task: whose checks must catch it.
        base: the variant that it edits; empty for the reference.
        file: the file that it edits.
        function: the function, as ``tensor_map._map``.
        operator: what kind of slip.
        line: where it begins, counted from 1.
        old: the lines that it changes, without indentation.
        new: what stands there instead.
        texts: the whole file, before and after.
    """

    assignment: str
    task: str
    base: str
    file: str
    function: str
    operator: str
    line: int
    old: str
    new: str
    texts: tuple[str, str]

    @property
    def place(self) -> str:
        """Where it is and what it does, in a line."""
        where = f"{self.assignment}/{self.base or 'reference'} {self.file}:{self.line}"
        return f"{where} {self.operator} ({self.task})"

    @property
    def diff(self) -> str:
        """What it changes, with two lines around."""
        before, after = (text.splitlines() for text in self.texts)
        return "\n".join([*difflib.unified_diff(before, after, n=2, lineterm="")][2:])


def generate(course: CourseFolder, assignment: str, count: int, seed: int) -> list[Slip]:
    """Return `count` slips in an assignment's answers, or all if there are fewer.

    Tasks, the reference and the variants, and operators take turns. An edit of one
    function hardly changes what is chosen elsewhere.

    Raises:
        UsageError: there is no such assignment, or this is no checkout.
        CourseError: a fence is malformed.
    """
    everything = [*candidates(course, assignment)]
    everything.sort(key=partial(_lot, seed))
    groups = _taking_turns(everything, lambda slip: (slip.task, slip.base))
    return list(itertools.islice(_different(groups), count))


def candidates(course: CourseFolder, assignment: str) -> Iterator[Slip]:
    """Yield all slips in an assignment's answers, with those that change nothing.

    Not in tests that students write: one that looks at other numbers is as good.

    Raises:
        CourseError: a fence is malformed.
    """
    checkout = course.require_checkout("minigrade audit")
    loaded = course.load(assignment, hidden=False).tasks
    tasks = {one.task.id for one in loaded}
    specs = [check.spec for one in loaded for part in one.parts for check in part.checks]
    tests = {spec.suite.file for spec in specs if isinstance(spec, StudentTests)}
    answers: dict[str, str] = {}
    reference = checkout / "reference"
    for path in sorted(reference.glob("*/*.py")):
        file, text = path.relative_to(reference).as_posix(), path.read_text("utf-8")
        if file in tests:
            continue
        fences = [fence for fence in find_fences(text, file) if fence.task in tasks]
        task_at = {n: f.task for f in fences for n in range(f.begin + 1, f.end)}
        for edit in find_edits(text) if fences else ():
            task = task_at.get(edit.line)
            if task:
                answers[edit.function] = task
                yield _slip(assignment, task, "", file, text, edit)
    for trial in find_trials(checkout, assignment):
        if trial.overlay:
            for path in sorted(trial.overlay.glob("*/*.py")):
                file, text = path.relative_to(trial.overlay).as_posix(), path.read_text("utf-8")
                for edit in find_edits(text):
                    if edit.function in answers:
                        task = answers[edit.function]
                        yield _slip(assignment, task, trial.name, file, text, edit)


def _slip(assignment: str, task: str, base: str, file: str, text: str, edit: Edit) -> Slip:
    content, new = text.encode(), edit.new.encode()
    wrong = content[: edit.start] + new + content[edit.end :]
    # The whole lines around it.
    first = content.rfind(b"\n", 0, edit.start) + 1
    last = content.find(b"\n", edit.end)
    after = last + len(new) - (edit.end - edit.start)
    return Slip(
        assignment, task, base, file, edit.function, edit.operator, edit.line,
        bare(content[first:last].decode()), bare(wrong[first:after].decode()),
        (text, wrong.decode()),
    )  # fmt: skip


def bare(lines: str) -> str:
    """Return lines without indentation: what does not change when code moves."""
    return "\n".join(line.strip() for line in lines.splitlines())


def _lot(seed: int, slip: Slip) -> bytes:
    """Return what the order of slips is drawn by: no line number, no text around it."""
    parts = (str(seed), slip.base, slip.file, slip.function, slip.operator, slip.old, slip.new)
    return hashlib.sha256("\0".join(parts).encode()).digest()


def _taking_turns(slips: Iterable[Slip], group: Callable[[Slip], Hashable]) -> Iterator[Slip]:
    """Yield slips so that groups, and operators in each group, take turns."""
    by_group: dict[Hashable, dict[str, list[Slip]]] = {}
    for slip in slips:
        by_group.setdefault(group(slip), {}).setdefault(slip.operator, []).append(slip)
    mixed = [[*_in_turns(by_operator.values())] for by_operator in by_group.values()]
    yield from _in_turns(mixed)


def _in_turns(rows: Iterable[Sequence[Slip]]) -> Iterator[Slip]:
    for turn in itertools.zip_longest(*rows):
        yield from (slip for slip in turn if slip is not None)


def _different(slips: Iterable[Slip]) -> Iterator[Slip]:
    """Yield those that are Python, mean something else to it, and come for the first time."""
    seen: set[tuple[str, ...]] = set()
    for slip in slips:
        before, after = slip.texts
        key = (slip.base, slip.file, after)
        if key not in seen:
            seen.add(key)
            try:
                code = compile(after, slip.file, "exec", dont_inherit=True)
            except SyntaxError:
                continue
            if not _same(compile(before, slip.file, "exec", dont_inherit=True), code):
                yield slip


def _same(one: types.CodeType, other: types.CodeType) -> bool:
    """Tell whether two pieces of code do the same, instruction by instruction."""
    if one.co_code != other.co_code or len(one.co_consts) != len(other.co_consts):
        return False
    named = ("co_names", "co_varnames", "co_freevars", "co_cellvars", "co_name", "co_flags")
    if any(getattr(one, name) != getattr(other, name) for name in named):
        return False
    return all(
        _same(mine, yours)
        if isinstance(mine, types.CodeType) and isinstance(yours, types.CodeType)
        else repr(mine) == repr(yours)  # 0.0 is not 0, nor -0.0
        for mine, yours in zip(one.co_consts, other.co_consts, strict=True)
    )
