"""Task 4.5: train a convolutional network to read digits.

Run this from the repository, and keep what it prints as your log::

    python project/run_mnist_multiclass.py --DATA project/data | tee mnist.txt

Source: https://minitorch.github.io/module4/module4/
"""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path

import corpora
import lab
import minitorch
import numpy as np

BACKEND = minitorch.TensorBackend(minitorch.FastOps)
CLASSES = 10
SIDE = 28


def RParam(*shape: int) -> minitorch.Parameter:  # noqa: N802  # the course's name
    """Return a parameter of random numbers between -0.05 and 0.05."""
    return minitorch.Parameter(0.1 * (minitorch.rand(shape, backend=BACKEND) - 0.5))


class Linear(minitorch.Module):
    """A linear layer: ``weights`` of shape (in_size, out_size), ``bias`` of (out_size,)."""

    def __init__(self, in_size: int, out_size: int) -> None:
        super().__init__()
        self.weights = RParam(in_size, out_size)
        self.bias = RParam(out_size)
        self.out_size = out_size

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return the outputs, (batch, out_size), of the inputs, (batch, in_size)."""
        return x @ self.weights.value + self.bias.value


class Conv2d(minitorch.Module):
    """A convolution of pictures, which keep their height and width.

    Args:
        in_channels: how many numbers a pixel has.
        out_channels: how many it has afterwards.
        kh: height of the window.
        kw: width of the window.
    """

    def __init__(self, in_channels: int, out_channels: int, kh: int, kw: int) -> None:
        super().__init__()
        self.weights = RParam(out_channels, in_channels, kh, kw)
        self.bias = RParam(out_channels, 1, 1)

    def forward(self, input: minitorch.Tensor) -> minitorch.Tensor:  # noqa: A002  # the course's name
        """Return the outputs, (batch, out_channels, height, width)."""
        # SOLUTION 4.5
        return minitorch.conv2d(input, self.weights.value) + self.bias.value
        # END SOLUTION


class Network(minitorch.Module):
    """A network after LeNet, in eight steps.

    1. A convolution with 4 output channels and a 3x3 window, then ReLU (kept as ``self.mid``).
    2. A convolution with 8 output channels and a 3x3 window, then ReLU (kept as ``self.out``).
    3. Pooling (average or maximum) with a 4x4 window.
    4. Flattening to (batch, 392).
    5. A linear layer to 64 units, then ReLU.
    6. Dropout of a quarter, while training.
    7. A linear layer to `CLASSES` units.
    8. The logarithm of softmax over the classes.
    """

    def __init__(self) -> None:
        super().__init__()
        # For a picture of what the network sees.
        self.mid: minitorch.Tensor | None = None
        self.out: minitorch.Tensor | None = None
        # SOLUTION 4.5
        self.conv1 = Conv2d(1, 4, 3, 3)
        self.conv2 = Conv2d(4, 8, 3, 3)
        self.linear1 = Linear(392, 64)
        self.linear2 = Linear(64, CLASSES)
        # END SOLUTION

    def forward(self, x: minitorch.Tensor) -> minitorch.Tensor:
        """Return the logarithm of each class's probability, (batch, CLASSES).

        Args:
            x: the pictures, (batch, 1, 28, 28).
        """
        # SOLUTION 4.5
        self.mid = self.conv1.forward(x).relu()
        self.out = self.conv2.forward(self.mid).relu()
        pooled = minitorch.avgpool2d(self.out, (4, 4))
        hidden = self.linear1.forward(pooled.view(x.shape[0], 392)).relu()
        hidden = minitorch.dropout(hidden, 0.25, ignore=not self.training)
        return minitorch.logsoftmax(self.linear2.forward(hidden), dim=1)
        # END SOLUTION


class ImageTrain:
    """A network that reads digits, and how to train it.

    Args:
        model: the network; a new `Network` if there is none.
    """

    def __init__(self, model: minitorch.Module | None = None) -> None:
        self.model = model or Network()

    def run_one(self, image: np.ndarray) -> minitorch.Tensor:
        """Return the logarithms of the classes' probabilities, (1, CLASSES), for one picture."""
        return self.run_many(image[None])

    def run_many(self, images: np.ndarray) -> minitorch.Tensor:
        """Return the same for several pictures, (n, 28, 28)."""
        x = minitorch.tensor(images.reshape(-1, 1, SIDE, SIDE), backend=BACKEND)
        return self.model.forward(x)

    def loss(self, data: corpora.Digits) -> minitorch.Tensor:
        """Return the mean over the pictures of minus the logarithm for the right class."""
        n = len(data.labels)
        right = minitorch.tensor(np.eye(CLASSES)[data.labels], backend=BACKEND)
        return -(self.run_many(data.images) * right).sum() / n

    def train(self, args: argparse.Namespace, train: corpora.Digits, test: corpora.Digits) -> None:
        """Train for some epochs, and print a line of the log for each."""
        run = lab.begin(args, self.model)
        optim = minitorch.SGD(self.model.parameters(), args.RATE)
        batches = _batches(train, args.BATCH)
        while run.epoch < args.EPOCHS:
            start_s, total_loss = time.perf_counter(), 0.0
            self.model.train()
            for batch in lab.progress(batches, f"Epoch {run.epoch + 1}"):
                optim.zero_grad()
                loss = self.loss(batch)
                loss.backward()
                optim.step()
                total_loss += loss.item()
            accuracy = self.accuracy(test, args.BATCH)
            run.record(loss=total_loss / max(1, len(batches)), accuracy=accuracy)
            spent_s = time.perf_counter() - start_s
            print(
                f"Epoch {run.epoch}  loss {run.curves['loss'][-1]:.4f}  "
                f"valid acc {accuracy:.2%}  ({spent_s:.1f} s)",
                flush=True,
            )
            lab.end_epoch(args, self.model, run)

    def accuracy(self, data: corpora.Digits, batch: int) -> float:
        """Return the part of the pictures that is read rightly, without dropout."""
        self.model.eval()
        right = sum(
            int((self.run_many(part.images).to_numpy().argmax(1) == part.labels).sum())
            for part in _batches(data, batch)
        )
        return right / max(1, len(data.labels))


def _batches(data: corpora.Digits, size: int) -> list[corpora.Digits]:
    """Cut the pictures into batches, in their order; the last one may be smaller."""
    return [
        corpora.Digits(data.images[i : i + size], data.labels[i : i + size])
        for i in range(0, len(data.labels), size)
    ]


def run(description: str, network: type[minitorch.Module], *, rate: float) -> None:
    """Read the flags, train a network on digits, and print the log."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--DATA", type=Path, default=Path("project/data"), help="folder of digits")
    parser.add_argument("--TRAIN", type=int, default=5000, help="how many to learn from")
    parser.add_argument("--VALID", type=int, default=500, help="how many to try it on")
    lab.add_flags(parser, rate=rate, epochs=5, batch=16)
    args = parser.parse_args()

    random.seed(args.SEED)
    train, test = (
        corpora.Digits(digits.images[:n], digits.labels[:n])
        for digits, n in zip(corpora.digits(args.DATA), (args.TRAIN, args.VALID), strict=True)
    )
    print(f"{len(train.labels)} digits to learn from, {len(test.labels)} to try it on")
    ImageTrain(network()).train(args, train, test)


if __name__ == "__main__":
    run("Train a convolutional network on digits.", Network, rate=0.01)
