from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec
import pytest

from minigrade.errors import CourseError, SubmissionError, UsageError
from minigrade.interchange import from_json, to_json
from minigrade.model import Report, Status
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

WRONG = "def double(x):\n    return 2 * x if x < 5 else x\n\n\ndef negate(x):\n    return -x\n"


def timeless(report: Report) -> bytes:
    outcomes = [msgspec.structs.replace(outcome, seconds=0.0) for outcome in report.outcomes]
    return to_json(msgspec.structs.replace(report, outcomes=outcomes, seconds=0.0, created_at=""))


def test_a_right_submission_earns_everything(graded: Callable[..., Report]) -> None:
    report = graded({"hidden": True})
    assert report.points == report.examined == report.possible == 15
    assert {outcome.status for outcome in report.outcomes} == {Status.PASSED}
    assert report.headline == ""
    assert [outcome.id for outcome in report.outcomes] == [
        "1/scales[double]",
        "1/scales[negate]",
        "1/pairs",
        "1/doubles_large_numbers",
        "2/reverses",
    ]


def test_without_hidden_checks_their_points_are_not_examined(graded: Callable[..., Report]) -> None:
    report = graded()
    assert (report.points, report.examined, report.possible) == (13, 13, 15)
    assert "2 more points" in report.tasks[0].remark


def test_weights_divide_the_points_of_each_half(graded: Callable[..., Report]) -> None:
    report = graded({"hidden": True}, numbers=WRONG)
    points = {outcome.id: outcome.points for outcome in report.outcomes}
    assert points == {
        "1/scales[double]": 0,
        "1/scales[negate]": Fraction(8, 6),
        "1/pairs": 0,
        "1/doubles_large_numbers": 0,
        "2/reverses": 5,
    }
    assert report.tasks[0].points == Fraction("1.33")


def test_the_smallest_failing_case_is_runnable_code(
    graded: Callable[..., Report], tiny: Callable[..., Path]
) -> None:
    outcome = graded(numbers=WRONG).outcomes[0]
    assert outcome.status is Status.FAILED
    assert outcome.message == "expected 10.0, got 5.0"
    assert (outcome.expected, outcome.observed) == ("10.0", "5.0")
    assert "double(5.0)" in outcome.case
    assert outcome.replay == "minigrade replay 1 'scales[double]'"


def test_a_hidden_outcome_shows_nothing_that_the_submission_wrote(
    graded: Callable[..., Report],
) -> None:
    leak = (
        "def double(x):\n    print('LEAK', x)\n    if x > 500: raise ValueError(f'LEAK {x}')\n"
        "    return 2 * x\n\n\ndef negate(x):\n    return -x\n"
    )
    report = graded({"hidden": True}, numbers=leak)
    [hidden] = [outcome for outcome in report.outcomes if outcome.visibility == "hidden"]
    assert hidden.status is Status.RAISED
    assert "LEAK" not in repr(hidden)
    assert hidden.frames == ()
    assert hidden.replay == ""


def test_a_failed_prerequisite_is_named(graded: Callable[..., Report]) -> None:
    report = graded(numbers="")
    [outcome] = [outcome for outcome in report.outcomes if outcome.task == "2"]
    assert outcome.status is Status.SKIPPED
    assert "Task 1" in outcome.message
    assert outcome.points == 0
    assert "Task 1" in report.tasks[1].remark


@pytest.mark.parametrize("request_", [{"jobs": 1}, {"jobs": 2}, {"jobs": 3, "hidden": True}])
def test_the_same_submission_gives_the_same_report(
    request_: dict[str, Any], graded: Callable[..., Report]
) -> None:
    first = graded(request_, numbers=WRONG)
    assert timeless(graded(request_, numbers=WRONG)) == timeless(first)
    assert timeless(graded({**request_, "jobs": 1}, numbers=WRONG)) == timeless(first)


def test_another_seed_draws_other_cases(graded: Callable[..., Report]) -> None:
    picky = (
        "def double(x):\n    print(x)\n    return x if 'nothing' else x\n\n\n"
        "def negate(x):\n    return -x\n\n\ndef pair(x, y):\n    return x + 1, y\n"
    )
    reports = [graded({"seed": seed}, numbers=picky) for seed in (0, 1)]
    assert reports[0].seed_id != reports[1].seed_id


def test_json_goes_both_ways(graded: Callable[..., Report]) -> None:
    report = graded({"hidden": True}, numbers=WRONG, words="def reverse(: pass\n")
    assert from_json(to_json(report)) == report
    content = msgspec.json.decode(to_json(report))
    assert content["points"] == str(report.points)
    wanted = (
        "task check kind status points possible message case expected observed location seconds"
    )
    assert set(wanted.split()) <= set(content["outcomes"][0])


def test_what_is_not_there_is_refused(tiny_course: CourseFolder, tiny: Callable[..., Path]) -> None:
    found = find(tiny(), tiny_course.course)
    for request, text in [
        (Request(assignment="t9"), "the course has t0"),
        (Request(assignment="t0", tasks=("7",)), "it has 1, 2"),
        (Request(assignment="t0", checks=("scales[treble]",)), "no check 'scales[treble]'"),
    ]:
        with pytest.raises(UsageError) as error:
            grade(tiny_course, request, found)
        assert text in str(error.value)


def test_one_check_can_be_asked_alone(tiny_course: CourseFolder, tiny: Callable[..., Path]) -> None:
    found = find(tiny(), tiny_course.course)
    request = Request(assignment="t0", tasks=("1",), checks=("scales[negate]",))
    report = grade(tiny_course, request, found)
    assert [outcome.id for outcome in report.outcomes] == ["1/scales[negate]"]


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


@pytest.mark.parametrize(
    ("task", "message"),
    [
        ("TASK = 7\n", "TASK is missing"),
        ("1 / 0\n", "ZeroDivisionError"),
        (
            "@property_check(cases={}, expect=lambda: 1)\ndef probe(mt):\n    return 1\n",
            "no docstring",
        ),
        (
            "import os\n@property_check(cases={}, expect=lambda: 1)\ndef probe(mt):\n"
            "    'Does.'\n    return os.getpid()\n",
            "a probe reaches os",
        ),
    ],
)
def test_a_wrong_task_file_is_the_instructors_mistake(
    task: str, message: str, tmp_path: Path, tiny: Callable[..., Path]
) -> None:
    course = course_with(tmp_path, task)
    with pytest.raises(CourseError) as error:
        grade(course, Request(assignment="t0"), find(tiny(), course.course))
    assert message in str(error.value)


@pytest.mark.parametrize(
    "check",
    [
        "@property_check(cases={'x': st.integers()}, expect=lambda x: 1 / 0)\n",
        "@property_check(cases={'x': st.integers().filter(lambda x: False)}, expect=lambda x: x)\n",
        "@property_check(cases={'x': st.integers()}, expect=lambda x: object())\n",
        "@property_check(cases={'x': 7}, expect=lambda x: x)\n",
    ],
    ids=["expect raises", "nothing to draw", "expectation not plain", "no strategy"],
)
def test_a_broken_check_makes_the_grade_provisional(
    check: str, tmp_path: Path, tiny: Callable[..., Path]
) -> None:
    course = course_with(tmp_path, check + "def probe(mt, x):\n    'Does.'\n    return x\n")
    report = grade(course, Request(assignment="t0"), find(tiny(), course.course))
    [outcome] = report.outcomes
    assert outcome.status is Status.BROKEN
    assert report.provisional
    assert report.examined == 0
    assert "Traceback" not in outcome.message


def test_a_submission_is_found_around_or_below_the_folder(
    tiny_course: CourseFolder, tiny: Callable[..., Path]
) -> None:
    root = tiny()
    assert find(root / "tinypack", tiny_course.course).root == root.resolve()
    assert find(root.parent, tiny_course.course).root == root.resolve()


def test_a_folder_without_a_submission_is_described(
    tiny_course: CourseFolder, tmp_path: Path
) -> None:
    (tmp_path / "TinyPack").mkdir()
    with pytest.raises(SubmissionError, match="TinyPack, which differs in case"):
        find(tmp_path, tiny_course.course)
    with pytest.raises(SubmissionError, match="no such folder"):
        find(tmp_path / "nowhere", tiny_course.course)


def test_only_regular_listed_files_are_taken(
    tiny_course: CourseFolder, tiny: Callable[..., Path], tmp_path: Path
) -> None:
    root = tiny()
    (tmp_path / "secret.py").write_text("SECRET = 1\n")
    (root / "tinypack" / "link.py").symlink_to(tmp_path / "secret.py")
    (root / "tinypack" / "large.py").write_bytes(b"#" * (3 * 2**20))
    (root / "tinypack" / "cache.pyc").write_bytes(b"no")
    (root / "conftest.py").write_text("raise SystemExit\n")
    found = find(root, tiny_course.course)
    names = [f"tinypack/{name}.py" for name in ("__init__", "numbers", "words")]
    assert list(found.files) == names
    assert len(found.notes) == 2
