"""What became of a call without a value is put into words; extra credit may be missing."""

from __future__ import annotations

import pytest

from minigrade.boundary.session import Raised
from minigrade.kinds.base import Question
from minigrade.kinds.failures import describe
from minigrade.kinds.properties import property_check
from minigrade.model import Status, Task, Verdict, Visibility


def said(raised: Raised, *, extra_credit: bool) -> Verdict:
    """Return the verdict on an exception, in a task that is extra credit or not."""

    @property_check(cases={}, expect=lambda: 1)
    def looks(mt: object) -> object:
        """Look."""
        return mt

    task = Task("9.1", title="T", points=1, files=("pack/nn.py",), extra_credit=extra_credit)
    question = Question(task, looks, None, Visibility.PUBLIC, 0)
    return describe(raised, question, {})


ABSENT = (
    Raised("AttributeError", "", (), "", "missing", "pack.nn.Embedding"),
    Raised("NotImplementedError", "Need to implement for Task 9.1", (), "", "stub"),
)


@pytest.mark.parametrize("raised", ABSENT, ids=lambda raised: raised.reason)
def test_extra_credit_that_is_not_there_counts_for_nothing(raised: Raised) -> None:
    verdict = said(raised, extra_credit=True)
    assert (verdict.status, verdict.examined, verdict.score) == (Status.SKIPPED, False, 0)
    assert verdict.message.startswith("not handed in: ")
    needed = said(raised, extra_credit=False)
    assert (needed.status, needed.examined) == (Status.RAISED, True)
    assert verdict.message == f"not handed in: {needed.message}"


def test_extra_credit_that_is_wrong_has_failed() -> None:
    raised = Raised("ValueError", "lost", (), "", "error")
    verdict = said(raised, extra_credit=True)
    assert (verdict.status, verdict.examined) == (Status.RAISED, True)
