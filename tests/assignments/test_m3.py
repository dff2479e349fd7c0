"""Assignment m3: cases are mixed, slices hold no answer, and what is reported only costs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.authoring.drawing import search
from minigrade.kinds.training import Lesson, Training
from minigrade.model import Report, Visibility
from minigrade.running.audit import build, find_trials
from minigrade.running.catalog import LoadedTask, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

CHECKOUT = Path(__file__).parents[2]
TASKS = ("3.1", "3.2", "3.5")
DATA_SETS = ("Simple", "Split", "Xor")


def test_points_and_environments(tasks: dict[str, LoadedTask], asked: dict[str, Any]) -> None:
    """Each half of a task asks its kernels as Python and compiled, in twenty cases or more."""
    assert tuple(tasks) == TASKS
    for task in tasks.values():
        assert (task.task.points, task.task.hidden_points) == (10, 3)
        for part in task.parts:
            asked_as = {check.jit for check in part.checks if check.weight}
            trains_only = task.task.id == "3.5" and part.visibility is Visibility.HIDDEN
            assert asked_as == ({True} if trains_only else {True, False})
    for name, one in asked.items():
        assert one.check.spec.count >= 20 or "large" in name


def test_only_public_checks_have_their_kernels_kept(tasks: dict[str, LoadedTask]) -> None:
    for task in tasks.values():
        for part in task.parts:
            kept = [check.name for check in part.checks if check.compiles]
            assert bool(kept) == (part.visibility is Visibility.PUBLIC)


def test_what_is_reported_earns_nothing(tasks: dict[str, LoadedTask]) -> None:
    free = {
        check.kind.name
        for task in tasks.values()
        for part in task.parts
        for check in part.checks
        if not check.weight
    }
    assert free == {"compiled", "source"}


def test_slices_hold_neither_cases_nor_expectations(tasks: dict[str, LoadedTask]) -> None:
    for task in tasks.values():
        for part in task.parts:
            assert "expect" not in part.probes
            assert "hypothesis" not in part.probes
            assert "oracles" not in part.probes


def test_the_reference_s_text_is_right_as_python(asked: dict[str, Any], reference: Any) -> None:
    """Compiled here, which takes the same text: the other way is asked by whole gradings."""
    one = asked["3.2/multiplies_storages"]
    assert one.mistakes(reference) == []


# Training


def trainings(tasks: dict[str, LoadedTask]) -> list[Training]:
    specs = [check.spec for part in tasks["3.5"].parts for check in part.checks]
    return [spec for spec in specs if isinstance(spec, Training)]


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_is_learned_whatever_the_seed(
    name: str, tasks: dict[str, LoadedTask]
) -> None:
    assert len(trainings(tasks)) == 2
    for spec in trainings(tasks):
        for seed in range(12):
            lesson: Lesson = spec.setup(name, np.random.default_rng(seed))
            assert lesson.steps <= 60
            learned = spec.replay(name, lesson.params, **lesson.batches, **lesson.constants)
            assert spec.score(name, learned["params"], **lesson.exam) >= spec.threshold + 0.05
            assert spec.score(name, lesson.params, **lesson.exam) < spec.threshold - 0.05


def test_no_drawn_network_is_at_a_kink(asked: dict[str, Any]) -> None:
    """There years differ in the derivative of `relu`."""
    one = asked["3.5/takes_a_step"]
    cases = [*one.examples()]
    search(one.strategy(), cases.append, count=200, seed_number=1)
    assert {len(case["points"]) for case in cases} >= {1, 2, 3, 4, 5}
    for case in cases:
        params, signals = case["params"], case["points"]
        for layer in ("layer1", "layer2"):
            sums = signals @ params[f"{layer}.weights"] + params[f"{layer}.bias"]
            assert np.abs(sums).min() > 1e-4
            signals = np.maximum(sums, 0)


@pytest.fixture
def graded(tmp_path: Path) -> Callable[..., Report]:
    """Grade the variant `plain`, with some of its text changed."""

    def grade_it(task: str, *changes: tuple[str, str]) -> Report:
        [plain] = [t for t in find_trials(CHECKOUT, "m3") if t.overlay and t.name == "plain"]
        root = tmp_path / "repository"
        shutil.rmtree(root, ignore_errors=True)
        build(CHECKOUT, plain, root)
        file = root / "minitorch" / "fast_ops.py"
        text = file.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file.write_text(text)
        course = find_course()
        return grade(course, Request(assignment="m3", tasks=(task,)), find(root, course.course))

    return grade_it


@pytest.mark.slow
def test_right_values_that_nothing_compiled_are_capped(graded: Callable[..., Report]) -> None:
    """As one public submission has it: upstream's tests pass."""
    report = graded(
        "3.2",
        (
            "tensor_matrix_multiply = njit(_tensor_matrix_multiply, parallel=True)",
            "USE_NUMBA = False\n"
            "tensor_matrix_multiply = njit(_tensor_matrix_multiply) if USE_NUMBA "
            "else _tensor_matrix_multiply",
        ),
    )
    failed = {o.check: o.message for o in report.outcomes if not o.status.passed}
    assert list(failed) == ["compiles_parallel_loops[tensor_matrix_multiply]"]
    assert "gives a plain Python function" in next(iter(failed.values()))
    assert report.points <= 5
