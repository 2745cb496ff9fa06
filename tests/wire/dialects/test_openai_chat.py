"""Requests of chat completions: what is said, and how the services want it said."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from byom_magics.catalog.spec import Endpoint, ModelSpec, Quirks
from byom_magics.errors import OptionError
from byom_magics.events import ToolCall
from byom_magics.messages import Call, Image, Message, Sampling, Schema, Text, Tool
from byom_magics.wire.dialects.openai_chat import DIALECT, strict_schema

HI = (Message("user", "hi"),)
PIXEL = Image(b"\x89PNG", "image/png")
WEATHER = Tool("weather", "Says the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})
ANSWER = Schema("an answer", {"type": "object", "properties": {"a": {"type": "integer"}}})


def body(call: Call, quirks: Quirks | None = None, **spec: Any) -> dict[str, Any]:
    model = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1", quirks=quirks or Quirks()), **spec)
    return DIALECT.request(model, call).body


def said(*messages: Message, quirks: Quirks | None = None, **call: Any) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = body(Call(messages, **call), quirks)["messages"]
    return made


def test_a_request_says_no_more_than_it_must() -> None:
    assert body(Call(HI)) == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_the_calls_sampling_stands_over_the_models_defaults() -> None:
    defaults: dict[str, Any] = {"temperature": 1.0, "top_p": 0.9, "max_tokens": 9, "seed": 1, "stop": ("a",)}
    names = ("temperature", "top_p", "max_tokens", "seed", "stop")
    by_default = body(Call(HI), **defaults)
    assert [by_default[name] for name in names] == [1.0, 0.9, 9, 1, ["a"]]
    sampling = Sampling(temperature=0.0, top_p=0.5, max_tokens=5, seed=0, stop=("b", "c"))
    by_call = body(Call(HI, sampling), **defaults)
    assert [by_call[name] for name in names] == [0.0, 0.5, 5, 0, ["b", "c"]]


def test_fields_are_called_as_the_service_calls_them() -> None:
    quirks = Quirks(
        token_limit_field="max_completion_tokens", seed_field="random_seed", stop_field="stops", stream_usage=False
    )
    made = body(Call(HI, Sampling(max_tokens=5, seed=1, stop=("x",))), quirks)
    assert (made["max_completion_tokens"], made["random_seed"], made["stops"]) == (5, 1, ["x"])
    assert not {"max_tokens", "seed", "stop", "stream_options"} & made.keys()


def test_the_two_ways_to_limit_an_answer_exclude_each_other() -> None:
    assert "max_tokens" not in body(Call(HI, Sampling(max_tokens=5, extra_body={"max_completion_tokens": 9})))


# Messages


def test_images_travel_as_data_in_the_message_that_they_belong_to() -> None:
    parts = (Text("What"), PIXEL, Text("is this?"))
    assert said(Message("user", parts))[0]["content"] == [
        {"type": "text", "text": "What"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
        {"type": "text", "text": "is this?"},
    ]


def test_an_image_that_cannot_be_sent_is_told_rather_than_left_out() -> None:
    with pytest.raises(OptionError, match="cannot carry an image"):
        said(Message("system", (PIXEL,)), *HI)


ASKED = Message("assistant", "", (ToolCall("c1", "draw", "{}"), ToolCall("c2", "weather", "{}")))


def test_an_image_of_a_tool_stands_in_a_message_of_the_user_behind_all_results() -> None:
    drawn = Message("tool", (Text("Drawn."), PIXEL), tool_call_id="c1", tool_name="draw")
    made = said(*HI, ASKED, drawn, Message("tool", "", tool_call_id="c2"))
    assert made[2:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "Drawn."},
        {"role": "tool", "tool_call_id": "c2", "content": ""},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "The image that the tool draw returned:"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}},
            ],
        },
    ]


def test_a_thought_goes_back_also_where_its_tool_returned_an_image() -> None:
    thought = Message("assistant", "", ASKED.tool_calls[:1], signatures=({"reasoning_content": "Hm."},))
    made = said(*HI, thought, Message("tool", (PIXEL,), tool_call_id="c1"))
    assert made[1]["reasoning_content"] == "Hm."
    assert made[3]["role"] == "user"


def test_an_image_that_the_model_made_is_carried_by_the_next_question() -> None:
    made = said(*HI, Message("assistant", (Text("Here."), PIXEL)), Message("user", "larger"))
    assert made[1] == {"role": "assistant", "content": "Here."}
    assert [part["type"] for part in made[2]["content"]] == ["text", "image_url", "text"]


def test_questions_that_stand_side_by_side_become_one_and_an_empty_answer_stays_between_them() -> None:
    assert said(*HI, Message("user", "again")) == [{"role": "user", "content": "hi\n\nagain"}]
    assert [each["content"] for each in said(*HI, Message("assistant", ""), Message("user", "again"))] == [
        "hi",
        "",
        "again",
    ]
    folded = said(*HI, Message("system", "Be brief."), Message("user", "again"), quirks=Quirks(system_role="user"))
    assert folded == [{"role": "user", "content": "hi\n\nBe brief.\n\nagain"}]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('{"a":  1}', '{"a":  1}'),
        ('{"a": ', '{"arguments": "{\\"a\\": "}'),
        ('{"a": NaN}', '{"arguments": "{\\"a\\": NaN}"}'),
    ],
)
def test_arguments_go_back_as_an_object_whatever_the_model_wrote(written: str, sent: str) -> None:
    turn = said(*HI, Message("assistant", "", (ToolCall("c1", "f", written),)))[1]
    assert turn["tool_calls"][0]["function"]["arguments"] == sent


# Images and tokens


def test_images_are_asked_for_as_a_modality() -> None:
    assert body(Call(HI, makes_images=True))["modalities"] == ["image", "text"]
    assert "modalities" not in body(Call(HI))


@pytest.mark.parametrize(("number", "told"), [(0, {"logprobs": True}), (3, {"logprobs": True, "top_logprobs": 3})])
def test_logprobs_are_asked_for_with_their_alternatives(number: int, told: dict[str, Any]) -> None:
    asked, plain = body(Call(HI, logprobs=number)), body(Call(HI))
    assert asked == {**plain, **told}
    assert body(Call(HI, logprobs=number), Quirks(without=("logprobs",))) == plain


def test_parts_are_one_text_where_there_is_nothing_else_and_a_list_where_the_service_wants_one() -> None:
    message = Message("user", (Text("a"), Text("b")))
    assert said(message)[0]["content"] == "ab"
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert said(message, quirks=Quirks(content="parts"))[0]["content"] == parts


def test_a_tool_its_call_and_its_result_are_told() -> None:
    messages = (
        *HI,
        Message("assistant", "", (ToolCall("c1", "weather", ""),)),
        Message("tool", "Rain.", tool_call_id="c1"),
    )
    made = body(Call(messages, tools=(WEATHER,), tool_choice="weather"))
    assert made["messages"][1:] == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "Rain."},
    ]
    assert made["tools"][0]["function"]["parameters"] == WEATHER.parameters
    assert made["tool_choice"] == {"type": "function", "function": {"name": "weather"}}
    assert body(Call(HI, tools=(WEATHER,), tool_choice="required"))["tool_choice"] == "required"
    assert "tool_choice" not in body(Call(HI, tool_choice="required"))


@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_system_message_is_said_in_the_role_that_the_service_has_for_it(role: Any) -> None:
    assert said(Message("system", "Be brief."), *HI, quirks=Quirks(system_role=role))[0] == {
        "role": role,
        "content": "Be brief.",
    }


def test_where_there_is_no_such_role_the_persons_message_says_it() -> None:
    quirks = Quirks(system_role="user")
    assert said(Message("system", "Be brief."), *HI, quirks=quirks) == [{"role": "user", "content": "Be brief.\n\nhi"}]
    assert said(Message("system", "Be brief."), quirks=quirks) == [{"role": "user", "content": "Be brief."}]
    with_image = said(Message("system", "Be brief."), Message("user", (PIXEL,)), quirks=quirks)[0]["content"]
    assert [part["type"] for part in with_image] == ["text", "image_url"]


# What goes back


def turn(*signatures: dict[str, Any], after: tuple[Message, ...] = ()) -> dict[str, Any]:
    """The assistant's message with a tool call, as it is said again after these signatures."""
    calls = (ToolCall("c1", "f", "{}"), ToolCall("c2", "f", "{}"))
    return said(*HI, Message("assistant", "", calls, signatures=signatures), *after)[1]


def test_a_signature_goes_back_with_its_call() -> None:
    sign = {"google": {"thought_signature": "s"}}
    by_id = turn({"extra_content": sign, "tool_call": 0, "id": "c2"})["tool_calls"]
    by_place = turn({"extra_content": sign, "tool_call": 1, "id": None})["tool_calls"]
    assert by_id == by_place
    assert ["extra_content" in call for call in by_id] == [False, True]
    assert turn({"extra_content": sign})["extra_content"] == sign


def test_a_plain_thought_goes_back_while_its_tools_are_at_work_and_never_later() -> None:
    thought = {"reasoning_content": "Hmm."}
    plain = {"reasoning_details": [{"type": "reasoning.text", "text": "Hmm."}]}
    assert turn(thought, plain, after=(Message("tool", "1", tool_call_id="c1"),))["reasoning_content"] == "Hmm."
    later = turn(thought, plain, after=(Message("user", "and now?"),))
    assert not {"reasoning_content", "reasoning_details"} & later.keys()


def test_a_sealed_thought_always_goes_back() -> None:
    sealed = {"reasoning_details": [{"type": "reasoning.encrypted", "data": "xyz"}]}
    assert turn(sealed, after=(Message("user", "and now?"),))["reasoning_details"] == sealed["reasoning_details"]


@pytest.mark.parametrize(
    "foreign",
    [
        {"type": "thinking", "signature": "s"},
        {"extra_content": 7},
        {"extra_content": {}, "tool_call": 99},
        {"reasoning_details": 1},
    ],
)
def test_a_signature_of_another_dialect_is_left_out(foreign: dict[str, Any]) -> None:
    assert turn(foreign) == turn()


# The shape of the answer


def test_a_schema_is_told_in_the_field_for_it() -> None:
    shape = body(Call(HI, schema=ANSWER))["response_format"]
    assert shape == {"type": "json_schema", "json_schema": {"name": "an_answer", "schema": ANSWER.schema}}


@pytest.mark.parametrize(("way", "field"), [("json_object", {"type": "json_object"}), ("none", None)])
@pytest.mark.parametrize("role", ["system", "user"])
def test_without_such_a_field_the_schema_is_told_in_words(way: Any, field: object, role: Any) -> None:
    quirks = Quirks(schema=way, system_role=role)
    made = body(Call((Message("system", "Be brief."), *HI), schema=ANSWER), quirks)
    assert made.get("response_format") == field
    assert made["messages"][0]["role"] == role
    assert made["messages"][0]["content"].startswith("Be brief.\n\nAnswer with one JSON value")
    alone = body(Call(HI, schema=ANSWER), quirks)["messages"]
    assert '"integer"' in alone[0]["content"]
    assert "".join(message["content"] for message in alone).endswith("hi")


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "string"}, True),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"], "additionalProperties": False}, True),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a"], "additionalProperties": False}, False),
        ({"type": "array", "items": {"type": "object"}}, False),
        ({"anyOf": [{"type": "object", "properties": {"a": {}}}]}, False),
    ],
)
def test_a_schema_is_strict_only_where_it_keeps_the_rules_for_it(schema: dict[str, Any], *, strict: bool) -> None:
    assert strict_schema(schema) is strict
    assert ("strict" in body(Call(HI, schema=Schema("s", schema)))["response_format"]["json_schema"]) is strict


# The effort


@pytest.mark.parametrize(
    ("field", "effort", "told"),
    [
        ("reasoning_effort", "low", {"reasoning_effort": "low"}),
        ("reasoning.effort", "low", {"reasoning": {"effort": "low"}}),
        ("reasoning.effort", 2000, {"reasoning": {"max_tokens": 2000}}),
        ("thinking_budget", 2000, {"thinking_budget": 2000}),
    ],
)
def test_the_effort_stands_where_the_service_has_it(field: str, effort: str | int, told: dict[str, Any]) -> None:
    made = body(Call(HI, effort=effort), Quirks(effort_field=field))
    assert {name: made[name] for name in told} == told


def test_a_number_of_tokens_is_a_level_where_only_words_are_taken_and_that_is_said() -> None:
    model = ModelSpec("llama", "m", Endpoint("http://localhost:1/v1"))
    request = DIALECT.request(model, Call(HI, effort=2000))
    assert request.body["reasoning_effort"] == "low"
    assert request.notes == (
        "sent with the effort 'low' for 2,000 tokens of reasoning: the service takes levels and no number",
    )
    assert DIALECT.request(model, Call(HI, effort="low")).notes == ()
    assert body(Call(HI, effort=0))["reasoning_effort"] == "none"


# Lists of models


def test_a_list_with_pages_tells_the_next_one() -> None:
    assert DIALECT.next_page({"data": [], "has_more": True, "last_id": "a/b &"}) == "after_id=a%2Fb%20%26"
    assert DIALECT.next_page({"next_page_token": "\ud800"}) == "page_token=%3F"
    ends: list[object] = [{"data": []}, {"has_more": False, "last_id": "a"}, {"has_more": True}, [], None, "x"]
    for last in ends:
        assert DIALECT.next_page(last) is None


def test_the_models_of_a_list_are_those_that_the_server_names() -> None:
    assert [each.id for each in DIALECT.models({"object": "list", "data": [{"id": "tiny"}]})] == ["tiny"]


@given(st.text())
def test_any_text_can_be_said(text: str) -> None:
    assert said(Message("user", text))[0]["content"] == text
