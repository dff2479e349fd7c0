"""Whether operations run a kernel, whether its numbers count, and how often it is made."""

from __future__ import annotations

import functools
from typing import Any

import numba
import numpy as np
import pytest
from numba import prange

from minigrade.evidence import compilation

parallel = functools.partial(numba.njit, parallel=True)
dot = np.dot  # under a name of the submission's


def through_prange(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other[i] + 1.0


def through_range(out: Any, other: Any) -> None:
    for i in range(len(out)):
        out[i] = other[i] + 1.0


def found(kernel: Any, **keywords: Any) -> dict[str, Any]:
    return compilation(kernel, np.zeros(3), np.zeros(3), **keywords)


# How often


def test_an_operation_that_makes_its_kernel_anew_is_found() -> None:
    kernel, one = parallel(through_prange), np.zeros(3)

    def with_types() -> None:
        numba.njit("void(f8[::1], f8[::1])")(through_range)(one, one)

    assert found(kernel, call=lambda: parallel(through_prange)(one, one))["anew"] == 1
    assert found(kernel, call=with_types)["anew"] == 1


def test_an_operation_may_make_its_kernels_late_and_by_need() -> None:
    made: dict[str, Any] = {}
    kernels, one = functools.cache(parallel), np.zeros(3)
    calls = iter(range(100))

    def by_need() -> None:
        if "kernel" not in made:
            made["kernel"] = parallel(through_prange)
        made["kernel"](one, one)

    def tuned() -> None:
        """Take the other kernel at the second call, and another type at the third."""
        number = next(calls)
        kernel = kernels(through_range if number == 1 else through_prange)
        kernel(one, one.astype(np.float32) if number == 2 else one)

    kernel = parallel(through_prange)
    for call in (lambda: kernel(one, one), lambda: kernels(through_range)(one, one)):
        assert found(kernel, call=call)["anew"] == 0
    assert found(kernel, call=by_need)["anew"] == 0
    assert found(kernel, call=tuned)["anew"] == 0
    assert found(kernel, call=lambda: 1 / 0)["anew"] == 0
    assert not kernel.overloads
    kernel(one, one)  # numba compiles as before
    assert len(kernel.overloads) == 1


def test_an_operation_that_runs_no_kernel_is_found() -> None:
    kernel, one = parallel(through_prange), np.zeros(3)
    assert found(kernel, call=lambda: through_prange(one, one))["unused"]
    assert not found(kernel, call=lambda: numba.njit(through_range)(one, one))["unused"]
    assert not found(kernel, call=lambda: 1 / 0)["unused"]  # other checks say so


def test_what_multiplies_where_no_kernel_runs_is_told() -> None:
    def call() -> Any:
        return by_its_operator(np.zeros(100), np.zeros(100))

    def large() -> None:
        raise AssertionError("it may take minutes")

    evidence = found(adds, call=call, large=large)
    assert (evidence["unused"], evidence["library"]) == (True, ["operator.matmul"])


# Whose numbers they are


def through_other_prange(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other[i] + 1.0


MANY = np.zeros(100_000)
adds = parallel(through_prange)
adds_alone = numba.njit(through_prange)
adds_by_other_text = parallel(through_other_prange)


@numba.njit
def adds_within(out: Any, other: Any) -> None:
    adds(out, other)


nothing = numba.njit(lambda number: number)


def result(*kernels: Any) -> Any:
    def call() -> Any:
        out = np.zeros_like(MANY)
        for kernel in kernels:
            kernel(out, MANY)
        return out

    return call


@pytest.mark.parametrize(
    "large",
    [
        result(adds),
        result(adds_alone),  # the same text, on one core
        result(lambda out, other: parallel(through_prange)(other=other, out=out)),
        result(adds_within),
        result(adds, lambda out, _: adds_by_other_text(out, out)),
        result(lambda *_: nothing(1.0), adds),
        lambda: 1 / 0,  # other checks say so
    ],
)
def test_numbers_that_come_from_the_kernel_are_told(large: Any) -> None:
    evidence = found(adds, large=large)
    assert (evidence["unused"], evidence["library"]) == (False, [])


def by_matmul(out: Any, other: Any) -> None:
    nothing(1.0)
    out[:] = np.matmul(other.reshape(100, -1), np.eye(1_000)).reshape(-1)


def by_its_operator(out: Any, other: Any) -> None:
    out[:] = (np.eye(100) @ other.reshape(100, -1)).reshape(-1)


def by_an_alias(out: Any, other: Any) -> None:
    adds(np.zeros(9), other)
    out[0] = dot(other, other)


def by_hand(out: Any, other: Any) -> None:
    out[:] = other + 1.0


@pytest.mark.parametrize(
    ("large", "library"),
    [
        (result(adds_by_other_text), []),
        (result(adds, by_hand), []),
        (result(by_hand), []),
        (result(by_matmul), ["numpy.matmul"]),
        (result(by_its_operator), ["operator.matmul"]),
        (result(by_an_alias), ["numpy.dot"]),
        (lambda: None, []),
    ],
)
def test_numbers_that_come_from_elsewhere_are_told(large: Any, library: list[str]) -> None:
    evidence = found(adds, large=large)
    assert (evidence["unused"], evidence["library"]) == (True, library)
