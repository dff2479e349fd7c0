"""Loops in Python, compiled loops and kernels on a simulated GPU compute the same."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

pytestmark = pytest.mark.slow


def _load(name: str) -> ModuleType:
    """Import a file beside this one; tests cannot import each other by name."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gpu = _load("cuda_shim").gpu
written = _load("programs")
programs = written.programs


@pytest.fixture(scope="module")
def backends(mt: ModuleType) -> list[Any]:
    return [mt.SimpleBackend, mt.TensorBackend(mt.FastOps), mt.TensorBackend(mt.CudaOps)]


def agree(mt: ModuleType, program: Any, one: Any, other: Any) -> None:
    """Demand the same numbers, but for 10 of their 16 digits next to the largest around."""
    for a, b in zip(program.run(mt, one), program.run(mt, other), strict=True):
        assert a.shape == b.shape
        scale = max(value.largest for value in program.values)
        largest = max(scale, float(np.abs(a).max(initial=0)))
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-12 * largest)


@settings(max_examples=80, deadline=None)
@given(program=programs())
def test_compiled_loops(mt: ModuleType, backends: Any, program: Any) -> None:
    agree(mt, program, backends[0], backends[1])


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs())
def test_kernels(mt: ModuleType, gpu: Any, backends: Any, program: Any) -> None:
    agree(mt, program, backends[0], backends[2])
    assert all(done.trace.findings == [] for done in gpu)
    gpu.clear()


def test_every_operation_is_drawn() -> None:
    """So that none is left out unnoticed, by conditions that never hold."""
    drawn: set[str] = set()

    @settings(max_examples=400, database=None, deadline=None, derandomize=True)
    @given(program=programs())
    def collect(program: Any) -> None:
        drawn.update(step.name for step in program.steps)

    collect()
    assert drawn == {*written.ONE, *written.TWO}
