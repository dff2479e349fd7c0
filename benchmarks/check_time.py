"""How long a full check takes, beside upstream's own pytest suite on the same submission.

    python benchmarks/check_time.py --submission DIR [--assignment m1] [--quick] [--json FILE]

DIR is a checkout of a student's repository that holds upstream's ``tests`` folder.
Both sides run as fresh processes, turn by turn; the ratio of medians is the gate.
Tasks 1.5 and 2.5, which upstream does not test, are left out, and so is 0.2: upstream
runs the tests that students write once, and we on some eighty implementations. Cases
are calls of a probe on our side, and on upstream's the executions of a test function
that hypothesis counts, or 1 for a test without it.

Two more rows: what a call across the boundary costs beyond a bare socket echo, and
how long ``minigrade --help`` takes.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TASKS = {
    "m0": ("0.1", "0.3", "0.4"),
    "m1": ("1.1", "1.2", "1.3", "1.4"),
    "m2": ("2.1", "2.2", "2.3", "2.4"),
}
# Of upstream's time. In m0 and m1 with more cases; of tensors each case of ours says more.
MOST = {"m0": 1.0, "m1": 1.0, "m2": 0.5}
MORE_CASES = ("m0", "m1")
NOOP_LIMIT_S = 60e-6
HELP_LIMIT_S = 0.3
MEMORY_LIMIT_BYTES = 300 * 2**20


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
    repetitions = 3 if wish.quick else 9
    rows = [check_row(root, assignment, repetitions)]
    rows += [boundary_row(2_000 if wish.quick else 20_000), help_row(repetitions)]
    rows.append(memory_row(root, assignment))
    print("| work | ours | theirs | ratio | must | ok |\n|---|---|---|---|---|---|")
    for row in rows:
        print(
            f"| {row['work']} | {_shown(row['ours_s'])} | {_shown(row['theirs_s'])} | "
            f"{row['ratio']:.2f} | {row['must']} | {'yes' if row['ok'] else 'NO'} |"
        )
    if wish.json:
        wish.json.write_text(json.dumps(rows, indent=2) + "\n")
    return 0 if all(row["ok"] for row in rows) else 1


def check_row(root: Path, assignment: str, repetitions: int) -> dict[str, Any]:
    """Compare ``minigrade check`` with upstream's suite, turn by turn."""
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name, "submission")
        ignored = shutil.ignore_patterns(".git", "*.pyc", "__pycache__", ".hypothesis")
        shutil.copytree(root, copy, ignore=ignored)
        our_cases, their_cases = our_count(copy, assignment), their_count(copy)
        for _ in range(repetitions):
            ours.append(_timed(_our_command(assignment), copy))
            theirs.append(_timed(_their_command(), copy))
    ratio = statistics.median(ours) / statistics.median(theirs)
    return {
        "work": f"full check of {assignment}: {our_cases} cases, upstream {their_cases}",
        "ours_s": statistics.median(ours),
        "theirs_s": statistics.median(theirs),
        "ratio": ratio,
        "must": f"≤ {MOST[assignment]:g}{', more cases' * (assignment in MORE_CASES)}",
        "aim": 0.5,
        "ok": ratio <= MOST[assignment]
        and (our_cases > their_cases or assignment not in MORE_CASES),
    }


def _our_command(assignment: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "minigrade", "check", *TASKS[assignment], *more]


def _their_command(*more: str) -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests", *more]


def _timed(command: list[str], folder: Path) -> float:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    started = time.perf_counter()
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    return time.perf_counter() - started


def our_count(root: Path, assignment: str) -> int:
    """Return the number of cases of a check; fail if it did not grade."""
    command = _our_command(assignment, "--json", "-")
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(f"minigrade check failed: {done.stderr.decode()}")
    return sum(outcome["cases"] for outcome in json.loads(done.stdout)["outcomes"])


def their_count(root: Path) -> int:
    """Return how often upstream's test functions run, as hypothesis and pytest count."""
    environment = os.environ | {"PYTHONPATH": str(root)}
    command = _their_command("--hypothesis-show-statistics")
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    drawn = [
        sum(map(int, found))
        for found in re.findall(r"- (\d+) passing[\w ]*, (\d+) failing", done.stdout)
    ]
    ended = re.findall(r"(\d+) (?:passed|failed|xfailed|xpassed)", done.stdout.splitlines()[-1])
    tests = sum(map(int, ended))
    if not tests:
        raise SystemExit(f"upstream's suite did not run:\n{done.stdout[-2000:]}{done.stderr}")
    return sum(drawn) + tests - len(drawn)


def boundary_row(calls: int) -> dict[str, Any]:
    """Compare a no-op call of a probe with an echo over a bare socket."""
    from minigrade.boundary import sandbox
    from minigrade.boundary.process import Zygote
    from minigrade.boundary.session import Loadable, Loading, Returned, Session

    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        (root / "pack").mkdir()
        (root / "pack" / "__init__.py").touch()
        (root / "scratch").mkdir()
        plan = sandbox.survey("local", [*sandbox.interpreter_paths(), root])
        zygote = Zygote(plan)
        text = "def noop(mt, x):\n    return x\n"
        session = Session(
            zygote, Loadable(root, root / "scratch", "pack", text, "noop.py"), Loading()
        )
        assert isinstance(session.call("noop", [1.0]), Returned)
        ours, theirs = [], []
        with _Echo() as echo:
            for _ in range(calls):
                started = time.perf_counter()
                session.call("noop", [1.0])
                middle = time.perf_counter()
                echo.once()
                ours.append(middle - started)
                theirs.append(time.perf_counter() - middle)
        session.close()
        zygote.close()
    mine, bare = statistics.median(ours), statistics.median(theirs)
    return {
        "work": f"a no-op call across the boundary (+{(mine - bare) * 1e6:.0f} µs)",
        "ours_s": mine,
        "theirs_s": bare,
        "ratio": mine / bare,
        "must": "≤ +60 µs",
        "aim": None,
        "ok": mine - bare <= NOOP_LIMIT_S,
    }


class _Echo:
    """A process that returns what it gets on a socket, byte for byte."""

    def __enter__(self) -> _Echo:
        self._here, there = socket.socketpair()
        self._pid = os.fork()
        if not self._pid:
            self._here.close()
            while data := there.recv(65536):
                there.sendall(data)
            os._exit(0)
        there.close()
        return self

    def once(self) -> None:
        """Send as many bytes as a no-op call does, and wait for them."""
        self._here.sendall(b"x" * 64)
        self._here.recv(65536)

    def __exit__(self, *_: object) -> None:
        self._here.close()
        os.waitpid(self._pid, 0)


def help_row(repetitions: int) -> dict[str, Any]:
    """Compare ``minigrade --help`` with a bare interpreter."""
    ours, theirs = [], []
    for _ in range(repetitions):
        ours.append(_timed([sys.executable, "-m", "minigrade", "--help"], Path.cwd()))
        theirs.append(_timed([sys.executable, "-c", ""], Path.cwd()))
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


def memory_row(root: Path, assignment: str) -> dict[str, Any]:
    """Report the largest process of a check, its workers included."""
    _timed(_our_command(assignment, "--submission", str(root)), Path(tempfile.gettempdir()))
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    return {
        "work": f"memory of the largest process of a check: {peak / 2**20:.0f} MB",
        "ours_s": 0.0,
        "theirs_s": 0.0,
        "ratio": peak / MEMORY_LIMIT_BYTES,
        "must": "≤ 300 MB",
        "aim": None,
        "ok": peak <= MEMORY_LIMIT_BYTES,
    }


def _assignment(root: Path) -> str:
    known = {"tensor.py": "m2", "scalar.py": "m1"}  # the latest first
    found = (name for file, name in known.items() if (root / "minitorch" / file).exists())
    return next(found, "m0")


def _shown(seconds: float) -> str:
    if not seconds:
        return "-"
    return f"{seconds * 1e6:.0f} µs" if seconds < 1e-3 else f"{seconds:.3f} s"


if __name__ == "__main__":
    sys.exit(main())
