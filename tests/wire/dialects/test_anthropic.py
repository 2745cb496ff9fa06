"""Anthropic's messages: the contract, and what is sent in detail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall, Usage
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.testing import Case, DialectContract, Listing
from byom_magics.wire.dialects.anthropic import DIALECT
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.effort import BUDGET, LEVELS

SPEC = ModelSpec("c", "claude-x", Endpoint("https://api.test/v1"), dialect="anthropic")
HELLO = Call((Message("user", "hello"),))
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {"at": {"type": "string"}}})
TURN = Tool("turn", "Turns.", {"type": "object", "properties": {}})


def stream(*events: dict[str, Any]) -> bytes:
    """A stream as Anthropic sends it: the event's name is its type."""
    lines = [f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events]
    return "".join(lines).encode()


def begun(**usage: Any) -> dict[str, Any]:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x-20260101", "content": []}
    return {
        "type": "message_start",
        "message": {**message, "stop_reason": None, "usage": {"output_tokens": 1, **usage}},
    }


def block(at: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_start", "index": at, "content_block": {"type": kind, **more}}


def delta(at: int, kind: str, **more: Any) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": at, "delta": {"type": kind, **more}}


def text(said: str, at: int = 0) -> dict[str, Any]:
    return delta(at, "text_delta", text=said)


def stopped(at: int = 0) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": at}


def ended(reason: str | None = "end_turn", usage: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None, **more}, "usage": usage}


OVER = {"type": "message_stop"}
PING = {"type": "ping"}
SIGNED = "a signature of some length"

CASES = (
    Case(
        "text, with its cache counted beside the input",
        stream(
            begun(input_tokens=10, cache_read_input_tokens=200, cache_creation_input_tokens=30),
            block(0, "text", text=""),
            PING,
            text("Hello "),
            text("wörld 👋"),
            stopped(),
            ended(usage={"output_tokens": 12}),
            OVER,
        ),
        text="Hello wörld 👋",
        usage=Usage(240, 12, 252, 200, None, 30),
        finish_reason="end_turn",
        served_model="claude-x-20260101",
    ),
    Case(
        "thinking, signed, and hidden thinking",
        stream(
            begun(input_tokens=5),
            block(0, "thinking", thinking="", signature=""),
            delta(0, "thinking_delta", thinking="Let me "),
            delta(0, "thinking_delta", thinking="see."),
            delta(0, "signature_delta", signature=SIGNED[:5]),
            delta(0, "signature_delta", signature=SIGNED[5:]),
            stopped(0),
            block(1, "redacted_thinking", data="hidden thinking data"),
            stopped(1),
            block(2, "text", text=""),
            text("42", 2),
            stopped(2),
            ended(usage={"input_tokens": 5, "output_tokens": 40, "output_tokens_details": {"thinking_tokens": 30}}),
            OVER,
        ),
        text="42",
        reasoning="Let me see.",
        usage=Usage(5, 40, 45, None, 30),
        finish_reason="end_turn",
        signatures=2,
    ),
    Case(
        "two calls of tools, one without arguments",
        stream(
            begun(input_tokens=5),
            block(0, "text", text=""),
            text("I look."),
            stopped(0),
            block(1, "tool_use", id="toolu_1", name="look", input={}),
            delta(1, "input_json_delta", partial_json=""),
            delta(1, "input_json_delta", partial_json='{"at": "K'),
            delta(1, "input_json_delta", partial_json='öln"}'),
            stopped(1),
            block(2, "tool_use", id="toolu_2", name="turn", input={}),
            delta(2, "input_json_delta", partial_json=""),
            stopped(2),
            ended("tool_use", {"output_tokens": 9}),
            OVER,
        ),
        text="I look.",
        tool_calls=(ToolCall("toolu_1", "look", '{"at": "Köln"}'), ToolCall("toolu_2", "turn", "{}")),
        usage=Usage(5, 9, 14),
        finish_reason="tool_use",
        state="tool_calls",
    ),
    Case(
        "the shape of a schema",
        stream(begun(input_tokens=1), block(0, "text", text=""), text('{"a":'), text(" 1}"), stopped(), ended(), OVER),
        text='{"a": 1}',
        usage=Usage(1),
        finish_reason="end_turn",
        schema=True,
    ),
    Case(
        "begun twice, as some proxies do",
        stream(begun(input_tokens=10), begun(input_tokens=99), block(0, "text", text="ok"), ended(usage={}), OVER),
        text="ok",
        usage=Usage(10),
        finish_reason="end_turn",
    ),
    Case(
        "counted at the end only, as LiteLLM does",
        stream(
            begun(input_tokens=0, output_tokens=0),
            text("x"),
            ended(usage={"input_tokens": 1, "output_tokens": 2}),
            OVER,
        ),
        text="x",
        usage=Usage(1, 2, 3),
        finish_reason="end_turn",
    ),
    Case(
        "refused, with an explanation",
        stream(
            begun(input_tokens=18),
            ended("refusal", {"output_tokens": 5}, stop_details={"type": "refusal", "explanation": "It is forbidden."}),
            OVER,
        ),
        usage=Usage(18, 5, 23),
        finish_reason="refusal",
        state="content_filter",
        words=("It is forbidden.",),
    ),
    Case(
        "an error in the middle",
        stream(
            begun(input_tokens=3),
            block(0, "text", text=""),
            text("Hel"),
            {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}, "request_id": "req_1"},
        ),
        text="Hel",
        usage=Usage(3),
        state="error(in_band)",
        words=("Overloaded", "overloaded_error"),
    ),
    Case(
        "an error of a proxy, in its own shape",
        stream(begun(input_tokens=3)) + b'data: {"error": {"message": "upstream is gone", "code": "502"}}\n\n',
        usage=Usage(3),
        state="error(in_band)",
        words=("upstream is gone",),
    ),
    Case(
        "broken off",
        stream(begun(input_tokens=3), block(0, "tool_use", id="toolu_1", name="look", input={})),
        tool_calls=(ToolCall("toolu_1", "look", ""),),
        usage=Usage(3),
        state="incomplete(eof)",
    ),
    Case(
        "a refusal before the stream",
        b'{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"r"}',
        status=401,
        state="error(http)",
        words=("invalid x-api-key",),
    ),
    Case(
        "an error in place of an answer",
        b'{"type":"error","error":{"type":"api_error","message":"Internal server error"}}',
        streamed=False,
        state="error(in_band)",
        words=("Internal server error",),
    ),
    Case(
        "in one piece",
        json.dumps(
            {
                "id": "msg_1",
                "type": "message",
                "role": "assistant",
                "model": "claude-x",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": SIGNED},
                    {"type": "text", "text": "Yes."},
                    {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"at": "it"}},
                ],
                "stop_reason": "tool_use",
                "usage": {"input_tokens": 7, "output_tokens": 8, "cache_read_input_tokens": 1},
            }
        ).encode(),
        streamed=False,
        text="Yes.",
        reasoning="Hm.",
        tool_calls=(ToolCall("toolu_1", "look", '{"at": "it"}'),),
        usage=Usage(8, 8, 16, 1),
        finish_reason="tool_use",
        state="tool_calls",
        signatures=1,
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = CASES
    lacks = frozenset({"seed", "logprobs", "image_output"})
    finish_reasons = {  # noqa: RUF012 - never changed
        "end_turn": "complete",
        "stop_sequence": "complete",
        "max_tokens": "length",
        "model_context_window_exceeded": "length",
        "tool_use": "tool_calls",
        "refusal": "content_filter",
    }
    listings = (
        Listing(
            "a page",
            json.dumps(
                {
                    "data": [
                        {
                            "type": "model",
                            "id": "claude-x-20260101",
                            "display_name": "Claude X",
                            "created_at": "2026-01-01T00:00:00Z",
                            "max_input_tokens": 1_000_000,
                            "max_tokens": 64_000,
                            "capabilities": {
                                "image_input": {"supported": True},
                                "structured_outputs": {"supported": True},
                                "thinking": {"supported": False, "types": {"adaptive": {"supported": False}}},
                            },
                        },
                        {"type": "model", "id": "claude-old", "display_name": "Claude Old"},
                    ],
                    "has_more": True,
                    "first_id": "claude-x-20260101",
                    "last_id": "claude old&x=1",
                }
            ).encode(),
            (
                Listed(
                    "claude-x-20260101",
                    "Claude X",
                    context_window=1_000_000,
                    max_tokens=64_000,
                    capabilities=Capabilities(reasoning=False, structured_output=True, attachments=True),
                ),
                Listed("claude-old", "Claude Old"),
            ),
            "after_id=claude%20old%26x%3D1&limit=1000",
        ),
        Listing("the last page", b'{"data": [{"id": "a"}], "has_more": false, "last_id": "a"}', (Listed("a"),)),
    )

    def ending_with(self, finish_reason: str) -> bytes:
        return stream(
            begun(input_tokens=1), block(0, "text", text=""), text("So"), stopped(), ended(finish_reason), OVER
        )


def body(call: Call = HELLO, spec: ModelSpec = SPEC) -> dict[str, Any]:
    return DIALECT.request(spec, call).body


def test_a_question_is_sent_with_the_limit_that_the_service_wants() -> None:
    request = DIALECT.request(SPEC, HELLO)
    assert request.path == "/messages"
    assert request.body == {
        "model": "claude-x",
        "messages": [{"role": "user", "content": "hello"}],
        "max_tokens": 4096,
        "stream": True,
    }


def test_the_key_goes_by_itself_and_the_version_goes_along() -> None:
    assert (DIALECT.key_header, DIALECT.key_prefix) == ("x-api-key", "")
    assert dict(DIALECT.headers) == {"anthropic-version": "2023-06-01"}


def test_system_messages_are_one_field_wherever_they_stand() -> None:
    call = Call((Message("system", "Be brief."), Message("user", "hello"), Message("system", "Be kind.")))
    assert body(call)["system"] == "Be brief.\n\nBe kind."
    assert body(call)["messages"] == [{"role": "user", "content": "hello"}]


def test_options_have_the_names_of_the_service_and_are_not_bent() -> None:
    sampling = Sampling(temperature=1.5, top_p=0.9, max_tokens=10, stop=("END",))
    found = body(replace(HELLO, sampling=sampling))
    assert (found["temperature"], found["top_p"], found["max_tokens"]) == (1.5, 0.9, 10)
    assert found["stop_sequences"] == ["END"]


@pytest.mark.parametrize(
    ("spec", "sampling"),
    [(SPEC, Sampling(seed=1)), (replace(SPEC, seed=0), Sampling())],
    ids=["of the cell", "of the model"],
)
def test_a_seed_is_refused(spec: ModelSpec, sampling: Sampling) -> None:
    with pytest.raises(OptionError, match="have no seed"):
        body(replace(HELLO, sampling=sampling), spec)


def test_an_image_is_sent_as_its_bytes_in_its_place() -> None:
    call = Call((Message("user", (Text("What is"), Image(b"png!", "image/webp"), Text("this?"))),))
    assert body(call)["messages"][0]["content"] == [
        {"type": "text", "text": "What is"},
        {"type": "image", "source": {"type": "base64", "media_type": "image/webp", "data": "cG5nIQ=="}},
        {"type": "text", "text": "this?"},
    ]


def test_an_image_where_the_service_takes_none_is_refused() -> None:
    with pytest.raises(OptionError, match="role 'system' cannot carry an image"):
        body(Call((Message("system", (Image(b"x"),)), Message("user", "hello"))))


def test_an_image_that_a_model_made_is_carried_by_the_next_question() -> None:
    made = (Message("user", "a dot"), Message("assistant", (Image(b"x"),)), Message("user", "larger"))
    messages = body(Call(made))["messages"]
    assert [each["role"] for each in messages] == ["user", "assistant", "user"]
    assert messages[1]["content"] == [{"type": "text", "text": "(an image, which follows)"}]
    assert [each["type"] for each in messages[2]["content"]] == ["text", "image", "text"]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (replace(HELLO, logprobs=0), ("log-probabilities", "--logprobs")),
        (replace(HELLO, makes_images=True), ("make no images", "another", "SVG")),
    ],
)
def test_what_the_service_cannot_do_is_refused_with_a_way_out(call: Call, words: tuple[str, ...]) -> None:
    with pytest.raises(OptionError) as caught:
        body(call)
    said = f"{caught.value.what} {caught.value.hint}".replace("a model that does", "another")
    assert not [word for word in words if word not in said]


def test_tools_and_their_choice() -> None:
    found = body(replace(HELLO, tools=(LOOK, TURN), tool_choice="turn"))
    assert found["tools"][0] == {"name": "look", "description": "Looks.", "input_schema": dict(LOOK.parameters)}
    assert found["tool_choice"] == {"type": "tool", "name": "turn"}
    for choice, word in (("auto", "auto"), ("required", "any"), ("none", "none")):
        assert body(replace(HELLO, tools=(LOOK,), tool_choice=choice))["tool_choice"] == {"type": word}


def test_a_tool_that_is_not_there_cannot_be_chosen() -> None:
    with pytest.raises(OptionError, match="no tool 'lok'"):
        body(replace(HELLO, tools=(LOOK,), tool_choice="lok"))


def test_results_of_tools_that_were_asked_for_together_go_back_together() -> None:
    asked = (ToolCall("a.1", "look", '{"at": "it"}'), ToolCall("b", "turn", ""))
    results = (Message("tool", "seen", tool_call_id="a.1"), Message("tool", (Image(b"x"),), tool_call_id="b"))
    messages = body(Call((Message("user", "go"), Message("assistant", "I look.", tool_calls=asked), *results)))[
        "messages"
    ]
    assert messages[1]["content"] == [
        {"type": "text", "text": "I look."},
        {"type": "tool_use", "id": "a_1", "name": "look", "input": {"at": "it"}},
        {"type": "tool_use", "id": "b", "name": "turn", "input": {}},
    ]
    assert messages[2]["role"] == "user"
    assert [each["tool_use_id"] for each in messages[2]["content"]] == ["a_1", "b"]
    assert messages[2]["content"][0] == {"type": "tool_result", "tool_use_id": "a_1", "content": "seen"}
    assert messages[2]["content"][1]["content"][0]["type"] == "image"


@pytest.mark.parametrize("arguments", ['{"at": "i', "[1]", "[" * 100_000])
def test_arguments_that_are_no_object_go_back_as_they_were_written(arguments: str) -> None:
    said = Message("assistant", "", tool_calls=(ToolCall("a", "look", arguments),))
    sent = body(Call((Message("user", "go"), said)))["messages"][1]["content"][0]["input"]
    assert sent["arguments"] in (arguments, [1])


def test_thinking_goes_back_first_as_it_was_signed() -> None:
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    hidden = {"type": "redacted_thinking", "data": "d"}
    said = Message(
        "assistant",
        "Yes.",
        tool_calls=(ToolCall("a", "look", "{}"),),
        signatures=({"anthropic": thought}, {"gemini": {"part": 1}}, {"anthropic": hidden}),
    )
    kinds = [each["type"] for each in body(Call((Message("user", "go"), said)))["messages"][1]["content"]]
    assert kinds == ["thinking", "redacted_thinking", "text", "tool_use"]


def test_an_answer_that_never_began_is_left_out() -> None:
    call = Call((Message("user", "go"), Message("assistant", ""), Message("user", "again")))
    assert body(call)["messages"] == [{"role": "user", "content": "go\n\nagain"}]


def test_a_question_that_follows_results_stands_behind_them_in_one_message() -> None:
    asked = Message("assistant", "", tool_calls=(ToolCall("a", "look", "{}"),))
    result = Message("tool", "", tool_call_id="a")
    sent = body(Call((Message("user", "go"), asked, result, Message("user", (Text(""), Text("on"))))))["messages"]
    assert [each["role"] for each in sent] == ["user", "assistant", "user"]
    assert sent[2]["content"] == [
        {"type": "tool_result", "tool_use_id": "a", "content": ""},
        {"type": "text", "text": "on"},
    ]


def test_an_empty_text_beside_an_image_is_left_out() -> None:
    message = Message("user", (Text(""), Image(b"x")))
    assert [each["type"] for each in body(Call((message,)))["messages"][0]["content"]] == ["image"]


def test_a_shape_is_told_with_every_object_closed() -> None:
    shape = {"type": "object", "properties": {"a": {"type": "array", "items": {"type": "object", "properties": {}}}}}
    found = body(replace(HELLO, schema=Schema("s", shape), effort="low"))["output_config"]
    assert found["effort"] == "low"
    assert found["format"]["type"] == "json_schema"
    assert found["format"]["schema"] == {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": False}}
        },
        "additionalProperties": False,
    }
    assert "additionalProperties" not in shape


def test_an_effort_is_a_level_with_room_to_think() -> None:
    found = body(replace(HELLO, effort="medium"))
    assert found["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert found["output_config"] == {"effort": "medium"}
    assert found["max_tokens"] == 4096 + 8192
    assert body(replace(HELLO, effort="medium", sampling=Sampling(max_tokens=9)))["max_tokens"] == 9


def test_no_effort_switches_thinking_off() -> None:
    assert body(replace(HELLO, effort="none"))["thinking"] == {"type": "disabled"}


def test_a_number_is_a_budget_as_it_is() -> None:
    found = body(replace(HELLO, effort=5000))
    assert found["thinking"] == {"type": "enabled", "budget_tokens": 5000}
    assert found["max_tokens"] == 9096


def test_models_that_take_no_budget_any_more_are_given_a_level_for_it() -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(effort_field=LEVELS)))
    request = DIALECT.request(spec, replace(HELLO, effort=5000))
    assert request.body["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert request.body["output_config"] == {"effort": "medium"}
    assert request.notes == (
        "sent with the effort 'medium' for 5,000 tokens of reasoning: the service takes levels and no number",
    )
    assert DIALECT.request(spec, replace(HELLO, effort="low")).notes == ()


def test_a_budget_that_the_limit_leaves_no_room_for_is_refused() -> None:
    with pytest.raises(OptionError, match="Thinking of 5000 tokens is no part of an answer of at most 5000") as caught:
        body(replace(HELLO, effort=5000, sampling=Sampling(max_tokens=5000)))
    assert caught.value.hint == "raise the limit: --max-tokens 9096"


@pytest.mark.parametrize(
    ("effort", "limit", "budget"),
    [("low", None, 2048), ("high", None, 24_576), ("high", 10_000, 5000), ("low", 1500, 1024)],
)
def test_older_models_are_given_a_budget_for_the_level(effort: str, limit: int | None, budget: int) -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(effort_field=BUDGET)), max_tokens=limit)
    found = body(replace(HELLO, effort=effort), spec)
    assert found["thinking"] == {"type": "enabled", "budget_tokens": budget}
    assert "output_config" not in found
    assert found["max_tokens"] == (limit or 4096 + budget)
