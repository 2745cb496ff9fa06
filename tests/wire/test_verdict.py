"""How a call ended: finish reasons, redirects, and the errors that say so."""

from __future__ import annotations

import pytest

from byom_magics import errors
from tests.wire.answers import (
    DONE,
    GOOD,
    chunk,
    chunked,
    refused,
    sse,
)
from tests.wire.asking import ask, expect
from tests.wire.raw_server import RawServer

# Finish reasons


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
