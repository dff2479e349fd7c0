"""Real data for the course: digits, labelled sentences and word vectors.

    from minigrade.data import load_mnist

    digits = load_mnist()            # a folder if one is named, the cache, or the package's own
    digits.train_images              # (5000, 28, 28), uint8
    print(digits.provenance)         # which data, from where, with which hash

`docs/data.md` tells what is in the package and how to use other data; NOTICE, beside the
files, whose they are.
"""

from __future__ import annotations

from minigrade.data.loading import load_mnist, load_sentences, load_vectors
from minigrade.data.records import FileRecord, Mnist, Provenance, Sentences, Split, Vectors
from minigrade.data.sources import DIRECTORY_VARIABLE, cache_folder

__all__ = [
    "DIRECTORY_VARIABLE",
    "FileRecord",
    "Mnist",
    "Provenance",
    "Sentences",
    "Split",
    "Vectors",
    "cache_folder",
    "load_mnist",
    "load_sentences",
    "load_vectors",
]
