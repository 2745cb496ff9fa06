from __future__ import annotations

import getpass
import pickle
import types
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from byom_magics import demo, errors
from byom_magics import session as sessions
from byom_magics.catalog import plugins
from byom_magics.catalog.spec import Endpoint, Limits, ModelSpec, Timeouts
from byom_magics.events import Reply, State
from byom_magics.messages import Image, Message, Schema
from byom_magics.session import Session
from byom_magics.wire.dialects import known
from byom_magics.wire.dialects.openai_chat import DIALECT
from tests.wire.answers import GOOD, chunked, refused, sse
from tests.wire.raw_server import RawServer, hold

CANARY = "sk-canary-0123456789"


@pytest.fixture
def session() -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        yield made


def sent(server: RawServer) -> Any:
    return server.requests[-1].json


# The one session of a process


def test_there_is_one_session_with_the_built_in_models() -> None:
    session = sessions.current()
    assert sessions.current() is session
    assert [key for key, spec in session.models.items() if spec.builtin] == [model.id for model in demo.MODELS]


def test_after_a_reset_there_is_a_new_one() -> None:
    before = sessions.current()
    before.register("llama", url="http://localhost:1/v1")
    sessions.reset()
    assert "llama" not in sessions.current().models


def test_a_reset_forgets_what_was_typed(monkeypatch: pytest.MonkeyPatch, server: RawServer) -> None:
    prompts: list[str] = []

    def typed(prompt: str) -> str:
        prompts.append(prompt)
        return CANARY

    monkeypatch.setattr(getpass, "getpass", typed)
    for _ in range(2):
        sessions.current().register("llama", url=server.url, api_key="ask")
        sessions.current().ask("llama", "hi")
        sessions.current().ask("llama", "hi")
        sessions.reset()
    assert len(prompts) == 2


# Built-in models


def test_a_built_in_model_does_not_take_a_key_that_is_used(session: Session) -> None:
    key = demo.MODELS[0].id
    session.register(key, url="http://localhost:1/v1")
    session.register_builtin()
    assert not session.models[key].builtin


def test_built_in_models_can_be_taken_out_and_others_stay(session: Session) -> None:
    session.register("llama", url="http://localhost:1/v1")
    session.register_builtin()
    session.register_builtin()
    session.forget_builtin()
    assert list(session.models) == ["llama"]


def test_a_built_in_model_answers_without_any_network(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def no_network(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    monkeypatch.setattr(socket.socket, "connect", no_network)
    session.register_builtin()
    reply = session.ask("demo/bigram", "The", max_tokens=5, seed=1)
    assert reply.state in (State.COMPLETE, State.LENGTH)
    assert reply.usage.output_tokens == 5
    assert "tools" in vars(session.models["demo/bigram"].capabilities)


# Registering


def test_registering_checks_the_address_and_keeps_the_base(session: Session) -> None:
    spec = session.register("llama", url=" http://localhost:11434/v1/chat/completions/ ")
    assert spec.url == "http://localhost:11434/v1"
    assert session.models["llama"] is spec


@pytest.mark.parametrize("url", ["", "localhost:11434", "ftp://a.example.com", "http://", "http://user:canary@a.example.com", "https://a.example.com?api_key=canary", "a.example.com/v1?api_key=canary", "http://a b", None, 5])  # fmt: skip
def test_an_address_that_cannot_be_called_is_refused_and_no_key_in_it_repeated(session: Session, url: Any) -> None:
    with pytest.raises(errors.RegistrationError) as caught:
        session.register("llama", url=url)
    assert "canary" not in str(caught.value)
    assert caught.value.hint
    assert "llama" not in session.models


def test_sec_25_a_key_over_plain_http_to_another_machine_is_refused_unless_it_is_allowed(session: Session) -> None:
    with pytest.raises(errors.RegistrationError, match="unencrypted"):
        session.register("llama", url="http://llm.example.com/v1", api_key="env:CANARY")
    session.register("llama", url="http://llm.example.com/v1", api_key="env:CANARY", allow_http_key=True)
    session.register("near", url="http://127.0.0.1:1/v1", api_key="env:CANARY")
    session.register("tls", url="https://llm.example.com/v1", api_key="env:CANARY")


def test_sec_25_a_secret_header_over_plain_http_is_refused_at_the_call(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    session.register("llama", url="http://llm.example.com/v1", headers={"X-Api-Key": "env:CANARY"})
    with pytest.raises(errors.PolicyError) as caught:
        session.ask("llama", "hi")
    assert "unencrypted" in str(caught.value)
    assert CANARY not in str(caught.value)


# Which model


def test_without_a_model_the_default_is_asked(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url, model="llama3.2")
    session.models.set_default("llama")
    assert session.ask(None, "hi").model == "llama"
    assert sent(server)["model"] == "llama3.2"


def test_without_a_model_and_a_default_the_ways_to_choose_are_shown(session: Session) -> None:
    with pytest.raises(errors.UnknownModelError) as caught:
        session.spec(None)
    assert "%byom_default KEY" in str(caught.value)
    assert "%byom_picker" in str(caught.value)


def test_a_model_that_was_replaced_is_asked_at_its_new_address(session: Session, server: RawServer) -> None:
    with RawServer(GOOD) as other:
        session.register("llama", url=other.url)
        session.ask("llama", "hi")
        session.register("llama", url=server.url)
        session.ask("llama", "hi")
        assert (len(other.requests), len(server.requests)) == (1, 1)


# What is sent


def test_a_prompt_is_a_users_message_after_the_system_message(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url)
    session.ask("llama", "hi", system="Be brief.")
    assert sent(server)["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "hi"},
    ]


@pytest.mark.parametrize(
    "first", [Message("user", "a"), {"role": "user", "content": "a"}, {"role": "user", "content": "a", "more": 1}]
)
def test_messages_may_be_ours_or_mappings(session: Session, server: RawServer, first: Any) -> None:
    session.register("llama", url=server.url)
    session.ask("llama", [first, {"role": "assistant", "content": ""}, Message("user", "b")])
    assert [(each["role"], each["content"]) for each in sent(server)["messages"]] == [
        ("user", "a"),
        ("assistant", ""),
        ("user", "b"),
    ]


@pytest.mark.parametrize(
    "prompt",
    ["", " \n\t", [], [Message("user", " ")], 5, None, b"hi", Message("user", "hi"), {"role": "user", "content": "hi"}, ["hi"], [{"role": "robot", "content": "hi"}], [{"role": "user"}], [{"role": "user", "content": 5}], [None]],
)  # fmt: skip
def test_what_is_no_prompt_is_refused_before_anything_is_sent(session: Session, server: RawServer, prompt: Any) -> None:
    session.register("llama", url=server.url)
    with pytest.raises(errors.OptionError) as caught:
        session.ask("llama", prompt)
    assert caught.value.hint
    assert server.requests == []


@pytest.mark.parametrize("options", [{"system": 5}, {"temperature": -1}, {"top_p": 2}, {"stop": ""}, {"timeout": 0}, {"timeout": True}, {"timeouts": {"idel": 1}}, {"timeouts": 5}, {"extra_body": {"a": {1, 2}}}, {"extra_body": {"a": float("nan")}}, {"extra_body": {1: 2}}])  # fmt: skip
def test_an_option_that_cannot_be_used_is_refused_before_anything_is_sent(
    session: Session, server: RawServer, options: dict[str, Any]
) -> None:
    session.register("llama", url=server.url)
    with pytest.raises(errors.OptionError):
        session.ask("llama", "hi", **options)
    assert server.requests == []


def test_a_calls_options_stand_over_the_models(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url, temperature=1, max_tokens=9, extra_body={"a": 1, "b": 1})
    session.ask("llama", "hi", temperature=0, stop="\n", extra_body={"b": 2, "c": None})
    body = sent(server)
    assert {name: body.get(name) for name in ("temperature", "max_tokens", "stop", "a", "b", "c")} == {
        "temperature": 0,
        "max_tokens": 9,
        "stop": ["\n"],
        "a": 1,
        "b": 2,
        "c": None,
    }


# Keys


def test_a_key_goes_as_a_bearer_and_references_in_headers_are_resolved(
    session: Session, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    monkeypatch.setenv("TENANT", "tenant-from-env")
    session.register("llama", url=server.url, api_key="env:CANARY", headers={"X-Tenant": "env:TENANT", "X-Plain": "a"})
    session.ask("llama", "hi")
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {CANARY}"
    assert (headers["x-tenant"], headers["x-plain"]) == ("tenant-from-env", "a")


def test_an_authorization_header_of_ones_own_takes_the_place_of_the_bearer(
    session: Session, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", "Basic Y2FuYXJ5")
    session.register("llama", url=server.url, api_key="env:OTHER", headers={"authorization": "env:CANARY"})
    session.ask("llama", "hi")
    assert server.requests[0].headers["authorization"] == "Basic Y2FuYXJ5"


def test_a_key_that_is_not_set_is_told_before_anything_is_sent(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url, api_key="env:CANARY")
    with pytest.raises(errors.SecretError, match="CANARY is not set"):
        session.ask("llama", "hi")
    assert server.requests == []


def test_sec_22_a_key_that_a_server_echoes_is_not_shown(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    echo = {"error": {"message": f"Incorrect API key: {CANARY}", "type": CANARY, "code": CANARY}}
    with RawServer([refused("401 Unauthorized", echo)]) as server:
        session.register("llama", url=server.url, api_key="env:CANARY")
        with pytest.raises(errors.StatusError) as caught:
            session.ask("llama", "hi")
    assert "[key hidden]" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert b"canary" not in pickle.dumps(caught.value)


def test_sec_20_no_public_object_holds_a_key(
    session: Session, server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY", CANARY)
    spec = session.register("llama", url=server.url, api_key="env:CANARY", headers={"X-Api-Key": "env:CANARY"})
    turn = session.stream("llama", "hi")
    with turn:
        events = list(turn)
    public: list[Any] = [spec, session.models, turn, turn.reply, session, session.preview("llama", "hi"), *events]
    for each in public:
        shown = [repr(each), str(each), str(getattr(each, "__dict__", ""))]
        assert not [text for text in shown if "canary" in text], type(each)
    for kept in (spec, turn.reply, events):
        assert b"canary" not in pickle.dumps(kept)


# Preview


def test_a_preview_is_the_request_with_keys_hidden_and_not_looked_up(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url, api_key="env:CANARY", headers={"X-Tenant": "env:TENANT", "X-Plain": "a"})
    preview = session.preview("llama", "hi", temperature=0, timeout=5, timeouts={"idle": 5})
    assert (preview.method, preview.url) == ("POST", f"{server.url}/chat/completions")
    assert preview.headers["Authorization"] == "Bearer [key from env:CANARY]"
    assert preview.headers["X-Tenant"] == "[key from env:TENANT]"
    assert preview.headers["X-Plain"] == "a"
    assert '"temperature": 0' in preview.body
    assert server.requests == []


def test_a_preview_shows_the_body_that_is_sent(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url)
    options: dict[str, Any] = {"system": "s", "stop": ["\n"], "seed": 1, "extra_body": {"k": None, "j": [1]}}
    preview = session.preview("llama", "hi", **options)
    session.ask("llama", "hi", **options)
    assert server.requests[0].body.decode() == preview.body


@pytest.mark.parametrize(("key", "shown"), [("ask", "ask"), (lambda: CANARY, "callable <lambda>")])
def test_a_preview_names_keys_of_every_kind_without_asking_for_them(session: Session, key: Any, shown: str) -> None:
    session.register("llama", url="https://llm.example.com/v1", api_key=key)
    assert session.preview("llama", "hi").headers["Authorization"] == f"Bearer [key from {shown}]"


# Timers


def test_timers_of_a_call_stand_over_the_models_and_those_over_the_sessions(session: Session) -> None:
    session.timeouts = {"idle": 1.0, "total": 2.0, "connect": None}
    spec = session.register("llama", url="http://localhost:1/v1", timeouts={"total": 3, "first_byte": 4})
    assert session._timeouts(spec, None, {"first_byte": 5}) == Timeouts(
        connect=None, first_byte=5.0, first_token=300.0, idle=1.0, content_idle=600.0, total=3.0
    )
    assert session._timeouts(spec, 6, {"total": 7}).total == 6
    assert session._timeouts(spec, None, {"total": None}).total is None


@pytest.mark.parametrize("layer", ["session", "model", "call"])
def test_a_timer_of_each_layer_ends_a_call(session: Session, layer: str) -> None:
    short = {"first_byte": 0.05}
    with RawServer([hold]) as server:
        session.timeouts = short if layer == "session" else {"first_byte": 30.0}
        session.register("llama", url=server.url, timeouts=short if layer == "model" else {})
        with pytest.raises(errors.StalledError) as caught:
            session.ask("llama", "hi", timeouts=short if layer == "call" else None)
    assert caught.value.reply is not None
    assert caught.value.reply.state_text == "stalled(first_byte)"


# What is remembered


def test_the_last_reply_is_kept_and_told_whatever_came_of_it(session: Session) -> None:
    told: list[Reply] = []
    session.on_reply.append(told.append)
    with RawServer(
        [refused("400 Bad Request", {"error": "no"})], [chunked(sse("half", finish=None, done=False))], *[GOOD]
    ) as server:
        session.register("llama", url=server.url)
        for error in (errors.StatusError, errors.IncompleteError):
            with pytest.raises(error):
                session.ask("llama", "hi")
            assert session.last_reply is told[-1]
        session.ask("llama", "hi")
    assert [reply.state_text for reply in told] == ["error(http)", "incomplete(eof)", "complete"]
    assert [reply.text for reply in told] == ["", "half", "Hello"]


def test_closing_ends_all_connections_and_the_next_call_makes_new_ones(session: Session, server: RawServer) -> None:
    session.close()
    session.register("llama", url=server.url)
    session.ask("llama", "hi")
    session.close()
    assert session.ask("llama", "hi").text == "Hello"


def test_a_spec_that_was_registered_is_what_a_turn_asks_even_when_it_is_forgotten(
    session: Session, server: RawServer
) -> None:
    session.register("llama", url=server.url)
    turn = session.stream("llama", "hi")
    forgotten = session.models.forget("llama")
    assert isinstance(forgotten, ModelSpec)
    with turn:
        list(turn)
    assert turn.reply.text == "Hello"


# What a model is declared to be


def test_a_models_own_system_message_is_sent_unless_the_call_has_one(session: Session, server: RawServer) -> None:
    session.register("llama", url=server.url, system="Be brief.")
    session.ask("llama", "hi")
    assert sent(server)["messages"][0] == {"role": "system", "content": "Be brief."}
    session.ask("llama", "hi", system="Be long.")
    assert [each["content"] for each in sent(server)["messages"]] == ["Be long.", "hi"]


def test_an_image_for_a_model_without_attachments_is_refused_and_nothing_sent(
    session: Session, server: RawServer
) -> None:
    session.register("blind", url=server.url, capabilities={"attachments": False})
    with pytest.raises(errors.OptionError, match="declared without attachments"):
        session.ask("blind", [Image(b"png")])
    assert server.requests == []


def test_an_image_is_sent_to_a_model_that_may_take_it(session: Session, server: RawServer) -> None:
    session.register("seeing", url=server.url)
    session.ask("seeing", [{"role": "user", "content": [{"type": "text", "text": "What?"}, Image(b"png")]}])
    text, image = sent(server)["messages"][0]["content"]
    assert text == {"type": "text", "text": "What?"}
    assert image["image_url"]["url"] == Image(b"png").data_url


def test_a_model_without_structured_output_is_told_the_shape_in_words(session: Session, server: RawServer) -> None:
    session.register("plain", url=server.url, capabilities={"structured_output": False})
    with pytest.raises(errors.ShapeError):  # the server says Hello
        session.ask("plain", "hi", schema=Schema("answer", {"type": "object", "title": "only-here"}), retries=0)
    assert "response_format" not in sent(server)
    assert "only-here" in str(sent(server)["messages"])


# Endpoints and plug-ins


def test_a_model_does_not_replace_an_endpoint_that_others_are_served_at(session: Session) -> None:
    session.register("a", url="http://localhost:1/v1", endpoint="b")
    with pytest.raises(errors.RegistrationError, match="endpoint 'b' already and serves a"):
        session.register("b", url="http://localhost:2/v1")
    session.register("b", url="http://localhost:2/v1", endpoint="b")
    assert session.models["a"].url == "http://localhost:2/v1"


def test_an_endpoint_that_a_person_made_is_checked_like_one_that_is_described(session: Session) -> None:
    spec = session.register("a", endpoint=Endpoint("http://localhost:1/v1/", limits=Limits(concurrent=2)))
    assert (spec.url, spec.endpoint.name) == ("http://localhost:1/v1", "a")
    assert session.register("b", endpoint="a").endpoint.limits.concurrent == 2
    with pytest.raises(errors.SecretError):
        session.register("c", endpoint=Endpoint("https://c.example.com/v1", api_key="sk-0123456789abcdefghijklmnop"))
    with pytest.raises(errors.RegistrationError, match="endpoint 'a' already"):
        session.register("a", endpoint=Endpoint("http://localhost:2/v1"))


def test_a_key_may_go_over_a_unix_socket_without_tls(session: Session) -> None:
    spec = session.register("llama", url="http://llm.internal/v1", api_key="env:KEY", unix_socket="/run/llm.sock")
    assert spec.endpoint.unix_socket == "/run/llm.sock"


def test_a_dialect_of_a_plug_in_is_spoken(session: Session, server: RawServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Loud(type(DIALECT)):  # type: ignore[misc]
        name = "loud"

        def request(self, spec: Any, call: Any) -> Any:
            made = super().request(spec, call)
            return replace(made, body={**made.body, "loud": True})

    module = types.SimpleNamespace(DIALECT=Loud())
    monkeypatch.setattr(plugins, "find", lambda group, name: module if (group, name) == ("dialects", "loud") else None)
    try:
        session.register("llama", url=server.url, dialect="loud")
        assert session.ask("llama", "hi").text == "Hello"
    finally:
        known.forget_added()
    assert sent(server)["loud"] is True


def test_a_dialect_that_nobody_brings_is_refused_at_registration(session: Session) -> None:
    with pytest.raises(errors.OptionError, match="no dialect 'klingon'"):
        session.register("llama", url="http://localhost:1/v1", dialect="klingon")
    assert "llama" not in session.models
