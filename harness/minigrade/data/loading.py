"""Load digits, sentences and word vectors, and say where they came from."""

from __future__ import annotations

import gzip
import io
from collections.abc import Collection
from pathlib import Path

import numpy as np

from minigrade.data import catalog, formats, sources
from minigrade.data.records import Array, Mnist, Provenance, Sentences, Split, Vectors
from minigrade.data.sources import Content, Source

VALIDATION_ROWS = 100  # of dev.tsv, as in the course, where there is no test with labels


def load_mnist(
    directory: Path | str | None = None, *, source: Source = "auto", check_hash: bool = True
) -> Mnist:
    """Return handwritten digits: MNIST, Fashion-MNIST, or 6,000 of MNIST's.

    Args:
        directory: holds the four IDX files of MNIST or Fashion-MNIST, gzipped or not; by
            default what the environment's MINIGRADE_DATA_DIR names.
        source: ``auto`` takes the directory if one is named, else fetched data if there is
            any, else the embedded digits. ``directory``, ``cache`` and ``embedded`` insist.
        check_hash: accept known data only.

    Raises:
        DataError: a file is missing, damaged or unknown; says which, and what was expected.
    """
    origin, places = sources.find(sources.DIGITS, source, directory)
    if origin == "embedded":
        content = sources.read_embedded(sources.DIGITS)
        with np.load(io.BytesIO(content.data), allow_pickle=False) as arrays:
            train_images, train_labels = arrays["train_images"], arrays["train_labels"]
            test_images, test_labels = arrays["test_images"], arrays["test_labels"]
        records = {sources.DIGITS.embedded: content.record()}
        dataset = catalog.EMBEDDED[sources.DIGITS.embedded].dataset
    else:
        contents = [sources.read(places[part]) for part in catalog.IDX_PARTS]
        train_images, train_labels = _images_and_labels(*contents[:2])
        test_images, test_labels = _images_and_labels(*contents[2:])
        records = {
            part: content.record()
            for part, content in zip(catalog.IDX_PARTS, contents, strict=True)
        }
        dataset = sources.identify(sources.DIGITS, records, check_hash=check_hash)
    counts = {"train": len(train_images), "test": len(test_images)}
    provenance = Provenance(dataset, origin, tuple(records.values()), counts)
    return Mnist(train_images, train_labels, test_images, test_labels, provenance)


def load_sentences(
    directory: Path | str | None = None, *, source: Source = "auto", check_hash: bool = True
) -> Sentences:
    """Return sentences labelled positive or negative: SST-2, or 6,000 of film reviews.

    Args:
        directory: holds SST-2's ``train.tsv`` and ``dev.tsv``, a folder ``SST-2`` of them, or
            ``SST-2.zip``.
        source: see `load_mnist`.
        check_hash: accept known data only.

    Raises:
        DataError: see `load_mnist`.
    """
    origin, places = sources.find(sources.SENTENCES, source, directory)
    if origin == "embedded":
        content = sources.read_embedded(sources.SENTENCES)
        train, validation, test = _embedded_splits(content)
        records = {sources.SENTENCES.embedded: content.record()}
        dataset = catalog.EMBEDDED[sources.SENTENCES.embedded].dataset
    else:
        contents = {part: sources.read(place) for part, place in places.items()}
        splits = {part: formats.read_tsv(c.data, c.place) for part, c in contents.items()}
        records = {part: content.record() for part, content in contents.items()}
        dataset = sources.identify(sources.SENTENCES, records, check_hash=check_hash)
        train, validation = splits["train.tsv"], splits["dev.tsv"]
        if "test.tsv" in splits:
            test = splits["test.tsv"]
        else:
            validation, test = _cut(validation, VALIDATION_ROWS)
    counts = {"train": len(train), "validation": len(validation), "test": len(test)}
    provenance = Provenance(dataset, origin, tuple(records.values()), counts)
    return Sentences(train, validation, test, provenance)


def load_vectors(
    directory: Path | str | None = None,
    *,
    source: Source = "auto",
    only: Collection[str] | None = None,
    check_hash: bool = True,
) -> Vectors:
    """Return word vectors of 50 dimensions: GloVe's 400,000, or those of 11,139 words.

    Args:
        directory: holds ``glove.6B.50d.txt`` or ``glove.6B.zip``.
        source: see `load_mnist`.
        only: the words wanted, a set; the whole of GloVe takes some seconds.
        check_hash: accept known data only.

    Raises:
        DataError: see `load_mnist`.
    """
    origin, places = sources.find(sources.VECTORS, source, directory)
    if origin == "embedded":
        content = sources.read_embedded(sources.VECTORS)
        with np.load(io.BytesIO(content.data), allow_pickle=False) as arrays:
            words = tuple(arrays["words"].tobytes().decode().split("\n"))
            vectors = arrays["vectors"].astype(np.float32)
        if only is not None:
            rows = [row for row, word in enumerate(words) if word in only]
            words, vectors = tuple(words[row] for row in rows), vectors[rows]
        dataset = catalog.EMBEDDED[sources.VECTORS.embedded].dataset
    else:
        content = sources.read(places[catalog.GLOVE_FILE])
        words, vectors = formats.read_glove(content.data, content.place, only)
        records = {catalog.GLOVE_FILE: content.record()}
        dataset = sources.identify(sources.VECTORS, records, check_hash=check_hash)
    provenance = Provenance(dataset, origin, (content.record(),), {"words": len(words)})
    return Vectors(words, vectors, provenance)


def _images_and_labels(images: Content, labels: Content) -> tuple[Array, Array]:
    pictures = formats.read_idx(images.data, images.place, 3)
    meanings = formats.read_idx(labels.data, labels.place, 1)
    formats.check_digits(pictures, meanings, f"{images.place} and {labels.place}")
    return pictures, meanings


def _embedded_splits(content: Content) -> tuple[Split, Split, Split]:
    rows = [line.split("\t") for line in formats.lines_of(gzip.decompress(content.data).decode())]
    train, validation, test = (
        Split(
            tuple(text for name, _, text in rows if name == split),
            np.array([int(label) for name, label, _ in rows if name == split], np.uint8),
        )
        for split in ("train", "val", "test")
    )
    return train, validation, test


def _cut(split: Split, count: int) -> tuple[Split, Split]:
    first = Split(split.sentences[:count], split.labels[:count])
    return first, Split(split.sentences[count:], split.labels[count:])
