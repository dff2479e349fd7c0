"""What a student may have put where files are expected, and what is taken of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from minigrade.running.catalog import CourseFolder
from minigrade.running.submission import find


def test_names_that_cannot_be_shown_are_left_and_noted(
    tiny_course: CourseFolder, tiny: Callable[..., Path]
) -> None:
    root = tiny()
    for name in (b"\xff.py", b"a\x1b[31mred.py", b"two\nlines.py"):
        Path(os.fsdecode(os.fsencode(root / "tinypack") + b"/" + name)).write_text("X = 1\n")
    found = find(root, tiny_course.course)
    assert len(found.files) == 3
    assert len(found.notes) == 3
    assert all(note.isprintable() and note.isascii() for note in found.notes)
    assert found.digest()


def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(
    tiny_course: CourseFolder, tiny: Callable[..., Path]
) -> None:
    root = tiny()
    os.mkfifo(root / "tinypack" / "module.py")  # looked into, to tell the layout of 2020
    found = find(root, tiny_course.course)
    assert "tinypack/module.py" not in found.files
    assert "no regular file" in found.notes[0]


def test_a_package_that_is_a_link_is_not_taken(
    tiny_course: CourseFolder, tiny: Callable[..., Path]
) -> None:
    root = tiny()
    (root / "tinypack").rename(root.parent / "elsewhere")
    (root / "tinypack").symlink_to(root.parent / "elsewhere")
    assert find(root, tiny_course.course).files == ()
