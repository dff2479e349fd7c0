"""A layer output by output, put side by side by masks; a network by recursion."""

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
        return self._add_up(x, 0)

    def _add_up(self, x: minitorch.Tensor, first: int) -> minitorch.Tensor:
        in_size = x.shape[1]
        if first == in_size:
            return self.bias.value.view(1, self.out_size) + minitorch.zeros((x.shape[0], 1))
        only = minitorch.tensor([float(i == first) for i in range(in_size)])
        column = (x * only).sum(1)
        row = (self.weights.value * only.view(in_size, 1)).sum(0)
        return column * row + self._add_up(x, first + 1)


class Network(minitorch.Module):
    def __init__(self, hidden_layers: int) -> None:
        super().__init__()
        self.first = Linear(2, hidden_layers)
        self.rest = [Linear(hidden_layers, hidden_layers), Linear(hidden_layers, 1)]
        for i, layer in enumerate(self.rest):
            setattr(self, f"rest_{i}", layer)

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        return self._through([self.first, *self.rest], x)

    def _through(self, layers: list[Linear], x: minitorch.Tensor) -> minitorch.Tensor:
        if len(layers) == 1:
            return layers[0](x).sigmoid().view(x.shape[0])
        return self._through(layers[1:], layers[0](x).relu())


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
