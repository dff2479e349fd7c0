"""Variables that only some ways assign: numba's values where there is one, else a finding."""

from __future__ import annotations

import linecache
import types

import numba
import numpy as np
import pytest
from numba.core.errors import NotDefinedError

from minigrade.simt import KernelError, launch

# `n` is the thread's number, 0 to 7. Each sets `result`; `unknown` are the
# threads that read a variable without a value.
BODIES = {
    "a loop's variable": ("for k in range(n):\n        pass\n    result = k", {0}),
    "assigned in a loop": ("for k in range(n):\n        x = k * 2\n    result = x", {0}),
    "assigned in a while loop": (
        "r = 0\n    while r < n:\n        r += 1\n        if r == 2:\n            x = r / 2\n"
        "    result = x",
        {0, 1},
    ),
    "assigned in a branch": ("if n > 3:\n        x = 2.5\n    result = x + n", {0, 1, 2, 3}),
    "updated after a branch": (
        "if n > 3:\n        x = 2.5\n    x += 1\n    result = x", {0, 1, 2, 3}),
    "read only where it was assigned": (
        "if n > 3:\n        x = 7\n    result = 0\n    if n > 4:\n        result = x", set()),
    "assigned in both branches": (
        "if n > 3:\n        x = 7\n    else:\n        x = 0.5\n    result = x", set()),
    "the round before assigned another type": (
        "result = 0.0\n    for k in range(n):\n        if k == 0:\n            x = 1\n"
        "        result += x\n        x = k + 0.5",
        set()),
    "lanes that leave a loop keep what they assigned": (
        "result = 0\n    for i in range(3):\n        for k in range(3):\n"
        "            if i == 0 and k == n % 3:\n                x = 10 * n + k\n"
        "            if k == 2:\n                result += x\n"
        "            if i == 0 and k == n % 3 and n % 2 == 0:\n                break",
        set()),
    "assigned before a break": (
        "for k in range(9):\n        x = k * k\n        if x >= n:\n            break\n"
        "    result = x + k",
        set()),
    "assigned in an else clause": (
        "for k in range(3):\n        if k == n:\n            break\n    else:\n        x = 5\n"
        "    result = 1\n    if n > 2:\n        result = x",
        set()),
    "a tuple from a branch": (
        "if n > 3:\n        p = (n, 1)\n    result = 0\n"
        "    if n > 5:\n        result = p[0] + p[1]",
        set()),
    "assigned before the last round's continue": (
        "for k in range(4):\n        if k < 3:\n            x = k + n\n            continue\n"
        "        result = x",
        set()),
}  # fmt: skip


def both(body: str) -> tuple[object, object]:
    """Return a compiled function of `n`, and a kernel of eight threads, with these statements."""
    text = (
        f"def scalar(n):\n    {body}\n    return result\n\n\n"
        f"def kernel(out):\n    n = cuda.threadIdx.x\n    {body}\n    out[n] = result\n"
    )
    name = f"<variables {hash(body)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"cuda": types.ModuleType("numba.cuda")}
    exec(compile(text, name, "exec"), space)
    return numba.njit(space["scalar"]), space["kernel"]


@pytest.mark.slow
@pytest.mark.parametrize("name", BODIES)
def test_what_is_assigned_in_some_ways(name):
    body, unknown = BODIES[name]
    compiled, kernel = both(body)
    out = np.zeros(8)
    trace = launch(kernel, 1, 8, (out,))
    found = {(each.kind, each.threads[0][0]) for each in trace.findings}
    assert found == ({("uninitialised-read", min(unknown))} if unknown else set())
    for n in set(range(8)) - unknown:
        assert out[n] == compiled(np.int32(n)), n


LATE = {
    "x = 1 below": "result = x\n    x = 1",
    "in the round before": "result = 0\n    for k in range(n):\n        if k > 0:\n"
    "            result += x\n        x = k",
    "an update first": "for k in range(n):\n        x += 1\n    result = x",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LATE)
def test_what_no_line_above_assigns_compiles_nowhere(name):
    compiled, kernel = both(LATE[name])
    with pytest.raises(NotDefinedError):
        compiled(3)
    with pytest.raises(KernelError, match="x is read before anything is assigned to it") as caught:
        launch(kernel, 1, 8, (np.zeros(8),))
    assert caught.value.line > 0


def test_a_variable_of_the_way_not_taken(run_text):
    body = "    if out[0] > 0:\n        x = 1\n        return\n    out[0] = x\n"
    with pytest.raises(KernelError, match="x is assigned nothing on any way that leads here"):
        run_text(f"def kernel(out):\n{body}", np.zeros(1))
