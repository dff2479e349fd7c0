from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.kinds.base import Question
from minigrade.kinds.failures import literal, printable
from minigrade.kinds.snippets import as_code
from minigrade.model import Check, Task, Visibility

MINITORCH = "def add(x, y):\n    return x + y\n\n\ndef total(ls):\n    return sum(ls)\n"

PROBES = '''
import math

FACTOR = 2.0


def scaled(x: float) -> float:
    """Help."""
    return FACTOR * x


def adds(mt: object, name: str, x: float, y: float) -> object:
    """Adds."""
    return getattr(mt, name)(x, y)


def spreads(mt: object, name: str, args: list) -> object:
    """Spreads."""
    return getattr(mt, name)(*args)


def branches(mt: object, x: float) -> object:
    """Branches."""
    try:
        return mt.add(scaled(x), math.pi)
    except ValueError:
        return None


def assigns(mt: object, ls: list) -> object:
    """Assigns."""
    before = list(ls)
    total = mt.total(ls)
    return [total, before, ls]


def arrays(mt: object, array: object) -> object:
    """Arrays."""
    return float(mt.total(array))
'''


def question(name: str, value: str | None = None) -> Question:
    check = Check(name=name, sentence="S.", kind=None, function=len, spec=None)
    return Question(
        task=Task("1", "T", 1),
        check=check,
        value=value,
        visibility=Visibility.PUBLIC,
        seed=0,
        probe_text=PROBES,
    )


def run(code: str, tmp_path: Path) -> str:
    (tmp_path / "minitorch.py").write_text(MINITORCH)
    (tmp_path / "case.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "case.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("name", "value", "case", "line", "printed"),
    [
        ("adds", "add", {"x": 1.0, "y": -2.5}, "print(minitorch.add(1.0, -2.5))", "-1.5"),
        ("spreads", "add", {"args": [1.0, 2.0]}, "print(minitorch.add(1.0, 2.0))", "3.0"),
        ("branches", None, {"x": 1.0}, "print(branches(mt, x=1.0))", "5.141592653589793"),
        ("assigns", None, {"ls": [1.0]}, "minitorch.total([1.0])", "[1.0, [1.0], [1.0]]"),
        (
            "arrays",
            None,
            {"array": np.array([1.0, 2.0])},
            "minitorch.total(np.array([1.0, 2.0]))",
            "3.0",
        ),
        ("adds", "add", {"x": float("inf"), "y": 1.0}, 'float("inf")', "inf"),
    ],
)
def test_a_case_is_a_program_that_runs(
    name: str, value: str | None, case: dict[str, Any], line: str, printed: str, tmp_path: Path
) -> None:
    code = as_code(question(name, value), case)
    assert line in code.replace("'", '"')
    assert run(code, tmp_path) == printed


def test_a_program_holds_only_what_its_probe_reaches() -> None:
    code = as_code(question("adds", "add"), {"x": 1.0, "y": 2.0})
    assert code == "import minitorch\n\nprint(minitorch.add(1.0, 2.0))"
    code = as_code(question("branches"), {"x": 1.0})
    assert "FACTOR = 2.0" in code
    assert "def scaled" in code
    assert "def adds" not in code


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -3,
        2.5,
        "text",
        [1, [2.0]],
        {"a": [None]},
        float("-inf"),
        np.array([[1.5, 2.0], [np.inf, -np.inf]]),
        np.zeros((0, 3)),
        np.arange(6).reshape(2, 3),
        np.array(1.0, np.float32),
        np.array([True, False]),
    ],
    ids=repr,
)
def test_literals_evaluate_to_what_they_stand_for(value: Any) -> None:
    again = eval(literal(value), {"np": np})
    if isinstance(value, np.ndarray):
        assert again.dtype == value.dtype
        assert np.array_equal(again, value)
    else:
        assert again == value


def test_long_values_are_shortened() -> None:
    text = printable(list(range(10_000)))
    assert len(text) < 1_600
    assert "left out" in text


def test_large_values_are_shortened_before_they_are_written_down() -> None:
    assert len(printable(np.zeros((2_000, 1_000)))) < 1_600
    assert len(printable([np.arange(300.0)] * 40_000)) < 1_600
    assert len(printable(["x" * 10**6] * 1_000)) < 1_600
