"""The reference's parameters: trained, written to a file, and read again; data in batches."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st


@pytest.fixture
def make(mt: Any) -> Any:
    """Return a function that makes a tree with parameters of all kinds."""

    def make_one(start: float) -> Any:
        class Leaf(mt.Module):
            def __init__(self) -> None:
                super().__init__()
                self.weights = mt.Parameter(mt.tensor([[start, 2.0], [3.0, 4.0]]))
                self.add_parameter("bias", mt.Scalar(start + 1))

        root = mt.Module()
        root.child = Leaf()
        root.rate = mt.Parameter(start + 2)
        return root

    return make_one


def test_a_file_keeps_all_parameters(mt: Any, make: Any, tmp_path: Path) -> None:
    old, new = make(10.0), make(20.0)
    state = old.state_dict()
    assert {name: array.tolist() for name, array in state.items()} == {
        "rate": 12.0,
        "child.weights": [[10.0, 2.0], [3.0, 4.0]],
        "child.bias": 11.0,
    }
    np.savez(tmp_path / "model.npz", **state)
    weights, bias = new.child.weights, new.child.bias
    with np.load(tmp_path / "model.npz") as read:
        new.load_state_dict(read)
    assert new.child.weights is weights
    assert weights.value.to_numpy().tolist() == [[10, 2], [3, 4]]
    assert weights.value.is_leaf()
    assert weights.value.backend is mt.SimpleBackend
    assert (bias.value.data, bias.value.is_leaf(), bias.value.name) == (11.0, True, "bias")
    assert new.rate.value == 12.0


def test_a_state_is_a_copy(mt: Any, make: Any) -> None:
    model = make(1.0)
    state = model.state_dict()
    model.load_state_dict(state)
    state["child.weights"][0, 0] = 7.0
    model.child.weights.value[0, 1] = 8.0
    assert model.child.weights.value[0, 0] == 1.0
    assert state["child.weights"][0, 1] == 2.0
    turned = {**state, "child.weights": state["child.weights"].T}
    model.load_state_dict(turned)
    assert model.child.weights.value.to_numpy().tolist() == turned["child.weights"].tolist()


def test_a_wrong_state_changes_nothing(mt: Any, make: Any) -> None:
    model, state = make(1.0), make(9.0).state_dict()
    before = repr(model.state_dict())
    with pytest.raises(KeyError, match=r"lacks \['rate'\], .* called \['other'\]"):
        model.load_state_dict({**{k: v for k, v in state.items() if k != "rate"}, "other": 1.0})
    with pytest.raises(ValueError, match=r"rate has shape \(\), but the state has \(3,\)"):
        model.load_state_dict({**state, "rate": np.zeros(3)})
    with pytest.raises(ValueError, match=r"child.weights has shape \(2, 2\), .* \(4,\)"):
        model.load_state_dict({**state, "child.weights": np.zeros(4)})
    assert repr(model.state_dict()) == before


def test_a_step_against_the_derivative(mt: Any) -> None:
    weight = mt.Parameter(mt.tensor([1.0, 2.0]), "w")
    idle = mt.Parameter(mt.tensor([5.0]))
    optimizer = mt.SGD([weight, idle], lr=0.5)
    optimizer.step()
    for expected in ([0.0, 0.0], [0.0, 0.0]):
        optimizer.zero_grad()
        assert weight.value.grad is None
        (weight.value * weight.value).sum().backward()
        optimizer.step()
        assert weight.value.to_numpy().tolist() == expected
        assert weight.value.is_leaf()
        assert weight.value.name == "w"
    assert idle.value.to_numpy().tolist() == [5.0]


def test_training_learns(mt: Any) -> None:
    """A line through points, by gradient descent with batches."""
    random.seed(4)
    xs = [[i / 10] for i in range(20)]
    ys = [3 * x - 1 for (x,) in xs]
    slope = mt.Parameter(mt.rand((1, 1)))
    offset = mt.Parameter(mt.zeros((1,)))
    optimizer = mt.SGD([slope, offset], 0.1)
    for _ in range(200):
        for x, y in mt.Batches(5, xs, ys):
            optimizer.zero_grad()
            error = (mt.tensor(x) @ slope.value + offset.value).view(5) - mt.tensor(y)
            (error * error).mean().backward()
            optimizer.step()
    assert slope.value.item() == pytest.approx(3, abs=1e-3)
    assert offset.value.item() == pytest.approx(-1, abs=1e-3)


@given(count=st.integers(0, 12), size=st.integers(1, 5), shuffle=st.booleans())
def test_batches(mt: Any, count: int, size: int, shuffle: bool) -> None:
    names = [f"row {i}" for i in range(count)]
    rows = np.arange(2 * count).reshape(count, 2)
    batches = mt.Batches(size, rows, names, shuffle=shuffle)
    found = list(batches)
    assert len(found) == len(batches) == -(-count // size)
    assert [len(a) for a, _ in found] == [size] * (count // size) + [count % size] * (
        count % size > 0
    )
    pairs = [(int(row[0]) // 2, name) for a, b in found for row, name in zip(a, b, strict=True)]
    assert (sorted(pairs) if shuffle else pairs) == list(enumerate(names))


def test_batches_come_in_another_order(mt: Any) -> None:
    batches = mt.Batches(10, range(100))
    random.seed(1)
    first, second = list(batches), list(batches)
    random.seed(1)
    assert list(batches) == first != second
    for size, columns in ((0, [[1]]), (2, [[1], [1, 2]]), (2, [])):
        with pytest.raises(ValueError, match=f"cannot make batches of {size}"):
            mt.Batches(size, *columns)
