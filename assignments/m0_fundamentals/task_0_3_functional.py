"""Task 0.3: functions of functions, and four functions of lists made with them.

Write ``map``, ``zipWith`` and ``reduce`` in ``minitorch/operators.py``,
and with these ``negList``, ``addLists``, ``sum`` and ``prod``. Lists, tuples and
generators are equally good results; the lists given must stay as they are.

Left open here because the years of the course differ: whether ``map(fn)`` waits
for its list or takes it at once, whether ``reduce`` is told where to start, and
whether it calls ``fn(total, x)`` or ``fn(x, total)``. So lists are only reduced
with functions for which neither order nor grouping matters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from minigrade import Case, Minitorch, Task, property_check, source_check
from minigrade.authoring.strategies import equal_lists, lists_of, nonzero, numbers
from minigrade.probing import as_written, items

TASK = Task(
    "0.3",
    title="Functional Python",
    points=10,
    hidden_points=3,
    files=("minitorch/operators.py",),
    link="https://minitorch.github.io/module0/module0/",
)


def line(factor: float) -> Callable[[float], float]:
    """Return a function of one number."""
    return lambda x: factor * x + 1


@property_check(
    cases={"ls": lists_of(numbers()), "factor": nonzero(-4, 4)},
    examples=(Case(ls=[1.0, -2.5, 4.0], factor=3.0), Case(ls=[], factor=2.0)),
    expect=lambda ls, factor: {"result": [factor * x + 1 for x in ls], "ls": ls},
)
def maps_a_list(mt: Minitorch, ls: list[float], factor: float) -> Any:
    """`map` applies a function to each number, and leaves the list alone."""
    mapper, fn = mt.operators.map, line(factor)
    result = as_written(lambda: mapper(fn)(ls), lambda: mapper(fn, ls))
    return {"result": items(result), "ls": ls}


def plane(factor: float) -> Callable[[float, float], float]:
    """Return a function of two numbers that tells the first from the second."""
    return lambda x, y: factor * x - y


@property_check(
    cases=equal_lists("ls1", "ls2", elements=numbers()),
    examples=(Case(ls1=[1.0, 2.0, 3.0], ls2=[10.0, -20.0, 0.5]), Case(ls1=[], ls2=[])),
    expect=lambda ls1, ls2: {
        "result": [2 * x - y for x, y in zip(ls1, ls2, strict=True)],
        "lists": [ls1, ls2],
    },
)
def zips_two_lists(mt: Minitorch, ls1: list[float], ls2: list[float]) -> Any:
    """`zipWith` joins the numbers of two lists pair by pair, and leaves both alone."""
    zipper, fn = mt.operators.zipWith, plane(2.0)
    result = as_written(lambda: zipper(fn)(ls1, ls2), lambda: zipper(fn, ls1, ls2))
    return {"result": items(result), "lists": [ls1, ls2]}


def adding(extra: float) -> Callable[[float, float], float]:
    """Return a function of two numbers; each use adds `extra`, so uses can be counted."""
    return lambda x, y: x + y + extra


# A start of 0 hides a `reduce` that forgets it.
@property_check(
    cases={"ls": lists_of(numbers()), "start": nonzero(), "extra": nonzero()},
    examples=(
        Case(ls=[1.0, 2.0, 3.0], start=10.0, extra=0.5),
        Case(ls=[4.0], start=-1.0, extra=2.0),
        Case(ls=[], start=5.0, extra=1.0),
    ),
    expect=lambda ls, start, extra: {"result": start + sum(ls) + extra * len(ls), "ls": ls},
)
def reduces_a_list(mt: Minitorch, ls: list[float], start: float, extra: float) -> Any:
    """`reduce` joins start and numbers into one, a call of the function for each number."""
    reducer, fn = mt.operators.reduce, adding(extra)
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
    cases={"ls": lists_of(nonzero())},
    examples=(Case(ls=[1.0, -2.5, 4.0]), Case(ls=[])),
    expect=lambda ls: {"result": [-x for x in ls], "ls": ls},
)
def negates_a_list(mt: Minitorch, ls: list[float]) -> Any:
    """`negList` turns the sign of each number, and leaves the list alone."""
    result = mt.operators.negList(ls)
    return {"result": items(result), "ls": ls}


@property_check(
    cases=equal_lists("ls1", "ls2", elements=numbers()),
    examples=(Case(ls1=[1.0, 2.0, 3.0], ls2=[10.0, -20.0, 0.5]), Case(ls1=[], ls2=[])),
    expect=lambda ls1, ls2: {
        "result": [x + y for x, y in zip(ls1, ls2, strict=True)],
        "lists": [ls1, ls2],
    },
)
def adds_two_lists(mt: Minitorch, ls1: list[float], ls2: list[float]) -> Any:
    """`addLists` adds the numbers of two lists pair by pair, and leaves both alone."""
    result = mt.operators.addLists(ls1, ls2)
    return {"result": items(result), "lists": [ls1, ls2]}


FOLDS: dict[str, Callable[..., float]] = {"sum": math.fsum, "prod": math.prod}


@property_check(
    each=("sum", "prod"),
    cases={"ls": lists_of(nonzero(), low=1, high=6)},
    examples=(Case(ls=[2.0, 3.0, -4.0]), Case(ls=[0.5, 2.0, 0.0])),
    expect=lambda name, ls: {"result": FOLDS[name](ls), "ls": ls},
    weight=2,
)
def folds_a_list(mt: Minitorch, name: str, ls: list[float]) -> Any:
    """`sum` and `prod` give the sum and the product of the numbers of a list."""
    result = getattr(mt.operators, name)(ls)
    return {"result": result, "ls": ls}


# Both at once: each alone would pay for a stub that returns 0 or 1. Not needless:
# a tensor without dimensions has `prod` of no sides, which is one, as its size.
@property_check(
    cases={"ls": lists_of(numbers(-40, 40), high=1)},
    examples=(Case(ls=[]), Case(ls=[3.0]), Case(ls=[-0.5])),
    expect=lambda ls: {"sum": sum(ls), "prod": math.prod(ls)},
)
def starts_from_nothing(mt: Minitorch, ls: list[float]) -> Any:
    """`sum` of no numbers is 0, `prod` of none is 1, and of one both are that number."""
    return {"sum": mt.operators.sum(ls), "prod": mt.operators.prod(ls)}


# How `map`, `zipWith` and `reduce` do it is free, with Python's own if need be: the
# course asks for them, and for building on them.
@source_check(
    files=("minitorch/operators.py",),
    must_call={"negList": "map", "addLists": "zipWith", "sum": "reduce", "prod": "reduce"},
    forbid_calls=("sum", "math.prod", "math.fsum", "numpy.sum", "numpy.prod", "numpy.*.reduce"),
    within=("negList", "addLists", "sum", "prod"),
    instead="your own map, zipWith and reduce",
    cap=Fraction(1, 2),
)
def builds_on_its_own_functions() -> None:
    """`negList` is built on your own `map`, `addLists` on `zipWith`, both folds on `reduce`."""
