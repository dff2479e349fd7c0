"""A layer as a product of two views."""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Callable, Sequence

import minitorch
from minitorch.datasets import Graph, datasets


def RParam(*shape: int) -> minitorch.Parameter:
    return minitorch.Parameter(2 * (minitorch.rand(shape) - 0.5))


class Linear(minitorch.Module):
    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.weights = RParam(in_size, out_size)
        self.bias = RParam(out_size)
        self.out_size = out_size

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        rows = x.contiguous().view(x.shape[0], x.shape[1], 1)
        return (rows * self.weights.value).sum(1).view(x.shape[0], self.out_size) + self.bias.value


class Network(minitorch.Module):
    def __init__(self, hidden_layers: int) -> None:
        super().__init__()
        self.layer1 = Linear(2, hidden_layers)
        self.layer2 = Linear(hidden_layers, hidden_layers)
        self.layer3 = Linear(hidden_layers, 1)

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        *hidden, last = self.modules()
        for layer in hidden:
            x = layer(x).relu()
        return last(x).sigmoid().view(x.shape[0], 1)


LogFunction = Callable[[int, float, int, list[float]], None]


def default_log_fn(epoch: int, total_loss: float, correct: int, _losses: list[float]) -> None:
    print(f"Epoch {epoch:4d}  loss {total_loss:9.4f}  correct {correct}", flush=True)


class TensorTrain:
    def __init__(self, hidden_layers: int) -> None:
        self.hidden_layers = hidden_layers
        self.model = Network(hidden_layers)

    def run_one(self, x: Sequence[float]) -> minitorch.Tensor:
        return self.model.forward(minitorch.tensor([x]))

    def run_many(self, points: Sequence[Sequence[float]]) -> minitorch.Tensor:
        return self.model.forward(minitorch.tensor(points))

    def train(
        self,
        data: Graph,
        learning_rate: float,
        max_epochs: int = 500,
        log_fn: LogFunction = default_log_fn,
    ) -> None:
        self.model = Network(self.hidden_layers)
        optim = minitorch.SGD(self.model.parameters(), learning_rate)
        points = minitorch.tensor(data.X)
        labels = minitorch.tensor(data.y)
        losses: list[float] = []
        for epoch in range(1, max_epochs + 1):
            optim.zero_grad()
            out = self.model.forward(points).view(data.N)
            right = out * labels + (1.0 - out) * (1.0 - labels)
            loss = -right.log().sum()
            (loss / data.N).backward()
            optim.step()
            losses.append(loss.item())
            if epoch % 10 == 0 or epoch == max_epochs:
                correct = int(((out.detach() > 0.5) == labels).sum().item())
                log_fn(epoch, losses[-1], correct, losses)


def main() -> None:
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
