"""Task 0.4, hidden: large and deep trees, and two at once.

What is left open is the same as in the public half.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.strategies import module_trees, switched_trees

# Names to trip over: alike, with figures, one the beginning of another.
AWKWARD = {
    "layer1": {"weight_0_1": 1.0, "layer1": {"layer": {"bias": 2.0}}},
    "layer11": {"weight_0_1": 3.0, "bias": 4.0},
    "layer1_layer": {"bias": 5.0},
    "bias": 6.0,
}
CHAIN = {"a": {"a": {"a": {"a": {"a": {"a": {"a": {"p": 1.0}}}}}}}}
HOLLOW: dict[str, Any] = {"a": {"b": {"c": {}}, "c": {}}, "b": {}}

LARGE = module_trees(12, 4)
DEEP = module_trees(12, 2, deep=True)


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


def pairs(net: Any) -> list[Any]:
    """Return the named parameters as pairs."""
    found = net.named_parameters()
    return list(found.items() if isinstance(found, dict) else found)


def parameters_of(tree: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield the dotted name and the value of each parameter."""
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from parameters_of(part, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", part


def expect_names(tree: dict[str, Any]) -> dict[str, Any]:
    """Return the names and values of a tree's parameters, and their number, counted twice."""
    values = dict(parameters_of(tree))
    return {"values": values, "named": len(values), "listed": len(values)}


@property_check(
    cases={"tree": LARGE},
    examples=(Case(tree=AWKWARD), Case(tree=CHAIN), Case(tree=HOLLOW)),
    expect=expect_names,
    weight=3,
)
def names_parameters_of_large_trees(mt: Minitorch, tree: dict[str, Any]) -> Any:
    """Each parameter of a large tree is found once, under its path."""
    net = plant(mt, mt.Module(), tree)
    named = pairs(net)
    return {
        "values": {name: parameter.value for name, parameter in named},
        "named": len(named),
        "listed": len(list(net.parameters())),
    }


@property_check(
    cases={"tree": DEEP},
    examples=(Case(tree=AWKWARD), Case(tree=CHAIN)),
    expect=lambda tree: sorted(-value for _, value in parameters_of(tree)),
    weight=2,
)
def updates_parameters_of_deep_trees(mt: Minitorch, tree: dict[str, Any]) -> Any:
    """What `parameters` gives is what `named_parameters` gives, be it ever so deep."""
    net = plant(mt, mt.Module(), tree)
    for parameter in net.parameters():
        parameter.update(-parameter.value)
    return sorted(parameter.value for _, parameter in pairs(net))


def modules_of(net: Any, tree: dict[str, Any], path: str = "net") -> Iterator[tuple[str, Any]]:
    """Yield each module of `net` with its path."""
    yield path, net
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from modules_of(getattr(net, name), part, f"{path}.{name}")


def paths_of(tree: dict[str, Any], path: str = "net") -> Iterator[str]:
    """Yield the path of each module of `tree`."""
    yield path
    for name, part in tree.items():
        if isinstance(part, dict):
            yield from paths_of(part, f"{path}.{name}")


def expect_modes(tree: dict[str, Any], switches: list[list[str]]) -> dict[str, bool]:
    """Return whether each module trains, by its path."""
    modes = dict.fromkeys(paths_of(tree), True)
    for path, mode in switches:
        for other in modes:
            if f"{other}.".startswith(f"{path}."):
                modes[other] = mode == "train"
    return modes


@property_check(
    cases=switched_trees(DEEP, most_switches=8),
    examples=(
        Case(tree=AWKWARD, switches=[["net.layer1", "eval"]]),
        Case(tree=CHAIN, switches=[["net", "eval"], ["net.a.a.a", "train"]]),
        Case(tree=HOLLOW, switches=[["net", "eval"], ["net.a", "train"], ["net.a.b", "eval"]]),
    ),
    expect=expect_modes,
    weight=3,
)
def switches_modes_of_deep_trees(
    mt: Minitorch, tree: dict[str, Any], switches: list[list[str]]
) -> Any:
    """`train` and `eval` reach every module below, however deep, and no other."""
    modules = dict(modules_of(plant(mt, mt.Module(), tree), tree))
    for path, mode in switches:
        getattr(modules[path], mode)()
    return {path: module.training for path, module in modules.items()}


def expect_apart(first: dict[str, Any], second: dict[str, Any]) -> list[Any]:
    """Return names and modes of two networks, of which the first was told to evaluate."""
    return [
        {"values": dict(parameters_of(first)), "modes": dict.fromkeys(paths_of(first), False)},
        {"values": dict(parameters_of(second)), "modes": dict.fromkeys(paths_of(second), True)},
    ]


@property_check(
    cases={"first": module_trees(4), "second": module_trees(4, first=100)},
    examples=(Case(first={"p": 1.0, "a": {"q": 2.0}}, second={"p": 3.0, "b": {"q": 4.0}}),),
    expect=expect_apart,
    weight=2,
)
def keeps_two_networks_apart(mt: Minitorch, first: dict[str, Any], second: dict[str, Any]) -> Any:
    """Two networks that live at once share neither parameters nor modes."""
    trees = [first, second]
    nets = [plant(mt, mt.Module(), tree) for tree in trees]
    nets[0].eval()
    return [
        {
            "values": {name: parameter.value for name, parameter in pairs(net)},
            "modes": {path: module.training for path, module in modules_of(net, tree)},
        }
        for net, tree in zip(nets, trees, strict=True)
    ]
