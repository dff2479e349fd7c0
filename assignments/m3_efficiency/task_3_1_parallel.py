"""Task 3.1: map, zip and reduce, compiled by numba and in parallel.

Write ``tensor_map``, ``tensor_zip`` and ``tensor_reduce`` in ``minitorch/fast_ops.py``: those of
Task 2.3, for any strides, but compiled, and with parallel outermost loops (``prange``).

The text of the kernels is asked twice. First it runs as Python, on storages in all
layouts: a mistake is found in milliseconds, and has a line. Then it is compiled, as every
function of the backend, with derivatives, and in parallel on tensors that are large
enough for two threads: numbers that only come out right in one of the two ways are wrong.
NumPy says what to expect. All sums and products here are exact, in whatever order.
"""

from __future__ import annotations  # noqa: I001  (one name a line fills a page)

import math
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigrade import Case, Minitorch, Task, compiled_check, property_check, source_check
from minigrade.authoring.judging import close
from minigrade.authoring.kernels import kernel_maps, kernel_reductions, kernel_zips
from minigrade.authoring.tensors import lying, tensor_pairs, with_dim, with_upstream
from minigrade.probing import (
    compilation, compute, fast_backend, gradient, lie, raw, tensor, unchanged, values,
)  # fmt: skip

from ..m2_tensors.oracles import (
    BLOCKS, FUNCTIONS, GRID, LECTURE, PARTIALS, RELATED, YES_AND_NO,
    compare_or_compute, fold, fold_slopes, joined, partials, to_fold, with_d,
)  # fmt: skip
from ..m2_tensors.task_2_3_operations import NUMPY_STEPS, STARTS
from .oracles import FOLDED, LARGE, MAPPED, ZIPPED

TASK = Task(
    "3.1",
    title="Parallel operations",
    points=10,
    hidden_points=3,
    files=("minitorch/fast_ops.py",),
    link="https://minitorch.github.io/module3/parallel/",
)


@property_check(
    cases=kernel_maps(5, 40),
    examples=MAPPED,
    expect=lambda a, out: {"out": np.broadcast_to(2 * lying(*a) + 1, out[0]), "kept": [out, a]},
    count=60,
    weight=2,
    jit=False,
)
def maps_storages(mt: Minitorch, a: list[Any], out: list[Any]) -> Any:
    """`tensor_map` of fast_ops broadcasts an input of any strides into an output of any strides."""
    result, given = raw(np.full(math.prod(out[0]), 7.0), *out), raw(*a)
    mt.fast_ops.tensor_map(lambda x: 2 * x + 1)(*result, *given)
    return {"out": lie(*result), "kept": unchanged(result, given)}


@property_check(
    cases=kernel_zips(5, 40),
    examples=ZIPPED,
    expect=lambda a, b, out: {"out": lying(*a) - 3 * lying(*b), "kept": [out, a, b]},
    count=60,
    weight=2,
    jit=False,
)
def zips_storages(mt: Minitorch, a: list[Any], b: list[Any], out: list[Any]) -> Any:
    """`tensor_zip` of fast_ops broadcasts two inputs of any strides into an output of any."""
    result, left, right = raw(np.full(math.prod(out[0]), 7.0), *out), raw(*a), raw(*b)
    mt.fast_ops.tensor_zip(lambda x, y: x - 3 * y)(*result, *left, *right)
    return {"out": lie(*result), "kept": unchanged(result, left, right)}


STEPS: dict[str, Any] = {"add": lambda x, y: x + y, "mul": lambda x, y: x * y, "max": max}


@property_check(
    each=("add", "mul", "max", "add to 10"),
    cases=lambda name: kernel_reductions(10.0 if name == "add to 10" else STARTS[name], 5, 40),
    examples=FOLDED,
    expect=lambda name, a, dim, out, start: {
        "out": NUMPY_STEPS[name[:3]].reduce(lying(*a), axis=dim, keepdims=True, initial=start),
        "kept": [out, a],
    },
    count=40,
    weight=3,
    jit=False,
)
def folds_storages(
    mt: Minitorch, name: str, a: list[Any], dim: int, out: list[Any], start: float
) -> Any:
    """`tensor_reduce` of fast_ops folds one dimension, starting from what stands in the output."""
    result, given = raw(np.full(math.prod(out[0]), start), *out), raw(*a)
    mt.fast_ops.tensor_reduce(STEPS[name[:3]])(*result, *given, dim)
    return {"out": lie(*result), "kept": unchanged(result, given)}


# Compiled: each function of the backend, and its derivatives

# EPS changes log(x) by 2e-6 and d / x by 1.2e-5 at most, for x from 0.5 and d to 3.
EITHER_LOG = {"a.log()": close(rtol=1e-9, atol=1.3e-5)}


@property_check(
    each=tuple(FUNCTIONS),
    cases=lambda form: with_upstream(FUNCTIONS[form].cases, lambda a, **_: a),
    examples=tuple(with_d(Case(a=abs(GRID), a_order=order), (2, 3)) for order in ([1, 0], [0, 1])),
    expect=lambda form, a, d, **_: {
        "result": FUNCTIONS[form].value(a),
        "grad": FUNCTIONS[form].slope(a) * d,
        "a": a,
    },
    judge=EITHER_LOG,
    count=24,
    weight=4,
    jit=True,
    compiles=True,
)
def applies_compiled(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], d: np.ndarray
) -> Any:
    """Compiled, a function of one tensor gives the right numbers and derivatives."""
    fast = fast_backend(mt)
    leaf = tensor(mt, a, a_order, backend=fast)
    result = compute(form, a=leaf)
    result.backward(tensor(mt, d, constant=True, backend=fast))
    return {"result": values(result), "grad": gradient(leaf), "a": values(leaf)}


@property_check(
    each=tuple(PARTIALS),
    cases=with_upstream(tensor_pairs(), joined),
    examples=tuple(with_d(case, (5, 3, 2)) for case in LECTURE),
    expect=lambda form, a, b, d, **_: {
        "result": compute(form, a=a, b=b),
        "grads": partials(form, a, b, d),
        "inputs": [a, b],
    },
    count=24,
    weight=3,
    jit=True,
    compiles=True,
)
def computes_compiled(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray,
    b_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """Compiled, two broadcast tensors give the right numbers and derivatives."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    result = compute(form, a=left, b=right)
    result.backward(tensor(mt, d, constant=True, backend=fast))
    return {
        "result": values(result),
        "grads": [gradient(left), gradient(right)],
        "inputs": [values(left), values(right)],
    }


@property_check(
    each=("a < b", "a == b", "a.is_close(b)"),
    cases=tensor_pairs(-0.75, 0.75, near=(0, 2**-30)),
    examples=RELATED,
    expect=lambda form, a, b, **_: compare_or_compute(form, a, b),
    count=24,
    weight=2,
    jit=True,
    compiles=True,
)
def compares_compiled(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int]
) -> Any:
    """Compiled, a comparison of two tensors gives 1.0 or 0.0 a pair."""
    fast = fast_backend(mt)
    left, right = tensor(mt, a, a_order, backend=fast), tensor(mt, b, b_order, backend=fast)
    return values(compute(form, a=left, b=right))


SUMS = ("a.sum(dim)", "a.sum()", "a.mean(dim)")


@property_check(
    each=SUMS,
    cases=lambda form: with_upstream(
        with_dim(to_fold(form)), lambda a, dim, **_: fold(form, a, dim)
    ),
    examples={
        form: tuple(with_d(case, fold(form, case["a"], case["dim"]).shape) for case in BLOCKS)
        for form in SUMS
    },
    expect=lambda form, a, dim, d, **_: {
        "result": fold(form, a, dim),
        "grad": fold_slopes(form, a, dim) * d.reshape(d.shape if "dim" in form else ()),
    },
    count=24,
    weight=2,
    jit=True,
    compiles=True,
)
def folds_compiled(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """Compiled, a sum or a mean gives the right numbers and derivatives."""
    fast = fast_backend(mt)
    leaf = tensor(mt, a, a_order, backend=fast)
    result = compute(form, a=leaf, dim=dim)
    result.backward(tensor(mt, d, constant=True, backend=fast))
    return {"result": values(result), "grad": gradient(leaf)}


@property_check(
    cases=to_fold("a.all(dim)"),
    examples=YES_AND_NO,
    expect=lambda a, dim, **_: a.prod(dim, keepdims=True),
    count=24,
    jit=True,
    compiles=True,
)
def asks_all_compiled(mt: Minitorch, a: np.ndarray, a_order: list[int], dim: int) -> Any:
    """Compiled, `all` multiplies one dimension."""
    return values(tensor(mt, a, a_order, backend=fast_backend(mt)).all(dim))


# Compiled, in parallel: what threads share is damaged only when there is work for several.


def ramp(shape: list[int]) -> np.ndarray:
    """Return quarter steps in a shape; a case need not carry them, and neighbours all differ."""
    return ((np.arange(math.prod(shape)) * 2_731 % 8_191 - 4_095) / 4).reshape(shape)


def expect_large(name: str, shape: list[int], order: list[int]) -> np.ndarray:  # noqa: ARG001
    """Return what `computes_large_tensors` should find."""
    array = ramp(shape)
    found = {"map": -array, "zip": array + array[:1], "reduce": array.sum(0, keepdims=True)}
    return found.get(name, array.sum(-1, keepdims=True))


@property_check(
    each=("map", "zip", "reduce", "reduce the last"),
    cases=st.sampled_from(LARGE).map(dict),
    examples=LARGE,
    expect=expect_large,
    count=3,
    weight=3,
    jit=True,
)
def computes_large_tensors(mt: Minitorch, name: str, shape: list[int], order: list[int]) -> Any:
    """Compiled, large tensors come out right, however many threads share the work."""
    fast = fast_backend(mt)
    given = tensor(mt, ramp(shape), order, backend=fast)
    if name == "map":
        return values(-given)
    if name == "zip":
        return values(given + tensor(mt, ramp(shape)[:1], backend=fast))
    return values(given.sum(0 if name == "reduce" else len(shape) - 1))


ROW, PLAIN, TURNED = [[4], [1]], [[3, 4], [4, 1]], [[3, 4], [1, 3]]
FIRST, LAST = [[1, 4], [4, 1]], [[3, 1], [1, 3]]
# More numbers than any kernel keeps to one core.
MANY, TURNED_MANY = [[1000, 40, 3], [120, 3, 1]], [[1000, 40, 3], [1, 3000, 1000]]
# An operation that uses each kernel, and layouts to run it on, the output's first.
RUNS: dict[str, tuple[str, str, list[list[Any]]]] = {
    "tensor_map": ("neg", "-a", [[ROW, ROW], [PLAIN, PLAIN], [PLAIN, TURNED], [TURNED, ROW]]),
    "tensor_zip": ("add", "a + a", [[PLAIN] * 3, [PLAIN, TURNED, ROW], [TURNED, ROW, PLAIN]]),
    "tensor_reduce": ("add", "a.sum(0)", [[FIRST, PLAIN], [FIRST, TURNED], [LAST, TURNED]]),
}


@compiled_check(each=tuple(RUNS), cap=Fraction(1, 2))
def compiles_parallel_loops(mt: Minitorch, name: str) -> Any:
    """The kernel is compiled by numba, once, and its main loop runs in parallel, with no race."""
    function, form, layouts = RUNS[name]
    many = [[1000, 40, 1], [40, 1, 1]] if name == "tensor_reduce" else MANY
    cases: list[list[Any]] = []
    for each in layouts + [[many, *[one] * (len(layouts[0]) - 1)] for one in (MANY, TURNED_MANY)]:
        dims = [each[0][0].index(1)] if name == "tensor_reduce" else []
        cases.append([p for one in each for p in raw(ramp(one[0]).reshape(-1), *one)] + dims)
    kernel = getattr(mt.fast_ops, name)(mt.fast_ops.njit(getattr(mt.operators, function)))
    of = [tensor(mt, np.ones(n), backend=fast_backend(mt)) for n in ([4], [3, *MANY[0]])]
    call, large = (lambda a=a: values(compute(form, a=a)) for a in of)
    return compilation(kernel, *cases[0], call=call, large=large, cases=cases)


@source_check(
    files=("minitorch/fast_ops.py",),
    parallel=("tensor_map", "tensor_zip", "tensor_reduce"),
    forbid_imports=("scipy", "torch"),
    within=("tensor_map", "tensor_zip", "tensor_reduce", "FastOps"),
    instead="`for … in prange(…)` for the outermost loop, and buffers made in each iteration",
    cap=Fraction(1, 2),
)
def loops_through_prange() -> None:
    """The outermost loop of map, zip and reduce runs through `prange`."""
