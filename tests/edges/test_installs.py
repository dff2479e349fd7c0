"""The same cases and the same report from a checkout, from the wheel and through pytest."""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Any

import msgspec
import pytest

SPY = """

_REAL = {name: globals()[name] for name in ("add", "mul", "sigmoid", "prod", "sum")}


def _spy(name):
    def call(*args):
        print("called", name, args)
        return _REAL[name](*args) + 1000.0

    return call


for _name in _REAL:
    globals()[_name] = _spy(_name)
"""


@pytest.fixture
def spied(checkout: Path, tmp_path: Path) -> Path:
    """A submission that is wrong everywhere and prints every case that it gets."""
    root = tmp_path / "repository"
    ignored = shutil.ignore_patterns("__pycache__", ".*")
    shutil.copytree(checkout / "reference", root, ignore=ignored)
    file = root / "minitorch" / "operators.py"
    file.write_text(file.read_text() + SPY)
    (root / "pyproject.toml").write_text('[tool.minigrade]\nassignment = "m0"\n')
    return root


def check(python: Path | str, root: Path) -> dict[str, Any]:
    command = [str(python), "-m", "minigrade", "check", "m0", "--json", "-"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert done.returncode == 1, done.stderr.decode()
    report: dict[str, Any] = msgspec.json.decode(done.stdout)
    report["seconds"] = report["created_at"] = report["notes"] = 0  # notes hold paths
    for outcome in report["outcomes"]:
        outcome["seconds"] = 0
    return report


@pytest.mark.slow
def test_the_wheel_gives_the_same_report(wheel: Path, spied: Path, tmp_path: Path) -> None:
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    [packages] = place.glob("lib/python*/site-packages")
    subprocess.run([sys.executable, "-m", "zipfile", "-e", wheel, packages], check=True)
    assert (packages / "minigrade" / "course" / "course.py").is_file()
    assert (packages / "minigrade" / "edges" / "templates" / "report.html.j2").is_file()
    assert (packages / "minigrade" / "data" / "mnist_5k1k.npz").is_file()
    assert (packages / "minigrade" / "data" / "NOTICE").is_file()
    assert not list(packages.rglob("building"))
    assert not list(packages.rglob("hidden"))
    assert not list(packages.rglob("reference"))
    paths = dict.fromkeys([*site.getsitepackages(), sysconfig.get_path("purelib")])
    (packages / "others.pth").write_text("\n".join(paths) + "\n")
    python = place / "bin" / "python"
    where = subprocess.run(
        [python, "-c", "import minigrade; print(minigrade.__file__)"],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(packages))
    assert check(python, spied) == check(sys.executable, spied)
    hidden = subprocess.run(
        [python, "-m", "minigrade", "check", "m0", "--hidden"],
        cwd=spied, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert hidden.returncode == 2
    assert "hidden checks" in hidden.stderr


def pytest_run(root: Path, *arguments: str) -> str:
    environment = os.environ | {"COLUMNS": "200"}
    environment.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_pytest_asks_the_same_cases(spied: Path) -> None:
    report = check(sys.executable, spied)
    failed = {o["id"]: o for o in report["outcomes"] if o["status"] != "PASSED"}
    text = pytest_run(spied, "-q")
    named = set(re.findall(r"(?m)^FAILED m0::(\S+)", text))
    assert named == set(failed)
    for outcome in failed.values():
        shown = "".join(text.split())
        assert "".join(outcome["case"].splitlines()[-1].split()) in shown


def test_pytest_can_choose_and_writes_junit(spied: Path, tmp_path: Path) -> None:
    xml = tmp_path / "junit.xml"
    text = pytest_run(spied, "-k", "relu or add", f"--junitxml={xml}")
    assert "combines_two_numbers[add]" in text
    assert "combines_two_numbers[mul]" not in text
    assert 'name="0.1/follows_its_curve[relu]"' in xml.read_text()


def test_without_settings_the_plugin_adds_nothing(spied: Path) -> None:
    (spied / "pyproject.toml").write_text("[tool.other]\n")
    (spied / "test_mine.py").write_text("def test_mine():\n    pass\n")
    shutil.rmtree(spied / "tests", ignore_errors=True)
    assert "1 passed" in pytest_run(spied, "-q")


def test_the_students_own_tests_run_beside_the_checks(spied: Path) -> None:
    (spied / "test_mine.py").write_text("def test_mine():\n    pass\n")
    assert "test_mine.py::test_mine PASSED" in pytest_run(spied, "-v", "-k", "mine or relu")
    assert "1 passed" in pytest_run(spied, "-q", "test_mine.py")
