"""Many calls in one message are answered as one by one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from minigrade.boundary import sandbox
from minigrade.boundary.process import Zygote
from minigrade.boundary.session import Crashed, Loadable, Loading, Raised, Returned, Session

PROBES = """
import random
def inverse(mt, x): return 1 / x
def draw(mt): return random.random()
def odd(mt, x): return object() if x == 2 else x
def end(mt, x):
    if x == 2:
        import os
        os._exit(3)
    return x
"""


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    tmp_path.chmod(0o755)
    zygote = Zygote(sandbox.survey("local", sandbox.interpreter_paths()))
    session = Session(zygote, Loadable(tmp_path, tmp_path, "pack", PROBES, "task.py"), Loading())
    yield session
    session.close()
    zygote.close()


def test_what_is_returned_and_raised_comes_in_order(session: Session) -> None:
    for _ in range(2):  # a worker that is to start, and one that has
        one, two, three = session.call_each("inverse", [[2.0], [0.0], [4.0]])
        assert (one, three) == (Returned(0.5), Returned(0.25))
        assert isinstance(two, Raised)
        assert two.type == "ZeroDivisionError"


def test_each_call_finds_the_same_random_numbers(session: Session) -> None:
    alone = session.call("draw")
    assert session.call_each("draw", [[], [], []]) == [alone] * 3


def test_a_value_that_cannot_be_sent_spoils_its_own_call_only(session: Session) -> None:
    session.call("odd", [1])
    one, two, three = session.call_each("odd", [[1], [2], [3]])
    assert (one, three) == (Returned(1), Returned(3))
    assert isinstance(two, Raised)


def test_a_process_that_ends_costs_its_own_call_only(session: Session) -> None:
    session.call("end", [1])
    one, two, three = session.call_each("end", [[1], [2], [3]])
    assert (one, three) == (Returned(1), Returned(3))
    assert isinstance(two, Crashed)
