"""Verdicts on writes depend neither on the schedule nor on how many blocks run at once."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from minigrade.simt import Limits, Trace, launch


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


naive, rewriting = _load("naive"), _load("rewriting")

HEAD = """\
from numba import cuda, float64


def kernel(out, a):
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    b = cuda.blockIdx.x
    s = cuda.shared.array(3, float64)
"""
places = st.sampled_from(["0", "1", "t % 3", "i % 3", "b % 3", "(t + 1) % 3"])
values = st.sampled_from(["0.0", "-0.0", "1.0", "t % 2", "b", "a[i]", "a[t]", "i // 4"])
tests = st.sampled_from(["t == 0", "t == 1", "b == 1", "i % 2 == 0", "t < 2", "a[i] > 0"])
writes = st.builds("{}[{}] = {}".format, st.sampled_from(["out", "out", "s"]), places, values)
guarded = st.builds("if {}:\n        {}".format, tests, writes)
twice = st.builds(
    "if {0}:\n        for k in range(2):\n            {1}[{2}] = {3}".format,
    tests, st.sampled_from(["out", "s"]), places, values | st.just("k"),
)  # fmt: skip
atomic = st.builds("cuda.atomic.add(out, {}, 1.0)".format, places)
barrier = st.just("cuda.syncthreads()")
bodies = st.lists(writes | guarded | twice | atomic | barrier, min_size=2, max_size=6)


def conflicts(trace: Trace) -> dict[str, str]:
    """Return the verdict on each array that several threads write."""
    found = [each for each in trace.findings if each.kind in ("race", "benign-write")]
    verdicts = {each.array: each.kind for each in found}
    assert {(each.array, each.kind) for each in found} == set(verdicts.items())
    return verdicts


def judged(text: str, grid: int, block: int, args: list[Any], schedule: str) -> dict[str, str]:
    """Return the same from every pair of accesses that the naive executor saw."""
    run = naive.simulate(rewriting.program(text), (grid,), (block,), args, schedule)
    verdicts: dict[str, str] = {}
    for cells in run.cells:
        alone = naive.Launch((grid,), (block,))
        alone.cells = [cells]
        alone.judge()
        if "race" in alone.findings:
            verdicts[cells.name] = "race"
        elif alone.findings:
            verdicts.setdefault(cells.name, "benign-write")
    return verdicts


@pytest.mark.slow
@given(
    body=bodies,
    grid=st.integers(1, 4),
    block=st.integers(1, 5),
    numbers=st.lists(st.integers(0, 1), min_size=20, max_size=20),
    schedule=st.sampled_from(naive.SCHEDULES),
)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_verdict_on_writes_is_that_of_all_pairs(
    body: list[str], grid: int, block: int, numbers: list[int], schedule: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    text = HEAD + "".join(f"    {line}\n" for line in body)
    note(text)
    file = tmp_path_factory.getbasetemp() / "schedules.py"
    file.write_text(text)
    a = np.array(numbers, np.float64)
    expected = judged(text, grid, block, [np.zeros(3), a], schedule)
    for lanes in (1, 2 * block, 3 * block, 4096):
        limits = Limits(lanes=lanes)
        trace = launch(f"{file}:kernel", grid, block, (np.zeros(3), a), limits=limits)
        assert conflicts(trace) == expected, lanes


ORDERS = {
    "it is back when the second writes": "if i == 0:\n        out[0] = 1\n        out[0] = 2\n"
    "    if i == 4:\n        out[0] = 2",
    "a third brings it back": "out[0] = i % 2",
    "only the sign of zero": "out[0] = -0.0 if i % 2 else 0.0",
}  # fmt: skip


@pytest.mark.parametrize("name", ORDERS)
@pytest.mark.parametrize("lanes", [1, 4096])
@pytest.mark.parametrize("grid", [1, 4])
def test_another_value_that_does_not_stay_is_a_race(run_text, name, lanes, grid):
    body = ORDERS[name]
    text = f"def kernel(out):\n    i = cuda.grid(1)\n    {body}\n"
    block = 8 // grid
    trace = run_text(text, np.zeros(1), grid=grid, block=block, limits=Limits(lanes=lanes))
    assert [each.kind for each in trace.findings] == ["race"]


@pytest.mark.parametrize("lanes", [1, 4096])
def test_one_value_from_all_is_benign(run_text, lanes):
    text = "def kernel(out):\n    out[0] = 7\n    out[0] = 7\n"
    trace = run_text(text, np.zeros(1), grid=3, block=4, limits=Limits(lanes=lanes))
    assert {each.kind for each in trace.findings} == {"benign-write"}


def test_a_barrier_begins_anew(run_text):
    text = (
        "def kernel(out):\n    t = cuda.threadIdx.x\n    if t == 0:\n        out[0] = 1\n"
        "        out[0] = 2\n    cuda.syncthreads()\n    out[0] = 3\n"
    )
    trace = run_text(text, np.zeros(1), block=4)
    assert {each.kind for each in trace.findings} == {"benign-write"}
