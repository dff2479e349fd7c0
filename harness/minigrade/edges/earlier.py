"""Take over what a student wrote for earlier assignments, with all that it stands on.

Students cut their work into files as they like. An answer that imports a helper of its
own is worth nothing without it, and neither is a test that imports its neighbours.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from minigrade.running.belonging import Plan
from minigrade.running.submission import find


def earlier_work(
    plan: Plan, previous: Path, answers: Collection[str], fresh: Collection[str]
) -> dict[str, bytes]:
    """Return the answers to earlier assignments in `previous`, and what else they import there.

    Args:
        plan: of the new template.
        previous: the student's repository.
        answers: the files that answers are in.
        fresh: the new template's own files; only answers take the place of such a file.

    Raises:
        SubmissionError: `previous` is no student's repository.
    """
    found = find(previous, plan.course)
    theirs = [name for name in found.files if name in answers or name not in fresh]
    waiting = [name for name in theirs if name in answers]
    seen = set(waiting)
    taken: dict[str, bytes] = {}
    while waiting:
        name = waiting.pop(0)
        taken[name] = (found.root / name).read_bytes()
        needed = set(imported_files(name, taken[name])) - seen
        waiting += [other for other in theirs if other in needed]
        seen |= needed
    return {name: taken[name] for name in theirs if name in taken}


def imported_files(name: str, content: bytes) -> Iterator[str]:
    """Yield the files of a repository that a file's imports may mean, wherever they stand in it."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    folder = PurePosixPath(name).parent
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _files((PurePosixPath(), folder), alias.name)
        elif isinstance(node, ast.ImportFrom):
            bases: tuple[PurePosixPath, ...] = (PurePosixPath(), folder)
            if node.level:
                bases = (folder, *folder.parents)[node.level - 1 : node.level]
                yield from (f"{base}/__init__.py" for base in bases)
            module = f"{node.module}." if node.module else ""
            for alias in node.names:
                yield from _files(bases, f"{module}{alias.name}")


def _files(bases: Collection[PurePosixPath], dotted: str) -> Iterator[str]:
    """Yield what ``a.b`` may be: ``a/b.py``, or a name in ``a.py`` or ``a/__init__.py``.

    A script and a test find their neighbours by bare names; so `bases` are several.
    """
    parts = dotted.split(".")
    for base in bases:
        for end in range(1, len(parts) + 1):
            path = base.joinpath(*parts[:end])
            yield f"{path}.py"
            yield f"{path}/__init__.py"
