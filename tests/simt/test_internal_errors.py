"""A mistake of the executor's own is told as such, with the kernel's line and its cause."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from minigrade.simt import (
    InternalError,
    KernelError,
    SimtError,
    accesses,
    expressions,
    launch,
    resolve,
)

KERNEL = """
@cuda.jit(device=True)
def half(x):
    y = x + 1
    return y / 2

def kernel(out):
    i = cuda.grid(1)
    for k in range(2):
        if i < 4:
            out[i] = half(k)
"""


def fail(*_args, **_kwargs):
    raise ZeroDivisionError("planted")


@pytest.mark.parametrize(
    ("module", "name", "line"),
    [
        (accesses, "count", 14),  # while the kernel runs
        (accesses, "count_sectors", 14),
        (accesses, "_write_beside", 14),
        (expressions, "combine", 7),  # while a device function is compiled
        (resolve, "check_depth", 0),  # before there is a line
    ],
)
def test_a_planted_fault(run_text, monkeypatch, module, name, line):
    assert hasattr(module, name)
    monkeypatch.setattr(module, name, fail)
    with pytest.raises(InternalError, match="minigrade's own") as caught:
        run_text(KERNEL, np.zeros(4), block=4)
    assert isinstance(caught.value, SimtError)
    assert caught.value.line == line
    assert caught.value.file.endswith("kernels.py") == bool(line)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "planted" in str(caught.value)


def test_a_fault_in_a_device_function_names_its_line(run_text, monkeypatch):
    handlers = expressions._HANDLERS
    usual = handlers[ast.BinOp]

    def broken(frame, node):
        result = usual(frame, node)
        if isinstance(node.op, ast.Div):
            result.ev = fail
        return result

    monkeypatch.setitem(handlers, ast.BinOp, broken)
    with pytest.raises(InternalError) as caught:
        run_text(KERNEL, np.zeros(4), block=4)
    assert caught.value.line == 8


def test_errors_of_the_kernel_are_not_ours(run_text):
    with pytest.raises(KernelError) as caught:
        run_text("def kernel(out):\n    out[0] = nothing\n", np.zeros(1))
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("blocks", [3, ["0"], [(0, 0, 0, 0)], [1.0], [(7,)]])
def test_blocks_that_are_none(run, blocks):
    with pytest.raises(KernelError, match="block"):
        run("copy", 2, 1, np.zeros(2), np.zeros(2), 2, blocks=blocks)


def test_arguments_that_are_no_list():
    with pytest.raises(KernelError, match="arguments are given as a list"):
        launch("nowhere.py:kernel", 1, 1, 5)
