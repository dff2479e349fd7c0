"""Compilation evidence: what numba makes of a kernel, and how often."""

from __future__ import annotations

import ctypes
import functools
import math
import operator
from typing import Any, ClassVar
from unittest import mock

import numba
import numpy as np
import pytest
from numba import prange
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.extending import overload

from minigrade.evidence import compilation

parallel = functools.partial(numba.njit, parallel=True)


def through_prange(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other[i] + 1.0


def through_range(out: Any, other: Any) -> None:
    for i in range(len(out)):
        out[i] = other[i] + 1.0


def of_arrays(out: Any, other: Any) -> None:
    """Numba makes loops of these too, which nobody wrote."""
    if np.all(out == other):
        out[:] = other + 1.0


dot = np.dot  # under a name of the submission's
labs = ctypes.CDLL(None).labs
labs.argtypes, labs.restype = [ctypes.c_long], ctypes.c_long


def objects(out: Any) -> None:
    with numba.objmode():
        repr(out)


def own(a: Any, b: Any) -> Any:
    raise NotImplementedError


def make_own(a: Any, b: Any) -> Any:  # numba compares the names
    def compiled(a: Any, b: Any) -> Any:
        return dot(a, b)

    return compiled


overload(own)(make_own)
helper = numba.njit(lambda a, b: 2 * dot(a, b))
compiled_objects = numba.njit(objects)


def by_alias(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = dot(other, other)


def by_helper(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = helper(other, other)


def by_method(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other.dot(other)


def by_operator(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other @ other


def by_overload(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = own(other, other)


def by_address(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = labs(i) + other[i]


def through_objects(out: Any, other: Any) -> None:
    with numba.objmode():
        repr(out)
    for i in prange(len(out)):
        out[i] = other[i]


def through_helpers_objects(out: Any, other: Any) -> None:
    for i in prange(len(out)):
        out[i] = other[i]
    compiled_objects(out)


def wrong(out: Any, other: Any) -> None:
    out[0] = "a text"


def found(kernel: Any, **keywords: Any) -> dict[str, Any]:
    return compilation(kernel, np.zeros(3), np.zeros(3), **keywords)


def loops(kernel: Any) -> tuple[bool, bool, int]:
    evidence = found(kernel)
    assert not any(evidence[name] for name in ("objects", "library", "anew"))
    return evidence["compiled"], evidence["parallel"], evidence["loops"]


def test_loops_through_prange_count_and_nothing_else() -> None:
    assert loops(parallel(through_prange)) == (True, True, 1)
    assert loops(parallel(through_range)) == (True, True, 0)
    assert loops(parallel(of_arrays)) == (True, True, 0)
    assert loops(numba.njit(through_prange)) == (True, False, 0)
    assert loops(through_prange) == (False, False, 0)
    assert loops(None) == (False, False, 0)


def test_what_only_looks_like_a_kernel_is_none() -> None:
    class Kernel:
        targetoptions: ClassVar = {"parallel": True}
        py_func = staticmethod(through_prange)

    class Pipeline(CompilerBase):  # type: ignore[misc]  # numba has no types
        def define_pipelines(self) -> Any:
            return [DefaultPassBuilder.define_objectmode_pipeline(self.state)]

    assert loops(Kernel()) == (False, False, 0)
    assert loops(parallel(through_prange, pipeline_class=Pipeline)) == (False, False, 0)


def test_python_objects_are_found_in_whole_and_in_part() -> None:
    assert found(numba.jit(through_prange, forceobj=True))["objects"]
    assert found(parallel(through_objects))["objects"]
    assert found(parallel(through_helpers_objects))["objects"]


# Libraries


@pytest.mark.parametrize(
    ("kernel", "library"),
    [
        (by_alias, "numpy.dot"),
        (by_helper, "numpy.dot"),
        (by_method, "Array.dot"),
        (by_operator, "operator.matmul"),
        (by_overload, "numpy.dot"),
        (by_address, "a function of a C library"),
    ],
)
def test_libraries_are_found_by_whatever_name(kernel: Any, library: str) -> None:
    evidence = found(parallel(kernel))
    assert (evidence["loops"], evidence["library"]) == (1, [library])


def test_what_was_compiled_before_hides_no_library() -> None:
    """numba asks again neither for kernels with types given nor for what these called."""
    with mock.patch("numba.np.linalg.ensure_blas"):
        early = parallel("void(f8[::1], f8[::1])")(by_alias)
    assert found(early)["library"] == ["numpy.dot"]

    between = numba.njit(lambda b: early(b, b))

    def kernel(out: Any, other: Any) -> None:
        for _ in prange(2):
            between(other)

    assert found(parallel(kernel))["library"] == ["numpy.dot"]


@pytest.mark.parametrize(
    "function", [np.dot, operator.matmul, np.vdot, np.convolve, np.correlate, operator.add]
)
def test_what_counts_as_a_library_is_one_in_machine_code(function: Any) -> None:
    def kernel(a: Any, b: Any) -> Any:
        return function(a, b)

    has_blas = mock.patch("numba.np.arraymath._HAVE_BLAS", new=True)
    with has_blas, mock.patch("numba.np.linalg.ensure_blas"):
        made = numba.njit("(f8[::1], f8[::1])")(kernel)
    calls_blas = "@numba_xxdot(" in made.inspect_llvm(made.signatures[0])
    assert calls_blas == (function is not operator.add)
    assert bool(found(made)["library"]) == calls_blas


def test_functions_that_are_no_linear_algebra_are_free() -> None:
    index = numba.njit(lambda shape: np.sum(shape) + shape.sum() + len(np.zeros_like(shape)))

    def kernel(out: Any, other: Any) -> None:
        for i in prange(len(out)):
            out[i] = math.exp(other[i]) + index(other) + numba.get_num_threads()

    assert loops(parallel(kernel)) == (True, True, 1)


def test_nothing_is_compiled_to_machine_code_on_the_way() -> None:
    kernel = parallel(through_prange)
    found(kernel)
    assert not kernel.overloads


def test_what_does_not_compile_is_not_hidden() -> None:
    with pytest.raises(numba.core.errors.NumbaError, match=r"^(?!Failed in)"):
        found(parallel(wrong))


# Races


@numba.njit
def fill(number: int, index: Any) -> None:
    index[0] = number


def shares(out: Any, other: Any) -> None:
    index = np.zeros(1, np.int64)
    for i in prange(len(out)):
        fill(i, index)
        out[index[0]] = other[i]


CASES = [[np.zeros(3), np.arange(3.0)]]


def test_a_race_is_named_with_its_line() -> None:
    [race, *_] = found(parallel(shares), cases=CASES)["races"]
    assert race["source"] == "fill(i, index)"
    assert race["line"] == shares.__code__.co_firstlineno + 3
    assert race["file"] == "tests/test_evidence.py"
    assert not found(numba.njit(shares), cases=CASES)["races"]  # there it is range
    assert not found(parallel(through_prange), cases=CASES)["races"]


def test_without_arguments_numba_is_not_asked() -> None:
    assert compilation(parallel(wrong))["compiled"]
    seen = compilation(parallel(shares), cases=CASES)
    assert (seen["compiled"], seen["parallel"], seen["loops"]) == (True, True, 1)
    assert seen["races"]
    assert not compilation(shares, cases=CASES)["compiled"]
