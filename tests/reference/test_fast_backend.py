"""The backend of FastOps: its operators, its errors, and its functions without Numba.

What its kernels do with all layouts and sizes is in `test_fast_ops.py` and
`test_fast_matmul.py`.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.slow  # a kernel takes the better part of a second to compile


def quarters(shape: tuple[int, ...]) -> Any:
    """Return numbers whose sums and products are exact."""
    size = math.prod(shape)
    return (np.random.default_rng(size).permutation(size) / 4 - size / 8).reshape(shape)


def test_values_are_the_operators(mt: ModuleType) -> None:
    """As a student's tensor sees them, and with what NumPy says about a division by zero."""
    backend = mt.TensorBackend(mt.FastOps)
    x = mt.tensor([[-2.0, 0.0, 3.0]], backend=backend)
    y = mt.tensor([[1.0], [3.0]], backend=backend)
    assert (x + y).to_numpy().tolist() == [[-1, 1, 4], [1, 3, 6]]
    assert backend.inv_map(x).to_numpy().tolist() == [[-0.5, math.inf, 1 / 3]]
    assert backend.mul_reduce(y, 0).to_numpy().tolist() == [[3.0]]
    assert backend.id_map(x, backend.add_zip(x, y)).to_numpy().tolist() == [[-2, 0, 3]] * 2
    with pytest.raises(mt.IndexingError, match=r"cannot add shapes \(1, 3\) and \(2,\)"):
        backend.add_zip(x, mt.tensor([1.0, 2.0], backend=backend))
    with pytest.raises(mt.IndexingError, match=r"\(2, 1\).*\(1, 3\)"):
        backend.id_map(y, x)
    with pytest.raises((IndexError, mt.IndexingError), match="2"):
        backend.add_reduce(x, 2)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((2, 1, 2, 3), (4, 3, 2)),
        ((2, 1, 2, 3), (1, 4, 3, 2)),
    ],
)
def test_matrix_multiply(mt: ModuleType, left: tuple[int, ...], right: tuple[int, ...]) -> None:
    backend = mt.TensorBackend(mt.FastOps)
    turn: Callable[[Any], Any] = lambda n: (*range(n - 2), n - 1, n - 2)  # noqa: E731
    a, b = quarters(left), quarters(right)
    x, y = (mt.Tensor.make(array.ravel(), array.shape, backend=backend) for array in (a, b))
    np.testing.assert_array_equal((x @ y).to_numpy(), a @ b)
    product = y.permute(*turn(len(right))) @ x.permute(*turn(len(left)))
    np.testing.assert_array_equal(product.to_numpy(), b.swapaxes(-1, -2) @ a.swapaxes(-1, -2))


def test_interpreted(reference: Path) -> None:
    """With NUMBA_DISABLE_JIT=1, as one debugs, the same functions are plain Python."""
    code = """
import numpy as np, minitorch as mt
backend = mt.TensorBackend(mt.FastOps)
for shape in [(), (1,), (0, 2), (130, 150), (3, 4, 5)]:
    x = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    t = mt.Tensor.make(x.reshape(-1), shape, backend=backend)
    turn = tuple(range(len(shape)))[::-1]
    assert (backend.neg_map(t).to_numpy() == -x).all()
    assert (backend.add_zip(t, backend.neg_map(t)).to_numpy() == 0).all()
    assert (backend.neg_map(t.permute(*turn)).to_numpy() == -x.transpose(turn)).all()
    assert (backend.mul_zip(t, mt.tensor([2.0], backend=backend)).to_numpy() == 2 * x).all()
    for dim in range(len(shape)):
        for y, u in ((x, t), (x.transpose(turn), t.permute(*turn))):
            assert (backend.add_reduce(u, dim).to_numpy() == y.sum(dim, keepdims=True)).all()
print("right")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(reference), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "right\n"), done.stderr
