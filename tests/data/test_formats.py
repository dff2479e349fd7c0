"""The readers give back what the writers wrote, and say what is wrong with anything else."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from minigrade.data import formats
from minigrade.data.records import Split
from minigrade.errors import DataError

WORDS = st.text(st.characters(codec="utf-8", exclude_characters=" \t\n\r"), min_size=1, max_size=8)
# What `str.split` takes for white space cannot be part of a sentence's word.
PLAIN = WORDS.filter(lambda word: word.split() == [word])
FLOATS = st.floats(-100, 100, width=32)


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, min_side=0)))
def test_idx_comes_back(array: np.ndarray) -> None:
    read = formats.read_idx(formats.write_idx(array), "x", 3)
    assert read.shape == array.shape
    assert (read == array).all()


@given(st.binary(max_size=40))
def test_idx_of_any_bytes_is_read_or_refused(data: bytes) -> None:
    try:
        array = formats.read_idx(data, "labels", 1)
    except DataError as error:
        assert str(error).startswith("labels: ")  # noqa: PT017  (either is right)
    else:
        assert formats.write_idx(array) == data


@pytest.mark.parametrize(
    ("data", "sides", "message"),
    [
        (b"", 1, "0 bytes, expected a header of 8"),
        (b"version https://git-lfs", 1, "magic number is 0x76657273, expected 0x00000801"),
        (struct.pack(">4I", 0x803, 2, 28, 28), 1, "is 0x00000803, expected 0x00000801.*labels"),
        (struct.pack(">4I", 0x803, 2, 2, 2) + b"1234567", 3, "7 bytes .* 2x2x2 = 8: not the whole"),
        (struct.pack(">4I", 0x803, 2, 2, 2) + b"123456789", 3, "9 bytes .* 2x2x2 = 8"),
        (struct.pack(">2I", 0x801, 2**32 - 1) + b"1", 1, "expected 4294967295 = 4,294,967,295"),
    ],
)
def test_idx_that_is_wrong(data: bytes, sides: int, message: str) -> None:
    with pytest.raises(DataError, match=f"^here: .*{message}"):
        formats.read_idx(data, "here", sides)


def test_digits_must_fit_each_other() -> None:
    images, labels = np.zeros((3, 28, 28), np.uint8), np.array([1, 2, 3], np.uint8)
    formats.check_digits(images, labels, "x")
    with pytest.raises(DataError, match="x: 3 images and 2 labels"):
        formats.check_digits(images, labels[:2], "x")
    with pytest.raises(DataError, match="x: label 1 is 10, expected 0 to 9"):
        formats.check_digits(images, np.array([1, 10, 3], np.uint8), "x")
    with pytest.raises(DataError, match="x: images of 27x28, expected 28x28"):
        formats.check_digits(images[:, 1:], labels, "x")


@given(st.lists(st.tuples(st.lists(PLAIN, min_size=1), st.integers(0, 1))))
def test_a_table_comes_back(rows: list[tuple[list[str], int]]) -> None:
    texts = tuple(" ".join(words) for words, _ in rows)
    labels = np.array([label for _, label in rows], np.uint8)
    read = formats.read_tsv(formats.write_tsv(Split(texts, labels)), "x")
    assert read.sentences == texts
    assert (read.labels == labels).all()


def test_a_table_as_published() -> None:
    read = formats.read_tsv(b"sentence\tlabel\r\nit 's  good \t1\r\n\"odd\t0", "x")
    assert read.sentences == ("it 's good", '"odd')
    assert read.labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the first line is '', expected 'sentence\\\\tlabel'"),
        (b"index\tsentence\n0\tx\n", "the first line is 'index"),
        (b"sentence\tlabel\nx\t1\ny\n", "line 3 has 1 columns, expected 2"),
        (b"sentence\tlabel\nx\ty\t1\n", "line 2 has 3 columns, expected 2"),
        (b"sentence\tlabel\nx\tpositive\n", "line 2 has the label 'positive', expected 0 or 1"),
        (b"sentence\tlabel\nx\t1\n\xff\t0\n", "line 3 is not UTF-8 .byte 0xff at 19"),
    ],
)
def test_a_table_that_is_wrong(data: bytes, message: str) -> None:
    with pytest.raises(DataError, match=f"^here: {message}"):
        formats.read_tsv(data, "here")


@given(st.lists(WORDS, unique=True, max_size=5), st.data())
def test_vectors_come_back(words: list[str], data: st.DataObject) -> None:
    vectors = data.draw(arrays.arrays(np.float32, (len(words), 50), elements=FLOATS))
    text = formats.write_glove(words, vectors)
    read, numbers = formats.read_glove(text, "x")
    assert read == tuple(words)
    assert (numbers == vectors).all()
    some, rows = formats.read_glove(text, "x", only=words[:1])
    assert some == tuple(words[:1])
    assert (rows == vectors[:1]).all()


ROW = b" 1" * 50


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a" + ROW + b"\nb 1 2 3\n", "line 2 has 4 columns, expected a word and 50 numbers"),
        (b"a" + ROW + b" 1\n", "line 1 has 52 columns"),
        (b"lonely\n", "line 1 has 1 columns"),
        (ROW + b"\n", "line 1 has 51 columns, expected a word"),
        (b"a" + ROW + b"\nb" + ROW[:-2] + b" x\n", "the vector of 'b' has 'x' for a number"),
        (b"a" + ROW[:-2] + b" nan\n", "the vector of 'a' has 'nan' for a number"),
        (b"a" + ROW[:-2] + b" \n", "the vector of 'a' has '' for a number"),
        (b"a" + ROW + b"\n\xc3(" + ROW + b"\n", "line 2 is not UTF-8 .byte 0xc3"),
    ],
)
def test_vectors_that_are_wrong(data: bytes, message: str) -> None:
    with pytest.raises(DataError, match=f"^here: {message}"):
        formats.read_glove(data, "here")
