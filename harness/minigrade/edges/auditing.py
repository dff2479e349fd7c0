"""``minigrade audit``: does the grader tell right from wrong?"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
from rich.console import Console

from minigrade.running.audit import audit as run_audit
from minigrade.running.catalog import find_course


def audit(assignments: tuple[str, ...], *, json: str | None, jobs: int) -> int:
    """Try all mutants and variants; return 0 if the grader is right about each, else 1.

    Raises:
        MinigradeError: there is no checkout, no such assignment, or a bad mutant.
    """
    course = find_course()
    course.require_checkout("minigrade audit")
    names = assignments or tuple(assignment.id for assignment in course.assignments())
    for name in names:
        course.load(name, hidden=True)
    console = Console(stderr=json == "-", highlight=False)
    found = run_audit(
        course, names, jobs, lambda name, word: console.print(f"{name}: {word}", markup=False)
    )
    console.print(
        f"{found.killed} of {found.mutants} mutants caught, "
        f"{found.variants - len(found.variants_failed)} of {found.variants} variants earn all",
        markup=False,
    )
    text = msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
    if json == "-":
        sys.stdout.buffer.write(text)
    elif json:
        Path(json).write_bytes(text)
    return 1 if found.survivors or found.variants_failed else 0
