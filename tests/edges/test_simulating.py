"""``minigrade simt`` as users type it, and the small language of its arguments."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrade.edges.simulating import Wish, read_arguments, read_shape, simulate
from minigrade.errors import UsageError
from minigrade.simt import InternalError, accesses

KERNELS = """\
from numba import cuda, float32

def copy(out, a, n):
    i = cuda.grid(1)
    if i < n:
        out[i] = a[i]

def shift(out, a, n):
    s = cuda.shared.array(64, float32)
    t = cuda.threadIdx.x
    s[t] = a[t]  # <script>alert(1)</script>
    out[t] = s[t - 1] if t > 0 else s[t]

def flip(out, a):
    tile = cuda.shared.array((32, 32), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    tile[y, x] = a[y, x]
    cuda.syncthreads()
    out[y, x] = tile[x, y]

def opens(out):
    out[0] = open("secret")
"""
RACY_LINE = KERNELS.splitlines().index("    out[t] = s[t - 1] if t > 0 else s[t]") + 1


def simt(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (cwd / "kernels.py").write_text(KERNELS)
    return subprocess.run(
        [sys.executable, "-m", "minigrade", "simt", *arguments],
        cwd=cwd,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
    )


def launched(cwd: Path, name: str, block: str, args: str, *more: str) -> tuple[int, str]:
    done = simt(cwd, f"kernels.py:{name}", "--grid", "1", "--block", block, "--args", args, *more)
    assert not done.stderr
    return done.returncode, done.stdout


def test_a_right_kernel_has_no_findings(tmp_path: Path) -> None:
    status, text = launched(tmp_path, "copy", "64", "zeros(64), arange(64), 64")
    assert status == 0
    assert "no findings" in text
    [row] = [line.split() for line in text.splitlines() if "out[i] = a[i]" in line]
    assert row[:5] == ["6", "64", "64", "16", "4.0"]


def test_a_race_is_told_with_its_line_and_threads(tmp_path: Path) -> None:
    status, text = launched(tmp_path, "shift", "64", "zeros(64), arange(64), 64")
    assert status == 1
    assert f"race kernels.py:{RACY_LINE}" in text
    assert "out[t] = s[t - 1] if t > 0 else s[t]" in text
    assert "threads (" in text
    assert "1 finding\n" in text


def test_bank_conflicts_stand_at_their_line(tmp_path: Path) -> None:
    status, text = launched(tmp_path, "flip", "32,32", "zeros((32, 32)), random((32, 32))")
    assert status == 0
    [write] = [line for line in text.splitlines() if "out[y, x]" in line]
    [read] = [line for line in text.splitlines() if "tile[y, x] = " in line]
    assert "32-way" in write
    assert "none" in read


def test_the_page_shows_lines_and_admits_its_own_style_only(tmp_path: Path) -> None:
    page = tmp_path / "kernel.html"
    status, _ = launched(tmp_path, "shift", "64", "zeros(64), ones(64), 64", "--html", str(page))
    html = page.read_text("utf-8")
    assert status == 1
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert re.search(rf'<tr class="bad">\s*<td class="number">{RACY_LINE}</td>', html)
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'; base-uri 'none'" in html


def test_a_file_in_another_encoding_is_shown(tmp_path: Path) -> None:
    text = "# coding: latin-1\ndef mark(out):  # \xe4\n    out[0] = 1  # \xf6\n"
    (tmp_path / "other.py").write_bytes(text.encode("latin-1"))
    done = simt(tmp_path, "other.py:mark", "--grid", "1", "--block", "1", "--args", "zeros(1)")
    assert (done.returncode, done.stderr) == (0, "")
    assert "# \xf6" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["kernels.py:nothing", "--grid", "1", "--block", "1"], "nothing does not exist"),
        (["nowhere.py:copy", "--grid", "1", "--block", "1"], "there is no file"),
        (["kernels.py:copy", "--grid", "1", "--block", "1"], "takes 3 arguments"),
        (["kernels.py:copy", "--grid", "one", "--block", "1"], "--grid is one to three numbers"),
        (["kernels.py:copy", "--grid", "1", "--block", "2048", "--args", "zeros(1), zeros(1), 1"],
         "1024"),
        (["kernels.py:opens", "--grid", "1", "--block", "1", "--args", "zeros(1)"], "kernels.py:"),
    ],
)  # fmt: skip
def test_wrong_use_exits_2(arguments: list[str], message: str, tmp_path: Path) -> None:
    done = simt(tmp_path, *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_page_that_cannot_be_written_exits_2(tmp_path: Path) -> None:
    done = simt(
        tmp_path, "kernels.py:copy", "--grid", "1", "--block", "4",
        "--args", "zeros(4), ones(4), 4", "--html", "missing/kernel.html",
    )  # fmt: skip
    assert done.returncode == 2
    assert "cannot write missing/kernel.html" in done.stderr


def test_arguments_are_arrays_tuples_and_numbers() -> None:
    values = read_arguments(
        "zeros(3), ones((2, 2), int32), arange((2, 3), dtype=float64), random(4), "
        "[1, 2], [[0.5]], (4, 4), -7, 0.5, True"
    )
    kinds = [v.dtype.name for v in values if isinstance(v, np.ndarray)]
    assert kinds == ["float32", "int32", "float64", "float32", "int64", "float64"]
    assert values[2].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert values[3].tolist() == read_arguments("random(4)")[0].tolist()
    assert values[6:] == [(4, 4), -7, 0.5, True]
    assert read_arguments("") == []


def test_numbers_are_computed_and_types_have_several_names() -> None:
    assert read_arguments("10**9, 2 * 3 - 1, (2 * 2, -7 // 2), 7 / 2, 9 % 4") == [
        10**9, 5, (4, -4), 3.5, 1,
    ]  # fmt: skip
    six, *typed = read_arguments(
        "zeros(2 * 3), zeros(5, np.float64), ones(2, numba.int32), zeros(1, 'bool'), [2 * 3]"
    )
    assert six.shape == (6,)
    assert [each.dtype.name for each in typed] == ["float64", "int32", "bool", "int64"]


@pytest.mark.parametrize(
    "text",
    [
        "open('x')", "zeros", "zeros()", "zeros(-1)", "zeros(10**9)", "zeros(5000000)",
        "zeros((4096, 4096))", "zeros(4, str)", "zeros(4, 'int31')", "zeros(4, np.int31)",
        "zeros(4, os.int32)", "2**65", "1 / 0", "(-8)**0.5",
        "'a' * 9", "2 ** 9 ** 9 ** 9", "10**9 * 10**9 * 10**9", "zeros(4, shape=3)",
        "zeros(2, int32, dtype=int32)", "zeros(True)", "zeros(2.0)", "['a']", "[1, [2]]", "[]",
        "'text'", "None", "{1: 2}", "1)", "1] + [2", "a=1", "*[1]", "__import__('os').getcwd()",
        "[" * 500,
    ],
)  # fmt: skip
def test_other_arguments_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--args"):
        read_arguments(text)


@given(st.text(st.sampled_from("zerosan(),[]12.-=*: '\n"), max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(read_arguments(text), list)


def test_shapes() -> None:
    assert read_shape("4", "--grid") == (4,)
    assert read_shape("4,2x1", "--grid") == (4, 2, 1)
    for text in ("", "1,2,3,4", "-1", "4.0", "1,,2", "9" * 12):
        with pytest.raises(UsageError, match="--grid"):
            read_shape(text, "--grid")


def test_a_mistake_of_the_executor_is_not_the_users(tmp_path, monkeypatch):
    def fail(*_args):
        raise IndexError("planted")

    (tmp_path / "kernels.py").write_text(KERNELS)
    monkeypatch.setattr(accesses, "count", fail)
    wish = Wish(
        kernel=f"{tmp_path / 'kernels.py'}:copy", grid="1", block="4",
        arguments="zeros(4), ones(4), 4", html=None,
    )  # fmt: skip
    with pytest.raises(InternalError, match="minigrade's own"):
        simulate(wish)
