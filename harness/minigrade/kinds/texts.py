"""Read the student's files in the grader, without being led anywhere else."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

TEXT_LIMIT_BYTES = 500_000  # of all files: a message holds 2**20, and Latin-1 may double


def read_texts(
    root: Path, files: Sequence[str], limit_bytes: int = TEXT_LIMIT_BYTES
) -> tuple[dict[str, str], list[str], list[str]]:
    """Return the bytes of `files` below `root`, for the bench; all together up to a limit.

    Returns:
        The bytes, decoded as Latin-1, by path; a sentence for each missing file;
        and a sentence for each that is there and is not to be read.
    """
    texts: dict[str, str] = {}
    missing: list[str] = []
    refused: list[str] = []
    left_bytes = limit_bytes
    for file in files:
        try:
            data = _content(root, file, left_bytes + 1)
        except FileNotFoundError:
            missing.append(f"{file} is missing")
            continue
        except OSError as error:
            refused.append(f"{file} cannot be read ({error.strerror}); expected a regular file")
            continue
        left_bytes -= len(data)
        if left_bytes < 0:
            limit_kb = TEXT_LIMIT_BYTES // 1000
            refused.append(f"{file} is too large to be judged; expected {limit_kb} kB at most")
            break
        texts[file] = data.decode("latin-1")
    return texts, missing, refused


def read_modules(
    root: Path, names: Sequence[str], known: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the files of modules that define `names`, as far as they are not `known`.

    Args:
        root: where the repository is.
        names: absolute ones, such as ``minitorch.fast_matmul.njit``.
        known: texts by path.

    Returns:
        As the first and the last of `read_texts`.
    """
    found: dict[str, str] = {}
    refused: list[str] = []
    left_bytes = TEXT_LIMIT_BYTES - sum(map(len, known.values()))
    for name in names:
        parts = name.split(".")[:-1]
        if not all(part.isidentifier() for part in parts):
            continue
        for count in range(len(parts), 0, -1):
            module = "/".join(parts[:count])
            files = [f"{module}.py", f"{module}/__init__.py"]
            if any(file in known or file in found for file in files):
                break
            texts, _, amiss = read_texts(root, files, left_bytes)
            left_bytes -= sum(map(len, texts.values()))
            found |= texts
            refused += amiss
            if texts or amiss:
                break
    return found, refused


def _content(root: Path, file: str, size: int) -> bytes:
    """Return at most `size` bytes of a regular file below `root`, following no link.

    Raises:
        OSError: there is none, or something else stands in its place.
    """
    *folders, name = PurePosixPath(file).parts
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for part in folders:
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
            inner = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
        # O_NONBLOCK: a named pipe would have us wait for a writer.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(name, flags, dir_fd=folder)
    finally:
        os.close(folder)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(0, "it is something else")
        with os.fdopen(os.dup(descriptor), "rb") as stream:
            return stream.read(size)
    finally:
        os.close(descriptor)
