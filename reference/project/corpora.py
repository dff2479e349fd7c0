"""Read the data that the networks of assignment 4 learn from: digits, sentences, word vectors.

A folder holds them in their usual formats or in compact ones; see `digits`, `sentences` and
`vectors`. ``minigrade data export project/data`` makes such a folder. Only NumPy is needed.
"""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

HOW_TO_GET = "make one with `minigrade data export DIR`, and name it with --DATA DIR"


@dataclass(frozen=True)
class Digits:
    """Pictures of digits, ``(n, 28, 28)`` with values 0 to 255, and what they show, ``(n,)``."""

    images: np.ndarray
    labels: np.ndarray


def digits(folder: Path) -> tuple[Digits, Digits]:
    """Return the digits to learn from and those to try the network on.

    Args:
        folder: holds the four IDX files of MNIST, or of Fashion-MNIST, each as it is or with
            ``.gz``; or one file ``mnist*.npz``.

    Raises:
        SystemExit: there are no digits, or a file is damaged. Says which, and what to do.
    """
    compact = sorted(folder.glob("mnist*.npz"))
    if compact:
        with np.load(compact[0], allow_pickle=False) as arrays:
            train, test = (
                Digits(arrays[f"{part}_images"], arrays[f"{part}_labels"])
                for part in ("train", "test")
            )
        return train, test
    train, test = (
        Digits(
            _read_idx(_find(folder, f"{part}-images-idx3-ubyte"), 3),
            _read_idx(_find(folder, f"{part}-labels-idx1-ubyte"), 1),
        )
        for part in ("train", "t10k")
    )
    return train, test


def _read_idx(path: Path, dims: int) -> np.ndarray:
    """Read an IDX file of bytes: 2 zeros, type 8, number of sides, the sides, the bytes."""
    data = _read(path)
    header = np.frombuffer(data[: 4 + 4 * dims], ">u4")
    if len(header) != 1 + dims or header[0] != 0x800 + dims:
        raise SystemExit(f"{path}: no IDX file of {dims} dimensions; {HOW_TO_GET}")
    shape = tuple(int(side) for side in header[1:])
    body = np.frombuffer(data, np.uint8, offset=4 + 4 * dims)
    if body.size != int(np.prod(shape)):
        raise SystemExit(
            f"{path}: {body.size} bytes after the header, expected {'x'.join(map(str, shape))}; "
            "the file is not whole"
        )
    return body.reshape(shape)


@dataclass(frozen=True)
class Sentences:
    """Sentences, each a list of words, and whether each is positive: 1, or 0."""

    words: list[list[str]]
    labels: np.ndarray


def sentences(folder: Path) -> tuple[Sentences, Sentences]:
    """Return the sentences to learn from and those to try the network on.

    Args:
        folder: holds ``train.tsv`` and ``dev.tsv`` as SST-2 does, with a line ``sentence label``
            on top, or in a folder ``SST-2``; or one file ``sentiment*.tsv.gz`` whose lines are
            split, label, sentence.

    Raises:
        SystemExit: there are none, or a line is malformed. Says which, and what to do.
    """
    compact = sorted(folder.glob("sentiment*.tsv.gz"))
    if compact:
        rows = [line.split("\t") for line in _lines(compact[0])]
        train, test = (
            _labelled(compact[0], [(label, text) for split, label, text in rows if split == part])
            for part in ("train", "test")
        )
        return train, test
    if (folder / "SST-2").is_dir():
        folder /= "SST-2"
    train, test = (
        _labelled(path, [_label_first(line) for line in _lines(path)[1:]])
        for path in (_find(folder, "train.tsv"), _find(folder, "dev.tsv"))
    )
    return train, test


def _label_first(line: str) -> tuple[str, str]:
    text, _, label = line.rpartition("\t")
    return label, text


def _labelled(path: Path, rows: Sequence[tuple[str, str]]) -> Sentences:
    for number, (label, _) in enumerate(rows, 1):
        if label not in ("0", "1"):
            raise SystemExit(f"{path}: sentence {number} has the label {label!r}, expected 0 or 1")
    words = [text.lower().split() for _, text in rows]
    return Sentences(words, np.array([int(label) for label, _ in rows]))


def vectors(folder: Path) -> tuple[list[str], np.ndarray]:
    """Return words and their vectors, ``(words, size)``.

    Args:
        folder: holds a text file ``glove*.txt``, a word and its numbers a line; or one file
            ``glove*.npz`` with arrays ``vectors`` and ``words``, the words joined by new lines.

    Raises:
        SystemExit: there are none. Says what to do.
    """
    compact = sorted(folder.glob("glove*.npz"))
    if compact:
        with np.load(compact[0], allow_pickle=False) as arrays:
            words = arrays["words"].tobytes().decode("utf-8").split("\n")
            return words, arrays["vectors"].astype(np.float64)
    found = sorted((*folder.glob("glove*.txt"), *folder.glob("glove*.txt.gz")))
    if not found:
        raise SystemExit(f"{folder}: no word vectors here (glove*.npz or glove*.txt); {HOW_TO_GET}")
    rows = [line.split(" ") for line in _lines(found[0])]
    return [row[0] for row in rows], np.array([row[1:] for row in rows], np.float64)


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise SystemExit(f"{folder}: no file {name} here; {HOW_TO_GET}")


def _lines(path: Path) -> list[str]:
    lines = _read(path).decode("utf-8").split("\n")  # some words hold what `splitlines` splits at
    return lines[:-1] if lines[-1] == "" else lines


def _read(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise SystemExit(f"{path}: cannot be read: {error}") from None
