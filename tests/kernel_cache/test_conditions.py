"""What was compiled by other versions, with other settings or elsewhere is not found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

SMALL = "answer = lambda: njit(lambda x: x * 0.5 + 1)(0.5)"
ELSEWHERE = {  # variables that are set, and a line that runs, before anything is compiled
    "a setting": ({"NUMBA_BOUNDSCHECK": "1"}, ""),
    "a level of optimization": ({"NUMBA_OPT": "1"}, ""),
    "a processor": ({"NUMBA_CPU_NAME": "generic"}, ""),
    "a processor's abilities": ({"NUMBA_CPU_FEATURES": ""}, ""),
    "a version of numba": ({}, "numba.__version__ = '0.1'"),
    "a version of llvmlite": ({}, "import llvmlite; llvmlite.__version__ = '0.1'"),
    "a version of NumPy": ({}, "np.__version__ = '0.1'"),
    "a version of Python": ({}, "sys.version = '0.1'"),
}
HERE = {
    "a number of threads": ({"NUMBA_NUM_THREADS": "1"}, ""),
    "a color": ({"NUMBA_COLOR_SCHEME": "dark_bg"}, ""),
}


@pytest.mark.parametrize("what", [*ELSEWHERE, *HERE])
def test_what_was_compiled_under_other_conditions_is_not_found(
    what: str, run: Any, main: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(tmp_path, SMALL, writable=True) == [(0, 1, 0)]
    variables, line = {**ELSEWHERE, **HERE}[what]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code = main.replace("\nrequest =", f"\n{line}\nrequest =")
    assert line in code
    assert run(tmp_path, SMALL, code=code) == [(0, 1, 0) if what in ELSEWHERE else (1, 0, 0)]
