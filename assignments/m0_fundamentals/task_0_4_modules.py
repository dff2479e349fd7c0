"""Task 0.4: modules, a tree of parameters.

Write four methods of ``Module`` in ``minitorch/module.py``: ``train`` and
``eval`` set the mode of a whole tree, ``named_parameters`` and ``parameters``
collect what a whole tree holds. A parameter's name is its path: ``b.c.p`` is the
parameter ``p`` of the child ``c`` of the child ``b``.

A case is a tree as plain dicts, where a number is a parameter and a dict a child.
Left open: whether ``named_parameters`` is a dict or a list of pairs, and any order.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.strategies import (
    lists_of,
    module_trees,
    nonzero,
    numbers,
    switched_trees,
)

TASK = Task(
    "0.4",
    title="Modules",
    points=10,
    hidden_points=3,
    files=("minitorch/module.py",),
    link="https://minitorch.github.io/module0/module0/",
)

# The example of the course's guide, and a name that three modules share.
GUIDE = {"p1": 5.0, "a": {"p2": 10.0}, "b": {"c": {"p3": 15.0}}}
NAMESAKES = {"p": 1.0, "a": {"p": 2.0, "a": {"p": 3.0}}}


def plant(mt: Minitorch, net: Any, tree: dict[str, Any]) -> Any:
    """Give `net` the parameters and children of `tree`, in both ways that the course has."""
    for name, part in tree.items():
        if isinstance(part, dict):
            setattr(net, name, plant(mt, mt.Module(), part))
        elif name.startswith("weight"):
            net.add_parameter(name, part)
        else:
            setattr(net, name, mt.Parameter(part))
    net.size = len(tree)  # an ordinary attribute; no parameter, so never collected
    return net


def named(net: Any) -> dict[str, Any]:
    """Return the values of the named parameters, and how many there are."""
    found = net.named_parameters()
    pairs = list(found.items() if isinstance(found, dict) else found)
    return {"values": {name: parameter.value for name, parameter in pairs}, "count": len(pairs)}


def expect_named(tree: dict[str, Any]) -> dict[str, Any]:
    """Return what `named` should find in `tree`."""
    values = dict(parameters_of(tree))
    return {"values": values, "count": len(values)}


def parameters_of(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield the dotted name and the value of each parameter."""
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from parameters_of(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part


@property_check(
    cases={"tree": module_trees()},
    examples=(Case(tree=GUIDE), Case(tree=NAMESAKES), Case(tree={"a": {"b": {}}})),
    expect=expect_named,
    weight=3,
)
def names_every_parameter(mt: Minitorch, tree: dict[str, Any]) -> Any:
    """`named_parameters` finds each parameter of the tree once, under its path."""
    return named(plant(mt, mt.Module(), tree))


def read(net: Any, tree: dict[str, Any]) -> dict[str, Any]:
    """Return the values that `net` holds now, as a tree."""
    return {
        name: read(getattr(net, name), part) if isinstance(part, dict) else getattr(net, name).value
        for name, part in tree.items()
    }


def raised(tree: dict[str, Any], step: float) -> dict[str, Any]:
    """Return `tree` with `step` added to each value."""
    return {
        name: raised(part, step) if isinstance(part, dict) else part + step
        for name, part in tree.items()
    }


# An optimizer updates what `parameters` gives: copies would change nothing, and
# a parameter that comes twice would change by twice as much.
@property_check(
    cases={"tree": module_trees()},
    examples=(Case(tree=GUIDE), Case(tree=NAMESAKES)),
    expect=lambda tree: {"count": expect_named(tree)["count"], "tree": raised(tree, 100)},
    weight=2,
)
def lists_every_parameter(mt: Minitorch, tree: dict[str, Any]) -> Any:
    """`parameters` gives each parameter of the tree once, itself and no copy."""
    net = plant(mt, mt.Module(), tree)
    parameters = list(net.parameters())
    for parameter in parameters:
        parameter.update(parameter.value + 100)
    return {"count": len(parameters), "tree": read(net, tree)}


def modules_of(net: Any, tree: dict[str, Any], path: str = "net") -> Iterator[tuple[str, Any]]:
    """Yield each module of `net` with its path."""
    yield path, net
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from modules_of(getattr(net, name), part, f"{path}.{name}")


def expect_modes(tree: dict[str, Any], switches: list[list[str]]) -> dict[str, bool]:
    """Return whether each module trains, by its path."""
    modes = dict.fromkeys(paths_of(tree), True)
    for path, mode in switches:
        for other in modes:
            if f"{other}.".startswith(f"{path}."):
                modes[other] = mode == "train"
    return modes


def paths_of(tree: dict[str, Any], path: str = "net") -> Iterator[str]:
    """Yield the path of each module of `tree`."""
    yield path
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from paths_of(part, f"{path}.{name}")


@property_check(
    cases=switched_trees(module_trees(most_parameters=1)),
    examples=(
        Case(tree=GUIDE, switches=[["net", "eval"]]),
        Case(tree=GUIDE, switches=[["net", "eval"], ["net", "train"]]),
        Case(tree=NAMESAKES, switches=[["net", "eval"], ["net.a", "train"]]),
        Case(tree=GUIDE, switches=[["net.b", "eval"]]),
    ),
    expect=expect_modes,
    weight=3,
)
def switches_every_mode(mt: Minitorch, tree: dict[str, Any], switches: list[list[str]]) -> Any:
    """`train` and `eval` set `training` of a module and of all below it, and of no other."""
    modules = dict(modules_of(plant(mt, mt.Module(), tree), tree))
    for path, mode in switches:
        getattr(modules[path], mode)()
    return {path: module.training for path, module in modules.items()}


@property_check(
    cases={"tree": module_trees(3), "later": module_trees(3, first=100)},
    examples=(Case(tree=GUIDE, later={"p1": 6.0, "b": {"p": 7.0}, "d": {"q": 8.0}}),),
    expect=lambda tree, later: {
        "before": expect_named(tree),
        "after": expect_named({**tree, **later}),
        "listed": expect_named({**tree, **later})["count"],
    },
)
def collects_what_came_later(mt: Minitorch, tree: dict[str, Any], later: dict[str, Any]) -> Any:
    """Parameters and children that are added or replaced later are collected from then on."""
    net = plant(mt, mt.Module(), tree)
    before = named(net)
    plant(mt, net, later)
    return {"before": before, "after": named(net), "listed": len(list(net.parameters()))}


def expect_answers(shifts: list[float], x: float) -> list[float]:
    """Return what a chain of layers answers: in training, not so, and with doubled shifts."""
    training = evaluating = doubled = x
    for shift in shifts:
        training = 2 * training + shift
        evaluating = evaluating - shift
        doubled = 2 * doubled + 2 * shift
    return [training, evaluating, doubled]


# What the methods are for: a layer asks for its mode, as dropout will in the last
# assignment, and an optimizer updates its parameters.
@property_check(
    cases={"shifts": lists_of(nonzero(), 1, 4), "x": numbers()},
    examples=(Case(shifts=[1.0, 10.0, 100.0], x=3.0),),
    expect=expect_answers,
)
def answers_when_called(mt: Minitorch, shifts: list[float], x: float) -> Any:
    """Calling a network runs each layer's `forward` in its mode, with its parameters."""

    class Layer(mt.Module):  # type: ignore[misc]
        def __init__(self, shift: float, following: Any) -> None:
            super().__init__()
            self.shift = mt.Parameter(shift)
            self.following = following

        def forward(self, x: float) -> Any:
            y = 2 * x + self.shift.value if self.training else x - self.shift.value
            return self.following(y) if self.following else y

    net: Any = None
    for shift in reversed(shifts):
        net = Layer(shift, net)
    answers = [net(x)]
    net.eval()
    answers += [net(x)]
    net.train()
    for parameter in net.parameters():
        parameter.update(2 * parameter.value)
    return [*answers, net(x)]
