"""Task 4.7, hidden: names that meet again in other modules, other orders, and what learns on."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import gradient, tensor, values

from ..oracles import arranged

PLACES = ("encoder", "encoder.inner", "decoder", "decoder.inner", "")


def trees() -> Cases:
    """Draw ``numbers`` for the same two names in each of a few modules, and a ``rate``.

    They are no quarters, so that a number of few digits is another number. Many have one
    shape, so that nothing but its name says where an array belongs.
    """

    def make(source: Bytes) -> dict[str, Any]:
        shape, few = source.shape(1, 3, 12), 2 + source.below(len(PLACES) - 1)
        names = [f"{place}.{leaf}".strip(".") for place in PLACES[-few:] for leaf in ("w", "b")]
        shapes = [shape if source.below(3) else source.shape(1, 2, 6) for _ in names]
        return {
            "numbers": {
                name: source.numbers(sides, steps(-10, 10)) / 3
                for name, sides in zip(names, shapes, strict=True)
            },
            "rate": (1 + source.below(4)) / 16,
        }

    return drawn(make, 60)


def grown(mt: Minitorch, numbers: dict[str, np.ndarray]) -> tuple[Any, dict[str, Any]]:
    """Return a tree of modules with a parameter for each array, and the parameters by names."""
    modules: dict[str, Any] = {"": mt.Module()}
    found = {}
    for name, array in numbers.items():
        place, _, leaf = name.rpartition(".")
        way = place.split(".") if place else []
        for depth, step in enumerate(way):
            here = ".".join(way[: depth + 1])
            if here not in modules:
                modules[here] = mt.Module()
                setattr(modules[".".join(way[:depth])], step, modules[here])
        found[name] = mt.Parameter(tensor(mt, array))
        setattr(modules[place], leaf, found[name])
    return modules[""], found


def expect_learned(numbers: dict[str, np.ndarray], rate: float) -> dict[str, Any]:
    """Return what is loaded, and what one step on from there leads to."""
    return {
        "state": numbers,
        "loaded": numbers,
        "grads": {name: 2 * array for name, array in numbers.items()},
        "learned": {name: array - rate * 2 * array for name, array in numbers.items()},
        "first": numbers,
    }


@property_check(
    cases=trees(),
    examples=(
        Case(
            numbers={"left.w": arranged(2, 3) / 3, "right.w": arranged(2, 3) / 7 - 1},
            rate=0.125,
        ),
        Case(
            numbers={"a.b.w": arranged(3) / 3, "b.w": -arranged(3) / 3, "w": arranged(3) / 9},
            rate=0.25,
        ),
    ),
    expect=expect_learned,
    count=30,
    jit=False,
)
def brings_back_by_name(mt: Minitorch, numbers: dict[str, np.ndarray], rate: float) -> Any:
    """`load_state_dict` goes by the names, in whatever order, and what it loads learns on."""
    save, load = mt.Module.state_dict, mt.Module.load_state_dict
    old, _ = grown(mt, numbers)
    kept = save(old)
    state = {name: np.array(kept[name]) for name in reversed(list(kept))}
    new, parameters = grown(mt, {name: 0 * array - 1 for name, array in numbers.items()})
    load(new, state)
    loaded = {name: values(parameter.value) for name, parameter in parameters.items()}
    for parameter in parameters.values():
        (parameter.value * parameter.value).sum().backward()
    grads = {name: gradient(parameter.value) for name, parameter in parameters.items()}
    for name, parameter in parameters.items():
        slopes = grads[name]
        if slopes is not None:
            parameter.update(tensor(mt, loaded[name] - rate * slopes))
    return {
        "state": state,
        "loaded": loaded,
        "grads": grads,
        "learned": {name: np.array(array) for name, array in save(new).items()},
        "first": {name: np.array(array) for name, array in save(old).items()},
    }
