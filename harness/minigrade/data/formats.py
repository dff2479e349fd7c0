"""The canonical formats: IDX, SST-2's tables and GloVe's text, read with all checks, and written.

Readers get bytes and a name for messages. A hash is checked elsewhere, and after reading: that
a file is cut short says more than that its hash is another one.
"""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Collection, Sequence

import numpy as np

from minigrade.data.records import Array, Split
from minigrade.errors import DataError

DIMENSIONS = 50
TSV_HEADER = "sentence\tlabel"

_UBYTE = 0x0800  # IDX's code for bytes; the number of sides is added to it


def read_idx(data: bytes, where: str, sides: int) -> Array:
    """Return the array of uint8 in the IDX file `data`, read-only.

    Raises:
        DataError: it is no IDX file of bytes with so many sides, or is not whole.
    """
    head_bytes = 4 + 4 * sides
    if len(data) < head_bytes:
        raise DataError(f"{where}: {len(data)} bytes, expected a header of {head_bytes}")
    magic, *shape = struct.unpack(f">{1 + sides}I", data[:head_bytes])
    if magic != _UBYTE + sides:
        raise DataError(
            f"{where}: the magic number is 0x{magic:08x}, expected 0x{_UBYTE + sides:08x}: "
            f"no IDX file of {'images' if sides == 3 else 'labels'}"
        )
    expected = math.prod(shape)
    if len(data) - head_bytes != expected:
        raise DataError(
            f"{where}: {len(data) - head_bytes:,} bytes after the header, expected "
            f"{'x'.join(map(str, shape))} = {expected:,}: not the whole file, or not only it"
        )
    return np.frombuffer(data, np.uint8, offset=head_bytes).reshape(shape)


def write_idx(array: Array) -> bytes:
    """Return the uint8 `array` as an IDX file."""
    head = struct.pack(f">{1 + array.ndim}I", _UBYTE + array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


def check_digits(images: Array, labels: Array, where: str) -> None:
    """Check that there are as many labels as images, of 28x28, and that each is 0 to 9.

    Raises:
        DataError: it is not so; `where` names the files.
    """
    if images.shape[1:] != (28, 28):
        found = "x".join(map(str, images.shape[1:]))
        raise DataError(f"{where}: images of {found}, expected 28x28")
    if len(images) != len(labels):
        raise DataError(f"{where}: {len(images):,} images and {len(labels):,} labels")
    if len(labels) and labels.max() > 9:
        at = int(np.argmax(labels > 9))
        raise DataError(f"{where}: label {at} is {labels[at]}, expected 0 to 9")


def decode(data: bytes, where: str) -> str:
    """Return `data` as text.

    Raises:
        DataError: it is not UTF-8; says in which line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{where}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x} at {error.start})"
        ) from None


def lines_of(text: str) -> list[str]:
    """Return the lines; only a line feed ends one, as words may contain other breaks."""
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def read_tsv(data: bytes, where: str) -> Split:
    """Return the sentences of one of SST-2's tables: a header, then sentence and label a line.

    Raises:
        DataError: another header, a line without two columns, or a label but 0 and 1.
    """
    lines = [line.removesuffix("\r") for line in lines_of(decode(data, where))]
    if not lines or lines[0] != TSV_HEADER:
        found = lines[0][:60] if lines else ""
        raise DataError(f"{where}: the first line is {found!r}, expected {TSV_HEADER!r}")
    sentences, labels = [], []
    for number, line in enumerate(lines[1:], 2):
        columns = line.split("\t")
        if len(columns) != 2:
            raise DataError(f"{where}: line {number} has {len(columns)} columns, expected 2")
        if columns[1] not in ("0", "1"):
            raise DataError(
                f"{where}: line {number} has the label {columns[1][:20]!r}, expected 0 or 1"
            )
        sentences.append(" ".join(columns[0].split()))
        labels.append(int(columns[1]))
    return Split(tuple(sentences), np.array(labels, np.uint8))


def write_tsv(split: Split) -> bytes:
    """Return the sentences as one of SST-2's tables."""
    rows = zip(split.sentences, split.labels.tolist(), strict=True)
    return "\n".join([TSV_HEADER, *(f"{text}\t{label}" for text, label in rows), ""]).encode()


def read_glove(
    data: bytes, where: str, only: Collection[str] | None = None
) -> tuple[tuple[str, ...], Array]:
    """Return words and vectors of a GloVe text: a word and 50 numbers a line.

    Args:
        data: the text's bytes.
        where: its name, for messages.
        only: the words wanted; the others' numbers are counted but not read.

    Raises:
        DataError: a line has another number of columns, or one that is no number.
    """
    words, numbers = [], []
    for at, line in enumerate(lines_of(decode(data, where)), 1):
        word, _, rest = line.partition(" ")
        columns = rest.count(" ") + 1 if rest else 0
        if not word or columns != DIMENSIONS:
            raise DataError(
                f"{where}: line {at} has {columns + 1} columns, "
                f"expected a word and {DIMENSIONS} numbers"
            )
        if only is None or word in only:
            words.append(word)
            numbers.append(rest)
    if not words:
        return (), np.empty((0, DIMENSIONS), np.float32)
    return tuple(words), _numbers(words, numbers, where)


def _numbers(words: Sequence[str], numbers: Sequence[str], where: str) -> Array:
    """Return the rows of `numbers`, parsed in one go; on failure find out where it is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # "could not be read to its end"
            flat = np.fromstring(" ".join(numbers), np.float32, sep=" ")
        if flat.size == len(numbers) * DIMENSIONS and np.isfinite(flat).all():
            return flat.reshape(-1, DIMENSIONS)
    except (ValueError, DeprecationWarning):
        pass
    for word, row in zip(words, numbers, strict=True):
        for number in row.split(" "):
            if not _is_finite(number):
                raise DataError(
                    f"{where}: the vector of {word[:40]!r} has {number[:40]!r} for a number"
                )
    raise DataError(f"{where}: not a table of {DIMENSIONS} numbers a word")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def write_glove(words: Sequence[str], vectors: Array) -> bytes:
    """Return the text; nine digits give back every float32 exactly."""
    form = " ".join(["%.9g"] * vectors.shape[1])
    rows = zip(words, vectors.tolist(), strict=True)
    return "".join(f"{word} {form % tuple(row)}\n" for word, row in rows).encode()
