"""Task 3.5, hidden: wide layers one behind the other, and training on points nobody knows."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check, training_check
from minigrade.probing import (
    fast_backend,
    slopes_or_zeros,
    tensor,
    tensor_linear,
    tensor_linear_parameters,
    values,
)

from ...m2_tensors.hidden.task_2_5_training import expect_chain, shuffled
from ...m2_tensors.lesson import accuracy, replay
from ...m2_tensors.task_2_5_training import layers
from ..lesson import STEPS, set_up

LAYERS = ("layer1", "layer2", "layer3")


@property_check(
    cases=layers(8, 5),
    examples=(
        Case(
            weights=np.arange(300.0).reshape(3, 100) % 17 / 4 - 2,
            bias=np.arange(100.0) % 7 / 4,
            inputs=np.array([[1.0, 2.0, -0.5], [3.0, 5.0, 0.25]]),
            d=np.arange(200.0).reshape(2, 100) % 5 / 4 - 0.5,
        ),
    ),
    expect=expect_chain,
    count=40,
    weight=2,
    jit=True,
)
def chains_two_layers(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> Any:
    """Compiled, layers of all shapes follow one another, and derivatives find their way back."""
    fast = fast_backend(mt)
    first = tensor_linear(mt, weights, bias, fast)
    second = tensor_linear(mt, weights.T, inputs[0], fast)
    middle = first.forward(tensor(mt, inputs, constant=True, backend=fast))
    outputs = second.forward(middle)
    outputs.backward(tensor(mt, d @ weights.T, constant=True, backend=fast))
    slopes = [
        list(tensor_linear_parameters(mt, layer, shape, slopes_or_zeros, fast))
        for layer, shape in ((first, weights.shape), (second, weights.T.shape))
    ]
    return {
        "middle": values(middle),
        "outputs": values(outputs),
        "first": slopes[0],
        "second": slopes[1],
    }


@training_check(
    each=tuple(STEPS),
    setup=lambda name, rng: shuffled(set_up(name, rng), rng),
    replay=replay,
    score=accuracy,
    threshold=0.9,
    chunks=5,
    weight=3,
    jit=True,
)
def learns_unknown_points(
    mt: Minitorch,
    _name: str,
    params: dict[str, np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> Any:
    """Compiled, three layers learn to tell points apart that were never seen before."""
    network, fast = mt.Module(), fast_backend(mt)
    for layer in LAYERS:
        weights, bias = params[f"{layer}.weights"], params[f"{layer}.bias"]
        setattr(network, layer, tensor_linear(mt, weights, bias, fast))
    optimizer, losses = mt.SGD(network.parameters(), rate), []
    for batch, label in zip(points, labels, strict=True):
        optimizer.zero_grad()
        signals = tensor(mt, batch, constant=True, backend=fast)
        for layer in (network.layer1, network.layer2):
            signals = layer.forward(signals).relu()
        wanted = tensor(mt, label, constant=True, backend=fast)
        error = wanted - network.layer3.forward(signals).sigmoid()
        loss = (error * error).mean()
        loss.backward()
        losses.append(float(values(loss)[0]))
        optimizer.step()
    learned: dict[str, np.ndarray] = {}
    for name in LAYERS:
        shape = params[f"{name}.weights"].shape
        found = tensor_linear_parameters(mt, getattr(network, name), shape, backend=fast)
        learned |= {f"{name}.weights": found[0], f"{name}.bias": found[1]}
    return {"params": learned, "losses": losses}
