"""How a tensor was computed, and how derivatives find their way back through that.

Source: https://minitorch.github.io/module2/tensorgrad/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .autodiff import Context, backpropagate
from .tensor_data import TensorData

if TYPE_CHECKING:
    from .function import Function
    from .tensor import Tensor


@dataclass(slots=True)
class History:
    """How a tensor came to be. A leaf, which was made by hand, has an empty one.

    Attributes:
        last_fn: the function that was called.
        ctx: what it kept for the backward pass.
        inputs: what it was called with.
    """

    last_fn: type[Function] | None = None
    ctx: Context | None = None
    inputs: Sequence[Any] = ()


class Tracked:
    """The half of a `Tensor` that deals with derivatives.

    Attributes:
        history: how the tensor was computed; None for a constant.
        grad: of a leaf, after `backward`: the derivative of the tensor that `backward`
            was called on, with respect to this one. None before. It may be shared
            with other leaves, so do not assign to its elements.
    """

    __slots__ = ("grad", "history")

    history: History | None
    grad: Any

    def requires_grad_(self, x: bool = True) -> None:
        """Forget the history: become a leaf if `x`, else a constant."""
        self.history = History() if x else None

    def requires_grad(self) -> bool:
        """Tell whether a derivative is wanted for this tensor."""
        return self.history is not None

    def accumulate_derivative(self, x: Tensor) -> None:
        """Add `x` to the derivative of this tensor, which must be a leaf."""
        assert self.is_leaf(), "only a leaf has a derivative"
        self.grad = x if self.grad is None else self.grad + x

    def is_leaf(self) -> bool:
        """Tell whether this tensor was made by hand, not computed from others."""
        return self.history is not None and self.history.last_fn is None

    def is_constant(self) -> bool:
        """Tell whether no derivative is wanted for this tensor."""
        return self.history is None

    @property
    def parents(self) -> Iterable[Any]:
        """The tensors that this one was computed from; none for a leaf."""
        assert self.history is not None, "a constant has no parents"
        return [x for x in self.history.inputs if isinstance(x, Tracked)]

    def chain_rule(self, d_output: Tensor) -> Iterable[tuple[Any, Tensor]]:
        """Pass a derivative on to the tensors that this one was computed from.

        Args:
            d_output: the derivative with respect to this tensor.

        Returns:
            A pair for each input of the function that computed this tensor, but for
            constants: the input, and the derivative with respect to it, in its shape.
        """
        h = self.history
        assert h is not None, "a constant was computed from nothing"
        assert h.last_fn is not None, "a leaf was computed from nothing"
        assert h.ctx is not None, "the context of the forward pass is missing"
        derivatives = h.last_fn._backward(h.ctx, d_output)
        assert len(derivatives) == len(h.inputs), (
            f"{h.last_fn.__name__}.backward returned {len(derivatives)} derivatives "
            f"for {len(h.inputs)} arguments"
        )
        return [
            (x, x.expand(d))
            for x, d in zip(h.inputs, derivatives, strict=True)
            if isinstance(x, Tracked) and x.history is not None
        ]

    def expand(self: Any, other: Tensor | float) -> Tensor:
        """Bring a derivative into the shape of this tensor.

        Args:
            other: the derivative, a number or in a shape that this one broadcasts to, or that
                broadcasts to this one, or both.

        Returns:
            The derivative in the shape of this tensor: repeated where it is too small,
            and added up over what this tensor was repeated along.
        """
        grad: Tensor = self._ensure_tensor(other)
        if grad.shape == self.shape:
            return grad
        shape = TensorData.shape_broadcast(self.shape, grad.shape)
        if grad.shape != shape:
            grad = grad.f.id_map(grad, grad.zeros(shape))
        missing = len(shape) - len(self.shape)
        for dim, size in enumerate(shape):
            if size != 1 and (dim < missing or self.shape[dim - missing] == 1):
                grad = grad.f.add_reduce(grad, dim)
        if grad.shape == self.shape:
            return grad
        return grad._new(TensorData(grad.contiguous()._tensor._storage, self.shape))

    def backward(self: Any, grad_output: Tensor | None = None) -> None:
        """Find the derivative of every leaf that this tensor was computed from.

        Args:
            grad_output: the derivative with respect to this tensor, to start from. A
                tensor of shape (1,) needs none: it starts from 1.

        Raises:
            TypeError: the two belong to different backends.
        """
        if grad_output is None:
            assert self.shape == (1,), (
                f"backward() of shape {self.shape} needs a derivative to start from; "
                "only shape (1,) needs none"
            )
            grad_output = self._ensure_tensor(1.0)
        assert grad_output.shape == self.shape, (
            f"backward() of shape {self.shape} cannot start from shape {grad_output.shape}"
        )
        if grad_output.backend.ops is not self.backend.ops:
            raise TypeError(
                f"backward() of a tensor of {self.backend} cannot start from one of "
                f"{grad_output.backend}: make both with the same backend"
            )
        backpropagate(self, grad_output.detach())
