"""What students type in a repository that was made for them, word for word as its README says."""

from __future__ import annotations

import json
import os
import re
import site
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

import minigrade
from minigrade.edges.template import Template, make_template

pytestmark = pytest.mark.slow


@pytest.fixture(params=["m0", "m1", "m2", "m3", "m4"])
def started(request: pytest.FixtureRequest, checkout: Path, tmp_path: Path) -> Template:
    """The repository of somebody who has done all earlier work, and nothing of this."""
    name = request.param
    previous = None if name == "m0" else checkout / "reference"
    return make_template(name, tmp_path / name, checkout=checkout, previous=previous)


def typed(root: Path, line: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell, in a repository; commands are those beside this Python."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("PYTEST_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", line],
        cwd=root, env={**kept, "PATH": path, **more}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def last_report(root: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((root / ".minigrade" / "last.json").read_text())
    return report


def refuse_our_own(text: str) -> None:
    """Fail where a student would read of the inside of minigrade, or of pytest."""
    for ours in ("Traceback", "INTERNALERROR", "bug of ours", str(Path(minigrade.__file__).parent)):
        assert ours not in text
    assert not re.search(r"\x1b|CRASHED|BROKEN|TIMED_OUT", text)


def test_check_and_pytest_say_what_is_to_be_written(started: Template) -> None:
    name = started.dest.name
    check = typed(started.dest, "minigrade check")
    assert (check.returncode, check.stderr) == (1, "")
    refuse_our_own(check.stdout)
    told = " ".join(check.stdout.split())
    assert re.search(rf" {name} .*Fix this next Task {name[1]}\.1, `", told)
    assert "not implemented yet: it raises NotImplementedError" in told
    assert re.search(r" of \d+ points.*; \d+ of \d+ checks passed\.", told)
    report = last_report(started.dest)
    assert {task["id"][0] for task in report["tasks"]} == {name[1]}
    earned = [task["id"] for task in report["tasks"] if task["points"] != "0"]
    assert earned == (["4.7"] if name == "m4" else [])  # which is in the file of Task 0.4

    tests = typed(started.dest, "pytest -q")
    assert (tests.returncode, tests.stderr) == (1, "")
    refuse_our_own(tests.stdout)
    failed = [one for one in report["outcomes"] if one["status"] in ("RAISED", "FAILED")]
    costly = [one["id"] for one in failed if one["weight"] != "0" or one["cap"] != "1"]
    assert costly
    for question in costly:
        assert f"\nFAILED {name}::{question}" in tests.stdout
    assert tests.stdout.count(f"\nFAILED {name}::") == len(costly)
    assert ("\nFAILED tests/" in tests.stdout) == (name in ("m0", "m4"))  # which ask for tests
    assert "Need to implement for Task" in tests.stdout


@pytest.fixture
def others(tmp_path: Path) -> tuple[list[Path], Path]:
    """The folders of installed packages, and one that leads to all of them but minigrade."""
    real = dict.fromkeys(map(Path, [*site.getsitepackages(), sysconfig.get_path("purelib")]))
    room = tmp_path / "others"
    room.mkdir()
    for path in (path for folder in real if folder.is_dir() for path in folder.iterdir()):
        if not (room / path.name).exists() and not re.search(r"minigrade|^pip\b|\.pth$", path.name):
            (room / path.name).symlink_to(path)
    return list(real), room


def test_a_vendored_wheel_is_installed_and_checks(
    wheel: Path, others: tuple[list[Path], Path], checkout: Path, tmp_path: Path
) -> None:
    """As the README has it, but that packages from the index are there already."""
    made = make_template("m0", tmp_path / "m0", checkout=checkout, wheel=wheel)
    readme = (made.dest / "README.md").read_text()
    [line] = re.findall(r"(?m)^python3 -m venv .*$", readme)
    environment, activate, install = line.split(" && ")
    assert (environment, activate) == ("python3 -m venv .venv", ". .venv/bin/activate")
    assert typed(made.dest, environment).returncode == 0
    [packages] = made.dest.glob(".venv/lib/python*/site-packages")
    installed, without_minigrade = others
    (packages / "others.pth").write_text(f"{without_minigrade}\n")
    # Editable installs need one package more, which only an index has.
    install = install.replace("-e .", ".")
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0"}  # which means: no isolation
    done = typed(made.dest, f"{activate} && {install}", **offline)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (packages / "minigrade" / "course" / "course.py").is_file()
    # Workers may read what is installed, and not where links lead.
    (packages / "others.pth").write_text("\n".join(map(str, installed)) + "\n")
    check = typed(made.dest, f"{activate} && command -v minigrade && minigrade check")
    assert (check.returncode, check.stderr) == (1, "")
    refuse_our_own(check.stdout)
    assert check.stdout.startswith(f"{made.dest}/.venv/bin/minigrade\n")
    assert "\n0 of 40 points; 0 of " in check.stdout
    assert last_report(made.dest)["points"] == "0"
