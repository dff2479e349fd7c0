"""Kernels are found from text alone, and from live objects, with everything they need."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float32, njit

from minigrade.simt import ResolveError, launch

CUDA_OPS = """
from typing import TYPE_CHECKING, Any, Callable, TypeVar
import numba
from numba import cuda
from numba.cuda import jit as _jit
from .tensor_data import MAX_DIMS, index_to_position, to_index
from . import operators
from . import settings as chosen
if TYPE_CHECKING:
    from .nowhere import TPB

raise RuntimeError("nobody may execute this module")

Fn = TypeVar("Fn")

def device_jit(fn: Fn, **kwargs: Any) -> Fn:
    return _jit(device=True, **kwargs)(fn)

def jit(fn, **kwargs):
    return _jit(**kwargs)(fn)

to_index = device_jit(to_index)
index_to_position = cuda.jit(device=True)(index_to_position)
HALF = chosen.BASE * 2 ** 3 // 4
TPB, WIDE = 4, (1 << 3) - 2

class CudaOps:
    @staticmethod
    def map(fn):
        cufn = device_jit(fn)
        return tensor_map(cufn)

def tensor_map(fn: Callable[[float], float]):
    def _map(out, out_shape, out_strides, out_size, a):
        BLOCK = TPB
        index = cuda.local.array(MAX_DIMS, numba.int32)
        kept = cuda.shared.array((BLOCK, WIDE), numba.float64)
        i = cuda.grid(1)
        t = cuda.threadIdx.x
        if i < out_size:
            to_index(i, out_shape, index)
            kept[t, 0] = fn(a[i])
            out[index_to_position(index, out_strides)] = kept[t, 0] + HALF + operators.EXTRA
    return jit(_map)

@cuda.jit
def scaled(out, a):
    i = cuda.grid(1)
    out[i] = operators.twice(a[i]) * chosen.inner(3.0)
"""
FILES = {
    "__init__.py": "from .cuda_ops import *\n",
    "operators.py": "EXTRA = 0.25\n\ndef add(x, y):\n    return x + y\n\n"
    "def twice(x):\n    return add(x, x)\n",
    "settings.py": "from minipack.operators import add\nBASE = 5\ninner = lambda x: add(x, BASE)\n",
    "tensor_data.py": "import numpy.typing as npt\nMAX_DIMS = 32\n"
    "def to_index(ordinal, shape, out_index):\n"
    "    cur = ordinal + 0\n"
    "    for i in range(len(shape) - 1, -1, -1):\n"
    "        sh = shape[i]\n        out_index[i] = int(cur % sh)\n        cur = cur // sh\n"
    "def index_to_position(index, strides):\n    ret = 0\n"
    "    for k in range(len(strides)):\n        ret += index[k] * strides[k]\n    return ret\n",
    "cuda_ops.py": CUDA_OPS,
}


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "minipack"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    return folder


def test_a_factorys_kernel_with_all_it_reaches(package):
    a, out = np.arange(6.0), np.zeros(6)
    trace = launch(
        f"{package}/cuda_ops.py:tensor_map(operators.py:twice)._map", 2, 4,
        (out, np.array([2, 3]), np.array([1, 2]), 6, a),
    )  # fmt: skip
    assert trace.findings == []
    assert out.reshape(3, 2).T.reshape(-1).tolist() == [2 * x + 10.25 for x in range(6)]
    assert trace.shared_bytes == 4 * 6 * 8


def test_a_kernel_that_uses_modules_and_lambdas(package):
    out = np.zeros(3)
    launch(f"{package}/cuda_ops.py:scaled", 1, 3, (out, np.arange(3.0)))
    assert out.tolist() == [0, 16, 32]


def test_a_kernel_seen_through_the_package(package):
    out = np.zeros(3)
    launch(f"{package}/__init__.py:scaled", 1, 3, (out, np.arange(3.0)))
    assert out.tolist() == [0, 16, 32]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("cuda_ops.py:nothing", "nothing does not exist"),
        ("cuda_ops.py:tensor_map(operators.py:nothing)._map", "nothing does not exist"),
        ("cuda_ops.py:tensor_map(operators.py:add).other", "other does not exist"),
        ("cuda_ops.py:tensor_map()._map", "takes 1 arguments, not 0"),
        ("cuda_ops.py:tensor_map(operators.py:add", "parenthesis is missing"),
        ("operators.py:max", "max does not exist"),
        ("cuda_ops.py:tensor_map(operators.py:max)._map", "operators.py:max does not exist"),
        ("cuda_ops.py:tensor_map(operators.py:add, 1)._map", "takes 1 arguments, not 2"),
        ("cuda_ops.py:CudaOps", "is no function"),
        ("cuda_ops.py:HALF", "is no function"),
        ("cuda_ops.py:", "a name is expected"),
        ("cuda_ops.py", "a file, a colon and a name"),
        ("nowhere.py:kernel", "there is no file"),
        ("cuda_ops.py:scaled extra", "unexpected"),
        ("x" * 2000, "2000 characters"),
    ],
)
def test_addresses_that_lead_nowhere(package, monkeypatch, address, message):
    monkeypatch.chdir(package)
    with pytest.raises(ResolveError, match=message):
        launch(address, 1, 1, ())


OFFSET = 3
twice, thrice = njit(lambda x: 2 * x), njit(lambda x: 3 * x)


@cuda.jit(device=True)
def shifted(x):
    return x + OFFSET


def make(fn, factor):
    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        out[i] = fn(shifted(a[i])) * float32(factor)

    return kernel


@pytest.mark.parametrize(("fn", "times"), [(twice, 2), (thrice, 3)])
def test_live_dispatchers_closures_and_two_lambdas_on_a_line(fn, times):
    out = np.zeros(4)
    assert launch(make(fn, 0.5), 1, 4, (out, np.arange(4.0))).findings == []
    assert out.tolist() == [(x + 3) * times / 2 for x in range(4)]


def test_a_plain_function():
    def kernel(out):
        out[cuda.threadIdx.x] = cuda.blockDim.x

    out = np.zeros(4)
    launch(kernel, 1, 4, [out])
    assert out.tolist() == [4] * 4


def test_an_object_whose_source_is_gone():
    space: dict = {}
    exec("def kernel(out):\n    out[0] = 1\n", space)
    with pytest.raises(ResolveError, match="source of kernel cannot be read"):
        launch(space["kernel"], 1, 1, (np.zeros(1),))


def test_the_kernel_that_a_factory_returns(package):
    (package / "made.py").write_text(
        "def make(a, b=2):\n    if a > 1:\n        def inner(out):\n            out[0] = a * b\n"
        "    else:\n        def inner(out):\n            out[0] = -1\n"
        "    def other(out):\n        out[0] = 9\n    return other if a > 5 else inner\n"
    )
    for address, wanted in (("make(2).inner", 4), ("make(1).inner", -1), ("make(3)", 6),
                            ("make(9)", 9), ("make(3, 7)", 21)):  # fmt: skip
        out = np.zeros(1)
        launch(f"{package}/made.py:{address}", 1, 1, (out,))
        assert out[0] == wanted
    with pytest.raises(ResolveError, match=r"inner is not a constant .* condition"):
        launch(f"{package}/made.py:make.inner", 1, 1, (np.zeros(1),))


def test_a_decorator_that_is_followed_and_one_that_is_not(package):
    (package / "made.py").write_text(
        "import functools\ndef replaced(fn):\n    def other(out):\n        out[0] = 5\n"
        "    return other\n@replaced\ndef kernel(out):\n    out[0] = 1\n"
        "@functools.cache\ndef hidden(out):\n    out[0] = 1\n"
    )
    out = np.zeros(1)
    launch(f"{package}/made.py:kernel", 1, 1, (out,))
    assert out[0] == 5
    with pytest.raises(ResolveError, match="the decorator in line 9 cannot be followed"):
        launch(f"{package}/made.py:hidden", 1, 1, (out,))


def test_defaults_are_those_of_the_definition(package):
    (package / "made.py").write_text(
        "D = 4\ndef f(x, k=D):\n    return x + k\nD = 7\nk = 100\ndef g(x, y=k):\n    return y\n"
        "def kernel(out):\n    k = 1\n    out[0] = f(k) + g(k)\n"
    )
    out = np.zeros(1)
    launch(f"{package}/made.py:kernel", 1, 1, (out,))
    assert out[0] == 105


DEFAULT = 4


def with_default(x, k=DEFAULT):
    return x + k


DEFAULT = 7
THINGS = [1, 2]


def test_defaults_and_names_of_live_functions():
    def kernel(out):
        out[0] = with_default(1)

    def lost(out):
        out[0] = THINGS

    out = np.zeros(1)
    launch(kernel, 1, 1, (out,))
    assert out[0] == 5
    with pytest.raises(ResolveError, match=r"THINGS is not a constant .* of type list"):
        launch(lost, 1, 1, (out,))


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfX = 3\n",
        b"# -*- coding: latin-1 -*-\nX = 3  # \xe4\n",
        b"X = 3\r\n",
        b"X = 3\r",
    ],
)
def test_files_in_other_encodings(package, text):
    (package / "made.py").write_bytes(text + b"def kernel(out):\n    out[0] = X\n")
    out = np.zeros(1)
    launch(f"{package}/made.py:kernel", 1, 1, (out,))
    assert out[0] == 3


@pytest.mark.parametrize(
    "text", [b"# coding: nothing\nX = 3", b"X = '\xff'", b"# coding: latin-1\n\0"]
)
def test_files_that_are_no_text(package, text):
    (package / "made.py").write_bytes(text)
    with pytest.raises(ResolveError, match=r"made\.py"):
        launch(f"{package}/made.py:kernel", 1, 1, (np.zeros(1),))


CIRCLES = {
    "right": ("from .two import B\nA = 1\nX = B\n", "from . import one\nB = 2\n", 2),
    "star": ("A = 1\nfrom .two import *\nX = A + B\n", "from .one import *\nB = 2\n", 3),
    "computed": ("A = 1\nfrom .two import B\nA = 5\nX = B\n", "from .one import A\nB = A + 1\n", 0),
    "of one name": ("from .two import X\n", "from .one import X\n", 0),
}


@pytest.mark.parametrize("name", CIRCLES)
def test_modules_that_import_each_other(package, name):
    one, two, wanted = CIRCLES[name]
    (package / "one.py").write_text(one + "def kernel(out):\n    out[0] = X\n")
    (package / "two.py").write_text(two)
    out = np.zeros(1)
    if wanted:
        launch(f"{package}/one.py:kernel", 1, 1, (out,))
        assert out[0] == wanted
    else:
        with pytest.raises(ResolveError, match="X is not a constant"):
            launch(f"{package}/one.py:kernel", 1, 1, (out,))
