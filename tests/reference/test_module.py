"""The reference's tree of modules, against a plain tree of dictionaries."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

names = st.sampled_from(["a", "b", "c", "weight", "bias"])
trees = st.recursive(
    st.dictionaries(names, st.integers(), max_size=3),
    lambda inner: st.dictionaries(names, st.integers() | inner, max_size=4),
    max_leaves=12,
)


def build(mt: Any, tree: dict[str, Any]) -> Any:
    module = mt.Module()
    for name, value in tree.items():
        setattr(module, name, build(mt, value) if isinstance(value, dict) else mt.Parameter(value))
    return module


def flat(tree: dict[str, Any], prefix: str = "") -> dict[str, int]:
    pairs: dict[str, int] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            pairs |= flat(value, f"{prefix}{name}.")
        else:
            pairs[prefix + name] = value
    return pairs


def everyone(module: Any) -> list[Any]:
    return [module, *(below for child in module.modules() for below in everyone(child))]


@given(tree=trees)
def test_parameters_of_a_tree(mt: Any, tree: dict[str, Any]) -> None:
    module = build(mt, tree)
    named = module.named_parameters()
    assert len(named) == len(flat(tree))
    assert {name: parameter.value for name, parameter in named} == flat(tree)
    assert list(module.parameters()) == [parameter for _, parameter in named]


@given(tree=trees)
def test_train_and_eval_reach_everyone(mt: Any, tree: dict[str, Any]) -> None:
    module = build(mt, tree)
    assert all(m.training for m in everyone(module))
    module.eval()
    assert not any(m.training for m in everyone(module))
    module.train()
    assert all(m.training for m in everyone(module))


def test_modules_are_the_direct_children(mt: Any) -> None:
    module = build(mt, {"a": {"b": {}}, "c": {}, "weight": 1})
    assert module.modules() == [module.a, module.c]


def test_add_parameter(mt: Any) -> None:
    module = mt.Module()
    parameter = module.add_parameter("weight", 2.5)
    assert module.weight is parameter
    assert (parameter.name, parameter.value) == ("weight", 2.5)
    assert module.named_parameters() == [("weight", parameter)]


def test_a_name_belongs_to_what_was_assigned_last(mt: Any) -> None:
    module = build(mt, {"a": 1, "b": 2, "c": {"a": 3}})
    module.a = module.c
    module.b = "plain"
    module.c = mt.Parameter(4)
    assert {name: p.value for name, p in module.named_parameters()} == {"a.a": 3, "c": 4}
    assert module.b == "plain"
    module.b = mt.Parameter(5)
    assert module.b.value == 5


def test_assigning_again_keeps_the_order(mt: Any) -> None:
    module = build(mt, {"a": 1, "b": 2})
    module.a = mt.Parameter(3)
    assert [(name, p.value) for name, p in module.named_parameters()] == [("a", 3), ("b", 2)]


def test_unknown_names_are_errors(mt: Any) -> None:
    with pytest.raises(AttributeError, match="Module has no attribute 'mode'"):
        _ = mt.Module().mode
    with pytest.raises(AttributeError, match="'forward'"):
        mt.Module()()


def test_forgetting_super_is_told(mt: Any) -> None:
    class Forgetful(mt.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            self.weight = mt.Parameter(1)

    with pytest.raises(AttributeError, match=r"Forgetful\.weight yet: call super"):
        Forgetful()


def test_calling_runs_forward(mt: Any) -> None:
    class Plus(mt.Module):  # type: ignore[misc]
        def forward(self, x: float, *, y: float) -> float:
            return x + y

    assert Plus()(1.0, y=2.0) == 3.0


def test_a_copy_stands_on_its_own(mt: Any) -> None:
    module = build(mt, {"a": {"b": 1}})
    twin = copy.deepcopy(module)
    twin.a.b.update(2)
    assert (module.a.b.value, twin.a.b.value) == (1, 2)


def test_a_parameter_starts_as_a_leaf(mt: Any) -> None:
    computed = mt.Scalar(1.0) * 3.0
    parameter = mt.Parameter(computed, "p")
    assert parameter.value.is_leaf()
    assert parameter.value.name == "p"
    parameter.update(mt.Scalar(4.0) + 1.0)
    assert parameter.value.is_leaf()
    assert parameter.value.data == 5.0


def test_the_tree_is_printed(mt: Any) -> None:
    text = repr(build(mt, {"a": {"b": {"x": 1}}, "c": {}}))
    assert text == "Module(\n  (a): Module(\n    (b): Module()\n  )\n  (c): Module()\n)"
