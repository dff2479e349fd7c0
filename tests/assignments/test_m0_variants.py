"""Assignment m0: right answers earn each check, however they are written.

As the years of the course have it, and as students do.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import pytest


def generated(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *lists: (fn(*row) for row in zip(*lists, strict=False))


def folded(fn: Callable[..., Any], start: Any, ls: Any) -> Any:
    return functools.reduce(fn, ls, start)


def first_folded(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda ls: functools.reduce(fn, ls)


class Given:
    """What the course gives `Module`, for the type checker's sake."""

    _modules: Any
    _parameters: Any
    training: Any
    modules: Any
    named_parameters: Any


class DictModule(Given):
    """Names in a dict, and parameters from a generator, children first."""

    def named_parameters(self) -> Any:
        below = {
            f"{prefix}.{name}": parameter
            for prefix, child in self._modules.items()
            for name, parameter in child.named_parameters().items()
        }
        return {**below, **self._parameters}

    def parameters(self) -> Any:
        yield from self.named_parameters().values()


class ListingModule(Given):
    """The mode is set from a list of all descendants."""

    def below(self) -> Any:
        return [self, *(one for child in self.modules() for one in child.below())]

    def train(self) -> None:
        for module in self.below():
            module.training = True

    def eval(self) -> None:
        for module in self.below():
            module.training = False


RIGHT = {
    "bools, and no EPS": {
            "lt": lambda x, y: x < y,
            "eq": lambda x, y: x == y,
            "is_close": lambda x, y: abs(x - y) < 1e-5,
            "log": math.log,
            "log_back": lambda x, d: d / x,
            "sigmoid": lambda x: 1 / (1 + math.exp(-x)) if x > -700 else math.exp(x),
            "relu": lambda x: max(0, x),
            "inv_back": lambda x, d: -1.0 / x**2 * d,
            "max": max,
        },
    "ints": {
            "lt": lambda x, y: int(x < y),
            "eq": lambda x, y: int(x == y),
            "is_close": lambda x, y: int(abs(x - y) < 1e-2),
            "relu_back": lambda x, d: 0 if x <= 0 else d,
        },
    "generators": {
            "map": generated,
            "zipWith": generated,
            "reduce": lambda fn, start: lambda ls: folded(lambda y, x: fn(x, y), start, ls),
            "negList": generated(lambda x: -x),
            "addLists": generated(lambda x, y: x + y),
        },
    "all at once": {
            "map": lambda fn, ls: tuple(map(fn, ls)),
            "zipWith": map,
            "reduce": lambda fn, ls, start: folded(fn, start, ls),
            "sum": sum,
            "prod": math.prod,
        },
    "start before list": {"reduce": folded},
    "start of one's own choice": {"reduce": lambda fn, ls, start=0: folded(fn, start, ls)},
    "start with the list": {"reduce": lambda fn: lambda ls, start: folded(fn, start, ls)},
    "starts at the first": {"reduce": first_folded},
    "starts at the first, at once": {"reduce": lambda fn, ls: first_folded(fn)(ls)},
    "folded from the right": {"reduce": lambda fn, start: lambda ls: folded(fn, start, ls[::-1])},
    "a dict": DictModule,
    "a list of all": ListingModule,
}  # fmt: skip


PARTS = {"bools, and no EPS": "0.1/", "ints": "0.1/", "a dict": "0.4/", "a list of all": "0.4/",
         "generators": "0.3/", "all at once": "0.3/"}  # fmt: skip


@pytest.mark.parametrize("variant", RIGHT)
def test_right_answers_pass(variant: str, asked: dict[str, Any], rewritten: Any) -> None:
    answer = RIGHT[variant]
    mt = rewritten(answer) if isinstance(answer, dict) else rewritten(mixin=answer)
    concerned = [one for name, one in asked.items() if PARTS.get(variant, "reduces") in name]
    assert concerned
    for one in concerned:
        assert one.mistakes(mt) == []
