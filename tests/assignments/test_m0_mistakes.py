"""Assignment m0: each check catches the mistakes that it was written for."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable
from typing import Any

import pytest


def forgetful(fn: Callable[..., Any], start: Any) -> Callable[..., Any]:
    """Return a `reduce` that leaves out its start wherever it can."""
    return lambda ls: functools.reduce(fn, ls) if ls else start


def once(fn: Callable[..., Any], start: Any) -> Callable[..., Any]:
    return lambda ls: fn(start, ls[0]) if ls else start


def swapped(fn: Callable[..., Any]) -> Callable[..., Any]:
    return lambda ls1, ls2: [fn(y, x) for x, y in zip(ls1, ls2, strict=True)]


def negate_in_place(ls: Any) -> Any:
    ls[:] = [-x for x in ls]
    return ls


TOTALS = {"sum": 0.0}


def accumulate(ls: Any) -> float:
    TOTALS["sum"] += sum(ls)
    return TOTALS["sum"]


class Given:
    """What the course gives `Module`, for the type checker's sake."""

    _modules: Any
    _parameters: Any
    training: Any
    modules: Any
    named_parameters: Any


class Shallow(Given):
    def named_parameters(self) -> Any:
        return list(self._parameters.items())

    def parameters(self) -> Any:
        return list(self._parameters.values())

    def train(self) -> None:
        self.training = True

    def eval(self) -> None:
        self.training = False


class ToChildren(Shallow):
    """Goes one step down, and no further."""

    def named_parameters(self) -> Any:
        below = [
            (f"{k}.{n}", p) for k, c in self._modules.items() for n, p in c._parameters.items()
        ]
        return [*self._parameters.items(), *below]

    def parameters(self) -> Any:
        return [p for _, p in self.named_parameters()]

    def train(self) -> None:
        for module in [self, *self.modules()]:
            module.training = True

    def eval(self) -> None:
        for module in [self, *self.modules()]:
            module.training = False


class LastNameOnly(Given):
    def named_parameters(self) -> Any:
        own = list(self._parameters.items())
        return own + [pair for child in self.modules() for pair in child.named_parameters()]


class LastTwoNames(Given):
    def named_parameters(self) -> Any:
        below = [
            (f"{k}.{n.split('.')[-1]}", p)
            for k, c in self._modules.items()
            for n, p in c.named_parameters()
        ]
        return [*self._parameters.items(), *below]


class Underscored(Given):
    def named_parameters(self) -> Any:
        return [(name.replace(".", "_"), p) for name, p in super().named_parameters()]


class Merged(Given):
    """Loses parameters of one name, as those of a dict without paths."""

    def parameters(self) -> Any:
        return list({n.split(".")[-1]: p for n, p in self.named_parameters()}.values())


class Twice(Given):
    def parameters(self) -> Any:
        below = [p for child in self.modules() for p in child.parameters()]
        return [p for _, p in self.named_parameters()] + below


class Copies(Given):
    def parameters(self) -> Any:
        return [copy.copy(parameter) for _, parameter in self.named_parameters()]


class Remembering(Given):
    """Collects once."""

    def named_parameters(self) -> Any:
        if "seen" not in vars(self):
            self.seen = super().named_parameters()
        return self.seen


class Polluting(Given):
    """Writes what it finds below into its own parameters."""

    def named_parameters(self) -> Any:
        for prefix, child in self._modules.items():
            for name, parameter in child.named_parameters():
                self._parameters[f"{prefix}.{name}"] = parameter
        return list(self._parameters.items())


class OneModeForAll(Given):
    training = True

    def __init__(self) -> None:
        super().__init__()
        del self.training

    def train(self) -> None:
        OneModeForAll.training = True

    def eval(self) -> None:
        OneModeForAll.training = False


class NeverTrainsAgain(Given):
    def train(self) -> None:
        self.training = True


OPERATORS: list[tuple[str, Any, str]] = [
    ("mul", lambda x, y: x + y, "0.1/combines_two_numbers[mul]"),
    ("add", lambda x, y: x - y, "0.1/combines_two_numbers[add]"),
    ("max", lambda x, y: y if x > y else x, "0.1/combines_two_numbers[max]"),
    ("max", lambda x, y: x if abs(x) > abs(y) else y, "0.1/combines_two_numbers[max]"),
    ("lt", lambda x, y: x <= y, "0.1/compares_two_numbers[lt]"),
    ("lt", lambda x, y: x > y, "0.1/compares_two_numbers[lt]"),
    ("eq", lambda x, y: abs(x - y) < 0.5, "0.1/compares_two_numbers[eq]"),
    ("is_close", lambda x, y: x - y < 1e-2, "0.1/compares_two_numbers[is_close]"),
    ("is_close", lambda x, y: abs(x - y) < 1e-1, "0.1/compares_two_numbers[is_close]"),
    ("is_close", lambda x, y: x == y, "0.1/compares_two_numbers[is_close]"),
    ("is_close", math.isclose, "0.1/compares_two_numbers[is_close]"),
    ("neg", abs, "0.1/negates_or_leaves_alone"),
    ("id", int, "0.1/negates_or_leaves_alone"),
    ("sigmoid", lambda x: 1 / (1 + math.exp(-x)), "0.1/follows_its_curve[sigmoid]"),
    ("sigmoid", lambda x: math.exp(x) / (1 + math.exp(x)), "0.1/follows_its_curve[sigmoid]"),
    ("sigmoid", math.tanh, "0.1/follows_its_curve[sigmoid]"),
    ("relu", abs, "0.1/follows_its_curve[relu]"),
    ("relu", lambda x: x if x > 0 else 0.01 * x, "0.1/follows_its_curve[relu]"),
    ("exp", lambda x: 2.718**x, "0.1/follows_its_curve[exp]"),
    ("inv", lambda x: -1 / x, "0.1/follows_its_curve[inv]"),
    ("inv", lambda x: 1 / (x + 1e-6), "0.1/follows_its_curve[inv]"),
    ("log", math.log2, "0.1/takes_logarithms"),
    ("log", math.log1p, "0.1/takes_logarithms"),
    ("log_back", lambda x, d: d * x, "0.1/carries_derivatives_back[log_back]"),
    ("log_back", lambda x, d: 1 / x, "0.1/carries_derivatives_back[log_back]"),
    ("inv_back", lambda x, d: d / x**2, "0.1/carries_derivatives_back[inv_back]"),
    ("inv_back", lambda x, d: -d / x, "0.1/carries_derivatives_back[inv_back]"),
    ("relu_back", lambda x, d: 1.0 if x > 0 else 0.0, "0.1/carries_derivatives_back[relu_back]"),
    ("relu_back", lambda x, d: d if d > 0 else 0.0, "0.1/carries_derivatives_back[relu_back]"),
    ("add", lambda x, y: float(f"{x + y:.6f}"), "0.1/combines_extreme_numbers[add]"),
    ("is_close", lambda x, y: abs(x - y) <= 1e-5 * abs(x), "0.1/compares_large_numbers[is_close]"),
    ("neg", lambda x: -x if abs(x) > 1e-6 else 0.0, "0.1/negates_extreme_numbers"),
    ("exp", lambda x: math.exp(min(x, 500.0)), "0.1/follows_its_curve_far_out[exp]"),
    ("relu", lambda x: min(max(x, 0.0), 6.0), "0.1/follows_its_curve_far_out[relu]"),
    ("log", lambda x: min(math.log(x), 10.0), "0.1/takes_logarithms_of_large_numbers"),
    ("relu_back", lambda x, d: (x > 1e-6) * d, "0.1/carries_large_derivatives_back[relu_back]"),
    ("map", lambda fn: lambda ls: [fn(x) for x in ls[1:]], "0.3/maps_a_list"),
    ("zipWith", swapped, "0.3/zips_two_lists"),
    ("reduce", forgetful, "0.3/reduces_a_list"),
    ("reduce", lambda fn, start: lambda ls: sum(ls, start), "0.3/reduces_a_list"),
    ("reduce", once, "0.3/reduces_a_list"),
    ("negList", negate_in_place, "0.3/negates_a_list"),
    ("negList", lambda ls: [-abs(x) for x in ls], "0.3/negates_a_list"),
    ("addLists", lambda a, b: a + b, "0.3/adds_two_lists"),
    ("sum", lambda ls: sum(ls[1:]), "0.3/folds_a_list[sum]"),
    ("prod", lambda ls: 0.0 * math.prod(ls), "0.3/folds_a_list[prod]"),
    ("prod", lambda ls: math.prod(ls) if ls else 0.0, "0.3/starts_from_nothing"),
    ("sum", lambda ls: functools.reduce(lambda x, y: x + y, ls), "0.3/starts_from_nothing"),
    ("sum", accumulate, "0.3/starts_anew_each_time"),
    ("sum", lambda ls: sum(ls[:30]), "0.3/folds_a_long_list[sum]"),
    ("map", lambda fn: lambda ls: [fn(x) for x in dict.fromkeys(ls)], "0.3/maps_a_long_list"),
]  # fmt: skip
MODULES: list[tuple[type, str]] = [
    (Shallow, "0.4/names_every_parameter"),
    (Shallow, "0.4/lists_every_parameter"),
    (Shallow, "0.4/switches_every_mode"),
    (Shallow, "0.4/answers_when_called"),
    (ToChildren, "0.4/names_every_parameter"),
    (ToChildren, "0.4/lists_every_parameter"),
    (ToChildren, "0.4/switches_every_mode"),
    (LastNameOnly, "0.4/names_every_parameter"),
    (LastTwoNames, "0.4/names_every_parameter"),
    (Underscored, "0.4/names_every_parameter"),
    (Merged, "0.4/lists_every_parameter"),
    (Twice, "0.4/lists_every_parameter"),
    (Twice, "0.4/names_parameters_of_large_trees"),
    (Copies, "0.4/lists_every_parameter"),
    (Copies, "0.4/updates_parameters_of_deep_trees"),
    (Remembering, "0.4/collects_what_came_later"),
    (Polluting, "0.4/collects_what_came_later"),
    (OneModeForAll, "0.4/switches_every_mode"),
    (OneModeForAll, "0.4/keeps_two_networks_apart"),
    (NeverTrainsAgain, "0.4/switches_every_mode"),
    (ToChildren, "0.4/switches_modes_of_deep_trees"),
]


@pytest.mark.parametrize(("name", "function", "check"), OPERATORS)
def test_wrong_operators_are_caught(
    name: str, function: Any, check: str, asked: dict[str, Any], rewritten: Any
) -> None:
    assert asked[check].mistakes(rewritten({name: function}))


@pytest.mark.parametrize(("mixin", "check"), MODULES)
def test_wrong_modules_are_caught(
    mixin: type, check: str, asked: dict[str, Any], rewritten: Any
) -> None:
    assert asked[check].mistakes(rewritten(mixin=mixin))
