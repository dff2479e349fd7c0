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


def verdict(answer: Any) -> Any:
    @compiled_check(each=("tensor_map",), cap=Fraction(1, 2))
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
}


@pytest.mark.parametrize(
    ("evidence", "category"),
    [
        ({**WELL, "compiled": False}, "not_compiled"),
        ({**WELL, "objects": True}, "objects"),
        ({**WELL, "parallel": False}, "not_parallel"),
        ({**WELL, "loops": 0}, "no_loop"),
        ({**WELL, "anew": 1}, "anew"),
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
    assert "`tensor_map`, or a helper that it calls, has a library compute: numpy.dot" in (
        outcome.message
    )


def test_evidence_earns_nothing() -> None:
    outcome = verdict(Returned(WELL))
    assert (outcome.status, outcome.cap) == (Status.PASSED, 1)


def test_a_cap_is_a_part_of_the_points() -> None:
    with pytest.raises(CourseError, match="expected a part"):
        compiled_check(each=("a",), cap=1)(lambda mt, name: None)
