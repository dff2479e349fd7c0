"""A process that forks one for each attempt to break out; see `forking.py`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minigrade.boundary import linux, sandbox

FORKING, ATTACKS = (Path(__file__).with_name(f"{name}.py") for name in ("forking", "attacks"))


class Attacks:
    """The process of `forking.py`, which forks one for each attempt."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.plan = self.ask({"name": "survey", "needed": []})["plan"]

    def ask(self, request: dict[str, Any]) -> Any:
        """Return the value that came of `request`; otherwise all that was told."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        return told.get("value", told)

    def try_(
        self, name: str, *arguments: Any, plan: dict[str, Any] | None = None, **rest: Any
    ) -> Any:
        """Have a process enter the sandbox (without what `plan` turns off) and do `name`."""
        changed = {**self.plan, "uid": None, **(plan or {})}
        return self.ask({"name": name, "arguments": arguments, "plan": changed, **rest})

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that every user may read; pytest's own are for one."""
    folder = Path(tempfile.mkdtemp(prefix="minigrade-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def attacks() -> Iterator[Attacks]:
    process = Attacks(sys.executable, "-I", str(FORKING))
    yield process
    process.close()


@pytest.fixture(scope="module")
def with_uid() -> Iterator[Attacks]:
    """Attempts under a uid of their own, by an interpreter that every user can read."""
    python = Path("/usr/bin/python3")  # Debian's; it may be older than we support
    if os.geteuid() != 0 or linux.machine() is None:
        pytest.skip("only root on Linux can change its uid")
    supported = [python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
    if not python.exists() or subprocess.run(supported, check=False).returncode:
        pytest.skip(f"{python}, which every user can read, is no Python 3.11 or later")
    folder = Path(tempfile.mkdtemp(prefix="minigrade-test-"))
    folder.chmod(0o755)
    package = Path(sandbox.__file__).parents[1]
    shutil.copytree(package, folder / "minigrade", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (FORKING, ATTACKS):
        shutil.copy(file, folder)
    process = Attacks(str(python), "-I", str(folder / FORKING.name), str(folder))
    yield process
    process.close()
    shutil.rmtree(folder)
