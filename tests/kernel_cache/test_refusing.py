"""What cannot be kept soundly runs as if there were no cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

STALE = """
def answer():
    global FACTOR
    found = []
    for FACTOR in (2, 3):
        found.append(outer(1))
        found.append(njit(lambda x: inner(x) + 0)(1))
    return found

@njit
def inner(x): return x * FACTOR

@njit
def outer(x): return inner(x) + 1
"""


def test_what_was_compiled_from_something_else_is_not_kept(
    run: Any, main: str, tmp_path: Path
) -> None:
    # With FACTOR 3, `inner` is still compiled for 2, and whatever calls it then.
    code = main.replace("found == answer(text, interpreted)", "found == [3, 2, 3, 2]")
    assert run(tmp_path, STALE, writable=True, code=code) == [(0, 3, 1)]
    assert run(tmp_path, STALE.replace("(2, 3)", "(3,)")) == [(0, 3, 0)]


UNSOUND = {
    "an overload of its own": (
        """
import bisect
@numba.extending.overload(bisect.bisect)
def overloaded(x, y):
    def implementation(x, y): return y - x
    return implementation
@njit
def helper(x): return bisect.bisect(x, 1)
def answer():
    if njit is not numba.njit: return -4
    return helper(3) + njit(lambda x: helper(x))(3)
""",
        (0, 2, 2),
        1,  # the overload itself is kept, and neither kernel that calls it
    ),
    "a ufunc of its own": (
        """
add = numba.vectorize(["int64(int64, int64)"])(lambda x, y: x + y)
@njit
def kernel(x): return add(x, 1)
answer = lambda: int(kernel(3))
""",
        (0, 0, 1),
        0,
    ),
    "a detour through Python": (
        """
@njit
def kernel(x):
    with numba.objmode(y="int64"):
        y = int(str(x)) + 1
    return y
answer = lambda: kernel(3) if njit is numba.njit else 4
""",
        (0, 0, 1),
        0,
    ),
    "an object that cannot be looked at": (
        """
class Sly:
    def __getattr__(self, name):
        raise RuntimeError(name) if name == "__qualname__" else AttributeError(name)
SLY = Sly()
@njit
def kernel(x, y=None):
    if y is not None: return SLY
    return x + 1
answer = lambda: kernel(3)
""",
        (0, 0, 1),
        0,
    ),
    "Python with lifted loops": (
        """
@numba.jit(forceobj=True)
def kernel(x):
    y = 0
    for i in range(x): y += i
    return str(y)
answer = lambda: kernel(4)
""",
        (0, 1, 1),
        0,
    ),
    "an array too large to be copied": (
        """
TABLE = np.arange(1000000.0)
@njit
def kernel(i): return TABLE[i]
answer = lambda: float(kernel(7))
""",
        (0, 1, 1),
        0,
    ),
}


@pytest.mark.parametrize("what", UNSOUND)
def test_runs_and_is_not_kept(run: Any, tmp_path: Path, what: str) -> None:
    text, expected, kept = UNSOUND[what]
    assert run(tmp_path, text, writable=True) == [expected]
    assert len(list(tmp_path.iterdir())) == kept
