from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.simt import Limits, Trace, launch

KERNELS = Path(__file__).parent / "kernels"


def file_of(name: str) -> Path:
    """Return the file of `kernels` that defines a kernel, or the factory of one."""
    (file,) = (file for file in KERNELS.glob("*.py") if f"\ndef {name}(" in file.read_text())
    return file


@pytest.fixture
def run() -> Callable[..., Trace]:
    """Launch a kernel of `kernels`, given its address behind the colon."""

    def start(name: str, grid: Any, block: Any, *args: Any, **options: Any) -> Trace:
        file = file_of(name.partition("(")[0])
        return launch(f"{file}:{name}", grid, block, args, **options)

    return start


@pytest.fixture
def run_text(tmp_path: Path) -> Callable[..., Trace]:
    """Launch the kernel called `kernel` of a text."""

    def start(
        text: str, *args: Any, grid: int = 1, block: int = 1, limits: Limits | None = None
    ) -> Trace:
        file = tmp_path / "kernels.py"
        file.write_text("import math\nimport numba\nfrom numba import cuda\n" + text)
        return launch(f"{file}:kernel", grid, block, args, limits=limits)

    return start


@pytest.fixture
def marked() -> Callable[[str], int]:
    """Return the line marked ``# here`` in a kernel of `kernels`."""

    def line(name: str) -> int:
        lines = file_of(name).read_text().splitlines()
        start = next(n for n, text in enumerate(lines) if text.startswith(f"def {name}("))
        return next(n + 1 for n in range(start, len(lines)) if "# here" in lines[n])

    return line


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
