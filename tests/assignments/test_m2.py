"""Assignment m2: the reference earns each check; cases are mixed; training cannot be faked."""

from __future__ import annotations

import copy
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.boundary import wire
from minigrade.kinds.training import Lesson, Training
from minigrade.model import Report, Visibility
from minigrade.running.belonging import keep_only, make_plan
from minigrade.running.catalog import LoadedTask, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

REFERENCE = Path(__file__).parents[2] / "reference"
TASKS = ("2.1", "2.2", "2.3", "2.4", "2.5")
DATA_SETS = ("Simple", "Diag", "Xor")


@pytest.fixture(autouse=True)
def imported_as_minitorch(reference: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the reference's scripts import it, and forget them again."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "minitorch", reference)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("minitorch", "project")):
            del sys.modules[name]


def test_the_reference_passes(one: Any, reference: Any) -> None:
    assert one.mistakes(reference) == []


def test_probes_run_without_the_rest_of_their_file(one: Any, reference: Any) -> None:
    """A worker gets a slice: neither expectations nor cases nor hypothesis."""
    names: dict[str, Any] = {}
    exec(compile(one.part.probes, one.part.name, "exec"), names)
    assert not any("expect" in name for name in names)
    assert "hypothesis" not in one.part.probes
    for case in one.examples():
        answer = names[one.check.name](reference, *one.leading, **copy.deepcopy(case))
        expected = one.check.spec.expect(*one.leading, **case)
        assert one.judge(wire.plain(expected), wire.plain(answer)) is None


def test_points_and_cases(tasks: dict[str, LoadedTask], asked: dict[str, Any]) -> None:
    """Each half of a task has checks; cases outnumber those of upstream's suite."""
    assert tuple(tasks) == TASKS
    for task in tasks.values():
        assert (task.task.points, task.task.hidden_points) == (10, 3)
        assert {part.visibility for part in task.parts if part.checks} == set(Visibility)
    public = [one for one in asked.values() if one.part.visibility is Visibility.PUBLIC]
    assert sum(one.check.spec.count for one in public) >= 3500


def test_only_the_course_s_own_code_is_asked_for_nothing(asked: dict[str, Any]) -> None:
    """``View.backward``, which the course gives, and in some years wrong."""
    free = [name for name, one in asked.items() if not one.check.weight]
    assert free == ["2.4/views_back_what_was_permuted"]


def test_a_view_s_derivative_is_caught_that_forgets_strides(
    reference: Any, asked: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the course had it for years: it costs nothing, and is said."""
    functions = sys.modules[f"{reference.__name__}.tensor_functions"]

    def backward(ctx: Any, grad_output: Any) -> tuple[Any, float]:
        (shape,) = ctx.saved_values
        data = reference.TensorData(grad_output._tensor._storage, shape)
        return grad_output._new(data), 0.0

    monkeypatch.setattr(functions.View, "backward", staticmethod(backward))
    caught = [name for name, one in asked.items() if name[:3] == "2.4" and one.mistakes(reference)]
    assert caught == ["2.4/views_back_what_was_permuted"]


# Cases


def drawn(one: Any, count: int = 200) -> list[dict[str, Any]]:
    """Return cases of a check, as many as `count`."""
    from minigrade.authoring.drawing import search

    found: list[dict[str, Any]] = []
    search(one.strategy(), found.append, count=count, seed_number=1)
    return found


@pytest.mark.parametrize(
    ("name", "key", "low", "high"),
    [
        ("2.2/joins_two_shapes", "raises", 0.1, 0.5),
        ("2.2/joins_long_shapes", "raises", 0.1, 0.5),
        ("2.3/views_in_another_shape", "AssertionError", 0.1, 0.7),
    ],
)
def test_valid_and_invalid_cases_are_mixed(
    name: str, key: str, low: float, high: float, asked: dict[str, Any]
) -> None:
    one = asked[name]
    cases = drawn(one)
    bad = [case for case in cases if key in str(one.check.spec.expect(**case))]
    assert low <= len(bad) / len(cases) <= high


@pytest.mark.parametrize("form", ["a < b", "a > b", "a == b", "a.is_close(b)"])
def test_comparisons_come_out_both_ways(form: str, asked: dict[str, Any]) -> None:
    one = asked[f"2.3/computes_pair_by_pair[{form}]"]
    results = [one.check.spec.expect(form, **case)["result"] for case in drawn(one)]
    share = np.mean(np.concatenate([result.reshape(-1) for result in results]))
    assert 0.05 <= share <= 0.95


def test_most_tensors_are_not_in_plain_order(asked: dict[str, Any]) -> None:
    """A loop that ignores strides must be caught at once."""
    cases = drawn(asked["2.3/applies[a.relu()]"])
    turned = [case for case in cases if case["a_order"] != sorted(case["a_order"])]
    assert len(turned) >= 0.3 * len(cases)
    assert {case["a"].ndim for case in cases} == {1, 2, 3, 4}


def test_derivatives_to_start_from_are_never_all_one(asked: dict[str, Any]) -> None:
    for name, one in asked.items():
        if name.startswith("2.4/"):
            cases = [*one.examples(), *drawn(one, 20)]
            starts = [case["d"] for case in cases if "d" in case]
            assert not any((d == 1).all() and d.size > 1 for d in starts), name
            assert starts or "starts_anew" in name


def test_networks_keep_away_from_kinks(asked: dict[str, Any]) -> None:
    """The slope of `relu` at 0 is nobody's mistake; and derivatives are large enough to see."""
    one = asked["2.5/computes_a_network"]
    seen = 0
    for case in drawn(one):
        signals = case["points"]
        for weights, bias in zip(case["weights"][:2], case["biases"][:2], strict=True):
            inputs = signals @ weights + bias
            assert np.abs(inputs).min() >= 2**-10
            signals = np.maximum(inputs, 0)
        grads = one.check.spec.expect(**case)["grads"]
        seen += all(np.abs(layer[0]).max() > 1e-3 for layer in grads)
    assert seen >= 150


# Training


def trainings(tasks: dict[str, LoadedTask]) -> list[Training]:
    specs = [check.spec for part in tasks["2.5"].parts for check in part.checks]
    return [spec for spec in specs if isinstance(spec, Training)]


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_is_learned_whatever_the_seed(
    name: str, tasks: dict[str, LoadedTask]
) -> None:
    for spec in trainings(tasks):
        for seed in range(12):
            lesson: Lesson = spec.setup(name, np.random.default_rng(seed))
            assert lesson.steps <= 70
            learned = spec.replay(name, lesson.params, **lesson.batches, **lesson.constants)
            assert spec.score(name, learned["params"], **lesson.exam) >= spec.threshold + 0.03
            assert spec.score(name, lesson.params, **lesson.exam) < spec.threshold - 0.05


@pytest.mark.parametrize("name", DATA_SETS)
def test_the_replay_s_derivatives_are_those_of_small_steps(
    name: str, tasks: dict[str, LoadedTask]
) -> None:
    """The replay is the oracle of training; here calculus is the replay's."""
    spec = trainings(tasks)[0]
    lesson: Lesson = spec.setup(name, np.random.default_rng(0))
    batch = {key: value[:1] for key, value in lesson.batches.items()}
    once = spec.replay(name, lesson.params, **batch, rate=1.0)

    def loss(**changed: np.ndarray) -> float:
        params = {**lesson.params, **changed}
        return float(spec.replay(name, params, **batch, rate=1.0)["losses"][0])

    for key, array in lesson.params.items():
        slopes = array - once["params"][key]
        for index in np.ndindex(*array.shape):
            step = np.zeros_like(array)
            step[index] = 1e-6
            near = (loss(**{key: array + step}) - loss(**{key: array - step})) / 2e-6
            assert slopes[index] == pytest.approx(near, rel=1e-5, abs=1e-8)


SCRIPT = (REFERENCE / "project" / "run_tensor.py").read_text()

# Put after the honest script, which every probe of the task imports.
CHEATS = {
    "skips every other step": """
def step(self, honest=minitorch.SGD.step):
    self.taken = getattr(self, "taken", 0) + 1
    if self.taken % 2:
        honest(self)

minitorch.SGD.step = step
""",
    "takes smaller steps": """
def step(self, honest=minitorch.SGD.step):
    self.lr *= 0.999
    honest(self)

minitorch.SGD.step = step
""",
    "does not learn at all": "minitorch.SGD.step = lambda self: None\n",
}


@pytest.fixture
def graded(tmp_path: Path) -> Callable[..., Report]:
    """Grade the reference with another text in place of its script."""

    def grade_it(script: str) -> Report:
        root = tmp_path / "repository"
        shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__"))
        keep_only(root, "minitorch", make_plan(find_course(), "m2").files())
        (root / "project" / "run_tensor.py").write_text(script)
        course = find_course()
        request = Request(assignment="m2", hidden=True, tasks=("2.5",))
        return grade(course, request, find(root, course.course))

    return grade_it


@pytest.mark.slow
@pytest.mark.parametrize("cheat", CHEATS)
def test_training_cannot_be_faked(cheat: str, graded: Callable[..., Report]) -> None:
    report = graded(SCRIPT + CHEATS[cheat])
    trained = [outcome for outcome in report.outcomes if outcome.kind == "training"]
    assert len(trained) == 2 * len(DATA_SETS)
    assert all(outcome.points == 0 and outcome.message for outcome in trained)
