"""A source check in a whole grading: the bench in its process, the cap on the task."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from minigrade.model import Outcome, Status, TaskResult
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

COURSE = """\
from minigrade import Course
COURSE = Course(name="Tiny", package="tinypack", assignments=("t0",), files=("tinypack/*.py",))
"""

TASK = '''\
from fractions import Fraction
from hypothesis import strategies as st
from minigrade import Task, property_check, source_check

TASK = Task("0.1", title="Sums", points=10, files=("tinypack/sums.py",))
floats = st.lists(st.integers(1, 40).map(lambda i: i / 4), min_size=2, max_size=4)


@property_check(cases={"xs": floats}, expect=lambda xs: sum(xs), count=10)
def adds(mt, xs):
    """`total` is the sum of its numbers."""
    return mt.sums.total(xs)


@source_check(files=("tinypack/sums.py",), must_call={"total": "reduce"}, cap=Fraction(1, 2))
def builds_on_reduce():
    """`total` is written with your `reduce`."""
'''

REDUCE = "def reduce(fn, xs, start):\n    for x in xs: start = fn(start, x)\n    return start\n"
RIGHT = REDUCE + "def total(xs): return reduce(lambda x, y: x + y, xs, 0)\n"
CHEAP = REDUCE + "def total(xs): return sum(xs)\n"

Graded = Callable[[str], tuple[TaskResult, Outcome]]


@pytest.fixture
def graded(tmp_path: Path) -> Graded:
    """Grade a text of sums.py, and return the task's result and the source check's outcome."""
    course, package = tmp_path / "course", tmp_path / "repository" / "tinypack"
    (course / "t0").mkdir(parents=True)
    package.mkdir(parents=True)
    (course / "course.py").write_text(COURSE)
    (course / "t0" / "__init__.py").write_text(
        'from minigrade import Assignment\nASSIGNMENT = Assignment("t0", title="Tiny")\n'
    )
    (course / "t0" / "task_0_1_sums.py").write_text(TASK)

    def run(text: str) -> tuple[TaskResult, Outcome]:
        (package / "__init__.py").write_text("from . import sums\n")
        (package / "sums.py").write_text(text)
        folder = CourseFolder(course)
        report = grade(folder, Request(assignment="t0"), find(package.parent, folder.course))
        assert [outcome.kind for outcome in report.outcomes] == ["property", "source"]
        return report.tasks[0], report.outcomes[1]

    return run


def test_a_broken_rule_caps_the_points_that_the_values_earned(graded: Graded) -> None:
    task, outcome = graded(CHEAP)
    assert task.points == 5
    assert outcome.status is Status.FAILED
    assert outcome.cap == Fraction(1, 2)
    assert outcome.possible == 0
    assert outcome.message == "tinypack/sums.py:4: `total` does not use `reduce`"


def test_kept_rules_leave_them(graded: Graded) -> None:
    task, outcome = graded(RIGHT)
    assert task.points == task.examined == 10
    assert outcome.status is Status.PASSED


def test_a_stub_earns_nothing_and_breaks_no_rule(graded: Graded) -> None:
    task, outcome = graded("def total(xs): raise NotImplementedError")
    assert task.points == 0
    assert outcome.status is Status.SKIPPED


@pytest.mark.parametrize("deep", ["-" * 100_000 + "1", "(" * 5_000, "x" + "()" * 60_000])
def test_text_that_explodes_is_graded_too(graded: Graded, deep: str) -> None:
    task, outcome = graded(RIGHT + "def unused(x): return " + deep + "\n")
    assert task.points == 0
    assert outcome.status in (Status.SKIPPED, Status.FAILED, Status.CRASHED)
