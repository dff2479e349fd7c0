from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from minigrade.model import Report
from minigrade.running.catalog import CourseFolder
from minigrade.running.runner import Request, grade
from minigrade.running.submission import find

TESTS = Path(__file__).parent

RIGHT = {
    "__init__.py": "from .numbers import *\nfrom .words import *\n",
    "numbers.py": "def double(x):\n    return 2 * x\n\n\ndef negate(x):\n    return -x\n\n\n"
    "def pair(x, y):\n    return x, y\n",
    "words.py": "def reverse(word):\n    return word[::-1] + '!'\n",
}


@pytest.fixture(scope="session")
def checkout() -> Path:
    return TESTS.parent


@pytest.fixture(scope="session")
def tiny_course() -> CourseFolder:
    return CourseFolder(TESTS / "tiny_course")


@pytest.fixture
def grown() -> Callable[..., CourseFolder]:
    """Return the course whose assignments build on one another, with what it has released."""

    def make(*released: str, path: Path = TESTS / "grown_course" / "assignments") -> CourseFolder:
        folder = CourseFolder(path)
        folder.course = msgspec.structs.replace(folder.course, released=released)
        return folder

    return make


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """Make a submission to the tiny course: right, but for the files given."""

    def make(**files: str | bytes) -> Path:
        package = tmp_path / "repository" / "tinypack"
        package.mkdir(parents=True, exist_ok=True)
        for name, text in {**RIGHT, **{f"{k}.py": v for k, v in files.items()}}.items():
            (package / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return package.parent

    return make


@pytest.fixture
def graded(tiny_course: CourseFolder, tiny: Callable[..., Path]) -> Callable[..., Report]:
    """Grade a submission to the tiny course."""

    def grade_it(request: dict[str, object] | None = None, **files: str | bytes) -> Report:
        found = find(tiny(**files), tiny_course.course)
        return grade(tiny_course, Request(assignment="t0", **(request or {})), found)

    return grade_it
