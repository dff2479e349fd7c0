"""Assignment m1: the reference earns each check, stubs earn none; training cannot be faked."""

from __future__ import annotations

import ast
import copy
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.boundary import wire
from minigrade.edges.cutting import strip
from minigrade.kinds.properties import Property
from minigrade.kinds.training import Lesson, Training
from minigrade.model import Outcome, Report, Status, Visibility
from minigrade.running.belonging import keep_only, make_plan
from minigrade.running.catalog import LoadedTask, find_course
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

REFERENCE = Path(__file__).parents[2] / "reference"
TASKS = ("1.1", "1.2", "1.3", "1.4", "1.5")
DATA_SETS = ("Simple", "Diag", "Split", "Xor")


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


def test_points_and_cases(tasks: dict[str, LoadedTask]) -> None:
    """Public cases outnumber those of upstream's suite, some 8,000 with the tests of m0."""
    public = 0
    for task in tasks.values():
        assert task.task.points == 10
        assert {part.visibility for part in task.parts if part.checks} == set(Visibility)
        for part in task.parts:
            if part.visibility is Visibility.PUBLIC:
                public += sum(
                    check.spec.count * len(check.each or (None,))
                    for check in part.checks
                    if isinstance(check.spec, Property)
                )
    assert tuple(tasks) == TASKS
    assert public >= 10_000


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


# Whole gradings, with workers


@pytest.fixture
def graded(tmp_path: Path) -> Callable[..., Report]:
    """Grade the reference with other texts in place of some of its files."""

    def grade_it(texts: dict[str, str], *tasks: str) -> Report:
        root = tmp_path / "repository"
        shutil.copytree(REFERENCE, root, ignore=shutil.ignore_patterns("__pycache__"))
        keep_only(root, "minitorch", make_plan(find_course(), "m1").files())
        for name, text in texts.items():
            (root / name).write_text(text)
        course = find_course()
        request = Request(assignment="m1", hidden=True, tasks=tasks)
        return grade(course, request, find(root, course.course))

    return grade_it


@pytest.mark.slow
def test_the_reference_earns_everything(graded: Callable[..., Report]) -> None:
    report = graded({})
    assert [o.id for o in report.outcomes if o.status is not Status.PASSED] == []
    assert report.points == report.possible == 50


def first_argument(function: ast.FunctionDef) -> str:
    """Return the first argument that is not given by Python or by the course; else any."""
    names = [argument.arg for argument in function.args.args]
    if function.args.vararg:
        names.append(f"{function.args.vararg.arg}[0]")
    return next((name for name in names if name not in ("self", "cls", "ctx", "f")), names[0])


STUBS: dict[str, Callable[[ast.FunctionDef], str]] = {
    "raises": lambda _: "raise NotImplementedError('Need to implement')",
    "None": lambda _: "return None",
    "0": lambda _: "return 0.0",
    "1": lambda _: "return 1.0",
    "its input": lambda function: f"return {first_argument(function)}",
}


def stubbed(task: str, stub: str) -> dict[str, str]:
    """Return the files of the reference with the answers of `task` replaced by stubs."""
    texts = {}
    for path in sorted(REFERENCE.glob("*/*.py")):
        others = {f"{m}.{n}" for m in range(5) for n in range(6)} - {task}
        cut = strip(path.read_text(), path.name, keep=others)
        if not cut.stubs:
            continue
        lines = cut.text.splitlines()
        for node in ast.walk(ast.parse(cut.text)):
            if isinstance(node, ast.FunctionDef) and isinstance(node.body[-1], ast.Raise):
                last = node.body[-1]
                if "Need to implement" in ast.unparse(last):
                    line = last.lineno - 1
                    lines[line] = " " * last.col_offset + STUBS[stub](node)
        texts[path.relative_to(REFERENCE).as_posix()] = "\n".join(lines)
    return texts


@pytest.mark.long
@pytest.mark.parametrize("stub", STUBS)
@pytest.mark.parametrize("task", TASKS)
def test_stubs_earn_nothing(task: str, stub: str, graded: Callable[..., Report]) -> None:
    """Each check rejects them, though all other tasks are done."""
    texts = stubbed(task, stub)
    assert texts
    report = graded(texts, task)
    assert [outcome.id for outcome in report.outcomes if outcome.points > 0] == []
    assert not any(outcome.status is Status.BROKEN for outcome in report.outcomes)


# Task 1.4: what is an order


def order_judge(tasks: dict[str, LoadedTask]) -> tuple[Any, Any]:
    check = next(
        check
        for part in tasks["1.4"].parts
        for check in part.checks
        if check.name == "sorts_before_it_goes_back"
    )
    return check.spec.expect, check.spec.judge


LINES = ["d = a * b", "e = d + d", "f = b - 2.0", "g = d * e"]


@pytest.mark.parametrize(
    ("order", "category"),
    [
        ("g e d a b", None),
        ("g e d b a", None),
        ("g e d", None),
        ("g d e a b", "wrong_order"),
        ("b a d e g", "wrong_order"),
        ("g e a d b", "wrong_order"),
        ("g e e d", "listed_twice"),
        ("g e a b", "not_listed"),
        ("e d a b", "not_listed"),
        ("", "not_listed"),
    ],
)
def test_an_order_is_judged_by_who_waits_for_whom(
    order: str, category: str | None, tasks: dict[str, LoadedTask]
) -> None:
    expect, judge = order_judge(tasks)
    expected = expect({"a": 1.0, "b": 2.0}, LINES)
    assert expected["variables"] == ["g", "d", "e"]  # f is computed, and g does not need it
    mismatch = judge(expected, order.split())
    assert (mismatch and mismatch.category) == category


@pytest.mark.parametrize("nothing", [None, 0.0, {"g": 0}, [1, 2]])
def test_what_is_no_order(nothing: Any, tasks: dict[str, LoadedTask]) -> None:
    expect, judge = order_judge(tasks)
    assert judge(expect({"a": 1.0}, ["b = a * a"]), nothing).category == "wrong_type"


# Task 1.5: training


def trainings(tasks: dict[str, LoadedTask]) -> list[Training]:
    specs = [check.spec for part in tasks["1.5"].parts for check in part.checks]
    return [spec for spec in specs if isinstance(spec, Training)]


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_is_learned_whatever_the_seed(
    name: str, tasks: dict[str, LoadedTask]
) -> None:
    for spec in trainings(tasks):
        for seed in range(12):
            lesson: Lesson = spec.setup(name, np.random.default_rng(seed))
            assert lesson.steps <= 200
            learned = spec.replay(name, lesson.params, **lesson.batches, **lesson.constants)
            assert spec.score(name, learned["params"], **lesson.exam) >= spec.threshold + 0.04
            assert spec.score(name, lesson.params, **lesson.exam) < spec.threshold - 0.1


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


def test_data_sets_are_those_of_the_course(tasks: dict[str, LoadedTask], reference: Any) -> None:
    for name in DATA_SETS:
        lesson: Lesson = trainings(tasks)[0].setup(name, np.random.default_rng(0))
        points, labels = lesson.exam["points"], lesson.exam["labels"]
        assert labels.mean() == 0.5
        assert relabelled(reference, name, points) == labels.astype(int).tolist()


def relabelled(reference: Any, name: str, points: np.ndarray) -> list[int]:
    """Return what the reference's own data set says of these points."""
    module = sys.modules[f"{reference.__name__}.datasets"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "make_pts", lambda _: [tuple(point) for point in points])
        return list(getattr(module, name.lower())(len(points)).y)


SCRIPT = (REFERENCE / "project" / "run_scalar.py").read_text()

# Put after the honest script, which every probe of the task imports.
CHEATS = {
    "skips every other step": """
def step(self, honest=minitorch.SGD.step):
    self.taken = getattr(self, "taken", 0) + 1
    if self.taken % 2:
        honest(self)

minitorch.SGD.step = step
""",
    "jumps to shipped weights": """
def step(self):
    for i, parameter in enumerate(self.parameters):
        parameter.update(minitorch.Scalar((i * 7 % 11 - 5) / 3))

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


@pytest.mark.parametrize("cheat", CHEATS)
def test_training_cannot_be_faked(cheat: str, graded: Callable[..., Report]) -> None:
    report = graded({"project/run_scalar.py": SCRIPT + CHEATS[cheat]}, "1.5")
    trained = [outcome for outcome in report.outcomes if outcome.kind == "training"]
    assert len(trained) == 2 * len(DATA_SETS)
    assert all(outcome.points == 0 for outcome in trained)
    assert all(message_of(outcome) for outcome in trained)


def message_of(outcome: Outcome) -> bool:
    """Whether a student is told where training left the path; hidden checks tell less."""
    return outcome.visibility is Visibility.HIDDEN or "of " in outcome.message
