"""``minigrade check``: grade a repository, show the report, write it where asked."""

from __future__ import annotations

import contextlib
import functools
import os
import stat
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from minigrade.edges.answers import released_answers
from minigrade.edges.text import print_report, progress_line
from minigrade.errors import UsageError
from minigrade.interchange import to_json
from minigrade.kinds.texts import read_texts
from minigrade.model import Outcome, Report
from minigrade.running.catalog import CourseFolder, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.scoring import is_to_mend
from minigrade.running.submission import Submission, find

LAST_REPORT = Path(".minigrade", "last.json")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line asks for; see `minigrade.edges.cli.check`."""

    targets: tuple[str, ...]
    folder: Path
    cases: int | None
    seed: int
    jobs: int
    hidden: bool
    json: str | None
    html: Path | None


def check(wish: Wish) -> int:
    """Grade, show and write; return the exit status.

    Raises:
        MinigradeError: the request or the submission cannot be fulfilled.
    """
    course = find_course()
    found = find(wish.folder, course.course)
    requests = [
        Request(
            assignment=assignment,
            tasks=tasks,
            hidden=wish.hidden,
            cases=wish.cases,
            seed=wish.seed,
            jobs=wish.jobs,
            keep_kernels=True,
        )
        for assignment, tasks in resolve(course, wish.targets, found)
    ]
    console = Console(stderr=wish.json == "-", highlight=False)
    reports = []

    def show(outcome: Outcome) -> None:
        console.print(progress_line(outcome, console.encoding))

    for request in requests:
        answers = functools.partial(released_answers, course, request.assignment)
        report = grade(course, request, found, show, answers)
        print_report(report, console)
        reports.append(report)
    _write(wish, found, reports, console)
    return max(exit_status(report) for report in reports)


def exit_status(report: Report) -> int:
    """Return 0 if nothing that counts is to be mended, 1 if not, 3 if something of ours broke."""
    if report.provisional:
        return 3
    return 1 if any(is_to_mend(outcome) for outcome in report.outcomes) else 0


def resolve(
    course: CourseFolder, targets: Sequence[str], found: Submission | None = None
) -> list[tuple[str, tuple[str, ...]]]:
    """Return the assignments that are meant, each with its tasks; () means all.

    Raises:
        UsageError: a target is no assignment and no task, or none is named anywhere.
    """
    known = [assignment.id for assignment in course.assignments()]
    if not targets:
        named = _settings(found).get("assignment") if found else None
        if named not in known:
            raise UsageError(
                f"which assignment? Name one of {', '.join(known)}, as in `minigrade check "
                f"{known[0]}`, or set assignment in [tool.minigrade] of pyproject.toml"
            )
        targets = [named]
    tasks: dict[str, list[str]] = {}
    whole: set[str] = set()
    for target in targets:
        if target in known:
            whole.add(target)
            tasks.setdefault(target, [])
        else:
            tasks.setdefault(course.home(target), []).append(target)
    return [(name, () if name in whole else tuple(ids)) for name, ids in tasks.items()]


def _settings(found: Submission) -> dict[str, Any]:
    """Return [tool.minigrade] of the submission's pyproject.toml, or nothing."""
    texts, _, _ = read_texts(found.root, ["pyproject.toml"])
    try:
        settings = tomllib.loads(texts["pyproject.toml"].encode("latin-1").decode())
        for name in ("tool", "minigrade"):
            settings = settings[name]
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _write(wish: Wish, found: Submission, reports: list[Report], console: Console) -> None:
    texts = [to_json(report) for report in reports]
    text = texts[0] if len(texts) == 1 else b"[\n" + b",\n".join(texts) + b"]\n"
    if not wish.hidden:  # hidden cases are not for the repository
        with contextlib.suppress(OSError):  # somebody else's repository, or a read-only one
            _keep(found.root, text)
    if wish.json == "-":
        sys.stdout.buffer.write(text)
    elif wish.json:
        Path(wish.json).write_bytes(text)
    if wish.html:
        from minigrade.edges.page import render_page

        for number, report in enumerate(reports):
            target = (
                wish.html
                if number == 0
                else wish.html.with_stem(f"{wish.html.stem}-{report.assignment}")
            )
            target.write_text(render_page(report), "utf-8")
            console.print(f"page: {target}", markup=False)


def _keep(root: Path, text: bytes) -> None:
    """Write `LAST_REPORT` below `root`, which is a student's: follow no link from there.

    Raises:
        OSError: it cannot be written, or something else stands in its place.
    """
    folder = root / LAST_REPORT.parent
    folder.mkdir(exist_ok=True)
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        # O_NONBLOCK: a named pipe would have us wait for a reader.
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(LAST_REPORT.name, flags, 0o644, dir_fd=directory)
    finally:
        os.close(directory)
    with os.fdopen(descriptor, "wb") as file:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.truncate()
            file.write(text)
