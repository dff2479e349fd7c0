"""Task 0.5: classify points by a line, whose weights you find by hand.

A point is of class 1 where ``w0 * x_1 + w1 * x_2 + bias`` is greater than 0. Run this
from the repository, with other weights until all points are right::

    python project/run_manual.py --DATASET simple --WEIGHTS 1 0 --BIAS -0.25

The picture has a letter for each point: ``o`` for class 0 and ``x`` for class 1, and
a capital one where the line is wrong.

Source: https://minitorch.github.io/module0/module0/
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence

import minitorch
from minitorch.datasets import Graph, datasets

WIDTH, HEIGHT = 40, 20


class Linear(minitorch.Module):
    """A linear layer of plain numbers: ``output_j = bias_j + sum of input_i * weight_i_j``.

    Args:
        in_size: how many inputs.
        out_size: how many outputs.
    """

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.weights = [
            [
                self.add_parameter(f"weight_{i}_{j}", 2 * (random.random() - 0.5))
                for j in range(out_size)
            ]
            for i in range(in_size)
        ]
        self.bias = [
            self.add_parameter(f"bias_{j}", 2 * (random.random() - 0.5)) for j in range(out_size)
        ]

    def forward(self, inputs: Sequence[float]) -> list[float]:
        """Return the outputs."""
        outputs = [bias.value for bias in self.bias]
        for x, weights in zip(inputs, self.weights, strict=True):
            for j, weight in enumerate(weights):
                outputs[j] += x * weight.value
        return outputs


class Network(minitorch.Module):
    """One linear layer with one output, between 0 and 1."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = Linear(2, 1)

    def forward(self, x: Sequence[float]) -> float:
        """Return how sure the network is that the point `x` is of class 1."""
        return minitorch.operators.sigmoid(self.linear(x)[0])


class ManualTrain:
    """A model, and a person who trains it."""

    def __init__(self) -> None:
        self.model = Network()

    def set_weights(self, w0: float, w1: float, bias: float) -> None:
        """Replace the weights of the line."""
        linear = self.model.linear
        for parameter, value in zip(linear.parameters(), (w0, w1, bias), strict=True):
            parameter.update(value)

    def run_one(self, x: Sequence[float]) -> float:
        """Return how sure the model is that the point `x` is of class 1."""
        return float(self.model(x))

    def right(self, data: Graph) -> list[bool]:
        """Return for each point whether the model puts it into its class."""
        return [(self.run_one(x) > 0.5) == bool(y) for x, y in zip(data.X, data.y, strict=True)]


def picture(data: Graph, right: Sequence[bool]) -> str:
    """Draw the points; the wrong ones are capital letters, on top of the others."""
    rows = [["."] * WIDTH for _ in range(HEIGHT)]
    for is_right, (x_1, x_2), y in sorted(zip(right, data.X, data.y, strict=True), reverse=True):
        letter = "ox"[y] if is_right else "OX"[y]
        column = min(WIDTH - 1, int(x_1 * WIDTH))
        row = min(HEIGHT - 1, int((1 - x_2) * HEIGHT))
        rows[row][column] = letter
    return "\n".join("".join(row) for row in rows)


def main() -> None:
    """Read the flags, and say how good the weights are."""
    parser = argparse.ArgumentParser(description="Classify points by a line.")
    parser.add_argument("--PTS", type=int, default=50, help="number of points")
    parser.add_argument(
        "--DATASET", type=str.capitalize, choices=list(datasets), default="Simple", help="data set"
    )
    parser.add_argument("--WEIGHTS", type=float, nargs=2, metavar=("W0", "W1"), default=(1.0, 1.0))
    parser.add_argument("--BIAS", type=float, default=-0.5)
    parser.add_argument("--SEED", type=int, default=100, help="which points are drawn")
    args = parser.parse_args()

    random.seed(args.SEED)
    data = datasets[args.DATASET](args.PTS)
    trainer = ManualTrain()
    w0, w1 = args.WEIGHTS
    trainer.set_weights(w0, w1, args.BIAS)
    right = trainer.right(data)
    print(picture(data, right))
    print(f"{args.DATASET}: {sum(right)} of {data.N} points are right")


if __name__ == "__main__":
    main()
