"""Points, what caps them, and what is said of it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from minigrade.model import Outcome, Status, Task, Visibility
from minigrade.running.scoring import free_failures, headline, is_to_mend, task_result

TASK = Task("3.1", title="Parallel operations", points=10)


def outcome(check: str, **more: Any) -> Outcome:
    content: dict[str, Any] = {
        "id": f"task/{check}",
        "task": "3.1",
        "check": check,
        "kind": "property",
        "sentence": "The loop is parallel.",
        "visibility": Visibility.PUBLIC,
        "weight": Fraction(1),
        "points": Fraction(0),
        "possible": Fraction(0),
        "status": Status.FAILED,
    }
    return Outcome(**content | more)


def passed(check: str, points: int) -> Outcome:
    return outcome(check, status=Status.PASSED, points=Fraction(points), possible=Fraction(points))


def test_what_caps_a_task_is_named_once_however_many_values_it_failed_for() -> None:
    half = Fraction(1, 2)
    result = task_result(
        TASK,
        [
            passed("computes", 10),
            outcome("compiles[map]", cap=half),
            outcome("compiles[zip]", cap=half),
            outcome("loops", cap=half),
            outcome("reads", cap=Fraction(3, 4)),
        ],
    )
    assert result.points == 5
    assert result.remark == "at most 50% because of compiles, loops"


@given(st.lists(st.integers(0, 10), max_size=6), st.fractions(0, 1, max_denominator=20))
def test_points_are_the_sum_up_to_the_cap_to_two_decimals(earned: list[int], cap: Fraction) -> None:
    outcomes = [passed(f"check_{i}", points) for i, points in enumerate(earned)]
    result = task_result(TASK, [*outcomes, outcome("reads", cap=cap)])
    assert abs(result.points - cap * sum(earned)) <= Fraction(1, 200)
    assert result.points * 100 % 1 == 0
    assert result.examined == sum(earned)


def test_the_headline_names_a_place_once() -> None:
    place = "minitorch/fast_ops.py:369"
    own = outcome("loops", message=f"{place}: no `prange`", location=place)
    others = outcome("computes", message="got 3.0", location=place)
    assert headline([task_result(TASK, [own])], [own]).count(place) == 1
    assert headline([task_result(TASK, [others])], [others]).endswith(f"got 3.0 ({place}).")


def test_what_costs_nothing_is_a_note_and_nothing_to_mend() -> None:
    free = outcome("views_back", weight=Fraction(0), sentence="The course's own is wrong.")
    capping = outcome("is_parallel", weight=Fraction(0), cap=Fraction(1, 2))
    ours = outcome("breaks", weight=Fraction(0), status=Status.BROKEN)
    costly = outcome("maps", possible=Fraction(10))
    assert [is_to_mend(one) for one in (free, capping, ours, costly, passed("zips", 5))] == [
        False, True, True, True, False,
    ]  # fmt: skip
    result = task_result(TASK, [free, costly])
    assert headline([result], [free]) == ""
    assert headline([result], [free, costly]).startswith("Task 3.1, `maps`.")
    assert free_failures([free, passed("maps", 10)]) == [
        "Task 3.1, `views_back` fails and costs nothing: The course's own is wrong."
    ]
    assert free_failures([free, costly]) == []
    assert free_failures([passed("maps", 10)]) == []
