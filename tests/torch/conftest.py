"""The reference beside PyTorch: the same numbers in both, and how far they may differ.

No tolerance is a matter of taste. A sum of n products, added up in any order, is off by
at most n units of rounding times the sum of the absolute products; there are two such
sums to compare. So each check has its own allowance, number by number, and the absolute
products come from PyTorch as well: it does the same with absolute numbers.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

EPS = 2.0**-52  # two units of rounding
TINY = 1e-300  # numbers so small have fewer digits

spec = importlib.util.spec_from_file_location(
    "reference_conftest", Path(__file__).parent.parent / "reference" / "conftest.py"
)
assert spec is not None
assert spec.loader is not None
shared = importlib.util.module_from_spec(spec)
spec.loader.exec_module(shared)
reference, _loaded, mt, draw_tensor = (
    shared.reference, shared._loaded, shared.mt, shared.draw_tensor
)  # fmt: skip

QUARTERS = st.integers(-40, 40).map(lambda i: i / 4)  # often equal, and often zero
REALS = st.one_of(QUARTERS, st.floats(-10, 10, allow_subnormal=False))


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    why = "PyTorch is not installed; `tox -e torch` installs it"
    module: ModuleType = pytest.importorskip("torch", reason=why)
    return module


@dataclass(frozen=True)
class Twin:
    """The same numbers twice."""

    ours: Any
    theirs: Any


@dataclass(frozen=True)
class Against:
    """Runs programs on a backend of the reference and in PyTorch, and compares."""

    mt: ModuleType
    torch: ModuleType
    backend: Any
    draw_tensor: Any

    def theirs(self, array: np.ndarray, *, wanted: bool = False) -> Any:
        return self.torch.tensor(array.copy(), requires_grad=wanted)

    def drawn(self, data: Any, shape: Any, elements: Any = REALS, *, wanted: bool = True) -> Twin:
        """Draw numbers, and for our tensor a layout: permuted, and with strides of 0."""
        tensor, array = self.draw_tensor(data, tuple(shape), elements, self.backend)
        tensor.requires_grad_(wanted)
        return Twin(tensor, self.theirs(array, wanted=wanted))

    def laid(self, array: np.ndarray, order: Any = None, *, wanted: bool = True) -> Twin:
        """Return given numbers; in memory our dimensions stand in another order, if given."""
        order = tuple(range(array.ndim)) if order is None else tuple(order)
        lying = np.ascontiguousarray(array.transpose(order))
        back = np.argsort(order).astype(int).tolist()
        ours = self.mt.tensor(lying, self.backend).permute(*back)
        ours.requires_grad_(wanted)
        return Twin(ours, self.theirs(array, wanted=wanted))

    def random(self, seed: int, shape: Any, order: Any = None, *, wanted: bool = True) -> Twin:
        numbers = np.random.default_rng(seed).standard_normal(shape)
        return self.laid(numbers, order, wanted=wanted)

    def distinct(self, data: Any, shape: Any) -> Twin:
        """Draw numbers that all differ, so that each maximum is at one place."""
        places = np.random.default_rng(data.draw(st.integers(0, 999))).permutation(math.prod(shape))
        order = data.draw(st.permutations(range(len(shape))))
        return self.laid(places.reshape(shape) / 8 - 3, order)

    def check(self, found: Any, expected: Any, slack: Any = 0.0) -> None:
        """Demand the same shape, and numbers that differ by no more than `slack`."""
        assert found.shape == tuple(expected.shape)
        ours, theirs = found.to_numpy(), expected.detach().numpy()
        slack = np.broadcast_to(np.asarray(slack), ours.shape)
        off = ~(np.abs(ours - theirs) <= slack + TINY)
        if off.any():
            where = tuple(np.argwhere(off)[0].tolist())
            raise AssertionError(
                f"at {where}, and in {off.sum()} of {off.size} places: "
                f"{ours[where]!r}, but PyTorch has {theirs[where]!r}, and only "
                f"{slack[where]:.3g} may be between them"
            )

    def sums(
        self,
        ours: Callable[..., Any],
        theirs: Callable[..., Any],
        leaves: list[Twin],
        seed: Twin | None = None,
        **facts: Any,
    ) -> None:
        """Compare functions each of whose results is a sum of products of the leaves' numbers.

        Args:
            ours: the function, for our tensors.
            theirs: the function, for PyTorch's.
            leaves: what they are called with.
            seed: the derivative to start from; random numbers if left out.
            facts: `positive`, a function like `theirs` where all signs are plus; and `terms`,
                how many terms the longest of the sums has, else counted: `positive` of ones.
        """
        positive = facts.get("positive", theirs)
        found, expected = ours(*(x.ours for x in leaves)), theirs(*(x.theirs for x in leaves))
        seed = seed or self.random(found.size, found.shape, wanted=False)
        found.backward(seed.ours)
        expected.backward(seed.theirs)

        sizes = [x.theirs.detach().abs().requires_grad_() for x in leaves]
        size = positive(*sizes)
        size.backward(seed.theirs.abs())
        ones = [self.torch.ones_like(x).requires_grad_() for x in sizes]
        count = positive(*ones)
        count.backward(self.torch.ones_like(count))
        for x, y, magnitude, counted in [
            (found, expected, size, count),
            *((x.ours.grad, x.theirs.grad, s.grad, one.grad)
              for x, s, one in zip(leaves, sizes, ones, strict=True)),
        ]:  # fmt: skip
            terms = facts.get("terms", counted.detach().numpy())
            self.check(x, y, (terms + 2) * EPS * magnitude.detach().numpy())

    def pointwise(
        self,
        ours: Callable[..., Any],
        theirs: Callable[..., Any],
        leaves: list[Twin],
        seed: Twin,
        floor: float = 0.0,
    ) -> None:
        """Compare functions that go number by number, after the leaves are broadcast.

        Their values may be off by 4 units in the last place, and their slopes by 8; a
        derivative is a sum of as many slopes as the leaf is repeated. Slopes that are found
        by a subtraction may be off by as much as if they were `floor` larger.
        """
        found, expected = ours(*(x.ours for x in leaves)), theirs(*(x.theirs for x in leaves))
        found.backward(seed.ours)
        expected.backward(seed.theirs)
        self.check(found, expected, 4 * EPS * expected.detach().abs().numpy())

        wide = [x.theirs.detach().expand(found.shape).clone().requires_grad_() for x in leaves]
        theirs(*wide).backward(seed.theirs.abs())
        for x, each in zip(leaves, wide, strict=True):
            slope = each.grad.abs() + floor * seed.theirs.abs()
            repeats = slope.numel() // max(1, x.ours.size)
            slack = (repeats + 8) * EPS * slope.sum_to_size(x.ours.shape)
            self.check(x.ours.grad, x.theirs.grad, slack.numpy())


@pytest.fixture(scope="session")
def fast(torch: ModuleType, mt: ModuleType, draw_tensor: Any) -> Against:
    """Return what compares `FastOps` with PyTorch.

    For sizes that wake several threads. Loops in Python are the same at any size, and slow.
    """
    return Against(mt, torch, mt.TensorBackend(mt.FastOps), draw_tensor)


@pytest.fixture(scope="session", params=["simple", "fast"])
def against(request: pytest.FixtureRequest, fast: Against) -> Against:
    """Return what compares the reference with PyTorch, for each backend of the CPU."""
    return fast if request.param == "fast" else replace(fast, backend=fast.mt.SimpleBackend)
