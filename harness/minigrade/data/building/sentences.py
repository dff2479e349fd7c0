"""Choose 6,000 short sentences of film reviews that many raters found good or bad."""

from __future__ import annotations

import gzip
import io
import re
import tarfile
from collections.abc import Collection, Iterable

import numpy as np

SEED = 20240601
SPLITS = {"train": range(2000), "val": range(2000, 2500), "test": range(2500, 3000)}

Row = tuple[int, list[str]]
"""A label, 1 for good, and the sentence's words."""

_NOT = re.compile(r"(\w)n't\b", re.IGNORECASE)
_CLITIC = re.compile(r"(\w)'(s|re|ve|ll|d|m)\b", re.IGNORECASE)
_TOKEN = re.compile(
    r"n't|'(?:s|re|ve|ll|d|m)\b|[a-z0-9]+(?:[-'.][a-z0-9]+)*|[^\sa-z0-9]", re.IGNORECASE
)


def snippets(package: bytes) -> str:
    """Return the table of film reviews in vaderSentiment's inner archive."""
    with tarfile.open(fileobj=io.BytesIO(package)) as files:
        file = files.extractfile("hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt")
        assert file is not None
        return file.read().decode("utf-8", errors="replace")


def tokens(text: str) -> list[str]:
    """Cut `text` into words as SST does: lower case, with "ca n't" and "it 's"."""
    text = text.lower().replace("''", '"').replace("``", '"').replace("\u2019", "'")
    return _TOKEN.findall(_CLITIC.sub(r"\1 '\2", _NOT.sub(r"\1 n't", text)))


def chosen(table: str, known: Collection[str]) -> dict[str, list[Row]]:
    """Return three balanced splits of rows, each in a random order.

    Args:
        table: a line a sentence: id, mean rating from -4 to 4, text.
        known: words that have a vector.
    """
    seen: set[str] = set()
    of_label: tuple[list[Row], list[Row]] = ([], [])
    for line in table.split("\n"):
        if not line.strip():
            continue
        _, rating, text = line.split("\t")[:3]
        text = text.strip()
        if abs(float(rating)) < 0.5 or text in seen:
            continue
        seen.add(text)
        words = tokens(text)
        if 4 <= len(words) <= 24 and sum(word in known for word in words) >= 0.8 * len(words):
            label = int(float(rating) > 0)
            of_label[label].append((label, words))
    negative, positive = of_label
    rng = np.random.default_rng(SEED)
    rng.shuffle(positive)
    rng.shuffle(negative)
    splits = {}
    for name, places in SPLITS.items():
        rows = [row for i in places for row in (positive[i], negative[i])]
        splits[name] = [rows[i] for i in rng.permutation(len(rows))]
    return splits


def vocabulary(splits: dict[str, list[Row]]) -> set[str]:
    """Return all words of all splits."""
    return {word for rows in splits.values() for _, words in rows for word in words}


def archive(splits: dict[str, list[Row]]) -> bytes:
    """Return the gzipped table: split, label and words a line."""
    lines: Iterable[str] = (
        f"{name}\t{label}\t{' '.join(words)}\n"
        for name, rows in splits.items()
        for label, words in rows
    )
    file = io.BytesIO()
    with gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        packed.write("".join(lines).encode())
    return file.getvalue()
