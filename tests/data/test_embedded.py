"""What the package brings along is what the recipe promises, and is loaded in no time."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from minigrade.data import catalog, load_mnist, load_sentences, load_vectors, sources
from minigrade.errors import DataError


def test_digits() -> None:
    digits = load_mnist()
    assert digits.train_images.shape == (5000, 28, 28)
    assert digits.test_images.shape == (1000, 28, 28)
    assert digits.train_images.dtype == digits.test_labels.dtype == np.uint8
    assert np.bincount(digits.train_labels).tolist() == [500] * 10
    assert np.bincount(digits.test_labels).tolist() == [100] * 10
    assert digits.train_images.max() == 255
    train = {image.tobytes() for image in digits.train_images}
    assert len(train) == 5000
    assert not train & {image.tobytes() for image in digits.test_images}
    assert digits.provenance.dataset == "mnist-5k1k"
    assert digits.provenance.origin == "embedded"
    assert digits.provenance.counts == {"train": 5000, "test": 1000}


def test_labels_fit_the_pictures() -> None:
    # The nearest mean picture is right for 4 in 5 digits, by chance for 1 in 10.
    digits = load_mnist()
    means = [digits.train_images[digits.train_labels == c].mean(axis=0) for c in range(10)]
    distances = [((digits.test_images - mean) ** 2).sum(axis=(1, 2)) for mean in means]
    assert (np.argmin(distances, axis=0) == digits.test_labels).mean() > 0.75


def test_sentences() -> None:
    found = load_sentences()
    for split, count in ((found.train, 4000), (found.validation, 1000), (found.test, 1000)):
        assert len(split) == len(split.labels) == count
        assert split.labels.sum() == count // 2
        assert all(4 <= len(text.split(" ")) <= 24 for text in split.sentences)
    everything = found.train.sentences + found.validation.sentences + found.test.sentences
    assert len(set(everything)) > 5990  # two reviews may have a phrase in common
    assert found.provenance.counts == {"train": 4000, "validation": 1000, "test": 1000}


def test_vectors_cover_the_sentences() -> None:
    found = load_vectors()
    assert found.vectors.shape == (11_139, 50)
    assert found.vectors.dtype == np.float32
    assert len(found.rows) == 11_139
    words = {word for text in load_sentences().train.sentences for word in text.split(" ")}
    assert len(words & found.rows.keys()) > 0.9 * len(words)

    def nearness(left: str, right: str) -> float:
        a, b = found.vectors[found.rows[left]], found.vectors[found.rows[right]]
        return float(a @ b / np.sqrt((a @ a) * (b @ b)))

    assert nearness("good", "great") > 0.7 > nearness("good", "camera")


def test_only_some_words() -> None:
    everything, some = load_vectors(), load_vectors(only={"film", "good", "no such word"})
    assert set(some.words) == {"film", "good"}
    for word in some.words:
        left, right = some.vectors[some.rows[word]], everything.vectors[everything.rows[word]]
        assert (left == right).all()


@pytest.mark.parametrize("kind", [sources.DIGITS, sources.SENTENCES, sources.VECTORS])
def test_a_damaged_package_is_noticed(kind: sources.Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    other = catalog.Embedded("other", "0" * 64)
    monkeypatch.setitem(catalog.EMBEDDED, kind.embedded, other)  # type: ignore[arg-type]
    with pytest.raises(DataError, match=f"{kind.embedded}: sha256 .* expected 0000.*install"):
        sources.read_embedded(kind)


def test_the_provenance_is_one_line() -> None:
    line = str(load_mnist().provenance)
    assert "\n" not in line
    for part in (
        "mnist-5k1k",
        "5,000 train",
        "embedded",
        catalog.EMBEDDED["mnist_5k1k.npz"].sha256,
    ):
        assert part in line


def test_minigrade_does_not_import_data() -> None:
    code = "import sys, minigrade; print([m for m in sys.modules if m.startswith('minigrade.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
