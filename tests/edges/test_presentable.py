from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrade.edges.presentable import (
    cap_text,
    earned_all,
    points_text,
    possible_text,
    presentable,
    presentable_outcome,
    repeats,
    sections,
    status_words,
    worth_text,
)
from minigrade.model import Frame, Outcome, Report, Status, TaskResult, Visibility

Make = Callable[..., Outcome]
SECRET = "written by the student"


@given(data=st.data())
def test_sections_hold_every_outcome_once(
    reports: st.SearchStrategy[Report], data: st.DataObject
) -> None:
    report = data.draw(reports)
    parts = sections(report)
    held = [outcome for part in parts for outcome in (*part.lacking, *part.complete)]
    assert sorted(o.id for o in held) == sorted(o.id for o in report.outcomes)
    assert all(outcome.task == part.task.id for part in parts for outcome in part.lacking)
    assert all(earned_all(outcome) for part in parts for outcome in part.complete)
    assert not any(earned_all(outcome) for part in parts for outcome in part.lacking)
    assert [part.task for part in parts][: len(report.tasks)] == report.tasks


@pytest.mark.parametrize("status", Status)
def test_a_hidden_outcome_shows_no_text_of_the_students_process(
    status: Status, outcome_of: Make
) -> None:
    theirs = dict.fromkeys(("observed", "printed", "location"), SECRET)
    if status in (Status.FAILED, Status.RAISED, Status.CRASHED, Status.BROKEN):
        theirs["message"] = SECRET
    shown = presentable_outcome(
        outcome_of(
            status=status,
            visibility=Visibility.HIDDEN,
            frames=(Frame(SECRET, 1, SECRET, SECRET),),
            data={"note": SECRET},
            **theirs,
        )
    )
    assert SECRET not in repr(shown)
    assert shown.sentence


def test_a_hidden_outcome_keeps_what_the_grader_alone_says(outcome_of: Make) -> None:
    for status in (Status.SKIPPED, Status.TIMED_OUT, Status.INCONCLUSIVE):
        hidden = outcome_of(status=status, visibility=Visibility.HIDDEN, message="No GPU here.")
        assert presentable_outcome(hidden).message == "No GPU here."


def test_only_web_addresses_are_links(report_of: Callable[..., Report], outcome_of: Make) -> None:
    report = report_of(outcome_of())
    for link, kept in {
        "https://minitorch.github.io/module0/": "https://minitorch.github.io/module0/",
        "javascript:alert(1)": "",
        " https://example.org": "",
        'https://example.org/"onclick="alert(1)': "",
        "data:text/html,x": "",
    }.items():
        [task] = report.tasks
        changed = msgspec.structs.replace(report, tasks=[msgspec.structs.replace(task, link=link)])
        assert presentable(changed).tasks[0].link == kept


def test_a_long_traceback_keeps_both_ends(outcome_of: Make) -> None:
    frames = tuple(Frame("minitorch/module.py", i, "walk", f"step({i})") for i in range(1000))
    shown = presentable_outcome(outcome_of(status=Status.RAISED, frames=frames)).frames
    assert [frame.line for frame in shown if frame.file] == [0, 1, *range(994, 1000)]
    assert shown[2].source == "[... 992 frames left out ...]"


def test_the_same_failure_is_told_once(outcome_of: Make) -> None:
    frames = (Frame("minitorch/operators.py", 3, "<module>", "import nothing"),)
    same = {"status": Status.RAISED, "message": "ImportError: nothing", "frames": frames}
    first, second = outcome_of("first", **same), outcome_of("second", "0.3", **same)
    other = outcome_of("other", **same | {"printed": "but this one prints"})
    hidden = [
        outcome_of(name, status=Status.FAILED, message="?", visibility=Visibility.HIDDEN)
        for name in ("third", "fourth")
    ]
    assert repeats([first, other, second, *hidden]) == {second.id: first}


@pytest.mark.parametrize(
    ("points", "text"),
    [
        (Fraction(4, 3), "1.33"),
        (Fraction(2, 3), "0.67"),
        (Fraction(5, 2), "2.5"),
        (Fraction(10), "10"),
        (Fraction(0), "0"),
        (Fraction(-1, 1000), "0"),
        (Fraction(999, 1000), "1"),
    ],
)
def test_points_have_two_decimals_at_most(points: Fraction, text: str) -> None:
    assert points_text(points) == text


@pytest.mark.parametrize(
    ("asked", "extra", "text"),
    [
        (40, None, "of 40 points"),
        (1, None, "of 1 point"),
        (40, 0, "of 40 points"),
        (40, 5, "of 40 points, 5 of them extra credit"),
        (0, 5, "points of extra credit"),
        (0, 1, "point of extra credit"),
        (0, 0, "of 0 points"),
    ],
)
def test_extra_credit_is_told_from_what_is_asked(
    asked: int, extra: int | None, text: str, report_of: Callable[..., Report]
) -> None:
    credit = TaskResult(
        id="4.6",
        title="",
        points=Fraction(extra or 0),
        examined=Fraction(5),
        possible=Fraction(5),
        extra_credit=True,
    )
    report = report_of(tasks=[] if extra is None else [credit])
    assert possible_text(msgspec.structs.replace(report, possible=Fraction(asked))) == text


def test_words_for_what_became_of_it(outcome_of: Make) -> None:
    assert status_words(outcome_of()) == "Passed"
    assert status_words(outcome_of(points=Fraction(1, 2))) == "Passed in part"
    assert len({status_words(outcome_of(status=status)) for status in Status}) == len(Status)
    assert worth_text(outcome_of(points=Fraction(1, 2))) == "0.5 of 1"
    assert worth_text(outcome_of(possible=Fraction(0))) == "no points"
    assert worth_text(outcome_of(status=Status.SKIPPED, examined=False)) == "not counted"
    assert cap_text(outcome_of()) == ""
    assert "at most 50%" in cap_text(outcome_of(cap=Fraction(1, 2)))
    assert "earns nothing" in cap_text(outcome_of(cap=Fraction(0)))
    assert cap_text(outcome_of(status=Status.FAILED)) == ""
    free = outcome_of(status=Status.FAILED, possible=Fraction(0), weight=Fraction(0))
    assert cap_text(free) == "This costs nothing."
