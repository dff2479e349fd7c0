"""Statements that kernels are made of: eight threads, one result each."""

from __future__ import annotations

import numpy as np
import pytest

from minigrade.simt import KernelError


def tangle(t):
    count = 0
    for i in range(4):
        for j in range(4):
            if j == t:
                break
            if j + i == 5:
                continue
            count += 1
        else:
            count += 100
        if i == t:
            break
    return count


TANGLE = """
    result = 0
    for i in range(4):
        for j in range(4):
            if j == t:
                break
            if j + i == 5:
                continue
            result += 1
        else:
            result += 100
        if i == t:
            break
"""
HELPERS = """
LIMIT = float("inf")
@cuda.jit(device=True)
def twice(x, factor=2):
    return x * factor
def search(values, wanted):
    for k in range(len(values)):
        if values[k] == wanted:
            return k
    return -1
def pair(x):
    return x, x * x
def early(x):
    if x > 5:
        return x, 10
    for k in range(8):
        if k == x:
            return k, (20, k)[0]
        if k == 3:
            break
    while x > 4:
        return (x, 30)
    return 0, 40
def fill(s, t):
    s[t] = t
    cuda.syncthreads()
    return s[7 - t]
def position(index, strides):
    result = 0
    for i, stride in zip(index, strides):
        result += i * stride
    return result
def checked(x):
    if x < 0:
        raise ValueError(f"{x}")
    return x
"""
CASES = {
    "a fibonacci tuple": (
        "p = (1, 1)\n    for k in range(t):\n        p = (p[1], p[0] + p[1])\n    result = p[0]",
        lambda t: [1, 1, 2, 3, 5, 8, 13, 21][t],
    ),
    "a swap": ("x, y = t, 10\n    x, y = y, x\n    result = x - y", lambda t: 10 - t),
    "a chained assignment": ("x = y = t + 1\n    result = x * y", lambda t: (t + 1) ** 2),
    "nested unpacking": ("(x, y), z = (t, 2), 3\n    result = x + y + z", lambda t: t + 5),
    "breaks and continues": (TANGLE, tangle),
    "while true": (
        "result = 0\n    while True:\n        result += 1\n        if result > t:\n"
        "            break",
        lambda t: t + 1,
    ),
    "a return inside two loops": ("result = search(a, t)", lambda t: [3, 1, 5].index(t)
                                  if t in (3, 1, 5) else -1),
    "a default and a keyword": ("result = twice(t) + twice(t, factor=5)", lambda t: 7 * t),
    "a returned tuple": ("x, y = pair(t)\n    p = pair(x)\n    result = y + p[1]",
                         lambda t: 2 * t * t),
    "tuples returned early": (
        "x, y = early(t)\n    result = x + y",
        lambda t: t + 10 if t > 5 else t + 20 if t < 4 else t + 30 if t > 4 else 40),
    "an array given to a device function": (
        "s = cuda.shared.array(8, numba.int32)\n    result = fill(s, t)", lambda t: 7 - t),
    "a tuple indexed by a variable": (
        "result = 0\n    for k in range(-3, 3):\n        result += (1, t, 100)[k]",
        lambda t: 2 * (101 + t)),
    "an infinite constant": ("result = 1 if LIMIT > t else 0", lambda t: 1),
    "a range downwards": (
        "result = 0\n    for k in range(5, t, -1):\n        result += k",
        lambda t: sum(range(5, t, -1))),
    "a loop's variable behind the loop": (
        "for k in range(t + 1):\n        pass\n    result = k", lambda t: t),
    "a constant that one branch changes": (
        "result = 1\n    if t > 3:\n        result = 2", lambda t: 1 + (t > 3)),
    "a loop that shrinks a constant": (
        "stride = 8\n    result = 0\n    while stride > t:\n        result += stride\n"
        "        stride //= 2",
        lambda t: sum(s for s in (8, 4, 2, 1) if s > t and all(
            q > t for q in (8, 4, 2, 1) if q >= s)) if t else 15),
    "another name for an array": ("b = a\n    result = b[0] + t", lambda t: 3 + t),
    "the last element": ("result = a[-1] + t", lambda t: 5 + t),
    "an element type by name": (
        "s = cuda.shared.array(shape=(4, 2), dtype='float32')\n    s[t // 2, t % 2] = t\n"
        "    cuda.syncthreads()\n    result = s[(7 - t) // 2, (7 - t) % 2]", lambda t: 7 - t),
    "no read where `and` stops": (
        "result = t < 3 and a[t] > 2", lambda t: t < 3 and [3, 1, 5][t] > 2),
    "no read on the other side of `if`": (
        "result = a[t] if t < 3 else -1", lambda t: [3, 1, 5][t] if t < 3 else -1),
    "zip": ("result = position(a, (1, 10, 100))", lambda t: 513),
    "zip of what is shorter": (
        "result = 0\n    for x, y, z in zip(a, (1, t + 0), a[:1]):\n        result += x * y + z",
        lambda t: 6),
    "enumerate": (
        "result = 0\n    for k, x in enumerate(a):\n        if k == t:\n            continue\n"
        "        result += k * x", lambda t: 11 - (0, 1, 10)[t] if t < 3 else 11),
    "enumerate from a number": (
        "result = 0\n    for k, (x, y) in enumerate(zip(a, a), t):\n        result += k * y",
        lambda t: 9 * t + 11),
    "a loop over an array": (
        "result = 0\n    for x in a:\n        if x == 1:\n            break\n        result = x\n"
        "    else:\n        result = 9", lambda t: 3),
    "a loop over a tuple": (
        "result = 0\n    for h in (32, 16, t + 0):\n        result += h", lambda t: 48 + t),
    "rows of an array": (
        "s = cuda.local.array((2, 3), numba.int32)\n    for row in range(2):\n"
        "        for k in range(3):\n            s[row, k] = row * 10 + k + t\n"
        "    result = 0\n    for row in s:\n        for x in row[1:]:\n            result += x\n"
        "    for x in s[:, 1]:\n        result += 100 * x",
        lambda t: 26 + 4 * t + 100 * (12 + 2 * t)),
    "slices": (
        "b = a[1:]\n    c = a[:-1]\n    d = a[t:t + 2]\n"
        "    result = b[0] + 10 * c[-1] + 100 * len(d) + 1000 * b[1:][0] + len(c[5:])",
        lambda t: 1 + 10 + 100 * max(0, min(3, t + 2) - min(3, t)) + 5000),
    "a slice of each thread's own length": (
        "result = 0\n    for x in a[:t]:\n        result += x", lambda t: sum([3, 1, 5][:t])),
    "an array unpacked": ("x, y, z = a\n    result = x + 10 * y + 100 * z", lambda t: 513),
    "a raise that no thread gets to": ("result = checked(t)", lambda t: t),
    "print": ("print('thread', t, a[0])\n    result = t", lambda t: t),
    "divmod": ("q, r = divmod(t + 10, 3)\n    result = 10 * q + r",
               lambda t: 10 * ((t + 10) // 3) + (t + 10) % 3),
    "round to digits": ("result = round(t / 7, 2)", lambda t: round(t / 7, 2)),
    "infinite floats": ("result = 1 if float('inf') > t > float('-inf') else 0", lambda t: 1),
    "barriers of warps": ("cuda.syncwarp()\n    result = cuda.grid(ndim=1)", lambda t: t),
    "threads counted at a barrier": (
        "result = cuda.syncthreads_count(numba.int32(t > 2)) * 100 + cuda.syncthreads_or(t) * 10"
        " + cuda.syncthreads_and(t)", lambda t: 510),
    "a range of floats": (
        "result = 0\n    for k in range(math.ceil(t / 2)):\n        result += k + 1",
        lambda t: sum(range(1, -(-t // 2) + 1))),
    "a range up to the largest integer": (
        "result = 0\n    for k in range(numba.int32(2147483640) + numba.int32(t), 2**31 - 1, 5):\n"
        "        result += 1", lambda t: len(range(2**31 - 8 + t, 2**31 - 1, 5))),
    "a chain that reads once": ("result = 0 < a[1] <= t", lambda t: t >= 1),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_thread_gets_its_result(run_text, name):
    body, expected = CASES[name]
    out = np.full(8, -99.0)
    text = f"{HELPERS}\ndef kernel(out, a):\n    t = cuda.threadIdx.x\n    {body.strip()}\n"
    trace = run_text(text + "    out[t] = result\n", out, np.array([3, 1, 5]), block=8)
    assert trace.findings == []
    assert out.tolist() == [expected(t) for t in range(8)]


def test_a_chained_comparison_reads_its_middle_once(run_text):
    text = "def kernel(out, a):\n    t = cuda.threadIdx.x\n    out[t] = 0 < a[t] <= 3 < 4\n"
    trace = run_text(text, np.zeros(3), np.array([3, 1, 5]), block=3)
    assert trace.counters["a"].reads == 3


def test_small_integers_wrap_around(run_text):
    a = np.zeros(1, np.uint8)
    run_text("def kernel(a):\n    a[0] += 300\n", a)
    assert a[0] == 44


def test_the_literal_zero_makes_a_double_sum(run_text):
    a, out = np.full(3, 0.1, np.float32), np.zeros(2)
    run_text(
        "def kernel(out, a):\n    wide = 0.\n    narrow = numba.float32(0)\n"
        "    for k in range(3):\n        wide += a[k]\n        narrow += a[k]\n"
        "    out[0] = wide\n    out[1] = narrow\n",
        out,
        a,
    )
    assert out[0] == 3 * np.float64(np.float32(0.1))
    assert out[1] == np.float32(0.1) + np.float32(0.1) + np.float32(0.1) != out[0]


def test_the_least_exponent(run_text):
    a, out = np.array([-(2**63), -3, 3]), np.zeros((4, 3))
    text = (
        "def kernel(out, a):\n    t = cuda.threadIdx.x\n    out[0, t] = 2 ** a[t]\n"
        "    out[1, t] = 2.0 ** a[t]\n    out[2, t] = (-1) ** a[t]\n"
        "    out[3, t] = 0 ** a[t]\n"
    )
    run_text(text, out, a, block=3)
    assert out.tolist() == [[0, 0, 8], [0, 0.125, 8], [1, -1, -1], [-(2.0**63), -(2.0**63), 0]]


def test_a_range_of_int32_that_would_overflow_ends(run_text):
    out = np.zeros(8, np.int64)
    ends = np.arange(2**31 - 8, 2**31, dtype=np.int32)
    run_text(
        "def kernel(out, ends):\n    t = cuda.threadIdx.x\n"
        "    for k in range(ends[t] - ends[t], ends[t], cuda.blockDim.x * 100000000):\n"
        "        out[t] += k\n"
        "    for k in range(ends[0], ends[t], cuda.blockDim.x):\n        out[t] += 1\n",
        out, ends, block=8,
    )  # fmt: skip
    steps = [sum(range(0, int(end), 800000000)) for end in ends]
    assert out.tolist() == [step + (t > 0) for t, step in enumerate(steps)]


def test_a_raise_names_its_line_and_thread(run_text):
    text = (
        "def kernel(out):\n    t = cuda.threadIdx.x\n    if t > 2:\n"
        "        raise IndexError('too far')\n    out[t] = 1\n"
    )
    assert run_text(text, np.zeros(3), block=3).findings == []
    with pytest.raises(KernelError, match=r"thread \(3, 0, 0\).*gets to `raise I") as caught:
        run_text(text, np.zeros(8), block=8)
    assert caught.value.line == 7
