"""Programs are readable, stay in range, and the oracle's derivatives are those of calculus."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrade.authoring.programs import (
    LARGEST_SLOPE,
    LARGEST_VALUE,
    Dual,
    differentiate,
    duals,
    edges,
    evaluate,
    programs,
    write,
)
from minigrade.probing import run_lines


class Plain(float):
    """A float with the methods of a Scalar, to run a program without derivatives."""

    def relu(self) -> Plain:
        return Plain(max(self, 0.0))

    def exp(self) -> Plain:
        return Plain(math.exp(self))

    def sigmoid(self) -> Plain:
        return Plain(1 / (1 + math.exp(-self)))


def lifted(method: Callable[..., float]) -> Callable[..., Plain]:
    return lambda *args: Plain(method(*args))


for name in ("add", "radd", "sub", "mul", "rmul", "truediv", "rtruediv", "neg"):
    setattr(Plain, f"__{name}__", lifted(getattr(float, f"__{name}__")))


def run(values: dict[str, float], lines: list[str]) -> float:
    names = run_lines(lines, {name: Plain(value) for name, value in values.items()})
    return float(names[next(reversed(names))])


@settings(max_examples=200, deadline=None)
@given(programs(1, 8))
def test_derivatives_are_those_of_small_steps(program: dict[str, Any]) -> None:
    """Central differences know nothing of dual numbers."""
    values, lines = program["values"], program["lines"]
    assert evaluate(values, lines) == pytest.approx(run(values, lines), rel=1e-12, abs=1e-12)
    for name, slope in differentiate(values, lines).items():
        step = 1e-6
        right = run({**values, name: values[name] + step}, lines)
        left = run({**values, name: values[name] - step}, lines)
        assert slope == pytest.approx((right - left) / (2 * step), rel=1e-3, abs=1e-3)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80), st.integers(1, 4), st.booleans())
def test_any_bytes_are_a_program_in_range(data: bytes, leaves: int, shared: bool) -> None:
    data = data.ljust(leaves, b"\0")[: leaves + 3 * 20]
    program = write(data, leaves, shared=shared)
    values, lines = program["values"], program["lines"]
    assert len(set(values.values())) == leaves
    assert len(lines) == (len(data) - leaves) // 3
    names = run_lines(lines, duals(values))
    for variable in names.values():
        assert abs(variable.value) <= LARGEST_VALUE
        assert all(abs(slope) <= LARGEST_SLOPE for slope in variable.slopes)


@settings(max_examples=200, deadline=None)
@given(programs(1, 10, shared=True))
def test_programs_keep_away_from_kinks(program: dict[str, Any]) -> None:
    names: dict[str, Any] = {name: Plain(value) for name, value in program["values"].items()}
    for line in program["lines"]:
        cut = re.search(r"= (\w)\.relu", line)
        divided = re.search(r"/ (\w)$", line)
        assert not cut or abs(names[cut[1]]) >= 0.25
        assert not divided or divided[1] not in names or abs(names[divided[1]]) >= 0.5
        names = run_lines([line], names)


def test_the_simplest_program_is_short() -> None:
    assert write(bytes(5), 2) == {"values": {"a": 1.0, "b": 2.0}, "lines": ["c = b + b"]}


@settings(max_examples=100, deadline=None)
@given(programs(6, 12, shared=True))
def test_shared_programs_use_variables_again(program: dict[str, Any]) -> None:
    targets = {line.split(" = ")[0] for line in program["lines"]}
    assert len(targets) == len(program["lines"])
    for child, parent in edges(program["lines"]):
        assert parent < child


def test_edges() -> None:
    lines = ["c = a * b", "d = c.sigmoid()", "e = 0.5 * d", "f = e - -3.0", "g = d * d"]
    assert edges(lines) == [
        ["c", "a"], ["c", "b"], ["d", "c"], ["e", "d"], ["f", "e"], ["g", "d"],
    ]  # fmt: skip


def test_a_leaf_that_is_not_used_has_the_derivative_0() -> None:
    assert differentiate({"a": 2.0, "b": 3.0}, ["c = a * a"]) == {"a": 4.0, "b": 0.0}


@pytest.mark.parametrize(
    ("expression", "value", "slopes"),
    [
        ("x + y", 5.0, [1.0, 1.0]),
        ("x - y", -1.0, [1.0, -1.0]),
        ("x * y", 6.0, [3.0, 2.0]),
        ("x / y", 2 / 3, [1 / 3, -2 / 9]),
        ("4 + x", 6.0, [1.0, 0.0]),
        ("4 * x", 8.0, [4.0, 0.0]),
        ("1 / x", 0.5, [-0.25, 0.0]),
        ("x - 4.0", -2.0, [1.0, 0.0]),
        ("-x", -2.0, [-1.0, 0.0]),
        ("x.exp()", math.exp(2), [math.exp(2), 0.0]),
        ("x.relu()", 2.0, [1.0, 0.0]),
        ("(-x).relu()", 0.0, [0.0, 0.0]),
        ("x.sigmoid()", 1 / (1 + math.exp(-2)), [math.exp(-2) / (1 + math.exp(-2)) ** 2, 0.0]),
    ],
)
def test_dual_numbers(expression: str, value: float, slopes: list[float]) -> None:
    result = run_lines([f"z = {expression}"], duals({"x": 2.0, "y": 3.0}))["z"]
    assert isinstance(result, Dual)
    assert result.value == pytest.approx(value)
    assert list(result.slopes) == pytest.approx(slopes)
