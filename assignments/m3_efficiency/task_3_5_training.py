"""Task 3.5: train a network whose operations are compiled and run in parallel.

Write ``Linear.forward`` and ``Network.forward`` in ``project/run_fast_tensor.py``, as in
Task 2.5, but on a backend that is given, and with products of matrices if you like. Run it on
Simple, Split and Xor. What was built in 3.1 and 3.2 works together here: the operations, their
derivatives, SGD.

A layer is asked as Python first, so that a mistake is found before anything compiles. A
step and whole trainings run compiled, with the kernels that the checks of 3.1 and 3.2 have
kept. As in 2.5, parameters start from a fixed good place, the loss is the squared error,
as the years differ in `log`, and each step sees new points, 0.1 or more from the cut. Left
open: whether ``weights`` is kept as (in_size, out_size) or the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check, training_check
from minigrade.authoring.tensors import Bytes, Cases, drawn, steps
from minigrade.probing import (
    fast_backend,
    slopes_or_zeros,
    tensor,
    tensor_linear,
    tensor_linear_parameters,
    tensor_network,
    values,
)

from ..m2_tensors.lesson import accuracy, replay
from ..m2_tensors.task_2_5_training import expect_layer, layers
from .lesson import STEPS, expect_step, set_up, start

TASK = Task(
    "3.5",
    title="Training, compiled",
    points=10,
    hidden_points=3,
    files=("project/run_fast_tensor.py",),
    link="https://minitorch.github.io/module3/module3/",
)

LAYERS = ("layer1", "layer2", "layer3")


def read(mt: Minitorch, modules: Iterable[Any], params: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return the parameters of three layers, in the shapes of `params`."""
    found: dict[str, Any] = {}
    for layer, module in zip(LAYERS, modules, strict=True):
        shape = params[f"{layer}.weights"].shape
        weights, bias = tensor_linear_parameters(mt, module, shape, backend=fast_backend(mt))
        found |= {f"{layer}.weights": weights, f"{layer}.bias": bias}
    return found


def descend(
    mt: Minitorch,
    parameters: list[Any],
    predict: Callable[[Any], Any],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> list[float]:
    """Take a step of SGD for each batch of `points`; return the losses."""
    fast, optimizer, losses = fast_backend(mt), mt.SGD(parameters, rate), []
    for batch, label in zip(points, labels, strict=True):
        optimizer.zero_grad()
        wanted = tensor(mt, label, constant=True, backend=fast)
        found = predict(tensor(mt, batch, constant=True, backend=fast))
        if tuple(found.shape) != label.shape:  # the course's script takes any view of it
            found = found.contiguous().view(*label.shape)
        error = found - wanted
        loss = (error * error).sum() / float(len(label))
        loss.backward()
        losses.append(float(values(loss)[0]))
        optimizer.step()
    return losses


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
            weights=np.arange(12.0).reshape(2, 6) / 4,
            bias=np.arange(6.0),
            inputs=np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -3.0]]),
            d=np.arange(18.0).reshape(3, 6) / 4,
        ),
    ),
    expect=lambda **case: {**expect_layer(**case), "stays on its backend": True},
    count=60,
    weight=3,
    jit=False,
)
def computes_a_layer(
    mt: Minitorch, weights: np.ndarray, bias: np.ndarray, inputs: np.ndarray, d: np.ndarray
) -> Any:
    """`Linear.forward` gives the inputs times the weights plus the bias, on its backend."""
    fast = fast_backend(mt)
    layer, given = tensor_linear(mt, weights, bias, fast), tensor(mt, inputs, backend=fast)
    outputs = layer.forward(given)
    outputs.backward(tensor(mt, d, constant=True, backend=fast))
    slopes = tensor_linear_parameters(mt, layer, weights.shape, slopes_or_zeros, fast)
    return {
        "outputs": values(outputs),
        "inputs": values(given),
        "grads": [*slopes, slopes_or_zeros(given)],
        "stays on its backend": outputs.backend is fast,
    }


def networks() -> Cases:
    """Draw three layers and a batch of points, no `relu` of which is at its kink.

    Numbers are quarter steps, and biases 1/32 or 1/256 off them: no sum comes to 0.
    """

    def make(source: Bytes) -> dict[str, Any]:
        width, batch = 1 + source.below(4), 1 + source.below(5)
        sizes = {"layer1": (2, width), "layer2": (width, width), "layer3": (width, 1)}
        params: dict[str, np.ndarray] = {}
        for (layer, size), off in zip(sizes.items(), (1 / 32, 1 / 256, 0.0), strict=True):
            params[f"{layer}.weights"] = source.numbers(size, steps(-1, 1))
            params[f"{layer}.bias"] = source.numbers(size[1:], steps(-1, 1)) + off
        return {
            "params": params,
            "points": source.numbers((batch, 2), steps(-2, 2)),
            "labels": np.array([[float(source.below(2))] for _ in range(batch)]),
            "rate": 0.5,
        }

    return drawn(make, 20)


# As wide as the course has it.
WIDE = Case(
    params=start(100),
    points=np.arange(20.0).reshape(10, 2) * 7 % 20 / 20,
    labels=np.array([[1.0], [0.0]] * 5),
    rate=0.05,
)


@property_check(
    cases=networks(),
    examples=(WIDE,),
    expect=expect_step,
    count=30,
    weight=2,
    jit=True,
    compiles=True,
)
def takes_a_step(
    mt: Minitorch,
    params: dict[str, np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> Any:
    """Compiled, a step of SGD through `Network` moves each parameter as calculus says."""
    pairs = [(params[f"{layer}.weights"], params[f"{layer}.bias"]) for layer in LAYERS]
    network = tensor_network(mt, pairs, fast_backend(mt))
    taken = (points[None], labels[None], rate)
    losses = descend(mt, network.parameters(), network.forward, *taken)
    return {"params": read(mt, network.modules(), params), "losses": losses}


@training_check(
    each=tuple(STEPS),
    setup=set_up,
    replay=replay,
    score=accuracy,
    threshold=0.9,
    chunks=5,
    weight=5,
    jit=True,
)
def learns_a_data_set(
    mt: Minitorch,
    _name: str,
    params: dict[str, np.ndarray],
    points: np.ndarray,
    labels: np.ndarray,
    rate: float,
) -> Any:
    """Compiled, three layers of `Linear` learn to tell points apart, step by step as SGD says."""
    network, fast = mt.Module(), fast_backend(mt)
    for layer in LAYERS:
        weights, bias = params[f"{layer}.weights"], params[f"{layer}.bias"]
        setattr(network, layer, tensor_linear(mt, weights, bias, fast))

    def predict(batch: Any) -> Any:
        first = network.layer1.forward(batch).relu()
        return network.layer3.forward(network.layer2.forward(first).relu()).sigmoid()

    losses = descend(mt, network.parameters(), predict, points, labels, rate)
    trained = [getattr(network, layer) for layer in LAYERS]
    return {"params": read(mt, trained, params), "losses": losses}
