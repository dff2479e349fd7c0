"""Task 4.5: train a convolutional network to tell kind sentences from unkind ones.

Run this from the repository, and keep what it prints as your log::

    python project/run_sentiment.py --DATA project/data | tee sentiment.txt

Source: https://minitorch.github.io/module4/module4/, after Kim, "Convolutional Neural
Networks for Sentence Classification", https://arxiv.org/abs/1408.5882
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import corpora
import lab
import minitorch
import numpy as np

BACKEND = minitorch.TensorBackend(minitorch.FastOps)


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


class Conv1d(minitorch.Module):
    """A convolution along a sequence, which keeps its length.

    Args:
        in_channels: how many numbers a place has.
        out_channels: how many it has afterwards.
        kernel_width: how many places are seen at once.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_width: int) -> None:
        super().__init__()
        self.weights = RParam(out_channels, in_channels, kernel_width)
        self.bias = RParam(1, out_channels, 1)

    def forward(self, input: minitorch.Tensor) -> minitorch.Tensor:  # noqa: A002  # the course's name
        """Return the outputs, (batch, out_channels, length)."""
        # SOLUTION 4.5
        return minitorch.conv1d(input, self.weights.value) + self.bias.value
        # END SOLUTION


class CNNSentimentKim(minitorch.Module):
    """Kim's network for sentences.

    1. Three convolutions of the word vectors, of different widths, side by side.
    2. ReLU, and the maximum over all places: what a filter found best, wherever it was.
    3. The sum of the three.
    4. A linear layer to one unit.
    5. Dropout, while training, and sigmoid. There is no ReLU between them: with one, the
       network could not say less than a half.

    Args:
        feature_map_size: how many filters each convolution has.
        embedding_size: how many numbers a word has.
        filter_sizes: the widths of the three convolutions.
        dropout: the part that dropout takes away.
    """

    def __init__(
        self,
        feature_map_size: int = 100,
        embedding_size: int = 50,
        filter_sizes: Sequence[int] = (3, 4, 5),
        dropout: float = 0.25,
    ) -> None:
        super().__init__()
        self.feature_map_size = feature_map_size
        self.dropout = dropout
        # SOLUTION 4.5
        first, second, third = filter_sizes
        self.conv1 = Conv1d(embedding_size, feature_map_size, first)
        self.conv2 = Conv1d(embedding_size, feature_map_size, second)
        self.conv3 = Conv1d(embedding_size, feature_map_size, third)
        self.linear = Linear(feature_map_size, 1)
        # END SOLUTION

    def forward(self, embeddings: minitorch.Tensor) -> minitorch.Tensor:
        """Return how sure the network is that each sentence is kind, (batch,).

        Args:
            embeddings: the sentences' word vectors, (batch, length, embedding_size).
        """
        # SOLUTION 4.5
        batch = embeddings.shape[0]
        words = embeddings.permute(0, 2, 1)
        first, second, third = (
            minitorch.max(conv.forward(words).relu(), 2)
            for conv in (self.conv1, self.conv2, self.conv3)
        )
        found = (first + second + third).view(batch, self.feature_map_size)
        logit = self.linear.forward(found)
        logit = minitorch.dropout(logit, self.dropout, ignore=not self.training)
        return logit.sigmoid().view(batch)
        # END SOLUTION


@dataclass(frozen=True)
class Encoded:
    """Sentences as numbers: ``(n, length, size)``, zeros after the end; and ``(n,)`` labels."""

    vectors: np.ndarray
    labels: np.ndarray


def encode(
    sentences: corpora.Sentences, table: dict[str, int], vectors: np.ndarray, length: int
) -> Encoded:
    """Look up the words; one without a vector is zeros, and so is what a sentence lacks."""
    coded = np.zeros((len(sentences.words), length, vectors.shape[1]))
    for row, words in zip(coded, sentences.words, strict=True):
        for place, word in zip(row, words[:length], strict=False):
            if word in table:
                place[:] = vectors[table[word]]
    return Encoded(coded, sentences.labels)


class SentenceSentimentTrain:
    """A network that judges sentences, and how to train it."""

    def __init__(self, model: CNNSentimentKim) -> None:
        self.model = model

    def run_many(self, vectors: np.ndarray) -> minitorch.Tensor:
        """Return how sure the model is of each sentence, (n,)."""
        return self.model.forward(minitorch.tensor(vectors, backend=BACKEND))

    def train(self, args: argparse.Namespace, train: Encoded, valid: Encoded) -> None:
        """Train for some epochs, and print three lines of the log for each."""
        run = lab.begin(args, self.model)
        optim = minitorch.SGD(self.model.parameters(), args.RATE)
        starts = range(0, len(train.labels), args.BATCH)
        while run.epoch < args.EPOCHS:
            start_s, total_loss, right = time.perf_counter(), 0.0, 0
            self.model.train()
            for start in lab.progress(starts, f"Epoch {run.epoch + 1}"):
                labels = train.labels[start : start + args.BATCH].astype(float)
                y = minitorch.tensor(labels, backend=BACKEND)
                optim.zero_grad()
                out = self.run_many(train.vectors[start : start + args.BATCH])
                loss = -((out * y + (1.0 - out) * (1.0 - y)).log()).sum() / len(labels)
                loss.backward()
                optim.step()
                total_loss += loss.item()
                right += int(((out.to_numpy() > 0.5) == labels).sum())
            run.record(
                loss=total_loss / max(1, len(starts)),
                train=right / max(1, len(train.labels)),
                valid=self.accuracy(valid),
            )
            curves, spent_s = run.curves, time.perf_counter() - start_s
            print(
                f"Epoch {run.epoch}, loss {curves['loss'][-1]:.4f}, "
                f"train accuracy: {curves['train'][-1]:.2%} ({spent_s:.1f} s)\n"
                f"Validation accuracy: {curves['valid'][-1]:.2%}\n"
                f"Best Valid accuracy: {max(curves['valid']):.2%}",
                flush=True,
            )
            lab.end_epoch(args, self.model, run)

    def accuracy(self, data: Encoded) -> float:
        """Return the part of the sentences that is judged rightly, without dropout."""
        self.model.eval()
        parts = range(0, len(data.labels), 100)
        sure = [self.run_many(data.vectors[i : i + 100]).to_numpy() for i in parts]
        return float(np.mean((np.concatenate(sure) > 0.5) == (data.labels == 1)))


def _balanced(sentences: corpora.Sentences, n: int) -> corpora.Sentences:
    """Take `n` sentences, kind and unkind in turn: a batch of one kind would pull too far."""
    kinds = [np.flatnonzero(sentences.labels == label)[: n // 2] for label in (1, 0)]
    size = min(map(len, kinds))
    order = np.stack([kind[:size] for kind in kinds], 1).ravel()
    return corpora.Sentences([sentences.words[i] for i in order], sentences.labels[order])


def main() -> None:
    """Read the flags, train, and print the log."""
    parser = argparse.ArgumentParser(description="Train a convolutional network on sentences.")
    parser.add_argument("--DATA", type=Path, default=Path("project/data"), help="folder of data")
    parser.add_argument("--TRAIN", type=int, default=1000, help="how many to learn from")
    parser.add_argument("--VALID", type=int, default=1000, help="how many to try it on")
    parser.add_argument("--MAPS", type=int, default=100, help="filters of each width")
    lab.add_flags(parser, rate=0.05, epochs=10, batch=10)
    args = parser.parse_args()

    random.seed(args.SEED)
    sentences, valid = corpora.sentences(args.DATA)
    words, vectors = corpora.vectors(args.DATA)
    table = {word: row for row, word in enumerate(words)}
    chosen = _balanced(sentences, args.TRAIN)
    tried = corpora.Sentences(valid.words[: args.VALID], valid.labels[: args.VALID])
    length = max(len(text) for text in (*chosen.words, *tried.words))
    print(f"{len(chosen.labels)} sentences of up to {length} words, {len(words)} words known")
    model = CNNSentimentKim(args.MAPS, vectors.shape[1])
    SentenceSentimentTrain(model).train(
        args, encode(chosen, table, vectors, length), encode(tried, table, vectors, length)
    )


if __name__ == "__main__":
    main()
