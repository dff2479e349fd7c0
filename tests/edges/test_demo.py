"""The demo shows a newcomer what minigrade does, with the mistakes that were put in."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from minigrade.edges.demo import run_demo
from minigrade.errors import UsageError
from minigrade.interchange import from_json
from minigrade.model import Report, Status
from minigrade.running import catalog


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the demo's folder, and what it printed."""
    place = tmp_path_factory.mktemp("demo")
    code = "from minigrade.edges.cli import main; main()"
    command = [sys.executable, "-c", code, "demo", "new"]
    environment = {**os.environ, "COLUMNS": "100"}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return place / "new", done.stdout


@pytest.fixture(scope="module")
def report(demo: tuple[Path, str]) -> Report:
    return from_json((demo[0] / ".minigrade" / "last.json").read_bytes())


def test_each_mistake_that_was_put_in_is_found_and_no_other(report: Report) -> None:
    found = {
        one.check: one.status
        for one in report.outcomes
        if not one.status.passed and not one.id.startswith("0.2/")  # tests: not begun
    }
    assert found == {
        "follows_its_curve[sigmoid]": Status.RAISED,  # overflows
        "carries_derivatives_back[inv_back]": Status.FAILED,  # lacks its minus
        "adds_two_lists": Status.RAISED,  # still a stub
        "folds_a_list[prod]": Status.FAILED,  # starts from 0
        "starts_from_nothing": Status.FAILED,
        "switches_every_mode": Status.FAILED,  # eval() stops at direct children
        "answers_when_called": Status.FAILED,
    }
    assert 0 < report.points < report.examined


def test_prints_the_outcome_and_where_the_page_is(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    page = folder / "report.html"
    assert page.resolve().as_uri() in printed
    assert "Fix this next" in printed
    assert page.read_text().lstrip().lower().startswith("<!doctype html>")


def test_without_a_checkout_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    course = catalog.find_course()
    monkeypatch.setattr(course, "checkout", None)
    monkeypatch.setattr("minigrade.edges.demo.find_course", lambda: course)
    with pytest.raises(UsageError, match=r"minigrade demo needs minigrade's repository.*Clone"):
        run_demo(tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_does_not_touch_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(UsageError, match="not an empty folder"):
        run_demo(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
