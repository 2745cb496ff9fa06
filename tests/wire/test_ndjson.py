"""JSON lines: every shape of line whole, byte by byte and cut at every position."""

from __future__ import annotations

import json
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.wire.ndjson import Decoder
from byom_magics.wire.sse import EventTooLargeError

BOM = b"\xef\xbb\xbf"

ROWS: list[tuple[str, bytes, list[bytes]]] = [
    ("one line", b'{"a":1}\n', [b'{"a":1}']),
    ("two lines", b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
    ("crlf", b'{"a":1}\r\n{"b":2}\r\n', [b'{"a":1}', b'{"b":2}']),
    ("blank lines between", b'\n\r\n{"a":1}\n\n \t\n{"b":2}\n\n', [b'{"a":1}', b'{"b":2}']),
    ("no end of the last line", b'{"a":1}\n{"b":2}', [b'{"a":1}', b'{"b":2}']),
    ("no end of the only line", b'{"a":1}', [b'{"a":1}']),
    ("byte order mark", BOM + b'{"a":1}\n{"b":2}\n', [b'{"a":1}', b'{"b":2}']),
    ("byte order mark and nothing else", BOM, []),
    ("byte order mark alone on its line", BOM + b'\n{"a":1}\n', [b'{"a":1}']),
    ("as server-sent events", b': hi\nevent: x\nid: 1\ndata: {"a":1}\n\ndata:{"b":2}\n\n', [b'{"a":1}', b'{"b":2}']),
    ("an end mark", b'{"a":1}\ndata: [DONE]\n\n', [b'{"a":1}', b"[DONE]"]),
    ("not JSON is given on as it is", b"oops\n", [b"oops"]),
    ("blanks around", b'  {"a":1} \t\n', [b'{"a":1}']),
    ("separators that are no line ends", '{"a":"\u2028\u0085\x0b"}\n'.encode(), ['{"a":"\u2028\u0085\x0b"}'.encode()]),
    ("a letter of many bytes", '{"a":"é€😀"}\n'.encode(), ['{"a":"é€😀"}'.encode()]),
    ("bytes that are not UTF-8", b'{"a":"\xff"}\n', [b'{"a":"\xff"}']),
    ("a torn object at the end", b'{"a":1}\n{"b":{"c":2}', [b'{"a":1}']),
    ("no object at the end", b'{"a":1}\noops', [b'{"a":1}', b"oops"]),
    ("empty", b"", []),
]
CASES = pytest.mark.parametrize(("stream", "lines"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])


def decoded(*pieces: bytes) -> list[bytes]:
    decoder = Decoder()
    events = [event for piece in pieces for event in decoder.decode(piece)] + decoder.flush()
    assert {(event.event, event.id) for event in events} <= {("message", "")}
    return [event.data for event in events]


@CASES
def test_a_stream_cut_at_every_position_gives_the_same_lines(stream: bytes, lines: list[bytes]) -> None:
    for at in range(len(stream) + 1):
        assert decoded(stream[:at], stream[at:]) == lines, f"cut at {at}"


@CASES
def test_a_stream_byte_by_byte_gives_the_same_lines(stream: bytes, lines: list[bytes]) -> None:
    assert decoded(*(stream[at : at + 1] for at in range(len(stream)))) == lines


@CASES
def test_the_short_way_reads_what_the_long_way_reads(stream: bytes, lines: list[bytes]) -> None:
    for size in range(1, len(stream) + 1):
        decoder, found = Decoder(), []
        for at in range(0, len(stream), size):
            piece = stream[at : at + size]
            single = decoder.single(piece)
            found += [event.data for event in decoder.decode(piece)] if single is None else [single.strip()]
        assert found + [event.data for event in decoder.flush()] == lines, f"pieces of {size}"


def test_the_short_way_takes_one_whole_line_between_two_lines_and_nothing_else() -> None:
    decoder = Decoder(20)
    assert decoder.single(b'{"a":1}\n') is None, "the first line may begin with a byte order mark"
    decoder.decode(b'{"a":1}\n')
    assert decoder.single(b'{"a":1}\n') == b'{"a":1}'
    for other in (b"", b"\n", b'{"a":1}', b'{"a":1}\n{"b":2}\n', b'data: {"a":1}\n', b'{"a":"' + b"x" * 20 + b'"}\n'):
        assert decoder.single(other) is None
    decoder.decode(b'{"a"')
    assert decoder.single(b'{"b":2}\n') is None, "it is inside a line"


def test_a_flush_gives_the_last_line_once() -> None:
    decoder = Decoder()
    decoder.decode(b'{"a":1}')
    assert [event.data for event in decoder.flush()] == [b'{"a":1}']
    assert decoder.flush() == []


@pytest.mark.parametrize("pieces", [[b"x" * 101], [b"x" * 60, b"x" * 60], [b"x" * 101 + b"\n"], [b"a\n" + b"x" * 101]])
def test_a_line_longer_than_the_limit_is_refused(pieces: list[bytes]) -> None:
    decoder = Decoder(100)
    with pytest.raises(EventTooLargeError):
        [decoder.decode(piece) for piece in pieces]


def test_many_lines_together_may_be_longer_than_the_limit() -> None:
    assert len(Decoder(100).decode(b'{"a":1}\n' * 1000)) == 1000


def test_a_line_in_very_many_pieces_takes_no_more_memory_than_the_line() -> None:
    decoder = Decoder()
    tracemalloc.start()
    try:
        for _ in range(50_000):
            decoder.decode(b"xxxx")
        assert [len(event.data) for event in decoder.decode(b"\n")] == [200_000]
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@given(st.lists(st.dictionaries(st.text(), st.text())), st.lists(st.integers(0, 500)), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=100, deadline=None)
def test_objects_cut_anywhere_come_back(objects: list[dict[str, str]], cuts: list[int], end: str) -> None:
    stream = "".join(json.dumps(each, ensure_ascii=False) + end for each in objects).encode("utf-8", "replace")
    places = sorted({0, len(stream), *(at for at in cuts if at < len(stream))})
    pieces = [stream[start:stop] for start, stop in pairwise(places)]
    assert decoded(*pieces) == [line.rstrip(b"\r") for line in stream.split(b"\n") if line]
