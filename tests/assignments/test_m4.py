"""Assignment m4: the reference earns each check; oracles hold; dropout is judged by what it is."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrade.authoring.drawing import search
from minigrade.boundary import wire
from minigrade.model import Visibility
from minigrade.running.catalog import LoadedTask

REQUIRED = ("4.1", "4.2", "4.3", "4.4")
EXTRA = ("4.6", "4.7")
TESTED = ("4.8",)  # a test that students write


# Convolutions are compiled on the way.
@pytest.mark.slow
def test_the_reference_passes(one: Any, reference: Any) -> None:
    assert one.mistakes(reference) == []


@pytest.mark.slow
def test_probes_run_without_the_rest_of_their_file(one: Any, reference: Any) -> None:
    """A worker gets a slice: neither expectations nor cases nor hypothesis."""
    names: dict[str, Any] = {}
    exec(compile(one.part.probes, one.part.name, "exec"), names)
    assert not any("expect" in name or "judge" in name for name in names)
    assert "hypothesis" not in one.part.probes
    for case in one.examples():
        answer = names[one.check.name](reference, *one.leading, **copy.deepcopy(case))
        expected = one.check.spec.expect(*one.leading, **case)
        assert one.judge(wire.plain(expected), wire.plain(answer)) is None


def test_points_and_cases(tasks: dict[str, LoadedTask], asked: dict[str, Any]) -> None:
    assert tuple(tasks) == REQUIRED + EXTRA + TESTED
    for name in REQUIRED:
        assert (tasks[name].task.points, tasks[name].task.hidden_points) == (10, 3)
        assert {part.visibility for part in tasks[name].parts if part.checks} == set(Visibility)
    for name in EXTRA + TESTED:
        assert (tasks[name].task.points, tasks[name].task.hidden_points) == (5, 2)
        assert {part.visibility for part in tasks[name].parts if part.checks} == set(Visibility)
    assert all(tasks[name].task.extra_credit == (name in EXTRA) for name in tasks)
    public = [one for one in asked.values() if one.part.visibility is Visibility.PUBLIC]
    assert sum(one.check.spec.count for one in public) >= 1000
    assert all(one.check.weight for one in asked.values())


def test_each_convolution_is_asked_interpreted_and_compiled(asked: dict[str, Any]) -> None:
    """What compiles takes seconds, so little does; but it is asked 20 cases and more."""
    for task in ("4.1", "4.2"):
        checks = [one.check for name, one in asked.items() if name.startswith(task)]
        assert {check.jit for check in checks} == {False, True}
        assert all(check.compiles and check.spec.count >= 20 for check in checks if check.jit)


def test_what_is_reported_earns_nothing(tasks: dict[str, LoadedTask]) -> None:
    """A serial convolution is right: the course asks for none that is shared."""
    free = [(task, check) for task in tasks for part in tasks[task].parts for check in part.checks]
    free = [(task, check) for task, check in free if not check.weight]
    assert [(task, check.kind.name) for task, check in free] == [
        ("4.1", "compiled"), ("4.1", "source"), ("4.2", "compiled"), ("4.2", "source"),
    ]  # fmt: skip
    assert not any(check.spec.parallel for _, check in free if check.kind.name == "compiled")
    assert not any(check.spec.rules["parallel"] for _, check in free if check.kind.name == "source")


# Cases


def drawn(one: Any, count: int = 200) -> list[dict[str, Any]]:
    """Return cases of a check, as many as `count`."""
    found: list[dict[str, Any]] = []
    search(one.strategy(), found.append, count=count, seed_number=1)
    return found


@pytest.mark.parametrize("name", ["4.1/convolves_rows", "4.2/convolves_images"])
def test_convolutions_of_all_kinds_are_drawn(name: str, asked: dict[str, Any]) -> None:
    cases = drawn(asked[name])
    wide = [case for case in cases if case["weight"].shape[2] > case["x"].shape[2]]
    turned = [case for case in cases if case["weight_order"] != sorted(case["weight_order"])]
    many = [case for case in cases if case["x"].shape[0] > 1 and case["x"].shape[1] > 1]
    for some in (wide, turned, many):
        assert 0.15 * len(cases) <= len(some) <= 0.9 * len(cases)


def test_reversed_outputs_are_never_wider_than_the_input(asked: dict[str, Any]) -> None:
    """There the course leaves open what a loop does."""
    for name, one in asked.items():
        if "anchors_" in name or "is_right_compiled" in name:
            cases = [*one.examples(), *drawn(one)]
            pairs = [(case["x"][1][2:], case["out"][0][2:]) for case in cases]
            wider = [o > i for x, out in pairs for i, o in zip(x, out, strict=True)]
            assert any(wider) == (name.endswith("[left]")), name
            assert any(o < i for x, out in pairs for i, o in zip(x, out, strict=True)), name


def test_images_are_cut_into_all_kinds_of_tiles(asked: dict[str, Any]) -> None:
    cases = drawn(asked["4.3/averages_tiles"])
    uneven = [case for case in cases if case["kernel"][0] != case["kernel"][1]]
    assert len(uneven) >= 0.4 * len(cases)
    assert all(len(np.unique(case["a"])) == case["a"].size for case in cases)


def test_derivatives_to_start_from_are_never_all_one(asked: dict[str, Any]) -> None:
    for one in asked.values():
        starts = [case["d"] for case in [*one.examples(), *drawn(one, 20)] if "d" in case]
        arrays = [d for start in starts for d in (start if isinstance(start, list) else [start])]
        assert not any((d == 1).all() and d.size > 1 for d in arrays)


# Oracles


@pytest.fixture
def oracle(tasks: dict[str, LoadedTask]) -> Callable[[str, str], Any]:
    """Return what a task's file calls by a name."""

    def find(task: str, name: str) -> Any:
        [public] = [p for p in tasks[task].parts if p.visibility is Visibility.PUBLIC]
        return public.checks[0].spec.expect.__globals__[name]

    return find


@pytest.mark.parametrize("reverse", [False, True])
def test_convolutions_are_what_the_course_says(oracle: Any, reverse: bool) -> None:
    rng = np.random.default_rng(0)
    x, weight = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 3, 2))
    found = oracle("4.2", "convolve")(x, weight, (3, 6), reverse=reverse)
    for b, o, h, w in np.ndindex(*found.shape):
        total = 0.0
        for i, k, j in np.ndindex(*weight.shape[1:]):
            row, column = (h - k, w - j) if reverse else (h + k, w + j)
            if 0 <= row < 4 and 0 <= column < 5:
                total += x[b, i, row, column] * weight[o, i, k, j]
        assert found[b, o, h, w] == pytest.approx(total, rel=1e-12, abs=1e-12)


def test_convolutions_slopes_are_those_of_small_steps(oracle: Any) -> None:
    rng = np.random.default_rng(1)
    x, weight, d = (rng.normal(size=size) for size in ((2, 2, 3), (3, 2, 5), (2, 3, 3)))
    slopes = oracle("4.1", "convolution_slopes")(x, weight, d)
    for array, found in zip((x, weight), slopes, strict=True):
        for index in np.ndindex(*array.shape):
            step = np.zeros_like(array)
            step[index] = 1.0  # exact: a convolution is linear in each
            moved = (x + step, weight) if array is x else (x, weight + step)
            convolve = oracle("4.1", "convolve")
            by_step = ((convolve(*moved) - convolve(x, weight)) * d).sum()
            assert found[index] == pytest.approx(by_step, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["softmax", "logsoftmax"])
def test_probabilities_slopes_are_those_of_imaginary_steps(oracle: Any, name: str) -> None:
    rng = np.random.default_rng(2)
    a, d = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    found = oracle("4.4", "softmax_slopes")(name, a, 1, d)
    for index in np.ndindex(*a.shape):
        step = np.zeros_like(a)
        step[index] = 1e-30
        exps = np.exp(a + 1j * step)
        parts = exps / exps.sum(1, keepdims=True)
        result = parts if name == "softmax" else np.log(parts)
        assert found[index] == pytest.approx((result * d).imag.sum() / 1e-30, rel=1e-9, abs=1e-12)


# Dropout


def after_dropout(masks: list[np.ndarray], scale: float = 1.0) -> tuple[Any, Any]:
    """Return what is expected of dropout with a rate of 0.25, and what comes with some masks."""
    numbers = np.arange(1.0, 1201).reshape(40, 30) / 4
    observed = {
        "results": [numbers * mask * scale for mask in masks],
        "grad": 2 * numbers * masks[0] * scale,
        "at a rate of 0": numbers,
        "ignored": numbers,
        "input": numbers,
    }
    return {"numbers": numbers, "rate": 0.25}, observed


def test_dropout_may_scale_what_it_keeps_or_not(asked: dict[str, Any]) -> None:
    judge = asked["4.4/drops_at_random"].check.spec.judge
    rng = np.random.default_rng(3)
    masks = [rng.random((40, 30)) > 0.25 for _ in range(2)]
    assert judge(*after_dropout(masks)) is None
    assert judge(*after_dropout(masks, 1 / 0.75)) is None
    for scale in (0.75, 4.0, 2.0, -1.0):
        assert judge(*after_dropout(masks, scale)) is not None
    expected, observed = after_dropout(masks, 1 / 0.75)
    observed["results"][1] = observed["results"][1] * 0.75
    assert judge(expected, observed) is not None  # once so, once so


def test_dropout_is_random(asked: dict[str, Any]) -> None:
    judge = asked["4.4/drops_at_random"].check.spec.judge
    rng = np.random.default_rng(4)
    good = [rng.random((40, 30)) > 0.25 for _ in range(2)]
    rows = [np.repeat(rng.random((40, 1)) > 0.25, 30, 1) for _ in range(2)]
    few = [rng.random((40, 30)) > 0.5 for _ in range(2)]
    nothing = [np.ones((40, 30), bool)] * 2
    for masks in ([good[0]] * 2, rows, few, nothing, [~mask for mask in good]):
        assert judge(*after_dropout(masks)) is not None


@pytest.mark.parametrize("answer", [None, 0.0, {}, {"results": None}, {"results": [1.0, None]}])
def test_no_answer_is_dropout(answer: Any, asked: dict[str, Any]) -> None:
    judge = asked["4.4/drops_at_random"].check.spec.judge
    numbers = np.ones((40, 30))
    assert judge({"numbers": numbers, "rate": 0.5}, answer) is not None


def test_right_dropout_is_hardly_ever_refused(asked: dict[str, Any]) -> None:
    """By the bound of the file's docstring, against the exact tails of a binomial."""
    bound = asked["4.4/drops_at_random"].check.spec.judge.__globals__["most_off"](900)
    for rate in (0.1, 0.25, 0.5, 0.75, 0.9):
        chances = [
            math.exp(
                math.log(math.comb(900, n)) + n * math.log(rate) + (900 - n) * math.log1p(-rate)
            )
            for n in range(901)
        ]
        assert sum(chances) == pytest.approx(1)
        assert sum(c for n, c in enumerate(chances) if abs(n / 900 - rate) > bound) < 1e-12
