"""Training is driven, replayed and scored by the grader: what a submission claims earns nothing.

The task: fit a line. Each step sees four points; the submission's `train` gets parameters
and points and gives parameters and losses back.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minigrade.kinds import training
from minigrade.model import Outcome, Status
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

STEPS, CHUNKS = 12, 4

COURSE = """
from minigrade import Course
COURSE = Course(
    name="Lines", package="tinypack", assignments=("t0_lines",), files=("tinypack/*.py",)
)
"""
ASSIGNMENT = 'from minigrade import Assignment\nASSIGNMENT = Assignment("t0", title="Lines")\n'
TASK = """
import numpy as np
from minigrade import Lesson, Task, training_check

TASK = Task("1", title="A line", points=10, files=("tinypack/fit.py",))
STEEP = np.array([2.0, -1.0])

def set_up(rng):
    x = rng.uniform(-1, 1, (12, 4, 2))
    exam = rng.uniform(-1, 1, (50, 2))
    return Lesson(
        params={"slope": np.zeros(2)},
        batches={"x": x, "y": x @ STEEP},
        constants={"rate": RATE},
        exam={"x": exam, "y": exam @ STEEP},
    )

RATE = 0.6

def replay(params, x, y, rate):
    slope, losses = params["slope"], []
    for points, wanted in zip(x, y):
        error = points @ slope - wanted
        losses.append(float(np.mean(error**2)))
        slope = slope - rate * 2 * points.T @ error / len(wanted)
    return {"params": {"slope": slope}, "losses": losses}

def score(params, x, y):
    return float(np.mean(np.abs(x @ params["slope"] - y) < 0.3))

@training_check(setup=set_up, replay=replay, score=score, threshold=0.9, chunks=4, replays=REPLAYS)
def learns(mt, params, x, y, rate):
    '''A line is learned.'''
    return mt.train(params, x, y, rate)
"""
HONEST = """
import numpy as np

def train(params, x, y, rate):
    slope, losses = params["slope"], []
    for points, wanted in zip(x, y):
        error = points @ slope - wanted
        losses.append(float(np.mean(error**2)))
        slope = slope - rate * 2 * points.T @ error / len(wanted)
    return {"params": {"slope": slope}, "losses": losses}
"""

Ask = Callable[..., Outcome]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Grade a submission whose ``fit.py`` is given."""

    def grade_it(fit: str, replays: str = "None", **changes: str) -> Outcome:
        folder = tmp_path / "course" / "t0_lines"
        folder.mkdir(parents=True)
        (folder.parent / "course.py").write_text(COURSE)
        (folder / "__init__.py").write_text(ASSIGNMENT)
        text = TASK.replace("replays=REPLAYS", f"replays={replays}")
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        (folder / "task_1_lines.py").write_text(text)
        package = submission(tmp_path) / "tinypack"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("from .fit import *\n")
        (package / "fit.py").write_text(fit)
        course = CourseFolder(folder.parent)
        found = find(package.parent, course.course)
        (outcome,) = grade(course, Request(assignment="t0"), found).outcomes
        return outcome

    return grade_it


def submission(tmp_path: Path) -> Path:
    return tmp_path / "repository"


def test_honest_training_earns_all(ask: Ask) -> None:
    outcome = ask(HONEST)
    assert outcome.status is Status.PASSED
    assert outcome.points == outcome.possible == 10
    assert outcome.message == "100.0% right after 12 steps, on data that training did not see"
    assert outcome.cases == CHUNKS


def test_the_learning_curve_is_kept(ask: Ask) -> None:
    data = ask(HONEST).data
    assert data["steps"] == STEPS
    assert data["threshold"] == 0.9
    assert len(data["losses"]) == STEPS
    assert data["losses"][0] > 10 * data["losses"][-1]
    assert len(data["scores"]) == CHUNKS
    assert data["scores"][-1] == 1.0 > data["scores"][0]


def test_losses_may_come_as_an_array(ask: Ask) -> None:
    returned = '{"params": {"slope": slope}, "losses": np.array(losses)}'
    changed = HONEST.replace('{"params": {"slope": slope}, "losses": losses}', returned)
    assert ask(changed).status is Status.PASSED


# What a submission may claim; `real` is what honest training gives.
FORGED = {
    "shipped weights": 'return {"params": {"slope": np.array([2.0, -1.0])}, "losses": losses}',
    "good weights with noise": (
        "noise = np.random.default_rng(0).normal(0, 1e-3, 2)\n"
        '    return {"params": {"slope": np.array([2.0, -1.0]) + noise}, "losses": losses}'
    ),
    "constant losses": 'return {"params": {"slope": slope}, "losses": [0.5] * len(losses)}',
    "losses that fall": (
        'return {"params": {"slope": slope}, "losses": [1 / (i + 1) for i in range(len(losses))]}'
    ),
    "skipped steps": (
        "half = honest(params, x[: len(x) // 2], y[: len(y) // 2], rate)\n"
        '    return {"params": half["params"], "losses": losses}'
    ),
    "another rate": "return honest(params, x, y, rate / 2)",
    "a step backwards": "return honest(params, x, y, -rate)",
    "nothing": "return None",
    "parameters unchanged": 'return {"params": params, "losses": losses}',
    "zeros": 'return {"params": {"slope": np.zeros(2)}, "losses": [0.0] * len(losses)}',
    "no losses": 'return {"params": {"slope": slope}}',
    "too few losses": 'return {"params": {"slope": slope}, "losses": losses[1:]}',
    "NaN parameters": 'return {"params": {"slope": slope * np.nan}, "losses": losses}',
    "infinite losses": 'return {"params": {"slope": slope}, "losses": [np.inf] * len(losses)}',
    "another shape": 'return {"params": {"slope": slope[None]}, "losses": losses}',
    "an empty array": 'return {"params": {"slope": slope[:0]}, "losses": losses}',
    "whole numbers": 'return {"params": {"slope": slope.astype(int)}, "losses": losses}',
    "a list": 'return {"params": {"slope": list(slope)}, "losses": losses}',
    "another name": 'return {"params": {"Slope": slope}, "losses": losses}',
    "one name more": 'return {"params": {"slope": slope, "bias": slope}, "losses": losses}',
    "a verdict": 'return {"params": {"slope": slope}, "losses": losses, "score": 1.0}',
    "losses in words": 'return {"params": {"slope": slope}, "losses": ["0.1"] * len(losses)}',
    "true losses": 'return {"params": {"slope": slope}, "losses": [True] * len(losses)}',
    "an exception": 'raise NotImplementedError("Need to implement for Task 1")',
    "an exit": "import os; os._exit(0)",
}


@pytest.mark.parametrize("claim", FORGED)
def test_what_was_not_trained_earns_nothing(claim: str, ask: Ask) -> None:
    honest = HONEST.replace("def train", "def honest")
    outcome = ask(
        f"{honest}\n\ndef train(params, x, y, rate):\n    real = honest(params, x, y, rate)\n"
        f'    slope, losses = real["params"]["slope"], real["losses"]\n    {FORGED[claim]}\n'
    )
    assert outcome.status not in (Status.PASSED, Status.BROKEN)
    assert outcome.points == 0
    assert outcome.message


def test_a_model_that_does_not_learn_fails_though_all_is_honest(ask: Ask) -> None:
    outcome = ask(HONEST, **{"RATE = 0.6": "RATE = 0.001"})
    assert outcome.status is Status.FAILED
    assert outcome.category == "not_learned"
    assert "90.0% are needed" in outcome.message
    assert len(outcome.data["losses"]) == STEPS


def choosing(chunk: int) -> type:
    class Random:
        def sample(self, population: range, k: int) -> list[int]:
            assert (list(population), k) == (list(range(CHUNKS)), 1)
            return [chunk]

    return Random


FORGES_THE_SECOND = (
    HONEST.replace("def train", "def honest")
    + """
calls = 0

def train(params, x, y, rate):
    global calls
    calls += 1
    real = honest(params, x, y, rate)
    if calls > 1:
        real["params"]["slope"] = real["params"]["slope"] * 1.001
    return real
"""
)


@pytest.mark.parametrize(("chosen", "caught"), [(0, False), (1, True), (3, True)])
def test_one_chunk_is_replayed_of_many(
    chosen: int, caught: bool, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the report names the first wrong one, whichever was chosen."""
    monkeypatch.setattr(secrets, "SystemRandom", choosing(chosen))
    outcome = ask(FORGES_THE_SECOND, replays="1")
    assert (outcome.status is Status.FAILED) == caught
    if caught:
        assert outcome.message.startswith("step 4 of 12, at ['params']['slope']")


def test_a_wrong_step_is_shown_as_a_program(ask: Ask, tmp_path: Path) -> None:
    outcome = ask(HONEST.replace("rate * 2", "rate"))
    assert outcome.message.startswith("step 1 of 12, at ['params']['slope']: at index [0]: ")
    assert outcome.message.endswith("so the derivatives are wrong, or the update")
    assert outcome.expected != outcome.observed
    done = subprocess.run(
        [sys.executable, "-c", outcome.case.replace("minitorch", "tinypack")],
        cwd=submission(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("{'params': {'slope': array([")


def test_a_wrong_forward_pass_is_told_from_a_wrong_update(ask: Ask) -> None:
    outcome = ask(HONEST.replace("np.mean(error**2)", "np.sum(error**2)"))
    assert outcome.message.startswith("step 1 of 12, at ['losses'][0]: ")
    assert outcome.message.endswith("; the first loss is wrong, so the forward pass is")


def test_a_mistake_that_needs_several_steps_is_found_in_its_chunk(ask: Ask) -> None:
    stale = HONEST.replace("for points, wanted", "start = slope\n    for points, wanted").replace(
        "slope = slope - rate", "slope = start - rate"
    )
    outcome = ask(stale)
    assert outcome.message.startswith("steps 1 to 3 of 12, at ['losses'][2]")
    assert outcome.case == ""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("slope, losses = params[", "raise ValueError('mine'); slope, losses = params["),
        ("return float(np.mean(np.abs", "raise ValueError('mine'); return float(np.mean(np.abs"),
        ("x = rng.uniform(-1, 1, (12, 4, 2))", "raise ValueError('mine')"),
    ],
    ids=["replay", "score", "setup"],
)
def test_an_author_s_mistake_is_not_the_student_s(old: str, new: str, ask: Ask) -> None:
    outcome = ask(HONEST, **{old: new})
    assert outcome.status is Status.BROKEN
    assert "mine" in outcome.message


def test_wild_numbers_are_judged_and_not_warned_of(ask: Ask) -> None:
    outcome = ask(HONEST.replace("rate * 2", "1e200 * rate"))
    assert outcome.status is Status.FAILED


def test_a_lesson_knows_its_steps() -> None:
    batches: dict[str, Any] = {"x": [1, 2, 3], "y": [4, 5, 6]}
    assert training.Lesson(params={}, batches=batches).steps == 3
