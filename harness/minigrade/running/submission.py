"""Find a student's repository, see whether it can be graded, take the files that are.

Only regular files that the course lists are taken: no links, caches, compiled
code or configuration. They are copied, so that grading neither reads nor writes
the repository itself.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from minigrade.errors import SubmissionError
from minigrade.model import Course

FILE_LIMIT_BYTES = 2 * 2**20
FILES_LIMIT = 500


class Submission(msgspec.Struct, frozen=True):
    """What was found of a submission.

    Attributes:
        root: the repository.
        files: what is graded, relative to it, in a fixed order.
        notes: what the reader of a report should know.
    """

    root: Path
    files: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def digest(self) -> str:
        """Return the SHA-256 of names and contents of the graded files."""
        total = hashlib.sha256()
        for name in self.files:
            content = (self.root / name).read_bytes()
            total.update(f"{name}\0{len(content)}\0".encode())
            total.update(content)
        return total.hexdigest()


def find(folder: Path, course: Course) -> Submission:
    """Return the submission in `folder`, in a folder around it, or in the only one below.

    Raises:
        SubmissionError: there is none, or it is one that minigrade does not grade.
    """
    folder = Path(os.path.realpath(folder))
    if not folder.is_dir():
        raise SubmissionError(f"{folder}: no such folder; expected a student's repository")
    root = _root(folder, course.package)
    files, notes = _listed(root, course)
    old = _layout_of_2020(root, course.package, files)
    if old:
        raise SubmissionError(
            f"{root.name} has MiniTorch's layout of 2020/21 ({old}); minigrade grades the layouts "
            "of 2022 and later: start from a newer template and carry your functions over"
        )
    nested = sorted(path.parent for path in root.glob(f"*/{course.package}/__init__.py"))
    if nested:
        copies = ", ".join(str(path.relative_to(root)) for path in nested)
        notes.append(f"another copy at {copies} was not graded")
    return Submission(root, tuple(files), tuple(notes))


@contextmanager
def copied(
    submission: Submission, laid: Mapping[str, bytes] | None = None
) -> Iterator[tuple[Path, Path]]:
    """Yield a readable copy of the graded files, and a folder to write in; both go away.

    Args:
        submission: whose files are copied.
        laid: files that take the place of those of the same name, or come beside them.
    """
    with tempfile.TemporaryDirectory(prefix="minigrade-") as name:
        place = Path(name)
        place.chmod(0o755)
        root, scratch = place / "submission", place / "scratch"
        root.mkdir()
        scratch.mkdir()
        for file in submission.files:
            target = root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(submission.root / file, target)
            target.chmod(0o644)
        for file, content in (laid or {}).items():
            target = root / file
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            target.chmod(0o644)
        yield root, scratch


def _root(folder: Path, package: str) -> Path:
    for candidate in (folder, *folder.parents):
        if (candidate / package).is_dir():
            return candidate
        if (candidate / ".git").exists():
            break
    below = sorted(path for path in folder.iterdir() if (path / package).is_dir())
    if len(below) == 1:
        return below[0]
    if below:
        names = ", ".join(path.name for path in below)
        raise SubmissionError(
            f"{folder}: several folders hold a {package} package ({names}); name one of them with "
            "--submission"
        )
    close = [path.name for path in folder.iterdir() if path.name.lower() == package.lower()]
    found = f"found {close[0]}, which differs in case" if close else f"found {_some(folder)}"
    raise SubmissionError(
        f"{folder}: no folder {package} here; {found}; expected the root of a student's repository"
    )


def _some(folder: Path) -> str:
    names = sorted(path.name for path in folder.iterdir())
    return ", ".join(names[:6]) + (" …" if len(names) > 6 else "") if names else "nothing"


def _listed(root: Path, course: Course) -> tuple[list[str], list[str]]:
    """Return the files to take, and notes on those that were left."""
    files: list[str] = []
    notes: list[str] = []
    for pattern in course.files:
        for path in sorted(root.glob(pattern)):
            name = path.relative_to(root).as_posix()
            status = path.lstat()
            if not name.isprintable():  # nor can it be imported, and some cannot be written down
                notes.append(f"{name!a} has a name that cannot be shown and was not taken")
            elif not stat.S_ISREG(status.st_mode) or path.parent.resolve() != path.parent:
                notes.append(f"{name} is no regular file and was not taken")
            elif status.st_size > FILE_LIMIT_BYTES:
                limit_mb = FILE_LIMIT_BYTES // 2**20
                notes.append(f"{name} is larger than {limit_mb} MB and was not taken")
            else:
                files.append(name)
    if len(files) > FILES_LIMIT:
        raise SubmissionError(f"{root}: {len(files)} files; expected at most {FILES_LIMIT}")
    return files, notes


_MARKS_OF_2020 = {
    "autodiff.py": ("VariableWithDeriv", "class FunctionBase"),
    "tensor_functions.py": ("make_tensor_backend",),
    "module.py": ('self.mode = "train"', "self.mode = 'train'"),
}


def _layout_of_2020(root: Path, package: str, files: Sequence[str]) -> str:
    """Return the mark of MiniTorch's first two years in `files`, or an empty string."""
    for name, marks in _MARKS_OF_2020.items():
        file = f"{package}/{name}"
        if file not in files:  # there may be a pipe of that name, which nobody fills
            continue
        text = (root / file).read_text("utf-8", "replace")
        for mark in marks:
            if mark in text:
                return f"`{mark}` in {file}"
    return ""
