"""The reference's tensors, against NumPy: what they compute, and how they are freed."""

from __future__ import annotations

import gc
import operator
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

FAR = 100_000  # far deeper than Python lets a function call itself
sizes = st.lists(st.integers(0, 3), max_size=3).map(tuple)
pairs = hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3)
numbers = st.integers(-40, 40).map(lambda i: i / 4)

ONE = {
    "neg": (operator.neg, operator.neg),
    "sigmoid": (lambda a: a.sigmoid(), lambda x: 0.5 + 0.5 * np.tanh(x / 2)),
    "relu": (lambda a: a.relu(), lambda x: np.maximum(x, 0)),
    "exp": (lambda a: a.exp(), np.exp),
    "log": (lambda a: (a * a).log(), lambda x: np.log(x * x + 1e-6)),
    "div": (lambda a: a / (a * a).exp(), lambda x: x / np.exp(x * x)),
    "contiguous": (lambda a: a.contiguous(), lambda x: x),
    "sum": (lambda a: a.sum(), lambda x: x.sum().reshape(1)),
    "all": (lambda a: (a > -9.5).all(), lambda x: (x > -9.5).all().reshape(1)),
}
TWO = {
    "add": (operator.add, operator.add),
    "sub": (operator.sub, operator.sub),
    "mul": (operator.mul, operator.mul),
    "div": (lambda a, b: a / (b + 0.1), lambda x, y: x / (y + 0.1)),
    "lt": (operator.lt, operator.lt),
    "gt": (operator.gt, operator.gt),
    "eq": (operator.eq, operator.eq),
    "is_close": (lambda a, b: a.is_close(b), lambda x, y: abs(x - y) < 1e-2),
}


COURSE_NAMES = """
    Conv1dFun Conv2dFun FastOps Function Graph IndexingError MathTest MathTestVariable MAX_DIMS
    Module Parameter SGD Scalar SimpleBackend SimpleOps Tensor TensorBackend TensorData
    TensorOps UserIndex UserShape argmax autodiff avgpool2d broadcast_index conv1d conv2d
    cuda_ops derivative_check dropout fast_ops grad_central_difference grad_check
    index_to_position logsoftmax max maxpool2d mm_practice operators prod rand shape_broadcast
    softmax strides_from_shape sum_practice tensor tensor_data tensor_functions tile to_index
    topological_sort zeros
"""


@pytest.mark.parametrize("name", ONE)
@given(data=st.data(), shape=sizes)
def test_functions_of_one_tensor(draw_tensor: Any, name: str, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    ours, numpys = ONE[name]
    np.testing.assert_allclose(ours(tensor).to_numpy(), numpys(array), rtol=1e-11, strict=False)
    assert ours(tensor).shape == numpys(array).shape


@pytest.mark.parametrize("name", TWO)
@given(data=st.data(), shapes=pairs, number=numbers)
def test_functions_of_two_tensors(
    draw_tensor: Any, name: str, data: Any, shapes: Any, number: float
) -> None:
    (a, x), (b, y) = (draw_tensor(data, shape) for shape in shapes.input_shapes)
    ours, numpys = TWO[name]
    np.testing.assert_allclose(ours(a, b).to_numpy(), numpys(x, y), rtol=1e-11)
    wide = a.shape or (1,)  # a plain number is a tensor of shape (1,)
    np.testing.assert_allclose(
        ours(a, number).to_numpy(), np.broadcast_to(numpys(x, number), wide), rtol=1e-11
    )
    for left in (number, np.float64(number), int(number)):
        if name != "is_close":
            expected = np.broadcast_to(numpys(left, x), wide)
            np.testing.assert_allclose(ours(left, a).to_numpy(), expected, rtol=1e-11)


@given(data=st.data(), shape=sizes.filter(len))
def test_reductions(draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    dim = data.draw(st.integers(0, len(shape) - 1))
    np.testing.assert_allclose(
        tensor.sum(dim).to_numpy(), array.sum(dim, keepdims=True), rtol=1e-12, atol=1e-12
    )
    is_small = (tensor < 9).all(dim).to_numpy()
    np.testing.assert_array_equal(is_small, (array < 9).all(dim, keepdims=True))
    if array.size:
        np.testing.assert_allclose(
            tensor.mean(dim).to_numpy(), array.mean(dim, keepdims=True), rtol=1e-12, atol=1e-12
        )
        np.testing.assert_allclose(tensor.mean().to_numpy(), [array.mean()], atol=1e-12)


@given(data=st.data(), shape=sizes)
def test_shapes(mt: Any, draw_tensor: Any, data: Any, shape: Any) -> None:
    tensor, array = draw_tensor(data, shape)
    order = data.draw(st.permutations(range(len(shape))))
    turned = tensor.permute(*order)
    np.testing.assert_array_equal(turned.to_numpy(), array.transpose(order))
    assert turned._tensor._storage is tensor._tensor._storage
    assert (turned.dims, turned.size) == (array.ndim, array.size)
    flat = turned.contiguous().view(array.size)
    np.testing.assert_array_equal(flat.to_numpy(), array.transpose(order).ravel())
    assert flat.view(*turned.shape, 1).shape == (*turned.shape, 1)
    if not turned._tensor.is_contiguous():
        with pytest.raises(AssertionError, match="contiguous"):
            turned.view(array.size)


def test_a_view_shares_its_numbers(mt: Any) -> None:
    a = mt.tensor([[1.0, 2.0], [3.0, 4.0]])
    a.view(4)[2] = 7
    a.permute(1, 0)[0, 0] = 5
    assert a.to_numpy().tolist() == [[5, 2], [7, 4]]
    copy = a.to_numpy()
    a[0, 1] = 8.0
    assert copy[0, 1] == 2.0
    assert a[0, 1] == 8.0
    assert isinstance(a[0, 1], float)


def test_names_that_course_tests_use(mt: Any) -> None:
    for name in COURSE_NAMES.split():
        assert hasattr(mt, name), name
    assert mt.datasets["Simple"](3).N == 3
    assert mt.Mul is mt.scalar_functions.Mul
    assert mt.tensor_map is mt.tensor_ops.tensor_map
    assert mt.tensor([1.0]).shape == (1,)
    assert mt.max(mt.tensor([1.0, 2.0]), 0).item() == 2.0


def test_numbers(mt: Any) -> None:
    assert mt.tensor([2.5]).item() == mt.tensor(2.5).item() == 2.5
    assert bool(mt.tensor([2.0]) == mt.tensor([2.0]))
    assert not mt.tensor([0.0])
    for use in (bool, lambda t: t.item()):
        with pytest.raises(ValueError, match=r"\(1, 2\) does not hold one number"):
            use(mt.tensor([[1.0, 2.0]]))
    assert repr(mt.tensor([[1.0, 2.0], [3.0, 4.0]])) == "[[1.00 2.00]\n [3.00 4.00]]"


def test_tensors_are_keys(mt: Any) -> None:
    tensors = [mt.tensor([1.0]) for _ in range(100)]
    assert {t: i for i, t in enumerate(tensors)}[tensors[7]] == 7
    assert len({t.unique_id for t in tensors}) == 100


def test_wrong_shapes(mt: Any) -> None:
    a, b = mt.zeros((2, 3)), mt.zeros((4,))
    for use in (operator.add, operator.mul, operator.lt, operator.eq, operator.sub):
        with pytest.raises(mt.IndexingError, match=r"shapes \(2, 3\) and \(4,\)"):
            use(a, b)
    with pytest.raises(mt.IndexingError, match=r"cannot multiply shapes \(2, 3\) and \(4, 1\)"):
        a @ b.view(4, 1)
    with pytest.raises(ValueError, match=r"cannot view shape \(2, 3\) as \(4, 2\): 6 .* 8"):
        a.view(4, 2)
    with pytest.raises(AssertionError, match=r"cannot permute shape \(2, 3\) by \(0, 2\)"):
        a.permute(0, 2)
    for use in ("sum", "mean", "all"):
        with pytest.raises(mt.IndexingError, match=r"over dim 2 of shape \(2, 3\)"):
            getattr(a, use)(2)
    with pytest.raises(TypeError, match="a tensor or a number, not 'one'"):
        a + "one"


def test_mixed_backends(mt: Any) -> None:
    other = mt.TensorBackend(type("OtherOps", (mt.SimpleOps,), {}))
    a, b = mt.zeros((1,)), mt.zeros((1,), backend=other)
    for use in (operator.add, operator.lt, operator.matmul):
        with pytest.raises(TypeError, match=r"TensorBackend\(SimpleOps\) .*Backend\(OtherOps\)"):
            use(a, b)
    same = mt.zeros((1,), backend=mt.TensorBackend(mt.SimpleOps))
    assert (a + same).item() == 0.0
    a._type_(other)
    assert (a + b).backend is a.f is other


def test_leaves_and_constants(mt: Any) -> None:
    x, c = mt.tensor([2.0], requires_grad=True), mt.tensor([3.0])
    assert (x.is_leaf(), x.is_constant(), x.requires_grad()) == (True, False, True)
    assert (c.is_leaf(), c.is_constant(), c.requires_grad()) == (False, True, False)
    y = x * c
    assert (y.is_leaf(), y.is_constant(), y.history.last_fn) == (
        False,
        False,
        mt.tensor_functions.Mul,
    )
    assert [p.unique_id for p in y.parents] == [x.unique_id, c.unique_id]
    assert (c * c).is_constant()
    assert y.detach().is_constant()
    y.backward()
    assert (x.grad.item(), c.grad) == (3.0, None)
    x.requires_grad_(False)
    c.requires_grad_(True)
    x.zero_grad_()
    (x * c).backward()
    assert (x.grad, c.grad.item()) == (None, 2.0)


def test_backward_starts_from_a_derivative(mt: Any) -> None:
    x = mt.tensor([[1.0, 2.0]], requires_grad=True)
    with pytest.raises(AssertionError, match=r"shape \(1, 2\) needs a derivative"):
        (x * x).backward()
    with pytest.raises(AssertionError, match=r"\(1, 2\) cannot start from shape \(2,\)"):
        (x * x).backward(mt.tensor([1.0, 1.0]))
    (x * x).backward(mt.tensor([[3.0, 4.0]]))
    (x * 1.0).backward(mt.tensor([[1.0, 1.0]]))
    assert x.grad.to_numpy().tolist() == [[6 + 1, 16 + 1]]
    with pytest.raises(AssertionError, match="only a leaf"):
        (x * 1.0).accumulate_derivative(x)


@pytest.mark.slow
def test_deep_graphs_need_no_recursion(mt: Any) -> None:
    x = mt.tensor([1.0], requires_grad=True)
    y = x
    for _ in range(FAR):
        y = -y
    y.backward()
    assert x.grad.item() == 1.0
    gone = weakref.ref(y)
    del y
    assert gone() is None


def test_nothing_waits_for_the_garbage_collector(mt: Any) -> None:
    """A graph is gone as soon as nobody wants it: its parts do not hold each other."""
    weight = mt.Parameter(mt.tensor([[0.5, -0.25], [0.125, 1.0]]))
    optimizer = mt.SGD([weight], 0.1)
    x = mt.tensor([[1.0, 2.0]])

    def step() -> None:
        optimizer.zero_grad()
        hidden = (x @ weight.value).sigmoid().relu() / weight.value.exp().sum()
        loss = mt.logsoftmax(mt.max(hidden.permute(1, 0), 1).contiguous().view(1, 2), 1)
        loss.mean().backward()
        optimizer.step()

    step()
    gc.collect()
    gc.disable()
    try:
        counts = []
        for _ in range(1000):
            step()
            counts.append(len(gc.get_objects()) if len(counts) in (10, 999) else 0)
        assert gc.collect() == 0
        assert counts[999] - counts[10] < 50
    finally:
        gc.enable()
