"""Checks of tests that students write try them on enough implementations, right and wrong."""

from __future__ import annotations

import pytest

from minigrade.kinds.student_tests import StudentTests
from minigrade.model import Visibility
from minigrade.running.catalog import LoadedTask, find_course

RIGHT, WRONG = 3, 8  # at least, for each test in the half of a task that students see
COURSE = find_course()
LOADED = [
    task
    for assignment in COURSE.assignments()
    for task in COURSE.load(assignment.id, hidden=True).tasks
]


def of_public(task: LoadedTask) -> list[StudentTests]:
    """Return what the public checks of students' tests need, a spec each."""
    public = [part for part in task.parts if part.visibility is Visibility.PUBLIC]
    return [c.spec for part in public for c in part.checks if isinstance(c.spec, StudentTests)]


TASKS = {task.task.id: task for task in LOADED if of_public(task)}


def test_the_tests_that_the_course_asks_for_are_known() -> None:
    assert set(TASKS) == {"0.2", "4.8"}
    suites = [spec for task in TASKS.values() for spec in of_public(task)]
    assert {"test_sum_distribute", "test_max"} <= {name for spec in suites for name in spec.tests}


@pytest.mark.parametrize("name", TASKS)
def test_each_test_is_tried_on_enough_implementations(name: str) -> None:
    for spec in of_public(TASKS[name]):
        assert len(spec.right) >= RIGHT, spec.tests
        assert len(spec.wrong) >= WRONG, spec.tests
        assert not spec.right.keys() & spec.wrong.keys()


@pytest.mark.parametrize("name", TASKS)
def test_no_implementation_is_tried_twice(name: str) -> None:
    """Two descriptions of one would make their number a lie."""
    for spec in of_public(TASKS[name]):
        functions = [tuple(sorted(one.items())) for one in spec.right.values()]
        assert len(set(functions)) == len(functions)
        wrong = [tuple(sorted(one.items())) for one in spec.wrong.values()]
        assert len(set(wrong)) == len(wrong)
        assert not set(wrong) & set(functions)
