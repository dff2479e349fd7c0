from __future__ import annotations

import contextlib
import io
import struct
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minigrade.authoring.judging import close
from minigrade.boundary import wire
from minigrade.errors import WireError

arrays = hnp.arrays(
    st.sampled_from([np.bool_, np.int32, np.int64, np.float32, np.float64]),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
    | arrays
)
keys = st.text(st.characters(exclude_categories=["Cs"])).filter(lambda key: key != "$array")
plain_values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


@given(plain_values)
def test_what_is_sent_arrives(value: Any) -> None:
    arrived = wire.receive(io.BytesIO(wire.encode(value)))
    assert close(rtol=0, atol=0)(value, arrived) is None
    assert wire.encode(arrived) == wire.encode(value)


@given(arrays)
def test_arrays_keep_dtype_shape_and_bytes(array: np.ndarray) -> None:
    arrived = wire.plain(array.copy(order="F"))
    assert arrived.dtype == array.dtype
    assert arrived.shape == array.shape
    assert arrived.tobytes() == array.tobytes()
    assert not arrived.flags.writeable or not array.size


def test_a_receiver_can_have_arrays_it_can_write_to() -> None:
    stream = io.BytesIO(wire.encode([np.arange(3.0)]))
    [array] = wire.receive(stream, writable=True)
    array[0] = 7
    assert array.tolist() == [7, 1, 2]


def test_tuples_arrive_as_lists_and_numpy_scalars_as_numbers() -> None:
    value = wire.plain((1, np.float64(2.5), np.int32(3), np.bool_(True)))
    assert value == [1, 2.5, 3, True]
    assert [type(item) for item in value] == [int, float, int, bool]


class Number(int):
    pass


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (object(), "object at $"),
        ({"grads": [1.0, Number(3)]}, "Number at $.grads[1]"),
        ({1: 2}, "dict at $"),
        ({"$array": 1}, "dict at $"),
        (2**63, "64 bits at $"),
        (np.zeros(2, complex), "ndarray at $"),
        (np.zeros(2, np.float64).view(np.recarray), "recarray at $"),
        ([0] * 60_000, "too large"),
        ("x" * 2**21, "too large"),
        ("\ud800", "cannot send"),
        (1j, "complex at $"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_place(value: Any, where: str) -> None:
    with pytest.raises(WireError) as error:
        wire.encode(value)
    assert where in str(error.value)


def test_a_list_within_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(WireError):
        wire.encode(value)


@settings(max_examples=500)
@given(st.binary(max_size=200))
def test_garbage_is_a_wire_error_and_nothing_else(data: bytes) -> None:
    with contextlib.suppress(WireError, EOFError):
        wire.receive(io.BytesIO(data))


def frame(head: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">II", len(head), len(body)) + head + body


forged_arrays = st.builds(
    lambda dtype, shape: {"$array": [dtype, shape]},
    st.sampled_from(["<f8", "<i4", "|O", "V8", "f8,f8", "|b1", "", "<M8[s]"]),
    st.lists(st.integers(-(2**40), 2**62) | st.floats() | st.text(max_size=3), max_size=40),
)


@settings(max_examples=500)
@given(
    st.recursive(
        leaves.filter(lambda leaf: not isinstance(leaf, np.ndarray)) | forged_arrays | st.binary(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    ),
    st.binary(max_size=64),
)
def test_forged_messages_are_wire_errors(structure: Any, body: bytes) -> None:
    try:
        head = msgspec.msgpack.encode(structure)
    except (UnicodeEncodeError, OverflowError):
        return
    with contextlib.suppress(WireError):
        wire.receive(io.BytesIO(frame(head, body)))


@settings(max_examples=500)
@given(plain_values, st.data())
def test_damaged_messages_are_wire_errors(value: Any, data: st.DataObject) -> None:
    message = bytearray(wire.encode(value))
    for _ in range(data.draw(st.integers(1, 4))):
        message[data.draw(st.integers(0, len(message) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError, EOFError):
        wire.receive(io.BytesIO(bytes(message)))


@pytest.mark.parametrize(
    "head",
    [
        b"\xc1",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 100_000,
        msgspec.msgpack.encode({"$array": ["<f8", [2**62, 2**62]]}),
        msgspec.msgpack.encode({"$array": ["<f8", [0] * 33]}),
        msgspec.msgpack.encode([[]] * 60_000),
        msgspec.msgpack.encode(2**64 - 1),
        msgspec.msgpack.encode({1: 2}),
        msgspec.msgpack.encode(b"bytes"),
    ],
    ids=range(9),
)
def test_each_known_trick_is_refused(head: bytes) -> None:
    with pytest.raises(WireError):
        wire.receive(io.BytesIO(frame(head)))


def test_lengths_are_checked_before_memory_is_taken() -> None:
    with pytest.raises(WireError, match="too large"):
        wire.receive(io.BytesIO(struct.pack(">II", 2**32 - 1, 0)))
    with pytest.raises(WireError, match="too large"):
        wire.receive(io.BytesIO(struct.pack(">II", 1, 2**32 - 1)))


def test_bytes_that_belong_to_no_array_are_refused() -> None:
    with pytest.raises(WireError, match="belong to no array"):
        wire.receive(io.BytesIO(frame(msgspec.msgpack.encode(1), b"secret")))
