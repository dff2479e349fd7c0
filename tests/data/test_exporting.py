"""What is exported can be read with NumPy alone, and is known when it comes back."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from minigrade.data import load_mnist, load_sentences, load_vectors
from minigrade.data.exporting import export
from minigrade.errors import DataError

Contents = dict[str, bytes]


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dest = tmp_path_factory.mktemp("data") / "exported"
    export(dest, source="embedded")
    return dest


def test_plain_numpy_reads_it(exported: Path) -> None:
    digits, sentences, vectors = load_mnist(), load_sentences(), load_vectors()
    packed = (exported / "train-images-idx3-ubyte.gz").read_bytes()
    images = np.frombuffer(gzip.decompress(packed), np.uint8, offset=16).reshape(-1, 28, 28)
    assert (images == digits.train_images).all()
    packed = (exported / "t10k-labels-idx1-ubyte.gz").read_bytes()
    labels = np.frombuffer(gzip.decompress(packed), np.uint8, offset=8)
    assert (labels == digits.test_labels).all()
    rows = (exported / "SST-2" / "dev.tsv").read_text("utf-8").split("\n")[1:-1]
    assert tuple(row.split("\t")[0] for row in rows) == sentences.validation.sentences
    lines = (exported / "glove.6B.50d.txt").read_text("utf-8").split("\n")[:-1]
    assert tuple(line.split(" ")[0] for line in lines) == vectors.words
    table = np.array([line.split(" ")[1:] for line in lines], np.float32)
    assert (table == vectors.vectors).all()


def test_it_is_known_when_it_comes_back(exported: Path) -> None:
    digits, sentences, vectors = (
        load(exported) for load in (load_mnist, load_sentences, load_vectors)
    )
    assert digits.provenance.dataset == "mnist-5k1k"
    assert sentences.provenance.dataset == "sentiment-6k"
    assert vectors.provenance.dataset == "glove-50d-11k"
    assert (digits.test_images == load_mnist().test_images).all()
    assert sentences.test.sentences == load_sentences().test.sentences
    assert (sentences.test.labels == load_sentences().test.labels).all()
    assert (vectors.vectors == load_vectors().vectors).all()


def test_it_says_whose_it_is(exported: Path) -> None:
    about = json.loads((exported / "about.json").read_text())
    assert [entry["dataset"] for entry in about] == ["mnist-5k1k", "sentiment-6k", "glove-50d-11k"]
    assert "LeCun" in (exported / "NOTICE").read_text()


def test_files_of_a_folder_are_copied_as_they_are(
    digits: Contents, tables: Contents, glove: bytes, lay: Callable[..., Path], tmp_path: Path
) -> None:
    folder = lay({**digits, **tables, "glove.6B.50d.txt": glove})
    dest = tmp_path / "dest"
    provenances = export(dest, folder)
    assert [one.dataset for one in provenances] == ["mnist", "sst-2", "glove-6b-50d"]
    assert (dest / "SST-2" / "dev.tsv").read_bytes() == tables["dev.tsv"]
    assert (dest / "glove.6B.50d.txt").read_bytes() == glove
    assert load_mnist(dest).provenance.dataset == "mnist"
    assert len(load_sentences(dest).test) == 3


def test_nothing_is_overwritten(exported: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="exported: already there; expected a new folder"):
        export(exported)
    file = tmp_path / "file"
    file.write_text("mine")
    with pytest.raises(DataError, match="file: already there"):
        export(file)


def test_unknown_data_is_not_exported_unasked(
    other_digits: Contents, tables: Contents, glove: bytes, lay: Callable[..., Path], tmp_path: Path
) -> None:
    folder = lay({**other_digits, **tables, "glove.6B.50d.txt": glove})
    with pytest.raises(DataError, match="its content's sha256"):
        export(tmp_path / "dest", folder)
    assert not (tmp_path / "dest").exists()
    export(tmp_path / "dest", folder, check_hash=False)
    assert (tmp_path / "dest" / "about.json").is_file()
