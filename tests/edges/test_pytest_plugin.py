"""Checks as pytest items: the same kernels as ``minigrade check`` has, and kept for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from minigrade.running.audit import build, find_trials
from minigrade.running.catalog import find_course
from minigrade.running.kernels import KEPT
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

pytestmark = pytest.mark.slow
PROJECT = '[tool.minigrade]\nassignment = "m3"\n'


@pytest.fixture
def student(checkout: Path, tmp_path: Path) -> Path:
    """The repository of a student who is done with m3."""
    [plain] = [t for t in find_trials(checkout, "m3") if t.overlay and t.name == "plain"]
    root = tmp_path / "student"
    build(checkout, plain, root)
    (root / "pyproject.toml").write_text(PROJECT)
    return root


@pytest.fixture
def types(student: Path) -> Callable[..., list[str]]:
    """Run pytest as a student types it, and return the last lines it writes."""

    def type_it(*words: str) -> list[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
        done = subprocess.run(command, cwd=student, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.splitlines()

    return type_it


def test_each_question_is_an_item(types: Callable[..., list[str]]) -> None:
    listed = types("--collect-only")
    assert "m3::3.2/multiplies_compiled" in listed
    assert "m3::3.1/applies_compiled[-a]" in listed


def test_what_costs_nothing_does_not_fail(types: Callable[..., list[str]], student: Path) -> None:
    (student / "pyproject.toml").write_text(PROJECT.replace("m3", "m2"))
    functions = student / "minitorch" / "tensor_functions.py"
    right, wrong = "grad = grad_output.contiguous()", "grad = grad_output"
    text = functions.read_text()
    assert text.count(right) == 1
    functions.write_text(text.replace(right, wrong))  # as the course gave it for years
    last = types("-k", "views_back")[-1]
    assert "1 passed" in last
    assert "1 xfailed" in last


def test_kernels_are_kept_and_shared_with_checks(
    types: Callable[..., list[str]], student: Path
) -> None:
    home = student / KEPT
    types("-k", "maps_storages")
    assert not home.exists()  # nothing was compiled for what runs as Python
    assert "1 passed" in types("-k", "asks_all_compiled")[-1]
    [place] = home.iterdir()
    kept = {path.name: path.stat().st_mtime_ns for path in place.iterdir()}
    assert kept

    course = find_course()
    request = Request(assignment="m3", checks=("asks_all_compiled",), keep_kernels=True)
    report = grade(course, request, find(student, course.course))
    assert all(outcome.status.passed for outcome in report.outcomes)
    assert {path.name: path.stat().st_mtime_ns for path in place.iterdir()} == kept
