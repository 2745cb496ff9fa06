"""Statuses that are no success: told at once, in the server's own words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from byom_magics import errors
from byom_magics.wire.refusal import refusal_of
from tests.wire.answers import LAST, data, frame, head, refused, sse
from tests.wire.asking import ask, expect
from tests.wire.raw_server import RawServer, forever, hold

COLD = {"error": {"message": "the flux capacitor is cold", "type": "flux_error", "code": 4711}}


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


def test_a_request_id_of_a_refusal_is_kept() -> None:
    with RawServer([refused("400 Bad", COLD, "application/json", "x-request-id: req-77")]) as server:
        outcome = expect(ask(server), "error(http)")
        assert outcome.reply.request_id == "req-77"


def test_a_stream_after_a_refusal_status_is_still_a_refusal() -> None:
    with RawServer(
        [head("400 Bad", "text/event-stream", "Transfer-Encoding: chunked") + frame(sse("Hello")) + LAST]
    ) as server:
        expect(ask(server), "error(http)", text="")


def test_words_that_are_nested_too_deep_are_said_to_be_so() -> None:
    deep: list[object] = []
    for _ in range(50_000):
        deep = [deep]
    found = refusal_of({"error": deep})
    while deep:  # so that it is not taken apart by recursion
        deep = deep.pop()  # type: ignore[assignment]
    assert found is not None
    assert found.message == "words that are nested too deep to be read"
