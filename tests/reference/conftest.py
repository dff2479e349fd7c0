"""The reference, loaded by path as `minitorch`, and gone from `sys.modules` afterwards."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest


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
