"""Where a grading keeps the kernels that numba has compiled for a submission.

Compiling dominates the time of a check, and each of its workers needs the same kernels.
So some workers compile first, each into a folder of its own, and all others read what
was found there and write nothing. Several may compile at once, if there are several
processes: the grader carries what one has compiled to the others, so that hardly any
kernel is compiled twice. A folder serves one submission. Its files are pickles, which can
run code in whoever reads them (see `minigrade.kernel_cache`): only workers of that
submission do, and the grader copies bytes, without a look at them.

On a student's own machine kernels are kept in ``.minigrade/kernels`` of the repository
from one check to the next, under the digest of the package's files. Whoever can write
there can run code as the student, in a worker, just as by an edit of the package itself.
A strict grading never reads what a submission brought along.

Beside the kernels an empty file for each question says that its kernels are there, so
that nobody is asked to compile them. Where it is wrong, each worker compiles for itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import platform
import re
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import minigrade
from minigrade.running.submission import Submission

KEPT = Path(".minigrade", "kernels")
_NAME = re.compile(r"[0-9a-f]{64}\.(?:kernel|asked)")
_FILE_LIMIT_BYTES = 4 * 2**20
_FILES_LIMIT = 1_000
_CARRIED_EVERY_S = 0.1
_GENERATIONS = 3  # versions of a package whose kernels are kept


def mark(*question: Any) -> str:
    """Return the name of the file that says that the kernels of a question are there.

    Args:
        question: all that tells which kernels it needs, but for the package's files.
    """
    told = repr((_surroundings(), question))
    return f"{hashlib.sha256(told.encode()).hexdigest()}.asked"


@cache
def _surroundings() -> tuple[Any, ...]:
    """Return what the keys of kernels depend on beside the submission: a cheap look at it."""
    package = Path(minigrade.__file__).parent
    ours = [(package / name).read_bytes() for name in ("kernel_cache.py", "kernel_keys.py")]
    versions = [importlib.metadata.version(name) for name in ("llvmlite", "numba", "numpy")]
    settings = sorted((k, v) for k, v in os.environ.items() if k.startswith("NUMBA_"))
    return ours, versions, sys.version, _processor(), settings


def _processor() -> str:
    """Return what tells this machine's processor from others, whose code may not run here."""
    try:
        # Its speed changes from one look to the next; its name and abilities do not.
        lines = Path("/proc/cpuinfo").read_text("utf-8", "replace").split("\n\n")[0].splitlines()
    except OSError:
        return platform.processor()
    told = ("cpu family", "model", "flags", "Features", "CPU ")
    return "\n".join(line for line in lines if line.startswith(told))


def collect(source: Path, target: Path) -> int:
    """Copy the kernels in one folder to another, but for those that are there; count them.

    A student's process may write to either. Of `source`, what is no plain file of a fitting
    name and size is left, and no link is followed. A copy is written beside `target`, where
    no student's process can put a link in its place, and then moved.
    """
    copied = 0
    try:
        names = sorted(name for name in os.listdir(source) if _NAME.fullmatch(name))  # noqa: PTH208
    except OSError:
        return 0
    for name in names[:_FILES_LIMIT]:
        if (target / name).exists():
            continue
        content = _content(source / name)
        if content is None:
            continue
        descriptor, partial = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".tmp")
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)  # workers may have other uids
            file.write(content)
        try:
            Path(partial).replace(target / name)
        except OSError:  # a folder of that name: whoever made it compiles for itself
            Path(partial).unlink()
            continue
        copied += 1
    return copied


@contextlib.contextmanager
def exchanged(fresh: Path, shared: Path) -> Iterator[None]:
    """Carry kernels between two folders, both ways, as they come, until the block ends.

    Args:
        fresh: where a worker keeps what it compiles, and finds what others have compiled.
        shared: what all workers of the submission have compiled.
    """
    has_ended = threading.Event()

    def carry() -> None:
        while not has_ended.wait(_CARRIED_EVERY_S):
            with contextlib.suppress(OSError):  # costs only time; the last look reports it
                collect(fresh, shared)
                collect(shared, fresh)

    collect(shared, fresh)
    carrier = threading.Thread(target=carry)
    carrier.start()
    try:
        yield
    finally:
        has_ended.set()
        carrier.join()
        collect(fresh, shared)


def _content(path: Path) -> bytes | None:
    """Return what is in a regular file of a fitting size; None if it is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > _FILE_LIMIT_BYTES:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(_FILE_LIMIT_BYTES)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def kernels_of(found: Submission, package: str, scratch: Path, *, is_kept: bool) -> Iterator[Path]:
    """Yield the folder that workers read; it goes away with `scratch`.

    Args:
        found: the submission.
        package: the package under test.
        scratch: a folder of this grading.
        is_kept: whether to take kernels from the repository, and to leave them there.
    """
    folder = scratch / "kernels"
    folder.mkdir()
    home = found.root / KEPT
    # A link would have the grader write elsewhere.
    is_kept = is_kept and not any(path.is_symlink() for path in (home, home.parent))
    place = home / _digest(found, package)
    if is_kept:
        collect(place, folder)
    yield folder
    if is_kept and any(folder.iterdir()):
        with contextlib.suppress(OSError):  # a full or read-only disk costs only time
            place.mkdir(parents=True, exist_ok=True)
            collect(folder, place)
            os.utime(place)
            _drop_old(home)


def _digest(found: Submission, package: str) -> str:
    """Return the digest of the package's files, which the compiled kernels stand in."""
    total = hashlib.sha256()
    for name in found.files:
        if name.startswith(f"{package}/"):
            content = (found.root / name).read_bytes()
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
    return total.hexdigest()[:32]


def _drop_old(home: Path) -> None:
    """Remove the kernels of all but the last few versions."""
    places = [path for path in home.iterdir() if path.is_dir() and not path.is_symlink()]
    places.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in places[_GENERATIONS:]:
        shutil.rmtree(path, ignore_errors=True)
