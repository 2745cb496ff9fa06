"""The event-stream grammar: every row of the checklist whole, byte by byte and cut at every position."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from byom_magics.wire.sse import Decoder, EventTooLargeError, ServerSentEvent

BOM = b"\xef\xbb\xbf"


def message(data: str, event: str = "message", id: str = "") -> ServerSentEvent:  # noqa: A002 - the grammar's name
    return ServerSentEvent(event, data.encode(), id)


# id, bytes, the events expected, whether the stream ended inside an event
ROWS: list[tuple[str, bytes, list[ServerSentEvent], bool]] = [
    ("SSE-01", b"data: hello\n\n", [message("hello")], False),
    ("SSE-02", b"event: add\ndata: 1\n\ndata: 2\n\n", [message("1", "add"), message("2")], False),
    ("SSE-03", b"event: \ndata:data\n\n", [message("data")], False),
    ("SSE-04", b"data: a\r\n\r\n", [message("a")], False),
    ("SSE-05", b"data: a\r\rdata: b\r\r", [message("a"), message("b")], False),
    ("SSE-06", b"data:test\r\ndata\ndata:test\r\n\r", [message("test\n\ntest")], False),
    ("SSE-07", BOM + b"data:1\n\n" + BOM + b"data:2\n\ndata:3\n\n", [message("1"), message("3")], False),
    ("SSE-07-two-boms", BOM + BOM + b"data:1\n\ndata:2\n\n", [message("2")], False),
    ("SSE-11", b": OPENROUTER PROCESSING\n\n: ping\n\ndata: a\n\n", [message("a")], False),
    ("SSE-12", b"data:\n\ndata\ndata\n\ndata:test\n\n", [message(""), message("\n"), message("test")], False),
    (
        "SSE-14",
        b"data:test\n data\ndata\nfoobar:xxx\njustsometext\n:c\ndata:test\n\n",
        [message("test\n\ntest")],
        False,
    ),
    ("SSE-15", b"data:\ttest\rdata: \ndata:test\n\n", [message("\ttest\n\ntest")], False),
    ("SSE-16", b"data:\0\n\n\n\n", [message("\0")], False),
    ("SSE-17", b"data: a:b\n\n", [message("a:b")], False),
    ("SSE-17-two-spaces", b"data:  a \n\n", [message(" a ")], False),
    ("SSE-18", b"id: 1\ndata: a\n\ndata: b\n\n", [message("a", id="1"), message("b", id="1")], False),
    ("SSE-19", b"id:1\ndata:x\n\nid\ndata:y\n\n", [message("x", id="1"), message("y")], False),
    ("SSE-20", b"id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", [message("a", id="1"), message("b", id="1")], False),
    ("SSE-21", b"event: x\nid: 7\n\ndata: a\n\n", [message("a", id="7")], False),
    ("SSE-22", b"id: 1\ndata: a\n\n\n\ndata: b\n\n", [message("a", id="1"), message("b", id="1")], False),
    ("SSE-23", b"id: 1\ndata: a\n\n: ping\n\ndata: b\n\n", [message("a", id="1"), message("b", id="1")], False),
    ("SSE-24", b"retry: 3000\n\ndata: a\n\n", [message("a")], False),
    ("SSE-24-not-a-number", b"retry: soon\n\ndata: a\n\n", [message("a")], False),
    ("SSE-25-case", b"Data: no\nDATA: no\nData\n\ndata: a\n\n", [message("a")], False),
    ("SSE-25-blank-before-colon", b"data : no\n\ndata: a\n\n", [message("a")], False),
    ("SSE-26", b"data: a\n\nid: 2\ndata: b", [message("a")], True),
    ("SSE-27", b"data: a\n\ndata: b\n", [message("a")], True),
    ("SSE-27-cr", b"data: a\n\ndata: b\r", [message("a")], True),
    ("SSE-27-half-a-name", b"data: a\n\nda", [message("a")], True),
    ("SSE-27-comment-is-no-loss", b"data: a\n\n: keep", [message("a")], False),
    (
        "SSE-29",
        "data: a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\x1dh\x1ei\n\n".encode(),
        [message("a\u2028b\u2029c\u0085d\x0be\x0cf\x1cg\x1dh\x1ei")],
        False,
    ),
    ("SSE-30", "data: é€😀 ok\n\n".encode(), [message("é€😀 ok")], False),
    ("empty", b"", [], False),
    ("only a byte order mark", BOM, [], False),
    ("only line ends", b"\n\r\n\r\r\n\n", [], False),
    ("colon only", b":\n\ndata: a\n\n", [message("a")], False),
    ("crlf after lone cr", b"data: a\r\r\ndata: b\n\n", [message("a"), message("b")], False),
    ("mixed ends", b"data: a\r\n\ndata: b\n\rdata: c\r\r\n", [message("a"), message("b"), message("c")], False),
]

INVALID = (b"data: \xff\xfeok\n\n", b"\xff\xfeok")


def decoded(*chunks: bytes) -> tuple[list[ServerSentEvent], bool]:
    decoder = Decoder()
    events = [event for chunk in chunks for event in decoder.decode(chunk)]
    return events, decoder.flush()


def by_id(row: tuple[object, ...]) -> str:
    return str(row[0])


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_the_row_fed_whole(row: tuple[str, bytes, list[ServerSentEvent], bool]) -> None:
    _, stream, events, truncated = row
    assert decoded(stream) == (events, truncated)


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_the_row_fed_byte_by_byte(row: tuple[str, bytes, list[ServerSentEvent], bool]) -> None:
    _, stream, events, truncated = row
    assert decoded(*(stream[at : at + 1] for at in range(len(stream)))) == (events, truncated)


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_the_row_cut_at_every_position(row: tuple[str, bytes, list[ServerSentEvent], bool]) -> None:
    _, stream, events, truncated = row
    for at in range(len(stream) + 1):
        assert decoded(stream[:at], stream[at:]) == (events, truncated), f"cut at {at}"


@pytest.mark.parametrize("row", ROWS, ids=by_id)
def test_the_row_cut_twice_at_every_pair_of_positions(row: tuple[str, bytes, list[ServerSentEvent], bool]) -> None:
    _, stream, events, truncated = row
    for first in range(len(stream) + 1):
        for second in range(first, len(stream) + 1):
            pieces = stream[:first], stream[first:second], stream[second:]
            assert decoded(*pieces) == (events, truncated), f"cut at {first} and {second}"


def test_sse_06_a_lone_carriage_return_dispatches_without_waiting_for_more() -> None:
    decoder = Decoder()
    assert decoder.decode(b"data: a\r") == []
    assert decoder.decode(b"\r") == [message("a")]
    assert decoder.decode(b"\n") == [], "this line feed belongs to the carriage return before it"
    assert decoder.decode(b"data: b\n\n") == [message("b")]


def test_sse_06_an_event_that_ends_with_crlf_is_there_at_its_carriage_return() -> None:
    decoder = Decoder()
    assert decoder.decode(b"data: a\r\n\r") == [message("a")]


def test_sse_09_a_byte_order_mark_may_come_in_three_chunks() -> None:
    chunks = (b"\xef", b"\xbb", b"\xbf", b"data:1\n\n", b"\xef", b"\xbb", b"\xbf", b"data:2\n\n", b"data:3\n\n")
    assert decoded(*chunks) == ([message("1"), message("3")], False)


def test_sse_28_bytes_that_are_not_utf8_are_passed_on_for_the_reader_to_replace() -> None:
    stream, data = INVALID
    for at in range(len(stream) + 1):
        events, truncated = decoded(stream[:at], stream[at:])
        assert [event.data for event in events] == [data]
        assert not truncated


def test_invalid_utf8_in_event_and_id_is_replaced() -> None:
    events, _ = decoded(b"event: \xff\nid: \xfe\ndata: a\n\n")
    assert events == [message("a", "\ufffd", "\ufffd")]


def test_empty_chunks_change_nothing() -> None:
    assert decoded(b"", b"data: a", b"", b"\r", b"", b"\n", b"", b"\n", b"") == ([message("a")], False)


def test_many_events_in_one_chunk_all_come() -> None:
    events, truncated = decoded(b"".join(b"data: %d\n\n" % number for number in range(5000)))
    assert [event.data for event in events] == [b"%d" % number for number in range(5000)]
    assert not truncated


def test_sse_31_a_line_of_one_and_a_half_mebibytes_is_delivered() -> None:
    data = b"x" * (3 * 512 * 1024)
    stream = b"data: " + data + b"\n\n"
    pieces = [stream[at : at + 65536] for at in range(0, len(stream), 65536)]
    events, truncated = decoded(*pieces)
    assert [event.data for event in events] == [data]
    assert not truncated


def test_sse_35_comments_and_unknown_lines_without_end_need_no_memory() -> None:
    decoder = Decoder()
    noise = b": ping\n\nfoo: bar\nid: 1\nretry: 5\nnonsense\n\n" * 100
    decoder.decode(noise)
    tracemalloc.start()
    try:
        for _ in range(200):
            assert decoder.decode(noise) == []
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown < 32_000
    assert decoder.decode(b"data: a\n\n") == [message("a", id="1")]


def feed_without_end(decoder: Decoder, piece: bytes, first: bytes = b"data: ", limit: int = 64 * 1024 * 1024) -> int:
    """Feed until the decoder gives up; the number of bytes it took."""
    decoder.decode(first)
    fed = len(first)
    while fed < limit:
        fed += len(piece)
        try:
            decoder.decode(piece)
        except EventTooLargeError:
            return fed
    return fed


def test_sse_36_a_line_without_an_end_is_given_up_at_the_cap() -> None:
    tracemalloc.start()
    try:
        fed = feed_without_end(Decoder(), b"x" * 65536)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    cap = 8 * 1024 * 1024
    assert cap - 65536 <= fed <= cap + 2 * 65536
    assert peak < 4 * cap


def test_sse_36_the_cap_can_be_set() -> None:
    assert feed_without_end(Decoder(max_event_bytes=1000), b"x" * 10) <= 1020


def test_sse_36_an_event_of_many_lines_is_bounded_too() -> None:
    assert feed_without_end(Decoder(max_event_bytes=10_000), b"data: xxxxxxxx\n") <= 25_000


def test_sse_36_a_comment_without_an_end_is_bounded_too() -> None:
    assert feed_without_end(Decoder(max_event_bytes=1000), b"x" * 10, first=b": ") <= 1020


def test_sse_36_one_chunk_larger_than_the_cap_is_refused() -> None:
    with pytest.raises(EventTooLargeError):
        Decoder(max_event_bytes=100).decode(b"data: " + b"x" * 200 + b"\n\n")


def test_the_cap_is_for_one_event_not_for_the_stream() -> None:
    decoder = Decoder(max_event_bytes=100)
    for _ in range(100):
        assert decoder.decode(b"data: " + b"x" * 80 + b"\n\n") == [message("x" * 80)]


def literal(stream: bytes) -> tuple[list[tuple[str, str, str]], bool]:
    """The grammar as the specification words it: slow, over the whole text, one character at a time."""
    text = stream.decode("utf-8", "replace")
    if stream.startswith(BOM):
        text = text[1:]
    lines: list[str] = []
    line = ""
    at = 0
    while at < len(text):
        if text[at] == "\r":
            lines.append(line)
            line = ""
            if at + 1 < len(text) and text[at + 1] == "\n":
                at += 1
        elif text[at] == "\n":
            lines.append(line)
            line = ""
        else:
            line += text[at]
        at += 1
    events: list[tuple[str, str, str]] = []
    data, kind, last_id = "", "", ""
    for each in lines:
        if each == "":
            if data == "":
                data, kind = "", ""
                continue
            data = data.removesuffix("\n")
            events.append((kind or "message", data, last_id))
            data, kind = "", ""
        elif each.startswith(":"):
            continue
        else:
            if ":" in each:
                field, value = each.split(":", 1)
                value = value.removeprefix(" ")
            else:
                field, value = each, ""
            if field == "event":
                kind = value
            elif field == "data":
                data += value + "\n"
            elif field == "id" and "\0" not in value:
                last_id = value
    return events, data != ""


TOKENS = st.sampled_from(
    [
        b"data", b"data:", b"data: ", b"event", b"event: ", b"id", b"id: ", b"retry: 1", b":", b" ", b"\r", b"\n",
        b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", BOM, b"\xef", b"\xbb", b"\xe2\x82\xac", b"\xe2\x82", b"\xff", b"\0",
        b"x", b"12", b"\xe2\x80\xa8", b"\xc2\x85", b"\x0b", b"\x0c", b"\x1c", b"\xf0\x9f\x98\x80", b"data: a\n\n",
    ]
)  # fmt: skip


@settings(max_examples=500, deadline=None)
@given(st.lists(TOKENS, max_size=40).map(b"".join), st.lists(st.integers(0, 200), max_size=8))
def test_any_stream_cut_anywhere_gives_what_the_specification_says(stream: bytes, cuts: list[int]) -> None:
    at = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(at)]
    events, truncated = decoded(*pieces)
    expected, lost = literal(stream)
    assert [(event.event, event.data.decode("utf-8", "replace"), event.id) for event in events] == expected
    assert truncated or not lost
