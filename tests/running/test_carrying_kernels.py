"""Compiled kernels are carried from worker to worker, as bytes; hardly any is compiled twice."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from minigrade.model import Visibility
from minigrade.running.catalog import find_course
from minigrade.running.kernels import collect, exchanged
from minigrade.running.units import compilations, mark_of, units


@pytest.mark.parametrize("parts", [1, 2, 4])
def test_what_is_compiled_is_shared_among_workers(tmp_path: Path, parts: int) -> None:
    """Each question once; few of one file stay together, as they need the same kernels."""
    found = [unit for task in find_course().load("m3", hidden=True).tasks for unit in units(task)]
    made = compilations(found, parts, tmp_path)
    marks = [mark_of(unit, *one) for unit in made for one in unit.questions]
    assert len(set(marks)) == len(marks)
    assert set(marks) == {
        mark_of(unit, *one)
        for unit in found
        for one in unit.questions
        if unit.checks[one[0]].compiles and unit.visibility is Visibility.PUBLIC
    }
    workers = [unit.task.id for unit in made]
    assert workers[:3] == ["3.1", "3.2", "3.5"]  # what differs most is begun first
    assert workers[3:] == ["3.1"] * (parts - 1)
    assert {unit.jit for unit in made} == {True}


def test_only_plain_files_of_fitting_names_are_copied(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    (source / f"{'a' * 64}.kernel").write_bytes(b"kernel")
    (source / f"{'a' * 64}.asked").touch()
    (source / "planted.py").write_bytes(b"import os")
    (source / f"{'B' * 64}.kernel").write_bytes(b"not our name")
    (source / f"{'b' * 64}.kernel").symlink_to("/etc/passwd")
    (source / f"{'c' * 64}.kernel").mkdir()
    (source / f"{'e' * 64}.kernel").write_bytes(b"x" * (4 * 2**20 + 1))
    os.mkfifo(source / f"{'d' * 64}.kernel")
    assert collect(source, target) == 2
    assert {path.name for path in target.iterdir()} == {
        f"{'a' * 64}.{x}" for x in ("asked", "kernel")
    }
    assert collect(source, target) == 0
    assert collect(tmp_path / "missing", target) == 0


def test_a_link_in_a_place_of_a_copy_is_not_followed(tmp_path: Path) -> None:
    """The folder may be a worker's own, who is at work."""
    source, target, other = tmp_path / "source", tmp_path / "target", tmp_path / "other"
    source.mkdir()
    target.mkdir()
    name, taken = f"{'a' * 64}.kernel", f"{'b' * 64}.kernel"
    (source / name).write_bytes(b"kernel")
    (source / taken).write_bytes(b"kernel")
    (target / name).symlink_to(other)  # to what is not there
    (target / taken).mkdir()
    assert collect(source, target) == 1
    assert not other.exists()
    assert not (target / name).is_symlink()
    assert (target / name).stat().st_mode & 0o777 == 0o644
    assert sorted(tmp_path.iterdir()) == [source, target]  # nothing is left beside them


def test_kernels_are_carried_while_workers_compile(tmp_path: Path) -> None:
    fresh, other, shared = (tmp_path / name for name in ("fresh", "other", "shared"))
    for folder in (fresh, other, shared):
        folder.mkdir()
    names = [f"{letter * 64}.kernel" for letter in "abc"]
    (shared / names[0]).write_bytes(b"before")
    with exchanged(fresh, shared), exchanged(other, shared):
        assert (fresh / names[0]).read_bytes() == b"before"
        (fresh / names[1]).write_bytes(b"meanwhile")
        deadline = time.monotonic() + 30
        while not (other / names[1]).exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        (other / names[2]).write_bytes(b"at the end")
    assert {path.name for path in shared.iterdir()} == set(names)
