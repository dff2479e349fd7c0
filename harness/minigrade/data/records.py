"""What the loaders return: arrays and words, and where they came from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

Array = np.ndarray[Any, Any]
Origin = Literal["directory", "cache", "embedded"]
UNKNOWN = "unknown"  # the data set's name when its hash was not to be checked


@dataclass(frozen=True)
class FileRecord:
    """A file that was read: its path, the size of its content, and that content's SHA-256.

    Content is what a reader sees: unpacked, where the file is gzip or inside a zip. Of an
    embedded file it is the file's own bytes.
    """

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Provenance:
    """Where data came from, for reports; ``str()`` of it is one line.

    Attributes:
        dataset: which data it is, as told by its hash: ``mnist``, ``fashion-mnist``,
            ``mnist-5k1k`` (embedded), ``sst-2``, ``sentiment-6k`` (embedded),
            ``glove-6b-50d``, ``glove-50d-11k`` (embedded) or ``unknown``.
        origin: ``directory``, ``cache`` or ``embedded``.
        files: what was read, in a fixed order.
        counts: how many of what, as in ``{"train": 5000, "test": 1000}``.
    """

    dataset: str
    origin: Origin
    files: tuple[FileRecord, ...]
    counts: Mapping[str, int]

    @property
    def sha256(self) -> str:
        """The file's SHA-256; of several, that of their hashes, a line each, in order."""
        if len(self.files) == 1:
            return self.files[0].sha256
        lines = "".join(f"{file.sha256}\n" for file in self.files)
        return hashlib.sha256(lines.encode()).hexdigest()

    def __str__(self) -> str:
        counts = ", ".join(f"{n:,} {what}" for what, n in self.counts.items())
        where = self.files[0].path if len(self.files) == 1 else f"{self.files[0].path}, …"
        return f"{self.dataset}: {counts}; {self.origin}, {where}; sha256 {self.sha256}"


@dataclass(frozen=True, eq=False)
class Mnist:
    """Pictures ``(n, 28, 28)`` of uint8, 0 to 255, and labels ``(n,)`` of uint8, 0 to 9."""

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class Split:
    """Sentences, each its words joined by single spaces, and labels of uint8: 1 is positive."""

    sentences: tuple[str, ...]
    labels: Array

    def __len__(self) -> int:
        return len(self.sentences)


@dataclass(frozen=True, eq=False)
class Sentences:
    """Labelled sentences to train on, to choose by, and to test on.

    SST-2 keeps the labels of its test sentences to itself. There, as in the course, the first
    100 sentences of ``dev.tsv`` are for validation, and the other 772 are the test.
    """

    train: Split
    validation: Split
    test: Split
    provenance: Provenance


@dataclass(frozen=True, eq=False)
class Vectors:
    """Words and their vectors ``(n, 50)`` of float32, the most frequent word first."""

    words: tuple[str, ...]
    vectors: Array
    provenance: Provenance

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each word."""
        return {word: row for row, word in enumerate(self.words)}
