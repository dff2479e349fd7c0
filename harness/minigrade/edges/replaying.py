"""``minigrade replay``: ask one check again, and if wished stop in the debugger."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from minigrade.edges.checking import exit_status, resolve
from minigrade.edges.text import print_report
from minigrade.errors import UsageError
from minigrade.model import Outcome
from minigrade.running.catalog import find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import Submission, find


def replay(task: str, name: str, folder: Path, *, cases: int | None, seed: int, pdb: bool) -> int:
    """Ask one check of one task in a worker and show all about it; return the exit status.

    Raises:
        UsageError: there is no such check, or `pdb` is asked for elsewhere than in
            one's own repository: the debugger runs the submission unprotected.
    """
    course = find_course()
    found = find(folder, course.course)
    if pdb and found.root not in (here := Path.cwd().resolve(), *here.parents):
        raise UsageError(
            f"--pdb runs the submission's code without protection, so only inside its own "
            f"repository; it is {found.root}, and you are in {here}"
        )
    [(assignment, _)] = resolve(course, [task])
    request = Request(assignment=assignment, tasks=(task,), checks=(name,), cases=cases, seed=seed)
    report = grade(course, request, found)
    print_report(report, Console(highlight=False))
    if pdb:
        failed = [outcome for outcome in report.outcomes if outcome.case]
        if failed:
            _debug(failed[0], found)
    return exit_status(report)


def _debug(outcome: Outcome, found: Submission) -> None:
    """Run the failing case in pdb: to where it raises, or to its last line."""
    script = found.root / ".minigrade" / "replay.py"
    script.parent.mkdir(exist_ok=True)
    script.write_text(outcome.case + "\n", "utf-8")
    last = len(outcome.case.splitlines())
    go_on = ["-c", "continue"] if outcome.status == "RAISED" else ["-c", f"until {last}"]
    environment = os.environ | {"PYTHONPATH": str(found.root)}
    subprocess.run([sys.executable, "-m", "pdb", *go_on, str(script)], env=environment, check=False)
