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
        ("end_turn", "complete"),
        ("stop_sequence", "complete"),
        ("COMPLETE", "complete"),
        ("load", "complete"),
        ("unload", "complete"),
        ("completed", "complete"),
        ("something_new", "complete"),
        ("pause_turn", "complete"),
        ("MAX_TOKENS", "length"),
        ("max_output_tokens", "length"),
        ("model_context_window_exceeded", "length"),
        ("tool_use", "tool_calls"),
        ("TOOL_CALL", "tool_calls"),
        ("refusal", "content_filter"),
        ("SAFETY", "content_filter"),
        ("PROHIBITED_CONTENT", "content_filter"),
        ("IMAGE_SAFETY", "content_filter"),
        ("MALFORMED_FUNCTION_CALL", "error(in_band)"),
        ("UNEXPECTED_TOOL_CALL", "error(in_band)"),
        ("ERROR", "error(in_band)"),
        ("failed", "error(in_band)"),
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


def test_a_turn_that_the_server_paused_is_told() -> None:
    with RawServer([chunked(sse("Hello", finish="pause_turn"))]) as server:
        assert "go on" in ask(server).reply.warnings[0]


# What next


def hint(status: str, said: object, **registration: object) -> str:
    with RawServer([refused(status, said)]) as server:
        return ask(server, model="tiny-1b", **registration).error.hint or ""  # type: ignore[arg-type]


def test_401_403_a_wrong_path_and_an_unknown_model_each_have_a_next_step_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-0123456789abcdef")
    hints = [
        hint("401 Unauthorized", {"error": "no"}),
        hint("401 Unauthorized", {"error": "no"}, api_key="env:CANARY_KEY"),
        hint("403 Forbidden", {"error": "no"}, api_key="env:CANARY_KEY"),
        hint("404 Not Found", {"detail": "Not Found"}),
        hint("404 Not Found", {"error": {"message": "The model `tiny-1b` does not exist."}}),
    ]
    assert len(set(hints)) == len(hints)
    assert "--api-key env:NAME" in hints[0]
    assert "env:CANARY_KEY" in hints[1]
    assert "env:CANARY_KEY" in hints[2]
    assert "--path" in hints[3]
    assert "no model 'tiny-1b'" in hints[4]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("404 Not Found", {"error": {"message": "model 'tiny-1b' not found, try pulling it first"}}),
        ("404 Not Found", {"error": {"message": "The requested resource tiny-1b was not found"}}),
        ("404 Not Found", {"error": {"message": "no", "code": "DeploymentNotFound"}}),
        ("400 Bad Request", {"error": {"message": "tiny-1b is not a valid model ID"}}),
        ("400 Bad Request", {"error": {"message": "/chat/completions: Invalid model name passed in model=tiny-1b"}}),
        ("400 Bad Request", {"detail": "Server is pinned to 'hf'; requested 'tiny-1b'."}),
        ("404 Not Found", {"error": "Cannot find an appropriate cached snapshot folder for the specified revision."}),
        ("404 Not Found", {"detail": {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "No such endpoint"}}),
    ],
)
def test_an_unknown_model_is_told_from_a_wrong_path_in_the_words_of_many_servers(status: str, said: object) -> None:
    assert "no model 'tiny-1b'" in hint(status, said)


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("400 Bad Request", {"error": {"message": "API key not valid. Please pass a valid API key.", "code": 400}}),
        ("400 Bad Request", {"code": "Client specified an invalid argument", "error": "Incorrect API key provided"}),
        ("400 Bad Request", {"error": {"message": "No connected db.", "type": "no_db_connection", "code": "400"}}),
        ("500 Internal Server Error", {"error": {"message": "litellm.AuthenticationError: no", "code": "500"}}),
    ],
    ids=["Gemini", "xAI", "LiteLLM", "LiteLLM's upstream"],
)
def test_a_key_that_is_not_taken_is_told_whatever_the_status(
    status: str, said: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_KEY", "sk-canary-0123456789abcdef")
    assert "--api-key env:NAME" in hint(status, said)
    assert "the key from env:CANARY_KEY is the right one" in hint(status, said, api_key="env:CANARY_KEY")


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("404 Not Found", {"error": "Only 'text' content type is supported."}),
        ("400 Bad Request", {"error": {"message": "tiny-1b is not a multimodal model", "code": 400}}),
        (
            "500 Internal Server Error",
            {"error": {"message": "image input is not supported - hint: provide the mmproj"}},
        ),
        ("404 Not Found", {"error": {"message": "{'error': \"Only 'text' content type is supported.\"} 'tiny-1b'"}}),
    ],
)
def test_a_refused_picture_is_no_wrong_path_and_no_unknown_model(status: str, said: object) -> None:
    said_next = hint(status, said)
    assert "without the picture" in said_next
    assert "--can no_attachments" in said_next


def test_an_account_without_credit_is_told() -> None:
    assert "credit" in hint("402 Payment Required", {"error": "Insufficient Balance"})
