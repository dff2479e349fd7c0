"""``minigrade demo``: all of it at once, for somebody who has just installed it.

A student's repository is made from the template of the first assignment, a
shipped submission with a few of students' usual mistakes is put in it, and it is
graded just as ``minigrade check`` does.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import typer

from minigrade.edges.checking import Wish, check
from minigrade.edges.template import make_template
from minigrade.errors import InternalError
from minigrade.running.catalog import find_course

ASSIGNMENT = "m0"
SUBMISSION = Path("tests", "submissions", "partly_wrong_m0")
PAGE = "report.html"


def run_demo(dest: Path) -> int:
    """Make a student's repository at `dest`, hand in partly wrong work, grade it, show it.

    Returns:
        The exit status: 0, though not all points are earned; 3 if a bug of ours shows.

    Raises:
        UsageError: there is no checkout of minigrade, or `dest` is not empty.
    """
    checkout = find_course().require_checkout("minigrade demo")
    make_template(ASSIGNMENT, dest, checkout=checkout)
    typer.echo(f"1. {dest}: a student's repository, as `minigrade template {ASSIGNMENT}` makes it")
    written = _hand_in(checkout / SUBMISSION, dest)
    typer.echo(f"2. {', '.join(written)}: partly wrong work, copied from {SUBMISSION}")
    typer.echo("3. Graded, as by `minigrade check`:")
    page = dest / PAGE
    status = check(
        Wish(
            targets=(ASSIGNMENT,),
            folder=dest,
            cases=None,
            seed=0,
            jobs=os.cpu_count() or 1,
            hidden=False,
            json=None,
            html=page,
        )
    )
    if status == 0:
        raise InternalError("the shipped submission earned everything, though it has mistakes")
    typer.echo(f"4. The report as a page: {page.resolve().as_uri()}")
    typer.echo(f"Next: `cd {dest}`, mend what stands on top, and `minigrade check` again.")
    return status if status == InternalError.exit_code else 0


def _hand_in(submission: Path, dest: Path) -> list[str]:
    """Copy a submission's files over those in `dest`; return their names."""
    files = sorted(path.relative_to(submission) for path in submission.rglob("*.py"))
    for file in files:
        shutil.copyfile(submission / file, dest / file)
    return [file.as_posix() for file in files]
