from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrade.simt import Limits, Trace, launch

KERNELS = Path(__file__).parent / "kernels.py"


@pytest.fixture
def run() -> Callable[..., Trace]:
    """Launch a kernel of `kernels.py`, given its address behind the colon."""

    def start(name: str, grid: Any, block: Any, *args: Any, **options: Any) -> Trace:
        return launch(f"{KERNELS}:{name}", grid, block, args, **options)

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
    """Return the line marked ``# here`` in a kernel of `kernels.py`."""
    lines = KERNELS.read_text().splitlines()

    def line(name: str) -> int:
        start = next(n for n, text in enumerate(lines) if text.startswith(f"def {name}("))
        return next(n + 1 for n in range(start, len(lines)) if "# here" in lines[n])

    return line


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(7)
