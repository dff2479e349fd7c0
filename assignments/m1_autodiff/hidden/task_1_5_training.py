"""Task 1.5, hidden: wider layers, their derivatives, and training on points nobody knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Lesson, Minitorch, property_check, training_check
from minigrade.probing import derivative, linear, linear_parameters, number

from ..task_1_5_training import accuracy, layers, replay, set_up


@property_check(
    cases=layers(8),
    examples=(Case(weights=np.eye(8), bias=np.arange(8.0), inputs=[1.0] * 8),),
    expect=lambda weights, bias, inputs: list(np.array(inputs) @ weights + bias),
    count=60,
)
def computes_a_wide_layer(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: list[float]
) -> Any:
    """`Linear.forward` is right for layers of all shapes."""
    outputs = linear(mt, weights, bias).forward([mt.Scalar(value) for value in inputs])
    return [number(output) for output in outputs]


def expect_slopes(weights: np.ndarray, bias: np.ndarray, inputs: list[float]) -> dict[str, Any]:
    """Return the derivatives of the first output plus twice the second, and so on."""
    share = np.arange(len(bias)) + 1.0
    return {
        "weights": np.outer(inputs, share),
        "bias": share,
        "inputs": list(weights @ share),
    }


@property_check(
    cases=layers(4),
    examples=(Case(weights=np.eye(3), bias=np.zeros(3), inputs=[1.0, 2.0, 3.0]),),
    expect=expect_slopes,
    count=60,
)
def sends_derivatives_back(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: list[float]
) -> Any:
    """Derivatives reach weights, bias and inputs: `forward` computes with the parameters."""
    layer, scalars = linear(mt, weights, bias), [mt.Scalar(value) for value in inputs]
    for i, output in enumerate(layer.forward(scalars)):
        (output * (i + 1.0)).backward()
    weight_slopes, bias_slopes = linear_parameters(layer, weights.shape, derivative)
    return {
        "weights": weight_slopes,
        "bias": bias_slopes,
        "inputs": [derivative(scalar) for scalar in scalars],
    }


def set_up_shuffled(name: str, rng: np.random.Generator) -> Lesson:
    """Set up the public lesson on other points, with the units of both layers in other order."""
    lesson = set_up(name, rng)
    first, second = rng.permutation(5), rng.permutation(5)
    start = lesson.params
    return Lesson(
        params={
            "layer1.weights": start["layer1.weights"][:, first],
            "layer1.bias": start["layer1.bias"][first],
            "layer2.weights": start["layer2.weights"][np.ix_(first, second)],
            "layer2.bias": start["layer2.bias"][second],
            "layer3.weights": start["layer3.weights"][second],
            "layer3.bias": start["layer3.bias"],
        },
        batches=lesson.batches,
        constants=lesson.constants,
        exam=lesson.exam,
    )


@training_check(
    each=("Simple", "Diag", "Split", "Xor"),
    setup=set_up_shuffled,
    replay=replay,
    score=accuracy,
    threshold=0.9,
    weight=4,
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
    for layer in ("layer1", "layer2", "layer3"):
        weights, bias = params[f"{layer}.weights"], params[f"{layer}.bias"]
        setattr(network, layer, linear(mt, weights, bias))
    optimizer, losses = mt.SGD(network.parameters(), rate), []
    for batch, label in zip(points, labels, strict=True):
        optimizer.zero_grad()
        total = mt.Scalar(0.0)
        for point, wanted in zip(batch.tolist(), label.tolist(), strict=True):
            signals = [mt.Scalar(value) for value in point]
            signals = [signal.relu() for signal in network.layer1.forward(signals)]
            signals = [signal.relu() for signal in network.layer2.forward(signals)]
            error = network.layer3.forward(signals)[0].sigmoid() - wanted
            total = total + error * error
        loss = total / float(len(label))
        loss.backward()
        losses.append(number(loss))
        optimizer.step()
    learned: dict[str, np.ndarray] = {}
    for layer in ("layer1", "layer2", "layer3"):
        shape = params[f"{layer}.weights"].shape
        weights, bias = linear_parameters(getattr(network, layer), shape)
        learned |= {f"{layer}.weights": weights, f"{layer}.bias": bias}
    return {"params": learned, "losses": losses}
