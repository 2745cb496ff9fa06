"""What a server may send in place of a good answer, and what a call makes of it. Rows of the fault table by their ids."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import State
from tests.wire.answers import (
    CHUNKED,
    DONE,
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
    until_close,
)
from tests.wire.asking import ask, case, expect, register
from tests.wire.raw_server import Answer, RawServer, after, hold, keep, reset, slowly

BOM = b"\xef\xbb\xbf"
HELLO = (chunk("Hel"), chunk("lo"))
WORDS = ("the flux", "capacitor is cold")


# Good answers, however they are wrapped

GOOD_ANSWERS = [
    case("chunked", chunked(sse("Hel", "lo"))),
    case("content length", sized(sse("Hel", "lo"))),
    case("until close", until_close(sse("Hel", "lo"))),
    case("http 1.0 until close", until_close(sse("Hel", "lo"), http="1.0")),
    case("one byte at a time", slowly(chunked(sse("Hel", "lo")))),
    case("one http chunk a byte", CHUNKED, frame(*(bytes([byte]) for byte in sse("Hel", "lo"))), LAST),
    case("chunk extensions and trailers", CHUNKED, b"%x;a=b\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(sse("Hello")), sse("Hello"))),
    case("status line without a reason", b"HTTP/1.1 200\r\nContent-Type: text/event-stream\r\n\r\n" + sse("Hello")),
    case("crlf line ends", chunked(sse("Hel", "lo").replace(b"\n", b"\r\n"))),
    case("cr line ends", chunked(sse("Hel", "lo").replace(b"\n", b"\r"))),
    case("no blank after the colon", chunked(sse("Hel", "lo").replace(b"data: ", b"data:"))),
    case("WIRE-06 id then ping", chunked(b"id: 1\n" + chunk("Hel"), b": ping\n\n", b"id:\n: ping\n\n", sse("lo"))),
    case("WIRE-07 retry block", chunked(b"retry: 3000\n\n", sse("Hel", "lo"))),
    case("WIRE-08 byte order mark", chunked(BOM + sse("Hel", "lo"))),
    case("WIRE-08 byte order mark in pieces", chunked(b"\xef", b"\xbb", b"\xbf", sse("Hel", "lo"))),
    case("WIRE-09 no end mark", chunked(sse("Hel", "lo", done=False))),
    case("WIRE-09 no end mark, until close", until_close(sse("Hel", "lo", done=False))),
    case("WIRE-09 cut after the finish reason", CHUNKED, frame(sse("Hel", "lo", done=False))),
    case("WIRE-09 aborted after the end mark", CHUNKED, frame(sse("Hel", "lo"))),
    case("WIRE-35 content length too long", head("200 OK", "text/event-stream", "Content-Length: 99999"), sse("Hel", "lo")),
    case("WIRE-37 early hints", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", chunked(sse("Hel", "lo"))),
    case("WIRE-37 many interim responses", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50, chunked(sse("Hel", "lo"))),
    case("WIRE-37 continue", b"HTTP/1.1 100 Continue\r\n\r\n", chunked(sse("Hel", "lo"))),
    case("WIRE-41 open after the end mark", CHUNKED, frame(sse("Hel", "lo")), hold),
    case("WIRE-41 open after the end mark, sized", head("200 OK", "text/event-stream", "Content-Length: 9999"), sse("Hello"), hold),
    case("anything after the end mark", chunked(sse("Hello") + chunk("more") + data({"error": "late"}))),
    case("blanks around the end mark", chunked(sse("Hello", done=False) + b"data:  [DONE] \n\n")),
    case("end mark without its blank line", chunked(sse("Hello", done=False) + b"data: [DONE]")),
    case("comments before and between", chunked(b": OPENROUTER PROCESSING\n\n", chunk("Hel"), b": keep-alive\n\n", sse("lo"))),
    case("SSE-33 mime with a semicolon", sized(sse("Hello"), "200 OK", "text/event-stream;")),
    case("SSE-33 mime in capitals", sized(sse("Hello"), "200 OK", "Text/Event-Stream")),
    case("charset that is a lie", sized(sse("Hello"), "200 OK", "text/event-stream; charset=utf-16")),
    case("charset that does not exist", sized(sse("Hello"), "200 OK", "text/event-stream; charset=klingon")),
    case("coding identity", sized(sse("Hello"), "200 OK", "text/event-stream", "Content-Encoding: identity")),
    case("pings as data", chunked(data({"type": "ping"}), b'event: ping\ndata: {"type": "ping"}\n\n', b"data:\n\n", sse("Hello"))),
    case("headers that end in a line feed only", b"HTTP/1.1 200 OK\nContent-Type: text/event-stream\n\n" + sse("Hello")),
    case("status 201", sized(completion(), "201 Created", "application/json")),
    case("unknown fields everywhere", chunked(b"hint: x\n" + chunk("Hello", obfuscation="x", logprobs=None, p={"a": [1]}), sse())),
    case("empty string as finish reason", chunked(chunk("Hel", finish=""), chunk("lo", finish=""), sse())),
    case("finish reason with the last piece", chunked(chunk("Hel"), chunk("lo", finish="stop"), DONE)),
    case("first chunk without choices", chunked(data({"choices": [], "id": "", "model": ""}), sse("Hello"))),
    case("null choices", chunked(data({"choices": None}), sse("Hello"))),
    case("null delta", chunked(data(payload(delta=None)), sse("Hello"))),
    case("null content and null tool calls", chunked(chunk(delta={"role": None, "content": None, "tool_calls": None}), sse("Hello"))),
    case("no delta at all", chunked(data({"choices": [{"index": 0, "content_filter_results": {}}]}), sse("Hello"))),
    case("an error that is null", chunked(chunk("Hello", error=None), sse())),
    case("an event named message", chunked(b"event: message\n" + chunk("Hello"), sse())),
    case("an event of another name", chunked(b"event: chunk\n" + chunk("Hello"), sse())),
    case("data over several lines", chunked(b'data: {"choices":\ndata: [{"delta":\ndata: {"content": "Hello"}}]}\n\n', sse())),
    case("content as a list of parts", chunked(chunk([{"type": "text", "text": "Hel"}]), chunk([{"type": "text", "text": "lo"}]), sse())),
    case("5 MiB of other fields", chunked(chunk("Hello", padding="x" * (5 * 1024 * 1024)), sse())),
    case("WIRE-20 not streamed", sized(completion(), "200 OK", "application/json")),
    case("WIRE-20 not streamed, chunked", head("200 OK", "application/json", "Transfer-Encoding: chunked"), frame(completion()) + LAST),
    case("WIRE-20 not streamed, until close", until_close(completion(), "application/json")),
    case("WIRE-20 not streamed, charset", sized(completion(), "200 OK", "application/json; charset=utf-8")),
    case("WIRE-20 not streamed, one byte at a time", slowly(sized(completion(), "200 OK", "application/json"))),
    case("WIRE-20 empty lines before it", sized(b"\n\n\r\n  \n" + completion(), "200 OK", "application/json")),
    case("WIRE-20 keep-alive lines before it", head("200 OK", "application/json", "Transfer-Encoding: chunked"), frame(b"\n", b"\n", completion()) + LAST),
    case("WIRE-20 byte order mark", sized(BOM + completion(), "200 OK", "application/json")),
    case("WIRE-20 pretty-printed", sized(json.dumps(json.loads(completion()), indent=2).encode(), "200 OK", "application/json")),
    case("WIRE-20 under the mime of a stream", sized(completion())),
    case("WIRE-20 pretty-printed under the mime of a stream", sized(json.dumps(json.loads(completion()), indent=2).encode())),
    case("WIRE-20 other json mime", sized(completion(), "200 OK", "application/problem+json")),
]  # fmt: skip


@pytest.mark.parametrize("answer", GOOD_ANSWERS)
def test_a_good_answer_is_complete_however_it_is_wrapped(answer: Answer) -> None:
    with RawServer(answer) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 1


def test_wire_11_an_end_mark_without_a_finish_reason_is_complete_and_invents_none() -> None:
    with RawServer([chunked(sse("Hello", finish=None))]) as server:
        assert expect(ask(server), "complete", text="Hello").reply.finish_reason is None


def test_wire_11_an_empty_finish_reason_counts_as_none() -> None:
    with RawServer([chunked(chunk("Hello", finish=""), chunk(finish=""), DONE)]) as server:
        assert expect(ask(server), "complete", text="Hello").reply.finish_reason is None


def test_an_end_mark_alone_is_what_the_server_says_an_empty_answer() -> None:
    with RawServer([chunked(chunk(""), chunk(finish="stop"), DONE)]) as server:
        assert expect(ask(server), "complete", text="").reply.finish_reason == "stop"


def test_wire_41_a_connection_that_stays_open_after_the_end_mark_does_not_hold_the_call() -> None:
    with RawServer([CHUNKED, frame(sse("Hello")), hold]) as server:
        # No timer is near: only the end mark can have ended this.
        outcome = expect(ask(server, timeouts={"idle": None, "content_idle": None, "total": None}), "complete")
        hang_up = server.wait_for_hang_up()
        assert outcome.reply.duration_s is not None
        print(f"hung up {hang_up.at - server.requests[0].at:.3f} s after the request")


# Answers that break off

HALF = chunk("never seen")[:40]
BROKEN = [
    case("WIRE-01 no last chunk", "connection", CHUNKED, frame(*HELLO)),
    case("WIRE-01 inside a chunk", "connection", CHUNKED, frame(*HELLO), b"ff\r\n" + HALF),
    case("WIRE-01 inside a size", "connection", CHUNKED, frame(*HELLO), b"f"),
    case("WIRE-01 inside the last chunk's end", "connection", CHUNKED, frame(*HELLO), b"0\r"),
    case("WIRE-10 no end mark, no finish reason", "eof", chunked(*HELLO)),
    case("WIRE-10 inside an event", "eof", chunked(*HELLO, HALF)),
    case("WIRE-10 before the blank line of an event", "eof", chunked(*HELLO, chunk("x", finish="stop")[:-1])),
    case("WIRE-13 until close", "eof", until_close(b"".join(HELLO))),
    case("WIRE-13 until close, inside an event", "eof", until_close(b"".join(HELLO) + HALF)),
    case("WIRE-13 http 1.0", "eof", until_close(b"".join(HELLO), http="1.0")),
    case("content length cut", "connection", head("200 OK", "text/event-stream", "Content-Length: 9999"), *HELLO),
    case("content length exact, no end mark", "eof", sized(b"".join(HELLO))),
    case("end mark in another case is none", "eof", chunked(*HELLO, data(payload()))),
]  # fmt: skip


@pytest.mark.parametrize("answer", BROKEN)
def test_an_answer_that_breaks_off_is_incomplete_and_kept(answer: tuple[Any, ...]) -> None:
    reason, *steps = answer
    with RawServer(steps) as server:
        outcome = expect(ask(server), f"incomplete({reason})", text="Hello")
        assert outcome.reply.finish_reason is None
        assert outcome.reply.attempts == len(server.requests) == 1, "what was shown is not asked for again"


@pytest.mark.parametrize("shown", [chunk("Hel"), chunk(delta={"reasoning_content": "Hmm"})], ids=["text", "reasoning"])
def test_wire_02_a_reset_in_the_middle_keeps_what_came_and_is_not_retried(shown: bytes) -> None:
    seen = threading.Event()
    with RawServer([CHUNKED, frame(shown), after(seen), reset]) as server:
        with byom.stream(register(server), "hi") as events:
            for event in events:
                if event.kind in ("text", "reasoning"):
                    seen.set()
        assert events.reply.state_text == "incomplete(connection)"
        assert events.reply.text + events.reply.reasoning in ("Hel", "Hmm")
        assert len(server.requests) == 1


EMPTY = [
    case("WIRE-21 empty stream", chunked()),
    case("WIRE-21 content length 0", sized(b"")),
    case("WIRE-21 empty until close", until_close(b"")),
    case("WIRE-21 no content", b"HTTP/1.1 204 No Content\r\n\r\n"),
    case("WIRE-21 empty json", sized(b"", "200 OK", "application/json")),
    case("WIRE-21 empty, no mime", sized(b"", "200 OK", None)),
    case("whitespace", sized(b" \n\r\n \n", "200 OK", "application/json")),
    case("blank lines in a stream", chunked(b"\n\n\r\n\n")),
    case("comments only", chunked(b": ping\n\n: ping\n\n")),
]  # fmt: skip


@pytest.mark.parametrize("answer", EMPTY)
def test_wire_21_an_empty_answer_is_incomplete(answer: Answer) -> None:
    with RawServer(answer) as server:
        expect(ask(server), "incomplete(empty)", text="")


def test_a_body_cut_at_once_inside_its_framing_is_incomplete() -> None:
    with RawServer([CHUNKED]) as server:
        outcome = ask(server)
        assert outcome.reply.state is State.INCOMPLETE
        assert outcome.reply.text == ""


# Errors inside an answer

IN_BAND = [
    case("WIRE-14 object", data({"error": {"message": "the flux capacitor is cold", "type": "flux_error", "code": 88}})),
    case("WIRE-14 beside choices", data({**payload(finish="error"), "error": {"code": 502, "message": "the flux capacitor is cold"}})),
    case("WIRE-14 with an end mark after it", data({"error": {"message": "the flux capacitor is cold", "code": "500"}}) + DONE),
    case("WIRE-15 event error", b'event: error\ndata: {"message": "the flux capacitor is cold"}\n\n'),
    case("WIRE-15 event error, nested", b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"the flux capacitor is cold"}}\n\n'),
    case("WIRE-15 event error, text", b"event: error\ndata: the flux capacitor is cold\n\n"),
    case("WIRE-16 string", data({"error": "the flux capacitor is cold"})),
    case("WIRE-16 detail", data({"detail": "the flux capacitor is cold"})),
    case("WIRE-16 detail list", data({"detail": [{"type": "t", "loc": ["body"], "msg": "the flux capacitor is cold"}]})),
    case("WIRE-16 object error", data({"object": "error", "message": "the flux capacitor is cold", "type": "t", "code": 40303})),
    case("WIRE-16 message as an object", data({"object": "error", "message": {"detail": [{"msg": "the flux capacitor is cold"}]}})),
    case("WIRE-16 list of one", data([{"error": {"code": 400, "message": "the flux capacitor is cold", "status": "INVALID_ARGUMENT"}}])),
    case("WIRE-16 code and string", data({"code": "bad", "error": "the flux capacitor is cold"})),
    case("WIRE-16 message twice", b'event: error\ndata: {"error":{"message":"the flux capacitor is cold"},"message":"the flux capacitor is cold"}\n\n'),
    case("WIRE-16 error is true", data({"error": True, "message": "the flux capacitor is cold"})),
    case("WIRE-16 list of errors", data({"errors": ["the flux capacitor is cold"]})),
    case("WIRE-16 success is false", data({"success": False, "message": "the flux capacitor is cold"})),
    case("WIRE-16 error without message", data({"error": {"type": "the flux capacitor is cold"}})),
    case("after a finish reason", chunk(finish="stop") + data({"error": {"message": "the flux capacitor is cold"}})),
]  # fmt: skip


@pytest.mark.parametrize("answer", IN_BAND)
def test_an_error_inside_the_stream_ends_it_in_the_servers_words(answer: tuple[bytes]) -> None:
    with RawServer([chunked(chunk("Hel"), *answer)]) as server:
        expect(ask(server), "error(in_band)", text="Hel", says=WORDS)
        assert len(server.requests) == 1


@pytest.mark.parametrize("answer", IN_BAND)
def test_an_error_as_the_first_event_ends_it_in_the_servers_words(answer: tuple[bytes]) -> None:
    with RawServer([chunked(*answer)]) as server:
        expect(ask(server), "error(in_band)", text="", says=WORDS)


def test_wire_14_type_and_code_of_an_error_are_kept() -> None:
    with RawServer([chunked(data({"error": {"message": "cold", "type": "flux_error", "code": 4711}}))]) as server:
        expect(ask(server), "error(in_band)", says=("cold", "flux_error", "4711"))


def test_an_error_before_the_connection_breaks_is_told_rather_than_the_break() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel"), data({"error": {"message": "cold"}}))]) as server:
        expect(ask(server), "error(in_band)", text="Hel", says=("cold",))


def test_a_finish_reason_that_says_error_is_an_error() -> None:
    with RawServer([chunked(sse("Hel", finish="error"))]) as server:
        assert expect(ask(server), "error(in_band)", text="Hel").reply.finish_reason == "error"


@pytest.mark.parametrize(
    "answer",
    [
        case("WIRE-19 object", sized(b'{"error": {"message": "the flux capacitor is cold", "code": 4711}}', "200 OK", "application/json")),
        case("WIRE-19 string", sized(b'{"error": "the flux capacitor is cold"}', "200 OK", "application/json")),
        case("WIRE-19 detail", sized(b'{"detail": "the flux capacitor is cold"}', "200 OK", "application/json")),
        case("WIRE-19 list of one", sized(b'[{"error": {"message": "the flux capacitor is cold"}}]', "200 OK", "application/json")),
        case("WIRE-19 under the mime of a stream", sized(b'{"error": {"message": "the flux capacitor is cold"}}')),
        case("WIRE-19 pretty-printed under the mime of a stream", sized(b'{\n  "error": {\n  "message": "the flux capacitor is cold"}}\n')),
        case("WIRE-19 finish reason error", sized(completion("x", "error", error={"message": "the flux capacitor is cold"}), "200 OK", "application/json")),
    ],
)  # fmt: skip
def test_wire_19_an_error_in_place_of_the_stream_is_raised(answer: Answer) -> None:
    with RawServer(answer) as server:
        expect(ask(server), "error(in_band)", says=WORDS)


# What ask raises


@pytest.mark.parametrize(
    ("answer", "error", "text"),
    [
        ([chunked(*HELLO)], errors.IncompleteError, "Hello"),
        ([CHUNKED, frame(chunk("Hel"))], errors.IncompleteError, "Hel"),
        ([chunked(chunk("Hel"), data({"error": "cold"}))], errors.InBandError, "Hel"),
        ([chunked(chunk("Hel"), data(b"cold"))], errors.ProtocolError, "Hel"),
    ],
)
def test_ask_raises_what_is_not_finished_with_the_partial_reply(
    answer: Answer, error: type[byom.CallError], text: str
) -> None:
    with RawServer(answer) as server:
        key = register(server)
        with pytest.raises(error) as caught:
            byom.ask(key, "hi")
        assert caught.value.reply is not None
        assert caught.value.reply.text == text
        assert caught.value.reply.error is caught.value
        assert caught.value.model == key
        assert server.origin in str(caught.value)


@pytest.mark.parametrize("finish", ["stop", "length", "content_filter"])
def test_ask_returns_what_the_server_calls_finished(finish: str) -> None:
    with RawServer([chunked(sse("Hel", "lo", finish=finish))]) as server:
        assert byom.ask(register(server), "hi").text == "Hello"


def test_two_calls_one_after_the_other_do_not_know_of_each_other() -> None:
    broken: Answer = [chunked(chunk("Hel"), b"data: {")]
    with RawServer(broken, [*GOOD, keep], broken) as server:
        key = register(server)
        with pytest.raises(byom.CallError):
            byom.ask(key, "hi")
        assert byom.ask(key, "hi").text == "Hello"
        with pytest.raises(errors.IncompleteError):
            byom.ask(key, "hi")
