"""The derivatives of functions of tensors, checked from outside.

Source: https://minitorch.github.io/module2/tensorgrad/
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .tensor_data import UserIndex

if TYPE_CHECKING:
    from .tensor import Tensor


def grad_central_difference(
    f: Callable[..., Any], *vals: Tensor, arg: int = 0, epsilon: float = 1e-6, ind: UserIndex
) -> float:
    """Approximate the derivative of the sum of a tensor with respect to one number.

    Args:
        f: a function of as many tensors as there are `vals`; its result is summed up.
        *vals: where to take the derivative.
        arg: which argument the number is in, counted from 0.
        epsilon: a small number.
        ind: the index of the number.

    Returns:
        The approximation: see `central_difference`.
    """
    before, x, after = vals[:arg], vals[arg].detach(), vals[arg + 1 :]
    shift = x.zeros()
    shift[tuple(ind)] = epsilon
    right = f(*before, x + shift, *after).sum().item()
    left = f(*before, x - shift, *after).sum().item()
    return float(right - left) / (2 * epsilon)


def grad_check(f: Callable[..., Any], *vals: Tensor) -> None:
    """Compare derivatives that `backward` finds with central differences.

    For each argument one number, drawn in the same way each time, is looked at.

    Args:
        f: a function of as many tensors as are given.
        *vals: where to compare. They become leaves, and lose their derivatives.

    Raises:
        AssertionError: a derivative is missing, or it is off by more than 0.01, and by
            more than 1 % on top of that.
    """
    for x in vals:
        x.requires_grad_(True)
        x.zero_grad_()
    f(*vals).sum().backward()
    draw = random.Random(10)
    for i, x in enumerate(vals):
        if x.size == 0:
            continue
        ind = tuple(draw.randrange(size) for size in x.shape)
        expected = grad_central_difference(f, *vals, arg=i, ind=ind)
        assert x.grad is not None, f"backward() left argument {i} without a derivative"
        assert x.grad.shape == x.shape, (
            f"the derivative of argument {i} has shape {x.grad.shape}, not {x.shape}"
        )
        found = x.grad[ind]
        assert abs(found - expected) <= 1e-2 + 1e-2 * abs(expected), (
            f"backward() found {found} for argument {i} at {ind}, but the central difference is "
            f"{expected}; the argument is\n{x}"
        )
