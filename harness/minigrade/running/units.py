"""What one worker is asked at a time: a few checks of one task file.

Tasks are cut the same way however many processes there are, since a submission that
keeps state between calls would otherwise answer differently. One unit has one
environment: numba compiles in it, or does not, or as the submission likes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from minigrade.kinds.base import Question
from minigrade.kinds.properties import examples_of
from minigrade.kinds.student_tests import StudentTests
from minigrade.model import Check, Task, Visibility
from minigrade.running.catalog import LoadedTask, Part
from minigrade.running.kernels import mark

_QUESTIONS_A_UNIT = 8
_COMPILED_A_UNIT = 16  # each of these workers has to load the kernels
_COMPILED_A_WORKER = 4  # fewer questions need the same kernels, and one worker compiles them


class Unit(msgspec.Struct, frozen=True):
    """A few questions of one task file: indices of checks, and values of their `each`."""

    assignment: str
    task: Task
    visibility: Visibility
    questions: tuple[tuple[int, Any], ...]
    checks: tuple[Check, ...]
    probes: str
    probes_name: str
    jit: bool | None = None

    @property
    def tries_tests(self) -> bool:
        """Whether students' tests are tried on implementations, dozens of them in a row."""
        return any(isinstance(self.checks[i].spec, StudentTests) for i, _ in self.questions)


def units(task: LoadedTask, only: Sequence[str] = (), most: int | None = None) -> Iterator[Unit]:
    """Cut a task into units of at most `most` questions, about those named in `only`, if any."""
    for part in task.parts:
        questions = [
            (index, value)
            for index, check in enumerate(part.checks)
            for value in check.each or (None,)
            if not only or check.name in only or f"{check.name}[{value}]" in only
        ]
        for jit in (None, False, True):  # what compiles comes last: it takes longest
            alike = [one for one in questions if part.checks[one[0]].jit is jit]
            size = most or (_COMPILED_A_UNIT if jit else _QUESTIONS_A_UNIT)
            for start in range(0, len(alike), size):
                yield _unit(task, part, alike[start : start + size], jit)


def compilations(todo: Sequence[Unit], parts: int, kernels: Path) -> list[Unit]:
    """Return units whose questions are only asked to have their kernels compiled.

    None of them is hidden: what they write is read by workers that ask public questions.

    Args:
        todo: the units that are to follow.
        parts: among how many workers those of one task file are shared.
        kernels: a folder, which says of which questions it has the kernels.
    """
    alike: dict[tuple[str, bool | None], list[Unit]] = {}
    for unit in todo:
        wanted = [
            one
            for one in unit.questions
            if unit.checks[one[0]].compiles and not (kernels / mark_of(unit, *one)).exists()
        ]
        if wanted and unit.visibility is Visibility.PUBLIC:
            smaller = msgspec.structs.replace(unit, questions=tuple(wanted))
            alike.setdefault((unit.probes, unit.jit), []).append(smaller)
    found: list[tuple[int, Unit]] = []
    for first, *more in alike.values():
        questions = sum((unit.questions for unit in more), first.questions)
        workers = max(1, min(parts, len(questions) // _COMPILED_A_WORKER))
        size = -(-len(questions) // workers)
        found += [
            (start, msgspec.structs.replace(first, questions=questions[start : start + size]))
            for start in range(0, len(questions), size)
        ]
    # Those of one file need the same helpers, and are best not begun at the same time.
    return [unit for _, unit in sorted(found, key=lambda one: one[0])]


def mark_of(unit: Unit, index: int, value: Any) -> str:
    """Return the name of the file which says that the kernels of a question are there."""
    check = unit.checks[index]
    return mark(unit.probes, check.name, value, examples_of(check.spec, value)[0])


def narrowed(unit: Unit, wanted: Callable[[Check, str], bool]) -> Unit | None:
    """Return a unit with only those questions that are wanted; None if none is.

    Args:
        unit: what to cut down.
        wanted: tells of a check, and of the id that an outcome of it will have.
    """
    pairs = zip(unit.questions, question_ids(unit), strict=True)
    kept = tuple(one for one, name in pairs if wanted(unit.checks[one[0]], name))
    return msgspec.structs.replace(unit, questions=kept) if kept else None


def question_ids(unit: Unit) -> list[str]:
    """Return the ids of the outcomes that a unit will have."""
    return [question_of(unit, unit.checks[i], value, 0, None).id for i, value in unit.questions]


def names(task: LoadedTask) -> Iterator[str]:
    """Yield what a user may call the checks of a task: with and without a value."""
    for part in task.parts:
        for check in part.checks:
            yield check.name
            yield from (f"{check.name}[{value}]" for value in check.each)


def _unit(task: LoadedTask, part: Part, questions: list[tuple[int, Any]], jit: bool | None) -> Unit:
    return Unit(
        assignment=task.assignment,
        task=task.task,
        visibility=part.visibility,
        questions=tuple(questions),
        checks=part.checks,
        probes=part.probes,
        probes_name=part.name,
        jit=jit,
    )


def question_of(unit: Unit, check: Check, value: Any, seed: int, cases: int | None) -> Question:
    """Return a question of a unit, for one value of its `each`."""
    return Question(
        task=unit.task,
        check=check,
        value=value,
        visibility=unit.visibility,
        seed=seed,
        cases=cases,
        probe_text=unit.probes,
    )
