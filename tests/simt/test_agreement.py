"""`minigrade.simt` and a naive executor agree on kernels that hypothesis draws."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, currently_in_test_context, given, note, settings

from minigrade.simt import Limits, Trace, launch


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drawn, naive, rewriting = _load("drawn"), _load("naive"), _load("rewriting")

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]
CONFLICTS = {"race", "benign-write"}
BARRIERS = {"barrier-divergence", "barrier-after-return"}


def kinds(trace: Trace) -> set[str]:
    """Return the kinds of a trace's findings, as the naive executor names them."""
    return {"barrier" if each.kind in BARRIERS else each.kind for each in trace.findings}


def counts(trace: Trace) -> dict[tuple[str, str], int]:
    pairs = ((n, v, getattr(c, v)) for n, c in trace.counters.items() for v in ("reads", "writes"))
    return {(name, verb): count for name, verb, count in pairs if count}


def bits(arguments: list[Any]) -> list[bytes]:
    """Return the arrays bit by bit, with one NaN for all."""
    return [np.where(np.isnan(each), np.nan, each).tobytes() for each in arguments[:-1]]


def compare(kernel: Any, file: Path) -> None:
    """Run `kernel` here and there, under each schedule; see how far they can agree."""
    file.write_text(kernel.text)
    arguments = kernel.arguments()
    limits = Limits(lanes=kernel.lanes)
    trace = launch(f"{file}:kernel", kernel.grid, kernel.block, arguments, limits=limits)
    found, counted = kinds(trace), counts(trace)
    program = rewriting.program(kernel.text)
    for schedule in naive.SCHEDULES:
        if currently_in_test_context():
            note(schedule)
        others = kernel.arguments()
        other = naive.simulate(program, kernel.grid, kernel.block, others, schedule)
        assert ("barrier" in found) == ("barrier" in other.findings)
        if "barrier" in found:  # who meets whom at the barriers differs from then on
            continue
        assert bool(found & CONFLICTS) == bool(other.findings & CONFLICTS)
        if "race" not in found or kernel.steady:
            assert counted == dict(other.counts)
        if "race" not in found:
            assert found - CONFLICTS == other.findings - CONFLICTS
            assert bits(arguments) == bits(others)
        assert ("race" in found) == ("race" in other.findings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drawn")


@pytest.mark.slow
@given(kernel=drawn.kernels())
@settings(max_examples=500, deadline=None, suppress_health_check=QUIET)
def test_two_executors_agree(kernel: Any, folder: Path) -> None:
    compare(kernel, folder / "kernel.py")


@pytest.mark.long
@pytest.mark.timeout(900)
@given(kernel=drawn.kernels())
@settings(max_examples=5000, deadline=None, suppress_health_check=QUIET)
def test_two_executors_agree_on_many(kernel: Any, folder: Path) -> None:
    compare(kernel, folder / "kernel.py")


PLANTED = {
    "one writes what all read": ["if i < n:", "    z = sums[0]", "    if i == n - 1:",
                                 "        sums[0] = z + a[i]"],
    "a neighbour's element is overwritten": [
        "s = cuda.shared.array(TPB, float64)", "s[t] = a[i] if i < n else 0.0",
        "cuda.syncthreads()", "y = s[TPB - 1 - t]", "s[t] = y", "cuda.syncthreads()",
        "if i < n:", "    out[i] = s[t]",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", PLANTED)
@pytest.mark.parametrize("lanes", [1, 4096])
def test_planted_races_are_found_under_every_schedule(name: str, lanes: int, folder: Path) -> None:
    head = drawn.prelude(4) + "def kernel(out, sums, tally, a, b, keys, n):\n"
    lines = ["i = cuda.grid(1)", "t = cuda.threadIdx.x", *PLANTED[name]]
    text = head + "".join(f"    {line}\n" for line in lines)
    kernel = drawn.Drawn(text, (2,), (4,), 7, "float64", 1, steady=True, lanes=lanes)
    compare(kernel, folder / "planted.py")
    trace = launch(f"{folder / 'planted.py'}:kernel", 2, 4, kernel.arguments())
    assert "race" in kinds(trace)
