"""The command line as users type it: real processes, real files, exit statuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from minigrade.edges.cli import app
from minigrade.interchange import from_json, json_schema


def run(*arguments: str | Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "minigrade", *map(str, arguments)]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "80"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture
def solved(checkout: Path, tmp_path: Path) -> Path:
    """A student's repository with everything right."""
    root = tmp_path / "repository"
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(checkout / "reference", root, ignore=ignored)
    return root


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys; sys.argv = ['minigrade', '--help']\n"
        "from minigrade.edges.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(*[m for m in ('numpy', 'numba', 'hypothesis', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip().splitlines()[-1].endswith("schema.") or "Commands" in done.stdout
    assert not set(done.stdout.split()[-4:]) & {"numpy", "numba", "hypothesis", "jinja2"}


def test_a_right_submission_passes(solved: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = run("check", "m0", "--json", "-", "--html", page, cwd=solved)
    assert done.returncode == 0, done.stderr
    report = from_json(done.stdout.encode())
    assert report.points == report.examined
    assert "0.1" in done.stderr
    assert "<html" in page.read_text()
    assert (solved / ".minigrade" / "last.json").read_text() == done.stdout


def test_a_mistake_is_told_with_case_line_and_replay(solved: Path) -> None:
    file = solved / "minitorch" / "operators.py"
    file.write_text(file.read_text() + "\n\ndef add(x, y):\n    return x - y\n")
    done = run("check", "0.1", cwd=solved)
    assert done.returncode == 1
    assert "minitorch.operators.add(" in done.stdout
    assert "minigrade replay 0.1 'combines_two_numbers[add]'" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    again = run("replay", "0.1", "combines_two_numbers[add]", cwd=solved)
    assert again.returncode == 1
    assert "combines_two_numbers[add]" in again.stdout
    assert "combines_two_numbers[mul]" not in again.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "m7"], "'m7' is neither an assignment"),
        (["check", "m0", "--submission", "nowhere"], "no such folder"),
        (["check"], "which assignment?"),
        (["replay", "0.1", "nothing"], "no check 'nothing'"),
        (["replay", "0.1", "takes_logarithms", "--pdb"], "only inside its own repository"),
        (["list", "m7"], "'m7' is neither"),
        (["template", "m7", "somewhere"], "m7"),
    ],
)
def test_wrong_use_exits_2_with_one_sentence(
    arguments: list[str], message: str, solved: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    pdb = "--pdb" in arguments
    done = run(*arguments, *(["--submission", str(solved)] if pdb else []),
               cwd=elsewhere if pdb else solved)  # fmt: skip
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_layout_of_2020_is_recognised(solved: Path) -> None:
    module = solved / "minitorch" / "module.py"
    module.write_text('class Module:\n    def __init__(self):\n        self.mode = "train"\n')
    done = run("check", "m0", cwd=solved)
    assert done.returncode == 2
    assert "2020/21" in done.stderr


def test_listing_names_every_task_and_check() -> None:
    done = run("list")
    assert done.returncode == 0
    for text in ("m0", "m1", "0.1", "1.5", "combines_two_numbers[mul, add, max]"):
        assert text in done.stdout


def test_the_schema_is_that_of_reports() -> None:
    done = run("schema")
    assert json.loads(done.stdout) == json.loads(json.dumps(json_schema()))


def test_a_course_secret_is_made_once(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    assert run("init-course", secret).returncode == 0
    assert secret.stat().st_mode & 0o777 == 0o600
    assert run("init-course", secret).returncode == 2


def test_several_tasks_of_several_assignments(solved: Path) -> None:
    done = run("check", "0.3", "1.1", "--cases", "5", "--json", "-", cwd=solved)
    reports = json.loads(done.stdout)
    assert [report["assignment"] for report in reports] == ["m0", "m1"]
    assert [[task["id"] for task in report["tasks"]] for report in reports] == [["0.3"], ["1.1"]]


def test_a_debugger_stops_at_the_failing_case(solved: Path) -> None:
    file = solved / "minitorch" / "operators.py"
    file.write_text(file.read_text() + "\n\ndef add(x, y):\n    raise ValueError('here')\n")
    done = subprocess.run(
        [sys.executable, "-m", "minigrade", "replay", "0.1", "combines_two_numbers[add]", "--pdb"],
        cwd=solved, input="p 'x is', x\nq\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Uncaught exception" in done.stdout
    assert "('x is', " in done.stdout


def test_by_default_work_is_shared_by_all_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(
        "minigrade.edges.auditing.audit", lambda *_, jobs, **__: given.append(jobs) or 0
    )
    for arguments in (["audit"], ["audit", "--jobs", "1"]):
        assert CliRunner().invoke(app, arguments).exit_code == 0
    assert given == [3, 1]
