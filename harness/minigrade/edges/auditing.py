"""``minigrade audit``: does the grader tell right from wrong?"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console

from minigrade.running.audit import audit as run_audit
from minigrade.running.catalog import CourseFolder, find_course


def audit(
    assignments: tuple[str, ...], *, json: str | None, jobs: int, generate: int = 0, seed: int = 0
) -> int:
    """Try all mutants and variants; return 0 if the grader is right about each, else 1.

    Args:
        assignments: their ids; all if there are none.
        json: the file to write what was found to; ``-`` is stdout.
        jobs: how many processes share the work.
        generate: if it is not 0, try this many mutants an assignment that are made by rule,
            instead of those that are listed, and of variants.
        seed: what they are chosen by.

    Raises:
        MinigradeError: there is no checkout, no such assignment, or a bad mutant.
    """
    course = find_course()
    course.require_checkout("minigrade audit")
    names = assignments or tuple(assignment.id for assignment in course.assignments())
    for name in names:
        course.load(name, hidden=True)
    console = Console(stderr=json == "-", highlight=False, soft_wrap=True)
    if generate:
        found, is_right = _generated(course, names, generate, seed, jobs, console)
    else:
        found, is_right = _listed(course, names, jobs, console)
    text = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
    if json == "-":
        sys.stdout.buffer.write(text)
    elif json:
        Path(json).write_bytes(text)
    return 0 if is_right else 1


def _listed(
    course: CourseFolder, names: Sequence[str], jobs: int, console: Console
) -> tuple[Any, bool]:
    found = run_audit(
        course, names, jobs, lambda name, word: console.print(f"{name}: {word}", markup=False)
    )
    console.print(
        f"{found.killed} of {found.mutants} mutants caught, "
        f"{found.variants - len(found.variants_failed)} of {found.variants} variants earn all",
        markup=False,
    )
    return found, not (found.survivors or found.variants_failed)


def _generated(
    course: CourseFolder, names: Sequence[str], count: int, seed: int, jobs: int, console: Console
) -> tuple[Any, bool]:
    # libcst is slow to import.
    from minigrade.edges import generating
    from minigrade.edges.slips import Slip, generate

    slips = [slip for name in names for slip in generate(course, name, count, seed)]

    def tell(slip: Slip, tried: generating.Tried) -> None:
        because = f", {tried.because}" if tried.because else ""
        console.print(f"{slip.place}: {tried.verdict}{because}", markup=False)

    found = generating.audit(course, slips, seed, jobs, tell)
    for title, places in (("SURVIVED", found.survivors), ("not equivalent", found.misjudged)):
        for place in places:
            console.print(f"\n{title}: {place}", markup=False)
    console.print(
        f"seed {seed}: {found.killed} of {found.counted} generated mutants caught; "
        f"{found.equivalent} more are known as equivalent",
        markup=False,
    )
    return found, not (found.survivors or found.misjudged)
