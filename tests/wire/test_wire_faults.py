"""What a server may send in place of a good answer, and what a call makes of it. Rows of the fault table by their ids."""

from __future__ import annotations

import json
import threading
import zlib
from collections.abc import Iterator
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
from tests.wire.asking import ask, expect, register
from tests.wire.raw_server import Answer, Peer, RawServer, after, forever, hold, keep, reset, slowly

BOM = b"\xef\xbb\xbf"
WORDS = ("the flux", "capacitor is cold")


def case(name: str, *answer: object) -> object:
    return pytest.param(answer, id=name)


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
    case("data over several lines", chunked(b"data: {\"choices\":\ndata: [{\"delta\":\ndata: {\"content\": \"Hello\"}}]}\n\n", sse())),
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


@pytest.mark.parametrize(
    ("sent", "state"),
    [
        ("stop", "complete"),
        ("eos", "complete"),
        ("length", "length"),
        ("model_length", "length"),
        ("max_tokens", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("function_call", "tool_calls"),
    ],
)
def test_a_finish_reason_gives_the_state_and_is_kept_as_sent(sent: str, state: str) -> None:
    with RawServer([chunked(sse("Hel", "lo", finish=sent))]) as server:
        assert expect(ask(server), state, text="Hello").reply.finish_reason == sent


def test_the_first_finish_reason_holds() -> None:
    with RawServer([chunked(chunk("Hello", finish="length"), chunk(finish="stop"), DONE)]) as server:
        assert expect(ask(server), "length").reply.finish_reason == "length"


# Answers that break off

HELLO = (chunk("Hel"), chunk("lo"))
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


# What is no answer at all

HTML = b"<!DOCTYPE html><html><head><title>Sign in to Corp</title></head><body>Please sign in</body></html>"


@pytest.mark.parametrize(
    "answer",
    [
        case("WIRE-18 html", sized(HTML, "200 OK", "text/html; charset=utf-8")),
        case("WIRE-18 html in capitals", sized(HTML, "200 OK", "Text/HTML")),
        case("WIRE-18 under the mime of a stream", sized(HTML)),
        case("WIRE-18 under json", sized(HTML, "200 OK", "application/json")),
        case("WIRE-18 under plain text", sized(HTML, "200 OK", "text/plain")),
        case("WIRE-18 without a mime", sized(HTML, "200 OK", None)),
        case("WIRE-18 blank lines first", sized(b"\r\n\r\n" + HTML, "200 OK", "text/html")),
    ],
)
def test_wire_18_a_sign_in_page_is_called_what_it_is(answer: Answer) -> None:
    with RawServer(answer) as server:
        expect(ask(server), "error(protocol)", text="", says=("HTML", "Sign in to Corp"))
        assert len(server.requests) == 1


@pytest.mark.parametrize("mime", ["text/x-bogus", "image/png", "text/html", "application/x-ndjson; x=1"])
def test_sse_34_a_stream_under_another_mime_is_never_a_silent_success(mime: str) -> None:
    with RawServer([sized(sse("Hello"), "200 OK", mime)]) as server:
        outcome = ask(server)
        if outcome.reply.state is State.COMPLETE:
            assert outcome.reply.text == "Hello"
        else:
            expect(outcome, "error(protocol)", says=(mime.split(";")[0], "data:"))


@pytest.mark.parametrize("mime", ["text/x-bogus", "text/html", "image/png"])
def test_sse_34_what_is_no_answer_is_told_with_its_mime_and_its_beginning(mime: str) -> None:
    body = b"\x1b[31mwelcome\x07 to the machine " + b"y" * 5000
    with RawServer([sized(body, "200 OK", mime)]) as server:
        outcome = expect(ask(server), "error(protocol)", says=(mime, "welcome", "to the machine"))
        assert "\x1b" not in outcome.message
        assert "\x07" not in outcome.message
        assert len(outcome.message) < 1500


def test_sse_34_a_missing_mime_is_told() -> None:
    with RawServer([sized(b"welcome to the machine", "200 OK", None)]) as server:
        expect(ask(server), "error(protocol)", says=("welcome to the machine",))


@pytest.mark.parametrize(
    "answer",
    [
        case("WIRE-17 text", data(b"upstream timeout")),
        case("json cut short", data(b'{"choices": [{"delta": {"content": "upstream timeout')),
        case("python's spelling", data(b"{'upstream': 'timeout'}")),
        case("two values", data(b'{"a": 1}{"upstream timeout": 2}')),
    ],
)
def test_wire_17_data_that_is_not_json_is_a_protocol_error_that_shows_it(answer: tuple[bytes]) -> None:
    with RawServer([chunked(chunk("Hel"), *answer)]) as server:
        expect(ask(server), "error(protocol)", text="Hel", says=("upstream", "timeout"))


def test_wire_17_no_more_than_the_beginning_is_shown() -> None:
    body = b"upstream timeout " + b"z" * 100_000
    with RawServer([chunked(data(body))]) as server:
        outcome = expect(ask(server), "error(protocol)", says=("upstream timeout",))
        assert len(outcome.message) < 1500


@pytest.mark.parametrize("value", [42, "text", True, [], [1, 2], 1.5, {}, {"a": 1}, {"choices": {}}, {"choices": [None]},
                                   {"choices": ["x"]}, {"choices": [{"delta": "x"}]}, {"choices": [{"delta": []}]},
                                   {"choices": [{"delta": {"content": 5}}]}, {"choices": [{"delta": {"content": {}}}]},
                                   {"choices": [{"delta": {"tool_calls": {}}}]}, {"choices": [{"delta": {"tool_calls": [None, 5]}}]},
                                   {"choices": [{"index": "zero", "delta": {"content": None}}]}, {"choices": [{"finish_reason": 5}]},
                                   {"usage": 5}, {"usage": []}, {"usage": {"prompt_tokens": "many"}}, {"usage": {"prompt_tokens": -1}},
                                   {"choices": [{"index": 0, "logprobs": 5, "delta": {}}]}, {"choices": [{"message": 5}]},
                                   {"model": 5, "id": [], "system_fingerprint": {}}])  # fmt: skip
def test_json_of_an_unexpected_shape_never_escapes_as_a_foreign_exception(value: object) -> None:
    with RawServer([chunked(chunk("Hel"), data(value), sse("lo"))]) as streamed:
        outcome = ask(streamed)
        assert outcome.reply.state in (State.COMPLETE, State.ERROR)
        assert outcome.reply.text.startswith("Hel")
    with RawServer([sized(json.dumps(value).encode(), "200 OK", "application/json")]) as whole:
        assert ask(whole).reply.state.failed, "no answer was in it"


@pytest.mark.parametrize(
    "answer",
    [
        case("until close", until_close(completion("Hello")[:-30], "application/json")),
        case("chunked", head("200 OK", "application/json", "Transfer-Encoding: chunked"), frame(completion("Hello")[:-30])),
        case("whole framing", sized(completion("Hello")[:-30], "200 OK", "application/json")),
        case("content length", head("200 OK", "application/json", "Content-Length: 999"), completion("Hello")[:-30]),
    ],
)
def test_a_json_answer_that_is_cut_short_is_no_success(answer: Answer) -> None:
    with RawServer(answer) as server:
        reply = ask(server).reply
        assert reply.state.failed
        assert reply.state_text in ("incomplete(eof)", "incomplete(connection)", "error(protocol)")


# HTTP that is broken

@pytest.mark.parametrize(
    "answer",
    [
        case("no http", b"SSH-2.0-OpenSSH_9.9\r\n"),
        case("garbage", b"\x00\x01\x02\x03 what is this\r\n\r\n"),
        case("status that is no number", b"HTTP/1.1 abc OK\r\n\r\n"),
        case("http 9", b"HTTP/9.9 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"),
        case("header without a colon", b"HTTP/1.1 200 OK\r\nthis is no header\r\n\r\n" + sse("Hello")),
        case("header with control characters", b"HTTP/1.1 200 OK\r\nX-A\x01: b\x02\r\n\r\n" + sse("Hello")),
        case("two lengths", head("200 OK", "text/event-stream", "Content-Length: 5", "Content-Length: 6"), sse("Hello")),
        case("negative length", head("200 OK", "text/event-stream", "Content-Length: -5"), sse("Hello")),
        case("unknown transfer coding", head("200 OK", "text/event-stream", "Transfer-Encoding: gzip"), sse("Hello")),
    ],
)  # fmt: skip
def test_what_is_not_http_is_a_protocol_error(answer: Answer) -> None:
    with RawServer(answer) as server:
        outcome = ask(server)
        expect(outcome, "error(protocol)", text="")
        assert len(server.requests) == 1, "what is broken by design is not asked for again"


@pytest.mark.parametrize("size", [b"zz\r\n", b"-5\r\n", b"ffffffffffffffffffffffff\r\n", b"\r\n"], ids=repr)
def test_chunk_sizes_that_make_no_sense_are_told_and_the_text_before_them_is_kept(size: bytes) -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), size, b"garbage\r\n"]) as server:
        reply = ask(server).reply
        assert reply.state_text in ("error(protocol)", "incomplete(connection)")
        assert reply.text == "Hel"


def test_wire_32_a_header_of_200_kilobytes_is_an_error_and_not_asked_for_again() -> None:
    with RawServer([head("200 OK", "text/event-stream", "X-Big: " + "x" * 200_000), sse("Hello")]) as server:
        expect(ask(server), "error(protocol)", says=("header",))
        assert len(server.requests) == 1


def test_wire_32_headers_without_end_are_bounded() -> None:
    with RawServer([b"HTTP/1.1 200 OK\r\n", forever(b"X-More: " + b"x" * 1000 + b"\r\n", every=0.0001)]) as server:
        expect(ask(server), "error(protocol)", says=("header",))
        server.wait_for_hang_up()
        assert len(server.requests) == 1


def test_wire_37_interim_responses_without_end_do_not_hold_the_call() -> None:
    with RawServer([forever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", every=0.001)]) as server:
        reply = ask(server, timeouts={"first_byte": 0.4, "first_token": 0.6, "total": 1.0}).reply
        assert reply.state in (State.STALLED, State.ERROR)
        server.wait_for_hang_up()


# Sizes

def test_wire_31_an_event_of_five_mebibytes_is_delivered() -> None:
    text = "x" * (5 * 1024 * 1024)
    with RawServer([chunked(sse(text))]) as server:
        outcome = expect(ask(server), "complete")
        assert len(outcome.reply.text) == len(text)


@pytest.mark.parametrize("mime", ["text/event-stream", "application/json"])
def test_sse_36_a_line_without_end_is_given_up_and_the_server_sees_the_hang_up(mime: str) -> None:
    sent = [0]

    def flood(peer: Peer) -> None:
        piece = b"x" * 65536
        for _ in range(1024):
            peer.send(piece)
            sent[0] += len(piece)

    with RawServer([head("200 OK", mime), b'data: {"x": "' if "event" in mime else b'{"x": "', flood]) as server:
        outcome = expect(ask(server), "error(protocol)", says=("8",))
        server.wait_for_hang_up()
        assert sent[0] < 40 * 1024 * 1024, "64 MiB were on offer; what lies in the sockets' buffers counts as sent"
        assert "mib" in outcome.message.lower() or str(8 * 1024 * 1024) in outcome.message or "mb" in outcome.message.lower()


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


@pytest.mark.parametrize(("coding", "wbits"), [("gzip", 31), ("x-gzip", 31), ("GZIP", 31), ("deflate", 15), ("deflate", -15)])
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


@pytest.mark.parametrize("text", ["a\0b", "a\u2028b\u2029c\u0085d", "é€😀", "שלום عالم 你好", "a\x1b[31mb", "tab\tand\nline\r\nend"])
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
def test_ask_raises_what_is_not_finished_with_the_partial_reply(answer: Answer, error: type[byom.CallError], text: str) -> None:
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
