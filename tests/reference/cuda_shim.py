"""A GPU that is none: programs of `numba.cuda` run in `minigrade.simt`, launch by launch.

Not a test file, but what some of them share. Inside `simulated_gpu`, arrays "on the
device" are of a type of their own, and ``kernel[grid, block](…)`` interprets the kernel
and keeps what it did. numba compiles nothing.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

import numpy as np
import pytest

from minigrade.simt import Limits, Trace, launch

LIMITS = Limits(wall_s=120.0)
REGISTERS, A_THREAD = 65_536, 255  # of a block at most, and of a thread


@dataclass(frozen=True)
class Launched:
    """One launch: which kernel, how, and what it did."""

    kernel: str
    grid: Any
    block: Any
    trace: Trace
    registers: int
    """What all threads of a block may use together, as the kernel was compiled."""


class DeviceArray:
    """An array on the device: no NumPy array, as there, but one can be copied from it."""

    def __init__(self, held: np.ndarray[Any, Any]) -> None:
        self.held = held
        self.shape, self.dtype, self.size = held.shape, held.dtype, held.size

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return dict(self.held.__array_interface__)

    def __len__(self) -> int:
        return len(self.held)

    def __getitem__(self, index: Any) -> Any:
        return self.held[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.held[index] = value

    def copy_to_host(self) -> np.ndarray[Any, Any]:
        return self.held.copy()


def to_device(array: Any) -> DeviceArray:
    return DeviceArray(np.array(array))


def device_array(shape: Any, dtype: Any = np.float64) -> DeviceArray:
    """Return an array full of what nobody may read: NaN."""
    array = np.zeros(shape, dtype)
    if array.dtype.kind == "f":
        array.fill(np.nan)
    return DeviceArray(array)


@contextmanager
def simulated_gpu() -> Iterator[list[Launched]]:
    """Replace the device of `numba.cuda`; give a list that grows with each launch."""
    cuda = importlib.import_module("numba.cuda")
    dispatcher = importlib.import_module("numba.cuda.dispatcher").CUDADispatcher
    done: list[Launched] = []

    def configured(kernel: Any, configuration: tuple[Any, ...]) -> Any:
        grid, block = configuration[:2]

        def start(*args: Any) -> None:
            if any(isinstance(arg, np.ndarray) for arg in args):
                raise TypeError("an array given to a kernel is not on the device")
            plain = [arg.held if isinstance(arg, DeviceArray) else arg for arg in args]
            trace = launch(kernel, grid, block, plain, limits=LIMITS)
            each = kernel.targetoptions.get("max_registers") or A_THREAD
            registers = each * int(np.prod(block))
            done.append(Launched(kernel.py_func.__name__, grid, block, trace, registers))

        return start

    with (
        mock.patch.multiple(
            cuda,
            is_available=lambda: True,
            to_device=to_device,
            device_array=device_array,
            synchronize=lambda: None,
        ),
        mock.patch.object(dispatcher, "__getitem__", configured),
    ):
        yield done


@pytest.fixture
def gpu(mt: ModuleType) -> Iterator[list[Launched]]:
    """Let the reference compute on a simulated GPU, and demand that no kernel is at fault."""
    with simulated_gpu() as launches:
        yield launches
    mt.cuda_launch.on_device.cache_clear()
    mt.cuda_launch._layouts.cache_clear()
    for done in launches:
        assert done.trace.findings == [], (done.kernel, done.grid, done.block)
        assert done.registers <= REGISTERS, f"{done.kernel} cannot be launched by {done.block}"


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def strides(array: np.ndarray) -> np.ndarray:
    return np.array(array.strides, np.int64) // array.itemsize


def triple(array: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return storage, shape and strides of an array without gaps, in any order."""
    order = sorted(range(array.ndim), key=lambda d: -array.strides[d])
    return array.transpose(order).reshape(-1), ints(*array.shape), strides(array)


def clean(trace: Trace) -> Trace:
    assert trace.findings == []
    assert trace.total("shared").worst <= 2
    return trace


def on_gpu(mt: ModuleType, backend: Any, array: np.ndarray) -> Any:
    """Return a tensor with the strides of an array."""
    storage, shape, steps = triple(array)
    data = mt.TensorData(storage.copy(), tuple(shape.tolist()), tuple(steps.tolist()))
    data.to_cuda_()
    return mt.Tensor(data, backend=backend)
