"""Write data in its canonical formats, for programs that know nothing of minigrade."""

from __future__ import annotations

import gzip
import importlib.resources
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from minigrade.data import catalog, formats, loading, sources
from minigrade.data.records import Mnist, Provenance, Sentences, Vectors
from minigrade.data.sources import Kind, Source
from minigrade.errors import DataError

ABOUT_FILE = "about.json"

Files = dict[str, bytes]


def export(
    dest: Path,
    directory: Path | str | None = None,
    *,
    source: Source = "auto",
    check_hash: bool = True,
) -> tuple[Provenance, ...]:
    """Write digits, sentences and word vectors to the folder `dest`; say where they came from.

    It will hold MNIST's four IDX files, gzipped; ``SST-2/train.tsv`` and ``SST-2/dev.tsv``,
    and ``SST-2/test.tsv`` where its labels are known; ``glove.6B.50d.txt``; the provenance in
    ``about.json``; and ``NOTICE``. Loaders take `dest` for a directory.

    Args:
        dest: must be empty or not exist.
        directory: see `load_mnist`.
        source: see `load_mnist`; of each kind by itself.
        check_hash: see `load_mnist`.

    Raises:
        DataError: `dest` has something in it, or a loader finds its data wanting.
    """
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        raise DataError(f"{dest}: already there; expected a new folder, or an empty one")
    files: Files = {}
    provenances = []
    for kind, load, encode in _WAYS:
        provenance = load(directory, source=source, check_hash=check_hash).provenance
        provenances.append(provenance)
        if provenance.origin == "embedded":
            files |= encode()
        else:
            files |= _copied(kind, source, directory)
    about = json.dumps([asdict(provenance) for provenance in provenances], indent=2)
    files[ABOUT_FILE] = f"{about}\n".encode()
    files["NOTICE"] = importlib.resources.files("minigrade.data").joinpath("NOTICE").read_bytes()
    for name, data in files.items():
        path = dest / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tuple(provenances)


def _copied(kind: Kind, source: Source, directory: Path | str | None) -> Files:
    """Return the parts byte for byte, so that their hashes stay known."""
    _, places = sources.find(kind, source, directory)
    return {_file(part): _packed(part, sources.read(place).data) for part, place in places.items()}


def _file(part: str) -> str:
    if part in catalog.IDX_PARTS:
        return f"{part}.gz"
    return f"SST-2/{part}" if part.endswith(".tsv") else part


def _packed(part: str, data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0) if part in catalog.IDX_PARTS else data


def _digits() -> Files:
    found = loading.load_mnist(source="embedded")
    arrays = (found.train_images, found.train_labels, found.test_images, found.test_labels)
    return {
        _file(part): _packed(part, formats.write_idx(array))
        for part, array in zip(catalog.IDX_PARTS, arrays, strict=True)
    }


def _sentences() -> Files:
    found = loading.load_sentences(source="embedded")
    splits = {"train.tsv": found.train, "dev.tsv": found.validation, "test.tsv": found.test}
    return {_file(part): formats.write_tsv(split) for part, split in splits.items()}


def _vectors() -> Files:
    found = loading.load_vectors(source="embedded")
    return {catalog.GLOVE_FILE: formats.write_glove(found.words, found.vectors)}


_WAYS: tuple[tuple[Kind, Callable[..., Mnist | Sentences | Vectors], Callable[[], Files]], ...] = (
    (sources.DIGITS, loading.load_mnist, _digits),
    (sources.SENTENCES, loading.load_sentences, _sentences),
    (sources.VECTORS, loading.load_vectors, _vectors),
)
