"""The reference, loaded by path as `minitorch`, and gone from `sys.modules` afterwards."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp


def _named_minitorch() -> list[str]:
    return [name for name in sys.modules if name.split(".")[0] == "minitorch"]


@contextmanager
def _only(modules: dict[str, ModuleType]) -> Iterator[dict[str, ModuleType]]:
    """Make these all that `import minitorch` can find; collect what is loaded meanwhile."""
    before = {name: sys.modules.pop(name) for name in _named_minitorch()}
    sys.modules.update(modules)
    try:
        yield modules
    finally:
        modules.update({name: sys.modules.pop(name) for name in _named_minitorch()})
        sys.modules.update(before)


def _load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reference(checkout: Path) -> Path:
    return checkout / "reference"


@pytest.fixture(scope="session")
def _loaded(reference: Path) -> dict[str, ModuleType]:
    with _only({}) as modules:
        _load("minitorch", reference / "minitorch" / "__init__.py")
    return modules


@pytest.fixture(scope="session")
def mt(_loaded: dict[str, ModuleType]) -> ModuleType:
    return _loaded["minitorch"]


@pytest.fixture(scope="session")
def script(_loaded: dict[str, ModuleType], reference: Path) -> Callable[[str], ModuleType]:
    """Return a function that loads a script of the reference, by name, without running it."""

    def load(name: str) -> ModuleType:
        with _only(_loaded):
            try:
                return _load(f"reference_{name}", reference / "project" / f"{name}.py")
            finally:
                sys.modules.pop(f"reference_{name}", None)

    return load


QUARTERS = st.integers(-40, 40).map(lambda i: i / 4)


@pytest.fixture(scope="session")
def draw_tensor(mt: ModuleType) -> Callable[..., tuple[Any, np.ndarray]]:
    """Return a function that draws a tensor in any layout, and the array that it equals."""

    def draw(
        data: st.DataObject,
        shape: tuple[int, ...],
        elements: st.SearchStrategy[float] = QUARTERS,
        backend: Any = mt.SimpleBackend,
    ) -> tuple[Any, np.ndarray]:
        """Draw the order of the dimensions in memory, and which of them repeat one element."""
        order = data.draw(st.permutations(range(len(shape))))
        repeats = [data.draw(st.sampled_from([False, False, True])) for _ in shape]
        core = tuple(1 if r and size else size for size, r in zip(shape, repeats, strict=True))
        numbers = data.draw(hnp.arrays(np.float64, core, elements=elements, fill=st.nothing()))
        lying = numbers.transpose(order)
        storage = np.full(int(np.prod(shape)), 9e9)
        storage[: lying.size] = lying.ravel()
        dense = mt.strides_from_shape(lying.shape)
        strides = [0] * len(shape)
        for place, dim in enumerate(order):
            strides[dim] = 0 if core[dim] != shape[dim] else dense[place]
        tensor = mt.Tensor(mt.TensorData(storage, shape, tuple(strides)), backend=backend)
        return tensor, np.broadcast_to(numbers, shape)

    return draw
