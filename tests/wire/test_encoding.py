"""Codings and characters: gzip in all conditions, bytes that are not UTF-8, surrogates, and every other letter."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator

import pytest

import byom_magics as byom
from byom_magics.events import State
from tests.wire.answers import (
    CHUNKED,
    GOOD,
    LAST,
    chunk,
    chunked,
    completion,
    data,
    frame,
    head,
    payload,
    sized,
    sse,
)
from tests.wire.asking import ask, expect, register
from tests.wire.raw_server import RawServer, after, slowly

HELLO = (chunk("Hel"), chunk("lo"))


# Codings


def gzip_with_sync_flush(*pieces: bytes, wbits: int = 31) -> Iterator[bytes]:
    packer = zlib.compressobj(wbits=wbits)
    for piece in pieces:
        yield packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH)
    yield packer.flush()


def test_wire_29_a_stream_is_asked_for_without_any_coding() -> None:
    with RawServer(GOOD) as server:
        ask(server)
        assert server.requests[0].headers["accept-encoding"] == "identity"


def test_wire_27_gzip_with_sync_flush_arrives_live() -> None:
    seen = threading.Event()
    first, second, end = gzip_with_sync_flush(chunk("Hel"), sse("lo"))
    gzipped = head("200 OK", "text/event-stream", "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    with RawServer([gzipped, frame(first), after(seen), frame(second, end) + LAST]) as server:
        with byom.stream(register(server), "hi") as events:
            for event in events:
                if event.kind == "text":
                    seen.set()  # only now does the server send the rest
        assert events.reply.state is State.COMPLETE
        assert events.reply.text == "Hello"


@pytest.mark.parametrize(
    ("coding", "wbits"), [("gzip", 31), ("x-gzip", 31), ("GZIP", 31), ("deflate", 15), ("deflate", -15)]
)
def test_codings_that_need_no_package_are_decoded_one_byte_at_a_time(coding: str, wbits: int) -> None:
    body = b"".join(gzip_with_sync_flush(sse("Hel", "lo"), wbits=wbits))
    with RawServer([slowly(sized(body, "200 OK", "text/event-stream", f"Content-Encoding: {coding}"))]) as server:
        expect(ask(server), "complete", text="Hello")


def test_wire_20_gzipped_json_is_decoded() -> None:
    body = b"".join(gzip_with_sync_flush(completion()))
    with RawServer([sized(body, "200 OK", "application/json", "Content-Encoding: gzip")]) as server:
        expect(ask(server), "complete", text="Hello")


def test_wire_28_gzip_that_is_cut_short_is_incomplete_and_kept() -> None:
    first, _, _ = gzip_with_sync_flush(b"".join(HELLO), sse("more"))
    with RawServer([sized(first, "200 OK", "text/event-stream", "Content-Encoding: gzip")]) as server:
        reply = ask(server).reply
        assert reply.state_text in ("incomplete(eof)", "incomplete(connection)")
        assert reply.text == "Hello"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", b"this is not gzip at all"),
        ("gzip", sse("Hello")),
        ("br", sse("Hello")),
        ("zstd", sse("Hello")),
        ("x-unknown", sse("Hello")),
        ("gzip, br", b"".join(gzip_with_sync_flush(sse("Hello")))),
    ],
)
def test_wire_28_what_cannot_be_decoded_is_an_error_that_names_the_coding(coding: str, body: bytes) -> None:
    with RawServer([sized(body, "200 OK", "text/event-stream", f"Content-Encoding: {coding}")]) as server:
        expect(ask(server), "error(protocol)", text="", says=(coding.rsplit(", ", maxsplit=1)[-1],))
        assert len(server.requests) == 1


def test_wire_28_gzip_that_turns_to_garbage_keeps_what_came_before() -> None:
    first, *_ = gzip_with_sync_flush(b"".join(HELLO), sse("more"))
    gzipped = head("200 OK", "text/event-stream", "Content-Encoding: gzip", "Transfer-Encoding: chunked")
    with RawServer([gzipped, frame(first, b"\xff\xff\xff garbage \xff" * 20) + LAST]) as server:
        expect(ask(server), "error(protocol)", text="Hello")


def test_stacked_codings_are_decoded_or_refused_by_name() -> None:
    once = b"".join(gzip_with_sync_flush(sse("Hello"), wbits=15))
    twice = b"".join(gzip_with_sync_flush(once))
    with RawServer([sized(twice, "200 OK", "text/event-stream", "Content-Encoding: deflate, gzip")]) as server:
        outcome = ask(server)
        if outcome.reply.state is State.COMPLETE:
            assert outcome.reply.text == "Hello"
        else:
            expect(outcome, "error(protocol)", text="", says=("deflate",))


def test_a_gzip_bomb_is_bounded() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"data: ") + b"".join(packer.compress(b"x" * 1_000_000) for _ in range(100)) + packer.flush()
    with RawServer([sized(bomb, "200 OK", "text/event-stream", "Content-Encoding: gzip")]) as server:
        expect(ask(server), "error(protocol)", text="")


# Characters


@pytest.mark.parametrize("mime", ["text/event-stream", "application/json"])
def test_wire_40_bytes_that_are_not_utf8_are_replaced_and_counted(mime: str) -> None:
    answer = sse("Hel??lo?") if "event" in mime else completion("Hel??lo?")
    with RawServer([sized(answer.replace(b"?", b"\xff"), "200 OK", mime)]) as server:
        reply = expect(ask(server), "complete", text="Hel\ufffd\ufffdlo\ufffd").reply
        assert len(reply.warnings) == 1
        assert "3" in reply.warnings[0]
        assert "UTF-8" in reply.warnings[0]


def test_a_replacement_character_that_was_sent_is_no_warning() -> None:
    with RawServer([sized(sse("Hel\ufffdlo").replace(b"\\ufffd", "\ufffd".encode()))]) as server:
        assert expect(ask(server), "complete", text="Hel\ufffdlo").reply.warnings == ()


def test_a_surrogate_pair_in_escapes_is_one_character() -> None:
    with RawServer([chunked(sse("x😀y"))]) as server:
        assert b"\\ud83d\\ude00" in sse("x😀y")
        expect(ask(server), "complete", text="x😀y")


def test_a_surrogate_pair_split_over_two_pieces_is_one_character() -> None:
    high, low = (b'{"choices":[{"index":0,"delta":{"content":"%s"}}]}' % half for half in (rb"a\ud83d", rb"\ude00b"))
    with RawServer([chunked(data(high), data(low), sse())]) as server:
        outcome = expect(ask(server), "complete")
        outcome.reply.text.encode()
        assert outcome.reply.text in ("a😀b", "a\ufffd\ufffdb")


@pytest.mark.parametrize("escape", [rb"\ud83d", rb"\ude00", rb"\ud83dx"])
def test_a_lone_surrogate_becomes_a_character_that_can_be_stored(escape: bytes) -> None:
    body = b'{"choices":[{"index":0,"delta":{"content":"a%sb"}}]}' % escape
    with RawServer([chunked(data(body), sse())]) as server:
        text = expect(ask(server), "complete").reply.text
        assert text.encode().decode() == text
        assert text.startswith("a")
        assert text.endswith("b")


@pytest.mark.parametrize(
    "text", ["a\0b", "a\u2028b\u2029c\u0085d", "é€😀", "שלום عالم 你好", "a\x1b[31mb", "tab\tand\nline\r\nend"]
)
def test_every_character_comes_through_as_it_was_sent(text: str) -> None:
    raw = json.dumps(payload(text), ensure_ascii=False).encode()
    for body in (chunk(text), b"data: " + raw + b"\n\n"):
        with RawServer([slowly(chunked(body, sse()))]) as server:
            expect(ask(server), "complete", text=text)


def test_sse_30_characters_split_between_http_chunks_stay_whole() -> None:
    body = b"data: " + json.dumps(payload("é€😀"), ensure_ascii=False).encode() + b"\n\n" + sse()
    with RawServer([CHUNKED, frame(*(bytes([byte]) for byte in body)), LAST]) as server:
        outcome = expect(ask(server), "complete", text="é€😀")
        assert outcome.reply.warnings == ()
