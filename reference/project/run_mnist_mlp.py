"""Train a network of two linear layers to read digits, for comparison with task 4.5's.

It has far more parameters than the convolutional one, 101,770 against 26,146::

    python project/run_mnist_mlp.py --DATA project/data

Source: https://minitorch.github.io/module4/module4/
"""

from __future__ import annotations

import math

import minitorch
from run_mnist_multiclass import BACKEND, CLASSES, SIDE, run

HIDDEN = 128
BRIGHTEST = 255.0


class Linear(minitorch.Module):
    """A linear layer whose weights start as far from 0 as ReLU wants them (He et al., 2015)."""

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        reach = math.sqrt(6 / in_size)
        weights = minitorch.rand((in_size, out_size), backend=BACKEND)
        self.weights = minitorch.Parameter((weights * 2.0 - 1.0) * reach)
        self.bias = minitorch.Parameter(minitorch.zeros((out_size,), backend=BACKEND))

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return the outputs, (batch, out_size), of the inputs, (batch, in_size)."""
        return x @ self.weights.value + self.bias.value


class Network(minitorch.Module):
    """Flatten; 128 units with ReLU; dropout of a fifth; 10 units; the logarithm of softmax."""

    def __init__(self) -> None:
        super().__init__()
        self.linear1 = Linear(SIDE * SIDE, HIDDEN)
        self.linear2 = Linear(HIDDEN, CLASSES)

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return the logarithms of the classes' probabilities, (batch, 10)."""
        flat = x.view(x.shape[0], SIDE * SIDE) * (1 / BRIGHTEST)
        hidden = self.linear1.forward(flat).relu()
        hidden = minitorch.dropout(hidden, 0.2, ignore=not self.training)
        return minitorch.logsoftmax(self.linear2.forward(hidden), dim=1)


if __name__ == "__main__":
    run("Train a network of linear layers on digits.", Network, rate=0.1)
