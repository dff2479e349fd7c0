"""Statements on scalars give what numba's compiled code gives, bit for bit.

`math` functions are NumPy's here and libm's there: they agree within 4 ulp.
"""

from __future__ import annotations

import linecache
import math
import types

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minigrade.simt import launch

DTYPES = ("bool", "int32", "int64", "uint32", "float32", "float64")
STATEMENTS = {
    "x + y": DTYPES,
    "x - y": DTYPES[1:],
    "x * y": DTYPES,
    "x / y": DTYPES,
    "x // y": ("int32", "int64", "float32", "float64"),
    "x % y": ("int32", "int64", "float32", "float64"),
    "x & y": DTYPES[:3],
    "x | y": DTYPES[:3],
    "x ^ y": DTYPES[:4],
    "-x + y": DTYPES[1:],
    "~x - y": ("int32", "int64", "uint32"),
    "+x - (not y)": DTYPES[1:],
    "~x & y": DTYPES[:3],
    "x ** 2 + y": DTYPES[1:],
    "x ** 3": ("int32", "int64", "float32", "float64"),
    "x ** -2": ("int32", "int64", "uint32"),
    "(abs(x) + 1) ** -1": ("float32", "float64"),  # numba divides by zero as Python does here
    "2 ** (y & 7)": ("int32", "int64"),
    "x % -3": ("int32", "int64", "float32", "float64"),
    "x // -2": ("int32", "int64", "float32", "float64"),
    "x not in (2, 0)": DTYPES[1:],
    "(x > 1) + (y > 1)": DTYPES[1:],
    "True + x": DTYPES[1:],
    "x < y": DTYPES,
    "x <= y <= x + 1": DTYPES[1:],
    "x == y or x > 1": DTYPES[1:],
    "x and y": DTYPES[1:],
    "x if x > y else y": DTYPES[1:],
    "abs(x) - y": ("int32", "int64", "float32", "float64"),
    "min(x, y) + max(x, y)": ("int32", "int64", "float32", "float64"),
    "min(x, y)": DTYPES[1:3] + DTYPES[4:],
    "max(x, y)": DTYPES[1:3] + DTYPES[4:],
    "max(x, 0.0)": DTYPES[1:3] + DTYPES[4:],
    "min(x, -y, 1, 2.5)": DTYPES[1:3] + DTYPES[4:],
    "int(x) + y": ("int32", "int64", "float32", "float64"),
    "float(x) * y": DTYPES[1:],
    "round(x) + y": ("float32", "float64"),
    "math.floor(x) + math.ceil(y)": ("int32", "float32", "float64"),
    "numba.int32(x) + numba.float32(y)": ("int32", "int64", "float32", "float64"),
    "numba.float32(x) * numba.float32(y)": ("int32", "int64", "float32", "float64"),
    "numba.int32(x * y)": ("int32", "int64"),
    "x << 3": ("int32", "int64", "uint32"),
    "x >> 2": ("int32", "int64", "uint32"),
}
LOOPS = {
    "sum": "acc = 0.\n    for k in range(3):\n        acc += x * y\n    result = acc",
    "widen": "acc = 0\n    for k in range(4):\n        acc = acc + x\n"
    "    result = acc / (y * y + 1.5)",
    "retype": "acc = x\n    acc = acc * 0.5\n    result = acc - y",
    "best": "m = numba.int32(0)\n    if x > y:\n        m = x\n    result = m + y",
    "swap": "a, b = x, y\n    for k in range(3):\n        a, b = b, a + b\n    result = a",
    "while": "k = 0\n    acc = y\n    while k < 5:\n        k += 2\n        if k == 4:\n"
    "            continue\n        acc += x\n    result = acc",
}
_known: dict[tuple[str, str], tuple] = {}


def functions(body: str):
    """Return a function of scalars and a kernel with the same statements, as live objects."""
    if body not in _known:
        text = (
            f"def scalar(x, y):\n    {body}\n    return result\n\n\n"
            f"def kernel(out, a, b):\n    i = cuda.grid(1)\n    x = a[i]\n    y = b[i]\n"
            f"    {body}\n    out[i] = result\n"
        )
        name = f"<statements {len(_known)}>"
        linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
        space = {"math": math, "numba": numba, "cuda": types.ModuleType("numba.cuda")}
        exec(compile(text, name, "exec"), space)
        compiled = numba.njit(error_model="numpy")(space["scalar"])
        _known[body] = (compiled, space["kernel"])
    return _known[body]


def numbers(name: str, *, special: bool = False):
    """Return a strategy of numbers; `special`: also infinities, nan and both zeros."""
    if name == "bool":
        return st.booleans()
    if name.startswith("float"):
        whole = st.integers(-40, 40).map(lambda i: i / 4)
        width = int(name[5:])
        usual = whole | st.floats(-1e6, 1e6, allow_nan=False, width=width)
        strange = st.sampled_from([-0.0, 0.0, math.nan, math.inf, -math.inf])
        return usual | strange if special else usual
    info = np.iinfo(name)
    low = 0 if name.startswith("u") else -30
    return (
        st.integers(low, 30)
        | st.integers(int(info.min) // 2, int(info.max) // 2)
        | st.just(info.min)
    )


def compare(body: str, left: str, right: str, pairs) -> None:
    compiled, kernel = functions(body)
    a = np.array([x for x, _ in pairs], left)
    b = np.array([y for _, y in pairs], right)
    expected = [compiled(x, y) for x, y in zip(a, b, strict=True)]
    signature = (numba.from_dtype(a.dtype), numba.from_dtype(b.dtype))
    dtype = np.dtype(str(compiled.overloads[signature].signature.return_type))
    out = np.zeros(len(pairs), dtype)
    assert launch(kernel, 1, len(pairs), (out, a, b)).findings == []
    wanted = np.array(expected, dtype)
    np.testing.assert_array_equal(out, wanted, err_msg=f"{body} {left} {right}")
    known = ~np.isnan(wanted)  # which NaN is left open
    assert out[known].tobytes() == wanted[known].tobytes(), f"{body} {left} {right}: {out} {wanted}"


@pytest.mark.slow
@pytest.mark.parametrize("expression", STATEMENTS)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_expressions(expression, data):
    left = data.draw(st.sampled_from(STATEMENTS[expression]))
    right = data.draw(st.sampled_from(STATEMENTS[expression]))
    # As an integer, nan is what the processor makes of it.
    special = not any(word in expression for word in ("int", "round", "floor"))
    pair = st.tuples(numbers(left, special=special), numbers(right, special=special))
    pairs = data.draw(st.lists(pair, min_size=4, max_size=20))
    compare(f"result = {expression}", left, right, pairs)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOOPS)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_statements(name, data):
    usual = ("int32", "int64", "float32", "float64")
    left, right = data.draw(st.sampled_from(usual)), data.draw(st.sampled_from(usual))
    pairs = data.draw(st.lists(st.tuples(numbers(left), numbers(right)), min_size=4, max_size=20))
    compare(LOOPS[name], left, right, pairs)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name", ["exp", "log", "sqrt", "sin", "cos", "tanh", "log1p", "expm1", "atan", "erf", "cosh"]
)
def test_math_within_4_ulp(name, dtype):
    compiled, kernel = functions(f"result = math.{name}(x) + y * 0")
    a = np.linspace(0.01, 5, 200).astype(dtype)
    out, zero = np.zeros(200, dtype), np.zeros(200, dtype)
    launch(kernel, 1, 200, (out, a, zero))
    expected = np.array([compiled(x, y) for x, y in zip(a, zero, strict=True)], dtype)
    np.testing.assert_array_max_ulp(out, expected, 4)
