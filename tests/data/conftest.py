from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minigrade.data import catalog, formats
from minigrade.data.records import Split

Contents = dict[str, bytes]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Neither this user's data nor a proxy may reach a test; returns the cache's folder."""
    monkeypatch.delenv("MINIGRADE_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "cache" / "minigrade" / "data"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def idx_contents(seed: int, train: int = 5, test: int = 3) -> Contents:
    rng = np.random.default_rng(seed)
    arrays = []
    for count in (train, test):
        arrays += [rng.integers(0, 256, (count, 28, 28)), rng.integers(0, 10, count)]
    written = [formats.write_idx(array.astype(np.uint8)) for array in arrays]
    return dict(zip(catalog.IDX_PARTS, written, strict=True))


@pytest.fixture
def digits(monkeypatch: pytest.MonkeyPatch) -> Contents:
    """Contents of a small MNIST, which is now the only known one."""
    contents = idx_contents(1)
    hashes = {part: sha256(data) for part, data in contents.items()}
    monkeypatch.setitem(catalog.IDX_CONTENTS, "mnist", hashes)  # type: ignore[arg-type]
    return contents


@pytest.fixture
def tables(monkeypatch: pytest.MonkeyPatch) -> Contents:
    """Contents of a small SST-2."""

    def table(count: int) -> bytes:
        texts = tuple(f"film {i} was n't \u2019bad\u2019" for i in range(count))
        return formats.write_tsv(Split(texts, np.arange(count) % 2))

    contents = {"train.tsv": table(7), "dev.tsv": table(103)}
    hashes = {part: sha256(data) for part, data in contents.items()}
    monkeypatch.setitem(catalog.TSV_CONTENTS, "sst-2", hashes)  # type: ignore[arg-type]
    return contents


@pytest.fixture
def glove(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A small GloVe text; one of its words has a space that ends no word."""
    vectors = np.arange(150).reshape(3, 50) / 4
    text = formats.write_glove(("the", "caf\u00e9", "a\u00a0b"), vectors)
    known = {catalog.GLOVE_FILE: sha256(text)}
    monkeypatch.setitem(catalog.GLOVE_CONTENTS, "glove-6b-50d", known)  # type: ignore[arg-type]
    return text


@pytest.fixture
def lay(tmp_path: Path) -> Callable[..., Path]:
    """Write files into a new folder; a name that ends in .gz is packed."""

    def write(contents: Contents, *, suffix: str = "", folder: str = "mine") -> Path:
        base = tmp_path / folder
        for part, data in contents.items():
            path = base / f"{part}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
        return base

    return write


@pytest.fixture
def other_digits() -> Contents:
    """Digits that nobody knows."""
    return idx_contents(2)
