"""Find data: an explicit folder, else the user's cache, else what the package brings along.

The first that has anything decides. If what it has is damaged or incomplete, that is an error
and not a reason to look further: data would change behind the user's back.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.resources
import os
import sys
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from minigrade.data import catalog
from minigrade.data.records import UNKNOWN, FileRecord, Origin
from minigrade.errors import DataError

Source = Literal["auto", "directory", "cache", "embedded"]

DIRECTORY_VARIABLE = "MINIGRADE_DATA_DIR"
CONTENT_LIMIT_BYTES = 2**28  # the largest known, GloVe's 50 dimensions, is 171 MB


@dataclass(frozen=True)
class Place:
    """A file, or one inside a zip."""

    path: Path
    member: str = ""

    def __str__(self) -> str:
        return f"{self.path}({self.member})" if self.member else str(self.path)


@dataclass(frozen=True)
class Content:
    """A part's unpacked bytes, and where they were."""

    place: str
    data: bytes

    def record(self) -> FileRecord:
        """Return its name, size and hash."""
        return FileRecord(self.place, len(self.data), hashlib.sha256(self.data).hexdigest())


@dataclass(frozen=True)
class Kind:
    """One of the three kinds of data, and how to find it.

    Attributes:
        what: a word for messages.
        embedded: the package's own file.
        fetched: the data set that `minigrade data fetch` puts into the cache.
        known: what the contents of published data sets are.
        expected: what a folder should hold, for messages.
        places: where a folder holds each part; nothing if it has none of them.
    """

    what: str
    embedded: str
    fetched: str
    known: Mapping[str, catalog.Contents]
    expected: str
    places: Callable[[Path], dict[str, Place]]


def _idx_places(folder: Path) -> dict[str, Place]:
    found = {}
    for part in catalog.IDX_PARTS:
        for path in (folder / part, folder / f"{part}.gz"):
            if path.is_file():
                found[part] = Place(path)
                break
    missing = [part for part in catalog.IDX_PARTS if part not in found]
    if found and missing:
        raise DataError(f"{folder}: {missing[0]}[.gz] is missing, but others of its set are here")
    return found


def _tsv_places(folder: Path) -> dict[str, Place]:
    for base in (folder, folder / "SST-2"):
        names = [name for name in ("train.tsv", "dev.tsv") if (base / name).is_file()]
        if len(names) == 1:
            raise DataError(f"{base}: {names[0]} is here, but train.tsv and dev.tsv are needed")
        if names:
            # SST-2's own test.tsv has an index where labels should be: no use.
            test = base / "test.tsv"
            if test.is_file() and not _starts_with(test, b"index\tsentence"):
                names.append(test.name)
            return {name: Place(base / name) for name in names}
    archive = folder / catalog.SST2_ZIP
    if archive.is_file():
        return {name: Place(archive, f"SST-2/{name}") for name in ("train.tsv", "dev.tsv")}
    return {}


def _glove_places(folder: Path) -> dict[str, Place]:
    text, archive = folder / catalog.GLOVE_FILE, folder / catalog.GLOVE_ZIP
    if text.is_file():
        return {catalog.GLOVE_FILE: Place(text)}
    if archive.is_file():
        return {catalog.GLOVE_FILE: Place(archive, catalog.GLOVE_FILE)}
    return {}


def _starts_with(path: Path, start: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(start)) == start


DIGITS = Kind(
    "digits",
    "mnist_5k1k.npz",
    "mnist",
    catalog.IDX_CONTENTS,
    ", ".join(f"{part}[.gz]" for part in catalog.IDX_PARTS),
    _idx_places,
)
SENTENCES = Kind(
    "sentences",
    "sentiment_6k.tsv.gz",
    "sst-2",
    catalog.TSV_CONTENTS,
    f"train.tsv and dev.tsv, there or in SST-2, or {catalog.SST2_ZIP}",
    _tsv_places,
)
VECTORS = Kind(
    "word vectors",
    "glove50_f16.npz",
    "glove",
    catalog.GLOVE_CONTENTS,
    f"{catalog.GLOVE_FILE} or {catalog.GLOVE_ZIP}",
    _glove_places,
)


def cache_folder() -> Path:
    """Return the folder of this user for downloaded data; it need not exist."""
    if sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        # A relative path is to be ignored, says the XDG specification.
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        base = named if named.is_absolute() else Path.home() / ".cache"
    return base / "minigrade" / "data"


def explicit_folder(directory: Path | str | None) -> Path | None:
    """Return the folder that the caller or the environment names, or None.

    Raises:
        DataError: it is no folder.
    """
    named = directory or os.environ.get(DIRECTORY_VARIABLE) or None
    if named is None:
        return None
    folder = Path(named).expanduser()
    if not folder.is_dir():
        by = "" if directory else f" ({DIRECTORY_VARIABLE} names it)"
        raise DataError(f"{folder}: no folder of data{by}; expected one that exists")
    return folder


def find(
    kind: Kind, source: Source = "auto", directory: Path | str | None = None
) -> tuple[Origin, dict[str, Place]]:
    """Return which source has the data, and its places; embedded data has none.

    Raises:
        DataError: the source that was asked for lacks the data, or has a part of it only.
    """
    if source not in ("auto", "directory", "cache", "embedded"):
        raise DataError(f"no source {source!r}; expected auto, directory, cache or embedded")
    if source in ("auto", "directory"):
        folder = explicit_folder(directory)
        if folder is not None:
            places = kind.places(folder)
            if not places:
                raise DataError(
                    f"{folder}: no {kind.what} here; expected {kind.expected}. "
                    "The source `embedded` needs no folder"
                )
            return "directory", places
        if source == "directory":
            raise DataError(f"no folder is named: give one, or set {DIRECTORY_VARIABLE}")
    if source in ("auto", "cache"):
        folder = cache_folder() / kind.fetched
        places = kind.places(folder)
        if places:
            return "cache", places
        if source == "cache":
            raise DataError(
                f"{folder}: no {kind.what} here; `minigrade data fetch {kind.fetched}` gets them"
            )
    return "embedded", {}


def read(place: Place) -> Content:
    """Return what a place holds, unpacked.

    Raises:
        DataError: it cannot be read or unpacked, or is larger than anything expected.
    """
    try:
        data = _unpacked(place)
    except (EOFError, zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
        raise DataError(f"{place}: cannot be unpacked, so it is damaged: {error}") from None
    except KeyError:
        raise DataError(f"{place.path}: has no member {place.member}") from None
    except (OSError, RuntimeError) as error:  # RuntimeError: a zip that wants a password
        raise DataError(f"{place}: cannot be read: {error}") from None
    if len(data) > CONTENT_LIMIT_BYTES:
        raise DataError(f"{place}: more than {CONTENT_LIMIT_BYTES:,} bytes, expected fewer")
    return Content(str(place), data)


def _unpacked(place: Place) -> bytes:
    """Read one byte more than allowed, at most."""
    if place.member:
        with zipfile.ZipFile(place.path) as archive, archive.open(place.member) as file:
            return file.read(CONTENT_LIMIT_BYTES + 1)
    if place.path.suffix == ".gz":
        with gzip.open(place.path) as packed:
            return packed.read(CONTENT_LIMIT_BYTES + 1)
    with place.path.open("rb") as plain:
        return plain.read(CONTENT_LIMIT_BYTES + 1)


def read_embedded(kind: Kind) -> Content:
    """Return the bytes of the package's own file.

    Raises:
        DataError: it is not the file that minigrade was published with.
    """
    file = importlib.resources.files("minigrade.data").joinpath(kind.embedded)
    content = Content(str(file), file.read_bytes())
    got, expected = content.record().sha256, catalog.EMBEDDED[kind.embedded].sha256
    if got != expected:
        raise DataError(f"{file}: sha256 {got}, expected {expected}; install minigrade again")
    return content


def identify(kind: Kind, records: Mapping[str, FileRecord], *, check_hash: bool) -> str:
    """Return the name of the data set that the parts are, by their hashes.

    Raises:
        DataError: they are none that is known, and `check_hash` forbids others.
    """
    got = {part: record.sha256 for part, record in records.items()}
    for name, contents in kind.known.items():
        if got == contents:
            return name
    if not check_hash:
        return UNKNOWN
    for part, record in records.items():
        of_part = {contents.get(part): name for name, contents in kind.known.items()}
        if record.sha256 not in of_part:
            expected = " or ".join(f"{sha} ({name})" for sha, name in of_part.items() if sha)
            raise DataError(
                f"{record.path}: its content's sha256 is {record.sha256} "
                f"({record.size_bytes:,} bytes), expected {expected or 'no such file'}. "
                "For data of your own turn the check off: check_hash=False, or --any-data"
            )
    owners = [
        f"{record.path} is of "
        + " and ".join(n for n, known in kind.known.items() if known.get(part) == record.sha256)
        for part, record in records.items()
    ]
    raise DataError(f"the files are of different data sets: {'; '.join(owners)}")
