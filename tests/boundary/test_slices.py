from __future__ import annotations

import pytest

from minigrade.boundary.slices import cut
from minigrade.errors import CourseError

TEXT = '''"""A task file."""

from __future__ import annotations

import math
import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, property_check

SECRET = 42
TABLE = {"a": math.pi}
TABLE["b"] = 2.0


def helper(x: Case) -> float:
    return TABLE[x] + np.sum(0)


def expect(x):
    return SECRET


@property_check(cases={"x": st.integers()}, expect=expect, examples=(Case(x=SECRET),))
def probe(mt: Minitorch, x: Case) -> float:
    """Do it."""
    return helper(x)
'''


def test_a_slice_holds_the_probe_and_what_it_reaches_on_the_same_lines() -> None:
    text = cut(TEXT, ["probe"], "task.py")
    kept = {n: line for n, line in enumerate(text.splitlines(), 1) if line}
    original = TEXT.splitlines()
    assert all(original[n - 1] == line for n, line in kept.items())
    assert "SECRET" not in text
    assert "expect" not in text
    assert "hypothesis" not in text
    assert "property_check" not in text
    for part in ("def probe", "def helper", 'TABLE["b"]', "import math", "import numpy"):
        assert part in text


def test_a_slice_runs_on_its_own() -> None:
    space: dict[str, object] = {}
    exec(compile(cut(TEXT, ["probe"], "t"), "t", "exec", flags=0x1000000), space)
    assert space["probe"](None, "b") == 2.0  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import os\ndef probe(mt):\n    return os.getpid()\n", "t.py:1: a probe reaches os"),
        (
            "from minigrade.kinds.base import Kind as K\ndef probe(mt):\n    return K\n",
            "t.py:1: a probe reaches K",
        ),
        ("from minigrade import Case\ndef probe(mt):\n    return Case\n", "minigrade.Case"),
        ("A = 1; B = 2\ndef probe(mt):\n    return A\n", "t.py:1: two top-level statements"),
        ("def other(mt):\n    return 1\n", "no probe probe"),
    ],
)
def test_a_probe_that_reaches_too_far_is_named(text: str, message: str) -> None:
    with pytest.raises(CourseError) as error:
        cut(text, ["probe"], "t.py")
    assert message in str(error.value)


def test_probing_is_what_a_probe_may_import() -> None:
    text = "from minigrade import probing\ndef probe(mt):\n    return probing.number(mt)\n"
    assert "probing" in cut(text, ["probe"], "t.py")
