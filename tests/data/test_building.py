"""The parts of the recipe that choose and cut; the whole is checked by the results' hashes."""

from __future__ import annotations

import gzip
import io
import json

import numpy as np
import pytest

from minigrade.data import load_sentences, load_vectors
from minigrade.data.building import mnist, sentences, vectors


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's GOOD.", "it 's good ."),
        ("can't, won\u2019t", "ca n't , wo n't"),
        ("``so-so'' U.S. 1990s", '" so-so " u.s . 1990s'),
        ("they'll've 3.5 stars!!", "they 'll 've 3.5 stars ! !"),
        ("rock'n'roll caf\u00e9", "rock'n'roll caf \u00e9"),
    ],
)
def test_words_are_cut_as_in_sst(text: str, expected: str) -> None:
    assert " ".join(sentences.tokens(text)) == expected


def test_only_clear_short_and_known_sentences_are_chosen() -> None:
    lines = []
    for i in range(3000):
        lines += [f"{i}\t2.5\tfilm {i} was good", f"{i}\t-2.5\tfilm {i} was bad"]
    poor = [
        ("0.4", "film x was good"),  # nobody was sure
        ("3", "too short"),
        ("3", "film " * 25),
        ("3", "all of this unheard of"),
        ("-3", "film 0 was good"),  # said before, by others
    ]
    table = "\n".join([*lines, *(f"id\t{rating}\t{text}" for rating, text in poor), ""])
    known = {"film", "was", "good", "bad", "too", "short", *map(str, range(3000))}
    splits = sentences.chosen(table, known)
    assert {name: len(rows) for name, rows in splits.items()} == {
        "train": 4000, "val": 1000, "test": 1000
    }  # fmt: skip
    rows = [row for rows in splits.values() for row in rows]
    assert len({" ".join(words) for _, words in rows}) == 6000
    assert all((words[3] == "good") == label for label, words in rows)
    assert sentences.archive(splits) == sentences.archive(sentences.chosen(table, known))


@pytest.mark.slow
def test_the_test_digits_are_others_than_the_training_digits() -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 256, (10, 150, 784))
    digits = [json.dumps({"data": (c / 255).round(3).ravel().tolist()}).encode() for c in levels]
    table = io.StringIO()
    for label, images in enumerate(levels):
        rows = np.concatenate([images[: 500 // 10], np.full((50, 1), label)], axis=1)
        np.savetxt(table, np.repeat(rows, 10, axis=0), "%d", ",")
    archive = mnist.archive(digits, gzip.compress(table.getvalue().encode()))
    with np.load(io.BytesIO(archive)) as arrays:
        train, test = arrays["train_images"], arrays["test_images"]
        assert train.shape == (5000, 28, 28)
        assert np.bincount(arrays["test_labels"]).tolist() == [100] * 10
        owner = {tuple(image): label for label, images in enumerate(levels) for image in images}
        labels = [owner[tuple(image.ravel())] for image in test.astype(int)]
        assert labels == arrays["test_labels"].tolist()
    assert not {x.tobytes() for x in train} & {x.tobytes() for x in test}


def test_the_embedded_vectors_are_those_of_the_embedded_words() -> None:
    found = load_vectors()
    splits = load_sentences()
    rows = {
        name: [(0, text.split(" ")) for text in split.sentences]
        for name, split in (("a", splits.train), ("b", splits.validation), ("c", splits.test))
    }
    words = ["no such word", *found.words]
    table = np.concatenate([np.ones((1, 50)), found.vectors]).astype(np.float32)
    again = vectors.archive(words, table, sentences.vocabulary(rows))
    with np.load(io.BytesIO(again), allow_pickle=False) as arrays:
        assert arrays["words"].tobytes().decode().split("\n") == list(found.words)
        assert (arrays["vectors"] == found.vectors).all()
