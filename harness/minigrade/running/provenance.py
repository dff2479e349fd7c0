"""What a grade depends on: versions, and digests of engine and course."""

from __future__ import annotations

import hashlib
import importlib.metadata
import platform
from pathlib import Path

import minigrade

_ELSEWHERE = ("course/", "data/building/")  # in a wheel, or in a checkout, only


def versions() -> dict[str, str]:
    """Return the versions that decide which cases are drawn."""
    return {
        "minigrade": minigrade.__version__,
        "hypothesis": importlib.metadata.version("hypothesis"),
        "numpy": importlib.metadata.version("numpy"),
        "python": platform.python_version(),
    }


def engine_digest(course: Path) -> str:
    """Return the SHA-256 of minigrade's own files and the public task files."""
    total = hashlib.sha256()
    engine = Path(minigrade.__file__).parent
    for base in (engine, course):
        for path in sorted(base.rglob("*.py")):
            inside = path.relative_to(base).as_posix()
            if "/hidden/" in inside or (base == engine and inside.startswith(_ELSEWHERE)):
                continue
            total.update(f"{inside}\0".encode() + path.read_bytes())
    return total.hexdigest()
