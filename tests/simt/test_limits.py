"""Whatever the source, `launch` returns or raises one of its documented errors, soon."""

from __future__ import annotations

import numpy as np
import pytest

from minigrade.simt import (
    KernelError,
    LimitExceeded,
    Limits,
    ResolveError,
    SimtError,
    Unsupported,
    launch,
)

ENDLESS = """
def kernel(out):
    k = 0
    while k < 1:
        out[0] = k
"""


def test_steps_are_limited(run_text):
    with pytest.raises(LimitExceeded, match="20000 steps") as caught:
        run_text(ENDLESS, np.zeros(1), limits=Limits(steps=20_000))
    assert caught.value.line in (7, 8)
    assert caught.value.file.endswith("kernels.py")


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("while True:\n        pass", (5, 6)),
        ("while True:\n        out[0] += 1", (5, 6)),
        ("for k in range(2 ** 40):\n        cuda.syncthreads()", (5, 6)),
        ("helper(out)", (7, 8)),
    ],
)
def test_an_endless_loop_is_named_by_its_line(run_text, body, lines):
    text = f"def kernel(out):\n    {body}\ndef helper(out):\n    while True:\n        out[0] = 1\n"
    with pytest.raises(LimitExceeded, match=r"kernels.py:\d+: .* steps") as caught:
        run_text(text, np.zeros(1), block=4, limits=Limits(steps=3000))
    assert caught.value.line in lines


def test_time_is_limited(run_text):
    with pytest.raises(LimitExceeded, match=r"longer than 0\.2 s"):
        run_text(ENDLESS, np.zeros(1), limits=Limits(wall_s=0.2, steps=10**12))


@pytest.mark.parametrize(
    ("body", "construct", "line"),
    [
        ("x = [1, 2]", "a list", 5),
        ("x = {1: 2}", "a dict", 5),
        ("x = [k for k in range(3)]", "a list comprehension", 5),
        ("import os", "an import inside a kernel", 5),
        ("x = out[::2]", "a slice with a step", 5),
        ("out[0:1] = 0", "an assignment to a slice", 5),
        ("x = (1, 2)[:1]", "a slice of anything but an array", 5),
        ("for v in reversed(out):\n        pass", "a loop over builtins.reversed", 5),
        ("for v in 3:\n        pass", "a loop over a number", 5),
        ("print(1, end='')", "builtins.print with keywords", 5),
        ("try:\n        pass\n    finally:\n        pass", "try", 5),
        ("x = 10 ** 30\n    y = 1234567890123456789012", "an integer of more than 64 bits", 6),
        ("x = cuda.shfl_sync(1, 2, 3)", "cuda.shfl_sync", 5),
        ("x = math.perm(3, 2)", "math.perm of 2 arguments", 5),
        ("class A:\n        pass", "a class inside a kernel", 5),
        ("out[0] = 1 in out", "`in` with anything but a tuple", 5),
        ("def f(x):\n        return f(x)\n    out[0] = f(1)", "the recursion of f", 6),
    ],
)
def test_what_is_not_in_the_subset_is_named_with_its_line(run_text, body, construct, line):
    with pytest.raises(Unsupported) as caught:
        run_text(f"def kernel(out):\n    {body}\n", np.zeros(1))
    assert (caught.value.construct, caught.value.line) == (construct, line)
    assert "kernels.py:" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("out[0] = nothing", "the name nothing means nothing here"),
        ("out[0] = x\n    x = 1", "x is read before anything is assigned"),
        ("out[0.5] = 1", "an index must be an integer"),
        ("out[0, 1] = 1", "has 1 dimensions"),
        ("a, b = 1, 2, 3", "3 values cannot be unpacked"),
        ("out[0] = cuda.syncthreads_count(out[0] > 0)", "takes one whole number"),
        ("out[0] = cuda.threadidx.x", r"cuda has no threadidx; did you mean threadIdx\?"),
        ("out[0] = cuda.threadIdx.w", r"cuda.threadIdx has no w"),
        ("cuda.syncthread()", r"cuda has no syncthread; did you mean syncthreads\?"),
        ("cuda.atomic.ad(out, 0, 1)", r"cuda.atomic has no ad; did you mean add\?"),
        ("s = cuda.shared.aray(4, numba.int32)", r"cuda.shared has no aray; did you mean array\?"),
        ("s = cuda.shared.array(4, numba.flaot32)", r"numba has no flaot32; did you mean float32"),
        ("out[0] = math.sqr(2)", r"math has no sqr; did you mean sqrt\?"),
        ("out[0] = math.PI", r"math has no PI; did you mean pi\?"),
        ("out[0] = cuda.grid()", "cuda.grid takes one number: 1, 2 or 3"),
        ("out[0] = out[0](1)", r"`out\[0\]` is a number, and cannot be called"),
        ("x = 1\n    x[0] = 1", "a number has no elements to be assigned"),
        ("class_of = A.B\n    out[0] = class_of", "numba does not look into classes"),
        ("a, b = out", "1 elements cannot be unpacked into 2 names"),
        ("a, b = out[:cuda.threadIdx.x]", "an unknown number of elements cannot be unpacked"),
        ("out[math.floor(2.7)] = 1", "an index must be an integer, and this one is a float"),
        ("out[True] = 1", "an index must be an integer, and this one is a bool"),
        ("out[0] = out[out[0] > 1]", "an index must be an integer, and this one is a bool"),
        ("x = 1 if out[out[0]:][0] else 2", "an index must be an integer, and this one is a f"),
        ("for h in (1, 2.5):\n        pass", "tuples of numbers of one type only"),
        ("raise ValueError('no')", r"thread \(0, 0, 0\) of block .* gets to `raise ValueError"),
        ("s = cuda.shared.array(TPB + 1, numba.int32)", "numba does not compute the shape"),
        ("B = TPB * 2\n    s = cuda.shared.array((B, 2), numba.int32)", "numba does not compute"),
        ("s = cuda.local.array(len(out), numba.int32)", "numba does not compute the shape"),
        ("s = cuda.local.array(out.shape, numba.int32)", "numba does not compute the shape"),
        ("s = cuda.local.array(-TPB, numba.int32)", "numba does not compute the shape"),
        ("s = cuda.local.array(int(TPB), numba.int32)", "numba does not compute the shape"),
        (
            "s = cuda.shared.array(-1, numba.int32)",
            r"of shape \(-1,\) holds nothing",
        ),
        ("s = cuda.shared.array(4, float)", "numba takes no float for a type .* numba.float64"),
        ("s = cuda.shared.array(4, int)", "numba takes no int for a type"),
        ("s = cuda.shared.array(4, bool)", "numba takes no bool for a type .* numba.boolean"),
        ("s = cuda.shared.array(cuda.threadIdx.x, numba.float32)", "constant integers"),
        ("s = cuda.shared.array(20000, numba.float32)", "80000 bytes .*: s of line 8 takes 80000"),
        ("for k in range(0, 3, 0):\n        out[0] = k", "step of a range is 0"),
        ("return 1", "a kernel returns nothing"),
        ("out[0] = float(out[0] > 1)", "no float of a bool"),
        ("out[0] = 1 if out[0] in (1, 2.0) else 0", "a tuple of numbers of one type"),
        ("out[0] = cuda.syncthreads()", "a call without a value"),
        ("x = 1\n    if out[0] > 0:\n        x = out\n    out[0] = x", "different things"),
    ],
)
def test_what_cannot_compile_is_explained(run_text, body, message):
    with pytest.raises(KernelError, match=message):
        run_text(f"TPB = 8\nclass A:\n    B = 1\ndef kernel(out):\n    {body}\n", np.zeros(1))


@pytest.mark.parametrize(
    "shape",
    [
        "TPB",
        "(TPB, 2)",
        "4 * 2",
        "(2 ** 2, -(-8))",
        "B",
        "(B, B)",
        "C",
        "out.ndim",
        "WIDE",
        "1 - -3",
    ],
)
def test_shapes_that_numba_knows(run_text, shape):
    text = (
        "TPB = 8\nWIDE = TPB + 1\ndef kernel(out):\n    B = TPB\n    C = (B, WIDE)\n"
        f"    s = cuda.shared.array({shape}, numba.float32)\n    out[0] = 1\n"
    )
    assert run_text(text, np.zeros(1)).findings == []


@pytest.mark.parametrize("word", ["break", "continue"])
@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("    {}\n", 5),
        ("    if out[0] > 0:\n        {}\n", 6),
        ("    for k in range(3):\n        pass\n    {}\n", 7),
        ("    while out[0] > 0:\n        pass\n    else:\n        {}\n", 8),
        ("    for k in range(3):\n        out[0] = inner(k)\n", 8),
    ],
)
def test_break_and_continue_belong_in_a_loop(run_text, word, body, line):
    # Such text can be parsed, though not compiled; and the loop of a caller does not count.
    text = f"def kernel(out):\n{body.format(word)}"
    if "inner" in body:
        text += f"def inner(k):\n    {word}\n"
    with pytest.raises(KernelError, match=f"`{word}` stands outside a loop") as caught:
        run_text(text, np.zeros(1))
    assert caught.value.line == line
    assert caught.value.file.endswith("kernels.py")


@pytest.mark.parametrize(
    "text",
    [
        "def kernel(out):\n    out[0] = " + "-" * 50_000 + "1\n",
        "def kernel(out):\n    out[0] = " + "(" * 500 + "1" + ")" * 500 + "\n",
        "def kernel(out):\n    out[0] = " + "1 + " * 5000 + "1\n",
        "def kernel(out):\n" + "".join(f"{'    ' * k}if out[0] > {k}:\n" for k in range(1, 90))
        + "    " * 90 + "pass\n",
        "A = 10 ** 10 ** 9\ndef kernel(out):\n    out[0] = A\n",
        "A = 1 << 10 ** 12\ndef kernel(out):\n    out[0] = A\n",
        "def kernel(out):\n    s = cuda.local.array((1 << 20, 1 << 20), numba.float64)\n",
        "def kernel(out):\n    s = cuda.local.array(1 << 28, numba.float64)\n    s[0] = 1\n",
        "def f(x):\n    return f(x)\ndef kernel(out):\n    out[0] = f(1)\n",
        "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\n"
        "def kernel(out):\n    out[0] = f(1)\n",
        "".join(f"def f{k}(x):\n    return f{k + 1}(x) + f{k + 1}(x)\n" for k in range(20))
        + "def f20(x):\n    return x\ndef kernel(out):\n    out[0] = f0(1)\n",
        "A = B\nB = A\ndef kernel(out):\n    out[0] = A\n",
        "f = lambda x: f(x)\nA = f(1)\ndef kernel(out):\n    out[0] = A\n",
        "def kernel(out):\n    out[0] = \x00\n",
        "def kernel(out):\n  out[0] = 1\n out[1] = 2\n",
        "def kernel(out, extra):\n    pass\n",
        "def kernel(*out):\n    pass\n",
        "kernel = 3\n",
        "from . import kernel\n",
        "from kernels import kernel\n",
        "raise SystemExit\n",
    ],
)  # fmt: skip
def test_hostile_sources_end_in_a_documented_error(run_text, text):
    with pytest.raises(SimtError):
        run_text(text, np.zeros(2))


@pytest.mark.parametrize(
    ("grid", "block"),
    [(0, 1), (1, 0), (1, 1025), (1, (32, 33)), (1, (1, 1, 65)), ((1, 70000), 1), (1, ()), (1.5, 1)],
)
def test_sizes_of_a_launch(run, grid, block):
    with pytest.raises(KernelError):
        run("copy", grid, block, np.zeros(1), np.zeros(1), 1)


def test_arguments(run):
    with pytest.raises(KernelError, match="takes 3 arguments, and 2 were given"):
        run("copy", 1, 1, np.zeros(1), np.zeros(1))
    with pytest.raises(KernelError, match="complex128"):
        run("copy", 1, 1, np.zeros(1, complex), np.zeros(1), 1)
    with pytest.raises(KernelError, match="neither an array nor a number"):
        run("copy", 1, 1, np.zeros(1), np.zeros(1), "1")
    shared = np.zeros(4)
    with pytest.raises(KernelError, match="overlap"):
        run("copy", 1, 1, shared[1:], shared[:3], 1)


def test_arrays_that_interleave_are_two(run):
    shared = np.arange(8.0)
    assert run("copy", 1, 4, shared[1::2], shared[::2], 4).findings == []
    assert shared.tolist() == [0, 0, 2, 2, 4, 4, 6, 6]


def test_an_array_given_twice_is_one(run_text):
    text = "def kernel(out, a):\n    t = cuda.threadIdx.x\n    out[t] = a[{}] + 1\n"
    a = np.arange(4.0)
    trace = run_text(text.format("t"), a, a, block=4)
    assert a.tolist() == [1, 2, 3, 4]
    assert (trace.findings, list(trace.counters)) == ([], ["out"])
    [found] = run_text(text.format("3 - t"), a, a[:], block=4).findings
    assert (found.kind, found.array) == ("race", "out")
    assert "writes out" in found.message
    assert "reads in line 6" in found.message


def test_an_array_that_cannot_be_written(run, run_text):
    out = np.zeros(4)
    out.flags.writeable = False
    with pytest.raises(KernelError, match=r"kernels.py:5: the kernel writes out, which is r"):
        run_text("def kernel(out):\n    out[0] = 1\n", out)
    with pytest.raises(KernelError, match="the kernel writes out, which is read-only"):
        run_text("def kernel(out):\n    cuda.atomic.add(out, 0, 1)\n", out)
    wide = np.lib.stride_tricks.as_strided(np.zeros(4), (4, 2), (8, 8))
    with pytest.raises(KernelError, match="whose elements share memory"):
        run_text("def kernel(out):\n    out[0, 0] = 1\n", wide)
    assert run("copy", 1, 4, np.zeros(4), np.broadcast_to(np.ones(1), 4), 4).findings == []


@pytest.mark.parametrize("limits", [5, "", Limits(steps=0), Limits(wall_s="1"), Limits(lanes=True)])
def test_limits_that_are_none(run, limits):
    with pytest.raises(KernelError, match="limit"):
        run("copy", 1, 1, np.zeros(1), np.zeros(1), 1, limits=limits)


def test_the_variables_of_all_lanes_count(run_text):
    lines = "".join(f"    v{k} = -t\n" for k in range(300))
    text = f"def kernel(out):\n    t = cuda.threadIdx.x\n{lines}    out[t] = v299\n"
    with pytest.raises(LimitExceeded, match="bytes of memory"):
        run_text(text, np.zeros(1024), block=1024, limits=Limits(memory_bytes=2**21))
    out = np.zeros(8)  # fewer blocks at once
    limits = Limits(memory_bytes=2**20, lanes=2**22)
    assert run_text(text, out, grid=10_000, block=1, limits=limits).blocks == 10_000


def test_memory_is_limited(run):
    with pytest.raises(LimitExceeded, match="bytes of memory"):
        run("copy", 1, 1, np.zeros(10**4), np.zeros(1), 1, limits=Limits(memory_bytes=10**5))


def test_a_thing_that_is_no_kernel():
    with pytest.raises(ResolveError, match="is no function"):
        launch(len, 1, 1, ())
