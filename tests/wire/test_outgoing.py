"""Requests that are mended between two attempts: what the server sees, and what the person is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

import byom_magics as byom
from byom_magics import session
from byom_magics.catalog.secrets import Secret
from byom_magics.catalog.spec import Timeouts
from byom_magics.errors import PolicyError, SecretError
from byom_magics.events import Ended, Retrying
from byom_magics.messages import Call, Message
from tests.wire.answers import GOOD, chunked, data, refused, sized
from tests.wire.asking import ask, ask_key, expect, register
from tests.wire.raw_server import RawServer, keep

KEY = "sk-canary-0123456789abcdef"
OLD = "sk-canary-9876543210fedcba"


def refuses(field: str, status: str = "400 Bad Request") -> tuple[Any, ...]:
    said = {"error": {"message": f"Unsupported parameter: '{field}'", "param": field, "code": "unsupported_parameter"}}
    return refused(status, said), keep


# What the server refuses


def test_a_refused_field_is_left_out_at_once_and_said() -> None:
    with RawServer(refuses("temperature"), GOOD) as server:
        outcome = expect(ask(server, temperature=0.5), "complete", text="Hello")
        assert [("temperature" in request.json) for request in server.requests] == [True, False]
        assert outcome.reply.warnings == ("sent without 'temperature': the server refuses it",)
        assert outcome.reply.attempts == 2
        assert [event.wait_s for event in outcome.events if isinstance(event, Retrying)] == [0.0]


def test_it_is_learnt_once_and_said_again_where_it_matters() -> None:
    with RawServer(refuses("temperature"), [*GOOD, keep]) as server:
        key = register(server, temperature=0.5)
        expect(ask_key(key), "complete")
        again = expect(ask_key(key), "complete")
        assert again.reply.warnings == ("sent without 'temperature': the server refuses it",)
        assert again.reply.attempts == 1
        byom.register("plain", url=server.url, model="m")
        assert expect(ask_key("plain"), "complete").reply.warnings == ()
        assert len(server.requests) == 4


def test_logprobs_that_a_server_refuses_cost_one_attempt_whatever_fields_they_are_asked_in() -> None:
    said = {"error": {"message": "logprobs are not supported with reasoning models.", "param": "logprobs"}}
    with RawServer((refused("400 Bad Request", said), keep), [*GOOD, keep]) as server:
        key = register(server)
        outcome = expect(ask_key(key, logprobs=3), "complete", text="Hello")
        assert [{"logprobs", "top_logprobs"} & request.json.keys() for request in server.requests] == [
            {"logprobs", "top_logprobs"},
            set(),
        ]
        assert outcome.reply.warnings == ("sent without 'logprobs': the server refuses them",)
        expect(ask_key(key, logprobs=3), "complete")
        assert len(server.requests) == 3


def test_what_a_dialect_says_otherwise_than_it_was_asked_is_told() -> None:
    with RawServer([*GOOD, keep]) as server:
        reply = expect(ask_key(register(server), effort=2000), "complete").reply
        assert server.requests[0].json["reasoning_effort"] == "low"
        assert reply.warnings == (
            "sent with the effort 'low' for 2,000 tokens of reasoning: the service takes levels and no number",
        )


def test_another_model_of_the_same_server_is_asked_as_ever() -> None:
    with RawServer(refuses("temperature"), [*GOOD, keep]) as server:
        expect(ask(server, temperature=0.5), "complete")
        expect(ask(server, temperature=0.5, model="other"), "complete")
        assert "temperature" in server.requests[-1].json


def test_several_fields_are_learnt_one_after_another_up_to_four() -> None:
    names = ("temperature", "top_p", "seed", "stop", "user")
    fields: dict[str, Any] = {"temperature": 1, "top_p": 0.5, "seed": 1, "stop": ["x"], "extra_body": {"user": "me"}}
    with RawServer(*(refuses(name) for name in names[:4]), GOOD) as server:
        outcome = expect(ask(server, **fields), "complete")
        assert len(outcome.reply.warnings) == 4
        assert not set(names[:4]) & server.requests[-1].json.keys()
    with RawServer(*(refuses(name) for name in names)) as server:
        expect(ask(server, model="n", **fields), "error(http)", says=("'user'",))
        assert len(server.requests) == 5


def test_what_the_person_asked_for_in_this_call_is_not_dropped_in_silence() -> None:
    with RawServer(refuses("top_k"), GOOD) as server:
        outcome = ask_key(register(server), extra_body={"top_k": 5})
        expect(outcome, "error(http)", says=("top_k",))
        assert len(server.requests) == 1


def test_a_field_that_is_refused_in_spite_of_all_stands_refused_and_is_not_learnt() -> None:
    def insist(body: dict[str, Any]) -> Mapping[str, Any]:
        return {**body, "seed": 7}

    with RawServer(refuses("seed")) as server:
        key = register(server, request_transformer=insist, seed=7)
        expect(ask_key(key), "error(http)", says=("'seed'",))
        assert len(server.requests) == 1
    with RawServer(refuses("seed"), [refused("400 Bad Request", {"error": "no"}), keep], [*GOOD, keep]) as server:
        key = register(server, seed=7)
        expect(ask_key(key), "error(http)", says=("no",))
        expect(ask_key(key), "complete")
        assert "seed" in server.requests[-1].json, "nothing had proved that it helps"


@pytest.mark.parametrize(
    "answer",
    [
        sized(b'{"error": {"message": "Unsupported parameter: \'seed\'"}}', "200 OK", "application/json"),
        chunked(data({"error": {"message": "Unsupported parameter: 'seed'"}})),
    ],
    ids=["in one piece", "as the first event"],
)
def test_a_refusal_under_a_successful_status_is_learnt_from_too(answer: bytes) -> None:
    with RawServer([answer, keep], GOOD) as server:
        expect(ask(server, seed=1), "complete", text="Hello")
        assert [("seed" in request.json) for request in server.requests] == [True, False]


def test_the_limit_of_an_answer_is_said_in_the_servers_own_word() -> None:
    with RawServer(refuses("max_tokens"), GOOD) as server:
        outcome = expect(ask(server, max_tokens=9), "complete")
        assert server.requests[-1].json["max_completion_tokens"] == 9
        assert "max_tokens" not in server.requests[-1].json
        assert "max_completion_tokens" in outcome.reply.warnings[0]


# Keys


class Renewable(Secret):
    """A key that gives another one, once it is asked, and counts."""

    def __init__(self, value: str, newer: Secret | Exception | None, origin: str) -> None:
        super().__init__(value, source="command:token", origin=origin, prefix="Bearer")
        self.newer = newer
        self.asked = 0

    def renewed(self, stopped: object = None) -> Secret | None:
        self.asked += 1
        if isinstance(self.newer, Exception):
            raise self.newer
        return self.newer


def asked(server: RawServer, secret: Secret) -> Ended:
    """How a call with that key ends."""
    current = session.current()
    spec = current.spec(register(server))
    call = Call((Message("user", "hi"),))
    stream = current.client.stream(spec, call, timeouts=Timeouts(total=15), headers={"Authorization": secret})
    last = [event for batch in stream.batches() for event in batch][-1]
    stream.close()
    assert isinstance(last, Ended)
    return last


def test_a_key_that_the_server_no_longer_takes_is_renewed_once() -> None:
    with RawServer([refused("401 Unauthorized", {"error": "expired"}), keep], GOOD) as server:
        secret = Renewable(OLD, Secret(KEY, source="s", origin=server.origin, prefix="Bearer"), server.origin)
        assert asked(server, secret).state == "complete"
        sent = [request.headers["authorization"] for request in server.requests]
        assert sent == [f"Bearer {OLD}", f"Bearer {KEY}"]
        assert secret.asked == 1


def test_a_renewed_key_that_is_refused_too_ends_the_call() -> None:
    with RawServer([refused("401 Unauthorized", {"error": "expired"}), keep]) as server:
        newer = Renewable(KEY, None, server.origin)
        ended = asked(server, Renewable(OLD, newer, server.origin))
        assert (ended.state, ended.reason, newer.asked) == ("error", "http", 0)
        assert len(server.requests) == 2


@pytest.mark.parametrize("newer", [None, SecretError("The command failed.")])
def test_without_a_newer_key_the_servers_refusal_is_told(newer: Exception | None) -> None:
    with RawServer([refused("401 Unauthorized", {"error": "expired"})]) as server:
        ended = asked(server, Renewable(KEY, newer, server.origin))
        assert "expired" in str(ended.error)
        assert len(server.requests) == 1


def test_a_renewed_key_for_another_origin_does_not_travel() -> None:
    with RawServer([refused("401 Unauthorized", {"error": "expired"})]) as server:
        other = Secret(KEY, source="s", origin="https://other.test:443", prefix="Bearer")
        ended = asked(server, Renewable(OLD, other, server.origin))
        assert ended.state == "error"
        assert [request.headers["authorization"] for request in server.requests] == [f"Bearer {OLD}"]
        with pytest.raises(PolicyError):
            asked(server, other)
