"""How failures are found, told apart, shrunk and put into words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from minigrade import property_check
from minigrade.authoring.judging import close
from minigrade.errors import CourseError
from minigrade.kinds.properties import judge_of
from minigrade.model import Check, Outcome, Report, Status

NUMBERS = "\n\ndef negate(x):\n    return -x\n\n\ndef pair(x, y):\n    return x, y\n"


def double(body: str, graded: Callable[..., Report], **request: object) -> Outcome:
    return graded(request, numbers=f"def double(x):\n    {body}\n{NUMBERS}").outcomes[0]


def test_a_failure_shrinks_to_the_smallest_case(graded: Callable[..., Report]) -> None:
    outcome = double("return 2 * x if x < 3 else 0.0", graded)
    assert outcome.message == "expected 6.0, got 0.0"
    assert "double(3.0)" in outcome.case


def test_several_bugs_are_told_apart(graded: Callable[..., Report]) -> None:
    body = "if x < -2: raise ValueError('negative')\n    return 2 * x if x < 3 else 0.0"
    outcome = double(body, graded)
    messages = [outcome.message, *outcome.data["also"]]
    assert sorted(messages) == ["expected 6.0, got 0.0", "raised ValueError: negative"]


def test_frames_are_the_students_own(graded: Callable[..., Report]) -> None:
    outcome = double("return helper(x)\n\n\ndef helper(x):\n    raise KeyError('lost')", graded)
    places = [(frame.file, frame.line, frame.function) for frame in outcome.frames]
    assert places == [("tinypack/numbers.py", 2, "double"), ("tinypack/numbers.py", 6, "helper")]
    assert outcome.frames[-1].source == "raise KeyError('lost')"
    assert outcome.location == "tinypack/numbers.py:6"


def test_a_stub_is_named(graded: Callable[..., Report]) -> None:
    outcome = double("raise NotImplementedError('Need to implement for Task 1')", graded)
    assert outcome.status is Status.RAISED
    assert "not implemented yet" in outcome.message
    assert outcome.cases == 1


def test_a_stub_of_an_earlier_assignment_is_work_not_carried_over(
    graded: Callable[..., Report],
) -> None:
    outcome = double("raise NotImplementedError('Need to implement for Task 0.3')", graded)
    assert "carried over" in outcome.message
    assert "Task 0.3" in outcome.message


def test_upstreams_stub_for_a_file_to_carry_over_is_named(graded: Callable[..., Report]) -> None:
    text = "Need to include this file from past assignment."
    outcome = double(f"raise NotImplementedError('{text}')", graded)
    assert outcome.message.startswith("tinypack/numbers.py is still the course's stub")


def test_a_missing_function_is_named_with_its_file(graded: Callable[..., Report]) -> None:
    report = graded(numbers="def negate(x):\n    return -x\n")
    assert report.outcomes[0].message == (
        "`tinypack` has no `double`; it belongs in tinypack/numbers.py"
    )


def test_what_the_probe_cannot_use_is_said_with_the_probes_line(
    graded: Callable[..., Report],
) -> None:
    report = graded(numbers="def double(x):\n    return 2 * x\n\n\ndef pair(x, y):\n    return x\n")
    outcome = next(outcome for outcome in report.outcomes if outcome.check == "pairs")
    assert "raised TypeError: cannot unpack" in outcome.message
    assert "first, second = mt.pair(x, y)" in outcome.message


def test_addresses_and_paths_do_not_reach_a_report(graded: Callable[..., Report]) -> None:
    outcome = double("raise ValueError(f'{object()} {__file__}')", graded)
    assert "0x…" in outcome.message
    assert outcome.message.endswith(" tinypack/numbers.py")


def test_random_student_code_is_graded_repeatably(graded: Callable[..., Report]) -> None:
    body = "import random\n    return 2 * x + (random.random() < 0.01 + abs(x) / 50)"
    first, second = double(body, graded), double(body, graded)
    assert (first.message, first.case, first.cases) == (second.message, second.case, second.cases)


def test_the_number_of_cases_can_be_chosen(graded: Callable[..., Report]) -> None:
    few, many = (double("return 2 * x", graded, cases=number) for number in (6, 120))
    assert few.status is many.status is Status.PASSED
    assert few.cases < 13
    assert many.cases > 40


def test_shrinking_ends_for_a_submission_that_forgets(graded: Callable[..., Report]) -> None:
    body = (
        "double.calls = getattr(double, 'calls', 0) + 1\n"
        "    return 2 * x if double.calls % 7 else 0.5"
    )
    outcome = double(body, graded)
    assert outcome.status is Status.FAILED
    assert outcome.cases < 500


def test_a_file_that_was_not_carried_over_is_named(graded: Callable[..., Report]) -> None:
    for text in ("from . import lost", "from .lost import thing", "import tinypack.lost"):
        outcome = graded(numbers=f"{text}\n\n\ndef double(x):\n    return 2 * x\n").outcomes[0]
        assert "tinypack/numbers.py does not import" in outcome.message
        assert "is tinypack/lost.py missing, or was it not carried over" in outcome.message, text


def test_a_name_that_a_file_lacks_is_named(graded: Callable[..., Report]) -> None:
    outcome = graded(numbers="from .words import thing\n").outcomes[0]
    assert "tinypack/words.py is there, and does not define `thing`" in outcome.message


def test_a_submission_sees_no_arguments_of_ours(graded: Callable[..., Report]) -> None:
    outcome = double("import sys; return 2 * x if sys.argv == [''] else x", graded)
    assert outcome.status is Status.PASSED


def test_a_check_ends_though_each_call_keeps_to_its_limit(
    graded: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minigrade.kinds.properties.CHECK_LIMIT_S", 0.5)
    outcome = double("import time; time.sleep(0.05)\n    return 2 * x", graded)
    assert outcome.status is Status.TIMED_OUT
    assert "together" in outcome.message
    assert outcome.cases < 12


def judged_loosely(value: str) -> Check:
    """Make a check of two functions, and judge one of them by three digits only."""

    @property_check(
        each=("log", "exp"),
        cases=lambda _: {"x": st.just(1.0)},
        expect=lambda _, x: x,
        judge={value: close(rtol=1e-3)},
    )
    def keeps(mt: object, name: str, x: float) -> float:
        """It keeps a number."""
        return x

    return keeps


def test_a_tolerance_is_for_the_value_that_needs_it() -> None:
    spec = judged_loosely("log").spec
    assert judge_of(spec, "log")(1.0, 1.0001) is None
    assert judge_of(spec, "exp")(1.0, 1.0001) is not None
    assert judge_of(spec, "exp")(1.0, 1.0) is None
    with pytest.raises(CourseError, match="not in `each`"):
        judged_loosely("sin")
