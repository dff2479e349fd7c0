"""Download published data into the cache: whole, checked, or not at all.

Nothing here runs unless somebody asked for it. A file appears under its name only when all of
it has arrived and has the right hash. An interrupted download leaves nothing behind.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import shutil
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from minigrade.data import catalog
from minigrade.data.catalog import Download
from minigrade.errors import DataError

TIMEOUT_S = 30.0
SLOWEST_BYTES_PER_S = 1000  # over each timeout: less is a stall, though it drips

_CHUNK_BYTES = 1 << 16
_STALE_S = 24 * 3600

Progress = Callable[[str, int, int], None]
"""Is told a file's name, how many of its bytes are there, and how many there will be."""


class _Failed(Exception):
    """One address did not work out; the next may."""


def quiet(name: str, done_bytes: int, size_bytes: int) -> None:
    """Tell nobody of the progress."""


def fetch(
    name: str,
    folder: Path,
    *,
    base: str | None = None,
    progress: Progress = quiet,
    timeout_s: float = TIMEOUT_S,
) -> list[Path]:
    """Bring the data set `name` into `folder`; return its files. What is there already stays.

    Args:
        name: a key of `catalog.DOWNLOADS`.
        folder: made if needed.
        base: a URL, or a folder, to try before the published addresses.
        progress: told of every chunk.
        timeout_s: without a byte, or with next to none, for so long, an address is given up.

    Raises:
        DataError: no such data set, or no address delivers the right bytes; says why each failed.
    """
    if name not in catalog.DOWNLOADS:
        known = ", ".join(catalog.DOWNLOADS)
        raise DataError(f"no data set {name!r} to fetch; expected one of {known}")
    folder.mkdir(parents=True, exist_ok=True)
    _sweep(folder)
    if name == "glove":
        return [_fetch_glove(folder, base, progress, timeout_s)]
    files = []
    for download in catalog.DOWNLOADS[name]:
        target = folder / download.name
        if not _has(target, download.sha256):
            bring(download, target, base=base, progress=progress, timeout_s=timeout_s)
        files.append(target)
    return files


def bring(
    download: Download,
    target: Path,
    *,
    base: str | None = None,
    progress: Progress = quiet,
    timeout_s: float = TIMEOUT_S,
) -> None:
    """Download one file to `target`, from the first address that has it right.

    Raises:
        DataError: none has; says why each failed.
    """
    urls = (*_first(base, download.name), *download.urls)
    failures = []
    for url in urls:
        try:
            with _appearing(target) as file:
                _stream(url, download, file, progress, timeout_s)
        except (_Failed, OSError, http.client.HTTPException) as error:
            reason = "no answer in time" if isinstance(error, TimeoutError) else error
            failures.append(f"{url}: {reason}")
        else:
            return
    tried = "\n  ".join(failures)
    raise DataError(f"cannot get {download.name} (expected sha256 {download.sha256}):\n  {tried}")


def _first(base: str | None, name: str) -> tuple[str, ...]:
    if base is None:
        return ()
    if "://" not in base:
        base = Path(base).resolve().as_uri()
    return (f"{base.rstrip('/')}/{urllib.parse.quote(name)}",)


def _stream(
    url: str, download: Download, file: BinaryIO, progress: Progress, timeout_s: float
) -> None:
    """Copy what `url` serves to `file`, and check its size and hash."""
    if urllib.parse.urlsplit(url).scheme not in ("https", "http", "file"):
        raise _Failed("expected an address of https, http or file")
    total, size = hashlib.sha256(), 0
    with _opened(url, timeout_s) as answer:
        announced = answer.headers.get("Content-Length")
        if announced is not None and announced != str(download.size_bytes):
            raise _Failed(f"announces {announced} bytes, expected {download.size_bytes}")
        for chunk in _chunks(answer, timeout_s):
            size += len(chunk)
            if size > download.size_bytes:
                raise _Failed(f"sends more than the expected {download.size_bytes} bytes")
            total.update(chunk)
            file.write(chunk)
            progress(download.name, size, download.size_bytes)
    if size < download.size_bytes:
        raise _Failed(f"ended after {size} bytes, expected {download.size_bytes}")
    if total.hexdigest() != download.sha256:
        raise _Failed(f"sent other data: sha256 {total.hexdigest()}, expected {download.sha256}")


def _opened(url: str, timeout_s: float) -> http.client.HTTPResponse:
    """Open `url`. A page that says why there is no file is closed at once."""
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(url, timeout=timeout_s)  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            raise _Failed(str(error)) from None
    return answer


def _chunks(answer: http.client.HTTPResponse, timeout_s: float) -> Iterator[bytes]:
    """Yield bytes as they come; a read that waits `timeout_s` raises TimeoutError by itself."""
    start, amount = time.monotonic(), 0
    while chunk := answer.read1(_CHUNK_BYTES):
        yield chunk
        amount += len(chunk)
        now = time.monotonic()
        if now - start > timeout_s:
            if amount < SLOWEST_BYTES_PER_S * timeout_s:
                raise _Failed(f"sent only {amount} bytes in {now - start:.0f} s")
            start, amount = now, 0


@contextmanager
def _appearing(target: Path) -> Iterator[BinaryIO]:
    """Give a file that takes the place of `target` if all goes well, and vanishes if not."""
    descriptor, name = tempfile.mkstemp(
        prefix=f".{target.name}.", suffix=".part", dir=target.parent
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(name).chmod(0o644)
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def _sweep(folder: Path) -> None:
    """Remove what a killed download left, once it is too old to belong to a running one."""
    for path in folder.glob(".*.part"):
        if time.time() - path.stat().st_mtime > _STALE_S:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def _has(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _fetch_glove(folder: Path, base: str | None, progress: Progress, timeout_s: float) -> Path:
    """Keep the 50 dimensions only: the archive holds 300 too and is five times as large."""
    target = folder / catalog.GLOVE_FILE
    expected = catalog.GLOVE_CONTENTS["glove-6b-50d"][catalog.GLOVE_FILE]
    if _has(target, expected):
        return target
    [download] = catalog.DOWNLOADS["glove"]
    with tempfile.TemporaryDirectory(prefix=".glove.", suffix=".part", dir=folder) as scratch:
        archive = Path(scratch) / download.name
        bring(download, archive, base=base, progress=progress, timeout_s=timeout_s)
        with zipfile.ZipFile(archive) as files, files.open(catalog.GLOVE_FILE) as member:
            total = hashlib.sha256()
            with _appearing(target) as file:
                while chunk := member.read(_CHUNK_BYTES):
                    total.update(chunk)
                    file.write(chunk)
                if total.hexdigest() != expected:
                    raise DataError(
                        f"{download.name}({catalog.GLOVE_FILE}): sha256 {total.hexdigest()}, "
                        f"expected {expected}"
                    )
    return target
