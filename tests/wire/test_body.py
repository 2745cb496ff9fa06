"""The body of a request: what is laid over what, and what JSON cannot say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from byom_magics.catalog.spec import Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.messages import Call, Message, Sampling, Schema
from byom_magics.wire.body import compose, encode
from byom_magics.wire.dialects import known
from byom_magics.wire.dialects.openai_chat import DIALECT
from byom_magics.wire.learning import Adjustment

if TYPE_CHECKING:
    from byom_magics.wire.dialects.dialect import Request

HI = (Message("user", "hi"),)


def made(call: Call | None = None, *learnt: Adjustment, **more: Any) -> Request:
    endpoint = Endpoint("http://localhost:1/v1", path=more.pop("path", None), quirks=more.pop("quirks", Quirks()))
    return compose(DIALECT, ModelSpec("llama", "m", endpoint, **more), call or Call(HI), learnt)


def extra(**fields: Any) -> Call:
    return Call(HI, Sampling(extra_body=fields))


def test_what_a_dialect_notes_stays_with_its_request() -> None:
    spec = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"), request_transformer=lambda body: {**body, "x": 1})
    request = compose(DIALECT, spec, Call(HI, effort=9000))
    assert request.body["x"] == 1
    assert len(request.notes) == 1
    assert compose(DIALECT, spec, Call(HI)).notes == ()


def test_further_fields_win_except_over_who_is_asked_what_and_how() -> None:
    fields = {"temperature": 1, "top_k": 5, "messages": [], "model": "other", "stream": False, "stream_options": None}
    sent = made(Call(HI, Sampling(temperature=0, extra_body=fields)), max_tokens=9).body
    assert (sent["temperature"], sent["top_k"], sent["max_tokens"]) == (1, 5, 9)
    assert (sent["messages"][0]["content"], sent["model"], sent["stream"]) == ("hi", "m", True)
    assert "stream_options" not in sent


def test_who_is_asked_what_and_how_stays_ours_in_every_dialect() -> None:
    call = Call(HI, Sampling(extra_body={"messages": [], "model": "other", "stream": False, "contents": [], "a": 1}))
    spec = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"))
    sent = compose(known.find("gemini"), spec, call).body
    assert sent["a"] == 1
    assert sent["contents"][0]["parts"] == [{"text": "hi"}]
    assert not {"messages", "model", "stream"} & sent.keys()


def test_the_calls_fields_win_over_the_models() -> None:
    sent = made(extra(a=2), extra_body={"a": 1, "b": 1}).body
    assert (sent["a"], sent["b"]) == (2, 1)


def test_objects_are_merged_and_one_that_says_its_type_is_a_whole() -> None:
    sent = made(extra(stream_options={"include_obfuscation": False})).body
    assert sent["stream_options"] == {"include_usage": True, "include_obfuscation": False}
    sent = made(extra(thinking={"type": "disabled"}), extra_body={"thinking": {"type": "enabled", "budget": 5}}).body
    assert sent["thinking"] == {"type": "disabled"}
    assert made(extra(stream_options={"include_usage": None, "a": 1})).body["stream_options"] == {"a": 1}


def test_the_endpoints_path_stands_over_the_dialects() -> None:
    assert made().path == "/chat/completions"
    assert made(path="/chat").path == "/chat"


def test_fields_that_are_never_sent_are_those_of_ours_only() -> None:
    quirks = Quirks(without=("temperature", "stream_options.include_usage", "messages", "nothing.there"))
    sent = made(quirks=quirks, temperature=1.0).body
    assert not {"temperature", "stream_options"} & sent.keys()
    assert sent["messages"]
    assert made(extra(temperature=1), quirks=quirks).body["temperature"] == 1


def test_what_the_server_refuses_goes_unless_the_call_itself_names_it() -> None:
    refuses = Adjustment("without", "seed", "")
    assert "seed" not in made(None, refuses, seed=1).body
    assert "seed" not in made(None, refuses, extra_body={"seed": 1}).body
    assert made(extra(seed=1), refuses).body["seed"] == 1


def test_a_transformer_comes_last_and_sees_a_copy() -> None:
    mine: dict[str, Any] = {"deep": {"a": 1}}

    def change(body: dict[str, Any]) -> Mapping[str, Any]:
        body["deep"]["a"] = 2
        return MappingProxyType({**body, "model": "theirs"})

    sent = made(extra_body=mine, request_transformer=change).body
    assert (sent["deep"], sent["model"]) == ({"a": 2}, "theirs")
    assert mine == {"deep": {"a": 1}}


def test_a_transformer_that_fails_is_told() -> None:
    with pytest.raises(OptionError, match="gave NoneType"):
        made(request_transformer=lambda _: None)


def test_half_a_surrogate_pair_does_not_stop_a_request() -> None:
    assert json.loads(encode({"a": "a\ud83db"}, "llama"))["a"] == "a?b"


def test_objects_of_any_kind_of_mapping_can_be_sent() -> None:
    assert encode({"a": MappingProxyType({"b": 1})}, "llama") == b'{"a": {"b": 1}}'


def deep() -> object:
    value: object = 1
    for _ in range(100_000):
        value = [value]
    return value


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), float("inf"), object(), b"bytes", deep()])
def test_what_json_cannot_say_is_told(value: object) -> None:
    with pytest.raises(OptionError, match="check the values given with -o") as caught:
        encode({"a": value}, "llama")
    assert caught.value.model == "llama"


@pytest.mark.parametrize("name", ["openai_chat", "openai_responses", "anthropic", "gemini", "ollama"])
def test_what_is_nested_too_deep_is_told(name: str) -> None:
    deep: dict[str, Any] = {}
    for _ in range(30_000):
        deep = {"properties": deep}
    spec = ModelSpec("it", "m", Endpoint("http://localhost:1/v1"))
    with pytest.raises(OptionError, match=r"deep|recursion|JSON"):
        encode(compose(known.find(name), spec, Call((Message("user", "hi"),), schema=Schema("s", deep))).body, "it")
