"""Processes that compile kernels with a cache and say what became of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

# Makes the module `kernels` out of each text in turn and reports what its `answer` is
# compiled, what it is interpreted, and what the cache did meanwhile.
RUN = """
import json, os, sys, types
from pathlib import Path
import numpy as np
import numba
from minigrade.kernel_cache import use

def answer(text, njit):
    module = types.ModuleType("kernels")
    sys.modules["kernels"] = module
    vars(module).update(njit=njit, np=np, prange=numba.prange, numba=numba)
    exec(text, vars(module))
    return module.answer()

def interpreted(*functions, **options):
    return functions[0] if functions else lambda function: function

def run(folder, writable, texts):
    rows = []
    with use(Path(folder), writable=writable) as uses:
        for text in texts:
            before = uses.hits, uses.misses, uses.refused
            found = answer(text, numba.njit)
            row = [now - b for now, b in zip((uses.hits, uses.misses, uses.refused), before)]
            rows.append([found == answer(text, interpreted), found, *row])
    return rows
"""
MAIN = RUN + "request = json.loads(sys.argv[1])\nprint(json.dumps(run(*request)))\n"


class Kept(NamedTuple):
    """What the cache did while a text was run."""

    hits: int
    misses: int
    refused: int


class Processes:
    """Runs texts in processes of their own."""

    def start(
        self, folder: Path, *texts: str, writable: bool, code: str = MAIN
    ) -> subprocess.Popen[str]:
        request = json.dumps([str(folder), writable, texts])
        return subprocess.Popen(
            [sys.executable, "-c", code, request],
            env=os.environ | {"NUMBA_THREADING_LAYER": "workqueue"},
            stdout=subprocess.PIPE,
            text=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> list[Kept]:
        """Return what became of each text, having checked its answer."""
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0
        rows: list[list[Any]] = json.loads(output)
        assert [found for is_right, found, *_ in rows if not is_right] == []
        return [Kept(*row[2:]) for row in rows]

    def __call__(
        self, folder: Path, *texts: str, writable: bool = False, code: str = MAIN
    ) -> list[Kept]:
        return self.finish(self.start(folder, *texts, writable=writable, code=code))


@pytest.fixture(scope="session")
def run() -> Processes:
    return Processes()


@pytest.fixture(scope="session")
def program() -> str:
    """The program that `run` runs, without what calls it."""
    return RUN


@pytest.fixture(scope="session")
def main() -> str:
    """The program that `run` runs."""
    return MAIN
