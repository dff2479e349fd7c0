"""Task 0.3, hidden: long lists, and functions that are not known by name.

What is left open is the same as in the public half.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.strategies import equal_lists, lists_of, long_lists, nonzero, numbers
from minigrade.probing import as_written, items


def parabola(factor: float) -> Callable[[float], float]:
    """Return a function of one number."""
    return lambda x: factor * x * x - x


# Twice, as a list of results that is made once would hold the first ones still.
@property_check(
    cases={"ls": long_lists(0, 60), "factor": nonzero(-4, 4)},
    examples=(Case(ls=[3.0, 3.0, -1.0], factor=-2.0),),
    expect=lambda ls, factor: {"results": [[factor * x * x - x for x in ls]] * 2, "ls": ls},
)
def maps_a_long_list(mt: Minitorch, ls: list[float], factor: float) -> Any:
    """`map` applies a function to each number of a long list, and again to the next list."""
    mapper, fn = mt.operators.map, parabola(factor)
    results = as_written(
        lambda: twice(mapper(fn), ls),
        lambda: twice(lambda ls: mapper(fn, ls), ls),
    )
    return {"results": results, "ls": ls}


def twice(fn: Callable[[list[float]], Any], ls: list[float]) -> list[Any]:
    """Return what a function gives for a list, and gives once more."""
    return [items(fn(ls)), items(fn(ls))]


def quotient(factor: float) -> Callable[[float, float], float]:
    """Return a function of two numbers that tells the first from the second."""
    return lambda x, y: factor * x / y


@property_check(
    cases=equal_lists("ls1", "ls2", elements=nonzero(), high=20),
    examples=(Case(ls1=[1.0] * 40, ls2=[2.0] * 40),),
    expect=lambda ls1, ls2: {
        "result": [3 * x / y for x, y in zip(ls1, ls2, strict=True)],
        "lists": [ls1, ls2],
    },
)
def zips_two_long_lists(mt: Minitorch, ls1: list[float], ls2: list[float]) -> Any:
    """`zipWith` joins the numbers of two long lists pair by pair."""
    zipper, fn = mt.operators.zipWith, quotient(3.0)
    result = as_written(lambda: zipper(fn)(ls1, ls2), lambda: zipper(fn, ls1, ls2))
    return {"result": items(result), "lists": [ls1, ls2]}


def multiplying(factor: float) -> Callable[[float, float], float]:
    """Return a function of two numbers; each use multiplies by `factor` as well."""
    return lambda x, y: x * y * factor


@property_check(
    cases={"ls": long_lists(0, 25, largest=3), "start": nonzero(), "factor": nonzero(-2, 2)},
    examples=(
        Case(ls=[2.0, 3.0], start=5.0, factor=-2.0),
        Case(ls=[], start=5.0, factor=2.0),
        Case(ls=[0.0, 3.0], start=5.0, factor=2.0),
    ),
    expect=lambda ls, start, factor: {
        "result": start * math.prod(ls) * factor ** len(ls),
        "ls": ls,
    },
)
def reduces_a_long_list(mt: Minitorch, ls: list[float], start: float, factor: float) -> Any:
    """`reduce` joins start and numbers of a long list into one."""
    reducer, fn = mt.operators.reduce, multiplying(factor)
    result = as_written(
        lambda: reducer(fn, start)(ls),
        lambda: reducer(fn, ls, start),
        lambda: reducer(fn, start, ls),
        lambda: reducer(fn)(ls, start),
        lambda: reducer(fn)(start, ls),
        lambda: reducer(fn)([start, *ls]),
        lambda: reducer(fn, [start, *ls]),
    )
    return {"result": result, "ls": ls}


@property_check(
    cases={"ls": long_lists(0, 60, largest=1000)},
    examples=(Case(ls=[1e9, -1e-9]),),
    expect=lambda ls: {"result": [-x for x in ls], "ls": ls},
)
def negates_a_long_list(mt: Minitorch, ls: list[float]) -> Any:
    """`negList` turns the sign of each number of a long list."""
    result = mt.operators.negList(ls)
    return {"result": items(result), "ls": ls}


@property_check(
    cases=equal_lists("ls1", "ls2", elements=numbers(-1000, 1000), high=20),
    examples=(Case(ls1=[1.0] * 40, ls2=[2.0] * 40),),
    expect=lambda ls1, ls2: {
        "result": [x + y for x, y in zip(ls1, ls2, strict=True)],
        "lists": [ls1, ls2],
    },
)
def adds_two_long_lists(mt: Minitorch, ls1: list[float], ls2: list[float]) -> Any:
    """`addLists` adds the numbers of two long lists pair by pair."""
    result = mt.operators.addLists(ls1, ls2)
    return {"result": items(result), "lists": [ls1, ls2]}


FOLDS: dict[str, Callable[..., float]] = {"sum": math.fsum, "prod": math.prod}


@property_check(
    each=("sum", "prod"),
    cases={"ls": long_lists(1, 60)},
    examples=(Case(ls=[1.0] * 60), Case(ls=[2.0, 0.0, 2.0])),
    expect=lambda name, ls: {"result": FOLDS[name](ls), "ls": ls},
    weight=2,
)
def folds_a_long_list(mt: Minitorch, name: str, ls: list[float]) -> Any:
    """`sum` and `prod` give the sum and the product of a long list."""
    result = getattr(mt.operators, name)(ls)
    return {"result": result, "ls": ls}


# Lists are never empty here: what `sum` and `prod` of nothing are is asked in public.
@property_check(
    cases={"before": lists_of(nonzero(), 1, 3), "ls": lists_of(nonzero(-40, 40), 1, 3)},
    examples=(Case(before=[2.0, 3.0], ls=[5.0]), Case(before=[2.0], ls=[0.5, -3.0])),
    expect=lambda before, ls: {"sum": sum(ls), "prod": math.prod(ls)},  # noqa: ARG005
)
def starts_anew_each_time(mt: Minitorch, before: list[float], ls: list[float]) -> Any:
    """`sum` and `prod` give the same whatever they were asked before."""
    mt.operators.sum(before)
    mt.operators.prod(before)
    return {"sum": mt.operators.sum(ls), "prod": mt.operators.prod(ls)}
