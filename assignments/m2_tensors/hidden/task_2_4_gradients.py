"""Task 2.4, hidden: whole expressions, more dimensions, long sides, chains of permutations.

The derivatives of an expression are taken by small imaginary steps, ``f(a + ih).imag / h``,
which are exact to rounding: nothing is subtracted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from minigrade import Case, Minitorch, property_check
from minigrade.authoring.judging import close
from minigrade.authoring.tensors import (
    Bytes,
    Cases,
    drawn,
    steps,
    tensor_pairs,
    unbroadcast,
    with_upstream,
)
from minigrade.probing import compute, gradient, tensor, values

from ..oracles import GRID, joined, with_d

STEP = 1e-30


def imaginary_slopes(
    function: Callable[..., np.ndarray], arrays: list[np.ndarray], d: np.ndarray
) -> list[np.ndarray]:
    """Return the derivatives of ``(function(*arrays) * d).sum()``."""
    found = []
    for which, array in enumerate(arrays):
        slopes = np.zeros(array.shape)
        for index in np.ndindex(*array.shape):
            moved = [x.astype(complex) for x in arrays]
            moved[which][index] += STEP * 1j
            slopes[index] = (function(*moved) * d).sum().imag / STEP
        found.append(slopes)
    return found


def sigmoid(x: np.ndarray) -> np.ndarray:
    """Return the logistic function, of complex numbers too."""
    return np.asarray(1 / (1 + np.exp(-x)))


def relu(x: np.ndarray) -> np.ndarray:
    """Return the positive part, by the real one."""
    return x * (x.real > 0)


def total(x: np.ndarray, dim: int) -> np.ndarray:
    """Return the sum along a dimension, which stays with size 1."""
    return np.asarray(x.sum(dim, keepdims=True))


EXPRESSIONS: dict[str, Callable[..., np.ndarray]] = {
    "(a * b).sigmoid() * a": lambda a, b: sigmoid(a * b) * a,
    "(a * a + 1.0) / (b.exp() + 1.0)": lambda a, b: (a * a + 1) / (np.exp(b) + 1),
    "a / (b * b + 1.0) - b": lambda a, b: a / (b * b + 1) - b,
    "(a + b).relu() * (b - a)": lambda a, b: relu(a + b) * (b - a),
    "(a - b).sum(0) * b.exp()": lambda a, b: total(a - b, 0) * np.exp(b),
    "(a - a.sum(1)) * b": lambda a, b: (a - total(a, 1)) * b,
    "(-a * b).sum(0) / (a * a + 2.0)": lambda a, b: total(-a * b, 0) / (a * a + 2),
    "a.permute(1, 0).exp() * b.permute(1, 0)": lambda a, b: np.exp(a.T) * b.T,
}


def matrices() -> Cases:
    """Draw two matrices; `b` may have sides of 1. Their sums and differences are never 0."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = [2 + source.below(3), 2 + source.below(2)]
        small = [1 if source.below(3) == 2 else side for side in shape]
        return {
            "a": source.numbers(shape, steps(-3, 3)),
            "a_order": source.order(2),
            "b": source.numbers(small, steps(-3, 3)) + 0.125,
            "b_order": source.order(2),
        }

    return drawn(make)


def of_expression(form: str) -> Cases:
    """Draw matrices, and a derivative to start from."""
    return with_upstream(matrices(), lambda a, b, **_: EXPRESSIONS[form](a, b))


@property_check(
    each=tuple(EXPRESSIONS),
    cases=of_expression,
    expect=lambda form, a, b, d, **_: imaginary_slopes(EXPRESSIONS[form], [a, b], d),
    judge=close(rtol=1e-9, atol=1e-9),
    count=30,
    weight=8,
)
def differentiates_expressions(
    mt: Minitorch, form: str, a: np.ndarray, a_order: list[int], b: np.ndarray,
    b_order: list[int], d: np.ndarray,
) -> Any:  # fmt: skip
    """Derivatives find their way through several operations."""
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    compute(form, a=left, b=right).backward(tensor(mt, d, constant=True))
    return [gradient(left), gradient(right)]


LONG = Case(
    a=np.arange(130.0).reshape(65, 2) % 11 / 4 - 1,
    a_order=[1, 0],
    b=np.arange(65.0).reshape(65, 1) % 7 / 4 - 1,
    b_order=[0, 1],
)


@property_check(
    cases=with_upstream(tensor_pairs(-3, 3, most=6, largest=40), joined),
    examples=(with_d(LONG, (65, 2)),),
    expect=lambda a, b, d, **_: {
        "grads": [unbroadcast(d * b, a.shape), unbroadcast(d * a, b.shape)],
        "weighted": [unbroadcast(d * b * 2, a.shape), unbroadcast(d * (a * 2 + 1), b.shape)],
    },
    count=50,
    weight=3,
)
def differentiates_in_many_dimensions(
    mt: Minitorch, a: np.ndarray, a_order: list[int], b: np.ndarray, b_order: list[int],
    d: np.ndarray,
) -> Any:  # fmt: skip
    """Derivatives have the shapes of their tensors in up to six dimensions, and on long sides."""
    start = tensor(mt, d, constant=True)
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    (left * right).backward(start)
    grads = [gradient(left), gradient(right)]
    left, right = tensor(mt, a, a_order), tensor(mt, b, b_order)
    ((left * right * 2.0 + right) * start).sum().backward()
    return {"grads": grads, "weighted": [gradient(left), gradient(right)]}


def permuted_chains() -> Cases:
    """Draw a tensor of three to five dimensions, two orders, and a dimension."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(3, 5, 40)
        return {
            "a": source.numbers(shape, steps(-5, 5)),
            "a_order": source.order(len(shape)),
            "first": source.order(len(shape)),
            "second": source.order(len(shape)),
            "dim": source.below(len(shape)),
        }

    return drawn(make, 30)


def chained(a: np.ndarray, first: list[int], second: list[int], dim: int, **_: Any) -> np.ndarray:
    """Return what the probe computes, up to its square."""
    return np.asarray(a.transpose(first).sum(dim, keepdims=True).transpose(second))


@property_check(
    cases=with_upstream(permuted_chains(), chained),
    examples=(
        with_d(
            Case(a=np.arange(24.0).reshape(2, 3, 4), a_order=[0, 1, 2], first=[1, 2, 0],
                 second=[2, 0, 1], dim=0),
            (2, 1, 4),
        ),
    ),
    expect=lambda a, first, second, dim, d, **_: (
        np.broadcast_to(
            (2 * d * chained(a, first, second, dim)).transpose(np.argsort(second)),
            a.transpose(first).shape,
        ).transpose(np.argsort(first))
    ),
    count=60,
    weight=3,
)  # fmt: skip
def goes_back_through_permutations(
    mt: Minitorch, a: np.ndarray, a_order: list[int], first: list[int], second: list[int],
    dim: int, d: np.ndarray,
) -> Any:  # fmt: skip
    """Each permutation is undone in its turn, in three and more dimensions."""
    leaf = tensor(mt, a, a_order)
    result = leaf.permute(*first).sum(dim).permute(*second)
    (result * result).backward(tensor(mt, d, constant=True))
    return gradient(leaf)


def expect_descent(a: np.ndarray, rounds: int) -> dict[str, Any]:
    """Return where gradient descent on ``((a * a - 1) ** 2).sum() / 8`` gets."""
    grads = []
    for _ in range(rounds):
        grads.append((a * a - 1) * a / 2)
        a = a - grads[-1] / 4
    return {"a": a, "grads": grads}


def descents() -> Cases:
    """Draw a tensor, and how many rounds to go."""

    def make(source: Bytes) -> dict[str, Any]:
        shape = source.shape(1, 3, 8)
        return {"a": source.numbers(shape, steps(-2, 2)), "rounds": 1 + source.below(4)}

    return drawn(make)


@property_check(
    cases=descents(),
    examples=(Case(a=GRID / 4, rounds=3),),
    expect=expect_descent,
    count=30,
    weight=2,
)
def starts_anew_each_round(mt: Minitorch, a: np.ndarray, rounds: int) -> Any:
    """Each round makes a leaf of what the round before computed, and forgets the old one."""
    leaf, grads = tensor(mt, a), []
    for _ in range(rounds):
        error = leaf * leaf - 1.0
        ((error * error).sum() / 8.0).backward()
        grads.append(gradient(leaf))
        leaf = tensor(mt, values(leaf) - values(leaf.grad) / 4)
    return {"a": values(leaf), "grads": grads}
