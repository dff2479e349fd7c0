"""What probes may use: functions are called as they were written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from minigrade.probing import as_written, items


def ways(function: Callable[..., Any]) -> tuple[Callable[[], Any], Callable[[], Any]]:
    """Two ways to map a list: with a function that waits for it, and at once."""
    return lambda: function(abs)([1, -2]), lambda: function(abs, [1, -2])


def waiting(fn: Callable[[int], int]) -> Callable[[list[int]], list[int]]:
    return lambda ls: [fn(x) for x in ls]


def at_once(fn: Callable[[int], int], ls: list[int]) -> list[int]:
    return [fn(x) for x in ls]


@pytest.mark.parametrize("function", [waiting, at_once, map])
def test_either_form_is_called(function: Callable[..., Any]) -> None:
    assert items(as_written(*ways(function))) == [1, 2]


def broken_waiting(fn: Callable[[int], int]) -> Callable[[list[int]], Any]:
    return lambda ls: fn(len(ls) + "one")  # type: ignore[operator]


def broken_at_once(fn: Callable[[int], int], ls: list[int]) -> Any:
    return fn(len(ls) + "one")  # type: ignore[operator]


@pytest.mark.parametrize("function", [broken_waiting, broken_at_once])
def test_the_function_s_own_error_is_raised(function: Callable[..., Any]) -> None:
    """And not that the other form misses an argument, which a student cannot mend."""
    with pytest.raises(TypeError, match="unsupported operand"):
        as_written(*ways(function))


def test_other_errors_pass_through() -> None:
    def stub(*_: Any) -> Any:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        as_written(*ways(stub))


def test_a_function_is_no_result() -> None:
    with pytest.raises(TypeError, match="the result is a function"):
        as_written(lambda: abs)
    assert as_written(lambda: abs, lambda: 1) == 1


def test_items() -> None:
    assert items(x for x in (1, 2)) == [1, 2]
    assert items((1, 2)) == [1, 2]
    assert items(3.0) == 3.0
    assert items(None) is None


def test_it_brings_nothing_of_the_grader_into_a_worker() -> None:
    program = "import sys, minigrade.probing; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    loaded = set(done.stdout.decode().split())
    assert not {"hypothesis", "minigrade.authoring", "minigrade.kinds"} & loaded
