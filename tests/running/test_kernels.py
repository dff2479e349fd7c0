"""Kernels run interpreted or compiled, as a check says, and are compiled once a submission."""

from __future__ import annotations

import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minigrade.model import Report, Status, Visibility
from minigrade.running.catalog import CourseFolder, find_course
from minigrade.running.kernels import KEPT
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find
from minigrade.running.units import compilations, mark_of, units

COURSE = """
from minigrade import Course
COURSE = Course(name="Tiny", package="kernelpack", assignments=("k0",), files=("kernelpack/*.py",))
"""
ASSIGNMENT = """
from minigrade import Assignment
ASSIGNMENT = Assignment("k0", title="Kernels")
"""
TASK = """
import numpy as np
from hypothesis import strategies as st
from minigrade import Case, Task, property_check

TASK = Task("1", title="Kernels", points=6, hidden_points={hidden})
CASES = {{"n": st.integers(1, 9)}}


@property_check(cases=CASES, examples=(Case(n=4),), expect=lambda n: [2.0 * n, "{kind}"],
                jit={jit}, compiles={compiles}, count=5, time_limit_s=60)
def doubles{name}(mt, n):
    \"\"\"Doubles, and says how it ran.\"\"\"
    out = np.full(n, 1.0)
    mt.kernel(out)
    return [out.sum(), mt.kind()]
"""
KERNEL = """
import numba
from numba import cuda, njit, prange

DEVICE = cuda.jit(device=True)(lambda x: x)

def _kernel(out):
    assert len(out) < {longest}
    for i in prange(len(out)):
        out[i] = {factor} * out[i]

kernel = njit(parallel=True)(_kernel)

def kind():
    {extra}
    return "compiled" if hasattr(kernel, "py_func") and kernel.signatures else "interpreted"
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """A course that asks one kernel interpreted, compiled, and compiled and hidden."""
    root = tmp_path_factory.mktemp("course")
    (root / "k0" / "hidden").mkdir(parents=True)
    (root / "course.py").write_text(COURSE)
    (root / "k0" / "__init__.py").write_text(ASSIGNMENT)
    head, check = TASK.split("\n\n\n")
    interpreted = check.format(kind="interpreted", jit=False, compiles=False, name="_interpreted")
    compiled = check.format(kind="compiled", jit=True, compiles=True, name="")
    hidden = check.format(kind="compiled", jit=True, compiles=True, name="_hidden")
    (root / "k0" / "task_1.py").write_text(
        "\n\n\n".join([head.format(hidden=2), interpreted, compiled])
    )
    imports, _, rest = head.format(hidden=2).partition("TASK =")
    cases = rest[rest.index("CASES") :]
    (root / "k0" / "hidden" / "task_1.py").write_text(f"{imports}{cases}\n\n\n{hidden}")
    return CourseFolder(root)


@pytest.fixture
def check(
    course: CourseFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Report]:
    """Grade a submission to the course; its kernels are kept if asked for."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"0" * 32)
    secret.chmod(0o600)
    monkeypatch.setenv("MINIGRADE_SECRET_FILE", str(secret))

    def check_it(
        factor: str = "2.0",
        extra: str = "pass",
        longest: int = 10,
        name: str = "repository",
        **wish: object,
    ) -> Report:
        package = tmp_path / name / "kernelpack"
        package.mkdir(parents=True, exist_ok=True)
        text = KERNEL.format(factor=factor, extra=extra, longest=longest)
        (package / "__init__.py").write_text(text)
        request = Request(assignment="k0", **wish)  # type: ignore[arg-type]
        return grade(course, request, find(package.parent, course.course))

    return check_it


def statuses(report: Report) -> list[tuple[str, Status]]:
    return [(outcome.check, outcome.status) for outcome in report.outcomes]


def test_units_have_one_environment_each(course: CourseFolder, tmp_path: Path) -> None:
    [task] = course.load("k0", hidden=True).tasks
    found = list(units(task))
    assert [(unit.jit, unit.visibility.value) for unit in found] == [
        (False, "public"),
        (True, "public"),
        (True, "hidden"),
    ]
    [compilation] = compilations(found, 2, tmp_path)
    assert compilation.visibility is Visibility.PUBLIC  # nothing flows from hidden to public
    (tmp_path / mark_of(compilation, *compilation.questions[0])).touch()
    assert compilations(found, 2, tmp_path) == []


def test_students_tests_are_known_to_take_long() -> None:
    """They are the last to end, if they are not the first to begin."""
    found = {
        task.task.id: list(units(task)) for task in find_course().load("m0", hidden=False).tasks
    }
    long = {name: any(unit.tries_tests for unit in own) for name, own in found.items()}
    assert long == {"0.1": False, "0.2": True, "0.3": False, "0.4": False}


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_same_text_runs_interpreted_and_compiled(
    check: Callable[..., Report], jobs: int
) -> None:
    report = check(hidden=True, jobs=jobs)
    assert [(o.id, o.message) for o in report.outcomes if not o.status.passed] == []
    assert statuses(report) == [
        ("doubles_interpreted", Status.PASSED),
        ("doubles", Status.PASSED),
        ("doubles_hidden", Status.PASSED),
    ]
    assert report.points == 6


@pytest.mark.slow
def test_workers_find_what_was_compiled_beforehand_and_cannot_change_it(
    check: Callable[..., Report],
) -> None:
    """The submission says so itself; a folder that it can write to would let it say more."""
    look = (
        "from minigrade import kernel_cache as kc\n"
        "    uses = kc._current\n"
        "    if uses is not None and not uses._writable:\n"
        "        try:\n"
        "            (uses._folder / 'planted').write_bytes(b'x')\n"
        "            return 'has written'\n"
        "        except OSError:\n"
        "            pass\n"
        "        if (uses.hits, uses.misses) != (1, 0): return f'{uses.hits} {uses.misses}'"
    )
    report = check(extra=look)
    assert [(o.message, o.observed) for o in report.outcomes if not o.status.passed] == []


@pytest.mark.slow
def test_kernels_are_kept_for_the_next_check_under_the_files_digest(
    check: Callable[..., Report], tmp_path: Path
) -> None:
    home = tmp_path / "repository" / KEPT
    assert check().points == 4
    assert not home.exists()
    assert check(keep_kernels=True).points == 4
    [place] = home.iterdir()
    assert sorted(path.suffix for path in place.iterdir()) == [".asked", ".kernel"]
    kept = {path: path.stat().st_mtime_ns for path in place.iterdir()}
    assert check(keep_kernels=True).points == 4
    assert {path: path.stat().st_mtime_ns for path in place.iterdir()} == kept
    assert check("3.0", keep_kernels=True).points == 0
    assert len(list(home.iterdir())) == 2
    assert check(keep_kernels=True).points == 4


class Planted:
    """A pickle that leaves word of the process that reads it."""

    def __init__(self, word: Path) -> None:
        self.word = word

    def __reduce__(self) -> tuple[Any, ...]:
        code = (
            "import sys\nsys.planted = True\n"
            "if 'minigrade.running.asking' in sys.modules:\n"  # as in all of the grader's processes
            f"    open({str(self.word)!r}, 'w').close()"
        )
        return exec, (code,)


SAYS_SO = "if hasattr(__import__('sys'), 'planted'): return 'planted'"


@pytest.mark.slow
@pytest.mark.parametrize("jobs", [1, 2])
def test_what_is_planted_runs_in_workers_of_its_own_submission_only(
    check: Callable[..., Report], tmp_path: Path, jobs: int
) -> None:
    """Not in the grader, not for the same files elsewhere, and not where nothing is kept."""
    word = tmp_path / "word"
    assert check(extra=SAYS_SO, keep_kernels=True).points == 4
    kept = list((tmp_path / "repository" / KEPT).rglob("*.kernel"))
    assert kept
    pickled = pickle.dumps(Planted(word))
    for path in kept:
        path.write_bytes(hashlib.sha256(pickled).digest() + pickled)
    own = check(extra=SAYS_SO, keep_kernels=True, jobs=jobs)
    assert [o.status for o in own.outcomes] == [Status.PASSED, Status.FAILED]
    assert "planted" in own.outcomes[1].observed
    assert check(extra=SAYS_SO, jobs=jobs).points == 4
    assert check(extra=SAYS_SO, keep_kernels=True, jobs=jobs, name="another").points == 4
    assert not word.exists()
    pickle.loads(pickled)  # here it would have left word
    assert word.exists()
    del sys.planted  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_mark_without_kernels_costs_only_time(
    check: Callable[..., Report], tmp_path: Path
) -> None:
    home = tmp_path / "repository" / KEPT
    assert check(keep_kernels=True).points == 4
    [place] = home.iterdir()
    [kernel] = place.glob("*.kernel")
    kernel.unlink()
    assert check(keep_kernels=True).points == 4


@pytest.mark.slow
def test_a_kernel_that_was_kept_names_the_line_that_raises(check: Callable[..., Report]) -> None:
    """It was compiled in another copy of the submission, which is gone."""
    reports = [check(longest=2, keep_kernels=True) for _ in range(2)]
    places = [[o.location for o in report.outcomes] for report in reports]
    line = 1 + KERNEL.splitlines().index("    assert len(out) < {longest}")
    assert places == [[f"kernelpack/__init__.py:{line}"] * 2] * 2


@pytest.mark.slow
def test_a_kernel_that_never_ends_costs_its_own_checks(check: Callable[..., Report]) -> None:
    report = check("2.0", "import os; os._exit(3)")
    assert {outcome.status for outcome in report.outcomes} == {Status.CRASHED}
