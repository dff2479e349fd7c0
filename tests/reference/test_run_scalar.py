"""The reference's scripts and SGD: training works, in this process and as students run it."""

from __future__ import annotations

import math
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

quarters = st.integers(-8, 8).map(lambda i: i / 4)
Script = Callable[[str], ModuleType]


def execute(reference: Path, *arguments: str) -> list[str]:
    """Run a script of the reference as a process, and return its lines."""
    environment = os.environ | {"PYTHONPATH": str(reference), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=reference,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_scalar_script(reference: Path) -> None:
    command = ("project/run_scalar.py", "--PTS", "20", "--EPOCHS", "25", "--SEED", "1")
    first, second = (execute(reference, *command, "--DATASET", "xor") for _ in range(2))
    assert first[0] == "Xor: 20 points, hidden 2, rate 0.5"
    assert [line.split()[:2] for line in first[1:-1]] == [["Epoch", str(e)] for e in (10, 20, 25)]
    assert first[-1].startswith("Time per epoch: ")
    assert first[:-1] == second[:-1]


def test_manual_script(reference: Path) -> None:
    command = ("project/run_manual.py", "--DATASET", "simple", "--BIAS", "0.5", "--PTS", "12")
    right = execute(reference, *command, "--WEIGHTS", "-1", "0")
    assert right[-1] == "Simple: 12 of 12 points are right"
    assert not set("OX") & set("".join(right[:-1]))
    wrong = execute(reference, *command, "--WEIGHTS", "0", "0")  # all are of class 1
    misses = sum(row.count("O") for row in wrong[:-1])
    assert wrong[-1] == f"Simple: {12 - misses} of 12 points are right"
    assert 0 < misses < 12


@given(x=st.lists(quarters, min_size=3, max_size=3), seed=st.integers(0, 99))
def test_both_linear_layers(mt: Any, script: Script, x: list[float], seed: int) -> None:
    random.seed(seed)
    manual, scalar = script("run_manual").Linear(3, 2), script("run_scalar").Linear(3, 2)
    for layer, number in ((manual, float), (scalar, lambda s: s.data)):
        weights = [[number(w.value) for w in row] for row in layer.weights]
        bias = [number(b.value) for b in layer.bias]
        inputs = x if layer is manual else [mt.Scalar(v) for v in x]
        found = [number(y) for y in layer.forward(inputs)]
        assert np.allclose(found, np.array(x) @ np.array(weights) + np.array(bias))
        assert np.all(np.abs(weights) <= 1)


def test_names_of_the_parameters(script: Script) -> None:
    named = script("run_scalar").Network(2).named_parameters()
    layer2 = [f"layer2.{n}_{j}" for n in ("weight_0", "weight_1", "bias") for j in (0, 1)]
    assert [name for name, _ in named if name.startswith("layer2")] == layer2
    assert len(named) == 2 * 2 + 2 + 2 * 2 + 2 + 2 * 1 + 1


def test_training_learns_simple(mt: Any, script: Script) -> None:
    random.seed(4)
    data = mt.datasets["Simple"](50)
    trainer, log = script("run_scalar").ScalarTrain(4), []
    trainer.train(data, 0.5, max_epochs=150, log_fn=lambda *line: log.append(line))
    assert [line[0] for line in log] == list(range(10, 151, 10))
    assert log[-1][2] >= 48
    losses = log[-1][3]
    assert len(losses) == 150
    assert losses[-1] < losses[0] / 4
    right = [(trainer.run_one(x).data > 0.5) == y for x, y in zip(data.X, data.y, strict=True)]
    assert sum(right) >= 48


def test_one_step_of_training(mt: Any, script: Script) -> None:
    """NumPy, by central differences of the mean loss, arrives at the same parameters."""
    random.seed(0)
    data = mt.datasets["Diag"](12)
    trainer = script("run_scalar").ScalarTrain(3)
    random.seed(1)
    before = [p.value.data for p in script("run_scalar").Network(3).parameters()]
    random.seed(1)
    trainer.train(data, 0.5, max_epochs=1, log_fn=lambda *_: None)
    after = [p.value.data for p in trainer.model.parameters()]

    def mean_loss(flat: np.ndarray) -> float:
        w1, b1, rest = flat[:6].reshape(2, 3), flat[6:9], flat[9:]
        w2, b2, w3, b3 = rest[:9].reshape(3, 3), rest[9:12], rest[12:15], rest[15]
        h = np.maximum(np.maximum(np.array(data.X) @ w1 + b1, 0) @ w2 + b2, 0) @ w3 + b3
        p = 1 / (1 + np.exp(-h))
        return float(-np.log(np.where(np.array(data.y) == 1, p, 1 - p) + 1e-6).mean())

    flat, step = np.array(before), 1e-6
    basis = np.eye(len(flat)) * step
    gradient = [(mean_loss(flat + e) - mean_loss(flat - e)) / (2 * step) for e in basis]
    assert np.allclose(after, flat - 0.5 * np.array(gradient), atol=1e-6)


def test_sgd_goes_downhill(mt: Any) -> None:
    parameter, untouched, number = (mt.Parameter(v) for v in (mt.Scalar(5.0), mt.Scalar(1.0), 7))
    optim = mt.SGD([parameter, untouched, number], lr=0.25)
    for expected in (3.5, 2.75, 2.375):  # halves the distance from 2
        optim.zero_grad()
        assert parameter.value.derivative is None
        ((parameter.value - 2.0) * (parameter.value - 2.0)).backward()
        optim.step()
        assert parameter.value.data == pytest.approx(expected)
        assert parameter.value.is_leaf()
    assert (untouched.value.data, number.value) == (1.0, 7)


def test_derivatives_accumulate_until_they_are_zeroed(mt: Any) -> None:
    parameter = mt.Parameter(mt.Scalar(3.0))
    for _ in range(2):
        (parameter.value * 2.0).backward()
    assert parameter.value.derivative == 4.0
    mt.SGD([parameter], lr=math.inf).zero_grad()
    assert parameter.value.derivative is None
