"""Task 2.5: train a network of Tensors to classify points.

Run this from the repository, and keep what it prints as your log::

    python project/run_tensor.py --DATASET xor --HIDDEN 10 | tee xor.txt

Source: https://minitorch.github.io/module2/module2/
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

import minitorch
from minitorch.datasets import Graph, datasets


def RParam(*shape: int) -> minitorch.Parameter:  # noqa: N802  # the course's name
    """Return a parameter of random numbers between -1 and 1."""
    return minitorch.Parameter(2 * (minitorch.rand(shape) - 0.5))


class Linear(minitorch.Module):
    """A linear layer of Tensors: ``weights`` of shape (in_size, out_size), ``bias`` of (out_size,).

    Args:
        in_size: how many inputs.
        out_size: how many outputs.
    """

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.weights = RParam(in_size, out_size)
        self.bias = RParam(out_size)
        self.out_size = out_size

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Compute the outputs of a batch, without a matrix product, which comes later.

        Args:
            x: the inputs, of shape (batch, in_size).

        Returns:
            The outputs, of shape (batch, out_size): each the sum of all inputs, times their
            weights, plus the bias. Broadcasting makes the pairs, and `sum` adds them up.
        """
        # SOLUTION 2.5
        batch, in_size = x.shape
        weights = self.weights.value.view(1, in_size, self.out_size)
        products = x.view(batch, in_size, 1) * weights
        return products.sum(1).view(batch, self.out_size) + self.bias.value
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

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return how sure the network is that each point of ``x``, (batch, 2), is of class 1."""
        # SOLUTION 2.5
        first = self.layer1.forward(x).relu()
        second = self.layer2.forward(first).relu()
        return self.layer3.forward(second).sigmoid()
        # END SOLUTION


LogFunction = Callable[[int, float, int, list[float]], None]


def default_log_fn(epoch: int, total_loss: float, correct: int, _losses: list[float]) -> None:
    """Print one line of the log. Another function may want the losses of all epochs so far."""
    print(f"Epoch {epoch:4d}  loss {total_loss:9.4f}  correct {correct}", flush=True)


class TensorTrain:
    """A network of Tensors, and how to train it.

    Args:
        hidden_layers: how wide the network is.
    """

    def __init__(self, hidden_layers: int) -> None:
        self.hidden_layers = hidden_layers
        self.model = Network(hidden_layers)

    def run_one(self, x: Sequence[float]) -> minitorch.Tensor:
        """Return how sure the model is that the point `x` is of class 1, as shape (1, 1)."""
        return self.model.forward(minitorch.tensor([x]))

    def run_many(self, points: Sequence[Sequence[float]]) -> minitorch.Tensor:
        """Return how sure the model is of each of several points, as shape (points, 1)."""
        return self.model.forward(minitorch.tensor(points))

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
        points = minitorch.tensor(data.X)
        labels = minitorch.tensor(data.y)
        losses: list[float] = []
        for epoch in range(1, max_epochs + 1):
            optim.zero_grad()
            out = self.model.forward(points).view(data.N)
            # The part of each point that went to its own class.
            right = out * labels + (1.0 - out) * (1.0 - labels)
            loss = -right.log().sum()
            (loss / data.N).backward()
            optim.step()
            losses.append(loss.item())
            if epoch % 10 == 0 or epoch == max_epochs:
                correct = int(((out.detach() > 0.5) == labels).sum().item())
                log_fn(epoch, losses[-1], correct, losses)


def main() -> None:
    """Read the flags, train, and print the log."""
    parser = argparse.ArgumentParser(description="Train a network of Tensors.")
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
    TensorTrain(args.HIDDEN).train(data, args.RATE, args.EPOCHS)
    epoch_s = (time.perf_counter() - start_s) / max(1, args.EPOCHS)
    print(f"Time per epoch: {epoch_s:.3f} s")


if __name__ == "__main__":
    main()
