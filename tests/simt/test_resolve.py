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
