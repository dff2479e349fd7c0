"""Small programs on tensors, drawn by hypothesis, that any backend can run.

Not a test file, but what `test_backends.py` runs. The numbers are whole to begin with,
and sums and products of whole numbers are exact in any order, so that all backends agree
on which of two is larger. After an operation that rounds, a program compares no more.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

LARGEST = 1e5  # no number of a program is larger: whole ones stay exact, others keep digits
MOST = 200  # numbers in a tensor
SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)


@dataclass(frozen=True)
class Value:
    """What is known of a tensor of a program before it runs."""

    shape: tuple[int, ...]
    largest: float
    is_exact: bool = True


@dataclass(frozen=True)
class Step:
    """An operation of a program, on the results of earlier steps.

    Attributes:
        name: which operation.
        run: computes it, from the package, its convolutions, and tensors.
        operands: which values, counted from 0, leaves first.
    """

    name: str
    run: Callable[..., Any] = field(repr=False)
    operands: tuple[int, ...]
    how: tuple[Any, ...] = ()


@dataclass
class Program:
    """Leaves, and steps that compute one value more each."""

    leaves: list[tuple[np.ndarray, tuple[int, ...]]]
    values: list[Value]
    steps: list[Step]

    def run(self, mt: ModuleType, backend: Any) -> list[np.ndarray]:
        """Return the last value and the derivatives of the leaves."""
        conv = mt.cuda_conv if backend.cuda else mt.fast_conv
        tensors = [laid(mt, backend, *leaf) for leaf in self.leaves]
        leaves = list(tensors)
        for step in self.steps:
            tensors.append(step.run(mt, conv, *(tensors[i] for i in step.operands), *step.how))
        result = tensors[-1]
        places = np.arange(result.size).reshape(result.shape)
        seed = mt.tensor((places % 7 - 3.0) / 2, backend)
        if result.requires_grad():
            result.backward(seed)
        grads = [np.zeros(0) if x.grad is None else x.grad.to_numpy() for x in leaves]
        return [result.to_numpy(), *grads]


def laid(mt: ModuleType, backend: Any, array: np.ndarray, order: tuple[int, ...]) -> Any:
    """Return a leaf whose dimensions stand in memory in an order."""
    lying = np.ascontiguousarray(array.transpose(order))
    steps = np.zeros(array.ndim, int)
    steps[list(order)] = mt.strides_from_shape(lying.shape)
    tensor = mt.Tensor(mt.TensorData(lying.ravel(), array.shape, tuple(steps.tolist())))
    tensor._type_(backend)
    tensor.requires_grad_(True)
    return tensor


# ---- operations: each takes a way to draw, and what is known of its operands, and returns
# how to compute it, with which arguments, and what is known of the result; or None, where
# it cannot be had.

Made = tuple[Callable[..., Any], tuple[Any, ...], Value] | None
Draw = Callable[[Any], Any]


def smooth(function: Callable[[Any], Any], largest: float) -> Callable[[Draw, Value], Made]:
    """Make an operation that rounds; it keeps the shape."""

    def made(draw: Draw, a: Value) -> Made:
        return lambda mt, conv, a: function(a), (), Value(a.shape, largest, is_exact=False)

    return made


def add(draw: Draw, a: Value, b: Value) -> Made:
    shape = np.broadcast_shapes(a.shape, b.shape)
    sign = draw(st.sampled_from([1, -1]))
    known = Value(shape, a.largest + b.largest, a.is_exact and b.is_exact)
    return lambda mt, conv, a, b, sign: a + b if sign > 0 else a - b, (sign,), known


def mul(draw: Draw, a: Value, b: Value) -> Made:
    shape = np.broadcast_shapes(a.shape, b.shape)
    known = Value(shape, a.largest * b.largest, a.is_exact and b.is_exact)
    return lambda mt, conv, a, b: a * b, (), known


def compare(draw: Draw, a: Value, b: Value) -> Made:
    if not (a.is_exact and b.is_exact):
        return None
    shape = np.broadcast_shapes(a.shape, b.shape)
    way = draw(st.sampled_from(["lt", "gt", "eq", "is_close"]))

    def run(mt: Any, conv: Any, a: Any, b: Any, way: str) -> Any:
        found = {"lt": a < b, "gt": a > b, "eq": a == b, "is_close": a.is_close(b)}[way]
        return found * a + b

    return run, (way,), Value(shape, a.largest + b.largest)


def relu(draw: Draw, a: Value) -> Made:
    return (lambda mt, conv, a: a.relu(), (), a) if a.is_exact else None


def fold(draw: Draw, a: Value) -> Made:
    dim = draw(st.integers(0, len(a.shape) - 1))
    way = draw(st.sampled_from(["sum", "mean", "max"]))
    if way == "max" and not a.is_exact:
        return None
    shape = (*a.shape[:dim], 1, *a.shape[dim + 1 :])
    largest = a.largest * (a.shape[dim] if way == "sum" else 1)

    def run(mt: Any, conv: Any, a: Any, way: str, dim: int) -> Any:
        return mt.max(a, dim) if way == "max" else getattr(a, way)(dim)

    return run, (way, dim), Value(shape, largest, a.is_exact and way != "mean")


def fold_all(draw: Draw, a: Value) -> Made:
    known = Value((1,), a.largest * math.prod(a.shape), a.is_exact)
    return lambda mt, conv, a: a.sum(), (), known


def all_of(draw: Draw, a: Value) -> Made:
    if not a.is_exact:
        return None
    return lambda mt, conv, a: (a < 2).all() * a, (), a


def permute(draw: Draw, a: Value) -> Made:
    order = draw(st.permutations(range(len(a.shape))))
    known = Value(tuple(a.shape[i] for i in order), a.largest, a.is_exact)
    return lambda mt, conv, a, *order: a.permute(*order), tuple(order), known


def view(draw: Draw, a: Value) -> Made:
    sides = [*a.shape, 1]
    at = draw(st.integers(0, len(a.shape) - 1))
    shape = (*sides[:at], sides[at] * sides[at + 1], *sides[at + 2 :])
    known = Value(shape, a.largest, a.is_exact)
    return lambda mt, conv, a, *shape: a.contiguous().view(*shape), shape, known


def product(draw: Draw, a: Value, b: Value) -> Made:
    if min(len(a.shape), len(b.shape)) < 2 or a.shape[-1] != b.shape[-2]:
        return None
    shape = (*np.broadcast_shapes(a.shape[:-2], b.shape[:-2]), a.shape[-2], b.shape[-1])
    known = Value(shape, a.largest * b.largest * a.shape[-1], a.is_exact and b.is_exact)
    return lambda mt, conv, a, b: a @ b, (), known


def convolution(draw: Draw, a: Value, b: Value) -> Made:
    if len(a.shape) not in (3, 4) or len(a.shape) != len(b.shape) or a.shape[1] != b.shape[1]:
        return None
    shape = (a.shape[0], b.shape[0], *a.shape[2:])
    largest = a.largest * b.largest * math.prod(b.shape[1:])

    def run(mt: Any, conv: Any, a: Any, b: Any) -> Any:
        return conv.conv1d(a, b) if a.dims == 3 else conv.conv2d(a, b)

    return run, (), Value(shape, largest, a.is_exact and b.is_exact)


def pooling(draw: Draw, a: Value) -> Made:
    if len(a.shape) != 4:
        return None
    kernel = tuple(draw(st.sampled_from([k for k in (1, 2, 3, 4) if n % k == 0]))
                   for n in a.shape[2:])  # fmt: skip
    way = draw(st.sampled_from(["avgpool2d", "maxpool2d"] if a.is_exact else ["avgpool2d"]))
    shape = (*a.shape[:2], a.shape[2] // kernel[0], a.shape[3] // kernel[1])

    def run(mt: Any, conv: Any, a: Any, way: str, kernel: Any) -> Any:
        return getattr(mt, way)(a, kernel)

    return run, (way, kernel), Value(shape, a.largest, a.is_exact and way == "maxpool2d")


def softmax(draw: Draw, a: Value) -> Made:
    dim = draw(st.integers(0, len(a.shape) - 1))
    way = draw(st.sampled_from(["softmax", "logsoftmax"]))

    def run(mt: Any, conv: Any, a: Any, way: str, dim: int) -> Any:
        return getattr(mt, way)(a, dim)

    # Both subtract the largest number, which is a matter of comparing.
    return (
        (run, (way, dim), Value(a.shape, 2 * a.largest + 9, is_exact=False)) if a.is_exact else None
    )


ONE: dict[str, Callable[[Draw, Value], Made]] = {
    "neg": lambda draw, a: (lambda mt, conv, a: -a, (), a),
    "sigmoid": smooth(lambda a: a.sigmoid(), 1.0),
    "exp": smooth(lambda a: (-(a * a + 1).log()).exp(), 1.0),
    "log": smooth(lambda a: (a * a + 1).log(), 2 * math.log(LARGEST)),
    "inv": smooth(lambda a: a / (a * a + 1), 1.0),
    "relu": relu,
    "fold": fold,
    "fold all": fold_all,
    "all": all_of,
    "permute": permute,
    "view": view,
    "pooling": pooling,
    "softmax": softmax,
}  # fmt: skip
TWO: dict[str, Callable[[Draw, Value, Value], Made]] = {
    "add": add,
    "mul": mul,
    "compare": compare,
    "product": product,
    "convolution": convolution,
}


@st.composite
def programs(draw: Any) -> Program:
    """Draw leaves that fit together in some way, and up to four steps that begin with them."""
    kind = draw(st.sampled_from(["any", "broadcast", "product", "convolution"]))
    n = [draw(st.integers(1, 4)) for _ in range(7)]
    first = {
        "any": draw(SHAPES), "broadcast": (n[0], n[1], n[2]), "product": (n[3], n[0], n[1]),
        "convolution": (n[0], n[1], n[2], n[3])[: draw(st.integers(3, 4))],
    }[kind]  # fmt: skip
    shapes = [first]
    if kind == "broadcast":
        shapes.append(draw(st.sampled_from([(n[1], n[2]), (n[2],), (n[0], 1, 1), (1, n[1], 1)])))
    elif kind == "product":
        shapes.append(draw(st.sampled_from([(n[3], n[1], n[2]), (n[1], n[2]), (1, n[1], n[2])])))
    elif kind == "convolution":
        shapes.append((n[4], n[1], *(n[5], n[6])[: len(first) - 2]))
    leaves, values = [], []
    for shape in shapes:
        numbers = st.lists(st.integers(-3, 3), min_size=math.prod(shape), max_size=math.prod(shape))
        order = tuple(draw(st.permutations(range(len(shape)))))
        leaves.append((np.array(draw(numbers), float).reshape(shape), order))
        values.append(Value(shape, 3.0))
    steps: list[Step] = []
    if kind in TWO:
        step = extend(draw, values, kind, (0, 1))
        assert step is not None, f"{kind} of {shapes}"
        steps.append(step)
    for _ in range(draw(st.integers(1, 4))):
        last = len(values) - 1
        names = st.sampled_from([*ONE, *TWO])
        name = draw(names)
        operands = (last,) if name in ONE else (last, draw(st.integers(0, last)))
        step = extend(draw, values, name, operands)
        if step is not None:
            steps.append(step)
    assume(steps)
    return Program(leaves, values, steps)


def extend(draw: Any, values: list[Value], name: str, operands: tuple[int, ...]) -> Step | None:
    """Return a step, and add its value, or return None if these operands cannot have it."""
    known = [values[i] for i in operands]
    if name in ("add", "mul", "compare"):
        sides = zip(*(value.shape[::-1] for value in known), strict=False)
        if any(x != y and 1 not in (x, y) for x, y in sides):
            return None
    if name == "product" and len(known[0].shape) > 1 < len(known[1].shape):
        sides = zip(*(value.shape[-3::-1] for value in known), strict=False)
        if any(x != y and 1 not in (x, y) for x, y in sides):
            return None
    made = (ONE.get(name) or TWO[name])(draw, *known)
    if made is None or made[2].largest > LARGEST or math.prod(made[2].shape) > MOST:
        return None
    values.append(made[2])
    return Step(name, made[0], operands, made[1])
