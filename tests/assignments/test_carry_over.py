"""Work of each assignment meets released answers to the earlier ones, and loses nothing."""

from __future__ import annotations

import functools
from pathlib import Path

import msgspec
import pytest

from minigrade.edges.answers import released_answers
from minigrade.edges.cutting import strip
from minigrade.model import Report
from minigrade.running.audit import Trial, build, find_trials
from minigrade.running.belonging import make_plan
from minigrade.running.carrying import rounds
from minigrade.running.catalog import CourseFolder
from minigrade.running.examining import Request, ask_all, opened
from minigrade.running.runner import grade
from minigrade.running.submission import find

CHECKOUT = Path(__file__).parents[2]
CHAIN = ("m0", "m1", "m2", "m3", "m4")


def course_before(assignment: str) -> CourseFolder:
    """Return the course, with everything released that `assignment` builds on."""
    course = CourseFolder(CHECKOUT / "assignments")
    released = CHAIN[: CHAIN.index(assignment)]
    course.course = msgspec.structs.replace(course.course, released=released)
    return course


def graded_on_stubs(course: CourseFolder, assignment: str, dest: Path) -> Report:
    """Grade the reference, whose earlier assignments are nothing but stubs."""
    build(CHECKOUT, Trial(assignment, "reference"), dest)
    plan = make_plan(course, assignment)
    later = {task.task.id for task in plan.asked.tasks}
    for name in plan.earlier_files():
        file = dest / name
        if name.startswith("minitorch/"):
            file.write_text(strip(file.read_text("utf-8"), name, keep=later).text, "utf-8")
    return grade(
        course,
        Request(assignment=assignment, hidden=True, jobs=2),
        find(dest, course.course),
        answers=functools.partial(released_answers, course, assignment),
    )


@pytest.mark.parametrize(
    "assignment",
    [
        pytest.param("m1", marks=pytest.mark.slow),
        *(pytest.param(name, marks=pytest.mark.long) for name in ("m2", "m3", "m4")),
    ],
)
def test_right_work_on_stubs_earns_everything_once_these_are_released(
    assignment: str, tmp_path: Path
) -> None:
    released = graded_on_stubs(course_before(assignment), assignment, tmp_path / "released")
    lost = [one.id for one in released.outcomes if not one.status.passed]
    assert not lost
    assert released.points >= released.possible
    carried = {one.task for one in released.outcomes if one.carried}
    assert carried
    assert released.headline == ""


@pytest.mark.long
@pytest.mark.parametrize("assignment", CHAIN[1:])
def test_no_way_to_write_an_assignment_fails_on_released_answers(
    assignment: str, tmp_path: Path
) -> None:
    """Variants are written as in each year of the course; released answers are of one."""
    course = course_before(assignment)
    answers = released_answers(course, assignment)
    assert answers is not None
    request = Request(assignment=assignment, jobs=2)
    loaded = course.load(assignment, hidden=False)
    trials = [trial for trial in find_trials(CHECKOUT, assignment) if trial.overlay]
    assert len(trials) >= 4
    for trial in trials:
        build(CHECKOUT, trial, tmp_path / trial.name)
        found = find(tmp_path / trial.name, course.course)
        for laid, tasks in rounds(loaded.tasks, answers):
            with opened(course, loaded, request, found, laid) as room:
                outcomes = list(ask_all(room, tasks, request))
            assert not [(trial.name, one.id) for one in outcomes if not one.status.passed]
