"""Assignment m0: the reference earns each check, stubs earn none; points and slices."""

from __future__ import annotations

import copy
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from minigrade.boundary import bench, wire
from minigrade.kinds.source import Source
from minigrade.model import Visibility
from minigrade.running.catalog import LoadedTask

ROOT = Path(__file__).parents[2]


def test_the_reference_passes(one: Any, reference: Any) -> None:
    assert one.mistakes(reference) == []


def raising(*_: Any) -> Any:
    raise NotImplementedError


STUBS: dict[str, Callable[..., Any]] = {
    "raises": raising,
    "None": lambda *_: None,
    "0": lambda *_: 0.0,
    "1": lambda *_: 1.0,
    "True": lambda *_: True,
    "[]": lambda *_: [],
    "its input": lambda *arguments: arguments[0],
    "its last input": lambda *arguments: arguments[-1],
}
METHODS = ("train", "eval", "named_parameters", "parameters")


@pytest.mark.parametrize("stub", STUBS)
def test_stubs_earn_nothing(stub: str, one: Any, reference: Any, rewritten: Any) -> None:
    """Already the examples reject them, whatever is drawn."""
    function = STUBS[stub]
    operators = [name for name in vars(reference.operators) if not name.startswith("_")]
    mt = rewritten(
        dict.fromkeys(operators, function), type("Stub", (), dict.fromkeys(METHODS, function))
    )
    assert any(one.mistake(mt, case) for case in one.examples())


def test_points_and_cases(tasks: dict[str, LoadedTask], asked: dict[str, Any]) -> None:
    for task in tasks.values():
        assert task.task.points == 10
        assert not task.task.by_staff
        assert {part.visibility for part in task.parts if part.checks} == set(Visibility)
    assert sum(one.check.spec.count for one in asked.values()) >= 4000


def test_probes_run_without_the_rest_of_their_file(one: Any, reference: Any) -> None:
    """A worker gets a slice: neither expectations nor cases nor hypothesis."""
    names: dict[str, Any] = {}
    exec(compile(one.part.probes, one.part.name, "exec"), names)
    assert not any("expect" in name for name in names)
    assert "hypothesis" not in one.part.probes
    for case in one.examples():
        answer = names[one.check.name](reference, *one.leading, **copy.deepcopy(case))
        expected = one.check.spec.expect(*one.leading, **case)
        assert one.check.spec.judge(wire.plain(expected), wire.plain(answer)) is None


def source_findings(task: LoadedTask, text: str) -> list[str]:
    check = next(
        check for part in task.parts for check in part.checks if isinstance(check.spec, Source)
    )
    assert check.spec.cap == Fraction(1, 2)
    answer = bench.source({"minitorch/operators.py": text}, check.spec.rules)
    assert answer["errors"] == []
    return [finding["message"] for finding in answer["findings"]]


def test_the_reference_builds_on_its_own_functions(tasks: dict[str, LoadedTask]) -> None:
    path = ROOT / "reference" / "minitorch" / "operators.py"
    assert source_findings(tasks["0.3"], path.read_text()) == []


OWN = """
import math
from functools import partial
def map(fn): return lambda ls: [fn(x) for x in ls]
def zipWith(fn): return lambda a, b: [fn(x, y) for x, y in zip(a, b)]
def reduce(fn, start):
    def inner(ls):
        total = start
        for x in ls: total = fn(total, x)
        return total
    return inner
def sigmoid(x): return 1 / (1 + math.exp(-x))
"""


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("negList = map(lambda x: -x)\nsum = partial(reduce(add, 0))\n", 0),
        ("def negList(ls): return map(neg)(ls)\ndef sum(ls): return _fold(ls)\n"
         "def _fold(ls): return reduce(lambda x, y: x + y, 0)(ls)\n", 0),
        ("def addLists(a, b):\n    adder = zipWith(add)\n    return adder(a, b)\n", 0),
        ("def negList(ls): return [-x for x in ls]\n", 1),
        ("def addLists(a, b): return [x + y for x, y in zip(a, b)]\n", 1),
        ("def prod(ls): return math.prod(ls)\n", 2),
        ("import builtins\ndef sum(ls): return builtins.sum(ls)\n", 2),
        ("import functools\ndef reduce(fn, x): return lambda ls: functools.reduce(fn, ls, x)\n"
         "def sum(ls): return reduce(add, 0)(ls)\n", 0),
    ],
)  # fmt: skip
def test_what_may_be_used(tasks: dict[str, LoadedTask], text: str, findings: int) -> None:
    assert len(source_findings(tasks["0.3"], OWN + text)) == findings
