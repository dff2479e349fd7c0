"""How long a full check takes, beside upstream's own pytest suite on the same submission.

    python benchmarks/check_time.py --submission DIR [--assignment m3] [--quick] [--json FILE]

DIR is a checkout of a student's repository that holds upstream's ``tests`` folder.
Both sides run as fresh processes, turn by turn, on a copy; the ratio of medians is the
gate. Seconds behind a ratio are goals for a quiet machine of two cores, and gate nothing.

A *cold* run finds nothing that one before it has kept: no kernels of ours, no kernels of
numba's own cache and no examples of hypothesis's. A *warm* one of ours finds its kernels;
upstream's suite keeps none, so its ordinary runs stand beside both. m3 and m4 take minutes
a turn: there are three turns of them, and one with ``--quick``, instead of nine and three.

Of upstream's suite m3 runs the tests marked ``task3_1`` and ``task3_2``. m4 stands beside
the whole suite, as ``pytest`` runs it in a repository of m4, but for CUDA; it also tests what
m3 has built. How it compares with the tests of convolutions and networks alone is said, and
gates nothing. Upstream does not test training: 1.5 is left out; m2 and m3 have rows without
2.5 and 3.5, and rows of all that ``minigrade check m2`` or ``m3`` does, beside the same tests.
0.2 has a row of its own: upstream runs the tests that students write once, and we on some
eighty implementations. Cases are calls of a probe on our side, or runs of a student's tests,
and on upstream's the executions of a test function that hypothesis counts, or 1 without it.
Seconds are a clock's: a check shares its work among the cores. More rows: what a call across
the boundary costs, ``minigrade --help``, and the memory of a cold check with its workers.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from crossing import boundary_row
from memory import Peak, peak_of
from tables import finish

TASKS = {
    "m0": ("0.1", "0.3", "0.4"),
    "m1": ("1.1", "1.2", "1.3", "1.4"),
    "m2": ("2.1", "2.2", "2.3", "2.4"),
    "m3": ("3.1", "3.2"),
    "m4": ("4.1", "4.2", "4.3", "4.4", "4.6", "4.7"),
}
WHOLE = ("tests",)
CPU_OF_M3 = ("tests/test_tensor_general.py", "-m", "task3_1 or task3_2")
WITHOUT_CUDA = ("tests", "--ignore-glob", "*cuda*")
OF_M4 = ("tests/test_conv.py", "tests/test_nn.py")
MORE_CASES = ("m0", "m1")  # of tensors each case of ours says more
COMPILED = ("m3", "m4")
HELP_LIMIT_S = 0.3
LARGEST_LIMIT_BYTES = 300 * 2**20  # in m0 and m1
TREE_LIMITS_BYTES = {1: 700 * 2**20, 2: 1_500 * 2**20}
CACHES = (".minigrade", ".hypothesis", "**/*.nbi", "**/*.nbc")


@dataclass
class Run:
    """How many seconds each run of a command took, and how many cases it says it ran."""

    seconds: list[float]
    cases: int = 0

    def add(self, seen: tuple[float, str], count: Callable[[str], int]) -> None:
        """Note a run: its seconds, and its output, from which the cases are counted."""
        self.seconds.append(seen[0])
        self.cases = count(seen[1])


class Work(NamedTuple):
    """A check of ours, and what is asked of it.

    Attributes:
        name: what the table calls it.
        tasks: what is checked.
        is_cold: whether nothing is left of earlier runs.
        ratio: the most that it may take, of upstream's time; None if that is no measure.
        goal_s: the most that it should take; without a ratio, may take.
        theirs: what pytest is asked to run, to stand beside it.
        gates: whether more than that makes the benchmark fail.
    """

    name: str
    tasks: tuple[str, ...]
    is_cold: bool = True
    ratio: float | None = None
    goal_s: float | None = None
    theirs: tuple[str, ...] = WHOLE
    gates: bool = True

    @property
    def ours(self) -> tuple[tuple[str, ...], bool]:
        """What is run: works that agree in it share their runs."""
        return self.tasks, self.is_cold


_M4 = TASKS["m4"]
_TRAINED = "with training, which upstream does not test"
WORK = {
    "m0": (
        Work("full check of m0", TASKS["m0"], ratio=1.0),
        Work("check of m0 with students' tests", (*TASKS["m0"], "0.2"), ratio=1.0),
    ),
    "m1": (Work("full check of m1", TASKS["m1"], ratio=1.0),),
    "m2": (
        Work("full check of m2", TASKS["m2"], ratio=0.5, goal_s=15),
        Work(f"`minigrade check m2`, {_TRAINED}", ("m2",), True, 0.5, 15),
    ),
    "m3": (
        Work("check of m3, cold", TASKS["m3"], True, 0.5, 30, CPU_OF_M3),
        Work("check of m3, warm", TASKS["m3"], False, 0.15, 8, CPU_OF_M3),
        Work(f"`minigrade check m3`, {_TRAINED}, cold", ("m3",), True, 0.5, 30, CPU_OF_M3, False),
        Work(f"`minigrade check m3`, {_TRAINED}, warm", ("m3",), False, 0.15, 8, CPU_OF_M3, False),
        Work("check of 3.2 alone, cold", ("3.2",), goal_s=12, theirs=CPU_OF_M3),
    ),
    "m4": (
        Work("check of m4, cold", _M4, True, 0.5, 40, WITHOUT_CUDA),
        Work("check of m4, warm", _M4, False, 0.15, 10, WITHOUT_CUDA),
        Work("cold, beside the tests of m4's tasks alone", _M4, True, 0.5, 40, OF_M4, gates=False),
        Work("warm, beside them", _M4, False, 0.15, 10, OF_M4, gates=False),
    ),
}


def main() -> int:
    """Measure, print a table, and return 1 if a gate is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submission", type=Path, required=True)
    parser.add_argument("--assignment", choices=sorted(TASKS))
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    wish = parser.parse_args()
    root = wish.submission.resolve()
    assignment = wish.assignment or _assignment(root)
    turns = (3 if wish.quick else 9) // (3 if assignment in COMPILED else 1)
    rows = check_rows(root, assignment, turns)
    rows += [boundary_row(2_000 if wish.quick else 20_000), help_row(3 if wish.quick else 9)]
    rows += memory_rows(root, assignment)
    return finish(rows, wish.json)


def check_rows(root: Path, assignment: str, turns: int) -> list[dict[str, Any]]:
    """Compare ``minigrade check`` with upstream's suite, turn by turn."""
    works = WORK[assignment]
    runs: dict[Any, Run] = {key: Run([]) for work in works for key in (work.ours, work.theirs)}
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, "submission")
        _copy(root, copy)
        for _ in range(turns):
            for tasks, is_cold in dict.fromkeys(work.ours for work in works):
                if is_cold:
                    _forget(copy)
                seen = _timed(_our_command(tasks, "--json", "-"), copy)
                runs[tasks, is_cold].add(seen, our_count)
            for tests in dict.fromkeys(work.theirs for work in works):
                _forget(copy)
                command = _their_command(tests, "--hypothesis-show-statistics")
                runs[tests].add(_timed(command, copy), their_count)
    return [_row(work, assignment, runs[work.ours], runs[work.theirs]) for work in works]


def _row(work: Work, assignment: str, ours: Run, theirs: Run) -> dict[str, Any]:
    mine, others = statistics.median(ours.seconds), statistics.median(theirs.seconds)
    wants_more = assignment in MORE_CASES
    is_fast = mine <= (others * work.ratio if work.ratio else work.goal_s or 0)
    limit = f"≤ {work.ratio:g}" if work.ratio else f"≤ {work.goal_s:g} s"
    is_met = is_fast and (ours.cases > theirs.cases or not wants_more)
    return {
        "work": f"{work.name}: {ours.cases} cases, upstream {theirs.cases}",
        "ours_s": mine,
        "theirs_s": others if work.ratio else 0.0,
        "ratio": mine / (others if work.ratio else work.goal_s or 1),
        "must": f"{limit}{', more cases' * wants_more}" if work.gates else None,
        "aim": f"≤ {work.goal_s:g} s" if work.goal_s and work.gates else limit,
        "ok": is_met or not work.gates,
    }


def _copy(root: Path, copy: Path) -> None:
    ignored = shutil.ignore_patterns(".git", "*.pyc", "__pycache__")
    shutil.copytree(root, copy, ignore=ignored)


def _forget(root: Path) -> None:
    """Take away what earlier runs have left for later ones."""
    for path in [path for pattern in CACHES for path in root.glob(pattern)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def _our_command(tasks: tuple[str, ...], *more: str) -> list[str]:
    return [sys.executable, "-m", "minigrade", "check", *tasks, *more]


def _their_command(tests: tuple[str, ...], *more: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *more]


def _timed(command: list[str], folder: Path) -> tuple[float, str]:
    """Return how many seconds a command takes, and what it prints."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    started = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return time.perf_counter() - started, done.stdout or done.stderr


def our_count(report: str) -> int:
    """Return the number of cases of a check; fail if it did not grade."""
    try:
        return sum(outcome["cases"] for outcome in json.loads(report)["outcomes"])
    except ValueError:
        raise SystemExit(f"minigrade check failed: {report}") from None


def their_count(output: str) -> int:
    """Return how often upstream's test functions ran, as hypothesis and pytest count."""
    drawn = [
        sum(map(int, found))
        for found in re.findall(r"- (\d+) passing[\w ]*, (\d+) failing", output)
    ]
    last = output.splitlines()[-1] if output else ""
    tests = sum(map(int, re.findall(r"(\d+) (?:passed|failed|xfailed|xpassed)", last)))
    if not tests:
        raise SystemExit(f"upstream's suite did not run:\n{output[-2000:]}")
    return sum(drawn) + tests - len(drawn)


def help_row(repetitions: int) -> dict[str, Any]:
    """Compare ``minigrade --help`` with a bare interpreter."""
    ours, theirs = [], []
    for _ in range(repetitions):
        ours.append(_timed([sys.executable, "-m", "minigrade", "--help"], Path.cwd())[0])
        theirs.append(_timed([sys.executable, "-c", ""], Path.cwd())[0])
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "work": "minigrade --help, beside a bare interpreter",
        "ours_s": mine,
        "theirs_s": bare,
        "ratio": mine / bare,
        "must": "≤ 0.3 s",
        "aim": None,
        "ok": mine <= HELP_LIMIT_S,
    }


def memory_rows(root: Path, assignment: str) -> list[dict[str, Any]]:
    """Report how much memory a cold check takes: its largest process, or all, by jobs."""
    if assignment in MORE_CASES:
        peak = _memory(root, TASKS[assignment], 2).largest_bytes
        return [_memory_row("the largest process of a check", peak, LARGEST_LIMIT_BYTES)]
    checks = {"a check and its workers": TASKS[assignment]}
    if assignment in ("m2", "m3"):
        checks["one with training"] = (assignment,)
    return [
        _memory_row(f"{what}, jobs {jobs}", _memory(root, tasks, jobs).tree_bytes, most)
        for what, tasks in checks.items()
        for jobs, most in TREE_LIMITS_BYTES.items()
    ]


def _memory(root: Path, tasks: tuple[str, ...], jobs: int) -> Peak:
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, "submission")
        _copy(root, copy)
        _forget(copy)
        return peak_of(_our_command(tasks, "--jobs", str(jobs)), copy)


def _memory_row(what: str, peak_bytes: int, most_bytes: int) -> dict[str, Any]:
    return {
        "work": f"memory of {what}: {peak_bytes / 2**20:.0f} MB",
        "ours_s": 0.0,
        "theirs_s": 0.0,
        "ratio": peak_bytes / most_bytes,
        "must": f"≤ {most_bytes / 2**20:.0f} MB",
        "aim": None,
        "ok": peak_bytes <= most_bytes,
    }


def _assignment(root: Path) -> str:
    """Return the assignment that a repository has come to, by its files."""
    known = {"nn.py": "m4", "fast_ops.py": "m3", "tensor.py": "m2", "scalar.py": "m1"}
    found = (name for file, name in known.items() if (root / "minitorch" / file).exists())
    return next(found, "m0")


if __name__ == "__main__":
    sys.exit(main())
