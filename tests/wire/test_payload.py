"""JSON as servers send it: strict where something would be lost, forgiving elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.wire.payload import MalformedPayloadError, parse

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_json_writes_is_read_back(value: Any) -> None:
    assert parse(json.dumps(value).encode()) == (value, 0)
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == (value, 0)


@pytest.mark.parametrize(
    ("data", "value", "replaced"),
    [
        (b'"a\xffb"', "a\ufffdb", 1),
        (b'"\xff\xfe"', "\ufffd\ufffd", 2),
        (b'["\xe2\x82", "x"]', ["\ufffd", "x"], 1),
        ('"\ufffd"'.encode(), "\ufffd", 0),
        ('"\ufffd'.encode() + b'\xff"', "\ufffd\ufffd", 1),
        (b'{"a": 1, "b": "\xff"}', {"a": 1, "b": "\ufffd"}, 1),
    ],
)
def test_bytes_that_are_not_utf8_are_replaced_and_counted(data: bytes, value: object, replaced: int) -> None:
    assert parse(data) == (value, replaced)


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (rb'"\ud83d\ude00"', "😀"),
        (rb'"\ud83d"', "\ud83d"),
        (rb'"\ude00x"', "\ude00x"),
        (b'"a\nb"', "a\nb"),
        (b'"a\x00b"', "a\0b"),
        (b' {"a": 1} \n', {"a": 1}),
    ],
)
def test_oddities_that_lose_nothing_are_read(data: bytes, value: object) -> None:
    assert parse(data) == (value, 0)


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"upstream timeout", b"{", b'{"a":}', b"{'a': 1}", b'{"a": 1} x', b'{"a": 1}{"b": 2}', b"[1,", b'"a', b"\xff",
     b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000],
    ids=lambda data: repr(data[:20]),
)  # fmt: skip
def test_what_is_not_json_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedPayloadError):
        parse(data)
