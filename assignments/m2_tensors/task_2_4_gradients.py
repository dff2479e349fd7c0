"""Task 2.4: operations on whole tensors, backwards.

Write the ``backward`` of the functions in ``minitorch/tensor_functions.py``. Each
gets the derivative with respect to its result, number by number, and gives one for each of
its inputs. Where an input was broadcast, its numbers were used many times, and the parts
add up; a derivative always has the shape of its tensor.

Calculus, in NumPy, says what to expect. Derivatives to start from are never all ones, as a
mistake there hides behind them. Left open: ``log`` may add the course's ``EPS`` of 1e-6;
what only a comparison uses may have the derivative 0 or None.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigrade import Case, Minitorch, Task, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.tensors import (
    tensor_pairs,
    tensors,
    unbroadcast,
    views,
    with_dim,
    with_number,
    with_order,
    with_upstream,
)
from minigrade.probing import compute, gradient, slopes_or_zeros, tensor, values

from .oracles import (
    BESIDE,
    BLOCKS,
    BROADCAST,
    FOLDS,
    FUNCTIONS,
    GRID,
    LECTURE,
    PARTIALS,
    RELATED,
    WIDE,
    WITH_ZEROS,
    fold,
    fold_slopes,
    joined,
    partials,
    with_d,
)

TASK = Task(
    "2.4",
    title="Tensor gradients",
    points=10,
    hidden_points=3,
    files=("minitorch/tensor_functions.py", "minitorch/tensor.py"),
    link="https://minitorch.github.io/module2/tensorgrad/",
)

# EPS changes d / x by d * 1e-6 / x**2 at most: 1.2e-5 for d = 3 and x = 0.5.
EITHER_LOG = {"a.log()": close(rtol=1e-9, atol=1.3e-5)}


# Without `-a`, given by the course. Another call comes between the way there and the way back.
@property_check(
    each=tuple(FUNCTIONS)[1:],
    cases=lambda form: with_upstream(FUNCTIONS[form].cases, lambda a, **_: a),
    examples=tuple(with_d(Case(a=abs(GRID), a_order=order), (2, 3)) for order in ([0, 1], [1, 0])),
    expect=lambda form, a, d, **_: {"grad": FUNCTIONS[form].slope(a) * d, "a": a, "d": d},
    judge=EITHER_LOG,
    count=40,
    weight=5,
)
def differentiates_a_function(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], d: np.ndarray
) -> Any:
    """`backward(d)` gives the derivatives of a function of one tensor, times `d`."""
    leaf, start = tensor(mt, a, a_order), tensor(mt, d, constant=True)
    result, _ = compute(form, a=leaf), compute(form, a=tensor(mt, np.flip(a)))
    result.backward(start)
    return {"grad": gradient(leaf), "a": values(leaf), "d": values(start)}


@property_check(
    each=(*PARTIALS, *(form + BROADCAST for form in PARTIALS)),
    cases=lambda form: with_upstream(tensor_pairs(alike=form in PARTIALS), joined),
    examples={
        **dict.fromkeys(PARTIALS, tuple(with_d(case, (2, 3)) for case in RELATED)),
        **dict.fromkeys(
            (form + BROADCAST for form in PARTIALS),
            tuple(with_d(case, (5, 3, 2)) for case in LECTURE),
        ),
    },
    expect=lambda form, a, b, d, **_: {
        "grads": partials(form.removesuffix(BROADCAST), a, b, d),
        "inputs": [a, b, d],
    },
    count=40,
    weight=8,
)
def differentiates_pair_by_pair(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray,
    b_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """`backward(d)` gives both derivatives of an operation, in the shapes of the operands."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    start = tensor(mt, d, constant=True)
    compute(form.partition(",")[0], a=left, b=right).backward(start)
    inputs = [values(x) for x in (left, right, start)]
    return {"grads": [gradient(left), gradient(right)], "inputs": inputs}


# Times the tensor once more: the derivative of `a + n` is doing nothing.
@property_check(
    each=tuple(BESIDE),
    cases=with_upstream(with_number(tensors()), lambda a, **_: a),
    examples=(with_d(Case(a=GRID, a_order=[0, 1], n=4.0), (2, 3)),),
    expect=lambda form, a, n, d, **_: (BESIDE[form](a, n) * a + compute(form, a=a, n=n)) * d,
    count=25,
    weight=2,
)
def differentiates_beside_plain_numbers(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], n: float, d: np.ndarray
) -> Any:
    """A tensor gets its derivative where the other operand is a plain number."""
    leaf = tensor(mt, a, a_order)
    (compute(form, a=leaf, n=n) * leaf).backward(tensor(mt, d, constant=True))
    return gradient(leaf)


# The square is there for those who do nothing. A `d` of 0 must not be divided by.
@property_check(
    each=("a < b", "a > b", "a == b"),
    cases=with_upstream(tensor_pairs(-0.75, 0.75, near=(0, 0.25)), joined),
    examples=(*(with_d(case, (2, 3)) for case in RELATED), WITH_ZEROS),
    expect=lambda _, a, b, d, **__: [unbroadcast(d, a.shape) * 2 * a, 0 * b],
    count=40,
    weight=2,
)
def passes_nothing_through_comparisons(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray,
    b_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """A comparison passes zeros back to both sides."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    total = compute(form, a=left, b=right) + left * left
    total.backward(tensor(mt, d, constant=True))
    return [gradient(left), slopes_or_zeros(right)]


SUMS = tuple(form for form in FOLDS if "all" not in form)


@property_check(
    each=SUMS,
    cases=lambda form: with_upstream(
        with_dim(tensors()),
        lambda a, dim, **_: fold(form, a, dim),
    ),
    examples={
        form: tuple(with_d(case, fold(form, case["a"], case["dim"]).shape) for case in BLOCKS)
        for form in SUMS
    },
    expect=lambda form, a, dim, d, **_: {
        "grad": fold_slopes(form, a, dim) * d.reshape(d.shape if "dim" in form else ()),
        "a": a,
    },
    count=40,
    weight=4,
)
def differentiates_sums(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], dim: int, d: np.ndarray
) -> Any:
    """What was added up gets the derivative of its sum, or its share of that of the mean."""
    leaf = tensor(mt, a, a_order)
    compute(form, a=leaf, dim=dim).backward(tensor(mt, d, constant=True))
    return {"grad": gradient(leaf), "a": values(leaf)}


@property_check(
    cases=with_upstream(with_order(tensors()), lambda a, order, **_: a.transpose(order)),
    examples=tuple(
        with_d(
            Case(a=np.arange(24.0).reshape(2, 3, 4), a_order=[0, 1, 2], order=order),
            tuple((2, 3, 4)[i] for i in order),
        )
        for order in ([1, 2, 0], [2, 0, 1], [0, 2, 1])
    ),
    expect=lambda a, order, d, **_: {
        "grad": d.transpose(np.argsort(order)),
        "scaled": d.transpose(np.argsort(order)) * 2 * a,
    },
    count=60,
    weight=3,
)
def permutes_back(
    mt: Minitorch, a: np.ndarray, a_order: list[int], order: list[int], d: np.ndarray
) -> Any:
    """The derivative of what was permuted is permuted back: the other way, not the same again."""
    leaf, other = tensor(mt, a, a_order), tensor(mt, a, a_order)
    leaf.permute(*order).backward(tensor(mt, d, constant=True))
    (other * other).permute(*order).backward(tensor(mt, d, constant=True))
    return {"grad": gradient(leaf), "scaled": gradient(other)}


@property_check(
    cases=with_upstream(views(), lambda a, shape, **_: a.reshape(shape)),
    examples=(with_d(Case(a=GRID, a_order=[1, 0], shape=[3, 2]), (3, 2)),),
    expect=lambda a, d, **_: d.reshape(a.shape) * 2 * a,
    count=40,
)
def views_back(
    mt: Minitorch, a: np.ndarray, a_order: list[int], shape: list[int], d: np.ndarray
) -> Any:
    """The derivative of a view comes back in the shape that was viewed."""
    leaf = tensor(mt, a, a_order)
    (leaf * leaf).contiguous().view(*shape).backward(tensor(mt, d, constant=True))
    return gradient(leaf)


@property_check(
    cases=with_upstream(tensor_pairs(-4, 4, alike=True), joined),
    examples=tuple(with_d(case, (2, 3)) for case in RELATED),
    expect=lambda a, b, d, **_: {
        "grads": [d * (2 * a * b + 1), d * a * a],
        "a again": 3 * d * (2 * a * b + 1),
    },
    count=50,
    weight=2,
)
def adds_up_all_uses(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """A tensor gets the sum over all its uses, and over all calls of `backward`."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    result = left * right * left + left
    result.backward(tensor(mt, d, constant=True))
    grads = [gradient(left), gradient(right)]
    result.backward(tensor(mt, 2 * d, constant=True))
    return {"grads": grads, "a again": gradient(left)}


@property_check(
    cases=with_upstream(tensor_pairs(alike=True), joined),
    examples=tuple(with_d(case, (2, 3)) for case in RELATED),
    expect=lambda b, d, **_: {"a": d * b, "constant": None, "wanted": [True, False]},
    count=30,
)
def leaves_constants_alone(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """A constant gets no derivative, and what is computed from constants is one."""
    leaf, constant = tensor(mt, a, a_order), tensor(mt, b, b_order, constant=True)
    result = leaf * (constant * 1.0)
    result.backward(tensor(mt, d, constant=True))
    wanted = [bool(x.requires_grad()) for x in (result, constant * constant)]
    return {"a": gradient(leaf), "constant": gradient(constant), "wanted": wanted}


@property_check(
    cases=with_upstream(
        tensor_pairs(most=2).filter(lambda case: joined(**case).ndim == 2),
        lambda a, b, **_: (a * b).sum(1, keepdims=True),
    ),
    examples=(WIDE,),
    expect=lambda a, b, d, **_: partials("a * b", a, b, d + 0 * joined(a, b)),
    count=30,
    weight=2,
    time_limit_s=20.0,
)
def differentiates_a_layer(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """Weights and inputs of a layer, `(a * b).sum(1)`, get their derivatives."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    (left * right).sum(1).backward(tensor(mt, d, constant=True))
    return [gradient(left), gradient(right)]


# Weighs nothing: `View.backward` is the course's own, and in some years it is wrong here.
@property_check(
    cases=with_upstream(with_order(tensors()), lambda a, order, **_: a.transpose(order)),
    examples=(with_d(Case(a=GRID, a_order=[0, 1], order=[1, 0]), (3, 2)),),
    expect=lambda a, order, d, **_: d.transpose(np.argsort(order)),  # noqa: ARG005
    count=30,
    weight=0,
)
def views_back_what_was_permuted(
    mt: Minitorch, a: np.ndarray, a_order: list[int], order: list[int], d: np.ndarray
) -> Any:
    """A derivative passes `permute` and `view`; the given `View.backward` of some years fails."""
    leaf = tensor(mt, a, a_order)
    seen = leaf.contiguous().view(a.size).view(*a.shape)
    seen.permute(*order).backward(tensor(mt, d, constant=True))
    return gradient(leaf)
