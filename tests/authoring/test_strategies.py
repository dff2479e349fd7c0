"""Strategies draw what they promise, and shrink to what is easily read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from minigrade.authoring import strategies as ours

quick = settings(max_examples=60, database=None, suppress_health_check=list(HealthCheck))


@quick
@given(ours.numbers(-3, 2.5))
def test_numbers_are_quarter_steps_within_bounds(number: float) -> None:
    assert type(number) is float
    assert (number * 4).is_integer()
    assert -3 <= number <= 2.5


@pytest.mark.parametrize("bound", [-3, 2.5])
def test_numbers_reach_their_bounds(bound: float) -> None:
    assert find(ours.numbers(-3, 2.5), lambda number: number == bound) == bound


def test_numbers_shrink_to_small_whole_ones() -> None:
    assert find(ours.numbers(), lambda number: number > 0.25) == 1.0
    assert find(ours.numbers(), lambda number: number < 0.0) == -1.0
    assert find(ours.numbers(), lambda _: True) == 0.0


@quick
@given(ours.away_from((0, 1.5), 0.5, -3, 3))
def test_away_from_keeps_its_distance(number: float) -> None:
    assert abs(number) >= 0.5
    assert abs(number - 1.5) >= 0.5


@quick
@given(ours.nonzero(-1, 1))
def test_nonzero_is_never_zero(number: float) -> None:
    assert 0.25 <= abs(number) <= 1


@quick
@given(ours.magnitudes(-3, 2))
def test_magnitudes_are_within_their_powers_of_ten(number: float) -> None:
    assert 1e-3 <= abs(number) < 1e2


@quick
@given(ours.pairs_apart((0, -0.5, 3)))
def test_pairs_are_one_of_the_gaps_apart(pair: dict[str, float]) -> None:
    assert pair["y"] - pair["x"] in (0, -0.5, 3)


@quick
@given(ours.equal_lists("left", "right", elements=ours.numbers(), low=1, high=4))
def test_equal_lists_are_equally_long(lists: dict[str, list[float]]) -> None:
    assert list(lists) == ["left", "right"]
    assert 1 <= len(lists["left"]) == len(lists["right"]) <= 4


@quick
@given(ours.long_lists(2, 50, largest=3))
def test_long_lists_hold_no_zero(numbers: list[float]) -> None:
    assert 2 <= len(numbers) <= 50
    assert all(0.25 <= abs(number) <= 3 for number in numbers)


def modules(tree: dict[str, Any], path: str = "net") -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, tree
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from modules(part, f"{path}.{name}")


def values(tree: dict[str, Any]) -> list[float]:
    return [part for _, one in modules(tree) for part in one.values() if isinstance(part, float)]


@quick
@given(ours.module_trees(5, 2, first=7))
def test_trees_keep_to_their_size(tree: dict[str, Any]) -> None:
    found = dict(modules(tree))
    assert len(found) <= 5
    for module in found.values():
        assert sum(isinstance(part, float) for part in module.values()) <= 2
    assert sorted(values(tree)) == [7.0 + i for i in range(len(values(tree)))]


def test_trees_shrink() -> None:
    assert find(ours.module_trees(), lambda tree: len(values(tree)) > 0) == {"p": 1.0}
    deep = find(ours.module_trees(deep=True), lambda tree: "net.a.a" in dict(modules(tree)))
    assert deep == {"a": {"a": {}}}


def test_siblings_have_names_of_their_own_and_cousins_share_them() -> None:
    tree = find(
        ours.module_trees(), lambda tree: {"net.a.a", "net.b.a"} <= dict(modules(tree)).keys()
    )
    assert set(tree) == {"a", "b"}
    assert set(tree["a"]) == {"a"} == set(tree["b"])


@quick
@given(ours.switched_trees(ours.module_trees(), most_switches=3))
def test_switches_name_modules_of_the_tree(case: dict[str, Any]) -> None:
    assert 1 <= len(case["switches"]) <= 3
    for path, mode in case["switches"]:
        assert path in dict(modules(case["tree"]))
        assert mode in ("train", "eval")


@quick
@given(ours.lists_of(st.integers(), low=2, high=3))
def test_lists_of_keep_to_their_length(numbers: list[int]) -> None:
    assert 2 <= len(numbers) <= 3
