"""Task 2.5: train a network of Tensors.

Write ``Linear`` and ``Network`` in ``project/run_tensor.py``. ``Linear.forward``
takes inputs of shape (batch, in_size) and gives ``inputs @ weights + bias``, of shape
(batch, out_size), by broadcasting and adding up: the product of matrices comes later. All
that was built so far works together here: tensors, gradients, modules, SGD.

The course has three layers, with `relu` after the first two and `sigmoid` at the end, and
tells apart the points of a square that is cut in two. It is the same here but for three
things, made for a fair and quick verdict: parameters start from a fixed good place, the
loss is the squared error, as the years differ in `log`, and each step sees ten new points.
Points lie 0.1 or more from the cut. Left open: whether ``weights`` is kept as (in_size,
out_size) or the other way round.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check, training_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import (
    slopes_or_zeros,
    tensor,
    tensor_linear,
    tensor_linear_parameters,
    tensor_network,
    values,
)

from .lesson import STEPS, accuracy, expect_network, replay, set_up

TASK = Task(
    "2.5",
    title="Training",
    points=10,
    hidden_points=3,
    files=("project/run_tensor.py",),
    link="https://minitorch.github.io/module2/module2/",
)

LAYERS = ("layer1", "layer2", "layer3")


def layers(widest: int, most: int) -> Cases:
    """Draw a layer of up to `widest` inputs and outputs, and up to `most` rows of inputs."""

    def make(source: Bytes) -> dict[str, Any]:
        batch, inputs, outputs = (1 + source.below(side) for side in (most, widest, widest))
        return {
            "weights": source.numbers((inputs, outputs), steps(-5, 5)),
            "bias": source.numbers((outputs,), steps(-5, 5)),
            "inputs": source.numbers((batch, inputs), steps(-5, 5)),
            "d": source.numbers((batch, outputs), steps(-3, 3)),
        }

    return drawn(make)


def expect_layer(
    weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> dict[str, Any]:
    """Return the outputs, and the derivatives of all that they were computed from."""
    return {
        "outputs": inputs @ weights + bias,
        "inputs": inputs,
        "grads": [inputs.T @ d, d.sum(0), d @ weights.T],
    }


@property_check(
    cases=layers(4, 4),
    examples=(
        Case(
            weights=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
            bias=np.array([0.5, 0.25, 0.0]),
            inputs=np.array([[1.0, 10.0]]),
            d=np.array([[1.0, 2.0, 3.0]]),
        ),
        Case(
            weights=np.array([[1.0, 2.0], [3.0, 4.0]]),
            bias=np.array([0.5, 0.25]),
            inputs=np.array([[1.0, 0.0], [0.0, 1.0]]),
            d=np.array([[1.0, 2.0], [3.0, 4.0]]),
        ),
    ),
    expect=expect_layer,
    count=60,
    weight=3,
)
def computes_a_layer(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> Any:
    """`Linear.forward` gives the inputs times the weights plus the bias, row by row."""
    layer, given = tensor_linear(mt, weights, bias), tensor(mt, inputs)
    outputs = layer.forward(given)
    outputs.backward(tensor(mt, d, constant=True))
    slopes = tensor_linear_parameters(mt, layer, weights.shape, slopes_or_zeros)
    return {
        "outputs": values(outputs),
        "inputs": values(given),
        "grads": [*slopes, slopes_or_zeros(given)],
    }


def networks() -> Cases:
    """Draw three layers of one width, points, and a derivative for each.

    No input of a `relu` is 0: sums of products are whole multiples of 1/32 in the first layer
    and of 1/512 in the second, and biases lie between those.
    """

    def make(source: Bytes) -> dict[str, Any]:
        width, count = 2 + source.below(3), 1 + source.below(5)
        sides = ((2, width), (width, width), (width, 1))
        return {
            "weights": [source.numbers(side, steps(-2, 2)) / 2 for side in sides],
            "biases": [
                source.numbers(side[1:], steps(-2, 2)) / 2 + shift
                for side, shift in zip(sides, (1 / 64, 1 / 1024, 0), strict=True)
            ],
            "points": source.numbers((count, 2), steps(-2, 2)),
            "d": source.numbers((count,), steps(-3, 3)),
        }

    return drawn(make)


@property_check(cases=networks(), expect=expect_network, count=30)
def computes_a_network(
    mt: Minitorch, weights: list[np.ndarray], biases: list[np.ndarray], points: np.ndarray,
    d: np.ndarray,
) -> Any:  # fmt: skip
    """`Network` has three layers that learn, with `relu`, `relu` and `sigmoid` behind them."""
    network = tensor_network(mt, list(zip(weights, biases, strict=True)))
    sure = network.forward(tensor(mt, points, constant=True))
    sure.backward(tensor(mt, d.reshape(tuple(sure.shape)), constant=True))
    grads = [
        tensor_linear_parameters(mt, layer, weight.shape, slopes_or_zeros)
        for layer, weight in zip(network.modules(), weights, strict=True)
    ]
    return {"sure": values(sure).reshape(-1), "grads": grads}


@training_check(
    each=tuple(STEPS),
    setup=set_up,
    replay=replay,
    score=accuracy,
    threshold=0.9,
    chunks=6,
    weight=5,
)
def learns_a_data_set(
    mt: Minitorch,
    _name: str,
    params: dict[str, np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> Any:
    """Three layers of `Linear` learn to tell points apart, step by step as SGD says."""
    network = mt.Module()
    for layer in LAYERS:
        weights, bias = params[f"{layer}.weights"], params[f"{layer}.bias"]
        setattr(network, layer, tensor_linear(mt, weights, bias))
    optimizer, losses = mt.SGD(network.parameters(), rate), []
    for batch, label in zip(points, labels, strict=True):
        optimizer.zero_grad()
        signals = network.layer1.forward(tensor(mt, batch, constant=True)).relu()
        signals = network.layer2.forward(signals).relu()
        error = network.layer3.forward(signals).sigmoid() - tensor(mt, label, constant=True)
        loss = (error * error).sum() / float(len(label))
        loss.backward()
        losses.append(float(values(loss)[0]))
        optimizer.step()
    learned: dict[str, np.ndarray] = {}
    for layer in LAYERS:
        shape = params[f"{layer}.weights"].shape
        weights, bias = tensor_linear_parameters(mt, getattr(network, layer), shape)
        learned |= {f"{layer}.weights": weights, f"{layer}.bias": bias}
    return {"params": learned, "losses": losses}
