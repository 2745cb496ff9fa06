"""The Responses API: the contract, and what is sent in detail."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from byom_magics.catalog.spec import Capabilities, Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall, Usage
from byom_magics.messages import Call, Image, Message, Role, Sampling, Schema, Text, Tool
from byom_magics.testing import Case, DialectContract, Listing, play
from byom_magics.wire.dialects.dialect import Listed
from byom_magics.wire.dialects.openai_responses import DIALECT
from tests.wire.dialects.dots import GIF, PNG, encoded
from tests.wire.dialects.responses_answers import (
    added,
    begun,
    call,
    delta,
    done,
    finished,
    message,
    picture,
    reasoning,
    stream,
    whole,
)

SPEC = ModelSpec("r", "gpt-x", Endpoint("https://api.test/v1"), dialect="openai_responses")
HELLO = Call((Message("user", "hello"),))


COUNTS = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 16},
    "output_tokens": 9,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 29,
}
USAGE = Usage(20, 9, 29, 16, 5)
HI = Case(
    "hello",
    stream(
        begun(),
        {"type": "response.in_progress", "response": begun()["response"]},
        added({**message(""), "content": []}),
        {
            "type": "response.content_part.added",
            "item_id": "item_0",
            "output_index": 0,
            "part": {"type": "output_text"},
        },
        delta("Hé"),
        delta("llo 😀"),
        whole("Héllo 😀"),
        {
            "type": "response.content_part.done",
            "item_id": "item_0",
            "part": {"type": "output_text", "text": "Héllo 😀"},
        },
        finished(message("Héllo 😀")),
        done("completed", message("Héllo 😀"), usage=COUNTS),
    ),
    text="Héllo 😀",
    usage=USAGE,
    finish_reason="completed",
    served_model="gpt-x-2026",
)
THOUGHT = Case(
    "reasoning and tools",
    stream(
        begun(),
        added({**reasoning(0), "encrypted_content": "not-yet-sealed"}),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "item_id": "item_0", "summary_index": 0},
        delta("Look it ", kind="reasoning_summary_text", summary_index=0),
        delta("up.", kind="reasoning_summary_text", summary_index=0),
        whole("Look it up.", kind="reasoning_summary_text"),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "item_id": "item_0", "summary_index": 1},
        delta("Twice.", kind="reasoning_summary_text", summary_index=1),
        finished(reasoning(0, "Look it up.", "Twice.", sealed="sealed-thought-of-this-turn")),
        added({**call(1, "weather", ""), "status": "in_progress"}, 1),
        delta('{"city":', 1, "function_call_arguments"),
        delta('"Łódź"}', 1, "function_call_arguments"),
        whole('{"city":"Łódź"}', 1, "function_call_arguments", "arguments"),
        finished(call(1, "weather", '{"city":"Łódź"}'), 1),
        added({**call(2, "time", ""), "status": "in_progress"}, 2),
        whole("{}", 2, "function_call_arguments", "arguments"),
        finished(call(2, "time", "{}"), 2),
        done("completed", call(1, "weather", '{"city":"Łódź"}'), call(2, "time", "{}"), usage=COUNTS),
    ),
    reasoning="Look it up.\n\nTwice.",
    tool_calls=(ToolCall("call_1", "weather", '{"city":"Łódź"}'), ToolCall("call_2", "time", "{}")),
    usage=USAGE,
    finish_reason="completed",
    state="tool_calls",
    signatures=1,
)
SHAPED = Case(
    "an answer in a shape",
    stream(begun(), delta('{"a":'), delta("1}"), done("completed", message('{"a":1}'))),
    text='{"a":1}',
    finish_reason="completed",
    schema=True,
)
FAILED = {"code": "server_error", "message": "The model is on fire."}
CASES = (
    HI,
    THOUGHT,
    SHAPED,
    Case(
        "in one piece",
        json.dumps(
            done("completed", reasoning(0, "Hm."), message("Hello."), call(1, "f", "{}"), usage=COUNTS)["response"]
        ).encode(),
        text="Hello.",
        reasoning="Hm.",
        tool_calls=(ToolCall("call_1", "f", "{}"),),
        usage=USAGE,
        finish_reason="completed",
        state="tool_calls",
        served_model="gpt-x-2026",
        streamed=False,
    ),
    Case(
        "an image, said twice, after a stage of it",
        stream(
            begun(),
            added(picture(None)),
            {"type": "response.image_generation_call.generating", "output_index": 0, "item_id": "item_0"},
            {
                "type": "response.image_generation_call.partial_image",
                "output_index": 0,
                "item_id": "item_0",
                "partial_image_index": 0,
                "partial_image_b64": encoded(GIF),
            },
            {"type": "response.image_generation_call.completed", "output_index": 0, "item_id": "item_0"},
            finished(picture(encoded(PNG))),
            delta("Here it is.", 1),
            done("completed", picture(encoded(PNG)), message("Here it is.")),
        ),
        text="Here it is.",
        images=1,
        finish_reason="completed",
    ),
    Case(
        "an image, in one piece",
        json.dumps(done("completed", picture(encoded(PNG)))["response"]).encode(),
        images=1,
        finish_reason="completed",
        streamed=False,
    ),
    Case(
        "tokens with their alternatives",
        stream(
            begun(),
            delta(
                "Yes", logprobs=[{"token": "Yes", "logprob": -0.1, "top_logprobs": [{"token": "No", "logprob": -2.5}]}]
            ),
            delta(".", logprobs=[{"token": ".", "logprob": -0.2, "top_logprobs": []}]),
            done("completed", message("Yes.")),
        ),
        text="Yes.",
        logprobs=2,
        finish_reason="completed",
    ),
    Case(
        "failed",
        stream(begun(), delta("Be"), done("failed", error=FAILED)),
        text="Be",
        state="error(in_band)",
        words=("The model is on fire.", "server_error"),
        served_model="gpt-x-2026",
    ),
    Case(
        "an error event",
        stream(begun(), {"type": "error", "code": "rate_limit_exceeded", "message": "Slow down.", "param": None}),
        state="error(in_band)",
        words=("Slow down.", "rate_limit_exceeded"),
    ),
    Case(
        "refused",
        b'{"error": {"message": "No such model.", "type": "invalid_request_error", "code": "model_not_found"}}',
        state="error(http)",
        status=404,
        words=("No such model.",),
        streamed=False,
    ),
    Case("cut off", stream(begun(), delta("Half an")), text="Half an", state="incomplete(eof)"),
    Case(
        "the model declines",
        stream(begun(), delta("I'd rather ", kind="refusal"), delta("not.", kind="refusal"), done()),
        text="I'd rather not.",
        finish_reason="completed",
    ),
)


class TestContract(DialectContract):
    dialect = DIALECT
    cases = CASES
    finish_reasons = {  # noqa: RUF012 - as the contract has it
        "completed": "complete",
        "max_output_tokens": "length",
        "content_filter": "content_filter",
    }
    listings = (
        Listing(
            "OpenAI's",
            b'{"object": "list", "data": [{"id": "gpt-x", "object": "model", "created": 1, "owned_by": "openai"}]}',
            (Listed("gpt-x"),),
        ),
    )
    lacks = frozenset({"seed", "stop"})

    def ending_with(self, finish_reason: str) -> bytes:
        if finish_reason == "completed":
            return stream(begun(), delta("x"), done())
        return stream(begun(), delta("x"), done("incomplete", incomplete_details={"reason": finish_reason}))


# What is sent


def body(spec: ModelSpec = SPEC, call: Call = HELLO) -> dict[str, Any]:
    return DIALECT.request(spec, call).body


def said(*messages: tuple[Role, str]) -> Call:
    return Call(tuple(Message(role, text) for role, text in messages))


def user(text: str) -> dict[str, Any]:
    return {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}


def test_a_plain_question_is_kept_by_nobody() -> None:
    request = DIALECT.request(SPEC, HELLO)
    assert request.path == "/responses"
    assert request.body == {"model": "gpt-x", "input": [user("hello")], "stream": True, "store": False}


def test_system_messages_at_the_beginning_are_instructions_and_later_ones_stay_where_they_are() -> None:
    found = body(call=said(("system", "a"), ("system", "b"), ("user", "c"), ("system", "d")))
    assert found["instructions"] == "a\n\nb"
    system = {"type": "message", "role": "system", "content": [{"type": "input_text", "text": "d"}]}
    assert found["input"] == [user("c"), system]


def test_a_system_message_alone_is_what_is_asked() -> None:
    found = body(call=said(("system", "a")))
    assert "instructions" not in found
    assert [item["role"] for item in found["input"]] == ["system"]


def test_the_system_role_may_be_another_one() -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(system_role="developer")))
    assert body(spec, said(("user", "c"), ("system", "d")))["input"][1]["role"] == "developer"


def test_images_and_results_of_tools_have_parts() -> None:
    image = Image(b"png", "image/png")
    asked = Call((Message("user", (Text("look"), image)), Message("tool", (image,), tool_call_id="c1")))
    part = {"type": "input_image", "image_url": "data:image/png;base64,cG5n", "detail": "auto"}
    assert body(call=asked)["input"] == [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "look"}, part]},
        {"type": "function_call_output", "call_id": "c1", "output": [part]},
    ]


def test_a_turn_with_text_and_calls_is_said_again_in_order() -> None:
    turn = Message("assistant", "Let me see.", tool_calls=(ToolCall("c1", "f", '{"a":1}'), ToolCall("c2", "g", "")))
    asked = Call((Message("user", "?"), turn, Message("tool", "ok", tool_call_id="c1", tool_name="f")))
    text = {"type": "output_text", "text": "Let me see.", "annotations": []}
    assert body(call=asked)["input"][1:] == [
        {"type": "message", "role": "assistant", "status": "completed", "content": [text]},
        {"type": "function_call", "call_id": "c1", "name": "f", "arguments": '{"a":1}'},
        {"type": "function_call", "call_id": "c2", "name": "g", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "ok"},
    ]


def test_reasoning_goes_back_to_its_place_between_the_calls() -> None:
    played = play(
        DIALECT,
        Case(
            "two thoughts",
            stream(
                finished(reasoning(0, sealed="first")),
                finished(call(1, "f", "{}"), 1),
                finished(reasoning(2, sealed="second"), 2),
                finished(call(3, "g", "{}"), 3),
                finished(reasoning(4, sealed="nothing follows"), 4),
                done("completed", reasoning(0, sealed="first"), call(1, "f", "{}")),
            ),
        ),
    )
    turn = Message("assistant", "", tool_calls=played.tool_calls, signatures=played.signatures)
    found = body(call=Call((Message("user", "?"), turn)))["input"][1:]
    assert [item.get("encrypted_content") or item["name"] for item in found] == ["first", "f", "second", "g"]
    assert found[0] == {"type": "reasoning", "id": "item_0", "summary": [], "encrypted_content": "first"}


def test_tools_are_flat_and_not_strict() -> None:
    tool = Tool("f", "does f", {"type": "object", "properties": {}})
    found = body(call=replace(HELLO, tools=(tool,), tool_choice="f"))
    assert found["tools"] == [
        {"type": "function", "name": "f", "description": "does f", "parameters": tool.parameters, "strict": False}
    ]
    assert found["tool_choice"] == {"type": "function", "name": "f"}
    assert body(call=replace(HELLO, tools=(tool,), tool_choice="required"))["tool_choice"] == "required"
    assert "tool_choice" not in body(call=replace(HELLO, tools=(tool,)))


def test_images_are_made_by_a_tool_of_the_services_own() -> None:
    alone = body(call=replace(HELLO, makes_images=True))
    assert alone["tools"] == [{"type": "image_generation"}]
    assert alone["tool_choice"] == {"type": "image_generation"}
    tool = Tool("f", "does f", {"type": "object", "properties": {}})
    beside = body(call=replace(HELLO, makes_images=True, tools=(tool,), tool_choice="required"))
    assert [each["type"] for each in beside["tools"]] == ["function", "image_generation"]
    assert beside["tool_choice"] == "required"


def test_an_image_that_the_model_made_is_carried_by_the_next_question() -> None:
    made = Message("assistant", (Text("Here."), Image(b"png")))
    found = body(call=Call((Message("user", "draw"), made, Message("user", "larger"))))["input"]
    assert [item["role"] for item in found] == ["user", "assistant", "user"]
    assert [part["type"] for part in found[2]["content"]] == ["input_text", "input_image", "input_text"]


@pytest.mark.parametrize(("number", "told"), [(0, {}), (3, {"top_logprobs": 3})])
def test_logprobs_are_included_beside_what_else_is(number: int, told: dict[str, Any]) -> None:
    found = body(call=replace(HELLO, logprobs=number, effort="high"))
    assert found["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert {name: found[name] for name in found if name == "top_logprobs"} == told
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(without=("logprobs",))))
    assert body(spec, replace(HELLO, logprobs=number)) == body(spec)


def test_a_number_of_tokens_for_the_reasoning_is_a_level_and_that_is_said() -> None:
    request = DIALECT.request(SPEC, replace(HELLO, effort=2048))
    assert request.body["reasoning"] == {"effort": "low", "summary": "auto"}
    assert len(request.notes) == 1
    assert DIALECT.request(SPEC, replace(HELLO, effort=0)).body["reasoning"] == {"effort": "none"}


def test_an_answer_that_never_began_is_left_out_and_arguments_are_an_object() -> None:
    calls = (ToolCall("c1", "f", '{"a": '), ToolCall("c2", "f", ""))
    messages = (Message("user", "?"), Message("assistant", ""), Message("assistant", "", tool_calls=calls))
    found = body(call=Call((*messages, Message("tool", "", tool_call_id="c1"))))["input"]
    assert [item["type"] for item in found] == ["message", "function_call", "function_call", "function_call_output"]
    assert [item["arguments"] for item in found[1:3]] == ['{"arguments": "{\\"a\\": "}', "{}"]
    assert found[3]["output"] == ""


CLOSED = {"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize(("schema", "strict"), [(CLOSED, {"strict": True}), ({"type": "object"}, {})])
def test_a_shape_is_a_format_and_strict_where_it_keeps_the_rules(
    schema: dict[str, Any], strict: dict[str, Any]
) -> None:
    found = body(call=replace(HELLO, schema=Schema("my answer!", schema)))
    assert found["text"] == {"format": {"type": "json_schema", "name": "my_answer_", "schema": schema, **strict}}


@pytest.mark.parametrize(("quirk", "text"), [("json_object", {"format": {"type": "json_object"}}), ("none", None)])
def test_a_shape_that_the_service_has_no_field_for_is_told_in_words(quirk: Any, text: object) -> None:
    spec = replace(SPEC, endpoint=replace(SPEC.endpoint, quirks=Quirks(schema=quirk)))
    found = body(spec, replace(HELLO, schema=Schema("s", CLOSED)))
    assert found.get("text") == text
    assert '"additionalProperties": false' in found["instructions"]


def test_reasoning_is_asked_for_with_a_summary_and_comes_back_sealed() -> None:
    found = body(call=replace(HELLO, effort="high"))
    assert found["reasoning"] == {"effort": "high", "summary": "auto"}
    assert found["include"] == ["reasoning.encrypted_content"]
    known = body(replace(SPEC, capabilities=Capabilities(reasoning=True)))
    assert (known.get("reasoning"), known["include"]) == (None, ["reasoning.encrypted_content"])
    none = body(replace(SPEC, capabilities=Capabilities(reasoning=True)), replace(HELLO, effort="none"))
    assert (none["reasoning"], none.get("include")) == ({"effort": "none"}, None)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (replace(HELLO, sampling=Sampling(seed=7)), ("'seed'", "-o seed='7'")),
        (replace(HELLO, sampling=Sampling(stop=("END",))), ("'stop'", """-o stop='["END"]'""")),
    ],
)
def test_what_the_api_has_no_field_for_is_refused_with_a_way_out(call: Call, words: tuple[str, ...]) -> None:
    with pytest.raises(OptionError) as caught:
        body(call=call)
    assert not [word for word in words if word not in str(caught.value)]
