"""What workers find imported follows from what the package imports as it loads."""

from __future__ import annotations

from pathlib import Path

import pytest

from minigrade.running.preloading import preloaded

REFERENCE = Path(__file__).parents[2] / "reference"


def package(root: Path, **texts: str) -> Path:
    """Write a package of these files."""
    (root / "pack").mkdir()
    for name, text in texts.items():
        (root / "pack" / f"{name}.py").write_text(text)
    return root


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import numba\n", ["numba"]),
        ("import numpy as np\n", ["numpy"]),
        ("from numba import njit\n", ["numba"]),
        ("from numba import cuda, njit\n", ["numba", "numba.cuda"]),
        ("import numba.cuda\n", ["numba", "numba.cuda"]),
        ("from numba.cuda import jit as _jit\n", ["numba", "numba.cuda"]),
        ("import os\nimport numpy\nfrom numba import prange\n", ["numpy", "numba"]),
        ("def late():\n    import numba\n", []),
        ("import numbats\nfrom numbats import cuda\n", []),
        ("# import numba\n'''\nnumba\n'''\n", []),
        ("import (numba\n", []),
    ],
)
def test_imports_are_read_off_the_text(text: str, found: list[str], tmp_path: Path) -> None:
    assert preloaded(package(tmp_path, __init__=text), "pack") == found


def test_only_files_that_are_imported_count(tmp_path: Path) -> None:
    texts = {
        "__init__": "from . import a\nfrom .b import *\n",
        "a": "from .c import x\n",
        "b": "from .a import y\nfrom .missing import z\n",
        "c": "import numba\n",
        "lonely": "import numpy\n",
    }
    assert preloaded(package(tmp_path, **texts), "pack") == ["numba"]


def test_a_package_may_be_missing_or_no_text(tmp_path: Path) -> None:
    assert preloaded(tmp_path, "pack") == []
    (package(tmp_path) / "pack" / "__init__.py").write_bytes(b"\xff\xfeimport numba\n\x00")
    assert preloaded(tmp_path, "pack") in ([], ["numba"])


def test_nothing_else_is_imported(tmp_path: Path) -> None:
    """The list of what a zygote imports is ours: it holds no name out of a submission."""
    text = "import os.path\nimport antigravity\nfrom sys import modules\nfrom numba import evil\n"
    assert preloaded(package(tmp_path, __init__=text), "pack") == ["numba"]
