"""What is no answer at all: pages, other types, broken JSON, broken HTTP, and sizes without a bound."""

from __future__ import annotations

import json
from typing import Any

import pytest

from byom_magics.events import State
from tests.wire.answers import (
    CHUNKED,
    LAST,
    chunk,
    chunked,
    completion,
    data,
    frame,
    head,
    sized,
    sse,
    until_close,
)
from tests.wire.asking import ask, ask_key, case, expect, register
from tests.wire.raw_server import Answer, Peer, RawServer, forever, keep

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
            expect(outcome, "error(protocol)", says=(mime.split(";", maxsplit=1)[0], "data:"))


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
                                   {"choices": [{"index": "zero", "delta": {"content": None}}]},
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
        case(
            "chunked",
            head("200 OK", "application/json", "Transfer-Encoding: chunked"),
            frame(completion("Hello")[:-30]),
        ),
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
        case("garbage", b"\x00\x01\x02\x03 what is this\r\n\r\n"),
        case("status that is no number", b"HTTP/1.1 abc OK\r\n\r\n"),
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


def test_a_server_of_another_protocol_that_hangs_up_is_no_success() -> None:
    with RawServer([b"SSH-2.0-OpenSSH_9.9\r\n"]) as server:
        outcome = ask(server)
        assert outcome.reply.state_text in ("error(protocol)", "incomplete(connection)")
        assert "without sending" not in outcome.message, "it did send something"


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
    def flood(peer: Peer) -> None:
        while True:  # until sending fails, which ends the script
            peer.send(b"x" * 65536)

    with RawServer([head("200 OK", mime), b'data: {"x": "' if "event" in mime else b'{"x": "', flood]) as server:
        outcome = expect(ask(server), "error(protocol)", text="", says=("more than",))
        server.wait_for_hang_up()
        assert "8,388,608" in outcome.message or "8 MiB" in outcome.message


# JSON lines


def line(text: str = "", **more: object) -> bytes:
    """One line of a stream of Ollama's own."""
    return json.dumps({"model": "m", "message": {"role": "assistant", "content": text}, "done": False, **more}).encode()


LINES = b"\n".join([line("Hel"), line("lo"), line(done=True, done_reason="stop"), b""])


@pytest.mark.parametrize(
    "mime", ["application/x-ndjson", "application/jsonl", "application/json", "Application/JSON; charset=utf-8"]
)
@pytest.mark.parametrize(
    "body", [LINES, LINES.rstrip(b"\n"), LINES.replace(b"\n", b"\r\n\r\n")], ids=["lines", "no last end", "blank lines"]
)
def test_json_lines_are_read_under_each_of_their_names(mime: str, body: bytes) -> None:
    with RawServer([sized(body, "200 OK", mime)]) as server:
        expect(ask(server, dialect="ollama"), "complete", text="Hello")


def test_json_lines_are_read_wherever_they_are_cut() -> None:
    top = head("200 OK", "application/x-ndjson", "Transfer-Encoding: chunked")
    answers: list[Answer] = [[top, frame(LINES[:at], LINES[at:]), LAST, keep] for at in range(1, len(LINES))]
    with RawServer(*answers) as server:
        key = register(server, dialect="ollama")
        for _ in answers:
            expect(ask_key(key), "complete", text="Hello")


def test_json_lines_that_a_gateway_wrapped_as_events_are_read() -> None:
    events = b"".join(b"data: " + each + b"\n\n" for each in LINES.splitlines())
    with RawServer([sized(events)]) as server:
        expect(ask(server, dialect="ollama"), "complete", text="Hello")


@pytest.mark.parametrize("indent", [None, 2])
def test_one_object_in_place_of_lines_is_read_however_it_is_written(indent: int | None) -> None:
    whole = json.loads(line("Hello", done=True, done_reason="stop"))
    answer = sized(json.dumps(whole, indent=indent).encode(), "200 OK", "application/json")
    refused = sized(json.dumps({"error": "the flux is cold"}, indent=indent).encode(), "200 OK", "application/json")
    with RawServer([answer], [refused]) as server:
        expect(ask(server, dialect="ollama"), "complete", text="Hello")
        expect(ask(server, dialect="ollama"), "error(in_band)", says=("the flux is cold",))


def test_lines_that_break_off_are_incomplete_and_broken_ones_are_told() -> None:
    first, broken = line("Hel") + b"\n", b"{oops\n"
    with RawServer(
        [sized(first, "200 OK", "application/x-ndjson")], [sized(first + broken, "200 OK", "application/x-ndjson")]
    ) as server:
        expect(ask(server, dialect="ollama"), "incomplete(eof)", text="Hel")
        expect(ask(server, dialect="ollama"), "error(protocol)", text="Hel", says=("oops",))


def test_lines_are_no_answer_of_a_dialect_that_has_none() -> None:
    with RawServer([sized(LINES, "200 OK", "application/x-ndjson")]) as server:
        expect(ask(server), "error(protocol)", says=("application/x-ndjson",))


# A person's own function before the reader


def shout(chunk: dict[str, Any]) -> dict[str, Any]:
    for choice in chunk["choices"]:
        for part in (choice.get("delta"), choice.get("message")):
            if part and part.get("content"):
                part["content"] = part["content"].upper()
    return chunk


@pytest.mark.parametrize(
    "answer",
    [chunked(sse("Hel", "lo")), sized(completion("Hello"), "200 OK", "application/json")],
    ids=["stream", "whole"],
)
def test_a_response_transformer_changes_what_is_read(answer: bytes) -> None:
    with RawServer([answer]) as server:
        expect(ask(server, response_transformer=shout), "complete", text="HELLO")


def test_a_servers_own_error_is_told_and_not_the_transformers_trouble_with_it() -> None:
    with RawServer(
        [chunked(sse("Hel", finish=None, done=False), data({"error": {"message": "the flux is cold"}}))]
    ) as server:
        expect(ask(server, response_transformer=shout), "error(in_band)", text="HEL", says=("the flux is cold",))


@pytest.mark.parametrize(
    ("wrong", "says"), [(lambda chunk: chunk["nothing"], "KeyError"), (lambda _: None, "NoneType")]
)
def test_a_response_transformer_that_fails_ends_the_call_and_is_named(wrong: Any, says: str) -> None:
    with RawServer([chunked(sse("Hel", "lo"))]) as server:
        outcome = expect(
            ask(server, response_transformer=wrong), "error(protocol)", says=("response_transformer", says)
        )
        assert "lambda" in outcome.message
