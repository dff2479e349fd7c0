"""Choose the GloVe vectors of the words that the sentences use."""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np


def words(index: bytes) -> list[str]:
    """Return GloVe's 400,000 words in its order, from a parquet file of one column."""
    import pyarrow.parquet

    found: list[str] = pyarrow.parquet.read_table(io.BytesIO(index)).column(0).to_pylist()
    return found


def table(array: bytes) -> np.ndarray[Any, Any]:
    """Return the vectors, a row a word, from an npy file."""
    found: np.ndarray[Any, Any] = np.load(io.BytesIO(array), allow_pickle=False)
    return found


def archive(
    words: Sequence[str], vectors: np.ndarray[Any, Any], vocabulary: Collection[str]
) -> bytes:
    """Return the npz: float16 vectors, and the words as bytes, so that no pickle is needed."""
    rows = [row for row, word in enumerate(words) if word in vocabulary]
    text = "\n".join(words[row] for row in rows).encode()
    file = io.BytesIO()
    np.savez_compressed(
        file, vectors=vectors[rows].astype(np.float16), words=np.frombuffer(text, np.uint8)
    )
    return file.getvalue()
