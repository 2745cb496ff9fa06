from __future__ import annotations

import inspect
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_type_hints

import pytest

import byom_magics as byom
from byom_magics import api, registering
from byom_magics.events import Ended, Reply, TextDelta
from byom_magics.magics import options
from byom_magics.messages import Message
from byom_magics.session import Session
from tests.wire.answers import CHUNKED, GOOD, chunk, chunked, frame, sse
from tests.wire.raw_server import RawServer, hold


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(GOOD) as made:
        byom.register("llama", url=made.url, model="llama3.2")
        yield made


# Names


def test_the_public_names_are_those_of_the_contract() -> None:
    for name in (
        "register",
        "ask",
        "stream",
        "models",
        "forget",
        "Reply",
        "ByomError",
        "CallError",
        "ShapeError",
        "State",
        "Message",
    ):
        assert name in byom.__all__
    for name in byom.__all__:
        assert getattr(byom, name) is not None
    assert set(byom.__all__) <= set(dir(byom))


def test_a_name_that_there_is_not_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ask_all'"):
        byom.ask_all  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    from importlib.metadata import version

    assert byom.__version__ == version("byom-magics")


@pytest.mark.parametrize("name", api.__all__)
def test_every_public_function_has_types_and_a_manual(name: str) -> None:
    function = getattr(api, name)
    hints = get_type_hints(function)
    assert set(hints) == {*inspect.signature(function).parameters, "return"}
    manual = inspect.getdoc(function) or ""
    assert "Raises:" in manual
    if name != "ask":  # its arguments are those of stream
        for parameter in inspect.signature(function).parameters:
            assert f"{parameter}:" in manual or name == "forget", parameter


def test_ask_takes_what_stream_takes_and_how_many_answers() -> None:
    asks = dict(inspect.signature(api.ask).parameters)
    assert asks.pop("n").default is None
    assert asks == dict(inspect.signature(api.stream).parameters)


def test_what_a_cell_can_say_a_call_can_say_too() -> None:
    only_shown = {"extra", "out", "raw", "dry_run", "on_error", "quiet", "to_cell"}
    named = {option.name for option in options.ASK.options} - only_shown - {"cells", "samples"}  # samples is n
    assert named <= set(inspect.signature(api.ask).parameters)


def test_what_the_register_magic_can_say_the_function_can_say_too() -> None:
    of_files = {"file", "trust"}
    named = {option.name for option in options.REGISTER.options} - {"extra", "timeout", "test"} - of_files
    assert named <= set(inspect.signature(registering.register).parameters)
    assert set(inspect.signature(registering.load).parameters) == {"path", "trust"}


# The registry


def test_a_registered_model_is_in_models_and_a_forgotten_one_is_not() -> None:
    spec = byom.register("llama", url="http://localhost:11434/v1", model="llama3.2", api_key="env:NAME")
    assert byom.models["llama"] is spec
    assert isinstance(byom.models, Mapping)
    assert byom.forget("llama") is spec
    assert "llama" not in byom.models
    with pytest.raises(byom.ByomError):
        byom.forget("llama")


def test_all_that_register_takes_reaches_the_spec() -> None:
    spec = byom.register(
        "gpt",
        url="https://api.example.com/v1",
        endpoint="ours",
        preset="groq",
        model="gpt-4o",
        name="GPT",
        description="d",
        provider="us",
        dialect="openai_responses",
        api_key="ask",
        headers={"X-Tenant": "a"},
        path="/chat",
        key_header="X-Our-Id",
        key_prefix="Token",
        proxy="env",
        proxy_login="env:LOGIN",
        unix_socket="/run/llm.sock",
        region="eu",
        tls={"ca": "ca.pem", "minimum_version": "1.3"},
        limits={"concurrent": 2},
        quirks={"stream_usage": False},
        allow_http_key=True,
        max_event_bytes=2048,
        temperature=0.5,
        top_p=0.9,
        max_tokens=5,
        seed=7,
        stop="END",
        system="Be brief.",
        extra_body={"a": 1},
        context_window=10,
        prices={"input": 1},
        price_out=2,
        price_cached_in=3,
        price_cached_out=4,
        currency="EUR",
        timeouts={"idle": 3},
        capabilities={"tools": False},
        tags=["big"],
        pinned=True,
        request_transformer=dict,
        response_transformer="unpack",
    )
    given = inspect.signature(registering.register).parameters
    defaults = byom.register("plain", url="https://api.example.com/v1")
    different = {**vars(spec), **vars(spec.endpoint), "endpoint": spec.endpoint.name, "name": spec.name}
    plain = {**vars(defaults), **vars(defaults.endpoint), "endpoint": defaults.endpoint.name, "name": defaults.name}
    same = {name for name in different if different[name] == plain[name]} & set(given)
    assert same == {"url"}
    assert vars(spec.prices) == {"input": 1, "output": 2, "cached_input": 3, "cached_output": 4, "currency": "EUR"}
    flat = {"price_in", "price_out", "price_cached_in", "price_cached_out", "currency"}
    assert set(given) - set(different) == {*flat, "save"}


def test_an_endpoint_is_registered_with_its_model_and_serves_others() -> None:
    byom.register("a", url="https://api.example.com/v1", endpoint="ours", api_key="env:KEY", region="eu")
    spec = byom.register("b", endpoint="ours")
    assert spec.endpoint is byom.endpoints["ours"]
    assert (spec.url, spec.api_key, spec.endpoint.region) == ("https://api.example.com/v1", "env:KEY", "eu")


def test_a_preset_and_a_model_are_enough() -> None:
    spec = byom.register("claude", preset="anthropic", model="some-model")
    assert (spec.url, spec.dialect, spec.provider) == ("https://api.anthropic.com/v1", "anthropic", "anthropic")
    assert spec.api_key == "env:ANTHROPIC_API_KEY"


def test_sec_25_certificates_that_are_not_verified_are_warned_of() -> None:
    with pytest.warns(UserWarning, match="the certificate of https://a.example.com is not verified"):
        byom.register("open", url="https://a.example.com", tls={"verify": False})


def test_a_transformer_may_be_named_before_and_after_it_is_registered(server: RawServer) -> None:
    byom.register("named", url=server.url, request_transformer="mark")
    with pytest.raises(byom.ByomError, match="No transformer 'mark' is registered"):
        byom.ask("named", "hi")
    byom.register_transformer("mark", lambda body: {**body, "marked": True})
    byom.ask("named", "hi")
    assert server.requests[-1].json["marked"] is True


# Asking


def test_ask_gives_the_whole_reply(server: RawServer) -> None:
    reply = byom.ask("llama", "hi")
    assert isinstance(reply, Reply)
    assert (reply.text, str(reply.state), reply.model, reply.served_model) == ("Hello", "complete", "llama", "served")
    assert reply.first_token_s is not None
    assert reply.duration_s is not None
    assert 0 <= reply.first_token_s <= reply.duration_s


def test_all_options_of_a_call_reach_the_request(server: RawServer) -> None:
    byom.ask("llama", [Message("user", "hi")], system="s", temperature=0.5, max_tokens=5, top_p=0.9, seed=1, stop=["a"], extra_body={"b": 1}, timeout=20, timeouts={"idle": 20})  # fmt: skip
    body = server.requests[0].json
    assert body["messages"] == [{"role": "system", "content": "s"}, {"role": "user", "content": "hi"}]
    sampled = {name: body[name] for name in ("temperature", "max_tokens", "top_p", "seed", "stop", "b", "stream")}
    assert sampled == {
        "temperature": 0.5,
        "max_tokens": 5,
        "top_p": 0.9,
        "seed": 1,
        "stop": ["a"],
        "b": 1,
        "stream": True,
    }


def test_stream_gives_events_and_the_reply_is_what_has_come() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold]) as server:
        byom.register("llama", url=server.url)
        with byom.stream("llama", "hi") as events:
            for event in events:
                if isinstance(event, TextDelta):
                    break
            assert events.reply.text == "Hel"
        assert (events.reply.text, str(events.reply.state)) == ("Hel", "cancelled")
        assert server.wait_for_hang_up().kind in ("fin", "rst")


def test_stop_works_from_another_thread() -> None:
    with RawServer([CHUNKED, frame(chunk("Hel")), hold]) as server:
        byom.register("llama", url=server.url)
        with byom.stream("llama", "hi") as events:
            seen: list[Any] = []
            for event in events:
                seen.append(event)
                if isinstance(event, TextDelta):
                    threading.Thread(target=events.stop).start()
        assert isinstance(seen[-1], Ended)
        assert str(seen[-1].state) == "cancelled"
        assert events.reply.text == "Hel"


def test_a_stream_that_fails_is_told_by_its_last_event_and_not_raised() -> None:
    with RawServer([chunked(sse("half", finish=None, done=False))]) as server:
        byom.register("llama", url=server.url)
        with byom.stream("llama", "hi") as events:
            seen = list(events)
    last = seen[-1]
    assert isinstance(last, Ended)
    assert (str(last.state), last.reason) == ("incomplete", "eof")
    assert last.error is events.reply.error


def test_models_is_the_registry_of_the_session_that_is() -> None:
    from byom_magics import session

    assert byom.models is session.current().models
    session.reset()
    assert byom.models is session.current().models
    assert isinstance(session.current(), Session)


# Files


def test_a_saved_model_stands_in_the_persons_file_and_a_file_can_be_loaded(tmp_path: Path) -> None:
    from byom_magics.catalog import files
    from byom_magics.catalog.layers import user_file

    byom.register("claude", preset="anthropic", model="claude-x", save=True)
    assert files.read(user_file()).models == {"claude": {"preset": "anthropic", "model": "claude-x"}}
    path = tmp_path / "byom.toml"
    path.write_text('[models.a]\nurl = "https://a.example.com/v1"\napi_key = "command:vault"\n', encoding="utf-8")
    with pytest.raises(byom.ByomError) as caught:
        byom.load(path)
    assert "runs the program vault" in str(caught.value)
    loaded = byom.load(str(path), trust=True)
    assert loaded.models == ("a",)
    assert loaded.uses == ("command:vault goes to https://a.example.com:443",)
    assert byom.models["a"].source == str(path)


# Several answers


def test_several_answers_are_a_list_and_their_seeds_count_on(server: RawServer) -> None:
    replies = byom.ask("llama", "Hi", n=3, seed=5)
    assert [reply.text for reply in replies] == ["Hello"] * 3
    assert [request.json["seed"] for request in server.requests] == [5, 6, 7]
    assert [reply.text for reply in byom.ask("llama", "Hi", n=1)] == ["Hello"]


def test_of_several_answers_those_before_a_failure_are_kept() -> None:
    with RawServer(GOOD, (CHUNKED + frame(chunk("Hel")),)) as made:
        byom.register("short", url=made.url)
        with pytest.raises(byom.CallError) as caught:
            byom.ask("short", "Hi", n=3)
    assert [reply.text for reply in caught.value.replies] == ["Hello"]
    assert caught.value.reply is not None
    assert caught.value.reply.text == "Hel"


@pytest.mark.parametrize("count", [0, -1, True, "3", 1.5])
def test_a_number_of_answers_is_a_whole_one(server: RawServer, count: Any) -> None:
    with pytest.raises(byom.ByomError, match="option n cannot be"):
        byom.ask("llama", "Hi", n=count)
    assert not server.requests


def test_a_conversation_has_one_answer_to_each_question(server: RawServer) -> None:
    with pytest.raises(byom.ByomError, match="do not go with a conversation"):
        byom.ask("llama", "Hi", n=2, conversation="work")
    assert not server.requests


# Which tools run


def test_only_the_tools_that_are_allowed_run_unasked() -> None:
    ran: list[str] = []

    def look(place: str) -> str:
        """Look at a place."""
        ran.append(place)
        return "sunny"

    def other() -> None:
        """Do something else."""

    for allow, expected in ((None, ["Oslo"]), ("all", ["Oslo"]), ([look], ["Oslo"]), (["other"], []), ([], [])):
        ran.clear()
        reply = byom.ask("demo/pydoc", 'Use look with place "Oslo".', tools=[look, other], allow=allow)
        assert ran == expected
        assert any(message.role == "tool" for message in reply.messages)


def test_whom_the_allowed_tools_do_not_name_leave_is_asked() -> None:
    def look(place: str) -> str:
        """Look at a place."""
        return f"sunny in {place}"

    asked: list[str] = []
    said = 'Use look with place "Oslo".'
    byom.ask("demo/pydoc", said, tools=[look], allow=[], leave=lambda call, _: asked.append(call.name))
    assert asked == ["look"]
    byom.ask("demo/pydoc", said, tools=[look], allow="look", leave=lambda call, _: asked.append(call.name))
    assert asked == ["look"]


def test_a_tool_that_there_is_not_cannot_be_allowed(server: RawServer) -> None:
    with pytest.raises(byom.ByomError, match="none of the tools"):
        byom.ask("llama", "Hi", allow="look")
    assert not server.requests


def test_how_much_to_reason_is_said_in_the_words_of_the_cell(server: RawServer) -> None:
    byom.ask("llama", "Hi", reasoning="low")
    byom.ask("llama", "Hi", effort="high")
    assert [request.json["reasoning_effort"] for request in server.requests] == ["low", "high"]


def test_the_format_is_told_to_the_model_and_the_reply_is_shown_so(server: RawServer) -> None:
    reply = byom.ask("llama", "Hi", format="code")
    assert reply.form == "code"
    assert server.requests[-1].json["messages"][0]["content"].startswith("Answer with source code only")
    assert byom.ask("llama", "Hi", format="text").form == "text"
    assert [each["role"] for each in server.requests[-1].json["messages"]] == ["user"]
    assert byom.ask("llama", "Hi").form == "markdown"
    with pytest.raises(byom.ByomError, match="one of markdown, text, code, json, html, math, image"):
        byom.ask("llama", "Hi", format="pdf")


def test_an_image_is_asked_for_as_a_format_too() -> None:
    byom.register("blind", url="http://127.0.0.1:9/v1", capabilities={"image_generation": False})
    with pytest.raises(byom.ByomError, match="a wish for images"):
        byom.ask("blind", "A cat", format="image")
