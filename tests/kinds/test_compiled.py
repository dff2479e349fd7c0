"""Compilation evidence: what numba makes of a kernel, and what that costs."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numba
import numpy as np
import pytest
from numba import prange

from minigrade.boundary.session import Returned
from minigrade.errors import CourseError
from minigrade.evidence import compilation
from minigrade.kinds.base import Means, Question
from minigrade.kinds.compiled import compiled_check
from minigrade.model import Status


def through_prange(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other[i] + 1.0


def through_range(out: Any, other: Any) -> None:
    for i in range(len(out)):
        out[i] = other[i] + 1.0


def of_arrays(out: Any, other: Any) -> None:
    """Numba makes loops of these too, which nobody wrote."""
    if np.all(out == other):
        out[:] = other + 1.0


def wrong(out: Any, other: Any) -> None:
    out[0] = "a text"


def found(kernel: Any) -> dict[str, Any]:
    return compilation(kernel, np.zeros(3), np.zeros(3))


def test_loops_through_prange_count_and_nothing_else() -> None:
    parallel = numba.njit(parallel=True)
    assert found(parallel(through_prange)) == {"compiled": True, "parallel": True, "loops": 1}
    assert found(parallel(through_range)) == {"compiled": True, "parallel": True, "loops": 0}
    assert found(parallel(of_arrays)) == {"compiled": True, "parallel": True, "loops": 0}
    assert found(numba.njit(through_prange)) == {"compiled": True, "parallel": False, "loops": 0}
    assert found(through_prange) == {"compiled": False, "parallel": False, "loops": 0}
    assert found(None) == {"compiled": False, "parallel": False, "loops": 0}


def test_nothing_is_compiled_to_machine_code_on_the_way() -> None:
    kernel = numba.njit(parallel=True)(through_prange)
    found(kernel)
    assert not kernel.overloads


def test_what_does_not_compile_is_not_hidden() -> None:
    with pytest.raises(numba.core.errors.NumbaError):
        found(numba.njit(parallel=True)(wrong))


def verdict(answer: Any) -> Any:
    @compiled_check(each=("tensor_map",), cap=0)
    def compiles(mt: Any, name: str) -> Any:
        """Compiles."""

    question = SimpleNamespace(
        check=compiles, value="tensor_map", leading=lambda: ("tensor_map",), probe_text=""
    )
    session = SimpleNamespace(call=lambda *_, **__: answer, problems={})
    means = SimpleNamespace(session=session)
    return compiles.kind.examine(cast("Question", question), cast("Means", means))


@pytest.mark.parametrize(
    ("evidence", "category"),
    [
        ({"compiled": False, "parallel": False, "loops": 0}, "not_compiled"),
        ({"compiled": True, "parallel": False, "loops": 0}, "not_parallel"),
        ({"compiled": True, "parallel": True, "loops": 0}, "no_loop"),
        ({"compiled": "yes"}, "unreadable"),
        (None, "unreadable"),
    ],
)
def test_evidence_costs_and_says_why(evidence: Any, category: str) -> None:
    outcome = verdict(Returned(evidence))
    assert (outcome.category, outcome.cap) == (category, 0)
    assert not outcome.status.passed


def test_evidence_earns_nothing() -> None:
    outcome = verdict(Returned({"compiled": True, "parallel": True, "loops": 2}))
    assert (outcome.status, outcome.cap) == (Status.PASSED, 1)


def test_a_cap_is_a_part_of_the_points() -> None:
    with pytest.raises(CourseError, match="expected a part"):
        compiled_check(each=("a",), cap=1)(lambda mt, name: None)
