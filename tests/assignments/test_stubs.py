"""Doing nothing earns nothing, check by check, and the reference earns all there is.

Whole submissions are graded here, as students' are, hidden checks included.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from minigrade.edges.cutting import strip
from minigrade.edges.fences import Fence, find_fences
from minigrade.model import Report, Status
from minigrade.running.belonging import keep_only, make_plan
from minigrade.running.catalog import CourseFolder, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

REFERENCE = Path(__file__).parents[2] / "reference"
ASSIGNMENTS = ("m0", "m1", "m2", "m3", "m4")


def arguments(text: str, fence: Fence) -> list[str] | None:
    """Return the arguments of the function that a fence is in; None if it is in none."""
    around = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.lineno < fence.begin < (node.end_lineno or 0)
    ]
    if not around:
        return None
    return [arg.arg for arg in max(around, key=lambda node: node.lineno).args.args]


def whole_functions(text: str, fence: Fence) -> list[ast.FunctionDef]:
    """Return the public functions that a fence is around, the last one first."""
    found = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and fence.begin < node.lineno < fence.end
    ]
    inner = {id(below) for node in found for below in ast.walk(node) if below is not node}
    public = [n for n in found if not n.name.startswith("_") and id(n) not in inner]
    return sorted(public, key=lambda node: -node.lineno)


def first(names: list[str]) -> str:
    return names[0]


def first_value(names: list[str]) -> str:
    """Return the first argument that says something: not the object, nor the context."""
    return next((name for name in names if name not in ("self", "ctx")), names[0])


# What a fence's function returns instead, by the names of its arguments.
RETURNED: dict[str, Callable[[list[str]], str]] = {
    "None": lambda names: "None",
    "0.0": lambda names: "0.0",
    "1.0": lambda names: "1.0",
    "its first argument": first,
    "its first value": first_value,
}
STUBS = ("NotImplementedError", *RETURNED)
SOME = ("NotImplementedError", "its first value")
# Each costs a grading: the full tests try two, the long ones all.
SAMPLED = [
    pytest.param(stub, marks=pytest.mark.slow if stub in SOME else pytest.mark.long)
    for stub in STUBS
]


def stubbed(text: str, path: str, tasks: set[str], stub: str) -> str:
    """Return a file of the reference with stubs in place of the answers to `tasks`."""
    fences = find_fences(text, path)
    if stub == "NotImplementedError":
        return strip(text, path, keep={fence.task for fence in fences} - tasks).text
    lines = text.splitlines()
    for fence in reversed(fences):
        names = arguments(text, fence)
        if fence.task not in tasks:
            continue
        if names is not None:
            indent = lines[fence.begin - 1].partition("#")[0]
            value = RETURNED[stub](names)
            lines[fence.begin : fence.end - 1] = [f"{indent}return {value}"]
            continue
        for node in whole_functions(text, fence):
            indent = " " * node.body[0].col_offset
            value = RETURNED[stub]([arg.arg for arg in node.args.args])
            lines[node.body[0].lineno - 1 : node.end_lineno] = [f"{indent}return {value}"]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def course() -> CourseFolder:
    return find_course()


@pytest.fixture
def graded(course: CourseFolder, tmp_path: Path) -> Callable[..., Report]:
    """Grade the reference, with stubs in place of the answers to some of its tasks."""

    def grade_it(assignment: str, tasks: set[str], stub: str, *asked: str) -> Report:
        root = tmp_path / "submission"
        shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__"))
        keep_only(root, "minitorch", make_plan(course, assignment).files())
        for path in root.glob("*/*.py"):
            path.write_text(stubbed(path.read_text(), path.name, tasks, stub))
        request = Request(assignment=assignment, tasks=asked, hidden=True)
        return grade(course, request, find(root, course.course))

    return grade_it


def fenced_tasks(assignment: str) -> set[str]:
    """Return the tasks of an assignment that have answers in the reference."""
    loaded = find_course().load(assignment, hidden=True)
    return {task.task.id for task in loaded.tasks if task.parts and task.weight()}


def declared(course: CourseFolder, assignment: str, tasks: set[str]) -> set[str]:
    """Return the ids of all outcomes that a report on `tasks` must have."""
    return {
        f"{task.task.id}/{check.name}" + (f"[{value}]" if check.each else "")
        for task in course.load(assignment, hidden=True).tasks
        for part in task.parts
        for check in part.checks
        for value in check.each or (None,)
        if task.task.id in tasks
    }


EACH_TASK = [(name, task) for name in ASSIGNMENTS for task in sorted(fenced_tasks(name))]


def assert_nothing_is_earned(report: Report) -> None:
    assert {o.id: o.points for o in report.outcomes if o.points} == {}
    assert [o.id for o in report.outcomes if o.weight and o.status.passed and o.examined] == []
    assert [(o.id, o.message) for o in report.outcomes if o.status is Status.BROKEN] == []
    assert report.points == 0
    assert any(task.possible for task in report.tasks)


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_reference_earns_everything(
    graded: Callable[..., Report], course: CourseFolder, assignment: str
) -> None:
    report = graded(assignment, set(), "None")
    assert [(o.id, o.status, o.message) for o in report.outcomes if not o.status.passed] == []
    assert {o.id for o in report.outcomes} == declared(course, assignment, fenced_tasks(assignment))
    graded_tasks = [task for task in report.tasks if not task.by_staff]
    assert {task.id for task in graded_tasks} == fenced_tasks(assignment)
    assert all(task.points == task.examined == task.possible for task in graded_tasks)
    assert report.points == sum((t.possible for t in graded_tasks), Fraction(0))
    needed = [task for task in graded_tasks if not task.extra_credit]
    assert report.examined == sum((task.possible for task in needed), Fraction(0))
    assert report.headline == ""


@pytest.mark.parametrize("stub", SAMPLED)
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_stubs_everywhere_earn_nothing(
    graded: Callable[..., Report], course: CourseFolder, assignment: str, stub: str
) -> None:
    tasks = fenced_tasks(assignment)
    report = graded(assignment, tasks, stub)
    assert_nothing_is_earned(report)
    assert {o.id for o in report.outcomes} == declared(course, assignment, tasks)


# Some checks need what earlier tasks made: all around the stubs is right here.
@pytest.mark.parametrize("stub", SAMPLED)
@pytest.mark.parametrize(("assignment", "task"), EACH_TASK)
def test_stubs_among_right_answers_earn_nothing(
    graded: Callable[..., Report], course: CourseFolder, assignment: str, task: str, stub: str
) -> None:
    report = graded(assignment, {task}, stub, task)
    assert_nothing_is_earned(report)
    assert {o.id for o in report.outcomes} == declared(course, assignment, {task})


def test_a_stub_leaves_what_is_around_it() -> None:
    text = (
        "class Neg:\n    def backward(ctx, d):\n        '''Doc.'''\n        # SOLUTION 1.4\n"
        "        x = d\n        return -x\n        # END SOLUTION\n\n\n"
        "def same(x):\n    # SOLUTION 0.1\n    return x\n    # END SOLUTION\n"
    )
    cut = stubbed(text, "neg.py", {"1.4"}, "its first value")
    assert cut == text.replace("        x = d\n        return -x\n", "        return d\n")
    assert "return ctx\n" in stubbed(text, "neg.py", {"1.4"}, "its first argument")
    assert "Task 0.1" in stubbed(text, "neg.py", {"0.1"}, "NotImplementedError")
