"""``minigrade check`` beside files of a student's that lead elsewhere."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from minigrade.edges.checking import Wish, check, resolve
from minigrade.errors import UsageError
from minigrade.running.catalog import CourseFolder
from minigrade.running.submission import find

FREE = '''

@property_check(cases={"word": st.just("abc")}, expect=lambda word: word + "!!!", weight=0)
def wails(mt: Minitorch, word: str) -> Any:
    """`reverse` wails, which it need not do."""
    return mt.reverse(word)
'''


@pytest.fixture
def checked(
    tiny_course: CourseFolder, tiny: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> Callable[[], int]:
    """Check a right submission, as the command line does."""
    monkeypatch.setattr("minigrade.edges.checking.find_course", lambda: tiny_course)

    def run() -> int:
        wish = Wish(
            targets=("t0",), folder=tiny(), cases=3, seed=0, jobs=1, hidden=False, json=None,
            html=None,
        )  # fmt: skip
        return check(wish)

    return run


def test_what_costs_nothing_is_told_and_does_not_fail(
    tiny_course: CourseFolder,
    tiny: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "course"
    shutil.copytree(tiny_course.path, path)
    with (path / "t0_numbers" / "task_2_words.py").open("a") as file:
        file.write(FREE)
    monkeypatch.setattr("minigrade.edges.checking.find_course", lambda: CourseFolder(path))
    wish = Wish(
        targets=("t0",), folder=tiny(), cases=3, seed=0, jobs=1, hidden=False, json=None,
        html=None,
    )  # fmt: skip
    assert check(wish) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "FAILED wails (no points)" in told
    assert "This costs nothing." in told
    assert "* Task 2, `wails` fails and costs nothing: `reverse` wails" in told
    assert "Fix this next" not in told
    tiny(words="def reverse(word):\n    return word\n")
    assert check(wish) == 1
    told = " ".join(capsys.readouterr().out.split())
    assert "Fix this next Task 2, `reverses`." in told
    assert "fails and costs nothing" not in told


@pytest.mark.parametrize("what", ["file", "folder"])
def test_the_last_report_is_not_written_through_a_link(
    what: str, checked: Callable[[], int], tiny: Callable[..., Path], tmp_path: Path
) -> None:
    precious = tmp_path / "elsewhere" / "last.json"
    precious.parent.mkdir()
    precious.write_text("precious")
    folder = tiny() / ".minigrade"
    if what == "file":
        folder.mkdir()
        (folder / "last.json").symlink_to(precious)
    else:
        folder.symlink_to(precious.parent)
    assert checked() == 0
    assert precious.read_text() == "precious"


def test_the_last_report_replaces_a_longer_one(
    checked: Callable[[], int], tiny: Callable[..., Path]
) -> None:
    last = tiny() / ".minigrade" / "last.json"
    last.parent.mkdir()
    last.write_text(" " * 10**6)
    assert checked() == 0
    assert last.stat().st_size < 10**5
    last.unlink()
    os.mkfifo(last)
    assert checked() == 0


@pytest.mark.parametrize(
    "text", [b"tool = 3\n", b"[tool]\nminigrade = []\n", b"\xff", b"x = " + b"[" * 9999, None]
)
def test_any_pyproject_is_borne(
    text: bytes | None, tiny_course: CourseFolder, tiny: Callable[..., Path]
) -> None:
    root = tiny()
    if text is None:
        os.mkfifo(root / "pyproject.toml")
    else:
        (root / "pyproject.toml").write_bytes(text)
    with pytest.raises(UsageError, match="which assignment"):
        resolve(tiny_course, (), find(root, tiny_course.course))
