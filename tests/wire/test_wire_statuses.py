"""Statuses that are no success, redirects, and when a call is tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import errors
from byom_magics.events import Retrying, State
from tests.wire.answers import CHUNKED, GOOD, LAST, chunk, chunked, completion, data, frame, head, refused, sized, sse
from tests.wire.asking import ask, ask_key, expect, register
from tests.wire.raw_server import Answer, RawServer, forever, hold, keep, reset

SOON = "retry-after-ms: 5"
COLD = {"error": {"message": "the flux capacitor is cold", "type": "flux_error", "code": 4711}}


def first_wait(server: RawServer) -> float:
    """How long the call says that it waits before its second attempt; it is not waited for."""
    with byom.stream(register(server), "hi") as events:
        for event in events:
            if isinstance(event, Retrying):
                assert event.why
                events.stop()
                return event.wait_s
    pytest.fail(f"no retry: {events.reply!r}")


# What is not tried again


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 406, 410, 411, 413, 414, 415, 418, 422, 451])
def test_a_status_that_will_not_change_is_an_error_in_the_servers_words_at_once(status: int) -> None:
    with RawServer([refused(f"{status} Whatever", COLD)]) as server:
        outcome = expect(ask(server), "error(http)", text="", says=(str(status), "the flux capacitor is cold"))
        assert isinstance(outcome.error, errors.StatusError)
        assert outcome.error.status == status
        assert outcome.reply.attempts == len(server.requests) == 1


BODIES: list[tuple[str, bytes | object, str, str]] = [
    ("object", COLD, "application/json", "the flux capacitor is cold"),
    ("code as text", {"error": {"message": "cold flux", "code": "400", "param": None}}, "application/json", "cold flux"),
    ("string", {"error": "cold flux"}, "application/json", "cold flux"),
    ("detail", {"detail": "cold flux"}, "application/json", "cold flux"),
    ("detail list", {"detail": [{"type": "too_short", "loc": ["body", "messages"], "msg": "cold flux"}]}, "application/json", "cold flux"),
    ("detail object", {"detail": {"error_code": "X", "message": "cold flux"}}, "application/json", "cold flux"),
    ("flat", {"object": "error", "message": "cold flux", "type": "t", "param": None, "code": 40303}, "application/json", "cold flux"),
    ("message as an object", {"object": "error", "message": {"detail": [{"msg": "cold flux"}]}}, "application/json", "cold flux"),
    ("list of one", [{"error": {"code": 400, "message": "cold flux", "status": "INVALID"}}], "application/json", "cold flux"),
    ("code and string", {"code": "bad", "error": "cold flux"}, "application/json", "cold flux"),
    ("message only", {"message": "cold flux"}, "application/json", "cold flux"),
    ("status failure", {"status": "failure", "message": "cold flux"}, "application/json", "cold flux"),
    ("anthropic", {"type": "error", "error": {"type": "t", "message": "cold flux"}, "request_id": "r"}, "application/json", "cold flux"),
    ("metadata", {"error": {"code": 502, "message": "cold flux", "metadata": {"raw": "x"}}}, "application/json", "cold flux"),
    ("plain text", b"cold flux", "text/plain", "cold flux"),
    ("text under json", b"cold flux", "application/json", "cold flux"),
    ("html", b"<html><head><title>cold flux</title></head><body>x</body></html>", "text/html", "cold flux"),
    ("html without a title", b"<html><body><h1>cold flux</h1></body></html>", "text/html", "cold flux"),
    ("event stream", data({"error": {"message": "cold flux"}}), "text/event-stream", "cold flux"),
    ("event stream of an error event", b'event: error\ndata: {"message": "cold flux"}\n\n', "text/event-stream", "cold flux"),
    ("json under event stream", b'{"error": {"message": "cold flux"}}', "text/event-stream", "cold flux"),
    ("json that is none of these", {"flux": "cold flux"}, "application/json", "cold flux"),
    ("not utf-8", b"cold flux \xff\xfe", "text/plain", "cold flux"),
    ("empty", b"", "text/plain", "418"),
    ("null", b"null", "application/json", "418"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "mime", "words"), [pytest.param(*row[1:], id=row[0]) for row in BODIES])
def test_a_refusal_carries_the_servers_own_words(body: object, mime: str, words: str) -> None:
    with RawServer([refused("418 I'm a teapot", body, mime)]) as server:
        outcome = expect(ask(server), "error(http)", says=(words, "418"))
        assert len(outcome.message) < 3000
        assert "<h1>" not in outcome.message
        assert "Traceback" not in outcome.message


def test_control_characters_of_a_refusal_are_not_passed_on() -> None:
    with RawServer([refused("400 Bad", {"error": {"message": "cold \x1b[31m\x07\u202eflux"}})]) as server:
        message = expect(ask(server), "error(http)", says=("cold", "flux")).message
        assert not set(message) & {"\x1b", "\x07", "\u202e"}


def test_a_refusal_of_many_megabytes_is_bounded() -> None:
    with RawServer([refused("400 Bad", b"cold flux " + b"x" * 5_000_000, "text/plain")]) as server:
        assert len(expect(ask(server), "error(http)", says=("cold flux",)).message) < 5000


@pytest.mark.parametrize("rest", [hold, forever(b"5\r\nxxxxx\r\n")], ids=["silent", "endless"])
def test_a_refusal_whose_body_never_ends_does_not_hold_the_call(rest: Callable[[Any], None]) -> None:
    begun = head("400 Bad Request", "text/plain", "Transfer-Encoding: chunked") + frame(b"cold flux")
    with RawServer([begun, rest]) as server:
        outcome = ask(server, timeouts={"idle": 0.4, "total": 1.5})
        assert outcome.reply.state_text in ("error(http)", "stalled(idle)", "stalled(total)")
        server.wait_for_hang_up()


def test_a_refusal_whose_body_breaks_off_still_tells_the_status() -> None:
    with RawServer([head("400 Bad Request", "text/plain", "Content-Length: 999") + b"cold flux"]) as server:
        expect(ask(server), "error(http)", says=("400", "cold flux"))


def test_a_gzipped_refusal_is_read() -> None:
    import gzip

    body = gzip.compress(b'{"error": "cold flux"}')
    with RawServer([refused("400 Bad", body, "application/json", "Content-Encoding: gzip")]) as server:
        expect(ask(server), "error(http)", says=("cold flux",))


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_key_is_told_with_how_to_give_one(status: int) -> None:
    with RawServer([refused(f"{status} No", {"error": "Unauthorized"})]) as server:
        expect(ask(server), "error(http)", says=(str(status), "Unauthorized", "key", "env:"))
        assert "authorization" not in server.requests[0].headers


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_key_is_told_by_its_reference_and_never_shown(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = "sk-canary-0123456789abcdef"
    monkeypatch.setenv("CANARY_KEY", secret)
    with RawServer([refused(f"{status} No", {"error": f"Incorrect API key provided: {secret}"})]) as server:
        outcome = expect(
            ask(server, api_key="env:CANARY_KEY"), "error(http)", says=(str(status), "Incorrect API key", "CANARY_KEY")
        )
        assert server.requests[0].headers["authorization"] == f"Bearer {secret}"
        assert secret not in outcome.message
        assert secret not in repr(outcome)


def test_an_unknown_model_is_told_with_the_name_that_was_sent() -> None:
    with RawServer([refused("404 Not Found", {"error": {"message": "no such model"}})]) as server:
        expect(ask(server, model="lama3"), "error(http)", says=("404", "no such model", "lama3"))


def test_a_wrong_path_is_told_with_the_address() -> None:
    with RawServer([refused("404 Not Found", {"detail": "Not Found"})]) as server:
        expect(ask(server), "error(http)", says=("404", "/v1", "Not Found"))
        assert server.requests[0].line == "POST /v1/chat/completions HTTP/1.1"


@pytest.mark.parametrize("status", [101, 203, 206, 226])
def test_other_statuses_of_success_with_no_answer_are_no_success(status: int) -> None:
    with RawServer(
        [head(f"{status} Odd", "text/plain", "Content-Length: 0", "Upgrade: x", "Connection: upgrade")]
    ) as server:
        assert ask(server).reply.state.failed


def test_a_status_that_is_no_error_and_no_success_is_an_error() -> None:
    with RawServer([refused("304 Not Modified", b"", "text/plain")]) as server:
        expect(ask(server), "error(http)", says=("304",))


# Redirects


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_wire_22_and_23_a_redirect_to_another_origin_is_not_followed(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-0123456789abcdef")
    with (
        RawServer(GOOD) as other,
        RawServer([refused(f"{status} Go", b"", "text/plain", f"Location: {other.url}/x")]) as server,
    ):
        outcome = expect(ask(server, api_key="env:CANARY_KEY", headers={"x-api-key": "env:CANARY_KEY"}), "error(http)")
        assert isinstance(outcome.error, errors.StatusError)
        assert outcome.error.status == status
        assert server.origin in outcome.message
        assert other.origin in outcome.message
        assert other.peers == []
        assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["/elsewhere", "?x=1", "//example.invalid/x", "https://user:secret-word@example.invalid/?key=secret-word",
                                      "javascript:alert(1)", "http://[broken", "", "\xff\xfe"])  # fmt: skip
def test_a_redirect_anywhere_is_told_and_not_followed(location: str) -> None:
    with RawServer([refused("302 Found", b"", "text/plain", f"Location: {location}")]) as server:
        outcome = expect(ask(server), "error(http)", says=("302", server.origin))
        assert "secret-word" not in outcome.message
        assert len(server.requests) == 1


def test_a_redirect_without_a_location_is_told() -> None:
    with RawServer([refused("302 Found", b"", "text/plain")]) as server:
        expect(ask(server), "error(http)", says=("302",))


# What is tried again


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 529])
def test_a_status_that_may_pass_is_tried_again(status: int) -> None:
    with RawServer([refused(f"{status} Later", COLD, "application/json", SOON)], GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 2
        retrying = [event for event in outcome.events if isinstance(event, Retrying)]
        assert len(retrying) == 1
        assert str(status) in retrying[0].why
        assert server.requests[0].body == server.requests[1].body


def test_wire_25_two_html_refusals_then_an_answer_are_three_requests() -> None:
    busy = refused("503 Service Unavailable", b"<html><title>Busy</title></html>", "text/html")
    with RawServer([busy], [busy], GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 3
        waits = [event.wait_s for event in outcome.events if isinstance(event, Retrying)]
        assert len(waits) == 2
        assert all(0 < wait <= 5 for wait in waits)


def test_after_two_retries_the_last_refusal_is_raised() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON)]) as server:
        outcome = expect(ask(server), "error(http)", says=("503", "the flux capacitor is cold"))
        assert isinstance(outcome.error, errors.StatusError)
        assert outcome.error.status == 503
        assert outcome.reply.attempts == len(server.requests) == 3


@pytest.mark.parametrize("abort", [[reset], []], ids=["reset", "closed"])
def test_wire_26_a_connection_that_ends_before_headers_is_tried_again(abort: Answer) -> None:
    with RawServer(abort, GOOD) as server:
        outcome = expect(ask(server), "complete", text="Hello")
        assert outcome.reply.attempts == len(server.requests) == 2


def test_wire_26_always_reset_before_headers_ends_incomplete() -> None:
    with RawServer([reset]) as server:
        outcome = expect(ask(server), "incomplete(connection)", text="")
        assert outcome.reply.attempts == len(server.requests) == 3


def http_date(seconds: float) -> str:
    return format_datetime(datetime.now(timezone.utc) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("Retry-After: 1", 1.0, 1.5),
        ("Retry-After: 0", 0.0, 0.6),
        ("Retry-After: 1.5", 1.5, 2.2),
        ("Retry-After: 120", 120.0, 125.0),
        ("retry-after-ms: 700", 0.7, 1.0),
        ("Retry-After-Ms: 700", 0.7, 1.0),
        ("retry-after-ms: 700\r\nRetry-After: 30", 0.7, 1.0),
        ("X-None: 1", 0.05, 2.0),
        ("Retry-After: -5", 0.0, 2.0),
        ("Retry-After: soon", 0.0, 2.0),
        ("Retry-After: nan", 0.0, 2.0),
        ("Retry-After: ", 0.0, 2.0),
        ("retry-after-ms: soon", 0.0, 2.0),
        ("Retry-After: \xb2", 0.0, 2.0),
    ],
)
def test_wire_24_the_wait_is_what_the_server_asks_for(header: str, least: float, most: float) -> None:
    with RawServer([refused("429 Too Many Requests", COLD, "application/json", header)]) as server:
        assert least <= first_wait(server) <= most


def test_wire_24_a_date_is_understood() -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {http_date(60)}")]) as server:
        assert 50 <= first_wait(server) <= 65


def test_wire_24_a_date_that_has_passed_means_soon() -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {http_date(-3600)}")]) as server:
        assert 0 <= first_wait(server) <= 2


@pytest.mark.parametrize("header", ["Retry-After: 3600", "retry-after-ms: 3600000", "Retry-After: 121"])
def test_wire_24_a_wait_that_is_too_long_fails_at_once_and_names_the_time(header: str) -> None:
    with RawServer([refused("429 Too Many Requests", COLD, "application/json", header)]) as server:
        outcome = expect(ask(server), "error(http)", says=("429", "the flux capacitor is cold"))
        assert any(word in outcome.message for word in ("3600", "60 min", "1 h", "1:00", "121", "2 min")), (
            outcome.message
        )
        assert outcome.reply.attempts == len(server.requests) == 1


@pytest.mark.parametrize("seconds", ["1e9", "inf", "99999999999999999999", "1" * 400])
def test_wire_24_an_absurd_wait_is_never_waited_for(seconds: str) -> None:
    with RawServer([refused("429 Slow", COLD, "application/json", f"Retry-After: {seconds}")], GOOD) as server:
        outcome = ask(server)
        assert outcome.reply.state_text in ("error(http)", "complete")
        assert all(event.wait_s <= 120 for event in outcome.events if isinstance(event, Retrying))


def test_wire_24_a_date_far_away_fails_at_once() -> None:
    with RawServer(
        [refused("503 Maintenance", COLD, "application/json", f"Retry-After: {http_date(86400)}")]
    ) as server:
        expect(ask(server), "error(http)", says=("503",))
        assert len(server.requests) == 1


def test_x_should_retry_false_is_obeyed() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", "x-should-retry: false")]) as server:
        expect(ask(server), "error(http)", says=("503",))
        assert len(server.requests) == 1


def test_x_should_retry_true_is_obeyed() -> None:
    with RawServer([refused("400 Odd", COLD, "application/json", "x-should-retry: true", SOON)], GOOD) as server:
        expect(ask(server), "complete", text="Hello")
        assert len(server.requests) == 2


def test_x_should_retry_true_does_not_raise_the_budget() -> None:
    with RawServer([refused("400 Odd", COLD, "application/json", "x-should-retry: true", SOON)]) as server:
        expect(ask(server), "error(http)")
        assert len(server.requests) == 3


@pytest.mark.parametrize(
    "fault",
    [
        [CHUNKED, frame(chunk("Hel")), reset],
        [CHUNKED, frame(chunk(delta={"reasoning_content": "Hmm"})), reset],
        [
            CHUNKED,
            frame(chunk(delta={"tool_calls": [{"index": 0, "id": "1", "function": {"name": "f", "arguments": ""}}]})),
        ],
        [chunked(chunk("Hel"), data({"error": {"message": "busy", "code": 503}}))],
        [sized(b'{"error": {"message": "busy", "code": 503}}', "200 OK", "application/json", "Retry-After: 0")],
    ],
    ids=["text", "reasoning", "tool call", "error after text", "error in a success"],
)
def test_nothing_is_tried_again_once_something_was_answered(fault: Answer) -> None:
    with RawServer(fault, GOOD) as server:
        outcome = ask(server)
        assert outcome.reply.state.failed
        assert outcome.reply.attempts == len(server.requests) == 1
        assert "retrying" not in outcome.kinds()


def test_a_retried_call_keeps_its_connection() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON), keep], GOOD) as server:
        expect(ask(server), "complete", text="Hello")
        assert len(server.peers) == 1


def test_the_total_timer_holds_during_a_wait() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", "Retry-After: 60")], GOOD) as server:
        outcome = ask(server, timeouts={"total": 0.4})
        assert outcome.reply.state_text in ("stalled(total)", "error(http)")
        assert len(server.requests) == 1


def test_many_calls_to_one_endpoint_share_their_retries() -> None:
    with RawServer([refused("503 Busy", COLD, "application/json", SOON)]) as server:
        key = register(server)
        with ThreadPoolExecutor(12) as pool:
            outcomes = list(pool.map(lambda _: ask_key(key), range(24)))
        assert all(outcome.reply.state_text == "error(http)" for outcome in outcomes)
        sent = sum(outcome.reply.attempts for outcome in outcomes)
        assert sent >= len(server.requests), "a request on a connection that had ended never arrived"
        assert sent < 24 * 3


def test_a_503_while_a_model_loads_is_tried_again_and_says_so() -> None:
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    with RawServer([refused("503 Service Unavailable", loading, "application/json", SOON)], GOOD) as server:
        outcome = expect(ask(server), "complete")
        retrying = next(event for event in outcome.events if isinstance(event, Retrying))
        assert "503" in retrying.why
        assert retrying.attempt in (1, 2)


def test_a_wait_is_shown_before_it_begins() -> None:
    sign = threading.Event()
    with RawServer([refused("503 Busy", COLD, "application/json", "Retry-After: 100")], GOOD) as server:
        with byom.stream(register(server), "hi") as events:
            for event in events:
                if event.kind == "retrying":
                    sign.set()
                    events.stop()
        assert sign.is_set()
        assert events.reply.state is State.CANCELLED
        assert len(server.requests) == 1


def test_headers_of_the_registration_are_sent_and_the_body_is_a_streaming_request() -> None:
    headers: Mapping[str, str] = {"X-Tenant": "a", "x-more": "b c"}
    with RawServer([sized(completion(), "200 OK", "application/json")]) as server:
        expect(ask(server, headers=headers, model="some/model:tag"), "complete")
        request = server.requests[0]
        assert request.headers["x-tenant"] == "a"
        assert request.headers["x-more"] == "b c"
        assert request.headers["content-type"].startswith("application/json")
        assert "text/event-stream" in request.headers["accept"]
        assert request.json["model"] == "some/model:tag"
        assert request.json["stream"] is True
        assert request.json["messages"] == [{"role": "user", "content": "hi"}]


def test_a_request_id_of_a_refusal_is_kept() -> None:
    with RawServer([refused("400 Bad", COLD, "application/json", "x-request-id: req-77")]) as server:
        outcome = expect(ask(server), "error(http)")
        assert outcome.reply.request_id == "req-77"


def test_a_stream_after_a_refusal_status_is_still_a_refusal() -> None:
    with RawServer(
        [head("400 Bad", "text/event-stream", "Transfer-Encoding: chunked") + frame(sse("Hello")) + LAST]
    ) as server:
        expect(ask(server), "error(http)", text="")
