"""Task 2.5, hidden: wider layers, a chain of two, and training on points nobody knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Lesson, Minitorch, property_check, training_check
from minigrade.probing import (
    slopes_or_zeros,
    tensor,
    tensor_linear,
    tensor_linear_parameters,
    values,
)

from ..lesson import accuracy, replay, set_up
from ..task_2_5_training import layers

LAYERS = ("layer1", "layer2", "layer3")


def expect_chain(
    weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> dict[str, Any]:
    """Return a layer's outputs, those of its transpose behind it, and all derivatives."""
    middle = inputs @ weights + bias
    through = (d @ weights.T) @ weights
    return {
        "middle": middle,
        "outputs": middle @ weights.T + inputs[0],
        "first": [inputs.T @ through, through.sum(0)],
        "second": [middle.T @ (d @ weights.T), (d @ weights.T).sum(0)],
    }


@property_check(
    cases=layers(8, 5),
    examples=(
        Case(
            weights=np.arange(6.0).reshape(2, 3),
            bias=np.arange(3.0),
            inputs=np.array([[1.0, 2.0], [3.0, 5.0]]),
            d=np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
        ),
    ),
    expect=expect_chain,
    count=40,
    weight=2,
)
def chains_two_layers(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> Any:
    """Layers of all shapes follow one another, and derivatives find their way back."""
    first = tensor_linear(mt, weights, bias)
    second = tensor_linear(mt, weights.T, inputs[0])
    middle = first.forward(tensor(mt, inputs, constant=True))
    outputs = second.forward(middle)
    outputs.backward(tensor(mt, d @ weights.T, constant=True))
    return {
        "middle": values(middle),
        "outputs": values(outputs),
        "first": list(tensor_linear_parameters(mt, first, weights.shape, slopes_or_zeros)),
        "second": list(tensor_linear_parameters(mt, second, weights.T.shape, slopes_or_zeros)),
    }


def shuffled(lesson: Lesson, rng: np.random.Generator) -> Lesson:
    """Return a lesson with the units of both inner layers in another order."""
    known = lesson.params
    first, second = (rng.permutation(len(known[f"layer{i}.bias"])) for i in (1, 2))
    return Lesson(
        params={
            "layer1.weights": known["layer1.weights"][:, first],
            "layer1.bias": known["layer1.bias"][first],
            "layer2.weights": known["layer2.weights"][np.ix_(first, second)],
            "layer2.bias": known["layer2.bias"][second],
            "layer3.weights": known["layer3.weights"][second],
            "layer3.bias": known["layer3.bias"],
        },
        batches=lesson.batches,
        constants=lesson.constants,
        exam=lesson.exam,
    )


@training_check(
    each=("Simple", "Diag", "Xor"),
    setup=lambda name, rng: shuffled(set_up(name, rng), rng),
    replay=replay,
    score=accuracy,
    threshold=0.9,
    chunks=6,
    weight=3,
)
def learns_unknown_points(
    mt: Minitorch,
    _name: str,
    params: dict[str, np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> Any:
    """Three layers of `Linear` learn to tell points apart that were never seen before."""
    network = mt.Module()
    for layer in LAYERS:
        weights, bias = params[f"{layer}.weights"], params[f"{layer}.bias"]
        setattr(network, layer, tensor_linear(mt, weights, bias))
    optimizer, losses = mt.SGD(network.parameters(), rate), []
    for batch, label in zip(points, labels, strict=True):
        optimizer.zero_grad()
        signals = tensor(mt, batch, constant=True)
        for layer in (network.layer1, network.layer2):
            signals = layer.forward(signals).relu()
        error = tensor(mt, label, constant=True) - network.layer3.forward(signals).sigmoid()
        loss = (error * error).mean()
        loss.backward()
        losses.append(float(values(loss)[0]))
        optimizer.step()
    learned: dict[str, np.ndarray] = {}
    for layer_name in LAYERS:
        shape = params[f"{layer_name}.weights"].shape
        weights, bias = tensor_linear_parameters(mt, getattr(network, layer_name), shape)
        learned |= {f"{layer_name}.weights": weights, f"{layer_name}.bias": bias}
    return {"params": learned, "losses": losses}
