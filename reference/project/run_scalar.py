"""Task 1.5: train a network of Scalars to classify points.

Run this from the repository, and keep what it prints as your log::

    python project/run_scalar.py --DATASET xor --HIDDEN 10 | tee xor.txt

Source: https://minitorch.github.io/module1/module1/
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

import minitorch
from minitorch.datasets import Graph, datasets


class Linear(minitorch.Module):
    """A linear layer of Scalars.

    Args:
        in_size: how many inputs.
        out_size: how many outputs.

    The parameters are ``weights[i][j]``, from input `i` to output `j`, and ``bias[j]``.
    Their values are random numbers between -1 and 1.
    """

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.weights = [
            [self.add_parameter(f"weight_{i}_{j}", _random_scalar()) for j in range(out_size)]
            for i in range(in_size)
        ]
        self.bias = [self.add_parameter(f"bias_{j}", _random_scalar()) for j in range(out_size)]

    def forward(self, inputs: Sequence[minitorch.Scalar]) -> list[minitorch.Scalar]:
        r"""Compute the outputs: $output_j = bias_j + \sum_i input_i \cdot weight_{ij}$.

        Args:
            inputs: as many Scalars as the layer has inputs.

        Returns:
            As many Scalars as it has outputs. The Scalar in a parameter `p` is ``p.value``.
        """
        # SOLUTION 1.5
        outputs = [bias.value for bias in self.bias]
        for x, weights in zip(inputs, self.weights, strict=True):
            outputs = [y + x * w.value for y, w in zip(outputs, weights, strict=True)]
        return outputs
        # END SOLUTION


class Network(minitorch.Module):
    """Three linear layers: two of `hidden_layers` outputs with ReLU, and one of one output.

    Args:
        hidden_layers: how wide the two are.
    """

    def __init__(self, hidden_layers: int) -> None:
        super().__init__()
        self.layer1 = Linear(2, hidden_layers)
        self.layer2 = Linear(hidden_layers, hidden_layers)
        self.layer3 = Linear(hidden_layers, 1)

    def forward(self, x: Sequence[minitorch.Scalar]) -> minitorch.Scalar:
        """Return how sure the network is that the point `x` is of class 1."""
        first = [h.relu() for h in self.layer1.forward(x)]
        second = [h.relu() for h in self.layer2.forward(first)]
        return self.layer3.forward(second)[0].sigmoid()


LogFunction = Callable[[int, float, int, list[float]], None]


def default_log_fn(epoch: int, total_loss: float, correct: int, _losses: list[float]) -> None:
    """Print one line of the log. Another function may want the losses of all epochs so far."""
    print(f"Epoch {epoch:4d}  loss {total_loss:9.4f}  correct {correct}", flush=True)


class ScalarTrain:
    """A network of Scalars, and how to train it.

    Args:
        hidden_layers: how wide the network is.
    """

    def __init__(self, hidden_layers: int) -> None:
        self.hidden_layers = hidden_layers
        self.model = Network(hidden_layers)

    def run_one(self, x: Sequence[float]) -> minitorch.Scalar:
        """Return how sure the model is that the point `x` is of class 1."""
        x_1, x_2 = x
        return self.model.forward(
            (minitorch.Scalar(x_1, name="x_1"), minitorch.Scalar(x_2, name="x_2"))
        )

    def train(
        self,
        data: Graph,
        learning_rate: float,
        max_epochs: int = 500,
        log_fn: LogFunction = default_log_fn,
    ) -> None:
        """Train a new model by gradient descent, on all points at once.

        Args:
            data: the points and their classes.
            learning_rate: how far to go at each step.
            max_epochs: how many steps.
            log_fn: called every 10 epochs, and after the last one.
        """
        self.model = Network(self.hidden_layers)
        optim = minitorch.SGD(self.model.parameters(), learning_rate)
        losses: list[float] = []
        for epoch in range(1, max_epochs + 1):
            optim.zero_grad()
            total_loss, correct = self._backward_all(data)
            optim.step()
            losses.append(total_loss)
            if epoch % 10 == 0 or epoch == max_epochs:
                log_fn(epoch, total_loss, correct, losses)

    def _backward_all(self, data: Graph) -> tuple[float, int]:
        """Accumulate the derivatives of all points; return their loss and how many are right."""
        total_loss, correct = 0.0, 0
        for x, y in zip(data.X, data.y, strict=True):
            out = self.run_one(x)
            loss = -(out if y == 1 else 1.0 - out).log()
            (loss / data.N).backward()
            total_loss += loss.data
            correct += (out.data > 0.5) == (y == 1)
        return total_loss, correct


def _random_scalar() -> minitorch.Scalar:
    return minitorch.Scalar(2 * (random.random() - 0.5))


def main() -> None:
    """Read the flags, train, and print the log."""
    parser = argparse.ArgumentParser(description="Train a network of Scalars.")
    parser.add_argument("--PTS", type=int, default=50, help="number of points")
    parser.add_argument("--HIDDEN", type=int, default=2, help="width of the hidden layers")
    parser.add_argument("--RATE", type=float, default=0.5, help="learning rate")
    parser.add_argument("--EPOCHS", type=int, default=500, help="number of steps")
    parser.add_argument(
        "--DATASET", type=str.capitalize, choices=list(datasets), default="Simple", help="data set"
    )
    parser.add_argument("--SEED", type=int, help="draw the same points and weights again")
    args = parser.parse_args()

    random.seed(args.SEED)
    data = datasets[args.DATASET](args.PTS)
    print(f"{args.DATASET}: {data.N} points, hidden {args.HIDDEN}, rate {args.RATE}")
    start_s = time.perf_counter()
    ScalarTrain(args.HIDDEN).train(data, args.RATE, args.EPOCHS)
    epoch_s = (time.perf_counter() - start_s) / max(1, args.EPOCHS)
    print(f"Time per epoch: {epoch_s:.3f} s")


if __name__ == "__main__":
    main()
