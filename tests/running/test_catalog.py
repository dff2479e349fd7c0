"""What is wrong with a course is said when it loads, not when a grade is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from minigrade.errors import CourseError, UsageError
from minigrade.model import Status
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find


def course_with(tmp_path: Path, task: str) -> CourseFolder:
    folder = tmp_path / "course"
    (folder / "t0").mkdir(parents=True)
    (folder / "course.py").write_text(
        "from minigrade import Course\nCOURSE = Course(name='C', package='tinypack', "
        "assignments=('t0',), files=('tinypack/*.py',))\n"
    )
    (folder / "t0" / "__init__.py").write_text(
        "from minigrade import Assignment\nASSIGNMENT = Assignment('t0', title='T')\n"
    )
    (folder / "t0" / "task_1.py").write_text(
        "from hypothesis import strategies as st\nfrom minigrade import Task, property_check\n"
        "TASK = Task('1', title='T', points=1)\n" + task
    )
    return CourseFolder(folder)


CHECK = (
    "@property_check(cases={{'x': st.integers(0, 9)}}, expect=lambda x: x{more})\n"
    "def probe(mt, x):\n    'Does.'\n    {body}return x\n"
)


@pytest.mark.parametrize(
    ("task", "message"),
    [
        (CHECK.format(more="", body="") * 2, "task_1.py:10: probe is defined on line 6 already"),
        (CHECK.format(more=", weight=-1", body=""), "weight=-1; expected 0 or more"),
        (CHECK.format(more=", weight=0", body=""), "no check here earns its points (1)"),
        (CHECK.format(more=", each='ab'", body=""), "expected a tuple of different values"),
        (CHECK.format(more=", each=(1, 1)", body=""), "expected a tuple of different values"),
        (CHECK.format(more=", count=0", body=""), "count=0; expected 1 or more"),
        (CHECK.format(more=", examples=Case(x=1)", body=""), "expected a tuple of Case"),
        (CHECK.format(more="", body="import hypothesis\n    "), "imported from hypothesis"),
        (
            "@property_check(cases=[1], expect=lambda x: x)\ndef probe(mt, x):\n    'Does.'\n",
            "cases=[1]; expected a strategy",
        ),
        ("TASK = Task('1', title='T', points=-1)\n", "points is -1"),
        ("TASK = Task('1', title='T', points=1, hidden_points=2)\n", "hidden_points 2"),
        ("TASK = Task('1', title='T', points=1, requires='2')\n", "requires is '2'"),
        ("TASK = Task('1', title='T', points=1, files='a.py')\n", "expected a tuple of strings"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_the_course_loads(
    task: str, message: str, tmp_path: Path
) -> None:
    course = course_with(tmp_path, "from minigrade import Case\n" + task)
    with pytest.raises(CourseError) as error:
        course.load("t0", hidden=False)
    assert message in str(error.value)


def test_two_tasks_of_one_id_are_refused(tmp_path: Path) -> None:
    course = course_with(tmp_path, CHECK.format(more="", body=""))
    first = tmp_path / "course" / "t0" / "task_1.py"
    first.with_name("task_1_again.py").write_text(first.read_text())
    with pytest.raises(CourseError, match=r"task_1_again.py: task_1.py has the id '1' already"):
        course.load("t0", hidden=False)


def test_a_file_is_named_after_its_task(tmp_path: Path) -> None:
    course = course_with(tmp_path, CHECK.format(more="", body=""))
    first = tmp_path / "course" / "t0" / "task_1.py"
    first.rename(first.with_name("task_11.py"))
    with pytest.raises(CourseError, match=r"the id is '1'; expected a file named task_1_….py"):
        course.load("t0", hidden=False)


def test_a_task_is_found_at_home_by_its_file(tmp_path: Path) -> None:
    course = course_with(tmp_path, CHECK.format(more="", body=""))
    assert course.home("1") == "t0"
    with pytest.raises(UsageError, match=r"'11' is neither an assignment \(t0\) nor a task"):
        course.home("11")


def test_an_expectation_that_changes_its_case_is_the_instructors_mistake(
    tmp_path: Path, tiny: Callable[..., Path]
) -> None:
    task = (
        "@property_check(cases={'x': st.just([1.0]).map(list)}, expect=lambda x: x.pop())\n"
        "def probe(mt, x):\n    'Does.'\n    return x[0]\n"
    )
    course = course_with(tmp_path, task)
    report = grade(course, Request(assignment="t0"), find(tiny(), course.course))
    [outcome] = report.outcomes
    assert outcome.status is Status.BROKEN
    assert "`expect` changes its arguments" in outcome.message
