"""Which files belong to which assignment, and so to whose repository.

A task names the files that students write for it, an assignment those that it
gives to them. A student's repository has those of its assignment and of all
that this one builds on.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from pathlib import Path, PurePosixPath

import msgspec

from minigrade.errors import CourseError
from minigrade.model import Course
from minigrade.running.catalog import CourseFolder, LoadedAssignment
from minigrade.running.preloading import reached


class Plan(msgspec.Struct, frozen=True):
    """Which assignments' files make up one template.

    Attributes:
        earlier: the assignments that the one asked for stands on, first to last.
        task_ids: of the whole course.
        elsewhere: files that belong to other assignments of the course only.
    """

    course: Course
    earlier: tuple[LoadedAssignment, ...]
    asked: LoadedAssignment
    task_ids: frozenset[str]
    elsewhere: frozenset[str]

    def files(self) -> list[str]:
        """Return the files that the assignments of this template declare."""
        return sorted({name for one in (*self.earlier, self.asked) for name in _declared(one)})

    def earlier_files(self) -> list[str]:
        """Return the files that students wrote for earlier assignments."""
        return sorted(
            {name for one in self.earlier for loaded in one.tasks for name in loaded.task.files}
        )

    def released(self) -> tuple[str, ...]:
        """Return the ids of the earlier assignments whose answers students may see."""
        ids = (one.assignment.id for one in self.earlier)
        return tuple(name for name in ids if name in self.course.released)

    def released_tasks(self) -> frozenset[str]:
        """Return the ids of those assignments' tasks."""
        return frozenset(
            loaded.task.id
            for one in self.earlier
            if one.assignment.id in self.released()
            for loaded in one.tasks
        )


def make_plan(folder: CourseFolder, assignment_id: str) -> Plan:
    """Return the plan of an assignment's template.

    Raises:
        UsageError: there is no such assignment.
        CourseError: it builds on what is no assignment, or the course releases answers that
            stand on unreleased ones.
    """
    asked = folder.load(assignment_id, hidden=False)
    everything = {known.id: folder.load(known.id, hidden=False) for known in folder.assignments()}
    chain = [asked]
    while (before := chain[0].assignment.builds_on) is not None:
        if before not in everything or len(chain) > len(everything):
            raise CourseError(
                f"{folder.path}: {chain[0].assignment.id} builds on {before!r}, which is no "
                f"assignment before it; expected one of {', '.join(everything)}"
            )
        chain.insert(0, everything[before])
    _refuse_gaps(folder, everything)
    everywhere = {name for one in everything.values() for name in _declared(one)}
    return Plan(
        course=folder.course,
        earlier=tuple(chain[:-1]),
        asked=asked,
        task_ids=frozenset(t.task.id for one in everything.values() for t in one.tasks),
        elsewhere=frozenset(everywhere - {name for one in chain for name in _declared(one)}),
    )


def keep_only(root: Path, package: str, files: Collection[str]) -> None:
    """Make the reference what a student has who has come as far as one assignment.

    What stays of the package is its ``__init__.py``, `files`, and what these import;
    ``__init__.py`` imports nothing else any more. Loading all the rest takes longer than
    grading an early assignment.

    Args:
        root: a copy of the reference.
        package: the package under test.
        files: of the assignments so far, as ``minitorch/operators.py``.
    """
    here = root / package
    init = here / "__init__.py"
    given = {PurePosixPath(name).stem for name in files if name.startswith(f"{package}/")}
    wanted = {"__init__", *(name for name, _ in reached(here, given - {"__init__"}))}
    for path in here.glob("*.py"):
        if path.stem not in wanted:
            path.unlink()
    lines = init.read_text("utf-8").splitlines(keepends=True)
    for node in ast.parse("".join(lines)).body:
        if isinstance(node, ast.ImportFrom) and node.level == 1 and not _siblings(node) <= wanted:
            end = node.end_lineno or node.lineno
            lines[node.lineno - 1 : end] = ["\n"] * (end - node.lineno + 1)
    init.write_text("".join(lines), "utf-8")


def _siblings(node: ast.ImportFrom) -> set[str]:
    """Return the files, by their names without ``.py``, that a statement imports."""
    return {node.module} if node.module else {alias.name for alias in node.names}


def _refuse_gaps(folder: CourseFolder, everything: Mapping[str, LoadedAssignment]) -> None:
    """Raise a CourseError if what is released is no assignment, or builds on what is not."""
    released = folder.course.released
    for name in released:
        if name not in everything:
            raise CourseError(
                f"{folder.path / 'course.py'}: {name!r} is released, which is no assignment; "
                f"expected some of {', '.join(everything)}"
            )
        before = everything[name].assignment.builds_on
        if before is not None and before not in released:
            raise CourseError(
                f"{folder.path / 'course.py'}: {name} is released and {before}, which it builds "
                f"on, is not; release {before} too"
            )


def _declared(one: LoadedAssignment) -> set[str]:
    """Return the files of an assignment: those that it gives and those of its tasks."""
    written = (name for loaded in one.tasks for name in loaded.task.files)
    return {*one.assignment.files, *written}
