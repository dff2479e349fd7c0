"""Task 3.5: train a network of Tensors whose operations run in parallel.

Run this from the repository, and keep what it prints as your log::

    python project/run_fast_tensor.py --BACKEND cpu --HIDDEN 100 --DATASET split --RATE 0.05

Source: https://minitorch.github.io/module3/module3/
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

import minitorch
from minitorch.datasets import Batches, Graph, datasets

BATCH = 10


def RParam(*shape: int, backend: minitorch.TensorBackend) -> minitorch.Parameter:  # noqa: N802
    """Return a parameter of random numbers between -0.5 and 0.5."""
    return minitorch.Parameter(minitorch.rand(shape, backend=backend) - 0.5)


class Linear(minitorch.Module):
    """A linear layer of Tensors: ``weights`` of shape (in_size, out_size), ``bias`` of (out_size,).

    Args:
        in_size: how many inputs.
        out_size: how many outputs.
        backend: computes the operations.
    """

    def __init__(self, in_size: int, out_size: int, backend: minitorch.TensorBackend) -> None:
        super().__init__()
        self.weights = RParam(in_size, out_size, backend=backend)
        self.bias = minitorch.Parameter(minitorch.zeros((out_size,), backend=backend) + 0.1)
        self.out_size = out_size

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return the outputs, (batch, out_size), of the inputs, (batch, in_size)."""
        # SOLUTION 3.5
        return x @ self.weights.value + self.bias.value
        # END SOLUTION


class Network(minitorch.Module):
    """Three linear layers: two of `hidden` outputs with ReLU, and one of one output.

    Args:
        hidden: how wide the two are.
        backend: computes the operations.
    """

    def __init__(self, hidden: int, backend: minitorch.TensorBackend) -> None:
        super().__init__()
        self.layer1 = Linear(2, hidden, backend)
        self.layer2 = Linear(hidden, hidden, backend)
        self.layer3 = Linear(hidden, 1, backend)

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return how sure the network is that each point of ``x``, (batch, 2), is of class 1."""
        # SOLUTION 3.5
        first = self.layer1.forward(x).relu()
        second = self.layer2.forward(first).relu()
        return self.layer3.forward(second).sigmoid()
        # END SOLUTION


LogFunction = Callable[[int, float, int, list[float]], None]


def default_log_fn(epoch: int, total_loss: float, correct: int, _losses: list[float]) -> None:
    """Print one line of the log. Another function may want the losses of all epochs so far."""
    print(f"Epoch {epoch:4d}  loss {total_loss:9.4f}  correct {correct}", flush=True)


class FastTrain:
    """A network of Tensors, and how to train it on batches.

    Args:
        hidden_layers: how wide the network is.
        backend: computes the operations; that of `FastOps` if there is none.
    """

    def __init__(self, hidden_layers: int, backend: minitorch.TensorBackend | None = None) -> None:
        self.hidden_layers = hidden_layers
        self.backend = backend or minitorch.TensorBackend(minitorch.FastOps)
        self.model = Network(hidden_layers, self.backend)

    def run_one(self, x: Sequence[float]) -> minitorch.Tensor:
        """Return how sure the model is that the point `x` is of class 1, as shape (1, 1)."""
        return self.run_many([x])

    def run_many(self, points: Sequence[Sequence[float]]) -> minitorch.Tensor:
        """Return how sure the model is of each of several points, as shape (points, 1)."""
        return self.model.forward(minitorch.tensor(points, backend=self.backend))

    def train(
        self,
        data: Graph,
        learning_rate: float,
        max_epochs: int = 500,
        log_fn: LogFunction = default_log_fn,
    ) -> None:
        """Train a new model on batches of 10 points, in a new order each epoch.

        Args:
            data: the points and their classes.
            learning_rate: how far to go at each step.
            max_epochs: how many times to go through the points.
            log_fn: called every 10 epochs, and after the last one.
        """
        self.model = Network(self.hidden_layers, self.backend)
        optim = minitorch.SGD(self.model.parameters(), learning_rate)
        losses: list[float] = []
        batches = Batches(BATCH, data.X, data.y)
        for epoch in range(1, max_epochs + 1):
            total_loss = 0.0
            for points, labels in batches:
                optim.zero_grad()
                loss = self._loss(points, labels)
                (loss / BATCH).backward()
                total_loss += loss.item()
                optim.step()
            losses.append(total_loss)
            if epoch % 10 == 0 or epoch == max_epochs:
                log_fn(epoch, total_loss, self._correct(data), losses)

    def _loss(self, points: Sequence[Sequence[float]], labels: Sequence[int]) -> minitorch.Tensor:
        """Return the sum of the points' losses."""
        out = self.run_many(points).view(len(points))
        y = minitorch.tensor(labels, backend=self.backend)
        right = out * y + (1.0 - out) * (1.0 - y)
        return -right.log().sum()

    def _correct(self, data: Graph) -> int:
        """Return how many points the model puts into their class."""
        out = self.run_many(data.X).view(data.N)
        labels = minitorch.tensor(data.y, backend=self.backend)
        return int(((out > 0.5) == labels).sum().item())


def main() -> None:
    """Read the flags, train, and print the log."""
    parser = argparse.ArgumentParser(description="Train a network of Tensors in parallel.")
    parser.add_argument("--PTS", type=int, default=50, help="number of points")
    parser.add_argument("--HIDDEN", type=int, default=10, help="width of the hidden layers")
    parser.add_argument("--RATE", type=float, default=0.05, help="learning rate")
    parser.add_argument("--EPOCHS", type=int, default=500, help="times through the points")
    parser.add_argument("--BACKEND", choices=("cpu", "gpu"), default="cpu", help="where to compute")
    parser.add_argument(
        "--DATASET", type=str.capitalize, choices=list(datasets), default="Simple", help="data set"
    )
    parser.add_argument("--SEED", type=int, help="draw the same points and weights again")
    args = parser.parse_args()

    random.seed(args.SEED)
    data = datasets[args.DATASET](args.PTS)
    ops = minitorch.CudaOps if args.BACKEND == "gpu" else minitorch.FastOps
    trainer = FastTrain(args.HIDDEN, minitorch.TensorBackend(ops))
    print(
        f"{args.DATASET}: {data.N} points, hidden {args.HIDDEN}, rate {args.RATE}, {args.BACKEND}"
    )
    trainer.run_one(data.X[0])  # compiles, which is no part of an epoch
    start_s = time.perf_counter()
    trainer.train(data, args.RATE, args.EPOCHS)
    epoch_s = (time.perf_counter() - start_s) / max(1, args.EPOCHS)
    print(f"Time per epoch: {epoch_s:.3f} s")


if __name__ == "__main__":
    main()
