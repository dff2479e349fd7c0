"""The rule that the outermost loop runs through `numba.prange`."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from minigrade.boundary.bench import source

HEAD = (
    "import numba\nimport numba as nb\nfrom numba import prange\nfrom numba import prange as pr\n"
)

RIGHT = {
    "plain": "for i in prange(n): out[i] = 1.0",
    "other names": "for i in nb.prange(n): out[i] = 1.0\n    for i in pr(n): out[i] += 1.0",
    "several branches": """if n > 9:
        for i in range(n): out[i] = 1.0
    else:
        for i in prange(n):
            for j in range(i): out[i] += 1.0""",
    "small ones first": """if len(out) < 99:
        for i in range(n): out[i] = 1.0
        return
    if n == 3:
        for i in prange(n): out[i] = 1.0
    else:
        share(out, n)""",
    "a size with a name": """few = len(out) < 99 and n == 3
    if few:
        for i in range(n): out[i] = 1.0
    else:
        for i in prange(n): out[i] = 1.0""",
    "cleared first": "for i in range(n): out[i] = 0.0\n    for i in prange(n): out[i] += 1.0",
    "strides in a branch": """if n == 3:
        for d in range(3): n += d
    for i in prange(n): out[i] = 1.0""",
    "in a function inside": """def _map(out):
        for i in prange(n):
            out[i] = 1.0
    return numba.njit(parallel=True)(_map)""",
    "in a helper": "share(out, n)",
    "inside too": "for i in prange(n):\n        for j in prange(n): out[i + j] = 1.0",
    "a stub": "raise NotImplementedError('Need to implement for Task 3.1')",
}
# A loop through `prange` in one branch, and the line of the one that another branch lacks.
PARTLY = {
    "one of two": ("""if n == 3:
        for i in prange(n): out[i] = 1.0
    else:
        for i in range(n): out[i] = 1.0""", 16),
    "a flag": ("""alike = n == 3
    if alike:
        for i in prange(n): out[i] = 1.0
        return
    for i in range(n):
        write(out, i)""", 17),
    "not small": ("""if len(out) < 99:
        for i in range(n): out[i] = 1.0
    elif n == 3:
        for i in prange(n): out[i] = 1.0
    else:
        for i in range(n): out[i] = 1.0""", 18),
    "dimensions are no size": ("""if len(out_shape) < 2:
        for i in range(n): out[i] = 1.0
    else:
        for i in prange(n): out[i] = 1.0""", 14),
    "in a helper": ("""if n == 3:
        for i in prange(n): out[i] = 1.0
    else:
        alone(out, n)""", 20),
    "in a function inside": ("""def _map(out):
        if n == 3:
            for i in prange(n): out[i] = 1.0
        else:
            while n: out[n] = 1.0
    return numba.njit(parallel=True)(_map)""", 17),
}  # fmt: skip
WRONG = {
    "no loop": ("out[:] = 1.0", 12, "has no loop through `prange`"),
    "serial": ("for i in range(n): out[i] = 1.0", 12, "has no loop through `prange`"),
    "only inside": (
        "for i in range(n):\n        for j in prange(n): out[i + j] = 1.0",
        14,
        "inside of another loop, which is not parallel",
    ),
    "only named": ("prange\n    for i in range(n): out[i] = 1.0", 12, "has no loop"),
    "while": ("while n:\n        for j in prange(n): out[j] = 1.0", 14, "inside of another loop"),
}


def findings(body: str) -> list[dict[str, Any]]:
    text = f"{HEAD}\n\ndef share(out, n):\n    for i in prange(n):\n        out[i] = 1.0\n\n\n"
    text += f"def kernel(out, n):\n    {body}\n"
    text += "\n\ndef alone(out, n):\n    for i in range(n): out[i] = 1.0\n"
    rules: dict[str, Any] = {
        "forbid_imports": [], "only_imports": None, "forbid_calls": [], "must_call": {},
        "within": [], "parallel": ["kernel"],
    }  # fmt: skip
    answer: Any = source({"minitorch/fast_ops.py": textwrap.dedent(text)}, rules)
    assert answer["errors"] == []
    return list(answer["findings"])


@pytest.mark.parametrize("name", RIGHT)
def test_a_parallel_outermost_loop_breaks_no_rule(name: str) -> None:
    assert findings(RIGHT[name]) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_serial_outermost_loop_is_named_with_its_line(name: str) -> None:
    body, line, message = WRONG[name]
    [found] = findings(body)
    assert message in found["message"]
    assert (found["rule"], found["line"]) == ("parallel", line)


@pytest.mark.parametrize("name", PARTLY)
def test_a_branch_that_loops_on_one_core_is_named_with_its_line(name: str) -> None:
    body, line = PARTLY[name]
    [found] = findings(body)
    assert "this branch loops over the output on one core" in found["message"]
    assert (found["rule"], found["line"]) == ("parallel", line)
