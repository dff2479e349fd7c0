"""Reports are the same each time, and silent about hidden cases, whatever a submission sends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from minigrade.interchange import to_json
from minigrade.model import Report, Status, Verdict
from minigrade.running.tidying import tidied

REST = "\n\ndef negate(x):\n    return -x\n"


def timeless(report: Report) -> bytes:
    outcomes = [msgspec.structs.replace(outcome, seconds=0.0) for outcome in report.outcomes]
    return to_json(msgspec.structs.replace(report, outcomes=outcomes, seconds=0.0, created_at=""))


@pytest.mark.parametrize(
    "body",
    [
        "print(object(), __file__, os.getcwd()); return x",
        "return [__file__, os.getcwd(), repr(object())]",
        "raise ValueError(f'{object()} in {__file__} at {os.getcwd()}')",
    ],
)
def test_addresses_and_temporary_folders_do_not_show(
    body: str, graded: Callable[..., Report]
) -> None:
    text = f"import os\n\n\ndef double(x):\n    {body}\n{REST}"
    first, second = graded(numbers=text), graded(numbers=text)
    assert timeless(first) == timeless(second)
    assert "tinypack/numbers.py" in repr(first.outcomes[0])
    assert "object at 0x…" in repr(first.outcomes[0])
    assert "minigrade-" not in repr(first.outcomes[0])


@pytest.mark.parametrize(
    "error",
    [
        "type(f'case_{x!r}'.lower(), (Exception,), {})()",
        "NotImplementedError(f'case_{x!r}')",
        "AttributeError(f'case_{x!r}', name=f'case_{x!r}', obj=sys.modules['tinypack'])",
    ],
)
def test_no_hidden_case_gets_out_by_an_exception(error: str, graded: Callable[..., Report]) -> None:
    text = (
        f"import sys\n\n\ndef double(x):\n    if x > 500: raise {error}\n    return 2 * x\n{REST}"
    )
    [hidden] = [
        o for o in graded({"hidden": True}, numbers=text).outcomes if o.id[:9] == "1/doubles"
    ]
    assert hidden.status is Status.RAISED
    told = msgspec.structs.replace(hidden, case="", expected="")
    assert "case_" not in repr(told)


def test_a_forged_reason_is_no_message(graded: Callable[..., Report]) -> None:
    forged = (
        "import gc\n\n\ndef double(x):\n"
        "    for each in gc.get_objects():\n"
        "        if type(each).__name__ == 'Worker':\n"
        "            type(each)._reason = lambda self, error: (f'told_{x}', '')\n"
        "    raise ValueError\n"
    )
    outcome = graded(numbers=forged + REST).outcomes[0]
    assert outcome.status is Status.CRASHED
    assert "told_" not in outcome.category


def test_long_exceptions_are_cut(graded: Callable[..., Report]) -> None:
    text = (
        "def double(x):\n    error = type('E' * 10**5, (Exception,), {})\n"
        "    raise error('m' * 10**5)\n"
    )
    outcome = graded(numbers=text + REST).outcomes[0]
    assert outcome.status is Status.RAISED
    assert len(outcome.message) < 3_000


def test_every_text_of_a_verdict_is_bounded() -> None:
    long = "x" * 10**6
    verdict = Verdict(
        status=Status.FAILED, message=long, observed=long, printed=long, data={"also": [long] * 99}
    )
    tidy = tidied(verdict, Path("/tmp/minigrade-12345678"))
    assert len(repr(tidy)) < 100_000
