"""What all functions of tensors share: how they are called, and how that is remembered.

Source: https://minitorch.github.io/module2/tensorops/
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from .autodiff import Context
from .history import History, Tracked
from .shapes import check_dim
from .tensor_ops import TensorBackend

if TYPE_CHECKING:
    from .tensor import Tensor


@dataclass(slots=True)
class TensorContext(Context):
    """What the forward pass of a function of tensors keeps for the backward pass.

    Attributes:
        wanted: of each argument, whether its derivative is wanted.
    """

    wanted: tuple[bool, ...] = ()


class Function:
    """A function of tensors that knows its derivatives. It has no instances.

    A subclass defines two static methods. ``forward(ctx, a, b)`` computes the result,
    from tensors without a history, and keeps in `ctx` what the other one will need.
    ``backward(ctx, grad_output)`` returns the derivative with respect to each argument,
    in a tuple if there are several: the function's own derivative times `grad_output`.
    Where `forward` broadcasts an argument, the derivative may have the shape of the
    result: `Tensor.chain_rule` adds it up.

    The results of a function without `backward` are constants.
    """

    forward: ClassVar[Callable[..., Tensor]]
    backward: ClassVar[Callable[..., Any] | None] = None

    @classmethod
    def _backward(cls, ctx: Context, grad_output: Tensor) -> tuple[Any, ...]:
        """Return the derivatives of `backward` as a tuple, even if there is but one."""
        assert cls.backward is not None, f"{cls.__name__} has no derivative"
        derivatives = cls.backward(ctx, grad_output)
        return derivatives if isinstance(derivatives, tuple) else (derivatives,)

    @classmethod
    def apply(cls, *vals: Any) -> Tensor:
        """Call the function, and let the result remember that.

        Args:
            *vals: tensors. What is none, such as a dimension, goes to `forward` as it
                is, and gets no derivative.

        Returns:
            The result: a constant if all the tensors are.

        Raises:
            TypeError: the tensors belong to different backends.
        """
        backend: TensorBackend | None = None
        raw_vals, wanted = [], []
        for val in vals:
            raw, with_grad = val, False
            is_tensor = isinstance(val, Tracked)
            if is_tensor:
                if val.backend is not backend:
                    backend = _common(cls.__name__, backend, val.backend)
                if val.history is not None:
                    raw, with_grad = val.detach(), True
            raw_vals.append(raw)
            wanted.append(with_grad)
        if True not in wanted or cls.backward is None:
            return cls.forward(_FORGETFUL, *raw_vals)
        ctx = TensorContext(wanted=tuple(wanted))
        # A tensor of its own: `ctx` may keep what `forward` returns, which must not keep
        # `ctx` in turn.
        result = cls.forward(ctx, *raw_vals).detach()
        result.history = History(cls, ctx, vals)
        return result


# For all calls without a backward pass. It keeps nothing, so one is enough.
_FORGETFUL = TensorContext(no_grad=True)


def _common(name: str, first: TensorBackend | None, second: TensorBackend) -> TensorBackend:
    """Return the backend that two tensors have in common; there may be no first one."""
    # Backends are alike if their operations are: one is made at each `TensorBackend(FastOps)`.
    if first is not None and first.ops is not second.ops:
        raise TypeError(
            f"cannot apply {name} to tensors of {first} and {second}: "
            "make both with the same backend"
        )
    return second


def is_wanted(ctx: Context, arg: int) -> bool:
    """Tell whether the derivative with respect to an argument, counted from 0, is wanted.

    A `backward` that saves much time by leaving it out may return 0.0 in its place.
    """
    return not isinstance(ctx, TensorContext) or ctx.wanted[arg]


def as_numbers(val: Any) -> tuple[int, ...]:
    """Return the numbers of a shape or an order, which may come as a tensor.

    Raises:
        TypeError: one is not a whole number.
    """
    if hasattr(val, "to_numpy"):
        val = val.to_numpy()
    numbers = tuple(int(number) for number in val)
    if numbers != tuple(val):
        raise TypeError(f"shapes and orders are made of whole numbers, not {tuple(val)}")
    return numbers


def as_dim(name: str, a: Tensor, dim: Any) -> int:
    """Return a dimension of `a`, which may come as a tensor.

    Args:
        name: what is to be done over that dimension, for the message.
        a: a tensor.
        dim: the dimension, counted from 0.

    Raises:
        IndexingError: `a` does not have it.
    """
    number = dim.item() if hasattr(dim, "item") else dim
    check_dim(name, a.shape, number)
    return int(number)
