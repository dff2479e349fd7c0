"""The compiled kind: what evidence costs, and what it says."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace
from typing import Any, cast

import pytest

from minigrade.boundary.session import Returned
from minigrade.errors import CourseError
from minigrade.kinds.base import Means, Question
from minigrade.kinds.compiled import compiled_check
from minigrade.model import Status


def verdict(answer: Any, **options: Any) -> Any:
    @compiled_check(each=("tensor_map",), cap=Fraction(1, 2), **options)
    def compiles(mt: Any, name: str) -> Any:
        """Compiles."""

    question = SimpleNamespace(
        check=compiles, value="tensor_map", leading=lambda: ("tensor_map",), probe_text=""
    )
    session = SimpleNamespace(call=lambda *_, **__: answer, problems={})
    means = SimpleNamespace(session=session)
    return compiles.kind.examine(cast("Question", question), cast("Means", means))


WELL = {
    "compiled": True,
    "objects": False,
    "parallel": True,
    "loops": 2,
    "library": [],
    "anew": 0,
    "unused": False,
    "races": [],
}


RACE = {
    "file": "minitorch/fast_ops.py",
    "function": "_map",
    "line": 7,
    "other": 9,
    "source": "index[0] = i",
}


@pytest.mark.parametrize(
    ("evidence", "category"),
    [
        ({**WELL, "compiled": False}, "not_compiled"),
        ({**WELL, "objects": True}, "objects"),
        ({**WELL, "parallel": False}, "not_parallel"),
        ({**WELL, "loops": 0}, "no_loop"),
        ({**WELL, "anew": 1}, "anew"),
        ({**WELL, "unused": True}, "unused"),
        ({**WELL, "races": [RACE]}, "race"),
        ({"compiled": "yes"}, "unreadable"),
        (None, "unreadable"),
    ],
)
def test_evidence_costs_and_says_why(evidence: Any, category: str) -> None:
    outcome = verdict(Returned(evidence))
    assert (outcome.category, outcome.cap) == (category, Fraction(1, 2))
    assert not outcome.status.passed


def test_nothing_is_left_where_a_library_computes() -> None:
    outcome = verdict(Returned({**WELL, "library": ["numpy.dot"]}))
    assert (outcome.category, outcome.cap) == ("library", 0)
    assert "or an operation in place of it has a library compute: numpy.dot" in outcome.message


def test_evidence_earns_nothing() -> None:
    outcome = verdict(Returned(WELL))
    assert (outcome.status, outcome.cap) == (Status.PASSED, 1)


def test_a_race_names_both_lines() -> None:
    outcome = verdict(Returned({**WELL, "races": [RACE]}))
    assert "writes at minitorch/fast_ops.py:7, another one reads or writes at line 9" in (
        outcome.message
    )
    [frame] = outcome.frames
    assert (frame.file, frame.line, frame.source) == ("minitorch/fast_ops.py", 7, "index[0] = i")


def test_loops_may_be_serial_where_a_task_asks_for_none() -> None:
    for serial in ({"loops": 0}, {"parallel": False, "loops": 0}):
        assert verdict(Returned({**WELL, **serial}), parallel=False).status is Status.PASSED
    for wrong in ({"compiled": False}, {"races": [RACE]}):
        assert not verdict(Returned({**WELL, **wrong}), parallel=False).status.passed


def test_a_cap_is_a_part_of_the_points() -> None:
    with pytest.raises(CourseError, match="expected a part"):
        compiled_check(each=("a",), cap=1)(lambda mt, name: None)
