"""Strategies: what task files draw their cases from.

Numbers are quarter steps, such as -2.25: sums and products of a few of them are
exact in floating point, and a student can work them out by hand. What fails shrinks
to whole numbers near 0. Strategies are cheap, as a check draws up to a hundred cases.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import strategies as st

Numbers = st.SearchStrategy[float]
Trees = st.SearchStrategy[dict[str, Any]]

_CHILDREN = "abcdefghijkl"
_PARAMETERS = ("p", "weight_0", "q", "weight_1")


def numbers(low: float = -10, high: float = 10) -> Numbers:
    """Draw quarter steps from `low` to `high`, both included."""
    return away_from((), 0, low, high)


def nonzero(low: float = -10, high: float = 10) -> Numbers:
    """Draw quarter steps from `low` to `high`, but never 0."""
    return away_from((0,), 0.25, low, high)


def away_from(points: Iterable[float], gap: float, low: float = -10, high: float = 10) -> Numbers:
    """Draw quarter steps from `low` to `high` that are at least `gap` from each of `points`.

    For functions with kinks and jumps, where a derivative does not exist.
    """
    far = [
        step / 4
        for step in range(round(low * 4), round(high * 4) + 1)
        if all(abs(step / 4 - point) >= gap for point in points)
    ]
    return _simplest_first(far)


def magnitudes(smallest: int, largest: int) -> Numbers:
    """Draw numbers of either sign, from 10 to the power `smallest` up to that of `largest`."""
    sizes = [
        float(f"{digits}e{power}") for power in range(smallest, largest) for digits in (1, 2.5, 6)
    ]
    return _simplest_first([sign * size for size in sizes for sign in (1, -1)])


def pairs_apart(
    gaps: Iterable[float], low: float = -10, high: float = 10
) -> st.SearchStrategy[dict[str, float]]:
    """Draw ``{"x": …, "y": …}`` where ``y - x`` is one of `gaps`.

    For comparisons: two numbers drawn on their own are hardly ever equal.
    """
    pairs = st.tuples(numbers(low, high), st.sampled_from(list(gaps)))
    return pairs.map(lambda pair: {"x": pair[0], "y": pair[0] + pair[1]})


def lists_of(
    elements: st.SearchStrategy[Any], low: int = 0, high: int = 5
) -> st.SearchStrategy[list[Any]]:
    """Draw lists of `low` to `high` elements."""
    return st.lists(elements, min_size=low, max_size=high)


def long_lists(low: int, high: int, largest: float = 10) -> st.SearchStrategy[list[float]]:
    """Draw lists of `low` to `high` quarter steps, none of them 0 or beyond ±`largest`.

    One draw decides all elements, which is cheap: the list shrinks, they do not.
    """
    steps = [step / 4 for step in range(-round(largest * 4), round(largest * 4) + 1) if step]

    def fill(drawn: tuple[int, int]) -> list[float]:
        length, seed = drawn
        return random.Random(seed).choices(steps, k=length)  # noqa: S311  (no secret)

    return st.tuples(st.integers(low, high), st.integers(0, 9999)).map(fill)


def equal_lists(
    *names: str, elements: Numbers, low: int = 0, high: int = 5
) -> st.SearchStrategy[dict[str, list[float]]]:
    """Draw a list for each of `names`, all of one length, as a dict of them."""
    rows = lists_of(st.tuples(*[elements] * len(names)), low, high)
    return rows.map(lambda rows: {name: [row[i] for row in rows] for i, name in enumerate(names)})


def module_trees(
    most_modules: int = 6, most_parameters: int = 3, *, deep: bool = False, first: float = 1
) -> Trees:
    """Draw trees of modules, such as ``{"p": 1.0, "a": {"p": 2.0, "b": {}}}``.

    A number is a parameter of that name, a dict a child; parameters' values all
    differ. Siblings are called ``a``, ``b``, … in each module anew, so that names
    repeat, and only a path tells them apart.

    Args:
        most_modules: in one tree, the root included; 12 at most.
        most_parameters: of one module; 4 at most.
        deep: prefer long branches.
        first: the value of the first parameter; each further one is greater by 1.
    """
    counts = most_parameters + 1
    # One integer a module: trees drawn by recursive strategies cost ten times as much.
    codes = st.integers(0, most_modules * counts - 1)

    def grow(drawn: list[int]) -> dict[str, Any]:
        value = float(first)
        modules: list[dict[str, Any]] = []
        for i, code in enumerate(drawn):
            back, count = divmod(code, counts)
            module: dict[str, Any] = {}
            for name in _PARAMETERS[:count]:
                module[name] = value
                value += 1
            if i:
                parent = modules[i - 1 - back % (min(i, 2) if deep else i)]
                siblings = sum(isinstance(child, dict) for child in parent.values())
                parent[_CHILDREN[siblings]] = module
            modules.append(module)
        return modules[0]

    return st.lists(codes, min_size=1, max_size=most_modules).map(grow)


def switched_trees(trees: Trees, most_switches: int = 4) -> st.SearchStrategy[dict[str, Any]]:
    """Draw ``{"tree": …, "switches": [["net.a", "eval"], …]}``: modules to call, and how.

    Paths start at the root, which is ``net``; modes are ``eval`` and ``train``.
    """

    def choose(drawn: tuple[dict[str, Any], list[int]]) -> dict[str, Any]:
        tree, picks = drawn
        paths = list(_paths(tree, "net"))
        modes = ("eval", "train")
        switches = [[paths[pick // 2 % len(paths)], modes[pick % 2]] for pick in picks]
        return {"tree": tree, "switches": switches}

    return st.tuples(trees, lists_of(st.integers(0, 23), 1, most_switches)).map(choose)


def _paths(tree: dict[str, Any], path: str) -> Iterator[str]:
    """Yield the path of each module of a tree."""
    yield path
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from _paths(part, f"{path}.{name}")


def _simplest_first(values: list[float]) -> Numbers:
    """Draw from `values`; what fails shrinks towards small whole numbers above 0."""
    order = sorted(values, key=lambda value: (value != int(value), abs(value), value < 0))
    return st.sampled_from(order)
